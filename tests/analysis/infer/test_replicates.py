"""Replicate weights against R survey, on invented and on real data, and what must hold for any of them."""

import json
import os
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.infer.bootstrap_replicates import bootstrap
from analysis.infer.columns import RESULT
from analysis.infer.design_regression import design_regression
from analysis.infer.estimates import mean_estimates
from analysis.infer.hadamard import hadamard
from analysis.infer.half_samples import balanced_half_samples
from analysis.infer.jackknife import jackknife
from analysis.infer.linearisation import cells_of
from analysis.infer.recalibration import recalibration
from analysis.infer.replicate_columns import replicate_columns
from analysis.infer.replicate_estimates import replicate_statistic
from analysis.infer.replicate_tables import (
    replicate_means,
    replicate_quantiles,
    replicate_ratios,
    replicate_shares,
    replicate_totals,
)
from analysis.infer.replicates import Replicates, ranks_of_rows
from analysis.infer.survey_design import SurveyDesign, survey_design
from survey.calibration import calibrate, poststratify
from survey.problems import InputError

REFERENCE = Path(__file__).parents[2] / "reference"
DATA = pd.read_csv(REFERENCE / "replicates_data.csv")
FACTORS = pd.read_csv(REFERENCE / "replicates_factors.csv").set_index("company")
EXPECTED = pd.read_csv(REFERENCE / "replicates.csv")
PLAIN = DATA.drop(columns=["stratum", "population"])
WHOLE = DATA.drop(columns="population")
REAL_DATA = Path(os.environ.get("ALIGNMARK_REAL_DATA", Path(__file__).parents[4] / "shared" / "data"))
NAMES = ["JK1", "JKn", "JKn_finite", "JKn_mse", "BRR", "Fay", "subbootstrap", "bootstrap", "combined"]


def drawn_in_r(name: str, scale: float) -> Replicates:
    """Replicates with the factors that R drew, one over `scale` times what R divides by."""
    design = survey_design(WHOLE)
    factors = FACTORS[[c for c in FACTORS if c.removeprefix(name).isdigit()]].loc[pd.unique(DATA["company"])]
    count = factors.shape[1]
    return Replicates(
        design.weights, design.clusters, factors.to_numpy(), scale / count, np.ones(count), name
    )


@cache
def made(name: str) -> Replicates:
    sampled = survey_design(WHOLE).sampled
    usual = 1 / np.mean(1 / sampled)
    if name == "combined":
        columns = pd.DataFrame(made("Fay").of_rows(slice(None))).add_prefix("w")
        table = pd.concat([DATA, columns], axis=1)
        return replicate_columns(table, list(columns), kind="Fay", rho=0.3)
    makers = {
        "JK1": lambda: jackknife(survey_design(PLAIN)),
        "JKn": lambda: jackknife(survey_design(WHOLE)),
        "JKn_finite": lambda: jackknife(survey_design(DATA)),
        "JKn_mse": lambda: jackknife(survey_design(WHOLE), mse=True),
        "BRR": lambda: drawn_in_r("BRR", 1.0),
        "Fay": lambda: drawn_in_r("Fay", 1 / 0.49),
        "subbootstrap": lambda: drawn_in_r("subbootstrap", 40 / 39),
        "bootstrap": lambda: drawn_in_r("bootstrap", 40 / 39 * usual / (usual - 1)),
    }
    return makers[name]()


def assert_agrees(table: pd.DataFrame, design: str, what: str) -> None:
    key = "term" if "term" in table else "variable"
    cell = table["segment"] if "segment" in table else pd.Series("all", index=table.index)
    rows = EXPECTED[(EXPECTED["design"] == design) & (EXPECTED["what"] == what)]
    rows = rows.astype({"term": str}).set_index(["cell", "term"])
    expected = rows.loc[list(zip(cell, table[key].astype(str), strict=True))]
    for column in ("estimate", "std_error", "df"):
        known = expected[column].notna().to_numpy()
        np.testing.assert_allclose(
            table[column].to_numpy(float)[known], expected[column][known], rtol=1e-8, err_msg=column
        )


