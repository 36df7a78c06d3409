"""What the doctor says of what it finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowshed_lab.doctor import State, examine, judge, read_answers, symptoms
from cowshed_lab.local import LocalTarget
from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lab.target import TargetError
from cowshed_lab.targets import TargetDirectory
from lab.places import open_practice, play

GOOD = {
    "system": "Linux 6.1 x86_64",
    "user": "learner 1000",
    "apptainer": "apptainer version 1.4.5",
    "apptainer_path": "/usr/bin/apptainer",
    "subuid": "65536",
    "newuidmap": "/usr/bin/newuidmap",
    "namespace": "yes",
    "fuse": "yes",
    "tmp": "/tmp",
    "tmp_free": "70000000",
    "cache": "/home/learner/.apptainer/cache",
    "cache_free": "70000000",
    "cache_writable": "yes",
    "hub": "401",
}


def said(**changes: str | None) -> dict[str, tuple[State, str]]:
    answers = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    return {symptom.probe: (symptom.state, f"{symptom.message} {symptom.advice}") for symptom in judge(answers)}


def test_all_is_well() -> None:
    assert {state for probe, (state, _) in said().items() if probe != "slurm"} == {State.OK}
    assert "1.4.5 (/usr/bin/apptainer)" in said()["apptainer"][1]
    assert "65536" in said()["build mode"][1]


@pytest.mark.parametrize(
    ("changes", "probe", "state", "words"),
    [
        ({"apptainer": None}, "apptainer", State.PROBLEM, "not on the PATH"),
        ({"user": "root 0"}, "build mode", State.OK, "root"),
        ({"subuid": "100"}, "build mode", State.NOTE, "root-mapped namespace, without the fakeroot"),
        ({"newuidmap": "", "fakeroot": "/usr/bin/fakeroot"}, "build mode", State.NOTE, "with the fakeroot"),
        ({"namespace": "no"}, "build mode", State.PROBLEM, "cannot build here"),
        ({"fuse": "refused"}, "fuse", State.NOTE, "may not use it"),
        ({"fuse": "no"}, "fuse", State.NOTE, "is missing"),
        ({"tmp_free": "1000"}, "temporary space", State.NOTE, "APPTAINER_TMPDIR"),
        ({"tmp_free": ""}, "temporary space", State.NOTE, "could not be told"),
        ({"cache_writable": "no"}, "cache", State.NOTE, "cannot be written"),
        ({"cache_free": "1000"}, "cache", State.NOTE, "APPTAINER_CACHEDIR"),
        ({"stand_ins": "yes"}, "base images", State.NOTE, "stand-ins"),
        ({"mirror": "127.0.0.1:5000"}, "base images", State.OK, "mirror 127.0.0.1:5000"),
        ({"hub": "000"}, "base images", State.PROBLEM, "does not answer"),
        ({"hub": None}, "base images", State.NOTE, "no curl"),
        ({"slurm": "slurm 26.05", "partitions": "standard* largemem"}, "slurm", State.OK, "standard*, largemem"),
        ({"slurm": "slurm 26.05"}, "slurm", State.OK, "none that you may use"),
    ],
)
def test_each_fault_has_its_sentence(changes: dict[str, str | None], probe: str, state: State, words: str) -> None:
    found = said(**changes)
    assert found[probe][0] is state
    assert words in found[probe][1]


def test_noise_of_start_up_files_is_passed_over() -> None:
    assert read_answers("Welcome = to the cluster\nfuse=yes\n\ntmp=/a b=c\n") == {"fuse": "yes", "tmp": "/a b=c"}


@pytest.mark.practice
def test_the_practice_cluster_is_healthy(practice: PracticeCluster) -> None:
    async def scenario() -> None:
        target = await open_practice(practice)
        found = {symptom.probe: symptom for symptom in await symptoms(target)}
        await target.close()
        assert found["apptainer"].state is State.OK
        assert "1." in found["apptainer"].message
        assert found["fuse"].state is State.OK
        assert found["slurm"].state is State.OK
        assert "largemem" in found["slurm"].message
        assert found["build mode"].state in {State.OK, State.NOTE}
        assert found["base images"].state in {State.OK, State.NOTE}

    play(scenario)


def test_this_computer_is_examined_with_nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sh", "id", "uname", "awk", "df", "cat", "grep", "dirname", "head"):
        for folder in ("/usr/bin", "/bin"):
            if (Path(folder) / name).exists():
                (tmp_path / name).symlink_to(Path(folder) / name)
                break
    monkeypatch.setenv("PATH", str(tmp_path))

    async def scenario() -> None:
        found = {symptom.probe: symptom for symptom in await symptoms(LocalTarget(home=tmp_path))}
        assert found["apptainer"].state is State.PROBLEM
        assert found["slurm"].state is State.NOTE
        assert "GB free" in found["temporary space"].message

    play(scenario)


def test_an_unreachable_target_is_a_symptom(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COWSHED_PRACTICE_HOME", str(tmp_path))

    async def scenario() -> None:
        found = await examine(TargetDirectory(), "practice")
        assert not found.usable
        assert "cowshed practice up" in found.symptoms[0].message
        assert found.as_json()["findings"][0]["state"] == "problem"
        with pytest.raises(TargetError, match="no target"):
            await examine(TargetDirectory(), "moon")

    play(scenario)


def test_a_connection_lost_while_examining_is_a_symptom(monkeypatch: pytest.MonkeyPatch) -> None:
    class Lost(LocalTarget):
        async def run(self, *_args: object, **_kwargs: object) -> object:  # type: ignore[override]
            raise TargetError("The connection was lost.")

    async def opened(_self: TargetDirectory, _name: str) -> LocalTarget:
        return Lost()

    monkeypatch.setattr(TargetDirectory, "open", opened)

    async def scenario() -> None:
        found = await examine(TargetDirectory(), "local")
        assert [symptom.message for symptom in found.symptoms] == ["The connection was lost."]

    play(scenario)
