"""Models as a study declares them, from YAML to the table of columns in every format."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import statsmodels.formula.api as smf

from alignmark.inputs import read_inputs
from alignmark.measuring import company_panel, with_outcomes
from alignmark.modelling import growth_models
from alignmark.study import read_study
from alignmark.study_rules import Model
from alignmark.weighing import weigh_panel
from analysis.infer.design_regression import design_regression
from analysis.infer.survey_design import survey_design
from reports.writers.tab_names import tab_names
from survey.problems import InputError
from tests.alignmark.conftest import MODELS, Ran


def test_models_go_from_the_study_to_every_format(declared: Ran) -> None:
    evidence, out, page = declared.evidence, declared.out, declared.report
    assert [fit.specification.name for fit in evidence.fits] == [
        "alone",
        "formula",
        "inside",
        "top",
        "median",
    ]
    assert all(len(fit.frame) for fit in evidence.fits), [fit.note for fit in evidence.fits]
    terms = pd.read_csv(out / "models.csv")
    assert terms.loc[terms["model"] == "alone", "errors"].unique().tolist() == [
        "clustered by company", "CR2 by company", "wild cluster bootstrap by company",
    ]  # fmt: skip
    first = terms[(terms["model"] == "alone") & (terms["term"] == "alignment")]
    assert len(first["estimate"].unique()) == 1
    assert len(first["p_value"].unique()) == 3
    forest = next(figure for figure in page.figures if figure.id == "models")
    assert "median" in forest.alt
    assert "top" not in forest.alt  # a chance is not on the axis of growth
    table = next(table for table in page.tables if table.id == "model-columns")
    rows = table.frame.set_index("label")
    slope = evidence.fits[0].slope()
    assert float(rows.loc["Alignment", "model_1"].replace("−", "-")) == pytest.approx(
        slope["estimate"], rel=0.05
    )
    assert rows.loc["Company effects"].tolist()[1:] == ["no", "no", "yes", "no", "no"]
    assert rows.loc["Industry effects"].tolist()[1:] == ["no", "yes", "no", "no", "no"]
    assert rows.loc["Estimator", "model_4"] == "logistic"
    assert rows.loc["Outcome", "model_4"] == "Revenue growth, top 30%"
    assert rows.loc["Status"].tolist()[1:] == ["declared"] * 5
    sheets = pd.read_excel(out / "tables.xlsx", sheet_name=None, header=4, engine="calamine")
    sheet = sheets[tab_names(page.tables)[page.tables.index(table)]]
    assert sheet.iloc[0, 1] == rows.loc["Alignment", "model_1"]
    latex = (out / "models.tex").read_text(encoding="utf-8")
    assert latex.count(r"\midrule") == 3
    assert all(line.count(" & ") == 5 for line in latex.splitlines() if line.endswith(r"\\"))
    report = (out / "report.html").read_text(encoding="utf-8")
    assert "The classes of companies are cut on revenue growth as well" in report
    assert "least squares, errors: clustered by company, CR2 by company and wild cluster bootstrap" in report


def test_the_seed_alone_decides_on_chance(declared: Ran) -> None:
    evidence, study = declared.evidence, read_study(declared.study).study
    turned = study.model_copy(update={"models": study.models[::-1]})
    again = {fit.specification.name: fit for fit in growth_models(evidence.panel, turned)}
    for fit in evidence.fits:
        pd.testing.assert_frame_equal(fit.by_errors, again[fit.specification.name].by_errors)


def test_a_formula_means_what_its_keys_mean() -> None:
    short = Model.model_validate(
        {"name": "m", "formula": "growth ~ size + alignment + C(wave) + C(company) + alignment:size"}
    ).specification()
    keys = {"outcome": "growth", "controls": ["size", "alignment:size"], "effects": ["wave", "company"]}
    assert short == Model.model_validate({"name": "m", **keys}).specification()
    assert short.within
    other = Model.model_validate({"name": "m", "formula": "growth ~ gap + size", "regressor": "size"})
    assert (other.regressor, other.controls) == ("size", ["gap"])


@pytest.mark.parametrize(
    ("new", "place", "said"),
    [
        ("errors: HC9", "models.errors", "'HC9' is no kind of errors; allowed: classical, HC0"),
        ("errors: []", "models.errors", "is empty"),
        ("errors: replicates", "models.errors", "the study has no replicate weights that errors could come from"),
        ("errors: design", "models.errors", "the study has no weights whose design errors could come from"),
        ("errors: [HC3, HC3]", "models.errors", "'HC3' is listed twice"),
        ("errors: cluster by industri", "models.errors", "(did you mean 'industry'?)"),
        ("weights: wight", "models.weights", "'wight' is no column of this study"),
        ("weights: industry", "models.weights", "'industry' holds words, and a number is needed here"),
        ("estimator: mixd", "models.estimator", "is not one of the choices, found 'mixd'"),
        ("estimator: mixed, within: true", "models", "company effects are taken out of ols only, not of mixed"),
        ("top: 2", "models.top", "should be less than 1"),
        ("formula: y ~ x", "models.formula", "says what outcome and effects say as well"),
        ("controls: ['alignment:industri']", "models.controls", "'industri' is no column"),
    ],
)  # fmt: skip
def test_what_a_model_cannot_mean_is_told_with_its_line(
    spoiled: Callable[..., Path], *, new: str, place: str, said: str
) -> None:
    study = spoiled(("effects: [wave, industry]}", f"effects: [wave, industry], {new}}}"))
    row = study.read_text(encoding="utf-8").splitlines().index(next(
        line for line in study.read_text(encoding="utf-8").splitlines() if "name: controls" in line
    )) + 1  # fmt: skip
    with pytest.raises(InputError) as caught:
        read_inputs(read_study(study))
    (problem,) = [found for found in caught.value.problems if (found.column or "").startswith("models")]
    assert problem.column == place
    assert problem.row == row
    assert said in str(problem)


@pytest.mark.parametrize(
    ("said", "weights", "errors", "also"),
    [
        ({}, "weight", "design", ()),
        ({"weights": "staff"}, "staff", "design", ()),
        ({"weights": "none"}, "", "cluster", ()),
        ({"weights": "none", "errors": "design"}, "", "design", ()),
        ({"errors": ["replicates", "CR2"]}, "weight", "replicates", ("CR2",)),
        ({"errors": "HC3"}, "weight", "HC3", ()),
        ({"estimator": "mixed"}, "", "design", ()),
        ({"corrected": True}, "weight", "design", ()),
    ],
)
def test_models_carry_the_design_of_a_study_unless_they_say_otherwise(
    *, said: dict[str, object], weights: str, errors: str, also: tuple[str, ...]
) -> None:
    model = Model.model_validate({"name": "m", "outcome": "growth", **said})
    found = model.specification(weighted=True)
    assert (found.weights, found.covariance, found.also) == (weights, errors, also)
    assert not found.contradiction
    plain = model.specification()
    assert plain.weights == ("staff" if weights == "staff" else "")
    assert plain.covariance == (errors if "errors" in said else "cluster")


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("revenue_growth ~ log(alignment)", "'log(alignment)' is no column; allowed"),
        ("revenue_growth ~ alignmnt", "(did you mean 'alignment'?)"),
        ("revenue_growth + 1", "has an outcome, one ~ and terms"),
    ],
)
def test_formulas_are_checked_with_their_line(
    spoiled: Callable[..., Path], *, formula: str, said: str
) -> None:
    study = spoiled((MODELS, f'models:\n  - {{name: m, formula: "{formula}"}}\n'))
    with pytest.raises(InputError) as caught:
        read_inputs(read_study(study))
    (problem,) = caught.value.problems
    assert problem.column == "models.formula"
    assert problem.row
    assert said in str(problem)


def test_models_take_the_weights_that_the_study_makes(spoiled: Callable[..., Path]) -> None:
    said = ("effects: [wave, industry]}", "effects: [wave, industry], weights: weight}")
    with pytest.raises(InputError, match="'weight' is no column of this study"):
        read_inputs(read_study(spoiled(said, folder="plain")))
    by_size = ("cleaning:\n", "weights: {companies: {by: staff}, strata: [industry]}\ncleaning:\n")
    columns = ("industry: industry}", "industry: industry, staff: staff}")
    first = (
        "name: alone, outcome: revenue_growth, effects: [wave]",
        "name: alone, outcome: revenue_growth, weights: none",
    )
    sizes = {"companies": lambda table: table.assign(staff=range(1, 13))}
    file = read_study(spoiled(first, by_size, columns, folder="weighted", **sizes))
    inputs = read_inputs(file)
    assert inputs.responses is not None
    panel, _, _ = with_outcomes(company_panel(inputs.responses, file.study), inputs, file.study)
    panel, _ = weigh_panel(panel, inputs.population, file.study)
    alone, found = growth_models(panel, file.study)
    assert (alone.specification.weights, alone.errors[0].kind) == ("", "cluster")
    frame = panel.frame.assign(period=panel.frame["wave"].astype("str"))
    terms, design = ["alignment", "period", "industry"], survey_design(frame)
    right = design_regression(frame, "revenue_growth", terms=terms, design=design).frame.set_index("term")
    assert found.errors[0].kind == "design"
    for column in ("estimate", "std_error", "df", "conf_low", "p_value"):
        assert found.slope()[column] == pytest.approx(right.loc["alignment", column])
    plain = smf.ols(alone.specification.formula, frame).fit()
    assert alone.slope()["estimate"] == pytest.approx(plain.params["alignment"])
