"""Finds a widget that must be there."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def child[T: QWidget](parent: QWidget, kind: type[T], name: str = "") -> T:
    """The first child of a kind (and object name); the test fails where there is none."""
    found = parent.findChild(kind, name) if name else parent.findChild(kind)
    assert isinstance(found, kind), f"{parent!r} holds no {kind.__name__} {name}"
    return found
