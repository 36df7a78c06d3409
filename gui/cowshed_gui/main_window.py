"""The window: the bar over lesson, recipe and terminal; how it begins, what its parts say, how it ends."""

from __future__ import annotations

import logging
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QLockFile, QRect, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from cowshed_gui.actions import colour_actions, make_actions
from cowshed_gui.notice_line import NoticeLine
from cowshed_gui.session_state import SessionState, load_state, save_state
from cowshed_gui.settings import Settings, SettingsStore
from cowshed_gui.sizes_card import SizesCard
from cowshed_gui.target_session import PRACTICE, PracticeState, TargetSession, TargetState
from cowshed_gui.theme import APPEARANCE
from cowshed_gui.user_files import data_folder, state_folder
from cowshed_gui.welcome import Welcome
from cowshed_gui.window_commands import RECIPE, TERMINAL, WindowCommands

if TYPE_CHECKING:
    from collections.abc import Callable

    from cowshed_lessons.course import Course, Step
    from cowshed_lessons.verdict import Finding, Verdict

_log = logging.getLogger(__name__)


class MainWindow(WindowCommands):
    """The application's one window.

    Args:
        course: the course that is taught.
        progress_file: where progress is kept; the usual place where None.
    """

    ready = Signal()  # the window was shown and is about to look for targets

    def __init__(self, course: Course | Callable[[], Course], progress_file: Path | None = None) -> None:
        super().__init__()
        self.setWindowTitle("Cowshed")
        self.setObjectName("cowshed")
        self._course = course
        self._progress_file = progress_file
        self.state: SessionState = load_state()
        self.settings = SettingsStore(self)
        self._use_settings(self.settings.value)
        self.settings.changed.connect(self._use_settings)
        self.targets = TargetSession(self)
        self._began = False
        self.furnished = False  # whether lesson, recipe and terminal are there
        self._leaving = False
        self._only = QLockFile(str(state_folder() / "window.lock"))
        self._put: QRect | None = None  # where the kept geometry has put the window
        self._lost = ""  # the sentence on the target that was lost
        self.dialog: QWidget | None = None
        self.notice = NoticeLine()
        self.welcome = Welcome(self.targets)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.welcome if not self.state.welcomed else QWidget())
        centre = QWidget()
        self._column = QVBoxLayout(centre)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.notice)
        self._column.addWidget(self.pages, 1)
        self.setCentralWidget(centre)
        self.setMinimumSize(640, 480)
        self.resize(1280, 800)
        if self.state.geometry:
            self.restoreGeometry(QByteArray.fromBase64(self.state.geometry.encode()))

    def _furnish(self) -> None:
        """Put everything in that is not needed for the first picture; reading the course and code takes its time."""
        from cowshed_gui.bench import Bench
        from cowshed_gui.command_palette import CommandPalette
        from cowshed_gui.course_session import CourseSession
        from cowshed_gui.lesson_pane import LessonPane
        from cowshed_gui.panes import Panes
        from cowshed_gui.recipe_help import RecipeHelp
        from cowshed_gui.recipe_pane import RecipePane
        from cowshed_gui.recipe_tools import RecipeTools
        from cowshed_gui.terminal_panel import TerminalPanel
        from cowshed_gui.top_bar import TopBar

        course = self._course() if callable(self._course) else self._course
        self.session = CourseSession(course, self._progress_file or data_folder() / f"progress-{course.id}.json", self)
        self.actions_by_id = make_actions(self)
        self.bar = TopBar(self.actions_by_id, self.targets)
        self._column.insertWidget(0, self.bar)
        self.lesson = LessonPane()
        self.furnish_for_learner()
        self.recipes = RecipePane()
        self.recipe_tools = RecipeTools(self.recipes, self.actions_by_id)
        self.recipes.tab_row.addWidget(self.recipe_tools)
        self.terminals = TerminalPanel()
        self.panes = Panes(self.lesson, self.recipes, self.terminals)
        self.pages.addWidget(self.panes)
        self.pages.addWidget(self.welcome)
        self.palette_popup = CommandPalette(self)
        self.bench = Bench(self.session, self.targets, self.recipes, self.terminals, self.settings, self)
        self.recipe_help = RecipeHelp(self.session, self.recipes, self.settings, self)
        self.bench.reopen[self.state.target] = [PurePosixPath(path) for path in self.state.recipes]
        self.bench.cursors = dict(self.state.cursors)
        self._connect()
        self.panes.restore(self.state.splitters)
        self.bar.lesson_button.setVisible(self.panes.is_drawer)
        self.show_page(self.panes if self.state.welcomed else self.welcome)

    def _connect(self) -> None:
        session, lesson = self.session, self.lesson
        self.bar.menu_button.menu().aboutToShow.connect(lambda: colour_actions(self.actions_by_id))
        session.step_changed.connect(self._on_step)
        session.verdict_changed.connect(self._on_verdict)
        session.progress_changed.connect(self._on_progress)
        session.looking_changed.connect(self._show_busy)
        self.bench.building_changed.connect(self._show_busy)
        session.step_passed.connect(self._on_passed)
        for source in (session.notice, self.bench.notice):
            source.connect(self._on_notice)
        self.bench.not_built.connect(self._on_not_built)
        self.recipes.saved.connect(lambda _path: self.notice.clear("build"))
        self.targets.problem.connect(self._on_problem)
        self.targets.lost.connect(self._on_lost)
        self.targets.closing.connect(lambda: self.notice.clear("lost"))
        self.targets.may_leave = self._may_leave
        self.targets.at_work = self.terminals.busy
        self.targets.practice_ready.connect(self._on_practice_ready)
        self.targets.opened.connect(self._on_target)
        self.targets.changed.connect(self._on_targets)
        self.bench.building_changed.connect(self.bar.show_building)
        lesson.run.connect(self._on_run)
        lesson.insert.connect(self._on_insert)
        lesson.go_to.connect(self.go_to)
        lesson.solution.connect(self.show_solution)
        lesson.next.connect(self.next_step)
        lesson.back.connect(self.previous_step)
        lesson.skip.connect(self.skip_step)
        lesson.place.connect(self._on_place)
        lesson.hints_unfolded.connect(self._on_hints)
        lesson.answered.connect(session.answer)
        lesson.examine.connect(session.look_at_target)
        session.environment_changed.connect(lambda _found: self._show_environment())
        self.bench.answer_wanted.connect(lesson.show_answer)
        self.bar.steps.chosen.connect(session.go_to)
        self.panes.drawer_changed.connect(self.bar.lesson_button.setVisible)
        self.panes.filled_changed.connect(lambda name: self.bar.all_panes_button.setVisible(bool(name)))
        self.bar.lesson_button.clicked.connect(self.panes.toggle_drawer)
        self.welcome.back.connect(lambda: self.show_page(self.panes))
        self.welcome.begin.connect(self._on_begin)
        self.connect_images()
        self.connect_recordings()

    # --- from start to end ---

    def showEvent(self, event: QShowEvent) -> None:
        """A window that is shown but never painted (minimised, on another desktop) begins all the same."""
        super().showEvent(event)
        QTimer.singleShot(1000, self, self._begin)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Everything that takes time begins once the window can be seen."""
        super().paintEvent(event)
        if not self._began:
            QTimer.singleShot(0, self, self._begin)

    def _begin(self) -> None:
        if self._began:
            return
        self._began = True
        self._put = self.geometry() if self.state.geometry else None
        self._furnish()
        page = self.state.page
        self.session.begin()
        self.lesson.read_on(page)
        self.targets.look()
        if self.state.welcomed and self.state.target and self.settings.value.reopen_target:
            self.targets.use(self.state.target)
        self.furnished = True
        self._look_for_another()
        self.ready.emit()

    def _look_for_another(self) -> None:
        """Say so where another window works with the same files."""
        self._only.setStaleLockTime(0)  # one that was killed is known by its process, not by its age
        state_folder().mkdir(parents=True, exist_ok=True)
        if not self._only.tryLock(0) and self._only.error() is QLockFile.LockError.LockFailedError:
            self.notice.say(
                "warning",
                "Cowshed is open in another window already. Both work on the same recipes and the same progress; "
                "what you do here is not shown there until it is started again.",
                about="another",
            )

    def keep_state(self) -> None:
        """Keep where the person is."""
        state = self.state
        state.step = self.session.step.id
        if self._put != self.geometry():  # one that nobody moved is kept as it was: saving may add the frame to it
            state.geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        state.splitters |= self.panes.save()
        state.page = self.lesson.reading_place()
        state.cursors = self.recipes.cursors() or state.cursors
        state.recipes = [str(path) for path in self.recipes.open_paths()] or state.recipes
        save_state(state)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Unsaved text is in the journal, so closing is safe; only a running command is asked about."""
        if not self._began:
            self.targets.close()
            super().closeEvent(event)
            return
        if self.terminals.busy() and not self._leaving and not self._give_up_work("Quitting ends it", "Quit"):
            event.ignore()
            return
        for end in (
            self.recipes.keep_unsaved,
            self.notes.keep_now,
            self.keep_state,
            self.terminals.close_all,
            self.targets.close,
        ):
            try:
                end()
            except Exception:  # noqa: BLE001  the text comes first; no part keeps the others from ending
                _log.exception("Not everything could be put away at the end.")
        self._only.unlock()
        super().closeEvent(event)

    def leave(self) -> None:
        """Close without asking: the system wants the program to end."""
        self._leaving = True
        self.close()

    def _give_up_work(self, ends: str, word: str) -> bool:
        from PySide6.QtWidgets import QMessageBox

        box = QMessageBox(self)
        box.setWindowTitle("Something is running")
        what = "A build is running." if self.bench.building else "A command is running in the terminal."
        box.setText(f"{what} {ends}, and what it has not finished is lost.")
        stay = box.addButton("Keep it running", QMessageBox.ButtonRole.RejectRole)
        leave = box.addButton(word, QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(stay)
        box.exec()
        return box.clickedButton() is leave

    # --- what the parts say ---

    def _use_settings(self, settings: Settings) -> None:
        APPEARANCE.choose(settings.theme)
        APPEARANCE.set_zoom(settings.zoom)

    def _on_begin(self, target: str) -> None:
        self.state.welcomed = True
        self.show_page(self.panes)
        if target:
            self.targets.use(target)
        self.keep_state()

    def _on_notice(self, kind: str, sentence: str) -> None:
        if kind == "lost":
            self._on_lost(f"{self._lost} What you just asked for needs it.")
        else:
            self.notice.say(kind, sentence)

    def _on_lost(self, sentence: str) -> None:
        """A target that is gone is no reason to stop working: one calm line, with the way back."""
        if not self._lost:
            self._lost = sentence
        stopped = self.targets.practice in (PracticeState.STOPPED, PracticeState.STOPPING)
        label = "Start it again" if self.targets.name == PRACTICE and stopped else "Reconnect"
        self.notice.say("warning", sentence, [(label, self.targets.reconnect)], about="lost")

    def _on_problem(self, sentence: str) -> None:
        if self.targets.is_lost:
            self._on_lost(sentence)
        else:
            self.notice.say("warning", sentence)

    def _on_practice_ready(self) -> None:
        self.notice.say(
            "info",
            f"The practice cluster is running now. You are still working on {self.targets.label()}.",
            [("Change to the cluster", lambda: self.targets.use(PRACTICE))],
            about="practice",
        )

    def _on_not_built(self, path: PurePosixPath) -> None:
        def show() -> None:
            self.panes.show_pane(RECIPE)
            self.recipes.show_recipe(path)

        self.notice.say(
            "warning",
            f"Nothing is being built: {path.name} could not be saved first. Its tab says why and asks what to do.",
            [("Go to the recipe", show)],
            about="build",
        )

    def _may_leave(self) -> bool:
        return not self.terminals.busy() or self._give_up_work("Leaving this target ends it", "Leave")

    def _on_target(self, _target: object) -> None:
        self._lost = ""
        self.notice.clear("lost")
        if self.pages.currentWidget() is self.welcome and not self.state.welcomed:
            self._on_begin("")
        self.state.target = self.targets.name
        self.keep_state()

    def _on_targets(self) -> None:
        self.actions_by_id["practice-up"].setEnabled(self.targets.practice in ("stopped", "not looked at yet"))
        self.actions_by_id["practice-down"].setEnabled(self.targets.practice == "running")
        self._say_opening()

    def _say_opening(self) -> None:
        """While a target is being opened, its empty panes say so instead of asking for one."""
        targets = self.targets
        starting = targets.practice is PracticeState.STARTING and targets.target is None
        if targets.state is TargetState.OPENING or starting:
            self.recipes.say_empty("Opening your recipe…")
            where = targets.label(PRACTICE if starting else "")
            self.terminals.say_empty(f"Opening a terminal: {where}…" if where else "Opening a terminal…")
        elif targets.state is not TargetState.OPEN:
            self.recipes.say_empty()
            self.terminals.say_empty()

    def _on_step(self, step: Step) -> None:
        session = self.session
        self.setWindowTitle(f"{step.title} – Cowshed")  # Qt adds the application's name to titles that do not end so
        hints = self.state.hints.get(step.id, 0)
        self.notes.leave()
        self.lesson.show_step(session.course, step, hints_open=hints, answers=session.evidence.answers)
        self.notes.show(step)
        self._show_environment()
        self.bar.show_recipe(bool(step.recipe_name))
        self._on_progress()
        self.panes.open_drawer()  # where the lesson is a drawer, a new page is for reading first
        self.keep_state()

    def _show_environment(self) -> None:
        if self.lesson.preflight is not None:
            self.lesson.preflight.show_found(self.session.evidence.environment)

    def _on_verdict(self, verdict: Verdict) -> None:
        self.lesson.show_verdict(verdict, untouched=self.session.untouched, attempted=self.session.attempted)
        for chart in self.lesson.cards(SizesCard):
            chart.show_sizes(self.session.evidence.sizes(self.session.step.image_name))

    def _on_progress(self) -> None:
        from cowshed_lessons.progress import StepState

        session = self.session
        lesson = session.course.lesson_of(session.step)
        self.bar.steps.show_step(lesson, session.step, session.progress)
        done = all(session.progress.of(step.id).state is StepState.PASSED for step in lesson.steps)
        last = done and session.step.id == lesson.steps[-1].id
        self.lesson.show_state(session.step, session.progress.of(session.step.id), last=last)
        if session.verdict is not None:
            self._on_verdict(session.verdict)

    def _on_passed(self, _step: Step) -> None:
        self.keep_state()

    def _show_busy(self) -> None:
        looking, building = self.session.looking, self.bench.building
        self.lesson.checks.show_busy("Looking at the image…" if looking else "Building…" if building else "")

    def _on_run(self, command: str) -> None:
        self.panes.show_pane(TERMINAL)
        self.bench.run(command)

    def _on_insert(self, text: str) -> None:
        self.panes.show_pane(RECIPE)
        self.bench.insert(text)

    def _on_place(self, finding: Finding) -> None:
        self.panes.show_pane(RECIPE)
        self.bench.show_place(finding)

    def _on_hints(self, count: int) -> None:
        self.state.hints[self.session.step.id] = count

    def go_to(self, step_id: str) -> None:
        """Go to the step of that id."""
        from cowshed_lessons.course import UnknownStep

        try:
            step = self.session.course.step(step_id)
        except UnknownStep as error:
            self.notice.say("warning", str(error))
            return
        self.notice.clear("", "build")
        self.session.go_to(step)
