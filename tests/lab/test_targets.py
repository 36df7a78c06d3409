"""What holds on every target, and which one is the default."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import sys
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path, PurePosixPath

import pytest

from cowshed_lab import local, pseudo_terminal, ssh
from cowshed_lab.local import LocalTarget
from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lab.ssh import SshTarget
from cowshed_lab.target import LARGEST_READ, Target, TargetError, TerminalChannel, TerminalSize
from cowshed_lab.targets import TargetDirectory
from lab.places import clean_up, open_practice, own_folder, play
from lab.processes import until, with_words

NASTY = [
    "with space",
    "it's",
    'say "hi"',
    "$(touch made)",
    "`touch made`",
    "new\nline",
    "-leading-dash",
    "--",
    "semi;touch made",
    "back\\slash\\",
    "star*?[a]",
    "~",
    "$HOME",
    "&& touch made",
    "ümläut→",
]

Run = Callable[[Callable[[Target, PurePosixPath], Awaitable[None]]], None]


@pytest.fixture(params=["local", pytest.param("practice", marks=pytest.mark.practice)])
def on(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a scenario with a target and a folder on it of its own. What is stubborn is killed sooner than usual."""
    monkeypatch.setattr(local, "PATIENCE", (0.5, 0.5))
    monkeypatch.setattr(pseudo_terminal, "GRACE", 0.5)
    monkeypatch.setattr(ssh, "PATIENCE", (0.5, 0.5, 3.0))
    monkeypatch.setattr(ssh, "HANG_UP_SECONDS", 0.5)
    cluster: PracticeCluster | None = request.getfixturevalue("practice") if request.param == "practice" else None

    def run(scenario: Callable[[Target, PurePosixPath], Awaitable[None]]) -> None:
        async def whole() -> None:
            target: LocalTarget | SshTarget
            target = LocalTarget(home=tmp_path) if cluster is None else await open_practice(cluster)
            folder = own_folder()
            try:
                await target.run(["mkdir", "-p", str(folder)])
                await scenario(target, folder)
            finally:
                await clean_up(target, folder)

        play(whole)

    return run


async def rest(channel: TerminalChannel) -> bytes:
    output = b""
    while data := await channel.read():
        output += data
    return output


async def read_until(channel: TerminalChannel, words: bytes) -> bytes:
    output = b""
    while words not in output:
        data = await channel.read()
        assert data, f"ended before {words!r}: {output!r}"
        output += data
    return output


def test_run_gives_status_output_and_errors(on: Run) -> None:
    async def scenario(target: Target, folder: PurePosixPath) -> None:
        outcome = await target.run(["sh", "-c", "cat; echo wrong >&2; exit 5"], stdin=b"in\x00\xff")
        assert (outcome.exit_status, outcome.output, outcome.errors) == (5, b"in\x00\xff", b"wrong\n")
        silent = await target.run(["cat"])
        assert (silent.exit_status, silent.output) == (0, b"")
        assert (await target.run(["no-such-program-here"])).exit_status == 127
        assert (await target.run(["sh", "-c", "kill -KILL $$"])).exit_status == -signal.SIGKILL
        big = await target.run(["head", "-c", "3000000", "/dev/zero"])
        assert len(big.output) == 3_000_000

    on(scenario)


def test_arguments_folders_and_environment_are_never_executed(on: Run) -> None:
    async def scenario(target: Target, folder: PurePosixPath) -> None:
        outcome = await target.run(["printf", "[%s]", *NASTY], folder=folder)
        assert outcome.output.decode() == "".join(f"[{word}]" for word in NASTY)
        for word in NASTY:
            place = folder / "places" / word
            await target.write(place / "file", b"x")
            outcome = await target.run(["sh", "-c", 'printf %s "$V"; ls'], folder=place, environment={"V": word})
            assert (outcome.exit_status, outcome.output.decode()) == (0, f"{word}file\n")
            channel = await target.open_terminal(["printf", "%s", word], folder=place)
            assert (await rest(channel)).replace(b"\r\n", b"\n").decode() == word
            await channel.close()
        assert [entry.name for entry in await target.list(folder)] == ["places"]
        assert {entry.name for entry in await target.list(folder / "places")} == set(NASTY)

    on(scenario)


