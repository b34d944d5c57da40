"""Tables of domains after calibration against R survey: companies, people within them, parts of a table, replicates."""

import os
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.infer.banner import banner
from analysis.infer.combinations import combined
from analysis.infer.crosstab import crosstab
from analysis.infer.estimates import Estimates, mean_estimates, total_estimates
from analysis.infer.jackknife import jackknife
from analysis.infer.known_totals import KNOWN_TOTALS, with_known_totals
from analysis.infer.linearisation import cells_of
from analysis.infer.replicate_tables import replicate_means
from analysis.infer.stub import joined, mean_of
from analysis.infer.survey_design import SurveyDesign, survey_design
from analysis.infer.tabulation import contrasts, means
from survey.calibration import Calibration, Method, calibrate, one_hot, poststratify
from survey.trimming import trim_weights
from tests.analysis.infer.test_calibrated_variance import INDUSTRY, SIZE, codes

HERE = Path(__file__).parents[2] / "reference"
EXPECTED = pd.read_csv(HERE / "calibrated_tables.csv").set_index(["design", "what", "cell"]).sort_index()
REAL = (
    Path(os.environ.get("ALIGNMARK_REAL_DATA", Path(__file__).parents[4] / "shared" / "data"))
    / "survey_design"
)
PEOPLE = pd.read_csv(HERE / "weighting_data.csv")
PEOPLE = PEOPLE.assign(
    wave=2025,
    of=np.where(np.arange(1, len(PEOPLE) + 1) % 2, "marketing", "sales"),
    yes=100.0 * (PEOPLE["answer"] > 55),
    share=1 / PEOPLE.groupby("company")["company"].transform("size"),
)
COMPANIES = PEOPLE.drop_duplicates("company").reset_index(drop=True)
COMPANIES = COMPANIES.assign(high=100.0 * (COMPANIES["alignment"] > 55))
NAMES = ["poststratify", "linear", "raking", "linear_bounded", "raking_bounded", "logit"]
TRIMMED = {"raking trimmed": (3.5, 8.0, False), "logit trimmed": (3.5, 9.0, True)}


@cache
def calibrations() -> dict[str, Calibration]:
    base = COMPANIES["base"].to_numpy(float)
    industry, size = codes(COMPANIES["industry"], INDUSTRY), codes(COMPANIES["size"], SIZE)
    x = np.column_stack([np.ones(len(base)), industry == 1, industry == 2, size == 1]).astype(float)
    more, known = np.column_stack([x, COMPANIES["employees"]]), [520, 212, 170, 330, 46000]

    def with_number(method: Method, *bounds: float) -> Calibration:
        limits = (bounds[0], bounds[1]) if bounds else (-np.inf, np.inf)
        return calibrate(base, more, known, method=method, bounds=limits)

    return {
        "poststratify": poststratify(base, size * 3 + industry, [58, 72, 60, 80, 140, 110]),
        "linear": with_number("linear"),
        "raking": calibrate(base, x, known[:4], method="raking"),
        "linear_bounded": with_number("linear", 0.6, 1.7),
        "raking_bounded": with_number("raking", 0.6, 1.7),
        "logit": with_number("logit", 0.5, 2.2),
    }


def companies(name: str) -> pd.DataFrame:
    """Return the companies with their weights and what these are tied to."""
    step, weights = calibrations()[name.split(maxsplit=1)[0]], None
    if name in TRIMMED:
        lower, upper, strict = TRIMMED[name]
        weights = trim_weights(step.weights, lower=lower, upper=upper, strict=strict).weights
    weighted = COMPANIES.assign(weight=step.weights if weights is None else weights)
    return with_known_totals(weighted, {2025: step})


def people(name: str) -> pd.DataFrame:
    own = companies(name)[["company", "weight", KNOWN_TOTALS]]
    joined_ = PEOPLE.merge(own, on="company")
    return joined_.assign(weight=joined_["weight"] * joined_["share"])


def estimated(
    frame: pd.DataFrame, variable: str, by: str, *, total: bool = False
) -> tuple[list[str], Estimates]:
    cells, keys = cells_of(frame, [by])
    made = total_estimates if total else mean_estimates
    return list(keys[by]), made(
        frame[[variable]].to_numpy(float), survey_design(frame), cells=cells, size=len(keys)
    )


