#!/bin/sh
# mmdebstrap calls this with a stand-in's root folder. PRACTICE_STAND_IN is the label's text.
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
