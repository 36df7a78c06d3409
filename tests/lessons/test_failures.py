"""Causes of failed builds, against logs that were recorded from real builds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cowshed_lessons.failures import CAUSES, explain, plain_log

LOGS = sorted((Path(__file__).parent / "build_logs").glob("*.log"))


def facts(path: Path) -> tuple[str, int, str]:
    """A log without its heading, the exit status, and the cause that the heading names."""
    text = path.read_bytes().decode()
    heading = re.match(r"# (?:Apptainer 1\.4\.5|No Apptainer)[^\n]+\n# exit status: (\d+)\n# cause: (\S+)\n", text)
    assert heading is not None, f"{path.name} lacks its heading"
    return text[heading.end() :], int(heading[1]), heading[2]


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_a_recorded_log_is_explained(path: Path) -> None:
    log, status, cause = facts(path)
    explanation = explain(log, status)
    assert (explanation.id if explanation else "none") == cause
    if explanation is not None:
        assert "{what}" not in explanation.meaning
        assert ": ." not in explanation.meaning


def test_every_cause_said_to_be_recorded_has_a_log() -> None:
    recorded = {facts(path)[2] for path in LOGS}
    claimed = {cause.id for cause in CAUSES if cause.recorded}
    assert claimed == recorded - {"none"}


def test_every_cause_without_a_log_names_its_source() -> None:
    assert [cause.id for cause in CAUSES if not cause.recorded and not cause.source] == []


@pytest.mark.parametrize(
    ("log", "cause"),
    [
        ("toomanyrequests: You have reached your pull rate limit.", "rate-limit"),
        ("write /home/x/.apptainer/cache: disk quota exceeded", "quota"),
        ("/.singularity.d/libs/fakeroot: eval: line 140: /.singularity.d/libs/faked: not found", "libc-mismatch"),
        ("squashfuse_ll: fuse: failed to open /dev/fuse: Permission denied", "fuse"),
        ("reading manifest: UNAUTHORIZED: authentication required", "access-denied"),
        ("net/http: request canceled (Client.Timeout exceeded while awaiting headers)", "timeout"),
        ("FATAL: no mapping entry found in /etc/subuid for learner", "no-user-mapping"),
        ("PackagesNotFoundError: The following packages are not available", "conda-not-found"),
        ("ERROR: unable to select packages:\n  cowsya (no such package):\n", "apk-not-found"),
        ("Error in library(RcppGSL) : there is no package called ‘RcppGSL’", "r-package"),
        ("package ‘dplry’ is not available for this version of R", "r-package"),
        ("curl: (60) SSL certificate problem: unable to get local issuer certificate", "certificate"),
        ("E: Failed to fetch http://x/y.deb  Hash Sum mismatch", "download-cut"),
        ("FATAL: no image found in manifest list for architecture arm64", "wrong-architecture"),
        ("bash: -c: line 3: syntax error near unexpected token `fi'", "shell-syntax"),
        ("error: command 'gcc' failed: No such file or directory", "compiler-missing"),
        ("GET https://x/v2/: unexpected status code 502 Bad Gateway", "registry-down"),
    ],
)
def test_the_words_a_cause_is_known_by(log: str, cause: str) -> None:
    explanation = explain(log, 255)
    assert explanation is not None
    assert explanation.id == cause


def test_a_success_needs_no_explanation() -> None:
    assert explain("E: Unable to locate package fortune", 0) is None


def test_a_build_that_was_ended_by_force_was_killed() -> None:
    for status in (-9, 137):
        explanation = explain("INFO: Starting build...", status)
        assert explanation is not None
        assert (explanation.id, explanation.fault) == ("killed", "environment")


def test_of_a_build_that_never_ended_nothing_more_is_known() -> None:
    explanation = explain("INFO: Starting build...", None)
    assert explanation is not None
    assert (explanation.id, explanation.fault) == ("unfinished", "environment")


def test_what_the_log_cannot_tell_apart_is_nobody_s_fault() -> None:
    unreachable = 'conveyor failed to get: Get "https://qauy.io/v2/": dial tcp: lookup qauy.io: no such host'
    for log, words in ((unreachable, "spelling"), ("UNAUTHORIZED: authentication required", "log in")):
        explanation = explain(log, 255)
        assert explanation is not None
        assert explanation.fault == "environment"
        assert words in explanation.advice


def test_an_unknown_failure_is_not_guessed_at() -> None:
    assert explain("something else", 255) is None


def test_colours_and_cursor_movements_are_taken_off() -> None:
    assert plain_log("\x1b[31mFATAL:\x1b[0m a\r\nb\rc") == "FATAL: a\nb\nc"


def test_what_cowshed_itself_says_of_an_end_that_it_did_not_see_comes_first() -> None:
    lost = "The connection to Practice cluster was lost. Connect again."
    log = f"+ apt-get update\nFATAL:   while running %post section: signal: killed\r\ncowshed: {lost}\r\n"
    found = explain(log, None)
    assert found is not None
    assert (found.id, found.meaning, found.fault) == ("not-seen", lost, "environment")
    for others in (explain(log, 255), explain(f"{log}more\n", None), explain("signal: killed", None)):
        assert others is not None
        assert others.id == "killed"


def test_a_recipe_that_calls_apptainer_itself_is_the_recipe_s_fault() -> None:
    log = "INFO:    Starting build...\n+ apptainer version\n/.post.script: 1: apptainer: not found\n"
    found = explain(log, 255)
    assert found is not None
    assert found.id == "command-not-found"


def test_at_least_twenty_five_causes_come_from_real_logs() -> None:
    assert len({cause.id for cause in CAUSES if cause.recorded}) >= 25


@pytest.mark.parametrize(
    "cause",
    ["rate-limit", "proxy", "certificate", "registry-down", "access-denied", "network", "timeout", "download-cut",
     "wrong-architecture", "no-user-mapping", "libc-mismatch", "quota", "disk-full", "fuse", "killed", "image-in-use",
     "folder-read-only", "apptainer-missing"],
)  # fmt: skip
def test_what_the_environment_does_is_never_the_learner_s_fault(cause: str) -> None:
    assert {entry.fault for entry in CAUSES if entry.id == cause} == {"environment"}


def test_every_cause_says_what_it_means_and_what_to_do() -> None:
    for cause in CAUSES:
        assert cause.title[0] not in "abcdefghijklmnoqrstuvwxyz" or cause.title.startswith(("apt", "conda", "apk"))
        assert cause.meaning.endswith(".")
        assert cause.advice.endswith((".", "`."))
        for word in ("wrong", "invalid", "error"):
            assert word not in f"{cause.title} {cause.meaning} {cause.advice}".lower(), cause.id


def test_a_certificate_comes_before_the_package_that_pip_then_does_not_find() -> None:
    log = (Path(__file__).parent / "build_logs" / "pip_certificate.log").read_text()
    assert "No matching distribution" in log
    found = explain(log, 255)
    assert found is not None
    assert found.fault == "environment"
