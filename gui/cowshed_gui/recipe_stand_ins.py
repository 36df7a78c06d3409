"""Letters that Qt's documents would change or drop, and what stands there for them in the document."""

from __future__ import annotations

import re
from itertools import chain

_CHANGED = re.compile("[\r\u2028\u2029\ufdd0\ufdd1\ud800-\udfff]")
_CANDIDATES = tuple(chain(range(0xFDD2, 0xFDF0), range(0xE000, 0xF900)))
"""Non-characters first: they have no meaning in any text. Then the private ones, those that the text has not got."""


class StandIns:
    """One letter of one UTF-16 unit for another, in one document: every place stays what it is."""

    def __init__(self) -> None:
        self._put: dict[int, int] = {}
        self._back: dict[int, int] = {}

    def put(self, text: str) -> str:
        """The text as the document can hold it."""
        found = {ord(letter) for letter in _CHANGED.findall(text)}
        if self._back and not text.isascii():  # a stand-in that is a letter of the text itself needs one, too
            found |= {number for number in self._back if chr(number) in text}
        if not found:
            return text
        for number in sorted(found - self._put.keys()):
            one = next(each for each in _CANDIDATES if each not in self._back and chr(each) not in text)
            self._put[number], self._back[one] = one, number
        return text.translate(self._put)

    def back(self, text: str) -> str:
        """The text as it is in the file."""
        return text.translate(self._back) if self._back and not text.isascii() else text
