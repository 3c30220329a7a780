# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts in network namespaces: a server, an internet, routers, clients.

    sandbox.enter()
    with Network(a="port-restricted-cone", b="symmetric+rst", delay_ms=10) as net:
        process = net.popen("a", ["knothole-cli", "listen"], stdout=subprocess.PIPE)
        net.set_profile("b", "full-cone")
        print(net.address("a"), net.public_address("a"))

Every keyword that is no option names a client and the profile of its router; more
clients behind the router of `a` are given as behind={"a2": "a"}, more routers behind the
carrier of `a`, who comes before them, as behind_carrier={"b": "a"}. @carrier is the
profile of all carriers.

Hosts: `server`, `internet`, each client by its name, `router-NAME` for each router,
`carrier-NAME` for each carrier's, and `wires`, where the relays of links with a delay
sit. A host is a thread that lives in a network namespace; call() runs a function there,
and a socket made there works from every thread. No host has a route to anything outside
the lab.
"""

import contextlib
import functools
import os
import shutil
import socket
import struct
import subprocess
import threading

import hosts
import profiles
import sites
from hosts import Host, LabError  # noqa: F401
from sites import Link, SERVER_ADDRESSES, SERVER_ADDRESSES_6

CARRIER_PROFILE = "full-cone+hairpin"
INTERNET_6 = f"{sites.PUBLIC_6}::1"


def _enable_ipv6(host, *interfaces):
    host.sysctl({f"net/ipv6/conf/{name}/disable_ipv6": 0 for name in interfaces})


class Network:
    def __init__(self, *, delay_ms=0.0, loss_pct=0.0, rate=0, queue_bytes=0, links=None,
                 behind=None, behind_carrier=None, carrier=CARRIER_PROFILE, **routers):
        for profile in routers.values():
            profiles.parse(profile)
        profiles.check_carrier(carrier)
        for name in {**(behind_carrier or {}), **(behind or {})}.values():
            if name not in routers:
                raise LabError(f"there is no router of '{name}' to be behind")
        if len(routers) > sites.N_SITES_MAX:
            raise LabError(f"the lab has addresses for {sites.N_SITES_MAX} routers")
        os.environ["PATH"] += ":/usr/sbin:/sbin"
        link = Link(delay_ms, loss_pct, rate, queue_bytes)
        self.hosts = {}
        self.sites = {}
        self.relays = []
        self.has_ipv6 = False  # whether the server has; once it has, it stays so
        self._unplugged = {}  # client: the router at which its cable still ends
        try:
            self._build(routers, behind or {}, link, links or {})
            self._connect_sites(routers, behind_carrier or {}, carrier)
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
        for site in self.sites.values():
            if client in site.clients:
                return site
        raise LabError(f"'{client}' is behind no router")

    def address(self, client):
        """The client's own address."""
        return self.site(client).address(client)

    def address_6(self, client):
        """Its IPv6 address, which others see too; None where its site has no IPv6."""
        site = self.site(client)
        return site.address_6(client) if site.has_ipv6() else None

    def public_address(self, client):
        """Its address as the internet sees it."""
        return self.site(client).public_address(client)

    def environment(self):
        """What `on` and COMMAND find in their environment."""
        result = {
            "LAB_HOSTS": " ".join(f"{h.name}={h.path}" for h in self.hosts.values()),
            "LAB_SERVER": SERVER_ADDRESSES[0],
            "LAB_SERVER_2": SERVER_ADDRESSES[1],
        }
        if self.has_ipv6:
            result["LAB_SERVER_IPV6"], result["LAB_SERVER_2_IPV6"] = SERVER_ADDRESSES_6
        for site in self.sites.values():
            result[f"LAB_ROUTER_{site.name.upper()}_PUBLIC"] = site.outermost().address
            result[f"LAB_ROUTER_{site.name.upper()}_PROFILE"] = site.profile
            for client in site.clients:
                result[f"LAB_{client.upper()}"] = self.address(client)
                if site.has_ipv6():
                    result[f"LAB_{client.upper()}_IPV6"] = self.address_6(client)
        return result

    # Changing a running lab

    def set_profile(self, name, profile):
        """Makes the router of @name another one, which knows of no connection; its
        clients get other addresses where the old or new profile has no NAT. With or
        without IPv6, but a carrier neither comes nor goes."""
        _, modifiers = profiles.parse(profile)
        site = self.sites[name]
        if ("carrier" in modifiers) != (site.carrier is not None):
            raise LabError(f"router-{name} is {'' if site.carrier else 'not '}behind a "
                           f"carrier, and stays so: '{profile}'")
        had_ipv6 = site.profile is not None and site.has_ipv6()
        site.profile = profile
        self._set_addresses(site)
        if had_ipv6 and not site.has_ipv6():
            for host in (site.router, *(self.hosts[client] for client in site.clients)):
                host.sysctl({"net/ipv6/conf/all/disable_ipv6": 1})
        self._set_rules(site)
        site.router.call(hosts.forget_connections)
        self._restart_port_mapping(site)

    def set_mapping_protocols(self, name, *protocols):
        """The router of @name, which is +upnp, hears only these of `upnp`, `nat-pmp` and
        `pcp` from now on; it has forgotten its mappings."""
        site = self.sites[name]
        site.mapping_protocols = protocols
        self.set_profile(name, site.profile)

    def set_carrier(self, name, profile):
        """Makes the carrier in front of the router of @name another one, which knows of
        no connection."""
        profiles.check_carrier(profile)
        carrier = self._carrier(name)
        carrier.profile = profile
        self._set_carrier_rules(carrier)
        carrier.router.call(hosts.forget_connections)

    def forget_connections(self, name):
        """The router of @name, or a host that is one, is as if it had been switched off
        and on."""
        self._router(name).call(hosts.forget_connections)
        if name in self.sites:
            self._restart_port_mapping(self.sites[name])

    def count_connections(self, name):
        """TCP connections that the router of @name, or a host that is one, tracks."""
        return self._router(name).call(hosts.count_connections)

    def sysctl(self, name, **settings):
        """Connection tracking times, for one: sysctl ("router-a",
        nf_conntrack_tcp_timeout_established=5)."""
        self.host(name).sysctl({f"net/netfilter/{key}": value
                                for key, value in settings.items()})

    def short_timeouts(self, name, seconds):
        """The router of @name, or a host that is one, forgets a TCP connection that has
        been silent for so long, whatever its state. One that is tracked already has the
        time that it had until its next packet."""
        self._router(name).call(hosts.set_tcp_timeouts, seconds)

    def freeze(self, name):
        """Whatever comes to the outside of the router of @name, or of a host that is one,
        or leaves by it is dropped silently, until thaw()."""
        self._router(name).nft(
            "table inet frozen {\n chain in {\n  type filter hook prerouting priority -400;"
            '\n  iifname "wan" drop\n }\n chain out {\n'
            '  type filter hook postrouting priority 400;\n  oifname "wan" drop\n }\n}\n')

    def thaw(self, name):
        self._router(name).nft("delete table inet frozen\n")

    @contextlib.contextmanager
    def frozen(self, name):
        self.freeze(name)
        try:
            yield
        finally:
            self.thaw(name)

    def change_public_address(self, name):
        """As after a reconnect: the router of @name has another public address, or its
        carrier has, or where there is no NAT its clients have; another IPv6 prefix, too.
        What was connected is forgotten, and nobody has the old addresses."""
        site = self.sites[name]
        uplink = site.outermost()
        self._change_address(uplink)
        if not site.has_nat():
            for client in site.clients:
                site.take_next_address(client)
        site.take_next_prefix_6()
        self._set_addresses(site)
        if site.carrier:
            self._set_carrier_rules(site.carrier)
        else:
            self._set_rules(site)
        uplink.router.call(hosts.forget_connections)

    def change_own_address(self, client):
        """As with another lease: the client has another address in the same network."""
        site = self.site(client)
        site.take_next_address(client)
        self._set_client_addresses(site, client)
        self._set_rules(site, only_other=True)

    def unplug(self, client):
        """Its interface has no carrier and no address any more."""
        site = self.site(client)
        site.router.ip(f"link set c-{client} down")
        host = self.hosts[client]
        host.ip("address flush dev eth0")
        host.ip6("address flush dev eth0 scope global")
        site.remove(client)
        self._unplugged[client] = site.router
        self._set_rules(site, only_other=True)

    def plug_in(self, client, name):
        """The unplugged client is now behind the router of @name."""
        site, old = self.sites[name], self._unplugged.pop(client)
        if old is not site.router:
            old.ip(f"link set c-{client} netns {site.router.path}")
        site.router.ip(f"link set c-{client} master lan", f"link set c-{client} up")
        site.add(client)
        if not site.has_ipv6():
            self.hosts[client].sysctl({"net/ipv6/conf/all/disable_ipv6": 1})
        self._set_client_addresses(site, client)
        self._set_rules(site, only_other=True)

    def move_client(self, client, name):
        """As to another Wi-Fi: from its router to the router of @name."""
        self.unplug(client)
        self.plug_in(client, name)

    def _router(self, name):
        return self.sites[name].router if name in self.sites else self.host(name)

    def _carrier(self, name):
        carrier = self.sites[name].carrier
        if carrier is None:
            raise LabError(f"router-{name} is behind no carrier")
        return carrier

    # Building

    def _build(self, routers, behind, link, links):
        self._add_host("server")
        self._add_host("internet", hosts.ROUTER_SYSCTLS)
        self._connect_server()
        for number, name in enumerate(routers):
            router = self._add_host(f"router-{name}", hosts.ROUTER_SYSCTLS)
            site = sites.Site(number, name, router, links.get(name, link))
            self.sites[name] = site
            # The address is fixed, or it would change with what is plugged in.
            router.ip("link set lo up",
                      f"link add lan address {sites.mac(number, 3)} type bridge "
                      "mcast_snooping 0",
                      "link set lan up")
            router.call(hosts.make_switch_plain)
            for client in [name] + [c for c, first in behind.items() if first == name]:
                self._add_client(site, client)

    def _connect_sites(self, routers, behind_carrier, carrier_profile):
        internet = self.hosts["internet"]
        for name, profile in routers.items():
            site = self.sites[name]
            if "carrier" in profiles.parse(profile)[1]:
                first = behind_carrier.get(name, name)
                site.carrier = self._add_carrier(site, carrier_profile) \
                    if name == first else self._carrier(first)
                site.uplink = sites.Uplink(site.router, site.carrier.router,
                                           f"lan{site.number}", site.number, sites.CARRIER)
            elif name in behind_carrier:
                raise LabError(f"'{name}' is behind a carrier: '{profile}+carrier'")
            else:
                site.uplink = sites.Uplink(site.router, internet, f"to-{name}",
                                           site.number, sites.PUBLIC)
            self._connect(site.uplink, site.link)
            self.set_profile(name, profile)
            if not site.link.is_plain():
                self._start_relay(site)

    def _add_host(self, name, more_sysctls=None):
        host = self.hosts[name] = Host(name, more_sysctls)
        return host

    def _connect_server(self):
        first, second = SERVER_ADDRESSES
        self.hosts["internet"].ip(
            "link set lo up",
            "link add server type veth peer name eth0 netns " + self.hosts["server"].path,
            f"address add {sites.PUBLIC}.0.1/32 dev server",
            "link set server up",
            f"route add {first} dev server",
            f"route add {second} dev server")
        self.hosts["server"].ip(
            "link set lo up",
            f"address add {first}/32 dev eth0",
            f"address add {second}/32 dev eth0",
            "link set eth0 up",
            f"route add {sites.PUBLIC}.0.1 dev eth0 src {first}",
            f"route add default via {sites.PUBLIC}.0.1 src {first}")

    def _add_client(self, site, client):
        """With a cable to the switch of its router. Addresses come later."""
        host = self._add_host(client)
        site.router.ip(f"link add c-{client} type veth peer name eth0 netns {host.path}",
                       f"link set c-{client} master lan", f"link set c-{client} up")
        host.ip("link set lo up", "link set eth0 up")
        site.add(client)

    def _add_carrier(self, site, profile):
        """Its own link is a plain cable: what the access link has is before it."""
        router = self._add_host(f"carrier-{site.name}", hosts.ROUTER_SYSCTLS)
        uplink = sites.Uplink(router, self.hosts["internet"], f"to-{site.name}",
                              site.number, sites.PUBLIC, sites.FIRST_CARRIER_6)
        router.ip("link set lo up")
        self._connect(uplink, Link())
        carrier = sites.Carrier(site.name, router, profile, uplink)
        self._set_carrier_rules(carrier)
        return carrier

    def _connect(self, uplink, link):
        """Neighbours are fixed, so that no ARP, which would take a round trip of its own,
        runs over an access link."""
        if link.is_plain():
            uplink.router.ip(f"link add wan address {uplink.near} type veth peer name "
                             f"{uplink.port} address {uplink.far} "
                             f"netns {uplink.upstream.path}")
        else:
            self._connect_wires(uplink, link)
        uplink.upstream.ip(f"address add {uplink.gateway}/24 dev {uplink.port}",
                           f"link set {uplink.port} up")
        uplink.router.ip("link set wan up")
        self._set_uplink_address(uplink)

    def _connect_wires(self, uplink, link):
        wires = self.hosts.get("wires") or self._add_host("wires")
        number = uplink.number
        for host, name, mac, wire in ((uplink.router, "wan", uplink.near, "near"),
                                      (uplink.upstream, uplink.port, uplink.far, "far")):
            host.ip(f"link add {name} address {mac} type veth "
                    f"peer name {wire}{number} netns {wires.path}")
            if link.rate or link.loss_pct:
                host.call(hosts.send_packets_as_on_the_wire, name)
        wires.ip(f"link set near{number} up", f"link set far{number} up")

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

    # Addresses, routes and rules

    def _set_uplink_address(self, uplink):
        uplink.upstream.ip(f"route flush exact {uplink.address}/32 type blackhole",
                           f"neighbour replace {uplink.address} lladdr {uplink.near} "
                           f"dev {uplink.port} nud permanent")
        uplink.router.ip(f"address add {uplink.address}/24 dev wan",
                         f"neighbour replace {uplink.gateway} lladdr {uplink.far} "
                         "dev wan nud permanent",
                         f"route replace default via {uplink.gateway}")

    def _change_address(self, uplink):
        old = uplink.address
        uplink.take_next_address()
        uplink.router.ip("address flush dev wan")
        uplink.upstream.ip(f"neighbour del {old} dev {uplink.port}",
                           f"route replace blackhole {old}/32")
        self._set_uplink_address(uplink)

    def _set_addresses(self, site):
        public = site.public_network()
        site.router.ip("address flush dev lan",
                       f"address add {site.lan_address()}/24 dev lan")
        self.hosts["internet"].ip(
            f"route replace unreachable {public}" if site.has_nat()
            else f"route replace {public} via {site.uplink.address}")
        if site.has_ipv6():
            self._set_addresses_6(site)
        for client in site.clients:
            self._set_client_addresses(site, client)

    def _set_client_addresses(self, site, client):
        host = self.hosts[client]
        host.ip("address flush dev eth0", f"address add {site.address(client)}/24 dev eth0",
                f"route add default via {site.lan_address()}")
        if site.has_ipv6():
            _enable_ipv6(host, "all")
            host.ip6("address flush dev eth0 scope global",
                     f"address add {site.address_6(client)}/64 dev eth0 nodad",
                     f"route replace default via {sites.LAN_GATEWAY_6} dev eth0")

    def _set_addresses_6(self, site):
        self._give_server_ipv6()
        router, uplink = site.router, site.uplink
        _enable_ipv6(router, "lo", "lan")
        router.sysctl({"net/ipv6/conf/all/forwarding": 1})
        router.ip6("address flush dev lan scope global",
                   f"address replace {sites.LAN_GATEWAY_6}/64 dev lan nodad",
                   f"address add {site.lan_address_6()}/64 dev lan nodad",
                   f"route replace blackhole {site.network_6()}")
        self._connect_6(uplink)
        uplink.upstream.ip6(f"route replace {site.network_6()} via {uplink.address_6}")
        if site.carrier:
            outer = site.carrier.uplink
            outer.router.sysctl({"net/ipv6/conf/all/forwarding": 1})
            self._connect_6(outer)
            outer.upstream.ip6(*(f"route replace {network} via {outer.address_6}"
                                 for network in (site.network_6(), uplink.network_6)))

    def _connect_6(self, uplink):
        _enable_ipv6(uplink.upstream, uplink.port)
        _enable_ipv6(uplink.router, "lo", "wan")
        uplink.upstream.ip6(f"address replace {uplink.gateway_6}/64 dev {uplink.port} nodad",
                            f"neighbour replace {uplink.address_6} lladdr {uplink.near} "
                            f"dev {uplink.port} nud permanent")
        uplink.router.ip6(f"address replace {uplink.address_6}/64 dev wan nodad",
                          f"neighbour replace {uplink.gateway_6} lladdr {uplink.far} "
                          "dev wan nud permanent",
                          f"route replace default via {uplink.gateway_6}")

    def _give_server_ipv6(self):
        if self.has_ipv6:
            return
        self.has_ipv6 = True
        first, second = SERVER_ADDRESSES_6
        internet, server = self.hosts["internet"], self.hosts["server"]
        internet.sysctl({"net/ipv6/conf/all/forwarding": 1})
        _enable_ipv6(internet, "lo", "server")
        _enable_ipv6(server, "all")
        internet.ip6(f"address add {INTERNET_6}/128 dev server nodad",
                     f"route add {first} dev server", f"route add {second} dev server")
        server.ip6(f"address add {first}/128 dev eth0 nodad",
                   f"address add {second}/128 dev eth0 nodad",
                   f"route add {INTERNET_6} dev eth0 src {first}",
                   f"route add default via {INTERNET_6} src {first}")

    def _set_rules(self, site, only_other=False):
        """@only_other: not again where they are the same, which would empty their sets."""
        # With one client all ports are its own; with several, those it is known to have.
        client = site.address(site.clients[0]) if len(site.clients) == 1 else None
        rules = profiles.rules(site.profile, site.uplink.address, client)
        if not only_other or rules != site.rules:
            site.router.nft(rules)
        site.rules = rules

    def _restart_port_mapping(self, site):
        """Nothing is mapped after it."""
        _stop_miniupnpd(site)
        if "upnp" in profiles.parse(site.profile)[1]:
            site.router.nft(profiles.mapping_rules(site.mapping_protocols))
            _start_miniupnpd(site)
        else:
            site.router.nft(profiles.NO_MAPPING_RULES)

    def _set_carrier_rules(self, carrier):
        carrier.router.nft(profiles.rules(carrier.profile, carrier.uplink.address, None))


