"""Lesson texts become blocks, and nothing a stranger writes becomes more than text."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowshed_lessons.markup import Callout, Command, Figure, Link, Prose, Snippet, blocks, inline, read


def test_prose_is_rich_text_without_colours() -> None:
    (prose,) = blocks("## Why\n\nA *few* `words`.\n\n- one\n- two\n")
    assert isinstance(prose, Prose)
    assert prose.html == (
        "<h2>Why</h2>\n<p>A <em>few</em> <code>words</code>.</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>"
    )


def test_code_blocks_part_the_prose() -> None:
    text = "Before\n\n```command\napptainer build a.sif a.def\n```\nBetween\n```recipe\n%post\n    true\n```\n"
    assert blocks(text) == (
        Prose("<p>Before</p>"),
        Command("apptainer build a.sif a.def"),
        Prose("<p>Between</p>"),
        Snippet("%post\n    true", "recipe"),
    )


def test_only_recipes_are_for_the_editor() -> None:
    first, second, third = blocks("```recipe\na\n```\n```output\nb\n```\n```\nc\n```\n")
    assert isinstance(first, Snippet)
    assert isinstance(second, Snippet)
    assert isinstance(third, Snippet)
    assert (first.insertable, second.insertable, third.insertable) == (True, False, False)
    assert third.language == "text"


def test_code_in_a_list_stays_in_the_prose() -> None:
    (prose,) = blocks("- item\n\n  ```shell\n  ls <a>\n  ```\n")
    assert isinstance(prose, Prose)
    assert "<pre><code>ls &lt;a&gt;\n</code></pre>" in prose.html


@pytest.mark.parametrize("content", ["", "one\ntwo\n"])
def test_a_command_is_one_line(content: str) -> None:
    page = read(f"Text\n\n```command\n{content}```\n", first_line=10)
    assert [block for block in page.blocks if isinstance(block, Command)] == []
    assert [fault.line for fault in page.faults] == [12]
    assert "exactly one line" in page.faults[0].sentence


@pytest.mark.parametrize("sign", ["\x03", "\x1b", "\x7f", "\u202e", "\u200b", "\u2028"])
def test_a_command_holds_only_what_can_be_read(sign: str) -> None:
    page = read(f"```command\nls a{sign}b\n```\n")
    assert page.blocks == ()
    assert "invisible character" in page.faults[0].sentence


def test_an_unknown_kind_of_code_is_plain_text_and_told() -> None:
    page = read("```python\nx\n```\n")
    assert page.blocks == (Snippet("x", "text"),)
    assert "'python' is not a kind of code block" in page.faults[0].sentence


def test_callouts_hold_their_text() -> None:
    text = "Before\n::: note\nMind the `gap`.\n:::\nAfter\n"
    assert blocks(text) == (
        Prose("<p>Before</p>"),
        Callout("note", "<p>Mind the <code>gap</code>.</p>"),
        Prose("<p>After</p>"),
    )


def test_colons_in_code_are_code() -> None:
    assert blocks("```output\n::: note\n```\n") == (Snippet("::: note", "output"),)


def test_an_unknown_or_open_box_is_told() -> None:
    assert "no box called 'danger'" in read("::: danger\nx\n:::\n").faults[0].sentence
    page = read("a\n\n::: tip\nx\n", first_line=5)
    assert page.blocks[-1] == Callout("tip", "<p>x</p>")
    assert page.faults[0].line == 7
    assert "no ':::' line" in page.faults[0].sentence


def test_raw_html_is_shown_and_not_obeyed() -> None:
    (prose,) = blocks("<script>alert(1)</script> <b onclick='x'>b</b>\n")
    assert isinstance(prose, Prose)
    assert "<script" not in prose.html
    assert "<b " not in prose.html
    assert "&lt;script&gt;" in prose.html


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "ftp://example.org",
        "relative.html",
        "/etc/passwd",
        "//example.org/x",
        "https:///nowhere",
        "http://[oops",
        "https://apptainer.org@example.org/",
        "step:",
        "qrc:/x",
    ],
)
def test_links_lead_to_the_web_or_a_step_only(address: str) -> None:
    page = read(f"Look\nat [this]({address}) now.\n", first_line=3)
    assert page.blocks == (Prose("<p>Look\nat this now.</p>"),)
    assert page.links == ()
    assert [fault.line for fault in page.faults] == [4]
    assert "must begin with https:" in page.faults[0].sentence


def test_autolinks_are_judged_too() -> None:
    page = read("<file:///etc/passwd> <https://apptainer.org>\n")
    assert page.blocks == (
        Prose('<p>file:///etc/passwd <a href="https://apptainer.org">https://apptainer.org</a></p>'),
    )


def test_allowed_links_are_listed() -> None:
    page = read("[web](https://apptainer.org/docs) and [step](step:lolcow/install)\n")
    assert page.links == (Link(1, "https://apptainer.org/docs"), Link(1, "step:lolcow/install"))
    assert page.blocks == (
        Prose(
            '<p><a href="https://apptainer.org/docs">web</a> and '
            '<a href="step:lolcow/install" class="step">step</a></p>'
        ),
    )


def test_terms_carry_their_explanation() -> None:
    page = read("A [base](term:base).", glossary={"base": 'The "first" <image>'})
    assert page.blocks == (
        Prose(
            '<p>A <a href="term:base" class="term" title="The &quot;first&quot; &lt;image&gt;">base</a>.</p>',
        ),
    )
    assert page.links == (Link(1, "term:base"),)


def test_an_unknown_term_is_plain_text_and_told() -> None:
    page = read("A [base](term:bass).", glossary={"base": "x"})
    assert page.blocks == (Prose("<p>A base.</p>"),)
    assert "no entry 'bass'" in page.faults[0].sentence


def test_without_a_glossary_terms_stay_without_explanation() -> None:
    assert blocks("A [base](term:base).") == (Prose('<p>A <a href="term:base" class="term">base</a>.</p>'),)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "course"
    folder.mkdir()
    for name in ("a b.png", "text.txt"):
        (folder / name).write_bytes(b"x")
    (tmp_path / "out.png").write_bytes(b"x")
    return folder


def test_a_picture_of_the_course_folder_is_a_figure(folder: Path) -> None:
    text = 'Before\n\n![A cow](a%20b.png "The cow")\n\nAfter\n'
    assert blocks(text, folder=folder) == (
        Prose("<p>Before</p>"),
        Figure(folder / "a b.png", "A cow", "The cow"),
        Prose("<p>After</p>"),
    )


@pytest.mark.parametrize(
    ("picture", "sentence"),
    [
        ("![A cow](https://example.org/a.png)", "no picture"),
        ("![A cow](data:image/png;base64,AAAA)", "no picture"),
        ("![A cow](../out.png)", "no picture"),
        ("![A cow](absent.png)", "no picture"),
        ("![A cow](text.txt)", "not a picture"),
        ("![](a%20b.png)", "Say in words"),
    ],
)
def test_other_pictures_are_left_out_and_told(folder: Path, picture: str, sentence: str) -> None:
    page = read(f"Text\n\n{picture}\n", folder=folder, first_line=2)
    assert page.blocks == (Prose("<p>Text</p>"),)
    assert [(fault.line, sentence in fault.sentence) for fault in page.faults] == [(4, True)]


def test_without_a_folder_there_are_no_pictures() -> None:
    assert blocks("![A cow](a.png)") == ()


def test_a_picture_in_running_text_is_replaced_by_its_words(folder: Path) -> None:
    page = read("See ![the cow](a%20b.png) here.", folder=folder)
    assert page.blocks == (Prose("<p>See the cow here.</p>"),)
    assert "paragraph of its own" in page.faults[0].sentence


def test_tables_have_room_around_their_words() -> None:
    (prose,) = blocks("| a | b |\n|---|---|\n| 1 | 2 |\n")
    assert isinstance(prose, Prose)
    assert prose.html.startswith('<table cellspacing="0" cellpadding="6">')


def test_a_sentence_keeps_its_code_and_nothing_else() -> None:
    assert inline("Add `-y` & *go* <b> [x](https://a.b)") == (
        "Add <code>-y</code> &amp; <em>go</em> &lt;b&gt; [x](https://a.b)"
    )


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}


ALLOWED_TAGS = {
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "code", "pre", "em", "strong", "a", "br", "hr"),
    *("blockquote", "table", "thead", "tbody", "tr", "th", "td"),
}
PIECES = st.sampled_from(
    [
        *("<b>", "<img src=x>", "![a](", "[x](", "javascript:x", "https://a.b", ")", "\n", "\n\n", "::: note", ":::"),
        *("```", "command", "|a|b|\n|-|-|\n", "- ", "> ", "`", "*", "&lt;", "<https://a.b>", "<file:///a>"),
        *("[x]: file:///a\n", "[x]"),
    ]
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=30).map("".join))
def test_whatever_is_written_only_harmless_tags_come_out(text: str) -> None:
    tags = Tags()
    for block in blocks(text):
        if isinstance(block, Prose | Callout):
            tags.feed(block.html)
    assert tags.tags <= ALLOWED_TAGS
    links = {value for name, value in tags.attributes if name == "href"}
    assert all(link.startswith(("http:", "https:", "step:", "term:")) for link in links)
    assert {name for name, _ in tags.attributes} <= {
        "href",
        "class",
        "title",
        "start",
        "style",
        *("cellspacing", "cellpadding"),
    }
