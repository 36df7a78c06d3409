"""Namespaces: what runs in them leaves no mounts here and ends with whoever started it."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cowshed_lab.practice import namespace
from cowshed_lab.practice.namespace import NamespaceError
from practice_fixture import require_practice

pytestmark = pytest.mark.practice


def test_mounts_and_process_ids_are_its_own(tmp_path: Path) -> None:
    mode = require_practice()
    before = Path("/proc/self/mountinfo").read_text()
    command = [
        "sh",
        "-c",
        'echo $$ && id -u && mount -t tmpfs practice "$1" && echo in > "$1/file"',
        "sh",
        str(tmp_path),
    ]

    async def run() -> bytes:
        process = await namespace.start(mode, command, stdout=asyncio.subprocess.PIPE)
        output, _ = await process.communicate()
        assert process.returncode == 0
        return output

    assert asyncio.run(run()).split() == [b"1", b"0"]
    assert Path("/proc/self/mountinfo").read_text() == before
    assert list(tmp_path.iterdir()) == []


def test_a_failing_command_is_told_with_its_words() -> None:
    mode = require_practice()
    with pytest.raises(NamespaceError, match="no-such-folder"):
        asyncio.run(namespace.run(mode, ["ls", "/no-such-folder"]))


STARTER = """\
import asyncio, sys
from cowshed_lab.practice import namespace
from cowshed_lab.practice.namespace import Mode
async def main():
    command = ["sh", "-c", "read -r own _ </proc/self/stat; echo $own; sleep 1000"]
    process = await namespace.start(Mode(sys.argv[1]), command, stdout=asyncio.subprocess.PIPE)
    print((await process.stdout.readline()).decode(), end="", flush=True)
    await process.wait()
asyncio.run(main())
"""


def test_what_runs_in_it_dies_with_a_killed_starter() -> None:
    mode = require_practice()
    with subprocess.Popen([sys.executable, "-c", STARTER, mode.value], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        inside = int(starter.stdout.readline())
        process = Path(f"/proc/{inside}")
        assert process.exists()
        starter.kill()

    async def until_gone() -> None:
        async with asyncio.timeout(20):
            # The process table has no events.
            while process.exists():  # noqa: ASYNC110, ASYNC240
                await asyncio.sleep(0.02)

    asyncio.run(until_gone())


def test_our_interpreters_variables_do_not_reach_the_systems_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/nowhere")
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    environment = namespace.clean_environment()
    assert "PYTHONHOME" not in environment
    assert "LD_LIBRARY_PATH" not in environment
    assert environment["http_proxy"] == "http://proxy.example:3128"


STANDARD_SIGNALS = (1 << 31) - 1
"""The mask of signals 1 to 31, as in /proc/PID/status (proc(5)); the C library keeps two of the others for itself."""


@pytest.mark.parametrize("ignored", [signal.SIGINT, signal.SIGPIPE, signal.SIGUSR1])
def test_signals_that_we_ignore_are_heeded_inside(ignored: signal.Signals) -> None:
    """As when a script starts the app in the background: the learner's Ctrl+C must work all the same."""
    mode = require_practice()

    async def ignored_inside() -> int:
        command = ["sed", "-n", "s/^SigIgn:\t//p", "/proc/self/status"]
        process = await namespace.start(mode, command, stdout=asyncio.subprocess.PIPE)
        output, errors = await process.communicate()
        assert process.returncode == 0, errors
        return int(output, 16)

    before = signal.signal(ignored, signal.SIG_IGN)
    try:
        mask = asyncio.run(ignored_inside())
    finally:
        signal.signal(ignored, before)
    assert mask & STANDARD_SIGNALS == 0, f"ignored inside: {mask:x}"
