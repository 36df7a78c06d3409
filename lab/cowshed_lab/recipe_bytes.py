"""Recipe files as bytes: Apptainer reads any, so none may be refused, or lost on the way to text and back."""

from __future__ import annotations

import codecs
import errno
import os
import sys
import tempfile
from pathlib import Path

from cowshed_lab.command_line import BadInput

LARGEST = 16_000_000
"""Bytes. A larger file is no recipe; an image named by mistake, most likely."""


_LOOKED_AT = 8_000
_BEGINNINGS = (b"\x7fELF", b"hsqs", b"\x1f\x8b", b"PK\x03\x04")  # a program, squashfs, gzip, zip


def decoded(content: bytes) -> str:
    """Bytes as text; those that are not UTF-8 become lone surrogates, which `encoded` turns back."""
    return content.decode("utf-8", "surrogateescape")


def encoded(text: str) -> bytes:
    """The bytes of a text from `decoded`."""
    return text.encode("utf-8", "surrogateescape")


def is_binary(content: bytes) -> bool:
    """Whether bytes are no text: an image, a program, an archive. UTF-16 is text, though no recipe yet."""
    begin = content[:_LOOKED_AT]
    if b"SIF_MAGIC" in begin[:64] or begin.startswith(_BEGINNINGS):
        return True
    # A stray null byte may stand in a text: Apptainer reads it.
    return begin.count(0) > max(4, len(begin) // 50) and not content.startswith(
        (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    )


def read_standard_input(most: int) -> bytes:
    """Read at most that many bytes. Raises OSError where the caller closed standard input (`<&-`)."""
    if not sys.stdin:
        raise OSError(errno.EBADF, "it is closed")
    return sys.stdin.buffer.read(most)


def read_recipe_bytes(name: str) -> str:
    """Read a recipe, `-` being standard input.

    Raises:
        BadInput: it cannot be read, or is larger than any recipe.
    """
    shown = "standard input" if name == "-" else name
    try:
        if name == "-":
            content = read_standard_input(LARGEST + 1)
        else:
            with Path(name).open("rb") as file:
                content = file.read(LARGEST + 1)
    except OSError as error:
        raise BadInput(f"{shown}: the recipe cannot be read: {error.strerror or error}.") from error
    except ValueError as error:  # a null byte in the name
        raise BadInput(f"{shown}: this is not the name of a file.") from error
    if len(content) > LARGEST:
        raise BadInput(f"{shown}: this is larger than any recipe. Is it the image, perhaps?")
    if is_binary(content):
        raise BadInput(f"{shown}: this is not the text of a recipe. Is it the image, perhaps?")
    return decoded(content)


def write_recipe_bytes(path: Path, text: str) -> None:
    """Replace a recipe's content whole or not at all; links are followed and permissions kept.

    Raises:
        BadInput: it cannot be written.
    """
    try:
        place = path.resolve(strict=True)
        mode = place.stat().st_mode & 0o7777
        handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(encoded(text))
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(mode)
            Path(temporary).replace(place)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise BadInput(f"{path}: the recipe cannot be written: {error.strerror or error}.") from error
