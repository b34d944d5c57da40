"""Estimates under a design against R survey, on an invented sample and, where there are any, on real ones."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.infer.association import crossed_test, two_groups_test
from analysis.infer.columns import Codes, Floats
from analysis.infer.combinations import combined, transformed
from analysis.infer.estimates import (
    Estimates,
    mean_estimates,
    ratio_estimates,
    total_estimates,
    variance_estimates,
)
from analysis.infer.linearisation import cells_of
from analysis.infer.proportions import Method, proportion_interval
from analysis.infer.quantiles import Rule, quantiles
from analysis.infer.survey_design import Lonely, SurveyDesign, survey_design
from analysis.infer.tabulation import contrasts, means, shares
from analysis.infer.totals import ratios, totals, variances
from analysis.infer.variance import cell_variances, variance
from survey.problems import InputError

REFERENCE = Path(__file__).parents[2] / "reference"
DATA = pd.read_csv(REFERENCE / "design_data.csv")
EXPECTED = (
    pd.read_csv(REFERENCE / "design.csv").set_index(["design", "what", "cell", "variable"]).sort_index()
)
REAL = (
    Path(os.environ.get("ALIGNMARK_REAL_DATA", Path(__file__).parents[4] / "shared" / "data"))
    / "survey_design"
)
COLUMNS = ["weight", "stratum", "population"]
DESIGNS = {"full": COLUMNS, "strata": COLUMNS[:2], "clusters": COLUMNS[:1], "rows": COLUMNS[:1]}
CELLS = {"all": np.full(len(DATA), True), "a": DATA["group"] == "a", "media": DATA["industry"] == "media"}


def carrying(design: str) -> tuple[pd.DataFrame, str | None]:
    """Return the sample with the columns of one design, and its cluster."""
    frame = DATA.drop(columns=[name for name in COLUMNS if name not in DESIGNS[design]])
    return frame, None if design == "rows" else "company"


def design_of(name: str) -> SurveyDesign:
    frame, cluster = carrying(name)
    return survey_design(frame, cluster=cluster)


def expected(*keys: str) -> pd.Series:
    rows = EXPECTED.loc[[keys]].astype(float)
    return rows.iloc[0]


def column(name: str, inside: Any = None) -> Floats:
    values = DATA[name] if inside is None else DATA[name].where(inside)
    return values.to_numpy(float)[:, None]


def assert_agrees(found: Estimates, keys: tuple[str, ...]) -> None:
    wanted = expected(*keys)
    values = [found.estimate.item(), np.sqrt(found.variance).item(), found.df.item()]
    np.testing.assert_allclose(values, wanted[["estimate", "std_error", "df"]], rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("design", DESIGNS)
def test_whole_samples_and_domains_agree_with_r(design: str, cell: str) -> None:
    drawn, inside = design_of(design), CELLS[cell]
    assert_agrees(mean_estimates(column("y", inside), drawn), (design, "mean", cell, "y"))
    assert_agrees(mean_estimates(column("x", inside), drawn), (design, "mean", cell, "x"))
    assert_agrees(total_estimates(column("bids", inside), drawn), (design, "total", cell, "bids"))
    assert_agrees(variance_estimates(column("y", inside), drawn), (design, "variance", cell, "y"))
    ratio = ratio_estimates(column("won", inside), column("bids", inside), drawn)
    assert_agrees(ratio, (design, "ratio", cell, "won/bids"))


@pytest.mark.parametrize("design", DESIGNS)
def test_all_cells_at_once_are_the_domains_one_by_one(design: str) -> None:
    drawn = design_of(design)
    cells, keys = cells_of(DATA, ["group"])
    found = mean_estimates(np.hstack([column("y"), column("x")]), drawn, cells=cells, size=len(keys))
    wanted = [expected(design, "mean", "a", name)["std_error"] for name in ("y", "x")]
    np.testing.assert_allclose(np.sqrt(found.variance[0]), wanted, rtol=1e-8)
    np.testing.assert_allclose(np.diag(found.covariance), found.variance.ravel(), rtol=1e-10)


@pytest.mark.parametrize("design", DESIGNS)
def test_covariances_of_domains_agree_with_svyglm(design: str) -> None:
    cells, keys = cells_of(DATA, ["industry"])
    found = mean_estimates(column("y"), design_of(design), cells=cells, size=len(keys))
    wanted = [
        expected(design, "covariance", f"{i} {j}", "y")["estimate"] for i in (1, 2, 3) for j in (1, 2, 3)
    ]
    np.testing.assert_allclose(found.covariance.ravel(), wanted, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("lonely", ["adjust", "remove", "average", "certainty"])
def test_strata_of_one_company_count_as_r_counts_them(lonely: Lonely) -> None:
    south = DATA["stratum"] == "south"
    alone = DATA[~south | (DATA["company"] == DATA.loc[south, "company"].iloc[0])]
    drawn = survey_design(alone, lonely=lonely)
    y, bids = (alone[name].to_numpy(float)[:, None] for name in ("y", "bids"))
    assert_agrees(mean_estimates(y, drawn), (lonely, "mean", "all", "y"))
    assert_agrees(total_estimates(bids, drawn), (lonely, "total", "all", "bids"))
    of_a = np.where(alone[["group"]] == "a", y, np.nan)
    assert_agrees(mean_estimates(of_a, drawn.domain(~np.isnan(of_a[:, 0]))), (lonely, "mean", "a", "y"))


@pytest.mark.parametrize("design", DESIGNS)
def test_tables_of_the_whole_sample_agree_with_r(design: str) -> None:
    frame, cluster = carrying(design)
    bids = {"won/bids": ("won", "bids")}
    tables = {
        "mean": means(frame, ["y"], cluster=cluster),
        "total": totals(frame, ["bids"], cluster=cluster),
        "variance": variances(frame, ["y"], cluster=cluster),
        "ratio": ratios(frame, bids, cluster=cluster),
    }
    for what, table in tables.items():
        wanted = expected(design, what, "all", table["variable"].item())
        names = ["estimate", "std_error", "df", "conf_low", "conf_high"]
        np.testing.assert_allclose(table[names].iloc[0].astype(float), wanted[names], rtol=1e-8)
        assert table["n"].item() == len(DATA)
        assert table["companies"].item() == (len(DATA) if cluster is None else DATA["company"].nunique())


@pytest.mark.parametrize("design", ["full", "clusters"])
def test_cells_of_tables_are_rs_domains_with_their_own_number_of_companies(design: str) -> None:
    frame, cluster = carrying(design)
    row = means(frame, ["y"], by=["group"], cluster=cluster).iloc[0]
    wanted = expected(design, "mean", "a", "y")
    companies, every = row["companies"], DATA["company"].nunique()
    few = companies / (companies - 1) * (every - 1) / every
    assert row["std_error"] == pytest.approx(wanted["std_error"] * np.sqrt(few), rel=1e-8)
    assert row["df"] == wanted["df"]
    total = totals(frame, ["bids"], by=["group"], cluster=cluster).iloc[0]
    names = ["estimate", "std_error", "conf_low", "conf_high"]
    np.testing.assert_allclose(
        total[names].astype(float), expected(design, "total", "a", "bids")[names], rtol=1e-8
    )


@pytest.mark.parametrize("design", DESIGNS)
def test_design_effects_agree_with_r(design: str) -> None:
    frame, cluster = carrying(design)
    for deff, what in (("without", "deff"), ("replace", "deff replace")):
        row = means(frame, ["y"], cluster=cluster, deff=deff).iloc[0]  # type: ignore[arg-type]
        assert row["deff"] == pytest.approx(expected(design, what, "all", "y")["estimate"], rel=1e-8)
        assert row["n_eff"] == pytest.approx(len(DATA) / row["deff"])


def test_a_simple_sample_has_a_design_effect_of_1_and_weights_that_add_up_to_it_none() -> None:
    frame = DATA[["y"]]
    assert means(frame, ["y"], cluster=None, deff="replace")["deff"].item() == pytest.approx(1)
    assert np.isnan(means(frame, ["y"], cluster=None, deff="without")["deff"].item())


@pytest.mark.parametrize("method", ["logit", "likelihood", "asin", "beta", "mean"])
@pytest.mark.parametrize("design", DESIGNS)
def test_intervals_of_proportions_agree_with_svyciprop(design: str, method: Method) -> None:
    frame, cluster = carrying(design)
    row = shares(frame, "yes", cluster=cluster, method=method).iloc[0]
    wanted = expected(design, method, "all", "yes")
    found = row[["estimate", "std_error", "conf_low", "conf_high"]].astype(float) / 100
    # svyciprop stops its logit fit at the eighth digit.
    names = ["estimate", "std_error", "conf_low", "conf_high"]
    np.testing.assert_allclose(found, wanted[names], rtol=1e-7)
    assert row["method"] == method


@pytest.mark.parametrize(("interval", "name"), [("mean", "mean"), ("logit", "xlogit")])
@pytest.mark.parametrize("rule", ["math", "hf7"])
@pytest.mark.parametrize("design", DESIGNS)
def test_quantiles_agree_with_svyquantile(design: str, rule: Rule, interval: Method, name: str) -> None:
    frame, cluster = carrying(design)
    asked = (0.25, 0.5, 0.75)
    table = quantiles(frame, ["y"], probabilities=asked, cluster=cluster, rule=rule, interval=interval)
    wanted = pd.DataFrame(
        [expected(design, f"quantile {rule} {name}", f"{quantile:g}", "y") for quantile in asked]
    )
    names = ["estimate", "std_error", "conf_low", "conf_high"]
    np.testing.assert_allclose(table[names].to_numpy(float), wanted[names], rtol=1e-8)
    assert table["quantile"].tolist() == list(asked)


def test_a_share_below_the_weight_of_the_smallest_value_is_the_smallest_value() -> None:
    # R 4.1.1 gives the second smallest.
    frame = pd.DataFrame({"company": range(3), "y": [5.0, 7.0, 9.0]})
    assert quantiles(frame, ["y"], probabilities=[0.1])["estimate"].item() == 5
    assert quantiles(frame, ["y"], probabilities=[1 / 3, 1.0])["estimate"].tolist() == [5, 9]


@pytest.mark.parametrize("statistic", ["F", "Chisq", "Wald", "adjWald"])
@pytest.mark.parametrize("design", DESIGNS)
def test_crossed_tables_agree_with_svychisq(design: str, statistic: Any) -> None:
    frame, cluster = carrying(design)
    row = crossed_test(frame, "group", "industry", cluster=cluster, statistic=statistic).iloc[0]
    wanted = expected(design, statistic, "all", "group x industry")
    found = row[["statistic", "df", "df_denominator", "p_value"]].astype(float)
    np.testing.assert_allclose(found, wanted[["estimate", "df", "conf_low", "p_value"]], rtol=1e-7)


@pytest.mark.parametrize("ranks", [False, True])
@pytest.mark.parametrize("design", DESIGNS)
def test_two_groups_agree_with_svyttest_and_svyranktest(design: str, ranks: bool) -> None:
    frame, cluster = carrying(design)
    row = two_groups_test(frame, "y", group="group", cluster=cluster, ranks=ranks).iloc[0]
    wanted = expected(design, "ranks" if ranks else "t", "all", "y")
    names = ["estimate", "std_error", "df", "p_value"]
    np.testing.assert_allclose(row[names].astype(float), wanted[names], rtol=1e-8)
    assert (row["a"], row["b"]) == ("b", "a")


@pytest.mark.parametrize("design", DESIGNS)
def test_combinations_and_quotients_agree_with_svycontrast(design: str) -> None:
    drawn = design_of(design)
    both = mean_estimates(np.hstack([column("y"), column("bids")]), drawn)
    estimate, covariance = combined(both, [[2, -1]])
    wanted = expected(design, "combination", "all", "2y-bids")
    assert [estimate.item(), np.sqrt(covariance).item()] == pytest.approx(wanted[["estimate", "std_error"]])
    pair = mean_estimates(np.hstack([column("won"), column("bids")]), drawn)
    estimate, covariance = transformed(pair, lambda mean: mean[:1] / mean[1:])
    wanted = expected(design, "quotient", "all", "won/bids")
    assert [estimate.item(), np.sqrt(covariance).item()] == pytest.approx(wanted[["estimate", "std_error"]])


def test_contrasts_are_differences_of_domains_each_with_its_own_number_of_companies() -> None:
    drawn = design_of("full")
    row = contrasts(DATA, ["y"], group="industry", a="media", b="steel").iloc[0]
    cells, _ = cells_of(DATA, ["industry"])
    both = mean_estimates(column("y"), drawn, cells=cells, size=3)
    scaled = both.spread * np.sqrt(both.few).ravel()
    wanted = np.array([1, 0, -1]) @ variance(scaled, drawn) @ np.array([1, 0, -1])
    assert row["std_error"] == pytest.approx(np.sqrt(wanted))
    assert row["df"] <= both.df[0, 0] + both.df[2, 0]
    assert row["companies"] == DATA.loc[DATA["industry"] != "retail", "company"].nunique()


def test_weights_of_one_another_than_none_change_nothing() -> None:
    frame = DATA.drop(columns=COLUMNS)
    weighted = frame.assign(weight=1.0, stratum="all")
    for function in (means, variances, quantiles):
        pd.testing.assert_frame_equal(
            function(frame, ["y", "x"], by=["group"]), function(weighted, ["y", "x"], by=["group"])
        )
    pd.testing.assert_frame_equal(shares(frame, "yes", by=["group"]), shares(weighted, "yes", by=["group"]))


def test_shares_know_of_a_finite_population() -> None:
    frame = pd.DataFrame({"company": range(40), "yes": [100.0, 0.0] * 20})
    endless, finite = (shares(frame.assign(population=n), "yes").iloc[0] for n in (1e12, 50))
    assert finite["std_error"] == pytest.approx(endless["std_error"] * np.sqrt(1 - 40 / 50), rel=1e-6)
    assert finite["conf_high"] - finite["conf_low"] < 0.5 * (endless["conf_high"] - endless["conf_low"])


def test_a_partition_has_the_variances_of_its_parts() -> None:
    rng = np.random.default_rng(1)
    drawn, cells = design_of("full"), rng.integers(0, 5, len(DATA))
    influence = rng.normal(size=(len(DATA), 2))
    found = cell_variances(influence, cells, 6, drawn)
    for cell in range(6):
        inside = np.where(cells[:, None] == cell, influence, 0.0)
        np.testing.assert_allclose(found[cell], np.diag(variance(inside, drawn)), rtol=1e-10, atol=1e-12)


def test_what_cannot_be_tested_is_told() -> None:
    with pytest.raises(InputError, match="group: has fewer than two categories"):
        crossed_test(DATA[DATA["group"] == "a"], "group", "industry")
    with pytest.raises(InputError, match=r"industry: has 3 groups. Allowed: two with values"):
        two_groups_test(DATA, "y", group="industry")


@pytest.mark.parametrize("companies", [10, 100])
def test_intervals_cover_the_truth_with_few_and_many_clusters(companies: int) -> None:
    rng = np.random.default_rng(companies)
    samples, people = 2000, 4
    company = np.repeat(np.arange(companies), people)
    stratum = (company % 2).astype(np.int64)
    weights = np.where(stratum == 1, 3.0, 1.0) * rng.uniform(0.9, 1.1, len(company))
    drawn = SurveyDesign(weights, stratum, company, np.array([np.inf, np.inf]))
    effect = np.repeat(rng.normal(size=(companies, samples)), people, axis=0)
    noise = effect + rng.normal(size=(len(company), samples))
    found = mean_estimates(noise, drawn)
    assert 0.93 < _covered(found, 0.0) < 0.97
    yes = (noise > 0.4).astype(float)
    counted = mean_estimates(yes, drawn)
    variable = counted.variance > 0
    ends = proportion_interval(counted.estimate, counted.variance, counted.df, n=counted.n, method="Wilson")
    truth = stats.norm.sf(0.4 / np.sqrt(2))
    inside = (ends[0] <= truth) & (truth <= ends[1])
    assert 0.93 < inside[variable].mean() < 0.98


@pytest.mark.parametrize(("companies", "least"), [(5, 0.94), (10, 0.94), (20, 0.94)])
def test_small_classes_are_covered_as_their_own_sample_is(companies: int, least: float) -> None:
    """The domain's variance alone falls short, by the factor `few` that tables put right."""
    rng = np.random.default_rng(companies)
    samples, every = 4000, 60
    values = np.where(np.arange(every)[:, None] < companies, rng.normal(size=(every, samples)), np.nan)
    drawn = SurveyDesign(
        np.ones(every), np.zeros(every, dtype=np.int64), np.arange(every), np.array([np.inf])
    )
    found = mean_estimates(values, drawn)
    reach = stats.t.ppf(0.975, found.df)
    alone = np.mean(np.abs(found.estimate) <= reach * np.sqrt(found.variance))
    covered = _covered(found, 0.0)
    assert least < covered < 0.96
    assert alone < covered
    if companies == 5:
        assert alone < 0.94
    np.testing.assert_allclose(found.std_error[0], np.nanstd(values, axis=0, ddof=1) / np.sqrt(companies))


