"""Where one sign in the rules makes a difference."""

from __future__ import annotations

from cowshed_lessons.linting import Fix, LintFinding, Range, Severity, TextEdit, apply_fixes, lint
from cowshed_lessons.verdict import Position

BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"


def rules_of(text: str) -> list[str]:
    return [item.rule for item in lint(text)]


def test_fixes_that_only_touch_wait_too() -> None:
    def at(start: int, end: int, text: str) -> LintFinding:
        place = Range(Position(1, start), Position(1, end))
        return LintFinding("x", Severity.INFO, "", place, (Fix("", (TextEdit(place, text),), True),))

    fixed = apply_fixes("abcd", [at(1, 3, "X"), at(3, 3, "Y"), at(4, 5, "Z")])
    assert (fixed.text, len(fixed.mended)) == ("XcZ", 2)


def test_an_install_that_may_fail_needs_no_update() -> None:
    assert "apt-update" in rules_of(BASE + "%post\n apt-get install -y x\n")
    assert "apt-update" not in rules_of(BASE + "%post\n apt-get install -y x || true\n")


def test_apt_with_a_file_is_not_rewritten() -> None:
    def fixes(package: str) -> int:
        text = f"{BASE}%post\n apt-get update\n apt install -y {package}\n"
        return sum(len(item.fixes) for item in lint(text) if item.rule == "apt-interactive")

    assert (fixes("cowsay"), fixes("./cowsay.deb")) == (1, 0)


def test_a_header_with_a_variable_is_not_moved() -> None:
    def fixes(tag: str) -> int:
        text = f"From: ubuntu:{tag}\nBootstrap: docker\n%arguments\n V=22.04\n"
        return sum(len(item.fixes) for item in lint(text) if item.rule == "bootstrap-missing")

    assert (fixes("22.04"), fixes("{{ V }}")) == (1, 0)
