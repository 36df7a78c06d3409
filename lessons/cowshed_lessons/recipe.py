"""A recipe (definition file), read as Apptainer 1.4.5 reads it.

Source of facts: Apptainer 1.4.5, `pkg/build/types/parser`, compared with the real program on the recipes of
`tests/lessons/grammar-cases.jsonl` and on 1,245 found in public.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice, pairwise
from types import MappingProxyType

from . import recipe_faults
from .apptainer_versions import DEFAULT_VERSION, VERSIONS
from .header import HeaderReading, read_header
from .recipe_faults import Fault
from .sections import (
    APP_SECTIONS,
    SECTIONS,
    Body,
    FilePair,
    Section,
    SectionReading,
    read_arguments,
    read_files,
    read_labels,
    read_section,
    section_name,
    tokens_of,
)
from .templating import Origin, Places, fill_in
from .verdict import Position

_STAGE_START = re.compile(r"^bootstrap:", re.MULTILINE | re.IGNORECASE)
_MOST_FAULTS = 200
_MOST_FILES = 10_000
_ALL_SECTIONS = frozenset((*SECTIONS, *APP_SECTIONS))
_NO_ARGUMENTS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class HeaderEntry:
    """A header value and where it is written. `key_line` and `key_column` lead to its key."""

    value: str
    line: int
    column: int
    end_column: int
    key_line: int
    key_column: int


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: a header and the sections below it, in the order in which they are written."""

    header: Mapping[str, HeaderEntry]
    sections: tuple[Section, ...]
    start_line: int

    @property
    def name(self) -> str:
        """The stage's name, empty where it has none."""
        entry = self.header.get("stage")
        return entry.value if entry else ""

    def named(self, *names: str) -> tuple[Section, ...]:
        """All sections of these names, in the order of the recipe."""
        return tuple(section for section in self.sections if section.name in names)

    def body(self, *names: str) -> Body | None:
        """The bodies of all sections of these names, name by name (repeats append), None where there is none."""
        found = [section for name in names for section in self.named(name)]
        if not found:
            return None
        text = "".join(
            section.body.text if section.body.text.endswith("\n") or not section.body.text else section.body.text + "\n"
            for section in found
        )
        offsets = tuple(offset for section in found for offset in section.body.offsets)
        return Body(text, offsets, found[0].body.origin)

    def arguments_of(self, name: str) -> str:
        """What follows the section's name; of repeated sections the last that has any counts."""
        given = [section.arguments for section in self.named(name) if section.arguments.strip()]
        return given[-1] if given else ""

    @property
    def labels(self) -> dict[str, str]:
        """The labels of `%labels`."""
        body = self.body("labels")
        return read_labels(body) if body else {}

    @property
    def files(self) -> tuple[FilePair, ...]:
        """The pairs of all `%files` sections, of a recipe without measure the first 10,000."""
        found = (pair for section in self.named("files") for pair in read_files(section.body))
        return tuple(islice(found, _MOST_FILES))


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe as Apptainer understands it.

    `faults` holds what Apptainer would reject, in the order in which it would notice; where there are any, `stages`
    is the best that could be made of the text. `version` is the Apptainer's as which it was read.
    """

    text: str
    stages: tuple[Stage, ...]
    faults: tuple[Fault, ...]
    arguments: Mapping[str, str] = field(default_factory=dict)
    version: str = DEFAULT_VERSION

    @property
    def accepted(self) -> bool:
        """Whether Apptainer parses it and fills in its variables."""
        return not any(fault.when_parsing for fault in self.faults)

    @property
    def last_stage(self) -> Stage | None:
        """The stage that becomes the image."""
        return self.stages[-1] if self.stages else None


@dataclass(slots=True)
class _StageReading:
    header: HeaderReading
    sections: list[SectionReading]
    faults: list[Fault]
    origin: Origin
    is_empty: bool

    def stage(self, start_line: int) -> Stage:
        entries = {}
        for line in self.header.lines:
            at, key = self.origin.position(line.value_offset), self.origin.position(line.key_offset)
            end = self.origin.position(line.value_end)
            end_column = end.column if end.line == at.line else at.column + len(line.value)
            entries[line.key] = HeaderEntry(line.value, at.line, at.column, end_column, key.line, key.column)
        return Stage(entries, tuple(reading.section for reading in self.sections), start_line)


def _read_stage(text: str, origin: Origin, file: str, version: str, most: int = _MOST_FAULTS) -> _StageReading:
    """Parse one stage, collecting at most about `most` faults; the first is the one that Apptainer names."""
    tokens, too_long = tokens_of(text)
    # Apptainer skips nothing but empty text before the first token, so a header of blank lines is a header.
    header = HeaderReading()
    sections: list[SectionReading] = []
    faults: list[Fault] = []
    unknown: list[SectionReading] = []
    names: dict[str, None] = {}
    for index, token in enumerate(tokens):
        if too_long is not None and token.offset == too_long.offset:
            at = origin.position(too_long.offset)
            end = origin.position(too_long.offset + len(too_long.text))
            faults.append(recipe_faults.too_long(too_long, at, end, file))
        if not token.is_section:
            header = read_header(token.lines, version)
            faults += [
                recipe_faults.header_fault(fault, origin.position(fault.offset), origin.position(fault.end), file)
                for fault in header.faults[:most]
            ]
            continue
        if len(unknown) >= most and (key := section_name(token.first.text)) not in _ALL_SECTIONS:
            names[key] = None  # rejected it is already; only the name is still asked for
            continue
        reading = read_section(token, origin, is_first=index == 0)
        section = reading.section
        if reading.fault:
            if len(faults) < most:
                end = origin.position(token.offset + len(token.first.text.rstrip()))
                told = (
                    recipe_faults.no_body(reading.text, section.position, end, file)
                    if reading.fault == "no body"
                    else recipe_faults.no_app(section.name, section.position, end, file)
                )
                faults.append(told)
        elif section.name not in _ALL_SECTIONS:
            unknown.append(reading)
            names[reading.key] = None
        sections.append(reading)
    if unknown:
        apptainer = (
            f"FATAL:   Unable to build from {file}: while parsing definition: {file}: "
            f"invalid section(s) specified: {', '.join(names)}"
        )
        for reading in unknown[:most]:
            at = reading.section.position
            end = Position(at.line, at.column + len(reading.text.strip()))
            faults.append(recipe_faults.unknown_section(reading.key, reading.text, at, end, apptainer))
    return _StageReading(header, sections, faults, origin, _is_empty(header, sections))


def _is_empty(header: HeaderReading, sections: list[SectionReading]) -> bool:
    """Whether Apptainer finds nothing in a stage and drops it without a word."""
    if header.lines or header.faults:
        return False
    for reading in sections:
        section = reading.section
        if section.name == "labels":
            if read_labels(section.body):
                return False
        elif section.name not in SECTIONS or section.name == "files" or section.body.text or section.arguments:
            return False
    return True


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Cut a recipe before every line that begins with `bootstrap:`, heredocs or not."""
    starts = [0, *(match.start() for match in _STAGE_START.finditer(text)), len(text)]
    for start, end in pairwise(starts):
        if start < end:
            yield start, text[start:end]


