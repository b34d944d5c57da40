from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.benchmark.composite_ways import Ways
from analysis.benchmark.composites import composites
from survey.problems import InputError

REFERENCE = Path(__file__).parents[2] / "reference"
NAMES = ["goals", "trust", "process"]
GAPS = {name: f"gap_{name}" for name in NAMES}
OMEGA = {"goals": 0.9, "trust": 0.8, "process": 0.3}


def panel(n: int = 50, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    common = rng.normal(0, 10, n)
    frame = pd.DataFrame({name: np.clip(55 + common + rng.normal(0, 8, n), 0, 100) for name in NAMES})
    for name in NAMES:
        frame[f"gap_{name}"] = rng.normal(0, 10, n)
    return frame.assign(company=[f"c{i:03d}" for i in range(n)])


def test_every_weighting_and_aggregation_by_hand() -> None:
    frame = panel()
    found = composites(frame, NAMES, reliability=OMEGA, gaps=GAPS, ways=Ways(penalty=0.5))
    wide = found.frame.set_index(["weighting", "aggregation", "company"])["index"].sort_index()
    levels, gaps = frame[NAMES].to_numpy(), frame[[*GAPS.values()]].to_numpy()
    loadings = np.linalg.svd((levels - levels.mean(0)) / levels.std(0), full_matrices=False)[2][0]
    by_hand = {
        "equal": np.ones(3) / 3,
        "reliability": np.array([0.45, 0.4, 0.15]),
        "first principal component": loadings**2,
    }
    for weighting, weights in by_hand.items():
        np.testing.assert_allclose(wide[weighting, "arithmetic"], levels @ weights)
        np.testing.assert_allclose(wide[weighting, "geometric"], np.prod(levels**weights, axis=1))
        penalised = np.maximum(levels - np.abs(gaps) / 2, 0) @ weights
        np.testing.assert_allclose(wide[weighting, "gap-penalised"], penalised)
    assert found.weights.groupby("weighting")["weight"].sum().tolist() == pytest.approx([1, 1, 1])
    assert not found.unavailable
    companies = found.by_company()
    assert (companies["rank_best"] <= companies["rank"]).all()
    assert (companies["rank"] <= companies["rank_worst"]).all()
    assert companies["class_share"].between(100 / 9 - 1e-9, 100).all()


def test_shifts_and_changes_of_class_agree_with_r() -> None:
    data, expected = (pd.read_csv(REFERENCE / f"composites{name}.csv") for name in ("_data", ""))
    parts = ["goals", "trust", "processes", "rewards"]
    reliability = dict(zip(parts, [0.9, 0.8, 0.7, 0.6], strict=True))
    found = composites(data, parts, reliability=reliability, gaps={name: f"gap_{name}" for name in parts})
    table = found.by_composite()[expected.columns.to_list()]
    pd.testing.assert_frame_equal(table, expected, check_dtype=False)


def test_classes_that_change_are_counted() -> None:
    frame = pd.DataFrame(
        {"company": list("abcde"), "goals": [100.0, 60, 50, 40, 30], "trust": [30.0, 60, 50, 40, 30]}
    )
    found = composites(frame, ["goals", "trust"])
    table = found.by_composite().set_index(["weighting", "aggregation"])
    # a: mean 65, the best; geometric 54.8, behind b. Two of five change class.
    assert table.loc[("equal", "geometric"), "class_changes"] == 40
    assert table.loc[("equal", "geometric"), "largest_shift"] == 1


def test_what_is_not_known_is_said() -> None:
    found = composites(panel().drop(columns=[*GAPS.values()]), NAMES)
    assert set(found.unavailable) == {"reliability", "gap-penalised"}
    assert "not available: reliability (the reliability of every construct is not known)" in found.summary()
    partly = panel()
    partly.loc[3, "trust"] = np.nan
    assert composites(partly, NAMES).left_out == 1


def test_all_level_and_one_alone() -> None:
    frame = pd.DataFrame({"company": list("abcdef"), "goals": 50.0, "trust": 50.0})
    found = composites(frame, ["goals", "trust"])
    assert found.frame["rank"].unique().tolist() == [3.5]
    assert found.frame["class"].unique().tolist() == [2]
    assert found.by_composite()["class_changes"].tolist() == [0, 0]
    assert "it needs three companies" in found.unavailable["first principal component"]
    alone = composites(frame.head(1), ["goals", "trust"])
    assert alone.by_company()[["rank", "rank_best", "rank_worst"]].to_numpy().tolist() == [[1, 1, 1]]
    none = composites(frame.head(0), ["goals", "trust"])
    assert none.by_company().empty


def test_a_score_of_zero_is_not_made_good() -> None:
    frame = pd.DataFrame({"company": list("abc"), "goals": [0.0, 50, 60], "trust": [100.0, 50, 60]})
    wide = composites(frame, ["goals", "trust"]).frame.query(
        "aggregation == 'geometric' and weighting == 'equal'"
    )
    assert wide["index"].tolist() == pytest.approx([0, 50, 60])


def test_ways_of_ones_own_stand_beside_the_chosen_ones() -> None:
    frame = panel()
    ways = Ways(("equal",), ("arithmetic",), {"experts": {"goals": 3, "trust": 1}})
    found = composites(frame, NAMES, ways=ways)
    assert not found.unavailable
    wide = found.frame.set_index(["weighting", "company"])["index"]
    assert found.by_composite()["weighting"].tolist() == ["equal", "experts"]
    expected = (3 * frame["goals"] + frame["trust"]) / 4
    np.testing.assert_allclose(wide["experts"], expected)
    steady = found.steadiness().set_index("kept")
    ranks = found.frame.pivot_table(index="company", columns="weighting", values="rank")
    quartiles = np.ceil(ranks / len(frame) * 4)
    assert steady.loc["quartile", "changed"] == (quartiles["equal"] != quartiles["experts"]).sum() > 0
    assert steady.loc["class", "estimate"] == pytest.approx(
        (found.by_company()["class_share"] == 100).mean() * 100
    )


def test_a_construct_without_weight_takes_no_part_in_a_geometric_mean() -> None:
    frame = pd.DataFrame({"company": list("ab"), "goals": [0.0, 50], "trust": [64.0, 50]})
    found = composites(
        frame, ["goals", "trust"], ways=Ways(("equal",), ("geometric",), {"trust only": {"trust": 1}})
    )
    wide = found.frame.set_index(["weighting", "aggregation", "company"])["index"]
    assert wide["trust only", "geometric"].tolist() == pytest.approx([64, 50])
    assert wide["equal", "geometric"].tolist() == pytest.approx([0, 50])


def test_ways_that_cannot_be_are_named() -> None:
    ways = Ways(
        ("equel",), ("harmonic",), {"mine": {"gaols": 1}, "equal": {"goals": 1}, "none": {"goals": 0}}
    )
    with pytest.raises(InputError, match="5 problems"):
        composites(panel(), NAMES, ways=ways)


def test_impossible_demands_are_refused_together() -> None:
    with pytest.raises(InputError, match="3 problems"):
        composites(panel().assign(company="x"), NAMES, ways=Ways(penalty=2), classes=(0.5, 0.5, 0.5))
    with pytest.raises(InputError, match="outside the scale"):
        composites(panel().assign(trust=101.0), NAMES)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 99), shift=st.integers(0, 15))
def test_order_never_matters_and_a_common_shift_moves_no_mean(seed: int, shift: int) -> None:
    frame = panel(20, seed)
    found = composites(frame, NAMES, reliability=OMEGA, gaps=GAPS)
    again = composites(frame.sample(frac=1, random_state=seed), NAMES, reliability=OMEGA, gaps=GAPS)
    pd.testing.assert_frame_equal(found.frame, again.frame)
    turned = composites(frame, NAMES[::-1], reliability=OMEGA, gaps=GAPS)
    np.testing.assert_allclose(found.frame["index"], turned.frame["index"])
    lower = frame.assign(**{name: frame[name] * (85 / 100) + shift for name in NAMES})
    ranks = [
        f.frame.query("aggregation == 'arithmetic'")["rank"]
        for f in (found, composites(lower, NAMES, reliability=OMEGA, gaps=GAPS))
    ]
    np.testing.assert_array_equal(*ranks)