def test_classes_that_cross_strata_are_covered_too() -> None:
    rng = np.random.default_rng(7)
    stratum: Codes = np.repeat(np.arange(3), 20)
    drawn = SurveyDesign(np.array([1.0, 2.0, 3.0])[stratum], stratum, np.arange(60), np.full(3, np.inf))
    inside = rng.random((60, 4000)) < 0.2
    values = np.where(inside, 0.7 * stratum[:, None] + rng.normal(size=(60, 4000)), np.nan)
    truth = 0.7 * (0 * 1 + 1 * 2 + 2 * 3) / 6
    found = mean_estimates(values, drawn)
    assert 0.93 < _covered(found, truth) < 0.97
    plain = np.abs(found.estimate - truth) <= stats.t.ppf(0.975, found.df) * np.sqrt(found.variance)
    assert plain[found.df > 0].mean() < _covered(found, truth)


def _covered(found: Estimates, truth: float) -> float:
    known = found.df > 0
    reach = stats.t.ppf(0.975, np.where(known, found.df, np.nan)) * found.std_error
    return float((np.abs(found.estimate - truth) <= reach)[known].mean())


@pytest.fixture(scope="module")
def real() -> dict[str, Any]:
    path = REAL / "reference.json"
    if not path.exists():
        pytest.skip(f"no survey_design/{path.name}: set ALIGNMARK_REAL_DATA to the folder of real data")
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


