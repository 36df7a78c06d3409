"""The course's part in the editor's help: how closely to look at the recipe in front, and which packages it wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from cowshed_gui.course_session import CourseSession, recipe_path
from cowshed_gui.recipe_linting import OFF
from cowshed_lessons.step_help import muted_rules, wanted_packages

if TYPE_CHECKING:
    from cowshed_gui.recipe_pane import RecipePane
    from cowshed_gui.settings import SettingsStore


class RecipeHelp(QObject):
    """Keeps the help of the recipe in front in step with course and settings.

    In the recipe of the step, the judge has the first word. The linter is silent until the learner has changed
    something, as the judge is; rules that the step's own recipes break are muted (`muted_rules`), and in a line in
    which the judge finds a fault the editor shows nothing else. Other recipes are looked at with all rules.
    """

    def __init__(
        self, session: CourseSession, recipes: RecipePane, settings: SettingsStore, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._recipes = recipes
        self._settings = settings
        recipes.current_changed.connect(self.renew)
        session.step_changed.connect(self.renew)
        session.verdict_changed.connect(self.renew)
        settings.changed.connect(self.renew)
        self.renew()

    def renew(self) -> None:
        """Course, step, text or settings are others now."""
        page = self._recipes.current_page()
        if page is None:
            return
        level, step = self._settings.value.linting, self._session.step
        muted: frozenset[str] = frozenset()
        packages: tuple[str, ...] = ()
        if step.recipe_name and page.path == recipe_path(step):
            muted, packages = muted_rules(step), wanted_packages(step)
            if self._session.untouched:
                level = OFF
        page.editor.completion.packages = packages
        page.editor.linting.choose(level, muted)
