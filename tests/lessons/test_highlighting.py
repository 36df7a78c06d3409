"""The recipe lexer against the rules of the recipe reference and against real recipes."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, String, _TokenType

from cowshed_lessons.apptainer_versions import AGENTS_SINCE, KEYS_SINCE
from cowshed_lessons.checks_recipe import AGENTS
from cowshed_lessons.header import HEADER_KEYS
from cowshed_lessons.highlighting import START, LineState, RecipeLexer, lex_line
from cowshed_lessons.sections import APP_SECTIONS, SECTIONS, SHELL_SECTIONS
from cowshed_lessons.templating import Places, fill_in

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


def kinds(text: str) -> dict[str, _TokenType]:
    """The token type of every piece of a recipe, by its text (the last one wins)."""
    return {piece: kind for _start, kind, piece in RecipeLexer().get_tokens_unprocessed(text)}


def kind_at(text: str, piece: str) -> _TokenType:
    """The token type at the first place where `piece` occurs."""
    where = text.index(piece)
    for start, kind, value in RecipeLexer().get_tokens_unprocessed(text):
        if start <= where < start + len(value):
            return kind
    raise AssertionError(piece)


def corpus(name: str) -> list[tuple[str, bool, str]]:
    file = CORPUS / name
    if not file.exists():
        pytest.skip(f"real recipes are not here: {file}")
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [
        (row["id"], row["accepted"], base64.b64decode(row["recipe_base64"]).decode(errors="replace")) for row in rows
    ]


@pytest.mark.parametrize("name", ["recipes.jsonl", "grammar-cases.jsonl"])
def test_accepted_recipes_have_no_error_and_no_text_is_lost(name: str) -> None:
    for identity, accepted, text in corpus(name):
        tokens = list(RecipeLexer().get_tokens_unprocessed(text))
        assert "".join(piece for _start, _kind, piece in tokens) == text, identity
        assert all(text[start : start + len(piece)] == piece for start, _kind, piece in tokens), identity
        if accepted:
            assert not [piece for _start, kind, piece in tokens if kind is Error], identity


def test_unknown_sections_and_keys_of_rejected_recipes_are_errors() -> None:
    rejected = [text for _identity, accepted, text in corpus("recipes.jsonl") if not accepted]
    marked = [
        text for text in rejected if Error in {kind for _s, kind, _p in RecipeLexer().get_tokens_unprocessed(text)}
    ]
    assert len(marked) > len(rejected) / 2


@given(st.text(alphabet="ab%{}V #'\"`$()<-E\\\n\r\t:", max_size=120))
def test_any_text_comes_out_whole(text: str) -> None:
    tokens = list(RecipeLexer().get_tokens_unprocessed("%post\n" + text))
    assert "".join(piece for _start, _kind, piece in tokens) == "%post\n" + text


def test_pygments_finds_it_by_its_alias() -> None:
    assert isinstance(get_lexer_by_name("cowshed-apptainer"), RecipeLexer)


def test_header() -> None:
    found = kinds("Bootstrap: docker\nFROM : reg.io:5000/ubuntu:22.04 # base\nFoo: bar\n")
    assert found["Bootstrap"] is Keyword
    assert found["docker"] is Keyword.Constant
    assert found["FROM"] is Keyword
    assert found["reg.io:5000/ubuntu"] is String
    assert found["22.04"] is Number
    assert found["# base"] is Comment.Single
    assert found["Foo"] is Error


def test_an_agent_in_wrong_case_is_no_agent() -> None:
    assert kinds("Bootstrap: Docker\n")["Docker"] is String


@pytest.mark.parametrize("line", ["%post", "%POST", "%%post", "%environment", "%arguments", "%appstart x", "%pre"])
def test_sections_that_apptainer_knows(line: str) -> None:
    assert kind_at(f"Bootstrap: scratch\n{line}\n", line.split()[0]) is Keyword.Namespace


@pytest.mark.parametrize("line", ["%foo", "%post:", "% post", "%post\tx", "%AppRun x", "%postfoo"])
def test_sections_that_apptainer_rejects(line: str) -> None:
    assert kind_at(f"Bootstrap: scratch\n{line}\n", "%") is Error


def test_an_indented_section_is_known_only_where_a_stage_begins() -> None:
    assert kind_at("\n  %post\n", "%post") is Keyword.Namespace
    assert kind_at("Bootstrap: scratch\n  %post\n", "%post") is Error


def test_shell_sections() -> None:
    text = "%post -c /bin/bash\n  # note\n"
    text += "  DEBIAN_FRONTEND=none apt-get install -y \\\n    cowsay 'a b' \"c $X\" && rm -rf /x\n"
    assert kind_at(text, "-c") is Name.Attribute
    assert kind_at(text, "# note") is Comment.Single
    assert kind_at(text, "DEBIAN") is Name.Variable
    assert kind_at(text, "apt-get") is Name.Function
    assert kind_at(text, "-y") is Name.Attribute
    assert kind_at(text, "cowsay") not in (Name.Function, Name.Builtin)
    assert kind_at(text, "'a b'") is String.Single
    assert kind_at(text, "$X") is Name.Variable
    assert kind_at(text, "&&") is Operator
    assert kind_at(text, "rm ") is Name.Function


def test_a_variable_outside_quotes() -> None:
    assert kind_at("%environment\nexport PATH=/usr/games:$PATH\n", "$PATH") is Name.Variable


def test_quotes_and_here_documents_span_lines_and_end_with_the_section() -> None:
    text = "%post\necho 'one\ntwo # no comment\n'; date\ncat <<EOF\nin $X\nEOF\nls 'open\n%environment\nexport A=1\n"
    assert kind_at(text, "two # no") is String.Single
    assert kind_at(text, "date") is Name.Function
    assert kind_at(text, "in $") is String.Heredoc
    assert kind_at(text, "$X") is Name.Variable
    assert kind_at(text, "ls ") is Name.Function
    assert kind_at(text, "%environment") is Keyword.Namespace
    assert kind_at(text, "export") is Name.Builtin


def test_a_section_line_in_a_here_document_starts_a_section_as_it_does_in_apptainer() -> None:
    text = "%post\ncat > x <<EOF\n%environment\nexport A=1\n"
    assert kind_at(text, "%environment") is Keyword.Namespace
    assert kind_at(text, "export") is Name.Builtin


def test_bootstrap_in_the_first_column_starts_a_stage_anywhere() -> None:
    text = "Bootstrap: docker\n%post\n  make\nBootstrap: scratch\nStage: two\n%files from one\n /a /b\n"
    assert kind_at(text, "scratch") is Keyword.Constant
    assert kind_at(text, "two") is Name.Label
    assert kind_at(text, "from") is Keyword
    assert kind_at(text, "one") is Name.Label


def test_files_labels_help_arguments() -> None:
    text = '%files\n  # note\n  "a b" /dst\n%labels\n  Author Ann # kept\n'
    text += "%help\n  # shown\n%arguments\n  VERSION=1.2 # kept\n"
    assert kind_at(text, "# note") is Comment.Single
    assert kind_at(text, '"a b"') is String
    assert kind_at(text, "/dst") is Name.Constant
    assert kind_at(text, "Author") is Name.Attribute
    assert kind_at(text, "Ann # kept") is String
    assert kind_at(text, "# shown") is String.Doc
    assert kind_at(text, "VERSION") is Name.Variable
    assert kind_at(text, "1.2 # kept") is String


def test_template_variables_are_seen_exactly_where_apptainer_fills_them_in() -> None:
    magic = Name.Variable.Magic
    assert kinds("From: ubuntu:{{ V }}\n")["{{ V }}"] is magic
    assert kinds('%post\n  pip install "x=={{ V }}"\n')["{{ V }}"] is magic
    assert kinds("%post\n  #{{ V }}\n").get("{{ V }}") is magic
    assert "{{ V }}" not in kinds("%post\n  # {{ V }}\n")
    assert "{{ V }}" not in kinds("%post\n  x#y {{ V }}\n")
    assert "{{ a-b }}" not in kinds("%post\n  {{ a-b }}\n")


def test_crlf_is_no_part_of_a_section_name() -> None:
    assert kind_at("Bootstrap: scratch\r\n%post\r\n  ls\r\n", "%post") is Keyword.Namespace


def test_the_state_stays_small_in_the_middle_of_anything() -> None:
    state: LineState = START
    for _line in range(200):
        _tokens, state = lex_line('x=$(echo "$(', state if state is not START else LineState("shell"))
    assert len(state.stack) <= 12


@pytest.mark.parametrize(
    "name", ["a.def", "Apptainer", "Singularity", "Singularity.cow", "Apptainer.x", "Apptainer.def"]
)
def test_pygments_finds_it_by_the_names_of_recipes(name: str) -> None:
    assert isinstance(get_lexer_for_filename(name), RecipeLexer)
    recipe = "# a cow\n\nbootstrap : docker\nFrom: a:1\nMirrorURL: b\n%post\n    osversion\n"
    assert isinstance(get_lexer_for_filename(name, recipe), RecipeLexer)


def test_other_texts_with_such_a_name_are_not_taken_for_recipes() -> None:
    assert RecipeLexer.analyse_text("LIBRARY cow\nEXPORTS\n    moo @1\n") == 0
    assert RecipeLexer.analyse_text("%postscript\n") == 0
    assert RecipeLexer.analyse_text("\n# nothing\n") == 0


@pytest.mark.parametrize(
    ("line", "filled"),
    [
        ("echo {{ A }}#{{ B }} {{ A }}", ["{{ A }}", "{{ B }}", "{{ A }}"]),
        ("x#{{ A }}{{ A }}", ["{{ A }}", "{{ A }}"]),
        ("a #! {{ A }} # {{ B }}", ["{{ A }}"]),
    ],
)
def test_the_variables_that_the_reader_fills_in_are_coloured(line: str, filled: list[str]) -> None:
    for start in ("%post\n    ", "%labels\n    A ", "%arguments\nB="):
        tokens = RecipeLexer().get_tokens_unprocessed(start + line)
        assert [piece for _start, kind, piece in tokens if kind is Name.Variable.Magic] == filled


@given(
    st.text(alphabet="AB{} #!\t\x0b\xa0", max_size=40)
    | st.from_regex(r"([#! x]|\{\{ ?[AB] ?\}\}){0,9}", fullmatch=True)
)
def test_variables_are_the_readers(line: str) -> None:
    read = fill_in(line, {"A": "value", "B": "value"}, {}, Places(line), 0)
    pieces = list(lex_line(line, LineState("help"))[0])
    mine = "".join("value" if kind is Name.Variable.Magic else piece for _start, kind, piece in pieces)
    assert mine == read.text


@pytest.mark.parametrize("body", ["start", "header", "shell", "files", "pairs", "arguments", "help", "unknown"])
@pytest.mark.parametrize(
    "piece", [" ", "\t", "\r", "\x0b", "a ", '"', "{{ A }}", "{{", "a=", ":", "%", "#", "\\", "${", "("]
)
def test_a_long_line_is_coloured_in_no_time(body: str, piece: str) -> None:
    begun = thread_time()
    for line in (piece * (50_000 // len(piece)), "a:" + piece * 1_000_000 + "!"):
        tokens, _ = lex_line(line, LineState(body))
        assert "".join(text for _start, _kind, text in tokens) == line
    assert thread_time() - begun < 2


def test_what_it_knows_is_what_the_reader_knows() -> None:
    for name in (*SECTIONS, *APP_SECTIONS):
        tokens, after = lex_line(f"%{name} moo", LineState("header"))
        assert tokens[0][1] is Keyword.Namespace
        assert (after.body == "shell") == (name in SHELL_SECTIONS)
    for key in (*HEADER_KEYS, *KEYS_SINCE, "otherurl7"):
        assert lex_line(f"{key}: a")[0][0][1] is Keyword
    for agent in (*AGENTS, *AGENTS_SINCE):
        assert lex_line(f"Bootstrap: {agent}")[0][-1][1] is Keyword.Constant
