"""The bar of a build's phases: the newest phase keeps its name where there is little room."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from cowshed_gui.phases_bar import PhasesBar, _rooms
from cowshed_lab.build_log import Phase


@pytest.mark.parametrize(
    ("width", "rooms"),
    [
        (400, [60, 80, 70]),
        (200, [8, 80, 70]),
        (150, [8, 8, 70]),
        (10, [8, 8, 70]),
    ],
)
def test_the_oldest_phases_give_up_their_names_first(width: int, rooms: list[int]) -> None:
    assert _rooms([60, 80, 70], width) == rooms


def test_the_running_phase_can_be_read_in_a_narrow_bar(qtbot: QtBot) -> None:
    phases = [Phase("pull", 0.0, seconds=30.0), Phase("unpack", 30.0, seconds=20.0), Phase("%post", 50.0)]
    bars = []
    for shown in (phases, [*phases[:2], Phase("", 50.0)]):
        bar = PhasesBar()
        qtbot.add_widget(bar)
        bar.resize(90, bar.sizeHint().height())
        bar.show_phases(shown, 60.0)
        bars.append(bar.grab().toImage())
    assert bars[0] != bars[1], "the name is inside the bar"
