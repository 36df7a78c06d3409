"""Only paths inside a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowshed_lessons.folder_path import inside


def test_a_path_inside_is_given_back(tmp_path: Path) -> None:
    assert inside(tmp_path, "a/b.png") == tmp_path / "a" / "b.png"


@pytest.mark.parametrize(
    "name",
    ["", "/etc/passwd", "../a", "a/../../b", "a\\..\\b", "C:/a", "file:///a", "a\0b", "https://example.org/a.png"],
)
def test_a_path_that_could_lead_out_is_not(tmp_path: Path, name: str) -> None:
    assert inside(tmp_path, name) is None


def test_symbolic_links_are_followed_before_the_answer(tmp_path: Path) -> None:
    folder = tmp_path / "course"
    folder.mkdir()
    (tmp_path / "out.png").write_bytes(b"")
    (folder / "in.png").write_bytes(b"")
    (folder / "leads-out.png").symlink_to(tmp_path / "out.png")
    (folder / "leads-in.png").symlink_to(folder / "in.png")
    assert inside(folder, "leads-out.png") is None
    assert inside(folder, "leads-in.png") == folder / "leads-in.png"


def test_a_loop_of_links_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    found = inside(tmp_path, "a/c.png")
    assert found is None or not found.is_file()


def test_a_name_too_long_for_the_system_leads_nowhere(tmp_path: Path) -> None:
    found = inside(tmp_path, "a" * 5000)
    assert found is None
