"""Pictures of every view, for looking at them and for the README: `screenshots.py FOLDER [options]`.

Runs the real window with the real course; wants a display (`xvfb-run -s "-screen 0 2000x1200x24"`), and for the builds
a target: the practice cluster is started where it is not running. The person's own files are left alone; the recipes
are written on the target, so give the practice cluster a folder of its own (COWSHED_PRACTICE_HOME) where tests use it.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

SIZES = {"1280x800": (1280, 800), "1920x1080": (1920, 1080)}
BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
INSTALL = f"{BASE}\n%post\n    apt-get install fortune cowsay lolcat\n"
FINISHED = f"""{BASE}
%post
    apt-get update
    apt-get install -y fortune cowsay lolcat

%environment
    export LC_ALL=C
    export PATH=/usr/games:$PATH

%runscript
    fortune | cowsay | lolcat
"""


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--target", default="practice")
    parser.add_argument("--themes", nargs="*", default=["light", "dark"])
    parser.add_argument("--sizes", nargs="*", default=list(SIZES))
    parser.add_argument("--zoom", type=float, default=1.0)
    parser.add_argument("--quick", action="store_true", help="no builds")
    parser.add_argument("--only-builds", action="store_true", help="nothing else")
    return parser.parse_args()


class Studio:
    """Drives one window and takes its pictures in each theme and size."""

    def __init__(self, options: argparse.Namespace) -> None:
        from cowshed_gui.app import make_application, open_window
        from cowshed_lessons.course import built_in_course

        self.options = options
        self.application = make_application()
        self.window = open_window(built_in_course())
        self.window.settings.change(zoom=options.zoom)
        self.window.resize(1280, 800)
        self.window.show()
        self.wait(lambda: self.window.furnished, "the window is furnished")
        self.window.go_to("lolcow/base-image")

    def wait(self, condition: Callable[[], object], what: str, seconds: float = 300) -> None:
        """Let the window work until something is true; end the program where it never is."""
        from PySide6.QtCore import QElapsedTimer, QEventLoop

        clock = QElapsedTimer()
        clock.start()
        while not condition():
            self.application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
            if clock.elapsed() > seconds * 1000:
                sys.exit(f"Waited {seconds:.0f} s for: {what}. The window says: {self.window.notice.text()}")

    def settle(self) -> None:
        """Let everything be laid out and painted."""
        from PySide6.QtCore import QElapsedTimer, QEventLoop

        clock = QElapsedTimer()
        clock.start()
        while clock.elapsed() < 250:
            self.application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)

    def picture(self, name: str, *, only: tuple[int, int] | None = None) -> None:
        """Take the window in every theme and size, pop-ups over it included."""
        from PySide6.QtGui import QGuiApplication, QPixmap

        zoom = "" if self.options.zoom == 1 else f"-zoom{round(self.options.zoom * 100)}"
        for theme in self.options.themes:
            self.window.settings.change(theme=theme)
            for size, (width, height) in SIZES.items() if only is None else (("", only),):
                if only is None and size not in self.options.sizes:
                    continue
                self.window.resize(width, height)
                self.settle()
                popup = self.application.activePopupWidget()
                if popup is None:
                    shot = self.window.grab()
                else:
                    screen = QGuiApplication.primaryScreen()
                    corner = self.window.mapToGlobal(self.window.rect().topLeft())
                    shot = QPixmap(screen.grabWindow(0, corner.x(), corner.y(), width, height))
                parts = [name, *([size] if size else []), theme]
                path = self.options.folder / f"{'-'.join(parts)}{zoom}.png"
                if not shot.save(str(path)):
                    sys.exit(f"{path} could not be written.")
                print(path)

    # --- the views ---

    def write(self, text: str) -> None:
        """Put a text into the recipe of the step."""
        from cowshed_gui.course_session import recipe_path

        self.wait(self.recipe_open, "the recipe is open")
        self.window.recipes.replace_text(recipe_path(self.window.session.step), text)

    def close_comparison(self) -> None:
        """Back to the recipe alone."""
        page = self.window.recipes.current_page()
        if page is not None:
            page.close_comparison()

    def recipe_open(self) -> bool:
        """Whether the step's recipe is open."""
        from cowshed_gui.course_session import recipe_path

        page = self.window.recipes.current_page()
        return page is not None and page.ready and page.path == recipe_path(self.window.session.step)

    def start(self) -> None:
        """Welcome page, start of the target, an open step."""
        window, targets = self.window, self.window.targets
        self.wait(lambda: targets.entries, "the targets are known")
        self.picture("welcome")
        window.welcome.choose(self.options.target)
        if window.welcome.practice.start_button.isVisible():
            window.welcome.practice.start_button.click()
            self.wait(lambda: targets.progress is not None, "the practice cluster tells how it gets on")
            self.picture("welcome-starting")
        else:
            window.welcome.start_button.click()
        self.wait(lambda: targets.target is not None, "the target is open")
        self.wait(self.recipe_open, "the recipe is open")
        self.wait(lambda: any(tab.session.at_prompt for tab in window.terminals.shell_tabs()), "the shell is ready")

    def steps(self) -> None:
        """The lesson without builds."""
        window = self.window
        window.go_to("lolcow/base-image")
        self.write(window.session.step.starter)
        self.picture("step-begins")
        self.write("Bootstrap: docker\nFrom: ubuntu\n")
        self.picture("not-yet")
        self.write(BASE)
        self.picture("passed")
        window.go_to("lolcow/update-lists")
        self.write(INSTALL)
        for _ in range(3):
            window.show_hint()
        self.picture("hints")
        window.show_solution()
        self.picture("solution")
        self.close_comparison()

    def pop_ups(self) -> None:
        """Everything that opens over or beside the window."""
        window = self.window
        window.choose_target()
        self.picture("targets")
        window.bar.selector.panel.hide()
        window.open_palette()
        self.picture("palette")
        window.palette_popup.hide()
        window.choose_step()
        self.picture("steps")
        window.palette_popup.hide()
        for name, does in (("settings", window.open_settings), ("about", window.show_about)):
            does()
            for theme in self.options.themes:
                window.settings.change(theme=theme)
                self.settle()
                dialog = window.dialog
                if dialog is None:
                    sys.exit(f"{name} did not open.")
                dialog.grab().save(str(self.options.folder / f"{name}-{theme}.png"))
            if window.dialog is not None:
                window.dialog.close()
        window.skip_step()
        self.picture("notice")
        window.notice.hide()
        self.close_comparison()

    def narrow(self) -> None:
        """The drawer, and a pane alone."""
        window = self.window
        self.picture("narrow", only=(940, 700))
        window.panes.open_drawer()
        self.picture("narrow-lesson", only=(940, 700))
        window.panes.close_drawer()
        window.resize(1280, 800)
        self.settle()
        window.panes.fill("terminal")
        self.picture("terminal-alone", only=(1280, 800))
        window.panes.fill("")

    def builds(self) -> None:
        """A build that fails as it should, one that succeeds, and the cow."""
        window = self.window
        window.go_to("lolcow/install")
        self.write(INSTALL)
        self.settle()
        window.build()
        self.wait(lambda: window.bench.building, "the build begins")
        self.settle()
        self.picture("building")
        self.wait(lambda: not window.bench.building, "the build ends")
        self.picture("build-failed")
        for step in window.session.course.steps:
            window.session.progress.mark_passed(step.id, None)
        window.session.progress.reopen("lolcow/runscript")
        window.go_to("lolcow/runscript")
        self.write(FINISHED)
        self.settle()
        window.build()
        self.wait(lambda: window.bench.building, "the build begins")
        self.wait(lambda: not window.bench.building and not window.session.looking, "the image was looked at")
        window.bench.run(f"apptainer run {window.session.step.image_name}")
        self.wait(lambda: any("run" in each.command_line for each in window.session.evidence.commands), "the cow")
        self.picture("lesson-done")


def main() -> None:
    """Take all pictures."""
    options = arguments()
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
            os.environ[f"XDG_{kind}_HOME"] = str(Path(home) / kind.lower())
        studio = Studio(options)
        studio.start()
        if not options.only_builds:
            studio.steps()
            studio.pop_ups()
            studio.narrow()
        if not options.quick:
            studio.builds()
        studio.window.leave()
        from cowshed_gui.background import LAB

        LAB.stop()


if __name__ == "__main__":
    main()
