"""The linter beside ShellCheck on the same scripts, at every keystroke, and on recipes that are made to be slow."""

from __future__ import annotations

import gc
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cowshed_lab.shellcheck import find_shellcheck, script_parts
from cowshed_lessons.course import built_in_course
from cowshed_lessons.highlighting import START, LineState, lex_line
from cowshed_lessons.judgement import judge_recipe
from cowshed_lessons.linting import lint
from cowshed_lessons.recipe import read_recipe
from hard_recipes import hard_recipes
from recipe_corpus import PUBLIC_RECIPES, recorded

RECIPES = 1_000
HEAD = "Bootstrap: docker\nFrom: ubuntu:22.04\n"


def bench_lint_beside_shellcheck(tmp_path: Path, measured: Callable[..., None]) -> None:
    program = find_shellcheck()
    if program is None or not PUBLIC_RECIPES.exists():
        pytest.skip("ShellCheck or the public recipes are not here")
    texts = [case.text for case in recorded(PUBLIC_RECIPES) if case.accepted][:RECIPES]
    files: dict[str, list[str]] = {}
    for number, text in enumerate(texts):
        for index, part in enumerate(script_parts("", text)):
            path = tmp_path / f"{number}-{index}.sh"
            path.write_text(part.text, errors="replace")
            files.setdefault(part.shell, []).append(str(path))
    started = time.perf_counter()
    for shell, names in files.items():
        subprocess.run(
            [str(program), "--norc", f"--shell={shell}", "--format=json1", *names], capture_output=True, check=False
        )
    theirs = time.perf_counter() - started
    lint(HEAD)  # what is loaded once is not part of it
    started = time.perf_counter()
    for text in texts:
        lint(text)
    ours = time.perf_counter() - started
    measured(
        f"lint of {len(texts)} recipes beside ShellCheck",
        ours / theirs,
        budget=1,
        detail=f"{ours:.2f} s to {theirs:.2f} s, one process each",
    )


def long_recipe() -> str:
    """A recipe of about 500 lines, such as people write for a few programs with their libraries."""
    packages = " \\\n".join(f"        lib{number}-dev" for number in range(60))
    lines = [
        f"    apt-get update\n    apt-get install -y --no-install-recommends fortune cowsay lolcat \\\n{packages}",
        "",
    ]
    for number in range(20):
        lines += [
            f"    # program {number}: needed by the next one",
            f"    export PROGRAM{number}=/opt/program{number}",
            "    mkdir -p /opt/src",
            "    cd /opt/src",
            f"    wget -q https://example.org/program{number}-1.{number}.tar.gz",
            f"    tar -xzf program{number}-1.{number}.tar.gz",
            f"    cd program{number}-1.{number}",
            "    ./configure \\",
            f'        --prefix="$PROGRAM{number}" \\',
            "        --enable-shared \\",
            "        --disable-static",
            '    make -j "$(nproc)"',
            "    make install",
            f"    if [ -d $PROGRAM{number}/lib64 ]; then",
            f'        echo "$PROGRAM{number}/lib64" >> /etc/ld.so.conf.d/programs.conf',
            "    fi",
            "    cd /",
            f"    rm -rf /opt/src/program{number}-1.{number}",
            "",
        ]
    environment = "".join(f"    export PROGRAM{number}=/opt/program{number}\n" for number in range(20))
    sections = f"%environment\n{environment}\n%labels\n    Version 1.0\n\n%help\n" + "    What it is for.\n" * 20
    return f"{HEAD}\n{sections}\n%post\n" + "\n".join(lines) + "\n%runscript\n    fortune | cowsay | lolcat\n"


