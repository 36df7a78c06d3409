"""What a recipe can be compared with: the file on disk, the recipe that passed the step, a solution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cowshed_gui.background import Job
from cowshed_gui.comparison_view import Other
from cowshed_gui.course_session import CourseSession, recipe_path
from cowshed_lab.recipe_file import FileText, read_recipe_file
from cowshed_lessons.progress import StepState

if TYPE_CHECKING:
    from cowshed_gui.recipe_page import RecipePage
    from cowshed_gui.recipe_pane import RecipePane


class ComparisonOffers(QObject):
    """Opens comparisons.

    A solution is offered beside the others only once the step is passed, skipped or marked as done: whoever wants to
    see what changed since the last save must not be shown the answer by accident. "Show a solution" always does.

    Signals:
        notice: kind, sentence.
    """

    notice = Signal(str, str)

    def __init__(self, session: CourseSession, recipes: RecipePane, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._recipes = recipes

    def solutions(self) -> bool:
        """Compare the solutions with the learner's recipe; False where the step has none."""
        step = self._session.step
        if not step.solutions:
            self.notice.emit("info", "This step has no solution to show.")
            return False
        self._recipes.show_recipe(recipe_path(step))
        self._recipes.compare_with("Solution", self._solutions())
        return True

    def compare(self) -> None:
        """Compare the recipe in front with whatever there is; its file is read first."""
        page = self._recipes.current_page()
        if page is None or not page.ready:
            self.notice.emit("info", "There is no open recipe to compare.")
            return
        job = Job(read_recipe_file(page.target, page.path), page)
        job.done.connect(lambda found: self._show(page, found))
        job.failed.connect(lambda _error: self._show(page, None))  # what else there is can be compared all the same
        job.start()

    def _show(self, page: RecipePage, found: FileText | None) -> None:
        if self._recipes.current_page() is not page:
            return
        others = []
        if found is not None:
            others.append(Other("The file on disk", found.text, "What was saved last.", alone=True))
        if page.path == recipe_path(self._session.step):
            known = self._session.progress.of(self._session.step.id)
            if known.passed_recipe is not None:
                passed = Other("The recipe that passed", known.passed_recipe, "It passed this step.", alone=True)
                others.insert(0 if others and not page.unsaved else 1, passed)
            if known.state is not StepState.OPEN:
                others += self._solutions()
        if others:
            self._recipes.compare_with("Solution", others)
        else:
            self.notice.emit("info", "There is nothing to compare with yet: this recipe was never saved or passed.")

    def _solutions(self) -> list[Other]:
        return [Other(each.name, each.recipe, each.note) for each in self._session.step.solutions]
