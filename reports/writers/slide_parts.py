"""What stands on a slide: texts that fit their boxes, charts, tables, lists, pictures, each with words for it."""

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.slide import Slide as Drawn
from pptx.util import Emu, Inches, Pt

from reports.figures.heatmap import LEVELS
from reports.style import BAND, INK, PAPER, RULE
from reports.theme import Theme
from reports.wording import word
from reports.writers.cell_text import clean_text
from reports.writers.chart_paper import Paper
from reports.writers.fitting import fitted, text_height, wider
from reports.writers.logo import read_logo
from reports.writers.rasterised import png_of
from reports.writers.slide_chart import EmbeddedChart
from reports.writers.slide_notes import Lists, Picture, Slide
from reports.writers.slide_paper import (
    ACROSS,
    BASE_AT,
    FOOTER_AT,
    KICKER_AT,
    LEFT,
    NUMBER_AT,
    TALL,
    TALLEST,
    TOP,
    rgb,
)
from reports.writers.slide_table import ABOVE, INSET, Cells, measured

LOGO = (2.6, 0.9)
"""Widest and highest that a logo stands on the cover, in inches."""

LIST_SIZES = (18.0, 16.0, 14.0)
BETWEEN = 8.0
"""Points between the paragraphs of a list."""

GUTTER = 0.45
"""Inches between two lists."""

