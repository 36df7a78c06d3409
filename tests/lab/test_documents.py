"""What the documents say about this repository is true: links, paths, make targets and commands."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cowshed_lab.command_line import build_parser
from cowshed_lessons.course import built_in_course

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
TOP_FOLDERS = ("lessons/", "lab/", "gui/", "resources/", "tests/", "packaging/", ".ci/")


def _text(document: str) -> str:
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)


def _block_lines(document: str) -> Iterator[str]:
    """The lines of fenced blocks, comments taken off."""
    for block in re.findall(r"^```\w*\n(.*?)^```", _text(document), flags=re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if command := line.partition(" #")[0].strip():
                yield command


def _code(document: str) -> Iterator[str]:
    """Inline code and the lines of fenced blocks."""
    prose = re.sub(r"^```.*?^```", "", _text(document), flags=re.MULTILINE | re.DOTALL)
    yield from (" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose))
    yield from _block_lines(document)


def _links() -> list[tuple[str, str]]:
    return [
        (document, target)
        for document in DOCUMENTS
        for target in re.findall(r"\]\(([^)\s]+)\)", _text(document))
        if not target.startswith(("http://", "https://"))
    ]


def _paths() -> list[tuple[str, str]]:
    return sorted(
        {
            (document, code)
            for document in DOCUMENTS
            for code in _code(document)
            if code.startswith(TOP_FOLDERS) and not re.search(r"[<*\s…]", code)
        }
    )


def _cowshed_lines() -> list[list[str]]:
    lines = [shlex.split(line) for line in _block_lines("README.md") if line.startswith("cowshed ")]
    return [words[1:] for words in lines]


@pytest.mark.parametrize(("document", "target"), _links())
def test_a_link_leads_somewhere(document: str, target: str) -> None:
    assert (ROOT / target.partition("#")[0]).exists(), f"{document} links to {target}"


@pytest.mark.parametrize(("document", "path"), _paths())
def test_a_named_path_exists(document: str, path: str) -> None:
    assert (ROOT / path).exists(), f"{document} names {path}"


def test_named_make_targets_exist() -> None:
    named = {
        (document, target)
        for document in DOCUMENTS
        for code in _code(document)
        for target in re.findall(r"^make ([a-z-]+)", code)
    }
    assert ("README.md", "run") in named
    known = set(re.findall(r"^([a-z-]+):", _text("Makefile"), flags=re.MULTILINE))
    assert {target for _, target in named} <= known


def test_make_without_a_target_lists_every_public_one() -> None:
    listed = subprocess.run(["make", "-C", str(ROOT)], capture_output=True, text=True, check=True).stdout
    public = re.findall(r"^([a-z-]+):.*##", _text("Makefile"), flags=re.MULTILINE)
    assert {"run", "test", "check", "bench"} <= set(public)
    assert re.findall(r"^make ([a-z-]+)", listed, flags=re.MULTILINE) == public


@pytest.mark.parametrize("words", _cowshed_lines(), ids=" ".join)
def test_a_command_of_the_readme_is_understood(words: list[str]) -> None:
    arguments = build_parser().parse_args(words)
    if words[0] == "check":
        assert built_in_course().step(arguments.step).id == words[1]


def test_the_readme_shows_every_command_of_check() -> None:
    assert {words[0] for words in _cowshed_lines()} >= {"check", "build", "doctor", "practice", "course"}
