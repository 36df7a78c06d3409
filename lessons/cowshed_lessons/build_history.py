"""What builds took: each one's phases and commands with their seconds and bytes, kept, and two of them compared."""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from cowshed_lessons.file_writing import write_whole

VERSION = 1
MOST_BUILDS = 200
"""Builds that are kept; the oldest are forgotten."""

MOST_PARTS = 120
"""Parts of a build that are kept; of more, the shortest commands of `%post` are told together."""

LONGEST_COMMAND = 300
"""Characters of a command that are kept."""


class NewerHistoryError(Exception):
    """The file was written by a newer Cowshed; it is left alone."""


@dataclass(frozen=True, slots=True)
class BuildPart:
    """A phase of a build (pull, unpack, %post, pack, …) or, with `command`, one command of it.

    `started` in seconds since the build's first output; `bytes` fetched or written, None where the log does not tell.
    """

    name: str
    started: float
    seconds: float
    command: str = ""
    bytes: int | None = None

    @property
    def title(self) -> str:
        """What a person reads."""
        return self.command or self.name


@dataclass(frozen=True, slots=True)
class BuildRecord:
    """One build that ended.

    Attributes:
        when: Its beginning, seconds since 1970.
        step: Id of the step in which it began.
        target: Name of the target as the window shows it.
        recipe: Name of the recipe, or what else the image was made from.
        image: Path of the image as it was named.
        exit_status: 0 for an image; None where it is not known.
        cancelled: Whether the learner ended it.
        typed: Whether it was typed into a terminal (or run from a lesson), not begun by the button.
        seconds: From its first output to its end.
        parts: Phases and commands in the order of their beginnings.
    """

    when: float
    step: str
    target: str
    recipe: str
    image: str
    exit_status: int | None
    seconds: float
    cancelled: bool = False
    typed: bool = False
    parts: tuple[BuildPart, ...] = ()

    @property
    def phases(self) -> tuple[BuildPart, ...]:
        """The parts without the single commands."""
        return tuple(part for part in self.parts if not part.command)

    @property
    def bytes(self) -> int | None:
        """Bytes fetched and written as far as the log tells; None where it tells nothing."""
        known = [part.bytes for part in self.phases if part.bytes is not None]
        return sum(known) if known else None

    @property
    def outcome(self) -> str:
        """What became of it, in a word or two."""
        if self.cancelled:
            return "cancelled"
        if self.exit_status is None:
            return "end not seen"
        return "built" if self.exit_status == 0 else "stopped"


@dataclass(frozen=True, slots=True)
class PartChange:
    """One part of two builds; None where the one or the other has none. Seconds and bytes."""

    title: str
    is_command: bool
    left: BuildPart | None
    right: BuildPart | None

    @property
    def seconds(self) -> float:
        """Seconds that the right one took longer; negative where it was faster."""
        return (self.right.seconds if self.right else 0.0) - (self.left.seconds if self.left else 0.0)


