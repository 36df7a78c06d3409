"""Words of a shell script as programs see them: quotes off, variables and substitutions filled in, then split."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field

from tree_sitter import Node

from .shell import UNKNOWN, Variable, Word
from .verdict import Position

Substitution = Callable[[Node], tuple[frozenset[int], str | None]]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACES = re.compile(r"\{([^{}\s]*,[^{}\s]*)\}")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b", "0": "\0"}
_PARAMETER = re.compile(
    r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?])(:?[-+=?][^{}$]*)?\}|([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?]))"
)
_MOST_TEXT = 100_000


@dataclass(frozen=True, slots=True)
class Fragment:
    """Part of a word. `splits` where blanks in it part words (an unquoted `$X`)."""

    text: str
    splits: bool = False
    sources: frozenset[int] = frozenset()
    quoted: bool = True


@dataclass(slots=True)
class Shell:
    """What a running shell would know: its variables, its arguments, and whether it is bash."""

    variables: MutableMapping[str, Variable]
    arrays: MutableMapping[str, tuple[str, ...]] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    own_name: str = UNKNOWN
    bash: bool = False
    export_all: bool = False

    def copy(self) -> Shell:
        """A subshell: it sees all of it and changes nothing outside."""
        return Shell(dict(self.variables), dict(self.arrays), self.arguments, self.own_name, self.bash, self.export_all)

    def parameter(self, name: str) -> Fragment:
        """The value of `$name`."""
        if name in ("@", "*"):
            return Fragment(" ".join(self.arguments))
        if name == "#":
            return Fragment(str(len(self.arguments)))
        if name.isdigit():
            number = int(name)
            if number == 0:
                return Fragment(self.own_name)
            return Fragment(self.arguments[number - 1] if number <= len(self.arguments) else "")
        variable = self.variables.get(name)
        if variable is not None:
            return Fragment(variable.text, sources=variable.sources)
        if name in self.arrays:
            return Fragment(self.arrays[name][0] if self.arrays[name] else "")
        return Fragment(UNKNOWN)

    def is_set(self, name: str) -> bool | None:
        """Whether a parameter has a value; None where that cannot be known."""
        if name.isdigit():
            return int(name) <= len(self.arguments)
        return True if name in self.variables or name in self.arrays else None

    def with_default(self, name: str, operator: str, default: Fragment) -> Fragment:
        """The value of `${name:-default}` and its relatives; a variable the recipe never sets has no value here."""
        value = self.parameter(name)
        has_value = bool(self.is_set(name)) and (not operator.startswith(":") or bool(value.text))
        sign = operator[-1]
        if sign in "-=":
            if not has_value and sign == "=":
                self.variables[name] = Variable(default.text, sources=default.sources)
            return value if has_value else default
        if sign == "+":
            return default if has_value else Fragment("")
        return value

    def fill(self, text: str) -> str:
        """Fill in the variables of a heredoc's text."""

        def value(match: re.Match[str]) -> str:
            name = match[1] or match[3]
            if match[2]:
                sign = match[2][:2] if match[2].startswith(":") else match[2][0]
                return self.with_default(name, sign, Fragment(match[2][len(sign) :])).text
            return self.parameter(name).text

        parts: list[str] = []
        done = 0
        size = 0
        for match in re.finditer(r"\\([$`\\\n])|\$\([^()]*\)|`[^`]*`|" + _PARAMETER.pattern, text):
            parts.append(text[done : match.start()])
            if match[1] is not None:
                parts.append("" if match[1] == "\n" else match[1])
            elif match[0].startswith(("$(", "`")):
                parts.append(UNKNOWN)
            else:
                inner = _PARAMETER.fullmatch(match[0])
                parts.append(value(inner) if inner else UNKNOWN)
            size += len(parts[-1])
            if size > _MOST_TEXT:
                return "".join(parts) + UNKNOWN
            done = match.end()
        parts.append(text[done:])
        return "".join(parts)


