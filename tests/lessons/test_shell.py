"""Shell scripts are followed as a shell would run them."""

from __future__ import annotations

import inspect
import sys
import time

import pytest

from cowshed_lessons.package_commands import PackageCommand, package_commands
from cowshed_lessons.shell import OLD_VALUE, UNKNOWN, Script, body_of, read_script


def script(text: str, *, bash: bool = False, **variables: str) -> Script:
    return read_script(body_of(text), variables=variables, bash=bash)


def ran(text: str, *, bash: bool = False) -> list[str]:
    return [" ".join(word.text for word in command.words) for command in script(text, bash=bash).commands]


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("a 'b c' \"d e\" f\\ g", ["a b c d e f g"]),
        ("a \\\n  b", ["a b"]),
        ("# a\nb # c", ["b"]),
        ("X='a b'; x $X \"$X\" ${X}y", ["x a b a b a by"]),
        ("x ${A:-one two} ${B-three} ${C:=four} $C ${C:+five} ${D:+six}", ["x one two three four four five"]),
        ("A=; x ${A:-b} ${A-c}", ["x b"]),
        ("X=a; X+=b; x $X", ["x ab"]),
        ("X=a; (X=b); x $X", ["x a"]),
        ("X=a; echo c | X=b; x $X", ["echo c", "x a"]),
        ("export A=b 'C=d'; x $A $C; unset A; y $A", ["x b d", f"y {UNKNOWN}"]),
        ("x $(echo a b) `echo c`", ["echo a b", "echo c", "x a b c"]),
        ("x $(date)", ["date", f"x {UNKNOWN}"]),
        ("x $((1 + 2))", [f"x {UNKNOWN}"]),
        ("x ${A%/}", [f"x {UNKNOWN}{UNKNOWN}"]),
        ("f() { x \"$@\" $1 $# $*; }\nf a 'b c'", ["x a b c a 2 a b c"]),
        ("f() { x ${1:-none} ${2}; }\nf", ["x none"]),
        ("function f { x; }\nf", ["x"]),
        ("sh -c 'x $0 $1' a b", [f"x {UNKNOWN} b"]),
        ("sh -ec 'x'; bash -o pipefail -c 'y'; sh -c \"$U\"", ["x", "y", f"sh -c {UNKNOWN}"]),
        ("echo x | sh; sh <<E\ny\nE", ["echo x", "x", "y"]),
        ("su -c 'x'; su root -c 'z'", ["x", "su root -c z"]),
        ("eval 'A=b; x' $U; eval 'A=c'; y $A", [f"eval A=b; x {UNKNOWN}", "y c"]),
        ("printf 'a\\n' > f; . ./f; . f; source f; sh f", ["printf a\\n", ". ./f", "a", "a", "a"]),
        ("echo a > f; cp f g; sh g; sh h", ["echo a", "cp f g", "a", "sh h"]),
        ("echo a > f; echo b >> f; sh f", ["echo a", "echo b", "a", "b"]),
        ("echo a | tee f; echo b | tee -a f; sh f", ["echo a", "tee f", "echo b", "tee -a f", "a", "b"]),
        ("cat > f <<'E'\nx $A\nE\nA=b\nsh f", ["cat", "x b"]),
        ("A=b\ncat > f <<E\nx $A ${A} ${N:-d} \\$A\nE\nsh f", ["cat", "x b b d b"]),
        ("cat > f <<E\nx $(date)\nE\nsh f", ["date", "cat", f"x {UNKNOWN}"]),
        ("cat <<-E | sh\n\tx\n\tE\n", ["cat", "x"]),
        ("cat <<E && x\na\nE\n", ["cat", "x"]),
        ("cat <<E && x; y\na\nE\n", ["cat", "x", "y"]),
        ("> f\nsh f", ["sh f"]),
        ("for i in a 'b c'; do x $i; done", ["x a", "x b c"]),
        ("for i in $(seq 3); do x $i; done", ["seq 3", f"x {UNKNOWN}"]),
        ("for ((i=0; i<3; i++)); do x; done", ["x"]),
        ("f() { for a; do x $a; done; }\nf p q", ["x p", "x q"]),
        ("while read l; do x $l; done < f", ["read l", f"x {UNKNOWN}"]),
        ("until a; do b; done", ["a", "b"]),
        ("if a; then b; elif c; then d; else e; fi", ["a", "b", "c", "d", "e"]),
        ("if a; then X=1; else X=1; fi; x $X", ["a", "x 1"]),
        ("if a; then X=1; else X=2; fi; x $X", ["a", f"x {UNKNOWN}"]),
        ("case $1 in a) X=1;; *) X=1;; esac; x $X", ["x 1"]),
        ("xargs x a < /dev/null", ["x a"]),
        ("echo a b | xargs -I{} x -{}-", ["echo a b", "x -a b-"]),
        ("echo a | xargs sh -c 'x $0'", ["echo a", f"x {UNKNOWN}"]),
        ("echo a b > f; xargs -a f x", ["echo a b", "x a b"]),
        ("echo a | xargs", ["echo a", "echo a"]),
        ("sudo -u me env -u Y A=b x; command -v x; exec > log", ["x", "command -v x", "exec"]),
        ("time -p nice -n 5 timeout -k 1 5m x; env -- x; time", ["x", "x", "time"]),
        ("set -a; A=b; set +a; B=c; x", ["set -a", "set +a", "x"]),
        ("coproc x; ! y; z &", ["coproc x", "y", "z"]),
        ("A=1 B=2\nx $A $B", ["x 1 2"]),
        ("$EMPTY_IS_UNKNOWN x", [f"{UNKNOWN} x"]),
        ("A=; $A", []),
        ("echo -n a > f; echo -e 'b\\n' >> f; sh f", ["echo -n a", "echo -e b\\n", "ab"]),
        ("sh -c \"$(printf '%s %s' x y)\"", ["printf %s %s x y", "x y"]),
        ("x \"$(printf '%d%%' 5)\"", ["printf %d%% 5", "x 5%"]),
        ("x $(printf) $(printf -- a) $(printf %x 1) $(cat) $(yes n)",
         ["printf", "printf -- a", "printf %x 1", "cat", "yes n", f"x {UNKNOWN} a {UNKNOWN} {UNKNOWN} n"]),
        ("a <<< b", ["a"]),
        ("X=\"a\\\"b\\$c\"; x \"$X\" $'d\\te'", ["x a\"b$c d\te"]),
    ],
)  # fmt: skip
def test_commands_are_found_in_order(text: str, commands: list[str]) -> None:
    assert ran(text) == commands


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("x a{b,c{d,e}} '{f,g}'", ["x ab acd ace {f,g}"]),
        ("P=(a 'b c'); P+=(d); x \"${P[@]}\" ${P[0]} $P", [f"x a b c d a{UNKNOWN} a"]),
        ("declare -x A=b; x $A", ["x b"]),
        ("x <(y) > >(z)", ["z", "y", f"x {UNKNOWN}"]),
    ],
)
def test_bash_knows_more(text: str, commands: list[str]) -> None:
    assert ran(text, bash=True)[: len(commands)] == commands


