"""The outline and the folds."""

from __future__ import annotations

from cowshed_lessons.language import Fold, FoldKind, Symbol, SymbolKind, folds, outline
from cowshed_lessons.verdict import Position

BASE = "Bootstrap: docker\nFrom: a:1\n"


def tree(symbols: tuple[Symbol, ...]) -> list[object]:
    return [[item.name, *tree(item.children)] if item.children else item.name for item in symbols]


def test_one_stage_shows_its_sections_directly() -> None:
    assert tree(outline(BASE + "\n%post -c /bin/bash\n    true\n\n%help\n")) == [
        ["Header", "Bootstrap", "From"],
        "%post",
        "%help",
    ]
    header, post, _ = outline(BASE + "\n%post -c /bin/bash\n    true\n\n%help\n")
    assert (header.kind, header.detail) == (SymbolKind.HEADER, "docker a:1")
    assert (post.kind, post.detail) == (SymbolKind.SECTION, "-c /bin/bash")
    assert (post.range.start, post.range.end) == (Position(4, 1), Position(5, 9))
    assert (post.selection.start, post.selection.end) == (Position(4, 1), Position(4, 6))


def test_several_stages_hold_theirs() -> None:
    found = outline("# top\n" + BASE + "Stage: build\n%post\n true\n" + BASE + "%files from build\n a\n")
    assert [(item.name, item.kind, item.detail) for item in found] == [
        ("build", SymbolKind.STAGE, "docker a:1"),
        ("stage 2", SymbolKind.STAGE, "docker a:1"),
    ]
    assert found[0].range.start == Position(1, 1)
    assert tree(found[1].children) == [["Header", "Bootstrap", "From"], "%files"]


def test_apps_hold_their_sections() -> None:
    found = outline("%apprun moo\n a\n%post\n b\n%appinstall moo\n c\n%apprun baa\n d\n")
    assert tree(found) == [["moo", "%apprun", "%appinstall"], "%post", ["baa", "%apprun"]]
    assert found[0].kind is SymbolKind.APP


def test_unfinished_text_has_an_outline() -> None:
    assert tree(outline("Boot")) == []
    assert tree(outline("%po")) == ["%po"]
    assert tree(outline(BASE + "%post\n  %tes")) == [["Header", "Bootstrap", "From"], "%post", "%tes"]


def test_folds() -> None:
    text = BASE + "\n%post\n    cat <<E\n# a\n# b\nE\n    # c\n    # d\n\n# lead\n# more\n%help\n    # a\n    # b\n\n"
    assert folds(text) == (
        Fold(1, 2, FoldKind.SECTION),
        Fold(4, 10, FoldKind.SECTION),
        Fold(5, 8, FoldKind.HEREDOC),
        Fold(9, 10, FoldKind.COMMENT),
        Fold(12, 13, FoldKind.COMMENT),
        Fold(14, 16, FoldKind.SECTION),
    )


def test_stages_fold() -> None:
    found = folds(BASE + "%post\n true\n\n" + BASE + "%post\n true\n")
    assert [fold for fold in found if fold.kind is FoldKind.STAGE] == [
        Fold(1, 4, FoldKind.STAGE),
        Fold(6, 9, FoldKind.STAGE),
    ]
