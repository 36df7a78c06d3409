"""How Cowshed looks: colours, spaces, fonts and icons of `look.md`, and the palette and style sheet made from them.

Widgets ask `APPEARANCE.theme` when they paint and listen to `APPEARANCE.changed`; nothing else holds a colour.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache, lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from cowshed_gui.style_sheet import filled

SPACE_SMALL = 4
SPACE = 8
SPACE_WIDE = 16
SPACE_PAGE = 24
CORNER = 6
ICON = 18  # pixels, before zoom

ZOOM_STEPS = (0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)


@dataclass(frozen=True, slots=True)
class Theme:
    """The colour tokens. Every text token has at least 4.5 : 1 on page, surface and sunken."""

    name: str
    page: QColor
    surface: QColor
    sunken: QColor
    ink: QColor
    muted: QColor
    line: QColor
    accent: QColor
    passed: QColor
    warning: QColor
    error: QColor
    info: QColor
    selection: QColor
    on_accent: QColor  # text on an accent-coloured surface
    hover: QColor  # a surface under the pointer

    @property
    def is_dark(self) -> bool:
        """Whether ink is lighter than the page."""
        return self.name == "dark"

    def colour(self, token: str) -> QColor:
        """The colour of a token by its name. Raises KeyError for an unknown one."""
        if token not in _TOKENS:
            raise KeyError(token)
        colour = getattr(self, token)
        assert isinstance(colour, QColor)
        return colour


_TOKENS = frozenset(field.name for field in fields(Theme)) - {"name"}


@cache
def light() -> Theme:
    """The light theme."""
    return _theme(
        "light",
        "#FBFAF7 #FFFFFF #F1EFEA #1E2329 #5A636D #D9D6CF #0A6B52 "
        "#1A7036 #8A5A00 #B42318 #1D5FBF #CFE8DF #FFFFFF #ECE9E2",
    )


@cache
def dark() -> Theme:
    """The dark theme."""
    return _theme(
        "dark",
        "#15181B #1C2024 #101214 #E7EAED #9EA8B2 #333A41 #5CCBA5 "
        "#63C77F #E0B341 #FF8A80 #7FB2FF #1F4A3E #0C1714 #272D33",
    )


def _theme(name: str, colours: str) -> Theme:
    return Theme(name, *(QColor(colour) for colour in colours.split()))


class Appearance(QObject):
    """The theme and the zoom in use. `changed` comes after both palette and style sheet are in force."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._choice = "system"
        self._zoom = 1.0
        self._interface_size = 0.0
        self._watching = False
        self._applied: tuple[str, float] | None = None

    @property
    def theme(self) -> Theme:
        """The theme in force."""
        if self._choice == "system":
            return dark() if _system_is_dark() else light()
        return dark() if self._choice == "dark" else light()

    @property
    def choice(self) -> str:
        """What the person chose: system, light or dark."""
        return self._choice

    @property
    def zoom(self) -> float:
        """How much larger than usual everything is; 1.0 is usual."""
        return self._zoom

    @property
    def motion(self) -> bool:
        """Whether small movements are welcome: not with reduced motion, not on a remote display."""
        application = QApplication.instance()
        return isinstance(application, QApplication) and application.isEffectEnabled(Qt.UIEffect.UI_AnimateMenu)

    def choose(self, choice: str) -> None:
        """Choose system, light or dark."""
        if choice not in {"system", "light", "dark"}:
            raise ValueError(f"No such theme: {choice!r}. Themes are system, light and dark.")
        self._choice = choice
        self.apply()

    def set_zoom(self, zoom: float) -> None:
        """Set the zoom of everything, held between the smallest and the largest step."""
        self._zoom = min(max(zoom, ZOOM_STEPS[0]), ZOOM_STEPS[-1])
        self.apply()

    def zoom_in(self) -> None:
        """One step larger."""
        self.set_zoom(next((step for step in ZOOM_STEPS if step > self._zoom + 0.001), ZOOM_STEPS[-1]))

    def zoom_out(self) -> None:
        """One step smaller."""
        self.set_zoom(next((step for step in reversed(ZOOM_STEPS) if step < self._zoom - 0.001), ZOOM_STEPS[0]))

    def apply(self) -> None:
        """Put palette, font and style sheet of the theme in force. Does nothing before there is an application."""
        application = QApplication.instance()
        if not isinstance(application, QApplication):
            return
        if not self._watching:
            self._watching = True
            application.styleHints().colorSchemeChanged.connect(self._on_scheme)
            application.aboutToQuit.connect(self._forget)
            application.setStyle("Fusion")
        theme = self.theme
        if self._applied == (theme.name, self._zoom):
            return
        self._applied = (theme.name, self._zoom)
        _icon.cache_clear()
        application.setPalette(_palette(theme))
        application.setFont(interface_font())
        application.setStyleSheet(style_sheet(theme, self._zoom))
        self.changed.emit()

    def interface_size(self) -> float:
        """The interface font's size in points, zoom included."""
        if self._interface_size == 0.0:
            size = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).pointSizeF()
            self._interface_size = min(max(size, 10.0), 13.0)
        return self._interface_size * self._zoom

    def _on_scheme(self) -> None:
        self.apply()

    def _forget(self) -> None:
        self._watching = False
        self._applied = None


