"""Meaning, not text: the recipes of the lesson on definition files, as differently spelt as people spell them."""

from __future__ import annotations

import pytest

from lessons.spellings import cases, enough, is_told, passes

ROCKY = "Bootstrap: docker\nFrom: rockylinux/rockylinux:9\n"
UBUNTU = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
DIGEST = "sha256:" + "a" * 64
POST = "    apt-get update\n    apt-get install -y figlet\n"
FILES = "    greeting.txt /opt/greeting.txt\n"
ENVIRONMENT = "    export GREETING=/opt/greeting.txt\n"
RUNSCRIPT = '    figlet < "$GREETING"\n'
LABELS = "    Author Ada Lovelace\n"
HELP = "    Prints a greeting in large letters.\n"


def whole(
    header: str = UBUNTU,
    *,
    files: str = "%files\n" + FILES,
    post: str = POST,
    environment: str = "%environment\n" + ENVIRONMENT,
    runscript: str = "%runscript\n" + RUNSCRIPT,
    labels: str = "%labels\n" + LABELS,
    about: str = "%help\n" + HELP,
) -> str:
    """A recipe with all sections of the step; what is given takes a section's place."""
    return f"{header}\n{files}\n%post\n{post}\n{environment}\n{runscript}\n{labels}\n{about}"


