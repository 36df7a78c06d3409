"""Checks of what the learner ran in the terminal: typed by hand, clicked or run by a button, all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from .checks import PASSED, WAITING, Answer, Case, Parameter, check
from .checks_output import OUTPUT, asks_for_nothing, cannot_tell, unmet
from .failures import explain
from .recipe_faults import shown
from .shell import Command, WrittenFile, body_of, read_script
from .terminal_session import APPTAINER, Call, Ran, fits, session

_WHAT = (
    Parameter("programs", "texts"),
    Parameter("subcommand", "texts"),
    Parameter("arguments", "texts"),
    Parameter("options", "alternatives"),
)
# What these end with says nothing of whether they worked: it is the status of the last thing that was typed inside.
_INTERACTIVE = frozenset(("shell", "run"))
_START_FILES = re.compile(r"(^|/)\.(bashrc|bash_profile|profile|bash_login|zshrc|zshenv|kshrc|cshrc|tcshrc|login)$")


def _programs(case: Case, outer: Case | None = None) -> tuple[str, ...]:
    return case.texts("programs", outer.texts("programs", APPTAINER) if outer else APPTAINER)


def _is_meant(case: Case, call: Call, outer: Case | None = None) -> bool:
    """Whether a program's call is the one that the parameters describe."""
    programs = _programs(case, outer)
    if call.program not in programs and not (call.program in APPTAINER and set(programs) & set(APPTAINER)):
        return False
    wanted = case.texts("subcommand")
    if wanted and not call.is_told(wanted):
        return False
    return all(call.has_option(names) for names in case.alternatives("options")) and all(
        call.names(pattern) for pattern in case.texts("arguments")
    )


def _meant(case: Case, ran: Ran) -> Call | None:
    """The call of a command line that this check is about."""
    choices = case.tables("any")
    for call in _with_image_name(case, ran):
        if _is_meant(case, call) and (not choices or any(_is_meant(each, call, case) for each in choices)):
            return call
    return None


def _with_image_name(case: Case, ran: Ran) -> Iterator[Call]:
    """The calls of a command line; the step's own image, run as a program whatever its name, is a run."""
    for call in ran.calls:
        yield call
        if case.step.image_name and call.program == case.step.image_name and not call.program.endswith(".sif"):
            yield Call("apptainer", "run", (), (call.program, *call.arguments), call.environment)


def _is_before(case: Case, commands: Sequence[Ran]) -> bool:
    """Whether a command of the sort that `before` describes is among these."""
    first = case.table("before")
    return first is None or any(_is_meant(first, call, case) for ran in commands for call in ran.calls)


def _unmet(case: Case, ran: Ran, call: Call) -> str:
    evidence = ran.evidence
    if asks_for_nothing(case):
        failed = evidence.exit_status not in (0, None) and call.subcommand not in _INTERACTIVE
        return f"ended with exit status {evidence.exit_status}" if failed else ""
    return unmet(case, evidence.exit_status, evidence.output)


@check(
    "terminal.command",
    *_WHAT,
    Parameter("before", "table", fields=_WHAT),
    Parameter("any", "tables", fields=_WHAT),
    *OUTPUT,
)
def terminal_command(case: Case) -> Answer:
    """The learner ran a certain command, however it was spelt, and it did what it should."""
    lines = session(case.evidence.commands)
    tried: Answer | None = None
    for place in range(len(lines) - 1, -1, -1):
        call = _meant(case, lines[place])
        if call is None:
            continue
        missing = _unmet(case, lines[place], call)
        if not missing and _is_before(case, lines[:place]):
            return PASSED
        if tried is None:
            tried = _why_not(case, lines[place], missing)
    return tried or _nearly(case, lines)


def _why_not(case: Case, ran: Ran, missing: str) -> Answer:
    line = f"`{shown(ran.evidence.command_line)}`"
    if not missing:
        return case.fault(f"{line} came first, but something should be looked at before it.")
    known = explain(ran.evidence.output, ran.evidence.exit_status) if ran.evidence.exit_status else None
    if known is not None and known.fault == "environment":
        return cannot_tell(case, f"{line} {missing}. {known.title}: {known.meaning}", known.advice)
    return case.fault(f"{line} {missing}.")


