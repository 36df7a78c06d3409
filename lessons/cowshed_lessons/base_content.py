"""What base images bring, as far as the lessons ask for it.

Source of facts: the Dockerfiles of the images on Docker Hub, read in 2024; Rocker's and PyTorch's documentation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from .package_supply import Supplied, plain_name, wanted_of
from .r_packages import TIDYVERSE
from .recipe import Stage
from .shell import UNKNOWN
from .verdict import Position

_DOCKER_HUB = frozenset(("docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"))

# Images that bring nothing of a language beyond itself.
_BARE = (
    "ubuntu", "debian", "alpine", "python", "rockylinux", "rockylinux/*", "almalinux", "almalinux/*", "fedora",
    "centos", "busybox", "opensuse/*", "archlinux", "amazonlinux", "oraclelinux", "buildpack-deps", "gcc", "node",
    "golang", "rust", "continuumio/miniconda3", "continuumio/miniconda", "condaforge/miniforge3",
    "condaforge/mambaforge", "mambaorg/micromamba", "nvidia/cuda", "rocker/r-ver", "rocker/rstudio", "rocker/cuda",
    "rocker/r-base", "rocker/tidyverse", "rocker/shiny-verse", "r-base", "rocker/shiny",
)  # fmt: skip
_PYTORCH = ("torch=={version}", "torchvision", "torchaudio", "numpy")
_CONTENT: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("pytorch/pytorch", "python", _PYTORCH),
    ("continuumio/anaconda3", "python", ("numpy", "pandas", "seaborn", "matplotlib", "scipy")),
    ("tensorflow/tensorflow", "python", ("numpy",)),
    *((f"rocker/{name}", "r", TIDYVERSE)
      for name in ("tidyverse", "verse", "geospatial", "shiny-verse", "ml-verse", "binder")),
    ("rocker/geospatial", "r", ("sf", "terra")),
    ("rocker/geospatial", "system", ("libgsl-dev",)),
    ("rocker/shiny", "r", ("shiny", "rmarkdown")),
    ("rocker/*", "r", ("R=={version}",)),
    ("r-base", "r", ("R=={version}",)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BaseTable:
    """An image, its tags and what is in it, as a course says."""

    image: str
    tags: tuple[str, ...]
    has: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Base:
    """A stage's base image. `known` is False where nobody can say from the recipe what is in it."""

    name: str
    tag: str
    known: bool
    items: tuple[Supplied, ...]
    position: Position | None = None
    end: Position | None = None
    written: str = ""


def base_of(stage: Stage | None, ecosystem: str, tables: Sequence[BaseTable] = ()) -> Base:
    """What a stage's base image brings of an ecosystem."""
    agent = stage.header.get("bootstrap") if stage else None
    source = stage.header.get("from") if stage else None
    if agent is None or agent.value in ("scratch", "busybox", "debootstrap", "yum", "dnf", "zypper", "arch"):
        return Base("", "", agent is not None, ())
    if source is None or agent.value != "docker":
        return Base("", "", known=False, items=())
    at, end = Position(source.line, source.column), Position(source.line, source.end_column)
    name, tag, on_docker_hub = _reference(stage, source.value)
    has: list[str] = []
    known = False
    for table in tables:
        if fnmatchcase(name, table.image) and (not tag or any(fnmatchcase(tag, each) for each in table.tags)):
            known = True
            has += table.has
    if on_docker_hub:
        told = {wanted_of(ecosystem, text)[0] for text in has}
        known = known or any(fnmatchcase(name, pattern) for pattern in _BARE)
        version = _version(tag)
        for pattern, language, content in _CONTENT:
            if fnmatchcase(name, pattern):
                known = known or (language == ecosystem and "*" not in pattern)
                if language == ecosystem:
                    texts = [text.format(version=version).removesuffix("==") for text in content]
                    has += [text for text in texts if wanted_of(ecosystem, text)[0] not in told]
    items = []
    for text in has:
        bare, version = wanted_of(ecosystem, text)
        items.append(Supplied(plain_name(ecosystem, bare), source.value, "base", version, position=at, end=end))
    return Base(name, tag, known, tuple(items), at, end, source.value)


def _version(tag: str) -> str:
    """The version that a tag begins with; a digest may be any, `latest` is none."""
    if not tag:
        return UNKNOWN
    match = re.match(r"\d+(\.\d+)+", tag)
    return match[0] if match else ""


def _reference(stage: Stage | None, value: str) -> tuple[str, str, bool]:
    """An image's name with its namespace, its tag, and whether Docker Hub holds it (or a mirror of the same names)."""
    path, _, digest = value.removeprefix("//").partition("@")
    parts = path.split("/")
    registry = ""
    if len(parts) > 1 and (re.search(r"[.:]", parts[0]) or parts[0] == "localhost"):
        registry = parts.pop(0)
    for key in ("registry", "namespace"):
        entry = stage.header.get(key) if stage else None
        if entry is not None and entry.value:
            if key == "registry":
                registry = entry.value
            else:
                parts = [*entry.value.split("/"), *parts[-1:]]
    last, colon, tag = parts[-1].partition(":")
    if parts[:1] == ["library"]:
        parts = parts[1:]
    name = "/".join([*parts[:-1], last])
    tag = tag if colon else "" if digest else "latest"
    return name, tag, not registry or registry in _DOCKER_HUB
