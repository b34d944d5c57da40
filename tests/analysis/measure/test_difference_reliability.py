import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from analysis.measure.difference_reliability import ALONE, FEW, GAP, SAME, difference_reliability

BOTH = ("sales", "marketing")


def planted(rng, *, companies, informants, spread, waves=1, gap=0.0):
    """Return scores with noise of variance 1; each wave is a sample of its own."""
    base = rng.normal(size=(waves, companies))
    apart = gap + rng.normal(scale=spread, size=(waves, companies))
    wave = np.repeat(np.arange(waves), companies * informants)
    company = np.tile(np.repeat(np.arange(companies), informants), waves)
    parts = [
        pd.DataFrame({"company": company, "wave": wave, "function": name,
                      "c": (base + share * apart)[wave, company] + rng.normal(size=len(wave))})
        for name, share in zip(BOTH, (0, 1), strict=True)
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def test_it_is_the_formula_of_johns():
    scores = planted(np.random.default_rng(1), companies=30, informants=3, spread=1.0)
    row = difference_reliability(scores, ["c"], rng=np.random.default_rng(1), resamples=50).iloc[0]
    means = scores.pivot_table(index="company", columns="function", values="c")
    v = means.var()
    covariance = means.cov().iloc[0, 1]
    expected = v["sales"] * row["r_first"] + v["marketing"] * row["r_second"] - 2 * covariance
    assert row["estimate"] == pytest.approx(expected / (v.sum() - 2 * covariance))
    # Group sizes are equal, so that the reliability of each function is its ICC(2).
    within = scores[scores["function"] == "sales"].groupby("company")["c"].var().mean()
    assert row["r_first"] == pytest.approx(1 - within / 3 / v["sales"])
    assert row["correlation"] == pytest.approx(means.corr().iloc[0, 1])
    difference = means["marketing"] - means["sales"]
    assert row["gap"] == pytest.approx(difference.mean())
    assert row["gap_high"] - row["gap"] == pytest.approx(2.0452 * difference.std() / np.sqrt(30), rel=1e-4)


@pytest.mark.long
@pytest.mark.parametrize(("companies", "informants"), [(15, 5), (60, 2)])
@pytest.mark.parametrize("spread", [0.3, 1.0])
def test_intervals_cover(companies, informants, spread):
    rng = np.random.default_rng(2)
    scores = planted(rng, companies=companies, informants=informants, spread=spread, waves=100)
    table = difference_reliability(scores, ["c"], rng=rng, resamples=200)
    table = table[table["construct"] == "c"]
    true = spread**2 / (spread**2 + 2 / informants)
    assert ((table["conf_low"] <= true) & (true <= table["conf_high"])).mean() >= 0.88
    assert ((table["gap_low"] <= 0) & (table["gap_high"] >= 0)).mean() == pytest.approx(0.95, abs=0.05)
    if companies == 60:
        assert table["estimate"].mean() == pytest.approx(true, abs=0.04)
        assert table["gap_sd"].mean() == pytest.approx(spread, abs=0.15)


def test_the_gap_is_the_mean_of_the_constructs():
    scores = planted(np.random.default_rng(3), companies=10, informants=2, spread=1.0)
    scores = scores.assign(d=-scores["c"] + 5)
    table = difference_reliability(scores, ["c", "d"], rng=np.random.default_rng(1)).set_index("construct")
    assert table.index.tolist() == ["c", "d", GAP]
    assert table.loc[GAP, "gap"] == pytest.approx((table.loc["c", "gap"] + table.loc["d", "gap"]) / 2)
    # Half the scale the other way round: constant, and so nothing that differs.
    assert table.loc[GAP, "note"] == SAME
    assert table.loc["c", "estimate"] == pytest.approx(table.loc["d", "estimate"])


@pytest.mark.parametrize(
    ("keep", "note"),
    [
        (lambda t: t[t["company"] < 2], FEW),
        (lambda t: t[t["function"] == "sales"], FEW),
        (lambda t: t.drop_duplicates(["company", "function"]), ALONE),
        (lambda t: t.assign(c=np.where(t["function"] == "sales", 40.0, 50.0)), SAME),
        (lambda t: t.assign(c=np.nan), FEW),
    ],
)
def test_why_there_is_none(keep, note):
    scores = keep(planted(np.random.default_rng(4), companies=5, informants=2, spread=1.0))
    row = difference_reliability(scores, ["c"], rng=np.random.default_rng(1), resamples=20).iloc[0]
    assert row["note"] == note
    assert np.isnan(row["estimate"])
    assert np.isnan(row["conf_low"])


def test_order_and_direction_do_not_matter():
    scores = planted(np.random.default_rng(5), companies=12, informants=3, spread=1.0)
    before = difference_reliability(scores, ["c"], rng=np.random.default_rng(1), resamples=50)
    mixed = scores.sample(frac=1, random_state=1)
    assert_frame_equal(
        before, difference_reliability(mixed, ["c"], rng=np.random.default_rng(1), resamples=50)
    )
    turned = difference_reliability(
        scores.assign(c=-scores["c"]), ["c"], rng=np.random.default_rng(1), resamples=50
    )
    np.testing.assert_allclose(before["conf_low"], turned["conf_low"])
    np.testing.assert_allclose(before["gap"], -turned["gap"])
    assert len(difference_reliability(scores.iloc[:0], ["c"], rng=np.random.default_rng(1))) == 0
