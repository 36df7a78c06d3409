"""The wheel that people install: it holds the courses and resources, and its command works away from the checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"cowshed_lessons", "cowshed_lab", "cowshed_gui"}
CARRIED = {
    "lessons/courses": "cowshed_lessons/courses",
    "resources/icons": "cowshed_gui/resources/icons",
    "resources/shell": "cowshed_lab/resources/shell",
}
RIGHT = (
    "Bootstrap: docker\nFrom: ubuntu:22.04\n\n%post\n    apt-get update\n    apt-get install -y fortune cowsay lolcat\n"
)
NOT_YET = RIGHT.replace(" -y", "")


def _run(
    command: list[str], *, folder: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False
    )


@pytest.fixture(scope="module")
def uv() -> str:
    """The uv that prepared this checkout."""
    found = os.environ.get("UV") or shutil.which(str(ROOT / ".tools/uv/bin/uv")) or shutil.which("uv")
    assert found, "uv is missing: run the tests through `make test`, which installs it"
    return found


@pytest.fixture(scope="module")
def wheel(uv: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    built = _run(
        [uv, "build", "--quiet", "--wheel", "--python", sys.executable, "--out-dir", str(folder), str(ROOT)],
        folder=folder,
    )
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(uv: str, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with nothing but the wheel and what it asks for; returns its `cowshed`."""
    environment = tmp_path_factory.mktemp("installed") / "environment"
    made = _run([uv, "venv", "--quiet", "--python", sys.executable, str(environment)], folder=environment.parent)
    assert made.returncode == 0, made.stderr
    python = environment / "bin/python"
    added = _run([uv, "pip", "install", "--quiet", "--python", str(python), str(wheel)], folder=environment.parent)
    assert added.returncode == 0, added.stderr
    return environment / "bin/cowshed"


@pytest.fixture
def stranger(tmp_path: Path) -> dict[str, str]:
    """The environment of somebody who never saw the checkout."""
    return {"HOME": str(tmp_path), "PATH": os.defpath, "LANG": "C.UTF-8"}


def test_the_wheel_installs_no_name_but_ours(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {PurePosixPath(name).parts[0] for name in archive.namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == PACKAGES


@pytest.mark.parametrize(("source", "destination"), CARRIED.items())
def test_the_wheel_carries_every_resource(wheel: Path, source: str, destination: str) -> None:
    folder = ROOT / source
    wanted = {
        f"{destination}/{path.relative_to(folder).as_posix()}"
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        carried = set(archive.namelist())
    assert wanted
    assert wanted <= carried


def test_the_installed_command_tells_its_version(installed: Path, stranger: dict[str, str], tmp_path: Path) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    told = _run([str(installed), "--version"], folder=tmp_path, environment=stranger)
    assert told.returncode == 0, told.stderr
    assert version in told.stdout.split()


@pytest.mark.parametrize(("recipe", "verdict", "status"), [(RIGHT, "passed", 0), (NOT_YET, "not_yet", 1)])
def test_the_installed_command_judges_a_recipe(
    installed: Path, stranger: dict[str, str], tmp_path: Path, recipe: str, verdict: str, status: int
) -> None:
    (tmp_path / "my.def").write_text(recipe)
    judged = _run(
        [str(installed), "check", "lolcow/assume-yes", "my.def", "--json"], folder=tmp_path, environment=stranger
    )
    assert judged.returncode == status, judged.stderr
    answer = json.loads(judged.stdout)
    assert (answer["step"], answer["verdict"]) == ("lolcow/assume-yes", verdict)


def test_the_installed_course_proves_itself(installed: Path, stranger: dict[str, str], tmp_path: Path) -> None:
    proved = _run([str(installed), "course", "check"], folder=tmp_path, environment=stranger)
    assert proved.returncode == 0, proved.stdout + proved.stderr
