"""The command line as a person and a script meet it."""

from __future__ import annotations

import json
import os
import pty
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cowshed_lab import command_line
from cowshed_lab.command_line import main
from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lessons.course import built_in_course
from lab.places import TINY, play
from lab.processes import until, with_words

BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
INSTALL = f"{BASE}\n%post\n    apt-get install fortune cowsay lolcat\n"

SLOW = ("asyncio", "asyncssh", "ssl", "logging", "PySide6", "shiboken6", "markdown_it", "pygments", "platformdirs")
"""Modules whose import takes a good part of the 0.3 seconds that `check` may take."""

WITHOUT_SLOW_MODULES = """
import sys
slow = sys.argv.pop(1).split()
from cowshed_lab.command_line import main
status = main(sys.argv[1:])
print("slow:", *(name for name in slow if name in sys.modules), file=sys.stderr)
raise SystemExit(status)
"""

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("COWSHED_PRACTICE_HOME", str(tmp_path / "practice"))
    (tmp_path / "base.def").write_text(BASE)
    (tmp_path / "install.def").write_text(INSTALL)
    return tmp_path


@pytest.fixture
def cluster(practice: PracticeCluster, folder: Path, monkeypatch: pytest.MonkeyPatch) -> PracticeCluster:
    monkeypatch.setenv("COWSHED_PRACTICE_HOME", str(practice.folder.home))
    return practice


def cowshed(*words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cowshed_lab", *words], capture_output=True, text=True, check=False, timeout=200, **more
    )


@pytest.mark.parametrize(
    ("words", "beginning"),
    [
        (["check", "lolcow/base-image", "base.def"], "Passed: lolcow/base-image"),
        (["check", "lolcow/base-image", "base.def", "--json"], "{"),
        (["--help"], "usage: cowshed"),
    ],
)
def test_what_is_quick_imports_nothing_slow(folder: Path, words: list[str], beginning: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_SLOW_MODULES, " ".join(SLOW), *words],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "slow:\n")
    assert done.stdout.startswith(beginning)
    assert not (folder / "state").exists()


def test_check_takes_less_than_0_3_seconds(folder: Path) -> None:
    """Of processor time, so that what else this computer does counts for nothing."""

    def seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert cowshed("check", "lolcow/base-image", "base.def").returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(seconds() for _ in range(5)) < 0.3


