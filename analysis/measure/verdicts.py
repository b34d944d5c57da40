"""Is it measured: each construct's reliability and agreement against the field's cut-offs."""

import numpy as np
import pandas as pd

from analysis.measure.icc import ALIKE, ALONE, told, too_few
from survey.language import look_up, mark

LEVEL = 0.05
"""Of the test that companies differ."""

SAME = mark(
    "everybody gave the same answers: agreement cannot be told from a question that tells nobody apart"
)

CHECKS = {
    "alpha": (0.80, 0.70),
    "rwg_j": (0.71, 0.51),
    "icc2": (0.70, 0.50),
}
"""Values from which a check is good, and fair. Alpha: Nunnally and Bernstein (1994). rwg(j) and ICC: LeBreton
and Senter (2008); ICC(2) below 0.70 means that company scores from these few informants are unreliable."""

FIT_CUTS = {"cfi": (0.95, 0.90), "tli": (0.95, 0.90), "rmsea": (0.06, 0.08), "srmr": (0.08, 0.10)}
"""Values up to which, for CFI and TLI from which, a factor model fits well, and fairly (Hu and Bentler 1999,
Structural Equation Modeling 6; Browne and Cudeck 1992, Sociological Methods and Research 21)."""

HTMT_CUTS = (0.85, 0.90)
"""HTMT up to which two constructs are two, and up to which they may be (Henseler, Ringle and Sarstedt 2015)."""


def measurement_checks(
    reliability: pd.DataFrame, agreement: pd.DataFrame, icc: pd.DataFrame, *, wave: int
) -> pd.DataFrame:
    """Put the checks of one wave side by side, construct by construct, the weaker function counting.

    Parameters
    ----------
    reliability, agreement, icc
        As `reliability`, `agreement` and `icc` return them.
    wave
        The wave to take.

    Returns
    -------
    DataFrame
        ``construct, check, value, level, n, companies, reason``: check is a key of `CHECKS`; value is alpha,
        the median rwg(j) over companies with two informants of a function, or ICC(2) (0 where negative), each
        the lowest over functions; level is "good", "fair" or "weak", missing with the value, and then reason says
        why; n
        counts respondents, for rwg(j) company and function groups.

    Examples
    --------
    >>> alpha = pd.DataFrame({"construct": ["goals"], "function": "", "wave": 1, "alpha": 0.75, "n": 90})
    >>> alpha = alpha.assign(companies=30, note="")
    >>> none = pd.DataFrame({"construct": ["goals"], "function": "", "wave": 1, "icc2": 0.4, "n": 90, "groups": 30})
    >>> rated = pd.DataFrame({"construct": ["goals"], "function": "", "wave": 1, "rwg_j": 0.8})
    >>> checks = measurement_checks(alpha, rated, none.assign(note=""), wave=1)
    >>> dict(zip(checks["check"], checks["level"]))
    {'alpha': 'fair', 'rwg_j': 'good', 'icc2': 'weak'}
    """
    parts = [
        _weakest(reliability[reliability["wave"] == wave], "alpha"),
        _agreed(agreement[agreement["wave"] == wave], flat=icc[(icc["wave"] == wave) & _flat(icc)]),
        _weakest(_told(icc[icc["wave"] == wave]), "icc2"),
    ]
    table = pd.concat(parts, ignore_index=True)
    order = {name: place for place, name in enumerate(reliability["construct"].unique())}
    table = table[table["construct"].isin(order)].sort_values(
        ["construct", "check"],
        key=lambda keys: keys.map({**order, **{name: i for i, name in enumerate(CHECKS)}}),
        ignore_index=True,
    )
    levels = [
        level_of(value, CHECKS[check]) for value, check in zip(table["value"], table["check"], strict=True)
    ]
    return table.assign(level=pd.Series(levels, index=table.index, dtype="str"))


def _weakest(table: pd.DataFrame, check: str) -> pd.DataFrame:
    """Keep the function with the lowest value; one without a value counts as the lowest."""
    ordered = table.sort_values(check, na_position="first", kind="stable")
    lowest = ordered.drop_duplicates("construct")[["construct", check, "n", "companies", "note"]]
    return lowest.rename(columns={check: "value", "note": "reason"}).assign(check=check)


def _flat(icc: pd.DataFrame) -> "pd.Series[bool]":
    """Tell where everybody of a function gave one answer: neither within nor between companies anything differs."""
    return icc["icc2"].isna() & icc["note"].eq(look_up(ALIKE))


def _told(icc: pd.DataFrame) -> pd.DataFrame:
    """Return ICC(2) as it is shown, with the reason where too few companies tell it."""
    clear = icc["p_value"] <= LEVEL if "p_value" in icc else pd.Series(data=False, index=icc.index)
    few = icc["groups"].map(too_few).where(icc["icc2"].notna() & ~clear, "")
    shown = told(icc["icc2"], icc["groups"], clear=clear)
    return icc.assign(companies=icc["groups"], icc2=shown, note=icc["note"].mask(few.ne(""), few))


def _agreed(table: pd.DataFrame, *, flat: pd.DataFrame) -> pd.DataFrame:
    """Return the median of the function where it is lowest; one where nobody can agree counts as the lowest."""
    keys = ["construct", "function"]
    groups = table.groupby(keys)["rwg_j"].agg(value="median", n="count").reset_index()
    same = pd.MultiIndex.from_frame(groups[keys]).isin(pd.MultiIndex.from_frame(flat[keys]))
    groups["value"] = groups["value"].mask(same)
    groups["reason"] = np.where(same, look_up(SAME), np.where(groups["value"].isna(), look_up(ALONE), ""))
    lowest = groups.sort_values("value", na_position="first", kind="stable").drop_duplicates("construct")
    reason = lowest["reason"]
    return lowest[["construct", "value", "n"]].assign(check="rwg_j", companies=lowest["n"], reason=reason)


def level_of(value: float, cuts: tuple[float, float]) -> str | None:
    """Return "good", "fair" or "weak" by two cut-offs, missing with the value.

    More is better where the first cut-off is the higher one.

    Examples
    --------
    >>> level_of(0.96, FIT_CUTS["cfi"]), level_of(0.07, FIT_CUTS["rmsea"]), level_of(0.2, FIT_CUTS["srmr"])
    ('good', 'fair', 'weak')
    """
    if pd.isna(value):
        return None
    good, fair = cuts
    if good < fair:
        value, good, fair = -value, -good, -fair
    return mark("good") if value >= good else mark("fair") if value >= fair else mark("weak")
