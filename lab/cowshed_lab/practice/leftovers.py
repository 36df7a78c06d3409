"""Leftovers: end the running cluster, remove what killed starts left half made."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from cowshed_lab.practice import namespace
from cowshed_lab.practice.fault import PracticeError
from cowshed_lab.practice.folder import PracticeFolder, read_json
from cowshed_lab.practice.init_process import InitProcess
from cowshed_lab.practice.namespace import Mode
from cowshed_lab.practice.stand_ins import GROUPS


def recorded_mode(folder: PracticeFolder) -> Mode | None:
    """Return the mode that the folder was made with, None where it is new.

    Where the record is damaged, the owner of the system tells: only root makes one that is root's.
    """
    recorded = read_json(folder.settings).get("mode")
    for mode in (Mode.ROOT, Mode.USER_NAMESPACE):
        if recorded == mode.value:
            return mode
    try:
        return Mode.ROOT if folder.system.stat().st_uid == 0 else Mode.USER_NAMESPACE
    except OSError:
        return None


async def stop(folder: PracticeFolder) -> None:
    """End the cluster where it runs, and wait until nothing of it is left."""
    init = InitProcess.find(folder.init_record)
    if init is not None:
        await init.end()
    folder.init_record.unlink(missing_ok=True)


def half_made(folder: PracticeFolder) -> list[Path]:
    """Return what killed starts left, and what this version cannot use: a root folder, layers of stand-ins."""
    left = [*folder.home.glob("*.building"), *folder.images.glob("*.building")]
    known = {make.name for group in GROUPS for make in group.makes}
    left += [path for path in folder.images.glob("*") if path.name not in known and path not in left]
    if folder.system.exists() and not folder.system_stamp():
        left.append(folder.system)
    return left


async def clean(folder: PracticeFolder) -> None:
    """Remove what is half made."""
    await remove(folder, half_made(folder))


async def remove(folder: PracticeFolder, paths: Sequence[Path]) -> None:
    """Remove folders below the cluster's home, whoever owns what is in them."""
    present = [path for path in paths if path.exists()]
    if any(not path.is_relative_to(folder.home) for path in present):
        raise PracticeError("Something outside the practice cluster's folder was to be removed; it was left alone.")
    if present:
        # Without root the files belong to IDs that only exist inside a namespace.
        mode = recorded_mode(folder) or (Mode.ROOT if os.getuid() == 0 else Mode.USER_NAMESPACE)
        await namespace.run(mode, ["rm", "-rf", "--one-file-system", "--", *map(str, present)])
