"""Progress survives whatever happens to its file."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cowshed_lessons.course_file import read_course
from cowshed_lessons.progress import (
    VERSION,
    NewerProgress,
    Progress,
    StepProgress,
    StepState,
    backup_path,
)
from lessons.course_folder import TINY


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "progress.json"


def some_progress() -> Progress:
    progress = Progress("tiny")
    progress.attempt("greeting/help")
    progress.attempt("greeting/help")
    progress.mark_passed("greeting/help", "Bootstrap: docker\r\n# äö€ \ud800\n")
    progress.mark_skipped("data/first")
    progress.go_to("data/more")
    return progress


def test_what_was_saved_is_loaded(file: Path) -> None:
    progress = some_progress()
    progress.save(file)
    assert Progress.load(file) == progress
    loaded = Progress.load(file).of("greeting/help")
    assert (loaded.state, loaded.attempts) == (StepState.PASSED, 2)
    assert loaded.passed_recipe == "Bootstrap: docker\r\n# äö€ \ud800\n"
    assert loaded.when is not None


def test_nothing_saved_is_a_beginning(file: Path) -> None:
    assert Progress.load(file, "tiny") == Progress("tiny")


def test_the_last_good_copy_is_kept(file: Path) -> None:
    progress = some_progress()
    progress.save(file)
    first = file.read_bytes()
    progress.mark_forced("data/more")
    progress.save(file)
    assert backup_path(file).read_bytes() == first


def test_saving_the_same_again_keeps_the_older_copy(file: Path) -> None:
    progress = some_progress()
    progress.save(file)
    progress.save(file)
    assert not backup_path(file).exists()


DAMAGE = [
    b"",
    b"\0" * 200,
    b'{"version": 1, "cour',
    b"[]",
    b"null",
    b'{"version": "1"}',
    b'{"version": 0}',
    b'{"version": 1}',
    b'{"version": 1, "course": "x", "current": 3, "steps": {}}',
    b'{"version": 1, "course": "x", "current": null, "steps": []}',
    b'{"version": 1, "course": "x", "current": null, "steps": {"a/b": 1}}',
    b'{"version": 1, "course": "x", "current": null, "steps": {"a/b": {"state": "passed"}}}',
    b'{"version": 1, "course": "x", "current": null, "steps": {"a/b": {"state": "won", "attempts": 1}}}',
    b"\xff\xfe{}",
    b"[" * 100_000,
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_gives_way_to_the_copy_and_is_kept(file: Path, damage: bytes) -> None:
    progress = some_progress()
    progress.save(file)
    progress.attempt("data/more")
    progress.save(file)
    file.write_bytes(damage)

    loaded = Progress.load(file)
    assert loaded.notice.startswith("The progress file was damaged; its last good copy is used.")
    assert replace(loaded, notice="") == some_progress_at(loaded)
    (kept,) = file.parent.glob("progress.json.damaged-*")
    assert kept.name in loaded.notice
    assert kept.read_bytes() == damage

    loaded.save(file)
    assert Progress.load(file).notice == ""


def some_progress_at(loaded: Progress) -> Progress:
    """The progress of `some_progress` with the times of another one."""
    progress = some_progress()
    for name, step in progress.steps.items():
        progress.steps[name] = replace(step, when=loaded.of(name).when)
    return progress


def test_damage_without_a_copy_begins_afresh_and_says_so(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"{")
    backup_path(file).write_bytes(b"{")
    loaded = Progress.load(file, "tiny")
    assert loaded.steps == {}
    assert loaded.course == "tiny"
    assert "begins afresh" in loaded.notice


def test_a_damaged_file_never_replaces_the_good_copy(file: Path) -> None:
    progress = some_progress()
    progress.save(file)
    progress.attempt("data/more")
    progress.save(file)
    good = backup_path(file).read_bytes()
    file.write_bytes(b"{")
    progress.save(file)
    assert backup_path(file).read_bytes() == good
    assert Progress.load(file) == replace(progress, notice="")


def test_a_file_damaged_after_loading_is_kept_aside_and_told(file: Path) -> None:
    progress = some_progress()
    progress.save(file)
    file.write_bytes(b"half a {")
    progress.attempt("data/more")
    progress.save(file)
    (kept,) = file.parent.glob("progress.json.damaged-*")
    assert kept.read_bytes() == b"half a {"
    assert "damaged meanwhile" in progress.notice
    assert kept.name in progress.notice
    assert Progress.load(file).of("data/more") == progress.of("data/more")


def test_a_lost_file_gives_way_to_the_copy(file: Path) -> None:
    progress = some_progress()
    progress.save(file)
    progress.attempt("data/more")
    progress.save(file)
    file.unlink()
    loaded = Progress.load(file)
    assert "was gone" in loaded.notice
    assert loaded.current == "data/more"


def test_a_damaged_file_that_cannot_be_moved_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.parent.mkdir()
    file.write_bytes(b"{")

    def refuse(self: Path, target: Path) -> Path:
        raise PermissionError

    monkeypatch.setattr(Path, "rename", refuse)
    assert "could not be moved" in Progress.load(file).notice


def newer(steps: object) -> bytes:
    values = {"version": VERSION + 1, "course": "tiny", "current": "data/more", "steps": steps}
    return json.dumps(values).encode()


@pytest.mark.parametrize("steps", [{}, ["another", "shape"]])
def test_a_newer_file_is_told_and_never_overwritten(file: Path, steps: object) -> None:
    file.parent.mkdir()
    file.write_bytes(newer(steps))
    loaded = Progress.load(file)
    assert "newer Cowshed" in loaded.notice
    loaded.mark_skipped("data/first")
    with pytest.raises(NewerProgress, match="left untouched"):
        loaded.save(file)
    assert file.read_bytes() == newer(steps)


def test_what_can_be_read_of_a_newer_file_is_used(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(newer({"data/first": {"state": "passed", "attempts": 1, "stars": 5}}))
    loaded = Progress.load(file)
    assert loaded.current == "data/more"
    assert loaded.is_done("data/first")


def test_a_newer_program_that_saved_meanwhile_is_respected(file: Path) -> None:
    progress = some_progress()
    progress.save(file)
    file.write_bytes(newer({}))
    with pytest.raises(NewerProgress):
        progress.save(file)


def test_what_this_version_does_not_know_is_kept(file: Path) -> None:
    file.parent.mkdir()
    step = {"state": "open", "attempts": 3, "passed_recipe": None, "when": None, "stars": 5}
    values = {"version": 1, "course": "tiny", "current": None, "steps": {"gone/step": step}, "badge": ["x"]}
    file.write_text(json.dumps(values))
    progress = Progress.load(file)
    progress.attempt("gone/step")
    progress.save(file)
    saved = json.loads(file.read_text())
    assert saved["badge"] == ["x"]
    assert saved["steps"]["gone/step"] == {**step, "attempts": 4}


def test_passing_wins_over_skipping_and_forcing() -> None:
    progress = Progress("tiny")
    progress.mark_skipped("a/b")
    assert progress.of("a/b").state is StepState.SKIPPED
    progress.mark_forced("a/b")
    assert progress.of("a/b").state is StepState.FORCED
    progress.mark_passed("a/b", "x")
    progress.mark_skipped("a/b")
    progress.mark_forced("a/b")
    assert progress.of("a/b").state is StepState.PASSED
    assert progress.of("a/b").passed_recipe == "x"


def test_the_time_of_passing_is_the_first_one_and_the_recipe_the_last() -> None:
    progress = Progress("tiny", steps={"a/b": StepProgress(StepState.PASSED, 1, "x", "2026-01-01T00:00:00+00:00")})
    progress.mark_passed("a/b", "y")
    assert progress.of("a/b") == StepProgress(StepState.PASSED, 1, "y", "2026-01-01T00:00:00+00:00")


def test_a_step_begun_anew_keeps_its_recipe_and_attempts() -> None:
    progress = some_progress()
    progress.reopen("greeting/help")
    step = progress.of("greeting/help")
    assert not progress.is_done("greeting/help")
    assert step.attempts == 2
    assert step.passed_recipe is not None


def test_the_place_is_the_step_last_looked_at() -> None:
    course = read_course(TINY)
    progress = some_progress()
    assert progress.place(course).id == "data/more"


def test_a_course_without_that_step_any_more_goes_to_the_first_open_one() -> None:
    course = read_course(TINY)
    progress = some_progress()
    progress.go_to("data/renamed")
    assert progress.place(course).id == "data/more"
    progress.mark_passed("data/more", None)
    assert progress.place(course).id == "data/more"
    assert Progress("tiny").place(course).id == "greeting/help"


def test_a_step_begins_with_the_learners_own_recipe() -> None:
    course = read_course(TINY)
    progress = Progress("tiny")
    more, first = course.step("data/more"), course.step("data/first")
    assert progress.beginning(course, more) == more.starter
    progress.mark_passed("data/first", "# mine\n")
    assert progress.beginning(course, more) == "# mine\n"
    progress.mark_passed("greeting/help", "# not carried over\n")
    assert progress.beginning(course, first) == first.starter


def test_a_full_disk_leaves_the_old_file_and_no_litter(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    progress = some_progress()
    progress.save(file)
    before = file.read_bytes()
    progress.attempt("data/more")

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        progress.save(file)
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def two_windows(file: Path, **steps: StepProgress) -> tuple[Progress, Progress]:
    """Two programs that have loaded the same progress; each step's id is `a/` and its name here."""
    Progress("tiny", steps={f"a/{name}": step for name, step in steps.items()}).save(file)
    return Progress.load(file), Progress.load(file)


