import numpy as np
import pandas as pd

from analysis.measure.resampling import draw_means, sample_of

NAMES = ["a", "b", "c"]


def people(rng, companies, informants):
    company = np.repeat(np.arange(companies), informants)
    values = 50 + 8 * rng.normal(size=(companies, 3))[company] + 10 * rng.normal(size=(len(company), 3))
    return pd.DataFrame(values, columns=NAMES).assign(company=company, wave=1)


def test_resampled_means_scatter_as_means_of_respondents_do():
    rng = np.random.default_rng(4)
    sales = people(rng, 200, 3)
    index = pd.MultiIndex.from_product([range(200), [1]], names=["company", "wave"])
    sample = sample_of(sales, NAMES, index=index)
    drawn = draw_means(sample, np.arange(200), 400, rng=rng)
    within = sales.groupby("company")[NAMES].var().mean().to_numpy()
    np.testing.assert_allclose(drawn.var(axis=0).mean(axis=0), within / 3, rtol=0.03)
    np.testing.assert_allclose(drawn.mean(axis=0), sample.means, atol=3)


def test_who_can_be_drawn_and_from_what():
    scores = pd.DataFrame(
        {
            "company": ["x", "x", "y", "z", "z"],
            "wave": 1,
            "a": [1.0, 3, 5, 7, 7],
            "b": [0.0, 0, 0, np.nan, 1],
            "c": [2.0, 2, 2, 2, 2],
        }
    )
    index = pd.MultiIndex.from_product([list("wxyz"), [1]], names=["company", "wave"])
    pooled = sample_of(scores, NAMES, index=index)
    assert pooled.n.tolist() == [0, 2, 1, 1]
    assert pooled.drawable.tolist() == [False, True, True, True]
    # Two people off their mean by 1, stretched by the root of 2.
    np.testing.assert_allclose(pooled.deviations[:, 0], [-np.sqrt(2), np.sqrt(2)])
    own = sample_of(scores, NAMES, index=index, pooled=False)
    assert own.drawable.tolist() == [False, True, False, False]
    drawn = draw_means(pooled, np.array([1, 2]), 500, rng=np.random.default_rng(1))
    assert drawn.shape == (500, 2, 3)
    np.testing.assert_allclose(np.unique(drawn[:, 1, 0].round(6)), [5 - 1.414214, 5 + 1.414214])