def test_how_a_command_is_reached() -> None:
    commands = script("a && b || c; if d; then e; fi; ! f; g | h\nexit 1\ni\n").commands
    assert [command.condition for command in commands] == ["", "and", "or", "", "branch", "", "", "", "", ""]
    assert [command.tolerated for command in commands] == [*[True] * 2, False, True, False, True, *[False] * 4]
    assert [command.reachable for command in commands] == [True] * 9 + [False]


@pytest.mark.parametrize(
    ("text", "reachable"),
    [
        ("exec a\nb", False),
        ("exec sh -c a\nb", False),
        ("a || exit 1\nb", True),
        ("(exit 1)\nb", True),
        ("exit 1 | a\nb", True),
        ("if a; then exit; fi\nb", True),
        ("while a; do exit; done\nb", True),
        ("case a in a) exit;; esac\nb", True),
        ("sh -c 'exit 1'\nb", True),
    ],
)
def test_what_stands_below_an_exit_does_not_run(text: str, reachable: bool) -> None:
    assert script(text).commands[-1].reachable == reachable


def test_places_lead_to_the_script() -> None:
    commands = script("\n  a é 'b' c\nsh -c '\n  d'\nX=1; sh -c \"e $X\"\n").commands
    assert [(item.position.line, item.position.column) for item in commands] == [(2, 3), (4, 3), (5, 12)]
    word = commands[0].words[2]
    assert (word.position.column, word.end.column, word.raw) == (7, 10, "'b'")


def test_what_is_known_of_variables_at_the_end() -> None:
    values = script("PATH=/a:$PATH\nA=b\nexport C\nexport D=$(x)\nexport -n PATH\n", PATH=OLD_VALUE).variables
    assert values["PATH"].text == f"/a:{OLD_VALUE}"
    assert [values[name].exported for name in ("PATH", "A", "C", "D")] == [True, False, True, True]
    assert values["D"].sources == {0}


