"""`cowshed lint` as a person, a script and a code host meet it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cowshed_lab.command_line import main
from cowshed_lab.lint_reports import rules_as_markdown
from cowshed_lessons.linting import RULES
from cowshed_lessons.recipe_names import RECIPE_NAMES, is_recipe_name

ROOT = Path(__file__).parents[2]
Capture = pytest.CaptureFixture[str]

WRONG = "Bootstrap: Docker\nFrom: ubuntu:22.04\n%post\n    apt-get update\n    apt-get install cowsay\n"
RIGHT = """Bootstrap: docker
From: ubuntu:22.04
%help
    A cow.
%labels
    Version 1.0
%post
    apt-get update
    apt-get install -y --no-install-recommends cowsay
    rm -rf /var/lib/apt/lists/*
%test
    cowsay moo
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wrong.def").write_text(WRONG)
    (tmp_path / "right.def").write_text(RIGHT)
    return tmp_path


def linted(capsys: Capture, *words: str) -> tuple[int, str, str]:
    status = main(["lint", *words])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_a_sound_recipe_says_nothing(folder: Path, capsys: Capture) -> None:
    assert linted(capsys, "right.def", "--fail-on", "style") == (0, "", "")


def test_findings_are_lines_with_places(folder: Path, capsys: Capture) -> None:
    status, out, _ = linted(capsys, "wrong.def")
    assert status == 1
    assert re.search(r"^wrong\.def:1:12: error: .*`docker`\. \[agent-unknown\] \[--fix\]$", out, re.MULTILINE)
    assert re.search(r"^wrong\.def:5:5: warning: .* \[apt-yes\] \[--fix\]$", out, re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["--ignore", "agent-unknown"], 0),
        (["--ignore", "agent-unknown", "--fail-on", "warning"], 1),
        (["--select", "apt-yes"], 0),
        (["--select", "apt-yes,agent-unknown"], 1),
        (["--select", "apt-yes", "--select", "doc-missing", "--fail-on", "style"], 1),
        (["--fail-on", "never"], 0),
    ],
)
def test_the_exit_status_follows_what_was_asked(folder: Path, capsys: Capture, words: list[str], status: int) -> None:
    assert linted(capsys, "wrong.def", *words)[0] == status


def test_fix_writes_what_is_safe(folder: Path, capsys: Capture) -> None:
    status, out, _ = linted(capsys, "--fix", "wrong.def")
    assert status == 0
    assert "2 findings mended." in out
    assert (folder / "wrong.def").read_text() == WRONG.replace("Docker", "docker").replace("install", "install -y")
    before = (folder / "right.def").stat().st_mtime_ns
    linted(capsys, "--fix", "right.def")
    assert (folder / "right.def").stat().st_mtime_ns == before


def test_fix_keeps_line_ends_and_strange_bytes(folder: Path, capsys: Capture) -> None:
    path = folder / "odd.def"
    path.write_bytes(b"Bootstrap: Docker\r\nFrom: a:1\r\n%post\r\n    echo caf\xe9\r\n")
    linted(capsys, "--fix", "odd.def")
    assert path.read_bytes() == b"Bootstrap: docker\r\nFrom: a:1\r\n%post\r\n    echo caf\xe9\r\n"


def test_json_holds_places_and_fixes(folder: Path, capsys: Capture) -> None:
    status, out, _ = linted(capsys, "wrong.def", "right.def", "--format", "json")
    files = json.loads(out)["files"]
    assert (status, [file["path"] for file in files]) == (1, ["wrong.def", "right.def"])
    assert files[1]["findings"] == []
    found = next(item for item in files[0]["findings"] if item["rule"] == "agent-unknown")
    assert (found["line"], found["column"], found["end_line"], found["end_column"]) == (1, 12, 1, 18)
    edit = {"line": 1, "column": 12, "end_line": 1, "end_column": 18, "text": "docker"}
    assert found["fixes"] == [{"title": "Write `docker`", "safe": True, "edits": [edit]}]


def check_sarif(data: Any) -> None:
    """What the schema of SARIF 2.1.0 demands of the parts that we write."""
    assert data["version"] == "2.1.0"
    assert data["$schema"].endswith("sarif-schema-2.1.0.json")
    for run in data["runs"]:
        driver = run["tool"]["driver"]
        assert driver["name"]
        identifiers = [rule["id"] for rule in driver["rules"]]
        assert len(set(identifiers)) == len(identifiers)
        assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
        for result in run["results"]:
            assert identifiers[result["ruleIndex"]] == result["ruleId"]
            assert result["level"] in ("none", "note", "warning", "error")
            assert result["message"]["text"]
            for location in result["locations"]:
                place = location["physicalLocation"]
                uri = run["artifacts"][place["artifactLocation"]["index"]]["location"]["uri"]
                assert uri == place["artifactLocation"]["uri"]
                region = place["region"]
                assert 1 <= region["startLine"] <= region["endLine"]
                assert min(region["startColumn"], region["endColumn"]) >= 1
            for fix in result.get("fixes", []):
                assert fix["artifactChanges"][0]["replacements"]


def test_sarif_is_what_code_hosts_read(folder: Path, capsys: Capture) -> None:
    (folder / "a b.def").write_text(WRONG)
    _, out, _ = linted(capsys, "a b.def", str(folder / "wrong.def"), "--format", "sarif")
    data = json.loads(out)
    check_sarif(data)
    uris = [artifact["location"]["uri"] for artifact in data["runs"][0]["artifacts"]]
    assert uris == ["a%20b.def", (folder / "wrong.def").as_uri()]
    assert "agent-unknown" in [result["ruleId"] for result in data["runs"][0]["results"]]


def test_github_gets_its_commands(folder: Path, capsys: Capture) -> None:
    _, out, _ = linted(capsys, "wrong.def", "--format", "github")
    assert "::error file=wrong.def,line=1,endLine=1,col=12,endColumn=18,title=agent-unknown::" in out
    assert "%25help" in out


def test_folders_are_searched(folder: Path, capsys: Capture) -> None:
    below = folder / "below"
    below.mkdir()
    for name in ("Singularity", "Singularity.gpu", "Apptainer", "x.def", "other.txt"):
        (below / name).write_text(RIGHT)
    _, out, _ = linted(capsys, "below", "--format", "json")
    names = [Path(file["path"]).name for file in json.loads(out)["files"]]
    assert names == ["Apptainer", "Singularity", "Singularity.gpu", "x.def"]


def test_what_cannot_be_read_ends_with_2_and_the_rest_is_looked_at(folder: Path, capsys: Capture) -> None:
    status, out, err = linted(capsys, "missing.def", "wrong.def")
    assert status == 2
    assert "agent-unknown" in out
    assert "missing.def: the recipe cannot be read" in err


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--select", "no-such-rule", "right.def"],
        ["--select=", "right.def"],
        ["--explain", "apt-yse"],
        ["--fix", "-"],
        ["--format", "markdown", "right.def"],
    ],
)
def test_what_makes_no_sense_is_said(folder: Path, capsys: Capture, words: list[str]) -> None:
    status, out, err = linted(capsys, *words)
    assert (status, out) == (2, "")
    assert err.startswith("cowshed: ")


def test_comments_silence_rules(folder: Path, capsys: Capture) -> None:
    (folder / "wrong.def").write_text("# cowshed: ignore=doc-missing,agent-unknown\n" + WRONG)
    assert linted(capsys, "wrong.def")[0] == 0


def test_every_rule_can_be_explained(capsys: Capture) -> None:
    for name in RULES:
        status, out, _ = linted(capsys, "--explain", name)
        assert status == 0
        assert out.startswith(f"{name} (")
        assert "Not so:" in out
    assert len(linted(capsys, "--list-rules")[1].splitlines()) == len(RULES)


def test_the_documentation_names_the_rules_as_they_are() -> None:
    page = (ROOT / "docs" / "linting.md").read_text(encoding="utf-8")
    assert page.endswith(rules_as_markdown()), "make it again: cowshed lint --list-rules --format markdown"


def test_standard_input_and_no_qt(folder: Path) -> None:
    code = (
        "import sys; sys.modules['PySide6'] = None; sys.modules['asyncssh'] = None\n"
        "from cowshed_lab.command_line import main; raise SystemExit(main(['lint', '-']))"
    )
    done = subprocess.run([sys.executable, "-c", code], input=WRONG.encode(), capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    assert b"-:1:12: error" in done.stdout


def test_the_pre_commit_hook_takes_recipes() -> None:
    text = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    patterns = re.findall(r"^  files: (.*)$", text, re.MULTILINE)
    assert len(patterns) == 2
    for pattern in patterns:
        for name in NAMES:
            assert bool(re.search(pattern, f"x/{name}")) == is_recipe_name(name), name


NAMES = (
    "a.def",
    "a.recipe",
    "Singularity",
    "Singularity.gpu",
    "Apptainer",
    "Apptainer.x",
    "a.default",
    "aSingularity",
    "b",
)


def test_editors_take_the_same_names(tmp_path: Path) -> None:
    language = json.loads((ROOT / "packaging/vscode/package.json").read_text())["contributes"]["languages"][0]
    patterns = [*(f"*{end}" for end in language["extensions"]), *language["filenames"], *language["filenamePatterns"]]
    assert sorted(patterns) == sorted(RECIPE_NAMES)
    page = (ROOT / "docs/editors.md").read_text(encoding="utf-8")
    assert "pattern = { " + ", ".join(f'"{name}"' for name in RECIPE_NAMES) + " }" in page
    emacs = re.search(r'\("(.+)" \. apptainer-mode\)', page)
    assert emacs
    expression = re.sub(r"\\\\([(|)])", r"\1", emacs[1].replace("\\\\'", "$")).replace("\\\\.", "\\.")
    for name in NAMES:
        assert bool(re.search(expression, f"/x/{name}")) == is_recipe_name(name), name
    text = (ROOT / "docs/linting.md").read_text(encoding="utf-8")
    assert ", ".join(f"`{name}`" for name in RECIPE_NAMES) in text


def test_what_is_counted_is_true(folder: Path, capsys: Capture) -> None:
    (folder / "many.def").write_text(RIGHT.replace("%test", "    sudo make\n" * 450 + "%test"))
    _, out, _ = linted(capsys, "many.def", "--no-shellcheck", "--select", "sudo", "--format", "json")
    assert len(json.loads(out)["files"][0]["findings"]) == 450
    assert "450 findings." in linted(capsys, "many.def", "--no-shellcheck", "--select", "sudo")[1]
    (folder / "many.def").write_text(
        RIGHT.replace("cowsay moo", "true").replace("%test", "    apt-get install x\n" * 300 + "%test")
    )
    assert "300 findings mended." in linted(capsys, "--fix", "many.def", "--no-shellcheck", "--select", "apt-yes")[1]


def test_the_summary_says_what_can_be_mended(folder: Path, capsys: Capture) -> None:
    one = linted(capsys, "wrong.def", "--select", "apt-yes")[1]
    assert one.endswith("\n1 finding, 1 can be mended with --fix.\n")
    two = linted(capsys, "wrong.def", "--select", "apt-yes,agent-unknown,doc-missing")[1]
    assert two.endswith("\n3 findings, 2 can be mended with --fix.\n")


@pytest.mark.parametrize("command", ["lint", "parse"])
def test_an_image_is_no_recipe(folder: Path, capsys: Capture, command: str) -> None:
    (folder / "a.sif").write_bytes(b"#!/usr/bin/env run-singularity\n\0SIF_MAGIC\0" + bytes(100))
    assert main([command, "a.sif"]) == 2
    said = capsys.readouterr()
    assert "Is it the image, perhaps?" in said.err
    assert said.out == ""
    (folder / "b.def").write_text(RIGHT, encoding="utf-16")
    assert main([command, "b.def"]) == 1


def test_an_empty_folder_is_said_and_is_no_failure(folder: Path, capsys: Capture) -> None:
    (folder / "empty").mkdir()
    status, out, err = linted(capsys, "empty")
    assert (status, out) == (0, "")
    assert "there are no recipes here" in err


def test_what_nobody_sees_is_shown(capsys: Capture) -> None:
    assert "install -y \\␠\n" in linted(capsys, "--explain", "space-after-backslash")[1]
    assert "␠ stands for a blank" in linted(capsys, "--explain", "space-after-backslash")[1]
    assert "⟨BOM⟩ stands for the byte order mark" in linted(capsys, "--explain", "bom-encoding")[1]


def test_a_property_of_a_workflow_command_is_escaped(folder: Path, capsys: Capture) -> None:
    (folder / "a,b:c%.def").write_text(WRONG)
    assert "file=a%2Cb%3Ac%25.def,line=" in linted(capsys, "a,b:c%.def", "--format", "github")[1]
