"""How a step that is done in the terminal can be done: for whoever skips it, or asks for a solution."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from cowshed_gui.theme import SPACE, SPACE_SMALL
from cowshed_lessons.course import Solution, Step
from cowshed_lessons.course_variables import PASSWORD

if TYPE_CHECKING:
    from cowshed_lessons.markup import Block

Maker = Callable[[Sequence["Block"]], list[QWidget]]
Reader = Callable[[str], Sequence["Block"]]

_SECRET = "(your token or password, which is not shown)"


def has_answer(step: Step) -> bool:
    """Whether there is something to show that is no recipe."""
    return bool(step.answer or step.questions or any(solution.commands for solution in step.solutions))


class AnswerCard(QFrame):
    """The answer: commands that can be run, and the right answers of the quiz.

    Args:
        step: whose answer.
        read: makes blocks of Markdown.
        make: makes widgets of blocks.
    """

    def __init__(self, step: Step, read: Reader, make: Maker) -> None:
        super().__init__()
        self.setProperty("look", "callout-tip")
        self.setAccessibleName("One way to do it")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(SPACE + SPACE_SMALL, SPACE, SPACE, SPACE)
        self._layout.setSpacing(SPACE)
        self._say("One way to do it")
        if step.answer:
            self._add(make(read(step.answer)))
        commands = [solution for solution in step.solutions if solution.commands]
        for solution in commands:
            self._add_solution(solution, read, make, named=len(commands) > 1)
        for question in step.questions:
            right = "\n".join(f"- {option.text}" for option in question.options if option.right)
            self._add(make(read(f"{question.text}\n\n{right}")))

    def _add_solution(self, solution: Solution, read: Reader, make: Maker, *, named: bool) -> None:
        from cowshed_lessons.markup import Command

        if named:
            self._say(solution.name)
        self._add(make([Command(command.line) for command in solution.commands]))
        typed = [line.replace(PASSWORD, _SECRET) for command in solution.commands for line in command.types]
        if typed:
            self._add(make(read("While it runs, type:\n\n```text\n" + "\n".join(typed) + "\n```")))
        if solution.note:
            self._add(make(read(solution.note)))

    def _say(self, words: str) -> None:
        label = QLabel(words)
        label.setProperty("look", "strong")
        label.setWordWrap(True)
        self._layout.addWidget(label)

    def _add(self, widgets: Sequence[QWidget]) -> None:
        for widget in widgets:
            self._layout.addWidget(widget)
