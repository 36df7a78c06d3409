"""What the window does about images: looks into them, from the menu, a finished build, or a chart of sizes."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMainWindow, QWidget

from cowshed_gui.sizes_card import SizesCard
from cowshed_gui.user_files import data_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cowshed_gui.bench import Bench
    from cowshed_gui.build_recorder import BuildRecorder
    from cowshed_gui.course_session import CourseSession
    from cowshed_gui.lesson_pane import LessonPane
    from cowshed_gui.notice_line import NoticeLine
    from cowshed_gui.terminal_panel import TerminalPanel
    from cowshed_lessons.course import Step


class ImageCommands(QMainWindow):
    """The window's commands about images; `MainWindow` makes the parts that they use."""

    bench: Bench
    recorder: BuildRecorder
    lesson: LessonPane
    notice: NoticeLine
    session: CourseSession
    terminals: TerminalPanel

    def connect_images(self) -> None:
        """Listen to the parts from which an image can be looked into; after the page of a step is shown."""
        from cowshed_gui.build_recorder import BuildRecorder

        self._charts: list[SizesCard] = []
        self.terminals.inspect_wanted.connect(self.inspect_image)
        self.session.step_changed.connect(self._join_charts)
        course = self.session.course.id
        recorder = self.recorder = BuildRecorder(data_folder() / f"builds-{course}.json", course, self)
        self.session.step_changed.connect(lambda step: setattr(recorder, "step", step.id))
        self.terminals.command_started.connect(recorder.command_started)
        self.bench.building_changed.connect(recorder.building_changed)
        self.terminals.build_timed.connect(recorder.record)
        recorder.failed.connect(lambda sentence: self.notice.say("warning", sentence))

    def inspect_image(self, image: PurePosixPath | None = None, beside: PurePosixPath | None = None) -> None:
        """Look into an image."""
        from cowshed_gui.image_inspector import ImageInspector

        target = self.session.target
        if target is None:
            self.notice.say("info", "There is no image to look into yet. Choose a target at the top right first.")
            return
        self.open_beside(ImageInspector(target, image, beside, parent=self))

    def show_builds(self) -> None:
        """Show the builds that were kept."""
        from cowshed_gui.builds_view import BuildsView

        view = BuildsView(self.recorder.load(), self)
        self.recorder.kept.connect(view.show_history)
        self.open_beside(view)

    def open_beside(self, dialog: QWidget) -> None:
        """Show a window beside this one."""
        raise NotImplementedError

    def _join_charts(self, step: Step) -> None:
        """A chart of the learner's images leads into them."""
        joined, self._charts = self._charts, self.lesson.cards(SizesCard)
        for chart in self._charts:
            if chart not in joined:
                chart.inspect_wanted.connect(lambda names, lesson=step.lesson_id: self._inspect_named(names, lesson))

    def _inspect_named(self, names: Sequence[str], lesson: str) -> None:
        """Look into images by the names that a lesson gives them: those of other lessons begin with its id."""
        from cowshed_gui.course_session import WORK

        paths = [WORK / name if "/" in name.rstrip("/") else WORK / lesson / name for name in names]
        self.inspect_image(*paths[:2])
