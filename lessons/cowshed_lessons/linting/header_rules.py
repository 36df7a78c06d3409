"""Rules about the header's lines."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from cowshed_lessons.recipe_faults import SPELT_KEYS, Fault, shown
from cowshed_lessons.verdict import Position

from .findings import Fix, Problem, Range, Severity, TextEdit
from .linted import HeaderKey, Linted
from .registry import rule

_BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
_PARSER = "Apptainer 1.4.5, pkg/build/types/parser; seen in real runs"


def faults(linted: Linted, *kinds: str) -> Iterator[Fault]:
    """What the reader found, of certain kinds."""
    return (fault for fault in linted.recipe.faults if fault.kind in kinds)


def told(fault: Fault) -> str:
    """A fault as one message. The hint is left out where it only says again what was meant."""
    if fault.suggestion and fault.message.endswith(f"`{fault.suggestion}`?"):
        return fault.message
    return f"{fault.message} {fault.hint}".strip()


def problem_of(fault: Fault, fixes: tuple[Fix, ...] = ()) -> Problem:
    """A fault as a problem."""
    return Problem(told(fault), Range(fault.position, fault.end), fixes)


@rule(
    "bom-encoding",
    Severity.ERROR,
    "The file is not plain UTF-8",
    why="A byte order mark is invisible, but it is part of the first key's name for Apptainer; UTF-16 has a null "
    "byte beside every letter. Save the file as UTF-8 without a mark.",
    wrong="\ufeff" + _BASE,
    right=_BASE,
    source="seen in real runs of Apptainer 1.4.5; ShellCheck SC1082",
)
def _bom_encoding(linted: Linted) -> Iterator[Problem]:
    text = linted.text
    if text.startswith("\ufeff"):
        at = linted.between(0, 1)
        # Safe: with it, Apptainer rejects the recipe.
        fix = Fix("Remove the byte order mark", (TextEdit(at, ""),), safe=True)
        yield Problem("The file begins with an invisible byte order mark, which Apptainer rejects.", at, (fix,))
        return
    start = text[:2].encode("utf-8", "surrogateescape") if text[:2].isascii() or text[:1] >= "\udc80" else b""
    if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        everything = linted.between(0, len(text))
        fixes: tuple[Fix, ...] = ()
        try:
            plain = text.encode("utf-8", "surrogateescape").decode("utf-16")
            # Safe: Apptainer cannot read it as it stands.
            fixes = (Fix("Turn it into UTF-8", (TextEdit(everything, plain),), safe=True),)
        except UnicodeError:
            pass
        yield Problem("The file is UTF-16, which Apptainer cannot read.", linted.between(0, 2), fixes)


@rule(
    "recipe-empty",
    Severity.ERROR,
    "There is no recipe in the file",
    why="Nothing but blank lines and comments: Apptainer ends with “no stages found in definition file”.",
    wrong="# later\n",
    right=_BASE,
    source=_PARSER,
)
def _recipe_empty(linted: Linted) -> Iterator[Problem]:
    for fault in faults(linted, "empty"):
        yield problem_of(fault)


@rule(
    "bootstrap-missing",
    Severity.ERROR,
    "A stage does not begin with `Bootstrap`",
    why="Apptainer cuts a recipe before every line that begins with `Bootstrap:`. Keys and sections above the "
    "first one are a stage of their own without a base, and the build ends.",
    wrong="From: ubuntu:22.04\nBootstrap: docker\n",
    right=_BASE,
    source="seen in real runs of Apptainer 1.4.5; like hadolint DL3061",
)
def _bootstrap_missing(linted: Linted) -> Iterator[Problem]:
    for number, stage in enumerate(linted.stages):
        if "bootstrap" in stage.stage.header or (not linted.recipe.accepted and not stage.stage.header):
            continue
        line = stage.header_keys[0].key_range.start.line if stage.header_keys else stage.stage.start_line
        if not stage.header_keys and stage.stage.sections:
            line = stage.stage.sections[0].start_line
        fixes: tuple[Fix, ...] = ()
        follower = linted.stages[number + 1] if number + 1 < len(linted.stages) else None
        if follower is not None and stage.header_keys and not stage.stage.sections:
            first, last = linted.starts[stage.stage.start_line - 1], linted.starts[follower.stage.start_line - 1]
            after = follower.stage.start_line
            moved = linted.text[first:last]
            end = linted.starts[after] if after < len(linted.starts) else len(linted.text)
            bootstrap = linted.text[last:end]
            if bootstrap.endswith("\n") and "{{" not in moved:
                # Safe: no build gets past a stage without a base.
                fixes = linted.fix(
                    "Move `Bootstrap` to the top",
                    (linted.between(first, end), moved + bootstrap, bootstrap + moved),
                    safe=True,
                )
        yield Problem("Nothing stands above the first `Bootstrap`: put it first.", linted.whole_line(line), fixes)


@rule(
    "header-no-value",
    Severity.ERROR,
    "A header line is not `Key: value`",
    why="Above the first section every line is a key, a colon and a value. Commands belong into a section.",
    wrong="Bootstrap: docker\nFrom ubuntu:22.04 please\nStage\n",
    right=_BASE,
    source=_PARSER,
)
def _header_no_value(linted: Linted) -> Iterator[Problem]:
    for fault in faults(linted, "header-no-value"):
        yield problem_of(fault)


@rule(
    "dockerfile-line",
    Severity.ERROR,
    "A line of a Dockerfile",
    why="Recipes have sections instead of instructions: `RUN` becomes a line of `%post`, `COPY` one of `%files`, "
    "`ENV` an `export` in `%environment`, `CMD` the `%runscript`.",
    wrong=_BASE + "RUN apt-get update\n",
    right=_BASE + "%post\n    apt-get update\n",
    source=_PARSER,
)
def _dockerfile_line(linted: Linted) -> Iterator[Problem]:
    for fault in faults(linted, "dockerfile"):
        yield problem_of(fault)


@rule(
    "key-unknown",
    Severity.ERROR,
    "A header key that Apptainer does not know",
    why="One unknown key and Apptainer rejects the whole recipe.",
    wrong="Bootstrap: docker\nFrm: ubuntu:22.04\n",
    right=_BASE,
    source=_PARSER,
)
def _key_unknown(linted: Linted) -> Iterator[Problem]:
    for fault in faults(linted, "key-unknown"):
        range_ = Range(fault.position, fault.end)
        written = linted.written(range_)
        edit = (range_, written, fault.suggestion)
        fixes = linted.fix(f"Write `{fault.suggestion}`", edit) if fault.suggestion else ()
        yield problem_of(fault, fixes)


@rule(
    "header-duplicate",
    Severity.WARNING,
    "A header key stands twice",
    why="Only the last one counts; the others are ignored without a word.",
    wrong=_BASE + "From: debian:12\n",
    right=_BASE,
    source=_PARSER,
)
def _header_duplicate(linted: Linted) -> Iterator[Problem]:
    for stage in linted.stages:
        last: dict[str, HeaderKey] = {item.key: item for item in stage.header_keys}
        for item in stage.header_keys:
            if last[item.key] is not item:
                line = item.key_range.start.line
                end = Position(line + 1, 1) if line < len(linted.starts) else item.value_range.end
                whole = Range(Position(line, 1), end)
                yield Problem(
                    f"`{spelt(item.key)}` stands again on line {last[item.key].key_range.start.line}, "
                    f"and only that one counts.",
                    Range(item.key_range.start, item.value_range.end),
                    linted.fix("Remove this line", (whole, linted.written(whole), "")),
                )


def spelt(key: str) -> str:
    """A key as people write it."""
    return SPELT_KEYS.get(key, key)


@rule(
    "header-hash",
    Severity.WARNING,
    "A header value is cut at a `#`",
    why="Everything from the first `#` on is a comment in the header, even in the middle of a word. There is no "
    "way around it: use an address without one.",
    wrong="Bootstrap: localimage\nFrom: images/base#2.sif\n",
    right="Bootstrap: localimage\nFrom: images/base-2.sif # the second\n",
    source="seen in real runs of Apptainer 1.4.5",
)
def _header_hash(linted: Linted) -> Iterator[Problem]:
    for stage in linted.stages:
        for item in stage.header_keys:
            end = item.value_range.end
            line = linted.line(end.line)
            at = end.column - 1
            if item.value and line[at : at + 1] == "#":
                word = re.match(r"#\S*", line[at:])
                length = len(word[0]) if word else 1
                yield Problem(
                    f"The value ends at the `#`: Apptainer reads `{shown(item.value)}`.",
                    linted.in_line(end.line, at, at + length),
                )


@rule(
    "header-quoted",
    Severity.ERROR,
    "Quotes in a header value",
    why="Header values are taken as they are: the quotes become part of the name of the image or agent.",
    wrong='Bootstrap: docker\nFrom: "ubuntu:22.04"\n',
    right=_BASE,
    source="seen in real runs of Apptainer 1.4.5",
)
def _header_quoted(linted: Linted) -> Iterator[Problem]:
    for stage in linted.stages:
        for item in stage.header_keys:
            value = item.value
            if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
                grave = item.key in ("bootstrap", "from", "mirrorurl", "osversion", "registry")
                edits = [(item.value_range, value, value[1:-1])]
                edits += _copies_from(linted, value) if item.key == "stage" else []
                yield Problem(
                    f"The quotes become part of the value of `{spelt(item.key)}`.",
                    item.value_range,
                    # Safe where no base can be found with the quotes; a quoted name of a stage works.
                    linted.fix("Remove the quotes", *edits, safe=grave),
                    None if grave else Severity.WARNING,
                )


def _copies_from(linted: Linted, name: str) -> list[tuple[Range, str, str]]:
    """Edits that take the quotes from a stage's name wherever `%files from` names it."""
    edits: list[tuple[Range, str, str]] = []
    for _, section in linted.sections:
        if section.name == "files" and section.arguments.partition("#")[0].split() == ["from", name]:
            at = linted.line(section.start_line).find(name)
            edits.append((linted.in_line(section.start_line, at, at + len(name)), name, name[1:-1]))
    return edits


@rule(
    "header-continuation",
    Severity.ERROR,
    "A backslash in the header that nothing follows",
    why="A header value may go on in the next line after a backslash. A blank line or a comment there makes "
    "Apptainer 1.4 crash (“assignment to entry in nil map”).",
    wrong="Bootstrap: yum\nMirrorURL: http://example.org/\nInclude: yum \\\n\n# more\n%post\n    true\n",
    right="Bootstrap: yum\nMirrorURL: http://example.org/\nInclude: yum\n\n# more\n%post\n    true\n",
    source=_PARSER,
)
def _header_continuation(linted: Linted) -> Iterator[Problem]:
    for fault in faults(linted, "header-continuation"):
        above = fault.position.line - 1
        text = linted.line(above)
        cut = text.rstrip()
        fixes: tuple[Fix, ...] = ()
        if cut.endswith("\\") and "#" not in cut:
            kept = cut[:-1].rstrip()
            at = linted.in_line(above, len(kept), len(text))
            # Safe: Apptainer 1.4 ends with a panic as it stands.
            fixes = linted.fix("Remove the backslash", (at, text[len(kept) :], ""), safe=True)
        yield problem_of(fault, fixes)
