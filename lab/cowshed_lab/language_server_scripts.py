"""ShellCheck for the language server: what it said of a script is kept, and only scripts that changed are looked at.

Findings of scripts that stayed as they are move with them, so that they neither flicker nor stand at a wrong place
while something above them is typed.
"""

from __future__ import annotations

import asyncio
import json
import logging
import tempfile
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cowshed_lab.shellcheck import ScriptPart, command_for, finding_of, script_parts, write_script
from cowshed_lessons.linting import LintFinding, read_suppressions

LOG = logging.getLogger(__name__)

_KEPT = 500
_SECONDS = 60

Key = tuple[str, str]


class Scripts:
    """What ShellCheck says of scripts.

    Args:
        program: ShellCheck, None where it is not installed: then nothing is found and nothing waits.
    """

    def __init__(self, program: Path | None) -> None:
        self._program = program
        self._said: OrderedDict[Key, Sequence[Mapping[str, Any]]] = OrderedDict()

    def findings(self, text: str) -> tuple[list[LintFinding], list[ScriptPart]]:
        """Return what is known of a recipe's scripts, and the scripts of which nothing is known yet."""
        found: list[LintFinding] = []
        unknown: list[ScriptPart] = []
        if self._program is None:
            return found, unknown
        silenced = read_suppressions(text)
        for part in script_parts("", text):
            comments = self._said.get(_key(part))
            if comments is None:
                unknown.append(part)
                continue
            self._said.move_to_end(_key(part))
            for comment in comments:
                finding = finding_of(part, comment)
                if finding is not None and not silenced.covers(finding.rule, finding.range.start.line):
                    found.append(finding)
        return found, unknown

    async def look(self, parts: Sequence[ScriptPart]) -> None:
        """Have ShellCheck look at scripts. Cancelled, it ends the program.

        A script on which ShellCheck cannot be run counts as one of which it says nothing; the log tells why.
        """
        by_shell: dict[str, dict[Key, ScriptPart]] = {}
        for part in parts:
            by_shell.setdefault(part.shell, {})[_key(part)] = part
        for shell, scripts in by_shell.items():
            said: dict[Key, list[Mapping[str, Any]]] = {key: [] for key in scripts}
            try:
                for key, comment in await self._run(shell, scripts):
                    said[key].append(comment)
            except (OSError, ValueError, KeyError, TimeoutError):
                LOG.exception("ShellCheck could not be run; its findings are missing")
            self._said |= said
        while len(self._said) > _KEPT:
            self._said.popitem(last=False)

    async def _run(self, shell: str, scripts: Mapping[Key, ScriptPart]) -> list[tuple[Key, Mapping[str, Any]]]:
        if self._program is None:
            return []
        with tempfile.TemporaryDirectory(prefix="cowshed-shellcheck-") as folder:
            files = {str(Path(folder, f"{number}.sh")): key for number, key in enumerate(scripts)}
            for file, key in files.items():
                write_script(scripts[key], Path(file))
            process = await asyncio.create_subprocess_exec(
                *command_for(self._program, shell, files),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
            try:
                async with asyncio.timeout(_SECONDS):
                    output, _ = await process.communicate()
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
            if process.returncode not in (0, 1):
                raise ValueError(f"exit status {process.returncode}")
            return [(files[comment["file"]], comment) for comment in json.loads(output)["comments"]]


def _key(part: ScriptPart) -> Key:
    return part.shell, part.text
