"""The application: arguments, log, what happens when something goes wrong, the window, the end."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QMessageLogContext, QObject, QSocketNotifier, QtMsgType, Signal, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from cowshed_gui.background import LAB, forget_jobs
from cowshed_gui.theme import APPEARANCE, icon

if TYPE_CHECKING:
    import argparse

    from cowshed_gui.main_window import MainWindow
    from cowshed_lessons.course import Course

_log = logging.getLogger("cowshed")

BAD_INPUT = 2


def run(arguments: Sequence[str], *, on_window: Callable[[MainWindow], object] | None = None) -> int:
    """Open the window and return the exit status once it is closed; `on_window` gets it before it is shown."""
    course: Course | Callable[[], Course] = _built_in_course
    if arguments:
        from cowshed_lessons.course import CourseError, load_course

        options = _parser().parse_args(list(arguments))
        if options.workspace is not None:
            _use_workspace(options.workspace)
        try:
            if options.course is not None:
                course = load_course(options.course, whole=False)
        except CourseError as error:
            sys.stderr.write(f"This course cannot be opened. {error}\n")
            return BAD_INPUT
    application = make_application()
    window = open_window(course)
    window.ready.connect(_open_log)
    if on_window is not None:
        on_window(window)
    window.ready.connect(lambda: application.setWindowIcon(icon("cow", "accent")))
    window.ready.connect(gc.freeze)  # what is there now stays; looking it over again and again was felt in the typing
    window.show()
    # Qt ends the program with its last window, but not where something else (a pop-up, a job) holds it for a moment.
    window.windowHandle().visibleChanged.connect(lambda visible: None if visible else application.quit())
    waker = _leave_on_signals(window)
    status = application.exec()
    if waker is not None:
        waker.close()
    ended = LAB.stop()
    forget_jobs()
    if not ended:  # Python would wait for its threads, perhaps for a file server that never comes back
        logging.shutdown()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)
    return status


def _parser() -> argparse.ArgumentParser:
    import argparse

    from cowshed_lab.command_line import add_window_options

    parser = argparse.ArgumentParser(
        prog="cowshed", description="Open the Cowshed window. Its commands are listed by cowshed --help."
    )
    add_window_options(parser)
    return parser


def _use_workspace(folder: Path) -> None:
    """Keep all of the person's files under one folder; for trying things out, classes and tests."""
    for variable, name in (
        ("XDG_CONFIG_HOME", "settings"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_STATE_HOME", "state"),
        ("XDG_CACHE_HOME", "cache"),
    ):
        os.environ[variable] = str((folder / name).absolute())


def make_application() -> QApplication:
    """The application in our look; one that is there already is taken."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(["cowshed"])
    application.setApplicationName("cowshed")
    application.setApplicationDisplayName("Cowshed")
    application.setDesktopFileName("cowshed")
    APPEARANCE.apply()
    qInstallMessageHandler(_on_qt_message)
    return application


def _built_in_course() -> Course:
    from cowshed_lessons.course import built_in_course_folder, load_course

    return load_course(built_in_course_folder(), whole=False)


def _open_log() -> None:
    from cowshed_lab.log_file import set_up_log

    set_up_log()


def open_window(course: Course | Callable[[], Course]) -> MainWindow:
    """Make the window for a course; errors that nobody caught show up in its notice line from now on."""
    from cowshed_gui.main_window import MainWindow

    window = MainWindow(course)
    _catch_errors(window)
    return window


class ErrorReport(QObject):
    """Writes errors that nobody caught to the log and tells the person once, in the window, in a sentence.

    `unexpected` may be emitted by any thread; it arrives in the window's.
    """

    unexpected = Signal(str)

    def __init__(self, tell: Callable[[str, str], object], parent: QObject) -> None:
        super().__init__(parent)
        self._tell = tell
        self._said: set[str] = set()
        self.unexpected.connect(self._on_unexpected)

    def take(self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        """Take what Python would print: `sys.excepthook`."""
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error or kind(), trace)
            return
        _open_log()
        _log.critical("Nobody caught this error.", exc_info=(kind, error or kind(), trace))
        self.unexpected.emit(f"{kind.__name__}: {error}")

    def _on_unexpected(self, what: str) -> None:
        from cowshed_lab.log_file import log_path

        if what in self._said:
            return
        self._said.add(what)
        self._tell(
            "warning",
            "Something inside Cowshed went wrong. Your text and progress are safe; what you just did may not have "
            f"happened. The details are in {log_path()} ({what}).",
        )


def _catch_errors(window: MainWindow) -> ErrorReport:
    report = ErrorReport(window.notice.say, window)

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        report.take(kind, error, trace)

    def thread_hook(arguments: threading.ExceptHookArgs) -> None:
        report.take(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    sys.excepthook = hook
    threading.excepthook = thread_hook
    return report


_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def _on_qt_message(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    logging.getLogger("qt").log(_QT_LEVELS.get(kind, logging.WARNING), "%s", text)


class Waker(QObject):
    """Wakes Qt when a signal arrives, so that Python's handler runs at once."""

    def __init__(self, parent: QObject) -> None:
        import socket

        super().__init__(parent)
        self._awake, self._wake = socket.socketpair()
        for end in (self._awake, self._wake):
            end.setblocking(False)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._awake.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_awake)

    def _on_awake(self) -> None:
        self._awake.recv(64)

    def close(self) -> None:
        """Let go of the signals."""
        signal.set_wakeup_fd(-1)
        self._notifier.setEnabled(False)
        self._awake.close()
        self._wake.close()


def _leave_on_signals(window: MainWindow) -> Waker | None:
    """Let SIGINT, SIGTERM and SIGHUP close the window; nobody is there to be asked about a build."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if number := getattr(signal, name, None):
            signal.signal(number, lambda *_: window.leave())
    return Waker(window) if sys.platform != "win32" else None
