"""Names of the temporary files in which targets write a file before it takes its place."""

from __future__ import annotations

import time

TEMPORARY = ".cowshed-"
"""How they begin; they end in `.tmp`."""

STALE_SECONDS = 24 * 3600
"""Nobody writes a recipe for so long: whoever made an older one was killed. Clocks of a target may differ by hours."""


def is_stale(name: str, changed: float) -> bool:
    """Tell whether a file is what a killed writer left; `changed` in seconds since 1970."""
    return name.startswith(TEMPORARY) and name.endswith(".tmp") and time.time() - changed > STALE_SECONDS
