"""What an image says of itself, as pages to read: its scripts, labels and the parts of its file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from textwrap import dedent
from typing import TYPE_CHECKING

from cowshed_gui.theme import APPEARANCE, current_theme
from cowshed_gui.treemap_view import bytes_text

if TYPE_CHECKING:
    from cowshed_lab.image_inspection import ImageContent

_TITLES = {
    "runscript": ("Runscript", "what `apptainer run` does"),
    "startscript": ("Start script", "what an instance does"),
    "environment": ("Environment", "set whenever the image is used"),
    "test": ("Test", "what `apptainer test` runs"),
    "helpfile": ("Help", "what `apptainer run-help` prints"),
}
_PREAMBLE = re.compile(r"\A#!.*\n(?:#.*\n)*(?:\n*# Custom environment shell code should follow\n*)?")
"""Licence and greeting that Apptainer puts before the text of a recipe."""


def scripts_html(content: ImageContent) -> str:
    """Scripts, environment, help, test and apps."""
    pieces = []
    for key, (title, note) in _TITLES.items():
        if key == "environment":
            for path, text in content.environment.items():
                if own := without_preamble(text):
                    pieces.append(_piece(title, f"{note}; from {path}", own))
        elif own := without_preamble(content.texts.get(key, "")):
            pieces.append(_piece(title, note, own))
    for app, texts in content.apps.items():
        for key, text in texts.items():
            if own := without_preamble(text):
                pieces.append(_piece(f"App {app}", key, own))
    return _page(pieces) if pieces else _page(["<p>This image has no scripts of its own.</p>"])


def labels_html(labels: Mapping[str, str]) -> str:
    """Labels as a table, those of people before those that Apptainer writes."""
    if not labels:
        return _page(["<p>This image has no labels.</p>"])
    names = sorted(labels, key=lambda name: (name.startswith("org.label-schema"), name.lower()))
    return _page([_table([(name, labels[name]) for name in names])])


def sif_html(content: ImageContent) -> str:
    """Header and parts of a SIF file."""
    if content.is_sandbox:
        return _page(["<p>A sandbox is a folder with the image's files; it has no SIF header.</p>"])
    rows = [(f"{part.number}", part.kind, bytes_text(part.size)) for part in content.parts]
    return _page(
        [
            "<h3>Parts of the file</h3>",
            _table([("No.", "What it is", "Size"), *rows], head=True),
            "<h3>Header</h3>",
            _table(list(content.header.items())),
        ]
    )


def summary(content: ImageContent) -> str:
    """The image in one line."""
    said = [f"{bytes_text(content.size)} on disk"]
    if content.files is not None:
        said.append(f"{bytes_text(content.files.size)} unpacked")
        said.append(f"{content.files.files:,} files")
    schema = "org.label-schema"
    base = content.labels.get(f"{schema}.usage.singularity.deffile.from")
    version = content.labels.get(f"{schema}.usage.apptainer.version")
    if base:
        said.append(f"from {base}")
    if version:
        said.append(f"built with Apptainer {version}")
    return "   ·   ".join(said)


def as_one_text(content: ImageContent) -> str:
    """All that can differ between two images but their files, for a comparison line by line."""
    pieces = [content.texts.get("deffile", "").strip()]
    for path, text in content.environment.items():
        if own := without_preamble(text):
            pieces.append(f"# Environment: {path}\n{own}")
    # When and where it was built differs always and says nothing.
    names = sorted(name for name in content.labels if not name.endswith(".build-date"))
    if names:
        pieces.append("\n".join(["# Labels", *(f"{name}: {content.labels[name]}" for name in names)]))
    return "\n\n".join(pieces) + "\n"


def without_preamble(text: str) -> str:
    """A script without the lines that Apptainer puts before it."""
    return dedent(_PREAMBLE.sub("", text.strip() + "\n").strip("\n").rstrip())


def _piece(title: str, note: str, text: str) -> str:
    words = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(note))
    return f"<h3>{escape(title)}</h3><p class='note'>{words}</p><pre>{escape(text)}</pre>"


def _table(rows: list[tuple[str, ...]], *, head: bool = False) -> str:
    made = []
    for number, row in enumerate(rows):
        mark = "th" if head and number == 0 else "td"
        made.append("<tr>" + "".join(f"<{mark}>{escape(cell)}</{mark}>" for cell in row) + "</tr>")
    return f"<table cellspacing='0' cellpadding='4'>{''.join(made)}</table>"


def _page(pieces: list[str]) -> str:
    theme, size = current_theme(), APPEARANCE.interface_size()
    return (
        f"<style>h3 {{ font-size: {size * 1.1:.1f}pt; font-weight: 600; margin-top: 16px; margin-bottom: 2px; }}"
        f" .note {{ color: {theme.muted.name()}; margin-top: 0; margin-bottom: 6px; }}"
        f" th {{ color: {theme.muted.name()}; text-align: left; font-weight: 600; }} td {{ padding-right: 16px; }}"
        f" pre {{ background-color: {theme.sunken.name()}; white-space: pre-wrap; }}</style>{''.join(pieces)}"
    )
