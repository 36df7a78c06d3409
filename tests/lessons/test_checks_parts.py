"""Parts of a recipe and its stages: what runs, what is copied, labels, help, arguments, apps, bases."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.checking import of_recipe, said

HEADER = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
GCC: dict[str, Any] = {"programs": [["gcc", "cc"]], "arguments": ["-o", "*cow*"]}


def post(*lines: str) -> str:
    return HEADER + "%post\n" + "".join(f"    {line}\n" for line in lines)


@pytest.mark.parametrize(
    "recipe",
    [
        post("gcc -o /usr/local/bin/cow cow.c"),
        post("cc cow.c -o cow"),
        post("/usr/bin/gcc -O2 -static -o /cow /src/cow.c"),
        post("cd /src && gcc -o cow cow.c && strip cow"),
        post("CC=gcc", "$CC -o cow cow.c"),
        post("N=cow", "gcc -o $N x.c"),
        post("for s in cow sheep; do gcc -o $s $s.c; done"),
        post("sh -c 'gcc -o cow cow.c'"),
        post("build() { gcc -o cow cow.c; }", "build"),
        post("cat > b.sh <<EOF", "gcc -o cow cow.c", "EOF", "sh b.sh"),
        post("cd /src", "make"),
        post("cmake -S . -B b", "cmake --build b"),
        post("/src/build.sh"),
        post("bash /opt/build.sh"),
        post("$COMPILER -o cow"),
        post("time gcc -o cow cow.c"),
        post("if true; then", "gcc -o cow cow.c", "fi"),
        post("gcc -o $UNKNOWN cow.c"),
        post("echo x | gcc -x c -o cow -"),
        post("gcc -o moo x.c", "gcc -o cow cow.c"),
        HEADER + "%post -c /bin/bash\ngcc -o cow cow.c\n",
    ],
)
def test_a_program_that_runs(recipe: str) -> None:
    assert said(of_recipe("recipe.runs", recipe, **GCC)) == ""


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        (HEADER, "no `%post` section"),
        (post("true"), "does not run `gcc`"),
        (post("# gcc -o cow cow.c"), "does not run"),
        (post("echo gcc -o cow cow.c"), "does not run"),
        (post("gcc cow.c"), "nothing there looks like `-o`"),
        (post("gcc -o moo moo.c"), "`*cow*`"),
        (post("exit 0", "gcc -o cow cow.c"), "never runs"),
        (post("gc -o cow cow.c"), "misspelt"),
        (post("gccc -o cow cow.c"), "misspelt"),
        (post("apt-get install -y gcc cow"), "does not run"),
        (post("which gcc -o cow"), "does not run"),
        (post("build() { gcc -o cow cow.c; }"), "never runs"),
        (HEADER + "%runscript\n    gcc -o cow cow.c\n", "runs in `%runscript`"),
        (HEADER + "%test\n    gcc -o cow cow.c\n", "runs in `%test`"),
        (HEADER + "%environment\n    gcc -o cow cow.c\n", "runs in `%environment`"),
        (post("cat > x <<EOF", "gcc -o cow cow.c", "EOF"), "does not run"),
        (post("clang -o cow cow.c"), "does not run"),
        (post("g++ -o cow cow.cpp"), "does not run"),
        (post("gcc --version"), "looks like `-o`"),
        (post("X='gcc -o cow cow.c'"), "does not run"),
    ],
)
def test_a_program_that_does_not_run(recipe: str, words: str) -> None:
    found = said(of_recipe("recipe.runs", recipe, **GCC))
    assert found
    assert words in found


def test_any_of_the_programs_will_do_and_other_sections_and_stages_can_be_asked_for() -> None:
    test = HEADER + "%test\n    python3 -c 'import x'\n"
    assert said(of_recipe("recipe.runs", test, section="test", programs=["python", "python3"])) == ""
    two = post("gcc -o cow cow.c").replace("22.04\n", "22.04\nStage: build\n") + HEADER + "%post\ntrue\n"
    assert "does not run" in said(of_recipe("recipe.runs", two, **GCC))
    assert said(of_recipe("recipe.runs", two, stage="any", **GCC)) == ""


def files(*lines: str, more: str = "") -> str:
    return HEADER + f"%files{more}\n" + "".join(f"    {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        (files("cow.c /src/cow.c"), ""),
        (files("cow.c /src/"), ""),
        (files("cow.c /"), "to `/`"),
        (files("./cow.c /src"), ""),
        (files('"cow.c" "/src/cow.c"'), ""),
        (files("*.c /src/"), ""),
        (files("src/cow.c /src/cow.c"), ""),
        (files(". /src"), ""),
        (files("other x", "cow.c /src/cow.c"), ""),
        (files("cow.c /src/cow.c", "", "# more"), ""),
        (files("/home/me/cow.c /src/"), ""),
        (HEADER, "no `%files` section"),
        (files("sheep.c /src/"), "copies nothing that looks like `cow.c`"),
        (files("cow.c"), "to `cow.c`"),
        (files("cow.c /opt/cow.c"), "to `/opt/cow.c`"),
        (files("# cow.c /src/cow.c"), "copies nothing"),
        (post("cp cow.c /src/"), "no `%files` section"),
    ],
)
def test_files_that_are_copied(recipe: str, words: str) -> None:
    found = said(of_recipe("recipe.files", recipe, source=["cow.c"], destination=["/src*"]))
    assert (found == "") if not words else words in found


def test_files_may_have_to_come_from_a_stage() -> None:
    first = HEADER + "Stage: build\n%post\n    true\n"
    right = first + files("/cow /usr/bin/cow", more=" from build")
    wrong = first + files("/cow /usr/bin/cow")
    assert said(of_recipe("recipe.files", right, source=["/cow"], from_stage="build")) == ""
    assert said(of_recipe("recipe.files", right, source=["/cow"], from_stage="*")) == ""
    assert "from your own folder" in said(of_recipe("recipe.files", wrong, source=["/cow"], from_stage="build"))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("%labels\n    Author Ada\n", ""),
        ("%labels\n    AUTHOR Ada Lovelace\n", ""),
        ('%labels\n    Author "Ada"\n', ""),
        ("%labels\n    # me\n    Version 1\n    author Ada\n", ""),
        ('%post\n    echo "Author Ada" >> "$APPTAINER_LABELS"\n', ""),
        ("", "no `%labels` section"),
        ("%labels\n    Version 1\n", "has no `Author`"),
        ("%labels\n    Author\n", "no value"),
        ("%labels\n    Author: Ada\n", "`Author:`"),
        ("%labels\n    Author=Ada\n", "`Author=Ada`"),
        ("%labels\n    Author Bob\n", "`Bob`"),
        ("%help\n    Author Ada\n", "no `%labels` section"),
    ],
)
def test_labels(body: str, words: str) -> None:
    found = said(of_recipe("recipe.label", HEADER + body, name="Author", values=["Ada*"]))
    assert (found == "") if not words else words in found


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("%help\n    A talking cow.\n", ""),
        ("%help\n    Draws a\n    COW\n", ""),
        ("", "no `%help`"),
        ("%help\n\n", "is empty"),
        ("%help\n    A sheep.\n", "`cow`"),
        ("%labels\n    help cow\n", "no `%help`"),
    ],
)
def test_help(body: str, words: str) -> None:
    found = said(of_recipe("recipe.help", HEADER + body, contains=["cow"]))
    assert (found == "") if not words else words in found


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ("%arguments\n    VERSION=22.04\n", ""),
        ("%arguments\nVERSION = 22.04\n%post\n", ""),
        ('%arguments\n    VERSION="22.04"\n', ""),
        ("", "no `%arguments` section"),
        ("%arguments\n    RELEASE=22.04\n", "does not define `VERSION`"),
        ("%arguments\n    version=22.04\n", "does not define `VERSION`"),
        ("%arguments\n    VERSION\n", "does not define"),
        ("%arguments\n    VERSION=20.04\n", "`20.04`"),
    ],
)
def test_arguments(recipe: str, words: str) -> None:
    text = "Bootstrap: docker\nFrom: ubuntu:{{ VERSION }}\n" + recipe
    if words:  # an undefined variable would be a fault of its own
        text = text.replace("{{ VERSION }}", "22.04")
    found = said(of_recipe("recipe.argument", text, name="VERSION", default="22.04"))
    assert (found == "") if not words else words in found


def test_an_argument_has_to_be_used() -> None:
    unused = HEADER + "%arguments\n    VERSION=22.04\n%post\n    # {{ VERSION }}\n    true\n"
    assert "stands in a comment" in said(of_recipe("recipe.argument", unused, name="VERSION"))
    assert said(of_recipe("recipe.argument", unused, name="VERSION", used=False)) == ""


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("%apprun moo\n    cowsay moo\n", ""),
        ("%appinstall moo\n    true\n%apprun moo\n    cowsay moo\n", ""),
        ("", "has no section `%apprun`"),
        ("%runscript\n    cowsay\n", "has no section"),
        ("%apprun baa\n    cowsay baa\n", "belongs to the app `baa`"),
        ("%apphelp moo\n    Moos.\n", "has no section"),
        ("%apprun moo\n\n", "is empty"),
    ],
)
def test_apps(body: str, words: str) -> None:
    found = said(of_recipe("recipe.app", HEADER + body, name="moo", sections=["apprun"]))
    assert (found == "") if not words else words in found


BUILD = "Bootstrap: docker\nFrom: gcc:13\nStage: build\n\n%post\n    true\n\n"


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        (BUILD + files("/cow /bin/", more=" from build"), ""),
        (BUILD + HEADER + "Stage: final\n%files from build\n    /cow /bin/\n%files\n    x y\n", ""),
        (BUILD + BUILD.replace("build", "two") + files("/cow /", more=" from two"), ""),
        (HEADER, "has 1 stage"),
        (BUILD, "has 1 stage"),
        (BUILD + HEADER, "takes nothing"),
        (BUILD + files("/cow /bin/"), "from your own folder"),
        (BUILD.replace("Stage: build\n", "") + HEADER, "has a name"),
        (BUILD + files(more=" from build"), "names nothing"),
    ],
)
def test_stages(recipe: str, words: str) -> None:
    found = said(of_recipe("recipe.stages", recipe, at_least=2, copies_from=True))
    assert (found == "") if not words else words in found


BASES: dict[str, Any] = {
    "bases": [
        {"image": "rocker/r-ver", "tags": ["4.3.2"]},
        {"image": "tidyverse", "namespace": "rocker", "tags": ["4.3.2"]},
    ]
}


@pytest.mark.parametrize(
    ("base", "words"),
    [
        ("rocker/r-ver:4.3.2", ""),
        ("rocker/tidyverse:4.3.2", ""),
        ("docker.io/rocker/r-ver:4.3.2", ""),
        ("ghcr.io/rocker-org/tidyverse:4.3.2", ""),
        ("rocker/r-ver:4.3.1", "`4.3.1`"),
        ("rocker/tidyverse:4.2.0", "`4.2.0`"),
        ("rocker/tidyverse", "no tag"),
        ("r-ver:4.3.2", "another image than `rocker/r-ver`"),
        ("rocker/shiny:4.3.2", "Take one of `rocker/r-ver:4.3.2`, `rocker/tidyverse:4.3.2`"),
        ("ubuntu:22.04", "not one of the images"),
        ("docker://rocker/r-ver:4.3.2", "docker://"),
    ],
)
def test_one_of_several_bases(base: str, words: str) -> None:
    result = of_recipe("recipe.base-any", f"Bootstrap: docker\nFrom: {base}\n", **BASES)
    found = said(result)
    everything = found + " ".join(finding.hint for finding in result.findings)
    assert (found == "") if not words else words in everything


def test_a_base_with_its_namespace_is_no_official_one() -> None:
    wanted: dict[str, Any] = {"image": "pytorch/pytorch", "tags": ["2.1.2-*"]}
    assert said(of_recipe("recipe.base", "Bootstrap: docker\nFrom: pytorch/pytorch:2.1.2-x\n", **wanted)) == ""
    found = said(of_recipe("recipe.base", "Bootstrap: docker\nFrom: pytorch:2.1.2-x\n", **wanted))
    assert "official images" in found


def test_all_kinds_take_the_course_s_own_words() -> None:
    found = of_recipe("recipe.help", HEADER, message="Say something.", hint="Please.").findings[0]
    assert (found.message, found.hint) == ("Say something.", "Please.")


def test_a_file_comes_to_lie_in_the_folder_that_is_named() -> None:
    wanted: dict[str, Any] = {"source": ["cow.c"], "destination": ["/src/cow.c"]}
    for destination in ("/src", "/src/", "/src/cow.c"):
        assert said(of_recipe("recipe.files", files(f"cow.c {destination}"), **wanted)) == ""
    assert said(of_recipe("recipe.files", files("cow.c /opt"), **wanted))
