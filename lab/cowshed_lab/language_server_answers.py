"""What `cowshed_lessons.language` says of a recipe, as the Language Server Protocol has it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from lsprotocol import types

from cowshed_lab.language_server_diagnostics import as_diagnostic
from cowshed_lab.language_server_documents import Document
from cowshed_lessons.language import (
    ActionKind,
    CodeAction,
    Completion,
    CompletionKind,
    FoldKind,
    Symbol,
    SymbolKind,
    code_actions,
    complete,
    folds,
    format_edits,
    hover,
    outline,
)
from cowshed_lessons.linting import LintFinding, TextEdit

FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.cowshed"

_COMPLETIONS = {
    CompletionKind.SECTION: types.CompletionItemKind.Module,
    CompletionKind.KEY: types.CompletionItemKind.Field,
    CompletionKind.AGENT: types.CompletionItemKind.EnumMember,
    CompletionKind.VALUE: types.CompletionItemKind.Value,
    CompletionKind.COMMAND: types.CompletionItemKind.Function,
    CompletionKind.PACKAGE: types.CompletionItemKind.Unit,
    CompletionKind.OPTION: types.CompletionItemKind.Property,
    CompletionKind.VARIABLE: types.CompletionItemKind.Variable,
    CompletionKind.APP: types.CompletionItemKind.Class,
    CompletionKind.STAGE: types.CompletionItemKind.Reference,
}
_SYMBOLS = {
    SymbolKind.STAGE: types.SymbolKind.Namespace,
    SymbolKind.HEADER: types.SymbolKind.Object,
    SymbolKind.KEY: types.SymbolKind.Field,
    SymbolKind.SECTION: types.SymbolKind.Module,
    SymbolKind.APP: types.SymbolKind.Class,
}
_FOLDS = {FoldKind.COMMENT: types.FoldingRangeKind.Comment}
_ACTIONS = {ActionKind.FIX_ALL: FIX_ALL}
_FENCE = re.compile(r"^```.*\n?", re.MULTILINE)
_LINK = re.compile(r"\[([^\]\n]+)\]\(([^)\s]+)\)")
_AFTER_A_KEY = re.compile(r"[ \t]*[A-Za-z]+:[ \t]*")


def completions(document: Document, params: types.CompletionParams, *, markdown: bool) -> types.CompletionList:
    """What may be written at a place, best first. A blank asks for something only behind a header's key."""
    at = document.positions.from_client(params.position)
    blank = params.context is not None and params.context.trigger_character == " "
    if blank:
        line = document.text.split("\n")[at.line - 1]
        if not _AFTER_A_KEY.fullmatch(line[: at.column - 1]):
            return types.CompletionList(is_incomplete=False, items=[])
    found = complete(document.text, at)
    width = len(str(len(found)))
    return types.CompletionList(
        is_incomplete=False,
        items=[
            _completion(document, item, f"{number:0{width}}", params.position, markdown=markdown)
            for number, item in enumerate(found)
        ],
    )


def _completion(
    document: Document, item: Completion, place: str, cursor: types.Position, *, markdown: bool
) -> types.CompletionItem:
    replaces = document.positions.range_to_client(item.replaces)
    if replaces.start.line != cursor.line or replaces.end.line != cursor.line:
        replaces = types.Range(cursor, cursor)  # the protocol wants a range in the cursor's line
    return types.CompletionItem(
        label=item.label,
        kind=_COMPLETIONS[item.kind],
        detail=item.detail or None,
        documentation=_words(item.documentation, markdown=markdown) if item.documentation else None,
        sort_text=place,
        filter_text=item.label,
        insert_text_format=types.InsertTextFormat.PlainText,
        text_edit=types.TextEdit(replaces, item.insert),
    )


def _words(text: str, *, markdown: bool) -> types.MarkupContent:
    if markdown:
        return types.MarkupContent(types.MarkupKind.Markdown, text)
    return types.MarkupContent(types.MarkupKind.PlainText, _without_marks(text))


def _without_marks(markdown: str) -> str:
    """The words of our Markdown: without the marks of code and stress, links with their address behind them."""
    text = _FENCE.sub("", markdown)
    return _LINK.sub(r"\1 (\2)", text).replace("**", "").replace("`", "")