def keystrokes(text: str) -> Iterator[tuple[str, str]]:
    """What somebody does to a recipe, and the text after each key: nothing comes twice."""
    places = {
        "the header": text.index("22.04") + 5,
        "the first line of %post": text.index("apt-get update") + len("apt-get update"),
        "a package": text.index("lib30-dev") + 5,
        "a value that is used below": text.index("export PROGRAM3=") + len("export PROGRAM3="),
        "a command in the middle": text.index("make install", len(text) // 2) + len("make install"),
        "the runscript": text.index("lolcat\n", text.index("%runscript")) + len("lolcat"),
    }
    typed = '-moo && echo "$X" | tee /x # says moo'
    for name, at in places.items():
        changed = text
        for number, sign in enumerate(typed):
            changed = changed[: at + number] + sign + changed[at + number :]
            yield f"typing in {name}", changed
        for left in range(len(typed) - 1, 0, -1):
            yield f"deleting in {name}", changed[: at + left] + changed[at + len(typed) :]
        for number in range(12):
            yield f"new lines in {name}", text[:at] + "\n" * (number + 1) + text[at:]
        pasted = "".join(f"\n    cd /opt && tar -xf {name.split()[-1]}{number}.tar" for number in range(8))
        for number in range(4):
            yield f"pasting into {name}", text[:at] + pasted * (number + 1) + text[at:]


def counting() -> float:
    """Milliseconds for some work that never changes: about 5 on an idle computer of today."""
    started = time.perf_counter()
    found: dict[str, int] = {}
    for number in range(25_000):
        word = f"w{number % 997}"
        found[word] = found.get(word, 0) + number
    return (time.perf_counter() - started) * 1_000


def _visible(states: dict[str, LineState], text: str, row: int) -> None:
    """Colour what a window of 60 lines shows, from the state that is known above it."""
    state = states.get("above", START)
    for line in text.split("\n")[row : row + 60]:
        _, state = lex_line(line, state)


def at_percent(values: list[float], percent: float) -> float:
    """The value below which so many percent of them are."""
    return sorted(values)[min(len(values) - 1, int(len(values) * percent / 100))]


def bench_keystroke(measured: Callable[..., None]) -> None:
    """What happens to a recipe of 500 lines between a key and fresh colours, diagnostics and verdict.

    The garbage collector leaves alone what was there before, as in the app.
    """
    step = built_in_course().step("lolcow/runscript")
    text = long_recipe()
    judge_recipe(step, text)
    lint(text)
    gc.collect()
    gc.freeze()  # as the app does once its window stands
    first_row = text[: text.index("lib30-dev")].count("\n")
    state = START
    for line in text.split("\n")[:first_row]:
        _, state = lex_line(line, state)
    took: dict[str, list[float]] = {}
    idle: list[float] = []
    for name, changed in keystrokes(text):
        started = time.perf_counter()
        judge_recipe(step, changed)
        lint(changed)
        _visible({"above": state}, changed, first_row)
        took.setdefault(name, []).append((time.perf_counter() - started) * 1_000)
        idle.append(counting())
    every = [value for values in took.values() for value in values]
    loop = at_percent(idle, 50)
    for percent, budget in ((50, 6), (99, 10)):
        value = at_percent(every, percent)
        measured(
            f"colours, findings, verdict: 500 lines, {percent}th percentile",
            value,
            budget=budget,
            unit="ms",
            detail=f"{value / loop:.1f} × a loop that took {loop:.1f} ms (99th: {at_percent(idle, 99):.1f} ms)",
        )
    worst = max(took, key=lambda name: at_percent(took[name], 50))
    measured(f"the slowest kind: {worst}", at_percent(took[worst], 50), budget=10, unit="ms", detail="median")


def bench_megabyte(measured: Callable[..., None]) -> None:
    """Each of the recipes that are made to be slow, read, linted and judged, in a process of its own kind of time."""
    step = built_in_course().step("lolcow/runscript")
    slowest: dict[str, tuple[float, str]] = {}
    for name, text in hard_recipes():
        for what, work in (("read", read_recipe), ("linted", lint), ("judged", lambda text: judge_recipe(step, text))):
            started = time.process_time()
            work(text)
            slowest[what] = max(slowest.get(what, (0.0, "")), (time.process_time() - started, name))
    for what, (seconds, name) in slowest.items():
        measured(f"1 MB of anything, {what}", seconds, budget=2, unit="s", detail=f"the slowest: {name}")
