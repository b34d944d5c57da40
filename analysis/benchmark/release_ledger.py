"""The ledger of what was published: which cells, and of whom, without a name and without a value."""

import hashlib
import hmac
from collections.abc import Sequence

import numpy as np
import pandas as pd

from survey.problems import Problem, raise_if_any

CELL = ("table", "cell", "statistic", "wave", "wave_from")
"""What names a published cell; `wave_from` is missing but for changes between two waves."""

COLUMNS = ("release", *CELL, "companies", "members")
"""Columns of the ledger; `members` are the keyed hashes of the companies, sorted, with blanks between."""

DIGITS = 16


def ledger_of(cells: pd.DataFrame, members: pd.DataFrame, *, release: str, key: bytes) -> pd.DataFrame:
    """Write the cells of a release as rows of the ledger.

    Parameters
    ----------
    cells
        One row per shown cell: the columns of `CELL`. Cells of one table and wave share no company.
    members
        ``row`` (number of the cell, from 0) and ``company``, whose values the cell is made of. A change between
        waves is made of the companies of both.
    release
        Name of the release.
    key
        Secret under which companies are hashed; the same in every release, and never beside the ledger.

    Returns
    -------
    DataFrame
        The columns of `COLUMNS`, ready to be kept as a CSV file. The ledger names no company and holds no value.

    Raises
    ------
    InputError
        If a column is absent, a cell has no member or the key is empty.

    Examples
    --------
    >>> cells = pd.DataFrame({"table": ["norms"], "cell": ["steel"], "statistic": ["alignment"], "wave": [2025]})
    >>> members = pd.DataFrame({"row": [0, 0], "company": ["Acme", "Apex"]})
    >>> ledger_of(cells.assign(wave_from=np.nan), members, release="2025-1", key=b"secret")["companies"].tolist()
    [2]
    """
    check_columns(cells, CELL)
    check_columns(members, ("row", "company"))
    empty = ~pd.Series(range(len(cells))).isin(members["row"])
    problems = [Problem("has no member", row=int(row)) for row in np.flatnonzero(empty)]
    raise_if_any(problems if key else [*problems, Problem("is empty", column="key")])
    names = members["company"].drop_duplicates()
    codes = {name: _code(str(name), key) for name in names}
    listed = members.assign(code=members["company"].map(codes)).drop_duplicates(["row", "code"])
    by_row = listed.sort_values(["row", "code"]).groupby("row")["code"]
    rows = cells[list(CELL)].reset_index(drop=True).assign(release=release)
    return rows.assign(companies=by_row.count(), members=by_row.agg(" ".join))[list(COLUMNS)]


def check_columns(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    """Raise `InputError` naming every column that is absent."""
    raise_if_any(
        Problem("is not a column of the table", column=name, allowed=", ".join(columns))
        for name in columns
        if name not in frame
    )


def _code(company: str, key: bytes) -> str:
    """Hash a company; the letter in front keeps a file from reading a lone code as a number."""
    return "c-" + hmac.new(key, company.encode(), hashlib.sha256).hexdigest()[:DIGITS]
