"""Lines as Apptainer and editors count them."""

from __future__ import annotations

import pytest

from cowshed_lessons.text_lines import lines_of


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a", ["a"]),
        ("a\n", ["a"]),
        ("a\n\n", ["a", ""]),
        ("a\r\nb\r\n", ["a", "b"]),
        ("a\x0cb\u2028c\x85d\re", ["a\x0cb\u2028c\x85d\re"]),
    ],
)
def test_only_line_feeds_end_a_line(text: str, lines: list[str]) -> None:
    assert lines_of(text) == lines
