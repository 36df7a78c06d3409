"""What completion offers, and where it keeps quiet. `|` is the cursor."""

from __future__ import annotations

import pytest

from cowshed_lessons.language import Completion, CompletionKind, complete
from cowshed_lessons.linting import TextEdit, apply_edits, lint
from cowshed_lessons.recipe import read_recipe
from cowshed_lessons.verdict import Position

BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
ALPINE = "Bootstrap: docker\nFrom: alpine:3.20\n"
ROCKY = "Bootstrap: docker\nFrom: rockylinux:9\n"
K = CompletionKind


def offered(marked: str, *packages: str) -> tuple[Completion, ...]:
    at = marked.index("|")
    text = marked[:at] + marked[at + 1 :]
    line = marked.count("\n", 0, at) + 1
    return complete(text, Position(line, at - marked.rfind("\n", 0, at)), packages=packages)


def labels(marked: str, *packages: str) -> list[str]:
    return [item.label for item in offered(marked, *packages)]


def accepted(marked: str, label: str) -> str:
    """The text after a completion was taken."""
    item = next(item for item in offered(marked) if item.label == label)
    return apply_edits(marked.replace("|", ""), [TextEdit(item.replaces, item.insert)])


FIRST = [
    ("|", "Bootstrap", K.KEY),
    ("# a recipe\n|", "Bootstrap", K.KEY),
    ("boo|", "Bootstrap", K.KEY),
    ("Bootstrap: |", "docker", K.AGENT),
    ("Bootstrap: debo|", "debootstrap", K.AGENT),
    ("Bootstrap: docker\n|", "From", K.KEY),
    ("Bootstrap: debootstrap\n|", "MirrorURL", K.KEY),
    ("Bootstrap: scratch\n|", "Stage", K.KEY),
    ("Bootstrap: zypper\nOtherURL0: x\nother|", "OtherURL1", K.KEY),
    ("Bootstrap: debootstrap\nOSVersion: |", "bookworm", K.VALUE),
    ("Bootstrap: docker\nStage: |", "build", K.VALUE),
    (BASE + "%|", "%arguments", K.SECTION),
    (BASE + "%arguments\n A=1\n%files\n a\n%|", "%post", K.SECTION),
    (BASE + "%RUN|", "%runscript", K.SECTION),
    (BASE + "%post\n    true\n  %en|", "%environment", K.SECTION),
    (BASE + "%post |", "-c /bin/bash -e", K.VALUE),
    (BASE + "Stage: a\n" + BASE + "Stage: b\n" + BASE + "%files from |", "b", K.STAGE),
    (BASE + "Stage: a\n" + BASE + "%files fr|", "from", K.VALUE),
    (BASE + "%appinstall moo\n true\n%apprun |", "moo", K.APP),
    (BASE + "%arguments\n VER=1\n%post\n echo {{ |", "VER", K.VARIABLE),
    ("Bootstrap: docker\nFrom: a:{{V|\n%arguments\n VER=1\n", "VER", K.VARIABLE),
    (BASE + "%post\n    |", "apt-get update", K.COMMAND),
    (ALPINE + "%post\n    |", "apk add --no-cache", K.COMMAND),
    (ROCKY + "%post\n    |", "dnf install -y", K.COMMAND),
    (BASE + "%post\n    apt-get |", "update", K.COMMAND),
    (BASE + "%post\n    apt-get update && apt-get ins|", "install", K.COMMAND),
    (BASE + "%post\n    apt-get install -|", "-y", K.OPTION),
    (BASE + "%post\n    apt-get install -y --no|", "--no-install-recommends", K.OPTION),
    (BASE + "%post\r\n    pip install --no-c|\r\n", "--no-cache-dir", K.OPTION),
    (BASE + "%post\n    apt-get install -y py|", "python3", K.PACKAGE),
    (BASE + "%post\n    apt-get install -y \\\n        vim \\\n        cm|", "cmake", K.PACKAGE),
    (BASE + "%post\n    if true; then\n        sudo apt-get install gi|", "git", K.PACKAGE),
    (ROCKY + "%post\n    dnf install -y gcc-|", "gcc-c++", K.PACKAGE),
    (BASE + "%post\n    A=1\n    B=2\n    echo $|", "B", K.VARIABLE),
    (BASE + '%post\n    A=1\n    echo "x ${|', "A", K.VARIABLE),
    (BASE + "%setup\n    cp a $APP|", "APPTAINER_ROOTFS", K.VARIABLE),
    (BASE + "%environment\n    |", "export PATH=", K.COMMAND),
    (BASE + "%post\n    cat <<E\na\nE\n    cmak|", "cmake", K.COMMAND),
]


