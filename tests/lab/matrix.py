#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which pair of routers connects, by which path, in how long.

For every ordered pair one client listens and another calls it, so and so many times. One
JSON line is kept for each call, so a run that was cut short goes on where it was. Then
the section of tests/lab/README.md, on standard output: when and how it was measured, the
tables, each pair that misses what is demanded of it, and the sum.

Demanded of every pair: every call is connected, and
  without a symmetric router      all by the path "punched", and where the links have a
                                  delay, the median is under 6 round trips between the two
  symmetric or symmetric-address
  with another symmetric one      all by the relay
  symmetric-sequential, twice     at least 80 % directly, which is any path but the relay
  any symmetric one with firewall
  or port-restricted-cone         at least 90 % directly
  any symmetric one with others   all directly

A pair that was only too slow is measured anew, a few times at most: the machine may have
been busy. One that misses a share by fewer than 20 calls is measured anew on 20, and
judged by these.
Exit status 0 when no pair misses.
"""

import argparse
import collections
import dataclasses
import datetime
import json
import math
import os
import queue
import re
import statistics
import sys
import threading
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

import network  # noqa: E402
import profiles  # noqa: E402
import programs  # noqa: E402
import sandbox  # noqa: E402

DEFAULT_PROFILES = list(profiles.PROFILES)
MODIFIERS = {"none": [""], "rst": ["rst"], "both": ["", "rst"]}
DEFAULT_MODIFIER = "both"
DEFAULT_DELAY_MS = 10
TITLES = {"": "Routers drop what is unexpected",
          "rst": "Routers answer what is unexpected with RST"}
CALL_S = 40  # far more than any call takes before it fails by itself
AFTER_S = 30
PUNCHED, RELAY = "punched", "relay"
DIRECT = "directly"  # by any path but the relay
MOST_RTTS = 6  # the median of a pair must be under it
MOST_ANEW = 9  # times that a pair is measured once more
ENOUGH = 20  # calls, for a share that fewer have missed


@dataclasses.dataclass(frozen=True)
class Demand:
    """How the calls of a pair must be connected: all of them, and so many per cent of them
    @how, a path or DIRECT."""

    of: str
    how: str
    percent: int = 100
    is_timed: bool = False

    def meets(self, call):
        path = call.get("path")
        return path == self.how or (self.how == DIRECT and path not in (None, RELAY))


CONES = Demand("no symmetric router", PUNCHED, is_timed=True)
HOPELESS = Demand("two symmetric routers", RELAY)
DIAGONAL = Demand("symmetric-sequential, twice", DIRECT, 80)
STRICT = Demand("a symmetric router with firewall or port-restricted-cone", DIRECT, 90)
LENIENT = Demand("a symmetric router with others", DIRECT)


def demand(caller, callee):
    others = [name for name in (caller, callee) if not name.startswith("symmetric")]
    if len(others) == 2:
        return CONES
    if not others:
        return DIAGONAL if {caller, callee} == {"symmetric-sequential"} else HOPELESS
    return STRICT if others[0] in ("firewall", "port-restricted-cone") else LENIENT


class Cell:
    """An ordered pair of routers and its calls, @n_calls or ENOUGH."""

    def __init__(self, caller, callee, modifier, delay_ms, n_calls):
        self.caller = caller
        self.callee = callee
        self.modifier = modifier
        self.delay_ms = delay_ms
        self.n_calls = n_calls
        self.demand = demand(caller, callee)
        self.calls = []

    def key(self):
        return (self.caller, self.callee, self.modifier, self.delay_ms)

    def __str__(self):
        suffix = f" (+{self.modifier})" if self.modifier else ""
        return f"{self.caller} calls {self.callee}{suffix}"

    def profile(self, name):
        return f"{name}+{self.modifier}" if self.modifier else name

    def judged(self):
        return self.calls if self.demand.percent < 100 else self.calls[:self.n_calls]

    def needs_more(self):
        """Whether these calls are too few to say that a share is missed."""
        return (self.demand.percent < 100 and self.n_calls <= len(self.calls) < ENOUGH
                and all("path" in call for call in self.calls) and not self._is_reached())

    def is_complete(self):
        return len(self.calls) >= self.n_calls and not self.needs_more()

    def connected(self):
        return [call for call in self.judged() if "path" in call]

    def good(self):
        return [call for call in self.judged() if self.demand.meets(call)]

    def median_ms(self):
        return statistics.median(call["ms"] for call in self.connected())

    def median_rtts(self):
        """In round trips between the two; means nothing where no delay was set."""
        return statistics.median(
            call["ms"] / call["peer_rtt_ms"] if call["peer_rtt_ms"] > 0 else math.inf
            for call in self.connected())

    def misses(self):
        """What is demanded and is not so, for people."""
        n_calls, n_connected, n_good = (
            len(calls) for calls in (self.judged(), self.connected(), self.good()))
        found = []
        if n_connected < n_calls:
            found.append(f"{n_connected} of {n_calls} calls connected")
        if self.demand.percent < 100:
            if not self._is_reached():
                found.append(f"{n_good} of {n_calls} {self.demand.how}, not "
                             f"{self.demand.percent} %")
        elif n_good < n_connected:
            found.append(f"{n_connected - n_good} not {self.demand.how}")
        if self._is_slow():
            found.append(f"the median is {self.median_rtts():.1f} peer round trips, not "
                         f"under {MOST_RTTS}")
        return found

    def is_only_slow(self):
        return self._is_slow() and len(self.good()) == len(self.judged())

    def _is_reached(self):
        return len(self.good()) * 100 >= self.demand.percent * len(self.judged())

    def _is_slow(self):
        return (self.demand.is_timed and self.delay_ms > 0 and len(self.connected()) > 0
                and not self.median_rtts() < MOST_RTTS)

    def take(self, call):
        """Also once more, when it was measured anew."""
        self.calls[call["call"] - 1:call["call"]] = [call]

    def summary(self):
        """The path of most first; how many took another one."""
        good = self.connected()
        if not good:
            return f"0/{len(self.judged())}"
        first, *others = collections.Counter(call["path"] for call in good).most_common()
        paths = ", ".join([first[0], *(f"{n} {path}" for path, n in others)])
        return f"{len(good)}/{len(self.judged())} {paths} {self.median_ms():.0f} ms"


class Log:
    """The lines of all calls, in a file if there is one."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.file = None
        self.known = []
        if path == "-":
            self.file = sys.stdout
        elif path is not None:
            if os.path.exists(path):
                with open(path, encoding="utf-8") as file:
                    self.known = [json.loads(line) for line in file if line.endswith("}\n")]
                cut_off_broken_line(path)
            self.file = open(path, "a", encoding="utf-8")

    def add(self, call):
        with self.lock:
            if self.file is not None:
                self.file.write(json.dumps(call, ensure_ascii=False) + "\n")
                self.file.flush()

    def close(self):
        """What a call comes to from here on, that was not the routers."""
        with self.lock:
            self.file = None


