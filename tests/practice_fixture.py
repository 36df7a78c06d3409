"""The practice cluster for tests: one for the whole session, shared with sessions that run at the same time."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pwd
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from cowshed_lab.practice import namespace
from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lab.practice.connection import connect
from cowshed_lab.practice.init_process import InitProcess
from cowshed_lab.practice.leftovers import recorded_mode
from cowshed_lab.practice.namespace import Mode
from cowshed_lab.practice.ownership import claim
from cowshed_lab.practice.probe import probe

# Not Path.home(): tests move HOME away.
_REAL_HOME = Path(pwd.getpwuid(os.getuid()).pw_dir)
PRACTICE_HOME = Path(
    os.environ.get("COWSHED_TEST_PRACTICE_HOME") or _REAL_HOME / ".cache" / "cowshed-tests" / "practice"
)


def require_practice() -> Mode:
    """Skip the test where no practice cluster can run, or fail it where COWSHED_REQUIRE_PRACTICE=1 demands one."""
    found = probe()
    if found.mode is Mode.UNAVAILABLE:
        if os.environ.get("COWSHED_REQUIRE_PRACTICE") == "1":
            pytest.fail(f"COWSHED_REQUIRE_PRACTICE=1, but: {found.text()}")
        pytest.skip(found.text())
    return found.mode


@pytest.fixture(scope="session")
def practice() -> Iterator[PracticeCluster]:
    """The running practice cluster: `practice.connection()`, `run_in(practice, …)`. Do not stop it in a test."""
    require_practice()
    PRACTICE_HOME.mkdir(parents=True, exist_ok=True)
    cluster = PracticeCluster(PRACTICE_HOME)
    # Every session that uses the cluster holds a shared lock; the one that gets it alone is the last.
    with (PRACTICE_HOME.parent / "users.lock").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        shown: list[str] = []

        def show(progress: object) -> None:
            phase = str(getattr(progress, "phase", ""))
            if not shown or shown[-1] != phase:
                shown.append(phase)
                sys.stderr.write(f"practice cluster: {phase}\n")

        asyncio.run(cluster.up(show))
        yield cluster
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        asyncio.run(cluster.down())


@dataclass(frozen=True)
class Done:
    """A command that ended in the cluster."""

    exit_status: int | None
    stdout: str
    stderr: str


async def run_in_async(cluster: PracticeCluster, *command: str, stdin: str = "") -> Done:
    """Run a command (argument list) as the learner and return what came of it."""
    async with await connect(cluster.connection()) as ssh:
        done = await ssh.run(shlex.join(command), input=stdin)
    return Done(done.exit_status, str(done.stdout), str(done.stderr))


def run_in(cluster: PracticeCluster, *command: str, stdin: str = "") -> Done:
    """Run a command (argument list) as the learner and return what came of it."""
    return asyncio.run(run_in_async(cluster, *command, stdin=stdin))


def output_of(cluster: PracticeCluster, *command: str, stdin: str = "") -> str:
    """Return a command's standard output; fail the test where it fails."""
    done = run_in(cluster, *command, stdin=stdin)
    assert done.exit_status == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


# Files are shared by hard links, except below the folders that a running cluster writes to.
CLONE = """\
set -eu
from=$1 to=$2
mkdir -p "$to/system/root/var/lib"
cp -a "$from/system/stamp.json" "$to/system/"
cp -al "$from/images" "$to/"
cd "$from/system/root"
for name in * var/* var/lib/*; do
    case $name in
    tmp | var/tmp) mkdir -m 1777 "$to/system/root/$name" ;;
    var | var/lib) ;;
    var/log | var/spool) mkdir "$to/system/root/$name" ;;
    var/lib/munge) cp -a "$name" "$to/system/root/$name" ;;
    *) cp -al "$name" "$to/system/root/$name" ;;
    esac
done
"""


def clone(source: PracticeCluster, home: Path) -> PracticeCluster:
    """Return a stopped copy of a cluster, for tests that break things. Its ports, keys and files are its own."""
    claim(home)
    folder = source.folder
    mode = recorded_mode(folder)
    assert mode is not None
    asyncio.run(namespace.run(mode, ["sh", "-c", CLONE, "sh", str(folder.home), str(home)]))
    return PracticeCluster(home)


def processes_of(cluster: PracticeCluster) -> list[int]:
    """Return every process that runs in the cluster's folder or was started with its name, our own left out."""
    needle = str(cluster.folder.home)
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            mounts = (folder / "mountinfo").read_text(errors="replace")
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if needle in mounts or needle in command:
            found.append(int(folder.name))
    return found


def inside(cluster: PracticeCluster) -> list[int]:
    """Return the processes of the cluster's PID namespace."""
    init = InitProcess.find(cluster.folder.init_record)
    assert init is not None
    namespace_id = Path(f"/proc/{init.pid}/ns/pid").readlink()
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if (folder / "ns" / "pid").readlink() == namespace_id:
                    found.append(int(folder.name))
            except OSError:
                continue
    return found


def command_line(number: int) -> bytes:
    """Return a process's arguments, each ended by a zero byte; nothing where it has ended."""
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes()
    except OSError:
        return b""


def as_root_inside(cluster: PracticeCluster, *command: str) -> str:
    """Run a command (argument list) as the cluster's own root and return what it printed."""
    init = InitProcess.find(cluster.folder.init_record)
    assert init is not None
    user = ["--user"] if recorded_mode(cluster.folder) is Mode.USER_NAMESPACE else []
    enter = ["nsenter", "--target", str(init.pid), *user, "--mount", "--pid", "--setuid", "0", "--setgid", "0"]
    done = subprocess.run([*enter, "--", *command], stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout


def loop_devices() -> dict[str, str]:
    """Return the loop devices in use and the files behind them."""
    files = Path("/sys/block").glob("loop*/loop/backing_file")
    return {file.parts[3]: file.read_text().strip() for file in files}


def nothing_left(cluster: PracticeCluster) -> Sequence[str]:
    """Return what a stopped cluster has left on this computer: processes, mounts, loop devices."""
    home = str(cluster.folder.home)
    left = [f"process {number}" for number in processes_of(cluster)]
    left += [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if home in line]
    left += [f"{device} {file}" for device, file in loop_devices().items() if home in file]
    return left
