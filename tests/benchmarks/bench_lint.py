"""The linter beside ShellCheck on the same scripts, at every keystroke, and on recipes that are made to be slow."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cowshed_lab.shellcheck import find_shellcheck, script_parts
from cowshed_lessons.course import built_in_course
from cowshed_lessons.judgement import judge_recipe
from cowshed_lessons.linting import lint
from cowshed_lessons.recipe import read_recipe
from recipe_corpus import PUBLIC_RECIPES, recorded

RECIPES = 1_000
KEYSTROKES = 300
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


def bench_keystroke(measured: Callable[..., None]) -> None:
    """What happens to a recipe of 500 lines between a key and fresh diagnostics and verdict."""
    step = built_in_course().step("lolcow/runscript")
    text = long_recipe()
    took = []
    for number in range(KEYSTROKES + 1):
        changed = text.replace("lib30-dev", f"lib30{'x' * (number % 40)}{number}-dev")
        started = time.perf_counter()
        judge_recipe(step, changed)
        lint(changed)
        took.append(time.perf_counter() - started)
    took = sorted(took[1:])
    slow = took[int(len(took) * 0.99)] * 1_000
    measured(
        "diagnostics and verdict, 500 lines, 99th percentile",
        slow,
        budget=16,
        unit="ms",
        detail=f"median {took[len(took) // 2] * 1_000:.1f} ms",
    )


def _many(line: str, section: str = "%post") -> str:
    part = f"{section}\n" + line * (60_000 // len(line)) + "\n"
    return HEAD + part * 16


def worst() -> dict[str, str]:
    """Recipes of about 1 MB that are made to be slow."""
    chance = random.Random(1)
    signs = "%#{}$()\"'`\\|&;<> \n\tabc="
    noise = "".join(chance.choice(signs) for _ in range(1_000_000))
    return {
        "line ends": "\n" * 1_000_000,
        "sections": HEAD + "%post\n true\n" * 80_000,
        "unknown sections": HEAD + "%pst\n" * 190_000,
        "header lines": HEAD + "Include: x\n" * 90_000,
        "unknown keys": HEAD + "a: b\n" * 190_000,
        "stages": "Bootstrap: docker\n" * 55_000,
        "variables": _many("{{ A }}").replace("{{", "%arguments\n A=1\n{{", 1),
        "files": _many(" a # b\n", "%files"),
        "quoted files": _many(' "a', "%files"),
        "labels": _many("a=b\n", "%labels"),
        "comments that silence": "# cowshed: ignore=a,b,c\n" * 43_000,
        "scripts": _many('    apt-get install -y x && echo "$Y" | tee /z\n'),
        "brackets": _many("("),
        "substitutions": _many("$("),
        "heredocs": _many("cat <<E\n"),
        "lists": _many(" x &&"),
        "words like secrets": _many("password="),
        "addresses": _many("://a:"),
        "one line": HEAD + "%help\n" + "a_" * 500_000,
        "noise": noise,
        "noise in scripts": _many("".join(chance.choice(signs[1:]) for _ in range(60_000))),
        "bytes": "".join(chr(chance.randrange(0xDC80, 0xDCFF)) for _ in range(1_000_000)),
    }


def bench_megabyte(measured: Callable[..., None]) -> None:
    slowest, name = 0.0, ""
    for key, text in worst().items():
        started = time.process_time()
        read_recipe(text)
        lint(text)
        took = time.process_time() - started
        if took > slowest:
            slowest, name = took, key
    measured("1 MB of anything, read and linted", slowest, budget=2, unit="s", detail=f"the slowest: {name}")
