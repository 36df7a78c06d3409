"""The page that is taken home, as a PDF on A4."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QEventLoop, QIODevice, QMarginsF, QSizeF, QUrl
from PySide6.QtGui import QFont, QImage, QPageLayout, QPageSize, QPdfWriter, QTextDocument

_RESOLUTION = 96  # dots an inch: Qt's rich text counts in them
_MARGIN = 18  # millimetres
_WIDEST = 600  # pixels of a picture


class _Document(QTextDocument):
    """Pictures are in the text itself; nothing is loaded from elsewhere."""

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """A picture, made to fit the page; None for anything else."""
        url = QUrl(name)
        if kind != QTextDocument.ResourceType.ImageResource.value or url.scheme() != "data":
            return None
        from base64 import b64decode

        image = QImage.fromData(b64decode(url.path().partition("base64,")[2]))
        return image.scaledToWidth(_WIDEST) if image.width() > _WIDEST else image


def pdf(html: str, title: str) -> bytes:
    """The PDF of a page that was made for paper. Takes a second for a course; needs no window."""
    _timers = QEventLoop()  # gives a thread of Python's what Qt's layout starts its timers with
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(title)
    writer.setCreator("Cowshed")
    writer.setResolution(_RESOLUTION)
    margins = QMarginsF(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, margins, QPageLayout.Unit.Millimeter
        )
    )
    document = _Document()
    document.setDefaultFont(QFont("DejaVu Sans", 10))
    area = writer.pageLayout().paintRectPixels(_RESOLUTION)
    document.setPageSize(QSizeF(area.width(), area.height()))
    document.setDocumentMargin(0)
    document.setUseDesignMetrics(True)  # letters at their true widths, not rounded to dots of a screen
    document.setHtml(html)
    document.print_(writer)
    del writer  # which writes the end of the file
    content = bytes(buffer.data().data())
    buffer.close()
    return content
