"""The language server, through a real client."""

from __future__ import annotations

import asyncio

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcRequestCancelled

from cowshed_lab.shellcheck import find_shellcheck
from lab.editors import PATIENCE, URI, capabilities, editor, encoded

pytestmark = pytest.mark.asyncio

RECIPE = """Bootstrap: docker
From: ubuntu:22.04

%post
    echo 🐄 é́; cd $HOME
    apt-get install cowsay

%runscript
    exec cowsay "$@"
"""
IDENTIFIER = types.TextDocumentIdentifier(URI)
ALL = types.Range(types.Position(0, 0), types.Position(999, 0))
needs_shellcheck = pytest.mark.skipif(find_shellcheck() is None, reason="ShellCheck is not here")


async def test_the_server_says_what_it_can_do() -> None:
    async with editor() as talking:
        assert talking.result is not None
        can = talking.result.capabilities
        assert can.position_encoding == types.PositionEncodingKind.Utf16
        assert isinstance(can.text_document_sync, types.TextDocumentSyncOptions)
        assert can.text_document_sync.change is types.TextDocumentSyncKind.Incremental
        assert can.text_document_sync.open_close
        assert can.hover_provider
        assert can.completion_provider
        assert can.document_symbol_provider
        assert can.folding_range_provider
        assert can.document_formatting_provider
        assert isinstance(can.code_action_provider, types.CodeActionOptions)
        assert can.code_action_provider.code_action_kinds == ("quickfix", "source.fixAll.cowshed")
        assert can.diagnostic_provider is None


async def test_diagnostics_come_and_go() -> None:
    async with editor() as talking:
        talking.open(RECIPE + "%pots\n    echo\n")
        told = await talking.until()
        assert told.version == 1
        found = next(item for item in told.diagnostics if item.code == "section-unknown")
        assert found.severity is types.DiagnosticSeverity.Error
        assert found.source == "cowshed"
        assert found.range.start == types.Position(9, 0)
        talking.change("", types.Range(types.Position(9, 0), types.Position(11, 0)))
        told = await talking.until(lambda told: told.version == 2)
        assert "section-unknown" not in {item.code for item in told.diagnostics}
        talking.client.text_document_did_close(types.DidCloseTextDocumentParams(IDENTIFIER))
        told = await talking.until(lambda told: told.version is None)
        assert not told.diagnostics


@needs_shellcheck
@pytest.mark.parametrize(
    ("encodings", "column"),
    [
        ((), 19),
        ((types.PositionEncodingKind.Utf16,), 19),
        ((types.PositionEncodingKind.Utf8, types.PositionEncodingKind.Utf16), 23),
        ((types.PositionEncodingKind.Utf32,), 18),
    ],
)
async def test_shellcheck_comes_with_places_in_the_units_that_were_agreed_on(
    encodings: tuple[types.PositionEncodingKind, ...], column: int
) -> None:
    async with editor(encoded(*encodings) if encodings else None) as talking:
        talking.open(RECIPE)
        found = await talking.until_rule("SC2086")
        assert found.range.start == types.Position(4, column)
        assert found.range.end == types.Position(4, column + len("$HOME"))
        assert found.code_description == types.CodeDescription("https://www.shellcheck.net/wiki/SC2086")
        # An edit in the same units lands where it should: the word is quoted, and the finding gone.
        talking.change('"$HOME"', found.range)
        told = await talking.until(lambda told: told.version == 2)
        assert "SC2086" not in {item.code for item in told.diagnostics}


@needs_shellcheck
async def test_what_shellcheck_said_moves_with_its_script() -> None:
    async with editor() as talking:
        talking.open(RECIPE)
        first = await talking.until_rule("SC2086")
        talking.change("# a comment\n", types.Range(types.Position(0, 0), types.Position(0, 0)))
        told = await talking.until(lambda told: told.version == 2)
        second = next(item for item in told.diagnostics if item.code == "SC2086")
        assert second.range.start.line == first.range.start.line + 1


async def test_only_the_last_of_many_versions_is_told_last() -> None:
    async with editor() as talking:
        talking.open(RECIPE)
        for number in range(200):
            talking.change(f"# {number}\n", types.Range(types.Position(0, 0), types.Position(0, 0)))
        talking.change("%pots\n", types.Range(types.Position(999, 0), types.Position(999, 0)))
        told = await talking.until(lambda told: told.version == 202)
        found = next(item for item in told.diagnostics if item.code == "section-unknown")
        assert found.range.start.line == 200 + RECIPE.count("\n")
        # Whatever comes after it (ShellCheck's) is of that version as well.
        await talking.client.text_document_hover_async(types.HoverParams(IDENTIFIER, types.Position(0, 0)))
        assert all(later.version == 202 for later in drained(talking.told))


