"""Parts: what the practice cluster is put together from, made where it is missing, all at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

from cowshed_lab.practice import base_images, bootstrap
from cowshed_lab.practice.certificates import RegistryCertificate
from cowshed_lab.practice.connection import USER
from cowshed_lab.practice.fault import PracticeError
from cowshed_lab.practice.folder import SYSTEM_VERSION, PracticeFolder, read_json, write_json
from cowshed_lab.practice.namespace import Mode
from cowshed_lab.practice.progress import PackageProgress, Progress, Report
from cowshed_lab.practice.registry import Registry
from cowshed_lab.practice.stand_ins import STAND_INS, Make


class Parts:
    """The root folder and the layers of the stand-ins.

    Args:
        folder: The cluster's folder; whoever makes parts holds its lock.
        mode: How namespaces can be had here.
        lock: The lock's descriptor.
        report: Called with each progress.
    """

    # Expected packages and bytes of the root folder, for the progress bar (measured 2026-11).
    _SYSTEM_EXPECTED = (165, 120_000_000)

    def __init__(self, folder: PracticeFolder, mode: Mode, lock: int, report: Report) -> None:
        self._folder = folder
        self._mode = mode
        self._lock = lock
        self._report = report
        self._parts: dict[str, PackageProgress] = {}
        self._last = 0.0
        self.scripts = folder.run / "scripts"

    @property
    def downloaded(self) -> int:
        """Bytes fetched so far."""
        return sum(part.downloaded for part in self._parts.values())

    async def make(self, makes: Iterable[Make], *, system: bool) -> None:
        """Make what is missing of these.

        Raises:
            PracticeError: Something failed; what is complete by then is kept.
            OSError: Likewise.
        """
        folder = self._folder
        bootstrap.write_scripts(self.scripts)
        try:
            async with asyncio.TaskGroup() as group:
                if system and not folder.system_stamp():
                    self._parts["system"] = PackageProgress(*self._SYSTEM_EXPECTED)
                    group.create_task(self._make_system())
                for make in makes:
                    if not base_images.is_made(folder.images, make):
                        self._parts[make.name] = PackageProgress(*make.expected)
                        group.create_task(self._make_layers(make))
        except* (PracticeError, OSError) as group_of_errors:
            # The first one ended the others; it is the one to tell.
            raise group_of_errors.exceptions[0] from None

    async def fill(self, registry_port: int) -> None:
        """Push every stand-in whose layers are there to the running registry, where it is not there yet."""
        folder = self._folder
        password = read_json(folder.settings)["registry_password"]
        registry = Registry(registry_port, (USER, password), authority=RegistryCertificate(folder.keys).authority)
        for stand_in in STAND_INS:
            image = base_images.stored(folder.images, stand_in)
            if image is not None and not await registry.has(stand_in.repository, stand_in.tag, image.digest):
                await registry.push(stand_in.repository, stand_in.tag, image)

    def _reader(self, name: str) -> Callable[[str], None]:
        part = self._parts[name]

        def read(line: str) -> None:
            part.read(line)
            # A part is as much of the whole as it has to fetch.
            sizes = [each.expected_download for each in self._parts.values()]
            done = sum(each.fraction * each.expected_download for each in self._parts.values())
            # Never back: one part may begin to tell what it does later than the others.
            self._last = max(self._last, 0.02 + 0.86 * done / sum(sizes))
            installing = all(each.installing for each in self._parts.values())
            phase = "Installing the practice cluster's packages" if installing else "Downloading Debian packages"
            self._report(Progress(phase, self._last, self.downloaded))

        return read

    async def _make_system(self) -> None:
        folder = self._folder
        building = folder.home / "system.building"
        building.mkdir()
        command = bootstrap.arguments(
            bootstrap.SYSTEM_SUITE,
            building / "root",
            packages=bootstrap.SYSTEM_PACKAGES,
            scripts=self.scripts,
            finish="finish-system.sh",
        )
        await bootstrap.bootstrap(
            self._mode,
            command,
            downloads=folder.downloads / "system",
            temporary=building,
            lock=self._lock,
            on_line=self._reader("system"),
        )
        installed = _packages(building / "packages")
        versions = {name: installed[name] for name in bootstrap.SYSTEM_PACKAGES if name in installed}
        write_json(building / "stamp.json", {"system_version": SYSTEM_VERSION, "versions": versions})
        building.rename(folder.system)
        self._parts["system"].finish()

    async def _make_layers(self, make: Make) -> None:
        await base_images.make_layers(
            make,
            mode=self._mode,
            folder=self._folder.images,
            downloads=self._folder.downloads,
            scripts=self.scripts,
            lock=self._lock,
            on_line=self._reader(make.name),
        )
        self._parts[make.name].finish()


def _packages(file: Path) -> dict[str, str]:
    return dict(line.split() for line in file.read_text(encoding="utf-8").splitlines())
