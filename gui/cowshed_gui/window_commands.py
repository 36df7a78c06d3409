"""What each action of the table does. `MainWindow` is made of this and of what holds its parts together."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QWidget

from cowshed_gui.actions import ACTIONS, colour_actions
from cowshed_gui.learner_commands import LearnerCommands
from cowshed_gui.theme import APPEARANCE
from cowshed_gui.window_images import ImageCommands
from cowshed_gui.window_recordings import RecordingCommands

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QAction

    from cowshed_gui.bench import Bench
    from cowshed_gui.command_palette import CommandPalette
    from cowshed_gui.course_session import CourseSession
    from cowshed_gui.lesson_pane import LessonPane
    from cowshed_gui.notice_line import NoticeLine
    from cowshed_gui.panes import Panes
    from cowshed_gui.recipe_editor import RecipeEditor
    from cowshed_gui.recipe_folding import Folding
    from cowshed_gui.recipe_pane import RecipePane
    from cowshed_gui.recipe_tools import RecipeTools
    from cowshed_gui.settings import SettingsStore
    from cowshed_gui.target_session import TargetSession
    from cowshed_gui.terminal_panel import TerminalPanel
    from cowshed_gui.top_bar import TopBar
    from cowshed_gui.welcome import Welcome

LESSON, RECIPE, TERMINAL, CHECKS = "lesson", "recipe", "terminal", "checks"


class WindowCommands(LearnerCommands, ImageCommands, RecordingCommands):
    """The window's commands; `MainWindow` makes the parts that they use."""

    actions_by_id: dict[str, QAction]
    bar: TopBar
    bench: Bench
    dialog: QWidget | None
    lesson: LessonPane
    notice: NoticeLine
    pages: QStackedWidget
    palette_popup: CommandPalette
    panes: Panes
    recipe_tools: RecipeTools
    recipes: RecipePane
    session: CourseSession
    settings: SettingsStore
    targets: TargetSession
    terminals: TerminalPanel
    welcome: Welcome

    def show_page(self, page: QWidget) -> None:
        """Show the welcome page or the panes; what has no sense there cannot be chosen."""
        self.pages.setCurrentWidget(page)
        working = page is self.panes
        self.bar.setVisible(working)
        for entry in ACTIONS:
            if entry.menu in ("Recipe", "Lesson") and entry.id != "quit":
                self.actions_by_id[entry.id].setEnabled(working)

    def build(self) -> None:
        """Build the image."""
        if why := self.targets.cannot_build:
            self.notice.say(
                "info",
                f"{why} So the build ends at once; the recipe is checked all the same.",
                [("Choose where to build", self.choose_target)],
                about="build",
            )
            self.targets.look()  # it may have been installed since
        self.panes.show_pane(TERMINAL)
        self.bench.build()

    def save_recipe(self) -> None:
        """Save the recipe."""
        self.recipes.save()

    def show_solution(self) -> None:
        """Compare a solution with the learner's recipe; where there is none, show what to do on the page."""
        self.panes.show_pane(RECIPE if self.session.step.recipe_name else LESSON)
        self.bench.show_solution()

    def compare_with(self) -> None:
        """Compare the recipe in front with its file, or with what passed."""
        self.panes.show_pane(RECIPE)
        self.bench.comparisons.compare()

    def choose_section(self) -> None:
        """Choose a section of the recipe in the palette."""
        self.panes.show_pane(RECIPE)
        choices = self.recipe_tools.choices()
        if choices:
            self.palette_popup.open(choices, "Which section?")
        else:
            self.notice.say("info", "There are no sections yet. %post begins the one where programs are installed.")

    def format_recipe(self) -> None:
        """Put the recipe in front into its form."""
        from cowshed_gui.recipe_edits import format_in

        page = self.recipes.current_page()
        if page is not None and page.ready and not format_in(page.editor):
            self.notice.say("info", "There is nothing to format: the recipe has its form already.")

    def open_fixes(self) -> None:
        """Offer what can be done about the finding at the cursor."""
        self._in_recipe(lambda editor: editor.fixes.open_menu())

    def fix_everything(self) -> None:
        """Make every safe fix in the recipe in front."""
        page = self.recipes.current_page()
        if page is None or not page.ready:
            return
        mended = page.editor.fixes.fix_everything()
        said = "There is nothing that can be fixed without asking you." if not mended else ""
        said = said or f"{mended} finding{'s' * (mended > 1)} mended. Ctrl+Z takes that back."
        self.notice.say("info", said)

    def next_finding(self) -> None:
        """Go to the next finding."""
        self._in_recipe(lambda editor: editor.go_to_mark())

    def previous_finding(self) -> None:
        """Go to the finding before."""
        self._in_recipe(lambda editor: editor.go_to_mark(forward=False))

    def suggest(self) -> None:
        """Suggest what may be written at the cursor."""
        self._in_recipe(lambda editor: editor.completion.ask())

    def explain_word(self) -> None:
        """Explain the word at the cursor."""
        self._in_recipe(lambda editor: editor.hovers.show_word())

    def find_text(self) -> None:
        """Find something in the recipe."""
        self._in_recipe(lambda _: self.recipes.find_bar.open_bar())

    def replace_found(self) -> None:
        """Find and replace something in the recipe."""
        self._in_recipe(lambda _: self.recipes.find_bar.open_bar(replace=True))

    def go_to_line(self) -> None:
        """Ask for a line of the recipe."""
        self._in_recipe(lambda editor: editor.go_to_line_wanted.emit())

    def toggle_comment(self) -> None:
        """Comment lines of the recipe out, or in again."""
        self._in_recipe(lambda editor: None if editor.isReadOnly() else editor.toggle_comment())

    def _in_recipe(self, does: Callable[[RecipeEditor], object]) -> None:
        """Do something in the text of the recipe in front, with the keyboard in it."""
        page = self.recipes.current_page()
        if page is not None and page.ready and page.comparison is None:
            self.panes.show_pane(RECIPE)
            page.editor.setFocus()
            does(page.editor)

    def fold(self) -> None:
        """Fold what the cursor is in."""
        self._fold(lambda folding: folding.fold())

    def unfold(self) -> None:
        """Unfold what is folded at the cursor."""
        self._fold(lambda folding: folding.unfold())

    def fold_all(self) -> None:
        """Fold every section."""
        self._fold(lambda folding: folding.fold_all())

    def unfold_all(self) -> None:
        """Unfold everything."""
        self._fold(lambda folding: folding.unfold_all())

    def _fold(self, does: Callable[[Folding], object]) -> None:
        page = self.recipes.current_page()
        if page is not None:
            does(page.editor.folding)

    def reset_step(self) -> None:
        """Begin the step again, after keeping a copy."""
        self.bench.reset()

    def close_window(self) -> None:
        """Quit."""
        self.close()

    def next_step(self) -> None:
        """Go to the next step."""
        self.notice.clear("", "build")
        self.session.next()

    def previous_step(self) -> None:
        """Go to the step before."""
        self.notice.clear("", "build")
        self.session.previous()

    def skip_step(self) -> None:
        """Skip the step."""
        self.panes.show_pane(RECIPE if self.session.step.recipe_name else LESSON)
        self.bench.skip()

    def force_step(self) -> None:
        """Mark the step as done."""
        self.session.force()
        self.notice.say("info", "Marked as done because you said so. The checks go on telling what they see.")

    def show_hint(self) -> None:
        """Unfold the next hint."""
        self.panes.show_pane(LESSON)
        if not self.lesson.unfold_hint():
            self.notice.say("info", "There are no more hints here. A solution can be compared with your recipe.")

    def choose_step(self) -> None:
        """Choose a step in the palette."""
        from cowshed_gui.command_palette import Choice
        from cowshed_gui.step_bar import WORDS
        from cowshed_lessons.progress import StepState

        session = self.session
        choices = []
        for lesson in session.course.lessons:
            for number, step in enumerate(lesson.steps, 1):
                known = session.progress.of(step.id)
                said = [] if known.state is StepState.OPEN else [WORDS[known.state]]
                detail = " · ".join([*said, *(["notes"] if known.notes.strip() else [])])
                title = f"{lesson.title} {number}: {step.title}"
                here = step.id == session.step.id
                choices.append(Choice(title, partial(session.go_to, step), detail, current=here))
        self.palette_popup.open(choices, "Which step?")

    def choose_target(self) -> None:
        """Open the target selector."""
        self.bar.selector.click()

    def start_practice(self) -> None:
        """Start the practice cluster."""
        self.targets.start_practice()

    def stop_practice(self) -> None:
        """Stop the practice cluster."""
        self.targets.stop_practice()

    def new_shell(self) -> None:
        """Open one more terminal."""
        self.panes.show_pane(TERMINAL)
        self.bench.new_shell()

    def open_palette(self) -> None:
        """Open the palette with every action."""
        from cowshed_gui.command_palette import Choice

        colour_actions(self.actions_by_id)
        choices = []
        for entry in sorted(ACTIONS, key=lambda entry: entry.id == "quit"):  # what ends everything is offered last
            action = self.actions_by_id[entry.id]
            keys = action.shortcut().toString(action.shortcut().SequenceFormat.NativeText)
            if entry.id != "palette":
                possible = action.isEnabled() and not (entry.id == "build" and self.bench.building)
                choices.append(Choice(action.text(), action.trigger, keys, action.icon(), possible))
        self.palette_popup.open(choices)

    def focus_lesson(self) -> None:
        """Go to the lesson."""
        self.panes.show_pane(LESSON)
        self.lesson.focus_page()

    def focus_recipe(self) -> None:
        """Go to the recipe."""
        self.panes.show_pane(RECIPE)
        self.recipes.focus_text()

    def focus_terminal(self) -> None:
        """Go to the terminal."""
        self.panes.show_pane(TERMINAL)
        self.terminals.focus_terminal()

    def focus_checks(self) -> None:
        """Go to the checks."""
        self.panes.show_pane(LESSON)
        self.lesson.focus_checks()

    def focus_next_pane(self) -> None:
        """Go to the next pane."""
        self._focus_pane(1)

    def focus_previous_pane(self) -> None:
        """Go to the pane before."""
        self._focus_pane(-1)

    def _focus_pane(self, move: int) -> None:
        ways = {
            LESSON: self.focus_lesson,
            RECIPE: self.focus_recipe,
            TERMINAL: self.focus_terminal,
            CHECKS: self.focus_checks,
        }
        names = list(ways)
        here = CHECKS if self.lesson.checks_have_focus() else self.panes.pane_with_focus()
        place = names.index(here) if here else (-1 if move > 0 else 0)
        ways[names[(place + move) % len(names)]]()

    def fill_with_pane(self) -> None:
        """Let the pane with the keyboard fill the window, or bring all back."""
        self.panes.fill("" if self.panes.filled else self.panes.pane_with_focus() or LESSON)

    def zoom_in(self) -> None:
        """Everything larger."""
        APPEARANCE.zoom_in()
        self.settings.change(zoom=APPEARANCE.zoom)

    def zoom_out(self) -> None:
        """Everything smaller."""
        APPEARANCE.zoom_out()
        self.settings.change(zoom=APPEARANCE.zoom)

    def zoom_usual(self) -> None:
        """Usual size."""
        self.settings.change(zoom=1.0)

    def choose_light(self) -> None:
        """Light colours."""
        self.settings.change(theme="light")

    def choose_dark(self) -> None:
        """Dark colours."""
        self.settings.change(theme="dark")

    def choose_system(self) -> None:
        """The system's colours."""
        self.settings.change(theme="system")

    def open_settings(self) -> None:
        """Open the settings beside the window."""
        from cowshed_gui.settings_dialog import SettingsDialog

        self.open_beside(SettingsDialog(self.settings, self))

    def show_welcome(self) -> None:
        """Show the welcome page again."""
        self.welcome.offer_back()
        self.show_page(self.welcome)
        self.targets.look()

    def show_keys(self) -> None:
        """List every key."""
        from cowshed_gui.about import Keys

        self.open_beside(Keys(self))

    def show_about(self) -> None:
        """Say what this is."""
        from cowshed_gui.about import About

        self.open_beside(About(self))

    def open_beside(self, dialog: QWidget) -> None:
        """Show a window beside this one."""
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog = dialog
        dialog.show()
        dialog.activateWindow()
