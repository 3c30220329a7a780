#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""What two people rely on once they are connected, with the programs in the lab.

A large file arrives byte for byte, in little memory, past the server, while messages go
both ways. A stranger at the punched address is dropped, and where there is no path, the
reason and what to do next are told.
"""

import argparse
import filecmp
import os
import socket
import statistics
import sys
import threading
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

import clients  # noqa: E402
import network  # noqa: E402
import programs  # noqa: E402
from checks import at_once, check  # noqa: E402
from clients import CONE, CONNECT_S, MIB, SAID_S, TRANSFER_S, PeakMemory, call  # noqa: E402

CARRIED = 64 * 1024  # bytes through the server, in all
IMPOSTOR_PORT = 9999
FILE_SIZE = 1024 * MIB
TALK_SIZE = 48 * MIB
# Of the links of those who do something while a transfer runs, so that it lasts: 7 s.
SLOW = network.Link(delay_ms=5, rate=60_000_000)
EXIT_NO_PATH = 5

# A pair of hosts for each thing that is tried, so that they can be tried at once.
PLAIN = {"big-a": CONE, "big-b": CONE}
SLOWED = {"talk-a": CONE, "talk-b": CONE}
OTHERS = {"stranger-a": CONE, "stranger-b": "full-cone", "path-a": "symmetric",
          "path-b": "symmetric"}


class Chatter:
    """Says a line every few milliseconds until it is stopped."""

    def __init__(self, say):
        self.n_said = 0
        self._say = say
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._stop.wait(0.02):
            try:
                self._say(self.n_said)
            except programs.Late:
                return  # whoever waits for what it should have said tells
            self.n_said += 1

    def stop(self):
        self._stop.set()
        self._thread.join()


# A large file


def check_large_file(lab):
    """Between two `knothole-cli`. The one who receives it talks meanwhile: with the
    sender, and then with somebody else on the sender's host, who talks too."""
    size = FILE_SIZE
    path = lab.random_file("big.bin", size)
    listener, listener_id = lab.listen("big-a")
    said = lab.cli("big-b", "chat", listener_id, "--message", "hello")
    check("a message alone: exit status 0", 0, said.join())
    chat = lab.cli("big-b", "chat", listener_id, identity="second")
    chat.wait("connected", CONNECT_S, path="punched")
    # So that it lasts longer than what is said meanwhile, on the fastest machine too.
    sender = lab.cli("big-b", "send", listener_id, path, "--limit-up", "80M")
    peaks = [(PeakMemory(listener), "the receiver of the large file"),
             (PeakMemory(sender), "its sender")]
    sender.wait("progress", CONNECT_S, bytes=lambda n: n > 0)
    begin = time.monotonic()
    to_sender = Chatter(lambda n: listener.say(f"line {n}"))
    sender.wait("progress", TRANSFER_S, bytes=lambda n: n > 0.2 * size)
    to_sender.stop()
    wait_for_delivered(listener, to_sender.n_said)
    # It answers who wrote last, so the lines from here on are for the other one.
    chat.say("to 0")
    listener.wait("message", SAID_S, anywhere=True, text="to 0")
    chatters = [Chatter(lambda n: chat.say(f"to {n + 1}")),
                Chatter(lambda n: listener.say(f"fro {n}"))]
    sender.wait("progress", TRANSFER_S, bytes=lambda n: n > 0.9 * size)
    for chatter in chatters:
        chatter.stop()
    status = sender.join(TRANSFER_S)
    seconds = sender.events[-1]["seen_at"] - begin
    check(f"{size // MIB} MiB arrive ({size / MIB / seconds:.0f} MiB/s): exit status 0", 0,
          status)
    check("they are the same byte for byte", True, filecmp.cmp(
        path, f"{lab.got('big-a')}/big.bin", shallow=False))
    for peak, title in peaks:
        peak.check(title)
    check_texts(f"{to_sender.n_said} lines typed at the receiver reach the sender",
                [f"line {n}" for n in range(to_sender.n_said)], sender)
    check_chat_beside(chat, listener, *(chatter.n_said for chatter in chatters),
                      n_before=to_sender.n_said)
    check("the receiver ends cleanly", (0, []), (listener.end(), listener.lines))
    os.unlink(path)


