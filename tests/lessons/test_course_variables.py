"""Facts of the target in place of a course's variables."""

from __future__ import annotations

from pathlib import Path

from cowshed_lessons import markup
from cowshed_lessons.course import CheckSpec, Solution, Step, TypedCommand
from cowshed_lessons.course_file import read_course
from cowshed_lessons.course_variables import PASSWORD, fill, fill_course, fill_step, unknown_variables

BAKERY = Path(__file__).parent / "courses" / "bakery"
PATTERNS = {"arguments": ["oras://@registry@/*"], "output_matches": "^@registry@$"}
FACTS = {"registry": "registry.practice:5000", "account": "learner"}


def test_facts_stand_in_for_variables() -> None:
    text = "push oras://@registry@/@account@/cow:1 to @scratch@"
    assert fill(text, FACTS) == "push oras://registry.practice:5000/learner/cow:1 to /scratch/$USER"
    assert fill(text) == "push oras://docker.io/myname/cow:1 to /scratch/$USER"


def test_what_is_no_variable_stays() -> None:
    for text in ("me@example.org", 'cow "$@" @', "a@account@b", "@Account@", "@nobody@", "user@account@host"):
        assert fill(text, FACTS) == text
    assert list(unknown_variables("@nobody@ and @account@, me@x@")) == ["@nobody@"]


def test_a_password_is_no_fact_and_is_put_nowhere() -> None:
    assert fill(f"type {PASSWORD}", {**FACTS, "account": "ada"}) == f"type {PASSWORD}"
    assert list(unknown_variables(f"type {PASSWORD}")) == [PASSWORD]


def test_a_step_is_filled_where_it_is_read_and_judged_but_not_in_recipes() -> None:
    check = CheckSpec("a", "terminal.command", "T", PATTERNS)
    typed = TypedCommand("apptainer push a.sif oras://@registry@/a", output="@registry@")
    solution = Solution("s", "From: @registry@", "n", (typed,))
    step = Step("l/s", "At @registry@", "Go.", checks=(check,), hints=("@account@",), solutions=(solution,))
    step = fill_step(step, FACTS)
    assert step.title == "At registry.practice:5000"
    assert step.hints == ("learner",)
    assert step.solutions[0].recipe == "From: @registry@"
    assert step.solutions[0].commands[0].line.endswith("oras://registry.practice:5000/a")
    assert step.checks[0].parameters["arguments"] == ["oras://registry.practice:5000/*"]
    assert step.checks[0].parameters["output_matches"] == r"^registry\.practice:5000$"


def test_a_course_without_variables_left_is_shown() -> None:
    step = fill_course(read_course(BAKERY), FACTS).step("counter/customers")
    assert step.questions[1].options[0].text == "Through `registry.practice:5000`"


def test_a_page_never_shows_a_variable() -> None:
    (command,) = markup.blocks("```command\nls @scratch@\n```")
    assert command == markup.Command("ls /scratch/$USER")
    (command,) = markup.blocks("```command\nls @scratch@\n```", facts={"scratch": "/large"})
    assert command == markup.Command("ls /large")
