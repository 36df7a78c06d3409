"""Meaning, not text: cleaned up, without recommendations, and on Alpine, as differently spelt as people spell it."""

from __future__ import annotations

import pytest

from lessons.spellings import cases, enough, is_told, passes

HEADER = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
UPDATE = "    apt-get update\n"
INSTALL = "    apt-get install -y fortune cowsay lolcat\n"
CLEAN = "    rm -rf /var/lib/apt/lists/*\n"
FRUGAL = "    apt-get install -y --no-install-recommends fortune fortunes-min cowsay lolcat\n"
REST = """
%environment
    export PATH=/usr/games:$PATH
    export LC_ALL=C

%runscript
    fortune | cowsay | lolcat
"""
ALPINE = "Bootstrap: docker\nFrom: alpine:3.17\n"
TESTING = "https://dl-cdn.alpinelinux.org/alpine/edge/testing"
TAGGED = f'    echo "@testing {TESTING}" >> /etc/apk/repositories\n'
ADD = "    apk add --no-cache fortune cowsay@testing lolcat@testing\n"
RUN = "\n%runscript\n    fortune | cowsay | lolcat\n"


def post(script: str) -> str:
    return f"{HEADER}\n%post\n{script}{REST}"


def alpine(script: str, header: str = ALPINE, run: str = RUN) -> str:
    return f"{header}\n%post\n{script}{run}"


def cleaned(lines: str) -> str:
    return post(UPDATE + INSTALL + lines)


def frugal(lines: str) -> str:
    return post(lines + CLEAN)


