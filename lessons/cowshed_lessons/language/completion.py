"""What may be written next at a place of a recipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from cowshed_lessons.linting import Range
from cowshed_lessons.verdict import Position


class CompletionKind(Enum):
    """What a completion is."""

    SECTION = "section"
    KEY = "key"
    AGENT = "agent"
    VALUE = "value"
    COMMAND = "command"
    PACKAGE = "package"
    OPTION = "option"
    VARIABLE = "variable"
    APP = "app"
    STAGE = "stage"


@dataclass(frozen=True, slots=True)
class Completion:
    """One thing that may be written.

    Attributes:
        label: What a list shows, and what typed text is compared with.
        kind: What it is.
        insert: The text to put in the place of `replaces`: plain, sometimes of several lines.
        replaces: What is written of it already; empty where nothing is.
        detail: A few words beside the label.
        documentation: Markdown.
    """

    label: str
    kind: CompletionKind
    insert: str
    replaces: Range
    detail: str = ""
    documentation: str = ""


def complete(text: str, position: Position, *, packages: Sequence[str] = ()) -> tuple[Completion, ...]:
    """What may be written at a position, best first.

    Args:
        text: The recipe, finished or not.
        position: The cursor.
        packages: Names of packages that are wanted here (of the course's step, say); they come first.
    """
    return ()
