"""Where the person was survives a restart, and a damaged file costs a window position, never a start."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cowshed_gui.session_state import SessionState, load_state, save_state, state_file


def test_a_state_comes_back_as_it_was_kept() -> None:
    state = SessionState(
        welcomed=True,
        step="lolcow/install",
        target="practice",
        recipes=["cowshed/lolcow/lolcow.def"],
        splitters={"down": "AAA"},
        hints={"lolcow/install": 2},
    )
    assert save_state(state)
    assert load_state() == state


def test_nothing_kept_is_a_first_start() -> None:
    assert load_state() == SessionState()
    assert not load_state().welcomed


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", '{"version": 99, "welcomed": true}', "\x00\xff", '{"a":' * 20_000],
    ids=["empty", "cut", "list", "null", "newer", "noise", "deep"],
)
def test_what_cannot_be_read_is_a_first_start(content: str) -> None:
    path = state_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="latin-1")
    assert load_state() == SessionState()


def test_a_wrong_part_does_not_spoil_the_others() -> None:
    path = state_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"version": 1, "step": "lolcow/install", "recipes": [1], "hints": {"a": "b"}}))
    state = load_state()
    assert state.step == "lolcow/install"
    assert state.recipes == []
    assert state.hints == {}


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert not save_state(SessionState(), blocked / "session.json")


def test_saving_leaves_no_temporary_file() -> None:
    save_state(SessionState())
    save_state(SessionState(step="lolcow/install"))
    assert [path.name for path in state_file().parent.iterdir()] == ["session.json"]


def test_half_characters_from_strange_file_names_are_kept_and_do_no_harm() -> None:
    state = SessionState(recipes=["cowshed/caf\udce9.def"], geometry="AAA")
    assert save_state(state)
    assert load_state() == state


def test_a_geometry_that_qt_could_not_have_written_is_left_out() -> None:
    path = state_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('{"version": 1, "step": "a/b", "geometry": "\\ud800", "splitters": {"down": "\\ud800"}}')
    assert load_state() == SessionState(step="a/b")
