"""A study that declares replicate weights: its tables, its report, its outputs, and what it may not declare."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from alignmark.output import output_problems
from alignmark.run import run
from alignmark.study import read_study
from analysis.infer.carried_replicates import REPLICATES
from analysis.infer.survey_design import survey_design
from analysis.infer.tabulation import means
from reports.documents.disclosed import disclosure_items
from reports.documents.methods import methods
from reports.report import Bullets
from survey.replicate_rule import FEWEST
from tests.alignmark.conftest import Spoil, replaced
from tests.alignmark.test_weighing import (
    Weighed,
    declared_problems,
    panel_of,
    problems_of,
    weights,
    with_margins,
)

DRAWN = "{base: drawn, replicates: {columns: 'rw_*', type: bootstrap}}"
WITH_BASE = ("industry: industry}", "industry: industry, drawn: drawn}")


def drawn(
    change: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Give the register a design weight and eight replicates of it."""

    def add(table: pd.DataFrame) -> pd.DataFrame:
        rng, base = np.random.default_rng(3), 1.0 + np.arange(12) % 3
        factors = rng.integers(0, 3, size=(12, 8))
        columns = {f"rw_{n + 1}": base * factors[:, n] for n in range(8)}
        whole = table.assign(drawn=base, **columns)
        return whole if change is None else change(whole)

    return add


