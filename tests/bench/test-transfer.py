#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What bench transfer measures and demands, with a contestant that only copies."""

import contextlib
import io
import json
import pathlib
import shutil
import sys
import types
import unittest
from unittest import mock

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lab")]

import transfer  # noqa: E402


class Copier:
    """Takes as much memory as the file is large: no figure is reached by chance."""

    name = transfer.Cli.name

    def __init__(self):
        self.sizes = []

    def prepare(self, place, folder):
        return contextlib.nullcontext()

    def transfer(self, place, cipher, source, folder):
        size_mib = source.stat().st_size // transfer.MIB
        self.sizes.append(size_mib)
        shutil.copy(source, folder)
        end = types.SimpleNamespace(cpu_s=1, peak_kib=size_mib * 1024)
        return 1, end, end


class Large(unittest.TestCase):
    def options(self, *words):
        with mock.patch.object(pathlib.Path, "exists", return_value=True):
            return transfer.parse(["--json", "--size", "1", "--rounds", "2", *words])

    def run_it(self, *words):
        """Its sizes, and the figures that it wants."""
        copier = Copier()
        printed = io.StringIO()
        with mock.patch.multiple(transfer, LARGEST_MIB=4, IN_MEMORY_MAX_MIB=2,
                                 MEMORY_AT_MOST_MIB=3,
                                 opponents=lambda options, ours: [(ours, "chachapoly")]), \
                contextlib.redirect_stdout(printed):
            options = self.options("--cipher", "chachapoly", *words)
            reached = transfer.run(options, None, copier)
        figures = {one["what"]: one["reached"]
                   for one in json.loads(printed.getvalue())["figures"]}
        self.assertEqual(all(figures.values()), reached)
        return copier.sizes, figures

    def test_the_default_run_ends_with_a_large_one(self):
        sizes, figures = self.run_it()
        self.assertEqual([1, 1, 1, 4], sizes)  # the first warms up
        self.assertEqual({"memory of the sender": True, "memory of the receiver": True,
                          "memory of the sender at 4 MiB": False,
                          "memory of the receiver at 4 MiB": False}, figures)

    def test_it_can_be_left_out(self):
        sizes, figures = self.run_it("--no-large")
        self.assertEqual([1, 1, 1], sizes)
        self.assertEqual(2, len(figures))

    def test_it_is_for_the_client_and_not_after_itself(self):
        self.assertTrue(self.options().large)
        self.assertFalse(self.options("--over", "loopback").large)
        self.assertFalse(self.options("--size", str(transfer.LARGEST_MIB)).large)


if __name__ == "__main__":
    unittest.main(verbosity=2)
