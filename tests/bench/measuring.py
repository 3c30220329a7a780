# SPDX-License-Identifier: GPL-3.0-or-later
"""What every benchmark does: watch processes, compare rounds, say what was wanted.

A figure is a ratio inside one run, the median over its rounds: the machine, its load and
its temperature are the same for both.
"""

import contextlib
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("KNOTHOLE_BUILD", HERE.parent.parent / "build"))
DEADLINE_S = 600
SAMPLE_S = 0.02
MEMORY_AT_MOST_MIB = 12.0


class Failed(Exception):
    """What kept a benchmark from its end; the text is for people."""


def _processes_of(pid):
    """@pid and all that descend from it."""
    found = [pid]
    for parent in found:  # which grows
        with contextlib.suppress(OSError):
            children = pathlib.Path(f"/proc/{parent}/task/{parent}/children").read_text()
            found += map(int, children.split())
    return found


def _peak_kib(pid):
    with contextlib.suppress(OSError):
        for line in pathlib.Path(f"/proc/{pid}/status").open():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


class Watched:
    """A process whose peak memory and CPU time are known when it has ended.

    ru_maxrss would be that of the Python that forked it, so VmHWM is sampled. Of a
    program that is several processes it is their sum; CPU time has those that it waited
    for."""

    def __init__(self, process):
        self.process = process
        self.peak_kib = 0
        self.sampled_at = 0.0
        self.cpu_s = None
        self.status = None

    @property
    def name(self):
        return pathlib.Path(self.process.args[0]).name

    def look(self):
        if self.status is not None:
            return True
        if time.monotonic() >= self.sampled_at + SAMPLE_S:
            self.sampled_at = time.monotonic()
            self.peak_kib = max(self.peak_kib, sum(map(_peak_kib, self.processes())))
        pid, status, usage = os.wait4(self.process.pid, os.WNOHANG)
        if pid != 0:
            self.status = os.waitstatus_to_exitcode(status)
            self.process.returncode = self.status
            self.cpu_s = usage.ru_utime + usage.ru_stime
        return self.status is not None

    def processes(self):
        return _processes_of(self.process.pid)

    def kill(self):
        if self.look():
            return
        self.process.kill()
        self.process.wait()


def wait_for_all(watched, others=()):
    """Until they have ended, each with 0; looks at the memory of the @others too."""
    deadline = time.monotonic() + DEADLINE_S
    # A list, so that every one of them is looked at every time.
    while not all([one.look() for one in watched]):
        for one in others:
            one.look()
        if time.monotonic() > deadline:
            raise Failed("not ready in time")
        time.sleep(0.005)
    for one in watched:
        if one.status != 0:
            raise Failed(f"{one.name}: exit status {one.status}")


def empty_peak_kib():
    """Memory of a program with the same libraries and nothing in it."""
    process = subprocess.Popen([str(BUILD / "tests" / "bench" / "empty")],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdout.readline()
    watched = Watched(process)
    watched.look()
    process.communicate(b"\n")
    return watched.peak_kib


@contextlib.contextmanager
def folder_in_memory():
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(prefix="knothole-bench-", dir=memory) as folder:
        yield pathlib.Path(folder)


def ratio(key, rounds, others):
    """Of each round to the other's in the same round; the median."""
    return statistics.median(one[key] / other[key] for one, other in zip(rounds, others))


class Wanted:
    """The figures to reach, and which of them were."""

    def __init__(self):
        self.figures = []

    def at_least(self, what, found, bound, unit=""):
        self._add(what, found, bound, unit, found >= bound, "at least")

    def at_most(self, what, found, bound, unit=""):
        self._add(what, found, bound, unit, found <= bound, "at most")

    def _add(self, what, found, bound, unit, reached, word):
        self.figures.append({"what": what, "found": found, "wanted": f"{word} {bound}{unit}",
                             "unit": unit, "reached": bool(reached)})

    def print(self):
        for one in self.figures:
            print(f"{'reached' if one['reached'] else 'MISSED '}  {one['what']}: "
                  f"{one['found']:.2f}{one['unit']} (wanted: {one['wanted']})")

    def all_reached(self):
        return all(one["reached"] for one in self.figures)
