"""The bytes of a name or an argument, as a program on a target gets them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cowshed_lab.target import TargetError

UNSENDABLE = (
    "A name or an argument has a character that no file and no program can be given: a null character, or half of a "
    "character. Give the file another name."
)


def utf8(text: str) -> bytes:
    """Return a text as other computers expect it; bytes that were no text come back as they were."""
    return text.encode(errors="surrogateescape")


def word_bytes(text: str, encode: Callable[[str], bytes] = utf8) -> bytes:
    """Return what a target is given for a text.

    Args:
        text: a name, an argument, or a line of them.
        encode: this target's way to make bytes of text.

    Raises:
        TargetError: the text has a null character, or half a character that stands for no byte.
    """
    try:
        data = encode(text)
    except UnicodeEncodeError as error:
        raise TargetError(UNSENDABLE, environment=False) from error
    if 0 in data:
        raise TargetError(UNSENDABLE, environment=False)
    return data


def check_words(words: Iterable[str], encode: Callable[[str], bytes] = utf8) -> None:
    """Raise TargetError where a target cannot be given one of these words."""
    for word in words:
        word_bytes(word, encode)
