"""Rules about `%arguments` and `{{ variables }}`, and about `%labels`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cowshed_lessons.recipe_faults import shown
from cowshed_lessons.sections import read_arguments
from cowshed_lessons.templating import VARIABLE
from cowshed_lessons.verdict import Position

from .findings import Problem, Range, Severity
from .header_rules import faults, problem_of
from .linted import Linted, LintedStage
from .registry import rule

_BASE = "Bootstrap: docker\nFrom: ubuntu:{{ VERSION }}\n"
_PLAIN = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
_DEFAULT = "%arguments\n    VERSION=22.04\n"
_REAL = "seen in real runs of Apptainer 1.4.5"


def _defaults(linted: Linted, stage: LintedStage) -> Iterator[tuple[str, str, int, int]]:
    """Name, value, line and column (from 0, of the value) of what `%arguments` says."""
    for section in stage.stage.named("arguments"):
        for number in range(section.start_line + 1, section.end_line + 1):
            line = linted.line(number)
            name, equals, value = line.partition("=")
            if equals and name.strip() and not name.lstrip().startswith("#"):
                column = len(name) + 1 + len(value) - len(value.lstrip())
                yield name.strip(), value.strip(), number, column


def _text(linted: Linted, stage: LintedStage) -> str:
    start = linted.starts[stage.stage.start_line - 1]
    end = linted.starts[stage.last_line] if stage.last_line < len(linted.starts) else len(linted.text)
    return linted.text[start:end]


@rule(
    "arg-undefined",
    Severity.ERROR,
    "A variable without a value",
    why="Every `{{ NAME }}` needs a default below `%arguments` of its own stage, or a `--build-arg NAME=…` in "
    "every build.",
    wrong=_BASE,
    right=_BASE + _DEFAULT,
    source=_REAL,
)
def _arg_undefined(linted: Linted) -> Iterator[Problem]:
    for fault in faults(linted, "argument-undefined"):
        range_ = Range(fault.position, fault.end)
        edit = (range_, linted.written(range_), fault.suggestion)
        fixes = linted.fix(f"Write `{fault.suggestion}`", edit) if fault.suggestion else ()
        yield problem_of(fault, fixes)


@rule(
    "arg-unused",
    Severity.INFO,
    "A default that nothing uses",
    why="`%arguments` defines it, but no `{{ NAME }}` of the stage asks for it. A variable of the shell "
    "(`$NAME`) is something else.",
    wrong=_PLAIN + _DEFAULT,
    right=_BASE + _DEFAULT,
    source="found in public recipes",
)
def _arg_unused(linted: Linted) -> Iterator[Problem]:
    for stage in linted.stages:
        if not stage.stage.named("arguments"):
            continue
        used = {match[1] for match in VARIABLE.finditer(_text(linted, stage))}
        for name, _, number, _ in _defaults(linted, stage):
            if name not in used:
                end = Position(number + 1, 1) if number < len(linted.starts) else linted.whole_line(number).end
                whole = Range(Position(number, 1), end)
                yield Problem(
                    f"Nothing in this stage asks for `{{{{ {shown(name)} }}}}`.",
                    linted.whole_line(number),
                    linted.fix("Remove it", (whole, linted.written(whole), "")),
                )


@rule(
    "arg-after-hash",
    Severity.WARNING,
    "A variable behind a `#` is not filled in",
    why="Apptainer takes a `#` for the beginning of a comment wherever it stands in a line, even in the middle "
    "of a word, and leaves variables behind it as they are.",
    wrong=_PLAIN + _DEFAULT + "%post\n    curl -O http://example.org/a#{{ VERSION }}-{{ VERSION }}\n",
    right=_PLAIN + _DEFAULT + "%post\n    version={{ VERSION }}\n    curl -O http://example.org/a#$version\n",
    source=_REAL,
)
def _arg_after_hash(linted: Linted) -> Iterator[Problem]:
    if "{{" not in linted.text or "#" not in linted.text:
        return
    for stage in linted.stages:
        defined = read_arguments([section.body for section in stage.stage.named("arguments")])
        if not defined:
            continue
        for section in stage.stage.sections:
            if not section.is_shell:
                continue
            for number in range(section.start_line + 1, section.end_line + 1):
                line = linted.line(number)
                hash_ = re.search(r"#[^!]", line)
                if hash_ is None or re.search(r"(^|\s)#", line[: hash_.start() + 1]):
                    continue  # a comment of the shell as well, or none at all
                for match in VARIABLE.finditer(line, hash_.end()):
                    if match[1] in defined:
                        yield Problem(
                            f"`{match[0]}` is not filled in, for a `#` stands before it.",
                            linted.in_line(number, match.start(), match.end()),
                        )


@rule(
    "arg-quoted",
    Severity.INFO,
    "Quotes in a default",
    why="Quotes are part of the value: `{{ NAME }}` is replaced by the text with its quotes. In a script that "
    "may be what you want, in the header it never is.",
    wrong=_BASE + '%arguments\n    VERSION="22.04"\n',
    right=_BASE + _DEFAULT,
    source=_REAL,
)
def _arg_quoted(linted: Linted) -> Iterator[Problem]:
    for stage in linted.stages:
        for _, value, number, column in _defaults(linted, stage):
            if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
                at = linted.in_line(number, column, column + len(value))
                fixes = linted.fix("Remove the quotes", (at, value, value[1:-1]))
                yield Problem("The quotes are part of the value.", at, fixes)


@rule(
    "label-syntax",
    Severity.WARNING,
    "A label in another format's spelling",
    why="A label is a name, one space and the value, which goes to the end of the line. `NAME=value` and `NAME: "
    "value` make labels called `NAME=value` and `NAME:`.",
    wrong=_PLAIN + "%labels\n    Version=1.0\n",
    right=_PLAIN + "%labels\n    Version 1.0\n",
    source=_REAL + "; like hadolint DL3048",
)
def _label_syntax(linted: Linted) -> Iterator[Problem]:
    for _, section in linted.sections:
        if section.name not in ("labels", "applabels"):
            continue
        for number in range(section.start_line + 1, section.end_line + 1):
            line = linted.line(number)
            text = line.strip()
            if not text or text.startswith("#"):
                continue
            match = re.match(r"([\w./-]+)(\s*=\s*|:\s*|\t\s*)(?=\S)", text)
            key = text.partition(" ")[0]
            if match is None or (match[1] != key.rstrip(":=\t") and match.end(1) >= len(key) and "=" not in match[2]):
                continue
            start = line.index(text)
            between = linted.in_line(number, start + match.end(1), start + match.end())
            yield Problem(
                f"The label would be called `{shown(key)}`; a name and its value are parted by a space.",
                linted.in_line(number, start, start + len(text)),
                linted.fix("Part them with a space", (between, match[2], " ")),
            )
