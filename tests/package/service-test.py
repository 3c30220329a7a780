#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server as the service runs it: as an unprivileged user with a read-only system.

systemd judges the unit; and the server runs with what the unit says, where no systemd is
process 1: user, capabilities, the view of the file system, descriptors, and the filter of
system calls, of which one that is not allowed kills it here. KNOTHOLE_BUILD names the build
folder. As root, or where user namespaces are allowed.
"""

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "cli"), str(TESTS / "lab")]
import sandbox  # noqa: E402 pylint: disable=wrong-import-position
from harness import BUILD, CLI, SERVER, Program  # noqa: E402 pylint: disable=wrong-import-position

UNIT = BUILD / "data/systemd/knothole-server.service"
CONFIG = BUILD / "data/systemd/server.conf"
EXPOSURE_MOST = 2.0
NOBODY = 65534
STATE = Path("/var/lib/knothole-server")
IP = shutil.which("ip") or "/usr/sbin/ip"


def settings():
    """Key to values of the unit's service, in order."""
    found = {}
    for key, value in re.findall(r"^([A-Za-z]+)=(.*)$", UNIT.read_text(), re.M):
        found.setdefault(key, []).append(value)
    return found


def members(name):
    """The system calls of a set of systemd's, which may hold further sets."""
    if not name.startswith("@"):
        return {name}
    text = subprocess.check_output(["systemd-analyze", "syscall-filter", name], text=True)
    found = set()
    for line in text.splitlines()[1:]:
        word = line.strip()
        if word and not word.startswith("#"):
            found |= members(word)
    return found


def allowed_calls():
    # As systemd does: @default is always among what is allowed.
    calls = members("@default")
    for line in settings()["SystemCallFilter"]:
        for word in line.lstrip("~").split():
            calls = calls - members(word) if line.startswith("~") else calls | members(word)
    return calls


def make_system_read_only():
    """ProtectSystem=strict with StateDirectory=, for this process and its children."""
    subprocess.check_call(["mount", "--make-rprivate", "/"])
    subprocess.check_call(["mount", "-t", "tmpfs", "-o", "mode=755", "lib", "/var/lib"])
    STATE.mkdir()
    place = Path("/var/lib/program")
    place.mkdir()
    shutil.copy(SERVER, place)
    shutil.copy(CONFIG, place)
    shutil.copy(Path(__file__).with_name("filtered.py"), place)
    subprocess.check_call(["mount", "-t", "tmpfs", "-o", "mode=700", "state", str(STATE)])
    if os.geteuid() == 0 and sandbox_is_real_root():
        os.chown(STATE, NOBODY, NOBODY)
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        point = line.split()[4].encode().decode("unicode_escape")
        if point != str(STATE) and not point.startswith(("/proc", "/dev")):
            subprocess.run(["mount", "-o", "remount,bind,ro", point],
                           stderr=subprocess.DEVNULL, check=False)


def sandbox_is_real_root():
    return Path("/proc/self/uid_map").read_text().split()[:3] == ["0", "0", "4294967295"]


def descriptors():
    """What the service may open, or less where this machine gives less."""
    return min(int(settings()["LimitNOFILE"][0]), resource.getrlimit(resource.RLIMIT_NOFILE)[1])