def hovering(document: Document, position: types.Position, *, markdown: bool) -> types.Hover | None:
    """What is explained at a place."""
    found = hover(document.text, document.positions.from_client(position))
    if found is None:
        return None
    return types.Hover(_words(found.markdown, markdown=markdown), document.positions.range_to_client(found.range))


def actions(
    document: Document, params: types.CodeActionParams, findings: Sequence[LintFinding], *, versioned: bool
) -> list[types.CodeAction]:
    """What can be done about findings at a place: those kinds that the editor asks for.

    Args:
        document: The recipe.
        params: The place, and the kinds.
        findings: All findings.
        versioned: Whether the editor understands edits of one version of a document.
    """
    where = document.positions.range_from_client(params.range)
    found = []
    for action in code_actions(document.text, where, findings):
        kind = _ACTIONS.get(action.kind, types.CodeActionKind.QuickFix.value)
        if _is_wanted(kind, params.context.only):
            found.append(_action(document, action, kind, params, findings, versioned=versioned))
    return found


def _is_wanted(kind: str, only: Iterable[types.CodeActionKind | str] | None) -> bool:
    if only is None:
        return True
    names = [item.value if isinstance(item, types.CodeActionKind) else item for item in only]
    return any(name == "" or kind == name or kind.startswith(f"{name}.") for name in names)


def _action(
    document: Document,
    action: CodeAction,
    kind: str,
    params: types.CodeActionParams,
    findings: Iterable[LintFinding],
    *,
    versioned: bool,
) -> types.CodeAction:
    about = [
        as_diagnostic(document, finding)
        for finding in findings
        if finding.rule == action.rule and _touches(document.positions.range_to_client(finding.range), params.range)
    ]
    changes = edits(document, action.edits)
    if versioned:
        identifier = types.OptionalVersionedTextDocumentIdentifier(uri=document.uri, version=document.version)
        edit = types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(identifier, changes)])
    else:
        edit = types.WorkspaceEdit(changes={document.uri: changes})
    return types.CodeAction(
        title=action.title,
        kind=kind,
        diagnostics=about or None,
        is_preferred=action.preferred or None,
        edit=edit,
    )


def _touches(one: types.Range, other: types.Range) -> bool:
    return one.start <= other.end and other.start <= one.end


def edits(document: Document, made: Iterable[TextEdit]) -> list[types.TextEdit]:
    """Edits as the protocol has them."""
    return [types.TextEdit(document.positions.range_to_client(edit.range), edit.text) for edit in made]


def formatting(document: Document) -> list[types.TextEdit]:
    """What brings a recipe into its form."""
    return edits(document, format_edits(document.text))


def symbols(document: Document) -> list[types.DocumentSymbol]:
    """A recipe's parts, as a tree."""
    return [_symbol(document, item) for item in outline(document.text)]


def _symbol(document: Document, item: Symbol) -> types.DocumentSymbol:
    return types.DocumentSymbol(
        name=item.name.strip() or "?",  # the protocol forbids names without a letter
        kind=_SYMBOLS[item.kind],
        range=document.positions.range_to_client(item.range),
        selection_range=document.positions.range_to_client(item.selection),
        detail=item.detail or None,
        children=[_symbol(document, child) for child in item.children],
    )


def flat_symbols(document: Document) -> list[types.SymbolInformation]:
    """The same for editors that know no trees."""
    return list(_flat(document.uri, symbols(document), None))


def _flat(uri: str, found: Iterable[types.DocumentSymbol], parent: str | None) -> Iterator[types.SymbolInformation]:
    for item in found:
        yield types.SymbolInformation(
            location=types.Location(uri, item.range), name=item.name, kind=item.kind, container_name=parent
        )
        yield from _flat(uri, item.children or (), item.name)


def folding(document: Document) -> list[types.FoldingRange]:
    """What can be folded."""
    found = []
    for fold in folds(document.text):
        first, last = document.positions.line_to_client(fold.first), document.positions.line_to_client(fold.last)
        found.append(types.FoldingRange(first, last, kind=_FOLDS.get(fold.kind, types.FoldingRangeKind.Region)))
    return found
