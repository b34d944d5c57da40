"""An attacker who lays releases beside one another."""

from io import StringIO
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from analysis.benchmark.differencing import check_release
from analysis.benchmark.release_ledger import COLUMNS, ledger_of
from survey.problems import InputError

KEY = b"a secret"
NOTHING = pd.DataFrame(columns=list(COLUMNS))
Cells = list[tuple[str, str, float, float, list[str]]]


def release(name: str, cells: Cells) -> pd.DataFrame:
    """Make a release of cells: table, cell, wave, wave_from, companies."""
    frame = pd.DataFrame([cell[:4] for cell in cells], columns=["table", "cell", "wave", "wave_from"])
    members = pd.DataFrame(
        [(row, company) for row, cell in enumerate(cells) for company in cell[4]], columns=["row", "company"]
    )
    return ledger_of(frame.assign(statistic="alignment"), members, release=name, key=KEY)


def firms(start: int, stop: int) -> list[str]:
    return [f"firm {number}" for number in range(start, stop)]


def level(
    cell: str, companies: list[str], *, table: str = "norms", wave: float = 2025
) -> tuple[str, str, float, float, list[str]]:
    return (table, cell, wave, np.nan, companies)


def reasons(new: pd.DataFrame, ledger: pd.DataFrame = NOTHING, *, minimum: int = 5) -> list[str]:
    return check_release(new, ledger, minimum=minimum)["reason"].tolist()


def test_a_ledger_names_nobody() -> None:
    rows = release("first", [level("all", firms(0, 9))])
    assert tuple(rows) == COLUMNS
    assert "firm" not in rows.to_csv()
    other = ledger_of(
        rows.assign(members=""), pd.DataFrame({"row": 0, "company": firms(0, 9)}), release="x", key=b"other"
    )
    assert not set(other["members"].item().split()) & set(rows["members"].item().split())


def test_a_ledger_kept_as_a_file_says_the_same() -> None:
    waves = [level("all", firms(0, 20), wave=2024), ("changes", "all", 2025.0, 2024.0, firms(0, 20))]
    old = release("first", waves)
    file = StringIO(old.to_csv(index=False))
    new = release("second", [level("all", firms(0, 21), wave=2024), level("all", firms(0, 21))])
    assert reasons(new, pd.read_csv(file)) == reasons(new, old) == ["differencing", "differencing"]


def test_successive_releases_that_differ_by_a_few() -> None:
    old = release("first", [level("all", firms(0, 20))])
    assert reasons(release("second", [level("all", firms(0, 20))]), old) == [""]
    assert reasons(release("second", [level("all", firms(0, 24))]), old) == ["differencing"]
    assert reasons(release("second", [level("all", firms(0, 25))]), old) == [""]
    assert reasons(release("second", [level("all", firms(2, 22))]), old) == ["differencing"]
    assert reasons(release("second", [level("all", firms(0, 24), wave=2026)]), old) == [""]


def test_nested_peer_groups_within_one_release() -> None:
    new = release("one", [level("steel", firms(0, 20)), level("large steel", firms(0, 17), table="peers")])
    found = check_release(new, NOTHING)
    assert found["reason"].tolist() == ["", "differencing"]
    assert found["against"].tolist() == ["", "one: norms, steel"]


def test_parts_of_an_older_table_are_added_up() -> None:
    parts = [level("n", firms(0, 8), table="region"), level("s", firms(8, 16), table="region")]
    whole = level("all", firms(0, 18), table="total")
    assert reasons(release("second", [whole]), release("first", parts)) == ["differencing"]
    assert reasons(release("second", parts), release("first", [whole])) == ["", "differencing"]
    enough = level("all", firms(0, 21), table="total")
    assert reasons(release("second", [enough]), release("first", parts)) == [""]


def test_newcomers_between_waves() -> None:
    waves = [level("all", firms(0, 20), wave=2024), level("all", firms(0, 21), wave=2025)]
    change = ("changes", "all", 2025.0, 2024.0, firms(0, 20))
    assert reasons(release("one", [*waves, change])) == ["", "", "differencing"]
    assert reasons(release("two", [waves[1]]), release("one", [waves[0], change])) == ["differencing"]
    many = level("all", firms(0, 26), wave=2025)
    assert reasons(release("one", [waves[0], many, change])) == ["", "", ""]


def attack(rows: pd.DataFrame, minimum: int) -> list[tuple[int, int]]:
    """Find pairs of cells of which one less the other is the sum of fewer than the minimum."""
    sets = [set(members.split()) for members in rows["members"]]
    return [
        (a, b)
        for (a, first), (b, second) in combinations(enumerate(sets), 2)
        if 0 < len(first ^ second) < minimum
    ]


def test_the_attacker_finds_no_difference_over_random_releases() -> None:
    rng = np.random.default_rng(4)
    succeeded = 0
    for _ in range(30):
        ledger, everything = NOTHING, NOTHING
        pool = np.array(firms(0, 24))
        for number in range(3):
            cells = [
                level(f"{cell}", pool[rng.random(24) < rng.choice([0.5, 0.9])].tolist(), table=f"t{cell}")
                for cell in range(4)
            ]
            new = release(f"r{number}", [cell for cell in cells if len(cell[4]) >= 5])
            found = check_release(new, ledger)
            kept = new[found["reason"] == ""]
            ledger = pd.concat([part for part in (ledger, kept) if len(part)], ignore_index=True)
            everything = pd.concat([part for part in (everything, new) if len(part)], ignore_index=True)
        assert not attack(ledger, 5)
        succeeded += bool(attack(everything, 5))
    assert succeeded > 5


def test_wrong_input_is_named() -> None:
    with pytest.raises(InputError, match="members: is not a column"):
        check_release(NOTHING.drop(columns="members"), NOTHING)
    with pytest.raises(InputError, match="key: is empty"):
        ledger_of(NOTHING.reindex([0]), pd.DataFrame({"row": [0], "company": ["a"]}), release="x", key=b"")
    with pytest.raises(InputError, match="has no member"):
        ledger_of(NOTHING.reindex([0]), pd.DataFrame({"row": [3], "company": ["a"]}), release="x", key=KEY)


def test_an_empty_release_is_safe() -> None:
    assert check_release(NOTHING, NOTHING).empty
