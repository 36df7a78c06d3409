"""What the judge says: the first fault in a sentence, and each check with its sign and its word."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from cowshed_gui.coded_text import coded
from cowshed_gui.theme import APPEARANCE, ICON, SPACE, SPACE_SMALL, icon, icon_pixmap, repolish
from cowshed_lessons.verdict import CheckResult, Finding, Outcome, Verdict

_ENDS = (".", "!", "?", ":", "…")
_MANY = 5  # checks; with more, those that passed are folded


def sign(result: CheckResult) -> tuple[str, str, str]:
    """Icon, colour token and word for a check."""
    if result.outcome is Outcome.PASSED:
        return "circle-check", "passed", "passed"
    if result.outcome is Outcome.CANNOT_TELL:
        return "question", "info", "can't tell"
    if result.waiting or not result.findings:
        return "waiting", "muted", "waiting"
    return "fault", "warning", "not yet"


def sentence_of(finding: Finding, outcome: Outcome = Outcome.NOT_YET) -> str:
    """A fault in the voice of the app: what, where, and what to try."""
    begins = "Can't tell" if outcome is Outcome.CANNOT_TELL else "Not yet"
    if finding.line is not None and f"line {finding.line}" not in finding.message.lower():
        begins = f"{begins}, line {finding.line}"
    message = finding.message.strip()
    if message.startswith("Line "):  # it goes on a sentence that has begun
        message = f"l{message[1:]}"
    text = message if message.lower().startswith(("not yet", "can't tell")) else f"{begins}: {message}"
    if finding.hint and finding.hint.strip() not in text:
        text = f"{text}{'' if text.endswith(_ENDS) else '.'} {finding.hint.strip()}"
    return text


class FaultCard(QFrame):
    """The first fault, as a sentence. Click it, or press Enter on it, to go to its line."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._finding: Finding | None = None
        self.setProperty("look", "callout-fault")
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.RichText)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE + SPACE_SMALL, SPACE, SPACE, SPACE)
        layout.addWidget(self._text, 1)

    def show_text(self, text: str, look: str, finding: Finding | None = None) -> None:
        """Show a sentence; with a finding that has a place, it leads there."""
        self._finding = finding if finding is not None and finding.line is not None else None
        leads = self._finding is not None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if leads else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor if leads else Qt.CursorShape.ArrowCursor)
        self.setToolTip(f"Go to line {self._finding.line}" if self._finding else "")
        self._text.setText(coded(text))
        self.setAccessibleName(text)
        if self.property("look") != look:
            self.setProperty("look", look)
            repolish(self)

    def text(self) -> str:
        """What it says."""
        return self.accessibleName()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Go to the fault."""
        if self._finding is not None and self.rect().contains(event.position().toPoint()):
            self.chosen.emit(self._finding)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and space go to the fault."""
        if self._finding is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self._finding)
        else:
            super().keyPressEvent(event)


