"""A course's commands are typed into a real shell on this computer, and seen through its marks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path, PurePosixPath

from cowshed_lab.course_shell import CourseShell
from cowshed_lab.local import LocalTarget
from cowshed_lab.preflight import FACTS, facts_of, look_at_target
from cowshed_lessons.course import TypedCommand
from cowshed_lessons.course_variables import UNKNOWN_TARGET

LONG = 60.0


def play(folder: Path, scenario: Callable[[CourseShell], Awaitable[None]]) -> None:
    async def whole() -> None:
        target = LocalTarget("local", "This computer")
        home = folder / "home"
        home.mkdir()
        shell = await CourseShell.open(target, PurePosixPath(folder), {"HOME": str(home)})
        try:
            await scenario(shell)
        finally:
            await shell.close()
            await shell.close()
            await target.close()

    asyncio.run(asyncio.wait_for(whole(), 2 * LONG))


def test_commands_are_seen_with_their_ends(tmp_path: Path) -> None:
    async def scenario(shell: CourseShell) -> None:
        done = await shell.run(TypedCommand("echo moo; false"), LONG)
        assert (done.command_line, done.exit_status, done.output) == ("echo moo; false", 1, "moo\n")
        assert done.folder == str(tmp_path)
        again = await shell.run(TypedCommand("echo moo; false"), LONG)  # bash keeps no twins in some histories
        assert (again.command_line, again.exit_status) == ("echo moo; false", 1)
        await shell.run(TypedCommand("export COW=Berta"), LONG)
        kept = await shell.run(TypedCommand('echo "$COW at $HOME"'), LONG)
        assert kept.output == f"Berta at {tmp_path / 'home'}\n"

    play(tmp_path, scenario)


def test_lines_are_typed_at_prompts(tmp_path: Path) -> None:
    ask = "read -p 'Name: ' name; read -p 'Age> ' age; echo \"$name is $age\""

    async def scenario(shell: CourseShell) -> None:
        done = await shell.run(TypedCommand(ask, types=("Berta", "7")), LONG)
        assert done.exit_status == 0
        assert done.output.endswith("Berta is 7\n")
        inner = await shell.run(TypedCommand("bash --norc", types=("echo $((6 * 7))", "exit 3")), LONG)
        assert inner.exit_status == 3
        assert "42" in inner.output
        spare = await shell.run(TypedCommand("true", types=("never typed",)), LONG)
        assert (spare.exit_status, spare.output) == (0, "")

    play(tmp_path, scenario)


def test_a_shell_inside_is_given_its_next_line_only_at_its_own_prompt(tmp_path: Path) -> None:
    greedy = "printf '0%% [Working]'; read -t 1.5 swallowed; echo \"[$swallowed]\""

    async def scenario(shell: CourseShell) -> None:
        done = await shell.run(TypedCommand("bash --norc", types=(greedy, "echo moo", "exit")), LONG)
        assert done.exit_status == 0
        assert "[]" in done.output
        assert "[echo moo]" not in done.output

    play(tmp_path, scenario)


def test_a_command_without_an_end_has_no_exit_status(tmp_path: Path) -> None:
    async def scenario(shell: CourseShell) -> None:
        done = await shell.run(TypedCommand("echo begun; sleep 1000"), 3.0)
        assert done.exit_status is None
        assert "begun" in done.output

    play(tmp_path, scenario)


def test_a_shell_that_ends_is_no_endless_wait(tmp_path: Path) -> None:
    async def scenario(shell: CourseShell) -> None:
        done = await shell.run(TypedCommand("exec true"), LONG)
        assert done.exit_status is None

    play(tmp_path, scenario)


def test_the_target_is_known_by_its_facts() -> None:
    async def whole() -> None:
        target = LocalTarget("local", "This computer")
        facts = await facts_of(target)
        assert set(facts) == set(UNKNOWN_TARGET)
        assert facts["registry"] == "docker.io"
        assert facts["account"] != "myname"
        found = await look_at_target(target)
        assert found.problem == ""
        assert set(found.facts) == set(FACTS)
        assert found.facts["modules"].value in ("yes", "no")
        await target.close()

    asyncio.run(asyncio.wait_for(whole(), LONG))
