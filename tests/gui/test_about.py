"""What Help tells: every key of the one table of actions."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from cowshed_gui.about import Keys
from cowshed_gui.actions import ACTIONS


def test_every_key_is_listed(qtbot: QtBot) -> None:
    dialog = Keys()
    qtbot.add_widget(dialog)
    said = " ".join(label.text() for label in dialog.findChildren(QLabel))
    for entry in ACTIONS:
        for keys in entry.keys:
            assert QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText) in said
