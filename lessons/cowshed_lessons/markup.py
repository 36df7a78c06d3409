r"""Lesson texts: Markdown in, blocks for the lesson pane out.

Course texts may come from strangers, so raw HTML is shown as text, links lead to the web or to a step and nowhere else,
and pictures come from the course folder only. What goes wrong is reported as a `Fault` and left out of the page; a page
always comes out.

Beside CommonMark and its tables there are

* fences: ```` ```command ```` (one line, runs in the terminal when clicked), ```` ```recipe ```` (for the editor),
  ```` ```output ```` (what a program prints), ```` ```shell ```` and ```` ```text ````;
* a fence ```` ```sizes ```` with a line ``lolcow_1.sif = 54`` for each image: a chart of the learner's images beside
  figures (in MB) that others have measured;
* callouts: a line ``::: note`` (or ``warning``, ``tip``), the text, and a line ``:::``;
* links ``step:lolcow/install`` and ``term:definition-file``, the latter with its glossary entry as tooltip;
* a picture in a paragraph of its own: ``![what it shows](pictures/name.png "caption")``;
* variables such as ``@registry@``, in place of which stands what they are on the learner's target.

The HTML keeps to Qt's rich text subset and names no colour, font or size: the theme's style sheet does. Its classes are
``term`` (a glossary word) and ``step`` (a link to a step).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from cowshed_lessons.course_variables import fill
from cowshed_lessons.folder_path import inside
from cowshed_lessons.passages import Passage, passages

CalloutKind = Literal["note", "warning", "tip"]

CALLOUTS: Mapping[str, CalloutKind] = {"note": "note", "warning": "warning", "tip": "tip"}
LANGUAGES = ("command", "recipe", "output", "shell", "text", "sizes")
PICTURES = (".png", ".svg", ".jpg", ".jpeg")

_WEB_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?([/?#].*)?")
"""No name before an @, which would dress one host up as another."""


@dataclass(frozen=True, slots=True)
class Prose:
    """Running text, as rich text that `QTextBrowser` understands."""

    html: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command line that runs where `where` says, once the learner clicks it."""

    command: str
    where: Literal["terminal"] = "terminal"


@dataclass(frozen=True, slots=True)
class Snippet:
    """Text to copy; `language` is one of `LANGUAGES` but never `command`."""

    text: str
    language: str

    @property
    def insertable(self) -> bool:
        """Whether the editor is the place for it."""
        return self.language == "recipe"


@dataclass(frozen=True, slots=True)
class Callout:
    """A boxed remark."""

    kind: CalloutKind
    html: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture of the course folder, what it shows for those who can't see it, and a caption."""

    path: Path
    alternative: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class SizeRow:
    """An image of the learner's, as a step names it, and the megabytes that others measured for the same recipe."""

    image: str
    reference: float


@dataclass(frozen=True, slots=True)
class Sizes:
    """A chart of images' sizes: the learner's own files beside figures of others."""

    rows: tuple[SizeRow, ...]


