"""The header of a stage: `key: value` lines, read as Apptainer 1.4.5 reads them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .apptainer_versions import DEFAULT_VERSION, KEYS_SINCE, has_come

SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""What Go calls white space."""

HEADER_KEYS = (
    "bootstrap",
    "from",
    "includecmd",
    "mirrorurl",
    "updateurl",
    "osversion",
    "include",
    "library",
    "registry",
    "namespace",
    "stage",
    "product",
    "user",
    "regcode",
    "productpgp",
    "registerurl",
    "modules",
    "otherurl&n",
    "fingerprints",
    "confurl",
    "setopt",
)
"""The keys that every Apptainer knows, in lower case; `&n` stands for a number."""

_NUMBER = re.compile(r"[0-9]+$")


class Line(NamedTuple):
    """One line without its end, and the offset of its first character in the text it was cut from."""

    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class HeaderLine:
    """A key and its value, with the offsets of both and of the value's end."""

    key: str
    value: str
    key_offset: int
    value_offset: int
    value_end: int


@dataclass(frozen=True, slots=True)
class HeaderFault:
    """A header line that Apptainer rejects.

    `kind` is "no value", "unknown key" or "continuation", `text` what Apptainer names, `written` the line or the key as
    it was written.
    """

    kind: str
    text: str
    offset: int
    end: int
    written: str


@dataclass(slots=True)
class HeaderReading:
    """What a header says. Apptainer stops at the first fault; the rest is read on for the editor's sake."""

    lines: list[HeaderLine] = field(default_factory=list)
    faults: list[HeaderFault] = field(default_factory=list)


def lower(text: str) -> str:
    """Lower case as Go makes it: one character for one, bytes that are not UTF-8 (lone surrogates here) unreadable."""
    if text.isascii():
        return text.lower()
    return "".join("\ufffd" if "\udc80" <= character <= "\udcff" else character.lower()[0] for character in text)


def known_key(key: str, version: str = DEFAULT_VERSION) -> bool:
    """Whether Apptainer accepts a header key (in lower case)."""
    if key in HEADER_KEYS:
        return True
    if key in KEYS_SINCE:
        return has_come(KEYS_SINCE[key], version)
    numbered = _NUMBER.sub("&n", key)
    return numbered != key and numbered in HEADER_KEYS


def _trimmed(line: Line) -> Line:
    if not line.text:
        return line
    text = line.text.lstrip(SPACE)
    return Line(text.rstrip(SPACE), line.offset + len(line.text) - len(text))


def read_header(lines: Sequence[Line], version: str = DEFAULT_VERSION) -> HeaderReading:
    """Read the lines before the first section, as a version of Apptainer does."""
    reading = HeaderReading()
    trimmed = [_trimmed(line) for line in lines]
    visible = [index for index, line in enumerate(trimmed) if line.text]
    trimmed = trimmed[visible[0] : visible[-1] + 1] if visible else []
    continued_key, continued = "", ""
    parts: list[str] = []
    first: HeaderLine | None = None
    written = ""
    for line in trimmed:
        if not line.text or line.text.startswith("#"):
            if continued_key:
                reading.faults.append(
                    HeaderFault("continuation", continued_key, line.offset, line.offset + 1, continued_key)
                )
                continued_key, continued, first = "", "", None
            continue
        code = line.text.partition("#")[0]
        if not continued:
            parts = []
            raw_key, colon, raw_value = code.partition(":")
            if not colon:
                end = line.offset + len(code.rstrip(SPACE))
                reading.faults.append(HeaderFault("no value", code, line.offset, end, line.text))
                continue
            key = lower(raw_key.strip(SPACE))
            value = raw_value.strip(SPACE)
            value_offset = line.offset + len(raw_key) + 1 + len(raw_value) - len(raw_value.lstrip(SPACE))
            written = line.text
            first = HeaderLine(key, value, line.offset, value_offset, value_offset + len(value))
        else:
            key = continued_key
            value = code.strip(SPACE)
            continued_key, continued = "", ""
        if value.endswith("\\"):
            continued_key = key
            value = value[:-1]
            if value.endswith("\\n"):
                value = value[:-2] + "\n"
            parts.append(value)
            continued = "more" if any(parts) else ""
            continue
        parts.append(value)
        assert first is not None
        if not known_key(key, version):
            reading.faults.append(
                HeaderFault("unknown key", key, first.key_offset, first.key_offset + len(key), written)
            )
            continue
        text = "".join(parts)
        reading.lines.append(HeaderLine(key, text, first.key_offset, first.value_offset, first.value_end))
    return reading
