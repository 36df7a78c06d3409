"""The box under a lesson that says how the step was left: what was learned, and the cow at the lesson's end."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from cowshed_gui.theme import APPEARANCE, ICON, SPACE, icon_pixmap, repolish
from cowshed_lessons.course import Step
from cowshed_lessons.progress import StepState

_THE_END = (
    "This was the last step of the course. Your recipes and images stay where they are: change them, build them again, "
    "or go back to any step with the dots at the top."
)
_BEFORE = "You have passed this step before. The checks look at your work as it is now."


class LearnedBox(QFrame):
    """A quiet tick and what was learned; at the end of a lesson, once, the cow."""

    _COW = (
        "        \\   ^__^\n"
        "         \\  (oo)\\_______\n"
        "            (__)\\       )\\/\\\n"
        "                ||----w |\n"
        "                ||     ||"
    )

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "callout-passed")
        self._picture = QLabel()
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.RichText)
        self._text.setWordWrap(True)
        self._cow = QLabel(self._COW)
        self._cow.setAccessibleName("A cow, because you have finished the lesson")
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE + 4, SPACE, SPACE, SPACE)
        layout.setSpacing(SPACE)
        layout.addLayout(row)
        layout.addWidget(self._cow)
        self._icon = ("circle-check", "passed")
        self._state, self._sentence, self._last = StepState.OPEN, "", False
        APPEARANCE.changed.connect(self._draw)
        self.hide()

    def show_state(self, step: Step, state: StepState, *, last: bool, end: bool = False) -> None:
        """Say how the step was left; nothing while it is open.

        Args:
            step: the step.
            state: how it stands.
            last: the lesson is finished with it.
            end: no step comes after it in the course.
        """
        sentence = {
            StepState.OPEN: "",
            StepState.PASSED: step.summary_when_passed or "Passed.",
            StepState.SKIPPED: "Skipped. The checks go on working, so you can still do it.",
            StepState.FORCED: "Marked as done by you.",
        }[state]
        passed = state is StepState.PASSED
        if end and sentence:
            sentence = f"{sentence} {_THE_END}"
        self._icon = ("circle-check", "passed") if passed else ("skip", "muted")
        self._state, self._sentence, self._last = state, sentence, last
        self._say(sentence)
        self._cow.setVisible(passed and last)
        self.setProperty("look", "callout-passed" if passed else "callout-note")
        repolish(self)
        self._draw()
        self.setVisible(bool(sentence))

    def show_now(self, *, passes: bool) -> None:
        """Tell a step that was passed before from the work as it is now: both are true, and neither a reproach."""
        if self._state is StepState.PASSED:
            self._say(self._sentence if passes else _BEFORE)
            self._cow.setVisible(passes and self._last)

    def _say(self, sentence: str) -> None:
        from cowshed_lessons.markup import inline

        self._text.setText(inline(sentence))
        spoken = sentence.replace("`", "")
        self.setAccessibleName(f"Passed. {spoken}" if self._state is StepState.PASSED else spoken)

    def sentence(self) -> str:
        """What it says; empty while it is hidden."""
        return "" if self.isHidden() else self._text.text()

    def shows_cow(self) -> bool:
        """Whether the cow is there."""
        return not self._cow.isHidden()

    def _draw(self) -> None:
        from cowshed_gui.theme import fixed_font

        self._picture.setPixmap(icon_pixmap(*self._icon, round(ICON * APPEARANCE.zoom)))
        self._cow.setFont(fixed_font(0.95))
