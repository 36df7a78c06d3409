"""What tests ask of this computer's process table."""

from __future__ import annotations

import asyncio

import psutil


def with_words(*words: str) -> list[psutil.Process]:
    """Return the living processes whose command line holds every one of `words`."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        line = process.info["cmdline"] or []
        if process.info["status"] != psutil.STATUS_ZOMBIE and all(any(word in part for part in line) for word in words):
            found.append(process)
    return found


def zombies() -> list[psutil.Process]:
    """Return this process's children that ended and were never waited for."""
    return [child for child in psutil.Process().children() if child.status() == psutil.STATUS_ZOMBIE]


async def until(condition: object, seconds: float = 20.0) -> None:
    """Wait until `condition()` is true; fail after `seconds`."""
    assert callable(condition)
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the process table has no events
            await asyncio.sleep(0.02)
