"""What keys and the mouse send to the program in a terminal, as xterm does it.

Source: "XTerm Control Sequences" (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html), PC-style function keys and
mouse tracking.
"""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import Qt

from cowshed_lab.screen import Modes, MouseMode

_Key = Qt.Key
_Modifier = Qt.KeyboardModifier

_LETTERS = {
    _Key.Key_Up: "A",
    _Key.Key_Down: "B",
    _Key.Key_Right: "C",
    _Key.Key_Left: "D",
    _Key.Key_Home: "H",
    _Key.Key_End: "F",
}
_F1_TO_F4 = {_Key.Key_F1: "P", _Key.Key_F2: "Q", _Key.Key_F3: "R", _Key.Key_F4: "S"}
_NUMBERS = {
    _Key.Key_Insert: 2,
    _Key.Key_Delete: 3,
    _Key.Key_PageUp: 5,
    _Key.Key_PageDown: 6,
    _Key.Key_F5: 15,
    _Key.Key_F6: 17,
    _Key.Key_F7: 18,
    _Key.Key_F8: 19,
    _Key.Key_F9: 20,
    _Key.Key_F10: 21,
    _Key.Key_F11: 23,
    _Key.Key_F12: 24,
}
_CONTROLS = {
    _Key.Key_At: 0,
    _Key.Key_Space: 0,
    _Key.Key_2: 0,
    _Key.Key_BracketLeft: 27,
    _Key.Key_3: 27,
    _Key.Key_Backslash: 28,
    _Key.Key_4: 28,
    _Key.Key_BracketRight: 29,
    _Key.Key_5: 29,
    _Key.Key_AsciiCircum: 30,
    _Key.Key_6: 30,
    _Key.Key_Underscore: 31,
    _Key.Key_Minus: 31,
    _Key.Key_Slash: 31,
    _Key.Key_7: 31,
    _Key.Key_Question: 127,
    _Key.Key_8: 127,
}
_WINDOW_KEYS = frozenset({_Key.Key_F6, _Key.Key_F11})
_WINDOW_CONTROLS = frozenset({_Key.Key_1, _Key.Key_2, _Key.Key_3, _Key.Key_4, _Key.Key_Comma})


def is_window_key(key: int, modifiers: Qt.KeyboardModifier) -> bool:
    """Tell whether a key is the window's even while the terminal has the keyboard.

    F6 and Shift+F6 leave the terminal, Ctrl+1 to Ctrl+4 jump to a pane, F11 fills the window, Ctrl+, opens the
    settings, Ctrl+Shift with a letter is never the shell's (it cannot be told from Ctrl with that letter).
    """
    modifiers &= ~_Modifier.KeypadModifier
    if key in _WINDOW_KEYS:
        return True
    if modifiers == _Modifier.ControlModifier and key in _WINDOW_CONTROLS:
        return True
    if modifiers & _Modifier.ControlModifier and key in {_Key.Key_Tab, _Key.Key_Backtab}:
        return True
    both = _Modifier.ControlModifier | _Modifier.ShiftModifier
    return modifiers & both == both and _Key.Key_A <= key <= _Key.Key_Z


def key_bytes(key: int, modifiers: Qt.KeyboardModifier, text: str, modes: Modes) -> bytes:
    """Return what a key sends; nothing for one that sends nothing.

    Args:
        key: Qt's key code.
        modifiers: what is held down.
        text: what the key types by itself (layout, dead keys and AltGr done).
        modes: what the program asked for.
    """
    keypad = bool(modifiers & _Modifier.KeypadModifier)
    modifiers &= ~_Modifier.KeypadModifier
    code = 1 + _modifier_bits(modifiers)
    special = _special_key(Qt.Key(key) if key in _KNOWN else _Key.Key_unknown, code, modes)
    if special:
        return special
    alt = b"\x1b" if modifiers & _Modifier.AltModifier else b""
    control = bool(modifiers & _Modifier.ControlModifier)
    match key:
        case _Key.Key_Return | _Key.Key_Enter:
            if keypad and modes.application_keypad:
                return b"\x1bOM"
            return alt + b"\r"
        case _Key.Key_Backspace:
            return alt + (b"\x08" if control else b"\x7f")
        case _Key.Key_Tab:
            return alt + b"\t"
        case _Key.Key_Backtab:
            return b"\x1b[Z"
        case _Key.Key_Escape:
            return alt + b"\x1b"
    if control and not _is_alt_graph(modifiers, text):
        if _Key.Key_A <= key <= _Key.Key_Z:
            return alt + bytes([key - _Key.Key_A + 1])
        if key in _CONTROLS_BY_CODE:
            return alt + bytes([_CONTROLS_BY_CODE[key]])
        return alt + text.encode() if text else b""
    if not text:
        return b""
    if _is_alt_graph(modifiers, text):
        return text.encode()
    return alt + text.encode(errors="replace")


