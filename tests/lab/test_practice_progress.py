"""Progress: what mmdebstrap's lines mean, and how it is shown."""

from __future__ import annotations

import io

import pytest

from cowshed_lab.practice.commands import ProgressLine
from cowshed_lab.practice.progress import PackageProgress, Progress

# As printed by mmdebstrap 1.3.5 with apt 2.6.1.
LINES = (
    "I: running apt-get update...",
    "Get:1 http://deb.debian.org/debian sid InRelease [193 kB]",
    "Get:2 http://deb.debian.org/debian sid/main amd64 Packages [10.8 MB]",
    "Need to get 25.0 MB of archives.",
    "Get:2 http://deb.debian.org/debian sid/main amd64 libc-gconv-modules-extra amd64 2.43-7 [1103 kB]",
    "Get:3 http://deb.debian.org/debian sid/main amd64 tiny all 1 [840 B]",
    "Setting up gcc-16-base:amd64 (16.2.0-4) ...",
)


def test_downloads_are_added_up_from_apts_lines() -> None:
    progress = PackageProgress(packages=2, download=20_000_000)
    for line in LINES[:6]:
        progress.read(line)
    assert progress.downloaded == 193_000 + 10_800_000 + 1_103_000 + 840
    assert not progress.installing
    assert progress.fraction == pytest.approx(0.5 * progress.downloaded / 20_000_000)


def test_installing_counts_even_where_nothing_had_to_be_fetched() -> None:
    progress = PackageProgress(packages=2, download=20_000_000)
    progress.read(LINES[-1])
    assert progress.installing
    assert progress.downloaded == 0
    assert progress.fraction == pytest.approx(0.75)
    progress.read(LINES[-1])
    progress.read(LINES[-1])
    assert progress.fraction == 1.0


def test_a_sentence_tells_phase_and_download() -> None:
    assert Progress("Starting", 0.5, 0).sentence() == "Starting"
    assert Progress("Fetching", 0.5, 12_400_000).sentence() == "Fetching (12 MB downloaded)"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_one_line_written_again_and_again() -> None:
    stream = Terminal()
    line = ProgressLine(stream)
    line.show(Progress("Fetching", 0.5, 1_000_000))
    line.show(Progress("Fetching", 0.5, 1_000_000))
    line.show(Progress("Waiting", None, 0))
    line.end()
    text = stream.getvalue()
    assert text.count("\r") == 2
    assert "[############............]  50% Fetching (1 MB downloaded)" in text
    assert text.endswith("Waiting\n")


def test_a_log_file_gets_a_line_per_phase() -> None:
    stream = io.StringIO()
    line = ProgressLine(stream)
    for fraction in (0.1, 0.2, 0.3):
        line.show(Progress("Fetching", fraction, 0))
    line.show(Progress("Ready", 1.0, 0))
    line.end()
    assert stream.getvalue() == "Fetching\nReady\n"


def test_a_bootstrap_that_only_unpacks_is_done_when_it_says_so() -> None:
    part = PackageProgress(1, 1_400_000)
    part.read("Get:1 http://deb.debian.org/debian bookworm/main amd64 musl amd64 1.2.3-1 [406 kB]")
    assert part.fraction < 1
    part.finish()
    assert part.installing
    assert part.fraction == 1.0
