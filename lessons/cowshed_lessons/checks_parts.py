"""Checks of single parts of a recipe: what a script runs, what is copied, labels, help, arguments, apps."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from .checks import PASSED, Answer, Case, Parameter, check
from .post_packages import underline_end
from .recipe import Stage
from .recipe_faults import shown
from .recipe_scripts import RecipeScripts
from .sections import Section, read_files
from .shell import UNKNOWN, Command, Script
from .terminal_session import fits
from .verdict import Position

# Programs that run others which cannot be seen in the recipe.
_RUNNERS = frozenset(
    ("sh", "bash", "dash", "ash", "zsh", ".", "source", "make", "gmake", "cmake", "ninja", "meson", "python", "python3",
     "perl", "Rscript", "cargo", "go", "npm", "conda", "mamba", "micromamba", "nix", "parallel", "find")
)  # fmt: skip
_VARIABLE = re.compile(r"\{\{[\t\n\f\r ]*([0-9A-Za-z_]+)[\t\n\f\r ]*\}\}")


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
        if any(item.reachable and not _lacking(item, wanted) for item in calls) or _may_hide(script, programs):
            return PASSED
        found += calls
    what = " or ".join(f"`{program}`" for program in programs[:3])
    if found:
        return _nearly_runs(case, found[-1], wanted)
    return _runs_not(case, name, programs, what)


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
    for other in dict.fromkeys(section.name for section in stage.sections) if stage else ():
        if other == name:
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
    section = stage.named(name)[0].position if stage and stage.named(name) else None
    return case.fault(f"`%{name}` does not run {what} yet.", f"Add it below `%{name}`.", section)


@dataclass(frozen=True, slots=True)
class _Copied:
    """One thing that `%files` copies, and from which stage (empty: from the host)."""

    source: str
    destination: str
    stage: str
    position: Position

    def comes_from(self, pattern: str) -> bool:
        """Whether the source fits a pattern; a whole folder (`.`, `*`) may hold it."""
        source = self.source.removeprefix("./").rstrip("/")
        names = (self.source, source, source.rpartition("/")[2])
        return source in ("", ".", "*") or any(
            fnmatchcase(name, pattern) or (set("*?[") & set(name) and fnmatchcase(pattern, name)) for name in names
        )

    def goes_to(self, pattern: str) -> bool:
        """Whether the destination fits a pattern: itself, or as the folder that the source comes to lie in."""
        place = self.destination or self.source
        name = self.source.rstrip("/").rpartition("/")[2]
        if name in ("", ".") or set("*?[") & set(name):
            name = pattern.rpartition("/")[2]  # whatever is in there keeps its name
        inside = f"{place.rstrip('/')}/{name}"
        return any(fnmatchcase(each, pattern) for each in (place, place.rstrip("/"), inside))


def copied(stage: Stage | None) -> tuple[_Copied, ...]:
    """All that the `%files` sections of a stage copy."""
    found = []
    for section in stage.named("files") if stage else ():
        words = section.arguments.partition("#")[0].split()
        source = words[1] if len(words) > 1 and words[0] == "from" else ""
        found += [_Copied(p.source, p.destination, source, p.position) for p in read_files(section.body)]
    return tuple(found)


@check(
    "recipe.files",
    Parameter("source", "texts", required=True),
    Parameter("destination", "texts"),
    Parameter("from_stage", "text"),
)
def files(case: Case) -> Answer:
    """`%files` copies certain things to certain places."""
    everything = copied(case.scripts.stage)
    stage = case.text("from_stage")
    for number, pattern in enumerate(case.texts("source")):
        places = case.texts("destination")
        place = places[min(number, len(places) - 1)] if places else "*"
        there = [item for item in everything if item.comes_from(pattern)]
        if any(item.goes_to(place) and (not stage or fnmatchcase(item.stage, stage)) for item in there):
            continue
        return _not_copied(case, pattern, place, there)
    return PASSED


def _not_copied(case: Case, pattern: str, place: str, there: Sequence[_Copied]) -> Answer:
    stage = case.scripts.stage
    section = stage.named("files")[0] if stage and stage.named("files") else None
    heading = "%files from NAME" if case.text("from_stage") else "%files"
    if there:
        item = there[0]
        if not item.goes_to(place):
            return case.fault(
                f"Line {item.position.line} copies `{shown(item.source)}` to "
                f"`{shown(item.destination or item.source)}`, and not to where this step wants it.",
                f"Behind the source, write a place like `{shown(place)}`.",
                item.position,
            )
        origin = f"the stage `{shown(item.stage)}`" if item.stage else "your own folder"
        return case.fault(
            f"Line {item.position.line} takes `{shown(item.source)}` from {origin}, which is not where it should "
            "come from.",
            f"Let it stand below a line `{heading}`.",
            item.position,
        )
    if section is None:
        return case.fault(
            "There is no `%files` section yet, so nothing is copied into the image.",
            f"Add a line `{heading}`, and below it the source and the destination.",
        )
    swapped = next((item for item in copied(stage) if replace(item, source=item.destination).comes_from(pattern)), None)
    if swapped is not None and swapped.destination:
        return case.fault(
            f"Line {swapped.position.line} copies `{shown(swapped.source)}`, because that is its first word, to "
            f"`{shown(swapped.destination)}`.",
            f"Write the source, a blank, and the place in the image: `{shown(pattern)} {shown(place)}`.",
            swapped.position,
        )
    return case.fault(
        f"`%{section.name}` on line {section.start_line} copies nothing that looks like `{shown(pattern)}` yet.",
        "Below it, each line names a source and, after a blank, its place in the image.",
        section.position,
    )


@check("recipe.label", Parameter("name", "text", required=True), Parameter("values", "texts"))
def label(case: Case) -> Answer:
    """`%labels` gives the image a certain label."""
    name, stage = case.text("name"), case.scripts.stage
    wanted = case.texts("values", ("?*",))
    labels = stage.labels if stage else {}
    post = case.scripts.body("post")
    if post is not None and "_LABELS" in post.text and name.casefold() in post.text.casefold():
        return PASSED  # `echo "Author me" >> "$APPTAINER_LABELS"`
    section = stage.named("labels")[0] if stage and stage.named("labels") else None
    value = next((text for key, text in labels.items() if key.casefold() == name.casefold()), None)
    if value is not None:
        bare = value.strip("\"'")
        if any(fnmatchcase(text, pattern) for text in (value, bare) for pattern in wanted):
            return PASSED
        at = section.position if section else None
        if not value:
            return case.fault(f"The label `{name}` has no value yet.", f"Write it after a blank: `{name} …`.", at)
        return case.fault(f"The label `{name}` says `{shown(value)}`, which is not what this step asks for.", "", at)
    if section is None:
        return case.fault("There is no `%labels` section yet.", f"Add a line `%labels` and below it `{name} …`.")
    glued = next((key for key in labels if re.split(r"[:=\t]", key)[0].casefold() == name.casefold()), None)
    if glued is not None:
        return case.fault(
            f"In `%labels` the key ends at the first blank, so it is `{shown(glued)}` here, not `{name}`.",
            f"Write `{name}`, one blank, and the value.",
            section.position,
        )
    return case.fault(f"`%labels` has no `{name}` yet.", f"Add a line `{name} …`.", section.position)


@check("recipe.help", Parameter("contains", "texts"))
def help_text(case: Case) -> Answer:
    """`%help` tells people what the image is for."""
    stage = case.scripts.stage
    sections = stage.named("help") if stage else ()
    text = "\n".join(section.body.text for section in sections)
    if not sections:
        return case.fault("There is no `%help` section yet.", "Add a line `%help` and below it a sentence for people.")
    at = sections[0].position
    if not text.strip():
        return case.fault(f"`%help` on line {at.line} is empty.", "Write a sentence for people below it.", at)
    for wanted in case.texts("contains"):
        if wanted.casefold() not in text.casefold():
            return case.fault(f"`%help` on line {at.line} does not speak of `{shown(wanted)}` yet.", "", at)
    return PASSED


@check(
    "recipe.argument",
    Parameter("name", "text", required=True),
    Parameter("default", "texts"),
    Parameter("used", "truth"),
)
def argument(case: Case) -> Answer:
    """`%arguments` defines a variable, and the recipe uses it."""
    pattern, recipe = case.text("name"), case.recipe
    section = next((part for stage in recipe.stages for part in stage.named("arguments")), None)
    if section is None:
        return case.fault(
            "There is no `%arguments` section yet.", f"Add a line `%arguments` and below it `{pattern}=…`."
        )
    names = [name for name in recipe.arguments if fnmatchcase(name, pattern)]
    if not names:
        near = difflib.get_close_matches(pattern, [n.upper() for n in recipe.arguments], n=1)
        said = f" It defines `{shown(', '.join(recipe.arguments))}`." if recipe.arguments else ""
        hint = "Capital and small letters are told apart there." if near else f"Add a line `{pattern}=…` below it."
        return case.fault(f"`%arguments` does not define `{shown(pattern)}` yet.{said}", hint, section.position)
    wanted = case.texts("default", ("*",))
    fit = [name for name in names if any(fnmatchcase(recipe.arguments[name].strip("\"'"), each) for each in wanted)]
    if not fit:
        value = recipe.arguments[names[0]]
        return case.fault(
            f"`{names[0]}` is `{shown(value) or 'empty'}` unless somebody says otherwise; this step asks for another "
            "value.",
            f"Write `{names[0]}={wanted[0]}` below `%arguments`.",
            section.position,
        )
    if case.spec.parameters.get("used", True) is False or any(name in _used(recipe.text) for name in fit):
        return PASSED
    return case.fault(
        f"`{fit[0]}` is defined, but nothing in the recipe uses it.",
        f"Where its value belongs, write `{{{{ {fit[0]} }}}}`.",
        section.position,
    )


def _used(text: str) -> set[str]:
    """The variables that stand in a recipe, those in comments left out."""
    found: set[str] = set()
    for line in text.split("\n"):
        for match in _VARIABLE.finditer(line):
            if not re.search(r"#[^!]", line[: match.start()]):
                found.add(match[1])
    return found


@check("recipe.app", Parameter("name", "text", required=True), Parameter("sections", "texts"))
def app(case: Case) -> Answer:
    """The recipe has sections for a certain app."""
    name, stage = case.text("name"), case.scripts.stage
    apps = [section for section in stage.sections if section.app] if stage else []
    for wanted in case.texts("sections", ("apprun",)):
        own = [section for section in apps if section.name == wanted and fnmatchcase(_app(section), name)]
        if any(section.body.text.strip() for section in own):
            continue
        heading = f"`%{wanted} {name}`"
        if own:
            at = own[0].position
            return case.fault(f"{heading} on line {at.line} is empty.", "Write its commands below it.", at)
        other = next((section for section in apps if section.name == wanted), None)
        if other is not None:
            return case.fault(
                f"`%{wanted}` on line {other.start_line} belongs to the app `{shown(other.app)}`; `{name}` has none "
                "yet.",
                f"Write {heading}.",
                other.position,
            )
        plain = stage.named(wanted.removeprefix("app")) if stage else ()
        hint = (
            f"`%{plain[0].name}` is for the image as a whole; an app has sections of its own: {heading}."
            if plain
            else f"Add a line {heading}."
        )
        return case.fault(f"The app `{name}` has no section `%{wanted}` yet.", hint)
    return PASSED


def _app(section: Section) -> str:
    return section.app.strip() if UNKNOWN not in section.app else "*"
