# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts in network namespaces: a server, an internet, routers, clients.

    sandbox.enter()
    with Network(a="port-restricted-cone", b="symmetric+rst", delay_ms=10) as net:
        process = net.popen("a", ["knothole-cli", "listen"], stdout=subprocess.PIPE)
        net.set_profile("b", "full-cone")
        print(net.address("a"), net.public_address("a"))

Every keyword that is no option names a client and the profile of its router; more
clients behind the router of `a` are given as behind={"a2": "a"}.

Hosts: `server`, `internet`, each client by its name, `router-NAME` for each router,
and `wires`, where the relays of links with a delay sit. A host is a thread that
lives in a network namespace; call() runs a function there, and a socket made there
works from every thread. No host has a route to anything outside the lab.
"""

import ctypes
import dataclasses
import fcntl
import os
import socket
import struct
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

import profiles
import sandbox

# A prefix that software takes for public: not private, carrier NAT, loopback,
# link-local, documentation or benchmarking. It exists only inside the lab.
PUBLIC = "11.7"
SERVER_ADDRESSES = (f"{PUBLIC}.1.1", f"{PUBLIC}.2.1")

SIOCETHTOOL = 0x8946
ETHTOOL_STSO, ETHTOOL_SGSO = 0x1F, 0x24
NETLINK_NETFILTER = 12
CONNTRACK_DELETE = (1 << 8) | 2  # the subsystem ctnetlink, IPCTNL_MSG_CT_DELETE

HOST_SYSCTLS = {
    "net/ipv6/conf/all/disable_ipv6": 1,
    "net/ipv6/conf/default/disable_ipv6": 1,
    "net/ipv4/conf/all/rp_filter": 0,
    "net/ipv4/conf/default/rp_filter": 0,
}
ROUTER_SYSCTLS = {"net/ipv4/ip_forward": 1, "net/ipv4/conf/all/send_redirects": 0}


class LabError(Exception):
    """Something the lab needs is missing or failed; the text is for people."""


@dataclasses.dataclass(frozen=True)
class Link:
    """An access link. Everything zero: a plain cable as fast as the machine."""

    delay_ms: float = 0.0  # one way
    loss_pct: float = 0.0  # each way
    rate: int = 0  # bit/s each way; 0: unlimited
    queue_bytes: int = 0  # before the rate's bottleneck; 0: 100 ms of the rate
    seed: int = 1

    def is_plain(self):
        return not (self.delay_ms or self.loss_pct or self.rate)


class Host:
    """A network namespace and the thread that lives in it."""

    def __init__(self, name):
        self.name = name
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self.namespace_fd = self.call(self._move_in)
        self.path = f"/proc/{os.getpid()}/fd/{self.namespace_fd}"

    @staticmethod
    def _move_in():
        sandbox.unshare(sandbox.CLONE_NEWNET)
        return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)

    def call(self, function, *args, **kwargs):
        return self._thread.submit(function, *args, **kwargs).result()

    def ip(self, *lines):
        """Runs lines of `ip` commands."""
        self._feed(["ip", "-batch", "-"], "\n".join(lines) + "\n")

    def nft(self, rules):
        self._feed(["nft", "-f", "-"], rules)

    def _feed(self, command, text):
        done = self.call(subprocess.run, command, input=text, text=True,
                         capture_output=True, check=False)
        if done.returncode != 0:
            raise LabError(f"{command[0]} on {self.name}: {done.stderr.strip()}")

    def sysctl(self, settings):
        """Sets {"net/ipv4/ip_forward": 1, …}."""
        self.call(_write_sysctls, settings)

    def close(self):
        os.close(self.namespace_fd)
        self._thread.shutdown()


def _write_sysctls(settings):
    for name, value in settings.items():
        with open(f"/proc/sys/{name}", "w", encoding="ascii") as file:
            file.write(str(value))


def _send_packets_as_on_the_wire(interface):
    """Switches off segmentation offload, so that each packet is at most one MTU."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for command in (ETHTOOL_STSO, ETHTOOL_SGSO):
            value = ctypes.create_string_buffer(struct.pack("=II", command, 0))
            request = struct.pack("16sP16x", interface.encode(), ctypes.addressof(value))
            fcntl.ioctl(sock, SIOCETHTOOL, request)