@pytest.mark.parametrize("name", NAMES)
def test_statistics_agree_with_r(name: str) -> None:
    replicates = made(name)
    variables = ["x", "y", "size"]
    assert_agrees(replicate_means(DATA, variables, replicates=replicates).to_frame(), name, "mean")
    by_segment = replicate_means(DATA, variables, replicates=replicates, by=["segment"])
    assert_agrees(by_segment.to_frame(), name, "mean")
    assert_agrees(replicate_totals(DATA, variables, replicates=replicates).to_frame(), name, "total")
    ratio = replicate_ratios(DATA, {"y/size": ("y", "size")}, replicates=replicates)
    assert_agrees(ratio.to_frame(), name, "ratio")
    assert_agrees(replicate_shares(DATA, "stage", replicates=replicates).to_frame(), name, "share")
    median = replicate_quantiles(DATA, ["y"], replicates=replicates, probabilities=[0.5])
    assert_agrees(median.to_frame(), name, "median")
    difference = replicate_means(DATA, ["x"], replicates=replicates, by=["segment"]).contrasts(
        np.array([[-1.0], [1.0], [0.0]]), pd.DataFrame({"term": ["x"], "segment": ["south - north"]})
    )
    assert_agrees(difference.to_frame(), name, "contrast")
    whole = EXPECTED[(EXPECTED["design"] == name) & (EXPECTED["what"] == "whole")]
    assert replicates.df == whole["estimate"].item()


def test_the_table_has_the_columns_of_the_contract() -> None:
    table = replicate_means(DATA, ["x", "y"], replicates=made("JKn"), by=["segment"]).to_frame()
    assert list(table.columns) == ["segment", "variable", *RESULT, "replicates"]
    assert table["replicates"].tolist() == [20] * 6
    assert table.loc[table["variable"] == "y", "n"].sum() == DATA["y"].notna().sum()


@pytest.mark.parametrize("name", ["JKn", "subbootstrap"])
@pytest.mark.parametrize("what", ["poststratified", "linear"])
def test_known_totals_are_met_in_every_replicate_as_in_r(what: str, name: str) -> None:
    design, segment = survey_design(WHOLE), pd.factorize(DATA["segment"], sort=True)[0]
    x = np.column_stack([np.ones(len(DATA)), segment == 1, segment == 2, DATA["size"]])
    tied = design.calibrated(
        poststratify(design.weights, segment, [300, 150, 60])
        if what == "poststratified"
        else calibrate(design.weights, x, [510, 150, 60, 12_000], method="linear")
    )
    replicates = jackknife(tied)
    if name == "subbootstrap":
        drawn = made(name)
        again = recalibration(drawn.factors, tied)
        replicates = replace(drawn, weights=tied.weights, recalibration=again)
    met = x.T @ replicates.of_rows(slice(None))
    np.testing.assert_allclose(met[1:3], np.tile([[150.0], [60.0]], len(replicates.rscales)))
    for by in ([], ["segment"]):
        assert_agrees(replicate_means(DATA, ["x"], replicates=replicates, by=by).to_frame(), name, what)
    slope = design_regression(DATA, "won", terms=["x"], design=replicates, kind="logistic").to_frame()
    assert_agrees(slope.replace({"term": {"Intercept": "(Intercept)"}}), name, f"{what} logistic")


def test_raking_is_met_in_every_replicate_too() -> None:
    design = survey_design(WHOLE)
    cells = pd.get_dummies(DATA["segment"]).to_numpy(float)
    tied = design.calibrated(calibrate(design.weights, cells, [300, 150, 60], method="raking"))
    part = jackknife(tied)
    met = cells.T @ part.of_rows(slice(None))
    np.testing.assert_allclose(met, np.tile([[300.0], [150.0], [60.0]], len(part.rscales)))
    totals = replicate_totals(DATA.assign(one=1.0), ["one"], replicates=part, by=["segment"]).to_frame()
    np.testing.assert_allclose(totals["std_error"], 0, atol=1e-6)


