# SPDX-License-Identifier: GPL-3.0-or-later
"""bench transfer: one large file, against the pump and against scp.

Files lie in memory (tmpfs). A file of more than 2 GiB would take too much of it twice:
then the source is a sparse file with a random MiB in every GiB, which takes no memory and
costs no less to encrypt, and what arrives lies on disk. There Knothole's end waits for the
disk and nobody else's does, so in such a run it runs alone, without a warm-up, each round
is compared, and only memory is demanded. Every other run of the client ends with one such
round of the largest size.
CPU is user and system time of both ends; what the kernel does for the routers belongs to
nobody.
"""

import argparse
import contextlib
import filecmp
import json
import os
import pathlib
import shutil
import statistics
import tempfile

import places
from contestants import Cli, Simple
from measuring import (BUILD, MEMORY_AT_MOST_MIB, Failed, Wanted, empty_peak_kib,
                       folder_in_memory, ratio)
from ssh import Scp

MIB = 2**20
CIPHERS = ("chachapoly", "aesgcm")
# Speed as multiples of the pump with this cipher, CPU as multiples of the pump with the
# same cipher.
YARDSTICK = "chachapoly"
SPEED_AT_LEAST = {"chachapoly": 1.0, "aesgcm": 1.25}
CPU_AT_MOST = 1.1
SCP_AT_LEAST = 2.0
SCP_CIPHER = "aes128-gcm"
IN_MEMORY_MAX_MIB = 2048
LARGEST_MIB = 8192


def make_source(path, size_mib):
    is_sparse = size_mib > IN_MEMORY_MAX_MIB
    with path.open("wb") as file:
        for at in range(0, size_mib, 1024 if is_sparse else 1):
            file.seek(at * MIB)
            file.write(os.urandom(MIB))
        file.truncate(size_mib * MIB)


def one_round(contestant, place, cipher, source, folder, check):
    target = folder / "target"
    target.mkdir()
    try:
        took_s, sender, receiver = contestant.transfer(place, cipher, source, target)
        if check:
            arrived = [path for path in target.iterdir() if not path.name.startswith(".")]
            if len(arrived) != 1 or not filecmp.cmp(source, arrived[0], shallow=False):
                raise Failed(f"{contestant.name}: the file is not the same")
        return {"s": took_s, "cpu_s": sender.cpu_s + receiver.cpu_s,
                "sender_kib": sender.peak_kib, "receiver_kib": receiver.peak_kib}
    finally:
        shutil.rmtree(target)


def summary(rounds, n_bytes):
    median_s = statistics.median(one["s"] for one in rounds)
    return {"median_s": median_s, "min_s": min(one["s"] for one in rounds),
            "mb_per_s": n_bytes / median_s / 1e6,
            "cpu_s_per_gb": statistics.median(one["cpu_s"] for one in rounds)
            / n_bytes * 1e9,
            "sender_mib": max(one["sender_kib"] for one in rounds) / 1024,
            "receiver_mib": max(one["receiver_kib"] for one in rounds) / 1024}


def ratios_of(cipher, ours, results):
    """@results: {(contestant's name, cipher): its rounds}."""
    mine, pump = results[ours.name, cipher], results.get(("pump", cipher))
    if pump is None:
        return {}
    yardstick = results.get(("pump", YARDSTICK), pump)
    found = {"speed": ratio("s", yardstick, mine),
             "speed_same_cipher": ratio("s", pump, mine),
             "cpu": ratio("cpu_s", mine, pump)}
    if ("scp", SCP_CIPHER) in results:
        found["speed_scp"] = ratio("s", results["scp", SCP_CIPHER], mine)
    return found


def demand_memory(wanted, rounds, when=""):
    for end in ("sender", "receiver"):
        peak_kib = max(one[f"{end}_kib"] for one in rounds)
        wanted.at_most(f"memory of the {end}{when}", peak_kib / 1024, MEMORY_AT_MOST_MIB,
                       " MiB")


def demand(options, ours, results, ratios, large):
    wanted = Wanted()
    for cipher, found in ratios.items():
        if ("pump", YARDSTICK) in results:
            wanted.at_least(f"{cipher}: speed against the pump with {YARDSTICK}",
                            found["speed"], SPEED_AT_LEAST[cipher], " ×")
        # Two clients agree on AES-GCM where both can, as the two ends of scp do.
        if "speed_scp" in found and cipher == options.cipher[-1]:
            wanted.at_least(f"{cipher}: speed against scp with {SCP_CIPHER}",
                            found["speed_scp"], SCP_AT_LEAST, " ×")
        elif "speed_scp" in found and not options.json:
            print(f"{cipher}: speed {found['speed_scp']:.2f} × scp with {SCP_CIPHER}")
        if "cpu" in found:
            wanted.at_most(f"{cipher}: CPU against the pump with the same", found["cpu"],
                           CPU_AT_MOST, " ×")
    if ours.name == Cli.name:
        demand_memory(wanted, [one for cipher in options.cipher
                               for one in results[ours.name, cipher]])
    if large:
        demand_memory(wanted, large, f" at {LARGEST_MIB} MiB")
    return wanted


