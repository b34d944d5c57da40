"""An attacker who takes cells off one another, within a release and between releases."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from analysis.benchmark.overlapping_cells import withhold_cells
from analysis.benchmark.primary_rules import PrimaryRules
from survey.problems import InputError

Cell = tuple[str, range | list[int]]
LENIENT = PrimaryRules(largest_share=1.0)


def reasons(
    *new: Cell, known: Sequence[Cell] = (), waves: Sequence[int] = (), rules: PrimaryRules = LENIENT
) -> list[str]:
    """Return why each new cell is withheld, beside cells that are known."""
    every = [*known, *new]
    cells = pd.DataFrame(
        {"table": [table for table, _ in every], "known": np.arange(len(every)) < len(known)}
    )
    rows = [(cell, company) for cell, (_, companies) in enumerate(every) for company in companies]
    members = pd.DataFrame(rows, columns=["cell", "company"]).assign(of="alignment|2025", weight=1.0)
    if waves:
        members["of"] = "alignment|" + members["cell"].map(dict(enumerate(waves))).astype(str)
    return withhold_cells(cells, members, rules=rules)["reason"].tolist()[len(known) :]


def test_small_cells_and_what_would_give_them_away() -> None:
    assert reasons(("all", range(20)), ("class", range(4)), ("class", range(4, 20))) == [
        *("", "companies", "differencing"),
    ]
    assert reasons(("all", range(20)), ("class", range(8)), ("class", range(8, 20))) == ["", "", ""]


def test_what_no_cell_has_is_left_of_a_total() -> None:
    """Three companies without a class stand in no cell, and are the total less the classes."""
    classes = [("class", range(8)), ("class", range(8, 17))]
    assert reasons(("all", range(20)), *classes) == ["", "differencing", ""]
    assert reasons(("all", range(22)), *classes) == ["", "", ""]


def test_hidden_cells_are_not_known_together() -> None:
    """Two and two companies are four: a total less the shown cells of its table would be their sum."""
    parts = [
        ("region", range(2)),
        ("region", range(2, 4)),
        ("region", range(4, 13)),
        ("region", range(13, 30)),
    ]
    found = reasons(("all", range(30)), *parts)
    assert found == ["", "companies", "companies", "differencing", ""]


def test_one_company_may_not_have_too_much_of_a_weighted_cell() -> None:
    cells = pd.DataFrame({"table": ["all", "all"], "known": False})
    members = pd.DataFrame({"cell": [0] * 8 + [1] * 8, "company": range(16), "of": "x", "weight": 1.0})
    members.loc[0, "weight"] = 4.0
    assert withhold_cells(cells, members)["reason"].tolist() == ["share", ""]
    assert withhold_cells(cells, members, rules=LENIENT)["reason"].tolist() == ["", ""]
    strict = PrimaryRules(largest_share=1.0, dominance=(1, 30.0))
    assert withhold_cells(cells, members, rules=strict)["reason"].tolist() == ["dominance", ""]


def weighted(heavy: float, *cells: Sequence[int]) -> list[str]:
    """Say why cells of companies are withheld; company 0 has a weight, all others 1."""
    frame = pd.DataFrame({"table": [f"table {n}" for n in range(len(cells))], "known": False})
    rows = [(cell, company) for cell, companies in enumerate(cells) for company in companies]
    members = pd.DataFrame(rows, columns=["cell", "company"]).assign(of="x|2025")
    members["weight"] = members["company"].eq(0).map({True: heavy, False: 1.0})
    return withhold_cells(frame, members)["reason"].tolist()


def test_what_a_cell_leaves_of_another_may_not_be_of_one_company_by_more_than_its_share() -> None:
    """Six companies are the rest; what no third cell cuts is held to what cells are held to: a quarter for one."""
    assert sorted(weighted(3.0, range(60), range(6, 60))) == ["", "differencing"]
    assert weighted(1.5, range(60), range(6, 60)) == ["", ""]


def test_two_cells_may_not_differ_by_companies_of_which_one_weighs_more_than_the_others() -> None:
    """Three companies of one, three of the other: 7.5 of 12.5 narrows down company 0, 3 of 8 leaves its whole range."""
    other = [*range(3, 40), *range(50, 53)]
    assert sorted(weighted(7.5, range(40), other)) == ["", "differencing"]
    assert weighted(3.0, range(40), other) == ["", ""]


def test_dominance_that_the_study_allows_of_cells_it_allows_of_differences() -> None:
    cells = pd.DataFrame({"table": ["a", "b"], "known": False})
    members = pd.DataFrame({"cell": [0] * 60 + [1] * 54, "company": [*range(60), *range(6, 60)]}).assign(
        of="x"
    )
    members["weight"] = members["company"].eq(0).map({True: 7.5, False: 1.0})
    assert withhold_cells(cells, members, rules=LENIENT)["reason"].tolist() == ["", ""]


def tied(**told: dict[str, range]) -> dict[tuple[str, str], str]:
    """Say why cells of an index and of two constructs are withheld: by variable the companies of each cell.

    The index is the mean of both constructs of the companies that have it.
    """
    cells = [(variable, table, who) for variable, tables in told.items() for table, who in tables.items()]
    frame = pd.DataFrame({"table": [table for _, table, _ in cells], "known": False})
    rows = [(cell, c, variable) for cell, (variable, _, who) in enumerate(cells) for c in who]
    members = pd.DataFrame(rows, columns=["cell", "company", "of"]).assign(weight=1.0)
    indexed = sorted({c for variable, _, who in cells if variable == "index" for c in who})
    ties = pd.DataFrame(
        [("index", role, c, "index", role or "index") for c in indexed for role in ("", "goals", "trust")],
        columns=["family", "role", "company", "whole", "of"],
    )
    reasons = withhold_cells(frame, members, ties=ties, rules=LENIENT)["reason"]
    return {(variable, table): why for (variable, table, _), why in zip(cells, reasons, strict=True)}


def test_a_construct_that_is_hidden_does_not_follow_from_the_index_and_the_others() -> None:
    """All less a part are three companies, of goals alone: its part goes, and with it that of another construct."""
    shown = {"all": range(20), "part": range(8)}
    close = shown | {"nearly all": range(17)}
    assert set(tied(index=shown, goals=shown, trust=shown).values()) == {""}
    found = tied(index=shown, goals=close, trust=shown)
    assert found["goals", "all"] or found["goals", "nearly all"]
    if found["goals", "all"]:
        assert found["trust", "all"] or found["index", "all"]
    # The same of the index: without a third sum nothing is hidden of the constructs.
    index = tied(index=close, goals=shown, trust=shown)
    assert index["index", "nearly all"] or index["goals", "all"] or index["trust", "all"]


def test_the_few_who_lack_a_part_of_the_index_do_not_follow_from_all_that_is_shown() -> None:
    """Two companies answered goals and not trust: all goals and all trust less twice the index are their goals."""
    few = tied(index={"all": range(18)}, goals={"all": range(20)}, trust={"all": range(18)})
    assert sorted(few.values()) == ["", "", "differencing"]
    assert few["index", "all"] == ""
    many = tied(index={"all": range(18)}, goals={"all": range(23)}, trust={"all": range(18)})
    assert set(many.values()) == {""}


def test_too_few_respondents_of_a_function_are_few_though_companies_suffice() -> None:
    cells = pd.DataFrame({"table": ["functions"], "known": [False]})
    members = pd.DataFrame(
        {"cell": 0, "company": [1, 2], "of": "x|sales", "weight": 1.0, "respondents": [1, 1]}
    )
    rules = PrimaryRules(minimum_companies=1, largest_share=1.0)
    assert withhold_cells(cells, members, rules=rules)["reason"].tolist() == ["respondents"]
    enough = members.assign(respondents=[2, 1])
    assert withhold_cells(cells, enough, rules=rules)["reason"].tolist() == [""]


def test_successive_releases_that_differ_by_a_few() -> None:
    old = [("norms", range(20))]
    assert reasons(("norms", range(20)), known=old) == [""]
    assert reasons(("norms", range(24)), known=old) == ["differencing"]
    assert reasons(("norms", range(25)), known=old) == [""]
    assert reasons(("norms", range(2, 22)), known=old) == ["differencing"]
    assert reasons(("norms", range(24)), known=old, waves=[2024, 2025]) == [""]


def test_nested_peer_groups_within_one_release() -> None:
    found = reasons(("steel", range(20)), ("large steel", range(17)))
    assert sorted(found) == ["", "differencing"]


def test_parts_of_an_older_table_are_added_up() -> None:
    parts = [("region", range(8)), ("region", range(8, 16))]
    assert reasons(("total", range(18)), known=parts) == ["differencing"]
    assert sorted(reasons(*parts, known=[("total", range(18))])) == ["", "differencing"]
    assert reasons(("total", range(21)), known=parts) == [""]


def test_newcomers_between_waves() -> None:
    """A change is the two levels of those who were there twice: whoever came is the rest of the later wave."""
    change = [("changes", range(20)), ("changes", range(20))]
    waves = [2024, 2025, 2024, 2025]
    few = reasons(("norms", range(20)), ("norms", range(21)), *change, waves=waves)
    assert few[0] == few[2] == ""
    assert "differencing" in few[1:]
    many = reasons(("norms", range(20)), ("norms", range(26)), *change, waves=waves)
    assert many == [""] * 4


def changed(before: range, after: range, more: int) -> list[str]:
    """Return why the levels of two waves, the change of whoever is in both and its two levels are withheld.

    `more` companies came and stayed away the wave after, so that no single one is told.
    """
    both = [company for company in before if company in after]
    parts = [
        (0, before, 2024, 1), (1, after, 2025, 1), (1, range(100, 100 + more), 2025, 1),
        *((cell, both, wave, sign) for cell, wave, sign in ((2, 2024, -1), (2, 2025, 1), (3, 2024, 1), (4, 2025, 1))),
    ]  # fmt: skip
    rows = [(cell, c, f"x|{wave}", sign) for cell, companies, wave, sign in parts for c in companies]
    members = pd.DataFrame(rows, columns=["cell", "company", "of", "sign"]).assign(weight=1.0)
    table = ["norms", "norms", "changes", "changes", "changes"]
    cells = pd.DataFrame({"table": table, "known": False, "worth": [30.0, 30.0, 10.0, 1.0, 1.0]})
    cells["spare"] = ["", "", "", "levels", "levels"]
    return withhold_cells(cells, members, rules=LENIENT)["reason"].tolist()


def test_a_change_stays_where_its_levels_go() -> None:
    """Three came and three left: with the change anybody knows the difference of their sums, and that is of six."""
    assert changed(range(20), range(3, 20), 3) == ["", "", "", "differencing", "differencing"]
    assert changed(range(20), range(20), 6) == [""] * 5


def test_a_change_goes_where_few_came_and_left_together() -> None:
    assert changed(range(20), range(1, 20), 2)[:3] == ["", "", "differencing"]
    assert changed(range(20), range(20), 2)[:3] == ["", "", "differencing"]


def recovered(shown: Sequence[set[int]], own: int | None) -> list[frozenset[int]]:
    """Return the groups of one or two companies whose sum follows from the shown sums and one's own value."""
    everybody = sorted(set().union(*shown))
    known = np.array([[company in cell for company in everybody] for cell in shown], dtype=float)
    if own is not None:
        known = np.vstack([known, np.array(everybody) == own])
    _, strength, span = np.linalg.svd(known)
    span = span[: (strength > 1e-9).sum()]
    groups = [frozenset(group) for size in (1, 2) for group in combinations(everybody, size)]
    wanted = np.array([[company in group for company in everybody] for group in groups], dtype=float)
    found = np.linalg.norm(wanted - wanted @ span.T @ span, axis=1) < 1e-7
    return [group for group, out in zip(groups, found, strict=True) if out and own not in group]


