"""What is said about each part of a recipe: `documentation.toml`, and packages by name: `packages.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

_TOPICS = ("sections", "section_words", "keys", "agents", "templates", "variables", "commands", "options")
_SAME_OPTIONS = {
    "apt": "apt-get",
    "yum": "dnf",
    "microdnf": "dnf",
    "pip3": "pip",
    "mamba": "conda",
    "micromamba": "conda",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One explanation: a title without a full stop, and the Markdown below it, which may be empty."""

    title: str
    text: str

    @property
    def markdown(self) -> str:
        """Both."""
        return f"**{self.title}**\n\n{self.text}".rstrip()


@lru_cache(maxsize=1)
def entries() -> Mapping[str, Mapping[str, Entry]]:
    """All entries by topic and name."""
    read = tomllib.loads(files(__package__).joinpath("documentation.toml").read_text(encoding="utf-8"))
    return {topic: {name: _entry(text) for name, text in read[topic].items()} for topic in _TOPICS}


def _entry(text: str) -> Entry:
    title, _, rest = text.strip().partition("\n")
    return Entry(title, rest.strip())


@lru_cache(maxsize=1)
def known_packages() -> Mapping[str, Mapping[str, str]]:
    """Packages that are often asked for, by package manager, with a few words each."""
    read = tomllib.loads(files(__package__).joinpath("packages.toml").read_text(encoding="utf-8"))
    return {manager: dict(names) for manager, names in read.items()}


def about_key(key: str) -> Entry | None:
    """The entry of a header key, in any case; numbered keys share one."""
    bare = key.lower()
    if bare.startswith("otherurl"):
        bare = "otherurl"
    return entries()["keys"].get(bare)


def about_command(name: str, verb: str = "") -> Entry | None:
    """The entry of a program, or of what it is told to do (`apt-get install`)."""
    known = entries()["commands"]
    if verb:
        return known.get(f"{name} {verb}") or known.get(f"{_SAME_OPTIONS.get(name, name)} {verb}")
    return known.get(name)


def about_option(name: str, option: str) -> Entry | None:
    """The entry of a program's option; what follows `=` does not count, unless the entry has it."""
    known = entries()["options"]
    for program in (name, _SAME_OPTIONS.get(name, name)):
        for written in (option, option.partition("=")[0]):
            if f"{program} {written}" in known:
                return known[f"{program} {written}"]
    return None


@lru_cache(maxsize=64)
def options_of(name: str) -> Mapping[str, Entry]:
    """The options of a program that have an entry."""
    found: dict[str, Entry] = {}
    for program in (name, _SAME_OPTIONS.get(name, name)):
        for written, entry in entries()["options"].items():
            owner, _, option = written.partition(" ")
            if owner == program:
                found.setdefault(option, entry)
    return found


@lru_cache(maxsize=64)
def verbs_of(name: str) -> Mapping[str, Entry]:
    """What a program can be told to do, as far as there is an entry."""
    found: dict[str, Entry] = {}
    for program in (name, _SAME_OPTIONS.get(name, name)):
        for written, entry in entries()["commands"].items():
            owner, _, verb = written.partition(" ")
            if owner == program and verb:
                found.setdefault(verb, entry)
    return found
