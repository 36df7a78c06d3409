"""The files of an image as a tree of sizes, and how a folder is shared out over a rectangle."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

MOST_SHOWN = 120
"""Parts of a folder that are told apart; the smaller ones are one part together."""

MOST_DEPTH = 200
"""Folders in folders that are told apart; what lies deeper counts for the last of them."""


class EntryKind(StrEnum):
    """What a name in an image is. `OTHER` is a device, a pipe or a socket."""

    FOLDER = "folder"
    FILE = "file"
    LINK = "link"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Entry:
    """One name as it was listed: its path from the image's root without a leading slash; size in bytes."""

    path: str
    kind: EntryKind
    size: int = 0


@dataclass(slots=True)
class Node:
    """A folder or a file. `size` in bytes and `files` (how many) count everything below, links among them."""

    name: str
    kind: EntryKind
    size: int = 0
    files: int = 0
    children: dict[str, Node] = field(default_factory=dict)

    @property
    def is_folder(self) -> bool:
        """Whether it can hold others."""
        return self.kind is EntryKind.FOLDER

    def find(self, path: str) -> Node | None:
        """The node at a path below this one; None where there is none. The empty path is this one."""
        node: Node | None = self
        for name in _names(path):
            node = node.children.get(name) if node is not None else None
        return node


@dataclass(frozen=True, slots=True)
class Part:
    """What a folder is shown to hold: one name, or (`name` empty) the `count` smallest together."""

    name: str
    kind: EntryKind
    size: int
    files: int
    count: int = 1

    @property
    def title(self) -> str:
        """What a person reads."""
        if not self.name:
            return f"{self.count:,} smaller ones"
        shown = printable(self.name)
        return f"{shown}/" if self.kind is EntryKind.FOLDER else shown


def printable(name: str) -> str:
    """A name on one line: line ends and other signs that are not seen stand as escapes."""
    if name.isprintable():
        return name
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in name)


def file_tree(entries: Iterable[Entry]) -> Node:
    """Make the tree of an image. Folders that were not listed themselves are there all the same."""
    root = Node("", EntryKind.FOLDER)
    for entry in entries:
        names = _names(entry.path)
        if not names:
            continue
        leaf = entry.kind is not EntryKind.FOLDER
        way = [root]
        for name in names[:-1] if leaf else names:
            above = way[-1]
            below = above.children.get(name)
            if below is None or not below.is_folder:
                below = above.children[name] = Node(name, EntryKind.FOLDER)
            way.append(below)
        if not leaf or names[-1] in way[-1].children:  # a name that was listed twice counts once
            continue
        size = entry.size if entry.kind in (EntryKind.FILE, EntryKind.LINK) else 0
        way[-1].children[names[-1]] = Node(names[-1], entry.kind, size, 1)
        for node in way:
            node.size += size
            node.files += 1
    return root


def parts(folder: Node, most: int = MOST_SHOWN) -> tuple[Part, ...]:
    """What a folder holds, largest first, at most `most` parts: the last one may stand for all smaller ones."""
    children = folder.children.values()
    whole = len(folder.children) <= most
    largest = heapq.nlargest(most if whole else most - 1, children, key=lambda node: (node.size, node.name))
    shown = [Part(node.name, node.kind, node.size, node.files) for node in largest]
    if not whole:
        size = folder.size - sum(part.size for part in shown)
        files = folder.files - sum(part.files for part in shown)
        shown.append(Part("", EntryKind.OTHER, size, files, len(folder.children) - len(shown)))
    return tuple(shown)


def walk(folder: Node, path: str = "") -> Iterator[tuple[str, Node]]:
    """Every folder and file below, with its path."""
    waiting = [(path, folder)]
    while waiting:
        above, node = waiting.pop()
        for child in node.children.values():
            place = f"{above}/{child.name}" if above else child.name
            yield place, child
            if child.children:
                waiting.append((place, child))


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, in whatever unit it was asked for."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """Width times height."""
        return self.width * self.height


def squarify(sizes: Sequence[float], box: Box) -> tuple[Box, ...]:
    """Share a rectangle out: one box for each size, as large as its share and as near to a square as goes.

    Bruls, Huizing and van Wijk, "Squarified treemaps" (2000). Sizes come largest first; those of nothing get a box
    without area.
    """
    total = float(sum(sizes))
    if total <= 0 or box.area <= 0:
        return tuple(Box(box.x, box.y, 0, 0) for _ in sizes)
    areas = [size * box.area / total for size in sizes]
    placed: list[Box] = []
    rest, start = box, 0
    while start < len(areas):
        side = min(rest.width, rest.height)
        if areas[start] <= 0 or side <= 0:
            placed.extend(Box(rest.x, rest.y, 0, 0) for _ in areas[start:])
            break
        end, row = start + 1, areas[start]
        worst = _worst(row, areas[start], areas[start], side)
        while end < len(areas) and areas[end] > 0:
            longer = _worst(row + areas[end], areas[start], areas[end], side)
            if longer > worst:
                break
            row, worst, end = row + areas[end], longer, end + 1
        rest = _lay(areas[start:end], row, rest, placed)
        start = end
    return tuple(placed)


def _worst(row: float, largest: float, smallest: float, side: float) -> float:
    return max(side * side * largest / (row * row), row * row / (side * side * smallest))


def _lay(areas: Sequence[float], row: float, box: Box, placed: list[Box]) -> Box:
    """Lay one row along the shorter side; return what is left."""
    if box.width >= box.height:
        width = min(row / box.height, box.width)
        y = box.y
        for area in areas:
            placed.append(Box(box.x, y, width, area / width))
            y += area / width
        return Box(box.x + width, box.y, max(box.width - width, 0), box.height)
    height = min(row / box.width, box.height)
    x = box.x
    for area in areas:
        placed.append(Box(x, box.y, area / height, height))
        x += area / height
    return Box(box.x, box.y + height, box.width, max(box.height - height, 0))


def _names(path: str) -> list[str]:
    return [name for name in path.split("/") if name and name != "."][:MOST_DEPTH]
