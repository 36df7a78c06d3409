"""What the checks of packages ask of a recipe: its installs, its list updates, and what stands in a wrong place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .checks import PASSED, Answer, Case
from .package_commands import PackageCommand
from .recipe_scripts import RecipeScripts
from .shell import Command
from .verdict import Position

WRONG_SECTIONS = {
    "setup": "runs on the host before the image has its shell, not inside the image",
    "pre": "runs on the host, not inside the image",
    "environment": "runs whenever the image starts, not while it is built",
    "runscript": "runs when somebody uses the image; the image can no longer be changed then",
    "startscript": "runs when an instance is started; the image can no longer be changed then",
    "test": "runs after the build, to test the image",
    "files": "lists files to copy, its lines are not run",
    "labels": "holds facts about the image, its lines are not run",
    "help": "is text for people, its lines are not run",
}
_SOURCES = re.compile(r"^[ \t]*(?:sudo[ \t]+)?(?:apt-get|apt|aptitude)\b.*\b(install|update)\b", re.MULTILINE)


def underline_end(command: Command) -> Position:
    """Where to stop underlining a command: its end, or its start where it goes over several lines."""
    return command.end if command.end.line == command.position.line else command.position


def effective_installs(commands: Sequence[PackageCommand]) -> list[PackageCommand]:
    """The commands that install something when the script runs."""
    return [
        item
        for item in commands
        if item.action == "install"
        and item.command.reachable
        and not item.changes_nothing
        and (item.packages or item.opaque)
    ]


def apt_installs(scripts: RecipeScripts) -> list[PackageCommand]:
    """The apt installs whose failure would end the build; all of them if there is none such."""
    found = [item for item in effective_installs(scripts.packages("post")) if item.is_apt]
    strict = [item for item in found if not item.command.tolerated]
    return strict or found


def list_updates(scripts: RecipeScripts) -> list[PackageCommand]:
    """The commands in `%post` that fetch apt's package lists."""
    return [
        item
        for item in scripts.packages("post")
        if item.is_apt
        and item.command.reachable
        and (item.action == "update" or (item.updates_too and item.action == "install"))
    ]


def apt_elsewhere(scripts: RecipeScripts, word: str) -> tuple[str, Position] | None:
    """A section other than `%post` in which an apt command with that verb stands, and where."""
    stage = scripts.stage
    for section in stage.sections if stage else ():
        if section.name in ("post", "appinstall") or section.name not in WRONG_SECTIONS:
            continue
        for match in _SOURCES.finditer(section.body.text):
            if match[1] == word:
                row = section.body.text.count("\n", 0, match.start())
                line = section.body.text.split("\n")[row]
                return section.name, section.body.position(row, len(line) - len(line.lstrip()))
    return None


def in_comment(scripts: RecipeScripts, word: str) -> Position | None:
    """Where in `%post` a comment speaks of something."""
    body = scripts.body("post")
    for row, line in enumerate(body.text.split("\n") if body else ()):
        before, sign, comment = line.partition("#")
        if body is not None and sign and re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", comment):
            return body.position(row, len(before))
    return None


def nothing_to_judge(case: Case) -> Answer:
    """Without an install there is nothing to judge here; `recipe.installs` says so where the step asks for it."""
    if case.scripts.packages("post") or case.scripts.script("post").commands:
        return PASSED
    return case.fault("Nothing is installed in `%post` yet.", "Add the install first.")
