"""What brings the packages of a language into an image: facts that all package managers share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .shell import UNKNOWN, Command, Script
from .verdict import Position

Ecosystem = Literal["python", "r", "system"]


@dataclass(frozen=True, slots=True)
class Supplied:
    """One package that something brings, or takes away.

    Attributes:
        name: Its name in its language, as `plain_name` writes it (conda's `pytorch` is `torch`).
        written: What was written.
        manager: Who brings it: "pip", "conda", "apt", "R", "pak", "base", …
        version: The exact version that is asked for, empty where there is none; `UNKNOWN` in it stands for anything.
        loose: A version is asked for, but not one alone (`>=2.1`).
        upgrades: The newest version is fetched even where another one is there already.
        removed: It is taken away.
        position: Where it stands in the recipe; None in a base.
        end: Where it ends.
        number: The number of its command in the script; -1 in a base.
        brings: Packages that come along.
    """

    name: str
    written: str
    manager: str
    version: str = ""
    loose: bool = False
    upgrades: bool = False
    removed: bool = False
    position: Position | None = None
    end: Position | None = None
    number: int = -1
    brings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Supply:
    """All that brings packages, in order; `unseen` where something else may bring more than the recipe shows."""

    items: tuple[Supplied, ...] = ()
    unseen: bool = False


def plain_name(ecosystem: str, name: str) -> str:
    """A package's name with the differences taken out that do not count."""
    if ecosystem == "python":
        return re.sub(r"[-_.]+", "-", name).lower()
    return name if ecosystem == "r" else name.lower()


def wanted_of(ecosystem: str, text: str) -> tuple[str, str]:
    """The name and the exact version (or "") of an entry such as `torch==2.1.2`."""
    name, _, version = text.partition("==")
    return plain_name(ecosystem, name.strip()), version.strip()


def is_version(given: str, wanted: str) -> bool:
    """Whether an exact version is the wanted one: `2.1.2+cpu` and `2.1.2.post1` are 2.1.2, `2.1` is not."""
    if UNKNOWN in given:
        return True
    return given == wanted or re.match(rf"{re.escape(wanted)}([.+_-]|$)", given) is not None


@dataclass(slots=True)
class Have:
    """What is known of a package once all commands have run: who brought it last, and with which version."""

    by: Supplied
    version: str
    loose: bool


def state_after(items: Sequence[Supplied]) -> dict[str, Have]:
    """What is there in the end. Who names no version keeps the one that is there, unless it upgrades."""
    have: dict[str, Have] = {}
    for item in items:
        if item.removed:
            have.pop(item.name, None)
            continue
        before = have.get(item.name)
        if before is None or item.version or item.upgrades or (item.loose and not before.version):
            have[item.name] = Have(item, item.version, item.loose)
        for other in item.brings:
            name, version = wanted_of("python", other) if "==" in other else (other, "")
            if name not in have or version:
                have[name] = Have(item, version, loose=False)
    return have


def following(words: Sequence[str], valued: frozenset[str]) -> tuple[list[int], list[tuple[str, str]]]:
    """Cut words into operands (their places) and options (name, value); `valued` take the next word."""
    operands: list[int] = []
    options: list[tuple[str, str]] = []
    index = 0
    while index < len(words):
        word = words[index]
        if word == "--":
            operands += range(index + 1, len(words))
            break
        if word.startswith("-") and len(word) > 1:
            name, equals, value = word.partition("=")
            if equals:
                options.append((name, value))
            elif word in valued:
                options.append((word, words[index + 1] if index + 1 < len(words) else ""))
                index += 1
            elif len(word) > 2 and word[1] != "-" and word[:2] in valued:
                options.append((word[:2], word[2:]))
            else:
                options.append((word, ""))
        else:
            operands.append(index)
        index += 1
    return operands, options


def file_text(script: Script, path: str) -> str | None:
    """The text of a file that the script has written, by its path or its bare name; None where it is not known."""
    file = script.files.get(path)
    if file is None:
        bare = path.rpartition("/")[2]
        file = next((each for name, each in script.files.items() if name.rpartition("/")[2] == bare), None)
    return file.text if file is not None and file.text and UNKNOWN not in file.text else None


def supplied(
    command: Command, place: int, name: str, written: str, manager: str, *, version: str = "", loose: bool = False,
    upgrades: bool = False, removed: bool = False, brings: tuple[str, ...] = (),
) -> Supplied:  # fmt: skip
    """A package that a command names in its word number `place` (0 is the program)."""
    word = command.words[min(place, len(command.words) - 1)]
    end = word.end if word.end.line == word.position.line else None
    return Supplied(
        name, written, manager, version, loose, upgrades, removed, word.position, end, command.number, brings
    )
