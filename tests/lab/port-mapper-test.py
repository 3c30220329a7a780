#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does the port mapper open ports at real routers, and stand bad ones?

Behind symmetric+upnp each protocol alone, and then all of them: mapped, reached from
outside, renewed, gone after a clean end and, after kill -9, once the lease has ended.
Then routers that are none, or that answer garbage, without end, or nothing, and somebody
else in the network who answers for the router.
"""

import os
import re
import socket
import struct
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

import checks  # noqa: E402
import network  # noqa: E402
import sandbox  # noqa: E402
from checks import check  # noqa: E402

ANSWER_S = 60  # for what has to come, on a busy machine too
LEASE_S = 8  # half of it is for the renewal, on a busy machine too
SHORT_LEASE_S = 4
PORT = 40000
MAPPER_PORT = 5351
PROTOCOLS = ("upnp", "nat-pmp", "pcp")
BAD = {"garbage": "g", "endless": "e", "silent": "s", "huge": "h", "broken": "b"}


class MapPorts:
    """The program map-ports on a host, and what it has said."""

    def __init__(self, net, host, *ports, lease_s=3600):
        self.process = net.popen(
            host, [network.find_tool("map-ports"), str(lease_s), *map(str, ports)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def says(self):
        """The next line, as a list of words; empty at the end."""
        return self.process.stdout.readline().split()

    def maps(self):
        """The next line that is not about a port that is not mapped: on a busy machine
        that is said first."""
        while (words := self.says())[1:] == ["none"]:
            pass
        return words

    def tell(self, line):
        self.process.stdin.write(line + "\n")

    def close(self):
        """Its last words."""
        self.tell("close")
        said = self.process.stdout.read().split()
        self.process.wait()
        return said

    def kill(self):
        self.process.kill()
        self.process.wait()

    def memory_kib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmHWM:\s+(\d+)", file.read()).group(1))


# Real routers


def listen(net, host, port):
    sock = net.socket(host, socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("", port))
    sock.listen(16)
    return sock


def comes_in(net, listener, public, port):
    """A dial from the server's host arrives at the listener."""
    with net.socket("server", socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.settimeout(ANSWER_S)
        sock.connect((public, port))
        listener.settimeout(ANSWER_S)
        accepted, _ = listener.accept()
        with accepted:
            sock.sendall(b"x")
            return accepted.recv(1) == b"x"


def mappings(net, name):
    """Outside ports that the router passes on, as its rules say."""
    rules = net.run(f"router-{name}", ["nft", "list", "chain", "inet", "upnp",
                                       "redirected"],
                    capture_output=True, text=True, check=True).stdout
    return {int(port) for port in re.findall(r"dport (\d+) dnat", rules)}


def until(wanted, look):
    """What look () gives, once it is what is wanted, or after a minute."""
    ends_at = time.monotonic() + ANSWER_S
    while (got := look()) != wanted and time.monotonic() < ends_at:
        time.sleep(0.1)
    return got


def test_router(net, name, only):
    """One of three routers, each of which speaks one protocol, or one that speaks all."""
    title = f"{only or 'all'}: "
    wanted = (only,) if only else PROTOCOLS  # of all the first that answers in time
    public = net.public_address(name)
    listener = listen(net, name, PORT)
    mapper = MapPorts(net, name, PORT)
    said = mapper.maps()
    check(title + "the port is mapped", [str(PORT), f"{public}:{PORT}", "3600"],
          [said[0], *said[2:]])
    check(title + "in the way there is", lambda got: got in wanted, said[1])
    check(title + "a dial from outside arrives", True,
          comes_in(net, listener, public, PORT))
    check(title + "the router passes on one port", {PORT}, mappings(net, name))
    check(title + "it ends", ["closed"], mapper.close())
    check(title + "nothing is mapped after the end", set(), mappings(net, name))
    test_wishes(net, name, title, wanted)
    test_lease(net, name, title, listener, public)


def test_wishes(net, name, title, wanted):
    """Ports come and go one by one, and somebody else's is left alone."""
    first = MapPorts(net, name, f"{PORT}:45000")
    said = first.maps()
    check(title + "the port outside may be another one", True,
          said[1] in wanted and said[2] == f"{net.public_address(name)}:45000")
    other = MapPorts(net, name + "2", f"{PORT}:45000")
    said = other.maps()
    check(title + "a port that somebody else has is left alone", True,
          said[1] in wanted and not said[2].endswith(":45000"))
    first.tell(f"add {PORT + 1}")
    check(title + "one more port", True, first.maps()[1] in wanted)
    check(title + "three are mapped", 3, len(mappings(net, name)))
    first.tell(f"remove {PORT}")
    others = {PORT + 1, int(said[2].split(":")[1])}
    check(title + "one is removed", others,
          until(others, lambda: mappings(net, name)))
    first.tell("network-changed")
    check(title + "the first ends", ["closed"], first.close())
    check(title + "the other's stays", others - {PORT + 1}, mappings(net, name))
    check(title + "the other ends", ["closed"], other.close())
    check(title + "all are gone", set(), mappings(net, name))


def test_lease(net, name, title, listener, public):
    """A mapping outlives its lease while somebody renews it, and not any longer."""
    mapper = MapPorts(net, name, PORT, lease_s=LEASE_S)
    check(title + "a short lease", str(LEASE_S), mapper.maps()[-1])
    ends_at = time.monotonic() + LEASE_S * 1.5
    while time.monotonic() < ends_at and PORT in mappings(net, name):
        time.sleep(0.5)
    check(title + "it is renewed before it ends", True,
          PORT in mappings(net, name) and comes_in(net, listener, public, PORT))
    mapper.kill()
    check(title + "after kill -9 it is gone with its lease", set(),
          until(set(), lambda: mappings(net, name)))
    listener.close()


def test_other_network(net):
    """Out of the network and back; then a router that has forgotten all mappings, and
    speaks another protocol."""
    net.set_mapping_protocols("r", "pcp")
    mapper = MapPorts(net, "r", PORT, lease_s=SHORT_LEASE_S)
    check("another network: mapped", "pcp", mapper.maps()[1])
    net.run("r", ["ip", "route", "del", "default"], check=True)
    mapper.tell("network-changed")
    check("another network: none without a way out", [str(PORT), "none"], mapper.says())
    net.run("r", ["ip", "route", "add", "default", "via",
                  net.site("r").lan_address()], check=True)
    mapper.tell("network-changed")
    check("another network: mapped again", "pcp", mapper.maps()[1])
    net.set_mapping_protocols("r", "nat-pmp")
    check("another router: found anew, by what there is now", [str(PORT), "nat-pmp"],
          mapper.maps()[:2])
    check("another router: mapped again", {PORT}, mappings(net, "r"))
    net.set_profile("r", "symmetric")
    check("another router: a router without any", [str(PORT), "none"], mapper.says())
    check("another router: it ends", ["closed"], mapper.close())


# Bad routers


DESCRIPTION = """<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device>
<deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType><serviceList>
<service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType>
<controlURL>/control</controlURL></service></serviceList></device></root>"""


def answer_search(sock, location):
    """For ever, whoever asks, where the router's description is."""
    while True:
        _, client = sock.recvfrom(2048)
        sock.sendto(("HTTP/1.1 200 OK\r\nST: urn:schemas-upnp-org:device:"
                     "InternetGatewayDevice:1\r\n"
                     f"LOCATION: {location}\r\n\r\n").encode(), client)


def serve_bad_http(listener, how, served):
    while True:
        sock, _ = listener.accept()
        served.set()
        threading.Thread(target=serve_badly, args=(sock, how), daemon=True).start()


def serve_badly(sock, how):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
    try:
        request = sock.recv(4096)
        if how == "garbage":
            sock.sendall(head + b"\r\n" + b"<a><b" * 3000 + os.urandom(20000))
        elif how == "huge":
            sock.sendall(head + b"Content-Length: 4000000000\r\n\r\n<root>")
        elif how == "broken" and request.startswith(b"GET"):
            sock.sendall(head + b"\r\n" + DESCRIPTION.encode())
        elif how == "broken":
            sock.sendall(head + b"\r\n<s:Envelope>" + os.urandom(4000))
        while how == "endless":
            sock.sendall((head + b"\r\n" if request else b"") + bytes(65536))
            request = b""
        if how in ("silent", "huge"):
            sock.recv(1)
    except OSError:
        pass
    sock.close()


def serve_bad_datagrams(sock):
    """PCP and NAT-PMP: random bytes of every length, as many as there is time for."""
    while True:
        question, client = sock.recvfrom(2048)
        for n in range(64):
            answer = bytearray(os.urandom(n))
            if n > 2:
                answer[0], answer[1] = question[0], question[1] | 0x80
            sock.sendto(answer, client)


def bind_datagrams(net, host, port, address=""):
    sock = net.socket(host, socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, port))
    return sock


