# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenSSH as a contestant: a server of our own at the receiver, nothing of the system's.

Keys and configuration live in a folder of the benchmark's, and all else is said on the
command line, so neither the computer's server nor anybody's ~/.ssh is touched or read.
"""

import contextlib
import os
import pathlib
import pwd
import signal
import statistics
import subprocess
import time

import sandbox
from measuring import DEADLINE_S, Failed, Watched, wait_for_all
from places import SSH_PORT, wait_until_listening

CIPHER = "aes128-gcm@openssh.com"
SSHD = "/usr/sbin/sshd"
SFTP_SERVER = "/usr/lib/openssh/sftp-server"
# Where sshd puts the process that talks to strangers, when root runs it.
EMPTY_ROOT = pathlib.Path("/run/sshd")
N_SETUPS = 5


class Ssh:
    def __init__(self):
        self.folder = None
        self.user = pwd.getpwuid(os.geteuid()).pw_name

    @contextlib.contextmanager
    def prepare(self, place, folder):
        if not pathlib.Path(SSHD).exists():
            raise Failed("sshd is not there: ./dev bench installs it")
        self.folder = folder / "ssh"
        self.folder.mkdir()
        for key in ("host-key", "user-key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                            str(self.folder / key)], check=True)
        if os.geteuid() == 0 and not EMPTY_ROOT.is_dir():
            sandbox.empty_run_folder()
            EMPTY_ROOT.mkdir(mode=0o755)
        yield

    @contextlib.contextmanager
    def server(self, place):
        """As it stands before somebody comes; end_server() ends it in time."""
        server = Watched(place.popen("recv", [
            SSHD, "-D", "-e", "-f", "/dev/null", "-p", str(SSH_PORT),
            "-h", str(self.folder / "host-key"),
            *_options(AuthorizedKeysFile=self.folder / "user-key.pub", PidFile="none",
                      StrictModes="no", UsePAM="no", PermitRootLogin="yes", UseDNS="no",
                      PasswordAuthentication="no", KbdInteractiveAuthentication="no",
                      LogLevel="ERROR", Ciphers=CIPHER),
            "-o", f"Subsystem sftp {SFTP_SERVER}"]))
        try:
            wait_until_listening(place, SSH_PORT)
            yield server
        finally:
            server.kill()

    def end_server(self, server):
        """Once whoever it served is gone: then their CPU time is the server's."""
        deadline = time.monotonic() + DEADLINE_S
        while len(server.processes()) > 1:
            if time.monotonic() > deadline:
                raise Failed("sshd does not end its sessions")
            server.look()
            time.sleep(0.005)
        server.process.send_signal(signal.SIGTERM)
        while not server.look():
            time.sleep(0.005)

    def options(self):
        """Of ssh and scp."""
        return ["-F", "none", "-i", str(self.folder / "user-key"),
                *_options(Ciphers=CIPHER, Compression="no", BatchMode="yes",
                          IdentitiesOnly="yes", IdentityAgent="none",
                          StrictHostKeyChecking="no", UserKnownHostsFile="/dev/null",
                          GlobalKnownHostsFile="/dev/null", LogLevel="ERROR",
                          Port=SSH_PORT)]

    def destination(self, place):
        return f"{self.user}@{place.receiver_address()}"


def _options(**options):
    return [word for key, value in options.items() for word in ("-o", f"{key}={value}")]


class Scp:
    """Counted is the time beyond that of an empty file: as of Knothole, not until the
    channel stands. CPU time is that of everything."""

    name = "scp"

    def __init__(self):
        self.ssh = Ssh()
        self.setup_s = 0.0

    @contextlib.contextmanager
    def prepare(self, place, folder):
        with self.ssh.prepare(place, folder):
            empty = self.ssh.folder / "empty"
            empty.touch()
            with self.ssh.server(place):
                self.setup_s = statistics.median(
                    self._copy(place, empty, self.ssh.folder / "got")[0]
                    for _ in range(N_SETUPS))
            yield

    def _copy(self, place, source, target, server=()):
        begin = time.monotonic()
        sender = Watched(place.popen("send", [
            "scp", "-q", *self.ssh.options(), str(source),
            f"{self.ssh.destination(place)}:{target}"]))
        try:
            wait_for_all([sender], server)
            return time.monotonic() - begin, sender
        finally:
            sender.kill()

    def transfer(self, place, _cipher, source, folder):
        with self.ssh.server(place) as server:
            took_s, sender = self._copy(place, source, folder / "received", [server])
            self.ssh.end_server(server)
        return took_s - self.setup_s, sender, server
