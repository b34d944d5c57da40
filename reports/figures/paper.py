"""What a figure is drawn on: texts measured and outlined once for all figures, axes fitted to what surrounds them."""

import io
from functools import lru_cache
from typing import Any, TypeAlias
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backend_bases import FigureCanvasBase, GraphicsContextBase, RendererBase
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.colors import rgb2hex
from matplotlib.figure import Figure as Canvas
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import FT2Font
from matplotlib.layout_engine import LayoutEngine
from matplotlib.path import Path as Outline
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Bbox

POINTS = 72
"""Points of an inch, in which an SVG measures."""

RASTER_DPI = 220
"""Sharpness of the few marks that are kept as a picture inside the SVG."""

EDGE = 3.0
"""Points that stay empty along the edges of a figure."""

SETTLED = 0.05
"""Points by which axes may miss their place."""

PASSES = 3
"""Times that places are looked for: where ticks change with the room, so do the places."""

Letters: TypeAlias = tuple[tuple[str, ...], Any, int | str, float]
"""Families, style, weight and size in points: what the shape of a text depends on."""

Glyph: TypeAlias = tuple[str, float, float]
"""Id of an outline, and where its origin stands, in the units of `text_to_path`."""

COMMANDS = {Outline.MOVETO: "M", Outline.LINETO: "L", Outline.CURVE3: "Q", Outline.CURVE4: "C"}


def blank(size: tuple[float, float]) -> Axes:
    """Return fresh axes on a figure of this size in inches, on which texts can be measured."""
    canvas = Canvas(figsize=size, dpi=POINTS, layout=Fitted())
    _Sheet(canvas)
    return canvas.add_subplot()


def as_svg(ax: Axes) -> str:
    """Return what is drawn on axes from `blank` as SVG, without metadata."""
    canvas = ax.get_figure(root=True)
    assert isinstance(canvas, Canvas)
    _lay_out(canvas, ax)
    file = io.StringIO()
    width, height = canvas.get_size_inches()
    pen = _Pen(file, width * POINTS, height * POINTS)
    mixed: Any = MixedModeRenderer(canvas, width, height, RASTER_DPI, pen)  # type: ignore[no-untyped-call]
    canvas.draw(mixed)
    mixed.finalize()
    text = file.getvalue()
    return text[text.index("<svg") :]


def _lay_out(canvas: Canvas, ax: Axes) -> None:
    """Find all places once and for all: drawing would look for them again."""
    for _ in range(PASSES):
        if fit(canvas):
            break
    canvas.set_layout_engine(None)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_label_coords(*axis.label.get_position(), transform=axis.label.get_transform())


def fit(canvas: Canvas) -> bool:
    """Let the axes fill their figure up to what is written around them; say whether they did already.

    As the constrained layout of matplotlib does, for figures of one axes: that one measures everything four times.
    """
    (ax,) = canvas.axes
    taken, box = ax.get_tightbbox(RULER, for_layout_only=True), ax.bbox
    assert taken is not None
    left, bottom = box.p0 - taken.p0 + EDGE
    right, top = canvas.bbox.size - (taken.p1 - box.p1) - EDGE
    place = np.array([left, bottom, max(right, left + 1.0), max(top, bottom + 1.0)])
    if np.abs(place - box.extents).max() < SETTLED:
        return True
    ax.set_position(Bbox.from_extents(*place / np.tile(canvas.bbox.size, 2)))
    return False


class Fitted(LayoutEngine):
    """The layout by `fit`, for whoever asks the figure to lay itself out."""

    _adjust_compatible = False
    _colorbar_gridspec = False

    def execute(self, fig: Canvas) -> None:
        """Move the axes to their place."""
        fit(fig)


class _Measures:
    """Measures texts in points, each of them once for all figures."""

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, _ismath: object
    ) -> tuple[float, float, float]:
        """Width, height and depth below the line of a text."""
        return measured(s, _letters(prop))

    def _get_font_height_metrics(self, prop: FontProperties) -> tuple[float, float, float]:
        """Height above and below the line and gap between lines, where matplotlib asks for them (3.11)."""
        return _heights(_letters(prop))


class _Ruler(_Measures, RendererBase):
    """Draws nothing, for those who draw to learn the places of things."""

    def _nothing(self, *_parts: object, **_named: object) -> None:
        pass

    draw_path = draw_markers = draw_path_collection = draw_quad_mesh = draw_text = draw_image = _nothing


RULER = _Ruler()
"""One for all figures: matplotlib keeps what it has measured for as long as the ruler lives."""


