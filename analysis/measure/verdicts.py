"""Is it measured: each construct's reliability and agreement against the field's cut-offs."""

import pandas as pd

CHECKS = {
    "alpha": (0.80, 0.70),
    "rwg_j": (0.71, 0.51),
    "icc1": (0.25, 0.10),
    "icc2": (0.70, 0.50),
}
"""Values from which a check is good, and fair. Alpha: Nunnally and Bernstein (1994). rwg(j) and ICC: LeBreton
and Senter (2008); ICC(2) below 0.70 means that company scores from these few informants are unreliable."""


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
        ``construct, check, value, level, n, reason``: check is a key of `CHECKS`; value is alpha, the
        median rwg(j) over companies with two informants of a function, ICC(1) or ICC(2), each the lowest
        over functions; level is "good", "fair" or "weak", missing with the value; n counts respondents,
        for rwg(j) company and function groups.

    Examples
    --------
    >>> alpha = pd.DataFrame({"construct": ["goals"], "function": "", "wave": 1, "alpha": 0.75, "n": 90, "note": ""})
    >>> none = pd.DataFrame({"construct": ["goals"], "function": "", "wave": 1, "icc1": 0.3, "icc2": 0.4, "n": 90})
    >>> rated = pd.DataFrame({"construct": ["goals"], "function": "", "wave": 1, "rwg_j": 0.8})
    >>> checks = measurement_checks(alpha, rated, none.assign(note=""), wave=1)
    >>> dict(zip(checks["check"], checks["level"]))
    {'alpha': 'fair', 'rwg_j': 'good', 'icc1': 'good', 'icc2': 'weak'}
    """
    parts = [
        _weakest(reliability[reliability["wave"] == wave], "alpha"),
        _agreed(agreement[(agreement["wave"] == wave) & agreement["rwg_j"].notna()]),
        _weakest(icc[icc["wave"] == wave], "icc1"),
        _weakest(icc[icc["wave"] == wave], "icc2"),
    ]
    table = pd.concat(parts, ignore_index=True)
    order = {name: place for place, name in enumerate(reliability["construct"].unique())}
    table = table[table["construct"].isin(order)].sort_values(
        ["construct", "check"],
        key=lambda keys: keys.map({**order, **{name: i for i, name in enumerate(CHECKS)}}),
        ignore_index=True,
    )
    levels = [_level(value, check) for value, check in zip(table["value"], table["check"], strict=True)]
    return table.assign(level=pd.Series(levels, index=table.index, dtype="str"))


def _weakest(table: pd.DataFrame, check: str) -> pd.DataFrame:
    """Keep the function with the lowest value; one without a value counts as the lowest."""
    ordered = table.sort_values(check, na_position="first", kind="stable")
    lowest = ordered.drop_duplicates("construct")[["construct", check, "n", "note"]]
    return lowest.rename(columns={check: "value", "note": "reason"}).assign(check=check)


def _agreed(table: pd.DataFrame) -> pd.DataFrame:
    groups = table.groupby(["construct", "function"])["rwg_j"].agg(value="median", n="size").reset_index()
    lowest = groups.sort_values("value", kind="stable").drop_duplicates("construct")
    return lowest[["construct", "value", "n"]].assign(check="rwg_j", reason="")


def _level(value: float, check: str) -> str | None:
    if pd.isna(value):
        return None
    good, fair = CHECKS[check]
    return "good" if value >= good else "fair" if value >= fair else "weak"
