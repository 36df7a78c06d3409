"""`cowshed parse`: a recipe as Apptainer understands it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from cowshed_lab.command_line import NOT_YET, PASSED, BadInput
from cowshed_lab.recipe_bytes import read_recipe_bytes
from cowshed_lessons.apptainer_versions import DEFAULT_VERSION
from cowshed_lessons.recipe import Recipe, Stage, read_recipe
from cowshed_lessons.sections import Section


def parse(name: str, as_json: bool, build_arguments: Sequence[str], version: str = DEFAULT_VERSION) -> int:
    """Read a recipe as a version of Apptainer does, and print what was understood.

    Raises:
        BadInput: the file cannot be read, or a build argument is not KEY=VALUE.
    """
    given = read_build_arguments(build_arguments)
    recipe = read_recipe(read_recipe_bytes(name), build_arguments=given, file=name, version=version)
    sys.stdout.write(json.dumps(as_data(recipe), indent=2) + "\n" if as_json else describe(recipe))
    return PASSED if recipe.accepted else NOT_YET


def read_build_arguments(items: Sequence[str]) -> dict[str, str]:
    """The values given with `--build-arg`; of repeated ones the last counts, as in Apptainer.

    Raises:
        BadInput: one has no `=` or no name.
    """
    given: dict[str, str] = {}
    for item in items:
        key, equals, value = item.partition("=")
        if not key or not equals:
            raise BadInput(f"--build-arg {item}: this is not KEY=VALUE.")
        given[key] = value
    return given


def as_data(recipe: Recipe) -> dict[str, Any]:
    """A recipe as `cowshed parse --json` prints it. Lines and columns count from 1.

    `message` is what Apptainer says of the first fault, `faults` all of them in our words. The stages hold values
    with their variables filled in.
    """
    faults = [fault for fault in recipe.faults if fault.when_parsing]
    return {
        "accepted": recipe.accepted,
        "apptainer_version": recipe.version,
        "message": faults[0].apptainer if faults else "",
        "faults": [
            {
                "kind": fault.kind,
                "message": fault.message,
                "hint": fault.hint,
                "line": fault.position.line,
                "column": fault.position.column,
                "end_line": fault.end.line,
                "end_column": fault.end.column,
                "apptainer": fault.apptainer,
                "when_parsing": fault.when_parsing,
            }
            for fault in recipe.faults
        ],
        "arguments": dict(recipe.arguments),
        "stages": [_stage(stage) for stage in recipe.stages],
    }


def _stage(stage: Stage) -> dict[str, Any]:
    return {
        "name": stage.name,
        "start_line": stage.start_line,
        "header": {key: entry.value for key, entry in stage.header.items()},
        "header_places": {
            key: {"line": entry.line, "column": entry.column, "end_column": entry.end_column}
            for key, entry in stage.header.items()
        },
        "labels": stage.labels,
        "files": [
            {"source": pair.source, "destination": pair.destination, "line": pair.position.line} for pair in stage.files
        ],
        "sections": [_section(section) for section in stage.sections],
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "name": section.name,
        "app": section.app,
        "arguments": section.arguments,
        "start_line": section.start_line,
        "end_line": section.end_line,
        "body": section.body.text,
    }


def describe(recipe: Recipe) -> str:
    """What was understood, as lines for a person."""
    lines = []
    for fault in recipe.faults:
        if fault.when_parsing:
            lines += [f"line {fault.position.line}: {fault.message}", f"    {fault.hint}"]
    if not recipe.accepted:
        return "\n".join(["Apptainer rejects this recipe.", *lines]) + "\n"
    for number, stage in enumerate(recipe.stages, start=1):
        lines.append(f"Stage {stage.name or number}, from line {stage.start_line}")
        lines += [f"    {key}: {entry.value}" for key, entry in stage.header.items()]
        lines += [
            f"    %{section.name}{' ' + section.arguments if section.arguments else ''}"
            f", lines {section.start_line} to {section.end_line}"
            for section in stage.sections
        ]
    return "\n".join(["Apptainer accepts this recipe.", *lines]) + "\n"