@pytest.fixture(scope="module")
def replicated(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Weighed:
    """Run the tiny study once, weighted to its industries, with variances from the jackknife."""
    folder = tmp_path_factory.mktemp("replicated")
    shutil.copytree(tiny, folder / "study")
    study = with_margins(folder / "study" / "study.yaml")
    section = weights("{margins: {file: population.csv}, replicates: {make: jackknife}}")
    study.write_text(replaced(study.read_text(encoding="utf-8"), section), encoding="utf-8")
    return Weighed(run(read_study(study), folder / "out"), folder / "out")


def left_out(now: pd.DataFrame, value: str) -> tuple[float, float]:
    """Mean and jackknife error of a value, by hand: each company left out, the others brought to the margins."""
    counts = pd.Series({"Software": 900.0, "Machinery": 300.0})
    found = []
    for gone in [None, *now["company"]]:
        kept = now[now["company"] != gone]
        found.append((kept.groupby("industry")[value].mean() * counts).sum() / counts.sum())
    again = np.array(found[1:])
    return found[0], float(
        np.sqrt(len(again - 1) and (len(again) - 1) / len(again) * ((again - again.mean()) ** 2).sum())
    )


def test_every_table_has_the_variance_of_the_replicates(replicated: Weighed) -> None:
    evidence = replicated.evidence
    now = evidence.panel.wave(2025).frame
    estimate, error = left_out(now, "alignment")
    index = evidence.index_by_wave.set_index("wave").loc[2025]
    assert (index["estimate"], index["std_error"]) == pytest.approx((estimate, error))
    # Twelve companies less the two margins that each replicate meets.
    assert index["df"] == 10
    gaps = evidence.gaps.set_index("variable").loc["goals"]
    assert (gaps["estimate"], gaps["std_error"]) == pytest.approx(left_out(now, "gap_goals"))
    before = evidence.panel.wave(2024).frame.set_index("company")["alignment"]
    moved = now.assign(moved=now["alignment"] - now["company"].map(before))
    change = evidence.changes.set_index("variable").loc["alignment"]
    assert (change["estimate"], change["std_error"]) == pytest.approx(left_out(moved, "moved"))
    lower = now.assign(lower=100.0 * (now["gap_goals"] > 0))
    assert gaps["sales_lower"] == pytest.approx(left_out(lower, "lower")[0])


def test_growth_models_are_fitted_anew_in_each_replicate(replicated: Weighed) -> None:
    frame, fit = replicated.evidence.panel.frame, replicated.evidence.fits[0]
    assert (fit.specification.weights, fit.specification.covariance) == ("weight", "design")
    slopes = []
    for gone in [None, *pd.unique(frame["company"])]:
        kept = frame[frame["company"] != gone]
        counts = kept["industry"].map({"Software": 900.0, "Machinery": 300.0})
        weight = counts / kept.groupby(["wave", "industry"])["company"].transform("size")
        model = smf.wls("revenue_growth ~ alignment + C(wave)", kept, weights=weight)
        slopes.append(model.fit().params["alignment"])
    again = np.array(slopes[1:])
    error = np.sqrt(11 / 12 * ((again - again.mean()) ** 2).sum())
    row = fit.slope()
    assert (row["estimate"], row["std_error"]) == pytest.approx((slopes[0], error))
    # The waves are known in full: without an outcome in one, its rows are none of the model's.
    assert row["df"] == survey_design(frame[frame["revenue_growth"].notna()]).df - 2
    assert {found.errors[0].kind for found in replicated.evidence.fits} == {"replicates"}
    assert fit.by_errors["errors"].unique().tolist() == ["from replicate weights"]
    for surface in replicated.evidence.surfaces:
        assert (surface.specification.weight, surface.specification.covariance) == ("weight", "design")


def test_crosstabs_have_it_too(replicated: Weighed) -> None:
    (book,) = replicated.evidence.books
    people = replicated.evidence.panel.wave(2025)
    assert "come from the replicate weights" in " ".join(book.notes())
    cells = book.table.cells[
        (book.table.cells["question"] == "goals_1") & (book.table.cells["kind"] == "mean")
    ]
    total = cells.set_index("column").loc["Total"]
    assert total["std_error"] > 0
    # Two waves of twelve companies, each wave brought to two margins.
    assert total["df"] == survey_design(replicated.evidence.panel.frame).df
    assert people.frame[REPLICATES].notna().all()


def test_the_report_says_which_variance_was_used(replicated: Weighed) -> None:
    blocks = methods(replicated.evidence).blocks
    words = " ".join(line for block in blocks if isinstance(block, Bullets) for line in block.items)
    assert "Variances come from 12 replicate weights made by the run: the jackknife" in words
    assert "Each replicate is brought to the population counts anew." in words
    assert "Errors from replicate weights: the model is fitted anew under each of them" in words
    assert "least squares, weighted, errors: from replicate weights" in words
    assert any("type 7 (Hyndman and Fan, 1996; R quantile)" in getattr(block, "text", "") for block in blocks)
    assert "Taylor" not in words
    items = {item.name: item.stated for item in disclosure_items(replicated.evidence)}
    assert "Intervals come from 12 replicate weights" in items["Sample sizes and precision"]


def test_replicate_weights_are_outputs_and_meet_the_margins(replicated: Weighed) -> None:
    table = pd.read_csv(replicated.out / "replicate_weights.csv")
    panel = pd.read_parquet(replicated.out / "panel.parquet")
    assert REPLICATES not in panel
    facts = table.merge(panel[["company", "wave", "industry"]], on=["company", "wave"])
    sums = facts.groupby(["wave", "industry"])[[f"replicate_{n}" for n in range(1, 13)]].sum()
    np.testing.assert_allclose(sums.xs("Software", level="industry"), 900)
    np.testing.assert_allclose(sums.xs("Machinery", level="industry"), 300)
    assert not output_problems(replicated.out), "a folder with replicate weights is one to replace"


def test_supplied_replicate_weights_are_taken_as_they_are(spoiled: Spoil) -> None:
    panel, found = panel_of(spoiled(weights(DRAWN), WITH_BASE, companies=drawn()))
    now = panel.wave(2025).frame
    facts = drawn()(pd.DataFrame({"company": now["company"]})).filter(like="rw_").to_numpy()
    y = now["alignment"].to_numpy()
    again = y @ facts / facts.sum(axis=0)
    error = np.sqrt(((again - again.mean()) ** 2).sum() / 7)
    row = means(now, ["alignment"]).iloc[0]
    assert (row["std_error"], row["df"]) == pytest.approx((error, np.linalg.matrix_rank(facts) - 1))
    assert "8 replicate weights that the study supplies (type bootstrap)" in found.said[-1]


def test_supplied_replicate_weights_may_stand_in_a_file_and_multiply_the_weight(spoiled: Spoil) -> None:
    study = spoiled(weights(DRAWN), WITH_BASE, companies=drawn())
    whole = means(panel_of(study)[0].frame, ["alignment"], by=["wave"])
    register = pd.read_csv(study.parent / "companies.csv")
    factors = register.filter(like="rw_").div(register["drawn"], axis=0)
    factors.insert(0, "id", register["name"])
    factors.sample(frac=1, random_state=1).to_csv(study.parent / "factors.csv", index=False)
    other = "{file: factors.csv, company: id, columns: 'rw_*', type: bootstrap, combined: false}"
    text = study.read_text(encoding="utf-8").replace("{columns: 'rw_*', type: bootstrap}", other)
    study.write_text(text, encoding="utf-8")
    pd.testing.assert_frame_equal(means(panel_of(study)[0].frame, ["alignment"], by=["wave"]), whole)


def test_supplied_replicates_are_brought_to_the_margins(spoiled: Spoil) -> None:
    section = DRAWN.replace("{base", "{margins: {file: population.csv}, base")
    study = with_margins(spoiled(weights(section), WITH_BASE, companies=drawn()))
    _, found = panel_of(study)
    sums = found.replicates.groupby("wave").sum(numeric_only=True)
    np.testing.assert_allclose(sums, 1200)


def test_replicates_that_cannot_meet_the_margins_are_told(spoiled: Spoil) -> None:
    def one_machine(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(industry=["Machinery"] + ["Software"] * 11)

    section = weights("{margins: {file: population.csv}, replicates: {make: jackknife}}")
    told = [
        str(problem) for problem in panel_of(with_margins(spoiled(section, companies=one_machine)))[1].remarks
    ]
    assert any("in 1 of 12 replicates the margins are not met" in line for line in told), told


def test_the_bootstrap_is_drawn_with_the_seed_of_the_study(spoiled: Spoil) -> None:
    made = "{strata: [industry], replicates: {make: bootstrap, number: 60}}"
    study = spoiled(weights(made))
    one, other = (panel_of(study)[1].replicates for _ in range(2))
    pd.testing.assert_frame_equal(one, other)
    assert one.shape == (24, 62)
    turned = study.read_text(encoding="utf-8").replace("seed: 1", "seed: 2")
    study.write_text(turned, encoding="utf-8")
    assert not panel_of(study)[1].replicates.equals(one)


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("{replicates: {}}", "weights.replicates: name no replicate weights. Allowed: `columns"),
        ("{replicates: {make: jackknife, columns: 'rw_*'}}", "are both supplied and made"),
        ("{replicates: {make: bootstrap, number: 9}}", f"number: 9 replicates are too few. Allowed: {FEWEST} or more"),
        ("{replicates: {make: jackknife, number: 99}}", "is of no use: the design says how many"),
        ("{replicates: {make: brr}}", "replicates.make: brr takes half of each pair"),
        ("{replicates: {make: fay}}", "replicates.fay_rho: is needed for Fay's method"),
        ("{replicates: {columns: 'rw_*'}}", "replicates.type: is not said. Allowed: jk1, jkn"),
        ("{base: drawn, replicates: {columns: 'rw_*', type: jkn}}", "replicates.rscales: are needed for jkn"),
        ("{base: drawn, replicates: {columns: 'rw_*', type: other}}", "replicates.scale: is needed"),
        ("{replicates: {columns: 'rw_*', type: bootstrap}}", "weights.base: is needed"),
        ("{base: drawn, strata: [industry], replicates: {columns: 'rw_*', type: brr}}", "weights.strata: is of no use"),
        ("{base: drawn, replicates: {columns: 'w_*', type: brr}}", "no column of companies.csv is one of w_*"),
        ("{base: drawn, replicates: {columns: [rw_1, rx], type: brr}}", "companies.csv, rx: is not among the headings"),
        ("{base: drawn, replicates: {columns: [rw_1], type: brr}}", "1 replicate weights are named"),
        ("{lonely: average}", "weights.lonely: is of no use without strata"),
        ("{replicates: {make: bootstrap, number: 1000000000}}", "replicates are too many. Allowed: up to 10000"),
        ("{base: drawn, replicates: {columns: 5, type: brr}}",
         "row 17, weights.replicates.columns: is none of what can stand here, found 5. Allowed: text, or a list"),
        ("{base: drawn, replicates: {columns: 'rw_*', type: jkn, rscales: [0.5, 0.5]}}",
         "row 17, weights.replicates.rscales: holds 2 numbers"),
    ],
)  # fmt: skip
def test_what_may_not_be_declared(spoiled: Spoil, section: str, told: str) -> None:
    problems = declared_problems(spoiled(weights(section), WITH_BASE, companies=drawn()))
    assert any(told in problem for problem in problems), problems


