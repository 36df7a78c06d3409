"""Places in TOML, and files that are no TOML or no text."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cowshed_lessons.course import CourseError
from cowshed_lessons.toml_table import LARGEST_FILE, MOST_DEPTH, TomlTable, places, read_text

TEXT = '''title = "x"
long = """
key = 1
[not-a-table]
"""
[[step]]
id = "a"
[[step.check]]
  kind = "k"
[[step.check]]
"quoted" = 2
[[step]]
[[step.check]]
kind = 3
[step.extra]
deep = 1
[glossary]
[glossary.more]
'''


def test_every_table_and_key_has_its_place() -> None:
    assert places(TEXT) == {
        ("title",): (1, 1),
        ("long",): (2, 1),
        ("step", 0): (6, 1),
        ("step", 0, "id"): (7, 1),
        ("step", 0, "check", 0): (8, 1),
        ("step", 0, "check", 0, "kind"): (9, 3),
        ("step", 0, "check", 1): (10, 1),
        ("step", 0, "check", 1, "quoted"): (11, 1),
        ("step", 1): (12, 1),
        ("step", 1, "check", 0): (13, 1),
        ("step", 1, "check", 0, "kind"): (14, 1),
        ("step", 1, "extra"): (15, 1),
        ("step", 1, "extra", "deep"): (16, 1),
        ("glossary",): (17, 1),
        ("glossary", "more"): (18, 1),
    }


def test_a_missing_key_is_told_where_its_table_begins(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("[[step]]\nid = 'a'\n\n  [[step]]\n")
    _, second = TomlTable.read(file).tables("step")
    with pytest.raises(CourseError) as raised:
        second.identifier("id")
    assert (raised.value.line, raised.value.column) == (4, 3)


def test_an_unfinished_file_is_told_at_its_end(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text('a = 1\nb = "x')
    with pytest.raises(CourseError, match="not valid TOML") as raised:
        TomlTable.read(file)
    assert (raised.value.line, raised.value.column) == (2, 7)


def test_a_file_in_another_encoding_is_told_at_its_first_odd_letter(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(b"a = 1\nb = '\xe4'\n")
    with pytest.raises(CourseError, match="UTF-8") as raised:
        read_text(file)
    assert (raised.value.line, raised.value.column) == (2, 6)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="cannot be read"):
        read_text(tmp_path)


def test_optional_values_have_their_defaults(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("")
    table = TomlTable.read(file)
    assert table.string("a", "") == ""
    assert table.strings("b", ("x",)) == ("x",)
    assert table.texts("c") == {}
    assert list(table.tables("d")) == []
    assert table.integer("e", 1, 5) == 5
    assert table.boolean("f", default=True)
    table.finish()


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(b"#" * LARGEST_FILE)
    assert len(read_text(file)) == LARGEST_FILE
    file.write_bytes(b"#" * (LARGEST_FILE + 1))
    with pytest.raises(CourseError, match="larger than 1 MB"):
        read_text(file)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 5_000 + "]" * 5_000,
        "a = " + "{b = " * 5_000 + "1" + "}" * 5_000,
        ".".join("a" * 5_000) + " = 1",
        "[" + ".".join("a" * 5_000) + "]",
        "a = " + "[" * (MOST_DEPTH + 1) + "]" * (MOST_DEPTH + 1),
    ],
)
def test_what_is_nested_too_deeply_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.toml"
    file.write_text(text)
    with pytest.raises(CourseError, match="deep inside one another"):
        TomlTable.read(file)


def test_as_deep_as_may_be(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("a = " + "[" * (MOST_DEPTH - 1) + "1" + "]" * (MOST_DEPTH - 1))
    assert TomlTable.read(file).has("a")


def test_a_number_of_too_many_digits_is_told(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("a = " + "9" * 5_000)
    with pytest.raises(CourseError, match="cannot be read"):
        TomlTable.read(file)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes")
def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    os.mkfifo(file)
    with pytest.raises(CourseError, match="not a regular file"):
        read_text(file)