def test_functions_that_are_never_called_are_named() -> None:
    assert script("f() { a b; }\ng() { c; }\ng\n").uncalled == {"f": ("a b",)}


def test_a_script_that_is_too_deep_is_not_said_to_be_complete() -> None:
    assert script("x").complete
    assert not script("( " * 200 + "x" + " )" * 200).complete
    assert not script("f() { f; }\nf").complete


def packages(text: str) -> list[PackageCommand]:
    return list(package_commands(script(text)))


@pytest.mark.parametrize(
    ("text", "action", "names", "yes"),
    [
        ("apt-get -t jammy install -- a -b", "install", ["a", "-b"], False),
        ("apt-get install -tjammy -o=A=b a", "install", ["a"], False),
        ("apt-get --target-release jammy --option APT::Get::Assume-Yes=yes install a", "install", ["a"], True),
        ("apt-get -c my.conf install a", "install", ["a"], None),
        ("apt-get --config-file=my.conf install a", "install", ["a"], None),
        ("APT_CONFIG=my.conf apt-get install a", "install", ["a"], None),
        ("apt-get install $OPTIONS a", "install", ["a"], None),
        ("apt-get install -y=false a", "install", ["a"], False),
        ("apt-get install --no-yes a", "install", ["a"], False),
        ("apt-get install --quiet=2 a", "install", ["a"], True),
        ("apt-get install --quiet --quiet a", "install", ["a"], True),
        ("apt-get install -q2 a", "install", ["a"], True),
        ("apt-get -o quiet=2 install a", "install", ["a"], True),
        ("cat $F > /etc/apt/apt.conf.d/x\napt-get install a", "install", ["a"], None),
        ("apt-get install a < /dev/null", "install", ["a"], False),
        ("apt-get install a < answers", "install", ["a"], None),
        ("something | apt-get install a", "install", ["a"], None),
        ("apt-get install ./a_1.0_amd64.deb b- c+ d^", "install", ["a", "c", "d^"], False),
        ("apt-get purge a", "remove", ["a"], False),
        ("aptitude clean", "clean", [], False),
        ("dnf install -y a", "install", ["a"], True),
        ("yum install a", "install", ["a"], False),
        ("apk add --no-cache a=1", "install", ["a"], True),
        ("pip3.11 install a==1 'b>2'", "install", ["a", "b"], True),
        ("python3 -m pip install a", "install", ["a"], True),
        ("uv pip install a", "install", ["a"], True),
        ("conda install -y a", "install", ["a"], True),
    ],
)
def test_package_managers_are_understood(text: str, action: str, names: list[str], yes: bool | None) -> None:
    command = packages(text)[-1]
    assert command.action == action
    assert [package.name for package in command.packages] == names
    assert command.answers_yes is yes


def test_options_that_change_nothing_are_seen() -> None:
    for option in ("-s", "-d", "--dry-run", "--download-only", "-o APT::Get::Simulate=true"):
        assert packages(f"apt-get {option} install a")[0].changes_nothing
    assert packages("apt-get install --update a")[0].updates_too
    assert packages("apt-get install -U a")[0].updates_too
    assert not packages("ls")


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("A[1]=b\necho $A", [f"echo {UNKNOWN}"]),
        ("E=\nA=1 $E\necho $A", ["echo 1"]),
        ("declare X\necho ${X:-none}", ["echo none"]),
        ("echo y | cat < /dev/null | sh", ["echo y", "cat", "sh"]),
        ("A=x; for i in 1; do A=y; B=$(echo $A); done; echo $B", ["echo y", "echo y"]),
        ("f() { shift; }; f a; set -ea; B=1; sh -c 'echo $B'", ["shift", "set -ea", "echo 1"]),
        ("set -o allexport; B=1; set +a; C=1; env", ["set -o allexport", "set +a", "env"]),
        ("f() { echo $1 $0; }; f a; echo $1", ["echo a f", "echo"]),
    ],
)
def test_rarer_spellings(text: str, commands: list[str]) -> None:
    assert ran(text) == commands


def test_where_standard_input_comes_from() -> None:
    def inputs(text: str) -> list[tuple[bool, str | None]]:
        return [(command.stdin.given, command.stdin.text) for command in script(text).commands]

    assert inputs("while read x; do cat; done <<< 'a b'")[0] == (True, "a b\n")
    # A redirection is nearer to the command than the pipe that the grammar puts below it.
    assert inputs("echo y | cat < /dev/null")[1] == (True, "")
    assert inputs("cat <<EOF\nnever ended")[0] == (False, None)
    assert inputs("printf '%s\\n' " + "x " * 1_001 + "| cat")[1] == (True, None)


