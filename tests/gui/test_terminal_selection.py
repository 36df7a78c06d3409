"""Selecting text by places that new output does not move."""

from __future__ import annotations

import pytest

from cowshed_gui.terminal_selection import Place, Selection, Unit
from cowshed_lab.screen import Row, Run, Style

ROWS = {
    10: Row((Run("cp ~/cowshed/lolcow.def .  ", 27, Style()),)),
    11: Row((Run("a line that goes", 16, Style()),), wrapped=True),
    12: Row((Run(" on here", 8, Style()),)),
    13: Row((Run("漢字", 4, Style()), Run(" moo", 4, Style(bold=True)))),
}


def select(first: tuple[int, int], last: tuple[int, int], unit: Unit = Unit.CHARACTER) -> Selection:
    return Selection.between(Place(*first), Place(*last), unit, ROWS.get)


@pytest.mark.parametrize(
    ("first", "last", "unit", "text"),
    [
        ((10, 0), (10, 2), Unit.CHARACTER, "cp"),
        ((10, 2), (10, 0), Unit.CHARACTER, "cp"),
        ((10, 0), (10, 27), Unit.CHARACTER, "cp ~/cowshed/lolcow.def ."),
        ((11, 2), (12, 3), Unit.CHARACTER, "line that goes on"),
        ((10, 24), (12, 8), Unit.CHARACTER, ".\na line that goes on here"),
        ((13, 2), (13, 8), Unit.CHARACTER, "字 moo"),
        ((10, 8), (10, 8), Unit.WORD, "~/cowshed/lolcow.def"),
        ((13, 3), (13, 3), Unit.WORD, "漢字"),
        ((10, 0), (10, 5), Unit.WORD, "cp ~/cowshed/lolcow.def"),
        ((12, 1), (12, 1), Unit.LINE, "a line that goes on here"),
        ((10, 20), (12, 1), Unit.LINE, "cp ~/cowshed/lolcow.def .\na line that goes on here"),
    ],
)
def test_selected_text(first: tuple[int, int], last: tuple[int, int], unit: Unit, text: str) -> None:
    assert select(first, last, unit).text(sorted(ROWS.items())) == text


def test_columns_of_a_line() -> None:
    selection = select((10, 5), (12, 3))
    assert selection.columns(9, 80) is None
    assert selection.columns(10, 80) == (5, 80)
    assert selection.columns(11, 80) == (0, 80)
    assert selection.columns(12, 80) == (0, 3)
    assert selection.columns(13, 80) is None


def test_nothing_is_selected_between_a_place_and_itself() -> None:
    assert select((10, 5), (10, 5)).empty
    assert select((10, 5), (10, 5)).columns(10, 80) is None


def test_a_word_beyond_the_end_of_a_line_is_nothing() -> None:
    assert select((12, 70), (12, 70), Unit.WORD).empty
    assert select((99, 0), (99, 0), Unit.WORD).empty
