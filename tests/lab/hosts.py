# SPDX-License-Identifier: GPL-3.0-or-later
"""A host of the lab: a network namespace and a thread that lives in it; and what can only
be done from inside of one."""

import ctypes
import fcntl
import glob
import os
import socket
import struct
import subprocess
from concurrent.futures import ThreadPoolExecutor

import sandbox

SIOCETHTOOL = 0x8946
ETHTOOL_STSO, ETHTOOL_SGSO = 0x1F, 0x24
NETLINK_NETFILTER = 12
# Of the subsystem ctnetlink: IPCTNL_MSG_CT_NEW, _GET and _DELETE.
CONNTRACK_NEW, CONNTRACK_GET, CONNTRACK_DELETE = 1 << 8, 1 << 8 | 1, 1 << 8 | 2
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 0x1, 0x4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
CTA_PROTO_NUM_TCP = struct.pack("=HHB", 5, 1, socket.IPPROTO_TCP)
ALL_FAMILIES = 0

HOST_SYSCTLS = {
    "net/ipv6/conf/all/disable_ipv6": 1,
    "net/ipv6/conf/default/disable_ipv6": 1,
    # An address can be used as soon as it is there; and nobody but the lab gives any.
    "net/ipv6/conf/all/accept_dad": 0,
    "net/ipv6/conf/default/accept_dad": 0,
    "net/ipv6/conf/default/accept_ra": 0,
    "net/ipv6/conf/default/router_solicitations": 0,
    "net/ipv4/conf/all/rp_filter": 0,
    "net/ipv4/conf/default/rp_filter": 0,
}
ROUTER_SYSCTLS = {"net/ipv4/ip_forward": 1, "net/ipv4/conf/all/send_redirects": 0}


# What a switch passes on is nobody's business, where the kernel would have it otherwise.
SWITCH_SYSCTLS = ("net/bridge/bridge-nf-call-iptables", "net/bridge/bridge-nf-call-ip6tables",
                  "net/bridge/bridge-nf-call-arptables")


class LabError(Exception):
    """Something the lab needs is missing or failed; the text is for people."""


class Host:
    """A network namespace and the thread that lives in it."""

    def __init__(self, name, more_sysctls=None):
        self.name = name
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self.namespace_fd = self.call(self._move_in)
        self.path = f"/proc/{os.getpid()}/fd/{self.namespace_fd}"
        self.sysctl(HOST_SYSCTLS | (more_sysctls or {}))

    @staticmethod
    def _move_in():
        sandbox.unshare(sandbox.CLONE_NEWNET)
        return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)

    def call(self, function, *args, **kwargs):
        return self._thread.submit(function, *args, **kwargs).result()

    def ip(self, *lines):
        """Runs lines of `ip` commands, about IPv4 where they concern addresses."""
        self._feed(["ip", "-4", "-batch", "-"], "\n".join(lines) + "\n")

    def ip6(self, *lines):
        self._feed(["ip", "-6", "-batch", "-"], "\n".join(lines) + "\n")

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


# What Host.call() runs


def make_switch_plain():
    """Of this namespace; most kernels have nothing else."""
    for name in SWITCH_SYSCTLS:
        if os.path.exists(f"/proc/sys/{name}"):
            _write_sysctls({name: 0})


def send_packets_as_on_the_wire(interface):
    """Switches off segmentation offload, so that each packet is at most one MTU."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for command in (ETHTOOL_STSO, ETHTOOL_SGSO):
            value = ctypes.create_string_buffer(struct.pack("=II", command, 0))
            request = struct.pack("16sP16x", interface.encode(), ctypes.addressof(value))
            fcntl.ioctl(sock, SIOCETHTOOL, request)


def _ask_conntrack(kind, flags):
    """The answers, as (type, rest of the message)."""
    message = struct.pack("=IHHIIBBH", 20, kind, flags, 1, 0, ALL_FAMILIES, 0, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER) as sock:
        sock.send(message)
        while True:
            answer = sock.recv(1 << 16)
            while answer:
                length, answer_kind = struct.unpack_from("=IH", answer)
                yield answer_kind, answer[16:length]
                if answer_kind in (NLMSG_ERROR, NLMSG_DONE):
                    return
                answer = answer[(length + 3) // 4 * 4:]


def forget_connections():
    """Empties the connection tracking table of this namespace."""
    for _, rest in _ask_conntrack(CONNTRACK_DELETE, NLM_F_REQUEST | NLM_F_ACK):
        error = struct.unpack_from("=i", rest)[0]
        if error != 0:
            raise LabError(f"emptying the connection table: {os.strerror(-error)}")


def count_connections():
    """Those of TCP in the connection tracking table of this namespace; none whose time is
    over."""
    return sum(kind == CONNTRACK_NEW and CTA_PROTO_NUM_TCP in rest for kind, rest
               in _ask_conntrack(CONNTRACK_GET, NLM_F_REQUEST | NLM_F_DUMP))


def set_tcp_timeouts(seconds):
    """All that connection tracking has for TCP, in this namespace."""
    for path in glob.glob("/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_*"):
        _write_sysctls({path.removeprefix("/proc/sys/"): seconds})
