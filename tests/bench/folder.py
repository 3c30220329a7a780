# SPDX-License-Identifier: GPL-3.0-or-later
"""bench folder: 10,000 small files against tar over ssh, and 100,000 empty ones.

Everything lies in memory (tmpfs). Counted is the time from the start of the command at the
sender to its end, for Knothole with its log-in, its punch and its waiting for the last file
to be in place; the receiver is running, as sshd is. tar over ssh crosses the same two NATs.
"""

import argparse
import contextlib
import filecmp
import json
import os
import shlex
import shutil
import statistics
import subprocess
import time

import places
from contestants import Cli
from measuring import (DEADLINE_S, MEMORY_AT_MOST_MIB, Failed, Wanted, Watched,
                       folder_in_memory, ratio)
from ssh import Ssh

N_FILES = 10_000
FILE_LEN = 4096
FILES_A_FOLDER = 100
N_EMPTY = 100_000
EMPTY_A_FOLDER = 1000
TIME_AT_MOST = 0.8
FEW = 10  # of what differs is named


def make_tree(top, n_files, a_folder, file_len):
    """Of two levels, @a_folder files in each folder of the second."""
    for number in range(n_files):
        folder = number // a_folder
        path = top / f"part-{folder // 10}" / f"folder-{folder}" / f"file-{number}"
        if number % a_folder == 0:
            path.parent.mkdir(parents=True)
        path.write_bytes(os.urandom(file_len))


def names_in(top):
    """Of files and folders, beneath @top."""
    return {os.path.relpath(os.path.join(folder, name), top)
            for folder, folders, files in os.walk(top) for name in folders + files}


def compare(contestant, source, target):
    different = names_in(source) ^ names_in(target)
    if different:
        raise Failed(f"{contestant.name}: {len(different)} names differ, as "
                     f"{', '.join(sorted(different)[:FEW])}")
    files = [name for name in names_in(source) if os.path.isfile(source / name)]
    _, mismatch, errors = filecmp.cmpfiles(source, target, files, shallow=False)
    if mismatch or errors:
        raise Failed(f"{contestant.name}: {len(mismatch + errors)} files differ")


def run_to_end(place, command, receiver):
    """Its time and the process; what it prints counts only when it fails."""
    begin = time.monotonic()
    sender = Watched(place.popen("send", command, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE))
    try:
        while not sender.look():
            receiver.look()
            if time.monotonic() > begin + DEADLINE_S:
                raise Failed(f"{sender.name}: not ready within {DEADLINE_S} s")
            time.sleep(0.002)
        took_s = time.monotonic() - begin
        if sender.status != 0:
            said = sender.process.stderr.read().decode(errors="replace").strip()
            raise Failed(f"{sender.name} does not send the folder (exit status "
                         f"{sender.status}): {said}")
        return took_s, sender
    finally:
        sender.kill()
        sender.process.stderr.close()


class Knothole:
    name = "knothole"

    def __init__(self):
        self.cli = Cli()

    def prepare(self, place, folder):
        return self.cli.prepare(place, folder)

    def transfer(self, place, tree, target):
        with self.cli.receiver(place, target) as (receiver, peer):
            took_s, sender = run_to_end(
                place, self.cli.command("send", "send", peer, str(tree)), receiver)
            self.cli.end_receiver(receiver)
        return took_s, sender, receiver


class TarOverSsh:
    name = "tar | ssh"

    def __init__(self):
        self.ssh = Ssh()

    def prepare(self, place, folder):
        return self.ssh.prepare(place, folder)

    def transfer(self, place, tree, target):
        ssh = ["ssh", *self.ssh.options(), self.ssh.destination(place),
               shlex.join(["tar", "-x", "-C", str(target)])]
        command = (f"set -o pipefail; {shlex.join(['tar', '-C', str(tree.parent), '-c'])} "
                   f"{shlex.quote(tree.name)} | {shlex.join(ssh)}")
        with self.ssh.server(place) as server:
            took_s, sender = run_to_end(place, ["bash", "-c", command], server)
            self.ssh.end_server(server)
        return took_s, sender, server


def one_round(contestant, place, tree, folder, check):
    target = folder / "target"
    target.mkdir()
    try:
        took_s, sender, receiver = contestant.transfer(place, tree, target)
        if check:
            compare(contestant, tree.parent, target)
        return {"s": took_s, "cpu_s": sender.cpu_s + receiver.cpu_s,
                "sender_kib": sender.peak_kib, "receiver_kib": receiver.peak_kib}
    finally:
        shutil.rmtree(target)


def measure_small(options, place, folder, contestants):
    tree = folder / "small" / "tree"
    make_tree(tree, N_FILES, FILES_A_FOLDER, FILE_LEN)
    results = {one.name: [] for one in contestants}
    # The first round warms up and is compared, not counted.
    for number in range(options.rounds + 1):
        for one in contestants:
            result = one_round(one, place, tree, folder, number == 0)
            if number > 0:
                results[one.name].append(result)
    shutil.rmtree(tree.parent)
    return results


def measure_empty(place, folder, ours):
    tree = folder / "empty" / "tree"
    make_tree(tree, N_EMPTY, EMPTY_A_FOLDER, 0)
    return one_round(ours, place, tree, folder, True)


def demand(small, empty):
    wanted = Wanted()
    if small:
        wanted.at_most(f"{N_FILES} files: time against tar over ssh",
                       ratio("s", small[Knothole.name], small[TarOverSsh.name]),
                       TIME_AT_MOST, " ×")
    if empty:
        for end in ("sender", "receiver"):
            wanted.at_most(f"{N_EMPTY} empty files: memory of the {end}",
                           empty[f"{end}_kib"] / 1024, MEMORY_AT_MOST_MIB, " MiB")
    return wanted


def print_line(title, rounds):
    print(f"{title:26} {statistics.median(one['s'] for one in rounds):6.2f} s "
          f"{min(one['s'] for one in rounds):6.2f} s "
          f"{statistics.median(one['cpu_s'] for one in rounds):7.2f} s "
          f"{max(one['sender_kib'] for one in rounds) / 1024:15.1f}, "
          f"{max(one['receiver_kib'] for one in rounds) / 1024:.1f} MiB")


def report(options, small, empty):
    wanted = demand(small, empty)
    if options.json:
        print(json.dumps({"small": small, "empty": empty, "figures": wanted.figures}))
        return wanted.all_reached()
    print(f"{'':26} {'median':>8} {'fastest':>8} {'CPU':>9} "
          f"{'memory of sender, receiver':>27}")
    for name, rounds in small.items():
        print_line(f"{N_FILES} files, {name}", rounds)
    if empty:
        print_line(f"{N_EMPTY} empty, knothole", [empty])
    wanted.print()
    return wanted.all_reached()


def main(arguments):
    """Whether every figure was reached."""
    parser = argparse.ArgumentParser(prog="bench folder")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--only", choices=("small", "empty"),
                        help="the small files or the empty ones alone")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)

    ours, tar = Knothole(), TarOverSsh()
    with places.lab() as place, folder_in_memory() as folder, \
            contextlib.ExitStack() as prepared:
        for one in (ours, tar):
            prepared.enter_context(one.prepare(place, folder))
        if not options.json:
            print(f"{options.rounds} rounds, {place.name}, "
                  f"{places.congestion_control(place)}", flush=True)
        small = {} if options.only == "empty" else measure_small(
            options, place, folder, [tar, ours])
        empty = None if options.only == "small" else measure_empty(place, folder, ours)
        return report(options, small, empty)
