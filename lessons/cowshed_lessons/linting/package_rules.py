"""Rules about package managers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cowshed_lessons.package_commands import PackageCommand
from cowshed_lessons.recipe_faults import shown
from cowshed_lessons.shell import Command, Script, Word
from cowshed_lessons.verdict import Position

from .findings import Fix, Problem, Range, Severity
from .linted import Linted, LintedStage
from .registry import rule

_BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n%post\n"
_UPDATE = "    apt-get update\n"
_ASKING = frozenset(("apt", "apt-get", "aptitude", "apt-fast", "yum", "dnf", "microdnf", "zypper"))
_ASKING_PACKAGES = frozenset(
    (
        "tzdata",
        "keyboard-configuration",
        "console-setup",
        "krb5-user",
        "krb5-config",
        "postfix",
        "wireshark",
        "wireshark-common",
        "tshark",
        "gdm3",
        "lightdm",
        "libpam-krb5",
        "iptables-persistent",
        "ubuntu-desktop",
        "ttf-mscorefonts-installer",
    )
)
_CLEANING = {
    "yum": "yum clean all",
    "dnf": "dnf clean all",
    "microdnf": "microdnf clean all",
    "zypper": "zypper clean --all",
}


def _post(linted: Linted) -> Iterator[tuple[LintedStage, Script, tuple[PackageCommand, ...]]]:
    for stage in linted.stages:
        body = stage.shell_body("post")
        if body is not None and body.is_read:
            yield stage, stage.scripts.script("post"), stage.scripts.packages("post")


def _ends_the_build(linted: Linted, item: PackageCommand) -> bool:
    """Whether the build surely ends if a command of `%post` fails."""
    command = item.command
    for stage in linted.stages:
        body = stage.shell_body("post")
        if body is None or not any(
            section.start_line <= command.position.line <= section.end_line for section in body.sections
        ):
            continue
        options = re.search(r"^\s*set\s+\+", body.text, re.MULTILINE)
        left_of_and = re.search(r"&&", linted.line(command.end.line)[command.end.column - 1 :])
        asked = command.tolerated or command.condition or left_of_and
        return body.ends_at_failure and not options and not asked
    return False


def _installs(items: tuple[PackageCommand, ...]) -> Iterator[PackageCommand]:
    for item in items:
        if item.action == "install" and not item.changes_nothing and item.command.reachable:
            yield item


def _verb(item: PackageCommand) -> Word | None:
    return next((word for word in item.command.arguments if word.text == item.verb and item.verb), None)


def range_of(command: Command) -> Range:
    """A command's first line, or as much of it as is certain."""
    if command.end.line == command.position.line:
        return Range(command.position, command.end)
    last = command.words[0].end if command.words else command.position
    first = command.position
    for word in command.words:
        end = word.end
        if end.line == first.line and end.column >= last.column:
            last = end
        elif end.line > first.line:
            break  # the rest of a long command stands below
    return Range(first, last)


def _behind(linted: Linted, word: Word, title: str, text: str, *, safe: bool) -> tuple[Fix, ...]:
    """A fix that puts something behind a word, if the word stands in the recipe as it is."""
    if linted.written(Range(word.position, word.end)) != word.text:
        return ()
    return linted.fix(title, (Range(word.end, word.end), "", text), safe=safe)


@rule(
    "apt-yes",
    Severity.WARNING,
    "A package manager that asks and gets no answer",
    why="Nobody can answer in a build: where the package manager wants to ask whether to go on, it gives up. Add `-y`.",
    wrong=_BASE + _UPDATE + "    apt-get install cowsay\n",
    right=_BASE + _UPDATE + "    apt-get install -y cowsay\n",
    source="seen in real builds; like hadolint DL3014, DL3030, DL3034, DL3038",
)
def _apt_yes(linted: Linted) -> Iterator[Problem]:
    for _, _, items in _post(linted):
        for item in items:
            asks = item.action in ("install", "upgrade", "remove", "build-dep") and item.manager in _ASKING
            asks = asks and bool(item.packages or item.action == "upgrade")
            if not asks or item.answers_yes is not False or item.changes_nothing or not item.command.reachable:
                continue
            verb = _verb(item)
            # Safe where a failure ends the build: then it asks nothing, or there is no build that works.
            fixes = _behind(linted, verb, "Add `-y`", " -y", safe=_ends_the_build(linted, item)) if verb else ()
            yield Problem(
                f"`{item.manager} {item.verb}` asks whether to go on, and nobody can answer. Add `-y`.",
                range_of(item.command),
                fixes,
            )


