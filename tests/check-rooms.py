#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when a file includes what its room may not (the table in src/DESIGN.md)."""
import pathlib
import re
import sys

ROOMS = {
    "proto": (set(), {"sodium.h"}),
    "net": ({"proto"}, {"sodium.h", "gio/", "glib", "miniupnpc/", "natpmp.h"}),
    "store": ({"proto"}, {"sodium.h", "glib", "sqlite3.h"}),
    "core": ({"net", "store", "proto"}, {"sodium.h", "gio/", "glib"}),
    "app": ({"core"}, {"gtk/", "gdk-pixbuf/", "adwaita.h", "gio/", "glib"}),
    "cli": ({"core"}, {"gio/", "glib", "json-glib/"}),
    "server": ({"proto"}, {"sodium.h", "uv.h", "glib"}),
}
# Headers of C itself; only these may proto use beside libsodium.
STANDARD = {"assert.h", "inttypes.h", "limits.h", "stdbool.h", "stddef.h", "stdint.h",
            "stdlib.h", "string.h", "stdarg.h", "stdio.h", "errno.h"}
PROTO_STANDARD = STANDARD - {"stdio.h", "errno.h", "stdlib.h"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def complaints(path, room):
    rooms, libraries = ROOMS[room]
    for bracket, name in INCLUDE.findall(path.read_text()):
        if bracket == '"':
            if name.count("/") != 1 and name != "config.h":
                yield f"{path}: \"{name}\" is not written from src, as ROOM/FILE.h"
            elif "/" in name and name.split("/")[0] not in rooms | {room}:
                yield f"{path}: {room} may not include {name}"
        elif any(name.startswith(library) for library in libraries):
            continue
        elif room == "proto" and name not in PROTO_STANDARD:
            yield f"{path}: proto may not include <{name}>"
        elif re.match(r"(glib|gio|gtk|adwaita|sodium|sqlite3|uv|json-glib|curl)", name):
            yield f"{path}: {room} may not include <{name}>"


def main():
    src = pathlib.Path(__file__).resolve().parent.parent / "src"
    found = []
    checked = 0
    for room in ROOMS:
        for path in sorted((src / room).glob("**/*.[ch]")):
            checked += 1
            if len(path.relative_to(src).parts) != 2:
                found.append(f"{path}: rooms have no folders")
            found.extend(complaints(path, room))
    print("\n".join(found) or f"{checked} files keep to their rooms")
    return 1 if found or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
