#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""A large file whose path or program is cut off in the middle, with the programs.

Between two port-restricted cones, each as a run of its own: the path is cut for so long
that both ends notice, nothing gets through a router for a minute, a router has another
public address from one moment to the next, a router forgets every mapping, the sender goes
to another network, the sender sleeps for a minute, a relay gives way to a direct path, the server is killed, the receiver is
killed, the sender is killed, and comes back. Each time the transfer goes on by itself, the file is equal in the end,
nothing partial is left, and at most 4 MiB of it were received twice: counted are the bytes
that came in at the receiver's interface, without headers, less what the file takes.
"""

import argparse
import contextlib
import filecmp
import os
import signal
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

import clients  # noqa: E402
import network  # noqa: E402
import programs  # noqa: E402
from checks import check  # noqa: E402
from clients import CONE, MIB, SAID_S, TRANSFER_S  # noqa: E402

DEFAULT_SIZE = 1024  # MiB
TWICE_MAX = 4 * MIB
QUIET_S = 0.1
SILENCE_S = 60
BACK_S = 120
OFFLINE_S = 1.0  # a program is started again so long after it was killed


class Run:
    """One transfer from `b` to `a`, which is cut off once."""

    def __init__(self, lab, path):
        self.lab = lab
        self.path = path
        self.size = os.path.getsize(path)
        self.receiver, self.receiver_id = lab.listen("a")
        self.received = clients.Received(lab, "a")
        self.begun_at = time.monotonic()
        self.sender = lab.cli("b", "send", self.receiver_id, path, "--timeout", "120")

    def wait_for(self, share):
        """So much of the file has come."""
        return self.receiver.wait("progress", TRANSFER_S,
                                  bytes=lambda n: n >= share * self.size)

    def wait_until_held_up(self):
        """Nothing comes any more."""
        before = -1
        while (now := self.received.bytes()) != before:
            before = now
            time.sleep(QUIET_S)

    def check_back(self, title):
        """It goes on by itself, to the end."""
        healed_at = time.monotonic()
        seen_at = self.receiver.wait("progress", BACK_S)["seen_at"]
        check(f"{title}: it goes on after {seen_at - healed_at:.1f} s", True, True)
        self.check_end(title)

    def check_names(self, title):
        name = os.path.basename(self.path)
        got = self.lab.got("a")
        check(f"{title}: half a file has no final name", ([], 1),
              (clients.whole_names(got),
               sum(name in partial for partial in clients.partial_names(got))))

    def check_end(self, title, sender_status=0):
        self.receiver.wait("done", TRANSFER_S)
        # The last acknowledgements, and the goodbye.
        ends = [("sender", self.sender.join() if sender_status is not None
                 else self.sender.end()), ("receiver", self.receiver.end())]
        seconds = time.monotonic() - self.begun_at
        twice = self.received.bytes() - clients.sent_of(self.size)
        got = self.lab.got("a")
        name = os.path.basename(self.path)
        check(f"{title}: both end cleanly", [("sender", 0), ("receiver", 0)], ends)
        check(f"{title}: the file is equal ({seconds:.1f} s)", True,
              os.path.exists(f"{got}/{name}")
              and filecmp.cmp(self.path, f"{got}/{name}", shallow=False))
        check(f"{title}: nothing else is left", [name], os.listdir(got))
        check(f"{title}: {twice:,} bytes were received twice, at most {TWICE_MAX:,}",
              lambda n: n <= TWICE_MAX, twice)
        for host in ("a", "b"):
            last = self.lab.transfers(host)[1][-1]
            check(f"{title}: the store of {host} knows",
                  ("done", 1, 0, self.size), (last["state"], last["done"], last["failed"],
                                              last["bytes"]))
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{got}/{name}")


def check_cut(lab, path):
    title = "the path is cut"
    run = Run(lab, path)
    run.wait_for(0.4)
    begin = time.monotonic()
    with clients.cut(lab, "b"):
        for end, program in (("receiver", run.receiver), ("sender", run.sender)):
            seen_at = program.wait("interrupted", SAID_S)["seen_at"]
            check(f"{title}: the {end} says so ({seen_at - begin:.1f} s)",
                  lambda seconds: seconds <= SAID_S, seen_at - begin)
            program.wait("disconnected", SAID_S)
        run.check_names(title)
    healed_at = time.monotonic()
    seen_at = run.receiver.wait("progress", 2 * SAID_S)["seen_at"]
    check(f"{title}: it goes on {seen_at - healed_at:.1f} s after it healed", True, True)
    run.check_end(title)


def check_silence(lab, path):
    title = f"{SILENCE_S} s of silence"
    run = Run(lab, path)
    run.wait_for(0.4)
    with lab.net.frozen("b"):
        time.sleep(SILENCE_S)
        run.check_names(title)
    run.check_back(title)


def check_address(lab, path):
    title = "another public address"
    run = Run(lab, path)
    run.wait_for(0.4)
    lab.net.change_public_address("b")
    run.check_back(title)


def check_forgetful(lab, path):
    title = "a router that forgets every mapping"
    run = Run(lab, path)
    run.wait_for(0.4)
    # Not even what is under way makes it a mapping again.
    lab.net.sysctl("router-b", nf_conntrack_tcp_loose=0)
    lab.net.forget_connections("b")
    run.check_back(title)


def check_moved(lab, path):
    title = "the sender in another network"
    run = Run(lab, path)
    run.wait_for(0.4)
    lab.net.move_client("b", "c")
    run.check_back(title)
    lab.net.move_client("b", "b")


def check_asleep(lab, path):
    title = f"the sender sleeps for {SILENCE_S} s"
    run = Run(lab, path)
    run.wait_for(0.4)
    run.sender.process.send_signal(signal.SIGSTOP)
    time.sleep(SILENCE_S)
    run.check_names(title)
    run.sender.process.send_signal(signal.SIGCONT)
    run.check_back(title)


def check_relay(lab, path):
    """Of the relay, which is slow, a hundredth is enough."""
    title = "a relay that gives way"
    servers = ", ".join(network.SERVER_ADDRESSES)
    with clients.forbidden(lab, "b", f"ip saddr != {{ {servers} }} "
                                     f"ip daddr != {{ {servers} }} drop"):
        run = Run(lab, path)
        path_kind = run.sender.wait("connected", SAID_S)["path"]
        check(f"{title}: relayed at first", "relay", path_kind)
        run.wait_for(0.01)
    run.check_back(title)
    check(f"{title}: direct in the end", "punched",
          [event for event in run.sender.events if event["event"] == "connected"][-1]["path"])


def check_server_killed(lab, path):
    title = "the server is killed"
    run = Run(lab, path)
    run.wait_for(0.4)
    lab.server.kill()
    time.sleep(OFFLINE_S)
    lab.server = programs.Server(lab.net, lab.folder)
    run.check_end(title)


def check_receiver_killed(lab, path):
    title = "the receiver is killed"
    run = Run(lab, path)
    run.wait_for(0.4)
    # Busy with something else, as behind a slow disk: all that its system holds for it is
    # lost with it.
    run.receiver.process.send_signal(signal.SIGSTOP)
    run.wait_until_held_up()
    run.receiver.kill()
    run.check_names(title)
    run.sender.wait("interrupted", SAID_S)
    time.sleep(OFFLINE_S)
    run.receiver, _ = lab.listen("a")
    run.check_end(title)


def check_sender_killed(lab, path):
    title = "the sender is killed"
    run = Run(lab, path)
    run.wait_for(0.4)
    run.sender.kill()
    run.receiver.wait("interrupted", SAID_S)
    run.check_names(title)
    time.sleep(OFFLINE_S)
    run.sender, _ = lab.listen("b")
    run.sender.wait("done", TRANSFER_S)
    run.check_end(title, sender_status=None)


CHECKS = {"path": check_cut, "silence": check_silence, "address": check_address,
          "forgetful": check_forgetful, "moved": check_moved, "asleep": check_asleep, "relay": check_relay,
          "server": check_server_killed,
          "receiver": check_receiver_killed, "sender": check_sender_killed}


def test(net, folder, size, names):
    lab = clients.Lab(net, programs.Server(net, folder), folder)
    source = lab.random_file("random", size)
    for name in names:
        path = os.path.join(folder, f"{name}.bin")
        os.rename(source, path)
        try:
            CHECKS[name](lab, path)
        except (programs.Late, OSError) as error:
            check(f"{name}: ended early", None, str(error))
            programs.kill_all()
            lab.server = programs.Server(net, folder)
        os.rename(path, source)
    check("the server ends cleanly", 0, lab.server.end())


def main():
    parser = argparse.ArgumentParser(prog="lab cuts", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", metavar="MIB", type=int, default=DEFAULT_SIZE,
                        help=f"of the file (default {DEFAULT_SIZE})")
    parser.add_argument("names", metavar="CUT", nargs="*",
                        help=f"only these of {', '.join(CHECKS)}")
    chosen = parser.parse_args()
    unknown = [name for name in chosen.names if name not in CHECKS]
    if chosen.size < 64 or unknown:
        parser.error(f"there is no cut {unknown[0]}" if unknown else "--size is at least 64")
    def body():
        size = chosen.size * MIB
        with programs.folder("lab-cuts-", clients.place(3 * size)) as folder, \
                network.Network(a=CONE, b=CONE, c=CONE) as net:
            test(net, folder, size, chosen.names or list(CHECKS))

    return clients.conclude(body)


if __name__ == "__main__":
    sys.exit(main())
