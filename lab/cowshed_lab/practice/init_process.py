"""The running cluster's first process, found by its record and ended with everything in it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from dataclasses import dataclass
from pathlib import Path

_NUMBERS = re.compile(r"^NSpid:\t(\d+\t.*)$", re.MULTILINE)
"""A process's numbers in every namespace from this one inwards (proc_pid_status(5))."""


def _start_time(stat: str) -> str | None:
    """Return field 22 of /proc/PID/stat (proc_pid_stat(5)); None for one that has ended."""
    fields = stat.rpartition(")")[2].split()
    if len(fields) < 20 or fields[0] in "ZX":
        return None
    return fields[19]


@dataclass(frozen=True, slots=True)
class InitProcess:
    """Process 1 of the cluster's namespaces, as this computer numbers it. Its end is the cluster's end."""

    pid: int

    @classmethod
    def find(cls, record: Path) -> InitProcess | None:
        """Return the recorded process where it still runs: same number, same start time.

        A record that fits no process may be damaged; then process 1 with the cluster's root folder is looked for.
        """
        if not record.exists():
            return None
        return cls._recorded(record) or cls._with_root(record.parent.parent / "system" / "root")

    @classmethod
    def _with_root(cls, root: Path) -> InitProcess | None:
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                numbers = _NUMBERS.search(status.read_text(encoding="utf-8", errors="replace"))
                if numbers and numbers[1].endswith("\t1") and (status.parent / "root").samefile(root):
                    return cls(int(status.parent.name))
            except OSError:  # it has ended, is not ours, or there is no such folder
                continue
        return None

    @classmethod
    def _recorded(cls, record: Path) -> InitProcess | None:
        try:
            recorded = record.read_text(encoding="utf-8", errors="replace")
            pid = int(recorded.split(maxsplit=1)[0])
            now = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except (OSError, ValueError, IndexError):
            return None
        started = _start_time(now)
        return cls(pid) if started is not None and started == _start_time(recorded) else None

    async def end(self, patience: float = 5.0) -> None:
        """End the process and all in its namespaces, and wait until the kernel has done so.

        Args:
            patience: Seconds that the services get to end by themselves.
        """
        try:
            descriptor = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        loop.add_reader(descriptor, ended.set)
        try:
            for number in (signal.SIGTERM, signal.SIGKILL):
                try:
                    signal.pidfd_send_signal(descriptor, number)
                except ProcessLookupError:
                    return
                try:
                    async with asyncio.timeout(patience):
                        await ended.wait()
                    return
                except TimeoutError:
                    continue
            await ended.wait()
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)
