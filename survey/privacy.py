"""Personal data found on reading: which columns of an export hold them, and the export without them."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from survey.identifiers import consists_of, holds, is_date, is_number, matches, may_identify
from survey.personal_headings import (
    added_kind,
    asked_kind,
    asks_for_words,
    is_of_organisations,
    is_text_field,
)
from survey.problems import LONGEST
from survey.readers.export import Export

NO_PERSONAL_COLUMNS = pd.DataFrame(
    {"column": pd.Series(dtype="str"), "kind": pd.Series(dtype="str"), "why": pd.Series(dtype="str"),
     "n": pd.Series(dtype="int64")}
)  # fmt: skip
"""What `personal_columns` returns where there are none."""

MOST = 0.5
"""Share (0-1) of the different values of a column that makes it one of a kind."""
NAMES = 0.8
"""Share (0-1) of the different values that must look like names of people, where no heading says so."""
NUMBERS = 0.95
"""Share (0-1) of numbers among the different values from which a column is one of numbers."""
FEW = 5
"""Different values below which nothing can be said of names."""
CODES = 11
"""Different values up to which a column may be a scale or a list of choices."""
BRIEF = 4
"""Words up to which a heading asks for a thing, and not for an opinion about it."""
LONG, WORDS = 20.0, 3.5
"""Mean letters and words from which answers are free text, if at least `MOST` of them differ."""

TOO_LONG = 60.0
"""Mean letters from which answers are no names of companies, whatever the heading says."""

_PERSON = (
    r"^\s*\p{Lu}[\p{L}'’.-]*(?: (?:van|von|de|der|den|la|le|di|da|dos|del|bin|al|zu))*"
    r"(?: \p{Lu}[\p{L}'’.-]*){1,3}\s*$"
)
_ORGANISATION = (
    r"(?i)\b(?:ltd|limited|inc|llc|plc|gmbh|ag|kg|se|sa|sarl|srl|spa|bv|nv|ab|oy|as|co|corp|company|group|holdings?"
    r"|systems?|solutions?|universit\p{L}+|school|college|institute?|bank|services?|software|consulting|partners?"
    r"|international|industr\p{L}+|technolog\p{L}+|labs?|department|sales|marketing|manager|director|head)\b"
)
_POINT = r"^\s*-?\d{1,3}\.\d{3,}(?:[,;\s]+-?\d{1,3}\.\d{3,}(?:\s+-?[\d.]+){0,2})\s*$"
_DEGREES = r"^\s*-?\d{1,3}[.,]\d{2,}\s*$"
_CODE = r"^[a-z0-9]+(?:_[a-z0-9]+)+$|[=<>{}]"
_DIALLED = r"^[\s\d+().\-/]*$"
_SIX_DIGITS = r"(?:\d\D*){6}"
_A_TICK = ("0", "1", "2", "true", "false", "yes", "no", "y", "n", "ja", "nein", "oui", "non", "si", "x")
"""What platforms write where an option is chosen or not."""


class _Found(NamedTuple):
    kind: str
    why: str


def personal_columns(export: Export, *, free_text: Collection[str] = ()) -> pd.DataFrame:
    """Find the columns of an export that hold personal data.

    Parameters
    ----------
    export
        The export.
    free_text
        Columns that the study knows to be answers in free words.

    Returns
    -------
    pandas.DataFrame
        column, kind, why, n (cells that are not blank); one row per column found, in file order; never a
        value. `kind` is "name", "e-mail", "ip address", "coordinates", "phone", "postal address", "personal
        number", "date of birth", "web address", "handle", "free text" or "other platform metadata". Found by what the
        platform adds itself, by heading and question text where the answers do not speak against it, and
        by the answers alone: identifiers in at least half of the different values, names of people in four
        fifths of them, or free text by its length and variety. Answers on scales, choices, companies and
        job titles are not personal; ids of responses are not in it (`survey.pseudonyms` replaces them).

    Notes
    -----
    A name in a column of which neither the heading nor most answers say so is not found.

    Examples
    --------
    >>> import numpy as np
    >>> frame = pd.DataFrame({"Q1": ["4", "5"], "Q2": ["jane@acme.org", "b@bolt.de"]}, dtype="str")
    >>> export = Export(frame, {}, "spreadsheet", "utf-8", 1, np.array([2, 3]), "2025.csv")
    >>> personal_columns(export)[["column", "kind", "n"]]
      column    kind  n
    0     Q2  e-mail  2
    """
    rows = list(_found(export, free_text))
    return pd.DataFrame(rows, columns=list(NO_PERSONAL_COLUMNS)).astype(NO_PERSONAL_COLUMNS.dtypes)


def personal_kind(export: Export, column: str) -> str:
    """Return what kind of personal data a column holds, as `personal_columns` finds it; empty if none."""
    written = export.frame[column].dropna()
    found = _judged(export, column, pd.Series(written.unique(), dtype="str"), len(written))
    return found.kind if found else ""


def without(export: Export, columns: Collection[str]) -> Export:
    """Return an export without some of its columns."""
    return replace(
        export,
        frame=export.frame.drop(columns=list(columns)),
        labels={name: text for name, text in export.labels.items() if name not in columns},
        metadata=tuple(name for name in export.metadata if name not in columns),
        stems={name: text for name, text in export.stems.items() if name not in columns},
        values={name: found for name, found in export.values.items() if name not in columns},
        missing=export.missing.drop(columns=list(columns), errors="ignore"),
        multiple={name: mark for name, mark in export.multiple.items() if name not in columns},
        ticked={name: code for name, code in export.ticked.items() if name not in columns},
    )


def _found(export: Export, free_text: Collection[str]) -> Iterator[tuple[str, str, str, int]]:
    for column in map(str, export.frame):
        written = export.frame[column].dropna()
        found = _judged(export, column, pd.Series(written.unique(), dtype="str"), len(written))
        if column in free_text and (found is None or found.kind == "free text"):
            found = _Found("free text", "the study says so")
        if found:
            yield column, found.kind, found.why, len(written)


def _judged(export: Export, column: str, values: pd.Series, n: int) -> _Found | None:
    found = _as_added(export, column) or _as_asked(export, column, values, n)
    return found or _as_answered(export, column, values, n)


def _as_added(export: Export, column: str) -> _Found | None:
    kind = added_kind(export, column)
    return _Found(kind, "the platform adds it") if kind else None


def _as_asked(export: Export, column: str, values: pd.Series, n: int) -> _Found | None:
    """Judge by heading and question text, unless the answers are plainly of another sort."""
    kind = asked_kind(export, column)
    choices = 1 < len(values) <= CODES and n > 2 * len(values) and len(export.label(column).split()) > BRIEF
    choices |= _is_ticked(export, column, values)
    if kind and (not n or (not choices and _agrees(kind, values))):
        return _Found(kind, "its heading or question asks for it")
    if (
        asks_for_words(export, column)
        and column not in export.metadata
        and _is_written(export, column, values, n)
    ):
        return _Found("free text", "its heading or question asks for words")
    return None


def _agrees(kind: str, values: pd.Series) -> bool:
    """Say whether answers can be what a heading asks for: no ticks and no codes."""
    if kind in ("e-mail", "ip address"):
        return bool(holds(values)[kind].any())
    if kind == "phone":
        return bool((matches(values, _DIALLED) & matches(values, _SIX_DIGITS)).mean() >= 1 / 3)
    if kind == "coordinates":
        return bool((matches(values, _POINT) | matches(values, _DEGREES)).mean() >= MOST)
    if values.str.strip().str.casefold().isin(_A_TICK).all():
        return False
    if kind == "name":
        return bool((matches(values, _CODE) | (values.str.len() > LONGEST)).mean() < MOST)
    return True


def _is_ticked(export: Export, column: str, values: pd.Series) -> bool:
    """Say whether a column holds nothing but its own label, as that of an option which some have ticked."""
    return len(values) == 1 and values[0].strip() in export.label(column)


def _is_written(export: Export, column: str, values: pd.Series, n: int) -> bool:
    """Say whether answers are words of the respondents: no ticks, no numbers, no few choices."""
    folded = values.str.strip().str.casefold()
    if not n or folded.isin(_A_TICK).all() or is_date(values).all():
        return False
    if _is_ticked(export, column, values):
        return False
    if is_text_field(column):
        return True
    return bool(not is_number(values).mean() >= MOST and (len(values) >= MOST * n or len(values) > CODES))


def _as_answered(export: Export, column: str, values: pd.Series, n: int) -> _Found | None:
    """Judge by the answers alone."""
    few = len(values) <= CODES and n > 2 * len(values)
    if not n or column in export.metadata or (few and not may_identify(values)):
        return None
    if is_number(values).mean() >= NUMBERS:
        return None
    return _identifiers(values) or _words(export, column, values, n)


def _identifiers(values: pd.Series) -> _Found | None:
    shares = consists_of(values).mean()
    shares["coordinates"] = matches(values, _POINT).mean()
    share = shares.sum()
    said = f"{share:.0%} of the different answers are of this kind"
    return _Found(str(shares.idxmax()), said) if share >= MOST else None


def _words(export: Export, column: str, values: pd.Series, n: int) -> _Found | None:
    """Judge answers in words: names of people, free text, or text with identifiers in it."""
    people = not is_of_organisations(export, column)
    if people and _are_names(values, n):
        return _Found("name", "most answers look like first and last names")
    if column in export.multiple or is_date(values).mean() >= MOST:
        return None
    if _are_long(values, n) and (people or values.str.len().mean() >= TOO_LONG):
        return _Found("free text", "the answers are long, and most of them differ")
    some = holds(values)[["e-mail", "phone"]].any()
    kinds = ", ".join(some.index[some])
    return _Found("free text", f"some answers hold identifiers ({kinds})") if kinds else None


def _are_names(values: pd.Series, n: int) -> bool:
    if len(values) < FEW or len(values) < NAMES * n:
        return False
    return bool(
        matches(values, _PERSON).mean() >= NAMES and matches(values, _ORGANISATION).mean() <= 1 - NAMES
    )


def _are_long(values: pd.Series, n: int) -> bool:
    if len(values) < 3 or len(values) < MOST * n:
        return False
    letters = values.str.len().mean()
    words = values.str.count(r"\s+").mean() + 1
    return bool(letters >= LONG and words >= WORDS)
