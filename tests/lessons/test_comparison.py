"""The learner's recipe beside another one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowshed_lessons.comparison import Row, Side, compare
from cowshed_lessons.text_lines import lines_of

MINE = "Bootstrap: docker\nFrom: ubuntu\n\n%post\n    apt-get install cowsay\n"
OTHER = "Bootstrap: docker\nFrom: ubuntu:22.04\n\n%post\n    apt-get update\n    apt-get install -y cowsay\n"


def test_lines_that_belong_together_stand_side_by_side() -> None:
    rows = compare(MINE, OTHER)
    assert [(row.kind, row.mine and row.mine.line, row.other and row.other.line) for row in rows] == [
        ("same", 1, 1),
        ("changed", 2, 2),
        ("same", 3, 3),
        ("same", 4, 4),
        ("other", None, 5),
        ("changed", 5, 6),
    ]


def test_the_differing_letters_are_marked() -> None:
    (row,) = compare("From: ubuntu", "From: ubuntu:22.04")
    assert row == Row("changed", Side(1, "From: ubuntu"), Side(1, "From: ubuntu:22.04", ((12, 18),)))
    (row,) = compare("abcXdef: 1", "abcdef: 1")
    assert row.mine == Side(1, "abcXdef: 1", ((3, 4),))


def test_lines_without_likeness_stand_alone() -> None:
    assert [row.kind for row in compare("alpha\n", "%runscript\n")] == ["mine", "other"]


def test_lines_of_one_side_keep_their_place() -> None:
    rows = compare("one\ntwo\nthree\n", "one\nthree\n")
    assert [row.kind for row in rows] == ["same", "mine", "same"]
    rows = compare("first line\nsecond one\n", "something else\nfirst lines\n")
    assert [row.kind for row in rows] == ["other", "changed", "mine"]


def test_line_ends_do_not_count() -> None:
    assert {row.kind for row in compare(MINE.replace("\n", "\r\n"), MINE)} == {"same"}


@pytest.mark.parametrize(
    ("mine", "other", "note"),
    [
        ("  apt-get update", "    apt-get update", "Only the spaces differ."),
        ("BOOTSTRAP: docker", "Bootstrap: docker", "Capitals in a key such as `BOOTSTRAP` do not matter."),
        ("Bootstrap: Docker", "Bootstrap: docker", ""),
        ("From: ubuntu", "From: ubuntu:22.04", ""),
        ("apt-get install -y a b", "apt-get install -y b a", "The same words in another order; apt does not mind."),
        ("apt-get -y install a b", "apt-get install -y b a", "The same words in another order; apt does not mind."),
        ("apt-get install --yes a", "apt-get install -y a", "Two spellings of the same yes."),
        ("apt-get install a", "apt-get install -y a", ""),
        ("apt-get a install", "apt-get install a", ""),
        ("apt-get install a $B", "apt-get install $B a", ""),
        ("apt install a", "apt-get install a", ""),
    ],
)
def test_a_difference_is_explained_where_that_is_certain(mine: str, other: str, note: str) -> None:
    (row,) = compare(mine, other)
    assert (row.kind, row.note) == ("changed", note)


def test_long_stretches_are_not_paired_line_by_line() -> None:
    mine = "".join(f"apt-get install a{number}\n" for number in range(200))
    other = "".join(f"apt-get install b{number}\n" for number in range(200))
    assert {row.kind for row in compare(mine, other)} == {"mine", "other"}


LINES = st.lists(
    st.sampled_from(["", "%post", "  a", "a", "apt-get install -y a", "From: x", "From: y"]) | st.text(max_size=8)
)


@given(LINES, LINES)
def test_every_line_of_both_texts_stands_once_and_in_order(mine_lines: list[str], other_lines: list[str]) -> None:
    mine, other = "\n".join(mine_lines), "\n".join(other_lines)
    rows = compare(mine, other)
    assert [row.mine.text for row in rows if row.mine] == lines_of(mine)
    assert [row.other.text for row in rows if row.other] == lines_of(other)
    assert [row.mine.line for row in rows if row.mine] == list(range(1, len(lines_of(mine)) + 1))
    for row in rows:
        assert (row.kind == "same") == (
            row.mine is not None and row.other is not None and row.mine.text == row.other.text
        )
