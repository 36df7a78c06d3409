"""What typed builds take, by the moments at which their output arrived: a real one in the practice cluster."""

from __future__ import annotations

import asyncio

import pytest

from cowshed_lab.build_log import BuildLog
from cowshed_lab.build_times import TypedBuildTimes, times_of
from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lab.shell_integration import open_shell
from cowshed_lab.target import TerminalSize
from cowshed_lab.terminal import Terminal
from cowshed_lessons.evidence import CommandEvidence
from lab.places import TINY, clean_up, open_practice, own_folder, play

BUILD = "apptainer build --force a.sif a.def"


@pytest.mark.practice
def test_a_typed_build_is_timed_command_by_command(practice: PracticeCluster) -> None:
    async def scenario() -> None:
        target, folder = await open_practice(practice), own_folder()
        commands: asyncio.Queue[CommandEvidence] = asyncio.Queue()
        prompted = asyncio.Event()
        try:
            await target.write(folder / "a.def", f"{TINY}    echo first\n    sleep 1\n    echo last\n".encode())
            channel, secret = await open_shell(target, TerminalSize(), folder)
            terminal = Terminal(
                channel,
                TerminalSize(),
                secret=secret,
                on_frame=lambda _frame: None,
                on_command=commands.put_nowait,
                on_prompt=lambda waiting: prompted.set() if waiting else None,
            )
            await terminal.start()
            await prompted.wait()
            await terminal.type(b"echo hello\r")
            await commands.get()
            before = terminal.last_build
            await terminal.type(f"{BUILD}\r".encode())
            evidence = await commands.get()
            times = terminal.last_build
            await terminal.close()
        finally:
            await clean_up(target, folder)
        assert before is None
        assert evidence.exit_status == 0, evidence.output
        assert times is not None
        seconds = {phase.command: phase.seconds for phase in times.phases if phase.name == "%post" and phase.command}
        assert list(seconds) == ["echo first", "sleep 1", "echo last"]
        assert seconds["sleep 1"] is not None
        assert 0.9 < seconds["sleep 1"] < 10
        assert [phase.name for phase in times.phases if not phase.command][-1] == "pack"
        assert all(phase.seconds is not None for phase in times.phases)
        assert times.seconds >= seconds["sleep 1"]

    play(scenario, 90)


def test_only_builds_are_watched() -> None:
    times = TypedBuildTimes()
    times.feed(b"INFO:    Starting build...\n")
    assert times.end() is None
    times.begin("ls -l")
    times.feed(b"INFO:    Starting build...\n")
    assert times.end() is None
    times.begin(BUILD)
    times.feed(b"INFO:    Starting build...\n")
    times.begin(f"{BUILD}\nls")  # pasted lines are told again
    times.feed(b"INFO:    Running post scriptlet\n+ echo a\n")
    made = times.end()
    assert made is not None
    assert [phase.title for phase in made.phases] == ["prepare", "%post", "echo a"]
    assert times.end() is None


def test_a_log_that_nobody_ended_is_ended() -> None:
    moments = iter([0.0, 0.0, 4.0, 9.0, 9.0])
    log = BuildLog(clock=lambda: next(moments))
    log.feed(b"INFO:    Starting build...\n")
    made = times_of(log)
    assert made.seconds == 4.0
    assert made.phases[0].seconds == 9.0
