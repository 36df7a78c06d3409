"""Running text of a lesson, as high as it needs to be, in the colours and fonts of the theme."""

from __future__ import annotations

import math
from html import escape

from PySide6.QtCore import QEvent, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QFontInfo,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QToolTip, QWidget

from cowshed_gui.theme import APPEARANCE, SPACE, Theme, current_theme, fixed_font, interface_font

LESSON_SCALE = 1.15
_MEASURE = 72  # characters a line


def measure() -> int:
    """The width in pixels of the longest line one reads comfortably."""
    return round(QFontMetricsF(interface_font(LESSON_SCALE)).averageCharWidth() * _MEASURE)


def text_style(theme: Theme, *, link: str = "accent") -> str:
    """The style sheet of rich text."""
    code = fixed_font()
    size = APPEARANCE.interface_size()
    family = code.family().replace('"', "")
    return f"""
        p, li, td, th {{ color: {theme.ink.name()}; }}
        p {{ margin-top: 0px; margin-bottom: 10px; }}
        li {{ margin-bottom: 4px; }}
        ul, ol {{ margin-top: 0px; margin-bottom: 10px; margin-left: 0px; }}
        h1, h2, h3, h4 {{ font-weight: 600; margin-top: 12px; margin-bottom: 4px; color: {theme.ink.name()}; }}
        code, tt {{ font-family: "{family}"; font-size: {size * 1.04:.1f}pt; background-color: {theme.sunken.name()}; }}
        pre {{ font-family: "{family}"; font-size: {size:.1f}pt; background-color: {theme.sunken.name()}; }}
        a {{ color: {theme.colour(link).name()}; text-decoration: underline; }}
        a.term {{ color: {theme.ink.name()}; text-decoration: underline; }}
        th {{ font-weight: 600; text-align: left; color: {theme.muted.name()}; }}
        table {{ margin-top: 4px; margin-bottom: 12px; }}
        td, th {{ padding: 3px 14px 3px 0px; }}
        blockquote {{ color: {theme.muted.name()}; }}
    """


_HEADINGS = {1: 1.5, 2: 1.4, 3: 1.28}
_LINE = 1.5


def _set_lines(document: QTextDocument, size: float, scale: float) -> None:
    """Give headings their size and every line of a paragraph the same height, code in it or not.

    Style sheets can do neither: Qt enlarges headings on top of what they say, and a proportional line height grows with
    the tallest word of each line.
    """
    pixels = QFontInfo(interface_font(scale)).pixelSize()
    cursor = QTextCursor(document)
    block = document.begin()
    first, last = block, document.lastBlock()
    while block.isValid():
        shape = QTextBlockFormat(block.blockFormat())
        level = shape.headingLevel()
        height = pixels * _LINE
        if level:
            cursor.setPosition(block.position())
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            larger = QTextCharFormat()
            larger.setProperty(QTextFormat.Property.FontSizeAdjustment, 0)
            larger.setFontPointSize(size * _HEADINGS.get(level, 1.1))
            cursor.mergeCharFormat(larger)
            height = pixels / scale * _HEADINGS.get(level, 1.1) * 1.3
        shape.setLineHeight(round(height), QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        if block == first:
            shape.setTopMargin(SPACE if level else 0)
        if block == last:
            shape.setBottomMargin(0)
        cursor.setPosition(block.position())
        cursor.setBlockFormat(shape)
        block = block.next()


def plain_tip(text: str) -> str:
    """A tooltip with this very text: never taken for HTML, and wrapped where it is long."""
    return f"<qt>{escape(text)}</qt>" if text else ""


class ProseView(QTextBrowser):
    """Rich text without scroll bars: it takes the height of its content. `link` carries every address clicked."""

    link = Signal(str)

    def __init__(self, html: str, *, scale: float = LESSON_SCALE, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._html = html
        self._scale = scale
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("look", "prose")
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setOpenLinks(False)
        self.viewport().setAutoFillBackground(False)
        self.document().setDocumentMargin(0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if "<a " in html else Qt.FocusPolicy.ClickFocus)
        self.anchorClicked.connect(self._on_anchor)
        APPEARANCE.changed.connect(self._draw)
        self._draw()

    def _draw(self) -> None:
        self.setFont(interface_font(self._scale))
        document = self.document()
        document.setDefaultFont(interface_font(self._scale))
        document.setDefaultStyleSheet(text_style(current_theme()))
        self.setHtml(self._html)
        _set_lines(document, APPEARANCE.interface_size(), self._scale)
        self.setAccessibleName(document.toPlainText())
        self._fit()

    def _fit(self) -> None:
        width = self.viewport().width()
        if width > 0:
            self.document().setTextWidth(width)
            self.setFixedHeight(math.ceil(self.document().size().height()) + 1)

    def sizeHint(self) -> QSize:
        """The readable width, and the height that the text takes there."""
        return QSize(measure(), self.height())

    def minimumSizeHint(self) -> QSize:
        """Text can be as narrow as its page."""
        return QSize(120, self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A new width makes a new height."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def viewportEvent(self, event: QEvent) -> bool:
        """What a word means, over more lines than one where it is long."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            tip = self.cursorForPosition(event.pos()).charFormat().toolTip() if self.anchorAt(event.pos()) else ""
            QToolTip.showText(event.globalPos(), plain_tip(tip), self.viewport())
            return True
        return super().viewportEvent(event)

    def _on_anchor(self, url: QUrl) -> None:
        """Follow a link; a word of the glossary is explained on the spot, for those without a pointer too."""
        if url.scheme() != "term":
            self.link.emit(url.toString())
            return
        cursor = self.textCursor()
        cursor.setPosition(max(cursor.selectionEnd(), 0))
        place = self.viewport().mapToGlobal(self.cursorRect(cursor).bottomLeft())
        QToolTip.showText(place, plain_tip(self.explanation(url.toString())), self.viewport())

    def explanation(self, address: str) -> str:
        """What the glossary says to a word of the text; empty where it says nothing."""
        cursor = QTextCursor(self.document())
        while cursor.movePosition(QTextCursor.MoveOperation.NextCharacter):
            shape = cursor.charFormat()
            if shape.anchorHref() == address and shape.toolTip():
                return shape.toolTip()
        return ""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The page scrolls, not the paragraph."""
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that scroll belong to the page."""
        if event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Nothing is ever loaded for a text: pictures are blocks of their own, and the web is not asked."""
        if kind == QTextDocument.ResourceType.StyleSheetResource.value:
            return ""
        return None
