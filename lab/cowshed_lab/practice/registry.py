"""Registry: a small client of the practice cluster's registry (OCI distribution specification 1.1)."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cowshed_lab.practice.base_images import MANIFEST_TYPE, Blob, Image
from cowshed_lab.practice.fault import PracticeError

_CHUNK = 1 << 18


class RegistryError(PracticeError):
    """The registry answered something else than it should. The text is for a person."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Registry:
    """A registry on a loopback port.

    Args:
        port: Its port.
        login: User and password, None to ask without.
        authority: File with the certificate of the authority that vouches for it; None for one without encryption.
    """

    def __init__(self, port: int, login: tuple[str, str] | None = None, *, authority: Path | None = None) -> None:
        self._port = port
        self._login = login
        self._authority = authority

    async def answers(self) -> bool:
        """Tell whether a registry listens there, whatever it says about logins."""
        try:
            answer = await self._ask("GET", "/v2/")
        except (OSError, RegistryError, asyncio.IncompleteReadError):
            return False
        return answer.status in (200, 401)

    async def has(self, repository: str, tag: str, digest: str) -> bool:
        """Tell whether the tag names just this manifest."""
        answer = await self._ask("HEAD", f"/v2/{repository}/manifests/{tag}", headers={"Accept": MANIFEST_TYPE})
        return answer.status == 200 and answer.headers.get("docker-content-digest") == digest

    async def push(self, repository: str, tag: str, image: Image) -> None:
        """Push an image; parts that are there already are not sent again.

        Raises:
            RegistryError: The registry refused.
        """
        for blob in (*image.layers, image.config):
            await self._push_blob(repository, blob)
        answer = await self._ask(
            "PUT", f"/v2/{repository}/manifests/{tag}", headers={"Content-Type": MANIFEST_TYPE}, body=image.manifest
        )
        _expect(answer, 201, f"The manifest of {repository}:{tag}")

    async def _push_blob(self, repository: str, blob: Blob) -> None:
        if (await self._ask("HEAD", f"/v2/{repository}/blobs/{blob.digest}")).status == 200:
            return
        begun = await self._ask("POST", f"/v2/{repository}/blobs/uploads/")
        _expect(begun, 202, "An upload")
        place = urlsplit(begun.headers.get("location", ""))
        query = f"{place.query}&digest={blob.digest}" if place.query else f"digest={blob.digest}"
        answer = await self._ask(
            "PUT", f"{place.path}?{query}", headers={"Content-Type": "application/octet-stream"}, body=blob
        )
        _expect(answer, 201, f"A part of {repository}")

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        encryption = None if self._authority is None else ssl.create_default_context(cafile=str(self._authority))
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, ssl=encryption)
        try:
            yield reader, writer
        finally:
            # Whatever there was to read has been read; without the wait an encrypted connection outlives the loop.
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()

    async def _ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: bytes | Blob = b""
    ) -> Answer:
        length = body.size if isinstance(body, Blob) else len(body)
        sent = {"Host": f"127.0.0.1:{self._port}", "Connection": "close", "Content-Length": str(length)}
        if self._login is not None:
            sent["Authorization"] = "Basic " + base64.b64encode(":".join(self._login).encode()).decode()
        sent.update(headers or {})
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        async with self._connection() as (reader, writer):
            writer.write(head.encode() + b"\r\n")
            for chunk in _chunks(body):
                writer.write(chunk)
                await writer.drain()
            raw = await reader.readuntil(b"\r\n\r\n")
            first, *lines = raw.decode("latin-1").rstrip().split("\r\n")
            answered = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            return Answer(int(first.split()[1]), answered, b"" if method == "HEAD" else await reader.read())


def _chunks(body: bytes | Blob) -> Iterator[bytes]:
    content = body.content if isinstance(body, Blob) else body
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _expect(answer: Answer, status: int, what: str) -> None:
    if answer.status != status:
        said = answer.body.decode(errors="replace").strip()
        raise RegistryError(f"{what} was not taken by the practice registry (HTTP {answer.status}): {said}")