class WordReader:
    """Makes words of syntax nodes. One for each text that is parsed."""

    def __init__(self, source: bytes, place: Callable[[int, int], Position], substitute: Substitution) -> None:
        """`place` turns row and column (in characters, from 0) into a position in the recipe."""
        self.source = source
        self._rows = source.split(b"\n")
        self._place = place
        self._substitute = substitute

    def text(self, node: Node) -> str:
        """What was written."""
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def position(self, point: tuple[int, int]) -> Position:
        """Where in the recipe a point of the syntax tree is."""
        row, column = point
        line = self._rows[row] if row < len(self._rows) else b""
        return self._place(row, len(line[:column].decode("utf-8", "replace")))

    def start(self, node: Node) -> Position:
        """Where a node begins."""
        return self.position(node.start_point)

    def end(self, node: Node) -> Position:
        """Where a node ends."""
        return self.position(node.end_point)

    def words(self, node: Node, shell: Shell) -> list[Word]:
        """The words that one written word becomes: none, one or several."""
        raw = self.text(node)
        start, end = self.start(node), self.end(node)
        bare = raw.strip('"')
        if bare in ("$@", "${@}", "$*", "${*}") and raw[:2] != '"$*':
            return [Word(argument, raw, start, end) for argument in shell.arguments]
        array = re.fullmatch(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\[[@*]\]\}", bare)
        if array and array[1] in shell.arrays:
            return [Word(item, raw, start, end) for item in shell.arrays[array[1]]]
        fragments = self.fragments(node, shell)
        texts = _split(fragments)
        if shell.bash:
            texts = [
                (part, sources)
                for text, sources in texts
                for part in (_with_braces(text) if "{" in text and not _is_quoted(fragments) else [text])
            ]
        return [Word(text, raw, start, end, sources) for text, sources in texts]

    def one(self, node: Node, shell: Shell) -> Word:
        """A word that is never split: the value of an assignment, a redirection's target."""
        fragments = self.fragments(node, shell)
        sources = frozenset[int]().union(*(fragment.sources for fragment in fragments))
        text = "".join(fragment.text for fragment in fragments)
        if len(text) > _MOST_TEXT:
            text = UNKNOWN
        return Word(text, self.text(node), self.start(node), self.end(node), sources)

    def fragments(self, node: Node, shell: Shell) -> list[Fragment]:
        """The parts of a word."""
        match node.type:
            case "word" | "number" | "variable_name" | "extglob_pattern" | "regex" | "test_operator":
                return [Fragment(re.sub(r"\\(\n|.)", _unescaped, self.text(node), flags=re.DOTALL), quoted=False)]
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
                sources, text = self._substitute(node)
                return [Fragment(UNKNOWN if text is None else text.rstrip("\n"), splits=True, sources=sources)]
            case "process_substitution":
                sources, _ = self._substitute(node)
                return [Fragment(UNKNOWN, sources=sources)]
            case "arithmetic_expansion" | "subscript" | "array":
                return [Fragment(UNKNOWN)]
            case _:
                return [Fragment(self.text(node), quoted=False)]

    def _string(self, node: Node, shell: Shell) -> list[Fragment]:
        fragments: list[Fragment] = []
        raw = self.source[node.start_byte : node.end_byte]
        opening = raw.find(b'"') + 1
        at = node.start_byte + opening
        end = node.end_byte - (1 if raw.endswith(b'"') and len(raw) > opening else 0)
        for child in node.children:
            if child.type not in ("simple_expansion", "expansion", "command_substitution", "arithmetic_expansion"):
                continue
            inner = self.source[child.start_byte : child.end_byte]
            blank = len(inner) - len(inner.lstrip())  # the grammar counts blanks before `$` as part of the expansion
            fragments.append(self._plain(at, child.start_byte + blank))
            fragments += [
                Fragment(part.text, splits=False, sources=part.sources) for part in self.fragments(child, shell)
            ]
            at = child.end_byte
        fragments.append(self._plain(at, end))
        return fragments

    def _plain(self, start: int, end: int) -> Fragment:
        text = self.source[start:end].decode("utf-8", "replace")
        return Fragment(re.sub(r'\\([\\$"`\n])', _unescaped, text))

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
        sources = frozenset[int]().union(*(part.sources for part in default))
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
        pieces = re.split(r"([ \t\n]+)", fragment.text)
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


def plain_value(values: Mapping[str, Variable], name: str) -> str:
    """A variable's text, empty where it has none."""
    variable = values.get(name)
    return variable.text if variable else ""
