#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ten clients behind ten routers, each calling the others in random order.

Every call must connect both sides, also where both call at once; what a client holds of
memory, descriptors and threads must not grow; and each must end cleanly, which in a
build with the sanitizers means that nothing leaked. Replay with --seed.
"""

import argparse
import collections
import os
import queue
import random
import statistics
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

from clients import conclude  # noqa: E402
import network  # noqa: E402
import programs  # noqa: E402
from checks import check  # noqa: E402

ROUTERS = ["port-restricted-cone", "port-restricted-cone+rst", "restricted-cone",
           "restricted-cone+rst", "full-cone", "full-cone+rst", "firewall", "firewall+rst",
           "open", "port-restricted-cone"]
CALL_S = 60  # a call that finds no path fails by itself within 10 s
STEP_S = 60
HOLD_S = 0.3  # how long two stay connected, at most
GLARE_S = 0.15  # both sides of a glare begin within this, a round trip and a half
CALLS_PER_MINUTE = 110  # the server allows a client 120
MOST_PAIRS = 4  # of a client at a time; the server allows 8 calls
# Ten times what it grows by; a leak of 2 kB a call is more within ten seconds.
GROWTH_KB = 256
# One arena, given back when it is empty: what is measured is what the client holds.
ENV = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "65536"}


class Client:
    def __init__(self, net, number, server, folder, inbox):
        self.name = f"c{number}"
        self.n_pairs = 0
        self.called_at = collections.deque()
        self.program = programs.Caller(
            net, self.name, server, f"{folder}/{self.name}", env=ENV,
            listener=lambda event: inbox.put((self, event)))
        self.id = self.program.id

    def may_call(self, now):
        while self.called_at and now - self.called_at[0] > 60:
            self.called_at.popleft()
        return len(self.called_at) < CALLS_PER_MINUTE and self.n_pairs < MOST_PAIRS

    def call(self, other):
        self.called_at.append(time.monotonic())
        self.program.say(f"call {other.id}")


class Pair:
    """One call from its first word until both sides are disconnected again."""

    def __init__(self, caller, callee, glare_after_s, hold_s, hangs_up):
        now = time.monotonic()
        self.sides = (caller, callee)
        self.is_glare = glare_after_s is not None
        self.hold_s = hold_s
        self.hangs_up = hangs_up
        self.connected = {}  # side: the event
        self.disconnected = set()
        self.is_over = False
        self.trouble = None
        self.due_at = self.action = None
        self.deadline = now + CALL_S
        self.waiting_for = "connected at both sides"
        caller.call(callee)
        if self.is_glare:
            self.due_at, self.action = now + glare_after_s, lambda: callee.call(caller)

    def __str__(self):
        first, second = self.sides
        return (f"{first.name} {'and' if self.is_glare else 'calls'} {second.name}"
                f"{' at once' if self.is_glare else ''}")

    def other(self, side):
        return self.sides[0] if side is self.sides[1] else self.sides[1]

    def fail(self, why):
        self.trouble = why
        self.is_over = True

    def next_at(self):
        return self.deadline if self.due_at is None else min(self.due_at, self.deadline)

    def tick(self, now):
        if self.due_at is not None and now >= self.due_at:
            action, self.due_at, self.action = self.action, None, None
            action()
        elif now >= self.deadline:
            self.fail(f"not {self.waiting_for} in time: connected at "
                      f"{[side.name for side in self.connected]}, disconnected at "
                      f"{[side.name for side in self.disconnected]}")

    def wait_for(self, what):
        self.waiting_for = what
        self.deadline = time.monotonic() + STEP_S

    def on_event(self, side, event):
        kind = event["event"]
        if kind == "connected":
            self.on_connected(side, event)
        elif kind == "pong":
            self.due_at = time.monotonic() + self.hold_s
            self.action = self.hang_up
        elif kind == "disconnected":
            self.on_disconnected(side, event)
        elif kind == "call-ended":
            self.fail(f"the call ended at {side.name}: {event}")

    def on_connected(self, side, event):
        if side in self.connected:
            self.fail(f"connected twice at {side.name}")
            return
        self.connected[side] = event
        if len(self.connected) < 2:
            return
        if sorted(e["caller"] for e in self.connected.values()) != [0, 1]:
            self.fail("both sides say that they called, or neither")
            return
        self.wait_for("answered to a ping")
        side.program.say(f"ping {self.other(side).id}")

    def hang_up(self):
        self.wait_for("disconnected at both sides")
        self.hangs_up.program.say(f"hang-up {self.other(self.hangs_up).id}")

    def on_disconnected(self, side, event):
        if self.waiting_for != "disconnected at both sides":
            self.fail(f"disconnected too early at {side.name}: {event}")
            return
        self.disconnected.add(side)
        self.is_over = len(self.disconnected) == 2

    def ms(self):
        return [event["ms"] for event in self.connected.values() if event["caller"]]


class Run:
    def __init__(self, clients, inbox, chance):
        self.clients = clients
        self.inbox = inbox
        self.chance = chance
        self.by_id = {client.id: client for client in clients}
        self.pairs = {}  # frozenset of the two: Pair
        self.over = []

    def call_until(self, end_at):
        """Calls until then, and waits until all of them are over."""
        while (now := time.monotonic()) < end_at or self.pairs:
            if now < end_at:
                self.begin_some(now)
            next_at = min([pair.next_at() for pair in self.pairs.values()] + [now + 0.05])
            self.dispatch(max(next_at - now, 0.001))
            for key, pair in list(self.pairs.items()):
                pair.tick(time.monotonic())
                if pair.is_over:
                    self.finish(key)

    def dispatch(self, wait_s):
        """Whatever has come, after waiting for the first."""
        try:
            side, event = self.inbox.get(timeout=wait_s)
            while True:
                self.deliver(side, event)
                side, event = self.inbox.get_nowait()
        except queue.Empty:
            return

    def deliver(self, side, event):
        other = self.by_id.get(event.get("peer"))
        pair = self.pairs.get(frozenset((side, other)))
        if pair is not None and not pair.is_over:
            pair.on_event(side, event)

    def begin_some(self, now):
        for caller in self.chance.sample(self.clients, len(self.clients)):
            others = [other for other in self.clients
                      if other is not caller and other.n_pairs < MOST_PAIRS
                      and frozenset((caller, other)) not in self.pairs]
            # One call of its own at a time; more come from others.
            busy = any(pair.sides[0] is caller for pair in self.pairs.values())
            if not busy and others and caller.may_call(now):
                self.begin(caller, self.chance.choice(others), now)

    def begin(self, caller, callee, now):
        glare_after_s = None
        if self.chance.random() < 0.3 and callee.may_call(now):
            glare_after_s = self.chance.choice((0, self.chance.uniform(0, GLARE_S)))
        for side in (caller, callee):
            side.n_pairs += 1
        self.pairs[frozenset((caller, callee))] = Pair(
            caller, callee, glare_after_s, self.chance.uniform(0, HOLD_S),
            self.chance.choice((caller, callee)))

    def finish(self, key):
        pair = self.pairs.pop(key)
        self.over.append(pair)
        for side in pair.sides:
            side.n_pairs -= 1


def check_growth(client, before, after):
    check(f"{client.name}: descriptors and threads are back", before[:2], after[:2])
    if not programs.is_sanitized(client.program.pid):
        check(f"{client.name}: memory stays within {GROWTH_KB} kB "
              f"({before[2]} kB, then {after[2]} kB)", lambda grown: grown <= GROWTH_KB,
              after[2] - before[2])


def check_calls(run):
    troubles = [f"{pair}: {pair.trouble}" for pair in run.over if pair.trouble]
    n_glares = sum(pair.is_glare for pair in run.over)
    times_ms = [ms for pair in run.over for ms in pair.ms()]
    median_ms = statistics.median(times_ms) if times_ms else 0
    check(f"{len(run.over)} calls, {n_glares} of them at once from both sides: each "
          f"connects both (median {median_ms:.0f} ms)", [], troubles)
    check("there were calls of both kinds, from every client", True,
          n_glares > 0 and {side for pair in run.over for side in pair.sides}
          == set(run.clients))


def test(net, folder, seconds, chance):
    inbox = queue.SimpleQueue()
    server = programs.Server(net, folder)
    clients = [Client(net, i, server, folder, inbox) for i in range(len(ROUTERS))]
    for client in clients:
        for other in clients:
            if other.id != client.id:
                client.program.wait("peer", STEP_S, anywhere=True, peer=other.id,
                                    online=1)
    run = Run(clients, inbox, chance)
    begin = time.monotonic()
    run.call_until(begin + seconds / 3)
    before = programs.settled([client.program for client in clients])
    run.call_until(begin + seconds)
    after = programs.settled([client.program for client in clients], before)

    check_calls(run)
    for client, holds_before, holds_after in zip(clients, before, after):
        check_growth(client, holds_before, holds_after)
    for client in clients:
        status = client.program.quit()
        check(f"{client.name}: ends cleanly", (0, []), (status, client.program.lines[-5:]))
    check("the server ends cleanly", 0, server.end())


def main():
    parser = argparse.ArgumentParser(prog="lab ten-clients", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    long = bool(os.environ.get("KNOTHOLE_LONG_TESTS"))
    parser.add_argument("--seconds", type=float, default=60 if long else 10)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    chosen = parser.parse_args()
    def body():
        print(f"--seconds {chosen.seconds:g} --seed {chosen.seed}", flush=True)
        routers = {f"c{i}": profile for i, profile in enumerate(ROUTERS)}
        with programs.folder("lab-ten-") as folder, \
                network.Network(delay_ms=10, **routers) as net:
            test(net, folder, chosen.seconds, random.Random(chosen.seed))

    return conclude(body)


if __name__ == "__main__":
    sys.exit(main())
