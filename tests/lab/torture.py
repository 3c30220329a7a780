#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tree with everything in it that is hard to send, while everything happens to it.

Two clients behind two routers. At random moments either is killed and started again, the
path is cut, connections are reset or forgotten by a router, the server is started again,
sources are edited, cut short, replaced or removed, and further transfers are paused,
resumed and cancelled at either end. Then, for the same tree, what changed is sent again.

In the end every file is equal to its source, or its failure is told at both ends; nothing
that was there before has changed; nothing partial is left, and nothing is outside of the
folder. Beside it, a disk that is full: told at both ends, and tried again with room made.

The same --seed gives the same files and the same plan of what happens when.
"""

import argparse
import contextlib
import os
import random
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

import clients  # noqa: E402
import full_disk  # noqa: E402
import network  # noqa: E402
import programs  # noqa: E402
import trees  # noqa: E402
from checks import at_once, check  # noqa: E402
from clients import CONE, CONNECT_S, MEMORY_KB, MIB, SAID_S  # noqa: E402

FINAL = ("done", "declined", "cancelled", "failed")


class Size:
    """How much of everything."""

    def __init__(self, is_long):
        self.n_small = 8000 if is_long else 1500
        self.n_big = 12 if is_long else 8
        self.big_len = (24 if is_long else 8) * MIB
        self.has_huge = is_long
        self.rate = 600_000_000 if is_long else 60_000_000
        self.gap_s = (0.5, 4) if is_long else (0.2, 0.8)
        self.rounds = 3 if is_long else 1
        self.long_cuts = 2 if is_long else 0
        self.second_len = (64 if is_long else 4) * MIB
        self.end_s = 900 if is_long else 300
        self.room = 12 << 30 if is_long else 1 << 30


# --- What happens ------------------------------------------------------------------


def make_plan(chance, size):
    """[(seconds to wait before it, what happens, its parameters)]"""
    def ends():
        return chance.sample(("a", "b"), 2)

    plan = []
    for _ in range(size.rounds):
        some = [("kill", end, round(chance.uniform(0, 1.5), 2)) for end in "aabb"]
        some += [("cut", chance.choice("ab"), round(chance.uniform(0.1, 3), 2)),
                 ("reset", chance.choice("ab"), round(chance.uniform(0.1, 0.5), 2)),
                 ("forget", chance.choice("ab")),
                 ("server", round(chance.uniform(0, 1), 2))]
        some += [(what, f"big-{number}") for what, number in zip(
            ("edit", "truncate", "grow", "replace", "remove"),
            chance.sample(range(1, size.n_big), 5))]
        one, other = ends()
        some += [("second", [("first", "a"), ("pause", one), ("pause", other),
                             ("resume", one), ("resume", other)]),
                 ("second", [("first", "a"), ("pause", one), ("cancel", other)]),
                 # What is wanted while the other is away, it hears when it is back.
                 ("second", [("kill", other), ("pause", one), ("start", other)]),
                 ("second", [("kill", one), ("cancel", other), ("start", one)])]
        chance.shuffle(some)
        plan += some
    for _ in range(size.long_cuts):
        plan.insert(chance.randrange(len(plan)),
                    ("cut", chance.choice("ab"), round(chance.uniform(22, 30), 2)))
    return [(round(chance.uniform(*size.gap_s), 2), *what) for what in plan]


class End:
    """A client that is killed and started again; what it said in all its runs."""

    def __init__(self, host, start):
        self.host = host
        self.data = "data" if host == "a" else host
        self.runs = []
        self.peaks = []
        self._start = start
        self.start()

    def start(self):
        self.program = self._start()
        self.runs.append(self.program)
        self.peaks.append(clients.PeakMemory(self.program))

    def events(self, kind):
        return [event for run in self.runs for event in list(run.events)
                if event["event"] == kind]


class Torture:
    def __init__(self, lab, size, chance):
        self.lab = lab
        self.size = size
        self.chance = chance
        self.folder = lab.folder
        self.got = lab.got("b")
        self.tree = trees.Tree(f"{self.folder}/from/tree", chance, size.n_small,
                               size.n_big, size.big_len, size.has_huge)
        self.seconds = []
        self.late = set()  # what was done already when it was to be cancelled
        self.crossed = set()  # the same, but whoever cancelled it had not heard of that
        self.pauses = []  # that the other end does not know of
        self.strange = []  # half of something, under a final name
        self.prepare()
        self.ends = {"b": End("b", lambda: lab.listen("b")[0])}
        self.peer = self.ends["b"].program.events[0]["id"]
        self.ends["a"] = End("a", lambda: lab.caller("a"))

    def prepare(self):
        """What is there already where all of it is saved to."""
        os.makedirs(f"{self.got}/tree/names")
        os.makedirs(f"{self.folder}/elsewhere")
        for path in ("tree/big-0", "tree/names/CON", "tree/names/_CON", "second-0", "other"):
            with open(f"{self.got}/{path}", "wb") as file:
                file.write(self.chance.randbytes(1000))
        os.symlink(f"{self.folder}/elsewhere", f"{self.got}/tree (2)")
        self.before = trees.snapshot(self.got)
        self.own = set(os.listdir(self.folder))

    # Transfers

    def send(self, path):
        """Its id."""
        program = self.ends["a"].program
        program.wait("peer", CONNECT_S, anywhere=True, peer=self.peer)
        program.say(f"send {self.peer} {path}")
        return program.wait("sending", CONNECT_S, text=path)["item"]

    def listed(self, end, item):
        """What `transfers` says of it at that end, or {}."""
        host = self.ends[end]
        _, lines = self.lab.transfers(host.host, "list", "--all", data=host.data)
        return next((line for line in lines if line["transfer"] == item), {})

    def wait_until(self, item, states, seconds):
        """Until both ends list it so; what they list."""
        deadline = time.monotonic() + seconds
        while True:
            listed = [self.listed(end, item) for end in "ab"]
            if (all(one.get("state") in states for one in listed)
                    or time.monotonic() > deadline):
                return listed
            time.sleep(0.2)

    # What happens

    def happen(self, what, *words):
        getattr(self, f"do_{what}")(*words)

    def do_kill(self, end, off_s):
        self.ends[end].program.kill()
        self.strange += trees.strange_files(self.tree, f"{self.got}/{self.find_root()}")
        time.sleep(off_s)
        self.ends[end].start()

    def do_cut(self, end, seconds):
        with clients.cut(self.lab, end):
            time.sleep(seconds)

    def do_reset(self, end, seconds):
        with clients.resets(self.lab, end):
            time.sleep(seconds)

    def do_forget(self, end):
        self.lab.net.forget_connections(end)

    def do_server(self, off_s):
        self.lab.server.kill()
        time.sleep(off_s)
        self.lab.server = programs.Server(self.lab.net, self.folder)

    def do_edit(self, name):
        self.tree.edit(name)

    def do_truncate(self, name):
        self.tree.truncate(name)

    def do_grow(self, name):
        self.tree.grow(name)

    def do_replace(self, name):
        self.tree.replace(name)

    def do_remove(self, name):
        self.tree.remove(name)

    def do_second(self, wishes):
        path = f"{self.folder}/from/second-{len(self.seconds)}"
        with open(path, "wb") as file:
            file.write(self.chance.randbytes(self.size.second_len))
        item = self.send(path)
        self.seconds.append((item, path, wishes))
        self.wait_until(item, ("running", *FINAL), CONNECT_S)
        for wish, end in wishes:
            self.wish(wish, end, item)
            time.sleep(0.2)
        self.compare_pauses(item, path)
        for end in "ab":
            if self.listed(end, item).get("paused") in ("here", "both"):
                self.wish("resume", end, item)

    def wish(self, wish, end, item):
        host = self.ends[end]
        if wish == "kill":
            host.program.kill()
        elif wish == "start":
            host.start()
        else:
            status, lines = self.lab.transfers(host.host, wish, item, data=host.data)
            if status != 0:
                print(f"      {wish} at {end}: {lines}", flush=True)
            # Before this one end pauses it, or is killed: nothing can finish it from here
            # on, so it was done if it is.
            if wish == "cancel":
                is_done = [one for one in "ab"
                           if self.listed(one, item).get("state") == "done"]
                if end in is_done:
                    self.late.add(item)
                elif is_done:
                    self.crossed.add(item)

    def compare_pauses(self, item, path):
        """Both are online and know of each other's switch."""
        agreed = (("none", "none"), ("here", "there"), ("there", "here"), ("both", "both"))
        deadline = time.monotonic() + CONNECT_S
        while time.monotonic() < deadline:
            listed = [self.listed(end, item) for end in "ab"]
            if (tuple(one.get("paused") for one in listed) in agreed
                    or any(one.get("state") in FINAL for one in listed)):
                return
            time.sleep(0.2)
        self.pauses.append((os.path.basename(path), listed))

    # All of it

    def run(self, plan):
        item = self.send(self.tree.path)
        listed = self.wait_until(item, ("running",), SAID_S)
        check("the tree is offered and accepted", ["running"] * 2,
              [one.get("state") for one in listed])
        begin = time.monotonic()
        for wait_s, what, *words in plan:
            time.sleep(wait_s)
            print(f"      {time.monotonic() - begin:6.1f} s  {what} "
                  f"{' '.join(map(str, words))}", flush=True)
            self.happen(what, *words)
        begin = time.monotonic()
        listed = self.wait_until(item, FINAL, self.size.end_s)
        print(f"      {time.monotonic() - begin:6.1f} s after the last of this, it has ended",
              flush=True)
        check("each end knows what the other has paused", [], self.pauses)
        check("never had half a file its final name", [], self.strange)
        failed = self.check_outcome("the tree", item, listed)
        self.check_seconds()
        self.check_folder()
        trees.check_tree("the tree", self.tree, f"{self.got}/{self.find_root()}", failed)
        self.send_again()
        self.check_memory()

    def describe(self):
        return [f"{end.host}: {end.program.describe()}" for end in self.ends.values()]

    def told_failures(self, item):
        """The paths that failed, as either end has told them so far."""
        return ({event["text"].removeprefix("tree/")
                 for event in self.ends["a"].events("file-failed") if event["item"] == item},
                {event["path"].removeprefix("tree/")
                 for event in self.ends["b"].events("file-failed")
                 if event["transfer"] == item})

    def check_outcome(self, title, item, listed):
        """Both ends tell the same end; the paths that failed at the sender."""
        if not check(f"{title} has ended at both ends", True,
                     all(one.get("state") in FINAL for one in listed) or listed):
            print("\n".join(self.describe()))
        one, other = ((end.get("state"), end.get("files"), end.get("failed"),
                       end.get("done", 0) + end.get("there", 0)) for end in listed)
        check(f"{title}: both say {one[0]}, {one[3]} of {one[1]} files arrived, "
              f"{one[2]} failed", one, other)
        # The stores know of the end before all is read that the programs say of it.
        deadline = time.monotonic() + SAID_S
        while True:
            failed, told = self.told_failures(item)
            if failed == told and len(failed) == one[2] or time.monotonic() > deadline:
                break
            time.sleep(0.1)
        check(f"{title}: both tell the same failures ({', '.join(sorted(failed)) or 'none'})",
              failed, told)
        removed = {path for path in self.tree.versions
                   if not os.path.exists(f"{self.tree.path}/{path}")}
        check(f"{title}: nothing failed but what was removed", set(), failed - removed)
        check(f"{title}: as many failed as are counted", len(failed), one[2])
        return failed

    def check_seconds(self):
        for number, (item, path, wishes) in enumerate(self.seconds):
            listed = self.wait_until(item, FINAL, self.size.end_s)
            states = [one.get("state") for one in listed]
            name = os.path.basename(path)
            is_cancelled = (any(wish == "cancel" for wish, _ in wishes)
                            and item not in self.late)
            wanted = "cancelled" if is_cancelled else "done"
            if item in self.crossed:
                check(f"{name}: done at one end before it was cancelled at the other", True,
                      sorted(states) == ["cancelled", "done"] or listed)
            else:
                check(f"{name}: {wanted} at both ends", True,
                      states == [wanted] * 2 or listed)
            if "done" not in states:
                continue
            place = f"{self.got}/{name}" + (" (2)" if number == 0 else "")
            check(f"{name} is equal", True, os.path.exists(place)
                  and trees.hash_of(place) == trees.hash_of(path))
            with contextlib.suppress(FileNotFoundError):
                os.unlink(place)

    def find_root(self):
        """The folder that the tree has got, which is none that was there."""
        return next((name for name in sorted(os.listdir(self.got))
                     if name not in self.before and name.startswith("tree")), "nothing")

    def check_folder(self):
        after = trees.snapshot(self.got)
        check("what was there before is as it was", self.before,
              {path: after.get(path) for path in self.before})
        check("nothing partial is left", [], clients.partial_names(self.got))
        check("all that is new is in one folder", [self.find_root()],
              sorted(name for name in os.listdir(self.got) if name not in self.before))
        check("nothing is outside of it", ([], self.own),
              (os.listdir(f"{self.folder}/elsewhere"),
               set(os.listdir(self.folder)) & self.own | (set(os.listdir(self.folder))
                                                          - self.own - {"a", "b", "server",
                                                                        *full_disk.HOSTS})))

    def send_again(self):
        """What changed since, and what failed; what is the same does not come again."""
        root = f"{self.got}/{self.find_root()}"
        self.tree.add("new", 100_000)
        self.tree.add("folder/new", 100)
        self.tree.edit("big-0")
        with open(f"{root}/new", "wb") as file:
            file.write(b"somebody else's")
        os.rename(f"{root}/folder", f"{root}/moved")
        os.symlink(f"{self.folder}/elsewhere", f"{root}/folder")
        old = {path: what for path, what in trees.snapshot(root).items()}
        received = clients.Received(self.lab, "b")
        listed = self.wait_until(self.send(self.tree.path), FINAL, self.size.end_s)
        states = [one.get("state") for one in listed]
        check("the tree, again: done at both ends", True, states == ["done"] * 2 or listed)
        after = trees.snapshot(root)
        check("the tree, again: nothing that was there has changed", {},
              {path: what for path, what in old.items()
               if what[0] != "folder" and after.get(path) != what})
        trees.check_tree("the tree, again", self.tree, root, set(), is_last=True)
        check("the tree, again: nothing partial is left", [],
              clients.partial_names(self.got))
        check("the tree, again: nothing followed a link", [],
              os.listdir(f"{self.folder}/elsewhere"))
        changed = sum(os.path.getsize(f"{self.tree.path}/{path}")
                      for path, versions in self.tree.versions.items()
                      if os.path.exists(f"{self.tree.path}/{path}") and len(versions) > 1)
        check(f"the tree, again: only what changed came ({received.bytes():,} bytes)",
              lambda n: n < changed + 4 * MIB, received.bytes())

    def check_memory(self):
        for end in self.ends.values():
            if end.peaks[-1].is_sanitized:
                continue
            kb = max(peak.kb for peak in end.peaks)
            check(f"{end.host}: at most {MEMORY_KB} kB of memory ({kb} kB, "
                  f"{len(end.peaks)} runs)", lambda kb: 0 < kb <= MEMORY_KB, kb)
        check("both end cleanly", [0, 0],
              [self.ends["a"].program.quit(), self.ends["b"].program.end()])


