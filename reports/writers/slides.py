"""A Report as a PowerPoint deck: native charts that people can edit, one message a slide, notes for the speaker."""

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pptx.oxml.xmlchemy import BaseOxmlElement
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide as Drawn

from reports.report import Report
from reports.theme import PLAIN, Theme
from reports.writers.cell_text import clean_text
from reports.writers.fitting import wider
from reports.writers.slide_notes import Slide
from reports.writers.slide_paper import COVER, MESSAGE, family, new_deck, region
from reports.writers.slide_parts import add_content, add_footer, add_logo, fill
from reports.writers.slide_plan import plan
from survey.language import speaking

MADE = datetime(2000, 1, 1)
"""Date written into every deck and its archive, so that equal reports give equal bytes."""


def write_slides(report: Report, path: Path, *, theme: Theme = PLAIN) -> None:
    """Write a report as a PowerPoint deck.

    Parameters
    ----------
    report
        The report; its figures become native charts, one a slide, sections of the appendix backup slides.
    path
        The file to write; its folder must exist.
    theme
        The dress of the deck.

    Raises
    ------
    InputError
        If the logo is no image.
    OSError
        If the file cannot be written.
    """
    with speaking(report.language):
        path.write_bytes(to_slides(report, theme=theme))


def to_slides(report: Report, *, theme: Theme = PLAIN) -> bytes:
    """Return a report as the bytes of a deck of 16:9; the same report gives the same bytes.

    Examples
    --------
    >>> to_slides(Report("Alignment", "2025", "en", ()))[:2]
    b'PK'
    """
    deck = new_deck(theme)
    language = region(report.language)
    _properties(deck, report, language)
    _cover(deck, report, theme)
    for slide in plan(report, wider=wider(family(theme))):
        _message(deck, slide, report, theme)
    for drawn in deck.slides:
        _speak(drawn.element, language)
        if drawn.has_notes_slide:
            _speak(drawn.notes_slide.element, language)
    file = io.BytesIO()
    deck.save(file)
    return _repeatable(file.getvalue())


def _properties(deck: Deck, report: Report, language: str) -> None:
    core = deck.core_properties
    core.title, core.subject = (clean_text(text)[:255] for text in (report.title, report.subtitle))
    core.language = language
    core.author, core.last_modified_by, core.revision = "alignmark", "alignmark", 1
    core.created = core.modified = core.last_printed = MADE


def _cover(deck: Deck, report: Report, theme: Theme) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[COVER])
    wide = wider(family(theme))
    fill(slide.shapes.title, report.title, sizes=(38, 34, 30, 26), bold=True, wide=wide)
    fill(slide.placeholders[1], report.subtitle, sizes=(18, 16, 14), wide=wide)
    add_logo(slide, theme, report.title)
    _note(slide, [report.title, report.subtitle, *(f"{name}: {value}" for name, value in report.facts)])


def _message(deck: Deck, planned: Slide, report: Report, theme: Theme) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[MESSAGE])
    wide, whole = wider(family(theme)), planned.title
    title = fill(slide.shapes.title, planned.title, sizes=(26, 24, 22, 20), bold=True, wide=wide)
    add_content(slide, planned, font=family(theme), accent=theme.accent, language=report.language)
    add_footer(slide, footer=theme.footer or report.title, wide=wide)
    _note(slide, [whole] * (title != whole) + list(planned.notes))


def _note(slide: Drawn, paragraphs: Sequence[str]) -> None:
    frame = slide.notes_slide.notes_text_frame
    if frame is not None:
        frame.text = "\n".join(clean_text(text).replace("\n", " ") for text in paragraphs if text.strip())


def _speak(root: BaseOxmlElement, language: str) -> None:
    """Say of every text which language it is in, so that it is read aloud and spelled rightly."""
    namespace = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
    for name in ("r", "fld"):
        for run in root.iter(f"{namespace}{name}"):
            properties = run.find(f"{namespace}rPr")
            if properties is None:
                properties = run.makeelement(f"{namespace}rPr", {})
                run.insert(0, properties)
            properties.set("lang", language)


def _repeatable(deck: bytes) -> bytes:
    """Return an archive whose entries bear one date."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(deck)) as found, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in found.infolist():
            stamped = zipfile.ZipInfo(entry.filename, MADE.timetuple()[:6])
            stamped.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(stamped, found.read(entry.filename))
    return file.getvalue()
