"""How much of a terminal's output may be under way over SSH: what the line carries in one round trip.

More would still be printed after Ctrl+C (asyncssh's own 2 MB take seconds), less would slow a distant computer down.
"""

from __future__ import annotations

import asyncio

import asyncssh

LEAST_WINDOW, MOST_WINDOW = 64 * 1024, 512 * 1024

_RATE = 2_500_000
"""Bytes a second that a terminal is to get over a long line: about what its core takes of short lines."""


async def terminal_window(files: asyncssh.SFTPClient) -> int:
    """Return the window in bytes for terminals on this connection.

    The round trip is that of a question to the file server, the only thing that a server answers at once.
    """
    loop = asyncio.get_running_loop()
    times = []
    for _ in range(2):
        asked = loop.time()
        await files.realpath(".")
        times.append(loop.time() - asked)
    return min(max(round(min(times) * _RATE), LEAST_WINDOW), MOST_WINDOW)
