"""Redirections of a shell script: where a command reads, where it writes, and here-documents."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tree_sitter import Node

from .shell import UNKNOWN, Input
from .shell_calls import FileOf
from .shell_run import NOTHING
from .shell_state import Shell
from .shell_words import WordReader

_WRITES = frozenset((">", ">>", ">|", "&>", "&>>", ">&"))


@dataclass(slots=True)
class Redirects:
    """What the redirections of one statement say.

    Attributes:
        stdin: What is read, None where they do not say.
        path: The file that is written, empty where they do not say.
        appends: Whether the file is kept and continued.
        hidden: Whether what is printed goes where no pipe reads it (`>&2`, `>&-`).
        heredoc: The first here-document; the grammar keeps what stands behind it on its line there.
        words: Words behind a redirection that are the command's, such as `b` in `cat <a b`.
    """

    stdin: Input | None = None
    path: str = ""
    appends: bool = False
    hidden: bool = False
    heredoc: Node | None = None
    words: list[Node] = field(default_factory=list)


def redirects_of(node: Node, reader: WordReader, shell: Shell, file_of: FileOf) -> Redirects:
    """Read the redirections of a statement. `file_of` knows those that the script has written so far."""
    found = Redirects()
    waiting = [child for child in node.children if child.type.endswith("_redirect")]
    for redirect in waiting:
        if redirect.type == "heredoc_redirect":
            waiting += [child for child in redirect.children if child.type.endswith("_redirect")]
            found.stdin = _heredoc(redirect, reader, shell)
            found.heredoc = found.heredoc or redirect
            found.words += redirect.children_by_field_name("argument")
        elif redirect.type == "herestring_redirect":
            found.stdin = herestring(redirect, reader, shell)
        else:
            _file(redirect, reader, shell, file_of, found)
    return found


def herestring(redirect: Node, reader: WordReader, shell: Shell) -> Input:
    """The input that `<<< word` gives."""
    word = reader.one(redirect.named_children[-1], shell)
    return Input(given=True, commands=word.sources, text=word.text + "\n" if word.known else None)


def _file(redirect: Node, reader: WordReader, shell: Shell, file_of: FileOf, found: Redirects) -> None:
    targets = redirect.children_by_field_name("destination")
    descriptor = redirect.child_by_field_name("descriptor")
    is_output = descriptor is None or reader.text(descriptor) == "1"
    sign = next((child.type for child in redirect.children if not child.is_named), "")
    if not targets:
        found.hidden = found.hidden or (sign == ">&-" and is_output)
        return
    found.words += targets[1:]
    word = reader.one(targets[0], shell)
    if sign == "<":
        known = file_of(word.text)
        if word.text == "/dev/null":
            found.stdin = Input(given=True, text="", path=word.text)
        elif known is not None:
            found.stdin = Input(given=True, commands=known.commands, text=known.text, path=word.text)
        else:
            found.stdin = Input(given=True, commands=word.sources, path=word.text)
    elif sign in _WRITES and is_output:
        if sign == ">&" and (word.text == "-" or word.text.isdigit()):
            found.hidden = found.hidden or word.text in ("2", "-")
        else:
            found.path, found.appends = word.text, sign in (">>", "&>>")


def _heredoc(redirect: Node, reader: WordReader, shell: Shell) -> Input:
    bodies = [child for child in redirect.children if child.type == "heredoc_body"]
    starts = [reader.text(child) for child in redirect.children if child.type == "heredoc_start"]
    text = "".join(reader.text(body) for body in bodies)
    if reader.text(redirect).startswith("<<-"):
        text = re.sub(r"^\t+", "", text, flags=re.MULTILINE)
    if any(sign in start for start in starts for sign in "'\"\\"):
        return Input(given=True, text=text)
    sources = NOTHING
    for child in (part for body in bodies for part in body.children):
        if child.type == "command_substitution":
            sources = sources.union(*(part.sources for part in reader.fragments(child, shell)))
    filled = shell.fill(text)
    return Input(given=True, commands=sources, text=None if UNKNOWN in filled and not sources else filled)
