# SPDX-License-Identifier: GPL-3.0-or-later
"""A disk that is full: told at both ends, and with room made it arrives."""

import contextlib
import os
import time

import clients
import network
import sandbox
import trees
from checks import check
from clients import CONNECT_S, MIB, SAID_S

HOSTS = ("full-a", "full-b", "data-a", "data-b")
# So slow that the disk is full before all has come.
LINK = network.Link(rate=80_000_000)
DISK = 96 * MIB  # of which 16 MiB are left free
DATA_DISK = 8 * MIB
SMALL_FILES = 6000


def wait_for_failed(lab, host, data=None):
    """What is told may be stored a moment later. What it is in the end."""
    deadline = time.monotonic() + CONNECT_S
    while True:
        state = lab.transfers(host, data=data)[1][-1]["state"]
        if state == "failed" or time.monotonic() > deadline:
            return state
        time.sleep(0.05)


def check_full_disk(lab):
    """`full-b` receives into a small file system of its own."""
    title = "a full disk"
    path = lab.random_file("full.bin", 56 * MIB)
    got = lab.got("full-b")
    os.makedirs(got)
    sandbox.mount_memory(got, DISK)
    try:
        fill_disk(lab, title, path, got)
    finally:
        sandbox.unmount(got)


def fill_disk(lab, title, path, got):
    listener, listener_id = lab.listen("full-b")
    sender = lab.caller("full-a")
    clients.call(sender, listener_id)
    sender.say(f"send {listener_id} {path}")
    item = sender.wait("sending", CONNECT_S)["item"]
    # What has come by then leaves no room for all of it once more.
    listener.wait("progress", CONNECT_S, bytes=lambda n: n > 30 * MIB)
    with contextlib.suppress(OSError), open(f"{got}/ballast", "wb", 0) as file:
        while True:
            file.write(bytes(MIB))
    check(f"{title}: the sender hears why", 10,
          sender.wait("transfer-ended", SAID_S, item=item)["status"])
    error = listener.wait("error", SAID_S, transfer=item)["message"]
    check(f"{title}: the receiver says why", True, "disk is full" in error or error)
    check(f"{title}: half a file has no final name", ["ballast"],
          clients.whole_names(got))
    check(f"{title}: both stores say failed", ["failed"] * 2,
          [wait_for_failed(lab, "full-a", data="data"), wait_for_failed(lab, "full-b")])
    os.unlink(f"{got}/ballast")
    received = clients.Received(lab, "full-b")
    check(f"{title}: retry is taken", 0, lab.transfers("full-b", "retry", item)[0])
    listener.wait("done", clients.TRANSFER_S, transfer=item)
    sender.wait("done", clients.TRANSFER_S, item=item)
    check(f"{title}: with room made it arrives", trees.hash_of(path),
          trees.hash_of(f"{got}/full.bin"))
    check(f"{title}: nothing else is left", ["full.bin"], os.listdir(got))
    check(f"{title}: what had come is not sent again ({received.bytes():,} bytes)",
          lambda n: n < 30 * MIB, received.bytes())
    check_too_large(lab, listener, listener_id, sender)
    check(f"{title}: both end cleanly", [0, 0], [sender.quit(), listener.end()])


def check_full_data(lab):
    """The data folder of `data-b` is on a small file system of its own: what has come can't
    be noted any more."""
    data, tree = f"{lab.folder}/data-b/data-b", f"{lab.folder}/small"
    os.makedirs(data)
    os.makedirs(tree)
    for number in range(SMALL_FILES):
        with open(f"{tree}/{number}", "wb") as file:
            file.write(os.urandom(4096))
    sandbox.mount_memory(data, DATA_DISK)
    os.chmod(data, 0o700)
    try:
        fill_data(lab, "a full data folder", data, tree)
    finally:
        sandbox.unmount(data)


def hashes_in(folder):
    return {name: trees.hash_of(f"{folder}/{name}") for name in sorted(os.listdir(folder))}


def fill_data(lab, title, data, tree):
    listener, listener_id = lab.listen("data-b")
    sender = lab.caller("data-a")
    clients.call(sender, listener_id)
    sender.say(f"send {listener_id} {tree}")
    item = sender.wait("sending", CONNECT_S)["item"]
    listener.wait("progress", CONNECT_S, bytes=lambda n: n > 2 * MIB)
    with contextlib.suppress(OSError), open(f"{data}/ballast", "wb", 0) as file:
        while True:
            file.write(bytes(4096))
    check(f"{title}: the sender hears why", 10,
          sender.wait("transfer-ended", SAID_S, item=item)["status"])
    error = listener.wait("error", SAID_S, transfer=item)["message"]
    check(f"{title}: the receiver says why", True, "disk is full" in error or error)
    os.unlink(f"{data}/ballast")
    check(f"{title}: the sender's store says failed", "failed",
          wait_for_failed(lab, "data-a", data="data"))
    check(f"{title}: retry by the sender is taken", 0,
          lab.transfers("data-a", "retry", item, data="data")[0])
    sender.wait("done", clients.TRANSFER_S, item=item)
    check(f"{title}: with room made all of it arrives, once", hashes_in(tree),
          hashes_in(f"{lab.got('data-b')}/small"))
    check(f"{title}: both end cleanly", [0, 0], [sender.quit(), listener.end()])


def check_too_large(lab, listener, listener_id, sender):
    """Now 40 MiB are left."""
    title = "more than there is room for"
    path = lab.random_file("large.bin", 50 * MIB)
    sender.say(f"send {listener_id} {path}")
    item = sender.wait("sending", CONNECT_S)["item"]
    check(f"{title}: the sender hears why", 10,
          sender.wait("transfer-ended", SAID_S, item=item)["status"])
    listener.wait("error", SAID_S, transfer=item)
    check(f"{title}: both stores say failed", ["failed"] * 2,
          [wait_for_failed(lab, "full-a", data="data"), wait_for_failed(lab, "full-b")])
    os.unlink(f"{lab.got('full-b')}/full.bin")
    check(f"{title}: retry by the sender is taken", 0,
          lab.transfers("full-a", "retry", item, data="data")[0])
    listener.wait("done", clients.TRANSFER_S, transfer=item)
    sender.wait("done", clients.TRANSFER_S, item=item)
    check(f"{title}: with room made it arrives", trees.hash_of(path),
          trees.hash_of(f"{lab.got('full-b')}/large.bin"))