def assert_equal(found: tuple[list[str], Estimates], design: str, what: str) -> None:
    names, table = found
    right = EXPECTED.loc[(design, what)].loc[names]
    np.testing.assert_allclose(table.estimate[:, 0], right["estimate"], rtol=1e-9)
    np.testing.assert_allclose(
        np.sqrt(table.variance[:, 0]), right["std_error"], rtol=1e-7, err_msg=f"{design} {what}"
    )


@pytest.mark.parametrize("name", [*NAMES, *TRIMMED])
def test_domains_of_companies_and_of_their_people_equal_those_of_r(name: str) -> None:
    own, asked = companies(name), people(name)
    for variable in ("alignment", "high"):
        assert_equal(estimated(own, variable, "stratum"), name, variable)
    assert_equal(estimated(own, "employees", "stratum", total=True), name, "employees")
    for variable in ("answer", "yes"):
        names, table = found = estimated(asked, variable, "of")
        assert_equal(found, name, variable)
        assert names == ["marketing", "sales"]
        difference, covariance = combined(table, [[1, -1]])
        right = EXPECTED.loc[(name, variable, "marketing - sales")]
        assert [difference.item(), np.sqrt(covariance.item())] == pytest.approx(right.to_list(), rel=1e-7)
    # A part of the table is a domain of all companies that were weighted.
    assert_equal(estimated(own[own["size"] == "small"], "alignment", "stratum"), name, "small")
    part = asked[asked["of"] == "sales"]
    assert_equal(estimated(part, "answer", "of"), name, "answer")


@pytest.mark.parametrize("name", ["raking", "logit trimmed"])
def test_columns_of_a_crosstab_and_their_differences_equal_those_of_r(name: str) -> None:
    frame = people(name)
    stub = joined([mean_of(y, frame[y].to_numpy(float)) for y in ("answer", "yes")])
    table = crosstab(stub, banner(frame, ["of"]), survey_design(frame))
    # All companies answered in both functions or in one: what R does not scale by.
    of = frame.groupby("of")["company"].nunique()
    few = np.sqrt(of / (of - 1) * 89 / 90)
    for variable in ("answer", "yes"):
        cells = table.cells[(table.cells["question"] == variable) & (table.cells["head"] == "of")].set_index(
            "column"
        )
        right = EXPECTED.loc[(name, variable)].loc[["marketing", "sales"], "std_error"]
        np.testing.assert_allclose(cells["std_error"] / few[cells.index], right, rtol=1e-7)
    test = table.tests[table.tests["question"] == "answer"].iloc[0]
    other = contrasts(frame, ["answer"], group="of", a="marketing", b="sales").iloc[0]
    assert test[["estimate", "std_error", "df"]].to_list() == pytest.approx(
        other[["estimate", "std_error", "df"]].to_list()
    )
    free = crosstab(stub, banner(frame, ["of"]), survey_design(frame.drop(columns=KNOWN_TOTALS)))
    assert (table.cells["std_error"] < free.cells["std_error"]).mean() > 0.5


@pytest.mark.parametrize("name", NAMES[1:])
def test_every_replicate_is_calibrated_as_the_sample_is(name: str) -> None:
    frame, step = companies(name), calibrations()[name]
    replicates = jackknife(survey_design(frame))
    met = step.auxiliary.T @ replicates.of_rows(slice(None))
    np.testing.assert_allclose(met, np.tile(step.totals[:, None], met.shape[1]), rtol=1e-8)
    low, high = step.bounds
    ratios = replicates.recalibration.ratios(step.auxiliary) if replicates.recalibration else np.ones(1)
    assert ratios.min() >= low - 1e-9
    assert ratios.max() <= high + 1e-9
    for by in ([], ["stratum"]):
        table = replicate_means(frame, ["alignment"], replicates=replicates, by=by).to_frame()
        right = EXPECTED.loc[(f"jackknife {name}", "alignment")].loc[
            list(table["stratum"]) if by else ["all"]
        ]
        np.testing.assert_allclose(table["estimate"], right["estimate"], rtol=1e-8)
        np.testing.assert_allclose(table["std_error"], right["std_error"], rtol=1e-7)