def read_recipe(
    text: str,
    *,
    build_arguments: Mapping[str, str] = _NO_ARGUMENTS,
    file: str = "the recipe",
    version: str = DEFAULT_VERSION,
) -> Recipe:
    """Read a recipe as Apptainer does. Whatever the text, it never raises.

    Args:
        text: The recipe.
        build_arguments: Values given with `--build-arg`.
        file: The file's name, for Apptainer's own messages.
        version: Apptainer's version, one of `apptainer_versions.VERSIONS`.

    Raises:
        ValueError: Recipes of that version are not known.
    """
    if version not in VERSIONS:
        raise ValueError(f"recipes of Apptainer {version} are not known, only of {', '.join(VERSIONS)}")
    return _read(text, tuple(sorted(build_arguments.items())), file, version)


@lru_cache(maxsize=16)
def _read(text: str, build_arguments: tuple[tuple[str, str], ...], file: str, version: str) -> Recipe:
    given = dict(build_arguments)
    places = Places(text)
    faults: list[Fault] = []
    first: list[tuple[int, str, _StageReading]] = []
    for start, piece in _pieces(text):
        reading = _read_stage(
            piece, Origin(places, [(0, start, True)]), file, version, max(1, _MOST_FAULTS - len(faults))
        )
        faults += reading.faults
        if not reading.is_empty or reading.faults:
            first.append((start, piece, reading))
    if not first:
        return Recipe(text, (), (recipe_faults.nothing_there(file),), {}, version)
    parsed = not faults
    stages: list[Stage] = []
    arguments: dict[str, str] = {}
    for start, piece, reading in first:
        defaults = read_arguments([item.section.body for item in reading.sections if item.section.name == "arguments"])
        filled = fill_in(piece, defaults, given, places, start)
        arguments |= defaults
        if parsed:
            faults += [
                recipe_faults.undefined_variable(
                    variable.name,
                    reading.origin.position(variable.offset),
                    reading.origin.position(variable.end),
                    file,
                    defaults,
                )
                for variable in filled.undefined[:_MOST_FAULTS]
            ]
        again = _read_stage(filled.text, filled.origin, file, version) if filled.used else reading
        if parsed and not filled.undefined:
            faults += again.faults
        stages.append(again.stage(places.position(start).line))
    if not faults:
        faults += _faults_of_the_build(stages)
    return Recipe(text, tuple(stages), tuple(faults), {**arguments, **given}, version)


def _faults_of_the_build(stages: list[Stage]) -> Iterator[Fault]:
    """What Apptainer notices only after parsing, as far as sections are concerned (the header is judged as a base)."""
    if len(stages) > 1:
        for stage in stages:
            if not stage.header:
                at = stage.sections[0].position if stage.sections else Position(stage.start_line, 1)
                yield recipe_faults.headerless_stage(at)
    seen: set[str] = set()
    for stage in stages:
        for section in stage.sections:
            fault = recipe_faults.post_arguments(section)
            if fault:
                yield fault
            if section.name in APP_SECTIONS and not section.app:
                yield _no_app_record(section)
            if section.name == "files" and section.arguments:
                words = section.arguments.partition("#")[0].split()  # blanks around do no harm, as real builds show
                if len(words) == 2 and words[1] not in seen:
                    yield recipe_faults.stage_unknown(words[1], section.position)
        seen.add(stage.name)


def _no_app_record(section: Section) -> Fault:
    return Fault(
        "app-name",
        f"`%{section.name}` on line {section.start_line} does not say which app it belongs to.",
        f"Write one space and the app's name after it, as in `%{section.name} moo`.",
        section.position,
        section.position,
        "FATAL:   Unable to create apps: no BuildApp record for app ",
        when_parsing=False,
    )