def test_every_module_of_the_lab_needs_no_qt() -> None:
    code = (
        "import sys; sys.modules['PySide6'] = None\n"
        "from cowshed_lab import build, command_build, command_check, command_doctor, doctor\n"
        "from cowshed_lab import image, local, ssh, targets"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_json_is_exactly_what_is_promised(folder: Path, capsys: Capture) -> None:
    (folder / "wrong.def").write_text("Bootstrap: docker\nFrom: debian:12\n")
    assert main(["check", "lolcow/base-image", "wrong.def", "--json"]) == 1
    verdict = json.loads(capsys.readouterr().out)
    assert set(verdict) == {"step", "verdict", "findings"}
    assert (verdict["step"], verdict["verdict"]) == ("lolcow/base-image", "not_yet")
    assert verdict["findings"]
    for finding in verdict["findings"]:
        assert set(finding) == {"check", "message", "line", "column", "hint"}
    assert verdict["findings"][0]["line"] == 2
    assert main(["check", "lolcow/base-image", "base.def", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"step": "lolcow/base-image", "verdict": "passed", "findings": []}


def test_not_yet_says_where_and_what_to_try(folder: Path, capsys: Capture) -> None:
    (folder / "wrong.def").write_text("Bootstrap: docker\nFrom: debian:12\n")
    assert main(["check", "lolcow/base-image", "wrong.def"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("Not yet: lolcow/base-image")
    assert "line 2: " in out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["lolcow/base-imag", "base.def"], "Did you mean lolcow/base-image"),
        (["lolcow/base-image", "none.def"], "none.def: the recipe cannot be read: No such file"),
        (["lolcow/base-image", "."], ".: the recipe cannot be read: Is a directory"),
        (["lolcow/base-image", "latin.def"], "latin.def:2:3: this byte is not UTF-8"),
        (["lolcow/base-image", "huge.def"], "larger than any recipe"),
        (["lolcow/base-image", "base.def", "--target", "practice"], "--build"),
        (["lolcow/base-image"], "required: RECIPE"),
        (
            ["lolcow/nostep", "base.def"],
            "The steps of the lesson lolcow are:\n  lolcow/base-image    Choose a base image\n",
        ),
        (["cow/base-image", "base.def"], "The steps of the course are:\n  introduction/why-containers "),
    ],
)
def test_bad_input(folder: Path, capsys: Capture, words: list[str], sentence: str) -> None:
    (folder / "latin.def").write_bytes(b"Bootstrap: docker\n# \xe4\n")
    (folder / "huge.def").write_bytes(b"#" * 1_000_001)
    assert main(["check", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert sentence in captured.err
    assert "Traceback" not in captured.err


def test_an_unknown_target_is_bad_input(folder: Path, capsys: Capture) -> None:
    assert main(["build", "base.def", "a.sif", "--target", "moon"]) == 2
    assert main(["check", "lolcow/install", "install.def", "--build", "--target", "moon"]) == 2
    assert main(["doctor", "--target", "moon"]) == 2
    assert capsys.readouterr().err.count("There is no target “moon”") == 3
    assert main(["build", "base.def", " "]) == 2


def test_standard_input(folder: Path) -> None:
    assert cowshed("check", "lolcow/base-image", "-", input=BASE).returncode == 0


def test_a_terminal_without_utf_8_still_gets_the_verdict(folder: Path) -> None:
    done = cowshed("check", "lolcow/base-image", "base.def", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, "")


def test_version_and_help(capsys: Capture) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("cowshed ")
    assert main([]) == 2
    assert main(["--help"]) == 0
    assert "practice" in capsys.readouterr().out
    assert main(["nonsense"]) == 2


def test_course_check(folder: Path, capsys: Capture) -> None:
    assert main(["course", "check"]) == 0
    assert "sound" in capsys.readouterr().out
    assert main(["course", "check", str(folder)]) == 1
    assert str(folder) in capsys.readouterr().out


def test_what_nobody_foresaw_goes_to_the_log(folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_arguments: object) -> int:
        raise ZeroDivisionError("odd")

    monkeypatch.setattr(command_line, "_doctor", fail)
    assert main(["doctor"]) == 70
    err = capsys.readouterr().err
    log = folder / "state" / "cowshed" / "log" / "cowshed.log"
    assert str(log) in err
    assert "Traceback" not in err
    assert "ZeroDivisionError: odd" in log.read_text()


def test_interrupts_and_closed_pipes_are_quiet(folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(command_line, "_doctor", interrupt)
    assert main(["doctor"]) == 130
    assert capsys.readouterr().err == ""
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m cowshed_lab course check . | true; exit ${{PIPESTATUS[0]}}"],
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert b"Traceback" not in done.stderr
    assert b"unforeseen" not in done.stderr


def test_doctor_without_a_cluster(folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cowshed_lab.targets.shutil.which", lambda name: None)
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "So the practice cluster is the default target." in out
    assert "cowshed practice up" in out
    assert main(["build", "base.def", "a.sif"]) == 125


def test_a_target_that_fails_cannot_tell(folder: Path, capsys: Capture) -> None:
    assert main(["check", "lolcow/install", "install.def", "--build", "--target", "practice", "--json"]) == 1
    verdict = json.loads(capsys.readouterr().out)
    assert verdict["verdict"] == "cannot_tell"
    assert "cowshed practice up" in verdict["findings"][0]["message"]


@pytest.mark.parametrize("command", ["check", "build"])
def test_a_missing_apptainer_is_nobody_s_mistake(folder: Path, command: str) -> None:
    home = folder / "home"
    home.mkdir()
    (folder / "nothing").mkdir()
    words = {
        "check": ["check", "lolcow/install", "install.def", "--build", "--json"],
        "build": ["build", "install.def", "a.sif"],
    }[command]
    done = cowshed(
        *words, "--target", "local", env={**os.environ, "HOME": str(home), "PATH": str(folder / "nothing")}
    )  # fmt: skip
    if command == "check":
        verdict = json.loads(done.stdout)
        assert (done.returncode, verdict["verdict"]) == (1, "cannot_tell")
        (finding,) = verdict["findings"]
        sentence = finding["message"]
    else:
        assert (done.returncode, done.stdout) == (125, "")
        sentence = done.stderr
    assert "Apptainer is not installed on the target “This computer”" in sentence
    assert "cowshed doctor" in sentence
    assert not [path for path in home.rglob("*") if "check" in path.name]


def test_what_a_check_waits_for_is_said_in_plain_words(folder: Path, capsys: Capture) -> None:
    (folder / "rejected.def").write_text("Bootstrap: docker\nFrom ubuntu:22.04\n")
    assert main(["check", "lolcow/install", "rejected.def"]) == 1
    out = capsys.readouterr().out
    assert "It starts from Ubuntu 22.04 (once Apptainer can read the recipe)" in out
    assert "evidence" not in out


@pytest.mark.parametrize(
    ("words", "usage"),
    [
        (["check", "lolcow/base-image", "base.def", "--bild"], "usage: cowshed check "),
        (["doctor", "here"], "usage: cowshed doctor "),
        (["practice", "down", "--hom"], "usage: cowshed practice down "),
        (["practice", "reset", "all"], "usage: cowshed practice reset "),
        (["course", "check", ".", "."], "usage: cowshed course check "),
    ],
)
def test_wrong_arguments_show_the_usage_of_what_was_asked(
    folder: Path, capsys: Capture, words: list[str], usage: str
) -> None:
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(usage)


def test_help_tells_of_the_window(capsys: Capture) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert "Without a command the window opens" in out
    assert out.startswith("usage: cowshed [--workspace DIR] [--course DIR]\n")
    assert main(["--workspace", "."]) == 2, "without Qt there is no window"


@pytest.mark.practice
def test_check_judges_what_can_be_done_without_a_window(
    cluster: PracticeCluster, folder: Path, capsys: Capture
) -> None:
    step = built_in_course().step("lolcow/runscript")
    (folder / "cow.def").write_text(step.solutions[0].recipe)
    status = main(["check", step.id, "cow.def", "--build", "--target", "practice"])
    out = capsys.readouterr().out
    assert (status, out.splitlines()[0]) == (0, f"Passed: {step.id} ({step.title})"), out


@pytest.mark.practice
def test_doctor_json(cluster: PracticeCluster, capsys: Capture) -> None:
    assert main(["doctor", "--target", "practice", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["default"]["name"] in {"local", "practice"}
    (target,) = report["targets"]
    assert (target["name"], target["usable"]) == ("practice", True)
    assert {"probe", "state", "message", "advice"} == set(target["findings"][0])
    assert main(["doctor", "--json"]) in {0, 1}
    assert {one["name"] for one in json.loads(capsys.readouterr().out)["targets"]} == {"local", "practice"}


@pytest.mark.practice
def test_check_with_a_build_that_must_fail(cluster: PracticeCluster, folder: Path) -> None:
    done = cowshed("check", "lolcow/install", "install.def", "--build", "--target", "practice", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"step": "lolcow/install", "verdict": "passed", "findings": []}
    assert "Unable to locate package fortune" in done.stderr
    home = cluster.folder.learner / "cowshed"
    assert not [entry for entry in home.iterdir() if entry.name.startswith(".check-")]


@pytest.mark.practice
def test_check_does_not_build_what_is_not_asked(cluster: PracticeCluster, folder: Path, capsys: Capture) -> None:
    assert main(["check", "lolcow/install", "base.def", "--build", "--target", "practice"]) == 1
    assert "Starting build" not in capsys.readouterr().err


@pytest.mark.practice
def test_build_gives_apptainer_s_status(cluster: PracticeCluster, folder: Path) -> None:
    (folder / "-odd $(x).def").write_text(f"{TINY}    echo hello\n")
    (folder / "bad.def").write_text(f"{TINY}    no-such-program\n")
    done = cowshed("build", "--target", "practice", "--", "-odd $(x).def", "out.sif")
    assert done.returncode == 0, done.stderr
    assert "\nhello\n" in done.stdout
    assert "\x1b" not in done.stdout
    assert "[=" not in done.stdout
    assert "cowshed/command-line/-odd $(x).def" in done.stderr
    assert "cowshed/command-line/out.sif" in done.stderr
    done = cowshed("build", "--target", "practice", "bad.def", "bad.sif")
    assert done.returncode == 255
    assert "no-such-program: not found" in done.stdout


@pytest.mark.practice
@pytest.mark.parametrize(
    ("command", "number", "status"),
    [("build", signal.SIGINT, 130), ("build", signal.SIGTERM, 143), ("check", signal.SIGTERM, 130)],
)
def test_an_interrupt_ends_the_remote_build(
    cluster: PracticeCluster, folder: Path, number: signal.Signals, status: int, command: str
) -> None:
    mark = f"1{os.getpid()}{number:02}"
    if command == "build":
        (folder / "slow.def").write_text(f"{TINY}    sleep {mark}\n")
        words = ["build", "slow.def", "slow.sif"]
    else:
        (folder / "slow.def").write_text(INSTALL.replace("    apt-get", f"    sleep {mark}\n    apt-get"))
        words = ["check", "lolcow/install", "slow.def", "--build"]
    outer, inner = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "cowshed_lab", *words, "--target", "practice"], stdout=inner, stderr=inner
    )
    os.close(inner)
    try:

        async def scenario() -> None:
            await until(lambda: with_words("sleep", mark), 60)
            process.send_signal(number)
            process.send_signal(number)
            await until(lambda: process.poll() is not None, 30)
            await until(lambda: not with_words("sleep", mark))

        play(scenario, 120)
        assert process.returncode == status
        printed = os.read(outer, 100_000)
        assert b"Traceback" not in printed
        assert b"\x1b[" in printed
    finally:
        process.kill()
        process.wait()
        os.close(outer)
    leftovers = [entry.name for entry in (cluster.folder.learner / "cowshed").iterdir()]
    assert not [name for name in leftovers if name.startswith(".check-")]


@pytest.mark.parametrize(
    ("redirection", "status", "said"),
    [
        ("<&-", 2, "standard input: the recipe cannot be read: it is closed."),
        (">&-", 0, ""),
        (">&- 2>&-", 0, ""),
        (">/dev/full", 2, "the result could not be written to standard output: No space left on device."),
    ],
)
@pytest.mark.parametrize("command", ["check lolcow/base-image -", "parse -"])
def test_closed_and_full_streams_keep_the_promised_status(
    folder: Path, command: str, redirection: str, status: int, said: str
) -> None:
    program = f'"$0" -m cowshed_lab {command} {redirection}'
    done = subprocess.run(
        ["sh", "-c", program, sys.executable], input=BASE, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    assert done.stderr.strip() == (f"cowshed: {said}" if said else "")
    assert not (folder / "state").exists(), "nothing unforeseen was logged"


def test_a_version_that_cannot_be_printed(folder: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", '"$0" -m cowshed_lab --version >/dev/full', sys.executable],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr == "cowshed: the result could not be written to standard output: No space left on device.\n"
