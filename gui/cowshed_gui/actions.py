"""Everything a person can do with a key, the menu or the palette, in one table. All three, and the tests, read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence

from cowshed_gui.theme import icon

if TYPE_CHECKING:
    from cowshed_gui.main_window import MainWindow


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do.

    Attributes:
        id: Name in code and tests.
        title: What the menu and the palette say.
        keys: Shortcuts, the first one is shown; empty for none.
        menu: Which menu it is in.
        does: Name of the window's method.
        icon: Name of an icon, empty for none.
        help: A sentence for the palette and the tooltip.
        parts: A line above it in the menu.
        pane: The recipe pane takes the keys itself: elsewhere, in a terminal, they mean what they mean there.
    """

    id: str
    title: str
    keys: tuple[str, ...]
    menu: str
    does: str
    icon: str = ""
    help: str = ""
    parts: bool = False
    pane: bool = False


MENUS = ("Recipe", "Lesson", "Target", "View", "Help")

ACTIONS: tuple[Action, ...] = (
    Action("build", "Build the image", ("Ctrl+B",), "Recipe", "build", "play", "Save the recipe and build it."),
    Action("save", "Save the recipe", ("Ctrl+S",), "Recipe", "save_recipe", "save"),
    Action(
        "compare-with",
        "Compare with…",
        ("Ctrl+Shift+D",),
        "Recipe",
        "compare_with",
        "compare",
        "Your recipe beside the file on disk, or the recipe that passed this step.",
    ),
    Action("compare", "Show a solution", (), "Recipe", "show_solution", "compare", "Compare it with your recipe."),
    Action(
        "reset",
        "Start this recipe again",
        (),
        "Recipe",
        "reset_step",
        "reset",
        "Puts the step's beginning into the editor; your text is kept in a copy beside it.",
        parts=True,
    ),
    Action("find", "Find…", ("Ctrl+F",), "Recipe", "find_text", "search", "In the recipe.", parts=True, pane=True),
    Action("replace", "Find and replace…", ("Ctrl+R",), "Recipe", "replace_found", "", "In the recipe.", pane=True),
    Action("go-to-line", "Go to line…", ("Ctrl+L",), "Recipe", "go_to_line", "", "Of the recipe.", pane=True),
    Action(
        "comment",
        "Comment out, or in again",
        ("Ctrl+/",),
        "Recipe",
        "toggle_comment",
        "",
        "The line of the cursor, or the selected lines.",
        pane=True,
    ),
    Action(
        "outline",
        "Go to section…",
        ("Ctrl+Shift+O",),
        "Recipe",
        "choose_section",
        "recipe",
        "Go to a section of this recipe.",
        parts=True,
    ),
    Action(
        "format",
        "Format the recipe",
        ("Shift+Alt+F", "Ctrl+Shift+I"),
        "Recipe",
        "format_recipe",
        "",
        "Indents and spaces as most recipes have them; what the recipe means stays. Ctrl+Z takes it back.",
    ),
    Action(
        "fixes",
        "Quick fixes…",
        ("Ctrl+.",),
        "Recipe",
        "open_fixes",
        "hint",
        "What can be done about the finding at the cursor.",
        parts=True,
    ),
    Action(
        "fix-all",
        "Fix everything that is safe",
        (),
        "Recipe",
        "fix_everything",
        "",
        "Makes the fixes that keep what the recipe means. Ctrl+Z takes them back.",
    ),
    Action("next-finding", "Next finding", ("F8",), "Recipe", "next_finding"),
    Action("previous-finding", "Finding before", ("Shift+F8",), "Recipe", "previous_finding"),
    Action("complete", "Suggest what to write", ("Ctrl+Space",), "Recipe", "suggest", "", "At the cursor."),
    Action(
        "explain",
        "Explain this word",
        ("Shift+F1",),
        "Recipe",
        "explain_word",
        "question",
        "What the section, key or command at the cursor is for.",
    ),
    Action("fold", "Fold", ("Ctrl+Shift+[",), "Recipe", "fold", "", "Folds what the cursor is in.", parts=True),
    Action("unfold", "Unfold", ("Ctrl+Shift+]",), "Recipe", "unfold", "", "Unfolds what is folded at the cursor."),
    Action("fold-all", "Fold all sections", ("Ctrl+Alt+[",), "Recipe", "fold_all"),
    Action("unfold-all", "Unfold everything", ("Ctrl+Alt+]",), "Recipe", "unfold_all"),
    Action("quit", "Quit", ("Ctrl+Q",), "Recipe", "close_window", "quit", parts=True),
    Action("next", "Next step", ("Alt+Right",), "Lesson", "next_step", "arrow-right"),
    Action("back", "Back to the step before", ("Alt+Left",), "Lesson", "previous_step", "arrow-left"),
    Action("go-to", "Go to a step…", ("Ctrl+G",), "Lesson", "choose_step", "book"),
    Action(
        "search",
        "Search all lessons…",
        ("Ctrl+Shift+F",),
        "Lesson",
        "search_course",
        "search",
        "Words in titles, texts, questions and the glossary.",
    ),
    Action("hint", "Show the next hint", ("Ctrl+H",), "Lesson", "show_hint", "hint", parts=True),
    Action(
        "watch",
        "Watch a recording of this step",
        (),
        "Lesson",
        "watch_recording",
        "play",
        "The real thing, done for you to see. It does not count as done.",
    ),
    Action("skip", "Skip this step", (), "Lesson", "skip_step", "skip", "Shows an answer; you can come back."),
    Action(
        "force",
        "Mark this step as done",
        (),
        "Lesson",
        "force_step",
        "flag",
        "Where you know better than the checks. The step says that you decided it.",
    ),
    Action(
        "pause",
        "Pause looking at the terminal",
        ("Ctrl+Shift+J",),
        "Lesson",
        "pause_judging",
        "pause",
        "What you type in the terminal meanwhile counts for nothing. Again: go on.",
    ),
    Action(
        "notes",
        "Write notes on this step",
        ("Ctrl+Shift+N",),
        "Lesson",
        "write_notes",
        "note",
        "Yours alone, at the end of the step's page; kept as you write.",
        parts=True,
    ),
    Action(
        "take-home",
        "Take it all home…",
        (),
        "Lesson",
        "take_home",
        "home",
        "Your recipes, notes and results with the lessons, as a page, a PDF or an archive.",
        parts=True,
    ),
    Action(
        "export-progress",
        "Export your progress…",
        (),
        "Lesson",
        "export_progress",
        "export",
        "A file with your results and notes, for another computer.",
    ),
    Action(
        "import-progress",
        "Import progress…",
        (),
        "Lesson",
        "import_progress",
        "import",
        "Adds what you did on another computer; nothing that you did here is lost.",
    ),
    Action("targets", "Choose where to build…", ("Ctrl+T",), "Target", "choose_target", "target"),
    Action("practice-up", "Start the practice cluster", (), "Target", "start_practice", "play"),
    Action("practice-down", "Stop the practice cluster", (), "Target", "stop_practice", "stop"),
    Action("shell", "New terminal", ("Ctrl+Shift+T",), "Target", "new_shell", "terminal", parts=True),
    Action(
        "record",
        "Record this terminal…",
        (),
        "Target",
        "record_terminal",
        "record",
        "Keeps what the terminal shows in a file, never what is typed unseen. Again: ends it.",
    ),
    Action("open-recording", "Open a recording…", (), "Target", "open_recording", "play", "Plays any asciicast."),
    Action(
        "inspect",
        "Inspect an image…",
        ("Ctrl+Shift+E",),
        "Target",
        "inspect_image",
        "search",
        "What is in an image: its files by size, labels, scripts and recipe; two of them side by side.",
        parts=True,
    ),
    Action(
        "builds",
        "Builds and what they took",
        ("Ctrl+Shift+Y",),
        "Target",
        "show_builds",
        "build",
        "Every build with its phases and commands, seconds and megabytes; two of them compared.",
    ),
    Action("palette", "Find anything to do…", ("Ctrl+Shift+P", "F1"), "View", "open_palette", "search"),
    Action("lesson", "Go to the lesson", ("Ctrl+1",), "View", "focus_lesson", "book", parts=True),
    Action("recipe", "Go to the recipe", ("Ctrl+2",), "View", "focus_recipe", "recipe"),
    Action("terminal", "Go to the terminal", ("Ctrl+3",), "View", "focus_terminal", "terminal"),
    Action("checks", "Go to the checks", ("Ctrl+4",), "View", "focus_checks", "checks"),
    Action("next-pane", "Next pane", ("F6",), "View", "focus_next_pane"),
    Action("previous-pane", "Pane before", ("Shift+F6",), "View", "focus_previous_pane"),
    Action("fill", "Let this pane fill the window", ("F11",), "View", "fill_with_pane", "expand", "Again: all panes."),
    Action(
        "zoom-in",
        "Everything larger",
        ("Ctrl++", "Ctrl+="),
        "View",
        "zoom_in",
        "zoom-in",
        "Everything larger. With the keyboard in the terminal, the key changes the terminal alone.",
        parts=True,
    ),
    Action(
        "zoom-out",
        "Everything smaller",
        ("Ctrl+-",),
        "View",
        "zoom_out",
        "zoom-out",
        "Everything smaller. With the keyboard in the terminal, the key changes the terminal alone.",
    ),
    Action("zoom-usual", "Usual size", ("Ctrl+0",), "View", "zoom_usual"),
    Action("light", "Light colours", (), "View", "choose_light", "sun", parts=True),
    Action("dark", "Dark colours", (), "View", "choose_dark", "moon"),
    Action("system", "Colours of the system", (), "View", "choose_system", "computer"),
    Action("settings", "Settings…", ("Ctrl+,",), "View", "open_settings", "settings", parts=True),
    Action("welcome", "Welcome page", (), "Help", "show_welcome", "cow"),
    Action("keys", "Keys", (), "Help", "show_keys", "terminal"),
    Action("about", "About Cowshed", (), "Help", "show_about", "info"),
)


def make_actions(window: MainWindow) -> dict[str, QAction]:
    """The Qt actions of the table, by id, bound to the window's methods and coloured with the theme."""
    made: dict[str, QAction] = {}
    for entry in ACTIONS:
        action = QAction(entry.title, window)
        action.setObjectName(entry.id)
        action.setShortcuts([QKeySequence(keys) for keys in entry.keys])
        if entry.pane:  # shown, but none of the window's shortcuts
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.setToolTip(tooltip(entry))
        does: Callable[[], None] = getattr(window, entry.does)
        action.triggered.connect(lambda _checked=False, does=does: does())
        window.addAction(action)
        made[entry.id] = action

    return made


def colour_actions(actions: dict[str, QAction]) -> None:
    """Draw the actions' icons in the colours of the theme; before the menu or the palette shows them."""
    for entry in ACTIONS:
        if entry.icon:
            actions[entry.id].setIcon(icon(entry.icon, "muted"))


def tooltip(entry: Action) -> str:
    """What the action does, with its key."""
    text = entry.help or entry.title
    return f"{text} ({QKeySequence(entry.keys[0]).toString(_NATIVE)})" if entry.keys else text


_NATIVE = QKeySequence.SequenceFormat.NativeText
