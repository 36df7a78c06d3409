"""The recipe pane: open recipes in tabs, find and replace, and the offer of what a crash left unsaved.

Keys beside the editor's: Ctrl+S saves, Ctrl+N opens or makes a recipe, Ctrl+W closes it, Ctrl+PgUp, Ctrl+PgDown
and Ctrl+Tab change the tab, Ctrl+F finds, Ctrl+R replaces, F3 goes on. None is a shortcut of the window.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from cowshed_gui.background import Job
from cowshed_gui.card_button import CardButton
from cowshed_gui.comparison_view import Other
from cowshed_gui.find_bar import FindBar
from cowshed_gui.left_over import LeftOverOffer
from cowshed_gui.notice_line import NoticeLine
from cowshed_gui.recipe_page import RecipePage
from cowshed_gui.recipe_prompt import Prompt
from cowshed_gui.recipe_tabs import RecipeTabs
from cowshed_gui.recipe_text import CONTROL, PLAIN, SHIFT
from cowshed_gui.theme import SPACE_SMALL
from cowshed_lab.journal import Journal
from cowshed_lab.target import Target
from cowshed_lessons.verdict import Finding

_MODIFIERS = CONTROL | SHIFT | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier

_EMPTY = "No recipe is open here.\nA step opens its own; Ctrl+N opens or makes another."


class RecipePane(QWidget):
    """Tabs of open recipes.

    Args:
        journal: where unsaved text is kept; without one, in the person's state folder.
        parent: the usual Qt parent.

    Signals:
        recipe_changed: path and text, when a recipe was opened and after each change.
        saved: path, when its file was written.
        current_changed: path of the tab in front, None where there is none.
    """

    recipe_changed = Signal(object, str)
    saved = Signal(object)
    current_changed = Signal(object)

    def __init__(self, journal: Journal | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.journal = journal or Journal()
        self._pages: list[RecipePage] = []  # in the order of the tabs
        self._parked: dict[tuple[str, PurePosixPath], RecipePage] = {}  # unsaved ones of a target that is closed
        self._target: Target | None = None
        self.setAccessibleName("Recipes")
        self.tabs = RecipeTabs()
        self.tabs.currentChanged.connect(self._on_tab)
        self._plus = CardButton("plus", "Open or make a recipe")
        self._plus.setToolTip("Open or make a recipe (Ctrl+N)")
        self._plus.clicked.connect(self.ask_for_recipe)
        self.prompt = Prompt()
        self.prompt.left.connect(self.focus_text)
        self.notice = NoticeLine(self)
        self._left_over = LeftOverOffer(self)
        self.find_bar = FindBar()
        self.find_bar.closed.connect(self.focus_text)
        self._stack = QStackedWidget()
        self._empty = QLabel(_EMPTY)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setProperty("look", "muted")
        self._stack.addWidget(self._empty)
        self._lay_out()

    def _lay_out(self) -> None:
        bar = QFrame()
        bar.setProperty("look", "bar")
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 0, SPACE_SMALL, 0)
        row.setSpacing(SPACE_SMALL)
        row.addWidget(self.tabs)
        row.addWidget(self._plus)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (bar, self.prompt, self.notice):
            column.addWidget(widget)
        column.addWidget(self._stack, 1)
        column.addWidget(self.find_bar)
        self.tab_row = row  # the window may add tools at its end

    # --- opening and closing ------------------------------------------------------------------------------------------

    def open_recipe(self, target: Target, path: PurePosixPath, text: str | None = None) -> None:
        """Open a recipe in a tab, or bring its tab to the front.

        Args:
            target: where it lives. A new connection to the same target takes the old one's place.
            path: the file there.
            text: what the recipe begins with where there is no file yet; it is saved at once. A file that is there
                is never replaced.
        """
        self._target = target
        self._take_back(target)
        page = self._find(path, target.name)
        if page is None:
            page = RecipePage(target, path, self.journal)
            self._add(page)
            page.open(text)
        else:
            page.attach(target)
        self.tabs.setCurrentIndex(self._pages.index(page))
        self._left_over.look(target)

    def close_recipe(self, path: PurePosixPath | None = None) -> None:
        """Close a tab; where text is unsaved, ask first, in the tab."""
        page = self._page(path)
        if page is None:
            return
        if not page.unsaved:
            self._drop(page)
            return
        page.notice.say(
            "warning",
            f"{page.path.name} has unsaved text.",
            [
                ("Save and close", lambda: page.save(lambda: self._drop(page))),
                ("Close without saving", lambda: self._give_up(page)),
                ("Keep it open", page.setFocus),
            ],
            about="close",
        )
        page.notice.focus_answers()

    def close_target(self) -> None:
        """The target is going away: its tabs close, unsaved text is kept and comes back with the target."""
        self.keep_unsaved()
        for page in list(self._pages):
            if page.unsaved:
                self._parked[page.key] = page
            self._drop(page, delete=not page.unsaved)
        self._target = None

    def keep_unsaved(self) -> None:
        """Write all unsaved text into the journal before returning. For the window's end; the next start offers it."""
        for page in [*self._pages, *self._parked.values()]:
            page.keeper.keep_now(leaving=True)

    def say_empty(self, sentence: str = _EMPTY) -> None:
        """Say something where no recipe is open, until one was."""
        self._empty.setText(sentence)

    def open_paths(self) -> tuple[PurePosixPath, ...]:
        """The paths of all tabs, in their order."""
        return tuple(page.path for page in self._pages)

    def unsaved_paths(self) -> tuple[PurePosixPath, ...]:
        """The paths whose text is not saved."""
        return tuple(page.path for page in self._pages if page.unsaved)

    def saved_at(self, path: PurePosixPath) -> str:
        """When a recipe was saved last, as “ at 21:04”; empty where that was not done here."""
        page = self._find(path)
        return f" at {page.saved_at:%H:%M}" if page is not None and page.saved_at is not None else ""

    def cursors(self) -> dict[str, int]:
        """The line (from 1) that the cursor is in, in each recipe."""
        return {str(page.path): page.editor.textCursor().blockNumber() + 1 for page in self._pages if page.ready}

    # --- the recipe in front ------------------------------------------------------------------------------------------

    def current_path(self) -> PurePosixPath | None:
        """The path of the tab in front."""
        page = self.current_page()
        return page.path if page else None

    def current_text(self) -> str:
        """The text of the tab in front, empty where there is none."""
        page = self.current_page()
        return page.editor.text() if page else ""

    def current_page(self) -> RecipePage | None:
        """The page of the tab in front."""
        index = self.tabs.currentIndex()
        return self._pages[index] if 0 <= index < len(self._pages) else None

    def insert_snippet(self, text: str) -> None:
        """Put a snippet of the lesson where it belongs in the recipe in front."""
        page = self.current_page()
        if page is not None:
            page.close_comparison()
            page.when_open(lambda: page.editor.insert_snippet(text))
            page.editor.setFocus()

    def replace_text(self, path: PurePosixPath, text: str) -> None:
        """Put another text into an open recipe; Ctrl+Z brings the old one back."""
        page = self._find(path)
        if page is not None:
            page.close_comparison()
            page.replace_text(text)

    def show_findings(self, path: PurePosixPath, findings: Sequence[Finding], warnings: Sequence[Finding] = ()) -> None:
        """Mark faults in an open recipe, in place of those before."""
        page = self._find(path)
        if page is not None:
            page.editor.show_findings(findings, warnings)
            page.say_marks()

    def go_to(self, path: PurePosixPath, line: int, column: int = 1) -> None:
        """Bring a recipe to the front with the cursor at a place (from 1)."""
        page = self._find(path)
        if page is not None:
            self.tabs.setCurrentIndex(self._pages.index(page))
            page.close_comparison()
            page.when_open(lambda: page.editor.go_to_line(line, column))
            page.editor.setFocus()

    def compare(self, title: str, other_text: str) -> None:
        """Show the recipe in front beside another one."""
        page = self.current_page()
        if page is not None:
            page.compare(title, other_text)

    def compare_with(self, of: str, others: Sequence[Other]) -> None:
        """Show the recipe in front beside one of several others, with a chooser; `of` is what one of them is."""
        page = self.current_page()
        if page is not None:
            page.compare_with(of, others)

    def save(self, path: PurePosixPath | None = None) -> None:
        """Save a recipe, the one in front where none is named."""
        page = self._page(path)
        if page is not None:
            page.save()

    def save_then(
        self, path: PurePosixPath, does: Callable[[], object], otherwise: Callable[[], object] | None = None
    ) -> None:
        """Save a recipe, if it is open, and do something then; `otherwise` where it could not be: the tab says why."""
        page = self._find(path)
        does() if page is None else page.save(does, otherwise=otherwise)

    def show_recipe(self, path: PurePosixPath) -> None:
        """Bring a recipe to the front; the keyboard goes to what its notice asks, or to its text."""
        page = self._find(path)
        if page is not None:
            self.tabs.setCurrentIndex(self._pages.index(page))
            page.setFocus()
            page.notice.focus_answers()

    def reconnect(self, target: Target) -> None:
        """Use a new connection for all recipes of a target; what is unsaved can be saved again."""
        self._target = target
        for page in self._pages:
            if page.target.name == target.name:
                page.attach(target)

    def focus_text(self) -> None:
        """Put the focus into the text in front."""
        (self.current_page() or self._plus).setFocus()

    def ask_for_recipe(self) -> None:
        """Ask which recipe to open or make, and offer those beside the one in front."""
        target = self._target
        if target is None:
            self.notice.say("info", "Recipes live where they are built. Choose a target first.", about="target")
            return
        page = self.current_page()
        folder = page.path.parent if page else PurePosixPath("cowshed")
        self.prompt.ask(
            f"Recipe in {folder}",
            "Open",
            lambda name: self.open_recipe(target, folder / (name if PurePosixPath(name).suffix else f"{name}.def"), ""),
            hint="a name, as lolcow_1.def; a new name makes a new recipe",
        )
        job = Job(target.list(folder), self)
        job.done.connect(lambda entries: self.prompt.offer([e.name for e in entries if e.name.endswith(".def")]))
        job.failed.connect(lambda _error: self.prompt.offer([]))  # nothing to offer is no fault
        job.start()

    # --- tabs ---------------------------------------------------------------------------------------------------------

    def _add(self, page: RecipePage) -> None:
        self._pages.append(page)
        self._stack.addWidget(page)
        page.edited.connect(lambda text, page=page: self.recipe_changed.emit(page.path, text))
        page.saved.connect(lambda page=page: self.saved.emit(page.path))
        page.state_changed.connect(self._say_titles)
        page.editor.go_to_line_wanted.connect(self._ask_for_line)
        self._add_tab(page)

    def _add_tab(self, page: RecipePage) -> None:
        self.tabs.add(page, lambda: self._close_page(page))
        self._say_titles()

    def _close_page(self, page: RecipePage) -> None:
        self.tabs.setCurrentIndex(self._pages.index(page))
        self.close_recipe()

    def _give_up(self, page: RecipePage) -> None:
        page.give_up()
        self._drop(page)

    def _drop(self, page: RecipePage, *, delete: bool = True) -> None:
        if page not in self._pages:
            return
        index = self._pages.index(page)
        self.say_empty()
        page.say_unsaved()
        self._pages.remove(page)
        self._stack.removeWidget(page)
        page.hide()
        self.tabs.removeTab(index)
        self._on_tab(self.tabs.currentIndex())
        self._say_titles()
        if delete:
            page.deleteLater()

    def _take_back(self, target: Target) -> None:
        """Bring back the unsaved recipes of a target that was closed and is open again."""
        for key in [key for key in self._parked if key[0] == target.name]:
            page = self._parked.pop(key)
            page.attach(target)
            self._pages.append(page)
            self._stack.addWidget(page)
            self._add_tab(page)

    def _find(self, path: PurePosixPath, target: str | None = None) -> RecipePage | None:
        wanted = target or (self._target.name if self._target else None)
        return next((page for page in self._pages if page.key == (wanted, PurePosixPath(path))), None)

    def _page(self, path: PurePosixPath | None) -> RecipePage | None:
        return self.current_page() if path is None else self._find(path)

    def _on_tab(self, index: int) -> None:
        page = self._pages[index] if 0 <= index < len(self._pages) else None
        self._stack.setCurrentWidget(page or self._empty)
        self.find_bar.set_editor(page.editor if page else None)
        self.setFocusProxy(page or self._plus)
        self.current_changed.emit(page.path if page else None)

    def _say_titles(self) -> None:
        self.tabs.say_titles(self._pages)

    # --- keys ---------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The pane's keys, which the text passed on."""
        does: Callable[[], object] | None = {
            (CONTROL, Qt.Key.Key_S): self.save,
            (CONTROL, Qt.Key.Key_N): self.ask_for_recipe,
            (CONTROL, Qt.Key.Key_W): self.close_recipe,
            (CONTROL, Qt.Key.Key_F): self.find_bar.open_bar,
            (CONTROL, Qt.Key.Key_R): lambda: self.find_bar.open_bar(replace=True),
            (PLAIN, Qt.Key.Key_F3): self.find_bar.find_next,
            (SHIFT, Qt.Key.Key_F3): self.find_bar.find_previous,
            (CONTROL, Qt.Key.Key_PageDown): lambda: self._step_tab(1),
            (CONTROL, Qt.Key.Key_PageUp): lambda: self._step_tab(-1),
            (CONTROL, Qt.Key.Key_Tab): lambda: self._step_tab(1),
            (CONTROL | SHIFT, Qt.Key.Key_Backtab): lambda: self._step_tab(-1),
        }.get((event.modifiers() & _MODIFIERS, Qt.Key(event.key())))
        if does is None:
            super().keyPressEvent(event)
            return
        does()
        event.accept()

    def _step_tab(self, step: int) -> None:
        self.tabs.step(step)
        self.focus_text()

    def _ask_for_line(self) -> None:
        page = self.current_page()
        if page is not None:
            last = page.editor.blockCount()
            self.prompt.ask(
                f"Line (1 to {last})",
                "Go",
                lambda answer: page.editor.go_to_line(int(answer)) if answer.isdecimal() else None,
            )
