"""The highlighter: colours by theme, and only the work that a change needs."""

from __future__ import annotations

from PySide6.QtGui import QColor, QTextCursor, QTextDocument
from PySide6.QtWidgets import QPlainTextDocumentLayout
from pytestqt.qtbot import QtBot

from cowshed_gui.recipe_highlighter import SLICE, RecipeHighlighter
from cowshed_gui.theme import APPEARANCE, dark, light

RECIPE = "Bootstrap: docker\nFrom: ubuntu:22.04\n\n%post\n    # note\n    apt-get install -y 'cowsay'\n"


def highlighted(text: str) -> tuple[QTextDocument, RecipeHighlighter]:
    document = QTextDocument()
    document.setDocumentLayout(QPlainTextDocumentLayout(document))
    document.setPlainText(text)
    highlighter = RecipeHighlighter(document)
    highlighter.rehighlight()
    highlighter.colour_all()
    return document, highlighter


def colour_at(document: QTextDocument, line: int, column: int) -> QColor | None:
    """The colour of a letter, counted from 0 in UTF-16 units; None for plain ink."""
    for span in document.findBlockByNumber(line).layout().formats():
        if span.start <= column < span.start + span.length:
            return span.format.foreground().color()
    return None


def test_colours_are_the_theme_s(qtbot: QtBot) -> None:
    APPEARANCE.choose("light")
    document, highlighter = highlighted(RECIPE)
    assert colour_at(document, 0, 0) == light().info
    assert colour_at(document, 3, 0) == light().accent
    assert colour_at(document, 4, 4) == light().muted
    assert colour_at(document, 5, RECIPE.splitlines()[5].index("'")) == light().passed

    APPEARANCE.choose("dark")

    assert colour_at(document, 3, 0) == dark().accent
    assert highlighter.document() is document


def test_a_key_in_a_long_recipe_colours_one_line(qtbot: QtBot) -> None:
    document, highlighter = highlighted(RECIPE + "    echo moo\n" * 5000)
    before = highlighter.lines_coloured
    cursor = QTextCursor(document.findBlockByNumber(2500))
    cursor.insertText("x")
    assert 1 <= highlighter.lines_coloured - before <= 2


def test_an_opened_quote_colours_on_and_closing_it_goes_back(qtbot: QtBot) -> None:
    APPEARANCE.choose("light")
    document, _highlighter = highlighted("%post\necho \nls\nls\n%help\nls\n")
    cursor = QTextCursor(document.findBlockByNumber(1))
    cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
    cursor.insertText("'")
    assert colour_at(document, 2, 0) == light().passed
    assert colour_at(document, 3, 0) == light().passed
    assert colour_at(document, 4, 0) == light().accent, "a section ends it, as in Apptainer"
    cursor.insertText("'")
    assert colour_at(document, 2, 0) == light().ink


def test_letters_of_two_units_do_not_shift_the_colours(qtbot: QtBot) -> None:
    APPEARANCE.choose("light")
    document, _highlighter = highlighted("%post\necho '🐄🐄' # note\n")
    line = document.findBlockByNumber(1).text()
    assert line == "echo '🐄🐄' # note"
    units = len("echo '🐄🐄' ".encode("utf-16-le")) // 2
    assert colour_at(document, 1, units) == light().muted
    assert colour_at(document, 1, units - 2) == light().passed


def test_the_table_of_states_stays_small(qtbot: QtBot) -> None:
    _document, highlighter = highlighted("%post\nif [ x ]; then echo 'a'; fi\n%runscript\ncat <<EOF\na\nEOF\n" * 300)
    assert len(highlighter._states) < 12


def quoted_at_the_top(lines: int) -> tuple[QTextDocument, RecipeHighlighter, int]:
    """A quote that was just opened above many lines; with it, how many lines were coloured at once."""
    document, highlighter = highlighted("%post\necho \n" + "ls\n" * lines)
    before = highlighter.lines_coloured
    cursor = QTextCursor(document.findBlockByNumber(1))
    cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
    cursor.insertText("'")
    return document, highlighter, highlighter.lines_coloured - before


def test_a_key_that_changes_all_lines_below_colours_a_screenful_at_once(qtbot: QtBot) -> None:
    APPEARANCE.choose("light")
    document, highlighter, at_once = quoted_at_the_top(5000)
    assert at_once == SLICE
    assert colour_at(document, 40, 0) == light().passed
    assert colour_at(document, 4000, 0) == light().ink, "not yet, and not without any colour"
    assert not highlighter.settled
    qtbot.wait_until(lambda: highlighter.settled, timeout=10_000)
    assert {colour_at(document, line, 0) == light().passed for line in range(2, 5002)} == {True}


def test_edits_above_what_still_waits_do_not_lose_it(qtbot: QtBot) -> None:
    APPEARANCE.choose("light")
    document, highlighter, _at_once = quoted_at_the_top(600)
    QTextCursor(document).insertText("# a\n# b\n# c\n" * 40)
    last = QTextCursor(document.lastBlock())
    last.insertText("ls")
    highlighter.colour_all()
    top = 120 + 2
    assert [n for n in range(top, top + 600) if colour_at(document, n, 0) != light().passed] == []


def test_a_closed_quote_is_followed_to_the_end_although_the_opened_one_still_waits(qtbot: QtBot) -> None:
    APPEARANCE.choose("light")
    document, highlighter, _at_once = quoted_at_the_top(1000)
    cursor = QTextCursor(document.findBlockByNumber(1))
    cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
    cursor.insertText("'")
    highlighter.colour_all()
    assert [n for n in range(2, 1002) if colour_at(document, n, 0) != light().ink] == []


def test_a_theme_reaches_every_line_of_a_long_recipe(qtbot: QtBot) -> None:
    APPEARANCE.choose("light")
    document, highlighter = highlighted("%post\n" + "# note\n" * 1000)
    APPEARANCE.choose("dark")
    qtbot.wait_until(lambda: highlighter.settled, timeout=10_000)
    assert {colour_at(document, n, 0) == dark().muted for n in range(1, 1001)} == {True}
