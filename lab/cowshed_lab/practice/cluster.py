"""The practice cluster itself: start it, stop it, tell how it is, throw it away."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from cowshed_lab.practice.base_images import is_made
from cowshed_lab.practice.certificates import GITHUB_REGISTRY_NAME
from cowshed_lab.practice.connection import USER, Connection, kept_ports, keys_are_sound, listens
from cowshed_lab.practice.fault import PracticeError
from cowshed_lab.practice.folder import PracticeFolder, Work, default_home, read_json
from cowshed_lab.practice.init_process import InitProcess
from cowshed_lab.practice.leftovers import clean, half_made, recorded_mode, remove, stop
from cowshed_lab.practice.namespace import Mode
from cowshed_lab.practice.parts import Parts
from cowshed_lab.practice.probe import probe_async
from cowshed_lab.practice.progress import Progress, Report, silent
from cowshed_lab.practice.stand_ins import GROUPS, Group, of_makes
from cowshed_lab.practice.start import Start

__all__ = ["Connection", "Ending", "PracticeCluster", "PracticeError", "State", "Status", "Work"]


_WAITING = Progress("Waiting for another start or stop of the practice cluster", None, 0)


class State(StrEnum):
    """How the cluster is.

    Absent: never made. Incomplete: a start was ended while it made something; the next one goes on. Stopped, running:
    as it says. Broken: it runs and does not answer; starting it again puts that right.
    """

    ABSENT = "absent"
    INCOMPLETE = "incomplete"
    STOPPED = "stopped"
    RUNNING = "running"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Status:
    """How the cluster is.

    Attributes:
        state: In one word.
        mode: With or without root; None before the first start.
        home: Its folder on this computer.
        ports: Loopback ports by service.
        versions: Versions of the main packages.
        stand_ins: Names of base images that stand-ins answer for; empty where Docker Hub answers.
        to_add: Groups of stand-ins that are not made yet; `PracticeCluster.add` makes them.
        registry_login: User and password for pushes, None before the first start.
        work: What another process, or another thread of this one, does with it at this moment; None for nothing.
    """

    state: State
    mode: Mode | None
    home: Path
    ports: Mapping[str, int] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    stand_ins: tuple[str, ...] = ()
    registry_login: tuple[str, str] | None = field(default=None, repr=False)
    to_add: tuple[str, ...] = ()
    work: Work | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """What a stop or a reset did.

    Attributes:
        stopped: It ran, and does not any more.
        cleaned: What an interrupted start had left was removed.
        backup: Where the learner's files were moved; None where they stayed.
    """

    stopped: bool = False
    cleaned: bool = False
    backup: Path | None = None


class PracticeCluster:
    """Apptainer, an SSH server, Slurm and a registry on this Linux computer.

    Args:
        home: Folder that everything lives in; `folder.default_home()` where None.
    """

    def __init__(self, home: Path | None = None) -> None:
        self.folder = PracticeFolder((home or default_home()).absolute())

    def connection(self, user: str = USER) -> Connection:
        """Return how to reach the cluster, whether it runs or not.

        Args:
            user: `learner`, or `visitor`, an account that has no range of subordinate IDs.

        Raises:
            PracticeError: It was never started.
        """
        return Connection.of(self.folder, user)

    def facts(self) -> dict[str, str]:
        """Return what a lesson's text calls by name: registries, the account there, a place for large files.

        Raises:
            PracticeError: It was never started.
        """
        connection = self.connection()
        port = connection.registry.rpartition(":")[2]
        return {
            "registry": connection.registry,
            "github-registry": f"{GITHUB_REGISTRY_NAME}:{port}",
            "account": USER,
            "scratch": f"/scratch/{USER}",
        }

    async def up(self, report: Report = silent) -> Connection:
        """Start the cluster, making first what is not there yet. Does nothing where it runs and answers.

        Args:
            report: Called with each progress, in the running loop's thread.

        Raises:
            PracticeError: It is not possible here, or something failed.
        """
        report(Progress("Looking at this computer", 0.0, 0))
        found = await probe_async()
        if found.mode is Mode.UNAVAILABLE:
            raise PracticeError(f"The practice cluster cannot run on this computer. {found.text()}")
        try:
            self.folder.make()
            async with self.folder.lock(lambda: report(_WAITING), work=Work.START) as lock:
                return await Start(self.folder, found.mode, lock, report).run()
        except OSError as error:
            raise PracticeError(
                f"The practice cluster's folder {self.folder.home} could not be used: {error}. "
                "Make room there or correct its permissions, then start the cluster again."
            ) from error

    async def add(self, names: Sequence[str], report: Report = silent) -> Sequence[str]:
        """Make the stand-ins of these groups, and put them into the registry where the cluster runs.

        Does nothing where Docker Hub answered at the last start: the real images are used then.

        Args:
            names: Of groups, as in `stand_ins.GROUPS`.
            report: Called with each progress, in the running loop's thread.

        Returns:
            The names of the images that stand-ins answer for now and did not before.

        Raises:
            PracticeError: There is no such group, the cluster was never started, or something failed.
        """
        groups = [group for name in names for group in GROUPS if group.name == name]
        if len(groups) != len(names):
            known = ", ".join(group.name for group in GROUPS)
            raise PracticeError(
                f"There are no stand-ins of that name; what can be added: {known}. Nothing was changed."
            )
        folder = self.folder
        self.connection()  # it was started
        async with folder.lock(lambda: report(_WAITING), work=Work.ADD) as lock:
            mode = recorded_mode(folder)
            if mode is None or read_json(folder.settings).get("docker_hub_answers", True):
                return ()
            before = self._stand_ins()
            parts = Parts(folder, mode, lock, report)
            try:
                await parts.make([make for group in groups for make in group.makes], system=False)
                ports = kept_ports(folder)
                if ports is not None and InitProcess.find(folder.init_record) is not None:
                    report(Progress("Filling the registry", 0.95, parts.downloaded))
                    await parts.fill(ports.registry)
            except OSError as error:
                raise PracticeError(f"The stand-ins could not be added: {error}. Try again.") from error
            report(Progress("The base images are there", 1.0, parts.downloaded))
            return tuple(name for name in self._stand_ins() if name not in before)

    async def down(self, report: Report = silent) -> Ending:
        """Stop the cluster; nothing of it keeps running. Does nothing where it does not run.

        Args:
            report: Called where another start or stop is waited for.
        """
        if not self.folder.home.exists():
            return Ending()
        async with self.folder.lock(lambda: report(_WAITING), work=Work.STOP):
            return await self._end()

    async def status(self) -> Status:
        """Tell how the cluster is."""
        folder = self.folder
        recorded = read_json(folder.settings)
        ports = kept_ports(folder)
        password = recorded.get("registry_password")
        versions = folder.system_stamp().get("versions")
        hub = recorded.get("docker_hub_answers", True)
        return Status(
            state=await self._state(),
            mode=recorded_mode(folder),
            home=folder.home,
            ports=asdict(ports) if ports else {},
            versions=versions if isinstance(versions, dict) else {},
            stand_ins=() if hub else self._stand_ins(),
            to_add=() if hub else tuple(group.name for group in GROUPS if not self._is_made(group)),
            registry_login=(USER, password) if isinstance(password, str) and password else None,
            work=folder.work_under_way(),
        )

    def worth_a_reset(self, *, files: bool = False) -> bool:
        """Tell whether there is anything that `reset` would throw away or move."""
        folder = self.folder
        return any(part.exists() for part in self._parts()) or bool(half_made(folder)) or (files and self._has_files())

    async def reset(self, *, files: bool = False, report: Report = silent) -> Ending:
        """Throw the cluster's system and its registry away: the next start makes them anew.

        Kept are the learner's files, the keys, and downloaded packages, so that the next start is quick.

        Args:
            files: Also move the learner's files to a backup folder with the date in its name.
            report: Called where another start or stop is waited for.
        """
        folder = self.folder
        if not folder.home.exists():
            return Ending()
        async with folder.lock(lambda: report(_WAITING), work=Work.RESET):
            ending = await self._end()
            if files and self._has_files():
                backup = folder.learner.with_name(time.strftime("learner-%Y-%m-%d-%H%M%S"))
                folder.learner.rename(backup)
                ending = replace(ending, backup=backup)
            await remove(folder, self._parts())
            folder.settings.unlink(missing_ok=True)
            return ending

    async def _end(self) -> Ending:
        folder = self.folder
        ending = Ending(InitProcess.find(folder.init_record) is not None, bool(half_made(folder)))
        await stop(folder)
        await clean(folder)
        return ending

    def _is_made(self, group: Group) -> bool:
        return all(is_made(self.folder.images, make) for make in group.makes)

    def _stand_ins(self) -> tuple[str, ...]:
        made = [make for group in GROUPS for make in group.makes if is_made(self.folder.images, make)]
        return tuple(stand_in.name for stand_in in of_makes(made))

    def _parts(self) -> list[Path]:
        """What a reset throws away."""
        return [self.folder.system, self.folder.registry, self.folder.run, self.folder.images]

    def _has_files(self) -> bool:
        return self.folder.learner.exists() and any(self.folder.learner.iterdir())

    async def _state(self) -> State:
        complete = bool(self.folder.system_stamp())
        if InitProcess.find(self.folder.init_record) is not None:
            ports = kept_ports(self.folder)
            healthy = complete and ports is not None and keys_are_sound(self.folder) and await listens(ports.ssh)
            return State.RUNNING if healthy else State.BROKEN
        if half_made(self.folder):
            return State.INCOMPLETE
        return State.STOPPED if complete else State.ABSENT
