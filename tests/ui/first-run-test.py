#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first minutes of two people who have just installed it."""

import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from pair import CONE, START_S, check, check_comes, run, until, with_options  # noqa: E402


def field(window, name):
    return window.app.find("text", name, timeout=START_S)


def fields(window):
    return sorted(w.seen_name for w in window.app.all("text"))


def damage(address):
    """One letter of the key is another one."""
    return address[:-9] + ("b" if address[-9] == "a" else "a") + address[-8:]


def copied_link(window):
    """The button says for two seconds that it has copied: who has missed it copies again."""
    def says():
        if window.app.has("push button", "Copy"):
            window.press("Copy")
        return window.app.has("push button", "Copied")
    until(says, what="the button to say “Copied”")
    return window.session.clipboard(lambda text: text.startswith("knothole://"))


def sees_each_other(title, one, other):
    check(f"{title}: {one.name} sees {other.name}", True, one.row(other.name).shown())
    check(f"{title}: {other.name} sees {one.name}", True, other.row(one.name).shown())


@with_options(prepared=False)
def test_address_and_invite(pair):
    alice, bob = pair.alice, pair.bob
    alice.app.find("label", "Welcome to Knothole", timeout=START_S)
    check_comes("a name and a server are all that is asked",
                ["Address or invite link", "Your name"], lambda: fields(alice))
    check_comes("a name is proposed", lambda name: name != "",
                lambda: field(alice, "Your name").text)
    alice.screenshot("first-run-1-welcome")

    alice.focus()
    field(alice, "Your name").fill("Alice")
    address = field(alice, "Address or invite link").click()
    wrong = damage(pair.server.address)
    alice.paste(wrong)
    address.reads(wrong)
    alice.session.key("Return")
    alice.sees(re.compile("typing mistake in the server’s key"))
    check_comes("a mistyped address is not dialled", False,
                lambda: alice.button("Join").sensitive())
    alice.screenshot("first-run-2-mistake")
    check("and nothing of it is lost", (wrong, "Alice"),
          (address.text, field(alice, "Your name").text))

    address.click()
    alice.session.key("ctrl+a")
    alice.paste(pair.server.address)
    address.reads(pair.server.address)
    check("an address says where it leads", True,
          alice.sees(re.compile("^Leads to 11.7.1.1")).shown())
    alice.session.key("Return")
    alice.sees("Nobody Is Here Yet", START_S)
    check("Enter joins, and the window says that one is online", True,
          alice.sees("Online", START_S).shown())
    alice.screenshot("first-run-3-alone")

    alice.press("Invite a Friend")
    alice.dialog("Invite a Friend")
    link = copied_link(alice)
    check("an invite is a link with the server's key", True,
          link.startswith("knothole://11.7.1.1/" + pair.server.address.rsplit("/", 1)[1]))
    alice.screenshot("first-run-4-invite")
    alice.session.key("Escape")
    alice.no_dialog()
    bob.focus()
    field(bob, "Your name").fill("Bob")
    bob.press("Paste the link")
    field(bob, "Address or invite link").reads(link)
    bob.sees(re.compile("^(An invite|Leads) to 11.7.1.1"))
    bob.press("Join")
    sees_each_other("joined by invite", alice, bob)


def child_server(pid):
    """The process id of the meeting point that a window has started."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        for child in file.read().split():
            with open(f"/proc/{child}/comm", encoding="utf-8") as name:
                if name.read().startswith("knothole-server"):
                    return int(child)
    return None


def is_gone(pid):
    """It has ended; whoever waits for it may not have looked yet."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


@with_options(a=CONE, b=CONE, behind={"a2": "a"}, hosts=("a", "a2"), prepared=False)
def test_hosting(pair):
    alice, bob = pair.alice, pair.bob
    alice.focus()
    field(alice, "Your name").fill("Alice")
    alice.app.find("list item", re.compile("^Host a meeting point")).click()
    alice.app.find("label", "Your meeting point is open", timeout=START_S)
    alice.screenshot("first-run-5-hosting")
    check("the page says which ports friends elsewhere need", True,
          alice.sees(re.compile("ports 7470 and 7471")).shown())
    link = copied_link(alice)
    check("the invite leads to this computer", True,
          pair.net.address("a") in link)
    server = until(lambda: child_server(alice.app.proc.pid), what="a child of the window")
    check("the meeting point is a child of the window", True, server is not None)
    alice.press("Continue")
    alice.sees("Nobody Is Here Yet", START_S)

    bob.focus()
    field(bob, "Your name").fill("Bob")
    field(bob, "Address or invite link").click()
    bob.paste(link)
    field(bob, "Address or invite link").reads(link)
    bob.session.key("Return")
    sees_each_other("at the meeting point", alice, bob)
    alice.kill()
    check_comes("a window that is killed takes its meeting point along", True,
                lambda: is_gone(server))
    check("who is left reads that the server is lost", True,
          bob.sees(re.compile("^(The connection to the server is lost|The server can’t be "
                              "reached)$")).shown())


