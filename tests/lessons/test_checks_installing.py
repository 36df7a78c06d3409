"""Faults of an installation that look right at first sight: a star in quotes, another system's package manager."""

from __future__ import annotations

import pytest

from lessons.checking import of_recipe, said

UBUNTU = "Bootstrap: docker\nFrom: ubuntu:22.04\n%post\n    apt-get update\n    apt-get install -y cowsay\n    {}\n"
ALPINE = "Bootstrap: docker\nFrom: alpine:3.17\n%post\n    {}\n"


@pytest.mark.parametrize(
    "line", ['rm -rf "/var/lib/apt/lists/*"', "rm -rf '/var/lib/apt/lists/*'", r"rm -rf /var/lib/apt/lists/\*"]
)
def test_a_star_in_quotes_removes_nothing(line: str) -> None:
    assert "quotes" in said(of_recipe("recipe.cleans-lists", UBUNTU.format(line)))


@pytest.mark.parametrize(
    "line",
    [
        "rm -rf /var/lib/apt/lists/*",
        'rm -rf "/var/lib/apt/lists"/*',
        'rm -rf "/var/lib/apt/lists"',
        "rm -rf '/var/lib/apt/lists/'*",
    ],
)
def test_a_star_outside_of_quotes_does(line: str) -> None:
    assert said(of_recipe("recipe.cleans-lists", UBUNTU.format(line))) == ""


@pytest.mark.parametrize("line", ["apt-get install -y cowsay", "dnf install -y cowsay"])
def test_another_systems_package_manager_is_not_there(line: str) -> None:
    answer = said(of_recipe("recipe.installs", ALPINE.format(line), packages=["cowsay"], manager="apk"))
    assert "its package manager is `apk`" in answer


@pytest.mark.parametrize("line", ["apk add cowsay", "apk add --no-cache cowsay@testing", "apk add -U cowsay=3.04-r1"])
def test_its_own_package_manager_is(line: str) -> None:
    assert said(of_recipe("recipe.installs", ALPINE.format(line), packages=["cowsay"], manager="apk")) == ""


def test_a_sandbox_is_named_without_its_slash() -> None:
    recipe = "Bootstrap: localimage\nFrom: box/\n"
    assert "`box`" in said(of_recipe("recipe.base", recipe, image="alpine", tags=["3.17"]))
