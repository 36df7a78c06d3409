"""The editor's help, by keys as a person uses it: findings, quick fixes, completion, explanations."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cowshed_gui.recipe_editor import RecipeEditor
from cowshed_gui.recipe_foot import RecipeFoot
from cowshed_gui.recipe_hover import rule_text
from cowshed_gui.recipe_linting import ALL, ERRORS, OFF
from cowshed_gui.recipe_margin import Margin
from cowshed_gui.recipe_marks import Severity
from cowshed_gui.theme import APPEARANCE
from cowshed_lab.shellcheck import find_shellcheck
from cowshed_lessons.linting import lint
from cowshed_lessons.step_help import muted_rules, wanted_packages
from cowshed_lessons.verdict import Finding
from lolcow import lolcow_course

Key = Qt.Key
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
HEADER = "Bootstrap: docker\nFrom: ubuntu:22.04\n\n"
NO_YES = f"{HEADER}%post\n    apt-get update\n    apt-get install cowsay\n"


@pytest.fixture
def editor(qtbot: QtBot) -> Iterator[RecipeEditor]:
    APPEARANCE.choose("light")
    window = QWidget()
    column = QVBoxLayout(window)
    editor = RecipeEditor("lolcow.def")
    column.addWidget(editor)
    qtbot.addWidget(window)
    window.resize(900, 600)
    window.show()
    window.activateWindow()
    editor.setFocus()
    qtbot.wait_until(editor.hasFocus)
    yield editor
    window.hide()


def at_end_of(editor: RecipeEditor, line: int) -> None:
    cursor = QTextCursor(editor.document().findBlockByNumber(line - 1))
    cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
    editor.setTextCursor(cursor)


def rules(editor: RecipeEditor) -> set[str]:
    return {mark.rule for mark in editor.marks}


def is_open(editor: RecipeEditor) -> bool:
    return editor.completion.is_open


# --- findings ---


def test_each_key_lints_and_levels_choose_what_is_shown(editor: RecipeEditor) -> None:
    editor.load(NO_YES)
    assert not editor.marks, "off until somebody chooses"
    editor.linting.choose(ALL)
    assert {"apt-yes", "apt-recommends"} <= rules(editor)
    at_end_of(editor, 6)
    QTest.keyClicks(editor, " -y")
    QTest.keyClick(editor, Key.Key_Escape)
    assert "apt-yes" not in rules(editor)
    assert "apt-recommends" in rules(editor)
    editor.linting.choose(ERRORS)
    assert not editor.marks
    editor.replace_text("Bootstrap: doker\nFrom: ubuntu:22.04\n")
    assert [mark.severity for mark in editor.marks] == [Severity.ERROR]
    editor.linting.choose(OFF)
    assert not editor.marks


def test_the_lesson_has_the_first_word_in_a_line_and_muted_rules_are_silent(editor: RecipeEditor) -> None:
    editor.load(NO_YES)
    editor.linting.choose(ALL, frozenset({"apt-clean", "doc-missing"}))
    assert not {"apt-clean", "doc-missing"} & rules(editor)
    editor.show_findings([Finding("lists", "Not yet.", 6, 5)])
    assert [mark.severity for mark in editor.marks_in_line(5)] == [Severity.FAULT]
    at_end_of(editor, 6)
    offered = {action.rule for action in editor.fixes.at_cursor()}
    assert "apt-yes" in offered, "the judge speaks, and what can be mended is offered all the same"
    assert not {"apt-clean", "doc-missing"} & offered, "but never what the step mutes"
    assert editor.marks_in_line(5)[0].mendable, "and the foot says so"
    editor.show_findings([])
    assert "apt-yes" in rules(editor)


def test_severities_look_different_without_colour() -> None:
    assert len({severity.sign for severity in Severity}) == len(Severity)
    assert len({severity.rank for severity in Severity}) == len(Severity)


def test_the_foot_says_the_finding_at_the_cursor_with_its_rule(editor: RecipeEditor) -> None:
    foot = RecipeFoot(editor)
    editor.load(NO_YES)
    editor.linting.choose(ALL)
    QTest.keyClick(editor, Key.Key_F8)
    while editor.textCursor().blockNumber() != 5:
        QTest.keyClick(editor, Key.Key_F8)
    assert "apt-yes" in foot.fault.text()
    assert "Ctrl+." in foot.fault.text()
    foot.deleteLater()


def test_hover_text_has_the_message_and_the_rule(editor: RecipeEditor) -> None:
    editor.load(NO_YES)
    editor.linting.choose(ALL)
    editor.go_to_line(6, 7)
    said = editor.hover_text(editor.cursorRect().center() + QPoint(2, 0))
    assert "nobody can answer" in said
    assert "apt-yes" in said


@pytest.mark.skipif(find_shellcheck() is None, reason="ShellCheck is not installed")
def test_shellcheck_speaks_when_the_typing_pauses_and_stale_words_are_dropped(
    editor: RecipeEditor, qtbot: QtBot
) -> None:
    editor.load(f"{HEADER}%post\n    cd $HOME/src\n")
    with qtbot.wait_signal(editor.linting.shellchecked, timeout=20_000):
        editor.linting.choose(ALL)
    assert "SC2086" in rules(editor)
    at_end_of(editor, 5)
    with qtbot.wait_signal(editor.linting.shellchecked, timeout=20_000):
        QTest.keyClick(editor, Key.Key_X)
        assert not any(each.rule.startswith("SC") for each in editor.linting.findings), "not of this text"
        assert "SC2086" in rules(editor), "the line under the words stays while ShellCheck looks"
    assert any(each.rule == "SC2086" for each in editor.linting.findings)


# --- quick fixes ---


def test_a_quick_fix_by_keys_is_one_step_to_undo(editor: RecipeEditor, qtbot: QtBot) -> None:
    editor.load(NO_YES)
    editor.linting.choose(ALL)
    editor.go_to_line(6, 7)
    QTest.keyClick(editor, Key.Key_Period, CONTROL)
    menu = editor.fixes.menu
    assert menu is not None
    qtbot.wait_until(menu.isVisible)
    titles = [action.text() for action in menu.actions()]
    place = titles.index("Add -y")
    for _ in range(place):
        QTest.keyClick(menu, Key.Key_Down)
    QTest.keyClick(menu, Key.Key_Return)
    assert "apt-get install -y cowsay" in editor.text()
    assert "apt-yes" not in rules(editor)
    editor.undo()
    assert editor.text() == NO_YES


def test_a_click_on_the_sign_in_the_margin_offers_the_fixes(editor: RecipeEditor, qtbot: QtBot) -> None:
    editor.load(NO_YES)
    editor.linting.choose(ALL)
    editor.go_to_line(6)
    place = QPoint(5, editor.cursorRect().center().y())
    editor.go_to_line(1)
    QTest.mouseClick(editor.findChildren(Margin)[0], Qt.MouseButton.LeftButton, pos=place)
    assert editor.textCursor().blockNumber() == 5
    menu = editor.fixes.menu
    assert menu is not None
    assert "Add -y" in [action.text() for action in menu.actions()]
    menu.close()


def test_all_that_is_safe_is_mended_at_once(editor: RecipeEditor) -> None:
    editor.load(NO_YES)
    editor.linting.choose(ALL, frozenset({"apt-recommends"}))
    assert editor.fixes.fix_everything() >= 1
    assert "-y cowsay" in editor.text()
    assert "--no-install-recommends" not in editor.text(), "what is muted is not mended either"
    editor.undo()
    assert editor.text() == NO_YES


def test_what_is_muted_is_not_mended_although_it_is_safe(editor: RecipeEditor) -> None:
    editor.load(f"{NO_YES}    apt-get install -y lolcat\n")
    editor.linting.choose(ALL, frozenset({"apt-yes"}))
    editor.fixes.fix_everything()
    assert "install cowsay" in editor.text()


def test_where_nothing_can_be_done_a_card_says_so(editor: RecipeEditor) -> None:
    editor.load(HEADER)
    editor.go_to_line(3)
    QTest.keyClick(editor, Key.Key_Period, CONTROL)
    assert editor.fixes.menu is None
    assert editor.hovers.card.isVisible()
    assert "Nothing to mend" in editor.hovers.card.text.toPlainText()


def test_a_rule_is_explained_with_wrong_and_right_and_escape_leads_back(editor: RecipeEditor, qtbot: QtBot) -> None:
    editor.load(NO_YES)
    editor.linting.choose(ALL)
    editor.go_to_line(6, 7)
    editor.hovers.explain_rule("apt-yes")
    card = editor.hovers.card
    qtbot.wait_until(lambda: card.keeps_keyboard)
    said = card.text.toPlainText()
    assert "apt-get install cowsay" in said
    assert "apt-get install -y cowsay" in said
    QTest.keyClick(card.text, Key.Key_Escape)
    assert not card.isVisible()
    qtbot.wait_until(editor.hasFocus)
    assert "SC2086" in rule_text("SC2086")
    assert "<script>" not in rule_text("<script>")


# --- completion ---


def test_a_list_that_came_by_itself_leaves_enter_alone_and_tab_takes(editor: RecipeEditor) -> None:
    editor.load(HEADER)
    at_end_of(editor, 4)
    QTest.keyClicks(editor, "%po")
    assert is_open(editor)
    assert editor.completion.offers.current() is not None
    QTest.keyClick(editor, Key.Key_Return)
    assert editor.text().startswith(f"{HEADER}%po\n"), "Enter is a new line"
    assert not is_open(editor)
    editor.undo()
    editor.load(HEADER)
    at_end_of(editor, 4)
    QTest.keyClicks(editor, "%po")
    QTest.keyClick(editor, Key.Key_Tab)
    assert editor.text().startswith(f"{HEADER}%post")
    assert not is_open(editor)


def test_what_was_chosen_by_an_arrow_is_taken_by_enter(editor: RecipeEditor) -> None:
    editor.load(HEADER)
    at_end_of(editor, 4)
    QTest.keyClicks(editor, "%ru")
    QTest.keyClick(editor, Key.Key_Down)
    assert editor.completion.offers.chosen
    QTest.keyClick(editor, Key.Key_Return)
    assert editor.text().startswith(f"{HEADER}%runscript")


def test_escape_closes_the_list_until_another_word_is_begun(editor: RecipeEditor) -> None:
    editor.load(HEADER)
    at_end_of(editor, 4)
    QTest.keyClicks(editor, "%p")
    QTest.keyClick(editor, Key.Key_Escape)
    QTest.keyClicks(editor, "o")
    assert not is_open(editor)
    QTest.keyClick(editor, Key.Key_Space, CONTROL)
    assert is_open(editor)
    assert editor.completion.offers.chosen, "it was asked for, so Enter takes"
    QTest.keyClick(editor, Key.Key_Return)
    assert editor.text().startswith(f"{HEADER}%post")


def test_packages_of_the_step_are_offered_and_a_click_takes_one(editor: RecipeEditor, qtbot: QtBot) -> None:
    editor.completion.packages = ("cowsay", "lolwagon")
    editor.load(f"{HEADER}%post\n    apt-get install ")
    at_end_of(editor, 5)
    QTest.keyClicks(editor, "lol")
    offers = editor.completion.offers
    assert offers.isVisible()
    item = offers.list.item(0)
    assert item.text() == "lolwagon"
    QTest.mouseClick(offers.list.viewport(), Qt.MouseButton.LeftButton, pos=offers.list.visualItemRect(item).center())
    assert editor.text().endswith("apt-get install lolwagon")
    assert editor.hasFocus()


def test_half_a_word_is_no_fault_while_its_list_is_open(editor: RecipeEditor) -> None:
    editor.load(HEADER)
    editor.linting.choose(ALL)
    at_end_of(editor, 4)
    QTest.keyClicks(editor, "%pos")
    assert is_open(editor)
    assert "section-unknown" not in rules(editor)
    QTest.keyClick(editor, Key.Key_Escape)
    assert "section-unknown" in rules(editor)


def test_typing_goes_on_and_the_list_goes_when_nothing_fits(editor: RecipeEditor) -> None:
    editor.load(HEADER)
    at_end_of(editor, 4)
    QTest.keyClicks(editor, "%po")
    QTest.keyClicks(editor, "zz")
    assert not is_open(editor)
    assert editor.text() == f"{HEADER}%pozz"


@pytest.mark.parametrize("zoom", [1.0, 1.5])
def test_the_list_is_under_the_word_and_inside_the_window(editor: RecipeEditor, zoom: float) -> None:
    APPEARANCE.set_zoom(zoom)
    editor.load(HEADER + "\n" * 40)
    for line in (4, 30):
        at_end_of(editor, line)
        editor.ensureCursorVisible()
        QTest.keyClicks(editor, "%p")
        offers, window = editor.completion.offers, editor.window()
        assert offers.isVisible()
        assert window.rect().contains(offers.geometry())
        word = editor.cursorRect().translated(editor.viewport().mapTo(window, QPoint(0, 0)))
        assert not offers.geometry().intersects(word), "the word stays in sight"
        if offers.about.isVisible():
            assert not offers.about.geometry().intersects(word)
        QTest.keyClick(editor, Key.Key_Escape)


# --- words ---


def test_a_word_is_explained_by_key_and_by_pointer(editor: RecipeEditor, qtbot: QtBot) -> None:
    editor.load(NO_YES)
    editor.go_to_line(4, 3)
    QTest.keyClick(editor, Key.Key_F1, SHIFT)
    card = editor.hovers.card
    assert card.isVisible()
    assert "%post" in card.text.toPlainText()
    QTest.keyClick(card.text, Key.Key_Escape)
    assert not card.isVisible()

    assert editor.hovers.show_at(editor.cursorRect().center() + QPoint(1, 0))
    assert card.isVisible()
    assert not card.keeps_keyboard
    QTest.mouseMove(editor.viewport(), QPoint(500, 300))
    qtbot.wait_until(lambda: not card.isVisible())


def test_a_faults_words_come_before_what_a_word_means(editor: RecipeEditor) -> None:
    editor.load(NO_YES)
    editor.show_findings([Finding("x", "Not yet: the lesson speaks.", 4, 1, "", 4, 6)])
    editor.go_to_line(4, 3)
    editor.hovers.show_at(editor.cursorRect().center() + QPoint(1, 0))
    said = editor.hovers.card.text.toPlainText()
    assert said.index("the lesson speaks") < said.index("Commands")


# --- in a step of the course ---


def test_a_step_mutes_what_its_own_recipes_do() -> None:
    course = lolcow_course()
    muted = {step.id.partition("/")[2]: muted_rules(step) for step in course.steps}
    assert "apt-update" in muted["install"], "the step wants to see the build fail for it"
    assert "apt-update" in muted["update-lists"], "its beginning has the fault that it is about"
    assert "apt-update" not in muted["environment"], "it was taught by then"
    assert "section-unknown" not in muted["install"]
    assert wanted_packages(course.step("lolcow/install"))[:1] == ("fortune",)


def test_no_solution_of_the_course_is_found_fault_with_in_its_step() -> None:
    for step in lolcow_course().steps:
        for solution in step.solutions:
            assert not lint(solution.recipe, ignore=muted_rules(step)), (step.id, solution.name)
