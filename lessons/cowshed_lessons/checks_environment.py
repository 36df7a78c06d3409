"""Checks of what is set when the image starts: `PATH` and other variables of `%environment`.

Source of facts, from builds that were run: `PATH` is exported before `%environment` begins and stays so without a word;
other variables are lost unless they are exported.
"""

from __future__ import annotations

import difflib
import re
from fnmatch import fnmatchcase

from .checks import PASSED, Answer, Case, Parameter, check
from .recipe_faults import shown
from .shell import OLD_VALUE, UNKNOWN, Command
from .verdict import Position

_STANDARD_FOLDERS = ({"/usr/bin"}, {"/bin", "/usr/bin"})
_SECTIONS_THAT_DO_NOT_LAST = {
    "post": "only in `%post`, which is over when the image starts",
    "setup": "only in `%setup`, which runs on the host",
    "pre": "only in `%pre`, which runs on the host",
    "runscript": "only in `%runscript`, so `apptainer exec` does not see it",
    "startscript": "only in `%startscript`, so `apptainer exec` does not see it",
    "test": "only in `%test`",
}


def _set_elsewhere(case: Case, name: str, wanted: str = "") -> tuple[str, Position] | None:
    """A section in which a variable is set to no lasting effect, and where."""
    for section in _SECTIONS_THAT_DO_NOT_LAST:
        variable = case.scripts.script(section).variables.get(name)
        if variable is None or variable.text in ("", OLD_VALUE) or (wanted and wanted not in variable.text):
            continue
        return section, variable.position
    return None


def _brings_out(command: Command, folder: str) -> bool:
    """Whether a command of `%post` puts programs of the folder where they are found anyway."""
    return (
        command.program in ("ln", "cp", "mv", "install", "rsync", "update-alternatives")
        and any(folder in word.text for word in command.words)
        and command.reachable
    )


def _misnamed(case: Case, name: str) -> tuple[str, Position] | None:
    """A variable of `%environment` whose name is nearly the one that is asked for."""
    for other, variable in case.scripts.script("environment").variables.items():
        near = other != name and (other.upper() == name or sorted(other.upper()) == sorted(name))
        near = near or (other != name and bool(difflib.get_close_matches(other.upper(), [name], n=1, cutoff=0.85)))
        if near or (other != name and re.fullmatch(rf"{name}S?|{name[:-1]}|{name[1:]}", other.upper())):
            return other, variable.position
    return None


def _commented(case: Case, word: str) -> Position | None:
    body = case.scripts.body("environment")
    for row, line in enumerate(body.text.split("\n") if body else ()):
        before, _, comment = line.partition("#")
        if body is not None and word in comment:
            return body.position(row, len(before))
    return None


@check("recipe.path", Parameter("folder", "text", required=True))
def path(case: Case) -> Answer:
    """Programs of a certain folder are found by their names when the image runs, and so are all others."""
    folder = case.text("folder").rstrip("/")
    value = case.scripts.environment()["PATH"]
    example = f"`export PATH={folder}:$PATH`"
    parts = [part.rstrip("/") for part in value.text.split(":")]
    at = value.position
    certain = case.scripts.environment_is_certain() and case.scripts.script("environment").complete
    if folder not in parts:
        if (
            UNKNOWN in value.text
            or not certain
            or any(_brings_out(command, folder) for command in case.scripts.script("post").commands)
        ):
            return PASSED
        return _folder_missing(case, folder, value.text, at, example)
    if OLD_VALUE in value.text or UNKNOWN in value.text:
        return PASSED
    if all(set(parts) & folders for folders in _STANDARD_FOLDERS):
        return PASSED
    if "$PATH" in value.text.replace("{", ""):
        return case.fault(
            f"Single quotes keep `$PATH` on line {at.line} from being filled in: the old `PATH` is lost.",
            f"Take double quotes, or none: {example}.",
            at,
        )
    return case.fault(
        f"Line {at.line} sets a new `PATH` without the old one: the old `PATH` is lost, and with it `ls`, `cat` "
        f"and the rest.",
        f"Keep it by adding `:$PATH`: {example}.",
        at,
    )


def _folder_missing(case: Case, folder: str, text: str, at: Position, example: str) -> Answer:
    never = f"`PATH` never gets `{folder}`, so the programs there are not found by their names."
    if text != OLD_VALUE:
        near = next((part for part in text.split(":") if part and folder.strip("/") in part), "")
        detail = f" Line {at.line} puts `{shown(near)}` there." if near else ""
        return case.fault(f"{never}{detail}", f"Write {example} on line {at.line}.", at)
    comment = _commented(case, "PATH")
    elsewhere = _set_elsewhere(case, "PATH", folder)
    wrong = _misnamed(case, "PATH")
    if comment is not None:
        return case.fault(f"{never} Line {comment.line} is a comment.", "Take the `#` away.", comment)
    if wrong is not None:
        return case.fault(
            f"{never} Line {wrong[1].line} sets `{shown(wrong[0])}`, which no program looks at.",
            f"Write {example}.",
            wrong[1],
        )
    if elsewhere is not None:
        return case.fault(
            f"{never} It is set {_SECTIONS_THAT_DO_NOT_LAST[elsewhere[0]]} (line {elsewhere[1].line}).",
            f"Add a section `%environment` with {example}.",
            elsewhere[1],
        )
    if not case.scripts.has("environment"):
        return case.fault(
            f"{never} There is no `%environment` section yet.", f"Add `%environment`, and below it {example}."
        )
    section = case.recipe.stages[-1].named("environment")[0]
    return case.fault(never, f"Below `%environment`, write {example}.", section.position)