def test_raking_of_a_replicate_is_that_of_its_weights() -> None:
    design, won = survey_design(WHOLE), (DATA["x"] > DATA["x"].median()).to_numpy()
    cells = np.column_stack([pd.get_dummies(DATA["segment"]).to_numpy(float), won, ~won])
    known = [300, 150, 60, 320, 190]
    part = jackknife(design.calibrated(calibrate(design.weights, cells, known, method="raking")))
    whole, plain = part.of_rows(slice(None)), jackknife(design).of_rows(slice(None))
    for column in (0, 7):
        alone = calibrate(plain[:, column], cells, known, method="raking").weights
        np.testing.assert_allclose(whole[:, column], alone, rtol=1e-8)
    rows = np.arange(len(DATA))
    size = DATA[["size"]].to_numpy(float)
    np.testing.assert_allclose(part.totals(size, rows), whole.T @ size)


@pytest.mark.parametrize("option", ["adjust", "average", "remove", "certainty"])
def test_lonely_strata_agree_with_r(option: str) -> None:
    few = WHOLE[WHOLE["company"] != "c01"].reset_index(drop=True)
    replicates = jackknife(survey_design(few, lonely=option))
    row = replicate_totals(few, ["size"], replicates=replicates).to_frame().iloc[0]
    expected = EXPECTED[(EXPECTED["design"] == "JKn_lonely") & (EXPECTED["what"] == option)].iloc[0]
    assert row["std_error"] == pytest.approx(expected["std_error"], rel=1e-8)
    assert replicates.df == expected["df"]


def test_a_pair_of_strata_is_balanced_whatever_the_matrix() -> None:
    ours = replicate_totals(WHOLE, ["size"], replicates=balanced_half_samples(survey_design(WHOLE)))
    assert_agrees(ours.to_frame(), "BRR", "total")
    fay = replicate_totals(WHOLE, ["size"], replicates=balanced_half_samples(survey_design(WHOLE), rho=0.3))
    assert_agrees(fay.to_frame(), "Fay", "total")


@pytest.mark.parametrize("pairs", [1, 2, 3, 4, 9, 12, 17, 23, 35, 51, 57, 90, 127])
def test_hadamard_matrices_are_orthogonal_with_ones_first(pairs: int) -> None:
    signs = hadamard(pairs)
    assert len(signs) > pairs
    assert (signs[0] == 1).all()
    np.testing.assert_array_equal(signs @ signs.T, len(signs) * np.eye(len(signs), dtype=int))


@pytest.mark.parametrize("method", ["Rao-Wu", "Canty-Davison"])
def test_many_bootstrap_replicates_come_close_to_linearisation(method: str) -> None:
    design = survey_design(DATA if method == "Canty-Davison" else WHOLE)
    rng = np.random.default_rng(3)
    drawn = bootstrap(design, rng=rng, replicates=4000, method=method)
    variance = replicate_totals(DATA, ["size"], replicates=drawn).to_frame()["std_error"].item() ** 2
    strata, totals = design.stratum_of, np.bincount(design.clusters, design.weights * DATA["size"])
    within = np.array([totals[strata == s].var() for s in range(6)])
    n, population = design.sampled, design.population
    if method == "Rao-Wu":
        assert drawn.factors.sum(axis=0) == pytest.approx(np.full(4000, 20.0))
        assert variance == pytest.approx((n * within * n / (n - 1)).sum(), rel=0.08)
    else:
        assert drawn.factors.sum(axis=0).tolist() == [20.0] * 4000
        usual = 1 / np.mean(1 / n)
        # Without replacement out of N made of copies of n, R's scale for all strata alike.
        expected = (n * within * (population - n) / (population - 1)).sum() * usual / (usual - 1)
        assert variance == pytest.approx(expected, rel=0.08)