def _forget_connections():
    """Empties the connection tracking table of this namespace."""
    message = struct.pack("=IHHIIBBH", 20, CONNTRACK_DELETE, 0x5, 1, 0, 0, 0, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER) as sock:
        sock.send(message)
        error = struct.unpack_from("=i", sock.recv(4096), 16)[0]
        if error != 0:
            raise LabError(f"emptying the connection table: {os.strerror(-error)}")


def _mac(number, end):
    return f"02:6b:68:00:{number:02x}:{end:02x}"


class Site:
    """One router with the clients behind it; @number sets the addresses."""

    def __init__(self, number, clients, link):
        self.number = number
        self.name = clients[0]
        self.clients = clients
        self.link = link
        self.router = Host(f"router-{self.name}")
        self.profile = None
        self.gateway = f"{PUBLIC}.{10 + number}.1"
        self.wan = f"{PUBLIC}.{10 + number}.2"
        self.mapping_protocols = tuple(profiles.MAPPING_PROTOCOLS)
        self.miniupnpd = None

    def _prefix(self):
        if profiles.parse(self.profile)[0] in profiles.WITHOUT_NAT:
            return f"{PUBLIC}.{130 + self.number}"
        return f"192.168.{10 + self.number}"

    def router_lan_address(self):
        return f"{self._prefix()}.1"

    def address(self, client):
        return f"{self._prefix()}.{2 + self.clients.index(client)}"


