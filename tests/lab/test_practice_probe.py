"""What the probe says where a practice cluster cannot run, and who gets which IDs where it can."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from cowshed_lab.practice import namespace
from cowshed_lab.practice import probe as probe_module
from cowshed_lab.practice.cluster import PracticeCluster, PracticeError
from cowshed_lab.practice.namespace import ID_COUNT, IdRange, Mode, NamespaceError, id_map, subordinate_range


def test_missing_programs_are_named_with_the_command_that_installs_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(namespace, "SYSTEM_FOLDERS", str(tmp_path))
    monkeypatch.setattr(os, "getuid", lambda: 0)
    found = probe_module.probe()
    assert found.mode is Mode.UNAVAILABLE
    assert "mmdebstrap" in found.packages
    assert f"apt install {' '.join(found.packages)}" in found.text()
    assert "sudo" not in found.text()
    assert "uidmap" not in found.packages
    assert {"mmdebstrap", "uidmap"} <= set(probe_module.missing_packages(root=False))


def test_an_impossible_start_says_so_and_makes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(namespace, "SYSTEM_FOLDERS", str(tmp_path))
    home = tmp_path / "home"
    with pytest.raises(PracticeError, match=r"cannot run on this computer.*apt install"):
        asyncio.run(PracticeCluster(home).up())
    assert not home.exists()


def test_other_systems_are_sent_to_ssh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    found = probe_module.probe()
    assert found.mode is Mode.UNAVAILABLE
    assert "SSH" in found.text()


def test_root_without_namespaces_hears_about_containers(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(mode: Mode, command: object) -> None:
        raise NamespaceError("unshare: Operation not permitted")

    monkeypatch.setattr(namespace, "run", refuse)
    monkeypatch.setattr(probe_module, "missing_packages", lambda *, root: ())
    monkeypatch.setattr(os, "getuid", lambda: 0)
    found = probe_module.probe()
    assert found.mode is Mode.UNAVAILABLE
    assert "--privileged" in found.text()


@pytest.mark.parametrize(("switch", "told"), [("1\n", True), ("0\n", False), (None, False)])
def test_ubuntus_restriction_is_told_where_it_is_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, switch: str | None, told: bool
) -> None:
    async def refuse(mode: Mode, command: object) -> None:
        raise NamespaceError("unshare: write failed /proc/self/uid_map: Operation not permitted")

    file = tmp_path / "apparmor_restrict_unprivileged_userns"
    if switch is not None:
        file.write_text(switch)
    monkeypatch.setattr(probe_module, "_APPARMOR_SWITCH", file)
    monkeypatch.setattr(namespace, "run", refuse)
    monkeypatch.setattr(probe_module, "missing_packages", lambda *, root: ())
    monkeypatch.setattr(probe_module, "subordinate_range", lambda *_: IdRange(100000, ID_COUNT))
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    found = probe_module.probe()
    assert found.mode is Mode.UNAVAILABLE
    assert ("apparmor_restrict_unprivileged_userns=0" in found.text()) is told


def test_a_user_without_a_range_is_told_what_to_ask_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_module, "missing_packages", lambda *, root: ())
    monkeypatch.setattr(probe_module, "subordinate_range", lambda *_: None)
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    found = probe_module.probe()
    assert found.mode is Mode.UNAVAILABLE
    assert "usermod --add-subuids" in found.text()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("anna:100000:65536\n", IdRange(100000, 65536)),
        ("1005:100000:65536\n", IdRange(100000, 65536)),
        ("bert:100000:65536\n", None),
        ("anna:100000:1000\nanna:200000:70000\n", IdRange(200000, 70000)),
        ("anna:100000:65535\n", None),
        ("anna:x:65536\nanna\n\n", None),
        ("", None),
    ],
)
def test_the_users_range_is_found(tmp_path: Path, text: str, expected: IdRange | None) -> None:
    file = tmp_path / "subuid"
    file.write_text(text)
    assert subordinate_range(file, "anna", 1005) == expected


def test_without_the_file_there_is_no_range(tmp_path: Path) -> None:
    assert subordinate_range(tmp_path / "none", "anna", 1005) is None


def test_inside_the_learner_is_the_user_and_every_other_id_is_a_given_one() -> None:
    numbers = [int(word) for word in id_map(1005, IdRange(100000, 65536))]
    triples = [tuple(numbers[at : at + 3]) for at in range(0, len(numbers), 3)]
    mapped = {inside + step: outside + step for inside, outside, count in triples for step in range(count)}
    assert sorted(mapped) == list(range(ID_COUNT))
    assert mapped.pop(1000) == 1005
    assert set(mapped.values()) <= set(range(100000, 165536))
    assert len(set(mapped.values())) == len(mapped), "no ID is given twice"
