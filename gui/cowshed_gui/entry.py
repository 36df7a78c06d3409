"""Where `cowshed` begins: a subcommand runs without Qt, everything else opens the window."""

from __future__ import annotations

import sys
from collections.abc import Sequence

_COMMAND_LINE_OPTIONS = frozenset({"-h", "--help", "--version"})


def main(argv: Sequence[str] | None = None) -> int:
    """Run Cowshed and return the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:2] == ["course", "preview"]:
        from cowshed_gui.course_preview import preview

        return preview(arguments[2:])
    if arguments and (not arguments[0].startswith("-") or arguments[0] in _COMMAND_LINE_OPTIONS):
        from cowshed_lab.command_line import main as command_line

        return command_line(arguments)
    from cowshed_gui.app import run

    return run(arguments)
