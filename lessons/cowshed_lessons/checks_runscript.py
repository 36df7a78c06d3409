"""Checks of what the image does when it is run."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from .checks import PASSED, Answer, Case, Parameter, check
from .recipe_faults import shown
from .shell import Command, Script
from .verdict import Position

_ELSEWHERE = {
    "startscript": "`%startscript` is for instances; `apptainer run` does not run it",
    "apprun": "`%apprun` runs only with `--app`",
    "post": "`%post` runs while the image is built, not when somebody uses it",
    "environment": "`%environment` sets variables; what it prints would appear at every command",
    "test": "`%test` runs after the build",
    "setup": "`%setup` runs on the host",
    "appinstall": "`%appinstall` runs while the image is built",
}


def _flows(script: Script, command: Command, programs: Sequence[Sequence[str]]) -> bool:
    """Whether a command is the last of the programs and gets the text of all others, in their order."""
    if command.program not in programs[-1] or not command.reachable:
        return False
    if len(programs) == 1:
        return True
    return any(_flows(script, script.commands[number], programs[:-1]) for number in script.origins(command))


def _is_seen(script: Script, command: Command) -> bool:
    """Whether what a command prints reaches the person."""
    return command.number in script.output or any(
        command.number in script.origins(script.commands[number]) for number in script.output
    )


def _is_unsure(case: Case, script: Script) -> bool:
    """Whether the runscript hands over to something that cannot be seen in the recipe."""
    if not script.complete:
        return True
    stage = case.recipe.last_stage
    brought = [path for pair in (stage.files if stage else ()) for path in (pair.source, pair.destination)]
    brought += list(case.scripts.script("post").files)
    names = {path.rstrip("/").rpartition("/")[2] for path in brought} - {""}
    for command in script.commands:
        if not command.words[0].known or command.program in names:
            return True
        if command.program in ("sh", "bash", "dash", ".", "source", "python", "python3", "perl") and command.arguments:
            return True
    return False


@check("recipe.runscript-flow", Parameter("programs", "alternatives", required=True))
def runscript_flow(case: Case) -> Answer:
    """When the image is run, the first program's text goes through the others in their order, to the person."""
    programs = case.alternatives("programs")
    line = " | ".join(names[0] for names in programs)
    if not case.scripts.has("runscript"):
        return _no_runscript(case, programs, line)
    stage = case.recipe.stages[-1]
    section = stage.named("runscript")[0]
    if stage.arguments_of("runscript").split()[:1] == ["-c"]:
        return case.fault(
            f"`%runscript -c` on line {section.start_line} does not choose a shell; it breaks the runscript.",
            "Write `%runscript` alone; for bash, let `#!/bin/bash` be the first line below it.",
            section.position,
        )
    script = case.scripts.script("runscript")
    whole = [command for command in script.commands if _flows(script, command, programs)]
    if any(_is_seen(script, command) for command in whole):
        return PASSED
    if _is_unsure(case, script):
        return PASSED
    if whole:
        command = whole[-1]
        return case.fault(
            f"What `{command.program}` prints on line {command.position.line} goes into a file, not to the person.",
            f"Let the line end after `{command.program}`.",
            command.position,
            command.end,
        )
    return _explained(case, script, programs, line, section.position)


def _no_runscript(case: Case, programs: Sequence[Sequence[str]], line: str) -> Answer:
    stage = case.recipe.last_stage
    for name in dict.fromkeys(section.name for section in stage.sections) if stage else ():
        if name not in _ELSEWHERE:
            continue
        script = case.scripts.script(name)
        command = next((item for item in script.commands if item.program in programs[-1]), None)
        if command is not None:
            return case.fault(
                f"There is no `%runscript` yet: the cow is only in `%{name}` (line {command.position.line}), and "
                f"{_ELSEWHERE[name]}.",
                f"Add a line `%runscript` and below it `{line}`.",
                command.position,
            )
    section_there = stage.named("runscript") if stage else ()
    if section_there:
        return case.fault(
            f"`%runscript` on line {section_there[0].start_line} is empty: there is no `%runscript` to run yet.",
            f"Below it, write `{line}`.",
            section_there[0].position,
        )
    return case.fault(
        "There is no `%runscript` section yet, so `apptainer run` opens a shell as before.",
        f"Add a line `%runscript` and below it `{line}`.",
    )


def _explained(case: Case, script: Script, programs: Sequence[Sequence[str]], line: str, section: Position) -> Answer:
    """Why the text does not flow."""
    wanted = [name for names in programs for name in names]
    for command in script.commands:
        first = command.words[0]
        if "|" in first.text or (" " in first.text and first.text.split()[0] in wanted):
            return case.fault(
                f"The quotes on line {command.position.line} make one word of `{shown(first.text)}`, and no "
                f"program is called "
                "that.",
                f"Leave the quotes out: `{line}`.",
                first.position,
                first.end,
            )
    for name in wanted:
        file = script.files.get(name)
        if file is not None:
            return case.fault(
                f"The `>` on line {file.position.line} writes into a file called `{name}` instead of handing "
                f"the text to the "
                "program.",
                f"Take a pipe: `{line}`.",
                file.position,
            )
    stopped = next((item for item in script.commands if item.program in wanted and not item.reachable), None)
    if stopped is not None:
        return case.fault(
            f"Line {stopped.position.line} never runs: the script ends above it.",
            "Take the `exit` away, or let only the last command begin with `exec`.",
            stopped.position,
        )
    for names in programs:
        if not any(command.program in names for command in script.commands):
            return _missing(case, script, names, line, section)
    return _not_joined(case, script, programs, line)


def _missing(case: Case, script: Script, names: Sequence[str], line: str, section: Position) -> Answer:
    name = names[0]
    for command in script.commands:
        if difflib.get_close_matches(command.program, names, n=1, cutoff=0.75):
            return case.fault(
                f"`{name}` is missing: line {command.position.line} calls `{shown(command.program)}`, which "
                f"looks misspelt.",
                f"Write `{name}`.",
                command.position,
            )
    for command in script.commands:
        word = next((word for word in command.arguments if name in word.text.split()), None)
        if word is not None:
            return case.fault(
                f"`{name}` is missing as a program: on line {word.position.line} it is only a word that "
                f"`{shown(command.program)}` gets.",
                f"The whole line would be `{line}`.",
                word.position,
                word.end,
            )
    last = script.commands[-1].position if script.commands else section
    return case.fault(f"`{name}` is missing in `%runscript`.", f"The whole line would be `{line}`.", last)


def _not_joined(case: Case, script: Script, programs: Sequence[Sequence[str]], line: str) -> Answer:
    wanted = {name for names in programs for name in names}
    first_names = programs[0]
    found = [command for command in script.commands if command.program in wanted]
    loose = [command for command in found[1:] if command.after != "|"]
    if not loose:
        first = found[0]
        return case.fault(
            f"The order on line {first.position.line} is not right yet: in a pipe the text goes from left to "
            f"right, and "
            f"`{first_names[0]}` has to make it first.",
            f"Write `{line}`.",
            first.position,
            found[-1].end,
        )
    command = loose[0]
    number = command.position.line
    if command.after == "&&":
        message = f"`&&` on line {number} starts `{command.program}` after the program before it, but hands it no text."
    elif command.after == "||":
        message = f"`||` on line {number} starts `{command.program}` only if the program before it fails."
    else:
        message = (
            f"`{command.program}` on line {number} is not joined to what comes before it, so it waits for text in vain."
        )
    return case.fault(message, f"Join them with pipes: `{line}`.", command.position, command.end)
