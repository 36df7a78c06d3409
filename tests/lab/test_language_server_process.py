"""The language server as a process: what it is sent, how it ends, and what it keeps to itself."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import Any

import pytest

from lab.editors import COMMAND, PATIENCE, editor

MARK = b"Content-Length: "


PLACE = {"line": 0, "character": 0}


def message(**content: object) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **content}).encode()
    return MARK + str(len(body)).encode() + b"\r\n\r\n" + body


INITIALIZE = message(id=1, method="initialize", params={"processId": None, "rootUri": None, "capabilities": {}})
SHUTDOWN = message(id=99, method="shutdown")
EXIT = message(method="exit")


def run(*sent: bytes) -> tuple[int, list[dict[str, Any]], str]:
    """Send messages and close: exit status, what was answered, and what was logged."""
    done = subprocess.run(COMMAND, input=b"".join(sent), capture_output=True, timeout=PATIENCE, check=False)
    return done.returncode, list(read(done.stdout)), done.stderr.decode()


def read(data: bytes) -> list[dict[str, Any]]:
    """Messages, and nothing else."""
    found = []
    while data:
        head, _, data = data.partition(b"\r\n\r\n")
        assert head.startswith(MARK)
        length = int(head.split(b"\r\n")[0].removeprefix(MARK))
        found.append(json.loads(data[:length]))
        data = data[length:]
    return found


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ((INITIALIZE, SHUTDOWN, EXIT), 0),
        ((INITIALIZE, EXIT), 1),
        ((INITIALIZE,), 1),
        ((INITIALIZE, SHUTDOWN), 0),
        ((), 1),
    ],
)
def test_the_exit_status_tells_whether_there_was_a_shutdown(sent: tuple[bytes, ...], status: int) -> None:
    assert run(*sent)[0] == status


@pytest.mark.parametrize(
    "garbage",
    [
        MARK + b"9\r\n\r\n{garbage}",
        MARK + b"2\r\n\r\n[]",
        MARK + b"4\r\n\r\nnull",
        MARK + b"2\r\n\r\n{}",
        MARK + b"3\r\n\r\n\xff\xfe\xfd",
        MARK + b"-5\r\n\r\n",
        MARK + b"20000\r\n\r\n" + b"[" * 20_000,
        b"GET / HTTP/1.0\r\n\r\n",
        b"x" * 200_000 + b"\n",
        message(method="textDocument/didOpen", params={"textDocument": 7}),
        message(method="textDocument/didChange", params={}),
        message(id=None, method="textDocument/hover"),
    ],
)
def test_garbage_is_logged_and_the_next_message_answered(garbage: bytes) -> None:
    status, answers, log = run(INITIALIZE, garbage, SHUTDOWN, EXIT)
    assert status == 0
    assert 99 in {answer.get("id") for answer in answers}
    assert log or garbage.startswith((b"GET", MARK + b"-"))


def test_a_request_that_cannot_be_understood_gets_an_answer() -> None:
    bad = message(id=5, method="textDocument/hover", params={"textDocument": 7})
    unknown = message(id=6, method="textDocument/whatever", params={})
    _, answers, _ = run(INITIALIZE, bad, unknown, SHUTDOWN, EXIT)
    errors = {answer.get("id"): answer["error"] for answer in answers if "error" in answer}
    assert errors.keys() == {5, 6}


def test_what_libraries_print_stays_out_of_the_conversation() -> None:
    code = (
        "import sys\n"
        "from cowshed_lab import language_server\n"
        "class Noisy(language_server.RecipeServer):\n"
        "    def _on_initialize(self, params):\n"
        "        print('noise'); import os; os.system('echo noise')\n"
        "        super()._on_initialize(params)\n"
        "language_server.RecipeServer = Noisy\n"
        "from cowshed_lab.command_line import main\n"
        "sys.exit(main(['language-server']))\n"
    )
    sent = INITIALIZE + SHUTDOWN + EXIT
    done = subprocess.run([sys.executable, "-c", code], input=sent, capture_output=True, timeout=PATIENCE, check=False)
    assert [answer.get("id") for answer in read(done.stdout)] == [1, 99]
    assert done.stderr.count(b"noise") == 2
    assert done.returncode == 0


def test_the_server_loads_no_window() -> None:
    code = "import sys; sys.modules['PySide6'] = None; import cowshed_lab.language_server"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=PATIENCE)


@pytest.mark.asyncio
async def test_the_server_ends_when_its_editor_is_gone_although_its_input_stays_open() -> None:
    gone = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE)
    server = await asyncio.create_subprocess_exec(
        *COMMAND, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert server.stdin is not None
    assert server.stdout is not None
    params: dict[str, object] = {"processId": gone.pid, "rootUri": None, "capabilities": {}}
    server.stdin.write(message(id=1, method="initialize", params=params))
    async with asyncio.timeout(PATIENCE):
        assert (await server.stdout.readline()).startswith(MARK)
        gone.kill()
        await gone.wait()
        assert await server.wait() == 1
    server.stdin.close()


@pytest.mark.asyncio
async def test_an_editor_that_is_elsewhere_does_not_end_the_server() -> None:
    gone = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await gone.wait()
    async with editor(process=gone.pid) as talking:
        talking.open("%pots\n")
        await talking.until()


def test_a_request_after_the_shutdown_is_refused() -> None:
    late = message(id=7, method="textDocument/hover", params={"textDocument": {"uri": "a"}, "position": PLACE})
    status, answers, _ = run(INITIALIZE, SHUTDOWN, late, message(id=8, method="shutdown"), EXIT)
    assert status == 0
    assert {answer["id"]: answer["error"]["code"] for answer in answers if "error" in answer} == {7: -32600, 8: -32600}


def test_a_message_that_names_no_method_is_refused() -> None:
    _, answers, _ = run(INITIALIZE, message(id=7), message(id="a", params={}), SHUTDOWN, EXIT)
    codes = {answer["id"]: answer["error"]["code"] for answer in answers if "error" in answer}
    assert codes == {7: -32600, "a": -32600}
    assert 99 in {answer.get("id") for answer in answers}
