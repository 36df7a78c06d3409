"""Checks of what really happened: the build, the image, commands in the terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from .checks import PASSED, WAITING, Answer, Case, Parameter, check
from .evidence import BuildEvidence, CommandEvidence
from .failures import Explanation, explain
from .recipe_faults import shown
from .shell import Command, body_of, read_script
from .verdict import Outcome

_OUTPUT = (
    Parameter("exit_status", "statuses"),
    Parameter("output_contains", "texts"),
    Parameter("output_lacks", "texts"),
    Parameter("output_matches", "pattern"),
    Parameter("message", "text"),
)
# Options of `apptainer` itself that take their value from the next word.
_VALUED = frozenset(("-c", "--config"))


def _again(case: Case, message: str) -> Answer:
    """Evidence that does not count: what is missing is a new build."""
    return Answer(Outcome.NOT_YET, (case.finding(message, "Build again."),), waiting=True)


def _cannot_tell(case: Case, message: str, hint: str) -> Answer:
    return Answer(Outcome.CANNOT_TELL, (case.finding(message, hint),))


def _unfit_build(case: Case) -> Answer | None:
    """Why there is no build that counts, or None if there is one."""
    build = case.evidence.build
    if build is None:
        return WAITING
    if build.cancelled:
        return _again(case, "The last build was stopped before its end.")
    if not case.recipe_passed:
        return _again(case, "The last build was of another recipe, or the recipe has changed since.")
    return None


def _environment(case: Case, known: Explanation | None) -> Answer | None:
    if known is not None and known.fault == "environment":
        return _cannot_tell(case, f"{known.title}: {known.meaning}", known.advice)
    return None


def _last_words(build: BuildEvidence) -> str:
    lines = [line.strip() for line in build.log.splitlines() if line.strip()]
    return f" Its last line: `{shown(lines[-1])}`" if lines else ""


@check("build.succeeds")
def succeeds(case: Case) -> Answer:
    """A build of this recipe ended well."""
    unfit, build = _unfit_build(case), case.evidence.build
    if unfit is not None or build is None:
        return unfit or WAITING
    if build.exit_status == 0:
        return PASSED
    known = explain(build.log, build.exit_status)
    answer = _environment(case, known)
    if answer is not None:
        return answer
    if known is None:
        return case.fault(
            f"The build stopped with exit status {build.exit_status}.{_last_words(build)}", "Read the log upwards."
        )
    return case.fault(f"The build stopped. {known.title}: {known.meaning}", known.advice)


@check("build.fails", Parameter("causes", "texts", required=True))
def fails(case: Case) -> Answer:
    """A build of this recipe failed for a certain reason: that is what the step is about."""
    unfit, build = _unfit_build(case), case.evidence.build
    if unfit is not None or build is None:
        return unfit or WAITING
    if build.exit_status == 0:
        return case.fault(
            "The build succeeded, while this step is about how it fails.",
            "Compare your recipe with the text above: something is already better than it should be here.",
        )
    known = explain(build.log, build.exit_status)
    if known is not None and known.id in case.texts("causes"):
        return PASSED
    answer = _environment(case, known)
    if answer is not None:
        return answer
    if known is None:
        return case.fault(f"The build failed, but for another reason than this step is about.{_last_words(build)}")
    return case.fault(
        f"The build failed, but for another reason than this step is about. {known.title}: {known.meaning}",
        known.advice,
    )


def _unmet(case: Case, exit_status: int | None, output: str) -> str:
    """What is not as asked: empty if all is."""
    wanted = case.spec.parameters.get("exit_status")
    if wanted == "nonzero":
        if exit_status == 0:
            return "ended with exit status 0, as if all were well"
    elif wanted is not None:
        allowed = wanted if isinstance(wanted, list | tuple) else [wanted]
        if exit_status not in allowed:
            return f"ended with exit status {exit_status}"
    for text in case.texts("output_contains"):
        if text not in output:
            return f"printed nothing like `{shown(text)}`"
    for text in case.texts("output_lacks"):
        if text in output:
            return f"printed `{shown(text)}`"
    pattern = case.text("output_matches")
    if pattern and re.search(pattern, output) is None:
        return f"printed something else than it should: `{shown(output) or 'nothing'}`"
    return ""


@check("image.probe", Parameter("probe", "text", required=True), *_OUTPUT)
def probe(case: Case) -> Answer:
    """A command that was run with the image did what it should."""
    image = case.evidence.image
    if case.evidence.build is not None:
        unfit = _unfit_build(case)
        if unfit is not None:
            return WAITING
    if image is None:
        return WAITING
    if image.problem:
        return _cannot_tell(case, f"The image could not be looked at: {image.problem}", "Try again.")
    result = image.probes.get(case.text("probe"))
    if result is None:
        return WAITING
    wanted = dict(case.spec.parameters)
    if result.exit_status is None:
        return _cannot_tell(case, "The look into the image did not come to an end.", "Try again.")
    if not any(name in wanted for name in ("exit_status", "output_contains", "output_lacks", "output_matches")):
        unmet = "" if result.exit_status == 0 else f"ended with exit status {result.exit_status}"
    else:
        unmet = _unmet(case, result.exit_status, result.output)
    if not unmet:
        return PASSED
    command = next((item for item in case.step.probes if item.name == case.text("probe")), None)
    words = f"{command.action} … {' '.join(command.arguments)}".strip() if command else case.text("probe")
    return case.fault(
        case.text("message") or f"`apptainer {shown(words)}` {unmet}.",
        f"It printed: `{shown(result.output) or 'nothing'}`",
    )


@check("image.size", Parameter("smaller_than", "number", required=True))
def size(case: Case) -> Answer:
    """The image is smaller than so many megabytes (of 1,000,000 bytes)."""
    image, limit = case.evidence.image, case.number("smaller_than")
    if image is None or image.size is None or limit is None:
        return WAITING
    megabytes = image.size / 1_000_000
    if megabytes < limit:
        return PASSED
    return case.fault(f"The image has {megabytes:.0f} MB; it should come below {limit:.0f} MB.")


def _subcommand(command: Command, programs: Sequence[str], image_name: str) -> tuple[str, tuple[str, ...]] | None:
    """What an `apptainer` command does and with what; `./image.sif` is a run."""
    words = [word.text for word in command.words]
    if command.program not in programs:
        if words[0].endswith(".sif") or command.program == image_name:
            return "run", tuple(words)
        return None
    index = 1
    while index < len(words) and words[index].startswith("-"):
        index += 2 if words[index] in _VALUED else 1
    return (words[index], tuple(words[index + 1 :])) if index < len(words) else ("", ())


def _is_meant(case: Case, subcommand: str, arguments: Sequence[str]) -> bool:
    wanted = case.texts("subcommand")
    if wanted and subcommand not in wanted:
        return False
    if not all(
        any(argument == option or argument.startswith(f"{option}=") for argument in arguments for option in options)
        for options in case.alternatives("options")
    ):
        return False
    names = [name for argument in arguments for name in (argument, argument.rpartition("/")[2])]
    return all(any(fnmatchcase(name, pattern) for name in names) for pattern in case.texts("arguments"))


def _ran(case: Case, evidence: CommandEvidence) -> bool:
    programs = case.texts("programs", ("apptainer", "singularity"))
    script = read_script(body_of(evidence.command_line), bash=True)
    for command in script.commands:
        found = _subcommand(command, programs, case.step.image_name)
        if found is not None and _is_meant(case, *found):
            return True
    return False


def _is_before(case: Case, commands: Sequence[CommandEvidence], place: int) -> bool:
    """Whether a command of the sort that `before` describes stands earlier."""
    first = case.spec.parameters.get("before")
    if not isinstance(first, dict):
        return True
    programs = case.texts("programs", ("apptainer", "singularity"))
    for evidence in commands[:place]:
        for command in read_script(body_of(evidence.command_line), bash=True).commands:
            found = _subcommand(command, programs, case.step.image_name)
            if found is not None and found[0] == first.get("subcommand"):
                return True
    return False


@check(
    "terminal.command",
    Parameter("programs", "texts"),
    Parameter("subcommand", "texts"),
    Parameter("arguments", "texts"),
    Parameter("options", "alternatives"),
    Parameter("before", "table"),
    *_OUTPUT,
)
def terminal_command(case: Case) -> Answer:
    """The learner ran a certain command, however it was spelt, and it did what it should."""
    commands = case.evidence.commands
    tried: Answer | None = None
    for place in range(len(commands) - 1, -1, -1):
        evidence = commands[place]
        if not _ran(case, evidence):
            continue
        unmet = _unmet(case, evidence.exit_status, evidence.output)
        if not unmet and _is_before(case, commands, place):
            return PASSED
        if tried is None:
            what = (
                f"`{shown(evidence.command_line)}` {unmet}."
                if unmet
                else (f"`{shown(evidence.command_line)}` came first, but something should be looked at before it.")
            )
            tried = case.fault(case.text("message") or what)
    return tried or WAITING
