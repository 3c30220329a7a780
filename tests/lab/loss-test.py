#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two people connect although a tenth of all packets is lost on each access link, each way:
at least 19 of 20 calls within 5 s, and 20 of 20 within 10 s."""

import argparse
import os
import statistics
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

import clients  # noqa: E402
import network  # noqa: E402
import programs  # noqa: E402
from checks import check  # noqa: E402
from clients import CONE, CONNECT_S  # noqa: E402

SOON_MS, LATE_MS = 5000, 10000
SOON_SHARE = 0.95  # of the calls, within SOON_MS


def one_call(caller, listener_id):
    """From the call to the first frame, in ms; None where there was none."""
    event = clients.call(caller, listener_id)
    caller.say(f"hang-up {listener_id}")
    caller.wait("disconnected", CONNECT_S)
    return event["ms"]


def test(net, folder, n_calls):
    lab = clients.Lab(net, programs.Server(net, folder), folder)
    listener, listener_id = lab.listen("a")
    caller = lab.caller("b")
    times = [one_call(caller, listener_id) for _ in range(n_calls)]
    print(f"median {statistics.median(times):.0f} ms, worst {max(times)} ms: "
          f"{' '.join(map(str, times))}")
    soon = sum(ms <= SOON_MS for ms in times)
    check(f"{soon} of {n_calls} within {SOON_MS // 1000} s", True,
          soon >= SOON_SHARE * n_calls)
    check(f"all within {LATE_MS // 1000} s", True, max(times) <= LATE_MS)
    check("both end cleanly", [0, 0], [listener.end(), caller.quit()])


def main():
    parser = argparse.ArgumentParser(
        prog="lab loss-test", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", metavar="N", type=int, default=20, help="calls (default 20)")
    parser.add_argument("--loss", metavar="PERCENT", type=float, default=10,
                        help="on each link, each way (default 10)")
    chosen = parser.parse_args()

    def body():
        with programs.folder("lab-loss-") as folder, \
                network.Network(a=CONE, b=CONE, delay_ms=10,
                                loss_pct=chosen.loss) as net:
            test(net, folder, chosen.n)

    return clients.conclude(body)


if __name__ == "__main__":
    sys.exit(main())
