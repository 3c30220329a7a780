#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does `lab matrix` fail on what it demands? It is given the lines of calls that were
never made, good ones and doctored ones, and must say which pair misses what. Needs no
lab and no rights."""

import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

import matrix  # noqa: E402
from checks import check, summary  # noqa: E402

N_CALLS = 3
DOCTORED = ("open", "full-cone")
GOOD = {"path": "punched", "ms": 210, "round": 1, "callee_ms": 212, "peer_rtt_ms": 40.0}
PREDICTED = GOOD | {"path": "predicted"}
RELAYED = GOOD | {"path": "relay", "ms": 2200}
FAILED = {"status": 5, "message": "no direct connection to bob"}
PAIR = "MISSED: open calls full-cone:"

SYMMETRIC = ("symmetric", "symmetric-sequential", "symmetric-address")
STRICT = ("firewall", "port-restricted-cone")
LENIENT = ("open", "full-cone", "restricted-cone")
EVERY = (*LENIENT, *STRICT, *SYMMETRIC)
DIAGONAL = ("symmetric-sequential", "symmetric-sequential")

CONES = LENIENT + STRICT
CONE_PAIRS = {(a, b) for a in CONES for b in CONES}
RELAY_PAIRS = {(a, b) for a in SYMMETRIC for b in SYMMETRIC} - {DIAGONAL}
STRICT_PAIRS = {pair for a in SYMMETRIC for b in STRICT for pair in ((a, b), (b, a))}
LENIENT_PAIRS = {pair for a in SYMMETRIC for b in LENIENT for pair in ((a, b), (b, a))}


def good(pair):
    return RELAYED if pair in RELAY_PAIRS else GOOD if pair in CONE_PAIRS else PREDICTED


def lines(calls_of, names, delay_ms):
    for caller in names:
        for callee in names:
            for number, call in enumerate(calls_of((caller, callee))):
                yield json.dumps({"caller": caller, "callee": callee, "modifier": "none",
                                  "delay_ms": delay_ms, "call": number + 1, **call})


def run_matrix(calls_of, names, arguments, delay_ms=10):
    """Exit status, and what is said of pairs that miss something."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.writelines(line + "\n" for line in lines(calls_of, names, delay_ms))
        file.flush()
        ended = subprocess.run(
            [sys.executable, "-B", f"{HERE}/matrix.py", *arguments, "--profiles",
             ",".join(names), "--modifier", "none", "--delay", str(delay_ms), "--out",
             file.name], stdout=subprocess.PIPE, text=True, check=False)
    said = [line for line in ended.stdout.splitlines() if line.startswith("MISSED")]
    return ended.returncode, said


def judge(doctored, pair=DOCTORED, delay_ms=10, arguments=("-n", str(N_CALLS))):
    """All calls are good but those of one pair, the caller and the called."""
    n_others = max(N_CALLS, len(doctored))
    return run_matrix(lambda other: doctored if other == pair else [good(other)] * n_others,
                      sorted(set(pair)), arguments, delay_ms)


def check_cones():
    slow, just = GOOD | {"ms": 240}, GOOD | {"ms": 239}
    check("all is well", (0, []), judge([GOOD] * 3))
    check("a call that failed", (1, [f"{PAIR} 2 of 3 calls connected"]),
          judge([GOOD, FAILED, GOOD]))
    check("no call connected", (1, [f"{PAIR} 0 of 3 calls connected"]), judge([FAILED] * 3))
    check("a call by another path", (1, [f"{PAIR} 1 not punched"]),
          judge([GOOD, PREDICTED, GOOD]))
    check("a median of 6 round trips",
          (1, [f"{PAIR} the median is 6.0 peer round trips, not under 6"]),
          judge([slow, GOOD, slow]))
    check("a little less", (0, []), judge([just] * 3))
    check("one slow call is not the median", (0, []), judge([GOOD, slow, GOOD]))
    check("a delay of which the round trip shows nothing",
          lambda result: result[0] == 1 and len(result[1]) == 1,
          judge([GOOD | {"peer_rtt_ms": 0}] * 3))
    check("without a delay the time is not judged", (0, []),
          judge([GOOD | {"peer_rtt_ms": 0.1}] * 3, delay_ms=0))
    check("but the path is", 1, judge([RELAYED] * 3, delay_ms=0)[0])
    check("all that a pair misses is said", (1, [
        f"{PAIR} 2 of 3 calls connected; 1 not punched; "
        "the median is 6.0 peer round trips, not under 6"]),
          judge([slow | {"path": "predicted"}, FAILED, slow]))


