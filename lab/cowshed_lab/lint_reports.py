"""What the linter found, in the forms that people and programs read."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from cowshed_lab.installation import version
from cowshed_lessons.linting import RULES, LintFinding, Rule, Severity

_HOME = "https://www.shellcheck.net/wiki/"
_BLANK, _MARK = "␠", "⟨BOM⟩"
_SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_SARIF_LEVELS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "note",
    Severity.STYLE: "note",
}
_GITHUB_LEVELS = {**_SARIF_LEVELS, Severity.INFO: "notice", Severity.STYLE: "notice"}


@dataclass(frozen=True, slots=True)
class FileReport:
    """What was found in one file, and how many findings were mended in it before."""

    path: str
    findings: tuple[LintFinding, ...]
    mended: int = 0


def as_text(reports: Sequence[FileReport]) -> str:
    """A line for each finding, and how many there are."""
    lines: list[str] = []
    fixable = 0
    number = 0
    for report in reports:
        for finding in report.findings:
            at = finding.range.start
            safe = any(fix.safe for fix in finding.fixes)
            fixable += safe
            number += 1
            mark = " [--fix]" if safe else ""
            lines.append(
                f"{report.path}:{at.line}:{at.column}: {finding.severity.label}: {finding.message} "
                f"[{finding.rule}]{mark}"
            )
    mended = sum(report.mended for report in reports)
    if mended:
        lines.append(f"{_counted(mended, 'finding')} mended.")
    if number:
        lines.append(_counted(number, "finding") + (f", {fixable} can be mended with --fix." if fixable else "."))
    return "".join(f"{line}\n" for line in lines)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def as_json(reports: Sequence[FileReport]) -> str:
    """Everything, as JSON. Lines and columns count from 1, columns in characters; ends are exclusive."""
    data = {
        "version": 1,
        "files": [
            {
                "path": report.path,
                "mended": report.mended,
                "findings": [finding_as_data(finding) for finding in report.findings],
            }
            for report in reports
        ],
    }
    return json.dumps(data, indent=2) + "\n"


def finding_as_data(finding: LintFinding) -> dict[str, Any]:
    """A finding as JSON knows it."""
    start, end = finding.range.start, finding.range.end
    return {
        "rule": finding.rule,
        "severity": finding.severity.label,
        "message": finding.message,
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
        "fixes": [
            {
                "title": fix.title,
                "safe": fix.safe,
                "edits": [
                    {
                        "line": edit.range.start.line,
                        "column": edit.range.start.column,
                        "end_line": edit.range.end.line,
                        "end_column": edit.range.end.column,
                        "text": edit.text,
                    }
                    for edit in fix.edits
                ],
            }
            for fix in finding.fixes
        ],
    }


def as_github(reports: Sequence[FileReport]) -> str:
    """Workflow commands, which GitHub shows at the lines of a change."""
    lines = []
    for report in reports:
        for finding in report.findings:
            start, end = finding.range.start, finding.range.end
            places = f"line={start.line},endLine={end.line}"
            if start.line == end.line:
                places += f",col={start.column},endColumn={max(end.column, start.column)}"
            lines.append(
                f"::{_GITHUB_LEVELS[finding.severity]} file={_property(report.path)},{places},"
                f"title={_property(finding.rule)}::{_data(finding.message)}\n"
            )
    return "".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def as_sarif(reports: Sequence[FileReport]) -> str:
    """SARIF 2.1.0, which code hosts and editors read."""
    used = dict.fromkeys([*RULES, *(finding.rule for report in reports for finding in report.findings)])
    numbers = {rule: number for number, rule in enumerate(used)}
    run = {
        "tool": {
            "driver": {
                "name": "cowshed",
                "version": version(),
                "rules": [_sarif_rule(name) for name in used],
            }
        },
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": {"uri": _uri(report.path)}} for report in reports],
        "results": [
            _sarif_result(finding, numbers[finding.rule], report.path, artifact)
            for artifact, report in enumerate(reports)
            for finding in report.findings
        ],
    }
    return json.dumps({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _uri(path: str) -> str:
    pure = PurePath(path)
    if pure.is_absolute():
        return pure.as_uri()
    return quote(pure.as_posix())


def _sarif_rule(name: str) -> dict[str, Any]:
    rule = RULES.get(name)
    if rule is None:
        return {"id": name, "shortDescription": {"text": f"ShellCheck {name}"}, "helpUri": f"{_HOME}{name}"}
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": explain(rule)},
        "defaultConfiguration": {"level": _SARIF_LEVELS[rule.severity]},
    }


def _region(finding_range: Any) -> dict[str, int]:
    start, end = finding_range.start, finding_range.end
    return {"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column}


def _sarif_result(finding: LintFinding, number: int, path: str, artifact: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": number,
        "level": _SARIF_LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(path), "index": artifact},
                    "region": _region(finding.range),
                }
            }
        ],
    }
    if finding.fixes:
        result["fixes"] = [
            {
                "description": {"text": fix.title},
                "artifactChanges": [
                    {
                        "artifactLocation": {"uri": _uri(path), "index": artifact},
                        "replacements": [
                            {"deletedRegion": _region(edit.range), "insertedContent": {"text": edit.text}}
                            for edit in fix.edits
                        ],
                    }
                ],
            }
            for fix in finding.fixes
        ]
    return result


def explain(rule: Rule) -> str:
    """What `cowshed lint --explain` prints."""
    example = _indented(rule.wrong)
    better = _indented(rule.right)
    legend = f"\n\n{_legend(rule)}" if _legend(rule) else ""
    return (
        f"{rule.id} ({rule.severity.label}): {rule.title}\n\n{rule.why}\n\n"
        f"Not so:\n\n{example}{legend}\n\nBut so:\n\n{better}\n\n"
        f"Source: {rule.source}\nTo silence it: # cowshed: ignore={rule.id}\n"
    )


def _indented(recipe: str) -> str:
    return "\n".join(f"    {line[:160]}{'…' if len(line) > 160 else ''}".rstrip() or "" for line in _visible(recipe))


def _visible(recipe: str) -> list[str]:
    """A recipe's lines, signs that nobody sees shown as others: a byte order mark, and blanks at the end of a line."""
    lines = recipe.rstrip("\n").replace("\ufeff", _MARK).split("\n")
    return [line.rstrip(" ") + _BLANK * (len(line) - len(line.rstrip(" "))) for line in lines]


