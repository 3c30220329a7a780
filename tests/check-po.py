#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when a text of the window would not be translated.

That is when a file with texts is not in po/POTFILES, when a translation lacks a text of the
sources or has one too many, when msgfmt finds a mistake in it, or when a template shows words
that are not marked as translatable.
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

TOP = pathlib.Path(__file__).resolve().parent.parent
PO = TOP / "po"

IN_CODE = re.compile(r'\b(_|N_|C_|NC_|ngettext) \(\s*"')
IN_TEMPLATE = re.compile(r'translatable="yes"')
# Every desktop file and description for software catalogues has some.
WHERE = [("src/*/*.c", IN_CODE), ("ui/*.ui", IN_TEMPLATE), ("data/*.desktop.in*", None),
         ("data/*.metainfo.xml*", None), ("data/*.appdata.xml*", None)]

# Properties of widgets and attributes of menu items that people read.
READ = {"label", "title", "subtitle", "description", "tooltip-text", "placeholder-text",
        "heading", "body"}
LETTER = re.compile(r"[^\W\d_]")


def lines_of(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def files_with_texts():
    for pattern, text in WHERE:
        for path in TOP.glob(pattern):
            if text is None or text.search(path.read_text(encoding="utf-8")):
                yield str(path.relative_to(TOP))


def complaints_of_list(listed):
    for name in sorted(set(files_with_texts()) - set(listed)):
        yield f"po/POTFILES: {name} has texts and is missing"
    for name in listed:
        if not (TOP / name).is_file():
            yield f"po/POTFILES: there is no {name}"
    if listed != sorted(set(listed)):
        yield "po/POTFILES is not in alphabetical order, or names a file twice"


def complaints_of_template(path):
    for element in ElementTree.parse(path).iter():
        if element.tag not in ("property", "attribute") or element.get("name") not in READ:
            continue
        text = (element.text or "").strip()
        if LETTER.search(text) and element.get("translatable") not in ("yes", "no"):
            yield (f"{path.relative_to(TOP)}: the {element.get('name')} \"{text}\" is not"
                   " translatable=\"yes\" (nor \"no\", where it is to stay as it is)")


def said_by(*command):
    """Everything that a tool complains of, one line each; warnings count."""
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False,
                          env={"PATH": "/usr/bin:/bin:/usr/local/bin", "LC_ALL": "C.UTF-8"})
    lines = done.stderr.replace(str(TOP) + "/", "").splitlines()
    return lines or ([f"{command[0]} failed"] if done.returncode != 0 else [])


def write_template(listed, folder):
    """All texts of the sources, found as `ninja knothole-pot` does."""
    pot = folder / "knothole.pot"
    files = folder / "files"
    files.write_text("\n".join(name for name in listed if (TOP / name).is_file()) + "\n")
    arguments = re.findall(r"'(--[^']+)'", (PO / "meson.build").read_text(encoding="utf-8"))
    return pot, said_by("xgettext", *arguments, "-f", str(files), "-o", str(pot))


def complaints_of_translation(po, pot):
    yield from said_by("msgfmt", "--check", "--check-accelerators=_", "-o", "/dev/null", str(po))
    # Untranslated, fuzzy, missing, and what no source has any more.
    yield from said_by("msgcmp", str(po), str(pot))


def main():
    listed = lines_of(PO / "POTFILES")
    languages = " ".join(lines_of(PO / "LINGUAS")).split()
    found = list(complaints_of_list(listed))
    for path in sorted((TOP / "ui").glob("*.ui")):
        found.extend(complaints_of_template(path))
    with tempfile.TemporaryDirectory() as folder:
        pot, said = write_template(listed, pathlib.Path(folder))
        found.extend(said)
        for language in languages:
            found.extend(complaints_of_translation(PO / f"{language}.po", pot))
    print("\n".join(found) or f"{len(listed)} files, translated: {' '.join(languages)}")
    return 1 if found or not languages else 0


if __name__ == "__main__":
    sys.exit(main())
