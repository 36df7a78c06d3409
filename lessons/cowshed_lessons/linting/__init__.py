"""The linter: rules about recipes, each a registered function. Pure and fast enough to run at every keystroke."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from types import MappingProxyType

from cowshed_lessons.apptainer_versions import DEFAULT_VERSION
from cowshed_lessons.parts import Parts, finish
from cowshed_lessons.recipe import read_recipe

from .findings import Fix, LintFinding, Range, Severity, TextEdit, order
from .fixing import FixedText, apply_edits, apply_fix, apply_fixes, fix_all
from .linted import Linted
from .registry import RULES, Rule, rule
from .suppression import Suppressions, read_suppressions

__all__ = [
    "RULES",
    "Fix",
    "FixedText",
    "LintFinding",
    "Range",
    "Rule",
    "Severity",
    "Suppressions",
    "TextEdit",
    "apply_edits",
    "apply_fix",
    "apply_fixes",
    "fix_all",
    "lint",
    "lint_in_parts",
    "order",
    "read_suppressions",
    "rule",
]

for _module in (
    "header_rules",
    "agent_rules",
    "base_rules",
    "section_rules",
    "files_rules",
    "template_rules",
    "script_rules",
    "bash_rules",
    "package_rules",
    "command_rules",
    "environment_rules",
    "document_rules",
):
    import_module(f"{__name__}.{_module}")  # registers its rules

_ALONE = frozenset(("bom-encoding", "recipe-empty"))
_MOST_OF_A_RULE = 200
_LONG = 30_000
_NO_ARGUMENTS: Mapping[str, str] = MappingProxyType({})


def lint(
    text: str,
    *,
    build_arguments: Mapping[str, str] = _NO_ARGUMENTS,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] = (),
    version: str = DEFAULT_VERSION,
    most_of_a_rule: int | None = _MOST_OF_A_RULE,
) -> tuple[LintFinding, ...]:
    """Look at a recipe. Never raises, whatever the text, and takes time in proportion to its length.

    Args:
        text: The recipe; bytes that are not UTF-8 as lone surrogates.
        build_arguments: Values that a build would be given.
        select: Identifiers of the rules to use, None for all.
        ignore: Identifiers of rules to leave out.
        version: The Apptainer for which the recipe is, one of `apptainer_versions.VERSIONS`.
        most_of_a_rule: How many findings of one rule there are at most: an editor has no use for thousands. None for
            all.

    Returns:
        What was found, in the order of the text.
    """
    return finish(
        lint_in_parts(
            text,
            build_arguments=build_arguments,
            select=select,
            ignore=ignore,
            version=version,
            most_of_a_rule=most_of_a_rule,
        )
    )


def lint_in_parts(
    text: str,
    *,
    build_arguments: Mapping[str, str] = _NO_ARGUMENTS,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] = (),
    version: str = DEFAULT_VERSION,
    most_of_a_rule: int | None = _MOST_OF_A_RULE,
) -> Parts[tuple[LintFinding, ...]]:
    """The same as `lint`, in parts that each take a few milliseconds, of a very large recipe a few dozen."""
    recipe = read_recipe(text, build_arguments=build_arguments, version=version)
    linted = Linted(recipe, is_plain=not build_arguments and version == DEFAULT_VERSION)
    yield
    if len(text) > _LONG:
        yield from linted.prepare()
    chosen = [item for item in RULES.values() if select is None or item.id in set(select)]
    left_out = set(ignore)
    silenced = linted.suppressions
    findings: dict[tuple[str, Range, str], LintFinding] = {}
    for item in chosen:
        if item.id in left_out or item.id in silenced.everywhere:
            continue
        yield
        number = 0
        for problem in item.check(linted):
            if silenced.covers(item.id, problem.range.start.line):
                continue
            severity = problem.severity or item.severity
            key = (item.id, problem.range, problem.message)
            findings.setdefault(key, LintFinding(item.id, severity, problem.message, problem.range, problem.fixes))
            number += 1
            if most_of_a_rule is not None and number >= most_of_a_rule:
                break
        if item.id in _ALONE and number:
            return tuple(findings.values())  # what else seems wrong only follows from this
    return tuple(sorted(findings.values(), key=order))
