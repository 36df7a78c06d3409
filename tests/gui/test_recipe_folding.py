"""Folding, by keys and clicks; and that nothing that is folded away is ever lost or left behind."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cowshed_gui.find_bar import FindBar
from cowshed_gui.recipe_editor import RecipeEditor
from cowshed_gui.recipe_margin import Margin
from cowshed_gui.theme import APPEARANCE, light
from cowshed_lessons.verdict import Finding
from widgets import child

CONTROL, SHIFT, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier(0)
RECIPE = """Bootstrap: docker
From: ubuntu:22.04

%post
    # one
    # two
    # three
    apt-get update && apt-get install -y cowsay

%environment
    export LC_ALL=C

%runscript
    cowsay moo
"""
POST, ENVIRONMENT, RUNSCRIPT = 4, 10, 13


@pytest.fixture
def editor(qtbot: QtBot) -> RecipeEditor:
    APPEARANCE.choose("light")
    editor = RecipeEditor("lolcow.def")
    qtbot.addWidget(editor)
    editor.resize(700, 500)
    editor.load(RECIPE)
    editor.show()
    editor.structure.read_now()
    return editor


def at(editor: RecipeEditor, line: int, column: int | None = None) -> None:
    block = editor.document().findBlockByNumber(line - 1)
    cursor = QTextCursor(block)
    cursor.setPosition(block.position() + (len(block.text()) if column is None else column - 1))
    editor.setTextCursor(cursor)


def line_of(editor: RecipeEditor) -> int:
    return editor.textCursor().blockNumber() + 1


def in_sight(editor: RecipeEditor) -> list[int]:
    """The lines that can be seen, as the margin numbers them."""
    return [block.blockNumber() + 1 for block, _place in editor.lines_in_sight()]


def hidden(editor: RecipeEditor) -> list[int]:
    document = editor.document()
    blocks = [document.findBlockByNumber(number) for number in range(document.blockCount())]
    return [block.blockNumber() + 1 for block in blocks if not block.isVisible()]


def fold_post(editor: RecipeEditor) -> None:
    at(editor, POST)
    assert editor.folding.fold()
    assert hidden(editor) == [5, 6, 7, 8]


def test_a_section_folds_to_its_first_line_and_lines_keep_their_numbers(editor: RecipeEditor) -> None:
    fold_post(editor)
    assert in_sight(editor) == [1, 2, 3, 4, 9, 10, 11, 12, 13, 14, 15]
    tops = [place.top() for _block, place in editor.lines_in_sight()]
    heights = {round(after - before) for before, after in itertools.pairwise(tops)}
    assert heights == {editor.fontMetrics().lineSpacing()}, "no gap where lines are folded away"
    assert editor.text() == RECIPE
    assert editor.folding.unfold()
    assert hidden(editor) == []


def test_the_innermost_folds_first(editor: RecipeEditor) -> None:
    at(editor, 7)
    assert editor.folding.fold()
    assert hidden(editor) == [6, 7]
    assert line_of(editor) == 5
    assert editor.folding.fold()
    assert hidden(editor) == [5, 6, 7, 8]
    editor.folding.unfold()
    assert hidden(editor) == [6, 7], "what was folded inside stays so"


def test_all_sections_fold_and_unfold(editor: RecipeEditor) -> None:
    editor.folding.fold_all()
    assert in_sight(editor) == [1, 3, POST, 9, ENVIRONMENT, 12, RUNSCRIPT, 15]
    editor.folding.unfold_all()
    assert hidden(editor) == []


def test_up_and_down_pass_over_what_is_folded(editor: RecipeEditor) -> None:
    fold_post(editor)
    QTest.keyClick(editor, Qt.Key.Key_Down)
    assert line_of(editor) == 9
    QTest.keyClick(editor, Qt.Key.Key_Up)
    assert line_of(editor) == POST
    assert hidden(editor) == [5, 6, 7, 8]


@pytest.mark.parametrize(
    ("line", "column", "key", "modifiers"),
    [(POST, None, Qt.Key.Key_Right, NONE), (9, 1, Qt.Key.Key_Left, NONE)],
)
def test_the_cursor_unfolds_what_it_goes_into(
    editor: RecipeEditor, line: int, column: int | None, key: Qt.Key, modifiers: Qt.KeyboardModifier
) -> None:
    fold_post(editor)
    at(editor, line, column)
    QTest.keyClick(editor, key, modifiers)
    assert hidden(editor) == []
    assert editor.text() == RECIPE


def test_going_to_a_line_a_fault_and_a_find_unfold(editor: RecipeEditor, qtbot: QtBot) -> None:
    fold_post(editor)
    editor.go_to_line(8)
    assert (hidden(editor), line_of(editor)) == ([], 8)

    fold_post(editor)
    editor.show_findings([Finding("f", "No.", 5, 5)])
    QTest.keyClick(editor, Qt.Key.Key_F8)
    assert (hidden(editor), line_of(editor)) == ([], 5)

    fold_post(editor)
    bar = FindBar()
    qtbot.addWidget(bar)
    bar.set_editor(editor)
    bar.open_bar()
    bar.wanted.setText("install")
    assert bar.find_next()
    assert (hidden(editor), line_of(editor)) == ([], 8)


def test_typing_in_the_first_line_leaves_it_folded(editor: RecipeEditor) -> None:
    fold_post(editor)
    QTest.keyClicks(editor, " -c")
    editor.structure.read_now()
    assert hidden(editor) == [5, 6, 7, 8]
    assert editor.text() == RECIPE.replace("%post", "%post -c")


def test_what_is_no_section_any_more_unfolds(editor: RecipeEditor) -> None:
    fold_post(editor)
    QTest.keyClick(editor, Qt.Key.Key_Slash, CONTROL)
    editor.structure.read_now()
    assert hidden(editor) == []
    assert editor.text() == RECIPE.replace("%post", "# %post")


def test_edits_at_the_edges_unfold_and_keep_every_letter(editor: RecipeEditor) -> None:
    for line, column, key, wanted in (
        (POST, None, Qt.Key.Key_Return, RECIPE.replace("%post\n", "%post\n    \n")),
        (POST, None, Qt.Key.Key_Delete, RECIPE.replace("%post\n", "%post")),
        (9, 1, Qt.Key.Key_Backspace, RECIPE.replace("cowsay\n\n", "cowsay\n", 1)),
    ):
        fold_post(editor)
        at(editor, line, column)
        QTest.keyClick(editor, key)
        assert editor.text() == wanted
        assert hidden(editor) == []
        editor.undo()
        editor.structure.read_now()
        assert editor.text() == RECIPE
        assert hidden(editor) == []


def test_lines_above_may_come_and_go(editor: RecipeEditor) -> None:
    fold_post(editor)
    at(editor, 3)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert hidden(editor) == [7, 8, 9, 10]
    assert set(in_sight(editor)).isdisjoint(hidden(editor))
    editor.undo()
    editor.undo()
    assert hidden(editor) == [5, 6, 7, 8]


def test_a_selection_over_a_fold_holds_what_is_folded(editor: RecipeEditor) -> None:
    fold_post(editor)
    at(editor, POST, 1)
    QTest.keyClick(editor, Qt.Key.Key_Down, SHIFT)
    assert editor.textCursor().selection().toPlainText().count("apt-get") == 2
    QTest.keyClick(editor, Qt.Key.Key_X, CONTROL)
    assert "apt-get" not in editor.text()
    assert hidden(editor) == []
    editor.undo()
    assert editor.text() == RECIPE
    assert hidden(editor) == []


def test_snippets_and_whole_texts_leave_nothing_hidden(editor: RecipeEditor) -> None:
    fold_post(editor)
    editor.insert_snippet("echo moo")
    assert editor.textCursor().selectedText().strip() == "echo moo"
    assert line_of(editor) in in_sight(editor)
    editor.undo()
    editor.replace_text(RECIPE.replace("update", "upgrade"))
    assert hidden(editor) == []
    editor.folding.fold_all()
    editor.load(RECIPE)
    assert hidden(editor) == []
    assert editor.folding.folded() == {}


def test_the_triangle_folds_and_the_sign_unfolds(editor: RecipeEditor, qtbot: QtBot) -> None:
    margin = child(editor, Margin)
    tops = {block.blockNumber() + 1: place for block, place in editor.lines_in_sight()}
    middle = round(tops[POST].center().y())
    QTest.mouseClick(margin, Qt.MouseButton.LeftButton, NONE, QPoint(margin.width() - 8, middle))
    assert hidden(editor) == [5, 6, 7, 8]
    editor.grab()
    end = round(editor.cursorRect(QTextCursor(editor.document().findBlockByNumber(POST - 1))).x())
    sign = end + editor.fontMetrics().horizontalAdvance("%post") + 30
    QTest.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, NONE, QPoint(sign, middle))
    assert hidden(editor) == []
    QTest.mouseClick(margin, Qt.MouseButton.LeftButton, NONE, QPoint(20, middle))
    assert hidden(editor) == [], "line numbers fold nothing"


def test_a_fault_that_is_folded_away_shows_at_the_first_line(editor: RecipeEditor) -> None:
    def signs() -> set[int]:
        image = editor.grab().toImage()
        return {
            y // editor.fontMetrics().lineSpacing()
            for y in range(image.height())
            for x in range(16)
            if image.pixelColor(x, y) == light().warning
        }

    editor.show_findings([Finding("f", "No.", 8, 5)])
    before = signs()
    fold_post(editor)
    after = signs()
    assert len(before) >= 1
    assert min(after) < min(before)


def test_a_file_of_two_stages_folds_by_stage(editor: RecipeEditor) -> None:
    editor.load("Bootstrap: docker\nFrom: a\nStage: one\n\n%post\n    true\n\nBootstrap: docker\nFrom: b\nStage: two\n")
    editor.structure.read_now()
    at(editor, 1)
    editor.folding.toggle_line(0)
    assert hidden(editor)[0] == 2
    assert 6 in hidden(editor)
    assert 8 not in hidden(editor)


def test_the_end_of_the_text_can_be_folded_and_left(editor: RecipeEditor) -> None:
    at(editor, RUNSCRIPT)
    editor.folding.fold()
    assert 14 in hidden(editor)
    QTest.keyClick(editor, Qt.Key.Key_End, CONTROL)
    assert editor.textCursor().block().isVisible()
    QTest.keyClicks(editor, "x")
    assert editor.text().endswith("moo\nx")


def test_typing_with_other_folds_open_never_hides_the_cursor(editor: RecipeEditor) -> None:
    """A walk through many keys with folds here and there; the text is what it is without any."""
    keys = [Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Backspace, Qt.Key.Key_Up, Qt.Key.Key_Delete, Qt.Key.Key_End]
    plain = RecipeEditor("plain.def")
    plain.load(RECIPE)
    at(plain, 1)
    at(editor, 1)
    for number in range(240):
        if number % 7 == 0:
            editor.folding.fold_all()
        at(editor, min(number * 5 % 16 + 1, editor.blockCount()))
        at(plain, min(number * 5 % 16 + 1, plain.blockCount()))
        key = keys[number * number % len(keys)]
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            continue
        QTest.keyClick(editor, key)
        QTest.keyClick(plain, key)
        assert editor.textCursor().block().isVisible()
        assert editor.text() == plain.text()
    plain.deleteLater()


def test_a_long_recipe_with_much_folded_paints_only_what_is_seen(editor: RecipeEditor) -> None:
    editor.load("%post\n" + "    true\n" * 5000 + "%runscript\n    true\n")
    editor.structure.read_now()
    editor.folding.toggle_line(0)
    assert len(in_sight(editor)) < 8
    widget: QWidget = editor
    assert not widget.grab().isNull()
