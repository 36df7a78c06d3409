"""Trees of files, treemaps, and what one image has more than another."""

from __future__ import annotations

import pytest

from cowshed_lessons.image_differences import differences, folder_differences, place_of
from cowshed_lessons.image_files import Box, Entry, EntryKind, Node, file_tree, parts, squarify


def tree(**sizes: int) -> Node:
    return file_tree(Entry(path.replace("__", "/"), EntryKind.FILE, size) for path, size in sizes.items())


def test_a_tree_counts_everything_below_once() -> None:
    root = file_tree(
        [
            Entry("usr", EntryKind.FOLDER, 4096),
            Entry("usr/bin/a", EntryKind.FILE, 10),
            Entry("/usr/bin/a", EntryKind.FILE, 10),
            Entry("usr/bin/link", EntryKind.LINK, 3),
            Entry("dev/null", EntryKind.OTHER, 99),
            Entry("", EntryKind.FOLDER),
        ]
    )
    assert (root.size, root.files) == (13, 3)
    found = root.find("usr/bin")
    assert found is not None
    assert (found.size, found.files) == (13, 2)
    assert root.find("usr/lib") is None
    assert root.find("") is root


def test_parts_are_few_however_many_files_there_are() -> None:
    folder = file_tree(Entry(f"f{number}", EntryKind.FILE, number) for number in range(60_000))
    shown = parts(folder, 100)
    assert len(shown) == 100
    assert [part.size for part in shown[:2]] == [59_999, 59_998]
    assert sum(part.size for part in shown) == folder.size
    assert shown[-1].count == 60_000 - 99
    assert shown[-1].title == "59,901 smaller ones"
    assert len(parts(folder, 60_000)) == 60_000


@pytest.mark.parametrize("name", ["new\nline", "tab\t", "\x1b[31m", "\udcff"])
def test_names_are_shown_on_one_line(name: str) -> None:
    (part,) = parts(file_tree([Entry(f"{name}/x", EntryKind.FILE, 1)]))
    assert part.title.isprintable()
    assert part.name == name


@pytest.mark.parametrize(
    ("sizes", "box"),
    [
        ([6, 6, 4, 3, 2, 2, 1], Box(0, 0, 6, 4)),
        ([1], Box(5, 5, 10, 2)),
        ([10, 0, 0], Box(0, 0, 3, 3)),
        ([1e12, 1, 1e-3], Box(0, 0, 100, 700)),
        (list(range(500, 0, -1)), Box(0, 0, 1280, 800)),
    ],
)
def test_a_treemap_fills_its_box_without_overlap(sizes: list[float], box: Box) -> None:
    boxes = squarify(sizes, box)
    assert len(boxes) == len(sizes)
    total = sum(sizes)
    for size, each in zip(sizes, boxes, strict=True):
        assert each.area == pytest.approx(size / total * box.area, rel=1e-6, abs=1e-9)
        assert each.x >= box.x - 1e-9
        assert each.y >= box.y - 1e-9
        assert each.x + each.width <= box.x + box.width + 1e-6
        assert each.y + each.height <= box.y + box.height + 1e-6
    for number, one in enumerate(boxes[:60]):
        for two in boxes[number + 1 : 60]:
            across = min(one.x + one.width, two.x + two.width) - max(one.x, two.x)
            down = min(one.y + one.height, two.y + two.height) - max(one.y, two.y)
            assert min(across, down) < 1e-6


def test_boxes_are_near_to_squares() -> None:
    boxes = squarify([6, 6, 4, 3, 2, 2, 1], Box(0, 0, 6, 4))
    assert (boxes[0].width, boxes[0].height) == (3, 2)  # the example of the paper
    assert max(max(each.width / each.height, each.height / each.width) for each in boxes) < 3


def test_nothing_to_share_out_and_no_room() -> None:
    assert squarify([], Box(0, 0, 5, 5)) == ()
    assert squarify([0, 0], Box(0, 0, 5, 5))[1].area == 0
    assert squarify([3, 1], Box(0, 0, 0, 5))[0].area == 0


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/var/lib/apt/lists", "package lists"),
        ("/var/lib/apt/lists/partial/x", "package lists"),
        ("/var/lib/apt/listsx", ""),
        ("/var/cache/apt/pkgcache.bin", "downloaded packages"),
        ("/usr/share/doc/cowsay", "documentation"),
        ("/usr/share/man", "documentation"),
        ("/usr/share/documents", "data of programs"),
        ("/usr/bin/gcc-12", "compiler"),
        ("/usr/bin/x86_64-linux-gnu-g++-12", "compiler"),
        ("/usr/bin/ls", "programs"),
        ("/usr/lib/gcc/x86_64-linux-gnu/12/cc1plus", "compiler"),
        ("/root/.cache/pip/http/1", "pip's downloads"),
        ("/home/me/.cache/pip", "pip's downloads"),
        ("/root/.cache/huggingface", "caches of programs"),
        ("/opt/conda/pkgs/numpy", "conda's downloads"),
        ("/opt/conda/lib/libz.so", "conda"),
        ("/opt/conda/lib/python3.12/site-packages/numpy", "Python packages"),
        ("/usr/local/lib/python3.12/site-packages/torch", "Python packages"),
        ("/usr/lib/python3.11/json", "Python"),
        ("/usr/local/lib/R/site-library/dplyr", "R packages"),
        ("/usr/lib/R/library/base", "R packages"),
        ("/var/cache/apk/APKINDEX.1.tar.gz", "package lists of apk"),
        ("/usr/include/stdio.h", "headers for compiling"),
        ("/tmp/x", "temporary files"),
        ("/srv/data", ""),
    ],
)
def test_known_places(path: str, word: str) -> None:
    place = place_of(path)
    assert (place.word if place else "") == word


def test_differences_are_told_by_place_and_sorted_by_size() -> None:
    left = tree(
        var__lib__apt__lists__a=90_000_000,
        var__lib__apt__lists__b=106_000_000,
        usr__share__doc__x=3_000_000,
        usr__bin__gcc=1_000_000,
        usr__bin__ls=100_000,
        srv__own=5_000,
    )
    right = tree(usr__share__doc__x=1_000_000, usr__bin__ls=100_000, usr__lib__libz=40_000_000, usr__bin__cow=500)
    found = differences(left, right)
    assert [(each.word, each.path, each.more) for each in found] == [
        ("package lists", "/var/lib/apt/lists", 196_000_000),
        ("libraries", "/usr/lib", -40_000_000),
        ("documentation", "/usr/share/doc", 2_000_000),
        ("compiler", "/usr/bin", 1_000_000),
        ("", "/srv", 5_000),
    ]
    assert sum(each.more for each in found) == left.size - right.size + 500
    assert differences(left, left) == ()


def test_differences_below_one_folder() -> None:
    left = tree(usr__share__doc=2_000, usr__lib__x=9_000)
    right = tree(usr__share__doc=2_000, usr__sbin__y=1)
    found = folder_differences(left.find("usr"), right.find("usr"), "usr")
    assert [(each.path, each.word, each.more) for each in found] == [
        ("/usr/lib", "libraries", 9_000),
        ("/usr/sbin", "programs", -1),
    ]
    assert [each.path for each in folder_differences(None, right)] == ["/usr"]
