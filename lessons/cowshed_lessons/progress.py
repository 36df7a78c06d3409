"""Where a learner is in a course: versioned JSON that survives crashes, full disks, older and newer programs.

The file is written whole (`file_writing`), after the last good copy went to ``.bak`` in the same way.

Two windows may be open, perhaps on two computers, and home folders on clusters are network file systems, so nothing
here relies on locks. Instead each save reads the file again and merges it, step by step:

- The newer change of state wins, be it passing, skipping, forcing or beginning anew. A change is always dated later
  than the state that it changes, also where two computers' clocks differ.
- Where both changed a step since they last met, passed wins over skipped and forced, as it does in one window.
- Attempts made here are added to those in the file.
- The recipe that passed goes with the state; where the states are the same, the one that was changed wins.
- So it is with the answer to a question. Notes that were changed in both are both kept, one below the other.
- The step last gone to is the one of whoever went last.

What comes from another computer (`take_in`) has no common past with this one: there the newer state wins, with its
answers; attempts are as many as were counted on either; notes of both are kept, and once only however often it comes.

Between reading and renaming are milliseconds in which another's change can be overwritten; the other window still
knows it and writes it with its next save.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from cowshed_lessons.course import Course, Step
from cowshed_lessons.file_writing import write_whole
from cowshed_lessons.step_progress import (
    LONG_AGO,
    UNTOUCHED,
    Answers,
    StepProgress,
    StepState,
    age,
    later,
    merged_step,
    merged_with_stranger,
)

__all__ = ["VERSION", "NewerProgress", "Progress", "StepProgress", "StepState", "backup_path"]

VERSION = 1
_MODE = 0o600


class NewerProgress(Exception):  # noqa: N818  (it is no fault of the program)
    """The file on disk was written by a newer Cowshed and is left as it is."""

    def __init__(self, path: Path, version: int) -> None:
        super().__init__(
            f"{path} was written by a newer Cowshed (format {version}, this one writes {VERSION}). It is left "
            "untouched, so what you do now is not remembered. Use the newer program, or move that file away."
        )
        self.path = path
        self.version = version


class DamagedProgress(Exception):  # noqa: N818  (it is no fault of the program)
    """The bytes are not progress."""


@dataclass(slots=True)
class Progress:
    """A learner's progress in one course; steps that the course no longer has are kept.

    Attributes:
        course: The course's id.
        current: The id of the step the learner was last at, None at the very beginning.
        steps: Step id to what is known; ask `of` to also get an answer for untouched steps.
        notice: A sentence for the learner when loading was not plain sailing, else empty.
        other: What another program version wrote at the top of the file.
        newer: The version of the file where a newer program wrote it, else 0.
    """

    course: str = ""
    current: str | None = None
    steps: dict[str, StepProgress] = field(default_factory=dict)
    notice: str = ""
    other: dict[str, object] = field(default_factory=dict)
    newer: int = field(default=0, compare=False)
    _met: _Met = field(default_factory=lambda: _Met(), init=False, repr=False, compare=False)

    @classmethod
    def load(cls, path: Path, course: str = "") -> Progress:
        """The progress in a file, or in its last good copy; empty where there is neither.

        A damaged file is renamed to ``….damaged-TIME`` and never deleted. `notice` says what happened.

        Raises:
            OSError: The file is there but may not be read; beginning afresh would overwrite it.
        """
        backup = backup_path(path)
        try:
            return _read(path)
        except FileNotFoundError:
            with contextlib.suppress(FileNotFoundError, DamagedProgress):
                progress = _read(backup)
                progress.notice = f"The progress file {path.name} was gone; its last good copy is used."
                return progress
            return cls(course)
        except DamagedProgress:
            kept = _keep_aside(path)
        try:
            progress = _read(backup)
        except (FileNotFoundError, DamagedProgress):
            progress = cls(course)
            progress.notice = (
                f"The progress file was damaged and there is no good copy, so the course begins afresh. {kept} "
                "Your recipes are not affected."
            )
        else:
            progress.notice = f"The progress file was damaged; its last good copy is used. {kept}"
        return progress

    def save(self, path: Path) -> None:
        """Merge with what another program saved meanwhile and write the file; it or its last good copy can be read.

        Afterwards this progress holds what was merged. A file that was damaged since it was loaded is kept aside as
        `load` does it, and `notice` says so.

        Raises:
            NewerProgress: A newer program wrote the file; it is not touched.
            OSError: Nothing could be written (disk full, quota, read-only); the old file still stands.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        merged, good = self, None
        try:
            good = path.read_bytes()
            values, version = _parse(good)
            if version > VERSION:
                raise NewerProgress(path, version)
            merged = self._merged(_from_values(values))
        except FileNotFoundError:
            pass
        except DamagedProgress:
            kept = _keep_aside(path)
            self.notice = f"The progress file was damaged meanwhile; it is written anew from what is known here. {kept}"
        content = merged.as_bytes()
        if content != good:
            keep = None if merged is self else backup_path(path)
            write_whole(path, content, mode=_MODE, keep=keep)
        self.current, self.steps, self.other = merged.current, dict(merged.steps), dict(merged.other)
        self._meet()

    def take_in(self, other: Progress) -> None:
        """Add what was done on another computer; the place is that of whoever did something last."""
        newest = (LONG_AGO, False)
        mine = max((age(step) for step in self.steps.values()), default=newest)
        theirs = max((age(step) for step in other.steps.values()), default=newest)
        if other.current is not None and (self.current is None or theirs > mine):
            self.current = other.current
        names = {**other.steps, **self.steps}
        self.steps = {name: merged_with_stranger(self.of(name), other.of(name)) for name in names}
        self.other = {**other.other, **self.other}

    def _meet(self) -> None:
        """Remember what is now both here and in the file."""
        self._met = _Met(self.current, dict(self.steps))

    def _merged(self, file: Progress) -> Progress:
        met = self._met
        steps = {
            name: merged_step(met.steps.get(name, UNTOUCHED), self.of(name), file.of(name))
            for name in {**file.steps, **self.steps}
        }
        current = file.current if self.current == met.current and file.current is not None else self.current
        return Progress(self.course or file.course, current, steps, self.notice, {**self.other, **file.other})

    def of(self, step_id: str) -> StepProgress:
        """What is known of a step."""
        return self.steps.get(step_id, StepProgress())

    def is_done(self, step_id: str) -> bool:
        """Whether the learner has left the step behind, in whatever way."""
        return self.of(step_id).state is not StepState.OPEN

    def go_to(self, step_id: str) -> None:
        """The learner looks at this step now."""
        self.current = step_id

    def attempt(self, step_id: str) -> None:
        """One more judged try (a build, a checked recipe)."""
        known = self.of(step_id)
        self.steps[step_id] = replace(known, attempts=known.attempts + 1)

    def answer(self, step_id: str, question: str, chosen: Sequence[int]) -> None:
        """A question was answered (again)."""
        known = self.of(step_id)
        self.steps[step_id] = replace(known, answers={**known.answers, question: tuple(sorted(set(chosen)))})

    def note(self, step_id: str, notes: str) -> None:
        """The learner's notes on a step are these now."""
        self.steps[step_id] = replace(self.of(step_id), notes=notes)

    def mark_passed(self, step_id: str, recipe: str | None) -> None:
        """The judge is content; `recipe` is what the next step carries over."""
        known = self.of(step_id)
        when = known.when if known.state is StepState.PASSED else later(known)
        self.steps[step_id] = replace(known, state=StepState.PASSED, passed_recipe=recipe, when=when)

    def mark_skipped(self, step_id: str) -> None:
        """The learner skips the step; a passed one stays passed."""
        self._leave(step_id, StepState.SKIPPED)

    def mark_forced(self, step_id: str) -> None:
        """The learner goes on against the judge's word; a passed step stays passed."""
        self._leave(step_id, StepState.FORCED)

    def _leave(self, step_id: str, state: StepState) -> None:
        known = self.of(step_id)
        if known.state is not StepState.PASSED:
            self.steps[step_id] = replace(known, state=state, when=later(known))

    def reopen(self, step_id: str) -> None:
        """Begin the step anew; the count of attempts, the recipe that passed and the notes are kept."""
        known = self.of(step_id)
        self.steps[step_id] = replace(known, state=StepState.OPEN, when=later(known), answers={})

    def place(self, course: Course) -> Step:
        """The step to show: the one last looked at; where that is gone, the first open one, else the last."""
        steps = course.steps
        for step in steps:
            if step.id == self.current:
                return step
        return next((step for step in steps if not self.is_done(step.id)), steps[-1])

    def beginning(self, course: Course, step: Step) -> str:
        """The recipe that a step begins with: the learner's own from an earlier step where it carries one over."""
        before = course.origin(step)
        own = self.of(before.id).passed_recipe if before is not None else None
        return step.starter if own is None else own

    def as_bytes(self) -> bytes:
        """The content of a progress file."""
        steps = {
            name: {
                **step.other,
                "state": str(step.state),
                "attempts": step.attempts,
                "passed_recipe": step.passed_recipe,
                "when": step.when,
                **({"answers": {name: list(chosen) for name, chosen in step.answers.items()}} if step.answers else {}),
                **({"notes": step.notes} if step.notes else {}),
            }
            for name, step in self.steps.items()
        }
        top = {**self.other, "version": VERSION, "course": self.course, "current": self.current, "steps": steps}
        return (json.dumps(top, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")


def backup_path(path: Path) -> Path:
    """Where the last good copy of a progress file lies."""
    return path.with_name(f"{path.name}.bak")


@dataclass(frozen=True, slots=True)
class _Met:
    """What a progress and its file had in common when they last met."""

    current: str | None = None
    steps: Mapping[str, StepProgress] = field(default_factory=dict)


def read_progress(content: bytes) -> Progress:
    """The progress in the content of a file; `newer` is its version where a newer program wrote it.

    Raises:
        DamagedProgress: The bytes are none, or only a part.
    """
    values, version = _parse(content)
    try:
        progress = _from_values(values)
    except DamagedProgress:  # another version's shape; this version's was looked at by _parse
        progress = Progress()
    if version > VERSION:
        progress.newer = version
    return progress


def _read(path: Path) -> Progress:
    progress = read_progress(path.read_bytes())
    if progress.newer:
        progress.notice = str(NewerProgress(path, progress.newer))
    progress._meet()
    return progress


def _parse(content: bytes) -> tuple[dict[str, object], int]:
    """The values and their version; those of this version are known to be whole."""
    try:
        values = json.loads(content.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        raise DamagedProgress from None
    version = values.get("version") if isinstance(values, dict) else None
    if not isinstance(version, int) or version < 1:
        raise DamagedProgress
    if version == VERSION:
        _from_values(values)
    return values, version


def _from_values(values: Mapping[str, object]) -> Progress:
    course, current, steps = values.get("course"), values.get("current"), values.get("steps")
    if not isinstance(course, str) or not isinstance(current, str | None) or not isinstance(steps, dict):
        raise DamagedProgress
    known = ("version", "course", "current", "steps")
    other = {key: value for key, value in values.items() if key not in known}
    return Progress(course, current, {name: _step(step) for name, step in steps.items()}, other=other)


def _step(values: object) -> StepProgress:
    if not isinstance(values, dict):
        raise DamagedProgress
    attempts, recipe, when = values.get("attempts"), values.get("passed_recipe"), values.get("when")
    if not isinstance(attempts, int) or not isinstance(recipe, str | None) or not isinstance(when, str | None):
        raise DamagedProgress
    try:
        state = StepState(values.get("state", ""))
    except ValueError:
        raise DamagedProgress from None
    known = ("state", "attempts", "passed_recipe", "when", "answers", "notes")
    other = {key: each for key, each in values.items() if key not in known}
    return StepProgress(state, attempts, recipe, when, _answers(values.get("answers", {})), _notes(values), other)


def _answers(values: object) -> Answers:
    if not isinstance(values, dict):
        raise DamagedProgress
    for chosen in values.values():
        if not isinstance(chosen, list) or not all(isinstance(place, int) for place in chosen):
            raise DamagedProgress
    return {question: tuple(chosen) for question, chosen in values.items()}


def _notes(values: Mapping[str, object]) -> str:
    notes = values.get("notes", "")
    if not isinstance(notes, str):
        raise DamagedProgress
    return notes


def _keep_aside(path: Path) -> str:
    """Rename a damaged file; a sentence that says where it is now."""
    aside = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
    try:
        path.rename(aside)
    except OSError:
        return "The damaged file could not be moved and will be overwritten."
    return f"The damaged file is kept as {aside.name}."
