"""`cowshed check` as a whole process, beside a Python that does nothing."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROUNDS = 15
RECIPE = """Bootstrap: docker
From: ubuntu:22.04

%post
    apt-get update
    apt-get install -y fortune cowsay lolcat
"""


def _seconds(command: list[str]) -> float:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    assert ended.returncode == 0, f"{command}: {ended.stdout}{ended.stderr}"
    return seconds


def bench_check(tmp_path: Path, measured: Callable[..., None]) -> None:
    recipe = tmp_path / "lolcow.def"
    recipe.write_text(RECIPE)
    check = [str(Path(sys.executable).with_name("cowshed")), "check", "lolcow/assume-yes", str(recipe)]
    nothing = [sys.executable, "-c", "pass"]
    for command in (nothing, check):
        _seconds(command)
    idle, ours = [], []
    for _ in range(ROUNDS):
        idle.append(_seconds(nothing))
        ours.append(_seconds(check))
    base, value = statistics.median(idle), statistics.median(ours)
    measured(
        "command line `check`, whole process",
        value,
        budget=0.3,
        unit="s",
        detail=f"{value / base:.1f} × python -c pass",
    )
