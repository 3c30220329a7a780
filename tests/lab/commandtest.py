#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the command `lab` from outside: exit status, `on`, signals, and that nothing
stays behind whichever of its processes is killed. Once as the user who runs this, and
once more as an ordinary user where that is root.

One line per check, then `N passed, N failed`. Exit status 0 when all passed, 77 where
this machine allows no namespaces at all.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

import sandbox  # noqa: E402

LAB = os.path.join(HERE, "lab")
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
# supervisor, process 1, program, two relays, command
N_PROCESSES = 6
END_S = 30  # far more than any end takes

passed = failed = 0


def check(title, wanted, got):
    global passed, failed
    if wanted == got:
        passed += 1
        print(f"ok    {title}", flush=True)
    else:
        failed += 1
        print(f"FAIL  {title}: wanted {wanted!r}, got {got!r}", flush=True)


# What is running


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def state_and_parent(pid):
    fields = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return (fields[0], int(fields[1])) if fields else ("gone", 0)


def family(root):
    """@root and all below it, parents first."""
    result = [root]
    parents = {pid: state_and_parent(pid)[1] for pid in pids()}
    for pid in result:
        result += sorted(child for child, parent in parents.items() if parent == pid)
    return result


def namespace(path):
    try:
        return os.readlink(path)
    except OSError:
        return ""


def namespaces(process_ids):
    """Every namespace that these processes are in or hold open. Those that have ended
    and only wait to be reaped hold nothing."""
    found = set()
    for pid in process_ids:
        if state_and_parent(pid)[0] == "Z":
            continue
        for folder in ("ns", "fd"):
            try:
                names = os.listdir(f"/proc/{pid}/{folder}")
            except OSError:
                continue
            found |= {namespace(f"/proc/{pid}/{folder}/{name}") for name in names}
    return {name for name in found if name.startswith(("net:[", "pid:[", "mnt:[", "user:["))}


def mounted_namespaces():
    return [line for line in read("/proc/self/mountinfo").splitlines() if "nsfs" in line]


def interfaces():
    return sorted(os.listdir("/sys/class/net"))


# Running the lab


class Lab:
    """`lab @arguments`, as @user, in a folder of its own."""

    def __init__(self, user, *arguments, **kwargs):
        self.folder = tempfile.mkdtemp(prefix="lab-test-")
        if user:
            os.chown(self.folder, 65534, 65534)
        environment = os.environ | {"TMPDIR": self.folder, "HOME": self.folder}
        self.process = subprocess.Popen(
            user + [LAB, *arguments], cwd=self.folder, env=environment, text=True,
            stdin=kwargs.pop("stdin", subprocess.DEVNULL), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, **kwargs)

    def end(self, text=None):
        """(exit status, standard output, standard error, files left)"""
        try:
            out, err = self.process.communicate(text, timeout=120)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
            err += "did not end"
        files = os.listdir(self.folder)
        shutil.rmtree(self.folder)
        return self.process.returncode, out.strip(), err.strip(), files


def status_of(user, *arguments):
    return Lab(user, *arguments).end()[0]


def output_of(user, script):
    return Lab(user, "--", "sh", "-c", script).end()[1]


# The checks


def can(command):
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def check_status(who, user):
    check(f"{who}: the command's exit status is the lab's", 7,
          status_of(user, "--", "sh", "-c", "exit 7"))
    check(f"{who}: of a command killed by SIGTERM: 143", 143,
          status_of(user, "--", "sh", "-c", "kill $$"))
    check(f"{who}: of a command that is not there: 127", 127,
          status_of(user, "--", "no-such-command"))
    status, _, err, _ = Lab(user, "--a", "cone", "--", "true").end()
    check(f"{who}: a profile that is none: 2, and a sentence", (2, True),
          (status, "there is no router profile 'cone'" in err))


