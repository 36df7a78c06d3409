"""The recipe pane on real files: nothing typed is ever lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cowshed_gui.recipe_page import RecipePage
from cowshed_gui.recipe_pane import RecipePane
from cowshed_lab.journal import Journal, digest
from cowshed_lab.local import LocalTarget
from cowshed_lab.target import TargetError
from cowshed_lessons.verdict import Finding

CONTROL = Qt.KeyboardModifier.ControlModifier
PATH = PurePosixPath("cowshed/lolcow/lolcow.def")
OTHER = PurePosixPath("cowshed/lolcow/lolcow_0.def")
TEXT = "Bootstrap: docker\nFrom: ubuntu:22.04\n\n%post\n    ls\n"


class FickleTarget(LocalTarget):
    """This computer, whose disk can be full and whose connection can be lost."""

    trouble = ""

    async def write(self, path: PurePosixPath, content: bytes) -> None:
        if self.trouble:
            raise TargetError(self.trouble)
        await super().write(path, content)

    async def read(self, path: PurePosixPath) -> bytes:
        if self.trouble:
            raise TargetError(self.trouble)
        return await super().read(path)


class Desk:
    """A pane, a target in a folder of its own, and a journal."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.home = folder / "target"
        self.journal_folder = folder / "journal"
        self.target = FickleTarget(home=self.home)
        (self.home / PATH).parent.mkdir(parents=True)
        self.pane = self.another_pane()

    def another_pane(self) -> RecipePane:
        """A pane as the next start of Cowshed makes it."""
        pane = RecipePane(Journal(self.journal_folder))
        self.qtbot.addWidget(pane)
        pane.resize(800, 600)
        pane.show()
        return pane

    def open(self, text: str | None = TEXT, path: PurePosixPath = PATH) -> RecipePage:
        """Open a recipe whose file holds the text."""
        if text is not None:
            (self.home / path).write_text(text, encoding="utf-8")
        self.pane.open_recipe(self.target, path)
        page = self.pane.current_page()
        assert page is not None
        self.until(lambda: page.ready)
        return page

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=10_000)

    def type(self, keys: str) -> None:
        page = self.pane.current_page()
        assert page is not None
        QTest.keyClicks(page.editor, keys)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = CONTROL) -> None:
        page = self.pane.current_page()
        assert page is not None
        QTest.keyClick(page.editor, key, modifiers)

    def file(self, path: PurePosixPath = PATH) -> str:
        file = self.home / path
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def journaled(self) -> list[str]:
        """What a Cowshed would find that started now, were this one dead."""
        return [entry.text for entry in Journal(self.journal_folder).left_over()]


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Desk:
    return Desk(qtbot, tmp_path)


# --- opening ---


def test_a_recipe_is_opened_and_told_to_the_course(desk: Desk, qtbot: QtBot) -> None:
    (desk.home / PATH).write_text(TEXT)
    with qtbot.wait_signal(desk.pane.recipe_changed) as told:
        desk.pane.open_recipe(desk.target, PATH, "the step's beginning, which is not wanted here")
    assert told.args == [PATH, TEXT]
    assert desk.pane.current_path() == PATH
    assert desk.pane.current_text() == TEXT
    assert desk.pane.unsaved_paths() == ()


def test_a_new_recipe_begins_with_the_step_s_text_and_is_saved_at_once(desk: Desk) -> None:
    desk.pane.open_recipe(desk.target, PATH, TEXT)
    desk.until(lambda: desk.file() == TEXT)
    desk.until(lambda: not desk.pane.unsaved_paths())


def test_opening_again_brings_the_tab_to_the_front_and_keeps_the_text(desk: Desk) -> None:
    desk.open()
    desk.type("typed ")
    desk.open(path=OTHER)
    desk.pane.open_recipe(desk.target, PATH, "other")
    assert desk.pane.current_text().startswith("typed ")
    assert desk.pane.open_paths() == (PATH, OTHER)


