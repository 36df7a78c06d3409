"""What new users stumbled over in the editor, by keys as they pressed them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cowshed_gui.recipe_card import example, unbroken
from cowshed_gui.recipe_editor import RecipeEditor
from cowshed_gui.recipe_edits import format_in
from cowshed_gui.recipe_foot import RecipeFoot
from cowshed_gui.recipe_indenting import completed, indentation
from cowshed_gui.recipe_linting import ALL, ERRORS
from cowshed_gui.recipe_page import RecipePage
from cowshed_gui.recipe_pane import RecipePane
from cowshed_gui.theme import APPEARANCE
from cowshed_lab.journal import Journal
from cowshed_lab.local import LocalTarget
from cowshed_lessons.verdict import Finding

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


def type_lines(editor: RecipeEditor, *lines: str) -> None:
    for line in lines:
        QTest.keyClicks(editor, line)
        QTest.keyClick(editor, Key.Key_Escape)
        QTest.keyClick(editor, Key.Key_Return)


# --- quick fixes and undo ---


def test_a_misspelt_section_can_be_mended_where_the_judge_speaks(editor: RecipeEditor) -> None:
    editor.load(f"{HEADER}%enviroment\n    export A=1\n")
    editor.linting.choose(ALL)
    editor.show_findings([Finding("environment", "Not yet: there is no %environment.", 4, 1)])
    at_end_of(editor, 4)
    titles = [action.title for action in editor.fixes.at_cursor() if "%environment" in action.title]
    assert titles, [action.title for action in editor.fixes.at_cursor()]
    assert [mark.rule for mark in editor.marks_in_line(3)] == [""], "the mark stays the judge's"


@pytest.mark.parametrize("way", ["fix", "all", "format"])
def test_undo_puts_the_cursor_back_where_it_was(editor: RecipeEditor, way: str) -> None:
    editor.load(NO_YES.replace("    apt-get update", "  apt-get update"))
    editor.linting.choose(ALL)
    at_end_of(editor, 6)
    if way == "fix":
        editor.fixes.make(next(each for each in editor.fixes.at_cursor() if each.rule == "apt-yes"))
    elif way == "all":
        assert editor.fixes.fix_everything()
    else:
        assert format_in(editor)
    changed = editor.text()
    editor.undo()
    assert editor.text() != changed
    cursor = editor.textCursor()
    assert (cursor.blockNumber() + 1, cursor.positionInBlock()) == (6, len("    apt-get install cowsay"))


def test_asking_for_fixes_shows_what_the_text_says_now(editor: RecipeEditor) -> None:
    lines = "".join(f"    echo {number}\n" for number in range(1200))
    editor.load(f"Bootstrap: doker\nFrom: ubuntu:22.04\n\n%post\n{lines}")
    editor.linting.choose(ERRORS)
    editor.linting.look_now()
    assert editor.marks_in_line(0)
    cursor = QTextCursor(editor.document().findBlockByNumber(0))
    cursor.movePosition(QTextCursor.MoveOperation.Right, n=len("Bootstrap: do"))
    editor.setTextCursor(cursor)
    QTest.keyClick(editor, Key.Key_C)
    editor.fixes.open_menu()
    assert not editor.marks_in_line(0), "the mark of the mended fault is gone"


# --- indentation ---


def test_blocks_end_where_they_began_as_they_are_typed(editor: RecipeEditor) -> None:
    editor.load("")
    type_lines(editor, "%post", "if true; then", "ls", "elif false; then", "ls", "else", "ls", "fi")
    type_lines(editor, "for a in b; do", "ls", "done", "f() {", "ls", "}", "ls")
    assert editor.text() == (
        "%post\n    if true; then\n        ls\n    elif false; then\n        ls\n    else\n        ls\n    fi\n"
        "    for a in b; do\n        ls\n    done\n    f() {\n        ls\n    }\n    ls\n    "
    )


def test_a_case_is_typed_as_it_is_formatted(editor: RecipeEditor) -> None:
    editor.load("")
    type_lines(editor, "%post", 'case "$x" in', "a)", "ls", ";;", "b) ls ;;", "esac", "ls")
    text = editor.text()
    assert text == (
        '%post\n    case "$x" in\n        a)\n            ls\n            ;;\n        b) ls ;;\n    esac\n    ls\n    '
    )


def test_a_here_document_keeps_its_columns_and_ends_where_the_shell_looks(editor: RecipeEditor) -> None:
    editor.load("")
    type_lines(editor, "%post", "cat > /x <<EOF", "a:", "  if true; then", "fi", "    EOF", "ls")
    assert editor.text() == "%post\n    cat > /x <<EOF\na:\n  if true; then\n  fi\nEOF\n    ls\n    "


def test_words_that_only_begin_like_an_end_stay(editor: RecipeEditor) -> None:
    editor.load("")
    type_lines(editor, "%post", "if true; then", "find /", "done-it")
    assert editor.text() == "%post\n    if true; then\n        find /\n        done-it\n        "


def test_a_tabbed_here_document_may_end_after_tabs() -> None:
    assert completed(["%post", "\tcat <<-EOF", "\t\tx", "\tEOF"]) == "\tEOF"
    assert completed(["%post", "\tcat <<-EOF", "x", "    EOF"]) == "EOF"
    assert indentation(["%post", "    cat <<< word"]) == "    "


# --- completion ---


def test_an_open_list_narrows_with_the_first_letter(editor: RecipeEditor) -> None:
    editor.load("")
    QTest.keyClicks(editor, "Bootstrap: ")
    assert editor.completion.is_open
    QTest.keyClicks(editor, "l")
    assert editor.completion.is_open
    QTest.keyClick(editor, Key.Key_Tab)
    assert editor.text().startswith(("Bootstrap: l",))
    assert editor.text().split()[1] in ("localimage", "library")


# --- text ---

ODD = "%post\n    echo a\rb \u2028 \u2029 \ufdd0\ufdd1 \ufdd2 \U0001f404 \ud800 end\n    ls \u00a0\n"


def test_letters_that_qt_would_change_come_out_as_they_went_in(editor: RecipeEditor) -> None:
    editor.load(ODD)
    assert editor.text() == ODD
    assert editor.blockCount() == ODD.count("\n") + 1, "a lone carriage return is no line"
    at_end_of(editor, 3)
    QTest.keyClicks(editor, "x")
    assert editor.text() == ODD[:-1] + "x\n"
    editor.replace_text(ODD.replace("end", "\u2029end"))
    assert editor.text() == ODD.replace("end", "\u2029end")
    editor.selectAll()
    editor.copy()
    assert "\u2028" in QApplication.clipboard().text()


def test_saving_changes_nothing_but_what_was_typed(qtbot: QtBot, tmp_path: Path) -> None:
    text = ODD.replace("\ud800", "")
    file = tmp_path / "target" / "a.def"
    file.parent.mkdir()
    file.write_bytes(text.encode())
    pane = RecipePane(Journal(tmp_path / "journal"))
    qtbot.addWidget(pane)
    page = opened(qtbot, pane, LocalTarget(home=file.parent), "a.def")
    assert not page.unsaved
    page.editor.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClicks(page.editor, "#")
    with qtbot.wait_signal(page.saved):
        page.save()
    assert file.read_bytes() == text.encode() + b"#"


def opened(qtbot: QtBot, pane: RecipePane, target: LocalTarget, name: str) -> RecipePage:
    pane.resize(800, 600)
    pane.show()
    pane.open_recipe(target, PurePosixPath(name), "")
    page = pane.current_page()
    assert page is not None
    qtbot.wait_until(lambda: page.ready)
    return page


# --- what is said ---


def test_a_notice_about_unsaved_text_goes_with_its_cause(qtbot: QtBot, tmp_path: Path) -> None:
    pane = RecipePane(Journal(tmp_path / "journal"))
    qtbot.addWidget(pane)
    page = opened(qtbot, pane, LocalTarget(home=tmp_path), "a.def")
    qtbot.wait_until(lambda: page.saved_at is not None)
    QTest.keyClicks(page.editor, "# x")
    pane.close_recipe()
    assert "unsaved" in page.notice.text()
    with qtbot.wait_signal(page.saved):
        page.save()
    assert not page.notice.text()


def test_the_offer_of_earlier_text_goes_when_somebody_goes_on_without_it(qtbot: QtBot, tmp_path: Path) -> None:
    target = LocalTarget(home=tmp_path)
    (tmp_path / "a.def").write_text("Bootstrap: docker\n", encoding="utf-8")
    earlier = Journal(tmp_path / "journal")
    earlier.write(target.name, PurePosixPath("a.def"), "Bootstrap: library\n", base=None, leaving=True)
    pane = RecipePane(Journal(tmp_path / "journal"))
    qtbot.addWidget(pane)
    page = opened(qtbot, pane, target, "a.def")
    qtbot.wait_until(lambda: "unsaved text" in pane.notice.text())
    QTest.keyClicks(page.editor, "#")
    assert not pane.notice.text()


def test_an_empty_recipe_hints_and_does_not_blame(qtbot: QtBot, tmp_path: Path) -> None:
    pane = RecipePane(Journal(tmp_path / "journal"))
    qtbot.addWidget(pane)
    page = opened(qtbot, pane, LocalTarget(home=tmp_path), "a.def")
    page.editor.linting.choose(ALL)
    assert not page.editor.marks
    assert "Bootstrap: docker" in page.editor.placeholderText()
    QTest.keyClicks(page.editor, "x")
    assert page.editor.marks


def test_control_tab_changes_the_tab(qtbot: QtBot, tmp_path: Path) -> None:
    pane = RecipePane(Journal(tmp_path / "journal"))
    qtbot.addWidget(pane)
    target = LocalTarget(home=tmp_path)
    opened(qtbot, pane, target, "a.def")
    page = opened(qtbot, pane, target, "b.def")
    QTest.keyClick(page.editor, Key.Key_Tab, CONTROL)
    assert pane.current_path() == PurePosixPath("a.def")
    QTest.keyClick(page.editor, Key.Key_Backtab, CONTROL | SHIFT)
    assert pane.current_path() == PurePosixPath("b.def")
    assert page.editor.text() == ""


def test_the_foot_keeps_its_height_and_says_all_of_it_to_the_pointer(qtbot: QtBot, editor: RecipeEditor) -> None:
    foot = RecipeFoot(editor)
    layout = editor.window().layout()
    assert layout is not None
    layout.addWidget(foot)
    editor.load(NO_YES)
    QApplication.processEvents()
    height = foot.height()
    long = "Not yet: " + "a sentence that goes on and on " * 12 + "to its end."
    editor.show_findings([Finding("lists", long, 6, 5)])
    at_end_of(editor, 6)
    QApplication.processEvents()
    assert foot.height() == height
    assert "…" in foot.fault.text()
    assert "to its end." in foot.fault.toolTip()


def test_a_card_goes_when_the_text_has_another_size(editor: RecipeEditor) -> None:
    editor.load(NO_YES)
    at_end_of(editor, 4)
    editor.hovers.show_word()
    assert editor.hovers.card.isVisible()
    editor.zoom(1)
    assert not editor.hovers.card.isVisible()
    editor.zoom(0)


def test_names_of_rules_are_not_broken_and_examples_go_on_further_in() -> None:
    assert unbroken("<code>apt-yes</code> <code>apt-get</code>") == "<code>apt\u2011yes</code> <code>apt-get</code>"
    assert "text-indent: -" in example("    apt-get install")
