"""Which decimal mark the numbers of an export have."""

from dataclasses import replace

import pandas as pd

from survey.problems import InputError, Problem
from survey.readers.export import Export

_SAMPLE = 200_000
_WITH = {".": r"[+-]?\d*\.\d+", ",": r"[+-]?\d*,\d+"}
_EITHER = r"[+-]?[1-9]\d{0,2}[.,]\d{3}"
_NUMBER = {
    ".": r"[+-]?(?:\d{1,3}(?:[,\s'’]\d{3})+|\d*)(?:\.\d+)?",
    ",": r"[+-]?(?:\d{1,3}(?:[.\s'’]\d{3})+|\d*)(?:,\d+)?",
}
_NAMES = {".": "point", ",": "comma"}


def with_decimal(export: Export, decimal: str = "auto") -> Export:
    """Say which decimal mark the numbers of an export have; where it is stated, write it as a point.

    Found is the mark of most numbers that can be read in one way only ("12,5", not "1,250"), in the
    first rows of the columns that are the study's own; the answers stay as they are. A stated mark is
    taken at its word: in columns that hold nothing but numbers, marks between thousands are left out
    and a decimal comma becomes a point.

    Parameters
    ----------
    export
        The export.
    decimal
        ".", "," or "auto".

    Raises
    ------
    InputError
        If `decimal` is something else.

    Examples
    --------
    >>> import numpy as np
    >>> frame = pd.DataFrame({"growth": ["1,250", "12,5"]}, dtype="str")
    >>> export = Export(frame, {}, "spreadsheet", "utf-8", 1, np.array([2, 3]), "2025.csv")
    >>> with_decimal(export).decimal, with_decimal(export, ",").frame["growth"].tolist()
    (',', ['1.250', '12.5'])
    """
    if decimal not in ("auto", *_NAMES):
        what = f"unknown decimal mark {decimal!r}"
        raise InputError([Problem(what, file=export.file, value=decimal, allowed='".", "," or "auto"')])
    others = {*export.metadata, *export.multiple}
    own = [column for column in export.frame if column not in others]
    if decimal != "auto":
        return _restated(export, [str(column) for column in own], decimal)
    counts = _counts(export.frame[own].head(max(_SAMPLE // max(len(own), 1), 50)))
    if not any(counts.values()):
        return export
    mark = max(counts, key=lambda candidate: counts[candidate])
    # No number is quoted: it may be where somebody lives.
    said = (
        f"writes decimals with a {_NAMES[mark]} in {counts[mark]} of {sum(counts.values())} different numbers"
    )
    return replace(export, decimal=mark, decisions=(*export.decisions, said))


def _counts(sample: pd.DataFrame) -> dict[str, int]:
    """Count the different numbers with each mark."""
    cells = pd.unique(sample.to_numpy(dtype=object).ravel())
    texts = pd.Series(cells, dtype="str").dropna().str.strip()
    texts = texts[~texts.str.fullmatch(_EITHER)]
    return {mark: int(texts.str.fullmatch(pattern).sum()) for mark, pattern in _WITH.items()}


def _restated(export: Export, columns: list[str], decimal: str) -> Export:
    frame = export.frame
    group = "," if decimal == "." else "."
    written = {}
    for name in columns:
        texts = frame[name].str.strip()
        numbers = texts.dropna().str.fullmatch(_NUMBER[decimal]) & texts.dropna().str.contains(r"\d")
        plain = texts.str.replace(rf"[{group}\s'’]", "", regex=True).str.replace(decimal, ".", regex=False)
        if len(numbers) and numbers.all() and not plain.equals(texts):
            written[name] = plain
    said = f"writes decimals with a {_NAMES[decimal]}, as stated"
    if written:
        said += f"; numbers of {', '.join(map(repr, written))} are given with a decimal point alone"
    return replace(
        export, frame=frame.assign(**written), decimal=decimal, decisions=(*export.decisions, said)
    )
