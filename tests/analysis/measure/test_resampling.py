import numpy as np
import pandas as pd

from analysis.measure.resampling import draw_noise, sample_of

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
    drawn = draw_noise(sample, np.arange(200), 400, rng=rng)
    within = sales.groupby("company")[NAMES].var().mean().to_numpy()
    np.testing.assert_allclose(drawn.var(axis=0).mean(axis=0), within / 3, rtol=0.03)
    np.testing.assert_allclose(drawn.mean(axis=0), 0, atol=3)


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
    assert pooled.pool_df.tolist() == [1, 1, 1, 1]
    drawn = draw_noise(pooled, np.array([1, 2]), 500, rng=np.random.default_rng(1))
    assert drawn.shape == (500, 2, 3)
    assert np.abs(drawn[:, 1, 0]).min() > 0
    assert (drawn[:, 1, 2] == 0).all()


def test_a_pool_of_few_deviations_does_not_tell_how_wide_it_is():
    rng = np.random.default_rng(6)
    index = pd.MultiIndex.from_product([range(3), [1]], names=["company", "wave"])
    sample = sample_of(people(rng, 3, 3), NAMES, index=index)
    assert sample.pool_df.tolist() == [6, 6, 6]
    drawn = draw_noise(sample, np.arange(3), 40_000, rng=rng)
    within = (sample.deviations**2).mean(axis=0)
    # The variance of t with 6 degrees of freedom.
    np.testing.assert_allclose(drawn.var(axis=0), np.tile(within / 3, (3, 1)) * 6 / 4, rtol=0.08)


def test_every_wave_draws_from_its_own_pool():
    rng = np.random.default_rng(2)
    calm = people(rng, 4, 2)
    wild = (10 * people(rng, 4, 3).drop(columns=["company", "wave"])).assign(
        company=np.repeat(np.arange(4), 3), wave=2
    )
    index = pd.MultiIndex.from_product([range(4), [1, 2]], names=["company", "wave"])
    sample = sample_of(pd.concat([wild, calm]), NAMES, index=index)
    assert sample.pool_size.tolist() == [8, 12] * 4
    assert sample.pool_df.tolist() == [4, 8] * 4
    drawn = draw_noise(sample, np.arange(8), 200, rng=rng).std(axis=(0, 2)).reshape(4, 2)
    assert (drawn[:, 1] > 3 * drawn[:, 0]).all()
