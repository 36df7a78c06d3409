"""Commands in the terminal: every spelling counts, and what is missing is named."""

from __future__ import annotations

from typing import Any

import pytest

from cowshed_lessons.evidence import CommandEvidence, Evidence
from cowshed_lessons.verdict import Outcome
from lessons.checking import of_lines, one, said

BUILD: dict[str, Any] = {"subcommand": "build", "options": [["--sandbox", "-s"]], "arguments": ["alpine"]}
RIGHT = [
    "apptainer build --sandbox alpine docker://alpine:3.17",
    r"\apptainer build --sandbox alpine docker://alpine:3.17",
    "singularity build -s alpine docker://alpine:3.17",
    "apptainer build -s alpine/ docker://alpine:3.17",
    "apptainer build --sandbox ./alpine docker://alpine:3.17",
    "apptainer build -Fs alpine docker://alpine:3.17",
    "apptainer build --force --sandbox ~/cowshed/sandbox/alpine docker://alpine:3.17",
    "apptainer --quiet build --sandbox=true alpine docker://alpine:3.17",
    "sudo apptainer build --sandbox alpine docker://alpine:3.17",
    "APPTAINER_TMPDIR=/tmp apptainer build --sandbox alpine docker://alpine:3.17",
    "APPTAINER_SANDBOX=1 apptainer build alpine docker://alpine:3.17",
    "env APPTAINER_TMPDIR=/tmp apptainer build --sandbox alpine docker://alpine:3.17",
    "time nohup apptainer build --sandbox alpine docker://alpine:3.17 &",
    "(cd /scratch && apptainer build --sandbox alpine docker://alpine:3.17)",
    "cd sandbox; apptainer build --sandbox alpine docker://alpine:3.17",
    "module load apptainer && apptainer build --sandbox alpine docker://alpine:3.17",
    "srun apptainer build --sandbox alpine docker://alpine:3.17",
    "srun -c 4 -A lab apptainer build --sandbox alpine docker://alpine:3.17",
    "srun -p largemem --mem 8G -t 30:00 -c4 --pty apptainer build --sandbox alpine docker://alpine:3.17",
    "srun --pty bash -c 'apptainer build --sandbox alpine docker://alpine:3.17'",
    "sbatch --wait --wrap 'apptainer build --sandbox alpine docker://alpine:3.17'",
    'sbatch -c 2 --wrap="apptainer build --sandbox alpine docker://alpine:3.17"',
    "bash -lc 'apptainer build --sandbox alpine docker://alpine:3.17'",
    "apptainer build --sandbox alpine docker://alpine:3.17 | tee log",
    "apptainer build --sandbox alpine docker://alpine:3.17 > log 2>&1",
    "if true; then apptainer build --sandbox alpine docker://alpine:3.17; fi",
    "B=alpine; apptainer build --sandbox $B docker://alpine:3.17",
    "apptainer build --sandbox $UNKNOWN docker://alpine:3.17",
    "apptainer build \\\n  --sandbox \\\n  alpine docker://alpine:3.17",
    "timeout 600 apptainer build --sandbox alpine docker://alpine:3.17",
    "/usr/bin/apptainer build --bind /a:/b --sandbox alpine docker://alpine:3.17",
]
OTHER = [
    "",
    "ls alpine",
    "apptainer",
    "apptainer build",
    "apptainer build alpine.sif docker://alpine:3.17",
    "apptainer build --sandbox box docker://alpine:3.17",
    "apptainer build alpine docker://alpine:3.17",
    "apptainer build alpine docker://alpine:3.17 --sandbox",
    "apptainer pull --sandbox alpine",
    "apptainer exec alpine build --sandbox",
    "echo apptainer build --sandbox alpine docker://alpine:3.17",
    "echo 'apptainer build --sandbox alpine docker://alpine:3.17'",
    "# apptainer build --sandbox alpine docker://alpine:3.17",
    "docker build --sandbox alpine docker://alpine:3.17",
    "srun echo apptainer build --sandbox alpine",
    "apptainer help build --sandbox alpine",
    "apptainer shell --writable alpine",
    "rm -rf alpine",
    "man apptainer build",
    "apptainer build --sandboxx alpine docker://alpine:3.17",
    "apptainer inspect -s alpine",
    "sbatch build.sh --sandbox alpine",
]


@pytest.mark.parametrize("line", RIGHT)
def test_every_spelling_counts(line: str) -> None:
    assert said(of_lines([line], **BUILD)) == ""


@pytest.mark.parametrize("line", OTHER)
def test_other_commands_are_waited_past(line: str) -> None:
    assert of_lines([line], **BUILD).waiting


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("apptainer build alpine docker://alpine:3.17", "lacks `--sandbox` or `-s`"),
        ("apptainer shell alpine --sandbox", ""),
        ("apptainer build --sandbox box docker://alpine:3.17", "something else"),
    ],
)
def test_what_is_missing_is_named(line: str, words: str) -> None:
    result = of_lines([line], **BUILD)
    assert result.waiting
    assert words in " ".join(finding.message for finding in result.findings)


