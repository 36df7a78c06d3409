"""The running practice cluster, as a learner and as somebody on the same computer see it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import asyncssh
import pytest

from cowshed_lab.practice.base_images import stored
from cowshed_lab.practice.certificates import RegistryCertificate
from cowshed_lab.practice.cluster import PracticeCluster, State
from cowshed_lab.practice.connection import connect
from cowshed_lab.practice.progress import Progress
from cowshed_lab.practice.registry import Registry, RegistryError
from cowshed_lab.practice.stand_ins import STAND_INS
from practice_fixture import Done, as_root_inside, output_of, run_in

pytestmark = pytest.mark.practice


def test_status_tells_that_it_runs_and_where(practice: PracticeCluster) -> None:
    status = asyncio.run(practice.status())
    assert status.state is State.RUNNING
    assert status.ports["ssh"] == practice.connection().port
    assert status.versions["apptainer"].startswith("1.")
    assert status.registry_login is not None
    assert status.registry_login[1] not in repr(status), "a password must not get into a log by way of repr"


def test_a_second_start_finds_it_running(practice: PracticeCluster) -> None:
    seen: list[Progress] = []
    assert asyncio.run(practice.up(seen.append)) == practice.connection()
    assert seen[-1].phase == "The practice cluster is running already"
    assert seen[-1].fraction == 1.0


def test_the_learner_is_an_ordinary_user_in_a_home_of_its_own(practice: PracticeCluster) -> None:
    assert output_of(practice, "id", "-un").strip() == "learner"
    assert output_of(practice, "id", "-u").strip() == "1000"
    assert output_of(practice, "pwd").strip() == "/home/learner"
    assert output_of(practice, "hostname").strip() == "practice"
    assert output_of(practice, "printenv", "LANG").strip() == "C.UTF-8"
    for terminal in ("xterm-256color", "tmux-256color"):
        assert terminal in output_of(practice, "infocmp", terminal)


def test_the_prompt_names_learner_and_practice(practice: PracticeCluster) -> None:
    async def prompt() -> str:
        async with await connect(practice.connection()) as ssh:
            process = await ssh.create_process(term_type="xterm", encoding="utf-8")
            try:
                text = await asyncio.wait_for(process.stdout.readuntil("$ "), 20)
            finally:
                process.stdin.write("exit\n")
                await process.wait()
        return str(text)

    assert "learner@practice:~$" in re.sub(r"\x1b\[[\d;]*m", "", asyncio.run(prompt()))


def test_only_the_clusters_own_key_opens_it(practice: PracticeCluster) -> None:
    connection = practice.connection()
    assert connection.key.stat().st_mode & 0o777 == 0o600

    async def attempt(user: str, key: object = None, password: str | None = None) -> None:
        async with await asyncssh.connect(
            connection.host,
            connection.port,
            username=user,
            client_keys=None if key is None else [key],
            password=password,
            known_hosts=str(connection.known_hosts),
            agent_path=None,
            config=None,
        ):
            pass

    stranger = asyncssh.generate_private_key("ssh-ed25519")
    own = str(connection.key)
    asyncio.run(attempt("learner", own))
    with pytest.raises(asyncssh.PermissionDenied):
        asyncio.run(attempt("learner", stranger))
    with pytest.raises(asyncssh.PermissionDenied):
        asyncio.run(attempt("learner", password="learner"))
    with pytest.raises(asyncssh.PermissionDenied):
        asyncio.run(attempt("root", own))


def test_files_go_both_ways_over_sftp(practice: PracticeCluster, tmp_path: Path) -> None:
    text = "Bootstrap: docker\nFrom: ubuntu:22.04\n# ü\n"

    async def through() -> str:
        async with await connect(practice.connection()) as ssh, ssh.start_sftp_client() as sftp:
            async with sftp.open("sftp-test.def", "w", encoding="utf-8") as file:
                await file.write(text)
            async with sftp.open("sftp-test.def", "r", encoding="utf-8") as file:
                read = await file.read()
        return str(read)

    assert asyncio.run(through()) == text
    assert (practice.folder.learner / "sftp-test.def").read_text(encoding="utf-8") == text


def test_slurm_has_both_partitions_and_runs_jobs(practice: PracticeCluster) -> None:
    assert output_of(practice, "sinfo", "--noheader", "--format=%P").split() == ["standard*", "largemem"]
    assert output_of(practice, "srun", "--partition=standard", "hostname").strip() == "practice"
    script = "#!/bin/sh\necho ran in $SLURM_JOB_PARTITION as $(id -un)\n"
    wait = ("sbatch", "--wait", "--partition=largemem", "--output=job.out")
    output_of(practice, *wait, stdin=script)
    assert output_of(practice, "cat", "job.out") == "ran in largemem as learner\n"
    assert run_in(practice, *wait, stdin="#!/bin/sh\nexit 3\n").exit_status == 3


def _listening(cluster: PracticeCluster) -> dict[str, str]:
    """Return address and program of every socket that a process of the cluster takes connections or packets at."""
    # Asked from inside: without root, this computer does not show us what root's processes inside have open.
    links = as_root_inside(cluster, "find", "/proc", "-maxdepth", "3", "-path", "*/fd/*", "-printf", "%h %l\\n")
    owners = {}
    for line in links.splitlines():
        folder, _, link = line.partition(" ")
        if link.startswith("socket:["):
            owners[link.removeprefix("socket:[").rstrip("]")] = folder.split("/")[2]
    programs = {
        number: as_root_inside(cluster, "cat", f"/proc/{number}/comm").strip() for number in set(owners.values())
    }
    listening = {}
    for protocol in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        for line in Path(f"/proc/net/{protocol}").read_text().splitlines()[1:]:
            fields = line.split()
            # 0A: listening; the others have no such state.
            if fields[9] in owners and (fields[3] == "0A" or not protocol.startswith("tcp")):
                listening[f"{protocol} {fields[1]}"] = programs[owners[fields[9]]]
    return listening


def test_everything_listens_on_loopback_only_even_during_a_job(practice: PracticeCluster) -> None:
    async def during_a_job() -> dict[str, str]:
        async with await connect(practice.connection()) as ssh:
            job = await ssh.create_process("srun cat")
            job.stdin.write("the job runs\n")
            assert await job.stdout.readline() == "the job runs\n"
            found = _listening(practice)
            job.stdin.write_eof()
            await job.wait()
        return found

    found = asyncio.run(during_a_job())
    assert {"sshd", "docker-registry", "slurmctld", "slurmd", "srun"} <= set(found.values())
    # 0100007F is 127.0.0.1 as /proc/net writes it.
    assert [where for where in found if " 0100007F:" not in where] == []


def test_pushes_ask_for_a_login_and_pulls_do_not(practice: PracticeCluster) -> None:
    status = asyncio.run(practice.status())
    login = status.registry_login
    assert login is not None
    image = stored(practice.folder.images, STAND_INS[0])
    assert image is not None, "this test needs a stand-in, which is made where Docker Hub does not answer"

    async def check() -> None:
        port, authority = status.ports["registry"], RegistryCertificate(practice.folder.keys).authority
        anonymous = Registry(port, authority=authority)
        with pytest.raises(RegistryError, match="401"):
            await anonymous.push("learner/test", "one", image)
        with pytest.raises(RegistryError, match="401"):
            await Registry(port, ("learner", "wrong"), authority=authority).push("learner/test", "one", image)
        await Registry(port, login, authority=authority).push("learner/test", "one", image)
        mirror = Registry(status.ports["mirror"])
        assert await mirror.has("learner/test", "one", image.digest)
        assert not await mirror.has("learner/test", "two", image.digest)
        with pytest.raises(RegistryError, match="405"):
            await mirror.push("learner/other", "one", image)

    asyncio.run(check())


TINY = """\
Bootstrap: docker
From: ubuntu:22.04

