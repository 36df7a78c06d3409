"""What is offered for findings, and that taking it does what it says."""

from __future__ import annotations

import pytest

from cowshed_lessons.language import ActionKind, CodeAction, code_actions
from cowshed_lessons.linting import Range, apply_edits, lint
from cowshed_lessons.recipe import read_recipe
from cowshed_lessons.verdict import Position

BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n\n"


def actions(text: str, rule: str) -> list[CodeAction]:
    findings = lint(text)
    where = next(finding.range for finding in findings if finding.rule == rule)
    return [action for action in code_actions(text, where, findings) if action.rule in (rule, None)]


def of_kind(text: str, rule: str, kind: ActionKind) -> str | None:
    found = next((action for action in actions(text, rule) if action.kind is kind), None)
    return apply_edits(text, found.edits) if found else None


def test_fixes_come_first_and_safe_ones_are_preferred() -> None:
    text = BASE + "%post\n    apt-get update\n    apt-get install cowsay\n    apt-get install lolcat\n"
    found = actions(text, "apt-yes")
    assert [action.kind for action in found][:2] == [ActionKind.FIX, ActionKind.FIX_ALL]
    assert found[0].preferred
    fixed = of_kind(text, "apt-yes", ActionKind.FIX_ALL)
    assert fixed is not None
    assert not [finding for finding in lint(fixed) if finding.rule == "apt-yes"]


def test_nothing_where_nothing_was_found() -> None:
    text = BASE + "%post\n    apt-get update\n    apt-get install cowsay\n"
    found = code_actions(text, Range(Position(1, 1), Position(1, 1)), lint(text))
    assert not [action for action in found if action.rule == "apt-yes"]


IN_LINE = [
    ("apt-yes", BASE + "%post\n    apt-get update\n    apt-get install cowsay\n", 6),
    ("apt-yes", BASE + "%post\n    apt-get update && \\\n    apt-get install cowsay\n", 6),
    ("from-untagged", "Bootstrap: docker\nFrom: ubuntu\n", 2),
    ("post-c-no-errexit", BASE + "%post -c /bin/bash\n    true\n", 4),
    ("files-tmp", BASE + "%files\n    a /tmp/a\n", 5),
    ("apt-yes", (BASE + "%post\n    apt-get update\n    apt-get install cowsay\n").replace("\n", "\r\n"), 6),
]


@pytest.mark.parametrize(("rule", "text", "line"), IN_LINE)
def test_a_line_can_be_ignored(rule: str, text: str, line: int) -> None:
    assert rule in {finding.rule for finding in lint(text)}
    after = of_kind(text, rule, ActionKind.IGNORE_LINE)
    assert after is not None
    assert rule not in {finding.rule for finding in lint(after)}
    assert read_recipe(after).accepted
    assert {finding.rule for finding in lint(text)} - {rule} <= {finding.rule for finding in lint(after)}
    assert after.count("\r\n") in (0, after.count("\n"))
    assert "cowshed: ignore" in "".join(after.split("\n")[line - 1 : line + 1])


NOT_IN_LINE = [
    ("label-syntax", BASE + "%labels\n    Author: me\n"),
    ("agent-dead", "Bootstrap: shub\nFrom: a/b:1\n"),
    ("section-in-body", BASE + "%post\n    cat <<E\n%post\nE\n"),
    ("post-c-no-errexit", BASE + "%help\n    x\n%post -c /bin/bash\n    true\n"),
    ("apt-yes", BASE + "%post\n    apt-get update\n    true && \\\n    apt-get install a \\\n    b\n"),
]


@pytest.mark.parametrize(("rule", "text"), NOT_IN_LINE)
def test_no_comment_where_it_would_be_text_or_do_harm(rule: str, text: str) -> None:
    assert of_kind(text, rule, ActionKind.IGNORE_LINE) is None


@pytest.mark.parametrize(("rule", "text"), [*[(rule, text) for rule, text, _ in IN_LINE], *NOT_IN_LINE[:2]])
def test_a_file_can_be_ignored(rule: str, text: str) -> None:
    after = of_kind(text, rule, ActionKind.IGNORE_FILE)
    assert after is not None
    assert after.startswith(f"# cowshed: ignore={rule}")
    assert rule not in {finding.rule for finding in lint(after)}


def test_a_comment_that_is_there_takes_one_rule_more() -> None:
    text = "# cowshed: ignore=doc-missing\n" + BASE + "%post\n    apt-get update\n    apt-get install cowsay\n"
    after = of_kind(text, "apt-yes", ActionKind.IGNORE_FILE)
    assert after is not None
    assert after.startswith("# cowshed: ignore=doc-missing,apt-yes\n")
