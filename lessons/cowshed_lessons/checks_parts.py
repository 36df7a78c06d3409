"""Checks of single parts of a recipe: what is copied, labels, help, arguments, apps."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from .checks import PASSED, Answer, Case, Parameter, check
from .recipe import Stage
from .recipe_faults import shown
from .sections import Section, read_files
from .shell import UNKNOWN
from .templating import VARIABLE
from .verdict import Position


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
    for row, line in enumerate(recipe.text.split("\n"), 1):
        mark = re.search(rf"\$(?:{fit[0]}\b|\{{{fit[0]}\b[^}}]*\}})|#.*\{{\{{\s*{fit[0]}\s*\}}\}}", line)
        if mark is not None:
            said = (
                f"`{{{{ {fit[0]} }}}}` stands in a comment on line {row}, so it changes nothing."
                if mark[0].startswith("#")
                else f"`{shown(mark[0])}` on line {row} is a variable of the shell, which `%arguments` does not set."
            )
            return case.fault(
                said, f"Where its value belongs, write `{{{{ {fit[0]} }}}}`.", Position(row, mark.start() + 1)
            )
    return case.fault(
        f"`{fit[0]}` is defined, but nothing in the recipe uses it.",
        f"Where its value belongs, write `{{{{ {fit[0]} }}}}`.",
        section.position,
    )


def _used(text: str) -> set[str]:
    """The variables that stand in a recipe, those in comments left out."""
    found: set[str] = set()
    for line in text.split("\n"):
        for match in VARIABLE.finditer(line):
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
        return _no_app(case, name, wanted, [section for section in apps if section.name == wanted])
    return PASSED


_AS_A_WHOLE = {
    "apprun": "runscript", "appinstall": "post", "appenv": "environment", "apptest": "test", "appstart": "startscript",
    "apphelp": "help", "applabels": "labels", "appfiles": "files",
}  # fmt: skip


def _no_app(case: Case, name: str, wanted: str, others: Sequence[Section]) -> Answer:
    """Why an app lacks a section."""
    heading = f"`%{wanted} {name}`"
    for section in others:
        if _app(section).strip("\"':,").casefold() == name.casefold():
            return case.fault(
                f"`%{wanted}` on line {section.start_line} belongs to the app `{shown(_app(section))}`, another "
                f"name than `{name}`: capital letters count, and quotes become part of it.",
                f"Write {heading}.",
                section.position,
            )
    if others:
        return case.fault(
            f"`%{wanted}` on line {others[0].start_line} belongs to the app `{shown(others[0].app)}`, `{name}` none "
            "yet.",
            f"Add a section {heading}.",
            others[0].position,
        )
    stage = case.scripts.stage
    plain = stage.named(_AS_A_WHOLE.get(wanted, "")) if stage else ()
    if plain:
        return case.fault(
            f"The app `{name}` has no section `%{wanted}` yet: `%{plain[0].name}` on line {plain[0].start_line} is for "
            "the image as a whole.",
            f"Add a section {heading}.",
            plain[0].position,
        )
    return case.fault(f"The app `{name}` has no section `%{wanted}` yet.", f"Add a line {heading}.")


def _app(section: Section) -> str:
    return section.app.strip() if UNKNOWN not in section.app else "*"
