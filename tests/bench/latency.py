# SPDX-License-Identifier: GPL-3.0-or-later
"""bench latency: how long a message takes while a file is on its way.

Two clients behind two routers; each access link has 20 Mbit/s, 20 ms one way and a
tail-drop queue of 100 KB. Both ends use cubic, as people's computers do, and BBR beside
it. First the channel is idle; then a file runs at full speed over the same channel, the
same way as the messages. Its first two seconds do not count (--settle): TCP looks for the
speed of the line and fills the queue once.

A message's round trip is from its sending to `delivered`: it includes the store at both
ends, whose files lie in memory here. A ping's is that of PING and PONG between the two
threads that own the channel. Speed is told too, so that short round trips are not bought
with it.
"""

import argparse
import json
import math
import statistics
import time

import network
import places
import programs
from measuring import Failed, Wanted, folder_in_memory

LINK = network.Link(delay_ms=20, rate=20_000_000, queue_bytes=100_000)
CONGESTIONS = ("cubic", "bbr")
P99_AT_MOST = 2.0
SPEED_AT_LEAST = 0.85  # of the link's rate; headers take 5 % of it
PER_SECOND = 20  # of messages, and of pings
CONNECT_S = 20
ANSWER_S = 10
FILE_SPARE = 1.5  # so that it does not end before the last sample has its answer


class Channel:
    """Two clients and one channel."""

    def __init__(self, net, server, folder, congestion):
        environment = {"KNOTHOLE_CONGESTION": congestion}
        self.one, self.other = (
            programs.Caller(net, host, server, f"{folder}/{congestion}-{host}",
                            env=environment) for host in "ab")
        self.one.wait("peer", CONNECT_S, anywhere=True, peer=self.other.id, online=1)
        self.one.say(f"call {self.other.id}")
        for end in (self.one, self.other):
            end.wait("connected", CONNECT_S)

    def sample(self, n):
        """The round trips of @n messages and @n pings, in ms."""
        first = len(self.one.events)
        begin = time.monotonic()
        for i in range(2 * n):
            _sleep_until(begin + i / (2 * PER_SECOND))
            self.one.say(f"ping {self.other.id}" if i % 2 else
                         f"message {self.other.id} number {i}")
        deadline = time.monotonic() + ANSWER_S
        while time.monotonic() < deadline:
            events = self.one.events[first:]
            found = {"message": _message_ms(events), "ping": _ping_ms(events)}
            if all(len(times) == n for times in found.values()):
                return found
            time.sleep(0.05)
        raise Failed(f"answers are missing; {self.one.describe()}")

    def start_file(self, path):
        self.one.say(f"send {self.other.id} {path}")
        self.one.wait("progress", CONNECT_S, bytes=lambda n: n > 0)

    def file_speed(self, since):
        """In bit/s, as it arrived from the time @since on."""
        events = [event for event in list(self.other.events)
                  if event["event"] == "progress" and event["seen_at"] >= since]
        if any(event["event"] == "done" for event in list(self.one.events)):
            raise Failed("the file ended before the messages did")
        seconds = events[-1]["seen_at"] - events[0]["seen_at"]
        return 8 * (events[-1]["bytes"] - events[0]["bytes"]) / seconds

    def close(self):
        for end in (self.one, self.other):
            if end.quit() != 0 or end.lines:
                raise Failed(f"{end.name} did not end well: {end.describe()}")


def _sleep_until(at):
    time.sleep(max(0.0, at - time.monotonic()))


def _message_ms(events):
    sent = {event["item"]: event["seen_at"] for event in events
            if event["event"] == "sending"}
    return [1000 * (event["seen_at"] - sent[event["item"]]) for event in events
            if event["event"] == "delivered" and event["item"] in sent]


def _ping_ms(events):
    return [event["us"] / 1000 for event in events if event["event"] == "pong"]


