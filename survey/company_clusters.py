"""Names that are one company, found among the names themselves and without contradiction."""

from collections.abc import Callable, Collection, Mapping

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from survey.company_candidates import candidate_pairs
from survey.company_names import name_with_form, normalise_name
from survey.company_similarity import score_pairs, words_of_names
from survey.entity_resolution import (
    DEFAULT,
    EXACT,
    NEW,
    NO_DECISIONS,
    NONE,
    RESULT,
    CompanyRules,
    Resolution,
    by_response,
    decided,
    most_frequent,
    nearest,
    other_form,
    other_place,
    spellings,
)

LARGEST = 200
"""A chain of more accepted names is not looked through; it goes to review as a whole."""

Clash = Callable[[np.ndarray, np.ndarray], np.ndarray]

OTHER_FORM = 0.85
"""Highest score of two names with different legal forms, such as "Ltd" and "plc": they may be two companies."""

TORN = "like it, but not like all that are"
"""Why a pair that scores high enough is not accepted."""


def resolve_among(
    names: pd.Series,
    *,
    rules: CompanyRules = DEFAULT,
    decisions: Mapping[str, str] = NO_DECISIONS,
    places: pd.Series | None = None,
) -> Resolution:
    """Find the names that are one company, without a list of companies.

    A company is called by the most frequent spelling of its names, of equals the first in the alphabet. Where
    accepted pairs would join two names that clash (they score below review), none of the pairs is accepted.

    Parameters
    ----------
    names
        One name per response; NA where there is none.
    rules
        Where the bands begin, and what names no company.
    decisions
        By name: what somebody decided: another name, "new" or "none"; see `survey.company_review`.
    places
        Address, postal code or region of each response, if known. Names at different places are not taken for
        one company, even if they are the same.

    Examples
    --------
    >>> names = pd.Series(["Acme Tool Works", "Acme Tool Works", "ACME Tool Work Ltd", "Bolt", "n/a"])
    >>> resolve_among(names).companies.tolist()
    ['Acme Tool Works', 'Acme Tool Works', 'Acme Tool Works', 'Bolt', nan]
    """
    counted, which = spellings(names, places, no_company=rules.no_company)
    counted["said"] = decided(counted["full"], decisions)
    counted["nobody"] &= counted["said"].isna()
    units = most_frequent(counted[~counted["nobody"]], ["full", "key", "form", "place"])
    units["said"] = decided(units["full"], decisions)
    score = _Score(units)
    pairs = score(*score.candidates())
    labels, torn = consistent_clusters(
        pairs[pairs["score"] >= rules.accept],
        len(units),
        clash=lambda one, other: score.clash(one, other, below=rules.review),
        settled=units["said"].notna().to_numpy(),
    )
    units["said"] = units["said"].fillna(units.groupby(labels)["said"].transform("first"))
    units["cluster"] = _with_decisions(labels, units)
    units["company"] = _called(units)
    pairs.loc[torn[pairs["one"].to_numpy()] & (pairs["score"] >= rules.accept), "why"] = TORN
    candidates = _in_review(pairs, units, rules)
    known = _banded(units, pairs[pairs["score"] >= rules.accept], set(candidates["name"]))
    frame = counted.drop(columns="said").merge(known, on=["full", "place"], how="left")
    frame["band"] = frame["band"].fillna(NONE)
    return Resolution(by_response(frame, which), frame[["name", "place", "key", "n", *RESULT]], candidates)


