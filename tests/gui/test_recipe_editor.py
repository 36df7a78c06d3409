"""The editor, by keys as a person uses it; and where a snippet of the lesson goes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QKeyEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cowshed_gui.recipe_editing import matching_bracket, place_snippet, toggle_comments
from cowshed_gui.recipe_editor import RecipeEditor
from cowshed_gui.theme import APPEARANCE, light
from cowshed_lessons.verdict import Finding

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LOLCOW = "Bootstrap: docker\nFrom: ubuntu:22.04\n\n%post\n    apt-get install -y cowsay\n\n%runscript\n    cowsay\n"


@pytest.fixture
def editor(qtbot: QtBot) -> RecipeEditor:
    APPEARANCE.choose("light")
    editor = RecipeEditor("lolcow.def")
    qtbot.addWidget(editor)
    editor.resize(700, 500)
    editor.show()
    return editor


def at(editor: RecipeEditor, line: int, column: int | None = None) -> None:
    """Put the cursor into a line (from 1), at its end if no column is named."""
    block = editor.document().findBlockByNumber(line - 1)
    cursor = QTextCursor(block)
    cursor.setPosition(block.position() + (len(block.text()) if column is None else column - 1))
    editor.setTextCursor(cursor)


def select_lines(editor: RecipeEditor, first: int, last: int) -> None:
    document = editor.document()
    cursor = QTextCursor(document.findBlockByNumber(first - 1))
    end = document.findBlockByNumber(last - 1)
    cursor.setPosition(end.position() + end.length() - 1, QTextCursor.MoveMode.KeepAnchor)
    editor.setTextCursor(cursor)


# --- text ---


@pytest.mark.parametrize("text", ["", "a", "a\n", "a\n\n", "a\u00a0b\n", "🐄 é\n", "\tx\n"])
def test_text_comes_out_as_it_went_in(editor: RecipeEditor, text: str) -> None:
    editor.load(text)
    assert editor.text() == text
    assert not editor.document().isModified()


def test_edited_comes_for_text_and_not_for_colours(editor: RecipeEditor, qtbot: QtBot) -> None:
    editor.load(LOLCOW)
    with qtbot.assert_not_emitted(editor.edited):
        editor.highlighter.rehighlight()
        editor.go_to_line(3)
    with qtbot.wait_signal(editor.edited):
        QTest.keyClick(editor, Qt.Key.Key_A)


def test_replacing_the_text_is_one_step_to_undo(editor: RecipeEditor) -> None:
    editor.load(LOLCOW)
    editor.replace_text("🐄 quite\nanother\n")
    assert editor.text() == "🐄 quite\nanother\n"
    editor.replace_text("🐄 quite\nother\n")
    editor.undo()
    editor.undo()
    assert editor.text() == LOLCOW


# --- keys ---


def test_return_indents_as_the_recipe_wants_it(editor: RecipeEditor) -> None:
    editor.load("")
    for line in ("Bootstrap: docker", "%post", "apt-get install -y \\", "cowsay", "if true; then", "ls"):
        QTest.keyClicks(editor, line)
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert editor.text() == (
        "Bootstrap: docker\n%post\n    apt-get install -y \\\n        cowsay\n    if true; then\n        ls\n        "
    )


def test_a_line_feed_is_a_return(editor: RecipeEditor) -> None:
    editor.load("%post")
    at(editor, 1)
    plain = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(editor, QKeyEvent(QEvent.Type.KeyPress, 0x0A, plain, "\n"))
    assert editor.text() == "%post\n    "


def test_return_before_a_line_pushes_it_down_unchanged(editor: RecipeEditor) -> None:
    editor.load("%post\n    ls\n")
    at(editor, 2, 1)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert editor.text() == "%post\n\n    ls\n"


def test_a_section_typed_in_an_indented_line_begins_in_the_first_column(editor: RecipeEditor) -> None:
    editor.load("%post\n    ls\n    ")
    at(editor, 3)
    QTest.keyClicks(editor, "%test")
    assert editor.text() == "%post\n    ls\n%test"
    at(editor, 2)
    QTest.keyClicks(editor, " 5%")
    assert editor.text() == "%post\n    ls 5%\n%test"


def test_tab_and_shift_tab(editor: RecipeEditor) -> None:
    editor.load("a\nb\n\nc")
    at(editor, 1, 1)
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.text().startswith("    a\n")
    select_lines(editor, 1, 4)
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.text() == "        a\n    b\n\n    c"
    QTest.keyClick(editor, Qt.Key.Key_Backtab, SHIFT)
    assert editor.text() == "    a\nb\n\nc"
    editor.undo()
    assert editor.text() == "        a\n    b\n\n    c"


def test_comments_go_on_and_off_and_the_selection_stays(editor: RecipeEditor) -> None:
    editor.load("%post\n    ls\n\n        cd /\n")
    select_lines(editor, 2, 4)
    QTest.keyClick(editor, Qt.Key.Key_Slash, CONTROL)
    assert editor.text() == "%post\n    # ls\n\n    #     cd /\n"
    QTest.keyClick(editor, Qt.Key.Key_Slash, CONTROL)
    assert editor.text() == "%post\n    ls\n\n        cd /\n"
    assert toggle_comments(["# a", "b"]) == ["# # a", "# b"]


class Window(QWidget):
    """Stands for the window: notes the keys that the editor passed on."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[int] = []

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() != Qt.Key.Key_Control:
            self.keys.append(event.key())


