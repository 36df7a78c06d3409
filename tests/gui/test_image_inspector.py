"""The window that looks into images: real folders of this computer, looked at by the real program."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cowshed_gui.image_files_page import FilesPage
from cowshed_gui.image_inspector import FILES, PAIR, TEXTS, ImageInspector
from cowshed_gui.image_pair_page import DifferencesPage, told
from cowshed_gui.image_texts import labels_html, scripts_html, without_preamble
from cowshed_gui.main_window import MainWindow
from cowshed_gui.sizes_card import SizesCard
from cowshed_gui.theme import APPEARANCE
from cowshed_gui.treemap_view import TreemapView
from cowshed_lab.image_inspection import ImageContent
from cowshed_lab.local import LocalTarget
from cowshed_lessons.image_differences import differences
from cowshed_lessons.image_files import Entry, EntryKind, Node, file_tree
from cowshed_lessons.markup import SizeRow, Sizes
from lolcow import lolcow_course

SIZES = {
    "usr/bin/ls": 200_000,
    "usr/share/doc/a": 3_000_000,
    "usr/share/doc/b": 1_000_000,
    "var/lib/apt/lists/x": 50_000_000,
    "etc/passwd": 1_000,
}


def tree(sizes: dict[str, int] | None = None) -> Node:
    return file_tree(Entry(path, EntryKind.FILE, size) for path, size in (sizes or SIZES).items())


@pytest.fixture
def files(qtbot: QtBot) -> FilesPage:
    page = FilesPage()
    qtbot.add_widget(page)
    page.resize(900, 600)
    page.show()
    page.show_files(tree())
    return page


def press(widget: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(widget, key, modifier)


def test_keys_walk_into_folders_and_back(files: FilesPage) -> None:
    assert files.map.parts[files.map.current].name == "var"
    press(files.map, Qt.Key.Key_Return)
    assert files.path == "var"
    assert [button.text() for button in files.crumbs.buttons] == ["Whole image", "var"]
    press(files.map, Qt.Key.Key_Return)
    press(files.map, Qt.Key.Key_Return)
    assert files.path == "var/lib/apt"
    assert "package lists" in files.map.accessibleName()
    press(files.map, Qt.Key.Key_Return)
    press(files.map, Qt.Key.Key_Return)  # a file: nothing to go into
    assert files.path == "var/lib/apt/lists"
    press(files.map, Qt.Key.Key_Backspace)
    assert (files.path, files.map.parts[files.map.current].name) == ("var/lib/apt", "lists")
    press(files.map, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert files.path == "var/lib"
    files.crumbs.buttons[0].click()
    assert files.path == ""
    press(files.map, Qt.Key.Key_Backspace)
    assert files.path == ""


def test_every_part_can_be_reached_by_arrows_and_is_told(files: FilesPage) -> None:
    names = {f"f{number}": 1000 * (30 - number) for number in range(25)}
    files.show_files(tree(names))
    reached = {files.map.current}
    for _ in range(len(names)):
        for number in sorted(reached):
            for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down):
                files.map.choose(number)
                press(files.map, key)
                reached.add(files.map.current)
    assert reached == set(range(25))
    press(files.map, Qt.Key.Key_End)
    assert "f24: 6 kB, 1 %" in files.map.accessibleName()
    assert files.list.currentIndex().row() == 24
    press(files.map, Qt.Key.Key_Home)
    files.list.setCurrentIndex(files.list.model().index(3, 0))
    assert files.map.current == 3


def test_a_click_chooses_a_double_click_opens_and_hovering_tells(files: FilesPage) -> None:
    usr = [part.name for part in files.map.parts].index("usr")
    place = files.map.place(usr).center().toPoint()
    QTest.mouseClick(files.map, Qt.MouseButton.LeftButton, pos=place)
    assert files.map.current == usr
    assert "usr/" in files.map.hover_text(QPointF(files.map.place(usr).topLeft() + QPointF(3, 3)))
    var = files.map.place(0)
    inner = files.map.hover_text(QPointF(var.center()))
    assert inner.startswith("/var/lib")
    assert "package lists" in inner
    QTest.mouseDClick(files.map, Qt.MouseButton.LeftButton, pos=place)
    assert files.path == "usr"


def test_sixty_thousand_files_are_painted_at_once(qtbot: QtBot) -> None:
    root = file_tree(
        Entry(f"usr/d{number % 40}/e{number % 900}/f{number}", EntryKind.FILE, number % 5000)
        for number in range(60_000)
    )
    view = TreemapView()
    qtbot.add_widget(view)
    view.resize(1900, 1000)
    view.show_folder(root, "")
    view.grab()
    took = []
    for path in ("usr", "usr/d1", "usr", ""):
        node = root.find(path)
        assert node is not None
        began = time.perf_counter()
        view.show_folder(node, path)
        view.grab()
        took.append(time.perf_counter() - began)
    assert min(took) < 0.25, took
    assert len(view.parts) <= 60


def test_an_empty_image_says_so(qtbot: QtBot) -> None:
    page = FilesPage()
    qtbot.add_widget(page)
    page.show_files(None, "Its files could not be listed.")
    assert page.note.text() == "Its files could not be listed."
    assert "empty folder" in page.map.accessibleName()
    press(page.map, Qt.Key.Key_Return)
    press(page.map, Qt.Key.Key_Right)
    page.map.grab()


def test_differences_are_told_in_a_sentence_and_by_folder(qtbot: QtBot) -> None:
    page = DifferencesPage()
    qtbot.add_widget(page)
    other = {**SIZES, "var/lib/apt/lists/x": 0, "opt/tool": 2_000_000}
    page.show_pair(tree(), tree(other), ("a.sif", "b.sif"), differences(tree(), tree(other)))
    assert page.sentence.text() == "Unpacked, a.sif has 48 MB more than b.sif: 50 MB of package lists."
    assert [each.word for each in page.found] == ["package lists", "programs in /opt"]
    rows = page.list.model()
    assert "package lists" in rows.index(0, 0).data()
    told_bar = rows.index(1, 3).data(Qt.ItemDataRole.AccessibleTextRole)
    assert told_bar == "b.sif has 2.0 MB more of it"
    page.list.itemActivated.emit(page.list.topLevelItem(0), 0)
    assert page.manner.currentIndex() == 1
    assert page.path == "var/lib/apt/lists"
    press(page.list, Qt.Key.Key_Backspace)
    assert page.path == "var/lib/apt"
    page.grab()
    assert told(5, 5, ("a", "b"), ()) == "Both hold the same files, as far as their sizes tell."
    found = differences(tree(other), tree())
    assert told(1, 48_000_001, ("b", "a"), found).startswith("Unpacked, a has 48 MB more than b: 50 MB of package")


def test_what_an_image_says_is_shown_as_it_is() -> None:
    content = ImageContent(
        PurePosixPath("a.sif"),
        False,
        1,
        texts={"runscript": "#!/bin/sh\n\n    echo '<b>moo</b>'", "startscript": "#!/bin/sh\n# Copyright\n"},
        environment={"/e": "#!/bin/sh\n# (c)\n\n# Custom environment shell code should follow\n\n    export A=1"},
        apps={"cow": {"runscript": "#!/bin/sh\nmoo"}},
    )
    page = scripts_html(content)
    assert "&lt;b&gt;moo&lt;/b&gt;" in page
    assert "Start script" not in page
    assert "<pre>export A=1</pre>" in page
    assert "App cow" in page
    assert "<img" not in labels_html({"a<img src=x>": "b"})
    assert without_preamble("# mine\necho") == "# mine\necho"


@pytest.fixture
def sandboxes(user_folders: Path) -> Path:
    """Two sandboxes in the learner's folder of a lesson."""
    lesson = user_folders / "cowshed" / "lolcow"
    for name, sizes in (("one", SIZES), ("two", {"etc/passwd": 1_000})):
        (lesson / name / ".singularity.d").mkdir(parents=True)
        for path, size in sizes.items():
            file = lesson / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("wb") as opened:
                opened.truncate(size)
    os.utime(lesson / "two", (1, 1))
    return lesson


