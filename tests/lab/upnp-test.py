#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a port that the router opens is good for.

Two routers that give every connection another port are connected directly as soon as one of
them maps a port, whichever calls; the mapping goes with the program, and with its lease where
that was killed. A port forwarded by hand is told to be reachable only where it is. A friend
behind another router joins a meeting point whose ports are mapped, and talks with its host.
"""

import argparse
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

import clients  # noqa: E402
import network  # noqa: E402
import programs  # noqa: E402
from checks import at_once, check, check_comes  # noqa: E402
from clients import CONE, CONNECT_S  # noqa: E402

LEASE_S = 6
PORT = 4321
PORTS = (7470, 7471)
OTHER_PORTS = (17470, 17471)  # outside, where somebody else has those
ROUTERS = {
    "called-up": "symmetric+upnp", "called-by": "symmetric",
    "caller-up": "symmetric+upnp", "caller-to": "symmetric",
    "killed": "symmetric+upnp",
    "forwarded": "symmetric", "forwarded-by": "symmetric",
    "closed": "symmetric", "closed-by": "symmetric",
    "host": "symmetric+upnp", "friend": CONE,
    "host-cone": CONE + "+upnp", "friend-cone": "symmetric",
}


def mappings(lab, host):
    """Outside ports that the router passes on, as its rules say."""
    rules = lab.net.run(f"router-{host}",
                        ["nft", "list", "chain", "inet", "upnp", "redirected"],
                        capture_output=True, text=True, check=True).stdout
    return {int(port) for port in re.findall(r"dport (\d+) dnat", rules)}


def talk(title, listener, caller, path, text):
    """The caller comes to be connected by @path, and says something there."""
    for program, end in ((caller, "the caller"), (listener, "the called")):
        check(f"{title}: {end} is connected by the path {path}", path,
              program.wait("connected", CONNECT_S, path=path)["path"])
    caller.say(text)
    check(f"{title}: a message arrives", text,
          listener.wait("message", CONNECT_S)["text"])
    caller.wait("delivered", CONNECT_S)


def check_called(lab):
    title = "the called one's router maps"
    listener, listener_id = lab.listen("called-up")
    check_comes(f"{title}: one port", 1, lambda: len(mappings(lab, "called-up")))
    caller = lab.cli("called-by", "chat", listener_id)
    talk(title, listener, caller, "mapped", "through the mapped port")
    check(f"{title}: the caller ends cleanly", 0, caller.end())
    check(f"{title}: the listener ends cleanly", 0, listener.end())
    check(f"{title}: nothing is mapped after the end", set(), mappings(lab, "called-up"))

    title = "the called one's router may map later"
    listener, listener_id = lab.listen("called-up")
    caller = lab.cli("called-by", "chat", listener_id)
    talk(title, listener, caller, "mapped", "whatever came first")
    check(f"{title}: both end cleanly", [0, 0], [caller.end(), listener.end()])


def check_caller(lab):
    """The caller's mapping comes while the call is under way, or after it."""
    title = "the caller's router maps"
    listener, listener_id = lab.listen("caller-to")
    lab.net.set_mapping_protocols("caller-up")  # it is deaf
    caller = lab.cli("caller-up", "chat", listener_id)
    check(f"{title}: relayed while it does not", "relay",
          caller.wait("connected", CONNECT_S)["path"])
    caller.say("over the relay")
    listener.wait("message", CONNECT_S, text="over the relay")
    caller.wait("delivered", CONNECT_S)
    check(f"{title}: nothing is mapped", set(), mappings(lab, "caller-up"))
    check(f"{title}: the caller ends cleanly", 0, caller.end())

    lab.net.set_mapping_protocols("caller-up", "upnp", "nat-pmp", "pcp")
    caller = lab.cli("caller-up", "chat", listener_id)
    talk(title, listener, caller, "mapped", "no relay any more")
    check(f"{title}: the caller ends cleanly once more", 0, caller.end())
    check(f"{title}: nothing is mapped after the end", set(), mappings(lab, "caller-up"))
    check(f"{title}: the listener ends cleanly", 0, listener.end())


def check_killed(lab):
    title = "killed"
    listener = lab.cli("killed", "listen", env={"KNOTHOLE_LEASE": str(LEASE_S)})
    listener.identity()
    check_comes(f"{title}: one port is mapped", 1, lambda: len(mappings(lab, "killed")))
    listener.kill()
    check_comes(f"{title}: nothing is, once its lease ends", set(),
                lambda: mappings(lab, "killed"))


# A port forwarded by hand


