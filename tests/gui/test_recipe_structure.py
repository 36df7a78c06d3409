"""Outline, format and comparisons in the real window, by their keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cowshed_gui import recipe_edits
from cowshed_gui.course_session import recipe_path
from cowshed_gui.main_window import MainWindow
from cowshed_gui.recipe_editor import RecipeEditor
from cowshed_gui.session_state import SessionState, save_state
from cowshed_lab.local import LocalTarget
from cowshed_lessons.linting import Range, TextEdit
from cowshed_lessons.verdict import Outcome, Position
from lolcow import lolcow_course

LONG = 20_000
CONTROL, SHIFT, ALT = (getattr(Qt.KeyboardModifier, f"{name}Modifier") for name in ("Control", "Shift", "Alt"))
BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
RECIPE = (
    "Bootstrap: docker\nFrom: ubuntu\n\n%post\n  apt-get update\n  apt-get install -y cowsay\n\n"
    "%apprun moo\n    cowsay\n"
)


@pytest.fixture
def window(qtbot: QtBot, user_folders: Path) -> Iterator[MainWindow]:
    """The window with the first step's recipe open and saved, which does not pass the step."""
    save_state(SessionState(welcomed=True))
    window = MainWindow(lolcow_course())
    qtbot.add_widget(window)
    with qtbot.wait_signal(window.ready, timeout=LONG):
        window.show()
    window.recipes.open_recipe(LocalTarget(home=user_folders), recipe_path(window.session.step), RECIPE)
    page = window.recipes.current_page()
    assert page is not None
    qtbot.wait_until(lambda: page.saved_at is not None, timeout=LONG)

    def active() -> bool:
        window.activateWindow()  # again and again: a window that the test before closes late takes it back
        return window.isActiveWindow()

    qtbot.wait_until(active, timeout=LONG)
    page.editor.setFocus()
    yield window
    window.close()


def editor_of(window: MainWindow) -> RecipeEditor:
    page = window.recipes.current_page()
    assert page is not None
    return page.editor


