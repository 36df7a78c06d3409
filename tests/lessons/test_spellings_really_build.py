"""A few of the right spellings, built by the real Apptainer: the judge must not be kinder than the program."""

from __future__ import annotations

import asyncio
from pathlib import PurePosixPath

import asyncssh
import pytest

from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lab.practice.connection import connect
from cowshed_lessons.course import built_in_course
from cowshed_lessons.failures import explain
from cowshed_lessons.judgement import judge_recipe
from cowshed_lessons.verdict import Outcome

HEADER = "Bootstrap: docker\nFrom: docker.io/ubuntu:22.04\n"
RECIPES = {
    # What is typed, what the build must come to ("" for success).
    "install": (
        HEADER + "%post\n    for p in fortune cowsay lolcat; do apt-get install $p; done\n",
        "package-lists-missing",
    ),
    "update-lists": (
        HEADER + "%post\n    apt update &&\\\n    apt install lolcat 'cowsay' \"fortune-mod\"\n",
        "prompt-unanswered",
    ),
    "runscript": (
        HEADER
        + "%post\n    apt-get update -qq\n    echo fortune cowsay lolcat | xargs apt-get -qq install\n"
        + "%environment\n    PATH=$PATH:/usr/games\n    set -a; LC_ALL=C.UTF-8\n"
        + '%runscript\n    moo() { cowsay "$(fortune)" | lolcat; }\n    moo\n',
        "",
    ),
}


async def built(cluster: PracticeCluster, name: str, recipe: str) -> tuple[int, str, str]:
    """Build a recipe; return the exit status, the log, and what the image prints when it is run."""
    folder = PurePosixPath("spellings") / name
    async with await connect(cluster.connection()) as ssh:
        await ssh.run(f"mkdir -p {folder}", check=True)
        async with ssh.start_sftp_client() as sftp, sftp.open(str(folder / "x.def"), "w") as file:
            await file.write(recipe)
        done = await ssh.run(f"cd {folder} && apptainer build --force x.sif x.def < /dev/null", stderr=asyncssh.STDOUT)
        status, printed = done.exit_status if done.exit_status is not None else -1, ""
        if status == 0:
            printed = str((await ssh.run(f"cd {folder} && apptainer run x.sif; rm -f x.sif")).stdout)
    return status, str(done.stdout), printed


@pytest.mark.practice
@pytest.mark.parametrize("name", RECIPES)
def test_what_the_judge_passes_builds_as_the_step_says(practice: PracticeCluster, name: str) -> None:
    recipe, cause = RECIPES[name]
    assert judge_recipe(built_in_course().step(f"lolcow/{name}"), recipe).outcome is Outcome.PASSED
    status, log, printed = asyncio.run(built(practice, name, recipe))
    explanation = explain(log, status)
    assert (explanation.id if explanation else "") == cause, log
    if not cause:
        assert "____" in printed