@pytest.mark.parametrize(
    "name", ["apistrat_fpc", "apistrat_nofpc", "apiclus1_fpc", "apiclus1_nofpc", "apisrs_fpc"]
)
def test_schools_of_california_agree_with_r(real: dict[str, Any], name: str) -> None:
    sample, finite = name.split("_")
    frame = pd.read_csv(REAL / f"{sample}.csv").rename(columns={"pw": "weight"})
    frame = frame.assign(population=frame["fpc"]) if finite == "fpc" else frame
    frame = frame.assign(stratum=frame["stype"]) if sample == "apistrat" else frame
    cluster, wanted = "dnum" if sample == "apiclus1" else None, real[name]
    assert survey_design(frame, cluster=cluster).df == wanted["df"]
    names = list(wanted["mean_multi"]["est"])
    table = means(frame, names, cluster=cluster, deff="without").set_index("variable")
    for variable in names:
        assert table.loc[variable, "estimate"] == pytest.approx(
            wanted["mean_multi"]["est"][variable], rel=1e-9
        )
        assert table.loc[variable, "std_error"] == pytest.approx(
            wanted["mean_multi"]["se"][variable], rel=1e-9
        )
    ends = table[["conf_low", "conf_high"]].to_numpy()[names.index("api00")]
    assert list(ends) == pytest.approx(wanted["mean_api00"]["ci_t"], rel=1e-9)
    assert table.loc["api00", "deff"] == pytest.approx(wanted["deff"], rel=1e-9)
    total = totals(frame, ["enroll"], cluster=cluster).iloc[0]
    assert total["std_error"] == pytest.approx(wanted["total_enroll"]["se"]["enroll"], rel=1e-9)
    ratio = ratios(frame, {"ratio": ("api.stu", "enroll")}, cluster=cluster).iloc[0]
    assert ratio["std_error"] == pytest.approx(
        wanted["ratio_api_stu_enroll"]["se"]["api.stu/enroll"], rel=1e-9
    )
    spread = variances(frame, ["api00"], cluster=cluster).iloc[0]
    assert [spread["estimate"], spread["std_error"]] == pytest.approx(
        [wanted["var_api00"], wanted["var_api00_se"]], rel=1e-9
    )
    table = quantiles(frame, ["api00"], cluster=cluster).set_index("quantile")
    for quantile, found in table[["estimate", "conf_low", "conf_high", "std_error"]].iterrows():
        assert list(found) == pytest.approx(wanted["quant_api00"][f"{quantile:g}"], rel=1e-9)
    _schools_by_type(frame, cluster, wanted)