def press(window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    QTest.keyClick(editor_of(window), key, modifiers)


# --- outline ---


def test_the_outline_goes_to_a_section_and_begins_at_the_cursor_s(window: MainWindow) -> None:
    editor_of(window).go_to_line(6)
    press(window, Qt.Key.Key_O, CONTROL | SHIFT)
    assert window.palette_popup.isVisible()
    assert window.palette_popup.titles() == ["Header  docker ubuntu", "%post", "moo › %apprun"]
    QTest.keyClick(window.palette_popup._field, Qt.Key.Key_Down)
    QTest.keyClick(window.palette_popup._field, Qt.Key.Key_Return)
    assert editor_of(window).textCursor().blockNumber() == 7
    assert window.recipe_tools.outline.text() == "moo › %apprun ▾"


def test_the_tab_row_says_which_section_the_cursor_is_in(window: MainWindow, qtbot: QtBot) -> None:
    tools, editor = window.recipe_tools, editor_of(window)
    editor.go_to_line(1)
    assert tools.outline.text() == "Header ▾"
    editor.go_to_line(5)
    assert tools.outline.text() == "%post ▾"
    assert "the cursor is in %post" in tools.outline.accessibleName()
    QTest.mouseClick(tools.outline, Qt.MouseButton.LeftButton)
    assert window.palette_popup.isVisible()
    window.palette_popup.hide()
    page = window.recipes.current_page()
    assert page is not None
    window.recipes.open_recipe(page.target, PurePosixPath("cowshed/other.def"), f"{BASE}\n%test\n    true\n")
    qtbot.wait_until(lambda: tools.outline.text() == "Header ▾", timeout=LONG)
    editor_of(window).go_to_line(4)
    assert tools.outline.text() == "%test ▾"
    window.recipes.close_recipe()
    assert tools.outline.text() == "%post ▾"


def test_without_sections_the_outline_says_so(window: MainWindow) -> None:
    editor_of(window).replace_text("")
    press(window, Qt.Key.Key_O, CONTROL | SHIFT)
    assert not window.palette_popup.isVisible()
    assert "no sections" in window.notice.text()


def test_folds_have_keys(window: MainWindow) -> None:
    editor = editor_of(window)
    editor.go_to_line(5)
    press(window, Qt.Key.Key_BracketLeft, CONTROL | SHIFT)
    assert editor.folding.folded() == {3: 2}
    press(window, Qt.Key.Key_BracketRight, CONTROL | SHIFT)
    assert editor.folding.folded() == {}
    press(window, Qt.Key.Key_BracketLeft, CONTROL | ALT)
    assert set(editor.folding.folded()) == {0, 3, 7}
    press(window, Qt.Key.Key_BracketRight, CONTROL | ALT)
    assert editor.folding.folded() == {}


# --- format ---


def reindented(text: str) -> tuple[TextEdit, ...]:
    """A way to format, independent of the real one: two blanks become four, and blank lines at the end go."""
    lines = text.split("\n")
    return tuple(
        TextEdit(Range(Position(number, 1), Position(number, 3)), "    ")
        for number, line in enumerate(lines, 1)
        if line.startswith("  ") and not line.startswith("    ")
    )


@pytest.mark.parametrize("keys", [(Qt.Key.Key_F, SHIFT | ALT), (Qt.Key.Key_I, CONTROL | SHIFT)])
def test_format_is_one_step_and_the_cursor_stays_at_its_word(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, keys: tuple[Qt.Key, Qt.KeyboardModifier]
) -> None:
    monkeypatch.setattr(recipe_edits, "format_edits", reindented)
    editor = editor_of(window)
    editor.go_to_line(1)
    editor.folding.toggle_line(7)
    editor.go_to_line(6, 11)  # before the "install" of apt-get install
    word = editor.textCursor().block().text()[editor.textCursor().positionInBlock() :]
    press(window, *keys)
    assert editor.text() == RECIPE.replace("\n  apt", "\n    apt")
    cursor = editor.textCursor()
    assert cursor.block().text()[cursor.positionInBlock() :] == word
    assert cursor.blockNumber() == 5
    assert editor.folding.folded() == {7: 1}
    editor.undo()
    assert editor.text() == RECIPE


def test_format_keeps_the_fold_that_it_reaches_into(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe_edits, "format_edits", reindented)
    editor = editor_of(window)
    editor.folding.toggle_line(3)
    press(window, Qt.Key.Key_F, SHIFT | ALT)
    assert editor.text() == RECIPE.replace("\n  apt", "\n    apt")
    assert editor.folding.folded() == {3: 2}


def test_the_real_format_leaves_a_tidy_recipe_alone_and_says_so(window: MainWindow) -> None:
    tidy = f"{BASE}\n%post\n    apt-get update\n"
    editor_of(window).replace_text(tidy)
    press(window, Qt.Key.Key_F, SHIFT | ALT)
    assert editor_of(window).text() == tidy
    assert "nothing to format" in window.notice.text()


@pytest.mark.parametrize(
    ("old", "new", "place", "wanted"),
    [
        ("a  b", "a b", 3, 2),
        ("a  b", "a b", 1, 1),
        ("  a", "    a", 0, 0),
        ("x\n\n\ny", "x\n\ny", 2, 2),
        ("🐄  b", "🐄 b", 4, 3),
        ("a \n", "a\n", 3, 2),
        ("", "", 0, 0),
    ],
)
def test_a_place_is_found_again_when_blanks_change(old: str, new: str, place: int, wanted: int) -> None:
    assert recipe_edits._same_word(old, new, place) == wanted


# --- comparing ---


def chosen(window: MainWindow, qtbot: QtBot) -> list[str]:
    """What can be compared, after the key."""
    page = window.recipes.current_page()
    assert page is not None
    proxy = page.focusProxy()
    assert proxy is not None
    QTest.keyClick(proxy, Qt.Key.Key_D, CONTROL | SHIFT)
    qtbot.wait_until(lambda: page.comparison is not None, timeout=LONG)
    assert page.comparison is not None
    chooser = page.comparison.chooser
    return [chooser.itemText(number) for number in range(chooser.count())]


def test_before_the_step_is_passed_no_solution_is_offered(window: MainWindow, qtbot: QtBot) -> None:
    editor_of(window).replace_text(f"{RECIPE}# more\n")
    assert chosen(window, qtbot) == ["The file on disk"]
    page = window.recipes.current_page()
    assert page is not None
    assert page.comparison is not None
    assert page.comparison.other.accessibleName() == "The file on disk"
    assert len(page.comparison.blocks) == 1
    assert page.comparison.chooser.isHidden()


def test_what_passed_and_then_solutions_are_offered(window: MainWindow, qtbot: QtBot) -> None:
    step = window.session.step
    editor_of(window).replace_text(BASE)
    assert window.session.verdict is not None
    assert window.session.verdict.outcome is Outcome.PASSED
    editor_of(window).replace_text(f"{BASE}# more\n")
    offered = chosen(window, qtbot)
    assert offered[:2] == ["The file on disk", "The recipe that passed"], "what is unsaved is compared with the file"
    assert len(offered) == 2 + len(step.solutions)
    assert offered[2].startswith(f"Solution 1 of {len(step.solutions)}: ")
    page = window.recipes.current_page()
    assert page is not None
    view = page.comparison
    assert view is not None
    view.chooser.setFocus()
    QTest.keyClick(view.chooser, Qt.Key.Key_Down)
    assert view.other.accessibleName() == "The recipe that passed"
    assert len(view.blocks) == 1
    page.close_comparison()
    with qtbot.wait_signal(page.saved, timeout=LONG):
        page.save()
    assert chosen(window, qtbot)[0] == "The recipe that passed", "what is saved is compared with what passed"


def test_another_recipe_is_compared_with_its_file_only(window: MainWindow, qtbot: QtBot) -> None:
    page = window.recipes.current_page()
    assert page is not None
    editor_of(window).replace_text(BASE)
    window.recipes.open_recipe(page.target, PurePosixPath("cowshed/other.def"), BASE)
    other = window.recipes.current_page()
    assert other is not None
    qtbot.wait_until(lambda: other.saved_at is not None, timeout=LONG)
    assert chosen(window, qtbot) == ["The file on disk"]


# --- long recipes ---


def test_a_long_recipe_is_judged_when_the_typing_pauses(window: MainWindow, qtbot: QtBot) -> None:
    editor = editor_of(window)
    long = BASE + "# moo\n" * 1_100
    editor.replace_text(long)
    known = window.session.evidence.recipe
    assert known is None or known.text != long
    qtbot.wait_until(lambda: (new := window.session.evidence.recipe) is not None and new.text == long)
    editor.replace_text(BASE)
    known = window.session.evidence.recipe
    assert known is not None
    assert known.text == BASE, "a short one at once"
