"""What findings say, in few words, and comments that silence nothing."""

from __future__ import annotations

import pytest

from cowshed_lessons.linting import apply_fix, lint
from cowshed_lessons.recipe import read_recipe

BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"


@pytest.mark.parametrize(
    ("text", "message", "suggestion"),
    [
        (BASE + "%env\n", "There is no section called `%env`; did you mean `%environment`?", "%environment"),
        (BASE + "%run\n", "There is no section called `%run`; did you mean `%runscript`?", "%runscript"),
        (BASE + "%pots\n", "There is no section called `%pots`; did you mean `%post`?", "%post"),
        (BASE + "%appi x\n", "There is no section called `%appi`; did you mean `%appinstall`?", "%appinstall"),
        ("Bootstrap: docker\nFrm: a:1\n", "Apptainer knows no header key `frm`; did you mean `From`?", "From"),
    ],
)
def test_a_guess_is_made_once_and_is_data(text: str, message: str, suggestion: str) -> None:
    text += " true\n" if "%" in text else ""
    assert [item.message for item in lint(text) if item.rule in ("section-unknown", "key-unknown")] == [message]
    fault = read_recipe(text).faults[0]
    assert fault.suggestion == suggestion
    finding = next(item for item in lint(text) if item.message == message)
    assert read_recipe(apply_fix(text, finding.fixes[0])).accepted


def test_a_variable_is_guessed_as_data() -> None:
    text = "Bootstrap: docker\nFrom: ubuntu:{{ VERSON }}\n%arguments\n VERSION=1\n"
    assert read_recipe(text).faults[0].suggestion == "{{ VERSION }}"
    finding = next(item for item in lint(text) if item.rule == "arg-undefined")
    assert read_recipe(apply_fix(text, finding.fixes[0])).accepted


@pytest.mark.parametrize(
    "text",
    [BASE + "%nonsense\n", BASE + "  %post\n", BASE + "%\n", "Frm: x\n", "x y\n", BASE + "RUN x\n", BASE + "%post:\n"],
)
def test_messages_do_not_say_the_line_that_stands_before_them(text: str) -> None:
    for fault in read_recipe(text + " true\n").faults:
        assert "ine 3" not in fault.message
        assert "line 1" not in fault.message
        assert "`% `" not in fault.message


@pytest.mark.parametrize(
    "comment",
    ["# cowshed: ignore", "# cowshed: ignore=", "# Cowshed: ignore=from-latest", "# cowshed: IGNORE=from-latest"],
)
def test_a_comment_that_silences_nothing_is_found(comment: str) -> None:
    findings = lint(f"{comment}\nBootstrap: docker\nFrom: ubuntu:latest\n")
    assert [item.range.start.line for item in findings if item.rule == "ignore-unknown"] == [1]
    assert "from-latest" in [item.rule for item in findings]


def test_an_unknown_rule_among_others_is_found_and_the_others_hold() -> None:
    findings = lint("# cowshed: ignore=from-latest, From-Untagged\nBootstrap: docker\nFrom: ubuntu:latest\n")
    assert "from-latest" not in [item.rule for item in findings]
    message = next(item.message for item in findings if item.rule == "ignore-unknown")
    assert message == "There is no rule called `From-Untagged`; it may be `from-untagged`."