def outside_ports(pair):
    """What the router of a passes on, as its rules say."""
    rules = pair.net.run("router-a", ["nft", "list", "chain", "inet", "upnp", "redirected"],
                         capture_output=True, text=True, check=True).stdout
    return {int(port) for port in re.findall(r"dport (\d+) dnat", rules)}


def connected_to(pair, host, ports):
    """The connections of a host to these ports of the router of a."""
    lines = pair.net.run(host, ["ss", "-Htn", "state", "established"], text=True,
                         capture_output=True, check=True).stdout.splitlines()
    wanted = {f"{pair.net.public_address('a')}:{port}" for port in ports}
    return [line for line in lines if line.split()[-1] in wanted]


@with_options(a="symmetric+upnp", b=CONE, prepared=False)
def test_hosting_for_friends_elsewhere(pair):
    alice, bob = pair.alice, pair.bob
    alice.focus()
    field(alice, "Your name").fill("Alice")
    alice.app.find("list item", re.compile("^Host a meeting point")).click()
    alice.app.find("label", "Your meeting point is open", timeout=START_S)
    check("the page says that the router lets friends in", True,
          alice.sees(re.compile("^Friends everywhere can join"), START_S).shown())
    check_comes("two ports of the meeting point and the host’s own are mapped", True,
                lambda: len(outside_ports(pair)) == 3
                and {7470, 7471} < outside_ports(pair))
    alice.screenshot("first-run-6-hosting-for-all")
    link = copied_link(alice)
    check("the invite leads to the router", True,
          link.startswith(f"knothole://{pair.net.public_address('a')}/"))
    alice.press("Continue")
    alice.sees("Nobody Is Here Yet", START_S)

    bob.focus()
    field(bob, "Your name").fill("Bob")
    field(bob, "Address or invite link").click()
    bob.paste(link)
    field(bob, "Address or invite link").reads(link)
    bob.session.key("Return")
    sees_each_other("at the meeting point behind a router", alice, bob)
    pair.meet()
    bob.say("Hello from outside")
    check("a message arrives at the host", True, alice.sees("Hello from outside").shown())
    check_comes("by the port that the router maps for the host itself", 1,
                lambda: len(connected_to(pair, "b", outside_ports(pair) - {7470, 7471})))
    alice.quit()
    check_comes("nothing is mapped when the window is closed", set(),
                lambda: outside_ports(pair))


@with_options(prepared=False, started=False)
def test_link_as_argument(pair):
    alice, bob = pair.alice, pair.bob
    link = pair.server.address + "#room=beech-hollow"
    alice.start(damage(pair.server.address) + "#room=beech-hollow")
    check("a damaged link given at the start says so", True,
          alice.sees(re.compile("typing mistake in the server’s key"), START_S).shown())
    check_comes("and is in its field", damage(pair.server.address) + "#room=beech-hollow",
                lambda: field(alice, "Address or invite link").text)

    bob.start()
    again = pair.net.popen(bob.host, bob.command(link), env=bob.environment())
    check("a second start hands its link to the window that is open, and ends", 0,
          again.wait(START_S))
    field(bob, "Address or invite link").reads(link)
    check("its room is named", True, bob.sees(re.compile("room “beech-hollow”")).shown())
    bob.press("Join")
    bob.sees("Nobody Is Here Yet", START_S)

    alice.quit()
    alice.start(link)
    field(alice, "Address or invite link").reads(link)
    alice.focus()
    field(alice, "Your name").fill("Alice")
    alice.press("Join")
    check("a link given at the start leads to the room", True, bob.row("Alice").shown())


if __name__ == "__main__":
    sys.exit(run(test_address_and_invite, test_hosting, test_hosting_for_friends_elsewhere,
                 test_link_as_argument))
