"""What the judge says: the first fault in a sentence, and each check with its sign and its word."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

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
from cowshed_lessons.course import Step
from cowshed_lessons.verdict import CheckResult, Finding, Outcome, Verdict

UNTOUCHED = "The checks follow as you write."
UNTOUCHED_TERMINAL = "The checks follow what you do, in the terminal and on this page."
BEYOND = "Your recipe is further than this step: it is right for “{}”. Nothing of it has to be taken back."
_WAIT_FOR_THEMSELVES = {"quiz": "answer it", "environment": "not known yet"}
_MANY = 5  # checks; with more, those that passed are folded


def sign(result: CheckResult, waits: str = "waiting") -> tuple[str, str, str]:
    """Icon, colour token and word for a check; `waits` says what one waits for whose evidence is not there yet."""
    if result.outcome is Outcome.PASSED:
        return "circle-check", "passed", "passed"
    if result.outcome is Outcome.CANNOT_TELL:
        return "question", "info", "can't tell"
    if result.waiting or not result.findings:
        return "waiting", "muted", waits
    return "fault", "warning", "not yet"


def sentence_of(finding: Finding, outcome: Outcome = Outcome.NOT_YET) -> str:
    """A fault in the voice of the app: what, and where. What to try is the finding's hint, told when asked for."""
    begins = "Can't tell" if outcome is Outcome.CANNOT_TELL else "Not yet"
    message = finding.message.strip()
    if finding.line is not None and not re.search(rf"\bline {finding.line}\b", message, re.IGNORECASE):
        end = _end_of_first_sentence(message)
        message = f"{message[:end]} (line {finding.line}){message[end:]}"
    if message.startswith("Line "):  # it goes on a sentence that has begun
        message = f"l{message[1:]}"
    return message if message.lower().startswith(("not yet", "can't tell")) else f"{begins}: {message}"


def _end_of_first_sentence(text: str) -> int:
    """Where the first full stop is that ends a sentence: not one in code or in a quotation."""
    code = quoted = False
    for place, letter in enumerate(text):
        code ^= letter == "`"
        quoted = letter == "“" or (quoted and letter != "”")
        if letter in ".!?" and not code and not quoted and text[place + 1 : place + 2] in ("", " "):
            return place
    return len(text)


