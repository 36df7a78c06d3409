"""Progress of the practice cluster's start, in words and numbers for a person."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the start has come.

    Attributes:
        phase: What happens now, a sentence for a person.
        fraction: Part of the whole start that is done, 0 to 1; None where it cannot be told.
        downloaded: Bytes fetched so far over the whole start.
    """

    phase: str
    fraction: float | None
    downloaded: int

    def sentence(self) -> str:
        """Return phase and download in one line."""
        if not self.downloaded:
            return self.phase
        return f"{self.phase} ({self.downloaded / 1e6:.0f} MB downloaded)"


type Report = Callable[[Progress], None]


def silent(_progress: Progress) -> None:
    """Take a progress and say nothing."""


_SIZES = {"B": 1, "kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}
_FETCHED = re.compile(r"^Get:\d+ .* \[([\d.,]+) ([kMG]?B)\]")


def _size(number: str, unit: str) -> int:
    return int(float(number.replace(",", "")) * _SIZES[unit])


class PackageProgress:
    """Reads what mmdebstrap prints and knows how much of one bootstrap is done.

    Args:
        packages: How many packages the bootstrap is expected to install (for the fraction; a guess is enough).
        download: How many bytes it is expected to fetch.
    """

    # Shares of a bootstrap's time, measured: fetching takes about two fifths on a fast line and more on a slow one.
    _FETCH_SHARE = 0.5

    def __init__(self, packages: int, download: int) -> None:
        self._packages = packages
        self.expected_download = download
        self._configured = 0
        self.downloaded = 0
        self.installing = False

    def read(self, line: str) -> None:
        """Take one line of output."""
        if fetched := _FETCHED.match(line):
            self.downloaded += _size(fetched[1], fetched[2])
        elif line.startswith("Setting up "):
            self.installing = True
            self._configured += 1

    def finish(self) -> None:
        """Take note that the bootstrap is done, whatever it printed: packages that are only unpacked say little."""
        self.installing = True
        self._configured = self._packages

    @property
    def fraction(self) -> float:
        """Part that is done, 0 to 1."""
        fetched = min(1.0, self.downloaded / self.expected_download)
        if self.installing:
            fetched = 1.0  # the packages were in the download folder already
        installed = min(1.0, self._configured / self._packages)
        return self._FETCH_SHARE * fetched + (1 - self._FETCH_SHARE) * installed
