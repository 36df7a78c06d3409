"""`cowshed doctor`: what was found on the targets, as lines or as JSON."""

from __future__ import annotations

import asyncio
import json
import sys

from cowshed_lab.doctor import Examination, State, examine
from cowshed_lab.log_file import log_path, set_up_log
from cowshed_lab.targets import TargetDirectory

_MARKS = {State.OK: "✓", State.NOTE: "!", State.PROBLEM: "✗"}


def doctor(target: str | None, as_json: bool) -> int:
    """Examine one target or all that are available; return 0 where the one that matters can build, else 1.

    Raises:
        TargetError: there is no target of that name.
    """
    set_up_log()
    directory = TargetDirectory()
    default, reason = directory.default()
    names = [target] if target else [entry.name for entry in directory.names() if entry.available]

    async def work() -> list[Examination]:
        return list(await asyncio.gather(*(examine(directory, name) for name in names)))

    examinations = asyncio.run(work())
    if as_json:
        others = [entry for entry in directory.names() if entry.name not in names] if target is None else []
        sys.stdout.write(
            json.dumps(
                {
                    "default": {"name": default, "reason": reason},
                    "targets": [one.as_json() for one in examinations]
                    + [Examination(entry, ()).as_json() | {"usable": False} for entry in others],
                    "log": str(log_path()),
                },
                indent=2,
                ensure_ascii=False,
            )
            + "\n"
        )
    else:
        sys.stdout.write(f"{reason}\n" + "".join(describe(one) for one in examinations) + f"\nLog: {log_path()}\n")
    asked = target or default
    return 0 if any(one.usable for one in examinations if one.target.name == asked) else 1


def describe(examination: Examination) -> str:
    """Return an examination as lines for a person."""
    lines = ["", f"{examination.target.label} ({examination.target.name})"]
    for symptom in examination.symptoms:
        lines.append(f"  {_MARKS[symptom.state]} {symptom.message}")
        if symptom.advice:
            lines.append(f"    {symptom.advice}")
    return "\n".join(lines) + "\n"
