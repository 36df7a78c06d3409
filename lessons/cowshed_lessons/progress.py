"""Where a learner is in a course: versioned JSON that survives crashes, full disks, older and newer programs.

The file is written beside itself, synced and renamed into place, after the last good copy went to ``.bak`` in the
same way. Home folders on clusters are network file systems, so nothing here relies on locks.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from cowshed_lessons.course import Course, Step

VERSION = 1
LEFTOVER_SECONDS = 24 * 60 * 60


class StepState(StrEnum):
    """How a step was left. `FORCED`: the learner went on although the judge had objections."""

    OPEN = "open"
    PASSED = "passed"
    SKIPPED = "skipped"
    FORCED = "forced"


class NewerProgress(Exception):  # noqa: N818  (it is no fault of the program)
    """The file on disk was written by a newer Cowshed and is left as it is."""

    def __init__(self, path: Path, version: int) -> None:
        super().__init__(
            f"{path} was written by a newer Cowshed (format {version}, this one writes {VERSION}). It is left "
            "untouched, so what you do now is not remembered. Use the newer program, or move that file away."
        )
        self.path = path
        self.version = version


class _DamagedError(Exception):
    """The bytes are not progress."""


@dataclass(frozen=True, slots=True)
class StepProgress:
    """What is known of one step. `when` is the UTC time of the last change of state, in ISO 8601.

    `other` keeps what another program version wrote, so that it is there when that version comes back.
    """

    state: StepState = StepState.OPEN
    attempts: int = 0
    passed_recipe: str | None = None
    when: str | None = None
    other: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Progress:
    """A learner's progress in one course; steps that the course no longer has are kept.

    Attributes:
        course: The course's id.
        current: The id of the step the learner was last at, None at the very beginning.
        steps: Step id to what is known; ask `of` to also get an answer for untouched steps.
        notice: A sentence for the learner when loading was not plain sailing, else empty.
        other: What another program version wrote at the top of the file.
    """

    course: str = ""
    current: str | None = None
    steps: dict[str, StepProgress] = field(default_factory=dict)
    notice: str = ""
    other: dict[str, object] = field(default_factory=dict)

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
            with contextlib.suppress(FileNotFoundError, _DamagedError):
                progress = _read(backup)
                progress.notice = f"The progress file {path.name} was gone; its last good copy is used."
                return progress
            return cls(course)
        except _DamagedError:
            kept = _keep_aside(path)
        try:
            progress = _read(backup)
        except (FileNotFoundError, _DamagedError):
            progress = cls(course)
            progress.notice = (
                f"The progress file was damaged and there is no good copy, so the course begins afresh. {kept} "
                "Your recipes are not affected."
            )
        else:
            progress.notice = f"The progress file was damaged; its last good copy is used. {kept}"
        return progress

    def save(self, path: Path) -> None:
        """Write the file, so that whatever happens meanwhile, it or its last good copy can be read.

        Raises:
            NewerProgress: A newer program wrote the file; it is not touched.
            OSError: Nothing could be written (disk full, quota, read-only); the old file still stands.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        _refuse_newer(path)
        content = self._as_bytes()
        with contextlib.suppress(FileNotFoundError, _DamagedError):
            good = path.read_bytes()
            if good == content:
                return
            _parse(good)
            _replace(backup_path(path), good)
        _replace(path, content)
        _clear_leftovers(path)

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

    def mark_passed(self, step_id: str, recipe: str | None) -> None:
        """The judge is content; `recipe` is what the next step carries over."""
        known = self.of(step_id)
        when = known.when if known.state is StepState.PASSED else _now()
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
            self.steps[step_id] = replace(known, state=state, when=_now())

    def reopen(self, step_id: str) -> None:
        """Begin the step anew; the count of attempts and the recipe that passed are kept."""
        known = self.of(step_id)
        self.steps[step_id] = replace(known, state=StepState.OPEN, when=_now())

    def place(self, course: Course) -> Step:
        """The step to show: the one last looked at; where that is gone, the first open one, else the last."""
        steps = course.steps
        for step in steps:
            if step.id == self.current:
                return step
        return next((step for step in steps if not self.is_done(step.id)), steps[-1])

    def beginning(self, course: Course, step: Step) -> str:
        """The recipe that a step begins with: the learner's own from the step before where it carries over."""
        before = course.previous(step) if step.carries_over else None
        own = self.of(before.id).passed_recipe if before is not None else None
        return step.starter if own is None else own

    def _as_bytes(self) -> bytes:
        steps = {
            name: {
                **step.other,
                "state": str(step.state),
                "attempts": step.attempts,
                "passed_recipe": step.passed_recipe,
                "when": step.when,
            }
            for name, step in self.steps.items()
        }
        top = {**self.other, "version": VERSION, "course": self.course, "current": self.current, "steps": steps}
        return (json.dumps(top, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")


def backup_path(path: Path) -> Path:
    """Where the last good copy of a progress file lies."""
    return path.with_name(f"{path.name}.bak")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _read(path: Path) -> Progress:
    values, version = _parse(path.read_bytes())
    try:
        progress = _from_values(values)
    except _DamagedError:  # another version's shape; this version's was looked at by _parse
        progress = Progress()
    if version > VERSION:
        progress.notice = str(NewerProgress(path, version))
    return progress


def _parse(content: bytes) -> tuple[dict[str, object], int]:
    """The values and their version; those of this version are known to be whole."""
    try:
        values = json.loads(content.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        raise _DamagedError from None
    version = values.get("version") if isinstance(values, dict) else None
    if not isinstance(version, int) or version < 1:
        raise _DamagedError
    if version == VERSION:
        _from_values(values)
    return values, version


def _from_values(values: Mapping[str, object]) -> Progress:
    course, current, steps = values.get("course"), values.get("current"), values.get("steps")
    if not isinstance(course, str) or not isinstance(current, str | None) or not isinstance(steps, dict):
        raise _DamagedError
    known = ("version", "course", "current", "steps")
    other = {key: value for key, value in values.items() if key not in known}
    return Progress(course, current, {name: _step(step) for name, step in steps.items()}, other=other)


def _step(values: object) -> StepProgress:
    if not isinstance(values, dict):
        raise _DamagedError
    attempts, recipe, when = values.get("attempts"), values.get("passed_recipe"), values.get("when")
    if not isinstance(attempts, int) or not isinstance(recipe, str | None) or not isinstance(when, str | None):
        raise _DamagedError
    try:
        state = StepState(values.get("state", ""))
    except ValueError:
        raise _DamagedError from None
    known = ("state", "attempts", "passed_recipe", "when")
    return StepProgress(state, attempts, recipe, when, {key: each for key, each in values.items() if key not in known})


def _refuse_newer(path: Path) -> None:
    try:
        _, version = _parse(path.read_bytes())
    except (FileNotFoundError, _DamagedError):
        return
    if version > VERSION:
        raise NewerProgress(path, version)


def _keep_aside(path: Path) -> str:
    """Rename a damaged file; a sentence that says where it is now."""
    aside = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
    try:
        path.rename(aside)
    except OSError:
        return "The damaged file could not be moved and will be overwritten."
    return f"The damaged file is kept as {aside.name}."


def _clear_leftovers(path: Path) -> None:
    """Delete temporary files of saves that were killed; younger ones may belong to another running program."""
    for leftover in path.parent.glob(f".{path.name}.*.tmp"):
        with contextlib.suppress(OSError):
            if datetime.now(UTC).timestamp() - leftover.stat().st_mtime > LEFTOVER_SECONDS:
                leftover.unlink()


def _replace(path: Path, content: bytes) -> None:
    """Put content into a file: all of it or none."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    with contextlib.suppress(OSError):  # Windows has no handles for folders, some file systems do not sync them
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
