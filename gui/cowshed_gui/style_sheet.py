"""The one style sheet of the application, made from the tokens of the theme.

Widgets choose their part by a dynamic property `look`: `primary`, `quiet`, `link` for buttons; `title`, `heading`,
`muted`, `small`, … for labels; `card`, `panel`, `bar`, `callout-…` for frames.
"""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def filled(colours: Mapping[str, str], *, name: str, arrows: str, size: float, zoom: float, corner: int) -> str:
    """The style sheet, filled in.

    Args:
        colours: by token.
        name: of the theme; there are arrows for each.
        arrows: folder of the arrows, with forward slashes.
        size: of the interface font, in points.
        zoom: of everything.
        corner: radius of corners, in pixels.
    """
    values = {
        **colours,
        "name": name,
        "arrows": arrows,
        "hero_size": f"{size * 2.1:.1f}pt",
        "title_size": f"{size * 1.65:.1f}pt",
        "heading_size": f"{size * 1.2:.1f}pt",
        "lead_size": f"{size * 1.15:.1f}pt",
        "small_size": f"{size * 0.9:.1f}pt",
        "corner": f"{corner}px",
        "scroll": f"{round(12 * zoom)}px",
        "arrow": f"{round(12 * zoom)}px",
        "drop": f"{round(24 * zoom)}px",
        "check": f"{round(16 * zoom)}px",
        "radio": f"{round(8 * zoom)}px",
        "round": f"{(round(16 * zoom) + 2) // 2}px",  # more than half a side would be no corner at all
        "round_checked": f"{(round(8 * zoom) + 2 * round(5 * zoom)) // 2}px",
        "dot": f"{round(5 * zoom)}px",
    }
    return Template(_SHEET).substitute(values)


