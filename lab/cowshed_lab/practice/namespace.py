"""Namespaces: how the practice cluster is kept apart from this computer, with and without root."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cowshed_lab.practice.fault import PracticeError

LEARNER_ID = 1000
# User and group IDs inside are 0 to 65535: what one usual line of /etc/subuid gives.
ID_COUNT = 65536


class Mode(StrEnum):
    """How the cluster can be run on this computer."""

    ROOT = "root"
    USER_NAMESPACE = "user_namespace"
    UNAVAILABLE = "unavailable"


class NamespaceError(PracticeError):
    """Namespaces could not be made. The text is for a person."""


@dataclass(frozen=True, slots=True)
class IdRange:
    """A range of IDs that this computer's administrator gave to the user (/etc/subuid, /etc/subgid)."""

    start: int
    count: int


def subordinate_range(file: Path, user: str, user_id: int) -> IdRange | None:
    """Return the user's first range of at least 65,536 IDs from /etc/subuid or /etc/subgid."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    for line in lines:
        fields = line.split(":")
        if len(fields) == 3 and fields[0] in (user, str(user_id)) and fields[1].isdigit() and fields[2].isdigit():
            found = IdRange(int(fields[1]), int(fields[2]))
            if found.count >= ID_COUNT:
                return found
    return None


def id_map(own_id: int, given: IdRange) -> list[str]:
    """Return the arguments for newuidmap/newgidmap.

    Inside, the learner is this computer's user, so that the learner's files belong to that user on both sides;
    everybody else inside, root too, is one of the given IDs.
    """
    triples = (
        (0, given.start, LEARNER_ID),
        (LEARNER_ID, own_id, 1),
        (LEARNER_ID + 1, given.start + LEARNER_ID, ID_COUNT - LEARNER_ID - 1),
    )
    return [str(number) for triple in triples for number in triple]


PROXY_VARIABLES = ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
SYSTEM_FOLDERS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def clean_environment() -> dict[str, str]:
    """Return the environment for the system's programs.

    Nothing that our own interpreter or a bundled app was started with may reach them: mmdebstrap runs Python too.
    """
    proxies = {name: os.environ[name] for name in PROXY_VARIABLES if os.environ.get(name)}
    return {"PATH": SYSTEM_FOLDERS, "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C.UTF-8", **proxies}


# What this process ignores, its children would ignore: an app that a script starts in the background ignores SIGINT,
# and the learner's programs would know no Ctrl+C; one started by a service may ignore SIGPIPE, and `yes | head` would
# not end.
_HEED_SIGNALS = ["env", "--default-signal"]

# The shell tells that its namespace exists, then waits until the IDs are mapped (a line, or the pipe's end).
_AWAIT_MAPPING = 'echo ready >&2 && read -r _ && exec "$@"'


async def start(
    mode: Mode,
    command: Sequence[str],
    *,
    outlive: bool = False,
    stdout: int | None = asyncio.subprocess.DEVNULL,
    lock: int | None = None,
    extra_environment: dict[str, str] | None = None,
) -> asyncio.subprocess.Process:
    """Start `command` as root of new mount, PID, IPC and UTS namespaces (and of a user namespace in that mode).

    Args:
        mode: Which way of doing so.
        command: Argument list; it sees this computer's folders, but its mounts are its own.
        outlive: False ends the command, and all that it started, together with this process (even by SIGKILL).
        stdout: As for asyncio's subprocesses. Standard error is a pipe.
        lock: File descriptor that the command inherits.
        extra_environment: Variables besides `clean_environment`.

    Raises:
        NamespaceError: The system does not allow it, or a program is missing.
    """
    spaces = ["unshare", "--mount", "--pid", "--ipc", "--uts"]
    if outlive:
        # setsid's child is process 1 of the namespaces; nothing stays between it and the computer's own init.
        lifetime = []
        inner = [*spaces, "--", "setsid", "--fork", *command]
    else:
        lifetime = ["--pdeathsig", "KILL"]
        inner = [*spaces, "--fork", "--kill-child=KILL", "--", *command]
    if mode is Mode.ROOT:
        arguments = ["setpriv", *lifetime, *inner] if lifetime else inner
    else:
        # Root inside needs no inherited capabilities, and the learner must get none.
        become_root = ["setpriv", "--reuid", "0", "--regid", "0", "--clear-groups"]
        become_root += ["--inh-caps=-all", "--ambient-caps=-all", *lifetime]
        arguments = ["unshare", "--user", "--keep-caps", "--"]
        arguments += ["sh", "-c", _AWAIT_MAPPING, "sh", *become_root, *inner]
    try:
        process = await asyncio.create_subprocess_exec(
            *_HEED_SIGNALS,
            *arguments,
            stdin=asyncio.subprocess.PIPE if mode is Mode.USER_NAMESPACE else asyncio.subprocess.DEVNULL,
            stdout=stdout,
            stderr=asyncio.subprocess.PIPE,
            pass_fds=() if lock is None else (lock,),
            start_new_session=True,
            env={**clean_environment(), **(extra_environment or {})},
            umask=0o022,
        )
    except FileNotFoundError as error:
        raise NamespaceError(f"The program {error.filename} is missing on this computer.") from error
    if mode is Mode.USER_NAMESPACE:
        try:
            await _map_ids(process)
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
    return process


async def _map_ids(process: asyncio.subprocess.Process) -> None:
    assert process.stderr is not None
    assert process.stdin is not None
    said = await process.stderr.readline()
    if said != b"ready\n":
        rest = said + await process.stderr.read()
        raise NamespaceError(f"A user namespace could not be made: {rest.decode(errors='replace').strip()}")
    user_id, group_id = os.getuid(), os.getgid()
    user = pwd.getpwuid(user_id).pw_name
    for program, file, own_id in (("newuidmap", "/etc/subuid", user_id), ("newgidmap", "/etc/subgid", group_id)):
        given = subordinate_range(Path(file), user, user_id)
        if given is None:
            raise NamespaceError(f"{file} gives {user} no range of {ID_COUNT} IDs.")
        try:
            mapping = await asyncio.create_subprocess_exec(
                program,
                str(process.pid),
                *id_map(own_id, given),
                env=clean_environment(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )
        except FileNotFoundError as error:
            raise NamespaceError(f"The program {program} is missing on this computer.") from error
        _, errors = await mapping.communicate()
        if mapping.returncode != 0:
            raise NamespaceError(f"{program} refused: {errors.decode(errors='replace').strip()}")
    process.stdin.write(b"\n")
    process.stdin.close()


async def run(mode: Mode, command: Sequence[str]) -> None:
    """Run `command` as in `start` and wait for its end.

    Raises:
        NamespaceError: It could not start, or it failed.
    """
    process = await start(mode, command)
    _, errors = await process.communicate()
    if process.returncode != 0:
        raise NamespaceError(f"{command[0]} failed: {errors.decode(errors='replace').strip()}")
