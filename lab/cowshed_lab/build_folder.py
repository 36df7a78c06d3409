"""The temporary folder that each build has to itself, so that nothing of a build outlives it.

Apptainer cleans up after builds that succeed or fail, not after cancelled ones: `build-temp-*` and `bundle-temp-*` stay
in `APPTAINER_TMPDIR`, gigabytes at times (seen with Apptainer 1.4.5). So every build gets a folder of its own below the
one that Apptainer would have taken, and all of that is removed after the end. Where the connection is lost or Cowshed
is killed, the next build on that computer does it.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from dataclasses import dataclass
from pathlib import PurePosixPath

from cowshed_lab.target import Target, TargetError

logger = logging.getLogger(__name__)

VARIABLE = "APPTAINER_TMPDIR"

MARK = ".cowshed-build"
"""A file in each folder that says whose it is. A folder without it is none of ours and never removed."""

LIMIT = 30.0
"""Seconds that choosing may take (the login shell has 20 of them), and removing what ended builds left, each."""

_PLACE = r"""
# This computer, since it was switched on, and the process numbers in use here (a container has its own).
place_of() {
    printf '%s %s %s\n' "$(uname -n)" "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)" \
        "$(readlink /proc/self/ns/pid 2>/dev/null)"
}

# When a process began: tells it from a later one with its number.
begin_of() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
"""

START = (
    _PLACE
    + f"""
if mkdir -m 700 -- "${VARIABLE}"; then
    printf 'owner %s\\nprocess %s %s\\nplace %s\\n' "$(id -u)" "$$" "$(begin_of "$$")" "$(place_of)" \\
        >"${VARIABLE}/{MARK}"
else
    {VARIABLE}=${{{VARIABLE}%/*}}
fi
exec "$@"
"""
)
"""Makes the folder from within the build's own process: whoever sees the folder sees the process too."""

_REMOVE = (
    _PLACE
    + r"""
said() { sed -n "s/^$2 //p" "$1/.cowshed-build" 2>/dev/null; }

is_ours() {
    [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] || return 1
    [ -f "$1/.cowshed-build" ] && [ ! -L "$1/.cowshed-build" ] && [ "$(said "$1" owner)" = "$(id -u)" ]
}

# The mark goes last: where removing is interrupted, the next build goes on with it.
removal='(cd -- "$1" && find . -xdev -depth -mindepth 1 ! -path ./.cowshed-build -delete) &&
    rm -rf --one-file-system -- "$1"'

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
        eval "$2"' sh "$1" "$removal" &
    inside=$! tries=0
    while [ "$(readlink "/proc/$inside/ns/user")" = "$(readlink /proc/self/ns/user)" ]; do
        tries=$((tries + 1)); [ "$tries" -lt 100 ] || break
        sleep 0.05
    done
    newgidmap "$inside" $(map_of /etc/subgid "$(id -g)") && newuidmap "$inside" $(map_of /etc/subuid "$(id -u)")
    wait "$inside"
}

remove() {
    (eval "$removal") 2>/dev/null && return
    chmod -R u+rwX -- "$1" 2>/dev/null
    (eval "$removal") 2>/dev/null && return
    remove_as_root "$1" >/dev/null 2>&1
    [ ! -e "$1" ]
}
"""
)

_CHOOSE = (
    _PLACE
    + r"""
# The answer goes through a file: what a start-up file runs in the background would hold a pipe open.
answer=$(mktemp "${TMPDIR:-/tmp}/cowshed-XXXXXXXXXX" 2>/dev/null || mktemp /tmp/cowshed-XXXXXXXXXX) || answer=/dev/null
shell=
trap '[ "$answer" = /dev/null ] || rm -f -- "$answer"' EXIT
trap '[ -z "$shell" ] || kill "$shell" 2>/dev/null; exit 1' HUP INT TERM
shown='exec sh -c '\''printf "\ncowshed-tmp=%s\n" "${APPTAINER_TMPDIR:-${SINGULARITY_TMPDIR:-${TMPDIR:-/tmp}}}"'\'
printf '%s\n' "$shown" | timeout -k 2 20 "${SHELL:-/bin/sh}" -l >"$answer" 2>/dev/null &
shell=$!
wait "$shell"
shell=
place=$(sed -n 's/^cowshed-tmp=//p' "$answer" | tail -n 1)
place=${place:-${APPTAINER_TMPDIR:-${SINGULARITY_TMPDIR:-${TMPDIR:-/tmp}}}}
[ -d "$place" ] && [ -w "$place" ] &&
    printf 'cowshed-own=cowshed-build-%s-\n' "$(place_of | cksum | cut -d' ' -f1)"
printf 'cowshed-tmp=%s\n' "$place"
"""
)

_DIGITS = "[0123456789abcdef]" * 12

_SWEEP = (
    _REMOVE
    + f"""
here=$(place_of)
for left in "$1"/cowshed-build-*-{_DIGITS}; do
"""
    + r"""
    is_ours "$left" || continue
    if [ "$(said "$left" place)" = "$here" ]; then
        process=$(said "$left" process)
        begun=${process#* } process=${process%% *}
        # The environment of a setuid Apptainer cannot be read; its number and its beginning can.
        [ -n "$begun" ] && [ "$(begin_of "$process")" = "$begun" ] && continue
    elif [ -n "$(find "$left" -maxdepth 1 -mmin -1440 2>/dev/null)" ]; then
        continue # nobody here can see whether it runs there
    fi
    [ -z "$(users_of "$left")" ] && remove "$left"
done
"""
)

_FINISH = (
    _REMOVE
    + r"""
if ! is_ours "$1"; then
    [ ! -d "$1" ] || [ ! -O "$1" ] || rmdir -- "$1" 2>/dev/null # ended before it was marked
    exit 0
fi
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
    `TMPDIR`, else `/tmp`. None where that cannot be written, as Apptainer says itself, or where no answer came in time.
    Folders that were begun elsewhere (another computer, container or boot) are removed after a day without a change.

    Raises:
        TargetError: the connection failed.
    """
    try:
        async with asyncio.timeout(LIMIT):
            outcome = await target.run(["sh", "-c", _CHOOSE])
    except TimeoutError:
        logger.warning("target %s does not say where builds keep their temporary files", target.name)
        return None
    answers = dict(
        re.findall(r"^cowshed-(own|tmp)=(.+)$", outcome.output.decode(errors="surrogateescape"), re.MULTILINE)
    )
    if "own" not in answers or "tmp" not in answers:
        return None
    try:
        async with asyncio.timeout(LIMIT):
            await target.run(["sh", "-c", _SWEEP, "sh", answers["tmp"]])
    except TimeoutError:
        logger.info("what ended builds left on target %s is not all removed yet", target.name)
    return BuildFolder(target, PurePosixPath(answers["tmp"]) / f"{answers['own']}{secrets.token_hex(6)}")
