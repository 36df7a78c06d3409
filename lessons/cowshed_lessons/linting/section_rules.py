"""Rules about section lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cowshed_lessons.recipe_faults import shown
from cowshed_lessons.sections import APP_SECTIONS, SECTIONS
from cowshed_lessons.verdict import Position

from .certainty import sections_meant
from .findings import Fix, Problem, Range, Severity
from .header_rules import faults, problem_of, told
from .linted import Linted
from .registry import rule

_BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
_PARSER = "Apptainer 1.4.5, pkg/build/types/parser; seen in real runs"
_NAMES = frozenset((*SECTIONS, *APP_SECTIONS))


@rule(
    "section-unknown",
    Severity.ERROR,
    "No such section",
    why="One section that it does not know, and Apptainer rejects the recipe.",
    wrong=_BASE + "%pots\n    true\n",
    right=_BASE + "%post\n    true\n",
    source=_PARSER,
)
def _section_unknown(linted: Linted) -> Iterator[Problem]:
    for fault in faults(linted, "section-unknown"):
        fixes: tuple[Fix, ...] = ()
        if fault.suggestion:
            line = linted.line(fault.position.line)
            word = re.match(r"\s*(%+[^\s:;,#]*)", line)
            if word:
                at = linted.in_line(fault.position.line, word.start(1), word.end(1))
                fixes = linted.fix(f"Write `{fault.suggestion}`", (at, word[1], fault.suggestion))
        yield problem_of(fault, fixes)


@rule(
    "section-indented",
    Severity.ERROR,
    "A section line is indented, or has a blank after its `%`",
    why="Section lines begin in the first column with `%` and the name.",
    wrong=_BASE + "  %post\n    true\n",
    right=_BASE + "%post\n    true\n",
    source=_PARSER,
)
def _section_indented(linted: Linted) -> Iterator[Problem]:
    certain = sections_meant(linted)
    for fault in faults(linted, "section-indented"):
        number = fault.position.line
        line = linted.line(number)
        head = re.match(r"[\s\x00]*%+\s*", line)
        fixes: tuple[Fix, ...] = ()
        if head:
            # Safe: the recipe is rejected as it stands, and the line surely is not text of something else.
            fixes = linted.fix(
                "Move it to the left edge",
                (linted.in_line(number, 0, head.end()), head[0], "%"),
                safe=number in certain,
            )
        yield problem_of(fault, fixes)


@rule(
    "section-trailing",
    Severity.ERROR,
    "Something is glued to a section's name",
    why="The name ends at the first space: not at a tab, a colon or a `#`.",
    wrong=_BASE + "%post:\n    true\n",
    right=_BASE + "%post\n    true\n",
    source=_PARSER,
)
def _section_trailing(linted: Linted) -> Iterator[Problem]:
    certain = sections_meant(linted)
    for fault in faults(linted, "section-trailing"):
        number = fault.position.line
        line = linted.line(number)
        head = re.match(r"(%+[A-Za-z]+)([:;,\t ]*)(#.*)?", line)
        fixes: tuple[Fix, ...] = ()
        if head and head[1].lstrip("%").lower() in _NAMES:
            rest = line[head.end(2) :]
            text = head[1] + (f" {rest}" if rest else "")
            # Safe: the recipe is rejected as it stands, and no word is left where Apptainer ignores it.
            alone = not rest.strip() or rest.startswith("#")
            named = head[1].lstrip("%").lower() in APP_SECTIONS
            is_safe = number in certain and (len(rest.split()) == 1 and not alone if named else alone)
            at = linted.in_line(number, 0, len(line))
            fixes = linted.fix("Part them with a space", (at, line, text), safe=is_safe)
        yield problem_of(fault, fixes)


@rule(
    "section-in-body",
    Severity.ERROR,
    "A line of a script begins with `%`",
    why="Apptainer takes every line whose first visible character is `%` for a section line, even inside a "
    "heredoc, and there is no way to escape it. Write such a text with `printf`, or bring it as a file.",
    wrong=_BASE + "%post\n    cat >> /etc/sudoers <<EOF\n    %wheel ALL=(ALL) ALL\nEOF\n",
    right=_BASE + "%post\n    printf '%%wheel ALL=(ALL) ALL\\n' >> /etc/sudoers\n",
    source=_PARSER,
)
def _section_in_body(linted: Linted) -> Iterator[Problem]:
    for fault in faults(linted, "section-in-body"):
        yield problem_of(fault)
    if not linted.recipe.accepted:
        return
    for number, end in _heredocs_cut(linted):
        if linted.line(number).lstrip().startswith("%"):
            yield Problem(
                f"This line is meant to be text of a heredoc (up to `{shown(end)}`), but Apptainer begins a section "
                "here.",
                linted.whole_line(number),
            )


def _heredocs_cut(linted: Linted) -> Iterator[tuple[int, str]]:
    """Lines that end a script in the middle of a heredoc whose end stands below, and that end."""
    for stage in linted.stages:
        for body in stage.shell_bodies:
            found = body.open_heredoc
            if found is None or found.near is not None:
                continue
            last = body.sections[-1].end_line
            if found.cut_at:
                yield found.cut_at, found.end
            elif linted.has_line_below(last, found.end, strip_tabs=found.strips_tabs):
                yield last + 1, found.end


@rule(
    "bootstrap-in-body",
    Severity.ERROR,
    "A line of a script begins with `Bootstrap:`",
    why="Apptainer cuts the recipe before every such line, even inside a heredoc, and what follows is another "
    "stage. Indent it.",
    wrong=_BASE + "%post\n    cat > /inner.def <<EOF\nBootstrap: docker\nFrom: alpine:3\nEOF\n",
    right=_BASE + "%post\n    cat > /inner.def <<EOF\n Bootstrap: docker\nFrom: alpine:3\nEOF\n",
    source=_PARSER,
)
def _bootstrap_in_body(linted: Linted) -> Iterator[Problem]:
    for number, end in _heredocs_cut(linted):
        if linted.line(number).lower().startswith("bootstrap:"):
            at = linted.whole_line(number)
            empty = Range(Position(number, 1), Position(number, 1))
            fixes = linted.fix("Indent it", (empty, "", " "))
            yield Problem(f"A new stage begins here, in the middle of a heredoc (up to `{shown(end)}`).", at, fixes)


@rule(
    "section-too-long",
    Severity.ERROR,
    "A section is longer than Apptainer reads",
    why="A section and the section line after it must fit into 65,535 bytes (“token too long”). Put long texts "
    "into a file and copy it with `%files`.",
    wrong=_BASE + "%help\n" + "moo " * 17_000 + "\n",
    right=_BASE + "%help\n" + "moo\n",
    source=_PARSER,
)
def _section_too_long(linted: Linted) -> Iterator[Problem]:
    for fault in faults(linted, "section-too-long"):
        yield problem_of(fault)


@rule(
    "section-empty",
    Severity.ERROR,
    "The recipe is nothing but an empty section",
    why="Apptainer cannot tell the section's name from its body.",
    wrong="%post",
    right=_BASE + "%post\n    true\n",
    source=_PARSER,
)
def _section_empty(linted: Linted) -> Iterator[Problem]:
    for fault in faults(linted, "section-empty"):
        yield problem_of(fault)


@rule(
    "section-args-ignored",
    Severity.WARNING,
    "Words behind a section's name that mean nothing",
    why="`%help`, `%labels`, `%environment` and `%arguments` take nothing on their line: what stands there is "
    "dropped, not made part of the section.",
    wrong=_BASE + "%environment LC_ALL=C\n    export LC_ALL\n",
    right=_BASE + "%environment\n    export LC_ALL=C\n",
    source="seen in real runs of Apptainer 1.4.5",
)
def _section_args_ignored(linted: Linted) -> Iterator[Problem]:
    for _, section in linted.sections:
        words = section.arguments.partition("#")[0].strip()
        if section.name in ("help", "labels", "environment", "arguments") and words:
            yield Problem(
                f"`{shown(words)}` behind `%{section.name}` is ignored; move it to a line below.",
                linted.whole_line(section.start_line),
            )


@rule(
    "app-name",
    Severity.ERROR,
    "An app section without a usable name",
    why="App sections are written in small letters, with one space and the app's name behind them. The name "
    "becomes a folder below /scif/apps, so it holds no `/`.",
    wrong=_BASE + "%apprun  moo\n    exec cowsay moo\n",
    right=_BASE + "%apprun moo\n    exec cowsay moo\n",
    source=_PARSER,
)
def _app_name(linted: Linted) -> Iterator[Problem]:
    certain = sections_meant(linted)
    for fault in faults(linted, "app-name"):
        number = fault.position.line
        line = linted.line(number)
        wide = re.match(r"(%+\w+)[ \t]+(\S+)\s*$", line)
        fixes: tuple[Fix, ...] = ()
        if wide:
            at = linted.in_line(number, 0, len(line))
            # Safe: the recipe is rejected as it stands, and the line surely is not text of something else.
            fixes = linted.fix(
                "Write one space before the app's name", (at, line, f"{wide[1]} {wide[2]}"), safe=number in certain
            )
        yield Problem(told(fault), linted.whole_line(number), fixes)
    for _, section in linted.sections:
        if section.name in APP_SECTIONS and "/" in section.app:
            yield Problem(
                f"`{shown(section.app)}` cannot be an app's name: it holds a `/`.",
                linted.whole_line(section.start_line),
            )
