"""Where a company stands among its peers, and how sure that is."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.benchmark.peers import EVERYBODY, PeerLadder, peer_groups
from analysis.benchmark.plausible_ranks import DECIMALS, FEWEST, SLACK, plausible_ranks, relative
from analysis.benchmark.ranks import marginal_ranks, simultaneous_ranks
from analysis.infer.columns import Floats, numeric
from analysis.measure.panel import Panel

BEST = 0.2
"""Share of the companies of a group that are its best in class."""

SURELY, PERHAPS, SURELY_NOT = "yes", "cannot be told", "no"

ALONE = "no percentile and no rank: there is no other company to compare with"
FEW = f"no plausible ranks: fewer than {FEWEST} companies of the group have a sampling error"

NO_GROUP = "no percentile and no rank: too few companies share anything that the ladder names"
NO_BEST = "no best in class: that share of so few companies is less than one"

RANKS = (
    *("percentile", "percentile_low", "percentile_high", "rank", "rank_low", "rank_high"),
    *(
        "rank_all_low",
        "rank_all_high",
        "plausible_rank_low",
        "plausible_rank_high",
        "best_probability",
        "alike",
    ),
)
COLUMNS = (
    *(
        "company",
        "alignment",
        "conf_low",
        "conf_high",
        "peers",
        "rung",
        "n_peers",
        *RANKS,
        "distinct_best",
        "note",
    ),
)

Flags = NDArray[np.bool_]


def positions(
    panel: Panel, wave: int, *, rng: np.random.Generator, ladder: PeerLadder | None = None, best: float = BEST
) -> pd.DataFrame:
    """Percentile and rank of each company among its peers of a wave, with their uncertainty.

    The percentile is the share of peers below plus half of those level with the company (mid-rank,
    Berk and MacArthur's convention of percentile ranks), itself not counted. Where the panel has weights it is the
    share of the peers' weight, as norms are, and so is the share that is the best in class; ranks count companies.
    Two kinds of uncertainty stand side by side. Rank sets hold every rank that pairwise comparisons of index and
    sampling error cannot rule out: safe whatever the other companies are like, and wide (`marginal_ranks` for a
    reader who looks at one company, `simultaneous_ranks` for one who looks at the whole list). Plausible intervals
    take the companies for draws of one normal population (`plausible_ranks`): shorter, and right on average over
    companies.

    Parameters
    ----------
    panel
        Companies by wave, with their ``weight`` where they count differently.
    wave
        The wave to rank in.
    rng
        Makes the draws.
    ladder
        How peers are chosen; all companies of the wave if None.
    best
        Share of a group, or of its weight, that is its best in class.

    Returns
    -------
    DataFrame
        ``company, alignment, conf_low, conf_high`` (normal interval from ``alignment_se``, clipped to the scale),
        ``peers`` (in words), ``rung`` (of the ladder), ``n_peers``, ``percentile``, ``percentile_low,
        percentile_high`` (0-100; plausible),
        ``rank`` (1 the highest, the best of those level), ``rank_low, rank_high`` (for one company),
        ``rank_all_low, rank_all_high`` (for all), ``plausible_rank_low, plausible_rank_high``,
        ``best_probability`` (0-1, of being among the best share), ``alike`` (peers that the company cannot be
        told apart from), ``distinct_best`` (is it among the best: "yes", "cannot be told", "no", from its
        rank set), ``note``, one row per company with an index, sorted by company. What is NaN the note explains.

    Raises
    ------
    InputError
        If there is no such wave, or the panel has no alignment or none of the ladder's columns.

    Examples
    --------
    >>> from survey.instrument import read_instrument
    >>> frame = pd.DataFrame({"company": list("abcde"), "wave": 2025, "alignment": [20.0, 50, 52, 70, 95]})
    >>> panel = Panel(frame.assign(alignment_se=3.0), read_instrument("alignment"), {})
    >>> table = positions(panel, 2025, rng=np.random.default_rng(1))
    >>> table[["percentile", "rank", "rank_low", "rank_high", "alike"]].to_numpy()[2].tolist()
    [50.0, 3.0, 3.0, 4.0, 1.0]
    """
    frame = panel.wave(wave).frame
    numeric(frame, ["alignment"])
    known = frame[frame["alignment"].notna()].sort_values("company", ignore_index=True)
    table = _with_interval(known)
    reason = panel.unavailable.get("alignment_se", "the sampling error of its index is not known")
    table["note"] = pd.Series(
        np.where(table["alignment_se"].isna(), f"no interval: {reason}", ""), dtype="str"
    )
    parts = [
        _placed(table, among, rng, best)[serves].assign(**said)
        for said, among, serves in _groups(known, ladder)
    ]
    placed = pd.concat(parts) if parts else _placed(table, np.zeros(len(table), dtype=bool), rng, best)
    return placed.sort_values("company", ignore_index=True)[[*COLUMNS]]


def _groups(
    known: pd.DataFrame, ladder: PeerLadder | None
) -> Iterator[tuple[dict[str, str | int], Flags, Flags]]:
    """Yield what is said of each group, who belongs to it, and whom it serves; those without any, last."""
    every = np.ones(len(known), dtype=bool)
    if ladder is None:
        yield {"peers": EVERYBODY, "rung": 1}, every, every
        return
    found = peer_groups(known, ladder)
    for words, among, serves in found.groups():
        yield {"peers": words, "rung": int(found.frame.loc[serves, "rung"].iloc[0])}, among, serves
    none = (found.frame["rung"] == 0).to_numpy()
    if none.any():
        yield {"peers": "", "rung": 0}, ~every, none


def _placed(table: pd.DataFrame, among: Flags, rng: np.random.Generator, best: float) -> pd.DataFrame:
    """Place the companies of a group in it."""
    group = table[among]
    score, error = group["alignment"].to_numpy(float), group["alignment_se"].to_numpy(float)
    n, known, weight = len(group), ~np.isnan(error), relative(group["weight"].to_numpy(float))
    found = pd.DataFrame(np.nan, index=group.index, columns=[*RANKS]).assign(n_peers=max(n - 1, 0))
    found["distinct_best"] = pd.Series("", index=group.index, dtype="str")
    found["said"] = pd.Series(np.where(n < 2, ALONE, ""), index=group.index, dtype="str")
    if n > 1:
        found["percentile"] = _percentile(score, weight)
        found["rank"] = stats.rankdata(-score.round(DECIMALS), "min")
        _rank_sets(found, score, error, rng)
        plausible = plausible_ranks(score, error, rng=rng, weights=weight)
        found["plausible_rank_low"], found["plausible_rank_high"] = plausible.interval()
        found["percentile_low"], found["percentile_high"] = plausible.percentiles()
        size = _among_best(score, weight, best)
        found["best_probability"] = plausible.among_best(best) if size else np.nan
        found["distinct_best"] = _distinct(found, size)
        few = FEW if known.any() and not plausible.known.any() else ""
        found["said"] = "; ".join(part for part in (few, "" if size else NO_BEST) if part)
    whole = table.join(found)
    whole["n_peers"] = whole["n_peers"].fillna(0).astype("int64")
    said = whole["said"].fillna(NO_GROUP)
    both = whole["note"].str.cat(said, sep="; ")
    whole["note"] = both.where((whole["note"] != "") & (said != ""), whole["note"] + said)
    return whole.assign(distinct_best=whole["distinct_best"].fillna(""))


def _rank_sets(found: pd.DataFrame, score: Floats, error: Floats, rng: np.random.Generator) -> None:
    """Fill in the sets; a company without an error can be above or below any other."""
    known = ~np.isnan(error)
    if not known.any():
        return
    unknown = np.count_nonzero(~known)
    for words, (low, high) in (
        ("rank", marginal_ranks(score[known], error[known])),
        ("rank_all", simultaneous_ranks(score[known], error[known], rng=rng)),
    ):
        found.loc[known, f"{words}_low"], found.loc[known, f"{words}_high"] = low, high + unknown
    found["alike"] = found["rank_high"] - found["rank_low"]


def _distinct(found: pd.DataFrame, size: int) -> "pd.Series[str]":
    """Say whether a company is among the best of its group, as far as its rank set tells."""
    surely, surely_not = found["rank_high"] <= size, found["rank_low"] > size
    said = np.select([surely, surely_not, found["rank_low"].notna()], [SURELY, SURELY_NOT, PERHAPS], "")
    return pd.Series(said if size else "", index=found.index, dtype="str")


def _percentile(scores: Floats, weights: Floats) -> Floats:
    """Mid-rank percentile of each score among all others, by their weight."""
    rounded = scores.round(DECIMALS)
    order = np.argsort(rounded, kind="stable")
    up_to = np.concatenate([[0.0], np.cumsum(weights[order])])
    below, not_above = (
        up_to[np.searchsorted(rounded[order], rounded, side=side)] for side in ("left", "right")
    )
    level, others = not_above - below - weights, weights.sum() - weights
    found = np.divide(100 * (below + level / 2), others, out=np.full(len(scores), np.nan), where=others > 0)
    return np.asarray(found.clip(0, 100), dtype=np.float64)


def _among_best(scores: Floats, weights: Floats, best: float) -> int:
    """How many of the highest scores hold no more than this share of the weight."""
    up_to = np.cumsum(weights[np.argsort(-scores.round(DECIMALS), kind="stable")])
    return int(np.searchsorted(up_to, best * len(scores) + SLACK, side="right"))


def _with_interval(known: pd.DataFrame) -> pd.DataFrame:
    """Scores with their normal interval, and what each company counts."""
    score = known["alignment"].to_numpy(float)
    error = known["alignment_se"].to_numpy(float) if "alignment_se" in known else np.full(len(known), np.nan)
    reach = stats.norm.ppf(0.975) * error
    low, high = np.clip(score - reach, 0, 100), np.clip(score + reach, 0, 100)
    return pd.DataFrame({
        "company": known["company"], "alignment": score, "conf_low": low, "conf_high": high, "alignment_se": error,
        "weight": known["weight"].to_numpy(float) if "weight" in known else 1.0,
    })  # fmt: skip
