"""The paper of a deck: 16:9, a cover and one layout for messages, in the colours and letters of a theme."""

import io
import re
from functools import lru_cache

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.presentation import Presentation as Deck
from pptx.slide import SlideLayout
from pptx.util import Emu, Inches

from reports.style import INK, MUTED
from reports.theme import Theme

WIDTH, HEIGHT = 13.333, 7.5
"""Inches of a slide."""

LEFT, ACROSS = 0.6, 12.13
"""Where everything on a slide begins, and how far it reaches, in inches."""

TOP, TALL, TALLEST = 1.72, 4.72, 5.2
"""Where what a slide shows begins below its title, how high it is, and how high where no base stands below it."""

TITLE = (LEFT, 0.64, ACROSS, 0.92)
KICKER = (LEFT, 0.34, ACROSS, 0.3)
BASE = (LEFT, 6.5, ACROSS, 0.5)
FOOTER = (LEFT, 7.06, 10.5, 0.28)
NUMBER = (LEFT + ACROSS - 1.2, 7.06, 1.2, 0.28)
COVER_TITLE = (0.9, 2.3, 11.2, 1.75)
COVER_SUBTITLE = (0.9, 4.55, 11.2, 1.2)
"""Left, top, width and height in inches of what stands on every slide."""

FONT = "Arial"
"""The typeface of a deck whose theme names none: one that every office has."""

LANGUAGES = {"en": "en-GB", "de": "de-DE"}
"""The region that programs assume where a report names none."""

COVER, MESSAGE = 0, 1
"""Places of the two layouts."""

KICKER_AT, BASE_AT, FOOTER_AT, NUMBER_AT = 13, 14, 11, 12
"""Numbers by which slides name the placeholders of the layout."""

SLIDE_NUMBER = "{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}"
"""How programs know the field that counts slides."""

Box = tuple[float, float, float, float]


def new_deck(theme: Theme) -> Deck:
    """Return an empty deck in the dress of a theme; the template is read once."""
    return Presentation(io.BytesIO(_template(theme)))


def region(language: str) -> str:
    """Return a language with its region, as office programs name it.

    Examples
    --------
    >>> region("en"), region("de_AT")
    ('en-GB', 'de-AT')
    """
    code = language.replace("_", "-")
    return LANGUAGES.get(code, code)


def family(theme: Theme) -> str:
    """Return the typeface of a deck."""
    return theme.font or FONT


@lru_cache(maxsize=8)
def _template(theme: Theme) -> bytes:
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    layouts = list(deck.slide_layouts)
    for layout in layouts:
        if layout not in (layouts[0], layouts[5]):
            deck.slide_layouts.remove(layout)
    _dress(deck, theme)
    _cover(layouts[0], theme)
    _message(layouts[5], theme)
    file = io.BytesIO()
    deck.save(file)
    return file.getvalue()


def _dress(deck: Deck, theme: Theme) -> None:
    """Put colours and typeface into the theme of the master, so that what people add looks alike."""
    part = deck.slide_master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    text = part.blob.decode("utf-8")
    text = re.sub(r'<a:latin typeface="[^"]*"', f'<a:latin typeface="{family(theme)}"', text)
    colours = {"accent1": theme.accent, "accent2": "#D55E00", "accent3": "#0072B2", "accent4": "#E69F00",
               "accent5": "#332288", "accent6": "#666666", "dk2": theme.cover}  # fmt: skip
    for name, colour in colours.items():
        text = re.sub(
            rf"<a:{name}>.*?</a:{name}>", f'<a:{name}><a:srgbClr val="{colour[1:]}"/></a:{name}>', text
        )
    part.blob = text.encode("utf-8")
    places = {"title": TITLE, "body": (LEFT, TOP, ACROSS, TALL), "ftr": FOOTER, "sldNum": NUMBER}
    for shape in list(deck.slide_master.placeholders):
        kind = shape.element.ph.get("type", "body")
        if kind not in places:
            shape.element.getparent().remove(shape.element)
            continue
        shape.left, shape.top, shape.width, shape.height = _emus(places[kind])


def rgb(colour: str) -> RGBColor:
    """Return a colour written as #RRGGBB."""
    red, green, blue = bytes.fromhex(colour[1:])
    return RGBColor(red, green, blue)  # type: ignore[no-untyped-call]


def _emus(box: Box) -> tuple[Emu, Emu, Emu, Emu]:
    left, top, width, height = (Emu(round(Inches(1) * length)) for length in box)
    return left, top, width, height


