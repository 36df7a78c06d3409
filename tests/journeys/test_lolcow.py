"""From the first start to a cow on the screen: real clicks and keys, six real builds, two of which are to fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from cowshed_gui.app import make_application, open_window
from cowshed_gui.background import LAB, forget_jobs
from cowshed_gui.card_button import CardButton
from cowshed_gui.lesson_cards import CommandCard
from cowshed_gui.main_window import MainWindow
from cowshed_gui.terminal_panel import ShellTab
from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lessons.course import built_in_course
from cowshed_lessons.progress import StepState
from cowshed_lessons.verdict import Outcome
from hands import PATIENCE, Hands

FIRST_START = 300  # seconds for a practice cluster that has to be downloaded
A_BUILD = 240  # seconds for a build on a slow computer


class Learner:
    """Someone at the window: looks at what it shows and uses `hands` for everything else."""

    def __init__(self, window: MainWindow, hands: Hands) -> None:
        self.window = window
        self.hands = hands

    # --- what can be seen ---

    def terminal(self) -> str:
        tab = self.window.terminals.current_tab()
        return tab.view.screen_text() if tab is not None else ""

    def has_passed(self) -> bool:
        verdict = self.window.session.verdict
        return verdict is not None and verdict.outcome is Outcome.PASSED

    def verdict(self) -> str:
        return self.window.lesson.checks.sentence()

    def see_passed(self) -> None:
        """Wait for the tick, and make sure that the window says so, not only the judge."""
        try:
            self.hands.see(self.has_passed, seconds=A_BUILD)
        except AssertionError as error:
            pytest.fail(f"The step did not pass: {self.verdict()}\n{self.terminal()}\n{error}")
        step = self.window.session.step
        assert self.window.session.progress.of(step.id).state is StepState.PASSED
        assert self.window.lesson.learned.isVisible()

    # --- what can be done ---

    def next_step(self, title: str) -> None:
        self.hands.click(self.window.lesson.next_button)
        self.hands.see(lambda: self.window.lesson.title() == title)
        page = self.window.session
        self.hands.see(lambda: page.evidence.recipe is not None)

    def to_recipe(self) -> None:
        self.hands.press("ctrl+2")
        self.hands.see(self._recipe_has_keyboard)

    def _recipe_has_keyboard(self) -> bool:
        focus = QApplication.focusWidget()
        return focus is not None and self.window.recipes.isAncestorOf(focus)

    def new_section(self, *lines: str) -> None:
        """Add a section at the end, with an empty line before it, at the left edge."""
        self.to_recipe()
        self.hands.press("ctrl+End", "Return", "Return")
        while self._line_before_cursor():
            self._erase()
        self.hands.type("\n".join(lines))

    def _erase(self) -> None:
        before = self.window.recipes.current_text()
        self.hands.press("BackSpace")
        self.hands.see(lambda: self.window.recipes.current_text() != before)

    def _line_before_cursor(self) -> str:
        return self.window.recipes.current_text().rpartition("\n")[2]

    def build_by_button(self) -> None:
        self.hands.click(self.window.bar.build_button)

    def build_by_hand(self, command: str) -> None:
        self.hands.press("ctrl+s")
        self.hands.see(lambda: not self.window.recipes.unsaved_paths())
        self.in_terminal(command)

    def in_terminal(self, command: str) -> None:
        tab = self.choose_shell()
        self.hands.see(tab.view.hasFocus)
        self.hands.type(f"{command}\n")

    def choose_shell(self) -> ShellTab:
        """Bring a shell to the front, by its tab where a build's is, and put the keyboard on it."""
        terminals = self.window.terminals
        if not isinstance(terminals.current_tab(), ShellTab):
            bar = terminals.bar
            number = next(i for i in range(bar.count()) if bar.tabText(i).startswith("Practice cluster"))
            self.hands.click(bar, bar.tabRect(number).center())
        self.hands.see(lambda: isinstance(terminals.current_tab(), ShellTab))
        tab = terminals.current_tab()
        assert isinstance(tab, ShellTab)
        self.hands.press("ctrl+3")
        return tab

    def prompt_is_back(self) -> bool:
        tab = self.window.terminals.current_tab()
        return isinstance(tab, ShellTab) and tab.free

    def run_card(self, command: str) -> None:
        """Scroll to a command of the lesson and click its run button."""
        card = next(
            card for card in self.window.lesson.cards(CommandCard) if card.accessibleName() == f"Command: {command}"
        )
        button = next(button for button in card.findChildren(CardButton) if button.accessibleName().startswith("Run"))
        areas = self.window.lesson.findChildren(QScrollArea)
        next(area for area in areas if area.accessibleName() == "Lesson text").ensureWidgetVisible(button)
        self.hands.click(button)


