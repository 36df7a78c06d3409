"""The terminals' pane: a tab for each shell and each build."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from cowshed_gui.build_tab import BuildTab
from cowshed_gui.card_button import CardButton
from cowshed_gui.shell_tab import ShellTab
from cowshed_gui.theme import SPACE, SPACE_WIDE
from cowshed_lab.build import Build
from cowshed_lab.build_times import times_of
from cowshed_lab.target import Target

if TYPE_CHECKING:
    from cowshed_gui.recording_tab import RecordingTab
    from cowshed_lessons.asciicast import Recording

__all__ = ["ShellTab", "TerminalPanel"]

type Tab = ShellTab | BuildTab | RecordingTab

_LAST_WORDS = 1.5  # seconds that programs get to end when the window closes
_ABOUT_TO_END = 1500  # milliseconds that a busy shell has for its prompt before another tab is opened

_EMPTY = "Choose a target at the top right; its terminal opens here."
_CLOSED = "No terminal is open here.\nCtrl+Shift+T opens one."


class TerminalPanel(QWidget):
    """Tabs of shells and builds.

    Signals:
        command_started: the line and the folder of a command that begins in any integrated shell.
        command_finished: a `CommandEvidence` from any integrated shell.
        build_finished: a `BuildEvidence`.
        reconnect_wanted: the `ShellTab` whose connection broke and is to be had again.
        build_timed: a `BuildEvidence` (button) or the `CommandEvidence` of a typed build, its `BuildTimes`, and the
            target's label.
        inspect_wanted: path of a built image that is to be looked into.
        recording_changed: a terminal is being recorded now, or not any more; or another tab is in front.
        recording_kept: path of a recording that is written to its end, and why it ended by itself.
        tab_closed: the tab that was closed; what ran in it is being ended.
    """

    command_started = Signal(str, str)
    command_finished = Signal(object)
    build_finished = Signal(object)
    reconnect_wanted = Signal(object)
    build_timed = Signal(object, object, str)
    inspect_wanted = Signal(object)
    recording_changed = Signal()
    recording_kept = Signal(object, str)
    tab_closed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._target: Target | None = None
        self._folder: PurePosixPath | None = None
        self.bar = QTabBar()
        self.bar.setDocumentMode(True)
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setMovable(True)
        self.bar.setUsesScrollButtons(True)
        self.bar.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.bar.setAccessibleName("Terminals and builds")
        self.bar.currentChanged.connect(self._on_current)
        self.bar.tabMoved.connect(self._on_moved)
        self.new_button = CardButton("plus", "New terminal (Ctrl+Shift+T)")
        self.new_button.clicked.connect(self._on_new)
        self.new_button.setEnabled(False)
        self.pages = QStackedWidget()
        self._hint = QLabel(_EMPTY)
        self._hint.setProperty("look", "muted")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.pages.addWidget(self._hint)
        head = QFrame()
        head.setProperty("look", "bar")
        line = QHBoxLayout(head)
        line.setContentsMargins(0, 0, SPACE, 0)
        line.setSpacing(SPACE)
        line.addWidget(self.bar)
        line.addWidget(self.new_button)
        line.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(self.pages, 1)
        self.setMinimumWidth(20 * SPACE_WIDE)
        self._tabs: list[Tab] = []

    # Opening

    def open_shell(self, target: Target, folder: PurePosixPath | None = None) -> ShellTab:
        """Open another shell on `target`, in `folder` there."""
        self._target, self._folder = target, folder
        self.new_button.setEnabled(True)
        tab = ShellTab(target, folder)
        tab.command_started.connect(self.command_started)
        tab.command_finished.connect(self.command_finished)
        tab.build_timed.connect(lambda evidence, times: self.build_timed.emit(evidence, times, tab.target.label))
        tab.reconnect_wanted.connect(lambda: self.reconnect_wanted.emit(tab))
        tab.recorder.changed.connect(self.recording_changed)
        tab.recorder.kept.connect(self.recording_kept)
        self._add(tab)
        self._start_soon(tab)
        return tab

    def reconnect(self, target: Target) -> bool:
        """Open the shells of a target that was lost again, by its new connection; False where there are none."""
        shells = [tab for tab in self.shell_tabs() if tab.target.name == target.name]
        for tab in shells:
            tab.reconnect(target)
        if shells:
            self._target, self._folder = target, shells[-1].folder
        return bool(shells)

    def enter_folder(self, target: Target, folder: PurePosixPath) -> None:
        """Go to a folder below the home folder, where the learner sees it: in the shell in front if it waits there.

        A shell that is busy, or one whose folder the learner chose, is left alone.
        """
        tab = next((tab for tab in self.shell_tabs() if tab is self.current_tab()), None) or next(
            self.shell_tabs(), None
        )
        if tab is None:
            return
        for each in self.shell_tabs():
            each.folder = folder  # where it begins again after a lost connection
        if tab.target is target and tab.free and PurePosixPath(tab.session.folder).parent.name == folder.parent.name:
            tab.run_command(f"cd ~/{shlex.quote(str(folder))}")

    def open_build(self, build: Build) -> BuildTab:
        """Start a build in a tab of its own; tabs of builds that ended make room for it."""
        for tab in [tab for tab in self._tabs if isinstance(tab, BuildTab) and not tab.running]:
            self.close_tab(tab)
        build_tab = BuildTab(build)
        build_tab.build_finished.connect(self.build_finished)
        build_tab.build_finished.connect(
            lambda evidence: self.build_timed.emit(evidence, times_of(build.log), build.target.label)
        )
        build_tab.inspect_wanted.connect(self.inspect_wanted)
        self._add(build_tab)
        self._start_soon(build_tab)
        return build_tab

    def open_recording(self, recording: Recording, title: str) -> RecordingTab:
        """Play a recording in a tab of its own; the one of the same title makes room for it."""
        from cowshed_gui.recording_tab import RecordingTab

        for tab in [tab for tab in self._tabs if isinstance(tab, RecordingTab) and tab.title == title]:
            self.close_tab(tab)
        recording_tab = RecordingTab(recording, title)
        self._add(recording_tab)
        self._start_soon(recording_tab)
        return recording_tab

    def run_command(self, line: str) -> None:
        """Type a command and Enter in a free shell.

        Where all are busy, the one in front gets a moment to come back to its prompt before another tab is opened.
        """
        current = self.current_tab()
        shells = [tab for tab in self.shell_tabs() if not tab.over]
        if isinstance(current, ShellTab) and current in shells:
            shells.insert(0, current)
        free = next((tab for tab in shells if tab.free), None)
        if free is not None:
            self._run_in(free, line)
        elif shells:
            self._run_soon(shells[0], line)
        elif self._target is not None:
            self._run_in(self.open_shell(self._target, self._folder), line)

    def _run_in(self, tab: ShellTab, line: str) -> None:
        self.bar.setCurrentIndex(self._tabs.index(tab))
        tab.run_command(line)
        tab.view.setFocus()

    def _run_soon(self, tab: ShellTab, line: str) -> None:
        """Run a line in a busy shell if its command ends within a moment, else in another tab."""
        patience = QTimer(tab, singleShot=True, interval=_ABOUT_TO_END)

        def settle(where: ShellTab | None) -> None:
            patience.stop()
            patience.deleteLater()
            QObject.disconnect(listener)
            if where is None and self._target is not None and tab in self._tabs:
                where = self.open_shell(self._target, self._folder)
            if where is not None:
                self._run_in(where, line)

        listener = tab.session.prompted.connect(lambda waiting: settle(tab) if waiting and tab.free else None)
        patience.timeout.connect(lambda: settle(None))
        patience.start()

    # Closing

    def close_tab(self, tab: Tab) -> None:
        """Close a tab and end what runs in it."""
        index = self._tabs.index(tab)
        tab.close_session()
        del self._tabs[index]
        self.pages.removeWidget(tab)
        self.bar.removeTab(index)
        self.say_empty()
        self.tab_closed.emit(tab)
        tab.deleteLater()

    def ask_to_close(self, tab: Tab) -> None:
        """Close a tab; where that would end a command or a build, ask first, in the tab itself."""
        if not (tab.running if isinstance(tab, BuildTab) else tab.busy):
            self.close_tab(tab)
            return
        self.bar.setCurrentIndex(self._tabs.index(tab))
        tab.ask_before_close(lambda: self.close_tab(tab) if tab in self._tabs else None)

    def say_empty(self, sentence: str = "") -> None:
        """Say something where no terminal is open; without a sentence, how one gets one."""
        self._hint.setText(sentence or (_EMPTY if self._target is None else _CLOSED))

    def close_target(self) -> None:
        """Close all tabs but recordings: the target is about to be another."""
        self._target = self._folder = None
        self.new_button.setEnabled(False)
        for tab in list(self._tabs):
            if isinstance(tab, ShellTab | BuildTab):
                self.close_tab(tab)

    def close_all(self) -> None:
        """End all that runs here, for the end of the app; waits a moment for it."""
        shells = list(self.shell_tabs())
        self.close_target()
        for tab in list(self._tabs):
            self.close_tab(tab)
        for tab in shells:
            tab.await_end(_LAST_WORDS / len(shells))

    # Tabs

    def shell_tabs(self) -> Iterator[ShellTab]:
        """Yield the shells' tabs from left to right."""
        return (tab for tab in self._tabs if isinstance(tab, ShellTab))

    def current_tab(self) -> Tab | None:
        """Return the tab in front."""
        index = self.bar.currentIndex()
        return self._tabs[index] if 0 <= index < len(self._tabs) else None

    def put_explanations_away(self) -> None:
        """Hide what explains builds: another step has begun."""
        for tab in self._tabs:
            if isinstance(tab, BuildTab):
                tab.put_explanation_away()

    def busy(self) -> bool:
        """Whether closing would end a command or a build."""
        return any(tab.running if isinstance(tab, BuildTab) else tab.busy for tab in self._tabs)

    def focus_terminal(self) -> None:
        """Give the keyboard to the terminal in front."""
        tab = self.current_tab()
        if tab is not None:
            tab.view.setFocus()
        else:
            self.new_button.setFocus()

    def _add(self, tab: Tab) -> None:
        self._tabs.append(tab)
        self.pages.addWidget(tab)
        index = self.bar.addTab(tab.short_label)
        close = CardButton("close", f"Close {tab.label}")
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.clicked.connect(lambda: self.ask_to_close(tab))
        self.bar.setTabButton(index, QTabBar.ButtonPosition.RightSide, close)
        self.bar.setTabToolTip(index, tab.label)
        tab.changed.connect(lambda: self._label(tab))
        self.bar.setCurrentIndex(index)
        self._on_current(index)
        tab.view.setFocus()

    def _start_soon(self, tab: Tab) -> None:
        """Start a tab's program once the tab has its size, so that it begins with the right one."""
        QTimer.singleShot(0, tab, lambda: tab.start() if tab in self._tabs else None)

    def _label(self, tab: Tab) -> None:
        if tab in self._tabs:
            index = self._tabs.index(tab)
            self.bar.setTabText(index, tab.short_label)
            self.bar.setTabToolTip(index, tab.label)

    def _on_current(self, index: int) -> None:
        tab = self._tabs[index] if 0 <= index < len(self._tabs) else None
        self.pages.setCurrentWidget(tab or self._hint)
        self.recording_changed.emit()
        if tab is not None and self.bar.hasFocus() is False and self.isVisible():
            tab.view.setFocus()

    def _on_moved(self, start: int, end: int) -> None:
        self._tabs.insert(end, self._tabs.pop(start))

    def _on_new(self) -> None:
        if self._target is not None:
            self.open_shell(self._target, self._folder)
