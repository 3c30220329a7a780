#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints 'N passed, N failed, N skipped' from meson's testlog.json."""
import json
import sys

GOOD = {"OK", "EXPECTEDFAIL"}


def main():
    results = [json.loads(line)["result"] for line in open(sys.argv[1], encoding="utf-8")]
    passed = sum(result in GOOD for result in results)
    skipped = results.count("SKIP")
    print(f"{passed} passed, {len(results) - passed - skipped} failed, {skipped} skipped")


if __name__ == "__main__":
    main()
