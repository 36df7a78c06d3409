"""Starts, stops, killed starts and what they leave, on clusters of the tests' own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cowshed_lab.practice import namespace
from cowshed_lab.practice import start as start_module
from cowshed_lab.practice.cluster import Ending, PracticeCluster, PracticeError, State, Work
from cowshed_lab.practice.connection import choose_ports
from cowshed_lab.practice.folder import write_json
from cowshed_lab.practice.init_process import InitProcess
from cowshed_lab.practice.leftovers import half_made
from cowshed_lab.practice.namespace import Mode
from cowshed_lab.practice.ownership import claim
from cowshed_lab.practice.progress import Progress
from cowshed_lab.practice.registry import Registry
from cowshed_lab.practice.start import docker_hub_answers
from practice_fixture import clone, command_line, inside, nothing_left, output_of, require_practice

pytestmark = pytest.mark.practice

START = """\
import asyncio, pathlib, sys
from cowshed_lab.practice.cluster import PracticeCluster
def show(progress):
    print(f"{progress.fraction or 0:.3f} {progress.phase}", flush=True)
asyncio.run(PracticeCluster(pathlib.Path(sys.argv[1])).up(show))
"""


@pytest.fixture
def copy(practice: PracticeCluster, tmp_path: Path) -> Iterator[PracticeCluster]:
    """A stopped cluster of the test's own, ended and removed after it."""
    cluster = clone(practice, tmp_path / "practice")
    yield cluster
    asyncio.run(cluster.reset())
    assert nothing_left(cluster) == []