def test_the_same_seed_draws_the_same_and_another_does_not() -> None:
    design = survey_design(WHOLE)
    first, again, other = (
        bootstrap(design, rng=np.random.default_rng(s), replicates=5).factors for s in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_any_statistic_is_computed_under_each_replicate() -> None:
    size = DATA["size"].to_numpy()
    one_by_one = replicate_statistic(
        lambda w: np.array([w @ size / w.sum(), w.sum()]), replicates=made("JKn"), names=["mean", "people"]
    )
    at_once = replicate_statistic(
        lambda w: np.vstack([size @ w / w.sum(axis=0), w.sum(axis=0)]),
        replicates=made("JKn"), names=["mean", "people"], vectorised=True,
    )  # fmt: skip
    pd.testing.assert_frame_equal(one_by_one.to_frame(), at_once.to_frame())
    mean = replicate_means(DATA, ["size"], replicates=made("JKn")).to_frame()
    assert one_by_one.to_frame()["std_error"].iloc[0] == pytest.approx(mean["std_error"].item())


def test_a_replicate_without_anyone_of_a_cell_is_not_counted() -> None:
    frame = pd.DataFrame({"company": list("aabbcc"), "who": ["x", "y"] * 2 + ["y", "y"], "y": range(6)})
    only = frame.assign(who=["x", "y", "y", "y", "y", "y"])
    replicates = jackknife(survey_design(frame))
    table = replicate_means(only, ["y"], replicates=replicates, by=["who"]).to_frame().set_index("who")
    assert table["replicates"].tolist() == [2, 3]
    assert np.isnan(table.loc["x", "std_error"])
    assert table["df"].tolist() == [0, 2]


def test_a_census_has_no_error_and_a_missing_variable_no_estimate() -> None:
    frame = pd.DataFrame({"company": list("abc"), "population": 3, "y": [1.0, 2, 3], "z": np.nan})
    table = replicate_means(frame, ["y", "z"], replicates=jackknife(survey_design(frame))).to_frame()
    assert table["std_error"].iloc[0] == 0
    assert table.loc[1, ["estimate", "std_error", "df"]].isna().all()


def test_a_domain_is_the_rows_with_a_weight_in_it() -> None:
    north = (DATA["segment"] == "north").to_numpy()
    for name in ("JKn", "combined"):
        part = replicate_means(DATA, ["x"], replicates=made(name).domain(north)).to_frame().iloc[0]
        cell = replicate_means(DATA, ["x"], replicates=made(name), by=["segment"]).to_frame().iloc[0]
        assert part["std_error"] == pytest.approx(cell["std_error"])
        assert (part["df"], part["n"]) == (cell["df"], cell["n"])
        assert made(name).domain(north).df == part["df"]


def test_ranks_are_those_of_numpy_on_either_side() -> None:
    rng = np.random.default_rng(5)
    low = rng.normal(size=(12, 4)) @ rng.normal(size=(4, 30))
    sets = rng.random((12, 9)) < 0.4
    expected = [int(np.linalg.matrix_rank(low[rows])) if rows.any() else 0 for rows in sets.T]
    assert ranks_of_rows(low, sets) == expected
    tall = np.vstack([low.T, low.T])
    many = rng.random((60, 9)) < 0.05
    assert ranks_of_rows(tall, many) == [
        int(np.linalg.matrix_rank(tall[r])) if r.any() else 0 for r in many.T
    ]
    assert ranks_of_rows(np.zeros((3, 3)), np.ones((3, 1), dtype=bool)) == [0]


# Invariants


def designs() -> st.SearchStrategy[pd.DataFrame]:
    values = st.floats(-100, 100, allow_nan=False)
    row = st.tuples(st.integers(0, 5), st.sampled_from(["n", "s"]), st.floats(0.5, 5), values)
    fixed = [(company, segment, 1.0, float(company)) for company in range(4) for segment in "ns"]
    return st.lists(row, min_size=2, max_size=25).map(
        lambda rows: pd.DataFrame(fixed + rows, columns=["company", "segment", "weight", "y"])
    )


@settings(max_examples=25, deadline=None)
@given(frame=designs(), seed=st.integers(0, 1000))
def test_the_order_of_rows_and_the_unit_of_weights_do_not_matter(frame: pd.DataFrame, seed: int) -> None:
    mixed = frame.sample(frac=1, random_state=seed).reset_index(drop=True)
    heavier = frame.assign(weight=frame["weight"] * 7)
    tables = [
        replicate_means(f, ["y"], replicates=jackknife(survey_design(f)), by=["segment"]).to_frame()
        for f in (frame, mixed, heavier)
    ]
    for other in tables[1:]:
        pd.testing.assert_frame_equal(tables[0], other, rtol=1e-6, atol=1e-7)


@settings(max_examples=25, deadline=None)
@given(frame=designs())
def test_the_jackknife_of_a_total_is_its_linearisation(frame: pd.DataFrame) -> None:
    design = survey_design(frame)
    row = replicate_totals(frame, ["y"], replicates=jackknife(design)).to_frame().iloc[0]
    totals = np.bincount(design.clusters, design.weights * frame["y"])
    expected = np.sqrt(len(totals) * totals.var(ddof=1))
    assert row["std_error"] == pytest.approx(expected, rel=1e-6, abs=1e-6)


# Coverage


@pytest.mark.parametrize("companies", [6, 60])
def test_intervals_cover_the_truth_with_few_and_many_companies(companies: int) -> None:
    rng = np.random.default_rng(companies)
    times, members = 400, 5
    company = np.repeat(np.arange(companies), members)
    frame = pd.DataFrame({"company": company})
    level = rng.normal(size=(companies, times))[company]
    names = [f"y{i}" for i in range(times)]
    values = pd.DataFrame(level + rng.normal(size=(len(company), times)), columns=names)
    replicates = {
        "jackknife": jackknife(survey_design(frame)),
        "bootstrap": bootstrap(survey_design(frame), rng=rng, replicates=300),
    }
    for found in replicates.values():
        table = replicate_means(values, names, replicates=found).to_frame()
        assert table["df"].unique().tolist() == [companies - 1]
        covered = ((table["conf_low"] < 0) & (table["conf_high"] > 0)).mean()
        # 400 independent studies: three standard errors of a share of 95% are 3.3 points.
        assert 0.915 < covered < 0.985


# Real data


def real(name: str) -> pd.DataFrame:
    path = REAL_DATA / "survey_design" / f"{name}.csv"
    if not path.exists():
        pytest.skip(f"no {path.name}: set ALIGNMARK_REAL_DATA to the folder of real data")
    return pd.read_csv(path).rename(columns={"stype": "stratum", "pw": "weight", "dnum": "company"})


def test_real_schools_agree_with_r() -> None:
    clusters, strata = real("apiclus1").drop(columns="stratum"), real("apistrat")
    reference = json.loads((REAL_DATA / "survey_design" / "reference.json").read_text())
    finite = clusters.rename(columns={"fpc": "population"})
    for frame, unit, key in ((clusters, "company", "jk1_apiclus1"), (strata, None, "jkn_apistrat_nofpc")):
        replicates = jackknife(survey_design(frame, cluster=unit))
        tables = {
            "mean_api00": replicate_means(frame, ["api00"], replicates=replicates),
            "total_enroll": replicate_totals(frame, ["enroll"], replicates=replicates),
        }
        for what, expected in reference[key].items():
            row = tables[what].to_frame().iloc[0]
            assert row["estimate"] == pytest.approx(*expected["est"].values(), rel=1e-10)
            assert row["std_error"] == pytest.approx(*expected["se"].values(), rel=1e-10)
    shrunk = jackknife(survey_design(finite)).scale / jackknife(survey_design(clusters)).scale
    assert shrunk == pytest.approx(1 - 15 / 757)


# Bad input


def pairs(sizes: list[int]) -> SurveyDesign:
    stratum = np.repeat([f"s{i}" for i in range(len(sizes))], sizes)
    return survey_design(pd.DataFrame({"company": range(len(stratum)), "stratum": stratum}))


def test_odd_strata_and_lonely_ones_are_named_for_half_samples() -> None:
    with pytest.raises(InputError) as caught:
        balanced_half_samples(pairs([2, 3, 1, 5]), rho=1.5)
    text = str(caught.value)
    assert "4 problems" in text
    for part in (
        "rho",
        "found 1.5",
        "has 3 clusters, which make no pairs, found 's1'",
        "found 's2'",
        "found 's3'",
    ):
        assert part in text


def test_too_few_clusters_are_said_in_words() -> None:
    one = survey_design(pd.DataFrame({"company": ["a", "a"]}))
    none = survey_design(pd.DataFrame({"company": pd.Series(dtype=str)}))
    for design, words in ((one, "the sample has one cluster"), (none, "the sample has no clusters")):
        with pytest.raises(InputError, match=words):
            jackknife(design)
    with pytest.raises(InputError, match="each of 10001 clusters"):
        jackknife(survey_design(pd.DataFrame({"company": range(10_001)})))
    for design in (one, none):
        with pytest.raises(InputError, match="no stratum has two clusters"):
            bootstrap(design, rng=np.random.default_rng(1))
    with pytest.raises(InputError, match="the sample has no clusters"):
        balanced_half_samples(none)


def test_a_lonely_stratum_is_refused_unless_its_cluster_was_sure_to_be_drawn() -> None:
    lonely = pairs([1, 4])
    with pytest.raises(InputError, match=r"has one cluster, .* found 's0'"):
        jackknife(replace(lonely, lonely="fail"))
    with pytest.raises(InputError, match="declare lonely = certainty"):
        bootstrap(lonely, rng=np.random.default_rng(1))
    drawn = bootstrap(replace(lonely, lonely="certainty"), rng=np.random.default_rng(1), replicates=9)
    assert (drawn.factors[0] == 1).all()
    assert drawn.df == 3
    with pytest.raises(InputError, match="2 or more"):
        bootstrap(pairs([3]), rng=np.random.default_rng(1), replicates=1)


def test_columns_at_fault_are_named_with_what_is_wrong() -> None:
    frame = pd.DataFrame({"r0": [1.0, np.nan, -2.0], "r1": 0.0, "r2": ["a", "b", "c"], "r3": [1.0, 2, 3]})
    with pytest.raises(InputError) as caught:
        replicate_columns(frame, ["r0", "r1"], kind="BRR")
    for part in ("r0: is missing in row 2", "r0: is negative in row 3", "r1: holds no weight above 0"):
        assert part in str(caught.value)
    with pytest.raises(InputError, match="r9: is not a column of the table"):
        replicate_columns(frame, ["r9", "r3"], kind="BRR")
    with pytest.raises(InputError, match="r2: does not hold numbers"):
        replicate_columns(frame, ["r2", "r3"], kind="BRR")
    for kind, words in (
        ("JKn", "rscales: are needed"),
        ("Fay", "rho"),
        ("other", "scale"),
        ("no", "is no kind"),
    ):
        with pytest.raises(InputError, match=words):
            replicate_columns(frame, ["r0", "r3"], kind=kind)
    with pytest.raises(InputError, match="two or more"):
        replicate_columns(frame, ["r3"], kind="BRR")
    with pytest.raises(InputError, match="one, or 2"):
        replicate_columns(frame, ["r0", "r3"], kind="bootstrap", rscales=[1.0, 1.0, 1.0])


@pytest.mark.parametrize("kind", ["JK1", "JKn"])
def test_factors_that_are_not_combined_show_their_scale(kind: str) -> None:
    ours = made(kind)
    columns = pd.DataFrame(ours.factors[ours.clusters]).add_prefix("r")
    table = pd.concat([DATA, columns], axis=1)
    given = replicate_columns(table, list(columns), kind=kind, combined=False)
    whole = replicate_columns(
        table.assign(**columns.mul(DATA["weight"], axis=0)), list(columns), kind=kind,
        scale=ours.scale, rscales=ours.rscales,
    )  # fmt: skip
    expected = replicate_means(DATA, ["x"], replicates=ours).to_frame()
    for other in (given, whole):
        found = replicate_means(DATA, ["x"], replicates=other).to_frame()
        pd.testing.assert_frame_equal(found, expected)


def test_means_of_cells_are_those_of_linearisation() -> None:
    design = survey_design(WHOLE)
    cells, keys = cells_of(DATA, ["segment"])
    linear = mean_estimates(DATA[["x"]].to_numpy(), design, cells=cells, size=len(keys))
    table = replicate_means(DATA, ["x"], replicates=jackknife(design), by=["segment"]).to_frame()
    np.testing.assert_allclose(table["estimate"], linear.estimate[:, 0])
    np.testing.assert_allclose(table["std_error"], np.sqrt(linear.variance[:, 0]), rtol=0.2)
