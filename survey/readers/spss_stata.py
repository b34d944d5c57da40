"""SPSS and Stata files: codes with value labels, codes for "no answer", sets of multiple responses."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat

from survey.language import say
from survey.problems import InputError, Problem
from survey.readers.cells import heading_key
from survey.readers.export import Export
from survey.readers.qualtrics import METADATA
from survey.readers.soundness import damage
from survey.readers.surveymonkey import is_metadata

_STATA_OLD = frozenset({102, 103, 104, 105, 108, 110, 111, 112, 113, 114, 115})
_STATA_CODES = frozenset("abcdefghijklmnopqrstuvwxyz")
_READERS: Mapping[str, Callable[..., Any]] = {
    "sav": pyreadstat.read_sav,
    "zsav": pyreadstat.read_sav,
    "por": pyreadstat.read_por,
    "dta": pyreadstat.read_dta,
}


@dataclass(frozen=True, slots=True, eq=False)
class _Answers:
    """Text of every cell, the codes among them that are no answers, and the labels of all codes."""

    frame: pd.DataFrame
    missing: pd.DataFrame
    values: dict[str, dict[str, str]]


def kind_of(head: bytes) -> str:
    """Return "sav", "zsav", "por" or "dta" if a file that begins so is one, else an empty text.

    Examples
    --------
    >>> kind_of(b"$FL2@(#) SPSS DATA FILE"), kind_of(b"a,b")
    ('sav', '')
    """
    if head.startswith(b"$FL3"):
        return "zsav"
    if head.startswith(b"$FL2"):
        return "sav"
    if b"SPSS PORT FILE" in head[:600]:
        return "por"
    old = len(head) > 4 and head[0] in _STATA_OLD and head[1] in (1, 2) and head[2:4] == b"\x01\x00"
    return "dta" if head.startswith(b"<stata_dta>") or old else ""


def read_spss_stata(path: Path, file: str, *, kind: str, encoding: str = "auto") -> Export:
    """Read a file of SPSS (.sav, .zsav, .por) or Stata (.dta).

    Cells are codes as text, with value labels in `Export.values`. Codes that the file declares to be no
    answers (user-missing values of SPSS, .a to .z of Stata) are kept apart in `Export.missing`. The
    columns of a set of multiple responses have its label as stem, and in a set of yes/no variables the
    code that counts in `Export.ticked`.

    Parameters
    ----------
    path
        The file.
    file
        How messages call it.
    kind
        "sav", "zsav", "por" or "dta", as `kind_of` gives it.
    encoding
        Encoding of the texts, where the file does not say it rightly; "auto": as it says.

    Raises
    ------
    InputError
        If the file is damaged, cut off, or holds no response.
    """
    frame, meta, renamed = _content(path, file, kind, encoding)
    if frame.empty:
        what = say("is an empty wave: it has no responses" if len(frame.columns) else "is empty")
        raise InputError([Problem(what, file=file, allowed=say("at least one response"))])
    answers = _answers(frame, meta)
    names = [str(name) for name in answers.frame]
    wordings = meta.column_names_to_labels or {}
    labels = {name: " ".join(str(wordings.get(name) or name).split()) for name in names}
    stems, ticked = _sets(meta, set(names))
    metadata = tuple(name for name in names if heading_key(name) in METADATA or is_metadata(name))
    system = "stata" if kind == "dta" else "spss"
    text = (meta.file_encoding or "utf-8").lower()
    decisions = [f"is {'a Stata' if kind == 'dta' else 'an SPSS'} file (.{kind}), its text in {text}"]
    decisions += renamed
    if len(answers.missing.columns):
        count = int(answers.missing.notna().sum().sum())
        names_of = ", ".join(map(repr, answers.missing))
        decisions.append(f"has codes for no answer in {names_of} ({count} in all): kept apart")
    return Export(
        frame=answers.frame,
        labels=labels,
        platform=system,
        encoding=kind,
        header_rows=0,
        rows=np.arange(1, len(frame) + 1, dtype=np.int64),
        file=file,
        decisions=tuple(decisions),
        metadata=metadata,
        stems=stems,
        values=answers.values,
        missing=answers.missing,
        ticked=ticked,
    )


def _content(path: Path, file: str, kind: str, encoding: str) -> tuple[pd.DataFrame, Any, list[str]]:
    """Return the cells, what the file says of them, and what had to be renamed."""
    options: dict[str, Any] = {} if kind == "por" else {"user_missing": True}
    options |= {} if encoding == "auto" else {"encoding": encoding}
    unsound = damage(path, kind, encoding)
    if unsound:
        raise InputError([Problem(unsound, file=file, allowed=say("a whole copy of the file"))])
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            frame, meta = _READERS[kind](str(path), **options)
    except (MemoryError, Exception) as error:  # the parser below raises errors of every kind
        reason = " ".join(str(error).split()) or type(error).__name__
        what = say("cannot be read as .{kind}: {reason}", kind=kind, reason=reason)
        advice = say("a whole copy of the file, or state the encoding of its texts")
        raise InputError([Problem(what[:300], file=file, allowed=advice)]) from None
    if meta.number_rows is not None and meta.number_rows > len(frame) and len(frame.columns):
        what = say(
            "has {n} of the {total} responses that it announces: the file is cut off",
            n=len(frame), total=meta.number_rows,
        )  # fmt: skip
        raise InputError([Problem(what, file=file, allowed=say("a whole copy of the file"))])
    return (
        frame,
        meta,
        [f"repeats names: {warning.message}" for warning in warned if "duplicated" in str(warning.message)],
    )


def _answers(frame: pd.DataFrame, meta: Any) -> _Answers:
    answers: dict[str, pd.Series] = {}
    missing: dict[str, pd.Series] = {}
    values: dict[str, dict[str, str]] = {}
    for position, column in enumerate(frame):
        name, cells = str(column), frame.iloc[:, position]
        user = _user_missing(cells, name, meta)
        texts = _texts(cells)
        stata = bool((meta.missing_user_values or {}).get(name))
        labels = (meta.variable_value_labels or {}).get(name, {})
        values[name] = {_code(code, stata=stata): str(label) for code, label in labels.items()}
        if user.any():
            codes = "." + texts if stata else texts
            missing[name] = codes.where(user)
            texts = texts.mask(user)
        answers[name] = texts
    found = {name: labels for name, labels in values.items() if labels}
    return _Answers(pd.DataFrame(answers), pd.DataFrame(missing, index=frame.index), found)


def _user_missing(cells: pd.Series, name: str, meta: Any) -> pd.Series:
    """Which cells hold a code that the file declares to be no answer."""
    found = pd.Series(data=False, index=cells.index)
    declared = (meta.missing_user_values or {}).get(name, [])
    if declared:
        found |= cells.isin(list(declared))
    for span in (meta.missing_ranges or {}).get(name, []):
        low, high = span["lo"], span["hi"]
        if isinstance(low, str):
            found |= cells.astype("str").str.strip().eq(low.strip()).fillna(value=False)
        elif pd.api.types.is_numeric_dtype(cells):
            found |= cells.between(low, high)
    return found


def _texts(cells: pd.Series) -> pd.Series:
    """Write cells as text: numbers without needless decimals, dates and times as ISO 8601."""
    codes, uniques = pd.factorize(cells)
    texts = [_code(value) for value in uniques]
    known = pd.Series([text if text and not text.isspace() else None for text in [*texts, ""]], dtype="str")
    return known.take(codes % len(known)).set_axis(cells.index)


def _code(value: Any, *, stata: bool = False) -> str:
    if isinstance(value, str):
        return f".{value}" if stata and value in _STATA_CODES else value.rstrip()
    if value is None or value is pd.NaT:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    number = float(value)
    if not np.isfinite(number):
        return ""
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def _sets(meta: Any, names: set[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the stem of each column in a set of multiple responses, and the code of a tick."""
    stems: dict[str, str] = {}
    ticked: dict[str, str] = {}
    for name, found in (meta.mr_sets or {}).items():
        members = [member for member in found["variable_list"] if member in names]
        stems |= dict.fromkeys(members, str(found["label"] or name).strip())
        if found["is_dichotomy"]:
            ticked |= dict.fromkeys(members, _code(found["counted_value"]))
    return stems, ticked
