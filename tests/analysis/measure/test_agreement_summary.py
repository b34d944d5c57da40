import numpy as np
import pandas as pd

from analysis.measure.agreement import agreement
from analysis.measure.agreement_summary import (
    INDICES,
    agreement_curve,
    negative_counts,
    significant_share,
    typical_indices,
)
from analysis.measure.null_distributions import SHAPES


def test_a_stricter_null_leaves_less_agreement_and_more_negative_values(make_instrument, make_responses):
    rng = np.random.default_rng(1)
    columns = {
        "company": np.repeat([f"c{i}" for i in range(60)], 4).tolist(),
        "a1": rng.integers(1, 6, 240),
        "a2": rng.integers(1, 6, 240),
    }
    table = agreement(make_responses(columns, make_instrument({"a": "a1 a2"}, functions=False)))
    counts = negative_counts(table).set_index("null")
    assert counts.index.tolist() == list(SHAPES)
    assert counts["n"].tolist() == [60] * 5
    order = ["uniform", "slight_skew", "moderate_skew", "heavy_skew"]
    assert counts.loc[order, "n_negative"].is_monotonic_increasing
    assert counts.loc[order, "median"].is_monotonic_decreasing
    assert counts.loc["uniform", "n_negative"] == (table["variance"] > 2).sum() > 0
    assert (table.loc[table["negative_triangular"], "rwg_j_triangular"] == 0).all()
    assert (table["rwg_lindell"] < 0).equals(table["negative"])


def test_groups_of_one_are_not_counted(make_instrument, make_responses):
    columns = {"company": ["x", "x", "y"], "a1": [4, 5, 3]}
    responses = make_responses(columns, make_instrument({"a": "a1"}, functions=False))
    assert negative_counts(agreement(responses, nulls=()))["n"].tolist() == [1]
    alone = negative_counts(agreement(make_responses({"a1": [4]}, make_instrument({"a": "a1"}))))
    assert alone[["n", "n_negative"]].to_numpy().tolist() == [[0, 0]] * 5
    assert alone["median"].isna().all()


def test_share_of_the_tested():
    keys = {"construct": "a", "wave": 1, "function": ""}
    tested = pd.DataFrame({**keys, "p_value": [0.01, 0.05, 0.2, np.nan]})
    row = significant_share(tested).iloc[0]
    assert row[["n", "significant"]].tolist() == [3, 2]
    assert row["share"] == 2 / 3


def test_curves_fall_from_all_and_a_stricter_null_lies_below(make_instrument, make_responses):
    rng = np.random.default_rng(1)
    columns = {
        "company": [*np.repeat([f"c{i}" for i in range(60)], 4).tolist(), "alone"],
        "a1": rng.integers(1, 6, 241),
        "a2": rng.integers(1, 6, 241),
    }
    table = agreement(make_responses(columns, make_instrument({"a": "a1 a2"}, functions=False)))
    curve = agreement_curve(table).pivot_table("share", "rwg_j", "null")
    assert (curve.loc[0.0] == 100).all()
    assert (curve.diff().dropna() <= 0).all(axis=None)
    assert (curve["uniform"] >= curve["slight_skew"]).all()
    known = table.loc[table["n"] > 1, "rwg_j"]
    assert curve.loc[0.5, "uniform"] == 100 * (known >= 0.5).sum() / len(known)
    assert agreement_curve(table)[["n", "companies"]].eq(60).all(axis=None)
    assert agreement_curve(table[table["n"] == 1]).empty


def test_the_medians_of_every_index_are_those_of_the_groups(make_instrument, make_responses):
    rng = np.random.default_rng(2)
    columns = {
        "company": np.repeat([f"c{i}" for i in range(30)], 3).tolist(),
        "a1": rng.integers(1, 6, 90),
        "a2": rng.integers(1, 6, 90),
    }
    table = agreement(make_responses(columns, make_instrument({"a": "a1 a2"}, functions=False)))
    row = typical_indices(table, {"a": 5 / 6}).iloc[0]
    for name in INDICES:
        assert row[name] == table[name].median(), name
    assert row["ad_within"] == 100 * (table["ad"] <= 5 / 6).mean()
    assert 0 < row["n_awg"] == table["awg"].notna().sum() <= row["n"] == 30
    strict, loose = (typical_indices(table, {"a": cut})["ad_within"].iloc[0] for cut in (0.0, 4.0))
    assert (strict, loose) == (100 * (table["ad"] == 0).mean(), 100.0)
