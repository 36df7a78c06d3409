"""What the linter finds, in the window: Cowshed's own rules at every key, ShellCheck when the typing pauses.

In a long recipe the rules, too, wait for a pause, and look at it in slices.
"""

from __future__ import annotations

import asyncio
import logging
import subprocess
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from cowshed_gui.background import Job
from cowshed_gui.slices import Slices
from cowshed_gui.typing_pause import LONG
from cowshed_lessons.linting import LintFinding, Severity, lint_in_parts
from cowshed_lessons.parts import Parts, finish

if TYPE_CHECKING:
    from cowshed_gui.recipe_editor import RecipeEditor

_log = logging.getLogger(__name__)

OFF, ERRORS, ALL = "off", "errors", "all"
PAUSE = 150  # milliseconds without a key, for a long recipe
IDLE = 700  # milliseconds without a key, for ShellCheck


class RecipeLinting(QObject):
    """Lints the text of an editor. It is off until somebody chooses a level.

    Signals:
        changed: there are other findings.
        shellchecked: ShellCheck has looked at the text as it is, or cannot.
    """

    changed = Signal()
    shellchecked = Signal()

    def __init__(self, editor: RecipeEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        self._level = OFF
        self._muted: frozenset[str] = frozenset()
        self._own: tuple[LintFinding, ...] = ()
        self._scripts: tuple[LintFinding, ...] = ()
        self._scripts_of: str | None = None  # the text that ShellCheck has seen
        self._read: str | None = None  # the text that `_own` is about
        self._job: Job | None = None
        self._able = True  # whether ShellCheck is here
        self._slices = Slices[None](lambda _: self.changed.emit(), self)
        self._pause = self._timer(PAUSE, lambda: self._slices.start(self._look()))
        self._idle = self._timer(IDLE, self._ask_shellcheck)
        editor.edited.connect(self._on_edited)

    def _timer(self, milliseconds: int, does: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(does)
        return timer

    @property
    def level(self) -> str:
        """`off`, `errors` or `all`."""
        return self._level

    def choose(self, level: str, muted: frozenset[str] = frozenset()) -> None:
        """Look at the recipe from now on, as closely as `level` says, without the rules that are muted."""
        if (level, muted) == (self._level, self._muted):
            return
        self._level, self._muted = level, muted
        self._read = None
        if self._editor.blockCount() >= LONG:
            self._slices.start(self._look())
        else:
            self.look_now()
        self._idle.start()

    @property
    def findings(self) -> tuple[LintFinding, ...]:
        """What is found in the text as it is; ShellCheck's part is missing while it looks.

        Where the text was not looked at yet, everybody is told of what is found, as after a pause.
        """
        self.look_now()
        fresh = self._scripts if self._scripts_of == self._read else ()
        return tuple(each for each in (*self._own, *fresh) if self._wanted(each))

    @property
    def script_findings(self) -> tuple[LintFinding, ...]:
        """What ShellCheck said last, of the text as it was then."""
        return tuple(each for each in self._scripts if self._wanted(each))

    @property
    def own_findings(self) -> tuple[LintFinding, ...]:
        """What Cowshed's own rules find."""
        return tuple(each for each in self._own if self._wanted(each))

    @property
    def scripts_seen(self) -> bool:
        """Whether ShellCheck has seen the text as it is."""
        return self._scripts_of == self._read

    def look_now(self, *, tell: bool = True) -> None:
        """Lint the text, unless that was done."""
        self._pause.stop()
        self._slices.stop()
        if self._editor.text() == self._read:
            return
        finish(self._look())
        if tell:
            self.changed.emit()

    def _look(self) -> Parts[None]:
        """Lint the text, in parts."""
        text = self._editor.text()
        yield
        self._own = (
            () if self._level == OFF or not text.strip() else (yield from lint_in_parts(text, ignore=self._muted))
        )
        self._read = text

    def _wanted(self, finding: LintFinding) -> bool:
        if self._level == OFF or finding.rule in self._muted:
            return False
        return self._level == ALL or finding.severity is Severity.ERROR

    def _on_edited(self) -> None:
        if self._level == OFF:
            return
        if self._editor.blockCount() >= LONG:
            self._slices.stop()
            self._pause.start()
        else:
            self.look_now()
        self._idle.start()

    # --- ShellCheck ---

    def _ask_shellcheck(self) -> None:
        """Have ShellCheck look at the text in the background; one look at a time, the newest text last."""
        if self._level != ALL or not self._able or self._job is not None:
            return
        text = self._editor.text()
        if text == self._scripts_of or len(text) > 1_000_000:
            self.shellchecked.emit()
            return
        job = Job(asyncio.to_thread(_shellcheck, text), self)
        job.done.connect(lambda found: self._on_scripts(text, found))
        job.failed.connect(self._on_not_possible)
        job.cancelled.connect(self._on_end)
        self._job = job
        job.start()

    def _on_scripts(self, text: str, found: tuple[LintFinding, ...] | None) -> None:
        self._on_end()
        if found is None:
            self._able = False
            self.shellchecked.emit()
        elif text != self._editor.text():
            self._idle.start()  # stale: the person typed on
        else:
            self.look_now(tell=False)
            self._scripts, self._scripts_of = found, text
            self.changed.emit()
            self.shellchecked.emit()

    def _on_not_possible(self, error: Exception) -> None:
        self._on_end()
        self._able = False
        _log.warning("ShellCheck is left out from now on: %s", error)
        self.shellchecked.emit()

    def _on_end(self) -> None:
        self._job = None


def _shellcheck(text: str) -> tuple[LintFinding, ...] | None:
    """What ShellCheck says; None where it is not installed."""
    from cowshed_lab.shellcheck import check_scripts, find_shellcheck

    program = find_shellcheck()
    if program is None:
        return None
    try:
        return tuple(check_scripts({"recipe": text}, program)["recipe"])
    except subprocess.CalledProcessError as error:
        raise OSError(f"ShellCheck ended with {error.returncode}.") from error
