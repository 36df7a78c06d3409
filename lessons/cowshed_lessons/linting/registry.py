"""The rules: each a function that is registered with what a person may want to know about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .findings import Problem, Severity
from .linted import Linted

Check = Callable[[Linted], Iterable[Problem]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule.

    Attributes:
        id: Its name, as in `# cowshed: ignore=ID`.
        severity: Of its findings, if they do not say otherwise.
        title: What it finds, in a few words.
        why: What goes wrong, and what to do.
        wrong: A recipe in which it finds something.
        right: The same recipe as it should be.
        source: Where the fact comes from.
        check: Yields what is found.
    """

    id: str
    severity: Severity
    title: str
    why: str
    wrong: str
    right: str
    source: str
    check: Check


RULES: dict[str, Rule] = {}
"""All rules by their identifiers, in the order in which they are documented."""


def rule(
    identifier: str, severity: Severity, title: str, *, why: str, wrong: str, right: str, source: str
) -> Callable[[Check], Check]:
    """Register a function as a rule. A rule must find something in `wrong` and nothing in `right`; tests hold it."""

    def register(check: Check) -> Check:
        if identifier in RULES:
            raise ValueError(f"there are two rules called {identifier}")
        RULES[identifier] = Rule(identifier, severity, title, why, wrong, right, source, check)
        return check

    return register
