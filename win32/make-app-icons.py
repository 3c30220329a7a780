#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""make-app-icons.py ENCODE RSVG_CONVERT COMPILE OUTPUT SVG...: the window's own icons as
pictures, in a C source, for where nothing reads SVG at run time.

Symbolic ones keep what is to be coloured apart (GTK's .symbolic.png), as Adwaita's do;
GTK prefers the drawings wherever it can read them."""
import os
import subprocess
import sys
import tempfile

PREFIX = "/io/github/knothole/Knothole/icons"
# Each at a scale of one and two: text, a button, a placeholder.
SYMBOLIC_SIZES = (16, 32, 64, 128)
# As ui/knothole.gresource.xml calls it.
ALIASES = {"io.github.knothole.Knothole-symbolic": "kh-knothole-symbolic"}
# From a title bar to the About window at twice its size.
APP_SIZES = (16, 24, 32, 48, 64, 128, 256)


def draw(encode, rsvg_convert, svg, folder):
    """Makes the pictures of one drawing; returns their paths in the folder."""
    name = os.path.basename(svg)[:-len(".svg")]
    made = []
    if name.endswith("-symbolic"):
        for size in SYMBOLIC_SIZES:
            place = f"{size}x{size}/actions"
            os.makedirs(os.path.join(folder, place), exist_ok=True)
            subprocess.run([encode, svg, f"{size}x{size}", "-o",
                            os.path.join(folder, place)], check=True)
            alias = ALIASES.get(name, name)
            os.rename(os.path.join(folder, place, f"{name}.symbolic.png"),
                      os.path.join(folder, place, f"{alias}.symbolic.png"))
            made.append(f"{place}/{alias}.symbolic.png")
        return made
    for size in APP_SIZES:
        place = f"{size}x{size}/apps"
        os.makedirs(os.path.join(folder, place), exist_ok=True)
        made.append(f"{place}/{name}.png")
        subprocess.run([rsvg_convert, "-w", str(size), "-h", str(size), "-o",
                        os.path.join(folder, made[-1]), svg], check=True)
    return made


def main():
    encode, rsvg_convert, compile_resources, output, *drawings = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        files = [path for svg in drawings
                 for path in draw(encode, rsvg_convert, svg, folder)]
        xml = os.path.join(folder, "icons.gresource.xml")
        with open(xml, "w", encoding="utf-8") as out:
            out.write(f'<gresources><gresource prefix="{PREFIX}">\n')
            out.writelines(f"<file>{path}</file>\n" for path in files)
            out.write("</gresource></gresources>\n")
        subprocess.run([compile_resources, "--generate-source", "--c-name", "kh_icons",
                        "--sourcedir", folder, "--target", output, xml], check=True)


main()
