#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does `lab matrix` fail on what it demands? It is given the lines of calls that were
never made, good ones and doctored ones, and must say which pair misses what. Needs no
lab and no rights."""

import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

from checks import check, summary  # noqa: E402

N_CALLS = 3
DOCTORED = ("open", "full-cone")
GOOD = {"path": "punched", "ms": 210, "round": 1, "callee_ms": 212, "peer_rtt_ms": 40.0}
FAILED = {"status": 5, "message": "no direct connection to bob"}
PAIR = "MISSED: open calls full-cone:"


def lines(doctored, names, delay_ms):
    """All calls are good but those of one pair, which are these."""
    for caller in names:
        for callee in names:
            calls = doctored if (caller, callee) == names else [GOOD] * N_CALLS
            for number, call in enumerate(calls):
                yield json.dumps({"caller": caller, "callee": callee, "modifier": "none",
                                  "delay_ms": delay_ms, "call": number + 1, **call})


def judge(doctored, names=DOCTORED, delay_ms=10):
    """@names: the caller and the called of the doctored pair. Exit status, and what is said of pairs that miss something."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.writelines(line + "\n" for line in lines(doctored, names, delay_ms))
        file.flush()
        ended = subprocess.run(
            [sys.executable, "-B", f"{HERE}/matrix.py", "-n", str(N_CALLS), "--profiles",
             ",".join(names), "--modifier", "none", "--delay", str(delay_ms), "--out",
             file.name], stdout=subprocess.PIPE, text=True, check=False)
    said = [line for line in ended.stdout.splitlines() if line.startswith("MISSED")]
    return ended.returncode, said


def main():
    slow, just = GOOD | {"ms": 240}, GOOD | {"ms": 239}
    check("all is well", (0, []), judge([GOOD] * 3))
    check("a call that failed", (1, [f"{PAIR} 2 of 3 calls connected"]),
          judge([GOOD, FAILED, GOOD]))
    check("no call connected", (1, [f"{PAIR} 0 of 3 calls connected"]), judge([FAILED] * 3))
    check("a call by another path", (1, [f"{PAIR} 1 by another path than punched"]),
          judge([GOOD, GOOD | {"path": "direct"}, GOOD]))
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
    check("but the path is", 1, judge([GOOD | {"path": "relayed"}] * 3, delay_ms=0)[0])
    check("all that a pair misses is said", (1, [
        f"{PAIR} 2 of 3 calls connected; 1 by another path than punched; "
        "the median is 6.0 peer round trips, not under 6"]),
          judge([slow | {"path": "direct"}, FAILED, slow]))
    check("symmetric routers are only reported", (0, []),
          judge([FAILED] * 3, names=("open", "symmetric")))
    return summary()


if __name__ == "__main__":
    sys.exit(main())