def cut_off_broken_line(path):
    """A run that was killed may have left half a line."""
    with open(path, "rb+") as file:
        content = file.read()
        file.truncate(content.rfind(b"\n") + 1)


class Pair:
    """Two hosts of the lab whose routers become one pair after the other."""

    def __init__(self, net, server, number, folder, log):
        self.net = net
        self.server = server
        self.caller_host = f"caller{number}"
        self.callee_host = f"callee{number}"
        self.folder = f"{folder}/{number}"
        self.n_cells = 0
        self.log = log
        self.listener = None
        self.listener_id = None

    def run_cell(self, cell):
        """What is left of its calls, and all of them anew while it is only slow."""
        self.measure(cell, range(len(cell.calls), cell.n_calls))
        if cell.needs_more():
            self.measure(cell, range(ENOUGH))
        for _ in range(MOST_ANEW):
            if not cell.is_only_slow():
                return
            self.measure(cell, range(cell.n_calls))

    def measure(self, cell, numbers):
        self.net.set_profile(self.caller_host, cell.profile(cell.caller))
        self.net.set_profile(self.callee_host, cell.profile(cell.callee))
        # Other identities each time, so that no limit on calls a minute is reached.
        self.n_cells += 1
        folder = f"{self.folder}/{self.n_cells}"
        os.makedirs(f"{folder}/got")
        try:
            for number in numbers:
                call = {"caller": cell.caller, "callee": cell.callee,
                        "modifier": cell.modifier or "none", "delay_ms": cell.delay_ms,
                        "call": number + 1, **self.call(folder)}
                cell.take(call)
                self.log.add(call)
        finally:
            self.stop_listening()

    def call(self, folder):
        """One call, and what became of it."""
        self.listen(folder)
        caller = programs.Cli(self.net, self.caller_host, self.server, f"{folder}/caller",
                              "ping", self.listener_id, "--count", "1")
        try:
            status = caller.join(CALL_S)
            result = outcome(status, caller.events)
            if "path" in result:
                result["callee_ms"] = self.listener.wait("connected", AFTER_S)["ms"]
                self.listener.wait("disconnected", AFTER_S)
                return result
        except programs.Late as error:
            result = {"message": str(error)}
        # Neither side may remember this failure when it comes to the next call.
        self.stop_listening()
        return result

    def listen(self, folder):
        if self.listener is not None:
            return
        self.listener = programs.Cli(
            self.net, self.callee_host, self.server, f"{folder}/callee", "listen",
            "--accept", "all", "--save-to", f"{folder}/got")
        self.listener_id = self.listener.identity()

    def stop_listening(self):
        if self.listener is not None:
            listener, self.listener = self.listener, None
            listener.end()


