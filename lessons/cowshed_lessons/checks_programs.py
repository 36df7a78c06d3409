"""The check of which programs a script of the recipe runs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from .checks import PASSED, Answer, Case, Parameter, check
from .post_packages import underline_end
from .recipe_faults import shown
from .recipe_scripts import RecipeScripts
from .shell import Command, Script
from .terminal_session import fits

# Programs that run others which cannot be seen in the recipe.
_RUNNERS = frozenset(
    ("sh", "bash", "dash", "ash", "zsh", ".", "source", "make", "gmake", "cmake", "ninja", "meson", "python", "python3",
     "perl", "Rscript", "cargo", "go", "npm", "conda", "mamba", "micromamba", "nix", "parallel", "find")
)  # fmt: skip


def _every_stage(case: Case) -> Iterator[RecipeScripts]:
    """The scripts of the stages that a check looks at: the last one, or all where it says `stage = "any"`."""
    yield case.scripts
    if case.text("stage") == "any":
        for stage in reversed(case.recipe.stages[:-1]):
            yield RecipeScripts(replace(case.recipe, stages=(stage,)))


def _may_hide(script: Script, programs: Sequence[str]) -> bool:
    """Whether a script may run something that its text does not show."""
    if not script.complete:
        return True
    for command in script.commands:
        first = command.words[0]
        if command.program in programs or not command.reachable:
            continue
        own = "/" in first.text and not re.match(r"(/usr(/local)?)?/s?bin/", first.text)
        if not first.known or own or command.program in ("make", "gmake", "ninja"):
            return True
        if command.program in _RUNNERS and command.arguments:
            return True
    return False


@check(
    "recipe.runs",
    Parameter("programs", "alternatives", required=True),
    Parameter("section", "text"),
    Parameter("arguments", "texts"),
    Parameter("stage", "text"),
)
def runs(case: Case) -> Answer:
    """A script of the recipe runs one of these programs, with these words."""
    name = case.text("section", "post")
    programs = [program for names in case.alternatives("programs") for program in names]
    wanted = case.texts("arguments")
    found: list[Command] = []
    for scripts in _every_stage(case):
        script = scripts.script(name)
        calls = [item for item in script.commands if item.program in programs]
        good = [item for item in calls if item.reachable and not _lacking(item, wanted)]
        if name == "test" and good and script.complete:
            hidden = [_what_hides(script, item) for item in good]
            if all(hidden):
                return _cannot_fail(case, good[0], next(word for word in hidden if word))
        if good or _may_hide(script, programs) or _in_brackets(scripts, name, programs):
            return PASSED
        found += calls
    what = " or ".join(f"`{program}`" for program in programs[:3])
    if found:
        return _nearly_runs(case, found[-1], wanted)
    return _runs_not(case, name, programs, what)


def _in_brackets(scripts: RecipeScripts, name: str, programs: Sequence[str]) -> bool:
    """Whether a program's output is compared in `[ … ]` or `[[ … ]]`, which is not gone into."""
    body = scripts.body(name)
    names = "|".join(re.escape(program) for program in programs)
    call = re.compile(rf"(?:^|[\s;&|!])\[\[?\s.*(?:\$\(|`)\s*(?:/\S*/)?(?:{names})\b")
    return any(call.search(re.sub(r"(^|\s)#.*", "", line)) for line in (body.text.split("\n") if body else ()))


def _what_hides(script: Script, command: Command) -> str:
    """The program behind `||` that makes a failure go unnoticed (`true`, `echo`); empty where it is noticed."""
    rest = list(script.commands[command.number + 1 :])
    while rest and rest[0].after == "|":
        rest.pop(0)
    if not rest or rest[0].after != "||":
        return ""
    behind = [rest[0].program]
    for other in rest[1:]:
        if other.condition != "or":
            break
        behind.append(other.program)
    return behind[0] if set(behind) <= {"true", ":", "echo", "printf"} else ""


def _cannot_fail(case: Case, command: Command, hides: str) -> Answer:
    line = command.position.line
    return case.fault(
        f"Whatever `{command.program}` does on line {line}, all is well: with `|| {hides}` behind it, the test cannot "
        "fail.",
        "Leave that out: the test then ends as the command does.",
        command.position,
        underline_end(command),
    )


def _lacking(command: Command, wanted: Sequence[str]) -> list[str]:
    texts = [text for word in command.arguments for text in (word.text, word.text.rpartition("/")[2])]
    return [pattern for pattern in wanted if not any(fits(text, pattern) for text in texts)]


def _nearly_runs(case: Case, command: Command, wanted: Sequence[str]) -> Answer:
    at, line = command.position, command.position.line
    if not command.reachable:
        return case.fault(
            f"Line {line} never runs: the script ends above it.", "Move it above the `exit` or `exec`.", at
        )
    lacking = _lacking(command, wanted)
    return case.fault(
        f"`{command.program}` on line {line} does not get what it should: nothing there looks like "
        f"`{shown(lacking[0])}`.",
        "",
        at,
        underline_end(command),
    )


def _runs_not(case: Case, name: str, programs: Sequence[str], what: str) -> Answer:
    for command in case.scripts.script(name).commands:
        if difflib.get_close_matches(command.program, programs, n=1, cutoff=0.8):
            return case.fault(
                f"Line {command.position.line} calls `{shown(command.program)}`, which looks misspelt.",
                f"Write {what}.",
                command.position,
            )
    stage = case.scripts.stage
    section = stage.named(name)[0].position if stage and stage.named(name) else None
    for function, texts in case.scripts.script(name).uncalled.items():
        if any(re.search(rf"\b{re.escape(program)}\b", text) for text in texts for program in programs):
            return case.fault(
                f"The function `{shown(function)}` in `%{name}` would run {what}, but it never runs.",
                f"Call it: write `{shown(function)}` on a line of its own below it.",
                section,
            )
    # Who runs the program when the image is used has not put the test there by mistake.
    usual = {"runscript", "startscript", "apprun", "appstart"} if name == "test" else set()
    for other in dict.fromkeys(part.name for part in stage.sections) if stage else ():
        if other == name or other in usual:
            continue
        command_there = next((item for item in case.scripts.script(other).commands if item.program in programs), None)
        if command_there is not None:
            at = command_there.position
            return case.fault(
                f"`{command_there.program}` runs in `%{other}` (line {at.line}), not in `%{name}`.",
                f"Move the line below `%{name}`.",
                at,
            )
    if not case.scripts.has(name):
        return case.fault(
            f"There is no `%{name}` section yet that runs {what}.", f"Add a line `%{name}` and the command below it."
        )
    return case.fault(f"`%{name}` does not run {what} yet.", f"Add it below `%{name}`.", section)