# --- All of it ----------------------------------------------------------------------


def test(net, folder, size, seed):
    lab = clients.Lab(net, programs.Server(net, folder), folder)
    plan = make_plan(random.Random(seed), size)
    os.makedirs(f"{folder}/from")
    at_once(lab, full_disk.check_full_disk, full_disk.check_full_data)
    Torture(lab, size, random.Random(seed + 1)).run(plan)
    check("the server ends cleanly", 0, lab.server.end())


def main():
    parser = argparse.ArgumentParser(prog="lab torture", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--long", action="store_true",
                        default=bool(os.environ.get("KNOTHOLE_LONG_TESTS")),
                        help="several minutes, and a file of more than 4 GiB")
    chosen = parser.parse_args()
    size = Size(chosen.long)
    def body():
        print(f"--seed {chosen.seed}{' --long' if chosen.long else ''}", flush=True)
        slow = network.Link(delay_ms=2, rate=size.rate)
        with programs.folder("lab-torture-", clients.place(size.room)) as folder, \
                network.Network(
                    a=CONE, b=CONE, **dict.fromkeys(full_disk.HOSTS, CONE),
                    links={"a": slow, "b": slow, full_disk.HOSTS[0]: full_disk.LINK,
                           full_disk.HOSTS[2]: full_disk.LINK}) as net:
            test(net, folder, size, chosen.seed)

    return clients.conclude(body)


if __name__ == "__main__":
    sys.exit(main())
