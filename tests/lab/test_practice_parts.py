"""Parts of the practice cluster on disk: records, locks, images; and its command line's answers."""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from cowshed_lab.practice import base_images, namespace
from cowshed_lab.practice.base_images import RECIPE_VERSION, is_made, stored
from cowshed_lab.practice.cluster import PracticeCluster, PracticeError, State, Status
from cowshed_lab.practice.commands import add_practice_command, describe, nsenter_command, shell_command
from cowshed_lab.practice.folder import SYSTEM_VERSION, PracticeFolder, Work, default_home, read_json, write_json
from cowshed_lab.practice.init_process import InitProcess
from cowshed_lab.practice.leftovers import remove
from cowshed_lab.practice.namespace import Mode
from cowshed_lab.practice.progress import Progress
from cowshed_lab.practice.stand_ins import GROUPS, STAND_INS, group_of, stand_in_for
from practice_fixture import require_practice


def run_command(*words: str) -> int:
    parser = argparse.ArgumentParser()
    add_practice_command(parser.add_subparsers(required=True))
    arguments = parser.parse_args(["practice", *words])
    status = arguments.run(arguments)
    assert isinstance(status, int)
    return status


def test_the_folder_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COWSHED_PRACTICE_HOME", str(tmp_path / "chosen"))
    assert default_home() == tmp_path / "chosen"
    monkeypatch.delenv("COWSHED_PRACTICE_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert default_home() == tmp_path / "data" / "cowshed" / "practice"


def test_records_are_private_and_a_damaged_one_counts_as_none(tmp_path: Path) -> None:
    record = tmp_path / "settings.json"
    write_json(record, {"a": 1})
    assert record.stat().st_mode & 0o777 == 0o600
    assert read_json(record) == {"a": 1}
    for damaged in ('{"a": ', "[]", "\xff"):
        record.write_text(damaged, encoding="latin-1")
        assert read_json(record) == {}
    assert read_json(tmp_path / "none") == {}


@pytest.mark.parametrize(("flags", "free", "said"), [(os.ST_NOSUID, 1 << 30, "nosuid"), (0, 1 << 10, "GB are free")])
def test_a_disk_that_cannot_hold_it_is_told_before_anything_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, flags: int, free: int, said: str
) -> None:
    folder = PracticeFolder(tmp_path)
    folder.make()
    folder.check()
    answer = os.statvfs_result((4096, 4096, free, free, free, free, free, free, flags, 255))
    monkeypatch.setattr(os, "statvfs", lambda _path: answer)
    with pytest.raises(PracticeError, match=f"{said}.*COWSHED_PRACTICE_HOME"):
        folder.check()


def test_nobody_else_can_come_by_the_setuid_programs_inside(tmp_path: Path) -> None:
    folder = PracticeFolder(tmp_path / "practice")
    folder.make()
    assert folder.home.stat().st_mode & 0o777 == 0o700


def test_a_system_of_another_version_is_half_made(tmp_path: Path) -> None:
    folder = PracticeFolder(tmp_path)
    folder.make()
    folder.system.mkdir()
    write_json(folder.stamp, {"system_version": -1})
    assert asyncio.run(PracticeCluster(tmp_path).status()).state is State.INCOMPLETE


def test_the_lock_is_waited_for_and_waiting_is_told(tmp_path: Path) -> None:
    folder = PracticeFolder(tmp_path)

    async def contend() -> list[str]:
        told: list[str] = []
        holder = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
        fcntl.flock(holder, fcntl.LOCK_EX)
        waiting = asyncio.Event()

        def tell() -> None:
            told.append("waiting")
            waiting.set()

        async def wait() -> None:
            async with folder.lock(tell):
                told.append("got it")

        task = asyncio.create_task(wait())
        await waiting.wait()
        told.append("released")
        os.close(holder)
        await task
        return told

    assert asyncio.run(contend()) == ["waiting", "released", "got it"]


