"""A study that declares how its companies were drawn has that in every table."""

import numpy as np
import pandas as pd

from alignmark.inputs import Inputs, read_inputs
from alignmark.measuring import company_panel, with_outcomes
from alignmark.run import evidence_of
from alignmark.study import Study, read_study
from alignmark.weighing import weigh_panel
from analysis.infer.tabulation import means
from analysis.measure.panel import Panel
from survey.weighted import Weighted
from tests.alignmark.conftest import Change, Spoil

DESIGN = """weights:
  nonresponse: {classes: [industry]}
  strata: [industry]
  finite: true
"""
REGISTER = "register:\n"


def twice_as_many(companies: pd.DataFrame) -> pd.DataFrame:
    """Add as many companies, of which none answered."""
    silent = companies.assign(
        company="S" + companies["company"], name="Silent " + companies["name"].str.removeprefix("Company ")
    )
    return pd.concat([companies, silent], ignore_index=True)


def read(spoiled: Spoil, design: str, companies: Change = twice_as_many) -> tuple[Inputs, Study]:
    folder = "with" if design else "without"
    file = read_study(spoiled((REGISTER, design + REGISTER), folder=folder, companies=companies))
    return read_inputs(file), file.study


def weighed(inputs: Inputs, study: Study) -> tuple[Panel, Weighted | None]:
    """Return the panel of a study, and nothing that is computed from it."""
    assert inputs.responses is not None
    panel, *_ = with_outcomes(company_panel(inputs.responses, study), inputs, study)
    return weigh_panel(panel, inputs.population, study, responses=inputs.responses)


def index_by_wave(panel: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([means(own, ["alignment"]) for _, own in panel.groupby("wave")], ignore_index=True)


def test_tables_rest_on_the_strata_and_the_population_that_a_study_declares(spoiled: Spoil) -> None:
    plain, _ = weighed(*read(spoiled, ""))
    designed = evidence_of(*read(spoiled, DESIGN))
    panel = designed.panel.frame
    assert set(panel["stratum"]) == {"Software", "Machinery"}
    assert set(panel["population"]) == {12}
    assert set(panel["weight"]) == {2.0}
    names = ["estimate", "conf_low", "conf_high", "df"]
    wanted, without = (index_by_wave(own) for own in (panel, plain.frame))
    np.testing.assert_allclose(designed.index_by_wave[names], wanted[names])
    # Half of the population answered, in two strata, all with the same weight.
    np.testing.assert_allclose(designed.index_by_wave["estimate"], without["estimate"])
    assert (designed.index_by_wave["df"] == without["df"] - 1).all()
    ratio = designed.index_by_wave["std_error"] / without["std_error"]
    assert (ratio < 0.85).all()


def test_a_stratum_of_one_company_is_remarked_on(spoiled: Spoil) -> None:
    def one_of_steel(companies: pd.DataFrame) -> pd.DataFrame:
        register = twice_as_many(companies)
        of_steel = register["company"].isin(["C00", "SC00"])
        return register.assign(industry=register["industry"].mask(of_steel, "Steel"))

    _, weights = weighed(*read(spoiled, DESIGN, one_of_steel))
    assert weights is not None
    told = [problem for problem in weights.remarks if problem.column == "stratum"]
    assert [problem.value for problem in told] == ["Steel"]
    assert "join it to a like stratum" in told[0].to_do
