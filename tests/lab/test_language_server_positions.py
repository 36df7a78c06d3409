"""Places as editors and as recipes count them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from cowshed_lab.language_server_positions import Positions
from cowshed_lessons.linting import Range
from cowshed_lessons.verdict import Position

UTF_8, UTF_16 = types.PositionEncodingKind.Utf8, types.PositionEncodingKind.Utf16
UTF_32 = types.PositionEncodingKind.Utf32
TEXTS = st.text(st.sampled_from("a\n\r\t é\u0301🐄\x0c\u2028\u0085\ud800%"), max_size=30)


@pytest.mark.parametrize(
    ("text", "encoding", "client", "recipe"),
    [
        ("a🐄b", UTF_16, (0, 3), (1, 3)),
        ("a🐄b", UTF_8, (0, 5), (1, 3)),
        ("a🐄b", UTF_32, (0, 2), (1, 3)),
        ("e\u0301x", UTF_16, (0, 2), (1, 3)),
        ("e\u0301x", UTF_8, (0, 3), (1, 3)),
        ("a\r\nb", UTF_16, (1, 1), (2, 2)),
        ("a\rb\nc", UTF_16, (1, 1), (1, 4)),
        ("a\rb\nc", UTF_16, (2, 0), (2, 1)),
        ("a\x0cb\u2028c\x85d", UTF_16, (0, 6), (1, 7)),
        ("a\n", UTF_16, (1, 0), (2, 1)),
        ("", UTF_16, (0, 0), (1, 1)),
    ],
)
def test_places_in_both_directions(
    text: str, encoding: types.PositionEncodingKind, client: tuple[int, int], recipe: tuple[int, int]
) -> None:
    positions = Positions(text, encoding)
    assert positions.to_client(Position(*recipe)) == types.Position(*client)
    assert positions.from_client(types.Position(*client)) == Position(*recipe)


@pytest.mark.parametrize(
    ("client", "recipe"),
    [((0, 99), (1, 4)), ((99, 0), (2, 2)), ((0, 2), (1, 2)), ((1, 99), (2, 2))],
)
def test_places_that_are_not_there_are_moved(client: tuple[int, int], recipe: tuple[int, int]) -> None:
    # behind the end of a line, behind the end of the text, inside of the cow
    assert Positions("a🐄b\r\nc", UTF_16).from_client(types.Position(*client)) == Position(*recipe)


def test_ranges_of_recipes_that_are_not_there_are_moved() -> None:
    positions = Positions("ab\r\ncd", UTF_16)
    given = Range(Position(1, 2), Position(1, 99))
    assert positions.range_to_client(given) == types.Range(types.Position(0, 1), types.Position(0, 2))
    backwards = Range(Position(2, 2), Position(1, 1))
    assert positions.range_to_client(backwards) == types.Range(types.Position(1, 1), types.Position(1, 1))
    assert positions.to_client(Position(9, 9)) == types.Position(1, 2)
    assert positions.line_to_client(2) == 1


def test_a_change_keeps_what_is_around_it() -> None:
    positions = Positions("a🐄b\rc\r\nd", UTF_16)
    where = types.Range(types.Position(0, 3), types.Position(2, 0))
    assert positions.change(where, "X\n") == "a🐄X\nd"


@given(TEXTS, st.sampled_from((UTF_8, UTF_16, UTF_32)), st.integers(0, 40))
def test_every_place_of_a_text_survives_the_way_there_and_back(
    text: str, encoding: types.PositionEncodingKind, offset: int
) -> None:
    positions = Positions(text, encoding)
    client = positions.client(min(offset, len(text)))
    assert positions.client(positions.offset(client)) == client
    recipe = positions.from_client(client)
    assert positions.to_client(recipe) == client
