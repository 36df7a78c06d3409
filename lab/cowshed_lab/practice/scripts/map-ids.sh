#!/bin/sh
# newuidmap and newgidmap of a practice cluster that runs without root, found before the real ones.
#
# Such a cluster has the IDs 0 to 65535 and no more, and Apptainer asks for a range of 65,536 for each container. This
# grants what can be had: the container's 1 to 62000 are 2000 to 63999 here, and its 65534 ("nobody", apt's group) is
# 64500. Nothing is gained that /etc/subuid does not allow: the real program checks each part.
set -eu
real=/usr/bin/${0##*/}
process=$1
shift
set -- "$@" end
while [ "$1" != end ]; do
    inside=$1 outside=$2 count=$3
    shift 3
    if [ "$inside $outside $count" = "1 2000 65536" ]; then
        set -- "$@" 1 2000 62000 65534 64500 1
    else
        set -- "$@" "$inside" "$outside" "$count"
    fi
done
shift
exec "$real" "$process" "$@"