def test_keys_of_the_window_are_passed_on(qtbot: QtBot) -> None:
    window = Window()
    qtbot.addWidget(window)
    editor = RecipeEditor("a.def", window)
    editor.load("x")
    keys = [Qt.Key.Key_F6, Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4, Qt.Key.Key_S, Qt.Key.Key_F]
    for key in keys:
        QTest.keyClick(editor, key, Qt.KeyboardModifier.NoModifier if key == Qt.Key.Key_F6 else CONTROL)
    assert window.keys == keys
    assert editor.text() == "x"


def test_zoom_by_keys_stays_in_the_pane(editor: RecipeEditor) -> None:
    usual = editor.font().pointSizeF()
    QTest.keyClick(editor, Qt.Key.Key_Plus, CONTROL | Qt.KeyboardModifier.AltModifier)
    assert editor.font().pointSizeF() > usual
    QTest.keyClick(editor, Qt.Key.Key_0, CONTROL | Qt.KeyboardModifier.AltModifier)
    assert editor.font().pointSizeF() == usual
    assert APPEARANCE.zoom == 1.0


def test_ctrl_l_asks_for_a_line_and_going_beyond_the_end_is_the_last_one(editor: RecipeEditor, qtbot: QtBot) -> None:
    editor.load(LOLCOW)
    with qtbot.wait_signal(editor.go_to_line_wanted):
        QTest.keyClick(editor, Qt.Key.Key_L, CONTROL)
    editor.go_to_line(999)
    assert editor.textCursor().blockNumber() == editor.blockCount() - 1
    editor.go_to_line(5, 5)
    assert (editor.textCursor().blockNumber(), editor.textCursor().positionInBlock()) == (4, 4)


# --- brackets ---


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("(a)", 0, (0, 2)),
        ("(a)", 3, (2, 0)),
        ("({ V })", 1, (1, 5)),
        ("{{ V }}", 0, (0, 6)),
        ("(a", 0, None),
        ("a)", 1, None),
        ("abc", 1, None),
        ("", 0, None),
    ],
)
def test_brackets(text: str, position: int, expected: tuple[int, int] | None) -> None:
    assert matching_bracket(text, position) == expected


def test_the_pair_of_brackets_at_the_cursor_is_tinted(editor: RecipeEditor) -> None:
    editor.load("%post\n  x=$(ls)\n")
    at(editor, 2)
    tinted = [s.cursor.selectedText() for s in editor.extraSelections() if s.cursor.hasSelection()]
    assert sorted(tinted) == ["(", ")"]


# --- faults ---

FAULT = Finding("install", "The lists are missing.", 5, 5, "Add `apt-get <update>`.", 5, 20)


def test_a_fault_is_marked_hovered_described_and_reached_by_key(editor: RecipeEditor) -> None:
    editor.load(LOLCOW)
    editor.show_findings([FAULT, Finding("x", "Nowhere in the text.")], [Finding("w", "No tag.", 2)])
    assert [mark.cursor.selectedText() for mark in editor.marks] == ["From: ubuntu:22.04", "apt-get install"]
    assert editor.accessibleDescription().startswith("2 faults.")
    assert "F6 leaves" in editor.accessibleDescription()

    QTest.keyClick(editor, Qt.Key.Key_F8)
    QTest.keyClick(editor, Qt.Key.Key_F8)
    assert editor.textCursor().blockNumber() == 4
    hover = editor.hover_text(editor.cursorRect().center() + QPoint(2, 0))
    assert "The lists are missing." in hover
    assert "apt-get &lt;update&gt;" in hover
    assert editor.hover_text(QPoint(400, editor.cursorRect().center().y() + 200)) == ""
    QTest.keyClick(editor, Qt.Key.Key_F8, SHIFT)
    assert editor.textCursor().blockNumber() == 1


def test_a_fault_moves_with_the_text(editor: RecipeEditor) -> None:
    editor.load(LOLCOW)
    editor.show_findings([FAULT])
    at(editor, 1, 1)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert editor.marks[0].line == 5
    assert editor.marks[0].cursor.selectedText() == "apt-get install"


