"""A recipe's file on a target: read and written so that nothing is lost, neither bytes nor somebody else's change."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from cowshed_lab.journal import digest
from cowshed_lab.target import Target

_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class FileText:
    """What a file held: its text with plain line feeds, and how to write text back in the same manner.

    Attributes:
        text: the text, without a byte order mark.
        digest: of the bytes, to notice changes.
        encoding: utf-8, or latin-1 where the file is not UTF-8: then every byte survives.
        line_break: of most lines.
        marked: the file began with a byte order mark. Apptainer rejects such a recipe, so none is written back.
    """

    text: str
    digest: str
    encoding: str = "utf-8"
    line_break: str = "\n"
    marked: bool = False

    def bytes_for(self, text: str) -> bytes:
        """The bytes of a changed text; UTF-8 where it has letters that the file's encoding lacks."""
        text = text.replace("\n", self.line_break)
        try:
            return text.encode(self.encoding)
        except UnicodeEncodeError:
            return text.encode("utf-8", errors="surrogatepass")


class ChangedUnderneath(Exception):  # noqa: N818  it is a question to the person, not an error
    """The file is not what it was when it was read. `theirs` is what it holds now."""

    def __init__(self, path: PurePosixPath, theirs: FileText) -> None:
        super().__init__(f"{path.name} was changed by something else since it was opened here.")
        self.theirs = theirs


def file_text(content: bytes) -> FileText:
    """Read a file's bytes as text."""
    encoding = "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        encoding = "latin-1"
        text = content.decode(encoding)
    windows = text.count("\r\n")
    line_break = "\r\n" if windows and windows * 2 >= text.count("\n") else "\n"
    plain = text.replace("\r\n", "\n")
    return FileText(plain.removeprefix(_MARK), digest(content), encoding, line_break, plain.startswith(_MARK))


async def read_recipe_file(target: Target, path: PurePosixPath) -> FileText | None:
    """Read a recipe; None where there is no such file.

    Raises:
        TargetError: the target cannot read it.
    """
    try:
        return file_text(await target.read(path))
    except FileNotFoundError:
        return None


async def write_recipe_file(
    target: Target, path: PurePosixPath, text: str, *, base: FileText | None, overwrite: bool = False
) -> FileText:
    """Write a recipe, unless the file changed since it was read.

    A file that was deleted meanwhile is written again. Between the look and the writing is a moment in which a change
    would be missed; targets have no better means.

    Args:
        target: where it lives.
        path: the file there.
        text: with plain line feeds.
        base: what was read, None where there was no file.
        overwrite: write whatever is there now.

    Raises:
        ChangedUnderneath: the file holds a third text.
        TargetError: the target cannot write it.
    """
    there = await read_recipe_file(target, path)
    if there is not None and not overwrite and there.text != text and (base is None or there.digest != base.digest):
        raise ChangedUnderneath(path, there)
    manner = base or there or FileText("", "")
    content = manner.bytes_for(text)
    if there is None or there.digest != digest(content):
        await target.write(path, content)
    return file_text(content)
