"""Names to companies on real names: precision and recall beside plain fuzzy matching, and seconds for many names.

Run with ``make bench``. The files lie in the folder that ALIGNMARK_REAL_DATA names, or in ../shared/data; without
them only the speed is measured.
"""

import os
import time
from collections.abc import Callable
from itertools import combinations, product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from survey.company_clusters import resolve_among
from survey.company_names import normalise_name
from survey.entity_resolution import CompanyRules, Resolution
from survey.places import SAME, compare_places, places_of

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("ALIGNMARK_REAL_DATA", ROOT.parent / "shared" / "data")) / "company_names"
PRECISION = 0.99
SCORERS = (fuzz.ratio, fuzz.token_sort_ratio, fuzz.WRatio)
THRESHOLDS = (0.8, 0.84, 0.86, 0.88, 0.9, 0.92, 0.94, 0.96, 0.98, 1.0)
NAMES, SEED = 100_000, 1

Pairs = set[tuple[str, str]]


PLACES_TELL = CompanyRules(accept_at_place=0.2, review_at_place=0)
"""What a study of sites, where the place makes the company, would declare."""

NAMES_DO_NOT_TELL = CompanyRules(same_name="ask")
"""What a study would declare in which several companies bear one name and nothing says where they are."""

AT_PLACE = (0.9, 0.7, 0.5, 0.3, 0.2, 0.1)
"""Thresholds for names at one place that are tried."""


class Labelled(NamedTuple):
    """Names with the entity that each is known to be, and where it is if that is known."""

    table: pd.DataFrame
    places: pd.DataFrame | None = None


class Accuracy(NamedTuple):
    """How well names were resolved, in shares (0-1).

    Parameters
    ----------
    precision, recall
        Of the pairs of names taken for one company, and of the true pairs.
    reviewed
        Of the true pairs that were not accepted: those of which one name has the other among its five candidates.
    whole, pure
        Of the entities with several names, those in one company; of the companies with several names, those of
        one entity.
    to_decide
        Of the companies, those in the review file.
    wrong_pairs, wrong_at_one_place
        Pairs taken for one company that are not, and how many of them have names at one address: there the
        labels contradict the address.
    """

    precision: float
    recall: float
    reviewed: float
    whole: float
    pure: float
    to_decide: float
    wrong_pairs: int
    wrong_at_one_place: int


def labelled() -> dict[str, Labelled]:
    """Read the files; the pairs become names that are one entity if a pair says so."""
    civil = pd.read_csv(DATA / "csps_organisation_name_variants.csv", dtype="str")
    sites = pd.read_csv(DATA / "dedupe_early_childhood_sites_labelled.csv", dtype="str")
    sec = pd.read_csv(
        DATA / "cleanco_sec_foreign_companies.csv",
        sep=";",
        dtype="str",
        header=None,
        names=["name", "country"],
    )
    sites = sites.dropna(subset="Site name").reset_index(drop=True)
    # A name with more blanks is the same name, and no pair of names.
    sites["Site name"] = sites["Site name"].str.split().str.join(" ")
    named = sites[["True Id", "Site name"]].set_axis(["entity", "name"], axis=1)
    return {
        "civil service": Labelled(civil[["true_id", "name"]].set_axis(["entity", "name"], axis=1)),
        "sites, names alone": Labelled(named),
        "sites, with address": Labelled(
            named, sites[["Address", "Zip"]].set_axis(["street", "postcode"], axis=1)
        ),
        "registrants": Labelled(pd.DataFrame({"entity": sec["name"], "name": sec["name"]})),
    }


def accuracy(data: Labelled, rules: CompanyRules) -> Accuracy:
    """Resolve the names of one file without a register and compare with what is known."""
    found = resolve_among(data.table["name"], rules=rules, places=data.places)
    table = data.table.assign(company=found.companies)
    true, taken = _pairs(table, "entity"), _pairs(table, "company")
    rest, wrong = true - taken, taken - true
    return Accuracy(
        precision=len(true & taken) / len(taken) if taken else float("nan"),
        recall=len(true & taken) / len(true) if true else float("nan"),
        reviewed=len(_reviewed(rest, table, found)) / len(rest) if rest else float("nan"),
        whole=_undivided(table, "entity", by="company"),
        pure=_undivided(table, "company", by="entity"),
        to_decide=found.candidates["asked"].nunique() / table["company"].nunique(),
        wrong_pairs=len(wrong),
        wrong_at_one_place=_at_one_place(wrong, data),
    )


