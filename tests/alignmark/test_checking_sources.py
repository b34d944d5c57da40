"""Checks on the source of answers, on who did not answer and on two profiles, from the chain to the report."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from alignmark.checking_sources import NOBODY, index_by_function, same_source
from alignmark.comparing_functions import two_profiles
from alignmark.gate import through_gate
from alignmark.measuring import Measured
from alignmark.run import compute
from alignmark.study import read_study
from alignmark.who_is_missing import NO_FRAME, NO_TIMES, who_is_missing
from analysis.infer.same_source import cross_informant
from analysis.measure.harman import HARMAN_WARNING
from reports.documents.benchmark_report import benchmark_report
from reports.evidence import Evidence
from reports.report import Callout, Report, Table
from reports.tables import format_cells

if TYPE_CHECKING:
    from tests.alignmark.conftest import Ran

RNG = np.random.default_rng(1)
Spoil = Callable[..., Path]
OURS = (
    *(
        "register",
        "early-late",
        "silent-functions",
        "cross-informant-table",
        "marker-variable",
        "method-factor",
    ),
    *("harman", "profile-distances", "profile-correlations", "gap-reliability", "pooling"),
)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Evidence:
    """Compute a study that knows neither a register, nor times, nor a marker."""
    folder = tmp_path_factory.mktemp("bare")
    for path in tiny.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    study = folder / "study.yaml"
    text = re.sub(r"register:\n(  .*\n)+", "", study.read_text(encoding="utf-8"))
    study.write_text(text.replace(", industry]", "]"), encoding="utf-8")
    return compute(read_study(study))[0]


def tables(report: Report) -> dict[str, Table]:
    blocks = [block for section in report.sections for block in section.blocks]
    return {block.id: block for block in blocks if isinstance(block, Table)}


def refused(report: Report) -> dict[str, str]:
    blocks = [block for section in report.sections for block in section.blocks]
    return {block.title: block.text for block in blocks if isinstance(block, Callout)}


def test_slopes_across_functions_are_told_per_ten_points(ran: "Ran", measured: Measured) -> None:
    rows = ran.evidence.same_source.crossed
    views = index_by_function(measured.scores, ran.inputs.instrument)
    raw = cross_informant(views, [("alignment", "revenue_growth_reported")])
    shown = rows[rows["outcome"] == "revenue_growth_reported"]
    np.testing.assert_allclose(shown["estimate"], 10 * raw["estimate"])
    np.testing.assert_allclose(shown["statistic"], raw["statistic"])
    assert set(rows["kind"]) == {"same source", "other source", "difference"}


def test_every_check_is_a_table_of_the_report_or_says_why_not(ran: "Ran") -> None:
    found, why = tables(ran.report), " ".join(refused(ran.report).values())
    absent = [name for name in OURS if name not in found]
    assert set(absent) <= {"method-factor"}, absent
    assert not absent or "too few for" in why


def test_no_cell_of_these_tables_is_empty_or_nan(ran: "Ran", bare: Evidence) -> None:
    for report in (ran.report, benchmark_report(bare)):
        for name, table in tables(report).items():
            if name in OURS:
                cells = format_cells(table).to_numpy().ravel().tolist()
                assert not [cell for cell in cells if "nan" in cell.lower().split()], name
                assert "not available" not in cells, f"{name}: an absent number says why"


def test_harman_is_never_without_its_warning(ran: "Ran") -> None:
    assert HARMAN_WARNING in tables(ran.report)["harman"].notes
    assert HARMAN_WARNING not in refused(ran.report).values(), "once is enough"
    assert (ran.evidence.same_source.harman["warning"] == HARMAN_WARNING).all()


def test_a_study_says_what_it_does_not_know(bare: Evidence) -> None:
    assert bare.missing.why["register"] == NO_FRAME
    assert bare.missing.why["late"] == NO_TIMES
    assert "no marker" in bare.same_source.why["marker"]
    said = refused(benchmark_report(bare))
    assert NO_FRAME in said["The companies that did not answer"]
    assert NO_TIMES in said["Late against early answers"]


def test_scores_without_people_have_no_source_to_check(ran: "Ran") -> None:
    found = same_source(replace(ran.inputs, responses=None), pd.DataFrame(), wave=2025, rng=RNG)
    assert set(found.why.values()) == {NOBODY}


def test_small_cells_are_blanked_before_they_are_shown(ran: "Ran", measured: Measured) -> None:
    study = read_study(ran.study).study
    strict = study.disclosure.model_copy(update={"minimum_companies": 200})
    missing = who_is_missing(ran.inputs, study, measured.panel, measured.scores, wave=2025)
    sources = same_source(ran.inputs, measured.scores, wave=2025, rng=RNG)
    profiles = two_profiles(measured, study, wave=2025)
    unsafe = replace(ran.evidence, missing=missing, same_source=sources, profiles=profiles)
    safe = through_gate(unsafe, strict)
    assert safe.missing.register["answered"].isna().all()
    assert safe.missing.late["estimate"].isna().all()
    assert safe.same_source.crossed["estimate"].isna().all()
    assert safe.same_source.harman["share"].isna().all()
    assert safe.profiles.pooling["gap"].isna().all()
    assert not safe.profiles.pooling["reasons"].str.contains("points").any()
    report = benchmark_report(safe)
    assert "too few" in " ".join(refused(report).values())


def test_the_register_counts_every_company_once(ran: "Ran") -> None:
    rows = ran.evidence.missing.register
    sizes = rows[rows["variable"] == "size"]
    answered = ran.inputs.responses.frame.query("wave == 2025")["company"].nunique()  # type: ignore[union-attr]
    assert sizes["n_answered"].iloc[0] == answered
    assert sizes["n"].sum() == answered
    assert (sizes["n_answered"] + sizes["n_silent"] == len(ran.inputs.firmographics[0])).all()


def test_every_company_has_its_profile_and_the_seed_rules_the_intervals(
    ran: "Ran", measured: Measured
) -> None:
    written = pd.read_csv(ran.out / "profiles.csv", keep_default_na=False, na_values=[""])
    assert len(written) == 6 * len(written[["company", "wave"]].drop_duplicates())
    assert written.loc[written["estimate"].isna(), "note"].notna().all()
    assert written.loc[written["conf_low"].isna(), "note"].notna().all()
    study = read_study(ran.study).study
    again = two_profiles(measured, study, wave=2025).companies
    pd.testing.assert_frame_equal(again, ran.evidence.profiles.companies)
    other = two_profiles(measured, study.model_copy(update={"seed": 99}), wave=2025).companies
    pd.testing.assert_series_equal(again["estimate"], other["estimate"])
    assert not again["conf_high"].equals(other["conf_high"])


def test_one_number_comes_after_the_gap(ran: "Ran") -> None:
    rows = ran.evidence.profiles.pooling
    assert set(rows["construct"]) == set(ran.evidence.panel.instrument.alignment_constructs)
    judged = rows[rows["reasons"].str.contains("gap is|lie apart")]
    assert judged["gap"].notna().all()
    assert rows["reasons"].str.len().min() > 20
    assert set(rows["verdict"]) <= {"yes", "with care", "no", "cannot be said"}


def test_a_margin_is_declared_in_the_study(spoiled: Spoil) -> None:
    study = spoiled(("cleaning:\n", "nonresponse: {margin: 8, share: 0.4}\ncleaning:\n"))
    rule = read_study(study).study.nonresponse
    assert (rule.margin, rule.share) == (8, 0.4)
