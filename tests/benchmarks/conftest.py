"""Benchmarks say what they measured; `make bench` prints it beside the budget of the design.

Timings belong to a machine, so a benchmark over its budget is shown, not failed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

Measured = Callable[..., None]
_KEY = pytest.StashKey["list[Measurement]"]()


@dataclass(frozen=True, slots=True)
class Measurement:
    """One line of the report. `value` and `budget` share a unit; `detail` says what was compared."""

    what: str
    value: float
    budget: float
    unit: str
    detail: str

    def line(self) -> str:
        verdict = "within" if self.value <= self.budget else "OVER"
        sizes = f"{self.value:.3g} {self.unit}".rstrip(), f"{self.budget:g} {self.unit}".rstrip()
        return f"{self.what:<44} {sizes[0]:>12}   {verdict} the budget of {sizes[1]}   {self.detail}".rstrip()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_KEY] = []


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Measured:
    """Record what came out: `measured("first window", ratio, budget=1.5, unit="×", detail="0.61 s to 0.48 s")`."""

    def record(what: str, value: float, *, budget: float, unit: str = "×", detail: str = "") -> None:
        request.config.stash[_KEY].append(Measurement(what, value, budget, unit, detail))

    return record


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    lines = config.stash[_KEY]
    if not lines:
        return
    terminalreporter.section("measured")
    for measurement in lines:
        terminalreporter.line(measurement.line())
