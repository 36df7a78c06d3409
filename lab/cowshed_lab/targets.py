"""The places where Apptainer can run, which of them is the default and why, and how each is opened.

A kind of target is one class and one line in `KINDS`.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from typing import Protocol

from cowshed_lab.target import Target, TargetError


@dataclass(frozen=True, slots=True)
class TargetEntry:
    """One target that could be chosen.

    Attributes:
        name: in commands and settings.
        label: for a person.
        kind: one of `KINDS`.
        available: images can be built there.
        reason: a sentence on what it is good for, or why it is not available.
        writable: recipes and terminals work there, even where nothing can be built.
    """

    name: str
    label: str
    kind: str
    available: bool
    reason: str
    writable: bool = False


class TargetKind(Protocol):
    """A kind of target: which ones there are, and how one is opened. Its methods ask nobody for anything."""

    def entries(self) -> list[TargetEntry]:
        """Return the targets of this kind, without connecting to any."""
        ...

    async def open(self, name: str) -> Target:
        """Open one. Raises TargetError with the way out."""
        ...


class LocalKind:
    """This computer."""

    def entries(self) -> list[TargetEntry]:
        """Return this computer; available where `apptainer` is on the PATH."""
        found = shutil.which("apptainer")
        if found:
            reason = f"Apptainer is installed on this computer ({found})."
        elif sys.platform == "linux":
            reason = "Apptainer is not installed on this computer."
        else:
            reason = "Apptainer runs on Linux only, so not on this computer."
        return [TargetEntry("local", "This computer", "local", found is not None, reason, writable=True)]

    async def open(self, name: str) -> Target:
        """Open this computer; commands work even where Apptainer is missing."""
        from cowshed_lab.local import LocalTarget

        return LocalTarget(name, "This computer")


def _has_stand_ins() -> bool:
    """Whether the practice cluster's last start found Docker Hub out of reach."""
    from cowshed_lab.practice.folder import PracticeFolder, default_home, read_json

    return read_json(PracticeFolder(default_home()).settings).get("docker_hub_answers") is False


class PracticeKind:
    """The practice cluster on this computer."""

    def entries(self) -> list[TargetEntry]:
        """Return the practice cluster; available on Linux. Whether it can start here, its own probe tells."""
        if sys.platform == "linux":
            reason = "A small cluster of its own on this computer: Apptainer, SSH and Slurm to learn with."
            if _has_stand_ins():
                reason += " Docker Hub cannot be reached: base images are stand-ins made of Debian packages."
        else:
            reason = "The practice cluster needs Linux, so it does not run on this computer."
        return [TargetEntry("practice", "Practice cluster", "practice", sys.platform == "linux", reason)]

    async def open(self, name: str) -> Target:
        """Connect to the running practice cluster."""
        if sys.platform != "linux":
            raise TargetError(self.entries()[0].reason)
        from cowshed_lab.practice.cluster import PracticeCluster, PracticeError, State
        from cowshed_lab.ssh import SshAddress, SshTarget

        cluster = PracticeCluster()
        try:
            if (await cluster.status()).state is not State.RUNNING:
                raise TargetError("The practice cluster does not run. Start it with: cowshed practice up")
            connection = cluster.connection()
            host_key = " ".join(connection.known_hosts.read_text(encoding="utf-8").split()[1:3])
        except (PracticeError, OSError) as error:
            raise TargetError(f"{error} Start the practice cluster anew with: cowshed practice up") from error
        target = SshTarget(
            name,
            "Practice cluster",
            SshAddress(connection.host, connection.port, connection.user, connection.key, host_key),
        )
        await target.connect()
        return target


KINDS: dict[str, type[TargetKind]] = {"local": LocalKind, "practice": PracticeKind}
"""The kinds of targets, in the order in which they are offered."""


class TargetDirectory:
    """Knows every target. Opening is up to the caller, and so is closing what was opened."""

    def __init__(self) -> None:
        self._kinds: dict[str, TargetKind] = {name: kind() for name, kind in KINDS.items()}

    def names(self) -> list[TargetEntry]:
        """Return all targets, in the order in which they are offered."""
        return [entry for kind in self._kinds.values() for entry in kind.entries()]

    def entry(self, name: str) -> TargetEntry:
        """Return the target of that name. Raises TargetError where there is none."""
        entries = self.names()
        for entry in entries:
            if entry.name == name:
                return entry
        known = ", ".join(entry.name for entry in entries)
        raise TargetError(f"There is no target “{name}”. Choose one of: {known}.", environment=False)

    def default(self) -> tuple[str, str]:
        """Return the default target's name, and in a sentence why it is the default."""
        local, practice = self.entry("local"), self.entry("practice")
        if local.available:
            return local.name, f"{local.reason} So this computer is the default target."
        if practice.available:
            return practice.name, f"{local.reason} So the practice cluster is the default target."
        return local.name, f"{local.reason} Recipes can be written and checked here; to build, a cluster is needed."

    async def open(self, name: str) -> Target:
        """Open a target, connecting where it takes a connection.

        Raises:
            TargetError: there is no such target, or it cannot be reached; the text says what to do.
        """
        return await self._kinds[self.entry(name).kind].open(name)