def test_a_recorded_process_is_only_found_while_it_is_the_same(tmp_path: Path) -> None:
    record = tmp_path / "init"
    stat = Path(f"/proc/{os.getpid()}/stat").read_text()
    record.write_text(stat)
    assert InitProcess.find(record) == InitProcess(os.getpid())
    head, _, fields = stat.rpartition(")")
    words = fields.split()
    words[19] = str(int(words[19]) - 1)
    record.write_text(f"{head}) {' '.join(words)}")
    assert InitProcess.find(record) is None, "another process has the number now"
    for damaged in ("", "x", "999999999 (sh) S", "1"):
        record.write_text(damaged)
        assert InitProcess.find(record) is None
    assert InitProcess.find(tmp_path / "none") is None


def test_nothing_outside_the_folder_is_ever_removed(tmp_path: Path) -> None:
    folder = PracticeFolder(tmp_path / "practice")
    folder.make()
    outside = tmp_path / "precious"
    outside.mkdir()
    with pytest.raises(PracticeError, match="left alone"):
        asyncio.run(remove(folder, [outside]))
    assert outside.exists()


def make_layer(folder: Path) -> Path:
    make = STAND_INS[0].make
    place = folder / make.name
    place.mkdir(parents=True)
    (place / "layer.tar.gz").write_bytes(b"layer")
    facts = {"digest": "sha256:2", "size": 5, "uncompressed": "sha256:3"}
    write_json(place / "layers.json", {"version": f"{RECIPE_VERSION} none", "layers": {"layer": facts}})
    return place


