"""Replicate weights that a table carries: every published estimate under them against R survey, and what must hold."""

from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import Any, cast, get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.benchmark.norms import PERCENTILES, norms
from analysis.infer.association import Statistic, crossed_test, two_groups_test
from analysis.infer.banner import banner
from analysis.infer.bootstrap_replicates import bootstrap
from analysis.infer.carried_replicates import REPLICATES, as_column, relative
from analysis.infer.combinations import transformed
from analysis.infer.crosstab import crosstab
from analysis.infer.design_regression import design_regression
from analysis.infer.estimates import mean_estimates
from analysis.infer.jackknife import jackknife
from analysis.infer.proportions import Method
from analysis.infer.quantiles import quantiles
from analysis.infer.recalibration import recalibration
from analysis.infer.replicate_columns import replicate_columns
from analysis.infer.stub import mean_of
from analysis.infer.survey_design import survey_design
from analysis.infer.tabulation import changes, contrasts, means, shares
from analysis.infer.totals import ratios, totals, variances
from survey.calibration import poststratify
from survey.problems import InputError
from tests.analysis.infer.test_replicates import DATA, EXPECTED, FACTORS, NAMES, REFERENCE, WHOLE, made

PUBLISHED = pd.read_csv(REFERENCE / "published_replicates.csv")


def carrying(frame: pd.DataFrame, replicates: Any) -> pd.DataFrame:
    """Let each row of a table carry its replicate weights; strata and population, which they know, left out."""
    bare = frame.drop(columns=["stratum", "population"], errors="ignore")
    return bare.assign(**{REPLICATES: pd.Series(as_column(relative(replicates)), index=frame.index)})


@cache
def table(name: str) -> pd.DataFrame:
    frame = DATA.assign(aligned=100.0 * (DATA["stage"] >= 3))
    if name != "bootstrap of the study":
        return carrying(frame, made(name))
    names = [column for column in FACTORS if column.startswith("subbootstrap")]
    drawn = FACTORS.loc[frame["company"], names].to_numpy() * frame[["weight"]].to_numpy()
    wide = pd.concat([frame, pd.DataFrame(drawn, columns=names)], axis=1)
    return carrying(frame, replicate_columns(wide, names, kind="bootstrap"))


def expected(design: str, what: str, cells: list[str]) -> pd.DataFrame:
    rows = PUBLISHED[(PUBLISHED["design"] == design) & (PUBLISHED["what"] == what)].set_index("cell")
    return rows.loc[cells]


def assert_equal(found: pd.DataFrame, right: pd.DataFrame, columns: list[str], rtol: float = 1e-7) -> None:
    for column in columns:
        np.testing.assert_allclose(found[column], right[column], rtol=rtol, err_msg=column)


@pytest.mark.parametrize("name", NAMES)
def test_means_totals_and_ratios_of_tables_agree_with_r_for_every_kind(name: str) -> None:
    frame = table(name)
    rows = EXPECTED[EXPECTED["design"] == name].set_index(["what", "cell", "term"])
    found = means(frame, ["x", "y", "size"], by=["segment"])
    right = rows.loc[[("mean", *key) for key in zip(found["segment"], found["variable"], strict=True)]]
    assert_equal(found, right, ["estimate", "std_error", "df"])
    right = rows.loc[[("mean", "all", name) for name in ("x", "y", "size")]]
    assert_equal(means(frame, ["x", "y", "size"]), right, ["estimate", "std_error", "df"])
    right = rows.loc[[("total", "all", name) for name in ("x", "y", "size")]]
    assert_equal(totals(frame, ["x", "y", "size"]), right, ["estimate", "std_error"])
    ratio = ratios(frame, {"y/size": ("y", "size")})
    assert_equal(ratio, rows.loc[[("ratio", "all", "y/size")]], ["estimate", "std_error"])
    difference = contrasts(frame, ["x"], group="segment", a="south", b="north")
    assert_equal(difference, rows.loc[[("contrast", "south - north", "x")]], ["estimate", "std_error"])
    assert survey_design(frame).df == rows.loc[("whole", "all", "df"), "estimate"]


