"""Meaning, not text: several stages, tests, arguments and apps, as differently spelt as people spell them."""

from __future__ import annotations

import pytest

from lessons.spellings import cases, enough, is_told, passes

HEADER = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
BUILD = HEADER + "Stage: build\n"
COMPILE = """
%post
    apt-get update
    apt-get install -y --no-install-recommends gcc libc6-dev
    echo 'int puts(const char *); int main(void) { puts("(oo)"); return 0; }' > /cow.c
    gcc -static -o /usr/local/bin/cow /cow.c

"""
LAST = "Bootstrap: docker\nFrom: alpine:3.17\n"
TAKE = "\n%files from build\n    /usr/local/bin/cow /usr/local/bin/cow\n"
RUN = '\n%runscript\n    cow "$@"\n'
INSTALL = "    apt-get update\n    apt-get install -y --no-install-recommends cowsay\n    rm -rf /var/lib/apt/lists/*\n"
ENVIRONMENT = "\n%environment\n    export PATH=/usr/games:$PATH\n    export LC_ALL=C\n"
COWSAY = HEADER + "\n%post\n" + INSTALL + ENVIRONMENT
APPS = '\n%apprun cow\n    cowsay "$@"\n\n%apprun tux\n    cowsay -f tux "$@"\n'


def trying(script: str) -> str:
    return f'{COWSAY}\n%runscript\n    cowsay "$@"\n\n%test\n{script}'


def animal(runscript: str, arguments: str = "    ANIMAL=default\n", post: str = INSTALL) -> str:
    return f"{HEADER}\n%arguments\n{arguments}\n%post\n{post}{ENVIRONMENT}\n%runscript\n{runscript}"


USE = "    cowsay -f {{ ANIMAL }} hello\n"

