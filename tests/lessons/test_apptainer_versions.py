"""Recipes as different versions of Apptainer read them."""

from __future__ import annotations

import pytest

from cowshed_lessons.apptainer_versions import (
    AGENTS_SINCE,
    DEFAULT_VERSION,
    KEYS_SINCE,
    VERSIONS,
    has_come,
    nearest_version,
)
from cowshed_lessons.linting import Severity, lint
from cowshed_lessons.recipe import read_recipe

NEW_KEY = "Bootstrap: dockerfile\nFilename: Dockerfile\nTarget: run\n%post\n    true\n"


def errors(text: str, version: str) -> dict[str, str]:
    found = lint(text, version=version)
    return {item.rule: item.message for item in found if item.severity is Severity.ERROR}


@pytest.mark.parametrize("key", KEYS_SINCE)
def test_a_key_is_known_from_its_version_on(key: str) -> None:
    text = f"Bootstrap: buildkit\nFrom: a:1\n{key}: b\n"
    old = read_recipe(text, version="1.4")
    assert not old.accepted
    assert old.faults[0].kind == "key-unknown"
    assert f"from Apptainer {KEYS_SINCE[key]} on" in old.faults[0].message
    assert old.faults[0].apptainer.endswith(f"invalid header keyword found: {key}")
    new = read_recipe(text, version="1.5")
    assert new.accepted
    assert new.stages[0].header[key].value == "b"


def test_the_linter_says_from_which_version_on_something_is_known() -> None:
    old = errors(NEW_KEY, "1.4")
    assert "from Apptainer 1.5 on" in old["key-unknown"]
    assert old["agent-newer"] == "The agent `dockerfile` is known from Apptainer 1.5 on."
    assert errors(NEW_KEY, "1.5") == {}
    assert "key-unknown" in errors("Bootstrap: docker\nFrom: a:1\nNosuch: b\n", "1.5")
    assert "agent-unknown" in errors("Bootstrap: nosuch\nFrom: a:1\n", "1.5")


def test_1_4_is_what_is_meant_where_nothing_is_said() -> None:
    assert DEFAULT_VERSION == "1.4"
    assert read_recipe(NEW_KEY).version == "1.4"
    assert not read_recipe(NEW_KEY).accepted
    assert {item.rule for item in lint(NEW_KEY)} >= {"key-unknown", "agent-newer"}


def test_a_recipe_that_was_read_for_one_version_is_read_anew_for_another() -> None:
    assert [read_recipe(NEW_KEY, version=version).accepted for version in ("1.4", "1.5", "1.4")] == [False, True, False]


def test_versions_that_are_not_known_are_refused() -> None:
    with pytest.raises(ValueError, match=r"1\.3"):
        read_recipe("", version="1.3")
    assert set(KEYS_SINCE.values()) | set(AGENTS_SINCE.values()) <= set(VERSIONS)
    assert has_come("1.4", "1.5")
    assert not has_come("1.5", "1.4")


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ("1.4.5", "1.4"),
        ("1.4.5-2", "1.4"),
        ("1.5.0-rc.1", "1.5"),
        ("1.5.0~rc.1+1", "1.5"),
        ("1.3.6", "1.4"),
        ("2.0", "1.5"),
        ("1.10.1", "1.5"),
        ("", "1.4"),
    ],
)
def test_a_programs_version_stands_for_the_nearest_known(told: str, known: str) -> None:
    assert nearest_version(told) == known
