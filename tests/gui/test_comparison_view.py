"""The comparison, by keys and buttons."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCharFormat
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cowshed_gui.comparison_side import ComparisonSide, changed_words
from cowshed_gui.comparison_view import ComparisonView, Other, blocks
from cowshed_gui.recipe_editor import RecipeEditor
from cowshed_lessons.comparison import compare

MINE = "Bootstrap: docker\nFrom: ubuntu\n\n%post\n    apt-get install cowsay\n    date\n"
OTHER = "Bootstrap: docker\nFrom: ubuntu:22.04\n\n%post\n    apt-get update\n    apt-get install -y cowsay\n"


class Pair:
    """A comparison and the editor whose text it compares, joined as the page joins them."""

    def __init__(self, qtbot: QtBot, mine: str, other: str) -> None:
        self.editor, self.view = RecipeEditor(), ComparisonView()
        qtbot.addWidget(self.editor)
        qtbot.addWidget(self.view)
        self.editor.load(mine)
        self.view.taken.connect(self.editor.replace_lines)
        self.editor.edited.connect(lambda: self.view.set_mine(self.editor.text()))
        self.view.resize(900, 500)
        self.view.show()
        self.view.compare(mine, "A solution", other)


def underlined(side: ComparisonSide) -> list[str]:
    return [
        selection.cursor.selectedText()
        for selection in side.extraSelections()
        if selection.format.underlineStyle() != QTextCharFormat.UnderlineStyle.NoUnderline
    ]


def test_rows_stand_side_by_side_with_changed_words_marked(qtbot: QtBot) -> None:
    view = Pair(qtbot, MINE, OTHER).view
    assert view.mine.document().blockCount() == view.other.document().blockCount()
    assert view.summary.text() == f"{len(view.blocks)} differences"
    assert underlined(view.mine) == [], "nothing of mine is in the way of the other's words"
    assert any("22.04" in words for words in underlined(view.other))
    assert any(words.startswith("-y") for words in underlined(view.other))


def test_a_button_for_each_difference_takes_it_over(qtbot: QtBot) -> None:
    pair = Pair(qtbot, MINE, OTHER)
    count = len(pair.view.blocks)
    assert count == len(pair.view.buttons) == 2
    assert all(button.accessibleName() for button in pair.view.buttons)
    QTest.mouseClick(pair.view.buttons[0], Qt.MouseButton.LeftButton)
    assert "From: ubuntu:22.04\n" in pair.editor.text()
    assert "    date\n" in pair.editor.text()
    assert len(pair.view.buttons) == 1
    QTest.mouseClick(pair.view.buttons[0], Qt.MouseButton.LeftButton)
    assert pair.editor.text() == OTHER
    assert pair.view.summary.text() == "No difference"
    pair.editor.undo()
    pair.editor.undo()
    assert pair.editor.text() == MINE


def test_keys_alone_do_it(qtbot: QtBot) -> None:
    pair = Pair(qtbot, MINE, OTHER)
    QTest.keyClick(pair.view.mine, Qt.Key.Key_F7)
    QTest.keyClick(pair.view.mine, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert "apt-get update" in pair.editor.text()
    assert "From: ubuntu\n" in pair.editor.text()
    QTest.keyClick(pair.view.mine, Qt.Key.Key_F7, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(pair.view.mine, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert pair.editor.text() == OTHER
    with qtbot.wait_signal(pair.view.closed):
        QTest.keyClick(pair.view.mine, Qt.Key.Key_Escape)


def test_take_all(qtbot: QtBot) -> None:
    pair = Pair(qtbot, MINE, OTHER)
    QTest.mouseClick(pair.view.take_all_button, Qt.MouseButton.LeftButton)
    assert pair.editor.text() == OTHER
    assert not pair.view.take_all_button.isEnabled()


@pytest.mark.parametrize(
    ("mine", "other"),
    [
        ("", "a\nb\n"),
        ("a\nb\n", ""),
        ("a\n\x0cb\nc\n", "a\n\x0cb\nd\n"),
        ("🐄\na\n", "🐄🐄\nb\n"),
        (MINE, OTHER + "\n\n%runscript\n    cowsay\n"),
        (OTHER, MINE),
    ],
)
def test_taking_every_difference_gives_the_other_recipe(qtbot: QtBot, mine: str, other: str) -> None:
    pair = Pair(qtbot, mine, other)
    for _times in range(20):
        if not pair.view.blocks:
            break
        pair.view.take(0)
    assert pair.editor.text().rstrip("\n") == other.rstrip("\n")


def test_both_sides_scroll_together_and_buttons_follow(qtbot: QtBot) -> None:
    filler = "    echo moo\n" * 200
    view = Pair(qtbot, "a\n" + filler + "b\n", "x\n" + filler + "y\n").view
    assert view.buttons[0].isVisible()
    assert not view.buttons[1].isVisible()
    view.next_difference()
    assert view.mine.verticalScrollBar().value() == view.other.verticalScrollBar().value() > 0
    assert view.buttons[1].isVisible()


def test_blocks_count_lines_on_both_sides() -> None:
    found = blocks(compare("a\nb\nc\n", "a\nx\ny y y\nc\nd\n"))
    assert [block.mine for block in found] == [(1, 2), (3, 3)]
    assert [block.other for block in found] == [(1, 3), (4, 5)]


def test_words_are_marked_whole_on_both_sides() -> None:
    assert changed_words("apt-get install -y cowsay", "apt-get install --yes cowsay") == ([(16, 18)], [(16, 21)])
    assert changed_words("From: ubuntu", "From: ubuntu:22.04") == ([], [(12, 18)])
    assert changed_words("same", "same") == ([], [])


def test_several_others_can_be_chosen_and_each_says_what_it_is(qtbot: QtBot) -> None:
    pair = Pair(qtbot, MINE, MINE)
    view = pair.view
    view.choose(
        MINE, "Solution", [Other("Plain", OTHER, "Use `apt-get`."), Other("As it is", MINE, "*Nothing* to do.")]
    )
    assert view.chooser.isVisible()
    assert view.chooser.accessibleName() == "Solution to compare with"
    assert [view.chooser.itemText(number) for number in range(2)] == [
        "Solution 1 of 2: Plain",
        "Solution 2 of 2: As it is",
    ]
    assert "<code>apt-get</code>" in view.chosen_note.text()
    view.chooser.setFocus()
    QTest.keyClick(view.chooser, Qt.Key.Key_Down)
    assert view.summary.text() == "No difference"
    assert "<em>Nothing</em>" in view.chosen_note.text()
    QTest.keyClick(view.chooser, Qt.Key.Key_Up)
    view.take_all()
    assert pair.editor.text() == OTHER
    view.set_mine(pair.editor.text())
    assert view.chooser.currentIndex() == 0
    assert view.summary.text() == "No difference"
    view.compare(MINE, "The file on disk", OTHER)
    assert not view.chooser.isVisible()
