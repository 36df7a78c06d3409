"""Targets for tests: this computer in a temporary home, and the practice cluster over its real SSH server."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from cowshed_lab.local import LocalTarget
from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lab.ssh import SshAddress, SshTarget
from cowshed_lab.target import Target
from lab.processes import zombies

TINY = r"""Bootstrap: scratch

%setup
    root=$APPTAINER_ROOTFS
    mkdir -p "$root/bin" "$root/lib" "$root/etc" "$root/tmp" "$root/dev" "$root/proc" "$root/sys"
    ln -s lib "$root/lib64"
    for name in dash chmod chown head mkdir sleep touch; do
        cp "/usr/bin/$name" "$root/bin/"
        ldd "/usr/bin/$name" | grep -o '/[^ ]*' | while read library; do cp -L "$library" "$root/lib/"; done
    done
    ln -s dash "$root/bin/sh"
    touch "$root/etc/passwd" "$root/etc/group"

%post
"""
"""Head of a recipe that builds in a second: a few programs of the target itself instead of a base image."""


def practice_address(cluster: PracticeCluster) -> SshAddress:
    """Return where the practice cluster's SSH server listens."""
    connection = cluster.connection()
    host_key = " ".join(connection.known_hosts.read_text(encoding="utf-8").split()[1:3])
    return SshAddress(connection.host, connection.port, connection.user, connection.key, host_key)


def play(scenario: Callable[[], Awaitable[None]], seconds: float = 60) -> None:
    """Run a scenario in a loop of its own; nothing it started may be left as a zombie."""

    async def limited() -> None:
        async with asyncio.timeout(seconds):
            await scenario()

    asyncio.run(limited())
    assert not zombies()


@dataclass(frozen=True)
class Place:
    """A target and a folder on it that is the test's own."""

    target: Target
    folder: PurePosixPath


async def open_practice(cluster: PracticeCluster) -> SshTarget:
    target = SshTarget("practice", "Practice cluster", practice_address(cluster))
    await target.connect()
    return target


def own_folder() -> PurePosixPath:
    return PurePosixPath(f"cowshed-tests/{uuid.uuid4().hex}")


async def clean_up(target: LocalTarget | SshTarget, folder: PurePosixPath) -> None:
    await target.run(["rm", "-rf", "--", str(folder)])
    await target.close()
