"""Edits of the language package, applied in an editor as one step to undo; the cursor stays at its word."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QTextCursor

from cowshed_gui.recipe_editor import RecipeEditor
from cowshed_gui.recipe_text import units
from cowshed_lessons.language import format_edits
from cowshed_lessons.linting import TextEdit
from cowshed_lessons.verdict import Position


def apply_edits(editor: RecipeEditor, edits: Sequence[TextEdit]) -> None:
    """Apply edits that do not overlap."""
    places = [(edit, _place(editor, edit.range.start), _place(editor, edit.range.end)) for edit in edits]
    cursor = editor.textCursor()  # where it begins is where the cursor is after Ctrl+Z
    cursor.beginEditBlock()
    for edit, start, end in sorted(places, key=lambda each: each[1:], reverse=True):
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(editor.as_held(edit.text))
    cursor.endEditBlock()


def format_in(editor: RecipeEditor) -> bool:
    """Put a recipe into its form; False where it is so already. What is folded stays folded."""
    edits = format_edits(editor.text())
    if not edits or editor.isReadOnly():
        return False
    old, here = editor.text(), editor.textCursor().position()
    top = editor.verticalScrollBar().value()
    editor.folding.keep_over(lambda: apply_edits(editor, edits))
    cursor = editor.textCursor()
    cursor.setPosition(_same_word(old, editor.text(), here))
    editor.setTextCursor(cursor)
    editor.verticalScrollBar().setValue(top)
    editor.ensureCursorVisible()
    return True


def _place(editor: RecipeEditor, position: Position) -> int:
    document = editor.document()
    block = document.findBlockByNumber(position.line - 1)
    if not block.isValid():
        return document.characterCount() - 1
    return block.position() + units(block.text()[: max(position.column - 1, 0)])


def _same_word(old: str, new: str, place: int) -> int:
    """The place in a text whose blanks were changed that a place of the old text has become, both in UTF-16 units."""
    here = len(old.encode("utf-16-le", "surrogatepass")[: 2 * place].decode("utf-16-le", "surrogatepass"))
    letters = sum(not letter.isspace() for letter in old[:here])
    before_word = here < len(old) and not old[here].isspace() and (here == 0 or old[here - 1].isspace())
    gap = len(old[:here]) - len(old[:here].rstrip())
    lines_down = 0 if before_word else old[here - gap : here].count("\n")
    seen = end = 0
    while end < len(new) and seen < letters:
        seen += not new[end].isspace()
        end += 1
    while before_word and end < len(new) and new[end].isspace():
        end += 1
    while lines_down and end < len(new) and new[end].isspace():
        lines_down -= new[end] == "\n"
        end += 1
    return units(new[:end])