def start(function, *arguments):
    threading.Thread(target=function, args=arguments, daemon=True).start()


def test_no_router(net):
    """Nobody answers: neither refused nor mapped."""
    net.host("router-n").nft(
        "table inet quiet {\n chain input {\n type filter hook input priority filter - 1;\n"
        " meta l4proto udp drop\n }\n}\n")
    mapper = MapPorts(net, "n", PORT)
    check("no router: none", [str(PORT), "none"], mapper.says())
    memory_kib = mapper.memory_kib()
    check("no router: it ends", ["closed"], mapper.close())
    return memory_kib


def test_bad_router(net, how, usual_kib):
    name = BAD[how]
    router = f"router-{name}"
    lan = net.site(name).lan_address()
    served = threading.Event()
    listener = listen(net, router, 5000)
    start(answer_search, bind_datagrams(net, router, 1900), f"http://{lan}:5000/d.xml")
    start(serve_bad_http, listener, how, served)
    if how == "garbage":
        start(serve_bad_datagrams, bind_datagrams(net, router, MAPPER_PORT))
    mapper = MapPorts(net, name, PORT)
    check(f"{how}: none", [str(PORT), "none"], mapper.says())
    check(f"{how}: it was asked", True, served.is_set())
    check(f"{how}: at most 2 MiB more than usual", lambda kib: kib < usual_kib + 2048,
          mapper.memory_kib())
    check(f"{how}: it ends", ["closed"], mapper.close())


