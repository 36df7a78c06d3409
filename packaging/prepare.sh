#!/usr/bin/env bash
# Gets this computer and this checkout ready; the only place that installs anything.
#
#     packaging/prepare.sh run      what the window needs: Python, Qt's system libraries, fonts, the practice cluster's tools
#     packaging/prepare.sh test     the same, the tools for development and a display for tests
#
# Installs only what is missing and says so. A finished preparation leaves a stamp, so that the next call only checks a
# few files. Understands Debian and Ubuntu; on other systems it names what is missing and installs Cowshed all the same.
#
# Settings (environment): UV_PYTHON (the Python to use), UV_PROJECT_ENVIRONMENT (instead of .venv),
# COWSHED_PREPARE=again (ignore the stamp), COWSHED_NO_SYSTEM=1 (leave the system's packages alone).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

purpose=${1:-run}
case $purpose in
    run | test) ;;
    *) printf 'usage: packaging/prepare.sh run|test\n' >&2; exit 2 ;;
esac

tools=.tools
environment=${UV_PROJECT_ENVIRONMENT:-.venv}
stamp=$tools/prepared-$purpose
minors=(14 13 12)  # Python 3.x versions that are supported, the best first

say() { printf 'cowshed: %s\n' "$*" >&2; }
stop() { say "$@"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# ---- nothing to do? ---------------------------------------------------------------------------------------------

# The stamp's first line says what was prepared, the others are files that a prepared computer has.
key() {
    cat packaging/prepare.sh uv.lock pyproject.toml /etc/os-release 2>/dev/null | cksum
    printf '%s %s\n' "$PWD" "$environment ${UV_PYTHON:-}"
}

prepared() {
    [ -z "${COWSHED_PREPARE:-}" ] && [ -r "$stamp" ] || return 1
    local wanted line
    wanted=$(key | tr '\n' ' ')
    {
        IFS= read -r line && [ "$line" = "$wanted" ] || return 1
        while IFS= read -r line; do [ -e "$line" ] || return 1; done
    } <"$stamp"
    [ -x "$environment/bin/python" ]
}

if prepared; then exit 0; fi
mkdir -p "$tools"

# ---- system packages --------------------------------------------------------------------------------------------

missing=()  # packages to install
wanted_files=()  # files whose disappearance makes the stamp worthless

system_packages() { [ -z "${COWSHED_NO_SYSTEM:-}" ] && has apt-get && has dpkg; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif ! has sudo; then
        stop "this needs root and there is no sudo here. As root, run: $*"
    elif sudo -n true 2>/dev/null; then
        sudo -n "$@"
    elif [ -t 0 ]; then
        say "sudo asks for your password now; it is needed to install the packages named above."
        sudo "$@"
    else
        stop "this needs root, and sudo wants a password that nobody can type here. Run this yourself, then try again: sudo $*"
    fi
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
        install --yes --no-install-recommends "$@" </dev/null >"$tools/apt.log" 2>&1
}

apt_update() {
    say "reading the lists of available packages (apt-get update)."
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 update </dev/null >"$tools/apt.log" 2>&1
}

apt_knows() { [ "$(apt-cache pkgnames -- "$1" 2>/dev/null | grep -cFx -- "$1")" -gt 0 ]; }

install_packages() {
    if ! system_packages; then
        say "missing on this system, under Debian's names: $*."
        say "They are not installed from here: this is no Debian or Ubuntu, or COWSHED_NO_SYSTEM says so. Going on without."
        return 0
    fi
    say "installing $# package(s) of the system: $*."
    local name fresh=
    for name in "$@"; do
        if ! apt_knows "$name"; then apt_update || true; fresh=yes; break; fi
    done
    apt_install "$@" && return 0
    if [ -z "$fresh" ]; then  # the lists may be too old for what the mirror has now
        apt_update && apt_install "$@" && return 0
    fi
    tail -n 20 "$tools/apt.log" >&2
    stop "the packages could not be installed; apt's own words are above. Check the network and the package sources, then try again."
}

libraries=  # "soname path" lines

need_library() { # soname, package
    local found
    found=$(awk -v name="$1" '$1 == name { print $2; exit }' <<<"$libraries")
    if [ -n "$found" ]; then wanted_files+=("$found"); else missing+=("$2"); fi
}

need_program() { # program, package
    local found
    found=$(PATH=$PATH:/usr/sbin:/sbin command -v "$1" || true)
    if [ -n "$found" ]; then wanted_files+=("$found"); else missing+=("$2"); fi
}

# What `ldd` reports for PySide6's xcb and Wayland plugins and the modules that Cowshed imports; see check_qt below.
need_qt() {
    need_library libEGL.so.1 libegl1
    need_library libGL.so.1 libgl1
    need_library libGLX.so.0 libglx0
    need_library libX11.so.6 libx11-6
    need_library libX11-xcb.so.1 libx11-xcb1
    need_library libdbus-1.so.3 libdbus-1-3
    need_library libfontconfig.so.1 libfontconfig1
    need_library libfreetype.so.6 libfreetype6
    need_library libglib-2.0.so.0 libglib2.0-0
    need_library libgssapi_krb5.so.2 libgssapi-krb5-2
    need_library libwayland-client.so.0 libwayland-client0
    need_library libwayland-cursor.so.0 libwayland-cursor0
    need_library libwayland-egl.so.1 libwayland-egl1
    need_library libxcb-cursor.so.0 libxcb-cursor0
    need_library libxcb-glx.so.0 libxcb-glx0
    need_library libxcb-icccm.so.4 libxcb-icccm4
    need_library libxcb-image.so.0 libxcb-image0
    need_library libxcb-keysyms.so.1 libxcb-keysyms1
    need_library libxcb-randr.so.0 libxcb-randr0
    need_library libxcb-render-util.so.0 libxcb-render-util0
    need_library libxcb-render.so.0 libxcb-render0
    need_library libxcb-shape.so.0 libxcb-shape0
    need_library libxcb-shm.so.0 libxcb-shm0
    need_library libxcb-sync.so.1 libxcb-sync1
    need_library libxcb-util.so.1 libxcb-util1
    need_library libxcb-xfixes.so.0 libxcb-xfixes0
    need_library libxcb-xkb.so.1 libxcb-xkb1
    need_library libxcb.so.1 libxcb1
    need_library libxkbcommon-x11.so.0 libxkbcommon-x11-0
    need_library libxkbcommon.so.0 libxkbcommon0
    need_library libzstd.so.1 libzstd1
}

# A terminal needs a fixed font; lessons and programs print symbols and other scripts than Latin.
need_fonts() {
    need_program fc-list fontconfig
    need_font :spacing=100:lang=en fonts-dejavu-core
    need_font :charset=1f404 fonts-noto-color-emoji
    need_font :charset=4e2d fonts-droid-fallback
}

need_font() { # fontconfig pattern, package
    local found
    found=$(fc-list --format '%{file}\n' "$1" 2>/dev/null | head -n 1 || true)
    if [ -n "$found" ]; then wanted_files+=("$found"); else missing+=("$2"); fi
}

# The practice cluster knows itself which programs it is made with.
need_practice() {
    local names name packages
    names=$("$environment/bin/python" -c '
import os
from cowshed_lab.practice.probe import missing_packages
print(*missing_packages(root=os.getuid() == 0))')
    read -r -a packages <<<"$names"
    [ ${#packages[@]} -eq 0 ] || install_packages "${packages[@]}"
    for name in mmdebstrap newuidmap unshare; do
        name=$(PATH=$PATH:/usr/sbin:/sbin command -v "$name" || true)
        [ -z "$name" ] || wanted_files+=("$name")
    done
}

# Journeys send real clicks and keys to a real X server.
need_display() {
    need_program Xvfb xvfb
    need_program xauth xauth
    need_program xdotool xdotool
}

# ---- uv and Python ----------------------------------------------------------------------------------------------

uv=
find_uv() {
    local candidate
    for candidate in "$tools/uv/bin/uv" "$(command -v uv || true)" "$HOME/.local/bin/uv" "$HOME/.cargo/bin/uv"; do
        if [ -n "$candidate" ] && "$candidate" --version >/dev/null 2>&1; then uv=$candidate; return 0; fi
    done
    return 1
}

# From PyPI, into this checkout only.
install_uv() {
    has python3 || install_packages python3
    if ! python3 -c 'import ensurepip, venv' 2>/dev/null && ! python3 -m pip --version >/dev/null 2>&1; then
        install_packages python3-venv  # Debian's python3 comes without a way to install anything
    fi
    say "installing uv, which looks after Python packages, into $tools/uv."
    rm -rf "$tools/uv"
    if python3 -c 'import ensurepip, venv' 2>/dev/null; then
        python3 -m venv "$tools/uv" >"$tools/uv.log" 2>&1 &&
            "$tools/uv/bin/python" -m pip install --quiet --disable-pip-version-check uv >>"$tools/uv.log" 2>&1 || true
    else
        python3 -m pip install --quiet --disable-pip-version-check --target "$tools/uv" uv >"$tools/uv.log" 2>&1 || true
    fi
    find_uv && return 0
    tail -n 20 "$tools/uv.log" >&2
    stop "uv could not be installed from PyPI; pip's own words are above. Check the network, or install uv yourself" \
        "(https://docs.astral.sh/uv/), then try again."
}

good_python() { # path, minor version
    [ -x "$1" ] && "$1" -c "import sys; sys.exit(sys.version_info[:2] != (3, $2) or sys.implementation.name != 'cpython')" 2>/dev/null
}

# A Python that is already there is as good as any: the environment's own, on the PATH, pyenv's, in /opt.
find_python() {
    local minor candidate
    if [ -n "${UV_PYTHON:-}" ]; then python=$UV_PYTHON; return 0; fi
    for minor in "${minors[@]}"; do
        if good_python "$environment/bin/python" "$minor"; then python=$environment/bin/python; return 0; fi
    done
    for minor in "${minors[@]}"; do
        for candidate in "$(command -v "python3.$minor" || true)" "$(command -v python3 || true)" \
            "/usr/bin/python3.$minor" "/usr/local/bin/python3.$minor" \
            "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin/"python3.$minor" /opt/*/bin/"python3.$minor"; do
            if good_python "$candidate" "$minor"; then python=$candidate; return 0; fi
        done
    done
    return 1
}

python=
choose_python() {
    find_python && return 0
    say "no Python 3.12 or later is installed here; uv downloads one for its own use."
    if "$uv" python install --quiet "3.${minors[1]}" 2>"$tools/python.log"; then
        python=$("$uv" python find --managed-python "3.${minors[1]}")
        return 0
    fi
    tail -n 5 "$tools/python.log" >&2
    stop "that download failed (it comes from github.com). Cowshed needs Python 3.12, 3.13 or 3.14: install one with" \
        "your system's package manager or pyenv, or name one with UV_PYTHON=/path/to/python3, then try again."
}

install_cowshed() {
    local options=(--locked --inexact --quiet --python "$python")
    [ "$purpose" = test ] || options+=(--no-dev)
    say "installing Cowshed's Python packages for $("$python" --version 2>/dev/null || printf '%s' "$python") into $environment (the first time: about 150 MB)."
    if ! "$uv" sync "${options[@]}" </dev/null; then
        stop "the packages of uv.lock could not be installed; uv's own words are above. Check the network and the space" \
            "on this disk, then try again."
    fi
}

# The list in need_qt can fall behind a new PySide6: ask the plugins themselves.
check_qt() {
    local folder lost
    folder=$("$environment/bin/python" -c 'import importlib.util as u; print(u.find_spec("PySide6").submodule_search_locations[0])')
    wanted_files+=("$folder/Qt/plugins/platforms/libqxcb.so")
    lost=$(ldd "$folder"/Qt/plugins/platforms/libq{xcb,wayland,offscreen}.so "$folder"/Qt{Core,Gui,Widgets,Svg,Network}.abi3.so 2>/dev/null |
        awk '/not found/ { print $1 }' | sort -u | tr '\n' ' ')
    [ -z "$lost" ] || say "Qt still misses ${lost}– the window may not open. Install the packages that hold these libraries."
}

# ---- all of it --------------------------------------------------------------------------------------------------

look() {
    missing=() wanted_files=()
    libraries=$( (ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null || true) | awk '{ print $1 " " $NF }')
    if [ "$(uname -s)" = Linux ]; then
        need_qt
        need_fonts
        [ "$purpose" = run ] || need_display
    fi
}

look
if [ ${#missing[@]} -gt 0 ]; then
    install_packages "${missing[@]}"
    look
fi
find_uv || install_uv
choose_python
install_cowshed
if [ "$(uname -s)" = Linux ]; then
    check_qt
    need_practice
fi
{
    key | tr '\n' ' '
    printf '\n'
    [ ${#wanted_files[@]} -eq 0 ] || printf '%s\n' "${wanted_files[@]}"
} >"$stamp.new"
mv -f "$stamp.new" "$stamp"
say "ready."
