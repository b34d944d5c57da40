"""Published cells and whose values they are: how rows of a table and the values of companies find each other."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

KEYS = ("name", "row", "table", "side")
"""What names a published cell: the table of the evidence, its row, which cells it may add up with, and which part of
the row it is."""

MEMBER = ("company", "of", "weight", "sign", "respondents")
"""What is known of a value in a cell: whose and of what it is, what it counts, whether it is taken off."""


def names_told(published: Mapping[str, pd.DataFrame]) -> set[str]:
    """Name the variables, practices and outcomes that any table tells of."""
    columns = [(table, key) for table in published.values() for key in ("variable", "practice", "outcome")]
    return {str(name) for table, key in columns if key in table for name in table[key].unique()}


def wanted(frame: pd.DataFrame, published: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Keep the columns of which something is published, and those that say whose values they are."""
    kept = {"company", "wave", "weight", "n_sales", "n_marketing"} | names_told(published)
    return frame[[name for name in frame if name in kept]]


def values_of(
    frame: pd.DataFrame,
    keys: Sequence[str] = (),
    *,
    tag: str = "",
    apart: Collection[str] = (),
    function: str = "",
) -> pd.DataFrame:
    """Return every value of companies, one a row: company, wave, `keys`, variable, of, weight, respondents.

    `of` names it by variable, wave and, where it is that of one, `function`; values of the variables in `apart`, which
    are made otherwise than elsewhere, by `tag` as well.
    """
    if "weight" not in frame:
        frame = frame.assign(weight=1.0)
    names = ["company", "wave", "weight", *keys]
    count = f"n_{function}"
    people = frame[count].astype(float) if count in frame else pd.Series(float("nan"), index=frame.index)
    known = frame.drop(columns=["respondents"], errors="ignore").assign(respondents=people)
    numbers = [str(name) for name in frame.select_dtypes("number") if name not in names]
    long = known.melt([*names, "respondents"], value_vars=numbers, value_name="given").dropna(subset="given")
    long = long[long["weight"] > 0].drop(columns="given")
    named = value_names(long["variable"], long["wave"], tag=tag, apart=apart)
    return long.assign(of=named + f"|{function}" if function else named)


def value_names(
    variable: "pd.Series[str]", wave: "pd.Series[int]", *, tag: str = "", apart: Collection[str] = ()
) -> "pd.Series[str]":
    """Name the values of companies by what they are of: variable, wave, and a tag where they are made otherwise."""
    variables, names = pd.factorize(variable)
    waves, years = pd.factorize(wave)
    tags = [f"|{tag}" if name in apart else "" for name in names]
    every = [f"{name}|{year}{mark}" for name, mark in zip(names, tags, strict=True) for year in years]
    told = np.array(every, dtype=object)[variables * len(years) + waves]
    return pd.Series(told, index=variable.index, dtype="str")


def made_otherwise(frame: pd.DataFrame, ground: pd.DataFrame) -> list[str]:
    """Name the columns of what waves have in common that have other values there than they have by themselves."""
    keys = ["company", "wave"]
    own = frame.set_index(keys).reindex(pd.MultiIndex.from_frame(ground[keys]))
    numbers = [str(name) for name in ground.select_dtypes("number") if name in own]
    return [name for name in numbers if not np.array_equal(own[name], ground[name], equal_nan=True)]


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
    return joined.assign(name=name, side=side, table=table or name, sign=sign)[[*KEYS, *MEMBER]]
