"""The temporary folder of a build: where it goes, and what is removed of earlier ones."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from pathlib import Path, PurePosixPath

import pytest

from cowshed_lab import build_folder
from cowshed_lab.build_folder import MARK, BuildFolder, choose_build_folder
from cowshed_lab.local import LocalTarget
from lab.places import play

VARIABLES = ("APPTAINER_TMPDIR", "SINGULARITY_TMPDIR", "TMPDIR")
START_UP_FILES = {
    "sh": (".profile", "export {name}='{value}'\n"),
    "bash": (".bash_profile", "echo noise; echo cowshed-tmp; export {name}='{value}'\n"),
    "zsh": (".zprofile", "echo noise\nexport {name}='{value}'\n"),
    "fish": (".config/fish/config.fish", "echo noise\nset -gx {name} '{value}'\n"),
    "tcsh": (".login", "echo noise\nsetenv {name} '{value}'\n"),
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_CONFIG_HOME", "ZDOTDIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", "/bin/sh")
    return tmp_path


def place_of(target: LocalTarget) -> PurePosixPath:
    """Return the folder in which the next build's own folder would be made."""
    folder = asyncio.run(choose_build_folder(target))
    assert folder is not None
    assert folder.path.name.startswith("cowshed-build-")
    return folder.path.parent


async def leave(folder: BuildFolder) -> Path:
    """Make a build's folder and end without removing it."""
    await folder.target.run(folder.command(("true",)), environment=folder.environment)
    path = Path(folder.path)
    assert (path / MARK).is_file()
    return path


@pytest.mark.parametrize("shell", START_UP_FILES)
def test_what_the_person_set_for_logins_counts(home: Path, monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"{shell} is not installed")
    monkeypatch.setenv("SHELL", path)
    monkeypatch.setenv("TMPDIR", str(home / "less"))
    wanted = home / "it is $HOME !1"
    wanted.mkdir()
    name, text = START_UP_FILES[shell]
    (home / name).parent.mkdir(parents=True, exist_ok=True)
    value = str(wanted).replace("!", "\\!") if shell == "tcsh" else str(wanted)
    (home / name).write_text(text.format(name="APPTAINER_TMPDIR", value=value))
    assert place_of(LocalTarget(home=home)) == PurePosixPath(wanted)


@pytest.mark.parametrize("name", VARIABLES)
def test_the_environment_counts_as_for_apptainer(home: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert place_of(LocalTarget(home=home)) == PurePosixPath("/tmp")
    for lesser in VARIABLES[VARIABLES.index(name) :]:
        monkeypatch.setenv(lesser, str(home if lesser == name else "/no/such"))
    assert place_of(LocalTarget(home=home)) == PurePosixPath(home)


def test_a_login_that_gives_no_answer_is_done_without(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / ".profile").write_text("exit 3\n")
    monkeypatch.setenv("TMPDIR", str(home))
    assert place_of(LocalTarget(home=home)) == PurePosixPath(home)


def test_a_place_that_is_not_there_is_apptainer_s_to_report(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "/no/such")
    assert asyncio.run(choose_build_folder(LocalTarget(home=home))) is None


def test_what_an_ended_build_left_is_removed_and_nothing_else(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = home / "tmp"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))

    async def scenario() -> None:
        target = LocalTarget(home=home)
        ended, running = await choose_build_folder(target), await choose_build_folder(target)
        assert ended is not None
        assert running is not None
        assert not list(place.iterdir())
        command = running.command(("sh", "-c", 'echo "[$APPTAINER_TMPDIR]"; exec sleep 1000'))
        terminal = await target.open_terminal(command, environment=running.environment)
        printed = b""
        while b"]" not in printed:
            printed += await terminal.read()
        assert printed.strip().decode() == f"[{running.path}]"
        left = await leave(ended)
        (left / "build-temp-1/rootfs").mkdir(parents=True)
        (left / "build-temp-1/rootfs/file").touch()
        elsewhere = left.with_name(f"cowshed-build-another.host-{left.name[-12:]}")
        thesis = place / "cowshed-build-vm-my-thesis-v1"
        unmarked = left.with_name(left.name[:-12] + "abcdef012345")
        for kept in (elsewhere, thesis, unmarked, place / "cowshed-build-", place / "build-temp-1"):
            kept.mkdir()
        link = left.with_name(left.name[:-12] + "0123456789ab")
        link.symlink_to(home)
        assert await choose_build_folder(target) is not None
        assert {entry.name for entry in place.iterdir()} == {
            running.path.name, elsewhere.name, thesis.name, unmarked.name, "cowshed-build-", "build-temp-1", link.name,
        }  # fmt: skip
        await running.remove()  # ends what still runs, too
        assert running.path.name not in [entry.name for entry in await target.list(PurePosixPath(place))]
        assert await terminal.wait() == -9
        await terminal.close()

    play(scenario)


