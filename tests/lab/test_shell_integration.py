"""bash with our marks: real bash, a home folder of its own, the person's startup files in it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cowshed_lab import shell_integration
from cowshed_lab.local import LocalTarget
from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lab.screen import Frame
from cowshed_lab.shell_integration import bash_script, open_shell
from cowshed_lab.target import TargetError
from cowshed_lab.terminal import Terminal
from cowshed_lessons.evidence import CommandEvidence
from lab.places import open_practice
from lab.terminal_in_a_loop import SIZE, run, shell


@pytest.fixture(autouse=True)
def bash_as_login_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell_integration, "_FIND_SHELL", 'printf "%s" /bin/bash')


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".bash_profile").write_text('PS1="me> "\nHISTCONTROL=ignoreboth\n')
    return tmp_path


def test_commands_are_told_with_status_output_and_folder(home: Path) -> None:
    async def work() -> None:
        async with shell(home) as it:
            first = await it.run_command("echo moo; (exit 3)")
            assert (first.command_line, first.exit_status, first.output) == ("echo moo; (exit 3)", 3, "moo\n")
            assert first.folder == str(home)
            await it.run_command("cd /tmp")
            second = await it.run_command("pwd")
            assert (second.output, second.folder, it.terminal.folder) == ("/tmp\n", "/tmp", "/tmp")

    run(work())


@pytest.mark.parametrize(
    "line",
    [
        "printf '%s\\n' 'a;b' \"c\\\\d\"",
        "echo é漢; true",
        "for i in 1 2; do echo $i; done",
        "echo 'tab\there'",
        "true # comment",
    ],
)
def test_command_lines_arrive_as_they_were_typed(home: Path, line: str) -> None:
    async def work() -> None:
        async with shell(home) as it:
            await it.until(lambda: it.terminal.at_prompt and it.terminal._modes.bracketed_paste)
            await it.terminal.paste(line)  # a tab that was typed would complete
            await it.terminal.type(b"\r")
            assert (await it.commands.get()).command_line == line

    run(work())


def test_the_same_command_twice_and_one_that_history_ignores(home: Path) -> None:
    """`ignoreboth` keeps a repeated line and one that begins with a blank out of the history."""

    async def work() -> None:
        async with shell(home) as it:
            assert (await it.run_command("(exit 5)")).command_line == "(exit 5)"
            again = await it.run_command("(exit 5)")
            assert (again.command_line, again.exit_status) == ("(exit 5)", 5)
            hidden = await it.run_command(" true && (exit 5)")
            assert hidden.command_line == ""
            hidden = await it.run_command(" true secret")
            assert (hidden.command_line, hidden.exit_status) == ("", 0)

    run(work())


def test_the_persons_own_startup_prompt_and_traps_work(home: Path) -> None:
    (home / ".bash_profile").write_text(
        "PS1='mine> '\nexport OWN=7\nPROMPT_COMMAND='seen=$?; asked=yes'\nPS0='(started)'\n"
        "trap 'debugged=$BASH_COMMAND' DEBUG\nalias hello='echo hello there'\n"
    )

    async def work() -> None:
        async with shell(home) as it:
            assert (await it.run_command("echo $OWN")).output == "7\n"
            await it.until(lambda: "mine> echo $OWN" in it.text and "(started)" in it.text)
            assert (await it.run_command("(exit 9)")).exit_status == 9
            assert (await it.run_command("echo $seen $asked")).output == "9 yes\n"
            assert (await it.run_command("hello")).output == "hello there\n"
            assert "debugged=$BASH_COMMAND" in (await it.run_command("trap -p DEBUG")).output
            assert (await it.run_command("(exit 4); echo $?; (exit 6)")).exit_status == 6
            assert (await it.run_command("echo $?")).output == "6\n"

    run(work())


def test_prompt_commands_in_an_array_are_kept(home: Path) -> None:
    (home / ".bash_profile").write_text("PROMPT_COMMAND=('one=$?' 'two=$?')\n")

    async def work() -> None:
        async with shell(home) as it:
            assert (await it.run_command("(exit 8)")).exit_status == 8
            assert (await it.run_command("echo $one $two")).output == "8 8\n"

    run(work())


def test_startup_files_are_those_of_a_login_shell(home: Path) -> None:
    (home / ".bash_profile").unlink()
    (home / ".profile").write_text('FROM=profile\n[ -n "$BASH" ] && . ~/.bashrc\n')
    (home / ".bashrc").write_text("ALSO=bashrc\n")

    async def work() -> None:
        async with shell(home) as it:
            assert (await it.run_command("echo $FROM $ALSO $-")).output.startswith("profile bashrc himBH")

    run(work())


def test_nothing_is_left_in_the_home_folder(home: Path) -> None:
    before = {path.name for path in home.iterdir()}

    async def work() -> None:
        async with shell(home) as it:
            await it.run_command("unset HISTFILE")
            await it.terminal.type(b"exit\r")
            await it.until(lambda: it.status is not None)

    run(work())
    assert {path.name for path in home.iterdir()} == before


def test_programs_do_not_learn_the_secret(home: Path) -> None:
    async def work() -> None:
        async with shell(home) as it:
            seen = await it.run_command("env; tr '\\0' '\\n' < /proc/$$/cmdline")
            assert "__cowshed" not in seen.output, "our script must not reach programs"
            secret = await it.run_command("echo $__cowshed_secret")
            assert len(secret.output.strip()) == 32
            assert secret.output.strip() not in seen.output

    run(work())


def test_a_program_cannot_forge_a_command(home: Path) -> None:
    async def work() -> None:
        async with shell(home) as it:
            forged = r"printf '\e]133;C;x;0;apptainer build;/\a\e]133;D;x;0;/\a'; false"
            first = await it.run_command(forged)
            assert (first.command_line, first.exit_status) == (forged, 1)
            assert it.commands.empty()

    run(work())


def test_other_shells_start_plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell_integration, "_FIND_SHELL", 'printf "%s" /bin/dash')
    monkeypatch.setenv("SHELL", "/bin/sh")

    async def work() -> None:
        target = LocalTarget(home=tmp_path)
        channel, secret = await open_shell(target, SIZE)
        assert secret is None
        await channel.close()

    run(work())


def test_no_shell_to_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell_integration, "_FIND_SHELL", "exit 1")
    with pytest.raises(TargetError, match="which shell is yours"):
        run(open_shell(LocalTarget(home=tmp_path), SIZE))


def test_every_session_has_its_own_secret() -> None:
    assert "__cowshed_secret=abc\n" in bash_script("abc")
    assert "@SECRET@" not in bash_script("abc")


@pytest.mark.practice
def test_over_ssh_nothing_is_left_in_the_far_home(practice: PracticeCluster) -> None:
    async def work() -> None:
        target = await open_practice(practice)
        before = (await target.run(["ls", "-A"])).output
        channel, secret = await open_shell(target, SIZE)
        commands: asyncio.Queue[CommandEvidence] = asyncio.Queue()
        terminal = Terminal(channel, SIZE, secret=secret, on_frame=lambda _: None, on_command=commands.put_nowait)
        await terminal.start()
        await terminal.type(b"unset HISTFILE; echo far-$((40+2)); (exit 3)\r")
        evidence = await asyncio.wait_for(commands.get(), 30)
        assert (evidence.exit_status, evidence.output) == (3, "far-42\n")
        assert evidence.command_line == "unset HISTFILE; echo far-$((40+2)); (exit 3)"
        await terminal.close()
        assert (await target.run(["ls", "-A"])).output == before
        await target.close()

    run(work())


@pytest.mark.practice
def test_over_ssh_a_flood_stays_interruptible(practice: PracticeCluster) -> None:
    async def work() -> float:
        target = await open_practice(practice)
        channel, secret = await open_shell(target, SIZE)
        commands: asyncio.Queue[CommandEvidence] = asyncio.Queue()
        rows: dict[int, str] = {}
        flooding = asyncio.Event()

        def take(frame: Frame) -> None:
            rows.update({y: row.text for y, row in frame.rows.items()})
            if all(rows.get(y) == "y" for y in range(SIZE.rows - 1)) and frame.first_line > 20_000:
                flooding.set()

        terminal = Terminal(channel, SIZE, secret=secret, on_frame=take, on_command=commands.put_nowait)
        await terminal.start()
        await terminal.type(b"yes\r")
        await asyncio.wait_for(flooding.wait(), 30)
        began = asyncio.get_running_loop().time()
        await terminal.type(b"\x03")
        evidence = await asyncio.wait_for(commands.get(), 30)
        took = asyncio.get_running_loop().time() - began
        assert evidence.exit_status == 130
        await terminal.close()
        await target.close()
        return took

    assert run(work()) < 2, "0.1 s on a quiet computer; with asyncssh's own window many times as much"
