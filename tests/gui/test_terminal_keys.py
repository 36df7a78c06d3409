"""What keys and mouse send: xterm's sequences."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from cowshed_gui.terminal_keys import (
    NO_BUTTON,
    WHEEL_UP,
    MouseAction,
    is_window_key,
    key_bytes,
    mouse_bytes,
)
from cowshed_lab.screen import Modes, MouseMode

K = Qt.Key
NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
KEYPAD = Qt.KeyboardModifier.KeypadModifier


@pytest.mark.parametrize(
    ("key", "modifiers", "text", "sent"),
    [
        (K.Key_A, NONE, "a", b"a"),
        (K.Key_A, SHIFT, "A", b"A"),
        (K.Key_A, CTRL, "\x01", b"\x01"),
        (K.Key_C, CTRL, "\x03", b"\x03"),
        (K.Key_B, ALT, "b", b"\x1bb"),
        (K.Key_D, CTRL | ALT, "", b"\x1b\x04"),
        (K.Key_Space, CTRL, " ", b"\x00"),
        (K.Key_BracketLeft, CTRL, "", b"\x1b"),
        (K.Key_Underscore, CTRL | SHIFT, "", b"\x1f"),
        (K.Key_Eacute, NONE, "é", "é".encode()),
        (K.Key_At, CTRL | ALT, "@", b"@"),  # AltGr on Windows
        (K.Key_Return, NONE, "\r", b"\r"),
        (K.Key_Return, ALT, "\r", b"\x1b\r"),
        (K.Key_Backspace, NONE, "\x08", b"\x7f"),
        (K.Key_Backspace, CTRL, "\x7f", b"\x08"),
        (K.Key_Backspace, ALT, "", b"\x1b\x7f"),
        (K.Key_Tab, NONE, "\t", b"\t"),
        (K.Key_Backtab, SHIFT, "", b"\x1b[Z"),
        (K.Key_Escape, NONE, "\x1b", b"\x1b"),
        (K.Key_Up, NONE, "", b"\x1b[A"),
        (K.Key_Up, KEYPAD, "", b"\x1b[A"),
        (K.Key_Right, CTRL, "", b"\x1b[1;5C"),
        (K.Key_Left, ALT, "", b"\x1b[1;3D"),
        (K.Key_Down, SHIFT | CTRL, "", b"\x1b[1;6B"),
        (K.Key_Home, NONE, "", b"\x1b[H"),
        (K.Key_End, NONE, "", b"\x1b[F"),
        (K.Key_Delete, NONE, "", b"\x1b[3~"),
        (K.Key_PageUp, CTRL, "", b"\x1b[5;5~"),
        (K.Key_F1, NONE, "", b"\x1bOP"),
        (K.Key_F4, SHIFT, "", b"\x1b[1;2S"),
        (K.Key_F5, NONE, "", b"\x1b[15~"),
        (K.Key_F12, NONE, "", b"\x1b[24~"),
        (K.Key_Shift, SHIFT, "", b""),
        (K.Key_Control, CTRL, "", b""),
    ],
)
def test_keys(key: Qt.Key, modifiers: Qt.KeyboardModifier, text: str, sent: bytes) -> None:
    assert key_bytes(key, modifiers, text, Modes()) == sent


def test_application_modes() -> None:
    modes = Modes(application_cursor=True, application_keypad=True)
    assert key_bytes(K.Key_Up, NONE, "", modes) == b"\x1bOA"
    assert key_bytes(K.Key_Home, NONE, "", modes) == b"\x1bOH"
    assert key_bytes(K.Key_Up, CTRL, "", modes) == b"\x1b[1;5A"
    assert key_bytes(K.Key_Enter, KEYPAD, "\r", modes) == b"\x1bOM"
    assert key_bytes(K.Key_Enter, KEYPAD, "\r", Modes()) == b"\r"


@pytest.mark.parametrize(
    ("key", "modifiers", "is_window"),
    [
        (K.Key_F6, NONE, True),
        (K.Key_F6, SHIFT, True),
        (K.Key_F11, NONE, True),
        (K.Key_P, CTRL | SHIFT, True),
        (K.Key_T, CTRL | SHIFT, True),
        (K.Key_1, CTRL, True),
        (K.Key_4, CTRL, True),
        (K.Key_Tab, CTRL, True),
        (K.Key_Tab, NONE, False),
        (K.Key_Backtab, SHIFT, False),
        (K.Key_P, CTRL, False),
        (K.Key_B, CTRL, False),
        (K.Key_5, CTRL, False),
        (K.Key_F5, NONE, False),
        (K.Key_Right, ALT, False),
    ],
)
def test_which_keys_are_the_windows(key: Qt.Key, modifiers: Qt.KeyboardModifier, is_window: bool) -> None:
    assert is_window_key(key, modifiers) is is_window


@pytest.mark.parametrize(
    ("action", "button", "mode", "sent"),
    [
        (MouseAction.PRESS, 0, MouseMode.OFF, b""),
        (MouseAction.PRESS, 0, MouseMode.CLICK, b"\x1b[<0;5;3M"),
        (MouseAction.RELEASE, 0, MouseMode.CLICK, b"\x1b[<0;5;3m"),
        (MouseAction.MOVE, 0, MouseMode.CLICK, b""),
        (MouseAction.MOVE, 0, MouseMode.DRAG, b"\x1b[<32;5;3M"),
        (MouseAction.MOVE, NO_BUTTON, MouseMode.DRAG, b""),
        (MouseAction.MOVE, NO_BUTTON, MouseMode.MOTION, b"\x1b[<35;5;3M"),
        (MouseAction.PRESS, WHEEL_UP, MouseMode.CLICK, b"\x1b[<64;5;3M"),
        (MouseAction.PRESS, 2, MouseMode.PRESS, b"\x1b[<2;5;3M"),
        (MouseAction.RELEASE, 2, MouseMode.PRESS, b""),
    ],
)
def test_mouse_reports(action: MouseAction, button: int, mode: MouseMode, sent: bytes) -> None:
    assert mouse_bytes(action, button, 4, 2, NONE, Modes(mouse=mode, mouse_sgr=True)) == sent


def test_mouse_reports_in_the_old_encoding() -> None:
    modes = Modes(mouse=MouseMode.CLICK)
    assert mouse_bytes(MouseAction.PRESS, 0, 4, 2, NONE, modes) == b"\x1b[M\x20\x25\x23"
    assert mouse_bytes(MouseAction.RELEASE, 0, 4, 2, NONE, modes) == b"\x1b[M\x23\x25\x23"
    assert mouse_bytes(MouseAction.PRESS, 0, 300, 2, NONE, modes) == b""
    assert mouse_bytes(MouseAction.PRESS, 1, 0, 0, CTRL | ALT, modes) == b"\x1b[M\x39\x21\x21"
