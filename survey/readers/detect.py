"""Reading an export of any platform: the platform is stated, or seen from the header rows."""

from difflib import get_close_matches
from pathlib import Path

from survey.problems import InputError, Problem
from survey.readers.cells import Cells, Platform, read_cells
from survey.readers.export import Export
from survey.readers.qualtrics import QUALTRICS
from survey.readers.spreadsheet import SPREADSHEET
from survey.readers.surveymonkey import SURVEYMONKEY

PLATFORMS = {platform.name: platform for platform in (QUALTRICS, SURVEYMONKEY, SPREADSHEET)}
"""Platforms by name, in the order in which a file is held against them."""


def read_export(
    path: Path | str,
    *,
    platform: str = "auto",
    encoding: str = "auto",
    delimiter: str = "auto",
    sheet: str | None = None,
    name: str = "",
) -> Export:
    r"""Read one export file.

    Parameters
    ----------
    path
        CSV, TSV or workbook.
    platform
        "qualtrics", "surveymonkey", "spreadsheet", or "auto": by the header rows.
    encoding, delimiter, sheet, name
        As in `survey.readers.cells.read_cells`.

    Returns
    -------
    Export
        The answers as text, with question texts and row numbers.

    Raises
    ------
    InputError
        If the file cannot be read, holds no response, or is not of the stated platform.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "2025.csv"
    ...     _ = path.write_text("company;goals_1\nAcme Ltd;4\nBolt AG;Agree\n")
    ...     export = read_export(path)
    >>> export.platform, export.rows.tolist(), export.frame["goals_1"].tolist()
    ('spreadsheet', [2, 3], ['4', 'Agree'])
    """
    if platform not in ("auto", *PLATFORMS):
        raise InputError([_unknown(platform)])
    cells = read_cells(Path(path), encoding=encoding, delimiter=delimiter, sheet=sheet, name=name)
    seen = next(known for known in PLATFORMS.values() if known.recognises(cells))
    if platform not in ("auto", seen.name):
        raise InputError([_wrong(PLATFORMS[platform], seen, cells)])
    return seen.read(cells)


def _unknown(platform: str) -> Problem:
    close = get_close_matches(platform, PLATFORMS, n=1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    allowed = ", ".join(["auto", *PLATFORMS]) + hint
    return Problem(f"unknown platform {platform!r}", value=platform, allowed=allowed)


def _wrong(stated: Platform, seen: Platform, cells: Cells) -> Problem:
    """Say what was expected above the responses, what stands there, and what it looks like."""
    found = "; ".join(
        f"row {row} begins {', '.join(repr(cell[:30]) for cell in record[:3])}"
        for row, record in zip(cells.rows[:3], cells.records, strict=False)
    )
    what = f"wrong platform: is not {stated.title}. Expected {stated.expected}. Found: {found}"
    advice = f'platform: {seen.name}, because this looks like {seen.title} ({seen.expected}), or "auto"'
    return Problem(what, file=cells.file, row=cells.rows[0], value=stated.name, allowed=advice)
