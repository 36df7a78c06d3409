"""What one image holds more than another, in words: "package lists", "documentation", "compiler"."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from cowshed_lessons.image_files import Node, walk

MOST_DIFFERENCES = 200
"""Rows that are kept; the smallest are left out."""

SMALLEST = 1_000
"""Bytes by which a row must differ to be told."""

_PLACES = (
    (r"var/lib/apt/lists", "package lists", "what `apt-get update` fetched; nothing runs with it"),
    (r"var/cache/apt", "downloaded packages", "what apt keeps of downloads; `apt-get clean` empties it"),
    (r"(var/cache/apk|etc/apk/cache|lib/apk/db)", "package lists of apk", "`apk add --no-cache` keeps none"),
    (r"var/cache/(dnf|yum)", "downloads of dnf", "`dnf clean all` empties it"),
    (r"var/lib/(dpkg|rpm|dnf)", "package database", "the list of what is installed"),
    (r"(root|home/[^/]+)/\.cache/pip", "pip's downloads", "`pip install --no-cache-dir` keeps none"),
    (r"(root|home/[^/]+)/\.cache/uv", "uv's downloads", "`uv pip install --no-cache` keeps none"),
    (r"(root|home/[^/]+)/\.cache", "caches of programs", "fetched again where it is missed"),
    (r"(.*/)?(conda|mamba|miniconda3?|miniforge3?|mambaforge|anaconda3?|micromamba)/pkgs",
     "conda's downloads", "`conda clean -afy` empties it"),
    (r"usr/share/(doc|doc-base|man|info|gtk-doc|help)", "documentation", "manual pages, change logs and licences"),
    (r"usr/share/locale|usr/lib/locale|usr/share/i18n", "languages", "messages and formats of other languages"),
    (r"usr/(lib|libexec)/gcc(/.*)?|usr/lib/[^/]+/(libasan|liblsan|libtsan|libubsan)[^/]*|"
     r"usr/bin/([^/]*-)?(gcc|g\+\+|cpp|c\+\+|gfortran|ld|as|gold|ar|lto-dump|gcov[^/]*)(-[0-9.]+|\.bfd|\.gold)?",
     "compiler", "needed to build, seldom to run"),
    (r"usr/include|usr/local/include", "headers for compiling", "needed to build, seldom to run"),
    (r"(.*/)?(dist-packages|site-packages)", "Python packages", "modules that Python can import"),
    (r"(.*/)?__pycache__", "Python's compiled modules", "made again when a module is imported"),
    (r"usr/(local/)?lib/python[0-9.]+", "Python", "its own modules"),
    (r"(.*/)?(conda|mamba|miniconda3?|miniforge3?|mambaforge|anaconda3?|micromamba)", "conda", "what conda installed"),
    (r"usr/(local/)?lib/R/(.*/)?(site-library|library)", "R packages", "what `library()` can load"),
    (r"usr/(local/)?lib/R", "R", "R itself"),
    (r"usr/(share|lib)/[^/]*perl[^/]*(/.*)?|usr/lib/[^/]+/perl[^/]*", "Perl", "Perl and its modules"),
    (r"usr/lib/(ruby|[^/]+/ruby)|var/lib/gems|usr/share/(ruby[^/]*|rubygems[^/]*)", "Ruby", "Ruby and its packages"),
    (r"usr/share/(fonts|fontconfig)", "fonts", "letters for drawing"),
    (r"usr/share/zoneinfo", "time zones", "the hours of other places"),
    (r"usr/games|usr/share/(games|cowsay)", "games", "what Debian counts as games: cows too"),
    (r"var/log", "logs", "what installing wrote down"),
    (r"(var/)?tmp", "temporary files", "left over from the build"),
    (r"\.singularity\.d", "the container's own description", "scripts, labels and the definition file"),
    (r"usr/(bin|sbin|local/bin)|bin|sbin", "programs", "what can be run"),
    (r"usr/(local/)?lib(32|64|x32)?|lib(32|64)?", "libraries", "code that programs share"),
    (r"usr/share", "data of programs", "what programs read"),
    (r"etc", "settings", "of the system and its programs"),
    (r"opt", "programs in /opt", "installed by hand"),
)  # fmt: skip
_KNOWN = tuple((re.compile(rf"(?:{pattern})(?=/|\Z)"), word, note) for pattern, word, note in _PLACES)


@dataclass(frozen=True, slots=True)
class Place:
    """A known place: a word for what lies there, and a few more on it (Markdown)."""

    word: str
    note: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs in one kind of place or one folder. Sizes in bytes, of all that lies there.

    Attributes:
        path: The folder where most of the difference lies, with a leading slash.
        word: What lies there ("package lists"), empty for places that are not known.
        note: A few words more.
        left: Size in the one image.
        right: Size in the other.
    """

    path: str
    word: str
    note: str
    left: int
    right: int

    @property
    def more(self) -> int:
        """Bytes that the left one has more; negative where the right one has."""
        return self.left - self.right


