"""Search over all lessons: titles, headings, texts, questions and the glossary; neither hints nor answers.

All words that are typed must occur in a step, each at least as a part of a word. What has them in its title comes
first, then headings, then text that has them together, then the glossary, then steps through which they are spread;
else it is the order of the course.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from html import unescape

from cowshed_lessons.course import Course, Lesson, Step
from cowshed_lessons.course_variables import fill
from cowshed_lessons.markup import Block, Callout, Command, Figure, Prose, Snippet, blocks

MOST = 60
"""Hits that are given at most: nobody reads on, and each is a line to draw."""

_EXCERPT = 110  # letters
_MOST_IN_STEP = 3
_PART = re.compile(r"<(h[1-6]|p|li|td|th|pre)\b[^>]*>(.*?)(?=</\1>|<(?:p|ul|ol|li|pre)\b)", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"\s+")


class Where(IntEnum):
    """What was found in which kind of place, best first."""

    TITLE = 0
    HEADING = 1
    TEXT = 2
    GLOSSARY = 3
    SPREAD = 4


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in the course.

    Attributes:
        step: the id of its step.
        title: lesson and step, or the word of the glossary.
        where: what kind of place it is.
        excerpt: some words around the first match; empty where the title says it all.
        marks: where in the excerpt matches are: first letter, letter behind the last.
        passage: the whole passage as it stands on the page, to find the place there; empty for the top of the page.
        words: the words that were looked for, in small letters.
    """

    step: str
    title: str
    where: Where
    excerpt: str = ""
    marks: tuple[tuple[int, int], ...] = ()
    passage: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Passage:
    text: str
    lower: str
    heading: bool = False


@dataclass(frozen=True, slots=True)
class _Page:
    step: str
    title: str
    lower_title: str
    passages: tuple[_Passage, ...]
    lower: str  # all of it


@dataclass(slots=True)
class CourseIndex:
    """What can be found in a course. It is read step by step, so that a window can go on meanwhile.

    Args:
        course: the course.
        facts: what stands for its variables on the learner's target.
    """

    course: Course
    facts: Mapping[str, str] | None = None
    _pages: list[_Page] = field(default_factory=list)
    _left: Iterator[tuple[Lesson, Step]] | None = None
    _whole: bool = False

    @property
    def whole(self) -> bool:
        """Whether every step is read."""
        return self._whole

    def read_on(self) -> bool:
        """Read one more step; False where there is none left."""
        if self._left is None:
            self._left = ((lesson, step) for lesson in self.course.lessons for step in lesson.steps)
        following = next(self._left, None)
        if following is None:
            self._whole = True
            return False
        self._pages.append(self._page(*following))
        return True

    def read_all(self) -> None:
        """Read all that is left."""
        while self.read_on():
            pass

    def search(self, wanted: str) -> tuple[Hit, ...]:
        """The hits for what was typed, best first, in what is read so far; none for nothing."""
        words = tuple(dict.fromkeys(_lower(wanted).split()))
        if not words:
            return ()
        hits: list[tuple[tuple[int, int, int], Hit]] = []
        for number, page in enumerate(self._pages):
            if all(word in page.lower for word in words):
                hits += [((hit.where, rough, number), hit) for rough, hit in _hits_in(page, words)]
        hits += [((hit.where, rough, len(self._pages)), hit) for rough, hit in self._terms(words)]
        return tuple(hit for _, hit in sorted(hits, key=lambda each: each[0])[:MOST])

    def _page(self, lesson: Lesson, step: Step) -> _Page:
        title = f"{lesson.title} {lesson.number(step)}: {fill(step.title, self.facts)}"
        found = blocks(step.text, folder=self.course.folder, facts=self.facts)
        passages = [passage for block in found for passage in _passages_of(block)]
        passages += [_passage(fill(re.sub("[`*]", "", question.text), self.facts)) for question in step.questions]
        lower = "\n".join([_lower(title), *(passage.lower for passage in passages)])
        return _Page(step.id, title, _lower(title), tuple(passages), lower)

    def _terms(self, words: Sequence[str]) -> Iterator[tuple[int, Hit]]:
        """Entries of the glossary that speak of the words; they lead to where the course first explains them."""
        for term, says in self.course.glossary.items():
            name, text = term.replace("-", " "), re.sub("[`*]", "", says)
            if not all(word in _lower(name) or word in _lower(text) for word in words):
                continue
            step = next((each for each in self.course.steps if f"(term:{term})" in each.text), None)
            if step is None:
                continue
            linked = re.search(rf"\[([^\]]*)\]\(term:{re.escape(term)}\)", step.text)
            excerpt, marks = _excerpt(text, words)
            named = all(word in _lower(name) for word in words)
            passage = self._passage_with(step.id, re.sub("[`*]", "", linked[1]) if linked else name)
            yield (
                int(not named),
                Hit(step.id, f"Glossary: {name}", Where.GLOSSARY, excerpt, marks, passage, tuple(_lower(name).split())),
            )

    def _passage_with(self, step: str, words: str) -> str:
        page = next((page for page in self._pages if page.step == step), None)
        words = _lower(_SPACE.sub(" ", words))
        return next((each.text for each in page.passages if words in each.lower), "") if page is not None else ""