_SHEET = """
QToolTip { background: $surface; color: $ink; border: 1px solid $line; padding: 4px 8px; }
QMainWindow, QDialog { background: $page; }
QLabel { background: transparent; }
QFrame[look="page"], QWidget[look="page"] { background: $page; border: none; }
QFrame[look="surface"], QWidget[look="surface"] { background: $surface; border: none; }
QFrame[look="bar"] { background: $surface; border: none; border-bottom: 1px solid $line; }
QFrame[look="foot"] { background: $page; border: none; border-top: 1px solid $line; }
QFrame[look="card"] { background: $sunken; border: 1px solid $line; border-radius: $corner; }
QFrame[look="question"] {
    background: $surface; border: 1px solid $line; border-left: 3px solid $info; border-radius: $corner;
}
QFrame[look="question"][answer="right"] { border-left: 3px solid $passed; }
QFrame[look="panel"] { background: $surface; border: 1px solid $line; border-radius: $corner; }
QFrame[look="drawer"] { background: $page; border: none; border-right: 1px solid $line; }
QFrame[look="popup"] { background: $surface; border: 1px solid $line; border-radius: $corner; }
QFrame[look="notice"] { background: $sunken; border: none; border-bottom: 1px solid $line; }
QFrame[look="rule"] { background: $line; border: none; max-height: 1px; min-height: 1px; }
QFrame[look="callout-note"] { background: $sunken; border: none; border-left: 3px solid $info; }
QFrame[look="callout-tip"] { background: $sunken; border: none; border-left: 3px solid $accent; }
QFrame[look="callout-warning"] { background: $sunken; border: none; border-left: 3px solid $warning; }
QFrame[look="callout-fault"] { background: $sunken; border: none; border-left: 3px solid $warning; }
QFrame[look="callout-passed"] { background: $sunken; border: none; border-left: 3px solid $passed; }
QFrame[look="callout-error"] { background: $sunken; border: none; border-left: 3px solid $error; }

QFrame[look="callout-fault"]:focus { border: 2px solid $accent; }

QLabel[look="hero"] { font-size: $hero_size; font-weight: 600; color: $ink; }
QLabel[look="lead"] { font-size: $lead_size; color: $ink; }
QLabel[look="title"] { font-size: $title_size; font-weight: 600; color: $ink; }
QLabel[look="heading"] { font-size: $heading_size; font-weight: 600; color: $ink; }
QLabel[look="caption"] { font-size: $small_size; font-weight: 600; color: $muted; }
QLabel[look="muted"] { color: $muted; }
QLabel[look="small"] { color: $muted; font-size: $small_size; }
QLabel[look="strong"] { font-weight: 600; color: $ink; }
QLabel[look="passed"] { color: $passed; font-weight: 600; }
QLabel[look="warning"] { color: $warning; font-weight: 600; }
QLabel[look="error"] { color: $error; font-weight: 600; }
QLabel[look="info"] { color: $info; font-weight: 600; }

QPushButton, QToolButton[look="button"] { background: $surface; color: $ink; border: 1px solid $line;
  border-radius: $corner; padding: 5px 12px; }
QPushButton:hover, QToolButton[look="button"]:hover { background: $hover; }
QPushButton:pressed, QToolButton[look="button"]:pressed { background: $sunken; }
QPushButton:focus, QToolButton:focus { border: 2px solid $accent; padding: 4px 11px; }
QPushButton:disabled { color: $muted; background: $page; }
QPushButton[look="primary"] { background: $accent; color: $on_accent; border: 1px solid $accent; font-weight: 600; }
QPushButton[look="primary"]:hover { border-color: $ink; }
QPushButton[look="primary"]:focus { border: 2px solid $ink; }
QPushButton[look="primary"]:disabled { background: $hover; color: $muted; border-color: $line; }
QPushButton[look="quiet"] { background: transparent; border: 1px solid transparent; color: $ink; }
QPushButton[look="quiet"]:hover { background: $hover; }
QPushButton[look="quiet"]:focus { border: 2px solid $accent; }
QPushButton[look="link"] { background: transparent; border: 1px solid transparent; color: $accent; text-align: left;
  padding: 4px 4px; }
QPushButton[look="link"]:hover { background: $hover; }
QPushButton[look="link"]:focus { border: 2px solid $accent; padding: 3px 3px; }
QPushButton[look="link"]:disabled { color: $muted; }
QPushButton[look="row"] { background: transparent; border: 1px solid transparent; color: $ink; text-align: left;
  padding: 4px 8px; }
QPushButton[look="row"]:hover { background: $hover; }
QPushButton[look="row"]:focus { border: 2px solid $accent; padding: 3px 7px; }
QPushButton[look="fold"] { background: transparent; border: 1px solid transparent; color: $ink; text-align: left;
  padding: 1px 1px; }
QPushButton[look="fold"]:hover { background: $hover; }
QPushButton[look="fold"]:focus { border: 2px solid $accent; padding: 0px 0px; }
QToolButton { background: transparent; color: $ink; border: 1px solid transparent; border-radius: $corner;
  padding: 4px; }
QToolButton:hover { background: $hover; }
QToolButton:checked { background: $selection; }
QToolButton:focus { border: 2px solid $accent; padding: 3px; }
QToolButton::menu-indicator { image: none; }
QPushButton::menu-indicator { image: none; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox { background: $surface; color: $ink;
  border: 1px solid $line; border-radius: $corner; padding: 4px 8px; selection-background-color: $selection;
  selection-color: $ink; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus { border: 2px solid $accent; padding: 3px 7px; }
QPlainTextEdit, QTextEdit, QTextBrowser { border: none; border-radius: 0px; padding: 0px; }
QLineEdit { placeholder-text-color: $muted; }
QComboBox::drop-down { border: none; width: $drop; }
QComboBox::down-arrow, QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { image: url("$arrows/down-$name.svg");
  width: $arrow; height: $arrow; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url("$arrows/up-$name.svg"); width: $arrow; height: $arrow; }
QSpinBox, QDoubleSpinBox { padding: 4px 28px 4px 8px; }
QSpinBox:focus, QDoubleSpinBox:focus { padding: 3px 27px 3px 7px; }
QSpinBox QLineEdit, QDoubleSpinBox QLineEdit { border: none; padding: 0; background: transparent; }
QSpinBox::up-button, QDoubleSpinBox::up-button { subcontrol-origin: border; subcontrol-position: top right;
  width: 24px; border: none; margin: 2px 2px 0 0; }
QSpinBox::down-button, QDoubleSpinBox::down-button { subcontrol-origin: border; subcontrol-position: bottom right;
  width: 24px; border: none; margin: 0 2px 2px 0; }
QSpinBox::up-button:hover, QSpinBox::down-button:hover, QDoubleSpinBox::up-button:hover,
QDoubleSpinBox::down-button:hover { background: $hover; }
QComboBox QAbstractItemView { background: $surface; border: 1px solid $line; selection-background-color: $selection;
  selection-color: $ink; outline: none; }
QTextBrowser[look="prose"], QPlainTextEdit[look="code"] { background: transparent; color: $ink; }
QCheckBox, QRadioButton { spacing: 8px; padding: 2px; border: 2px solid transparent; border-radius: $corner; }
QCheckBox:focus, QRadioButton:focus { border: 2px solid $accent; }
QCheckBox::indicator { width: $check; height: $check; border-radius: 4px; border: 1px solid $muted;
  background: $surface; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url("$arrows/tick-$name.svg"); }
QCheckBox::indicator:disabled { border-color: $line; background: $page; }
QRadioButton { font-weight: 600; }
QRadioButton:disabled, QCheckBox:disabled { color: $muted; }
QRadioButton::indicator { width: $check; height: $check; border-radius: $round; border: 1px solid $muted;
  background: $surface; }
QRadioButton::indicator:checked { border: $dot solid $accent; width: $radio; height: $radio;
  border-radius: $round_checked; }
QRadioButton::indicator:disabled { border-color: $line; background: $page; }

QListView, QTreeView { background: $surface; border: none; outline: none; }
QListView::item { padding: 6px 8px; border-radius: 4px; }
QListView::item:selected { background: $selection; color: $ink; }
QListView::item:hover:!selected { background: $hover; }
QTreeView::item { padding: 4px 8px; }
QTreeView::item:selected { background: $selection; color: $ink; }
QTreeView::item:hover:!selected { background: $hover; }
QHeaderView { background: $surface; border: none; }
QHeaderView::section { background: $surface; color: $muted; border: none; border-bottom: 1px solid $line;
  padding: 4px 8px; }

QMenuBar { background: $surface; color: $ink; border-bottom: 1px solid $line; }
QMenuBar::item { padding: 4px 8px; background: transparent; border-radius: 4px; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $surface; color: $ink; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: $selection; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QMenu::icon { padding-left: 8px; }

QTabBar { background: transparent; border: none; }
QTabBar::tab { background: transparent; color: $muted; padding: 4px 6px 4px 12px; border: none;
  border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: $ink; border-bottom: 2px solid $accent; }
QTabBar::tab:hover:!selected { color: $ink; background: $hover; }
QTabBar::tab:focus { color: $accent; }
QTabWidget::pane { border: none; }

QSplitter::handle { background: $line; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:hover { background: $accent; }

QScrollArea { background: transparent; border: none; }
QScrollArea[look="reading"] { border: 2px solid transparent; }
QScrollArea[look="reading"]:focus { border: 2px solid $accent; }
QScrollBar:vertical { background: transparent; width: $scroll; margin: 0; }
QScrollBar:horizontal { background: transparent; height: $scroll; margin: 0; }
QScrollBar::handle { background: $line; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QProgressBar { background: $sunken; border: 1px solid $line; border-radius: 4px; color: $ink; text-align: center;
  min-height: 6px; max-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
"""
