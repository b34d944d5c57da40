"""Reading an export of any platform: the platform is stated, or seen from the header rows."""

from difflib import get_close_matches
from pathlib import Path

from survey.identifiers import redact
from survey.problems import InputError, Problem
from survey.readers.cells import Cells, Platform, read_cells
from survey.readers.decimal import with_decimal
from survey.readers.described import with_labels
from survey.readers.export import Export
from survey.readers.google_forms import GOOGLE_FORMS
from survey.readers.kobo import KOBO
from survey.readers.limesurvey import LIMESURVEY
from survey.readers.qualtrics import QUALTRICS
from survey.readers.questionnaire import read_questionnaire
from survey.readers.spreadsheet import SPREADSHEET
from survey.readers.surveymonkey import SURVEYMONKEY
from survey.readers.typed import read_typed

PLATFORMS = {
    platform.name: platform
    for platform in (QUALTRICS, SURVEYMONKEY, LIMESURVEY, KOBO, GOOGLE_FORMS, SPREADSHEET)
}
"""Platforms by name, in the order in which a file is held against them."""

_TYPED = ("spss", "stata")


def read_export(  # noqa: PLR0913 - every one is a fact of the file that can be stated
    path: Path | str,
    *,
    platform: str = "auto",
    encoding: str = "auto",
    delimiter: str = "auto",
    sheet: str | None = None,
    labels: Path | str | None = None,
    decimal: str = "auto",
    header_rows: int | str = "auto",
    name: str = "",
) -> Export:
    r"""Read one export file: whatever is not stated is found from the file, and said in `decisions`.

    Parameters
    ----------
    path
        CSV, TSV, workbook (.xlsx, .xls, .ods), SPSS (.sav, .zsav, .por), Stata (.dta) or Parquet.
    platform
        "qualtrics", "surveymonkey", "google_forms", "limesurvey", "kobo", "spss", "stata", "spreadsheet"
        (any table), or "auto": by the header rows.
    encoding, delimiter, sheet, name
        As in `survey.readers.cells.read_cells`.
    labels
        The questionnaire, for wordings and value labels: .qsf, .lss, the TSV structure of LimeSurvey, or
        an XLSForm.
    decimal
        Decimal mark of the numbers, "." or ",", or "auto"; see `survey.readers.decimal.with_decimal`.
    header_rows
        How many rows stand above the first response, or "auto".

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
    >>> export.decisions[1]
    'separates cells by semicolon: it cuts 3 of the first 3 records into 2 cells each'
    """
    if platform not in ("auto", *PLATFORMS, *_TYPED):
        raise InputError([_unknown(platform)])
    if header_rows != "auto" and not (isinstance(header_rows, int) and header_rows > 0):
        what = f"unknown number of header rows {header_rows!r}"
        raise InputError([Problem(what, value=str(header_rows), allowed='1, 2, 3, ..., or "auto"')])
    kind, described = read_questionnaire(Path(labels)) if labels is not None else ("", [])
    export = read_typed(Path(path), name=name, encoding=encoding)
    if export is None:
        cells = read_cells(Path(path), encoding=encoding, delimiter=delimiter, sheet=sheet, name=name)
        export = _read(cells, platform, 0 if isinstance(header_rows, str) else header_rows, kind)
    elif platform not in ("auto", export.platform):
        what = f"wrong platform: is not from {platform}, but {export.decisions[0]}"
        allowed = f'platform: {export.platform}, or "auto"'
        raise InputError([Problem(what, file=export.file, value=platform, allowed=allowed)])
    if labels is not None:
        export = with_labels(export, described, Path(labels).name)
    return with_decimal(export, decimal)


def _read(cells: Cells, stated: str, header_rows: int, questionnaire: str) -> Export:
    """Read cells as the stated platform, or else as that which they, or a questionnaire, are seen to be of."""
    seen = next(known for known in PLATFORMS.values() if known.recognises(cells))
    if stated == "auto":
        loose = seen is SPREADSHEET and questionnaire in PLATFORMS and PLATFORMS[questionnaire].loose
        return (PLATFORMS[questionnaire] if loose else seen).read(cells, header_rows)
    if stated in _TYPED:
        raise InputError([_not_typed(stated, cells)])
    platform = PLATFORMS[stated]
    alike = platform.loose and seen.recognises(cells) == 1
    if platform is seen or alike or (header_rows and platform.loose):
        return platform.read(cells, header_rows)
    raise InputError([_wrong(platform, seen, cells)])


def _unknown(platform: str) -> Problem:
    known = ["auto", *PLATFORMS, *_TYPED]
    close = get_close_matches(platform, known, n=1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    return Problem(f"unknown platform {platform!r}", value=platform, allowed=", ".join(known) + hint)


def _not_typed(stated: str, cells: Cells) -> Problem:
    what = f"wrong platform: is no file of {'SPSS' if stated == 'spss' else 'Stata'}"
    allowed = "a file .sav, .zsav or .por" if stated == "spss" else "a file .dta"
    return Problem(what, file=cells.file, value=stated, allowed=f'{allowed}, or platform: "auto"')


def _wrong(stated: Platform, seen: Platform, cells: Cells) -> Problem:
    """Say what was expected above the responses, what stands there, and what it looks like."""
    found = "; ".join(
        f"row {row} begins {', '.join(repr(redact(cell)[:30]) for cell in record[:3])}"
        for row, record in zip(cells.rows[:3], cells.records, strict=False)
    )
    what = f"wrong platform: is not {stated.title}. Expected {stated.expected}. Found: {found}"
    advice = f'platform: {seen.name}, because this looks like {seen.title} ({seen.expected}), or "auto"'
    return Problem(what, file=cells.file, row=int(cells.rows[0]), value=stated.name, allowed=advice)
