"""What an editor may set: which rules are used, ShellCheck, and values of variables."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cowshed_lessons.linting import RULES, LintFinding

SECTION = "cowshed"
"""The part of an editor's settings that is ours."""

_SHELLCHECK_RULE = re.compile(r"SC\d+")


@dataclass(frozen=True)
class Settings:
    """Settings of the language server, as `cowshed lint` knows them.

    Attributes:
        select: Rules to use, None for all.
        ignore: Rules to leave out.
        shellcheck: Whether ShellCheck looks at the scripts.
        build_arguments: Values for `{{ variables }}`.
    """

    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()
    shellcheck: bool = True
    build_arguments: Mapping[str, str] = field(default_factory=dict)

    def keeps(self, finding: LintFinding) -> bool:
        """Whether a finding is to be shown."""
        return finding.rule not in self.ignore and (self.select is None or finding.rule in self.select)


def read_settings(given: object) -> tuple[Settings, list[str]]:
    """Understand settings, be they our part or all of the editor's.

    Returns:
        The settings, and a sentence for each of them that was left out of account.
    """
    faults: list[str] = []
    if isinstance(given, Mapping) and isinstance(given.get(SECTION), Mapping):
        given = given[SECTION]
    if given is None:
        return Settings(), faults
    if not isinstance(given, Mapping):
        return Settings(), [f"Cowshed's settings should be an object with names and values, not {given!r}."]
    select = _names(given, "select", faults)
    shellcheck = given.get("shellcheck")
    if shellcheck is not None and not isinstance(shellcheck, bool):
        faults.append("Cowshed's setting `shellcheck` should be true or false.")
        shellcheck = None
    arguments = given.get("buildArguments")
    if arguments is not None and not isinstance(arguments, Mapping):
        faults.append('Cowshed\'s setting `buildArguments` should be an object such as {"VERSION": "1.0"}.')
        arguments = None
    settings = Settings(
        select=frozenset(select) if select else None,
        ignore=frozenset(_names(given, "ignore", faults)),
        shellcheck=shellcheck is not False,
        build_arguments={str(key): str(value) for key, value in (arguments or {}).items()},
    )
    return settings, faults


def _names(given: Mapping[str, object], setting: str, faults: list[str]) -> list[str]:
    value = given.get(setting)
    if value is None:
        return []
    items: Iterable[object] = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else ()
    if not isinstance(value, (str, list)):
        faults.append(f"Cowshed's setting `{setting}` should be a list of rules.")
    names = [item.strip() for item in items if isinstance(item, str) and item.strip()]
    for name in names:
        if name not in RULES and not _SHELLCHECK_RULE.fullmatch(name):
            guess = difflib.get_close_matches(name, RULES, n=1)
            hint = f" Did you mean {guess[0]}?" if guess else ""
            faults.append(f"Cowshed's setting `{setting}` names {name}, and there is no such rule.{hint}")
    return names
