"""What is wrong with a recipe that Apptainer rejects, in our words and in Apptainer's own."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from .apptainer_versions import KEYS_SINCE
from .header import SPACE, HeaderFault, Line
from .sections import APP_SECTIONS, SECTIONS, Section
from .verdict import Position

_DOCKERFILE_LINE = re.compile(
    r"(FROM|RUN|CMD|ENV|COPY|ADD|ENTRYPOINT|WORKDIR|LABEL|ARG|EXPOSE|USER|VOLUME|SHELL|MAINTAINER|HEALTHCHECK)\s+\S",
    re.IGNORECASE,
)
_IN_A_RECIPE = {
    "from": "`Bootstrap: docker` and, on a line of its own, `From: …`",
    "run": "commands below `%post`",
    "cmd": "`%runscript`",
    "entrypoint": "`%runscript`",
    "env": "`export NAME=value` below `%environment`",
    "copy": "`%files`",
    "add": "`%files`",
    "label": "`%labels`",
    "maintainer": "`%labels`",
    "arg": "`%arguments`",
    "workdir": "`cd` in the script that needs it",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that makes Apptainer reject a recipe.

    Attributes:
        kind: A short name for tests and tools, such as "section-unknown".
        message: What is wrong, for a learner.
        hint: What to try.
        position: Where it is.
        end: Where the words to underline end (exclusive).
        apptainer: What Apptainer 1.4.5 prints for it.
        when_parsing: False where Apptainer notices only once it builds.
        suggestion: What to write in the place of the misspelt word, where that can be guessed. The message or the hint
            says so too.
    """

    kind: str
    message: str
    hint: str
    position: Position
    end: Position
    apptainer: str
    when_parsing: bool = True
    suggestion: str = ""


def shown(text: str, most: int = 60) -> str:
    """A stretch of a recipe as it can stand in a sentence: one line, no backquotes, not too long."""
    begin = text[: most * 20]
    flat = " ".join(begin.replace("`", "'").split())
    return flat if len(flat) <= most and len(begin) == len(text) else flat[: most - 1] + "…"


def dockerfile_word(line: str) -> str:
    """The instruction, in lower case, if a line looks like a Dockerfile's; else an empty string."""
    match = _DOCKERFILE_LINE.match(line.strip())
    if match is None:
        return ""
    word = match[1]
    # Lower case is sound in a Dockerfile too, but `user: x` or `from: x` are header lines.
    return "" if re.match(rf"{word}\s*:", line.strip()) else word.lower()