@rule(
    "apt-update",
    Severity.WARNING,
    "Packages are installed before their lists are there",
    why="Base images come without lists of packages (or with old ones): `apt-get update` fetches them, in the "
    "same `%post`, before the first install.",
    wrong=_BASE + "    apt-get install -y cowsay\n",
    right=_BASE + _UPDATE + "    apt-get install -y cowsay\n",
    source="seen in real builds: “Unable to locate package”",
)
def _apt_update(linted: Linted) -> Iterator[Problem]:
    for stage, script, items in _post(linted):
        if stage.agent not in ("docker", "library", "shub", "docker-daemon", "oras"):
            continue
        first = next((item for item in _installs(items) if item.is_apt and item.packages), None)
        if first is None or not script.complete or first.updates_too or first.command.tolerated:
            continue
        if all(package.word.text.startswith(("/", "./")) or package.name.endswith("deb") for package in first.packages):
            continue
        number = first.command.number
        if any(item.action in ("update", "") and item.command.number < number for item in items):
            continue
        if any(_may_update(command) for command in script.commands[:number]):
            continue
        line = linted.line(first.command.position.line)
        blanks = line[: len(line) - len(line.lstrip())]
        start = Position(first.command.position.line, 1)
        alone = line[: first.command.position.column - 1].strip() == ""
        above = linted.line(start.line - 1).rstrip()
        fixes: tuple[Fix, ...] = ()
        if alone and not above.endswith(("\\", "&&", "|", "then", "do", "(", "{")):
            fixes = linted.fix("Add `apt-get update` above", (Range(start, start), "", f"{blanks}apt-get update\n"))
        yield Problem("No `apt-get update` stands above this.", range_of(first.command), fixes)


def _may_update(command: Command) -> bool:
    """Whether a command may fetch the lists in a way that cannot be seen."""
    program = command.program
    if program in (
        "sh",
        "bash",
        ".",
        "source",
        "add-apt-repository",
        "eval",
        "",
        "python",
        "python3",
        "apt-add-repository",
    ):
        return True
    return "/" in (command.words[0].text if command.words else "") and program not in ("rm", "mkdir", "cp", "mv", "ln")


@rule(
    "apt-clean",
    Severity.INFO,
    "Package lists or caches stay in the image",
    why="They make the image larger and are of no use later: end with `rm -rf /var/lib/apt/lists/*` (or `yum "
    "clean all`, `dnf clean all`, `zypper clean --all`).",
    wrong=_BASE + _UPDATE + "    apt-get install -y cowsay\n",
    right=_BASE + _UPDATE + "    apt-get install -y cowsay\n    rm -rf /var/lib/apt/lists/*\n",
    source="like hadolint DL3009, DL3032, DL3036, DL3040",
)
def _apt_clean(linted: Linted) -> Iterator[Problem]:
    last = linted.last_stage
    for stage, script, items in _post(linted):
        if stage is not last or not script.complete:
            continue
        done = {(item.manager, item.action) for item in items}
        removed = {
            word.text for command in script.commands if command.program in ("rm", "find") for word in command.arguments
        }
        for manager in dict.fromkeys(item.manager for item in _installs(items)):
            install = [item for item in _installs(items) if item.manager == manager][-1]
            if install.is_apt:
                lists = any(word.startswith("/var/lib/apt") for word in removed)
                if not lists and (manager, "distclean") not in done:
                    message = "The package lists stay in the image; end with `rm -rf /var/lib/apt/lists/*`."
                    yield Problem(message, range_of(install.command))
            elif manager in _CLEANING:
                cleaned = any(action == "clean" and by in _CLEANING for by, action in done)
                if not cleaned and not any(word.startswith("/var/cache") for word in removed):
                    yield Problem(
                        f"Caches stay in the image; end with `{_CLEANING[manager]}`.", range_of(install.command)
                    )


