"""The linter as a whole: silence, fixes, and what it says of recipes that are known to be sound or broken."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cowshed_lessons.linting import (
    RULES,
    Fix,
    LintFinding,
    Range,
    Severity,
    TextEdit,
    apply_edits,
    apply_fix,
    apply_fixes,
    fix_all,
    lint,
    rule,
)
from cowshed_lessons.recipe import read_recipe
from cowshed_lessons.verdict import Position
from recipe_corpus import GRAMMAR_CASES, PUBLIC_RECIPES, recorded
from recipe_mutants import TOKENS

BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
LATEST = "Bootstrap: docker\nFrom: ubuntu:latest\n"
NEEDS_CORPUS = pytest.mark.skipif(
    not PUBLIC_RECIPES.exists(), reason=f"the public recipes are not here ({PUBLIC_RECIPES})"
)


def rules_of(text: str, least: Severity = Severity.STYLE) -> set[str]:
    return {finding.rule for finding in lint(text) if finding.severity >= least}


def test_two_rules_cannot_share_a_name() -> None:
    with pytest.raises(ValueError, match="from-latest"):
        rule("from-latest", Severity.INFO, "", why="", wrong="", right="", source="")(lambda linted: ())


def test_findings_come_in_the_order_of_the_text() -> None:
    found = lint("Bootstrap: Docker\nFrom: ubuntu\n%post\n    sudo apt install x\n    rm -rf /tmp/*\n")
    places = [(finding.range.start.line, finding.range.start.column) for finding in found]
    assert places == sorted(places)
    assert len(found) >= 5


def test_rules_can_be_chosen() -> None:
    assert [finding.rule for finding in lint(LATEST, select=["from-latest"])] == ["from-latest"]
    assert "from-latest" not in [finding.rule for finding in lint(LATEST, ignore=["from-latest"])]
    assert lint("", select=["from-latest"]) == ()


def test_build_arguments_give_variables_a_value() -> None:
    text = "Bootstrap: docker\nFrom: ubuntu:{{ V }}\n"
    assert "arg-undefined" in rules_of(text)
    assert "arg-undefined" not in {item.rule for item in lint(text, build_arguments={"V": "1"})}
    assert "from-latest" in {item.rule for item in lint(text, build_arguments={"V": "latest"})}


@pytest.mark.parametrize(
    "text",
    [
        "# cowshed: ignore=from-latest\n" + LATEST,
        "\n# about\n#cowshed:ignore = x, from-latest\n" + LATEST,
        "Bootstrap: docker\n# cowshed: ignore=from-latest\nFrom: ubuntu:latest\n",
        "Bootstrap: docker\nFrom: ubuntu:latest # cowshed: ignore=doc-missing,from-latest\n",
    ],
)
def test_a_comment_silences_a_rule(text: str) -> None:
    assert "from-latest" in rules_of(LATEST)
    assert "from-latest" not in rules_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "# cowshed: ignore=from-untagged\n" + LATEST,
        "Bootstrap: docker\nFrom: ubuntu:latest\n# cowshed: ignore=from-latest\n%post\n true\n",
        "Bootstrap: docker # cowshed: ignore=from-latest\nFrom: ubuntu:latest\n",
        "# ignore=from-latest\n" + LATEST,
    ],
)
def test_a_comment_silences_nothing_else(text: str) -> None:
    assert "from-latest" in rules_of(text)


@pytest.mark.parametrize(
    "arguments", ["from build", "from build ", "from  build", " from build", "from build # it", "from build\t"]
)
def test_blanks_around_the_stage_to_copy_from_do_no_harm(arguments: str) -> None:
    """Seen in real builds of Apptainer 1.4.5: each of these copies."""
    stages = BASE + "Stage: build\n%post\n    touch /a\n" + BASE + f"Stage: final\n%files {arguments}\n    /a /b\n"
    assert not {"files-args", "files-stage"} & rules_of(stages)
    assert "files-stage" in rules_of(stages.replace("Stage: build", "Stage: other"))


def finding(*edits: TextEdit, safe: bool = True) -> LintFinding:
    return LintFinding("x", Severity.INFO, "", edits[0].range, (Fix("", edits, safe),))


def edit(start: int, end: int, text: str) -> TextEdit:
    return TextEdit(Range(Position(1, start), Position(1, end)), text)


def test_fixes_that_touch_wait_for_the_next_round() -> None:
    fixed = apply_fixes("abcdef", [finding(edit(1, 3, "X")), finding(edit(2, 4, "Y")), finding(edit(5, 6, "Z"))])
    assert fixed.text == "XcdZf"
    assert len(fixed.mended) == 2
    assert apply_fixes("abc", [finding(edit(1, 2, ""), safe=False)]).text == "abc"
    assert apply_fixes("abc", [finding(edit(1, 2, ""), safe=False)], offered=True).text == "bc"
    assert apply_edits("abc", [edit(1, 3, "X"), edit(2, 4, "Y")]) == "Xc"
    assert apply_edits("a", [TextEdit(Range(Position(9, 9), Position(9, 9)), "b")]) == "ab"


def test_fixing_ends_even_where_fixes_undo_each_other() -> None:
    def turned(text: str) -> list[LintFinding]:
        return [finding(edit(1, 2, "b" if text == "a" else "a"))]

    assert fix_all("a", turned).text in ("a", "b")


# Our own renditions of what Apptainer documents.
DOCUMENTED = {
    "everything": """Bootstrap: docker