def killed_start(home: Path, phase: str, fraction: float = 0.0) -> None:
    """Start a cluster in a process of its own and end that with SIGKILL once it tells the phase."""
    with subprocess.Popen([sys.executable, "-c", START, str(home)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if phase in line and float(line.split()[0]) >= fraction:
                process.kill()
                break
        else:
            pytest.fail(f"the start ended without telling {phase!r}")
    assert process.returncode == -signal.SIGKILL


async def wait_for_lock(cluster: PracticeCluster) -> None:
    """Return once nothing that a killed start left holds the cluster's lock."""
    async with asyncio.timeout(20), cluster.folder.lock():
        pass


def state(cluster: PracticeCluster) -> State:
    return asyncio.run(cluster.status()).state


def test_up_then_down_leaves_nothing_on_this_computer(copy: PracticeCluster) -> None:
    assert state(copy) is State.STOPPED
    mounts = Path("/proc/self/mountinfo").read_text()
    seen_by_others: set[Work | None] = set()
    asyncio.run(copy.up(lambda _progress: seen_by_others.add(copy.folder.work_under_way())))
    assert Work.START in seen_by_others
    status = asyncio.run(copy.status())
    assert (status.state, status.work) == (State.RUNNING, None)
    assert Path("/proc/self/mountinfo").read_text() == mounts, "its mounts are its own while it runs, too"
    assert nothing_left(copy) != [], "the look itself must be able to find something"
    output_of(copy, "sh", "-c", "nohup tail -f /dev/null >/dev/null 2>&1 &")
    assert asyncio.run(copy.down()) == Ending(stopped=True)
    assert nothing_left(copy) == []
    assert state(copy) is State.STOPPED
    assert asyncio.run(copy.down()) == Ending()


def test_a_start_killed_while_it_makes_the_system_goes_on_next_time(practice: PracticeCluster, tmp_path: Path) -> None:
    cluster = PracticeCluster(tmp_path / "practice")
    claim(cluster.folder.home)
    # Packages that were fetched before, so that the test does not depend on the line.
    shutil.copytree(
        practice.folder.downloads, cluster.folder.downloads, ignore=shutil.ignore_patterns("partial", "lock")
    )
    assert state(cluster) is State.ABSENT
    killed_start(cluster.folder.home, "Installing", 0.5)
    asyncio.run(wait_for_lock(cluster))
    assert nothing_left(cluster) == []
    assert state(cluster) is State.INCOMPLETE

    asyncio.run(cluster.down())
    assert half_made(cluster.folder) == []
    assert state(cluster) is State.ABSENT

    # That the images are made too, every session's first start shows.
    share = ["cp", "-alf", f"{practice.folder.images}/.", str(cluster.folder.images)]
    asyncio.run(namespace.run(require_practice(), share))
    seen: list[Progress] = []
    try:
        asyncio.run(cluster.up(seen.append))
        assert output_of(cluster, "apptainer", "--version").startswith("apptainer version 1.")
    finally:
        asyncio.run(cluster.reset())
    assert seen[-1].fraction == 1.0
    fractions = [progress.fraction for progress in seen if progress.fraction is not None]
    assert fractions == sorted(fractions), "a progress bar never goes back"
    assert nothing_left(cluster) == []


@pytest.mark.parametrize("phase", ["Starting the services", "Waiting for Slurm", "Filling the registry"])
def test_a_start_killed_while_it_starts_services_is_put_right(copy: PracticeCluster, phase: str) -> None:
    if phase == "Filling the registry" and asyncio.run(docker_hub_answers()):
        pytest.skip("Docker Hub answers here: nothing is filled in")
    killed_start(copy.folder.home, phase)
    asyncio.run(copy.up())
    assert state(copy) is State.RUNNING
    assert output_of(copy, "srun", "hostname").strip() == "practice"
    asyncio.run(copy.down())
    assert nothing_left(copy) == []


@pytest.mark.parametrize("phase", ["Starting the services", "Waiting for Slurm"])
def test_down_ends_what_a_killed_start_started(copy: PracticeCluster, phase: str) -> None:
    killed_start(copy.folder.home, phase)
    asyncio.run(copy.down())
    assert nothing_left(copy) == []
    assert state(copy) is State.STOPPED


def test_two_starts_at_once_make_one_cluster(copy: PracticeCluster) -> None:
    command = [sys.executable, "-c", START, str(copy.folder.home)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as one,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other,
    ):
        said = [process.communicate(timeout=120)[0] for process in (one, other)]
    assert [one.returncode, other.returncode] == [0, 0]
    assert sum("is running already" in text for text in said) == 1
    assert state(copy) is State.RUNNING
    inits = [n for n in inside(copy) if command_line(n).endswith(b"/etc/practice/init\0")]
    init = InitProcess.find(copy.folder.init_record)
    assert init is not None
    assert init.pid in inits


def test_one_that_an_older_version_started_is_started_anew(copy: PracticeCluster) -> None:
    asyncio.run(copy.up())
    first = InitProcess.find(copy.folder.init_record)
    asyncio.run(copy.up())
    assert InitProcess.find(copy.folder.init_record) == first, "nothing has changed since"
    asks = copy.folder.run / "etc" / "containers" / "registries.conf"
    asks.write_text(asks.read_text().replace("stand-ins.practice", "stand-ins.of.old"))
    said: list[str] = []
    asyncio.run(copy.up(lambda progress: said.append(progress.phase)))
    assert any("older version" in phase for phase in said)
    assert InitProcess.find(copy.folder.init_record) not in (None, first)


def test_it_outlives_the_process_that_started_it_and_dies_with_its_init(copy: PracticeCluster) -> None:
    subprocess.run([sys.executable, "-c", START, str(copy.folder.home)], check=True, stdout=subprocess.DEVNULL)
    assert state(copy) is State.RUNNING
    init = InitProcess.find(copy.folder.init_record)
    assert init is not None

    async def kill() -> None:
        descriptor = os.pidfd_open(init.pid)
        ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(descriptor, ended.set)
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        async with asyncio.timeout(20):
            await ended.wait()
        os.close(descriptor)

    asyncio.run(kill())
    assert nothing_left(copy) == []
    assert state(copy) is State.STOPPED
    asyncio.run(copy.up())
    assert state(copy) is State.RUNNING


def test_a_service_that_dies_is_started_again(copy: PracticeCluster) -> None:
    asyncio.run(copy.up())
    port = asyncio.run(copy.status()).ports["mirror"]

    def mirrors() -> list[int]:
        return [n for n in inside(copy) if b"serve\0/etc/practice/mirror.yml" in command_line(n)]

    (before,) = mirrors()
    os.kill(before, signal.SIGKILL)

    async def until_another_answers() -> None:
        async with asyncio.timeout(20):
            # The process table has no events.
            while before in (now := mirrors()) or not now or not await Registry(port).answers():  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    asyncio.run(until_another_answers())


def test_a_taken_port_is_chosen_anew_and_the_others_are_kept(copy: PracticeCluster) -> None:
    asyncio.run(copy.up())
    before = dict(asyncio.run(copy.status()).ports)
    asyncio.run(copy.down())
    with socket.socket() as taker:
        taker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # old connections to it may linger
        taker.bind(("127.0.0.1", before["ssh"]))
        taker.listen()
        connection = asyncio.run(copy.up())
        after = dict(asyncio.run(copy.status()).ports)
        assert after.pop("ssh") != before.pop("ssh")
        assert after == before
        assert f"]:{connection.port} " in connection.known_hosts.read_text()
        assert output_of(copy, "whoami") == "learner\n"


def test_a_port_taken_after_it_was_chosen_is_noticed_and_another_chosen(
    copy: PracticeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen: list[dict[str, int]] = []
    with socket.socket() as taker:
        taker.bind(("127.0.0.1", 0))
        taker.listen()

        def choose_late(kept: dict[str, int]) -> dict[str, int]:
            # As if somebody had taken the registry's port in the moment after the first choice.
            lost = {} if chosen else {"registry": taker.getsockname()[1]}
            chosen.append(choose_ports(kept) | lost)
            return chosen[-1]

        monkeypatch.setattr(start_module, "choose_ports", choose_late)
        asyncio.run(copy.up())
        first, second = chosen
        assert asyncio.run(copy.status()).ports == second
        assert {name for name in first if first[name] != second[name]} == {"registry"}
        assert state(copy) is State.RUNNING
        asyncio.run(copy.down())


def test_two_clusters_that_want_the_same_ports_both_come_up(practice: PracticeCluster, tmp_path: Path) -> None:
    clusters = [clone(practice, tmp_path / name) for name in ("one", "other")]
    wanted = choose_ports({})
    for cluster in clusters:
        write_json(cluster.folder.settings, {"ports": wanted})
    try:
        with contextlib.ExitStack() as stack:
            starts = [
                stack.enter_context(
                    subprocess.Popen(
                        [sys.executable, "-c", START, str(cluster.folder.home)], stdout=subprocess.PIPE, text=True
                    )
                )
                for cluster in clusters
            ]
            for process in starts:
                process.communicate(timeout=120)
            assert [process.returncode for process in starts] == [0, 0]
        statuses = [asyncio.run(cluster.status()) for cluster in clusters]
        assert [status.state for status in statuses] == [State.RUNNING, State.RUNNING]
        ports = [port for status in statuses for port in status.ports.values()]
        assert len(set(ports)) == len(ports)
        for cluster in clusters:
            output_of(cluster, "tee", "whose", stdin=str(cluster.folder.home))
            assert output_of(cluster, "srun", "cat", "whose") == str(cluster.folder.home)
    finally:
        for cluster in clusters:
            asyncio.run(cluster.reset())
    assert [nothing_left(cluster) for cluster in clusters] == [[], []]


def test_reset_keeps_the_learners_files_unless_told_otherwise(copy: PracticeCluster) -> None:
    asyncio.run(copy.up())
    output_of(copy, "tee", "mine.def", stdin="precious")
    asyncio.run(copy.reset())
    folder = copy.folder
    assert (folder.learner / "mine.def").read_text() == "precious"
    assert not folder.system.exists()
    assert state(copy) is State.ABSENT
    asyncio.run(copy.reset(files=True))
    (backup,) = folder.learner.parent.glob("learner-20*")
    assert (backup / "mine.def").read_text() == "precious"
    assert not folder.learner.exists()


def test_a_cluster_made_the_other_way_is_refused_with_a_reason(copy: PracticeCluster) -> None:
    mode = require_practice()
    other = Mode.USER_NAMESPACE if mode is Mode.ROOT else Mode.ROOT
    copy.folder.settings.write_text(json.dumps({"mode": other.value}))
    with pytest.raises(PracticeError, match="COWSHED_PRACTICE_HOME"):
        asyncio.run(copy.up())
    copy.folder.settings.unlink()


def test_a_cancelled_start_ends_what_it_started(practice: PracticeCluster, tmp_path: Path) -> None:
    cluster = PracticeCluster(tmp_path / "practice")
    claim(cluster.folder.home)
    shutil.copytree(
        practice.folder.downloads, cluster.folder.downloads, ignore=shutil.ignore_patterns("partial", "lock")
    )

    async def cancel_while_it_makes_the_system() -> None:
        making = asyncio.Event()

        def watch(progress: Progress) -> None:
            if progress.phase.startswith(("Downloading", "Installing")):
                making.set()

        starting = asyncio.create_task(cluster.up(watch))
        async with asyncio.timeout(120):
            await making.wait()
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        await wait_for_lock(cluster)

    asyncio.run(cancel_while_it_makes_the_system())
    assert nothing_left(cluster) == []
    assert state(cluster) is State.INCOMPLETE
    asyncio.run(cluster.reset())
    assert state(cluster) is State.ABSENT
