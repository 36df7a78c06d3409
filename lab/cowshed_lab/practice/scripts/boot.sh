#!/bin/sh
# Runs as process 1 of new mount, PID, IPC and UTS namespaces, still seeing this computer's folders.
# It records itself, lays out the practice root, makes it the root folder and becomes its init.
#   boot.sh HOME MODE       MODE: root | user_namespace
# Standard output is the cluster's lock file: keeping it open holds the lock until the record is written.
set -eu
home=$1 mode=$2
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
umask 022

# /proc is still this computer's, so this is our process ID and start time as everybody else sees them.
read -r record </proc/self/stat
printf '%s\n' "$record" >"$home/run/init.new"
mv "$home/run/init.new" "$home/run/init"
exec >>"$home/run/boot.log" 2>&1 </dev/null

root=$home/system/root
mount --bind "$root" "$root"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
if [ "$mode" = root ]; then
    mount -t sysfs -o nosuid,nodev,noexec,ro sysfs "$root/sys"
else
    # A new sysfs belongs to the owner of the network namespace, which we share with this computer.
    mount --rbind /sys "$root/sys"
fi

mount -t tmpfs -o mode=755,nosuid,size=1m practice-dev "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
if [ "$mode" = root ]; then
    while read -r name major minor; do
        mknod -m 666 "$root/dev/$name" c "$major" "$minor"
    done <<NODES
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
fuse 10 229
NODES
else
    for name in null zero full random urandom tty; do
        : >"$root/dev/$name"
        mount --bind "/dev/$name" "$root/dev/$name"
    done
    # Without a FUSE device that the learner may open, Apptainer unpacks images instead of mounting them.
    if [ -e "$home/run/with-fuse" ]; then
        : >"$root/dev/fuse"
        mount --bind /dev/fuse "$root/dev/fuse"
    fi
fi
mount -t devpts -o newinstance,nosuid,noexec,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"
mount -t tmpfs -o mode=1777,nosuid,nodev practice-shm "$root/dev/shm"
mount -t tmpfs -o mode=755,nosuid,nodev practice-run "$root/run"

find "$root/tmp" "$root/var/tmp" -mindepth 1 -xdev -delete
# New files, never written into the old ones: a copy of the root folder may share them by hard links.
cp -R --remove-destination "$home/run/etc/." "$root/etc/"
cat "$root"/usr/share/ca-certificates/mozilla/*.crt "$root/etc/practice/trusted.crt" >"$root/etc/ssl/certs/all.new"
mv -f "$root/etc/ssl/certs/all.new" "$root/etc/ssl/certs/ca-certificates.crt"
for program in newuidmap newgidmap; do
    rm -f "$root/usr/local/bin/$program"
    [ "$mode" = root ] || install -m 755 "$home/run/scripts/map-ids.sh" "$root/usr/local/bin/$program"
done
mkdir -p "$root/home/learner"
mount --bind "$home/home/learner" "$root/home/learner"
mount --bind "$home/registry" "$root/var/lib/docker-registry"

hostname practice
cd "$root"
mkdir -p .computer
pivot_root . .computer
exec chroot . /bin/sh -c 'umount -l /.computer && rmdir /.computer && exec /bin/sh /etc/practice/init'