def check_texts(title, wanted, program, begin=""):
    check(f"{title} in order, once", wanted, [
        event["text"] for event in program.events
        if event["event"] == "message" and event["text"].startswith(begin)])


def check_chat_beside(chat, listener, n_to, n_fro, n_before):
    """`chat` and `listen` said so many lines each while the file was on its way."""
    check(f"meanwhile {n_to + 1} lines of `chat` and {n_fro} back", lambda n: n > 10,
          min(n_to, n_fro))
    wait_for_delivered(listener, n_before + n_fro)
    wait_for_delivered(chat, n_to + 1)
    check("each line typed at the receiver is acknowledged", n_before + n_fro,
          listener.count("delivered"))
    check("each line of `chat` is acknowledged", n_to + 1, chat.count("delivered"))
    check_texts("those of `chat` arrive", [f"to {n}" for n in range(n_to + 1)], listener,
                begin="to ")
    check_texts("those back arrive", [f"fro {n}" for n in range(n_fro)], chat)
    chat.process.stdin.close()
    check("`chat` ends cleanly at the end of its input", (0, []), (chat.join(), chat.lines))


def wait_for_delivered(program, n):
    """Or until it is late; the check that follows tells."""
    deadline = time.monotonic() + SAID_S
    while program.count("delivered") < n and time.monotonic() < deadline:
        time.sleep(0.02)


def delays_ms(program):
    """From `sending` to `delivered`, of every message."""
    sent = {event["item"]: event["seen_at"] for event in program.events
            if event["event"] == "sending"}
    return [1000 * (event["seen_at"] - sent[event["item"]]) for event in program.events
            if event["event"] == "delivered"]


def check_talk(lab):
    """Messages both ways over the channel that the file runs on."""
    size = TALK_SIZE
    path = lab.random_file("talk.bin", size)
    one, other = lab.caller("talk-a"), lab.caller("talk-b")
    call(one, other.id)
    other.wait("connected", CONNECT_S)
    one.say(f"send {other.id} {path}")
    one.wait("progress", CONNECT_S, bytes=lambda n: n > 0)
    chatters = [Chatter(lambda n: one.say(f"message {other.id} to {n}")),
                Chatter(lambda n: other.say(f"message {one.id} fro {n}"))]
    one.wait("progress", TRANSFER_S, bytes=lambda n: n > 0.8 * size)
    for chatter in chatters:
        chatter.stop()
    one.wait("done", TRANSFER_S)
    check(f"{size // MIB} MiB arrive while both talk", True,
          filecmp.cmp(path, f"{lab.got('talk-b')}/talk.bin", shallow=False))
    for program, to, chatter, word in ((one, other, chatters[0], "to"),
                                       (other, one, chatters[1], "fro")):
        last = f"{word} {chatter.n_said - 1}"
        to.wait("message", SAID_S, anywhere=True, text=last)
        wait_for_delivered(program, chatter.n_said)
        check(f"all {chatter.n_said} messages of {program.name} are acknowledged (median "
              f"{statistics.median(delays_ms(program) or [0]):.1f} ms)",
              lambda n: n == chatter.n_said > 10, program.count("delivered"))
        check_texts(f"and reach {to.name}", [f"{word} {n}" for n in range(chatter.n_said)],
                    to)
    check("both end cleanly", [0, 0], [one.quit(), other.quit()])
    os.unlink(path)


# Somebody else, or nobody


