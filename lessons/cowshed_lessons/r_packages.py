"""What brings R packages into an image: R's own functions, remotes, pak, littler's scripts, conda, the system's.

Source of facts: R's manual, the manuals of remotes, pak, pacman and BiocManager, and Rocker's scripts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .package_commands import package_commands
from .package_supply import Supplied, Supply, file_text, following, supplied
from .shell import UNKNOWN, Command, Script

TIDYVERSE = (
    "tidyverse", "broom", "dbplyr", "dplyr", "dtplyr", "forcats", "ggplot2", "haven", "hms", "jsonlite", "lubridate",
    "magrittr", "modelr", "pillar", "purrr", "readr", "readxl", "reprex", "rlang", "rvest", "stringr", "tibble",
    "tidyr", "xml2",
)  # fmt: skip
"""What the package tidyverse brings along."""

_BRINGS: dict[str, tuple[str, ...]] = {
    "tidyverse": TIDYVERSE[1:],
    "dbplyr": ("dplyr",),
    "dtplyr": ("dplyr",),
    "tidyr": ("dplyr",),
    "RcppGSL": ("Rcpp",),
    "RcppArmadillo": ("Rcpp",),
    **dict.fromkeys(
        ("dplyr", "ggplot2", "Rcpp", "remotes", "devtools", "pak", "littler", "docopt", "BiocManager", "renv", "pacman",
         "data.table", "R"), ()
    ),
}  # fmt: skip
_FUNCTION = re.compile(
    r"(?<![\w.])(?:(?P<space>\w+)::)?(?P<name>install\.packages|install_version|install_cran|install_github|install_url|"
    r"install_gitlab|install_bioc|install_local|install_deps|pkg_install|pak|p_load|p_install|install|restore|"
    r"install_dev|update\.packages|remove\.packages)\s*\("
)
_NEAR_MISS = re.compile(r"(?<![\w.:])(instal{1,2}\.?_?-?packages?|install\.pkgs?)\s*\(", re.IGNORECASE)
_AS_A_VALUE = re.compile(r"(?<![\w.])(?:install\.packages|install_\w+|pkg_install)(?![\w.]*\s*\()(?![\w.])")
_MOST_CALLS = 100
_STRING = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'")
_LITTLER = re.compile(r"(install2?|installGithub|installBioc|installRSPM|installRub)\.r$")
_VALUED = frozenset(("-e", "-f", "--file", "-g", "--gui", "-d", "--debugger", "--encoding", "--args"))
_INSTALL2_VALUED = frozenset(("-l", "--libloc", "-d", "--deps", "-n", "--ncpus", "-r", "--repos", "-t", "--type", "-m",
                              "--method", "-u", "--update"))  # fmt: skip


def r_supply(script: Script) -> Supply:
    """All R packages that a script brings, in order."""
    reader = _Reader(script)
    for command in script.commands:
        if command.reachable:
            reader.read(command)
    reader.read_system()
    items = sorted(reader.items, key=lambda item: item.number)
    others = any(item.name not in _BRINGS and item.name not in TIDYVERSE and not item.removed for item in items)
    return Supply(tuple(items), reader.unseen or others)


def near_misses(script: Script) -> Iterator[tuple[str, Command]]:
    """Calls of functions that R does not have and that look like `install.packages`."""
    for command in script.commands:
        for code in r_code(command, script):
            for match in _NEAR_MISS.finditer(code or ""):
                if match[1] != "install.packages":
                    yield match[1], command


def r_code(command: Command, script: Script) -> list[str | None]:
    """The R code that a command runs; None for code that cannot be seen. Empty where it runs none."""
    program = command.program
    if program not in ("R", "Rscript", "r", "littler", "Rterm"):
        return []
    words = [word.text for word in command.arguments]
    if program == "R" and words[:1] == ["CMD"]:
        return [file_text(script, words[2])] if words[1:2] == ["BATCH"] and len(words) > 2 else []
    operands, options = following(words, _VALUED)
    code: list[str | None] = [value for name, value in options if name == "-e"]
    code += [file_text(script, value) for name, value in options if name in ("-f", "--file")]
    if code:
        return code
    if operands and program != "R":
        return [file_text(script, words[operands[0]])]
    if command.stdin.given:
        text = command.stdin.text
        return [file_text(script, command.stdin.path) if text is None and command.stdin.path else text]
    return []


def _without_comments(code: str) -> str:
    """R code with its comments blanked; a `#` in a string is none."""
    parts: list[str] = []
    at = 0
    for match in re.finditer(rf"{_STRING.pattern}|#[^\n]*", code):
        if match[0].startswith("#"):
            parts.append(code[at : match.start()])
            at = match.end()
    return "".join(parts) + code[at:]


def _arguments(code: str, start: int) -> list[str]:
    """The arguments of a call, cut at its commas; `start` is behind the opening bracket."""
    found: list[str] = []
    depth, at = 0, start
    piece = start
    while at < len(code):
        string = _STRING.match(code, at)
        if string is not None:
            at = string.end()
            continue
        sign = code[at]
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            if depth == 0:
                break
            depth -= 1
        elif sign == "," and depth == 0:
            found.append(code[piece:at])
            piece = at + 1
        at += 1
    found.append(code[piece:at])
    return [text.strip() for text in found if text.strip()]


def _strings(text: str) -> list[str]:
    return [match[1] if match[1] is not None else match[2] for match in _STRING.finditer(text)]


class _Reader:
    def __init__(self, script: Script) -> None:
        self.script = script
        self.items: list[Supplied] = []
        self.unseen = False

    def read(self, command: Command) -> None:
        program = command.program
        words = [word.text for word in command.words]
        if program in ("conda", "mamba", "micromamba"):
            self._conda(command, words)
        elif _LITTLER.search(program):
            self._littler(command, words)
        elif "rocker_scripts/" in words[0]:
            if program == "install_tidyverse.sh":
                self._add(command, 0, "tidyverse", words[0], "R")
            else:
                self.unseen = True
        elif program == "R" and words[1:3] == ["CMD", "INSTALL"]:
            self._tarballs(command, words)
        else:
            for code in r_code(command, self.script):
                if code is None or UNKNOWN in code:
                    self.unseen = True
                if code is not None:
                    self._code(command, _without_comments(code))

    def _add(
        self, command: Command, place: int, name: str, written: str, manager: str, *, version: str = "",
        removed: bool = False,
    ) -> None:  # fmt: skip
        self.items.append(
            supplied(
                command, place, name, written, manager, version=version, removed=removed, brings=_BRINGS.get(name, ())
            )
        )

    def _tarballs(self, command: Command, words: Sequence[str]) -> None:
        for place, word in enumerate(words[3:], 3):
            match = re.search(r"(?:^|/)([A-Za-z][\w.]*)_([0-9][\w.-]*)\.tar\.gz$", word)
            if match is not None:
                self._add(command, place, match[1], word, "R", version=match[2])
            elif not word.startswith("-"):
                self.unseen = True

    def _littler(self, command: Command, words: Sequence[str]) -> None:
        rest = words[1:]
        for place in following(rest, _INSTALL2_VALUED)[0]:
            if UNKNOWN in rest[place]:
                self.unseen = True
            else:
                self._reference(command, place + 1, rest[place], "R")

    def _reference(self, command: Command, place: int, text: str, manager: str, version: str = "") -> None:
        """One package as remotes, pak and their like name it: `any::dplyr@1.1`, `tidyverse/dplyr@main`."""
        if UNKNOWN in text:
            self.unseen = True
            return
        if text in (".", "") or text.startswith(("local::", "url::", "./", "deps::")) or "://" in text:
            file = re.search(r"/([A-Za-z][\w.]*)_([0-9][\w.-]*)\.tar\.gz$", text)
            if file is None:
                self.unseen = True
            else:
                self._add(command, place, file[1], text, manager, version=file[2])
            return
        bare = text.rpartition("::")[2]
        name, _, after = bare.partition("@")
        is_repository = "/" in name
        name = name.partition("#")[0].rpartition("/")[2] if is_repository else name
        self._add(command, place, name, text, manager, version=version or ("" if is_repository else after))

    def _code(self, command: Command, code: str) -> None:
        place = next((at for at, word in enumerate(command.words) if "install" in word.text or "pak" in word.text), 0)
        for number, match in enumerate(_FUNCTION.finditer(code)):
            if number == _MOST_CALLS:
                self.unseen = True
                return
            self._call(command, place, match, code)
        if _AS_A_VALUE.search(code):  # lapply(names, install.packages)
            self.unseen = True

    def _call(self, command: Command, place: int, match: re.Match[str], code: str) -> None:
        function, space = match["name"], match["space"] or ""
        arguments = _arguments(code, match.end())
        named = {
            found[1]: found[2]
            for argument in arguments
            if (found := re.fullmatch(r"([A-Za-z_.][\w.]*)\s*=(?!=)\s*(.*)", argument, re.DOTALL))
        }
        plain = [argument for argument in arguments if not re.match(r"[A-Za-z_.][\w.]*\s*=(?!=)", argument)]
        if function == "restore" or function in ("install_local", "install_deps"):
            self.unseen = True
            return
        if function == "install" and space not in ("BiocManager", "renv", ""):
            self.unseen = True  # devtools and remotes install a folder so
            return
        if function in ("p_load", "p_install"):
            for argument in plain:
                self._reference(command, place, argument.strip("\"'"), "R")
            return
        given = next((named[key] for key in ("pkgs", "pkg", "package", "repo", "url") if key in named), "")
        first = given or (plain[0] if plain else "")
        manager = "pak" if function in ("pak", "pkg_install") else "R"
        version = ""
        if function == "install_version":
            told = named.get("version") or (plain[1] if len(plain) > 1 else "")
            version = "".join(_strings(told)[:1]).strip("= ")
        for name in self._names(first, code):
            if function == "remove.packages":
                self._add(command, place, name, name, manager, removed=True)
            else:
                self._reference(command, place, name, manager, version)

    def _names(self, text: str, code: str) -> list[str]:
        """The strings that an argument comes to: literal, `c(…)`, or a variable that was set to such."""
        found = _strings(text)
        if found:
            return found
        variable = re.match(r"[A-Za-z.][\w.]*", text)
        if variable is None:
            self.unseen = self.unseen or bool(text)
            return []
        name = re.escape(variable[0])
        assigned = re.search(rf"(?<![\w.]){name}\s*(?:<-|=(?!=))\s*(?=[\"'c])", code) or re.search(
            rf"\bfor\s*\(\s*{name}\s+in\s+", code
        )
        if assigned is not None:
            arguments = _arguments(code, assigned.end())
            strings = _strings(code[assigned.end() :].partition(")")[0]) if arguments else []
            if strings:
                return strings
        self.unseen = True
        return []

    def _conda(self, command: Command, words: Sequence[str]) -> None:
        if not {"install", "create", "update"} & set(words):
            return
        for place, word in enumerate(words):
            match = re.fullmatch(r"(?:[^\s:]+::)?r-([\w.]+?)(?:={1,2}([0-9][\w.]*).*|[<>~!].*)?", word)
            if match is not None:
                name = "R" if match[1] == "base" else match[1]
                self._add(command, place, f"~{name}" if name != "R" else name, word, "conda", version=match[2] or "")
            elif word in ("-f", "--file") or word.startswith("--file="):
                self.unseen = True

    def read_system(self) -> None:
        """R packages that come from the system's package manager: they know no capital letters there."""
        for item in package_commands(self.script):
            if (
                item.action != "install"
                or item.changes_nothing
                or not item.command.reachable
                or item.manager == "conda"
            ):
                continue
            for package in item.packages:
                match = re.fullmatch(r"(?:r-(?:cran|bioc|other)-|R-(?:CRAN-)?)(.+)", package.name)
                name = f"~{match[1]}" if match else "R" if package.name in ("r-base", "r-base-core", "R") else ""
                if name and not package.prefix:
                    self.items.append(
                        Supplied(
                            name, package.word.text, "apt", position=package.word.position, end=package.word.end,
                            number=item.command.number, brings=_BRINGS.get(name.removeprefix("~"), ()),
                        )
                    )  # fmt: skip