def _close(word: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return found[0] if found else ""


SPELT_KEYS = {
    "bootstrap": "Bootstrap",
    "from": "From",
    "includecmd": "IncludeCmd",
    "mirrorurl": "MirrorURL",
    "updateurl": "UpdateURL",
    "osversion": "OSVersion",
    "include": "Include",
    "library": "Library",
    "registry": "Registry",
    "namespace": "Namespace",
    "stage": "Stage",
    "fingerprints": "Fingerprints",
}
"""How people write the header keys."""


def header_fault(fault: HeaderFault, position: Position, end: Position, file: str) -> Fault:
    """A header line that Apptainer does not take."""
    start = f"FATAL:   Unable to build from {file}: while parsing definition: {file}: failed to parse deffile header: "
    words = shown(fault.written)
    instruction = dockerfile_word(fault.text)
    if instruction:
        apptainer = (
            f"header key {fault.text} had no val"
            if fault.kind == "no value"
            else f"invalid header keyword found: {fault.text}"
        )
        here = _IN_A_RECIPE.get(instruction, "a section such as `%post`")
        return Fault(
            "dockerfile",
            f"`{words}` is Dockerfile language, which a recipe does not use.",
            f"`{instruction.upper()}` becomes {here} here.",
            position,
            end,
            start + apptainer,
        )
    if fault.kind == "continuation":
        return Fault(
            "header-continuation",
            f"The backslash on the line above promises more of `{words}`, but a blank line or a comment follows.",
            "Take the backslash away, or go on with the value on the very next line.",
            position,
            end,
            "panic: assignment to entry in nil map",
        )
    if fault.kind == "no value":
        first = fault.text.strip(SPACE).split(maxsplit=1)
        guess = _close(first[0].rstrip(";=").lower(), SPELT_KEYS) if first else ""
        rest = first[1] if len(first) > 1 else "…"
        hint = (
            f"Write `{SPELT_KEYS[guess]}: {shown(rest.lstrip('= '))}`, with a colon."
            if guess
            else "Above the first section every line is `Key: value`. Commands go below a section line such as `%post`."
        )
        section = _close(first[0].lower(), SECTIONS) if len(first) == 1 else ""
        if section:
            hint = f"If this is meant to begin a section, write `%{section}`, with a percent sign."
        return Fault(
            "header-no-value",
            f"`{words}` stands in the header but has no colon, so it is not `Key: value`.",
            hint,
            position,
            end,
            start + f"header key {fault.text} had no val",
        )
    key = fault.text
    suggestion = ""
    if key in KEYS_SINCE:
        message = f"The header key `{key}` is known from Apptainer {KEYS_SINCE[key]} on."
        hint = "Build with that version or a later one, or leave the line out."
    elif key.startswith("\ufeff"):
        message = (
            f"The file begins with an invisible byte order mark, so `{shown(key[1:])}` is not read as what it "
            f"looks like."
        )
        hint = "Save the file as plain UTF-8, without a byte order mark (BOM)."
    else:
        guess = _close(key, SPELT_KEYS)
        message = f"Apptainer knows no header key `{shown(key)}`."
        hint = f"Did you mean `{SPELT_KEYS[guess]}`?" if guess else "Common keys are `Bootstrap` and `From`."
        if guess:
            suggestion = SPELT_KEYS[guess]
            message = f"Apptainer knows no header key `{shown(key)}`; did you mean `{suggestion}`?"
            hint = f"Write `{SPELT_KEYS[guess]}: …`."
    return Fault(
        "byte-order-mark" if key.startswith("\ufeff") else "key-unknown",
        message,
        hint,
        position,
        end,
        start + f"invalid header keyword found: {key}",
        suggestion=suggestion,
    )


def unknown_section(name: str, line: str, position: Position, end: Position, apptainer: str) -> Fault:
    """A line that begins with `%` but names no section. `name` as Apptainer reads it, `line` as it was written."""
    trimmed = line.strip(SPACE)
    bare = trimmed.lstrip("%").strip(SPACE)
    word = (bare.split() or [""])[0].rstrip(":;,").partition("#")[0].lower()
    correct = word if word in SECTIONS or word in APP_SECTIONS else ""
    kind = "section-unknown"
    suggestion = ""
    if correct and line[:1] in SPACE and line:
        kind = "section-indented"
        message = f"`{shown(trimmed)}` is indented; a section line begins in the first column."
        hint = f"Move it to the left edge: `%{correct}`."
    elif correct and re.match(r"%+[ \t]", trimmed):
        kind = "section-indented"
        message = f"There is a blank between `%` and `{correct}`."
        hint = f"Write `%{correct}` in one word."
    elif correct and correct in APP_SECTIONS and name != correct:
        message = f"App sections are written in small letters; `{shown(trimmed)}` is not known."
        suggestion = f"%{correct}"
        hint = f"Write `%{correct} NAME`."
    elif correct:
        kind = "section-trailing"
        message = f"Something (a tab, a colon, a `#`) is glued to the section's name `%{correct}`."
        hint = f"Write `%{correct}` alone on its line."
    elif line[:1] in SPACE and line and _looks_like_text(trimmed):
        kind = "section-in-body"
        message = "This line begins with `%`, and Apptainer takes every such line for a new section, even in a script."
        hint = "Join it to the line above, or put something before the `%` (in `printf`, say, a quote)."
    else:
        guess = _section_meant(word)
        message = f"There is no section called `%{shown(word)}`." if word else "No section's name follows this `%`."
        hint = "Sections are " + ", ".join(f"`%{section}`" for section in SECTIONS) + "."
        if guess:
            suggestion = f"%{guess}"
            message = f"There is no section called `%{shown(word)}`; did you mean `%{guess}`?"
            hint = f"Write `%{guess}`."
    return Fault(kind, message, hint, position, end, apptainer, suggestion=suggestion)


def _section_meant(word: str) -> str:
    """The section that a misspelt name means: one that begins so, else the closest, those of apps last."""
    families = (APP_SECTIONS, SECTIONS) if word.startswith("app") else (SECTIONS, APP_SECTIONS)
    beginnings = [name for names in families for name in names if len(word) > 1 and name.startswith(word)]
    return beginnings[0] if beginnings else next(filter(None, (_close(word, names) for names in families)), "")


def _looks_like_text(line: str) -> bool:
    word = (line.lstrip("%").split() or [""])[0].lower()
    return not difflib.get_close_matches(word, (*SECTIONS, *APP_SECTIONS), n=1, cutoff=0.7)


def no_body(text: str, position: Position, end: Position, file: str) -> Fault:
    """A stage that is nothing but a section line."""
    return Fault(
        "section-empty",
        f"The recipe is nothing but the empty section `{shown(text)}`.",
        "Begin with a header (`Bootstrap` and `From`) and write something into the section.",
        position,
        end,
        f"FATAL:   Unable to build from {file}: while parsing definition: {file}: "
        f"section {text}: could not be split into section name and body",
    )


def no_app(name: str, position: Position, end: Position, file: str) -> Fault:
    """An app section without its app."""
    return Fault(
        "app-name",
        f"`%{name}` does not say which app it belongs to.",
        f"Write the app's name after it, as in `%{name} moo`.",
        position,
        end,
        f"FATAL:   Unable to build from {file}: while parsing definition: {file}: "
        f"app section {name}: could not be split into section name and app name",
    )


def too_long(line: Line, position: Position, end: Position, file: str) -> Fault:
    """A section longer than Apptainer's reader takes."""
    return Fault(
        "section-too-long",
        f"The part that begins with `{shown(line.text)}` is longer than the 65,535 bytes that Apptainer reads at once.",
        "Move long texts into a file of their own and copy it with `%files`.",
        position,
        end,
        f"FATAL:   Unable to build from {file}: while parsing definition: {file}: bufio.Scanner: token too long",
    )


def nothing_there(file: str) -> Fault:
    """A recipe without any content."""
    return Fault(
        "empty",
        "There is no recipe here yet: nothing but blank lines and comments.",
        "Begin with the header, `Bootstrap: docker` and `From: …`.",
        Position(1, 1),
        Position(1, 1),
        f"FATAL:   Unable to build from {file}: while parsing definition: {file}: no stages found in definition file",
    )


def undefined_variable(name: str, position: Position, end: Position, file: str, defined: Iterable[str]) -> Fault:
    """A template variable without a value."""
    guess = _close(name, defined)
    suggestion = f"{{{{ {guess} }}}}" if guess else ""
    message = f"`{{{{ {name} }}}}` has no value: `%arguments` does not define `{name}`."
    hint = (
        f"Did you mean `{suggestion}`?" if guess else f"Add `{name}=…` below `%arguments`, or write the value itself."
    )
    return Fault(
        "argument-undefined",
        message,
        hint,
        position,
        end,
        f"FATAL:   Unable to build from {file}: build var {name} is not defined through either --build-arg "
        "(--build-arg-file) or 'arguments' section",
        suggestion=suggestion,
    )


def headerless_stage(position: Position) -> Fault:
    """One of several stages has no header (it stands above the first `Bootstrap`, mostly)."""
    return Fault(
        "stage-headless",
        "What begins here stands outside every stage: `Bootstrap` comes later.",
        "Put `Bootstrap` and `From` at the very top, above every section.",
        position,
        position,
        "FATAL:   Unable to create build: multiple stages detected, all must have headers",
        when_parsing=False,
    )


def post_arguments(section: Section) -> Fault | None:
    """`%post -c` without a program is noticed when the build starts."""
    if section.name != "post" or section.arguments.partition("#")[0].split() != ["-c"]:
        return None
    return Fault(
        "post-arguments",
        "`%post -c` does not say which shell to use.",
        "Write `%post` alone, or `%post -c /bin/bash -e`.",
        section.position,
        section.position,
        "FATAL:   Unable to create build: bad post section '-c' parameter: missing arguments",
        when_parsing=False,
    )


def stage_unknown(stage: str, position: Position) -> Fault:
    """`%files from` names a stage that does not exist."""
    return Fault(
        "files-stage",
        f"`%files from {shown(stage)}`: no stage above is called `{shown(stage)}`.",
        f"Give the stage to copy from the line `Stage: {shown(stage)}` in its header.",
        position,
        position,
        f"FATAL:   While performing build: unable to copy files from stage to container fs: stage {stage} was "
        f"not found",
        when_parsing=False,
    )
