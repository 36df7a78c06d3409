"""Rules about `%environment` and what a container sees when it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .findings import Fix, Problem, Range, Severity
from .linted import Linted
from .registry import rule

_BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
_ALWAYS_THERE = frozenset(
    ("PATH", "HOME", "PWD", "USER", "LANG", "LC_ALL", "SHELL", "TERM", "IFS", "LD_LIBRARY_PATH", "PS1")
)
_NAME = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)(\}|[^A-Za-z0-9_{}]|$|:?[-=+?])")

_GIVEN_NAME = re.compile(r"\b(?:read|for)\s+([A-Za-z_]\w*)")
_SOURCED = re.compile(r"(?:\.|source|eval)\s")


def _stands_alone(text: str, match: re.Match[str]) -> bool:
    """Whether a command begins there; asked of the few places found, for a pattern that asks first is slow."""
    return match.start() == 0 or text[match.start() - 1] in ";&" or text[match.start() - 1].isspace()


@rule(
    "env-in-post",
    Severity.WARNING,
    "`%post` uses a variable that is set only in `%environment`",
    why="`%environment` holds when the container runs, not while it is built: in `%post` the variable is empty. "
    "Set it there as well.",
    wrong=_BASE + "%environment\n    export COW=/opt/cow\n%post\n    mkdir -p $COW/bin\n",
    right=_BASE + "%environment\n    export COW=/opt/cow\n%post\n    COW=/opt/cow\n    mkdir -p $COW/bin\n",
    source="Apptainer's documentation of %environment; singularity#1284, apptainer#659",
)
def _env_in_post(linted: Linted) -> Iterator[Problem]:
    for stage in linted.stages:
        post, environment = stage.shell_body("post"), stage.shell_body("environment")
        if post is None or environment is None or not post.is_read or not environment.is_read:
            continue
        names = {environment.text_of(node) for node in environment.nodes("assigned")} - _ALWAYS_THERE
        names -= {post.text_of(node) for node in post.nodes("assigned")}
        names -= set(_GIVEN_NAME.findall(post.text)) if names else set()
        if not names or any(_stands_alone(post.text, match) for match in _SOURCED.finditer(post.text)):
            continue
        seen: set[str] = set()
        for kind in ("parameter", "expansion"):
            for node in post.nodes(kind):
                match = _NAME.match(post.text_of(node).strip())
                if match is None or match[1] not in names or match[1] in seen or re.match(r":?[-=+?]", match[2]):
                    continue
                seen.add(match[1])
                yield Problem(f"`{match[1]}` is set in `%environment` only, so it is empty here.", post.range_of(node))


@rule(
    "env-not-exported",
    Severity.WARNING,
    "A variable that no program will see",
    why="`%environment` is read by Apptainer, and only exported variables reach the programs in the container.",
    wrong=_BASE + "%environment\n    COW=/opt/cow\n",
    right=_BASE + "%environment\n    export COW=/opt/cow\n",
    source="Apptainer's documentation of %environment; seen in real runs",
)
def _env_not_exported(linted: Linted) -> Iterator[Problem]:
    for stage in linted.stages:
        body = stage.shell_body("environment")
        if body is None or not body.is_read:
            continue
        script = stage.scripts.script("environment")
        read = {match[1] for match in _NAME.finditer(body.text)}
        for name, variable in script.variables.items():
            if variable.exported or name in read or re.search(r"\bset\s+-\w*a", body.text):
                continue
            at = variable.position
            place = Range(at, type(at)(at.line, at.column + len(name)))
            if linted.written(place) == name and not re.search(rf"\bfor\s+{name}\b", body.text):
                empty = Range(at, at)
                fixes = linted.fix("Export it", (empty, "", "export "))
                yield Problem(f"`{name}` is not exported, so programs in the container do not see it.", place, fixes)


@rule(
    "env-default-host",
    Severity.INFO,
    "A default that always wins",
    why="The host's variables are cleared before `%environment` is read, so `${NAME:-default}` is always the "
    "default. Those who run the image set it with `--env NAME=…`.",
    wrong=_BASE + "%environment\n    export COW=${COW:-/opt/cow}\n",
    right=_BASE + "%environment\n    export COW=/opt/cow\n",
    source="seen in real runs of Apptainer 1.4.5 (its documentation says otherwise); singularity#4827",
)
def _env_default_host(linted: Linted) -> Iterator[Problem]:
    for stage in linted.stages:
        body = stage.shell_body("environment")
        if body is None or not body.is_read:
            continue
        for node in body.nodes("expansion"):
            match = re.match(r"\$\{([A-Za-z_]\w*):?-", body.text_of(node).strip())
            if match and match[1] not in _ALWAYS_THERE and not match[1].startswith(("APPTAINER", "SINGULARITY")):
                yield Problem(
                    f"`{match[1]}` of the host does not reach this line: the default always wins.", body.range_of(node)
                )


@rule(
    "runscript-args",
    Severity.INFO,
    "A runscript that passes no arguments on",
    why='What is typed behind `apptainer run image.sif` reaches the runscript as `"$@"`. Without it, options are '
    "dropped without a word.",
    wrong=_BASE + "%runscript\n    exec cowsay\n",
    right=_BASE + '%runscript\n    exec cowsay "$@"\n',
    source="Apptainer's documentation of %runscript",
)
def _runscript_args(linted: Linted) -> Iterator[Problem]:
    for stage in linted.stages:
        for name in ("runscript", "apprun"):
            for section in stage.stage.named(name):
                lines = [
                    line for line in section.body.text.split("\n") if line.strip() and not line.lstrip().startswith("#")
                ]
                text = "\n".join(lines)
                if not lines or re.search(r"\$\{?[@*#1-9]|\bshift\b|\bargv\b", text) or _only_talks(lines):
                    continue
                row = next(i for i, line in enumerate(section.body.text.split("\n")) if line == lines[-1])
                at = section.body.position(row, 0).line
                last = lines[-1].rstrip()
                place = linted.whole_line(at)
                fixes: tuple[Fix, ...] = ()
                if len(lines) == 1 and re.fullmatch(r"\s*exec\s[^|;&<>()]+", last):
                    fixes = linted.fix('Add `"$@"`', (Range(place.end, place.end), "", ' "$@"'))
                yield Problem(f'`%{section.name}` does not pass its arguments on: `"$@"` is missing.', place, fixes)


def _only_talks(lines: list[str]) -> bool:
    return all(
        line.split()[line.split()[0] == "exec" and len(line.split()) > 1]
        in ("echo", "printf", "cat", "date", "true", "exit", ":")
        for line in lines
    )
