"""What a journey needs: a real X display, user folders of its own, a practice cluster of its own, hands."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cowshed_lab.practice.cluster import PracticeCluster
from hands import Hands
from practice_fixture import require_practice


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a journey."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="session")
def display() -> str:
    """The X display that the journeys happen on."""
    found = os.environ.get("DISPLAY", "")
    if not found or os.environ.get("QT_QPA_PLATFORM") == "offscreen" or shutil.which("xdotool") is None:
        reason = "A journey needs an X display and xdotool: `make test` starts it under Xvfb."
        if os.environ.get("COWSHED_REQUIRE_PRACTICE") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture
def learner_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, data, state and cache of a person who has never started Cowshed."""
    for variable, name in (
        ("XDG_CONFIG_HOME", "settings"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_STATE_HOME", "state"),
        ("XDG_CACHE_HOME", "cache"),
    ):
        monkeypatch.setenv(variable, str(tmp_path / name))
    return tmp_path


@pytest.fixture
def unbuilt_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PracticeCluster]:
    """A practice cluster that does not exist yet; whatever the journey makes of it is gone afterwards."""
    require_practice()
    home = tmp_path / "practice"
    monkeypatch.setenv("COWSHED_PRACTICE_HOME", str(home))
    cluster = PracticeCluster(home)
    yield cluster
    asyncio.run(cluster.down())
    asyncio.run(cluster.reset(files=True))


@pytest.fixture
def hands(display: str, qtbot: QtBot) -> Hands:
    """The learner's mouse and keyboard."""
    return Hands(qtbot)
