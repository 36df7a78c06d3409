"""The check of which packages `%post` installs.

Where a word cannot be known from the recipe the judge is unsure, and leaves the proof to the build and the image.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from .checks import PASSED, Answer, Case, Parameter, check
from .package_commands import APT, PackageCommand
from .package_verbs import SYSTEM_MANAGERS
from .post_packages import WRONG_SECTIONS, apt_elsewhere, effective_installs, in_comment, underline_end
from .recipe_faults import shown
from .recipe_scripts import RecipeScripts
from .verdict import Finding, Outcome

# Programs that may bring a package along without a package manager: then only the build can tell.
_OTHER_WAYS = frozenset(
    ("curl", "wget", "git", "cp", "mv", "install", "dpkg", "tar", "unzip", "make", "cmake", "ln", "gunzip", "sh",
     "bash", "python", "python3", "perl", "cargo", "go", "nix", "rsync")
)  # fmt: skip


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


@check("recipe.installs", Parameter("packages", "alternatives", required=True), Parameter("manager", "text"))
def installs(case: Case) -> Answer:
    """`%post` installs certain packages, with the package manager that the base has, where `manager` names it."""
    scripts = case.scripts
    commands = scripts.packages("post")
    done = effective_installs(commands)
    foreign = _foreign(case, done)
    if foreign is not None:
        return foreign
    asked = _there_in_the_end(commands)
    missing = [names for names in case.alternatives("packages") if not asked.intersection(names)]
    if not missing:
        return PASSED
    plain = [tuple(name.rpartition(":")[2] for name in names) for names in missing]
    everything = f"{_install_with(case)} " + " ".join(names[0] for names in case.alternatives("packages"))
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


def _there_in_the_end(commands: Sequence[PackageCommand]) -> frozenset[str]:
    """The packages that are installed and not taken away again."""
    there: frozenset[str] = frozenset()
    installing = effective_installs(commands)
    for item in commands:
        if item in installing:
            there |= item.brought
        elif item.action == "remove" and item.command.reachable and not item.changes_nothing:
            there -= item.brought
    return there


def _foreign(case: Case, done: Sequence[PackageCommand]) -> Answer | None:
    """What to say of a system's package manager that another system has."""
    manager = case.text("manager")
    for item in done if manager else ():
        own = item.is_apt if manager in APT else item.manager == manager
        if not own and (item.is_apt or item.manager in SYSTEM_MANAGERS):
            command = item.command
            return case.fault(
                f"Line {command.position.line} installs with `{item.manager}`, which this base does not have: its "
                f"package manager is `{manager}`.",
                f"Install with `{manager}`.",
                command.position,
                underline_end(command),
            )
    return None


def _install_with(case: Case) -> str:
    manager = case.text("manager", "apt-get")
    return f"{manager} {'add' if manager == 'apk' else 'install'}"


