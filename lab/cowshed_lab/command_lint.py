"""`cowshed lint`: look at recipes, and mend what is safe to mend."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from cowshed_lab.command_line import BAD_INPUT, NOT_YET, PASSED, BadInput
from cowshed_lab.command_parse import read_build_arguments
from cowshed_lab.lint_reports import FORMATS, FileReport, explain, rules_as_markdown, rules_as_text
from cowshed_lab.recipe_bytes import read_recipe_bytes, write_recipe_bytes
from cowshed_lessons.linting import RULES, LintFinding, Severity, fix_all, order
from cowshed_lessons.linting import lint as lint_text
from cowshed_lessons.recipe_names import RECIPE_NAMES

_NEVER = "never"
SEVERITIES = {severity.label: severity for severity in sorted(Severity, reverse=True)}
"""Severities by the names that the command line takes."""


def lint(arguments: argparse.Namespace) -> int:
    """Do what `cowshed lint` was told.

    Raises:
        BadInput: there is no such rule, or nothing to look at.
    """
    if arguments.explain is not None:
        return _explain(arguments.explain)
    if arguments.list_rules:
        sys.stdout.write(rules_as_markdown() if arguments.format == "markdown" else rules_as_text())
        return PASSED
    if arguments.format == "markdown":
        raise BadInput("--format markdown is for --list-rules; findings come as " + ", ".join(FORMATS) + ".")
    if not arguments.paths:
        raise BadInput("Name the recipes to look at, or a folder with recipes.")
    if arguments.fix and "-" in arguments.paths:
        raise BadInput("--fix writes into files; standard input cannot be mended.")
    return Linter(arguments).run()


def _explain(name: str) -> int:
    rule = RULES.get(name)
    if rule is None:
        raise BadInput(_unknown(name))
    sys.stdout.write(explain(rule))
    return PASSED


def _unknown(name: str) -> str:
    import difflib
    import re

    if re.fullmatch(r"SC\d+", name):
        return f"{name} is a rule of ShellCheck: https://www.shellcheck.net/wiki/{name} explains it."
    guess = difflib.get_close_matches(name, RULES, n=1)
    hint = f" Did you mean {guess[0]}?" if guess else ""
    return f"There is no rule called {name}.{hint} `cowshed lint --list-rules` names them all."


def _names(given: Iterable[str]) -> list[str]:
    names = [name.strip() for item in given for name in item.split(",") if name.strip()]
    for name in names:
        if name not in RULES and not (name.startswith("SC") and name[2:].isdigit()):
            raise BadInput(_unknown(name))
    return names


def _selected(given: Iterable[str]) -> list[str] | None:
    """The rules to use, None for all.

    Raises:
        BadInput: `--select` names none.
    """
    if not given:
        return None
    names = _names(given)
    if not names:
        raise BadInput("--select names no rule, so there is nothing to look for. Leave it out to use all of them.")
    return names


def recipe_files(paths: Sequence[str]) -> Iterator[str]:
    """The files that paths stand for: of a folder, the recipes in it and below, by their names."""
    for path in dict.fromkeys(paths):
        if path == "-" or not Path(path).is_dir():
            yield path
            continue
        found = {file for pattern in RECIPE_NAMES for file in Path(path).rglob(pattern) if file.is_file()}
        if not found:
            sys.stderr.write(f"cowshed: {path}: there are no recipes here ({', '.join(RECIPE_NAMES)}).\n")
        yield from (str(file) for file in sorted(found))


class Linter:
    """One run over some files."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._paths: Sequence[str] = arguments.paths
        self._format: str = arguments.format
        self._fix: bool = arguments.fix
        self._shellcheck: bool = arguments.shellcheck
        self._select = _selected(arguments.select)
        self._ignore = frozenset(_names(arguments.ignore))
        self._fail_on: str = arguments.fail_on
        self._build_arguments = read_build_arguments(arguments.build_arg)
        self._version: str = arguments.apptainer_version
        self._unreadable = False

    def run(self) -> int:
        """Look at the files, print what was found, and return the exit status."""
        texts: dict[str, str] = {}
        mended: dict[str, int] = {}
        for path in recipe_files(self._paths):
            try:
                text = read_recipe_bytes(path)
                if self._fix:
                    text, mended[path] = self._mend(path, text)
                texts[path] = text
            except BadInput as error:
                self._unreadable = True
                sys.stderr.write(f"cowshed: {error}\n")
        shell = self._check_scripts(texts)
        reports = [
            FileReport(path, tuple(self._kept([*self._findings(text), *shell.get(path, ())])), mended.get(path, 0))
            for path, text in texts.items()
        ]
        sys.stdout.write(FORMATS[self._format](reports))
        if self._unreadable:
            return BAD_INPUT
        if self._fail_on == _NEVER:
            return PASSED
        least = SEVERITIES[self._fail_on]
        serious = any(finding.severity >= least for report in reports for finding in report.findings)
        return NOT_YET if serious else PASSED

    def _findings(self, text: str) -> tuple[LintFinding, ...]:
        return lint_text(
            text,
            build_arguments=self._build_arguments,
            select=self._select,
            ignore=self._ignore,
            version=self._version,
            most_of_a_rule=None,
        )

    def _mend(self, path: str, text: str) -> tuple[str, int]:
        fixed = fix_all(text, self._findings)
        if fixed.text != text:
            write_recipe_bytes(Path(path), fixed.text)
        return fixed.text, len(fixed.mended)

    def _check_scripts(self, texts: Mapping[str, str]) -> Mapping[str, Sequence[LintFinding]]:
        wanted = self._select is None or any(name.startswith("SC") for name in self._select)
        if not self._shellcheck or not wanted or not texts:
            return {}
        from cowshed_lab.shellcheck import MISSING, check_scripts, find_shellcheck

        program = find_shellcheck()
        if program is None:
            sys.stderr.write(f"cowshed: {MISSING}\n")
            return {}
        try:
            return check_scripts(texts, program)
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            sys.stderr.write(f"cowshed: ShellCheck could not be run ({error}); its findings are missing here.\n")
            return {}

    def _kept(self, findings: Iterable[LintFinding]) -> list[LintFinding]:
        kept = [
            finding
            for finding in findings
            if finding.rule not in self._ignore and (self._select is None or finding.rule in self._select)
        ]
        return sorted(kept, key=order)
