"""A build on the screen: its terminal, its phases, and what became of it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from cowshed_gui.background import Job
from cowshed_gui.card_button import CardButton
from cowshed_gui.notice_line import NoticeLine
from cowshed_gui.phases_bar import PhasesBar, seconds_text, size_text
from cowshed_gui.terminal_session import TerminalSession
from cowshed_gui.terminal_view import TerminalView
from cowshed_gui.theme import SPACE, SPACE_SMALL, SPACE_WIDE, repolish
from cowshed_lab.build import Build
from cowshed_lab.target import TerminalChannel, TerminalSize
from cowshed_lessons.evidence import BuildEvidence


class BuildTab(QWidget):
    """Runs one build and shows it. Keys do nothing in it but Ctrl+C, which cancels as the button does."""

    build_finished = Signal(object)
    """A `BuildEvidence`, once."""
    inspect_wanted = Signal(object)
    """Path of the image that was built, from the home folder on the target or absolute."""
    changed = Signal()
    """The tab's label is another."""

    def __init__(self, build: Build, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._build = build
        self._began = monotonic()
        self._evidence: BuildEvidence | None = None
        self._problem = ""
        self._cancelling = self._explicable = False
        self.session = TerminalSession(self._open, self)
        self.view = TerminalView(read_only=True)
        self.view.setAccessibleName(f"Build of {build.image.name}")
        self.view.set_session(self.session)
        self.view.interrupt_wanted.connect(self.cancel)
        self.phases = PhasesBar()
        self.status = QLabel("Building…")
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.figures = QLabel()
        self.figures.setProperty("look", "muted")
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.setToolTip("End this build (Ctrl+C in its terminal)")
        self.cancel_button.clicked.connect(self.cancel)
        self.explain_button = QPushButton("Explain this")
        self.explain_button.clicked.connect(self._explain)
        self.explain_button.hide()
        self.inspect_button = QPushButton("Look inside")
        self.inspect_button.setToolTip("What is in this image: its files by size, its labels and scripts")
        self.inspect_button.clicked.connect(lambda: self.inspect_wanted.emit(build.folder / build.image))
        self.inspect_button.hide()
        self.explanation = QLabel()
        self.explanation.setTextFormat(Qt.TextFormat.RichText)
        self.explanation.setWordWrap(True)
        self.explanation.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.notice = NoticeLine(self.view)
        self._card = QFrame()
        self._card.setProperty("look", "callout-note")
        self.fold_button = CardButton("close", "Put the explanation away (Esc)")
        self.fold_button.clicked.connect(self.put_explanation_away)
        card = QHBoxLayout(self._card)
        card.setContentsMargins(SPACE_WIDE, SPACE, SPACE, SPACE)
        card.addWidget(self.explanation, 1)
        card.addWidget(self.fold_button, 0, Qt.AlignmentFlag.AlignTop)
        self._card.hide()
        self._lay_out()
        self._clock = QTimer(self, interval=500)
        self._clock.timeout.connect(self._show_progress)
        self.session.failed.connect(self._on_failed)
        self.session.ended.connect(self._on_ended)

    def _lay_out(self) -> None:
        foot = QFrame()
        foot.setProperty("look", "foot")
        line = QHBoxLayout(foot)
        line.setContentsMargins(SPACE_WIDE, SPACE_SMALL, SPACE, SPACE_SMALL)
        line.setSpacing(SPACE_WIDE)
        for widget, stretch in (
            (self.status, 0),
            (self.phases, 1),
            (self.figures, 0),
            (self.explain_button, 0),
            (self.inspect_button, 0),
            (self.cancel_button, 0),
        ):
            line.addWidget(widget, stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.notice)
        layout.addWidget(self._card)
        layout.addWidget(foot)

    @property
    def running(self) -> bool:
        """Whether the build has not ended."""
        return self._evidence is None and not self._problem

    @property
    def label(self) -> str:
        """What is built, and what became of it."""
        return f"build: {self.short_label}"

    @property
    def short_label(self) -> str:
        """The same as a tab says it."""
        name = self._build.image.name
        if self.running:
            return f"{name}: building"
        if self._evidence is not None and self._evidence.cancelled:
            return f"{name}: cancelled"
        if self._evidence is None or self._evidence.exit_status is None:
            return f"{name}: ended"
        return f"{name}: {'built' if self._evidence.exit_status == 0 else 'stopped'}"

    def start(self) -> None:
        """Start the build."""
        self._began = monotonic()
        self._clock.start()
        self._show_progress()
        self.session.start(self.view.grid_size())

    def cancel(self) -> None:
        """Ask the build to end; `build_finished` follows when it has."""
        if not self.running or self._cancelling:
            return
        self._cancelling = True
        self.view.setFocus()  # before the button goes, or the keyboard lands anywhere
        self.cancel_button.setEnabled(False)
        self.status.setText("Cancelling…")
        job = Job(self._build.cancel(), self)
        job.done.connect(lambda _: self._settle())
        job.failed.connect(lambda error: self._on_failed(str(error)))
        job.start()

    def say_wanted(self) -> None:
        """Say that the build stopped where its step wants it to: no fault, and nothing to explain."""
        if self._evidence is not None and self._evidence.exit_status:
            self._end(f"Stopped, as this step wants: exit status {_status_named(self._evidence)}", "passed")

    def put_explanation_away(self) -> None:
        """Hide the explanation; it can be asked for again."""
        if self._card.isHidden():
            return
        if self._card.isAncestorOf(self._card.focusWidget() or self.view):
            self.view.setFocus()
        self._card.hide()
        self.explain_button.setVisible(self._explicable)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape puts the explanation away."""
        if event.key() == Qt.Key.Key_Escape and not self._card.isHidden():
            self.view.setFocus()
            self.put_explanation_away()
        else:
            super().keyPressEvent(event)

    def ask_before_close(self, close: Callable[[], object]) -> None:
        """Say that closing would end the build; `close` is called if the person wants that all the same."""
        sentence = f"{self._build.image.name} is being built. Closing this tab cancels the build."
        self.notice.say("warning", sentence, [("Close anyway", close)])
        self.notice.focus_answers()

    def close_session(self) -> None:
        """End the build, if it runs, and free its terminal."""
        self._clock.stop()
        self.session.close()

    async def _open(self, size: TerminalSize) -> tuple[TerminalChannel, str | None]:
        return await self._build.start(size), None

    def _show_progress(self) -> None:
        now = monotonic() - self._began
        phases = list(self._build.phases)
        self.phases.show_phases(phases, now)
        size = sum(phase.bytes or 0 for phase in phases if not phase.command)
        self.figures.setText(seconds_text(now) + (f"   {size_text(size)}" if size else ""))

    def _on_failed(self, sentence: str) -> None:
        if not self.running:
            return
        self._problem = sentence
        self._explicable = True  # the sentence can be put away and had again
        self._end("Could not build", "error")
        self._say(sentence)
        self.build_finished.emit(
            BuildEvidence(
                image=str(self._build.image),
                exit_status=None,
                log=sentence,
                recipe_name=self._build.recipe.name,
                cancelled=self._cancelling,
            )
        )

    def _on_ended(self, _status: int) -> None:
        if not self._cancelling:
            self._settle()

    def _settle(self) -> None:
        job = Job(self._build.finished(), self)
        job.done.connect(self._on_evidence)
        job.failed.connect(lambda error: self._on_failed(str(error)))
        job.start()

    def _on_evidence(self, evidence: BuildEvidence) -> None:
        if not self.running:
            return
        self._evidence = evidence
        if evidence.cancelled:
            self._end("Cancelled", "muted")
        elif evidence.exit_status == 0:
            self._end("✓ Built", "passed")
        elif evidence.exit_status is None:
            self._end("Lost before its end", "error")
        else:
            self._end(f"Stopped: exit status {_status_named(evidence)}", "error")
        self._explicable = not evidence.cancelled and evidence.exit_status != 0
        self.explain_button.setVisible(self._explicable)
        self.inspect_button.setVisible(evidence.exit_status == 0 and not evidence.cancelled)
        self.build_finished.emit(evidence)

    def _end(self, status: str, look: str) -> None:
        self._clock.stop()
        self._show_progress()
        self.status.setText(status)
        self.status.setProperty("look", look)
        repolish(self.status)
        self.cancel_button.hide()
        self.notice.clear()
        self.changed.emit()

    def _explain(self) -> None:
        from cowshed_lessons.failures import explain

        if self._evidence is None:
            self._say(self._problem)
            self.explain_button.hide()
            return
        found = explain(self._evidence.log, self._evidence.exit_status)
        if found is None:
            self._say(
                "Cowshed does not know this message. Read the last lines from the bottom up: the first one that names "
                "a file, a package or a command is most often the reason."
            )
        else:
            self._say(found.meaning, found.advice, title=found.title)
        self.fold_button.setFocus()
        self.explain_button.hide()

    def _say(self, *sentences: str, title: str = "") -> None:
        heading = f"<b>{_marked_up(title)}</b><br>" if title else ""
        self.explanation.setText(heading + "<br>".join(_marked_up(sentence) for sentence in sentences))
        self._card.setAccessibleName(" ".join((title, *sentences)).strip())
        self._card.show()


_STATUS = re.compile(r"exit status (\d+)")


def _status_named(evidence: BuildEvidence) -> int | None:
    """The exit status that the log ends with: that of the command that stopped. Apptainer's own is always 255."""
    for line in reversed(evidence.log.splitlines()):
        if line.startswith("FATAL") and (found := _STATUS.findall(line)):
            return int(found[-1])
    return evidence.exit_status


def _marked_up(text: str) -> str:
    """Return text as HTML, what stands between backticks as code."""
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", html.escape(text)).replace("\n", "<br>")
