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
    from cowshed_lab.practice.progress import Progress, Report

IMPOSSIBLE = 2
NOT_DONE = 1

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
        ("add", "make more base images where Docker Hub is out of reach", _add),
        ("shell", "open a shell in it", _shell),
        ("reset", "throw it away; your files there are kept", _reset),
    )
    for name, help_text, run in table:
        action = actions.add_parser(name, help=help_text, description=help_text[0].upper() + help_text[1:] + ".")
        _add_home(action, default=argparse.SUPPRESS)  # given after the action or before it, one counts as the other
        action.set_defaults(run=run, parser=action)
        if name == "add":
            action.add_argument(
                "groups",
                nargs="+",
                metavar="NAME",
                help="python, python-later or r, or an image's name such as python:3.11",
            )
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
    cluster = _cluster(arguments)

    def work() -> None:
        _with_progress(cluster.up)
        sys.stdout.write(describe(_complete(cluster.status())))

    return _guarded(work)


def _down(arguments: argparse.Namespace) -> int:
    cluster = _cluster(arguments)

    def work() -> None:
        ending = _with_progress(cluster.down)
        said = "The practice cluster is stopped; " if ending.stopped else "The practice cluster was not running. "
        if ending.stopped:
            said += f"your files there are kept in {cluster.folder.learner}. "
        if ending.cleaned:
            said += "What an interrupted start had left was removed. "
        sys.stdout.write(f"{said.rstrip()}\n")

    return _guarded(work)


def _add(arguments: argparse.Namespace) -> int:
    from cowshed_lab.practice.stand_ins import group_of, stand_in_for

    cluster = _cluster(arguments)
    named = [stand_in_for(name) for name in arguments.groups]
    groups = [group_of(one.make).name if one else name for one, name in zip(named, arguments.groups, strict=True)]

    def work() -> None:
        added = _with_progress(lambda report: cluster.add(list(dict.fromkeys(groups)), report))
        if added:
            sys.stdout.write(f"Stand-ins are there now for {', '.join(added)}.\n")
        elif _complete(cluster.status()).stand_ins:
            sys.stdout.write("They were there already.\n")
        else:
            sys.stdout.write("Docker Hub answers, so the real images are used; there is nothing to add.\n")

    return _guarded(work)


def _with_progress[T](start: Callable[[Report], Coroutine[None, None, T]]) -> T:
    line = ProgressLine(sys.stderr)
    try:
        return _complete(start(line.show))
    finally:
        line.end()


def _status(arguments: argparse.Namespace) -> int:
    def work() -> None:
        sys.stdout.write(describe(_complete(_cluster(arguments).status())))

    return _guarded(work)


def _reset(arguments: argparse.Namespace) -> int:
    from cowshed_lab.practice.ownership import check

    cluster, files = _cluster(arguments), bool(arguments.files)
    if refused := _guarded(lambda: check(cluster.folder.home)):
        return refused
    if not cluster.worth_a_reset(files=files):
        sys.stdout.write(f"There is no practice cluster in {cluster.folder.home}; nothing was changed.\n")
        return 0
    if not arguments.yes:
        if not sys.stdin.isatty():
            sys.stderr.write(
                f"This would throw away the practice cluster in {cluster.folder.home}, and there is no terminal to ask "
                "you at. Nothing was changed. If you mean it, add --yes.\n"
            )
            return IMPOSSIBLE
        try:
            if not _agreed(cluster, files):
                sys.stderr.write("Nothing was changed.\n")
                return NOT_DONE
        except KeyboardInterrupt:
            sys.stderr.write("\nNothing was changed.\n")
            return 130

    def work() -> None:
        ending = _with_progress(lambda report: cluster.reset(files=files, report=report))
        where = f"moved to {ending.backup}" if ending.backup else f"kept in {cluster.folder.learner}"
        sys.stdout.write(
            f"The practice cluster was thrown away. Your files there are {where}. "
            "Set it up anew with: cowshed practice up\n"
        )

    return _guarded(work)


def _agreed(cluster: PracticeCluster, files: bool) -> bool:
    sys.stderr.write(
        f"This throws away the practice cluster in {cluster.folder.home}: what runs in it, its system, and the images "
        "pushed to its registry. Your files there are "
        f"{'moved to a backup beside them' if files else 'kept'}.\nThrow it away? (y/N) "
    )
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        sys.stderr.write("\n")
    return answer.strip().lower() in {"y", "yes"}


def describe(status: Status) -> str:
    """Return a status as lines for a person."""
    from cowshed_lab.practice.certificates import GITHUB_REGISTRY_NAME, REGISTRY_NAME
    from cowshed_lab.practice.cluster import State, Work

    sentences = {
        State.ABSENT: "The practice cluster is not set up yet. Set it up and start it with: cowshed practice up",
        State.INCOMPLETE: "Setting up the practice cluster was interrupted. Go on with: cowshed practice up",
        State.STOPPED: "The practice cluster is stopped. Start it with: cowshed practice up",
        State.RUNNING: "The practice cluster is running.",
        State.BROKEN: "The practice cluster runs but does not answer. Put that right with: cowshed practice up",
    }
    lines = [sentences[status.state]]
    if status.work is not None:
        first = status.state in {State.ABSENT, State.INCOMPLETE}
        doing = {Work.START: "set up" if first else "started", Work.STOP: "stopped", Work.RESET: "thrown away"}
        doing[Work.ADD] = "given more base images"
        lines = [
            f"The practice cluster is being {doing[status.work]} at this moment, "
            "by a Cowshed window or by another command."
        ]
    if status.mode is not None:
        lines.append(f"  set up        {'as root' if status.mode.value == 'root' else 'without root'}")
    lines.append(f"  folder        {status.home}")
    if status.state is State.RUNNING:
        ports = status.ports
        lines.append(f"  SSH           learner@127.0.0.1, port {ports['ssh']} (or: cowshed practice shell)")
        lines.append("                visitor@127.0.0.1 is an account that cannot map subordinate IDs")
        if status.registry_login is not None:
            user, password = status.registry_login
            port = ports["registry"]
            lines.append(f"  registry      {REGISTRY_NAME}:{port}, user {user}, password {password}")
            lines.append(
                f"                {GITHUB_REGISTRY_NAME}:{port} stands in for GitHub's, same user and password"
            )
    if status.versions:
        shown = (f"{name} {status.versions[name]}" for name in ("apptainer", "slurmctld") if name in status.versions)
        lines.append(f"  versions      {', '.join(shown)}")
    if status.stand_ins:
        lines.append(
            f"  base images   Docker Hub did not answer; stand-ins for {', '.join(status.stand_ins)}, "
            "made of Debian packages"
        )
    if status.to_add:
        lines.append(
            f"                more with: cowshed practice add NAME, where NAME is one of {', '.join(status.to_add)}"
        )
    return "\n".join(lines) + "\n"


def _shell(arguments: argparse.Namespace) -> int:
    from cowshed_lab.practice.cluster import State

    cluster = _cluster(arguments)

    first = "1 to 3 minutes, about 160 MB to download. Ctrl+C stops it; what was downloaded is kept."
    before = {
        State.ABSENT: f"The practice cluster is not set up yet; that comes first: {first}",
        State.INCOMPLETE: f"The practice cluster is not wholly set up yet; that comes first: {first}",
        State.STOPPED: "The practice cluster is stopped; it is started first.",
        State.BROKEN: "The practice cluster does not answer; it is started again first.",
    }

    def work() -> None:
        state = _complete(cluster.status()).state
        if state is not State.RUNNING:
            sys.stderr.write(f"{before[state]}\n")
            _with_progress(cluster.up)

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
