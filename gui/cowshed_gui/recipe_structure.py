"""The parts of the recipe in an editor, kept up while it is written: what can be folded, and where one is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from cowshed_gui.recipe_text import RecipeText
from cowshed_gui.typing_pause import TypingPause
from cowshed_lessons.language import Fold, FoldKind, Symbol, SymbolKind, folds, outline

_LONG = 200  # lines from which on folds and parts wait for a pause: nobody folds while a key goes down
_PAUSE = 350  # milliseconds without a key
_LEAST = {FoldKind.COMMENT: 2}  # lines that have to be hidden for a fold to be worth a triangle


@dataclass(frozen=True, slots=True)
class Part:
    """A line of the outline.

    Attributes:
        name: As the recipe writes it (`%post`), "Header", or a stage's name.
        detail: A few words more.
        line: Where its name is, from 1.
        column: The same.
        last: Its last line.
        depth: How many parts it is in.
        kind: What it is.
        path: Names of the parts it is in and its own.
    """

    name: str
    detail: str
    line: int
    column: int
    last: int
    depth: int
    kind: SymbolKind
    path: tuple[str, ...]


def parts(symbols: Sequence[Symbol], above: tuple[str, ...] = ()) -> Iterator[Part]:
    """The outline as lines, header keys left out: they are in sight where the header is."""
    for symbol in symbols:
        if symbol.kind is SymbolKind.KEY:
            continue
        start = symbol.selection.start
        path = (*above, symbol.name)
        last = symbol.range.end.line
        if symbol.kind is not SymbolKind.APP:  # it has no line of its own, and its sections carry its name
            yield Part(symbol.name, symbol.detail, start.line, start.column, last, len(above), symbol.kind, path)
        yield from parts(symbol.children, path)


class RecipeStructure(QObject):
    """Follows the text of an editor: at once, in long recipes when the typing pauses.

    Signals:
        changed: there are other folds or parts.
    """

    changed = Signal()

    def __init__(self, editor: RecipeText) -> None:
        super().__init__(editor)
        self._editor = editor
        self._folds: tuple[Fold, ...] = ()
        self._parts: tuple[Part, ...] = ()
        self._stale = False
        self._count = editor.blockCount()
        self._pause = TypingPause(self.read_now, self, long=_LONG, pause=_PAUSE)
        editor.document().contentsChange.connect(self._on_change)
        editor.edited.connect(self._on_edited)

    @property
    def folds(self) -> tuple[Fold, ...]:
        """What can be folded, as it was read last; lines were moved along with the text since."""
        return self._folds

    @property
    def parts(self) -> tuple[Part, ...]:
        """The outline, as it was read last."""
        return self._parts

    def read_now(self) -> None:
        """Read the text, unless that was done."""
        if not self._stale:
            return
        self._stale = False
        text = self._editor.text()
        before = self._folds, self._parts
        self._folds = tuple(fold for fold in folds(text) if fold.last - fold.first >= _LEAST.get(fold.kind, 1))
        self._parts = tuple(parts(outline(text)))
        if before != (self._folds, self._parts):
            self.changed.emit()

    def part_at(self, line: int) -> Part | None:
        """The innermost part that a line (from 1) belongs to: it, or the last one that begins above it."""
        found = None
        for part in self._parts:
            if part.line <= line:
                found = part
        return found

    def _on_edited(self) -> None:
        self._stale = True
        self._pause.changed(self._editor.blockCount())

    def _on_change(self, position: int, _removed: int, _added: int) -> None:
        """Move what is below a change along with its lines, so that nothing jumps until it is read again."""
        count = self._editor.blockCount()
        moved, self._count = count - self._count, count
        if not moved or not self._folds:
            return
        here = self._editor.document().findBlock(position).blockNumber() + 1
        self._folds = tuple(
            replace(fold, first=fold.first + moved * (fold.first > here), last=fold.last + moved)
            for fold in self._folds
            if fold.last >= here
        )
