"""The measurement in the report: all there, nothing of too few companies, every absent number with its reason."""

import re
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from alignmark.gate import passage_of, through_gate
from alignmark.gate_rules import KEYS
from alignmark.measuring import Measured
from alignmark.psychometrics import published_measurement
from alignmark.study import read_study
from reports.documents.measured import is_it_measured
from reports.documents.what_follows import FOLLOWS
from reports.evidence import Evidence
from reports.measurement import Measurement
from reports.report import Bullets, Callout, Figure, Report, Section, Table
from reports.tables import format_cells
from reports.writers.html import to_html
from tests.alignmark.conftest import computed

if TYPE_CHECKING:
    from tests.alignmark.conftest import Ran

Spoil = Callable[..., Path]

pytestmark = pytest.mark.usefixtures("undrawn")

COUNTS = ("n", "companies", *KEYS)


def tables(found: Measurement) -> dict[str, pd.DataFrame]:
    every = {field.name: getattr(found, field.name) for field in fields(found)}
    return {name: table for name, table in every.items() if isinstance(table, pd.DataFrame)}


def of(section: Section, kind: type) -> list:
    return [block for block in section.blocks if isinstance(block, kind)]


def words(section: Section) -> str:
    text = re.sub(r"<[^>]*>", " ", to_html(Report("r", "", "en", (section,))))
    return " ".join(text.split())


def evidence(study: Path) -> Evidence:
    return computed(study)[0]


def test_the_page_opens_with_the_map_and_says_what_follows(ran: "Ran") -> None:
    section = is_it_measured(ran.evidence)
    first, *_ = section.blocks
    assert isinstance(first, Figure)
    assert first.id == "checks"
    assert first.data is not None
    constructs = ran.evidence.panel.instrument.alignment_constructs
    assert len(first.data.frame) == len(constructs) * len(FOLLOWS)
    said = " ".join(of(section, Bullets)[0].items)
    for check, level in first.data.frame.dropna(subset=["level"])[["check", "level"]].to_numpy().tolist():
        before = FOLLOWS[check][level].split("{names}")[0]
        assert before.format(Compared="Functions and waves") in said


def test_the_details_are_there(ran: "Ran") -> None:
    section = is_it_measured(ran.evidence)
    assert {"reliability-dots", "discriminant", "answers", "invariance"} <= {
        figure.id for figure in of(section, Figure)
    }
    assert {"reliability", "items", "aggregation"} <= {table.id for table in of(section, Table)}
    said = words(section)
    # 25 companies are too few for a curve and for the model of all constructs.
    assert "curves of so few companies would show single ones" in said
    assert "too few" in said
    assert "Parallel analysis" in said


def test_reliability_is_told_for_every_construct_function_and_wave(ran: "Ran") -> None:
    found = ran.evidence.measurement.reliability
    constructs = set(ran.evidence.panel.instrument.alignment_constructs)
    assert set(zip(found["construct"], found["function"], found["wave"], strict=True)) == {
        (name, function, wave)
        for name in constructs for function in ("sales", "marketing") for wave in ran.evidence.facts.waves
    }  # fmt: skip
    told = found["ordinal_omega_total"].notna()
    assert told.any()
    assert (found.loc[~told, "ordinal_note"] != "").all()


def test_every_absent_number_says_why(ran: "Ran") -> None:
    section = is_it_measured(ran.evidence)
    blocks = [
        *of(section, Table),
        *(figure.data for figure in of(section, Figure) if figure.data is not None),
    ]
    bare = {
        table.id
        for table in blocks
        if (format_cells(table).map(str.strip).isin(["not available", "nan", "inf"])).any(axis=None)
    }
    assert bare == set()
    assert not re.search(r"(?<![\w-])(nan|NaN|inf)(?![\w-])", words(section))


def test_what_stands_for_too_few_companies_is_blank(ran: "Ran", measured: Measured) -> None:
    file = read_study(ran.study)
    rule = file.study.disclosure.model_copy(update={"minimum_companies": 26})
    raw = published_measurement(ran.inputs.responses, measured, file.study, wave=2025)
    unsafe = replace(ran.evidence, measurement=raw, checks=measured.checks(2025))
    safe = through_gate(unsafe, rule)
    found, checks = safe.measurement, safe.checks
    for name, table in tables(found).items():
        if table.empty:
            continue
        assert table["suppressed"].all(), name
        kept = [*COUNTS, *passage_of(f"measurement.{name}").keep]
        hidden = table.select_dtypes("float").drop(columns=kept, errors="ignore")
        assert hidden.isna().all(axis=None), name
    assert "significant" not in found.chance
    assert checks[["value", "level"]].isna().all(axis=None)
    assert (checks["reason"] == "too few companies to show").all()


