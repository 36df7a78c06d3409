"""What only SSH can do wrong: keys, host keys, lost connections, servers that lack an extension."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

import asyncssh
import pytest

from cowshed_lab import ssh
from cowshed_lab.kept_output import MOST_OUTPUT
from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lab.ssh import SshAddress, SshTarget
from cowshed_lab.target import Losable, TargetError
from lab.places import clean_up, open_practice, own_folder, play, practice_address
from lab.processes import until, with_words

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


class PlainFiles(asyncssh.SFTPServer):
    """A server without OpenSSH's extensions: no fsync, no POSIX rename, and a disk that fills up."""

    full = False

    def fsync(self, file_obj: object) -> None:
        raise asyncssh.SFTPOpUnsupported("no fsync")

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        raise asyncssh.SFTPOpUnsupported("no posix rename")

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        if PlainFiles.full:
            raise asyncssh.SFTPFailure("Failure")
        return super().write(file_obj, offset, data)  # type: ignore[return-value]


class NoSessions(asyncssh.SSHServer):
    """Refuses every session, as OpenSSH does beyond MaxSessions."""

    def session_requested(self) -> bool:
        return False


async def echo(process: asyncssh.SSHServerProcess[str]) -> None:
    process.stdout.write(process.command or "a shell")
    process.exit(0)


@asynccontextmanager
async def own_server(folder: Path, kind: type[asyncssh.SSHServer] = asyncssh.SSHServer) -> AsyncIterator[SshAddress]:
    """An SSH server on a loopback port that asyncssh serves from `folder`."""
    host_key, key = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    key.write_private_key(folder / "key")
    key.write_public_key(folder / "allowed")
    (folder / "files").mkdir()
    server = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=kind,
        server_host_keys=[host_key],
        authorized_client_keys=str(folder / "allowed"),
        process_factory=None if kind is NoSessions else echo,
        sftp_factory=lambda channel: PlainFiles(channel, chroot=os.fsencode(folder / "files")),
    )
    try:
        line = host_key.export_public_key().decode().strip()
        yield SshAddress("127.0.0.1", server.get_port(), "somebody", folder / "key", line)
    finally:
        server.close()
        await server.wait_closed()


