# SPDX-License-Identifier: GPL-3.0-or-later
"""Knothole's programs on the hosts of a lab.

    server = Server(net, folder)
    alice = Cli(net, "a", server, f"{folder}/alice", "listen", "--accept", "all")
    alice.wait("online", 10)
    event = alice.wait("connected", 20, name="bob")
    alice.end()                                 # SIGTERM; its exit status

A program prints one JSON object a line; a thread of its own reads them, so nothing waits
for the one who reads. wait() looks at the events in order, each once, and raises Late.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time

import network

# A busy machine, a build with the sanitizers.
START_S = 60
END_S = 60
SETTLE_S = 30
QUIET_S = 1
ASSIST_PORT = 7471


_started = []


class Late(Exception):
    """What was waited for did not come in time; the text is for people."""


def end_on_signals():
    """These end the program as an error would, so that it tidies up."""
    def end(number, _frame):
        raise SystemExit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)


def kill_all():
    for process in list(_started):
        if process.poll() is None:
            process.kill()
        process.wait(END_S)


@contextlib.contextmanager
def folder(prefix, parent=None):
    """A folder for the data of programs; at the end both are gone."""
    with tempfile.TemporaryDirectory(prefix=prefix, dir=parent) as path:
        try:
            yield path
        finally:
            kill_all()


def find_program(name):
    build = os.environ.get("KNOTHOLE_BUILD")
    here = os.path.dirname(os.path.abspath(__file__))
    for folder in ([build] if build else []) + [os.path.join(here, "..", "..", "build")]:
        path = os.path.join(folder, "src", name.removeprefix("knothole-"), name)
        if os.access(path, os.X_OK):
            return path
    raise network.LabError(f"{name} is not built: run ./dev build first, or set "
                           "KNOTHOLE_BUILD")


def status_of(pid, field):
    """A field of /proc/PID/status: a number of kB, or of threads."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        return int(re.search(rf"^{field}:\s+(\d+)", file.read(), re.M).group(1))


def is_sanitized(pid):
    """By the program's file: what it needs may not be in its memory yet."""
    with open(f"/proc/{pid}/exe", "rb") as file:
        return b"libasan" in file.read()


def settled(these, before=None):
    """What each of these programs holds once descriptors and threads of all have been the
    same for a while, and as many as @before, if they come to that in time."""
    deadline = time.monotonic() + SETTLE_S
    holds, since = [program.holds() for program in these], time.monotonic()

    def counts(all_held):
        return [held[:2] for held in all_held]

    while time.monotonic() < deadline and (
            time.monotonic() < since + QUIET_S
            or before is not None and counts(holds) != counts(before)):
        time.sleep(0.05)
        now = [program.holds() for program in these]
        if counts(now) != counts(holds):
            since = time.monotonic()
        holds = now
    return holds


