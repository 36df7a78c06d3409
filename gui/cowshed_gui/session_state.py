"""Where the person was: step, target, open recipes, window. Kept in one small file, so that a restart goes on there.

Progress in the course is not here; it is `cowshed_lessons.progress` and never lost with a window position.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from cowshed_gui.user_files import read_json, state_folder, write_json

_log = logging.getLogger(__name__)

VERSION = 1
_LONGEST_PAGE = 1_000_000  # pixels


@dataclass(slots=True)
class SessionState:
    """All that a restart brings back. `geometry` and the splitters are Qt's own bytes in base 64."""

    welcomed: bool = False
    step: str = ""
    target: str = ""
    recipes: list[str] = field(default_factory=list)  # open files, POSIX paths on the target
    current_recipe: str = ""
    geometry: str = ""
    splitters: dict[str, str] = field(default_factory=dict)
    cursors: dict[str, int] = field(default_factory=dict)  # recipe to the line that the cursor was in
    page: int = 0  # pixels of the lesson's page above its first line that was seen
    hints: dict[str, int] = field(default_factory=dict)  # step to how many of its hints are unfolded


def state_file() -> Path:
    """The file that holds the state."""
    return state_folder() / "session.json"


def load_state(path: Path | None = None) -> SessionState:
    """The state as it was kept; a fresh one where there is none. Parts one cannot use are left out."""
    raw = read_json(path or state_file())
    if raw.get("version", VERSION) != VERSION:
        return SessionState()
    usual = SessionState()
    good: dict[str, Any] = {}
    for each in fields(SessionState):
        value = raw.get(each.name)
        if type(value) is type(getattr(usual, each.name)) and _plain(each.name, value):
            good[each.name] = value
    return SessionState(**good)


def _plain(name: str, value: Any) -> bool:
    if name == "page":
        return bool(0 <= value <= _LONGEST_PAGE)
    if name == "geometry":
        return bool(value.isascii())
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    if isinstance(value, dict):
        kind = str if name == "splitters" else int
        whole = all(isinstance(key, str) and type(item) is kind for key, item in value.items())
        return whole and (name != "splitters" or all(item.isascii() for item in value.values()))
    return True


def save_state(state: SessionState, path: Path | None = None) -> bool:
    """Keep the state; False where that was not possible, which is no reason to disturb anybody."""
    try:
        write_json(path or state_file(), {"version": VERSION, **asdict(state)})
    except (OSError, ValueError) as error:
        _log.warning("Where you are could not be kept: %s", error)
        return False
    return True