def test_faults_of_supplied_weights_stand_with_file_row_and_column(spoiled: Spoil) -> None:
    def spoil(table: pd.DataFrame) -> pd.DataFrame:
        table = table.astype({"rw_1": object, "rw_2": object, "rw_3": object})
        table.loc[0, "rw_1"], table.loc[1, "rw_2"], table.loc[2, "rw_3"] = -1.0, "many", None
        return table.assign(rw_4=0)

    problems = problems_of(spoiled(weights(DRAWN), WITH_BASE, companies=drawn(spoil)))
    assert problems == [
        "companies.csv, row 2, rw_1: is negative, found -1.0. Allowed: 0 or more",
        "companies.csv, row 3, rw_2: is no number, found 'many'. Allowed: 0 or more",
        "companies.csv, row 4, rw_3: is missing. Allowed: 0 or more",
        "companies.csv, rw_4: is 0 in every row. Allowed: a weight above 0 for some company",
    ]


def test_a_weight_that_reads_two_ways_is_told(spoiled: Spoil) -> None:
    def spoil(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(rw_1=["300"] * 11 + ["1.200"])

    (problem,) = problems_of(spoiled(weights(DRAWN), WITH_BASE, companies=drawn(spoil)))
    assert problem.startswith("companies.csv, row 13, rw_1:")
    assert "found 1.200." in problem


def test_companies_without_replicate_weights_are_named(spoiled: Spoil) -> None:
    study = spoiled(weights(DRAWN), WITH_BASE, companies=drawn())
    register = pd.read_csv(study.parent / "companies.csv")
    register[["company", *register.filter(like="rw_")]].drop(index=[4]).to_csv(
        study.parent / "rw.csv", index=False
    )
    text = study.read_text(encoding="utf-8").replace("{columns:", "{file: rw.csv, columns:")
    study.write_text(text, encoding="utf-8")
    assert problems_of(study) == [
        "rw.csv: C04 has no replicate weights. To do: add its row, or leave the company out"
    ]


def test_a_stratum_with_one_company_is_named_with_it(spoiled: Spoil) -> None:
    def alone(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(industry=["Software"] * 11 + ["Mining"])

    section = "{strata: [industry], replicates: {make: brr}}"
    problems = problems_of(spoiled(weights(section), companies=alone))
    assert any("the stratum Mining has one cluster" in p and ": C11" in p for p in problems), problems
    assert any("the stratum Software has 11 clusters, which make no pairs" in p for p in problems), problems
    assert all(p.startswith("study.yaml, row 17, weights.replicates.make") for p in problems)


def test_a_lonely_stratum_counts_as_declared(spoiled: Spoil) -> None:
    def alone(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(industry=["Software"] * 11 + ["Mining"])

    errors = {}
    for option in ("adjust", "certainty", "average"):
        section = f"{{strata: [industry], lonely: {option}}}"
        panel, found = panel_of(spoiled(weights(section), folder=option, companies=alone))
        errors[option] = means(panel.wave(2025).frame, ["alignment"])["std_error"].item()
        assert any("stratum with one company" in line for line in found.said) == (option != "adjust")
    assert errors["certainty"] < errors["adjust"]
    assert errors["average"] == pytest.approx(errors["certainty"] * np.sqrt(2))
    problems = problems_of(
        spoiled(weights("{strata: [industry], lonely: fail}"), folder="f", companies=alone)
    )
    assert any("one company in the sample" in p for p in problems), problems
