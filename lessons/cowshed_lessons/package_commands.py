"""What package managers are told to do: apt in all its spellings, others as far as the lessons need them.

Source of facts: apt-get(8), apt.conf(5), aptitude(8) of Ubuntu 22.04 and Debian 12, and builds that were run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .package_verbs import APT_VERBS, DNF_VERBS, IDLE, OTHER_VALUED, OTHER_VERBS, PIP_VERBS, SYSTEM_MANAGERS
from .shell import Command, Script, Word

APT = frozenset(("apt", "apt-get", "aptitude", "nala", "apt-fast"))
"""Programs that install Debian packages and share apt's options."""

_DEPENDS = {"cowsay-off": ("cowsay",), "fortunes": ("fortunes-min",)}
_RECOMMENDS = {"fortunes": ("fortune-mod", "fortune"), "fortunes-min": ("fortune-mod", "fortune")}
"""Packages that bring others along, as far as the lessons need it (`apt-cache depends` in the base image)."""

_PREFIXES = {
    "pip": "pip",
    "pip3": "pip",
    "pipx": "pip",
    "uv": "pip",
    "gem": "gem",
    "npm": "npm",
    "conda": "conda",
    "mamba": "conda",
    "micromamba": "conda",
}
# apt's options that take their value from the next word if it is not glued to them.
_VALUED_SHORT = "octaS"
_VALUED_LONG = frozenset(
    [
        "--option",
        "--config-file",
        "--target-release",
        "--default-release",
        "--host-architecture",
        "--build-profiles",
        "--solver",
        "--with-source",
        "--planner",
        "--user-tag",
        "--add-user-tag",
    ]
)
_TRUE = frozenset(("yes", "true", "with", "on", "enable", "1"))
_FALSE = frozenset(("no", "false", "without", "off", "disable", "0"))
_CONFIGURATION = re.compile(r"^/etc/apt/apt\.conf(\.d/.+)?$")
_PYTHON = re.compile(r"python[0-9.]*$")
_OTHER_BEGINNINGS = ("python", *SYSTEM_MANAGERS, *_PREFIXES)
_PIP = re.compile(r"pip[0-9.]+$")


@dataclass(frozen=True, slots=True)
class Package:
    """One thing that is asked for: its bare name, and the word in which it stands."""

    name: str
    word: Word
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class PackageCommand:
    """A command to a package manager.

    Attributes:
        command: The command itself.
        manager: The program's name.
        verb: What it was told to do, as written ("install", "isntall"); empty where there is no such word.
        action: What that comes to: install, update, upgrade, remove, clean, distclean, build-dep, or "" if unknown.
        packages: What it names.
        opaque: Whether some of its words cannot be known.
        answers_yes: Whether it needs no answer: True, False, or None where that cannot be known.
        recommends: Whether recommended packages come along: None where nothing is said.
        changes_nothing: It only simulates or downloads.
        updates_too: It fetches the lists itself (`apt-get install --update`).
    """

    command: Command
    manager: str
    verb: str
    action: str
    packages: tuple[Package, ...]
    opaque: bool
    answers_yes: bool | None
    recommends: bool | None
    changes_nothing: bool
    updates_too: bool

    @property
    def brought(self) -> frozenset[str]:
        """The names of all packages that come, those of other managers as `pip:name`."""
        names = {f"{package.prefix}:{package.name}" if package.prefix else package.name for package in self.packages}
        if not self.is_apt:
            return frozenset(names)
        more = [*_DEPENDS.items(), *(() if self.recommends is False else _RECOMMENDS.items())]
        return frozenset(names.union(*(others for name, others in more if name in names)))

    @property
    def is_apt(self) -> bool:
        """Whether apt does the work."""
        return self.manager in APT


@dataclass(slots=True)
class _Options:
    yes: bool | None = False
    recommends: bool | None = None
    quiet: int = 0
    simulate: bool = False
    update: bool = False
    configured_elsewhere: bool = False


def _truth(text: str) -> bool | None:
    value = text.strip().strip('"').lower()
    return True if value in _TRUE else False if value in _FALSE else None


def _configure(options: _Options, setting: str) -> None:
    """`-o APT::Get::Assume-Yes=true` and the same in a configuration file."""
    name, _, value = setting.partition("=")
    key = name.strip().lower()
    truth = _truth(value)
    if key in ("apt::get::assume-yes", "aptitude::cmdline::assume-yes"):
        options.yes = truth is not False
    elif key == "apt::install-recommends":
        options.recommends = truth is not False
    elif key == "quiet" and value.strip().isdigit():
        options.quiet = int(value)
    elif key in ("apt::get::simulate", "apt::get::download-only"):
        options.simulate = truth is not False


