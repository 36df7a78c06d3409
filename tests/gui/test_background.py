"""Jobs: signals in the window's thread, one end each, cancelled when they say so, no thread left."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from cowshed_gui import background
from cowshed_gui.background import LAB, Job


async def double(number: int) -> int:
    await asyncio.sleep(0)
    return number * 2


def test_done_arrives_in_the_windows_thread(qtbot: QtBot) -> None:
    where: list[threading.Thread] = []
    job = Job(double(21))
    job.done.connect(lambda _: where.append(threading.current_thread()))
    with qtbot.wait_signal(job.done) as got:
        job.start()
    assert got.args == [42]
    assert where == [threading.current_thread()]
    assert not job.running


def test_work_runs_in_the_lab_thread(qtbot: QtBot) -> None:
    async def thread_name() -> str:
        return threading.current_thread().name

    job = Job(thread_name())
    with qtbot.wait_signal(job.done) as got:
        job.start()
    assert got.args == ["lab"]


def test_failure_is_delivered_as_it_was_raised(qtbot: QtBot) -> None:
    async def stumble() -> None:
        raise FileNotFoundError("lolcow.def")

    job = Job(stumble())
    with qtbot.wait_signal(job.failed) as got:
        job.start()
    assert isinstance(got.args[0], FileNotFoundError)


def test_progress_keeps_its_order_and_comes_before_the_end(qtbot: QtBot) -> None:
    heard: list[object] = []

    async def count(report: Callable[[object], None]) -> str:
        for number in range(5):
            report(number)
        return "end"

    job = Job(count)
    job.started.connect(lambda: heard.append("started"))
    job.progress.connect(heard.append)
    job.done.connect(heard.append)
    with qtbot.wait_signal(job.done):
        job.start()
    assert heard == ["started", 0, 1, 2, 3, 4, "end"]


def test_cancelled_only_after_the_work_has_cleaned_up(qtbot: QtBot) -> None:
    cleaned = threading.Event()

    async def wait_forever(report: Callable[[object], None]) -> None:
        try:
            report("waiting")
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.set()

    job = Job(wait_forever)
    with qtbot.wait_signal(job.progress):
        job.start()
    with qtbot.wait_signal(job.cancelled):
        job.cancel()
    assert cleaned.is_set()


def test_cancel_right_after_start_is_honoured(qtbot: QtBot) -> None:
    ran = threading.Event()

    async def work() -> None:
        ran.set()
        await asyncio.Event().wait()

    job = Job(work())
    with qtbot.wait_signal(job.cancelled):
        job.start()
        job.cancel()
    assert not job.running


def test_a_job_runs_once(qtbot: QtBot) -> None:
    job = Job(double(1))
    with qtbot.wait_signal(job.done):
        job.start()
    with pytest.raises(RuntimeError, match="only once"):
        job.start()


def test_cancel_after_the_end_changes_nothing(qtbot: QtBot) -> None:
    job = Job(double(1))
    with qtbot.wait_signal(job.done):
        job.start()
    with qtbot.assert_not_emitted(job.cancelled):
        job.cancel()


def test_the_lab_starts_and_stops_again_and_again(qtbot: QtBot) -> None:
    for number in range(5):
        job = Job(double(number))
        with qtbot.wait_signal(job.done) as got:
            job.start()
        assert got.args == [number * 2]
        LAB.stop()
        assert not LAB.running
        LAB.stop()
    assert "lab" not in {thread.name for thread in threading.enumerate()}


def test_stop_cancels_what_runs(qtbot: QtBot) -> None:
    job = Job(asyncio.Event().wait())
    with qtbot.wait_signal(job.started):
        job.start()
    with qtbot.wait_signal(job.cancelled):
        LAB.stop()


def test_stop_waits_for_what_closes_something(qtbot: QtBot) -> None:
    steps: list[str] = []

    async def close() -> None:
        for step in ("say goodbye", "hang up"):
            await asyncio.sleep(0.01)
            steps.append(step)

    Job(close(), finish=True).start()
    LAB.stop()
    assert steps == ["say goodbye", "hang up"]


def test_a_job_nobody_holds_still_reports(qtbot: QtBot) -> None:
    heard: list[object] = []

    def begin() -> None:
        job = Job(double(4))
        job.done.connect(heard.append)
        job.start()

    begin()
    qtbot.wait_until(lambda: heard == [8])


def test_a_failure_nobody_listens_to_is_logged(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    async def stumble() -> None:
        raise ValueError("unheard")

    Job(stumble()).start()
    qtbot.wait_until(lambda: "unheard" in caplog.text)


def test_stop_lets_work_end_what_it_started_itself(qtbot: QtBot) -> None:
    """A task that other work shields is that work's to end, as with a process whose start is under way."""
    told: list[str] = []
    begun = threading.Event()

    async def inner(go_on: asyncio.Event) -> str:
        begun.set()
        try:
            await go_on.wait()
        except asyncio.CancelledError:
            told.append("torn away")
            raise
        return "ended in order"

    async def outer() -> None:
        go_on = asyncio.Event()
        task = asyncio.ensure_future(inner(go_on))
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            go_on.set()
            told.append(await task)
            raise

    LAB.submit(outer())
    assert begun.wait(5)
    LAB.stop()
    assert told == ["ended in order"]


@pytest.mark.filterwarnings("ignore:The executor did not finish:RuntimeWarning")
def test_stop_does_not_wait_for_a_file_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "_FILES_PATIENCE", 0.1)
    answer, reading = threading.Event(), threading.Event()

    def read() -> None:
        reading.set()
        answer.wait()

    LAB.submit(asyncio.to_thread(read))
    assert reading.wait(5)
    threads = [thread for thread in threading.enumerate() if thread.name.startswith("lab-files")]
    try:
        assert LAB.stop() is False
        assert not LAB.running
    finally:
        answer.set()
    for thread in threads:
        thread.join(5)
    LAB.submit(asyncio.to_thread(reading.wait)).result(5)
    assert LAB.stop() is True
