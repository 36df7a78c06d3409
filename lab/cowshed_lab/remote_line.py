"""The line that an SSH server hands to a person's login shell, whichever that is.

`sshd` runs every command as `SHELL -c LINE` with the login shell from the user database: bash, zsh, fish, tcsh, … agree
on little. This line is `exec sh -c '…'` with nothing between the quotes that any of them reads in its own way:

- `'` ends a quotation in all of them;
- a backslash is an escape in fish, and before `!` in tcsh;
- `!` brings back an earlier command in tcsh;
- an end of line ends tcsh's quotation;
- bytes beyond ASCII depend on the locale.

Text with one of these is written in octal, which the POSIX `sh` turns back (`printf %b`) before it reads it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from cowshed_lab.word_bytes import word_bytes

_UNSAFE = re.compile(rb"['\\!\x00-\x1f\x7f-\xff]")
_UNSAFE_BETWEEN_DOUBLE_QUOTES = re.compile(rb"[\"$`'\\!\x00-\x1f\x7f-\xff]")


def remote_line(
    command: Sequence[str] | None,
    folder: PurePosixPath | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Return the line that makes any login shell become `command`, every word exactly as it is.

    Args:
        command: the program and its arguments; None for the person's login shell.
        folder: where to run it. A relative one begins with `./`, so that neither `-` nor CDPATH changes its meaning.
        environment: variables to set for it.

    Raises:
        TargetError: a word has a character that no name or argument can have.
    """
    words = [f"{name}={value}" for name, value in (environment or {}).items()]
    if command is None:
        line = f'exec {shlex.join(["env", *words])} "$SHELL" -l'  # SHELL is set by the server, on that side
    else:
        line = "exec " + shlex.join(["env", *words, *command] if words else command)
    if folder is not None and folder.parts:
        line = f"cd -- {shlex.quote(str(folder) if folder.is_absolute() else f'./{folder}')} && {line}"
    return _for_any_shell(line)


def _for_any_shell(line: str) -> str:
    data = word_bytes(line)
    if not _UNSAFE.search(data):
        return f"exec sh -c '{line}'"
    octal = _UNSAFE_BETWEEN_DOUBLE_QUOTES.sub(lambda found: b"\\0%03o" % found[0][0], data).decode("ascii")
    return f"""exec sh -c 'eval "$(printf %b "{octal}")"'"""
