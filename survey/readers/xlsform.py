"""The columns that an XLSForm gives rise to, in KoboToolbox, ODK and the like."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from survey.problems import InputError, Problem
from survey.readers.described import Described, plain_text
from survey.readers.workbook import sheet_cells

_SELECT = re.compile(
    r"(select[_ ]one|select1|select[_ ]multiple|select all that apply|rank)\s+(?:from\s+)?(.+)"
)
_OTHER = re.compile(r"\s+(or[_ ]other|or specify other)$")
_LABEL = re.compile(r"label(?:\s*::?\s*(.*))?", re.IGNORECASE)
_ADDED = frozenset(
    "start end today deviceid subscriberid simserial phonenumber username email audit start-geopoint".split()  # noqa: SIM905
)
_SETTINGS = "settings"

Row = dict[str, str]


class _Choices(NamedTuple):
    """Label by name of a list of choices, in the language of the form, and in all languages."""

    labels: dict[str, str]
    languages: dict[str, tuple[str, ...]]


def read_xlsform(data: bytes, file: str) -> list[Described]:
    """List the columns of an XLSForm: names, wordings in its default language, choices.

    Parameters
    ----------
    data
        Content of the workbook.
    file
        How messages call it.

    Raises
    ------
    InputError
        If it is no workbook or has no sheet "survey" with type and name.
    """
    survey = _sheet(data, file, "survey")
    if not survey or not {"type", "name"} <= set(survey[0]):
        advice = 'an XLSForm: a workbook with a sheet "survey" that has the columns type and name'
        raise InputError([Problem("is no XLSForm", file=file, allowed=advice)])
    settings = _optional(data, file, _SETTINGS)
    language = settings[0].get("default_language", "") if settings else ""
    lists: dict[str, list[Row]] = defaultdict(list)
    for row in _optional(data, file, "choices"):
        lists[row.get("list_name") or row.get("list name", "")].append(row)
    choices = {name: _choices(rows, language) for name, rows in lists.items()}
    names = Counter(row["name"] for row in survey) + Counter(
        name for row in survey for name in _options(row, choices).labels if "multiple" in row["type"]
    )
    return [column for row in survey for column in _columns(row, choices, language, names)]


def _columns(
    row: Row, choices: Mapping[str, _Choices], language: str, names: Counter[str]
) -> Iterator[Described]:
    kind, name = row["type"].strip().casefold(), row["name"]
    if not name or not kind or re.match(r"(begin|end)[ _]", kind):
        return
    label, languages = _label(row, language), _languages(row)
    if kind in _ADDED:
        yield Described((name,), label or name, added=True)
        return
    options = _options(row, choices)
    several = kind.startswith(("select_multiple", "select multiple", "select all"))
    yield Described(
        (name,), label or name, values=options.labels, multiple=" " if several else "", languages=languages
    )
    for option, text in options.labels.items() if several else ():
        alone = (option,) if names[option] == 1 else ()
        both = tuple(f"{one} {other}" for one in languages for other in options.languages[option])
        headings = (f"{name}/{option}", f"{name}.{option}", *alone)
        yield Described(headings, text, label or name, languages=both)


def _options(row: Row, choices: Mapping[str, _Choices]) -> _Choices:
    found = _SELECT.match(_OTHER.sub("", row["type"].strip()))
    return choices.get(found[2].strip() if found else "", _Choices({}, {}))


def _choices(rows: list[Row], language: str) -> _Choices:
    named = [row for row in rows if row.get("name")]
    return _Choices(
        {row["name"]: _label(row, language) or row["name"] for row in named},
        {row["name"]: _languages(row) for row in named},
    )


def _label(row: Row, language: str) -> str:
    """Return the label in a language, or else in the first that has one."""
    labels = {(found[1] or "").strip(): row[key] for key in row if (found := _LABEL.fullmatch(key.strip()))}
    return plain_text(labels.get(language.strip()) or next(filter(None, labels.values()), ""))


def _languages(row: Row) -> tuple[str, ...]:
    return tuple(plain_text(row[key]) for key in row if row[key] and _LABEL.fullmatch(key.strip()))


def _optional(data: bytes, file: str, sheet: str) -> list[Row]:
    try:
        return _sheet(data, file, sheet)
    except InputError:
        return []


def _sheet(data: bytes, file: str, sheet: str) -> list[Row]:
    records, _, _ = sheet_cells(data, file, sheet=sheet)
    if not records:
        return []
    headings = [heading.strip() for heading in records[0]]
    return [dict(zip(headings, (cell.strip() for cell in record), strict=True)) for record in records[1:]]
