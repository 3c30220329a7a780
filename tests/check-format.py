#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when a C file is not as clang-format 14 prints it, or has outgrown 700 lines."""
import pathlib
import re
import shutil
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
LONGEST_FILE = 700


def clang_format():
    for name in ("clang-format-14", "clang-format"):
        path = shutil.which(name)
        if path and re.search(r"version 14\.", subprocess.check_output([path, "--version"], text=True)):
            return path
    return None


def main():
    files = [path for room in ("src", "tests") for path in sorted((TOP / room).glob("**/*.[ch]"))]
    long = [path for path in files if len(path.read_text().splitlines()) > LONGEST_FILE]
    for path in long:
        print(f"{path}: more than {LONGEST_FILE} lines; split it by topic")
    formatter = clang_format()
    if formatter is None:
        print("clang-format 14 is not installed: the format was not checked")
        return 1 if long else 77
    check = subprocess.run([formatter, "--dry-run", "--Werror", *files], cwd=TOP, check=False)
    return 1 if long or check.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
