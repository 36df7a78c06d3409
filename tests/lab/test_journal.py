"""The journal on a real disk, with real processes that really die."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

import pytest

from cowshed_lab.journal import Journal, digest

PATH = PurePosixPath("cowshed/lolcow/lolcow.def")

TYPIST = """
import sys, time
from pathlib import Path, PurePosixPath
from cowshed_lab.journal import Journal
journal = Journal(Path(sys.argv[1]))
text = ""
for number in range(10**9):
    text += f"{number}\\n"
    journal.write("local", PurePosixPath("cowshed/lolcow/lolcow.def"), text, base="abc")
    print(number, time.time(), flush=True)
"""

OWNER = """
import sys
from pathlib import Path, PurePosixPath
from cowshed_lab.journal import Journal
Journal(Path(sys.argv[1])).write("local", PurePosixPath("a.def"), "mine", base=None)
print("ready", flush=True)
sys.stdin.read()
"""


def run(program: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_what_is_written_is_offered_to_the_next_cowshed(tmp_path: Path) -> None:
    Journal(tmp_path).write("practice", PATH, "From: ubuntu:22.04\nü 🐄\n", base="abc")

    (entry,) = Journal(tmp_path).left_over()

    assert (entry.target, entry.path, entry.text, entry.base) == ("practice", PATH, "From: ubuntu:22.04\nü 🐄\n", "abc")
    assert abs(entry.written.timestamp() - time.time()) < 60


def test_a_cowshed_is_not_offered_its_own_text(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write("local", PATH, "typing", base=None)
    assert journal.left_over() == []


def test_text_of_a_cowshed_that_still_runs_is_not_offered_and_is_after_its_death(tmp_path: Path) -> None:
    process = run(OWNER, tmp_path)
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        assert process.stdout.readline() == "ready\n"
        assert Journal(tmp_path).left_over() == []
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stdin.close()
    assert [entry.text for entry in Journal(tmp_path).left_over()] == ["mine"]


def test_kill_9_while_typing_costs_at_most_a_second(tmp_path: Path) -> None:
    process = run(TYPIST, tmp_path)
    assert process.stdout is not None
    assert process.stdin is not None
    for _line in range(40):
        process.stdout.readline()
    process.kill()
    killed = time.time()
    written = process.stdout.read().splitlines()
    process.wait()
    process.stdout.close()
    process.stdin.close()

    (entry,) = Journal(tmp_path).left_over()

    lines = entry.text.splitlines()
    assert lines == [str(number) for number in range(len(lines))], "never half a text"
    confirmed = int(written[-1].split()[0]) if written else 39
    assert len(lines) > confirmed, "all that was confirmed is there"
    assert killed - entry.written.timestamp() < 1
    assert [file.suffix for file in tmp_path.iterdir()].count(".json") == 1


def test_a_clean_save_removes_the_text(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write("local", PATH, "typing", base=None)
    journal.remove("local", PATH)
    journal.remove("local", PATH)  # twice is harmless
    assert Journal(tmp_path).left_over() == []
    assert list(tmp_path.iterdir()) == []


def test_the_same_path_on_two_targets_are_two_texts(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write("local", PATH, "here", base=None)
    journal.write("practice", PATH, "there", base=None)
    journal.remove("local", PATH)
    assert [entry.text for entry in Journal(tmp_path).left_over()] == ["there"]


def test_the_newest_of_several_crashes_is_offered_and_discarded_with_the_older(tmp_path: Path) -> None:
    Journal(tmp_path).write("local", PATH, "first", base=None)
    Journal(tmp_path).write("local", PATH, "second", base=None)
    Journal(tmp_path).write("local", PurePosixPath("other.def"), "other", base=None)
    now = Journal(tmp_path)

    entries = {entry.path: entry for entry in now.left_over()}
    assert entries[PATH].text == "second"
    now.discard(entries[PATH])

    assert [entry.text for entry in now.left_over()] == ["other"]


def test_an_unreadable_journal_is_left_alone_and_the_others_are_offered(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Journal(tmp_path).write("local", PATH, "good", base=None)
    broken = tmp_path / "0123456789abcdef-0123456789ab.json"
    broken.write_text('{"version": 1, "text')
    later = tmp_path / "0123456789abcdef-0123456789ac.json"
    later.write_text('{"version": 2}')

    assert [entry.text for entry in Journal(tmp_path).left_over()] == ["good"]

    assert broken.exists()
    assert later.exists()
    assert str(broken) in caplog.text


def test_what_the_saved_file_holds_decides_whether_there_is_anything_to_restore(tmp_path: Path) -> None:
    Journal(tmp_path).write("local", PATH, "one\ntwo\n", base=digest(b"one\n"))
    (entry,) = Journal(tmp_path).left_over()

    assert entry.is_newer_than(b"one\n")
    assert entry.is_newer_than(None)
    assert not entry.is_newer_than(b"one\r\ntwo\r\n"), "the same text with other line breaks"
    assert not entry.file_changed_since(b"one\n")
    assert entry.file_changed_since(b"three\n")
    assert entry.file_changed_since(None)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_nobody_else_reads_what_is_typed(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "journal"
    journal = Journal(folder)
    journal.write("local", PATH, "secret", base=None)
    (file,) = folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_failed_write_keeps_the_text_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path)
    journal.write("local", PATH, "before", base=None)

    def no_space(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space"):
        journal.write("local", PATH, "after", base=None)

    assert [entry.text for entry in Journal(tmp_path).left_over()] == ["before"]


@pytest.mark.parametrize("digits", ["1e999", "99e999", "1e30", "-1", "0", "NaN", "9" * 5000, '"7"', "[]", "null"])
def test_odd_process_digits_do_no_harm(tmp_path: Path, digits: str) -> None:
    Journal(tmp_path).write("local", PATH, "good", base=None)
    (good,) = tmp_path.iterdir()
    text = good.read_text()
    odd = tmp_path / "0123456789abcdef-0123456789ab.json"
    odd.write_text(text.replace(f'"process": {os.getpid()}', f'"process": {digits}').replace('"good"', '"odd"'))
    assert digits in odd.read_text()
    assert [entry.text for entry in Journal(tmp_path).left_over()] in (["good"], ["odd"])
    good.unlink()
    found = [entry.text for entry in Journal(tmp_path).left_over()]
    assert found == (["odd"] if digits in ("1e30", "-1", "0", '"7"') else [])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"written": "', '"written": "0001-01-01T00:00:00+14:00", "was": "'),
        ('"text": ', '"text": 5, "was": '),
        ('"path": ', '"path": 5, "was": '),
        ('"base": null', '"base": {}'),
        ('"base": null', '"base": ' + "[" * 100_000 + "]" * 100_000),
    ],
)
def test_odd_values_are_left_alone(tmp_path: Path, old: str, new: str) -> None:
    Journal(tmp_path).write("local", PATH, "odd", base=None)
    (odd,) = tmp_path.iterdir()
    assert old in odd.read_text()
    odd.write_text(odd.read_text().replace(old, new))
    Journal(tmp_path).write("local", PATH, "good", base=None)
    assert [entry.text for entry in Journal(tmp_path).left_over()] == ["good"]
    assert odd.exists()


def test_a_time_without_a_zone_can_be_compared(tmp_path: Path) -> None:
    Journal(tmp_path).write("local", PATH, "old", base=None)
    (old,) = tmp_path.iterdir()
    old.write_text(old.read_text().replace('"written": "', '"written": "2020-01-01T00:00:00", "was": "'))
    Journal(tmp_path).write("local", PATH, "new", base=None)
    assert [entry.text for entry in Journal(tmp_path).left_over()] == ["new"]


def test_a_write_that_was_asked_for_earlier_never_undoes_a_later_one(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    early, later = journal.turn(), journal.turn()
    journal.write("local", PATH, "new", base=None)
    journal.write("local", PATH, "old", base=None, turn=early)
    journal.remove("local", PATH, turn=later)
    assert [entry.text for entry in Journal(tmp_path).left_over()] == ["new"]
    early = journal.turn()
    journal.remove("local", PATH)
    journal.write("local", PATH, "old", base=None, turn=early)
    assert list(tmp_path.iterdir()) == []


def test_threads_that_write_the_same_text_leave_the_last_one(tmp_path: Path) -> None:
    """As the window does when it closes while the journal is being written."""
    journal = Journal(tmp_path)
    turns = [journal.turn() for _ in range(60)]

    def write(turn: int) -> None:
        journal.write("local", PATH, f"{turn} " * (9_000 if turn % 2 else 10), base=None, turn=turn)

    with ThreadPoolExecutor(8) as threads:
        for _ in threads.map(write, reversed(turns)):
            pass
    (entry,) = Journal(tmp_path).left_over()
    assert entry.text.split()[0] == str(turns[-1])
    assert len(list(tmp_path.iterdir())) == 1


HALF = """
import os, signal, sys
from pathlib import Path, PurePosixPath
from cowshed_lab.journal import Journal
os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)
Journal(Path(sys.argv[1])).write("local", PurePosixPath("a.def"), "half", base=None)
"""


def test_the_draft_of_a_killed_cowshed_is_cleared(tmp_path: Path) -> None:
    with run(HALF, tmp_path) as killed:
        killed.wait()
    assert len(list(tmp_path.iterdir())) == 1
    assert Journal(tmp_path).left_over() == []
    assert list(tmp_path.iterdir()) == []
