"""Whether things may come into an image in a way that the recipe does not show."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .recipe_scripts import RecipeScripts

_LOADERS = frozenset(
    ("curl", "wget", "git", "cp", "mv", "install", "dpkg", "tar", "unzip", "make", "cmake", "ln", "gunzip", "perl",
     "cargo", "go", "nix", "rsync", "spack", "eb")
)  # fmt: skip
_INTERPRETERS = frozenset(("sh", "bash", "dash", "zsh", "source", "."))
# Installers that bring a package manager and nothing else.
_HARMLESS = re.compile(
    r"(?i)mini(conda|forge)|mambaforge|micromamba|rustup|get-pip|uv[-/]install|astral\.sh|/activate$|conda\.sh$"
)
_SYSTEM_FOLDERS = re.compile(r"/(usr/(local/)?|opt/[^/]*(conda|mamba|venv|env)[^/]*/)?s?bin/|/rocker_scripts/")


def may_bring(scripts: RecipeScripts, names: Sequence[str]) -> bool:
    """Whether something of these names may come by a script, a copy or a download."""
    stage = scripts.stage
    script = scripts.script("post")
    if not script.complete:
        return True
    for section in stage.named("files") if stage else ():
        if section.arguments.split()[:1] == ["from"]:
            return True
    if stage and any(name in pair.source or name in pair.destination for pair in stage.files for name in names):
        return True
    copied = {
        path.rstrip("/").rpartition("/")[2]
        for pair in (stage.files if stage else ())
        for path in (pair.source, pair.destination)
    } - {""}
    for command in script.commands:
        first = command.words[0]
        texts = [word.text for word in command.words]
        if not first.known:
            return True
        if any(_HARMLESS.search(text) for text in texts):
            continue
        if "/" in first.text and not _SYSTEM_FOLDERS.search(first.text) and command.program not in ("pip", "python3"):
            return True
        if command.program in _INTERPRETERS and command.arguments:
            return True
        if command.program in _INTERPRETERS and command.stdin.given and command.stdin.text is None:
            return True
        if command.program in copied:
            return True
        if command.program in _LOADERS and any(name.lower() in text.lower() for name in names for text in texts):
            return True
        if command.program == "dpkg" and any(text in ("-i", "--install") for text in texts):
            return True
    return False