def become_service():
    """In the child, before the program."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, descriptors()))
    os.umask(0o077)


def as_service(*words):
    """A command with the user, the capabilities and the filter of the service."""
    user = ([f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
            if sandbox_is_real_root() else [])
    return ["setpriv", *user, "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all",
            "--no-new-privs", "/usr/bin/python3", "/var/lib/program/filtered.py",
            ",".join(sorted(allowed_calls())), *words]


def service_words(*more):
    """What the unit starts, with the files of the build."""
    words = settings()["ExecStart"][0].split()
    words[0] = "/var/lib/program/knothole-server"
    words[words.index("--config") + 1] = "/var/lib/program/server.conf"
    return as_service(*words, *more)


class Judged(unittest.TestCase):
    def test_exposure(self):
        text = subprocess.check_output(["systemd-analyze", "security", "--offline=true",
                                        str(UNIT)], text=True)
        level = float(re.search(r"exposure level .*: ([\d.]+)", text)[1])
        self.assertLessEqual(level, EXPOSURE_MOST)

    def test_every_line_is_understood(self):
        text = re.sub(r"(?m)^(ExecStart)=.*$", r"\1=/bin/true", UNIT.read_text())
        with tempfile.TemporaryDirectory(prefix="knothole-unit-") as folder:
            path = Path(folder) / "knothole-server.service"
            path.write_text(text)
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(path)],
                                  capture_output=True, text=True, check=False)
        wrong = [line for line in done.stderr.splitlines() if "knothole" in line]
        self.assertEqual((done.returncode, wrong), (0, []))

    def test_the_user_is_made(self):
        text = (TESTS.parent / "data/systemd/knothole-server.sysusers").read_text()
        kind, user, _ = re.search(r"^[ug].*$", text, re.M)[0].split(maxsplit=2)
        self.assertEqual((kind, user), ("u", settings()["User"][0]))
        with tempfile.TemporaryDirectory(prefix="knothole-root-") as root:
            (Path(root) / "etc").mkdir()
            subprocess.run(["systemd-sysusers", f"--root={root}", "-"], input=text, text=True,
                           check=True, capture_output=True)
            passwd = (Path(root) / "etc/passwd").read_text()
        self.assertRegex(passwd, rf"(?m)^{user}:.*:{STATE}:\S*nologin$")

    def test_descriptors_are_enough(self):
        clients = re.search(r"^#max-clients=(\d+)$", CONFIG.read_text(), re.M)[1]
        self.assertGreaterEqual(int(settings()["LimitNOFILE"][0]), 3 * int(clients))

    def test_only_the_place_of_the_key_is_changed(self):
        example = (TESTS.parent / "data/knothole-server.conf").read_text().splitlines()
        config = CONFIG.read_text().splitlines()
        changed = [(old, new) for old, new in zip(example, config, strict=True) if old != new]
        self.assertEqual(changed, [(f"#data-dir={STATE}", f"data-dir={STATE}")])
        self.assertEqual(settings()["StateDirectory"], [STATE.name])


class Running(unittest.TestCase):
    """In namespaces of its own; every test a server."""

    def start(self):
        server = Program(service_words(), preexec_fn=become_service)
        self.addCleanup(server.process.wait)
        self.addCleanup(server.process.kill)
        address = server.wait_for(r"^knothole://\S+:7470/\S+$")[0]
        return server, re.sub(r"//.*:", "//127.0.0.1:", address)

    def client(self, name, address, *words):
        folder = tempfile.mkdtemp(dir=STATE)
        program = Program([CLI, "--data-dir", folder, "--name", name, "--server", address,
                           "--no-port-mapping", "--json", *words])
        self.addCleanup(program.process.wait)
        self.addCleanup(program.process.kill)
        return program

    def test_two_clients_meet_and_it_ends(self):
        server, address = self.start()
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        self.assertRegex(status, r"(?m)^CapBnd:\s0+$")
        self.assertRegex(status, r"(?m)^CapEff:\s0+$")
        self.assertRegex(status, r"(?m)^NoNewPrivs:\s1$")
        self.assertRegex(status, r"(?m)^Seccomp:\s2$")
        if sandbox_is_real_root():
            self.assertRegex(status, rf"(?m)^Uid:(\s{NOBODY}){{4}}$")
        limits = Path(f"/proc/{server.process.pid}/limits").read_text()
        self.assertRegex(limits, rf"Max open files +{descriptors()} +{descriptors()} ")

        bob = self.client("Bob", address, "listen", "--accept", "all")
        bob.wait_for(r'"online"')
        own_id = bob.wait_for(r'"online","id":"(\w+)"')[1]
        ada = self.client("Ada", address, "chat", own_id, "--message", "Hello")
        bob.wait_for(r'"message".*"Hello"')
        self.assertEqual(ada.process.wait(timeout=60), 0)
        nat = self.client("Eve", address, "nat")
        self.assertEqual(nat.process.wait(timeout=60), 0)

        server.process.send_signal(signal.SIGUSR1)
        server.wait_for(r"3 clients|2 clients|1 clients")
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.process.wait(timeout=60), 0)
        bob.process.send_signal(signal.SIGTERM)

    def test_the_address_stays_and_can_be_asked_for(self):
        server, address = self.start()
        key = STATE / "server-key"
        self.assertEqual(key.stat().st_mode & 0o777, 0o600)
        done = subprocess.run(service_words("--print-address"), preexec_fn=become_service,
                              capture_output=True, text=True, check=True)
        self.assertEqual(re.sub(r"//.*:", "//127.0.0.1:", done.stdout.strip()), address)
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.process.wait(timeout=60), 0)

    def test_the_system_is_read_only_and_the_filter_kills(self):
        for path in ("/usr/x", "/etc/x", "/var/lib/x", "/var/lib/program/x"):
            with self.assertRaises(OSError):
                open(path, "xb")  # pylint: disable=consider-using-with
        for words, killed in (["true"], False), (["chroot", "/usr", "true"], True):
            done = subprocess.run(as_service(*words), preexec_fn=become_service, check=False,
                                  capture_output=True)
            self.assertEqual(done.returncode == -signal.SIGSYS, killed, words)


def main():
    judged = unittest.TextTestRunner(verbosity=2).run(
        unittest.defaultTestLoader.loadTestsFromTestCase(Judged))
    # What is below happens where nobody else is.
    sandbox.enter()
    sandbox.unshare(sandbox.CLONE_NEWNET)
    subprocess.check_call([IP, "link", "set", "lo", "up"])
    make_system_read_only()
    running = unittest.TextTestRunner(verbosity=2).run(
        unittest.defaultTestLoader.loadTestsFromTestCase(Running))
    return 0 if judged.wasSuccessful() and running.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
