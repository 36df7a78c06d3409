"""What to say of a package that a recipe does not bring, although it should."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from .checks import Case
from .package_supply import Supplied, Supply, plain_name, wanted_of
from .post_packages import WRONG_SECTIONS, effective_installs, in_comment, underline_end
from .python_packages import python_supply
from .r_packages import near_misses, r_code, r_supply
from .recipe_faults import shown
from .recipe_scripts import RecipeScripts
from .shell import Script
from .verdict import Finding

_HOW = {
    "python": ("pip install {names}", "Python"),
    "r": ("R -e \"install.packages(c({quoted}))\"", "R"),
    "system": ("apt-get install -y {names}", "system"),
}  # fmt: skip


def supply_of(ecosystem: str, script: Script, scripts: RecipeScripts | None = None) -> Supply:
    """What a script brings of an ecosystem; system packages are those of the recipe's `%post`."""
    if ecosystem == "python":
        return python_supply(script)
    if ecosystem == "r":
        return r_supply(script)
    commands = scripts.packages("post") if scripts else ()
    done = effective_installs(commands)
    return Supply(
        tuple(
            Supplied(
                plain_name("system", package.name), package.word.text, item.manager, position=package.word.position,
                end=package.word.end, number=item.command.number,
                brings=tuple(sorted(item.brought - {package.name})),
            )
            for item in done
            for package in item.packages
            if not package.prefix or package.prefix == "conda"
        ),
        any(item.opaque for item in done),
    )  # fmt: skip


def why_missing(case: Case, ecosystem: str, text: str, supply: Supply) -> Finding:
    """Why a package is not there: taken away, in a comment, in another section, asked for in vain, or forgotten."""
    name = wanted_of(ecosystem, text)[0]
    command, _ = _HOW.get(ecosystem, _HOW["system"])
    how = command.format(names=text, quoted=f"'{name}'")
    scripts = case.scripts
    removed = next((item for item in reversed(supply.items) if item.removed and item.name == name), None)
    if removed is not None and removed.position:
        return case.finding(
            f"Line {removed.position.line} takes `{name}` away again.", "Leave that line out.", removed.position
        )
    if ecosystem == "r":
        for function, call in near_misses(scripts.script("post")):
            return case.finding(
                f"R has no function `{shown(function)}` (line {call.position.line}), so `{name}` is not installed.",
                "It is called `install.packages`, with a dot and an s.",
                call.position, underline_end(call),
            )  # fmt: skip
    vain = _in_vain(case, ecosystem, name)
    if vain is not None:
        return vain
    comment = in_comment(scripts, name)
    if comment is not None:
        return case.finding(
            f"`{name}` is not installed: on line {comment.line} it stands in a comment, behind the `#`.",
            "Move it before any `#`.", comment,
        )  # fmt: skip
    for section in ("setup", "pre", "environment", "runscript", "startscript", "test"):
        elsewhere = supply_of(ecosystem, scripts.script(section)) if ecosystem != "system" else Supply()
        item = next((each for each in elsewhere.items if each.name == name), None)
        if item is not None and item.position:
            return case.finding(
                f"`{name}` is installed in `%{section}` (line {item.position.line}), which {WRONG_SECTIONS[section]}.",
                "Move the line below `%post`.", item.position, item.end,
            )  # fmt: skip
    stopped = next((item for item in scripts.script("post").commands if not item.reachable), None)
    if stopped is not None and any(name in word.text for word in stopped.words):
        return case.finding(
            f"Line {stopped.position.line} would install `{name}`, but it never runs: the script ends above it.",
            "Move it above the `exit` or `exec`.", stopped.position,
        )  # fmt: skip
    early = _in_earlier_stage(case, ecosystem, name)
    if early is not None:
        return early
    last = next((item for item in reversed(supply.items) if item.number >= 0), None)
    return case.finding(
        f"Neither the base image nor `%post` brings `{name}`.",
        f"Add it to what you install: `{how}`.",
        last.position if last else None,
    )


def spoilt_names(case: Case, ecosystem: str, supply: Supply) -> Iterator[Finding]:
    """Names that pip cannot read, and stops at: `torch=2.1.2`, `pandas,`."""
    for item in supply.items if ecosystem == "python" else ():
        if item.manager != "pip" or item.removed or item.number < 0:
            continue
        line = item.position.line if item.position else 0
        single = re.fullmatch(r"(?P<name>[A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?)\s*=(?!=)\s*(?P<version>\S.*)", item.written)
        if single is not None:
            yield case.finding(
                f"`{shown(item.written)}` on line {line} has one equals sign; pip asks for two equals signs, and stops "
                "at anything else.",
                f"Write `{single['name']}=={single['version']}`.", item.position, item.end,
            )  # fmt: skip
        elif item.written.endswith((",", ";")):
            yield case.finding(
                f"The comma in `{shown(item.written)}` (line {line}) belongs to the name for pip, and there is no such "
                "package.",
                "Put blanks between the names, and nothing else.", item.position, item.end,
            )  # fmt: skip


