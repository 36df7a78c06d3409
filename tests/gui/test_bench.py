"""What the bench does between recipe, terminal and judge: this computer as the target, real shells, real processes.

Apptainer itself is not needed here: a program of its name notes the recipe that it was given and ends when told.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cowshed_gui.bench import Bench
from cowshed_gui.build_tab import BuildTab
from cowshed_gui.course_session import CourseSession, recipe_path
from cowshed_gui.recipe_pane import RecipePane
from cowshed_gui.settings import SettingsStore
from cowshed_gui.target_session import TargetSession
from cowshed_gui.terminal_panel import TerminalPanel
from cowshed_lab import shell_integration
from lolcow import lolcow_course

LONG = 20_000  # milliseconds that a loaded machine may take to start a shell
BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
COMMAND = "apptainer build lolcow.sif lolcow.def"
FOLDER = PurePosixPath("cowshed/lolcow")

PROGRAM = """\
#!/bin/sh
for recipe; do :; done
cat "$recipe" > "built.$$"
until [ -e go ]; do sleep 0.02; done
exit 3
"""


class Workshop:
    """A bench with all that it joins, at the course's first step."""

    def __init__(self, qtbot: QtBot, home: Path) -> None:
        self.qtbot = qtbot
        self.home = home
        self.session = CourseSession(lolcow_course(), home / "progress.json")
        self.targets = TargetSession()
        self.recipes = RecipePane()
        self.terminals = TerminalPanel()
        self.settings = SettingsStore()
        self.bench = Bench(self.session, self.targets, self.recipes, self.terminals, self.settings)
        self.notices: list[str] = []
        self.building: list[bool] = []
        self.unsaved: list[PurePosixPath] = []
        self.bench.notice.connect(lambda _kind, sentence: self.notices.append(sentence))
        self.bench.building_changed.connect(self.building.append)
        self.bench.not_built.connect(self.unsaved.append)
        self.window = QWidget()
        row = QHBoxLayout(self.window)
        row.addWidget(self.recipes)
        row.addWidget(self.terminals)
        self.window.resize(900, 500)
        qtbot.add_widget(self.window)
        self.window.show()

    @property
    def folder(self) -> Path:
        return self.home / FOLDER

    @property
    def path(self) -> PurePosixPath:
        return recipe_path(self.session.step)

    def open(self) -> None:
        self.session.begin()
        self.targets.use("local")
        self.qtbot.wait_until(self.furnished, timeout=LONG)

    def furnished(self) -> bool:
        page = self.recipes.current_page()
        shells = list(self.terminals.shell_tabs())
        saved = page is not None and page.ready and not self.recipes.unsaved_paths() and page.saved_at is not None
        return saved and bool(shells) and shells[0].session.at_prompt

    def write(self, text: str) -> None:
        self.recipes.replace_text(self.path, text)

    def built(self) -> list[str]:
        """The recipes that were built so far, as they were."""
        return [file.read_text() for file in sorted(self.folder.glob("built.*"))]

    def wait_for_build(self) -> BuildTab:
        self.qtbot.wait_until(lambda: bool(self.built()) and bool(self.built()[0]), timeout=LONG)
        tab = self.terminals.current_tab()
        assert isinstance(tab, BuildTab)
        return tab