Block = Prose | Command | Snippet | Callout | Figure | Sizes


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a text that was left out, with its line (from 1) and a sentence."""

    line: int
    sentence: str
    column: int = 1


@dataclass(frozen=True, slots=True)
class Link:
    """A link that leads somewhere: `step:…` ids are for the course check to resolve."""

    line: int
    address: str


@dataclass(frozen=True, slots=True)
class Page:
    """What became of a text."""

    blocks: tuple[Block, ...]
    faults: tuple[Fault, ...] = ()
    links: tuple[Link, ...] = ()


def read(
    text: str,
    *,
    first_line: int = 1,
    folder: Path | None = None,
    glossary: Mapping[str, str] | None = None,
    facts: Mapping[str, str] | None = None,
) -> Page:
    """The blocks of a text, with all that was left out of them.

    Args:
        text: Markdown, as described above.
        first_line: The number of its first line in the file, for the faults.
        folder: The course folder, for pictures; without one every picture is left out.
        glossary: Term to explanation; without one the `term:` links stay, without a tooltip.
        facts: What stands for the variables of `course_variables` on the learner's target.
    """
    text = fill(text, facts)
    reader = _Reader(folder, glossary)
    for passage in passages(text, first_line=first_line):
        reader.add(passage)
    return Page(tuple(reader.blocks), tuple(reader.faults), tuple(reader.links))


def blocks(
    text: str,
    *,
    folder: Path | None = None,
    glossary: Mapping[str, str] | None = None,
    facts: Mapping[str, str] | None = None,
) -> tuple[Block, ...]:
    """The blocks of a text for the lesson pane; whatever is not allowed is left out."""
    return read(text, folder=folder, glossary=glossary, facts=facts).blocks


class _Parser(MarkdownIt):
    """CommonMark with tables and without HTML.

    Every address comes through, so that a forbidden one can be reported with its line instead of shown as source text.
    """

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False})
        self.enable("table")

    def validateLink(self, url: str) -> bool:  # noqa: N802  (the library's name)
        """Let `_Reader` judge the address."""
        return True


@dataclass(slots=True)
class _Reader:
    folder: Path | None
    glossary: Mapping[str, str] | None
    parser: MarkdownIt = field(default_factory=_Parser)
    blocks: list[Block] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    def add(self, passage: Passage) -> None:
        """Turn one passage into blocks."""
        if not passage.closed:
            self.faults.append(Fault(passage.line - 1, f"The box '::: {passage.kind}' has no ':::' line that ends it."))
        tokens = self.parser.parse(passage.text)
        if not passage.kind:
            self._prose(tokens, passage.line)
        elif passage.kind in CALLOUTS:
            self.blocks.append(Callout(CALLOUTS[passage.kind], self._html(tokens, passage.line)))
        else:
            sentence = f"There is no box called '{passage.kind}'; known ones are {', '.join(CALLOUTS)}."
            self.faults.append(Fault(passage.line - 1, sentence))

    def _prose(self, tokens: Sequence[Token], first_line: int) -> None:
        held: list[Token] = []

        def flush() -> None:
            if held:
                self.blocks.append(Prose(self._html(held, first_line)))
                held.clear()

        place = 0
        while place < len(tokens):
            token = tokens[place]
            picture = _lone_picture(tokens[place : place + 3])
            if token.level == 0 and token.type == "fence":
                flush()
                self._fence(token, first_line)
                place += 1
            elif picture is not None:
                flush()
                self._figure(picture, _line(token, first_line))
                place += 3
            else:
                held.append(token)
                place += 1
        flush()

    def _fence(self, token: Token, first_line: int) -> None:
        line = _line(token, first_line)
        language = token.info.strip() or "text"
        content = token.content.removesuffix("\n")
        if language not in LANGUAGES:
            known = ", ".join(LANGUAGES)
            self.faults.append(Fault(line, f"'{language}' is not a kind of code block; known ones are {known}."))
            language = "text"
        if language == "sizes":
            self._sizes(content, line)
            return
        if language != "command":
            self.blocks.append(Snippet(content, language))
            return
        command = content.strip()
        if not command or "\n" in command:
            self.faults.append(Fault(line, "A command block holds exactly one line, which one click runs."))
        elif not command.isprintable():
            # A control or direction mark could make the terminal do something other than what the learner reads.
            self.faults.append(Fault(line, "The command holds an invisible character; type it afresh."))
        else:
            self.blocks.append(Command(command))

    def _sizes(self, content: str, first_line: int) -> None:
        rows = []
        for number, text in enumerate(content.splitlines(), 1):
            image, sign, figure = (part.strip() for part in text.partition("="))
            if not sign or not image or not re.fullmatch(r"[0-9]+(\.[0-9]+)?", figure):
                sentence = "A line of sizes reads 'IMAGE = MEGABYTES', as in 'lolcow_1.sif = 54'."
                self.faults.append(Fault(first_line + number, sentence))
            else:
                rows.append(SizeRow(image, float(figure)))
        if rows:
            self.blocks.append(Sizes(tuple(rows)))

    def _figure(self, picture: Token, line: int) -> None:
        address = unquote(str(picture.attrs.get("src", "")))
        path = None if self.folder is None else inside(self.folder, address)
        if path is None or not path.is_file():
            self.faults.append(Fault(line, f"There is no picture '{address}' in the course folder."))
        elif PurePosixPath(address).suffix.lower() not in PICTURES:
            self.faults.append(Fault(line, f"'{address}' is not a picture; known endings are {', '.join(PICTURES)}."))
        elif not picture.content.strip():
            self.faults.append(Fault(line, f"Say in words what '{address}' shows, for those who can't see it."))
        else:
            self.blocks.append(Figure(path, picture.content, str(picture.attrs.get("title", ""))))

    def _html(self, tokens: Sequence[Token], first_line: int) -> str:
        """Rich text of the tokens, after the forbidden parts of their inline content are gone."""
        for token in tokens:
            if token.type == "inline" and token.children is not None:
                token.children = list(self._allowed(token.children, _line(token, first_line)))
            elif token.type == "table_open":
                token.attrs = {"cellspacing": "0", "cellpadding": "6"}
            elif token.type == "fence":
                token.info = ""
        return str(self.parser.renderer.render(tokens, self.parser.options, {})).strip()

    def _allowed(self, children: Sequence[Token], line: int) -> Iterator[Token]:
        dropping = False  # links do not nest in CommonMark
        for child in children:
            if child.type == "softbreak":
                line += 1
                yield child
            elif child.type == "image":
                self.faults.append(Fault(line, "A picture stands in a paragraph of its own."))
                yield Token("text", "", 0, content=child.content)
            elif child.type == "link_open":
                dropping = not self._link(child, line)
                if not dropping:
                    yield child
            elif child.type == "link_close":
                if not dropping:
                    yield child
                dropping = False
            else:
                yield child

    def _link(self, link: Token, line: int) -> bool:
        """Whether a link may stay; gives terms their explanation."""
        address = str(link.attrs.get("href", ""))
        scheme, _, rest = address.partition(":")
        if scheme == "term":
            return self._term(link, rest, line)
        if scheme == "step" and rest:
            link.attrs["class"] = "step"
        elif not _WEB_ADDRESS.fullmatch(address):
            self.faults.append(Fault(line, f"The link '{address}' must begin with https:, http:, step: or term:."))
            return False
        self.links.append(Link(line, address))
        return True

    def _term(self, link: Token, term: str, line: int) -> bool:
        link.attrs["class"] = "term"
        if self.glossary is None:
            return True
        if term not in self.glossary:
            self.faults.append(Fault(line, f"The glossary has no entry '{term}'."))
            return False
        link.attrs["title"] = self.glossary[term]
        self.links.append(Link(line, f"term:{term}"))
        return True


def _line(token: Token, first_line: int) -> int:
    return first_line + (token.map[0] if token.map else 0)


def _lone_picture(tokens: Sequence[Token]) -> Token | None:
    """The picture of a top-level paragraph that holds nothing else."""
    if len(tokens) < 3 or tokens[0].type != "paragraph_open" or tokens[0].level != 0:
        return None
    children = tokens[1].children or []
    return children[0] if len(children) == 1 and children[0].type == "image" else None


def inline(text: str) -> str:
    """A sentence (a check's title, a finding's message) as rich text: `code` and *emphasis* only, no links."""
    parser = MarkdownIt("zero").enable(["backticks", "emphasis", "escape"])
    return str(parser.renderInline(text))