def imitate(question, own):
    """What a router would answer to a question in PCP or NAT-PMP."""
    address = socket.inet_aton(own)
    if question[0] == 2 and question[1] == 0:
        return struct.pack("!BBBBII12x", 2, 0x80, 0, 0, 0, 1)
    if question[0] == 2:
        return (struct.pack("!BBBBII12x", 2, 0x81, 0, 0, 3600, 1) + question[24:42]
                + question[40:42] + bytes(10) + b"\xff\xff" + address)
    if question[1] == 0:
        return struct.pack("!BBHI4s", 0, 128, 0, 1, address)
    return struct.pack("!BBHI", 0, 130, 0, 1) + question[4:6] * 2 + question[8:12]


def pass_on(sock, answers, own, heard):
    """Questions wait for one in the other protocol; then both are answered, the worse
    one first."""
    waiting = {}
    while True:
        question, client = sock.recvfrom(2048)
        heard.add(question[0])
        waiting[question[0]] = question, client
        if heard != {0, 2} or question[1] == 0 and len(waiting) < 2:
            continue
        for _, (asked, asker) in sorted(waiting.items()):
            for other in answers:
                other.sendto(imitate(asked, own), asker)
        waiting.clear()


def test_stranger(net):
    """What the router hears, somebody else answers in time and in every detail; and so
    does the router itself from another port. It is wrong in nothing but where it is from,
    which the last part proves."""
    heard = set()
    lan = net.site("t").lan_address()
    stranger = net.address("t2")
    question = bind_datagrams(net, "router-t", MAPPER_PORT)
    answers = [bind_datagrams(net, "t2", MAPPER_PORT, stranger),
               bind_datagrams(net, "router-t", MAPPER_PORT + 1, lan)]
    start(pass_on, question, answers, stranger, heard)
    search = bind_datagrams(net, "t2", 1900)
    search.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                      socket.inet_aton("239.255.255.250") + socket.inet_aton(stranger))
    searched, served = threading.Event(), threading.Event()
    start(tell_of, search, searched, f"http://{stranger}:5000/d.xml")
    start(serve_bad_http, listen(net, "t2", 5000), "broken", served)
    mapper = MapPorts(net, "t", PORT)
    check("somebody else answers: none", [str(PORT), "none"], mapper.says())
    check("somebody else heard both questions", {0, 2}, heard)
    check("and that for UPnP", True, searched.is_set())
    check("nothing is fetched from there", False, served.is_set())
    check("it ends", ["closed"], mapper.close())
    answers[:] = [question]
    mapper = MapPorts(net, "t", PORT)
    check("the same from the router counts",
          [str(PORT), "pcp", f"{stranger}:{PORT}", "3600"], mapper.maps())
    check("it ends, too", ["closed"], mapper.close())


def tell_of(sock, searched, location):
    _, client = sock.recvfrom(2048)
    searched.set()
    sock.sendto(("HTTP/1.1 200 OK\r\nST: urn:schemas-upnp-org:device:"
                 f"InternetGatewayDevice:1\r\nLOCATION: {location}\r\n\r\n").encode(),
                client)