RIGHT = {
    "best-practices/clean-up": {
        "plain": cleaned(CLEAN),
        "the folder": cleaned("    rm -rf /var/lib/apt/lists\n"),
        "the folder with a slash": cleaned("    rm -rf /var/lib/apt/lists/\n"),
        "other order of options": cleaned("    rm /var/lib/apt/lists/* -fr\n"),
        "apart": cleaned("    rm -r -f /var/lib/apt/lists/*\n"),
        "long options": cleaned("    rm --recursive --force /var/lib/apt/lists/*\n"),
        "capital": cleaned("    rm -Rf /var/lib/apt/lists/*\n"),
        "with more": cleaned("    rm -rf /tmp/* /var/cache/apt/* /var/lib/apt/lists/* /root/.cache\n"),
        "continued": cleaned("    rm -rf \\\n        /tmp/* \\\n        /var/lib/apt/lists/*\n"),
        "chain": post(
            "    apt-get update \\\n && apt-get install -y fortune cowsay lolcat \\\n && rm -rf /var/lib/apt/lists/*\n"
        ),
        "after clean": cleaned("    apt-get clean && rm -rf /var/lib/apt/lists/*\n"),
        "autoremove between": cleaned("    apt-get autoremove -y\n" + CLEAN),
        "find": cleaned("    find /var/lib/apt/lists -type f -delete\n"),
        "find and rm": cleaned("    find /var/lib/apt/lists -mindepth 1 -maxdepth 1 -exec rm -rf {} +\n"),
        "find and xargs": cleaned("    find /var/lib/apt/lists -type f -print0 | xargs -0 rm -f\n"),
        "in its folder": cleaned("    cd /var/lib/apt/lists && rm -rf *\n"),
        "in its folder, on two lines": cleaned("    cd /var/lib/apt/lists\n    rm -rf ./*\n"),
        "in a subshell": cleaned("    (cd /var/lib/apt && rm -rf lists/*)\n"),
        "relative": cleaned("    rm -rf var/lib/apt/lists/*\n"),
        "variable": cleaned('    LISTS=/var/lib/apt/lists\n    rm -rf "$LISTS"/*\n'),
        "half in quotes": cleaned('    rm -rf "/var/lib/apt/lists/"*\n'),
        "loop": cleaned('    for f in /var/lib/apt/lists/* /tmp/*; do rm -rf "$f"; done\n'),
        "function": post(
            "    tidy() { apt-get clean; rm -rf /var/lib/apt/lists/*; }\n" + UPDATE + INSTALL + "    tidy\n"
        ),
        "sh": cleaned("    sh -c 'rm -rf /var/lib/apt/lists/*'\n"),
        "sudo": cleaned("    sudo rm -rf /var/lib/apt/lists/*\n"),
        "full path": cleaned("    /bin/rm -rf /var/lib/apt/lists/*\n"),
        "tolerated": cleaned("    rm -rf /var/lib/apt/lists/* || true\n"),
        "braces in bash": post(UPDATE + INSTALL + "    rm -rf /var/{lib/apt/lists,cache/apt}/*\n").replace(
            "%post\n", "%post -c /bin/bash\n"
        ),
        "all of apt": cleaned("    rm -rf /var/lib/apt\n"),
        "twice": post(UPDATE + "    apt-get install -y cowsay\n" + CLEAN + UPDATE + INSTALL + CLEAN),
        "a second section": post(UPDATE + INSTALL) + "\n%post\n" + CLEAN,
        "comments": cleaned("    # the lists have done their duty\n    rm -rf /var/lib/apt/lists/*  # 40 MB\n"),
        "CRLF": cleaned(CLEAN).replace("\n", "\r\n"),
        "at the end of the script": post("    trap 'rm -rf /var/lib/apt/lists/*' EXIT\n" + UPDATE + INSTALL),
    },
    "best-practices/no-recommends": {
        "plain": frugal(UPDATE + FRUGAL),
        "before the verb": frugal(
            UPDATE + "    apt-get -y --no-install-recommends install fortune fortunes-min cowsay lolcat\n"
        ),
        "at the end": frugal(
            UPDATE + "    apt-get install fortune fortunes-min cowsay lolcat -y --no-install-recommends\n"
        ),
        "apt": frugal(
            "    apt update\n    apt install -y --no-install-recommends fortune-mod fortunes cowsay lolcat\n"
        ),
        "aptitude": frugal("    aptitude update\n    aptitude install -y -R fortune-mod fortunes-min cowsay lolcat\n"),
        "continued": frugal(
            UPDATE + "    apt-get install -y \\\n      --no-install-recommends \\\n      cowsay \\\n      fortune \\\n"
            "      fortunes-min \\\n      lolcat\n"
        ),
        "-o": frugal(UPDATE + "    apt-get install -y -o APT::Install-Recommends=0 fortune fortunes cowsay lolcat\n"),
        "-o glued": frugal(
            UPDATE + "    apt-get install -y -oAPT::Install-Recommends=no fortune fortunes cowsay lolcat\n"
        ),
        "--option": frugal(
            UPDATE + "    apt-get install -y --option APT::Install-Recommends=false fortune fortunes cowsay lolcat\n"
        ),
        "setting": frugal(
            "    echo 'APT::Install-Recommends \"0\";' > /etc/apt/apt.conf.d/99small\n"
            + UPDATE
            + "    apt-get install -y fortune fortunes-min cowsay lolcat\n"
        ),
        "setting with two lines": frugal(
            '    cat > /etc/apt/apt.conf.d/01norecommend <<EOF\nAPT::Install-Recommends "false";\n'
            'APT::Install-Suggests "false";\nEOF\n' + UPDATE + "    apt-get install -y fortune fortunes cowsay lolcat\n"
        ),
        "setting with tee": frugal(
            "    echo 'APT::Install-Recommends \"false\";' | tee /etc/apt/apt.conf.d/99small\n"
            + UPDATE
            + "    apt-get install -y fortune fortunes cowsay lolcat\n"
        ),
        "setting with printf": frugal(
            '    printf \'APT::Install-Recommends "false";\\nAPT::Get::Assume-Yes "true";\\n\' >> /etc/apt/apt.conf\n'
            + UPDATE
            + "    apt-get install fortune fortunes cowsay lolcat\n"
        ),
        "two installs": frugal(
            UPDATE + "    apt-get install -y --no-install-recommends fortune fortunes\n"
            "    apt-get install -y --no-install-recommends cowsay lolcat\n"
        ),
        "variable": frugal(
            '    OPTIONS="-y --no-install-recommends"\n'
            + UPDATE
            + "    apt-get install $OPTIONS fortune fortunes cowsay lolcat\n"
        ),
        "function": frugal(
            '    get() { apt-get install -y --no-install-recommends "$@"; }\n'
            + UPDATE
            + "    get fortune fortunes cowsay lolcat\n"
        ),
        "loop": frugal(
            UPDATE
            + "    for p in fortune fortunes cowsay lolcat; do\n      apt-get install -qqy --no-install-recommends $p\n"
            "    done\n"
        ),
        "German sayings": frugal(
            UPDATE + "    apt-get install -y --no-install-recommends fortune-mod fortunes-de cowsay lolcat\n"
        ),
        "suggestions too": frugal(
            UPDATE
            + "    apt-get install -y --no-install-recommends --no-install-suggests fortune fortunes cowsay lolcat\n"
        ),
        "list": frugal(
            UPDATE
            + "    xargs apt-get install -y --no-install-recommends <<EOF\nfortunes-min fortune\ncowsay lolcat\nEOF\n"
        ),
        "frontend": frugal(
            UPDATE
            + "    DEBIAN_FRONTEND=teletype apt-get install -y --no-install-recommends fortune fortunes cowsay lolcat\n"
        ),
        "last word counts": frugal(
            UPDATE
            + "    apt-get install -y --install-recommends --no-install-recommends fortune fortunes cowsay lolcat\n"
        ),
        "CRLF": frugal(UPDATE + FRUGAL).replace("\n", "\r\n"),
    },
    "sandbox/write-it-down": {
        "plain": alpine(TAGGED + ADD),
        "cleaned by hand": alpine(
            TAGGED + "    apk add fortune cowsay@testing lolcat@testing\n    rm -rf /var/cache/apk/*\n"
        ),
        "updated first": alpine(
            TAGGED + "    apk update\n    apk add fortune cowsay@testing lolcat@testing\n    rm -rf /var/cache/apk/*\n"
        ),
        "repository as an option": alpine(
            f"    apk add --no-cache fortune\n    apk add --no-cache --repository={TESTING} cowsay lolcat\n"
        ),
        "-X": alpine(f"    apk --no-cache -X {TESTING} add fortune cowsay lolcat\n"),
        "whole repository": alpine(
            f"    echo {TESTING} >> /etc/apk/repositories\n    apk add --no-cache fortune cowsay lolcat\n"
        ),
        "three lines": alpine(
            TAGGED + "    apk add --no-cache fortune\n    apk add --no-cache cowsay@testing\n"
            "    apk add --no-cache lolcat@testing\n"
        ),
        "continued": alpine(
            TAGGED
            + "    apk add --no-cache \\\n        cowsay@testing \\\n        fortune \\\n        lolcat@testing\n"
        ),
        "chain": alpine(
            f"    echo '@testing {TESTING}' >> /etc/apk/repositories &&\\\n    apk add -U fortune cowsay@testing "
            "lolcat@testing &&\\\n    rm -f /var/cache/apk/*\n"
        ),
        "heredoc": alpine(f"    cat >> /etc/apk/repositories <<EOF\n@testing {TESTING}\nEOF\n" + ADD),
        "another tag": alpine(
            f"    printf '@edge %s\\n' {TESTING} | tee -a /etc/apk/repositories\n"
            "    apk add --no-cache fortune cowsay@edge lolcat@edge\n"
        ),
        "versions": alpine(TAGGED + "    apk add --no-cache 'fortune>0' cowsay@testing lolcat@testing\n"),
        "variable": alpine(TAGGED + '    P="fortune cowsay@testing lolcat@testing"\n    apk add --no-cache $P\n'),
        "loop": alpine(TAGGED + "    for p in fortune cowsay@testing lolcat@testing; do apk add --no-cache $p; done\n"),
        "virtual": alpine(TAGGED + "    apk add --no-cache -t cow fortune cowsay@testing lolcat@testing\n"),
        "the last figure": alpine(TAGGED + ADD, "Bootstrap: docker\nFrom: alpine:3.17.10\n"),
        "address": alpine(TAGGED + ADD, "Bootstrap: docker\nFrom: docker.io/library/alpine:3.17\n"),
        "digest": alpine(TAGGED + ADD, f"Bootstrap: docker\nFrom: alpine:3.17@sha256:{'0' * 64}\n"),
        "named sandbox": alpine(TAGGED + ADD, "Bootstrap: localimage\nFrom: alpine_3.17/\n"),
        "sh in the runscript": alpine(TAGGED + ADD, run="\n%runscript\n    exec sh -c 'fortune | cowsay | lolcat'\n"),
        "options in the runscript": alpine(
            TAGGED + ADD, run='\n%runscript\n    fortune -s | cowsay -f tux "$@" | lolcat -f\n'
        ),
        "CRLF": alpine(TAGGED + ADD).replace("\n", "\r\n"),
        "from Ruby": alpine(
            "    apk add --no-cache fortune perl ruby\n    gem install --no-document lolcat\n"
            f"    apk add --no-cache -X {TESTING} cowsay\n"
        ),
    },
}

