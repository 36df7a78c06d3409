"""Recipe files on this computer's real disk, read and written as a person's property."""

from __future__ import annotations

import asyncio
from pathlib import Path, PurePosixPath

import pytest

from cowshed_lab.local import LocalTarget
from cowshed_lab.recipe_file import ChangedUnderneath, FileText, file_text, read_recipe_file, write_recipe_file

PATH = PurePosixPath("cowshed/lolcow/lolcow.def")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The recipe's file, with its folder made and its content not."""
    (tmp_path / PATH).parent.mkdir(parents=True)
    return tmp_path / PATH


def read(home: Path) -> FileText | None:
    return asyncio.run(read_recipe_file(LocalTarget(home=home), PATH))


def write(home: Path, text: str, base: FileText | None, *, overwrite: bool = False) -> FileText:
    return asyncio.run(write_recipe_file(LocalTarget(home=home), PATH, text, base=base, overwrite=overwrite))


def test_a_missing_file_is_none_and_writing_makes_it_with_its_folders(tmp_path: Path) -> None:
    assert read(tmp_path) is None
    written = write(tmp_path, "a\n", None)
    assert (tmp_path / PATH).read_bytes() == b"a\n"
    assert read(tmp_path) == written


@pytest.mark.parametrize(
    "content", [b"a\nb\n", b"a\r\nb\r\n", b"caf\xe9\n", "é 🐄\n".encode(), b"", b"no end", b"\x00\n"]
)
def test_what_is_not_changed_stays_byte_for_byte(tmp_path: Path, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    base = read(tmp_path)
    assert base is not None
    write(tmp_path, base.text, base)
    assert file.read_bytes() == content


def test_line_breaks_and_encoding_of_the_file_are_kept(tmp_path: Path, file: Path) -> None:
    file.write_bytes(b"caf\xe9\r\nb\r\n")
    base = read(tmp_path)
    assert base is not None
    assert base.text == "café\nb\n"
    write(tmp_path, "café\nc\n", base)
    assert file.read_bytes() == b"caf\xe9\r\nc\r\n"


def test_letters_that_the_encoding_lacks_make_it_utf_8() -> None:
    assert file_text(b"caf\xe9\n").bytes_for("café 🐄\n") == "café 🐄\n".encode()


def test_a_byte_order_mark_is_noticed_and_not_written_back(tmp_path: Path, file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbfBootstrap: docker\n")
    base = read(tmp_path)
    assert base is not None
    assert (base.text, base.marked) == ("Bootstrap: docker\n", True)
    write(tmp_path, base.text, base)
    assert file.read_bytes() == b"Bootstrap: docker\n"


def test_somebody_else_s_change_is_not_overwritten_unasked(tmp_path: Path, file: Path) -> None:
    file.write_bytes(b"a\n")
    base = read(tmp_path)
    file.write_bytes(b"theirs\n")
    with pytest.raises(ChangedUnderneath) as caught:
        write(tmp_path, "mine\n", base)
    assert caught.value.theirs.text == "theirs\n"
    assert file.read_bytes() == b"theirs\n"
    write(tmp_path, "mine\n", base, overwrite=True)
    assert file.read_bytes() == b"mine\n"


def test_a_file_that_appeared_is_somebody_else_s(tmp_path: Path, file: Path) -> None:
    file.write_bytes(b"theirs\n")
    with pytest.raises(ChangedUnderneath):
        write(tmp_path, "mine\n", None)


def test_the_same_change_on_both_sides_is_no_question_and_a_deleted_file_is_written_again(
    tmp_path: Path, file: Path
) -> None:
    file.write_bytes(b"a\n")
    base = read(tmp_path)
    file.write_bytes(b"b\n")
    after = write(tmp_path, "b\n", base)
    file.unlink()
    write(tmp_path, "c\n", after)
    assert file.read_bytes() == b"c\n"
