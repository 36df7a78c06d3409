"""Recipes are read as Apptainer 1.4.5 reads them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowshed_lessons.course import built_in_course
from cowshed_lessons.judgement import judge_recipe
from cowshed_lessons.recipe import Recipe, read_recipe
from cowshed_lessons.verdict import Position
from recipe_corpus import GRAMMAR_CASES, PUBLIC_RECIPES, RecordedRecipe, comparable, recorded


def check_agreement(case: RecordedRecipe) -> list[str]:
    recipe = read_recipe(case.text, file=f"{case.id}.def")
    faults = [fault for fault in recipe.faults if fault.when_parsing]
    if recipe.accepted != case.accepted:
        return [f"{case.id}: we say accepted={recipe.accepted}, Apptainer {case.accepted}: {case.message}"]
    if not case.accepted and comparable(faults[0].apptainer) != comparable(case.message):
        return [f"{case.id}: {faults[0].apptainer!r} is not {case.message!r}"]
    return []


def test_it_agrees_with_apptainer_on_every_grammar_case() -> None:
    cases = list(recorded(GRAMMAR_CASES))
    assert len(cases) >= 90
    assert [line for case in cases for line in check_agreement(case)] == []


@pytest.mark.skipif(not PUBLIC_RECIPES.exists(), reason=f"the public recipes are not here ({PUBLIC_RECIPES})")
def test_it_agrees_with_apptainer_on_recipes_found_in_public() -> None:
    cases = list(recorded(PUBLIC_RECIPES))
    assert len(cases) >= 1_200
    assert [line for case in cases for line in check_agreement(case)] == []


@pytest.mark.skipif(not PUBLIC_RECIPES.exists(), reason=f"the public recipes are not here ({PUBLIC_RECIPES})")
def test_recipes_found_in_public_can_be_judged() -> None:
    step = built_in_course().step("lolcow/runscript")
    for case in recorded(PUBLIC_RECIPES):
        verdict = judge_recipe(step, case.text)
        assert len(verdict.results) == len([check for check in step.checks if check.kind.startswith("recipe.")])


def first(text: str) -> tuple[str, Position]:
    fault = read_recipe(text).faults[0]
    return fault.kind, fault.position


@pytest.mark.parametrize(
    ("text", "kind", "line", "column"),
    [
        ("", "empty", 1, 1),
        ("Bootstrap: docker\nFrom: x:1\n  %post\n true\n", "section-indented", 3, 3),
        ("Bootstrap: docker\n\n%pots\n true\n", "section-unknown", 3, 1),
        ("Bootstrap: docker\n%nonsense\n true\n", "section-unknown", 2, 1),
        ("Bootstrap: docker\n%post:\n true\n", "section-trailing", 2, 1),
        ("Bootstrap: docker\n%AppRun foo\n true\n", "section-unknown", 2, 1),
        ("Bootstrap: docker\n%post\n cat <<E\n  %wheel ALL\nE\n", "section-in-body", 4, 3),
        ("Bootstrap: docker\n  Frm: x\n", "key-unknown", 2, 3),
        ("Bootstrap: docker\n  q: x\n", "key-unknown", 2, 3),
        ("Bootstrap: docker\nFrom\n", "header-no-value", 2, 1),
        ("Bootstrap: docker\npost\n", "header-no-value", 2, 1),
        ("Bootstrap: docker\nFrom: x \\\n\n# c\nInclude: y\n", "header-continuation", 3, 1),
        ("FROM ubuntu\nRUN true\n", "dockerfile", 1, 1),
        ("Bootstrap: docker\nRUN true\n", "dockerfile", 2, 1),
        ("\ufeffBootstrap: docker\n", "byte-order-mark", 1, 1),
        ("%post", "section-empty", 1, 1),
        ("Bootstrap: docker\n%apprun\n true\n", "app-name", 2, 1),
        ("Bootstrap: docker\n%apprun  moo\n true\n", "app-name", 2, 1),
        ("Bootstrap: docker\n%post -c\n true\n", "post-arguments", 2, 1),
        ("Bootstrap: docker\nFrom: {{ X }}\n", "argument-undefined", 2, 7),
        ("Bootstrap: docker\nFrom: {{ XX }}\n%arguments\n XY=1\n", "argument-undefined", 2, 7),
        ("%post\n true\nBootstrap: docker\n", "stage-headless", 1, 1),
        ("Bootstrap: docker\n%files from nowhere\n a b\n", "files-stage", 2, 1),
        ("Bootstrap: docker\n%post\n" + "x" * 70_000, "section-too-long", 2, 1),
        ("Bootstrap: docker\n%post\n" + "é\n" * 30_000 + "%labels\n A b\n", "section-too-long", 2, 1),
    ],
)
def test_a_fault_knows_its_place(text: str, kind: str, line: int, column: int) -> None:
    assert first(text) == (kind, Position(line, column))


def test_every_fault_says_what_to_do() -> None:
    for case in recorded(GRAMMAR_CASES):
        for fault in read_recipe(case.text).faults:
            assert fault.message.endswith((".", "?"))
            assert fault.hint
            assert fault.end.line >= fault.position.line


def test_all_unknown_sections_are_found_at_once() -> None:
    recipe = read_recipe("Bootstrap: docker\n%foo\n%bar\n")
    assert [fault.position.line for fault in recipe.faults] == [2, 3]


def test_a_section_may_be_as_long_as_apptainer_reads() -> None:
    head = "%post\n"
    assert read_recipe("Bootstrap: docker\n" + head + "x" * (65_535 - len(head))).accepted
    assert not read_recipe("Bootstrap: docker\n" + head + "x" * (65_536 - len(head))).accepted
    longest = head + "x" * (65_536 - len(head) - len("\n%test\n")) + "\n%test\n"
    assert read_recipe("Bootstrap: docker\n" + longest + " true\n").accepted
    assert not read_recipe("Bootstrap: docker\n" + longest.replace("xx", "xxx", 1) + " true\n").accepted


def stage_of(text: str) -> Recipe:
    recipe = read_recipe(text)
    assert recipe.accepted
    return recipe


def test_header_values_know_their_place() -> None:
    stage = stage_of("# c\nBootstrap: docker\n  From :  ubuntu:22.04  # base\n").stages[0]
    entry = stage.header["from"]
    assert (entry.value, entry.line, entry.column, entry.end_column) == ("ubuntu:22.04", 3, 11, 23)
    assert (entry.key_line, entry.key_column) == (3, 3)


def test_repeated_sections_append_and_later_arguments_win() -> None:
    stage = stage_of("Bootstrap: scratch\n%post -c a\n one\n%labels\n A b c\n # d\n%post -c b\n two\n").stages[0]
    body = stage.body("post")
    assert body is not None
    assert body.text == " one\n two\n"
    assert stage.arguments_of("post") == "-c b"
    assert stage.labels == {"A": "b c"}
    assert (body.position(1, 1), stage.body("test")) == (Position(8, 2), None)


def test_files_are_pairs() -> None:
    stage = stage_of('Bootstrap: scratch\n%files\n  a b c\n "d e" f\n g\n # h\n%files from x\n i j\n').stages[0]
    assert [(pair.source, pair.destination) for pair in stage.files] == [
        ("a", "b"),
        ("d e", "f"),
        ("g", ""),
        ("i", "j"),
    ]
    assert stage.files[0].position == Position(3, 3)


def test_stages_begin_at_bootstrap_even_inside_a_script() -> None:
    recipe = stage_of("Bootstrap: a\nStage: one\n%post\ncat <<E\nBootstrap: b\nE\nStage: two\n".replace("E\n", "\n"))
    assert [stage.name for stage in recipe.stages] == ["one", "two"]
    assert [stage.start_line for stage in recipe.stages] == [1, 5]
    assert recipe.last_stage is recipe.stages[-1]
    assert read_recipe("").last_stage is None


def test_variables_are_filled_in_and_places_stay_those_of_the_text() -> None:
    text = "Bootstrap: docker\nFrom: {{ A }}\n%arguments\n A=ubuntu:{{ V }}\n V=22.04\n%post\n x {{ V }} y\n"
    recipe = stage_of(text)
    assert recipe.stages[0].header["from"].value == "ubuntu:22.04"
    body = recipe.stages[0].body("post")
    assert body is not None
    assert body.text == " x 22.04 y\n"
    assert body.position(0, body.text.index("y")) == Position(7, text.split("\n")[6].index("y") + 1)
    assert recipe.arguments == {"A": "ubuntu:{{ V }}", "V": "22.04"}


def test_a_default_may_name_a_variable_that_nothing_defines() -> None:
    recipe = read_recipe("Bootstrap: docker\nFrom: x:{{ A }}\n%arguments\n A={{ B }}\n")
    assert recipe.stages[-1].header["from"].value == "x:{{ B }}"
    assert [fault.position.line for fault in recipe.faults] == [4]


def test_a_recipe_of_labels_alone_is_accepted_if_they_say_something() -> None:
    assert read_recipe("%labels\n A b\n").accepted
    assert not read_recipe("%labels\n\n").accepted


def test_build_arguments_win_over_defaults() -> None:
    text = "Bootstrap: docker\nFrom: {{ A }}\n%arguments\n A=x\n no equals\n =1\n"
    assert read_recipe(text, build_arguments={"A": "y"}).stages[0].header["from"].value == "y"


def test_variables_behind_a_hash_are_left_alone() -> None:
    text = (
        "Bootstrap: docker\n%arguments\n V=1\n%post\n x#y {{ V }} {{ V }}\n#{{ V }}\n#! {{ V }}\n {{ V }} # {{ N }}\n"
    )
    body = stage_of(text).stages[0].body("post")
    assert body is not None
    assert body.text == " x#y {{ V }} {{ V }}\n#1\n#! 1\n 1 # {{ N }}\n"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=400))
def test_no_text_makes_it_stumble(text: str) -> None:
    recipe = read_recipe(text)
    lines = text.count("\n") + 1
    for fault in recipe.faults:
        assert 1 <= fault.position.line <= lines


PIECES = st.sampled_from(
    [
        *"\n\n\n \t%#:{}$'\"\\|&;()<>`\r\0é",
        "Bootstrap: docker\n",
        "From: ubuntu:22.04\n",
        "%post\n",
        "%environment\n",
        "%runscript\n",
        "%files from x\n",
        "%labels\n",
        "%apprun x\n",
        "%arguments\n A=1\n",
        "{{ A }}",
        "apt-get ",
        "install -y ",
        "update\n",
        "fortune ",
        "| cowsay ",
        "| lolcat\n",
        "export PATH=/usr/games:$PATH\n",
        "LC_ALL=C ",
        "<<EOF\n",
        "EOF\n",
        "for i in a b; do ",
        "done\n",
        "if x; then ",
        "fi\n",
        "f() {\n",
        "}\n",
        "f\n",
        "$(",
        "${A:-",
        "sh -c '",
        "xargs ",
        "case $1 in a) ",
        ";; esac\n",
        "> /tmp/x ",
        "eval ",
    ]
)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(PIECES, max_size=60).map("".join),
    st.sampled_from(["base-image", "update-lists", "assume-yes", "runscript"]),
)
def test_no_recipe_makes_the_judge_stumble(text: str, name: str) -> None:
    step = built_in_course().step(f"lolcow/{name}")
    text = "Bootstrap: docker\nFrom: ubuntu:22.04\n" + text
    lines = text.split("\n")
    for finding in judge_recipe(step, text).findings:
        assert finding.line is None or 1 <= finding.line <= len(lines)
        assert finding.column is None or finding.column >= 1


LARGE = {
    "newlines": "\n" * 1_000_000,
    "sections": "Bootstrap: docker\n" + "%post\n true\n" * 80_000,
    "variables on a line": "Bootstrap: docker\n%post\n" + "{{ A }}" * 140_000,
    "variables in a comment": "Bootstrap: docker\n%post\n# " + "{{ A }}" * 140_000,
    "filled variables": "Bootstrap: docker\n%arguments\nA=1\n%post\n" + "{{ A }}\n" * 120_000,
    "header lines": "Bootstrap: docker\n" + "From: x\n" * 120_000,
    "stages": "Bootstrap: docker\n" * 55_000,
    "files": "Bootstrap: docker\n" + ("%files\n" + ' "a' * 20_000 + "\n") * 16,
    "brackets": "Bootstrap: docker\n%post\n" + "(" * 60_000,
    "deep blocks": "Bootstrap: docker\n%post\n" + "{ " * 10_000 + "x\n" + "; }" * 10_000,
    "chain": "Bootstrap: docker\n%post\n" + " x &&" * 12_000 + " y\n",
    "pipe": "Bootstrap: docker\n%runscript\n" + " x |" * 12_000 + " y\n",
    "doubling variables": "Bootstrap: docker\n%post\n A=xxxxxxxx\n" + ' A="$A$A"\n' * 60 + " apt-get install $A\n",
    "doubling loops": "Bootstrap: docker\n%post\n" + "for i in 1 2 3 4 5 6 7 8; do " * 12 + " x\n" + "done;" * 12,
    "calling itself": "Bootstrap: docker\n%post\n f() { f; f; }\n f\n",
    "evaluating itself": 'Bootstrap: docker\n%post\n A=\'eval "$A"; eval "$A"\'\n eval "$A"\n',
    "quotes": "Bootstrap: docker\n%post\n" + "'\"" * 30_000,
    "heredocs": "Bootstrap: docker\n%post\n" + "cat <<E\n" * 8_000,
    "substitutions": "Bootstrap: docker\n%post\n echo " + "$(" * 20_000,
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", LARGE)
def test_large_and_hostile_recipes_come_to_an_end(name: str) -> None:
    judge_recipe(built_in_course().step("lolcow/runscript"), LARGE[name])
