"""A shell that tells when commands begin and end, without a change to any file of the person's.

bash reads our script in place of `~/.bashrc` from a pipe (`--rcfile /dev/fd/N`); the script sends for the person's own
startup files first, as a login shell would. It travels as an argument of the first, short-lived bash, so nothing is
left on a target. Other shells start plain: the terminal works, commands typed there are no evidence.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from cowshed_lab.target import Target, TargetError, TerminalChannel, TerminalSize

_SCRIPT = "resources/shell/cowshed.bash"

_FIND_SHELL = (
    'shell=$(getent passwd "$(id -un)" 2>/dev/null | cut -d: -f7); shell=${shell:-$SHELL}; '
    'case $shell in ""|*/nologin|*/false) shell=/bin/sh;; esac; printf "%s" "$shell"'
)
"""The login shell: from the user database where there is one to ask, else the environment (macOS)."""

_START_BASH = (
    "export COLORTERM=truecolor\n"
    "if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)); then\n"
    '    exec "$BASH" --rcfile <(builtin printf "%s" "$1") -i\n'
    "fi\n"
    'exec "$BASH" -l'
)
_ENVIRONMENT = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


def bash_script(secret: str) -> str:
    """Return the integration script with the session's secret in it."""
    package = Path(__file__).parent
    for folder in (package, package.parents[1]):
        path = folder / _SCRIPT
        if path.is_file():
            return path.read_text(encoding="utf-8").replace("@SECRET@", secret)
    raise FileNotFoundError(f"{_SCRIPT} is missing from this installation of Cowshed.")


async def open_shell(
    target: Target,
    size: TerminalSize,
    folder: PurePosixPath | None = None,
    environment: Mapping[str, str] | None = None,
) -> tuple[TerminalChannel, str | None]:
    """Open the learner's login shell on `target`, with `environment` added to its own.

    Returns:
        The terminal's channel, and the secret that marks of this shell carry; None where the shell sends none.

    Raises:
        TargetError: the target cannot be reached or the shell not be started.
    """
    shell = await login_shell(target)
    added = {**_ENVIRONMENT, **(environment or {})}
    if PurePosixPath(shell).name != "bash":
        channel = await target.open_terminal(None, size=size, folder=folder, environment=added)
        return channel, None
    secret = secrets.token_hex(16)
    command = [shell, "-c", _START_BASH, "cowshed", bash_script(secret)]
    channel = await target.open_terminal(command, size=size, folder=folder, environment=added)
    return channel, secret


async def login_shell(target: Target) -> str:
    """Return the path of the learner's login shell on `target`."""
    outcome = await target.run(["sh", "-c", _FIND_SHELL])
    shell = outcome.output.decode(errors="replace").strip()
    if outcome.exit_status != 0 or not shell.startswith("/"):
        raise TargetError(
            f"{target.label} does not say which shell is yours. Cowshed needs a shell there to open a terminal."
        )
    return shell