class Network:
    def __init__(self, *, delay_ms=0.0, loss_pct=0.0, rate=0, queue_bytes=0, links=None,
                 behind=None, **routers):
        for profile in routers.values():
            profiles.parse(profile)
        if len(routers) > 100:
            raise LabError("the lab has addresses for 100 routers")
        os.environ["PATH"] += ":/usr/sbin:/sbin"
        link = Link(delay_ms, loss_pct, rate, queue_bytes)
        self.hosts = {}
        self.sites = {}
        self.relays = []
        try:
            self._build(routers, behind or {}, link, links or {})
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for relay in self.relays:
            relay.kill()
            relay.wait()
        for site in self.sites.values():
            _stop_miniupnpd(site)
        for host in self.hosts.values():
            host.close()
        self.relays.clear()
        self.hosts.clear()

    # What is run on hosts

    def host(self, name):
        if name not in self.hosts:
            raise LabError(f"there is no host '{name}'; there are {', '.join(self.hosts)}")
        return self.hosts[name]

    def popen(self, name, command, **kwargs):
        return self.host(name).call(subprocess.Popen, command, **kwargs)

    def run(self, name, command, **kwargs):
        return self.host(name).call(subprocess.run, command, **kwargs)

    def call(self, name, function, *args, **kwargs):
        """Runs function (*args) in the namespace of a host, returns what it returns."""
        return self.host(name).call(function, *args, **kwargs)

    def socket(self, name, *args):
        return self.host(name).call(socket.socket, *args)

    # Addresses

    def site(self, client):
        return next(site for site in self.sites.values() if client in site.clients)

    def address(self, client):
        """The client's own address."""
        return self.site(client).address(client)

    def public_address(self, client):
        """Its address as the internet sees it."""
        site = self.site(client)
        without_nat = profiles.parse(site.profile)[0] in profiles.WITHOUT_NAT
        return site.address(client) if without_nat else site.wan

    def environment(self):
        """What `on` and COMMAND find in their environment."""
        result = {
            "LAB_HOSTS": " ".join(f"{h.name}={h.path}" for h in self.hosts.values()),
            "LAB_SERVER": SERVER_ADDRESSES[0],
            "LAB_SERVER_2": SERVER_ADDRESSES[1],
        }
        for site in self.sites.values():
            result[f"LAB_ROUTER_{site.name.upper()}_PUBLIC"] = site.wan
            result[f"LAB_ROUTER_{site.name.upper()}_PROFILE"] = site.profile
            for client in site.clients:
                result[f"LAB_{client.upper()}"] = self.address(client)
        return result

    # Changing a running lab

    def set_profile(self, name, profile):
        """Makes the router of @name another one, which knows of no connection; its
        clients get other addresses where the old or new profile has no NAT."""
        profile_name, modifiers = profiles.parse(profile)
        site = self.sites[name]
        site.profile = profile
        self._set_addresses(site)
        site.router.nft(profiles.rules(profile_name, modifiers, site.wan,
                                       site.address(site.clients[0])))
        site.router.call(_forget_connections)
        _stop_miniupnpd(site)
        if "upnp" in modifiers:
            site.router.nft(profiles.mapping_rules(site.mapping_protocols))
            _start_miniupnpd(site)

    def set_mapping_protocols(self, name, *protocols):
        """The router of @name, which is +upnp, hears only these of `upnp`, `nat-pmp` and
        `pcp` from now on; it has forgotten its mappings."""
        site = self.sites[name]
        site.mapping_protocols = protocols
        self.set_profile(name, site.profile)

    def forget_connections(self, name):
        """The router of @name is as if it had been switched off and on."""
        self.sites[name].router.call(_forget_connections)

    def sysctl(self, name, **settings):
        """Connection tracking times, for one: sysctl ("router-a",
        nf_conntrack_tcp_timeout_established=5)."""
        self.host(name).sysctl({f"net/netfilter/{key}": value
                                for key, value in settings.items()})

    # Building

    def _build(self, routers, behind, link, links):
        self._add_host("server")
        self._add_host("internet", ROUTER_SYSCTLS)
        self._connect_server()
        for number, (name, profile) in enumerate(routers.items()):
            clients = [name] + [c for c, first in behind.items() if first == name]
            site = Site(number, clients, links.get(name, link))
            self.sites[name] = site
            self.hosts[site.router.name] = site.router
            site.router.sysctl(HOST_SYSCTLS | ROUTER_SYSCTLS)
            for client in clients:
                self._add_host(client)
            self._connect_clients(site)
            self._connect_router(site)
            self.set_profile(name, profile)
            if not site.link.is_plain():
                self._start_relay(site)

    def _add_host(self, name, more_sysctls=None):
        host = self.hosts[name] = Host(name)
        host.sysctl(HOST_SYSCTLS | (more_sysctls or {}))
        return host

    def _connect_server(self):
        first, second = SERVER_ADDRESSES
        self.hosts["internet"].ip(
            "link set lo up",
            "link add server type veth peer name eth0 netns " + self.hosts["server"].path,
            f"address add {PUBLIC}.0.1/32 dev server",
            "link set server up",
            f"route add {first} dev server",
            f"route add {second} dev server")
        self.hosts["server"].ip(
            "link set lo up",
            f"address add {first}/32 dev eth0",
            f"address add {second}/32 dev eth0",
            "link set eth0 up",
            f"route add {PUBLIC}.0.1 dev eth0 src {first}",
            f"route add default via {PUBLIC}.0.1 src {first}")

    def _connect_clients(self, site):
        """One cable, or a switch when there are several clients. Addresses come later."""
        lines = ["link set lo up"]
        if len(site.clients) > 1:
            lines += ["link add lan type bridge", "link set lan up"]
        for i, client in enumerate(site.clients):
            cable = "lan" if len(site.clients) == 1 else f"lan{i + 1}"
            lines.append(f"link add {cable} type veth peer name eth0 "
                         f"netns {self.hosts[client].path}")
            if cable != "lan":
                lines.append(f"link set {cable} master lan")
            lines.append(f"link set {cable} up")
        site.router.ip(*lines)
        for client in site.clients:
            self.hosts[client].ip("link set lo up", "link set eth0 up")

    def _connect_router(self, site):
        """The access link. Neighbours are fixed, so that no ARP, which would take a
        round trip of its own, runs over it."""
        internet = self.hosts["internet"]
        near, far = _mac(site.number, 1), _mac(site.number, 2)
        port = f"to-{site.name}"
        if site.link.is_plain():
            site.router.ip(f"link add wan address {near} type veth "
                           f"peer name {port} address {far} netns {internet.path}")
        else:
            wires = self.hosts.get("wires") or self._add_host("wires")
            for host, name, mac, wire in ((site.router, "wan", near, "near"),
                                          (internet, port, far, "far")):
                host.ip(f"link add {name} address {mac} type veth "
                        f"peer name {wire}{site.number} netns {wires.path}")
                if site.link.rate or site.link.loss_pct:
                    host.call(_send_packets_as_on_the_wire, name)
            wires.ip(f"link set near{site.number} up", f"link set far{site.number} up")
        internet.ip(f"address add {site.gateway}/24 dev {port}", f"link set {port} up",
                    f"neighbour replace {site.wan} lladdr {near} dev {port} nud permanent")
        site.router.ip(f"address add {site.wan}/24 dev wan", "link set wan up",
                       f"neighbour replace {site.gateway} lladdr {far} dev wan nud permanent",
                       f"route add default via {site.gateway}")

    def _set_addresses(self, site):
        public = f"{PUBLIC}.{130 + site.number}.0/24"
        has_nat = profiles.parse(site.profile)[0] not in profiles.WITHOUT_NAT
        site.router.ip("address flush dev lan",
                       f"address add {site.router_lan_address()}/24 dev lan")
        for client in site.clients:
            self.hosts[client].ip("address flush dev eth0",
                                  f"address add {site.address(client)}/24 dev eth0",
                                  f"route add default via {site.router_lan_address()}")
        self.hosts["internet"].ip(f"route replace unreachable {public}" if has_nat else
                                  f"route replace {public} via {site.wan}")

    def _start_relay(self, site):
        link = site.link
        queue = link.queue_bytes or link.rate // 8 // 10
        command = [find_tool("link-relay"), f"near{site.number}", f"far{site.number}",
                   str(round(link.delay_ms * 1000)), f"{link.loss_pct}", str(link.rate),
                   str(queue), str(link.seed + site.number)]
        relay = self.hosts["wires"].call(
            subprocess.Popen, command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            start_new_session=True)
        self.relays.append(relay)
        if relay.stdout.readline() != b"ready\n":
            raise LabError(f"the relay of the link of router-{site.name} did not start")


