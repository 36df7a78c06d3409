"""Command line of the practice cluster: `practice up | down | status | shell | reset`."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from cowshed_lab.practice.cluster import PracticeCluster, Status
    from cowshed_lab.practice.progress import Progress

IMPOSSIBLE = 2

# Imports of asyncio, asyncssh and the cluster happen when a command runs: the whole command line starts faster so.


def add_practice_command(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `practice` to the program's commands. The chosen one is in the namespace as `run`, returning a status."""
    practice = subparsers.add_parser(
        "practice",
        help="the practice cluster on this computer",
        description="Apptainer, an SSH server, Slurm and a registry on this Linux computer, to learn with.",
    )
    _add_home(practice, default=None)
    actions = practice.add_subparsers(dest="action", required=True, metavar="ACTION")
    table: Sequence[tuple[str, str, Callable[[argparse.Namespace], int]]] = (
        ("up", "start it; the first time sets it up, in 1 to 3 minutes", _up),
        ("down", "stop it; your files there are kept", _down),
        ("status", "tell whether it runs, and where it listens", _status),
        ("shell", "open a shell in it", _shell),
        ("reset", "throw it away; your files there are kept", _reset),
    )
    for name, help_text, run in table:
        action = actions.add_parser(name, help=help_text, description=help_text[0].upper() + help_text[1:] + ".")
        _add_home(action, default=argparse.SUPPRESS)  # given after the action or before it, one counts as the other
        action.set_defaults(run=run, parser=action)
        if name == "reset":
            action.add_argument(
                "--files", action="store_true", help="also move your files there away, to a backup beside them"
            )
            action.add_argument("--yes", action="store_true", help="do not ask")


def _add_home(parser: argparse.ArgumentParser, *, default: str | None) -> None:
    parser.add_argument(
        "--home",
        type=Path,
        metavar="DIR",
        default=default,
        help="folder that it lives in (default: $COWSHED_PRACTICE_HOME or your data folder)",
    )


class ProgressLine:
    """Shows progress on a terminal as one line that is written again and again, elsewhere as a line per phase.

    Args:
        stream: Where to; usually standard error.
    """

    _BAR = 24

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._shown = ""

    def show(self, progress: Progress) -> None:
        """Show one progress."""
        if not self._terminal:
            if progress.phase != self._shown:
                self._shown = progress.phase
                self._stream.write(progress.sentence() + "\n")
                self._stream.flush()
            return
        bar = ""
        if progress.fraction is not None:
            full = round(progress.fraction * self._BAR)
            bar = f"[{'#' * full}{'.' * (self._BAR - full)}] {progress.fraction:4.0%} "
        line = (bar + progress.sentence())[: shutil.get_terminal_size().columns - 1]
        if line != self._shown:
            self._shown = line
            self._stream.write(f"\r\x1b[K{line}")
            self._stream.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._terminal and self._shown:
            self._stream.write("\n")
            self._stream.flush()


def _cluster(arguments: argparse.Namespace) -> PracticeCluster:
    from cowshed_lab.practice.cluster import PracticeCluster

    return PracticeCluster(arguments.home)


def _complete[T](work: Coroutine[None, None, T]) -> T:
    import asyncio

    return asyncio.run(work)


def _guarded(work: Callable[[], None]) -> int:
    from cowshed_lab.practice.fault import PracticeError

    try:
        work()
    except PracticeError as error:
        sys.stderr.write(f"{error}\n")
        return IMPOSSIBLE
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. What was downloaded is kept for the next time.\n")
        return 130
    return 0


def _up(arguments: argparse.Namespace) -> int:
    line = ProgressLine(sys.stderr)
    cluster = _cluster(arguments)

    def work() -> None:
        try:
            _complete(cluster.up(line.show))
        finally:
            line.end()
        sys.stdout.write(describe(_complete(cluster.status())))

    return _guarded(work)


def _down(arguments: argparse.Namespace) -> int:
    return _guarded(lambda: _complete(_cluster(arguments).down()))


def _status(arguments: argparse.Namespace) -> int:
    def work() -> None:
        sys.stdout.write(describe(_complete(_cluster(arguments).status())))

    return _guarded(work)


