"""What is known of a learner's work on one step, and how two accounts of it become one.

The rules are told at the top of `progress`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class StepState(StrEnum):
    """How a step was left. `FORCED`: the learner went on although the judge had objections."""

    OPEN = "open"
    PASSED = "passed"
    SKIPPED = "skipped"
    FORCED = "forced"


@dataclass(frozen=True, slots=True)
class StepProgress:
    """What is known of one step. `when` is the UTC time of the last change of state, in ISO 8601.

    `answers` maps a question's id to the places of the chosen options, counted from 0; `notes` are the learner's own.
    `other` keeps what another program version wrote, so that it is there when that version comes back.
    """

    state: StepState = StepState.OPEN
    attempts: int = 0
    passed_recipe: str | None = None
    when: str | None = None
    answers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    notes: str = ""
    other: Mapping[str, object] = field(default_factory=dict)


Answers = Mapping[str, tuple[int, ...]]
UNTOUCHED = StepProgress()


def merged_step(met: StepProgress, mine: StepProgress, file: StepProgress) -> StepProgress:
    """One step, as merged by the rules at the top of `progress`; `met` is what both had in common."""
    newer, older = (mine, file) if age(mine) >= age(file) else (file, mine)
    if older.state is StepState.PASSED and newer.state in (StepState.SKIPPED, StepState.FORCED):
        both_changed = _state(mine) != _state(met) != _state(file)
        newer, older = (older, newer) if both_changed else (newer, older)
    if _state(mine) == _state(file):
        recipe = file.passed_recipe if mine.passed_recipe == met.passed_recipe else mine.passed_recipe
    else:
        recipe = older.passed_recipe if newer.passed_recipe is None else newer.passed_recipe
    attempts = max(met.attempts, file.attempts) + mine.attempts - met.attempts
    return StepProgress(
        newer.state,
        attempts,
        recipe,
        newer.when,
        _merged_answers(met.answers, mine.answers, file.answers),
        _merged_notes(met.notes, mine.notes, file.notes),
        {**mine.other, **file.other},
    )


def merged_with_stranger(mine: StepProgress, theirs: StepProgress) -> StepProgress:
    """One step, merged with that of another computer, with which it has nothing in common that is known."""
    common = StepProgress(
        attempts=min(mine.attempts, theirs.attempts),
        answers=mine.answers if age(theirs) > age(mine) else theirs.answers,
        notes=next((each for each in (mine.notes, theirs.notes) if each in mine.notes and each in theirs.notes), ""),
    )
    merged = merged_step(common, mine, theirs)
    return replace(merged, answers={**mine.answers, **theirs.answers, **merged.answers})


def _merged_answers(met: Answers, mine: Answers, file: Answers) -> Answers:
    """Each question's answer as it was changed last; mine, where both were. One that was taken back stays so."""
    merged = dict(file)
    for question in {*met, *mine}:
        if mine.get(question) == met.get(question):
            continue
        merged.pop(question, None)
        if question in mine:
            merged[question] = mine[question]
    return merged


def _merged_notes(met: str, mine: str, file: str) -> str:
    """Notes as they were changed; where both were, the file's with mine below."""
    if mine in (met, file):
        return file
    return mine if file == met else f"{file}\n\n{mine}"


def _state(step: StepProgress) -> tuple[StepState, str | None]:
    return step.state, step.when


def age(step: StepProgress) -> tuple[datetime, bool]:
    """Greater for the newer state; of two of the same time, passed wins."""
    return _time(step), step.state is StepState.PASSED


def _time(step: StepProgress) -> datetime:
    """When a step's state last changed; long ago where that is not known."""
    try:
        when = datetime.fromisoformat(step.when or "")
        return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return LONG_AGO


def later(known: StepProgress) -> str:
    """The time of a change: now, yet later than what it changes, for another computer's clock may be ahead."""
    with contextlib.suppress(OverflowError):
        return max(datetime.now(UTC), _time(known) + timedelta(microseconds=1)).isoformat(timespec="microseconds")
    return datetime.now(UTC).isoformat(timespec="microseconds")
