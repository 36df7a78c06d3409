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
# An account as on clusters that give nobody a range of subordinate IDs.
chroot "$root" groupadd --gid 1001 visitor
chroot "$root" useradd --uid 1001 --gid 1001 --no-create-home --home-dir /home/visitor --shell /bin/bash \
    --password '*' --comment "Visitor without subordinate IDs" visitor
# useradd gives every account a range; the ranges are written at each start.
rm -f "$root/etc/subuid" "$root/etc/subgid"
rm -f "$root"/etc/ssh/ssh_host_*
# systemd is here as a library's companion only; its marks in the terminal would mix with shell integration.
rm -f "$root"/etc/profile.d/*systemd-osc-context.sh
# `module` in every kind of shell: Debian has it in login shells only.
sed -i '1i # The practice cluster has environment modules in every shell.\nif [ -z "${LMOD_CMD-}" ] \&\& [ -r /etc/profile.d/lmod.sh ]; then . /etc/profile.d/lmod.sh; fi' \
    "$root/etc/bash.bashrc"
mkdir -p "$root/etc/lmod/modules/apptainer"
version=$(chroot "$root" dpkg-query --show --showformat '${Version}' apptainer)
cat >"$root/etc/lmod/modules/apptainer/${version%%-*}.lua" <<'MODULE'
help([[Apptainer of the practice cluster. It can be used without this module, too.]])
whatis("Name: Apptainer")
whatis("Description: builds and runs containers")
prepend_path("PATH", "/usr/bin")
setenv("APPTAINER_MODULE", myModuleFullName())
MODULE
chroot "$root" dpkg-query --show --showformat '${Package} ${Version}\n' >"$root/../packages"
