"""Recipes that are made to be slow, of any size: each repeats something that a reader might take too long for."""

from __future__ import annotations

import random
from collections.abc import Iterator

HEAD = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
_LARGEST_SECTION = 60_000  # characters; Apptainer reads no section beyond 65,535 bytes
_SIGNS = "%#{}$()\"'`\\|&;<> \n\tabc="

# Repeated inside scripts.
_PIECES = {
    "open substitutions": "$(",
    "open substitutions in words": "echo $(",
    "open substitutions in quotes": 'echo "$(',
    "open substitutions, a line each": "echo $(\n",
    "open substitutions, assigned": "a=$(",
    "open backquotes": "`",
    "open backquotes in words": "echo `",
    "open arithmetic": "((",
    "open arithmetic in words": "echo $((",
    "open arithmetic, a line each": "((\n",
    "open groups": "{ ",
    "open groups, a line each": "{\n",
    "open templates": "{{",
    "open templates in words": "echo {{ ",
    "templates": "{{ A }}",
    "templates without a name": "{{ }}",
    "braces": "{a,",
    "closed braces": "echo {a,b}{c,d}{e,f}\n",
    "open tests": "[[ ",
    "open brackets": "[ ",
    "open expansions": "${a:-",
    "open expansions in quotes": '"${a:-',
    "open process substitutions": "cat <(",
    "open subshells": "( ",
    "open subshells, a line each": "(\n",
    "open arrays": "a=( ",
    "closing brackets": ")",
    "closing braces": "}",
    "open ifs": "if true; then\n",
    "open whiles": "while true; do\n",
    "open fors": "for a in b; do ",
    "open cases": "case a in b) ",
    "open cases, a line each": "case a in\nb)\n",
    "open functions": "f() {\n",
    "closing words": "fi\n",
    "heredocs without an end": "cat <<E\n",
    "heredocs on one line": "<<A ",
    "heredocs with tabs": "cat <<-'E'\n\tx\n",
    "heredocs, each with its end": "cat <<E\n$(x)\nE\n",
    "here-strings": "<<< a ",
    "lists": " x &&",
    "alternatives": "a || ",
    "a pipeline": "a | ",
    "pipelines": "a | b | c\n",
    "redirections": "> a ",
    "open single quotes": "'\n",
    "open double quotes": '"\n',
    "double quotes": '" a',
    "escaped quotes": "\\'\\\"",
    "continued lines": "\\\n",
    "continued words": "a \\\n",
    "backslashes": "\\",
    "backslashes and blanks": "a \\ \n",
    "comments": "# a\n",
    "comments behind commands": "a # b ' \" $(\n",
    "semicolons": ";",
    "case ends": ";;",
    "ampersands": "&",
    "equals": "a=",
    "dollars": "$",
    "parameters": "$a",
    "doubled variables": "a=$a$a\n",
    "exports": "export A=$A:/b\n",
    "appended arrays": "a+=(b c)\n",
    "array items": "${a[@]}",
    "installs": "apt-get install -y x\n",
    "written configurations": "echo 'a \"b\";' > /etc/apt/apt.conf.d/a\napt-get install x\n",
    "aliases": "alias a=b\n",
    "calls of shells": "sh -c 'a; b'\n",
    "calls of eval": 'eval "a; b"\n',
    "scripts": '    apt-get install -y x && echo "$Y" | tee /z\n',
    "words like secrets": "password=",
    "addresses": "://a:",
    "tokens": "ghp_",
    "blank lines": "\n",
    "blanks": " ",
    "tabs": "\t",
    "carriage returns": "\r",
    "nulls": "\0",
    "bytes": "\udcff",
    "wide characters": "\U0001f404",
    "form feeds": "\f",
    "loops over words": "for a in 1 2 3 4 5 6 7 8 9; do\n  echo $a\ndone\n",
    "loops in loops": "for a in 1 2 3 4 5 6 7 8 9; do ",
    "xargs": "echo a b c | xargs rm\n",
}  # fmt: skip


