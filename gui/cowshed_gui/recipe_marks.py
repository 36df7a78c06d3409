"""Faults shown in the editor: where they are, the wave under the words, the sign in the margin, the hover text."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextLine,
)

from cowshed_gui.coded_text import coded
from cowshed_gui.recipe_text import units
from cowshed_gui.theme import Theme, current_theme
from cowshed_lessons.linting import LintFinding
from cowshed_lessons.verdict import Finding, Position

_WAVE = 3.0  # half a wave, in pixels
_SIGN = 0.53  # of the height of a line: the sign in the margin


class Severity(Enum):
    """How much a mark weighs. What the lesson wants comes first, then the linter's four severities.

    Each has a colour token, a sign and a line of its own, for those who see no difference in colours.
    """

    FAULT = (5, "warning", "◆")
    ERROR = (4, "error", "■")
    WARNING = (3, "warning", "▲")
    INFO = (2, "info", "●")
    STYLE = (1, "muted", "○")

    @property
    def rank(self) -> int:
        """The larger, the more it matters."""
        return self.value[0]

    @property
    def token(self) -> str:
        """The theme's colour."""
        return self.value[1]

    @property
    def sign(self) -> str:
        """The sign beside the words."""
        return self.value[2]


@dataclass(slots=True)
class Mark:
    """A finding in the document. The cursor selects the words and moves with the text while it is being edited."""

    finding: Finding
    severity: Severity
    cursor: QTextCursor
    rule: str = ""  # of the linter; empty where the lesson's judge speaks
    mendable: bool = False

    @property
    def line(self) -> int:
        """The line it begins in now, from 0."""
        place = QTextCursor(self.cursor)
        place.setPosition(self.cursor.selectionStart())
        return place.blockNumber()

    def sentence(self) -> str:
        """What the finding says and what to try."""
        message, hint = self.finding.message.strip(), self.finding.hint.strip()
        stop = "" if message.endswith((".", "!", "?", ":", "…")) or not hint else "."
        return f"{message}{stop} {hint}".strip()

    def hover_text(self) -> str:
        """The same as rich text; findings quote the recipe, so everything is escaped."""
        colour = current_theme().colour(self.severity.token).name()
        rule = f" &nbsp;<code>{html.escape(self.rule)}</code>" if self.rule else ""
        text = f"<p><span style='color:{colour}'>{self.severity.sign}</span> {coded(self.finding.message)}{rule}</p>"
        if self.finding.hint:
            text += f"<p>{coded(self.finding.hint)}</p>"
        if self.mendable:
            text += "<p>Ctrl+. shows what can be done.</p>"
        return text


def place_lint(document: QTextDocument, findings: Sequence[LintFinding]) -> list[Mark]:
    """Put what the linter found into the document."""
    marks = []
    for each in findings:
        start, end = each.range.start, each.range.end
        if (end.line, end.column) <= (start.line, start.column):
            end = Position(start.line, start.column + 1)
        finding = Finding(each.rule, each.message, start.line, start.column, "", end.line, end.column)
        mark = place_marks(document, [finding], Severity[each.severity.name])[0]
        mark.rule, mark.mendable = each.rule, bool(each.fixes)
        marks.append(mark)
    return marks


def place_marks(document: QTextDocument, findings: Sequence[Finding], severity: Severity) -> list[Mark]:
    """Put findings that have a place into the document; the others belong to the checks panel only."""
    marks = []
    for finding in findings:
        if finding.line is None:
            continue
        block = document.findBlockByNumber(min(max(finding.line, 1), document.blockCount()) - 1)
        marks.append(Mark(finding, severity, _select(document, block, finding)))
    return marks


def _select(document: QTextDocument, block: QTextBlock, finding: Finding) -> QTextCursor:
    line = block.text()
    cursor = QTextCursor(block)
    if finding.column is None:
        first, last = len(line) - len(line.lstrip()), len(line.rstrip())
    else:
        first = min(max(finding.column - 1, 0), len(line))
        last = first
        while last < len(line) and not line[last].isspace():
            last += 1
    start = block.position() + units(line[:first])
    end = block.position() + units(line[:last])
    if finding.end_column is not None and finding.column is not None:
        end_line = finding.line if finding.end_line is None else finding.end_line
        end_block = document.findBlockByNumber(min(max(end_line or 1, 1), document.blockCount()) - 1)
        words = end_block.text()[: max(finding.end_column - 1, 0)]
        end = max(start, end_block.position() + units(words))
    cursor.setPosition(start)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    return cursor


