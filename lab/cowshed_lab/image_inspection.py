"""Looks into images: what is in a SIF file or a sandbox, and which images the learner has. Nothing is written.

Each look is one program on the target, so one round trip. Names of files may hold anything, line ends too: what is
printed is parted by a word that is made anew for each look and stands in no image.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

from cowshed_lab.image import APART, NO_BINDS
from cowshed_lab.image_scripts import LIST_SCRIPT, LOOK_SCRIPT
from cowshed_lab.target import Target, TargetError
from cowshed_lessons.image_files import Entry, EntryKind, Node, file_tree

LOOK_SECONDS = 120.0
"""A look that takes longer is ended."""

LEARNERS_FOLDER = PurePosixPath("cowshed")
"""Where the learner's images are, in the home folder."""

MOST_LISTING = 400_000_000
"""Bytes of an unpacked list of files that are read; images are not always made by friends."""

_ENTRY_SIGNS = {"d": EntryKind.FOLDER, "-": EntryKind.FILE, "f": EntryKind.FILE, "l": EntryKind.LINK}
_HEX_KINDS = {0x4000: EntryKind.FOLDER, 0x8000: EntryKind.FILE, 0xA000: EntryKind.LINK}
_SIF_PART = re.compile(r"^(\d+)\s*\|([^|]*)\|([^|]*)\|(\d+)-(\d+)\s*\|(.+?)\s*$", re.MULTILINE)


class Way(StrEnum):
    """How the files of a SIF are listed: from its file system as it lies in the file, or by a program inside it."""

    SQUASHFS = "squashfs"
    INSIDE = "inside"


@dataclass(frozen=True, slots=True)
class ImageName:
    """An image on the target. `path` from the home folder or absolute; bytes, None for a sandbox (not counted)."""

    path: PurePosixPath
    is_sandbox: bool
    size: int | None
    changed: int

    @property
    def title(self) -> str:
        """Its name with its lesson."""
        parts = self.path.parts[1:] if self.path.parts[:1] == ("cowshed",) else self.path.parts
        return "/".join(parts) + ("/" if self.is_sandbox else "")


