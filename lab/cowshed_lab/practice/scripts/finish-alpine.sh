#!/bin/sh
# mmdebstrap calls this with a root folder that has busybox-static and musl from Debian, unpacked and nothing else.
# It gives the folder the shape of Alpine, and writes two more layers: "lolcow", what Apptainer's own cow has besides,
# and "busybox", a whole image with BusyBox alone. PRACTICE_STAND_IN is the label's text.
set -eu
root=$1
scripts=$(dirname "$0")
umount "$root/var/cache/apt/archives"
new=$root/../alpine
rm -rf "$new"
mkdir -p "$new"
cd "$new"
mkdir -p bin dev etc/apk home lib/apk/db media mnt opt proc root run sbin srv sys tmp usr/bin usr/sbin usr/lib usr/share \
    usr/local/bin var/cache/apk var/lib var/log var/tmp
chmod 1777 tmp var/tmp
chmod 700 root
busybox=$(find "$root" -name busybox -type f -path '*bin/busybox')
cp "$busybox" bin/busybox
loader=$(find "$root" -name 'ld-musl-*.so.1' | head -n 1)
library=$(find "$root" -name libc.so -path '*musl*' | head -n 1)
cp -L "$library" "lib/${loader##*/}"
ln -s "${loader##*/}" "lib/libc.musl-${loader##*ld-musl-}"
ln -s "../../lib/${loader##*/}" usr/bin/ldd
for applet in $("$busybox" --list-full); do
    # Debian's busybox has applets that Alpine's has not, and programs of Debian's own.
    case ${applet##*/} in busybox | dpkg | dpkg-deb | rpm | rpm2cpio | init | linuxrc | ldd) continue ;; esac
    mkdir -p "${applet%/*}"
    [ -e "$applet" ] || ln -s /bin/busybox "$applet"
done
echo 3.17.10 >etc/alpine-release
printf '%s\n' "$PRACTICE_STAND_IN" >etc/cowshed-stand-in
cat >etc/os-release <<RELEASE
NAME="Alpine Linux (stand-in of the Cowshed practice cluster)"
ID=alpine
VERSION_ID=3.17.10
PRETTY_NAME="Stand-in for Alpine Linux"
RELEASE
echo root:x:0:0:root:/root:/bin/ash >etc/passwd
echo nobody:x:65534:65534:nobody:/:/sbin/nologin >>etc/passwd
echo root:x:0:root >etc/group
echo nobody:x:65534: >>etc/group
echo "export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" >etc/profile
: >etc/hosts
: >etc/resolv.conf
printf '%s\n' /bin/sh /bin/ash >etc/shells
printf 'https://dl-cdn.alpinelinux.org/alpine/v3.17/%s\n' main community >etc/apk/repositories
printf '%s\n' busybox musl apk-tools >etc/apk/world
size=$(($(wc -c <bin/busybox)))
cat >lib/apk/db/installed <<INSTALLED
P:musl
V:1.2.3-r6
I:622592
T:the musl c library (libc) implementation

P:busybox
V:1.35.0-r31
I:$size
T:Size optimized toolbox of many common UNIX utilities

P:apk-tools
V:2.12.10-r1
I:12288
T:Alpine Package Keeper (stand-in)

INSTALLED
install -m 755 "$scripts/alpine-apk" sbin/apk
store=usr/share/cowshed-stand-in/apk
package() { # NAME VERSION REPOSITORY DESCRIPTION; its files are below stage/
    mkdir -p "$store/$1"
    tar -czf "$store/$1/files.tar.gz" --owner=0 --group=0 --mtime=@0 -C stage .
    printf 'P:%s\nV:%s\nr:%s\nI:%s\nD:\nT:%s\n' "$1" "$2" "$3" "$(du -bs stage | cut -f1)" "$4" >"$store/$1/info"
    rm -rf stage
}
mkdir -p stage/usr/bin stage/usr/share/games/fortunes
install -m 755 "$scripts/alpine-fortune" stage/usr/bin/fortune
install -m 644 "$scripts/alpine-fortunes" stage/usr/share/games/fortunes/cowshed
package fortune 0.1-r2 community "Display pseudorandom selections (stand-in)"
for name in cowsay lolcat; do
    mkdir -p stage/usr/bin
    install -m 755 "$scripts/alpine-$name" "stage/usr/bin/$name"
    case $name in cowsay) package cowsay 3.04-r0 testing "Configurable talking cow (stand-in)" ;; esac
    case $name in lolcat) package lolcat 1.2-r0 testing "High-performance lolcat (stand-in)" ;; esac
done
for repository in main community testing; do
    mkdir "$store/index-$repository"
    for name in fortune cowsay lolcat; do
        if grep -qx "r:$repository" "$store/$name/info"; then cat "$store/$name/info"; fi
    done >"$store/index-$repository/APKINDEX"
done
# The cow sees to its own programs; nothing of apk is needed to run it.
mkdir -p stage/usr/bin
for name in cowsay lolcat; do install -m 755 "$scripts/alpine-$name" "stage/usr/bin/$name"; done
tar -C stage --sort=name --owner=0 --group=0 --numeric-owner -cf "$PRACTICE_LAYERS/lolcow.tar" .
rm -rf stage
mkdir -p stage/dev stage/etc stage/home stage/proc stage/root stage/sys stage/tmp stage/usr/bin stage/var stage/bin
chmod 1777 stage/tmp
cp bin/busybox stage/bin/busybox
find bin -type l | while read -r applet; do ln -s busybox "stage/$applet"; done
ln -s ../../bin/busybox stage/usr/bin/env
cp etc/passwd etc/group etc/cowshed-stand-in stage/etc/
sed -i 's|/bin/ash|/bin/sh|' stage/etc/passwd
tar -C stage --sort=name --owner=0 --group=0 --numeric-owner -cf "$PRACTICE_LAYERS/busybox.tar" .
rm -rf stage
rmdir dev proc sys  # mmdebstrap has mounts there
find "$root" -mindepth 1 -maxdepth 1 ! -name dev ! -name proc ! -name sys -exec rm -rf {} +
mkdir -p "$root/proc" "$root/sys"
cp -a . "$root/"
rm -rf "$new"
