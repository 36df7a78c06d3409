"""Progress from another computer: added by the rules, and refused with a sentence where it is none of this course."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from cowshed_lessons.course import Course, Lesson, Step
from cowshed_lessons.progress import Progress, StepProgress, StepState
from cowshed_lessons.progress_exchange import NotTakenIn, changed_steps, read_for

COURSE = Course("bread", "Bread", (Lesson("l", "L", "", tuple(Step(f"l/{name}", name, "") for name in "abc")),))
EARLY, LATE = "2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00"


def both(mine: StepProgress, theirs: StepProgress) -> StepProgress:
    here = Progress("bread", "l/a", {"l/a": mine})
    there = read_for(Progress("bread", "l/a", {"l/a": theirs}).as_bytes(), COURSE, "f")
    here.take_in(there)
    once = here.of("l/a")
    here.take_in(there)
    assert here.of("l/a") == once  # a second time changes nothing
    return once


@pytest.mark.parametrize("mine_is_newer", [True, False])
def test_the_newer_state_wins_with_its_recipe(mine_is_newer: bool) -> None:
    passed = StepProgress(StepState.PASSED, 3, "mine", LATE if mine_is_newer else EARLY)
    again = StepProgress(StepState.PASSED, 2, "theirs", EARLY if mine_is_newer else LATE)
    merged = both(passed, again)
    assert merged.passed_recipe == ("mine" if mine_is_newer else "theirs")
    assert merged.attempts == 3


def test_what_was_passed_there_is_passed_here_and_the_other_way_round() -> None:
    passed, untouched = StepProgress(StepState.PASSED, 1, "recipe", EARLY), StepProgress()
    assert both(untouched, passed) == passed
    assert both(passed, untouched) == passed
    assert both(passed, StepProgress(StepState.SKIPPED, 0, None, LATE)).state is StepState.PASSED


def test_notes_of_both_are_kept_and_only_once() -> None:
    mine, theirs = StepProgress(notes="Mine."), StepProgress(notes="Theirs.")
    assert both(mine, theirs).notes == "Theirs.\n\nMine."
    assert both(mine, StepProgress()).notes == "Mine."
    assert both(StepProgress(), theirs).notes == "Theirs."
    assert both(StepProgress(notes="Theirs. And more."), theirs).notes == "Theirs. And more."


def test_answers_of_both_are_kept_and_the_newer_wins() -> None:
    mine = StepProgress(when=EARLY, answers={"a": (0,), "b": (1,)})
    theirs = StepProgress(when=LATE, answers={"a": (2,), "c": (3,)})
    assert both(mine, theirs).answers == {"a": (2,), "b": (1,), "c": (3,)}
    assert both(theirs, mine).answers == {"a": (2,), "b": (1,), "c": (3,)}


def test_the_place_is_where_something_was_done_last() -> None:
    here = Progress("bread", "l/a", {"l/a": StepProgress(StepState.PASSED, when=LATE)})
    there = Progress("bread", "l/c", {"l/a": StepProgress(StepState.PASSED, when=EARLY)})
    here.take_in(there)
    assert here.current == "l/a"
    there.take_in(here)
    assert there.current == "l/a"


def test_steps_that_this_course_does_not_know_are_kept() -> None:
    here = Progress("bread")
    here.take_in(Progress("bread", None, {"old/step": StepProgress(notes="Keep.")}, other={"new": 1}))
    assert here.of("old/step").notes == "Keep."
    assert here.other == {"new": 1}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not a progress file"),
        (b"\x89PNG\r\n", "not a progress file"),
        (b'{"version": 1, "course": "bread", "steps', "not a progress file"),
        (b'{"version": 1, "course": "bread", "current": null, "steps": {"a": 3}}', "not a progress file"),
        (b'{"hello": "world"}', "not a progress file"),
        (json.dumps({"version": 99, "what": "ever"}).encode(), "newer Cowshed"),
        (Progress("apptainer").as_bytes(), "another course"),
    ],
)
def test_what_is_no_progress_of_this_course_is_refused_with_a_sentence(content: bytes, says: str) -> None:
    with pytest.raises(NotTakenIn, match=says) as refused:
        read_for(content, COURSE, "that.json")
    assert str(refused.value).startswith("that.json")
    assert "nothing was taken" in str(refused.value).lower()


def test_changed_steps_are_counted() -> None:
    one = Progress("bread", None, {"a": StepProgress(), "b": StepProgress(notes="x")})
    two = replace(one, steps={"b": StepProgress(notes="y"), "c": StepProgress()})
    assert changed_steps(one, two) == 1  # an untouched step is none
