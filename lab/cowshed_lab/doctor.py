"""Examines a target: is Apptainer there, can it build, does it find images and space. One round trip a target."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from cowshed_lab.target import Target, TargetError
from cowshed_lab.targets import TargetDirectory, TargetEntry

LITTLE_SPACE = 5_000_000_000
"""Bytes below which a build of an ordinary size may fail."""

MAPPED_IDS = 65536
"""User IDs that Apptainer wants in /etc/subuid for a build with mapped IDs (Apptainer admin guide, "Fakeroot")."""

_SCRIPT = r"""
say() { printf '%s=%s\n' "$1" "$2"; }
user=$(id -un 2>/dev/null)
say system "$(uname -sr) $(uname -m)"
say user "$user $(id -u)"
if command -v apptainer >/dev/null 2>&1; then
    say apptainer_path "$(command -v apptainer)"
    say apptainer "$(apptainer --version 2>&1 | head -n 1)"
fi
number=$(id -u)
say subuid "$(awk -F: -v u="$user" -v n="$number" '
    ($1 == u || $1 == n) && $3 > most { most = $3 } END { print most }' /etc/subuid 2>/dev/null)"
say newuidmap "$(command -v newuidmap 2>/dev/null)"
unshare --user --map-root-user true >/dev/null 2>&1 && say namespace yes || say namespace no
say fakeroot "$(command -v fakeroot 2>/dev/null)"
say fuse no
[ -e /dev/fuse ] && say fuse refused
[ -r /dev/fuse ] && [ -w /dev/fuse ] && say fuse yes
tmp=${APPTAINER_TMPDIR:-${TMPDIR:-/tmp}}
cache=${APPTAINER_CACHEDIR:-$HOME/.apptainer/cache}
say tmp "$tmp"
say tmp_free "$(df -Pk "$tmp" 2>/dev/null | awk 'NR == 2 { print $4 }')"
say cache "$cache"
place=$cache; while [ ! -e "$place" ] && [ "$place" != / ]; do place=$(dirname "$place"); done
say cache_free "$(df -Pk "$place" 2>/dev/null | awk 'NR == 2 { print $4 }')"
[ -w "$place" ] && say cache_writable yes || say cache_writable no
say mirror "$(cat /etc/containers/registries.conf /etc/containers/registries.conf.d/*.conf 2>/dev/null | awk '
    /^\[\[registry\]\]/ { hub = 0; mirror = 0 } /^\[\[registry\.mirror\]\]/ { mirror = 1 }
    /^ *(location|prefix) *= *"docker\.io/ && !mirror { hub = 1 }
    /^ *location/ && mirror && hub { gsub(/.*= *"|".*/, ""); print; exit }')"
grep -qs 'stand-ins' /etc/containers/registries.conf && say stand_ins yes
if command -v curl >/dev/null 2>&1; then
    say hub "$(curl -s -m 6 -o /dev/null -w '%{http_code}' https://registry-1.docker.io/v2/ 2>/dev/null)"
elif command -v wget >/dev/null 2>&1; then
    say hub 000
    wget -q -T 6 -t 1 -S -O /dev/null https://registry-1.docker.io/v2/ 2>&1 | grep -q 'HTTP/' && say hub 401
fi
if command -v sinfo >/dev/null 2>&1; then
    say slurm "$(sinfo --version 2>/dev/null)"
    say partitions "$(sinfo -h -o '%P' 2>/dev/null | tr '\n' ' ')"
fi
exit 0
"""
"""Asks everything at once. It is a constant: no data of anybody's goes into it."""


class State(StrEnum):
    """How a thing is: fine, fine but worth knowing, or in the way of building."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Symptom:
    """One thing that was examined: what was found and, where something is in the way, what to do."""

    probe: str
    state: State
    message: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found on one target."""

    target: TargetEntry
    symptoms: tuple[Symptom, ...]

    @property
    def usable(self) -> bool:
        """True where nothing stands in the way of a build."""
        return not any(symptom.state is State.PROBLEM for symptom in self.symptoms)

    def as_json(self) -> dict[str, Any]:
        """The examination as `cowshed doctor --json` prints it."""
        return {
            **asdict(self.target),
            "usable": self.usable,
            "findings": [{**asdict(symptom), "state": str(symptom.state)} for symptom in self.symptoms],
        }


async def examine(directory: TargetDirectory, name: str) -> Examination:
    """Open a target, examine it and close it again.

    Raises:
        TargetError: there is no such target. One that cannot be reached is a symptom, not an exception.
    """
    entry = directory.entry(name)
    try:
        target = await directory.open(name)
    except TargetError as error:
        return Examination(entry, (Symptom("connection", State.PROBLEM, str(error)),))
    try:
        return Examination(entry, tuple(await symptoms(target)))
    except TargetError as error:
        return Examination(entry, (Symptom("connection", State.PROBLEM, str(error)),))
    finally:
        await target.close()


async def symptoms(target: Target) -> list[Symptom]:
    """Examine an open target. Raises TargetError where the connection fails."""
    outcome = await target.run(["sh", "-s"], stdin=_SCRIPT.encode())
    return judge(read_answers(outcome.output.decode(errors="replace")))


