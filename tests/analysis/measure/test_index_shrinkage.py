"""A company's index shrunk by the variances of a study alone is the one that the study finds for it."""

import numpy as np
import pandas as pd
import pytest

from analysis.measure.index_shrinkage import index_shrinkage, shrink_others
from analysis.measure.one_way import Floats, one_way
from analysis.measure.shrinkage import SILENT, Nodes, nodes_of, shrink_index
from tests.analysis.measure.test_sampling_error import CONSTRUCTS, answers

BOTH = ("sales", "marketing")
NUMBERS = ["observed", "reliability", "estimate", "std_error", "conf_low", "conf_high"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_company_of_the_study_gets_what_the_study_gives_it(seed: int) -> None:
    scores = answers(seed=seed)
    model = index_shrinkage(scores, CONSTRUCTS, functions=BOTH)
    assert model is not None
    expected = shrink_index(scores, CONSTRUCTS, functions=BOTH).set_index("company")
    known = expected.index[expected["observed"].notna()]
    for company in known:
        own = shrink_others(scores[scores["company"] == company], CONSTRUCTS, model=model).iloc[0]
        assert own[NUMBERS].to_numpy(float) == pytest.approx(
            expected.loc[company, NUMBERS].to_numpy(float), rel=1e-10
        )
        assert own["n"] == expected.loc[company, "n"]


def test_one_function_without_a_name_serves_as_well() -> None:
    scores = answers(missing=0).assign(function="")
    model = index_shrinkage(scores, CONSTRUCTS, functions=("",))
    assert model is not None
    expected = shrink_index(scores, CONSTRUCTS, functions=("",))
    found = shrink_others(scores, CONSTRUCTS, model=model)
    assert found[NUMBERS].to_numpy() == pytest.approx(expected[NUMBERS].to_numpy(), rel=1e-10)


def test_a_silent_function_leaves_no_score_and_says_so() -> None:
    scores = answers()
    model = index_shrinkage(scores, CONSTRUCTS, functions=BOTH)
    assert model is not None
    one = scores[scores["company"].eq("C01") & scores["function"].eq("sales")]
    found = shrink_others(one, CONSTRUCTS, model=model).iloc[0]
    assert np.isnan(found["estimate"])
    assert found["note"] == SILENT


def test_a_study_in_which_a_function_is_silent_has_no_model() -> None:
    scores = answers()
    assert index_shrinkage(scores[scores["function"] == "sales"], CONSTRUCTS, functions=BOTH) is None


def test_three_companies_give_no_interval() -> None:
    scores = answers(companies=3, missing=0)
    model = index_shrinkage(scores, CONSTRUCTS, functions=BOTH)
    assert model is not None
    found = shrink_others(scores, CONSTRUCTS, model=model)
    assert found["conf_low"].isna().all()
    assert (found["note"] != "").all()
    assert pd.notna(found["estimate"]).all()


def by_informants(nodes: Nodes, sizes: Floats) -> tuple[float, float, float]:
    """Take ratios of the variances for an equation each: how many companies of the last size there are, what these
    score together, and how badly the first set of equations fits.

    The variance of the mean says how much all companies weigh at a ratio, and a company of n informants weighs
    ``n / (1 + n theta)``.
    """
    each = sizes / (1 + nodes.theta[:, :1] * sizes)
    weight = nodes.sigma2[:, 0] / nodes.mu_variance[:, 0]
    counts, *_ = np.linalg.lstsq(each, weight)
    sums, *_ = np.linalg.lstsq(each, weight * nodes.mu[:, 0])
    return float(counts[-1]), float(sums[-1]), float(np.abs(each @ counts - weight).max())


def test_the_ratios_of_the_variances_give_no_company_away() -> None:
    """One company has seven informants, as a large one may; the others have one or two."""
    rng = np.random.default_rng(3)
    company = np.repeat(np.arange(21), [1, 2] * 10 + [7])
    scores = pd.DataFrame({"company": company, "function": "", "wave": 1})
    scores["trust"] = rng.normal(50, 15, 21)[company] + rng.normal(0, 10, len(scores))
    large = scores.loc[scores["company"] == 20, "trust"].mean()
    told = nodes_of(one_way(scores.rename(columns={"trust": "index"}), ["index"]))
    assert by_informants(told, np.array([1.0, 2, 7])) == pytest.approx((1, large, 0), abs=1e-6)
    model = index_shrinkage(scores, ["trust"], functions=("",))
    assert model is not None
    count, score, misfit = by_informants(model.nodes, np.array([1.0, 2, 7]))
    assert abs(count - 1) > 0.5
    assert abs(score - large) > 10
    assert misfit > 1e-3


def test_levels_that_are_published_make_the_model() -> None:
    """Whoever is left out of them is in none of its numbers, so that no difference from them tells of one company."""
    scores = answers()
    levels = (
        pd.DataFrame({"company": scores["company"].unique(), "wave": scores["wave"].iloc[0]})
        .assign(alignment_sales=lambda table: 40.0 + np.arange(len(table)))
        .assign(alignment_marketing=lambda table: 50.0 + np.arange(len(table)) % 7)
    )
    model = index_shrinkage(scores, CONSTRUCTS, functions=BOTH, levels=levels)
    assert model is not None
    assert model.mu == pytest.approx(levels[["alignment_sales", "alignment_marketing"]].mean().to_numpy())
    nobody = levels.assign(alignment_sales=np.nan)
    assert shrink_index(scores, CONSTRUCTS, functions=BOTH, levels=nobody)["estimate"].isna().all()
