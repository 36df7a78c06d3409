"""Builds on the practice cluster, and what is recognised as a build in a typed line."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from cowshed_lab import build
from cowshed_lab.build import Build, BuildCommand, read_build_command
from cowshed_lab.build_folder import BuildFolder, choose_build_folder
from cowshed_lab.build_log import Phase
from cowshed_lab.local import LocalTarget
from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lab.target import Target, TargetError, TerminalSize
from cowshed_lab.typed_build import result_of
from cowshed_lessons.failures import explain
from lab.places import TINY, clean_up, open_practice, own_folder, play
from lab.processes import until, with_words

UBUNTU = "Bootstrap: docker\nFrom: ubuntu:22.04\n\n%post\n"

OTHERS_FILES = """\
    mkdir -p /theirs/deep /fixed/deep
    touch /theirs/deep/file /fixed/deep/file
    chown -R 100:100 /theirs
    chmod -R 700 /theirs
    chmod 555 /fixed /fixed/deep
"""
"""What a plain `rm -rf` fails at: another owner's files, and folders that may not be written."""

pytestmark = pytest.mark.timeout(300)


@pytest.mark.practice
def test_a_build_that_succeeds(practice: PracticeCluster) -> None:
    async def scenario() -> None:
        target, folder = await open_practice(practice), own_folder()
        told: list[Phase] = []
        try:
            recipe = PurePosixPath("-it's $(odd).def")
            await target.write(folder / recipe, (TINY + "    echo hello\n").encode())
            job = Build(target, recipe, PurePosixPath("-my image:1.sif"), folder=folder, on_phase=told.append)
            shown: list[bytes] = []
            evidence = await job.run(TerminalSize(100, 30), shown.append)
            assert evidence.exit_status == 0, evidence.log
            assert evidence.recipe == TINY + "    echo hello\n"
            assert (evidence.image, evidence.recipe_name) == ("-my image:1.sif", recipe.name)
            assert "\nhello\n" in evidence.log
            assert b"\x1b[" in b"".join(shown)
            assert [phase.name for phase in job.phases][-1] == "pack"
            assert "echo hello" in [phase.command for phase in job.phases]
            size = {entry.name: entry.size for entry in await target.list(folder)}["-my image:1.sif"]
            assert job.phases[-1].bytes == size > 1_000_000
            assert told[-1] is job.phases[-1]
            assert not await left_of(job, target)
            await job.cancel()
            assert await job.finished() == evidence
            with pytest.raises(RuntimeError, match="already"):
                await job.start()
        finally:
            await clean_up(target, folder)

    play(scenario, 200)


@pytest.mark.practice
def test_a_build_that_fails_for_the_lesson_s_reason(practice: PracticeCluster) -> None:
    body = "    apt-get update\n    apt-get install fortune cowsay lolcat\n"

    async def scenario() -> None:
        target, folder = await open_practice(practice), own_folder()
        try:
            await target.write(folder / "lolcow.def", (UBUNTU + body).encode())
            job = Build(target, PurePosixPath("lolcow.def"), PurePosixPath("lolcow.sif"), folder=folder)
            evidence = await job.run()
            assert evidence.exit_status == 255
            assert "Do you want to continue? [Y/n] Abort." in evidence.log
            assert not evidence.cancelled
            assert [entry.name for entry in await target.list(folder)] == ["lolcow.def"]
            assert not await left_of(job, target)
        finally:
            await clean_up(target, folder)

    play(scenario, 200)


@pytest.mark.practice
def test_a_recipe_that_is_not_there_is_apptainer_s_to_report(practice: PracticeCluster) -> None:
    async def scenario() -> None:
        target, folder = await open_practice(practice), own_folder()
        try:
            await target.run(["mkdir", "-p", str(folder)])
            evidence = await Build(target, PurePosixPath("no.def"), PurePosixPath("no.sif"), folder=folder).run()
            assert evidence.exit_status == 255
            assert evidence.recipe is None
            assert "no.def" in evidence.log
        finally:
            await clean_up(target, folder)

    play(scenario)


