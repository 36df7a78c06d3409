"""Checks of apt's package lists: fetched before the first install, not fetched yet, removed after the last."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from .checks import PASSED, Answer, Case, check
from .package_commands import PackageCommand
from .post_packages import (
    WRONG_SECTIONS,
    apt_elsewhere,
    apt_installs,
    in_comment,
    list_updates,
    nothing_to_judge,
    underline_end,
)
from .recipe_faults import shown
from .shell import Command, Script, Word


@check("recipe.updates-lists")
def updates_lists(case: Case) -> Answer:
    """Apt's package lists are fetched before the first install."""
    installs_found = apt_installs(case.scripts)
    if not installs_found:
        return nothing_to_judge(case)
    first = installs_found[0].command
    updates = list_updates(case.scripts)
    if any(item.command.number <= first.number for item in updates):
        return PASSED
    script = case.scripts.script("post")
    if any(_opaque_script(command) for command in script.commands[: first.number]):
        return PASSED
    line = first.position.line
    if updates:
        late = updates[0].command.position
        return case.fault(
            f"Line {line} installs, but the lists are fetched only after that, on line {late.line}.",
            f"Move `{updates[0].manager} update` above line {line}.",
            first.position,
            underline_end(first),
        )
    message = f"Line {line} installs before the lists exist."
    hint = "Add `apt-get update` above it."
    wrong = apt_elsewhere(case.scripts, "update")
    comment = in_comment(case.scripts, "update")
    upgrade = next((item for item in case.scripts.packages("post") if item.action == "upgrade"), None)
    misspelt = next((item for item in case.scripts.packages("post") if item.action == "" and item.verb), None)
    if wrong is not None:
        message += f" The update on line {wrong[1].line} stands in `%{wrong[0]}`, which {WRONG_SECTIONS[wrong[0]]}."
        hint = f"Move `apt-get update` into `%post`, above line {line}."
    elif comment is not None:
        message += f" The update on line {comment.line} is only a comment."
        hint = "Take the `#` away."
    elif misspelt is not None:
        at = misspelt.command.position
        message += f" apt does not know `{misspelt.manager} {shown(misspelt.verb)}` (line {at.line})."
        hint = "Write `apt-get update`."
    elif upgrade is not None:
        message += (
            f" `{upgrade.verb}` on line {upgrade.command.position.line} renews installed packages; it fetches no lists."
        )
        hint = "Write `apt-get update`: it sounds alike, but fetches the lists."
    return case.fault(message, hint, first.position, underline_end(first))


def _opaque_script(command: Command) -> bool:
    if command.program in ("sh", "bash", "dash", ".", "source"):
        return True
    return not command.words[0].known


@check("recipe.leaves-lists")
def leaves_lists(case: Case) -> Answer:
    """The recipe does not fetch the package lists yet: the step is about how that fails."""
    updates = list_updates(case.scripts)
    if not updates:
        return PASSED
    command = updates[0].command
    return case.fault(
        f"Line {command.position.line} already fetches the package lists. You are one step ahead: this one wants to "
        "see the build fail without them first.",
        "Leave that line out for now, build, and look at the message. It returns in the next step.",
        command.position,
        underline_end(command),
    )


_QUOTED_STAR = re.compile(r"""("[^"]*\*[^"]*"|'[^']*\*[^']*'|\\\*)""")


def _quoted_stars(script: Script) -> Iterator[Word]:
    """Words of `rm` that name the lists with a star in quotes, where it is a letter like any other."""
    for command in script.commands:
        if command.program == "rm" and command.reachable:
            for word in command.arguments:
                if word.text.startswith("/var/lib/apt/") and _QUOTED_STAR.search(word.raw):
                    yield word


_LISTS = re.compile(r"/var/lib/apt(/\*|/l[^/]*\*|/lists(/[^/]*[*?[\ufdd0][^/]*)?)?")
_NEARLY = re.compile(r"(^|/)(list|lits|lsts|lists|lits)(/|$)|(^|/)apt/")


def _folders(script: Script) -> Iterator[tuple[Command, str]]:
    """Each command with the folder in which it runs, as far as `cd` tells."""
    folder = "/"
    for command in script.commands:
        yield command, folder
        if command.program == "cd" and command.arguments:
            folder = posixpath.join(folder, command.arguments[-1].text)


def _removed(script: Script) -> Iterator[tuple[Command, str]]:
    """All that a script removes: each path in full, with the command."""
    for command, folder in _folders(script):
        texts = [word.text for word in command.arguments if not _QUOTED_STAR.search(word.raw)]
        if command.program == "trap" and {"EXIT", "0"} & set(texts):
            told = command.arguments[0].text.split()
            paths = told[told.index("rm") + 1 :] if "rm" in told else []
        elif command.program == "rm":
            paths = texts
            if any(script.commands[number].program in ("find", "ls") for number in command.stdin.commands):
                paths = [word.text for number in command.stdin.commands for word in script.commands[number].arguments]
        elif command.program == "find" and any(text in ("-delete", "rm") for text in texts):
            paths = texts
        else:
            continue
        for text in paths:
            if text and not text.startswith(("-", "{", ";")):
                yield command, posixpath.normpath(posixpath.join(folder, text))