def _configuration_files(script: Script, command: Command) -> Iterator[str | None]:
    for path, file in script.files.items():
        if _CONFIGURATION.match(path) and (not file.commands or min(file.commands) < command.number):
            yield file.text


def _read_configuration(options: _Options, text: str) -> None:
    """Settings of an apt.conf file, in long form (`A::B "c";`) or nested (`A { B "c"; };`)."""
    scopes: list[str] = []
    for match in re.finditer(r'([A-Za-z][\w:/.-]*)\s*\{|(\})|([A-Za-z][\w:/.-]*)\s+"?([^";{}]*)"?\s*;', text):
        if match[1]:
            scopes.append(match[1])
        elif match[2]:
            scopes[-1:] = []
        else:
            _configure(options, "::".join([*scopes, match[3]]) + "=" + match[4])


def _short_options(
    word: str, options: _Options, arguments: Sequence[str], index: int, *, aptitude: bool = False
) -> int:
    """Read a word of one-letter options (`-qqy`); returns how many words it took."""
    at = 1
    while at < len(word):
        letter, rest = word[at], word[at + 1 :]
        at += 1
        if letter in _VALUED_SHORT:
            value = rest.removeprefix("=") or (arguments[index + 1] if index + 1 < len(arguments) else "")
            taken = 1 if rest else 2
            if letter == "o":
                _configure(options, value)
            elif letter == "c":
                options.configured_elsewhere = True
            return taken
        value = ""
        if rest.startswith("="):
            value, at = rest[1:], len(word)
        elif rest[:1].isdigit():
            value, at = rest[0], at + 1
        if letter == "q":
            options.quiet = int(value) if value.isdigit() else options.quiet + 1
        elif letter in "y":
            options.yes = _truth(value) is not False if value else True
        elif letter in "sd":
            options.simulate = True
        elif letter == "U":
            options.update = True
        elif letter == "R" and aptitude:
            options.recommends = False
    return 1


def _long_option(word: str, options: _Options, arguments: Sequence[str], index: int) -> int:
    name, equals, value = word.partition("=")
    taken = 1
    if name in _VALUED_LONG and not equals:
        value = arguments[index + 1] if index + 1 < len(arguments) else ""
        taken = 2
    truth = _truth(value) is not False if equals and name not in _VALUED_LONG else True
    match name:
        case "--yes" | "--assume-yes":
            options.yes = truth
        case "--no-yes" | "--no-assume-yes":
            options.yes = not truth
        case "--quiet":
            options.quiet = int(value) if value.isdigit() else options.quiet + 1
        case "--option":
            _configure(options, value)
        case "--config-file":
            options.configured_elsewhere = True
        case "--install-recommends" | "--with-recommends":
            options.recommends = truth
        case "--no-install-recommends" | "--without-recommends":
            options.recommends = not truth
        case "--simulate" | "--just-print" | "--dry-run" | "--recon" | "--no-act" | "--download-only" | "--print-uris":
            options.simulate = truth
        case "--update":
            options.update = truth
        case _:
            pass
    return taken


def bare_name(text: str) -> str:
    """A package's name without version, architecture and suite: `cowsay=3.0`, `cowsay:amd64`, `cowsay/jammy`."""
    if text.startswith((".", "/")) or text.endswith(".deb"):
        return text.rpartition("/")[2].partition("_")[0].removesuffix(".deb")
    return re.split(r"[=:/<>~!\[@]", text, maxsplit=1)[0].removesuffix("+")


def _answered_by_input(command: Command) -> bool | None:
    """Whether what the command reads says yes: an empty line does, apt's default being yes."""
    if not command.stdin.given:
        return False
    if command.stdin.text is None:
        return None
    if not command.stdin.text:
        return False
    first = command.stdin.text.split("\n", 1)[0].strip().lower()
    return first == "" or first.startswith("y")


