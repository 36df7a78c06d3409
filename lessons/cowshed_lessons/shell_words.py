"""Words of a shell script as programs see them: quotes off, variables and substitutions filled in, then split."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from tree_sitter import Node

from .shell import UNKNOWN, Span, Word
from .shell_state import MOST_TEXT, Fragment, Shell
from .verdict import Position

_NOTHING: frozenset[int] = frozenset()
_PLAIN = frozenset(("word", "number"))
Place = Callable[[int, int], Position]
"""From row and column (in characters, from 0) of a script's text to a position in the recipe."""

_EXPANSIONS = frozenset(("simple_expansion", "expansion", "command_substitution", "arithmetic_expansion"))
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ARRAY = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\[[@*]\]\}")
_BRACES = re.compile(r"\{([^{}\s]*,[^{}\s]*)\}")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b", "0": "\0"}
_ESCAPED = re.compile(r"\\(\n|.)", re.DOTALL)
_ESCAPED_IN_QUOTES = re.compile(r'\\([\\$"`\n])')
_BLANKS = re.compile(r"([ \t\n]+)")


class Source:
    """A text that was parsed, and the way from its syntax nodes to the recipe."""

    def __init__(self, text: bytes, place: Place) -> None:
        self.bytes = text
        self._rows: list[bytes] = []
        self._place = place

    def text(self, first: Node, last: Node | None = None) -> str:
        """What was written, from the first node to the last."""
        return self.bytes[first.start_byte : (last or first).end_byte].decode("utf-8", "replace")

    def position(self, point: tuple[int, int]) -> Position:
        """Where in the recipe a point of the syntax tree is; its column counts bytes."""
        self._rows = self._rows or self.bytes.split(b"\n")
        row, column = point
        line = self._rows[row] if row < len(self._rows) else b""
        return self._place(row, len(line[:column].decode("utf-8", "replace")))

    def bytes_of(self, row: int, characters: int) -> int:
        """How many bytes the first characters of a row take."""
        self._rows = self._rows or self.bytes.split(b"\n")
        line = self._rows[row] if row < len(self._rows) else b""
        return len(line.decode("utf-8", "replace")[: max(0, characters)].encode("utf-8"))


class NodeSpan:
    """The span of a syntax node, or of several in a row."""

    __slots__ = ("first", "last", "source")

    def __init__(self, source: Source, first: Node, last: Node) -> None:
        self.source = source
        self.first = first
        self.last = last

    @property
    def text(self) -> str:
        """What was written."""
        return self.source.text(self.first, self.last)

    @property
    def start(self) -> Position:
        """Where it begins in the recipe."""
        return self.source.position(self.first.start_point)

    @property
    def end(self) -> Position:
        """Where it ends in the recipe."""
        return self.source.position(self.last.end_point)