def _reset(arguments: argparse.Namespace) -> int:
    return _guarded(lambda: _complete(_cluster(arguments).reset(files=arguments.files)))


def describe(status: Status) -> str:
    """Return a status as lines for a person."""
    from cowshed_lab.practice.cluster import State

    sentences = {
        State.ABSENT: "The practice cluster is not made yet. Make and start it with: cowshed practice up",
        State.INCOMPLETE: "The practice cluster is half made. Go on with: cowshed practice up",
        State.STOPPED: "The practice cluster is stopped. Start it with: cowshed practice up",
        State.RUNNING: "The practice cluster is running.",
        State.BROKEN: "The practice cluster runs but does not answer. Put that right with: cowshed practice up",
    }
    lines = [sentences[status.state]]
    if status.mode is not None:
        lines.append(f"  made          {'as root' if status.mode.value == 'root' else 'without root'}")
    lines.append(f"  folder        {status.home}")
    if status.state is State.RUNNING:
        ports = status.ports
        lines.append(f"  SSH           learner@127.0.0.1, port {ports['ssh']} (or: cowshed practice shell)")
        if status.registry_login is not None:
            user, password = status.registry_login
            lines.append(f"  registry      127.0.0.1:{ports['registry']}, user {user}, password {password}")
        lines.append(f"                127.0.0.1:{ports['mirror']} to read without a login")
    if status.versions:
        shown = (f"{name} {status.versions[name]}" for name in ("apptainer", "slurmctld") if name in status.versions)
        lines.append(f"  versions      {', '.join(shown)}")
    if status.stand_ins:
        lines.append(f"  base images   Docker Hub did not answer; stand-ins for {', '.join(status.stand_ins)}")
    return "\n".join(lines) + "\n"


def _shell(arguments: argparse.Namespace) -> int:
    from cowshed_lab.practice.cluster import State

    cluster = _cluster(arguments)

    def work() -> None:
        if _complete(cluster.status()).state is not State.RUNNING:
            line = ProgressLine(sys.stderr)
            try:
                _complete(cluster.up(line.show))
            finally:
                line.end()

    status = _guarded(work)
    if status == 0:
        command = shell_command(cluster)
        os.execvp(command[0], command)
    return status


def shell_command(cluster: PracticeCluster) -> list[str]:
    """Return the command that opens the learner's shell: ssh, or nsenter where no ssh is installed."""
    if shutil.which("ssh"):
        connection = cluster.connection()
        return [
            "ssh",
            *("-F", "none", "-i", str(connection.key), "-p", str(connection.port)),
            *("-o", f"UserKnownHostsFile={connection.known_hosts}", "-o", "StrictHostKeyChecking=yes"),
            *("-o", "IdentitiesOnly=yes", "-o", "LogLevel=ERROR"),
            f"{connection.user}@{connection.host}",
        ]
    return nsenter_command(cluster)


def nsenter_command(cluster: PracticeCluster) -> list[str]:
    """Return the command that opens the learner's shell through the cluster's namespaces."""
    from cowshed_lab.practice.fault import PracticeError
    from cowshed_lab.practice.init_process import InitProcess
    from cowshed_lab.practice.leftovers import recorded_mode
    from cowshed_lab.practice.namespace import LEARNER_ID, Mode

    init = InitProcess.find(cluster.folder.init_record)
    if init is None:
        raise PracticeError("The practice cluster has just ended. Start it again with: cowshed practice up")
    user = ["--user"] if recorded_mode(cluster.folder) is Mode.USER_NAMESPACE else []
    variables = {"HOME": "/home/learner", "USER": "learner", "LOGNAME": "learner", "LANG": "C.UTF-8"}
    variables |= {"SHELL": "/bin/bash", "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/games"}
    variables["TERM"] = os.environ.get("TERM", "xterm-256color")
    return [
        "nsenter",
        *("--target", str(init.pid), *user, "--mount", "--pid", "--ipc", "--uts", "--root"),
        *("--setuid", str(LEARNER_ID), "--setgid", str(LEARNER_ID), "--"),
        *("env", "-i", "--chdir=/home/learner", *(f"{name}={value}" for name, value in variables.items())),
        *("bash", "--login"),
    ]
