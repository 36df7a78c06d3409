"""The terminal's widget with a real bash: keys, selection, scrolling, painting."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QDesktopServices, QGuiApplication, QHelpEvent, QImage, QInputMethodEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from cowshed_gui.terminal_boxes import is_box
from cowshed_gui.terminal_painting import TerminalFont, contrast, look_of, palette_colour
from cowshed_gui.terminal_view import TerminalView
from cowshed_gui.theme import APPEARANCE, SPACE, dark, fixed_font, light
from cowshed_lab.local import LocalTarget
from cowshed_lab.screen import Style
from gui.terminal_at_work import PATIENCE, bash_at_home, run_line, session_of, shown_shell

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def target(user_folders: Path, monkeypatch: pytest.MonkeyPatch) -> LocalTarget:
    return bash_at_home(user_folders, monkeypatch)


@pytest.fixture
def view(qtbot: QtBot, target: LocalTarget) -> Iterator[TerminalView]:
    shown = shown_shell(qtbot, target)
    yield shown
    ended = session_of(shown).close()
    assert ended is not None
    ended.result(10)


def place(view: TerminalView, column: int, row: int) -> QPoint:
    font = view._font
    return QPoint(SPACE + column * font.width + 1, SPACE // 2 + row * font.height + font.height // 2)


def drag(qtbot: QtBot, view: TerminalView, start: QPoint, end: QPoint) -> None:
    QTest.mousePress(view.viewport(), LEFT, pos=start)
    QTest.mouseMove(view.viewport(), end)
    move = QPointF(end)
    from PySide6.QtGui import QMouseEvent

    event = QMouseEvent(
        QEvent.Type.MouseMove,
        move,
        QPointF(view.viewport().mapToGlobal(end)),
        Qt.MouseButton.NoButton,
        LEFT,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(view.viewport(), event)
    QTest.mouseRelease(view.viewport(), LEFT, pos=end)


def row_of(view: TerminalView, text: str) -> int:
    return next(y for y, line in enumerate(view.screen_text().split("\n")) if line == text)


def test_typed_keys_reach_bash(qtbot: QtBot, view: TerminalView) -> None:
    evidence = run_line(qtbot, view, "echo moo $((20+3)); (exit 3)")
    assert (evidence.exit_status, evidence.output) == (3, "moo 23\n")
    assert "moo 23" in view.screen_text().split("\n")


def test_tab_completes_and_arrows_recall(qtbot: QtBot, view: TerminalView, user_folders: Path) -> None:
    (user_folders / "lolcow.definition").write_text("")
    QTest.keyClicks(view, "ls lolc")
    QTest.keyClick(view, Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: "lolcow.definition" in view.screen_text(), timeout=PATIENCE)
    session = session_of(view)
    with qtbot.waitSignal(session.command_finished, timeout=PATIENCE):
        QTest.keyClick(view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.at_prompt, timeout=PATIENCE)
    with qtbot.waitSignal(session.command_finished, timeout=PATIENCE) as got:
        QTest.keyClick(view, Qt.Key.Key_Up)
        QTest.keyClick(view, Qt.Key.Key_Return)
    assert got.args[0].command_line.strip() == "ls lolcow.definition"


def test_selection_by_drag_double_and_triple_click(qtbot: QtBot, view: TerminalView) -> None:
    run_line(qtbot, view, "echo first second/third.txt")
    row = row_of(view, "first second/third.txt")
    drag(qtbot, view, place(view, 0, row), place(view, 5, row))
    assert view.selected_text() == "first"
    QTest.mouseClick(view.viewport(), LEFT, pos=place(view, 60, row))
    assert view.selected_text() == ""
    QTest.mouseClick(view.viewport(), LEFT, pos=place(view, 8, row))
    QTest.mouseDClick(view.viewport(), LEFT, pos=place(view, 8, row))
    assert view.selected_text() == "second/third.txt"
    QTest.mousePress(view.viewport(), LEFT, pos=place(view, 8, row))
    assert view.selected_text() == "first second/third.txt"


def test_copy_and_paste_keys(qtbot: QtBot, view: TerminalView) -> None:
    run_line(qtbot, view, "echo cow-$((1+1))")
    row = row_of(view, "cow-2")
    QTest.mouseDClick(view.viewport(), LEFT, pos=place(view, 1, row))
    QTest.mouseDClick(view.viewport(), LEFT, pos=place(view, 1, row))
    QTest.keyClick(view, Qt.Key.Key_C, CTRL | SHIFT)
    assert QGuiApplication.clipboard().text() == "cow-2"
    QGuiApplication.clipboard().setText("echo pasted")
    QTest.keyClick(view, Qt.Key.Key_V, CTRL | SHIFT)
    qtbot.waitUntil(lambda: "me> echo pasted" in view.screen_text(), timeout=PATIENCE)


def test_wrapped_lines_are_copied_unbroken(qtbot: QtBot, view: TerminalView) -> None:
    width = view.grid_size().columns
    run_line(qtbot, view, f"printf '%0{width + 10}d\\n' 7")
    row = next(y for y, line in enumerate(view.screen_text().split("\n")) if line.startswith("00000"))
    for _ in range(3):
        QTest.mousePress(view.viewport(), LEFT, pos=place(view, 3, row))
    assert view.selected_text() == "7".zfill(width + 10)


def test_new_output_does_not_move_a_view_that_was_scrolled_back(qtbot: QtBot, view: TerminalView) -> None:
    run_line(qtbot, view, "seq 1 200")
    bar = view.verticalScrollBar()
    assert bar.maximum() > 100
    bar.setValue(50)
    assert (view.scrolled_back, bar.value()) == (True, 50)
    qtbot.waitUntil(lambda: view._row(50) is not None, timeout=PATIENCE)
    upper = view._row(50)
    assert upper is not None
    session_of(view).type(b"seq 300 400\r")
    top = bar.maximum()
    qtbot.waitUntil(lambda: bar.maximum() > top + 90, timeout=PATIENCE)
    assert bar.value() == 50
    assert view._row(50) == upper
    QTest.keyClicks(view, "x")
    assert (view.scrolled_back, bar.value()) == (False, bar.maximum())


def test_copying_from_far_above_the_screen(qtbot: QtBot, view: TerminalView) -> None:
    run_line(qtbot, view, "seq -f 'line %g' 1 900")
    view.verticalScrollBar().setValue(3)
    qtbot.waitUntil(lambda: view._row(3) is not None and view._row(3 + 5) is not None, timeout=PATIENCE)
    first = view._row(3)
    assert first is not None
    QTest.mousePress(view.viewport(), LEFT, pos=place(view, 0, 0))
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    QTest.mousePress(view.viewport(), LEFT, SHIFT, pos=place(view, 70, 2))
    view.copy()
    qtbot.waitUntil(lambda: "line 500" in QGuiApplication.clipboard().text(), timeout=PATIENCE)
    copied = QGuiApplication.clipboard().text().split("\n")
    assert copied[0] == first.text
    assert len(copied) > 850


def test_a_multi_line_paste_asks_where_it_would_run(qtbot: QtBot, view: TerminalView) -> None:
    run_line(qtbot, view, "bind 'set enable-bracketed-paste off'")
    qtbot.waitUntil(lambda: not view._modes.bracketed_paste, timeout=PATIENCE)
    QGuiApplication.clipboard().setText("echo one\necho two\n")
    with qtbot.waitSignal(view.paste_needs_consent, timeout=PATIENCE) as got:
        QTest.keyClick(view, Qt.Key.Key_V, CTRL | SHIFT)
    assert got.args == ["echo one\necho two\n"]
    assert "echo one" not in view.screen_text()


def test_a_killed_core_leaves_the_session_alive(qtbot: QtBot, view: TerminalView) -> None:
    run_line(qtbot, view, "kept=alive")
    number = session_of(view).core_process_id
    assert number is not None
    os.kill(number, signal.SIGKILL)
    assert run_line(qtbot, view, "echo still-$kept").output == "still-alive\n"
    qtbot.waitUntil(lambda: "still-alive" in view.screen_text(), timeout=PATIENCE)
    qtbot.waitUntil(lambda: session_of(view).core_process_id not in {None, number}, timeout=PATIENCE)


def test_a_flood_ends_at_ctrl_c_and_the_window_stays_alive(qtbot: QtBot, view: TerminalView) -> None:
    session = session_of(view)
    QTest.keyClicks(view, "yes\r")
    qtbot.waitUntil(lambda: view.screen_text().startswith("y\ny\n"), timeout=PATIENCE)
    with qtbot.waitSignal(session.command_finished, timeout=5000) as got:
        QTest.keyClick(view, Qt.Key.Key_C, CTRL)
    assert got.args[0].exit_status == 130


def test_resizing_tells_the_program_once_settled(qtbot: QtBot, view: TerminalView) -> None:
    for width in (500, 520, 560, 480):
        view.resize(width, 300)
    size = view.grid_size()
    qtbot.waitUntil(lambda: (view._columns, view._height) == (size.columns, size.rows), timeout=PATIENCE)
    assert run_line(qtbot, view, "stty size").output == f"{size.rows} {size.columns}\n"


def test_zoom_by_keys_and_wheel(qtbot: QtBot, view: TerminalView) -> None:
    columns = view.grid_size().columns
    QTest.keyClick(view, Qt.Key.Key_Plus, CTRL)
    QTest.keyClick(view, Qt.Key.Key_Plus, CTRL)
    assert view.zoom > 1.2
    assert view.grid_size().columns < columns
    middle = QPointF(view.viewport().rect().center())
    wheel = QWheelEvent(
        middle, middle, QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton, CTRL, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(view.viewport(), wheel)
    assert 1.05 < view.zoom < 1.15
    QTest.keyClick(view, Qt.Key.Key_0, CTRL)
    assert view.zoom == 1.0


def test_mouse_goes_to_a_program_that_asks_and_shift_takes_it_back(qtbot: QtBot, view: TerminalView) -> None:
    run_line(qtbot, view, r"printf '\e[?1000h\e[?1006h'; echo select me")
    qtbot.waitUntil(lambda: view._modes.mouse_sgr, timeout=PATIENCE)
    with qtbot.waitSignal(session_of(view).command_started, timeout=PATIENCE):  # bash no longer reads the keys
        session_of(view).type(b"cat -v\r")
    QTest.mouseClick(view.viewport(), LEFT, pos=place(view, 4, 2))
    qtbot.waitUntil(lambda: "^[[<0;5;3M^[[<0;5;3m" in view.screen_text(), timeout=PATIENCE)
    row = row_of(view, "select me")
    QTest.mousePress(view.viewport(), LEFT, SHIFT, pos=place(view, 1, row))
    QTest.mousePress(view.viewport(), LEFT, SHIFT, pos=place(view, 1, row))
    assert view.selected_text() == "select"


def test_a_link_shows_its_address_and_opens_with_ctrl_only(
    qtbot: QtBot, view: TerminalView, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda address: opened.append(address.toString()))
    run_line(qtbot, view, r"printf '\e]8;;https://real.example/x\ashown\e]8;;\a\nplain http://plain.example/y.\n'")
    row = row_of(view, "shown")
    QTest.mouseClick(view.viewport(), LEFT, pos=place(view, 2, row))
    assert opened == []
    QTest.mouseClick(view.viewport(), LEFT, CTRL, place(view, 2, row))
    QTest.mouseClick(view.viewport(), LEFT, CTRL, place(view, 10, row + 1))
    QTest.mouseClick(view.viewport(), LEFT, CTRL, place(view, 2, row + 1))
    assert opened == ["https://real.example/x", "http://plain.example/y"]
    point = place(view, 2, row)
    asked = QHelpEvent(QEvent.Type.ToolTip, point, view.viewport().mapToGlobal(point))
    QApplication.sendEvent(view.viewport(), asked)
    assert QToolTip.text() == "https://real.example/x\nCtrl+click opens it"
    QToolTip.hideText()


def test_input_methods(qtbot: QtBot, view: TerminalView) -> None:
    composing = QInputMethodEvent("に", [])
    QApplication.sendEvent(view, composing)
    assert "に" not in view.screen_text()
    settled = QInputMethodEvent("", [])
    settled.setCommitString("日本")
    QApplication.sendEvent(view, settled)
    qtbot.waitUntil(lambda: "me> 日本" in view.screen_text(), timeout=PATIENCE)
    assert view.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle) is not None


def test_keys_of_the_window_are_left_to_it(qtbot: QtBot, view: TerminalView) -> None:
    from PySide6.QtGui import QKeyEvent

    def taken(key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers)
        event.ignore()
        QApplication.sendEvent(view, event)
        return event.isAccepted()

    none = Qt.KeyboardModifier.NoModifier
    assert not taken(Qt.Key.Key_F6, none)
    assert not taken(Qt.Key.Key_F6, SHIFT)
    assert not taken(Qt.Key.Key_P, CTRL | SHIFT)
    assert not taken(Qt.Key.Key_3, CTRL)
    assert taken(Qt.Key.Key_B, CTRL)
    assert taken(Qt.Key.Key_C, CTRL | SHIFT)
    assert taken(Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)


def colours(image: QImage, left: int, top: int, width: int, height: int) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(left, left + width) for y in range(top, top + height)}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_are_painted(qtbot: QtBot, view: TerminalView, theme: str) -> None:
    APPEARANCE.choose(theme)
    tokens = light() if theme == "light" else dark()
    run_line(qtbot, view, r"printf 'mark\n\e[42m      \e[48;2;10;20;30m      \e[m\n'")
    row = row_of(view, "mark") + 1
    image = view.viewport().grab().toImage()
    font = view._font
    top = SPACE // 2 + row * font.height
    assert colours(image, SPACE, top, font.width * 6, font.height) == {palette_colour(tokens, 2).name()}
    assert colours(image, SPACE + 6 * font.width, top, font.width * 6, font.height) == {"#0a141e"}
    assert image.pixelColor(SPACE + 40 * font.width, top).name() == tokens.sunken.name()


def test_box_drawing_joins_without_gaps(qtbot: QtBot, view: TerminalView) -> None:
    run_line(qtbot, view, r"printf 'mark\n│──\n│██\n│██\n'")
    row = row_of(view, "mark") + 1
    image = view.viewport().grab().toImage()
    font = view._font
    top = SPACE // 2 + row * font.height
    ground = dark().sunken.name() if APPEARANCE.theme.is_dark else light().sunken.name()
    full = colours(image, SPACE + font.width, top + font.height, 2 * font.width, 2 * font.height)
    assert len(full) == 1
    assert ground not in full
    columns = [{image.pixelColor(SPACE + x, top + y).name() for y in range(3 * font.height)} for x in range(font.width)]
    assert any(ground not in column for column in columns), "the vertical line has gaps"
    lines = [
        {image.pixelColor(SPACE + font.width + x, top + y).name() for x in range(2 * font.width)}
        for y in range(font.height)
    ]
    assert any(ground not in line for line in lines), "the horizontal line has gaps"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_named_colours_can_be_read(theme: str) -> None:
    tokens = light() if theme == "light" else dark()
    for index in range(16):
        look = look_of(Style(foreground=index), tokens)
        assert contrast(look.foreground, tokens.sunken) >= 3.0, index
        on = look_of(Style(background=index), tokens)
        assert on.background is not None
        assert contrast(on.foreground, on.background) >= 4.5, index


def test_inverse_faint_and_invisible() -> None:
    plain, tokens = look_of(Style(), light()), light()
    assert look_of(Style(inverse=True), tokens).background == plain.foreground
    assert look_of(Style(invisible=True), tokens).foreground == tokens.sunken
    assert contrast(look_of(Style(faint=True), tokens).foreground, tokens.sunken) < contrast(
        plain.foreground, tokens.sunken
    )


def test_glyphs_stand_in_their_cells(qtbot: QtBot) -> None:
    font = TerminalFont(fixed_font())
    run = font.glyphs("abc", bold=False, italic=False)
    assert run is not None
    assert [point.x() for point in run.positions()] == [0, font.width, 2 * font.width]
    assert font.glyphs("abc", bold=False, italic=False) is run
    assert font.glyphs("\U0010fffd", bold=False, italic=False) is None


def test_which_characters_are_drawn_as_geometry() -> None:
    assert is_box("─")
    assert is_box("▟")
    assert not is_box("a")
    assert not is_box("■")


def test_every_box_character_paints_something(qtbot: QtBot) -> None:
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QPainter

    from cowshed_gui.terminal_boxes import draw_box

    for code in range(0x2500, 0x25A0):
        image = QImage(9, 19, QImage.Format.Format_RGB32)
        image.fill(QColor("white"))
        painter = QPainter(image)
        draw_box(painter, chr(code), QRectF(0, 0, 9, 19), QColor("black"))
        painter.end()
        assert len(colours(image, 0, 0, 9, 19) - {"#ffffff"}) > 0, hex(code)