def test_a_file_that_cannot_be_read_is_a_calm_line_with_another_try(desk: Desk) -> None:
    (desk.home / PATH).write_text(TEXT)
    desk.target.trouble = "The connection was lost."
    desk.pane.open_recipe(desk.target, PATH)
    page = desk.pane.current_page()
    assert page is not None
    desk.until(lambda: "The connection was lost." in page.notice.text())
    assert page.editor.isReadOnly(), "what is typed here would have no file"
    desk.target.trouble = ""
    page.notice.buttons["Try again"].click()
    desk.until(lambda: desk.pane.current_text() == TEXT)
    assert page.notice.text() == ""


def test_the_plus_opens_and_makes_recipes_by_keys(desk: Desk) -> None:
    desk.open()
    (desk.home / OTHER).write_text("Bootstrap: scratch\n")
    desk.press(Qt.Key.Key_N)
    completer = desk.pane.prompt.field.completer()
    desk.until(lambda: completer.model().rowCount() == 2)
    QTest.keyClicks(desk.pane.prompt.field, "lolcow_0")
    QTest.keyClick(desk.pane.prompt.field, Qt.Key.Key_Return)
    desk.until(lambda: desk.pane.current_text() == "Bootstrap: scratch\n")
    desk.press(Qt.Key.Key_N)
    QTest.keyClicks(desk.pane.prompt.field, "fresh.def")
    QTest.keyClick(desk.pane.prompt.field, Qt.Key.Key_Return)
    desk.until(lambda: (desk.home / "cowshed/lolcow/fresh.def").exists())
    assert desk.pane.open_paths()[-1].name == "fresh.def"


def test_tabs_by_keys(desk: Desk) -> None:
    desk.open()
    desk.open(path=OTHER)
    desk.press(Qt.Key.Key_PageUp)
    assert desk.pane.current_path() == PATH
    desk.press(Qt.Key.Key_PageUp)
    assert desk.pane.current_path() == OTHER
    desk.press(Qt.Key.Key_W)
    assert desk.pane.open_paths() == (PATH,)
    desk.press(Qt.Key.Key_W)
    assert desk.pane.current_path() is None
    assert desk.pane.current_text() == ""


# --- saving ---


def test_ctrl_s_saves_and_the_dot_tells(desk: Desk, qtbot: QtBot) -> None:
    desk.open()
    assert desk.pane.tabs.tabText(0) == "lolcow.def"
    desk.type("# moo ")
    assert desk.pane.tabs.tabText(0) == "lolcow.def ●"
    with qtbot.wait_signal(desk.pane.saved) as saved:
        desk.press(Qt.Key.Key_S)
    assert saved.args == [PATH]
    assert desk.file() == "# moo " + TEXT
    assert desk.pane.tabs.tabText(0) == "lolcow.def"


def test_what_is_typed_while_saving_stays_unsaved_and_is_saved_next(desk: Desk, qtbot: QtBot) -> None:
    desk.open()
    desk.type("one ")
    with qtbot.wait_signal(desk.pane.saved):
        desk.press(Qt.Key.Key_S)
        desk.type("two ")
    assert desk.file() == "one " + TEXT
    assert desk.pane.unsaved_paths() == (PATH,)
    desk.press(Qt.Key.Key_S)
    desk.until(lambda: desk.file() == "one two " + TEXT)


def test_a_failed_save_loses_nothing_and_can_be_tried_again(desk: Desk) -> None:
    page = desk.open()
    desk.type("moo ")
    desk.target.trouble = "The disk is full."
    done: list[str] = []
    told: list[str] = []
    desk.pane.save_then(PATH, lambda: done.append("built"), lambda: told.append("not built"))
    desk.until(lambda: "Not saved. The disk is full." in page.notice.text())
    assert told == ["not built"]
    assert desk.pane.current_text() == "moo " + TEXT
    assert desk.pane.unsaved_paths() == (PATH,)
    desk.until(lambda: desk.journaled() == ["moo " + TEXT])
    desk.target.trouble = ""
    page.notice.buttons["Try again"].click()
    desk.until(lambda: desk.file() == "moo " + TEXT)
    desk.until(lambda: page.notice.text() == "")
    assert done == [], "nothing is built behind the person's back later"


def test_save_then_goes_on_only_after_the_file_is_written(desk: Desk) -> None:
    desk.open()
    desk.type("moo ")
    seen: list[str] = []
    desk.pane.save_then(PATH, lambda: seen.append(desk.file()))
    desk.until(lambda: seen == ["moo " + TEXT])