def hard_recipes(size: int = 1_000_000) -> Iterator[tuple[str, str]]:
    """Name and text of each, about `size` characters long.

    What is repeated in scripts comes in sections as long as Apptainer reads them, and in one section for all.
    """
    for name, piece in _PIECES.items():
        yield f"{name}, in sections", _in_sections(piece, size)
        yield f"{name}, in one", HEAD + "%post\n" + piece * (size // len(piece)) + "\n"
    yield from _nested(size)
    yield from _frames(size)
    chance = random.Random(1)
    yield "noise", "".join(chance.choice(_SIGNS) for _ in range(size))
    yield "noise in scripts", _in_sections("".join(chance.choice(_SIGNS[1:]) for _ in range(_LARGEST_SECTION)), size)
    yield "noise of bytes", "".join(chr(chance.randrange(0xDC80, 0xDCFF)) for _ in range(size))
    noise = "".join(chance.choice(["$(", ")", '"', "'", "`", "{", "}", "\n", " a ", "((", "))"]) for _ in range(size))
    yield "noise of brackets", _in_sections(noise[:_LARGEST_SECTION], size)


def _in_sections(piece: str, size: int) -> str:
    part = "%post\n" + piece * (min(_LARGEST_SECTION, size) // len(piece)) + "\n"
    return HEAD + part * max(1, size // len(part))


def _nested(size: int) -> Iterator[tuple[str, str]]:
    """Brackets that are closed again, as deep as they come."""
    room = min(_LARGEST_SECTION, size)
    for name, opening, middle, closing in (
        ("substitutions", "$(", "a", ")"),
        ("substitutions in words", "echo $(", "a", ")"),
        ("substitutions in quotes", 'echo "$(', "a", ')"'),
        ("substitutions on lines", "echo $(\n", "a", "\n)"),
        ("expansions", "${a:-", "b", "}"),
        ("arithmetic", "$((", "1", "))"),
        ("subshells", "( ", "a", ")"),
        ("groups", "{ ", "a;", "}; "),
        ("ifs", "if a; then\n", "b\n", "fi\n"),
        ("whiles", "while a; do\n", "b\n", "done\n"),
        ("cases", "case a in b)\n", "c\n", ";; esac\n"),
        ("functions", "f() {\n", "a\n", "}\n"),
        ("tests", "! ", "a", ""),
    ):
        for depth in (150, 400, 3_000, room // (len(opening) + len(closing)) - 10):
            if depth * (len(opening) + len(closing)) + len(middle) < room:
                once = opening * depth + middle + closing * depth + "\n"
                yield f"{depth} {name} in one another", _in_sections(once, size)


def _frames(size: int) -> Iterator[tuple[str, str]]:
    """What is slow about a recipe's frame, not its scripts."""
    for name, piece in {
        "sections": "%post\n true\n",
        "empty sections": "%post\n",
        "unknown sections": "%pst\n",
        "indented sections": " %post\n",
        "apps": "%apprun a\n b\n",
        "percent signs": "%",
        "nameless apps": "%apprun\n",
        "header lines": "Include: x\n",
        "continued header lines": "Include: \\\n",
        "unknown keys": "a: b\n",
        "stages": "Bootstrap: docker\n",
        "whole stages": HEAD + "Stage: a\n%files from a\n b\n",
        "stages with scripts": HEAD + "%post\n true\n",
        "unknown stages": "%files from a\n a b\n",
        "comments that silence": "# cowshed: ignore=a,b,c\n",
        "colons": ":",
    }.items():
        yield name, HEAD + piece * (size // len(piece))
        yield f"{name}, without a header", piece * (size // len(piece))
    yield "many apps", HEAD + "".join(f"%apprun a{number}\n b\n" for number in range(size // 18))
    yield "many names of sections", HEAD + "".join(f"%a{number}\n" for number in range(size // 8))
    yield (
        "many stages",
        "".join(
            f"Bootstrap: docker\nFrom: a\nStage: s{number}\n%files from s{number - 1}\n a\n"
            for number in range(size // 60)
        ),
    )
    for section in ("files", "labels", "arguments", "help", "environment", "runscript", "apphelp a"):
        for name, piece in {
            "words": " a",
            "lines": " a b\n",
            "comments": " a # b\n",
            "quotes": ' "a',
            "pairs": "a=b\n",
            "templates": "{{ A }}\n",
        }.items():
            part = f"%{section}\n" + piece * (min(_LARGEST_SECTION, size) // len(piece)) + "\n"
            yield f"{name} in {section}", HEAD + part * max(1, size // len(part))
    yield (
        "many arguments",
        HEAD
        + "%arguments\n"
        + "".join(f"A{n}={{{{ A{n - 1} }}}}\n" for n in range(3_000))
        + ("%post\n" + "".join(f"echo {{{{ A{n} }}}}\n" for n in range(3_000))) * (size // 110_000),
    )
    yield "a growing argument", HEAD + "%arguments\n A=" + "b" * 50_000 + "\n%post\n" + "{{ A }}\n" * (size // 8)
    yield "many variables", HEAD + "%post\n" + "".join(f"V{number}=$V{number - 1}\n" for number in range(3_500))
    yield (
        "many functions",
        HEAD + "%post\n" + "".join(f"f{n}() {{ f{n - 1}; f{n - 1}; }}\n" for n in range(1_500)) + "f1499\n",
    )
    yield "a line of words", HEAD + "%help\n" + "a_" * (size // 2)
    yield "a line of blanks", HEAD + "%post\n" + " " * size
    yield "a doubling alias", HEAD + "%post\n" + "".join(f"a{n}=$a{n - 1}$a{n - 1}\n" for n in range(3_000))