APPEARANCE = Appearance()


def current_theme() -> Theme:
    """The theme in force; ask again after `APPEARANCE.changed`."""
    return APPEARANCE.theme


def interface_font(scale: float = 1.0) -> QFont:
    """The system's interface font, zoomed. Lesson text takes a scale of 1.15."""
    font = QFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont))
    font.setPointSizeF(APPEARANCE.interface_size() * scale)
    return font


def fixed_font(scale: float = 1.0) -> QFont:
    """The system's fixed font, zoomed: for recipes, terminals and commands."""
    font = QFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setFixedPitch(True)
    font.setPointSizeF(APPEARANCE.interface_size() * scale)
    return font


def _system_is_dark() -> bool:
    if QGuiApplication.instance() is None:
        return False
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for where, colour in (
        (role.Window, theme.page),
        (role.WindowText, theme.ink),
        (role.Base, theme.surface),
        (role.AlternateBase, theme.sunken),
        (role.Text, theme.ink),
        (role.Button, theme.surface),
        (role.ButtonText, theme.ink),
        (role.BrightText, theme.error),
        (role.ToolTipBase, theme.surface),
        (role.ToolTipText, theme.ink),
        (role.Highlight, theme.selection),
        (role.HighlightedText, theme.ink),
        (role.Accent, theme.accent),
        (role.Link, theme.info),
        (role.LinkVisited, theme.info),
        (role.PlaceholderText, theme.muted),
        (role.Light, theme.surface),
        (role.Midlight, theme.line),
        (role.Mid, theme.line),
        (role.Dark, theme.line),
        (role.Shadow, theme.line),
    ):
        palette.setColor(where, colour)
    for where in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, where, theme.muted)
    return palette


def repolish(widget: QWidget) -> None:
    """Let a widget take another part of the style sheet after its property `look` has changed."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()


# --- icons ------------------------------------------------------------------------------------------------------------


@cache
def _icon_folder() -> Path:
    installed = Path(__file__).parent / "resources" / "icons"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "resources" / "icons"


def icon(name: str, token: str = "ink") -> QIcon:
    """An icon of the set in `resources/icons`, coloured by a token of the theme in force, greyed when disabled.

    Raises:
        FileNotFoundError: there is no such icon.
    """
    return _icon(name, current_theme().colour(token).name(), current_theme().line.name())


def icon_pixmap(name: str, token: str = "ink", size: int = ICON) -> QPixmap:
    """The icon as a picture of `size` logical pixels, sharp on any screen."""
    application = QApplication.instance()
    ratio = application.devicePixelRatio() if isinstance(application, QApplication) else 1.0
    return _drawing(name, current_theme().colour(token).name(), size, ratio)


@lru_cache(maxsize=256)
def _icon(name: str, colour: str, disabled: str) -> QIcon:
    picture = QIcon()
    usual = round(ICON * APPEARANCE.zoom)
    for size in (usual, usual * 2):
        picture.addPixmap(_drawing(name, colour, size, 1.0))
        picture.addPixmap(_drawing(name, disabled, size, 1.0), QIcon.Mode.Disabled)
    return picture


def _drawing(name: str, colour: str, size: int, ratio: float) -> QPixmap:
    from PySide6.QtSvg import QSvgRenderer

    source = (_icon_folder() / f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
    renderer = QSvgRenderer(QByteArray(source.encode()))
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


# --- the style sheet --------------------------------------------------------------------------------------------------


def style_sheet(theme: Theme, zoom: float = 1.0) -> str:
    """The one style sheet of the application; see the module of that name for the parts that widgets can choose."""
    colours = {token: theme.colour(token).name() for token in _TOKENS}
    arrows = (_icon_folder() / "arrows").as_posix()
    size = APPEARANCE.interface_size()
    return filled(colours, name=theme.name, arrows=arrows, size=size, zoom=zoom, corner=CORNER)
