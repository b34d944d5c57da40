"""The gate of a run, and an attacker who has nothing but what the run has published."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_type_hints

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from alignmark.disclosure_rules import Disclosure
from alignmark.gate import blanked, passed, through_gate
from alignmark.gate_rules import BENCHMARKS, COUNTS, LEVELS, OWN, PACK, PARTS, PASSAGES, ROUNDED
from analysis.benchmark.norms import PERCENTILES
from reports.checks import SameSource, TwoProfiles, WhoIsMissing
from reports.documents.withheld import RULES, cells_by_rule
from reports.evidence import Evidence
from reports.measurement import Measurement
from tests.alignmark.conftest import Ran

KEYS, LONG = ("variable", "wave"), ("estimate", "conf_low", "conf_high")
"""What names a percentile of a wave, and the columns of one row for each."""


def test_every_table_of_the_evidence_has_a_passage_or_a_reason_for_none() -> None:
    parts = {
        "": Evidence, "measurement.": Measurement, "same_source.": SameSource, "missing.": WhoIsMissing,
        "profiles.": TwoProfiles,
    }  # fmt: skip
    tables = {
        prefix + one.name
        for prefix, part in parts.items()
        for one in fields(part)
        if get_type_hints(part)[one.name] is pd.DataFrame
    }
    assert tables == {*PASSAGES, *COUNTS, *OWN} - {*BENCHMARKS, PACK}
    assert {one.name for one in fields(Evidence)} >= set(PARTS)


def test_a_table_that_nobody_let_through_is_not_published() -> None:
    with pytest.raises(LookupError, match="news has no passage through the gate"):
        blanked(pd.DataFrame({"n": [9]}), "news", Disclosure())


def test_few_respondents_of_a_function_are_too_few_though_companies_suffice() -> None:
    table = pd.DataFrame({"function": "sales", "n": [2, 3], "companies": [2, 2], "alpha": 0.8})
    safe = blanked(table, "measurement.reliability", Disclosure(minimum_companies=1))
    assert safe["withheld"].tolist() == ["respondents", ""]
    assert safe["alpha"].isna().tolist() == [True, False]


def test_percentiles_and_medians_of_few_are_withheld_and_counted() -> None:
    """A percentile without a value has too few companies beyond it; a test's statistic of that name is none."""
    norms = pd.DataFrame({"statistic": ["p10", "median", "mean"], "estimate": [np.nan, 50.0, 51.0], "n": 40})
    safe = blanked(norms.assign(companies=40), "norm_percentiles", Disclosure())
    assert safe["withheld"].tolist() == ["companies", "", ""]
    assert (
        blanked(pd.DataFrame({"statistic": [2.1], "n": 40}), "missing.tests", Disclosure())["statistic"]
        .notna()
        .all()
    )
    checks = pd.DataFrame(
        {"check": ["rwg_j", "alpha"], "companies": 9, "value": 0.8, "level": "good", "reason": ""}
    )
    assert blanked(checks, "checks", Disclosure())["value"].isna().tolist() == [True, False]
    measures = pd.DataFrame(
        {"n": [30, 30], "with_interval": [19, 20], "median": 4.0, "corrected": 2.0, "clear": 9.0}
    )
    safe = blanked(measures, "profiles.measures", Disclosure())
    assert safe["median"].notna().all()
    assert safe[["corrected", "clear"]].isna().all(axis=1).tolist() == [True, False]


def test_no_percentile_that_is_published_has_few_companies_at_or_beyond_it(ran: Ran) -> None:
    frame, latest = ran.evidence.panel.frame, ran.evidence.facts.latest
    found = ran.evidence.benchmarks.norms
    of_all = found[found["statistic"].isin(list(PERCENTILES)) & found["segment"].eq("")].assign(wave=latest)
    wide = ran.evidence.norms
    parts = [of_all[["variable", "wave", name]].set_axis([*KEYS, "told"], axis=1) for name in LONG]
    parts += [wide[["variable", "wave", f"{name}{end}"]].set_axis([*KEYS, "told"], axis=1)
              for name in PERCENTILES for end in ("", "_low", "_high")]  # fmt: skip
    told = pd.concat(parts).dropna()
    assert len(told) > 100
    for variable, wave, number in told.itertuples(index=False):
        values = frame.loc[frame["wave"] == wave, variable].dropna()
        assert min((values <= number + 1e-9).sum(), (values >= number - 1e-9).sum()) >= 5
    # Of 25 companies the 90th percentile lies between the third and the fourth best.
    assert wide[["p10", "p90"]].isna().all(axis=None)
    assert wide["p75"].notna().any()


