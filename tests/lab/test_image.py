"""Looking at images: real ones in the practice cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

import pytest

from cowshed_lab.build import Build
from cowshed_lab.image import APART, MOST_OUTPUT, look_at_image, probe_command
from cowshed_lab.local import LocalTarget
from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lab.ssh import SshTarget
from cowshed_lab.target import CommandOutcome
from cowshed_lessons.course import Probe
from lab.places import TINY, clean_up, open_practice, own_folder, play, practice_address

RECIPE = f"""{TINY}    echo built

%environment
    export GREETING=hello

%runscript
    echo "run: $GREETING $1"
"""


@pytest.mark.practice
def test_probes_of_a_real_image(practice: PracticeCluster) -> None:
    async def scenario() -> None:
        target, folder = await open_practice(practice), own_folder()
        image = PurePosixPath("it's.sif")
        try:
            await target.write(folder / "a.def", RECIPE.encode())
            built = await Build(target, PurePosixPath("a.def"), image, folder=folder).run()
            assert built.exit_status == 0, built.log
            probes = (
                Probe("greeting", "exec", ("sh", "-c", 'printf %s "$GREETING"')),
                Probe("run", "run", ("a b",)),
                Probe("runscript", "inspect", ("--runscript",)),
                Probe("definition", "inspect", ("--deffile",)),
                Probe("labels", "inspect", ("--json",)),
                Probe("missing", "exec", ("no-such-program",)),
                Probe("status", "exec", ("sh", "-c", "exit 7")),
                Probe("much", "exec", ("head", "-c", "1000000", "/dev/zero")),
            )
            seen = await look_at_image(target, folder, image, probes)
            assert seen.problem == ""
            assert seen.size is not None
            assert seen.size > 1_000_000
            results = seen.probes
            assert (results["greeting"].exit_status, results["greeting"].output) == (0, "hello")
            assert results["run"].output == "run: hello a b\n"
            assert "GREETING $1" in results["runscript"].output
            assert "Bootstrap: scratch" in results["definition"].output
            assert '"type": "container"' in results["labels"].output
            assert results["missing"].exit_status == 255
            assert "executable file not found" in results["missing"].output
            assert results["status"].exit_status == 7
            assert len(results["much"].output) < MOST_OUTPUT + 100
            slow = await look_at_image(target, folder, image, [Probe("slow", "exec", ("sleep", "1000"))], seconds=1.5)
            assert slow.probes["slow"].exit_status is None
            assert "ended after" in slow.probes["slow"].output
            assert slow.problem == ""
            no_image = await look_at_image(target, folder, PurePosixPath("other.sif"), probes)
            assert no_image.size is None
            assert not no_image.exists
            assert no_image.problem == ""
            no_folder = await look_at_image(target, folder / "nothing", image, probes)
            assert not no_folder.exists
            await target.run(["mkdir", "box"], folder=folder)
            await target.write(folder / "box" / "large", b"x" * 300_000)
            assert (await look_at_image(target, folder, PurePosixPath("box"), ())).size in range(300_000, 400_000)
            await target.close()
            lost = await look_at_image(target, folder, image, probes)
            assert "no connection" in lost.problem
        finally:
            await target.connect()
            await clean_up(target, folder)

    play(scenario, 200)


NOSY = """\
for place in /home/learner /mnt; do
    for name in "$place"/*; do echo "saw $name"; done
    echo x > "$place/left-by-a-probe" && echo "wrote to $place"
done 2>&1
echo "in $PWD: $GREETING"
"""


class _WithBinds(SshTarget):
    """The practice cluster of somebody who binds their home into every container."""

    async def run(
        self,
        command: Sequence[str],
        *,
        stdin: bytes = b"",
        folder: PurePosixPath | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> CommandOutcome:
        binds = {"APPTAINER_BIND": "/home/learner:/mnt", **(environment or {})}
        return await super().run(command, stdin=stdin, folder=folder, environment=binds)


@pytest.mark.practice
def test_probes_neither_see_nor_change_the_learners_files(practice: PracticeCluster) -> None:
    """A course may be a stranger's, and its probes run without a click."""

    async def scenario() -> None:
        target, folder = _WithBinds("practice", "Practice cluster", practice_address(practice)), own_folder()
        await target.connect()
        try:
            recipe = f"{RECIPE.partition('%runscript')[0]}%runscript\n{NOSY}"
            await target.write(folder / "a.def", recipe.encode())
            image = PurePosixPath("a.sif")
            built = await Build(target, PurePosixPath("a.def"), image, folder=folder).run()
            assert built.exit_status == 0, built.log
            before = {entry.name for entry in await target.list(PurePosixPath())}
            probes = (Probe("run", "run"), Probe("exec", "exec", ("sh", "-c", NOSY)), Probe("look", "inspect", ("-r",)))
            seen = await look_at_image(target, folder, image, probes)
            assert not seen.problem
            for name in ("run", "exec"):
                output = seen.probes[name].output
                assert output.endswith("in /: hello\n")
                assert "saw /home/learner/*\n" in output, "nothing is there"
                assert "WARNING" not in output
                assert "wrote" not in output
                assert str(folder.parent) not in output
            left = {entry.name for entry in await target.list(PurePosixPath())} - before
            assert "left-by-a-probe" not in left
        finally:
            await clean_up(target, folder)

    play(scenario, 200)


@pytest.mark.practice
def test_the_time_limit_holds_for_a_command_that_prints_without_end(practice: PracticeCluster) -> None:
    async def scenario() -> None:
        target, folder = await open_practice(practice), own_folder()
        try:
            await target.write(folder / "a.def", RECIPE.encode())
            image = PurePosixPath("a.sif")
            built = await Build(target, PurePosixPath("a.def"), image, folder=folder).run()
            assert built.exit_status == 0, built.log
            noisy = Probe("noisy", "exec", ("sh", "-c", "while :; do echo moo; done"))
            seen = await look_at_image(target, folder, image, [noisy], seconds=1.5)
            assert seen.probes["noisy"].exit_status is None
            assert "ended after" in seen.probes["noisy"].output
            assert seen.problem == ""
        finally:
            await clean_up(target, folder)

    play(scenario, 100)


def test_an_environment_fault_stops_the_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is nobody's mistake: the other probes would only say the same."""
    fake = tmp_path / "bin" / "apptainer"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\necho 'FATAL:   container creation failed: no space left on device' >&2\nexit 255\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:/usr/bin:/bin")
    (tmp_path / "a.sif").write_bytes(b"image")

    async def scenario() -> None:
        probes = [Probe("first", "run"), Probe("second", "run")]
        seen = await look_at_image(LocalTarget(home=tmp_path), PurePosixPath("."), PurePosixPath("a.sif"), probes)
        assert seen.size == 5
        assert seen.problem
        assert set(seen.probes) == {"first"}

    play(scenario)


def test_commands_are_argument_lists() -> None:
    image = PurePosixPath("-a.sif")
    assert probe_command(image, Probe("p", "exec", ("a b",))) == ("apptainer", "exec", *APART, "./-a.sif", "a b")
    assert probe_command(image, Probe("p", "inspect", ("-r",))) == ("apptainer", "inspect", "-r", "./-a.sif")
    assert probe_command(PurePosixPath("/x/a.sif"), Probe("p", "run")) == ("apptainer", "run", *APART, "/x/a.sif")