@contextmanager
def window_of(qtbot: QtBot) -> Iterator[MainWindow]:
    """Cowshed's window, closed as a person closes it."""
    make_application()
    window = open_window(built_in_course())
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    qtbot.waitUntil(lambda: window.furnished, timeout=PATIENCE)
    try:
        yield window
        window.close()
    finally:
        window.leave()  # where the journey broke off, nobody is there to answer questions
        LAB.stop()
        forget_jobs()
        window.deleteLater()
        QApplication.processEvents()


def test_from_the_first_start_to_the_cow(
    qtbot: QtBot, hands: Hands, learner_folders: Path, unbuilt_cluster: PracticeCluster
) -> None:
    with window_of(qtbot) as window:
        learner = Learner(window, hands)
        assert window.welcome.isVisible()
        hands.click(window.welcome.practice.start_button)
        hands.see(lambda: "learner@" in learner.terminal(), seconds=FIRST_START)

        hands.press("ctrl+1", "ctrl+g")
        hands.see(window.palette_popup.isVisible)
        hands.type("base image\n")
        hands.see(lambda: window.lesson.title() == "Choose a base image")
        hands.see(lambda: window.recipes.current_text() != "")
        hands.see(lambda: "cd ~/cowshed/lolcow" in learner.terminal())
        hands.see(learner.prompt_is_back)
        learner.to_recipe()
        hands.press("ctrl+a")
        hands.type("Bootstrap: docker\nFrom: ubuntu")
        hands.see(lambda: "no tag" in learner.verdict())
        hands.type(":22.04")
        learner.see_passed()

        learner.next_step("Install the programs")
        learner.new_section("%post", "apt-get install fortune cowsay lolcat")
        learner.build_by_button()
        learner.see_passed()
        assert "Unable to locate package fortune" in learner.terminal()

        learner.next_step("Update the package lists")
        learner.to_recipe()
        hands.press("ctrl+End", "Up", "End", "Return")
        hands.type("apt-get update")
        hands.press("ctrl+s")
        hands.see(lambda: not window.recipes.unsaved_paths())
        learner.run_card("apptainer build lolcow.sif lolcow.def")
        learner.see_passed()
        assert "[Y/n] Abort." in learner.terminal()

        learner.next_step("Say yes in advance")
        learner.to_recipe()
        hands.press("ctrl+End")
        hands.type(" -y")
        learner.build_by_hand("apptainer build lolcow.sif lolcow.def")
        hands.see(lambda: "Build complete: lolcow.sif" in learner.terminal(), seconds=A_BUILD)
        hands.see(learner.prompt_is_back)
        learner.run_card("apptainer run lolcow.sif")
        hands.see(lambda: "Apptainer>" in learner.terminal())
        learner.in_terminal("fortune\nexit")
        learner.see_passed()
        assert "command not found" in learner.terminal()

        learner.next_step("Set the environment")
        learner.new_section("%environment", "export PATH=/usr/games:${PATH}", "export LC_ALL=C")
        learner.build_by_button()
        learner.see_passed()

        learner.next_step("Give the image a purpose")
        hands.see(lambda: "LC_ALL" in window.recipes.current_text())
        learner.new_section("%runscript", "fortune | cowsay | lolcat")
        learner.build_by_button()
        hands.see(lambda: window.bench.building)
        hands.see(lambda: not window.bench.building, seconds=A_BUILD)
        learner.run_card("apptainer inspect --runscript lolcow_0.sif")
        hands.see(lambda: "fortune | cowsay | lolcat" in learner.terminal())
        learner.run_card("apptainer run lolcow_0.sif")
        hands.see(lambda: "(oo)" in learner.terminal())
        learner.see_passed()
        passed = [step.id for step in window.session.course.lesson_of(window.session.step).steps]
        recipe = window.recipes.current_text()

    with window_of(qtbot) as window:
        learner = Learner(window, hands)
        assert not window.welcome.isVisible()
        assert window.lesson.title() == "Give the image a purpose"
        assert [window.session.progress.of(step).state for step in passed] == [StepState.PASSED] * 6
        hands.see(lambda: window.recipes.current_text() == recipe)
        hands.see(lambda: "learner@" in learner.terminal(), seconds=60)