LONG_AGO = "2020-01-01T00:00:00+00:00"
PASSED_BEFORE = StepProgress(StepState.PASSED, 2, "x", LONG_AGO)


def test_what_two_windows_pass_is_kept(file: Path) -> None:
    one, two = two_windows(file)
    one.mark_passed("a/b", "x")
    one.save(file)
    two.mark_passed("a/c", "y")
    two.go_to("a/d")
    two.save(file)
    one.mark_skipped("a/e")
    one.save(file)
    for progress in (one, Progress.load(file)):
        states = {name: str(step.state) for name, step in progress.steps.items()}
        assert states == {"a/b": "passed", "a/c": "passed", "a/e": "skipped"}
        assert progress.of("a/c").passed_recipe == "y"
        assert progress.current == "a/d", "who went last"


@pytest.mark.parametrize("mine_first", [True, False])
def test_a_step_begun_anew_stays_so_whoever_saves_last(file: Path, mine_first: bool) -> None:
    mine, other = two_windows(file, b=PASSED_BEFORE)
    mine.reopen("a/b")
    other.mark_passed("a/c", None)
    for progress in (mine, other) if mine_first else (other, mine):
        progress.save(file)
    other.attempt("a/b")
    other.save(file)
    for progress in (other, Progress.load(file)):
        assert progress.of("a/b").state is StepState.OPEN
        assert progress.of("a/b").passed_recipe == "x"
        assert progress.is_done("a/c")