def test_rungs_of_exclusion_that_differ_by_a_few_companies_are_withheld() -> None:
    ladder = pd.DataFrame(
        {"headline": "alignment", "rung": list("abcd"), "respondents": 90, "n": [40, 38, 40, 35],
         "companies": [40, 38, 40, 35], "estimate": 50.0}
    )  # fmt: skip
    safe = blanked(ladder, "ladder", Disclosure())
    assert safe["withheld"].tolist() == ["", "differencing", "", ""]


def test_rounding_leaves_nothing_exact(ran: Ran) -> None:
    safe = through_gate(ran.evidence, Disclosure(rounding=5))
    for name, passage in PASSAGES.items():
        if not passage.levels or "." in name or name in BENCHMARKS:
            continue
        table = getattr(safe, name)
        shown = table[[column for column in ROUNDED if column in table]].to_numpy(float)
        np.testing.assert_allclose(shown / 5, np.rint(shown / 5), err_msg=name)
        assert "std_error" not in table or table["std_error"].isna().all(), name
    assert LEVELS.levels
    assert safe.index_by_wave["estimate"].notna().any()
    norm = pd.DataFrame({"statistic": ["mean"], "estimate": 53.2, "std_error": 1.1, "n": 30, "companies": 30})
    kept = blanked(norm, "norm_means", Disclosure(rounding=5))
    assert kept[["statistic", "estimate"]].to_numpy().tolist() == [["mean", 55.0]]
    assert kept["std_error"].isna().all()


def test_the_page_counts_what_is_withheld_by_rule_and_names_no_table(ran: Ran) -> None:
    counts = cells_by_rule(ran.evidence)
    assert counts["cells"].sum() > 0
    assert set(counts["rule"]) <= set(RULES)
    (table,) = (table for table in ran.report.tables if table.id == "withheld")
    shown = table.frame[[column.key for column in table.columns]]
    assert shown["cells"].tolist() == counts["cells"].tolist()
    said = " ".join([table.caption, *table.notes, *shown["why"]])
    names = {*PASSAGES, *ran.evidence.panel.frame["company"]}
    assert [name for name in names if str(name) in said.split()] == []


# --- what an attacker makes of the files ----------------------------------------------------------------


def blocks_of(out: Path) -> Iterator[pd.DataFrame]:
    """Yield each question of crosstabs.xlsx as text: rows by columns (head, column), withheld ones as a dash."""
    for sheet in load_workbook(out / "crosstabs.xlsx").worksheets[1:]:
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        top = next(place for place, row in enumerate(rows) if row[0] == "Column percentages")
        # The total stands by itself: its head is its name.
        called = [
            name or (head if head == "Total" else None)
            for head, name in zip(*rows[top : top + 2], strict=True)
        ]
        places = [place for place, name in enumerate(called) if place and name]
        heads = pd.Series(rows[top]).ffill()
        names = pd.MultiIndex.from_tuples([(heads[place], called[place]) for place in places])
        starts = [n for n, row in enumerate(rows) if row[0] == "Respondents (unweighted base)"]
        for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
            told = [row for row in rows[start:end] if row[0] and row[places[0]] is not None]
            yield pd.DataFrame([[row[p] for p in places] for row in told], [row[0] for row in told], names)


def subtracted(out: Path) -> int:
    """Take the shown columns of every head off the total; return how often something was withheld.

    What is left is two groups or more, of five companies or more.
    """
    attacked = 0
    for block in blocks_of(out):
        bases = block.iloc[:2].astype(float)
        answers = block[block["Total"].iloc[:, 0].map(lambda cell: isinstance(cell, int | float))].iloc[2:]
        for head in dict.fromkeys(block.columns.get_level_values(0).drop("Total")):
            people, companies = bases[head].to_numpy()
            hidden = answers[head].eq("–").all().to_numpy() & (people > 0)
            assert hidden[(companies < 5) & (people > 0)].all()
            if hidden.any():
                attacked += 1
                nobody = bases["Total"].iloc[0, 0] - people.sum()
                assert hidden.sum() + (nobody > 0) > 1
                assert companies[hidden].sum() + max(nobody, 0) >= 5
    return attacked


def test_withheld_columns_of_crosstabs_cannot_be_subtracted(ran: Ran) -> None:
    assert subtracted(ran.out) > 50


def test_a_change_is_shown_without_the_levels_that_would_tell_who_left(ran: Ran) -> None:
    changes = ran.evidence.changes
    assert changes["withheld"].eq("levels").any()
    assert changes.loc[changes["withheld"].eq("levels"), "estimate"].notna().all()
    assert changes.loc[changes["withheld"].ne(""), ["mean_from", "mean_to"]].isna().all(axis=None)


def test_evidence_passes_twice_as_once(ran: Ran) -> None:
    names = ("norms", "class_means", "changes", "gaps", "ladder")
    for name in names:
        table = getattr(ran.evidence, name)
        again = passed(table, name, Disclosure(), also=table["withheld"])
        pd.testing.assert_frame_equal(again[list(table.columns)], table, check_dtype=False)
