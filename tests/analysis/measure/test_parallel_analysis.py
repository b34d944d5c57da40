import json

import numpy as np
import pandas as pd
import pytest

from analysis.measure.parallel_analysis import parallel_analysis, random_eigenvalues


def factors(count: int, *, n: int = 600, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(np.repeat(rng.normal(size=(n, count)), 4, axis=1) + rng.normal(size=(n, 4 * count)))


@pytest.mark.parametrize("count", [1, 2, 4])
def test_planted_factors_are_counted(count):
    found = parallel_analysis(factors(count), rng=np.random.default_rng(2), draws=200)
    assert found["kept"].sum() == count
    assert found["kept"].iloc[:count].all()


def test_unrelated_items_hold_no_factor_most_times():
    rng = np.random.default_rng(3)
    kept = [
        parallel_analysis(pd.DataFrame(rng.normal(size=(100, 6))), rng=rng, draws=200)["kept"].any()
        for _ in range(100)
    ]
    assert np.mean(kept) == pytest.approx(0.05, abs=0.06)


def test_random_eigenvalues_are_those_of_normal_answers():
    drawn = random_eigenvalues(80, 5, rng=np.random.default_rng(4), draws=4000)
    rng = np.random.default_rng(5)
    direct = np.array(
        [np.linalg.eigvalsh(np.corrcoef(rng.normal(size=(80, 5)), rowvar=False))[::-1] for _ in range(4000)]
    )
    np.testing.assert_allclose(drawn.mean(axis=0), direct.mean(axis=0), atol=0.01)
    np.testing.assert_allclose(np.quantile(drawn, 0.95, axis=0), np.quantile(direct, 0.95, axis=0), atol=0.03)
    np.testing.assert_allclose(drawn.sum(axis=1), 5)


def test_the_big_five_have_the_eigenvalues_of_r(real_data):
    folder = real_data / "psychometrics"
    known = json.loads((folder / "reference.json").read_text())["bfi"]["eigen_pairwise"]
    answers = pd.read_csv(folder / "bfi.csv")[[f"{t}{i}" for t in "ACENO" for i in range(1, 6)]]
    found = parallel_analysis(answers, rng=np.random.default_rng(1), draws=200)
    np.testing.assert_allclose(found["eigenvalue"], known, rtol=1e-6)
    assert found["kept"].sum() == 6, "psych::fa.parallel keeps six components too"


def test_the_same_seed_gives_the_same_and_order_does_not_matter():
    frame = factors(2)
    one, again = (parallel_analysis(frame, rng=np.random.default_rng(6)) for _ in range(2))
    pd.testing.assert_frame_equal(one, again)
    mixed = parallel_analysis(frame.iloc[::-1, ::-1], rng=np.random.default_rng(6))
    pd.testing.assert_frame_equal(one, mixed)


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (pd.DataFrame({"a": [1.0, 2, 3]}), "two items"),
        (factors(1).iloc[:4], "too few"),
        (factors(1).assign(x=1.0), "equal"),
        (pd.DataFrame(), "two items"),
        (pd.DataFrame({"a": [np.nan] * 9, "b": [1.0] * 9}), "too few"),
    ],
)
def test_what_cannot_be_computed_is_said(frame, why):
    found = parallel_analysis(frame, rng=np.random.default_rng(1))
    assert why in found["note"].iloc[0]
    assert not found["kept"].any()
