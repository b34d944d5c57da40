"""The ladder of exclusion rules: each rung is what a study that declares it would find."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alignmark.exclusions import exclusion_ladder, headlines, rungs
from alignmark.inputs import Inputs, read_inputs
from alignmark.measuring import company_panel, with_outcomes
from alignmark.run import compute
from alignmark.study import StudyFile, read_study
from reports.documents.quality import quality
from reports.report import Table
from tests.alignmark.conftest import Ran, Spoil, replaced

COLUMNS = ["estimate", "conf_low", "conf_high", "n", "companies"]


@pytest.fixture(scope="module")
def study(small: Path) -> StudyFile:
    return read_study(small / "study.yaml")


@pytest.fixture(scope="module")
def inputs(ran: Ran) -> Inputs:
    return ran.inputs


@pytest.fixture(scope="module")
def ladder(inputs: Inputs, study: StudyFile) -> pd.DataFrame:
    return exclusion_ladder(inputs, study.study)


def test_what_is_known_of_the_declared_rules_is_not_found_anew(ladder: pd.DataFrame, ran: Ran) -> None:
    # Rungs that differ by few companies are blanked in what is published, the rows stay.
    known = ran.evidence.ladder[[*ladder]]
    shown = known["estimate"].notna()
    assert shown[known["rung"].eq("declared")].all()
    assert known[["rung", "headline"]].equals(ladder[["rung", "headline"]])
    pd.testing.assert_frame_equal(known[shown], ladder[shown])


def test_every_headline_stands_on_every_rung(ladder: pd.DataFrame) -> None:
    assert ladder["rung"].unique().tolist() == ["declared", "none", "lenient", "standard", "strict"]
    names = ladder.groupby("rung", sort=False)["headline"].agg(list)
    assert all(found == ["adequate", "alignment", "gap", "best", "growth"] for found in names)


def test_stricter_rules_keep_fewer_people(ladder: pd.DataFrame, inputs: Inputs) -> None:
    kept = ladder.groupby("rung")["respondents"].first()
    assert kept["none"] > kept["lenient"] >= kept["standard"] > kept["strict"]
    assert inputs.responses is not None
    assert kept["declared"] == len(inputs.responses.frame)


def test_movement_is_measured_in_the_margin_of_the_declared_rules(ladder: pd.DataFrame) -> None:
    assert (ladder.loc[ladder["rung"] == "declared", "moved"] == 0).all()
    rows = ladder[ladder["headline"] == "alignment"].set_index("rung")
    margin = (rows.loc["declared", "conf_high"] - rows.loc["declared", "conf_low"]) / 2
    by_hand = (rows.loc["strict", "estimate"] - rows.loc["declared", "estimate"]) / margin
    assert rows.loc["strict", "moved"] == pytest.approx(by_hand)
    assert by_hand != 0


def test_a_rung_is_what_a_study_with_its_rules_finds(
    small: Path, ladder: pd.DataFrame, tmp_path: Path
) -> None:
    text = (small / "study.yaml").read_text(encoding="utf-8")
    careless = ("\nalignment:\n", "\ncareless: {preset: standard}\nalignment:\n")
    (tmp_path / "study.yaml").write_text(replaced(text, careless), encoding="utf-8")
    declared = read_study(tmp_path / "study.yaml", data=small)
    found = read_inputs(declared)
    assert found.responses is not None
    panel, _, _ = with_outcomes(company_panel(found.responses, declared.study), found, declared.study)
    whole = pd.concat(headlines(panel, declared.study, wave=2025))[COLUMNS].to_numpy(float)
    np.testing.assert_allclose(ladder.loc[ladder["rung"] == "standard", COLUMNS].to_numpy(float), whole)
    assert found.responses.flags is not None
    assert found.responses.flags["dropped"].any()


def test_rungs_change_nothing_but_how_people_answered(study: StudyFile) -> None:
    declared = study.study.cleaning
    for rung in rungs(study.study):
        same = rung.cleaning.model_copy(
            update={
                "failed_attention": declared.failed_attention,
                "minimum_answered": declared.minimum_answered,
            }
        )
        assert same == declared
        assert rung.careless.cut_offs() == study.study.careless.cut_offs()


def hasty(table: pd.DataFrame, rows: slice = slice(None)) -> pd.DataFrame:
    """Let people answer in five seconds, which is too few to read what they are asked."""
    table = table.assign(duration_s="500")
    table.loc[table.index[rows], "duration_s"] = "5"
    return table


def test_levels_are_of_one_wave_even_where_a_rule_leaves_next_to_nobody_in_it(spoiled: Spoil) -> None:
    """The latest wave with enough companies would be another one under the strict rule, and a silent one."""
    study = read_study(spoiled(answers=hasty))
    ladder = exclusion_ladder(read_inputs(study), study.study).set_index(["rung", "headline"])
    assert ladder.loc[("strict", "alignment"), "respondents"] == 48
    assert ladder.loc[("strict", ["adequate", "alignment", "gap"]), "estimate"].isna().all()
    assert ladder.loc[("standard", ["adequate", "alignment", "gap"]), "moved"].eq(0).all()
    few = read_study(spoiled(answers=lambda table: hasty(table, slice(8, None)), folder="few"))
    inputs = read_inputs(few)
    found = exclusion_ladder(inputs, few.study).set_index(["rung", "headline"])
    assert found.loc[("strict", "alignment"), "companies"] == 2


def test_a_rule_that_leaves_nobody_stops_no_run(spoiled: Spoil) -> None:
    study = spoiled(answers=hasty)
    first = study.parent / "2024.csv"
    hasty(pd.read_csv(first, dtype="str")).to_csv(first, index=False)
    evidence, _ = compute(read_study(study))
    strict = evidence.ladder[evidence.ladder["rung"] == "strict"]
    assert strict["respondents"].eq(0).all()
    assert strict["estimate"].isna().all()
    assert evidence.ladder["headline"].nunique() == len(strict)
    table = next(
        block for block in quality(evidence) if isinstance(block, Table) and block.id == "exclusion-ladder"
    )
    assert table.notes[-1] == "Not available: the rule leaves too few for this figure, or nobody."
    assert set(table.frame["strict"].iloc[:-1]) == {"not available"}
