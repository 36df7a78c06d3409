"""Looking into images: real ones in the practice cluster, of every kind that people have."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

import pytest

from cowshed_lab.build import Build
from cowshed_lab.image_inspection import ImageContent, Way, inspect_image, list_images
from cowshed_lab.local import LocalTarget
from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lab.ssh import SshTarget
from cowshed_lab.target import CommandOutcome, TargetError
from cowshed_lessons.image_differences import differences
from cowshed_lessons.image_files import Node, walk
from lab.places import TINY, clean_up, open_practice, own_folder, play, practice_address

LOLCOW = """Bootstrap: docker
From: ubuntu:22.04

%post
    apt-get update
    apt-get install -y fortune cowsay lolcat
"""
TIDY = f"{LOLCOW}    apt-get clean\n    rm -rf /var/lib/apt/lists/*\n"

ODD = f"""{TINY}    echo built
    mkdir /opt
    cd /opt
    mkdir 'it'"'"'s "odd"' 'é'
    echo 12345 > 'it'"'"'s "odd"/new
line'
    echo 123 > 'a -> b'
    echo 1234567 > é/ä

%setup
    ln -s 'x -> y' "$APPTAINER_ROOTFS/arrow -> arrow"
    head -c 100000 /dev/zero > "$APPTAINER_ROOTFS/$(printf 'new\\nline')"

%environment
    export GREETING=hello

%runscript
    echo "run $1"

%test
    echo tested

%help
    Say hello.

%labels
    Author A. Learner

%apprun cow
    echo moo
