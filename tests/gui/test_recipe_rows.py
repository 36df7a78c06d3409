"""Rows of the table of actions that belong to the editor, Help ▸ Keys, and the way in where nothing can be built."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QKeySequence
from pytestqt.qtbot import QtBot

from cowshed_gui.about import Keys
from cowshed_gui.actions import ACTIONS
from cowshed_gui.target_session import TargetSession
from cowshed_gui.theme import APPEARANCE
from cowshed_gui.welcome import READ_AND_WRITE, Welcome
from cowshed_lab.targets import LocalKind, TargetEntry


def test_find_replace_line_and_comment_are_rows_with_the_keys_of_the_pane() -> None:
    rows = {entry.id: entry for entry in ACTIONS}
    keys = {"find": "Ctrl+F", "replace": "Ctrl+R", "go-to-line": "Ctrl+L", "comment": "Ctrl+/"}
    for name, key in keys.items():
        assert rows[name].keys == (key,)
        assert rows[name].pane, "in a terminal, Ctrl+R and Ctrl+L are the shell's"


@pytest.mark.parametrize("zoom", [1.0, 1.5])
def test_no_key_is_cut_off(qtbot: QtBot, zoom: float) -> None:
    before = APPEARANCE.zoom
    APPEARANCE.set_zoom(zoom)
    dialog = Keys()
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.wait_until(dialog.isVisible)
    assert dialog.page.minimumSizeHint().width() <= dialog.area.viewport().width()
    assert QKeySequence("Ctrl+F")
    APPEARANCE.set_zoom(before)


def test_without_apptainer_recipes_can_be_written_here(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    local = LocalKind().entries()[0]
    assert (local.available, local.writable) == (False, True)
    targets = TargetSession()
    welcome = Welcome(targets)
    qtbot.addWidget(welcome)
    targets.entries = (local, TargetEntry("practice", "Practice cluster", "practice", True, "A small cluster."))
    targets.default = "practice"
    targets.changed.emit()
    assert welcome.chosen() == "practice"
    welcome.choose("local")
    assert welcome.chosen() == "local"
    assert not welcome.start_button.isHidden()
    assert welcome.practice.isHidden()
    choices = [choice.text() for choice in welcome.findChildren(type(welcome._choices["local"]))]
    assert READ_AND_WRITE in choices
    with qtbot.wait_signal(welcome.begin) as begun:
        welcome.start_button.click()
    assert begun.args == ["local"]


def test_what_cannot_build_says_so(qtbot: QtBot) -> None:
    targets = TargetSession()
    targets.entries = (TargetEntry("local", "This computer", "local", False, "No Apptainer.", writable=True),)
    targets.name = "local"
    assert targets.cannot_build == "No Apptainer."
    targets.name = ""
    assert not targets.cannot_build


def test_a_target_that_is_being_opened_has_its_name_from_the_start(qtbot: QtBot) -> None:
    targets = TargetSession()
    targets.name = "local"
    assert targets.label() == "This computer"
