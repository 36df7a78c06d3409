"""Quick fixes: what can be done about the findings at the cursor, as a menu (Ctrl+.) and in the context menu.

A line has one voice, the lesson's judge before the linter, but what the linter can mend is offered in either case.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from cowshed_gui.recipe_text import position_of
from cowshed_lessons.language import ActionKind, CodeAction, code_actions
from cowshed_lessons.linting import Range, fix_all, lint
from cowshed_lessons.verdict import Position

if TYPE_CHECKING:
    from cowshed_gui.recipe_editor import RecipeEditor

NOTHING = "Nothing to mend here. F8 goes to the next finding."
_FEW = 2  # entries of a sort that stand in the menu itself
_ORDER = (ActionKind.FIX, ActionKind.FIX_ALL, ActionKind.IGNORE_LINE, ActionKind.IGNORE_FILE)


class RecipeFixes(QObject):
    """Offers what can be done in an editor."""

    def __init__(self, editor: RecipeEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.menu: QMenu | None = None

    def at_cursor(self) -> tuple[CodeAction, ...]:
        """What can be done about the line of the cursor, or the selected lines; what is at the cursor itself first."""
        editor = self._editor
        if editor.isReadOnly():
            return ()
        cursor = editor.textCursor()
        first = editor.document().findBlock(cursor.selectionStart())
        last = editor.document().findBlock(cursor.selectionEnd())
        place = position_of(cursor)
        lines = Range(Position(first.blockNumber() + 1, 1), Position(last.blockNumber() + 1, len(last.text()) + 1))
        text, findings = editor.text(), editor.linting.findings
        near = code_actions(text, Range(place, place), findings)
        found = {(each.title, each.edits): each for each in (*near, *code_actions(text, lines, findings))}
        return tuple(sorted(found.values(), key=lambda each: _ORDER.index(each.kind)))

    def rules_at_cursor(self) -> tuple[str, ...]:
        """The linter's rules that speak in the line of the cursor, or would if the lesson's judge did not."""
        line = self._editor.textCursor().blockNumber()
        marks = self._editor.marks_in_line(line)
        found = [each for each in self._editor.linting.findings if each.range.start.line == line + 1]
        rules = [mark.rule for mark in marks if mark.rule] + [each.rule for each in found]
        return tuple(dict.fromkeys(rules))

    def open_menu(self) -> QMenu | None:
        """Show the menu at the cursor; where there is nothing to do, a card says so."""
        editor = self._editor
        editor.completion.close()
        editor.ensureCursorVisible()
        if not self.at_cursor() and not self.rules_at_cursor():
            editor.hovers.say(NOTHING)
            return None
        menu = QMenu("Quick fixes", editor)
        menu.setAccessibleName("Quick fixes")
        self.fill(menu)
        menu.aboutToHide.connect(menu.deleteLater)
        self.menu = menu
        menu.destroyed.connect(self._forget)
        menu.popup(editor.viewport().mapToGlobal(editor.cursorRect().bottomLeft() + QPoint(0, 2)))
        menu.setActiveAction(menu.actions()[0])
        return menu

    def fill(self, menu: QMenu) -> list[QAction]:
        """Put what can be done into a menu: fixes, silence, explanations, parted by lines."""
        found, rules = self.at_cursor(), self.rules_at_cursor()
        silences = [each for each in found if each.kind in (ActionKind.IGNORE_LINE, ActionKind.IGNORE_FILE)]
        made = [menu.addAction(_plain(each.title), partial(self.make, each)) for each in found if each not in silences]
        if made and (silences or rules):
            menu.addSeparator()
        explain = self._part(menu, "Explain", len(rules))
        made += [
            explain.addAction(f"Explain {rule}", partial(self._editor.hovers.explain_rule, rule)) for rule in rules
        ]
        ignore = self._part(menu, "Ignore", len(silences))
        made += [ignore.addAction(_plain(each.title), partial(self.make, each)) for each in silences]
        return made

    @staticmethod
    def _part(menu: QMenu, title: str, count: int) -> QMenu:
        """The menu itself for a few entries, one below it for many."""
        return menu.addMenu(title) if count > _FEW else menu

    def make(self, action: CodeAction) -> None:
        """Do it, in one step to undo."""
        from cowshed_gui.recipe_edits import apply_edits

        apply_edits(self._editor, action.edits)
        self._editor.setFocus()

    def fix_everything(self) -> int:
        """Make every safe fix in the recipe, in one step to undo; says how many findings were mended."""
        editor = self._editor
        shown = {finding.rule for finding in editor.linting.findings}
        if editor.isReadOnly() or not shown:
            return 0
        fixed = fix_all(editor.text(), lambda text: lint(text, select=shown))
        editor.replace_text(fixed.text)
        return len(fixed.mended)

    def _forget(self) -> None:
        self.menu = None


def _plain(title: str) -> str:
    """A title for a menu: no back quotes, and `&` as itself."""
    return title.replace("`", "").replace("&", "&&")