class Program:
    """A program on a host, whose standard output is lines of JSON."""

    def __init__(self, net, host, command, listener=None, env=None):
        self.name = " ".join([host, os.path.basename(command[0])])
        self.events = []
        self.lines = []  # what it says on standard error
        self._next = 0
        self._listener = listener
        self._changed = threading.Condition()
        self.process = net.popen(
            host, command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, errors="replace",
            env=os.environ | (env or {}))
        _started.append(self.process)
        self._readers = [threading.Thread(target=target, daemon=True)
                         for target in (self._read_events, self._read_lines)]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self):
        return self.process.pid

    def _read_events(self):
        for line in self.process.stdout:
            try:
                event = json.loads(line)
            except ValueError:
                event = {"event": "text", "text": line.rstrip("\n")}
            event["seen_at"] = time.monotonic()
            with self._changed:
                self.events.append(event)
                self._changed.notify_all()
            if self._listener is not None:
                self._listener(event)
        with self._changed:
            self.events.append({"event": "end of output", "seen_at": time.monotonic()})
            self._changed.notify_all()

    def _read_lines(self):
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))

    def _find(self, kind, members, since):
        for i in range(since, len(self.events)):
            event = self.events[i]
            if event["event"] == kind and all(
                    wanted(event.get(key)) if callable(wanted) else event.get(key) == wanted
                    for key, wanted in members.items()):
                return i
        return None

    def wait(self, kind, timeout_s, anywhere=False, **members):
        """The next event of that kind with these members; those before it are done with.
        Or, @anywhere, one that may have come before, and nothing is done with."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while (found := self._find(kind, members,
                                       0 if anywhere else self._next)) is None:
                left_s = deadline - time.monotonic()
                if left_s <= 0 or self._has_ended():
                    raise Late(f"{self.name}: no '{kind}' within {timeout_s} s; "
                               f"{self.describe()}")
                self._changed.wait(left_s)
            if not anywhere:
                self._next = found + 1
            return self.events[found]

    def _has_ended(self):
        return self.events and self.events[-1]["event"] == "end of output"

    def count(self, kind, **members):
        with self._changed:
            return sum(1 for i in range(len(self.events))
                       if self._find(kind, members, i) == i)

    def describe(self):
        """What it said last."""
        shown = [{key: value for key, value in event.items() if key != "seen_at"}
                 for event in self.events[-3:]]
        return f"last events {shown}, last lines {self.lines[-3:]}"

    def say(self, line):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Late(f"{self.name} has ended; {self.describe()}") from None

    def holds(self):
        """(descriptors, threads, kB of memory)"""
        return (len(os.listdir(f"/proc/{self.pid}/fd")), status_of(self.pid, "Threads"),
                status_of(self.pid, "VmRSS"))

    def join(self, timeout_s=END_S):
        """Waits for it to end by itself; its exit status."""
        try:
            status = self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Late(f"{self.name} did not end within {timeout_s} s; "
                       f"{self.describe()}") from None
        for reader in self._readers:
            reader.join(timeout_s)
        return status

    def end(self, timeout_s=END_S):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.join(timeout_s)

    def kill(self):
        """As if the computer had lost its power, but for the packets its kernel sends."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(END_S)


class Server(Program):
    """@limits: other ones than usual, under their names in its config file. @name: of its
    data folder, where there are several. @arguments: more of them. Where the lab has IPv6
    it has an assist port of each family, unless @arguments say which."""

    def __init__(self, net, folder, limits=None, name="server", public=0, arguments=()):
        command = [find_program("knothole-server"), "--data-dir", f"{folder}/{name}",
                   "--public", network.SERVER_ADDRESSES[public], *arguments]
        if net.has_ipv6 and "--assist" not in arguments:
            command += ["--assist", f"{network.SERVER_ADDRESSES[public]}:{ASSIST_PORT}",
                        "--assist", f"[{network.SERVER_ADDRESSES_6[public]}]:{ASSIST_PORT}"]
        if limits:
            with open(f"{folder}/{name}.conf", "w", encoding="ascii") as file:
                print("[limits]", *(f"{key}={value}" for key, value in limits.items()),
                      sep="\n", file=file)
            command += ["--config", file.name]
        super().__init__(net, "server", command)
        self.address = self.wait("text", START_S)["text"]

    def carried(self):
        """Bytes through the server, in all; once it has ended."""
        numbers = re.search(r"^carried (\d+) bytes in, (\d+) bytes out on main ports, "
                            r"(\d+) bytes in, (\d+) bytes out on assist ports$",
                            "\n".join(self.lines), re.M)
        if numbers is None:
            raise Late(f"the server did not say what it carried; {self.describe()}")
        return sum(int(number) for number in numbers.groups())


class Cli(Program):
    """`knothole-cli --json COMMAND…` with the identity of a data folder."""

    def __init__(self, net, host, server, folder, *command, json_lines=True, **kwargs):
        self.folder = folder
        super().__init__(net, host, [
            find_program("knothole-cli"), "--data-dir", folder, "--server", server.address,
            "--name", os.path.basename(folder), *(["--json"] if json_lines else []),
            *command], **kwargs)

    def identity(self):
        """Once it is online."""
        return self.wait("online", START_S)["id"]


class Caller(Program):
    """The driver in caller.c, which does what say() tells it to."""

    def __init__(self, net, host, server, folder, **kwargs):
        os.makedirs(f"{folder}/got", exist_ok=True)
        self.folder = folder
        super().__init__(net, host, [
            network.find_tool("caller"), f"{folder}/data", server.address,
            os.path.basename(folder), f"{folder}/got"], **kwargs)
        self.id = self.wait("online", START_S)["id"]
        self.wait("ready", START_S)

    def quit(self):
        """Its exit status, which is not 0 when something leaked."""
        self.say("quit")
        return self.join()