@pytest.mark.parametrize(
    "finding",
    [
        Finding("x", "far away", 999, 999),
        Finding("x", "backwards", 5, 10, "", 4, 2),
        Finding("x", "nought", 0, 0),
        Finding("x", "beyond", 5, 5, "", 77, 99),
    ],
)
def test_a_place_that_is_not_in_the_text_is_brought_into_it(editor: RecipeEditor, finding: Finding) -> None:
    editor.load(LOLCOW)
    editor.show_findings([finding])
    assert len(editor.marks) == 1
    assert not editor.grab().isNull()


def test_columns_count_letters(editor: RecipeEditor) -> None:
    editor.load("%post\necho 🐄🐄 here\n")
    editor.show_findings([Finding("x", "m", 2, 9, "", 2, 13)])
    assert editor.marks[0].cursor.selectedText() == "here"


def test_waves_and_signs_are_painted_in_the_colour_of_the_severity(editor: RecipeEditor) -> None:
    editor.load(LOLCOW)
    at(editor, 8)

    def painted(colour: QColor) -> set[int]:
        """Columns with pixels near the colour: lines are smoothed."""
        image = editor.grab().toImage()
        pixels = ((x, image.pixelColor(x, y)) for x in range(image.width()) for y in range(image.height()))
        near = 45
        return {
            x
            for x, pixel in pixels
            if max(
                abs(pixel.red() - colour.red()), abs(pixel.green() - colour.green()), abs(pixel.blue() - colour.blue())
            )
            < near
        }

    assert not painted(light().warning)
    editor.show_findings([FAULT], [Finding("w", "No tag.", 2)])
    error, warning = painted(light().warning), painted(light().info)
    margin = editor.viewport().x()
    assert any(x < margin for x in error), "a sign in the margin"
    assert any(x < margin for x in warning)
    assert any(x > margin for x in error), "a wave under the words"


# --- snippets ---


def inserted(editor: RecipeEditor, text: str, line: int, snippet: str) -> str:
    editor.load(text)
    at(editor, line)
    editor.insert_snippet(snippet)
    new = editor.text()
    editor.undo()
    assert editor.text() == text, "one step to undo"
    return new


def test_commands_go_into_the_section_of_the_cursor(editor: RecipeEditor) -> None:
    assert inserted(editor, LOLCOW, 8, "  fortune\n").endswith("    cowsay\n    fortune\n")


def test_commands_go_to_the_end_of_post_from_anywhere_else(editor: RecipeEditor) -> None:
    new = inserted(editor, LOLCOW, 1, "rm -rf /var/lib/apt/lists/*")
    assert "cowsay\n    rm -rf /var/lib/apt/lists/*\n\n%runscript" in new


def test_commands_make_post_where_there_is_none(editor: RecipeEditor) -> None:
    assert inserted(editor, "Bootstrap: docker\nFrom: ubuntu:22.04\n", 1, "ls") == (
        "Bootstrap: docker\nFrom: ubuntu:22.04\n\n%post\n    ls\n"
    )


def test_commands_do_not_split_a_continued_command(editor: RecipeEditor) -> None:
    text = "%post\n    apt-get install \\\n        cowsay\n    date\n"
    assert inserted(editor, text, 2, "ls") == "%post\n    apt-get install \\\n        cowsay\n    ls\n    date\n"


def test_header_lines_go_to_the_header(editor: RecipeEditor) -> None:
    assert inserted(editor, "", 1, "Bootstrap: docker\nFrom: ubuntu:22.04") == "Bootstrap: docker\nFrom: ubuntu:22.04"
    new = inserted(editor, "Bootstrap: docker\n\n%post\n    ls\n", 4, "From: ubuntu:22.04")
    assert new == "Bootstrap: docker\nFrom: ubuntu:22.04\n\n%post\n    ls\n"


def test_a_section_joins_its_own_or_follows_the_current_one(editor: RecipeEditor) -> None:
    assert inserted(editor, LOLCOW, 1, "%post\n    ls").count("%post") == 1
    new = inserted(editor, LOLCOW, 5, "%environment\n    export LC_ALL=C")
    assert "cowsay\n\n%environment\n    export LC_ALL=C\n\n%runscript" in new
    new = inserted(editor, LOLCOW, 8, "%environment\n    export LC_ALL=C")
    assert new.endswith("    cowsay\n\n%environment\n    export LC_ALL=C\n") or new.endswith("export LC_ALL=C")


def test_what_was_inserted_is_selected(editor: RecipeEditor) -> None:
    editor.load(LOLCOW)
    at(editor, 1)
    editor.insert_snippet("date")
    assert editor.textCursor().selectedText() == "    date"


@pytest.mark.parametrize("line", range(1, 10))
@pytest.mark.parametrize("snippet", ["ls", "%test\n    ls", "%runscript\n    ls", "From: x", "# note", "a\n\n  b"])
def test_no_line_is_ever_lost(line: int, snippet: str, editor: RecipeEditor) -> None:
    new = inserted(editor, LOLCOW, line, snippet).split("\n")
    for old in LOLCOW.split("\n"):
        assert old in new
    assert place_snippet(LOLCOW, line - 1, snippet).lines