def _legend(rule: Rule) -> str:
    """What the signs stand for that the wrong recipe shows."""
    shown = "\n".join(_visible(rule.wrong))
    meanings = {_BLANK: "a blank", _MARK: "the byte order mark"}
    return "; ".join(f"{sign} stands for {meaning}" for sign, meaning in meanings.items() if sign in shown)


def rules_as_text() -> str:
    """A line for each rule."""
    width = max(map(len, RULES))
    return "".join(f"{rule.id:<{width}}  {rule.severity.label:<7}  {rule.title}\n" for rule in RULES.values())


def rules_as_markdown() -> str:
    """The rules as the pages of the documentation show them."""
    rows = [f"| [`{rule.id}`](#{rule.id}) | {rule.severity.label} | {rule.title} |\n" for rule in RULES.values()]
    parts = [
        f"### {rule.id}\n\n{rule.title} ({rule.severity.label}).\n\n{rule.why}\n\n"
        f"Not so:\n\n```\n{_shown(rule.wrong)}\n```\n\n{_legend(rule) + '.' + chr(10) * 2 if _legend(rule) else ''}"
        f"But so:\n\n```\n{_shown(rule.right)}\n```\n\nSource: {rule.source}.\n"
        for rule in RULES.values()
    ]
    return "| Rule | Severity | Finds |\n|---|---|---|\n" + "".join(rows) + "\n" + "\n".join(parts)


def _shown(recipe: str) -> str:
    return "\n".join(line[4:] for line in _indented(recipe).split("\n"))


FORMATS: dict[str, Callable[[Sequence[FileReport]], str]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
}
"""The forms by the names that `--format` takes."""