def report(options, ours, results, large):
    """@large: the rounds with the largest file, beside the others."""
    lines = {key: summary(rounds, options.size * MIB) for key, rounds in results.items()}
    ratios = {cipher: ratios_of(cipher, ours, results) for cipher in options.cipher}
    wanted = demand(options, ours, results, ratios, large)
    if options.json:
        print(json.dumps({"mib": options.size, "rounds": options.rounds, "ratios": ratios,
                          "contestants": [{"name": name, "cipher": cipher, **line}
                                          for (name, cipher), line in lines.items()],
                          "figures": wanted.figures}))
        return wanted.all_reached()
    print(f"{'':22} {'median':>8} {'fastest':>8} {'MB/s':>6} {'CPU s/GB':>9} "
          f"{'memory of sender, receiver':>27}")
    for (name, cipher), line in lines.items():
        print(f"{name:10} {cipher:11} {line['median_s']:6.2f} s {line['min_s']:6.2f} s "
              f"{line['mb_per_s']:6.0f} {line['cpu_s_per_gb']:9.2f} "
              f"{line['sender_mib']:15.1f}, {line['receiver_mib']:.1f} MiB")
    for cipher, found in ratios.items():
        if found:
            print(f"{cipher}: speed {found['speed_same_cipher']:.2f} × pump with the same")
    wanted.print()
    return wanted.all_reached()


def opponents(options, ours):
    """(contestant, cipher), in the order of a round."""
    if options.size > IN_MEMORY_MAX_MIB:
        return [(ours, cipher) for cipher in options.cipher]
    turns = [(one, cipher) for cipher in options.cipher
             for one in (ours, Simple("pump", "pump", "received"))]
    return turns + ([(Scp(), SCP_CIPHER)] if options.over == "lab" else [])


@contextlib.contextmanager
def folder_for(size_mib):
    """(of the source and all else, of what arrives)"""
    with folder_in_memory() as folder:
        if size_mib <= IN_MEMORY_MAX_MIB:
            yield folder, folder
            return
        with tempfile.TemporaryDirectory(prefix="knothole-bench-") as on_disk:
            yield folder, pathlib.Path(on_disk)


def measure(turns, place, size_mib, n_rounds):
    results = {(one.name, cipher): [] for one, cipher in turns}
    with folder_for(size_mib) as (folder, on_target), contextlib.ExitStack() as prepared:
        source = folder / "source"
        make_source(source, size_mib)
        for one in dict.fromkeys(one for one, _ in turns):
            prepared.enter_context(one.prepare(place, folder))
        # The first round warms up and is compared, not counted.
        n_warm_up = 1 if size_mib <= IN_MEMORY_MAX_MIB else 0
        for number in range(n_warm_up + n_rounds):
            for one, cipher in turns:
                result = one_round(one, place, cipher, source, on_target,
                                   number == 0 or n_warm_up == 0)
                if number >= n_warm_up:
                    results[one.name, cipher].append(result)
    return results


def measure_large(options, place, ours):
    """One round, for memory alone; none where it is not wanted."""
    if not options.large:
        return []
    cipher = options.cipher[0]
    return measure([(ours, cipher)], place, LARGEST_MIB, 1)[ours.name, cipher]


def run(options, place, ours):
    if not options.json:
        print(f"{options.size} MiB, {options.rounds} rounds, {place.name}, "
              f"{places.congestion_control(place)}; an empty program with the same "
              f"libraries has {empty_peak_kib() / 1024:.1f} MiB", flush=True)
    results = measure(opponents(options, ours), place, options.size, options.rounds)
    return report(options, ours, results, measure_large(options, place, ours))


def parse(arguments):
    parser = argparse.ArgumentParser(prog="bench transfer")
    parser.add_argument("--over", choices=("auto", "lab", "loopback"), default="auto",
                        help="between two clients behind routers, or from process to "
                        "process (default: the lab once there is a client)")
    parser.add_argument("--with", dest="ours", choices=("auto", "cli", "worker"),
                        default="auto", help="what runs against the pump")
    parser.add_argument("--size", type=int, default=1024, metavar="MIB",
                        help=f"1 to {LARGEST_MIB}; above {IN_MEMORY_MAX_MIB} the file is "
                        "sparse, arrives on disk, and only memory counts")
    parser.add_argument("--rounds", type=int, metavar="N",
                        help=f"default: 5; 1 above {IN_MEMORY_MAX_MIB} MiB")
    parser.add_argument("--cipher", action="append", choices=CIPHERS)
    parser.add_argument("--no-large", dest="large", action="store_false",
                        help=f"leave out the round with {LARGEST_MIB} MiB for memory alone "
                        "that follows the others (the client only; it takes so much disk)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    if not 1 <= options.size <= LARGEST_MIB:
        parser.error(f"--size takes 1 to {LARGEST_MIB}")
    if options.rounds is None:
        options.rounds = 5 if options.size <= IN_MEMORY_MAX_MIB else 1
    options.cipher = options.cipher or CIPHERS

    has_cli = (BUILD / "src" / "cli" / "knothole-cli").exists()
    if options.over == "auto":
        options.over = "lab" if has_cli else "loopback"
    if options.ours == "auto":
        options.ours = "cli" if has_cli and options.over == "lab" else "worker"
    if options.ours == "cli" and options.over != "lab":
        parser.error("the client is measured in the lab")
    if options.ours != "cli" or options.size > IN_MEMORY_MAX_MIB:
        options.large = False
    return options


def main(arguments):
    """Whether every figure was reached."""
    options = parse(arguments)
    ours = Cli() if options.ours == "cli" else Simple("worker", "worker-transfer", "")
    if options.over == "loopback":
        return run(options, places.Loopback(), ours)
    with places.lab() as place:
        return run(options, place, ours)