def test_the_page_stands_where_everything_is_withheld(ran: "Ran") -> None:
    blank = {
        name: table.assign(
            **{c: float("nan") for c in table.select_dtypes("float").columns.difference(COUNTS)},
            suppressed=True,
        )
        for name, table in tables(ran.evidence.measurement).items()
    }
    section = is_it_measured(replace(ran.evidence, measurement=replace(ran.evidence.measurement, **blank)))
    assert "too few cases to show" in words(section)


def test_chance_comes_from_the_seed_of_the_study(ran: "Ran", measured: Measured) -> None:
    study = read_study(ran.study).study
    again = published_measurement(ran.inputs.responses, measured, study, wave=2025)
    shown, told = ran.evidence.measurement, ["suppressed", "withheld"]
    pd.testing.assert_frame_equal(again.chance, shown.chance.drop(columns=told))
    pd.testing.assert_frame_equal(again.eigenvalues, shown.eigenvalues.drop(columns=told))


def alone(table: pd.DataFrame) -> pd.DataFrame:
    """Keep one informant a company and function."""
    return table.drop_duplicates(["firm", "department"])


def equal(table: pd.DataFrame) -> pd.DataFrame:
    """Let everybody give one answer to all about trust."""
    return table.assign(trust_1="3", trust_2="3")


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (alone, ("no company has two informants", "May answers stand for the company?")),
        (equal, ("fewer than two items vary", "all its answers are equal")),
    ],
    ids=["one informant", "no variance"],
)
def test_bad_input_is_a_plain_statement(
    spoiled: Spoil, change: Callable[[pd.DataFrame], pd.DataFrame], parts: tuple[str, ...]
) -> None:
    section = is_it_measured(evidence(spoiled(answers=change)))
    said = words(section)
    assert [part for part in parts if part not in said] == []
    assert not re.search(r"(?<![\w-])(nan|NaN|inf)(?![\w-])", said)


def test_a_study_in_which_everybody_says_the_same_says_so(spoiled: Spoil) -> None:
    found = evidence(spoiled(answers=equal))
    blank = found.checks.assign(value=float("nan"), level=None, reason="fewer than two items vary")
    said = words(is_it_measured(replace(found, checks=blank)))
    assert "Not available: fewer than two items vary" in said


def test_a_value_near_a_cut_off_is_written_on_its_own_side(ran: "Ran") -> None:
    checks = ran.evidence.checks
    near = checks.assign(value=checks["value"].mask(checks["check"] == "alpha", 0.7963))
    figure = is_it_measured(replace(ran.evidence, checks=near)).blocks[0]
    assert isinstance(figure, Figure)
    assert figure.data is not None
    assert set(figure.data.frame.loc[figure.data.frame["check"] == "alpha", "text"]) == {"0.796"}


def test_indices_of_agreement_stand_where_companies_are_too_few_for_curves(ran: "Ran") -> None:
    curve = ran.evidence.measurement.curve
    assert curve["share"].isna().all(), "25 companies are too few for a curve"
    assert "agreement-indices" in {table.id for table in of(is_it_measured(ran.evidence), Table)}


def test_a_model_without_a_test_claims_no_fit(ran: "Ran") -> None:
    found = ran.evidence.measurement
    untested = found.fit.assign(
        srmr=0.0, cfi=float("nan"), rmsea=float("nan"), tli=float("nan"), chisq=float("nan")
    )
    said = words(is_it_measured(replace(ran.evidence, measurement=replace(found, fit=untested))))
    assert "Whether that fits cannot be tested" in said
    assert "by the usual limits" not in said


def test_constructs_of_two_statements_say_what_needs_three(spoiled: Spoil) -> None:
    section = is_it_measured(evidence(spoiled()))
    assert "a factor needs three items" in words(section)
    assert not of(section, Callout) or all(block.text for block in of(section, Callout))


def test_every_index_of_agreement_is_shown_and_awg_only_where_enough_have_it(ran: "Ran") -> None:
    found = ran.evidence.measurement.indices
    table = next(t for t in of(is_it_measured(ran.evidence), Table) if t.id == "agreement-indices")
    assert set(table.frame["construct"]) == set(ran.evidence.panel.instrument.alignment_constructs)
    shown = found[~found["suppressed"]]
    assert shown[["rwg_j", "rwg_lindell", "ad", "ad_median", "sd_wg", "ad_within"]].notna().all(axis=None)
    # A median has the minimum of companies at or beyond it on either side.
    assert (shown["awg"].notna() == (shown["n_awg"] >= 2 * ran.evidence.facts.minimum_companies)).all()
    assert (shown["rwg_j_slight_skew"] <= shown["rwg_j"]).all()
