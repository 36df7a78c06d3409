"""An editor for tests of the language server: a real client that talks with a real `cowshed language-server`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient
from pytest_lsp.client import register_lsp_features

COMMAND = (sys.executable, "-m", "cowshed_lab", "language-server", "--stdio")
URI = "file:///home/cow/lolcow.def"
PATIENCE = 60
"""Seconds after which a test gives up: far more than anything takes."""


class Editor:
    """One editor with one server."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.refreshed: asyncio.Queue[None] = asyncio.Queue()
        self.shown: asyncio.Queue[str] = asyncio.Queue()
        self.client = LanguageClient(converter_factory=default_converter)
        register_lsp_features(self.client)
        features = self.client.protocol.fm.features
        features[types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS] = self._on_told
        features[types.WORKSPACE_DIAGNOSTIC_REFRESH] = self._on_refresh
        features[types.WINDOW_SHOW_MESSAGE] = self._on_shown
        self.result: types.InitializeResult | None = None
        self.version = 0

    def _on_told(self, params: types.PublishDiagnosticsParams) -> None:
        self.told.put_nowait(params)

    def _on_refresh(self, _params: None) -> None:
        self.refreshed.put_nowait(None)

    def _on_shown(self, params: types.ShowMessageParams) -> None:
        self.shown.put_nowait(params.message)

    def open(self, text: str, uri: str = URI) -> None:
        self.version = 1
        item = types.TextDocumentItem(uri=uri, language_id="apptainer", version=1, text=text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, text: str, where: types.Range | None = None, uri: str = URI) -> None:
        self.version += 1
        what = types.VersionedTextDocumentIdentifier(version=self.version, uri=uri)
        change = (
            types.TextDocumentContentChangeWholeDocument(text)
            if where is None
            else types.TextDocumentContentChangePartial(range=where, text=text)
        )
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(what, [change]))

    async def until(
        self, wanted: Callable[[types.PublishDiagnosticsParams], bool] = lambda _: True
    ) -> types.PublishDiagnosticsParams:
        """The next diagnostics that are as wanted."""
        async with asyncio.timeout(PATIENCE):
            while True:
                told = await self.told.get()
                if wanted(told):
                    return told

    async def until_rule(self, rule: str) -> types.Diagnostic:
        """The first diagnostic of a rule, when it comes."""
        told = await self.until(lambda told: any(item.code == rule for item in told.diagnostics))
        return next(item for item in told.diagnostics if item.code == rule)


def capabilities(**changes: Any) -> types.ClientCapabilities:
    """What a capable editor of today can do; without diagnostics on request."""
    text = types.TextDocumentClientCapabilities(
        document_symbol=types.DocumentSymbolClientCapabilities(hierarchical_document_symbol_support=True),
        completion=types.CompletionClientCapabilities(
            completion_item=types.ClientCompletionItemOptions(documentation_format=[types.MarkupKind.Markdown])
        ),
        hover=types.HoverClientCapabilities(content_format=[types.MarkupKind.Markdown]),
    )
    workspace = types.WorkspaceClientCapabilities(
        configuration=True, workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True)
    )
    given: dict[str, Any] = {"text_document": text, "workspace": workspace, **changes}
    return types.ClientCapabilities(**given)


def encoded(*encodings: types.PositionEncodingKind) -> types.ClientCapabilities:
    return capabilities(general=types.GeneralClientCapabilities(position_encodings=list(encodings)))


@asynccontextmanager
async def editor(
    can: types.ClientCapabilities | None = None, options: Mapping[str, Any] | None = None, process: int | None = None
) -> AsyncIterator[Editor]:
    """Start a server and an editor; at the end both are told goodbye, and the server's exit status has to be 0."""
    talking = Editor()
    await talking.client.start_io(COMMAND[0], *COMMAND[1:])
    server = talking.client._server
    try:
        async with asyncio.timeout(PATIENCE):
            talking.result = await talking.client.initialize_session(
                types.InitializeParams(
                    capabilities=can or capabilities(), initialization_options=options, process_id=process
                )
            )
        yield talking
        async with asyncio.timeout(PATIENCE):
            await talking.client.shutdown_session()
        assert server is not None
        assert server.returncode == 0
    finally:
        if server is not None and server.returncode is None:
            server.kill()
        await cast(Callable[[], Awaitable[None]], talking.client.stop)()  # pygls left it untyped
