"""A tab with one shell, and what it says when the shell ended or is about to be closed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from pathlib import PurePosixPath

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cowshed_gui.notice_line import NoticeLine
from cowshed_gui.terminal_recorder import TerminalRecorder
from cowshed_gui.terminal_session import TerminalSession
from cowshed_gui.terminal_view import TerminalView
from cowshed_lab.target import Target, TerminalChannel, TerminalSize
from cowshed_lab.terminal import CONNECTION_LOST
from cowshed_lessons.evidence import CommandEvidence

_CLEAR_LINE = b"\x05\x15"  # to the end of the line, then delete it: what the person had begun is in the kill ring
_COMMAND_SHOWN = 24
_CLOSING = "closing"


class ShellTab(QWidget):
    """One shell. When it ends its text stays, with a sentence and a way to go on."""

    changed = Signal()
    """The tab's label is another."""
    command_started = Signal(str, str)
    command_finished = Signal(object)
    build_timed = Signal(object, object)
    reconnect_wanted = Signal()

    def __init__(self, target: Target, folder: PurePosixPath | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.target = target
        self.folder = folder
        self._waiting: list[str] = []
        self._last_status: int | None = None
        self._paste = ""
        self._closing: Future[None] | None = None
        self.over = False
        self.lost = False  # ended because the connection broke
        self.view = TerminalView()
        self.view.setAccessibleName(f"Terminal on {target.label}")
        self.view.paste_needs_consent.connect(self._ask_about_paste)
        self.notice = NoticeLine(self.view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.notice)
        self.recorder = TerminalRecorder(lambda: self.session, lambda: target.label, self)
        self.recorder.changed.connect(self.changed)
        self.recorder.failed.connect(lambda sentence: self.notice.say("warning", sentence))
        layout.addWidget(self.recorder.sign)
        self.session = self._new_session()

    def _new_session(self) -> TerminalSession:
        session = TerminalSession(self._open, self)
        session.command_started.connect(self.command_started)
        session.command_finished.connect(self._on_command)
        session.build_timed.connect(self.build_timed)
        session.prompted.connect(self._on_prompt)
        session.started.connect(self._on_started)
        session.titled.connect(lambda _: self.changed.emit())
        session.failed.connect(self._on_failed)
        session.ended.connect(self._on_ended)
        self.view.set_session(session)
        return session

    async def _open(self, size: TerminalSize) -> tuple[TerminalChannel, str | None]:
        from cowshed_lab.shell_integration import open_shell

        return await open_shell(self.target, size, self.folder)

    def start(self) -> None:
        """Start the shell."""
        self.over = False
        self.session.start(self.view.grid_size())

    @property
    def label(self) -> str:
        """Where it is, what runs, how the last command ended."""
        name = self.target.label
        if self.over:
            return f"{name}  (connection lost)" if self.lost else f"{name}  (ended)"
        if self.session.command_line:
            return f"{name} · {_short(self.session.command_line)}"
        return f"{name}  ✕ {self._last_status}" if self._last_status else name

    @property
    def short_label(self) -> str:
        """What tells this tab from its neighbours on the same target, with a dot while it is recorded."""
        if self.over:
            return "connection lost" if self.lost else "shell ended"
        name = _short(self.session.command_line) if self.session.command_line else self.label
        return f"● {name}" if self.recorder.running else name

    @property
    def free(self) -> bool:
        """Whether a command can be typed: the shell waits at its prompt, or is about to, or cannot tell."""
        if self.over or self._waiting:
            return False
        return self.session.at_prompt or not self.session.running or not self.session.integrated

    @property
    def busy(self) -> bool:
        """Whether a command runs that closing the tab would end."""
        return not self.over and bool(self.session.command_line)

    def run_command(self, line: str) -> None:
        """Type a command and Enter, as soon as the shell is ready."""
        ready = self.session.at_prompt or (self.session.running and not self.session.integrated)
        if not ready:
            self._waiting.append(line)
            return
        self.view.scroll_to_bottom()
        line = line.strip("\n")
        if "\n" in line and self.session.modes.bracketed_paste:
            self.session.type(_CLEAR_LINE)
            self.session.paste(line)
            self.session.type(b"\r")
        else:
            clear = _CLEAR_LINE if self.session.integrated else b""
            self.session.type(clear + line.replace("\n", "\r").encode() + b"\r")
        self.session.at_prompt = False  # until the shell says so again

    def ask_before_close(self, close: Callable[[], object]) -> None:
        """Say what closing would end; `close` is called if the person wants that all the same."""
        command = _short(self.session.command_line)
        sentence = f"Closing this terminal ends {command}, which is still running."
        self.notice.say("warning", sentence, [("Close anyway", close)], about=_CLOSING)
        self.notice.focus_answers()

    def close_session(self) -> None:
        """End the shell."""
        self.recorder.leave()
        self._closing = self.session.close()

    def await_end(self, seconds: float) -> None:
        """Wait for the end of a session that was closed, when the window goes."""
        if self._closing is not None:
            wait([self._closing], timeout=seconds)

    def _on_started(self) -> None:
        if not self.session.integrated:
            self._run_waiting()
        self.changed.emit()

    def _on_prompt(self, waiting: bool) -> None:
        if waiting:
            self._run_waiting()
        self.changed.emit()

    def _run_waiting(self) -> None:
        if self._waiting:
            self.run_command(self._waiting.pop(0))

    def _on_command(self, evidence: CommandEvidence) -> None:
        self._last_status = evidence.exit_status
        self.session.command_line = ""
        self.notice.clear(_CLOSING)
        self.changed.emit()
        self.command_finished.emit(evidence)

    def _on_failed(self, sentence: str) -> None:
        self.over = True
        self.notice.say("warning", sentence, [("Try again", self.reopen)])
        self.changed.emit()

    def _on_ended(self, status: int) -> None:
        self.over = True
        self.recorder.stop()
        self.lost = status == CONNECTION_LOST
        if self.lost:
            sentence = (
                f"The connection to {self.target.label} is lost. What it printed can be read here until you reconnect."
            )
            self.notice.say("warning", sentence, [("Reconnect", self.reconnect_wanted.emit)])
        else:
            how = "" if status == 0 else f" with exit status {status}" if status > 0 else f" by signal {-status}"
            self.notice.say("info", f"This shell has ended{how}.", [("Open it again", self.reopen)])
        self.changed.emit()

    def reconnect(self, target: Target) -> None:
        """Go on with a new connection to the same target, in the same folder."""
        self.target = target
        self.reopen()

    def reopen(self) -> None:
        """Start another shell in this tab."""
        self.lost = False
        self.session.close()
        self._last_status = None
        self.session = self._new_session()
        self.start()
        self.notice.clear()
        self.view.setFocus()
        self.changed.emit()

    def _ask_about_paste(self, text: str) -> None:
        lines = len(text.strip("\r\n").splitlines())
        self._paste = text
        self.notice.say(
            "warning",
            f"The text has {lines} lines. The program here would take the end of each as Enter and run it at once.",
            [("Paste it", lambda: self.view.paste_text(self._paste))],
        )


def _short(command: str) -> str:
    line = command.split("\n")[0]
    return line if len(line) <= _COMMAND_SHOWN else line[: _COMMAND_SHOWN - 1] + "…"