def _find_miniupnpd():
    path = shutil.which("miniupnpd")
    if path is None:
        raise LabError("+upnp needs the Debian package miniupnpd-nftables")
    return path


@functools.cache
def _miniupnpd_of_old():
    """A miniupnpd that maps ports at an address of a carrier's inside, too, as home routers
    do whose software does not look whether its own address is public. Of today's the table
    of reserved addresses says otherwise: in a copy in memory 100.64.0.0/10 is struck out."""
    with open(_find_miniupnpd(), "rb") as file:
        program = file.read()
    entry = struct.pack("=II", 100 << 24 | 64 << 16, 32 - 10)  # the address, bits not its own
    if program.count(entry) != 1:
        raise LabError("+upnp with +carrier: this miniupnpd's table of reserved addresses "
                       "is not where version 2.3.1 has it")
    copy = os.memfd_create("miniupnpd")
    os.write(copy, program.replace(entry, struct.pack("=II", 127 << 24, 32 - 8)))
    return f"/proc/{os.getpid()}/fd/{copy}"


def _start_miniupnpd(site):
    """Returns once it hears what clients ask."""
    config = os.memfd_create("miniupnpd.conf")
    os.write(config, profiles.MINIUPNPD.encode())
    program = _miniupnpd_of_old() if site.carrier else _find_miniupnpd()
    try:
        site.miniupnpd = site.router.call(
            subprocess.Popen,
            [program, "-d", "-f", f"/proc/self/fd/{config}", "-P", os.devnull],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            pass_fds=[config], start_new_session=True)
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