def _nearly(case: Case, lines: Sequence[Ran]) -> Answer:
    """What is missing from the newest command that does the right thing with other words; the right one is awaited."""
    if case.tables("any") or not case.texts("subcommand"):
        return WAITING
    for ran in reversed(lines):
        for call in _with_image_name(case, ran):
            bare = case.of({name: case.spec.parameters[name] for name in ("programs", "subcommand")
                            if name in case.spec.parameters})  # fmt: skip
            if not _is_meant(bare, call) or ran.evidence.exit_status not in (0, None):
                continue
            return _lacking(case, call, f"`{shown(ran.evidence.command_line)}`")
    return WAITING


def _lacking(case: Case, call: Call, line: str) -> Answer:
    """Which option or argument a command lacks."""
    hint = f"Put it right after `{call.subcommand}`."
    for names in case.alternatives("options"):
        if call.has_option(names):
            continue
        name = " or ".join(f"`{each}`" for each in names)
        said = f"{line} lacks {name}."
        if any(word in names for word in call.arguments):
            said = f"In {line} the option {name} stands behind the image, so it is meant for the program inside."
        return replace(case.fault(said, hint), waiting=True)
    if case.texts("arguments"):
        return replace(case.fault(f"{line} is about something else than this step asks for."), waiting=True)
    return WAITING


@check("terminal.exports", Parameter("name", "text", required=True), Parameter("values", "texts"))
def exports(case: Case) -> Answer:
    """The learner set a variable for all programs that follow, in the shell or in a file that it reads at its start."""
    name, wanted = case.text("name"), case.texts("values", ("*",))
    unexported = ""
    other: tuple[str, str] | None = None
    for ran in reversed(session(case.evidence.commands)):
        line = shown(ran.evidence.command_line)
        for value, exported in _values(name, ran):
            if not exported:
                unexported = unexported or line
            elif any(fits(value, pattern) for pattern in wanted) and value:
                return PASSED
            else:
                other = other or (line, value)
    if other is not None:
        return case.fault(
            f"`{other[0]}` sets `{name}` to {f'`{shown(other[1])}`' if other[1] else 'nothing'}, which is not the "
            "value that this step asks for."
        )
    if unexported:
        return case.fault(
            f"`{unexported}` sets `{name}` for itself only: programs that are started afterwards do not see it.",
            f"Write `export` in front of it: `export {name}=…`.",
        )
    return WAITING


def _values(name: str, ran: Ran) -> Iterator[tuple[str, bool]]:
    """What a command line sets a variable to, and whether programs see it."""
    variable = ran.script.variables.get(name)
    if variable is not None and name in ran.evidence.command_line:
        # What an earlier line set is exported here in any case, so look at this line alone.
        alone = read_script(body_of(ran.evidence.command_line), bash=True).variables.get(name)
        if alone is not None:
            known = bool(re.search(rf"\bexport\s+(-\w+\s+)*{re.escape(name)}\s*($|[;&|\s])", ran.evidence.command_line))
            yield variable.text, alone.exported or known
    elif variable is not None and re.search(rf"\bexport\b.*\b{re.escape(name)}\b", ran.evidence.command_line):
        yield variable.text, True
    for command in ran.script.commands:
        if command.program == "setenv" and [word.text for word in command.arguments[:1]] == [name]:
            yield (command.arguments[1].text if len(command.arguments) > 1 else ""), True
        elif command.settings.get(name) is not None and command.program:
            yield command.settings[name], False
    yield from _in_start_files(name, ran.script.files, ran.script.commands)


def _in_start_files(
    name: str, files: Mapping[str, WrittenFile], commands: Sequence[Command]
) -> Iterator[tuple[str, bool]]:
    texts = [file.text for path, file in files.items() if _START_FILES.search(path) and file.text]
    texts += [
        next((word.text for word in command.arguments[1:] if "=" in word.text), "")
        for command in commands
        if command.program == "sed" and any(_START_FILES.search(word.text) for word in command.arguments)
    ]
    for text in texts:
        script = read_script(body_of(text), variables={"HOME": "~"}, bash=True)
        variable = script.variables.get(name)
        if variable is not None:
            yield variable.text, variable.exported
        for command in script.commands:
            if command.program == "setenv" and [word.text for word in command.arguments[:1]] == [name]:
                yield (command.arguments[1].text if len(command.arguments) > 1 else ""), True
