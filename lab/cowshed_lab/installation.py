"""Where Cowshed's own files lie: inside an installed package, or in a checkout beside it."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parents[1]


def resource_folder(name: str) -> Path:
    """Return the folder `resources/<name>` as it was installed, or that of the checkout.

    Raises:
        FileNotFoundError: neither is there; the installation is incomplete.
    """
    for folder in (PACKAGE / "resources" / name, CHECKOUT / "resources" / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"Cowshed's folder resources/{name} is missing. Install Cowshed again.")


def version() -> str:
    """Return Cowshed's version, "unknown" where it runs from files that were never installed."""
    try:
        return metadata.version("cowshed")
    except metadata.PackageNotFoundError:
        return "unknown"