@pytest.mark.parametrize("leave", [Progress.mark_skipped, Progress.mark_forced])
def test_a_step_begun_anew_and_then_left_stays_left(file: Path, leave: Callable[[Progress, str], None]) -> None:
    mine, other = two_windows(file, b=PASSED_BEFORE)
    mine.reopen("a/b")
    mine.save(file)
    leave(mine, "a/b")
    mine.save(file)
    other.attempt("a/c")
    other.save(file)
    assert other.of("a/b").state in (StepState.SKIPPED, StepState.FORCED)
    assert Progress.load(file).of("a/b") == other.of("a/b")


@pytest.mark.parametrize("leave", [Progress.mark_skipped, Progress.mark_forced])
@pytest.mark.parametrize("passes_first", [True, False])
def test_passed_here_and_left_there_is_passed(
    file: Path, leave: Callable[[Progress, str], None], passes_first: bool
) -> None:
    mine, other = two_windows(file)
    for progress in (mine, other) if passes_first else (other, mine):
        if progress is mine:
            progress.mark_passed("a/b", "x")
        else:
            leave(progress, "a/b")
        progress.save(file)
    saved = Progress.load(file).of("a/b")
    assert (saved.state, saved.passed_recipe) == (StepState.PASSED, "x")


def test_the_newer_of_passing_and_beginning_anew_wins(file: Path) -> None:
    mine, other = two_windows(file, b=PASSED_BEFORE)
    mine.reopen("a/b")
    other.reopen("a/b")
    other.mark_passed("a/b", "y")
    other.save(file)
    mine.save(file)
    assert Progress.load(file).of("a/b").state is StepState.PASSED
    mine.reopen("a/b")
    mine.save(file)
    other.save(file)
    assert Progress.load(file).of("a/b").state is StepState.OPEN


def test_a_change_is_later_than_what_it_changes_whatever_the_clock_says(file: Path) -> None:
    mine, other = two_windows(file, b=replace(PASSED_BEFORE, when="2999-01-01T00:00:00+00:00"))
    mine.reopen("a/b")
    mine.save(file)
    other.mark_passed("a/c", None)
    other.save(file)
    assert not Progress.load(file).is_done("a/b")


@pytest.mark.parametrize("when", ["yesterday", "", "9999-12-31T23:59:59.999999+00:00", "0001-01-01T00:00:00+14:00"])
def test_an_odd_time_in_the_file_does_no_harm(file: Path, when: str) -> None:
    mine, other = two_windows(file, b=replace(PASSED_BEFORE, when=when))
    mine.reopen("a/b")
    mine.save(file)
    other.mark_passed("a/c", None)
    other.save(file)
    assert Progress.load(file).is_done("a/c")


