"""An attacker at work: by linear programming and with what a member knows of itself, on random linked tables."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from analysis.benchmark.attack import feasible_intervals, rooms
from analysis.benchmark.linked_tables import LinkedTables, link_tables
from analysis.benchmark.primary_rules import PrimaryRules, primary_cells
from analysis.benchmark.suppression import Suppression, protect


def random_tables(seed: int) -> tuple[LinkedTables, PrimaryRules]:
    """Make small linked tables of amounts, counts or scores, some with a hierarchy, some with shown bases."""
    rng = np.random.default_rng(seed)
    companies = int(rng.integers(6, 45))
    rows = companies + int(rng.integers(0, 8))
    frame = pd.DataFrame(
        {
            "company": np.append(np.arange(companies), rng.integers(0, companies, rows - companies)),
            "industry": rng.choice(list("abcdef")[: rng.integers(2, 7)], rows),
            "region": rng.choice(list("nesw")[: rng.integers(1, 5)], rows),
            "size": rng.choice(["s", "l"], rows),
            "weight": rng.uniform(0.5, 2, rows),
        }
    )
    frame["sector"] = np.where(frame["industry"].isin(["a", "b", "c"]), "x", "y")
    kind = rng.choice(["amount", "count", "score"])
    frame["y"] = {
        "amount": rng.lognormal(3, 1.5, rows) * 10.0 ** rng.integers(-3, 5),
        "count": np.ones(rows),
        "score": frame["weight"] * np.clip(np.round(rng.normal(60, 30, rows)), 0, 100),
    }[kind]
    frame["top"] = 100 * frame["weight"]
    layouts = (
        [["industry", "region"]],
        [["industry"], ["region", "size"]],
        [["industry", "region"], ["size", "region"]],
    )
    linked = link_tables(
        frame,
        layouts[rng.integers(3)],
        value="y",
        high="top" if kind == "score" else np.inf,
        levels={"industry": ["sector"]} if rng.random() < 0.5 else None,
        known=["region"] if kind == "count" and rng.random() < 0.3 else None,
    )
    rules = PrimaryRules(
        minimum_companies=int(rng.integers(2, 6)),
        largest_share=float(rng.choice([0.25, 0.5, 1.0])),
        p_percent=float(rng.choice([0, 10, 30])),
    )
    return linked, rules


def recovered(
    linked: LinkedTables,
    hidden: NDArray[np.bool_],
    rules: PrimaryRules,
    *,
    company: object,
    targets: list[int],
) -> list[int]:
    """Return the primary cells that come out closer than they must, with the room beforehand taken off."""
    width = primary_cells(linked, rules)["width"].to_numpy()[targets]
    down, up = (room[targets] for room in rooms(linked, company))
    found = feasible_intervals(linked, hidden, targets=targets, company=company)
    slack = 1e-5 * width
    close = (found["high"] - found["value"] < np.minimum(width, up) - slack) | (
        found["value"] - found["low"] < np.minimum(width, down) - slack
    )
    return found.index[close].tolist()


def attack(
    linked: LinkedTables, safe: Suppression, rules: PrimaryRules, *,
    hidden: NDArray[np.bool_], rng: np.random.Generator, attackers: int = 2, cells: int = 3,
) -> list[tuple[int, object]]:  # fmt: skip
    """Let an outsider and some members attack some primary cells; members do not count what is theirs alone."""
    primary = np.flatnonzero(~safe.cells["reason"].isin(["", "complementary"]))
    if not len(primary):
        return []
    lost = set(zip(safe.unprotected["cell"], safe.unprotected["company"], strict=True))
    found: list[tuple[int, object]] = []
    inside = linked.members.loc[linked.members["cell"].isin(primary), "company"].unique()
    for company in [None, *rng.permutation(inside)[:attackers].tolist()]:
        targets = sorted(rng.permutation(primary)[:cells].tolist())
        names = [(cell, "" if company is None else company) for cell in recovered(
            linked, hidden, rules, company=company, targets=targets
        )]  # fmt: skip
        found += [name for name in names if name not in lost]
    return found


def attacked(seed: int, *, attackers: int = 2, cells: int = 2) -> list[tuple[int, object]]:
    linked, rules = random_tables(seed)
    safe = protect(linked, rules)
    return attack(
        linked,
        safe,
        rules,
        hidden=safe.hidden,
        rng=np.random.default_rng(seed),
        attackers=attackers,
        cells=cells,
    )


@pytest.mark.parametrize("block", range(4))
def test_the_attacker_recovers_nothing(block: int) -> None:
    for seed in range(50 * block, 50 * (block + 1)):
        assert not attacked(seed), f"seed {seed}"


@pytest.mark.slow
@pytest.mark.parametrize("block", range(1))
def test_the_attacker_recovers_nothing_of_two_hundred_more(block: int) -> None:
    for seed in range(1000 + 200 * block, 1000 + 200 * (block + 1)):
        assert not attacked(seed, attackers=1, cells=1), f"seed {seed}"


def test_the_attacker_succeeds_where_only_primary_cells_are_hidden() -> None:
    successes = 0
    for seed in range(16):
        linked, rules = random_tables(seed)
        safe = protect(linked, rules)
        primary_only = ~safe.cells["reason"].isin(["", "complementary"]).to_numpy()
        found = attack(linked, safe, rules, hidden=primary_only, rng=np.random.default_rng(seed), cells=9)
        successes += bool(found)
    assert successes >= 3


def test_what_is_given_up_could_not_be_kept() -> None:
    """Cells reported as unprotected come out even where all is hidden that may be."""
    for seed in range(25):
        linked, rules = random_tables(seed)
        for cell, company in protect(linked, rules).unprotected.head(2).itertuples(index=False):
            who = None if isinstance(company, str) else company
            everything = np.ones(len(linked.cells), dtype=bool)
            assert recovered(linked, everything, rules, company=who, targets=[cell]) == [cell], f"seed {seed}"


def test_what_a_shown_base_tells_is_reported_as_unprotected() -> None:
    frame = pd.DataFrame(
        {"company": range(12), "region": ["n"] + ["s"] * 11, "answer": ["yes"] * 6 + ["no"] * 6}
    )
    linked = link_tables(frame.assign(one=1.0), [["region", "answer"]], value="one", known=["region"])
    rules = PrimaryRules(largest_share=1.0)
    safe = protect(linked, rules)
    only = linked.cells.index[linked.cells[["region", "answer"]].eq(["n", "yes"]).all(axis=1)].tolist()
    assert set(safe.unprotected["cell"]) == set(only)
    assert "" in safe.unprotected["company"].tolist()
    everything = np.ones(len(linked.cells), dtype=bool)
    assert recovered(linked, everything, rules, company=None, targets=only) == only


def two_alone() -> LinkedTables:
    """Two regions of one company each, beside two of many, with their total."""
    regions = ["a"] + ["b"] + ["c"] * 9 + ["d"] * 8
    frame = pd.DataFrame({"company": range(len(regions)), "region": regions, "sales": 5.0})
    return link_tables(frame, [["region"]], value="sales")


def test_one_who_is_alone_in_a_cell_does_not_find_the_other() -> None:
    """Two hidden cells protect each other from outsiders only: each member takes itself off."""
    linked, rules = two_alone(), PrimaryRules(largest_share=1.0)
    pair = np.array([True, True, False, False, False])
    assert recovered(linked, pair, rules, company=None, targets=[0, 1]) == []
    assert recovered(linked, pair, rules, company=0, targets=[1]) == [1]
    safe = protect(linked, rules)
    assert safe.cells["reason"].tolist() == ["companies", "companies", "", "complementary", ""]
    assert recovered(linked, safe.hidden, rules, company=0, targets=[1]) == []
    assert safe.unprotected.empty


def test_hidden_values_are_not_published_and_reasons_are() -> None:
    safe = protect(two_alone(), PrimaryRules(largest_share=1.0))
    shown = safe.published()
    assert shown["value"].isna().tolist() == safe.hidden.tolist() == shown["suppressed"].tolist()
    assert set(shown) == {"region", "value", "companies", "reason", "suppressed"}


def test_unit_of_the_values_does_not_matter_and_twice_is_once() -> None:
    linked, rules = random_tables(3)
    first, again = protect(linked, rules), protect(linked, rules)
    pd.testing.assert_frame_equal(first.cells, again.cells)
    million = dict.fromkeys(["value", "low", "high"], 1e6)
    members = linked.members.assign(
        **{name: factor * linked.members[name] for name, factor in million.items()}
    )
    cells = linked.cells.assign(**{name: factor * linked.cells[name] for name, factor in million.items()})
    scaled = protect(LinkedTables(cells, linked.equations, members), rules)
    assert scaled.cells["reason"].tolist() == first.cells["reason"].tolist()


def test_order_of_rows_does_not_matter() -> None:
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"company": range(60), "a": rng.integers(0, 6, 60), "b": rng.integers(0, 4, 60)})
    frame["y"] = rng.lognormal(size=60)
    first, other = (
        protect(link_tables(rows, [["a", "b"]], value="y")).cells
        for rows in (frame, frame.sample(frac=1, random_state=1))
    )
    assert (first["reason"] == "complementary").any()
    pd.testing.assert_frame_equal(first, other)


@pytest.mark.slow
def test_two_thousand_linked_cells_withstand_the_attacker() -> None:
    rng = np.random.default_rng(9)
    keys = {"industry": 36, "region": 14, "size": 6, "channel": 4}
    frame = pd.DataFrame({name: rng.integers(0, count, 3000) for name, count in keys.items()})
    frame = frame.assign(company=range(3000), sector=frame["industry"] // 6, y=rng.lognormal(3, 1, 3000))
    layout = [["industry", "region"], ["industry", "size", "channel"], ["region", "size"]]
    linked = link_tables(frame, layout, value="y", levels={"industry": ["sector"]})
    assert len(linked.cells) > 2000
    rules = PrimaryRules(largest_share=0.5)
    safe = protect(linked, rules)
    assert not attack(linked, safe, rules, hidden=safe.hidden, rng=rng, attackers=15, cells=4)
    assert (~safe.hidden).sum() > 500


def test_what_is_published_anyway_stays() -> None:
    frame = pd.DataFrame({"company": range(12), "region": ["n"] * 2 + ["s"] * 10, "one": 1.0})
    linked = link_tables(frame, [["region"]], value="one", known=["region"])
    safe = protect(linked)
    assert not safe.hidden[:2].any()


def test_tables_without_a_small_cell_are_shown_whole() -> None:
    frame = pd.DataFrame({"company": range(40), "region": ["n", "s"] * 20, "one": 1.0})
    assert not protect(link_tables(frame, [["region"]], value="one")).hidden.any()
