"""What the words of a recipe mean."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from cowshed_lessons.linting import Range
from cowshed_lessons.templating import variables_in
from cowshed_lessons.verdict import Position

from . import documentation
from .documentation import Entry
from .layout import Layout, Part, StageLayout, is_too_long, layout_of, span
from .shell_scan import ShellWord, plain_words, scan

_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)|(?<![\w$])([A-Za-z_]\w*)(?=\+?=)")
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Hover:
    """An explanation in Markdown, and the words that it explains."""

    markdown: str
    range: Range


def hover(text: str, position: Position) -> Hover | None:
    """Explain the word at a position, None where there is nothing to say."""
    if is_too_long(text):
        return None
    layout = layout_of(text)
    at = layout.clamp(position)
    stage = layout.stage_at(at.line)
    part = stage.part_at(at.line)
    column = at.column - 1
    if part is not None and at.line == part.first:
        return _section_line(layout, part, column)
    found = _template(layout, stage, at.line, column)
    if found:
        return found
    if part is None:
        return _header(layout, stage, at.line, column)
    if part.is_shell and layout.line(at.line).strip():
        return _shell(layout, part, at.line, column)
    return None


def _about(entry: Entry | None, where: Range, name: str) -> Hover | None:
    if entry is None:
        return None
    return Hover(f"`{name}` – {entry.markdown}", where)


def _section_line(layout: Layout, part: Part, column: int) -> Hover | None:
    line = layout.line(part.first)
    if part.start <= column <= part.end:
        entry = documentation.entries()["sections"].get(part.name)
        return _about(entry, span(part.first, part.start, part.end), f"%{part.name}")
    words = documentation.entries()["section_words"]
    for word in _WORD.finditer(line.partition("#")[0], part.end):
        if not word.start() <= column <= word.end():
            continue
        where = span(part.first, word.start(), word.end())
        if part.name == "files" and word[0] == "from":
            return _about(words["from"], where, "%files from")
        if part.is_shell and not part.is_app and word[0] in ("-c", "-e"):
            return _about(words[word[0][1:]], where, f"%{part.name} {word[0]}")
    return None


def default_values(layout: Layout, stage: StageLayout) -> dict[str, str]:
    """What the stage's `%arguments` say."""
    found = {}
    for part in stage.parts:
        if part.name == "arguments":
            for line in layout.lines[part.first : part.last]:
                name, equals, value = line.strip().partition("=")
                if equals and not name.startswith("#"):
                    found[name.strip()] = value.strip()
    return found


def _template(layout: Layout, stage: StageLayout, number: int, column: int) -> Hover | None:
    line = layout.line(number)
    if "%{" in line and stage.header_last >= number:
        start = line.find("%{OSVERSION}")
        if 0 <= start <= column <= start + 12:
            return _about(
                documentation.entries()["templates"]["osversion"], span(number, start, start + 12), "%{OSVERSION}"
            )
    for match in variables_in(line):
        if not match.start() <= column <= match.end():
            continue
        values = default_values(layout, stage)
        name = match[1]
        entry = documentation.entries()["templates"]["variable"]
        default = values.get(name)
        if default is None:
            said = "`%arguments` gives it no value here, so the build needs `--build-arg`."
        else:
            shown = default.replace("`", "'")
            said = f"Here `%arguments` says `{shown}`." if shown else "Here `%arguments` makes it empty."
        return Hover(f"`{{{{ {name} }}}}` – {entry.markdown}\n\n{said}", span(number, match.start(), match.end()))
    return None


def _header(layout: Layout, stage: StageLayout, number: int, column: int) -> Hover | None:
    entry = next((entry for entry in stage.entries if entry.line == number), None)
    if entry is None or "#" in layout.line(number)[:column]:
        return None
    if entry.key_start <= column <= entry.key_start + len(entry.written):
        return _about(documentation.about_key(entry.key), entry.key_range, entry.written)
    if entry.key == "bootstrap" and entry.value_start <= column <= entry.value_start + len(entry.value):
        return _about(documentation.entries()["agents"].get(entry.value), entry.value_range, entry.value)
    return None


def _shell(layout: Layout, part: Part, number: int, column: int) -> Hover | None:
    body = layout.body(part)
    offset = sum(len(line) + 1 for line in layout.lines[part.first : number - 1]) + column
    found = scan(body)
    line = layout.line(number)
    if any(start <= offset <= end for start, end in found.comments):
        return None
    variable = _variable(line, number, column)
    if any(start <= offset < end for start, end in found.bodies):
        return variable
    if variable:
        return variable
    index = bisect_right(found.commands, offset, key=lambda words: words[0].start) - 1
    if index < 0:
        return None
    words = plain_words(found.commands[index])
    whole = found.commands[index]
    word = next((word for word in whole if word.start <= offset <= word.end), None)
    if word is None or "\n" in word.text:
        return None
    start = column - (offset - word.start)
    return _word(words, word, span(number, start, start + len(word.text)))


def _variable(line: str, number: int, column: int) -> Hover | None:
    known = documentation.entries()["variables"]
    for match in _VARIABLE.finditer(line):
        name = match[1] or match[2]
        if match.start() <= column <= match.end() and name in known:
            start = match.start(1) if match[1] else match.start(2)
            return _about(known[name], span(number, start, start + len(name)), f"${name}")
    return None


def _word(words: tuple[ShellWord, ...], word: ShellWord, where: Range) -> Hover | None:
    if word not in words:  # `sudo` and other words before the command proper
        return _about(documentation.about_command(word.text), where, word.text)
    program = words[0].text.rpartition("/")[2]
    if word == words[0]:
        return _about(documentation.about_command(program), where, program)
    if word.text.startswith("-"):
        name = word.text.partition("=")[0]
        entry = documentation.about_option(program, word.text)
        if entry is None and program == "rm" and set(word.text) == set("-rf"):
            entry, name = documentation.about_option("rm", "-rf"), "-rf"
        return _about(entry, where, f"{program} {name}")
    verb = next((other for other in words[1:] if not other.text.startswith("-")), None)
    if verb == word:
        return _about(documentation.about_command(program, word.text), where, f"{program} {word.text}")
    return None