def test_attempts_of_two_windows_are_added(file: Path) -> None:
    mine, other = two_windows(file, b=PASSED_BEFORE)
    for progress in (mine, other, mine):
        progress.attempt("a/b")
        progress.save(file)
    assert Progress.load(file).of("a/b").attempts == 5
    other.save(file)
    assert Progress.load(file).of("a/b").attempts == 5


def test_the_recipe_that_was_changed_wins(file: Path) -> None:
    mine, other = two_windows(file, b=PASSED_BEFORE)
    mine.mark_passed("a/b", "y")
    mine.save(file)
    other.attempt("a/b")
    other.save(file)
    assert Progress.load(file).of("a/b").passed_recipe == "y"
    other.mark_passed("a/b", "z")
    other.save(file)
    assert Progress.load(file).of("a/b").passed_recipe == "z"


def test_what_was_overwritten_between_reading_and_renaming_is_written_again(file: Path) -> None:
    mine, _ = two_windows(file)
    before = file.read_bytes()
    mine.mark_passed("a/b", "x")
    mine.attempt("a/b")
    mine.save(file)
    file.write_bytes(before)
    mine.go_to("a/c")
    mine.save(file)
    assert Progress.load(file).of("a/b").state is StepState.PASSED
    assert Progress.load(file).of("a/b").attempts == 1


def test_a_save_that_failed_counts_nothing_twice(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, other = two_windows(file, b=PASSED_BEFORE)
    other.attempt("a/b")
    other.save(file)
    mine.attempt("a/b")

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            mine.save(file)
    mine.save(file)
    assert Progress.load(file).of("a/b").attempts == 4


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_nobody_else_reads_it(file: Path) -> None:
    progress = some_progress()
    progress.save(file)
    progress.attempt("data/more")
    progress.save(file)
    assert [path.stat().st_mode & 0o777 for path in (file, backup_path(file))] == [0o600, 0o600]


WRITER = """
import sys
from pathlib import Path
from cowshed_lessons.progress import Progress

file = Path(sys.argv[1])
progress = Progress.load(file, "tiny")
assert not progress.notice, progress.notice
print("loaded", progress.of("a/b").attempts, flush=True)
while True:
    progress.attempt("a/b")
    progress.mark_passed("a/c", "x" * (progress.of("a/b").attempts % 7 * 20_000))
    progress.save(file)
    print(progress.of("a/b").attempts, flush=True)
"""


def test_killing_a_saving_program_never_costs_progress(file: Path) -> None:
    """Ten programs are killed in the midst of their saves; nothing that was reported as saved is lost."""
    saved = 0
    for round_number in range(10):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(file)], stdout=subprocess.PIPE, text=True, bufsize=1
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline().startswith("loaded")
            for _ in range(3 + round_number % 5):
                saved = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            rest = writer.stdout.read().split("\n")
        saved = max([saved, *(int(line) for line in rest if line)])
        loaded = Progress.load(file)
        assert loaded.notice == ""
        assert loaded.of("a/b").attempts >= saved
    assert not list(file.parent.glob("*.damaged-*"))


EVERY_LINE = """
import os, signal, sys
from itertools import count
from pathlib import Path
from cowshed_lessons import file_writing, progress as module
from cowshed_lessons.progress import Progress

file = Path(sys.argv[1])
Progress("tiny").save(file)
seen = Progress("tiny")
seen.attempt("a/b")
seen.save(file)

def save_and_die(line: int) -> None:
    left = line
    def trace(frame, event, argument):
        nonlocal left
        if frame.f_code.co_filename not in (module.__file__, file_writing.__file__):
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace
    progress = Progress.load(file)
    progress.attempt("a/b")
    progress.mark_passed("a/c", "x" * 100_000)
    sys.settrace(trace)
    progress.save(file)
    sys.settrace(None)
    os._exit(0)

for line in count(1):
    before = Progress.load(file).of("a/b").attempts
    child = os.fork()
    if child == 0:
        save_and_die(line)
    _, status = os.waitpid(child, 0)
    after = Progress.load(file)
    assert not after.notice, (line, after.notice)
    assert after.of("a/b").attempts in (before, before + 1), line
    assert not Progress.load(module.backup_path(file)).notice, line
    if os.waitstatus_to_exitcode(status) == 0:
        break
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL, (line, status)
print(line)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked copies of a program, one at each line")
def test_a_save_killed_at_any_line_leaves_good_files(file: Path) -> None:
    done = subprocess.run([sys.executable, "-c", EVERY_LINE, str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 40, "too few lines for a save; did the tracing work?"