def _keeps_folders(command: Command, path: str) -> bool:
    """Whether an `rm` stops at a folder: apt keeps one, `partial`, among its lists."""
    options = [word.text for word in command.arguments if word.text.startswith("-")]
    recursive = any(re.fullmatch(r"-[a-zA-Z]*[rR][a-zA-Z]*|--recursive", text) for text in options)
    whole = re.search(r"/(\*|lists|apt)$", path) is not None
    return command.program == "rm" and whole and not (recursive or command.tolerated or command.stdin.commands)


@check("recipe.cleans-lists")
def cleans_lists(case: Case) -> Answer:
    """Apt's package lists are removed after the last install."""
    script = case.scripts.script("post")
    commands = case.scripts.packages("post")
    needs_lists = [
        item for item in commands if item.is_apt and item.action in ("install", "update", "upgrade", "build-dep")
    ]
    removed = list(_removed(script))
    fitting = [(command, path) for command, path in removed if _LISTS.fullmatch(path)]
    whole = [command for command, path in fitting if not _keeps_folders(command, path)]
    # What a trap does comes last, wherever it is set.
    cleaning = [
        len(script.commands) if command.program == "trap" else command.number for command in whole if command.reachable
    ]
    cleaning += [item.command.number for item in commands if item.action == "distclean" and item.command.reachable]
    if not needs_lists:
        return PASSED
    last = needs_lists[-1].command
    if any(number > last.number for number in cleaning):
        return PASSED
    if any(not command.words[0].known for command in script.commands[last.number :]):
        return PASSED
    if cleaning:
        early = script.commands[min(cleaning)].position
        return case.fault(
            f"The lists are removed on line {early.line}, before the install on line {last.position.line} has used "
            "them.",
            "Move the removal below the last install.",
            early,
        )
    unreached = next((command for command in whole if not command.reachable), None)
    if unreached is not None:
        return case.fault(
            f"Line {unreached.position.line} would remove the lists, but it never runs: the script ends above it.",
            "Move it above the `exit` or `exec`.",
            unreached.position,
            underline_end(unreached),
        )
    if fitting:
        stopped = fitting[-1][0]
        return case.fault(
            f"There is a folder among the lists, and `rm` on line {stopped.position.line} removes no folders: it would "
            "end the build.",
            "Add `-r`: `rm -rf /var/lib/apt/lists/*`.",
            stopped.position,
            underline_end(stopped),
        )
    return _not_cleaned(case, script, commands, removed, last)


def _not_cleaned(
    case: Case,
    script: Script,
    commands: Sequence[PackageCommand],
    removed: Sequence[tuple[Command, str]],
    last: Command,
) -> Answer:
    """Why nothing removes the lists."""
    quoted = next(_quoted_stars(script), None)
    if quoted is not None:
        return case.fault(
            f"The star on line {quoted.position.line} stands in quotes, so `rm` looks for a file of that name and "
            "removes nothing.",
            "Write it without quotes: `rm -rf /var/lib/apt/lists/*`.",
            quoted.position,
            quoted.end,
        )
    missed = next(((command, path) for command, path in removed if _NEARLY.search(path)), None)
    if missed is not None and "/cache/" not in missed[1]:
        command = missed[0]
        written = next((w for w in command.arguments if missed[1].endswith(w.text.strip("./"))), command.words[-1])
        return case.fault(
            f"Line {command.position.line} removes `{shown(written.text)}`, which is not where the lists are: "
            "those lie in `/var/lib/apt/lists`.",
            "Write `rm -rf /var/lib/apt/lists/*`.",
            written.position,
            written.end,
        )
    comment = in_comment(case.scripts, "rm")
    if comment is not None:
        return case.fault(
            f"The removal on line {comment.line} is a comment, so the lists are left in the image.",
            "Take the `#` away.",
            comment,
        )
    cleaner = next((item for item in commands if item.action == "clean"), None)
    if cleaner is not None:
        at = cleaner.command.position
        return case.fault(
            f"`{cleaner.manager} {cleaner.verb}` keeps the package lists; it removes downloaded packages only.",
            "Add `rm -rf /var/lib/apt/lists/*`.",
            at,
            underline_end(cleaner.command),
        )
    return case.fault(
        f"The package lists that apt fetched are left in the image after line {last.position.line}.",
        "Add `rm -rf /var/lib/apt/lists/*` below the last install.",
        last.position,
        underline_end(last),
    )