def changed_underneath(desk: Desk) -> RecipePage:
    page = desk.open()
    desk.type("mine ")
    (desk.home / PATH).write_text("theirs\n")
    desk.press(Qt.Key.Key_S)
    desk.until(lambda: "was changed on" in page.notice.text())
    assert desk.file() == "theirs\n"
    return page


def test_changed_underneath_keep_mine(desk: Desk) -> None:
    changed_underneath(desk).notice.buttons["Keep mine"].click()
    desk.until(lambda: desk.file() == "mine " + TEXT)


def test_changed_underneath_take_theirs_and_undo_it(desk: Desk) -> None:
    page = changed_underneath(desk)
    page.notice.buttons["Take theirs"].click()
    assert desk.pane.current_text() == "theirs\n"
    assert desk.pane.unsaved_paths() == ()
    page.editor.undo()
    assert desk.pane.current_text() == "mine " + TEXT
    assert desk.pane.unsaved_paths() == (PATH,)
    desk.press(Qt.Key.Key_S)
    desk.until(lambda: desk.file() == "mine " + TEXT)


def test_changed_underneath_compare_then_keep(desk: Desk) -> None:
    page = changed_underneath(desk)
    page.notice.buttons["Compare"].click()
    assert page.comparison is not None
    page.comparison.take_all_button.click()
    assert desk.pane.current_text() == "theirs\n"
    page.notice.buttons["Keep mine"].click()
    desk.until(lambda: not desk.pane.unsaved_paths())
    assert desk.file() == "theirs\n"


def test_a_newer_file_is_shown_where_nothing_was_typed(desk: Desk) -> None:
    page = desk.open()
    (desk.home / PATH).write_text("newer\n")
    seen: list[str] = []
    desk.pane.save_then(PATH, lambda: seen.append("built"))
    desk.until(lambda: seen == ["built"])
    assert desk.pane.current_text() == desk.file() == "newer\n"
    assert "newer text" in page.notice.text()


def test_closing_with_unsaved_text_asks_in_the_tab(desk: Desk) -> None:
    page = desk.open()
    desk.type("moo ")
    desk.press(Qt.Key.Key_W)
    assert desk.pane.open_paths() == (PATH,)
    page.notice.buttons["Keep it open"].click()
    desk.pane.close_recipe()
    page.notice.buttons["Save and close"].click()
    desk.until(lambda: desk.pane.open_paths() == ())
    assert desk.file() == "moo " + TEXT


def test_closing_without_saving_forgets_the_journal_too(desk: Desk) -> None:
    page = desk.open()
    desk.type("moo ")
    desk.until(lambda: desk.journaled() != [])
    desk.pane.close_recipe()
    page.notice.buttons["Close without saving"].click()
    assert desk.pane.open_paths() == ()
    desk.until(lambda: desk.journaled() == [])
    assert desk.file() == TEXT


def test_a_byte_order_mark_is_said_and_taken_out_by_saving(desk: Desk) -> None:
    (desk.home / PATH).write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    page = desk.open(None)
    assert "byte order mark" in page.notice.text()
    assert desk.pane.unsaved_paths() == (PATH,)
    page.notice.buttons["Save"].click()
    desk.until(lambda: (desk.home / PATH).read_bytes() == TEXT.encode())


# --- targets that go and come ---


def test_unsaved_text_waits_for_its_target(desk: Desk) -> None:
    desk.open(path=OTHER)
    desk.open()
    desk.type("moo ")
    desk.pane.close_target()
    assert desk.pane.open_paths() == ()
    assert desk.journaled() == ["moo " + TEXT]
    again = FickleTarget(home=desk.home)
    desk.pane.open_recipe(again, OTHER)
    assert set(desk.pane.open_paths()) == {PATH, OTHER}
    assert desk.pane.unsaved_paths() == (PATH,)
    desk.pane.save(PATH)
    desk.until(lambda: desk.file() == "moo " + TEXT)


# --- the journal ---


