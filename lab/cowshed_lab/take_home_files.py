"""Reads what a learner takes home from a target: recipes as they are there, and how large the images are."""

from __future__ import annotations

from cowshed_lab.target import Target, TargetError
from cowshed_lessons.course import Course
from cowshed_lessons.take_home import OwnFiles, OwnRecipe, folders, wants

LARGEST = 1_000_000
"""Bytes of a recipe; what is larger is named so by mistake."""


async def read_own_files(target: Target, course: Course) -> OwnFiles:
    """The learner's recipes in the folders of the lessons. What cannot be read is told, and the rest is read."""
    recipes: list[OwnRecipe] = []
    sizes: dict[str, int] = {}
    problems: list[str] = []
    for lesson, folder in folders(course).items():
        try:
            entries = {entry.name: entry for entry in await target.list(folder)}
        except FileNotFoundError:
            continue
        except TargetError as error:
            problems.append(str(error))
            continue
        sizes |= {f"{lesson}/{name}": entry.size for name, entry in entries.items() if name.endswith(".sif")}
        for name in wants(course, lesson, [name for name, entry in entries.items() if not entry.is_folder]):
            if entries[name].size > LARGEST:
                problems.append(f"{lesson}/{name} is larger than any recipe, so it was left out.")
                continue
            try:
                recipes.append(OwnRecipe(lesson, name, await target.read(folder / name)))
            except (TargetError, FileNotFoundError) as error:
                problems.append(f"{lesson}/{name} could not be read: {error}")
    return OwnFiles(target.label, tuple(recipes), sizes, tuple(problems))