def accuracy_of_pairs(rules: CompanyRules) -> tuple[float, float, float]:
    """Precision and recall over the stated pairs of names, and the share of the rest that is in review."""
    pairs = pd.read_csv(DATA / "company_name_matcher_test_pairs.csv", encoding="utf-8-sig")
    names = pd.concat([pairs["Name_x"], pairs["Name_y"]], ignore_index=True)
    found = resolve_among(names, rules=rules)
    one, other = np.split(found.companies.to_numpy(), 2)
    said, true = one == other, pairs["Targets"].to_numpy() == 1
    near = _near(found)
    seen = np.array([b in near.get(a, ()) or a in near.get(b, ()) for a, b in zip(one, other, strict=True)])
    rest = true & ~said
    return (
        float((said & true).sum() / said.sum()),
        float((said & true).sum() / true.sum()),
        float(seen[rest].mean()),
    )


def plain_fuzzy(data: Labelled) -> tuple[float, str, float]:
    """Best recall of one threshold of rapidfuzz on cleaned names at the wanted precision, chosen in hindsight.

    Where no threshold reaches it, the recall at the best precision. Also the scorer and that precision.
    """
    table = data.table.dropna().drop_duplicates()
    true = _pairs(table, "entity")
    names = pd.Series(sorted(table["name"].unique()))
    keys = normalise_name(names).fillna("").tolist()
    one, other = np.triu_indices(len(names), 1)
    right = np.array([(names[a], names[b]) in true for a, b in zip(one, other, strict=True)])
    results = []
    for scorer in SCORERS:
        scores = process.cdist(keys, keys, scorer=scorer, dtype=np.uint8, workers=-1)[one, other]
        for least in range(70, 101):
            taken = scores >= least
            precision = right[taken].mean() if taken.any() else 0.0
            results.append(
                (min(precision, PRECISION), right[taken].sum() / len(true), scorer.__name__, precision)
            )
    _, recall, scorer_name, precision = max(results)
    return float(recall), scorer_name, float(precision)


