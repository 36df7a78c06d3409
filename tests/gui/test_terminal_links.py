"""Addresses in a terminal's text, and what a click with Ctrl does to them."""

from __future__ import annotations

import pytest

from cowshed_gui.terminal_links import address_at
from cowshed_lab.screen import Row, Run, Style


def rows_of(*texts: str, wrapped: bool = False) -> dict[int, Row]:
    last = len(texts) - 1
    return {
        number: Row((Run(text, len(text), Style()),), wrapped and number < last) for number, text in enumerate(texts)
    }


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://apptainer.org/docs for more", "https://apptainer.org/docs"),
        ("(see https://a.org/b_(c).)", "https://a.org/b_(c)"),
        ("<https://a.org/?q=1&r=2#x>", "https://a.org/?q=1&r=2#x"),
        ("HTTP://A.ORG, and more", "HTTP://A.ORG"),
        ("'https://a.org/x'", "https://a.org/x"),
    ],
)
def test_an_address_ends_where_its_sentence_goes_on(text: str, address: str) -> None:
    rows = rows_of(text)
    start = text.lower().index("http")
    assert address_at(0, start, rows.get) == address
    assert address_at(0, start + len(address) - 1, rows.get) == address
    assert address_at(0, start - 1 if start else len(text) - 1, rows.get) is None
    assert address_at(0, start + len(address), rows.get) is None


def test_what_is_no_address_of_the_web() -> None:
    for text in ("file:///etc/passwd", "ftp://a.org", "javascript:alert(1)", "apptainer build a b", ""):
        assert all(address_at(0, column, rows_of(text).get) is None for column in range(len(text) + 2))
    assert address_at(7, 0, rows_of("x").get) is None


def test_an_address_over_two_rows_is_one() -> None:
    rows = rows_of("at https://a.o", "rg/path and on", wrapped=True)
    assert address_at(0, 5, rows.get) == "https://a.org/path"
    assert address_at(1, 2, rows.get) == "https://a.org/path"
    assert address_at(1, 8, rows.get) is None
    assert address_at(0, 5, rows_of("at https://a.o", "rg/path").get) == "https://a.o"


def test_wide_characters_before_it_do_not_shift_it() -> None:
    rows = {0: Row((Run("牛牛", 4, Style()), Run(" http://a.b", 11, Style())))}
    assert address_at(0, 5, rows.get) == "http://a.b"
    assert address_at(0, 14, rows.get) == "http://a.b"
    assert address_at(0, 3, rows.get) is None


@pytest.mark.parametrize(
    ("link", "found"), [("https://a.org/real", "https://a.org/real"), ("file:///etc/passwd", None)]
)
def test_a_marked_link_counts_and_not_its_text(link: str, found: str | None) -> None:
    rows = {0: Row((Run("go ", 3, Style()), Run("https://shown.org", 17, Style(link=link))))}
    assert address_at(0, 4, rows.get) == found
    assert address_at(0, 1, rows.get) is None
