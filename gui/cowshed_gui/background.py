"""Work that must not block the window: one thread with an asyncio loop, and `Job`, which reports from it by Qt signals.

Nothing else in Cowshed starts a thread. Signals of a job arrive in the thread that made the job (the window's), always
later than the `start()` that caused them, so connect first, then start:

    job = Job(target.run(command))
    job.done.connect(self._on_outcome)
    job.failed.connect(self._on_error)
    job.start()
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMetaMethod, QObject, Qt, Signal, Slot

if TYPE_CHECKING:
    import asyncio
    from concurrent.futures import Future

_log = logging.getLogger(__name__)

_PATIENCE = (
    10.0  # seconds that stop() gives cancelled work to clean up (a remote command wants SIGINT, SIGTERM, SIGKILL)
)

_FILES = "lab-files"  # how the threads are called that do what cannot be awaited
_FILES_PATIENCE = 4.0  # seconds that those have to end

type Report = Callable[[object], None]
type Work = Coroutine[Any, Any, Any] | Callable[[Report], Coroutine[Any, Any, Any]]


class Lab:
    """The thread that runs everything asynchronous. It starts with the first work given to it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._submitted: set[asyncio.Task[Any]] = set()
        self._finishing: set[asyncio.Task[Any]] = set()

    @property
    def running(self) -> bool:
        """Whether the thread is there."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Start the thread; nothing happens where it runs already."""
        import asyncio  # here, because the window is to be on the screen before anything needs a loop
        from concurrent.futures import ThreadPoolExecutor

        with self._lock:
            if self.running:
                return
            loop = asyncio.new_event_loop()
            loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix=_FILES))
            ready = threading.Event()
            self._loop = loop
            self._thread = threading.Thread(target=self._live, args=(loop, ready), name="lab", daemon=True)
            self._thread.start()
            ready.wait()

    def submit[T](self, work: Coroutine[Any, Any, T], *, finish: bool = False) -> Future[T]:
        """Run `work` in the thread. The future's callbacks run in that thread too; in the window use `Job`.

        Args:
            work: what to run.
            finish: `stop()` waits for this work before it cancels the rest: it closes something.
        """
        import asyncio

        self.start()
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(self._noted(work, finish=finish), self._loop)

    async def _noted[T](self, work: Coroutine[Any, Any, T], *, finish: bool) -> T:
        import asyncio

        task = asyncio.current_task()
        assert task is not None
        notes = self._finishing if finish else self._submitted
        notes.add(task)
        try:
            return await work
        finally:
            notes.discard(task)

    def call(self, function: Callable[..., object], *arguments: object) -> bool:
        """Call a plain function in the thread soon. Returns False where the thread is not running."""
        with self._lock:
            if not self.running or self._loop is None:
                return False
            self._loop.call_soon_threadsafe(function, *arguments)
            return True

    def stop(self) -> bool:
        """Cancel all work, wait for it to clean up, end the thread. Safe to call twice; `start()` works again after.

        Returns whether all has ended. A thread that reads from a file server that is gone cannot be ended, and Python
        would wait for it for ever at its own end.
        """
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            return True
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_PATIENCE + 5)
        if thread.is_alive():
            _log.error("The lab thread did not end within %.0f seconds.", _PATIENCE + 5)
            return False
        left = [each.name for each in threading.enumerate() if each.name.startswith(_FILES)]
        if left:
            _log.error("Work with files did not end: %s", ", ".join(left))
        return not left

    def _live(self, loop: asyncio.AbstractEventLoop, ready: threading.Event) -> None:
        import asyncio

        asyncio.set_event_loop(loop)
        loop.call_soon(ready.set)
        try:
            loop.run_forever()
        finally:
            try:
                loop.run_until_complete(asyncio.sleep(0))  # what was submitted last begins
                if self._finishing:
                    loop.run_until_complete(asyncio.wait(set(self._finishing), timeout=_PATIENCE / 2))
                # What was submitted ends what it began. Tasks that it started must not be torn from under it: a process
                # whose start is cancelled from outside is neither ended nor reaped by anybody.
                _cancel(loop, self._submitted | self._finishing)
                _cancel(loop, asyncio.all_tasks(loop))
                loop.run_until_complete(loop.shutdown_asyncgens())
                assert isinstance(loop, asyncio.BaseEventLoop)
                with contextlib.suppress(RuntimeWarning):  # `stop` tells of it
                    loop.run_until_complete(loop.shutdown_default_executor(timeout=_FILES_PATIENCE))
            finally:
                asyncio.set_event_loop(None)
                loop.close()


