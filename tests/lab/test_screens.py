"""Both terminal cores, the same tests."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from cowshed_lab.screen import CursorShape, MouseMode, Row, Run, Screen, Style
from cowshed_lab.screen_core import core_names, feed, make_screen
from cowshed_lab.screen_text import cells, find_matches, row_cells

type MakeScreen = Callable[..., Screen]


@pytest.fixture(params=core_names())
def make(request: pytest.FixtureRequest) -> MakeScreen:
    def make_one(columns: int = 40, rows: int = 6, scrollback: int = 1000) -> Screen:
        return make_screen(request.param, columns, rows, scrollback)

    return make_one


def rows_of(screen: Screen) -> list[str]:
    frame = screen.frame(0)
    return [frame.rows[y].text if y in frame.rows else "" for y in range(frame.height)]


def style_of(screen: Screen, sequence: bytes) -> Style:
    screen.feed(sequence + b"X")
    return screen.frame(0).rows[0].runs[0].style


def test_both_cores_are_installed_here() -> None:
    assert core_names() == ("ghostty", "par-term")


def test_text_and_cursor(make: MakeScreen) -> None:
    screen = make()
    screen.feed(b"moo\r\nsays the cow")
    frame = screen.frame(0)
    assert rows_of(screen)[:2] == ["moo", "says the cow"]
    assert (frame.cursor.column, frame.cursor.row, frame.cursor.visible) == (12, 1, True)
    assert (frame.columns, frame.height) == (40, 6)


@pytest.mark.parametrize(
    ("sequence", "style"),
    [
        (b"\x1b[31m", Style(foreground=1)),
        (b"\x1b[94;103m", Style(foreground=12, background=11)),
        (b"\x1b[38;5;100m", Style(foreground=100)),
        (b"\x1b[48;5;240m", Style(background=240)),
        (b"\x1b[38;2;1;2;3m", Style(foreground=0x1010203)),
        (b"\x1b[38:2::10:20:30m", Style(foreground=0x10A141E)),
        (b"\x1b[1;3m", Style(bold=True, italic=True)),
        (b"\x1b[2m", Style(faint=True)),
        (b"\x1b[7;9m", Style(inverse=True, struck=True)),
        (b"\x1b[8m", Style(invisible=True)),
        (b"\x1b[4m", Style(underline=1)),
        (b"\x1b[4:2m", Style(underline=2)),
        (b"\x1b[4:3m", Style(underline=3)),
        (b"\x1b[4:4m", Style(underline=4)),
        (b"\x1b[4:5m", Style(underline=5)),
        (b"\x1b[4;58;2;200;1;2m", Style(underline=1)),
        (b"\x1b[4;58:5:9m", Style(underline=1)),
        (b"\x1b[1;31m\x1b[0m", Style()),
        (b"\x1b]8;;https://apptainer.org\x07", Style(link="https://apptainer.org")),
    ],
)
def test_styles(make: MakeScreen, sequence: bytes, style: Style) -> None:
    assert style_of(make(), sequence) == style


def test_neighbours_of_one_style_are_one_run(make: MakeScreen) -> None:
    screen = make()
    screen.feed(b"ab\x1b[1mcd\x1b[mef")
    runs = screen.frame(0).rows[0].runs
    assert [(run.text, run.columns, run.style.bold) for run in runs] == [
        ("ab", 2, False),
        ("cd", 2, True),
        ("ef", 2, False),
    ]


def test_wide_and_combined_characters(make: MakeScreen) -> None:
    screen = make()
    screen.feed("a漢字e\u0301😀b".encode())
    frame = screen.frame(0)
    assert frame.cursor.column == 9
    assert row_cells(frame.rows[0]) == ["a", "漢", "", "字", "", "é", "😀", "", "b"] or row_cells(frame.rows[0]) == [
        "a",
        "漢",
        "",
        "字",
        "",
        "e\u0301",
        "😀",
        "",
        "b",
    ]


def test_background_of_erased_line(make: MakeScreen) -> None:
    screen = make()
    screen.feed(b"\x1b[44m\x1b[K\x1b[m")
    row = screen.frame(0).rows[0]
    assert sum(run.columns for run in row.runs if run.style.background == 4) == 40


def test_only_changed_rows_are_in_a_frame(make: MakeScreen) -> None:
    screen = make()
    screen.feed(b"one\r\ntwo\r\nthree")
    first = screen.frame(0)
    screen.feed(b"\x1b[2;1HTWO")
    second = screen.frame(first.number)
    assert {y: row.text for y, row in second.rows.items()} == {1: "TWO"}
    assert screen.frame(second.number).rows == {}


def test_lines_are_counted_from_the_first_ever_printed(make: MakeScreen) -> None:
    screen = make()
    screen.feed(b"".join(b"line %d\r\n" % number for number in range(100)))
    frame = screen.frame(0)
    assert (frame.first_line, frame.oldest_line) == (95, 0)
    assert [row.text for row in screen.lines(10, 13)] == ["line 10", "line 11", "line 12"]
    assert [row.text for row in screen.lines(94, 97)] == ["line 94", "line 95", "line 96"]


def test_line_numbers_go_on_when_old_lines_are_dropped(make: MakeScreen) -> None:
    screen = make(scrollback=200)
    for number in range(5000):
        screen.feed(b"line %d\r\n" % number)
    frame = screen.frame(0)
    assert frame.first_line == 4995
    assert 0 < frame.oldest_line <= 4995 - 200
    assert screen.lines(frame.oldest_line, frame.oldest_line + 1)[0].text == f"line {frame.oldest_line}"


def test_numbers_survive_a_flood_of_short_lines(make: MakeScreen) -> None:
    screen = make(scrollback=10_000)
    for _ in range(12):
        screen.feed(b"y\r\n" * 5000)
    assert screen.frame(0).first_line == 60_000 - 5


def test_forgetting_the_scrollback(make: MakeScreen) -> None:
    screen = make()
    screen.feed(b"moo\r\n" * 50)
    screen.clear_scrollback()
    frame = screen.frame(0)
    assert frame.oldest_line == frame.first_line
    assert rows_of(screen)[0] == "moo"


def test_wrapped_rows_say_so(make: MakeScreen) -> None:
    screen = make()
    screen.feed(b"x" * 50 + b"\r\nend")
    rows = screen.frame(0).rows
    assert [rows[y].wrapped for y in range(3)] == [True, False, False]


def test_alternate_screen_leaves_the_scrollback_alone(make: MakeScreen) -> None:
    screen = make()
    screen.feed(b"moo\r\n" * 20)
    before = screen.frame(0)
    screen.feed(b"\x1b[?1049h\x1b[H" + b"full screen\r\n" * 30)
    there = screen.frame(0)
    assert there.modes.alternate_screen
    assert there.first_line == there.oldest_line == before.first_line
    screen.feed(b"\x1b[?1049l")
    after = screen.frame(0)
    assert (after.first_line, after.oldest_line) == (before.first_line, before.oldest_line)
    assert rows_of(screen)[0] == "moo"


def test_modes(make: MakeScreen) -> None:
    screen = make()
    screen.feed(b"\x1b[?1h\x1b=\x1b[?2004h\x1b[?1004h\x1b[?1002h\x1b[?1006h")
    modes = screen.frame(0).modes
    assert modes.application_cursor
    assert modes.application_keypad
    assert modes.bracketed_paste
    assert modes.focus_events
    assert modes.mouse is MouseMode.DRAG
    assert modes.mouse_sgr
    screen.feed(b"\x1b[?1002l\x1b[?1003h")
    assert screen.frame(0).modes.mouse is MouseMode.MOTION
    screen.feed(b"\x1b[?1003l\x1b[?1000h")
    assert screen.frame(0).modes.mouse is MouseMode.CLICK


@pytest.mark.parametrize(
    ("number", "shape"), [(2, CursorShape.BLOCK), (4, CursorShape.UNDERLINE), (6, CursorShape.BAR)]
)
def test_cursor_shapes(make: MakeScreen, number: int, shape: CursorShape) -> None:
    screen = make()
    screen.feed(b"\x1b[%d q\x1b[?25l" % number)
    cursor = screen.frame(0).cursor
    assert cursor.shape is shape
    assert not cursor.visible


def test_title_and_bell(make: MakeScreen) -> None:
    screen = make()
    screen.feed(b"\x1b]2;a cow\x07moo\x07\x07")
    frame = screen.frame(0)
    assert (frame.title, frame.bells) == ("a cow", 2)


def test_the_terminal_answers(make: MakeScreen) -> None:
    screen = make()
    assert screen.feed(b"abc\x1b[6n") == b"\x1b[1;4R"
    assert screen.feed(b"\x1b[c").startswith(b"\x1b[?6")


@pytest.mark.parametrize("chunks", [1, 3, 1000])
def test_repeated_characters(make: MakeScreen, chunks: int) -> None:
    screen = make()
    data = "=\x1b[4b|─\x1b[31m\x1b[2b|".encode()
    size = -(-len(data) // chunks)
    for start in range(0, len(data), size):
        screen.feed(data[start : start + size])
    assert rows_of(screen)[0] == "=====|───|"


def test_size_never_goes_below_the_least(make: MakeScreen) -> None:
    screen = make(3, 1)
    assert (screen.frame(0).columns, screen.frame(0).height) == (20, 5)
    screen.resize(60, 10)
    screen.feed(b"moo")
    assert (screen.frame(0).columns, screen.frame(0).height) == (60, 10)
    screen.resize(1, 1)
    assert (screen.frame(0).columns, screen.frame(0).height) == (20, 5)


def test_search_finds_text_across_a_wrapped_line(make: MakeScreen) -> None:
    screen = make()
    screen.feed(b"x" * 38 + b"COWSHED\r\n" + b"moo\r\n" * 30 + b"cowshed")
    found = screen.search("cowshed")
    assert [(match.line, match.column) for match in found] == [(0, 38), (32, 0)]
    assert len(screen.search("cowshed", case_sensitive=True)) == 1
    assert len(screen.search(r"^mo+$", regular_expression=True)) == 30
    with pytest.raises(ValueError, match="cannot be read"):
        screen.search("(", regular_expression=True)


def test_random_output_leaves_the_core_usable(make: MakeScreen) -> None:
    chance = random.Random(2)
    screen = make(80, 24)
    pieces = [b"\x1b[", b"\x1b]", b";", b"m", b"H", b"r", b"L", b"\r\n", b"\t", b"\x1b7", b"\x1b8", b"Z", b"J", b"K"]
    for _ in range(40):
        data = b"".join(
            chance.choice(pieces) + str(chance.randrange(130)).encode() + bytes([chance.randrange(32, 256)])
            for _ in range(400)
        )
        feed(screen, data)  # catches what a Rust panic becomes
        screen.resize(chance.randrange(20, 130), chance.randrange(5, 50))
        screen.frame(0)
    screen.feed(b"\x1bc\x18\x1b\\\x1b[0m\x1b[H\x1b[2Jstill here")
    assert rows_of(screen)[0] == "still here"


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [
        ("abc", 3, ["a", "b", "c"]),
        ("漢字", 4, ["漢", "字"]),
        ("❤\ufe0f", 2, ["❤\ufe0f"]),
        ("e\u0301", 1, ["e\u0301"]),
        ("│─", 2, ["│", "─"]),
    ],
)
def test_cells_of_a_run(text: str, columns: int, expected: list[str]) -> None:
    assert [cell for cell, _ in cells(Run(text, columns, Style()))] == expected


def test_no_text_is_found_nowhere() -> None:
    assert find_matches([(0, Row((Run("moo", 3, Style()),)))], "") == []