@pytest.mark.parametrize("block", range(4))
def test_the_attacker_finds_no_company_over_random_releases(block: int) -> None:
    """By elimination, alone and as a member who knows its own value; differences of two cells as well."""
    rng = np.random.default_rng(block)
    succeeded = 0
    for _ in range(4):
        released: list[Cell] = []
        everything: list[Cell] = []
        for number in range(3):
            chosen = rng.random((4, 18)) < rng.choice([0.5, 0.9], (4, 1))
            new = [(f"{number} {at}", np.flatnonzero(row).tolist()) for at, row in enumerate(chosen)]
            why = reasons(*new, known=released)
            released += [cell for cell, reason in zip(new, why, strict=True) if not reason]
            everything += new
        shown = [set(companies) for _, companies in released]
        assert all(not 0 < len(one ^ other) < 5 for one, other in combinations(shown, 2))
        for own in (None, 0, 7):
            assert shown == [] or recovered(shown, own) == []
        succeeded += bool(recovered([set(companies) for _, companies in everything], None))
    assert succeeded


def test_order_of_cells_and_members_does_not_change_how_safe_it_is_and_twice_is_once() -> None:
    cells = [("all", range(30)), ("class", range(4)), ("class", range(4, 12)), ("class", range(12, 30))]
    found = reasons(*cells)
    assert reasons(*cells) == found
    turned = reasons(*cells[::-1])[::-1]
    assert [reason == "companies" for reason in turned] == [reason == "companies" for reason in found]
    shown = [cell for cell, reason in zip(cells, found, strict=True) if not reason]
    assert reasons(*shown) == [""] * len(shown)


def test_what_was_published_before_is_never_withheld() -> None:
    """Two known cells that differ by two companies are beyond help, and no reason to hide what adds nothing."""
    cells = pd.DataFrame({"table": ["a", "a", "b"], "known": [True, True, False]})
    rows = [(0, n) for n in range(20)] + [(1, n) for n in range(18)] + [(2, n) for n in range(9)]
    members = pd.DataFrame(rows, columns=["cell", "company"]).assign(of="x", weight=1.0)
    assert withhold_cells(cells, members)["reason"].tolist() == ["", "", ""]


def test_wrong_input_is_named() -> None:
    cells = pd.DataFrame({"table": ["a"], "known": [False]})
    with pytest.raises(InputError, match="of: is not a column"):
        withhold_cells(cells, pd.DataFrame({"cell": [0], "company": ["a"], "weight": [1.0]}))
