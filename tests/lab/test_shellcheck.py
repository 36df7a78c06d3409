"""ShellCheck's findings stand where the script stands in the recipe."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cowshed_lab import shellcheck
from cowshed_lab.command_line import main
from cowshed_lab.shellcheck import check_scripts, find_shellcheck, masked, script_parts
from cowshed_lessons.linting import LintFinding, Severity, apply_fix

RECIPE = """Bootstrap: docker
From: ubuntu:22.04

%arguments
    NAME=cow

%post
    é=1; echo {{ NAME }} $HOME
\techo `ls`

%runscript
#!/bin/bash
    a=(1 2); exec cowsay $@ "${a[@]}"

%environment
    COW=1
"""


@pytest.fixture(scope="module")
def program() -> Path:
    found = find_shellcheck()
    if found is None:
        pytest.skip("ShellCheck is not here")
    return found


def check(program: Path, text: str) -> list[LintFinding]:
    return check_scripts({"a": text}, program)["a"]


def test_findings_stand_at_their_places(program: Path) -> None:
    lines = RECIPE.split("\n")
    found = {finding.rule: finding for finding in check(program, RECIPE)}
    quote = found["SC2086"].range
    assert lines[quote.start.line - 1][quote.start.column - 1 : quote.end.column - 1] == "$HOME"
    ticks = found["SC2006"].range
    assert lines[ticks.start.line - 1][ticks.start.column - 1 : ticks.end.column - 1] == "`ls`"
    assert found["SC2068"].severity is Severity.WARNING


def test_the_shell_is_the_one_that_runs_the_script() -> None:
    parts = {part.section: part for part in script_parts("a", RECIPE)}
    assert {name: part.shell for name, part in parts.items()} == {
        "post": "sh",
        "runscript": "bash",
        "environment": "bash",
    }
    assert parts["post"].lines == (8, 9, 10)
    with_bash = {part.section: part.shell for part in script_parts("a", RECIPE.replace("%post", "%post -c /bin/bash"))}
    assert with_bash["post"] == "bash"


def test_variables_are_masked_by_as_many_characters() -> None:
    assert masked("a {{ NAME }} b {{\nX\n}} {{ a-b }}") == "a xxxxxxxxxx b xx\nx\nxx {{ a-b }}"
    assert all("{{" not in part.text for part in script_parts("a", RECIPE))


def test_fixes_can_be_made(program: Path) -> None:
    finding = next(item for item in check(program, RECIPE) if item.rule == "SC2086")
    assert not finding.fixes[0].safe
    mended = apply_fix(RECIPE, finding.fixes[0])
    assert mended == RECIPE.replace("$HOME", '"$HOME"')
    assert "SC2086" not in [item.rule for item in check(program, mended)]


def test_comments_silence_it(program: Path) -> None:
    assert "SC2006" not in [item.rule for item in check(program, "# cowshed: ignore=SC2006\n" + RECIPE)]
    here = RECIPE.replace("\techo", "\t# shellcheck disable=SC2006\n\techo")
    assert "SC2006" not in [item.rule for item in check(program, here)]


def test_many_recipes_are_kept_apart(program: Path) -> None:
    recipes = {f"{number}": "\n" * (number % 7) + RECIPE for number in range(90)}
    found = check_scripts(recipes, program)
    for number in range(90):
        line = next(item for item in found[str(number)] if item.rule == "SC2086").range.start.line
        assert line == 8 + number % 7


def test_its_absence_is_said_and_costs_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shellcheck, "find_shellcheck", lambda: None)
    path = tmp_path / "a.def"
    path.write_text(RECIPE)
    assert main(["lint", str(path)]) == 0
    said = capsys.readouterr()
    assert "ShellCheck is not installed here" in said.err
    assert "SC2086" not in said.out
    assert "env-not-exported" in said.out
    assert main(["lint", "--no-shellcheck", str(path)]) == 0
    assert capsys.readouterr().err == ""


def test_a_program_that_fails_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "shellcheck"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(shellcheck, "find_shellcheck", lambda: broken)
    path = tmp_path / "a.def"
    path.write_text(RECIPE)
    assert main(["lint", str(path)]) == 0
    assert "could not be run" in capsys.readouterr().err


def test_sections_of_one_name_are_one_script(program: Path) -> None:
    text = "Bootstrap: docker\nFrom: a:1\n%post\n    cow=1\n%help\n    x\n%post\n    echo $cow `ls`\n"
    text += "%appinstall a\n    echo $cow\n"
    parts = list(script_parts("a", text))
    assert [(part.section, part.lines) for part in parts] == [("post", (4, 8, 10))]
    found = {(item.rule, item.range.start.line) for item in check(program, text)}
    assert ("SC2006", 8) in found
    assert not {"SC2034", "SC2154"} & {rule for rule, _ in found}


def test_a_masked_variable_is_not_taken_for_a_constant(program: Path) -> None:
    post = '    if [ {} = 1 ]; then true; fi\n    case {} in a) true ;; esac\n    for i in {}; do echo "$i"; done\n'
    base = "Bootstrap: docker\nFrom: a:1\n%arguments\n    A=1\n%post\n"
    constant = {"SC2050", "SC2194", "SC2043"}
    assert constant <= {item.rule for item in check(program, base + post.replace("{}", "xxx"))}
    assert not constant & {item.rule for item in check(program, base + post.replace("{}", "{{ A }}"))}


def test_variables_of_the_environment_are_for_others(program: Path) -> None:
    body = "    COW=1\n    export NOW=$(date)\n"
    for section, expected in (("%environment", set()), ("%post", {"SC2034", "SC2155"})):
        found = {item.rule for item in check(program, f"Bootstrap: docker\nFrom: a:1\n{section}\n{body}")}
        assert found & {"SC2034", "SC2155"} == expected


def test_an_exit_status_that_is_not_its_own_is_a_failure(tmp_path: Path) -> None:
    broken = tmp_path / "shellcheck"
    broken.write_text("#!/bin/sh\necho '{\"comments\": []}'\nexit 2\n")
    broken.chmod(0o755)
    with pytest.raises(subprocess.CalledProcessError):
        check_scripts({"a": RECIPE}, broken)
