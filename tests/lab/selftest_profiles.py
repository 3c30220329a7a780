# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the self-test about what each profile of a router promises."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

import network
import profiles
from checks import check
from plain import (
    MUTE_PORT, PORT_1, PORT_2, SERVER, SERVER_2, Dial, Server, family_of, listen,
    open_socket, wait_of)

N_MANY = 200
PROMPT_S = 0.9  # before the first SYN is sent again, so an answer to that


def port_is_free_to_choose(name):
    return name.startswith("symmetric")


def check_mapping(net, client, profile, name):
    """From one local port to two ports of the server and to its second address. Where a
    router chooses at random, two may be alike: then from another one."""
    for last in (False, False, True):
        port = random.randint(20000, 29999)
        dials = dial_three(net, client, profile, port)
        if dials is None:
            return
        seen = [dial.seen() for dial in dials]
        ports = [seen_port for _, seen_port in seen]
        if last or not port_is_free_to_choose(name) or len({port, *ports}) == (
                3 if name == "symmetric-address" else 4):
            break
    check(f"{profile}: the server sees the public address",
          {net.public_address(client)}, {address for address, _ in seen})
    translated = seen[0][0] != net.address(client)
    check(f"{profile}: the address is translated or not, as it should be",
          name not in profiles.WITHOUT_NAT, translated)
    check_ports(profile, name, port, ports)


def dial_three(net, client, profile, port):
    """None where one of them does not come through."""
    dials = []
    for target in ((SERVER, PORT_1), (SERVER, PORT_2), (SERVER_2, PORT_1)):
        dial = Dial(net, client, target, port=port)
        check(f"{profile}: reaches the server at {target[0]}:{target[1]}", "open",
              dial.outcome)
        if dial.outcome != "open":
            return None
        dials.append(dial)
    return dials


def check_ports(profile, name, port, ports):
    if not port_is_free_to_choose(name):
        check(f"{profile}: every destination sees the local port", [port] * 3, ports)
    elif name == "symmetric":
        check(f"{profile}: three destinations see three ports", 3, len({port, *ports}) - 1)
        check(f"{profile}: the ports are no sequence", True,
              {ports[1] - ports[0], ports[2] - ports[1]} != {1})
    elif name == "symmetric-sequential":
        check(f"{profile}: each destination sees the next port",
              [ports[0], ports[0] + 1, ports[0] + 2], ports)
    else:
        check(f"{profile}: one address sees one port, the other another", [True, True],
              [ports[0] == ports[1], ports[0] != ports[2]])


def check_filtering(net, client, profile, name, closed, servers=network.SERVER_ADDRESSES):
    """Dials back the mapping of a local port that also listens."""
    server, server_2 = servers
    family = family_of(server)
    port = random.randint(40000, 49999)
    listener = listen(net, client, port, family=family)
    first = Dial(net, client, (server, PORT_1), port=port)
    mapping = first.seen()
    hole = open_socket(net, client, port=port, family=family)
    hole.setblocking(False)
    hole.connect_ex((server, MUTE_PORT))
    time.sleep(0.2)

    def comes_in(title, address, from_port, wanted):
        dial = Dial(net, "server", mapping, address=address, port=from_port,
                    wait_s=wait_of(wanted))
        check(f"{profile}: {title}: {wanted}", wanted, dial.outcome)
        if wanted == "refused":
            check(f"{profile}: {title}: refused at once", lambda s: s < PROMPT_S, dial.took_s)

    in_for_port = name in ("open", "full-cone", "restricted-cone")
    in_for_address = name in ("open", "full-cone")
    # The mapping is the one for PORT_1; a symmetric NAT made another one for MUTE_PORT.
    comes_in("from the endpoint dialled", server, MUTE_PORT,
             closed if name in ("symmetric", "symmetric-sequential") else "open")
    comes_in("from another port", server, 0, "open" if in_for_port else closed)
    comes_in("from another address", server_2, 0, "open" if in_for_address else closed)
    listener.close()


