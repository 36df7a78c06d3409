"""What builds took: kept, bounded, read again, and compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cowshed_lessons.build_history import (
    LONGEST_COMMAND,
    MOST_BUILDS,
    MOST_PARTS,
    BuildHistory,
    BuildPart,
    BuildRecord,
    NewerHistoryError,
    bounded,
    compare_builds,
    keep_build,
    share,
)

PARTS = (
    BuildPart("prepare", 0.0, 0.5),
    BuildPart("pull", 0.5, 4.0, bytes=30_000_000),
    BuildPart("%post", 5.0, 20.0),
    BuildPart("%post", 5.0, 6.0, "apt-get update"),
    BuildPart("%post", 11.0, 14.0, "apt-get install -y cowsay"),
    BuildPart("pack", 25.0, 3.0, bytes=110_000_000),
)


def record(number: int = 0, parts: tuple[BuildPart, ...] = PARTS, status: int | None = 0) -> BuildRecord:
    return BuildRecord(float(number), "lolcow/build", "This computer", "a.def", "a.sif", status, 28.0, parts=parts)


def test_builds_are_kept_and_read_again(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "builds.json"
    keep_build(file, "apptainer", record(1))
    keep_build(file, "apptainer", record(2, status=None))
    history = BuildHistory.load(file, "apptainer")
    assert history.records == (record(1), record(2, status=None))
    assert not history.damaged
    assert history.records[0].bytes == 140_000_000
    assert [part.name for part in history.records[0].phases] == ["prepare", "pull", "%post", "pack"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text())["version"] == 1


def test_the_oldest_builds_are_forgotten(tmp_path: Path) -> None:
    history = BuildHistory("apptainer")
    for number in range(MOST_BUILDS + 5):
        history = history.with_record(record(number))
    history.save(tmp_path / "b.json")
    kept = BuildHistory.load(tmp_path / "b.json", "apptainer").records
    assert len(kept) == MOST_BUILDS
    assert kept[0].when == 5
    assert kept[-1].when == MOST_BUILDS + 4


def test_a_build_of_thousands_of_commands_stays_small() -> None:
    commands = tuple(BuildPart("%post", 5 + number, number % 7, f"echo {number}" * 100) for number in range(3000))
    kept = bounded(record(parts=(*PARTS[:3], *commands, PARTS[-1]))).parts
    assert len(kept) == MOST_PARTS
    assert {part.name for part in kept if not part.command} == {"prepare", "pull", "%post", "pack"}
    assert max(len(part.command) for part in kept) == LONGEST_COMMAND
    total = sum(part.seconds for part in commands)
    assert sum(part.seconds for part in kept if part.command) == pytest.approx(total)
    assert any("shorter commands" in part.command for part in kept)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "nonsense",
        "[]",
        '{"version": "1"}',
        '{"version": 1, "builds": 3}',
        '{"version": 1, "builds": [{"when": "yesterday"}]}',
        "[" * 100_000,
    ],
)
def test_a_damaged_file_is_kept_beside_the_new_one(tmp_path: Path, content: str) -> None:
    file = tmp_path / "builds.json"
    file.write_text(content)
    history = keep_build(file, "apptainer", record(3))
    assert history.records == (record(3),)
    assert (tmp_path / "builds.json.damaged").read_text() == content
    assert not BuildHistory.load(file, "apptainer").damaged


def test_what_can_be_read_of_a_damaged_file_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "builds.json"
    keep_build(file, "apptainer", record(1))
    content = json.loads(file.read_text())
    for wrong in ({"seconds": float("nan")}, {"exit_status": True}, {"parts": None}, {"image": 3}):
        content["builds"].append({**content["builds"][0], **wrong})
    file.write_text(json.dumps(content))
    history = BuildHistory.load(file, "apptainer")
    assert history.records == (record(1),)
    assert history.damaged


def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "builds.json"
    file.write_text('{"version": 2, "builds": {"all": "new"}}')
    with pytest.raises(NewerHistoryError, match="newer Cowshed"):
        keep_build(file, "apptainer", record())
    assert "all" in file.read_text()


def test_two_builds_are_compared_part_by_part() -> None:
    faster = (
        BuildPart("prepare", 0.0, 0.5),
        BuildPart("%post", 1.0, 10.0),
        BuildPart("%post", 1.0, 6.0, "apt-get update"),
        BuildPart("%post", 7.0, 4.0, "apt-get install -y cowsay fortune"),
        BuildPart("pack", 11.0, 2.0),
    )
    rows = compare_builds(record(), record(parts=faster))
    assert [(row.title, row.left is not None, row.right is not None, row.seconds) for row in rows] == [
        ("prepare", True, True, 0.0),
        ("pull", True, False, -4.0),
        ("%post", True, True, -10.0),
        ("apt-get update", True, True, 0.0),
        ("apt-get install -y cowsay", True, False, -14.0),
        ("apt-get install -y cowsay fortune", False, True, 4.0),
        ("pack", True, True, -1.0),
    ]


def test_parts_lie_where_they_ran() -> None:
    assert share(PARTS[:2], 10.0) == ((0.0, 0.05), (0.05, 0.4))
    assert share(PARTS[-1:], 1.0)[0] == pytest.approx((25 / 28, 3 / 28))
    assert share((BuildPart("prepare", 0.0, 0.0),), 0.0) == ((0.0, 0.0),)


@pytest.mark.parametrize(
    ("status", "cancelled", "word"),
    [(0, False, "built"), (255, False, "stopped"), (None, False, "end not seen"), (255, True, "cancelled")],
)
def test_outcomes_in_words(status: int | None, cancelled: bool, word: str) -> None:
    made = BuildRecord(0.0, "", "", "", "", status, 0.0, cancelled=cancelled)
    assert made.outcome == word
    assert made.bytes is None