RIGHT = {
    "definition-file/header": {
        "plain": ROCKY,
        "registry": "Bootstrap: docker\nFrom: docker.io/rockylinux/rockylinux:9\n",
        "index": "Bootstrap: docker\nFrom: index.docker.io/rockylinux/rockylinux:9.4\n",
        "minor version": "Bootstrap: docker\nFrom: rockylinux/rockylinux:9.3.20231119\n",
        "small one": "Bootstrap: docker\nFrom: rockylinux/rockylinux:9-minimal\n",
        "dotted small one": "Bootstrap: docker\nFrom: rockylinux/rockylinux:9.4-ubi-init\n",
        "tag and digest": f"Bootstrap: docker\nFrom: rockylinux/rockylinux:9@{DIGEST}\n",
        "digest": f"Bootstrap: docker\nFrom: rockylinux/rockylinux@{DIGEST}\n",
        "other registry": "Bootstrap: docker\nFrom: quay.io/rockylinux/rockylinux:9\n",
        "keys": "Bootstrap: docker\nRegistry: docker.io\nNamespace: rockylinux\nFrom: rockylinux:9\n",
        "key case": "bootstrap: docker\nFROM: rockylinux/rockylinux:9\n",
        "order of keys": "From: rockylinux/rockylinux:9\n Bootstrap: docker\n",
        "blanks": "  Bootstrap :  docker\n\tFrom:\trockylinux/rockylinux:9  \n",
        "no blanks": "Bootstrap:docker\nFrom:rockylinux/rockylinux:9",
        "comments": "# Rocky\nBootstrap: docker # Docker Hub\nFrom: rockylinux/rockylinux:9 # not 8\n",
        "CRLF": ROCKY.replace("\n", "\r\n"),
        "variable": "Bootstrap: docker\nFrom: rockylinux/{{ NAME }}:{{V}}\n%arguments\n NAME=rockylinux\n V=9\n",
        "continued": "Bootstrap: docker\nFrom: rockylinux/\\\nrockylinux:9\n",
        "local file": "Bootstrap: localimage\nFrom: rockylinux_9.sif\n",
        "archive": "Bootstrap: docker-archive\nFrom: images/rockylinux-9.tar\n",
        "stage": "Bootstrap: docker\nFrom: debian:12\nStage: one\n\n" + ROCKY + "Stage: two\n",
        "with sections": ROCKY + "\n%post\n    dnf install -y cowsay\n",
        "dnf": "Bootstrap: dnf\nOSVersion: 9\nMirrorURL: https://download.rockylinux.org/pub/rocky/9/BaseOS/x86_64/os/\n"
        "Include: dnf\n",
    },
    "definition-file/sections": {
        "plain": whole(),
        "Alpine": whole("Bootstrap: docker\nFrom: alpine:3.17\n", post="    apk add --no-cache figlet\n"),
        "Fedora": whole("Bootstrap: docker\nFrom: fedora:40\n", post="    dnf -y install figlet && dnf clean all\n"),
        "apt": whole(post="    apt update\n    apt install -y figlet\n"),
        "chain": whole(
            post="    apt-get update && \\\n      apt-get install -y --no-install-recommends \\\n      figlet\n"
        ),
        "to a folder": whole(files="%files\n    greeting.txt /opt/\n"),
        "to a folder without its slash": whole(files="%files\n    greeting.txt /opt\n"),
        "from here": whole(files="%files\n    ./greeting.txt   /opt/greeting.txt\n"),
        "absolute": whole(files="%files\n/home/ada/cowshed/greeting.txt /opt/greeting.txt\n"),
        "star": whole(files="%files\n    *.txt /opt/\n"),
        "comment in files": whole(files="%files\n    # what it says\n    greeting.txt /opt/greeting.txt\n"),
        "more files": whole(files="%files\n    README.md /opt/\n" + FILES),
        "two sections of files": whole(files="%files\n    README.md /opt/\n%files\n" + FILES),
        "set, then exported": whole(environment="%environment\n    GREETING=/opt/greeting.txt\n    export GREETING\n"),
        "in quotes": whole(environment="%environment\n    export GREETING='/opt/greeting.txt'\n"),
        "from another": whole(environment="%environment\n    D=/opt\n    export GREETING=${D}/greeting.txt\n"),
        "from post": whole(
            post=POST + "    echo 'export GREETING=/opt/greeting.txt' >> $APPTAINER_ENVIRONMENT\n", environment=""
        ),
        "template": whole(
            UBUNTU + "%arguments\n    WHERE=/opt/greeting.txt\n",
            files="%files\n    greeting.txt {{ WHERE }}\n",
            environment="%environment\n    export GREETING={{ WHERE }}\n",
        ),
        "pipe": whole(runscript='%runscript\n    cat "$GREETING" | figlet -f slant\n'),
        "substitution": whole(runscript='%runscript\n    exec figlet "$(cat "$GREETING")"\n'),
        "full path": whole(runscript='%runscript\n    /usr/bin/figlet < "$GREETING"\n'),
        "bash": whole(
            runscript='%runscript\n#!/bin/bash\nset -e\nwhile read -r l; do figlet "$l"; done < "$GREETING"\n'
        ),
        "choice": whole(
            runscript='%runscript\n    if [ $# -gt 0 ]; then\n  figlet "$@"\n    else\n  figlet < "$GREETING"\n    fi\n'
        ),
        "small label": whole(labels="%labels\n    version 1\n    author ada@example.org\n"),
        "quoted label": whole(labels='%labels\n    Author "Ada Lovelace"\n'),
        "label from post": whole(post=POST + '    echo "Author Ada" >> "$APPTAINER_LABELS"\n', labels=""),
        "capital help": whole(about="%help\nGREETINGS IN LARGE LETTERS\n"),
        "long help": whole(
            about="%help\n    Usage: apptainer run x.sif\n\n    It shows the Greeting that came with it.\n"
        ),
        "capital sections": whole().replace("%post", "%POST").replace("%labels", "%Labels"),
        "turned round": UBUNTU
        + "%help\n"
        + HELP
        + "%labels\n"
        + LABELS
        + "%runscript\n"
        + RUNSCRIPT
        + "%environment\n"
        + ENVIRONMENT
        + "%post\n"
        + POST
        + "%files\n"
        + FILES,
        "CRLF": whole().replace("\n", "\r\n"),
        "from a stage": "Bootstrap: docker\nFrom: alpine:3.17\nStage: one\n%post\n    echo hi > /greeting.txt\n\n"
        + whole(files="%files from one\n    /greeting.txt /opt/greeting.txt\n"),
    },
}

