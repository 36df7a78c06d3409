"""The services' configuration: what depends on this computer and on whether Docker Hub answers."""

from __future__ import annotations

import asyncio
import os
import shlex
import socket
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from cowshed_lab.practice import connection
from cowshed_lab.practice import start as start_module
from cowshed_lab.practice.connection import choose_ports
from cowshed_lab.practice.listeners import listening_sockets
from cowshed_lab.practice.namespace import PROXY_VARIABLES, Mode
from cowshed_lab.practice.services import (
    Ports,
    Settings,
    id_range,
    learner_environment,
    registries_conf,
    registry_yml,
    slurm_conf,
    sshd_config,
    write_configuration,
)

SETTINGS = Settings(
    mode=Mode.ROOT,
    ports=Ports(ssh=2201, registry=2202, mirror=2203, slurmctld=2204, slurmd=2205),
    host_key=b"host key\n",
    authorized_key=b"ssh-ed25519 AAAA learner\n",
    registry_password="secret",
    registry_certificate=b"certificate\n",
    registry_key=b"key\n",
    trusted=b"authority\n",
    docker_hub_answers=False,
    fuse=True,
    resolv_conf="nameserver 192.0.2.1\n",
    hosts="127.0.1.1 laptop practice\n",
    processors=4,
    memory=16000,
)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)


def test_slurm_has_this_computers_processors_and_memory() -> None:
    lines = slurm_conf(SETTINGS).splitlines()
    assert "NodeName=practice NodeAddr=127.0.0.1 CPUs=4 RealMemory=16000 State=UNKNOWN" in lines
    assert "DefMemPerCPU=4000" in lines
    assert "SlurmctldPort=2204" in lines


def test_docker_hub_is_mirrored_only_where_it_does_not_answer() -> None:
    offline = registries_conf(2203, docker_hub_answers=False)
    online = registries_conf(2203, docker_hub_answers=True)
    assert "docker.io" in offline
    assert "docker.io" not in online
    assert 'location = "127.0.0.1:2203"' in online
    assert 'location = "stand-ins.practice:2203"' in offline
    assert 'location = "ghcr.io"' in offline
    assert 'location = "stand-ins.practice:2203/ghcr.io"' in offline
    assert "ghcr.io" not in online


def test_only_the_registry_for_pushes_asks_for_a_login() -> None:
    assert "htpasswd" in registry_yml(2202, read_only=False)
    assert "readonly" not in registry_yml(2202, read_only=False)
    assert "tls" in registry_yml(2202, read_only=False)
    assert "tls" not in registry_yml(2203, read_only=True)
    assert "htpasswd" not in registry_yml(2203, read_only=True)
    assert "readonly" in registry_yml(2203, read_only=True)
    assert "addr: 127.0.0.1:2203" in registry_yml(2203, read_only=True)


def test_without_a_fuse_device_apptainer_is_told_to_unpack() -> None:
    assert "APPTAINER_UNSQUASH" not in learner_environment(SETTINGS)
    assert learner_environment(replace(SETTINGS, fuse=False))["APPTAINER_UNSQUASH"] == "1"


def test_proxies_reach_the_learners_sessions_quoted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hostile = 'http://a"b\\c $(touch x):3128'
    monkeypatch.setenv("http_proxy", hostile)
    assert '"http_proxy=http://a\\"b\\\\c $(touch x):3128"' in sshd_config(SETTINGS, learner_environment(SETTINGS))
    write_configuration(tmp_path, SETTINGS)
    (line,) = (tmp_path / "practice" / "environment").read_text().splitlines()
    assert shlex.split(line) == [f"http_proxy={hostile}"]


def test_secrets_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    write_configuration(tmp_path, SETTINGS)
    for name in ("host_key", "registry-password", "registry.key", "sshd_config"):
        assert (tmp_path / "practice" / name).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "slurm" / "slurm.conf").stat().st_mode & 0o777 == 0o644


def test_names_and_name_servers_are_this_computers_but_practice_is_loopback(tmp_path: Path) -> None:
    write_configuration(tmp_path, SETTINGS)
    assert (tmp_path / "resolv.conf").read_text() == "nameserver 192.0.2.1\n"
    first, *others = (tmp_path / "hosts").read_text().splitlines()
    names = ["registry.practice", "ghcr.practice", "stand-ins.practice"]
    assert first.split() == ["127.0.0.1", "localhost", "practice", *names]
    assert others == ["127.0.1.1 laptop practice"]


def test_without_root_the_learners_range_lies_within_the_ids_that_exist_inside() -> None:
    assert id_range(Mode.ROOT).split(":")[1] == "1000000000"
    assert int(id_range(Mode.USER_NAMESPACE).split(":")[1]) < 65536


def test_every_service_gets_a_port_of_its_own() -> None:
    chosen = choose_ports({})
    assert set(chosen) == {"ssh", "registry", "mirror", "slurmctld", "slurmd"}
    assert len(set(chosen.values())) == 5
    assert choose_ports(chosen) == chosen
    first_outgoing = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    if first_outgoing >= 32768:
        assert all(20_000 <= port < first_outgoing for port in chosen.values())


def test_where_all_ports_may_be_outgoing_ones_the_system_chooses(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    everything = tmp_path / "ip_local_port_range"
    everything.write_text("1024\t65535\n")
    monkeypatch.setattr(connection, "_OUTGOING", everything)
    assert len(set(choose_ports({}).values())) == 5


def test_listeners_are_found_by_port_and_address() -> None:
    with socket.socket() as here, socket.socket() as everywhere, socket.socket() as bound_only:
        for one, address in ((here, "127.0.0.1"), (everywhere, "0.0.0.0"), (bound_only, "127.0.0.1")):
            one.bind((address, 0))
        here.listen()
        everywhere.listen()
        ports = [one.getsockname()[1] for one in (here, everywhere, bound_only)]
        inodes = [{os.fstat(one.fileno()).st_ino} for one in (here, everywhere)]
        assert listening_sockets(ports) == dict(zip(ports, [*inodes, set()], strict=True))


def test_a_kernel_without_ipv6_is_no_hindrance(tmp_path: Path) -> None:
    assert listening_sockets([1], [tmp_path / "tcp6"]) == {1: set()}


def test_folders_of_the_configuration_are_open_to_the_services_users(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_configuration(tmp_path / "etc", SETTINGS)
    finally:
        os.umask(before)
    assert (tmp_path / "etc" / "slurm").stat().st_mode & 0o777 == 0o755


def test_docker_hub_does_not_answer_where_it_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_args: object, **_options: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(asyncio, "open_connection", refuse)
    assert not asyncio.run(start_module.docker_hub_answers())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 401 Unauthorized\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\n\r\n", True),
        (b"HTTP/1.1 302 Found\r\nLocation: https://login.example/\r\n\r\n", False),
        (b"", False),
        (None, False),
    ],
)
def test_what_counts_as_docker_hubs_answer(
    monkeypatch: pytest.MonkeyPatch, answer: bytes | None, expected: bool
) -> None:
    real = asyncio.open_connection

    async def ask() -> bool:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            if answer is None:
                await reader.read()  # silence, until the other side has had enough
            else:
                writer.write(answer)
            writer.close()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]

            async def open_here(
                host: str, port_there: int, *, ssl: ssl.SSLContext
            ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
                assert (host, port_there) == ("registry-1.docker.io", 443)
                return await real("127.0.0.1", port)

            monkeypatch.setattr(asyncio, "open_connection", open_here)
            return await start_module.docker_hub_answers(seconds=0.5)

    assert asyncio.run(ask()) is expected
