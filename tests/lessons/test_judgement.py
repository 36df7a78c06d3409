"""The verdict: what counts, what waits, what is nobody's fault."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cowshed_lessons.checks import ParameterError, check_kind, check_kinds, validate_parameters
from cowshed_lessons.course import CheckSpec, Probe, Step, built_in_course
from cowshed_lessons.evidence import (
    BuildEvidence,
    CommandEvidence,
    Evidence,
    ImageEvidence,
    ProbeResult,
    RecipeEvidence,
)
from cowshed_lessons.judgement import judge, judge_recipe, steps_after
from cowshed_lessons.verdict import CheckResult, Outcome, Verdict

LOGS = Path(__file__).parent / "build_logs"
HEADER = "Bootstrap: docker\nFrom: ubuntu:22.04\n\n%post\n"
NO_LISTS = HEADER + "    apt-get install fortune cowsay lolcat\n"
ASKS = HEADER + "    apt-get update\n    apt-get install fortune cowsay lolcat\n"
GOOD = HEADER + "    apt-get update\n    apt-get install -y fortune cowsay lolcat\n"


def log(name: str) -> str:
    return (LOGS / f"{name}.log").read_bytes().decode()


def step(name: str) -> Step:
    return built_in_course().step(f"lolcow/{name}")


def built(
    recipe: str | None, status: int | None, text: str = "", *, recipe_name: str = "lolcow.def", cancelled: bool = False
) -> BuildEvidence:
    return BuildEvidence("lolcow.sif", status, text, recipe, recipe_name, cancelled)


def result(verdict: Verdict, check: str) -> CheckResult:
    return next(item for item in verdict.results if item.check == check)


def test_without_evidence_everything_waits() -> None:
    verdict = judge(step("assume-yes"), Evidence())
    assert verdict.outcome is Outcome.NOT_YET
    assert verdict.findings == ()
    assert all(item.waiting for item in verdict.results)


def test_a_right_recipe_waits_for_its_build() -> None:
    verdict = judge(step("install"), Evidence(recipe=RecipeEvidence(NO_LISTS)))
    assert verdict.outcome is Outcome.NOT_YET
    assert [item.check for item in verdict.results if item.waiting] == ["build"]
    assert judge_recipe(step("install"), NO_LISTS).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("name", "recipe", "recorded"),
    [
        ("install", NO_LISTS, "nolists"),
        ("install", NO_LISTS.replace("install", "install -y"), "nolists_y"),
        ("update-lists", ASKS, "prompt"),
        ("update-lists", ASKS.replace("apt-get", "apt"), "prompt_apt"),
    ],
)
def test_a_build_that_fails_as_it_should_passes(name: str, recipe: str, recorded: str) -> None:
    evidence = Evidence(recipe=RecipeEvidence(recipe), build=built(recipe, 255, log(recorded)))
    assert judge(step(name), evidence).outcome is Outcome.PASSED


def test_a_build_that_fails_otherwise_does_not_pass() -> None:
    evidence = Evidence(recipe=RecipeEvidence(NO_LISTS), build=built(NO_LISTS, 255, log("fail")))
    verdict = judge(step("install"), evidence)
    assert verdict.outcome is Outcome.NOT_YET
    assert "another reason" in verdict.findings[0].message
    unknown = Evidence(recipe=RecipeEvidence(NO_LISTS), build=built(NO_LISTS, 255, "strange\n\n"))
    assert "Its last line: `strange`" in judge(step("install"), unknown).findings[0].message


def test_a_build_that_should_fail_and_succeeds_does_not_pass() -> None:
    evidence = Evidence(recipe=RecipeEvidence(NO_LISTS), build=built(NO_LISTS, 0))
    assert "succeeded" in judge(step("install"), evidence).findings[0].message


@pytest.mark.parametrize("recorded", ["network", "other_registry", "killed", "smalltmp", "readonly", "exists"])
@pytest.mark.parametrize("name", ["install", "assume-yes"])
def test_an_environment_fault_is_nobody_s_mistake(name: str, recorded: str) -> None:
    recipe = NO_LISTS if name == "install" else GOOD
    evidence = Evidence(recipe=RecipeEvidence(recipe), build=built(recipe, 255, log(recorded)))
    verdict = judge(step(name), evidence)
    assert verdict.outcome is Outcome.CANNOT_TELL
    assert verdict.findings[0].hint


def test_a_lost_connection_is_nobody_s_mistake() -> None:
    evidence = Evidence(recipe=RecipeEvidence(GOOD), build=built(GOOD, None, "INFO: Starting build..."))
    assert judge(step("assume-yes"), evidence).outcome is Outcome.CANNOT_TELL


def test_a_fault_of_the_recipe_comes_before_the_environment() -> None:
    evidence = Evidence(recipe=RecipeEvidence(ASKS), build=built(GOOD, 255, log("network")))
    verdict = judge(step("assume-yes"), evidence)
    assert verdict.outcome is Outcome.NOT_YET
    assert verdict.findings[0].check == "yes"


def test_a_stopped_build_asks_for_another() -> None:
    evidence = Evidence(recipe=RecipeEvidence(GOOD), build=built(GOOD, 130, cancelled=True))
    verdict = judge(step("assume-yes"), evidence)
    assert verdict.outcome is Outcome.NOT_YET
    assert (verdict.findings[0].hint, result(verdict, "build").waiting) == ("Build again.", True)


def test_a_build_of_another_recipe_does_not_count() -> None:
    evidence = Evidence(recipe=RecipeEvidence(GOOD), build=built(ASKS, 255, log("prompt")))
    verdict = judge(step("assume-yes"), evidence)
    assert result(verdict, "build").waiting
    assert "another recipe" in result(verdict, "build").findings[0].message
    assert result(verdict, "inside").waiting


def test_a_comment_since_the_build_does_no_harm() -> None:
    evidence = Evidence(recipe=RecipeEvidence(NO_LISTS + "# now build\n"), build=built(NO_LISTS, 255, log("nolists")))
    assert judge(step("install"), evidence).outcome is Outcome.PASSED


def test_a_build_whose_recipe_could_not_be_read_counts_by_its_name() -> None:
    evidence = Evidence(recipe=RecipeEvidence(NO_LISTS, "lolcow.def"), build=built(None, 255, log("nolists")))
    assert judge(step("install"), evidence).outcome is Outcome.PASSED
    other = replace(evidence, build=built(None, 255, log("nolists"), recipe_name="other.def"))
    assert result(judge(step("install"), other), "build").waiting
    alone = Evidence(build=built(None, 255, log("nolists")))
    assert result(judge(step("install"), alone), "build").outcome is Outcome.PASSED


def test_a_failed_build_is_explained() -> None:
    evidence = Evidence(recipe=RecipeEvidence(GOOD), build=built(GOOD, 255, log("typo")))
    assert "no such package" in judge(step("assume-yes"), evidence).findings[0].message
    unknown = Evidence(recipe=RecipeEvidence(GOOD), build=built(GOOD, 3, ""))
    assert judge(step("assume-yes"), unknown).findings[0].message == "The build stopped with exit status 3."


IMAGE = ImageEvidence("lolcow.sif", 50_000_000, {"programs": ProbeResult(0, "/usr/games/fortune\n")})
RAN = CommandEvidence("apptainer run lolcow.sif", 0, "Apptainer> fortune\nbash: fortune: command not found\n")
DONE = Evidence(RecipeEvidence(GOOD), built(GOOD, 0), IMAGE, (RAN,))


def test_all_evidence_together_passes() -> None:
    assert judge(step("assume-yes"), DONE).outcome is Outcome.PASSED


def test_an_image_that_cannot_be_looked_at_is_nobody_s_mistake() -> None:
    broken = DONE.with_image(ImageEvidence("lolcow.sif", problem="squashfuse_ll: Permission denied"))
    assert judge(step("assume-yes"), broken).outcome is Outcome.CANNOT_TELL
    endless = DONE.with_image(replace(IMAGE, probes={"programs": ProbeResult(None, "")}))
    assert judge(step("assume-yes"), endless).outcome is Outcome.CANNOT_TELL


def test_a_probe_that_failed_says_so() -> None:
    evidence = DONE.with_image(replace(IMAGE, probes={"programs": ProbeResult(127, "sh: fortune: not found")}))
    assert result(judge(step("assume-yes"), evidence), "inside").findings[0].hint
    assert result(judge(step("assume-yes"), DONE.with_image(ImageEvidence("x"))), "inside").waiting


def step_of(*checks: CheckSpec) -> Step:
    probes = (Probe("look", "exec", ("fortune",)),)
    return Step("x/y", "t", "", "lolcow.def", "lolcow.sif", "", checks=checks, probes=probes)


def one(kind: str, evidence: Evidence, **parameters: object) -> CheckResult:
    validate_parameters(kind, parameters)
    return judge(step_of(CheckSpec("c", kind, "t", parameters)), evidence).results[0]


def look(status: int, output: str) -> Evidence:
    return Evidence(image=ImageEvidence("x.sif", 1, {"look": ProbeResult(status, output)}))


@pytest.mark.parametrize(
    ("parameters", "status", "output", "passes"),
    [
        ({}, 0, "", True),
        ({}, 1, "", False),
        ({"exit_status": "nonzero"}, 255, "", True),
        ({"exit_status": "nonzero"}, 0, "", False),
        ({"exit_status": [126, 127]}, 127, "", True),
        ({"exit_status": 0}, 127, "", False),
        ({"output_contains": ["a", "b"]}, 0, "ab", True),
        ({"output_contains": "c"}, 0, "ab", False),
        ({"output_lacks": ["c"]}, 0, "ab", True),
        ({"output_lacks": "b"}, 0, "ab", False),
        ({"output_matches": r"\(oo\)"}, 0, "(oo)", True),
        ({"output_matches": r"\(oo\)"}, 0, "", False),
    ],
)
def test_a_probe_is_compared(parameters: dict[str, object], status: int, output: str, passes: bool) -> None:
    answer = one("image.probe", look(status, output), probe="look", **parameters)
    assert (answer.outcome is Outcome.PASSED) == passes
    if not passes:
        assert answer.findings[0].message.startswith("`apptainer exec … fortune`")


def test_a_size_is_compared() -> None:
    assert one("image.size", Evidence(image=IMAGE), smaller_than=60).outcome is Outcome.PASSED
    assert "50 MB" in one("image.size", Evidence(image=IMAGE), smaller_than=40).findings[0].message
    assert one("image.size", Evidence(), smaller_than=40).waiting


@pytest.mark.parametrize(
    "line",
    [
        "apptainer run lolcow.sif",
        "\\apptainer run lolcow.sif",
        "singularity run ./lolcow.sif",
        "apptainer -q run --cleanenv lolcow.sif",
        "apptainer -c /etc/a.conf run lolcow.sif",
        "/usr/bin/apptainer run ~/cowshed/lolcow.sif",
        "sudo apptainer run lolcow.sif",
        "APPTAINER_DEBUG=1 apptainer run lolcow.sif",
        "time apptainer run lolcow.sif | head",
        "cd cowshed && apptainer run lolcow.sif",
        "./lolcow.sif",
        "bash -c 'apptainer run lolcow.sif'",
    ],
)
def test_a_command_counts_in_any_spelling(line: str) -> None:
    evidence = Evidence(commands=(CommandEvidence("ls", 0), CommandEvidence(line, 0, "moo"), CommandEvidence("cd", 0)))
    answer = one("terminal.command", evidence, subcommand="run", arguments=["*.sif"], output_contains="moo")
    assert answer.outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "line", ["", "apptainer", "apptainer build lolcow.sif x.def", "echo apptainer run lolcow.sif", "apptainer run"]
)
def test_other_commands_do_not_count(line: str) -> None:
    evidence = Evidence(commands=(CommandEvidence(line, 0, "moo"),))
    assert one("terminal.command", evidence, subcommand="run", arguments=["*.sif"]).waiting


def test_a_command_that_went_wrong_is_told() -> None:
    evidence = Evidence(commands=(CommandEvidence("apptainer run a.sif", 255, ""),))
    answer = one("terminal.command", evidence, subcommand=["run"], exit_status=0)
    assert answer.findings[0].message == "`apptainer run a.sif` ended with exit status 255."


def test_a_command_may_have_to_come_first() -> None:
    inspect = CommandEvidence("apptainer inspect --runscript a.sif", 0)
    run = CommandEvidence("apptainer run a.sif", 0)
    wanted: dict[str, object] = {"subcommand": "run", "before": {"subcommand": "inspect"}}
    assert one("terminal.command", Evidence(commands=(inspect, run)), **wanted).outcome is Outcome.PASSED
    assert "before it" in one("terminal.command", Evidence(commands=(run, inspect)), **wanted).findings[0].message
    options: dict[str, object] = {"subcommand": "inspect", "options": [["--runscript", "-r"]]}
    assert one("terminal.command", Evidence(commands=(inspect,)), **options).outcome is Outcome.PASSED
    plain = CommandEvidence("apptainer inspect a.sif", 0)
    assert one("terminal.command", Evidence(commands=(plain,)), **options).waiting


def recipe(kind: str, text: str, **parameters: object) -> list[str]:
    answer = one(kind, Evidence(recipe=RecipeEvidence(text)), **parameters)
    assert (answer.outcome is Outcome.PASSED) == (not answer.findings)
    return [finding.message for finding in answer.findings]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("apt-get update\napt-get install -y x\nrm -rf /var/lib/apt/lists/*\n", ""),
        ("apt-get update && apt-get install -y x && rm -r /var/lib/apt/lists\n", ""),
        ("apt-get update\napt-get install -y x\nfind /var/lib/apt/lists -type f -delete\n", ""),
        ("apt update\napt install -y x\napt distclean\n", ""),
        ("true\n", ""),
        ("apt-get update\napt-get install -y x\n$CLEAN\n", ""),
        ("apt-get update\napt-get install -y x\n", "are left"),
        ("apt-get update\nrm -rf /var/lib/apt/lists/*\napt-get install -y x\n", "before the install"),
        ("apt-get update\napt-get install -y x\napt-get clean\n", "`apt-get clean` keeps"),
    ],
)
def test_lists_are_cleaned_up(script: str, words: str) -> None:
    found = recipe("recipe.cleans-lists", HEADER + script)
    assert (found == []) if not words else (words in found[0])


@pytest.mark.parametrize(
    ("script", "passes"),
    [
        ("apt-get install -y --no-install-recommends x\n", True),
        ("apt-get install -y -o APT::Install-Recommends=0 x\n", True),
        ("apt-get -oAPT::Install-Recommends=false install -y x\n", True),
        ("aptitude -R install x\n", True),
        ("echo 'APT::Install-Recommends \"0\";' > /etc/apt/apt.conf.d/1\napt-get install -y x\n", True),
        ("apt-get install -y $OPTIONS x\n", True),
        ("apt-get install -y x\n", False),
        ("apt-get install -y --no-install-recommends x\napt-get install -y z\n", False),
        ("apt-get install -y --install-recommends x\n", False),
    ],
)
def test_recommended_packages_are_left_out(script: str, passes: bool) -> None:
    assert (recipe("recipe.no-recommends", HEADER + script) == []) == passes


def test_sections_are_looked_for() -> None:
    assert "no `%help`" in recipe("recipe.section", HEADER, name="help")[0]
    assert "is empty" in recipe("recipe.section", HEADER + "%help\n \n", name="help")[0]
    assert "does not say" in recipe("recipe.section", HEADER + "%help\n x\n", name="help", contains="moo")[0]
    assert recipe("recipe.section", HEADER + "%help\n moo\n", name="help", contains="m.o") == []


def test_what_cannot_be_parsed_is_told_once() -> None:
    broken = "Bootstrap: docker\n%pots\n true\n"
    specs = [CheckSpec(str(n), "recipe.section", "t", {"name": "help"}) for n in range(2)]
    verdict = judge(step_of(*specs), Evidence(recipe=RecipeEvidence(broken)))
    assert [finding.check for finding in verdict.findings] == ["0"]
    assert verdict.results[1].waiting


def test_a_course_may_give_its_own_hint() -> None:
    answer = one("recipe.section", Evidence(recipe=RecipeEvidence(HEADER)), name="help", hint="Look above.")
    assert answer.findings[0].hint == "Look above."


@pytest.mark.parametrize(
    ("kind", "parameters", "parameter"),
    [
        ("recipe.bass", {}, ""),
        ("zzz", {}, ""),
        ("recipe.base", {"image": "ubuntu"}, "tags"),
        ("recipe.base", {"image": "", "tags": ["x"]}, "image"),
        ("recipe.base", {"image": "ubuntu", "tags": []}, "tags"),
        ("recipe.base", {"image": "ubuntu", "tags": ["x"], "tagz": 1}, "tagz"),
        ("recipe.parses", {"whatever": 1}, "whatever"),
        ("recipe.installs", {"packages": [["a"], 1]}, "packages"),
        ("recipe.exports", {"name": "A", "generated_locale": "yes"}, "generated_locale"),
        ("image.probe", {"probe": "x", "exit_status": "zero"}, "exit_status"),
        ("image.probe", {"probe": "x", "output_matches": "("}, "output_matches"),
        ("image.probe", {"probe": "x", "output_matches": 1}, "output_matches"),
        ("image.size", {"smaller_than": True}, "smaller_than"),
        ("terminal.command", {"before": "x"}, "before"),
    ],
)
def test_parameters_are_checked(kind: str, parameters: dict[str, object], parameter: str) -> None:
    with pytest.raises(ParameterError) as problem:
        validate_parameters(kind, parameters)
    assert problem.value.parameter == parameter
    assert problem.value.sentence.endswith((".", "?"))


def test_every_kind_is_documented_and_found() -> None:
    for name in check_kinds():
        assert check_kind(name).judge.__doc__


def test_every_check_of_the_course_has_parameters_that_fit() -> None:
    for lesson in built_in_course().lessons:
        for item in lesson.steps:
            for spec in item.checks:
                validate_parameters(spec.kind, spec.parameters)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        # Other packages are installed, and why this one is not is told.
        ("%post\napt-get install -y cowsay\napt-get install --simulate lolcat\n", "only simulates"),
        ("%post\napt-get install -y cowsay\n%test\napt-get install -y lolcat\n", "`%test` runs after the build"),
        ("%post\nf() { true; }\ng() { apt-get install -y cowsay lolcat; }\n", "function `g`"),
        # What cannot be followed is said to be so.
        ("%post\napt-get install -y cowsay\n" + "echo $(" * 70 + ")" * 70, "nested too deeply"),
    ],
)
def test_a_missing_package_is_explained(text: str, words: str) -> None:
    found = recipe("recipe.installs", "Bootstrap: docker\nFrom: ubuntu:22.04\n" + text, packages=["cowsay", "lolcat"])
    assert words in found[0]


def test_a_script_that_cannot_be_seen_may_have_fetched_the_lists() -> None:
    install = "apt-get install -y x\n"
    assert recipe("recipe.updates-lists", HEADER + "sh /opt/prepare.sh\n" + install) == []
    assert recipe("recipe.updates-lists", HEADER + "$PREPARE\n" + install) == []
    assert recipe("recipe.updates-lists", HEADER + "echo hello\n" + install) != []


def test_without_an_install_its_options_are_not_judged() -> None:
    assert "Nothing is installed" in recipe("recipe.no-recommends", HEADER)[0]
    assert recipe("recipe.no-recommends", HEADER + "dnf install -y x\n") == []


@pytest.mark.parametrize(
    ("header", "parameters", "words"),
    [
        ("Bootstrap: oras\nFrom: ubuntu:22.04\n", {"agents": ["docker"]}, "agent `oras`"),
        ("Bootstrap: docker\nFrom: ubuntu:22.04@sha256:xyz\n", {}, "igest"),
    ],
)
def test_bases_of_another_sort(header: str, parameters: dict[str, object], words: str) -> None:
    found = recipe("recipe.base", header + "%post\n true\n", image="ubuntu", tags=["22.04"], **parameters)
    assert words in found[0]


@pytest.mark.parametrize(
    ("post", "parameters", "passes"),
    [
        ("true\n", {}, False),
        ("locale-gen\n", {"generated_locale": True}, True),
        ("apt-get install -y locales-all\n", {"generated_locale": True}, True),
        ("true\n", {"generated_locale": True}, False),
    ],
)
def test_a_generated_locale_passes_where_the_step_allows_it(
    post: str, parameters: dict[str, object], passes: bool
) -> None:
    text = HEADER + post + "%environment\nexport LC_ALL=de_DE.UTF-8\n"
    assert (recipe("recipe.exports", text, name="LC_ALL", values=["C"], **parameters) == []) == passes


def test_an_environment_that_cannot_be_known_is_left_to_the_image() -> None:
    text = HEADER + "date > $APPTAINER_ENVIRONMENT\n"
    assert recipe("recipe.exports", text, name="LC_ALL", values=["C"]) == []


def test_a_step_without_recipe_checks_wants_the_recipe_that_is_shown() -> None:
    build = CheckSpec("build", "build.succeeds", "t", {})
    evidence = Evidence(recipe=RecipeEvidence(GOOD), build=built(GOOD, 0))
    assert judge(step_of(build), evidence).outcome is Outcome.PASSED
    changed = judge(step_of(build), evidence.with_recipe(RecipeEvidence(ASKS)))
    assert changed.results[0].waiting
    assert judge(step_of(build), Evidence(build=built(GOOD, 0))).outcome is Outcome.PASSED


def test_the_newest_try_is_told_and_other_commands_do_no_harm() -> None:
    other = CommandEvidence("apptainer exec a.sif true && ls; echo", 0)
    tries = (CommandEvidence("apptainer run a.sif", 1), other, CommandEvidence("apptainer run a.sif", 2))
    wanted: dict[str, object] = {"subcommand": "run", "exit_status": 0}
    assert "status 2" in one("terminal.command", Evidence(commands=tries), **wanted).findings[0].message
    done = (other, CommandEvidence("echo moo; apptainer run a.sif", 0))
    before: dict[str, object] = {**wanted, "before": {"subcommand": "inspect"}}
    assert "before it" in one("terminal.command", Evidence(commands=done), **before).findings[0].message


@pytest.mark.parametrize("nesting", ["$(", "( ", "{ ", "if a; then ", "a=(a=("])
@pytest.mark.parametrize(
    ("section", "kind", "parameters"),
    [
        ("post", "recipe.installs", {"packages": ["cowsay"]}),
        ("environment", "recipe.path", {"folder": "/usr/games"}),
        ("runscript", "recipe.runscript-flow", {"programs": ["fortune", "cowsay"]}),
    ],
)
def test_nobody_can_tell_what_a_script_does_that_is_too_deep(
    nesting: str, section: str, kind: str, parameters: dict[str, object]
) -> None:
    ends = {"$(": ")", "( ": " )", "{ ": "; }", "if a; then ": "; fi", "a=(a=(": "))"}
    text = f"Bootstrap: docker\nFrom: ubuntu:22.04\n%{section}\n{nesting * 250}x{ends[nesting] * 250}\n"
    asked = Step("a/b", "", "", "a.def", "a.sif", "", checks=(CheckSpec("it", kind, "", parameters),))
    verdict = judge_recipe(asked, text)
    assert verdict.outcome is Outcome.CANNOT_TELL
    assert "nested too deeply" in verdict.findings[0].message
    assert verdict.findings[0].hint
    assert judge_recipe(asked, text) == verdict, "also when the scripts were followed before"
    assert judge_recipe(asked, "Bootstrap: docker\nFrom: ubuntu:22.04\n").outcome is not Outcome.CANNOT_TELL


FINISHED = (
    GOOD + "\n%environment\n    export PATH=/usr/games:$PATH\n    export LC_ALL=C\n\n%runscript\n"
    "    fortune | cowsay | lolcat\n"
)


def test_who_comes_back_with_a_later_recipe_is_not_told_to_take_things_out() -> None:
    early = step("update-lists")
    later = steps_after(built_in_course(), early)
    assert [other.id for other in later][-1] == "lolcow/runscript"
    evidence = Evidence(recipe=RecipeEvidence(FINISHED))
    assert judge(early, evidence).findings  # alone, the step wants what this recipe has outgrown
    verdict = judge(early, evidence, later=later)
    assert (verdict.beyond, verdict.outcome, verdict.findings) == ("lolcow/runscript", Outcome.NOT_YET, ())
    again = judge(early, replace(evidence, passed=True), later=later)
    assert (again.beyond, again.outcome, again.findings) == ("lolcow/runscript", Outcome.PASSED, ())


def test_a_recipe_that_is_only_wrong_is_told_so_even_when_the_step_was_passed_before() -> None:
    early = step("update-lists")
    later = steps_after(built_in_course(), early)
    evidence = Evidence(recipe=RecipeEvidence(NO_LISTS), passed=True)
    verdict = judge(early, evidence, later=later)
    assert verdict.beyond == ""
    assert verdict.findings


def test_a_recipe_that_fits_needs_no_later_step() -> None:
    last = step("runscript")
    assert steps_after(built_in_course(), last) == ()
    fits = judge(step("update-lists"), Evidence(recipe=RecipeEvidence(ASKS)), later=(last,))
    assert (fits.beyond, fits.findings) == ("", ())