@pytest.mark.parametrize(("name", "design"), [("JKn", "JKn"), ("bootstrap of the study", "bootstrap")])
def test_what_published_tables_show_agrees_with_r(name: str, design: str) -> None:
    frame, cells = table(name), ["north", "south", "west"]
    interval = ["estimate", "std_error", "conf_low", "conf_high", "df"]
    assert_equal(means(frame, ["y"], by=["segment"]), expected(design, "mean", cells), interval)
    for method in ("mean", "beta", "logit", "asin"):
        found = shares(frame, "aligned", by=["segment"], method=cast("Method", method))
        # R stops its search for a logit at 1e-8 of the deviance.
        assert_equal(found, expected(design, f"share {method}", cells), interval[:4], rtol=1e-6)
        whole = shares(frame, "aligned", method=cast("Method", method))
        assert_equal(whole, expected(design, f"share {method}", ["all"]), interval[:4], rtol=1e-6)
    median = quantiles(frame, ["y"], by=["segment"], probabilities=[0.5], interval="mean")
    assert_equal(median, expected(design, "median", cells), ["estimate", "conf_low", "conf_high", "df"])
    for share in PERCENTILES.values():
        found = quantiles(frame, ["y"], by=["segment"], probabilities=[share], interval="logit", rule="hf7")
        assert_equal(found, expected(design, f"hf7 {share}", cells), interval)
    pairs = list(combinations(cells, 2))
    right = expected(design, "contrast", [" - ".join(pair) for pair in pairs])
    found = pd.concat([contrasts(frame, ["y"], group="segment", a=a, b=b) for a, b in pairs])
    assert_equal(found, right, ["estimate", "std_error"])
    crossed = crosstab(mean_of("y", frame["y"].to_numpy()), banner(frame, ["segment"]), survey_design(frame))
    cells_of = crossed.cells[crossed.cells["column"].isin(cells)]
    assert_equal(cells_of, expected(design, "mean", cells), ["estimate", "std_error", "df"])
    error = (crossed.tests["estimate"] / crossed.tests["statistic"]).to_numpy()
    np.testing.assert_allclose(error, right["std_error"], rtol=1e-7)
    np.testing.assert_allclose(crossed.tests["df"], found["df"], rtol=1e-7)
    ranked = norms(frame, ["y"], by=["segment"])
    # Ends of norms are read off the binomial, as tests/reference/norm_percentiles.R has them.
    assert (ranked["median_low"] <= ranked["median"]).all()
    assert (ranked["median"] <= ranked["median_high"]).all()
    for column, share in PERCENTILES.items():
        np.testing.assert_allclose(
            ranked[column], expected(design, f"hf7 {share}", cells)["estimate"], rtol=1e-7
        )


@pytest.mark.parametrize("name", ["JKn", "subbootstrap"])
def test_known_totals_are_met_in_every_replicate_of_a_table_and_of_its_parts(name: str) -> None:
    design, segment = survey_design(WHOLE), pd.factorize(DATA["segment"], sort=True)[0]
    tied = design.calibrated(poststratify(design.weights, segment, [300, 150, 60]))
    drawn = made(name)
    replicates = replace(drawn, weights=tied.weights, recalibration=recalibration(drawn.factors, tied))
    frame = carrying(DATA.assign(weight=tied.weights), replicates)
    rows = EXPECTED[(EXPECTED["design"] == name) & (EXPECTED["what"] == "poststratified")].set_index("cell")
    found = means(frame, ["x"], by=["segment"])
    assert_equal(found, rows.loc[found["segment"].tolist()], ["estimate", "std_error"])
    assert_equal(means(frame, ["x"]), rows.loc[["all"]], ["estimate", "std_error"])
    part = means(frame[frame["segment"] == "north"], ["x"])
    assert_equal(part, rows.loc[["north"]], ["estimate", "std_error"])


@pytest.mark.parametrize(("name", "design"), [("JKn", "JKn"), ("bootstrap of the study", "bootstrap")])
def test_variances_and_tests_agree_with_r(name: str, design: str) -> None:
    frame, both = table(name), ["estimate", "std_error"]
    found = variances(frame, ["size"], by=["segment"])
    assert_equal(found, expected(design, "variance", found["segment"].tolist()), both)
    assert_equal(variances(frame, ["size"]), expected(design, "variance", ["all"]), both)
    for statistic in get_args(Statistic):
        tested = crossed_test(frame, "segment", "stage", statistic=statistic).iloc[0]
        right = expected(design, statistic, ["segment x stage"]).iloc[0]
        assert tested[["statistic", "df"]].tolist() == pytest.approx(
            right[["estimate", "df"]].tolist(), rel=1e-7
        )
    two = frame[frame["segment"] != "west"].reset_index(drop=True)
    for ranks, test in ((False, "t-test"), (True, "KruskalWallis test")):
        tested = two_groups_test(two, "size", group="segment", ranks=ranks)
        assert_equal(tested, expected(design, f"Design-based {test}", ["south - north"]), [*both, "df"])
    means_of = mean_estimates(frame[["size", "deals"]].to_numpy(float), survey_design(frame))
    value, covariance = transformed(means_of, lambda mean: mean[:1] / mean[1:])
    quotient = pd.DataFrame({"estimate": value, "std_error": np.sqrt(np.diag(covariance))})
    assert_equal(quotient, expected(design, "quotient", ["size/deals"]), both)