def _cancel(loop: asyncio.AbstractEventLoop, tasks: set[asyncio.Task[Any]]) -> None:
    import asyncio

    if not tasks:
        return
    for task in tasks:
        task.cancel()
    _, late = loop.run_until_complete(asyncio.wait(tasks, timeout=_PATIENCE))
    for task in late:
        _log.error("Cancelled work did not end: %r", task)


LAB = Lab()

_running: set[Job] = set()  # keeps a job alive until its last signal was delivered


class Job(QObject):
    """One piece of asynchronous work with a beginning and exactly one end: `done`, `failed` or `cancelled`.

    Args:
        work: a coroutine; or, for work that tells how it gets on, a function that takes `report` and returns a
            coroutine. `report(value)` may be called in any thread and arrives as `progress(value)`.
        parent: the usual Qt parent.
        finish: the end of the application waits for this work instead of cancelling it: it closes something.
    """

    started = Signal()
    progress = Signal(object)
    done = Signal(object)
    failed = Signal(Exception)
    cancelled = Signal()

    _arrived = Signal(str, object)

    def __init__(self, work: Work, parent: QObject | None = None, *, finish: bool = False) -> None:
        super().__init__(parent)
        self._work: Work | None = work
        self._finish = finish
        self._task: asyncio.Task[Any] | None = None
        self._cancel_wanted = False
        self._running = False
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    @property
    def running(self) -> bool:
        """Whether the job was started and its end has not been reported."""
        return self._running

    def start(self) -> Job:
        """Start the work and return the job. A job runs once."""
        if self._work is None:
            raise RuntimeError("A job can be started only once.")
        work, self._work = self._work, None
        self._running = True
        _running.add(self)
        LAB.submit(self._live(work), finish=self._finish)
        return self

    def cancel(self) -> None:
        """Ask the work to stop; `cancelled` follows when it has. Harmless when it has ended or never started."""
        self._cancel_wanted = True
        LAB.call(self._cancel_task)

    def _cancel_task(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _live(self, work: Work) -> None:
        import asyncio

        self._task = asyncio.current_task()
        coroutine = work if isinstance(work, Coroutine) else work(self._report)
        if self._cancel_wanted:
            coroutine.close()
            self._post("cancelled", None)
            return
        self._post("started", None)
        try:
            result = await coroutine
        except asyncio.CancelledError:
            self._post("cancelled", None)
        except Exception as error:  # noqa: BLE001  every failure belongs to whoever started the job
            self._post("failed", error)
        else:
            self._post("done", result)
        finally:
            self._task = None

    def _report(self, value: object) -> None:
        self._post("progress", value)

    def _post(self, what: str, value: object) -> None:
        try:
            self._arrived.emit(what, value)
        except RuntimeError:  # the window has gone, and the job with it
            _log.debug("Nobody is left to hear that a job is %s.", what)

    @Slot(str, object)
    def _on_arrived(self, what: str, value: object) -> None:
        if what == "started":
            self.started.emit()
            return
        if what == "progress":
            self.progress.emit(value)
            return
        self._running = False
        _running.discard(self)
        if what == "done":
            self.done.emit(value)
        elif what == "cancelled":
            self.cancelled.emit()
        elif isinstance(value, Exception):
            if not self.isSignalConnected(QMetaMethod.fromSignal(self.failed)):
                _log.error("A job failed and nobody asked: %s", value, exc_info=value)
            self.failed.emit(value)


def forget_jobs() -> None:
    """Drop jobs whose signals can no longer be delivered. For the end of the application, after `LAB.stop()`."""
    _running.clear()
