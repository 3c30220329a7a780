# SPDX-License-Identifier: GPL-3.0-or-later
"""Trees with everything in them that is hard to send, and whether they have arrived.

    tree = Tree(path, random.Random(seed), n_small=1000)
    tree.edit("big-0")                          # remembered: either content may arrive
    check_tree(title, tree, f"{got}/{name}", failed={"big-1"})

What such a file is called where it arrives is in EXPECTED, by what PROTOCOL.md and
proto/safe-name.h say, written down here a second time on purpose.
"""

import hashlib
import os
import re
import time

import clients
from checks import check

SIZES = (0, 1, 65_519, 65_520, 61_440, 61_441)
GIB_4 = (4 << 30) + 1
BLOCK = 1 << 20

# Name at the source: the name it must get.
EXPECTED = {
    b"plain.txt": "plain.txt",
    b"with space": "with space",
    ("\N{SNOWMAN}\N{GRINNING FACE}" * 3).encode(): "\N{SNOWMAN}\N{GRINNING FACE}" * 3,
    b"new\nline": "new_line",
    b"...": "_",
    b"..b": "_.b",
    b".hidden": "_hidden",
    b"CON": "_CON",
    b"con.txt": "_con.txt",
    b"a:b": "a_b",
    b"c\\d": "c_d",
    b"dot.": "dot",
    b"end ": "end",
    b"Case": "Case",
    b"case": "case",
    b"latin-\xe4": "latin-\N{REPLACEMENT CHARACTER}",
    b"x" * 251 + b".txt": "x" * 196 + ".txt",
    "\N{LATIN SMALL LETTER A WITH DIAERESIS}".encode() * 127:
        "\N{LATIN SMALL LETTER A WITH DIAERESIS}" * 100,
    b".x.0123456789abcdef.part": "_x.0123456789abcdef.part",
}
# Its name is taken where that of another is made safe: one of the two gets a number.
ALIKE = {b"e:f": "e_f", b"e_f": "e_f"}
DEPTH = 30


def hash_of(path):
    digest = hashlib.blake2b(digest_size=16)
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def snapshot(folder):
    """Everything below: what it is, what it holds and when it was changed."""
    found = {}
    for at, folders, names in os.walk(folder):
        for name in folders + names:
            path = os.path.join(at, name)
            info = os.lstat(path)
            if os.path.islink(path):
                what = ("link", os.readlink(path))
            elif os.path.isdir(path):
                what = ("folder",)
            else:
                what = ("file", hash_of(path), info.st_mtime_ns)
            found[os.path.relpath(path, folder)] = what
    return found


