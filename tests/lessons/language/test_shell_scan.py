"""Scripts that are read on from where they part from an earlier one come to the same as when they are read anew."""

from __future__ import annotations

import random

import pytest

from cowshed_lessons.language import shell_scan
from cowshed_lessons.language.shell_scan import ShellScan, scan

SCRIPT = """    # first
    A=1 apt-get install -y cowsay && echo "two
words" > /opt/x
    cat > /opt/y <<EOF && cat <<-'B'
echo $A
EOF
    # not here
\tB
    for x in a b; do echo 'it' \\
        "$x"; done
    cat <<C
left open
"""
SIGNS = [*"a #'\"\\;|&<>$({\n", "\n", "<<EOF\n", "EOF\n", "\tB\n", "\\\n", "A=2\n", "{{ A }}", "$((1))", "for x\n"]


def anew(text: str) -> ShellScan:
    kept = list(shell_scan._TAPES)
    shell_scan._TAPES.clear()
    scan.cache_clear()
    found = scan(text)
    shell_scan._TAPES[:] = kept
    scan.cache_clear()
    return found


@pytest.mark.parametrize("seed", range(60))
def test_a_script_that_is_typed_is_read_as_it_is(seed: int) -> None:
    chance = random.Random(seed)
    text = SCRIPT * 3
    for number in range(40):
        at = chance.randrange(len(text) + 1)
        end = at + chance.randrange(4) if chance.random() < 0.4 else at
        text = text[:at] + chance.choice(SIGNS) * (chance.random() < 0.8) + text[end:]
        for part in (text, text[:at], text[: len(text) // 2]):
            assert scan(part) == anew(part), f"change {number}:\n{part}"


def test_a_long_script_is_read_on(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "".join(f"    echo {number}\n" for number in range(500))
    scan(f"{lines}    echo one")
    began = []
    real = shell_scan._scan

    def watched(text: str, old: shell_scan._Tape, number: int) -> shell_scan._Tape:
        began.append(old.marks[number - 1].at)
        return real(text, old, number)

    monkeypatch.setattr(shell_scan, "_scan", watched)
    assert scan(f"{lines}    echo only").commands[-1][1].text == "only"
    assert began == [len(lines)]


def test_few_earlier_scripts_are_held() -> None:
    for number in range(20):
        scan("echo moo\n" * 100 + str(number))
    assert len(shell_scan._TAPES) <= shell_scan._MOST_TAPES
