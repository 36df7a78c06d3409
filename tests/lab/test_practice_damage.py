"""Damaged records and keys of the practice cluster: each is told as it is, and the next start mends it."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import asyncssh
import pytest

from cowshed_lab.practice.cluster import PracticeCluster, State
from cowshed_lab.practice.commands import describe
from cowshed_lab.practice.connection import kept_ports, keys_are_sound, make_keys
from cowshed_lab.practice.init_process import InitProcess
from cowshed_lab.practice.leftovers import recorded_mode
from cowshed_lab.practice.namespace import Mode
from cowshed_lab.practice.services import Ports
from practice_fixture import clone, inside, output_of

PORTS = {"ssh": 1, "registry": 2, "mirror": 3, "slurmctld": 4, "slurmd": 5}


def json_ports(content: str) -> object:
    return json.loads(content)["ports"] if content.startswith("{") else None


def settings(**changed: object) -> str:
    return json.dumps({"mode": "root", "registry_password": "p", "ports": PORTS, **changed})


@pytest.mark.parametrize(
    "content",
    [
        settings(mode="rooT"),
        settings(mode=["root"]),
        settings(mode="unavailable"),
        settings(ports=[1, 2]),
        settings(ports={**PORTS, "ssh": "x"}),
        settings(ports={**PORTS, "ssh": 10**9}),
        settings(ports={**PORTS, "ssh": False}),
        settings(ports={**PORTS, "ssh": None}),
        settings(registry_password=[]),
        "[" * 100_000,
    ],
)
def test_status_of_damaged_settings(tmp_path: Path, content: str) -> None:
    cluster = PracticeCluster(tmp_path / "practice")
    cluster.folder.make()
    cluster.folder.settings.write_text(content)
    status = asyncio.run(cluster.status())
    assert status.state is State.ABSENT
    assert kept_ports(cluster.folder) == (Ports(**PORTS) if json_ports(content) == PORTS else None)
    assert "not set up" in describe(status)
    cluster.folder.system.mkdir()
    cluster.folder.stamp.write_text('{"system_version": 1, "versions": 7}')
    cluster.folder.init_record.write_text(Path(f"/proc/{os.getpid()}/stat").read_text())
    status = asyncio.run(cluster.status())
    assert status.state is State.BROKEN
    assert describe(status)
    cluster.folder.init_record.unlink()


def test_the_systems_owner_tells_the_mode_where_the_record_does_not(tmp_path: Path) -> None:
    folder = PracticeCluster(tmp_path / "practice").folder
    folder.make()
    folder.settings.write_text(settings(mode="rooT"))
    assert recorded_mode(folder) is None
    folder.system.mkdir()
    assert recorded_mode(folder) is (Mode.ROOT if os.getuid() == 0 else Mode.USER_NAMESPACE)
    if os.getuid() == 0:
        os.chown(folder.system, 12345, 12345)
        assert recorded_mode(folder) is Mode.USER_NAMESPACE


@pytest.mark.parametrize("which", ["client_key", "host_key"])
@pytest.mark.parametrize("damage", ["private", "public", "empty", "another", "bytes"])
def test_damaged_keys_are_made_anew_and_sound_ones_kept(tmp_path: Path, which: str, damage: str) -> None:
    folder = PracticeCluster(tmp_path / "practice").folder
    folder.make()
    make_keys(folder, 22)
    path = folder.client_key if which == "client_key" else folder.host_key
    other = folder.host_key if which == "client_key" else folder.client_key
    kept, before = other.read_bytes(), path.read_bytes()
    public = path.with_suffix(".pub")
    if damage == "private":
        path.write_bytes(before[:100] + b"!" + before[101:])
    elif damage == "public":
        public.write_bytes(public.read_bytes()[:30])
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "bytes":
        public.write_bytes(b"\xff\xfe")
    else:
        public.write_bytes(asyncssh.generate_private_key("ssh-ed25519").export_public_key())
    assert not keys_are_sound(folder)
    make_keys(folder, 22)
    assert keys_are_sound(folder)
    assert path.read_bytes() != before
    assert path.stat().st_mode & 0o777 == 0o600
    assert other.read_bytes() == kept
    assert folder.host_key.with_suffix(".pub").read_text().split()[1] in folder.known_hosts.read_text()


@pytest.mark.practice
def test_a_start_mends_what_is_damaged_and_never_starts_a_second_cluster(
    practice: PracticeCluster, tmp_path: Path
) -> None:
    cluster = clone(practice, tmp_path / "practice")
    folder = cluster.folder
    try:
        asyncio.run(cluster.up())
        first = InitProcess.find(folder.init_record)
        assert first is not None
        record = folder.init_record.read_text()
        for at in (0, record.rindex(" ") - 3):  # the process's number, then a field behind
            damaged = bytearray(record.encode())
            damaged[at] ^= 0x10
            folder.init_record.write_bytes(damaged)
            assert InitProcess.find(folder.init_record) == first
        folder.init_record.write_bytes(b"\xff")
        processes = inside(cluster)
        asyncio.run(cluster.up())
        assert InitProcess.find(folder.init_record) == first
        assert first.pid in processes
        folder.client_key.write_bytes(b"damaged")
        assert asyncio.run(cluster.status()).state is State.BROKEN
        asyncio.run(cluster.up())
        assert asyncio.run(cluster.status()).state is State.RUNNING
        assert output_of(cluster, "id", "-un") == "learner\n"
        assert InitProcess.find(folder.init_record) != first
        folder.settings.write_text(folder.settings.read_text().replace('"root"', '"rooT"'))
        assert asyncio.run(cluster.status()).state is State.RUNNING
        assert kept_ports(folder) is not None
        asyncio.run(cluster.up())
    finally:
        asyncio.run(cluster.reset())
