"""Long work in parts, so that whoever does it may do something else in between, or never come back to it."""

from __future__ import annotations

from collections.abc import Generator

type Parts[T] = Generator[None, None, T]
"""Work that pauses every few milliseconds and returns its result at the end."""


def finish[T](work: Parts[T]) -> T:
    """Do all of it, without a pause."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: T = end.value
            return result
