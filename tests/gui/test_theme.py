"""Colours one can read, a style sheet without holes, a zoom that holds."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cowshed_gui.theme import APPEARANCE, Theme, current_theme, dark, icon, interface_font, light, style_sheet


def luminance(colour: QColor) -> float:
    shares = (colour.redF(), colour.greenF(), colour.blueF())
    parts = [share / 12.92 if share <= 0.03928 else float(((share + 0.055) / 1.055) ** 2.4) for share in shares]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: QColor, other: QColor) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("theme", [light(), dark()], ids=lambda theme: theme.name)
@pytest.mark.parametrize("token", ["ink", "muted", "accent", "passed", "warning", "error", "info"])
def test_text_can_be_read_on_every_ground(theme: Theme, token: str) -> None:
    for ground in (theme.page, theme.surface, theme.sunken):
        assert contrast(theme.colour(token), ground) >= 4.5
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    assert contrast(theme.ink, theme.selection) >= 4.5
    assert contrast(theme.ink, theme.hover) >= 4.5


@pytest.mark.parametrize("theme", [light(), dark()], ids=lambda theme: theme.name)
def test_every_token_of_the_sheet_is_filled_in(theme: Theme) -> None:
    assert "$" not in style_sheet(theme)


def test_choosing_a_theme_changes_the_palette_and_says_so(qtbot: QtBot) -> None:
    APPEARANCE.choose("light")
    with qtbot.wait_signal(APPEARANCE.changed):
        APPEARANCE.choose("dark")
    assert current_theme() is dark()
    assert QApplication.palette().color(QPalette.ColorRole.Window) == dark().page


def test_zoom_steps_stop_at_the_ends_and_reach_the_font(qtbot: QtBot) -> None:
    usual = interface_font().pointSizeF()
    for _ in range(30):
        APPEARANCE.zoom_in()
    assert APPEARANCE.zoom == 2.0
    assert interface_font().pointSizeF() == pytest.approx(usual * 2)
    for _ in range(30):
        APPEARANCE.zoom_out()
    assert APPEARANCE.zoom == 0.7


def test_unknown_names_are_refused(qtbot: QtBot) -> None:
    with pytest.raises(ValueError, match="No such theme"):
        APPEARANCE.choose("beige")
    with pytest.raises(FileNotFoundError):
        icon("no-such-icon")
    with pytest.raises(KeyError):
        light().colour("name")
