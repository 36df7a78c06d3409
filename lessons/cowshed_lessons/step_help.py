"""What the editor's help has to know of a step: which rules of the linter to leave out, which packages to offer."""

from __future__ import annotations

from functools import lru_cache

from cowshed_lessons.course import Step
from cowshed_lessons.linting import lint

MOST_RECIPES = 40  # of one step, that are looked at; no step has more, and a stranger's shall not hold the window


def muted_rules(step: Step) -> frozenset[str]:
    """The rules that would spoil a step, or have nothing to say in it.

    A rule is muted where it finds something in a recipe that the course itself gives to the learner here. In a
    solution: what the course calls right at this point is not to be found fault with (a later step may teach it). In
    the starter, which is what was carried over: that is what the exercise is about, and the judge is its only voice.
    `mute` in `lesson.toml` names further ones.
    """
    given = dict.fromkeys((step.starter, *(each.recipe for each in step.solutions)))
    return frozenset(step.mute) | _found_in(tuple(recipe for recipe in given if recipe)[:MOST_RECIPES])


@lru_cache(maxsize=64)
def _found_in(recipes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(finding.rule for recipe in recipes for finding in lint(recipe))


def wanted_packages(step: Step) -> tuple[str, ...]:
    """Names of the packages that a step's checks ask for, as a package manager of the base knows them."""
    found: dict[str, None] = {}
    for check in step.checks:
        packages = check.parameters.get("packages")
        for package in packages if isinstance(packages, list | tuple) else ():
            for name in package if isinstance(package, list | tuple) else (package,):
                if isinstance(name, str) and ":" not in name:
                    found[name] = None
    return tuple(found)
