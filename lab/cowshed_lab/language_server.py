"""The language server: the same help for recipes in every editor, over the Language Server Protocol.

What is said of a recipe comes from `cowshed_lessons.language` and the linter; here it meets the editor. Every request
is answered for the version of the recipe that it was asked for, and can be cancelled until its turn comes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, BinaryIO

from lsprotocol import types
from pygls.io_ import StdoutWriter, run_async
from pygls.lsp.server import LanguageServer

from cowshed_lab import language_server_answers as answers
from cowshed_lab.installation import version
from cowshed_lab.language_server_diagnostics import Diagnosing
from cowshed_lab.language_server_protocol import Input, Protocol, is_there, wait_for_end_of
from cowshed_lab.language_server_scripts import Scripts
from cowshed_lab.language_server_settings import SECTION, read_settings
from cowshed_lab.shellcheck import find_shellcheck

LOG = logging.getLogger(__name__)

_COMPLETE_AFTER = ("%", ":", " ", "{", "-", "$")


class RecipeServer(LanguageServer):
    """A server for one editor."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("cowshed", version(), protocol_cls=Protocol)
        self._documents = self.protocol.documents
        self._diagnosing = Diagnosing(
            self._documents, Scripts(find_shellcheck()), self._publish, self._ask_to_ask_again
        )
        self._input: Input | None = None
        self._watch: asyncio.Task[None] | None = None
        self._complaints: list[str] = []
        self._register()

    def _register(self) -> None:
        complete = types.CompletionOptions(trigger_characters=list(_COMPLETE_AFTER))
        act = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, answers.FIX_ALL])
        self._answer(types.INITIALIZE, self._on_initialize)
        self._answer(types.INITIALIZED, self._on_initialized)
        self._answer(types.WORKSPACE_DID_CHANGE_CONFIGURATION, self._on_settings)
        self._answer(types.TEXT_DOCUMENT_DID_OPEN, self._on_opened)
        self._answer(types.TEXT_DOCUMENT_DID_CHANGE, self._on_changed)
        self._answer(types.TEXT_DOCUMENT_DID_CLOSE, self._on_closed)
        self._answer(types.TEXT_DOCUMENT_COMPLETION, self._complete, complete)
        self._answer(types.TEXT_DOCUMENT_HOVER, self._hover)
        self._answer(types.TEXT_DOCUMENT_CODE_ACTION, self._act, act)
        self._answer(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, self._outline)
        self._answer(types.TEXT_DOCUMENT_FOLDING_RANGE, self._fold)
        self._answer(types.TEXT_DOCUMENT_FORMATTING, self._format)

    def _answer(self, method: str, handler: Callable[[Any], Any], options: object = None) -> None:
        """Register a handler. pygls's own way marks the function, and a bound method cannot be marked."""
        self.protocol.fm.features[method] = handler
        if options is not None:
            self.protocol.fm.feature_options[method] = options

    async def serve(self, source: BinaryIO, sink: BinaryIO) -> int:
        """Talk with an editor until it has enough or is gone, and return the exit status."""
        self._input = Input(source)
        self.protocol.set_writer(StdoutWriter(sink))
        try:
            await run_async(
                stop_event=self.protocol.stop,
                reader=self._input,
                protocol=self.protocol,
                logger=LOG,
                error_handler=self.report_server_error,
            )
        finally:
            if self._watch is not None:
                self._watch.cancel()
            await self._diagnosing.stop()
        return self.protocol.exit_status

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log what went wrong; the person in front of the editor can do nothing about it."""
        data = getattr(error, "data", None)
        trace = "".join(data.get("traceback", ())) if isinstance(data, dict) else ""
        LOG.error("%s: %s\n%s", source.__name__, error, trace)

    # Beginning and settings

    def _on_initialize(self, params: types.InitializeParams) -> None:
        self._documents.encoding = self.workspace.position_encoding or types.PositionEncodingKind.Utf16
        capabilities = params.capabilities
        text, workspace = capabilities.text_document, capabilities.workspace
        asks = text is not None and text.diagnostic is not None
        hears = workspace is not None and workspace.diagnostics is not None and workspace.diagnostics.refresh_support
        if asks and hears:
            # Only one of the two ways, or such an editor shows everything twice.
            self._diagnosing.is_asked = True
            options = types.DiagnosticOptions(inter_file_dependencies=False, workspace_diagnostics=False)
            self._answer(types.TEXT_DOCUMENT_DIAGNOSTIC, self._diagnose, options)
        self._read_settings(params.initialization_options)
        if params.process_id is not None and is_there(params.process_id):
            self._watch = asyncio.get_running_loop().create_task(self._end_with(params.process_id))

    def _on_initialized(self, _params: types.InitializedParams) -> None:
        self._complain()

    async def _end_with(self, process: int) -> None:
        await wait_for_end_of(process)
        LOG.warning("the editor is gone")
        self.protocol.stop.set()
        if self._input is not None:
            self._input.end()

    async def _on_settings(self, params: types.DidChangeConfigurationParams) -> None:
        given = params.settings
        workspace = self.client_capabilities.workspace
        if not given and workspace is not None and workspace.configuration:
            wanted = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
            answer = await self.workspace_configuration_async(wanted)
            given = answer[0] if answer else None
        self._read_settings(given)
        self._complain()

    def _read_settings(self, given: object) -> None:
        settings, self._complaints = read_settings(given)
        self._diagnosing.set_up(settings)

    def _complain(self) -> None:
        for complaint in self._complaints:
            self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, complaint))
        self._complaints = []

    # Documents

    def _on_opened(self, params: types.DidOpenTextDocumentParams) -> None:
        self._diagnosing.opened(params.text_document.uri)

    def _on_changed(self, params: types.DidChangeTextDocumentParams) -> None:
        self._diagnosing.changed(params.text_document.uri)

    def _on_closed(self, params: types.DidCloseTextDocumentParams) -> None:
        self._diagnosing.closed(params.text_document.uri)

    def _publish(self, uri: str, number: int | None, diagnostics: list[types.Diagnostic]) -> None:
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics, number))

    def _ask_to_ask_again(self) -> None:
        self.workspace_diagnostic_refresh(None)

    # Requests

    async def _diagnose(self, _params: types.DocumentDiagnosticParams) -> types.RelatedFullDocumentDiagnosticReport:
        document = self._documents.asked()
        return types.RelatedFullDocumentDiagnosticReport(self._diagnosing.diagnostics(document) if document else [])

    async def _complete(self, params: types.CompletionParams) -> types.CompletionList | None:
        document = self._documents.asked()
        if document is None:
            return None
        item = _of(self.client_capabilities.text_document, "completion", "completion_item")
        return answers.completions(document, params, markdown=_markdown(_of(item, "documentation_format")))

    async def _hover(self, params: types.HoverParams) -> types.Hover | None:
        document = self._documents.asked()
        if document is None:
            return None
        formats = _of(self.client_capabilities.text_document, "hover", "content_format")
        return answers.hovering(document, params.position, markdown=_markdown(formats))

    async def _act(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        document = self._documents.asked()
        if document is None:
            return []
        versioned = bool(_of(self.client_capabilities.workspace, "workspace_edit", "document_changes"))
        return answers.actions(document, params, self._diagnosing.findings(document), versioned=versioned)

    async def _outline(
        self, _params: types.DocumentSymbolParams
    ) -> list[types.DocumentSymbol] | list[types.SymbolInformation]:
        document = self._documents.asked()
        if document is None:
            return []
        if _of(self.client_capabilities.text_document, "document_symbol", "hierarchical_document_symbol_support"):
            return answers.symbols(document)
        return answers.flat_symbols(document)

    async def _fold(self, _params: types.FoldingRangeParams) -> list[types.FoldingRange]:
        document = self._documents.asked()
        return answers.folding(document) if document else []

    async def _format(self, _params: types.DocumentFormattingParams) -> list[types.TextEdit]:
        document = self._documents.asked()
        return answers.formatting(document) if document else []


def _of(what: object, *names: str) -> Any:
    """A value deep in the editor's capabilities, None where a part of the way is missing."""
    for name in names:
        what = getattr(what, name, None)
    return what


def _markdown(formats: Any) -> bool:
    return formats is not None and types.MarkupKind.Markdown in formats
