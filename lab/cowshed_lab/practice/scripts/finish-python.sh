#!/bin/sh
# mmdebstrap calls this with the root folder of a stand-in for Python's images. It writes the layer "pytorch", too.
set -eu
root=$1
scripts=$(dirname "$0")
sh "$scripts/finish-stand-in.sh" "$root"
# Docker Hub's images have a Python that is nobody's but pip's.
rm -f "$root"/usr/lib/python3*/EXTERNALLY-MANAGED
for name in python pydoc; do ln -sf "${name}3" "$root/usr/bin/$name"; done
wheels=usr/share/cowshed-stand-in/wheels
mkdir -p "$root/$wheels"
cp "$scripts/torch-stand-in" "$scripts/make-torch-wheel" "$root/tmp/"
chroot "$root" python3 /tmp/make-torch-wheel /tmp/torch-stand-in "/$wheels"
rm "$root/tmp/torch-stand-in" "$root/tmp/make-torch-wheel"
printf '[global]\nfind-links = /%s\nroot-user-action = ignore\ndisable-pip-version-check = true\n' "$wheels" >"$root/etc/pip.conf"
case $PRACTICE_STAND_IN in *PyTorch*) ;; *) exit 0 ;; esac

stage=$root/pytorch
chroot "$root" pip install --quiet --no-cache-dir --root /pytorch --no-warn-script-location numpy==1.26.4 torch==2.1.2
mkdir -p "$stage/opt/conda/bin"
for name in conda mamba micromamba; do install -m 755 "$scripts/conda-stand-in" "$stage/opt/conda/bin/$name"; done
for name in python python3 pip pip3; do ln -s "/usr/bin/$name" "$stage/opt/conda/bin/$name"; done
tar -C "$stage" --sort=name --owner=0 --group=0 --numeric-owner -cf "$PRACTICE_LAYERS/pytorch.tar" .
rm -rf "$stage"
find "$root/root" "$root/tmp" -mindepth 1 -maxdepth 1 -name '.cache' -exec rm -rf {} +
