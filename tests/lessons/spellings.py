"""What the tests of spellings share: the form of a table, and what must come of each recipe in it."""

from __future__ import annotations

from collections.abc import Mapping

from cowshed_lessons.course import built_in_course
from cowshed_lessons.judgement import judge_recipe
from cowshed_lessons.verdict import Outcome

Right = Mapping[str, Mapping[str, str]]
"""By step, then by name: recipes that pass."""

Wrong = Mapping[str, Mapping[str, tuple[str, str, str]]]
"""By step, then by name: a recipe, the check that must object first, and words of its message."""


def cases(table: Right | Wrong) -> list[tuple[str, str]]:
    """The step and the name of each recipe of a table, for `parametrize`."""
    return [(step, name) for step, recipes in table.items() for name in recipes]


def passes(step: str, recipe: str) -> None:
    """The judge has nothing against a recipe."""
    verdict = judge_recipe(built_in_course().step(step), recipe)
    assert [finding.message for finding in verdict.findings] == []
    assert verdict.outcome is Outcome.PASSED


def is_told(step: str, recipe: str, check: str, words: str) -> None:
    """The judge names a recipe's fault first, says it in certain words, and points to a place that there is."""
    verdict = judge_recipe(built_in_course().step(step), recipe)
    assert verdict.outcome is Outcome.NOT_YET
    assert verdict.findings, [result.check for result in verdict.results if result.waiting]
    first = verdict.findings[0]
    assert (first.check, words.lower() in first.message.lower()) == (check, True), first
    if first.line is not None:
        lines = recipe.split("\n")
        assert 1 <= first.line <= len(lines)
        assert first.column is not None
        assert 1 <= first.column <= len(lines[first.line - 1]) + 1


def enough(right: Right, wrong: Wrong) -> None:
    """Each step has at least a dozen of both."""
    assert right.keys() == wrong.keys()
    for step in right:
        assert len(right[step]) >= 12, step
        assert len(wrong[step]) >= 12, step