WRONG = {
    "best-practices/clean-up": {
        "nothing": (cleaned(""), "clean", "left in the image"),
        "before": (post(CLEAN + UPDATE + INSTALL), "clean", "before the install"),
        "between": (post(UPDATE + CLEAN + INSTALL), "clean", "before the install"),
        "another install below": (
            cleaned(CLEAN + UPDATE + "    apt-get install -y nano\n"),
            "clean",
            "before the install",
        ),
        "an update below": (cleaned(CLEAN + UPDATE), "clean", "removed on line 7"),
        "clean": (cleaned("    apt-get clean\n"), "clean", "`apt-get clean` keeps"),
        "autoclean": (cleaned("    apt-get autoclean\n"), "clean", "`apt-get autoclean` keeps"),
        "autoremove": (cleaned("    apt-get autoremove -y\n"), "clean", "left in the image"),
        "quotes": (cleaned('    rm -rf "/var/lib/apt/lists/*"\n'), "clean", "in quotes"),
        "single quotes": (cleaned("    rm -rf '/var/lib/apt/lists/*'\n"), "clean", "in quotes"),
        "comment": (cleaned("    # rm -rf /var/lib/apt/lists/*\n"), "clean", "comment"),
        "only said": (cleaned("    echo rm -rf /var/lib/apt/lists/*\n"), "clean", "left in the image"),
        "other folder": (cleaned("    rm -rf /var/cache/apt/*\n"), "clean", "left in the image"),
        "misspelt folder": (cleaned("    rm -rf /var/lib/apt/list/*\n"), "clean", "`/var/lib/apt/list/*`"),
        "folder without apt": (cleaned("    rm -rf /var/lib/lists/*\n"), "clean", "`/var/lib/lists/*`"),
        "relative, in another folder": (
            cleaned("    cd /opt\n    rm -rf var/lib/apt/lists/*\n"),
            "clean",
            "`var/lib/apt/lists/*`",
        ),
        "without -r": (cleaned("    rm -f /var/lib/apt/lists/*\n"), "clean", "folder"),
        "after exit": (cleaned("    exit 0\n" + CLEAN), "clean", "never runs"),
        "in the runscript": (
            cleaned("").replace("%runscript\n", "%runscript\n" + CLEAN),
            "clean",
            "left in the image",
        ),
        "in the environment": (
            cleaned("").replace("%environment\n", "%environment\n" + CLEAN),
            "clean",
            "left in the image",
        ),
        "in setup": (
            cleaned("") + "\n%setup\n    rm -rf ${APPTAINER_ROOTFS}/var/lib/apt/lists/*\n",
            "clean",
            "left in the image",
        ),
        "in an uncalled function": (
            cleaned("    tidy() { rm -rf /var/lib/apt/lists/*; }\n"),
            "clean",
            "left in the image",
        ),
        "list only": (cleaned("    find /var/lib/apt/lists -type f\n"), "clean", "left in the image"),
        "yes lost": (
            post(UPDATE + "    apt-get install fortune cowsay lolcat\n" + CLEAN),
            "yes",
            "nobody can answer",
        ),
        "update lost": (post(INSTALL + CLEAN), "lists", "before the lists exist"),
        "package lost": (post(UPDATE + "    apt-get install -y fortune cowsay\n" + CLEAN), "programs", "`lolcat`"),
        "runscript lost": (cleaned(CLEAN).replace("| lolcat", ""), "flow", "`lolcat` is missing"),
        "other base": (cleaned(CLEAN).replace("22.04", "24.04"), "base", "tag `24.04`"),
        "CRLF": (cleaned("").replace("\n", "\r\n"), "clean", "left in the image"),
    },
    "best-practices/no-recommends": {
        "nothing": (frugal(UPDATE + INSTALL), "frugal", "recommended packages"),
        "only suggestions": (
            frugal(UPDATE + "    apt-get install -y --no-install-suggests fortunes cowsay lolcat\n"),
            "frugal",
            "suggest",
        ),
        "misspelt": (
            frugal(UPDATE + "    apt-get install -y --no-recommends fortunes cowsay lolcat\n"),
            "frugal",
            "`--no-recommends`",
        ),
        "one letter missing": (
            frugal(UPDATE + "    apt-get install -y --no-install-recommend fortunes cowsay lolcat\n"),
            "frugal",
            "`--no-install-recommend`",
        ),
        "one hyphen": (
            frugal(UPDATE + "    apt-get install -y -no-install-recommends fortunes cowsay lolcat\n"),
            "frugal",
            "`-no-install-recommends`",
        ),
        "the opposite": (
            frugal(UPDATE + "    apt-get install -y --install-recommends fortunes cowsay lolcat\n"),
            "frugal",
            "recommended",
        ),
        "at the update": (
            frugal("    apt-get update --no-install-recommends\n    apt-get install -y fortunes cowsay lolcat\n"),
            "frugal",
            "update",
        ),
        "in a comment": (
            frugal(UPDATE + "    apt-get install -y fortunes cowsay lolcat # --no-install-recommends\n"),
            "frugal",
            "comment",
        ),
        "one of two": (
            frugal(
                UPDATE
                + "    apt-get install -y --no-install-recommends fortune fortunes\n apt-get install -y cowsay lolcat\n"
            ),
            "frugal",
            "Line 7",
        ),
        "setting too late": (
            frugal(UPDATE + INSTALL + "    echo 'APT::Install-Recommends \"false\";' > /etc/apt/apt.conf.d/99\n"),
            "frugal",
            "Line 6",
        ),
        "set true": (
            frugal(UPDATE + "    apt-get install -y -o APT::Install-Recommends=true fortunes cowsay lolcat\n"),
            "frugal",
            "recommended",
        ),
        "other setting": (
            frugal(UPDATE + "    apt-get install -y -o APT::Install-Suggests=false fortunes cowsay lolcat\n"),
            "frugal",
            "recommended",
        ),
        "sayings forgotten": (
            frugal(UPDATE + "    apt-get install -y --no-install-recommends fortune cowsay lolcat\n"),
            "sayings",
            "fortunes-min",
        ),
        "sayings misspelt": (
            frugal(UPDATE + "    apt-get install -y --no-install-recommends fortune fortune-min cowsay lolcat\n"),
            "sayings",
            "misspelt",
        ),
        "sayings in a comment": (
            frugal(UPDATE + "    apt-get install -y --no-install-recommends fortune cowsay lolcat # fortunes-min\n"),
            "sayings",
            "comment",
        ),
        "lists stay": (post(UPDATE + FRUGAL), "clean", "left in the image"),
        "lists first": (post(UPDATE + CLEAN + FRUGAL), "clean", "before the install"),
        "yes lost": (frugal(UPDATE + FRUGAL.replace(" -y", "")), "yes", "nobody can answer"),
        "update lost": (frugal(FRUGAL), "lists", "before the lists exist"),
        "cow lost": (frugal(UPDATE + FRUGAL.replace(" cowsay", "")), "programs", "`cowsay` is not installed"),
        "runscript lost": (frugal(UPDATE + FRUGAL).partition("%runscript")[0], "flow", "no `%runscript`"),
        "CRLF": (frugal(UPDATE + INSTALL).replace("\n", "\r\n"), "frugal", "recommended packages"),
    },
    "sandbox/write-it-down": {
        "nothing": ("", "readable", "no recipe here yet"),
        "no tag": (alpine(TAGGED + ADD, "Bootstrap: docker\nFrom: alpine\n"), "base", "no tag"),
        "other version": (alpine(TAGGED + ADD, "Bootstrap: docker\nFrom: alpine:3.18\n"), "base", "tag `3.18`"),
        "Ubuntu": (alpine(TAGGED + ADD, HEADER), "base", "another image"),
        "scheme": (alpine(TAGGED + ADD, "Bootstrap: docker\nFrom: docker://alpine:3.17\n"), "base", "`docker://`"),
        "from the sandbox": (alpine(TAGGED + ADD, "Bootstrap: localimage\nFrom: box/\n"), "base", "Nobody can see"),
        "sandbox for agent": (
            alpine(TAGGED + ADD, "Bootstrap: sandbox\nFrom: alpine/\n"),
            "base",
            "no agent `sandbox`",
        ),
        "apt": (
            alpine(UPDATE + "    apt-get install -y fortune cowsay lolcat\n"),
            "programs",
            "`apk`",
        ),
        "dnf": (alpine("    dnf install -y fortune cowsay lolcat\n"), "programs", "`apk`"),
        "apk install": (alpine(TAGGED + "    apk install fortune cowsay lolcat\n"), "programs", "`install`"),
        "nothing added": (alpine(TAGGED), "programs", "nothing is installed"),
        "lolcat lost": (alpine(TAGGED + "    apk add --no-cache fortune cowsay@testing\n"), "programs", "`lolcat`"),
        "fortune misspelt": (
            alpine(TAGGED + "    apk add --no-cache fortunes cowsay@testing lolcat@testing\n"),
            "programs",
            "misspelt",
        ),
        "in a comment": (
            alpine(TAGGED + "    # apk add fortune cowsay@testing lolcat@testing\n"),
            "programs",
            "comment",
        ),
        "in the runscript": (alpine(TAGGED, run="\n%runscript\n" + ADD), "programs", "`%runscript`"),
        "taken away again": (alpine(TAGGED + ADD + "    apk del cowsay\n"), "programs", "`cowsay`"),
        "only simulated": (alpine(TAGGED + ADD.replace("add", "add --simulate")), "programs", "simulates"),
        "after exit": (alpine("    exit 0\n" + TAGGED + ADD), "programs", "never runs"),
        "no runscript": (alpine(TAGGED + ADD, run=""), "flow", "no `%runscript`"),
        "as in the sandbox": (
            alpine(TAGGED + ADD, run="\n%runscript\n    apptainer exec alpine/ fortune | cowsay | lolcat\n"),
            "flow",
            "fortune",
        ),
        "not joined": (
            alpine(TAGGED + ADD, run="\n%runscript\n    fortune\n    cowsay\n    lolcat\n"),
            "flow",
            "not joined",
        ),
        "order": (alpine(TAGGED + ADD, run="\n%runscript\n    cowsay | fortune | lolcat\n"), "flow", "order"),
        "quoted": (alpine(TAGGED + ADD, run="\n%runscript\n    'fortune | cowsay | lolcat'\n"), "flow", "one word"),
        "no section": (ALPINE + ADD, "readable", "no colon"),
        "RUN": (ALPINE + "RUN apk add fortune\n", "readable", "Dockerfile"),
    },
}


@pytest.mark.parametrize(("step", "name"), cases(RIGHT))
def test_a_right_spelling_passes(step: str, name: str) -> None:
    passes(step, RIGHT[step][name])


@pytest.mark.parametrize(("step", "name"), cases(WRONG))
def test_a_wrong_spelling_is_told_its_fault(step: str, name: str) -> None:
    is_told(step, *WRONG[step][name])


def test_there_are_enough_spellings() -> None:
    enough(RIGHT, WRONG)
