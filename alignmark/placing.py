"""Where every company stands: among all, among its peers, in which class, how far from the best, however it is made."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from alignmark.measuring import Measured
from alignmark.peering import peer_ladder, with_peer_columns
from alignmark.study import Study
from analysis.benchmark.classes import BEST, Classes
from analysis.benchmark.composites import Composites, composites
from analysis.benchmark.distances import distances
from analysis.benchmark.memberships import memberships
from analysis.benchmark.peers import PeerLadder
from analysis.benchmark.position import positions
from analysis.measure.alignment import alignment_error
from analysis.measure.panel import Panel

PLACES = (
    "percentile",
    "percentile_low",
    "percentile_high",
    "rank",
    "rank_low",
    "rank_high",
    "best_probability",
    "note",
)
AMONG_PEERS = {"peers": "peer_group", "rung": "peer_rung", "n_peers": "peer_n"} | {
    name: f"peer_{name}" for name in PLACES
}
"""Columns of `positions`, and what they are called where the others are the closest peers."""

CLASSED = {"class": "index_class", "probability": "class_probability"}
"""Columns of `memberships`, and what they are called among those of a company."""

AWAY = {
    "estimate": "distance_{}", "conf_low": "distance_{}_low", "conf_high": "distance_{}_high",
    "standardised": "standardised_{}", "standardised_low": "standardised_{}_low",
    "standardised_high": "standardised_{}_high",
}  # fmt: skip
"""Columns of `distances`, and what they are called among those of a company, per construct."""

NO_COMPOSITES = ("composite_rank_best", "composite_rank_worst", "composite_class_share")


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Where the companies of a wave stand.

    Parameters
    ----------
    companies
        One row per company, see `place_companies`.
    composites
        The index made in other ways; None without constructs.
    ladder
        How peers were chosen; None where nothing is known of the companies.
    """

    companies: pd.DataFrame
    composites: Composites | None = None
    ladder: PeerLadder | None = field(default=None)


def place_companies(
    panel: Panel,
    measured: Measured,
    study: Study,
    *,
    classes: dict[str, Classes],
    wave: int,
    rng: np.random.Generator,
) -> Placed:
    """Place the companies of a wave.

    Parameters
    ----------
    panel
        Companies by wave, with what is known of them.
    measured
        Reliability, shrunken scores and agreement.
    study
        The rules of peers, composites and classes.
    classes
        As the study declares them.
    wave
        The wave.
    rng
        Makes the draws.

    Returns
    -------
    Placed
        Its companies have the columns of `positions` among all companies of the wave; the values of `AMONG_PEERS`,
        the same among the closest group of the ladder that is large enough (absent where nothing is known of the
        companies); ``index_class, class_probability, average_probability, laggard_probability`` (classes cut on the
        index, `memberships`); ``class_outcomes, class_practices`` (as declared, empty without one);
        ``composite_rank_best, composite_rank_worst`` over all composites and ``composite_class_share``; the distances
        from the best in class of all waves, as the pack has them, as in `AWAY`; then the values of
        `Measured.companies`.

    Raises
    ------
    InputError
        If a peer group names a value that no company has.
    """
    best, laggard = _shares(study)
    now = panel.wave(wave).frame
    table = positions(panel, wave, rng=rng, best=best).drop(columns=["peers", "rung"])
    grouped = with_peer_columns(panel, study.peers)
    ladder = peer_ladder(grouped.frame, study)
    if ladder is not None:
        near = positions(grouped, wave, rng=rng, ladder=ladder, best=best)
        table = table.merge(
            near.rename(columns=AMONG_PEERS)[["company", *AMONG_PEERS.values()]], on="company"
        )
    table = _with_classes(table, now, rng=rng, best=best, laggard=laggard)
    for basis, found in classes.items():
        of = found.frame[found.frame["wave"] == wave].set_index("company")["class"]
        table[f"class_{basis}"] = table["company"].map(of).fillna("").astype("str")
    made = _composites(panel, measured, study, wave)
    by_index = now["company"].isin(table.loc[table["index_class"] == BEST, "company"])
    away = _distances(now, _best(panel, classes, now[by_index]), measured, study, wave=wave)
    parts = [_of_composites(made), _wide(away), measured.companies(wave)]
    for part in parts:
        table = table.merge(part, on="company", how="left") if len(part.columns) > 1 else table
    return Placed(table, made, ladder)


