"""What is explained, and which words the explanation is for."""

from __future__ import annotations

import pytest

from cowshed_lessons.language import hover
from cowshed_lessons.language.layout import layout_of
from cowshed_lessons.verdict import Position

RECIPE = """Bootstrap: docker  # why docker
From: ubuntu:{{ VER }}
Stage: build

%arguments
    VER=22.04

%post -c /bin/bash -e
    sudo apt-get install -y \\
        --no-install-recommends cmake  # apt-get
    echo "$APPTAINER_ENVIRONMENT" '{{ OTHER }}'
    cat <<E
apt-get $PATH
E
    DEBIAN_FRONTEND=x yum clean all | tar -C /x

%files from build
    a b
%appinstall moo
    rm -fr x
%nothing
    apt-get
"""

FOUND = [
    ("Bootstrap", "Bootstrap", "Where the base comes from"),
    ("docker  #", "docker", "An image from Docker Hub"),
    ("From", "From", "The base image"),
    ("{{ VER", "{{ VER }}", "`%arguments` says `22.04`"),
    ("{{ OTHER", "{{ OTHER }}", "needs `--build-arg`"),
    ("%arguments", "%arguments", "Defaults for"),
    ("%post", "%post", "Commands that build"),
    ("-c /bin", "-c", "runs the section"),
    ("-e\n", "-e", "first command that fails"),
    ("sudo", "sudo", "Not needed"),
    ("apt-get install", "apt-get", "package manager of Debian"),
    ("install -y", "install", "Install packages"),
    ("-y \\", "-y", "yes"),
    ("--no-install", "--no-install-recommends", "only what is needed"),
    ("APPTAINER_ENV", "APPTAINER_ENVIRONMENT", "whenever the image runs"),
    ("PATH", "PATH", "Where programs"),
    ("DEBIAN_FRONT", "DEBIAN_FRONTEND", "questions"),
    ("yum", "yum", "Red Hat"),
    ("tar", "tar", "archives"),
    ("-C /x", "-C", "unpack"),
    ("%files", "%files", "Files to copy"),
    ("from build", "from", "earlier stage"),
    ("%appinstall", "%appinstall", "one app"),
    ("-fr", "-fr", "Remove folders"),
]


@pytest.mark.parametrize(("piece", "words", "said"), FOUND)
def test_words_are_explained(piece: str, words: str, said: str) -> None:
    offset = RECIPE.index(piece)
    line = RECIPE.count("\n", 0, offset) + 1
    column = offset - RECIPE.rfind("\n", 0, offset)
    found = hover(RECIPE, Position(line, column))
    assert found is not None
    assert said in found.markdown
    start, end = found.range.start, found.range.end
    assert start.line == end.line == line
    assert layout_of(RECIPE).line(line)[start.column - 1 : end.column - 1] == words


@pytest.mark.parametrize(
    "piece", ["why docker", "# apt-get", "apt-get $PATH", "cmake", "a b", "moo", "%nothing", "    apt-get\n", "VER=22"]
)
def test_the_rest_is_not(piece: str) -> None:
    offset = RECIPE.rindex(piece) + (4 if piece.startswith(" ") else 2 if piece.startswith("#") else 0)
    line = RECIPE.count("\n", 0, offset) + 1
    assert hover(RECIPE, Position(line, offset - RECIPE.rfind("\n", 0, offset))) is None