def outcome(status, events):
    """What the caller's events say of a call."""
    connected = next((e for e in events if e["event"] == "connected"), None)
    pong = next((e for e in events if e["event"] == "pong"), None)
    rounds = [int(number) for event in events if event["event"] == "punch"
              for number in re.findall(r"\(attempt (\d+)\)$", event["text"])]
    if status == 0 and connected is not None and pong is not None:
        return {"path": connected["path"], "ms": connected["ms"],
                "round": max(rounds, default=1), "peer_rtt_ms": round(pong["ms"], 3)}
    errors = [event["message"] for event in events if event["event"] == "error"]
    return {"status": status, "message": errors[-1] if errors else "no reason was given"}


def work(pair, cells, failures):
    """Takes pair after pair of routers until none is left."""
    while not failures:
        try:
            cell = cells.get_nowait()
        except queue.Empty:
            return
        try:
            pair.run_cell(cell)
        except Exception as error:  # told by the main thread, which ends all
            failures.append(error)
            return
        print(f"{cell}: {cell.summary()}", file=sys.stderr, flush=True)


def run(cells, n_jobs, delay_ms, log, folder):
    waiting = queue.SimpleQueue()
    for cell in cells:
        if not cell.is_complete():
            waiting.put(cell)
    routers = {f"{side}{number}": "open" for number in range(n_jobs)
               for side in ("caller", "callee")}
    failures = []
    with network.Network(delay_ms=delay_ms, **routers) as net:
        server = programs.Server(net, folder, arguments=[
            word for address in network.SERVER_ADDRESSES
            for word in ("--assist", f"{address}:7471")])
        threads = [threading.Thread(
            target=work, daemon=True,
            args=(Pair(net, server, number, folder, log), waiting, failures))
            for number in range(n_jobs)]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                thread.join()
        except BaseException as error:  # interrupted
            log.close()
            failures.append(error)
            programs.kill_all()
            for thread in threads:
                thread.join()
            raise
        server.end()
    if failures:
        raise failures[0]


# The result


def print_table(cells, names, modifier):
    found = {(cell.caller, cell.callee): cell.summary() for cell in cells
             if cell.modifier == modifier}
    rows = [["caller \\ called", *names]]
    rows += [[caller, *(found[(caller, callee)] for callee in names)] for caller in names]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    rows.insert(1, ["-" * width for width in widths])
    print(f"\n{TITLES[modifier]}:\n")
    for row in rows:
        print("| " + " | ".join(text.ljust(width)
                                for text, width in zip(row, widths)) + " |")


def print_reasons(cells):
    """Each once, with the pairs that gave it."""
    pairs = {}
    for cell in cells:
        for call in cell.judged():
            if "message" in call:
                pairs.setdefault(call["message"], {})[str(cell)] = True
    for reason, names in pairs.items():
        print(f"{reason}\n  {', '.join(names)}\n")


def print_head(chosen, seconds):
    """@seconds it took; None when some of it was measured before."""
    command = f"./dev lab matrix -n {chosen.n}"
    if chosen.symmetric_n != chosen.n:
        command += f" --symmetric-n {chosen.symmetric_n}"
    if chosen.names != DEFAULT_PROFILES:
        command += f" --profiles {chosen.profiles}"
    if chosen.modifier != DEFAULT_MODIFIER:
        command += f" --modifier {chosen.modifier}"
    if chosen.delay != DEFAULT_DELAY_MS:
        command += f" --delay {chosen.delay:g}"
    took = "" if seconds is None else (
        f" in {seconds // 60} min {seconds % 60} s on {os.cpu_count()} cores")
    print(f"Measured on {datetime.date.today()} with `{command}`{took}:")


