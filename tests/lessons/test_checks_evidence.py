"""Quizzes, the environment, images: what counts, what waits, what is nobody's fault."""

from __future__ import annotations

from typing import Any

import pytest

from cowshed_lessons.checks import ParameterError, validate_parameters
from cowshed_lessons.course import Option, Probe, Question
from cowshed_lessons.evidence import (
    BuildEvidence,
    EnvironmentEvidence,
    Evidence,
    Fact,
    FactState,
    ImageEvidence,
    ProbeResult,
)
from cowshed_lessons.verdict import Outcome
from lessons.checking import one, said

QUESTION = Question(
    "why",
    "Why?",
    (
        Option("It is faster.", right=False, explanation="Not by itself."),
        Option("It is frozen.", right=True, explanation="Yes."),
        Option("No ticket.", right=True, explanation="Yes, too."),
    ),
    several=True,
)


def quiz(*chosen: int) -> tuple[Outcome, bool, str]:
    evidence = Evidence().with_answer("why", chosen)
    result = one("quiz.answered", evidence, questions=(QUESTION,), question="why")
    return result.outcome, result.waiting, " ".join(finding.message for finding in result.findings)


def test_a_question_is_right_when_all_right_options_are_chosen_and_no_others() -> None:
    assert quiz(1, 2) == (Outcome.PASSED, False, "")
    assert quiz(2, 1, 1) == (Outcome.PASSED, False, "")
    assert quiz(0, 1, 2) == (Outcome.NOT_YET, False, "Not by itself.")
    assert quiz(0)[2] == "Not by itself."
    assert "there is more" in quiz(1)[2]
    assert quiz() == (Outcome.NOT_YET, True, "")


def test_answers_to_options_that_are_gone_do_not_count() -> None:
    assert quiz(1, 2, 9)[0] is Outcome.PASSED
    assert one("quiz.answered", Evidence(answers={"why": (1,)}), question="why").waiting


def fact(state: FactState, **parameters: Any) -> tuple[Outcome, str]:
    facts = {"apptainer": Fact(state, "1.1", "This is old.")}
    result = one(
        "environment.fact", Evidence().with_environment(EnvironmentEvidence(facts)), fact="apptainer", **parameters
    )
    return result.outcome, " ".join(finding.message for finding in result.findings)


def test_a_target_is_never_the_learner_s_mistake() -> None:
    assert fact("ok")[0] is Outcome.PASSED
    assert fact("problem")[0] is Outcome.PASSED  # it is known: that is all that is asked
    assert fact("warning", states=["ok", "warning"])[0] is Outcome.PASSED
    assert fact("problem", states=["ok"]) == (Outcome.CANNOT_TELL, "This is old.")
    assert fact("unknown")[0] is Outcome.CANNOT_TELL
    assert one("environment.fact", Evidence(), fact="apptainer").waiting
    lost = Evidence(environment=EnvironmentEvidence(problem="The connection was lost."))
    answer = one("environment.fact", lost, fact="apptainer", message="You did it wrong.")
    assert answer.outcome is Outcome.CANNOT_TELL
    assert "connection was lost" in answer.findings[0].message
    other = Evidence(environment=EnvironmentEvidence({"cache": Fact("ok")}))
    assert one("environment.fact", other, fact="apptainer").outcome is Outcome.CANNOT_TELL


MINE = ImageEvidence("x.sif", 54_000_000)
OTHER = ImageEvidence("lolcow_0.sif", 86_000_000, {"cow": ProbeResult(0, "moo")})
BOTH = Evidence(image=MINE, images={"lolcow_0.sif": OTHER})


def test_an_image_is_smaller_than_another() -> None:
    assert said(one("image.smaller", BOTH, than="lolcow_0.sif")) == ""
    assert said(one("image.smaller", BOTH, than="lolcow_0.sif", percent=37)) == ""
    assert "37 % less, and 40 %" in said(one("image.smaller", BOTH, than="lolcow_0.sif", percent=40))
    assert "did not become smaller" in said(one("image.smaller", BOTH, than="x.sif", image="lolcow_0.sif"))
    same = Evidence(image=OTHER, images={"lolcow_0.sif": OTHER})
    assert "did not become smaller" in said(one("image.smaller", same, than="lolcow_0.sif"))
    assert one("image.smaller", Evidence(image=MINE), than="lolcow_0.sif").waiting
    missing = Evidence(image=MINE, images={"lolcow_0.sif": ImageEvidence("lolcow_0.sif", exists=False)})
    assert "no `lolcow_0.sif` yet" in said(one("image.smaller", missing, than="lolcow_0.sif"))
    assert one("image.smaller", Evidence(image=MINE, images={"a": ImageEvidence("a", 0)}), than="a").waiting


def test_an_image_of_another_step_is_looked_at() -> None:
    probes = (Probe("cow", "run", (), "lolcow_0.sif"),)
    assert said(one("image.probe", BOTH, probes=probes, probe="cow", output_contains="moo")) == ""
    assert "baa" in said(one("image.probe", BOTH, probes=probes, probe="cow", output_contains="baa"))
    assert said(one("image.size", BOTH, image="lolcow_0.sif", smaller_than=90)) == ""
    assert "86 MB" in said(one("image.size", BOTH, image="lolcow_0.sif", smaller_than=80))


def test_an_image_exists() -> None:
    assert said(one("image.exists", BOTH)) == ""
    assert said(one("image.exists", BOTH, image="lolcow_0.sif")) == ""
    assert one("image.exists", BOTH, image="box/").waiting
    gone = Evidence(images={"box/": ImageEvidence("box/", exists=False)})
    assert "no `box/` yet" in said(one("image.exists", gone, image="box/"))
    broken = Evidence(image=ImageEvidence("x.sif", problem="No FUSE."))
    kinds: tuple[tuple[str, dict[str, Any]], ...] = (
        ("image.exists", {}),
        ("image.size", {"smaller_than": 9}),
        ("image.smaller", {"than": "x.sif"}),
    )
    for kind, more in kinds:
        result = one(kind, broken, message="You did it wrong.", **more)
        assert result.outcome is Outcome.CANNOT_TELL
        assert "No FUSE." in result.findings[0].message


def test_an_image_of_a_build_that_was_stopped_does_not_count() -> None:
    stopped = Evidence(build=BuildEvidence("x.sif", 130, "", cancelled=True), image=MINE)
    assert one("image.exists", stopped).waiting
    assert one("image.size", stopped, smaller_than=99).waiting


@pytest.mark.parametrize(
    ("kind", "parameters", "words"),
    [
        ("terminal.command", {"any": [{"subcomand": "x"}]}, "`subcommand`"),
        ("terminal.command", {"any": "x"}, "a list of tables"),
        ("terminal.command", {"before": {"options": 3}}, "`options`"),
        ("recipe.base-any", {"bases": [{"image": "x"}]}, "`tags`"),
        ("recipe.provides", {"ecosystem": "r"}, "`packages`"),
        ("quiz.answered", {}, "`question`"),
        ("image.smaller", {"than": 3}, "a text"),
    ],
)
def test_parameters_inside_tables_are_looked_at(kind: str, parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        validate_parameters(kind, parameters)