def forward(lab, host):
    """As somebody enters it in the router's settings."""
    lab.net.host(f"router-{host}").nft(f"""
table ip forwarded {{
  chain prerouting {{
    type nat hook prerouting priority dstnat - 2;
    iifname "wan" tcp dport {PORT} dnat to {lab.net.address(host)}
  }}
}}
insert rule ip lab forward iifname "wan" tcp dport {PORT} accept
""")


def check_by_hand(lab, title, host, reachable, path):
    nat = lab.cli(host, "nat", "--forwarded-port", str(PORT))
    found = nat.wait("nat", CONNECT_S)
    check(f"{title}: the router is called what it is", "symmetric", found["type"])
    check(f"{title}: told to be reachable", reachable, found["reachable"])
    check(f"{title}: the test ends cleanly", 0, nat.join(CONNECT_S))
    listener, listener_id = lab.listen(host, "--forwarded-port", str(PORT))
    caller = lab.cli(f"{host}-by", "chat", listener_id)
    talk(title, listener, caller, path, "by hand")
    check(f"{title}: both end cleanly", [0, 0], [caller.end(), listener.end()])


def check_forwarded(lab):
    forward(lab, "forwarded")
    check_by_hand(lab, "forwarded by hand", "forwarded", True, "mapped")


def check_not_forwarded(lab):
    check_by_hand(lab, "not forwarded", "closed", False, "relay")


# A meeting point behind a router


class Home(programs.Program):
    """A server behind the router of @host whose ports are mapped to these outside. It is
    reached at `address` in its network, and at `outside` from everywhere else."""

    def __init__(self, lab, host, outside):
        self.mapper = lab.net.popen(
            host, [network.find_tool("map-ports"), "3600",
                   *(f"{port}:{wanted}" for port, wanted in zip(PORTS, outside))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        check_comes(f"{host}: the ports of the meeting point are mapped", set(outside),
                    lambda: mappings(lab, host))
        public = lab.net.public_address(host)
        super().__init__(lab.net, host, [
            programs.find_program("knothole-server"), "--data-dir",
            f"{lab.folder}/{host}/server", "--public", public,
            "--public-assist-port", str(outside[1])])
        key = self.wait("text", programs.START_S)["text"].rsplit("/", 1)[1]
        self.address = f"knothole://{lab.net.address(host)}/{key}"
        self.outside = f"knothole://{public}:{outside[0]}/{key}"

    def close(self):
        self.mapper.communicate("close\n")
        return [self.mapper.returncode, self.end()]


class At:
    """A server as a friend knows it."""

    def __init__(self, address):
        self.address = address


def check_meeting_point(lab, title, host, friend, outside):
    home = Home(lab, host, outside)
    at_home = clients.Lab(lab.net, home, lab.folder)
    elsewhere = clients.Lab(lab.net, At(home.outside), lab.folder)
    own, own_id = at_home.listen(host)
    check_comes(f"{title}: the host has one port more", 3,
                lambda: len(mappings(lab, host)))
    caller = elsewhere.cli(friend, "chat", own_id)
    talk(f"{title}, a friend calls", own, caller, "mapped", "from outside")
    check(f"{title}: the friend ends cleanly", 0, caller.end())

    listener, listener_id = elsewhere.listen(friend)
    caller = at_home.cli(host, "chat", listener_id, identity=f"{host}-calls")
    talk(f"{title}, the host calls", listener, caller, "mapped", "from home")
    check(f"{title}: all end cleanly", [0, 0, 0],
          [caller.end(), own.end(), listener.end()])
    check(f"{title}: so does the meeting point", [0, 0], home.close())
    check(f"{title}: nothing is mapped after the end", set(), mappings(lab, host))


def check_host(lab):
    check_meeting_point(lab, "a meeting point", "host", "friend", PORTS)


def check_host_cone(lab):
    check_meeting_point(lab, "a meeting point at other ports", "host-cone", "friend-cone",
                        OTHER_PORTS)


def test(net, folder):
    server = programs.Server(net, folder)
    at_once(clients.Lab(net, server, folder), check_called, check_caller, check_killed,
            check_forwarded, check_not_forwarded, check_host, check_host_cone)
    check("the server ends cleanly", 0, server.end())


def main():
    argparse.ArgumentParser(
        prog="lab upnp-test", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()

    def body():
        with programs.folder("lab-upnp-") as folder, network.Network(**ROUTERS) as net:
            test(net, folder)

    return clients.conclude(body)


if __name__ == "__main__":
    sys.exit(main())