def drained(told: asyncio.Queue[types.PublishDiagnosticsParams]) -> list[types.PublishDiagnosticsParams]:
    return [told.get_nowait() for _ in range(told.qsize())]


async def test_settings_choose_the_rules() -> None:
    async with editor(options={"ignore": ["section-unknown"], "select": "section-unknwon"}) as talking:
        async with asyncio.timeout(PATIENCE):
            complaint = await talking.shown.get()
        assert "section-unknown" in complaint
        settings = {"cowshed": {"select": ["section-unknown"]}}
        talking.open(RECIPE + "%pots\n")
        told = await talking.until()
        assert not told.diagnostics
        talking.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings))
        told = await talking.until(lambda told: bool(told.diagnostics))
        assert {item.code for item in told.diagnostics} == {"section-unknown"}


async def test_settings_are_asked_for_where_the_editor_only_says_that_they_changed() -> None:
    async with editor(options={"shellcheck": False}) as talking:
        talking.open(RECIPE + "%pots\n")
        await talking.until_rule("section-unknown")
        talking.client.set_configuration({"ignore": ["section-unknown"]}, section="cowshed")
        talking.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
        told = await talking.until(lambda told: "section-unknown" not in {item.code for item in told.diagnostics})
        assert told.diagnostics


async def test_an_editor_that_asks_is_not_told() -> None:
    can = capabilities(
        text_document=types.TextDocumentClientCapabilities(diagnostic=types.DiagnosticClientCapabilities()),
        workspace=types.WorkspaceClientCapabilities(
            diagnostics=types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
        ),
    )
    async with editor(can) as talking:
        assert talking.result is not None
        assert talking.result.capabilities.diagnostic_provider
        talking.open(RECIPE + "%pots\n")
        question = types.DocumentDiagnosticParams(IDENTIFIER)
        answer = await talking.client.text_document_diagnostic_async(question)
        assert isinstance(answer, types.RelatedFullDocumentDiagnosticReport)
        assert "section-unknown" in {item.code for item in answer.items}
        if find_shellcheck() is not None:
            async with asyncio.timeout(PATIENCE):
                await talking.refreshed.get()
            answer = await talking.client.text_document_diagnostic_async(question)
            assert isinstance(answer, types.RelatedFullDocumentDiagnosticReport)
            assert "SC2086" in {item.code for item in answer.items}
        assert talking.told.empty()


async def test_a_fix_is_offered_where_the_finding_is() -> None:
    async with editor(options={"shellcheck": False}) as talking:
        talking.open(RECIPE)
        found = await talking.until_rule("apt-yes")
        context = types.CodeActionContext([found], only=[types.CodeActionKind.QuickFix])
        actions = await talking.client.text_document_code_action_async(
            types.CodeActionParams(IDENTIFIER, found.range, context)
        )
        fix = next(item for item in actions or () if isinstance(item, types.CodeAction) and item.is_preferred)
        assert fix.kind == types.CodeActionKind.QuickFix
        assert [item.code for item in fix.diagnostics or ()] == ["apt-yes"]
        assert fix.edit is not None
        (change,) = fix.edit.document_changes or ()
        assert isinstance(change, types.TextDocumentEdit)
        assert change.text_document.version == 1
        (edit,) = change.edits
        assert isinstance(edit, types.TextEdit)
        talking.change(edit.new_text, edit.range)
        told = await talking.until(lambda told: told.version == 2)
        assert "apt-yes" not in {item.code for item in told.diagnostics}


async def test_all_safe_fixes_are_one_source_action() -> None:
    async with editor(options={"shellcheck": False}) as talking:
        talking.open(RECIPE)
        context = types.CodeActionContext([], only=[types.CodeActionKind.SourceFixAll])
        actions = await talking.client.text_document_code_action_async(types.CodeActionParams(IDENTIFIER, ALL, context))
        kinds = {item.kind for item in actions or () if isinstance(item, types.CodeAction)}
        assert kinds == {"source.fixAll.cowshed"}


