"""What a person can set. Each setting is declared once, here; dialog, labels and limits are made from it."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from PySide6.QtCore import QObject, Signal

from cowshed_gui.user_files import read_json, settings_folder, write_json

_log = logging.getLogger(__name__)

VERSION = 1
_BEYOND = 10**9  # no number that one can set is near it, and every whole number below is a float


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their usual values.

    Metadata: `group` and `label` for the dialog, `help` in a sentence, `choices` (value to label) or `range`.
    """

    theme: str = field(
        default="system",
        metadata={
            "group": "Appearance",
            "label": "Colours",
            "choices": {"system": "As the system", "light": "Light", "dark": "Dark"},
        },
    )
    zoom: float = field(
        default=1.0,
        metadata={
            "group": "Appearance",
            "label": "Size of everything",
            "range": (0.7, 2.0),
            "help": "Ctrl + and Ctrl − do the same, Ctrl 0 goes back. In the terminal these keys change the terminal "
            "alone, and Ctrl Alt + and − change the recipe alone; the menu and the palette always mean everything.",
        },
    )
    save_on_build: bool = field(
        default=True,
        metadata={
            "group": "Recipes",
            "label": "Save the recipe before each build",
            "help": "A build reads the file. Without this it builds what was saved last.",
        },
    )
    linting: str = field(
        default="all",
        metadata={
            "group": "Recipes",
            "label": "The linter says",
            "choices": {"all": "Everything it finds", "errors": "Only what breaks a build", "off": "Nothing"},
            "help": "In a step of the course it leaves out what that step is about.",
        },
    )
    reopen_target: bool = field(
        default=True,
        metadata={
            "group": "Start",
            "label": "Open the target that was used last",
            "help": "Without this you choose the target again at each start.",
        },
    )


def usable(raw: dict[str, Any]) -> Settings:
    """Settings from a file's content. What is missing, unknown or out of its limits takes the usual value."""
    good: dict[str, Any] = {}
    for each in fields(Settings):
        value = raw.get(each.name, each.default)
        if isinstance(each.default, float) and isinstance(value, int) and not isinstance(value, bool):
            value = float(value) if abs(value) < _BEYOND else each.default
        if type(value) is not type(each.default):
            continue
        choices, limits = each.metadata.get("choices"), each.metadata.get("range")
        if (choices and value not in choices) or (limits and not limits[0] <= value <= limits[1]):
            continue
        good[each.name] = value
    return Settings(**good)


class SettingsStore(QObject):
    """The settings in force, kept in a file. `changed` carries the new settings."""

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = settings_folder() / "settings.json"
        self._settings = usable(read_json(self._path))

    @property
    def value(self) -> Settings:
        """The settings in force."""
        return self._settings

    def change(self, **values: object) -> None:
        """Change some settings by name, keep them, and tell everybody."""
        new = usable({**asdict(self._settings), **values})
        if new == self._settings:
            return
        self._settings = new
        try:
            write_json(self._path, {"version": VERSION, **asdict(new)})
        except OSError as error:
            _log.warning("The settings hold until you quit; they could not be kept: %s", error)
        self.changed.emit(new)
