"""Joins what the window's parts do: a step opens its recipe, a build is shown and judged, faults are marked.

The parts know nothing of each other; all that happens between them is here.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from posixpath import normpath
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cowshed_gui.background import Job
from cowshed_gui.comparison_offers import ComparisonOffers
from cowshed_gui.course_session import CourseSession, recipe_path, work_folder
from cowshed_gui.lesson_folder import LessonFolder
from cowshed_gui.typing_pause import TypingPause
from cowshed_lessons.evidence import BuildEvidence
from cowshed_lessons.progress import StepState
from cowshed_lessons.recipe_scripts import prepare_scripts
from cowshed_lessons.verdict import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from cowshed_gui.build_tab import BuildTab
    from cowshed_gui.recipe_pane import RecipePane
    from cowshed_gui.settings import SettingsStore
    from cowshed_gui.target_session import TargetSession
    from cowshed_gui.terminal_panel import ShellTab, TerminalPanel
    from cowshed_lab.build import Build
    from cowshed_lab.target import Target
    from cowshed_lessons.course import Step

_log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Work:
    """A build from the click on: its recipe is being saved while there is no `build` yet."""

    step: Step
    build: Build | None = None
    tab: BuildTab | None = None


class Bench(QObject):
    """The work on one target.

    Signals:
        notice: kind, sentence.
        building_changed: whether a build that was started here runs.
        not_built: path of the recipe that could not be saved, so that no build was started.
        answer_wanted: a step without a recipe is to be shown done.
    """

    notice = Signal(str, str)
    not_built = Signal(object)
    answer_wanted = Signal()
    building_changed = Signal(bool)

    def __init__(
        self,
        session: CourseSession,
        targets: TargetSession,
        recipes: RecipePane,
        terminals: TerminalPanel,
        settings: SettingsStore,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._targets = targets
        self._recipes = recipes
        self._terminals = terminals
        self._settings = settings
        self._work: _Work | None = None
        self._folder = LessonFolder(terminals, self)
        self._folder.failed.connect(lambda sentence: self.notice.emit("warning", sentence))
        self.cursors: dict[str, int] = {}  # recipe to the line to go on at, at the first target
        self.reopen: dict[str, list[PurePosixPath]] = {}  # target to the recipes that were open at the last end
        self.comparisons = ComparisonOffers(session, recipes, self)
        self.comparisons.notice.connect(self.notice)
        session.step_changed.connect(self._on_step)
        session.verdict_changed.connect(self._on_verdict)
        targets.opened.connect(self._on_target)
        targets.closing.connect(self._on_closing)
        targets.lost.connect(self._on_lost)
        terminals.reconnect_wanted.connect(self._on_reconnect_wanted)
        self._changed: tuple[PurePosixPath, str] | None = None  # what the judge has not read yet
        self._typing = TypingPause(
            self._tell_of_change, self, prepares=lambda: prepare_scripts((self._changed or (None, ""))[1])
        )
        recipes.recipe_changed.connect(self._on_recipe_changed)
        terminals.command_started.connect(session.command_started)
        terminals.command_started.connect(self._on_command_started)
        terminals.command_finished.connect(session.command_finished)
        terminals.tab_closed.connect(self._on_tab_closed)

    @property
    def building(self) -> bool:
        """Whether a build that was started here runs, or waits for its recipe to be saved."""
        return self._work is not None

    # --- targets and steps ---

    def _on_target(self, target: Target) -> None:
        self._session.use_target(target)
        self._recipes.reconnect(target)
        step = self._session.step
        job = self._folder.begin(target, work_folder(step))
        job.done.connect(lambda _: self._settle(target, work_folder(step)))
        job.failed.connect(lambda error: self._on_no_folder(target, error))
        job.start()

    def _on_no_folder(self, target: Target, error: Exception) -> None:
        """A shell in the home folder is where that can be mended; the recipe's tab says what it could not do."""
        if self._session.target is target:
            self.notice.emit("warning", str(error))
            self._settle(target, None)

    def _settle(self, target: Target, folder: PurePosixPath | None) -> None:
        if self._session.target is not target:
            return
        if not self._terminals.reconnect(target):
            self._terminals.open_shell(target, folder)
        for path in self.reopen.pop(target.name, []):
            self._recipes.open_recipe(target, path)
        self._open_recipe()
        for recipe, line in self.cursors.items():
            self._recipes.go_to(PurePosixPath(recipe), line)
        self.cursors = {}
        if self._session.step.recipe_name:
            self._recipes.show_recipe(recipe_path(self._session.step))
            self._recipes.focus_text()

    def _on_lost(self, _sentence: str) -> None:
        """Recipes and terminals stay as they are until there is a connection again."""
        self._session.use_target(None)

    def _on_reconnect_wanted(self, tab: ShellTab) -> None:
        if self._targets.is_lost:
            self._targets.reconnect()
        else:
            tab.reopen()

    def _missing(self, what: str) -> None:
        """Say why something that wants a target cannot be done."""
        if self._targets.is_lost:
            self.notice.emit("lost", "")
        else:
            self.notice.emit("info", f"There is no {what} yet. Choose a target at the top right first.")

    def _on_closing(self) -> None:
        self._session.use_target(None)
        self._end_build()
        self._terminals.close_target()
        self._recipes.close_target()

    def _on_recipe_changed(self, path: PurePosixPath, text: str) -> None:
        if self._changed is not None and self._changed[0] != path:
            self._typing.catch_up()
        self._changed = (path, text)
        self._typing.changed(text.count("\n"))

    def _tell_of_change(self) -> None:
        changed, self._changed = self._changed, None
        if changed is not None:
            self._session.recipe_changed(*changed)

    def _on_step(self, step: Step) -> None:
        self._terminals.put_explanations_away()
        if self._session.target is not None:
            self._folder.enter(self._session.target, work_folder(step))
        self._open_recipe()

    def _open_recipe(self) -> None:
        """Open the step's recipe: the file on the target, or the step's beginning where there is none yet."""
        target, step = self._session.target, self._session.step
        if target is None:
            return
        if not step.recipe_name:
            self._recipes.say_empty("This step has no recipe. It is done on the page, or in the terminal below.")
            return
        self._recipes.open_recipe(target, recipe_path(step), self._session.beginning())
        page = self._recipes.current_page()
        if page is not None and page.ready:  # open since an earlier step: it will not say its text by itself
            self._session.recipe_changed(recipe_path(step), self._recipes.current_text())

    def _on_verdict(self, verdict: Verdict) -> None:
        """Mark the faults, once there is work of the learner's; what to try is told by the checks, when asked for."""
        findings = [replace(finding, hint="") for finding in verdict.findings if finding.line is not None]
        if self._session.untouched:
            findings = []
        self._recipes.show_findings(recipe_path(self._session.step), findings)

    def show_place(self, finding: Finding) -> None:
        """Put the cursor where a finding is."""
        self._recipes.go_to(recipe_path(self._session.step), finding.line or 1, finding.column or 1)

    # --- building ---

    def build(self) -> None:
        """Save the recipe and build it in a terminal tab of its own."""
        target, step = self._session.target, self._session.step
        if target is None:
            self._missing("place to build")
        elif not step.recipe_name:
            self.notice.emit("info", "This step has no recipe, so there is nothing to build here.")
        elif self._work is not None:
            self.notice.emit("info", "A build is running already. Wait for its end, or cancel it in its tab.")
        else:
            work = self._work = _Work(step)
            self.building_changed.emit(True)
            self._save_first(recipe_path(step), lambda: self._start_build(target, work), lambda: self._not_saved(work))

    def _save_first(
        self, path: PurePosixPath, does: Callable[[], object], otherwise: Callable[[], object] | None = None
    ) -> None:
        """Save a recipe, if that is wanted before each build, and go on; one that was closed is shown again."""
        if path == recipe_path(self._session.step) and path not in self._recipes.open_paths():
            self._open_recipe()
        if self._settings.value.save_on_build:
            self._recipes.save_then(path, does, otherwise)
        else:
            does()

    def _not_saved(self, work: _Work) -> None:
        if self._work is work:
            self._end_build()
            self.not_built.emit(recipe_path(work.step))

    def _start_build(self, target: Target, work: _Work) -> None:
        from cowshed_lab.build import Build

        if self._work is not work or self._session.target is not target:
            self._end_build(work)
            return
        step = work.step
        work.build = Build(
            target, PurePosixPath(step.recipe_name), PurePosixPath(step.image_name), folder=work_folder(step)
        )
        self._session.build_started(step)
        work.tab = self._terminals.open_build(work.build)
        work.tab.build_finished.connect(lambda evidence: self._on_build(work, evidence))

    def _on_build(self, work: _Work, evidence: BuildEvidence) -> None:
        if self._work is not work:
            return
        self._end_build()
        step = work.step
        if step.id != self._session.step.id:
            self.notice.emit(
                "info", f"The build of “{step.title}” has ended. Go back to that step to see what it says."
            )
        self._session.build_finished(evidence, step=step)
        if work.tab is not None and step.build == "fails" and self._session.has_passed(step):
            work.tab.say_wanted()

    def _on_tab_closed(self, tab: object) -> None:
        """A build whose tab was closed is being cancelled; the next one may begin when it has really ended."""
        work = self._work
        if work is None or work.build is None or work.tab is not tab:
            return
        work.tab = None
        job = Job(work.build.cancel(), self)
        for end in (job.done, job.failed, job.cancelled):
            end.connect(lambda *_: self._end_build(work))
        job.start()

    def _end_build(self, work: _Work | None = None) -> None:
        """No build runs any more; with `work`, only if that is the one."""
        if self._work is None or (work is not None and self._work is not work):
            return
        self._work = None
        self.building_changed.emit(False)

    def _on_command_started(self, command_line: str, folder: str) -> None:
        """Whoever types a build while text is unsaved is told what is being built."""
        path = self._built_recipe(command_line, folder)
        if path is not None and path in self._recipes.unsaved_paths():
            self.notice.emit(
                "info",
                f"This builds {path.name} as it was saved{self._recipes.saved_at(path)}, without what you changed "
                "since. Ctrl+S saves what you see.",
            )

    def _built_recipe(self, command_line: str, folder: str) -> PurePosixPath | None:
        """The open recipe that a command line builds, if any."""
        from cowshed_lab.build import read_build_command

        command = read_build_command(command_line)
        if command is None or command.recipe is None or not command.folder_known:
            return None
        place = PurePosixPath(folder) if folder else work_folder(self._session.step)
        built = PurePosixPath(normpath(place / (command.folder or "") / command.recipe)).parts
        return next((path for path in self._recipes.open_paths() if built[-len(path.parts) :] == path.parts), None)

    # --- the step ---

    def run(self, command: str) -> None:
        """Run a lesson's command in the terminal. A build is one of what the learner sees, as with the button."""
        path = self._built_recipe(command, "")
        if self._session.target is None:
            self._missing("terminal")
        elif path is None:
            self._folder.when_there(lambda: self._terminals.run_command(command))
        else:
            self._save_first(path, lambda: self._terminals.run_command(command), lambda: self.not_built.emit(path))

    def new_shell(self) -> None:
        """Open one more terminal."""
        if self._session.target is None:
            self._missing("terminal")
        else:
            self._terminals.open_shell(self._session.target, work_folder(self._session.step))

    def insert(self, text: str) -> None:
        """Insert a lesson's snippet into the recipe."""
        self._recipes.insert_snippet(text)

    def show_solution(self) -> bool:
        """Compare the solutions with the learner's recipe; False where there is none to compare."""
        if self._session.step.recipe_name:
            return self.comparisons.solutions()
        self.answer_wanted.emit()
        return False

    def reset(self) -> None:
        """Begin the step again, the learner's text kept in a copy beside the recipe."""
        target, step = self._session.target, self._session.step
        if not step.recipe_name:
            self._session.reset()
            self._session.go_to(step)
            self.notice.emit(
                "info", "This step begins again: answers and what was seen of your commands are forgotten."
            )
            return
        if target is None:
            self._missing("recipe")
            return
        self._open_recipe()
        page = self._recipes.current_page()
        if page is None or not page.ready:
            self.notice.emit("info", "The recipe is still being opened. Try again when it is there.")
            return
        text = self._recipes.current_text()
        job = Job(_keep_copy(target, recipe_path(step), text), self)
        job.done.connect(lambda copy: self._begin_again(step, copy))
        job.failed.connect(lambda error: self.notice.emit("warning", f"Nothing was changed: {error}"))
        job.start()

    def _begin_again(self, step: Step, copy: PurePosixPath) -> None:
        if self._session.step.id != step.id:
            return
        beginning = self._session.reset()
        self._recipes.replace_text(recipe_path(step), beginning)
        self.notice.emit("info", f"This step begins again. Your recipe is kept as {copy.name}.")

    def skip(self) -> None:
        """Skip the step: the answer is shown, and the learner may go on."""
        if self._session.state is StepState.OPEN:
            self._session.skip()
        says = "Skipped. One way to do it is at the end of the page; Next goes on."
        if self.show_solution():
            says = "Skipped. One right answer is beside your recipe; Next goes on."
        self.notice.emit("info", says)


async def _keep_copy(target: Target, path: PurePosixPath, text: str) -> PurePosixPath:
    """Keep a text beside a recipe under the first free number."""
    try:
        taken = {entry.name for entry in await target.list(path.parent)}
    except FileNotFoundError:
        taken = set()
    number = next(n for n in range(1, len(taken) + 2) if f"{path.stem}.{n}{path.suffix}" not in taken)
    copy = path.with_name(f"{path.stem}.{number}{path.suffix}")
    await target.write(copy, text.encode())
    return copy
