#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ends a connection in the middle of a transfer is no end of the transfer.

Whatever cuts it short is said within 30 s, as an interruption, and leaves nothing that
counts: no memory, no descriptor, no half a file under its name. It goes on by itself when
both are back. `send` waits for that only so long, and then says that the transfer is kept.
"""

import argparse
import filecmp
import os
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

import clients  # noqa: E402
import network  # noqa: E402
import programs  # noqa: E402
from checks import at_once, check  # noqa: E402
from clients import CONE, CONNECT_S, MIB, SAID_S, TRANSFER_S, call  # noqa: E402

GROWTH_KB = 1024
SIZE = 48 * MIB
FIRST_SIZE = 16 * MIB
# So that there is time to do something meanwhile: 7 s.
SLOW = network.Link(delay_ms=5, rate=60_000_000)
TIMEOUT_S = 3
EXIT_NO_PATH, EXIT_DECLINED, EXIT_TRANSFER = 5, 6, 7

# A pair of hosts for each thing that is tried, so that they can be tried at once.
SLOWED = {f"{name}-{side}": CONE for name in ("sender", "receiver", "exit", "cut")
          for side in "ab"}
OTHERS = {"declined-a": CONE, "declined-b": CONE, "path-a": "symmetric",
          "path-b": "symmetric"}


def check_back(title, before, program):
    after, = programs.settled([program], [before])
    check(f"{title}: its descriptors and threads come back", before[:2], after[:2])
    if not programs.is_sanitized(program.pid):
        check(f"{title}: its memory comes back ({before[2]} kB, then {after[2]} kB)",
              lambda kb: kb <= GROWTH_KB, after[2] - before[2])


def check_interrupted(title, begin, program):
    event = program.wait("interrupted", SAID_S)
    check(f"{title}: said within {SAID_S} s ({event['seen_at'] - begin:.1f} s)",
          lambda seconds: seconds <= SAID_S, event["seen_at"] - begin)
    program.wait("disconnected", SAID_S)


def check_half(title, lab, host):
    """No half a file has the name of the whole, but what has come is kept."""
    got = lab.got(host)
    check(f"{title}: no half a file has its final name", [], clients.whole_names(got))
    check(f"{title}: what has come is kept", 1, len(clients.partial_names(got)))


def check_whole(title, lab, host, path):
    got = f"{lab.got(host)}/{os.path.basename(path)}"
    check(f"{title}: it has arrived in the end", True,
          os.path.exists(got) and filecmp.cmp(path, got, shallow=False))
    check(f"{title}: and nothing else", [os.path.basename(path)], os.listdir(lab.got(host)))


def first_file(lab, sender, listener, listener_id, listener_host):
    """One whole file and a hang-up; what both hold then. What a client touches at its first
    transfer stays its own, and no later one should add to it."""
    path = lab.random_file(f"{listener_host}-first.bin", FIRST_SIZE)
    call(sender, listener_id)
    sender.say(f"send {listener_id} {path}")
    for program in sender, listener:
        program.wait("done", TRANSFER_S)
    sender.say(f"hang-up {listener_id}")
    for program in sender, listener:
        program.wait("disconnected", SAID_S)
    os.unlink(f"{lab.got(listener_host)}/{os.path.basename(path)}")
    return programs.settled([sender, listener])


def check_sender_killed(lab):
    title = "the sender is killed"
    path = lab.random_file("sender.bin", SIZE)
    listener, listener_id = lab.listen("sender-a")
    first = lab.caller("sender-b")
    _, before = first_file(lab, first, listener, listener_id, "sender-a")
    first.quit()
    sender = lab.cli("sender-b", "send", listener_id, path)
    listener.wait("progress", CONNECT_S, bytes=lambda n: n > 4 * MIB)
    begin = time.monotonic()
    sender.kill()
    check_interrupted(title, begin, listener)
    check_back(title, before, listener)
    check_half(title, lab, "sender-a")
    small = lab.random_file("small.bin", MIB)
    check(f"{title}: the next file arrives", 0,
          lab.cli("sender-b", "send", listener_id, small).join(CONNECT_S))
    for _ in range(2):  # the first one goes on along with it
        listener.wait("done", TRANSFER_S)
    os.unlink(f"{lab.got('sender-a')}/small.bin")
    check_whole(title, lab, "sender-a", path)
    check(f"{title}: the receiver ends cleanly", 0, listener.end())


def check_receiver_killed(lab):
    title = "the receiver is killed"
    path = lab.random_file("receiver.bin", SIZE)
    listener, listener_id = lab.listen("receiver-a")
    sender = lab.caller("receiver-b")
    before, _ = first_file(lab, sender, listener, listener_id, "receiver-a")
    call(sender, listener_id)
    sender.say(f"send {listener_id} {path}")
    sender.wait("progress", CONNECT_S, bytes=lambda n: n > 4 * MIB)
    begin = time.monotonic()
    listener.kill()
    check_interrupted(title, begin, sender)
    check_back(title, before, sender)
    check_half(title, lab, "receiver-a")
    listener, _ = lab.listen("receiver-a")
    sender.wait("done", TRANSFER_S)
    check_whole(title, lab, "receiver-a", path)
    check(f"{title}: both end cleanly", [0, 0], [listener.end(), sender.quit()])


def check_exit(lab):
    title = "`send` whose receiver stays away"
    path = lab.random_file("exit.bin", SIZE)
    listener, listener_id = lab.listen("exit-a")
    sender = lab.cli("exit-b", "send", listener_id, path, "--timeout", str(TIMEOUT_S))
    sender.wait("progress", CONNECT_S, bytes=lambda n: n > 4 * MIB)
    begin = time.monotonic()
    listener.kill()
    check_interrupted(title, begin, sender)
    status = sender.join(SAID_S)
    check(f"{title}: ends with exit status {EXIT_TRANSFER}", EXIT_TRANSFER, status)
    seconds = time.monotonic() - begin
    check(f"{title}: after --timeout ({seconds:.1f} s)", True,  # GLib rounds to seconds
          TIMEOUT_S - 0.5 <= seconds <= TIMEOUT_S + 15)
    errors = [event["message"] for event in sender.events if event["event"] == "error"]
    check(f"{title}: says that it is kept", True,
          any(f"no new connection within {TIMEOUT_S} s" in text and " is kept and goes on"
              in text for text in errors) or errors)
    check(f"{title}: the store says so too", [("out", "running")],
          [(one["direction"], one["state"]) for one in lab.transfers("exit-b")[1]])
    ends = [lab.listen("exit-a")[0], lab.listen("exit-b")[0]]
    for end in ends:
        end.wait("done", TRANSFER_S)
    check_whole(title, lab, "exit-a", path)
    check(f"{title}: two that listen end cleanly", [0, 0], [end.end() for end in ends])


def check_cut(lab):
    title = "the path is cut"
    path = lab.random_file("cut.bin", SIZE)
    listener, listener_id = lab.listen("cut-a")
    sender = lab.caller("cut-b")
    before = first_file(lab, sender, listener, listener_id, "cut-a")
    call(sender, listener_id)
    sender.say(f"send {listener_id} {path}")
    listener.wait("progress", CONNECT_S, bytes=lambda n: n > 4 * MIB)
    begin = time.monotonic()
    with clients.cut(lab, "cut-b"):
        check_interrupted(f"{title}, the sender", begin, sender)
        check_interrupted(f"{title}, the receiver", begin, listener)
        check_half(title, lab, "cut-a")
    sender.wait("done", TRANSFER_S)
    check_whole(title, lab, "cut-a", path)
    # What a channel holds, and what it takes to call again: this one ends first.
    sender.say(f"hang-up {listener_id}")
    for one, end, program in ((before[0], "sender", sender),
                              (before[1], "receiver", listener)):
        program.wait("disconnected", SAID_S)
        check_back(f"{title}, the {end}", one, program)
    check(f"{title}: both end cleanly", [0, 0], [listener.end(), sender.quit()])


def check_declined(lab):
    path = lab.random_file("declined.bin", MIB)
    listener, listener_id = lab.listen("declined-a", "--accept", "none")
    check(f"a receiver that takes nothing: exit status {EXIT_DECLINED}", EXIT_DECLINED,
          lab.cli("declined-b", "send", listener_id, path).join(CONNECT_S))
    check("it got nothing", [], os.listdir(lab.got("declined-a")))
    check("a receiver that takes nothing ends cleanly", 0, listener.end())


def check_no_path(lab):
    path = lab.random_file("path.bin", MIB)
    listener, listener_id = lab.listen("path-b")
    check(f"`send` without a path: exit status {EXIT_NO_PATH}", EXIT_NO_PATH,
          lab.cli("path-a", "send", listener_id, path, "--no-relay").join(CONNECT_S))
    check("`send` without a path: the peer ends cleanly", 0, listener.end())


def test(net, folder):
    server = programs.Server(net, folder)
    lab = clients.Lab(net, server, folder)
    at_once(lab, check_sender_killed, check_receiver_killed, check_exit, check_cut,
            check_declined, check_no_path)
    check("the server ends cleanly", 0, server.end())


def main():
    argparse.ArgumentParser(
        prog="lab interruption-test", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    def body():
        with programs.folder("lab-interruption-", clients.place(10 * SIZE)) as folder, \
                network.Network(links={name: SLOW for name in SLOWED},
                                **(SLOWED | OTHERS)) as net:
            test(net, folder)

    return clients.conclude(body)


if __name__ == "__main__":
    sys.exit(main())
