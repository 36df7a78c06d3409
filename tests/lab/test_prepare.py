"""`packaging/prepare.sh` on a copy of this checkout, with the real uv; system packages are left alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COPIED = ("packaging", "lessons", "lab", "gui", "resources")
FILES = ("pyproject.toml", "uv.lock", "README.md", "LICENSE")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="prepare.sh is for systems with a POSIX shell")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that was prepared once."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy2(ROOT / name, folder / name)
    said = prepare(folder)
    assert said.returncode == 0, said.stderr
    assert said.stderr.endswith("cowshed: ready.\n")
    return folder


def prepare(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    uv = os.environ.get("UV") or shutil.which(str(ROOT / ".tools/uv/bin/uv")) or shutil.which("uv")
    assert uv, "uv is missing: run the tests through `make test`, which installs it"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("UV", "VIRTUAL_ENV"))}
    environment |= {
        "COWSHED_NO_SYSTEM": "1",
        "UV_PYTHON": sys.executable,
        "PATH": f"{Path(uv).parent}{os.pathsep}{environment['PATH']}",
    }
    command = [str(folder / "packaging/prepare.sh"), *(arguments or ("run",))]
    return subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False
    )


def test_a_prepared_checkout_runs_from_its_own_files(prepared: Path) -> None:
    code = "import cowshed_gui, cowshed_lab, cowshed_lessons as last; print(last.__file__)"
    python = prepared / ".venv/bin/python"
    ran = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True, cwd=prepared.parent)
    assert Path(ran.stdout.strip()) == prepared / "lessons/cowshed_lessons/__init__.py"


def test_a_second_call_has_nothing_to_do_or_say(prepared: Path) -> None:
    before = (prepared / ".tools/prepared-run").stat().st_mtime_ns
    said = prepare(prepared)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
    assert (prepared / ".tools/prepared-run").stat().st_mtime_ns == before


def test_other_locked_packages_are_installed(prepared: Path) -> None:
    lock = prepared / "uv.lock"
    lock.write_text(lock.read_text() + "# another version\n")
    assert "installing Cowshed's Python packages" in prepare(prepared).stderr
    assert prepare(prepared).stderr == ""


def test_a_lost_environment_is_made_again(prepared: Path) -> None:
    shutil.rmtree(prepared / ".venv")
    assert "installing Cowshed's Python packages" in prepare(prepared).stderr
    assert (prepared / ".venv/bin/cowshed").exists()


def test_a_lost_library_is_noticed(prepared: Path) -> None:
    stamp = prepared / ".tools/prepared-run"
    stamp.write_text(stamp.read_text() + f"{prepared}/libGone.so.1\n")
    assert prepare(prepared).stderr != ""
    assert prepare(prepared).stderr == ""


def test_a_purpose_that_does_not_exist_is_refused(prepared: Path) -> None:
    said = prepare(prepared, "everything")
    assert said.returncode == 2
    assert said.stderr.startswith("usage: ")
