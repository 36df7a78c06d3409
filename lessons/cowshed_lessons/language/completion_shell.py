"""What may be written next in a shell body: commands, their options and verbs, packages, variables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from . import documentation
from .shell_scan import Cursor, ShellScan

# A base's name, and the package manager of its distribution.
_MANAGERS = (
    (re.compile(r"alpine"), "apk"),
    (re.compile(r"rocky|alma|centos|fedora|redhat|rhel|ubi\d|amazonlinux|oraclelinux"), "dnf"),
    (re.compile(r"opensuse|suse|leap|tumbleweed|sles"), "zypper"),
    (re.compile(r"archlinux|manjaro"), "pacman"),
    (re.compile(r"conda|mamba"), "conda"),
)
_AGENT_MANAGERS = {"debootstrap": "apt-get", "yum": "dnf", "dnf": "dnf", "zypper": "zypper", "arch": "pacman"}
MANAGERS = ("apt-get", "dnf", "yum", "microdnf", "apk", "zypper", "pacman", "apt")
_TABLES = {
    "apt-get": "apt",
    "apt": "apt",
    "dnf": "dnf",
    "yum": "dnf",
    "microdnf": "dnf",
    "apk": "apk",
    "zypper": "zypper",
    "pacman": "pacman",
    "pip": "pip",
    "pip3": "pip",
    "conda": "conda",
    "mamba": "conda",
    "micromamba": "conda",
}
_INSTALLS = frozenset(("install", "add", "in", "-S", "-Sy", "-Syu", "create"))
_VERBS = {
    "dnf": ("install", "update", "clean", "remove", "groupinstall"),
    "zypper": ("install", "refresh", "clean", "remove"),
    "apk": ("add", "del", "update", "upgrade"),
    "pacman": ("-S", "-Sy", "-Syu", "-Scc"),
    "pip": ("install", "uninstall", "list"),
    "conda": ("install", "create", "clean", "env"),
    "npm": ("install", "ci", "cache"),
    "git": ("clone", "checkout", "submodule"),
}
_VERBS |= {"yum": _VERBS["dnf"], "microdnf": _VERBS["dnf"], "pip3": _VERBS["pip"], "apt": ("install", "update")}
_VERBS |= {"mamba": _VERBS["conda"], "micromamba": _VERBS["conda"]}
_SNIPPETS = {
    "apt-get": ("apt-get update", "apt-get install -y --no-install-recommends ", "rm -rf /var/lib/apt/lists/*"),
    "apk": ("apk add --no-cache ",),
    "dnf": ("dnf install -y ", "dnf clean all"),
    "zypper": ("zypper --non-interactive install ", "zypper clean --all"),
    "pacman": ("pacman -Syu --noconfirm ",),
    "conda": ("conda install -y -c conda-forge ", "conda clean -a -y"),
}
_COMMON = ("pip", "pip3", "git", "curl", "wget", "tar", "make", "cmake", "mkdir", "cd", "rm", "chmod", "export", "set")
_ENVIRONMENT = ("export PATH=", "export LC_ALL=C.UTF-8", "export LD_LIBRARY_PATH=")
_POST_VARIABLES = ("APPTAINER_ENVIRONMENT", "DEBIAN_FRONTEND", "PATH")
_RUN_VARIABLES = ("APPTAINER_NAME", "APPTAINER_CONTAINER", "APPTAINER_BIND", "PATH", "LD_LIBRARY_PATH", "LC_ALL")


def manager_of(agent: str, base: str) -> str:
    """The package manager of a base, as far as its name tells; else that of Debian and Ubuntu."""
    if agent in _AGENT_MANAGERS:
        return _AGENT_MANAGERS[agent]
    lowered = base.lower()
    return next((manager for pattern, manager in _MANAGERS if pattern.search(lowered)), "apt-get")


def table_of(program: str) -> str:
    """The name of the table of packages that a program installs, empty where there is none."""
    return _TABLES.get(program, "")


def is_install(words: Sequence[str]) -> bool:
    """Whether a command installs packages: its next word may be one."""
    return bool(words) and words[0] in _TABLES and any(word in _INSTALLS for word in words[1:])


def verbs(program: str) -> Iterator[tuple[str, str, str]]:
    """What a program may be told: word, title, Markdown."""
    known = documentation.verbs_of(program)
    for verb in dict.fromkeys((*known, *_VERBS.get(program, ()))):
        entry = known.get(verb)
        yield verb, entry.title if entry else "", entry.text if entry else ""


def commands(section: str, manager: str, *, plain: bool) -> Iterator[tuple[str, str, str]]:
    """Whole commands and programs that suit a section: text, title, Markdown.

    `plain` puts programs before whole commands, for who learns to write those.
    """
    texts: tuple[str, ...] = ()
    if section in ("environment", "appenv"):
        texts = _ENVIRONMENT
    elif section in ("runscript", "apprun", "startscript", "appstart"):
        texts = ('exec "$@"', "exec ", "echo ", "cd ")
    elif section in ("test", "apptest"):
        texts = ("set -e", "test ", "echo ")
    elif section in ("setup", "pre"):
        texts = ("mkdir", "cp ", "echo ")
    else:
        others = [name for name in MANAGERS if name not in (manager, "apt", "microdnf")]
        whole = _SNIPPETS.get(manager, ())
        programs = (manager, *_COMMON, "Rscript", "conda", "ldconfig", *others)
        texts = (*programs, *whole) if plain else (*whole, *programs)
    for text in dict.fromkeys(texts):
        entry = documentation.about_command(text.split(" ")[0])
        verb = text.split(" ")[1:2]
        entry = documentation.about_command(text.split(" ")[0], verb[0]) or entry if verb and verb[0] else entry
        yield text, entry.title if entry else "", entry.text if entry else ""


def variables(section: str, found: ShellScan) -> Iterator[tuple[str, str]]:
    """Variables: those that the script set last come first. Name and title."""
    names = dict.fromkeys(name for name, _ in reversed(found.assigned))
    for name in names:
        yield name, "set above"
    if section in ("setup", "pre"):
        more: tuple[str, ...] = ("APPTAINER_ROOTFS", "PATH")
    elif section in ("post", "appinstall"):
        more = _POST_VARIABLES
    else:
        more = _RUN_VARIABLES
    if section.startswith("app"):
        more = (*more, "SCIF_APPROOT")
    known = documentation.entries()["variables"]
    for name in more:
        if name not in names:
            yield name, known[name].title


def options(cursor: Cursor) -> Iterator[tuple[str, str, str]]:
    """Options of the command that are not there yet: option, title, Markdown."""
    program = cursor.words[0].rpartition("/")[2]
    for option, entry in documentation.options_of(program).items():
        if option not in cursor.words:
            yield option, entry.title, entry.text
