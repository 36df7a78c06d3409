"""The helper process that holds one terminal core: reads messages, feeds the core, answers (see `screen_process`).

Imports little, because every terminal starts one.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import struct
import sys
from time import perf_counter
from typing import Any, BinaryIO, cast

from cowshed_lab.screen import Frame, Row, Screen, Style

HEADER = struct.Struct(">IB")
"""Before each message: length of its content, its letter."""

MICROSECONDS = struct.Struct(">I")
"""Before the answer to fed output: how long the core took for it."""

STYLE_FLAGS = ("bold", "faint", "italic", "inverse", "struck", "invisible")
"""Fields of a style that travel as bits of one number, lowest first."""


def core_names() -> tuple[str, ...]:
    """Return the cores that this installation has, the preferred one first."""
    known = (("ghostty", "pyghostty"), ("par-term", "par_term_emu_core_rust"))
    return tuple(name for name, package in known if importlib.util.find_spec(package) is not None)


def make_screen(core: str, columns: int, rows: int, scrollback: int) -> Screen:
    """Make the core of that name in this process."""
    if core == "ghostty":
        from cowshed_lab.screen_ghostty import GhosttyScreen

        return GhosttyScreen(columns, rows, scrollback)
    from cowshed_lab.screen_par_term import ParTermScreen

    return ParTermScreen(columns, rows, scrollback)


class _RowEncoder:
    """Rows as plain lists; each style once a message."""

    def __init__(self) -> None:
        self._numbers: dict[Style, int] = {}

    def row(self, row: Row) -> list[Any]:
        encoded: list[Any] = [int(row.wrapped)]
        for run in row.runs:
            encoded += run.text, run.columns, self._numbers.setdefault(run.style, len(self._numbers))
        return encoded

    def styles(self) -> list[Any]:
        return [
            [
                style.foreground,
                style.background,
                style.underline,
                sum(1 << place for place, name in enumerate(STYLE_FLAGS) if getattr(style, name)),
                style.link,
            ]
            for style in self._numbers
        ]


def _encode_frame(frame: Frame) -> dict[str, Any]:
    encoder = _RowEncoder()
    cursor, modes = frame.cursor, frame.modes
    return {
        "n": frame.number,
        "c": frame.columns,
        "h": frame.height,
        "y": list(frame.rows),
        "r": [encoder.row(row) for row in frame.rows.values()],
        "s": encoder.styles(),
        "u": [cursor.column, cursor.row, cursor.visible, int(cursor.shape)],
        "m": [
            modes.application_cursor,
            modes.application_keypad,
            modes.bracketed_paste,
            modes.alternate_screen,
            modes.mouse.value,
            modes.mouse_sgr,
            modes.focus_events,
        ],
        "f": frame.first_line,
        "o": frame.oldest_line,
        "t": frame.title,
        "b": frame.bells,
    }


def _answer(screen: Screen, letter: str, content: bytes) -> object:
    argument = json.loads(content)
    if letter == "G":
        return _encode_frame(screen.frame(argument))
    if letter == "L":
        encoder = _RowEncoder()
        rows = [encoder.row(row) for row in screen.lines(*argument)]
        return {"r": rows, "s": encoder.styles()}
    if letter == "S":
        text, case_sensitive, regular_expression = argument
        try:
            found = screen.search(text, case_sensitive=case_sensitive, regular_expression=regular_expression)
        except ValueError as error:
            return str(error)
        return [[match.line, match.column, match.columns] for match in found]
    if letter == "Z":
        screen.resize(*argument)
    else:
        screen.clear_scrollback()
    return None


def feed(screen: Screen, content: bytes) -> bytes:
    """Feed the core; a panic in it reaches Python as a `BaseException` that is no `Exception`."""
    began = perf_counter()
    try:
        answer = screen.feed(content)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # noqa: BLE001 (see above; the core goes on without these bytes)
        answer = b""
    return MICROSECONDS.pack(min(int((perf_counter() - began) * 1e6), 0xFFFFFFFF)) + answer


def serve(source: BinaryIO, drain: BinaryIO, screen: Screen) -> None:
    """Answer messages from `source` on `drain` until it ends."""
    while len(header := source.read(HEADER.size)) == HEADER.size:
        length, number = HEADER.unpack(header)
        content = source.read(length)
        letter = chr(number)
        answer = feed(screen, content) if letter == "F" else json.dumps(_answer(screen, letter, content)).encode()
        drain.write(HEADER.pack(len(answer), number) + answer)
        drain.flush()


def main(arguments: list[str]) -> int:
    """Run a core: its name, columns, rows, lines of scrollback."""
    core, columns, rows, scrollback = arguments
    screen = make_screen(core, int(columns), int(rows), int(scrollback))
    with contextlib.suppress(BrokenPipeError):
        serve(cast(BinaryIO, sys.stdin.buffer), cast(BinaryIO, sys.stdout.buffer), screen)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