@check(
    "recipe.exports",
    Parameter("name", "text", required=True),
    Parameter("values", "texts"),
    Parameter("generated_locale", "truth"),
)
def exports(case: Case) -> Answer:
    """A variable is exported when the image starts, with one of certain values."""
    name = case.text("name")
    values = case.texts("values")
    example = f"`export {name}={values[0] if values else '…'}`"
    variable = case.scripts.environment().get(name)
    if variable is None or (variable.text == "" and variable.exported):
        return _not_set(case, name, example)
    at = variable.position
    if not variable.exported:
        return case.fault(
            f"`{name}` is set on line {at.line} but not exported, so it is gone before any program starts.",
            f"Write {example}.",
            at,
        )
    if UNKNOWN in variable.text or not values or _allowed(case, variable.text, values):
        return PASSED
    why = "which the image does not have" if case.truth("generated_locale") else "and this step asks for another value"
    return case.fault(
        f"`{name}` is set to `{shown(variable.text)}` on line {at.line}, {why}.",
        f"Write {example}; `C.UTF-8` is there in every Ubuntu, too." if "C.*" in values else f"Write {example}.",
        at,
    )


def _spoilt(case: Case, name: str) -> tuple[str, Position] | None:
    """A line of `%environment` that means to set a variable and does not, and why."""
    body = case.scripts.body("environment")
    for row, line in enumerate(body.text.split("\n") if body else ()):
        match = re.match(
            rf"(?P<before>\s*)(?P<word>\w+)?\s+{re.escape(name)}\b(?P<after>.*)|\s*{re.escape(name)}(?P<blank>\s+=.*)",
            line,
        )
        if match is None or body is None:
            continue
        at = body.position(row, len(line) - len(line.lstrip()))
        word, after = match["word"], match["blank"] or match["after"] or ""
        if word in ("ENV", "ARG", "setenv", "set", "SET", "Export", "EXPORT"):
            return f"the shell has no `{word}` that does it (line {at.line})", at
        if re.match(r"\s+=|=\s+\S", after):
            return f"there is a blank beside the equals sign on line {at.line}", at
        if word == "export" and re.match(r"\s+\S|:", after):
            return f"there is no equals sign on line {at.line}", at
    return None


def _allowed(case: Case, text: str, values: tuple[str, ...]) -> bool:
    if any(fnmatchcase(text.lower(), value.lower()) for value in values):
        return True
    if not case.truth("generated_locale"):
        return False
    language = text.partition(".")[0]
    for command in case.scripts.script("post").commands:
        mentions = any(language in word.text or UNKNOWN in word.text for word in command.words)
        if mentions and command.program in (
            "locale-gen",
            "localedef",
            "update-locale",
            "echo",
            "sed",
            "printf",
            "dpkg-reconfigure",
        ):
            return True
        if command.program == "locale-gen" and not command.arguments:
            return True
    # A package with ready-made locales: language-pack-de, locales-all, glibc-langpack-de.
    short = language.partition("_")[0]
    installed = {package.name for item in case.scripts.packages("post") for package in item.packages}
    return "locales-all" in installed or any(
        re.fullmatch(rf"(language-pack|glibc-langpack|langpack-locales)-{re.escape(short)}(-base)?", name)
        for name in installed
    )


def _not_set(case: Case, name: str, example: str) -> Answer:
    if not case.scripts.environment_is_certain() or not case.scripts.script("environment").complete:
        return PASSED
    wrong = _misnamed(case, name)
    elsewhere = _set_elsewhere(case, name)
    spoilt = _spoilt(case, name)
    if spoilt is not None:
        return case.fault(f"`{name}` is not set: {spoilt[0]}.", f"Write {example}.", spoilt[1])
    if wrong is not None:
        return case.fault(
            f"`{name}` is not set: line {wrong[1].line} sets `{shown(wrong[0])}`.", f"Write {example}.", wrong[1]
        )
    if elsewhere is not None:
        return case.fault(
            f"`{name}` is not set when the image starts: it is set {_SECTIONS_THAT_DO_NOT_LAST[elsewhere[0]]} "
            f"(line {elsewhere[1].line}).",
            f"Below `%environment`, write {example}.",
            elsewhere[1],
        )
    return case.fault(f"`{name}` is not set when the image starts.", f"Below `%environment`, write {example}.")
