"""What may be written next at a place of a recipe."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from cowshed_lessons.linting import Range
from cowshed_lessons.templating import OPEN_VARIABLE
from cowshed_lessons.verdict import Position

from . import completion_shell as shell
from . import documentation
from .completion_tables import (
    APP_SKELETONS,
    BASES,
    KEYS_OF_AGENT,
    MIRRORS,
    RELEASES,
    REQUIRED,
    SKELETONS,
    SPELT,
    VALUES,
)
from .documentation import Entry
from .hovering import default_values
from .layout import Layout, Part, is_too_long, layout_of, span
from .shell_scan import Cursor, Where, cursor_at, scan


class CompletionKind(Enum):
    """What a completion is."""

    SECTION = "section"
    KEY = "key"
    AGENT = "agent"
    VALUE = "value"
    COMMAND = "command"
    PACKAGE = "package"
    OPTION = "option"
    VARIABLE = "variable"
    APP = "app"
    STAGE = "stage"


@dataclass(frozen=True, slots=True)
class Completion:
    """One thing that may be written.

    Attributes:
        label: What a list shows, and what typed text is compared with.
        kind: What it is.
        insert: The text to put in the place of `replaces`: plain, sometimes of several lines.
        replaces: What is written of it already; empty where nothing is.
        detail: A few words beside the label.
        documentation: Markdown.
    """

    label: str
    kind: CompletionKind
    insert: str
    replaces: Range
    detail: str = ""
    documentation: str = ""


_OPEN_TEMPLATE = re.compile(OPEN_VARIABLE + r"(\w*)$")
_OPEN_VARIABLE = re.compile(r"(?<!\\)\$(\{?)([A-Za-z_]\w*|)$")


def complete(text: str, position: Position, *, packages: Sequence[str] = ()) -> tuple[Completion, ...]:
    """What may be written at a position, best first.

    Args:
        text: The recipe, finished or not.
        position: The cursor.
        packages: Names of packages that are wanted here (of the course's step, say); they come first.
    """
    if is_too_long(text):
        return ()
    layout = layout_of(text)
    at = layout.clamp(position)
    return tuple(_Place(layout, at, packages).found())


class _Place:
    """A cursor in a recipe."""

    def __init__(self, layout: Layout, at: Position, packages: Sequence[str]) -> None:
        self.layout = layout
        self.at = at
        self.packages = packages
        self.line = layout.line(at.line)
        self.before = self.line[: at.column - 1]
        self.stage = layout.stage_at(at.line)
        self.part = self.stage.part_at(at.line)

    def found(self) -> Iterator[Completion]:
        bare = self.before.lstrip()
        if bare.startswith("%"):
            return self._section_line(bare)
        if self.part is None:
            if "#" in self.before:
                return iter(())
            template = self._template()
            return template if template is not None else self._header()
        if self.part.is_shell:
            return self._shell(self.part)
        if bare.startswith("#"):
            return iter(())
        template = self._template()
        return template if template is not None else iter(())

    def _item(self, label: str, kind: CompletionKind, start: int, entry: Entry | None, insert: str = "") -> Completion:
        """A completion that replaces the line from column `start` (from 0) to the cursor."""
        replaces = span(self.at.line, start, self.at.column - 1)
        title, text = (entry.title.replace("`", ""), entry.text) if entry else ("", "")
        return Completion(label, kind, insert or label, replaces, title, text)

    def _matching(self, items: Iterator[Completion], typed: str) -> Iterator[Completion]:
        """Those that begin with what is typed, then those of which a part does (`no-inst` of `--no-install`)."""
        wanted = typed.lower()
        every = list(items)
        first = [item for item in every if item.label.lower().startswith(wanted)]
        yield from first
        if len(wanted) > 1:
            inside = re.compile(rf"(?<![^\W_]){re.escape(wanted)}")
            yield from (item for item in every if item not in first and inside.search(item.label.lower()))

    # section lines

    def _section_line(self, bare: str) -> Iterator[Completion]:
        name, space, rest = bare.lstrip("%").partition(" ")
        start = len(self.before) - len(bare)
        if not space:
            return self._matching(self._sections(start), "%" + name)
        return self._matching(self._section_words(name, rest), rest.rpartition(" ")[2])

    def _sections(self, start: int) -> Iterator[Completion]:
        here = {part.name for part in self.stage.parts if part.first != self.at.line}
        tail = self.line[self.at.column - 1 :].strip()
        following = self.layout.line(self.at.line + 1)
        fresh = not tail and not (following.strip() and not following.lstrip().startswith("%"))
        entries = documentation.entries()["sections"]
        names = [name for name in SKELETONS if name not in here] + [name for name in SKELETONS if name in here]
        for name in names:
            body = f"{self.layout.newline}    {SKELETONS[name]}" if fresh and name not in here else ""
            yield self._item(f"%{name}", CompletionKind.SECTION, start, entries[name], f"%{name}{body}")
            if name == "files" and self._earlier_stages():
                yield self._item(
                    "%files from",
                    CompletionKind.SECTION,
                    start,
                    documentation.entries()["section_words"]["from"],
                    f"%files from {self._earlier_stages()[-1]}{self.layout.newline}    " if fresh else "%files from ",
                )
        for name in APP_SKELETONS:
            yield self._item(f"%{name}", CompletionKind.SECTION, start, entries[name], f"%{name} ")

    def _earlier_stages(self) -> list[str]:
        names = [stage.value("stage") for stage in self.layout.stages if stage.first < self.stage.first]
        return [name for name in names if name]

    def _section_words(self, name: str, rest: str) -> Iterator[Completion]:
        words = documentation.entries()["section_words"]
        start = len(self.before) - len(rest.rpartition(" ")[2])
        earlier = rest.split(" ")[:-1]
        if "#" in rest:
            return
        if name == "files":
            if earlier == ["from"]:
                for stage in reversed(self._earlier_stages()):
                    yield self._item(stage, CompletionKind.STAGE, start, None)
            elif not earlier and self._earlier_stages():
                yield self._item("from", CompletionKind.VALUE, start, words["from"], "from ")
        elif name in APP_SKELETONS:
            if not earlier:
                apps = dict.fromkeys(part.app for part in self.stage.parts if part.app and part.first != self.at.line)
                for app in apps:
                    yield self._item(app, CompletionKind.APP, start, None)
        elif name.lower() == "post" and not earlier:
            yield self._item("-c /bin/bash -e", CompletionKind.VALUE, start, words["c"])

    # the header

    def _template(self) -> Iterator[Completion] | None:
        found = _OPEN_TEMPLATE.search(self.before)
        if found is None:
            return None
        values = default_values(self.layout, self.stage)
        closed = self.line[self.at.column - 1 :].lstrip().startswith("}}")
        start = found.start(1)
        items = [
            Completion(
                name,
                CompletionKind.VARIABLE,
                ("" if found[0] != "{{" else " ") + name + ("" if closed else " }}"),
                span(self.at.line, start, self.at.column - 1),
                value,
            )
            for name, value in values.items()
        ]
        return self._matching(iter(items), found[1])

    def _header(self) -> Iterator[Completion]:
        key, colon, value = self.before.partition(":")
        continued = any(entry.line < self.at.line <= entry.last for entry in self.stage.entries)
        if continued:
            return iter(())
        if colon:
            bare = value.lstrip()
            return self._matching(self._values(key.strip().lower(), len(self.before) - len(bare)), bare)
        bare = key.lstrip()
        return self._matching(self._keys(len(self.before) - len(bare)), bare)

    def _keys(self, start: int) -> Iterator[Completion]:
        here = {entry.key for entry in self.stage.entries if entry.line != self.at.line}
        end = "" if ":" in self.line[self.at.column - 1 :] else ": "
        if "bootstrap" not in here:
            names: list[str] = ["bootstrap"]
        else:
            agent = self.stage.value("bootstrap")
            names = [*KEYS_OF_AGENT.get(agent, ("from",)), "stage"]
            if agent == "zypper":
                taken = [number for number in range(100) if f"otherurl{number}" in here]
                names[names.index("otherurl0")] = f"otherurl{len(taken)}"
        required = REQUIRED.get(self.stage.value("bootstrap"), 1)
        for number, name in enumerate(names):
            if name in here:
                continue
            spelt = SPELT.get(name) or name.replace("otherurl", "OtherURL")
            item = self._item(spelt, CompletionKind.KEY, start, documentation.about_key(name), spelt + end)
            yield replace(item, detail=f"needed · {item.detail}") if number < required else item

    def _values(self, key: str, start: int) -> Iterator[Completion]:
        agent = self.stage.value("bootstrap")
        if key == "bootstrap":
            for name, entry in documentation.entries()["agents"].items():
                if name != "shub":
                    yield self._item(name, CompletionKind.AGENT, start, entry)
            return
        values: tuple[str, ...] = VALUES.get(key, ())
        if key == "from" and agent == "docker":
            values = BASES
        elif key == "osversion":
            values = RELEASES.get(agent, ())
        elif key == "mirrorurl":
            values = MIRRORS.get(agent, ())
        elif key == "stage":
            taken = {stage.value("stage") for stage in self.layout.stages if stage is not self.stage}
            values = tuple(value for value in values if value not in taken)
        for value in values:
            yield self._item(value, CompletionKind.VALUE, start, None)

    # scripts

    def _shell(self, part: Part) -> Iterator[Completion]:
        above = self.layout.lines[part.first : self.at.line - 1]
        script = "\n".join((*above, self.before))
        cursor = cursor_at(script, len(script))
        if cursor.where in (Where.COMMENT, Where.HEREDOC):
            return iter(())
        template = self._template()
        if template is not None:
            return template
        opened = _OPEN_VARIABLE.search(self.before)
        if opened:
            if "'" in cursor.begun.partition("$")[0] and not cursor.begun.startswith('"'):
                return iter(())
            return self._matching(self._variables(part, script, opened), opened[2])
        if cursor.where is Where.STRING or cursor.after_redirect or "\n" in cursor.begun:
            return iter(())
        start = len(self.before) - len(cursor.begun)
        return self._matching(self._words(part, cursor, start), cursor.begun)

    def _variables(self, part: Part, script: str, opened: re.Match[str]) -> Iterator[Completion]:
        closed = self.line[self.at.column - 1 :].startswith("}")
        end = "}" if opened[1] and not closed else ""
        entries = documentation.entries()["variables"]
        for name, title in shell.variables(part.name, scan(script[: script.rfind("\n") + 1])):
            item = self._item(name, CompletionKind.VARIABLE, opened.start(2), entries.get(name), name + end)
            yield replace(item, detail=title)

    def _words(self, part: Part, cursor: Cursor, start: int) -> Iterator[Completion]:
        manager = shell.manager_of(self.stage.value("bootstrap"), self.stage.value("from"))
        if not cursor.words:
            for text, title, about in shell.commands(part.name, manager, plain=bool(self.packages)):
                yield self._item(text.rstrip(), CompletionKind.COMMAND, start, Entry(title, about), text)
            return
        program = cursor.words[0].rpartition("/")[2]
        if cursor.begun.startswith("-"):
            yield from self._options(cursor, start)
            return
        words = (program, *cursor.words[1:])
        if not shell.is_install(words):
            if all(word.startswith("-") for word in words[1:]):
                for verb, title, about in shell.verbs(program):
                    yield self._item(verb, CompletionKind.COMMAND, start, Entry(title, about))
            yield from self._options(cursor, start)
            return
        known = documentation.known_packages()[shell.table_of(program)]
        for name in dict.fromkeys((*self.packages, *known)):
            if name not in words:
                title = "wanted in this step" if name in self.packages else known[name]
                yield self._item(name, CompletionKind.PACKAGE, start, Entry(title, ""))
        yield from self._options(cursor, start)

    def _options(self, cursor: Cursor, start: int) -> Iterator[Completion]:
        for option, title, about in shell.options(cursor):
            yield self._item(option, CompletionKind.OPTION, start, Entry(title, about))
