"""The gate of a run, and an attacker who has nothing but what the run has published."""

import re
from collections.abc import Iterator
from dataclasses import fields
from itertools import combinations
from pathlib import Path
from typing import get_type_hints

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from alignmark.disclosure_rules import Disclosure
from alignmark.gate import blanked, passed, through_gate
from alignmark.gate_rules import BENCHMARKS, COUNTS, LEVELS, OWN, PARTS, PASSAGES, ROUNDED
from alignmark.run import run
from alignmark.study import read_study
from reports.checks import SameSource, TwoProfiles, WhoIsMissing
from reports.documents.withheld import RULES, cells_by_rule
from reports.evidence import Evidence
from reports.measurement import Measurement
from tests.alignmark.conftest import Ran, Spoil

Value = tuple[str, int]
"""A company's value in a wave."""


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
    assert tables == {*PASSAGES, *COUNTS, *OWN} - set(BENCHMARKS)
    assert {one.name for one in fields(Evidence)} >= set(PARTS)


def test_a_table_that_nobody_let_through_is_not_published() -> None:
    with pytest.raises(LookupError, match="news has no passage through the gate"):
        blanked(pd.DataFrame({"n": [9]}), "news", Disclosure())


def test_few_respondents_of_a_function_are_too_few_though_companies_suffice() -> None:
    table = pd.DataFrame({"function": "sales", "n": [2, 3], "companies": [2, 2], "alpha": 0.8})
    safe = blanked(table, "measurement.reliability", Disclosure(minimum_companies=1))
    assert safe["withheld"].tolist() == ["respondents", ""]
    assert safe["alpha"].isna().tolist() == [True, False]


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
        places = [place for place, name in enumerate(rows[top + 1]) if place and name]
        heads = pd.Series(rows[top]).ffill()
        names = pd.MultiIndex.from_tuples([(heads[place], rows[top + 1][place]) for place in places])
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


@pytest.mark.slow
def test_a_segment_of_two_companies_is_given_away_by_no_file(spoiled: Spoil, tmp_path: Path) -> None:
    industries = ["Rare"] * 2 + ["Software"] * 5 + ["Machinery"] * 5
    study = spoiled(companies=lambda table: table.assign(industry=industries))
    out = tmp_path / "out"
    evidence = run(read_study(study), out)
    assert subtracted(out) > 5
    assert [path.name for path in out.rglob("*") if "rare" in path.name.lower()] == []
    counts = ["n", "companies", "n_answered", "n_silent", "place"]
    for path in (out / "tables").glob("*.csv"):
        table = pd.read_csv(path)
        rows = table[table.astype(str).eq("Rare").any(axis=1)]
        numbers = rows.select_dtypes("float").drop(columns=counts, errors="ignore")
        assert numbers.isna().all(axis=None), path.name
        assert "Rare" not in table or table["Rare"].isna().all(), path.name
    # The manifest names every published number, the counts of the segment among them.
    published = [path for path in (out / "models.csv", out / "models.tex") if path.exists()]
    assert [path.name for path in published if "Rare" in path.read_text(encoding="utf-8")] == []
    models = pd.read_csv(out / "models.csv")
    assert (
        models.loc[models["model"].eq("controls") & models["term"].eq("Intercept"), "estimate"].isna().all()
    )
    assert (
        models.loc[models["model"].eq("controls") & models["term"].eq("alignment"), "estimate"].notna().all()
    )
    industry = evidence.composition.set_index("category")["n"]
    assert industry.to_dict() == {"Software": 5, "Machinery": 5, "other": 2}
    published += [*(out / "tables").glob("*.csv"), out / "report.html", out / "manifest.json"]
    for company in evidence.panel.frame["company"].unique():
        assert [
            p.name for p in published if re.search(rf"\b{company}\b", p.read_text(encoding="utf-8"))
        ] == []


def cells_of(ran: Ran, variable: str) -> Iterator[dict[Value, int]]:
    """Yield the companies and waves behind every number of a variable that the tables show, with their signs."""
    yield from (dict.fromkeys(cell, 1) for cell in means_of(ran, variable))
    frame = ran.evidence.panel.frame
    known = frame[frame[variable].notna()]
    waves = {wave: set(rows["company"]) for wave, rows in known.groupby("wave")}
    changes = pd.read_csv(ran.out / "tables" / "changes.csv")
    for row in changes[changes["variable"].eq(variable) & changes["estimate"].notna()].itertuples():
        both = waves[row.wave_from] & waves[row.wave_to]
        yield {(c, int(wave)): sign for c in both for wave, sign in ((row.wave_to, 1), (row.wave_from, -1))}


