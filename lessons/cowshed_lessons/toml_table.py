"""TOML read with a sentence and a place for everything that is wrong in it."""

from __future__ import annotations

import difflib
import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from cowshed_lessons.course import CourseError
from cowshed_lessons.folder_path import inside
from cowshed_lessons.text_lines import lines_of

LARGEST_FILE = 1_000_000
"""Bytes; many times what a lesson needs, and still read in no time."""
MOST_DEPTH = 20
"""Tables and lists inside one another; a course needs five."""

_ARRAY = re.compile(r"\s*\[\[\s*([^\]]+?)\s*\]\]")
_TABLE = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"""\s*([A-Za-z0-9_-]+|"[^"]*"|'[^']*')\s*=""")
_ERROR_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")

type Place = tuple[int, int]
type Route = tuple[str | int, ...]


def read_text(path: Path) -> str:
    """A file's text, exactly: line ends and a byte order mark stay.

    Raises:
        CourseError: It is missing, cannot be read, is no regular file, is too large or is not UTF-8.
    """
    try:
        with open(path, "rb", opener=_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise CourseError(path, 1, 1, "This is not a regular file; put a text file there.")
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise CourseError(path, 1, 1, f"This file is larger than {LARGEST_FILE // 1_000_000} MB; divide it.")
        return content.decode()
    except FileNotFoundError:
        raise CourseError(path, 1, 1, "This file is missing.") from None
    except OSError as error:
        raise CourseError(path, 1, 1, f"This file cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        column = error.start - error.object.rfind(b"\n", 0, error.start)
        raise CourseError(path, line, column, "This is not UTF-8 text; save the file as UTF-8.") from None


def _at_once(path: str, flags: int) -> int:
    """Open a file without waiting, as one would for a pipe that nobody writes to."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def places(text: str) -> dict[Route, Place]:
    """Where each table and key of a TOML text begins; keys inside inline tables and long arrays are left out."""
    found: dict[Route, Place] = {}
    counts: dict[Route, int] = {}
    here: Route = ()
    quote = ""
    for number, line in enumerate(lines_of(text), 1):
        if quote:
            quote = "" if line.count(quote) % 2 else quote
            continue
        array, table, key = _ARRAY.match(line), _TABLE.match(line), _KEY.match(line)
        if array:
            here = _route(array[1], counts)
            counts[here] = counts.get(here, -1) + 1
            here = (*here, counts[here])
            found[here] = (number, line.index("[") + 1)
        elif table:
            here = _route(table[1], counts)
            here = (*here, counts[here]) if here in counts else here
            found[here] = (number, line.index("[") + 1)
        elif key:
            found[(*here, key[1].strip("\"'"))] = (number, key.start(1) + 1)
            quote = next((mark for mark in ('"""', "'''") if line.count(mark) % 2), "")
    return found


@lru_cache(maxsize=2)
def _places(text: str) -> dict[Route, Place]:
    """The places of a text, found when they are asked for: a course without faults needs hardly any."""
    return places(text)


def _route(name: str, counts: Mapping[Route, int]) -> Route:
    """A dotted table name as a route, with the index of the newest entry after each array's name."""
    route: Route = ()
    for part in name.split("."):
        route = (*route, counts[route]) if route in counts else route
        route = (*route, part.strip().strip("\"'"))
    return route


class TomlTable:
    """One table of a file. Each value is asked for by name; `finish` objects to what nobody asked for.

    Raises:
        CourseError: From every method, where the file does not say what is needed.
    """

    def __init__(self, file: Path, values: Mapping[str, object], route: Route = (), text: str = "") -> None:
        self.file = file
        self._values = values
        self._route = route
        self._text = text
        self._asked: set[str] = set()

    @classmethod
    def read(cls, file: Path, *, without: str = "") -> TomlTable:
        """The top table of a file, `[[without]]` tables left out: to read them takes as long as all others."""
        text = read_text(file)
        if without:
            text = _cut(text, without)
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise _syntax_error(file, text, str(error)) from None
        except (RecursionError, ValueError) as error:  # a number of thousands of digits is a ValueError
            sentence = f"This cannot be read: {error}." if isinstance(error, ValueError) else _TOO_DEEP
            raise CourseError(file, 1, 1, sentence) from None
        if _is_deep(values):
            raise CourseError(file, 1, 1, _TOO_DEEP)
        return cls(file, values, (), text)

    def error(self, sentence: str, key: str = "") -> CourseError:
        """A fault at a key, or at the beginning of the table where the key is not there."""
        routes = [(*self._route, key), *(self._route[:length] for length in range(len(self._route), 0, -1))]
        where = _places(self._text)
        line, column = next((where[route] for route in routes if route in where), (1, 1))
        return CourseError(self.file, line, column, sentence)

    def string(self, key: str, default: str | None = None) -> str:
        """A text without blank edges; it must not be empty unless there is a default."""
        value = self._value(key, default)
        if not isinstance(value, str):
            raise self.error(f"'{key}' must be a text in quotes.", key)
        if not value.strip() and default is None:
            raise self.error(f"'{key}' is empty; write a text.", key)
        return value.strip()

    def identifier(self, key: str) -> str:
        """An id: lower-case words joined by hyphens."""
        value = self.string(key)
        if not is_identifier(value):
            raise self.error(f"'{value}' is not an id: use lower-case letters, digits and single hyphens.", key)
        return value

    def choice[Word: str](self, key: str, words: Sequence[Word], default: Word | None = None) -> Word:
        """One of the words."""
        value = self.string(key, default)
        for word in words:
            if word == value:
                return word
        raise self.error(f"'{key}' is '{value}'; it must be one of: {', '.join(words)}.", key)

    def integer(self, key: str, least: int, default: int) -> int:
        """A whole number."""
        value = self._value(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise self.error(f"'{key}' must be a whole number, {least} or more.", key)
        return value

    def boolean(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self._value(key, default)
        if not isinstance(value, bool):
            raise self.error(f"'{key}' must be true or false, without quotes.", key)
        return value

    def strings(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of texts."""
        value = self._value(key, default)
        if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
            raise self.error(f"'{key}' must be a list of texts in quotes.", key)
        return tuple(value)

    def texts(self, key: str) -> dict[str, str]:
        """A table whose values are all texts; empty where there is none."""
        value = self._value(key, {})
        if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
            raise self.error(f"'{key}' must be a table of texts in quotes.", key)
        return {name: text.strip() for name, text in value.items()}

    def tables(self, key: str) -> Iterator[TomlTable]:
        """Each table of an array of tables; none where there is no such array."""
        value = self._value(key, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise self.error(f"'{key}' must be written as [[{key}]] tables.", key)
        for place, each in enumerate(value):
            yield TomlTable(self.file, each, (*self._route, key, place), self._text)

    def texts_or_tables(self, key: str) -> Iterator[str | TomlTable]:
        """Each entry of a list that holds texts, tables such as `{ line = "…" }`, or both; none where it is missing."""
        value = self._value(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str | dict) for each in value):
            raise self.error(f"'{key}' must be a list of texts in quotes, or of tables in braces.", key)
        for place, each in enumerate(value):
            yield (
                TomlTable(self.file, each, (*self._route, key, place), self._text) if isinstance(each, dict) else each
            )

    def path(self, key: str, folder: Path, default: str | None = None) -> Path:
        """A file in a folder that the value names, with forward slashes."""
        value = self.string(key, default)
        path = inside(folder, value)
        if path is None:
            raise self.error(f"'{value}' leads out of the course folder; give a path inside '{folder.name}'.", key)
        if not path.is_file():
            raise self.error(f"There is no file '{value}' in '{folder.name}'.", key)
        return path

    def line(self, key: str) -> int:
        """The line on which a key stands, that of the table where it does not."""
        return self.error("", key).line

    def has(self, key: str) -> bool:
        """Whether the table says anything for a key."""
        return key in self._values

    def rest(self) -> dict[str, object]:
        """Everything that was not asked for by name; nothing is left for `finish` to object to."""
        rest = {key: value for key, value in self._values.items() if key not in self._asked}
        self._asked.update(rest)
        return rest

    def pass_over(self, key: str) -> None:
        """Take a key as known without looking at it."""
        self._asked.add(key)

    def finish(self) -> None:
        """Object to the first key that nobody asked for."""
        for key in self._values:
            if key not in self._asked:
                close = difflib.get_close_matches(key, self._asked, n=1)
                meant = f" Did you mean '{close[0]}'?" if close else ""
                raise self.error(f"'{key}' is not known here.{meant}", key)

    def _value(self, key: str, default: object) -> object:
        self._asked.add(key)
        if key in self._values:
            return self._values[key]
        if default is None:
            raise self.error(f"'{key}' is missing.")
        return default


_TOO_DEEP = f"Tables or lists stand more than {MOST_DEPTH} deep inside one another; a course needs no such nesting."


def _is_deep(values: object) -> bool:
    """Whether anything in a TOML text is nested too deeply, for what works on it goes in level by level."""
    level = [values]
    for _ in range(MOST_DEPTH + 1):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return bool(level)


def _cut(text: str, name: str) -> str:
    """A TOML text without the `[[name]]` tables, its lines where they were.

    A table goes from its line to the next one that begins with a bracket; one that may hold such a line in a text of
    several lines stays.
    """

    def empty(found: re.Match[str]) -> str:
        table = found[0]
        return table if '"""' in table or "'''" in table else "\n" * table.count("\n")

    return re.sub(rf"^\[\[{re.escape(name)}\]\][^\n]*\n(?:(?!\[)[^\n]*\n)*", empty, text, flags=re.MULTILINE)


def is_identifier(text: str) -> bool:
    """Whether a text can be the id of a course, lesson, step, check or term."""
    return re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text) is not None


def _syntax_error(file: Path, text: str, message: str) -> CourseError:
    match = _ERROR_PLACE.search(message)
    sentence = f"This is not valid TOML: {_ERROR_PLACE.sub('', message)}."
    if match and match[1]:
        return CourseError(file, int(match[1]), int(match[2]), sentence)
    lines = text.split("\n")
    return CourseError(file, len(lines), len(lines[-1]) + 1, sentence)