def _modifier_bits(modifiers: Qt.KeyboardModifier) -> int:
    return (
        (1 if modifiers & _Modifier.ShiftModifier else 0)
        | (2 if modifiers & _Modifier.AltModifier else 0)
        | (4 if modifiers & _Modifier.ControlModifier else 0)
    )


def _is_alt_graph(modifiers: Qt.KeyboardModifier, text: str) -> bool:
    """AltGr reaches us as Ctrl+Alt on Windows and as a modifier of its own elsewhere; either way it typed something."""
    both = _Modifier.ControlModifier | _Modifier.AltModifier
    printable = bool(text) and text.isprintable()
    return printable and (modifiers & both == both or bool(modifiers & _Modifier.GroupSwitchModifier))


def _special_key(key: Qt.Key, code: int, modes: Modes) -> bytes:
    if key in _LETTERS:
        letter = _LETTERS[key]
        if code > 1:
            return f"\x1b[1;{code}{letter}".encode()
        return f"\x1b{'O' if modes.application_cursor else '['}{letter}".encode()
    if key in _F1_TO_F4:
        letter = _F1_TO_F4[key]
        return f"\x1b[1;{code}{letter}".encode() if code > 1 else f"\x1bO{letter}".encode()
    if key in _NUMBERS:
        number = _NUMBERS[key]
        return f"\x1b[{number};{code}~".encode() if code > 1 else f"\x1b[{number}~".encode()
    return b""


_KNOWN = frozenset(int(key) for key in (*_LETTERS, *_F1_TO_F4, *_NUMBERS))
_CONTROLS_BY_CODE = {int(key): value for key, value in _CONTROLS.items()}


class MouseAction(Enum):
    """What the mouse did."""

    PRESS = "press"
    RELEASE = "release"
    MOVE = "move"


WHEEL_UP, WHEEL_DOWN, WHEEL_LEFT, WHEEL_RIGHT = 64, 65, 66, 67
NO_BUTTON = 3
_BUTTONS = {Qt.MouseButton.LeftButton: 0, Qt.MouseButton.MiddleButton: 1, Qt.MouseButton.RightButton: 2}


def button_number(button: Qt.MouseButton) -> int:
    """Return the number that mouse reports give a button."""
    return _BUTTONS.get(button, NO_BUTTON)


def mouse_bytes(
    action: MouseAction, button: int, column: int, row: int, modifiers: Qt.KeyboardModifier, modes: Modes
) -> bytes:
    """Return a mouse report, nothing where the program did not ask for this action.

    Args:
        action: what happened.
        button: 0 to 2, `NO_BUTTON` for a move without one, or a wheel direction.
        column: from 0.
        row: from 0.
        modifiers: what is held down.
        modes: what the program asked for.
    """
    mode = modes.mouse
    if mode is MouseMode.OFF or (mode is MouseMode.PRESS and (action is not MouseAction.PRESS or button > 2)):
        return b""
    if action is MouseAction.MOVE and (
        mode not in {MouseMode.DRAG, MouseMode.MOTION} or (mode is MouseMode.DRAG and button == NO_BUTTON)
    ):
        return b""
    code = button + (32 if action is MouseAction.MOVE else 0)
    if mode is not MouseMode.PRESS:
        code |= (
            (4 if modifiers & _Modifier.ShiftModifier else 0)
            | (8 if modifiers & _Modifier.AltModifier else 0)
            | (16 if modifiers & _Modifier.ControlModifier else 0)
        )
    if modes.mouse_sgr:
        return f"\x1b[<{code};{column + 1};{row + 1}{'m' if action is MouseAction.RELEASE else 'M'}".encode()
    if action is MouseAction.RELEASE:
        code = code & ~3 | NO_BUTTON
    if column >= 223 or row >= 223:  # cannot be said in the old encoding
        return b""
    return b"\x1b[M" + bytes([32 + code, 33 + column, 33 + row])
