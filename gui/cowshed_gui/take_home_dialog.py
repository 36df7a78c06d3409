"""Asks where the learner's work is to be taken, and as what; writes it and says where it is."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cowshed_gui.background import Job
from cowshed_gui.theme import APPEARANCE, SPACE, SPACE_PAGE, SPACE_WIDE
from cowshed_lessons.course_variables import fill_course
from cowshed_lessons.file_writing import write_whole
from cowshed_lessons.progress import Progress
from cowshed_lessons.take_home import OwnFiles, TakeHome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cowshed_gui.course_session import CourseSession
    from cowshed_lab.target import Target
    from cowshed_lessons.course import Course

KINDS = (
    ("html", "A page to read", "One HTML file for any browser: lessons, notes, results, your recipes"),
    ("pdf", "A PDF to print", "The same on paper"),
    ("zip", "An archive", "Recipes, notes, results and lessons as files of their own, and the page"),
)


class TakeHomeDialog(QDialog):
    """A window beside the main one; it stays until it is closed, and says there what came of it.

    Attributes:
        folder: where to.
        boxes: what is wanted, by the ending of the file.
        take_button: begins.
        open_button: shows the folder, once something is in it.
    """

    def __init__(self, session: CourseSession, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._job: Job | None = None
        self.setWindowTitle("Take it all home")
        title = QLabel("Take it all home")
        title.setProperty("look", "title")
        lead = QLabel(
            "Your recipes, notes and results, with the text of every lesson. Nothing here is changed by that."
        )
        lead.setWordWrap(True)
        self.boxes: dict[str, QCheckBox] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_PAGE, SPACE_WIDE, SPACE_PAGE, SPACE_WIDE)
        layout.setSpacing(SPACE)
        layout.addWidget(title)
        layout.addWidget(lead)
        layout.addSpacing(SPACE)
        for kind, name, says in KINDS:
            box = QCheckBox(name)
            box.setChecked(kind != "pdf")
            box.setAccessibleDescription(says)
            box.toggled.connect(self._draw)
            more = QLabel(says)
            more.setWordWrap(True)
            more.setProperty("look", "muted")
            more.setContentsMargins(round(18 * APPEARANCE.zoom) + 12, 0, 0, 0)  # under the words of the box
            both = QVBoxLayout()
            both.setSpacing(0)
            both.addWidget(box)
            both.addWidget(more)
            layout.addLayout(both)
            self.boxes[kind] = box
        label = QLabel("&Folder")
        self.folder = QLineEdit(str(Path.home()))
        self.folder.textChanged.connect(self._draw)
        label.setBuddy(self.folder)
        choose = QPushButton("Choose…")
        choose.setAccessibleName("Choose the folder")
        choose.clicked.connect(self._choose)
        where = QHBoxLayout()
        where.setSpacing(SPACE)
        where.addWidget(label)
        where.addWidget(self.folder, 1)
        where.addWidget(choose)
        layout.addSpacing(SPACE)
        layout.addLayout(where)
        self.says = QLabel()
        self.says.setWordWrap(True)
        self.says.setTextFormat(Qt.TextFormat.PlainText)
        self.says.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout.addSpacing(SPACE)
        layout.addWidget(self.says)
        layout.addSpacing(SPACE)
        layout.addStretch(1)
        self.open_button = QPushButton("Open the folder")
        self.open_button.clicked.connect(self._open)
        self.open_button.hide()
        close = QPushButton("Close")
        close.clicked.connect(self.close)
        self.take_button = QPushButton("Take it home")
        self.take_button.setProperty("look", "primary")
        self.take_button.setDefault(True)
        self.take_button.clicked.connect(self.take)
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        row.addWidget(self.open_button)
        row.addStretch(1)
        row.addWidget(close)
        row.addWidget(self.take_button)
        layout.addLayout(row)
        self.setMinimumWidth(32 * self.fontMetrics().height())
        self.folder.setFocus()
        self._draw()

    @property
    def busy(self) -> bool:
        """Whether it is being written."""
        return self._job is not None

    def _draw(self) -> None:
        wanted = any(box.isChecked() for box in self.boxes.values())
        self.take_button.setEnabled(wanted and bool(self.folder.text().strip()) and self._job is None)

    def _choose(self) -> None:
        dialog = QFileDialog(self, "Where to?", self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self.folder.text()))

    def take(self) -> None:
        """Read the recipes on the target, make the files and write them."""
        session = self._session
        kinds = [kind for kind, box in self.boxes.items() if box.isChecked()]
        folder = Path(self.folder.text().strip()).expanduser()
        progress = Progress(session.progress.course, session.progress.current, dict(session.progress.steps))
        course, facts = session.course, dict(session.facts)
        job = Job(_take(course, facts, progress, session.target, folder, kinds), self)
        job.done.connect(lambda found: self._on_done(*found))
        job.failed.connect(self._on_failed)
        job.cancelled.connect(lambda: self._end("It was given up."))
        self._job = job
        self.open_button.hide()
        self.says.setText("Reading your recipes…" if session.target is not None else "Writing…")
        self._draw()
        job.start()

    def _on_done(self, files: Sequence[Path], remarks: Sequence[str]) -> None:
        names = ", ".join(file.name for file in files)
        self.open_button.show()
        self._end("\n\n".join([f"Written: {names}.", *remarks]))

    def _on_failed(self, error: Exception) -> None:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        self._end(f"It could not be written: {reason}. Choose another folder, or make room in this one.")

    def _end(self, sentence: str) -> None:
        self._job = None
        self.says.setText(sentence)
        self.says.setAccessibleName(sentence)
        self._draw()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """At another width, texts need another height."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Be high enough for every line, whatever there is to say."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.setMinimumHeight(max(layout.totalHeightForWidth(self.width()), 0))


async def _take(
    course: Course,
    facts: Mapping[str, str],
    progress: Progress,
    target: Target | None,
    folder: Path,
    kinds: Sequence[str],
) -> tuple[list[Path], tuple[str, ...]]:
    from cowshed_lab.take_home_files import read_own_files

    files = await read_own_files(target, course) if target is not None else OwnFiles()
    home = TakeHome(fill_course(course, facts), progress, datetime.now().astimezone(), files)
    written = await asyncio.to_thread(_write, home, folder, kinds)
    return written, home.remarks()


def _write(home: TakeHome, folder: Path, kinds: Sequence[str]) -> list[Path]:
    """Write the files under names that are free; in the background, for a course takes a second."""
    written = []
    for kind in kinds:
        path = free_name(folder, f"cowshed-{home.course.id}-{home.made:%Y-%m-%d}", kind)
        write_whole(path, _content(home, kind))
        written.append(path)
    return written


def _content(home: TakeHome, kind: str) -> bytes:
    if kind == "zip":
        from cowshed_lessons.take_home_zip import archive

        return archive(home)
    from cowshed_lessons.take_home_page import page

    if kind == "html":
        return page(home).encode(errors="replace")
    from cowshed_gui.take_home_pdf import pdf

    return pdf(page(home, paper=True), home.course.title)


def free_name(folder: Path, stem: str, kind: str) -> Path:
    """The first name that no file has: what was taken home before is kept."""
    number = 1
    while (path := folder / f"{stem}{f'-{number}' if number > 1 else ''}.{kind}").exists():
        number += 1
    return path