RIGHT = {
    "multistage/two-stages": {
        "plain": BUILD + COMPILE + LAST + "Stage: final\n" + TAKE + RUN,
        "last one without a name": BUILD + COMPILE + LAST + TAKE + RUN,
        "BusyBox": BUILD + COMPILE + "Bootstrap: docker\nFrom: busybox:1.36\n" + TAKE + RUN,
        "Debian": BUILD + COMPILE + "Bootstrap: docker\nFrom: debian:12-slim\n" + TAKE + RUN,
        "other name": BUILD.replace("build", "compiler-1") + COMPILE + LAST + TAKE.replace("build", "compiler-1") + RUN,
        "name first": "Bootstrap: docker\nStage: build\nFrom: ubuntu:22.04\n" + COMPILE + LAST + TAKE + RUN,
        "keys in small letters": "bootstrap: docker\nfrom: ubuntu:22.04\nstage: build\n" + COMPILE + LAST + TAKE + RUN,
        "sections turned round": BUILD + COMPILE + LAST + RUN + TAKE,
        "to a folder": BUILD + COMPILE + LAST + "%files from build\n    /usr/local/bin/cow /usr/local/bin/\n" + RUN,
        "same place": BUILD + COMPILE + LAST + "%files from build\n    /usr/local/bin/cow\n" + RUN,
        "star": BUILD
        + COMPILE
        + LAST
        + "%files from build\n    /usr/local/bin/* /opt/\n"
        + "%runscript\n    /opt/cow\n",
        "folder": BUILD + COMPILE + LAST + "%files from build\n    /usr/local /usr\n" + RUN,
        "own file too": BUILD + COMPILE + LAST + "%files\n    README.md /README.md\n" + TAKE + RUN,
        "comments": BUILD + COMPILE + "# and now the small one\n" + LAST + TAKE + "    # that is all\n" + RUN,
        "exec": BUILD + COMPILE + LAST + TAKE + '%runscript\n#!/bin/sh\nexec /usr/local/bin/cow "$@"\n',
        "three stages": BUILD
        + COMPILE
        + LAST
        + "Stage: between\n"
        + TAKE
        + "\n"
        + LAST
        + "%files from between\n    /usr/local/bin/cow /bin/cow\n"
        + RUN,
        "three, from the first": BUILD + COMPILE + LAST + "Stage: idle\n\n" + LAST + TAKE + RUN,
        "from two": BUILD
        + COMPILE
        + LAST
        + "Stage: two\n%post\n    date > /when\n\n"
        + LAST
        + TAKE
        + "%files from two\n    /when /when\n"
        + RUN,
        "source from my folder": BUILD + "%files\n    cow.c /cow.c\n" + COMPILE + LAST + TAKE + RUN,
        "variable": BUILD + COMPILE + LAST + "%arguments\n    S=build\n" + TAKE.replace("build", "{{ S }}") + RUN,
        "CRLF": (BUILD + COMPILE + LAST + TAKE + RUN).replace("\n", "\r\n"),
    },
    "going-further/test-section": {
        "plain": trying("    cowsay moo\n"),
        "full path": trying("    /usr/games/cowsay moo\n"),
        "grep": trying('    cowsay moo | grep -q "< moo >"\n'),
        "test": trying('    test -n "$(cowsay moo)"\n'),
        "brackets": trying('    [ "$(cowsay moo | wc -l)" -gt 5 ]\n'),
        "bash brackets": trying("#!/bin/bash\n[[ $(cowsay moo) == *moo* ]]\n"),
        "if": trying("    if ! cowsay moo > /dev/null; then\n        echo no cow >&2\n        exit 1\n    fi\n"),
        "or exit": trying("    cowsay moo || exit 1\n"),
        "or say and exit": trying("    cowsay moo || { echo no cow; exit 1; }\n"),
        "and": trying("    cowsay moo > /tmp/cow && grep moo /tmp/cow\n"),
        "strict": trying("    set -e\n    cowsay moo > /dev/null\n    echo fine\n"),
        "function": trying('    says() { cowsay "$1" | grep -q "$1"; }\n    says moo\n    says hello\n'),
        "variable": trying("    COW=/usr/games/cowsay\n    $COW moo\n"),
        "loop": trying("    for a in default tux; do cowsay -f $a moo; done\n"),
        "sh": trying("    sh -c 'cowsay moo'\n"),
        "command -v too": trying("    command -v cowsay\n    cowsay moo\n"),
        "in quotes": trying("    'cowsay' \"moo\"\n"),
        "comment": trying("    # does it speak?\n    cowsay moo  # it must\n"),
        "heredoc": trying("    cowsay <<EOF\nmoo\nEOF\n"),
        "first": HEADER + "%test\n    cowsay moo\n%post\n" + INSTALL + ENVIRONMENT,
        "capital": COWSAY + "%TEST\n    cowsay moo\n",
        "its own runscript": trying("    cowsay moo\n    /.singularity.d/runscript moo\n"),
        "CRLF": trying("    cowsay moo\n").replace("\n", "\r\n"),
    },
    "going-further/arguments": {
        "plain": animal(USE),
        "no blanks": animal("    cowsay -f {{ANIMAL}} hello\n"),
        "quotes": animal('    cowsay -f "{{ ANIMAL }}" hello\n'),
        "tux": animal(USE, "    ANIMAL=tux\n"),
        "blanks at the sign": animal(USE, "    ANIMAL = default\n"),
        "at the left edge": animal(USE, "ANIMAL=default\n"),
        "quoted default": animal(USE, '    ANIMAL="default"\n'),
        "two of them": animal("    cowsay -f {{ ANIMAL }} {{ WORD }}\n", "    ANIMAL=default\n    WORD=hello\n"),
        "comment": animal(USE, "    # who speaks\n    ANIMAL=default\n"),
        "through the environment": f"{COWSAY}    export ANIMAL={{{{ ANIMAL }}}}\n\n%arguments\n    ANIMAL=default\n"
        '\n%runscript\n    cowsay -f "$ANIMAL" "${@:-hello}"\n',
        "written in post": animal(
            "    cowsay -f $(cat /animal) hello\n", post=INSTALL + "    echo {{ ANIMAL }} > /animal\n"
        ),
        "shell variable": animal('    A={{ ANIMAL }}\n    cowsay -f "$A" "${1:-hello}"\n'),
        "at the end": HEADER + "%post\n" + INSTALL + ENVIRONMENT + "%runscript\n" + USE + "%arguments\n  ANIMAL=tux\n",
        "with a file's name": animal("    cowsay -f /usr/share/cowsay/cows/{{ ANIMAL }}.cow hello\n"),
        "used twice": animal(USE + "    echo That was {{ ANIMAL }}.\n"),
        "in a label too": animal(USE) + "\n%labels\n    Animal {{ ANIMAL }}\n",
        "continued": animal("    cowsay \\\n        -f {{ ANIMAL }} \\\n        hello\n"),
        "CRLF": animal(USE).replace("\n", "\r\n"),
    },
    "going-further/apps": {
        "plain": COWSAY + APPS,
        "with a runscript": COWSAY + '\n%runscript\n    cowsay "$@"\n' + APPS,
        "turned round": COWSAY + '\n%apprun tux\n    cowsay -f tux "$@"\n\n%apprun cow\n    cowsay "$@"\n',
        "apps first": HEADER + APPS + "\n%post\n" + INSTALL + ENVIRONMENT,
        "exec": COWSAY + '\n%apprun cow\n    exec cowsay "$@"\n\n%apprun tux\n    exec cowsay -f tux "$@"\n',
        "full path": COWSAY + '%apprun cow\n/usr/games/cowsay "$@"\n%apprun tux\n/usr/games/cowsay -f tux "$@"\n',
        "help too": COWSAY + APPS + "\n%apphelp cow\n    A cow.\n%apphelp tux\n    A penguin.\n",
        "environments": COWSAY + "%appenv cow\n    export A=default\n%appenv tux\n    export A=tux\n"
        '%apprun cow\n    cowsay -f $A "$@"\n%apprun tux\n    cowsay -f $A "$@"\n',
        "installed by an app": HEADER + ENVIRONMENT + "\n%appinstall cow\n" + INSTALL + APPS,
        "a third": COWSAY + APPS + '\n%apprun dragon\n    cowsay -f dragon "$@"\n',
        "labels": COWSAY + APPS + "\n%applabels tux\n    Animal penguin\n",
        "shebang": COWSAY + '%apprun cow\n#!/bin/bash\ncowsay "$@"\n%apprun tux\n#!/bin/bash\ncowsay -f tux "$@"\n',
        "comments": COWSAY + "# the apps\n" + APPS + "    # and no more\n",
        "files": COWSAY + "%appfiles tux\n    tux.txt\n" + APPS,
        "CRLF": (COWSAY + APPS).replace("\n", "\r\n"),
    },
}

