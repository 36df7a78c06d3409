"""How recipe files are called."""

from __future__ import annotations

from fnmatch import fnmatchcase

RECIPE_NAMES = ("*.def", "*.recipe", "Singularity", "Singularity.*", "Apptainer", "Apptainer.*")
"""Patterns of file names: of those that `cowshed lint FOLDER`, the pre-commit hooks and editors take for recipes."""


def is_recipe_name(name: str) -> bool:
    """Whether a file of this name (without its folder) is a recipe."""
    return any(fnmatchcase(name, pattern) for pattern in RECIPE_NAMES)
