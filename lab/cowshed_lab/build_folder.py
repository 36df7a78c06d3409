"""The temporary folder that each build has to itself, so that nothing of a build outlives it.

Apptainer cleans up after builds that succeed or fail, not after cancelled ones: `build-temp-*` and `bundle-temp-*` stay
in `APPTAINER_TMPDIR`, gigabytes at times (seen with Apptainer 1.4.5). So every build gets a folder of its own below the
one that Apptainer would have taken, and all of that is removed after the end. Where the connection is lost or Cowshed
is killed, the next build on that computer does it.
"""

from __future__ import annotations

import logging
import re
import secrets
from dataclasses import dataclass
from pathlib import PurePosixPath

from cowshed_lab.target import Target, TargetError

logger = logging.getLogger(__name__)

VARIABLE = "APPTAINER_TMPDIR"

START = f'mkdir -m 700 -- "${VARIABLE}" || {VARIABLE}=${{{VARIABLE}%/*}}; exec "$@"'
"""Makes the folder from within the build's own process: whoever sees the folder sees the process too."""

_REMOVE = r"""
# Processes that were started with the folder in their environment, or have something in it mounted: Apptainer gives
# what runs inside an image a new environment.
users_of() {
    {
        grep -lsF -- "APPTAINER_TMPDIR=$1" /proc/[0-9]*/environ
        grep -lsF -- "/${1##*/}/" /proc/[0-9]*/mountinfo
    } | cut -d/ -f3 | sort -u
}

# "0 1000 1 1 100000 65536" of /etc/subuid or /etc/subgid.
map_of() {
    awk -F: -v user="$(id -un)" -v own="$(id -u)" -v zero="$2" '
        BEGIN { printf "0 %s 1", zero; next_free = 1 }
        $1 == user || $1 == own { printf " %s %s %s", next_free, $2, $3; next_free += $3 }' "$1"
}

# Files of users that %post made belong to the person's range of user IDs: only root of that range may remove them.
# By newuidmap and not by unshare's --map-auto, which older systems lack (util-linux 2.38).
remove_as_root() {
    unshare --user sh -c '
        tries=0
        until [ "$(id -u)" = 0 ]; do
            tries=$((tries + 1)); [ "$tries" -lt 100 ] || exit 1
            sleep 0.05
        done
        exec rm -rf --one-file-system -- "$1"' sh "$1" &
    inside=$! tries=0
    while [ "$(readlink "/proc/$inside/ns/user")" = "$(readlink /proc/self/ns/user)" ]; do
        tries=$((tries + 1)); [ "$tries" -lt 100 ] || break
        sleep 0.05
    done
    newgidmap "$inside" $(map_of /etc/subgid "$(id -g)") && newuidmap "$inside" $(map_of /etc/subuid "$(id -u)")
    wait "$inside"
}

remove() {
    [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] || return 0
    rm -rf --one-file-system -- "$1" 2>/dev/null && return
    chmod -R u+rwX -- "$1" 2>/dev/null
    rm -rf --one-file-system -- "$1" 2>/dev/null && return
    remove_as_root "$1" >/dev/null 2>&1
    [ ! -e "$1" ]
}
"""

_PREPARE = (
    _REMOVE
    + r"""
shown='exec sh -c '\''printf "\ncowshed-tmp=%s\n" "${APPTAINER_TMPDIR:-${SINGULARITY_TMPDIR:-${TMPDIR:-/tmp}}}"'\'
place=$(printf '%s\n' "$shown" | timeout 20 "${SHELL:-/bin/sh}" -l 2>/dev/null |
    sed -n 's/^cowshed-tmp=//p' | tail -n 1)
place=${place:-${APPTAINER_TMPDIR:-${SINGULARITY_TMPDIR:-${TMPDIR:-/tmp}}}}
name=cowshed-build-$(uname -n | tr -cd 'A-Za-z0-9.-')-
for left in "$place/$name"????????????; do
    [ -d "$left" ] && [ -z "$(users_of "$left")" ] && remove "$left"
done
[ -d "$place" ] && [ -w "$place" ] && printf 'cowshed-own=%s\n' "$name"
printf 'cowshed-tmp=%s\n' "$place"
"""
)

_FINISH = (
    _REMOVE
    + r"""
tries=0
while users=$(users_of "$1"); [ -n "$users" ] && [ "$tries" -lt 50 ]; do
    kill -KILL $users 2>/dev/null
    tries=$((tries + 1))
    sleep 0.1
done
remove "$1"
"""
)


@dataclass(frozen=True, slots=True)
class BuildFolder:
    """The temporary folder of one build. It is made by `command`, not before."""

    target: Target
    path: PurePosixPath

    def command(self, command: tuple[str, ...]) -> tuple[str, ...]:
        """Return the command that makes the folder and becomes `command`."""
        return ("sh", "-c", START, "sh", *command)

    @property
    def environment(self) -> dict[str, str]:
        """What `command` needs in its environment."""
        return {VARIABLE: str(self.path)}

    async def remove(self) -> None:
        """End what is left of the build and remove the folder. Where that fails, the next build tries again."""
        try:
            outcome = await self.target.run(["sh", "-c", _FINISH, "sh", str(self.path)])
        except TargetError as error:
            logger.info("a build's temporary folder is left on target %s: %s", self.target.name, error)
            return
        if outcome.exit_status != 0:
            logger.warning("a build's temporary folder on target %s cannot be removed", self.target.name)


async def choose_build_folder(target: Target) -> BuildFolder | None:
    """Choose the folder of the next build, and remove those that ended builds have left on that computer.

    It is below the folder that Apptainer would take in the person's login environment: `APPTAINER_TMPDIR`, else
    `TMPDIR`, else `/tmp`. None where that cannot be written: Apptainer says so itself.

    Raises:
        TargetError: the connection failed.
    """
    outcome = await target.run(["sh", "-c", _PREPARE])
    answers = dict(
        re.findall(r"^cowshed-(own|tmp)=(.+)$", outcome.output.decode(errors="surrogateescape"), re.MULTILINE)
    )
    if "own" not in answers or "tmp" not in answers:
        return None
    return BuildFolder(target, PurePosixPath(answers["tmp"]) / f"{answers['own']}{secrets.token_hex(6)}")
