"""Every part of a recipe is explained, and the explanations' own recipes are good."""

from __future__ import annotations

import re

import pytest

from cowshed_lessons.apptainer_versions import AGENTS_SINCE, KEYS_SINCE
from cowshed_lessons.checks_recipe import AGENTS
from cowshed_lessons.header import HEADER_KEYS
from cowshed_lessons.language import documentation
from cowshed_lessons.language.completion_tables import KEYS_OF_AGENT
from cowshed_lessons.recipe import read_recipe
from cowshed_lessons.sections import APP_SECTIONS, SECTIONS

ALL = [(topic, name, entry) for topic, entries in documentation.entries().items() for name, entry in entries.items()]
SNIPPET = re.compile(r"```apptainer\n(.*?)```", re.DOTALL)


def test_every_section_key_and_agent_has_an_entry() -> None:
    known = documentation.entries()
    assert set(known["sections"]) == {*SECTIONS, *APP_SECTIONS}
    assert set(known["agents"]) == {*AGENTS, *AGENTS_SINCE}
    assert set(known["keys"]) == {key.replace("&n", "") for key in (*HEADER_KEYS, *KEYS_SINCE)}
    assert set(KEYS_OF_AGENT) == set(known["agents"])
    assert documentation.about_key("OtherURL12") is not None


@pytest.mark.parametrize("name", [*AGENTS_SINCE, *KEYS_SINCE])
def test_what_only_newer_versions_have_says_so(name: str) -> None:
    entry = documentation.entries()["agents"].get(name) or documentation.entries()["keys"][name]
    assert "1.5" in entry.title


@pytest.mark.parametrize(("topic", "name", "entry"), ALL, ids=[f"{topic}-{name}" for topic, name, _ in ALL])
def test_entries_are_short_and_their_recipes_are_accepted(topic: str, name: str, entry: documentation.Entry) -> None:
    assert entry.title
    assert not entry.title.endswith(".")
    assert len(entry.text.splitlines()) <= 16
    assert entry.markdown.count("```") % 2 == 0
    if topic in ("sections", "section_words", "agents"):
        assert SNIPPET.search(entry.text)
    for snippet in SNIPPET.findall(entry.text):
        if KEYS_SINCE.get(name) or AGENTS_SINCE.get(name):
            continue
        text = snippet if snippet.startswith("Bootstrap") else "Bootstrap: docker\n" + snippet
        text += "\n%arguments\n    VERSION=1\n    REGCODE=1\n" if "{{" in text else ""
        text = "Bootstrap: docker\nFrom: a:1\nStage: build\n\n" + text if "from build" in text else text
        assert read_recipe(text).accepted, read_recipe(text).faults


def test_options_of_relatives_are_shared() -> None:
    assert documentation.about_option("yum", "--nodocs") == documentation.about_option("dnf", "--nodocs")
    assert documentation.about_option("pip3", "--no-cache-dir") is not None
    assert documentation.about_option("pip3", "--of-nobody") is None


def test_packages_are_named_and_described() -> None:
    for names in documentation.known_packages().values():
        assert names
        assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.+-]*", name) and about for name, about in names.items())
