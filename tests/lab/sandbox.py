# SPDX-License-Identifier: GPL-3.0-or-later
"""A place for the lab that vanishes with the process that made it.

enter() forks twice. The caller of the program keeps a supervisor (nothing but a
wait loop), whose child is process 1 of a new PID and mount namespace, whose
child returns from enter() and goes on with the program:

    supervisor      outside; dies: process 1 gets SIGKILL from the kernel
      process 1     dies: the kernel kills everything in the PID namespace
        program     ends: process 1 ends

Network namespaces made by the program are held by its processes alone, with no
name anywhere, so whatever is killed first, nothing stays behind.

As root no user namespace is made. Otherwise one is, in which the caller keeps
the own user id (so files and D-Bus stay the caller's) and has every capability.
The network outside, the file system and the terminal stay what they were.

Call enter() before any thread is started.
"""

import ctypes
import errno
import os
import select
import signal
import struct
import sys

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 2, 4, 8, 0x4000, 1 << 18
MNT_DETACH = 2
PR_SET_PDEATHSIG = 1
PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 47, 2
CAPABILITY_VERSION_3 = 0x20080522

FORWARDED = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT,
             signal.SIGUSR1, signal.SIGUSR2}

_libc = ctypes.CDLL(None, use_errno=True)


EXIT_IMPOSSIBLE = 77  # what meson takes for "skipped"


class Impossible(Exception):
    """This machine lets this user make no namespaces."""


def _check(result, what):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def unshare(flags):
    """unshare(2), of the calling thread where the flag allows it."""
    _check(_libc.unshare(flags), "unshare")


def die_with_parent():
    """SIGKILL for this process once the thread that forked it ends."""
    _check(_libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")


def exit_status(wait_status):
    """What a shell would call the status that waitpid() gave."""
    code = os.waitstatus_to_exitcode(wait_status)
    return code if code >= 0 else 128 - code


def supervise(child, on_other_end=None):
    """Waits for @child, passing signals on to it; returns its exit status.

    The signals must be blocked already, in every thread (block_signals). What the terminal sends
    has reached the child by itself, so only what a process sent is passed on.
    on_other_end (pid) hears of every other child that ended.
    """
    while True:
        info = signal.sigwaitinfo(FORWARDED | {signal.SIGCHLD})
        if info.si_signo != signal.SIGCHLD:
            if info.si_code <= 0:
                os.kill(child, info.si_signo)
            continue
        ended = {}
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            ended[pid] = status
        if child in ended:
            return exit_status(ended[child])
        for pid in ended:
            if on_other_end is not None:
                on_other_end(pid)


def block_signals():
    return signal.pthread_sigmask(signal.SIG_BLOCK, FORWARDED | {signal.SIGCHLD})


def _keep_capabilities():
    """Makes every capability of the new user namespace survive exec."""
    with open("/proc/sys/kernel/cap_last_cap", encoding="ascii") as file:
        last = int(file.read())
    everything = (1 << (last + 1)) - 1
    low, high = everything & 0xFFFFFFFF, everything >> 32
    header = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
    data = struct.pack("=6I", low, low, low, high, high, high)
    _check(_libc.capset(header, data), "capset")
    for capability in range(last + 1):
        _check(_libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0),
               "prctl")


def _unshare_user():
    uid, gid = os.geteuid(), os.getegid()
    unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"),
                       ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)
    _keep_capabilities()


def _unshare_all():
    try:
        if os.geteuid() == 0:
            try:
                unshare(CLONE_NEWNS | CLONE_NEWPID)
                return
            except PermissionError:
                pass
        _unshare_user()
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EACCES, errno.ENOSPC, errno.ENOSYS):
            raise
        raise Impossible(
            "the NAT lab needs namespaces, and this machine allows none to "
            f"{'root here' if os.geteuid() == 0 else 'this user'} ({error})") from error


def _become_first_process(alive_end):
    """Process 1: own /proc, then a child that is the program."""
    die_with_parent()
    if select.select([alive_end], [], [], 0)[0]:
        os._exit(1)  # the supervisor ended before it was watched
    os.close(alive_end)
    _check(_libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "mount /")
    _check(_libc.mount(b"proc", b"/proc", b"proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, None),
           "mount /proc")


def mount_memory(path, size):
    """A file system in memory of so many bytes at @path, which is gone with the sandbox;
    after enter()."""
    _check(_libc.mount(b"tmpfs", os.fsencode(path), b"tmpfs", MS_NOSUID,
                       f"mode=755,size={size}".encode()), f"mount {path}")


def unmount(path):
    """Also while something in it is open."""
    _check(_libc.umount2(os.fsencode(path), MNT_DETACH), f"unmount {path}")


def empty_run_folder():
    """Nothing but an empty /run from here on, inside; after enter()."""
    _check(_libc.mount(b"tmpfs", b"/run", b"tmpfs", MS_NOSUID, b"mode=755"), "mount /run")


def _take_terminal_back(group):
    """An interactive shell inside may have ended without giving the terminal back."""
    if group is None:
        return
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        os.tcsetpgrp(0, group)
    except OSError:
        pass


def _foreground_group():
    try:
        group = os.tcgetpgrp(0)
    except OSError:
        return None
    return group if group == os.getpgrp() else None


def _fork():
    sys.stdout.flush()
    sys.stderr.flush()
    return os.fork()


def enter():
    """Returns inside the sandbox, in another process. The process that called
    ends with this one's exit status. Raises Impossible."""
    _unshare_all()
    group = _foreground_group()
    old_mask = block_signals()
    alive_end, own_end = os.pipe()

    first = _fork()
    if first != 0:
        os.close(alive_end)
        status = supervise(first)
        os.close(own_end)
        _take_terminal_back(group)
        os._exit(status)

    os.close(own_end)
    try:
        _become_first_process(alive_end)
    except OSError as error:
        print(f"lab: {error}", file=sys.stderr)
        os._exit(1)
    program = _fork()
    if program != 0:
        os._exit(supervise(program))
    signal.pthread_sigmask(signal.SIG_SETMASK, old_mask)
