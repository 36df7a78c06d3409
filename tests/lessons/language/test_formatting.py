"""Formatting: what it lays out, what it leaves alone, and that nothing changes its meaning."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import pytest
from hypothesis import given, settings

from cowshed_lessons.language import format_edits, format_recipe, formatting, indentation
from cowshed_lessons.linting import Range, TextEdit, apply_edits
from cowshed_lessons.recipe import Recipe, read_recipe
from cowshed_lessons.verdict import Position
from lessons.language.recipes import TEXTS, real_recipes

BASE = "Bootstrap: docker\nFrom: a:1\n\n"

LAID_OUT = [
    ("header", "Bootstrap:docker\nFrom :  a:1  \n", "Bootstrap: docker\nFrom: a:1\n"),
    ("header comment", "Bootstrap: docker\nFrom: a:1   # why  \n", "Bootstrap: docker\nFrom: a:1   # why\n"),
    ("last line end", "Bootstrap: docker\nFrom: a:1", "Bootstrap: docker\nFrom: a:1\n"),
    ("too many at the end", BASE + "%post\n    a\n\n\n", BASE + "%post\n    a\n"),
    (
        "blank lines between",
        BASE[:-1] + "%post\na\n%test\nb\n\n\n\n%setup\n    c\n",
        BASE + "%post\n    a\n\n%test\n    b\n\n%setup\n    c\n",
    ),
    ("blanks in blank lines", "Bootstrap: docker\n \n   \n%post", "Bootstrap: docker\n\n%post\n"),
    ("lead comment", BASE + "%post\n    a\n# about\n%test\n    b\n", BASE + "%post\n    a\n\n# about\n%test\n    b\n"),
    (
        "nesting",
        BASE + "%post\nif a; then\nb\nelse\n      c\nfi\n",
        BASE + "%post\n    if a; then\n        b\n    else\n        c\n    fi\n",
    ),
    ("loop", BASE + "%post\nfor i in 1\ndo\na\ndone\n", BASE + "%post\n    for i in 1\n    do\n        a\n    done\n"),
    (
        "case",
        BASE + "%post\ncase a in\nb) c\n;;\nesac\n",
        BASE + "%post\n    case a in\n        b) c\n            ;;\n    esac\n",
    ),
    ("continued", BASE + "%post\na \\\nb \\\n  c\n", BASE + "%post\n    a \\\n        b \\\n        c\n"),
    ("further in", BASE + "%post\na \\\n      b\n", BASE + "%post\n    a \\\n          b\n"),
    ("here-document", BASE + "%post\n  cat <<E\n x  \nE\n b\n", BASE + "%post\n    cat <<E\n x  \nE\n    b\n"),
    ("string", BASE + "%post\na='x  \n y'  \n", BASE + "%post\n    a='x  \n y'\n"),
    ("shebang", BASE + "%runscript\n#!/bin/bash\na\n", BASE + "%runscript\n#!/bin/bash\n    a\n"),
    ("lists", BASE + "%files\na b  \n\t c\n\n%labels\nA b\n", BASE + "%files\n    a b\n    c\n\n%labels\n    A b\n"),
    (
        "windows",
        "Bootstrap:docker\r\nFrom: a:1\r\n%post\r\na \r\n",
        "Bootstrap: docker\r\nFrom: a:1\r\n\r\n%post\r\n    a\r\n",
    ),
    ("two stages", BASE + "%post\n    a\n" + BASE, BASE + "%post\n    a\n\n" + BASE[:-1]),
]


@pytest.mark.parametrize(("name", "before", "after"), LAID_OUT, ids=[case[0] for case in LAID_OUT])
def test_lays_out(name: str, before: str, after: str) -> None:
    assert format_recipe(before) == after
    assert format_recipe(after) == after


LEFT_ALONE = [
    ("help", BASE + "%help\n  a  \n\n\n%post\n    a\n"),
    ("files arguments", BASE + "%files  \n    a\n"),
    ("joined word", BASE + "%post\n    a\\\nb\n"),
    ("blank after a backslash", BASE + "%post\n    a \\ \n    b\n"),
    ("open quote", BASE + "%post\n  a 'b\n"),
    ("open here-document", BASE + "%post\n  cat <<E\n  a\n"),
    ("continued header", "Bootstrap: docker\nFrom: a\\\n  b\n"),
    ("second Bootstrap", "Bootstrap: docker\n  Bootstrap : docker\nFrom: a:1\n"),
    ("shebang too late", BASE + "%runscript\n\n    #!/bin/bash\n    a\n"),
    ("indented shebang", BASE + "%runscript\n  #!/bin/bash\n    a\n"),
    ("unknown section", BASE + "%nothing\n  a  \n"),
    ("an ignoring comment", BASE + "%post\n    a\n    # cowshed: ignore=files-args\n%files  \n    a\n"),
    ("nothing", "\n\n"),
]


@pytest.mark.parametrize(("name", "text"), LEFT_ALONE, ids=[case[0] for case in LEFT_ALONE])
def test_leaves_alone(name: str, text: str) -> None:
    assert format_recipe(text) == text
    assert format_edits(text) == ()


def meaning(recipe: Recipe) -> object:
    """What Apptainer makes of a recipe; code without blanks at the ends of lines."""
    stages = []
    for stage in recipe.stages:
        sections = [
            (
                item.name,
                item.app,
                item.arguments,
                item.body.text if item.name in ("help", "apphelp") else _lines(item.body.text),
            )
            for item in stage.sections
        ]
        stages.append((stage.name, {key: entry.value for key, entry in stage.header.items()}, sections, stage.labels))
    return recipe.accepted, [fault.kind for fault in recipe.faults], stages, dict(recipe.arguments)


def _lines(body: str) -> list[str]:
    return [line.strip(" \t\r") for line in body.split("\n") if line.strip(" \t\r")]


def check(text: str) -> str:
    after = format_recipe(text)
    assert meaning(read_recipe(after)) == meaning(read_recipe(text))
    assert format_recipe(after) == after
    assert apply_edits(text, format_edits(text)) == after
    return after


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_never_changes_the_meaning(text: str) -> None:
    check(text)


def test_real_recipes_mean_the_same() -> None:
    changed = sum(check(text) != text for _, text in real_recipes())
    assert changed > 900  # it does something to most of them


def _as_bash_prints_it(script: str) -> str | None:
    ran = subprocess.run(
        ["bash", "-c", 'eval "f() {\n$1\n:\n}"; declare -f f', "bash", script],
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
    )
    return ran.stdout if ran.returncode == 0 else None


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash itself says what a script means")
def test_bash_reads_the_same_scripts() -> None:
    compared = 0
    for name, text in real_recipes()[::6]:
        stages = zip(read_recipe(text).stages, read_recipe(format_recipe(text)).stages, strict=True)
        for before, after in stages:
            for old, new in zip(before.sections, after.sections, strict=True):
                if old.is_shell and old.body.text != new.body.text:
                    meant = _as_bash_prints_it(old.body.text)
                    if meant is not None:
                        compared += 1
                        assert _as_bash_prints_it(new.body.text) == meant, (name, old.name)
    assert compared > 100


def test_a_change_of_meaning_is_never_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    def harmful(_: object) -> Iterator[TextEdit]:
        yield TextEdit(Range(Position(2, 1), Position(2, 5)), "Stage")

    monkeypatch.setattr(formatting._Formatter, "edits", harmful)
    format_edits.cache_clear()
    assert format_edits(BASE + "%post\n    harm\n") == ()
    format_edits.cache_clear()


def test_a_script_of_another_shape_is_never_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["    if a; then", "        b", "    fi"]
    assert indentation.indented(lines) == lines
    monkeypatch.setattr(indentation, "_laid_out", lambda _lines, _syntax: ["    a", "    b; c"])
    assert indentation.indented(lines) is None
