"""What the judge may look at: the recipe, commands, builds and images, gathered by whoever did them.

A hand-typed command, a click in the lesson and the Build button produce the same evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal


@dataclass(frozen=True, slots=True)
class RecipeEvidence:
    """The recipe's text as the learner has it now, and the file name it is kept under."""

    text: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class CommandEvidence:
    """A command that finished in the learner's terminal.

    `folder` is the working directory it ran in (empty where unknown), `output` what it printed, capped by the
    recorder, escape sequences removed.
    """

    command_line: str
    exit_status: int | None
    output: str = ""
    folder: str = ""


@dataclass(frozen=True, slots=True)
class BuildEvidence:
    """A build that ended.

    `recipe` is the recipe's text as it was built (None where it could not be read), `image` the image's path as it
    was given, `exit_status` None where the build never ended by itself, `log` all that it printed.
    """

    image: str
    exit_status: int | None
    log: str
    recipe: str | None = None
    recipe_name: str = ""
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What a command printed when it was run with the image (`apptainer exec`, `apptainer run`)."""

    exit_status: int | None
    output: str


@dataclass(frozen=True, slots=True)
class ImageEvidence:
    """What was found in a built image.

    `probes` maps the name of a probe that the step asks for (see `Probe` in `course`) to what came of it. `size` is in
    bytes, that of a sandbox the sum of its files. `problem` is a sentence when the image could not be looked at: an
    environment fault. `exists` is False where there is no such image, so that nothing else is known of it.
    """

    image: str
    size: int | None = None
    probes: Mapping[str, ProbeResult] = field(default_factory=dict)
    problem: str = ""
    exists: bool = True


FactState = Literal["ok", "warning", "problem", "unknown"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that the target offers or lacks, such as its version of Apptainer or a place for large files.

    `state` is "ok", "warning" (works, with a drawback), "problem" (does not work) or "unknown" (it could not be found
    out); `value` is short (`1.4.5`, `subuid`), `detail` a sentence for a person.
    """

    state: FactState
    value: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class EnvironmentEvidence:
    """What the preflight found on a target. `problem` is a sentence when it could not look: nothing is known then."""

    facts: Mapping[str, Fact] = field(default_factory=dict)
    target: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of the learner's work on one step; the newest of each kind, commands oldest first.

    `image` is the step's own; `images` are the further ones that the step names, by that name. `answers` maps a
    question's id to the places of the chosen options, counted from 0. `passed` says that the step was passed before.
    """

    recipe: RecipeEvidence | None = None
    build: BuildEvidence | None = None
    image: ImageEvidence | None = None
    commands: tuple[CommandEvidence, ...] = ()
    answers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    environment: EnvironmentEvidence | None = None
    images: Mapping[str, ImageEvidence] = field(default_factory=dict)
    passed: bool = False

    def sizes(self, own: str) -> dict[str, int | None]:
        """Bytes of all images that were looked at, by the names that the step gives them; `own` is that of its own."""
        images = {**self.images, **({own: self.image} if own and self.image is not None else {})}
        return {name: image.size for name, image in images.items()}

    def with_recipe(self, recipe: RecipeEvidence) -> Evidence:
        """The same evidence with another recipe."""
        return replace(self, recipe=recipe)

    def with_build(self, build: BuildEvidence) -> Evidence:
        """The same evidence with a newer build; what was known of an older image is forgotten."""
        return replace(self, build=build, image=None)

    def with_image(self, image: ImageEvidence) -> Evidence:
        """The same evidence with a newer look at the image."""
        return replace(self, image=image)

    def with_command(self, command: CommandEvidence) -> Evidence:
        """The same evidence with one more command."""
        return replace(self, commands=(*self.commands, command))

    def with_answer(self, question: str, chosen: Sequence[int]) -> Evidence:
        """The same evidence with a question answered (again)."""
        return replace(self, answers={**self.answers, question: tuple(sorted(set(chosen)))})

    def with_environment(self, environment: EnvironmentEvidence) -> Evidence:
        """The same evidence with a newer look at the target."""
        return replace(self, environment=environment)

    def with_images(self, images: Mapping[str, ImageEvidence]) -> Evidence:
        """The same evidence with newer looks at further images."""
        return replace(self, images={**self.images, **images})