def impostor(net, host, n_caught):
    """Accepts everybody: garbage, a record of garbage, the caller's own words."""
    listener = net.socket(host, socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("", IMPOSTOR_PORT))
    listener.listen(64)

    def answer(sock, number):
        try:
            if number % 3 == 0:
                sock.sendall(os.urandom(4096))
            elif number % 3 == 1:
                sock.sendall((48).to_bytes(2, "big") + os.urandom(48))
            while data := sock.recv(4096):
                sock.sendall(data)
        except OSError:
            pass  # dropped, as it should be

    def serve():
        while True:
            sock, _ = listener.accept()
            n_caught.append(sock)
            threading.Thread(target=answer, args=(sock, len(n_caught)), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()


def check_stranger(lab):
    title = "someone else at the peer's address"
    net, router = lab.net, lab.net.host("router-stranger-b")
    listener, listener_id = lab.listen("stranger-b")
    n_caught = []
    impostor(net, "stranger-b2", n_caught)
    servers = ", ".join(network.SERVER_ADDRESSES)
    router.nft(
        "table ip impostor {\n"
        " chain catch {\n  type nat hook prerouting priority dstnat - 10;\n"
        '  iifname "wan" tcp dport 1024-65535 '
        f"dnat to {net.address('stranger-b2')}:{IMPOSTOR_PORT}\n }}\n"
        " chain mute {\n  type filter hook forward priority filter - 10;\n"
        f"  ip saddr {net.address('stranger-b')} ip daddr != {{ {servers} }} drop\n"
        " }\n}\n")
    caller = lab.cli("stranger-a", "ping", listener_id, "--count", "1", "--no-relay",
                     json_lines=False)
    check(f"{title}: exit status {EXIT_NO_PATH}", EXIT_NO_PATH, caller.join(CONNECT_S))
    check(f"{title}: it was met", lambda n: n > 0, len(n_caught))
    check(f"{title}: the report names it", True,
          any("someone else answered at" in line and line.endswith("ignored")
              for line in caller.lines))
    check(f"{title}: it is the reason", lambda text: "no direct connection to" in text
          and "someone else answered at the peer's address" in text, caller.lines[-1])
    router.nft("delete table ip impostor\n")
    listener.end()
    listener, listener_id = lab.listen("stranger-b")
    check(f"{title}: once it is gone, the call connects", 0,
          lab.cli("stranger-a", "ping", listener_id, "--count", "1").join(CONNECT_S))
    check(f"{title}: the peer ends cleanly", 0, listener.end())


def check_no_path(lab):
    title = "two symmetric routers"
    listener, listener_id = lab.listen("path-b")
    begin = time.monotonic()
    caller = lab.cli("path-a", "ping", listener_id, "--count", "1",
                     "--no-relay")
    check(f"{title}: exit status {EXIT_NO_PATH}", EXIT_NO_PATH, caller.join(CONNECT_S))
    check(f"{title}: within 15 s", lambda seconds: seconds <= 15, time.monotonic() - begin)
    reason = [event["message"] for event in caller.events if event["event"] == "error"][-1:]
    check(f"{title}: the reason and a next step", True,
          any("both routers give every connection another port" in text
              for text in reason) or reason)
    check(f"{title}: the peer says so too and stays", lambda event: event is not None,
          listener.wait("error", CONNECT_S, code=EXIT_NO_PATH))
    check(f"{title}: it ends cleanly", 0, listener.end())


def test(net, folder):
    server = programs.Server(net, folder)
    lab = clients.Lab(net, server, folder)
    at_once(lab, check_large_file)
    at_once(lab, check_talk, check_stranger, check_no_path)
    check("the server ends cleanly", 0, server.end())
    check(f"it has carried less than {CARRIED} bytes ({server.carried()})",
          lambda n: n < CARRIED, server.carried())


def main():
    argparse.ArgumentParser(
        prog="lab transfer-test", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    def body():
        with programs.folder("lab-transfer-",
                             clients.place(2 * FILE_SIZE)) as folder, network.Network(
                links={name: SLOW for name in SLOWED},
                behind={"stranger-b2": "stranger-b"},
                **(PLAIN | SLOWED | OTHERS)) as net:
            test(net, folder)

    return clients.conclude(body)


if __name__ == "__main__":
    sys.exit(main())
