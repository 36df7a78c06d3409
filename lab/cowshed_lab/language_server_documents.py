"""The recipes that an editor has open, as the editor last told of them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property

from lsprotocol import types

from cowshed_lab.language_server_positions import Positions

LOG = logging.getLogger(__name__)

Change = types.TextDocumentContentChangePartial | types.TextDocumentContentChangeWholeDocument


@dataclass(frozen=True)
class Document:
    """One version of a recipe. Versions are numbered by the editor."""

    uri: str
    version: int
    text: str
    encoding: types.PositionEncodingKind | str

    @cached_property
    def positions(self) -> Positions:
        """Its places, as the editor and as recipes count them."""
        return Positions(self.text, self.encoding)

    def changed(self, version: int, changes: Iterable[Change]) -> Document:
        """Return the version after changes, each of which is about the text that the one before it left."""
        text = self.text
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                text = Positions(text, self.encoding).change(change.range, change.text)
            else:
                text = change.text
        return Document(self.uri, version, text, self.encoding)


class Documents:
    """All open recipes by their addresses."""

    def __init__(self) -> None:
        self.encoding: types.PositionEncodingKind | str = types.PositionEncodingKind.Utf16
        """What columns count; agreed on before anything is opened."""
        self._open: dict[str, Document] = {}
        self._asked: ContextVar[Document | None] = ContextVar("asked", default=None)

    def __iter__(self) -> Iterator[Document]:
        return iter(list(self._open.values()))

    def get(self, uri: str) -> Document | None:
        """The last version of a recipe, None where it is not open."""
        return self._open.get(uri)

    def opened(self, item: types.TextDocumentItem) -> None:
        """Note what was opened."""
        self._open[item.uri] = Document(item.uri, item.version, item.text, self.encoding)

    def changed(self, what: types.VersionedTextDocumentIdentifier, changes: Sequence[Change]) -> bool:
        """Note changes; False where they are about something that is not open."""
        document = self._open.get(what.uri)
        if document is None:
            LOG.warning("a change of something that is not open was left out of account")
            return False
        self._open[what.uri] = document.changed(what.version, changes)
        return True

    def closed(self, uri: str) -> None:
        """Forget a recipe."""
        self._open.pop(uri, None)

    def note_asked(self, uri: str | None) -> None:
        """Keep the version that a request is about, for `asked`: it may be answered after further changes."""
        self._asked.set(self._open.get(uri) if uri is not None else None)

    def asked(self) -> Document | None:
        """The version that the request at hand is about: the one at the time when the request came."""
        return self._asked.get()