def consistent_clusters(
    accepted: pd.DataFrame, size: int, *, clash: Clash, settled: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Join names along accepted pairs, except where that would join two names that clash.

    Where two names of a cluster clash, no pair of it is accepted, whatever its score: all go to review. A name
    that is `settled` is taken out of such a cluster before.

    Parameters
    ----------
    accepted
        Pairs of positions (one, other).
    size
        Number of names.
    clash
        Says of pairs of positions whether they cannot be one company.
    settled
        Names of which somebody has decided what they are.

    Returns
    -------
    labels : numpy.ndarray of int
        Cluster of each name.
    torn : numpy.ndarray of bool
        Names whose accepted pairs were given up.

    Examples
    --------
    >>> pairs = pd.DataFrame({"one": [0, 1, 3], "other": [1, 2, 4]})
    >>> labels, torn = consistent_clusters(
    ...     pairs, 5, clash=lambda one, other: (one == 0) & (other == 2), settled=np.zeros(5, dtype=bool)
    ... )
    >>> labels.tolist(), torn.tolist()
    ([0, 1, 2, 3, 3], [True, True, True, False, False])
    """
    one, other = accepted["one"].to_numpy(), accepted["other"].to_numpy()
    labels = _components(one, other, size)
    torn = _torn(labels, clash)
    if not torn.any():
        return labels, torn
    kept = ~(torn[one] & (settled[one] | settled[other]))
    torn = _torn(_components(one[kept], other[kept], size), clash)
    kept &= ~torn[one]
    return _components(one[kept], other[kept], size), torn


class _Score:
    """Scores pairs of names that may stand at places."""

    def __init__(self, units: pd.DataFrame) -> None:
        self.units = units
        self.table = words_of_names(units["name"].to_list())

    def __call__(self, one: np.ndarray, other: np.ndarray) -> pd.DataFrame:
        """Return one, other, score and why."""
        pairs = score_pairs(self.table, one, other)
        first, second = self.units.iloc[one], self.units.iloc[other]
        same = first["key"].to_numpy() == second["key"].to_numpy()
        pairs.loc[same, ["score", "why"]] = EXACT, "same name"
        elsewhere = other_place(first["place"], second["place"])
        pairs.loc[elsewhere, ["score", "why"]] = 0.0, "other place"
        formed = other_form(first["form"], second["form"]) & (pairs["score"] > OTHER_FORM)
        pairs.loc[formed, ["score", "why"]] = OTHER_FORM, "other legal form"
        return pairs

    def clash(self, one: np.ndarray, other: np.ndarray, *, below: float) -> np.ndarray:
        """Say of pairs whether they score below review or have two legal forms."""
        low = (self(one, other)["score"] < below).to_numpy(dtype=bool)
        forms = self.units["form"]
        clash: np.ndarray = low | other_form(forms.iloc[one], forms.iloc[other])
        return clash

    def candidates(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the pairs to compare: of similar names, and of one name at several places."""
        everyone = np.arange(len(self.units))
        one, other = candidate_pairs(self.table, everyone, everyone)
        same = _pairs_within(pd.factorize(self.units["key"])[0])
        pairs = np.unique(np.concatenate([np.column_stack([one, other]), same]), axis=0)
        return pairs[:, 0], pairs[:, 1]


def _with_decisions(labels: np.ndarray, units: pd.DataFrame) -> np.ndarray:
    """Join clusters of which somebody decided that they are one company."""
    said = units["said"].where(~units["said"].isin([NEW, NONE]))
    by_form = name_with_form(said).map(_first(units["full"]))
    target = by_form.fillna(normalise_name(said).map(_first(units["key"]))).to_numpy(dtype=float)
    some = np.flatnonzero(~np.isnan(target))
    heads = pd.Series(np.arange(len(labels))).groupby(labels).transform("first").to_numpy()
    one = np.concatenate([np.arange(len(labels)), some])
    other = np.concatenate([heads, target[some].astype(int)])
    return _components(one, other, len(labels))


def _first(values: pd.Series) -> pd.Series:
    """First position of each value."""
    places = pd.Series(np.arange(len(values)), index=values.to_numpy())
    return places[~places.index.duplicated()]


def _called(units: pd.DataFrame) -> pd.Series:
    """Name of each unit's company; NA where somebody decided that it is none. Namesakes get their place added."""
    heads = _heads(units)
    namesakes = heads["name"].duplicated(keep=False) & (heads["place"] != "")
    called = heads["name"].where(~namesakes, heads["name"] + " (" + heads["place"] + ")")
    nobody = units.loc[units["said"] == NONE, "cluster"]
    return units["cluster"].map(called.drop(nobody.unique())).astype("str")


def _heads(units: pd.DataFrame) -> pd.DataFrame:
    """The unit by which each cluster is called: the most frequent, of equals the first in the alphabet.

    A name of which somebody decided that it is another company's is not what the company is called.
    """
    elsewhere = units["said"].notna() & ~units["said"].isin([NEW, NONE])
    order = units.assign(elsewhere=elsewhere)
    order = order.sort_values(["elsewhere", "n", "name", "place"], ascending=[True, False, True, True])
    return order.drop_duplicates("cluster").set_index("cluster")


def _in_review(pairs: pd.DataFrame, units: pd.DataFrame, rules: CompanyRules) -> pd.DataFrame:
    """What each company could be whose names come near those of another, unless somebody decided."""
    open_units = units["company"].where(units["said"].isna())
    one, other = (open_units.to_numpy()[pairs[side].to_numpy()] for side in ("one", "other"))
    found = pairs.assign(name=one, company=other)
    found = pd.concat([found, found.assign(name=other, company=one)])
    found = found[found["name"].notna() & found["company"].notna() & (found["name"] != found["company"])]
    near = found.loc[found["score"] >= rules.review, "name"]
    found = found[found["name"].isin(near) & (found["score"] > 0)]
    return nearest(found.assign(called=found["company"]))


def _banded(units: pd.DataFrame, accepted: pd.DataFrame, in_review: Collection[str]) -> pd.DataFrame:
    """Band, score and why of each unit: accepted if its company is called by another name."""
    cluster = units["cluster"].to_numpy()
    within = accepted[cluster[accepted["one"]] == cluster[accepted["other"]]]
    both = pd.concat([within, within.rename(columns={"one": "other", "other": "one"})])
    best = both.sort_values(["one", "score", "why"], ascending=[True, False, True]).drop_duplicates("one")
    best = best.set_index("one").reindex(units.index)
    head = units["cluster"].map(_heads(units)["key"])
    kinds = {
        "decided": units["said"].notna() | ((head != units["key"]) & best["score"].isna()),
        "accept": (head != units["key"]) & best["score"].notna(),
        "review": units["company"].isin(in_review),
    }
    band = np.select(list(kinds.values()), list(kinds), "exact")
    joined = band == "accept"
    return units[["full", "place", "company"]].assign(
        band=band,
        score=best["score"].where(joined, EXACT),
        why=best["why"].where(joined, ""),
        asked=units["company"].where(units["company"].isin(in_review)),
    )


def _pairs_within(labels: np.ndarray) -> np.ndarray:
    """Return all pairs of positions with the same label, the smaller position first."""
    members = pd.DataFrame({"label": labels, "one": np.arange(len(labels))})
    some = members[members.groupby("label")["one"].transform("size").between(2, LARGEST)]
    both = some.merge(some.rename(columns={"one": "other"}), on="label")
    return both.loc[both["one"] < both["other"], ["one", "other"]].to_numpy()


def _components(one: np.ndarray, other: np.ndarray, size: int) -> np.ndarray:
    graph = sparse.csr_array((np.ones(len(one)), (one, other)), shape=(size, size))
    labels: np.ndarray = connected_components(graph, directed=False)[1]
    return labels


def _torn(labels: np.ndarray, clash: Clash) -> np.ndarray:
    """Say which names are in a cluster that holds a contradiction, or is too large to look through."""
    sizes = np.bincount(labels)
    chains = np.where(sizes[labels] > 2, labels, -1 - np.arange(len(labels)))
    one, other = _pairs_within(chains).T
    bad = labels[one[clash(one, other)]] if len(one) else labels[:0]
    torn: np.ndarray = np.isin(labels, bad) | (sizes > LARGEST)[labels]
    return torn