def test_a_folder_that_cannot_be_made_leaves_the_choice_to_apptainer(home: Path) -> None:
    folder = BuildFolder(LocalTarget(home=home), PurePosixPath(home / "taken"))
    Path(folder.path).mkdir()

    async def scenario() -> None:
        command = folder.command(("sh", "-c", 'printf %s "$APPTAINER_TMPDIR"'))
        outcome = await folder.target.run(command, environment=folder.environment)
        assert outcome.output.decode() == str(home)
        assert b"taken" in outcome.errors

    play(scenario)


@pytest.mark.skipif(os.getuid() != 0, reason="only root may make another owner's files")
def test_somebody_else_s_folder_is_left_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(home))

    target = LocalTarget(home=home)
    chosen = asyncio.run(choose_build_folder(target))
    assert chosen is not None
    theirs = Path(chosen.path)
    asyncio.run(leave(chosen))
    os.chown(theirs, 65534, 65534)
    assert asyncio.run(choose_build_folder(target)) is not None
    asyncio.run(chosen.remove())
    assert theirs.is_dir()


def test_what_was_begun_elsewhere_is_left_for_a_day(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(home))

    async def scenario() -> None:
        target = LocalTarget(home=home)
        chosen = await choose_build_folder(target)
        assert chosen is not None
        left = await leave(chosen)
        mark = left / MARK
        mark.write_text(mark.read_text().replace("pid:[", "pid:[9"))
        assert await choose_build_folder(target) is not None
        assert left.is_dir()
        for path in (mark, left):
            os.utime(path, (time.time() - 90_000,) * 2)
        assert await choose_build_folder(target) is not None
        assert not left.exists()

    play(scenario)


def test_a_process_that_hides_its_environment_keeps_its_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(home))

    async def scenario() -> None:
        target = LocalTarget(home=home)
        running = await choose_build_folder(target)
        assert running is not None
        hidden = running.command(("env", "-i", "sh", "-c", "echo ready; exec sleep 1000"))
        terminal = await target.open_terminal(hidden, environment=running.environment)
        assert b"ready" in await terminal.read()
        assert await choose_build_folder(target) is not None
        assert (home / running.path.name).is_dir()
        await terminal.close()
        assert await choose_build_folder(target) is not None
        assert not (home / running.path.name).exists()

    play(scenario)


def test_a_job_in_the_background_of_a_login_is_not_waited_for(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = home / "wanted"
    wanted.mkdir()
    (home / ".profile").write_text(f"sleep 45 &\necho $! >{home}/job\nexport TMPDIR='{wanted}'\n")
    monkeypatch.setattr(build_folder, "LIMIT", 15.0)
    try:
        assert place_of(LocalTarget(home=home)) == PurePosixPath(wanted)
    finally:
        os.kill(int((home / "job").read_text()), signal.SIGKILL)


def test_a_login_that_never_ends_is_done_without(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / ".profile").write_text("exec sleep 1000\n")
    monkeypatch.setenv("TMPDIR", str(home))
    monkeypatch.setattr(build_folder, "LIMIT", 0.5)

    async def scenario() -> None:
        assert await choose_build_folder(LocalTarget(home=home)) is None

    play(scenario, 15)
    assert [entry.name for entry in home.iterdir()] == [".profile"]
