"""Meaning, not text: at each recipe step of lolcow every right spelling passes, every wrong one is told its fault."""

from __future__ import annotations

import pytest

from cowshed_lessons.course import Step, built_in_course
from cowshed_lessons.judgement import judge_recipe
from cowshed_lessons.verdict import Outcome

HEADER = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
INSTALL = "    apt-get install fortune cowsay lolcat\n"
UPDATE = "    apt-get update\n"
YES = "    apt-get install -y fortune cowsay lolcat\n"
BUILT = HEADER + "\n%post\n" + UPDATE + YES
ENVIRONMENT = "\n%environment\n    export PATH=/usr/games:${PATH}\n    export LC_ALL=C\n"
SET = BUILT + ENVIRONMENT


def post(script: str, header: str = HEADER) -> str:
    return f"{header}\n%post\n{script}"


def environment(script: str) -> str:
    return f"{BUILT}\n%environment\n{script}"


def runscript(script: str, more: str = "") -> str:
    return f"{SET}{more}\n%runscript\n{script}"


def step(name: str) -> Step:
    return built_in_course().step(f"lolcow/{name}")


DIGEST = "sha256:" + "1" * 64

RIGHT: dict[str, dict[str, str]] = {
    "base-image": {
        "plain": HEADER,
        "collection": "Bootstrap: docker\nFrom: library/ubuntu:22.04\n",
        "docker.io": "Bootstrap: docker\nFrom: docker.io/ubuntu:22.04\n",
        "index.docker.io": "Bootstrap: docker\nFrom: index.docker.io/library/ubuntu:22.04\n",
        "nickname": "Bootstrap: docker\nFrom: ubuntu:jammy\n",
        "dated": "Bootstrap: docker\nFrom: ubuntu:jammy-20240530\n",
        "tag and digest": f"Bootstrap: docker\nFrom: ubuntu:22.04@{DIGEST}\n",
        "digest": f"Bootstrap: docker\nFrom: ubuntu@{DIGEST}\n",
        "key case": "BOOTSTRAP: docker\nfrom: ubuntu:22.04\n",
        "order of keys": "From: ubuntu:22.04\n Bootstrap: docker\n",
        "blanks": "Bootstrap :docker\n   From :   ubuntu:22.04   \n",
        "no blanks": "Bootstrap:docker\nFrom:ubuntu:22.04",
        "comments": "# my first recipe\n\nBootstrap: docker  # Docker Hub\n# base\nFrom: ubuntu:22.04 # jammy\n",
        "CRLF": "Bootstrap: docker\r\nFrom: ubuntu:22.04\r\n",
        "variable": "Bootstrap: docker\nFrom: ubuntu:{{ VERSION }}\n%arguments\n    VERSION=22.04\n",
        "agent in a variable": "Bootstrap: {{A}}\nFrom: {{ I }}\n%arguments\nA=docker\nI=ubuntu:22.04\n",
        "registry key": "Bootstrap: docker\nRegistry: docker.io\nNamespace: library\nFrom: ubuntu:22.04\n",
        "other registry": "Bootstrap: docker\nFrom: public.ecr.aws/ubuntu/ubuntu:22.04\n",
        "continued": "Bootstrap: docker\nFrom: ubuntu:\\\n22.04\n",
        "last duplicate wins": "Bootstrap: docker\nFrom: debian:12\nFrom: ubuntu:22.04\n",
        "stage name": "Bootstrap: docker\nFrom: ubuntu:22.04\nStage: final\n",
        "debootstrap": "Bootstrap: debootstrap\nOSVersion: jammy\nMirrorURL: http://archive.ubuntu.com/ubuntu/\n",
        "library with address": "Bootstrap: library\nLibrary: https://library.example.org\nFrom: ubuntu:22.04\n",
        "archive": "Bootstrap: docker-archive\nFrom: ubuntu_22.04.tar\n",
        "local image": "Bootstrap: localimage\nFrom: images/ubuntu_22.04.sif\n",
        "whole recipe": SET,
    },
    "install": {
        "plain": post(INSTALL),
        "apt": post("    apt install fortune cowsay lolcat\n"),
        "aptitude": post("aptitude install fortune cowsay lolcat\n"),
        "full path": post("    /usr/bin/apt-get install fortune cowsay lolcat\n"),
        "real name": post("    apt-get install fortune-mod cowsay lolcat\n"),
        "other order": post("    apt-get install lolcat fortune cowsay\n"),
        "with yes": post(YES),
        "options behind": post("    apt-get install fortune cowsay lolcat --no-install-recommends -q\n"),
        "options before": post("    apt-get -q -o Acquire::Retries=3 install fortune cowsay lolcat\n"),
        "continuations": post("    apt-get install \\\n        cowsay \\\n        fortune \\\n        lolcat\n"),
        "three lines": post("    apt-get install fortune\n    apt-get install cowsay\n    apt-get install lolcat\n"),
        "chain": post("    apt-get install fortune && apt-get install cowsay && apt-get install lolcat\n"),
        "variable": post('    PKGS="fortune cowsay lolcat"\n    apt-get install $PKGS\n'),
        "loop": post("    for p in fortune cowsay lolcat; do\n        apt-get install $p\n    done\n"),
        "function": post('    get() {\n        apt-get install "$@"\n    }\n    get fortune cowsay lolcat\n'),
        "xargs heredoc": post("    xargs apt-get install <<EOF\nfortune\ncowsay\nlolcat\nEOF\n"),
        "echo xargs": post("    echo fortune cowsay lolcat | xargs apt-get install\n"),
        "quotes": post("    apt-get 'install' \"fortune\" co'ws'ay lolcat\n"),
        "versions": post("    apt-get install fortune:amd64 cowsay=3.03+dfsg2-8 lolcat/jammy\n"),
        "sh -c": post("    sh -c 'apt-get install fortune cowsay lolcat'\n"),
        "sudo and env": post("    sudo env DEBIAN_FRONTEND=noninteractive apt-get install fortune cowsay lolcat\n"),
        "comment behind": post("    apt-get install fortune cowsay lolcat  # the cow\n"),
        "tabs and CRLF": post("\tapt-get\tinstall\tfortune cowsay lolcat\n").replace("\n", "\r\n"),
        "capital section": HEADER + "%POST\n" + INSTALL,
        "two percent": HEADER + "%%post\n" + INSTALL,
        "two sections": post("    apt-get install fortune\n%post\n    apt-get install cowsay lolcat\n"),
        "bash": HEADER + "%post -c /bin/bash -e\n    apt-get install {fortune,cowsay,lolcat}\n",
        "template": HEADER + "%arguments\n P=fortune cowsay lolcat\n%post\n    apt-get install {{ P }}\n",
        "list from a file": HEADER
        + "%files\n    list.txt /opt/list.txt\n%post\n    xargs -a /opt/list.txt apt-get install\n",
        "from a default": post("    apt-get install ${PKGS:-fortune cowsay lolcat}\n"),
        "subshell": post("    (cd /tmp; apt-get install fortune cowsay lolcat)\n"),
        "fortunes bring it": post("    apt-get install fortunes cowsay lolcat\n"),
    },
    "update-lists": {
        "plain": post(UPDATE + INSTALL),
        "apt": post("    apt update\n    apt install fortune cowsay lolcat\n"),
        "mixed": post("    apt update\n    apt-get install fortune cowsay lolcat\n"),
        "aptitude": post("    aptitude update\n    aptitude install fortune cowsay lolcat\n"),
        "chain": post("    apt-get update && apt-get install fortune cowsay lolcat\n"),
        "chain continued": post("    apt-get update \\\n     && apt-get install \\\n        fortune cowsay lolcat\n"),
        "semicolon": post("    apt-get update; apt-get install fortune cowsay lolcat\n"),
        "quiet": post("    apt-get -qq update\n" + INSTALL),
        "yes at update only": post("    apt-get update -y\n" + INSTALL),
        "tolerated": post("    apt-get update || true\n" + INSTALL),
        "retried": post("    for i in 1 2 3; do apt-get update && break; done\n" + INSTALL),
        "full path": post("    /usr/bin/apt-get update\n" + INSTALL),
        "frontend": post("    export DEBIAN_FRONTEND=noninteractive\n" + UPDATE + INSTALL),
        "variable": post("    APT=apt-get\n    $APT update\n    $APT install fortune cowsay lolcat\n"),
        "function": post("    lists() { apt-get update; }\n    lists\n" + INSTALL),
        "env wrapper": post("    env LC_ALL=C apt-get update\n" + INSTALL),
        "bash -c": post('    bash -c "apt-get update && apt-get install fortune cowsay lolcat"\n'),
        "subshell": post("    ( apt-get update )\n" + INSTALL),
        "one of two asks": post(UPDATE + "    apt-get install -y fortune\n    apt-get install cowsay lolcat\n"),
        "CRLF": post(UPDATE + INSTALL).replace("\n", "\r\n"),
        "assume no": post(UPDATE + "    apt-get install --yes=false fortune cowsay lolcat\n"),
        "after a first try": post("    apt-get install cowsay || apt-get update\n" + INSTALL),
    },
    "assume-yes": {
        "-y": post(UPDATE + YES),
        "before": post(UPDATE + "    apt-get -y install fortune cowsay lolcat\n"),
        "behind": post(UPDATE + "    apt-get install fortune cowsay lolcat -y\n"),
        "between": post(UPDATE + "    apt-get install fortune -y cowsay lolcat\n"),
        "--yes": post(UPDATE + "    apt-get install --yes fortune cowsay lolcat\n"),
        "--assume-yes": post(UPDATE + "    apt-get --assume-yes install fortune cowsay lolcat\n"),
        "--yes=true": post(UPDATE + "    apt-get install --yes=true fortune cowsay lolcat\n"),
        "-qy": post(UPDATE + "    apt-get install -qy fortune cowsay lolcat\n"),
        "-yqq": post(UPDATE + "    apt-get install -yqq fortune cowsay lolcat\n"),
        "-qq": post(UPDATE + "    apt-get -qq install fortune cowsay lolcat\n"),
        "-q -q": post(UPDATE + "    apt-get -q -q install fortune cowsay lolcat\n"),
        "-q=2": post(UPDATE + "    apt-get install -q=2 fortune cowsay lolcat\n"),
        "-o": post(UPDATE + "    apt-get -o APT::Get::Assume-Yes=true install fortune cowsay lolcat\n"),
        "-o glued": post(UPDATE + "    apt-get install fortune cowsay lolcat -oapt::get::assume-yes=on\n"),
        "--option": post(UPDATE + "    apt-get install --option=APT::Get::Assume-Yes=1 fortune cowsay lolcat\n"),
        "apt": post("    apt update\n    apt install -y fortune cowsay lolcat\n"),
        "aptitude": post("    aptitude update\n    aptitude -y install fortune cowsay lolcat\n"),
        "variable": post(UPDATE + "    Y=-y\n    apt-get install $Y fortune cowsay lolcat\n"),
        "configuration": post(
            "    echo 'APT::Get::Assume-Yes \"true\";' > /etc/apt/apt.conf.d/90yes\n" + UPDATE + INSTALL
        ),
        "configuration nested": post(
            '    cat > /etc/apt/apt.conf.d/90yes <<EOF\nAPT { Get { Assume-Yes "true"; }; };\nEOF\n' + UPDATE + INSTALL
        ),
        "yes |": post(UPDATE + "    yes | apt-get install fortune cowsay lolcat\n"),
        "echo y |": post(UPDATE + "    echo y | apt-get install fortune cowsay lolcat\n"),
        "printf |": post(UPDATE + "    printf 'Y\\n' | apt-get install fortune cowsay lolcat\n"),
        "empty line": post(UPDATE + "    echo | apt-get install fortune cowsay lolcat\n"),
        "heredoc": post(UPDATE + "    apt-get install fortune cowsay lolcat <<EOF\ny\nEOF\n"),
        "yes to a group": post("    yes | { apt-get update; apt-get install fortune cowsay lolcat; }\n"),
        "alias": post("    alias apt-get='apt-get -y'\n" + UPDATE + INSTALL),
        "function": post(
            '    get() { apt-get install -y "$@"; }\n' + UPDATE + "    get fortune cowsay\n    get lolcat\n"
        ),
        "chain": post("    apt-get update && apt-get install -y fortune cowsay lolcat && apt-get clean\n"),
        "no recommends": post(UPDATE + "    apt-get install -y --no-install-recommends fortune cowsay lolcat\n"),
        "three lines": post(
            UPDATE
            + "    apt-get install -y fortune\n    apt-get install --yes cowsay\n    apt-get -qy install lolcat\n"
        ),
        "xargs": post(UPDATE + "    echo fortune cowsay lolcat | xargs apt-get install -y\n"),
        "CRLF": BUILT.replace("\n", "\r\n"),
        "pip": post(UPDATE + "    apt-get install -y fortune cowsay python3-pip\n    pip3 install lolcat\n"),
        "gem": post(UPDATE + "    apt-get install -y fortune cowsay ruby\n    gem install lolcat\n"),
        "try first": post("    apt-get install -y cowsay || { " + UPDATE.strip() + "; }\n" + YES),
        "rest": SET,
    },
    "environment": {
        "plain": SET,
        "behind": environment("    export PATH=$PATH:/usr/games\n    export LC_ALL=C\n"),
        "two steps": environment("    PATH=/usr/games:$PATH\n    export PATH\n    LC_ALL=C\n    export LC_ALL\n"),
        "quotes": environment('    export PATH="/usr/games:${PATH}"\n    export LC_ALL="C"\n'),
        "one export": environment("    export PATH=/usr/games:$PATH LC_ALL=C\n"),
        "export both later": environment("    PATH=/usr/games:$PATH LC_ALL=C\n    export PATH LC_ALL\n"),
        "PATH is exported anyway": environment("    PATH=/usr/games:$PATH\n    export LC_ALL=C\n"),
        "C.UTF-8": environment("    export PATH=/usr/games:$PATH\n    export LC_ALL=C.UTF-8\n"),
        "POSIX": environment("    export PATH=/usr/games:$PATH\n    export LC_ALL=POSIX\n"),
        "slash": environment("    export PATH=/usr/games/:$PATH\n    export LC_ALL=C\n"),
        "in a variable": environment("    GAMES=/usr/games\n    export PATH=$GAMES:$PATH\n    export LC_ALL=C\n"),
        "declare": environment("    declare -x PATH=/usr/games:$PATH LC_ALL=C\n"),
        "set -a": environment("    set -a\n    PATH=/usr/games:$PATH\n    LC_ALL=C\n"),
        "append": environment("    PATH+=:/usr/games\n    export PATH LC_ALL=C\n"),
        "spelled out": environment(
            "    export PATH=/usr/games:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n    "
            "export LC_ALL=C\n"
        ),
        "if": environment(
            "    if [ -d /usr/games ]; then\n        export PATH=/usr/games:$PATH\n    fi\n    export LC_ALL=C\n"
        ),
        "semicolons": environment("    export PATH=/usr/games:$PATH; export LC_ALL=C\n"),
        "CRLF": SET.replace("\n", "\r\n"),
        "section above": HEADER + ENVIRONMENT + "\n%post\n" + UPDATE + YES,
        "two sections": SET.replace("    export LC_ALL", "%environment\n    export LC_ALL"),
        "echo from %post": BUILT
        + "    echo 'export PATH=/usr/games:$PATH' >> $APPTAINER_ENVIRONMENT\n"
        + '    echo "export LC_ALL=C" >>"$SINGULARITY_ENVIRONMENT"\n',
        "heredoc from %post": BUILT
        + "    cat >> $APPTAINER_ENVIRONMENT <<EOF\nexport PATH=/usr/games:\\$PATH\nexport LC_ALL=C\nEOF\n",
        "links": BUILT + "    ln -s /usr/games/* /usr/local/bin/\n%environment\n    export LC_ALL=C\n",
        "generated locale": post(
            UPDATE + "    apt-get install -y fortune cowsay lolcat locales\n    locale-gen en_US.UTF-8\n"
        )
        + "%environment\n    export PATH=/usr/games:$PATH\n    export LC_ALL=en_US.UTF-8\n",
        "template": HEADER
        + "%arguments\n G=/usr/games\n%post\n"
        + UPDATE
        + YES
        + "%environment\n    export PATH={{ G }}:$PATH\n    export LC_ALL=C\n",
        "comments": environment("    # games\n    export PATH=/usr/games:$PATH # found\n    export LC_ALL=C # plain\n"),
    },
    "runscript": {
        "plain": runscript("    fortune | cowsay | lolcat\n"),
        "no blanks": runscript("    fortune|cowsay|lolcat\n"),
        "options": runscript("    fortune -s | cowsay -f tux -W 60 | lolcat -f\n"),
        "full paths": runscript("    /usr/games/fortune | /usr/games/cowsay | /usr/games/lolcat\n"),
        "exec": runscript("    exec sh -c 'fortune | cowsay | lolcat'\n"),
        "arguments": runscript('    fortune | cowsay "$@" | lolcat\n'),
        "shebang": runscript("#!/bin/bash\nset -euo pipefail\nfortune | cowsay | lolcat\n"),
        "substitution": runscript('    cowsay "$(fortune)" | lolcat\n'),
        "backquotes": runscript("    cowsay `fortune` | lolcat\n"),
        "variables": runscript('    text=$(fortune)\n    cow=$(cowsay "$text")\n    echo "$cow" | lolcat\n'),
        "file": runscript("    fortune > /tmp/f\n    cowsay < /tmp/f > /tmp/c\n    lolcat /tmp/c\n"),
        "function": runscript("    moo() { cowsay | lolcat; }\n    fortune | moo\n"),
        "continued": runscript("    fortune \\\n        | cowsay \\\n        | lolcat\n"),
        "pipe at the end": runscript("    fortune |\n        cowsay |\n        lolcat\n"),
        "with tee": runscript("    fortune | tee /tmp/f | cowsay | lolcat\n"),
        "process substitution": runscript("#!/bin/bash\nlolcat <(cowsay <(fortune))\n"),
        "herestring": runscript('#!/bin/bash\ncowsay <<< "$(fortune)" | lolcat\n'),
        "heredoc": runscript("    cowsay <<EOF | lolcat\n$(fortune)\nEOF\n"),
        "condition": runscript(
            '    if [ $# -gt 0 ]; then\n        cowsay "$@" | lolcat\n'
            "    else\n        fortune | cowsay | lolcat\n    fi\n"
        ),
        "subshell": runscript("    (fortune | cowsay) | lolcat\n"),
        "programs in variables": runscript("    A=fortune B=cowsay\n    $A | $B | lolcat\n"),
        "own script": SET.replace(
            "%environment",
            "    printf '#!/bin/sh\\nfortune | cowsay | lolcat\\n' > /usr/local/bin/moo\n"
            "    chmod +x /usr/local/bin/moo\n\n%environment",
        )
        + "\n%runscript\n    exec moo\n",
        "copied script": SET.replace("%post", "%files\n    moo.sh /opt/moo.sh\n\n%post")
        + '\n%runscript\n    exec /opt/moo.sh "$@"\n',
        "CRLF": runscript("    fortune | cowsay | lolcat\n").replace("\n", "\r\n"),
        "section first": HEADER + "%runscript\n    fortune | cowsay | lolcat\n%post\n" + UPDATE + YES + ENVIRONMENT,
        "exit after": runscript("    fortune | cowsay | lolcat\n    exit 0\n"),
        "comment above": runscript("    # moo\n    fortune | cowsay | lolcat  # rainbow\n"),
        "eval": runscript("    eval 'fortune | cowsay | lolcat'\n"),
    },
}