def means_of(ran: Ran, variable: str) -> Iterator[set[Value]]:
    """Yield the companies and waves behind every mean of a variable that the tables show."""
    frame = ran.evidence.panel.frame
    known = frame[frame[variable].notna()]
    everything = {wave: {(c, wave) for c in rows["company"]} for wave, rows in known.groupby("wave")}
    folder = ran.out / "tables"
    norms = pd.read_csv(folder / "norms-constructs.csv")
    for wave in norms.loc[norms["variable"].eq(variable) & norms["mean"].notna(), "wave"]:
        yield everything[wave]
    if variable == "alignment" and not ran.evidence.left_out:
        waves = pd.read_csv(folder / "norms-waves.csv")
        yield from (everything[wave] for wave in waves.loc[waves["mean"].notna(), "wave"])
    if (folder / "changes.csv").exists():
        changes = pd.read_csv(folder / "changes.csv")
        for row in changes[changes["variable"].eq(variable) & changes["mean_from"].notna()].itertuples():
            both = {c for c, _ in everything[row.wave_from]} & {c for c, _ in everything[row.wave_to]}
            yield from ({(c, int(wave)) for c in both} for wave in (row.wave_from, row.wave_to))
    for basis, found in ran.evidence.classes.items():
        table = pd.read_csv(folder / f"class-gaps-{basis}.csv").set_index("variable")
        rows = known.merge(found.frame[["company", "wave", "class"]], on=["company", "wave"])
        members = {
            name: set(zip(part["company"], part["wave"], strict=True)) for name, part in rows.groupby("class")
        }
        shown = [
            name for name in members if variable in table.index and pd.notna(table.loc[variable].get(name))
        ]
        yield from (members[name] for name in shown)
        if variable in table.index and pd.notna(table.loc[variable].get("less_all")):
            yield set().union(*members.values())


def recovered(cells: list[dict[Value, int]], own: str | None) -> list[tuple[Value, ...]]:
    """Return the values, and sums of two companies' values, that follow from the means and one's own values."""
    values = sorted(set().union(*cells))
    known = [[cell.get(value, 0) for value in values] for cell in cells]
    known += [[value == mine for value in values] for mine in values if mine[0] == own]
    _, strength, span = np.linalg.svd(np.array(known, dtype=float), full_matrices=False)
    span = span[strength > 1e-9]
    groups = [(value,) for value in values] + list(combinations(values, 2))
    wanted = np.array([[value in group for value in values] for group in groups], dtype=float)
    found = np.linalg.norm(wanted - wanted @ span.T @ span, axis=1) < 1e-7
    return [
        group for group, out in zip(groups, found, strict=True) if out and own not in {c for c, _ in group}
    ]


def test_no_company_can_be_worked_out_from_the_tables(ran: Ran) -> None:
    """By elimination over all means of a variable, alone and as a member that knows its own values."""
    constructs = [
        name
        for name in ran.evidence.panel.instrument.alignment_constructs
        if name in ran.evidence.panel.frame
    ]
    companies = sorted(ran.evidence.panel.frame["company"].unique())
    for variable in ("alignment", *constructs):
        cells = list(cells_of(ran, variable))
        assert len(cells) > 3
        for own in (None, *companies[::8]):
            assert recovered(cells, own) == [], variable
        assert any(min(cell.values()) < 0 for cell in cells) or variable != "alignment"
        sets = [{company for company, _ in cell} for cell in cells]
        assert all(len(one) >= 5 for one in sets)


def test_the_attacker_would_succeed_without_the_gate(ran: Ran) -> None:
    """The levels of changes that were withheld, beside the means of the waves, tell who left."""
    changes = ran.evidence.changes
    assert changes["withheld"].eq("levels").any()
    assert changes.loc[changes["withheld"].eq("levels"), "estimate"].notna().all()
    assert changes.loc[changes["withheld"].ne(""), ["mean_from", "mean_to"]].isna().all(axis=None)
    frame = ran.evidence.panel.frame
    here = frame[frame["alignment"].notna()]
    waves = {wave: set(rows["company"]) for wave, rows in here.groupby("wave")}
    both = waves[2024] & waves[2025]
    cells = [dict.fromkeys([(c, 2024) for c in companies], 1) for companies in (waves[2024], both)]
    assert 0 < len(waves[2024] - both) < 5
    if len(waves[2024] - both) <= 2:
        assert recovered(cells, None)


def test_evidence_passes_twice_as_once(ran: Ran) -> None:
    names = ("norms", "class_means", "changes", "gaps", "ladder")
    for name in names:
        table = getattr(ran.evidence, name)
        again = passed(table, name, Disclosure(), also=table["withheld"])
        pd.testing.assert_frame_equal(again[list(table.columns)], table, check_dtype=False)
