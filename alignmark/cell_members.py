"""Published cells and whose values they are: how rows of a table and the values of companies find each other."""

from collections.abc import Sequence

import pandas as pd

KEYS = ("name", "row", "table", "side")
"""What names a published cell: the table of the evidence, its row, which cells it may add up with, and which part of
the row it is."""


def wanted(frame: pd.DataFrame, published: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Keep the columns of which something is published, and those that say whose values they are."""
    tables = [table for table in published.values() if len(table)]
    said = {
        str(name)
        for table in tables
        for key in ("variable", "practice", "outcome")
        if key in table
        for name in table[key]
    }
    own = {"company", "wave", "weight", "n_sales", "n_marketing"}
    return frame[[name for name in frame if name in own | said]]


def values_of(
    frame: pd.DataFrame, keys: Sequence[str] = (), *, tag: str = "", function: str = ""
) -> pd.DataFrame:
    """Return every value of companies, one a row: company, wave, `keys`, variable, of, weight, respondents."""
    if "weight" not in frame:
        frame = frame.assign(weight=1.0)
    names = ["company", "wave", "weight", *keys]
    count = f"n_{function}"
    people = frame[count].astype(float) if count in frame else pd.Series(float("nan"), index=frame.index)
    known = frame.drop(columns=["respondents"], errors="ignore").assign(respondents=people)
    numbers = [str(name) for name in frame.select_dtypes("number") if name not in names]
    long = known.melt([*names, "respondents"], value_vars=numbers, value_name="given").dropna(subset="given")
    long = long[long["weight"] > 0]
    told = [text for text in (function, tag) if text]
    of = long["variable"].astype(str) + "|" + long["wave"].astype(str) + "".join(f"|{text}" for text in told)
    return long.drop(columns="given").assign(of=of)


def cells_in(
    name: str,
    published: dict[str, pd.DataFrame],
    values: pd.DataFrame,
    keys: list[str],
    *,
    side: str = "",
    table: str = "",
) -> pd.DataFrame:
    """Return the members of the rows of a table whose keys name the values."""
    rows = published.get(name, pd.DataFrame())
    if rows.empty or not set(keys) <= set(rows) or values.empty:
        return pd.DataFrame()
    keyed = rows[keys].assign(row=rows.index)
    joined = keyed.merge(values, on=keys, how="inner")
    sign = joined.get("sign", 1.0)
    return joined.assign(name=name, side=side, table=table or name, sign=sign)[
        [*KEYS, "company", "of", "weight", "sign", "respondents"]
    ]