@dataclass(frozen=True, slots=True)
class SifPart:
    """One part ("descriptor") of a SIF file: its number, what it is, and how large, in bytes."""

    number: int
    group: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class ImageContent:
    """What is in an image.

    Attributes:
        path: As it was asked for.
        is_sandbox: A folder, not a SIF file.
        size: Bytes on disk.
        header: The SIF header, name to value; empty for a sandbox.
        parts: The parts of the SIF file; empty for a sandbox.
        labels: Labels.
        texts: deffile, runscript, startscript, test, helpfile as Apptainer tells them; those that are there.
        environment: Path of a script that sets variables to its text.
        apps: An app's name to its own texts.
        files: Its files as a tree; None where they could not be listed, see `files_problem`.
        files_problem: A sentence on files that could not be listed, or on what is missing in the tree.
        problem: A sentence on descriptions that could not be read.
    """

    path: PurePosixPath
    is_sandbox: bool
    size: int
    header: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[SifPart, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    apps: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    files: Node | None = None
    files_problem: str = ""
    problem: str = ""

    @property
    def unpacked(self) -> int | None:
        """Bytes of its files together, None where they are not known."""
        return self.files.size if self.files is not None else None


async def list_images(target: Target, folder: PurePosixPath = LEARNERS_FOLDER) -> list[ImageName]:
    """Return the learner's images: `*.sif` and sandboxes at most two folders below `folder`, the newest first.

    Raises:
        TargetError: the target does not answer.
    """
    outcome = await target.run(("sh", "-c", LIST_SCRIPT, "sh", _operand(folder)))
    found = []
    for record in outcome.output.split(b"\0"):
        kind, _, rest = record.partition(b" ")
        size, _, rest = rest.partition(b" ")
        changed, _, name = rest.partition(b" ")
        if name:
            path = PurePosixPath(name.decode(errors="surrogateescape"))
            sandbox = kind == b"d"
            found.append(ImageName(path, sandbox, None if sandbox else _number(size), _number(changed) or 0))
    return sorted(found, key=lambda image: (-image.changed, str(image.path)))


async def inspect_image(
    target: Target,
    image: PurePosixPath,
    *,
    seconds: float = LOOK_SECONDS,
    ways: Sequence[Way] = (Way.SQUASHFS, Way.INSIDE),
) -> ImageContent:
    """Return what is in an image. A cancelled call ends the look.

    Args:
        target: where it is.
        image: from the home folder or absolute.
        seconds: time limit.
        ways: how the files of a SIF may be listed, in this order.

    Raises:
        FileNotFoundError: there is no such image.
        TargetError: the target does not answer, or not in time; or the file is no image.
    """
    secret = f"cowshed-{secrets.token_hex(16)}"
    words = (_operand(image), secret, " ".join(ways), " ".join(APART))
    try:
        async with asyncio.timeout(seconds):
            outcome = await target.run(("sh", "-c", LOOK_SCRIPT, "sh", *words), environment=NO_BINDS)
    except TimeoutError:
        raise TargetError(
            f"Looking into {image.name} took longer than {seconds:.0f} seconds and was ended. "
            f"{target.label} may be busy; try again."
        ) from None
    said = _sections(outcome.output, secret)
    kind = said.get("kind", b"").strip()
    if kind == b"missing":
        raise FileNotFoundError(str(image))
    if kind not in (b"sif", b"sandbox"):
        raise TargetError(
            f"{image.name} is no image that Apptainer knows: neither a SIF file nor a sandbox folder.",
            environment=False,
        )
    return await asyncio.to_thread(_content, image, kind == b"sandbox", said, secret, outcome.errors)


def _content(
    image: PurePosixPath, is_sandbox: bool, said: Mapping[str, bytes], secret: str, errors: bytes
) -> ImageContent:
    texts = {name: content.decode(errors="replace") for name, content in said.items() if name != "files"}
    described, problem = _description(texts.get("inspect", ""))
    environment = described.pop("environment", {})
    labels, apps = described.pop("labels", {}), described.pop("apps", {})
    listing, complete = _unpacked(said.get("files", b""), secret)
    files, files_problem = _files(listing, secret, complete=complete, unread=errors.count(b"ermission denied"))
    return ImageContent(
        path=image,
        is_sandbox=is_sandbox,
        size=_number(said.get("size", b"")) or 0,
        header=_pairs(texts.get("header", "")),
        parts=tuple(
            SifPart(int(found[1]), found[2].strip(), found[6], int(found[5]) - int(found[4]))
            for found in _SIF_PART.finditer(texts.get("parts", ""))
        ),
        labels=_strings(labels),
        texts={name: value for name, value in described.items() if isinstance(value, str) and value.strip()},
        environment=_strings(environment),
        apps={str(name): _strings(value) for name, value in apps.items()} if isinstance(apps, dict) else {},
        files=files,
        files_problem=files_problem,
        problem=problem,
    )


def _description(text: str) -> tuple[dict[str, Any], str]:
    """Read what `apptainer inspect --all --json` printed."""
    try:
        attributes = json.loads(text)["data"]["attributes"]
    except (ValueError, KeyError, TypeError, RecursionError):
        attributes = None
    if isinstance(attributes, dict):
        return attributes, ""
    said = text.strip().splitlines()
    return {}, f"Its labels and scripts could not be read. Apptainer said: {said[-1]}" if said else (
        "Its labels and scripts could not be read: Apptainer said nothing of them."
    )


def _unpacked(content: bytes, secret: str) -> tuple[bytes, bool]:
    """Return a list of files, and whether it is whole. It comes packed where the target has gzip."""
    if content.startswith(b"\x1f\x8b"):
        reader = zlib.decompressobj(wbits=31)
        try:
            content = reader.decompress(content, MOST_LISTING)
        except zlib.error:  # what was left out of its middle
            return b"", False
    end = content.rpartition(f"\n{secret} ended ".encode())
    return (end[0], True) if end[1] else (content, False)


def _files(listing: bytes, secret: str, *, complete: bool, unread: int) -> tuple[Node | None, str]:
    how, _, rest = listing.partition(b"\n")
    reader = {b"squashfs": _of_squashfs, b"stat": _of_stat, b"find": _of_find}.get(how)
    if not complete:
        return None, "Its files could not be listed: there are too many, or the look was ended."
    if reader is None:
        return None, (
            "Its files could not be listed: the target's unsquashfs is missing or cannot read this image, "
            "and the image itself has no `find`."
        )
    tree = file_tree(reader(rest, secret.encode()))
    if not tree.children:
        return None, "Its files could not be listed: it may be encrypted, or damaged."
    if unread:
        names = "1 folder" if unread == 1 else f"{unread} folders"
        return tree, f"{names} may not be read by you and count as empty: they belong to mapped users of the build."
    return tree, ""


def _of_squashfs(listing: bytes, secret: bytes) -> Iterator[Entry]:
    """Read `unsquashfs -lls`: mode, owner, size, date, and the path below a folder that is called by the secret."""
    head = re.compile(
        rb"^([-dlcbps])[-rwxsStTlL]{9} +\S+ +([0-9]+|[0-9]+, *[0-9]+) +[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{5} "
        + re.escape(secret),
        re.MULTILINE,
    )
    found = list(head.finditer(listing))
    for number, each in enumerate(found):
        end = found[number + 1].start() - 1 if number + 1 < len(found) else len(listing.rstrip(b"\n"))
        path = listing[each.end() : end].removeprefix(b"/")
        size = int(each[2]) if each[2].isdigit() else 0
        kind = _ENTRY_SIGNS.get(each[1].decode("ascii"), EntryKind.OTHER)
        if kind is EntryKind.LINK:  # " -> " and what it points to, which is as long as the link is large
            path = path[: len(path) - size - len(b" -> ")]
        yield Entry(_name(path), kind, size)


def _of_stat(listing: bytes, secret: bytes) -> Iterator[Entry]:
    """Read what `stat` was asked to print: the secret, mode in hexadecimal, size and path."""
    for record in listing.split(secret)[1:]:
        mode, size, path = record.removesuffix(b"\n").split(b" ", 2)
        kind = _HEX_KINDS.get(int(mode, 16) & 0xF000, EntryKind.OTHER)
        yield Entry(_name(path), kind, int(size))


def _of_find(listing: bytes, _secret: bytes) -> Iterator[Entry]:
    """Read what GNU find was asked to print: kind, size and path, ended by a zero byte."""
    for record in listing.split(b"\0"):
        kind, _, rest = record.partition(b" ")
        size, _, path = rest.partition(b" ")
        if path:
            yield Entry(_name(path), _ENTRY_SIGNS.get(kind.decode("ascii"), EntryKind.OTHER), int(size))


def _sections(output: bytes, secret: str) -> dict[str, bytes]:
    """Part what the script printed: each part begins with a line of the secret, a colon and its name."""
    found: dict[str, bytes] = {}
    for section in output.split(f"\n{secret}:".encode())[1:]:
        name, _, content = section.partition(b"\n")
        found[name.decode("ascii", errors="replace")] = content
    return found


def _pairs(text: str) -> dict[str, str]:
    lines = (line.partition(":") for line in text.splitlines())
    return {name.strip(): value.strip() for name, colon, value in lines if colon}


def _strings(value: object) -> dict[str, str]:
    return {str(name): str(text) for name, text in value.items()} if isinstance(value, dict) else {}


def _name(path: bytes) -> str:
    return path.decode(errors="surrogateescape")


def _number(text: bytes) -> int | None:
    text = text.strip()
    return int(text) if text.isdigit() else None


def _operand(path: PurePosixPath) -> str:
    """A path that no program takes for an option or an address (`docker:…`)."""
    return str(path) if path.is_absolute() else f"./{path}"
