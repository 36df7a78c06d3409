"""The lesson: a page of text with cards, hints, the checks under it, and the way to the next step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from cowshed_gui.answer_card import AnswerCard, has_answer
from cowshed_gui.checks_panel import ChecksPanel
from cowshed_gui.learned_box import LearnedBox
from cowshed_gui.lesson_cards import CalloutCard, CodeView, CommandCard, FigureCard, HintList, SnippetCard
from cowshed_gui.lesson_text import ProseView
from cowshed_gui.measured_page import MeasuredPage
from cowshed_gui.notes_box import NotesBox
from cowshed_gui.page_places import TextView, find_place
from cowshed_gui.preflight_card import PreflightCard
from cowshed_gui.question_card import QuestionCard
from cowshed_gui.sizes_card import SizesCard
from cowshed_gui.step_looks import wants_target
from cowshed_gui.theme import APPEARANCE, ICON, SPACE, SPACE_PAGE, SPACE_WIDE, icon, repolish
from cowshed_lessons.course import Course, Step
from cowshed_lessons.progress import StepProgress, StepState

if TYPE_CHECKING:
    from cowshed_lessons.markup import Block
    from cowshed_lessons.verdict import Verdict


class LessonPane(QWidget):
    """The lesson's page.

    Signals:
        run: a command line, to run in the terminal.
        insert: a snippet, for the recipe.
        go_to: the id of a step that a link leads to.
        solution: a solution is asked for.
        next, back, skip: the buttons at the foot.
        place: a finding whose place in the recipe is to be shown.
        hints_unfolded: how many hints of the step are open.
        answered: a question's id, and the places of the options that were chosen.
        examine: the target is to be examined once more.
    """

    run = Signal(str)
    insert = Signal(str)
    go_to = Signal(str)
    solution = Signal()
    next = Signal()
    back = Signal()
    skip = Signal()
    place = Signal(object)
    hints_unfolded = Signal(int)
    answered = Signal(str, object)
    examine = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("lesson")
        self.setAccessibleName("Lesson")
        self._course: Course | None = None
        self._hints: HintList | None = None
        self._seek: Callable[[], object] | None = None  # scrolls to what is to be seen, while the page is laid out
        self._attempted = False
        self._top: int | None = None  # where the reader scrolled to
        self._anchoring = False
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._area.setProperty("look", "reading")
        self._area.setAccessibleName("Lesson text")
        self._area.verticalScrollBar().rangeChanged.connect(self._on_new_height)
        self._area.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.checks = ChecksPanel()
        self.checks.chosen.connect(self.place)
        self.learned = LearnedBox()
        self._make_foot()
        below = QWidget()
        below_layout = QVBoxLayout(below)
        below_layout.setContentsMargins(SPACE_PAGE, SPACE_WIDE - 4, SPACE_PAGE, SPACE_WIDE - 4)
        below_layout.setSpacing(SPACE_WIDE - 4)
        self.checks.add_beside_fault(self.learned)
        below_layout.addWidget(self.checks)
        below_layout.addLayout(self._foot)
        frame = QFrame()
        frame.setProperty("look", "foot")
        frame_layout = QVBoxLayout(frame)
        frame_layout.setContentsMargins(0, 0, 0, 0)
        frame_layout.addWidget(below)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._area, 1)
        layout.addWidget(frame)
        APPEARANCE.changed.connect(self._on_appearance)
        self._draw()

    def _on_appearance(self) -> None:
        self._top = None  # lines are elsewhere now
        self._draw()

    def _make_foot(self) -> None:
        self.back_button = QPushButton("Back")
        self.skip_button = QPushButton("Skip")
        self.next_button = QPushButton("Next")
        self.next_button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow after the word
        for button, signal, says in (
            (self.back_button, self.back, "Back to the step before (Alt+Left)"),
            (self.skip_button, self.skip, "Skip this step; an answer is shown and you can come back"),
            (self.next_button, self.next, "Next step (Alt+Right)"),
        ):
            button.setToolTip(says)
            button.setAccessibleDescription(says)
            button.clicked.connect(signal)
        self.skip_button.setProperty("look", "quiet")
        self._foot = QHBoxLayout()
        self._foot.setSpacing(SPACE)
        self._foot.addWidget(self.back_button)
        self._foot.addStretch(1)
        self._foot.addWidget(self.skip_button)
        self._foot.addWidget(self.next_button)

    # --- what is shown ---

    def show_step(
        self, course: Course, step: Step, *, hints_open: int = 0, answers: Mapping[str, Sequence[int]] | None = None
    ) -> None:
        """Show a step's page from its top, with `hints_open` hints and the answers that were given to its questions."""
        self._step = step
        self._answer: AnswerCard | None = None
        self._seek = None
        self._top = None
        self._course = course
        self._attempted = False
        self.checks.show_step(step)
        lesson = course.lesson_of(step)
        page = QWidget()
        page.setProperty("look", "page")
        column = QVBoxLayout(page)
        column.setContentsMargins(SPACE_PAGE, SPACE_PAGE - 4, SPACE_PAGE, SPACE_WIDE)
        column.setSpacing(SPACE + 4)
        caption = QLabel(f"{lesson.title.upper()}  ·  {lesson.number(step)} OF {len(lesson.steps)}")
        caption.setTextFormat(Qt.TextFormat.PlainText)
        caption.setProperty("look", "caption")
        title = QLabel(step.title)
        title.setTextFormat(Qt.TextFormat.PlainText)
        title.setProperty("look", "title")
        title.setWordWrap(True)
        column.addWidget(caption)
        column.addWidget(title)
        for widget in self._widgets(self._blocks(step.text)):
            column.addWidget(widget)
        self.preflight = self._preflight(step)
        if self.preflight is not None:
            column.addWidget(self.preflight)
        for question in step.questions:
            card = QuestionCard(question, (answers or {}).get(question.id, ()))
            card.answered.connect(self.answered)
            column.addWidget(card)
        self._hints = HintList(tuple(tuple(self._widgets(self._blocks(hint))) for hint in step.hints), hints_open)
        self._hints.unfolded.connect(self._on_unfolded)
        column.addWidget(self._hints)
        if step.solutions or has_answer(step):
            column.addLayout(self._solution_row(step))
        self.notes = NotesBox()
        column.addWidget(self.notes)
        self._column = column
        column.addStretch(1)
        holder = MeasuredPage(page)
        self._area.setWidget(holder)
        self._area.verticalScrollBar().setValue(0)
        self.back_button.setEnabled(course.previous(step) is not None)
        self.next_button.setEnabled(course.next(step) is not None)
        self.next_button.setVisible(self.next_button.isEnabled())  # at the end of the course, words say what comes

    def _preflight(self, step: Step) -> PreflightCard | None:
        if not wants_target(step):
            return None
        card = PreflightCard()
        card.again.connect(self.examine)
        return card

    def add_card(self, card: QWidget) -> None:
        """Put a card under the text of the step, above its hints."""
        self._column.insertWidget(self._column.indexOf(self._hints) if self._hints is not None else 0, card)

    def show_answer(self) -> None:
        """Show at the end of the page how the step can be done; for steps without a recipe to compare."""
        if self._answer is None and has_answer(self._step):
            self._answer = AnswerCard(self._step, self._blocks, self._widgets)
            self._column.insertWidget(self._column.indexOf(self.notes), self._answer)
        if self._answer is not None:
            QTimer.singleShot(0, self._answer, self._reveal_answer)

    def _reveal_answer(self) -> None:
        if self._answer is not None:
            self._area.ensureWidgetVisible(self._answer, 0, SPACE_PAGE)

    def _solution_row(self, step: Step) -> QHBoxLayout:
        button = QPushButton("Show a solution" if step.solutions else "Show the answer")
        button.setProperty("look", "link")
        button.setIcon(icon("compare", "accent"))
        size = round(ICON * APPEARANCE.zoom)
        button.setIconSize(QSize(size, size))
        button.setToolTip(
            "Compare a solution with your recipe, side by side" if step.recipe_name else "Show how it can be done"
        )
        button.clicked.connect(self.solution)
        row = QHBoxLayout()
        row.addWidget(button)
        row.addStretch(1)
        return row

    def show_verdict(self, verdict: Verdict | None, *, untouched: bool = False, attempted: bool = False) -> None:
        """Show what the judge says.

        Args:
            verdict: None while the judge has said nothing.
            untouched: nothing was done on the step yet, so no fault is named.
            attempted: the step was built, so what to try is said together with a fault.
        """
        self._attempted = attempted
        further = verdict.beyond if verdict is not None and self._course is not None else ""
        title = self._course.step(further).title if further and self._course is not None else ""
        self.checks.show_verdict(verdict, untouched=untouched, beyond=title)
        self._advise()
        self.learned.show_now(passes=verdict is None or str(verdict.outcome) == "passed")

    def show_state(self, step: Step, known: StepProgress, *, last: bool) -> None:
        """Show how the step stands: the accent is on Next once it is behind."""
        done = known.state is not StepState.OPEN
        self.next_button.setProperty("look", "primary" if done else "")
        repolish(self.next_button)
        self.skip_button.setVisible(not done)
        end = self._course is not None and self._course.next(step) is None
        self.learned.show_state(step, known.state, last=last, end=end)
        self.checks.show_passed_earlier(known.state is StepState.PASSED)
        self._draw()

    def unfold_hint(self) -> bool:
        """Unfold the next hint; False where there is none."""
        return self._hints is not None and self._hints.unfold()

    def title(self) -> str:
        """The title on the page, for tests and screen readers."""
        return next((label.text() for label in self.cards(QLabel) if label.property("look") == "title"), "")

    def cards[T: QWidget](self, kind: type[T]) -> list[T]:
        """The cards of a kind on the page, in their order."""
        page = self._area.widget()
        return page.findChildren(kind) if page is not None else []

    def reading_place(self) -> int:
        """How many pixels of the page are above what is seen of it."""
        return self._area.verticalScrollBar().value()

    def read_on(self, place: int) -> None:
        """Go on at a place that `reading_place` gave for the same step; the page finds it while it is laid out."""
        self._top = place
        self._hold(place)

    def focus_page(self) -> None:
        """Put the keyboard on the text."""
        self._area.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focus_checks(self) -> None:
        """Put the keyboard on the first fault, or on Next where there is none."""
        for widget in (self.checks.card, self.next_button, self.back_button):
            if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
                widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return

    def checks_have_focus(self) -> bool:
        """Whether the keyboard is on the checks or the buttons under them."""
        focus = self.focusWidget()
        foot = (self.checks.card, self.next_button, self.back_button, self.skip_button)
        return focus in foot and focus is not None and focus.hasFocus()

    def _on_unfolded(self, count: int) -> None:
        self.hints_unfolded.emit(count)
        self._advise()
        hints = self._hints
        assert hints is not None
        self._bring(lambda: self._area.ensureVisible(0, hints.geometry().bottom(), 0, SPACE_PAGE))

    def show_place(self, passage: str, words: Sequence[str]) -> None:
        """Scroll to a passage of the page, words in it highlighted; where it is none, to the top."""
        page = self._area.widget()
        if page is None:
            return
        texts: list[TextView] = [*self.cards(ProseView), *self.cards(CodeView)]
        place = find_place([text for text in texts if text.isVisibleTo(page)], passage)
        if place is None:
            cards = self.cards(QuestionCard)
            asked = next((card for card in cards if passage and passage in card.accessibleName()), page)
            self._bring(lambda: self._area.ensureVisible(0, asked.mapTo(page, asked.rect().topLeft()).y()))
            return
        place.highlight(words)
        above = self._area.viewport().height() // 4
        self._bring(lambda: self.read_on(max(place.top(page) - above, 0)))

    def _bring(self, seek: Callable[[], object]) -> None:
        self._seek = seek
        QTimer.singleShot(300, self, self._end_seeking)

    def _advise(self) -> None:
        """What to try stands beside a fault once the learner has tried, or has asked for a hint."""
        hinted = self._hints is not None and self._hints.opened > 0
        self.checks.show_advice(at_once=self._attempted or hinted)

    def _on_new_height(self) -> None:
        """The page learns its height bit by bit while it is laid out; what was unfolded is to be seen at its end."""
        if self._seek is not None:
            QTimer.singleShot(0, self, self._go_on_seeking)
        elif self._top is not None:
            self._hold(self._top)

    def _hold(self, top: int) -> None:
        """Keep the line at the top where it is while the checks below take more or less room."""
        bar, page = self._area.verticalScrollBar(), self._area.widget()
        self._anchoring = True
        try:
            if page is not None and bar.maximum() < top:
                page.setMinimumHeight(top + self._area.viewport().height())
            bar.setValue(min(top, bar.maximum()))
        finally:
            self._anchoring = False

    def _on_scrolled(self, value: int) -> None:
        if not self._anchoring:
            self._top = value

    def _go_on_seeking(self) -> None:
        if self._seek is not None:
            self._seek()

    def _end_seeking(self) -> None:
        self._go_on_seeking()
        self._seek = None

    # --- making widgets ---

    def _blocks(self, text: str) -> tuple[Block, ...]:
        from cowshed_lessons.markup import blocks  # here: the Markdown reader is not needed for the first picture

        assert self._course is not None
        return blocks(text, folder=self._course.folder, glossary=self._course.glossary)

    def _widgets(self, found: Sequence[Block]) -> list[QWidget]:
        return [self._widget(block) for block in found]

    def _widget(self, block: Block) -> QWidget:
        from cowshed_lessons.markup import Callout, Command, Figure, Prose, Sizes

        if isinstance(block, Prose):
            prose = ProseView(block.html)
            prose.link.connect(self._on_link)
            return prose
        if isinstance(block, Command):
            command = CommandCard(block)
            command.run.connect(self.run)
            return command
        if isinstance(block, Callout):
            callout = CalloutCard(block)
            callout.link.connect(self._on_link)
            return callout
        if isinstance(block, Figure):
            return FigureCard(block)
        if isinstance(block, Sizes):
            return SizesCard(block)
        snippet = SnippetCard(block)
        snippet.insert.connect(self.insert)
        return snippet

    def _on_link(self, address: str) -> None:
        scheme, _, rest = address.partition(":")
        if scheme == "step":
            self.go_to.emit(rest)
        elif scheme in ("http", "https"):
            QDesktopServices.openUrl(QUrl(address))

    def _draw(self) -> None:
        size = round(ICON * APPEARANCE.zoom)
        primary = self.next_button.property("look") == "primary"
        for button, name, token in (
            (self.back_button, "arrow-left", "ink"),
            (self.next_button, "arrow-right", "on_accent" if primary else "ink"),
        ):
            button.setIcon(icon(name, token))
            button.setIconSize(QSize(size, size))
