"""What brings Python packages into an image: pip, uv, conda and its relatives, and the system's own packages.

Source of facts: pip's and conda's manuals, PEP 508 and 440, and the metadata of the packages that the lessons use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .package_commands import package_commands
from .package_supply import Supplied, Supply, file_text, following, plain_name, supplied
from .shell import UNKNOWN, Command, Script

_PYTHON = re.compile(r"python[0-9.]*$|pypy[0-9.]*$")
_PIP = re.compile(r"pip[0-9.]*$")
_CONDA = frozenset(("conda", "mamba", "micromamba"))
_PIP_VALUED = frozenset(
    ("-r", "--requirement", "--requirements", "-c", "--constraint", "--constraints", "-e", "--editable", "-i",
     "--index-url", "--extra-index-url", "-f", "--find-links", "-t", "--target", "--platform", "--python-version",
     "--implementation", "--abi", "--root", "--prefix", "--src", "--progress-bar", "--timeout", "--retries", "--proxy",
     "--cert", "--trusted-host", "--cache-dir", "--log", "--no-binary", "--only-binary", "--upgrade-strategy",
     "--config-settings", "-C", "--global-option", "--python", "-p", "--exclude-newer", "--torch-backend", "--report",
     "--group", "--root-user-action", "--index", "--default-index", "--index-strategy", "--resolution", "--override",
     "--exists-action", "--use-feature", "--client-cert", "--keyring-provider")
)  # fmt: skip
_CONDA_VALUED = frozenset(
    ("-n", "--name", "-p", "--prefix", "-c", "--channel", "-f", "--file", "--solver", "--experimental-solver", "-r",
     "--root-prefix", "--repodata-fn", "--platform", "--subdir", "--rc-file", "--category", "--log-level")
)  # fmt: skip
_CONSTRAINTS = frozenset(("-c", "--constraint", "--constraints", "--override"))
_RUN_VALUED = frozenset(("-n", "--name", "-p", "--prefix", "--cwd", "-r", "--root-prefix", "-e", "--env", "-a"))
_REQUIREMENT = re.compile(
    r"\s*(?P<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(?P<rest>.*)", re.DOTALL
)
_WHEEL = re.compile(
    r"(?:^|/)(?P<name>[A-Za-z0-9_.]+)-(?P<version>[0-9][^-/]*)(?:-[^/]*\.whl|\.tar\.gz|\.zip)(?:[#?].*)?$"
)
_EXACT = re.compile(r"={2,3}\s*(?P<version>[^,;*\s]+)\s*$")
_CONDA_SPEC = re.compile(r"(?:[^\s:\[]+::)?(?P<name>[\w.-]+)\s*(?P<rest>.*)", re.DOTALL)

_BRINGS: dict[str, tuple[str, ...]] = {
    "seaborn": ("numpy", "pandas", "matplotlib"),
    "pandas": ("numpy",),
    "matplotlib": ("numpy",),
    "scipy": ("numpy",),
    "scikit-learn": ("numpy",),
    "torchvision": ("torch", "numpy"),
    "torchaudio": ("torch",),
    **dict.fromkeys(("torch", "numpy", "pip", "setuptools", "wheel", "build", "packaging", "uv", "conda", "mamba",
                     "micromamba", "python", "pillow", "requests", "tqdm", "pyyaml", "six", "ninja", "cmake", "cython",
                     "pytorch-cuda", "cpuonly", "cudatoolkit", "cuda-toolkit", "cuda", "mkl", "ca-certificates",
                     "pytorch-mutex"), ()),
}  # fmt: skip
_TORCH_OF = {"torchvision": {"0.16.2": "2.1.2"}, "torchaudio": {"2.1.2": "2.1.2"}}
"""Which exact PyTorch these ask for, as far as the lessons need it."""
_CONDA_NAMES = {"pytorch": "torch", "pytorch-cpu": "torch", "pytorch-gpu": "torch", "seaborn-base": "seaborn"}


def python_supply(script: Script) -> Supply:
    """All Python packages that a script brings, in order."""
    reader = _Reader(script)
    for command in script.commands:
        if command.reachable:
            reader.read(command)
    reader.read_system()
    items = sorted(reader.items, key=lambda item: item.number)
    others = any(item.name not in _BRINGS and not item.removed for item in items)
    return Supply(tuple(items), reader.unseen or others)


def _brings(name: str, version: str, manager: str, *, alone: bool) -> tuple[str, ...]:
    if alone:
        return ()
    if name == "torch" and manager == "conda":
        return ("numpy",)
    torch = _TORCH_OF.get(name, {}).get(version)
    found = _BRINGS.get(name, ())
    return tuple(f"torch=={torch}" if torch and other == "torch" else other for other in found)


class _Reader:
    def __init__(self, script: Script) -> None:
        self.script = script
        self.items: list[Supplied] = []
        self.unseen = False
        self.constrained = False

    def read(self, command: Command) -> None:
        words = [word.text for word in command.words]
        self._words(command, words, 0)

    def _words(self, command: Command, words: Sequence[str], start: int) -> None:
        """Read a command from its word number `start` on, so that positions stay those of the words."""
        if start >= len(words):
            return
        program = words[start].rpartition("/")[2]
        rest = list(words[start + 1 :])
        if _PYTHON.match(program):
            at = next((place for place, word in enumerate(rest) if not word.startswith("-") or word == "-m"), None)
            if at is not None and rest[at : at + 2] in (["-m", "pip"], ["-m", "uv"], ["-m", "conda"]):
                self._words(command, words, start + at + 2)
            elif any("pip" in word and "install" in word for word in rest) or "setup.py" in rest:
                self.unseen = True
        elif _PIP.match(program):
            self._pip(command, rest, start + 1)
        elif program == "uv":
            self._uv(command, rest, start + 1)
        elif program in _CONDA:
            self._conda(command, rest, start + 1)
        elif program in ("poetry", "pdm", "pipenv", "pixi", "rye", "hatch", "flit", "pip-sync", "easy_install", "pipx"):
            self.unseen = True

    def _uv(self, command: Command, rest: Sequence[str], start: int) -> None:
        if rest[:1] == ["pip"]:
            self._pip(command, rest[1:], start + 1)
        elif rest[:1] == ["add"]:
            self._pip(command, ["install", *rest[1:]], start)
        elif rest[:1] == ["run"]:
            self._words(command, [word.text for word in command.words], start + 1)
        elif rest[:1] == ["sync"] or rest[:2] == ["tool", "install"]:
            self.unseen = True

    def _pip(self, command: Command, rest: Sequence[str], start: int) -> None:
        operands, options = following(rest, _PIP_VALUED)
        if not operands:
            return
        verb, places = rest[operands[0]], operands[1:]
        names = {name for name, _ in options}
        if verb in ("sync",):
            self.unseen = True
        if verb not in ("install", "uninstall") or "--dry-run" in names or names & {"-h", "--help"}:
            return
        upgrades = bool(names & {"-U", "--upgrade"})
        for name, value in options:
            if name in ("-r", "--requirement", "--requirements"):
                self._requirements(command, value, start, upgrades=upgrades)
            elif name in ("-e", "--editable", "--group"):
                self.unseen = True
        if "PIP_REQUIREMENT" in command.environment:
            self.unseen = True
        # Somebody else's list may name the version.
        self.constrained = bool(names & _CONSTRAINTS) or "PIP_CONSTRAINT" in command.environment
        for place in places:
            self._requirement(
                command, rest[place], start + place, removed=verb == "uninstall", upgrades=upgrades,
                alone="--no-deps" in names,
            )  # fmt: skip

    def _requirements(self, command: Command, path: str, place: int, *, upgrades: bool) -> None:
        text = file_text(self.script, path)
        if text is None:
            self.unseen = True  # it comes by `%files`, or lies in the base: only the image can tell
            return
        for line in text.splitlines():
            bare = re.sub(r"(^|\s)#.*$", "", line).strip()
            if bare.startswith(("-r", "-c", "-e", "--req", "--con", "--edit")):
                self.unseen = True
            elif bare and not bare.startswith("-"):
                self._requirement(command, bare, place, upgrades=upgrades)

    def _requirement(
        self, command: Command, text: str, place: int, *, removed: bool = False, upgrades: bool = False,
        alone: bool = False,
    ) -> None:  # fmt: skip
        wheel = _WHEEL.search(text)
        if wheel is None and (text.startswith((".", "/", "git+", "file:")) or "/" in text.partition("@")[0]):
            egg = re.search(r"#egg=([\w.-]+)", text)
            if egg is None:
                self.unseen = True
                return
            name, version, loose = plain_name("python", egg[1]), UNKNOWN, False
        elif wheel is not None:
            name, version, loose = plain_name("python", wheel["name"]), wheel["version"].replace("%2B", "+"), False
        else:
            match = _REQUIREMENT.match(text.partition(";")[0])
            if match is None or UNKNOWN in match["name"]:
                self.unseen = True
                return
            rest = match["rest"].strip()
            exact = _EXACT.fullmatch(rest.strip("()"))
            name = plain_name("python", match["name"])
            version = exact["version"] if exact else UNKNOWN if UNKNOWN in rest or rest.startswith("@") else ""
            loose = bool(rest) and not version
            version = UNKNOWN if self.constrained and not version else version
            if UNKNOWN in text and not rest:
                self.unseen = True
                return
        self.items.append(
            supplied(
                command, place, name, text, "pip", version=version, loose=loose, upgrades=upgrades, removed=removed,
                brings=_brings(name, version, "pip", alone=alone),
            )
        )  # fmt: skip

    def _conda(self, command: Command, rest: Sequence[str], start: int) -> None:
        operands, options = following(rest, _CONDA_VALUED)
        if not operands:
            return
        verb = rest[operands[0]]
        names = {name for name, _ in options}
        if verb == "run":
            inner = operands[0] + 1
            while inner < len(rest) and rest[inner].startswith("-"):
                inner += 2 if rest[inner] in _RUN_VALUED else 1
            self._words(command, [word.text for word in command.words], start + inner)
            return
        places = operands[1:]
        if verb == "env":
            verb = rest[places[0]] if places else ""
            places = places[1:]
            if verb not in ("create", "update"):
                return
        if verb not in ("install", "create", "update", "upgrade", "remove", "uninstall") or "--dry-run" in names:
            return
        for name, value in options:
            if name in ("-f", "--file"):
                self._environment_file(command, value, start)
        for place in places:
            self._conda_spec(
                command, rest[place], start + place, removed=verb in ("remove", "uninstall"),
                upgrades=verb in ("update", "upgrade"),
            )  # fmt: skip

    def _conda_spec(
        self, command: Command, text: str, place: int, *, removed: bool = False, upgrades: bool = False
    ) -> None:
        match = _CONDA_SPEC.fullmatch(text.strip())
        if match is None or UNKNOWN in match["name"]:
            self.unseen = True
            return
        name = plain_name("python", match["name"])
        name = _CONDA_NAMES.get(name, name)
        rest = match["rest"].strip()
        bracket = re.search(r"version\s*=\s*['\"]?([^'\"\],]+)", rest)
        rest = bracket[1] if bracket else rest
        exact = re.fullmatch(r"(?:={0,3})\s*([0-9][\w.+!-]*|\ufdd0)(?:[=\s][^,|]*)?", rest)
        version = exact[1] if exact else ""
        version = UNKNOWN if UNKNOWN in rest else version
        self.items.append(
            supplied(
                command, place, name, text, "conda", version=version, loose=bool(rest) and not version,
                upgrades=upgrades, removed=removed, brings=_brings(name, version, "conda", alone=False),
            )
        )  # fmt: skip

    def _environment_file(self, command: Command, path: str, place: int) -> None:
        text = file_text(self.script, path)
        if text is None:
            self.unseen = True
            return
        for line, manager in _listed(text):
            if manager == "pip":
                if line.startswith("-"):
                    self.unseen = True
                else:
                    self._requirement(command, line, place)
            else:
                self._conda_spec(command, line, place)

    def read_system(self) -> None:
        """Python packages that come from the system's package manager."""
        for item in package_commands(self.script):
            if item.action != "install" or item.changes_nothing or not item.command.reachable:
                continue
            for package in item.packages:
                match = re.fullmatch(r"(?:python3?|py3)[0-9]*-(.+)", package.name)
                if package.prefix or match is None:
                    continue
                name = plain_name("python", match[1])
                self.items.append(
                    Supplied(
                        name, package.word.text, "apt", position=package.word.position, end=package.word.end,
                        number=item.command.number, brings=_brings(name, "", "apt", alone=False),
                    )
                )  # fmt: skip


def _listed(text: str) -> Iterator[tuple[str, str]]:
    """The entries of an environment file, or of a plain list, each with who installs it."""
    if "dependencies:" not in text:
        for line in text.splitlines():
            if line.strip() and not line.strip().startswith(("#", "@")):
                yield line.strip(), "conda"
        return
    inside, pip_indent = False, -1
    for line in text.splitlines():
        bare = re.sub(r"(^|\s)#.*$", "", line).rstrip()
        indent = len(bare) - len(bare.lstrip(" "))
        entry = re.fullmatch(r"\s*-\s*(.+)", bare)
        if bare and entry is None:
            inside = bare.strip() == "dependencies:"
            continue
        if entry is None or not inside:
            continue
        value = entry[1].strip().strip("\"'")
        if value == "pip:":
            pip_indent = indent
            continue
        is_pip = pip_indent >= 0 and indent > pip_indent
        pip_indent = pip_indent if is_pip else -1
        yield value, "pip" if is_pip else "conda"
