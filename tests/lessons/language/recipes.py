"""Recipes to try the language functions on: real ones, and ones put together at random."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import strategies as st

_CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "recipes.jsonl"
_LINES = (
    *(
        "Bootstrap: docker",
        "From :a",
        "  Stage:  x ",
        "bootstrap:b",
        "# lead",
        "    # inside",
        "",
        "   ",
        "\t",
        "%post",
        "%help",
    ),
    *(
        "%files from x",
        "%files  ",
        "  %post",
        "%labels",
        "%arguments",
        "V=1 ",
        "%runscript",
        "#!/bin/sh",
        "%apprun a",
        "%apphelp a",
    ),
    *(
        "a {{ V }}",
        "if a; then",
        "fi",
        "for i in 1 2; do",
        "done",
        "cat <<E",
        "E",
        "cat <<-'E'",
        "\tE",
        "x='a",
        "b'  ",
        'echo "a',
    ),
    *(
        'b"',
        "a \\",
        "a\\",
        "b",
        "  c &&",
        "a |",
        "case a in",
        "b) c",
        ";;",
        "esac",
        "f() {",
        "}",
        "(",
        ")",
        "x=(",
        "%nothing",
    ),
    *(
        "# cowshed: ignore=apt-yes",
        "apt-get install a",
        "echo $",
        "%",
        "{{",
        "a \\ ",
        "x=$(",
        "From: a\\",
        "a # b \\",
        "é€𝄞",
        "\ufeff",
    ),
)
TEXTS = st.one_of(
    st.lists(st.sampled_from(_LINES), max_size=25).map("\n".join),
    st.lists(st.sampled_from(_LINES), max_size=25).map("\r\n".join),
    st.lists(st.sampled_from(_LINES), max_size=20).map(
        lambda lines: "Bootstrap: docker\nFrom: a:1\n%post\n" + "\n".join(lines)
    ),
    st.text(alphabet=st.characters(), max_size=300),
)
"""Texts that look like recipes, half of one, or like nothing."""


def real_recipes() -> list[tuple[str, str]]:
    """Names and texts of the recipes found in public."""
    if not _CORPUS.exists():
        pytest.skip(f"real recipes are not here: {_CORPUS}")
    rows = [json.loads(line) for line in _CORPUS.read_text(encoding="utf-8").splitlines()]
    return [(row["id"], base64.b64decode(row["recipe_base64"]).decode("utf-8", "surrogateescape")) for row in rows]
