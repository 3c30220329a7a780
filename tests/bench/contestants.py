# SPDX-License-Identifier: GPL-3.0-or-later
"""Who moves files against whom: Knothole's programs, and the small ones beside bench."""

import contextlib
import json
import os
import select
import signal
import subprocess
import time

from measuring import BUILD, DEADLINE_S, Failed, Watched, wait_for_all
from places import PORT, wait_until_listening


class Simple:
    """A program with `recv CIPHER PORT TARGET` and `send CIPHER HOST PORT FILE`."""

    def __init__(self, name, program, target):
        self.name = name
        self.program = str(BUILD / "tests" / "bench" / program)
        self.target = target

    def prepare(self, place, folder):
        return contextlib.nullcontext()

    def transfer(self, place, cipher, source, folder):
        receiver = Watched(place.popen(
            "recv", [self.program, "recv", cipher, str(PORT), str(folder / self.target)]))
        sender = None
        try:
            wait_until_listening(place, PORT)
            begin = time.monotonic()
            sender = Watched(place.popen(
                "send", [self.program, "send", cipher, place.receiver_address(), str(PORT),
                         str(source)]))
            wait_for_all([receiver, sender])
            return time.monotonic() - begin, sender, receiver
        finally:
            for one in filter(None, (receiver, sender)):
                one.kill()


class Cli:
    """knothole-cli with a server."""

    name = "knothole"

    def __init__(self):
        self.program = str(BUILD / "src" / "cli" / "knothole-cli")
        self.server = str(BUILD / "src" / "server" / "knothole-server")
        self.data = None
        self.address = None

    def command(self, side, *arguments):
        return [self.program, "--data-dir", str(self.data / side), "--server", self.address,
                "--name", f"bench-{side}", *arguments]

    @contextlib.contextmanager
    def prepare(self, place, folder):
        self.data = folder
        server = place.popen("server", [
            self.server, "--data-dir", str(folder / "server"), "--listen", "11.7.1.1:7470",
            "--assist", "11.7.1.1:7471"], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        try:
            self.address = server.stdout.readline().split()[0]
            yield
        finally:
            server.terminate()
            server.wait()

    @contextlib.contextmanager
    def receiver(self, place, folder, environment=None):
        """Online, and its identity. What it prints goes to a file: nothing waits for a
        reader, whatever it says about each of many files."""
        printed = self.data / "recv.events"
        with printed.open("wb") as stdout:
            receiver = Watched(place.popen(
                "recv", self.command("recv", "--json", "listen", "--accept", "all",
                                     "--save-to", str(folder)),
                stdin=subprocess.DEVNULL, stdout=stdout,
                env=os.environ | (environment or {})))
        try:
            yield receiver, _identity_in(printed, receiver)
        finally:
            receiver.kill()

    def end_receiver(self, receiver):
        receiver.look()
        receiver.process.send_signal(signal.SIGTERM)
        wait_for_all([receiver])

    def transfer(self, place, cipher, source, folder):
        """Counted is the time from the channel to `done`; the punch is another
        benchmark's."""
        environment = {"KNOTHOLE_CIPHER": cipher}
        with self.receiver(place, folder, environment) as (receiver, peer):
            sender = Watched(place.popen(
                "send", self.command("send", "--json", "send", peer, str(source)),
                stdout=subprocess.PIPE, env=os.environ | environment))
            try:
                events = Events(sender)
                events.wait("connected")
                begin = time.monotonic()
                events.wait("done", [receiver])
                took_s = time.monotonic() - begin
                wait_for_all([sender])
                self.end_receiver(receiver)
                return took_s, sender, receiver
            finally:
                sender.kill()


def _identity_in(printed, receiver):
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        for line in printed.read_text().splitlines(keepends=True):
            event = json.loads(line) if line.endswith("\n") else {"event": None}
            if event["event"] == "online":
                return event["id"]
        if receiver.look():
            break
        time.sleep(0.005)
    raise Failed(f"{receiver.name} does not come online")


class Events:
    """Of a program that prints lines of JSON."""

    def __init__(self, watched):
        self.watched = watched
        self.lines = []
        self.rest = b""

    def wait(self, wanted, others=()):
        """For the next event @wanted; keeps looking at the memory of the @others too."""
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            while self.lines:
                event = json.loads(self.lines.pop(0))
                if event["event"] == wanted:
                    return event
                if event["event"] == "error":
                    raise Failed(f"{self.watched.name}: {event['message']}")
            for one in (self.watched, *others):
                one.look()
            self._read(wanted)
        raise Failed(f"no event '{wanted}'")

    def _read(self, wanted):
        stdout = self.watched.process.stdout
        if not select.select([stdout], [], [], 0.02)[0]:
            return
        chunk = os.read(stdout.fileno(), 65536)
        if not chunk:
            raise Failed(f"{self.watched.name} ended before '{wanted}'")
        *lines, self.rest = (self.rest + chunk).split(b"\n")
        self.lines += lines
