"""What only this computer as a target can do wrong. What holds on every target is in `test_targets`."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import uuid
from importlib import metadata
from pathlib import Path, PurePosixPath

import pytest

from cowshed_lab import installation, local, log_file
from cowshed_lab.local import LocalTarget
from cowshed_lab.target import TargetError
from lab.places import play
from lab.processes import until, with_words


def test_a_missing_folder_is_a_sentence(tmp_path: Path) -> None:
    async def scenario() -> None:
        with pytest.raises(TargetError, match="nothing is not there"):
            await LocalTarget(home=tmp_path).run(["true"], folder=PurePosixPath("nothing"))

    play(scenario)


def test_a_program_that_may_not_run(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("text")

    async def scenario() -> None:
        outcome = await LocalTarget(home=tmp_path).run([str(tmp_path / "plain")])
        assert outcome.exit_status == 126
        assert "Permission denied" in outcome.sentence() + outcome.text

    play(scenario)


def test_a_stubborn_command_is_killed_with_its_children(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(local, "PATIENCE", (0.1, 0.1))
    mark = f"10{uuid.uuid4().int % 10**7}"

    async def scenario() -> None:
        script = f"trap '' INT TERM; (trap '' INT TERM; sleep {mark}) & sleep {mark}"
        running = asyncio.ensure_future(LocalTarget(home=tmp_path).run(["sh", "-c", script]))
        await until(lambda: len(with_words("sleep", mark)) >= 2)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await until(lambda: not with_words(mark))

    play(scenario)


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_content(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, step: str) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "a.def").write_bytes(b"old")
    if step == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "replace", full)

    async def scenario() -> None:
        with pytest.raises(TargetError, match=r"No space left on device.*quota"):
            await LocalTarget(home=tmp_path).write(PurePosixPath("a.def"), b"new")

    play(scenario)
    assert (tmp_path / "a.def").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.def"]


def test_a_loop_of_links_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")

    async def scenario() -> None:
        target = LocalTarget(home=tmp_path)
        with pytest.raises(TargetError, match="could not be read"):
            await target.read(PurePosixPath("loop"))
        with pytest.raises(TargetError, match="could not be read"):
            await target.list(PurePosixPath("loop"))
        with pytest.raises(TargetError, match="could not be saved"):
            await target.write(PurePosixPath("loop"), b"x")
        assert [entry.name for entry in await target.list(PurePosixPath("."))] == ["loop"]

    play(scenario)


def test_closing_ends_the_terminals(tmp_path: Path) -> None:
    mark = f"10{uuid.uuid4().int % 10**7}"

    async def scenario() -> None:
        target = LocalTarget(home=tmp_path)
        closed = await target.open_terminal(["true"])
        await closed.close()
        for _ in range(2):
            await target.open_terminal(["sleep", mark])
        await until(lambda: len(with_words("sleep", mark)) == 2)
        await target.close()
        assert not with_words("sleep", mark)

    play(scenario)


def test_a_terminal_in_a_missing_folder(tmp_path: Path) -> None:
    async def scenario() -> None:
        with pytest.raises(TargetError, match="nothing is not there"):
            await LocalTarget(home=tmp_path).open_terminal(folder=PurePosixPath("nothing"))

    play(scenario)


def test_resources_are_found_or_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert installation.resource_folder("shell").is_dir()
    with pytest.raises(FileNotFoundError, match="resources/nothing"):
        installation.resource_folder("nothing")
    (tmp_path / "resources" / "shell").mkdir(parents=True)
    monkeypatch.setattr(installation, "PACKAGE", tmp_path)
    assert installation.resource_folder("shell") == tmp_path / "resources" / "shell"

    def none(_name: str) -> str:
        raise metadata.PackageNotFoundError

    assert installation.version()[0].isdigit()
    monkeypatch.setattr(metadata, "version", none)
    assert installation.version() == "unknown"


def test_a_log_that_cannot_be_made_stops_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "cowshed").write_text("a file where the folder should be")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    try:
        path = log_file.set_up_log()
        assert path.name == "cowshed.log"
        logging.getLogger("test").info("goes nowhere")
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "other"))
        path = log_file.set_up_log()
        assert log_file.set_up_log() == path
        logging.getLogger("test").info("is kept")
        assert "is kept" in path.read_text()
        assert sum(getattr(handler, "baseFilename", "") == str(path) for handler in root.handlers) == 1
    finally:
        for handler in [handler for handler in root.handlers if handler not in before]:
            root.removeHandler(handler)
            handler.close()
        root.setLevel(level)


def test_a_command_cancelled_while_it_starts_leaves_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        mark = f"10{uuid.uuid4().int % 10**7}"
        target = LocalTarget(home=tmp_path)
        for turns in range(4):
            running = asyncio.ensure_future(target.run(["sh", "-c", 'sleep "$1" & wait', "sh", mark]))
            for _ in range(turns):
                await asyncio.sleep(0)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            assert not with_words(mark)

    play(scenario)