def test_what_is_hidden_does_not_reach_the_output() -> None:
    assert script("echo a >&-").output == frozenset()
    assert script("echo a >&2").output == frozenset()
    assert script("echo a 2>&-").output == frozenset((0,))


def test_a_text_that_grows_too_long_is_unknown() -> None:
    text = "A=" + "x" * 30_000 + "\ncat > f <<EOF\n" + "$A" * 4 + "\nEOF\n"
    assert script(text).files["f"].text is None


def test_what_is_nested_too_deeply_is_unknown_not_an_error() -> None:
    found = script("A=" + "${A:-" * 150 + "}" * 150)
    assert UNKNOWN in found.variables["A"].text
    assert not found.complete
    assert not script("echo " + "$(echo " * 400 + ")" * 400).complete


NESTING = {
    "substitution": ("$(", ")"),
    "in words": ("echo a $(echo b ", ")"),
    "in quotes": ('echo "$(', ')"'),
    "process substitution": ("cat <(", ")"),
    "subshell": ("( ", " )"),
    "group": ("{ ", "; }"),
    "array": ("a=(a=(", "))"),
    "open array": ("a=(", ""),
    "arithmetic": ("$[", "]"),
    "arithmetic in parentheses": ("echo $((", "))"),
    "test": ("[[ ( ", " ) ]]"),
    "default": ("${A:-", "}"),
    "assignment": ("A=$(", ")"),
    "export": ("export A=$(", ")"),
    "subscript": ("A[$(", ")]=x"),
    "herestring": ("x <<< $(", ")"),
    "redirection": ("x > $(", ")"),
    "if": ("if a; then ", "; fi"),
    "elif": ("if a; then b; elif ", ""),
    "while": ("while ", ""),
    "for": ("for i in a; do ", "; done"),
    "loop over a substitution": ("for i in $(", "); do x; done"),
    "case": ("case x in x) ", ";; esac"),
    "function": ("f() { ", "; }"),
    "list": ("a && ( b || ", " )"),
    "pipe": ("a | { b | ", "; }"),
    "eval": ("eval eval ", ""),
    "not": ("! ", ""),
    "here-document": ("cat <<E | (", ")\nE\n"),
    "open": ('"$(', ""),
}
NOT_GONE_INTO = {"while", "elif", "not", "function"}  # an error to the grammar, or nothing that runs
UNKNOWN_ANYWAY = {*NOT_GONE_INTO, "arithmetic", "open array", "open", "here-document"}


@pytest.mark.parametrize("count", [90, 180, 20_000])
@pytest.mark.parametrize("kind", NESTING)
def test_deep_nesting_of_any_kind_gives_an_answer_quickly(kind: str, count: int) -> None:
    before, after = NESTING[kind]
    start = time.perf_counter()
    found = script(before * count + "x" + after * count)
    assert time.perf_counter() - start < 5, "seconds; it was tens of them for some, and is far below one"
    if (kind not in UNKNOWN_ANYWAY and count == 180) or (kind not in NOT_GONE_INTO and count > 180):
        assert not found.complete


def test_a_caller_that_left_little_stack_gets_an_answer_too() -> None:
    text = "echo $(echo " * 70 + ")" * 70

    def deep(left: int) -> Script:
        return deep(left - 1) if left else script(text)

    room = sys.getrecursionlimit() - len(inspect.stack())
    assert not deep(room - 150).complete


def test_brackets_that_are_many_but_not_deep_are_followed() -> None:
    assert ran("x $(y)\n" * 300) == ["y", f"x {UNKNOWN}"] * 300


def test_output_that_comes_along_two_ways_is_followed_once() -> None:
    found = script("fortune > a\ncat a > b\ntac a > c\ncowsay b c")
    assert found.origins(found.commands[3]) == {0, 1, 2}


def test_branches_share_what_they_do_not_change() -> None:
    found = script("A=1\nif x; then A=2; B=1; fi\necho $A $B\nif y; then unset B; fi\necho $B")
    assert found.variables["A"].text == UNKNOWN
    assert [word.text for word in found.commands[1].words] == ["echo", UNKNOWN, "1"]
    assert found.commands[0].variables["A"].text == "1"


def test_a_redirection_may_stand_before_the_command() -> None:
    found = script("> f echo a b\nA=1 <f cat")
    assert found.files["f"].text == "a b\n"
    assert found.commands[1].stdin.text == "a b\n"
