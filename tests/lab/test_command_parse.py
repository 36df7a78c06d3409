"""`cowshed parse` as a script meets it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cowshed_lab.command_line import main
from cowshed_lab.recipe_bytes import decoded, encoded, write_recipe_bytes

Capture = pytest.CaptureFixture[str]

RECIPE = b"""Bootstrap: docker
From: ubuntu:{{ VERSION }}

%arguments
    VERSION=22.04

%files from build
    "a b" /c

%labels
    Author me

%post -c /bin/bash -e
    echo {{ VERSION }}
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "a.def"
    path.write_bytes(RECIPE)
    return path


def parsed(capsys: Capture, *words: str) -> tuple[int, Any]:
    status = main(["parse", "--json", *words])
    return status, json.loads(capsys.readouterr().out)


def test_it_shows_what_apptainer_would_make_of_a_recipe(recipe: Path, capsys: Capture) -> None:
    status, data = parsed(capsys, str(recipe))
    assert (status, data["accepted"], data["message"]) == (0, True, "")
    stage = data["stages"][0]
    assert stage["header"] == {"bootstrap": "docker", "from": "ubuntu:22.04"}
    assert stage["labels"] == {"Author": "me"}
    assert stage["files"] == [{"source": "a b", "destination": "/c", "line": 8}]
    post = stage["sections"][-1]
    assert post == {
        "name": "post",
        "app": "",
        "arguments": "-c /bin/bash -e",
        "start_line": 13,
        "end_line": 14,
        "body": "    echo 22.04\n",
    }


def test_build_arguments_win(recipe: Path, capsys: Capture) -> None:
    _, data = parsed(capsys, str(recipe), "--build-arg", "VERSION=1", "--build-arg", "VERSION=20.04")
    assert data["stages"][0]["header"]["from"] == "ubuntu:20.04"
    assert main(["parse", str(recipe), "--build-arg", "VERSION"]) == 2


def test_what_apptainer_rejects_is_said_in_its_words(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "b.def"
    path.write_text("Bootstrap: docker\n%pots\n true\n")
    status, data = parsed(capsys, str(path))
    assert (status, data["accepted"]) == (1, False)
    assert data["message"] == (
        f"FATAL:   Unable to build from {path}: while parsing definition: {path}: invalid section(s) specified: pots"
    )
    assert data["faults"][0]["line"] == 2
    assert main(["parse", str(path)]) == 1
    assert "did you mean `%post`?" in capsys.readouterr().out


def test_what_fails_only_in_the_build_is_accepted(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "c.def"
    path.write_text("Bootstrap: docker\nFrom: a:1\n%files from nowhere\n a b\n")
    status, data = parsed(capsys, str(path))
    assert (status, data["accepted"], data["message"]) == (0, True, "")
    assert data["faults"][0]["when_parsing"] is False


def test_no_bytes_are_too_strange(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "d.def"
    path.write_bytes(b"Bootstrap: docker\nFrom: a:1\n%post\n echo caf\xe9 \x00\r\n")
    status, data = parsed(capsys, str(path))
    assert status == 0
    assert data["stages"][0]["sections"][0]["body"] == " echo caf\udce9 \x00\n"
    assert main(["parse", str(path)]) == 0


def test_what_cannot_be_read_ends_with_2(tmp_path: Path, capsys: Capture) -> None:
    assert main(["parse", str(tmp_path / "missing.def")]) == 2
    assert main(["parse", str(tmp_path)]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_every_byte_survives_reading_and_writing(tmp_path: Path) -> None:
    content = bytes(range(256)) + b"\xef\xbb\xbf\xc3\xa9\r\n"
    path = tmp_path / "e.def"
    path.write_bytes(b"old")
    path.chmod(0o640)
    write_recipe_bytes(path, decoded(content))
    assert path.read_bytes() == content == encoded(decoded(content))
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["e.def"]
