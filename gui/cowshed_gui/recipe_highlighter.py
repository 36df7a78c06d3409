"""Colours recipes in the editor: `cowshed_lessons.highlighting` line by line, in the colours of the theme in force."""

from __future__ import annotations

from functools import lru_cache

from pygments.token import Comment, Keyword, Name, Operator, Punctuation, String, _TokenType
from PySide6.QtCore import QTimer
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

SLICE = 40
"""Lines that are coloured in one go: about a screenful, in a fraction of the time between two pictures."""

# A quote that is opened and closed again colours the same lines the same way, and so does another theme.
_lexed = lru_cache(maxsize=10_000)(lex_line)


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

    One change colours at most `SLICE` lines before the window goes on: a quote that is opened at the top of 5,000
    lines changes all of them, and nobody sees more than a screenful. The rest follows in slices when nothing else is to
    be done, and keeps its colours until then.

    Qt keeps one number per line; it stands for a `LineState` in a table that grows with the distinct states only.
    """

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._states: list[LineState] = [START]
        self._numbers: dict[LineState, int] = {START: 0}
        self.lines_coloured = 0  # how many lines were coloured so far; a test holds the economy to it
        self._in_this_run = 0
        # Positions in the first and the last line that is not coloured yet; `_put_off_now` is for the run Qt is in.
        self._waiting: tuple[int, int] | None = None
        self._put_off_now: tuple[int, int] | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._colour_a_slice)
        self._coloured_for: Theme = current_theme()
        self._colour_anew()  # now, and not when Qt comes round to it
        document.contentsChange.connect(self._on_change)  # Qt's own came first: the run is over
        APPEARANCE.changed.connect(self._on_appearance)

    @property
    def settled(self) -> bool:
        """Whether every line has its colours."""
        return self._waiting is None

    def highlightBlock(self, text: str) -> None:
        """Colour one line (Qt calls this)."""
        if self._in_this_run >= SLICE:
            self._put_off()
            return
        self._in_this_run += 1
        self.lines_coloured += 1
        number = self.previousBlockState()
        tokens, after = _lexed(text, self._states[number] if number >= 0 else START)
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

    def colour_all(self) -> None:
        """Colour everything that waits, now."""
        while self._waiting is not None:
            self._colour_a_slice()

    def _put_off(self) -> None:
        """Leave a line as it looks, and its state as it is, so that Qt stops here; it gets its turn."""
        block = self.currentBlock()
        for span in block.layout().formats():
            self.setFormat(span.start, span.length, span.format)
        here = block.position()
        first, last = self._put_off_now or (here, here)
        self._put_off_now = (min(first, here), max(last, here))

    def _end_run(self) -> None:
        """Add what was put off to what waits."""
        self._in_this_run = 0
        if self._put_off_now is not None:
            first, last = self._waiting or self._put_off_now
            self._waiting = (min(first, self._put_off_now[0]), max(last, self._put_off_now[1]))
            self._put_off_now = None
        if self._waiting is not None:
            self._later.start()

    def _on_change(self, position: int, removed: int, added: int) -> None:
        if self._waiting is not None:
            first, last = (
                place if place <= position else max(position, place + added - removed) for place in self._waiting
            )
            self._waiting = (first, last)
        self._end_run()

    def _colour_a_slice(self) -> None:
        if self._waiting is None:
            return
        first, last = self._waiting
        self._waiting = None
        document = self.document()
        block = document.findBlock(min(first, document.characterCount() - 1))
        while block.isValid() and block.position() <= last and self._in_this_run < SLICE:
            before = self._in_this_run
            self.rehighlightBlock(block)  # and those after it while their state changes
            for _ in range(self._in_this_run - before):
                block = block.next()
        if block.isValid() and block.position() <= last:
            self._waiting = (block.position(), last)
        self._end_run()

    def _colour_anew(self) -> None:
        self.rehighlight()
        self._end_run()

    def _on_appearance(self) -> None:
        if self._coloured_for.name != current_theme().name:
            self._coloured_for = current_theme()
            self._colour_anew()