@pytest.mark.parametrize(("marked", "label", "kind"), FIRST)
def test_the_best_comes_first(marked: str, label: str, kind: CompletionKind) -> None:
    found = offered(marked)
    assert (found[0].label, found[0].kind) == (label, kind)


NOTHING = [
    "# Boo|",
    BASE + "From: a # b|",
    BASE + "%post\n    # apt|",
    BASE + "%post\n    true # apt|",
    BASE + "%post\n    cat <<E\napt|\nE\n",
    BASE + "%post\n    echo 'apt|",
    BASE + "%post\n    echo '$|",
    BASE + "%post\n    echo > /et|",
    BASE + "%help\n    apt|",
    BASE + "%labels\n    # {{|",
    "Bootstrap: docker\nFrom: a\\\nb|",
]


@pytest.mark.parametrize("marked", NOTHING)
def test_quiet_where_nothing_fits(marked: str) -> None:
    assert offered(marked) == ()


def test_keys_that_are_there_are_not_offered_again() -> None:
    assert labels(BASE + "|") == ["Registry", "Namespace", "Stage"]
    assert "needed" in offered("Bootstrap: docker\n|")[0].detail


def test_sections_that_are_there_come_last_and_bare() -> None:
    found = {item.label: item.insert for item in offered(BASE + "%post\n    true\n%|")}
    assert found["%post"] == "%post"
    assert found["%test"] == "%test\n    set -e"
    order = list(found)
    assert order.index("%post") > order.index("%pre")


def test_a_section_line_above_a_body_gets_no_skeleton() -> None:
    assert accepted(BASE + "%po|\n    true\n", "%post") == BASE + "%post\n    true\n"


def test_a_recipe_written_by_completion_is_accepted() -> None:
    text = accepted("|", "Bootstrap")
    text = accepted(text + "|", "docker") + "\n"
    text = accepted(text + "|", "From")
    text = accepted(text + "|", "ubuntu:22.04") + "\n"
    text = accepted(text + "%|", "%post")
    text = accepted(text + "|", "apt-get update") + "\n    "
    text = accepted(text + "|", "apt-get install -y --no-install-recommends")
    text = accepted(text + "|", "cowsay") + "\n"
    assert read_recipe(text).accepted
    assert not [item for item in lint(text) if item.rule.startswith("apt-") and item.rule != "apt-clean"]


def test_windows_line_ends_are_kept() -> None:
    found = offered(BASE.replace("\n", "\r\n") + "%tes|\r\n")
    assert found[0].insert == "%test\r\n    set -e"


def test_wanted_packages_come_first_and_installed_ones_not_again() -> None:
    assert labels(BASE + "%post\n apt-get install -y cowsay |", "fortune", "cowsay", "lolcat")[:2] == [
        "fortune",
        "lolcat",
    ]


def test_a_template_is_closed_once() -> None:
    text = BASE + "%arguments\n    VER=1\n%post\n    echo {{|"
    assert accepted(text, "VER").endswith("{{ VER }}")
    assert accepted(text + " }}", "VER").endswith("{{ VER }}")


def test_stages_of_this_and_later_ones_are_not_offered() -> None:
    assert labels(BASE + "Stage: a\n%files from |\n" + BASE + "Stage: b\n") == []


def test_documentation_comes_along() -> None:
    found = offered(BASE + "%pos|")[0]
    assert found.detail
    assert "```apptainer" in found.documentation


def test_words_are_found_by_their_beginnings_only() -> None:
    assert "ldconfig" not in labels(BASE + "%post\n    fi|")
    assert labels(BASE + "%post\n    apt-get install no-inst|") == ["--no-install-recommends"]
    assert labels("Bootstrap: l|") == ["library", "localimage"]


def test_in_a_lesson_programs_come_before_whole_commands() -> None:
    found = labels(BASE + "%post\n    |", "cowsay")
    assert found[0] == "apt-get"
    assert found.index("apt-get update") > found.index("git")


def test_what_stands_beside_a_label_has_no_marks() -> None:
    for place in ("%post\n    |", "%post\n    apt-get |", "%|", "%post\n    apt-get install -|"):
        assert not [item.detail for item in offered(BASE + place) if "`" in item.detail]
