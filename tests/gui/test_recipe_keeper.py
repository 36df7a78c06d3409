"""The keeper, where the window closes or a tab goes away while a thread is about to write the journal."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from pytestqt.qtbot import QtBot

from cowshed_gui.recipe_keeper import RecipeKeeper
from cowshed_lab.journal import Journal

PATH = PurePosixPath("cowshed/lolcow/lolcow.def")


class HeldJournal(Journal):
    """A journal on a slow disk: what another thread writes waits until it is let go."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.reached = threading.Event()
        self.let_go = threading.Event()

    def write(
        self,
        target: str,
        path: PurePosixPath,
        text: str,
        *,
        base: str | None,
        leaving: bool = False,
        turn: int | None = None,
    ) -> None:
        if threading.current_thread() is not threading.main_thread():
            self.reached.set()
            assert self.let_go.wait(30)
        super().write(target, path, text, base=base, leaving=leaving, turn=turn)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[HeldJournal]:
    journal = HeldJournal(tmp_path / "journal")
    yield journal
    journal.let_go.set()


def texts(folder: Path) -> list[str]:
    return [entry.text for entry in Journal(folder).left_over()]


def test_a_late_thread_does_not_undo_what_is_written_on_closing(qtbot: QtBot, journal: HeldJournal) -> None:
    typed: list[tuple[str, str | None] | None] = [("old", None)]
    keeper = RecipeKeeper(journal, "local", PATH, lambda: typed[-1])
    keeper.touch()
    qtbot.wait_until(journal.reached.is_set)
    typed.append(("new", None))
    assert keeper.keep_now(leaving=True)
    with qtbot.wait_signal(keeper.kept):
        journal.let_go.set()
    assert texts(journal.folder) == ["new"]


def test_a_late_thread_does_not_bring_back_what_was_given_up(qtbot: QtBot, journal: HeldJournal) -> None:
    keeper = RecipeKeeper(journal, "local", PATH, lambda: ("given up", None))
    keeper.touch()
    qtbot.wait_until(journal.reached.is_set)
    keeper.forget()
    with qtbot.wait_signal(keeper.kept):
        journal.let_go.set()
    assert texts(journal.folder) == []


def test_closing_with_nothing_unsaved_leaves_no_journal(qtbot: QtBot, journal: HeldJournal) -> None:
    typed: list[tuple[str, str | None] | None] = [("now saved", None)]
    keeper = RecipeKeeper(journal, "local", PATH, lambda: typed[-1])
    keeper.touch()
    qtbot.wait_until(journal.reached.is_set)
    typed.append(None)
    assert keeper.keep_now()
    with qtbot.wait_signal(keeper.kept):
        journal.let_go.set()
    assert texts(journal.folder) == []
