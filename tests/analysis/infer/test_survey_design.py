from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.infer.design_remarks import design_remarks
from analysis.infer.estimates import mean_estimates
from analysis.infer.survey_design import survey_design
from analysis.infer.tabulation import means
from analysis.infer.variance import variance
from survey.problems import InputError

FRAME = pd.DataFrame(
    {
        "company": ["a", "a", "b", "c", "d", "e"],
        "stratum": ["x", "x", "x", "y", "y", "y"],
        "weight": [1.0, 2.0, 3.0, 1.0, 0.0, 2.0],
        "population": [4, 4, 4, 9, 9, 9],
    }
)


def test_a_table_without_standard_columns_is_a_simple_sample_of_companies() -> None:
    design = survey_design(FRAME[["company"]])
    assert design.weights.tolist() == [1.0] * 6
    assert design.sampled.tolist() == [5]
    assert np.isinf(design.population).all()
    assert design.df == 4
    assert survey_design(FRAME[["company"]], cluster=None).sampled.tolist() == [6]


def test_standard_columns_are_read() -> None:
    design = survey_design(FRAME)
    assert design.stratum_names == ("x", "y")
    assert design.sampled.tolist() == [2, 3]
    assert design.population.tolist() == [4, 9]
    assert design.stratum_of.tolist() == [0, 0, 1, 1, 1]


def test_degrees_of_freedom_count_what_has_a_weight() -> None:
    # Company d has weight 0: it is in the sample of its stratum, and no degree of freedom.
    assert survey_design(FRAME).df == 2
    inside = survey_design(FRAME).domain((FRAME["stratum"] == "y").to_numpy())
    assert inside.df == 1
    assert inside.sampled.tolist() == [2, 3]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weight": [1, -2, 1, 1, 1, 1]}, "row 2, weight: is no weight, found -2. Allowed: 0 or more"),
        ({"weight": [1, np.nan, 1, 1, 1, 1]}, "row 2, weight: is no weight"),
        ({"weight": [1, np.inf, 1, 1, 1, 1]}, "row 2, weight: is no weight"),
        ({"weight": 0.0}, "weight: holds no weight above 0"),
        ({"weight": "many"}, "row 6, weight: is no weight, found 'many'"),
        ({"stratum": ["x", "x", None, "y", "y", "y"]}, "row 3, stratum: is missing"),
        (
            {"stratum": list("xyxyyy")},
            "company: lies in more than one stratum (x, y), found 'a'. To do: give",
        ),
        ({"population": [4, 4, 5, 9, 9, 9]}, "population: differs within the stratum x (4 to 5)"),
        (
            {"population": [1, 1, 1, 9, 9, 9]},
            "smaller than the sample of the stratum x, found 1. Allowed: 2 or more",
        ),
        ({"population": [4, None, 4, 9, 9, 9]}, "row 2, population: is missing"),
    ],
)
def test_what_is_no_design_is_told_with_its_place(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as error:
        survey_design(FRAME.assign(**change))
    assert words in str(error.value)


def test_a_cluster_that_is_not_there_is_named() -> None:
    with pytest.raises(InputError, match="firm: is not a column of the table"):
        survey_design(FRAME, cluster="firm")


def test_a_stratum_of_one_company_is_named_where_it_may_not_be() -> None:
    alone = FRAME[FRAME["company"] != "b"]
    design = survey_design(alone, lonely="fail")
    with pytest.raises(InputError, match=r"one company in the sample.*'x'.*join it to a like stratum"):
        variance(np.ones((5, 1)), design)


def test_what_makes_estimates_weak_is_told_with_cell_and_count() -> None:
    alone = FRAME[FRAME["company"] != "b"].assign(wave=[1, 1, 1, 2, 1])
    told = [str(problem) for problem in design_remarks(alone, by=["wave"])]
    assert told == [
        "stratum: has one company in the sample (a), so that nothing shows how companies differ there, found 'x'. "
        "To do: join it to a like stratum; until then it counts as lonely = 'adjust' says",
        "weight: is 0 in 1 of 5 rows, which no estimate counts",
        "weight: has no weight above 0 in wave 2, so that it has no estimate. To do: join it to another cell",
    ]
    heavy = FRAME.assign(weight=[9.0, 0, 0, 1, 1, 1])
    assert any("has 75% of the weight of all rows (4 companies)" in str(p) for p in design_remarks(heavy))
    assert design_remarks(FRAME[["company"]]) == ()


def test_all_weights_in_one_company_give_a_mean_and_no_interval() -> None:
    frame = FRAME.assign(weight=[1.0, 1, 0, 0, 0, 0])
    found = mean_estimates(np.arange(6.0)[:, None], survey_design(frame))
    assert found.estimate.item() == 0.5
    assert np.isnan(found.std_error.item())
    assert found.df.item() == 0


def test_every_wave_is_a_sample_of_its_own_of_a_finite_population() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {"company": range(40), "wave": np.repeat([1, 2], 20), "population": 40, "y": rng.normal(size=40)}
    )
    # All 40 companies were asked in one wave or the other, but no wave asked more than half of them.
    assert survey_design(frame).population.tolist() == [80]
    by_wave = means(frame, ["y"], by=["wave"]).drop(columns="wave")
    alone = pd.concat([means(part, ["y"]) for _, part in frame.groupby("wave")], ignore_index=True)
    pd.testing.assert_frame_equal(by_wave, alone)
    again = frame.assign(company=frame["company"] % 20)
    assert survey_design(again).population.tolist() == [40]
    with pytest.raises(InputError, match=r"smaller than the sample .* Allowed: 20 or more"):
        survey_design(frame.assign(population=19))


