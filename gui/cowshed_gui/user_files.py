"""Where Cowshed keeps what belongs to the person, written so that a crash leaves the old or the new file."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from cowshed_lessons.file_writing import write_whole

_log = logging.getLogger(__name__)


def settings_folder() -> Path:
    """Folder of the settings."""
    from platformdirs import user_config_path

    return user_config_path("cowshed", appauthor=False)


def data_folder() -> Path:
    """Folder of the progress: what must never be lost."""
    from platformdirs import user_data_path

    return user_data_path("cowshed", appauthor=False)


def state_folder() -> Path:
    """Folder of window positions, journals and logs."""
    from platformdirs import user_state_path

    return user_state_path("cowshed", appauthor=False)


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file; empty where there is no file or nothing one can use in it."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        _log.warning("Starting without %s, it cannot be read: %s", path, error)
        return {}
    return content if isinstance(content, dict) else {}


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON file whole, readable by its owner only.

    Raises:
        OSError: it could not be written; the old file is still there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, (json.dumps(content, indent=1) + "\n").encode("ascii"), mode=0o600)
