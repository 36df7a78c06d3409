"""Files written whole, whatever happens meanwhile."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cowshed_lessons.file_writing import OLDEST_DRAFT, clear_drafts, write_whole

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and signals")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_content_is_there_and_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "a"
    write_whole(file, b"one\r\n")
    write_whole(file, b"\0two")
    assert file.read_bytes() == b"\0two"
    assert list(tmp_path.iterdir()) == [file]


def test_the_previous_copy_is_kept_where_asked(tmp_path: Path) -> None:
    file, kept = tmp_path / "a", tmp_path / "a.bak"
    write_whole(file, b"one", mode=0o600, keep=kept)
    assert not kept.exists()
    write_whole(file, b"two", mode=0o600, keep=kept)
    assert (file.read_bytes(), kept.read_bytes()) == (b"two", b"one")
    assert mode_of(kept) == 0o600


@POSIX
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """Settings and progress may lie among a person's dotfiles, with links to them where programs look."""
    dotfiles, data = tmp_path / "dotfiles", tmp_path / "data"
    dotfiles.mkdir()
    data.mkdir()
    (dotfiles / "a").write_bytes(b"one")
    (data / "a").symlink_to("../dotfiles/a")
    (data / "new").symlink_to(dotfiles / "new")
    write_whole(data / "a", b"two", keep=data / "a.bak")
    write_whole(data / "new", b"three")
    assert (data / "a").is_symlink()
    assert (data / "new").is_symlink()
    assert (dotfiles / "a").read_bytes() == b"two"
    assert (dotfiles / "new").read_bytes() == b"three"
    assert (data / "a.bak").read_bytes() == b"one"
    assert {path.name for path in dotfiles.iterdir()} == {"a", "new"}


@POSIX
def test_links_in_a_circle_are_told_and_left(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links"):
        write_whole(tmp_path / "a", b"x")
    assert (tmp_path / "a").is_symlink()


def test_a_name_as_long_as_names_may_be(tmp_path: Path) -> None:
    file = tmp_path / ("a" * 255)
    write_whole(file, b"x")
    assert file.read_bytes() == b"x"


@POSIX
def test_the_draft_is_never_more_open_than_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"secret")
    file.chmod(0o640)
    seen: list[int] = []
    write = os.fsync
    before = os.fchmod

    def fsync(handle: int) -> None:
        seen.append(stat.S_IMODE(os.fstat(handle).st_mode))
        write(handle)

    def fchmod(handle: int, mode: int) -> None:
        assert os.fstat(handle).st_size == 0, "nothing is written before the permissions are right"
        seen.append(stat.S_IMODE(os.fstat(handle).st_mode))
        before(handle, mode)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "fchmod", fchmod)
    write_whole(file, b"more")
    assert seen[:2] == [0o600, 0o640]
    assert mode_of(file) == 0o640
    write_whole(file, b"more", mode=0o600)
    assert mode_of(file) == 0o600


@POSIX
def test_a_new_file_gets_what_new_files_get(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_whole(tmp_path / "a", b"")
    assert mode_of(tmp_path / "a") == mode_of(tmp_path / "usual")


@POSIX
def test_another_group_is_not_let_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"")
    file.chmod(0o664)
    if os.geteuid() == 0:
        os.chown(file, -1, 12345)
        write_whole(file, b"x")
        assert (file.stat().st_gid, mode_of(file)) == (12345, 0o664)
    else:  # no other group at hand: act as if the file had one
        real = os.fstat

        def elsewhere(handle: int) -> os.stat_result:
            facts = list(real(handle))
            facts[5] += 1
            return os.stat_result(facts)

        monkeypatch.setattr(os, "fstat", elsewhere)

    def refuse(_handle: int, _user: int, _group: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "fchown", refuse)
    write_whole(file, b"y")
    assert mode_of(file) == 0o604


def test_a_full_disk_leaves_the_old_file_and_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a"
    write_whole(file, b"old")

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(file, b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_threads_that_write_the_same_file_do_not_meet(tmp_path: Path) -> None:
    file = tmp_path / "a"
    texts = [bytes([65 + number]) * 50_000 for number in range(4)]
    failed: list[BaseException] = []

    def write(text: bytes) -> None:
        try:
            for _ in range(25):
                write_whole(file, text)
        except BaseException as error:  # noqa: BLE001  (a thread's end is not seen otherwise)
            failed.append(error)

    threads = [threading.Thread(target=write, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        if file.exists():
            assert file.read_bytes() in texts
    assert failed == []
    assert list(tmp_path.iterdir()) == [file]


KILLED = """
import os, signal, sys
from pathlib import Path
from cowshed_lessons.file_writing import write_whole
os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)
write_whole(Path(sys.argv[1]), b"half")
"""


def draft_of_a_killed_program(folder: Path) -> Path:
    done = subprocess.run([sys.executable, "-c", KILLED, str(folder / "a")], check=False)
    assert done.returncode == -signal.SIGKILL
    (draft,) = folder.glob(".cowshed-*.tmp")
    return draft


@POSIX
def test_what_a_killed_program_left_is_cleared_by_the_next_write(tmp_path: Path) -> None:
    draft = draft_of_a_killed_program(tmp_path)
    write_whole(tmp_path / "b", b"")
    assert not draft.exists()


@POSIX
def test_drafts_of_others_are_left_until_they_are_old(tmp_path: Path) -> None:
    place, _, rest = draft_of_a_killed_program(tmp_path).name.removeprefix(".cowshed-").partition("-")
    elsewhere = tmp_path / f".cowshed-{'f' if place[0] != 'f' else '0'}{place[1:]}-{rest}"
    running = tmp_path / f".cowshed-{place}-{os.getpid()}-0123456789abcdef.tmp"
    impossible = tmp_path / f".cowshed-{place}-{10**9 - 1}-0123456789abcdef.tmp"
    foreign = tmp_path / ".cowshed-notes.tmp"
    for file in (elsewhere, running, impossible, foreign):
        file.write_bytes(b"half")
    clear_drafts(tmp_path)
    assert set(tmp_path.iterdir()) == {elsewhere, running, foreign}
    for file in (elsewhere, running, foreign):
        os.utime(file, (0, file.stat().st_mtime - OLDEST_DRAFT - 60))
    clear_drafts(tmp_path)
    assert set(tmp_path.iterdir()) == {foreign}


def test_a_folder_that_is_not_there_has_no_drafts(tmp_path: Path) -> None:
    clear_drafts(tmp_path / "none")