From: ubuntu:22.04
Stage: build

%arguments
    VERSION=3.18

%setup
    touch /file1
    touch ${APPTAINER_ROOTFS}/file2

%files
    /file1
    /file1 /opt

%environment
    export LISTEN_PORT=54321
    export LC_ALL=C

%post
    apt-get update && apt-get install -y netcat
    NOW=`date`
    echo "export NOW=\\"${NOW}\\"" >> $APPTAINER_ENVIRONMENT

%runscript
    echo "Container was created $NOW"
    echo "Arguments received: $*"
    exec echo "$@"

%startscript
    nc -lp $LISTEN_PORT

%test
    grep -q NAME=\\"Ubuntu\\" /etc/os-release
    if [ $? -eq 0 ]; then
        echo "Container base is Ubuntu as expected."
    else
        echo "Container base is not Ubuntu."
        exit 1
    fi

%labels
    Author myuser@example.com
    Version v0.0.1

%help
    This is a demo container used to illustrate a def file.
""",
    "two stages": """Bootstrap: docker
From: golang:1.12.3-alpine3.9
Stage: devel

%post
  export PATH="/go/bin:/usr/local/go/bin:$PATH"
  export HOME="/root"
  cd /root
  cat << EOF > hello.go
package main
func main() { println("Hello World!") }
EOF
  go build -o hello hello.go

# Install binary into the final image
Bootstrap: library
From: alpine:3.9
Stage: final

%files from devel
  /root/hello /bin/hello
""",
    "apps": """Bootstrap: docker
From: ubuntu:22.04

%environment
    GLOBAL=variables
    AVAILABLE="to all apps"
    export GLOBAL AVAILABLE

%apprun foo
    exec echo "RUNNING FOO"

%applabels foo
   BESTAPP FOO

%appinstall foo
   touch foo.exec

%appenv foo
    SOFTWARE=foo
    export SOFTWARE

%apphelp foo
    This is the help for foo.

%appfiles foo
   foo.txt

%apptest foo
    test -f foo.exec

%appstart foo
    exec sleep 10