NO_GRID = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""The table style of PowerPoint without lines or fills."""


def fill(shape: Any, text: str, *, sizes: Sequence[float], bold: bool = False, wide: float = 1.0) -> str:
    """Write a text into a placeholder at the largest size that fits, and return it as it stands there.

    Letters that are `wide` times those of Arial have as much less room.
    """
    width, height = shape.width / Inches(1) / wide, shape.height / Inches(1)
    clean = clean_text(" ".join(text.split())) or "–"
    shown, size = fitted(clean, width, height, sizes=sizes, bold=bold)
    shape.text_frame.text = shown
    if size != sizes[0]:
        shape.text_frame.paragraphs[0].runs[0].font.size = Pt(size)
    return text if shown == clean else shown


def add_content(slide: Drawn, planned: Slide, *, font: str, accent: str, language: str) -> None:
    """Put what shows the message below the title, and what it stands on below that."""
    marks = {shape.placeholder_format.idx: shape for shape in slide.placeholders}
    content, box, wide = planned.content, (LEFT, TOP, ACROSS, TALL), wider(font)
    if isinstance(content, Cells):
        _table(slide, content, accent, planned, wide=wide)
    elif isinstance(content, Lists):
        _lists(slide, content, accent, wide=wide)
    elif isinstance(content, Picture):
        _picture(slide, png_of(content.svg), box, alt=planned.alt or planned.title, name=planned.name)
    else:
        chart: Any = EmbeddedChart(content, Paper(ACROSS, TALL, font, language=language, x_bars=False))
        left, top, width, height = (Inches(length) for length in box)
        frame = slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, left, top, width, height, chart)
        describe(frame, planned.alt or planned.title, planned.name)
    for place_at, text, sizes in ((KICKER_AT, planned.kicker, (13, 12)), (BASE_AT, planned.base, (11, 10))):
        shape = marks[place_at]
        slide.shapes.element.remove(shape.element)
        if text.strip():
            slide.shapes.element.append(shape.element)
            fill(shape, text, sizes=sizes, wide=wide)


def describe(shape: Any, text: str, name: str) -> None:
    """Give a shape a name, and words for readers who cannot see it."""
    properties = shape.element.xpath(".//p:cNvPr")[0]
    properties.set("descr", clean_text(text)[:2000])
    if name:
        properties.set("name", clean_text(name))


def add_footer(slide: Drawn, *, footer: str, wide: float = 1.0) -> None:
    """Add footer and number as the placeholders that programs know them by."""
    number = (
        '<a:fld id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}" type="slidenum"><a:rPr/><a:t>‹#›</a:t></a:fld>'
    )
    fields = (("ftr", FOOTER_AT, "<a:r><a:rPr/><a:t/></a:r>"), ("sldNum", NUMBER_AT, number))
    for kind, place, text in fields:
        ids = [int(shape.shape_id) for shape in slide.shapes]
        element = parse_xml(
            f'<p:sp {nsdecls("p", "a")}><p:nvSpPr><p:cNvPr id="{max(ids, default=1) + 1}" name="{kind}"/>'
            f'<p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr><p:ph type="{kind}" sz="quarter" idx="{place}"/>'
            f"</p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:lstStyle/><a:p>{text}</a:p></p:txBody></p:sp>"
        )
        slide.shapes.element.append(element)
    fill(slide.shapes[-2], footer, sizes=(10, 9), wide=wide)


def add_logo(slide: Drawn, theme: Theme, owner: str) -> None:
    """Put the logo of a theme into the upper left corner of the cover."""
    if theme.logo is None:
        return
    logo = read_logo(theme.logo)
    image = png_of(logo.svg, ppi=300) if logo.format == "svg" else logo.content
    scale = min(LOGO[0] / logo.width, LOGO[1] / logo.height)
    _picture(
        slide, image, (0.9, 0.7, logo.width * scale, logo.height * scale), alt=f"Logo: {owner}", name="logo"
    )


def _picture(
    slide: Drawn, image: bytes, box: tuple[float, float, float, float], *, alt: str, name: str
) -> None:
    """Put a picture into a box, as large as it fits, in the middle."""
    shape = slide.shapes.add_picture(io.BytesIO(image), Inches(box[0]), Inches(box[1]))
    scale = min(Inches(box[2]) / shape.width, Inches(box[3]) / shape.height)
    shape.width, shape.height = Emu(round(shape.width * scale)), Emu(round(shape.height * scale))
    shape.left = Emu(round(Inches(box[0]) + (Inches(box[2]) - shape.width) / 2))
    describe(shape, alt, name)


def _lists(slide: Drawn, lists: Lists, accent: str, *, wide: float) -> None:
    """Set lists side by side in the size at which the longest fits; what never fits is cut, and whole in the notes."""
    width = (ACROSS - GUTTER * (len(lists.columns) - 1)) / len(lists.columns)
    reach = min(width, 10.0)
    size = next(
        (size for size in LIST_SIZES if all(_fits(each, reach / wide, size) for each in lists.columns)),
        LIST_SIZES[-1],
    )
    for place, (heading, items) in enumerate(lists.columns):
        left = LEFT + place * (width + GUTTER)
        box = slide.shapes.add_textbox(Inches(left), Inches(TOP), Inches(reach), Inches(TALL))
        box.name = clean_text(heading) or "Text"
        frame = box.text_frame
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        paragraphs = [(heading, True)] if heading else []
        paragraphs += [(item, False) for item in _kept(items, heading, reach / wide, size)]
        for number, (text, strong) in enumerate(paragraphs):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            run = paragraph.add_run()
            run.text, run.font.size, run.font.bold = clean_text(text), Pt(size), strong
            run.font.color.rgb = rgb(accent if strong else INK)
            paragraph.space_after = Pt(BETWEEN)


def _fits(column: tuple[str, Sequence[str]], width: float, size: float) -> bool:
    heading, items = column
    high = text_height([heading], width, size, bold=True) + BETWEEN / 72 if heading else 0.0
    return high + text_height(items, width, size, between=BETWEEN) <= TALL


def _kept(items: Sequence[str], heading: str, width: float, size: float) -> list[str]:
    """Return as many whole items as fit, and that there are more; an item that never fits is cut."""
    if _fits((heading, items), width, size):
        return list(items)
    more = word("rest_in_report")
    for count in range(len(items) - 1, 0, -1):
        if _fits((heading, [*items[:count], more]), width, size):
            return [*items[:count], more]
    room = TALL - (text_height([heading], width, size, bold=True) + BETWEEN / 72 if heading else 0.0)
    return [fitted(items[0], width, room, sizes=(size,))[0]]


def _table(slide: Drawn, cells: Cells, accent: str, planned: Slide, *, wide: float) -> None:
    setting = measured(cells, ACROSS / wide, TALL if planned.base else TALLEST)
    if setting is None:
        return
    setting = replace(setting, widths=tuple(width * wide for width in setting.widths))
    place = [Inches(length) for length in (LEFT, TOP, sum(setting.widths), sum(setting.heights))]
    frame = slide.shapes.add_table(len(cells.rows) + 1, len(cells.heads), *place)
    describe(frame, planned.alt or planned.title, planned.name)
    table = frame.table
    frame.element.xpath(".//a:tableStyleId")[0].text = NO_GRID
    table.horz_banding = False
    table.first_col = True
    for number, width in enumerate(setting.widths):
        table.columns[number].width = Inches(width)
    levels = (("",) * len(cells.heads), *(cells.levels or [("",) * len(cells.heads)] * len(cells.rows)))
    for number, (row, height) in enumerate(zip((cells.heads, *cells.rows), setting.heights, strict=True)):
        table.rows[number].height = Inches(height)
        for column, text in enumerate(row):
            cell = table.cell(number, column)
            level = levels[number][column]
            _cell(cell, text, size=setting.size, bold=number == 0, strong=column in cells.strong,
                  right=cells.numeric[column], centred=bool(cells.levels) and column > 0)  # fmt: skip
            _dress(cell, head=number == 0, accent=accent, level=level)


def _cell(cell: Any, text: str, *, size: float, bold: bool, strong: bool, right: bool, centred: bool) -> None:
    cell.margin_left = cell.margin_right = Inches(INSET)
    cell.margin_top = cell.margin_bottom = Inches(ABOVE)
    cell.vertical_anchor = MSO_ANCHOR.BOTTOM if bold else MSO_ANCHOR.MIDDLE
    lines = clean_text(text).split("\n")
    for number, line in enumerate(lines):
        paragraph = cell.text_frame.paragraphs[0] if number == 0 else cell.text_frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.CENTER if centred else PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
        run = paragraph.add_run()
        run.text, run.font.size = line, Pt(size)
        run.font.bold = bold or (strong and number == 0)
        run.font.color.rgb = rgb(INK)


def _dress(cell: Any, *, head: bool, accent: str, level: str) -> None:
    """Draw the line below a cell, and the ground of a level."""
    properties = cell._tc.get_or_add_tcPr()
    colour, width = (accent, 19050) if head else (RULE, 9525)
    if level:
        colour, width = PAPER, 25400
    sides = ("lnL", "lnR", "lnT", "lnB") if level else ("lnB",)
    for side in sides:
        filled = f'<a:solidFill><a:srgbClr val="{colour[1:]}"/></a:solidFill>'
        properties.append(parse_xml(f'<a:{side} {nsdecls("a")} w="{width}">{filled}</a:{side}>'))
    ground = LEVELS[level][0] if level else BAND if head else ""
    if ground:
        properties.append(
            parse_xml(f'<a:solidFill {nsdecls("a")}><a:srgbClr val="{ground[1:]}"/></a:solidFill>')
        )
