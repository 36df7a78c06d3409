"""`cowshed language-server`: an editor's other end, on standard input and output."""

from __future__ import annotations

import asyncio
import logging
import os
import sys


def serve(*, verbose: bool = False) -> int:
    """Serve the editor that started this, and return the exit status that the protocol wants.

    The log goes to standard error. It holds recipes' text only with `verbose`.
    """
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.DEBUG if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    # Standard output belongs to the protocol alone: whatever else is printed, by whatever library, goes to the log.
    sys.stdout.flush()
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    from cowshed_lab.language_server import RecipeServer

    return asyncio.run(RecipeServer().serve(sys.stdin.buffer, sink))
