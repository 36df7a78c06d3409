"""Colours recipes in the editor: `cowshed_lessons.highlighting` line by line, in the colours of the theme in force."""

from __future__ import annotations

from functools import lru_cache

from pygments.token import Comment, Keyword, Name, Operator, Punctuation, String, _TokenType
from PySide6.QtGui import QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from cowshed_gui.recipe_text import units
from cowshed_gui.theme import APPEARANCE, Theme, current_theme
from cowshed_lessons.highlighting import START, LineState, lex_line

# Token type to (theme token, bold, italic). A type takes the entry of its nearest ancestor; the rest is plain ink.
# Errors stay plain on purpose: half a word is no fault while it is being typed, and faults are the judge's to mark.
_STYLES: dict[_TokenType, tuple[str, bool, bool]] = {
    Keyword.Namespace: ("accent", True, False),
    Keyword: ("info", False, False),
    Keyword.Constant: ("ink", False, False),
    Name.Function: ("ink", True, False),
    Name.Builtin: ("info", False, False),
    Name.Attribute: ("accent", False, False),
    Name.Class: ("ink", True, False),
    Name.Label: ("warning", False, False),
    Name.Variable: ("warning", False, False),
    Name.Variable.Magic: ("warning", True, False),
    String.Double: ("passed", False, False),
    String.Single: ("passed", False, False),
    String.Heredoc: ("passed", False, False),
    String.Delimiter: ("muted", True, False),
    String.Escape: ("muted", False, False),
    String.Interpol: ("warning", False, False),
    Comment: ("muted", False, True),
    Comment.Hashbang: ("muted", False, True),
    Operator: ("muted", False, False),
    Punctuation: ("muted", False, False),
}


@lru_cache(maxsize=512)
def _format(kind: _TokenType, theme: str) -> QTextCharFormat | None:
    """The format of a token type, None for plain text. `theme` only keys the cache: it must be the theme in force."""
    ancestor: _TokenType | None = kind
    while ancestor is not None and ancestor not in _STYLES:
        ancestor = ancestor.parent
    if ancestor is None:
        return None
    token, bold, italic = _STYLES[ancestor]
    made = QTextCharFormat()
    made.setForeground(current_theme().colour(token))
    if bold:
        made.setFontWeight(QFont.Weight.DemiBold)
    made.setFontItalic(italic)
    return made


class RecipeHighlighter(QSyntaxHighlighter):
    """Highlights a recipe; a changed line costs that line, and the following ones only while their state changes.

    Qt keeps one number per line; it stands for a `LineState` in a table that grows with the distinct states only.
    """

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._states: list[LineState] = [START]
        self._numbers: dict[LineState, int] = {START: 0}
        self.lines_coloured = 0  # how many lines were coloured so far; a test holds the economy to it
        APPEARANCE.changed.connect(self._on_appearance)
        self._coloured_for: Theme = current_theme()

    def highlightBlock(self, text: str) -> None:
        """Colour one line (Qt calls this)."""
        self.lines_coloured += 1
        number = self.previousBlockState()
        tokens, after = lex_line(text, self._states[number] if number >= 0 else START)
        theme = self._coloured_for.name
        if text.isascii() or all(ord(letter) < 0x10000 for letter in text):
            for start, kind, piece in tokens:
                made = _format(kind, theme)
                if made is not None:
                    self.setFormat(start, len(piece), made)
        else:  # Qt counts UTF-16 units, and this line has letters that take two
            for start, kind, piece in tokens:
                made = _format(kind, theme)
                if made is not None:
                    self.setFormat(units(text[:start]), units(piece), made)
        if after not in self._numbers:
            self._numbers[after] = len(self._states)
            self._states.append(after)
        self.setCurrentBlockState(self._numbers[after])

    def _on_appearance(self) -> None:
        if self._coloured_for.name != current_theme().name:
            self._coloured_for = current_theme()
            self.rehighlight()