async def test_completion_replaces_what_is_written() -> None:
    async with editor() as talking:
        talking.open(RECIPE + "🐄\n%te")
        answer = await talking.client.text_document_completion_async(
            types.CompletionParams(IDENTIFIER, types.Position(10, 3))
        )
        assert isinstance(answer, types.CompletionList)
        item = next(item for item in answer.items if item.label == "%test")
        assert isinstance(item.text_edit, types.TextEdit)
        assert item.text_edit.range == types.Range(types.Position(10, 0), types.Position(10, 3))
        assert item.text_edit.new_text.startswith("%test")
        assert [item.sort_text for item in answer.items] == sorted(item.sort_text or "" for item in answer.items)


async def test_a_blank_completes_behind_a_key_only() -> None:
    async with editor() as talking:
        talking.open("Bootstrap: \n\n%post\n    echo \n")
        context = types.CompletionContext(types.CompletionTriggerKind.TriggerCharacter, " ")
        labels = []
        for place in (types.Position(0, 11), types.Position(3, 9)):
            answer = await talking.client.text_document_completion_async(
                types.CompletionParams(IDENTIFIER, place, context)
            )
            assert isinstance(answer, types.CompletionList)
            labels.append([item.label for item in answer.items])
        assert "docker" in labels[0]
        assert not labels[1]


async def test_words_are_explained() -> None:
    async with editor() as talking:
        talking.open(RECIPE)
        answer = await talking.client.text_document_hover_async(types.HoverParams(IDENTIFIER, types.Position(3, 2)))
        assert answer is not None
        assert isinstance(answer.contents, types.MarkupContent)
        assert answer.contents.kind is types.MarkupKind.Markdown
        assert answer.contents.value
        assert answer.range == types.Range(types.Position(3, 0), types.Position(3, 5))


@pytest.mark.parametrize("formats", [[], [types.MarkupKind.PlainText]])
async def test_an_editor_that_knows_no_markdown_gets_plain_words(formats: list[types.MarkupKind]) -> None:
    text = types.TextDocumentClientCapabilities(hover=types.HoverClientCapabilities(content_format=formats))
    async with editor(capabilities(text_document=text)) as talking:
        talking.open(RECIPE)
        for place in (types.Position(3, 2), types.Position(0, 2), types.Position(5, 6), types.Position(1, 2)):
            answer = await talking.client.text_document_hover_async(types.HoverParams(IDENTIFIER, place))
            assert answer is not None
            assert isinstance(answer.contents, types.MarkupContent)
            assert answer.contents.kind is types.MarkupKind.PlainText
            assert answer.contents.value.strip()
            assert not {"`", "**", "]("} & {mark for mark in ("`", "**", "](") if mark in answer.contents.value}


async def test_a_text_longer_than_any_recipe_holds_up_nothing() -> None:
    async with editor() as talking:
        for text in ("%\n" * 500_000, "a:\n" * 333_333, " " * 1_000_000):
            talking.open(text)
            loop = asyncio.get_running_loop()
            begun = loop.time()
            told = await talking.until()
            assert [item.code for item in told.diagnostics] == ["too-long"]
            options = types.FormattingOptions(tab_size=4, insert_spaces=True)
            client = talking.client
            assert not await client.text_document_document_symbol_async(types.DocumentSymbolParams(IDENTIFIER))
            assert not await client.text_document_folding_range_async(types.FoldingRangeParams(IDENTIFIER))
            assert not await client.text_document_formatting_async(types.DocumentFormattingParams(IDENTIFIER, options))
            actions = types.CodeActionParams(IDENTIFIER, ALL, types.CodeActionContext([]))
            assert not await client.text_document_code_action_async(actions)
            assert loop.time() - begun < PATIENCE / 4
            talking.client.text_document_did_close(types.DidCloseTextDocumentParams(IDENTIFIER))
            await talking.until(lambda told: told.version is None)


@pytest.mark.parametrize("hierarchical", [True, False])
async def test_the_outline_is_a_tree_where_the_editor_knows_trees(hierarchical: bool) -> None:
    text = types.TextDocumentClientCapabilities(
        document_symbol=types.DocumentSymbolClientCapabilities(hierarchical_document_symbol_support=hierarchical)
    )
    async with editor(capabilities(text_document=text)) as talking:
        talking.open(RECIPE)
        answer = await talking.client.text_document_document_symbol_async(types.DocumentSymbolParams(IDENTIFIER))
        assert answer
        post = next(item for item in answer if item.name == "%post")
        if hierarchical:
            assert isinstance(post, types.DocumentSymbol)
            assert post.selection_range == types.Range(types.Position(3, 0), types.Position(3, 5))
            assert any(isinstance(item, types.DocumentSymbol) and item.children for item in answer)
        else:
            assert isinstance(post, types.SymbolInformation)
            assert post.location.range.start == types.Position(3, 0)