def test_only_ordinary_files_of_a_recipes_size_are_read(on: Run) -> None:
    async def scenario(target: Target, folder: PurePosixPath) -> None:
        await target.run(["sh", "-c", f"mkfifo pipe; mkdir box; truncate -s {LARGEST_READ + 1} large"], folder=folder)
        for path in (folder / "pipe", folder / "box", PurePosixPath("/dev/zero"), PurePosixPath("/dev/stdin")):
            with pytest.raises(TargetError, match="not a file that can be read"):
                await target.read(path)
        with pytest.raises(TargetError, match="larger than any recipe"):
            await target.read(folder / "large")
        await target.run(["truncate", "-s", str(LARGEST_READ), "large"], folder=folder)
        assert len(await target.read(folder / "large")) == LARGEST_READ

    on(scenario)


@pytest.mark.parametrize("name", NASTY)
def test_files_with_nasty_names(on: Run, name: str) -> None:
    async def scenario(target: Target, folder: PurePosixPath) -> None:
        path = folder / "deep" / name
        await target.write(path, b"one")
        await target.write(path, "zwei → 2\n".encode())
        assert await target.read(path) == "zwei → 2\n".encode()
        (entry,) = await target.list(folder / "deep")
        assert (entry.name, entry.is_folder, entry.size) == (name, False, 11)
        assert entry.changed > 1_700_000_000

    on(scenario)


def test_write_keeps_permissions_and_links(on: Run) -> None:
    async def scenario(target: Target, folder: PurePosixPath) -> None:
        await target.write(folder / "real.def", b"old")
        await target.run(["sh", "-c", "chmod 640 real.def; ln -s real.def link.def; ln -s nothing hole"], folder=folder)
        await target.write(folder / "link.def", b"new")
        outcome = await target.run(["sh", "-c", "stat -c %a real.def; readlink link.def; cat real.def"], folder=folder)
        assert outcome.output == b"640\nreal.def\nnew"
        assert {entry.name for entry in await target.list(folder)} == {"real.def", "link.def", "hole"}

    on(scenario)


def test_large_and_empty_files(on: Run) -> None:
    async def scenario(target: Target, folder: PurePosixPath) -> None:
        large = bytes(range(256)) * 8000
        await target.write(folder / "large", large)
        await target.write(folder / "empty", b"")
        assert await target.read(folder / "large") == large
        assert await target.read(folder / "empty") == b""

    on(scenario)


def test_what_is_not_there_is_said(on: Run) -> None:
    async def scenario(target: Target, folder: PurePosixPath) -> None:
        with pytest.raises(FileNotFoundError):
            await target.read(folder / "nothing")
        with pytest.raises(FileNotFoundError):
            await target.list(folder / "nothing")
        await target.run(["mkdir", "sub"], folder=folder)
        for refused in (target.read(folder / "sub"), target.write(folder / "sub", b"x")):
            with pytest.raises(TargetError, match="sub"):
                await refused
        await target.write(folder / "file", b"x")
        with pytest.raises(TargetError):
            await target.write(folder / "file" / "below", b"x")
        with pytest.raises(FileNotFoundError):
            await target.list(folder / "file")
        with pytest.raises(FileNotFoundError):
            await target.read(folder / "file" / "below")
        assert [entry.name for entry in await target.list(folder)] == ["sub", "file"]
        assert await target.list(folder / "sub") == []

    on(scenario)


def test_a_cancelled_command_is_gone(on: Run) -> None:
    async def scenario(target: Target, folder: PurePosixPath) -> None:
        for words in (["sleep"], ["sh", "-c", 'trap "" INT; sleep "$1"; sleep "$1"', "sh"]):
            mark = f"10{uuid.uuid4().int % 10**7}"
            running = asyncio.ensure_future(target.run([*words, mark]))
            await until(lambda mark=mark: with_words("sleep", mark))
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            await until(lambda mark=mark: not with_words(mark))

    on(scenario)


def test_a_terminal_has_size_signals_and_status(on: Run) -> None:
    async def scenario(target: Target, folder: PurePosixPath) -> None:
        channel = await target.open_terminal(
            ["sh", "-c", 'echo "$TERM $V"; stty size; pwd; trap "stty size; exit 6" WINCH; echo ready; '
             "while :; do sleep 0.05; done"],
            size=TerminalSize(100, 30),
            folder=folder,
            environment={"V": "a b"},
        )  # fmt: skip
        output = await read_until(channel, b"ready")
        assert b"xterm-256color a b\r\n30 100\r\n" in output
        assert str(folder).encode() in output
        channel.resize(TerminalSize(132, 50))
        assert b"50 132" in await rest(channel)
        assert await channel.wait() == 6
        await channel.close()
        await channel.close()
        await channel.write(b"nobody")
        channel.resize(TerminalSize())
        channel.send_signal(signal.SIGTERM)

    on(scenario)


