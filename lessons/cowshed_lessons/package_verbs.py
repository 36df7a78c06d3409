"""What the package managers call what they do, and which of their options take the next word."""

from __future__ import annotations

SYSTEM_MANAGERS = frozenset(("dnf", "yum", "microdnf", "zypper", "apk", "pacman"))
APT_VERBS = {
    "install": "install",
    "reinstall": "install",
    "satisfy": "install",
    "update": "update",
    "upgrade": "upgrade",
    "full-upgrade": "upgrade",
    "dist-upgrade": "upgrade",
    "safe-upgrade": "upgrade",
    "build-dep": "build-dep",
    "remove": "remove",
    "purge": "remove",
    "autoremove": "remove",
    "autopurge": "remove",
    "clean": "clean",
    "autoclean": "clean",
    "distclean": "distclean",
}
OTHER_VERBS: dict[str, dict[str, str]] = {
    "apk": {"add": "install", "del": "remove", "update": "update", "upgrade": "upgrade"},
    "pacman": {
        **dict.fromkeys(("-S", "-Sy", "-Syu", "-Syyu", "-Su", "--sync"), "install"),
        **dict.fromkeys(("-R", "-Rs", "-Rns", "--remove"), "remove"),
    },
    "zypper": {**APT_VERBS, "in": "install", "rm": "remove", "ref": "update", "refresh": "update"},
    "npm": {"install": "install", "i": "install", "add": "install", "uninstall": "remove"},
    "gem": {"install": "install", "i": "install", "uninstall": "remove"},
    "uv": {"install": "install", "add": "install", "uninstall": "remove", "remove": "remove"},
}
DNF_VERBS = {**APT_VERBS, "in": "install", "localinstall": "install", "makecache": "update", "erase": "remove"}
PIP_VERBS = {"install": "install", "create": "install", "update": "upgrade", "remove": "remove", "uninstall": "remove"}
OTHER_VALUED = {
    "apk": frozenset(
        ("-X", "--repository", "-t", "--virtual", "-p", "--root", "--arch", "--keys-dir", "--repositories-file",
         "--cache-dir", "--cache-max-age", "--timeout", "--wait", "--progress-fd")
    ),
    **dict.fromkeys(("dnf", "yum", "microdnf"), frozenset(
        ("-c", "--config", "--repo", "--repoid", "--enablerepo", "--disablerepo", "-x", "--exclude", "--releasever",
         "--installroot", "--setopt", "--forcearch", "-d", "-e", "--enable-repo", "--disable-repo")
    )),
    **dict.fromkeys(("conda", "mamba", "micromamba"), frozenset(("-n", "--name", "-p", "--prefix", "-c", "--channel"))),
    "gem": frozenset(("-v", "--version", "-i", "--install-dir", "-n", "--bindir", "-s", "--source")),
}  # fmt: skip
"""Options of other managers whose value is the next word, so that it is neither a verb nor a package."""
IDLE = {
    "apk": frozenset(("-s", "--simulate")),
    **dict.fromkeys(("dnf", "yum", "microdnf"), frozenset(("--downloadonly", "--assumeno"))),
    "pacman": frozenset(("-p", "--print", "-w", "--downloadonly")),
    "gem": frozenset(("--explain",)),
}
