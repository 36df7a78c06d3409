"""Which commands ran in a terminal: read from the marks (OSC 133) that the shell integration prints.

Every mark carries the session's secret, so a program that prints marks of its own counts for nothing. Marks are taken
out of the stream before the terminal core sees it: some cores redraw prompts on the strength of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cowshed_lessons.evidence import CommandEvidence

OUTPUT_KEPT = 256 * 1024
"""Most bytes of one command's output that are kept: half from its beginning, half from its end."""

_BEGIN = b"\x1b]133;"
_END = re.compile(rb"\x07|\x1b\\")
_LONGEST_MARK = 64 * 1024
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"e": b"\x1b", b"a": b"\x07", b"s": b";"}
_SEQUENCE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]+[0-~]|[0-~])"
    r"|[\x00-\x07\x0b\x0c\x0e-\x1f\x7f]"
)


@dataclass(frozen=True, slots=True)
class Prompt:
    """The shell waits for a command."""


@dataclass(frozen=True, slots=True)
class Started:
    """A command begins. `doubtful` where the history did not take it in, so that the line may be the one before."""

    command_line: str
    folder: str
    doubtful: bool


@dataclass(frozen=True, slots=True)
class Finished:
    """A command ended; `folder` is the working directory now."""

    evidence: CommandEvidence
    folder: str


type Mark = Prompt | Started | Finished


class CommandMarks:
    """Takes a terminal's raw output apart into what is to be shown and the marks in it.

    Args:
        secret: what genuine marks carry; None where the shell sends none (all output passes through).
    """

    def __init__(self, secret: str | None) -> None:
        # Only what has the secret at its place is looked at further: a flood of others costs one pass.
        self._first = _first_bytes(secret.encode()) if secret else None
        self._ours = re.compile(b"".join(self._first) + rb"(?=[;\x07\x1b])", re.DOTALL) if self._first else None
        self._held = b""
        self._command: Started | None = None
        self._output = _CappedOutput()
        self.folder = ""
        self.at_prompt = False

    @property
    def command_line(self) -> str:
        """The command that is running, empty at a prompt."""
        return self._command.command_line if self._command else ""

    def correct(self, command_line: str) -> None:
        """Say what the running command really is, after a doubtful `Started`."""
        if self._command is not None:
            self._command = Started(command_line, self._command.folder, doubtful=False)

    def feed(self, data: bytes) -> Iterator[bytes | Mark]:
        """Take output as it comes and yield it in order, genuine marks in place of their bytes.

        A mark counts when it is yielded, so `correct` may be called before the next item is taken.
        """
        if self._ours is None or self._first is None:
            if data:
                yield data
            return
        data = self._held + data
        self._held = b""
        shown = position = 0
        while (found := self._ours.search(data, position)) is not None:
            begin, content = found.start(), found.start() + len(_BEGIN)
            end = _END.search(data, content)
            if end is None and len(data) - begin < _LONGEST_MARK:
                self._held = data[begin:]
                yield from self._output_of(data[shown:begin])
                return
            if end is None:
                position = content  # too long: leave it where it is
                continue
            yield from self._output_of(data[shown:begin])
            if (mark := self._read(data[content : end.start()])) is not None:
                yield mark
            shown = position = end.end()
        self._held = _start_of_mark(data[position:], self._first)
        yield from self._output_of(data[shown : len(data) - len(self._held)])

    def rest(self) -> bytes:
        """Return what was held back as the possible start of a mark: the stream is over."""
        held, self._held = self._held, b""
        return held

    def _output_of(self, data: bytes) -> Iterator[bytes]:
        if data:
            if self._command is not None:
                self._output.add(data)
            yield data

    def _read(self, content: bytes) -> Mark | None:
        letter, _secret, *fields = content.split(b";")
        match letter, [_unescape(field) for field in fields]:
            case b"A", []:
                self.at_prompt = True
                return Prompt()
            case b"C", [doubt, command_line, folder]:
                self.at_prompt = False
                self._begin(command_line, folder, doubt == "1")
                return self._command
            case b"D", [status, folder]:
                return self._finish(status, folder)
        return None

    def _begin(self, command_line: str, folder: str, doubtful: bool) -> None:
        """A command begins; the lines of a pasted text follow each other without a prompt and count as one command."""
        before = self._command
        if before is None:
            self._output = _CappedOutput()
        else:
            folder = before.folder
            if before.command_line and command_line != before.command_line:
                command_line = f"{before.command_line}\n{command_line}"
        self._command = Started(command_line, folder, doubtful)

    def _finish(self, status: str, folder: str) -> Mark:
        self.folder = folder
        command, self._command = self._command, None
        if command is None:  # Enter on an empty line, or the first prompt
            return Prompt()
        evidence = CommandEvidence(
            command_line=command.command_line,
            exit_status=int(status) if status.isdigit() else None,
            output=self._output.text(),
            folder=command.folder,
        )
        self._output = _CappedOutput()
        return Finished(evidence, folder)


class _CappedOutput:
    """The beginning and the end of what a command printed."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail = bytearray()
        self._left_out = 0

    def add(self, data: bytes) -> None:
        room = OUTPUT_KEPT // 2 - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        self._tail += data
        if len(self._tail) > OUTPUT_KEPT:  # cut now and then, not at every chunk
            excess = len(self._tail) - OUTPUT_KEPT // 2
            del self._tail[:excess]
            self._left_out += excess

    def text(self) -> str:
        excess = max(len(self._tail) - OUTPUT_KEPT // 2, 0)
        left_out = self._left_out + excess
        if not left_out:
            return plain_text(bytes(self._head + self._tail))
        tail = plain_text(bytes(self._tail[excess:]))
        return f"{plain_text(bytes(self._head))}\n[… {left_out} bytes left out …]\n{tail}"


def plain_text(data: bytes) -> str:
    """Return output as text: escape sequences and control characters removed, lines that were overwritten left out."""
    text = _SEQUENCE.sub("", data.decode(errors="replace")).replace("\r\n", "\n")
    if "\b" in text:
        text = _rub_out(text)
    if "\r" in text:
        text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return text


def _rub_out(text: str) -> str:
    kept: list[str] = []
    for character in text:
        if character != "\b":
            kept.append(character)
        elif kept and kept[-1] != "\n":
            kept.pop()
    return "".join(kept)


def _first_bytes(secret: bytes) -> tuple[bytes, ...]:
    """Return the first bytes of every genuine mark, one pattern for each: beginning, letter, secret."""
    return (
        *(re.escape(bytes([byte])) for byte in _BEGIN),
        b"[A-Z]",
        *(re.escape(bytes([byte])) for byte in b";" + secret),
    )


def _start_of_mark(data: bytes, first: tuple[bytes, ...]) -> bytes:
    """Return the end of `data` that may be the start of a genuine mark cut in two."""
    for length in range(min(len(first), len(data)), 0, -1):
        if re.fullmatch(b"".join(first[:length]), data[-length:]):
            return data[-length:]
    return b""


def _unescape(field: bytes) -> str:
    def real(found: re.Match[bytes]) -> bytes:
        return _ESCAPES.get(found.group(1), found.group(1))

    return re.sub(rb"\\(.)", real, field, flags=re.DOTALL).decode(errors="replace")
