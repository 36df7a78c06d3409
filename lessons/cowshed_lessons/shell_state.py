"""What a running shell knows: its variables, its arrays, its arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from .shell import UNKNOWN, Variable

_NAME = r"[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?]"
_IN_HEREDOC = re.compile(
    r"\\(?P<escaped>[$`\\\n])|(?P<command>\$\([^()]*\)|`[^`]*`)|"
    rf"\$\{{(?P<braced>{_NAME})((?P<operator>:?[-+=?])(?P<default>[^{{}}$]*))?\}}|\$(?P<bare>{_NAME})"
)
MOST_TEXT = 100_000
"""A text that grows longer than this is not followed."""


class Fragment(NamedTuple):
    """Part of a word. `splits` where blanks in it part words (an unquoted `$X`)."""

    text: str
    splits: bool = False
    sources: frozenset[int] = frozenset()
    quoted: bool = True


class Shell:
    """A shell's memory. Copies share it until one of them changes something, as a recipe has many short branches.

    `asked` are the names of variables that were looked up in it or in a copy.
    """

    def __init__(
        self,
        variables: Mapping[str, Variable],
        *,
        arguments: tuple[str, ...] = (),
        own_name: str = UNKNOWN,
        bash: bool = False,
        export_all: bool = False,
    ) -> None:
        self.arguments = arguments
        self.own_name = own_name
        self.bash = bash
        self.export_all = export_all
        self._variables = dict(variables)
        self._arrays: dict[str, tuple[str, ...]] = {}
        self._shared = False
        self.asked: set[str] = set()

    def copy(self) -> Shell:
        """A subshell: it sees all of it and changes nothing outside."""
        twin = Shell.__new__(Shell)
        twin.arguments, twin.own_name, twin.bash, twin.export_all = (
            self.arguments,
            self.own_name,
            self.bash,
            self.export_all,
        )
        twin._variables, twin._arrays = self._variables, self._arrays
        twin.asked = self.asked
        twin._shared = self._shared = True
        return twin

    def become(self, other: Shell) -> None:
        """Know what another shell knows, and nothing else."""
        other._shared = self._shared = True
        self._variables, self._arrays = other._variables, other._arrays
        self.arguments, self.own_name, self.export_all = other.arguments, other.own_name, other.export_all

    def knows_the_same(self, other: Shell) -> bool:
        """Whether a command would do the same in either."""
        return (
            (self._variables is other._variables or self._variables == other._variables)
            and (self._arrays is other._arrays or self._arrays == other._arrays)
            and (self.arguments, self.own_name, self.export_all) == (other.arguments, other.own_name, other.export_all)
        )

    def is_still(self, before: Shell) -> bool:
        """Whether nothing was set since a copy was made."""
        return (
            self._variables is before._variables
            and self._arrays is before._arrays
            and (self.arguments, self.own_name, self.export_all)
            == (before.arguments, before.own_name, before.export_all)
        )

    @property
    def variables(self) -> Mapping[str, Variable]:
        """The variables as they are now; what is set later does not change it."""
        self._shared = True
        return self._variables

    def variable(self, name: str) -> Variable | None:
        """A variable, None where the recipe never sets it."""
        self.asked.add(name)
        return self._variables.get(name)

    def array(self, name: str) -> tuple[str, ...] | None:
        """An array's items."""
        self.asked.add(name)
        return self._arrays.get(name)

    def set(self, name: str, variable: Variable) -> None:
        """Give a variable another value."""
        self._own()
        self._variables[name] = variable

    def set_array(self, name: str, items: tuple[str, ...]) -> None:
        """Give an array other items."""
        self._own()
        self._arrays[name] = items

    def unset(self, name: str) -> None:
        """Forget a variable or an array."""
        self._own()
        self._variables.pop(name, None)
        self._arrays.pop(name, None)

    def _own(self) -> None:
        if self._shared:
            self._variables, self._arrays, self._shared = dict(self._variables), dict(self._arrays), False

    def join(self, ends: Sequence[Shell]) -> None:
        """Go on after branches that ended so.

        A variable that they leave with different values is unknown, unless only one of them sets it at all.
        """
        if all(end._variables is self._variables and end._arrays is self._arrays for end in ends):
            return
        self._own()
        for name in dict.fromkeys(name for end in ends for name in end._variables):
            found = [end._variables.get(name) for end in ends]
            first = found[0]
            same = first is not None and found.count(first) == len(found)
            values = [variable for variable in found if variable is not None]
            self._variables[name] = values[0] if same else _joined(values)
        for end in ends:
            self._arrays.update(end._arrays)

    def parameter(self, name: str) -> Fragment:
        """The value of `$name`."""
        self.asked.add(name)
        variable = self._variables.get(name)
        if variable is not None:
            return Fragment(variable.text, sources=variable.sources)
        if name in ("@", "*"):
            return Fragment(" ".join(self.arguments))
        if name == "#":
            return Fragment(str(len(self.arguments)))
        if name.isdigit():
            number = int(name)
            if number == 0:
                return Fragment(self.own_name)
            return Fragment(self.arguments[number - 1] if number <= len(self.arguments) else "")
        if name in self._arrays:
            return Fragment(self._arrays[name][0] if self._arrays[name] else "")
        return Fragment(UNKNOWN)

    def _is_set(self, name: str) -> bool:
        """Whether a parameter is known to have a value."""
        if name.isdigit():
            return int(name) <= len(self.arguments)
        return name in self._variables or name in self._arrays

    def with_default(self, name: str, operator: str, default: Fragment) -> Fragment:
        """The value of `${name:-default}` and its relatives; a variable the recipe never sets has no value here."""
        value = self.parameter(name)
        has_value = self._is_set(name) and (not operator.startswith(":") or bool(value.text))
        sign = operator[-1]
        if sign in "-=":
            if not has_value and sign == "=":
                self.set(name, Variable(default.text, sources=default.sources))
            return value if has_value else default
        if sign == "+":
            return default if has_value else Fragment("")
        return value

    def fill(self, text: str) -> str:
        """Fill in the variables of a heredoc's text."""
        parts: list[str] = []
        done = 0
        size = 0
        for match in _IN_HEREDOC.finditer(text):
            parts.append(text[done : match.start()])
            if match["escaped"]:
                parts.append("" if match["escaped"] == "\n" else match["escaped"])
            elif match["command"]:
                parts.append(UNKNOWN)
            elif match["operator"]:
                parts.append(self.with_default(match["braced"], match["operator"], Fragment(match["default"])).text)
            else:
                parts.append(self.parameter(match["braced"] or match["bare"]).text)
            size += len(parts[-1])
            if size > MOST_TEXT:
                return "".join(parts) + UNKNOWN
            done = match.end()
        parts.append(text[done:])
        return "".join(parts)


def _joined(found: Sequence[Variable]) -> Variable:
    """What is known of a variable that branches left with these values."""
    texts = dict.fromkeys(variable.text for variable in found)
    joined = found[0] if len(texts) == 1 else replace(found[-1], text=UNKNOWN)
    if len(texts) == 2 and any(a in b for a, b in (*pairwise(texts), *pairwise(reversed(texts)))):
        joined = max(found, key=lambda variable: len(variable.text))  # `[ -d X ] && PATH=X:$PATH`
    sources = frozenset[int]().union(*(variable.sources for variable in found))
    return replace(joined, sources=sources, exported=any(variable.exported for variable in found))