class _Sheet(FigureCanvasBase):
    """A canvas that lends the ruler to whoever measures."""

    def get_renderer(self) -> RendererBase:
        """Return what texts are measured with."""
        return RULER


class _Pen(_Measures, RendererSVG):
    """Writes SVG; letters are outlines, each of them once in a figure."""

    def __init__(self, file: io.StringIO, width: float, height: float) -> None:
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        super().__init__(width, height, file, image_dpi=RASTER_DPI, metadata=nothing)  # type: ignore[no-untyped-call]
        self._file = file
        self._outlined: set[str] = set()

    def draw_text(  # type: ignore[override]  # noqa: PLR0917 - as matplotlib calls it
        self, gc: GraphicsContextBase, x: float, y: float, s: str, prop: FontProperties, angle: float, **_more: object
    ) -> None:  # fmt: skip
        """Write a text as its outlines."""
        glyphs = _shaped(s, _letters(prop))
        new = dict.fromkeys(name for name, _, _ in glyphs if name not in self._outlined)
        self._outlined.update(new)
        outlines = "".join(f'<path id="{name}" d="{_OUTLINES[name]}"/>' for name in new)
        scale = prop.get_size_in_points() / text_to_path.FONT_SCALE
        turn = f" rotate({_short(-angle)})" if angle else ""
        uses = "".join(
            f'<use x="{_short(left)}" y="{_short(up)}" xlink:href="#{name}"/>' for name, left, up in glyphs
        )
        faint = "" if gc.get_rgb()[3] == 1 else f" opacity: {_short(gc.get_rgb()[3])};"
        # The comment also closes the tag that is open.
        self.writer.comment(s)  # type: ignore[no-untyped-call]
        self._file.write(
            f'{f"<defs>{outlines}</defs>" if outlines else ""}<g style="fill: {rgb2hex(gc.get_rgb())};{faint}" '
            f'transform="translate({_short(x)} {_short(y)}){turn} scale({scale:.4g} {-scale:.4g})">{uses}</g>\n'
        )


def _letters(prop: FontProperties) -> Letters:
    return tuple(prop.get_family()), prop.get_style(), prop.get_weight(), prop.get_size_in_points()


def _properties(letters: Letters) -> FontProperties:
    families, style, weight, size = letters
    return FontProperties(family=list(families), style=style, weight=weight, size=size)


@lru_cache(maxsize=100)
def _heights(letters: Letters) -> tuple[float, float, float]:
    """Read ascent, descent and gap between lines off a typeface, in points, as `matplotlib.text.Text` does."""
    table, scale = _font(letters).get_sfnt_table("OS/2"), letters[3]
    assert table is not None  # the typefaces that ship and that of matplotlib have it
    scale /= _font(letters).units_per_EM
    return table["sTypoAscender"] * scale, -table["sTypoDescender"] * scale, table["sTypoLineGap"] * scale


def _font(letters: Letters) -> FT2Font:
    """Return the typeface of some letters with those that stand in for it."""
    families, style, weight, _ = letters
    font = get_font([findfont(FontProperties(family=name, style=style, weight=weight)) for name in families])
    font.set_size(text_to_path.FONT_SCALE, text_to_path.DPI)
    return font


@lru_cache(maxsize=20_000)
def measured(text: str, letters: Letters) -> tuple[float, float, float]:
    """Width, height and depth below the line of a text of one line, in points."""
    width, height, descent = text_to_path.get_text_width_height_descent(text, _properties(letters), False)
    return float(width), float(height), float(descent)


_OUTLINES: dict[str, str] = {}
"""Outlines of glyphs as the data of SVG paths, by their id."""


@lru_cache(maxsize=20_000)
def _shaped(text: str, letters: Letters) -> tuple[Glyph, ...]:
    """Return the glyphs of a text, and keep their outlines."""
    font = _font(letters)
    glyphs, outlines, _ = text_to_path.get_glyphs_with_font(font, text)
    for name, (vertices, codes) in outlines.items():
        _OUTLINES.setdefault(_id(name), _data(vertices, codes))
    return tuple((_id(name), float(x), float(y)) for name, x, y, _ in glyphs)


def _id(name: str) -> str:
    return quote(name).replace("%", "_")


def _data(vertices: npt.NDArray[np.float64], codes: npt.NDArray[np.uint8]) -> str:
    """Write an outline as the data of an SVG path."""
    parts = []
    for segment, code in Outline(vertices, codes).iter_segments(simplify=False, curves=True):
        parts.append("Z" if code == Outline.CLOSEPOLY else COMMANDS[code] + " ".join(map(_short, segment)))
    return "".join(parts)


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