@pytest.fixture
def workshop(qtbot: QtBot, user_folders: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    programs = user_folders / "programs"
    programs.mkdir()
    (programs / "apptainer").write_text(PROGRAM)
    (programs / "apptainer").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    monkeypatch.setattr(shell_integration, "_FIND_SHELL", 'printf "%s" /bin/bash')
    (user_folders / ".bash_profile").write_text(f"PS1='me> '\nPATH='{programs}':$PATH\n")
    shop = Workshop(qtbot, user_folders)
    yield shop
    shop.terminals.close_all()
    shop.targets.close()


def test_a_double_click_builds_once(qtbot: QtBot, workshop: Workshop) -> None:
    workshop.open()
    workshop.write(BASE)
    workshop.bench.build()
    workshop.bench.build()
    tab = workshop.wait_for_build()
    assert [each for each in workshop.terminals._tabs if isinstance(each, BuildTab)] == [tab]
    assert any("running already" in sentence for sentence in workshop.notices)
    (workshop.folder / "go").touch()
    qtbot.wait_until(lambda: not workshop.bench.building, timeout=LONG)
    assert workshop.built() == [BASE]
    assert workshop.building == [True, False]


def test_a_build_that_stops_where_the_step_wants_it_is_no_fault(
    qtbot: QtBot, workshop: Workshop, user_folders: Path
) -> None:
    workshop.open()
    workshop.session.go_to(workshop.session.course.step("lolcow/install"))
    step = workshop.session.step
    stops = "\n".join(f"E: Unable to locate package {name}" for name in ("fortune", "cowsay", "lolcat"))
    fatal = "FATAL:   While performing build: while running engine: while running %post section: exit status 100"
    log = f"+ apt-get install fortune cowsay lolcat\n{stops}\n{fatal}\n"
    (user_folders / "programs" / "apptainer").write_text(f"#!/bin/sh\ncat <<'END'\n{log}END\nexit 255\n")
    workshop.write(step.solutions[0].recipe)
    with qtbot.wait_signal(workshop.session.step_passed, timeout=LONG):
        workshop.bench.build()
    tab = workshop.terminals.current_tab()
    assert isinstance(tab, BuildTab)
    assert tab.status.text() == "Stopped, as this step wants: exit status 100"


def test_closing_the_tab_of_a_running_build_ends_it_and_frees_the_way(qtbot: QtBot, workshop: Workshop) -> None:
    workshop.open()
    workshop.bench.build()
    tab = workshop.wait_for_build()
    workshop.terminals.ask_to_close(tab)
    QTest.mouseClick(tab.notice.buttons["Close anyway"], Qt.MouseButton.LeftButton)
    qtbot.wait_until(lambda: not workshop.bench.building, timeout=LONG)
    assert workshop.session.evidence.build is None, "a build that was stopped is not judged"
    workshop.write(BASE)
    workshop.bench.build()
    qtbot.wait_until(lambda: BASE in workshop.built(), timeout=LONG)


def test_leaving_the_target_ends_its_build(qtbot: QtBot, workshop: Workshop) -> None:
    workshop.open()
    workshop.bench.build()
    workshop.wait_for_build()
    workshop.targets.close()
    assert not workshop.bench.building
    assert workshop.building == [True, False]


def test_a_build_that_waits_for_a_save_does_not_begin_on_another_target(qtbot: QtBot, workshop: Workshop) -> None:
    workshop.open()
    workshop.write(BASE)
    workshop.bench.build()
    workshop.targets.close()
    assert not workshop.bench.building
    workshop.targets.use("local")
    qtbot.wait_until(lambda: any(tab.session.at_prompt for tab in workshop.terminals.shell_tabs()), timeout=LONG)
    assert not workshop.bench.building
    assert not workshop.built()
    assert not workshop.unsaved, "nobody needs to hear of a build that was left behind"


def test_a_recipe_whose_tab_was_closed_is_shown_again_and_built(qtbot: QtBot, workshop: Workshop) -> None:
    workshop.open()
    workshop.recipes.close_recipe(workshop.path)
    assert workshop.recipes.current_page() is None
    workshop.bench.build()
    workshop.wait_for_build()
    assert workshop.recipes.current_path() == workshop.path
    assert workshop.built() == [workshop.session.step.starter]


def test_a_lesson_s_build_command_saves_first(qtbot: QtBot, workshop: Workshop) -> None:
    workshop.open()
    workshop.write(BASE)
    workshop.bench.run(COMMAND)
    qtbot.wait_until(lambda: workshop.built() == [BASE], timeout=LONG)
    assert (workshop.folder / "lolcow.def").read_text() == BASE
    assert not workshop.notices


def test_a_lesson_s_build_command_is_not_run_on_text_that_could_not_be_saved(qtbot: QtBot, workshop: Workshop) -> None:
    workshop.open()
    workshop.write(BASE)
    (workshop.folder / "lolcow.def").write_text("theirs\n")
    workshop.bench.run(COMMAND)
    qtbot.wait_until(lambda: workshop.unsaved == [workshop.path], timeout=LONG)
    workshop.bench.run("echo nothing built")
    with qtbot.wait_signal(workshop.terminals.command_finished, timeout=LONG) as got:
        pass
    assert got.args[0].command_line == "echo nothing built"


@pytest.mark.parametrize(
    "typed", [COMMAND, f"cd .. && cd lolcow; {COMMAND}", "apptainer build x.sif ~/cowshed/lolcow/lolcow.def"]
)
def test_who_types_a_build_with_unsaved_text_is_told_what_is_built(
    qtbot: QtBot, workshop: Workshop, typed: str
) -> None:
    workshop.open()
    workshop.write(BASE)
    (tab,) = workshop.terminals.shell_tabs()
    tab.run_command(typed)
    qtbot.wait_until(lambda: bool(workshop.notices), timeout=LONG)
    page = workshop.recipes.current_page()
    assert page is not None
    assert page.saved_at is not None
    assert f"as it was saved at {page.saved_at:%H:%M}" in workshop.notices[0]
    assert "Ctrl+S" in workshop.notices[0]
    qtbot.wait_until(lambda: workshop.built() == [workshop.session.step.starter], timeout=LONG)


def test_a_typed_build_of_what_one_sees_needs_no_word(qtbot: QtBot, workshop: Workshop) -> None:
    workshop.open()
    (tab,) = workshop.terminals.shell_tabs()
    with qtbot.wait_signal(workshop.terminals.command_started, timeout=LONG):
        tab.run_command(COMMAND)
    assert not workshop.notices


def test_without_a_folder_there_is_a_shell_to_mend_it_in(qtbot: QtBot, workshop: Workshop) -> None:
    (workshop.home / "cowshed").write_text("a file where a folder should be\n")
    workshop.session.begin()
    workshop.targets.use("local")
    qtbot.wait_until(lambda: any(tab.session.at_prompt for tab in workshop.terminals.shell_tabs()), timeout=LONG)
    assert any("could not be made" in sentence for sentence in workshop.notices)
    page = workshop.recipes.current_page()
    assert page is not None
    qtbot.wait_until(lambda: "Try again" in page.notice.buttons, timeout=LONG)


def test_a_reset_that_comes_too_late_leaves_the_next_step_alone(qtbot: QtBot, workshop: Workshop) -> None:
    workshop.open()
    first = workshop.session.step
    workshop.write(BASE)  # which passes the step
    workshop.bench.reset()
    assert workshop.session.next()
    qtbot.wait_until((workshop.folder / "lolcow.1.def").exists, timeout=LONG)
    kept = workshop.session.progress.of(first.id)
    workshop.bench.build()  # whatever came after the copy has been dealt with once this begins
    workshop.wait_for_build()
    assert workshop.recipes.current_text() == BASE
    assert workshop.session.progress.of(first.id).state == kept.state
    assert not any("begins again" in sentence for sentence in workshop.notices)


def test_a_new_build_puts_away_what_the_one_before_came_to(qtbot: QtBot, workshop: Workshop) -> None:
    workshop.open()
    (workshop.folder / "go").touch()
    workshop.bench.build()
    qtbot.wait_until(lambda: workshop.session.evidence.build is not None, timeout=LONG)
    (workshop.folder / "go").unlink()
    workshop.bench.build()
    qtbot.wait_until(lambda: len(workshop.built()) == 2, timeout=LONG)
    assert workshop.session.evidence.build is None


def test_a_typed_build_that_is_stopped_by_hand_is_no_failure(qtbot: QtBot, workshop: Workshop) -> None:
    """Apptainer ends with 255 after Ctrl+C, as after any other failure; only the terminal's echo tells."""
    program = workshop.home / "programs" / "apptainer"
    program.write_text(PROGRAM.replace("until", "trap 'exit 255' INT\nuntil", 1))
    workshop.open()
    (tab,) = workshop.terminals.shell_tabs()
    tab.run_command(COMMAND)
    qtbot.wait_until(lambda: bool(workshop.built()) and bool(workshop.built()[0]), timeout=LONG)
    said: list[str] = []
    workshop.session.notice.connect(lambda _kind, sentence: said.append(sentence))
    tab.session.type(b"\x03")
    qtbot.wait_until(lambda: workshop.session.evidence.build is not None, timeout=LONG)
    build = workshop.session.evidence.build
    assert build is not None
    assert (build.exit_status, build.cancelled) == (255, True)
    assert said
    assert said[0].startswith("You stopped this build.")
