"""Sentences that quote code between back quotes, as rich text."""

from __future__ import annotations

from html import escape


def coded(text: str) -> str:
    """`words` in back quotes as code, everything else as plain text; an odd back quote stands for itself."""
    parts = escape(text, quote=False).split("`")
    if len(parts) % 2 == 0:
        return "`".join(parts)
    return "".join(f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts))
