"""Folders that the practice cluster may change, and those that it must leave alone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from cowshed_lab.practice.cluster import PracticeCluster, PracticeError
from cowshed_lab.practice.ownership import MARK, check, claim

ACTIONS: dict[str, Callable[[PracticeCluster], Coroutine[Any, Any, object]]] = {
    "up": lambda cluster: cluster.up(),
    "down": lambda cluster: cluster.down(),
    "reset": lambda cluster: cluster.reset(files=True),
}


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return all that is in a folder: modes and contents."""
    found = {".": (folder.stat().st_mode, b"")}
    for path in folder.rglob("*"):
        found[str(path)] = (path.lstat().st_mode, path.read_bytes() if path.is_file() else b"")
    return found


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A project of somebody's that has folders with the names of ours."""
    folder = tmp_path / "project"
    for name in ("system", "registry", "run", "images", "old.building", "home/learner"):
        (folder / name).mkdir(parents=True)
        (folder / name / "thesis.tex").write_text("precious")
    folder.chmod(0o755)
    return folder


@pytest.mark.parametrize("action", ACTIONS)
def test_a_folder_with_files_that_are_not_ours_is_left_as_it_is(theirs: Path, action: str) -> None:
    before = tree(theirs)
    with pytest.raises(PracticeError, match=f"not the practice cluster's.*{MARK}.*Nothing was changed.*--home"):
        asyncio.run(ACTIONS[action](PracticeCluster(theirs)))
    assert tree(theirs) == before


@pytest.mark.parametrize("action", ACTIONS)
def test_a_persons_home_is_refused_even_with_our_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "people" / "me"))
    (tmp_path / "people" / "me").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "people")
    for home in (tmp_path / "people" / "me", tmp_path / "people", tmp_path / "link"):
        (home / MARK).write_text("")
        before = tree(tmp_path)
        with pytest.raises(PracticeError, match="holds your home folder"):
            asyncio.run(ACTIONS[action](PracticeCluster(home)))
        assert tree(tmp_path) == before


def test_the_root_folder_a_file_and_a_shared_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PracticeError, match="holds your home folder"):
        check(Path("/"))
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(PracticeError, match="is a file"):
        check(file)
    with pytest.raises(PracticeError, match="cannot be read"):
        check(file / "below")
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    with pytest.raises(PracticeError, match="not yours alone"):
        check(shared)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_another_persons_folder_or_mark_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    claim(folder)
    os.chown(folder / MARK, 12345, 12345)
    with pytest.raises(PracticeError, match="not the practice cluster's"):
        check(folder)
    os.chown(folder, 12345, 12345)
    with pytest.raises(PracticeError, match="not yours alone"):
        check(folder)


def test_new_and_empty_folders_are_marked_and_allowed_from_then_on(tmp_path: Path) -> None:
    for name in ("new", "empty"):
        folder = tmp_path / name
        if name == "empty":
            folder.mkdir()
        asyncio.run(PracticeCluster(folder).down())
        PracticeCluster(folder).folder.make()
        PracticeCluster(folder).folder.make()
        assert (folder / MARK).is_file()
        (folder / "something").write_text("")
        asyncio.run(PracticeCluster(folder).down())
    link = tmp_path / "marked by a link"
    link.mkdir()
    (link / MARK).symlink_to(folder / MARK)
    with pytest.raises(PracticeError, match="not the practice cluster's"):
        check(link)
