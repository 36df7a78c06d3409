"""Tables of what may be written in headers and section lines."""

from __future__ import annotations

from cowshed_lessons.recipe_faults import SPELT_KEYS

KEYS_OF_AGENT: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("docker-archive", "docker-daemon", "oci", "oci-archive"), ("from",)),
    "docker": ("from", "registry", "namespace"),
    "library": ("from", "library", "fingerprints"),
    **dict.fromkeys(("oras", "shub", "localimage"), ("from", "fingerprints")),
    "scratch": (),
    "busybox": ("mirrorurl",),
    "debootstrap": ("mirrorurl", "osversion", "include"),
    "yum": ("mirrorurl", "osversion", "updateurl", "include", "setopt"),
    "dnf": ("mirrorurl", "osversion", "updateurl", "include", "setopt"),
    "zypper": (
        *("mirrorurl", "osversion", "include", "updateurl", "product", "user", "regcode"),
        *("productpgp", "registerurl", "modules", "otherurl0"),
    ),
    "arch": ("include", "confurl"),
    **dict.fromkeys(("buildkit", "dockerfile"), ("from", "target", "frontend", "filename", "buildargs")),
}
REQUIRED = {"debootstrap": 2, "yum": 1, "dnf": 1, "busybox": 1, "arch": 0, "zypper": 0, "scratch": 0}
SPELT = {
    **SPELT_KEYS,
    "product": "Product",
    "user": "User",
    "regcode": "Regcode",
    "productpgp": "ProductPGP",
    "registerurl": "RegisterURL",
    "modules": "Modules",
    "otherurl0": "OtherURL0",
    "confurl": "ConfURL",
    "setopt": "SetOpt",
    "target": "Target",
    "frontend": "Frontend",
    "filename": "Filename",
    "buildargs": "BuildArgs",
}
VALUES: dict[str, tuple[str, ...]] = {
    "stage": ("build", "final"),
    "library": ("https://",),
    "registry": ("ghcr.io", "quay.io"),
    "setopt": ("install_weak_deps=False",),
}
BASES = ("ubuntu:24.04", "ubuntu:22.04", "debian:12", "almalinux:9", "rockylinux:9", "alpine:3.20", "python:3.12-slim")
RELEASES = {
    "debootstrap": ("bookworm", "trixie", "noble", "jammy"),
    "yum": ("9", "8"),
    "dnf": ("9", "8"),
    "zypper": ("15.6",),
}
MIRRORS = {
    "debootstrap": ("http://deb.debian.org/debian", "http://archive.ubuntu.com/ubuntu"),
    "zypper": ("http://download.opensuse.org/distribution/leap/%{OSVERSION}/repo/oss",),
}
# The order in which a recipe is mostly written, and what a new section begins with.
SKELETONS = {
    "arguments": "NAME=value",
    "files": "",
    "post": "",
    "environment": "export ",
    "runscript": 'exec "$@"',
    "test": "set -e",
    "labels": "Author ",
    "help": "",
    "startscript": "exec ",
    "setup": "",
    "pre": "",
}
APP_SKELETONS = {
    "apprun": 'exec "$@"',
    "appinstall": "",
    "appenv": "export ",
    "apptest": "set -e",
    "apphelp": "",
    "applabels": "Version ",
    "appfiles": "",
    "appstart": "exec ",
}