class FaultCard(QFrame):
    """The first fault, as a sentence. Click it, or press Enter on it, to go to its line; what to try is one step away.

    Attributes:
        try_button: unfolds what to try.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._finding: Finding | None = None
        self._hint = ""
        self._asked: Finding | None = None  # whose hint was asked for
        self.setProperty("look", "callout-fault")
        self._text = QLabel()
        self._advice = QLabel()
        self.try_button = QPushButton("What can I try?")
        self.try_button.setProperty("look", "link")
        self.try_button.clicked.connect(self._on_try)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE + SPACE_SMALL, SPACE, SPACE, SPACE)
        layout.setSpacing(SPACE_SMALL)
        for label in (self._text, self._advice):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.RichText)
            layout.addWidget(label)
        layout.addWidget(self.try_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._advice.hide()
        self.try_button.hide()

    def show_text(self, text: str, look: str, finding: Finding | None = None, *, advise: bool = False) -> None:
        """Show a sentence; with a finding that has a place, it leads there.

        Args:
            text: the sentence.
            look: of the card.
            finding: whose sentence it is.
            advise: whether to say at once what to try; else there is a button for it.
        """
        self._finding = finding
        leads = finding is not None and finding.line is not None
        self._hint = finding.hint.strip() if finding is not None else ""
        if self._hint and self._hint in text:
            self._hint = ""
        told = bool(self._hint) and (advise or finding == self._asked)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if leads else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor if leads else Qt.CursorShape.ArrowCursor)
        self.setToolTip(f"Go to line {finding.line}" if leads and finding is not None else "")
        self._text.setText(coded(text))
        self._advice.setText(coded(self._hint))
        self._advice.setVisible(told)
        self.try_button.setVisible(bool(self._hint) and not told)
        self.setAccessibleName(f"{text} {self._hint}" if told else text)
        if self.property("look") != look:
            self.setProperty("look", look)
            repolish(self)

    def _on_try(self) -> None:
        self._asked = self._finding
        self._advice.show()
        self.try_button.hide()
        self.setAccessibleName(f"{self.accessibleName()} {self._hint}")
        if self.focusPolicy() is not Qt.FocusPolicy.NoFocus:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def text(self) -> str:
        """What it says."""
        return self.accessibleName()

    def _place(self) -> Finding | None:
        return self._finding if self._finding is not None and self._finding.line is not None else None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Go to the fault."""
        if (finding := self._place()) and self.rect().contains(event.position().toPoint()):
            self.chosen.emit(finding)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and space go to the fault."""
        if (finding := self._place()) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(finding)
        else:
            super().keyPressEvent(event)


class ChecksPanel(QWidget):
    """The checks of a step. `chosen` carries the finding whose place is to be shown."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Checks")
        self._verdict: Verdict | None = None
        self._kinds: Mapping[str, str] = {}
        self._untouched = self._advise = self._passed_earlier = False
        self._untouched_sentence = UNTOUCHED
        self._beyond = ""
        self._busy = ""
        self._caption = QLabel("CHECKS")
        self._caption.setProperty("look", "caption")
        self._count = QLabel()
        self._count.setProperty("look", "small")
        self.card = FaultCard()
        self.card.chosen.connect(self.chosen)
        self._rows = QWidget()
        self._grid = QGridLayout(self._rows)
        self._grid.setContentsMargins(0, 0, SPACE_SMALL, 0)  # a scroll bar keeps off the words
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
        self._head = QWidget()
        head = QHBoxLayout(self._head)
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self._caption)
        head.addStretch(1)
        head.addWidget(self._count)
        self._column = layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self._head)
        layout.addWidget(self.card)
        layout.addWidget(self.fold_button)
        layout.addWidget(self._area)
        self.card.hide()
        APPEARANCE.changed.connect(self._draw)

    def add_beside_fault(self, widget: QWidget) -> None:
        """Put a box where the fault stands: good news and a fault are looked for in the same place."""
        self._column.insertWidget(1, widget)

    def show_step(self, step: Step) -> None:
        """Know what the checks of a step look at."""
        self._kinds = {spec.id: spec.kind for spec in step.checks}
        self._untouched_sentence = UNTOUCHED if step.recipe_name else UNTOUCHED_TERMINAL
        self._verdict = None
        self._advise = self._passed_earlier = False
        self._draw()

    def show_verdict(self, verdict: Verdict | None, *, untouched: bool = False, beyond: str = "") -> None:
        """Show what the judge says; None while it has said nothing.

        Of work that is still `untouched`, no fault is named. `beyond` is the title of the later step whose recipe the
        learner's already is.
        """
        self._beyond = beyond
        self._verdict = verdict
        self._untouched = untouched
        self._draw()

    def show_advice(self, *, at_once: bool) -> None:
        """Say what to try together with a fault, or only when asked."""
        self._advise = at_once
        self._draw()

    def show_passed_earlier(self, passed: bool) -> None:
        """Know whether the step was passed before: then nothing is waited for."""
        self._passed_earlier = passed
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
        results = self._verdict.results if self._verdict else ()
        return [(result.title, self._sign(result, results)[2]) for result in results]

    def _sign(self, result: CheckResult, results: Sequence[CheckResult]) -> tuple[str, str, str]:
        found = sign(result, self._waits_for(result, results))
        if found[0] == "fault" and self._untouched:
            return "circle", "muted", "open"
        if found[0] == "waiting" and self._passed_earlier:
            return "circle-check", "muted", "passed earlier"
        return found

    def _waits_for(self, result: CheckResult, results: Sequence[CheckResult]) -> str:
        """What a check waits for: the next thing to do that it looks at, or what comes before that."""

        def all_passed(area: str) -> bool:
            return all(
                each.outcome is Outcome.PASSED
                for each in results
                if self._kinds.get(each.check, "").partition(".")[0] == area
            )

        area = self._kinds.get(result.check, "").partition(".")[0]
        if area in _WAIT_FOR_THEMSELVES:
            return _WAIT_FOR_THEMSELVES[area]
        if area in ("", "recipe") or self._untouched:
            return "waiting"
        if not all_passed("recipe"):
            return "after the recipe"
        if area == "build" or not all_passed("build"):
            return "build now" if area == "build" else "after the build"
        if area == "terminal":
            return "run it now"
        builds = any(kind.startswith("build.") for kind in self._kinds.values())
        return "build now" if builds else "not there yet"

    def _draw(self) -> None:
        results = self._verdict.results if self._verdict else ()
        self._clear()
        passed = sum(result.outcome is Outcome.PASSED for result in results)
        self._count.setText(f"{passed} of {len(results)} passed" if results and not self._untouched else "")
        self._head.setVisible(bool(results))
        self._area.setVisible(bool(results))
        self._draw_card()
        for row, result in enumerate(self._shown(results)):
            name, token, word = self._sign(result, results)
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
        """The checks in the grid: where there are many, those that passed are one line, so the lesson has room."""
        checks = tuple(result.check for result in results)
        if checks != self._checks:  # another step
            self._checks, self._unfolded = checks, False
        still_open = [result for result in results if result.outcome is not Outcome.PASSED]
        passed = len(results) - len(still_open)
        folds = len(results) > _MANY and passed > 1
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
        elif self._untouched and (first is not None or self._all_wait()):
            self.card.show_text(self._untouched_sentence, "callout-note")
        elif first is None and self._beyond:
            self.card.show_text(BEYOND.format(self._beyond), "callout-note")
        elif first is not None:
            result, finding = first
            unknown = result.outcome is Outcome.CANNOT_TELL
            look = "callout-note" if unknown else "callout-fault"
            self.card.show_text(sentence_of(finding, result.outcome), look, finding, advise=self._advise or unknown)
        quiet = self._untouched and self._all_wait()
        self.card.setVisible(bool(self._busy or self._beyond) or first is not None or quiet)

    def _all_wait(self) -> bool:
        results = self._verdict.results if self._verdict else ()
        return bool(results) and all(result.waiting for result in results)

    def _first(self) -> tuple[CheckResult, Finding] | None:
        """The fault to speak of: the first real one, else what cannot be told, else what is waited for."""
        results = self._verdict.results if self._verdict else ()
        groups = (
            [result for result in results if result.outcome is Outcome.NOT_YET and not result.waiting],
            [result for result in results if result.outcome is Outcome.CANNOT_TELL],
            [result for result in results if result.outcome is Outcome.NOT_YET and result.waiting],  # nearly right
        )
        for group in groups:
            for result in group:
                if result.findings and not self._kinds.get(result.check, "").startswith("quiz."):
                    return result, result.findings[0]  # a question says itself why an answer is not right
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