def test_typing_is_in_the_journal_within_a_second_and_out_of_it_after_a_save(desk: Desk) -> None:
    desk.open()
    desk.until(lambda: desk.journaled() == [])
    began = time.monotonic()
    desk.type("moo ")
    desk.qtbot.waitUntil(lambda: desk.journaled() == ["moo " + TEXT], timeout=1000)
    assert time.monotonic() - began < 1
    desk.press(Qt.Key.Key_S)
    desk.until(lambda: desk.journaled() == [])


def test_undoing_to_the_saved_text_leaves_nothing_to_offer(desk: Desk) -> None:
    page = desk.open()
    desk.type("x")
    desk.until(lambda: desk.journaled() == ["x" + TEXT])
    page.editor.undo()
    desk.until(lambda: desk.journaled() == [])


def test_a_journal_that_cannot_be_written_is_said_once(desk: Desk) -> None:
    desk.journal_folder.write_text("a file where the folder should be")
    page = desk.open()
    desk.type("x")
    desk.until(lambda: "cannot keep a copy" in page.notice.text())
    assert desk.pane.current_text() == "x" + TEXT


TYPIST = """
import sys
from pathlib import Path, PurePosixPath
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from cowshed_gui.recipe_pane import RecipePane
from cowshed_lab.journal import Journal
from cowshed_lab.local import LocalTarget

application = QApplication([])
pane = RecipePane(Journal(Path(sys.argv[2])))
pane.show()
pane.open_recipe(LocalTarget(home=Path(sys.argv[1])), PurePosixPath(sys.argv[3]))
timer = QTimer(interval=5)
typed = 0

def type_one():
    global typed
    page = pane.current_page()
    if page.ready:
        QTest.keyClicks(page.editor, "x")
        typed += 1
        print(typed, flush=True)

timer.timeout.connect(type_one)
timer.start()
application.exec()
"""


