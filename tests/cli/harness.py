# SPDX-License-Identifier: GPL-3.0-or-later
"""Real programs over loopback, for the tests of knothole-cli from outside.

KNOTHOLE_BUILD names the build folder. Every wait has a deadline, none is a mere sleep.
"""

import codecs
import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

BUILD = Path(os.environ.get("KNOTHOLE_BUILD", "build")).resolve()
CLI = BUILD / "src/cli/knothole-cli"
SERVER = BUILD / "src/server/knothole-server"

DEADLINE_S = 60
# Root reads and writes everything; without these it does not.
POWERLESS = (["setpriv", "--bounding-set=-dac_override,-dac_read_search",
              "--inh-caps=-dac_override,-dac_read_search"] if os.geteuid() == 0 else [])
EVENTS = {"online", "peer", "punch", "connected", "disconnected", "message", "delivered",
          "offer", "declined", "progress", "file", "file-failed", "restarted", "transfer",
          "interrupted", "done", "pong", "nat", "error"}

# What one machine does in these tests, thirty homes would do.
LIMITS = """[limits]
joins-per-minute=100000
handshakes-per-second=100000
half-open-per-address=10000
presence-ms=50
"""


def wait_until(what, judge):
    """The first true value of @judge; fails with @what after the deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        value = judge()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"in {DEADLINE_S} s: {what() if callable(what) else what}")


class Program:
    """A process whose output is gathered line by line."""

    def __init__(self, arguments, stdin=subprocess.DEVNULL, **more):
        self.process = subprocess.Popen([str(word) for word in arguments], stdin=stdin,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
        self.out = []
        self.err = []
        self.readers = [threading.Thread(target=self.read, args=pair, daemon=True)
                        for pair in ((self.process.stdout, self.out),
                                     (self.process.stderr, self.err))]
        for reader in self.readers:
            reader.start()

    @staticmethod
    def read(stream, lines):
        for line in stream:
            lines.append(line.decode("utf-8", "backslashreplace").rstrip("\n"))

    def said(self):
        return "\n".join(self.out + self.err)

    def wait_for(self, pattern):
        """The match of @pattern in a line of either stream."""
        def find():
            for line in self.out + self.err:
                match = re.search(pattern, line)
                if match:
                    return match
            return None
        return wait_until(lambda: f"nothing like {pattern!r} in:\n{self.said()}", find)

    def wait_event(self, event, **members):
        def find():
            for line in list(self.out):
                value = json.loads(line)
                if value["event"] == event and members.items() <= value.items():
                    return value
            return None
        return wait_until(lambda: f"no {event} {members} in:\n{self.said()}", find)

    def type(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def finish(self):
        status = self.process.wait(DEADLINE_S)
        for reader in self.readers:
            reader.join(DEADLINE_S)
        return status

    def stop(self, number=signal.SIGINT):
        self.process.send_signal(number)
        return self.finish()

    def clean_up(self):
        if self.process.poll() is None:
            self.process.kill()
        self.finish()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


class TerminalProgram:
    """The same on a terminal."""

    def __init__(self, arguments, **more):
        self.master, terminal = pty.openpty()
        self.process = subprocess.Popen([str(word) for word in arguments], stdin=terminal,
                                        stdout=terminal, stderr=terminal,
                                        start_new_session=True, **more)
        os.close(terminal)
        self.text = ""
        # A character may come in two parts.
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def read_some(self):
        if select.select([self.master], [], [], 0.01)[0]:
            try:
                self.text += self.decoder.decode(os.read(self.master, 65536))
            except OSError:  # nobody has the terminal open any more
                pass

    def wait_for(self, pattern):
        def find():
            self.read_some()
            return re.search(pattern, self.text)
        return wait_until(lambda: f"nothing like {pattern!r} in:\n{self.text}", find)

    def type(self, text):
        os.write(self.master, text.encode())

    def finish(self):
        def ended():
            self.read_some()
            return self.process.poll() is not None
        wait_until(lambda: f"it has not ended:\n{self.text}", ended)
        return self.process.returncode

    def clean_up(self):
        if self.process.poll() is None:
            self.process.kill()
        self.finish()
        os.close(self.master)


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="knothole-cli-"))
        cls.folder.chmod(0o755)
        cls.server, cls.address = cls.start_server("server")

    @classmethod
    def tearDownClass(cls):
        cls.server.clean_up()
        shutil.rmtree(cls.folder)

    @classmethod
    def start_server(cls, name):
        config = cls.folder / "server.ini"
        config.write_text(LIMITS)
        server = Program([SERVER, "--config", config, "--data-dir", cls.folder / name,
                          "--listen", "127.0.0.1:0", "--assist", "127.0.0.1:0"])
        wait_until(lambda: f"the server says: {server.said()}",
                   lambda: server.out or server.process.poll() is not None)
        return server, server.out[0]

    def setUp(self):
        self.here = Path(tempfile.mkdtemp(dir=self.folder))
        self.here.chmod(0o755)
        self.env = dict(os.environ, XDG_DATA_HOME=str(self.here / "data"), TERM="xterm")
        self.env.pop("NO_COLOR", None)

    def closed_port(self):
        """On which nobody answers; nobody else can take it while the test runs."""
        sock = socket.socket()
        self.addCleanup(sock.close)
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]

    def command(self, who, *words, server=None):
        return [CLI, "--data-dir", self.here / who, "--name", who.capitalize(), "--server",
                server or self.address, "--room", self.here.name, *words]

    def start(self, who, *words, server=None, powerless=False, **more):
        more.setdefault("env", self.env)
        more.setdefault("cwd", self.here)
        command = self.command(who, *words, server=server)
        program = Program((POWERLESS if powerless else []) + command, **more)
        self.addCleanup(program.clean_up)
        return program

    def start_on_terminal(self, who, *words):
        program = TerminalProgram(self.command(who, *words), env=self.env, cwd=self.here)
        self.addCleanup(program.clean_up)
        return program

    def run_cli(self, who, *words, status=0, **more):
        program = self.start(who, *words, **more)
        got = program.finish()
        self.assertEqual(status, got, f"{words}:\n{program.said()}")
        return program

    def id_of(self, who):
        return self.run_cli(who, "id").out[0]

    def listen(self, who, *words, **more):
        """Somebody who is online with --json when this returns."""
        folder = self.received(who)
        folder.mkdir(exist_ok=True)
        program = self.start(who, "listen", "--json", "--save-to", folder, *words, **more)
        program.wait_event("online")
        # Others see who is there a moment after the server does.
        self.wait_visible(program.wait_event("online")["id"])
        return program

    def wait_visible(self, peer_id):
        def judge():
            seen = Program(self.command("watcher", "peers"), env=self.env)
            seen.finish()
            seen.clean_up()
            return peer_id in seen.said()
        wait_until(f"{peer_id} is seen by nobody", judge)

    def texts(self, program, last):
        """What it was told until this text came."""
        program.wait_event("message", text=last)
        return [value["text"] for value in map(json.loads, list(program.out))
                if value["event"] == "message"]

    def wait_files(self, who, n):
        """Until so many are left, whole or not; their paths."""
        def files():
            return list(self.received(who).iterdir())
        wait_until(lambda: f"not {n}: {files()}", lambda: len(files()) == n)
        return files()

    def received(self, who):
        return self.here / f"{who}-files"

    def write(self, name, data):
        path = self.here / name
        path.write_bytes(data)
        return path
