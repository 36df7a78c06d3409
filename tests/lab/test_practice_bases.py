"""What a lesson does with the practice cluster's base images, registry, modules and accounts, done for real."""

from __future__ import annotations

import asyncio
import os
import shlex

import pytest

from cowshed_lab.practice.cluster import PracticeCluster, PracticeError
from cowshed_lab.practice.connection import connect
from practice_fixture import Done, output_of, run_in

pytestmark = pytest.mark.practice

everything = pytest.mark.skipif(
    os.environ.get("COWSHED_ALL_BASES") != "1", reason="fetches 270 MB and takes minutes: COWSHED_ALL_BASES=1 runs it"
)

TESTING = "http://dl-cdn.alpinelinux.org/alpine/edge/testing"
ALPINE = f"""\
Bootstrap: docker
From: alpine:3.17

%post
    echo "@testing {TESTING}" >> /etc/apk/repositories
    apk add --no-cache fortune cowsay@testing lolcat@testing

%runscript
    fortune | cowsay | lolcat
"""
TWO_STAGES = """\
Bootstrap: docker
From: ubuntu:22.04
Stage: build

%post
    apt-get update
    apt-get install -y --no-install-recommends gcc libc6-dev
    echo 'int main(void) { return 42; }' > /answer.c
    gcc -static -o /answer /answer.c
"""
LAST_STAGE = """
Bootstrap: docker
From: alpine:3.17

%files from build
    /answer /usr/local/bin/answer
"""
PYTHON = """\
Bootstrap: docker
From: {base}

%post
    pip install --no-cache-dir {packages}
"""
IMPORTS = "import torch, numpy, pandas, seaborn; print(torch.__version__, torch.ones(2, 2).sum().item())"


@pytest.fixture
def stand_ins(practice: PracticeCluster) -> PracticeCluster:
    if not asyncio.run(practice.status()).stand_ins:
        pytest.skip("Docker Hub answers here: no stand-ins are in use")
    return practice


@pytest.fixture
def python(stand_ins: PracticeCluster) -> PracticeCluster:
    asyncio.run(stand_ins.add(["python"]))
    return stand_ins


@pytest.fixture
def r(stand_ins: PracticeCluster) -> PracticeCluster:
    asyncio.run(stand_ins.add(["r"]))
    return stand_ins


def build(cluster: PracticeCluster, name: str, recipe: str, *options: str) -> str:
    """Build an image and return what was said."""
    output_of(cluster, "tee", f"{name}.def", stdin=recipe)
    done = run_in(cluster, "apptainer", "build", "--force", *options, f"{name}.sif", f"{name}.def")
    assert done.exit_status == 0, f"{done.stdout}{done.stderr}"
    return f"{done.stdout}{done.stderr}"


def size(cluster: PracticeCluster, image: str) -> int:
    return int(output_of(cluster, "stat", "--format=%s", image))


def as_visitor(cluster: PracticeCluster, *command: str, stdin: str = "") -> Done:
    async def run() -> Done:
        async with await connect(cluster.connection("visitor")) as ssh:
            done = await ssh.run(shlex.join(command), input=stdin)
        return Done(done.exit_status, str(done.stdout), str(done.stderr))

    return asyncio.run(run())


def test_alpine_builds_where_the_account_has_a_mapping_and_fails_where_it_has_none(stand_ins: PracticeCluster) -> None:
    build(stand_ins, "alpine", ALPINE)
    assert "(oo)" in output_of(stand_ins, "apptainer", "run", "alpine.sif")
    assert output_of(stand_ins, "apptainer", "exec", "alpine.sif", "ls", "/var/cache/apk") == ""
    assert size(stand_ins, "alpine.sif") < 14_000_000

    as_visitor(stand_ins, "tee", "alpine.def", stdin=ALPINE)
    command = ("apptainer", "build", "--force")
    refused = as_visitor(stand_ins, *command, "alpine.sif", "alpine.def")
    assert refused.exit_status != 0
    assert "User not listed in /etc/subuid" in refused.stderr
    assert "faked: not found" in refused.stderr
    assert "kill" in refused.stderr
    done = as_visitor(stand_ins, *command, "--ignore-fakeroot-command", "alpine.sif", "alpine.def")
    assert done.exit_status == 0, done.stderr
    assert "(oo)" in as_visitor(stand_ins, "apptainer", "run", "alpine.sif").stdout


def test_apptainers_own_cow_and_busybox_come_from_stand_ins(stand_ins: PracticeCluster) -> None:
    output_of(stand_ins, "apptainer", "pull", "--force", "first.sif", "docker://ghcr.io/apptainer/lolcow")
    assert "date | cowsay | lolcat" in output_of(stand_ins, "apptainer", "inspect", "--runscript", "first.sif")
    assert "(oo)" in output_of(stand_ins, "apptainer", "run", "first.sif")
    assert "from GitHub's registry but a stand-in" in output_of(stand_ins, "apptainer", "inspect", "first.sif")
    tiny = ("apptainer", "exec", "docker://busybox:1.36", "sh", "-c", "cat /etc/cowshed-stand-in")
    assert "stand-in" in output_of(stand_ins, *tiny)


