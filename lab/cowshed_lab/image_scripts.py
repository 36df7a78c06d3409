"""The programs that look at images on a target, for any POSIX sh; `image_inspection` reads what they print."""

from __future__ import annotations

LIST_SCRIPT = r"""
facts() { stat -c '%s %Y' "$1" 2>/dev/null || stat -f '%z %m' "$1" 2>/dev/null || echo '0 0'; }
for place in "$1"/* "$1"/*/* "$1"/*/*/*; do
    if [ -d "$place/.singularity.d" ]; then
        printf 'd %s %s\0' "$(facts "$place")" "${place#./}"
    elif [ -f "$place" ] && [ ! -e "${place%/*}/.singularity.d" ] && [ ! -e "${place%/*/*}/.singularity.d" ]; then
        case $place in *.sif) printf 'f %s %s\0' "$(facts "$place")" "${place#./}" ;; esac
    fi
done
exit 0
"""
"""Arguments: the folder. Prints records that end in a zero byte: f or d, bytes, seconds since 1970, path."""

LOOK_SCRIPT = r"""
image=$1 secret=$2 ways=$3 apart=$4
LC_ALL=C
export LC_ALL
part() { printf '\n%s:%s\n' "$secret" "$1"; }
pack() { if command -v gzip >/dev/null 2>&1; then gzip -1; else cat; fi; }

part kind
if [ -d "$image" ]; then
    [ -d "$image/.singularity.d" ] || { echo other; exit 0; }
    echo sandbox
    part size
    kilobytes=$(du -sk "$image" 2>/dev/null) # what it says is right, too, where it warns of unreadable folders
    kilobytes=${kilobytes%%[!0-9]*}
    echo $((${kilobytes:-0} * 1024))
elif [ -f "$image" ]; then
    case $(dd if="$image" bs=1 skip=32 count=9 2>/dev/null) in SIF_MAGIC) echo sif ;; *) echo other; exit 0 ;; esac
    part size
    wc -c <"$image"
    part header
    apptainer sif header "$image" 2>/dev/null
    part parts
    parts=$(apptainer sif list "$image" 2>/dev/null)
    printf '%s\n' "$parts"
else
    echo missing
    exit 0
fi
part inspect
apptainer inspect --all --json "$image" 2>&1

from_squashfs() {
    PATH=$PATH:/usr/libexec/apptainer/bin:/usr/sbin:/sbin
    command -v unsquashfs >/dev/null 2>&1 || return 1
    offset=$(printf '%s\n' "$parts" | sed -n 's/^.*|\([0-9]*\)-[0-9]* *|FS (Squashfs\/\*System.*$/\1/p' | head -n 1)
    [ -n "$offset" ] || return 1
    unsquashfs -o "$offset" -s "$image" >/dev/null 2>&1 || return 1
    echo squashfs
    unsquashfs -o "$offset" -d "$secret" -lls "$image" 2>/dev/null
}

# The shell comes with Apptainer where the image has none; find and stat must be the image's own.
from_inside() {
    # shellcheck disable=SC2086
    apptainer exec $apart "$image" sh -c 'find / -maxdepth 0 -exec stat -c x {} +' >/dev/null 2>&1 || return 1
    echo stat
    # shellcheck disable=SC2086
    apptainer exec $apart "$image" sh -c '
        find / \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /var/tmp \
            -o -path /.singularity.d/libs \) -prune -o -exec stat -c "$1%f %s %n" {} +
    ' sh "$secret" 2>/dev/null
}

from_folder() {
    if find "$image" -maxdepth 0 -printf '' 2>/dev/null; then
        echo find
        find "$image" -mindepth 1 -printf '%y %s %P\0'
    else
        echo stat
        cd -- "$image" || return 1
        find . -exec stat -c "$secret%f %s %n" {} +
    fi
}

part files
{
    if [ -d "$image" ]; then
        from_folder
    else
        listed=no
        for way in $ways; do
            case $way in squashfs) from_squashfs ;; inside) from_inside ;; esac && { listed=yes; break; }
        done
        [ "$listed" = yes ] || echo none
    fi
    printf '\n%s ended \n' "$secret"
} | pack
exit 0
"""
