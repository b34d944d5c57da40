"""An attacker at work: by linear programming and with what a member knows of itself, on random linked tables."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from analysis.benchmark.attack import feasible_intervals, parts_of, rooms
from analysis.benchmark.attackers import Attackers
from analysis.benchmark.linked_tables import LinkedTables, link_tables
from analysis.benchmark.movements import Mover
from analysis.benchmark.primary_rules import PrimaryRules, primary_cells
from analysis.benchmark.suppression import Suppression, protect

SETS = 100

LAYOUTS = (
    [["industry", "region"]],
    [["industry"], ["region", "size"]],
    [["industry", "region"], ["size", "region"]],
)


def random_sets(seed: int, *, sets: int = 1) -> tuple[LinkedTables, PrimaryRules]:
    """Make small sets of linked tables of amounts, counts or scores, some with a hierarchy, some with shown bases.

    The sets share no company and no sum; one layout, one kind of value and one set of rules hold for all of them.
    """
    rng = np.random.default_rng(seed)
    kind = ("amount", "count", "score")[seed % 3]
    frame = random_companies(rng, sets)
    rows, each = len(frame), frame["set"].to_numpy()
    frame["y"] = {
        "amount": rng.lognormal(3, 1.5, rows) * 10.0 ** rng.integers(-3, 5, sets)[each],
        "count": np.ones(rows),
        "score": frame["weight"] * np.clip(np.round(rng.normal(60, 30, rows)), 0, 100),
    }[kind]
    linked = link_tables(
        frame.assign(top=100 * frame["weight"]),
        LAYOUTS[rng.integers(3)],
        value="y",
        high="top" if kind == "score" else np.inf,
        levels={"industry": ["sector"]} if rng.random() < 0.5 else None,
        known=["region"] if kind == "count" and rng.random() < 0.3 else None,
        apart="set",
    )
    rules = PrimaryRules(
        minimum_companies=int(rng.integers(2, 6)),
        largest_share=float(rng.choice([0.25, 0.5, 1.0])),
        dominance=(2, 85.0) if rng.random() < 0.5 else None,
        p_percent=float(rng.choice([0, 10, 30])),
    )
    return linked, rules


def random_companies(rng: np.random.Generator, sets: int) -> pd.DataFrame:
    """Draw companies of each set with their facts; some stand in several rows."""
    several, again = rng.integers(6, 45, sets), rng.integers(0, 8, sets)
    each = np.concatenate([np.repeat(np.arange(sets), several), np.repeat(np.arange(sets), again)])
    first = np.concatenate([np.arange(count) for count in several])
    twice = rng.integers(0, several[each[len(first) :]])

    def facts(letters: str, least: int, most: int) -> NDArray[np.str_]:
        return np.array(list(letters))[rng.integers(0, rng.integers(least, most, sets)[each])]

    industry = facts("abcdef", 2, 7)
    return pd.DataFrame(
        {
            "set": each,
            "company": 1000 * each + np.concatenate([first, twice]),
            "industry": industry,
            "sector": np.where(np.isin(industry, ["a", "b", "c"]), "x", "y"),
            "region": facts("nesw", 1, 5),
            "size": facts("sl", 2, 3),
            "weight": rng.uniform(0.5, 2, len(each)),
        }
    )


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
    hidden: NDArray[np.bool_], rng: np.random.Generator, attackers: int = 3, cells: int = 2,
) -> list[tuple[int, object]]:  # fmt: skip
    """Let an outsider and members attack primary cells, in every set at once; return what they recover.

    Each attacker goes for `cells` cells of a set. What is said to be lost to somebody anyway does not count.
    """
    part = parts_of(linked)
    primary = pd.DataFrame({"cell": np.flatnonzero(~safe.cells["reason"].isin(["", "complementary"]))})
    primary["part"] = part[primary["cell"]]
    inside = linked.members[linked.members["cell"].isin(primary["cell"])]
    inside = inside.assign(part=part[inside["cell"]])
    lost = set(zip(safe.unprotected["cell"], safe.unprotected["company"], strict=True))
    found: list[tuple[int, object]] = []
    for number in range(attackers):
        who = pd.Series(dtype=object)
        if number:
            drawn = inside.iloc[rng.permutation(len(inside))].drop_duplicates("part")
            who = drawn.set_index("part")["company"]
        shuffled = primary.iloc[rng.permutation(len(primary))]
        targets = sorted(shuffled.groupby("part").head(cells)["cell"])
        company = who.tolist() if number else None
        out = recovered(linked, hidden, rules, company=company, targets=targets)
        names = [(cell, who.get(part[cell], "")) for cell in out]
        found += [name for name in names if name not in lost]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("block", [0, *(pytest.param(later, marks=pytest.mark.long) for later in (1, 2, 3))])
def test_the_attacker_recovers_nothing_of_two_thousand_sets_of_tables(block: int) -> None:
    for seed in range(5 * block, 5 * (block + 1)):
        linked, rules = random_sets(seed, sets=SETS)
        safe, rng = protect(linked, rules), np.random.default_rng(seed)
        assert safe.hidden.any()
        assert attack(linked, safe, rules, hidden=safe.hidden, rng=rng) == [], f"seed {seed}"


def test_the_attacker_succeeds_where_only_primary_cells_are_hidden() -> None:
    successes = 0
    for seed in range(6):
        linked, rules = random_sets(seed, sets=10)
        safe = protect(linked, rules)
        primary_only = ~safe.cells["reason"].isin(["", "complementary"]).to_numpy()
        found = attack(linked, safe, rules, hidden=primary_only, rng=np.random.default_rng(seed))
        successes += bool(found)
    assert successes >= 4


def test_a_cell_that_the_sums_hold_is_not_moved_by_far_larger_ones_beside_it() -> None:
    """A hidden cell that shown ones determine stays where it is, however far others with open ends may go."""
    rows = [("a", "x", 3.0), ("b", "x", 1e-4), ("c", "y", 2.0), ("d", "y", 5.0)]
    frame = pd.DataFrame(rows, columns=["part", "sector", "value"]).assign(company=range(4))
    linked = link_tables(frame, [["part"]], value="value", levels={"part": ["sector"]})
    hidden = linked.cells["part"].isin(["b", "c", "d", "sector=y", "all"]).to_numpy()
    mover = Mover(linked, parts_of(linked), hidden)
    cells = np.flatnonzero(hidden)
    reached = pd.Series(
        mover.reached(cells, np.full(len(cells), 600.0), rooms=rooms(linked)),
        index=linked.cells["part"][hidden],
    )
    assert reached["b"] == 0
    assert (reached.drop("b") > 1).all()


def test_large_cells_beside_it_do_not_make_a_movement_of_small_ones_possible() -> None:
    """Whoever is alone in the other small cell knows it, however far cells a hundred million times as large move."""
    frame = pd.DataFrame({"company": range(4), "region": list("abcd"), "sales": [1.0, 1.0, 1e8, 1e8]})
    linked = link_tables(frame, [["region"]], value="sales")
    attackers = Attackers(linked, parts_of(linked), cells=np.array([0]), width=np.full(5, 0.1))
    mover = Mover(linked, parts_of(linked), np.ones(5, dtype=bool))
    movement = np.array([0.5, -0.5, 1e7, -1e7, 0.0])
    assert attackers.cover(movement, mover.missed(movement)).all()
    outsider, other = (attackers.number == number for number in (0, 2))
    assert [attackers.needs_of(who)[0][0] for who in (outsider, other)] == [0.0, 0.1]
    again = Attackers(linked, parts_of(linked), cells=np.array([0]), width=np.full(5, 0.1))
    missing = np.array([0.5, -0.5, 1e7, 1.0 - 1e7, 0.0])
    assert not again.cover(missing, mover.missed(missing)).any()


@given(seed=st.integers(0, 400))
@settings(max_examples=25)
def test_no_cell_reaches_further_than_the_solver_says(seed: int) -> None:
    linked, rules = random_sets(seed)
    hidden = primary_cells(linked, rules)["reason"].ne("").to_numpy()
    targets = np.flatnonzero(hidden)[:4]
    reached = Mover(linked, parts_of(linked), hidden).reached(
        targets, linked.cells["value"].to_numpy()[targets] + 1.0, rooms=rooms(linked)
    )
    found = feasible_intervals(linked, hidden, targets=targets.tolist())
    slack = 1e-6 * (1 + linked.cells["value"].to_numpy()[targets])
    assert (found["high"] - found["value"] >= reached - slack).all()
    assert (found["value"] - found["low"] >= reached - slack).all()


def test_sets_that_share_no_sum_are_protected_each_for_itself() -> None:
    """The same is hidden of a set whether others stand beside it or not, and of each enough."""
    linked, rules = random_sets(4, sets=6)
    together = protect(linked, rules)
    for one in sorted(set(linked.cells["set"])):
        cells = np.flatnonzero(linked.cells["set"] == one)
        place = pd.Series(np.arange(len(cells)), index=cells)
        members = linked.members[linked.members["cell"].isin(cells)]
        rows = np.flatnonzero(abs(linked.equations)[:, cells].sum(axis=1))
        alone = LinkedTables(
            linked.cells.iloc[cells].reset_index(drop=True),
            linked.equations[rows][:, cells],
            members.assign(cell=members["cell"].map(place)),
        )
        primary = primary_cells(alone, rules)["reason"].tolist()
        hidden = together.cells["reason"].iloc[cells].replace("complementary", "").tolist()
        assert hidden == primary
        assert not attack(
            alone, protect(alone, rules), rules, hidden=together.hidden[cells], rng=np.random.default_rng(0)
        )


def test_what_is_given_up_could_not_be_kept() -> None:
    """Cells reported as unprotected come out even where all is hidden that may be."""
    tried = 0
    for seed in range(1, 40, 3):
        linked, rules = random_sets(seed)
        for cell, company in protect(linked, rules).unprotected.head(2).itertuples(index=False):
            who = None if isinstance(company, str) else company
            everything = np.ones(len(linked.cells), dtype=bool)
            assert recovered(linked, everything, rules, company=who, targets=[cell]) == [cell], f"seed {seed}"
            tried += 1
    assert tried


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
    linked, rules = random_sets(3)
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
        protect(link_tables(rows, [["a", "b"]], value="y"), PrimaryRules(3, largest_share=0.8)).cells
        for rows in (frame, frame.sample(frac=1, random_state=1))
    )
    assert (first["reason"] == "complementary").any()
    pd.testing.assert_frame_equal(first, other)


@pytest.mark.long
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
    assert not attack(linked, safe, rules, hidden=safe.hidden, rng=rng, attackers=6, cells=4)
    assert (~safe.hidden).sum() > 500


def test_what_is_published_anyway_stays() -> None:
    frame = pd.DataFrame({"company": range(12), "region": ["n"] * 2 + ["s"] * 10, "one": 1.0})
    linked = link_tables(frame, [["region"]], value="one", known=["region"])
    safe = protect(linked)
    assert not safe.hidden[:2].any()


def test_tables_without_a_small_cell_are_shown_whole() -> None:
    frame = pd.DataFrame({"company": range(40), "region": ["n", "s"] * 20, "one": 1.0})
    assert not protect(link_tables(frame, [["region"]], value="one")).hidden.any()
