"""A study that declares how its companies were drawn has that in every table."""

import numpy as np
import pandas as pd

from alignmark.inputs import read_inputs
from alignmark.run import evidence_of
from alignmark.study import read_study
from analysis.infer.tabulation import means
from reports.evidence import Evidence
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


def evidence(spoiled: Spoil, design: str, companies: Change = twice_as_many) -> Evidence:
    folder = "with" if design else "without"
    path = spoiled((REGISTER, design + REGISTER), folder=folder, companies=companies)
    file = read_study(path)
    return evidence_of(read_inputs(file), file.study)


def test_tables_rest_on_the_strata_and_the_population_that_a_study_declares(spoiled: Spoil) -> None:
    plain, designed = (evidence(spoiled, design) for design in ("", DESIGN))
    panel = designed.panel.frame
    assert set(panel["stratum"]) == {"Software", "Machinery"}
    assert set(panel["population"]) == {12}
    assert set(panel["weight"]) == {2.0}
    names = ["estimate", "conf_low", "conf_high", "df"]
    alone = [means(panel[panel["wave"] == wave], ["alignment"]) for wave in designed.panel.waves]
    wanted = pd.concat(alone, ignore_index=True)[names]
    np.testing.assert_allclose(designed.index_by_wave[names], wanted)
    # Half of the population answered, in two strata, all with the same weight.
    np.testing.assert_allclose(designed.index_by_wave["estimate"], plain.index_by_wave["estimate"])
    assert (designed.index_by_wave["df"] == plain.index_by_wave["df"] - 1).all()
    ratio = designed.index_by_wave["std_error"] / plain.index_by_wave["std_error"]
    assert (ratio < 0.85).all()


def test_a_stratum_of_one_company_is_remarked_on(spoiled: Spoil) -> None:
    def one_of_steel(companies: pd.DataFrame) -> pd.DataFrame:
        register = twice_as_many(companies)
        of_steel = register["company"].isin(["C00", "SC00"])
        return register.assign(industry=register["industry"].mask(of_steel, "Steel"))

    designed = evidence(spoiled, DESIGN, one_of_steel)
    assert designed.weights is not None
    told = [problem for problem in designed.weights.remarks if problem.column == "stratum"]
    assert [problem.value for problem in told] == ["Steel"]
    assert "join it to a like stratum" in told[0].to_do