@pytest.mark.practice
@pytest.mark.parametrize(
    ("way", "stubborn"), [("cancel", False), ("cancel", True), ("task", False), ("close", False), ("close", True)]
)
def test_a_cancelled_build_leaves_nothing(
    practice: PracticeCluster, way: str, stubborn: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if stubborn:  # only the last resort is left, after which Apptainer cannot clean up
        monkeypatch.setattr(build, "PATIENCE", build.PATIENCE[-1:])

    async def scenario() -> None:
        target, folder = await open_practice(practice), own_folder()
        mark = number_of(folder)
        try:
            trap = "    trap '' INT TERM HUP\n" if stubborn else ""
            await target.write(folder / "slow.def", f"{TINY}{OTHERS_FILES}{trap}    sleep {mark}\n".encode())
            job = Build(target, PurePosixPath("slow.def"), PurePosixPath("slow.sif"), folder=folder)
            running: asyncio.Task[object] | None = None
            if way == "task":
                running = asyncio.ensure_future(job.run())
            else:
                channel = await job.start()
                running = asyncio.ensure_future(_read(channel)) if way == "cancel" else None
            await until(lambda: with_words("sleep", mark), 60)
            if way == "cancel":
                await asyncio.gather(job.cancel(), job.cancel())
            elif way == "task":
                assert running is not None
                running.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await running
            else:
                await channel.close()
            evidence = await job.finished()
            assert evidence.cancelled
            assert evidence.exit_status is None
            assert not await left_of(job, target)
            assert not with_words("sleep", mark)
            assert not with_words("slow.def")
            assert [entry.name for entry in await target.list(folder)] == ["slow.def"]
        finally:
            await clean_up(target, folder)

    play(scenario, 200)


@pytest.mark.practice
def test_a_build_cancelled_while_it_starts_never_builds(practice: PracticeCluster) -> None:
    async def scenario() -> None:
        target, folder = await open_practice(practice), own_folder()
        try:
            await target.write(folder / "a.def", f"{TINY}    sleep 1000\n".encode())
            job = Build(target, PurePosixPath("a.def"), PurePosixPath("a.sif"), folder=folder)
            starting = asyncio.ensure_future(job.start())
            await asyncio.sleep(0)
            assert job._channel is None
            await job.cancel()
            assert (await job.finished()).cancelled
            assert await (await starting).read() == b""
            assert [entry.name for entry in await target.list(folder)] == ["a.def"]
            assert job._temporary is None
        finally:
            await clean_up(target, folder)

    play(scenario)


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Build]:
    """Give builds on this computer by a script in Apptainer's place: one that misbehaves as the real one may not."""
    for name in ("APPTAINER_TMPDIR", "SINGULARITY_TMPDIR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "tmp").mkdir()
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", "/bin/sh")

    def make(script: str) -> Build:
        program = tmp_path / "bin/apptainer"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        target = LocalTarget(home=tmp_path)
        return Build(target, PurePosixPath("a.def"), PurePosixPath("a.sif"), folder=PurePosixPath(tmp_path))

    return make


@pytest.mark.parametrize("first", ["close", "cancel"])
def test_closing_ends_a_build_that_heeds_no_signal_soon(
    stand_in: Callable[[str], Build], tmp_path: Path, first: str
) -> None:
    job = stand_in("trap '' INT TERM HUP\necho ready\nwhile :; do sleep 0.1; done")

    async def scenario() -> None:
        channel = await job.start()
        assert b"ready" in await channel.read()
        earlier = asyncio.ensure_future(job.cancel() if first == "cancel" else asyncio.sleep(0))
        await asyncio.sleep(0)
        async with asyncio.timeout(4):
            await channel.close()
        await earlier
        assert (await job.finished()).cancelled
        assert not list((tmp_path / "tmp").iterdir())
        assert not with_words(str(tmp_path / "bin"))

    play(scenario, 40)


def test_a_cancelled_start_does_not_wait_for_the_login(stand_in: Callable[[str], Build], tmp_path: Path) -> None:
    job = stand_in("touch ran")
    (tmp_path / ".profile").write_text(f"touch {tmp_path}/began\nexec sleep 1000\n")

    async def scenario() -> None:
        starting = asyncio.ensure_future(job.start())
        await until((tmp_path / "began").exists)
        async with asyncio.timeout(5):
            await job.cancel()
        assert (await job.finished()).cancelled
        assert await (await starting).read() == b""
        assert not (tmp_path / "ran").exists()

    play(scenario, 40)


def test_a_cancel_while_a_finished_build_is_cleared_away_changes_nothing(
    stand_in: Callable[[str], Build], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = stand_in("echo done")
    removed: list[BuildFolder] = []
    removing, go_on = asyncio.Event(), asyncio.Event()
    remove = BuildFolder.remove

    async def slow(folder: BuildFolder) -> None:
        removed.append(folder)
        removing.set()
        await go_on.wait()
        await remove(folder)

    monkeypatch.setattr(BuildFolder, "remove", slow)

    async def scenario() -> None:
        running = asyncio.ensure_future(job.run())
        await removing.wait()
        cancelling = asyncio.ensure_future(job.cancel())
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(0.1, go_on.set)
        evidence = await running
        await cancelling
        assert (evidence.exit_status, evidence.cancelled) == (0, False)
        assert len(removed) == 1

    play(scenario, 40)


def number_of(folder: PurePosixPath) -> str:
    """Return a number that stands for a folder among the arguments of processes."""
    return f"1{folder.name[:6]}".translate(str.maketrans("abcdef", "123456"))


async def left_of(job: Build, target: Target) -> bool:
    """Return whether a build's temporary folder is there; those of other tests may be beside it."""
    assert job._temporary is not None
    path = job._temporary.path
    return path.name in [entry.name for entry in await target.list(path.parent)]


async def _read(channel: object) -> None:
    while await channel.read():  # type: ignore[attr-defined]
        pass


@pytest.mark.practice
def test_a_lost_connection_is_told_and_never_a_verdict(practice: PracticeCluster) -> None:
    async def scenario() -> None:
        target, folder = await open_practice(practice), own_folder()
        other = await open_practice(practice)
        try:
            mark = number_of(folder)
            await target.write(folder / "slow.def", f"{TINY}{OTHERS_FILES}    sleep {mark}\n".encode())
            job = Build(target, PurePosixPath("slow.def"), PurePosixPath("slow.sif"), folder=folder)
            running = asyncio.ensure_future(job.run())
            await until(lambda: with_words("sleep", mark), 60)
            assert await choose_build_folder(other) is not None
            assert await left_of(job, other), "the folder of a build that runs was removed"
            connection = target._connection
            assert connection is not None
            connection.abort()
            evidence = await running
            assert evidence.exit_status is None
            assert not evidence.cancelled
            assert "was lost" in evidence.log
            explanation = explain(evidence.log, evidence.exit_status)
            assert explanation is not None
            assert "connection to Practice cluster was lost" in explanation.meaning
            await until(lambda: not with_words("sleep", mark))
            assert await left_of(job, other)
            assert (await Build(other, PurePosixPath("no.def"), PurePosixPath("no.sif"), folder=folder).run()).log
            assert not await left_of(job, other)
        finally:
            await clean_up(other, folder)
            await target.close()

    play(scenario, 100)


def test_what_cannot_start_raises() -> None:
    async def scenario() -> None:
        job = Build(LocalTarget(), PurePosixPath("a.def"), PurePosixPath("a.sif"), folder=PurePosixPath("/no/such"))
        await job.cancel()
        job.resize(TerminalSize())
        with pytest.raises(RuntimeError, match="not started"):
            await job.finished()
        with pytest.raises(TargetError, match="/no/such"):
            await job.start()

    asyncio.run(scenario())


def command(image: str, source: str, *options: str, folder: str | None = None, recipe: bool = True) -> BuildCommand:
    return BuildCommand(
        PurePosixPath(image),
        PurePosixPath(source) if recipe else None,
        source,
        options,
        PurePosixPath(folder) if folder is not None else None,
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("apptainer build a.sif a.def", command("a.sif", "a.def")),
        ("  apptainer   build  'my image.sif' \"my recipe.def\"  ", command("my image.sif", "my recipe.def")),
        ("singularity build a.sif a.def", command("a.sif", "a.def")),
        ("\\apptainer build a.sif a.def", command("a.sif", "a.def")),
        ("/usr/bin/apptainer build a.sif a.def", command("a.sif", "a.def")),
        ("apptainer build --force a.sif a.def", command("a.sif", "a.def", "--force")),
        ("apptainer build a.sif a.def -F", command("a.sif", "a.def", "-F")),
        ("apptainer -d --config x build -s a.sif a.def", command("a.sif", "a.def", "-s")),
        ("apptainer build --build-arg V=1 a.sif a.def", command("a.sif", "a.def", "--build-arg", "V=1")),
        ("apptainer build --build-arg=V=1 -- a.sif a.def", command("a.sif", "a.def", "--build-arg=V=1")),
        ("cd x && apptainer build a.sif a.def; ls", command("a.sif", "a.def", folder="x")),
        ("cd x; cd ../y; apptainer build a.sif a.def", command("a.sif", "a.def", folder="x/../y")),
        ("cd && apptainer build a.sif a.def", command("a.sif", "a.def", folder="")),
        ("time apptainer build a.sif a.def", command("a.sif", "a.def")),
        ("sudo -u me -E apptainer build a.sif a.def", command("a.sif", "a.def")),
        ("A=b LC_ALL=C apptainer build a.sif a.def", command("a.sif", "a.def")),
        ("env -u X A=b nice -n 5 apptainer build a.sif a.def", command("a.sif", "a.def")),
        ("srun -p standard -- apptainer build a.sif a.def", command("a.sif", "a.def")),
        ("apptainer build a.sif a.def > log 2>&1", command("a.sif", "a.def")),
        ("apptainer build a.sif a.def 2>&1 | tee log", command("a.sif", "a.def")),
        ("apptainer build a.sif a.def &> log &", command("a.sif", "a.def")),
        ("(cd x && apptainer build a.sif a.def)", command("a.sif", "a.def", folder="x")),
        ("(cd x && ls); apptainer build a.sif a.def", command("a.sif", "a.def")),
        ("(cd x); (cd y && apptainer build a.sif a.def)", command("a.sif", "a.def", folder="y")),
        ("cd x; (cd y; (cd z); apptainer build a.sif a.def)", command("a.sif", "a.def", folder="x/y")),
        ("x=$(cd y; ls) && apptainer build a.sif a.def", command("a.sif", "a.def")),
        ("cd x | cat; apptainer build a.sif a.def", command("a.sif", "a.def")),
        ("cd x & apptainer build a.sif a.def", command("a.sif", "a.def")),
        ("apptainer build \\\n  a.sif \\\n  a.def", command("a.sif", "a.def")),
        ("rm -f a.sif\napptainer build a.sif a.def", command("a.sif", "a.def")),
        ("apptainer build a.sif a.def # again", command("a.sif", "a.def")),
        ("apptainer build a.sif a.def && apptainer build b.sif b.def", command("b.sif", "b.def")),
        ("if true; then apptainer build a.sif a.def; fi", command("a.sif", "a.def")),
        ("apptainer build a.sif docker://ubuntu:22.04", command("a.sif", "docker://ubuntu:22.04", recipe=False)),
        ("apptainer build a.sif docker-daemon:x:y", command("a.sif", "docker-daemon:x:y", recipe=False)),
        ("apptainer build a.sif oci-archive:x.tar", command("a.sif", "oci-archive:x.tar", recipe=False)),
        ("apptainer build a.sif x.tar.gz", command("a.sif", "x.tar.gz", recipe=False)),
        ("apptainer build b.sif a.sif", command("b.sif", "a.sif", recipe=False)),
        ("apptainer build a.sif", None),
        ("apptainer run a.sif", None),
        ("apptainer", None),
        ("echo apptainer build a.sif a.def", None),
        ("echo 'apptainer build a.sif a.def'", None),
        ("apptainer build 'a.sif a.def", None),
        ("# apptainer build a.sif a.def", None),
        ("apptainer exec a.sif build x y", None),
        ("", None),
        ("A=b", None),
    ],
)
def test_typed_builds(line: str, expected: BuildCommand | None) -> None:
    assert read_build_command(line) == expected


@pytest.mark.parametrize(
    ("line", "tells"),
    [
        ("apptainer build a.sif a.def", True),
        ("apptainer build a.sif a.def;", True),
        ("apptainer build a.sif a.def > log 2>&1", True),
        ("cd x && time apptainer build a.sif a.def", True),
        ("cd x; apptainer build a.sif a.def", True),
        ("rm a.sif\napptainer build a.sif a.def\n", True),
        ("(cd x && apptainer build a.sif a.def)", True),
        ("apptainer build a.sif a.def 2>&1 | tee log", False),
        ("apptainer build a.sif a.def; ls", False),
        ("apptainer build a.sif a.def\nls", False),
        ("apptainer build a.sif a.def && ls", False),
        ("apptainer build a.sif a.def || true", False),
        ("true || apptainer build a.sif a.def", False),
        ("apptainer build a.sif a.def &", False),
        ("apptainer build a.sif a.def &> log &", False),
        ("(apptainer build a.sif a.def) | cat", False),
        ("(apptainer build a.sif a.def); ls", False),
        ("(apptainer build a.sif a.def) &", False),
        ("! apptainer build a.sif a.def", False),
        ("if apptainer build a.sif a.def; then echo yes; fi", False),
        ("while apptainer build a.sif a.def; do :; done", False),
    ],
)
def test_whose_exit_status_a_line_has(line: str, tells: bool) -> None:
    found = read_build_command(line)
    assert found is not None
    assert found.tells is tells


@pytest.mark.parametrize(
    ("line", "tells"),
    [
        ("apptainer build a.sif a.def", True),
        ("cd x; apptainer build a.sif a.def", True),
        ("cd nosuch && apptainer build a.sif a.def", False),
        ("false && apptainer build a.sif a.def", False),
        ("false && (apptainer build a.sif a.def)", False),
        ("false && (cd x; apptainer build a.sif a.def)", False),
        ("apptainer build a.sif a.def | tee log", False),
    ],
)
def test_a_failure_may_be_that_of_a_command_before_the_build(line: str, tells: bool) -> None:
    found = read_build_command(line)
    assert found is not None
    assert found.tells_of(1) is tells
    assert found.tells_of(0) is not line.endswith("| tee log")


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ("cd a; cd b; apptainer build a.sif a.def", True),
        ("cd a; cd -; apptainer build a.sif a.def", False),
        ("cd -; cd b; apptainer build a.sif a.def", False),
        ("cd -; (cd b; apptainer build a.sif a.def)", False),
        ("pushd a; popd; apptainer build a.sif a.def", False),
        ("pushd +1; apptainer build a.sif a.def", False),
        ("cd -; cd /b; apptainer build a.sif a.def", True),
        ("(cd -); apptainer build a.sif a.def", True),
        ("cd -; apptainer build /a.sif /a.def", True),
    ],
)
def test_a_folder_that_only_the_shell_knows(line: str, known: bool) -> None:
    found = read_build_command(line)
    assert found is not None
    assert found.folder_known is known
    if not known:
        assert found.folder in {None, PurePosixPath("b")}


def test_what_a_log_tells_of_its_last_build() -> None:
    complete, fatal = "INFO:    Build complete: a.sif\n", "FATAL:   While performing build: no\n"
    assert result_of("") is None
    assert result_of(f"echo {complete}") is None
    assert result_of(f"{complete}a.sif b.sif\n") == 0
    assert result_of(f"{fatal}ls\n") == 255
    assert result_of(complete + fatal) == 255
    assert result_of(fatal + complete) == 0