def test_a_server_without_extensions(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with own_server(tmp_path) as address:
            target = SshTarget("t", "The server", address)
            await target.connect()
            path = PurePosixPath("deep/er/a.def")
            await target.write(path, b"one")
            (tmp_path / "files" / path).chmod(0o640)
            await target.write(path, b"two")
            assert await target.read(path) == b"two"
            assert (tmp_path / "files" / path).stat().st_mode & 0o777 == 0o640
            PlainFiles.full = True
            try:
                with pytest.raises(TargetError, match="free space"):
                    await target.write(path, b"three")
            finally:
                PlainFiles.full = False
            assert [entry.name for entry in await target.list(path.parent)] == ["a.def"]
            assert await target.read(path) == b"two"
            assert (await target.run(["a", "b"])).output == b"exec sh -c 'exec a b'"
            await target.close()

    play(scenario)


def test_another_host_key_is_refused(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with own_server(tmp_path) as address:
            other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
            target = SshTarget("t", "The server", replace(address, host_key=other))
            with pytest.raises(TargetError, match="another host key"):
                await target.connect()
            assert not target.connected

    play(scenario)


def test_a_refused_login_and_unreadable_keys(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with own_server(tmp_path) as address:
            asyncssh.generate_private_key("ssh-ed25519").write_private_key(tmp_path / "stranger")
            (tmp_path / "broken").write_text("no key")
            for changed, words in (
                (replace(address, key=tmp_path / "stranger"), "refused the login of somebody"),
                (replace(address, key=tmp_path / "none"), "could not be read"),
                (replace(address, key=tmp_path / "broken"), "could not be read"),
                (replace(address, host_key="nonsense"), "could not be read"),
                (replace(address, port=1), "does not answer at 127.0.0.1, port 1"),
            ):
                with pytest.raises(TargetError, match=words):
                    await SshTarget("t", "The server", changed).connect()

    play(scenario)


def test_a_server_that_never_answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ssh, "CONNECT_SECONDS", 0.3)

    async def scenario() -> None:
        async with own_server(tmp_path) as address:
            silent = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
            port = silent.sockets[0].getsockname()[1]
            with pytest.raises(TargetError, match="does not answer"):
                await SshTarget("t", "The server", replace(address, port=port)).connect()
            silent.close()

    play(scenario)


def test_without_a_connection_everything_says_so(tmp_path: Path) -> None:
    target = SshTarget("t", "The server", SshAddress("127.0.0.1", 1, "u", tmp_path, ""))

    async def scenario() -> None:
        for call in (
            target.run(["true"]),
            target.open_terminal(),
            target.read(PurePosixPath("a")),
            target.write(PurePosixPath("a"), b""),
            target.list(PurePosixPath("a")),
        ):
            with pytest.raises(TargetError, match="no connection to The server"):
                await call
        await target.close()

    play(scenario)


@pytest.mark.practice
def test_a_command_that_has_printed_much_ends_and_keeps_head_and_tail(
    practice: PracticeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh, "PATIENCE", (60.0, 60.0, 60.0))  # who is listened to ends at the first signal

    async def scenario() -> None:
        target = await open_practice(practice)
        mark = f"10{uuid.uuid4().int % 10**7}"
        try:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1.5):
                    await target.run(["sh", "-c", f"while :; do echo {mark}; done"])
            await until(lambda: not with_words(mark))
            outcome = await target.run(["sh", "-c", "echo first; head -c 9000000 /dev/zero; echo last"])
            assert outcome.output.startswith(b"first\n")
            assert outcome.output.endswith(b"last\n")
            assert b"bytes left out" in outcome.output
            assert MOST_OUTPUT < len(outcome.output) < MOST_OUTPUT + 100
        finally:
            await target.close()

    play(scenario, 20)


@pytest.mark.practice
def test_a_private_file_is_never_open_to_others(practice: PracticeCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """The modes are looked at after each request that made or changed the temporary file."""

    async def scenario() -> None:
        target, folder = await open_practice(practice), own_folder()
        path = folder / "private.def"
        modes: list[int] = []
        plain_open = asyncssh.SFTPClient.open

        @asynccontextmanager
        async def watched(files: asyncssh.SFTPClient, name: str, *arguments: object) -> AsyncIterator[object]:
            async with plain_open(files, name, *arguments) as file:
                modes.append(((await files.stat(name)).permissions or 0) & 0o777)
                yield file

        try:
            await target.write(path, b"old")
            stale = ".cowshed-0123456789abcdef.tmp"
            await target.run(["sh", "-c", f"chmod 600 private.def; touch -d 2020-01-01 {stale}"], folder=folder)
            monkeypatch.setattr(asyncssh.SFTPClient, "open", watched)
            await target.write(path, b"secret")
            monkeypatch.undo()
            assert modes == [0o600]
            facts = await target.run(["stat", "-c", "%a", "private.def"], folder=folder)
            assert facts.text == "600\n"
            assert [entry.name for entry in await target.list(folder)] == ["private.def"]
        finally:
            await clean_up(target, folder)

    play(scenario)


def test_only_the_given_key_is_offered(tmp_path: Path) -> None:
    """An agent may hold many keys; a server closes the door after a few wrong ones."""

    async def scenario() -> None:
        agent = str(tmp_path / "agent")
        asked: list[bytes] = []

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.append(await reader.read(1))
            writer.close()

        listening = await asyncio.start_unix_server(answer, agent)
        async with listening, own_server(tmp_path) as address:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("SSH_AUTH_SOCK", agent)
                target = SshTarget("t", "The server", address)
                await target.connect()
                await target.close()
                asyncssh.generate_private_key("ssh-ed25519").write_private_key(tmp_path / "stranger")
                with pytest.raises(TargetError, match="refused"):
                    await SshTarget("t", "The server", replace(address, key=tmp_path / "stranger")).connect()
        assert asked == []

    play(scenario)


def test_names_with_any_bytes_reach_the_other_side_or_are_refused_with_a_sentence(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with own_server(tmp_path) as address:
            target = SshTarget("t", "The server", address)
            await target.connect()
            try:
                outcome = await target.run(["cat", "caf\udce9.def"])
                assert rb"caf\0351.def" in outcome.output
                for words in (["cat", "caf\ud800.def"], ["cat", "a\0b"]):
                    with pytest.raises(TargetError, match="name"):
                        await target.run(words)
                    with pytest.raises(TargetError, match="name"):
                        await target.open_terminal(words)
                for path in (PurePosixPath("caf\ud800.def"), PurePosixPath("a\0b")):
                    with pytest.raises((TargetError, FileNotFoundError)):
                        await target.read(path)
            finally:
                await target.close()

    play(scenario)


@pytest.mark.practice
def test_a_lost_connection_ends_everything_with_a_sentence(practice: PracticeCluster) -> None:
    async def scenario() -> None:
        target = await open_practice(practice)
        await target.list(PurePosixPath("."))
        channel = await target.open_terminal(["sleep", "1000"])
        running = asyncio.ensure_future(target.run(["sleep", "1000"]))
        reading = asyncio.ensure_future(channel.read())
        await asyncio.sleep(0.3)
        connection = target._connection
        assert connection is not None
        connection.abort()
        for waiting in (running, reading, asyncio.ensure_future(channel.wait())):
            with pytest.raises(TargetError, match="was lost"):
                await waiting
        assert not target.connected
        await channel.write(b"x")
        await channel.close()
        await target.close()

    play(scenario)


def test_more_terminals_than_the_server_allows(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with own_server(tmp_path, NoSessions) as address:
            target = SshTarget("t", "The server", address)
            await target.connect()
            with pytest.raises(TargetError, match="Close a terminal"):
                await target.open_terminal(["true"])
            assert target.connected
            await target.close()

    play(scenario)


@pytest.mark.practice
def test_many_commands_at_once_share_one_connection(practice: PracticeCluster) -> None:
    async def scenario() -> None:
        target = await open_practice(practice)
        outcomes = await asyncio.gather(*(target.run(["echo", str(number)]) for number in range(30)))
        assert [outcome.output for outcome in outcomes] == [f"{number}\n".encode() for number in range(30)]
        await target.close()

    play(scenario)


@pytest.mark.practice
def test_a_refused_file_says_so(practice: PracticeCluster) -> None:
    async def scenario() -> None:
        target = await open_practice(practice)
        for call in (target.read(PurePosixPath("/etc/shadow")), target.write(PurePosixPath("/etc/x"), b"")):
            with pytest.raises(TargetError, match="may not be read or written"):
                await call
        await target.close()

    play(scenario)


@pytest.mark.practice
def test_the_home_folder_is_left_clean(practice: PracticeCluster) -> None:
    async def scenario() -> None:
        target, folder = await open_practice(practice), own_folder()
        await target.write(folder / "a", b"x")
        await target.run(["rm", "-rf", str(folder)])
        names = [entry.name for entry in await target.list(PurePosixPath("."))]
        assert not [name for name in names if name.startswith(".cowshed-")]
        assert practice_address(practice).user == "learner"
        await target.close()

    play(scenario)


def test_a_broken_connection_is_told_at_once_and_a_closed_one_too(practice: PracticeCluster) -> None:
    async def lose() -> None:
        target = await open_practice(practice)
        assert isinstance(target, Losable)
        lost = asyncio.ensure_future(target.lost())
        with pytest.raises(TargetError):  # the server's process for this connection
            await target.run(("sh", "-c", "kill -9 $PPID"))
        await asyncio.wait_for(lost, 10)
        assert not target.connected
        await target.close()
        target = await open_practice(practice)
        lost = asyncio.ensure_future(target.lost())
        await target.close()
        await asyncio.wait_for(lost, 10)

    play(lose)


@pytest.mark.parametrize("bad", ["nul\0", "half \ud83d"])
def test_a_path_that_cannot_be_sent_is_a_sentence(bad: str) -> None:
    async def scenario() -> None:
        target = SshTarget("far", "Far", SshAddress("localhost", 1, "me", Path("key"), "ssh-ed25519 AAAA"))
        for work in (target.read(PurePosixPath(bad)), target.list(PurePosixPath(bad))):
            with pytest.raises(TargetError, match="half of a character"):
                await work

    asyncio.run(scenario())