_CALL = re.compile(r"install\.packages\s*\(\s*(?:pkgs\s*=\s*)?(?:c\s*\(\s*)?(?P<names>[^()'\"=]*)")
_TWO_TEXTS = re.compile(r"install\.packages\s*\(\s*(['\"])[^'\"]*\1\s*,\s*['\"]")


def without_quotes(case: Case, ecosystem: str, names: Sequence[str]) -> Finding | None:
    """A package that R is told to install by a word that it takes for a variable."""
    if ecosystem != "r":
        return None
    script = case.scripts.script("post")
    for command in script.commands:
        for code in r_code(command, script):
            for match in _CALL.finditer(code or ""):
                words = [word.strip() for word in match["names"].split(",")]
                bare = next((name for name in names if name in words), None)
                if bare is not None and not re.search(rf"\b{re.escape(bare)}\s*(<-|=)", code or ""):
                    return case.finding(
                        f"`{bare}` reaches R without quotes on line {command.position.line}, so R takes it for a "
                        "variable, and there is none of that name.",
                        f"Put quotes around the names, others than those around the whole: `c('{bare}')`.",
                        command.position, underline_end(command),
                    )  # fmt: skip
    return None


def _in_vain(case: Case, ecosystem: str, name: str) -> Finding | None:
    """A command that means to install a package and does not, and why."""
    scripts = case.scripts
    script = scripts.script("post")
    for item in scripts.packages("post"):
        named = any(plain_name(ecosystem, package.name) == plain_name(ecosystem, name) for package in item.packages)
        at, end, line = item.command.position, underline_end(item.command), item.command.position.line
        if not named or not item.command.reachable:
            continue
        if item.changes_nothing or item.verb in ("download", "wheel"):
            return case.finding(
                f"Line {line} only simulates or downloads: `{name}` is not installed.",
                f"Write `{item.manager} install`, without such an option.", at, end,
            )  # fmt: skip
        if not item.action and difflib.get_close_matches(item.verb, ["install"], n=1, cutoff=0.7):
            return case.finding(
                f"`{shown(item.verb)}` on line {line} is no command of {item.manager}, so `{name}` is not installed.",
                f"Did you mean `{item.manager} install`?", at, end,
            )  # fmt: skip
        if item.action == "install":
            language = {"python": "Python", "r": "R"}.get(ecosystem, "system")
            return case.finding(
                f"Line {line} asks `{item.manager}` for `{name}`, and it brings no {language} package of that name.",
                f"For {language} packages write `{_HOW[ecosystem][0].format(names=name, quoted=repr(name))}`.",
                at, end,
            )  # fmt: skip
    if ecosystem != "r":
        return None
    for command in script.commands:
        if any(_TWO_TEXTS.search(code or "") and name in (code or "") for code in r_code(command, script)):
            return case.finding(
                f"`install.packages` takes all names as one vector, made with `c(…)`. On line {command.position.line} "
                f"only the first one counts, so `{name}` is not installed.",
                "Write `install.packages(c('…', '…'))`.", command.position, underline_end(command),
            )  # fmt: skip
    body = scripts.body("post")
    for row, text in enumerate(body.text.split("\n") if body else ()):
        if body is not None and re.match(r"\s*(install\.packages|remotes::\w+|pak::\w+)\s*\(", text) and name in text:
            at = body.position(row, len(text) - len(text.lstrip()))
            return case.finding(
                f"Line {at.line} is in R's language, `install.packages(…)`, but `%post` is read by the shell.",
                f"Hand it to R: `{_HOW['r'][0].format(quoted=repr(name))}`.", at,
            )  # fmt: skip
    return None


def _in_earlier_stage(case: Case, ecosystem: str, name: str) -> Finding | None:
    for stage in case.recipe.stages[:-1]:
        scripts = RecipeScripts(replace(case.recipe, stages=(stage,)))
        for item in supply_of(ecosystem, scripts.script("post"), scripts).items:
            if item.name == name and item.position is not None and not item.removed:
                return case.finding(
                    f"`{name}` is installed on line {item.position.line}, in an earlier stage, of which only the files "
                    "that are copied remain.",
                    "Install it in the last stage.", item.position, item.end,
                )  # fmt: skip
    return None