def made_up_names(count: int) -> pd.Series:
    """Make names of companies, a third of them other spellings of another: a letter less, another legal form."""
    rng = np.random.default_rng(SEED)
    syllables = np.array([a + b for a in "bcdfghjklmnprstvz" for b in ("a", "e", "i", "o", "an", "er", "il")])
    words = np.array(["".join(rng.choice(syllables, size)) for size in rng.integers(2, 5, count // 2)])
    ranks = rng.zipf(1.3, size=(count, 2)) % len(words)
    forms = np.array(["", "Ltd", "GmbH", "Inc.", "S.A."])
    own = pd.Series(words[rng.integers(0, len(words), count)]).str.title()
    names = own + " " + words[ranks[:, 0]] + " " + words[ranks[:, 1]]
    again = np.arange(count) >= count * 2 // 3
    source = np.where(again, rng.integers(0, count * 2 // 3, count), np.arange(count))
    names = names.iloc[source].reset_index(drop=True)
    cut = rng.integers(1, 6, count)
    spelt = pd.Series([name[:at] + name[at + 1 :] for name, at in zip(names, cut, strict=True)])
    return names.where(~again, spelt) + " " + rng.choice(forms, count)


def seconds_for(count: int) -> float:
    """Seconds to resolve so many names among themselves."""
    names = made_up_names(count)
    start = time.perf_counter()
    resolve_among(names)
    return time.perf_counter() - start


def chosen_elsewhere(files: dict[str, Labelled]) -> dict[str, tuple[float, Accuracy]]:
    """For each file the accept threshold that the others would choose, and what it gives there.

    Chosen is the lowest threshold that reaches the precision on all others, or as much of it as names alone can
    (as identical names do) where even identical names stand for several entities.
    """
    by_file = {
        name: {least: accuracy(data, CompanyRules(accept=least)) for least in THRESHOLDS}
        for name, data in files.items()
    }
    chosen = {}
    for name, own in by_file.items():
        others = [result for other, result in by_file.items() if other != name]
        good = [
            least
            for least in THRESHOLDS
            if all(
                np.isnan(result[least].precision)
                or result[least].precision >= min(PRECISION, result[1.0].precision - (1 - PRECISION))
                for result in others
            )
        ]
        chosen[name] = min(good), own[min(good)]
    return chosen


def _at_place(least: float) -> CompanyRules:
    return CompanyRules(accept_at_place=least, review_at_place=0)


def _pairs(table: pd.DataFrame, column: str) -> Pairs:
    groups = table.dropna(subset=[column]).groupby(column)["name"].agg(lambda names: sorted(set(names)))
    return {pair for group in groups for pair in combinations(group, 2)}


def _undivided(table: pd.DataFrame, groups: str, *, by: str) -> float:
    """Share of the groups with several names that are one in another column."""
    counts = table.groupby(groups)[["name", by]].nunique()
    return float(counts.loc[counts["name"] > 1, by].eq(1).mean())


def _at_one_place(pairs: Pairs, data: Labelled) -> int:
    """How many pairs of names stand somewhere at one place."""
    if data.places is None or not pairs:
        return 0
    lines, known = places_of(data.places, data.table.index)
    places = lines.groupby(data.table["name"]).agg(set).to_dict()
    both = {pair: list(product(places[pair[0]], places[pair[1]])) for pair in pairs}
    return sum(
        (compare_places(*(pd.Series(side) for side in zip(*lines, strict=True)), known) == SAME).any()
        for lines in both.values()
    )


def _near(found: Resolution) -> dict[str, set[str]]:
    """Return the companies that are proposed for each company in review."""
    asked = found.responses[["asked", "company"]].dropna().drop_duplicates("asked")
    proposed = found.candidates.merge(asked.rename(columns={"company": "own"}), on="asked")
    return proposed.groupby("own")["company"].agg(set).to_dict()


def _reviewed(rest: Pairs, table: pd.DataFrame, found: Resolution) -> Pairs:
    """Pairs of which one name's company has the other's among its candidates."""
    near = _near(found)
    companies = table.groupby("name")["company"].agg(set).to_dict()

    def seen(one: str, other: str) -> bool:
        return any(companies[other] & near.get(company, set()) for company in companies[one])

    return {(one, other) for one, other in rest if seen(one, other) or seen(other, one)}


def main(say: Callable[[str], None] = print) -> None:
    """Print all figures."""
    if DATA.exists():
        _report(say)
    else:
        say(f"names of companies: no files in {DATA}, so accuracy is not measured")
    took = seconds_for(NAMES)
    say(f"resolving {NAMES:,} made-up names among themselves: {took:.0f} s")


def _report(say: Callable[[str], None]) -> None:
    files = labelled()
    say("names to companies, without a register (per cent)")
    say(f"  {'':<40} precision  recall  in review  entities  companies  to decide   wrong pairs")
    say(f"  {'':<40}                    of rest    whole     pure       by hand     (at one address)")
    default = CompanyRules()
    rows = [(f"{name}, defaults", data, default) for name, data in files.items()]
    rows.insert(2, ("sites, names alone, same_name: ask", files["sites, names alone"], NAMES_DO_NOT_TELL))
    placed = files["sites, with address"]
    rows += [(f"  accept_at_place: {least:g}", placed, _at_place(least)) for least in AT_PLACE]
    for name, data, rules in rows:
        got = accuracy(data, rules)
        shares = "  ".join(f"{share:>8.1%}" for share in got[:6])
        say(f"  {name:<40} {shares}   {got.wrong_pairs} ({got.wrong_at_one_place})")
    precision, recall, seen = accuracy_of_pairs(CompanyRules())
    say(f"  {'pairs, many languages':<22} {precision:>8.1%}  {recall:>8.1%}  {seen:>8.1%}")
    for name in ("civil service", "sites, names alone"):
        least, scorer, reached = plain_fuzzy(files[name])
        say(f"one threshold of rapidfuzz, {name}: recall {least:.1%} at {reached:.1%} ({scorer})")
    say("accept threshold chosen on the other files, and what it gives on this one")
    for name, (least, got) in chosen_elsewhere(files).items():
        say(f"  {name:<22} {least:.2f}: precision {got.precision:.1%}, recall {got.recall:.1%}")


if __name__ == "__main__":
    main()
