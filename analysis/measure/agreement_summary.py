"""Agreement over the companies of a construct: how often it is negative, and how often more than chance."""

import pandas as pd


def negative_counts(table: pd.DataFrame) -> pd.DataFrame:
    """Count the negative values of rwg(j) that were set to 0, as LeBreton and Senter (2008) ask.

    Parameters
    ----------
    table
        From `agreement`.

    Returns
    -------
    DataFrame
        construct, wave, function, null, n (groups of two or more informants), n_negative, median (of
        rwg(j), NaN without such groups).
    """
    known = table[table["n"] > 1]
    by = ["construct", "wave", "function"]
    parts = []
    for name in [name for name in map(str, table) if name.startswith("rwg_j")]:
        shape = name.removeprefix("rwg_j").removeprefix("_")
        columns = known[by].assign(value=known[name], negative=known[f"negative_{shape}".rstrip("_")])
        counted = columns.groupby(by, sort=False).agg(
            n=("value", "size"), n_negative=("negative", "sum"), median=("value", "median")
        )
        every = pd.MultiIndex.from_frame(table[by].drop_duplicates())
        found = counted.reindex(every).fillna({"n": 0, "n_negative": 0}).reset_index()
        parts.append(found.assign(null=shape or "uniform"))
    result = pd.concat(parts, ignore_index=True).astype({"n": "int64", "n_negative": "int64"})
    return result[[*by, "null", "n", "n_negative", "median"]]


def significant_share(tested: pd.DataFrame, *, level: float = 0.05) -> pd.DataFrame:
    """Return the share of companies whose informants agree more than chance, where `level` would by chance.

    Parameters
    ----------
    tested
        From `agreement_significance`.
    level
        Up to which p-value a company counts.

    Returns
    -------
    DataFrame
        construct, wave, function, n (companies tested), significant (of them), share (0-1), expected (`level`).
    """
    known = tested[tested["p_value"].notna()]
    known = known.assign(significant=known["p_value"] <= level)
    counted = known.groupby(["construct", "wave", "function"], sort=False)["significant"].agg(["size", "sum"])
    counted = counted.rename(columns={"size": "n", "sum": "significant"}).reset_index()
    return counted.assign(share=counted["significant"] / counted["n"], expected=level)
