"""What an earlier Cowshed left unsaved on a target, compared with the files that are there now."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cowshed_lab.journal import Journal, JournalEntry
from cowshed_lab.target import Target


@dataclass(frozen=True, slots=True)
class LeftOver:
    """Unsaved text that the file does not hold; `file_changed` says that the file changed after the typing began."""

    entry: JournalEntry
    file_changed: bool

    @property
    def when(self) -> str:
        """The time it was written down, as a person says it: the hour today, the day too if earlier."""
        written = self.entry.written.astimezone()
        if written.date() == datetime.now().astimezone().date():
            return f"{written:%H:%M}"
        return f"{written.day} {written:%B, %H:%M}"


async def find_left_over(journal: Journal, target: Target) -> list[LeftOver]:
    """Look through the journal for a target's recipes. What the files hold by now is dropped from the journal.

    Raises:
        TargetError: the target cannot be read; nothing was dropped.
    """
    found = []
    for entry in await asyncio.to_thread(journal.left_over):
        if entry.target != target.name:
            continue
        try:
            saved: bytes | None = await target.read(entry.path)
        except FileNotFoundError:
            saved = None
        if entry.is_newer_than(saved):
            found.append(LeftOver(entry, entry.file_changed_since(saved)))
        else:
            await asyncio.to_thread(journal.discard, entry)
    return found


def offer_sentence(found: Sequence[LeftOver]) -> str:
    """The offer: what happened, how much there is, from when, and whether a look is wise."""
    newest = max(found, key=lambda each: each.entry.written)
    if len(found) == 1:
        what = f"{newest.entry.path.name} has unsaved text from {newest.when}."
    else:
        what = f"{len(found)} recipes have unsaved text, the newest from {newest.when}."
    how = "" if all(each.entry.left_on_purpose for each in found) else "Cowshed closed unexpectedly. "
    changed = [each.entry.path.name for each in found if each.file_changed]
    since = f" The file on the target was changed too ({', '.join(changed)}): compare first." if changed else ""
    return f"{how}{what}{since}"
