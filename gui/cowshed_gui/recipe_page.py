"""One open recipe: its editor, its file on the target, its journal, and what has to be said about them.

Text is never lost: it is in the journal within a second, a failed save leaves everything as it is, and a file that
changed underneath is a question, not an overwrite.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import PurePosixPath

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from cowshed_gui.background import Job
from cowshed_gui.recipe_keeper import RecipeKeeper, Unsaved
from cowshed_gui.recipe_sheet import HINT, RecipeSheet
from cowshed_lab.journal import Journal
from cowshed_lab.recipe_file import ChangedUnderneath, FileText, read_recipe_file, write_recipe_file
from cowshed_lab.target import Target


class RecipePage(RecipeSheet):
    """An open recipe.

    Args:
        target: where it lives; `attach` gives another one after a reconnection.
        path: the file there.
        journal: where unsaved text is kept.

    Signals:
        edited: the text changed; carries it.
        state_changed: saved or unsaved, opening or open.
        opened: the file was read.
        saved: the file was written.
    """

    edited = Signal(str)
    state_changed = Signal()
    opened = Signal()
    saved = Signal()

    def __init__(self, target: Target, path: PurePosixPath, journal: Journal, parent: QWidget | None = None) -> None:
        super().__init__(path.name, parent)
        self.target = target
        self.path = path
        self._base: FileText | None = None
        self._ready = False
        self._beginning: str | None = None
        self._after_opening: list[Callable[[], object]] = []
        self._reading: Job | None = None
        self._saving: Job | None = None
        self._saving_text = ""
        self.saved_at: datetime | None = None  # by the clock on the wall; None where it was not saved here
        self._save_again = False
        self._after_saving: list[Callable[[], object]] = []
        self._otherwise: list[Callable[[], object]] = []
        self.keeper = RecipeKeeper(journal, target.name, path, self._unsaved_text, self)
        self.keeper.kept.connect(self._on_kept)
        self.keeper.failed.connect(self._on_not_kept)
        self.editor.edited.connect(self._on_edited)
        self.editor.document().modificationChanged.connect(self.state_changed)

    # --- what it is ---------------------------------------------------------------------------------------------------

    @property
    def key(self) -> tuple[str, PurePosixPath]:
        """What tells one open recipe from another."""
        return self.target.name, self.path

    @property
    def ready(self) -> bool:
        """Whether the file was read, so that the text is the recipe's."""
        return self._ready

    @property
    def unsaved(self) -> bool:
        """Whether there is text that the file does not hold."""
        return self._ready and self.editor.document().isModified()

    def attach(self, target: Target) -> None:
        """Use this connection to the same target from now on; see whether the file is still what it was."""
        if target is self.target:
            return
        self.target = target
        if self._ready:
            self._look_again()
        elif self._reading is None:
            self.open(self._beginning)

    def _look_again(self) -> None:
        job = Job(read_recipe_file(self.target, self.path), self)
        job.done.connect(self._on_seen_again)
        job.failed.connect(lambda _error: None)  # the next save will say so
        job.start()

    def _on_seen_again(self, found: FileText | None) -> None:
        """After a connection was lost: newer text is taken over where nothing was typed, else the next save asks."""
        if self._saving is not None or self._base is None or (found is not None and found.digest == self._base.digest):
            return
        if found is None:
            self._base = None
            self.editor.document().setModified(True)
            self.keeper.touch()
            self.notice.say(
                "warning",
                f"{self.path.name} is no longer on {self.target.label}. Its text is still here; save to put it back.",
                [("Save", self.save)],
                about="save",
            )
            self.state_changed.emit()
        elif not self.unsaved:
            self._take_newer(found)

    # --- opening ------------------------------------------------------------------------------------------------------

    def open(self, beginning: str | None = None) -> None:
        """Read the file. Where there is none yet, it begins with `beginning`, which is saved at once."""
        self._beginning = beginning
        self.editor.setReadOnly(True)
        self.editor.setPlaceholderText(f"Opening {self.path.name} …")
        self.notice.clear("open")
        job = Job(read_recipe_file(self.target, self.path))
        job.done.connect(self._on_read)
        job.failed.connect(self._on_not_read)
        job.cancelled.connect(self._on_cancelled)
        self._reading = job
        job.start()

    def when_open(self, does: Callable[[], object]) -> None:
        """Do something once the file was read: now, if it was."""
        if self._ready:
            does()
        else:
            self._after_opening.append(does)

    def _on_read(self, found: FileText | None) -> None:
        self._reading = None
        self._base = found
        text = found.text if found else self._beginning or ""
        self.editor.setReadOnly(False)
        self.editor.setPlaceholderText(HINT)
        self.editor.load(text)
        self._ready = True
        if found is not None and found.marked:
            self.editor.document().setModified(True)
            self.notice.say(
                "warning",
                f"{self.path.name} begins with an invisible byte order mark, with which Apptainer rejects it. "
                "It is taken out here; save to take it out of the file.",
                [("Save", self.save)],
                about="mark",
            )
        self.state_changed.emit()
        self.edited.emit(text)
        self.opened.emit()
        if found is None and self._beginning is not None:
            self.save()
        waiting, self._after_opening = self._after_opening, []
        for does in waiting:
            does()

    def _on_not_read(self, error: Exception) -> None:
        self._reading = None
        self.editor.setPlaceholderText("")
        self.notice.say(
            "warning",
            f"{self.path.name} could not be opened. {error}",
            [("Try again", lambda: self.open(self._beginning))],
            about="open",
        )
        self._after_opening = [does for does in self._after_opening if does != self.save]
        self.say_unsaved()

    # --- saving -------------------------------------------------------------------------------------------------------

    def save(
        self,
        then: Callable[[], object] | None = None,
        *,
        otherwise: Callable[[], object] | None = None,
        overwrite: bool = False,
    ) -> None:
        """Write the text to the file, unless somebody else changed it.

        `then` follows only once it is written, `otherwise` where it could not be; the notice says why.
        """
        if then is not None:
            self._after_saving.append(then)
        if otherwise is not None:
            self._otherwise.append(otherwise)
        if not self._ready:
            self._after_opening.append(self.save)
            if self._reading is None:
                self.say_unsaved()
            return
        if self._saving is not None:
            self._save_again = True
            return
        self._saving_text = self.editor.text()
        job = Job(
            write_recipe_file(self.target, self.path, self._saving_text, base=self._base, overwrite=overwrite), self
        )
        job.done.connect(self._on_saved)
        job.failed.connect(self._on_not_saved)
        job.cancelled.connect(self._on_cancelled)
        self._saving = job
        job.start()

    def _on_saved(self, written: FileText) -> None:
        self._saving = None
        self.saved_at = datetime.now().astimezone()
        self._base = written
        self.notice.clear("save", "changed", "mark", "close")
        if self.editor.text() == self._saving_text:
            self.editor.document().setModified(False)
            self.keeper.touch()
        self.state_changed.emit()
        self.saved.emit()
        if self._save_again:
            self._save_again = False
            self.save()
            return
        self._go_on()

    def _go_on(self) -> None:
        """The text is in the file: do what waited for that."""
        waiting, self._after_saving, self._otherwise = self._after_saving, [], []
        for does in waiting:
            does()

    def say_unsaved(self) -> None:
        """The text is not in the file, or the page goes away: forget what waited for that, and tell whoever asked."""
        waiting, self._otherwise, self._after_saving = self._otherwise, [], []
        for does in waiting:
            does()

    def _on_not_saved(self, error: Exception) -> None:
        self._saving = None
        self._save_again = False
        if isinstance(error, ChangedUnderneath) and not self.unsaved and self._base is not None:
            self._take_newer(error.theirs)
            return
        if isinstance(error, ChangedUnderneath):
            theirs = error.theirs
            self.notice.say(
                "warning",
                f"{self.path.name} was changed on {self.target.label} while it was open here. Yours is not saved yet.",
                [
                    ("Compare", lambda: self._compare_with_file(theirs)),
                    ("Keep mine", lambda: self.save(overwrite=True)),
                    ("Take theirs", lambda: self._take_theirs(theirs)),
                ],
                about="changed",
            )
        else:
            self.notice.say(
                "warning",
                f"Not saved. {error} Your text is safe here, and Cowshed keeps a copy on this computer.",
                [("Try again", self.save)],
                about="save",
            )
        self.state_changed.emit()
        self.say_unsaved()

    def _on_cancelled(self) -> None:
        self._reading = self._saving = None
        self._save_again = False
        self.say_unsaved()

    def _take_newer(self, theirs: FileText) -> None:
        """Nothing was typed here, so there is nothing to ask."""
        self._base = theirs
        self.editor.replace_text(theirs.text)
        self.editor.document().setModified(False)
        self.notice.say(
            "info", f"{self.path.name} was changed on {self.target.label}; this is the newer text.", about="newer"
        )
        self.state_changed.emit()
        self._go_on()

    def _take_theirs(self, theirs: FileText) -> None:
        self._base = theirs
        self.editor.replace_text(theirs.text)
        self.editor.document().setModified(False)
        self.keeper.touch()
        self.notice.say("info", "This is the file's text now. Ctrl+Z brings yours back.", about="newer")
        self.close_comparison()

    def _compare_with_file(self, theirs: FileText) -> None:
        self._base = theirs  # the person has seen it: saving now means to replace it
        self.compare("The file on disk", theirs.text)
        self.notice.say(
            "info",
            "Take over what you want from the file, then keep yours.",
            [("Keep mine", lambda: self.save(overwrite=True)), ("Take theirs", lambda: self._take_theirs(theirs))],
            about="changed",
        )

    # --- journal ------------------------------------------------------------------------------------------------------

    def _unsaved_text(self) -> Unsaved | None:
        if not self.unsaved:
            return None
        return self.editor.text(), self._base.digest if self._base else None

    def give_up(self) -> None:
        """Forget unsaved text: the person gave it up."""
        self.editor.document().setModified(False)
        self.keeper.forget()

    def _on_kept(self) -> None:
        self.notice.clear("journal")

    def _on_not_kept(self, error: Exception) -> None:
        if self.notice.about in ("", "newer"):
            self.notice.say(
                "warning",
                f"Cowshed cannot keep a copy of what you type: {error}. Save with Ctrl+S now and then.",
                [("Understood", lambda: None)],
                about="journal",
            )

    # --- text ---------------------------------------------------------------------------------------------------------

    def replace_text(self, text: str) -> None:
        """Put another text in, which Ctrl+Z undoes; nothing is saved by it."""
        self.when_open(lambda: self.editor.replace_text(text))

    def _on_edited(self) -> None:
        if not self._ready:
            return
        text = self.editor.text()
        self.notice.clear("newer")
        if self.comparison is not None:
            self.comparison.set_mine(text)
        self.keeper.touch()
        self.foot.draw()
        self.edited.emit(text)