def test_signals_end_a_terminal_program(on: Run) -> None:
    async def scenario(target: Target, folder: PurePosixPath) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            channel = await target.open_terminal(["sh", "-c", "echo ready; exec sleep 1000"])
            await read_until(channel, b"ready")
            channel.send_signal(number)
            await rest(channel)
            assert await channel.wait() == -number
            await channel.close()

    on(scenario)


def test_closing_a_terminal_ends_its_program(on: Run) -> None:
    async def scenario(target: Target, folder: PurePosixPath) -> None:
        mark = f"10{uuid.uuid4().int % 10**7}"
        channel = await target.open_terminal(["sh", "-c", f'trap "" HUP INT TERM; echo ready; sleep {mark}'])
        await read_until(channel, b"ready")
        await until(lambda: with_words("sleep", mark))
        await channel.close()
        await until(lambda: not with_words("sleep", mark))

    on(scenario)


def test_the_login_shell_opens_without_a_command(on: Run) -> None:
    async def scenario(target: Target, folder: PurePosixPath) -> None:
        for place in (None, folder):
            channel = await target.open_terminal(folder=place, environment={"V": "w"} if place else None)
            await channel.write(b"pwd; echo on$((1+1)) $V; exit 4\n")
            output = await rest(channel)
            assert b"on2" in output
            assert place is None or (str(place).encode() in output and b"on2 w" in output)
            assert await channel.wait() == 4
            await channel.close()

    on(scenario)


def test_a_missing_folder_for_a_terminal(on: Run) -> None:
    async def scenario(target: Target, folder: PurePosixPath) -> None:
        try:
            channel = await target.open_terminal(["true"], folder=folder / "nothing")
        except TargetError as error:
            assert "nothing" in str(error)  # noqa: PT017 - a remote shell says it in the terminal instead
        else:
            assert b"nothing" in await rest(channel)
            assert await channel.wait() != 0
            await channel.close()

    on(scenario)


def _which(found: str | None) -> Callable[[str], str | None]:
    return lambda name: found if name == "apptainer" else None


def test_apptainer_here_makes_this_computer_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", _which("/usr/bin/apptainer"))
    name, reason = TargetDirectory().default()
    assert name == "local"
    assert "/usr/bin/apptainer" in reason


def test_without_apptainer_the_practice_cluster_is_the_default_on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", _which(None))
    name, reason = TargetDirectory().default()
    assert name == "practice"
    assert "not installed" in reason
    entries = {entry.name: entry for entry in TargetDirectory().names()}
    assert not entries["local"].available
    assert entries["practice"].available


def test_elsewhere_nothing_can_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", _which(None))
    monkeypatch.setattr(sys, "platform", "darwin")
    name, reason = TargetDirectory().default()
    assert name == "local"
    assert "Linux only" in reason
    assert not any(entry.available for entry in TargetDirectory().names())

    async def scenario() -> None:
        with pytest.raises(TargetError, match="needs Linux"):
            await TargetDirectory().open("practice")

    asyncio.run(scenario())


def test_an_unknown_target_names_the_known_ones() -> None:
    with pytest.raises(TargetError, match="local, practice") as caught:
        TargetDirectory().entry("hpc")
    assert not caught.value.environment


def test_a_practice_cluster_that_does_not_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COWSHED_PRACTICE_HOME", str(tmp_path))

    async def scenario() -> None:
        with pytest.raises(TargetError, match="cowshed practice up"):
            await TargetDirectory().open("practice")

    play(scenario)


@pytest.mark.practice
def test_the_directory_opens_both(practice: PracticeCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COWSHED_PRACTICE_HOME", str(practice.folder.home))

    async def scenario() -> None:
        for name in ("local", "practice"):
            target = await TargetDirectory().open(name)
            assert (await target.run(["echo", name])).output == f"{name}\n".encode()
            await target.close()
            await target.close()

    play(scenario)


@pytest.mark.skipif(sys.platform != "linux", reason="the practice cluster runs on Linux")
@pytest.mark.parametrize(("answers", "told"), [(False, True), (True, False)])
def test_stand_ins_are_named_where_docker_hub_was_out_of_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: bool, told: bool
) -> None:
    monkeypatch.setenv("COWSHED_PRACTICE_HOME", str(tmp_path))
    (tmp_path / "settings.json").write_text(json.dumps({"docker_hub_answers": answers}))
    entry = next(entry for entry in TargetDirectory().names() if entry.name == "practice")
    assert ("stand-ins" in entry.reason) is told