def touches(mark: Mark, block: QTextBlock) -> bool:
    """Whether any of a mark's words are in a block."""
    end = block.position() + block.length()
    return mark.cursor.selectionStart() < end and mark.cursor.selectionEnd() >= block.position()


def gravest(marks: Iterable[Mark]) -> list[Mark]:
    """Those to draw a line under: of marks whose words overlap only the gravest, for lines across lines say nothing."""
    drawn: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: -mark.severity.rank):
        start, end = mark.cursor.selectionStart(), mark.cursor.selectionEnd()
        if all(end <= each.cursor.selectionStart() or each.cursor.selectionEnd() <= start for each in drawn):
            drawn.append(mark)
    return drawn


def paint_wave(painter: QPainter, mark: Mark, block: QTextBlock, top_left: QPointF, colour: QColor) -> None:
    """Draw the wave of a mark under its words in one block, over all lines the block is wrapped to.

    Args:
        painter: on the editor's viewport.
        mark: the mark; nothing is drawn where it does not touch the block.
        block: a laid-out block.
        top_left: where the block's layout begins in the viewport.
        colour: of the wave.
    """
    start = max(mark.cursor.selectionStart(), block.position()) - block.position()
    end = min(mark.cursor.selectionEnd(), block.position() + block.length() - 1) - block.position()
    if start > end:
        return
    painter.setPen(QPen(colour, 1.3))
    layout = block.layout()
    for number in range(layout.lineCount()):
        line = layout.lineAt(number)
        first, last = max(start, line.textStart()), min(end, line.textStart() + line.textLength())
        if line.textStart() == 0 and mark.cursor.selectionStart() < block.position():
            text = block.text()
            first = max(first, len(text) - len(text.lstrip()))  # a following line's blanks are nobody's fault
        if first > last or (first == last and start != end):
            continue
        left = top_left.x() + _x(line, first)
        right = top_left.x() + _x(line, last)
        right = max(right, left + 3 * _WAVE)  # an empty place shows too
        bottom = top_left.y() + line.y() + line.ascent() + 3.5
        _draw_line(painter, mark.severity, left, right, bottom)


def _draw_line(painter: QPainter, severity: Severity, left: float, right: float, bottom: float) -> None:
    """A wave for what stops the work, a zigzag for a warning, strokes for a note, dots for a matter of style."""
    if severity in (Severity.INFO, Severity.STYLE):
        pen = QPen(painter.pen())
        pen.setDashPattern([4.0, 2.5] if severity is Severity.INFO else [1.0, 2.5])
        painter.setPen(pen)
        painter.drawLine(QPointF(left, bottom), QPointF(right, bottom))
        return
    path = QPainterPath(QPointF(left, bottom))
    x, up = left, True
    while x < right:
        x += _WAVE
        if severity is Severity.WARNING:
            path.lineTo(x, bottom + (-1.6 if up else 1.6))
        else:
            path.quadTo(x - _WAVE / 2, bottom + (-2.2 if up else 2.2), x, bottom)
        up = not up
    painter.drawPath(path)


def _x(line: QTextLine, position: int) -> float:
    place: object = line.cursorToX(position)  # PySide gives (x, position), its type stubs say float
    return float(place[0] if isinstance(place, tuple) else line.naturalTextWidth())


def paint_sign(painter: QPainter, severity: Severity, place: QRectF, theme: Theme) -> None:
    """Draw the sign of a severity in the middle of a place in the margin: each severity has a shape of its own."""
    colour = theme.colour(severity.token)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    middle, half = place.center(), _SIGN * place.height() / 2
    if severity is Severity.FAULT:
        corners = [(0.0, -half), (half, 0.0), (0.0, half), (-half, 0.0)]
    elif severity is Severity.WARNING:
        corners = [(0.0, -half), (half, half * 0.8), (-half, half * 0.8)]
    elif severity is Severity.ERROR:
        edge = half * 0.85
        corners = [(-edge, -edge), (edge, -edge), (edge, edge), (-edge, edge)]
    else:
        size = half * 0.72
        if severity is Severity.STYLE:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour, 1.3))
        painter.drawEllipse(middle, size, size)
        return
    painter.drawPolygon(QPolygonF([QPointF(middle.x() + x, middle.y() + y) for x, y in corners]))
