"""Connection: how to reach the practice cluster: its loopback ports, its keys, a session over SSH."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from cowshed_lab.practice.certificates import REGISTRY_NAME
from cowshed_lab.practice.fault import PracticeError
from cowshed_lab.practice.folder import PracticeFolder, read_json
from cowshed_lab.practice.services import Ports

USER = "learner"
VISITOR = "visitor"  # has no range of subordinate IDs, as is usual on clusters


@dataclass(frozen=True, slots=True)
class Connection:
    """What is needed to use the running cluster.

    Attributes:
        host: Always the loopback address.
        port: The SSH server's port.
        user: The account's name there.
        key: Private key file.
        known_hosts: File that names the server's key.
        registry: `host:port` of the registry as it is called inside the cluster; pushes to it ask for a login.
    """

    host: str
    port: int
    user: str
    key: Path
    known_hosts: Path
    registry: str

    @classmethod
    def of(cls, folder: PracticeFolder, user: str = USER) -> Connection:
        """Return the connection to a folder's cluster. Raises PracticeError where it was never started."""
        ports = kept_ports(folder)
        if ports is None:
            raise PracticeError("The practice cluster was never started. Start it with: cowshed practice up")
        registry = f"{REGISTRY_NAME}:{ports.registry}"
        return cls("127.0.0.1", ports.ssh, user, folder.client_key, folder.known_hosts, registry)


def kept_ports(folder: PracticeFolder) -> Ports | None:
    """Return the ports of the last start, None where there was none."""
    recorded = read_json(folder.settings).get("ports")
    if not isinstance(recorded, dict) or set(recorded) != set(Ports.__slots__):
        return None
    sound = all(type(port) is int and 0 < port < 65536 for port in recorded.values())
    return Ports(**recorded) if sound else None


async def listens(port: int) -> bool:
    """Tell whether something takes connections at a loopback port."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def connect(connection: Connection) -> asyncssh.SSHClientConnection:
    """Open an SSH connection with the cluster's own key, whatever the person's SSH settings say."""
    return await asyncssh.connect(
        connection.host,
        connection.port,
        username=connection.user,
        client_keys=[str(connection.key)],
        known_hosts=str(connection.known_hosts),
        agent_path=None,
        config=None,
    )


_OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")
# Fewer to choose from, and starts at the same time would meet too often.
_ENOUGH_PORTS = 1000
# Below this the ports of well-known services are dense.
_FIRST_PORT = 20_000


def choose_ports(kept: dict[str, int]) -> dict[str, int]:
    """Return a free loopback port for each service: the kept one where nobody has taken it.

    New ones lie outside the range that this computer gives to outgoing connections, so that none of those takes a
    service's port while the service is being restarted.
    """
    chosen: dict[str, int] = {}
    with contextlib.ExitStack() as open_sockets:
        for name in Ports.__slots__:
            for wanted in _candidates(kept.get(name)):
                probe_socket = open_sockets.enter_context(socket.socket())
                # As the services themselves do: a port whose old connections linger is free.
                probe_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe_socket.bind(("127.0.0.1", wanted))
                except OSError:
                    continue
                port = probe_socket.getsockname()[1]
                if port not in chosen.values():
                    chosen[name] = port
                    break
    return chosen


def _candidates(kept: int | None) -> Iterator[int]:
    if kept:
        yield kept
    span = range(_FIRST_PORT, _first_outgoing_port())
    if len(span) >= _ENOUGH_PORTS:
        for _ in range(_ENOUGH_PORTS):
            yield secrets.choice(span)
    while True:
        yield 0  # whichever the system likes


def _first_outgoing_port() -> int:
    try:
        return int(_OUTGOING.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 32768  # Linux's own setting


def keys_are_sound(folder: PracticeFolder) -> bool:
    """Tell whether both pairs of keys can be read and belong together."""
    return _is_sound(folder.host_key) and _is_sound(folder.client_key)


def _is_sound(path: Path) -> bool:
    try:
        private = asyncssh.read_private_key(path)
        public = asyncssh.read_public_key(path.with_suffix(".pub"))
        return private.public_data == public.public_data
    except (OSError, ValueError):  # asyncssh.KeyImportError is a ValueError
        return False


def make_keys(folder: PracticeFolder, port: int) -> None:
    """Make the host's and the learner's keys where they are missing or damaged, and the line for known_hosts."""
    for path in (folder.host_key, folder.client_key):
        if _is_sound(path):
            continue
        key = asyncssh.generate_private_key("ssh-ed25519", comment="cowshed practice cluster")
        public = path.with_suffix(".pub")
        public.write_bytes(key.export_public_key())
        new = path.with_suffix(".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(key.export_private_key())
        new.replace(path)
    algorithm, data, *_ = folder.host_key.with_suffix(".pub").read_text(encoding="ascii").split()
    folder.known_hosts.write_text(f"[127.0.0.1]:{port} {algorithm} {data}\n", encoding="ascii")