WRONG = {
    "definition-file/header": {
        "nothing": ("", "readable", "no recipe here yet"),
        "starter": ("# Which registry?\n", "readable", "no recipe here yet"),
        "no tag": ("Bootstrap: docker\nFrom: rockylinux/rockylinux\n", "base", "no tag"),
        "latest": ("Bootstrap: docker\nFrom: rockylinux/rockylinux:latest\n", "base", "tag `latest`"),
        "version 8": ("Bootstrap: docker\nFrom: rockylinux/rockylinux:8\n", "base", "tag `8`"),
        "version 90": ("Bootstrap: docker\nFrom: rockylinux/rockylinux:90\n", "base", "tag `90`"),
        "words for a tag": ("Bootstrap: docker\nFrom: rockylinux/rockylinux:v9\n", "base", "tag `v9`"),
        "relative": ("Bootstrap: docker\nFrom: almalinux:9\n", "base", "another image"),
        "somebody's": ("Bootstrap: docker\nFrom: ada/rockylinux:9\n", "base", "namespace `ada`"),
        "From first": ("From: rockylinux/rockylinux:9\nBootstrap: docker\n", "base", "begins a new header"),
        "hyphen for colon": ("Bootstrap: docker\nFrom: rockylinux/rockylinux-9\n", "base", "another image"),
        "blank for colon": ("Bootstrap: docker\nFrom: rockylinux/rockylinux 9\n", "base", "blank"),
        "address": ("Bootstrap: docker\nFrom: docker://rockylinux/rockylinux:9\n", "base", "`docker://`"),
        "web page": ("Bootstrap: docker\nFrom: https://hub.docker.com/r/rockylinux/rockylinux\n", "base", "`https://`"),
        "quotes": ("Bootstrap: docker\nFrom: 'rockylinux/rockylinux:9'\n", "base", "quotes"),
        "library": ("Bootstrap: library\nFrom: rockylinux/rockylinux:9\n", "base", "no default address"),
        "capital agent": ("Bootstrap: DOCKER\nFrom: rockylinux/rockylinux:9\n", "base", "capital letters"),
        "registry for agent": ("Bootstrap: dockerhub\nFrom: rockylinux/rockylinux:9\n", "base", "no agent `dockerhub`"),
        "no From": ("Bootstrap: docker\n", "base", "no `From`"),
        "no Bootstrap": ("From: rockylinux/rockylinux:9\n", "base", "no `Bootstrap`"),
        "dnf of 8": (
            "Bootstrap: dnf\nOSVersion: 8\nMirrorURL: https://download.rockylinux.org/pub/rocky/8/BaseOS/x86_64/os/\n",
            "base",
            "agent `dnf`",
        ),
        "short digest": ("Bootstrap: docker\nFrom: rockylinux/rockylinux@sha256:12\n", "base", "no digest"),
        "nameless file": ("Bootstrap: localimage\nFrom: base.sif\n", "base", "base.sif"),
        "Dockerfile": ("FROM rockylinux/rockylinux:9\n", "readable", "Dockerfile"),
        "equals signs": ("Bootstrap=docker\nFrom=rockylinux/rockylinux:9\n", "readable", "no colon"),
        "misspelt": ("Bootstrap: docker\nForm: rockylinux/rockylinux:9\n", "readable", "did you mean `From`"),
        "undefined": ("Bootstrap: docker\nFrom: rockylinux/rockylinux:{{ V }}\n", "readable", "does not define `V`"),
        "later stage": (ROCKY + "\nBootstrap: docker\nFrom: debian:12\n", "base", "another image"),
    },
    "definition-file/sections": {
        "no files": (whole(files=""), "files", "no `%files`"),
        "empty files": (whole(files="%files\n"), "files", "`%files`"),
        "other file": (whole(files="%files\n    greetings.md /opt/greeting.txt\n"), "files", "greeting.txt"),
        "other place": (whole(files="%files\n    greeting.txt /greeting.txt\n"), "files", "to `/greeting.txt`"),
        "no place": (whole(files="%files\n    greeting.txt\n"), "files", "to `greeting.txt`"),
        "arrow": (whole(files="%files\n    greeting.txt -> /opt/greeting.txt\n"), "files", "to `->`"),
        "COPY": (whole(files="%files\n    COPY greeting.txt /opt/greeting.txt\n"), "files", "COPY"),
        "cp in post": (whole(files="", post="    cp greeting.txt /opt/\n" + POST), "files", "no `%files`"),
        "written in post": (whole(files="", post=POST + "    echo hi > /opt/greeting.txt\n"), "files", "no `%files`"),
        "files in a comment": (whole(files="%files\n    # greeting.txt /opt/greeting.txt\n"), "files", "`%files`"),
        "nothing installed": (whole(post="    apt-get update\n"), "installs", "installs"),
        "misspelt package": (whole(post="    apt-get update\n    apt-get install -y figlt\n"), "installs", "misspelt"),
        "other package": (whole(post="    apt-get update\n    apt-get install -y toilet\n"), "installs", "`figlet`"),
        "install in runscript": (
            whole(post="    true\n", runscript="%runscript\n    apt-get install -y figlet\n" + RUNSCRIPT),
            "installs",
            "%runscript",
        ),
        "variable in post": (whole(post=POST + ENVIRONMENT, environment=""), "variable", "only in `%post`"),
        "variable nowhere": (whole(environment=""), "variable", "`GREETING`"),
        "variable in runscript": (
            whole(environment="", runscript="%runscript\n" + ENVIRONMENT + RUNSCRIPT),
            "variable",
            "%runscript",
        ),
        "not exported": (
            whole(environment="%environment\n    GREETING=/opt/greeting.txt\n"),
            "variable",
            "not exported",
        ),
        "blank at the sign": (
            whole(environment="%environment\n    export GREETING = /opt/greeting.txt\n"),
            "variable",
            "blank",
        ),
        "empty value": (
            whole(environment="%environment\n    export GREETING=\n"),
            "variable",
            "not set when the image starts.",
        ),
        "misspelt variable": (
            whole(environment="%environment\n    export GREETNG=/opt/greeting.txt\n"),
            "variable",
            "GREETNG",
        ),
        "other value": (
            whole(environment="%environment\n    export GREETING=greeting.txt\n"),
            "variable",
            "greeting.txt",
        ),
        "like a Dockerfile": (
            whole(environment="%environment\n    ENV GREETING=/opt/greeting.txt\n"),
            "variable",
            "GREETING",
        ),
        "no runscript": (whole(runscript=""), "runs", "no `%runscript`"),
        "runs in post": (whole(post=POST + "    figlet < /opt/greeting.txt\n", runscript=""), "runs", "`%post`"),
        "only echoed": (whole(runscript="%runscript\n    echo figlet\n"), "runs", "does not run"),
        "misspelt program": (whole(runscript='%runscript\n    fliget < "$GREETING"\n'), "runs", "misspelt"),
        "never reached": (whole(runscript="%runscript\n    exit 0\n" + RUNSCRIPT), "runs", "never runs"),
        "no labels": (whole(labels=""), "label", "no `%labels`"),
        "other label": (whole(labels="%labels\n    Version 1\n"), "label", "no `Author`"),
        "colon at the label": (whole(labels="%labels\n    Author: Ada\n"), "label", "`Author:`"),
        "equals sign at the label": (whole(labels="%labels\n    Author=Ada\n"), "label", "`Author=Ada`"),
        "label without value": (whole(labels="%labels\n    Author\n"), "label", "no value"),
        "no help": (whole(about=""), "help", "no `%help`"),
        "empty help": (whole(about="%help\n\n"), "help", "empty"),
        "help of something else": (whole(about="%help\n    To be written.\n"), "help", "`greeting`"),
        "misspelt section": (whole(labels="%label\n" + LABELS), "readable", "%labels"),
        "indented section": (whole(labels="  %labels\n" + LABELS, post=POST), "readable", "indented"),
        "colon at a section": (whole(about="%help:\n" + HELP), "readable", "glued"),
        "CRLF": (whole(labels="").replace("\n", "\r\n"), "label", "no `%labels`"),
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
