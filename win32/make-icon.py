#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""make-icon.py RSVG_CONVERT SVG ICO: an icon for Windows of a drawing.

Drawn at every size that Windows asks for, from a title bar to a large tile at twice the
usual size, each from the drawing and none from a larger picture. Source of the format: "Icons"
of the Windows documentation; since Windows Vista its pictures may be PNG."""
import struct
import subprocess
import sys

SIZES = (16, 20, 24, 32, 40, 48, 64, 256)
HEADER, ENTRY = "<3H", "<4B2H2I"


def main():
    rsvg_convert, svg, ico = sys.argv[1:]
    pictures = [subprocess.run([rsvg_convert, "-w", str(size), "-h", str(size), svg],
                               check=True, stdout=subprocess.PIPE).stdout
                for size in SIZES]
    place = struct.calcsize(HEADER) + len(SIZES) * struct.calcsize(ENTRY)
    with open(ico, "wb") as out:
        out.write(struct.pack(HEADER, 0, 1, len(SIZES)))
        for size, picture in zip(SIZES, pictures):
            # 256 is written as 0; 32 bits a pixel.
            out.write(struct.pack(ENTRY, size % 256, size % 256, 0, 0, 1, 32, len(picture),
                                  place))
            place += len(picture)
        out.writelines(pictures)


main()
