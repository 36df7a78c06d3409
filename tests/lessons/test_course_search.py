"""The search over all lessons: what is found, in which order, and what is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cowshed_lessons.course import Course, Lesson, Option, Question, Step
from cowshed_lessons.course_search import CourseIndex, Hit, Where, matches

FIRST = Step(
    "one/first",
    "Knead the dough",
    "## Yeast and water\n\nMix *flour* with `salt`. A [starter](term:sour-starter) helps.\n\n"
    "- an oven\n- a tin\n\n```command\nbake --hot\n```\n\n| a | b |\n|---|---|\n| rye | spelt |\n",
    hints=("Knead with the secret grip.",),
    answer="The secret grip again.",
    questions=(Question("q", "Which **bowl**?", (Option("The blue one", True, "Because."),)),),
)
SECOND = Step(
    "one/second",
    "Let it rest",
    "The dough rests. Push it at @registry@.\n\n::: tip\nCover it with a cloth.\n:::\n\nLater: the yeast, at last.\n",
)
COURSE = Course(
    "bread", "Bread", (Lesson("one", "Bread", "", (FIRST, SECOND)),), glossary={"sour-starter": "Flour that ferments."}
)


def found(wanted: str, course: Course = COURSE, **facts: str) -> tuple[Hit, ...]:
    index = CourseIndex(course, facts or None)
    index.read_all()
    return index.search(wanted)


def places(wanted: str) -> list[tuple[str, Where]]:
    return [(hit.step, hit.where) for hit in found(wanted)]


def test_titles_come_first_then_headings_then_text() -> None:
    assert places("dough") == [("one/first", Where.TITLE), ("one/second", Where.TEXT)]
    assert places("yeast") == [("one/first", Where.HEADING), ("one/second", Where.TEXT)]


def test_of_many_places_in_one_step_the_best_are_given() -> None:
    text = "rebake\n\nunbaked\n\nprebake\n\nbake it\n\n## How to bake\n"
    course = replace(COURSE, lessons=(Lesson("x", "X", "", (Step("x/a", "A", text),)),))
    assert [hit.passage for hit in found("bake", course)] == ["How to bake", "bake it", "rebake"]


def test_all_words_must_occur_together_before_spread() -> None:
    assert places("flour salt") == [("one/first", Where.TEXT)]
    assert places("flour spelt") == [("one/first", Where.SPREAD)]
    assert places("flour cloth") == []
    assert places("  ") == []


def test_capitals_and_parts_of_words_are_found_and_beginnings_come_before() -> None:
    assert places("FLOUR")[0] == ("one/first", Where.TEXT)
    course = replace(COURSE, lessons=(Lesson("x", "X", "", (Step("x/a", "A", "cart"), Step("x/b", "B", "art"))),))
    assert [hit.step for hit in found("art", course)] == ["x/b", "x/a"]


@pytest.mark.parametrize("wanted", ["bake --hot", "an oven", "spelt", "cloth", "bowl"])
def test_commands_lists_tables_callouts_and_questions_are_searched(wanted: str) -> None:
    assert found(wanted)


@pytest.mark.parametrize("wanted", ["secret", "grip", "blue", "because"])
def test_hints_and_answers_are_not(wanted: str) -> None:
    assert found(wanted) == ()


def test_a_word_of_the_glossary_leads_to_where_it_is_explained() -> None:
    (hit,) = found("ferments")
    assert (hit.step, hit.where, hit.title) == ("one/first", Where.GLOSSARY, "Glossary: sour starter")
    assert hit.passage == "Mix flour with salt. A starter helps."


def test_variables_are_searched_as_the_learner_reads_them() -> None:
    assert found("registry.example", registry="registry.example")
    assert not found("@registry@")


def test_an_excerpt_is_cut_between_words_around_the_match_and_marks_it() -> None:
    long = "word " * 60 + "needle in it " + "more " * 60
    course = replace(COURSE, lessons=(Lesson("x", "X", "", (Step("x/a", "A", long),)),))
    (hit,) = found("needle", course)
    assert hit.excerpt.startswith("… word")
    assert hit.excerpt.endswith("more …")
    assert [hit.excerpt[begin:end] for begin, end in hit.marks] == ["needle"]
    assert len(hit.excerpt) < 130


def test_letters_that_grow_when_made_small_do_not_shift_a_mark() -> None:
    text = "İİİ Needle"
    assert [text[begin:end] for begin, end in matches(text, ["needle"])] == ["Needle"]
    assert matches(text, []) == []


def test_what_is_read_so_far_is_found() -> None:
    index = CourseIndex(COURSE)
    assert index.read_on()
    assert [hit.step for hit in index.search("dough")] == ["one/first"]
    before = index.whole
    index.read_all()
    assert (before, index.whole) == (False, True)
    assert len(index.search("dough")) == 2