# Each wrong recipe: its text, the check that must object first, and words of its message.
WRONG: dict[str, dict[str, tuple[str, str, str]]] = {
    "base-image": {
        "nothing": ("", "readable", "no recipe here yet"),
        "comments only": ("# Bootstrap: docker\n# From: ubuntu:22.04\n", "readable", "no recipe here yet"),
        "no tag": ("Bootstrap: docker\nFrom: ubuntu\n", "base", "no tag"),
        "tag cut off by a comment": ("Bootstrap: docker\nFrom: ubuntu:#22.04\n", "base", "no tag"),
        "latest": ("Bootstrap: docker\nFrom: ubuntu:latest\n", "base", "tag `latest`"),
        "wrong version": ("Bootstrap: docker\nFrom: ubuntu:24.04\n", "base", "tag `24.04`"),
        "swapped digits": ("Bootstrap: docker\nFrom: ubuntu:22.40\n", "base", "tag `22.40`"),
        "other system": ("Bootstrap: docker\nFrom: debian:22.04\n", "base", "another image"),
        "misspelt image": ("Bootstrap: docker\nFrom: unbuntu:22.04\n", "base", "another image"),
        "somebody's": ("Bootstrap: docker\nFrom: somebody/ubuntu:22.04\n", "base", "namespace"),
        "no From": ("Bootstrap: docker\n", "base", "no `From`"),
        "empty From": ("Bootstrap: docker\nFrom:\n", "base", "no `From`"),
        "no Bootstrap": ("From: ubuntu:22.04\n", "base", "no `Bootstrap`"),
        "scheme": ("Bootstrap: docker\nFrom: docker://ubuntu:22.04\n", "base", "`docker://`"),
        "quotes": ('Bootstrap: docker\nFrom: "ubuntu:22.04"\n', "base", "quotes"),
        "quoted agent": ('Bootstrap: "docker"\nFrom: ubuntu:22.04\n', "base", "quotes"),
        "capital agent": ("Bootstrap: Docker\nFrom: ubuntu:22.04\n", "base", "capital letters"),
        "unknown agent": ("Bootstrap: podman\nFrom: ubuntu:22.04\n", "base", "no agent `podman`"),
        "library alone": ("Bootstrap: library\nFrom: ubuntu:22.04\n", "base", "no default address"),
        "shub": ("Bootstrap: shub\nFrom: ubuntu:22.04\n", "base", "agent `shub`"),
        "blank in the name": ("Bootstrap: docker\nFrom: ubuntu 22.04\n", "base", "blank"),
        "short digest": ("Bootstrap: docker\nFrom: ubuntu@sha256:1234\n", "base", "no digest"),
        "debootstrap of another": (
            "Bootstrap: debootstrap\nOSVersion: noble\nMirrorURL: http://archive.ubuntu.com/ubuntu/\n",
            "base",
            "noble",
        ),
        "debootstrap without mirror": ("Bootstrap: debootstrap\nOSVersion: jammy\n", "base", "`MirrorURL`"),
        "nameless file": ("Bootstrap: localimage\nFrom: base.sif\n", "base", "base.sif"),
        "Dockerfile": ("FROM ubuntu:22.04\n", "readable", "Dockerfile"),
        "misspelt Bootstrap": ("Boostrap: docker\nFrom: ubuntu:22.04\n", "readable", "did you mean `Bootstrap`"),
        "misspelt From": ("Bootstrap: docker\nFrm: ubuntu:22.04\n", "readable", "did you mean `From`"),
        "no colon": ("Bootstrap docker\nFrom: ubuntu:22.04\n", "readable", "no colon"),
        "equals sign": ("Bootstrap = docker\nFrom = ubuntu:22.04\n", "readable", "no colon"),
        "byte order mark": ("\ufeffBootstrap: docker\nFrom: ubuntu:22.04\n", "readable", "byte order mark"),
        "undefined variable": ("Bootstrap: docker\nFrom: ubuntu:{{ V }}\n", "readable", "does not define `V`"),
        "section named like a key": ("%Bootstrap: docker\n%From: ubuntu:22.04\n", "readable", "empty section"),
        "second stage": (HEADER + "\nBootstrap: docker\nFrom: debian:12\n", "base", "another image"),
    },
    "install": {
        "no section": (HEADER + INSTALL, "readable", "no colon"),
        "no post": (HEADER, "programs", "no `%post`"),
        "empty post": (post(""), "programs", "nothing is installed"),
        "RUN": (HEADER + "RUN apt-get install fortune cowsay lolcat\n", "readable", "Dockerfile"),
        "misspelt section": (HEADER + "%pots\n" + INSTALL, "readable", "did you mean `%post`"),
        "indented section": (HEADER + "  %post\n" + INSTALL, "readable", "indented"),
        "blank in section": (HEADER + "% post\n" + INSTALL, "readable", "blank between"),
        "colon at section": (HEADER + "%post:\n" + INSTALL, "readable", "glued"),
        "tab at section": (HEADER + "%post\t\n" + INSTALL, "readable", "glued"),
        "in runscript": (HEADER + "%runscript\n" + INSTALL, "programs", "`%runscript`"),
        "in environment": (HEADER + "%environment\n" + INSTALL, "programs", "`%environment`"),
        "in setup": (HEADER + "%setup\n" + INSTALL, "programs", "`%setup`"),
        "in files": (HEADER + "%files\n" + INSTALL, "programs", "`%files`"),
        "in test": (HEADER + "%test\n" + INSTALL, "programs", "`%test`"),
        "lolcat missing": (post("    apt-get install fortune cowsay\n"), "programs", "`lolcat` is not installed"),
        "only echoed": (post("    echo apt-get install fortune cowsay lolcat\n"), "programs", "nothing is installed"),
        "comment": (post("    # apt-get install fortune cowsay lolcat\n"), "programs", "comment"),
        "package in comment": (post("    apt-get install fortune cowsay # lolcat\n"), "programs", "in a comment"),
        "misspelt package": (post("    apt-get install fortune cowsay locat\n"), "programs", "misspelt"),
        "commas": (post("    apt-get install fortune, cowsay, lolcat\n"), "programs", "misspelt"),
        "misspelt verb": (post("    apt-get isntall fortune cowsay lolcat\n"), "programs", "`isntall`"),
        "no verb": (post("    apt-get fortune cowsay lolcat\n"), "programs", "`fortune`"),
        "misspelt program": (post("    atp-get install fortune cowsay lolcat\n"), "programs", "`atp-get`"),
        "other system's": (post("    yum-install install fortune\n"), "programs", "no package manager"),
        "download only": (
            post("    apt-get install -d fortune cowsay lolcat\n"),
            "programs",
            "only simulates or downloads",
        ),
        "after exit": (post("    exit 0\n" + INSTALL), "programs", "never runs"),
        "uncalled function": (post("    get() {\n        apt-get install fortune\n    }\n"), "programs", "never runs"),
        "broken continuation": (
            post("    apt-get install fortune cowsay\n    lolcat\n"),
            "programs",
            "as a command of its own",
        ),
        "removed": (post("    apt-get remove fortune cowsay lolcat\n"), "programs", "nothing"),
        "one quoted word": (post('    apt-get install "fortune cowsay lolcat"\n'), "programs", "not installed"),
        "already updates": (post(UPDATE + INSTALL), "no-lists-yet", "already fetches"),
        "base lost": ("Bootstrap: docker\nFrom: ubuntu\n%post\n" + INSTALL, "base", "no tag"),
    },
    "update-lists": {
        "missing": (post(INSTALL), "lists", "before the lists exist"),
        "after": (post(INSTALL + UPDATE), "lists", "only after that"),
        "chained after": (
            post("    apt-get install fortune cowsay lolcat && apt-get update\n"),
            "lists",
            "only after that",
        ),
        "comment": (post("    # apt-get update\n" + INSTALL), "lists", "comment"),
        "upgrade": (post("    apt-get upgrade\n" + INSTALL), "lists", "`upgrade`"),
        "misspelt": (post("    apt-get udpate\n" + INSTALL), "lists", "`apt-get udpate`"),
        "echoed": (post('    echo "apt-get update"\n' + INSTALL), "lists", "before the lists exist"),
        "in setup": (HEADER + "%setup\n" + UPDATE + "%post\n" + INSTALL, "lists", "`%setup`"),
        "in pre": (HEADER + "%pre\n" + UPDATE + "%post\n" + INSTALL, "lists", "`%pre`"),
        "in environment": (HEADER + "%environment\n" + UPDATE + "%post\n" + INSTALL, "lists", "`%environment`"),
        "in runscript": (post(INSTALL + "%runscript\n" + UPDATE), "lists", "`%runscript`"),
        "between installs": (
            post("    apt-get install fortune\n" + UPDATE + "    apt-get install cowsay lolcat\n"),
            "lists",
            "only after that",
        ),
        "uncalled function": (post("    lists() { apt-get update; }\n" + INSTALL), "lists", "before the lists exist"),
        "yes already": (post(UPDATE + YES), "asks", "already says yes"),
        "yes by pipe": (post(UPDATE + "    yes | apt-get install fortune cowsay lolcat\n"), "asks", "already says yes"),
        "quiet enough": (post(UPDATE + "    apt-get install -qq fortune cowsay lolcat\n"), "asks", "already says yes"),
        "package lost": (
            post(UPDATE + "    apt-get install fortune lolcat\n"),
            "programs",
            "`cowsay` is not installed",
        ),
        "RUN": (HEADER + "RUN apt-get update\n", "readable", "Dockerfile"),
        "section lost": (HEADER + UPDATE + INSTALL, "readable", "no colon"),
        "version lost": (post(UPDATE + INSTALL, "Bootstrap: docker\nFrom: ubuntu\n"), "base", "no tag"),
        "CRLF": (post(INSTALL + UPDATE).replace("\n", "\r\n"), "lists", "only after that"),
    },
    "assume-yes": {
        "none": (post(UPDATE + INSTALL), "yes", "nobody can answer"),
        "at update": (post("    apt-get update -y\n" + INSTALL), "yes", "stands at the update"),
        "frontend": (
            post(UPDATE + "    DEBIAN_FRONTEND=noninteractive apt-get install fortune cowsay lolcat\n"),
            "yes",
            "DEBIAN_FRONTEND",
        ),
        "frontend exported": (
            post("    export DEBIAN_FRONTEND=noninteractive\n" + UPDATE + INSTALL),
            "yes",
            "DEBIAN_FRONTEND",
        ),
        "one of two": (
            post(UPDATE + "    apt-get install -y fortune cowsay\n    apt-get install lolcat\n"),
            "yes",
            "every install needs its own",
        ),
        "comment": (post(UPDATE + "    apt-get install fortune cowsay lolcat # -y\n"), "yes", "in the comment"),
        "no hyphen": (post(UPDATE + "    apt-get install y fortune cowsay lolcat\n"), "yes", "hyphen"),
        "capital": (post(UPDATE + "    apt-get install -Y fortune cowsay lolcat\n"), "yes", "`-Y`"),
        "yes no": (post(UPDATE + "    yes n | apt-get install fortune cowsay lolcat\n"), "yes", "begin with `y`"),
        "force-yes": (
            post(UPDATE + "    apt-get install --force-yes fortune cowsay lolcat\n"),
            "yes",
            "nobody can answer",
        ),
        "quiet once": (post(UPDATE + "    apt-get install -q fortune cowsay lolcat\n"), "yes", "nobody can answer"),
        "yes=false": (
            post(UPDATE + "    apt-get install --yes=false fortune cowsay lolcat\n"),
            "yes",
            "nobody can answer",
        ),
        "configured false": (
            post(UPDATE + "    apt-get -o APT::Get::Assume-Yes=false install fortune cowsay lolcat\n"),
            "yes",
            "nobody can answer",
        ),
        "configured too late": (
            post(UPDATE + INSTALL + "    echo 'APT::Get::Assume-Yes \"true\";' > /etc/apt/apt.conf.d/90yes\n"),
            "yes",
            "nobody can answer",
        ),
        "xargs reads nothing": (
            post(UPDATE + "    echo fortune cowsay lolcat | xargs apt-get install\n"),
            "yes",
            "nobody can answer",
        ),
        "yes to the update": (post("    yes | apt-get update\n" + INSTALL), "yes", "nobody can answer"),
        "chain": (
            post("    apt-get -y update && apt-get install fortune cowsay lolcat\n"),
            "yes",
            "stands at the update",
        ),
        "lists lost": (post(YES), "lists", "before the lists exist"),
        "update after": (post(YES + UPDATE), "lists", "only after that"),
        "package lost": (post(UPDATE + "    apt-get install -y cowsay lolcat\n"), "programs", "`fortune`"),
        "wrong section": (HEADER + "%runscript\n" + UPDATE + YES, "programs", "`%runscript`"),
        "CRLF": (post(UPDATE + INSTALL).replace("\n", "\r\n"), "yes", "nobody can answer"),
    },
    "environment": {
        "missing": (BUILT, "path", "no `%environment`"),
        "empty": (BUILT + "%environment\n\n", "path", "no `%environment`"),
        "in post": (BUILT + "    export PATH=/usr/games:$PATH LC_ALL=C\n", "path", "only in `%post`"),
        "in runscript": (
            BUILT + "%runscript\n    export PATH=/usr/games:$PATH\n%environment\n export LC_ALL=C\n",
            "path",
            "only in `%runscript`",
        ),
        "path lost": (environment("    export PATH=/usr/games\n    export LC_ALL=C\n"), "path", "old `PATH` is lost"),
        "single quotes": (
            environment("    export PATH='/usr/games:$PATH'\n    export LC_ALL=C\n"),
            "path",
            "Single quotes",
        ),
        "other folder": (environment("    export PATH=/usr/game:$PATH\n    export LC_ALL=C\n"), "path", "never gets"),
        "relative folder": (environment("    export PATH=usr/games:$PATH\n    export LC_ALL=C\n"), "path", "usr/games"),
        "misspelt variable": (environment("    export PAHT=/usr/games:$PATH\n    export LC_ALL=C\n"), "path", "`PAHT`"),
        "small letters": (environment("    export path=/usr/games:$PATH\n    export LC_ALL=C\n"), "path", "`path`"),
        "comment": (environment("    # export PATH=/usr/games:$PATH\n    export LC_ALL=C\n"), "path", "comment"),
        "Dockerfile": (
            BUILT + "%environment\n    ENV PATH=/usr/games:$PATH\n    export LC_ALL=C\n",
            "path",
            "never gets",
        ),
        "section misspelt": (SET.replace("%environment", "%enviroment"), "readable", "did you mean `%environment`"),
        "plural": (SET.replace("%environment", "%environments"), "readable", "did you mean `%environment`"),
        "no locale": (environment("    export PATH=/usr/games:$PATH\n"), "locale", "`LC_ALL` is not set"),
        "locale not exported": (
            environment("    export PATH=/usr/games:$PATH\n    LC_ALL=C\n"),
            "locale",
            "not exported",
        ),
        "locale in post": (
            BUILT + "    export LC_ALL=C\n%environment\n    export PATH=/usr/games:$PATH\n",
            "locale",
            "only in `%post`",
        ),
        "locale absent": (
            environment("    export PATH=/usr/games:$PATH\n    export LC_ALL=de_DE.UTF-8\n"),
            "locale",
            "is set to `de_DE.UTF-8`",
        ),
        "locale misspelt": (
            environment("    export PATH=/usr/games:$PATH\n    export LC_AL=C\n"),
            "locale",
            "sets `LC_AL`",
        ),
        "emptied": (environment("    export PATH=/usr/games:$PATH\n    export LC_ALL\n"), "locale", "is not set"),
        "exported to a file of the host": (
            BUILT + "    echo 'export PATH=/usr/games:$PATH' >> ~/.bashrc\n%environment\n    export LC_ALL=C\n",
            "path",
            "never gets",
        ),
        "yes lost": (SET.replace("-y ", ""), "yes", "nobody can answer"),
    },
    "runscript": {
        "missing": (SET, "flow", "no `%runscript`"),
        "empty": (SET + "%runscript\n\n", "flow", "is empty"),
        "in post": (SET.replace("%env", "    fortune | cowsay | lolcat\n%env"), "flow", "only in `%post`"),
        "in startscript": (SET + "%startscript\n    fortune | cowsay | lolcat\n", "flow", "`%startscript`"),
        "in apprun": (SET + "%apprun moo\n    fortune | cowsay | lolcat\n", "flow", "`%apprun`"),
        "in environment": (SET + "    fortune | cowsay | lolcat\n", "flow", "only in `%environment`"),
        "in test": (SET + "%test\n    fortune | cowsay | lolcat\n", "flow", "only in `%test`"),
        "three lines": (runscript("    fortune\n    cowsay\n    lolcat\n"), "flow", "not joined"),
        "semicolons": (runscript("    fortune; cowsay; lolcat\n"), "flow", "not joined"),
        "half joined": (runscript("    fortune | cowsay\n    lolcat\n"), "flow", "not joined"),
        "and": (runscript("    fortune && cowsay && lolcat\n"), "flow", "`&&`"),
        "or": (runscript("    fortune || cowsay || lolcat\n"), "flow", "`||`"),
        "order": (runscript("    cowsay | fortune | lolcat\n"), "flow", "order"),
        "backwards": (runscript("    lolcat | cowsay | fortune\n"), "flow", "order"),
        "rainbow first": (runscript("    fortune | lolcat | cowsay\n"), "flow", "order"),
        "lolcat missing": (runscript("    fortune | cowsay\n"), "flow", "`lolcat` is missing"),
        "fortune missing": (runscript("    cowsay moo | lolcat\n"), "flow", "`fortune` is missing"),
        "echo": (runscript("    echo fortune | cowsay | lolcat\n"), "flow", "only a word"),
        "quoted": (runscript('    "fortune | cowsay | lolcat"\n'), "flow", "one word"),
        "into a file": (runscript("    fortune > cowsay > lolcat\n"), "flow", "file called"),
        "kept in a file": (runscript("    fortune | cowsay | lolcat > /tmp/cow\n"), "flow", "goes into a file"),
        "misspelt": (runscript("    fortune | cowsay | lolcatt\n"), "flow", "misspelt"),
        "comment": (runscript("    # fortune | cowsay | lolcat\n"), "flow", "`fortune` is missing"),
        "half a comment": (runscript("    fortune | cowsay # | lolcat\n"), "flow", "`lolcat` is missing"),
        "after exec": (runscript("    exec fortune\n    fortune | cowsay | lolcat\n"), "flow", "never runs"),
        "dash c": (SET + "%runscript -c /bin/bash\n    fortune | cowsay | lolcat\n", "flow", "`%runscript -c`"),
        "CMD": (SET + "%runscript\n    CMD fortune | cowsay | lolcat\n", "flow", "only a word"),
        "misspelt section": (
            SET + "%runscipt\n    fortune | cowsay | lolcat\n",
            "readable",
            "did you mean `%runscript`",
        ),
    },
}

