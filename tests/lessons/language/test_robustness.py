"""Nothing raises, whatever the text and wherever the cursor, and nothing takes long."""

from __future__ import annotations

from time import thread_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowshed_lessons.language import code_actions, complete, folds, format_recipe, hover, outline
from cowshed_lessons.language.layout import MOST_LETTERS, is_too_long, layout_of
from cowshed_lessons.linting import Range, lint
from cowshed_lessons.verdict import Position
from lessons.language.recipes import TEXTS, real_recipes

PLACES = st.builds(Position, st.integers(-1, 40), st.integers(-1, 80))


@given(TEXTS, PLACES)
@settings(max_examples=400, deadline=None)
def test_nothing_raises(text: str, place: Position) -> None:
    lines = layout_of(text).lines
    for item in complete(text, place, packages=("cowsay",)):
        assert item.replaces.start.line == item.replaces.end.line <= len(lines)
        assert item.replaces.start.column <= item.replaces.end.column <= len(lines[item.replaces.end.line - 1]) + 1
    found = hover(text, place)
    assert found is None or found.markdown
    for symbol in outline(text):
        assert symbol.range.start.line <= symbol.selection.start.line <= symbol.range.end.line
    assert all(1 <= fold.first < fold.last <= len(lines) for fold in folds(text))


@given(TEXTS, PLACES, PLACES)
@settings(max_examples=150, deadline=None)
def test_actions_never_raise(text: str, start: Position, end: Position) -> None:
    code_actions(text, Range(start, end), lint(text))


def test_real_recipes_at_many_places() -> None:
    for number, (_, text) in enumerate(real_recipes()[::8]):
        lines = text.split("\n")
        for line in range(number % 7, len(lines), 7):
            place = Position(line + 1, (number + line) % (len(lines[line]) + 1) + 1)
            complete(text, place)
            hover(text, place)


BASE = "Bootstrap: docker\nFrom: a:1\n%post\n"
HARD = [
    '"' * 20_000,
    "\\" * 20_001,
    "'" * 20_001,
    "<<a\n" * 10_000,
    "$((" * 10_000,
    "{{" * 20_000,
    "%a\n" * 10_000,
    "Bootstrap: a\n" * 10_000,
    "#\n" * 20_000,
    "(" * 5_000,
    "a \\\n" * 10_000,
    "a: b\\\n" * 10_000,
    "%apprun a\n" * 5_000,
]


@pytest.mark.parametrize("text", HARD, ids=[text[:6] for text in HARD])
@pytest.mark.parametrize("start", ["", BASE])
def test_hard_texts_take_no_time_without_bound(start: str, text: str) -> None:
    begun = thread_time()
    whole = start + text
    lines = whole.split("\n")
    end = Position(len(lines), len(lines[-1]) + 1)
    complete(whole, end)
    hover(whole, end)
    outline(whole)
    folds(whole)
    format_recipe(whole)
    assert thread_time() - begun < 8


BLANKS = [" ", "\t", "\r", "\x0b", "\x85", "\xa0", "\x1c"]
LARGE = [*BLANKS, "%\n", "%post\na\n", "Bootstrap: a\n", "a: b ", "#\n", "{{ A }}", "\n", "'"]


def everything(text: str) -> None:
    lines = text.split("\n")
    end = Position(len(lines), len(lines[-1]) + 1)
    complete(text, end)
    hover(text, end)
    outline(text)
    folds(text)
    format_recipe(text)
    code_actions(text, Range(end, end), ())


@pytest.mark.parametrize("blank", BLANKS, ids=map(repr, BLANKS))
@pytest.mark.parametrize("start", ["", "a", "From: a", "# cowshed: ignore=a", "%post\n    ", "%labels\n", "%files\n"])
def test_long_runs_of_blanks_are_read_in_linear_time(start: str, blank: str) -> None:
    begun = thread_time()
    for end in ("", "!", ":", " :b", "\x85"):
        everything(start + blank * 40_000 + end)
    assert thread_time() - begun < 8


@pytest.mark.parametrize("piece", LARGE, ids=map(repr, LARGE))
def test_a_megabyte_of_anything_is_answered_at_once(piece: str) -> None:
    begun = thread_time()
    for start in ("", BASE):
        everything(start + piece * (1_000_000 // len(piece)))
    assert thread_time() - begun < 1


@pytest.mark.parametrize("piece", LARGE, ids=map(repr, LARGE))
def test_what_is_just_not_too_long_takes_no_time_without_bound(piece: str) -> None:
    number = min(MOST_LETTERS // len(piece) - 100, 19_000 // max(1, piece.count("\n")))
    text = piece * number
    assert not is_too_long(text)
    begun = thread_time()
    everything(text)
    assert thread_time() - begun < 5


def test_a_long_recipe_is_not_too_long() -> None:
    text = BASE + "    echo moo\n" * 15_000
    assert outline(text)
    assert folds(text)
    assert complete(text + "%", Position(15_004, 2))
