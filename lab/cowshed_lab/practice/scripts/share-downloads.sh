#!/bin/sh
# mmdebstrap calls this with the new root folder before it fetches: packages go to, and come from, our own folder.
set -eu
mkdir -p "$1/var/cache/apt/archives"
mount --bind "$PRACTICE_DOWNLOADS" "$1/var/cache/apt/archives"