def missed(calls_of):
    """The pairs, of all 64, that miss something."""
    status, said = run_matrix(calls_of, EVERY, ["-n", "20"])
    pairs = {re.match(r"MISSED: (\S+) calls (\S+):", line).groups() for line in said}
    return pairs if status == (1 if pairs else 0) else f"exit status {status}"


def check_every_pair():
    """What is demanded of each, by what it does not bear."""
    everyone = {(a, b) for a in EVERY for b in EVERY}
    check("all as it must be", set(), missed(lambda pair: [good(pair)] * 20))
    check("one call failed", everyone,
          missed(lambda pair: [FAILED] + [good(pair)] * 19))
    check("all is relayed", everyone - RELAY_PAIRS, missed(lambda _: [RELAYED] * 20))
    check("all is punched", RELAY_PAIRS, missed(lambda _: [GOOD] * 20))
    for n_relayed, also in ((0, set()), (1, LENIENT_PAIRS), (2, LENIENT_PAIRS),
                            (3, LENIENT_PAIRS | STRICT_PAIRS),
                            (4, LENIENT_PAIRS | STRICT_PAIRS),
                            (5, LENIENT_PAIRS | STRICT_PAIRS | {DIAGONAL})):
        calls = [PREDICTED] * (20 - n_relayed) + [RELAYED] * n_relayed
        check(f"{n_relayed} of 20 relayed, the others predicted",
              CONE_PAIRS | RELAY_PAIRS | also, missed(lambda _: calls))


class Pair(matrix.Pair):
    """Whose calls are relayed or not, as they are told."""

    def __init__(self, relayed):
        self.relayed = relayed
        self.n_made = 0

    def measure(self, cell, numbers):
        for number in numbers:
            self.n_made += 1
            cell.take((RELAYED if self.n_made in self.relayed else PREDICTED)
                      | {"call": number + 1})


def measured(relayed, pair=("symmetric", "firewall"), n_calls=3):
    """Calls made, and what the pair misses then."""
    cell, made_by = matrix.Cell(*pair, "", 10, n_calls), Pair(relayed)
    made_by.run_cell(cell)
    return made_by.n_made, cell.misses()


def check_shares():
    """A share that few calls miss is judged by 20 others, and else by those few."""
    check("a share that few calls reach", (3, []), measured({}))
    check("a share that few miss, and 20 reach", (23, []), measured({1, 9, 10}))
    check("a share that few miss, and 20 too",
          (23, ["17 of 20 directly, not 90 %"]), measured({1, 9, 10, 11}))
    check("a share that 20 miss", (20, ["17 of 20 directly, not 90 %"]),
          measured({1, 9, 10}, n_calls=20))
    check("where all calls must be direct, few are enough", (3, ["1 not directly"]),
          measured({1}, ("symmetric", "open")))
    pair = "symmetric", "firewall"
    check("a call of 20 failed",
          (1, ["MISSED: symmetric calls firewall: 19 of 20 calls connected"]),
          judge([RELAYED, FAILED] + [PREDICTED] * 18, pair))
    check("--symmetric-n is of pairs with a symmetric router", (0, []), judge(
        [PREDICTED] * 2, pair, arguments=["-n", "3", "--symmetric-n", "2"]))


def main():
    check("all eight are measured", set(EVERY), set(matrix.DEFAULT_PROFILES))
    check_cones()
    check_every_pair()
    check_shares()
    return summary()


if __name__ == "__main__":
    sys.exit(main())