class ChecksPanel(QWidget):
    """The checks of a step. `chosen` carries the finding whose place is to be shown."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Checks")
        self._verdict: Verdict | None = None
        self._busy = ""
        self._caption = QLabel("CHECKS")
        self._caption.setProperty("look", "caption")
        self._count = QLabel()
        self._count.setProperty("look", "small")
        self.card = FaultCard()
        self.card.chosen.connect(self.chosen)
        self._rows = QWidget()
        self._grid = QGridLayout(self._rows)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE)
        self._grid.setVerticalSpacing(SPACE_SMALL)
        self._grid.setColumnStretch(1, 1)
        self._area = _FittingArea(self._rows)
        self._unfolded = False
        self._checks: tuple[str, ...] = ()
        self.fold_button = QPushButton()
        self.fold_button.setProperty("look", "fold")
        self.fold_button.clicked.connect(self._on_fold)
        self.fold_button.hide()
        head = QHBoxLayout()
        head.addWidget(self._caption)
        head.addStretch(1)
        head.addWidget(self._count)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addLayout(head)
        layout.addWidget(self.card)
        layout.addWidget(self.fold_button)
        layout.addWidget(self._area)
        self.card.hide()
        APPEARANCE.changed.connect(self._draw)

    def show_verdict(self, verdict: Verdict | None) -> None:
        """Show what the judge says; None while it has said nothing."""
        self._verdict = verdict
        self._draw()

    def show_busy(self, sentence: str) -> None:
        """Say what is being done to find out more (an image is looked at); empty when nothing is."""
        self._busy = sentence
        self._draw()

    def sentence(self) -> str:
        """The sentence shown prominently; empty where there is none."""
        return "" if self.card.isHidden() else self.card.text()

    def words(self) -> list[tuple[str, str]]:
        """Each check's title and word, folded or not."""
        return [(result.title, sign(result)[2]) for result in (self._verdict.results if self._verdict else ())]

    def _draw(self) -> None:
        results = self._verdict.results if self._verdict else ()
        self._clear()
        passed = sum(result.outcome is Outcome.PASSED for result in results)
        self._count.setText(f"{passed} of {len(results)} passed" if results else "")
        self.setVisible(bool(results))
        self._draw_card()
        for row, result in enumerate(self._shown(results)):
            name, token, word = sign(result)
            picture = QLabel()
            picture.setPixmap(icon_pixmap(name, token, round(ICON * APPEARANCE.zoom)))
            title = QLabel(coded(result.title))
            title.setTextFormat(Qt.TextFormat.RichText)
            title.setWordWrap(True)
            title.setAccessibleName(f"{result.title}: {word}")
            says = QLabel(word)
            says.setProperty("look", "muted")
            self._grid.addWidget(picture, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(title, row, 1)
            self._grid.addWidget(says, row, 2, Qt.AlignmentFlag.AlignTop)
        self._area.fit()

    def _shown(self, results: Sequence[CheckResult]) -> Sequence[CheckResult]:
        """The checks in the grid: where there are many, those that passed are one line while others are open."""
        checks = tuple(result.check for result in results)
        if checks != self._checks:  # another step
            self._checks, self._unfolded = checks, False
        still_open = [result for result in results if result.outcome is not Outcome.PASSED]
        passed = len(results) - len(still_open)
        folds = len(results) > _MANY and bool(still_open) and passed > 1
        self.fold_button.setVisible(folds)
        if not folds:
            return results
        size = round(ICON * APPEARANCE.zoom)
        self.fold_button.setIcon(icon("chevron-down" if self._unfolded else "chevron-right", "passed"))
        self.fold_button.setIconSize(QSize(size, size))
        self.fold_button.setText(f"✓ {passed} passed")
        self.fold_button.setAccessibleName(f"{passed} passed, {'shown' if self._unfolded else 'folded'}")
        self.fold_button.setToolTip("Show only what is open" if self._unfolded else "Show those that passed, too")
        return results if self._unfolded else still_open

    def _on_fold(self) -> None:
        self._unfolded = not self._unfolded
        self._draw()

    def _draw_card(self) -> None:
        first = self._first()
        if self._busy:
            self.card.show_text(self._busy, "callout-note")
        elif first is not None:
            result, finding = first
            look = "callout-note" if result.outcome is Outcome.CANNOT_TELL else "callout-fault"
            self.card.show_text(sentence_of(finding, result.outcome), look, finding)
        self.card.setVisible(bool(self._busy) or first is not None)

    def _first(self) -> tuple[CheckResult, Finding] | None:
        """The fault to speak of: the first real one, else what cannot be told, else what is waited for."""
        results = self._verdict.results if self._verdict else ()
        groups = (
            [result for result in results if result.outcome is Outcome.NOT_YET and not result.waiting],
            [result for result in results if result.outcome is Outcome.CANNOT_TELL],
        )
        for group in groups:
            for result in group:
                if result.findings:
                    return result, result.findings[0]
        return None

    def _clear(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()


class _FittingArea(QScrollArea):
    """A scroll area as high as its content, up to a limit."""

    _SHARE = 0.34  # of the window's height, at most

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def fit(self) -> None:
        """Take the height that the content needs at this width."""
        content = self.widget()
        layout = content.layout() if content is not None else None
        assert content is not None
        assert layout is not None
        layout.activate()
        need = layout.totalHeightForWidth(self.viewport().width()) if layout.hasHeightForWidth() else -1
        need = max(need, content.sizeHint().height() if need < 0 else need)
        limit = max(round(self._SHARE * self.window().height()), 4 * self.fontMetrics().lineSpacing())
        self.setFixedHeight(min(need, limit))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()