def test_an_option_behind_the_image_is_for_the_program_inside() -> None:
    wanted: dict[str, Any] = {"subcommand": "shell", "options": [["--writable", "-w"]]}
    assert "behind the image" in of_lines(["apptainer shell alpine --writable"], **wanted).findings[0].message
    assert said(of_lines(["apptainer shell -w --fakeroot alpine"], **wanted)) == ""
    assert said(of_lines(["apptainer shell --fakeroot -B /a:/b --writable alpine"], **wanted)) == ""
    assert said(of_lines(["apptainer shell -fw alpine"], **wanted)) == ""


def test_what_was_typed_in_a_shell_does_not_fail_it() -> None:
    assert said(of_lines(["apptainer shell alpine"], status=127, subcommand="shell")) == ""
    assert "exit status 127" in said(of_lines(["apptainer exec alpine x"], status=127, subcommand="exec"))


@pytest.mark.parametrize(
    ("line", "parameters"),
    [
        ("apptainer registry login -u me docker://docker.io", {"subcommand": "registry login"}),
        (
            "apptainer registry login --username=me docker://docker.io",
            {"arguments": ["docker://*"], "subcommand": "registry login"},
        ),
        ("apptainer cache clean -f", {"subcommand": "cache clean"}),
        ("apptainer cache --help list", {"subcommand": "cache"}),
        ("apptainer key newpair", {"subcommand": ["key newpair"]}),
        ("apptainer keys list", {"subcommand": "key list"}),
        ("apptainer instance start --nv x.sif me", {"subcommand": "instance start", "options": [["--nv"]]}),
        ("apptainer exec --bind=/scratch:/data x.sif ls", {"subcommand": "exec", "arguments": ["/scratch:*"]}),
        ("apptainer exec -B/scratch:/data x.sif ls", {"arguments": ["/scratch:*"]}),
        (
            "APPTAINER_BIND=/scratch:/data apptainer exec x.sif ls",
            {"options": [["--bind", "-B"]], "arguments": ["/scratch:*"]},
        ),
        ("export APPTAINER_BINDPATH=/scratch\napptainer exec x.sif ls", {"options": [["--bind", "-B"]]}),
        ("APPTAINER_NV=1 apptainer exec x.sif nvidia-smi", {"options": [["--nv"]]}),
        ("sbatch job.sh", {"programs": ["sbatch"], "arguments": ["*.sh"]}),
        ("rm -rf alpine/", {"programs": "rm", "arguments": ["alpine"]}),
        ("srun -n 2 hostname", {"programs": "srun"}),
        ("./x.sif", {"subcommand": "run"}),
        ("cowshed/x.sif a b", {"subcommand": "run", "arguments": ["x.sif"]}),
        (
            "apptainer push x.sif oras://docker.io/$USER/x:0",
            {"subcommand": "push", "arguments": ["oras://docker.io/*/x:*"]},
        ),
        ("for i in 0 1; do apptainer push lolcow_$i.sif oras://r/m/x:$i; done", {"arguments": ["lolcow_0.sif"]}),
    ],
)
def test_commands_of_all_sorts(line: str, parameters: dict[str, Any]) -> None:
    assert said(of_lines([line], **parameters)) == ""


def test_variables_are_remembered_from_line_to_line() -> None:
    lines = ["IMAGE=lolcow_0.sif", "export APPTAINER_NV=1", "apptainer run $IMAGE"]
    assert said(of_lines(lines, subcommand="run", arguments=["lolcow_0.sif"], options=[["--nv"]])) == ""
    assert of_lines(lines, subcommand="run", arguments=["lolcow_1.sif"]).waiting


def test_one_of_several_commands_is_enough() -> None:
    choices: dict[str, Any] = {
        "any": [
            {"subcommand": "registry login"},
            {"subcommand": "remote login"},
            {"programs": ["oras"], "subcommand": "login"},
        ]
    }
    for line in ("apptainer registry login docker://x", "apptainer remote login docker://x"):
        assert said(of_lines([line], **choices)) == ""
    assert of_lines(["apptainer registry list"], **choices).waiting
    assert (
        said(of_lines(["apptainer pull docker://alpine"], any=[{"arguments": ["docker://*"]}], subcommand="pull")) == ""
    )


def test_what_must_come_first_may_have_options() -> None:
    wanted: dict[str, Any] = {
        "subcommand": "run",
        "before": {"subcommand": "inspect", "options": [["--runscript", "-r"]]},
    }
    run, look, plain = "apptainer run x.sif", "apptainer inspect -r x.sif", "apptainer inspect x.sif"
    assert said(of_lines([look, run], **wanted)) == ""
    assert said(of_lines([f"{look}; {run}"], subcommand="run")) == ""
    assert "before it" in said(of_lines([plain, run], **wanted))