def _cover(layout: SlideLayout, theme: Theme) -> None:
    layout.name = "Cover"
    _replace(
        layout,
        _rectangle((COVER_TITLE[0], 4.25, 1.1, 0.07), theme.cover_ink),
        _placeholder(
            "Title", 'type="ctrTitle"', COVER_TITLE, size=38, colour=theme.cover_ink, bold=True, anchor="b"
        ),
        _placeholder("Subtitle", 'type="subTitle" idx="1"', COVER_SUBTITLE, size=18, colour=theme.cover_ink),
    )
    layout.background.fill.solid()
    layout.background.fill.fore_color.rgb = rgb(theme.cover)


def _message(layout: SlideLayout, theme: Theme) -> None:
    layout.name = "Message"
    number = f'<a:fld id="{SLIDE_NUMBER}" type="slidenum"><a:rPr/><a:t>‹#›</a:t></a:fld>'
    body, foot = 'type="body" sz="quarter"', 'sz="quarter"'
    _replace(
        layout,
        _rectangle((LEFT, 0.24, 0.55, 0.05), theme.accent),
        _placeholder("Title", 'type="title"', TITLE, size=26, colour=INK, bold=True),
        _placeholder("Question", f'{body} idx="{KICKER_AT}"', KICKER, size=13, colour=theme.accent),
        _placeholder("Base", f'{body} idx="{BASE_AT}"', BASE, size=11, colour=MUTED),
        _placeholder("Footer", f'type="ftr" {foot} idx="{FOOTER_AT}"', FOOTER, size=10, colour=MUTED),
        _placeholder(
            "Number", f'type="sldNum" {foot} idx="{NUMBER_AT}"', NUMBER, size=10, colour=MUTED, align="r",
            text=number,
        ),
    )  # fmt: skip


def _replace(layout: SlideLayout, *shapes: str) -> None:
    """Put these shapes in the place of those that a layout has."""
    tree = layout.element.cSld.spTree
    for element in list(tree)[2:]:
        tree.remove(element)
    for number, shape in enumerate(shapes, start=2):
        element = parse_xml(shape)
        element.nvSpPr.cNvPr.set("id", str(number))
        tree.append(element)


def _rectangle(box: Box, colour: str) -> str:
    return (
        f'<p:sp {nsdecls("p", "a")}><p:nvSpPr><p:cNvPr id="0" name="Bar"/><p:cNvSpPr/><p:nvPr userDrawn="1"/>'
        f'</p:nvSpPr><p:spPr>{_frame(box)}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill>'
        f'<a:srgbClr val="{colour[1:]}"/></a:solidFill><a:ln><a:noFill/></a:ln></p:spPr></p:sp>'
    )


def _frame(box: Box) -> str:
    left, top, width, height = _emus(box)
    return f'<a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'


def _placeholder(  # noqa: PLR0913
    name: str,
    kind: str,
    box: Box,
    *,
    size: float,
    colour: str,
    bold: bool = False,
    anchor: str = "t",
    align: str = "l",
    text: str = "<a:r><a:rPr/><a:t>…</a:t></a:r>",
) -> str:
    """Return a placeholder whose text has neither bullet nor inset, so that all edges stand on one line."""
    look = (
        f'<a:defRPr sz="{round(size * 100)}" b="{int(bold)}"><a:solidFill><a:srgbClr val="{colour[1:]}"/></a:solidFill>'
        f"</a:defRPr>"
    )
    return (
        f'<p:sp {nsdecls("p", "a")}><p:nvSpPr><p:cNvPr id="0" name="{name}"/><p:cNvSpPr><a:spLocks noGrp="1"/>'
        f"</p:cNvSpPr><p:nvPr><p:ph {kind}/></p:nvPr></p:nvSpPr><p:spPr>{_frame(box)}</p:spPr><p:txBody>"
        f'<a:bodyPr lIns="0" tIns="0" rIns="0" bIns="0" anchor="{anchor}" wrap="square"><a:noAutofit/></a:bodyPr>'
        f'<a:lstStyle><a:lvl1pPr marL="0" indent="0" algn="{align}"><a:lnSpc><a:spcPct val="100000"/></a:lnSpc>'
        f'<a:spcBef><a:spcPts val="0"/></a:spcBef><a:buNone/>{look}</a:lvl1pPr></a:lstStyle>'
        f"<a:p>{text}</a:p></p:txBody></p:sp>"
    )