"""


async def build(target: SshTarget, folder: PurePosixPath, recipe: str, image: str, *options: str) -> None:
    await target.write(folder / f"{image}.def", recipe.encode())
    names = (PurePosixPath(f"{image}.def"), PurePosixPath(image))
    built = await Build(target, *names, folder=folder, options=("--force", *options)).run()
    assert built.exit_status == 0, built.log


@pytest.fixture(scope="module")
def cows(practice: PracticeCluster) -> Iterator[PurePosixPath]:
    """A folder with lolcow_0.sif, and lolcow_1.sif without package lists."""
    folder = own_folder()

    async def make() -> None:
        target = await open_practice(practice)
        await build(target, folder, LOLCOW, "lolcow_0.sif")
        await build(target, folder, TIDY, "lolcow_1.sif")
        await target.close()

    async def remove() -> None:
        await clean_up(await open_practice(practice), folder)

    play(make, 300)
    yield folder
    play(remove)


def node(content: ImageContent, path: str) -> Node:
    assert content.files is not None, content.files_problem
    found = content.files.find(path)
    assert found is not None, f"{path} is not among the files"
    return found


@pytest.mark.practice
def test_real_images_differ_by_package_lists(practice: PracticeCluster, cows: PurePosixPath) -> None:
    async def scenario() -> None:
        target = Counting("practice", "Practice cluster", practice_address(practice))
        await target.connect()
        try:
            untidy = await inspect_image(target, cows / "lolcow_0.sif")
            assert target.runs == ("sh",)  # one round trip
            tidy = await inspect_image(target, cows / "lolcow_1.sif")
            inside = await inspect_image(target, cows / "lolcow_1.sif", ways=[Way.INSIDE])
        finally:
            await target.close()
        assert untidy.header["Primary Architecture"] == "amd64"
        assert untidy.parts[-1].kind.startswith("FS (Squashfs")
        assert untidy.parts[-1].size < untidy.size
        assert untidy.texts["deffile"].strip() == LOLCOW.strip()
        assert untidy.labels["org.label-schema.usage.singularity.deffile.from"] == "ubuntu:22.04"
        assert "PATH" in untidy.environment["/.singularity.d/env/10-docker2singularity.sh"]
        assert untidy.unpacked is not None
        assert tidy.unpacked is not None
        assert inside.unpacked is not None
        assert untidy.unpacked > untidy.size > 20_000_000
        assert node(untidy, "usr/share/cowsay").files > 20
        assert untidy.files is not None
        assert tidy.files is not None
        found = {each.word: each for each in differences(untidy.files, tidy.files)}
        assert found["package lists"].path == "/var/lib/apt/lists"
        assert found["package lists"].more > 10_000_000
        assert set(list(found)[:2]) == {"package lists", "downloaded packages"}
        # What a program in the container sees is what lies in its file system.
        assert abs(inside.unpacked - tidy.unpacked) < 200_000
        assert node(inside, "usr/share/cowsay").size == node(tidy, "usr/share/cowsay").size

    play(scenario, 120)


@pytest.mark.practice
def test_images_with_odd_names_without_tools_and_sandboxes(practice: PracticeCluster) -> None:
    async def scenario() -> None:
        target, folder = await open_practice(practice), own_folder()
        try:
            await build(target, folder, ODD, "odd name.sif")
            await build(target, folder, ODD, "box", "--sandbox")
            before = (await target.run(["sh", "-c", 'ls -laR --time-style=full-iso "$1"', "sh", str(folder)])).output
            image = await inspect_image(target, folder / "odd name.sif")
            box = await inspect_image(target, folder / "box")
            for content in (image, box):
                assert node(content, "new\nline").size == 100_000
                assert node(content, 'opt/it\'s "odd"/new\nline').size == 6
                assert node(content, "opt/a -> b").size == 4
                assert node(content, "opt/é/ä").size == 8
                assert node(content, "arrow -> arrow").size == len("x -> y")
                assert content.texts["helpfile"].strip() == "Say hello."
                assert 'echo "run $1"' in content.texts["runscript"]
                assert "echo tested" in content.texts["test"]
                assert content.labels["Author"] == "A. Learner"
                assert "GREETING=hello" in content.environment["/.singularity.d/env/90-environment.sh"]
                assert "moo" in content.apps["cow"]["runscript"]
            assert image.files is not None
            assert box.files is not None
            names = [{path for path, _ in walk(each.files)} for each in (image, box) if each.files]
            assert names[0] == names[1]
            assert box.is_sandbox
            assert not box.header
            assert box.size > 100_000
            bare = await inspect_image(target, folder / "odd name.sif", ways=[Way.INSIDE])
            assert bare.files is None
            assert "no `find`" in bare.files_problem
            assert bare.labels["Author"] == "A. Learner"
            after = (await target.run(["sh", "-c", 'ls -laR --time-style=full-iso "$1"', "sh", str(folder)])).output
            assert after == before  # nothing was written
            with pytest.raises(FileNotFoundError):
                await inspect_image(target, folder / "nothing.sif")
            with pytest.raises(TargetError, match="no image"):
                await inspect_image(target, folder / "box.def")
            with pytest.raises(TargetError, match="took longer"):
                await inspect_image(target, folder / "box", seconds=0)
            await target.run(["mkdir", "-p", str(folder / "lolcow" / "deep")])
            await target.run(["cp", "odd name.sif", "lolcow/deep/it's\n.sif"], folder=folder)
            await target.run(["cp", "odd name.sif", "box/inner.sif"], folder=folder)
            listed = {str(each.path.relative_to(folder)): each for each in await list_images(target, folder)}
            assert set(listed) == {"odd name.sif", "box", "lolcow/deep/it's\n.sif"}
            assert listed["odd name.sif"].size == image.size
            assert listed["box"].is_sandbox
        finally:
            await clean_up(target, folder)

    play(scenario, 120)


@pytest.mark.practice
def test_musl_and_busybox(practice: PracticeCluster) -> None:
    async def scenario() -> None:
        target, folder = await open_practice(practice), own_folder()
        try:
            recipe = "Bootstrap: docker\nFrom: alpine:3.17\n\n%post\n    head -c 70000 /dev/zero > /opt/file\n"
            await build(target, folder, recipe, "alpine.sif")
            listed = await inspect_image(target, folder / "alpine.sif")
            inside = await inspect_image(target, folder / "alpine.sif", ways=[Way.INSIDE])
            assert node(listed, "opt/file").size == node(inside, "opt/file").size == 70_000
        finally:
            await clean_up(target, folder)

    play(scenario, 120)


def test_a_target_without_gnu_find_or_gzip(tmp_path: Path) -> None:
    """A sandbox on a computer whose programs are few: plain `find`, no gzip, no apptainer."""
    box = tmp_path / "box"
    (box / ".singularity.d").mkdir(parents=True)
    (box / "a\nb").write_bytes(b"x" * 5000)
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("sh", "du", "stat", "cat", "env"):
        (programs / name).symlink_to(f"/usr/bin/{name}")
    find = programs / "find"
    find.write_text('#!/bin/sh\ncase "$*" in *-printf*) exit 1 ;; esac\nexec /usr/bin/find "$@"\n')
    find.chmod(0o755)

    class Poor(LocalTarget):
        async def run(
            self,
            command: Sequence[str],
            *,
            stdin: bytes = b"",
            folder: PurePosixPath | None = None,
            environment: Mapping[str, str] | None = None,
        ) -> CommandOutcome:
            environment = {**(environment or {}), "PATH": str(programs)}
            return await super().run(command, stdin=stdin, folder=folder, environment=environment)

    content = asyncio.run(inspect_image(Poor(home=tmp_path), PurePosixPath("box")))
    assert node(content, "a\nb").size == 5000
    assert "could not be read" in content.problem


class Counting(SshTarget):
    """Notes each program that is run."""

    runs: tuple[str, ...] = ()

    async def run(
        self,
        command: Sequence[str],
        *,
        stdin: bytes = b"",
        folder: PurePosixPath | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> CommandOutcome:
        self.runs += (command[0],)
        return await super().run(command, stdin=stdin, folder=folder, environment=environment)