def test_a_failure_of_the_environment_is_nobody_s_mistake() -> None:
    output = "FATAL: While pulling: dial tcp: lookup registry-1.docker.io: no such host"
    result = of_lines(["apptainer pull docker://alpine"], 255, output, subcommand="pull", message="Not that.")
    assert result.outcome is Outcome.CANNOT_TELL
    assert "no such host" not in result.findings[0].message
    assert "network" in result.findings[0].message.lower()


def test_the_course_s_own_words_are_taken() -> None:
    result = of_lines(["apptainer exec x.sif y"], 1, "", subcommand="exec", message="It has to moo.", hint="Wait.")
    assert (result.findings[0].message, result.findings[0].hint) == ("It has to moo.", "Wait.")


CACHE: dict[str, Any] = {"name": "APPTAINER_CACHEDIR", "values": ["/scratch/*"]}


def exported(*lines: str) -> tuple[Outcome, str]:
    commands = tuple(CommandEvidence(line, 0) for line in lines)
    result = one("terminal.exports", Evidence(commands=commands), **CACHE)
    return result.outcome, " ".join(finding.message for finding in result.findings)


@pytest.mark.parametrize(
    "lines",
    [
        ["export APPTAINER_CACHEDIR=/scratch/me/.apptainer"],
        ["export APPTAINER_CACHEDIR=/scratch/$USER/.apptainer"],
        ['export APPTAINER_CACHEDIR="/scratch/${USER}/.apptainer"'],
        ["export 'APPTAINER_CACHEDIR=/scratch/me'"],
        ["APPTAINER_CACHEDIR=/scratch/me; export APPTAINER_CACHEDIR"],
        ["APPTAINER_CACHEDIR=/scratch/me", "export APPTAINER_CACHEDIR"],
        ["S=/scratch/me", "export APPTAINER_CACHEDIR=$S/cache"],
        ["export SCRATCH=/scratch/me APPTAINER_CACHEDIR=/scratch/me/c"],
        ["declare -x APPTAINER_CACHEDIR=/scratch/me"],
        ["typeset -x APPTAINER_CACHEDIR=/scratch/me"],
        ["setenv APPTAINER_CACHEDIR /scratch/me"],
        ["mkdir -p /scratch/me && export APPTAINER_CACHEDIR=/scratch/me"],
        ["echo 'export APPTAINER_CACHEDIR=/scratch/me' >> ~/.bashrc"],
        ["echo 'export APPTAINER_CACHEDIR=/scratch/$USER' >> ~/.bashrc"],
        ["echo export APPTAINER_CACHEDIR=/scratch/me >> $HOME/.bashrc"],
        ["printf 'export APPTAINER_CACHEDIR=/scratch/me\\n' >> /home/me/.bash_profile"],
        ["cat >> ~/.profile <<'EOF'\nexport APPTAINER_CACHEDIR=/scratch/me\nEOF"],
        ["echo 'setenv APPTAINER_CACHEDIR /scratch/me' >> ~/.cshrc"],
        ["echo 'export APPTAINER_CACHEDIR=/scratch/me' | tee -a ~/.bashrc"],
        ["set -a; APPTAINER_CACHEDIR=/scratch/me"],
        ["export APPTAINER_CACHEDIR=/home/me", "export APPTAINER_CACHEDIR=/scratch/me"],
    ],
)
def test_a_variable_that_is_set_for_good(lines: list[str]) -> None:
    assert exported(*lines) == (Outcome.PASSED, "")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["APPTAINER_CACHEDIR=/scratch/me"], "for itself only"),
        (["APPTAINER_CACHEDIR=/scratch/me apptainer cache list"], "for itself only"),
        (["export APPTAINER_CACHEDIR=/home/me"], "`/home/me`"),
        (["export APPTAINER_CACHEDIR="], "nothing"),
        (["echo 'export APPTAINER_CACHEDIR=/home/me' >> ~/.bashrc"], "`/home/me`"),
        (["echo 'APPTAINER_CACHEDIR=/scratch/me' >> ~/.bashrc"], "for itself only"),
        (["echo $APPTAINER_CACHEDIR"], ""),
        (["echo 'export APPTAINER_CACHEDIR=/scratch/me'"], ""),
        (["export APPTAINER_CACHE=/scratch/me"], ""),
        (["export apptainer_cachedir=/scratch/me"], ""),
        (["export APPTAINER_TMPDIR=/scratch/me"], ""),
        (["(export APPTAINER_CACHEDIR=/scratch/me)"], ""),
        (["bash -c 'export APPTAINER_CACHEDIR=/scratch/me'"], ""),
        (["# export APPTAINER_CACHEDIR=/scratch/me"], ""),
        (["echo 'export APPTAINER_CACHEDIR=/scratch/me' >> notes.txt"], ""),
        (["export APPTAINER_CACHEDIR /scratch/me"], ""),
        (["unset APPTAINER_CACHEDIR"], ""),
        (["apptainer cache clean"], ""),
        ([], ""),
    ],
)
def test_a_variable_that_is_not(lines: list[str], words: str) -> None:
    outcome, message = exported(*lines)
    assert outcome is Outcome.NOT_YET
    assert words in message
