#!/bin/sh
# mmdebstrap calls this with a stand-in's root folder. PRACTICE_STAND_IN is the label's text, PRACTICE_CERTIFICATES a
# file with the certificates that this computer trusts besides the usual ones; mostly it is empty.
set -eu
root=$1
umount "$root/var/cache/apt/archives"
printf '%s\n' "$PRACTICE_STAND_IN" >"$root/etc/cowshed-stand-in"
# As in the image it stands for: no package lists, so that `apt-get install` finds nothing before `apt-get update`.
find "$root/var/lib/apt/lists" -mindepth 1 -delete
cat >"$root/etc/apt/apt.conf.d/99cowshed-stand-in" <<'CONF'
// A mirror that lags behind, or a computer whose clock does, must not end a lesson.
Acquire::Check-Valid-Until "false";
Acquire::Check-Date "false";
Acquire::Languages "none";
CONF
if [ -s "$PRACTICE_CERTIFICATES" ]; then
    # One certificate a file, as update-ca-certificates wants it; apt-get install ca-certificates finds them, too.
    mkdir -p "$root/usr/local/share/ca-certificates"
    awk -v folder="$root/usr/local/share/ca-certificates" '
        /-----BEGIN CERTIFICATE-----/ {file = folder "/this-computer-" ++number ".crt"}
        file {print >file}
        /-----END CERTIFICATE-----/ {close(file); file = ""}' "$PRACTICE_CERTIFICATES"
    if [ -x "$root/usr/sbin/update-ca-certificates" ]; then chroot "$root" update-ca-certificates >/dev/null; fi
fi