def test_a_sandbox_of_alpine_is_filled_by_hand_and_becomes_an_image(stand_ins: PracticeCluster) -> None:
    def inside(*command: str) -> Done:
        return run_in(stand_ins, "apptainer", "exec", "--writable", "--fakeroot", "box", *command)

    run_in(stand_ins, "apptainer", "exec", "--writable", "--fakeroot", "box", "rm", "-rf", "/usr")
    output_of(stand_ins, "apptainer", "build", "--force", "--sandbox", "box", "docker://alpine:3.17")
    missing = inside("apk", "add", "cowsay")
    assert missing.exit_status == 1
    assert "cowsay (no such package):" in missing.stderr
    untagged = inside("apk", "add", "cowsay@testing")
    assert untagged.exit_status == 1
    assert "repository tag for world dependency 'cowsay@testing' does not exist" in untagged.stderr
    inside("sh", "-c", f"echo '@testing {TESTING}' >> /etc/apk/repositories")
    added = inside("apk", "add", "fortune", "cowsay@testing", "lolcat@testing")
    assert added.exit_status == 0, added.stderr
    assert "(3/3) Installing lolcat" in added.stdout
    assert len(inside("ls", "/var/cache/apk").stdout.split()) == 3, "there is something to clean up"
    assert inside("sh", "-c", "rm /var/cache/apk/*").exit_status == 0
    output_of(stand_ins, "apptainer", "build", "--force", "lolcow_3.sif", "box")
    cow = output_of(stand_ins, "apptainer", "exec", "lolcow_3.sif", "sh", "-c", "fortune|cowsay|lolcat")
    assert "(oo)" in cow
    coloured = output_of(stand_ins, "apptainer", "exec", "lolcow_3.sif", "sh", "-c", "echo moo | lolcat -f")
    assert "\033[38;2;" in coloured, "as on a terminal"
    assert inside("apk", "del", "lolcat").exit_status == 0
    assert inside("sh", "-c", "command -v lolcat").exit_status != 0


def test_the_second_stage_is_at_most_a_fifth_of_the_first(practice: PracticeCluster) -> None:
    build(practice, "one-stage", TWO_STAGES.replace("Stage: build\n", ""))
    build(practice, "two-stages", TWO_STAGES + LAST_STAGE)
    assert run_in(practice, "apptainer", "exec", "two-stages.sif", "answer").exit_status == 42
    assert size(practice, "two-stages.sif") <= 0.2 * size(practice, "one-stage.sif")


def test_an_image_that_nobody_made_is_named_in_the_failure(stand_ins: PracticeCluster) -> None:
    done = run_in(stand_ins, "apptainer", "pull", "--force", "none.sif", "docker://python:2.7")
    assert done.exit_status != 0
    assert "stand-ins.practice" in done.stderr
    assert "/library/python:2.7: reading manifest" in done.stderr
    with pytest.raises(PracticeError, match="what can be added"):
        asyncio.run(stand_ins.add(["fortran"]))


@pytest.mark.parametrize("fact", ["registry", "github-registry"])
def test_an_image_is_pushed_and_pulled_with_the_commands_for_docker_hub(practice: PracticeCluster, fact: str) -> None:
    facts = practice.facts()
    login = asyncio.run(practice.status()).registry_login
    assert login is not None
    assert facts["account"] == login[0]
    image = f"oras://{facts[fact]}/{facts['account']}/lolcow:0"
    build(practice, "pushed", "Bootstrap: docker\nFrom: alpine:3.17\n\n%runscript\n    echo pushed\n")
    run_in(practice, "apptainer", "registry", "logout", f"docker://{facts[fact]}")
    assert run_in(practice, "apptainer", "push", "pushed.sif", image).exit_status != 0
    for spelling in ("registry", "remote"):
        sign_in = (
            "apptainer",
            spelling,
            "login",
            "--username",
            login[0],
            "--password-stdin",
            f"docker://{facts[fact]}",
        )
        output_of(practice, *sign_in, stdin=login[1])
    output_of(practice, "apptainer", "push", "pushed.sif", image)
    output_of(practice, "apptainer", "pull", "--force", "pulled.sif", image)
    assert output_of(practice, "apptainer", "run", "pulled.sif") == "pushed\n"
    run_in(practice, "apptainer", "registry", "logout", f"docker://{facts[fact]}")


def test_an_image_is_signed_and_verified(practice: PracticeCluster) -> None:
    build(practice, "signed", "Bootstrap: docker\nFrom: alpine:3.17\n")
    assert run_in(practice, "apptainer", "verify", "signed.sif").exit_status != 0
    keys = ("env", "APPTAINER_KEYSDIR=/home/learner/test-keys", "apptainer")
    output_of(practice, "rm", "-rf", "test-keys")
    person = ("--name", "Student", "--email", "student@example.org", "--comment", "practice")
    output_of(practice, *keys, "key", "newpair", *person, "--password", "secret", "--push=false")
    output_of(practice, *keys, "sign", "signed.sif", stdin="secret\n")
    assert "Student (practice) <student@example.org>" in output_of(practice, *keys, "verify", "signed.sif")


