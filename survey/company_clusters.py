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
    OTHER_FORM,
    RESULT,
    CompanyRules,
    Resolution,
    at_their_places,
    by_response,
    decided,
    most_frequent,
    name_and_place,
    named_at,
    nearest,
    other_form,
    spellings,
)
from survey.places import SAME, UNKNOWN, Place, compare_places, meeting_points, places_of

LARGEST = 200
"""A chain of more accepted names is not looked through; it goes to review as a whole."""

Clash = Callable[[np.ndarray, np.ndarray], np.ndarray]

TORN = "like it, but not like all that are"
"""Why a pair that scores high enough is not accepted."""


def resolve_among(
    names: pd.Series,
    *,
    rules: CompanyRules = DEFAULT,
    decisions: Mapping[str, str] = NO_DECISIONS,
    places: pd.Series | pd.DataFrame | None = None,
) -> Resolution:
    """Find the names that are one company, without a list of companies.

    A company is called by the most frequent spelling of its names, of equals the first in the alphabet; of two
    of one name each has its town added or, where that does not tell them apart, a number. Where accepted pairs
    would join two names that clash (they score below review, or are not at one place), none of the pairs is
    accepted. Names without a known place are taken out of such a chain first: nobody knows whose they are.

    Parameters
    ----------
    names
        One name per response; NA where there is none.
    rules
        Where the bands begin, and what names no company.
    decisions
        By name: what somebody decided: another name, "new" or "none"; see `survey.company_review`.
    places
        Where each response is, if known: one text, or the columns of `survey.places.PLACE_COLUMNS`. Names at
        different places are not taken for one company, even if they are the same; names at one place are from a
        lower score on.

    Examples
    --------
    >>> names = pd.Series(["Acme Tool Works", "Acme Tool Works", "ACME Tool Work Ltd", "Bolt", "n/a"])
    >>> resolve_among(names).companies.tolist()
    ['Acme Tool Works', 'Acme Tool Works', 'Acme Tool Works', 'Bolt', nan]
    """
    lines, known = places_of(places, names.index)
    counted, which = spellings(names, lines, no_company=rules.no_company)
    counted["said"] = decided(counted["full"], counted["place"], decisions)
    counted["nobody"] &= counted["said"].isna()
    counted["unit"] = counted["name" if rules.same_name == "ask" else "full"]
    units = most_frequent(counted[~counted["nobody"]], ["unit", "full", "key", "form", "place"])
    units["said"] = decided(units["full"], units["place"], decisions)
    score = _Score(units, known, rules)
    pairs = score(*score.candidates())
    accepted = pairs[pairs["accepted"]]
    labels, torn = consistent_clusters(
        accepted, len(units), clash=score.clash, weak=_weak(accepted, units, placed=len(known) > 1)
    )
    units["said"] = units["said"].fillna(units.groupby(labels)["said"].transform("first"))
    units["cluster"] = _with_decisions(labels, units)
    units = units.join(_heads(units, known)[["asked", "company"]], on="cluster")
    pairs.loc[torn[pairs["one"].to_numpy()] & pairs["accepted"], "why"] = TORN
    candidates = _in_review(pairs, units)
    found = _banded(units, accepted, set(candidates["asked"]))
    frame = counted.drop(columns="said").merge(found, on=["unit", "place"], how="left")
    frame["band"] = frame["band"].fillna(NONE)
    return Resolution(by_response(frame, which), frame[["name", "place", "key", "n", *RESULT]], candidates)


