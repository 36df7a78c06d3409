"""Checks of what `%post` tells the package manager: packages, lists, the answer yes, cleaning up.

Where a word cannot be known from the recipe the judge is unsure, and leaves the proof to the build and the image.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

from .checks import PASSED, Answer, Case, Parameter, check
from .package_commands import APT, PackageCommand
from .recipe_faults import shown
from .recipe_scripts import RecipeScripts
from .shell import Command, Script
from .verdict import Finding, Outcome, Position

_WRONG_SECTIONS = {
    "setup": "runs on the host before the image has its shell, not inside the image",
    "pre": "runs on the host, not inside the image",
    "environment": "runs whenever the image starts, not while it is built",
    "runscript": "runs when somebody uses the image; the image can no longer be changed then",
    "startscript": "runs when an instance is started; the image can no longer be changed then",
    "test": "runs after the build, to test the image",
    "files": "lists files to copy, its lines are not run",
    "labels": "holds facts about the image, its lines are not run",
    "help": "is text for people, its lines are not run",
}
# Programs that may bring a package along without a package manager: then only the build can tell.
_OTHER_WAYS = frozenset(
    [
        "curl",
        "wget",
        "git",
        "cp",
        "mv",
        "install",
        "dpkg",
        "tar",
        "unzip",
        "make",
        "cmake",
        "ln",
        "gunzip",
        "sh",
        "bash",
        "python",
        "python3",
        "perl",
        "cargo",
        "go",
        "nix",
        "rsync",
    ]
)
_SOURCES = re.compile(r"^[ \t]*(?:sudo[ \t]+)?(?:apt-get|apt|aptitude)\b.*\b(install|update)\b", re.MULTILINE)


def _end(command: Command) -> Position:
    return command.end if command.end.line == command.position.line else command.position


def _installs(commands: Sequence[PackageCommand]) -> list[PackageCommand]:
    return [
        item
        for item in commands
        if item.action == "install"
        and item.command.reachable
        and not item.changes_nothing
        and (item.packages or item.opaque)
    ]


def _asking_installs(scripts: RecipeScripts) -> list[PackageCommand]:
    """The apt installs whose failure would end the build; all of them if there is none such."""
    found = [item for item in _installs(scripts.packages("post")) if item.is_apt]
    strict = [item for item in found if not item.command.tolerated]
    return strict or found


def _written_elsewhere(scripts: RecipeScripts, word: str) -> tuple[str, Position] | None:
    """A section other than `%post` in which an apt command with that verb stands, and where."""
    stage = scripts.stage
    for section in stage.sections if stage else ():
        if section.name in ("post", "appinstall") or section.name not in _WRONG_SECTIONS:
            continue
        for match in _SOURCES.finditer(section.body.text):
            if match[1] == word:
                row = section.body.text.count("\n", 0, match.start())
                line = section.body.text.split("\n")[row]
                return section.name, section.body.position(row, len(line) - len(line.lstrip()))
    return None


def _commented(scripts: RecipeScripts, word: str) -> Position | None:
    """Where in `%post` a comment speaks of something."""
    body = scripts.body("post")
    for row, line in enumerate(body.text.split("\n") if body else ()):
        before, sign, comment = line.partition("#")
        if body is not None and sign and re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", comment):
            return body.position(row, len(before))
    return None


def _may_come_otherwise(scripts: RecipeScripts, names: Sequence[str], commands: Sequence[PackageCommand]) -> bool:
    """Whether a package may come in a way that cannot be judged from the recipe alone."""
    if any(item.opaque and item.action in ("install", "") for item in commands):
        return True
    script = scripts.script("post")
    if not script.complete:
        return True
    stage = scripts.stage
    if stage and any(name in pair.source or name in pair.destination for pair in stage.files for name in names):
        return True
    for command in script.commands:
        opaque_program = "/" in command.words[0].text and not command.words[0].text.startswith(
            ("/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/")
        )
        mentions = any(name in word.text for word in command.arguments for name in names)
        if not command.words[0].known or opaque_program or (command.program in _OTHER_WAYS and mentions):
            return True
        if command.program in ("sh", "bash", "dash", "source", ".") and command.arguments:
            return True
        if command.program == "dpkg" and any(word.text in ("-i", "--install") for word in command.arguments):
            return True
    return False


@check("recipe.installs", Parameter("packages", "alternatives", required=True))
def installs(case: Case) -> Answer:
    """`%post` installs certain packages."""
    scripts = case.scripts
    commands = scripts.packages("post")
    done = _installs(commands)
    asked = frozenset[str]().union(*(item.brought for item in done))
    missing = [names for names in case.alternatives("packages") if not asked.intersection(names)]
    if not missing:
        return PASSED
    plain = [tuple(name.rpartition(":")[2] for name in names) for names in missing]
    everything = " ".join(names[0] for names in case.alternatives("packages"))
    if not done:
        answer = _nothing_installed(case, commands, plain, everything)
        if answer is not None:
            return answer
    # A misspelt name is a fault even where other packages come in ways that cannot be followed.
    findings: list[Finding] = []
    for names in plain:
        findings += _misspelt(case, names, done)
    if not findings:
        unsure = [names for names in plain if not _may_come_otherwise(scripts, names, commands)]
        findings = [_missing(case, names, commands, done) for names in unsure]
    return Answer(Outcome.NOT_YET, tuple(findings)) if findings else PASSED


def _misspelt(case: Case, names: Sequence[str], done: Sequence[PackageCommand]) -> Iterator[Finding]:
    wanted = {name for group in case.alternatives("packages") for name in group}
    for item in done:
        for package in item.packages:
            if package.name in wanted or not difflib.get_close_matches(package.name, names, n=1, cutoff=0.75):
                continue
            yield case.finding(
                f"Line {package.word.position.line} asks for `{shown(package.name)}`, which looks misspelt: "
                f"`{names[0]}` is not "
                "installed yet.",
                f"Write `{names[0]}`.",
                package.word.position,
                package.word.end,
            )
            return


def _missing(
    case: Case, names: Sequence[str], commands: Sequence[PackageCommand], done: Sequence[PackageCommand]
) -> Finding:
    name = names[0]
    for item in commands:
        if item.action == "install" and name in [package.name for package in item.packages]:
            return _idle(case, item, name)
    last = done[-1].command if done else None
    at = last.position if last else None
    comment = _commented(case.scripts, name)
    if comment is not None:
        return case.finding(
            f"`{name}` is not installed: on line {comment.line} it stands in a comment, behind the `#`.",
            f"Move `{name}` to the install line, before any `#`.",
            comment,
        )
    elsewhere = [
        section
        for section in _WRONG_SECTIONS
        if section not in ("files", "labels", "help")
        and any(package.name in names for item in case.scripts.packages(section) for package in item.packages)
    ]
    if elsewhere:
        return case.finding(
            f"`{name}` is not installed in `%post`: `%{elsewhere[0]}` {_WRONG_SECTIONS[elsewhere[0]]}.",
            f"Move `{name}` to the install line in `%post`.",
            at,
        )
    orphan = next(
        (
            command
            for command in case.scripts.script("post").commands
            if command.program == name and not command.arguments
        ),
        None,
    )
    if orphan is not None and last is not None and orphan.position.line > last.position.line:
        return case.finding(
            f"`{name}` is not installed: line {orphan.position.line} runs it as a command of its own.",
            "End the line above with a backslash to go on with the same command, or put all packages on one line.",
            orphan.position,
            orphan.end,
        )
    return case.finding(f"`{name}` is not installed.", f"Add `{name}` to the install line in `%post`.", at)


def _idle(case: Case, item: PackageCommand, name: str) -> Finding:
    line = item.command.position.line
    if not item.command.reachable:
        return case.finding(
            f"Line {line} would install `{name}`, but it never runs: the script ends above it.",
            "Move the install above the `exit` or `exec`.",
            item.command.position,
            _end(item.command),
        )
    return case.finding(
        f"Line {line} only simulates or downloads: `{name}` is not installed.",
        "Leave that option out.",
        item.command.position,
        _end(item.command),
    )


def _nothing_installed(
    case: Case, commands: Sequence[PackageCommand], plain: Sequence[Sequence[str]], everything: str
) -> Answer | None:
    """Why no package is installed at all; None where that is unsure or each package has a fault of its own."""
    scripts = case.scripts
    idle = [item for item in commands if item.action == "install" and item.packages]
    if idle:
        name = idle[0].packages[0].name
        return Answer(Outcome.NOT_YET, (_idle(case, idle[0], name),))
    for item in commands:
        if item.action == "" and item.verb:
            close = difflib.get_close_matches(item.verb, ("install", "update"), n=1)
            at = item.command.position
            return case.fault(
                f"`{shown(item.verb)}` on line {at.line} is no command of {item.manager}, so nothing is installed.",
                f"Did you mean `{item.manager} {close[0]}`?" if close else f"Write `{item.manager} install …`.",
                at,
                _end(item.command),
            )
    wrong = _written_elsewhere(scripts, "install")
    if wrong is not None:
        section, at = wrong
        return case.fault(
            f"Line {at.line} installs in `%{section}`, which {_WRONG_SECTIONS[section]}.",
            "Move the install below a line `%post`.",
            at,
        )
    for command in scripts.script("post").commands:
        if any(word.text == "install" for word in command.arguments) and command.program not in _OTHER_WAYS:
            close = difflib.get_close_matches(command.program, APT, n=1)
            return case.fault(
                f"`{shown(command.program)}` on line {command.position.line} is no package manager of Ubuntu, "
                f"so nothing is "
                "installed.",
                f"Did you mean `{close[0]}`?" if close else "Ubuntu's is called `apt-get`.",
                command.position,
                _end(command),
            )
    if any(_may_come_otherwise(scripts, names, commands) for names in plain):
        return None
    for name, texts in scripts.script("post").uncalled.items():
        if any("install" in text for text in texts):
            return case.fault(
                f"The function `{shown(name)}` in `%post` would install something, but it never runs.",
                f"Call it: write `{shown(name)}` on a line of its own below it.",
            )
    comment = _commented(scripts, "install")
    if comment is not None:
        return case.fault(
            f"The install on line {comment.line} is a comment, so nothing is installed.", "Take the `#` away.", comment
        )
    stage = scripts.stage
    post = stage.named("post") if stage else ()
    if not post:
        return case.fault(
            "There is no `%post` section yet, so nothing is installed.",
            f"Below the header, write `%post` and under it `apt-get install {everything}`.",
        )
    return case.fault(
        f"`%post` (line {post[0].start_line}) runs nothing that installs a package: nothing is installed.",
        f"Add `apt-get install {everything}` below it.",
        post[0].position,
    )


def _updates(scripts: RecipeScripts) -> list[PackageCommand]:
    return [
        item
        for item in scripts.packages("post")
        if item.is_apt
        and item.command.reachable
        and (item.action == "update" or (item.updates_too and item.action == "install"))
    ]


def _no_installs(case: Case) -> Answer:
    """Without an install there is nothing to judge here; `recipe.installs` says so where the step asks for it."""
    if case.scripts.packages("post") or case.scripts.script("post").commands:
        return PASSED
    return case.fault("Nothing is installed in `%post` yet.", "Add the install first.")


@check("recipe.updates-lists")
def updates_lists(case: Case) -> Answer:
    """Apt's package lists are fetched before the first install."""
    installs_found = _asking_installs(case.scripts)
    if not installs_found:
        return _no_installs(case)
    first = installs_found[0].command
    updates = _updates(case.scripts)
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
            _end(first),
        )
    message = f"Line {line} installs before the lists exist."
    hint = "Add `apt-get update` above it."
    wrong = _written_elsewhere(case.scripts, "update")
    comment = _commented(case.scripts, "update")
    upgrade = next((item for item in case.scripts.packages("post") if item.action == "upgrade"), None)
    misspelt = next((item for item in case.scripts.packages("post") if item.action == "" and item.verb), None)
    if wrong is not None:
        message += f" The update on line {wrong[1].line} stands in `%{wrong[0]}`, which {_WRONG_SECTIONS[wrong[0]]}."
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
    return case.fault(message, hint, first.position, _end(first))