def _hits_in(page: _Page, words: tuple[str, ...]) -> Iterator[tuple[int, Hit]]:
    """The best hits in a page that has all the words, each with how roughly it fits: 0 where whole words begin so."""
    if all(word in page.lower_title for word in words):
        yield _rough(page.lower_title, words), Hit(page.step, page.title, Where.TITLE, words=words)
    together = [passage for passage in page.passages if all(word in passage.lower for word in words)]
    together.sort(key=lambda passage: (not passage.heading, _rough(passage.lower, words)))
    for passage in together[:_MOST_IN_STEP]:
        where = Where.HEADING if passage.heading else Where.TEXT
        yield _rough(passage.lower, words), _hit(page, where, passage, words)
    if not together and not all(word in page.lower_title for word in words):
        best = max(page.passages, key=lambda passage: sum(word in passage.lower for word in words), default=None)
        if best is not None:
            yield 0, _hit(page, Where.SPREAD, best, words)


def _hit(page: _Page, where: Where, passage: _Passage, words: tuple[str, ...]) -> Hit:
    excerpt, marks = _excerpt(passage.text, words)
    return Hit(page.step, page.title, where, excerpt, marks, passage.text, words)


def _rough(lower: str, words: Sequence[str]) -> int:
    """How many of the words are not the beginning of a word there."""
    return sum(re.search(rf"(?<!\w){re.escape(word)}", lower) is None for word in words)


def _excerpt(text: str, words: Sequence[str]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The part of a text around the first match, cut between words, and where the matches are in it."""
    lower = _lower(text)
    first = min((place for word in words if (place := lower.find(word)) >= 0), default=0)
    begin = max(first - _EXCERPT // 4, 0)
    if begin:
        begin = text.rfind(" ", 0, begin) + 1
    end = min(begin + _EXCERPT, len(text))
    if end < len(text):
        end = max(text.rfind(" ", begin, end), begin + 1)
    before, after = "… " if begin else "", " …" if end < len(text) else ""
    part = f"{before}{text[begin:end]}{after}"
    return part, tuple(matches(part, words))


def matches(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where words (in small letters) occur in a text: first letter and letter behind the last; none overlap."""
    if not words:
        return []
    pattern = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return [found.span() for found in re.finditer(pattern, _lower(text))]


def _passages_of(block: Block) -> Iterator[_Passage]:
    if isinstance(block, Prose | Callout):
        for kind, html in _PART.findall(block.html):
            text = _SPACE.sub(" ", unescape(_TAG.sub("", html))).strip()
            if text:
                yield _passage(text, heading=kind[0] == "h")
    elif isinstance(block, Command):
        yield _passage(block.command)
    elif isinstance(block, Snippet):
        yield _passage(_SPACE.sub(" ", block.text).strip())
    elif isinstance(block, Figure) and block.caption:
        yield _passage(block.caption)


def _passage(text: str, *, heading: bool = False) -> _Passage:
    return _Passage(text, _lower(text), heading)


def _lower(text: str) -> str:
    """Small letters, as many as there were: a place in one text is the same place in the other."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(small if len(small := c.lower()) == 1 else c for c in text)
