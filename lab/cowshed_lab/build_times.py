"""What a build that runs in a terminal takes: its phases by the moments at which its output arrived."""

from __future__ import annotations

from dataclasses import dataclass

from cowshed_lab.build_log import BuildLog, Phase
from cowshed_lab.typed_build import read_build_command


@dataclass(frozen=True, slots=True)
class BuildTimes:
    """The phases of a build that ended, and the seconds from its first output to its end."""

    phases: tuple[Phase, ...]
    seconds: float


class TypedBuildTimes:
    """Watches a shell's output between the beginning and the end of a typed build; other commands cost nothing."""

    def __init__(self) -> None:
        self._log: BuildLog | None = None

    def begin(self, command_line: str) -> None:
        """A command begins. Lines that are pasted together are told again, longer each time: the build goes on."""
        if self._log is None and read_build_command(command_line) is not None:
            self._log = BuildLog()

    def feed(self, data: bytes) -> None:
        """The shell's terminal printed this."""
        if self._log is not None:
            self._log.feed(data)

    def end(self) -> BuildTimes | None:
        """The command ended, or the shell waits again; return what a build took, None where there was none."""
        log, self._log = self._log, None
        return None if log is None else times_of(log)


def times_of(log: BuildLog) -> BuildTimes:
    """What a build took; a log that was not ended is."""
    seconds = log.seconds
    if any(phase.seconds is None for phase in log.phases):
        log.end()
    return BuildTimes(tuple(log.phases), seconds)
