"""What a command printed, as far as it is kept: beginning and end, however much came between."""

from __future__ import annotations

from typing import Protocol

MOST_OUTPUT = 4_000_000
"""Bytes kept of each of a command's two streams; of a longer one the middle is left out, and a line says so."""

_CHUNK = 64 * 1024


class _Reader(Protocol):
    async def read(self, n: int = ..., /) -> bytes: ...


class KeptOutput:
    """Collects a stream while it comes, never more than `limit` bytes of it.

    Args:
        limit: bytes; half of them for the beginning, half for the end.
    """

    def __init__(self, limit: int = MOST_OUTPUT) -> None:
        self._half = limit // 2
        self._head = bytearray()
        self._tail = bytearray()
        self._left_out = 0

    def add(self, data: bytes) -> None:
        """Take what came next."""
        room = self._half - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        if len(self._tail) > 2 * self._half:  # seldom, so that a flood costs no copying
            self._shorten()

    def content(self) -> bytes:
        """Return what was kept, with a line where something was left out."""
        self._shorten()
        gap = f"\n[… {self._left_out} bytes left out …]\n".encode() if self._left_out else b""
        return bytes(self._head) + gap + bytes(self._tail)

    async def collect(self, reader: _Reader) -> None:
        """Read a stream to its end."""
        while data := await reader.read(_CHUNK):
            self.add(data)

    def _shorten(self) -> None:
        surplus = len(self._tail) - self._half
        if surplus > 0:
            self._left_out += surplus
            del self._tail[:surplus]