def test_stored_layers_are_used_only_whole_and_of_todays_make(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(base_images, "local_certificates", bytes)
    assert stored(tmp_path, STAND_INS[0]) is None
    place = make_layer(tmp_path)
    image = stored(tmp_path, STAND_INS[0])
    assert image is not None
    assert [layer.size for layer in image.layers] == [5]
    assert STAND_INS[0].notice.encode() in image.manifest
    monkeypatch.setattr(base_images, "RECIPE_VERSION", RECIPE_VERSION + 1)
    assert stored(tmp_path, STAND_INS[0]) is None
    monkeypatch.undo()
    monkeypatch.setattr(base_images, "local_certificates", lambda: b"a new one")
    assert not is_made(tmp_path, STAND_INS[0].make), "its layers have the old certificates"
    monkeypatch.setattr(base_images, "local_certificates", bytes)
    assert is_made(tmp_path, STAND_INS[0].make)
    (place / "layer.tar.gz").write_bytes(b"lay")
    assert stored(tmp_path, STAND_INS[0]) is None
    (place / "layer.tar.gz").unlink()
    assert stored(tmp_path, STAND_INS[0]) is None
    (place / "layers.json").write_text('{"version": "2 none", "layers": {"layer": 5}}')
    assert stored(tmp_path, STAND_INS[0]) is None


def test_every_stand_in_names_the_image_and_itself() -> None:
    names = [stand_in.name for stand_in in STAND_INS]
    assert "ubuntu:22.04" in names
    assert len(set(names)) == len(names)
    for stand_in in STAND_INS:
        assert stand_in.name in stand_in.notice
        assert stand_in.make.suite in stand_in.notice
        assert set(stand_in.layers) <= set(stand_in.make.layers)
        assert stand_in.make in group_of(stand_in.make).makes


def test_what_a_start_makes_is_small() -> None:
    assert sum(group.download for group in GROUPS if group.at_start) < 60


@pytest.mark.parametrize(
    ("reference", "group"),
    [
        ("python:3.11-slim", "python"),
        ("docker://python:3.11", "python"),
        ("docker.io/library/alpine", "alpine"),
        ("index.docker.io/rocker/tidyverse:4.3.2", "r"),
        ("pytorch/pytorch:2.1.2-cuda12.1-cudnn8-runtime", "python"),
        ("python:3.12", "python-later"),
        ("docker://ghcr.io/apptainer/lolcow", "alpine"),
        ("busybox:1.36", "alpine"),
        ("fedora:40", None),
        ("", None),
    ],
)
def test_an_image_is_found_however_it_is_written(reference: str, group: str | None) -> None:
    found = stand_in_for(reference)
    assert (group_of(found.make).name if found else None) == group


def test_status_of_nothing_and_stopping_and_resetting_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    home = tmp_path / "practice"
    assert run_command("--home", str(home), "status") == 0
    assert "cowshed practice up" in capsys.readouterr().out
    assert run_command("--home", str(home), "down") == 0
    assert capsys.readouterr().out == "The practice cluster was not running.\n"
    assert run_command("--home", str(home), "reset", "--files") == 0
    assert capsys.readouterr().out == f"There is no practice cluster in {home}; nothing was changed.\n"
    assert not home.exists(), "asking makes nothing"
    with pytest.raises(PracticeError, match="never started"):
        PracticeCluster(home).connection()


@pytest.fixture
def stopped(tmp_path: Path) -> PracticeCluster:
    """What looks like a stopped cluster with a file of the learner's; nothing in it can start."""
    cluster = PracticeCluster(tmp_path / "practice")
    folder = cluster.folder
    folder.make()
    folder.system.mkdir()
    write_json(folder.stamp, {"system_version": SYSTEM_VERSION})
    (folder.learner / "lolcow.def").write_text("mine")
    return cluster


@pytest.fixture
def removable(stopped: PracticeCluster) -> PracticeCluster:
    """The same, where this computer can remove what a cluster is made of."""
    require_practice()
    return stopped


@pytest.mark.parametrize("after", [False, True], ids=["before the action", "after it"])
def test_the_folder_may_be_named_on_either_side_of_the_action(
    stopped: PracticeCluster,
    after: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("COWSHED_PRACTICE_HOME", str(tmp_path / "another"))
    home = ("--home", str(stopped.folder.home))
    assert run_command(*(("status", *home) if after else (*home, "status"))) == 0
    out = capsys.readouterr().out
    assert "is stopped" in out
    assert str(stopped.folder.home) in out


@pytest.mark.parametrize(
    ("work", "set_up", "sentence"),
    [
        (Work.START, False, "is being set up at this moment"),
        (Work.START, True, "is being started at this moment"),
        (Work.STOP, True, "is being stopped at this moment"),
        (Work.RESET, True, "is being thrown away at this moment"),
        (None, True, "is being started at this moment"),
    ],
)
def test_status_tells_what_another_process_does_meanwhile(
    stopped: PracticeCluster, work: Work | None, set_up: bool, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if not set_up:
        stopped.folder.stamp.unlink()

    async def ask() -> None:
        async with stopped.folder.lock(work=work):
            print(describe(await stopped.status()))  # noqa: T201
        print(describe(await stopped.status()))  # noqa: T201

    asyncio.run(ask())
    during, after = capsys.readouterr().out.split("\n\n", 1)
    assert sentence in during
    assert "half" not in during
    assert "at this moment" not in after


def test_a_reset_of_what_is_not_the_clusters_is_refused_before_any_question(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class NobodyAsks(io.StringIO):
        def isatty(self) -> bool:
            pytest.fail("there is nothing to ask")

    monkeypatch.setattr("sys.stdin", NobodyAsks())
    assert run_command("reset", "--home", "/") == 2
    said = capsys.readouterr()
    assert "which holds your home folder" in said.err
    assert "throw away" not in said.err
    assert said.out == ""


def test_a_reset_asks_first_and_without_a_terminal_wants_to_be_told(
    stopped: PracticeCluster, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = stopped.folder
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert run_command("reset", "--home", str(folder.home)) == 2
    said = capsys.readouterr()
    assert "add --yes" in said.err
    assert said.out == ""
    assert folder.system.exists()


@pytest.mark.parametrize(
    ("answer", "status", "done"),
    [("\n", 1, False), ("n\n", 1, False), ("yesterday\n", 1, False), ("\x04", 1, False), ("\x03", 130, False),
     ("y\n", 0, True), ("YES\n", 0, True)],
)  # fmt: skip
def test_a_reset_is_answered_at_a_terminal(removable: PracticeCluster, answer: str, status: int, done: bool) -> None:
    outer, inner = pty.openpty()
    words = [sys.executable, "-m", "cowshed_lab", "practice", "reset", "--home", str(removable.folder.home)]
    with subprocess.Popen(
        ["setsid", "--ctty", "--wait", *words], stdin=inner, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        os.close(inner)
        assert process.stderr is not None
        assert process.stdout is not None
        asked = ""
        while not asked.endswith("(y/N) "):
            character = process.stderr.read(1)
            assert character, asked
            asked += character
        os.write(outer, answer.encode())
        out, rest = process.stdout.read(), process.stderr.read()
        assert process.wait() == status
    os.close(outer)
    assert str(removable.folder.home) in asked
    assert removable.folder.system.exists() is not done
    assert (removable.folder.learner / "lolcow.def").read_text() == "mine"
    assert ("was thrown away" in out) is done
    assert ("Nothing was changed." in rest) is not done


def test_a_reset_tells_where_the_files_are(removable: PracticeCluster, capsys: pytest.CaptureFixture[str]) -> None:
    home = str(removable.folder.home)
    assert run_command("reset", "--yes", "--home", home) == 0
    assert f"Your files there are kept in {removable.folder.learner}" in capsys.readouterr().out
    assert run_command("reset", "--yes", "--home", home) == 0
    assert "nothing was changed" in capsys.readouterr().out
    assert run_command("reset", "--yes", "--files", "--home", home) == 0
    (backup,) = removable.folder.learner.parent.iterdir()
    assert f"Your files there are moved to {backup}." in capsys.readouterr().out


def test_down_tells_what_it_removed(removable: PracticeCluster, capsys: pytest.CaptureFixture[str]) -> None:
    (removable.folder.home / "system.building").mkdir()
    assert run_command("down", "--home", str(removable.folder.home)) == 0
    out = capsys.readouterr().out
    assert out == "The practice cluster was not running. What an interrupted start had left was removed.\n"


def test_who_waits_for_another_is_told(removable: PracticeCluster) -> None:
    told: list[str] = []
    released = asyncio.Event()

    def tell(progress: Progress) -> None:
        told.append(progress.phase)
        released.set()

    async def contend() -> None:
        async with removable.folder.lock(work=Work.START):
            tasks = [asyncio.create_task(removable.down(tell)), asyncio.create_task(removable.reset(report=tell))]
            async with asyncio.timeout(20):
                while len(told) < 2:
                    await released.wait()
                    released.clear()
        await asyncio.gather(*tasks)

    asyncio.run(contend())
    assert all("Waiting for another start or stop" in phase for phase in told)


@pytest.mark.parametrize(
    ("made", "sentence"), [(True, "is stopped; it is started first"), (False, "about 160 MB to download")]
)
def test_a_shell_says_that_it_starts_the_cluster(
    stopped: PracticeCluster,
    made: bool,
    sentence: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(namespace, "SYSTEM_FOLDERS", str(tmp_path))  # so that it goes no further
    if not made:
        stopped.folder.stamp.unlink()
        stopped.folder.system.rmdir()
    assert run_command("shell", "--home", str(stopped.folder.home)) == 2
    assert sentence in capsys.readouterr().err.splitlines()[0]


@pytest.mark.parametrize("action", ["up", "shell"])
def test_where_it_is_impossible_the_command_ends_with_2_and_a_reason(
    action: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(namespace, "SYSTEM_FOLDERS", str(tmp_path))
    assert run_command("--home", str(tmp_path / "practice"), action) == 2
    said = capsys.readouterr()
    assert "apt install" in said.err
    assert said.out == ""


def test_a_running_clusters_description_has_what_a_learner_needs(tmp_path: Path) -> None:
    text = describe(
        Status(
            State.RUNNING,
            Mode.USER_NAMESPACE,
            tmp_path,
            ports={"ssh": 2201, "registry": 2202, "mirror": 2203},
            versions={"apptainer": "1.4.5-2"},
            stand_ins=("ubuntu:22.04",),
            registry_login=("learner", "pass"),
            to_add=("python", "r"),
        )
    )
    registry = ("registry.practice:2202", "ghcr.practice:2202", "password pass")
    for word in ("without root", "2201", *registry, "1.4.5-2", "stand-ins for ubuntu:22.04", "add NAME", "python, r"):
        assert word in text


@pytest.mark.practice
def test_both_ways_to_a_shell_end_in_the_learners_home(practice: PracticeCluster) -> None:
    for command in (shell_command(practice), nsenter_command(practice)):
        done = subprocess.run(command, input="id -un; pwd; hostname\n", capture_output=True, text=True, check=False)
        assert done.stdout.split()[-3:] == ["learner", "/home/learner", "practice"], done.stderr


def test_a_cluster_that_has_ended_has_no_shell(tmp_path: Path) -> None:
    with pytest.raises(PracticeError, match="practice up"):
        nsenter_command(PracticeCluster(tmp_path))
