"""What an earlier Cowshed left unsaved on a target, compared with the files that are there now, and offered back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from cowshed_gui.background import Job
from cowshed_lab.journal import Journal, JournalEntry
from cowshed_lab.target import Target

if TYPE_CHECKING:
    from cowshed_gui.recipe_page import RecipePage
    from cowshed_gui.recipe_pane import RecipePane


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


class LeftOverOffer(QObject):
    """Looks once for each target, and asks in the pane's notice: restore, compare or discard.

    Args:
        pane: where the recipes are opened.
    """

    def __init__(self, pane: RecipePane) -> None:
        super().__init__(pane)
        self._pane = pane
        self._asked: set[str] = set()
        self._offered: tuple[Target, list[LeftOver]] | None = None
        pane.recipe_changed.connect(self._on_changed)

    def look(self, target: Target) -> None:
        """Look for unsaved text of a target's recipes and offer it; nothing happens the second time."""
        if target.name in self._asked:
            return
        self._asked.add(target.name)
        job = Job(find_left_over(self._pane.journal, target), self)
        job.done.connect(lambda found: self._offer(target, found))
        job.failed.connect(lambda _error: self._asked.discard(target.name))  # it did not answer: look again next time
        job.start()

    def _offer(self, target: Target, found: list[LeftOver]) -> None:
        if not found:
            return
        self._offered = target, found
        self._pane.notice.say(
            "warning",
            offer_sentence(found),
            [
                ("Restore", lambda: self._restore(target, found)),
                ("Compare", lambda: self._compare(target, found)),
                ("Discard", lambda: self._discard(found)),
            ],
            about="left-over",
        )

    def _on_changed(self, path: PurePosixPath, _text: str) -> None:
        """Somebody goes on in a recipe without its earlier text: it is offered no more, but kept for the next start."""
        page = self._pane.current_page()
        if self._offered is None or self._pane.notice.about != "left-over" or page is None or not page.unsaved:
            return
        target, found = self._offered
        rest = [each for each in found if each.entry.path != path or page.key != (target.name, path)]
        if len(rest) == len(found):
            return
        self._pane.notice.clear("left-over")
        self._offer(target, rest)

    def _restore(self, target: Target, found: list[LeftOver]) -> None:
        for each in found:
            self._pane.open_recipe(target, each.entry.path)
            page = self._pane.current_page()
            if page is not None:
                page.close_comparison()
                page.when_open(partial(self._put_back, page, each))
        self._pane.focus_text()

    def _put_back(self, page: RecipePage, each: LeftOver) -> None:
        page.editor.replace_text(each.entry.text)
        if page.keeper.keep_now():  # the text must be in this Cowshed's journal before it leaves the old one's
            self._pane.journal.discard(each.entry)

    def _compare(self, target: Target, found: list[LeftOver]) -> None:
        for each in found:
            self._pane.open_recipe(target, each.entry.path)
            self._pane.compare(f"Unsaved text from {each.when}", each.entry.text)
        self._offer(target, found)  # comparing answers nothing yet

    def _discard(self, found: list[LeftOver]) -> None:
        for each in found:
            self._pane.journal.discard(each.entry)
