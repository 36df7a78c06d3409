"""Lines for login shells: tried with the real shells."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from cowshed_lab.remote_line import remote_line

SHELLS = ["sh", "bash", "zsh", "fish", "tcsh"]
NASTY = [
    "", " ", "'", "''", '"', "\\", "\\\\", "\\'", "\\!", "!", "!!", "!$", "!-1", "^a^b", "$HOME", "${HOME}",
    "$(id)", "`id`",
    "%s", "%b", "\\c", "\\0101", "\\n", "\n", "a\nb", "\n\n", "a\\\nb", "\t", "\r", "\x1b[31m", "\x7f", "*", "?", "[a]",
    "{a,b}",
    "~", "~root", "#", "a#b", "-n", "--", "-", "=", "=ls", "A=b", ";", "&", "|", "<", ">", "(", ")", "&&", "if", "@",
    "ä", "🐄",
    os.fsdecode(b"\xff\xfe"), "it's \"$(odd)\" \\ !",
]  # fmt: skip


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    path = shutil.which(str(request.param))
    if path is None:
        pytest.skip(f"{request.param} is not installed")
    return path


def output_of(shell: str, line: str, home: Path) -> bytes:
    """Run a line as sshd does, in an empty home folder."""
    done = subprocess.run(
        [shell, "-c", line],
        cwd=home,
        env={"HOME": str(home), "SHELL": shell, "PATH": os.environ["PATH"], "CDPATH": "/"},
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b""), line
    return done.stdout


def arrives(shell: str, words: list[str], home: Path) -> None:
    """Fail unless every word reaches a program as it is."""
    expected = b"".join(os.fsencode(word) + b"\0" for word in words)
    assert output_of(shell, remote_line(["printf", r"%s\0", *words]), home) == expected


def test_every_word_arrives(shell: str, tmp_path: Path) -> None:
    arrives(shell, NASTY, tmp_path)
    for word in NASTY:
        arrives(shell, [word], tmp_path)


def test_what_nobody_thought_of_arrives(shell: str, tmp_path: Path) -> None:
    chance = random.Random(7)
    alphabet = [chr(number) for number in range(1, 128)] + ["'", "\\", "!", '"', "$", "`", "\n", "ä", "\udcff"] * 6
    for _ in range(20):
        arrives(shell, ["".join(chance.choices(alphabet, k=chance.randrange(30))) for _ in range(30)], tmp_path)


@pytest.mark.parametrize("name", ["plain", "-", "it's \\ $x !1\n", "ä", "a b/c"])
def test_folders_and_environment(shell: str, tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir(parents=True)
    for path in (PurePosixPath(name), PurePosixPath(folder)):
        line = remote_line(["sh", "-c", 'printf %s "$PWD|$VALUE"'], path, {"VALUE": name})
        assert output_of(shell, line, tmp_path) == os.fsencode(f"{folder}|{name}")
    assert output_of(shell, remote_line(["pwd"], PurePosixPath()), tmp_path) == os.fsencode(f"{tmp_path}\n")


def test_the_login_shell_itself(shell: str, tmp_path: Path) -> None:
    (tmp_path / "a'b").mkdir()
    line = remote_line(None, PurePosixPath("a'b"), {"VALUE": "it's !"})
    done = subprocess.run(
        [shell, "-c", line],
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "SHELL": shell, "PATH": os.environ["PATH"]},
        input=b"pwd\nprintenv VALUE\n", capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    # tcsh first says that it has no terminal.
    assert done.stdout.endswith(os.fsencode(f"{tmp_path}/a'b\nit's !\n"))


def test_the_program_takes_the_shell_s_place(shell: str, tmp_path: Path) -> None:
    """A signal to the process that sshd started must reach the command itself."""
    with subprocess.Popen(
        [shell, "-c", remote_line(["sh", "-c", "echo $$"])],
        stdout=subprocess.PIPE,
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
    ) as process:
        printed, _ = process.communicate(timeout=60)
        assert int(printed) == process.pid


def test_plain_lines_stay_readable() -> None:
    assert remote_line(["ls", "-l"], PurePosixPath("x")) == "exec sh -c 'cd -- ./x && exec ls -l'"
    assert remote_line(["a b"]) == """exec sh -c 'eval "$(printf %b "exec \\0047a b\\0047")"'"""