def _misspelt(case: Case, names: Sequence[str], done: Sequence[PackageCommand]) -> Iterator[Finding]:
    wanted = {
        name
        for spec in (case.spec, *case.step.checks)
        for group in case.of(spec.parameters).alternatives("packages")
        for name in group
    }
    for item in done:
        for package in item.packages:
            if package.name in wanted or not difflib.get_close_matches(package.name, names, n=1, cutoff=0.75):
                continue
            yield case.finding(
                f"Line {package.word.position.line} asks for `{shown(package.name)}`, which looks misspelt: "
                f"`{names[0]}` is not installed yet.",
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
        named = [package.name for package in item.packages if not package.prefix]
        if item.action == "remove" and item.command.reachable and set(names) & set(named):
            place = item.command.position
            return case.finding(
                f"Line {place.line} takes `{name}` away again.",
                "Leave that line out.",
                place,
                underline_end(item.command),
            )
        if item.action == "install" and name in named and (item.changes_nothing or not item.command.reachable):
            return _idle(case, item, name)
    last = done[-1].command if done else None
    at = last.position if last else None
    comment = in_comment(case.scripts, name)
    if comment is not None:
        return case.finding(
            f"`{name}` is not installed: on line {comment.line} it stands in a comment, behind the `#`.",
            f"Move `{name}` to the install line, before any `#`.",
            comment,
        )
    elsewhere = [
        section
        for section in WRONG_SECTIONS
        if section not in ("files", "labels", "help")
        and any(package.name in names for item in case.scripts.packages(section) for package in item.packages)
    ]
    if elsewhere:
        return case.finding(
            f"`{name}` is not installed in `%post`: `%{elsewhere[0]}` {WRONG_SECTIONS[elsewhere[0]]}.",
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
            underline_end(item.command),
        )
    return case.finding(
        f"Line {line} only simulates or downloads: `{name}` is not installed.",
        "Leave that option out.",
        item.command.position,
        underline_end(item.command),
    )


def _nothing_installed(
    case: Case, commands: Sequence[PackageCommand], plain: Sequence[Sequence[str]], everything: str
) -> Answer | None:
    """Why no package is installed at all; None where that is unsure."""
    answer = _install_that_is_none(case, commands)
    if answer is not None:
        return answer
    if any(_may_come_otherwise(case.scripts, names, commands) for names in plain):
        return None
    return _no_install(case, everything)


def _install_that_is_none(case: Case, commands: Sequence[PackageCommand]) -> Answer | None:
    """A command that looks like the install, and why it installs nothing."""
    scripts = case.scripts
    idle = [item for item in commands if item.action == "install" and item.packages]
    if idle:
        name = idle[0].packages[0].name
        return Answer(Outcome.NOT_YET, (_idle(case, idle[0], name),))
    for item in commands:
        if item.action == "" and item.verb:
            close = difflib.get_close_matches(item.verb, ("install", "update"), n=1)
            if item.manager == "apk":
                close = ["add" if item.verb in ("install", "get", "ad") else "update"]
            at = item.command.position
            return case.fault(
                f"`{shown(item.verb)}` on line {at.line} is no command of {item.manager}, so nothing is installed.",
                f"Did you mean `{item.manager} {close[0]}`?" if close else f"Write `{_install_with(case)} …`.",
                at,
                underline_end(item.command),
            )
    wrong = apt_elsewhere(scripts, "install")
    if wrong is not None:
        section, at = wrong
        return case.fault(
            f"Line {at.line} installs in `%{section}`, which {WRONG_SECTIONS[section]}.",
            "Move the install below a line `%post`.",
            at,
        )
    for section in ("setup", "pre", "environment", "runscript", "startscript", "test"):
        found = effective_installs(scripts.packages(section))
        if found and found[0].packages and not found[0].packages[0].prefix:
            at = found[0].command.position
            return case.fault(
                f"Line {at.line} installs in `%{section}`, which {WRONG_SECTIONS[section]}.",
                "Move the install below a line `%post`.",
                at,
            )
    for command in scripts.script("post").commands:
        if any(word.text == "install" for word in command.arguments) and command.program not in _OTHER_WAYS:
            close = difflib.get_close_matches(command.program, APT, n=1)
            return case.fault(
                f"`{shown(command.program)}` on line {command.position.line} is no package manager of Ubuntu, "
                "so nothing is installed.",
                f"Did you mean `{close[0]}`?" if close else "Ubuntu's is called `apt-get`.",
                command.position,
                underline_end(command),
            )
    return None


def _no_install(case: Case, everything: str) -> Answer:
    """Nothing in `%post` looks like an install: it may be in a function, in a comment, or not there."""
    scripts = case.scripts
    for name, texts in scripts.script("post").uncalled.items():
        if any("install" in text for text in texts):
            return case.fault(
                f"The function `{shown(name)}` in `%post` would install something, but it never runs.",
                f"Call it: write `{shown(name)}` on a line of its own below it.",
            )
    comment = in_comment(scripts, _install_with(case).rpartition(" ")[2])
    if comment is not None:
        return case.fault(
            f"The install on line {comment.line} is a comment, so nothing is installed.", "Take the `#` away.", comment
        )
    stage = scripts.stage
    post = stage.named("post") if stage else ()
    if not post:
        return case.fault(
            "There is no `%post` section yet, so nothing is installed.",
            f"Below the header, write `%post` and under it `{everything}`.",
        )
    return case.fault(
        f"`%post` (line {post[0].start_line}) runs nothing that installs a package: nothing is installed.",
        f"Add `{everything}` below it.",
        post[0].position,
    )