class OldRouter:
    """UPnP of the first version: knows no leases, refuses one port as somebody else's
    without a word about whose it is, and tells whose another is. Nothing is passed on."""

    OTHERS = {PORT: None, PORT + 101: "192.168.99.99"}

    def __init__(self, net, name):
        self.own = net.address(name)
        lan = net.site(name).lan_address()
        self.mapped, self.calls = {}, []
        start(answer_search, bind_datagrams(net, f"router-{name}", 1900),
              f"http://{lan}:5000/d.xml")
        start(self.serve, listen(net, f"router-{name}", 5000))

    def serve(self, listener):
        while True:
            sock, _ = listener.accept()
            with sock:
                request = b""
                while not self.is_whole(request):
                    request += sock.recv(4096)
                if request.startswith(b"GET"):
                    status, body = 200, DESCRIPTION
                else:
                    status, body = self.answer(request.decode())
                # In chunks, as some do.
                sock.sendall(f"HTTP/1.1 {status} OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                             f"{len(body):x}\r\n{body}\r\n0\r\n\r\n".encode())

    @staticmethod
    def is_whole(request):
        head, end, body = request.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        return end and len(body) == (int(length.group(1)) if length else 0)

    def answer(self, request):
        action = re.search(r'#(\w+)"', request).group(1)
        values = dict(re.findall(r"<(New\w+)>([^<]*)<", request))
        port = int(values.get("NewExternalPort", 0))
        self.calls.append(action)
        if action == "GetExternalIPAddress":
            return self.done(action, NewExternalIPAddress="100.64.1.2")
        if action == "GetSpecificPortMappingEntry" and self.OTHERS.get(port):
            return self.done(action, NewInternalClient=self.OTHERS[port],
                             NewInternalPort=PORT)
        if action == "GetSpecificPortMappingEntry":
            return self.fault(714)
        if action == "AddPortMapping" and port in self.OTHERS:
            return self.fault(718)
        if action == "AddPortMapping" and values["NewLeaseDuration"] != "0":
            return self.fault(725)
        if action == "AddPortMapping":
            self.mapped[port] = (values["NewInternalClient"], values["NewInternalPort"],
                                 values["NewPortMappingDescription"])
            return self.done(action)
        if action == "DeletePortMapping" and self.mapped.pop(port, None):
            return self.done(action)
        return self.fault(401)

    @staticmethod
    def done(action, **values):
        inside = "".join(f"<{name}>{value}</{name}>" for name, value in values.items())
        return 200, (f"<s:Envelope><s:Body><u:{action}Response>{inside}"
                     f"</u:{action}Response></s:Body></s:Envelope>")

    @staticmethod
    def fault(code):
        return 500, (f"<s:Envelope><s:Body><s:Fault><detail><UPnPError><errorCode>{code}"
                     "</errorCode></UPnPError></detail></s:Fault></s:Body></s:Envelope>")


def test_old_router(net):
    router = OldRouter(net, "o")
    mapper = MapPorts(net, "o", PORT)
    check("old router: the third port, for ever, behind a carrier",
          [str(PORT), "upnp", f"100.64.1.2:{PORT + 202}", "0"], mapper.maps())
    check("old router: mapped under our name",
          {PORT + 202: (router.own, str(PORT), "Knothole")}, router.mapped)
    check("old router: what is known to be somebody else's is not asked for", 3,
          router.calls.count("AddPortMapping"))
    check("old router: it ends", ["closed"], mapper.close())
    check("old router: what has no lease is removed", {}, router.mapped)


def test_no_gateway(net):
    """No way out at all."""
    net.run("x", ["ip", "route", "del", "default"], check=True)
    mapper = MapPorts(net, "x", PORT)
    check("no way out: none", [str(PORT), "none"], mapper.says())
    check("no way out: it ends", ["closed"], mapper.close())


def test_bad_routers(net):
    usual_kib = test_no_router(net)
    checks.at_once(net, *[named(test_bad_router, how, usual_kib) for how in BAD])


def named(test, *arguments):
    def run(net):
        test(net, *arguments)
    run.__name__ = f"{test.__name__} {arguments[0]}"
    return run


def main():
    try:
        network.find_tool("map-ports")
        sandbox.enter()
    except sandbox.Impossible as error:
        print(f"skipped: {error}")
        return sandbox.EXIT_IMPOSSIBLE
    except network.LabError as error:
        print(f"port-mapper-test: {error}", file=sys.stderr)
        return 1
    routers = dict.fromkeys("upca", "symmetric+upnp") | {"r": "symmetric+upnp"}
    routers |= dict.fromkeys(["n", "o", "t", "x", *BAD.values()], "port-restricted-cone")
    behind = {f"{name}2": name for name in "upcat"}
    with network.Network(behind=behind, **routers) as net:
        for name, only in zip("upc", PROTOCOLS):
            net.set_mapping_protocols(name, only)
        checks.at_once(net, *[named(test_router, name, only)
                              for name, only in zip("upca", (*PROTOCOLS, None))],
                       test_other_network, test_bad_routers, test_stranger, test_old_router,
                       test_no_gateway)
    status = checks.summary()
    sys.stdout.flush()
    os._exit(status)  # threads of bad routers wait for ever


if __name__ == "__main__":
    sys.exit(main())