def test_kill_9_while_typing_costs_at_most_a_second_and_is_offered_back(desk: Desk) -> None:
    (desk.home / PATH).write_text(TEXT)
    process = subprocess.Popen(
        [sys.executable, "-c", TYPIST, str(desk.home), str(desk.journal_folder), str(PATH)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert process.stdout is not None
    typed: list[float] = []  # when each letter was typed
    for _line in process.stdout:
        typed.append(time.time())
        if typed[-1] - typed[0] > 2:
            break
    process.send_signal(signal.SIGKILL)
    killed = time.time()
    process.wait()
    process.stdout.close()

    (entry,) = Journal(desk.journal_folder).left_over()
    kept = entry.text.index("B")
    assert entry.text == "x" * kept + TEXT
    due = sum(moment < killed - 1 for moment in typed)
    assert due > 20, "the test typed long enough to mean something"
    assert kept >= due, f"{kept} letters kept, {due} were typed more than a second before the end"

    pane = desk.another_pane()
    pane.open_recipe(desk.target, PATH)
    desk.until(lambda: "Cowshed closed unexpectedly. lolcow.def has unsaved text from" in pane.notice.text())
    pane.notice.buttons["Restore"].click()
    desk.until(lambda: pane.current_text() == entry.text)
    assert pane.unsaved_paths() == (PATH,)
    pane.save()
    desk.until(lambda: desk.file() == entry.text)
    desk.until(lambda: desk.journaled() == [])


def left_behind(desk: Desk, text: str = "lost\n", path: PurePosixPath = PATH) -> None:
    Journal(desk.journal_folder).write(desk.target.name, path, text, base=digest(TEXT.encode()))


def test_compare_answers_nothing_and_restore_keeps_the_text_in_a_journal(desk: Desk) -> None:
    left_behind(desk)
    desk.open()
    desk.until(lambda: desk.pane.notice.text() != "")
    desk.pane.notice.buttons["Compare"].click()
    page = desk.pane.current_page()
    assert page is not None
    assert page.comparison is not None
    assert desk.journaled() == ["lost\n"]
    desk.pane.notice.buttons["Restore"].click()
    assert desk.pane.current_text() == "lost\n"
    assert desk.journaled() == ["lost\n"], "the new Cowshed's own, should it crash too"
    page.editor.undo()
    assert desk.pane.current_text() == TEXT


def test_restored_text_stays_in_the_old_journal_where_no_new_one_can_be_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_behind(desk)

    def no_space(*_arguments: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(desk.pane.journal, "write", no_space)
    desk.open()
    desk.until(lambda: desk.pane.notice.text() != "")
    desk.pane.notice.buttons["Restore"].click()
    assert desk.pane.current_text() == "lost\n"
    assert desk.journaled() == ["lost\n"]


def test_discard(desk: Desk) -> None:
    left_behind(desk)
    desk.open()
    desk.until(lambda: desk.pane.notice.text() != "")
    desk.pane.notice.buttons["Discard"].click()
    assert desk.journaled() == []
    assert desk.pane.notice.text() == ""
    assert desk.pane.current_text() == TEXT


def test_several_recipes_are_one_offer_and_a_changed_file_is_said(desk: Desk) -> None:
    left_behind(desk, "newest\n")
    left_behind(desk, path=OTHER)
    left_behind(desk, path=PurePosixPath("never/saved.def"))
    desk.open("not what the typing began with\n")
    desk.until(lambda: "3 recipes have unsaved text" in desk.pane.notice.text())
    assert "compare first" in desk.pane.notice.text()
    desk.pane.notice.buttons["Restore"].click()
    desk.until(lambda: len(desk.pane.unsaved_paths()) == 3)


def test_what_the_file_holds_already_is_not_offered(desk: Desk, qtbot: QtBot) -> None:
    left_behind(desk, TEXT)
    left_behind(desk, path=OTHER)
    desk.open()
    desk.until(lambda: "lolcow_0.def has unsaved text" in desk.pane.notice.text())
    assert [entry.path for entry in Journal(desk.journal_folder).left_over()] == [OTHER]


def test_closing_in_good_order_keeps_unsaved_text_without_talk_of_a_crash(desk: Desk) -> None:
    desk.open()
    desk.type("moo ")
    desk.pane.keep_unsaved()
    pane = desk.another_pane()
    pane.open_recipe(desk.target, PATH)
    desk.until(lambda: pane.notice.text().startswith("lolcow.def has unsaved text from"))


# --- faults, snippets, comparing ---


def test_faults_are_said_at_the_cursor_as_plain_text(desk: Desk) -> None:
    page = desk.open()
    desk.pane.show_findings(PATH, [Finding("x", "No <b>lists</b>.", 5, 5, "Add them.")])
    desk.pane.show_findings(OTHER, [Finding("x", "Not open.", 1)])
    desk.pane.go_to(PATH, 5, 5)
    assert len(page.editor.marks) == 1
    assert page.foot.fault.accessibleName() == "No <b>lists</b>. Add them."
    assert "&lt;b&gt;" in page.foot.fault.text()
    desk.pane.show_findings(PATH, [])
    assert page.foot.fault.text() == ""


def test_a_snippet_goes_into_the_recipe_in_front_and_is_told(desk: Desk, qtbot: QtBot) -> None:
    desk.open()
    desk.pane.compare("A solution", "x\n")
    with qtbot.wait_signal(desk.pane.recipe_changed) as told:
        desk.pane.insert_snippet("date")
    assert told.args == [PATH, TEXT + "    date\n"] or told.args == [PATH, TEXT.rstrip("\n") + "\n    date\n"]
    page = desk.pane.current_page()
    assert page is not None
    assert page.comparison is None


def test_a_solution_is_compared_and_left_by_escape(desk: Desk) -> None:
    page = desk.open()
    desk.pane.compare("A solution", TEXT + "    date\n")
    view = page.comparison
    assert view is not None
    view.take(0)
    assert desk.pane.current_text() == TEXT + "    date\n"
    QTest.keyClick(view.mine, Qt.Key.Key_Escape)
    assert page.comparison is None


def test_find_and_go_to_line_by_keys(desk: Desk) -> None:
    page = desk.open()
    desk.press(Qt.Key.Key_F)
    QTest.keyClicks(desk.pane.find_bar.wanted, "ubuntu")
    QTest.keyClick(desk.pane.find_bar.wanted, Qt.Key.Key_Return)
    assert page.editor.textCursor().selectedText() == "ubuntu"
    QTest.keyClick(desk.pane.find_bar.wanted, Qt.Key.Key_Escape)
    desk.press(Qt.Key.Key_L)
    QTest.keyClicks(desk.pane.prompt.field, "5")
    QTest.keyClick(desk.pane.prompt.field, Qt.Key.Key_Return)
    assert page.editor.textCursor().blockNumber() == 4
    desk.press(Qt.Key.Key_L)
    QTest.keyClicks(desk.pane.prompt.field, "cow")
    QTest.keyClick(desk.pane.prompt.field, Qt.Key.Key_Return)
    assert page.editor.textCursor().blockNumber() == 4


def test_everything_has_an_accessible_name(desk: Desk) -> None:
    page = desk.open()
    assert page.editor.accessibleName() == "Recipe lolcow.def"
    assert desk.pane.accessibleName()
    bar = desk.pane.find_bar
    for widget in (desk.pane.tabs, bar.wanted, bar.replacement, bar.case, bar.words, bar.expression):
        assert widget.accessibleName()


def test_what_wants_a_recipe_saved_is_told_when_it_was_changed_underneath_or_never_opened(desk: Desk) -> None:
    desk.open()
    desk.type("mine ")
    (desk.home / PATH).write_text("theirs\n")
    told: list[str] = []
    desk.pane.save_then(PATH, lambda: told.append("built"), lambda: told.append("changed"))
    desk.until(lambda: told == ["changed"])
    desk.target.trouble = "The connection was lost."
    desk.pane.open_recipe(desk.target, OTHER)
    desk.pane.save_then(OTHER, lambda: told.append("built"), lambda: told.append("not read"))
    desk.until(lambda: told == ["changed", "not read"])
    desk.pane.save_then(OTHER, lambda: told.append("built"), lambda: told.append("again"))
    assert told == ["changed", "not read", "again"]


def test_a_recipe_that_is_not_open_is_in_its_file(desk: Desk) -> None:
    told: list[str] = []
    desk.pane.save_then(PATH, lambda: told.append("built"), lambda: told.append("not built"))
    assert told == ["built"]


def test_after_a_reconnection_unsaved_text_is_saved_and_newer_files_are_shown(desk: Desk) -> None:
    (desk.home / OTHER).write_text("old\n")
    desk.open()
    desk.pane.open_recipe(desk.target, OTHER)
    desk.until(lambda: desk.pane.current_text() == "old\n")
    desk.pane.open_recipe(desk.target, PATH)
    desk.type("mine ")
    desk.target.trouble = "The connection was lost."
    desk.press(Qt.Key.Key_S)
    page = desk.pane.current_page()
    assert page is not None
    desk.until(lambda: "Not saved. The connection was lost." in page.notice.text())
    (desk.home / OTHER).write_text("newer\n")
    desk.pane.reconnect(FickleTarget(home=desk.home))
    desk.press(Qt.Key.Key_S)
    desk.until(lambda: desk.file() == "mine " + TEXT)
    assert page.notice.text() == ""
    desk.pane.show_recipe(OTHER)
    desk.until(lambda: desk.pane.current_text() == "newer\n")


def test_a_file_that_is_gone_after_a_reconnection_can_be_put_back(desk: Desk) -> None:
    page = desk.open()
    (desk.home / PATH).unlink()
    desk.pane.reconnect(FickleTarget(home=desk.home))
    desk.until(lambda: "no longer on" in page.notice.text())
    assert desk.pane.unsaved_paths() == (PATH,)
    page.notice.buttons["Save"].click()
    desk.until(lambda: (desk.home / PATH).exists())
    assert desk.file() == TEXT


# --- saving while a save is on its way ---


def test_what_is_typed_and_saved_during_a_save_is_saved_after_it(desk: Desk) -> None:
    page = desk.open("")
    desk.type("one ")
    page.save()
    desk.type("two")
    written: list[str] = []
    page.save(lambda: written.append(desk.file()))
    desk.until(lambda: bool(written))
    assert written == ["one two"], "who waits for a save waits for the text as it was then"
    assert not page.unsaved
    assert page.saved_at is not None


def test_who_waits_for_a_save_is_told_when_the_page_goes(desk: Desk) -> None:
    page = desk.open("")
    told: list[str] = []
    desk.type("one")
    desk.pane.save_then(PATH, lambda: told.append("saved"), lambda: told.append("not saved"))
    assert page.unsaved
    desk.pane.close_target()
    desk.until(lambda: told == ["not saved"])
