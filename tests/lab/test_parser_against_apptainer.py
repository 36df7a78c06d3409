"""Our reader and the real program, on recipes that were changed at random.

`make check-parser` compares 5,000 of them, an ordinary run 300 (`COWSHED_MUTANTS` and `COWSHED_MUTANTS_SEED` decide).
"""

from __future__ import annotations

import asyncio
import io
import os
import re
import shlex
import tarfile
from pathlib import Path

import pytest

from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lab.practice.connection import connect
from cowshed_lab.recipe_bytes import decoded, encoded
from cowshed_lessons.recipe import read_recipe
from recipe_corpus import GRAMMAR_CASES, PUBLIC_RECIPES, comparable, recorded
from recipe_mutants import mutants

NUMBER = int(os.environ.get("COWSHED_MUTANTS", "300"))
SEED = int(os.environ.get("COWSHED_MUTANTS_SEED", "1"))
BATCH = 500

# Reads recipes as a tar archive, writes what Apptainer says of each as another. The probe ends after parsing: no build
# argument is called __probe__, and Apptainer says so once it has read and filled in the recipe.
PROBE = r"""
set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
tar -xf -
find . -name 'm*.def' -printf '%P\n' | xargs -P "$(nproc)" -n 20 sh -c '
    for file; do
        apptainer build --build-arg __probe__=1 "$file.sif" "$file" >"$file.said" 2>&1 </dev/null || true
    done' sh
find . -name 'm*.said' -printf '%P\n' | tar -cf - -T -
"""

ACCEPTED = re.compile(r"FATAL:\s+unused build args: __probe__")


def packed(recipes: dict[str, str]) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, text in recipes.items():
            content = encoded(text)
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return archive.getvalue()


def unpacked(archive: bytes) -> dict[str, str]:
    said = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for entry in tar:
            file = tar.extractfile(entry)
            assert file is not None
            said[entry.name.removesuffix(".said")] = decoded(file.read())
    return said


async def ask_apptainer(cluster: PracticeCluster, recipes: dict[str, str]) -> dict[str, str]:
    """What Apptainer in the practice cluster says of each recipe."""
    async with await connect(cluster.connection()) as ssh:
        done = await ssh.run(shlex.join(["sh", "-c", PROBE]), input=packed(recipes), encoding=None)
    assert done.exit_status == 0, done.stderr
    assert isinstance(done.stdout, bytes)
    return unpacked(done.stdout)


def fatal(said: str) -> str:
    """Apptainer's own complaint among warnings and notes."""
    at = max(said.find("FATAL:"), said.find("panic:"))
    return said[at:].strip("\n") if at >= 0 else said


def message_class(message: str) -> tuple[str, frozenset[str]]:
    """A message as far as it is always the same: a panic's stack off, unknown sections in any order."""
    start, names = comparable(message.replace("\r", "").replace("\n\ngoroutine", "||goroutine"))
    return re.sub(r"\s+", " ", start), frozenset(re.sub(r"\s+", " ", name) for name in names)


def difference(name: str, text: str, said: str) -> str | None:
    """How our reading differs from Apptainer's, None where it does not."""
    recipe = read_recipe(text, file=name)
    if recipe.accepted != bool(ACCEPTED.search(said)):
        return f"{name}: we say accepted={recipe.accepted}, Apptainer: {fatal(said)!r}"
    if recipe.accepted:
        return None
    ours = next(fault.apptainer for fault in recipe.faults if fault.when_parsing)
    if message_class(ours) != message_class(fatal(said)):
        return f"{name}: we say {ours!r}, Apptainer {fatal(said)!r}"
    return None


@pytest.mark.practice
@pytest.mark.timeout(7_200)
def test_it_agrees_with_apptainer_on_changed_recipes(practice: PracticeCluster, tmp_path: Path) -> None:
    originals = [case.text for case in recorded(GRAMMAR_CASES)]
    if PUBLIC_RECIPES.exists():
        originals += [case.text for case in recorded(PUBLIC_RECIPES) if len(case.text) < 20_000]
    changed = {f"m{index:05}.def": text for index, text in enumerate(mutants(originals, NUMBER, SEED))}
    names = list(changed)
    said: dict[str, str] = {}
    for start in range(0, len(names), BATCH):
        said |= asyncio.run(ask_apptainer(practice, {name: changed[name] for name in names[start : start + BATCH]}))
    assert said.keys() == changed.keys()
    accepted = sum(bool(ACCEPTED.search(word)) for word in said.values())
    assert NUMBER * 0.1 < accepted < NUMBER * 0.9, "mutants of only one kind prove nothing"
    differences = {name: found for name in names if (found := difference(name, changed[name], said[name]))}
    for name in differences:
        (tmp_path / name).write_bytes(encoded(changed[name]))
    assert not differences, f"{len(differences)} of {NUMBER} (kept in {tmp_path}):\n" + "\n".join(differences.values())
