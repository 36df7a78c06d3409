"""Phases and plain lines of real builds.

`build_logs/apptainer-1.4.5-*.log` are what Apptainer 1.4.5 sent to a terminal of 120 columns (or none) in the practice
cluster: `ok` (lolcow, base image cached), `nolist` (no package lists), `prompt` (nobody answers apt-get) and `tiny`
(nothing cached, so with progress bars).
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowshed_lab import build_log
from cowshed_lab.build_log import BuildLog, Phase, PlainText, is_progress

LOGS = Path(__file__).parent / "build_logs"


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def read(name: str, chunk: int = 1000) -> tuple[BuildLog, list[Phase]]:
    told: list[Phase] = []
    log = BuildLog(clock=Clock(), on_phase=told.append)
    data = (LOGS / f"apptainer-1.4.5-{name}.log").read_bytes()
    for at in range(0, len(data), chunk):
        log.feed(data[at : at + chunk])
    log.end(123 if name in {"ok", "tiny"} else None)
    return log, told


@pytest.mark.parametrize("chunk", [1, 7, 1000, 1_000_000])
def test_phases_of_lolcow(chunk: int) -> None:
    log, _ = read("ok", chunk)
    assert [phase.title for phase in log.phases] == [
        "prepare",
        "pull",
        "unpack",
        "%post",
        "echo hello",
        "apt-get update",
        "apt-get install -y fortune cowsay lolcat",
        "settle",
        "pack",
    ]
    assert all(phase.seconds is not None and phase.seconds > 0 for phase in log.phases)
    assert log.phases[-1].bytes == 123
    starts = [phase.started for phase in log.phases]
    assert starts == sorted(starts)
    assert log.seconds >= starts[-1]


def test_a_failed_build_never_packs() -> None:
    log, _ = read("nolist")
    assert [phase.title for phase in log.phases][-2:] == ["%post", "apt-get install fortune cowsay lolcat"]
    assert log.text().endswith(
        "E: Unable to locate package lolcat\n"
        "FATAL:   While performing build: while running engine: while running %post section: exit status 100\n"
    )


def test_the_prompt_is_in_the_plain_log() -> None:
    log, _ = read("prompt")
    assert "Do you want to continue? [Y/n] Abort.\n" in log.text()


def test_an_uncached_pull_tells_its_bytes() -> None:
    log, told = read("tiny")
    (pull,) = [phase for phase in log.phases if phase.name == "pull"]
    assert pull.bytes == int(38.8 * 1024**2)
    assert told.count(pull) > 2
    commands = [phase.command for phase in log.phases if phase.command]
    assert commands[:4] == ["date +%Y", "echo 2026 1", "date +%Y", "echo 2026 2"]


@pytest.mark.parametrize("name", ["ok", "nolist", "prompt", "tiny"])
def test_plain_logs_hold_no_escapes_and_no_bar_twice(name: str) -> None:
    log, _ = read(name, 13)
    text = log.text()
    assert "\x1b" not in text
    assert "\r" not in text
    assert sum(is_progress(line) for line in text.splitlines()) <= 2
    assert "INFO:    Starting build...\n" in text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"0%\r50%\rDone\n", "Done\n"),
        (b"long line\rab\n", "abng line\n"),
        (b"long line\r\x1b[Kab\n", "ab\n"),
        (b"one\ntwo\n\x1b[1A\x1b[Jthree\n", "one\nthree\n"),
        (b"\x1b]0;title\x07text\x1b[0m\x1b(B\n", "text\n"),
        ("ü→🐮\n".encode(), "ü→🐮\n"),
        (b"bad \xff byte\a\n", "bad \N{REPLACEMENT CHARACTER} byte\n"),
        (b"no end", "no end\n"),
        (b"cut \x1b[3", "cut\n"),
        (b"\x1b[5Atop\n", "top\n"),
        (b"", ""),
    ],
)
@pytest.mark.parametrize("chunk", [1, 100])
def test_plain_text(data: bytes, text: str, chunk: int) -> None:
    plain = PlainText()
    for at in range(0, len(data), chunk):
        plain.feed(data[at : at + chunk])
    plain.feed(b"", final=True)
    assert plain.text() == text


@given(st.binary(max_size=400), st.integers(1, 50))
def test_plain_text_takes_anything(data: bytes, chunk: int) -> None:
    plain = PlainText()
    for at in range(0, len(data), chunk):
        plain.feed(data[at : at + chunk])
    plain.feed(b"", final=True)
    assert all(sign == "\n" or sign == "\t" or sign.isprintable() for sign in plain.text())


def test_a_long_log_loses_its_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_log, "KEPT_LINES", 10)
    plain = PlainText()
    plain.feed("".join(f"{number}\n" for number in range(100)).encode())
    lines = plain.text().splitlines()
    assert lines[:5] == ["0", "1", "2", "3", "4"]
    assert lines[-5:] == ["95", "96", "97", "98", "99"]
    assert "90 lines left out" in lines[5]


def test_nothing_at_all() -> None:
    log = BuildLog()
    log.end()
    assert (log.phases, log.text(), log.seconds) == ([], "", 0.0)
