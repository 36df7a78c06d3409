"""The window that looks into an image: what it says of itself, its files by size, and another one beside it."""

from __future__ import annotations

import asyncio
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QTabBar,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from cowshed_gui.background import Job
from cowshed_gui.card_button import CardButton
from cowshed_gui.image_files_page import FilesPage
from cowshed_gui.image_pair_page import DifferencesPage, TextsPage
from cowshed_gui.image_texts import as_one_text, labels_html, scripts_html, sif_html, summary
from cowshed_gui.recipe_highlighter import RecipeHighlighter
from cowshed_gui.theme import APPEARANCE, SPACE, SPACE_SMALL, SPACE_WIDE, fixed_font
from cowshed_gui.treemap_view import bytes_text
from cowshed_lab.image_inspection import ImageContent, ImageName, inspect_image, list_images
from cowshed_lessons.image_differences import Difference, differences

if TYPE_CHECKING:
    from cowshed_lab.target import Target

PAIR, TEXTS, FILES, RECIPE, SCRIPTS, LABELS, SIF = range(7)
_TITLES = ("What differs", "Recipe and labels", "Files", "Recipe", "Scripts", "Labels", "SIF file")
_ALONE = "No other image"


class ImageInspector(QDialog):
    """Looks into images of a target.

    Args:
        target: where the images are.
        image: the one to begin with, from the home folder or absolute; the newest where None.
        beside: another one to compare it with.
        parent: the usual Qt parent.
    """

    def __init__(
        self,
        target: Target,
        image: PurePosixPath | None = None,
        beside: PurePosixPath | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Look into an image – Cowshed")
        self._target = target
        self._wanted = (image, beside)
        self._names: list[ImageName] = []
        self._paths: list[PurePosixPath] = []
        self._seen: dict[PurePosixPath, ImageContent] = {}
        self._job: Job | None = None
        self._listed = False
        self.image = _combo("Image")
        self.other = _combo("Image beside it")
        self.other_file = QPushButton("Another file…")
        self.other_file.setAutoDefault(False)
        self.other_file.clicked.connect(self._ask_for_file)
        self.path = QLineEdit()
        self.path.setPlaceholderText("Path of a SIF file or sandbox on the target, from your home folder or from /")
        self.path.setAccessibleName("Path of another image")
        self.path.returnPressed.connect(self._open_path)
        self.path.hide()
        self.again = CardButton("reset", "Look again: an image may have been built anew (F5)")
        self.again.setShortcut("F5")
        self.again.clicked.connect(self.look_again)
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.setAutoDefault(False)
        self.cancel_button.clicked.connect(self.cancel)
        self.cancel_button.hide()
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName("What to see of the image")
        for title in _TITLES:
            self.tabs.addTab(title)
        self.pair, self.texts, self.files = DifferencesPage(), TextsPage(), FilesPage()
        self.recipe = QPlainTextEdit()
        self.recipe.setReadOnly(True)
        self.recipe.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByKeyboard | Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self.recipe.setTabChangesFocus(True)
        self.recipe.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.recipe.setAccessibleName("The definition file that this image was built from")
        self.recipe.document().setDocumentMargin(SPACE_WIDE)
        self._highlighter = RecipeHighlighter(self.recipe.document())
        self.scripts, self.labels, self.sif = (_prose(name) for name in ("Scripts", "Labels", "Parts of the SIF file"))
        self.pages = QStackedWidget()
        for page in (self.pair, self.texts, self.files, self.recipe, self.scripts, self.labels, self.sif):
            self.pages.addWidget(page)
        self.tabs.currentChanged.connect(self.pages.setCurrentIndex)
        self._lay_out()
        self._show_pair_tabs(False)
        self.tabs.setCurrentIndex(FILES)
        self.image.activated.connect(lambda _: self._look())
        self.other.activated.connect(lambda _: self._look())
        APPEARANCE.changed.connect(self._on_appearance)
        self._on_appearance()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(SPACE)
        for caption, box in (("Image", self.image), ("beside", self.other)):
            label = QLabel(caption)
            label.setProperty("look", "muted")
            label.setBuddy(box)
            top.addWidget(label)
            top.addWidget(box, 1)
        top.addWidget(self.other_file)
        top.addWidget(self.again)
        said = QHBoxLayout()
        said.addWidget(self.status, 1)
        said.addWidget(self.cancel_button)
        head = QFrame()
        head.setProperty("look", "bar")
        column = QVBoxLayout(head)
        column.setContentsMargins(SPACE_WIDE, SPACE, SPACE, SPACE_SMALL)
        column.setSpacing(SPACE)
        column.addLayout(top)
        column.addWidget(self.path)
        column.addLayout(said)
        column.addWidget(self.tabs)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(self.pages, 1)
        em = self.fontMetrics().height()
        self.resize(64 * em, 42 * em)

    # --- looking ---

    @property
    def looking(self) -> bool:
        """Whether something is being looked at."""
        return self._job is not None

    def showEvent(self, event: QShowEvent) -> None:
        """Look for images once the window is there."""
        super().showEvent(event)
        if not self._listed:
            self._listed = True
            self.look_again()

    def look_again(self) -> None:
        """Look for images, and into the chosen ones, anew."""
        self._seen = {}
        self._start(Job(list_images(self._target), self), "Looking for your images…", self._on_images)

    def look_into(self, image: PurePosixPath, beside: PurePosixPath | None = None) -> None:
        """Choose an image, and another one beside it, and look into them."""
        for each in (image, beside):
            if each is not None and each not in self._paths:
                self._add(each, str(each))
        self.image.setCurrentIndex(self._paths.index(image))
        self.other.setCurrentIndex(self._paths.index(beside) + 1 if beside is not None else 0)
        self._look()

    def cancel(self) -> None:
        """End what is being looked at."""
        if self._job is not None:
            self._job.cancel()

    def done(self, result: int) -> None:
        """A closed window looks at nothing more."""
        self.cancel()
        super().done(result)

    def _on_images(self, found: object) -> None:
        assert isinstance(found, list)
        chosen, beside = self._wanted if self._wanted[0] is not None else self._chosen()
        self._wanted = (None, None)
        self._names, self._paths = found, []
        self.image.clear()
        self.other.clear()
        self.other.addItem(_ALONE)
        for name in self._names:
            size = "sandbox" if name.size is None else bytes_text(name.size)
            self._add(name.path, f"{name.title}   {size}")
        if chosen is not None:
            self.look_into(chosen, beside)
        elif self._paths:
            self.look_into(self._paths[0])
        else:
            self._say("There are no images below the folder cowshed yet. Build one, or name another file.", "muted")
            self._ask_for_file()

    def _add(self, path: PurePosixPath, title: str) -> None:
        self._paths.append(path)
        for box in (self.image, self.other):
            box.addItem(title)

    def _chosen(self) -> tuple[PurePosixPath | None, PurePosixPath | None]:
        image, other = self.image.currentIndex(), self.other.currentIndex() - 1
        return (
            self._paths[image] if 0 <= image < len(self._paths) else None,
            self._paths[other] if 0 <= other < len(self._paths) else None,
        )

    def _look(self) -> None:
        """Look into what is chosen and was not looked into yet, one after the other."""
        missing = next((path for path in self._chosen() if path is not None and path not in self._seen), None)
        if missing is None:
            self._compare()
            return
        self._start(
            Job(inspect_image(self._target, missing), self),
            f"Looking into {missing.name}…",
            lambda content: self._on_content(missing, content),
            missing,
        )

    def _on_content(self, path: PurePosixPath, content: object) -> None:
        assert isinstance(content, ImageContent)
        self._seen[path] = content
        self._look()

    def _compare(self) -> None:
        """Find out what two images differ in, where two are chosen, and show it; large ones take a moment."""
        left, right = self._chosen()
        trees = [self._seen[path].files for path in (left, right) if path is not None]
        if left == right or len(trees) < 2 or trees[0] is None or trees[1] is None:
            self._show(())
            return
        job = Job(asyncio.to_thread(differences, trees[0], trees[1]), self)
        self._start(job, "Comparing…", self._on_differences)

    def _on_differences(self, found: object) -> None:
        assert isinstance(found, tuple)
        self._show(found)

    def _start(self, job: Job, doing: str, does: object, path: PurePosixPath | None = None) -> None:
        assert callable(does)
        self.cancel()
        self._job = job
        self._say(doing, "muted")
        self.cancel_button.show()

        def end(then: object) -> None:
            if self._job is not job:
                return
            self._job = None
            self.cancel_button.hide()
            assert callable(then)
            then()

        job.done.connect(lambda value: end(lambda: does(value)))
        job.failed.connect(lambda error: end(lambda: self._on_failed(error, path)))
        job.cancelled.connect(lambda: end(lambda: self._say("Cancelled. F5 looks again.", "muted")))
        job.start()

    def _on_failed(self, error: Exception, path: PurePosixPath | None) -> None:
        missing = isinstance(error, FileNotFoundError) and path is not None
        where = self._target.label
        self._say(f"There is no image {path} on {where}. Check the path." if missing else str(error), "warning")

    def _say(self, sentence: str, look: str) -> None:
        from cowshed_gui.theme import repolish

        self.status.setText(sentence)
        self.status.setProperty("look", look)
        repolish(self.status)

    # --- showing ---

    def _show(self, found: tuple[Difference, ...]) -> None:
        chosen, beside = self._chosen()
        if chosen is None:
            return
        content = self._seen[chosen]
        other = self._seen[beside] if beside is not None and beside != chosen else None
        self._say(summary(content) + (f"   ·   {content.problem}" if content.problem else ""), "muted")
        self.files.show_files(content.files, content.files_problem)
        self.recipe.setPlainText(content.texts.get("deffile", "# This image keeps no definition file.\n"))
        self._show_prose(content)
        self._show_pair_tabs(other is not None)
        if other is None:
            if self.tabs.currentIndex() in (PAIR, TEXTS):
                self.tabs.setCurrentIndex(FILES)
            return
        names = _apart(chosen, content.path.name, other.path)
        if content.files is not None and other.files is not None:
            self.pair.show_pair(content.files, other.files, names, found)
        self.texts.show_texts(as_one_text(content), as_one_text(other), names)
        self._say(f"{names[0]}: {summary(content)}\n{names[1]}: {summary(other)}", "muted")
        if self.tabs.currentIndex() not in (PAIR, TEXTS):
            self.tabs.setCurrentIndex(PAIR if content.files is not None and other.files is not None else TEXTS)

    def _show_prose(self, content: ImageContent) -> None:
        self.scripts.setHtml(scripts_html(content))
        self.labels.setHtml(labels_html(content.labels))
        self.sif.setHtml(sif_html(content))

    def _show_pair_tabs(self, shown: bool) -> None:
        for tab in (PAIR, TEXTS):
            self.tabs.setTabVisible(tab, shown)

    def _ask_for_file(self) -> None:
        self.path.show()
        self.path.setFocus()

    def _open_path(self) -> None:
        text = self.path.text().strip().removeprefix("~/")
        if text:
            self.path.hide()
            self.look_into(PurePosixPath(text))
            self.image.setFocus()

    def _on_appearance(self) -> None:
        self.recipe.setFont(fixed_font())
        chosen, _ = self._chosen()
        if chosen in self._seen:
            self._show_prose(self._seen[chosen])


def _combo(name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(18)
    return box


def _prose(name: str) -> QTextBrowser:
    text = QTextBrowser()
    text.setOpenLinks(False)
    text.setFrameShape(QFrame.Shape.NoFrame)
    text.setAccessibleName(name)
    text.document().setDocumentMargin(SPACE_WIDE)
    return text


def _apart(path: PurePosixPath, name: str, other: PurePosixPath) -> tuple[str, str]:
    """Names that tell two images apart: with their folders where the files are called the same."""
    if name != other.name:
        return name, other.name
    return f"{path.parent.name}/{name}", f"{other.parent.name}/{other.name}"