def check_unsolicited(net, client, profile, name, closed):
    """Dials a port from which nothing has left, though the client listens there."""
    port = random.randint(50000, 59999)
    listener = listen(net, client, port)
    wanted = "open" if name in ("open", "full-cone") else closed
    dial = Dial(net, "server", (net.public_address(client), port), wait_s=wait_of(wanted))
    check(f"{profile}: an unsolicited dial: {wanted}", wanted, dial.outcome)
    if wanted == "refused":
        check(f"{profile}: an unsolicited dial is refused at once",
              lambda s: s < PROMPT_S, dial.took_s)
    if name not in profiles.WITHOUT_NAT:
        dial = Dial(net, "server", (net.public_address(client), 80), wait_s=wait_of(closed))
        check(f"{profile}: the router itself: {closed}", closed, dial.outcome)
    listener.close()


def check_many(net, client, profile):
    """No two connections to one endpoint need the same port, however ports are chosen."""
    dials = []
    while len(dials) < N_MANY and all(dial.outcome == "open" for dial in dials[-1:]):
        dials.append(Dial(net, client, (SERVER, PORT_1), port=30000 + len(dials)))
    check(f"{profile}: {N_MANY} connections to one endpoint", (N_MANY, "open"),
          (len(dials), dials[-1].outcome))
    for dial in dials:
        dial.sock.close()


def check_profile(net, client, profile):
    name, modifiers = profiles.parse(profile)
    closed = "refused" if "rst" in modifiers else "silent"
    try:
        check_mapping(net, client, profile, name)
        check_filtering(net, client, profile, name, closed)
        check_unsolicited(net, client, profile, name, closed)
        if name == "symmetric-address":
            check_many(net, client, profile)
        check(f"{profile}: the world outside is not there", "unreachable",
              Dial(net, client, ("9.9.9.9", 53)).outcome)
    except Exception as error:  # a check that cannot run has failed
        check(f"{profile}: its checks run", "no error", repr(error))


def check_profiles():
    every = [name + modifier for name in profiles.PROFILES for modifier in ("", "+rst")]
    routers = {chr(ord("a") + i): profile for i, profile in enumerate(every)}
    with network.Network(**routers) as net:
        Server(net)
        with ThreadPoolExecutor(len(routers)) as pool:
            list(pool.map(lambda item: check_profile(net, *item), routers.items()))
        liberal = "/proc/sys/net/netfilter/nf_conntrack_tcp_be_liberal"
        check("routers check the TCP window, as home routers do", "0\n",
              net.call("router-e", lambda: open(liberal, encoding="ascii").read()))
        check_changed_profile(net)


def check_changed_profile(net):
    """Any router can become any other while the lab runs."""
    for profile in ("symmetric+rst", "open", "port-restricted-cone"):
        net.set_profile("a", profile)
        check_profile(net, "a", profile)


def check_hairpin():
    """Two clients behind one router: one is dialled by its outside endpoint."""
    with network.Network(a=profiles.CONES[0], behind={"a2": "a"}) as net:
        Server(net)
        for name in profiles.CONES:
            for profile in (f"{name}+hairpin", name):
                net.set_profile("a", profile)
                check_hairpin_of(net, profile)


def check_hairpin_of(net, profile):
    port = random.randint(20000, 29999)
    opened = Dial(net, "a", (SERVER, PORT_1), port=port)
    public = opened.seen()
    listener = listen(net, "a", port)
    wanted = "open" if "hairpin" in profile else "refused"
    for client, who in (("a2", "another"), ("a", "itself")):
        dial = Dial(net, client, public)
        check(f"{profile}: from {who} inside to its outside endpoint: {wanted}", wanted,
              dial.outcome)
        if dial.outcome == "open":
            check(f"{profile}: what comes in so has an outside endpoint, too",
                  (public[0], dial.sock.getsockname()[1]), listener.accept()[1])
    listener.close()


PARTS = (check_profiles, check_hairpin)