def percentile(times, share):
    return sorted(times)[math.ceil(share * len(times)) - 1]


def one_round(options, net, server, folder, congestion):
    channel = Channel(net, server, folder, congestion)
    idle = channel.sample(options.samples)
    path = folder / "file"
    with path.open("wb") as file:
        seconds = options.settle + options.samples / PER_SECOND
        file.truncate(int(FILE_SPARE * seconds * LINK.rate / 8) + 2**20)
    channel.start_file(path)
    time.sleep(options.settle)
    begin = time.monotonic()
    busy = channel.sample(options.samples)
    speed = channel.file_speed(begin)
    channel.close()
    return {"speed": speed / LINK.rate, **{
        f"{kind}_{state}_{name}_ms": percentile(times[kind], share)
        for kind in ("message", "ping") for state, times in (("idle", idle), ("busy", busy))
        for name, share in (("p50", 0.5), ("p99", 0.99))}}


def median(key, rounds):
    return statistics.median(one[key] for one in rounds)


def report(options, results):
    wanted = Wanted()
    ratios = {}
    for congestion, rounds in results.items():
        ratios[congestion] = {
            kind: statistics.median(one[f"{kind}_busy_p99_ms"] / one[f"{kind}_idle_p99_ms"]
                                    for one in rounds) for kind in ("message", "ping")}
    for kind, found in ratios.get("cubic", {}).items():
        wanted.at_most(f"cubic, {kind}s: p99 against the idle p99", found, P99_AT_MOST, " ×")
    if "cubic" in results:
        wanted.at_least("cubic: speed of the file against the link's",
                        median("speed", results["cubic"]), SPEED_AT_LEAST, " ×")
    if options.json:
        print(json.dumps({"rounds": results, "p99_ratios": ratios,
                          "figures": wanted.figures}))
        return wanted.all_reached()
    print(f"{'':16} {'idle p50':>9} {'p99':>6} {'busy p50':>9} {'p99':>6} "
          f"{'p99 ratio':>10} {'file':>13}")
    for congestion, rounds in results.items():
        for kind in ("message", "ping"):
            idle, idle99, busy, busy99 = (
                median(f"{kind}_{state}_{name}_ms", rounds)
                for state in ("idle", "busy") for name in ("p50", "p99"))
            print(f"{congestion:7} {kind:8} {idle:6.1f} ms {idle99:6.1f} {busy:6.1f} ms "
                  f"{busy99:6.1f} {ratios[congestion][kind]:8.2f} × "
                  f"{median('speed', rounds) * LINK.rate / 1e6:6.1f} Mbit/s")
    wanted.print()
    return wanted.all_reached()


def main(arguments):
    """Whether every figure was reached."""
    parser = argparse.ArgumentParser(prog="bench latency")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--samples", type=int, default=300, metavar="N",
                        help="messages, and pings, of each round, idle and again beside "
                        "the file (default: 300)")
    parser.add_argument("--settle", type=float, default=2, metavar="SECONDS",
                        help="between the file's first byte and the first sample")
    parser.add_argument("--congestion", action="append", choices=CONGESTIONS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)

    with places.lab(links={"a": LINK, "b": LINK}) as place, folder_in_memory() as folder:
        results = {name: [] for name in options.congestion or CONGESTIONS}
        if not options.json:
            print(f"{options.rounds} rounds of {options.samples} messages and pings, "
                  f"{PER_SECOND} a second; {LINK.rate // 10**6} Mbit/s, {LINK.delay_ms:g} ms"
                  f" one way, queue {LINK.queue_bytes // 1000} KB each link", flush=True)
        try:
            server = programs.Server(place.net, str(folder))
            for _ in range(options.rounds):
                for name, rounds in results.items():
                    rounds.append(one_round(options, place.net, server, folder, name))
        except programs.Late as late:
            raise Failed(str(late)) from late
        finally:
            programs.kill_all()
        return report(options, results)
