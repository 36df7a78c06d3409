"""Records a terminal as an asciicast, written as it happens, so that a crash leaves a recording that is only shorter.

Only what the terminal shows is recorded, never what is typed: a password at a prompt without echo is in none. The marks
of our shell integration have been taken out before (`CommandMarks`) and become markers; the secret that they carry is
taken out wherever else a program prints it (`set`, `declare -p`).
"""

from __future__ import annotations

import codecs
import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from time import monotonic, time
from typing import BinaryIO

from cowshed_lab.target import TerminalSize
from cowshed_lessons.asciicast import RecordedEvent, RecordingHeader, event_line, header_line

LARGEST_RECORDING = 16 * 1024 * 1024
"""Bytes after which a recording ends by itself: it is half of what is read again."""

TOGETHER = 0.03
"""Seconds of output that become one event."""

_HIDDEN = b"********"
_LONGEST_EVENT = 64 * 1024


class Recorder:
    """Writes one recording. Used on the loop of its terminal.

    Args:
        path: The file, made anew and readable by its owner only.
        size: The terminal's size now.
        secret: What the marks of this terminal carry; never written.
        title: What is recorded.
        notes: For the header, see `RecordingHeader.notes`.
        clock: Seconds that only grow.

    Raises:
        OSError: The file cannot be made.
    """

    def __init__(
        self,
        path: Path,
        size: TerminalSize,
        *,
        secret: str | None = None,
        title: str = "",
        notes: dict[str, str] | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.path = path
        self.problem = ""
        """Why nothing is written any more: a sentence for the person."""
        self._clock = clock
        self._began = clock()
        self._secret = secret.encode() if secret else b""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = b""  # may be the beginning of the secret
        self._text: list[str] = []
        self._text_time = 0.0
        self._length = 0
        self._written = 0
        header = RecordingHeader(size.columns, size.rows, int(time()), title, notes or {})
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file: BinaryIO | None = os.fdopen(descriptor, "wb")
        self._write(header_line(header))

    @property
    def seconds(self) -> float:
        """How long it records by now."""
        return self._clock() - self._began

    def output(self, data: bytes) -> None:
        """Take what the terminal shows."""
        data = self._without_secret(data)
        if data:
            self._add(self._decoder.decode(data))

    def marker(self, label: str) -> None:
        """Take a command that begins."""
        self._flush()
        self._write(event_line(RecordedEvent(self.seconds, "m", self._shown(label))))

    def resize(self, size: TerminalSize) -> None:
        """Take the terminal's new size."""
        self._flush()
        self._write(event_line(RecordedEvent(self.seconds, "r", f"{size.columns}x{size.rows}")))

    def close(self) -> None:
        """Write what is left. Safe to call twice."""
        if self._file is None:
            return
        held, self._held = self._held, b""
        self._add(self._decoder.decode(held, final=True))
        self._flush()
        if self._file is not None:  # it may have been full just now
            self._close_file()

    def _without_secret(self, data: bytes) -> bytes:
        """Return what can be shown of `data`; the end of it is held back while it may be half of the secret."""
        if not self._secret:
            return data
        data = (self._held + data).replace(self._secret, _HIDDEN)
        longest = min(len(self._secret) - 1, len(data))
        held = next((n for n in range(longest, 0, -1) if data.endswith(self._secret[:n])), 0)
        self._held = data[len(data) - held :]
        return data[: len(data) - held]

    def _add(self, text: str) -> None:
        now = self.seconds
        if self._text and (now - self._text_time > TOGETHER or self._length > _LONGEST_EVENT):
            self._flush()
        if text:
            if not self._text:
                self._text_time = now
            self._text.append(text)
            self._length += len(text)

    def _flush(self) -> None:
        text, self._text, self._length = "".join(self._text), [], 0
        if text:
            self._write(event_line(RecordedEvent(self._text_time, "o", text)))

    def _shown(self, text: str) -> str:
        return text.replace(self._secret.decode(), _HIDDEN.decode()) if self._secret else text

    def _write(self, line: bytes) -> None:
        if self._file is None:
            return
        if self._written + len(line) > LARGEST_RECORDING:
            self._end(f"The recording has ended: it has {LARGEST_RECORDING // 2**20} MiB, and more are not kept.")
            return
        try:
            self._file.write(line)
            self._file.flush()
        except OSError as error:
            self._end(f"The recording has ended: it could not be written any more ({error.strerror}).")
            return
        self._written += len(line)

    def _end(self, problem: str) -> None:
        self.problem = problem
        self._close_file()

    def _close_file(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):  # a full disk, told already
                file.close()
