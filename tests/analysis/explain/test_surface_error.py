import numpy as np
import pandas as pd
import pytest

from analysis.explain.surface_design import SurfaceSpecification
from analysis.explain.surface_error import surface_without_error

MODEL = SurfaceSpecification("m", "growth", "sales", "marketing")
TRUTH = {"a1": 0.2, "a4": -0.04}


def scores(*, error: float, companies: int = 20_000) -> pd.DataFrame:
    """True scores that go together by 0.4, measured with error; growth rises with level and falls with the gap."""
    rng = np.random.default_rng(1)
    shared = rng.normal(0, 1, companies)[:, None]
    truth = 60 + 10 * (np.sqrt(0.4) * shared + np.sqrt(0.6) * rng.normal(0, 1, (companies, 2)))
    frame = pd.DataFrame(truth + rng.normal(0, error, truth.shape), columns=["sales", "marketing"])
    frame["growth"] = 0.1 * (truth.sum(axis=1) - 120) - 0.01 * (truth[:, 0] - truth[:, 1]) ** 2
    return frame.assign(company=np.arange(companies), sales_se=error, marketing_se=error)


@pytest.mark.parametrize("error", [3.0, 5.0])
def test_bends_shrink_by_the_square_of_the_reliability_of_the_difference(error: float) -> None:
    found = surface_without_error(
        MODEL, scores(error=error), rng=np.random.default_rng(1), draws=4
    ).set_index("term")
    gap = 120 / (120 + 2 * error**2)
    assert found.loc["a4", "left"] == pytest.approx(gap**2, rel=0.03)
    assert found.loc["a4", "measured"] == pytest.approx(TRUTH["a4"] * gap**2, rel=0.05)
    assert found.loc["a1", "measured"] == pytest.approx(TRUTH["a1"] * found.loc["a1", "left"], rel=0.03)
    undone = (found.loc["a4", "corrected"] - found.loc["a4", "measured"]) / (
        TRUTH["a4"] - found.loc["a4", "measured"]
    )
    assert 0.5 < undone < 1.05
    assert found.loc["a1", "corrected"] == pytest.approx(TRUTH["a1"], rel=0.08)


def test_without_error_nothing_is_lost() -> None:
    found = surface_without_error(
        MODEL, scores(error=0.0, companies=500), rng=np.random.default_rng(1), draws=2
    )
    np.testing.assert_allclose(found["corrected"], found["measured"], rtol=1e-6, atol=1e-9)
    assert (found["left"] == 1).all()


def test_unknown_errors_give_no_size() -> None:
    frame = scores(error=3.0, companies=100)
    assert surface_without_error(MODEL, frame.drop(columns="sales_se"), rng=np.random.default_rng(1)).empty
    assert surface_without_error(MODEL, frame.assign(sales=1.0), rng=np.random.default_rng(1)).empty
