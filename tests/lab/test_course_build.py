"""A course is done for real on the practice cluster: built, typed, looked at, judged; broken promises are found."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cowshed_lab.command_line import BAD_INPUT, NOT_YET, PASSED, main
from cowshed_lab.course_build import plan
from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lessons.course import load_course
from practice_fixture import PRACTICE_HOME, output_of

BAKERY = Path(__file__).parents[1] / "lessons" / "courses" / "bakery"


@pytest.fixture
def at_practice(practice: PracticeCluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> PracticeCluster:
    monkeypatch.setenv("COWSHED_PRACTICE_HOME", str(PRACTICE_HOME))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return practice


def left_over(cluster: PracticeCluster) -> list[str]:
    return output_of(cluster, "sh", "-c", "ls -d cowshed/.course-* 2>/dev/null || true").split()


def results(printed: str) -> dict[str, str]:
    return {report["step"]: report["result"] for report in json.loads(printed)["steps"]}


def test_another_course_is_done_from_end_to_end(
    at_practice: PracticeCluster, capsys: pytest.CaptureFixture[str]
) -> None:
    before = left_over(at_practice)
    old, strange = "cowshed/.course-0123456789ab", "cowshed/.course-of-mine"
    output_of(at_practice, "mkdir", "-p", f"{old}/cowshed", strange)
    output_of(at_practice, "touch", "-d", "3 days ago", old, strange)
    status = main(["course", "check", str(BAKERY), "--build"])
    said = capsys.readouterr()
    assert old not in left_over(at_practice)  # of a run that was killed
    output_of(at_practice, "rmdir", strange)
    assert status == PASSED, said.out + said.err
    for step in load_course(BAKERY).steps:
        assert f"✓ {step.id} " in said.out
    assert left_over(at_practice) == before


def test_promises_that_only_a_build_breaks_are_found(
    at_practice: PracticeCluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "bakery"
    shutil.copytree(BAKERY, folder)
    for solution in (folder / "oven/dough").glob("solution*.def"):
        solution.write_text(solution.read_text().replace("rye", "oat"))
    toml = folder / "oven/lesson.toml"
    toml.write_text(toml.read_text().replace("--runscript bread.sif", "--runscript cake.sif"))
    status = main(["course", "check", str(folder), "--build", "--json", "--lesson", "oven"])
    printed = capsys.readouterr().out
    assert status == NOT_YET
    assert json.loads(printed)["problems"] == []  # on paper all is well
    assert results(printed) == {"oven/dough": "failed", "oven/label": "passed", "oven/taste": "failed"}
    reasons = {report["step"]: " ".join(report["reasons"]) for report in json.loads(printed)["steps"]}
    assert "crumb" in reasons["oven/dough"]
    assert "tasted" in reasons["oven/dough"]
    assert "cake.sif" in reasons["oven/taste"]


def test_what_the_target_cannot_do_is_no_fault_of_the_course(
    at_practice: PracticeCluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "bakery"
    shutil.copytree(BAKERY, folder)
    for recipe in folder.glob("oven/**/*.def"):
        recipe.write_text(recipe.read_text().replace("ubuntu:22.04", "nobody/has-this:1"))
    arguments = ["course", "check", str(folder), "--build", "--step", "oven/label", "--json"]
    assert main(arguments) == NOT_YET
    assert results(capsys.readouterr().out) == {"oven/label": "untried"}
    assert main([*arguments, "--allow-untried"]) == PASSED


@pytest.mark.parametrize(
    "arguments",
    [
        ["--step", "oven/dough"],
        ["--build", "--lesson", "cellar"],
        ["--build", "--step", "oven/cellar"],
        ["--build", "--lesson", "counter", "--step", "oven/dough"],
    ],
)
def test_bad_input_is_told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["course", "check", str(BAKERY), *arguments]) == BAD_INPUT
    assert capsys.readouterr().err


def test_what_a_step_needs_is_made_first() -> None:
    course = load_course(BAKERY)

    def planned(*names: str) -> list[tuple[str, bool]]:
        return [(step.id, wanted) for step, wanted in plan(course, [course.step(name) for name in names])]

    assert planned("oven/label") == [("oven/label", True)]
    assert planned("oven/taste") == [("oven/dough", False), ("oven/label", False), ("oven/taste", True)]
    assert planned("counter/weigh")[-1] == ("counter/weigh", True)
    assert ("oven/label", False) in planned("counter/weigh")
    assert [name for name, _ in planned("counter/customers")] == ["counter/customers"]


BOX = """\
title = "Boxes"
summary = "Folders, answers at prompts, and what the target offers."

[[step]]
id = "folder"
image = "box/"

[[step.check]]
id = "made"
kind = "terminal.command"
subcommand = "build"
options = ["--sandbox"]
title = "A box is made"
learned = "."

[[step.check]]
id = "changed"
kind = "terminal.command"
subcommand = "shell"
options = ["--writable"]
output_contains = "a-quiet-box"
title = "It is changed by hand"
learned = "."

[[step.check]]
id = "there"
kind = "image.exists"
title = "It is there"
learned = "."

[[step.check]]
id = "inside"
kind = "image.probe"
probe = "mark"
output_contains = "a-quiet-box"
title = "The mark is in it"
learned = "."

[[step.probe]]
name = "mark"
action = "exec"
arguments = ["cat", "/opt/mark"]

[[step.solution]]
name = "By hand"
commands = [
    "apptainer build --sandbox box docker://ubuntu:22.04",
    { line = "apptainer shell --writable --fakeroot box", output = "a-quiet-box", types = [
        "echo a-quiet-box > /opt/mark",
        "install -d -o daemon -g daemon -m 700 /opt/of-another",
        "touch /opt/of-another/file",
        "cat /opt/mark",
        "exit",
    ] },
]

[[step]]
id = "cache"

[[step.check]]
id = "moved"
kind = "terminal.exports"
name = "APPTAINER_CACHEDIR"
title = "The cache is elsewhere"
learned = "."

[[step.check]]
id = "version"
kind = "environment.fact"
fact = "apptainer"
states = ["ok"]
title = "Apptainer is here"
learned = "."

[[step.check]]
id = "empty"
kind = "terminal.command"
programs = ["ls"]
arguments = ["keys"]
exit_status = "nonzero"
title = "The home is a new one"
learned = "."

[[step.solution]]
name = "For this shell"
commands = [
    "export APPTAINER_CACHEDIR=@scratch@/cache",
    { line = "ls ~/.apptainer/keys", exit_status = 2 },
]
"""


def test_sandboxes_prompts_and_the_target_itself_are_tried(
    at_practice: PracticeCluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "bakery"
    shutil.copytree(BAKERY, folder)
    (folder / "box").mkdir()
    (folder / "box/lesson.toml").write_text(BOX)
    hints = "::: hint\n1\n:::\n" * 3
    pages = [f"# {name} {{#{name}}}\n\nText.\n\n{hints}\n::: passed\nDone.\n:::\n\n" for name in ("folder", "cache")]
    (folder / "box/lesson.md").write_text("".join(pages))
    toml = folder / "course.toml"
    toml.write_text(toml.read_text().replace('["oven", ', '["box", "oven", '))
    before = left_over(at_practice)
    status = main(["course", "check", str(folder), "--build", "--lesson", "box"])
    said = capsys.readouterr()
    assert status == PASSED, said.out + said.err
    assert left_over(at_practice) == before  # files of mapped users, too