@dataclass(frozen=True, slots=True)
class BuildHistory:
    """The builds of one course on this computer, oldest first."""

    course: str
    records: tuple[BuildRecord, ...] = ()
    damaged: bool = field(default=False, compare=False)

    def with_record(self, record: BuildRecord) -> BuildHistory:
        """The history with one more build."""
        return replace(self, records=(*self.records, bounded(record))[-MOST_BUILDS:])

    @classmethod
    def load(cls, path: Path, course: str) -> BuildHistory:
        """Read a history; empty where there is no file. A damaged file gives what can be read of it.

        Raises:
            NewerHistoryError: a newer Cowshed wrote it.
            OSError: it may not be read.
        """
        try:
            content = json.loads(path.read_bytes())
        except FileNotFoundError:
            return cls(course)
        except (ValueError, RecursionError):
            return cls(course, damaged=True)
        if not isinstance(content, dict) or not isinstance(content.get("version"), int):
            return cls(course, damaged=True)
        if content["version"] > VERSION:
            raise NewerHistoryError(
                f"{path.name} was written by a newer Cowshed, so builds of this one are not kept in it."
            )
        kept = content.get("builds")
        read = [_record(each) for each in kept] if isinstance(kept, list) else [None]
        records = tuple(record for record in read if record is not None)
        return cls(course, records[-MOST_BUILDS:], damaged=len(records) != len(read))

    def save(self, path: Path) -> None:
        """Write the history whole. What could not be read of the file before is kept beside it.

        Raises:
            OSError: it could not be written; the old file still stands.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {"version": VERSION, "course": self.course, "builds": [asdict(each) for each in self.records]}
        keep = path.with_name(f"{path.name}.damaged") if self.damaged else None
        write_whole(path, (json.dumps(content) + "\n").encode("ascii"), mode=0o600, keep=keep)


def keep_build(path: Path, course: str, record: BuildRecord) -> BuildHistory:
    """Add a build to the history in a file, which another window may have changed meanwhile, and return it.

    Raises:
        NewerHistoryError: a newer Cowshed wrote the file.
        OSError: it could not be read or written.
    """
    history = BuildHistory.load(path, course).with_record(record)
    history.save(path)
    return history


def bounded(record: BuildRecord) -> BuildRecord:
    """A record of at most `MOST_PARTS` parts with commands of at most `LONGEST_COMMAND` characters."""
    parts = record.parts
    if len(parts) > MOST_PARTS:
        phases = [part for part in parts if not part.command][: MOST_PARTS // 2]
        commands = sorted((part for part in parts if part.command), key=lambda part: -part.seconds)
        kept = commands[: MOST_PARTS - len(phases) - 1]
        left_out = commands[len(kept) :]
        seconds = sum(part.seconds for part in left_out)
        together = BuildPart(
            left_out[-1].name,
            min(part.started for part in left_out),
            seconds,
            f"{len(left_out):,} shorter commands",
        )
        # sorting keeps a phase before its first command, which may begin at the same moment
        parts = tuple(sorted([*phases, *kept, together], key=lambda part: (part.started, bool(part.command))))
    cut = [
        replace(part, command=f"{part.command[: LONGEST_COMMAND - 1]}…")
        if len(part.command) > LONGEST_COMMAND
        else part
        for part in parts
    ]
    return replace(record, parts=tuple(cut))


def compare_builds(left: BuildRecord, right: BuildRecord) -> tuple[PartChange, ...]:
    """Set two builds side by side, part by part, in the order in which they ran."""
    keys = [[(part.name, part.command) for part in record.parts] for record in (left, right)]
    matcher = difflib.SequenceMatcher(None, keys[0], keys[1], autojunk=False)
    found: list[PartChange] = []
    for kind, left_from, left_to, right_from, right_to in matcher.get_opcodes():
        mine, other = left.parts[left_from:left_to], right.parts[right_from:right_to]
        if kind == "equal":
            found += [PartChange(one.title, bool(one.command), one, two) for one, two in zip(mine, other, strict=True)]
        else:
            found += [PartChange(one.title, bool(one.command), one, None) for one in mine]
            found += [PartChange(two.title, bool(two.command), None, two) for two in other]
    return tuple(found)


def share(parts: Sequence[BuildPart], total: float) -> tuple[tuple[float, float], ...]:
    """Where each part lies in its build, as fractions of `total` seconds: its beginning and its length."""
    whole = max(total, max((part.started + part.seconds for part in parts), default=0.0))
    if whole <= 0:
        return tuple((0.0, 0.0) for _ in parts)
    return tuple((part.started / whole, part.seconds / whole) for part in parts)


def _record(content: Any) -> BuildRecord | None:
    """Read one build; None where something in it is not what it should be."""
    try:
        parts = tuple(
            BuildPart(
                _text(each["name"]),
                _seconds(each["started"]),
                _seconds(each["seconds"]),
                _text(each["command"]),
                _count(each["bytes"]),
            )
            for each in content["parts"]
        )
        return BuildRecord(
            when=_seconds(content["when"]),
            step=_text(content["step"]),
            target=_text(content["target"]),
            recipe=_text(content["recipe"]),
            image=_text(content["image"]),
            exit_status=_count(content["exit_status"]),
            seconds=_seconds(content["seconds"]),
            cancelled=content["cancelled"] is True,
            typed=content["typed"] is True,
            parts=parts[:MOST_PARTS],
        )
    except (KeyError, TypeError, ValueError):
        return None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(value)
    return float(value)


def _count(value: Any) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise TypeError(value)
    return value
