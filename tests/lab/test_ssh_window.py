"""A terminal over a short and a long line, to the practice cluster's real SSH server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lab.ssh import SshTarget
from cowshed_lab.ssh_window import LEAST_WINDOW, MOST_WINDOW
from cowshed_lab.target import TerminalSize
from lab.places import play, practice_address

pytestmark = pytest.mark.practice


@asynccontextmanager
async def long_line(port: int, seconds: float) -> AsyncIterator[int]:
    """A loopback port that leads to another one, every byte `seconds` later each way."""
    loop = asyncio.get_running_loop()
    ends: set[asyncio.StreamWriter] = set()
    tasks: set[asyncio.Task[None]] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def send(data: bytes) -> None:
            if not writer.is_closing():
                writer.write(data)

        while data := await reader.read(1 << 16):
            loop.call_later(seconds, send, data)
        loop.call_later(seconds, writer.close)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
        ends.update((writer, there_writer))
        tasks.add(asyncio.create_task(carry(reader, there_writer)))
        tasks.add(asyncio.create_task(carry(there_reader, writer)))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for end in ends:
            end.close()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


@pytest.mark.parametrize(
    ("delay", "least", "most"),
    [(0.05, 250_000, MOST_WINDOW), (0.2, MOST_WINDOW, MOST_WINDOW)],
    ids=["100 ms", "400 ms"],
)
def test_over_a_long_line_more_output_may_be_under_way(
    practice: PracticeCluster, caplog: pytest.LogCaptureFixture, delay: float, least: int, most: int
) -> None:
    caplog.set_level(logging.INFO)

    async def scenario() -> None:
        address = practice_address(practice)
        async with long_line(address.port, delay) as port:
            target = SshTarget("far", "far away", replace(address, port=port))
            await target.connect()
            channel = await target.open_terminal(["seq", "1", "200000"], size=TerminalSize(80, 24))
            output = b""
            while data := await channel.read():
                output += data
            assert output.endswith(b"\r\n200000\r\n")
            assert await channel.wait() == 0
            await channel.close()
            await target.close()

    play(scenario)
    (window,) = (
        record.args[1] for record in caplog.records if isinstance(record.args, tuple) and "window" in record.msg
    )
    assert isinstance(window, int)
    assert least <= window <= most


def test_on_this_computer_little_output_is_under_way(
    practice: PracticeCluster, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async def scenario() -> None:
        target = SshTarget("near", "near", practice_address(practice))
        await target.connect()
        for _ in range(2):
            channel = await target.open_terminal(["true"])
            assert await channel.read() == b""
            assert await channel.wait() == 0
            await channel.close()
        await target.close()

    play(scenario)
    windows = [record.args[1] for record in caplog.records if isinstance(record.args, tuple) and "window" in record.msg]
    assert len(windows) == 1, "measured once for each connection"
    assert isinstance(windows[0], int)
    assert LEAST_WINDOW <= windows[0] < MOST_WINDOW
