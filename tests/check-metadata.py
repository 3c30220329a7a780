#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when the desktop entry, the description for catalogues of software or an icon is not
as desktops and catalogues want it: check-metadata.py DESKTOP-FILE METAINFO-FILE, both as they
are built.

The tools of freedesktop.org look through them, before and after translation. What they don't
look at is checked here: that both files and the icons are about the same program, that the
screenshots are in the source, and what Flathub asks for.
"""
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

TOP = pathlib.Path(__file__).resolve().parent.parent
DATA = TOP / "data"
APP = "io.github.knothole.Knothole"
SCHEME = "x-scheme-handler/knothole"
ICONS = DATA / "icons" / "hicolor"

# The name of the program in its id has a capital, as GNOME's have; developer_name is what
# AppStream before 1.0 knows instead of developer.
EXPECTED = re.compile(r"cid-contains-uppercase-letter|developer-name-tag-deprecated|"
                      r"unknown-tag developer")
MAX_SUMMARY = 35  # characters: Flathub's quality guidelines
MAX_CAPTION = 80
WIDTHS = range(620, 1601)  # pixels of a screenshot: GNOME Software's least, Flathub's most


def said_by(*command):
    """Lines in which a tool complains, and one more where it says no more than that."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in (done.stdout + done.stderr).splitlines()
             if re.match(r"\s*[EWIP]: |.*(error|warning|hint|FAILED)", line)
             and not EXPECTED.search(line)]
    return lines or ([f"{command[0]} failed: {done.stdout}"] if done.returncode != 0 else [])


def complaints_of_tools(desktop, metainfo):
    with tempfile.TemporaryDirectory() as folder:
        # The tools go by the ends of names.
        source_desktop, source = (pathlib.Path(folder) / f"{APP}{end}"
                                  for end in (".desktop", ".metainfo.xml"))
        shutil.copy(DATA / f"{APP}.desktop.in", source_desktop)
        shutil.copy(DATA / f"{APP}.metainfo.xml.in", source)
        for path in source_desktop, desktop:
            yield from said_by("desktop-file-validate", str(path))
        for path in source, metainfo:
            yield from said_by("appstreamcli", "validate", "--pedantic", "--no-net",
                               "--no-color", str(path))
            yield from said_by("appstream-util", "validate-relax", "--nonet", str(path))


def entries_of(desktop):
    lines = desktop.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")


def version_of_project():
    return re.search(r"version: '([^']+)'", (TOP / "meson.build").read_text()).group(1)


def complaints_of_names(entries, root):
    """@root: of the description."""
    wanted = [
        ("the id", root.findtext("id"), APP),
        ("the desktop entry that is launched", root.findtext("launchable"), f"{APP}.desktop"),
        ("the icon", entries.get("Icon"), APP),
        ("what opens links", root.findtext("provides/mediatype"), SCHEME),
        ("what the desktop entry opens", entries.get("MimeType"), f"{SCHEME};"),
        ("the name", root.findtext("name"), entries.get("Name")),
        ("the categories", [e.text for e in root.iterfind("categories/category")],
         [name for name in entries["Categories"].split(";") if name not in ("", "GNOME", "GTK")]),
        ("the newest release", root.find("releases/release").get("version"),
         version_of_project()),
        ("the binaries", {e.text for e in root.iterfind("provides/binary")},
         {"knothole", "knothole-cli", "knothole-server"}),
    ]
    for what, is_, should in wanted:
        if is_ != should:
            yield f"{what} is {is_!r}, not {should!r}"


def english(root, path):
    return [e for e in root.iterfind(path) if "{http://www.w3.org/XML/1998/namespace}lang"
            not in e.attrib]


def complaints_of_words(root):
    for path, longest in ("summary", MAX_SUMMARY), ("screenshots/screenshot/caption", MAX_CAPTION):
        for element in english(root, path):
            text = element.text.strip()
            if len(text) > longest or text.endswith("."):
                yield f"{path}: {text!r} is longer than {longest}, or a sentence"


def complaints_of_screenshots(root):
    base = f"https://raw.githubusercontent.com/knothole/knothole/v{version_of_project()}/"
    shots = root.findall("screenshots/screenshot")
    if [shot.get("type") for shot in shots].count("default") != 1:
        yield "one screenshot is to be the default"
    for shot in shots:
        url = shot.findtext("image")
        path = TOP / url.removeprefix(base)
        if not url.startswith(base) or not path.is_file():
            yield f"{url} is not a picture of this version in data/screenshots"
            continue
        header = path.read_bytes()[:24]
        width, height = struct.unpack(">II", header[16:24])
        if header[1:4] != b"PNG" or width not in WIDTHS or not width > height:
            yield f"{path.name} is {width} x {height}: for a catalogue it is to be landscape"
        if shot.find("caption") is None:
            yield f"{path.name} has no caption"


def complaints_of_icons():
    for name, size in ((f"scalable/apps/{APP}.svg", 128),
                       (f"symbolic/apps/{APP}-symbolic.svg", 16)):
        root = ElementTree.parse(ICONS / name).getroot()
        if (root.get("width"), root.get("height")) != (str(size), str(size)):
            yield f"{name} is not {size} by {size}"
        for element in root.iter():
            tag = element.tag.rpartition("}")[2]
            if tag in ("text", "image", "style", "script", "filter", "foreignObject"):
                yield f"{name}: not every drawer of icons knows {tag}"
        colours = {e.get("fill") for e in root.iter() if e.get("fill")}
        if size == 16 and len(colours) > 1:
            yield f"{name} has more than one colour: {colours}"


def main():
    desktop, metainfo = (pathlib.Path(name) for name in sys.argv[1:])
    root = ElementTree.parse(metainfo).getroot()
    found = [*complaints_of_tools(desktop, metainfo),
             *complaints_of_names(entries_of(desktop), root), *complaints_of_words(root),
             *complaints_of_screenshots(root), *complaints_of_icons()]
    print("\n".join(found) or "the desktop entry, the description and the icons are in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
