"""What `cowshed check --json` prints, and how evidence is renewed."""

from __future__ import annotations

from cowshed_lessons.evidence import BuildEvidence, CommandEvidence, Evidence, ImageEvidence, RecipeEvidence
from cowshed_lessons.verdict import CheckResult, Finding, Outcome, Verdict


def test_a_verdict_as_json_has_the_documented_fields() -> None:
    finding = Finding("base", "There is no `From`.", 1, 2, "Write it.", 1, 9)
    verdict = Verdict("lolcow/install", Outcome.NOT_YET, (CheckResult("base", "Base", Outcome.NOT_YET, (finding,)),))
    assert verdict.as_json() == {
        "step": "lolcow/install",
        "verdict": "not_yet",
        "findings": [{"check": "base", "message": "There is no `From`.", "line": 1, "column": 2, "hint": "Write it."}],
    }


def test_a_newer_build_forgets_the_older_image() -> None:
    image = ImageEvidence("a.sif", size=1)
    evidence = Evidence().with_recipe(RecipeEvidence("x")).with_image(image)
    assert evidence.image is image
    evidence = evidence.with_command(CommandEvidence("one", 0)).with_command(CommandEvidence("two", 0))
    evidence = evidence.with_build(BuildEvidence("a.sif", 0, ""))
    assert evidence.image is None
    assert evidence.recipe == RecipeEvidence("x")
    assert [command.command_line for command in evidence.commands] == ["one", "two"]