@pytest.mark.skipif(not REAL.exists(), reason=f"real data not found at {REAL}")
@pytest.mark.parametrize("method", ["linear", "raking", "logit"])
def test_schools_by_type_in_clusters_of_districts_equal_those_of_r(method: Method) -> None:
    schools = pd.read_csv(REAL / "apiclus1.csv", keep_default_na=False).assign(population=757.0)
    kind = codes(schools["stype"], ["E", "H", "M"])
    x = np.column_stack([np.ones(len(schools)), kind == 1, kind == 2, schools["api99"].astype(float)])
    drawn = survey_design(schools.assign(weight=schools["pw"].astype(float)), cluster="dnum")

    def tied(*bounds: float) -> SurveyDesign:
        limits = (bounds[0], bounds[1]) if method == "logit" else (-np.inf, np.inf)
        found = calibrate(drawn.weights, x, [6194, 755, 1018, 3914069], method=method, bounds=limits)
        return drawn.calibrated(found)

    design, values = tied(0.7, 1.7), schools[["api00"]].to_numpy(float)
    found = mean_estimates(values, design, cells=kind, size=3)
    assert_equal((["E", "H", "M"], found), f"schools {method}", "api00")
    difference, covariance = combined(found, [[1, -1, 0]])
    right = EXPECTED.loc[(f"schools {method}", "api00", "E - H")]
    assert [difference.item(), np.sqrt(covariance.item())] == pytest.approx(right.to_list(), rel=1e-7)
    wide = codes(schools["sch.wide"], ["No", "Yes"])
    enrolled = total_estimates(schools[["enroll"]].to_numpy(float), design, cells=wide, size=2)
    assert_equal((["No", "Yes"], enrolled), f"schools {method}", "enroll")
    replicates = jackknife(tied(0.3, 6))
    table = replicate_means(schools, ["api00"], replicates=replicates, by=["sch.wide"]).to_frame()
    right = EXPECTED.loc[(f"schools jackknife {method}", "api00")].loc[["No", "Yes"]]
    np.testing.assert_allclose(table["std_error"], right["std_error"], rtol=1e-6)


def test_means_of_a_table_have_the_errors_of_its_design() -> None:
    frame = companies("raking")
    table = means(frame, ["alignment"], by=["stratum"]).set_index("stratum")
    n = frame.groupby("stratum").size()
    few = np.sqrt(n / (n - 1) * (n - 1) / n)
    right = EXPECTED.loc[("raking", "alignment")].loc[["north", "south"], "std_error"]
    np.testing.assert_allclose(table["std_error"] / few, right, rtol=1e-7)


def test_tables_with_other_rows_than_were_weighted_carry_nothing() -> None:
    with pytest.raises(ValueError, match="does not hold the 90 companies weighted in wave 2025"):
        with_known_totals(COMPANIES.head(80), {2025: calibrations()["raking"]})
    with pytest.raises(ValueError, match="of all companies that were weighted"):
        jackknife(survey_design(companies("raking").head(30)))


def test_waves_are_tied_one_by_one_and_a_part_of_the_waves_is_a_sample_of_its_own() -> None:
    one = calibrations()["raking"]
    later = calibrate(one.before, one.auxiliary[:, :3], [400, 150, 150], method="raking")
    both = pd.concat(
        [COMPANIES.assign(wave=2025, weight=one.weights), COMPANIES.assign(wave=2026, weight=later.weights)]
    )
    tied = with_known_totals(both.sample(frac=1, random_state=2), {2025: one, 2026: later})
    alone = means(companies("raking"), ["alignment"], by=["stratum"])
    first = means(tied[tied["wave"] == 2025], ["alignment"], by=["stratum"])
    pd.testing.assert_frame_equal(first, alone)
    design = survey_design(tied)
    assert design.units is None
    known = np.hstack(
        [one_hot(codes(tied["wave"].astype(str), ["2025", "2026"]), 2) * design.weights[:, None]]
    )
    counted = total_estimates(
        np.ones((len(tied), 1)), design, cells=(tied["wave"] == 2026).to_numpy(int), size=2
    )
    np.testing.assert_allclose(counted.estimate[:, 0], known.sum(axis=0))
    np.testing.assert_allclose(counted.variance, 0, atol=1e-12 * known.sum())