""",
    "a shell of its own": BASE + "%post -c /bin/bash\n    source /etc/os-release\n    echo ${NAME,,}\n",
    "runscript with bash": BASE + "%runscript\n#!/bin/bash\n    a=(1 2)\n    exec echo \"${a[@]}\" \"$@\"\n",
    "debootstrap": "Bootstrap: debootstrap\nOSVersion: jammy\nMirrorURL: http://archive.ubuntu.com/ubuntu/\n",
    "yum": "Bootstrap: yum\nOSVersion: 7\nMirrorURL: http://mirror.example/%{OSVERSION}/os/$basearch/\nInclude: yum\n",
    "dnf": "Bootstrap: dnf\nMirrorURL: http://mirror.example/8/os/$basearch/\nInclude: dnf\nSetOpt: gpgcheck=0\n",
    "busybox": "Bootstrap: busybox\nMirrorURL: https://www.busybox.net/downloads/binaries/1.35.0/busybox\n",
    "zypper": "Bootstrap: zypper\nOSVersion: 15.5\nMirrorURL: http://mirror.example/%{OSVERSION}/\nInclude: zypper\n",
    "arch": "Bootstrap: arch\n",
    "scratch": "Bootstrap: scratch\n%files\n    hello /hello\n%runscript\n    /hello\n",
    "localimage": "Bootstrap: localimage\nFrom: /opt/images/base.sif\nFingerprints: 12045C8C0B1004D058DE4BEDA20C27EE\n",
    "oras": "Bootstrap: oras\nFrom: registry.example/namespace/image:1\n",
    "docker-archive": "Bootstrap: docker-archive\nFrom: images/a.tar\n",
    "oci": "Bootstrap: oci\nFrom: images/layout:1\n",
    "library with its address": "Bootstrap: library\nFrom: debian:7\nLibrary: https://library.example\n",
    "registry": "Bootstrap: docker\nFrom: alpine:3\nRegistry: quay.io\nNamespace: biocontainers\n",
    "variables": "Bootstrap: {{ AGENT }}\nFrom: {{ BASE }}\n%arguments\n AGENT=docker\n BASE=alpine:3\n",
    "a function and a heredoc": BASE + "%post\n f() {\n  cat <<-'X' > /a\n\ttext\n\tX\n }\n f\n%runscript\n cat /a\n",
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTED)
def test_no_documented_example_gets_an_error(name: str) -> None:
    text = DOCUMENTED[name]
    assert read_recipe(text).accepted
    assert [item.message for item in lint(text) if item.severity is Severity.ERROR] == []


# Recipes found in public that Apptainer accepts and that get an error. Each kind was looked at:
# `From` above `Bootstrap` (no bootstrap specification found), `docker://` in From (could not parse reference),
# `source` in a script that dash runs (not found, and `-e` ends the build), a blank behind a backslash.
LOOKED_AT = {"bootstrap-missing", "from-scheme", "shell-bashism", "space-after-backslash"}


@NEEDS_CORPUS
def test_accepted_recipes_found_in_public_hardly_get_errors() -> None:
    accepted = [case for case in recorded(PUBLIC_RECIPES) if case.accepted]
    with_error = {case.id: rules_of(case.text, Severity.ERROR) for case in accepted}
    with_error = {name: rules for name, rules in with_error.items() if rules}
    assert len(with_error) <= len(accepted) * 0.02
    assert set().union(*with_error.values()) <= LOOKED_AT


@NEEDS_CORPUS
def test_rejected_recipes_found_in_public_get_errors() -> None:
    for case in recorded(PUBLIC_RECIPES):
        if not case.accepted:
            assert rules_of(case.text, Severity.ERROR), case.id


def test_rejected_grammar_cases_get_errors() -> None:
    cases = [case for case in recorded(GRAMMAR_CASES) if not case.accepted]
    assert len(cases) > 20
    for case in cases:
        assert rules_of(case.text, Severity.ERROR), case.id


def check_fixes(text: str) -> int:
    """Every safe fix leaves a recipe as readable as before, and mends what it says. Returns how many there were."""
    accepted = read_recipe(text).accepted
    fixed = fix_all(text, lint)
    assert read_recipe(fixed.text).accepted or not accepted
    assert not [item for item in lint(fixed.text) if any(fix.safe for fix in item.fixes)]
    before = lint(text)
    if accepted:
        assert rules_of(fixed.text, Severity.ERROR) <= {item.rule for item in before}
    for item in before:
        for fix in item.fixes:
            mended = apply_fix(text, fix)
            assert mended != text
            if fix.safe:
                assert read_recipe(mended).accepted or not accepted, (item, mended)
                number = sum(other.rule == item.rule for other in before)
                assert sum(other.rule == item.rule for other in lint(mended)) < number, (item, mended)
    return len(fixed.mended)


@NEEDS_CORPUS
def test_fixes_of_public_recipes_keep_them_readable() -> None:
    assert sum(check_fixes(case.text) for case in recorded(PUBLIC_RECIPES) if len(case.text) < 6_000) > 100


def test_fixes_of_grammar_cases_keep_them_readable() -> None:
    assert sum(check_fixes(case.text) for case in recorded(GRAMMAR_CASES)) >= 5


PIECES = st.one_of(
    st.sampled_from(TOKENS),
    st.sampled_from([item.wrong for item in RULES.values() if len(item.wrong) < 1_000]),
    st.sampled_from(
        [
            *"\n\n\n \t%#:{}$'\"\\|&;()<>`\r\0é",
            "apt install x\n",
            "sudo ",
            "rm -rf /tmp/*\n",
            "pip install y ",
            "cat <<EOF\n",
            "EOF\n",
            "[[ a == b ]] && ",
            "# cowshed: ignore=sudo\n",
        ]
    ),
    st.text(max_size=20),
)
SECONDS = float(os.environ.get("COWSHED_FUZZ_SECONDS", "0"))


def never_stumbles(text: str) -> None:
    lines = text.count("\n") + 1
    for item in lint(text):
        assert 1 <= item.range.start.line <= lines
        assert item.range.start.column >= 1
        for fix in item.fixes:
            apply_fix(text, fix)
    for rule_ in RULES:
        if rule_ in ("sudo", "files-stage"):
            lint(text, select=[rule_])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES, max_size=30).map("".join), st.booleans())
def test_no_text_makes_the_linter_stumble(text: str, with_header: bool) -> None:
    never_stumbles(BASE * with_header + text)


@pytest.mark.skipif(not SECONDS, reason="a long run: COWSHED_FUZZ_SECONDS=600")
@pytest.mark.timeout(SECONDS + 600)
def test_no_text_makes_the_linter_stumble_for_a_long_time() -> None:
    import random
    import time

    from recipe_mutants import mutants

    originals = [case.text for case in recorded(GRAMMAR_CASES)]
    if PUBLIC_RECIPES.exists():
        originals += [case.text for case in recorded(PUBLIC_RECIPES)]
    end = time.monotonic() + SECONDS
    seed = random.SystemRandom().randrange(2**32)
    while time.monotonic() < end:
        seed += 1
        for text in mutants(originals, 50, seed):
            started = time.process_time()
            never_stumbles(text)
            assert time.process_time() - started < 2, f"seed {seed}"
