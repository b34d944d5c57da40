"""A study that weights: panel, tables, report, outputs and check; and a study that does not is as it was."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from alignmark.check import check
from alignmark.inputs import read_inputs
from alignmark.measuring import company_panel, with_outcomes
from alignmark.output import output_problems
from alignmark.run import compute, run
from alignmark.study import read_study
from alignmark.weighing import weigh_panel
from analysis.infer.tabulation import means
from analysis.measure.panel import Panel
from reports.documents.methods import methods
from reports.documents.weighting import weighting
from reports.evidence import Evidence
from reports.report import Bullets, Table
from survey.problems import InputError
from survey.weighted import Weighted
from tests.alignmark.conftest import Ran, Spoil, replaced


class Weighed(NamedTuple):
    """What came of a run, and where it stands."""

    evidence: Evidence
    out: Path


POPULATION = "variable,category,count\nindustry,Software,900\nindustry,Machinery,300\n"


def weights(text: str) -> tuple[str, str]:
    """Put a section into the tiny study; it begins in row 17."""
    return "cleaning:\n", f"weights: {text}\ncleaning:\n"


def with_margins(study: Path, text: str = POPULATION) -> Path:
    (study.parent / "population.csv").write_text(text, encoding="utf-8")
    return study


def panel_of(study: Path) -> tuple[Panel, Weighted]:
    """Build the panel of a study and weight it, without all that is computed from it."""
    file = read_study(study)
    inputs = read_inputs(file)
    assert inputs.responses is not None
    panel, _, _ = with_outcomes(company_panel(inputs.responses, file.study), inputs, file.study)
    panel, found = weigh_panel(panel, inputs.population, file.study)
    assert found is not None
    return panel, found


def problems_of(study: Path) -> list[str]:
    with pytest.raises(InputError) as error:
        compute(read_study(study))
    return [str(problem) for problem in error.value.problems]


def declared_problems(study: Path) -> list[str]:
    """Return what is wrong with the study file; if nothing is, what else keeps it from being computed."""
    try:
        found = read_study(study).problems
    except InputError as error:
        found = error.problems
    return list(map(str, found)) or problems_of(study)


@pytest.fixture(scope="module")
def weighted(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Weighed:
    """Run the tiny study once, weighted to its industries."""
    folder = tmp_path_factory.mktemp("weighted")
    shutil.copytree(tiny, folder / "study")
    study = with_margins(folder / "study" / "study.yaml")
    text = study.read_text(encoding="utf-8")
    study.write_text(replaced(text, weights("{margins: {file: population.csv}}")), encoding="utf-8")
    return Weighed(run(read_study(study), folder / "out"), folder / "out")


def test_the_headline_is_weighted(weighted: Weighed) -> None:
    evidence = weighted.evidence
    now = evidence.panel.wave(2025).frame
    assert now.groupby("industry")["weight"].sum().to_dict() == pytest.approx(
        {"Software": 900, "Machinery": 300}
    )
    mean = evidence.index_by_wave.set_index("wave").loc[2025]
    assert mean["estimate"] == pytest.approx(np.average(now["alignment"], weights=now["weight"]))
    assert mean["n"] == 12
    assert abs(mean["estimate"] - now["alignment"].mean()) > 0.1
    gaps = evidence.gaps.set_index("variable")
    assert gaps.loc["goals", "estimate"] == pytest.approx(np.average(now["gap_goals"], weights=now["weight"]))
    levels = evidence.functions.set_index(["function", "variable"])["estimate"]
    assert levels["marketing", "goals"] - levels["sales", "goals"] == pytest.approx(
        gaps.loc["goals", "estimate"]
    )


def test_models_are_weighted_and_know_that_the_margins_are_met(weighted: Weighed) -> None:
    evidence = weighted.evidence
    fit, frame = evidence.fits[0], evidence.panel.frame
    known = frame[frame["revenue_growth"].notna()]
    design = sm.WLS.from_formula(fit.specification.formula, known, weights=known["weight"])
    params = np.asarray(design.fit().params)
    x, e = design.exog, design.endog - design.exog @ params
    moves = (
        known["weight"].to_numpy()[:, None]
        * x
        * e[:, None]
        @ np.linalg.inv(x.T * known["weight"].to_numpy() @ x)
    )
    cells = known["wave"].astype("str") + known["industry"]
    rows = pd.DataFrame(moves).groupby(cells.to_numpy())
    left = pd.DataFrame(moves) - rows.transform("mean")
    of_company = left.groupby(known["company"].to_numpy()).sum().to_numpy()
    error = np.sqrt(12 / 11 * (of_company**2).sum(axis=0))
    place = list(design.exog_names).index("alignment")
    row = fit.slope()
    assert (row["estimate"], row["std_error"]) == pytest.approx((params[place], error[place]))
    assert row["df"] == 12 - 1 + 1 - len(error)
    assert {found.errors[0].kind for found in evidence.fits} == {"design"}
    page = (weighted.out / "report.html").read_text(encoding="utf-8")
    assert "Companies count by their weights." in page
    assert "least squares, weighted, errors: design-based" in page


def test_intervals_know_that_the_margins_are_met(weighted: Weighed) -> None:
    now = weighted.evidence.panel.wave(2025).frame
    w, y = now["weight"].to_numpy(), now["alignment"].to_numpy()
    within = pd.Series(y).groupby(now["industry"].to_numpy()).transform("mean").to_numpy()
    residual = w * (y - within) / w.sum()
    error = np.sqrt(12 / 11 * (residual**2).sum())
    assert weighted.evidence.index_by_wave.set_index("wave").loc[2025, "std_error"] == pytest.approx(error)


def test_the_report_says_how(weighted: Weighed) -> None:
    blocks = methods(weighted.evidence).blocks
    (table,) = (block for block in blocks if isinstance(block, Table) and block.id == "weights")
    row = table.frame.set_index("wave").loc[2025]
    assert (row["n"], row["population"], row["met"]) == (12, pytest.approx(1200), "met")
    assert row["effective_n"] == pytest.approx(1200**2 / (6 * 150**2 + 6 * 50**2))
    assert row["design_effect"] == pytest.approx(12 / row["effective_n"])
    words = " ".join(line for block in blocks if isinstance(block, Bullets) for line in block.items)
    assert "population counts of population.csv by raking (iterative proportional fitting)" in words
    assert "Classes on outcomes and on the index are cut at shares of the weight" in words
    assert "weights are not used" not in words


def test_weights_are_outputs(weighted: Weighed) -> None:
    companies = pd.read_csv(weighted.out / "weights.csv")
    assert companies.groupby("wave")["weight"].sum().tolist() == pytest.approx([1200, 1200])
    people = pd.read_csv(weighted.out / "respondent_weights.csv")
    shared = people.groupby(["wave", "company"])["weight"].sum()
    pd.testing.assert_series_equal(shared, companies.set_index(["wave", "company"])["weight"])
    assert people["weight"].nunique() == 2, "two people of each function: a quarter of 150 and of 50"
    assert not output_problems(weighted.out), "a folder with weights is one to replace"


def test_a_study_without_weights_counts_each_company_once(ran: Ran) -> None:
    assert ran.evidence.weights is None
    assert not {"weight", "stratum", "population"} & set(ran.evidence.panel.frame)
    assert "weights are not used" in (ran.out / "report.html").read_text(encoding="utf-8")
    assert not (ran.out / "weights.csv").exists()


def test_strata_and_their_population_come_from_the_register(spoiled: Spoil) -> None:
    panel, _ = panel_of(spoiled(weights("{strata: [industry], finite: true}")))
    frame = panel.frame
    assert frame["stratum"].equals(frame["industry"].rename("stratum"))
    assert frame["population"].unique().tolist() == [6]
    assert means(frame, ["alignment"], by=["wave"])["std_error"].tolist() == [0, 0], (
        "all of the register answered"
    )


def test_companies_count_by_size(spoiled: Spoil) -> None:
    def staffed(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(staff=range(1, 13))

    columns = ("industry: industry}", "industry: industry, staff: staff}")
    panel, _ = panel_of(spoiled(weights("{companies: {by: staff}}"), columns, companies=staffed))
    assert panel.wave(2025).frame["weight"].tolist() == list(range(1, 13))


def test_margins_of_the_register_and_classes_of_nonresponse(spoiled: Spoil) -> None:
    def half_silent(table: pd.DataFrame) -> pd.DataFrame:
        return table[~table["firm"].isin(["C00", "C02", "C04"])]

    declared = "{nonresponse: {classes: [industry], minimum: 2}, margins: register, by: [industry]}"
    panel, found = panel_of(spoiled(weights(declared), answers=half_silent))
    now = panel.wave(2025).frame
    assert now.groupby("industry")["weight"].first().to_dict() == pytest.approx(
        {"Machinery": 1, "Software": 2}
    )
    assert found.classes.query("wave == 2025")["response_rate"].tolist() == [1, 0.5]


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("{margins: register}", "study.yaml, row 17, weights.by: does not say which facts"),
        ("{base: drawn}", "study.yaml, row 17, weights.base: 'drawn' is no fact of the companies"),
        ("{companies: {by: staff}}", "study.yaml, row 17, weights.companies.by: 'staff' is no fact"),
        (
            "{nonresponse: {classes: [sector]}}",
            "'sector' is no fact of everybody in the register. Allowed: industry",
        ),
        ("{margins: {file: nowhere.csv}}", "nowhere.csv"),
        ("{margins: {file: population.csv}, metod: linear}", "did you mean 'method'?"),
        ("{margins: {file: population.csv}, by: [size]}", "weights.by: 'size' is no fact of the companies"),
        (
            "{margins: {fle: population.csv}}",
            "row 17, weights.margins.fle: is not a known key. Allowed: file, colu",
        ),
        (
            "{margins: population.csv}",
            "row 17, weights.margins: is none of what can stand here, found 'population.csv'"
            ". Allowed: `register`, or keys and values of file, columns, sheet",
        ),
        (
            "{strata: [industry], lonely: fail}",
            "weights.lonely: the stratum Steel has one company in the sample (C00)",
        ),
        (
            "{nonresponse: {classes: [industry], minimum: 99}}",
            "row 17, weights.nonresponse.minimum: only 12 answered",
        ),
        (
            "{margins: {file: population.csv}, bounds: [0.9, 1.1]}",
            "population.csv, row 3, industry = Machinery: the total is not met within the bounds",
        ),
    ],
)
def test_what_the_section_may_not_say(spoiled: Spoil, section: str, told: str) -> None:
    def alone(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(industry=["Steel" if "lonely" in section else "Software", *table["industry"][1:]])

    problems = declared_problems(with_margins(spoiled(weights(section), companies=alone)))
    assert any(told in problem for problem in problems), problems


def test_problems_of_margins_stand_with_file_and_row(spoiled: Spoil) -> None:
    text = POPULATION + "industry,Banking,50\n"
    problems = problems_of(with_margins(spoiled(weights("{margins: {file: population.csv}}")), text))
    (told,) = problems
    assert told.startswith(
        "population.csv, row 4, industry: nobody answered in industry = Banking, where the population has 50"
    )
    joined = "{margins: {file: population.csv}, join: {industry: {Banking: Software}}}"
    _, found = panel_of(with_margins(spoiled(weights(joined), folder="joined"), text))
    assert any("Banking into Software" in line for line in found.said)


def test_a_key_that_cannot_be_kept_stands_at_its_line(spoiled: Spoil) -> None:
    section = "{margins: {file: population.csv}, join: {industry: {Bank: Software}}}"
    (told,) = problems_of(with_margins(spoiled(weights(section))))
    assert told.startswith("study.yaml, row 17, weights.join.industry: is no category that could be joined")


def test_trimming_that_moves_margins_is_told_and_taken_as_given(weighted: Weighed, spoiled: Spoil) -> None:
    study = with_margins(spoiled(weights("{margins: {file: population.csv}, trim: [0.5, 1.48]}")))
    panel, found = panel_of(study)
    assert [problem.what.split(";")[0] for problem in found.remarks] == [
        "trimming moves industry = Machinery by 4.0%: 300 wanted, 312 obtained"
    ] * len(found.waves)
    now = panel.wave(2025).frame
    w, cut = now["weight"].to_numpy(), now["weight"] / now["industry"].map({"Software": 150, "Machinery": 50})
    influence = cut * (now["alignment"] - np.average(now["alignment"], weights=w))
    left = influence - influence.groupby(now["industry"]).transform("mean")
    before = now["industry"].map({"Software": 150, "Machinery": 50})
    error = np.sqrt(12 / 11 * ((before * left) ** 2).sum()) / w.sum()
    assert means(now, ["alignment"])["std_error"].item() == pytest.approx(error)
    blocks = weighting(replace(weighted.evidence, weights=found))
    (table,) = (block for block in blocks if isinstance(block, Table))
    assert set(table.frame["met"]) == {"not met after trimming, up to 4.0% off"}
    assert table.frame["trimmed"].tolist() == [6, 6]


def test_trimming_that_loses_margins_stands_at_its_line(spoiled: Spoil) -> None:
    told = problems_of(with_margins(spoiled(weights("{margins: {file: population.csv}, trim: [0.5, 1.4]}"))))
    assert told[0].startswith(
        "study.yaml, row 17, weights.trim: trimming moves industry = Machinery by 20.0%"
    )


def test_check_warns_of_weights_that_explode(spoiled: Spoil, tmp_path: Path) -> None:
    text = POPULATION.replace("900", "9000")
    study = with_margins(spoiled(weights("{margins: {file: population.csv}}")), text)
    found = check(study, tmp_path / "check")
    told = found.table.frame["problem"]
    assert [line[:38] for line in told[told.str.contains("times the smallest")]] == [
        "weights of 2024 differ 30 times: 6 of ",
        "weights of 2025 differ 30 times: 6 of ",
    ]
    assert "no errors" in found.summary


def test_weights_of_a_crosstab_add_up_to_its_respondents_and_its_letters_know_of_the_margins(
    weighted: Weighed,
) -> None:
    (book,) = weighted.evidence.books
    base = book.table.bases.set_index(["question", "column"]).loc["goals_1"]
    assert base.loc["Total", "weighted"] == pytest.approx(base.loc["Total", "n"])
    assert base.loc["Software", "weighted"] == pytest.approx(0.75 * base.loc["Total", "n"])
    notes = " ".join(book.notes())
    assert "scaled to add up to the respondents" in notes
    assert "the known totals that the weights meet" in notes
    cells = book.table.cells.query("question == 'goals_1' and row == 'Top 2 box'").set_index("column")
    industry = book.table.cells.query("question == 'goals_1' and row == 'Top 2 box' and head == 'Industry'")
    within = (0.75 * industry["std_error"].iloc[1]) ** 2 + (0.25 * industry["std_error"].iloc[0]) ** 2
    # Industries are the margin: the total varies by what varies within them alone, but for few companies.
    assert cells.loc["Total", "std_error"] == pytest.approx(np.sqrt(within), rel=0.1)


def test_a_number_that_is_thousands_or_decimal_is_told(spoiled: Spoil) -> None:
    text = POPULATION.replace("900", "1.200")
    (told,) = problems_of(with_margins(spoiled(weights("{margins: {file: population.csv}}")), text))
    assert told.startswith(
        "population.csv, row 2, count: 1.200 can be read as thousands and as a decimal number"
    )

    def drawn(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(drawn=["300"] * 11 + ["1.200"])

    columns = ("industry: industry}", "industry: industry, drawn: drawn}")
    (told,) = problems_of(spoiled(weights("{base: drawn}"), columns, folder="base", companies=drawn))
    assert told.startswith(
        "companies.csv, row 13, drawn: 1.200 can be read as thousands and as a decimal number"
    )

    def plain(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(drawn=["300", "0.5"] * 5 + ["7", "1.200"])

    panel, _ = panel_of(spoiled(weights("{base: drawn}"), columns, folder="plain", companies=plain))
    assert panel.wave(2025).frame["weight"].iloc[-1] == 1.2


def test_what_is_wrong_with_key_number_weight_size_stratum_and_margin_is_told_at_once(spoiled: Spoil) -> None:
    def facts(table: pd.DataFrame) -> pd.DataFrame:
        wrong = table.assign(drawn=["-1", "x", "0", "", *["2"] * 8], staff=["5"] * 11 + ["0"])
        return wrong.assign(region=["", *["north"] * 11])

    columns = ("industry: industry}", "industry: industry, region: region, drawn: drawn, staff: staff}")
    section = (
        "{margins: {file: population.csv}, metod: raking, trim: [5, 0.2], base: drawn, companies: {by: staff}, "
        "strata: [region]}"
    )
    text = POPULATION + "region,north,1200\nregion,south,120\n"
    told = problems_of(with_margins(spoiled(weights(section), columns, companies=facts), text))
    assert [line.split(". ")[0].replace(" (2024, 2025)", "") for line in told] == [
        "study.yaml, row 17, weights.metod: is not a known key",
        "study.yaml, row 17, weights.trim: are no limits in mean weights, found '[5, 0.2]'",
        "companies.csv, row 2, drawn: the design weight of C00 is negative, found -1",
        "companies.csv, row 3, drawn: the design weight of C01 is no number, found 'x'",
        "companies.csv, row 4, drawn: the design weight of C02 is zero",
        "companies.csv, row 5, drawn: the design weight of C03 is missing",
        "companies.csv, row 13, staff: the size of C11 is zero, found 0",
        "companies.csv, row 2, region: the stratum of C00 is missing",
        "population.csv, row 4, region: the margins do not add up to one total: region to 1,320, industry to 1,200, "
        "found 1320",
        "population.csv, region: is not known of 1 that answered: C00",
        "population.csv, row 5, region: nobody answered in region = south, where the population has 109.0909091",
    ]
