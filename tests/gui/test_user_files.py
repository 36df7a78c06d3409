"""Settings and states on the disk."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cowshed_gui.user_files import read_json, write_json


def test_what_was_written_is_read_also_odd_letters(tmp_path: Path) -> None:
    file = tmp_path / "new" / "a.json"
    write_json(file, {"name": "caf\udce9 🐄 \ud800"})
    write_json(file, {"name": "caf\udce9 🐄 \ud800", "b": 1})
    assert read_json(file) == {"name": "caf\udce9 🐄 \ud800", "b": 1}
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_it_is_nobody_elses_to_read(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text("{}")
    file.chmod(0o644)
    write_json(file, {})
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b"\xff", b'{"a": ' + b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}"]
)
def test_damage_counts_as_nothing(tmp_path: Path, damage: bytes) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(damage)
    assert read_json(file) == {}
    assert read_json(tmp_path) == {}