def print_demands(cells):
    """What came of each demand, all pairs together."""
    by_demand = {}
    for cell in cells:
        by_demand.setdefault(cell.demand, []).append(cell)
    for demanded, group in by_demand.items():
        n_good, n_calls = (sum(len(calls) for calls in each) for each in (
            (cell.good() for cell in group), (cell.judged() for cell in group)))
        share = "all" if demanded.percent == 100 else f"at least {demanded.percent} % a pair"
        print(f"- {demanded.of} ({len(group)} pairs): {n_good} of {n_calls} calls "
              f"{demanded.how}; {share} must be")


def print_sum(cells):
    """True when all is as it must be."""
    missing = [cell for cell in cells if cell.misses()]
    print()
    print_demands(cells)
    print()
    print_reasons(cells)
    for cell in missing:
        print(f"MISSED: {cell}: {'; '.join(cell.misses())}")
    text = f"{len(cells) - len(missing)} of {len(cells)} pairs reached what is demanded"
    timed = [cell for cell in cells
             if cell.demand.is_timed and cell.delay_ms > 0 and cell.connected()]
    if timed:
        worst = max(timed, key=Cell.median_rtts)
        text += (f"; worst median without a symmetric router {worst.median_rtts():.1f} peer "
                 f"round trips ({worst}, {worst.median_ms():.0f} ms)")
    print(text)
    return not missing


def parse():
    parser = argparse.ArgumentParser(
        prog="lab matrix", description=__doc__, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", metavar="N", type=int, default=20, help="calls of each pair")
    parser.add_argument("--symmetric-n", metavar="N", type=int,
                        help="calls of each pair with a symmetric router (default: as -n)")
    parser.add_argument("--profiles", metavar="A,B,…", default=",".join(DEFAULT_PROFILES),
                        help=f"routers (default {','.join(DEFAULT_PROFILES)})")
    parser.add_argument("--modifier", choices=MODIFIERS, default=DEFAULT_MODIFIER,
                        help="none: routers drop what is unexpected; rst: they refuse it")
    parser.add_argument("--delay", metavar="MS", type=float, default=DEFAULT_DELAY_MS,
                        help="one-way delay of each access link; 10 gives 40 ms of round "
                        "trip between two clients")
    parser.add_argument("--out", metavar="FILE.jsonl",
                        help="keep a line for each call there, and go on where it ends; "
                        "- is standard output")
    parser.add_argument("--jobs", metavar="N", type=int, default=2, help="pairs at a time")
    chosen = parser.parse_args()
    if chosen.symmetric_n is None:
        chosen.symmetric_n = chosen.n
    if min(chosen.n, chosen.symmetric_n) < 1:
        parser.error("-n and --symmetric-n take 1 or more")
    if not 1 <= chosen.jobs <= 50:
        parser.error("--jobs takes 1 to 50")
    chosen.names = chosen.profiles.split(",")
    for name in chosen.names:
        if name not in profiles.PROFILES:
            parser.error(f"there is no router profile '{name}'; there are "
                         f"{', '.join(profiles.PROFILES)}")
    return chosen


def plan(chosen, log):
    """All pairs, with the calls that the file already has."""
    cells = [Cell(caller, callee, modifier, chosen.delay,
                  chosen.n if demand(caller, callee) is CONES else chosen.symmetric_n)
             for modifier in MODIFIERS[chosen.modifier]
             for caller in chosen.names for callee in chosen.names]
    by_key = {cell.key(): cell for cell in cells}
    for call in log.known:
        modifier = "" if call["modifier"] == "none" else call["modifier"]
        cell = by_key.get((call["caller"], call["callee"], modifier, call["delay_ms"]))
        if cell is not None:
            cell.take(call)
    return cells


def measure(chosen):
    """All pairs with all their calls, and the seconds that they took."""
    log = Log(chosen.out)
    cells = plan(chosen, log)
    begin = time.monotonic()
    if all(cell.is_complete() for cell in cells):
        return cells, None
    programs.find_program("knothole-cli")
    sandbox.enter()
    programs.end_on_signals()
    with programs.folder("lab-matrix-") as folder:
        run(cells, chosen.jobs, chosen.delay, log, folder)
    return cells, None if log.known else round(time.monotonic() - begin)


def main():
    chosen = parse()
    try:
        cells, seconds = measure(chosen)
    except sandbox.Impossible as error:
        print(f"matrix: {error}", file=sys.stderr)
        return sandbox.EXIT_IMPOSSIBLE
    except (network.LabError, programs.Late) as error:
        print(f"matrix: {error}", file=sys.stderr)
        return 1
    print_head(chosen, seconds)
    for modifier in MODIFIERS[chosen.modifier]:
        print_table(cells, chosen.names, modifier)
    return 0 if print_sum(cells) else 1


if __name__ == "__main__":
    sys.exit(main())
