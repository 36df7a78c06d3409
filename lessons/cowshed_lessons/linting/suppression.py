"""Comments that silence rules: `# cowshed: ignore=RULE[,RULE]`.

On a line of its own it holds for the line below, behind something for its own line, above everything else in the file
for the whole file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_COMMENT = re.compile(r"#[ \t]*(cowshed:[ \t]*ignore)\b(?:[ \t]*=[ \t]*([A-Za-z0-9_.,\t -]*))?", re.IGNORECASE)
_MOST = 5_000


@dataclass(frozen=True, slots=True)
class Mention:
    """A rule that a comment names: line and column, both from 1. Of a comment that silences nothing, no rule."""

    rule: str
    line: int
    column: int


@dataclass(slots=True)
class Suppressions:
    """What is silenced, and where."""

    everywhere: set[str] = field(default_factory=set)
    lines: dict[int, set[str]] = field(default_factory=dict)
    mentions: list[Mention] = field(default_factory=list)

    def covers(self, rule: str, line: int) -> bool:
        """Whether a rule is silenced in a line."""
        return rule in self.everywhere or rule in self.lines.get(line, ())


def _names(found: re.Match[str]) -> Iterator[tuple[str, int]]:
    for name in re.finditer(r"[A-Za-z][A-Za-z0-9_.-]*", found[2] or ""):
        yield name[0].rstrip("."), found.start(2) + name.start()


def read_suppressions(text: str) -> Suppressions:
    """Find the comments."""
    found = Suppressions()
    if "cowshed:" not in text.lower():
        return found
    at_top = True
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        comment = _COMMENT.search(line)
        if comment:
            if not comment[1].islower() or next(_names(comment), None) is None:
                found.mentions.append(Mention("", number, comment.start() + 1))
                continue
            alone = not line[: comment.start()].strip()
            for name, column in _names(comment):
                if len(found.mentions) >= _MOST:
                    return found
                found.mentions.append(Mention(name, number, column + 1))
                if at_top and alone:
                    found.everywhere.add(name)
                else:
                    found.lines.setdefault(number + 1 if alone else number, set()).add(name)
        if stripped and not stripped.startswith("#"):
            at_top = False
    return found
