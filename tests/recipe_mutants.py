"""Recipes with something changed at random, to compare our reader with Apptainer's; the same seed, the same ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

TOKENS = (
    "%", "%%", " %", "\t%", "%post", "%post ", "%post\t", "%POST", "%post:", "%pst", "%help", "%labels", "%files",
    "%files from build", "%environment", "%runscript", "%test", "%arguments", "%setup", "%pre", "%startscript",
    "%apprun", "%apprun ", "%apprun moo", "%apprun  moo", "%AppRun moo", "%appinstall a b", "%appfiles x",
    "%appenv x", "%post -c /bin/bash", "% post", "#", "# x", "#!", "\\", " \\", "\\\\", ":", ": ", " : ", "::", "\n",
    "\n\n", "\r\n", "\r", "\t", " ", "  ", "\0", "\ufeff", "\u00a0", "\u2028", "\u0085", "\x0b", "\x0c", "\x1c", "é",
    "İ", "ſ", "K", "\udcff", "\udce9", "{{ A }}", "{{A}}", "{{ B }}", "{{", "}}", "{{ a-b }}", "{{\nA\n}}",
    "{{ A}} #", "# {{ A }}", "A=1", "B={{ A }}", "A=", "=1", "Bootstrap: docker", "bootstrap: docker",
    "\nBootstrap: docker\n", "BOOTSTRAP:", "\nBootstrap:docker\nFrom: x\n", "Bootstrap : docker",
    "From: ubuntu:22.04", "From:", "From", "frm: x", "Stage: build", "OtherURL1: x", "OtherURL: x", "otherurl12: y",
    "Include: a \\\n", "Include: a \\\n\n", "Include: a \\\n# x\n", "MirrorURL: x", "\\n", "\\n\\\n", "'", '"',
    "k: v", "IncludeCmd: no", "post", "fingerprints: 1,2", "%arguments\n A=1\n", "<<EOF\n",
)  # fmt: skip


def _delete_line(lines: list[str], chance: random.Random) -> None:
    del lines[chance.randrange(len(lines))]


def _double_line(lines: list[str], chance: random.Random) -> None:
    lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines))


def _swap_lines(lines: list[str], chance: random.Random) -> None:
    a, b = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]


def _insert_token(lines: list[str], chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    column = chance.choice((0, 0, len(lines[at]), chance.randrange(len(lines[at]) + 1)))
    lines[at] = lines[at][:column] + chance.choice(TOKENS) + lines[at][column:]


def _token_line(lines: list[str], chance: random.Random) -> None:
    lines.insert(chance.randrange(len(lines) + 1), chance.choice(TOKENS))


def _delete_characters(lines: list[str], chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    if lines[at]:
        column = chance.randrange(len(lines[at]))
        lines[at] = lines[at][:column] + lines[at][column + chance.randint(1, 3) :]


def _change_case(lines: list[str], chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    lines[at] = chance.choice((lines[at].upper, lines[at].lower, lines[at].swapcase, lines[at].title))()


def _indent(lines: list[str], chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    lines[at] = chance.choice((" ", "\t", "  ", "\u00a0")) + lines[at]


def _dedent(lines: list[str], chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    lines[at] = lines[at].strip()


def _join(lines: list[str], chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    if at + 1 < len(lines):
        lines[at : at + 2] = [lines[at] + lines[at + 1]]


def _cut_short(lines: list[str], chance: random.Random) -> None:
    del lines[chance.randrange(len(lines)) + 1 :]


def _blow_up(lines: list[str], chance: random.Random) -> None:
    """Bring a section near to the length that Apptainer reads at once."""
    at = chance.randrange(len(lines))
    lines[at] += chance.choice(("x", "é", "\udcff")) * (65_500 // chance.choice((1, 2)) + chance.randrange(80))


_CHANGES: Sequence[Callable[[list[str], random.Random], None]] = (
    _delete_line, _double_line, _swap_lines, _insert_token, _insert_token, _insert_token, _token_line, _token_line,
    _delete_characters, _delete_characters, _change_case, _indent, _dedent, _join, _cut_short,
)  # fmt: skip


def mutants(originals: Sequence[str], number: int, seed: int) -> Iterator[str]:
    """Yield `number` changed recipes, each made of one of `originals` by one to four changes."""
    chance = random.Random(seed)
    for index in range(number):
        lines = chance.choice(originals).split("\n")
        for _ in range(chance.choice((1, 1, 2, 3, 4))):
            chance.choice(_CHANGES)(lines, chance)
            lines = lines or [""]
        if index % 50 == 49:
            _blow_up(lines, chance)
        yield "\n".join(lines)
