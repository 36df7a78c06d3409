"""What is wrong with open recipes, told to the editor while they are typed.

Cowshed's own rules are quick: they run a moment after a change, all changes of a burst at once. ShellCheck is a
program: it runs when typing pauses. Nothing is told of a version that is no longer the last.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from lsprotocol import types

from cowshed_lab.language_server_documents import Document, Documents
from cowshed_lab.language_server_scripts import Scripts
from cowshed_lab.language_server_settings import Settings
from cowshed_lab.shellcheck import ScriptPart
from cowshed_lessons.language.layout import is_too_long, span
from cowshed_lessons.linting import LintFinding, Severity, lint, order

LOG = logging.getLogger(__name__)

SOURCE = "cowshed"

_PAUSE = 0.3
"""Seconds without a change after which ShellCheck runs."""

_LONGEST_DELAY = 0.5
_SHELLCHECK_WIKI = "https://www.shellcheck.net/wiki/"
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
    Severity.STYLE: types.DiagnosticSeverity.Hint,
}


_TOO_LONG = LintFinding(
    "too-long",
    Severity.INFO,
    "This is longer than any recipe, so it is not checked while it is open. `cowshed lint` checks it.",
    span(1, 0, 0),
)
"""Said of what would hold up all other answers."""


@dataclass(frozen=True)
class _Linted:
    document: Document
    settings: Settings
    findings: tuple[LintFinding, ...]


def as_diagnostic(document: Document, finding: LintFinding) -> types.Diagnostic:
    """A finding as the protocol has it."""
    wiki = f"{_SHELLCHECK_WIKI}{finding.rule}" if finding.rule.startswith("SC") else None
    return types.Diagnostic(
        range=document.positions.range_to_client(finding.range),
        message=finding.message,
        severity=_SEVERITIES[finding.severity],
        code=finding.rule,
        code_description=types.CodeDescription(wiki) if wiki else None,
        source=SOURCE,
    )


class Diagnosing:
    """Looks at recipes and tells the editor.

    Args:
        documents: The open recipes.
        scripts: ShellCheck.
        publish: Tells the editor of a version's diagnostics. Of a closed recipe there are none, and no version.
        refresh: Tells an editor that asks for diagnostics that there are new ones.
    """

    def __init__(
        self,
        documents: Documents,
        scripts: Scripts,
        publish: Callable[[str, int | None, list[types.Diagnostic]], None],
        refresh: Callable[[], None],
    ) -> None:
        self.settings = Settings()
        self.is_asked = False
        """Whether the editor asks for diagnostics, instead of being told."""
        self._documents = documents
        self._scripts = scripts
        self._publish = publish
        self._refresh = refresh
        self._linted: dict[str, _Linted] = {}
        self._delay = 0.0
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def opened(self, uri: str) -> None:
        """Look at a recipe at once."""
        self._start(uri, 0.0, 0.0)

    def changed(self, uri: str) -> None:
        """Look at a recipe soon; the longer that takes, the later."""
        self._start(uri, self._delay, _PAUSE)

    def closed(self, uri: str) -> None:
        """Take back what was told of a recipe."""
        self._stop(uri)
        self._linted.pop(uri, None)
        if not self.is_asked:
            self._publish(uri, None, [])

    def set_up(self, settings: Settings) -> None:
        """Use other settings, for what is open too."""
        self.settings = settings
        documents = list(self._documents)
        for document in documents:
            self.opened(document.uri)
        if self.is_asked and documents:
            self._refresh()

    def findings(self, document: Document) -> list[LintFinding]:
        """All that is known of a version, in the order of the text."""
        return self._all(document)[0]

    def diagnostics(self, document: Document) -> list[types.Diagnostic]:
        """The same for the editor."""
        return [as_diagnostic(document, finding) for finding in self.findings(document)]

    async def stop(self) -> None:
        """End all work."""
        tasks = list(self._tasks.values())
        for uri in list(self._tasks):
            self._stop(uri)
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, uri: str, delay: float, pause: float) -> None:
        self._stop(uri)
        self._tasks[uri] = asyncio.get_running_loop().create_task(self._look(uri, delay, pause))

    def _stop(self, uri: str) -> None:
        task = self._tasks.pop(uri, None)
        if task is not None:
            task.cancel()

    async def _look(self, uri: str, delay: float, pause: float) -> None:
        try:
            await asyncio.sleep(delay)
            document = self._documents.get(uri)
            if document is None:
                return
            unknown = self._tell(document)
            if not unknown:
                return
            await asyncio.sleep(pause)
            await self._scripts.look(unknown)
            if self._documents.get(uri) is document:
                self._tell(document, again=True)
        except Exception:
            LOG.exception("a recipe could not be looked at")

    def _tell(self, document: Document, *, again: bool = False) -> list[ScriptPart]:
        """Tell of a version, and return the scripts that ShellCheck has not seen."""
        found, unknown = self._all(document)
        if not self.is_asked:
            self._publish(document.uri, document.version, [as_diagnostic(document, item) for item in found])
        elif again:
            self._refresh()
        return unknown

    def _all(self, document: Document) -> tuple[list[LintFinding], list[ScriptPart]]:
        if is_too_long(document.text):
            return [_TOO_LONG], []
        findings = list(self._own(document))
        unknown: list[ScriptPart] = []
        if self._wants_shellcheck():
            said, unknown = self._scripts.findings(document.text)
            findings += filter(self.settings.keeps, said)
            findings.sort(key=order)
        return findings, unknown

    def _own(self, document: Document) -> tuple[LintFinding, ...]:
        known = self._linted.get(document.uri)
        if known is not None and known.document is document and known.settings is self.settings:
            return known.findings
        clock = asyncio.get_running_loop().time
        begun = clock()
        findings = lint(
            document.text,
            build_arguments=self.settings.build_arguments,
            select=self.settings.select,
            ignore=self.settings.ignore,
        )
        # Twice as long as it takes: at least half of the time is left for what the editor asks.
        self._delay = min(_LONGEST_DELAY, 2 * (clock() - begun))
        if self._documents.get(document.uri) is document:
            self._linted[document.uri] = _Linted(document, self.settings, findings)
        return findings

    def _wants_shellcheck(self) -> bool:
        select = self.settings.select
        return self.settings.shellcheck and (select is None or any(name.startswith("SC") for name in select))
