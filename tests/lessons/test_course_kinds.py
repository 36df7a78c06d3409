"""The page for authors knows every kind of check, as it is now."""

from __future__ import annotations

import re
from pathlib import Path

from cowshed_lessons.checks import check_kind, check_kinds
from cowshed_lessons.course_kinds import kinds_as_markdown

PAGE = Path(__file__).parents[2] / "docs" / "authors.md"


def test_the_page_for_authors_holds_the_kinds_as_they_are() -> None:
    text = PAGE.read_text(encoding="utf-8")
    _, _, kept = text.partition("<!-- kinds: cowshed course kinds -->\n")
    assert kept == kinds_as_markdown(), "Renew the end of docs/authors.md with: cowshed course kinds"


def test_every_kind_says_what_it_is_about() -> None:
    table = kinds_as_markdown()
    for name in check_kinds():
        (row,) = re.findall(rf"^\| `{re.escape(name)}` \| (.+)$", table, re.MULTILINE)
        assert len(row.partition(" | ")[0]) > 15
        for parameter in check_kind(name).parameters.values():
            assert parameter.name in row or parameter.name in ("message", "hint")
        assert row.count("**") == 2 * sum(each.required for each in check_kind(name).parameters.values())
