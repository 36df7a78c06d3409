"""The conversation with an editor: what pygls leaves to be wished for.

Of pygls this keeps its reading and writing of messages. Instead of its own it has our documents (pygls counts lines as
Python does, at form feeds too), answers to requests that cannot be understood, an exit status, and an end where the
editor is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import threading
from typing import Any, BinaryIO

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidRequest
from pygls.protocol import LanguageServerProtocol, lsp_method

from cowshed_lab.language_server_documents import Documents

LOG = logging.getLogger(__name__)

_READ = 65_536
_LONGEST_HEADER = 65_536
_LOOK_FOR_CLIENT = 5.0
"""Seconds between two looks for the editor's process, where the system cannot tell of its end."""


class Protocol(LanguageServerProtocol):
    """The protocol with our documents."""

    def __init__(self, server: Any, converter: Any) -> None:
        self.documents = Documents()
        self.stop = threading.Event()
        """Set when no further message is to be read."""
        super().__init__(server, converter)

    @property
    def exit_status(self) -> int:
        """What the protocol wants: 0 after a shutdown, 1 without."""
        return 0 if self._shutdown else 1

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Understand a message. One that cannot be is answered, if it wants an answer: nobody is to wait for ever.

        Called for every object in a message, inner ones first; only the message itself has "jsonrpc".
        """
        number = data.get("id")
        is_unclear = "jsonrpc" in data and not data.keys() & {"method", "result", "error"}
        # An answer without a result is still an answer.
        if is_unclear and isinstance(number, (int, str)) and number not in self._request_futures:
            refusal = JsonRpcInvalidRequest("this message names no method")
            self._send_response(number, error=refusal.to_response_error())
            raise refusal
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "method" in data and isinstance(data.get("id"), (int, str)):
                self._send_response(data["id"], error=error.to_response_error())
            raise

    def handle_message(self, message: Any) -> None:
        """Take a message. After a shutdown only the end may follow; requests are refused."""
        number = getattr(message, "id", None)
        if self._shutdown and number is not None and hasattr(message, "method"):
            refusal = JsonRpcInvalidRequest("the server was shut down")
            self._send_response(number, error=refusal.to_response_error())
            return
        super().handle_message(message)

    def _handle_request(self, msg_id: str | int, method_name: str, params: Any) -> None:
        document = getattr(params, "text_document", None)
        self.documents.note_asked(getattr(document, "uri", None))
        super()._handle_request(msg_id, method_name, params)

    @lsp_method(types.EXIT)
    def lsp_exit(self, *args: Any) -> Any:
        """End; the exit status is told by `exit_status`."""
        self.stop.set()
        yield from ()

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> Any:
        """Note what was opened."""
        self.documents.opened(params.text_document)
        yield from self._call(types.TEXT_DOCUMENT_DID_OPEN, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Any:
        """Note what was changed."""
        if self.documents.changed(params.text_document, params.content_changes):
            yield from self._call(types.TEXT_DOCUMENT_DID_CHANGE, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> Any:
        """Forget what was closed."""
        self.documents.closed(params.text_document.uri)
        yield from self._call(types.TEXT_DOCUMENT_DID_CLOSE, params)

    def _call(self, method: str, params: Any) -> Any:
        handler = self.fm.features.get(method)
        if handler is not None:
            yield handler, (params,), None


class Input:
    """An editor's messages, from a stream that may stay silent for ever.

    A thread of its own reads: no system's asyncio reads every kind of standard input, and one of asyncio's or pygls's
    threads would hold up the end until the editor writes something. This one does not hold up anything.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._file = stream.fileno()
        self._loop = asyncio.get_running_loop()
        self._reader = asyncio.StreamReader(limit=_LONGEST_HEADER)
        threading.Thread(target=self._read, name="language server input", daemon=True).start()

    def _read(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed: nobody listens any more
            while True:
                try:
                    data = os.read(self._file, _READ)
                except OSError:
                    data = b""
                if not data:
                    self._loop.call_soon_threadsafe(self.end)
                    return
                self._loop.call_soon_threadsafe(self._reader.feed_data, data)

    def end(self) -> None:
        """Let whoever reads find the end of the input."""
        self._reader.feed_eof()

    async def readline(self) -> bytes:
        """Return the next line, nothing at the end. What is too long comes as a line that means nothing."""
        try:
            return await self._reader.readline()
        except ValueError:
            LOG.warning("the editor sent something that is no message")
            return b"?\n"

    async def readexactly(self, number: int) -> bytes:
        """Return so many bytes, nothing where the input ends before."""
        try:
            return await self._reader.readexactly(number)
        except asyncio.IncompleteReadError:
            return b""


async def wait_for_end_of(process: int) -> None:
    """Return when a process of this computer has ended.

    On Windows this does not return: there the end of the input tells.
    """
    if sys.platform == "win32":
        await asyncio.Event().wait()
    elif sys.platform == "linux":
        await _wait_on_linux(process)
    else:
        while is_there(process):  # noqa: ASYNC110 - nothing tells of another's child
            await asyncio.sleep(_LOOK_FOR_CLIENT)


async def _wait_on_linux(process: int) -> None:
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(handle, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(handle)
        os.close(handle)


def is_there(process: int) -> bool:
    """Whether there is such a process on this computer; an editor may be on another."""
    if sys.platform == "win32":
        return False  # there a signal 0 is not harmless
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
