"""The pause in which commands in the terminal are left out of the judging."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cowshed_lessons.evidence import CommandEvidence


class JudgingPause:
    """Which commands count: those that begin while there is no pause.

    Attributes:
        on: whether there is a pause now. A session begins without one.
    """

    def __init__(self) -> None:
        self.on = False
        self._aside: set[tuple[str, str]] = set()  # command line and folder of those that began in a pause

    def begins(self, command_line: str, folder: str) -> bool:
        """A command begins; whether it counts."""
        if self.on:
            self._aside.add((command_line, folder))
        else:
            self._aside.discard((command_line, folder))
        return not self.on

    def counts(self, command: CommandEvidence, *, began: bool) -> bool:
        """A command ended; whether it counts.

        Args:
            command: the command.
            began: it is a build that was seen to begin before the pause.
        """
        key = (command.command_line, command.folder)
        if key in self._aside:
            self._aside.discard(key)
            return False
        return began or not self.on
