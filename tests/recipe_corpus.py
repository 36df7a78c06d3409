"""Recipes with Apptainer 1.4.5's own word on them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
GRAMMAR_CASES = HERE / "lessons" / "grammar-cases.jsonl"
PUBLIC_RECIPES = HERE.parents[1] / "shared" / "corpus" / "recipes.jsonl"


@dataclass(frozen=True)
class RecordedRecipe:
    """A recipe, whether Apptainer took it, and what it said."""

    id: str
    text: str
    accepted: bool
    message: str


def recorded(path: Path) -> Iterator[RecordedRecipe]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            text = base64.b64decode(entry["recipe_base64"]).decode("utf-8", "surrogateescape")
            yield RecordedRecipe(entry["id"], text, entry["accepted"], entry["message"])


def comparable(message: str) -> tuple[str, frozenset[str]]:
    """A message without a panic's stack; Apptainer names unknown sections in random order."""
    start, _, names = message.partition("||goroutine")[0].partition("invalid section(s) specified:")
    return start.strip(), frozenset(name.strip() for name in names.split(", "))
