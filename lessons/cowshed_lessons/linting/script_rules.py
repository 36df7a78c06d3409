"""Rules about how scripts are run and written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cowshed_lessons.verdict import Position

from .bodies import ShellBody
from .findings import Fix, Problem, Range, Severity
from .header_rules import faults, told
from .linted import Linted
from .registry import rule

_BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
_REAL = "seen in real runs of Apptainer 1.4.5"
_MOST_LINES = 100
_INSTALLS = re.compile(
    r"(?:^|[\s;&|(])(?:apt|apt-get|aptitude|yum|dnf|microdnf|zypper|apk|pip[0-9.]*)\s(?:[^;&|#'\"]*\s)?(?:install|add)(?:\s|$)"
)
_TEXT_MAKERS = frozenset(("echo", "printf", "yes", "cat", "true", ":", "ls", "tee"))


def bodies(linted: Linted, *names: str) -> Iterator[ShellBody]:
    """The scripts of these names, all if there is none."""
    for stage in linted.stages:
        for body in stage.shell_bodies:
            if not names or body.name in names:
                yield body


@rule(
    "post-c-nothing",
    Severity.ERROR,
    "`%post -c` without a shell",
    why="`-c` is followed by the program that runs the script, and its options.",
    wrong=_BASE + "%post -c\n    true\n",
    right=_BASE + "%post -c /bin/bash -e\n    true\n",
    source=_REAL + ": “bad post section '-c' parameter”",
)
def _post_c_nothing(linted: Linted) -> Iterator[Problem]:
    for fault in faults(linted, "post-arguments"):
        yield Problem(told(fault), linted.whole_line(fault.position.line))


@rule(
    "post-c-no-errexit",
    Severity.WARNING,
    "`%post -c` without `-e`",
    why="With a shell of your own, Apptainer's `-e` is gone: commands that fail are passed over and the build "
    "succeeds. Add `-e` behind the shell.",
    wrong=_BASE + "%post -c /bin/bash\n    false\n    true\n",
    right=_BASE + "%post -c /bin/bash -e\n    false\n    true\n",
    source=_REAL,
)
def _post_c_no_errexit(linted: Linted) -> Iterator[Problem]:
    for _, section in linted.sections:
        given = section.arguments.partition("#")[0].rstrip()
        words = given.split()
        if section.name != "post" or len(words) < 2 or words[0] != "-c":
            continue
        if any(re.fullmatch(r"-[a-zA-Z]*e[a-zA-Z]*", word) or word == "errexit" for word in words[2:]):
            continue
        if not re.fullmatch(r"(?:\S*/)?(?:ba|da|z|k|a)?sh", words[1]):
            continue
        if re.search(r"^\s*set\s+(-[a-zA-Z]*e|-o\s+errexit)", section.body.text, re.MULTILINE):
            continue
        number = section.start_line
        line = linted.line(number)
        at = len(line.partition("#")[0].rstrip())
        place = Range(Position(number, at + 1), Position(number, at + 1))
        yield Problem(
            f"`%post {given}` goes on after a command that fails; write `%post {given} -e`.",
            linted.whole_line(number),
            linted.fix("Add `-e`", (place, "", " -e")),
        )


@rule(
    "post-shebang",
    Severity.WARNING,
    "A `#!` line in `%post`",
    why="`%post` is always run by `/bin/sh -e`; a `#!` line is a comment. Another shell is chosen with `%post -c`.",
    wrong=_BASE + "%post\n#!/bin/bash\n    true\n",
    right=_BASE + "%post -c /bin/bash -e\n    true\n",
    source="Apptainer's documentation of %post; seen in real runs",
)
def _post_shebang(linted: Linted) -> Iterator[Problem]:
    for _, section in linted.sections:
        if section.name not in ("post", "setup", "pre", "appinstall"):
            continue
        number, text = linted.first_line_of(section.body) or (0, "")
        shell = re.match(r"\s*#!\s*(\S+)(.*)", text)
        if shell:
            fixes: tuple[Fix, ...] = ()
            below = Position(number + 1, 1)
            if number < len(linted.starts):
                whole = Range(Position(number, 1), below)
                fixes = linted.fix("Remove the line", (whole, linted.written(whole), ""))
                head = linted.whole_line(section.start_line)
                if section.name == "post" and shell[1].endswith("bash") and linted.written(head).lower() == "%post":
                    fixes += linted.fix(
                        "Let bash run it",
                        (head, linted.written(head), "%post -c /bin/bash -e"),
                        (whole, linted.written(whole), ""),
                    )
            yield Problem(
                f"`{shell[0].strip()}` is only a comment here: `/bin/sh` runs it.", linted.whole_line(number), fixes
            )


@rule(
    "script-shebang-late",
    Severity.WARNING,
    "A `#!` line that is not the first",
    why="`%runscript`, `%startscript` and `%test` may begin with `#!`, but only on the very first line: below a "
    "blank line it is a comment, and `/bin/sh` runs the script.",
    wrong=_BASE + "%runscript\n\n#!/bin/bash\n    exec cowsay moo\n",
    right=_BASE + "%runscript\n#!/bin/bash\n    exec cowsay moo\n",
    source=_REAL + "; ShellCheck SC1128",
)
def _script_shebang_late(linted: Linted) -> Iterator[Problem]:
    for _, section in linted.sections:
        if section.name not in ("runscript", "startscript", "test"):
            continue
        number, text = linted.first_line_of(section.body) or (0, "")
        if text.lstrip().startswith("#!") and (number > section.start_line + 1 or text[:1].isspace()):
            first = Position(section.start_line + 1, 1)
            blank = Range(first, Position(number, len(text) - len(text.lstrip()) + 1))
            fixes = linted.fix(
                "Move it to the first line", (blank, linted.written(blank), "")
            )  # that shell may be missing
            late = "has no blank before it and is" if text[:1].isspace() else "is"
            message = f"A `#!` counts only where it {late} the first line below `%{section.name}`."
            yield Problem(message, linted.whole_line(number), fixes)


@rule(
    "script-c",
    Severity.ERROR,
    "`-c` behind a section that does not take it",
    why="Only `%post` takes `-c`. Behind `%runscript` it makes a script that does not run; begin the script with "
    "`#!` instead.",
    wrong=_BASE + "%runscript -c /bin/bash\n    exec cowsay moo\n",
    right=_BASE + "%runscript\n#!/bin/bash\n    exec cowsay moo\n",
    source=_REAL + "; sylabs#871",
)
def _script_c(linted: Linted) -> Iterator[Problem]:
    for _, section in linted.sections:
        if section.name in ("runscript", "startscript", "test") and section.arguments.lstrip().startswith("-c"):
            line = linted.whole_line(section.start_line)
            shell = section.arguments.split()[1:2]
            first = section.body.text.split("\n", 1)[0]
            fixes: tuple[Fix, ...] = ()
            if shell and not first.startswith("#!"):
                new = f"%{section.name}\n#!{shell[0]}"
                fixes = linted.fix("Write it as a `#!` line", (line, linted.written(line), new))
            yield Problem(f"`%{section.name}` does not take `-c`; begin the script with `#!`.", line, fixes)


@rule(
    "heredoc-end",
    Severity.ERROR,
    "A heredoc without its end",
    why="The word that ends a heredoc stands alone at the left edge (with `<<-`, behind tabs only). Otherwise "
    "the rest of the script becomes part of the text, and the build succeeds without it.",
    wrong=_BASE + "%post\n    cat > /opt/hello <<EOF\nmoo\n    EOF\n    chmod +x /opt/hello\n",
    right=_BASE + "%post\n    cat > /opt/hello <<EOF\nmoo\nEOF\n    chmod +x /opt/hello\n",
    source=_REAL + "; ShellCheck SC1039, SC1044",
)
def _heredoc_end(linted: Linted) -> Iterator[Problem]:
    for body in bodies(linted):
        found = body.open_heredoc
        if found is None or found.cut_at:
            continue
        last = body.sections[-1].end_line
        if found.near is None and linted.has_line_below(last, found.end, strip_tabs=found.strips_tabs):
            continue  # it is cut by a line that begins a section or a stage: other rules say so
        fixes: tuple[Fix, ...] = ()
        message = f"This heredoc has no end: `{found.end}` must stand alone at the left edge."
        if found.near is not None:
            line = body.lines[found.near]
            start, end = body.body.position(found.near, 0), body.body.position(found.near, len(line))
            message = f"`{found.end}` on line {start.line} does not end this heredoc, for there are blanks around it."
            fixes = linted.fix("Move it to the left edge", (Range(start, end), line, found.end))
        yield Problem(message, found.range, fixes)


@rule(
    "space-after-backslash",
    Severity.ERROR,
    "Blanks behind a backslash at the end of a line",
    why="A backslash joins the next line only if nothing stands behind it. With a blank there, the next line is "
    "a command of its own.",
    wrong=_BASE + "%post\n    apt-get update && apt-get install -y \\ \n        cowsay\n",
    right=_BASE + "%post\n    apt-get update && apt-get install -y \\\n        cowsay\n",
    source="POSIX shell; ShellCheck SC1101",
)
def _space_after_backslash(linted: Linted) -> Iterator[Problem]:
    for body in bodies(linted):
        for row, line in enumerate(body.lines):
            bare = line.rstrip(" \t")
            if not bare.endswith("\\") or len(bare) == len(line):
                continue
            if (len(bare) - len(bare.rstrip("\\"))) % 2 == 0 or body.is_literal(row, len(bare) - 1):
                continue
            if body.is_quoted(row, len(bare) - 1):
                continue
            at = body.place(row, len(bare), len(line))
            yield Problem(
                "The blank behind the backslash keeps the next line from being joined.",
                at,
                linted.fix("Remove the blank", (at, line[len(bare) :], "")),
                None if _is_broken_in_two(body, row) else Severity.WARNING,
            )


def _is_broken_in_two(body: ShellBody, row: int) -> bool:
    """Whether a line with a blank behind its backslash surely was meant to go on in the next one.

    The next line is no command of its own, or a package manager is told to install a blank.
    """
    below = body.lines[row + 1].strip() if row + 1 < len(body.lines) else ""
    if re.match(r"-|&&|\|\|?|;|[0-9]?>|<", below):
        return True
    first = row
    while first and row - first < _MOST_LINES and body.lines[first - 1].rstrip(" \t").endswith("\\"):
        first -= 1
    return bool(below) and any(_INSTALLS.search(line) for line in body.lines[first : row + 1])


@rule(
    "post-and-list",
    Severity.INFO,
    "A failure that does not end the build",
    why="The shell's `-e` looks only at the last command of `a && b`: if `a` fails, the build goes on as if "
    "nothing had happened. Two lines do what is meant.",
    wrong=_BASE + "%post\n    cd /opt && ./configure\n    make\n",
    right=_BASE + "%post\n    cd /opt\n    ./configure\n    make\n",
    source=_REAL + "; singularity#1597",
)
def _post_and_list(linted: Linted) -> Iterator[Problem]:
    for body in bodies(linted, "post", "setup", "pre"):
        end = len(body.source.rstrip())
        for node in body.outermost("list"):
            text = body.source[node.start_byte : node.end_byte]
            before = body.source[max(0, node.start_byte - 8) : node.start_byte].split()
            asked = bool(before) and before[-1] in (b"if", b"while", b"until", b"elif", b"!")
            if b"&&" in text and b"||" not in text and not asked and node.end_byte < end:
                yield Problem("If a command before `&&` fails, the build goes on.", body.range_of(node))


@rule(
    "pipe-no-pipefail",
    Severity.INFO,
    "Only the last command of a pipe counts",
    why="If the first command of a pipe fails, a download say, the build goes on with nothing. Write to a file "
    "first, or let bash run `%post` with `-o pipefail` (dash in Debian 12 and Ubuntu 22.04 does not know that "
    "option).",
    wrong=_BASE + "%post\n    curl -fsSL http://example.org/a.tgz | tar -xz -C /opt\n",
    right=_BASE + "%post\n    curl -fsSLo a.tgz http://example.org/a.tgz\n    tar -xzf a.tgz -C /opt\n    rm a.tgz\n",
    source=_REAL + "; like hadolint DL4006",
)
def _pipe_no_pipefail(linted: Linted) -> Iterator[Problem]:
    for body in bodies(linted, "post", "setup", "pre"):
        if "pipefail" in body.text or "pipefail" in body.arguments:
            continue
        for node in body.outermost("pipeline"):
            words = body.source[node.start_byte : node.start_byte + 80].split()
            first = words[0].decode("utf-8", "replace").rpartition("/")[2] if words else ""
            if first not in _TEXT_MAKERS and not body.is_tolerated(node):
                yield Problem(
                    f"If `{first}` fails, nothing notices: only the last command of a pipe counts.", body.range_of(node)
                )
