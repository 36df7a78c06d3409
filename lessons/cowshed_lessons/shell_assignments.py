"""Assignments of a shell script: `A=b`, `A+=b`, `A=(b c)`, `export`, `declare`, `unset`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tree_sitter import Node

from .shell import Variable, Word
from .shell_state import Shell
from .shell_words import WordReader
from .verdict import Position

DECLARATIONS = frozenset(("export", "declare", "typeset", "readonly", "local"))
"""Programs that take assignments for arguments."""


def assign(node: Node, reader: WordReader, shell: Shell, *, exported: bool = False) -> None:
    """Follow one assignment."""
    name_node, value_node = node.child_by_field_name("name"), node.child_by_field_name("value")
    if name_node is None or name_node.type != "variable_name":
        return  # `A[1]=b`
    name = reader.text(name_node)
    appends = any(child.type == "+=" for child in node.children)
    if value_node is not None and value_node.type == "array":
        items = tuple(word.text for child in value_node.named_children for word in reader.words(child, shell))
        shell.set_array(name, (*(shell.array(name) or ()), *items) if appends else items)
        return
    old = shell.variable(name)
    text, sources = "", frozenset[int]()
    if value_node is not None:
        word = reader.one(value_node, shell)
        text, sources = word.text, word.sources
    if appends and old is not None:
        text, sources = old.text + text, old.sources | sources
    exported = exported or shell.export_all or (old is not None and old.exported)
    shell.set(name, Variable(text, exported, reader.start(node), sources))


def declare(node: Node, reader: WordReader, shell: Shell) -> None:
    """Follow `export …`, `declare …` and their like."""
    words = [reader.text(child) for child in node.children if child.type == "word"]
    exports = _exports(node.children[0].type, words)
    for child in node.named_children:
        if child.type == "variable_assignment":
            assign(child, reader, shell, exported=exports)
        elif child.type == "variable_name":
            _mark(reader.text(child), reader.start(child), shell, exported=exports)
        else:
            for word in reader.words(child, shell):
                _declare_word(word, shell, exported=exports)


def declare_words(words: Sequence[Word], shell: Shell) -> None:
    """The same where it was found out only later that the command is `export` or its like."""
    exports = _exports(words[0].text, [word.text for word in words[1:]])
    for word in words[1:]:
        _declare_word(word, shell, exported=exports)


def unset(node: Node, reader: WordReader, shell: Shell) -> None:
    """Follow `unset …`."""
    for child in node.named_children:
        shell.unset(reader.text(child))


def _exports(keyword: str, words: Sequence[str]) -> bool:
    flags = "".join(word[1:] for word in words if word.startswith("-"))
    return (keyword == "export" and "n" not in flags) or (keyword in ("declare", "typeset") and "x" in flags)


def _declare_word(word: Word, shell: Shell, *, exported: bool) -> None:
    """`export "A=b"` and `export $NAME`; options are no names."""
    if word.text.startswith("-"):
        return
    name, equals, value = word.text.partition("=")
    if not equals:
        _mark(name, word.position, shell, exported=exported)
        return
    old = shell.variable(name)
    shell.set(name, Variable(value, exported or (old is not None and old.exported), word.position, word.sources))


def _mark(name: str, position: Position, shell: Shell, *, exported: bool) -> None:
    old = shell.variable(name)
    if old is not None:
        shell.set(name, replace(old, exported=exported or old.exported))
    elif exported:
        shell.set(name, Variable("", exported=True, position=position))
