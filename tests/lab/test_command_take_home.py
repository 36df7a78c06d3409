"""`cowshed take-home`, as it is typed."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from cowshed_lab.command_line import main
from cowshed_lessons.progress import Progress

BAKERY = Path(__file__).parents[1] / "lessons" / "courses" / "bakery"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    progress = Progress("bakery")
    progress.note("counter/customers", "Smile at <them>.")
    (tmp_path / "data" / "cowshed").mkdir(parents=True)
    progress.save(tmp_path / "data" / "cowshed" / "progress-bakery.json")
    return tmp_path


def test_a_page_and_an_archive_hold_the_notes(home: Path) -> None:
    assert main(["take-home", str(home / "all.html"), "--course", str(BAKERY)]) == 0
    assert "Smile at &lt;them&gt;." in (home / "all.html").read_text()
    assert main(["take-home", str(home / "all.zip"), "--course", str(BAKERY)]) == 0
    with zipfile.ZipFile(home / "all.zip") as zipped:
        assert "Smile at <them>." in zipped.read("bakery/notes.md").decode()


def test_without_any_progress_the_lessons_are_there(home: Path) -> None:
    (home / "data" / "cowshed" / "progress-bakery.json").unlink()
    assert main(["take-home", str(home / "all.html"), "--course", str(BAKERY)]) == 0
    assert "0 of" in (home / "all.html").read_text()


@pytest.mark.parametrize(
    ("file", "course", "says"),
    [("all.pdf", BAKERY, "made in the window"), ("no/all.zip", BAKERY, "cannot be written"), ("a.zip", "nowhere", "")],
)
def test_what_cannot_be_done_is_said(
    home: Path, capsys: pytest.CaptureFixture[str], file: str, course: Path | str, says: str
) -> None:
    assert main(["take-home", str(home / file), "--course", str(course)]) == 2
    assert says in capsys.readouterr().err