class Tree:
    """A folder of files; @n_big of them large enough to be caught on their way."""

    def __init__(self, path, chance, n_small, n_big, big_len, with_huge=False):
        self.path = path
        self.versions = {}  # what a file has held so far, hashes by its path below
        self._chance = chance
        os.makedirs(path)
        for number in range(n_big):
            self._write(f"big-{number}", big_len)
        for size in SIZES:
            self._write(f"sizes/{size}", size)
        for name in EXPECTED | ALIKE:
            self._write(os.path.join("names", os.fsdecode(name)), 100)
        for name in ("folder", "deep", "empty/in/empty", "empty/other"):
            os.makedirs(f"{path}/{name}")
        self._write("/".join(["deep"] * DEPTH + ["bottom"]), 1000)
        for number in range(n_small):
            self._write(f"small/{number // 500}/{number}", chance.randrange(6000))
        self._write("folder/in", 10)
        for name, target in (("to-file", "big-0"), ("dangling", "nowhere"),
                             ("to-folder", "folder"), ("loop", "loop"),
                             ("out", "/etc/passwd"), ("folder/up", "..")):
            os.symlink(target, f"{path}/{name}")
        if with_huge:
            with open(f"{path}/huge", "wb") as file:
                file.truncate(GIB_4)
            self.versions["huge"] = [hash_of(f"{path}/huge")]

    def _write(self, name, size):
        path = f"{self.path}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(self._chance.randbytes(size))
        at_s = self._chance.randrange(1_000_000_000, 1_700_000_000)
        os.utime(path, ns=(0, at_s * 10**9 + 123_456_789))
        self._note(name)

    def _note(self, name):
        self.versions.setdefault(name, []).append(hash_of(f"{self.path}/{name}"))

    # What people do to files while they are sent

    def edit(self, name):
        """In place, of the same size. What is read meanwhile is read again: the time
        changes once more at the end."""
        path = f"{self.path}/{name}"
        if not os.path.exists(path):
            return
        size = os.path.getsize(path)
        with open(path, "r+b") as file:
            file.write(self._chance.randbytes(size))
        self._note(name)
        time.sleep(0.05)
        os.utime(path)

    def truncate(self, name):
        path = f"{self.path}/{name}"
        if os.path.exists(path):
            os.truncate(path, os.path.getsize(path) // 2)
            self._note(name)

    def grow(self, name):
        path = f"{self.path}/{name}"
        if os.path.exists(path):
            with open(path, "ab") as file:
                file.write(self._chance.randbytes(100_000))
            self._note(name)

    def replace(self, name):
        path = f"{self.path}/{name}"
        if os.path.exists(path):
            with open(f"{self.path}.new", "wb") as file:
                file.write(self._chance.randbytes(os.path.getsize(path)))
            os.rename(f"{self.path}.new", path)
            self._note(name)

    def remove(self, name):
        path = f"{self.path}/{name}"
        if os.path.exists(path):
            os.unlink(path)

    def add(self, name, size):
        self._write(name, size)

    # What there is now

    def folders(self):
        return sorted(os.path.relpath(os.path.join(at, name), self.path)
                      for at, names, _ in os.walk(self.path) for name in names
                      if not os.path.islink(os.path.join(at, name)))


def strange_files(tree, folder):
    """Those in @folder with a final name that are no file of @tree, as it is or was."""
    known = {one for versions in tree.versions.values() for one in versions}
    return [path for path in (os.path.join(folder, name)
                              for name in clients.whole_names(folder))
            if os.path.getsize(path) != GIB_4 and hash_of(path) not in known]


def safe(name):
    """What a name at the source must be called where it arrives; those of this file."""
    raw = os.fsencode(name)
    return EXPECTED.get(raw) or ALIKE.get(raw) or name


def safe_path(path):
    return "/".join(safe(name) for name in path.split("/"))


def _places(folder, path):
    """Where a file may be that was sent as @path: there, or where a number is in a name
    of the path."""
    places = [folder]
    for name in safe_path(path).split("/"):
        stem, dot, end = name.rpartition(".")
        stem, end = (stem, dot + end) if stem else (name, "")
        numbered = re.compile(re.escape(stem) + r"( \([0-9]+\))?" + re.escape(end))
        places = [os.path.join(place, one) for place in places if os.path.isdir(place)
                  and not os.path.islink(place)
                  for one in sorted(os.listdir(place)) if numbered.fullmatch(one)]
    return places


def check_tree(title, tree, folder, failed, is_last=False):
    """Every file of @tree is in @folder as it is or was, unless it is in @failed, and
    nothing else is; @is_last: as it is now, and what else there is does not matter."""
    wrong, claimed = [], set()
    for path, versions in sorted(tree.versions.items()):
        if path in failed or is_last and not os.path.exists(f"{tree.path}/{path}"):
            continue
        wanted = versions[-1:] if is_last else versions
        found = next((place for place in _places(folder, path)
                      if place not in claimed and hash_of(place) in wanted), None)
        if found is None:
            wrong.append(path)
            continue
        claimed.add(found)
        source = f"{tree.path}/{path}"
        if (os.path.exists(source) and hash_of(found) == hash_of(source) and
                os.stat(found).st_mtime_ns // 10**6 != os.stat(source).st_mtime_ns // 10**6
                and len(versions) == 1):
            wrong.append(f"{path} (its time)")
    n = len(tree.versions)
    check(f"{title}: {n} files are there as they are at the source", [], wrong[:10])
    if is_last:
        return
    there = {os.path.join(at, name) for at, _, names in os.walk(folder) for name in names}
    check(f"{title}: and no others", [], sorted(there - claimed)[:10])
    check(f"{title}: and all folders", sorted(safe_path(path) for path in tree.folders()),
          sorted(os.path.relpath(os.path.join(at, name), folder)
                 for at, names, _ in os.walk(folder) for name in names))
