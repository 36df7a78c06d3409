"""Rules about `%files` and stages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from cowshed_lessons.recipe_faults import shown
from cowshed_lessons.sections import Section

from .findings import Fix, Problem, Range, Severity
from .header_rules import faults, told
from .linted import Linted
from .registry import rule

_BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
_REAL = "seen in real runs of Apptainer 1.4.5"
_WORD = re.compile(r"""(?:"[^"]*"|'[^']*'|\{\{[^{}\n]*\}\}|[^\s"'{]|\{(?!\{)|["'])+""")
_LONGEST = 2_000
_MOST_LINES = 2_000
_PASSING = ("/tmp", "/var/tmp", "/home")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of `%files`: its words with their places, and the section."""

    section: Section
    number: int
    text: str
    words: tuple[str, ...]
    ranges: tuple[Range, ...]

    @property
    def destination(self) -> str:
        return self.words[1].strip('"') if len(self.words) > 1 else ""


def _lines(linted: Linted) -> Iterator[_Line]:
    """The lines of all `%files`, of a recipe without measure only the first."""
    return islice(_all_lines(linted), _MOST_LINES)


def _all_lines(linted: Linted) -> Iterator[_Line]:
    for _, section in linted.sections:
        if section.name != "files":
            continue
        for number in range(section.start_line + 1, section.end_line + 1):
            text = linted.line(number)
            stripped = text.strip()
            if stripped and not stripped.startswith("#") and len(text) <= _LONGEST:
                found = list(_WORD.finditer(text))
                yield _Line(
                    section,
                    number,
                    text,
                    tuple(match[0] for match in found),
                    tuple(linted.in_line(number, match.start(), match.end()) for match in found),
                )


@rule(
    "files-args",
    Severity.ERROR,
    "`%files` with words that copy nothing",
    why="`%files` takes nothing behind it, or `from STAGE`: exactly two words. With anything else, even with two "
    "blanks, Apptainer copies nothing and says nothing.",
    wrong=_BASE + "%files build\n    a.txt /opt/a.txt\n",
    right=_BASE + "%files\n    a.txt /opt/a.txt\n",
    source=_REAL,
)
def _files_args(linted: Linted) -> Iterator[Problem]:
    for _, section in linted.sections:
        given = section.arguments.partition("#")[0]
        words = given.split()
        if section.name != "files" or not given or len(words) == 2 or not section.body.text.strip():
            continue
        number = section.start_line
        line = linted.line(number)
        at = linted.in_line(number, 0, len(line))
        if words:
            names = [stage.stage.name for stage in linted.stages]
            fixes: tuple[Fix, ...] = ()
            if len(words) == 1 and words[0] in names:
                fixes = linted.fix(f"Write `from {words[0]}`", (at, line, f"%files from {words[0]}"))
            yield Problem(f"`%files {shown(given.strip())}` copies nothing: write `%files from STAGE`.", at, fixes)
        else:
            tidy = line.rstrip() if "#" not in line else re.sub(r"\s*#", " #", line, count=1)
            fixes = linted.fix("Remove the blanks", (at, line, tidy))  # not safe: what is copied then may not exist
            yield Problem("The blanks behind `%files` make Apptainer copy nothing at all.", at, fixes)


@rule(
    "files-comment",
    Severity.ERROR,
    "A comment behind a file to copy",
    why="`%files` knows comments only on lines of their own. Behind a single path the `#` is the place to copy "
    "to: a file called `/#`.",
    wrong=_BASE + "%files\n    a.txt # the data\n",
    right=_BASE + "%files\n    # the data\n    a.txt /a.txt\n",
    source=_REAL,
)
def _files_comment(linted: Linted) -> Iterator[Problem]:
    for line in _lines(linted):
        if len(line.words) > 1 and line.words[1].startswith("#"):
            start = line.ranges[1].start.column - 1
            cut = len(line.text[:start].rstrip())
            at = linted.in_line(line.number, cut, len(line.text))
            yield Problem(
                f"This copies to `{shown(line.words[1])}`: a comment needs a line of its own.",
                linted.in_line(line.number, start, len(line.text.rstrip())),
                linted.fix("Remove the comment", (at, line.text[cut:], "")),  # not safe: it copies to elsewhere then
            )


@rule(
    "files-words",
    Severity.WARNING,
    "More than two paths on a line of `%files`",
    why="Only the first two words count: what to copy, and where to. Several sources need a line each; a path "
    "with blanks needs double quotes.",
    wrong=_BASE + "%files\n    a.txt b.txt /opt/\n",
    right=_BASE + "%files\n    a.txt /opt/a.txt\n    b.txt /opt/b.txt\n",
    source=_REAL,
)
def _files_words(linted: Linted) -> Iterator[Problem]:
    for line in _lines(linted):
        if len(line.words) > 2 and not any(word.startswith("#") for word in line.words[1:3]):
            yield Problem(
                f"`{shown(line.words[2])}` and what follows is ignored: a line names one source and one destination.",
                Range(line.ranges[2].start, line.ranges[-1].end),
            )


