#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the Flatpak's manifest without Flatpak: what it may do, that every archive is
pinned, that no library is missing, and that its README says the same."""

import json
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
ID = "io.github.knothole.Knothole"
PERMISSIONS = ["--share=network", "--share=ipc", "--socket=wayland", "--socket=fallback-x11",
               "--device=dri"]
# What GNOME's runtime has, as meson asks for it.
IN_THE_RUNTIME = {"glib-2.0", "gio-2.0", "gio-unix-2.0", "sqlite3", "json-glib-1.0", "gtk4",
                  "gtk4-x11", "libadwaita-1"}
ON_WINDOWS = {"gio-windows-2.0"}
# The module for what meson calls otherwise.
MODULES = {"natpmp": "libnatpmp"}
VERSION = re.compile(r"[-v/](\d[\d.]*\d)\.tar\.gz$")


def read(*path):
    with open(os.path.join(TOP, *path), encoding="utf-8") as file:
        return file.read()


def wanted_modules():
    """What the build asks for and the runtime has not."""
    builds = read("meson.build") + read("src", "app", "meson.build")
    asked = set(re.findall(r"\b(?:dependency|find_library)\('([^']+)'", builds))
    return {MODULES.get(name, name) for name in asked - IN_THE_RUNTIME - ON_WINDOWS}


def archives(manifest):
    for module in manifest["modules"]:
        for source in module["sources"]:
            if source["type"] != "dir":
                yield module["name"], source


def problems_of_archive(name, source, readme):
    if source["type"] != "archive":
        return [f"{name}: a source is of type {source['type']}, which pins nothing here"]
    found = []
    if not re.fullmatch("[0-9a-f]{64}", source.get("sha256", "")):
        found.append(f"{name}: no sha256")
    if not source["url"].startswith("https://"):
        found.append(f"{name}: {source['url']} is not https")
    version = VERSION.search(source["url"])
    row = re.search(rf"^\| {re.escape(name)} \| ([^ |]+) \|", readme, re.M)
    if version is None or row is None or row[1] != version[1]:
        found.append(f"{name}: {source['url']}, but flatpak/README.md says "
                     f"{row[1] if row else 'nothing'}")
    return found


def problems(manifest, readme):
    found = []
    names = [module["name"] for module in manifest["modules"]]
    if manifest["finish-args"] != PERMISSIONS:
        found.append(f"the permissions are {manifest['finish-args']}")
    if manifest["id"] != ID or f"'{ID}.desktop'" not in read("data", "meson.build"):
        found.append("its id is not that of the desktop entry")
    if f"{manifest['runtime']}//{manifest['runtime-version']}" not in readme:
        found.append("flatpak/README.md speaks of another runtime")
    missing = wanted_modules() - set(names)
    if missing:
        found.append(f"no module for {', '.join(sorted(missing))}")
    own = [source["type"] for source in manifest["modules"][-1]["sources"]]
    if names[-1] != "knothole" or own != ["dir"]:
        found.append("the last module is not this tree")
    for name, source in archives(manifest):
        found += problems_of_archive(name, source, readme)
    return found


def main():
    manifest = json.loads(read("flatpak", f"{ID}.json"))
    found = problems(manifest, read("flatpak", "README.md"))
    for problem in found:
        print(problem)
    if not found:
        print(f"{sum(1 for _ in archives(manifest))} archives are pinned, "
              f"{len(PERMISSIONS)} permissions are what they may be")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
