"""Writing a file over SFTP so that it is there whole, or as it was before."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import stat
from pathlib import PurePosixPath

import asyncssh

from cowshed_lab.temporary_name import TEMPORARY, is_stale


async def write_file(files: asyncssh.SFTPClient, path: PurePosixPath, content: bytes) -> None:
    """Write a file whole, or leave the old one as it is. A link is followed; permissions are kept.

    Raises:
        asyncssh.Error: the server or the connection did not allow it.
    """
    place = PurePosixPath(name_text(await files.realpath(str(path)))) if await files.islink(str(path)) else path
    mode: int | None = None
    try:
        facts = await files.stat(str(place))
    except asyncssh.SFTPNoSuchFile:
        await files.makedirs(str(place.parent), exist_ok=True)
    else:
        if stat.S_ISDIR(facts.permissions or 0):
            raise asyncssh.SFTPFailure("it is a folder")
        mode = stat.S_IMODE(facts.permissions or 0o644)
    temporary = str(place.with_name(f"{TEMPORARY}{secrets.token_hex(8)}.tmp"))
    # Nobody else may read it on its way: a recipe may be private, and may name things that are.
    first = asyncssh.SFTPAttrs() if mode is None else asyncssh.SFTPAttrs(permissions=0o600)
    try:
        async with files.open(temporary, "xb", first) as file:
            if mode is not None:
                await files.chmod(temporary, mode)
            await file.write(content)
            with contextlib.suppress(asyncssh.SFTPOpUnsupported):  # fsync@openssh.com
                await file.fsync()
        try:
            await files.posix_rename(temporary, str(place))
        except asyncssh.SFTPOpUnsupported:  # plain SFTP renames only to a name that is free
            if mode is not None:
                await files.remove(str(place))
            await files.rename(temporary, str(place))
    except BaseException:
        with contextlib.suppress(asyncssh.Error, OSError):
            await asyncio.shield(files.remove(temporary))
        raise
    await _remove_stale(files, place.parent)


async def _remove_stale(files: asyncssh.SFTPClient, folder: PurePosixPath) -> None:
    """Remove what killed writers left in a folder."""
    with contextlib.suppress(asyncssh.SFTPError):
        for found in await files.readdir(str(folder)):
            name = name_text(found.filename)
            if is_stale(name, float(found.attrs.mtime or 0)):
                await files.remove(str(folder / name))


def name_text(name: str | bytes) -> str:
    """Return a name as SFTP gives it as text; bytes that are not UTF-8 survive."""
    return name if isinstance(name, str) else name.decode(errors="surrogateescape")