def _start_miniupnpd(site):
    """Returns once it hears what clients ask."""
    config = os.memfd_create("miniupnpd.conf")
    os.write(config, profiles.MINIUPNPD.encode())
    try:
        site.miniupnpd = site.router.call(
            subprocess.Popen,
            ["miniupnpd", "-d", "-f", f"/proc/self/fd/{config}", "-P", os.devnull],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            pass_fds=[config], start_new_session=True)
    except FileNotFoundError as error:
        raise LabError("+upnp needs the Debian package miniupnpd-nftables") from error
    finally:
        os.close(config)
    # The last thing that it says before it waits for them.
    said = b""
    for line in site.miniupnpd.stderr:
        said += line
        if b"Listening for NAT-PMP" in line:
            break
    else:
        raise LabError(f"miniupnpd on {site.router.name}: {said.decode().strip()}")
    # What it says later is taken from it, or it would stand still.
    threading.Thread(target=site.miniupnpd.stderr.read, daemon=True).start()


def _stop_miniupnpd(site):
    if site.miniupnpd is not None:
        site.miniupnpd.kill()
        site.miniupnpd.wait()
        site.miniupnpd = None


def find_tool(name):
    """The lab's own C programs, from the build folder."""
    build = os.environ.get("KNOTHOLE_BUILD")
    here = os.path.dirname(os.path.abspath(__file__))
    for folder in ([build] if build else []) + [os.path.join(here, "..", "..", "build")]:
        path = os.path.join(folder, "tests", "lab", name)
        if os.access(path, os.X_OK):
            return path
    raise LabError(f"{name} is not built: run ./dev build first, or set KNOTHOLE_BUILD")