class WordReader(ABC):
    """Makes words of a text's syntax nodes."""

    def __init__(self, source: Source) -> None:
        self.source = source

    @abstractmethod
    def deeper(self) -> bool:
        """Go one level deeper; False where that is too deep to be followed. Every level entered is left with `back`."""

    @abstractmethod
    def back(self) -> None:
        """Come back from a level."""

    @abstractmethod
    def substitution(self, node: Node, shell: Shell) -> tuple[frozenset[int], str | None]:
        """Follow `$(…)`, `<(…)` or `>(…)`: the commands that print into it, and what they print if that is certain."""

    def text(self, node: Node) -> str:
        """What was written."""
        return self.source.text(node)

    def start(self, node: Node) -> Position:
        """Where a node begins."""
        return self.source.position(node.start_point)

    def span(self, first: Node, last: Node | None = None) -> Span:
        """Where a node was written, or all from the first to the last."""
        return NodeSpan(self.source, first, last or first)

    def words(self, node: Node, shell: Shell) -> list[Word]:
        """The words that one written word becomes: none, one or several."""
        kind = node.type
        if kind == "command_name" and node.child_count == 1:
            node = node.children[0]
            kind = node.type
        raw = self.source.text(node)
        span = NodeSpan(self.source, node, node)
        if kind in _PLAIN and "\\" not in raw and "{" not in raw:
            return [Word(raw, span)]
        bare = raw.strip('"')
        if bare in ("$@", "${@}", "$*", "${*}") and raw[:2] != '"$*':
            return [Word(argument, span) for argument in shell.arguments]
        array = _ARRAY.fullmatch(bare) if "[" in bare else None
        items = shell.array(array[1]) if array else None
        if items is not None:
            return [Word(item, span) for item in items]
        fragments = self.fragments(node, shell)
        words = _split(fragments)
        if shell.bash and not _is_quoted(fragments):
            words = [(part, sources) for text, sources in words for part in _with_braces(text)]
        return [Word(text, span, sources) for text, sources in words]

    def one(self, node: Node, shell: Shell) -> Word:
        """A word that is never split: the value of an assignment, a redirection's target."""
        if node.type in _PLAIN and "\\" not in (raw := self.source.text(node)):
            return Word(raw, self.span(node))
        fragments = self.fragments(node, shell)
        sources = _NOTHING.union(*(fragment.sources for fragment in fragments))
        text = "".join(fragment.text for fragment in fragments)
        return Word(text if len(text) <= MOST_TEXT else UNKNOWN, self.span(node), sources)

    def fragments(self, node: Node, shell: Shell) -> list[Fragment]:
        """The parts of a word; what is nested too deeply is unknown."""
        if not self.deeper():
            return [Fragment(UNKNOWN)]
        found = self._fragments(node, shell)
        self.back()
        return found

    def _fragments(self, node: Node, shell: Shell) -> list[Fragment]:
        match node.type:
            case "word" | "number" | "variable_name" | "extglob_pattern" | "regex" | "test_operator":
                text = self.text(node)
                return [Fragment(_ESCAPED.sub(_unescaped, text) if "\\" in text else text, quoted=False)]
            case "raw_string":
                return [Fragment(self.text(node)[1:-1])]
            case "ansi_c_string":
                body = self.text(node)[2:-1]
                return [Fragment(re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), body, flags=re.DOTALL))]
            case "string" | "translated_string":
                return self._string(node, shell)
            case "concatenation" | "command_name" | "brace_expression":
                return [part for child in node.children for part in self.fragments(child, shell)]
            case "simple_expansion":
                fragment = shell.parameter(self.text(node).strip().lstrip("$"))
                return [Fragment(fragment.text, splits=True, sources=fragment.sources)]
            case "expansion":
                fragment = self._expansion(node, shell)
                return [Fragment(fragment.text, splits=True, sources=fragment.sources)]
            case "command_substitution":
                sources, output = self.substitution(node, shell)
                return [Fragment(UNKNOWN if output is None else output.rstrip("\n"), splits=True, sources=sources)]
            case "process_substitution":
                sources, _ = self.substitution(node, shell)
                return [Fragment(UNKNOWN, sources=sources)]
            case "arithmetic_expansion" | "subscript" | "array":
                return [Fragment(UNKNOWN)]
            case _:
                return [Fragment(self.text(node), quoted=False)]

    def _string(self, node: Node, shell: Shell) -> list[Fragment]:
        fragments: list[Fragment] = []
        raw = self.source.bytes[node.start_byte : node.end_byte]
        opening = raw.find(b'"') + 1
        at = node.start_byte + opening
        end = node.end_byte - (1 if raw.endswith(b'"') and len(raw) > opening else 0)
        for child in node.children:
            if child.type not in _EXPANSIONS:
                continue
            inner = self.source.bytes[child.start_byte : child.end_byte]
            blank = len(inner) - len(inner.lstrip())  # the grammar counts blanks before `$` as part of the expansion
            fragments.append(self._plain(at, child.start_byte + blank))
            fragments += [
                Fragment(part.text, splits=False, sources=part.sources) for part in self.fragments(child, shell)
            ]
            at = child.end_byte
        fragments.append(self._plain(at, end))
        return fragments

    def _plain(self, start: int, end: int) -> Fragment:
        text = self.source.bytes[start:end].decode("utf-8", "replace")
        return Fragment(_ESCAPED_IN_QUOTES.sub(_unescaped, text) if "\\" in text else text)

    def _expansion(self, node: Node, shell: Shell) -> Fragment:
        written = self.text(node).strip()
        name = _NAME.match(written[2:])
        if name is None:
            inner = re.fullmatch(r"\$\{([0-9@*#?])(?:(:?[-+=?])(.*))?\}", written, re.DOTALL)
            if inner is None:
                return Fragment(UNKNOWN)
            plain = Fragment(inner[3] or "") if "$" not in (inner[3] or "") else Fragment(UNKNOWN)
            return shell.with_default(inner[1], inner[2], plain) if inner[2] else shell.parameter(inner[1])
        after = written[2 + name.end() : -1]
        if not after:
            return shell.parameter(name[0])
        operator = re.match(r":?[-+=?]", after)
        if operator is None:
            # Cut or replaced (`${PATH%/}`): what it becomes is not followed, but that the old value is in it is known.
            value = shell.parameter(name[0])
            return Fragment(value.text + UNKNOWN, sources=value.sources)
        default = [
            part
            for child in node.named_children
            if child.start_byte >= node.start_byte + 2 + name.end()
            for part in self.fragments(child, shell)
        ]
        sources = _NOTHING.union(*(part.sources for part in default))
        text = "".join(part.text for part in default)
        return shell.with_default(name[0], operator[0], Fragment(text, sources=sources))


def _unescaped(match: re.Match[str]) -> str:
    return "" if match[1] == "\n" else match[1]


def _is_quoted(fragments: Sequence[Fragment]) -> bool:
    return any(fragment.quoted and ("{" in fragment.text or "}" in fragment.text) for fragment in fragments)


def _with_braces(text: str) -> list[str]:
    waiting: list[str] = [text]
    done: list[str] = []
    while waiting and len(done) < 100:
        first = waiting.pop(0)
        match = _BRACES.search(first)
        if match is None:
            done.append(first)
        else:
            waiting = [first[: match.start()] + part + first[match.end() :] for part in match[1].split(",")] + waiting
    return list(dict.fromkeys(done))


def _split(fragments: Sequence[Fragment]) -> list[tuple[str, frozenset[int]]]:
    """Split at the blanks of unquoted expansions."""
    found: list[tuple[str, frozenset[int]]] = []
    current: list[str] = []
    sources: frozenset[int] = frozenset()
    started = False
    for fragment in fragments:
        if not fragment.splits:
            current.append(fragment.text)
            sources |= fragment.sources
            started = True
            continue
        pieces = _BLANKS.split(fragment.text)
        for index, piece in enumerate(pieces):
            if index % 2:
                if started:
                    found.append(("".join(current), sources))
                current, sources, started = [], frozenset(), False
            elif piece:
                current.append(piece)
                sources |= fragment.sources
                started = True
    if started:
        found.append(("".join(current), sources))
    return found