WRONG = {
    "multistage/two-stages": {
        "nothing": ("", "readable", "no recipe here yet"),
        "one stage": (BUILD + COMPILE + RUN, "stages", "1 stage"),
        "nothing taken": (BUILD + COMPILE + LAST + RUN, "stages", "takes nothing"),
        "no name": (
            HEADER + COMPILE + LAST + "%files\n    /usr/local/bin/cow /bin/cow\n" + RUN,
            "stages",
            "has a name",
        ),
        "name that is not there": (
            BUILD + COMPILE + LAST + TAKE.replace("build", "compile") + RUN,
            "readable",
            "compile",
        ),
        "name of the last": (
            HEADER + COMPILE + LAST + "Stage: build\n" + TAKE + RUN,
            "readable",
            "build",
        ),
        "from my folder": (BUILD + COMPILE + LAST + TAKE.replace(" from build", "") + RUN, "stages", "your own folder"),
        "without from": (
            BUILD + COMPILE + LAST + TAKE.replace("from build", "build") + RUN,
            "stages",
            "your own folder",
        ),
        "empty files": (BUILD + COMPILE + LAST + "\n%files from build\n" + RUN, "stages", "nothing to copy"),
        "files in the first": (BUILD + "%files\n    cow.c /cow.c\n" + COMPILE + LAST + RUN, "stages", "takes nothing"),
        "no Bootstrap": (
            BUILD + COMPILE + "From: alpine:3.17\n" + TAKE + RUN,
            "readable",
            "no stage above",
        ),
        "no runscript": (BUILD + COMPILE + LAST + TAKE, "program", "no `%runscript`"),
        "runscript in the first": (BUILD + COMPILE + RUN + "\n" + LAST + TAKE, "program", "earlier stage"),
        "empty runscript": (BUILD + COMPILE + LAST + TAKE + "%runscript\n\n", "program", "empty"),
        "like a Dockerfile": ("FROM ubuntu:22.04 AS build\n" + COMPILE, "readable", "Dockerfile"),
        "COPY": (BUILD + COMPILE + LAST + "COPY --from=build /cow /cow\n" + RUN, "readable", "Dockerfile"),
        "misspelt key": (
            BUILD.replace("Stage", "Stages") + COMPILE + LAST + TAKE + RUN,
            "readable",
            "did you mean `Stage`",
        ),
        "misspelt section": (
            BUILD + COMPILE + LAST + TAKE.replace("%files", "%file") + RUN,
            "readable",
            "did you mean `%files`",
        ),
        "cp in post": (
            BUILD + COMPILE + LAST + "%post\n    cp /usr/local/bin/cow /bin/cow\n" + RUN,
            "stages",
            "takes nothing",
        ),
        "CRLF": ((BUILD + COMPILE + RUN).replace("\n", "\r\n"), "stages", "1 stage"),
    },
    "going-further/test-section": {
        "no section": (COWSAY, "tests", "no `%test`"),
        "empty": (trying("\n"), "tests", "no `%test`"),
        "echo": (trying('    echo "All is well"\n'), "tests", "does not run"),
        "only said": (trying("    echo cowsay moo\n"), "tests", "does not run"),
        "comment": (trying("    # cowsay moo\n"), "tests", "does not run"),
        "in post": (COWSAY.replace(ENVIRONMENT, "    /usr/games/cowsay moo\n"), "tests", "`%post`"),
        "in runscript": (COWSAY + "%runscript\n    cowsay moo\n", "tests", "no `%test`"),
        "other program": (trying("    ls /usr/games\n"), "tests", "does not run"),
        "only looked for": (trying("    command -v cowsay\n"), "tests", "does not run"),
        "only a file": (trying("    test -x /usr/games/cowsay\n"), "tests", "does not run"),
        "misspelt": (trying("    cowsya moo\n"), "tests", "misspelt"),
        "after exit": (trying("    exit 0\n    cowsay moo\n"), "tests", "never runs"),
        "or true": (trying("    cowsay moo || true\n"), "tests", "cannot fail"),
        "or colon": (trying("    cowsay moo || :\n"), "tests", "cannot fail"),
        "or say": (trying("    cowsay moo || echo no cow\n"), "tests", "cannot fail"),
        "misspelt section": (trying("    cowsay moo\n").replace("%test", "%tests"), "readable", "did you mean `%test`"),
        "indented section": (COWSAY + "  %test\n    cowsay moo\n", "readable", "indented"),
        "RUN": (trying("    RUN cowsay moo\n"), "tests", "RUN"),
        "uncalled function": (trying("    check() { cowsay moo; }\n"), "tests", "never"),
        "app's test": (COWSAY + "%apptest cow\n    cowsay moo\n", "tests", "`%apptest`"),
        "CRLF": (COWSAY.replace("\n", "\r\n"), "tests", "no `%test`"),
    },
    "going-further/arguments": {
        "no section": (
            HEADER + "%post\n" + INSTALL + ENVIRONMENT + "%runscript\n    cowsay hello\n",
            "argument",
            "no `%arg",
        ),
        "not defined": (HEADER + "%post\n" + INSTALL + ENVIRONMENT + "%runscript\n" + USE, "readable", "`ANIMAL`"),
        "dollar": (animal('    cowsay -f "$ANIMAL" hello\n'), "argument", "$ANIMAL"),
        "dollar with braces": (animal('    cowsay -f "${ANIMAL}" hello\n'), "argument", "${ANIMAL}"),
        "single braces": (animal("    cowsay -f { ANIMAL } hello\n"), "argument", "nothing in the recipe uses it"),
        "percent": (animal("    cowsay -f %ANIMAL% hello\n"), "argument", "nothing in the recipe uses it"),
        "not used": (animal("    cowsay hello\n"), "argument", "nothing in the recipe uses it"),
        "in a comment": (animal("    cowsay hello # {{ ANIMAL }}\n"), "argument", "comment"),
        "small letters": (animal("    cowsay -f {{ animal }} hello\n", "    animal=default\n"), "argument", "`animal`"),
        "small letters below": (animal("    cowsay -f {{ animal }} hello\n"), "readable", "`animal`"),
        "other name": (animal("    cowsay -f {{ COW }} hello\n", "    COW=default\n"), "argument", "`COW`"),
        "colon": (animal("    cowsay hello\n", "    ANIMAL: default\n"), "argument", "ANIMAL"),
        "exported": (animal("    cowsay hello\n", "    export ANIMAL=default\n"), "argument", "export ANIMAL"),
        "ARG": (HEADER + "ARG ANIMAL=default\n%runscript\n    cowsay\n", "readable", "Dockerfile"),
        "empty section": (animal("    cowsay hello\n", "\n"), "argument", "does not define"),
        "misspelt section": (animal("    cowsay hello\n").replace("%arguments", "%argument"), "readable", "%arguments"),
        "default inside": (
            HEADER + "%post\n" + INSTALL + "%runscript\n    cowsay -f {{ ANIMAL:-default }} hello\n",
            "argument",
            "no `%arg",
        ),
        "in the environment": (
            COWSAY + "    export ANIMAL=default\n%runscript\n    cowsay -f $ANIMAL\n",
            "argument",
            "no `%arguments`",
        ),
        "CRLF": (animal("    cowsay hello\n").replace("\n", "\r\n"), "argument", "nothing in the recipe uses it"),
    },
    "going-further/apps": {
        "no apps": (COWSAY + '%runscript\n    cowsay "$@"\n', "cow", "for the image as a whole"),
        "only the cow": (COWSAY + '%apprun cow\n    cowsay "$@"\n', "tux", "`tux`"),
        "only the penguin": (COWSAY + '%apprun tux\n    cowsay -f tux "$@"\n', "cow", "belongs to the app `tux`"),
        "no name": (COWSAY + '%apprun\n    cowsay "$@"\n', "readable", "name"),
        "other name": (COWSAY + APPS.replace("%apprun tux", "%apprun penguin"), "tux", "`tux`"),
        "capital name": (COWSAY + APPS.replace("%apprun tux", "%apprun Tux"), "tux", "`Tux`"),
        "empty": (COWSAY + '%apprun cow\n    cowsay "$@"\n%apprun tux\n', "tux", "empty"),
        "only an environment": (
            COWSAY + '%apprun cow\n    cowsay "$@"\n%appenv tux\n    export A=tux\n',
            "tux",
            "`tux`",
        ),
        "only help": (COWSAY + '%apprun cow\n    cowsay "$@"\n%apphelp tux\n    A penguin.\n', "tux", "`tux`"),
        "runscript with a name": (
            COWSAY + '%runscript cow\n    cowsay "$@"\n%runscript tux\n    cowsay -f tux "$@"\n',
            "cow",
            "for the image as a whole",
        ),
        "misspelt section": (
            COWSAY + APPS.replace("%apprun tux", "%appruns tux"),
            "readable",
            "did you mean `%apprun`",
        ),
        "app alone": (COWSAY + APPS.replace("%apprun", "%app"), "readable", "%app"),
        "glued": (COWSAY + APPS.replace("%apprun cow", "%apprun-cow"), "readable", "apprun"),
        "more blanks": (COWSAY + APPS.replace("%apprun cow", "%apprun   cow"), "readable", "does not say which app"),
        "capital section": (COWSAY + APPS.replace("%apprun", "%AppRun"), "readable", "small letters"),
        "colon": (COWSAY + APPS.replace("%apprun cow", "%apprun: cow"), "readable", "apprun"),
        "indented": (
            COWSAY + "%runscript\n    true\n" + APPS.replace("%apprun tux", "  %apprun tux"),
            "readable",
            "indented",
        ),
        "in a comment": (COWSAY + APPS.replace("%apprun tux", "# %apprun tux"), "tux", "`tux`"),
        "functions": (
            COWSAY + "%runscript\n    cow() { cowsay; }\n    tux() { cowsay -f tux; }\n",
            "cow",
            "for the image as a whole",
        ),
        "quotes": (COWSAY + APPS.replace("%apprun tux", '%apprun "tux"'), "tux", "quotes"),
        "CRLF": ((COWSAY + '%apprun cow\n    cowsay "$@"\n').replace("\n", "\r\n"), "tux", "`tux`"),
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
