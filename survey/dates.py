"""Dates as platforms and people write them: times of answers, and the year of a wave or a record."""

import re
from collections.abc import Sequence

import pandas as pd

_DATE = r"^\s*\d{1,4}[-./]\d{1,2}[-./]\d{1,4}"
_YEAR = re.compile(r"^\s*(?:FY\s*)?(\d{4})(?:\.0+)?\s*$", re.IGNORECASE)

_DAY_FIRST, _MONTH_FIRST = "%d/%m/%Y", "%m/%d/%Y"
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_WRITTEN = ("ISO8601", *(f"%d.%m.%Y{clock}" for clock in _CLOCKS[:3]))


def read_times(written: pd.Series) -> pd.Series:
    """Read dates, with a time of day or without; times with a zone are brought to UTC.

    ISO 8601, "31.12.2024", and dates with slashes, which are month first, as American platforms write them, unless
    one of the column cannot be read so and all can be read day first.

    Parameters
    ----------
    written
        Text or NA.

    Returns
    -------
    pandas.Series
        datetime64[us], NaT where no date can be read.

    Examples
    --------
    >>> read_times(pd.Series(["2024-03-05T10:00:00+02:00", "5.3.2024 9:30", "soon"])).astype("str").tolist()
    ['2024-03-05 08:00:00', '2024-03-05 09:30:00', nan]
    >>> read_times(pd.Series(["3/5/2024", "3/13/2024"])).dt.day.tolist()
    [5, 13]
    >>> read_times(pd.Series(["3/5/2024", "13/5/2024"])).dt.day.tolist()
    [3, 13]
    """
    times = _by_formats(written, _WRITTEN)
    slashed = written.where(times.isna())
    months = _by_formats(slashed, [_MONTH_FIRST + clock for clock in _CLOCKS])
    days = _by_formats(slashed, [_DAY_FIRST + clock for clock in _CLOCKS])
    return times.fillna(days if days.notna().sum() > months.notna().sum() else months)


def read_years(written: pd.Series) -> pd.Series:
    """Read years from 1900 to 2100: "2024", "2024.0", "FY2024", or the year of a date; NA elsewhere.

    Examples
    --------
    >>> read_years(pd.Series(["2024", "FY 2023", "2022-12-31", "31.12.2021", "24"])).tolist()
    [2024, 2023, 2022, 2021, <NA>]
    """
    plain = pd.to_numeric(written.str.extract(_YEAR, expand=False))
    dated = read_times(written.where(written.str.contains(_DATE, na=False))).dt.year
    years = plain.fillna(dated)
    return years.where(years.between(1900, 2100)).astype("Int64")


def _by_formats(written: pd.Series, formats: Sequence[str]) -> pd.Series:
    """Read each text by the first format that fits it."""
    times = pd.Series(pd.NaT, index=written.index, dtype="datetime64[us]")
    for pattern in formats:
        left = times.isna() & written.notna()
        if left.any():
            read = pd.to_datetime(written[left], format=pattern, errors="coerce", utc=True)
            times = times.where(~left, read.dt.tz_localize(None).astype("datetime64[us]"))
    return times
