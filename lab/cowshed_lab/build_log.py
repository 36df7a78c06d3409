"""What a build prints, as plain lines and as phases. Made for the output of Apptainer 1.4.5."""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

KEPT_LINES = 40_000
"""Lines of a log that are kept; a longer log loses its middle, never its beginning or its end."""

LONGEST_ESCAPE = 4096
"""Characters of an unfinished escape sequence that are held back; a longer one is taken for text."""

_ESCAPES = re.compile(
    r"\x1b(?:\[(?P<count>\d*)(?P<up>A)|\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?"
    r"|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]*[0-~])"
)
_PARTIAL_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[ -/]*)?$")
_LEVEL = re.compile(r"^(?P<level>INFO|WARNING|ERROR|FATAL|DEBUG|VERBOSE):\s+(?P<words>.*)$")
_PULLED = re.compile(r"^(?P<done>[\d.]+) ?(?P<unit>[KMGT]?i?B) / [\d.]+ ?[KMGT]?i?B \[")
_BAR = re.compile(r"^\[[=>-]+\] \d+ % ")
_UNITS = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "TiB": 1024**4, "KB": 10**3, "MB": 10**6, "GB": 10**9}

_PHASES = (
    ("Starting build", "prepare"),
    ("Fetching OCI image", "pull"),
    ("Downloading", "pull"),
    ("Using cached image", "pull"),
    ("Verifying bootstrap image", "pull"),
    ("Extracting OCI image", "unpack"),
    ("Extracting local image", "unpack"),
    ("Running setup scriptlet", "%setup"),
    ("Copying ", "%files"),
    ("Running post scriptlet", "%post"),
    ("Adding ", "settle"),
    ("Running testscript", "%test"),
    ("Creating SIF file", "pack"),
    ("Creating sandbox directory", "pack"),
)
"""How the message begins that opens a phase."""


@dataclass(slots=True)
class Phase:
    """One part of a build.

    `name` is pull, unpack, %post, pack, …; `command` the line of `%post` that runs (empty for the phase as a whole);
    `started` in seconds since the build began, `seconds` None while it lasts; `bytes` what it fetched or wrote, None
    where that is not known.
    """

    name: str
    started: float
    command: str = ""
    seconds: float | None = None
    bytes: int | None = None

    @property
    def title(self) -> str:
        """What a person reads: the command where there is one, else the phase's name."""
        return self.command or self.name


