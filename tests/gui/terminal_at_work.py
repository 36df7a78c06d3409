"""A real bash on this computer for tests of the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cowshed_gui.terminal_session import TerminalSession
from cowshed_gui.terminal_view import TerminalView
from cowshed_lab import shell_integration
from cowshed_lab.local import LocalTarget
from cowshed_lab.shell_integration import open_shell
from cowshed_lessons.evidence import CommandEvidence

PATIENCE = 20_000


def bash_at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> LocalTarget:
    """A target whose login shell is bash with a short prompt."""
    monkeypatch.setattr(shell_integration, "_FIND_SHELL", 'printf "%s" /bin/bash')
    (home / ".bash_profile").write_text("PS1='me> '\n")
    return LocalTarget(home=home)


def shown_shell(qtbot: QtBot, target: LocalTarget, *, size: tuple[int, int] = (700, 400)) -> TerminalView:
    """A shown view with a shell at its prompt."""
    view = TerminalView()
    qtbot.addWidget(view)
    view.resize(*size)
    view.show()
    view.setFocus()
    session = TerminalSession(lambda cells: open_shell(target, cells), view)
    view.set_session(session)
    session.start(view.grid_size())
    qtbot.waitUntil(lambda: session.at_prompt and "me>" in view.screen_text(), timeout=PATIENCE)
    return view


def session_of(view: TerminalView) -> TerminalSession:
    session = view.findChild(TerminalSession)
    assert isinstance(session, TerminalSession)
    return session


def run_line(qtbot: QtBot, view: TerminalView, line: str) -> CommandEvidence:
    """Type a line key by key and wait for what came of it."""
    session = session_of(view)
    qtbot.waitUntil(lambda: session.at_prompt, timeout=PATIENCE)
    before = view._first + view._cursor.row
    with qtbot.waitSignal(session.command_finished, timeout=PATIENCE) as got:
        if line.isascii():
            QTest.keyClicks(view, line + "\r")
        else:  # QTest types ASCII only
            view.send(f"{line}\r".encode())
    evidence = got.args[0]
    assert isinstance(evidence, CommandEvidence)

    def at_next_prompt() -> bool:
        row = view._cursor.row
        return view._first + row > before and view.screen_text().split("\n")[row] == "me>"

    qtbot.waitUntil(at_next_prompt, timeout=PATIENCE)
    return evidence
