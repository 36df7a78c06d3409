"""Recipes as a language: what editors offer while one is written. Pure, and fast enough for every keystroke.

Positions count lines and columns from 1, columns in characters; the ends of ranges are exclusive. No function raises,
whatever the text and wherever the position. Of a text longer than any recipe (`layout.is_too_long`) nothing is said.
"""

from __future__ import annotations

from .actions import ActionKind, CodeAction, code_actions
from .completion import Completion, CompletionKind, complete
from .folding import Fold, FoldKind, folds
from .formatting import format_edits, format_recipe
from .hovering import Hover, hover
from .symbols import Symbol, SymbolKind, outline

__all__ = [
    "ActionKind",
    "CodeAction",
    "Completion",
    "CompletionKind",
    "Fold",
    "FoldKind",
    "Hover",
    "Symbol",
    "SymbolKind",
    "code_actions",
    "complete",
    "folds",
    "format_edits",
    "format_recipe",
    "hover",
    "outline",
]
