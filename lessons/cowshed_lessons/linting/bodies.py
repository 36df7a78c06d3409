"""One shell script of a recipe, as syntax."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tree_sitter import Node, QueryCursor

from cowshed_lessons.sections import Body, Section
from cowshed_lessons.shell_syntax import parse, query
from cowshed_lessons.verdict import Position

from .findings import Range

_MOST_DEPTH = 150
_MOST_PIECES = 2_000
_QUERY = """
(heredoc_redirect (heredoc_start) @heredoc)
(test_command) @test
(array) @array
(herestring_redirect) @herestring
(process_substitution) @process
(function_definition) @function
(expansion) @expansion
(simple_expansion) @parameter
(command) @command
(list) @list
(pipeline) @pipeline
(file_redirect) @redirect
(variable_assignment name: (variable_name) @assigned)
(string) @string
(comment) @literal
(raw_string) @literal
(heredoc_body) @literal
"""


@dataclass(frozen=True, slots=True)
class OpenHeredoc:
    """A heredoc without its end: where it begins, and the row (from 0) in which its end stands indented, if any.

    `cut_at` is the line of the recipe that cuts it in two, where its end stands in a later section that is appended to
    this one; else 0.
    """

    range: Range
    end: str
    strips_tabs: bool
    near: int | None
    cut_at: int = 0


def _place(node: Node) -> tuple[int, int]:
    """For sorting: as in the text, what holds another before it."""
    return node.start_byte, -node.end_byte


def _is_rubble(root: Node) -> bool:
    """Whether a text is so little of a script that its tree has thousands of pieces side by side in an error.

    Queries take time by the square of such a row.
    """
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type == "ERROR" and node.child_count >= _MOST_PIECES:
            return True
        waiting += [child for child in node.children if child.has_error]
    return False


class ShellBody:
    """A script, its sections put together as a build puts them together.

    Attributes:
        name: The section's name; `post` includes `%appinstall`.
        sections: The sections that it is made of.
        body: Its text.
        arguments: What follows the section's name (`-c /bin/bash`).
        has_dash: Whether `sh` in the container surely is dash.
    """

    def __init__(
        self, name: str, sections: tuple[Section, ...], body: Body, arguments: str, has_dash: bool, *, read: bool
    ) -> None:
        self.name = name
        self.sections = sections
        self.body = body
        self.arguments = arguments
        self.has_dash = has_dash
        self.is_read = read
        self._sorted: dict[str, list[Node]] = {}

    @cached_property
    def text(self) -> str:
        """The script's text."""
        return self.body.text

    @cached_property
    def lines(self) -> list[str]:
        """The script's lines."""
        return self.text.split("\n")

    @cached_property
    def shell(self) -> str:
        """What runs it: `sh`, another shell's name, `built-in` for the environment, or empty where unknown."""
        if self.name in ("environment", "appenv"):
            return "built-in"
        words = self.arguments.partition("#")[0].split()
        if "-c" in words[:-1]:
            return words[words.index("-c") + 1].rpartition("/")[2]
        first = self.lines[0] if self.lines else ""
        if first.startswith("#!") and self.name not in ("post", "appinstall", "setup", "pre"):
            found = re.match(r"#!\s*(?:\S*/env\s+)?\S*?([\w.-]+)(?:\s|$)", first)
            return found[1] if found else ""
        return "sh"

    @property
    def ends_at_failure(self) -> bool:
        """Whether a failing command ends it."""
        return self.name in ("post", "setup", "pre") and not self.arguments.strip().startswith("-c")

    @cached_property
    def _captures(self) -> dict[str, list[Node]]:
        if not self.is_read:
            return {}
        tree = parse(self.source)
        if tree is None or (tree.root_node.has_error and _is_rubble(tree.root_node)):
            self.is_read = False
            return {}
        cursor = QueryCursor(query(_QUERY))
        cursor.set_max_start_depth(_MOST_DEPTH)  # very deep trees are no scripts, and take time without bound
        return cursor.captures(tree.root_node)

    @property
    def can_be_read(self) -> bool:
        """Whether it is a script in which syntax can be found: not too large, and not thousands of stray signs."""
        return bool(self._captures) or self.is_read

    @cached_property
    def source(self) -> bytes:
        """The text as the syntax tree counts it."""
        return self.text.encode("utf-8", "replace")

    @cached_property
    def _rows(self) -> list[bytes]:
        return self.source.split(b"\n")

    def nodes(self, kind: str) -> list[Node]:
        """The syntax nodes of a kind (see the query of this module), in the order of the text."""
        if kind not in self._sorted:
            self._sorted[kind] = sorted(self._captures.get(kind, ()), key=_place)
        return self._sorted[kind]

    def outermost(self, kind: str) -> Iterator[Node]:
        """The nodes of a kind that are not inside another of that kind."""
        end = -1
        for node in self.nodes(kind):
            if node.start_byte >= end:
                yield node
                end = node.end_byte

    def text_of(self, node: Node) -> str:
        """What was written."""
        return (node.text or b"").decode("utf-8", "replace")

    def _point(self, row: int, column: int) -> Position:
        line = self._rows[row] if row < len(self._rows) else b""
        return self.body.position(row, len(line[:column].decode("utf-8", "replace")))

    def range_of(self, node: Node) -> Range:
        """Where in the recipe a node stands; of one that goes over several lines, its first line."""
        start, end = node.start_point, node.end_point
        if end.row == start.row:
            return Range(self._point(*start), self._point(*end))
        return Range(self._point(*start), self.body.position(start.row, len(self.lines[start.row].rstrip())))

    def place(self, row: int, start: int, end: int) -> Range:
        """A stretch of a line; all count from 0."""
        return Range(self.body.position(row, start), self.body.position(row, end))

    @cached_property
    def _strings(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        outer = list(self.outermost("string"))
        starts = [(node.start_point.row, node.start_point.column) for node in outer]
        return starts, [(node.end_point.row, node.end_point.column) for node in outer]

    def is_quoted(self, row: int, column: int) -> bool:
        """Whether a place (as for `is_literal`) is within double quotes."""
        point = (row, len(self.lines[row][:column].encode("utf-8", "replace")))
        starts, ends = self._strings
        index = bisect_right(starts, point) - 1
        return index >= 0 and ends[index] > point

    def is_literal(self, row: int, column: int) -> bool:
        """Whether a place (from 0, columns in characters) is in a comment, a single-quoted string or a heredoc."""
        nodes = self.nodes("literal")
        line = self.lines[row][:column].encode("utf-8", "replace")
        point = (row, len(line))
        low, high = 0, len(nodes)
        while low < high:
            middle = (low + high) // 2
            if tuple(nodes[middle].start_point) <= point:
                low = middle + 1
            else:
                high = middle
        return low > 0 and tuple(nodes[low - 1].end_point) > point

    @cached_property
    def _alternatives(self) -> list[int]:
        return [match.start() for match in re.finditer(rb"\|\|", self.source)]

    @cached_property
    def _lists(self) -> tuple[list[int], list[int]]:
        outer = list(self.outermost("list"))
        return [node.start_byte for node in outer], [node.end_byte for node in outer]

    def is_tolerated(self, node: Node) -> bool:
        """Whether the script goes on if this fails, for an `||` stands behind it in the same list."""
        starts, ends = self._lists
        index = bisect_right(starts, node.start_byte) - 1
        if index < 0 or ends[index] < node.end_byte:
            return False
        at = bisect_left(self._alternatives, node.end_byte)
        return at < len(self._alternatives) and self._alternatives[at] < ends[index]

    def _cut_between(self, first: int, last: int) -> int:
        """The line of a section of this script that begins between two rows, 0 if there is none."""
        if len(self.sections) == 1:
            return 0
        lines = self.body.position(first, 0).line, self.body.position(last, 0).line
        found = (section.start_line for section in self.sections[1:] if lines[0] < section.start_line < lines[1])
        return next(found, 0)

    @cached_property
    def open_heredoc(self) -> OpenHeredoc | None:
        """The first heredoc whose end does not stand in the script as it must: alone, at the left edge."""
        rows: dict[str, list[int]] = {}
        for row, line in enumerate(self.lines if self.nodes("heredoc") else ()):
            rows.setdefault(line, []).append(row)
        for node in self.nodes("heredoc"):
            end = re.sub(r"[\\'\"]", "", self.text_of(node))
            start = node.start_byte
            strips_tabs = self.source[max(0, start - 8) : start].rstrip().endswith(b"<<-")
            row = node.start_point.row
            below_here = rows.get(end, [])
            index = bisect_right(below_here, row)
            last = below_here[index] if index < len(below_here) else None
            cut_at = self._cut_between(row, last) if last is not None else 0
            if cut_at:
                return OpenHeredoc(self.range_of(node), end, strips_tabs, None, cut_at)
            if not end or last is not None:
                continue
            below = self.lines[row + 1 :]
            if strips_tabs and any(line.lstrip("\t") == end for line in below):
                continue
            near = next((row + 1 + i for i, line in enumerate(below) if line.strip() == end), None)
            return OpenHeredoc(self.range_of(node), end, strips_tabs, near)
        # One that begins in the last line is nothing to the grammar.
        row = next((row for row in range(len(self.lines) - 1, -1, -1) if self.lines[row].strip()), 0)
        match = re.search(r"(?<!<)<<(-?)[ \t]*(['\"]?)(\w+)\2", self.lines[row]) if self.is_read else None
        if match is None or not self._would_be_heredoc(row, match[3]):
            return None
        return OpenHeredoc(self.place(row, match.start(3), match.end(3)), match[3], bool(match[1]), None)

    def _would_be_heredoc(self, row: int, end: str) -> bool:
        """Whether a `<<` in the last line that is written begins a heredoc: with its end below, the grammar knows."""
        text = "\n".join([*self.lines[: row + 1], "", end, ""]).encode("utf-8", "replace")
        tree = parse(text)
        if tree is None or (tree.root_node.has_error and _is_rubble(tree.root_node)):
            return False
        cursor = QueryCursor(query("(heredoc_start) @heredoc"))
        cursor.set_max_start_depth(_MOST_DEPTH)
        return any(node.start_point.row == row for node in cursor.captures(tree.root_node).get("heredoc", ()))
