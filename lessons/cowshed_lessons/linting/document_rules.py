"""A rule about what a recipe says of itself."""

from __future__ import annotations

from collections.abc import Iterator

from .findings import Problem, Severity
from .linted import Linted
from .registry import rule

_BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"


@rule(
    "doc-missing",
    Severity.STYLE,
    "The recipe does not say what it is for",
    why="`%help` is what `apptainer run-help` shows, `%labels` says who made which version, and `%test` proves "
    "that the image works where it was built.",
    wrong=_BASE,
    right=_BASE + "%help\n    A cow that talks.\n%labels\n    Version 1.0\n%test\n    cowsay moo\n",
    source="Apptainer's documentation: best practices for build recipes",
)
def _doc_missing(linted: Linted) -> Iterator[Problem]:
    stage = linted.last_stage
    if stage is None or "bootstrap" not in stage.stage.header:
        return
    missing = [f"`%{name}`" for name in ("help", "labels", "test") if not stage.stage.named(name)]
    if missing:
        last = missing.pop()
        names = f"{', '.join(missing)} or {last}" if missing else last
        yield Problem(f"The recipe has no {names}.", linted.whole_line(stage.range_of("bootstrap").start.line))