@rule(
    "apt-recommends",
    Severity.INFO,
    "Recommended packages come along",
    why="apt installs what packages recommend as well, often far more than is needed. With "
    "`--no-install-recommends` an image is smaller; what is missing then has to be named.",
    wrong=_BASE + _UPDATE + "    apt-get install -y cowsay\n",
    right=_BASE + _UPDATE + "    apt-get install -y --no-install-recommends cowsay\n",
    source="like hadolint DL3015",
)
def _apt_recommends(linted: Linted) -> Iterator[Problem]:
    for _, _, items in _post(linted):
        for item in _installs(items):
            if item.is_apt and item.recommends is None and item.packages and item.manager != "aptitude":
                verb = _verb(item)
                option = " --no-install-recommends"
                fixes = _behind(linted, verb, "Leave recommended packages out", option, safe=False) if verb else ()
                yield Problem("What the packages recommend is installed as well.", range_of(item.command), fixes)


@rule(
    "apt-interactive",
    Severity.WARNING,
    "A command meant for people at a terminal",
    why="`apt` warns that its interface may change and is meant to be typed; scripts use `apt-get`. Packages "
    "such as `tzdata` ask questions while they are set up, unless `DEBIAN_FRONTEND=noninteractive` is exported.",
    wrong=_BASE + "    apt update\n    apt install -y cowsay\n",
    right=_BASE + "    apt-get update\n    apt-get install -y cowsay\n",
    source="apt(8); like hadolint DL3027; apptainer#2231",
)
def _apt_interactive(linted: Linted) -> Iterator[Problem]:
    for _, _, items in _post(linted):
        for item in items:
            word = item.command.words[0]
            if item.manager == "apt" and word.raw == "apt":
                place = Range(word.position, word.end)
                # Safe: the same program does the same. Not `upgrade`, for which `apt` installs new packages too.
                same = item.action in ("install", "update", "remove", "clean")
                same = same and not any(
                    package.name.endswith("deb") or re.search(r"[/~?]", package.word.text) for package in item.packages
                )
                fixes = (
                    linted.fix("Write `apt-get` in place of `apt`", (place, "apt", "apt-get"), safe=True)
                    if same
                    else ()
                )
                yield Problem("`apt` is made for people at a terminal; scripts use `apt-get`.", place, fixes)
            asking = sorted({package.name for package in item.packages} & _ASKING_PACKAGES)
            settings = item.command.environment
            if item.is_apt and item.action == "install" and asking and "DEBIAN_FRONTEND" not in settings:
                yield Problem(
                    f"`{shown(asking[0])}` asks questions when it is set up; write `export "
                    "DEBIAN_FRONTEND=noninteractive` above.",
                    range_of(item.command),
                )


@rule(
    "pip-cache",
    Severity.INFO,
    "pip keeps what it downloaded",
    why="pip's cache is of no use in an image: `--no-cache-dir` (or `PIP_NO_CACHE_DIR=1`) leaves it out.",
    wrong=_BASE + "    pip install numpy\n",
    right=_BASE + "    pip install --no-cache-dir numpy\n",
    source="like hadolint DL3042",
)
def _pip_cache(linted: Linted) -> Iterator[Problem]:
    for _, _, items in _post(linted):
        for item in _installs(items):
            if not re.fullmatch(r"pip[0-9.]*", item.manager) or not item.command.arguments:
                continue
            settings = item.command.environment
            if "PIP_NO_CACHE_DIR" in settings or any(
                word.text.startswith(("--no-cache", "--cache-dir")) for word in item.command.arguments
            ):
                continue
            verb = _verb(item)
            # Not safe: what removes or measures the cache later may fail without it, and old pips lack the option.
            fixes = _behind(linted, verb, "Add `--no-cache-dir`", " --no-cache-dir", safe=False) if verb else ()
            yield Problem("pip's cache stays in the image; add `--no-cache-dir`.", range_of(item.command), fixes)
