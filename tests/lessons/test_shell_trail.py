"""Scripts that are followed along the trail of the one before come to the same as when they are followed anew."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from cowshed_lessons import shell_memory, shell_run, shell_trail, shell_walk
from cowshed_lessons.recipe import Recipe, read_recipe
from cowshed_lessons.recipe_scripts import RecipeScripts
from cowshed_lessons.shell import Script
from recipe_corpus import GRAMMAR_CASES, PUBLIC_RECIPES, recorded

HEAD = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
SCRIPT = """%post
    # first
    A=1
    apt-get update
    f() { echo "$A" > /opt/a; }
    if [ -d /opt ]; then
        B=$(echo two)
    fi
    cat > /opt/x <<EOF
echo $A
EOF
    f
    sh /opt/x
    echo "$B" | tee /opt/b
    set -a
    C=3
    apt-get install -y cowsay $B && rm -rf /tmp/x
    exit
    echo never
"""
ENVIRONMENT = "%environment\n    export PATH=/usr/games:$PATH\n    export X=$PATH\n"


def facts(script: Script) -> Any:
    """All that can be seen of a script."""

    def place(span: Any) -> tuple[int, int, int, int]:
        return (span.start.line, span.start.column, span.end.line, span.end.column)

    commands = [
        (
            *(command.number, command.wrappers, dict(command.settings), command.stdin, command.output, command.written),
            *(command.condition, command.after, command.tolerated, command.reachable, place(command.span)),
            [(word.text, word.raw, place(word.span), word.sources) for word in command.words],
            dict(command.variables),
        )
        for command in script.commands
    ]
    return commands, dict(script.variables), dict(script.files), script.output, dict(script.uncalled), script.complete


def followed(text: str) -> list[Any]:
    stages = read_recipe(text).stages[:3]
    scripts = [RecipeScripts(Recipe(text, (stage,), ())) for stage in stages]
    return [facts(each.script(name)) for each in scripts for name in ("post", "environment", "runscript")]


@pytest.fixture(autouse=True)
def no_trails() -> Iterator[None]:
    forget()
    yield
    forget()


def forget() -> None:
    shell_walk._TRAILS.clear()
    shell_walk._MEMORY.clear()


def followed_anew(text: str) -> list[Any]:
    trails, memory = dict(shell_walk._TRAILS), shell_walk._MEMORY
    shell_walk._TRAILS.clear()
    shell_walk._MEMORY = shell_memory.Memory()
    found = followed(text)
    shell_walk._TRAILS.clear()
    shell_walk._TRAILS.update(trails)
    shell_walk._MEMORY = memory
    return found


def typed(text: str, chance: random.Random) -> Iterator[str]:
    """A text while somebody types into it here and there."""
    signs = [
        "a",
        " ",
        "\n",
        "#",
        "$A",
        '"',
        "'",
        "(",
        ")",
        "{",
        "}",
        "|",
        "&&",
        ";",
        "<<EOF\n",
        "\\\n",
        "A=2\n",
        "exit\n",
    ]
    signs += ["f() { g; }\n", "%post\n", "then ", "fi\n", "`", "é", "{{ A }}", "apt-get install -y x\n", "export A=b\n"]
    for _ in range(12):
        at = chance.randrange(len(text) + 1)
        for _ in range(chance.randrange(1, 6)):
            if chance.random() < 0.3:
                text = text[: max(0, at - 1)] + text[at:]
                at = max(0, at - 1)
            elif chance.random() < 0.1:
                text = text[:at] + text[at + chance.randrange(60) :]
            else:
                new = chance.choice(signs)
                text = text[:at] + new + text[at:]
                at += len(new)
            yield text


def check(text: str, seed: int) -> None:
    followed(text)
    for number, changed in enumerate(typed(text, random.Random(seed))):
        assert followed(changed) == followed_anew(changed), f"seed {seed}, change {number}:\n{changed}"


@pytest.mark.parametrize("seed", range(40))
def test_a_script_that_is_typed_comes_to_what_it_says(seed: int) -> None:
    check(HEAD + ENVIRONMENT + SCRIPT, seed)


@pytest.mark.skipif(not PUBLIC_RECIPES.exists(), reason=f"the public recipes are not here ({PUBLIC_RECIPES})")
def test_public_recipes_that_are_typed_come_to_what_they_say() -> None:
    cases = [case.text for case in recorded(PUBLIC_RECIPES) if len(case.text) < 4_000]
    for seed, text in enumerate(random.Random(5).sample(cases, 60)):
        check(text, seed)


def test_grammar_cases_that_are_typed_come_to_what_they_say() -> None:
    for seed, case in enumerate(list(recorded(GRAMMAR_CASES))[:150:3]):
        check(case.text, seed)


@pytest.mark.parametrize("seed", range(40))
def test_a_script_that_is_too_long_comes_to_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell_run, "MOST_COMMANDS", 8)
    monkeypatch.setattr(shell_memory, "MOST_COMMANDS", 8)
    if seed % 4 == 0:
        monkeypatch.setattr(shell_run, "MOST_STEPS", 60)
        monkeypatch.setattr(shell_memory, "MOST_STEPS", 60)
        monkeypatch.setattr(shell_trail, "MOST_STEPS", 60)
        monkeypatch.setattr(shell_walk, "MOST_STEPS", 60)
    check(HEAD + SCRIPT.replace("exit\n", "\n") + "    for x in 1 2 3; do echo $x && cat; done\n" * 2, seed)


@pytest.mark.parametrize("changed", ["echo x", "echo a # x", "echo a"])
def test_it_is_not_forgotten_that_the_last_statement_was_cut(changed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell_run, "MOST_COMMANDS", 3)
    monkeypatch.setattr(shell_memory, "MOST_COMMANDS", 3)
    text = f"{HEAD}%post\necho a\necho b\n{{ echo c; echo d; }}\n"
    assert not RecipeScripts(read_recipe(text)).script("post").complete
    assert not RecipeScripts(read_recipe(text.replace("echo a", changed))).script("post").complete


def statements_followed(monkeypatch: pytest.MonkeyPatch, text: str) -> int:
    """How many statements of `%post` are really followed."""
    number = 0

    class Counted(shell_trail.Snapshot):
        @classmethod
        def of(cls, run: Any, shell: Any, last: Any = None) -> shell_trail.Snapshot:
            nonlocal number
            number += 1
            return shell_trail.Snapshot.of(run, shell, last)

    monkeypatch.setattr(shell_walk, "Snapshot", Counted)
    RecipeScripts(read_recipe(text)).script("post")
    return number


LINES = HEAD + "%post\n" + "".join(f"    echo {number}\n" for number in range(100)) + "%runscript\n    cowsay\n"


@pytest.mark.parametrize(
    ("changed", "most"),
    [
        (LINES.replace("cowsay", "cowsay moo"), 0),
        (LINES.replace("ubuntu:22.04", "ubuntu:24.04"), 0),
        (LINES.replace("echo 50", "echo fifty"), 1),
        (LINES.replace("echo 50", "A=50"), 51),
        (LINES.replace("echo 50", "echo 50\n    echo x"), 52),
        (LINES.replace("%post\n", "\n%post\n"), 101),
    ],
)
def test_only_what_may_differ_is_followed(monkeypatch: pytest.MonkeyPatch, changed: str, most: int) -> None:
    RecipeScripts(read_recipe(LINES)).script("post")
    assert statements_followed(monkeypatch, changed) <= most


def test_few_earlier_texts_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    text = LINES
    for number in range(0, 100, 3):
        text = text.replace(f"echo {number}\n", f"echo x{number}\n")
        RecipeScripts(read_recipe(text)).script("post")
        (trail,) = shell_walk._TRAILS.values()
        assert len(set(trail.sources)) <= shell_trail.MOST_SOURCES
    for number in range(20):
        RecipeScripts(read_recipe(f"{HEAD}%post\n{'echo a; ' * number}echo\n%environment\nA={number}\n")).environment()
    assert len(shell_walk._TRAILS) <= 4
