import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from analysis.measure import between_functions as room
from analysis.measure.between_functions import ALONE, SHORT, SILENT, between_functions
from analysis.measure.profiles import measures_of, profile_moments

BOTH = ("sales", "marketing")
NAMES = ["a", "b", "c", "d", "e", "f"]


def planted(rng, *, companies, informants, gap, spread):
    """Return scores whose respondents share an own level, and the true profiles of both functions."""
    first = rng.normal(60, 10, size=(companies, len(NAMES)))
    second = first + gap + rng.normal(0, spread, size=first.shape)
    parts = []
    for name, profile in zip(BOTH, (first, second), strict=True):
        company = np.repeat(np.arange(companies), informants)
        own = rng.normal(0, 7, size=(len(company), 1))
        values = profile[company] + own + rng.normal(0, 9, size=(len(company), len(NAMES)))
        parts.append(pd.DataFrame(values, columns=NAMES).assign(company=company, wave=1, function=name))
    return pd.concat(parts, ignore_index=True), measures_of(profile_moments(first, second))


@pytest.mark.parametrize("informants", [2, 5])
@pytest.mark.parametrize(("gap", "spread"), [(0, 0), (0, 6), (15, 10)])
def test_intervals_cover(informants, gap, spread):
    rng = np.random.default_rng(2)
    scores, truth = planted(rng, companies=600, informants=informants, gap=gap, spread=spread)
    table = between_functions(scores, NAMES, rng=rng, resamples=300)
    true = truth.ravel()
    table["covered"] = (table["conf_low"] <= true + 1e-9) & (true - 1e-9 <= table["conf_high"])
    share = table.groupby("measure")["covered"].mean()
    assert (share >= 0.915).all(), share
    # Noise makes distances look larger; without it they come nearer the truth.
    means = table.assign(true=true).groupby("measure")[["estimate", "corrected", "true"]].mean()
    for name in ("d2", "shape"):
        row = means.loc[name]
        assert abs(row["corrected"] - row["true"]) < abs(row["estimate"] - row["true"]), name


def test_same_seed_same_intervals_whatever_the_order_of_rows_and_the_portions(monkeypatch):
    rng = np.random.default_rng(5)
    scores, _ = planted(rng, companies=30, informants=3, gap=3, spread=3)
    both = pd.concat([scores, scores.assign(wave=2, **{name: 100 - scores[name] for name in NAMES})])
    before = between_functions(both, NAMES, rng=np.random.default_rng(9), resamples=50)
    shuffled = both.sample(frac=1, random_state=1)
    assert_frame_equal(before, between_functions(shuffled, NAMES, rng=np.random.default_rng(9), resamples=50))
    monkeypatch.setattr(room, "CHUNK", 2000)
    small = between_functions(both, NAMES, rng=np.random.default_rng(9), resamples=50)
    np.testing.assert_allclose(small["estimate"], before["estimate"])
    assert small["conf_low"].notna().all()
    # Reversing the scale changes nothing but the sign of the gap.
    turned = before.set_index(["wave", "company", "measure"])["estimate"]
    np.testing.assert_allclose(turned.loc[1], turned.loc[2], rtol=1e-9)


def test_order_of_constructs_does_not_matter():
    scores, _ = planted(np.random.default_rng(6), companies=10, informants=2, gap=3, spread=3)
    before = between_functions(scores, NAMES, rng=np.random.default_rng(1), resamples=20)
    after = between_functions(scores, NAMES[::-1], rng=np.random.default_rng(1), resamples=20)
    np.testing.assert_allclose(before["estimate"], after["estimate"], rtol=1e-9)


def test_what_cannot_be_compared_says_why():
    scores = pd.DataFrame(
        {
            "company": ["x", "x", "x", "y", "z", "z", "x"],
            "wave": [1, 1, 1, 1, 1, 1, 2],
            "function": ["sales", "sales", "marketing", "sales", "sales", "marketing", "sales"],
            "a": [10.0, 20, 30, 40, 50, 50, 10],
            "b": [20.0, 40, 30, 40, 50, np.nan, 10],
        }
    )
    table = between_functions(scores, ["a", "b"], rng=np.random.default_rng(1)).set_index(
        ["company", "wave", "measure"]
    )
    assert table.loc[("x", 1, "d2"), "note"] == ALONE
    assert table.loc[("x", 1, "d2"), "estimate"] == pytest.approx(15**2)
    assert table.loc[("x", 1, "profile_r"), "note"] == SHORT
    for key in (("y", 1), ("z", 1), ("x", 2)):
        assert table.loc[key, "note"].unique().tolist() == [SILENT]
        assert table.loc[key, "estimate"].isna().all()
    values = table[["estimate", "conf_low"]].isna().any(axis=1)
    assert (table.loc[values, "note"] != "").all()
    one = between_functions(scores, ["a"], rng=np.random.default_rng(1)).set_index(
        ["company", "wave", "measure"]
    )
    assert one.loc[("x", 1, "profile_icc"), "note"] == SHORT
    assert np.isnan(one.loc[("x", 1, "profile_icc"), "estimate"])
    assert len(between_functions(scores.iloc[:0], ["a", "b"], rng=np.random.default_rng(1))) == 0


def test_two_constructs_have_neither_shape_nor_correlation():
    rng = np.random.default_rng(3)
    scores = pd.DataFrame(rng.normal(50, 10, size=(12, 2)), columns=["a", "b"])
    scores = scores.assign(company=list("xyz") * 4, wave=1, function=["sales"] * 6 + ["marketing"] * 6)
    found = between_functions(scores, ["a", "b"], rng=rng, resamples=20).set_index("measure")
    absent = found.loc[["shape", "profile_r", "profile_icc"]]
    assert absent[["estimate", "conf_low", "conf_high"]].isna().all(axis=None)
    assert absent["note"].str.contains("fewer than three constructs").all()
    assert found.loc[["d2", "elevation", "scatter"], "estimate"].notna().all()
