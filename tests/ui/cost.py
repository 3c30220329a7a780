# SPDX-License-Identifier: GPL-3.0-or-later
"""What a running program costs: processor time and memory of its own."""

import time


def private_kib(pid):
    """What it has written to: a library's pages are private, too, as long as nobody else
    on the machine happens to use them."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) for line in file
                   if line.startswith("Private_Dirty:"))


def cpu_ns(pid):
    """Of all its threads, also those that have ended: its CPU clock (clock_getcpuclockid)."""
    return time.clock_gettime_ns((~pid << 3) | 2)
