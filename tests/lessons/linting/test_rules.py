"""Every rule finds what it explains, and nothing in what it recommends; fixes mend what they say."""

from __future__ import annotations

import pytest

from cowshed_lessons.linting import RULES, Rule, Severity, apply_fix, lint
from cowshed_lessons.recipe import read_recipe

WITH_RULE = pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())


@WITH_RULE
def test_a_rule_finds_its_wrong_recipe(rule: Rule) -> None:
    found = [finding for finding in lint(rule.wrong) if finding.rule == rule.id]
    assert found
    assert found[0].severity is rule.severity
    last = rule.wrong.count("\n") + 1
    for finding in found:
        start, end = finding.range.start, finding.range.end
        assert 1 <= start.line <= end.line <= last
        assert (start.line, start.column) <= (end.line, end.column)
        assert finding.message[-1] in ".?"
        assert "\n" not in finding.message


@WITH_RULE
def test_a_rule_is_content_with_its_right_recipe(rule: Rule) -> None:
    assert [finding for finding in lint(rule.right) if finding.rule == rule.id] == []
    assert read_recipe(rule.right).faults == ()
    assert [finding.message for finding in lint(rule.right) if finding.severity is Severity.ERROR] == []


@WITH_RULE
def test_a_fix_mends_its_finding(rule: Rule) -> None:
    before = [finding for finding in lint(rule.wrong) if finding.rule == rule.id]
    for fix in before[0].fixes:
        mended = apply_fix(rule.wrong, fix)
        assert mended != rule.wrong
        assert len([finding for finding in lint(mended) if finding.rule == rule.id]) < len(before), fix.title


@WITH_RULE
def test_a_rule_is_explained(rule: Rule) -> None:
    assert rule.id == rule.id.lower()
    assert not rule.title.endswith(".")
    assert rule.why.endswith((".", "!"))
    assert rule.source


def test_the_rules_of_the_reference_are_there() -> None:
    assert len(RULES) >= 60
