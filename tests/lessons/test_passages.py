"""Texts cut at their boxes."""

from __future__ import annotations

import pytest

from cowshed_lessons.passages import Passage, fence_after, passages


def test_a_text_is_cut_at_its_boxes() -> None:
    text = "one\n\n::: hint\ntwo\n:::\n\n::: tip\n\n:::\nthree\n"
    assert list(passages(text)) == [
        Passage("", "one\n", 1),
        Passage("hint", "two", 4),
        Passage("tip", "", 8),
        Passage("", "three", 10),
    ]


def test_a_box_in_a_box_is_text() -> None:
    assert list(passages("::: tip\n::: note\n:::\n")) == [Passage("tip", "::: note", 2)]


def test_an_end_without_a_box_is_text() -> None:
    assert list(passages("a\n:::\n")) == [Passage("", "a\n:::", 1)]


def test_an_open_box_says_so() -> None:
    assert list(passages("::: tip\na", first_line=7)) == [Passage("tip", "a", 8, closed=False)]


def test_boxes_in_code_are_code() -> None:
    text = "````\n::: tip\n```\n:::\n````\n"
    assert [passage.kind for passage in passages(text)] == [""]


@pytest.mark.parametrize(
    ("line", "before", "after"),
    [
        ("```", "", "```"),
        ("```recipe", "", "```"),
        ("``` `x` ```", "", ""),
        ("~~~ `x`", "", "~~~"),
        ("```", "```", ""),
        ("````", "```", ""),
        ("```", "````", "````"),
        ("~~~", "```", "```"),
        ("``` x", "```", "```"),
        ("    ```", "", ""),
        ("text", "```", "```"),
    ],
)
def test_fences_open_and_close_as_in_markdown(line: str, before: str, after: str) -> None:
    assert fence_after(line, before) == after
