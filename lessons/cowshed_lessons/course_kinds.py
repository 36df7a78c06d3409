"""The kinds of checks as a table for authors, made from the registry; `docs/authors.md` holds it."""

from __future__ import annotations

from collections.abc import Mapping

from cowshed_lessons.checks import Area, CheckKind, Parameter, Shape, check_kind, check_kinds

_SHAPES: Mapping[Shape, str] = {
    "text": "text",
    "texts": "texts",
    "alternatives": "texts, each may be a list of which any will do",
    "number": "number",
    "statuses": 'number, numbers or "nonzero"',
    "pattern": "regular expression",
    "truth": "true or false",
    "table": "table",
    "tables": "tables",
}
_EVERYWHERE = ("message", "hint")
"""Every kind takes these; they are said once above the tables."""

_AREAS: Mapping[Area, str] = {
    "recipe": "The recipe",
    "build": "The build",
    "image": "Images",
    "terminal": "The terminal",
    "quiz": "Questions",
    "environment": "The target",
}


def kinds_as_markdown() -> str:
    """A table of kinds for each kind of evidence, in the order in which a learner meets them."""
    kinds = [check_kind(name) for name in check_kinds()]
    parts = []
    for area, title in _AREAS.items():
        rows = [_row(kind) for kind in kinds if kind.area == area]
        parts.append("\n".join([f"### {title}", "", "| kind | passes when | parameters |", "|---|---|---|", *rows]))
    return "\n\n".join(parts) + "\n"


def _row(kind: CheckKind) -> str:
    parameters = [_parameter(each) for name, each in kind.parameters.items() if name not in _EVERYWHERE]
    meaning = (kind.judge.__doc__ or "").strip().partition("\n\n")[0]
    cells = (f"`{kind.name}`", " ".join(meaning.split()), "; ".join(parameters) or "–")
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _parameter(parameter: Parameter) -> str:
    name = f"**`{parameter.name}`**" if parameter.required else f"`{parameter.name}`"
    return f"{name} ({_SHAPES[parameter.shape]})"
