"""The course is written in its own words: no run of twelve words of the source that it teaches."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from cowshed_lessons.course import built_in_course_folder

RUN = 12
SOURCE = Path(__file__).parents[3] / "shared" / "reference" / "source-course.md"
FENCE = re.compile(r"^ {0,3}(```|~~~).*?^ {0,3}\1[^\n]*$", re.MULTILINE | re.DOTALL)
TAG = re.compile(r"<[^>]*>")
SHORTCODE = re.compile(r"\{\{<.*?>\}\}", re.DOTALL)


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+(?:'[a-z]+)?", text.lower().replace("’", "'"))


def runs(text: str) -> set[tuple[str, ...]]:
    all_words = words(text)
    return {tuple(all_words[place : place + RUN]) for place in range(len(all_words) - RUN + 1)}


def own_texts() -> list[tuple[str, str]]:
    """Every text of every course, words in pictures among them.

    Recipes and commands are facts, which no one can put into other words.
    """
    folder = built_in_course_folder().parent
    pages = {file: FENCE.sub("\n", file.read_text(encoding="utf-8")) for file in folder.rglob("*.md")}
    pages |= {file: TAG.sub(" ", file.read_text(encoding="utf-8")) for file in folder.rglob("*.svg")}
    pages |= {file: comments(file.read_text(encoding="utf-8")) for file in folder.rglob("*.def")}
    tables = {file: strings(tomllib.loads(file.read_text(encoding="utf-8"))) for file in folder.rglob("*.toml")}
    return [(str(file.relative_to(folder)), text) for file, text in sorted({**pages, **tables}.items())]


def comments(recipe: str) -> str:
    """What a recipe says to people."""
    return "\n".join(line.strip() for line in recipe.splitlines() if line.lstrip().startswith("#"))


def strings(value: object) -> str:
    """Every text in a table, but for commands that somebody types."""
    if isinstance(value, dict):
        return "\n".join(strings(each) for name, each in value.items() if name != "commands")
    if isinstance(value, list):
        return "\n".join(strings(each) for each in value)
    return str(value)


def test_no_run_of_twelve_words_is_taken_from_the_source() -> None:
    if not SOURCE.is_file():
        pytest.skip("the source course is not here to compare with")
    source = runs(SHORTCODE.sub(" ", SOURCE.read_text(encoding="utf-8")))
    taken = {name: shared for name, text in own_texts() if (shared := runs(text) & source)}
    assert taken == {}, {name: [" ".join(run) for run in shared] for name, shared in taken.items()}


def test_the_comparison_finds_what_is_taken() -> None:
    if not SOURCE.is_file():
        pytest.skip("the source course is not here to compare with")
    sentence = "> You do not need to install\nthis on your *computer* - Apptainer will **pull** from Docker Hub when"
    assert runs(sentence) & runs(SOURCE.read_text(encoding="utf-8"))


def test_the_course_has_texts_to_compare() -> None:
    assert sum(len(words(text)) for _, text in own_texts()) > 3000