def test_no_rows_are_a_design_of_nothing() -> None:
    design = survey_design(FRAME.iloc[:0])
    assert design.df == 0
    assert mean_estimates(np.empty((0, 1)), design).n.tolist() == [[0]]


SAMPLES = st.lists(
    st.tuples(st.integers(0, 7), st.floats(0.1, 9), st.floats(-50, 50, width=32)), min_size=4, max_size=25
).map(lambda rows: pd.DataFrame(rows, columns=["company", "weight", "y"]))


@settings(deadline=None, max_examples=30)
@given(frame=SAMPLES, scale=st.floats(0.01, 100), seed=st.integers(0, 99))
def test_means_ignore_row_order_the_scale_of_weights_and_the_names_of_strata(
    frame: pd.DataFrame, scale: float, seed: int
) -> None:
    drawn = frame.assign(stratum=frame["company"] % 2)
    others = (
        drawn.sample(frac=1, random_state=seed),
        drawn.assign(weight=drawn["weight"] * scale),
        drawn.assign(stratum=drawn["stratum"].map({0: "north", 1: "all the others"})),
    )
    wanted = _mean(drawn)
    for other in others:
        np.testing.assert_allclose(_mean(other), wanted, rtol=1e-8, atol=1e-8)


@settings(deadline=None, max_examples=30)
@given(frame=SAMPLES)
def test_strata_split_in_two_add_their_variances(frame: pd.DataFrame) -> None:
    drawn = frame.assign(stratum=frame["company"] % 2)
    influence = frame[["y"]].to_numpy(float)
    whole = variance(influence, survey_design(drawn, lonely="remove")).item()
    parts = [
        variance(influence[rows], survey_design(drawn[rows], lonely="remove")).item()
        for rows in ((drawn["stratum"] == stratum).to_numpy() for stratum in (0, 1))
        if rows.any()
    ]
    assert whole == pytest.approx(sum(parts), rel=1e-9, abs=1e-9)


def _mean(frame: pd.DataFrame) -> list[float]:
    found = mean_estimates(frame[["y"]].to_numpy(float), survey_design(frame))
    return [found.estimate.item(), found.variance.item(), found.df.item()]