def _opaque_script(command: Command) -> bool:
    if command.program in ("sh", "bash", "dash", ".", "source"):
        return True
    return not command.words[0].known


@check("recipe.leaves-lists")
def leaves_lists(case: Case) -> Answer:
    """The recipe does not fetch the package lists yet: the step is about how that fails."""
    updates = _updates(case.scripts)
    if not updates:
        return PASSED
    command = updates[0].command
    return case.fault(
        f"Line {command.position.line} already fetches the package lists. You are one step ahead: this one "
        f"wants to see the "
        "build fail without them first.",
        "Leave that line out for now, build, and look at the message. It returns in the next step.",
        command.position,
        _end(command),
    )


@check("recipe.assumes-yes")
def assumes_yes(case: Case) -> Answer:
    """Every install answers apt's question in advance."""
    found = _asking_installs(case.scripts)
    if not found:
        return _no_installs(case)
    asking = [item for item in found if item.answers_yes is False]
    return Answer(Outcome.NOT_YET, tuple(_asks(case, item) for item in asking)) if asking else PASSED


def _asks(case: Case, item: PackageCommand) -> Finding:
    command = item.command
    line = command.position.line
    at, end = command.position, _end(command)
    start = f"Line {line} lets apt ask “Do you want to continue?”, and nobody can answer in `%post`."
    hint = f"Add `-y`: `{item.manager} install -y …`."
    others = [other for other in case.scripts.packages("post") if other.is_apt and other.answers_yes]
    update = next((other for other in others if other.action == "update"), None)
    comment = _commented(case.scripts, "-y") or _commented(case.scripts, "--yes")
    frontend = {**command.exported, **command.settings}.get("DEBIAN_FRONTEND", "")
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
    found = _asking_installs(case.scripts)
    if not found:
        return _no_installs(case)
    if any(item.answers_yes is not True for item in found):
        return PASSED
    command = found[0].command
    return case.fault(
        f"Line {command.position.line} already says yes. You are one step ahead: this one wants to see apt ask first.",
        "Leave the answer out for now, build, and look at how it fails. It returns in the next step.",
        command.position,
        _end(command),
    )


