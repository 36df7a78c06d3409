"""The verdict in words: the first fault prominently, every check with its word, a click that leads to the line."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from cowshed_gui.checks_panel import UNTOUCHED, ChecksPanel, sentence_of
from cowshed_lessons.verdict import CheckResult, Finding, Outcome, Verdict
from lolcow import lolcow_course

FAULT = Finding("lists", "the install runs before the package lists exist.", 5, 3, "Put `apt-get update` above it.")
PASSED = CheckResult("header", "The header names Ubuntu 22.04", Outcome.PASSED)
NOT_YET = CheckResult("lists", "Lists before the install", Outcome.NOT_YET, (FAULT,))
WAITING = CheckResult("build", "The build stops", Outcome.NOT_YET, waiting=True)
NEARLY = CheckResult("run", "You ran it", Outcome.NOT_YET, (Finding("run", "`run x` lacks `--nv`."),), waiting=True)
UNKNOWN = CheckResult("image", "The image", Outcome.CANNOT_TELL, (Finding("image", "The disk is full."),))


@pytest.fixture
def panel(qtbot: QtBot) -> ChecksPanel:
    panel = ChecksPanel()
    qtbot.add_widget(panel)
    panel.resize(480, 300)
    panel.show()
    return panel


def verdict(outcome: Outcome, *results: CheckResult) -> Verdict:
    return Verdict("lolcow/update-lists", outcome, results)


def test_each_check_has_its_word(panel: ChecksPanel) -> None:
    panel.show_verdict(verdict(Outcome.NOT_YET, PASSED, NOT_YET, WAITING, UNKNOWN))
    assert [word for _, word in panel.words()] == ["passed", "not yet", "waiting", "can't tell"]


def test_the_first_fault_is_a_sentence_with_its_line(panel: ChecksPanel) -> None:
    panel.show_verdict(verdict(Outcome.NOT_YET, WAITING, UNKNOWN, NOT_YET))
    assert panel.sentence() == "Not yet: the install runs before the package lists exist (line 5)."


def test_what_to_try_is_told_when_asked_for(qtbot: QtBot, panel: ChecksPanel) -> None:
    panel.show_verdict(verdict(Outcome.NOT_YET, NOT_YET))
    assert "above it" not in panel.sentence()
    assert panel.card.try_button.focusPolicy() & Qt.FocusPolicy.TabFocus
    with qtbot.assert_not_emitted(panel.chosen):
        QTest.keyClick(panel.card.try_button, Qt.Key.Key_Space)
    assert panel.sentence().endswith("(line 5). Put `apt-get update` above it.")
    assert panel.card.try_button.isHidden()
    panel.show_verdict(verdict(Outcome.NOT_YET, NOT_YET, PASSED))  # the same fault: it stays told
    assert panel.sentence().endswith("above it.")
    other = Finding("lists", "line 6 comes first.", 6, 1, "Move it.")
    panel.show_verdict(verdict(Outcome.NOT_YET, CheckResult("lists", "Lists", Outcome.NOT_YET, (other,))))
    assert panel.sentence() == "Not yet: line 6 comes first."
    assert panel.card.try_button.isVisible()


def test_what_to_try_is_told_at_once_after_an_attempt(panel: ChecksPanel) -> None:
    panel.show_verdict(verdict(Outcome.NOT_YET, NOT_YET))
    panel.show_advice(at_once=True)
    assert panel.sentence().endswith("above it.")
    assert panel.card.try_button.isHidden()


def test_of_untouched_work_no_fault_is_named(panel: ChecksPanel) -> None:
    panel.show_verdict(verdict(Outcome.NOT_YET, PASSED, NOT_YET, WAITING), untouched=True)
    assert panel.sentence() == UNTOUCHED
    assert [word for _, word in panel.words()] == ["passed", "open", "waiting"]
    panel.show_verdict(verdict(Outcome.NOT_YET, PASSED, NOT_YET, WAITING))
    assert panel.sentence().startswith("Not yet")


def test_checks_say_what_they_wait_for(panel: ChecksPanel) -> None:
    step = lolcow_course().step("lolcow/assume-yes")
    kinds = {spec.id: spec.kind for spec in step.checks}
    panel.show_step(step)

    def words(**outcomes: Outcome) -> dict[str, str]:
        results = [
            CheckResult(name, name, outcomes.get(kind.partition(".")[0], Outcome.NOT_YET), waiting=True)
            for name, kind in kinds.items()
        ]
        panel.show_verdict(Verdict(step.id, Outcome.NOT_YET, tuple(results)))
        return {kinds[title].partition(".")[0]: word for title, word in panel.words()}

    assert words()["build"] == "after the recipe"
    ready = words(recipe=Outcome.PASSED)
    assert ready["build"] == "build now"
    assert ready["terminal"] == "after the build"
    built = words(recipe=Outcome.PASSED, build=Outcome.PASSED, image=Outcome.PASSED)
    assert built["terminal"] == "run it now"
    panel.show_passed_earlier(True)
    assert {word for _, word in panel.words()} == {"passed", "passed earlier"}


def test_an_environment_fault_is_not_called_a_mistake(panel: ChecksPanel) -> None:
    panel.show_verdict(verdict(Outcome.CANNOT_TELL, PASSED, UNKNOWN))
    assert panel.sentence() == "Can't tell: The disk is full."


def test_waiting_alone_makes_no_reproach(panel: ChecksPanel) -> None:
    panel.show_verdict(verdict(Outcome.NOT_YET, PASSED, WAITING))
    assert panel.sentence() == ""


def test_what_was_nearly_right_is_told_after_every_fault(panel: ChecksPanel) -> None:
    panel.show_verdict(verdict(Outcome.NOT_YET, NEARLY, PASSED))
    assert panel.sentence() == "Not yet: `run x` lacks `--nv`."
    panel.show_verdict(verdict(Outcome.NOT_YET, NEARLY, NOT_YET))
    assert "lacks" not in panel.sentence()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_mouse_and_keyboard_lead_to_the_place(qtbot: QtBot, panel: ChecksPanel, key: Qt.Key) -> None:
    panel.show_verdict(verdict(Outcome.NOT_YET, NOT_YET))
    with qtbot.wait_signal(panel.chosen) as got:
        QTest.mouseClick(panel.card, Qt.MouseButton.LeftButton)
    assert got.args == [FAULT]
    with qtbot.wait_signal(panel.chosen):
        QTest.keyClick(panel.card, key)


def test_a_fault_without_a_place_leads_nowhere(qtbot: QtBot, panel: ChecksPanel) -> None:
    panel.show_verdict(verdict(Outcome.CANNOT_TELL, UNKNOWN))
    with qtbot.assert_not_emitted(panel.chosen):
        QTest.mouseClick(panel.card, Qt.MouseButton.LeftButton)
    assert panel.card.focusPolicy() is Qt.FocusPolicy.NoFocus


def test_what_is_being_done_takes_the_place_of_the_fault(panel: ChecksPanel) -> None:
    panel.show_verdict(verdict(Outcome.NOT_YET, NOT_YET))
    panel.show_busy("Looking at the image…")
    assert panel.sentence() == "Looking at the image…"
    panel.show_busy("")
    assert panel.sentence().startswith("Not yet")


def test_a_sentence_is_not_said_twice() -> None:
    finding = Finding("lists", "Not yet: line 5 installs too early.", 5, 1, "line 5 installs too early.")
    assert sentence_of(finding) == "Not yet: line 5 installs too early."


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Line 5 installs. It is early.", "Not yet: line 5 installs. It is early."),
        ("`From: ubuntu:22.04` has no home. Two.", "Not yet: `From: ubuntu:22.04` has no home (line 5). Two."),
        ("It says “no. yes.” twice", "Not yet: It says “no. yes.” twice (line 5)"),
        ("Line 55 is long.", "Not yet: line 55 is long (line 5)."),
    ],
)
def test_every_fault_begins_alike_and_has_its_line(message: str, said: str) -> None:
    assert sentence_of(Finding("x", message, 5)) == said


def many(passed: int, *others: CheckResult) -> Verdict:
    ticks = [CheckResult(f"tick-{number}", f"Tick {number}", Outcome.PASSED) for number in range(passed)]
    return verdict(Outcome.NOT_YET if others else Outcome.PASSED, *ticks, *others)


def shown(panel: ChecksPanel) -> int:
    QApplication.processEvents()  # new labels are shown by the loop
    return sum(label.isVisible() and ": " in label.accessibleName() for label in panel.findChildren(QLabel))


def test_of_many_checks_those_that_passed_are_one_line_until_asked_for(qtbot: QtBot, panel: ChecksPanel) -> None:
    panel.show_verdict(many(6, NOT_YET, WAITING))
    assert len(panel.words()) == 8
    assert shown(panel) == 2
    assert panel.fold_button.text() == "✓ 6 passed"
    panel.fold_button.setFocus()
    QTest.keyClick(panel.fold_button, Qt.Key.Key_Space)
    assert shown(panel) == 8
    assert panel.fold_button.hasFocus()
    panel.show_verdict(many(6, NOT_YET, UNKNOWN))  # other checks: another step
    assert shown(panel) == 2


def test_few_checks_are_shown_whole(panel: ChecksPanel) -> None:
    panel.show_verdict(many(3, NOT_YET, WAITING))
    assert shown(panel) == 5
    assert not panel.fold_button.isVisible()


def test_many_checks_that_all_passed_leave_room_for_the_lesson(panel: ChecksPanel) -> None:
    panel.show_verdict(many(9))
    assert shown(panel) == 0
    assert panel.fold_button.text() == "✓ 9 passed"
    panel.fold_button.click()
    assert shown(panel) == 9