def test_regressions_under_the_design_of_a_table_use_its_replicates() -> None:
    frame = table("JKn")
    found = design_regression(
        frame, "won", terms=["x", "segment"], design=survey_design(frame), kind="logistic"
    )
    right = EXPECTED[(EXPECTED["design"] == "JKn") & (EXPECTED["what"] == "logistic")]
    assert_equal(found.frame, right, ["estimate", "std_error", "df"])


def test_changes_use_replicates() -> None:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"company": np.repeat(np.arange(20), 2), "wave": [2024, 2025] * 20})
    frame["alignment"] = rng.normal(50, 10, 40)
    found = changes(carrying(frame, jackknife(survey_design(frame))), ["alignment"])
    plain = changes(frame, ["alignment"])
    # The jackknife of a mean of n clusters is its usual variance.
    assert_equal(found, plain, ["estimate", "std_error", "df"])


def test_people_of_a_company_share_its_replicates_whatever_their_weight() -> None:
    companies = pd.DataFrame({"company": list("abcdef"), "weight": [1.0, 2, 3, 1, 2, 3]})
    carried = carrying(companies, jackknife(survey_design(companies)))
    people = pd.DataFrame({"company": list("aabbbccdeeff"), "y": np.arange(12.0) ** 1.5})
    people = people.merge(carried, on="company")
    people["weight"] /= people.groupby("company")["company"].transform("size")
    found = means(people, ["y"])
    levels = people.groupby("company", as_index=False)["y"].mean()
    right = means(levels.merge(carried, on="company"), ["y"])
    assert_equal(found, right, ["estimate", "std_error", "df"])


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(len(DATA))), st.sampled_from(["JKn", "Fay", "subbootstrap"]))
def test_the_order_of_rows_is_of_no_account(order: list[int], name: str) -> None:
    frame = table(name)
    turned = frame.iloc[order]
    for one, other in (
        (means(frame, ["y"], by=["segment"]), means(turned, ["y"], by=["segment"])),
        (shares(frame, "aligned"), shares(turned, "aligned")),
    ):
        assert_equal(one, other, ["estimate", "std_error", "df", "conf_low"], rtol=1e-9)


def test_a_share_that_a_replicate_has_at_its_end_keeps_the_interval_of_its_variance() -> None:
    """R goes by where its search gave up."""
    frame = pd.DataFrame({"company": list("abcdef"), "y": [100.0, 0, 0, 0, 0, 0]})
    carried = carrying(frame, jackknife(survey_design(frame)))
    found, plain = shares(carried, "y", method="logit").iloc[0], shares(frame, "y", method="logit").iloc[0]
    assert found[["conf_low", "conf_high"]].tolist() == pytest.approx(
        plain[["conf_low", "conf_high"]].tolist()
    )


def test_a_complete_stratum_leaves_nothing_to_chance() -> None:
    frame = pd.DataFrame({"company": list("abcd"), "stratum": "s", "population": 4, "y": [0.0, 100, 100, 0]})
    carried = carrying(frame, jackknife(survey_design(frame)))
    found = shares(carried, "y").iloc[0]
    assert (found["std_error"], found["conf_low"], found["conf_high"]) == (0, 50, 50)


def test_rows_without_replicate_weights_are_told() -> None:
    frame = table("JKn").copy()
    frame.loc[3, REPLICATES] = None
    with pytest.raises(InputError, match="row 4, replicates: are missing"):
        means(frame, ["y"])


@pytest.mark.slow
@pytest.mark.parametrize("make", ["jackknife", "bootstrap"])
def test_intervals_cover_the_truth(make: str) -> None:
    rng, covered = np.random.default_rng(20), []
    strata, names = np.repeat([0, 1, 2], [8, 12, 20]), [f"y{n}" for n in range(60)]
    truth = 50 + 5 * np.average([0, 1, 2], weights=[8 * 1, 12 * 2, 20 * 3])
    for _ in range(12):
        levels = pd.DataFrame(50 + 5 * strata[:, None] + rng.normal(0, 8, (40, 60)), columns=names)
        design = {"company": np.arange(40), "stratum": strata.astype(str), "weight": 1.0 + strata}
        frame = levels.assign(**design, segment=rng.permutation(40) % 2)
        drawn = survey_design(frame)
        replicates = jackknife(drawn) if make == "jackknife" else bootstrap(drawn, rng=rng, replicates=100)
        carried = carrying(frame, replicates)
        for found in (means(carried, names), means(carried, names, by=["segment"])):
            covered += list((found["conf_low"] <= truth) & (truth <= found["conf_high"]))
    # 720 intervals of the whole sample and 1,440 of halves: three of their own errors are about 0.02.
    assert 0.935 <= np.mean(covered) <= 0.975
