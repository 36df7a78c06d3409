"""What is mended without asking never makes a build that works behave in another way, and errors are errors."""

from __future__ import annotations

import pytest

from cowshed_lessons.linting import LintFinding, Severity, apply_fix, fix_all, lint

BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
POST = BASE + "%post\n"
UPDATE = POST + " apt-get update\n"


def found(rule: str, text: str) -> list[LintFinding]:
    return [item for item in lint(text) if item.rule == rule]


LEFT_AS_THEY_ARE = {
    "a section line in %help": BASE + "%help\n A recipe begins with\n  %post\n    rm -rf /data\n",
    "a section line in %apphelp": BASE + "%apphelp a\n  %post\n    rm -rf /data\n",
    "a second one in %help": BASE + "%help\n x\n  %post\n    rm -rf /data\n  %test\n    rm -rf /data\n",
    "a section line in a heredoc": POST + " cat > /a <<EOF\n  %post\n rm -rf /data\nEOF\n",
    "a section line in a quote": POST + ' echo "begins\n  %post\n rm -rf /data"\n',
    "a section line behind a backslash": POST + " echo \\\n  %post\n true\n",
    "a colon in %help": BASE + "%help\n Sections are\n%post: rm -rf /data\n%test:\n true\n",
    "words that Apptainer would ignore": BASE + "%environment:A=1\n true\n",
    "an app's name in %help": BASE + "%help\n as in\n%apprun  moo\n rm -rf /data\n",
    "a blank behind a backslash": POST + " echo installing \\ \n    touch /installed\n",
    "a stage's name with quotes": BASE + 'Stage: "build"\n%post\n touch /a\n' + BASE + '%files from "build"\n /a /b\n',
    "a late #!": BASE + "%runscript\n\n#!/bin/bash\n echo moo\n",
    "apt upgrade": UPDATE + " apt -y upgrade\n",
    "pip's cache": UPDATE + " pip install x\n rm -r /root/.cache/pip\n",
    "blanks behind %files": BASE + "%files  \n missing /a\n",
    "a comment behind a file": BASE + "%files\n a # b\n",
    "single quotes in a destination": BASE + "%files\n a '/b c'\n",
    "a library's address": "Bootstrap: library\nFrom: library://a:1\n",
    "apt that may fail": UPDATE + " apt-get install x || true\n",
    "apt that may fail, left of &&": UPDATE + " apt-get install x && touch /a\n true\n",
    "apt after set +e": UPDATE + " set +e\n apt-get install x\n",
}


@pytest.mark.parametrize("text", LEFT_AS_THEY_ARE.values(), ids=LEFT_AS_THEY_ARE)
def test_it_is_not_mended_without_asking(text: str) -> None:
    assert fix_all(text, lint).text == text
    assert lint(text), "but it is found"


def test_a_section_that_surely_is_one_is_mended() -> None:
    for above in ("%post\n true\n", "%files\n a b\n", "%post\n cat <<E\nx\nE\n", "%post\n echo {{ A }}\n", ""):
        text = BASE + above + "  %test\n true\n"
        assert fix_all(text, lint).text == BASE + above + "%test\n true\n"


def test_a_stage_and_those_who_copy_from_it_lose_their_quotes_together() -> None:
    text = LEFT_AS_THEY_ARE["a stage's name with quotes"]
    mended = apply_fix(text, found("header-quoted", text)[0].fixes[0])
    assert mended == text.replace('"', "")
    assert not [item for item in lint(mended) if item.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("body", "severity"),
    [
        (" ./configure \\ \n   --prefix=/opt\n", Severity.ERROR),
        (" make \\ \n   && make install\n", Severity.ERROR),
        (" apt-get install -y \\\n  fortune \\ \n  cowsay\n", Severity.ERROR),
        (" echo installing \\ \n    touch /installed\n", Severity.WARNING),
        (" echo apt-get \\ \n    touch /installed\n", Severity.WARNING),
        (' echo "a \\ \n  -b"\n', None),
        (" cat <<E\n a \\ \n -b\nE\n", None),
    ],
)
def test_a_blank_behind_a_backslash_is_an_error_where_it_breaks_a_command(body: str, severity: Severity | None) -> None:
    assert [item.severity for item in found("space-after-backslash", POST + body)] == [severity] * (
        severity is not None
    )


@pytest.mark.parametrize(
    "line",
    [
        " echo shifted $((1<<X))",
        ' echo "cat <<EOF"',
        ' sh -c "cat <<EOF"',
        " echo $(( 1 <<X ))",
        " echo 'a <<EOF'",
        " true # cat <<EOF",
    ],
)
def test_what_only_looks_like_a_heredoc_needs_no_end(line: str) -> None:
    assert found("heredoc-end", f"{POST} true\n{line}\n") == []
    assert found("heredoc-end", f"{POST} true\n cat <<EOF\n")


@pytest.mark.parametrize(
    ("body", "severities"),
    [
        (" source /a\n", [Severity.ERROR]),
        (" set +e\n source /a\n", [Severity.WARNING]),
        (" set +e\n true\n set -e\n source /a\n", [Severity.ERROR]),
        (" set +e\n a=(1)\n", [Severity.ERROR]),
        (' if [ -n "$BASH_VERSION" ]; then\n source /a\n fi\n', [Severity.WARNING]),
        (" if false; then\n source /a\n echo ${A//b/c}\n fi\n", [Severity.WARNING, Severity.WARNING]),
        (" if false; then\n a=(1)\n fi\n", [Severity.ERROR]),
        (" exit 0\n source /a\n a=(1)\n", [Severity.WARNING, Severity.WARNING]),
        (" if false; then exit 0; fi\n source /a\n", [Severity.ERROR]),
        (' [ -n "$BASH_VERSION" ] || exec bash "$0"\n source /a\n', [Severity.WARNING]),
        (" exec > /log\n source /a\n", [Severity.ERROR]),
        (' pushd() { cd "$1"; }\n pushd /opt\n', []),
    ],
)
def test_bash_alone_is_an_error_where_it_surely_ends_the_build(body: str, severities: list[Severity]) -> None:
    assert [item.severity for item in found("shell-bashism", POST + body)] == severities