%post
    echo built-as $(id -u) > /built

%runscript
    cat /built
"""


def _build(practice: PracticeCluster, name: str, recipe: str) -> Done:
    output_of(practice, "tee", f"{name}.def", stdin=recipe)
    return run_in(practice, "apptainer", "build", "--force", f"{name}.sif", f"{name}.def")


@pytest.fixture(scope="module")
def build_log(practice: PracticeCluster) -> str:
    """tiny.sif, built without a cache, and what its build printed."""
    output_of(practice, "tee", "tiny.def", stdin=TINY)
    cache = ("env", "APPTAINER_CACHEDIR=/home/learner/test-cache")
    output_of(practice, "rm", "-rf", "test-cache")
    done = run_in(practice, *cache, "apptainer", "build", "--force", "tiny.sif", "tiny.def")
    assert done.exit_status == 0, done.stderr
    return f"{done.stdout}{done.stderr}"


@pytest.mark.usefixtures("build_log")
def test_apptainer_builds_runs_and_pushes_an_image(practice: PracticeCluster) -> None:
    assert output_of(practice, "apptainer", "run", "tiny.sif") == "built-as 0\n"
    assert output_of(practice, "apptainer", "exec", "tiny.sif", "id", "-un") == "learner\n"
    status = asyncio.run(practice.status())
    assert status.registry_login is not None
    user, password = status.registry_login
    where = f"oras://{practice.connection().registry}"
    push = ("apptainer", "push", "tiny.sif", f"{where}/learner/tiny:1")
    run_in(practice, "apptainer", "registry", "logout", where)
    refused = run_in(practice, *push)
    assert refused.exit_status != 0
    assert "auth" in f"{refused.stdout}{refused.stderr}"
    login = ("apptainer", "registry", "login", "--username", user, "--password-stdin", where)
    output_of(practice, *login, stdin=password)
    output_of(practice, *push)
    mirror = f"oras://127.0.0.1:{status.ports['mirror']}/learner/tiny:1"
    output_of(practice, "apptainer", "pull", "--no-https", "--force", "pulled.sif", mirror)
    assert output_of(practice, "apptainer", "run", "pulled.sif") == "built-as 0\n"
    output_of(practice, "apptainer", "registry", "logout", where)


@pytest.mark.usefixtures("build_log")
def test_a_stand_in_says_so_everywhere(practice: PracticeCluster) -> None:
    if not asyncio.run(practice.status()).stand_ins:
        pytest.skip("Docker Hub answers here: no stand-ins are in use")
    assert STAND_INS[0].notice in output_of(practice, "apptainer", "inspect", "tiny.sif")
    inside = output_of(practice, "apptainer", "exec", "tiny.sif", "cat", "/etc/cowshed-stand-in").strip()
    assert inside == STAND_INS[0].make.notice
    assert "\nID=debian\n" in output_of(practice, "apptainer", "exec", "tiny.sif", "cat", "/etc/os-release")


@pytest.mark.parametrize(
    ("name", "post", "status", "message"),
    [
        ("no-update", "apt-get install -y fortune", 100, "E: Unable to locate package fortune"),
        ("no-yes", "apt-get update\n    apt-get install fortune", 1, "Do you want to continue? [Y/n] Abort."),
    ],
)
def test_apt_fails_as_the_lesson_says(
    practice: PracticeCluster, name: str, post: str, status: int, message: str
) -> None:
    done = _build(practice, name, f"Bootstrap: docker\nFrom: ubuntu:22.04\n\n%post\n    {post}\n")
    said = f"{done.stdout}{done.stderr}"
    assert done.exit_status not in (0, None)
    assert message in said
    assert f"%post section: exit status {status}" in said


def test_a_build_log_shows_no_complaint_that_is_not_the_learners(build_log: str) -> None:
    assert [line for line in build_log.splitlines() if "warn" in line.lower()] == []