def _removes_lists(command: Command) -> bool:
    texts = [word.text for word in command.arguments]
    inside = [text for text in texts if re.match(r"^(/var/lib/apt(/lists)?(/.*)?|/var/lib/apt/\*)$", text)]
    if command.program == "rm":
        return bool(inside)
    return command.program == "find" and bool(inside) and any(text in ("-delete", "rm") for text in texts)


@check("recipe.cleans-lists")
def cleans_lists(case: Case) -> Answer:
    """Apt's package lists are removed after the last install."""
    script: Script = case.scripts.script("post")
    commands = case.scripts.packages("post")
    needs_lists = [
        item for item in commands if item.is_apt and item.action in ("install", "update", "upgrade", "build-dep")
    ]
    cleaning = [command.number for command in script.commands if command.reachable and _removes_lists(command)]
    cleaning += [item.command.number for item in commands if item.action == "distclean" and item.command.reachable]
    if not needs_lists:
        return PASSED
    last = needs_lists[-1].command
    if any(number > last.number for number in cleaning):
        return PASSED
    if any(not command.words[0].known for command in script.commands[last.number :]):
        return PASSED
    end = _end(last)
    if cleaning:
        early = script.commands[min(cleaning)].position
        return case.fault(
            f"The lists are removed on line {early.line}, before the install on line {last.position.line} has "
            f"used them.",
            "Move the removal below the last install.",
            early,
        )
    cleaner = next((item for item in commands if item.action == "clean"), None)
    if cleaner is not None:
        at = cleaner.command.position
        return case.fault(
            f"`{cleaner.manager} clean` keeps the package lists; it removes downloaded packages only.",
            "Add `rm -rf /var/lib/apt/lists/*`.",
            at,
            _end(cleaner.command),
        )
    return case.fault(
        f"The package lists that apt fetched are left in the image after line {last.position.line}.",
        "Add `rm -rf /var/lib/apt/lists/*` below the last install.",
        last.position,
        end,
    )


@check("recipe.no-recommends")
def no_recommends(case: Case) -> Answer:
    """Every install leaves recommended packages out."""
    found = _asking_installs(case.scripts)
    if not found:
        return _no_installs(case)
    for item in found:
        if item.recommends is not False and not (item.recommends is None and item.opaque):
            return case.fault(
                f"Line {item.command.position.line} still brings recommended packages along.",
                "Add `--no-install-recommends`.",
                item.command.position,
                _end(item.command),
            )
    return PASSED