def _apt(command: Command, script: Script) -> PackageCommand:
    options = _Options()
    for text in _configuration_files(script, command):
        if text is None:
            options.configured_elsewhere = True
        else:
            _read_configuration(options, text)
    words = command.arguments
    texts = [word.text for word in words]
    plain: list[Word] = []
    index = 0
    while index < len(texts):
        text = texts[index]
        if text == "--":
            plain += words[index + 1 :]
            break
        if text.startswith("--"):
            index += _long_option(text, options, texts, index)
        elif text.startswith("-") and len(text) > 1:
            index += _short_options(text, options, texts, index, aptitude=command.program == "aptitude")
        else:
            plain.append(words[index])
            index += 1
    if "APT_CONFIG" in command.environment:
        options.configured_elsewhere = True
    opaque = any(not word.known for word in words)
    yes: bool | None = options.yes or options.quiet >= 2 or _answered_by_input(command)
    if not yes and (options.configured_elsewhere or opaque):
        yes = None
    verb = plain[0].text if plain and plain[0].known else ""
    action = APT_VERBS.get(verb, "")
    packages = tuple(
        Package(bare_name(word.text), word)
        for word in plain[1:]
        if word.known and not (action == "install" and word.text.endswith("-"))
    )
    return PackageCommand(
        command,
        command.program,
        verb,
        action,
        packages,
        opaque,
        yes,
        options.recommends,
        options.simulate,
        options.update,
    )


def _other(command: Command) -> PackageCommand | None:
    """dnf, apk, pip and so on: their verb and what they name."""
    program = command.program
    if not program.startswith(_OTHER_BEGINNINGS):
        return None
    words = list(command.arguments)
    prefix = ""
    if _PYTHON.match(program) and [word.text for word in words[:2]] == ["-m", "pip"]:
        program, words = "pip", words[2:]
    if _PIP.match(program):
        program = "pip"
    if program in _PREFIXES:
        prefix = _PREFIXES[program]
    elif program not in SYSTEM_MANAGERS:
        return None
    texts = [word.text for word in words]
    if program == "uv" and texts[:1] == ["pip"]:
        words = words[1:]
    verbs = OTHER_VERBS.get(program, DNF_VERBS if program in SYSTEM_MANAGERS else PIP_VERBS)
    plain = _operands(words, OTHER_VALUED.get(program, frozenset()), verbs)
    options = {word.text for word in words if word.text.startswith("-")}
    verb = plain[0].text if plain and plain[0].known else ""
    yes = (
        prefix in ("pip", "gem", "npm")
        or program == "apk"
        or bool(options & {"-y", "--yes", "--assumeyes", "--noconfirm", "-n", "--non-interactive", "-qy", "-yq"})
    )
    opaque = any(not word.known for word in words)
    return PackageCommand(
        command,
        program,
        verb,
        verbs.get(verb, ""),
        tuple(Package(bare_name(word.text), word, prefix) for word in plain[1:] if word.known),
        opaque,
        True if yes else _answered_by_input(command) or (None if opaque else False),
        False if "--no-recommends" in options else None,
        changes_nothing=bool(options & {"--dry-run", *IDLE.get(program, ())}),
        updates_too=program not in ("apk", "pacman"),
    )


def _operands(words: Sequence[Word], valued: frozenset[str], verbs: Mapping[str, str]) -> list[Word]:
    """The words that are no options and no values of options; a verb may look like an option (`-S`)."""
    found: list[Word] = []
    index = 0
    while index < len(words):
        word = words[index]
        if not word.text.startswith("-") or word.text in verbs:
            found.append(word)
        index += 2 if word.text in valued else 1
    return found


def package_commands(script: Script) -> tuple[PackageCommand, ...]:
    """All commands to package managers, in the order in which a script runs them."""
    found: list[PackageCommand] = []
    aliases: dict[str, tuple[str, ...]] = {}
    for command in script.commands:
        program = command.program
        if program == "alias":
            aliases |= _aliases(command)
            continue
        meant = command
        if aliases:
            meant = _without_alias(command, aliases)
            program = meant.program
        known = _apt(meant, script) if program in APT else _other(meant)
        if known is not None:
            found.append(known)
    return tuple(found)


def _aliases(command: Command) -> Mapping[str, tuple[str, ...]]:
    return {
        name: tuple(value.split())
        for name, equals, value in (w.text.partition("=") for w in command.arguments)
        if equals
    }


def _without_alias(command: Command, aliases: Mapping[str, tuple[str, ...]]) -> Command:
    if not command.words or command.words[0].text not in aliases:
        return command
    first = command.words[0]
    return replace(
        command,
        words=(*(replace(first, text=text) for text in aliases[first.text]), *command.arguments),
    )
