#!/bin/sh
# mmdebstrap calls this with the new root folder once the practice cluster's packages are installed.
set -eu
root=$1
umount "$root/var/cache/apt/archives"
chroot "$root" groupadd --gid 1000 learner
chroot "$root" useradd --uid 1000 --gid 1000 --no-create-home --home-dir /home/learner --shell /bin/bash \
    --comment Learner learner
# "*" is no password's hash: nobody can log in with one, and sshd does not take the account for a locked one.
chroot "$root" usermod --password '*' learner
rm -f "$root"/etc/ssh/ssh_host_*
# systemd is here as a library's companion only; its marks in the terminal would mix with shell integration.
rm -f "$root"/etc/profile.d/*systemd-osc-context.sh
chroot "$root" dpkg-query --show --showformat '${Package} ${Version}\n' >"$root/../packages"
