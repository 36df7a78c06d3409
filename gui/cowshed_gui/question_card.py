"""A question of a quiz: its answers, and beside each that was chosen the reason why it is right or not."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
)

from cowshed_gui.theme import APPEARANCE, ICON, SPACE, SPACE_SMALL, icon_pixmap, repolish
from cowshed_lessons.course import Question
from cowshed_lessons.markup import inline

_RIGHT, _MORE = "That is right.", "What you chose is right, and there is more that is."


class _OptionText(QLabel):
    """The words of an answer; a click on them chooses it, as a click on its button does."""

    def __init__(self, text: str, button: QAbstractButton) -> None:
        super().__init__(inline(text))
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setBuddy(button)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._button = button

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose the answer."""
        if self.rect().contains(event.position().toPoint()):
            self._button.setFocus(Qt.FocusReason.MouseFocusReason)
            self._button.click()


class QuestionCard(QFrame):
    """A question.

    Signals:
        answered: the question's id, and the places of the chosen options, counted from 0.

    Attributes:
        buttons: one for each option, in their order.
        answer_button: says that the choice is made.
    """

    answered = Signal(str, object)

    def __init__(self, question: Question, chosen: Sequence[int] = ()) -> None:
        super().__init__()
        self.question = question
        self.setProperty("look", "question")
        plain = _plain(question.text)
        self.setAccessibleName(f"Question: {plain}")
        caption = QLabel("Question" if not question.several else "Question, several answers")
        caption.setProperty("look", "small")
        text = QLabel(inline(question.text))
        text.setTextFormat(Qt.TextFormat.RichText)
        text.setWordWrap(True)
        text.setProperty("look", "strong")
        self._group = QButtonGroup(self)
        self._group.setExclusive(not question.several)
        self.buttons: list[QAbstractButton] = []
        self._pictures: list[QLabel] = []
        self._reasons: list[QLabel] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(SPACE)
        self._grid.setVerticalSpacing(SPACE_SMALL)
        self._grid.setColumnStretch(1, 1)
        for place in range(len(question.options)):
            self._add_option(place)
        self.answer_button = QPushButton("Answer")
        self.answer_button.setEnabled(False)
        self.answer_button.clicked.connect(self._on_answer)
        self._says = QLabel()
        self._says.setWordWrap(True)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE)
        foot.addWidget(self.answer_button)
        foot.addWidget(self._says, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE + SPACE_SMALL, SPACE, SPACE + SPACE_SMALL, SPACE + SPACE_SMALL)
        layout.setSpacing(SPACE)
        layout.addWidget(caption)
        layout.addWidget(text)
        layout.addLayout(self._grid)
        layout.addLayout(foot)
        APPEARANCE.changed.connect(self._draw)
        self.answer: tuple[int, ...] = ()
        self.show_answer(chosen)

    def _add_option(self, place: int) -> None:
        option = self.question.options[place]
        button: QAbstractButton = QCheckBox() if self.question.several else QRadioButton()
        button.setAccessibleName(_plain(option.text))
        button.toggled.connect(self._on_toggled)
        self._group.addButton(button, place)
        text = _OptionText(option.text, button)
        reason = QLabel()
        reason.setTextFormat(Qt.TextFormat.RichText)
        reason.setWordWrap(True)
        reason.setProperty("look", "muted")
        reason.hide()
        picture = QLabel()
        picture.hide()
        self._grid.addWidget(button, 2 * place, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(text, 2 * place, 1)
        self._grid.addWidget(picture, 2 * place + 1, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        self._grid.addWidget(reason, 2 * place + 1, 1)
        self.buttons.append(button)
        self._pictures.append(picture)
        self._reasons.append(reason)

    # --- answering ---

    def chosen(self) -> tuple[int, ...]:
        """The places of the options that are chosen now."""
        return tuple(place for place, button in enumerate(self.buttons) if button.isChecked())

    def show_answer(self, chosen: Sequence[int]) -> None:
        """Show an answer as it was given, with its reasons; nothing is chosen where it is empty."""
        answer = tuple(sorted({place for place in chosen if 0 <= place < len(self.buttons)}))
        self._group.setExclusive(False)
        for place, button in enumerate(self.buttons):
            button.blockSignals(True)
            button.setChecked(place in answer)
            button.blockSignals(False)
        self._group.setExclusive(not self.question.several)
        self.answer = answer
        self._draw()

    @property
    def is_right(self) -> bool:
        """Whether the answer that was given is the right one."""
        return self.answer == self.question.right

    def reasons(self) -> list[str]:
        """The reasons that are shown, as plain text."""
        return [_plain(reason.accessibleName()) for reason in self._reasons if not reason.isHidden()]

    def _on_toggled(self, _checked: bool) -> None:
        self.answer_button.setEnabled(bool(self.chosen()) and self.chosen() != self.answer)

    def _on_answer(self) -> None:
        self.show_answer(self.chosen())
        self.answered.emit(self.question.id, self.answer)

    # --- showing ---

    def _draw(self) -> None:
        size = round(ICON * APPEARANCE.zoom)
        for place, option in enumerate(self.question.options):
            told = place in self.answer or (self.is_right and bool(self.answer))
            word, name, token = (
                ("Right", "circle-check", "passed") if option.right else ("Not this one", "circle", "muted")
            )
            if place in self.answer and not option.right:
                name, token = "fault", "warning"
            self._reasons[place].setText(f"<b>{word}.</b> {inline(option.explanation)}" if told else "")
            self._reasons[place].setAccessibleName(f"{word}. {_plain(option.explanation)}" if told else "")
            self._reasons[place].setVisible(told)
            self._pictures[place].setPixmap(icon_pixmap(name, token, size))
            self._pictures[place].setVisible(told)
        self._says.setText(self._sentence())
        self._says.setAccessibleName(self._sentence())
        self.answer_button.setText("Answer again" if self.answer else "Answer")
        self.answer_button.setEnabled(bool(self.chosen()) and self.chosen() != self.answer)
        self.answer_button.setVisible(not self.is_right)
        self.setProperty("answer", "right" if self.is_right and self.answer else "open")
        repolish(self)

    def _sentence(self) -> str:
        if not self.answer:
            return ""
        if self.is_right:
            return _RIGHT
        wrong = any(not self.question.options[place].right for place in self.answer)
        return "Not yet. Choose again." if wrong else _MORE


def _plain(text: str) -> str:
    return re.sub(r"[`*]", "", text)