def check_on(who, user):
    lab = Lab(user, "--", "on", "a", "cat", stdin=subprocess.PIPE)
    check(f"{who}: on passes standard input and output", (0, "hello", "", []),
          lab.end("hello"))
    check(f"{who}: on passes the exit status", 9,
          status_of(user, "--", "on", "b", "sh", "-c", "exit 9"))
    check(f"{who}: on becomes the command, no process between", "same",
          output_of(user, 'sh -c "echo \\$\\$; exec on a sh -c \'echo \\$\\$\'" | '
                    "uniq | wc -l | sed 's/^1$/same/'"))
    check(f"{who}: on says which hosts there are", 2,
          status_of(user, "--", "on", "nowhere", "true"))
    check(f"{who}: hosts differ", "5",
          output_of(user, "for host in a b server router-a internet; do "
                    "on $host readlink /proc/self/ns/net; done | sort -u | wc -l"))
    check(f"{who}: a file made inside belongs to the caller", ["65534" if user else "0"],
          [output_of(user, "touch f; on a sh -c 'stat -c %u f'; rm f")])


def running(user):
    """A lab whose command runs, and its processes, parents first."""
    lab = Lab(user, "--delay", "1", "--", "sh", "-c", "echo up; exec sleep 100")
    lab.process.stdout.readline()
    return lab, family(lab.process.pid)


def still_there(processes):
    """Those that have not ended within END_S."""
    deadline = time.monotonic() + END_S
    while time.monotonic() < deadline:
        left = [pid for pid in processes if state_and_parent(pid)[0] not in ("gone", "Z")]
        if not left:
            return []
        time.sleep(0.01)
    return left


def check_end(title, user, hit, wanted_status=None):
    """Starts a lab, lets @hit end it, and looks for anything that stayed."""
    before = interfaces(), mounted_namespaces(), os.path.exists("/run/netns")
    outside = namespaces([os.getpid()])
    lab, processes = running(user)
    inside = namespaces(processes) - outside
    hit(processes)
    left = still_there(processes)
    status, _, _, files = lab.end()
    check(f"{title}: no process stays", (N_PROCESSES, []), (len(processes), left))
    everywhere = namespaces(pids())
    check(f"{title}: no namespace stays ({len(inside)} before)", (True, set()),
          (len(inside) > 7 or bool(user), inside & everywhere))
    check(f"{title}: no interface, mount or file stays", (before, []),
          ((interfaces(), mounted_namespaces(), os.path.exists("/run/netns")), files))
    if wanted_status is not None:
        check(f"{title}: exit status {wanted_status}", wanted_status, status)


def check_ends(who, user):
    names = ["the supervisor", "process 1", "the program", "a relay", "the other relay",
             "the command"]
    for i, name in enumerate(names):
        check_end(f"{who}: {name} killed", user,
                  lambda processes, i=i: os.kill(processes[i], signal.SIGKILL))
    for name, status in (("SIGTERM", 143), ("SIGINT", 130), ("SIGHUP", 129)):
        check_end(f"{who}: {name} to the lab", user,
                  lambda processes, name=name: os.kill(processes[0], getattr(signal, name)),
                  status)


def main():
    # Under nohup it is ignored, and so it would be by every lab started here.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    probe = Lab([], "--", "true")
    status, _, err, _ = probe.end()
    if status == sandbox.EXIT_IMPOSSIBLE:
        print(f"skipped: {err}")
        return sandbox.EXIT_IMPOSSIBLE
    users = [("the caller", [])]
    if os.geteuid() == 0:
        if not can(NOBODY + [LAB, "--list-profiles"]):
            print("not checked: an ordinary user, who cannot read this folder")
        elif not can(NOBODY + ["unshare", "-Urnm", "true"]):
            print("not checked: an ordinary user, whom this machine allows no namespaces")
        else:
            users.append(("an ordinary user", NOBODY))
    for who, user in users:
        check_status(who, user)
        check_on(who, user)
        check_ends(who, user)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
