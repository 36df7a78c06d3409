"""Marks of the shell integration, however the stream is cut and whoever forges them."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowshed_lab import command_marks
from cowshed_lab.command_marks import OUTPUT_KEPT, CommandMarks, Finished, Prompt, Started, plain_text

SECRET = "s3cret"
SESSION = (
    b"\x1b]133;D;s3cret;0;/home/a\x07\x1b]133;A;s3cret\x07$ ls\r\n"
    b"\x1b]133;C;s3cret;0;ls -l\\s echo 'a\\nb\\\\';/home/a\x07\x1b[31mred\x1b[0m\r\nfile\r\n"
    b"\x1b]133;D;s3cret;3;/tmp\x1b\\\x1b]133;A;s3cret\x07$ "
)


def taken(data: list[bytes], secret: str | None = SECRET) -> tuple[bytes, list[object]]:
    marks = CommandMarks(secret)
    shown = b""
    found: list[object] = []
    for piece in data:
        for part in marks.feed(piece):
            if isinstance(part, bytes):
                shown += part
            else:
                found.append(part)
    return shown + marks.rest(), found


def test_a_command_with_its_output() -> None:
    shown, found = taken([SESSION])
    assert shown == b"$ ls\r\n\x1b[31mred\x1b[0m\r\nfile\r\n$ "
    assert [type(mark) for mark in found] == [Prompt, Prompt, Started, Finished, Prompt]
    finished = found[3]
    assert isinstance(finished, Finished)
    assert finished.evidence.command_line == "ls -l; echo 'a\nb\\'"
    assert finished.evidence.exit_status == 3
    assert finished.evidence.output == "red\nfile\n"
    assert finished.evidence.folder == "/home/a"
    assert finished.folder == "/tmp"


@given(st.lists(st.integers(0, len(SESSION)), max_size=20))
def test_cut_anywhere(places: list[int]) -> None:
    edges = [0, *sorted(places), len(SESSION)]
    pieces = [SESSION[start:end] for start, end in itertools.pairwise(edges)]
    assert taken(pieces) == taken([SESSION])


@pytest.mark.parametrize(
    "forged",
    [
        b"\x1b]133;C;0;apptainer build;/\x07\x1b]133;D;0;/\x07",
        b"\x1b]133;C;wrong;0;apptainer build;/\x07\x1b]133;D;wrong;0;/\x07",
        b"\x1b]133;D;s3cre;0;/\x07",
        b"\x1b]133;A\x07",
    ],
)
def test_marks_without_the_secret_are_somebody_elses(forged: bytes) -> None:
    assert taken([b"before", forged, b"after"]) == (b"before" + forged + b"after", [])


def test_a_forged_end_does_not_end_a_command() -> None:
    stream = b"\x1b]133;C;s3cret;0;make;/\x07a\x1b]133;D;x;0;/\x07b\x1b]133;D;s3cret;2;/\x07"
    _, found = taken([stream])
    last = found[-1]
    assert isinstance(last, Finished)
    assert last.evidence.exit_status == 2
    assert last.evidence.output == "ab"


def test_nothing_is_taken_out_without_integration() -> None:
    assert taken([SESSION], secret=None) == (SESSION, [])


def test_an_endless_mark_is_let_through() -> None:
    shown, found = taken([b"\x1b]133;" + b"x" * 70_000])
    assert (len(shown), found) == (70_006, [])


def test_output_keeps_its_beginning_and_end() -> None:
    marks = CommandMarks(SECRET)
    list(marks.feed(b"\x1b]133;C;s3cret;0;yes;/\x07first\r\n"))
    for number in range(3000):
        list(marks.feed(b"%0400d\r\n" % number))
    (finished,) = [part for part in marks.feed(b"last\r\n\x1b]133;D;s3cret;0;/\x07") if isinstance(part, Finished)]
    output = finished.evidence.output
    assert output.startswith("first\n")
    assert output.endswith("last\n")
    assert "bytes left out" in output
    assert len(output) <= OUTPUT_KEPT + 100


def test_state_follows_the_marks() -> None:
    marks = CommandMarks(SECRET)
    assert (marks.at_prompt, marks.command_line) == (False, "")
    list(marks.feed(b"\x1b]133;A;s3cret\x07"))
    assert (marks.at_prompt, marks.command_line) == (True, "")
    list(marks.feed(b"\x1b]133;C;s3cret;1;old;/\x07"))
    assert (marks.at_prompt, marks.command_line) == (False, "old")
    marks.correct("")
    (finished, _) = list(marks.feed(b"\x1b]133;D;s3cret;0;/\x07\x1b]133;A;s3cret\x07"))
    assert isinstance(finished, Finished)
    assert finished.evidence.command_line == ""


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\x1b[1;31mred\x1b[0m\r\n", "red\n"),
        (b"\x1b]0;title\x07x\x1b]8;;u\x1b\\y", "xy"),
        (b"10%\r100%\r\n", "100%\n"),
        (b"ab\bc\r\n", "ac\n"),
        (b"\x1b(Bx\x1b=y\x07", "xy"),
        ("café\r\n".encode(), "café\n"),
        (b"a\xff", "a\ufffd"),
        (b"a\tb", "a\tb"),
    ],
)
def test_plain_text(data: bytes, text: str) -> None:
    assert plain_text(data) == text


@pytest.mark.parametrize("flood", [b"\x1b]133;", b"\x1b]133;C;", b"\x1b]133;C;wrong;", b"\x1b]133;C;s3cre"])
def test_a_flood_of_unfinished_marks_costs_one_pass(flood: bytes) -> None:
    """Twice as much takes twice as long, not four times: counted in bytes that are looked at, not in seconds."""
    looked_at = 0

    class Counting:
        def search(self, data: bytes, position: int = 0) -> re.Match[bytes] | None:
            nonlocal looked_at
            looked_at += len(data) - position
            return command_marks_end.search(data, position)

    command_marks_end = command_marks._END
    data = flood * (2_000_000 // len(flood))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command_marks, "_END", Counting())
        shown, found = taken([data[at : at + 65536] for at in range(0, len(data), 65536)])
    assert shown == data
    assert found == []
    assert looked_at <= len(data)


def test_a_mark_that_is_somebody_elses_is_shown_at_once() -> None:
    marks = CommandMarks(SECRET)
    assert b"".join(part for part in marks.feed(b"\x1b]133;C;other;ls") if isinstance(part, bytes)).endswith(b"ls")
    assert marks.rest() == b""