@rule(
    "files-single-quote",
    Severity.ERROR,
    "Single quotes in `%files`",
    why="Only double quotes group words; single ones break the expansion of the path.",
    wrong=_BASE + "%files\n    'my data.txt' /opt/data.txt\n",
    right=_BASE + '%files\n    "my data.txt" /opt/data.txt\n',
    source=_REAL,
)
def _files_single_quote(linted: Linted) -> Iterator[Problem]:
    for line in _lines(linted):
        for place, (word, range_) in enumerate(zip(line.words[:2], line.ranges, strict=False)):
            if "'" in word:
                whole = len(word) > 2 and word[0] == word[-1] == "'" and '"' not in word and word.count("'") == 2
                # Safe in a source that holds nothing for the shell: it cannot be found with the single quotes. A
                # destination is made with them.
                is_safe = place == 0 and not re.search(r"[$`\\*?\[]", word)
                edit = (range_, word, f'"{word[1:-1]}"')
                fixes = linted.fix("Use double quotes", edit, safe=is_safe) if whole else ()
                yield Problem("Only double quotes group words here.", range_, fixes)


@rule(
    "files-dst-var",
    Severity.WARNING,
    "A variable or `~` in the destination of `%files`",
    why="Sources are expanded on the host; destinations are taken as they are, so that a folder called `$HOME` "
    "comes into being.",
    wrong=_BASE + "%files\n    a.txt $HOME/a.txt\n",
    right=_BASE + "%files\n    $HOME/a.txt /opt/a.txt\n",
    source=_REAL,
)
def _files_dst_var(linted: Linted) -> Iterator[Problem]:
    for line in _lines(linted):
        to = line.destination
        if "$" in to or to.startswith("~"):
            yield Problem(f"`{shown(to)}` is taken word for word: nothing is filled in here.", line.ranges[1])


@rule(
    "files-tmp",
    Severity.WARNING,
    "Files are copied to where nobody sees them",
    why="/tmp and /var/tmp in `%post` and at run time are the host's, /home is the host's at run time: what the "
    "image holds there is hidden. Copy to /opt, say.",
    wrong=_BASE + "%files\n    a.txt /tmp/a.txt\n",
    right=_BASE + "%files\n    a.txt /opt/a.txt\n",
    source=_REAL + "; singularity#5514, #2707",
)
def _files_tmp(linted: Linted) -> Iterator[Problem]:
    for line in _lines(linted):
        to = line.destination or line.words[0].strip('"')
        folder = next((folder for folder in _PASSING if to == folder or to.startswith(folder + "/")), "")
        if folder:
            yield Problem(
                f"What is copied to {folder} is hidden behind the host's {folder}.",
                line.ranges[1 if line.destination else 0],
            )


@rule(
    "files-stage",
    Severity.ERROR,
    "`%files from` a stage that is not above",
    why="Files come from a stage that is finished: one above, by the name in its `Stage:` line.",
    wrong=_BASE + "Stage: final\n%files from build\n    /opt/a /opt/a\n",
    right=_BASE + "Stage: build\n%post\n    touch /opt/a\n\n" + _BASE + "Stage: final\n%files from build\n    /opt/a\n",
    source=_REAL + "; like hadolint DL3022, DL3023",
)
def _files_stage(linted: Linted) -> Iterator[Problem]:
    names = [stage.stage.name for stage in linted.stages if stage.stage.name]
    for fault in faults(linted, "files-stage"):
        number = fault.position.line
        line = linted.line(number)
        word = line.partition("#")[0].split()[-1:]
        fixes: tuple[Fix, ...] = ()
        if word and len(names) == 2:
            at = line.rindex(word[0])
            place = linted.in_line(number, at, at + len(word[0]))
            fixes = linted.fix(f"Copy from `{names[0]}`", (place, word[0], names[0]))
        yield Problem(told(fault), linted.whole_line(number), fixes)


@rule(
    "stage-duplicate",
    Severity.ERROR,
    "Two stages have the same name",
    why="`%files from` takes the first one of that name; the other cannot be copied from.",
    wrong=_BASE + "Stage: build\n\n" + _BASE + "Stage: build\n\n" + _BASE + "%files from build\n    /opt/a\n",
    right=_BASE + "Stage: build\n\n" + _BASE + "Stage: tools\n\n" + _BASE + "%files from build\n    /opt/a\n",
    source=_REAL + "; like hadolint DL3024",
)
def _stage_duplicate(linted: Linted) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for stage in linted.stages:
        name = stage.stage.name
        if name and name in first:
            used = any(section.arguments.split()[1:2] == [name] for _, section in linted.sections)
            yield Problem(
                f"A stage on line {first[name]} is called `{shown(name)}` too, and only that one can be copied from.",
                stage.range_of("stage"),
                severity=None if used else Severity.WARNING,
            )
        elif name:
            first[name] = stage.range_of("stage").start.line
