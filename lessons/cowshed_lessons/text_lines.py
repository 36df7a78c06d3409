"""Lines as Apptainer and editors count them."""

from __future__ import annotations


def lines_of(text: str) -> list[str]:
    r"""The lines of a text without their ends, which are ``\n`` or ``\r\n`` and nothing else.

    `str.splitlines` also cuts at form feeds and Unicode separators, after which every line number would be off. A line
    end at the very end begins no further line.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    return lines if lines[-1] else lines[:-1]
