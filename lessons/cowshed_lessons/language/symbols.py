"""The outline of a recipe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from cowshed_lessons.linting import Range
from cowshed_lessons.verdict import Position

from .layout import Layout, Part, StageLayout, is_too_long, layout_of, span


class SymbolKind(Enum):
    """What a symbol is."""

    STAGE = "stage"
    HEADER = "header"
    KEY = "key"
    SECTION = "section"
    APP = "app"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A part of a recipe.

    Attributes:
        name: As an outline shows it (`%post`, `Bootstrap`, a stage's or an app's name).
        kind: What it is.
        detail: A few words more, such as a value; may be empty.
        range: All of it.
        selection: Its name only, inside `range`.
        children: Its parts, in the order of the text.
    """

    name: str
    kind: SymbolKind
    detail: str
    range: Range
    selection: Range
    children: tuple[Symbol, ...] = ()


def outline(text: str) -> tuple[Symbol, ...]:
    """The parts of a recipe: of one stage its header and sections, of several the stages that hold them."""
    if is_too_long(text):
        return ()
    layout = layout_of(text)
    if len(layout.stages) == 1:
        return tuple(_parts(layout, layout.stages[0]))
    found = []
    for number, stage in enumerate(layout.stages, start=1):
        name = stage.value("stage") or f"stage {number}"
        entry = next((entry for entry in stage.entries if entry.key == "stage"), None)
        whole = _lines(layout, stage.first, stage.last)
        named = entry.value_range if entry and entry.value else span(stage.first, 0, len(layout.line(stage.first)))
        found.append(Symbol(name, SymbolKind.STAGE, stage.base, whole, named, tuple(_parts(layout, stage))))
    return tuple(found)


def _lines(layout: Layout, first: int, last: int) -> Range:
    last = layout.written_last(first, last)
    return Range(Position(first, 1), Position(last, len(layout.line(last)) + 1))


def _parts(layout: Layout, stage: StageLayout) -> Iterator[Symbol]:
    if stage.entries:
        yield _header(layout, stage)
    apps: dict[str, list[Part]] = {}
    for part in stage.parts:
        if part.app:
            apps.setdefault(part.app, []).append(part)
    for part in stage.parts:
        if not part.app:
            yield _section(layout, part)
        elif apps[part.app][0] is part:
            sections = apps[part.app]
            children = tuple(_section(layout, item) for item in sections)
            whole = Range(children[0].range.start, children[-1].range.end)
            column = layout.line(part.first).find(part.app, part.end)
            named = span(part.first, column, column + len(part.app))
            yield Symbol(part.app, SymbolKind.APP, "app", whole, named, children)


def _header(layout: Layout, stage: StageLayout) -> Symbol:
    keys = []
    for entry in stage.entries:
        whole = Range(entry.key_range.start, Position(entry.last, len(layout.line(entry.last)) + 1))
        keys.append(Symbol(entry.written, SymbolKind.KEY, entry.value, whole, entry.key_range))
    whole = Range(keys[0].range.start, keys[-1].range.end)
    return Symbol("Header", SymbolKind.HEADER, stage.base, whole, keys[0].range, tuple(keys))


def _section(layout: Layout, part: Part) -> Symbol:
    line = layout.line(part.first)
    name = line[part.start : part.end] if part.name else line.strip()
    return Symbol(
        name,
        SymbolKind.SECTION,
        part.arguments.strip(),
        _lines(layout, part.first, part.last),
        span(part.first, part.start, max(part.end, part.start + 1)),
    )
