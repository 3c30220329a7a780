#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""make-icon.py RSVG_CONVERT CONVERT SVG ICO: an icon for Windows of a drawing.

Drawn at every size that Windows asks for, from a title bar to a large tile at twice the
usual size, each from the drawing and none from a larger picture."""
import os
import subprocess
import sys
import tempfile

SIZES = (16, 20, 24, 32, 40, 48, 64, 256)


def main():
    rsvg_convert, convert, svg, ico = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        pictures = []
        for size in SIZES:
            pictures.append(os.path.join(folder, f"{size}.png"))
            subprocess.run([rsvg_convert, "-w", str(size), "-h", str(size), "-o",
                            pictures[-1], svg], check=True)
        subprocess.run([convert, *pictures, ico], check=True)


main()