def place_of(path: str) -> Place | None:
    """What is known of a folder or file by its path; None where nothing is.

    The most special place counts: `/usr/share/doc/x` is documentation, not data of programs.
    """
    path = path.strip("/")
    for pattern, word, note in _KNOWN:
        if pattern.match(path):
            return Place(word, note)
    return None


def differences(left: Node, right: Node) -> tuple[Difference, ...]:
    """What the two hold more than each other by known places, the largest difference first.

    Every file counts once, for the first place of the table that it lies in; files in no known place count for their
    folder of the first level.
    """
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    folders: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    notes: dict[str, str] = {}
    known: dict[str, tuple[str, str]] = {}
    for side, tree in enumerate((left, right)):
        for path, node in walk(tree):
            if node.is_folder:
                continue
            folder = path.rpartition("/")[0]
            key, place = _key(path, folder, known, notes)
            sums[key][side] += node.size
            folders[key][place] += node.size if side == 0 else -node.size
    found = [
        Difference(
            "/" + max(folders[key].items(), key=lambda item: (abs(item[1]), item[0]))[0],
            key if key in notes else "",
            notes.get(key, ""),
            *sizes,
        )
        for key, sizes in sums.items()
        if abs(sizes[0] - sizes[1]) >= SMALLEST
    ]
    found.sort(key=lambda each: (-abs(each.more), each.path))
    return tuple(found[:MOST_DIFFERENCES])


def folder_differences(left: Node | None, right: Node | None, path: str = "") -> tuple[Difference, ...]:
    """What differs directly below one folder, the largest difference first; None where an image has no such folder."""
    names = {**(right.children if right else {}), **(left.children if left else {})}
    found = []
    for name in names:
        mine = left.children.get(name) if left else None
        other = right.children.get(name) if right else None
        sizes = (mine.size if mine else 0, other.size if other else 0)
        if abs(sizes[0] - sizes[1]) >= SMALLEST or (mine is None) != (other is None):
            place = f"{path.strip('/')}/{name}".strip("/")
            known = place_of(place)
            found.append(Difference(f"/{place}", known.word if known else "", known.note if known else "", *sizes))
    found.sort(key=lambda each: (-abs(each.more), each.path))
    return tuple(found[:MOST_DIFFERENCES])


def _key(path: str, folder: str, known: dict[str, tuple[str, str]], notes: dict[str, str]) -> tuple[str, str]:
    """What a file counts for, and the folder that is named for it. Folders are looked up once."""
    if folder not in known:
        place = place_of(folder) if folder else None
        top = _named(folder, place.word) if place else folder.partition("/")[0]
        known[folder] = (place.word if place else "", top)
        if place:
            notes[place.word] = place.note
    word, top = known[folder]
    if word in ("", "programs", "libraries"):  # a file by itself may be more than its folder tells: a compiler
        place = place_of(path)
        if place is not None and place.word != word:
            notes[place.word] = place.note
            return place.word, folder
    return word or top or path, top or path


def _named(folder: str, word: str) -> str:
    """The highest folder that is still the same place: /var/lib/apt/lists for all that lies in it."""
    names = folder.split("/")
    for count in range(1, len(names)):
        above = "/".join(names[:count])
        place = place_of(above)
        if place is not None and place.word == word:
            return above
    return folder