async def test_sections_fold() -> None:
    async with editor() as talking:
        talking.open(RECIPE)
        answer = await talking.client.text_document_folding_range_async(types.FoldingRangeParams(IDENTIFIER))
        assert (3, 5) in {(fold.start_line, fold.end_line) for fold in answer or ()}


async def test_formatting_gives_edits() -> None:
    async with editor() as talking:
        talking.open("bootstrap:docker\nFrom:   ubuntu:22.04   \n\n\n\n%post\n  echo a\n\n\n")
        options = types.FormattingOptions(tab_size=4, insert_spaces=True)
        answer = await talking.client.text_document_formatting_async(
            types.DocumentFormattingParams(IDENTIFIER, options)
        )
        assert answer


async def test_nothing_is_said_of_what_is_not_open() -> None:
    async with editor() as talking:
        talking.change("a")
        assert (
            await talking.client.text_document_hover_async(types.HoverParams(IDENTIFIER, types.Position(0, 0))) is None
        )
        assert not await talking.client.text_document_folding_range_async(types.FoldingRangeParams(IDENTIFIER))


async def test_five_thousand_lines() -> None:
    async with editor() as talking:
        body = "".join(f"    echo cow {number}\n" for number in range(5_000))
        talking.open(f"Bootstrap: docker\nFrom: ubuntu:22.04\n\n%post\n{body}%pots\n")
        found = await talking.until_rule("section-unknown")
        assert found.range.start.line == 5_004
        for number in range(20):
            talking.change("x", types.Range(types.Position(2_500, 12), types.Position(2_500, 12)))
            where = types.Position(2_500, 13 + number)
            await talking.client.text_document_completion_async(types.CompletionParams(IDENTIFIER, where))
        told = await talking.until(lambda told: told.version == 21)
        assert any(item.code == "section-unknown" for item in told.diagnostics)
        folds = await talking.client.text_document_folding_range_async(types.FoldingRangeParams(IDENTIFIER))
        assert (3, 5_003) in {(fold.start_line, fold.end_line) for fold in folds or ()}


async def test_any_text_leaves_the_server_alive() -> None:
    async with editor() as talking:
        for text in (
            "",
            "\0",
            "\ud800\n%post\n\ud800",
            "\r\r\n\x0c\u2028%post",
            "%" * 9_000,
            "{{" * 5_000,
            "\n" * 5_000,
        ):
            talking.open(text)
            for place in (types.Position(0, 0), types.Position(1, 1), types.Position(9_999, 9_999)):
                await talking.client.text_document_hover_async(types.HoverParams(IDENTIFIER, place))
                await talking.client.text_document_completion_async(types.CompletionParams(IDENTIFIER, place))
            await talking.client.text_document_document_symbol_async(types.DocumentSymbolParams(IDENTIFIER))
            await talking.client.text_document_folding_range_async(types.FoldingRangeParams(IDENTIFIER))
            talking.client.text_document_did_close(types.DidCloseTextDocumentParams(IDENTIFIER))
        talking.open(RECIPE + "%pots\n")
        await talking.until_rule("section-unknown")


async def test_a_request_can_be_cancelled_before_its_turn() -> None:
    async with editor() as talking:
        talking.open(RECIPE)
        await talking.until()
        protocol = talking.client.protocol
        params = types.CodeActionParams(IDENTIFIER, ALL, types.CodeActionContext([]))
        # Both messages arrive together, so the request is taken back before it was answered.
        writer = protocol.writer
        assert writer is not None
        pieces = Pieces()
        protocol.writer = pieces
        future = protocol.send_request(types.TEXT_DOCUMENT_CODE_ACTION, params, msg_id="mine")
        protocol.notify(types.CANCEL_REQUEST, types.CancelParams("mine"))
        protocol.writer = writer
        writer.write(pieces.data)
        with pytest.raises(JsonRpcRequestCancelled):
            await asyncio.wait_for(asyncio.wrap_future(future), PATIENCE)


class Pieces:
    """What was written, to be sent at once."""

    data = b""

    def close(self) -> None: ...

    def write(self, data: bytes) -> None:
        self.data += data
