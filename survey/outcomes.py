"""Results of companies from records: yearly levels, growth between years, joined to survey waves."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from survey.companies import Register, resolve, unknown_companies
from survey.dates import read_years
from survey.language import mark
from survey.numbers import read_numbers
from survey.problems import InputError, Problem, problems_at, raise_if_any
from survey.readers.spreadsheet import read_table

Kind = Literal["annual", "compound", "log", "given"]

NO_RECORDS = mark("the company has no records")
NO_START = mark("no record of the year in which the outcome begins")
NO_VALUE = mark("the value is missing")
NOT_POSITIVE = mark("the value is zero or negative")
CURRENCY = mark("the currency changed")
NO_END = (mark("no record 1 year later"), mark("no record {years} years later"))
"""Why a company has no outcome."""


def read_records(
    path: Path,
    columns: Mapping[str, str],
    *,
    register: Register | None = None,
    unknown_company: Literal["error", "drop"] = "error",
    sheet: str | None = None,
    name: str = "",
    begins: Mapping[int, int] | None = None,
) -> pd.DataFrame:
    """Read yearly records of companies, such as revenue.

    Parameters
    ----------
    path
        CSV, TSV or workbook, one row per company and year.
    columns
        File heading of ``company``, ``year``, ``value`` and, where there are several, ``currency``. A
        year is a number, "FY2024", or the ISO date on which the financial year ends.
    register
        The companies of the study, to turn names into ids; names stay as they are written without one.
    unknown_company
        What to do with records of companies that the register does not know.
    sheet, name
        As in `survey.readers.cells.read_cells`.
    begins
        By wave, the year in which its outcome begins, which must then be on record.

    Returns
    -------
    pandas.DataFrame
        company, year (int), value (float, NaN where the record is blank), currency if mapped, then file
        and row.

    Raises
    ------
    InputError
        If the file cannot be read, a company, year or value cannot, a company is unknown, a company has two
        records of a year, or nothing is recorded of a year in which an outcome begins; all at once.
    """
    table = read_table(path, columns, required=("company", "year", "value"), sheet=sheet, name=name)
    file = name or path.name
    value, bad_value = read_numbers(table["value"])
    year = read_years(table["year"])
    company, strange = _companies(table["company"], register)
    problems: list[Problem] = []
    if register is not None and unknown_company == "error":
        problems = unknown_companies(
            table.loc[strange, "company"],
            table.index.to_series()[strange],
            register,
            file=file,
            column=columns["company"],
        )
    checks = (
        ("company", table["company"].isna(), "is no company", "a name or id in every row"),
        ("year", year.isna(), "is not a year", '"2024", "FY2024" or a date such as "2024-12-31"'),
        ("value", bad_value, "is not a number", "a number, or nothing where it is not known"),
    )
    for key, wrong, what, allowed in checks:
        cells = zip(table.index[wrong].tolist(), table.loc[wrong, key].fillna(""), strict=True)
        problems += problems_at(what, cells, file=file, column=columns[key], allowed=allowed)
    records = pd.DataFrame({"company": company, "year": year, "value": value})
    if "currency" in table:
        records["currency"] = table["currency"].str.strip().str.upper()
    records = records.assign(file=file, row=table.index).dropna(subset=["company", "year"])
    absent = _waves_without_records(begins or {}, records["year"], file=file, column=columns["year"])
    raise_if_any([*problems, *_recorded_twice(records), *absent])
    return records.astype({"year": "int64"}).reset_index(drop=True)


def growth(records: pd.DataFrame, *, kind: Kind = "annual", years: int = 1) -> pd.DataFrame:
    r"""Compute growth in per cent from each recorded year to `years` later.

    With values :math:`v_0` and :math:`v_k`, k = `years`: "annual" is :math:`100 (v_k / v_0 - 1)` for
    k = 1; "compound" :math:`100 ((v_k / v_0)^{1/k} - 1)`, the constant yearly rate; "log"
    :math:`100 \ln(v_k / v_0) / k`, which is symmetric in gains and losses; "given" takes the recorded
    value of the year as the growth that begins in it.

    Parameters
    ----------
    records
        company, year, value, optionally currency, as `read_records` returns them.
    kind, years
        The definition.

    Returns
    -------
    pandas.DataFrame
        company, year (in which the growth begins), growth (per cent, NaN where there is none) and
        reason (why there is none, else ""). Growth is never computed across a change of currency, nor
        from or to a value that is not positive.

    Raises
    ------
    InputError
        If a company has two records of a year, or `years` is below 1, or above 1 for "annual".

    Examples
    --------
    >>> levels = {"year": [2023, 2024, 2025], "value": [100.0, 110.0, 121.0]}
    >>> records = pd.DataFrame({"company": "acme", **levels})
    >>> growth(records)["growth"].round(6).tolist()
    [10.0, 10.0, nan]
    >>> growth(records, kind="compound", years=2)["growth"].round(6).tolist()
    [10.0, nan, nan]
    """
    if years < 1 or (kind == "annual" and years > 1):
        what = f"{kind} growth over {years} years is not defined"
        allowed = "1 year; for more, compound or log growth"
        raise InputError([Problem(what, column="years", value=str(years), allowed=allowed)])
    raise_if_any(_recorded_twice(records))
    start = records.sort_values(["company", "year"], ignore_index=True)
    if kind == "given":
        missing = start["value"].isna()
        given = start[["company", "year"]].assign(growth=start["value"], reason="")
        return given.assign(reason=given["reason"].mask(missing, NO_VALUE))
    start = start.assign(currency=start.get("currency", ""))
    end = start[["company", "year", "value", "currency"]].assign(year=start["year"] - years)
    pairs = start.merge(end, on=["company", "year"], how="left", suffixes=("", "_end"), indicator=True)
    reason = _reason(pairs, years)
    ratio = (pairs["value_end"] / pairs["value"]).where(reason == "")
    rate = np.log(ratio) / years if kind == "log" else ratio ** (1 / years) - 1
    return pairs[["company", "year"]].assign(growth=100 * rate, reason=reason)


def winsorise(
    values: pd.Series, lower: float = 0.01, upper: float = 0.99
) -> tuple[pd.Series, dict[str, float]]:
    """Pull values beyond two quantiles in to them.

    Parameters
    ----------
    values
        Numbers; NaN stays NaN and does not count in the quantiles.
    lower, upper
        Quantiles from 0 to 1 (linear interpolation, R's type 7).

    Returns
    -------
    values : pandas.Series
        Winsorised values.
    counts : dict
        ``lower_limit`` and ``upper_limit``, ``raised`` (values below) and ``lowered`` (values above).

    Raises
    ------
    InputError
        Unless 0 <= lower < upper <= 1.

    Examples
    --------
    >>> values, counts = winsorise(pd.Series([0.0, 1.0, 2.0, 3.0, 100.0]), 0.0, 0.75)
    >>> values.tolist(), counts["lowered"]
    ([0.0, 1.0, 2.0, 3.0, 3.0], 1)
    """
    if not 0 <= lower < upper <= 1:
        what = f"values cannot be winsorised at {lower:g} and {upper:g}"
        raise InputError([Problem(what, column="winsorise", allowed="0 <= lower < upper <= 1")])
    low, high = float(values.quantile(lower)), float(values.quantile(upper))
    counts = {
        "lower_limit": low,
        "upper_limit": high,
        "raised": int((values < low).sum()),
        "lowered": int((values > high).sum()),
    }
    return values.clip(low, high), counts


def join_outcome(
    keys: pd.DataFrame, growths: pd.DataFrame, *, lead: int = 0, file: str = ""
) -> tuple[pd.Series, pd.DataFrame]:
    """Join growth to the wave in whose year it begins, and say which companies have none and why.

    Parameters
    ----------
    keys
        Columns company and wave, one row per company and wave.
    growths
        company, year, growth, reason, as `growth` returns them.
    lead
        Years between the wave and the year in which the growth begins; -1 is the growth before.
    file
        How messages call the records.

    Returns
    -------
    values : pandas.Series
        Growth in per cent, in the index of `keys`; NaN where there is none.
    coverage : pandas.DataFrame
        wave, companies, with_outcome, then one column per reason with the number of companies that lack
        the outcome for it; with_outcome and the reasons add up to companies.

    Raises
    ------
    InputError
        If there is no record at all of the year that a wave needs; names the years there are.

    Examples
    --------
    >>> keys = pd.DataFrame({"company": ["acme", "bolt"], "wave": 2023})
    >>> records = pd.DataFrame({"company": "acme", "year": [2023, 2024], "value": [100.0, 110.0]})
    >>> values, coverage = join_outcome(keys, growth(records))
    >>> coverage.to_dict("records")
    [{'wave': 2023, 'companies': 2, 'with_outcome': 1, 'the company has no records': 1}]
    """
    begins = {int(wave): int(wave) + lead for wave in keys["wave"].unique()}
    raise_if_any(_waves_without_records(begins, growths["year"], file=file))
    wanted = keys[["company", "wave"]].assign(year=keys["wave"] + lead)
    joined = wanted.merge(growths, on=["company", "year"], how="left", validate="many_to_one")
    known = joined["company"].isin(set(growths["company"]))
    absent = pd.Series(np.where(known, NO_START, NO_RECORDS), dtype="str")
    reason = joined["reason"].astype("str").fillna(absent).mask(joined["growth"].notna(), "")
    lacking = reason != ""
    counts = pd.crosstab(joined.loc[lacking, "wave"], reason[lacking])
    coverage = joined.groupby("wave")["growth"].agg(companies="size", with_outcome="count")
    coverage = coverage.join(counts).fillna(0).astype("int64").rename_axis(columns=None).reset_index()
    return pd.Series(joined["growth"].to_numpy(), index=keys.index, name="growth"), coverage


def _companies(written: pd.Series, register: Register | None) -> tuple[pd.Series, pd.Series]:
    """Return company ids, and which names the register does not know."""
    names = written.str.strip()
    ids = names if register is None else resolve(names, register)
    return ids, names.notna() & ids.isna()


def _recorded_twice(records: pd.DataFrame) -> list[Problem]:
    again = records[records.duplicated(["company", "year"])]
    places = again.reindex(columns=["company", "year", "file", "row"])
    return [
        Problem(
            f"{company!r} has a second record of {year:.0f}",
            "" if pd.isna(file) else file,
            None if pd.isna(row) else int(row),
            allowed="one record per company and year",
        )
        for company, year, file, row in places.itertuples(index=False)
    ]


def _reason(pairs: pd.DataFrame, years: int) -> pd.Series:
    """Say why there is no growth, the first cause first; "" where there is."""
    absent = pairs["_merge"] == "left_only"
    other = pairs["currency"].fillna("") != pairs["currency_end"].fillna("")
    causes = [
        (absent, f"no record {years} year{'s' if years > 1 else ''} later"),
        (pairs["value"].isna() | pairs["value_end"].isna(), NO_VALUE),
        ((pairs["value"] <= 0) | (pairs["value_end"] <= 0), NOT_POSITIVE),
        (other, CURRENCY),
    ]
    reason = pd.Series("", index=pairs.index, dtype="str")
    for holds, words in causes:
        reason = reason.mask(holds & (reason == ""), words)
    return reason


def _waves_without_records(
    begins: Mapping[int, int], recorded: pd.Series, *, file: str, column: str = "year"
) -> list[Problem]:
    years = sorted(int(year) for year in recorded.unique())
    if not years:
        what, advice = (
            "holds no records of any company of the study",
            "records of the companies that answered",
        )
        return [Problem(what, file, allowed=advice)] if begins else []
    there = ", ".join(map(str, years))
    return [
        Problem(
            f"no record of {year}, in which the outcome of wave {wave} begins",
            file,
            column=column,
            value=str(year),
            allowed=f"the years of the file: {there}",
            to_do="add records, or shift the outcome by `lead`",
        )
        for wave, year in begins.items()
        if year not in years
    ]
