"""Steps that are no recipe, with real clicks and keys: questions, what the target offers, commands, a sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from cowshed_gui.app import make_application, open_window
from cowshed_gui.background import LAB, forget_jobs
from cowshed_gui.card_button import CardButton
from cowshed_gui.lesson_cards import CommandCard
from cowshed_gui.main_window import MainWindow
from cowshed_gui.preflight_card import PreflightCard
from cowshed_gui.question_card import QuestionCard
from cowshed_gui.session_state import SessionState, save_state
from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lessons.course import built_in_course
from cowshed_lessons.progress import StepState
from hands import Hands
from lolcow import begin_at
from practice_fixture import run_in

A_WHILE = 120  # seconds for a shell on a slow computer, or an image that is unpacked


@pytest.fixture
def window(
    qtbot: QtBot, learner_folders: Path, practice: PracticeCluster, display: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    """Cowshed at a later start on the practice cluster, at the very first step."""
    monkeypatch.setenv("COWSHED_PRACTICE_HOME", str(practice.folder.home))
    save_state(SessionState(welcomed=True, target="practice"))
    begin_at("introduction/why-containers")
    make_application()
    shown = open_window(built_in_course())
    shown.show()
    qtbot.waitExposed(shown)
    shown.activateWindow()
    qtbot.waitUntil(lambda: shown.furnished, timeout=A_WHILE * 1000)
    qtbot.waitUntil(lambda: prompt_is_back(shown), timeout=A_WHILE * 1000)
    yield shown
    shown.leave()
    LAB.stop()
    forget_jobs()
    shown.deleteLater()
    QApplication.processEvents()


def prompt_is_back(window: MainWindow) -> bool:
    return any(tab.session.at_prompt for tab in window.terminals.shell_tabs())


def scroll_to(window: MainWindow, widget: QWidget) -> None:
    """Bring a part of the page into sight, as somebody does who reads on."""
    areas = window.lesson.findChildren(QScrollArea)
    next(area for area in areas if area.accessibleName() == "Lesson text").ensureWidgetVisible(widget, 0, 60)


def click(window: MainWindow, hands: Hands, widget: QWidget) -> None:
    scroll_to(window, widget)
    hands.click(widget)


def answer_rightly(window: MainWindow, hands: Hands) -> None:
    """Answer every question of the page, the first one wrongly at first."""
    for number, card in enumerate(window.lesson.cards(QuestionCard)):
        if number == 0 and not card.question.several:
            wrong = next(place for place, option in enumerate(card.question.options) if not option.right)
            click(window, hands, card.buttons[wrong])
            click(window, hands, card.answer_button)
            hands.see(partial(_was_answered, card, (wrong,)))
            assert window.session.state is StepState.OPEN
        for place in card.question.right:
            click(window, hands, card.buttons[place])
        click(window, hands, card.answer_button)
        hands.see(partial(_was_answered, card, card.question.right))


def _was_answered(card: QuestionCard, places: tuple[int, ...]) -> bool:
    return card.answer == places


def run_card(window: MainWindow, hands: Hands, command: str) -> None:
    card = next(card for card in window.lesson.cards(CommandCard) if card.accessibleName() == f"Command: {command}")
    button = next(button for button in card.findChildren(CardButton) if button.accessibleName().startswith("Run"))
    click(window, hands, button)


def go_to(window: MainWindow, hands: Hands, step: str) -> None:
    """Go to a step by its title in the list of steps."""
    title = window.session.course.step(step).title
    hands.press("ctrl+1", "ctrl+g")  # in the terminal, Ctrl+G is the shell's
    hands.see(window.palette_popup.isVisible)
    hands.type(f"{title}\n")
    hands.see(lambda: window.session.step.id == step)


def passed(window: MainWindow, hands: Hands, seconds: float = A_WHILE) -> None:
    hands.see(lambda: window.session.state is StepState.PASSED, seconds=seconds)
    assert window.lesson.learned.isVisible()


def test_questions(window: MainWindow, hands: Hands) -> None:
    assert not window.bar.build_button.isEnabled()
    answer_rightly(window, hands)
    passed(window, hands)


def test_what_the_target_offers(window: MainWindow, hands: Hands) -> None:
    go_to(window, hands, "setup/preflight")
    hands.see(lambda: bool(window.lesson.cards(PreflightCard)[0].rows()), seconds=A_WHILE)
    assert ("Apptainer", "fine") in window.lesson.cards(PreflightCard)[0].rows()
    hands.see(lambda: prompt_is_back(window), seconds=A_WHILE)
    run_card(window, hands, "apptainer --version")
    answer_rightly(window, hands)
    passed(window, hands)


def test_commands_and_a_sandbox(window: MainWindow, hands: Hands, practice: PracticeCluster) -> None:
    # Files of a sandbox that another run left belong to mapped users, whom only their own namespace may remove.
    run_in(practice, "unshare", "--map-auto", "--map-root-user", "rm", "-rf", "cowshed/sandbox/box")
    go_to(window, hands, "sandbox/make-sandbox")
    hands.see(lambda: prompt_is_back(window), seconds=A_WHILE)
    run_card(window, hands, "apptainer build --sandbox box/ docker://ubuntu:22.04")
    hands.see(
        lambda: window.session.evidence.image is not None and window.session.evidence.image.exists, seconds=A_WHILE
    )
    hands.see(lambda: prompt_is_back(window), seconds=A_WHILE)
    hands.press("ctrl+3")
    hands.type("apptainer shell --writable --fakeroot box/\n")
    tab = window.terminals.current_tab()
    assert tab is not None
    hands.see(lambda: "Apptainer>" in tab.view.screen_text(), seconds=A_WHILE)
    hands.type("apt-get update && apt-get install -y cowsay && exit\n")
    passed(window, hands, seconds=2 * A_WHILE)
