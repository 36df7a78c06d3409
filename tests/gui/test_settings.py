"""Settings hold at once, come back, and refuse nonsense; the dialog is made from the declarations."""

from __future__ import annotations

from dataclasses import fields

import pytest
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLabel
from pytestqt.qtbot import QtBot

from cowshed_gui.settings import Settings, SettingsStore, usable
from cowshed_gui.settings_dialog import SettingsDialog
from cowshed_gui.theme import APPEARANCE
from cowshed_gui.user_files import settings_folder


def test_a_change_is_told_and_kept(qtbot: QtBot) -> None:
    store = SettingsStore()
    with qtbot.wait_signal(store.changed) as got:
        store.change(theme="dark", zoom=1.25)
    assert got.args == [Settings(theme="dark", zoom=1.25)]
    assert SettingsStore().value == Settings(theme="dark", zoom=1.25)


def test_no_change_is_not_told(qtbot: QtBot) -> None:
    store = SettingsStore()
    with qtbot.assert_not_emitted(store.changed):
        store.change(theme="system")


@pytest.mark.parametrize(
    "raw",
    [{"theme": "beige"}, {"zoom": 9.0}, {"zoom": "big"}, {"save_on_build": "yes"}, {"theme": None}, {"unknown": 1}],
    ids=str,
)
def test_nonsense_takes_the_usual_value(raw: dict[str, object]) -> None:
    assert usable(raw) == Settings()


def test_the_dialog_has_a_widget_for_every_setting_and_changes_it(qtbot: QtBot) -> None:
    store = SettingsStore()
    dialog = SettingsDialog(store)
    qtbot.add_widget(dialog)
    dialog.show()
    assert set(dialog.widgets) == {field.name for field in fields(Settings)}
    assert all(widget.accessibleName() for widget in dialog.widgets.values())
    assert not dialog.isModal()
    theme, zoom, save = (dialog.widgets[name] for name in ("theme", "zoom", "save_on_build"))
    assert isinstance(theme, QComboBox)
    assert isinstance(zoom, QDoubleSpinBox)
    assert isinstance(save, QCheckBox)
    theme.setCurrentIndex(theme.findData("dark"))
    theme.activated.emit(theme.currentIndex())
    zoom.setValue(150)
    save.click()
    assert store.value == Settings(theme="dark", zoom=1.5, save_on_build=False)


def test_the_dialog_follows_a_change_made_elsewhere(qtbot: QtBot) -> None:
    store = SettingsStore()
    dialog = SettingsDialog(store)
    qtbot.add_widget(dialog)
    store.change(zoom=2.0)
    zoom = dialog.widgets["zoom"]
    assert isinstance(zoom, QDoubleSpinBox)
    assert zoom.value() == 200


def test_no_explanation_is_cut_when_everything_grows(qtbot: QtBot) -> None:
    dialog = SettingsDialog(SettingsStore())
    qtbot.add_widget(dialog)
    dialog.show()
    APPEARANCE.set_zoom(1.75)

    def all_whole() -> bool:
        labels = [label for label in dialog.findChildren(QLabel) if label.wordWrap()]
        return bool(labels) and all(label.height() >= label.heightForWidth(label.width()) for label in labels)

    qtbot.wait_until(all_whole)


@pytest.mark.parametrize(
    "zoom", ["9" * 400, f"-{'9' * 400}", "1e999", "9" * 5000], ids=["great", "small", "infinite", "endless"]
)
def test_numbers_beyond_all_limits_take_the_usual_value(qtbot: QtBot, zoom: str) -> None:
    file = settings_folder() / "settings.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f'{{"version": 1, "zoom": {zoom}}}')
    assert SettingsStore().value == Settings()


def test_a_change_to_nonsense_changes_nothing(qtbot: QtBot) -> None:
    store = SettingsStore()
    with qtbot.assert_not_emitted(store.changed):
        store.change(theme="beige", tempo=3)
