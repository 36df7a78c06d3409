"""Base images: stand-ins made of Debian packages, for when Docker Hub does not answer."""

from __future__ import annotations

import asyncio
import hashlib
import json
import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cowshed_lab.practice import bootstrap, namespace
from cowshed_lab.practice.namespace import Mode

STAND_IN_LABEL = "org.cowshed.stand-in"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip"
# Raised when a stand-in is made differently, so that old ones are made anew.
RECIPE_VERSION = 1


@dataclass(frozen=True, slots=True)
class StandIn:
    """One row: which image of Docker Hub is stood in for, and what by.

    Attributes:
        repository: Name on Docker Hub, e.g. `library/ubuntu`.
        tag: E.g. `22.04`.
        suite: Debian release that it is made of; the nearest in age behaves most alike.
        packages: Installed besides Debian's essential packages.
        expected: Packages and bytes of its bootstrap, for the progress bar.
    """

    repository: str
    tag: str
    suite: str
    packages: tuple[str, ...] = ()
    expected: tuple[int, int] = (90, 50_000_000)

    @property
    def name(self) -> str:
        """Return the name that a recipe's `From:` has, e.g. `ubuntu:22.04`."""
        return f"{self.repository.removeprefix('library/')}:{self.tag}"

    @property
    def folder_name(self) -> str:
        """Return a name for files."""
        return f"{self.repository}-{self.tag}".replace("/", "-")

    @property
    def notice(self) -> str:
        """Return the label's text."""
        return (
            f"Not {self.name} from Docker Hub but a stand-in made of Debian {self.suite} packages "
            "by the Cowshed practice cluster"
        )


STAND_INS = (
    # Ubuntu 22.04 and Debian 12 share their generation of apt, libc and the packages of the lolcow lesson.
    StandIn("library/ubuntu", "22.04", "bookworm"),
)


@dataclass(frozen=True, slots=True)
class Blob:
    """Part of an image: a file and its OCI descriptor's facts."""

    path: Path
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Image:
    """An image on disk, ready to be pushed."""

    config: Blob
    layer: Blob
    manifest: bytes

    @property
    def digest(self) -> str:
        """Return the manifest's digest, by which a registry knows the image."""
        return f"sha256:{hashlib.sha256(self.manifest).hexdigest()}"


def _architecture() -> str:
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


def _document(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def stored(folder: Path, stand_in: StandIn) -> Image | None:
    """Return a stand-in that was made earlier, None where there is none or one of an older make."""
    place = folder / stand_in.folder_name
    try:
        manifest = (place / "manifest.json").read_bytes()
        facts = json.loads(manifest)
    except (OSError, ValueError):
        return None
    if facts.get("annotations", {}).get("org.cowshed.recipe-version") != str(RECIPE_VERSION):
        return None
    blobs = [
        Blob(place / name, part["digest"], part["size"])
        for name, part in (("config.json", facts["config"]), ("layer.tar.gz", facts["layers"][0]))
    ]
    if any(not blob.path.is_file() or blob.path.stat().st_size != blob.size for blob in blobs):
        return None
    return Image(blobs[0], blobs[1], manifest)


async def make(
    stand_in: StandIn,
    *,
    mode: Mode,
    folder: Path,
    downloads: Path,
    scripts: Path,
    lock: int,
    on_line: Callable[[str], None],
) -> Image:
    """Make a stand-in below `folder`: under a temporary name, renamed when complete.

    Raises:
        BootstrapError: Its packages could not be installed or packed.
    """
    place = folder / stand_in.folder_name
    building = folder / f"{stand_in.folder_name}.building"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    archive = building / "layer.tar"
    command = bootstrap.arguments(
        stand_in.suite, archive, packages=stand_in.packages, scripts=scripts, finish="finish-stand-in.sh"
    )
    await bootstrap.bootstrap(
        mode,
        command,
        downloads=downloads / stand_in.folder_name,
        temporary=building,
        lock=lock,
        on_line=on_line,
        extra_environment={"PRACTICE_STAND_IN": stand_in.notice},
    )
    packed = building / "layer.tar.gz"
    uncompressed, _ = await asyncio.gather(_digest(archive), _compress(archive, packed))
    layer = Blob(packed, await _digest(packed), packed.stat().st_size)
    archive.unlink()
    labels = {STAND_IN_LABEL: stand_in.notice, "org.opencontainers.image.title": f"stand-in for {stand_in.name}"}
    config = _document(
        {
            "architecture": _architecture(),
            "os": "linux",
            "created": "1970-01-01T00:00:00Z",
            "config": {
                "Cmd": ["/bin/bash"],
                "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
                "Labels": labels,
            },
            "rootfs": {"type": "layers", "diff_ids": [uncompressed]},
        }
    )
    (building / "config.json").write_bytes(config)
    config_digest = f"sha256:{hashlib.sha256(config).hexdigest()}"
    manifest = _document(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": {"mediaType": CONFIG_TYPE, "digest": config_digest, "size": len(config)},
            "layers": [{"mediaType": LAYER_TYPE, "digest": layer.digest, "size": layer.size}],
            "annotations": {STAND_IN_LABEL: stand_in.notice, "org.cowshed.recipe-version": str(RECIPE_VERSION)},
        }
    )
    (building / "manifest.json").write_bytes(manifest)
    shutil.rmtree(place, ignore_errors=True)
    building.rename(place)
    image = stored(folder, stand_in)
    assert image is not None
    return image


async def _run(*command: str, stdout: int) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *command,
        env=namespace.clean_environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=stdout,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    if process.returncode != 0:
        raise bootstrap.BootstrapError(f"{command[0]} failed: {errors.decode(errors='replace').strip()}")
    return output or b""


async def _digest(path: Path) -> str:
    output = await _run("sha256sum", "--binary", str(path), stdout=asyncio.subprocess.PIPE)
    return "sha256:" + output.split()[0].decode().removeprefix("\\")


async def _compress(source: Path, target: Path) -> None:
    with target.open("wb") as file:
        await _run("gzip", "--no-name", "-4", "--stdout", str(source), stdout=file.fileno())
