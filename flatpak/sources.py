#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: sources.py MANIFEST FOLDER

Puts the archives that the manifest names into FOLDER/downloads, from Debian's source
packages: for a machine that reaches a mirror of Debian and nothing else. flatpak-builder
takes them from there by --extra-sources=FOLDER.

An archive is known by its sha256 alone. Debian has most of them byte by byte. What it has
made anew of the same commit, with another name for the folder inside, is turned back:
the name is written into every header, and the whole is compressed as GitHub does it.
"""

import gzip
import hashlib
import json
import os
import subprocess
import sys
import tempfile

SUITE = "trixie"
# The modules whose source package has another name.
PACKAGES = {"libuv": "libuv1"}
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
BLOCK, RECORD = 512, 10240
NAME = slice(0, 100)
SIZE = slice(124, 135)
CHECKSUM = slice(148, 156)
TYPE = 156
PREFIX = slice(345, 500)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def mirror():
    """The one that apt uses here."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages",
         "Label: Debian"], check=True, capture_output=True, text=True)
    return listed.stdout.split("\n")[0]


class Apt:
    """With lists of its own: those of the machine stay as they are."""

    def __init__(self, folder):
        self.folder = folder
        for place in "lists/partial", "cache/archives/partial":
            os.makedirs(f"{folder}/{place}", exist_ok=True)
        with open(f"{folder}/sources.list", "w", encoding="ascii") as file:
            file.write(f"deb-src [signed-by={KEYRING}] {mirror()} {SUITE} main\n")
        with open(f"{folder}/apt.conf", "w", encoding="ascii") as file:
            file.write(f'Dir::State::lists "{folder}/lists";\n'
                       f'Dir::Cache "{folder}/cache";\n'
                       f'Dir::Etc::sourcelist "{folder}/sources.list";\n'
                       'Dir::Etc::sourceparts "-";\n'
                       'APT::Sandbox::User "root";\n')
        self.run("update", "-qq")

    def run(self, *arguments, **options):
        subprocess.run(["apt-get", *arguments], check=True, stdout=sys.stderr,
                       env=os.environ | {"APT_CONFIG": f"{self.folder}/apt.conf"}, **options)

    def original(self, package):
        """The bytes of its .orig archive."""
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            self.run("source", "-qq", "--only-source", "--download-only", "--tar-only", package,
                     cwd=place)
            name = next(n for n in os.listdir(place)
                        if ".orig.tar." in n and not n.endswith(".asc"))
            with open(f"{place}/{name}", "rb") as file:
                return file.read()


def renamed(tar, name):
    """The same archive, with its outermost folder called @name. Of what git makes only the
    plain headers are understood; another one raises."""
    out, at, old = bytearray(), 0, None
    while any(tar[at:at + BLOCK]):
        head = bytearray(tar[at:at + BLOCK])
        size = BLOCK + -(-int(head[SIZE], 8) // BLOCK) * BLOCK
        if head[TYPE] != ord("g"):
            if any(head[PREFIX]) or head[TYPE] not in b"025":
                raise ValueError("this is not as git makes it")
            path = bytes(head[NAME]).rstrip(b"\0")
            old = old or path.split(b"/")[0]
            if not path.startswith(old + b"/"):
                raise ValueError("it has more than one folder")
            path = name.encode() + path[len(old):]
            if len(path) > NAME.stop:
                raise ValueError("a name is too long now")
            head[NAME] = path.ljust(NAME.stop, b"\0")
            head[CHECKSUM] = b" " * 8
            head[CHECKSUM] = b"%07o\0" % sum(head)
        out += head + tar[at + BLOCK:at + size]
        at += size
    out += bytes(2 * BLOCK)
    return bytes(out + bytes(-len(out) % RECORD))


def as_github(data, name):
    """What GitHub serves for the tag that @data was made of."""
    return subprocess.run(["gzip", "-n"], input=renamed(gzip.decompress(data), name),
                          check=True, capture_output=True).stdout


def folder_of(url):
    """How GitHub calls the folder in the archive of a tag."""
    owner_and_name, tag = url.removeprefix("https://github.com/").split("/archive/refs/tags/")
    return (owner_and_name.split("/")[1] + "-"
            + tag.removesuffix(".tar.gz").removeprefix("v"))


def fetch(apt, module, source):
    data = apt.original(PACKAGES.get(module, module))
    if sha256(data) != source["sha256"] and "github.com" in source["url"]:
        data = as_github(data, folder_of(source["url"]))
    if sha256(data) != source["sha256"]:
        sys.exit(f"{module}: Debian {SUITE} has another archive than {source['url']}")
    return data


def main():
    manifest, folder = sys.argv[1:]
    folder = os.path.abspath(folder)
    apt = None
    with open(manifest, encoding="utf-8") as file:
        modules = json.load(file)["modules"]
    for module in modules:
        for source in module["sources"]:
            if source["type"] != "archive":
                continue
            place = f"{folder}/downloads/{source['sha256']}"
            path = f"{place}/{source['url'].rsplit('/', 1)[1]}"
            if os.path.exists(path):
                continue
            apt = apt or Apt(f"{folder}/apt")
            data = fetch(apt, module["name"], source)
            os.makedirs(place, exist_ok=True)
            with open(f"{path}.part", "wb") as file:
                file.write(data)
            os.rename(f"{path}.part", path)


if __name__ == "__main__":
    main()