def _schools_by_type(frame: pd.DataFrame, cluster: str | None, wanted: dict[str, Any]) -> None:
    """Domains, and the intervals of a proportion."""
    drawn = survey_design(frame, cluster=cluster)
    cells, keys = cells_of(frame, ["stype"])
    found = mean_estimates(frame[["api00"]].to_numpy(float), drawn, cells=cells, size=len(keys))
    np.testing.assert_allclose(found.estimate.ravel(), wanted["by_stype"]["mean"], rtol=1e-9)
    np.testing.assert_allclose(np.sqrt(found.variance).ravel(), wanted["by_stype"]["se"], rtol=1e-9)
    yes = frame.assign(yes=100.0 * (frame["sch.wide"] == "Yes"))
    methods: tuple[Method, ...] = ("logit", "likelihood", "asin", "beta", "mean")
    for method in methods:
        row = shares(yes, "yes", cluster=cluster, method=method).iloc[0]
        ends = [row["conf_low"] / 100, row["conf_high"] / 100]
        interval = wanted["ciprop"][method]
        close = 1e-5 if method == "likelihood" else 1e-8
        assert ends == pytest.approx([interval["lo"], interval["hi"]], rel=close)


def test_tests_on_schools_agree_with_r(real: dict[str, Any]) -> None:
    strata = pd.read_csv(REAL / "apistrat.csv").rename(columns={"pw": "weight", "fpc": "population"})
    strata = strata.assign(stratum=strata["stype"])
    clusters = pd.read_csv(REAL / "apiclus1.csv").rename(columns={"pw": "weight", "fpc": "population"})
    for frame, cluster, key in (
        (strata, None, "svychisq_apistrat"),
        (clusters, "dnum", "svychisq_apiclus1"),
    ):
        row = crossed_test(frame, "sch.wide", "stype", cluster=cluster).iloc[0]
        found = row[["statistic", "df", "df_denominator", "p_value"]].tolist()
        assert found == pytest.approx([real[key][name] for name in ("F", "ndf", "ddf", "p")], rel=1e-8)
    row = two_groups_test(strata, "api00", group="comp.imp", cluster=None).iloc[0]
    wanted = real["svyttest_apistrat"]
    found = row[["statistic", "df", "p_value", "estimate"]].tolist()
    assert found == pytest.approx([wanted[name] for name in ("t", "df", "p", "diff")], rel=1e-9)


@pytest.mark.parametrize("statistic", ["Wald", "adjWald"])
def test_a_singular_variance_of_differences_is_nan_with_the_reason(statistic: Any) -> None:
    answers = {"row": list("abcd") * 6, "column": list("xyzxyzzxyxyz") * 2}
    frame = pd.DataFrame({"company": np.repeat([0, 1, 2, 3], 2).tolist() * 3, **answers})
    row = crossed_test(frame, "row", "column", statistic=statistic).iloc[0]
    assert np.isnan(row["statistic"])
    assert np.isnan(row["p_value"])
    assert "singular: too few clusters" in row["reason"]
    assert crossed_test(frame, "row", "column").iloc[0]["reason"] == ""
