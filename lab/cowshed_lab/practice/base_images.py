"""Base images: layers made of Debian packages, and the stand-ins for Docker Hub's images that consist of them."""

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
from cowshed_lab.practice.certificates import local_certificates
from cowshed_lab.practice.folder import read_json, write_json
from cowshed_lab.practice.namespace import Mode
from cowshed_lab.practice.stand_ins import FIRST_LAYER, Make, StandIn

STAND_IN_LABEL = "org.cowshed.stand-in"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip"
# Raised when layers are made differently, so that old ones are made anew.
RECIPE_VERSION = 2
_FACTS = "layers.json"


@dataclass(frozen=True, slots=True)
class Blob:
    """Part of an image, a file or bytes, and its OCI descriptor's facts."""

    content: Path | bytes
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Image:
    """An image, ready to be pushed."""

    config: Blob
    layers: tuple[Blob, ...]
    manifest: bytes

    @property
    def digest(self) -> str:
        """Return the manifest's digest, by which a registry knows the image."""
        return f"sha256:{hashlib.sha256(self.manifest).hexdigest()}"


def _architecture() -> str:
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


def _document(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def _version(certificates: bytes) -> str:
    """Return the version of layers made now, on this computer: its own certificates are in some of them."""
    own = hashlib.sha256(certificates).hexdigest()[:12] if certificates else "none"
    return f"{RECIPE_VERSION} {own}"


def is_made(folder: Path, make: Make) -> bool:
    """Tell whether the layers were made earlier and are whole and of today's make."""
    facts = read_json(folder / make.name / _FACTS)
    layers = facts.get("layers")
    if facts.get("version") != _version(local_certificates()) or not isinstance(layers, dict):
        return False
    for name in make.layers:
        path, recorded = _layer(folder, make, name), layers.get(name)
        if not isinstance(recorded, dict) or not path.is_file() or path.stat().st_size != recorded.get("size"):
            return False
    return True


def _layer(folder: Path, make: Make, name: str) -> Path:
    return folder / make.name / f"{name}.tar.gz"


def stored(folder: Path, stand_in: StandIn) -> Image | None:
    """Return a stand-in whose layers were made earlier, None where they were not."""
    make = stand_in.make
    if not is_made(folder, make):
        return None
    recorded = read_json(folder / make.name / _FACTS)["layers"]
    used = [recorded[name] for name in stand_in.layers]
    layers = tuple(
        Blob(_layer(folder, make, name), one["digest"], one["size"])
        for name, one in zip(stand_in.layers, used, strict=True)
    )
    labels = {STAND_IN_LABEL: stand_in.notice, "org.opencontainers.image.title": f"stand-in for {stand_in.name}"}
    settings: dict[str, Any] = {"Env": list(stand_in.environment), "Labels": labels}
    if stand_in.command:
        settings["Cmd"] = [stand_in.command]
    if stand_in.entrypoint:
        settings["Entrypoint"] = list(stand_in.entrypoint)
    config = _document(
        {
            "architecture": _architecture(),
            "os": "linux",
            "created": "1970-01-01T00:00:00Z",
            "config": settings,
            "rootfs": {"type": "layers", "diff_ids": [one["uncompressed"] for one in used]},
        }
    )
    config_blob = Blob(config, f"sha256:{hashlib.sha256(config).hexdigest()}", len(config))
    manifest = _document(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": {"mediaType": CONFIG_TYPE, "digest": config_blob.digest, "size": config_blob.size},
            "layers": [{"mediaType": LAYER_TYPE, "digest": blob.digest, "size": blob.size} for blob in layers],
            "annotations": {STAND_IN_LABEL: stand_in.notice},
        }
    )
    return Image(config_blob, layers, manifest)


async def make_layers(
    make: Make,
    *,
    mode: Mode,
    folder: Path,
    downloads: Path,
    scripts: Path,
    lock: int,
    on_line: Callable[[str], None],
) -> None:
    """Make layers below `folder`: under a temporary name, renamed when complete.

    Raises:
        BootstrapError: The packages could not be installed or packed.
    """
    place = folder / make.name
    building = folder / f"{make.name}.building"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    certificates = local_certificates()
    (building / "certificates.crt").write_bytes(certificates)
    command = bootstrap.arguments(
        make.suite,
        building / f"{FIRST_LAYER}.tar",
        packages=make.packages,
        scripts=scripts,
        finish=make.finish,
        minimal=make.minimal,
    )
    await bootstrap.bootstrap(
        mode,
        command,
        downloads=downloads / make.name,
        temporary=building,
        lock=lock,
        on_line=on_line,
        extra_environment={
            "PRACTICE_STAND_IN": make.notice,
            "PRACTICE_LAYERS": str(building),
            "PRACTICE_CERTIFICATES": str(building / "certificates.crt"),
        },
    )
    packed = await asyncio.gather(*(_pack(building, name) for name in make.layers))
    (building / "certificates.crt").unlink()
    facts = dict(zip(make.layers, packed, strict=True))
    write_json(building / _FACTS, {"version": _version(certificates), "layers": facts})
    shutil.rmtree(place, ignore_errors=True)
    building.rename(place)


async def _pack(building: Path, name: str) -> dict[str, str | int]:
    archive, packed = building / f"{name}.tar", building / f"{name}.tar.gz"
    uncompressed, _ = await asyncio.gather(_digest(archive), _compress(archive, packed))
    archive.unlink()
    return {"digest": await _digest(packed), "size": packed.stat().st_size, "uncompressed": uncompressed}


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