def read_answers(output: str) -> dict[str, str]:
    """Return the probes' answers by name; lines that a start-up file printed are passed over."""
    return {match[1]: match[2].strip() for match in re.finditer(r"^([a-z_]+)=(.*)$", output, re.MULTILINE)}


def judge(answers: dict[str, str]) -> list[Symptom]:
    """Say in sentences what the answers mean for somebody who wants to build."""
    found = [_apptainer(answers), _build_mode(answers), _fuse(answers), *_space(answers), _images(answers)]
    if slurm := answers.get("slurm"):
        partitions = ", ".join(answers.get("partitions", "").split()) or "none that you may use"
        found.append(Symptom("slurm", State.OK, f"Slurm is here ({slurm}); partitions: {partitions}."))
    else:
        found.append(Symptom("slurm", State.NOTE, "Slurm is not here; builds and runs start directly."))
    return found


def _apptainer(answers: dict[str, str]) -> Symptom:
    if not answers.get("apptainer"):
        return Symptom(
            "apptainer",
            State.PROBLEM,
            "apptainer is not on the PATH.",
            "Install Apptainer, or load its module on a cluster; the practice cluster brings its own.",
        )
    version, path = answers["apptainer"].removeprefix("apptainer version "), answers.get("apptainer_path", "")
    return Symptom("apptainer", State.OK, f"Apptainer {version} ({path}).")


def _build_mode(answers: dict[str, str]) -> Symptom:
    """Say how Apptainer will build for this user (admin guide, "User Namespaces & Fakeroot")."""
    if answers.get("user", "").endswith(" 0"):
        return Symptom("build mode", State.OK, "You are root: builds run as root.")
    ids = int(answers["subuid"]) if answers.get("subuid", "").isdigit() else 0
    if ids >= MAPPED_IDS and answers.get("newuidmap") and answers.get("namespace") == "yes":
        return Symptom("build mode", State.OK, f"Builds run with mapped user IDs ({ids} in /etc/subuid).")
    if answers.get("namespace") == "yes":
        with_fakeroot = "with" if answers.get("fakeroot") else "without"
        return Symptom(
            "build mode",
            State.NOTE,
            f"Builds run in a root-mapped namespace, {with_fakeroot} the fakeroot command: "
            "you have no range of user IDs.",
            "Most recipes work. Where one fails for want of owners or groups, ask for a range in /etc/subuid.",
        )
    return Symptom(
        "build mode",
        State.PROBLEM,
        "You cannot build here: user namespaces are refused.",
        "Ask the administrators for user namespaces or a range in /etc/subuid, or build elsewhere and copy the image.",
    )


def _fuse(answers: dict[str, str]) -> Symptom:
    state = answers.get("fuse")
    if state == "yes":
        return Symptom("fuse", State.OK, "/dev/fuse may be used: images are mounted, not unpacked.")
    what = "is there, but you may not use it" if state == "refused" else "is missing"
    return Symptom(
        "fuse",
        State.NOTE,
        f"/dev/fuse {what}: running an image may fail or unpack it first.",
        "Ask the administrators to open /dev/fuse for users.",
    )


def _space(answers: dict[str, str]) -> list[Symptom]:
    found = []
    for probe, folder, what in (
        ("temporary space", "tmp", "APPTAINER_TMPDIR"),
        ("cache", "cache", "APPTAINER_CACHEDIR"),
    ):
        free = int(answers[f"{folder}_free"]) * 1024 if answers.get(f"{folder}_free", "").isdigit() else None
        path = answers.get(folder, "")
        if folder == "cache" and answers.get("cache_writable") == "no":
            message, little = f"The cache folder {path} cannot be written.", True
        elif free is None:
            found.append(Symptom(probe, State.NOTE, f"How much is free in {path} could not be told."))
            continue
        else:
            message, little = f"{free / 1e9:.1f} GB free in {path}.", free < LITTLE_SPACE
        state = State.NOTE if little else State.OK
        advice = f"Set {what} to a folder with more room before a large build." if little else ""
        found.append(Symptom(probe, state, message, advice))
    return found


def _images(answers: dict[str, str]) -> Symptom:
    if answers.get("stand_ins"):
        return Symptom(
            "base images",
            State.NOTE,
            "Docker Hub is out of reach: stand-ins made of Debian packages answer for its base images.",
            "They behave like the real ones in the lessons. Start the practice cluster again once the network is back.",
        )
    if mirror := answers.get("mirror"):
        return Symptom("base images", State.OK, f"Docker Hub is answered by the mirror {mirror}.")
    code = answers.get("hub")
    if code is None:
        return Symptom("base images", State.NOTE, "Whether Docker Hub answers could not be tried: no curl, no wget.")
    if code in {"200", "401"}:
        return Symptom("base images", State.OK, "Docker Hub answers.")
    return Symptom(
        "base images",
        State.PROBLEM,
        "Docker Hub does not answer from here.",
        "Check the network and the proxy settings (https_proxy), or use a mirror that your centre offers.",
    )
