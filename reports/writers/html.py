"""A Report as one HTML file: nothing loaded from elsewhere, no script, readable by machine and in print."""

import base64
import re
import traceback
from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError

from reports.report import Report
from reports.tables import heading_text
from reports.theme import PLAIN, Theme
from reports.wording import word
from reports.writers.logo import read_logo
from reports.writers.shown import CONTROL, LONG_TEXT, SHORT_TABLE, body_groups, gathered, key_after
from survey.language import speaking
from survey.problems import InputError, Problem

TEMPLATES = Path(__file__).parent / "templates"

REPLACEABLE = (
    "report.html.j2",
    "report.css",
    "report.typ",
    "crosstabs.html.j2",
    "crosstabs.css",
    "dress.css.j2",
)
"""What the folder of a theme may hold in the place of what ships; problems of a study wear no theme."""

WIDE_TABLE = 6
"""Tables of more columns than this are set smaller in print."""

CERTAINTIES = ("high", "moderate", "low")


def write_html(report: Report, path: Path, *, theme: Theme = PLAIN) -> None:
    """Write a report as one self-contained HTML file.

    Parameters
    ----------
    report
        The report.
    path
        The file to write; its folder must exist.
    theme
        How it is dressed.

    Raises
    ------
    InputError
        If the logo is no image, or a template of the theme fails.
    OSError
        If the file cannot be written.
    """
    path.write_text(to_html(report, theme=theme), encoding="utf-8", errors="replace", newline="\n")


def to_html(report: Report, *, theme: Theme = PLAIN) -> str:
    """Return a report as HTML text; the same report gives the same text.

    Examples
    --------
    >>> page = to_html(Report("Profit & <loss>", "2025", "en", ()))
    >>> "<h1>Profit &amp; &lt;loss&gt;</h1>" in page
    True
    """
    with speaking(report.language):
        return rendered("report.html.j2", _values(report, theme), folder=theme.templates)


def rendered(template: str, values: Mapping[str, Any], *, folder: Path | None = None) -> str:
    """Fill a template that ships, or the one of the same name in a folder; what no page can hold is replaced.

    Raises
    ------
    InputError
        If a template of the folder fails.
    """
    try:
        page = environment(folder).get_template(template).render(values)
    except Exception as error:
        where = failed_at(error, folder)
        if where is None:
            raise
        said = error.message or "" if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"
        to_do = "mend it, or take it out of the folder"
        raise InputError([Problem(f"the template fails: {said}", *where, to_do=to_do)]) from error
    return CONTROL.sub("\ufffd", page)


def _values(report: Report, theme: Theme) -> dict[str, Any]:
    """Return what the template calls by name."""
    return {
        "report": report,
        **dress(theme),
        "language": report.language.replace("_", "-"),
        "numbers": report.numbers,
        "certainties": CERTAINTIES,
        "short_table": SHORT_TABLE,
        "wide_table": WIDE_TABLE,
        "long_text": LONG_TEXT,
        "key_after": key_after(report),
        "word": partial(word, language=report.language),
        "rows_of": partial(body_groups, language=report.language),
        "heading_of": partial(heading_text, language=report.language),
    }


def dress(theme: Theme) -> dict[str, Any]:
    """Return what the templates of pages call of a theme."""
    return {
        "theme": theme,
        "dressed": theme != PLAIN,
        "light": on_dark(theme.accent),
        "logo": read_logo(theme.logo) if theme.logo is not None else None,
    }


def failed_at(error: Exception, folder: Path | None) -> tuple[str, int | None] | None:
    """Return the file of a folder of templates, and its line, where an error arose; None if it arose elsewhere."""
    if folder is None:
        return None
    places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, TemplateSyntaxError) and error.filename:
        places.append((error.filename, error.lineno))
    own = [
        (Path(file).name, line) for file, line in places if Path(file).resolve().parent == folder.resolve()
    ]
    return own[-1] if own else None


def on_dark(colour: str) -> str:
    """Lighten a colour that is read on white until it is read on a dark ground.

    Examples
    --------
    >>> on_dark("#004F86")
    '#99b9cf'
    """
    parts = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    return "#" + "".join(f"{round(0.4 * part + 0.6 * 255):02x}" for part in parts)


def data_uri(svg: str) -> str:
    """Return an SVG as an address that carries the picture itself."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode("utf-8")).decode("ascii")


def picture_size(svg: str) -> tuple[int, int]:
    """Width and height of an SVG in CSS pixels, so that a page keeps its room while it loads.

    Examples
    --------
    >>> picture_size('<svg width="360pt" height="144pt" viewBox="0 0 360 144"></svg>')
    (480, 192)
    """
    found = re.search(r'viewBox="[\d.+-]+ [\d.+-]+ ([\d.]+) ([\d.]+)"', svg)
    if found is None:
        return (653, 346)
    return (round(float(found[1]) * 4 / 3), round(float(found[2]) * 4 / 3))


@lru_cache(maxsize=4)
def environment(folder: Path | None = None) -> Environment:
    """Return where the templates are, those of a folder first; every text that goes into them is escaped."""
    found = Environment(
        loader=FileSystemLoader([folder, TEMPLATES] if folder is not None else TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Any] = {"data_uri": data_uri, "picture_size": picture_size, "gathered": gathered}
    found.filters.update(filters)
    return found
