"""Steps without a recipe, in the real window: questions, what the target offers, commands, answers.

The course is the tests' second one, so nothing here is tied to the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cowshed_gui.answer_card import AnswerCard
from cowshed_gui.course_session import work_folder
from cowshed_gui.lesson_cards import CommandCard
from cowshed_gui.lesson_pane import LessonPane
from cowshed_gui.main_window import MainWindow
from cowshed_gui.preflight_card import PreflightCard
from cowshed_gui.question_card import QuestionCard
from cowshed_gui.session_state import SessionState, save_state
from cowshed_lessons.course import (
    CheckSpec,
    Course,
    Lesson,
    Option,
    Question,
    Solution,
    Step,
    TypedCommand,
    load_course,
)
from cowshed_lessons.evidence import CommandEvidence, EnvironmentEvidence, Fact
from cowshed_lessons.progress import Progress, StepState
from cowshed_lessons.verdict import Outcome

BAKERY = Path(__file__).parents[1] / "lessons" / "courses" / "bakery"
LONG = 20_000

ONE = Question(
    "twice", "Which one is `right`?", (Option("This", True, "It is so."), Option("That", False, "It is not so."))
)
SEVERAL = Question(
    "ways",
    "Which ones?",
    (Option("A", True, "Because a."), Option("B", True, "Because b."), Option("C", False, "C never.")),
    several=True,
)


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    save_state(SessionState(welcomed=True, target="local"))
    window = MainWindow(load_course(BAKERY))
    qtbot.add_widget(window)
    with qtbot.wait_signal(window.ready, timeout=LONG):
        window.show()
    qtbot.wait_until(lambda: window.session.target is not None, timeout=LONG)
    qtbot.wait_until(lambda: any(tab.session.at_prompt for tab in window.terminals.shell_tabs()), timeout=LONG)
    yield window
    window.close()


def enter(window: MainWindow, step: str) -> None:
    window.session.go_to(window.session.course.step(step))


def choose(card: QuestionCard, *places: int) -> None:
    """Choose with the keyboard, as somebody without a mouse would."""
    for place in places:
        card.buttons[place].setFocus()
        QTest.keyClick(card.buttons[place], Qt.Key.Key_Space)
    card.answer_button.setFocus()
    QTest.keyClick(card.answer_button, Qt.Key.Key_Space)


# --- the card ---


def test_a_wrong_answer_gets_its_reason_and_another_try(qtbot: QtBot) -> None:
    card = QuestionCard(ONE)
    qtbot.add_widget(card)
    card.show()
    assert card.reasons() == []
    assert not card.answer_button.isEnabled()
    with qtbot.wait_signal(card.answered) as answered:
        choose(card, 1)
    assert answered.args == ["twice", (1,)]
    assert card.reasons() == ["Not this one. It is not so."]
    choose(card, 0)
    assert card.is_right
    assert card.reasons() == ["Right. It is so.", "Not this one. It is not so."]  # now all of it is told
    assert card.answer_button.isHidden()


def test_of_several_right_ones_all_are_asked_for(qtbot: QtBot) -> None:
    card = QuestionCard(SEVERAL)
    qtbot.add_widget(card)
    card.show()
    choose(card, 0)
    assert card.reasons() == ["Right. Because a."]
    assert not card.is_right
    choose(card, 1)
    assert card.answer == (0, 1)
    assert card.is_right


def test_an_answer_of_an_earlier_day_is_shown_and_may_be_changed(qtbot: QtBot) -> None:
    card = QuestionCard(ONE, (1,))
    qtbot.add_widget(card)
    card.show()
    assert card.buttons[1].isChecked()
    assert card.reasons() == ["Not this one. It is not so."]
    QTest.mouseClick(card.buttons[0], Qt.MouseButton.LeftButton)
    assert card.answer_button.isEnabled()
    assert card.buttons[0].accessibleName() == "This"


def test_a_click_on_the_words_chooses_the_answer(qtbot: QtBot) -> None:
    from cowshed_gui.question_card import _OptionText

    card = QuestionCard(ONE)
    qtbot.add_widget(card)
    card.show()
    words = card.findChildren(_OptionText)[1]
    QTest.mouseClick(words, Qt.MouseButton.LeftButton)
    assert card.chosen() == (1,)


def test_the_preflight_says_each_fact_with_a_word(qtbot: QtBot) -> None:
    card = PreflightCard()
    qtbot.add_widget(card)
    facts = {
        "apptainer": Fact("ok", "1.4.5", "Apptainer 1.4.5."),
        "fuse": Fact("problem", "no", "/dev/fuse is missing."),
    }
    card.show_found(EnvironmentEvidence(facts, "here"))
    assert card.rows() == [("Apptainer", "fine"), ("Mounting images", "in the way")]
    with qtbot.wait_signal(card.again):
        QTest.mouseClick(card.again_button, Qt.MouseButton.LeftButton)


def test_an_answer_holds_commands_that_run(qtbot: QtBot) -> None:
    pane = LessonPane()
    qtbot.add_widget(pane)
    step = Step(
        "one/two",
        "Two",
        "Text",
        questions=(ONE,),
        checks=(CheckSpec("ran", "terminal.command", "You ran it"),),
        solutions=(Solution("By hand", note="A note.", commands=(TypedCommand("apptainer --version"),)),),
    )
    pane.show_step(Course("one", "One", (Lesson("one", "One", "", (step,)),)), step)
    assert pane.cards(AnswerCard) == []
    pane.show_answer()
    pane.show_answer()  # once is enough
    assert len(pane.cards(AnswerCard)) == 1
    command = pane.cards(CommandCard)[0]
    with qtbot.wait_signal(pane.run) as ran:
        QTest.mouseClick(command.run_button, Qt.MouseButton.LeftButton)
    assert ran.args == ["apptainer --version"]


# --- the window ---


def test_a_quiz_is_passed_with_the_keyboard_and_remembered(window: MainWindow, qtbot: QtBot) -> None:
    enter(window, "counter/customers")
    session = window.session
    twice, ways = window.lesson.cards(QuestionCard)
    assert "docker.io" in ways.buttons[0].accessibleName()  # a fact of the target, in place of its variable
    choose(twice, 1)
    assert session.state is StepState.OPEN
    assert session.verdict is not None
    assert session.verdict.outcome is Outcome.NOT_YET
    assert window.lesson.checks.sentence() == ""  # the reason stands beside the answer
    choose(twice, 0)
    with qtbot.wait_signal(session.step_passed):
        choose(ways, 0, 1)
    kept = Progress.load(session.keeper.file, "bakery")
    assert kept.of("counter/customers").answers == {"twice": (0,), "ways": (0, 1)}
    enter(window, "oven/dough")
    enter(window, "counter/customers")
    assert all(card.is_right for card in window.lesson.cards(QuestionCard))


def test_a_step_without_a_recipe_has_nothing_to_build(window: MainWindow) -> None:
    enter(window, "counter/customers")
    assert not window.bar.build_button.isEnabled()
    window.build()
    assert "nothing to build" in window.notice.text()
    enter(window, "oven/dough")
    assert window.bar.build_button.isEnabled()


def test_skipping_such_a_step_shows_its_answer(window: MainWindow) -> None:
    enter(window, "counter/customers")
    window.skip_step()
    assert window.session.state is StepState.SKIPPED
    assert len(window.lesson.cards(AnswerCard)) == 1
    assert "end of the page" in window.notice.text()


def test_beginning_such_a_step_again_forgets_its_answers(window: MainWindow) -> None:
    enter(window, "counter/customers")
    choose(window.lesson.cards(QuestionCard)[0], 0)
    window.reset_step()
    assert [card.answer for card in window.lesson.cards(QuestionCard)] == [(), ()]
    assert Progress.load(window.session.keeper.file, "bakery").of("counter/customers").answers == {}


def test_the_terminal_goes_to_the_folder_of_another_lesson(window: MainWindow, qtbot: QtBot) -> None:
    (tab,) = window.terminals.shell_tabs()
    assert tab.session.folder.endswith(str(work_folder(window.session.step)))
    other = next(step for step in window.session.course.steps if step.lesson_id != window.session.step.lesson_id)
    window.session.go_to(other)
    qtbot.wait_until(lambda: tab.session.folder.endswith(str(work_folder(other))), timeout=LONG)


def test_commands_are_left_out_while_judging_is_paused(window: MainWindow) -> None:
    command = CommandEvidence("apptainer --version", 0)
    window.session.pause(paused=True)
    window.session.command_finished(command)
    assert not window.session.evidence.commands
    window.session.pause(paused=False)
    window.session.command_finished(command)
    assert list(window.session.evidence.commands) == [command]


def test_further_images_are_looked_for_on_the_target(window: MainWindow, qtbot: QtBot) -> None:
    enter(window, "counter/weigh")
    qtbot.wait_until(lambda: "oven/bread.sif" in window.session.evidence.images, timeout=LONG)
    assert not window.session.evidence.images["oven/bread.sif"].exists
    assert window.session.verdict is not None
    assert "no `oven/bread.sif` yet" in window.session.verdict.findings[0].message


def test_a_chart_shows_the_learners_images_beside_others_figures(qtbot: QtBot) -> None:
    from cowshed_gui.sizes_card import SizesCard
    from cowshed_lessons.markup import Sizes, blocks

    (block,) = blocks("```sizes\nlolcow/lolcow_0.sif = 86\nlolcow_1.sif = 54\n```")
    assert isinstance(block, Sizes)
    card = SizesCard(block)
    qtbot.add_widget(card)
    card.show_sizes({"lolcow/lolcow_0.sif": 135_400_000})
    assert "lolcow_0.sif: 135 MB; others: 86 MB." in card.accessibleName()
    assert "lolcow_1.sif: not built yet; others: 54 MB." in card.accessibleName()
    before = card.grab().toImage()
    card.show_sizes({"lolcow/lolcow_0.sif": 135_400_000, "lolcow_1.sif": 115_000_000})
    assert card.grab().toImage() != before


def test_a_command_of_the_next_lesson_waits_for_its_folder(window: MainWindow, qtbot: QtBot) -> None:
    other = next(step for step in window.session.course.steps if step.lesson_id != window.session.step.lesson_id)
    window.session.go_to(other)
    window.lesson.run.emit("touch here")  # before the folder is made
    qtbot.wait_until((Path.home() / work_folder(other) / "here").exists, timeout=LONG)