def shown(qtbot: QtBot, inspector: ImageInspector, condition: Callable[[], object]) -> None:
    qtbot.wait_until(lambda: not inspector.looking and bool(condition()), timeout=20_000)


def test_the_learners_images_are_listed_and_compared(qtbot: QtBot, sandboxes: Path, user_folders: Path) -> None:
    inspector = ImageInspector(LocalTarget(home=user_folders))
    qtbot.add_widget(inspector)
    inspector.show()
    shown(qtbot, inspector, lambda: inspector.files.map.parts)
    assert [inspector.image.itemText(number) for number in range(2)] == [
        "lolcow/one/   sandbox",
        "lolcow/two/   sandbox",
    ]
    assert "54 MB unpacked" in inspector.status.text()
    assert not inspector.tabs.isTabVisible(PAIR)
    inspector.look_into(PurePosixPath("cowshed/lolcow/one"), PurePosixPath("cowshed/lolcow/two"))
    shown(qtbot, inspector, lambda: inspector.tabs.isTabVisible(PAIR))
    assert inspector.tabs.currentIndex() == PAIR
    assert "50 MB of package lists" in inspector.pair.sentence.text()
    inspector.tabs.setCurrentIndex(TEXTS)
    assert "the same" in inspector.texts.summary.text()
    inspector.other.setCurrentIndex(0)
    inspector.other.activated.emit(0)
    assert inspector.tabs.currentIndex() == FILES


