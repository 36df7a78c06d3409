"""Start: one start of the practice cluster, from whatever is there to services that answer."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import asyncssh

from cowshed_lab.practice import namespace, services
from cowshed_lab.practice.certificates import RegistryCertificate, local_certificates
from cowshed_lab.practice.connection import Connection, choose_ports, connect, kept_ports, make_keys
from cowshed_lab.practice.fault import PracticeError
from cowshed_lab.practice.folder import PracticeFolder, read_json, write_json
from cowshed_lab.practice.init_process import InitProcess
from cowshed_lab.practice.leftovers import clean, recorded_mode, stop
from cowshed_lab.practice.listeners import listening_sockets, taken_ports
from cowshed_lab.practice.namespace import Mode
from cowshed_lab.practice.parts import Parts
from cowshed_lab.practice.progress import Progress, Report
from cowshed_lab.practice.registry import Registry
from cowshed_lab.practice.services import Ports, Settings
from cowshed_lab.practice.stand_ins import GROUPS

# Times that the services are started on other ports because somebody took one between the choice and the start.
_PORT_CHOICES = 5


class Start:
    """One start of the cluster.

    Args:
        folder: The cluster's folder; whoever starts holds its lock.
        mode: How namespaces can be had here.
        lock: The lock's descriptor.
        report: Called with each progress.
    """

    def __init__(self, folder: PracticeFolder, mode: Mode, lock: int, report: Report) -> None:
        self._folder = folder
        self._mode = mode
        self._lock = lock
        self._report = report
        self._parts = Parts(folder, mode, lock, report)

    async def run(self) -> Connection:
        """Start the cluster and return how to reach it.

        Raises:
            PracticeError: Something failed; what is complete by then is kept for the next start.
        """
        folder = self._folder
        self._refuse_another_mode()
        folder.check()
        if InitProcess.find(folder.init_record) is not None:
            if await self._answers():
                if self._is_of_today():
                    self._say("The practice cluster is running already", 1.0)
                    return Connection.of(folder)
                self._say("Stopping a practice cluster that an older version started", 0.02)
            else:
                self._say("Stopping a practice cluster that does not answer", 0.02)
            await stop(folder)
        folder.init_record.unlink(missing_ok=True)
        recorded = self._settings_record()
        write_json(folder.settings, recorded)
        await clean(folder)
        self._say("Asking whether Docker Hub answers", 0.01)
        recorded["docker_hub_answers"] = hub = await docker_hub_answers()
        write_json(folder.settings, recorded)
        makes = [make for group in GROUPS if group.at_start for make in group.makes]
        await self._parts.make([] if hub else makes, system=True)
        settings = await self._serve(recorded)
        if not hub:
            self._say("Filling the registry", 0.95)
            await self._parts.fill(settings.ports.registry)
        self._say("The practice cluster is ready", 1.0)
        return Connection.of(folder)

    async def _serve(self, recorded: dict[str, Any]) -> Settings:
        """Start the services and wait until they answer; on other ports where somebody else was quicker at one."""
        folder = self._folder
        for _ in range(_PORT_CHOICES):
            self._say("Starting the services", 0.9)
            # Chosen as late as can be: making the parts takes a minute.
            recorded["ports"] = choose_ports(recorded["ports"])
            write_json(folder.settings, recorded)
            make_keys(folder, recorded["ports"]["ssh"])
            settings = self._settings(recorded)
            self._write_run(settings)
            await self._boot()
            try:
                async with asyncio.timeout(60):
                    if await self._own_their_ports(settings):
                        await self._await_services(settings)
                        return settings
                await stop(folder)
            except TimeoutError:
                await stop(folder)
                raise PracticeError(self._failure("its services did not answer within a minute. ")) from None
        raise PracticeError(
            "The practice cluster did not start: other programs on this computer took its loopback ports, "
            f"{_PORT_CHOICES} times. Start it again; if that does not help, look for a program that takes many ports."
        )

    async def _own_their_ports(self, settings: Settings) -> bool:
        """Wait until something listens at every port; tell whether all of that is the cluster's own."""
        ports = list(asdict(settings.ports).values())

        async def listeners() -> list[set[int]]:
            return list(listening_sockets(ports).values())

        await self._until(listeners, all)
        return not await self._taken_ports(settings.ports)

    async def _taken_ports(self, ports: Ports) -> set[int]:
        init = InitProcess.find(self._folder.init_record)
        return await taken_ports(asdict(ports).values(), init, self._mode) if init is not None else set()

    def _say(self, phase: str, fraction: float | None) -> None:
        self._report(Progress(phase, fraction, self._parts.downloaded))

    def _refuse_another_mode(self) -> None:
        made = recorded_mode(self._folder)
        if made is not None and made is not self._mode and self._folder.system.exists():
            how = {Mode.ROOT: "as root", Mode.USER_NAMESPACE: "as an ordinary user"}
            raise PracticeError(
                f"The practice cluster in {self._folder.home} was made {how[made]} and cannot be started "
                f"{how[self._mode]}. Start it as before, or choose another folder with COWSHED_PRACTICE_HOME."
            )

    async def _answers(self) -> bool:
        ports = kept_ports(self._folder)
        if ports is None:
            return False
        answered = False
        # A damaged key or known_hosts is a ValueError; the next start makes both anew.
        with contextlib.suppress(OSError, asyncssh.Error, TimeoutError, ValueError):
            async with asyncio.timeout(10), await connect(Connection.of(self._folder)) as ssh:
                registries = [await registry.answers() for registry in self._registries(ports)]
                answered = all(registries) and await _slurm_ready(ssh) and not await self._taken_ports(ports)
        return answered

    def _is_of_today(self) -> bool:
        """Whether the running cluster asks for images where this version would have it ask: some come and go."""
        ports = kept_ports(self._folder)
        if ports is None:
            return False
        hub = read_json(self._folder.settings).get("docker_hub_answers", True)
        wanted = services.registries_conf(ports.mirror, docker_hub_answers=bool(hub))
        return _text(self._folder.run / "etc" / services.REGISTRIES_CONF) == wanted

    def _settings_record(self) -> dict[str, Any]:
        recorded = read_json(self._folder.settings)
        recorded["mode"] = self._mode.value
        if not isinstance(recorded.get("registry_password"), str) or not recorded["registry_password"]:
            recorded["registry_password"] = secrets.token_urlsafe(9)
        kept = kept_ports(self._folder)
        recorded["ports"] = asdict(kept) if kept is not None else {}
        return recorded

    def _settings(self, recorded: dict[str, Any]) -> Settings:
        folder = self._folder
        certificate = RegistryCertificate(folder.keys)
        certificate.make()
        return Settings(
            mode=self._mode,
            ports=Ports(**recorded["ports"]),
            host_key=folder.host_key.read_bytes(),
            authorized_key=folder.client_key.with_suffix(".pub").read_bytes(),
            registry_password=recorded["registry_password"],
            registry_certificate=certificate.certificate.read_bytes(),
            registry_key=certificate.key.read_bytes(),
            trusted=certificate.authority.read_bytes() + local_certificates(),
            docker_hub_answers=recorded["docker_hub_answers"],
            fuse=self._mode is Mode.ROOT or os.access("/dev/fuse", os.R_OK | os.W_OK),
            resolv_conf=_text(Path("/etc/resolv.conf")),
            hosts=_text(Path("/etc/hosts")),
            processors=services.processors(),
            memory=services.memory(),
        )

    def _write_run(self, settings: Settings) -> None:
        run = self._folder.run
        shutil.rmtree(run / "etc", ignore_errors=True)
        services.write_configuration(run / "etc", settings)
        shutil.copyfile(self._parts.scripts / "init.sh", run / "etc" / "practice" / "init")
        (run / "with-fuse").unlink(missing_ok=True)
        if settings.fuse:
            (run / "with-fuse").touch()
        self._folder.boot_log.unlink(missing_ok=True)

    async def _boot(self) -> None:
        folder = self._folder
        command = ["sh", str(self._parts.scripts / "boot.sh"), str(folder.home), self._mode.value]
        process = await namespace.start(self._mode, command, outlive=True, stdout=self._lock)
        _, errors = await process.communicate()
        if InitProcess.find(folder.init_record) is None:
            raise PracticeError(self._failure(errors.decode(errors="replace")))

    def _failure(self, said: str = "") -> str:
        try:
            said += self._folder.boot_log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            said += ""
        return (
            f"The practice cluster did not start: {said.strip() or 'it ended at once'}. "
            "Try `cowshed practice reset` and start it again; your files there are kept."
        )

    async def _await_services(self, settings: Settings) -> None:
        connection = Connection.of(self._folder)
        async with await self._until(lambda: connect(connection), bool) as ssh:
            self._say("Waiting for Slurm", 0.92)
            await self._until(lambda: _slurm_ready(ssh), bool)
        for registry in self._registries(settings.ports):
            await self._until(registry.answers, bool)

    def _registries(self, ports: Ports) -> tuple[Registry, Registry]:
        authority = RegistryCertificate(self._folder.keys).authority
        return Registry(ports.registry, authority=authority), Registry(ports.mirror)

    async def _until[T](self, attempt: Callable[[], Awaitable[T]], content: Callable[[T], bool]) -> T:
        """Repeat an attempt until its result is what we want. Raises PracticeError when the cluster ends meanwhile."""
        while True:
            if InitProcess.find(self._folder.init_record) is None:
                raise PracticeError(self._failure())
            with contextlib.suppress(OSError, asyncssh.Error):
                if content(result := await attempt()):
                    return result
            # Nothing to await: that a service does not listen yet is answered at once.
            await asyncio.sleep(0.05)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


async def _slurm_ready(ssh: asyncssh.SSHClientConnection) -> bool:
    answer = await ssh.run("sinfo --noheader --format=%T")
    states = set(str(answer.stdout).split())
    return answer.exit_status == 0 and bool(states) and states <= {"idle", "mixed", "allocated"}


async def docker_hub_answers(seconds: float = 3.0) -> bool:
    """Tell whether Docker Hub's registry answers from here (an encrypted connection, and any HTTP answer)."""
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(
                "registry-1.docker.io", 443, ssl=ssl.create_default_context()
            )
            try:
                writer.write(b"GET /v2/ HTTP/1.1\r\nHost: registry-1.docker.io\r\nConnection: close\r\n\r\n")
                await writer.drain()
                answer = await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
    # 401 asks for a token, as it should; anything else is a proxy's or a firewall's own answer.
    return b" 401 " in answer or b" 200 " in answer