def _shares(study: Study) -> tuple[float, float]:
    """Return the shares of best in class and laggards."""
    rule = study.classes.on_outcomes
    return (0.2, 0.3) if rule is None else (rule.best, rule.laggard)


def _with_classes(
    table: pd.DataFrame, now: pd.DataFrame, *, rng: np.random.Generator, best: float, laggard: float
) -> pd.DataFrame:
    """Add the class cut on the index; all probabilities of a company come of the same draws and add up to 1."""
    found = memberships(now, rng=rng, best=best, laggard=laggard).set_index("company")
    known = table["best_probability"].notna()
    table["best_probability"] = table["company"].map(found["best_probability"]).where(known)
    for name, called in CLASSED.items():
        table[called] = table["company"].map(found[name])
    for name in ("average_probability", "laggard_probability"):
        table[name] = table["company"].map(found[name])
    return table


def _composites(panel: Panel, measured: Measured, study: Study, wave: int) -> Composites | None:
    now = panel.wave(wave).frame
    parts = [name for name in panel.instrument.alignment_constructs if name in now]
    if not parts:
        return None
    alpha: dict[str, float] = {}
    if not measured.reliability.empty:
        here = measured.reliability[measured.reliability["wave"] == wave]
        alpha = {str(name): float(part["alpha"].mean()) for name, part in here.groupby("construct")}
    gaps = {name: f"gap_{name}" for name in parts if f"gap_{name}" in now}
    best, laggard = _shares(study)
    return composites(
        now, parts, reliability=alpha, gaps=gaps, ways=study.composites.ways,
        classes=(best, max(1 - best - laggard, 0.0), laggard),
    )  # fmt: skip


def _of_composites(made: Composites | None) -> pd.DataFrame:
    if made is None:
        return pd.DataFrame(columns=["company", *NO_COMPOSITES])
    told = dict(zip(("rank_best", "rank_worst", "class_share"), NO_COMPOSITES, strict=True))
    return made.by_company().rename(columns=told)[["company", *told.values()]]


def _best(panel: Panel, classes: dict[str, Classes], by_index: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the best in class: by outcomes, else by practices, in all waves; else by the index of one."""
    for found in classes.values():
        first = found.frame.loc[found.frame["class"] == found.names[0], ["company", "wave"]]
        return panel.frame.merge(first, on=["company", "wave"])
    return by_index


def _distances(
    now: pd.DataFrame, best: pd.DataFrame, measured: Measured, study: Study, *, wave: int
) -> pd.DataFrame:
    """Return the distances from the best; nothing where these are too few."""
    constructs = measured.panel.instrument.alignment_constructs
    levels = ["alignment", *(name for name in constructs if name in now)]
    # One of the best is left out of its own comparison.
    if best["company"].nunique() <= study.disclosure.minimum_companies:
        return pd.DataFrame()
    with_errors = _with_errors(now, measured, levels, wave)
    errors = {name: f"{name}_se" for name in levels if f"{name}_se" in with_errors}
    return distances(with_errors, best, variables=levels, errors=errors)


def _with_errors(now: pd.DataFrame, measured: Measured, levels: list[str], wave: int) -> pd.DataFrame:
    """Add the sampling error of each construct's level, as that of the index is found."""
    if measured.scores.empty:
        return now
    scores = measured.scores[measured.scores["wave"] == wave]
    errors = {
        f"{name}_se": now["company"].map(alignment_error(scores, [name]).droplevel("wave"))
        for name in levels
        if name in scores
    }
    return now.assign(**errors)


def _wide(away: pd.DataFrame) -> pd.DataFrame:
    """Give each company one row, with the distances construct by construct."""
    if away.empty:
        return pd.DataFrame(columns=["company"])
    variables = list(dict.fromkeys(away.sort_values("variable")["variable"]))
    wide = away.pivot_table(index="company", columns="variable", values=[*AWAY], dropna=False, sort=False)
    columns = {AWAY[value].format(name): wide[value, name] for name in variables for value in AWAY}
    return pd.DataFrame(columns, index=wide.index).reset_index()