def test_another_file_by_its_path_and_one_that_is_not_there(qtbot: QtBot, sandboxes: Path, user_folders: Path) -> None:
    (sandboxes / "one").rename(user_folders / "elsewhere")
    inspector = ImageInspector(LocalTarget(home=user_folders), PurePosixPath("cowshed/lolcow/gone.sif"))
    qtbot.add_widget(inspector)
    inspector.show()
    shown(qtbot, inspector, lambda: "no image" in inspector.status.text())
    assert "cowshed/lolcow/gone.sif" in inspector.status.text()
    inspector.other_file.click()
    QTest.keyClicks(inspector.path, "~/elsewhere")
    press(inspector.path, Qt.Key.Key_Return)
    shown(qtbot, inspector, lambda: "54 MB unpacked" in inspector.status.text())
    assert inspector.image.currentText() == "elsewhere"


def test_a_closed_window_ends_its_look(qtbot: QtBot, sandboxes: Path, user_folders: Path) -> None:
    inspector = ImageInspector(LocalTarget(home=user_folders))
    qtbot.add_widget(inspector)
    inspector.show()
    assert inspector.looking
    inspector.cancel()
    qtbot.wait_until(lambda: not inspector.looking, timeout=20_000)
    assert "Cancelled" in inspector.status.text()
    inspector.look_again()
    inspector.close()
    qtbot.wait_until(lambda: not inspector.looking, timeout=20_000)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_themes_and_large_letters(qtbot: QtBot, files: FilesPage, theme: str) -> None:
    APPEARANCE.choose(theme)
    APPEARANCE.set_zoom(1.5)
    assert not files.grab().isNull()


def test_the_window_offers_it(qtbot: QtBot, sandboxes: Path) -> None:
    window = MainWindow(lolcow_course())
    qtbot.add_widget(window)
    with qtbot.wait_signal(window.ready, timeout=20_000):
        window.show()
    window.show_page(window.panes)
    window.actions_by_id["inspect"].trigger()
    assert "no image to look into yet" in window.notice.text()
    window.targets.use("local")
    qtbot.wait_until(lambda: window.session.target is not None, timeout=20_000)
    window.terminals.inspect_wanted.emit(PurePosixPath("cowshed/lolcow/two"))
    inspector = window.dialog
    assert isinstance(inspector, ImageInspector)
    shown(qtbot, inspector, lambda: inspector.image.currentText().startswith("lolcow/two"))
    inspector.close()
    block = Sizes((SizeRow("lolcow/one", 1.0), SizeRow("lolcow/two", 2.0)))
    card = SizesCard(block)
    qtbot.add_widget(card)
    assert not card.inspect_button.isVisibleTo(card)
    card.show_sizes({"lolcow/one": 5, "lolcow/two": 9})
    with qtbot.wait_signal(card.inspect_wanted) as asked:
        card.inspect_button.click()
    assert asked.args == [["lolcow/two", "lolcow/one"]]
    window.close()
