"""Plays a recording into a terminal: a `TerminalChannel` whose program is the past.

Everything behind it is the same as for a program that runs: the core in its process, frames, scrollback, copying. What
the terminal answers or the person types goes nowhere. Used on one asyncio loop; `on_change` is called there.
"""

from __future__ import annotations

import asyncio
import re
import signal
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from cowshed_lab.target import TerminalSize
from cowshed_lessons.asciicast import Marker, Recording, size_of

LONGEST_WAIT = 2.0
"""Seconds that are left of a longer wait where those are skipped."""

SPEEDS = (0.5, 1.0, 1.5, 2.0, 4.0)

_TELL = 0.2  # seconds between two reports of the position while nothing else happens
_BACK = 1.0  # seconds after a command's beginning in which "the command before" means the one before that
_RESET = b"\x1bc\x1b[3J"
_MARKS = re.compile(r"\x1b\]133;[^\x07\x1b]*(?:\x07|\x1b\\)")
_OF_THE_WHOLE_SCREEN = re.compile(r"\x1b\[(?:\?(?:47|1047|1049)h|[0-9]+;[0-9]+[Hf]|[0-9]+d|[0-9]*;[0-9]+r)")


@dataclass(frozen=True, slots=True)
class PlaybackState:
    """How a playback stands: seconds of its own time, in which long waits may be skipped.

    Attributes:
        position: Where it is.
        duration: Where it ends.
        playing: Whether it goes on by itself.
        speed: Seconds of the recording in one second.
        skips_waits: Whether long waits are skipped.
        markers: The commands in the same time.
    """

    position: float = 0.0
    duration: float = 0.0
    playing: bool = False
    speed: float = 1.0
    skips_waits: bool = True
    markers: tuple[Marker, ...] = ()

    @property
    def over(self) -> bool:
        """Whether the end is reached."""
        return self.position >= self.duration

    @property
    def command(self) -> str:
        """The newest command that has begun, empty before the first."""
        return next((each.label for each in reversed(self.markers) if each.time <= self.position), "")


def wants_its_size(recording: Recording) -> bool:
    """Whether programs in it drew on the whole screen, so that it has a sense in its own size only."""
    return any(event.code == "o" and _OF_THE_WHOLE_SCREEN.search(event.data) for event in recording.events)


