"""Checks of what a recipe brings of a language's packages, by its base or by an install, and in which order.

What the recipe does not show (a list that is copied in, a script, an unknown base) is left to the image.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from fnmatch import fnmatchcase

from .absent_packages import spoilt_names, supply_of, why_missing, without_quotes
from .base_content import Base, BaseTable, base_of
from .checks import PASSED, WAITING, Answer, Case, Parameter, check
from .package_supply import Have, Supplied, Supply, is_version, state_after, wanted_of
from .recipe_faults import shown
from .shell import Script
from .unseen_ways import may_bring
from .verdict import Finding, Outcome

_BASE = (
    Parameter("image", "text", required=True),
    Parameter("tags", "texts", required=True),
    Parameter("has", "texts"),
)


def _find(have: dict[str, Have], ecosystem: str, name: str) -> Have | None:
    """A package, by its name; those of R may come from a system that knows no capital letters (marked by `~`)."""
    found = have.get(name)
    if found is None and ecosystem == "r":
        return next((each for key, each in have.items() if key[:1] == "~" and key[1:].lower() == name.lower()), None)
    return found


@check(
    "recipe.provides",
    Parameter("ecosystem", "text", required=True),
    Parameter("packages", "alternatives", required=True),
    Parameter("bases", "tables", fields=_BASE),
)
def provides(case: Case) -> Answer:
    """Each of certain packages comes with the base image, or is installed in `%post`."""
    ecosystem = case.text("ecosystem")
    script = case.scripts.script("post")
    tables = [BaseTable(each.text("image"), each.texts("tags"), each.texts("has")) for each in case.tables("bases")]
    base = base_of(case.scripts.stage, ecosystem, tables)
    supply = supply_of(ecosystem, script, case.scripts)
    have = state_after([*base.items, *supply.items])
    unseen = supply.unseen or not base.known
    findings: list[Finding] = list(spoilt_names(case, ecosystem, supply))[:1]
    if findings:
        return Answer(Outcome.NOT_YET, tuple(findings))
    for names in case.alternatives("packages"):
        wanted = [wanted_of(ecosystem, text) for text in names]
        if any(_is_there(_find(have, ecosystem, name), version) for name, version in wanted):
            continue
        bare = without_quotes(case, ecosystem, [name for name, _ in wanted])
        if bare is not None:
            findings.append(bare)
            continue
        finding = _fault(case, ecosystem, names[0], wanted[0], _find(have, ecosystem, wanted[0][0]), supply, base)
        misspelt = finding if finding is not None else _misspelt(case, ecosystem, wanted, supply)
        if misspelt is not None:
            findings.append(misspelt)
        elif not unseen and not may_bring(case.scripts, [name for name, _ in wanted]):
            findings.append(why_missing(case, ecosystem, names[0], supply))
    if findings and case.text("message"):
        findings = [case.finding(case.text("message"), findings[0].hint)]
    return Answer(Outcome.NOT_YET, tuple(findings)) if findings else PASSED


def _is_there(have: Have | None, version: str) -> bool:
    return have is not None and (not version or is_version(have.version, version))


def _fault(
    case: Case, ecosystem: str, text: str, wanted: tuple[str, str], have: Have | None, supply: Supply, base: Base
) -> Finding | None:
    """What is wrong with the version of a package that is there; None where it is not there, or nobody can tell."""
    if have is None:
        return None
    by, version = have.by, wanted[1]
    line = by.position.line if by.position else 0
    pinned = text if ecosystem == "python" else f"{wanted[0]} {version}"
    if by.manager == "base":
        if have.version:
            return case.finding(
                f"The base `{shown(by.written)}` brings {wanted[0]} {have.version}, and this step asks for {version}.",
                "Take the tag that begins with that version, or install it in `%post`.",
                by.position, by.end,
            )  # fmt: skip
        return case.finding(
            f"The base `{shown(by.written)}` brings some version of {wanted[0]}, and which one may change from day "
            "to day.",
            f"Take a tag that names the version, {version}.",
            by.position, by.end,
        )  # fmt: skip
    if have.version:
        return case.finding(
            f"Line {line} installs {wanted[0]} {have.version} (`{shown(by.written)}`), and this step asks for "
            f"{version}.",
            f"Write `{pinned}`.", by.position, by.end,
        )  # fmt: skip
    if not base.known or (supply.unseen and by.name != wanted[0]):
        return None
    if by.name.lstrip("~") != wanted[0]:
        return case.finding(
            f"{wanted[0]} comes along with `{shown(by.written)}` (line {line}), in whatever version that asks for.",
            f"Name it: `{pinned}`.", by.position, by.end,
        )  # fmt: skip
    if have.loose:
        return case.finding(
            f"`{shown(by.written)}` on line {line} is not pinned: several versions fit, and another one may come "
            "tomorrow.",
            f"Write `{pinned}`.", by.position, by.end,
        )  # fmt: skip
    return case.finding(
        f"Line {line} installs `{shown(by.written)}` without a version: it is not pinned, so you get whatever is there "
        "on the day of the build.",
        f"Write `{pinned}`.", by.position, by.end,
    )  # fmt: skip


_OTHER_NAMES = {("python", "pytorch"): "torch", ("python", "sns"): "seaborn", ("python", "np"): "numpy"}


def _misspelt(case: Case, ecosystem: str, wanted: Sequence[tuple[str, str]], supply: Supply) -> Finding | None:
    names = [name for name, _ in wanted]
    groups = case.alternatives("packages")
    right = {wanted_of(ecosystem, text)[0] for group in groups for text in group}
    for item in supply.items:
        name = item.name.removeprefix("~")
        line = item.position.line if item.position else 0
        if name in right or item.removed:
            continue
        if _OTHER_NAMES.get((ecosystem, name)) in names and item.manager == "pip":
            return case.finding(
                f"PyPI's `{shown(item.written)}` (line {line}) is not what you want: there the package is called "
                f"`{names[0]}`.",
                f"Write `{groups[0][0] if len(groups) == 1 else names[0]}`.", item.position, item.end,
            )  # fmt: skip
        alike = {each.casefold(): each for each in names}
        close = difflib.get_close_matches(name.casefold(), list(alike), n=1, cutoff=0.78)
        if close:
            return case.finding(
                f"Line {line} asks for `{shown(item.written)}`, which looks misspelt: `{alike[close[0]]}` is not "
                "installed yet.",
                f"Write `{alike[close[0]]}`"
                + (", with the capital letters of its name." if name.casefold() == close[0] else "."),
                item.position, item.end,
            )  # fmt: skip
    return None


@check(
    "recipe.order",
    Parameter("first", "texts", required=True),
    Parameter("then", "texts", required=True),
)
def order(case: Case) -> Answer:
    """Certain packages are installed before others that need them to be built."""
    script = case.scripts.script("post")
    sources = [
        item
        for ecosystem in ("python", "r")
        for item in supply_of(ecosystem, script).items
        if item.manager in ("pip", "R") and not item.removed
    ]
    system = [item for item in supply_of("system", script, case.scripts).items if not item.removed]
    later = _fitting(sources + system, case.texts("then"))
    if not later:
        return PASSED if _comes_ready(case, script) else WAITING
    first = min(later, key=lambda item: item.number)
    gone = [
        item.command.number
        for item in case.scripts.packages("post")
        if item.action == "remove"
        and item.command.reachable
        and item.command.number < first.number
        and any(fnmatchcase(package.name, pattern) for package in item.packages for pattern in case.texts("first"))
    ]
    earlier = [
        item
        for item in _fitting(system + sources, case.texts("first"))
        if not any(item.number < number for number in gone)
    ]
    if any(item.number < first.number for item in earlier):
        return PASSED
    base = base_of(case.scripts.stage, "system")
    if not base.known or any(_fits(item, case.texts("first")) for item in base.items):
        return PASSED
    if supply_of("system", script, case.scripts).unseen or may_bring(case.scripts, case.texts("first")):
        return PASSED
    line = first.position.line if first.position else 0
    needed = case.texts("first")[0].replace("*", "")
    if earlier:
        late = earlier[0]
        where = f"only on line {late.position.line}" if late.position and late.position.line != line else "with it"
        return case.fault(
            f"`{shown(first.name)}` is built on line {line}, and `{shown(late.name)}`, which it needs, comes {where}.",
            "Install that first.", first.position, first.end,
        )  # fmt: skip
    return case.fault(
        f"`{shown(first.name)}` on line {line} is built from its source, and needs `{needed}` for that, which nothing "
        "installs above it.",
        f"Above line {line}, install `{needed}`.", first.position, first.end,
    )  # fmt: skip


def _fits(item: Supplied, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(item.name, pattern) or fnmatchcase(item.written, pattern) for pattern in patterns)


def _fitting(items: Sequence[Supplied], patterns: Sequence[str]) -> list[Supplied]:
    return [item for item in items if _fits(item, patterns)]


def _comes_ready(case: Case, script: Script) -> bool:
    """Whether what is to be built may come ready made, or from where the recipe does not show it."""
    wanted = [pattern.casefold() for pattern in case.texts("then")]
    for ecosystem in ("python", "r"):
        supply = supply_of(ecosystem, script)
        base = base_of(case.scripts.stage, ecosystem)
        if any(item.name.removeprefix("~").casefold() in wanted for item in (*supply.items, *base.items)):
            return True
        if supply.unseen:
            return True
    return may_bring(case.scripts, case.texts("then"))
