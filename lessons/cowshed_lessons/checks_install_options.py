"""Checks of how `%post` installs: whether apt's question is answered, and recommended packages are left out."""

from __future__ import annotations

import difflib
import re

from .checks import PASSED, Answer, Case, check
from .package_commands import PackageCommand
from .post_packages import apt_installs, in_comment, nothing_to_judge, underline_end
from .recipe_faults import shown
from .verdict import Finding, Outcome


@check("recipe.assumes-yes")
def assumes_yes(case: Case) -> Answer:
    """Every install answers apt's question in advance."""
    found = apt_installs(case.scripts)
    if not found:
        return nothing_to_judge(case)
    asking = [item for item in found if item.answers_yes is False]
    return Answer(Outcome.NOT_YET, tuple(_asks(case, item) for item in asking)) if asking else PASSED


def _asks(case: Case, item: PackageCommand) -> Finding:
    command = item.command
    line = command.position.line
    at, end = command.position, underline_end(command)
    start = f"Line {line} lets apt ask “Do you want to continue?”, and nobody can answer in `%post`."
    hint = f"Add `-y`: `{item.manager} install -y …`."
    others = [other for other in case.scripts.packages("post") if other.is_apt and other.answers_yes]
    update = next((other for other in others if other.action == "update"), None)
    comment = in_comment(case.scripts, "-y") or in_comment(case.scripts, "--yes")
    frontend = command.environment.get("DEBIAN_FRONTEND", "")
    if command.stdin.text is not None and command.stdin.given and command.stdin.text.strip():
        return case.finding(f"{start} What it is given to read does not begin with `y`.", hint, at, end)
    if any(package.name in ("y", "yes", "Y") for package in item.packages):
        return case.finding(f"{start} Without its hyphen, `y` is the name of a package.", hint, at, end)
    if "-Y" in [word.text for word in command.arguments]:
        return case.finding(f"{start} apt does not know `-Y`.", "Write the `-y` small.", at, end)
    if update is not None:
        return case.finding(
            f"{start} The `-y` stands at the update (line {update.command.position.line}).", hint, at, end
        )
    if frontend:
        return case.finding(
            f"{start} `DEBIAN_FRONTEND={shown(frontend)}` silences the packages' questions, not apt's own.",
            hint,
            at,
            end,
        )
    if comment is not None and comment.line == line:
        return case.finding(f"{start} The `-y` stands in the comment.", "Put it before the `#`.", at, end)
    if any(other.action == "install" for other in others):
        return case.finding(f"{start} The other install has its answer; every install needs its own.", hint, at, end)
    return case.finding(start, hint, at, end)


@check("recipe.asks")
def asks(case: Case) -> Answer:
    """At least one install still asks: the step is about what happens then."""
    found = apt_installs(case.scripts)
    if not found:
        return nothing_to_judge(case)
    if any(item.answers_yes is not True for item in found):
        return PASSED
    command = found[0].command
    return case.fault(
        f"Line {command.position.line} already says yes. You are one step ahead: this one wants to see apt ask first.",
        "Leave the answer out for now, build, and look at how it fails. It returns in the next step.",
        command.position,
        underline_end(command),
    )


@check("recipe.no-recommends")
def no_recommends(case: Case) -> Answer:
    """Every install leaves recommended packages out."""
    found = apt_installs(case.scripts)
    if not found:
        return nothing_to_judge(case)
    for item in found:
        if item.recommends is not False and not (item.recommends is None and item.opaque):
            return _recommends(case, item)
    return PASSED


_OPTION = "--no-install-recommends"


def _recommends(case: Case, item: PackageCommand) -> Answer:
    """Why an install brings recommended packages along."""
    at, end = item.command.position, underline_end(item.command)
    start = f"Line {at.line} still brings recommended packages along."
    add = f"Add `{_OPTION}`."
    options = [word for word in item.command.arguments if word.text.startswith("-")]
    near = next(
        (w for w in options if re.search(r"recommend|-suggests$", w.text) and "::" not in w.text and w.text != _OPTION),
        None,
    )
    near = near or next((w for w in options if difflib.get_close_matches(w.text, [_OPTION], n=1, cutoff=0.75)), None)
    update = next((other for other in case.scripts.packages("post") if other.action == "update"), None)
    comment = in_comment(case.scripts, "--no-install-recommends")
    if near is not None and near.text in ("--install-recommends", "--no-install-suggests"):
        what = "asks for them" if near.text == "--install-recommends" else "leaves out what is only suggested"
        return case.fault(f"{start} `{near.text}` {what}.", f"Write `{_OPTION}`.", near.position, near.end)
    if near is not None:
        return case.fault(
            f"{start} apt knows no option `{shown(near.text)}`.", f"Write `{_OPTION}`.", near.position, near.end
        )
    if update is not None and update.recommends is False:
        return case.fault(
            f"{start} The option stands at the update (line {update.command.position.line}), which installs nothing.",
            f"Move `{_OPTION}` to the install.", at, end,
        )  # fmt: skip
    if comment is not None:
        return case.fault(
            f"{start} The option on line {comment.line} stands in a comment.", "Put it before the `#`.", comment
        )
    return case.fault(start, add, at, end)