class Playback:
    """A `TerminalChannel` that prints a recording.

    Args:
        recording: what to play.
        on_change: called when anything in `state` is another.
        on_size: called when the terminal of the recording got another size; first of all with the size it began with.
        grain: output is shown together that lies in the same stretch of so many seconds; 0 shows it as it came.
    """

    def __init__(
        self,
        recording: Recording,
        *,
        on_change: Callable[[PlaybackState], None],
        on_size: Callable[[TerminalSize], None],
        grain: float = 0.0,
    ) -> None:
        self._events = recording.events
        self._begins_with = TerminalSize(recording.header.columns, recording.header.rows)
        self._whole = tuple(event.time for event in recording.events)
        short = recording.without_long_waits(LONGEST_WAIT)
        self._short = tuple(event.time for event in short.events)
        self._times = self._short
        self._on_change = on_change
        self._on_size = on_size
        self._grain = grain
        self._next = 0  # the event that is shown next
        self._position = 0.0
        self._since = monotonic()  # when it was at `_position`
        self._speed = 1.0
        self._playing = False
        self._pending: list[bytes | TerminalSize] = [self._begins_with]
        self._woken = asyncio.Event()
        self._closed = False

    @property
    def state(self) -> PlaybackState:
        """How it stands now."""
        return PlaybackState(
            self._now(), self._duration, self._playing, self._speed, self._times is self._short, self._markers()
        )

    # What the person does

    def play(self) -> None:
        """Go on; from the beginning where the end is reached."""
        if self._now() >= self._duration:
            self.seek(0.0)
        self._set(playing=True)

    def pause(self) -> None:
        """Stand still."""
        self._set(playing=False)

    def toggle(self) -> None:
        """Pause or go on."""
        (self.pause if self._playing else self.play)()

    def restart(self) -> None:
        """Play from the beginning."""
        self.seek(0.0)
        self.play()

    def set_speed(self, speed: float) -> None:
        """Play faster or slower; held between the ends of `SPEEDS`."""
        self._stand(self._now())
        self._speed = min(max(speed, SPEEDS[0]), SPEEDS[-1])
        self._wake()

    def skip_waits(self, skips: bool) -> None:
        """Skip what is longer than `LONGEST_WAIT`, or take the recording's own time. The picture stays."""
        old, new = self._times, self._short if skips else self._whole
        if old is new:
            return
        now = self._now()
        before = (
            self._next
        )  # by what is on the screen, not by the time: at its end a wait is over in one, not the other
        begin, rest = (old[before - 1], new[before - 1]) if before else (0.0, 0.0)
        most = (new[before] if before < len(new) else self._end_of(new)) - rest
        self._times = new
        self._stand(rest + min(now - begin, most))
        self._wake()

    def seek(self, position: float) -> None:
        """Go to a place, and show what was on the screen then."""
        position = min(max(position, 0.0), self._duration)
        self._stand(position)
        place = bisect_right(self._times, position)
        if place < self._next:
            self._pending = [_RESET, self._begins_with]
            self._next = 0
        self._take_until(place)
        self._wake()

    def next_command(self) -> None:
        """Go to where the next command begins, or to the end."""
        now = self._now()
        self.seek(next((each.time for each in self._markers() if each.time > now + 1e-3), self._duration))

    def previous_command(self) -> None:
        """Go to where this command began; the one before it where this one has only just begun."""
        now = self._now() - (_BACK * self._speed if self._playing else 1e-3)
        self.seek(next((each.time for each in reversed(self._markers()) if each.time < now), 0.0))

    # The channel

    async def read(self) -> bytes:
        """Return what is shown next; waits until it is time for it."""
        while not self._closed:
            if self._pending:
                data = await self._from_pending()
                if data:
                    return data
                continue
            if not self._playing:
                await self._woken.wait()
                self._woken.clear()
                continue
            now = self._now()
            self._take_until(bisect_right(self._times, now if not self._grain else now - now % self._grain))
            if now >= self._duration:
                self._take_until(len(self._times))
                self._playing = False
                self._stand(self._duration)
            self._tell()
            if not self._pending and self._playing:
                due = self._times[self._next] if self._next < len(self._times) else self._duration
                wait = max((due - now) / self._speed, self._grain / self._speed, 1e-3)
                try:
                    await asyncio.wait_for(self._woken.wait(), min(wait, _TELL))
                except TimeoutError:
                    continue
                self._woken.clear()
        return b""

    async def write(self, data: bytes) -> None:
        """Nobody reads what is typed."""

    def resize(self, size: TerminalSize) -> None:
        """The past has its size."""

    def send_signal(self, number: signal.Signals) -> None:
        """The past cannot be interrupted."""

    async def wait(self) -> int:
        """Return the exit status of what never runs."""
        return 0

    async def close(self) -> None:
        """End `read`."""
        self._closed = True
        self._playing = False
        self._woken.set()

    # Time

    @property
    def _duration(self) -> float:
        return self._end_of(self._times)

    @staticmethod
    def _end_of(times: tuple[float, ...]) -> float:
        return times[-1] if times else 0.0

    def _now(self) -> float:
        if not self._playing:
            return self._position
        return min(self._position + (monotonic() - self._since) * self._speed, self._duration)

    def _stand(self, position: float) -> None:
        self._position, self._since = position, monotonic()

    def _set(self, *, playing: bool) -> None:
        self._stand(self._now())
        self._playing = playing
        self._wake()

    def _tell(self) -> None:
        self._on_change(self.state)

    def _wake(self) -> None:
        self._woken.set()
        self._tell()

    def _markers(self) -> tuple[Marker, ...]:
        pairs = zip(self._times, self._events, strict=True)
        return tuple(Marker(time, event.data) for time, event in pairs if event.code == "m")

    # What is shown

    def _take_until(self, place: int) -> None:
        """Move the events before `place` to what is to be shown."""
        text: list[str] = []
        for event in self._events[self._next : place]:
            if event.code == "o":
                text.append(event.data)
            elif event.code == "r":
                self._show(text)
                self._pending.append(TerminalSize(*size_of(event)))
        self._show(text)
        self._next = max(self._next, place)

    def _show(self, text: list[str]) -> None:
        """Put text in line, without marks: no shell of ours prints them, and some cores redraw prompts for them."""
        if text:
            self._pending.append(_MARKS.sub("", "".join(text)).encode("utf-8", "replace"))
            text.clear()

    async def _from_pending(self) -> bytes:
        first = self._pending.pop(0)
        if isinstance(first, bytes):
            return first
        self._on_size(first)
        await asyncio.sleep(0)  # the terminal takes its size before what follows
        return b""


def marker_near(markers: tuple[Marker, ...], position: float, reach: float) -> Marker | None:
    """The marker nearest to a place, None where none is within `reach` seconds."""
    times = [each.time for each in markers]
    place = bisect_left(times, position)
    near = [markers[each] for each in (place - 1, place) if 0 <= each < len(markers)]
    best = min(near, key=lambda each: abs(each.time - position), default=None)
    return best if best is not None and abs(best.time - position) <= reach else None
