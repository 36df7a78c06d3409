"""Recipes that are made to be slow meet limits; how long they really take is for the benchmarks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cowshed_lessons import shell_syntax
from cowshed_lessons.course import built_in_course
from cowshed_lessons.judgement import judge_recipe
from cowshed_lessons.linting import fix_all, lint
from cowshed_lessons.linting.linted import Linted
from cowshed_lessons.recipe import read_recipe
from cowshed_lessons.recipe_scripts import scripts_of
from cowshed_lessons.verdict import Outcome
from hard_recipes import HEAD, hard_recipes

SMALL = dict(hard_recipes(4_000))


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    shell_syntax._kept.cache_clear()
    scripts_of.cache_clear()
    yield
    shell_syntax._kept.cache_clear()
    scripts_of.cache_clear()


@pytest.mark.parametrize("name", SMALL)
def test_nothing_stumbles(name: str) -> None:
    text = SMALL[name]
    read_recipe(text)
    lint(text)
    judge_recipe(built_in_course().step("lolcow/runscript"), text)
    fix_all(text, lint)


def test_the_names_of_hard_recipes_are_many_and_their_sizes_as_asked() -> None:
    assert len(SMALL) > 150
    assert sum(2_000 < len(text) < 12_000 for text in SMALL.values()) > 100


@pytest.mark.parametrize("opening", ["$(", "echo $(", "((", "{ ", "( ", "[[ ", "${a:-", '"$(', "echo `$("])
def test_what_nests_too_deeply_is_not_parsed(opening: str) -> None:
    assert shell_syntax.parse((opening * 90).encode()) is not None
    assert shell_syntax.parse((opening * 210).encode()) is None


def test_what_is_too_long_is_not_parsed() -> None:
    line = b"echo a\n"
    assert shell_syntax.parse(line * (shell_syntax.MOST_BYTES // len(line))) is not None
    assert shell_syntax.parse(line * (shell_syntax.MOST_BYTES // len(line) + 1)) is None


@pytest.fixture
def slow_clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A clock that goes on by a second whenever somebody looks, and how often somebody did."""
    looks: list[int] = []

    def seconds() -> float:
        looks.append(1)
        return float(len(looks))

    monkeypatch.setattr(shell_syntax, "thread_time", seconds)
    return looks


def test_what_takes_the_grammar_too_long_is_given_up(slow_clock: list[int]) -> None:
    text = HEAD + "%post\n    apt-get install -y cowsay\n" + ")" * 3_000 + "\n"
    assert not scripts_of(text).script("post").complete
    assert len(slow_clock) == 2
    (body,) = Linted(read_recipe(text)).stages[0].shell_bodies
    assert body.nodes("command") == []
    assert not body.is_read
    assert len(slow_clock) == 2  # that it was given up is kept: nobody tries again
    verdict = judge_recipe(built_in_course().step("lolcow/runscript"), text)
    assert any(check.outcome is Outcome.CANNOT_TELL for check in verdict.results)
    assert shell_syntax.parse(b"echo a\n") is not None  # the parser is as good as new


def test_ordinary_scripts_are_read_without_a_look_at_the_clock(slow_clock: list[int]) -> None:
    script = "".join(f"    (cd /opt/{number} && make install) > /tmp/log 2>&1; echo 'done'\n" for number in range(90))
    assert scripts_of(f"{HEAD}%post\n{script}").script("post").complete
    assert slow_clock == []


def test_a_growing_argument_ends_somewhere() -> None:
    text = HEAD + "%arguments\n    A=" + "b" * 50_000 + "\n%post\n" + "{{ A }}\n" * 5_000
    recipe = read_recipe(text)
    assert sum(len(section.body.text) for section in recipe.stages[0].sections) < 10_000_000


def test_faults_and_files_have_a_limit() -> None:
    for text in ("%apprun\n" * 5_000, "%pst\n" * 5_000, "{{ A }}\n" * 5_000, "a: b\n" * 5_000):
        assert 0 < len(read_recipe(HEAD + text).faults) <= 401
    files = read_recipe(HEAD + "%files\n" + " a b\n" * 12_000).stages[0].files
    assert len(files) == 10_000


def test_only_so_many_apps_are_looked_at() -> None:
    text = HEAD + "".join(f"%apprun a{number}\n    true\n" for number in range(1_500))
    assert len(Linted(read_recipe(text)).stages[0].shell_bodies) == 1_000
