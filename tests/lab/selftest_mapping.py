# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the self-test about routers that map ports for their clients."""

import random
import socket
import struct

import network
import profiles
from checks import check
from plain import ANSWER_S, SERVER, SERVER_2, SILENCE_S, Dial, listen, wait_of

MAPPER_PORT = 5351
ASKING = {
    "nat-pmp": bytes(2),  # for the outside address
    "pcp": struct.pack("!BBHI16s", 2, 0, 0, 0, bytes(16)),  # ANNOUNCE
}
SEARCH = ("M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\n"
          "MX: 1\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n\r\n")


def ask_router(net, client, port, question, wait_s):
    """What the router answers; None when it does not."""
    sock = net.socket(client, socket.AF_INET, socket.SOCK_DGRAM)
    with sock:
        sock.settimeout(wait_s)
        sock.connect((net.site(client).lan_address(), port))
        try:
            sock.send(question)
            return sock.recv(2048)
        except OSError:
            return None


def map_port(net, client, port, lease_s):
    """By NAT-PMP (RFC 6886 section 3.3); the outside port."""
    question = struct.pack("!BBHHHI", 0, 2, 0, port, port, lease_s)
    answer = ask_router(net, client, MAPPER_PORT, question, ANSWER_S)
    return struct.unpack("!BBHIHHI", answer)[5] if answer and len(answer) == 16 else 0


def check_mapped_ports_of(net, client, profile):
    """An unsolicited dial comes in where a port is mapped, and only while it is."""
    name, _ = profiles.parse(profile)
    port = random.randint(50000, 59999)
    listener = listen(net, client, port)
    public = net.public_address(client)
    closed = "open" if name == "full-cone" else "silent"

    def dials(title, outside, wanted, address=SERVER):
        dial = Dial(net, "server", (public, outside), address=address,
                    wait_s=wait_of(wanted))
        check(f"{profile}: {title}: {wanted}", wanted, dial.outcome)

    dials("a port before it is mapped", port, closed)
    outside = map_port(net, client, port, 60)
    check(f"{profile}: maps the port", port, outside)
    dials("a port that is mapped", outside, "open")
    map_port(net, client, port, 0)
    # From elsewhere: to the first address the port has sent an answer now.
    dials("a port after its mapping was removed", port, closed, SERVER_2)
    listener.close()


def outside_address(net, client):
    """As the router says by NAT-PMP (RFC 6886 section 3.2)."""
    answer = ask_router(net, client, MAPPER_PORT, ASKING["nat-pmp"], ANSWER_S)
    return socket.inet_ntoa(answer[8:12]) if answer and len(answer) == 12 else None


def check_mapped_port_stays(net, client):
    """Over another public address, but not when the router is switched off and on."""
    port = random.randint(50000, 59999)
    with listen(net, client, port):
        map_port(net, client, port, 60)
        net.change_public_address(client)
        public = net.public_address(client)
        check("another public address: what is mapped gets through there", "open",
              Dial(net, "server", (public, port)).outcome)
        check("another public address: the router tells it", public,
              outside_address(net, client))
        net.forget_connections(client)
        check("switched off and on: what was mapped does not get through", "silent",
              Dial(net, "server", (public, port), address=SERVER_2,
                   wait_s=SILENCE_S).outcome)
        check("switched off and on: it maps the port again", port,
              map_port(net, client, port, 60))
        check("switched off and on: and that gets through", "open",
              Dial(net, "server", (public, port)).outcome)


def check_mapping_protocols_of(net, client):
    for only in profiles.MAPPING_PROTOCOLS:
        net.set_mapping_protocols(client, only)
        for protocol in profiles.MAPPING_PROTOCOLS:
            wait_s = ANSWER_S if protocol == only else SILENCE_S
            if protocol == "upnp":
                answer = ask_router(net, client, 1900, SEARCH.encode(), wait_s)
            else:
                answer = ask_router(net, client, MAPPER_PORT, ASKING[protocol], wait_s)
            check(f"+upnp, only {only}: {protocol} is answered", protocol == only,
                  answer is not None)


def check_mapped_ports():
    every = [name for name in profiles.PROFILES if name not in profiles.WITHOUT_NAT]
    routers = {chr(ord("a") + i): f"{name}+upnp" for i, name in enumerate(every)}
    with network.Network(**routers) as net:
        for client, profile in routers.items():
            check_mapped_ports_of(net, client, profile)
        check_mapped_port_stays(net, chr(ord("a") + every.index("symmetric")))
        check_mapping_protocols_of(net, "a")
        net.set_profile("a", every[0])
        check("without +upnp nobody answers", None,
              ask_router(net, "a", MAPPER_PORT, ASKING["nat-pmp"], SILENCE_S))


def check_mapped_ports_behind_carrier():
    """The router maps at its own address, where nobody outside the carrier comes."""
    with network.Network(a="symmetric+upnp+carrier") as net:
        port = random.randint(50000, 59999)
        wan = net.site("a").uplink.address
        check("+upnp+carrier: the router tells an address of the carrier's inside",
              (wan, True), (outside_address(net, "a"), wan.startswith("100.64.")))
        with listen(net, "a", port):
            check("+upnp+carrier: maps the port", port, map_port(net, "a", port, 60))
            check("+upnp+carrier: what is mapped gets through from the carrier", "open",
                  Dial(net, "carrier-a", (wan, port)).outcome)
            check("+upnp+carrier: and not from the internet", "silent",
                  Dial(net, "server", (net.public_address("a"), port),
                       wait_s=SILENCE_S).outcome)


PARTS = (check_mapped_ports, check_mapped_ports_behind_carrier)