class PlainText:
    """Turns what a program sent to a terminal into plain lines: no escape sequences, redrawn lines once.

    A carriage return goes back to the line's beginning and what follows overwrites it; "cursor up" takes the lines
    back that are about to be drawn again, as progress bars do.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._line = ""
        self._column = 0
        self.lines: list[str] = []
        self.dropped = 0

    def feed(self, data: bytes, final: bool = False) -> list[str]:
        """Take more output; return the lines that were completed by it."""
        text = self._rest + self._decoder.decode(data, final)
        self._rest = ""
        if (partial := _PARTIAL_ESCAPE.search(text)) and len(text) - partial.start() < LONGEST_ESCAPE:
            text = text[: partial.start()]
            self._rest = "" if final else partial[0]
        completed: list[str] = []
        at = 0
        for escape in _ESCAPES.finditer(text):
            self._take(text[at : escape.start()], completed)
            if escape["up"]:
                for _ in range(min(int(escape["count"] or 1), len(self.lines))):
                    self.lines.pop()
                self._line, self._column = "", 0
            elif escape[0].endswith(("K", "J")):
                self._line = self._line[: self._column]
            at = escape.end()
        self._take(text[at:], completed)
        if final and self._line.strip():
            self._complete(completed)
        return completed

    def text(self) -> str:
        """Return all lines so far as one text, the unfinished one last."""
        lines = [*self.lines, *([self._line.rstrip()] if self._line.strip() else [])]
        if self.dropped:
            half = KEPT_LINES // 2
            lines[half:half] = [f"[… {self.dropped} lines left out …]"]
        return "".join(line + "\n" for line in lines)

    def _take(self, text: str, completed: list[str]) -> None:
        for number, part in enumerate(text.split("\n")):
            if number:
                self._complete(completed)
            for turn, words in enumerate(part.split("\r")):
                if turn:
                    self._column = 0
                printable = "".join(sign for sign in words if sign == "\t" or sign.isprintable())
                end = self._column + len(printable)
                self._line = self._line[: self._column] + printable + self._line[end:]
                self._column = end

    def _complete(self, completed: list[str]) -> None:
        line = self._line.rstrip()
        self._line, self._column = "", 0
        self.lines.append(line)
        completed.append(line)
        if len(self.lines) > KEPT_LINES:
            del self.lines[KEPT_LINES // 2]
            self.dropped += 1


@dataclass(slots=True)
class BuildLog:
    """Reads a build's output as it comes: the plain log and the phases.

    Args:
        clock: seconds, for tests; the system's monotonic clock by default.
        on_phase: called with a phase when it begins, when its bytes are known better, and when it ends.
    """

    clock: Callable[[], float] = time.monotonic
    on_phase: Callable[[Phase], None] | None = None
    phases: list[Phase] = field(default_factory=list)
    _plain: PlainText = field(default_factory=PlainText)
    _began: float | None = None

    def feed(self, data: bytes) -> None:
        """Take more of the build's output."""
        if self._began is None:
            self._began = self.clock()
        for line in self._plain.feed(data):
            self._read(line)

    def end(self, image_bytes: int | None = None) -> None:
        """The build has ended; `image_bytes` is the finished image's size where there is one."""
        for line in self._plain.feed(b"", final=True):
            self._read(line)
        now = self._now()
        for phase in self.phases:
            if phase.name == "pack" and image_bytes is not None and phase.seconds is None:
                phase.bytes = image_bytes
        self._finish(now, of_command=True)
        self._finish(now)

    def text(self) -> str:
        """Return the plain log."""
        return self._plain.text()

    @property
    def seconds(self) -> float:
        """Seconds since the first output, until the last phase's end where the build has ended."""
        last = self.phases[-1] if self.phases else None
        return last.started + last.seconds if last and last.seconds is not None else self._now()

    def _read(self, line: str) -> None:
        if message := _LEVEL.match(line):
            self._read_message(message["level"], message["words"])
        elif pulled := _PULLED.match(line):
            phase = self._open("pull")
            size = int(float(pulled["done"]) * _UNITS.get(pulled["unit"], 1))
            if phase and size != phase.bytes:
                phase.bytes = size
                self._tell(phase)
        elif line.startswith("+ ") and self._open("%post"):
            now = self._now()
            self._finish(now, of_command=True)
            self._begin(Phase("%post", now, command=line[2:]))

    def _read_message(self, level: str, words: str) -> None:
        if level == "INFO":
            for beginning, name in _PHASES:
                if words.startswith(beginning):
                    if not self._open(name) or beginning == "Running post scriptlet":
                        now = self._now()
                        self._finish(now, of_command=True)
                        self._finish(now)
                        self._begin(Phase(name, now))
                    return

    def _open(self, name: str) -> Phase | None:
        """Return the phase of that name where it is the one that lasts."""
        for phase in reversed(self.phases):
            if not phase.command:
                return phase if phase.name == name and phase.seconds is None else None
        return None

    def _begin(self, phase: Phase) -> None:
        self.phases.append(phase)
        self._tell(phase)

    def _finish(self, now: float, *, of_command: bool = False) -> None:
        for phase in reversed(self.phases):
            if bool(phase.command) == of_command:
                if phase.seconds is None:
                    phase.seconds = now - phase.started
                    self._tell(phase)
                return

    def _now(self) -> float:
        return 0.0 if self._began is None else self.clock() - self._began

    def _tell(self, phase: Phase) -> None:
        if self.on_phase is not None:
            self.on_phase(phase)


def is_progress(line: str) -> bool:
    """Tell whether a plain line is a progress bar of Apptainer's."""
    return bool(_PULLED.match(line) or _BAR.match(line))