STEPS = tuple(RIGHT)


@pytest.mark.parametrize(("name", "spelling"), [(name, spelling) for name in STEPS for spelling in RIGHT[name]])
def test_a_right_spelling_passes(name: str, spelling: str) -> None:
    verdict = judge_recipe(step(name), RIGHT[name][spelling])
    assert [finding.message for finding in verdict.findings] == []
    assert verdict.outcome is Outcome.PASSED


@pytest.mark.parametrize(("name", "spelling"), [(name, spelling) for name in STEPS for spelling in WRONG[name]])
def test_a_wrong_spelling_is_told_its_fault(name: str, spelling: str) -> None:
    recipe, check, words = WRONG[name][spelling]
    verdict = judge_recipe(step(name), recipe)
    assert verdict.outcome is Outcome.NOT_YET
    first = verdict.findings[0]
    assert (first.check, words.lower() in first.message.lower()) == (check, True), first
    if first.line is not None:
        lines = recipe.split("\n")
        assert 1 <= first.line <= len(lines)
        assert first.column is not None
        assert 1 <= first.column <= len(lines[first.line - 1]) + 1


@pytest.mark.parametrize("name", STEPS)
def test_there_are_enough_spellings(name: str) -> None:
    assert len(RIGHT[name]) >= 12
    assert len(WRONG[name]) >= 12
