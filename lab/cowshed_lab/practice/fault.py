"""Fault: what the practice cluster says when it cannot do something."""

from __future__ import annotations


class PracticeError(Exception):
    """The practice cluster could not do something. The text is for a person: what, what it means, what to do."""