def consistent_clusters(
    accepted: pd.DataFrame, size: int, *, clash: Clash, weak: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Join names along accepted pairs, except where that would join two names that clash.

    Where two names of a cluster clash, no pair of it is accepted, whatever its score: all go to review. Pairs
    that are `weak` are taken out of such a cluster before.

    Parameters
    ----------
    accepted
        Pairs of positions (one, other).
    size
        Number of names.
    clash
        Says of pairs of positions whether they cannot be one company.
    weak
        Which of the accepted pairs give way first.

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
    ...     pairs, 5, clash=lambda one, other: (one == 0) & (other == 2), weak=np.zeros(3, dtype=bool)
    ... )
    >>> labels.tolist(), torn.tolist()
    ([0, 1, 2, 3, 3], [True, True, True, False, False])
    """
    one, other = accepted["one"].to_numpy(), accepted["other"].to_numpy()
    labels = _components(one, other, size)
    torn = _torn(labels, clash)
    if not torn.any():
        return labels, torn
    kept = ~(torn[one] & weak)
    torn = _torn(_components(one[kept], other[kept], size), clash)
    kept &= ~torn[one]
    return _components(one[kept], other[kept], size), torn


class _Score:
    """Scores pairs of names that may stand at places."""

    def __init__(self, units: pd.DataFrame, known: Mapping[str, Place], rules: CompanyRules) -> None:
        self.units, self.known, self.rules = units, known, rules
        self.table = words_of_names(units["name"].to_list())

    def __call__(self, one: np.ndarray, other: np.ndarray) -> pd.DataFrame:
        """Return one, other, score, why, relation of the places, whether the pair is accepted, asked about, a clash."""
        pairs = score_pairs(self.table, one, other)
        first, second = self.units.iloc[one], self.units.iloc[other]
        same = first["key"].to_numpy() == second["key"].to_numpy()
        pairs.loc[same, ["score", "why"]] = EXACT, "same name"
        relation = compare_places(first["place"], second["place"], self.known)
        pairs = at_their_places(pairs.assign(relation=relation))
        formed = other_form(first["form"], second["form"])
        pairs.loc[formed & (pairs["score"] > OTHER_FORM), ["score", "why"]] = OTHER_FORM, "other legal form"
        accept, review = self.rules.thresholds(relation)
        told = relation == SAME if self.rules.same_name == "ask" else relation >= UNKNOWN
        asked = (pairs["score"] >= review).to_numpy(dtype=bool)
        return pairs.assign(
            accepted=(pairs["score"] >= accept).to_numpy(dtype=bool) & ~formed & told,
            asked=asked,
            clash=~asked | formed | (relation < UNKNOWN),
        )

    def clash(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Say of pairs whether they score below review, have two legal forms or are at places that are not one."""
        clash: np.ndarray = self(one, other)["clash"].to_numpy(dtype=bool)
        return clash

    def candidates(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the pairs to compare: of similar names, of one name at several places, of names at one place."""
        everyone = np.arange(len(self.units))
        one, other = candidate_pairs(self.table, everyone, everyone)
        same = _pairs_within(pd.factorize(self.units["key"])[0])
        at = pd.DataFrame({"line": self.units["place"], "unit": everyone}).merge(meeting_points(self.known))
        near = _pairs_within(pd.factorize(at["point"])[0])
        near = np.sort(at["unit"].to_numpy()[near], axis=1)
        pairs = np.unique(np.concatenate([np.column_stack([one, other]), same, near]), axis=0)
        pairs = pairs[pairs[:, 0] != pairs[:, 1]]
        return pairs[:, 0], pairs[:, 1]


def _weak(accepted: pd.DataFrame, units: pd.DataFrame, *, placed: bool) -> np.ndarray:
    """Say which pairs give way to a contradiction: those of which somebody decided, and those at no known place."""
    settled = units["said"].notna().to_numpy()
    weak: np.ndarray = settled[accepted["one"]] | settled[accepted["other"]]
    return weak | (accepted["relation"] != SAME).to_numpy() if placed else weak


def _with_decisions(labels: np.ndarray, units: pd.DataFrame) -> np.ndarray:
    """Join clusters of which somebody decided that they are one company."""
    said = units["said"].where(~units["said"].isin([NEW, NONE]))
    name, place = name_and_place(said)
    by_place = named_at(name_with_form(name), place).map(_first(named_at(units["full"], units["place"])))
    by_form = by_place.fillna(name_with_form(name).map(_first(units["full"])))
    target = by_form.fillna(normalise_name(name).map(_first(units["key"]))).to_numpy(dtype=float)
    some = np.flatnonzero(~np.isnan(target))
    heads = pd.Series(np.arange(len(labels))).groupby(labels).transform("first").to_numpy()
    one = np.concatenate([np.arange(len(labels)), some])
    other = np.concatenate([heads, target[some].astype(int)])
    return _components(one, other, len(labels))


def _first(values: pd.Series) -> pd.Series:
    """First position of each value."""
    places = pd.Series(np.arange(len(values)), index=values.to_numpy())
    return places[~places.index.duplicated()]


def _heads(units: pd.DataFrame, known: Mapping[str, Place]) -> pd.DataFrame:
    """The unit by which each cluster is called: the most frequent, of equals the first in the alphabet.

    A name of which somebody decided that it is another company's is not what the company is called. With it
    stand ``company``, what it is called (NA where somebody decided that it is none), and ``asked``, by name and place.
    """
    elsewhere = units["said"].notna() & ~units["said"].isin([NEW, NONE])
    order = units.assign(elsewhere=elsewhere)
    order = order.sort_values(["elsewhere", "n", "name", "place"], ascending=[True, False, True, True])
    heads = order.drop_duplicates("cluster").set_index("cluster")
    nobody = units.loc[units["said"] == NONE, "cluster"]
    called = _told_apart(heads, known).mask(heads.index.isin(nobody))
    return heads.assign(company=called, asked=named_at(heads["name"], heads["place"]).mask(called.isna()))


def _told_apart(heads: pd.DataFrame, known: Mapping[str, Place]) -> pd.Series:
    """Names of companies; namesakes have their town added, or a number. An address is not for every eye."""
    towns = heads["place"].map({line: place.called for line, place in known.items()}).astype("str")
    again = heads["name"].duplicated(keep=False) & (towns != "")
    called = heads["name"].where(~again, heads["name"] + " (" + towns + ")")
    order = heads.assign(called=called).sort_values(["called", "place"])
    number = order.groupby("called").cumcount().add(1).reindex(heads.index).astype("str")
    return called.where(~called.duplicated(keep=False), called + " (" + number + ")")


def _in_review(pairs: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """What each company could be whose names come near those of another, unless somebody decided."""
    heads = units.drop_duplicates("cluster").set_index("cluster")[["asked", "company"]]
    heads["name"], heads["place"] = name_and_place(heads["asked"])
    open_units = units["cluster"].where(units["said"].isna() & units["company"].notna())
    sides = [open_units.to_numpy()[pairs[side].to_numpy()] for side in ("one", "other")]
    found = pd.concat([pairs.assign(own=own, near=near) for own, near in (sides, sides[::-1])])
    found = found[found["own"].notna() & found["near"].notna() & (found["own"] != found["near"])]
    to_ask = found.loc[found["asked"], "own"]
    found = found[found["own"].isin(to_ask) & ((found["score"] > 0) | (found["relation"] == SAME))]
    near = heads.rename(columns={"name": "called", "place": "called_place"}).drop(columns="asked")
    found = found.drop(columns="asked").join(heads.drop(columns="company"), on="own").join(near, on="near")
    return nearest(found)


def _banded(units: pd.DataFrame, accepted: pd.DataFrame, in_review: Collection[str]) -> pd.DataFrame:
    """Band, score and why of each unit: accepted if its company is called by another name."""
    cluster = units["cluster"].to_numpy()
    within = accepted[cluster[accepted["one"]] == cluster[accepted["other"]]]
    both = pd.concat([within, within.rename(columns={"one": "other", "other": "one"})])
    best = both.sort_values(["one", "score", "why"], ascending=[True, False, True]).drop_duplicates("one")
    best = best.set_index("one").reindex(units.index)
    head = normalise_name(name_and_place(units["asked"])[0])
    kinds = {
        "decided": units["said"].notna() | ((head != units["key"]) & best["score"].isna()),
        "accept": (head != units["key"]) & best["score"].notna(),
        "review": units["asked"].isin(in_review),
    }
    band = np.select(list(kinds.values()), list(kinds), "exact")
    joined = band == "accept"
    return units[["unit", "place", "company"]].assign(
        band=band,
        score=best["score"].where(joined, EXACT),
        why=best["why"].where(joined, ""),
        asked=units["asked"].where(units["asked"].isin(in_review)),
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
