"""The settings, made from their declarations. What is changed holds at once; there is no OK to forget."""

from __future__ import annotations

from dataclasses import Field, fields
from typing import Any

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from cowshed_gui.settings import Settings, SettingsStore
from cowshed_gui.theme import APPEARANCE, SPACE, SPACE_PAGE, SPACE_WIDE


class SettingsDialog(QDialog):
    """A window beside the main one; it never blocks it."""

    def __init__(self, store: SettingsStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self._store = store
        self.widgets: dict[str, QWidget] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(SPACE_WIDE)
        self._grid.setVerticalSpacing(SPACE)
        self._grid.setColumnStretch(1, 1)
        group = ""
        for field in fields(Settings):
            if field.metadata["group"] != group:
                group = field.metadata["group"]
                self._add_heading(group)
            self._add(field)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setIcon(QIcon())  # some styles add one of theirs
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_PAGE, SPACE_PAGE, SPACE_PAGE, SPACE_WIDE)
        layout.setSpacing(SPACE_WIDE)
        layout.addLayout(self._grid)
        layout.addStretch(1)
        layout.addWidget(buttons)
        store.changed.connect(self._show)
        self._show(store.value)
        APPEARANCE.changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        """Be as large as the text needs at this size of everything, which may just have been changed in here."""
        layout = self.layout()
        assert layout is not None
        self.ensurePolished()
        layout.invalidate()
        layout.activate()
        width = 30 * self.fontMetrics().height()
        self.resize(width, max(layout.totalHeightForWidth(width), self.sizeHint().height()))

    def _add_heading(self, text: str) -> None:
        heading = QLabel(text)
        heading.setProperty("look", "heading")
        row = self._grid.rowCount()
        if row > 1:
            self._grid.setRowMinimumHeight(row, SPACE)
            row += 1
        self._grid.addWidget(heading, row, 0, 1, 2)

    def _add(self, field: Field[Any]) -> None:
        row = self._grid.rowCount()
        label = QLabel(field.metadata["label"])
        widget = self._widget(field)
        widget.setAccessibleName(field.metadata["label"])
        self.widgets[field.name] = widget
        if isinstance(widget, QCheckBox):
            widget.setText(field.metadata["label"])
            self._grid.addWidget(widget, row, 0, 1, 2)
        else:
            label.setBuddy(widget)
            self._grid.addWidget(label, row, 0)
            self._grid.addWidget(widget, row, 1)
        if says := field.metadata.get("help", ""):
            help_label = QLabel(says)
            help_label.setProperty("look", "small")
            help_label.setWordWrap(True)
            widget.setAccessibleDescription(says)
            self._grid.addWidget(help_label, row + 1, 0, 1, 2)

    def _widget(self, field: Field[Any]) -> QWidget:
        name, store = field.name, self._store
        if choices := field.metadata.get("choices"):
            combo = QComboBox()
            for value, label in choices.items():
                combo.addItem(label, value)
            combo.activated.connect(lambda _index: store.change(**{name: combo.currentData()}))
            return combo
        if isinstance(field.default, bool):
            check = QCheckBox()
            check.clicked.connect(lambda checked: store.change(**{name: bool(checked)}))
            return check
        low, high = field.metadata["range"]
        spin = QDoubleSpinBox()
        spin.setRange(low * 100, high * 100)
        spin.setSingleStep(10)
        spin.setDecimals(0)
        spin.setSuffix(" %")
        spin.lineEdit().setTextMargins(SPACE - 2, 0, 0, 0)  # the style sheet's padding does not reach it
        spin.valueChanged.connect(lambda value: store.change(**{name: value / 100}))
        return spin

    def _show(self, settings: Settings) -> None:
        for name, widget in self.widgets.items():
            value = getattr(settings, name)
            widget.blockSignals(True)
            if isinstance(widget, QComboBox):
                widget.setCurrentIndex(widget.findData(value))
            elif isinstance(widget, QCheckBox):
                widget.setChecked(value)
            elif isinstance(widget, QDoubleSpinBox):
                widget.setValue(value * 100)
            widget.blockSignals(False)
