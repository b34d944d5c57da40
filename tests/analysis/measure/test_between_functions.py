import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from analysis.measure import between_functions as room
from analysis.measure.alignment import profile_similarity
from analysis.measure.between_functions import ALONE, FLAT, SILENT, between_functions
from analysis.measure.profiles import MEASURES, intervals, measures_of, profile_moments
from analysis.measure.resampling import draw_means, sample_of

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


def test_measures_are_those_of_the_profiles():
    rng = np.random.default_rng(1)
    x, y = rng.normal(50, 10, size=(2, 30, 5))
    found = pd.DataFrame(measures_of(profile_moments(x, y)), columns=list(MEASURES))
    expected = profile_similarity(x, y)
    for name in expected:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-9, err_msg=name)
    r = [np.corrcoef(a, b)[0, 1] for a, b in zip(x, y, strict=True)]
    np.testing.assert_allclose(found["profile_r"], r, rtol=1e-9)
    np.testing.assert_allclose(found["d2"], found[["elevation", "scatter", "shape"]].sum(axis=1))


@pytest.mark.parametrize("informants", [2, 5])
@pytest.mark.parametrize(("gap", "spread"), [(0, 0), (0, 6), (15, 10)])
def test_intervals_cover(informants, gap, spread):
    rng = np.random.default_rng(2)
    scores, truth = planted(rng, companies=600, informants=informants, gap=gap, spread=spread)
    table = between_functions(scores, NAMES, rng=rng, resamples=300)
    true = truth.ravel()
    table["covered"] = (table["conf_low"] <= true + 1e-9) & (true - 1e-9 <= table["conf_high"])
    share = table.groupby("measure")["covered"].mean()
    assert (share >= 0.915 - 0.03 * (share.index == "scatter")).all(), share
    # Noise makes distances look larger; without it they come nearer the truth.
    means = table.assign(true=true).groupby("measure")[["estimate", "corrected", "true"]].mean()
    for name in ("d2", "shape"):
        row = means.loc[name]
        assert abs(row["corrected"] - row["true"]) < abs(row["estimate"] - row["true"]), name


def test_own_respondents_give_an_interval_too():
    rng = np.random.default_rng(3)
    scores, truth = planted(rng, companies=300, informants=10, gap=5, spread=5)
    table = between_functions(scores, NAMES, rng=rng, resamples=300, pooled=False)
    covered = (table["conf_low"] <= truth.ravel()) & (truth.ravel() <= table["conf_high"])
    assert covered.groupby(table["measure"]).mean().between(0.86, 1.0).all()


def test_resampled_means_scatter_as_means_of_respondents_do():
    rng = np.random.default_rng(4)
    scores, _ = planted(rng, companies=200, informants=3, gap=0, spread=0)
    sales = scores[scores["function"] == "sales"]
    index = pd.MultiIndex.from_product([range(200), [1]], names=["company", "wave"])
    sample = sample_of(sales, NAMES, index=index)
    drawn = draw_means(sample, np.arange(200), 400, rng=rng)
    within = sales.groupby("company")[NAMES].var().mean().to_numpy()
    np.testing.assert_allclose(drawn.var(axis=0).mean(axis=0), within / 3, rtol=0.03)
    np.testing.assert_allclose(drawn.mean(axis=0), sample.means, atol=3)


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
    assert table.loc[("x", 1, "profile_r"), "note"] == FLAT
    for key in (("y", 1), ("z", 1), ("x", 2)):
        assert table.loc[key, "note"].unique().tolist() == [SILENT]
        assert table.loc[key, "estimate"].isna().all()
    values = table[["estimate", "conf_low"]].isna().any(axis=1)
    assert (table.loc[values, "note"] != "").all()
    one = between_functions(scores, ["a"], rng=np.random.default_rng(1)).set_index(
        ["company", "wave", "measure"]
    )
    assert one.loc[("x", 1, "profile_icc"), "note"] == FLAT
    assert np.isnan(one.loc[("x", 1, "profile_icc"), "estimate"])
    assert len(between_functions(scores.iloc[:0], ["a", "b"], rng=np.random.default_rng(1))) == 0


def test_people_who_never_differ_leave_no_doubt():
    x = np.array([[10.0, 20, 30], [50, 50, 50]])
    y = x + np.array([[5.0, 10, 0], [1, 0, 0]])
    drawn = (np.repeat(x[None], 20, axis=0), np.repeat(y[None], 20, axis=0))
    corrected, low, high = intervals(x, y, drawn, level=0.95)
    estimate = measures_of(profile_moments(x, y))
    for part in (corrected, low, high):
        np.testing.assert_allclose(part[0], estimate[0], atol=1e-9)
