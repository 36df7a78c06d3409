"""Probe: can a practice cluster run on this computer, and how."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from cowshed_lab.practice import namespace
from cowshed_lab.practice.namespace import ID_COUNT, Mode, NamespaceError, subordinate_range

# Program, Debian's and Ubuntu's package.
_PROGRAMS = {
    "mmdebstrap": "mmdebstrap",
    "unshare": "util-linux",
    "setpriv": "util-linux",
    "pivot_root": "util-linux-extra",  # where it is missing; Debian 13 and older have it in util-linux, always there
    "mount": "mount",
    "gzip": "gzip",
    "sha256sum": "coreutils",
}
# What the boot script does: a private mount, a /proc for the new process IDs, another root folder.
_ATTEMPT = "mount -t proc proc /proc && mount -t tmpfs practice /mnt && cd /mnt && mkdir old && pivot_root . old"
_ROOTLESS_PROGRAMS = {"newuidmap": "uidmap", "newgidmap": "uidmap"}
_ARCHIVE_KEY = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_APPARMOR_SWITCH = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")


@dataclass(frozen=True, slots=True)
class Probe:
    """What was found out.

    Attributes:
        mode: How the cluster can run here.
        sentences: For a person: what is missing, what it means, what to do. Empty where nothing is.
        packages: Debian packages to install, empty where none is missing.
    """

    mode: Mode
    sentences: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()

    def text(self) -> str:
        """Return all sentences."""
        return " ".join(self.sentences)


def find_program(name: str) -> str | None:
    """Return a program's path, looked for where the cluster's start looks for it."""
    return shutil.which(name, path=namespace.SYSTEM_FOLDERS)


def missing_packages(*, root: bool) -> tuple[str, ...]:
    """Return the Debian packages that are missing for a cluster with or without root."""
    programs = _PROGRAMS if root else _PROGRAMS | _ROOTLESS_PROGRAMS
    packages = {package for program, package in programs.items() if find_program(program) is None}
    if not _ARCHIVE_KEY.exists():
        packages.add("debian-archive-keyring")
    return tuple(sorted(packages))


def _unavailable(*sentences: str, packages: tuple[str, ...] = ()) -> Probe:
    return Probe(Mode.UNAVAILABLE, sentences, packages)


def _look(user_id: int, user: str) -> Probe | None:
    """Look at what can be seen without trying. None: nothing stands against it."""
    root = user_id == 0
    if packages := missing_packages(root=root):
        command = f"apt install {' '.join(packages)}"
        return _unavailable(
            f"Programs that the practice cluster is made with are missing: {', '.join(packages)}.",
            f"Install them with: {command if root else 'sudo ' + command}",
            packages=packages,
        )
    if root:
        return None
    for file in ("/etc/subuid", "/etc/subgid"):
        if subordinate_range(Path(file), user, user_id) is None:
            return _unavailable(
                f"{file} gives you ({user}) no range of {ID_COUNT} IDs, so the practice cluster cannot have users "
                "of its own.",
                f"Ask the administrator for: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "
                f"{user} (another range where that one is taken), or start Cowshed as root.",
            )
    return None


async def probe_async() -> Probe:
    """Find out how a practice cluster can run here, by trying the namespaces that it needs."""
    if sys.platform != "linux":
        return _unavailable(
            "The practice cluster needs Linux, because Apptainer does.",
            "Connect to a cluster or to a Linux computer over SSH instead.",
        )
    user_id = os.getuid()
    try:
        user = pwd.getpwuid(user_id).pw_name
    except KeyError:
        user = str(user_id)
    if (hindrance := _look(user_id, user)) is not None:
        return hindrance
    mode = Mode.ROOT if user_id == 0 else Mode.USER_NAMESPACE
    try:
        await namespace.run(mode, ["sh", "-c", _ATTEMPT])
    except NamespaceError as error:
        if mode is Mode.ROOT:
            return _unavailable(
                f"This computer does not let root make namespaces ({error}), as is usual in a container or a chroot.",
                "Run Cowshed outside of it, or start the container with --privileged; make a chroot's folder a mount "
                "point first (mount --bind DIR DIR).",
            )
        return _unavailable(*_user_namespace_advice(str(error)))
    return Probe(mode)


def _user_namespace_advice(error: str) -> tuple[str, ...]:
    sentences = [f"This computer does not let you make a user namespace ({error})."]
    try:
        restricted = _APPARMOR_SWITCH.read_text(encoding="ascii").strip() == "1"
    except OSError:
        restricted = False
    if restricted:
        sentences.append(
            "Ubuntu restricts them since 23.10. The administrator can allow them until the next start with: "
            "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"
        )
    sentences.append("Or start Cowshed as root, or connect to a cluster over SSH.")
    return tuple(sentences)


def probe() -> Probe:
    """Find out how a practice cluster can run here. Not to be called from a running event loop."""
    return asyncio.run(probe_async())
