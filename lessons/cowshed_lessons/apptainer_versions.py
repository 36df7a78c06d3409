"""What changed about recipes from one Apptainer to the next.

Source of facts: the sources of Apptainer 1.4.5 and 1.5, `pkg/build/types/parser` and `internal/pkg/build/sources`.
"""

from __future__ import annotations

VERSIONS = ("1.4", "1.5")
"""The versions whose recipes are known, the oldest first. Patch releases do not differ."""

DEFAULT_VERSION = "1.4"

KEYS_SINCE = {"target": "1.5", "frontend": "1.5", "filename": "1.5", "buildargs": "1.5"}
"""Header keys (in lower case) that came after the first of these versions, and with which."""

AGENTS_SINCE = {"buildkit": "1.5", "dockerfile": "1.5"}
"""The same of bootstrap agents."""


def has_come(since: str, version: str) -> bool:
    """Whether what came with one version is there in another.

    Raises:
        ValueError: one of them is not known.
    """
    return VERSIONS.index(since) <= VERSIONS.index(version)


def nearest_version(version: str) -> str:
    """The known version whose recipes are those of a program that says `1.4.5` or `1.6.0-rc.1` of itself.

    An older one than the first is taken for the first, a newer one than the last for the last.
    """
    numbers = [int(part) if part.isdigit() else 0 for part in version.split("-")[0].split(".")[:2]]
    fitting = [known for known in VERSIONS if [int(part) for part in known.split(".")] <= numbers]
    return fitting[-1] if fitting else VERSIONS[0]
