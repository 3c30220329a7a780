#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks with plain sockets that each part of the NAT lab is what its name says.

One line per check, then `N passed, N failed`. Exit status 0 when all passed, 77 where
this machine allows no namespaces at all.
"""

import errno
import os
import random
import re
import socket
import struct
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

import network  # noqa: E402
import profiles  # noqa: E402
import sandbox  # noqa: E402

SERVER, SERVER_2 = network.SERVER_ADDRESSES
PORT_1, PORT_2 = 7001, 7002
MUTE_PORT = 7003  # the server drops SYNs to this port, so a dial leaves only its hole
SILENCE_S = 0.4  # nothing came for so long: dropped
ANSWER_S = 30  # where one has to come, on a busy machine too
PROMPT_S = 0.9  # before the first SYN is sent again, so an answer to that
PUNCH_MS = 30000
N_TRIES = 30  # of what a busy machine can disturb

passed = failed = 0
lock = threading.Lock()


def check(title, wanted, got):
    """One line of the result. @wanted is a value, or a function that judges."""
    global passed, failed
    good = wanted(got) if callable(wanted) else wanted == got
    with lock:
        if good:
            passed += 1
            print(f"ok    {title}")
        else:
            failed += 1
            expected = "" if callable(wanted) else f"wanted {wanted}, "
            print(f"FAIL  {title}: {expected}got {got}")


def measure(judge, one):
    """The first good result of one (), or the last of many: what else the machine does
    comes and goes, what a part of the lab is does not."""
    for _ in range(N_TRIES):
        result = one()
        if judge(result):
            break
    return result


# Sockets


def open_socket(net, host, address="", port=0):
    sock = net.socket(host, socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.bind((address, port))
    return sock


def listen(net, host, port, address=""):
    sock = open_socket(net, host, address, port)
    sock.listen(64)
    return sock


class Dial:
    """A dial and what became of it: 'open', 'refused', 'silent', 'unreachable'."""

    def __init__(self, net, host, target, address="", port=0, wait_s=ANSWER_S):
        self.sock = open_socket(net, host, address, port)
        self.sock.settimeout(wait_s)
        started = time.monotonic()
        try:
            self.sock.connect(target)
            self.outcome = "open"
        except TimeoutError:
            self.outcome = "silent"
        except OSError as error:
            self.outcome = {errno.ECONNREFUSED: "refused", errno.ENETUNREACH: "unreachable",
                            errno.EHOSTUNREACH: "unreachable"}.get(error.errno, str(error))
        self.took_s = time.monotonic() - started

    def seen(self):
        """The endpoint that the server says this comes from."""
        address, port = self.sock.recv(64).decode().split()
        return address, int(port)


def wait_of(wanted):
    return SILENCE_S if wanted == "silent" else ANSWER_S


class Server:
    """Tells each caller the endpoint it sees, and keeps the connection."""

    def __init__(self, net):
        net.host("server").nft(
            "table ip mute {\n chain input {\n type filter hook input priority filter;\n"
            f" tcp dport {MUTE_PORT} tcp flags & (syn | ack) == syn drop\n }}\n}}\n")
        self.kept = []
        for address, port in ((SERVER, PORT_1), (SERVER, PORT_2), (SERVER_2, PORT_1)):
            listener = listen(net, "server", port, address)
            threading.Thread(target=self._serve, args=(listener,), daemon=True).start()

    def _serve(self, listener):
        while True:
            sock, (address, port) = listener.accept()
            sock.sendall(f"{address} {port}\n".encode())
            self.kept.append(sock)


# What each profile promises


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


def check_filtering(net, client, profile, name, closed):
    """Dials back the mapping of a local port that also listens."""
    port = random.randint(40000, 49999)
    listener = listen(net, client, port)
    first = Dial(net, client, (SERVER, PORT_1), port=port)
    mapping = first.seen()
    hole = open_socket(net, client, port=port)
    hole.setblocking(False)
    hole.connect_ex((SERVER, MUTE_PORT))
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
    comes_in("from the endpoint dialled", SERVER, MUTE_PORT,
             closed if name in ("symmetric", "symmetric-sequential") else "open")
    comes_in("from another port", SERVER, 0, "open" if in_for_port else closed)
    comes_in("from another address", SERVER_2, 0, "open" if in_for_address else closed)
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


def check_profile(net, client, profile):
    name, modifiers = profiles.parse(profile)
    closed = "refused" if "rst" in modifiers else "silent"
    try:
        check_mapping(net, client, profile, name)
        check_filtering(net, client, profile, name, closed)
        check_unsolicited(net, client, profile, name, closed)
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
    dial = Dial(net, "a2", public)
    wanted = "open" if "hairpin" in profile else "refused"
    check(f"{profile}: from inside to its outside endpoint: {wanted}", wanted, dial.outcome)
    if dial.outcome == "open":
        check(f"{profile}: what comes in so has an outside endpoint, too",
              (public[0], dial.sock.getsockname()[1]), listener.accept()[1])
    listener.close()


# Mapped ports


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
        sock.connect((net.site(client).router_lan_address(), port))
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
        check_mapping_protocols_of(net, "a")
        net.set_profile("a", every[0])
        check("without +upnp nobody answers", None,
              ask_router(net, "a", MAPPER_PORT, ASKING["nat-pmp"], SILENCE_S))


# Links


def round_trip_ms(net, host):
    """Of a TCP connect."""
    return 1000 * Dial(net, host, (SERVER, PORT_1)).took_s


def check_delay(net):
    def between(low, high):
        return lambda ms: low <= ms <= high

    for host, title, judge in (
            ("a", "10 ms: client to server and back takes 20 ms", between(20, 23)),
            ("c", "0 ms: client to server and back takes no time", between(0, 3))):
        check(title, judge, measure(judge, lambda host=host: round_trip_ms(net, host)))


def raw_punch(net, name, timeout_ms):
    return net.popen(name, [network.find_tool("raw-punch"),
                            str(random.randint(20000, 60000)), SERVER, str(PORT_1),
                            str(timeout_ms)],
                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def check_punch(net, profile_a, profile_b, wanted):
    net.set_profile("a", profile_a)
    net.set_profile("b", profile_b)
    pair = f"{profile_a} and {profile_b}, 10 ms"
    timeout_ms = PUNCH_MS if wanted == "connected" else 600

    def punch():
        """What either side says."""
        sides = [raw_punch(net, name, timeout_ms) for name in ("a", "b")]
        seen = [side.stdout.readline() for side in sides]
        for side, other in zip(sides, reversed(seen)):
            side.stdin.write(other)
            side.stdin.flush()
        return [side.communicate()[0].strip() for side in sides]

    def rtts_ms(lines):
        return [int(re.search(r"rtt (\d+)", line + " rtt 0").group(1)) / 1000
                for line in lines]

    def outcomes(lines):
        return [line.split(" ")[0].rstrip(",") for line in lines]

    def is_as_long_as_set(lines):
        return 40 <= min(rtts_ms(lines)) <= 44

    lines = measure(lambda lines: outcomes(lines) != [wanted] * 2 or wanted != "connected"
                    or is_as_long_as_set(lines), punch)
    check(f"{pair}: a plain punch: {wanted} ({lines[0]})", [wanted] * 2, outcomes(lines))
    if wanted == "connected":
        check(f"{pair}: the round trip is 40 ms", is_as_long_as_set, lines)


def check_links():
    link = network.Link(delay_ms=10)
    with network.Network(links={"a": link, "b": link}, a="port-restricted-cone",
                         b="port-restricted-cone", c="open",
                         behind={"c2": "c"}) as net:
        Server(net)
        check_delay(net)
        drop = "port-restricted-cone"
        for a, b in ((drop, drop), (drop + "+rst", drop + "+rst"), (drop, drop + "+rst")):
            check_punch(net, a, b, "connected")
        check_punch(net, "symmetric", drop, "failed")
        listener = listen(net, "c2", 5000)
        check("two behind one router reach each other", "open",
              Dial(net, "c", (net.address("c2"), 5000)).outcome)
        listener.close()


def count_waiting(receiver, silence_s):
    """Datagrams until none has come for so long."""
    receiver.settimeout(silence_s)
    n_received = 0
    try:
        while True:
            receiver.recv(2048)
            n_received += 1
    except TimeoutError:
        return n_received


def count_datagrams(net, n_sent):
    receiver = net.socket("server", socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind((SERVER, 9000))
    sender = net.socket("a", socket.AF_INET, socket.SOCK_DGRAM)
    n_received = 0
    for _ in range(n_sent // 50):
        for _ in range(50):
            sender.sendto(b"x", (SERVER, 9000))
        n_received += count_waiting(receiver, 0.02)
    return n_received + count_waiting(receiver, 2)


def check_loss():
    with network.Network(loss_pct=10, a="open") as net:
        received = count_datagrams(net, 2000)
        check(f"10 percent loss: {received} of 2000 datagrams arrive",
              lambda n: 1740 <= n <= 1860, received)


def check_rate():
    """20 Mbit/s and a queue of 100 KB, which is 40 ms when full."""
    with network.Network(rate=20_000_000, queue_bytes=100_000, a="open") as net:
        listener = listen(net, "server", 9000)

        def is_rate(mbit):
            return 15 <= mbit <= 20.5

        def is_queue(n):
            return 65 <= n <= 85

        mbit = measure(is_rate, lambda: rate_of_file(net, listener))
        check(f"20 Mbit/s: {mbit:.1f} Mbit/s of a file arrive", is_rate, mbit)
        # A burst of twice the queue, all at once: the queue and no more gets through.
        n_arrived = measure(is_queue, lambda: count_burst(net, 140, 1400))
        check(f"a queue of 100 KB: {n_arrived} of 140 packets in a burst get through",
              is_queue, n_arrived)


def rate_of_file(net, listener):
    """Mbit/s at which most of 3 MB come."""
    sender = Dial(net, "a", (SERVER, 9000)).sock
    receiver = listener.accept()[0]
    sender.settimeout(None)
    threading.Thread(target=sender.sendall, args=(bytes(3_000_000),), daemon=True).start()
    got, started = 0, None
    with sender, receiver:
        while got < 3_000_000:
            n = len(receiver.recv(65536))
            if started is None and got > 500_000:
                started, got_before = time.monotonic(), got
            got += n
        return (got - got_before) * 8 / (time.monotonic() - started) / 1e6


def count_burst(net, n_packets, size):
    receiver = net.socket("server", socket.AF_INET, socket.SOCK_DGRAM)
    sender = net.socket("a", socket.AF_INET, socket.SOCK_DGRAM)
    with sender, receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        receiver.bind((SERVER, 9001))
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        for _ in range(n_packets):
            sender.sendto(bytes(size), (SERVER, 9001))
        return count_waiting(receiver, 1)


def main():
    try:
        network.find_tool("raw-punch")
        sandbox.enter()
    except sandbox.Impossible as error:
        print(f"skipped: {error}")
        return sandbox.EXIT_IMPOSSIBLE
    except network.LabError as error:
        print(f"selftest: {error}", file=sys.stderr)
        return 1
    check_profiles()
    check_hairpin()
    check_mapped_ports()
    check_links()
    check_loss()
    check_rate()
    print(f"{passed} passed, {failed} failed")
    sys.stdout.flush()
    os._exit(1 if failed else 0)  # server threads wait in accept() for ever


if __name__ == "__main__":
    sys.exit(main())
