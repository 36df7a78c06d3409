"""What a recording holds and what it never holds: real shells, real programs that ask for passwords."""

from __future__ import annotations

import errno
import os
import subprocess
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from cowshed_lab import recorder as recorder_module
from cowshed_lab import shell_integration
from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lab.recorder import Recorder
from cowshed_lab.shell_integration import open_shell
from cowshed_lab.target import TerminalSize
from cowshed_lab.terminal import Terminal
from cowshed_lessons.asciicast import Recording, read_recording
from lab.places import open_practice
from lab.terminal_in_a_loop import Shell, run, shell

SECRET = "0123456789abcdef0123456789abcdef"
SIZE = TerminalSize(100, 28)


def shown(recording: Recording) -> str:
    return "".join(event.data for event in recording.events if event.code == "o")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(shell_integration, "_FIND_SHELL", 'printf "%s" /bin/bash')
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".bash_profile").write_text("PS1='me> '\n")
    return tmp_path


def test_a_session_is_recorded_with_its_commands(home: Path) -> None:
    async def work() -> None:
        async with shell(home) as it:
            await it.run_command("echo before")
            await it.until(lambda: it.terminal.at_prompt)
            await it.terminal.record(home / "a.cast", "A session")
            await it.run_command("echo moo-$((20 + 3))")
            await it.run_command("false")
            it.terminal.resize(TerminalSize(90, 20))
            await it.run_command("echo wide")
            await it.terminal.stop_recording()
            await it.run_command("echo after")

    run(work())
    recording = read_recording((home / "a.cast").read_bytes())
    assert (recording.header.columns, recording.header.rows, recording.header.title) == (80, 12, "A session")
    assert [marker.label for marker in recording.markers] == ["echo moo-$((20 + 3))", "false", "echo wide"]
    text = shown(recording)
    assert text.startswith("me> "), "it begins with the prompt that was there"
    assert "moo-23\r\n" in text
    assert "before" not in text
    assert "after" not in text
    assert "\x1b]133" not in text
    assert [event.data for event in recording.events if event.code == "r"] == ["90x20"]
    moo = next(marker.time for marker in recording.markers)
    assert moo <= next(event.time for event in recording.events if "moo-23" in event.data)
    assert (home / "a.cast").stat().st_mode & 0o777 == 0o600


def test_the_secret_of_the_session_is_in_no_recording(home: Path) -> None:
    async def work() -> str:
        async with shell(home) as it:
            await it.until(lambda: it.terminal.at_prompt)
            await it.terminal.record(home / "a.cast")
            evidence = await it.run_command("echo $__cowshed_secret")
            await it.run_command("echo $__cowshed_secret | fold -w 1 | while read -n 1 c; do printf $c; done; echo")
            await it.run_command("declare -p __cowshed_secret")
            return evidence.output.strip()

    secret = run(work())
    assert len(secret) == 32
    content = (home / "a.cast").read_text()
    assert "********" in content
    assert secret not in content


def test_what_is_typed_without_echo_is_not_recorded(home: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "mooh-of-the-key", "-f", str(home / "key")], check=True)

    async def work() -> None:
        async with shell(home) as it:
            await it.until(lambda: it.terminal.at_prompt)
            await it.terminal.record(home / "a.cast")
            await it.terminal.type(b"read -s -p 'Your secret: ' kept\r")
            await it.until(lambda: "\nYour secret:" in it.text)
            await it.terminal.type(b"hush-of-the-cow\r")
            assert (await it.commands.get()).exit_status == 0
            assert (await it.run_command("echo ${#kept} letters")).output == "15 letters\n"
            await it.until(lambda: it.terminal.at_prompt)
            await it.terminal.type(b"ssh-keygen -y -f ~/key\r")
            await it.until(lambda: "passphrase:" in it.text)
            await it.terminal.type(b"mooh-of-the-key\r")
            assert (await it.commands.get()).exit_status == 0

    run(work())
    content = (home / "a.cast").read_text()
    assert "15 letters" in content
    assert "ssh-ed25519" in content, "the passphrase was typed and was right"
    assert "hush-of-the-cow" not in content
    assert "mooh-of-the-key" not in content


def test_the_password_of_a_registry_is_not_recorded(practice: PracticeCluster, tmp_path: Path) -> None:
    async def work() -> None:
        async with AsyncExitStack() as stack:
            target = await open_practice(practice)
            stack.push_async_callback(target.close)
            channel, secret = await open_shell(target, SIZE)
            it = Shell()
            it.terminal = Terminal(
                channel,
                SIZE,
                secret=secret,
                on_frame=it.take_frame,
                on_command=it.commands.put_nowait,
                on_prompt=it.take_prompt,
            )
            stack.push_async_callback(it.terminal.close)
            await it.terminal.start()
            await it.until(lambda: it.terminal.at_prompt)
            await it.terminal.record(tmp_path / "a.cast")
            registry = practice.facts()["registry"]
            await it.terminal.type(f"apptainer registry login --username moo docker://{registry}\r".encode())
            await it.until(lambda: "assword" in it.text.partition("login")[2])
            await it.terminal.type(b"hush-of-the-cow\r")
            await it.commands.get()

    run(work())
    content = (tmp_path / "a.cast").read_text()
    assert "assword" in content
    assert "registry login" in content
    assert "hush-of-the-cow" not in content


def test_half_of_what_looks_like_the_secret_is_kept(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.cast", SIZE, secret=SECRET)
    recorder.output(b"x" + SECRET[:10].encode())
    recorder.output(b"!\xc3")
    recorder.output(b"\xa4 " + SECRET[:5].encode())
    recorder.close()
    recorder.close()
    assert shown(read_recording(recorder.path.read_bytes())) == "x0123456789!ä 01234"


def test_output_within_a_moment_is_one_event(tmp_path: Path) -> None:
    now = [0.0]
    recorder = Recorder(tmp_path / "a.cast", SIZE, clock=lambda: now[0])
    for at in (1.0, 1.01, 1.02, 1.5):
        now[0] = at
        recorder.output(b"a")
    recorder.close()
    events = read_recording(recorder.path.read_bytes()).events
    assert [(event.time, event.data) for event in events] == [(1.0, "aaa"), (1.5, "a")]


def test_a_recording_has_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "LARGEST_RECORDING", 1000)
    recorder = Recorder(tmp_path / "a.cast", SIZE)
    for _ in range(10):
        recorder.output(b"a" * 300)
        recorder.marker("next")
    recorder.close()
    assert "has ended" in recorder.problem
    assert len(recorder.path.read_bytes()) <= 1000
    assert read_recording(recorder.path.read_bytes()).markers


def test_a_full_disk_ends_the_recording_with_a_sentence(tmp_path: Path) -> None:
    if not os.access("/dev/full", os.W_OK):
        pytest.skip("there is no /dev/full here")
    recorder = Recorder(tmp_path / "a.cast", SIZE)
    recorder._close_file()
    recorder._file = Path("/dev/full").open("wb")  # noqa: SIM115 (the recorder closes it)
    recorder.marker("next")
    assert os.strerror(errno.ENOSPC) in recorder.problem
    recorder.close()


def test_no_file_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "a.cast").write_text("the person's own")
    with pytest.raises(FileExistsError):
        Recorder(tmp_path / "a.cast", SIZE)
