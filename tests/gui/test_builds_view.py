"""Builds and what they took: recorded as they end, listed, and compared."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cowshed_gui.background import LAB
from cowshed_gui.build_recorder import BuildRecorder, of_command
from cowshed_gui.builds_view import BuildsView, when_text
from cowshed_gui.image_inspector import ImageInspector
from cowshed_gui.main_window import MainWindow
from cowshed_gui.terminal_panel import TerminalPanel
from cowshed_gui.timeline_view import duration, rows_of, rows_of_two
from cowshed_lab.build import Build
from cowshed_lab.build_log import Phase
from cowshed_lab.build_times import BuildTimes
from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lessons.build_history import BuildHistory, BuildPart, BuildRecord
from cowshed_lessons.evidence import BuildEvidence, CommandEvidence
from lab.places import TINY, clean_up, open_practice, own_folder
from lolcow import lolcow_course

TIMES = BuildTimes(
    (
        Phase("pull", 0.0, seconds=4.0, bytes=30_000_000),
        Phase("%post", 4.0, seconds=10.0),
        Phase("%post", 4.0, "apt-get update", seconds=10.0),
        Phase("pack", 14.0, seconds=2.0, bytes=110_000_000),
    ),
    16.0,
)


def record(when: float, image: str = "a.sif", *, faster: float = 0.0, status: int = 0) -> BuildRecord:
    parts = (
        BuildPart("pull", 0.0, 4.0, bytes=30_000_000),
        BuildPart("%post", 4.0, 10.0 - faster),
        BuildPart("%post", 4.0, 10.0 - faster, "apt-get update"),
    )
    return BuildRecord(when, "lolcow/build", "Here", "a.def", image, status, 14.0 - faster, parts=parts)


def test_builds_of_both_kinds_are_kept_with_their_step(qtbot: QtBot, tmp_path: Path) -> None:
    recorder = BuildRecorder(tmp_path / "builds.json", "apptainer")
    recorder.step = "lolcow/one"
    recorder.building_changed(True)
    line = "cd x && apptainer build b.sif b.def"
    recorder.command_started(line, "/home/me")
    recorder.step = "lolcow/two"
    with qtbot.wait_signals([recorder.kept, recorder.kept], timeout=10_000):
        recorder.record(BuildEvidence("a.sif", 0, "", recipe_name="a.def"), TIMES, "Cluster")
        recorder.record(CommandEvidence(line, 255, "", "/home/me"), TIMES, "Here")
    one, two = recorder.load().records
    assert (one.image, one.recipe, one.step, one.target, one.exit_status, one.typed) == (
        "a.sif", "a.def", "lolcow/one", "Cluster", 0, False,
    )  # fmt: skip
    assert (two.image, two.recipe, two.step, two.exit_status, two.typed) == ("b.sif", "b.def", "lolcow/one", None, True)
    assert one.bytes == 140_000_000
    assert one.parts[2] == BuildPart("%post", 4.0, 10.0, "apt-get update")


def test_what_cannot_be_kept_is_said_once(qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "builds.json"
    file.write_text('{"version": 99}')
    recorder = BuildRecorder(file, "apptainer")
    said: list[str] = []
    recorder.failed.connect(said.append)
    for _ in range(2):
        recorder.record(BuildEvidence("a.sif", 0, ""), TIMES, "Here")
    qtbot.wait_until(lambda: recorder.idle, timeout=10_000)
    assert len(said) == 1
    assert "newer Cowshed" in said[0]
    assert recorder.load().records == ()
    assert file.read_text() == '{"version": 99}'


@pytest.mark.parametrize(
    ("line", "status", "output", "wanted"),
    [
        ("apptainer build a.sif docker://alpine", 0, "", (0, False)),
        ("apptainer build a.sif a.def | tee log", 0, "FATAL:   no\n", (255, False)),
        ("apptainer build a.sif a.def", 255, "^C", (255, True)),
        ("ls", 0, "", None),
    ],
)
def test_typed_builds_of_every_kind(line: str, status: int, output: str, wanted: tuple[int, bool] | None) -> None:
    made = of_command(CommandEvidence(line, status, output), TIMES, "Here", "a/b")
    assert (None if made is None else (made.exit_status, made.cancelled)) == wanted


@pytest.fixture
def view(qtbot: QtBot) -> BuildsView:
    history = BuildHistory("x", (record(1), record(2, "b.sif", faster=4.0), record(3, status=255)))
    view = BuildsView(history)
    qtbot.add_widget(view)
    view.show()
    return view


def test_the_newest_build_is_shown_and_keys_walk(view: BuildsView) -> None:
    assert [view.list.item(number).text()[0] for number in range(3)] == ["✕", "✓", "✓"]
    assert "stopped (exit status 255), 14 s, 30 MB fetched and written" in view.facts.text()
    QTest.keyClick(view.timeline, Qt.Key.Key_Down)
    QTest.keyClick(view.timeline, Qt.Key.Key_Down)
    assert view.timeline.accessibleName() == "Timeline: command apt-get update: 10 s; 3 of 3"
    assert view.row.text() == "command apt-get update: 10 s"
    QTest.keyClick(view.timeline, Qt.Key.Key_Down)
    assert view.timeline.current == 2
    QTest.keyClick(view.timeline, Qt.Key.Key_Home)
    assert view.timeline.current == 0
    assert not view.grab().isNull()


def test_two_builds_are_compared(view: BuildsView) -> None:
    view.list.setCurrentRow(2)
    view.other.setCurrentIndex(2)
    view.other.activated.emit(2)
    assert "The second took 4.0 s shorter." in view.facts.text()
    assert [row.text for row in view.timeline.rows] == [
        "4.0 s → 4.0 s",
        "10 s → 6.0 s   4.0 s shorter",
        "10 s → 6.0 s   4.0 s shorter",
    ]
    view.grab()
    view.show_history(BuildHistory("x", (record(1), record(2, "b.sif", faster=4.0), record(3), record(4))))
    assert view.list.count() == 4
    assert view.record == record(1)
    assert view.beside == record(2, "b.sif", faster=4.0)


def test_rows_lie_where_they_ran() -> None:
    rows = rows_of(record(1))
    assert [row.bars for row in rows] == [((0.0, 4 / 14),), ((4 / 14, 10 / 14),), ((4 / 14, 10 / 14),)]
    assert rows[0].text == "4.0 s   30 MB"
    only = rows_of_two(record(1), BuildRecord(1, "", "", "", "", 0, 0.0))
    assert only[0].text == "4.0 s → –   only in the first"
    assert only[0].bars[1] is None


@pytest.mark.parametrize(("seconds", "text"), [(0.04, "0.0 s"), (9.96, "10 s"), (99.4, "99 s"), (125, "02:05")])
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_moments_are_told_short() -> None:
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC).astimezone()
    assert when_text(now.timestamp(), now) == f"{now:%H:%M}"
    assert when_text(now.timestamp() - 5 * 86_400, now).startswith("18 Nov")
    assert when_text(1e30) == "?"


def test_an_empty_history_and_the_window(qtbot: QtBot) -> None:
    window = MainWindow(lolcow_course())
    qtbot.add_widget(window)
    with qtbot.wait_signal(window.ready, timeout=20_000):
        window.show()
    window.actions_by_id["builds"].trigger()
    view = window.dialog
    assert isinstance(view, BuildsView)
    assert view.title.text() == "No builds yet"
    with qtbot.wait_signal(window.recorder.kept, timeout=10_000):
        window.terminals.build_timed.emit(BuildEvidence("a.sif", 0, "", recipe_name="a.def"), TIMES, "Here")
    assert view.list.count() == 1
    assert view.record is not None
    view.close()
    window.close()


@pytest.mark.practice
def test_a_real_build_is_timed_and_leads_into_its_image(qtbot: QtBot, practice: PracticeCluster) -> None:
    target, folder = LAB.submit(open_practice(practice)).result(30), own_folder()
    recipe = f"{TINY}    echo first\n    sleep 1\n    echo last\n"
    LAB.submit(target.write(folder / "a.def", recipe.encode())).result(30)
    panel = TerminalPanel()
    qtbot.add_widget(panel)
    panel.show()
    build = Build(target, PurePosixPath("a.def"), PurePosixPath("a.sif"), folder=folder)
    with qtbot.wait_signal(panel.build_timed, timeout=60_000) as ended:
        tab = panel.open_build(build)
    evidence, times, label = ended.args
    assert evidence.exit_status == 0, evidence.log
    assert label == "Practice cluster"
    seconds = {phase.command: phase.seconds for phase in times.phases if phase.command and phase.name == "%post"}
    assert list(seconds) == ["echo first", "sleep 1", "echo last"]
    assert 0.9 < seconds["sleep 1"] < 10
    pack = times.phases[-1]
    assert (pack.name, pack.bytes > 1_000_000) == ("pack", True)
    with qtbot.wait_signal(panel.inspect_wanted) as wanted:
        tab.inspect_button.click()
    inspector = ImageInspector(target, wanted.args[0])
    qtbot.add_widget(inspector)
    inspector.show()
    qtbot.wait_until(lambda: "unpacked" in inspector.status.text(), timeout=30_000)
    assert inspector.recipe.toPlainText().strip() == recipe.strip()
    assert "FS (Squashfs" in inspector.sif.toPlainText()
    assert {part.name for part in inspector.files.map.parts} >= {"bin", "lib"}
    inspector.close()
    panel.close_all()
    LAB.submit(clean_up(target, folder)).result(30)
