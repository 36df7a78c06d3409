"""The outline of a recipe."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from cowshed_lessons.linting import Range


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
    return ()
