"""Listeners: whether it is the cluster itself that takes connections at its loopback ports.

The cluster shares this computer's network. Between the choice of a free port and the service that listens there,
anything else may take it, another cluster too; the service then cannot start, and a stranger answers in its place.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Iterable
from pathlib import Path

from cowshed_lab.practice.init_process import InitProcess
from cowshed_lab.practice.namespace import Mode, clean_environment

# Addresses as /proc/net writes them that a listener at 127.0.0.1 cannot live beside: itself, all, and both as IPv6.
_ADDRESSES = {
    "0100007F",
    "00000000",
    "00000000000000000000000000000000",
    "0000000000000000FFFF00000100007F",
    "0000000000000000FFFF000000000000",
}
_LISTENING = "0A"
_SOCKET = re.compile(r"socket:\[(\d+)\]")


def listening_sockets(ports: Collection[int], tables: Iterable[Path] | None = None) -> dict[int, set[int]]:
    """Return the sockets (inode numbers) that take loopback connections at each of the ports, whoever owns them.

    Sources: proc_pid_net(5); the kernel's tcp_states.h.
    """
    found: dict[int, set[int]] = {port: set() for port in ports}
    for table in tables or (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        try:
            lines = table.read_text(encoding="ascii").splitlines()[1:]
        except FileNotFoundError:  # a kernel without IPv6
            continue
        for line in lines:
            fields = line.split()
            address, _, port = fields[1].partition(":")
            if fields[3] == _LISTENING and address in _ADDRESSES and int(port, 16) in found:
                found[int(port, 16)].add(int(fields[9]))
    return found


async def taken_ports(ports: Collection[int], init: InitProcess, mode: Mode) -> set[int]:
    """Return the ports at which something listens that is no process of the cluster."""
    listening = listening_sockets(ports)
    if not any(listening.values()):
        return set()
    own = await _own_sockets(init, mode)
    return {port for port, sockets in listening.items() if sockets - own}


async def _own_sockets(init: InitProcess, mode: Mode) -> set[int]:
    # Asked from inside, as root there: without root, this computer hides what root's processes inside have open.
    user = ["--user"] if mode is Mode.USER_NAMESPACE else []
    enter = ["nsenter", "--target", str(init.pid), *user, "--mount", "--pid", "--setuid", "0", "--setgid", "0", "--"]
    look = ["find", "/proc", "-maxdepth", "3", "-path", "/proc/[0-9]*/fd/*", "-lname", "socket:*", "-printf", "%l\\n"]
    process = await asyncio.create_subprocess_exec(
        *enter,
        *look,
        env=clean_environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # processes that end meanwhile
    )
    output, _ = await process.communicate()
    return {int(number) for number in _SOCKET.findall(output.decode())}