def test_a_batch_script_runs_an_image(practice: PracticeCluster) -> None:
    build(practice, "job", "Bootstrap: docker\nFrom: alpine:3.17\n\n%runscript\n    echo ran in $SLURM_JOB_NAME\n")
    script = (
        "#!/bin/bash\n#SBATCH --job-name=cow\n#SBATCH --output=cow.out\nmodule load apptainer\napptainer run job.sif\n"
    )
    output_of(practice, "tee", "job.sh", stdin=script)
    output_of(practice, "sbatch", "--wait", "job.sh")
    assert output_of(practice, "cat", "cow.out") == "ran in cow\n"


@pytest.mark.parametrize("shell", [["bash", "-lc"], ["bash", "-ic"], ["sh", "-lc"], ["bash", "-c"]])
def test_modules_work_in_every_kind_of_shell(practice: PracticeCluster, shell: list[str]) -> None:
    done = run_in(practice, *shell, "module load apptainer && module list 2>&1; echo $APPTAINER_MODULE")
    assert "apptainer/1." in done.stdout, done.stderr


def test_both_accounts_have_a_place_for_large_files(practice: PracticeCluster) -> None:
    scratch = practice.facts()["scratch"]
    assert output_of(practice, "sh", "-c", f"touch {scratch}/file && echo written").strip() == "written"
    assert as_visitor(practice, "touch", "/scratch/visitor/file").exit_status == 0
    assert as_visitor(practice, "touch", f"{scratch}/file").exit_status != 0
    assert as_visitor(practice, "grep", "-c", "visitor", "/etc/subuid").stdout == "0\n"


@pytest.mark.usefixtures("python")
@pytest.mark.parametrize(
    ("base", "packages"),
    [
        ("pytorch/pytorch:2.1.2-cuda12.1-cudnn8-runtime", "pandas seaborn"),
        pytest.param("python:3.11-slim", "torch==2.1.2 'numpy<2' pandas seaborn", marks=everything),
    ],
)
def test_python_recipes_build_with_packages_from_pypi(practice: PracticeCluster, base: str, packages: str) -> None:
    build(practice, "python", PYTHON.format(base=base, packages=packages))
    version, total = output_of(practice, "apptainer", "exec", "python.sif", "python", "-c", IMPORTS).split()
    assert version.partition("+")[0] == "2.1.2"
    assert "stand" in version, "nobody may take it for the real one"
    assert total == "4.0"


def test_the_bare_pytorch_image_lacks_what_the_exercise_asks_for(python: PracticeCluster) -> None:
    bare = "docker://pytorch/pytorch:2.1.2-cuda12.1-cudnn8-runtime"
    for module, status in (("torch", 0), ("numpy", 0), ("pandas", 1), ("seaborn", 1)):
        done = run_in(python, "apptainer", "exec", bare, "python", "-c", f"import {module}")
        assert done.exit_status == status, done.stderr
    assert asyncio.run(python.add(["python"])) == (), "it is there already"


@everything
def test_torch_2_1_2_does_not_exist_for_a_later_python(stand_ins: PracticeCluster) -> None:
    asyncio.run(stand_ins.add(["python-later"]))
    output_of(stand_ins, "tee", "later.def", stdin=PYTHON.format(base="python:3.12-slim", packages="torch==2.1.2"))
    done = run_in(stand_ins, "apptainer", "build", "--force", "later.sif", "later.def")
    assert done.exit_status != 0
    assert "No matching distribution found for torch==2.1.2" in f"{done.stdout}{done.stderr}"


R_STEPS = "R -e \"install.packages(c('dplyr', 'ggplot2', 'RcppGSL'), repos = 'https://cloud.r-project.org')\""
HEADERS = "apt-get update && apt-get install -y --no-install-recommends libgsl-dev"


@everything
@pytest.mark.parametrize("base", ["r-ver", "tidyverse"])
@pytest.mark.parametrize(
    ("steps", "loads"),
    [
        ([R_STEPS], False),
        ([HEADERS, R_STEPS], True),
        ([HEADERS, "install2.r --error dplyr ggplot2 RcppGSL"], True),
    ],
)
def test_r_recipes_need_the_headers_of_gsl(r: PracticeCluster, base: str, steps: list[str], loads: bool) -> None:
    post = "\n    ".join(steps)
    said = build(r, "r", f"Bootstrap: docker\nFrom: rocker/{base}:4.3.2\n\n%post\n    {post}\n")
    assert ("installation of package ‘RcppGSL’ had non-zero exit status" in said) is not loads
    for package, there in (("dplyr", True), ("ggplot2", True), ("RcppGSL", loads)):
        done = run_in(r, "apptainer", "exec", "r.sif", "Rscript", "-e", f"library({package})")
        assert (done.exit_status == 0) is there, done.stderr
