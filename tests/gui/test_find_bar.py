"""Find and replace, by keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cowshed_gui.find_bar import FindBar
from cowshed_gui.recipe_editor import RecipeEditor

TEXT = "%post\n    apt-get update\n    apt-get install Cow cow cows 🐄 cow\n"


@pytest.fixture
def parts(qtbot: QtBot) -> Iterator[tuple[FindBar, RecipeEditor]]:
    window = QWidget()
    qtbot.addWidget(window)
    editor, bar = RecipeEditor(), FindBar()
    layout = QVBoxLayout(window)
    layout.addWidget(editor)
    layout.addWidget(bar)
    editor.load(TEXT)
    bar.set_editor(editor)
    window.show()
    bar.open_bar(replace=True)
    yield bar, editor
    window.close()


def selected(editor: RecipeEditor) -> tuple[str, int]:
    cursor = editor.textCursor()
    return cursor.selectedText(), cursor.blockNumber() + 1


def test_enter_goes_on_and_around_and_shift_enter_back(parts: tuple[FindBar, RecipeEditor], qtbot: QtBot) -> None:
    bar, editor = parts
    QTest.keyClicks(bar.wanted, "apt-get")
    assert bar.count.text() == "2 found"
    QTest.keyClick(bar.wanted, Qt.Key.Key_Return)
    assert selected(editor) == ("apt-get", 2)
    assert bar.count.text() == "1 of 2"
    QTest.keyClick(bar.wanted, Qt.Key.Key_Return)
    assert selected(editor) == ("apt-get", 3)
    QTest.keyClick(bar.wanted, Qt.Key.Key_Return)
    assert selected(editor) == ("apt-get", 2)
    QTest.keyClick(bar.wanted, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert selected(editor) == ("apt-get", 3)


def test_options_by_key(parts: tuple[FindBar, RecipeEditor], qtbot: QtBot) -> None:
    bar, _editor = parts
    QTest.keyClicks(bar.wanted, "cow")
    assert bar.count.text() == "4 found"
    QTest.keyClick(bar.wanted, Qt.Key.Key_C, Qt.KeyboardModifier.AltModifier)
    assert bar.count.text() == "3 found"
    QTest.keyClick(bar.wanted, Qt.Key.Key_W, Qt.KeyboardModifier.AltModifier)
    assert bar.count.text() == "2 found"


def test_signs_mean_themselves_unless_it_is_an_expression(parts: tuple[FindBar, RecipeEditor], qtbot: QtBot) -> None:
    bar, _editor = parts
    bar.wanted.setText("a.t")
    assert bar.count.text() == "Not found"
    bar.expression.setChecked(True)
    assert bar.count.text() == "2 found"


def test_an_incomplete_expression_is_said_and_harms_nothing(parts: tuple[FindBar, RecipeEditor], qtbot: QtBot) -> None:
    bar, editor = parts
    bar.expression.setChecked(True)
    bar.wanted.setText("(cow")
    assert bar.count.text() == "Not complete"
    assert bar.problem.isVisibleTo(bar)
    assert bar.problem.text().startswith("This is not a complete expression yet: ")
    width = bar.wanted.width()
    assert width == bar.replacement.width() or not bar.replacement.isVisible()
    assert bar.replace_all() == 0
    assert editor.text() == TEXT


def test_an_expression_that_would_run_for_ever_gives_up(parts: tuple[FindBar, RecipeEditor], qtbot: QtBot) -> None:
    bar, editor = parts
    editor.load("a" * 60 + "!\n")
    bar.expression.setChecked(True)
    bar.wanted.setText("(a+)+$")  # would take 2 to the 60th steps; the time limit of the test run is the assertion
    assert bar.count.text() == "Not found"


def test_replace_one_by_one_and_all_with_groups_in_one_step(parts: tuple[FindBar, RecipeEditor], qtbot: QtBot) -> None:
    bar, editor = parts
    bar.wanted.setText("update")
    bar.replacement.setText("upgrade")
    bar.replacement.setFocus()
    QTest.keyClick(bar.replacement, Qt.Key.Key_Return)  # goes there
    QTest.keyClick(bar.replacement, Qt.Key.Key_Return)  # replaces
    assert "apt-get upgrade\n" in editor.text()

    bar.expression.setChecked(True)
    bar.wanted.setText(r"(c)(ow)s?")
    bar.replacement.setText(r"\2\1\\")
    assert bar.replace_all() == 4
    assert "install owC\\ owc\\ owc\\ 🐄 owc\\\n" in editor.text()
    editor.undo()
    assert "install Cow cow cows 🐄 cow\n" in editor.text()


def test_the_selected_word_is_looked_for_and_finds_follow_typing(
    parts: tuple[FindBar, RecipeEditor], qtbot: QtBot
) -> None:
    bar, editor = parts
    bar.wanted.setText("install")
    bar.find_next()
    bar.close_bar()
    bar.open_bar()
    assert bar.wanted.text() == "install"
    assert not bar.replacement.isVisible()
    editor.replace_text(TEXT + "install\n")
    assert bar.count.text().endswith(("2 found", "of 2"))


def test_escape_closes_and_untints(parts: tuple[FindBar, RecipeEditor], qtbot: QtBot) -> None:
    bar, editor = parts
    bar.wanted.setText("cow")
    assert len(editor.extraSelections()) == 5
    with qtbot.wait_signal(bar.closed):
        QTest.keyClick(bar.wanted, Qt.Key.Key_Escape)
    assert bar.isHidden()
    assert len(editor.extraSelections()) == 1
