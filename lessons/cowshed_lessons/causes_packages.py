"""Causes of failed builds that lie with packages: those of the system, of Python, of R."""

from __future__ import annotations

from .failure_causes import Cause, pattern

_LISTS_FETCHED = pattern(r"^(Get|Hit|Ign):\d+ |^\+ .*\b(apt-get|apt|aptitude)\b.* update\b|^Fetched [\d.,]+ [kM]?B")

PACKAGES: tuple[Cause, ...] = (
    Cause(
        "prompt-unanswered",
        "apt asked and nobody answered",
        "apt wanted to know whether to go on. A build has no keyboard, so it took silence for no and stopped.",
        "Give the answer in advance: `apt-get install -y …`.",
        "recipe",
        pattern(r"Do you want to continue\? \[[Yy]/[Nn](/\?)?\]( n \(stdin unavailable\))?\s*Abort"),
    ),
    Cause(
        "apt-source",
        "A package source cannot be used",
        "apt asked a source that is not there, or not for this release: it has no Release file.",
        "Compare the address and the release's name in the source with what that server offers.",
        "recipe",
        pattern(r"does not have a Release file|Release file for \S+ is expired"),
    ),
    Cause(
        "apt-signature",
        "A package source is not signed by anybody known",
        "apt fetched the source's list and has no key to check it with.",
        "Fetch the source's key first, as its makers describe, and name it with `signed-by=`.",
        "recipe",
        pattern(r"^E: The repository .* is not signed|NO_PUBKEY"),
    ),
    Cause(
        "apt-conflict",
        "Packages that do not go together",
        "A package asks for another one, or for a version, that cannot be had here.",
        "Read the lines above `E:`: they name both. Mostly a package of another release was asked for.",
        "recipe",
        pattern(r"^The following packages have unmet dependencies|you have held broken packages"),
    ),
    Cause(
        "package-lists-missing",
        "apt has no package lists",
        "apt looked for `{what}` in its lists, but a fresh base image comes without any.",
        "Fetch them first: `apt-get update` above the install.",
        "recipe",
        pattern(r"^E: (Unable to locate package|Package ')(?P<what>[^'\r\n]+)|has no installation candidate"),
        unless=_LISTS_FETCHED,
    ),
    Cause(
        "package-not-found",
        "There is no such package",
        "apt has its lists, and `{what}` is not in them.",
        "Look at the spelling. Some packages have another name in another release.",
        "recipe",
        pattern(
            r"^E: (Unable to locate package |Couldn't find any package by (glob|regex) ')(?P<what>[^'\r\n]+)|"
            r"^E: (Version|Release) '(?P<version>[^'\r\n]+)' for|has no installation candidate"
        ),
    ),
    Cause(
        "pip-outside",
        "This Python is looked after by the system",
        "The base's own Python lets pip install nothing, so that the two do not get in each other's way.",
        "Make a virtual environment (`python3 -m venv /opt/moo`, then its `pip`), or say "
        "`--break-system-packages`, which does no harm in an image.",
        "recipe",
        pattern(r"externally-managed-environment"),
    ),
    Cause(
        "pip-conflict",
        "Python packages that do not go together",
        "pip found no versions that suit everything that was asked for.",
        "Above, pip names who wants what. Loosen one of the versions.",
        "recipe",
        pattern(r"ResolutionImpossible|conflicting dependencies"),
    ),
    Cause(
        "pip-not-found",
        "pip finds no such package",
        "For `{what}` there is nothing on the index, or nothing for this version of Python.",
        "Look at the spelling and the version. Older versions of large packages want an older Python: compare "
        "with the base's.",
        "recipe",
        pattern(r"^ERROR: No matching distribution found for (?P<what>[^\r\n]+)"),
    ),
    Cause(
        "conda-not-found",
        "conda finds no such package",
        "What was asked for is in none of the channels, or does not go together.",
        "Look at the spelling, and name the channel that has it, such as `-c conda-forge`.",
        "recipe",
        pattern(r"PackagesNotFoundError|ResolvePackageNotFound|UnsatisfiableError|LibMambaUnsatisfiableError"),
        recorded=False,
        source="conda's and mamba's exception names",
    ),
    Cause(
        "apk-not-found",
        "apk finds no such package",
        "`{what}` is not in the repositories that this image knows.",
        "Look at the spelling. Some packages lie in another repository, which must be added and named.",
        "recipe",
        pattern(r"^ERROR: unable to select packages:\s+(?P<what>\S+)"),
        recorded=False,
        source="apk-tools' messages",
    ),
    Cause(
        "r-package",
        "An R package was not installed",
        "R says that `{what}` is not available, or could not be built.",
        "Look at the spelling and the capital letters; above, R says what the package needs from the system.",
        "recipe",
        pattern(
            r"package [‘'](?P<what>[\w.]+)[’'] is not available|"
            r"there is no package called [‘'](?P<missing>[\w.]+)[’']|"
            r"installation of package [‘'](?P<failed>[\w.]+)[’'] had non-zero exit status"
        ),
        recorded=False,
        source="R's own messages, utils and base",
    ),
    Cause(
        "python-module",
        "A Python module is not there",
        "Something in `%post` or `%test` imports `{what}`, which is not installed.",
        "Install it above, and for the same Python.",
        "recipe",
        pattern(r"^ModuleNotFoundError: No module named '(?P<what>[^']+)'"),
    ),
)
"""What package managers object to."""
