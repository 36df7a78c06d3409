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
from cowshed_lab.kept_output import MOST_OUTPUT, KeptOutput
from cowshed_lab.local import LocalTarget
from cowshed_lab.target import TargetError
from lab.places import play
from lab.processes import until, with_words


def test_a_missing_folder_is_a_sentence(tmp_path: Path) -> None:
    async def scenario() -> None:
        with pytest.raises(TargetError, match="nothing is not there"):
            await LocalTarget(home=tmp_path).run(["true"], folder=PurePosixPath("nothing"))

    play(scenario)


@pytest.mark.parametrize("bad", ["nul\0", "half \ud83d"])
def test_what_no_program_and_no_file_can_be_given_is_a_sentence(bad: str, tmp_path: Path) -> None:
    async def scenario() -> None:
        target, path = LocalTarget(home=tmp_path), PurePosixPath(bad)
        for work in (
            lambda: target.run(["true", bad]),
            lambda: target.run(["true"], folder=path),
            lambda: target.run(["true"], environment={"MOO": bad}),
            lambda: target.open_terminal(["true", bad]),
            lambda: target.open_terminal(folder=path),
            lambda: target.open_terminal(environment={"MOO": bad}),
            lambda: target.read(path),
            lambda: target.write(path, b""),
            lambda: target.list(path),
        ):
            with pytest.raises(TargetError, match="half of a character") as raised:
                await work()
            assert not raised.value.environment

    play(scenario)
    assert not list(tmp_path.iterdir())


def test_names_that_are_no_text_are_as_good_as_others(tmp_path: Path) -> None:
    async def scenario() -> None:
        target, name = LocalTarget(home=tmp_path), os.fsdecode(b"moo\xff")
        await target.write(PurePosixPath(name), b"content")
        assert await target.read(PurePosixPath(name)) == b"content"
        assert (await target.run(["cat", name])).output == b"content"

    play(scenario)


def test_a_child_that_keeps_the_pipes_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(local, "LAST_WORDS_SECONDS", 0.2)
    mark = f"10{uuid.uuid4().int % 10**7}"

    async def scenario() -> None:
        target = LocalTarget(home=tmp_path)
        outcome = await target.run(["sh", "-c", f"setsid sleep {mark} & echo hi; exit 3"], stdin=bytes(10**6))
        assert (outcome.exit_status, outcome.output) == (3, b"hi\n")
        for process in with_words("sleep", mark):
            process.kill()
        await until(lambda: not with_words(mark))

    play(scenario, 20)


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


@pytest.mark.parametrize(
    "script",
    [
        "head -c 3000000 /dev/zero; exec sleep {mark}",
        "trap 'head -c 500000 /dev/zero; exit 3' INT; while :; do echo moo; done; sleep {mark}",
        "setsid sleep {mark} & while :; do echo moo; done",
    ],
    ids=["much", "last words", "pipe kept open"],
)
def test_a_command_that_has_printed_much_ends_when_it_is_told_to(
    script: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(local, "LET_GO_SECONDS", 0.2)
    # Who is listened to ends at the first signal; who has left a child with the pipe never seems to.
    monkeypatch.setattr(local, "PATIENCE", (0.3, 0.3) if "setsid" in script else (60.0, 60.0))
    mark = f"10{uuid.uuid4().int % 10**7}"

    async def scenario() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.7):
                await LocalTarget(home=tmp_path).run(["sh", "-c", script.format(mark=mark)])
        for process in with_words("sleep", mark):  # only what left the group is left
            assert "setsid" in script
            process.kill()
        await until(lambda: not with_words(mark))

    play(scenario, 20)


def test_much_output_loses_its_middle_and_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async def scenario() -> None:
        script = "echo first; head -c 9000000 /dev/zero; echo last; head -c 9000000 /dev/zero >&2; echo end >&2"
        outcome = await LocalTarget(home=tmp_path).run(["sh", "-c", script])
        for stream, last in ((outcome.output, b"last\n"), (outcome.errors, b"end\n")):
            assert MOST_OUTPUT < len(stream) < MOST_OUTPUT + 100
            assert b"bytes left out" in stream
            assert stream.endswith(last)
        assert outcome.output.startswith(b"first\n")

    play(scenario)


def test_output_up_to_the_limit_is_kept_as_it_is() -> None:
    for size in (0, 5, 6, 10, 11, 12, 40):
        data, kept = bytes(range(size)), KeptOutput(10)
        for at in range(0, size, 3):
            kept.add(data[at : at + 3])
        gap = f"\n[… {size - 10} bytes left out …]\n".encode()
        assert kept.content() == (data if size <= 10 else data[:5] + gap + data[-5:])


def test_a_private_file_is_never_open_to_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    private = tmp_path / "private.def"
    private.write_bytes(b"old")
    private.chmod(0o600)
    stale, others = tmp_path / ".cowshed-0123456789abcdef.tmp", tmp_path / ".cowshed-young.tmp"
    for left in (stale, others):
        left.write_bytes(b"half a reci")
    os.utime(stale, (1, 1))
    seen: list[int] = []
    flush = os.fsync

    def look(descriptor: int) -> None:
        seen.append(os.fstat(descriptor).st_mode & 0o777)
        flush(descriptor)

    opened: list[int] = []
    plain_open = os.open

    def watch(path: str, flags: int, mode: int = 0o777) -> int:
        opened.append(mode)
        return plain_open(path, flags, mode)

    monkeypatch.setattr(os, "fsync", look)
    monkeypatch.setattr(os, "open", watch)
    asyncio.run(LocalTarget(home=tmp_path).write(PurePosixPath("private.def"), b"secret"))
    assert (opened[0], seen[0]) == (0o600, 0o600)
    assert private.read_bytes() == b"secret"
    assert private.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == [others.name, private.name]


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


def test_a_command_that_is_cancelled_again_and_again_is_ended_all_the_same(tmp_path: Path) -> None:
    async def scenario() -> None:
        mark = f"10{uuid.uuid4().int % 10**7}"
        script = 'trap "" INT; echo ready; while :; do sleep "$1"; done'
        running = asyncio.ensure_future(LocalTarget(home=tmp_path).run(["sh", "-c", script, "sh", mark]))
        await until(lambda: bool(with_words(mark)))
        for _ in range(5):
            running.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await running
        assert not with_words(mark)

    play(scenario)
