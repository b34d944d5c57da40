"""Pages on norms, classes and ranks: what stands there is what was computed, and every table says what it rests on."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from reports.benchmarks import BenchmarkTables
from reports.documents.best_in_class import best_in_class
from reports.documents.change import change
from reports.documents.class_checks import class_checks
from reports.documents.norm_groups import every_norm, norms_by_group
from reports.documents.norms import norms
from reports.documents.passages import family_note
from reports.documents.told_apart import told_apart
from reports.documents.what_to_do import what_to_do
from reports.outcome_units import outcome_unit
from reports.report import Callout, Figure, Paragraph, Section, Table
from reports.steps import advice

if TYPE_CHECKING:
    from tests.alignmark.conftest import Ran


def tables(section: Section) -> dict[str, Table]:
    return {block.id: block for block in section.blocks if isinstance(block, Table)}


def test_every_class_gets_up_to_three_steps_with_why_and_how_to_know(ran: "Ran") -> None:
    evidence = ran.evidence
    importance = evidence.importance.assign(estimate=1.0, conf_low=0.5, conf_high=1.5)
    apart = evidence.class_gaps.assign(estimate=9.0, conf_low=4.0, conf_high=14.0)
    page = what_to_do(replace(evidence, importance=importance, class_gaps=apart))
    shown = tables(page)
    assert list(shown) == ["steps-laggard", "steps-average", "steps-best-in-class"]
    instrument = evidence.panel.instrument
    wordings = {
        said.why
        for name in (
            *instrument.alignment_constructs,
            *(i for g in instrument.practices.values() for i in g.items),
        )
        if (said := advice(name, instrument)) is not None
    }
    means = evidence.class_means.query("basis == 'outcomes'").set_index(["class", "variable"])["estimate"]
    for table in shown.values():
        assert 1 <= len(table.frame) <= 3
        assert set(table.frame["why"]) <= wordings
        assert table.frame["worked"].str.len().gt(10).all()
    # Laggards begin where they are furthest behind the best.
    behind = (means["best in class"] - means["laggard"]).loc[list(instrument.alignment_constructs)]
    furthest = instrument.constructs[str(behind.idxmax())].title["en"]
    assert shown["steps-laggard"].frame["what"].iloc[0] == furthest


def test_results_change_in_the_companies_of_both_waves_each_in_its_unit(ran: "Ran") -> None:
    evidence = ran.evidence
    shown = tables(change(evidence))
    results = shown["changes-results"].frame.set_index("variable")
    assert set(results.index) <= set(evidence.panel.outcomes)
    assert not set(results.index) & set(shown["changes"].frame["variable"])
    before, after = evidence.facts.waves[-2:]
    for name, row in results[results["estimate"].notna()].iterrows():
        wide = evidence.panel.frame.pivot_table(str(name), "company", "wave")[[before, after]].dropna()
        assert row["companies"] == len(wide) >= evidence.facts.minimum_companies
        assert row["estimate"] == pytest.approx((wide[after] - wide[before]).mean())
        assert row["label"].endswith(f", {outcome_unit(evidence, str(name))}")
    few = evidence.changes.assign(estimate=np.nan)
    assert "changes-results" not in tables(change(replace(evidence, changes=few)))


def test_candidates_that_the_answers_do_not_tell_apart_are_told(ran: "Ran") -> None:
    evidence = ran.evidence
    importance = evidence.importance.assign(estimate=1.0, conf_low=0.5, conf_high=1.5)
    apart = evidence.class_gaps.assign(estimate=9.0, conf_low=4.0, conf_high=14.0)
    for htmt, told in ((0.93, True), (0.6, False)):
        same = replace(evidence.measurement, validity=evidence.measurement.validity.assign(htmt=htmt))
        page = what_to_do(replace(evidence, importance=importance, class_gaps=apart, measurement=same))
        found = [block for block in page.blocks if isinstance(block, Callout) and "HTMT 0.93" in block.text]
        assert bool(found) == told


def test_without_a_clear_construct_no_step_is_recommended(ran: "Ran") -> None:
    vague = ran.evidence.importance.assign(conf_low=-1.0)
    page = what_to_do(replace(ran.evidence, importance=vague))
    assert not tables(page)
    assert "no construct priority" in page.title


def test_what_classes_hang_on_stands_beside_them(ran: "Ran") -> None:
    shown = {table.id: table for table in class_checks(ran.evidence, "outcomes") if isinstance(table, Table)}
    selection = shown["selection"].frame
    held = ran.evidence.benchmarks.held_out.query("contrast == 'laggard'").set_index("outcome")["estimate"]
    assert selection.set_index("outcome")["held_out"].to_dict() == pytest.approx(held.to_dict(), nan_ok=True)
    # Of so few companies other cuts and the trend of the best in class are withheld; what is known is said instead.
    told = [block.text for block in class_checks(ran.evidence, "outcomes") if isinstance(block, Paragraph)]
    assert ["class-cuts" in shown, "class-trend-outcomes" in shown] == [False, False]
    assert [text.split(":")[0] for text in told] == [
        "What the gap would be under other cuts cannot be shown", "Wave by wave the classes cannot be shown",
    ]  # fmt: skip
    assert all(
        "Over all waves together, best in class less the rest on alignment is " in text for text in told
    )
    benchmarks = ran.evidence.benchmarks
    known = replace(benchmarks, cuts=benchmarks.cuts.assign(estimate=3.0, conf_low=1.0, conf_high=5.0))
    cuts = next(block for block in class_checks(replace(ran.evidence, benchmarks=known), "outcomes")
                if isinstance(block, Table) and block.id == "class-cuts")  # fmt: skip
    assert cuts.frame["cut"].tolist() == [5, 10, 15, 20, 25, 30]
    checks = class_checks(ran.evidence, "practices")
    trend = next(
        block for block in checks if isinstance(block, Table) and block.id == "class-trend-practices"
    ).frame
    assert trend["wave"].tolist() == list(ran.evidence.facts.waves)
    # "All" contains the first class, so that its gap is the smaller one.
    known = trend.dropna(subset=["gap_rest"])
    assert len(known)
    assert (known["gap_all"].abs() < known["gap_rest"].abs()).all()
    checks = class_checks(ran.evidence, "practices")
    world = next(block for block in checks if isinstance(block, Table) and block.id == "world-practices")
    both = world.frame.dropna(subset=["gap_rest"])
    assert both["gap_rest"].to_numpy() == pytest.approx((both["world"] - both["rest"]).to_numpy())
    assert both["selection_gap_low"].lt(both["selection_gap"]).all()
    assert both["selection_gap"].gt(0).all()
    for name in ("world", "all", "rest"):
        assert (both[f"{name}_high"] > both[f"{name}_low"]).all()


def test_results_stand_by_class_beside_what_the_selection_gives_and_their_reasons(ran: "Ran") -> None:
    page = tables(best_in_class(ran.evidence))
    classes = ran.evidence.classes["outcomes"]
    shown = page["class-results-outcomes"]
    assert shown.frame["variable"].tolist()[: len(classes.selected_on)] == list(classes.selected_on)
    assert [column.heading for column in shown.columns][-2:] == [
        "Best in class less laggard", "Of it by selection alone",
    ]  # fmt: skip
    of_these = shown.frame["circular"]
    known = shown.frame["less_laggard"].notna()
    assert shown.frame.loc[of_these & known, "alone_laggard"].notna().all()
    assert shown.frame.loc[~of_these, "alone_laggard"].isna().all()
    assert shown.frame.loc[~of_these, "free"].eq("not selected on it").all()
    gaps = ran.evidence.class_gaps.query("basis == 'outcomes' and contrast == 'all'").set_index("variable")
    every = page["class-results-all-outcomes"].frame.set_index("variable")
    for name, of in (("all", "mean_b"), ("less_all", "estimate"), ("alone_all", "selection_gap")):
        pd.testing.assert_series_equal(every[name], gaps[of].reindex(every.index), check_names=False)
    world = [column.heading for column in page["class-results-practices"].columns]
    assert world == ["Result", "World-class", "Rest", "All", "World-class less rest", "World-class less all"]


def test_ranks_are_shown_without_a_company(ran: "Ran") -> None:
    page = told_apart(ran.evidence)
    shown, (picture,) = tables(page), [block for block in page.blocks if isinstance(block, Figure)]
    assert {"rank-precision", "class-membership", "composites"} <= set(shown)
    assert picture.data is None
    steady = ran.evidence.benchmarks.steadiness.set_index("kept")["estimate"]
    assert f"{100 - steady['class']:.0f}% of companies change their class" in shown["composites"].caption
    surely = ran.evidence.benchmarks.memberships.set_index("class").loc["all"]
    known = ran.evidence.positions["class_probability"].dropna()
    assert surely["surely"] == (known > 0.8).sum()
    assert surely["estimate"] == pytest.approx(100 * (known > 0.8).mean())


def test_norms_by_group_say_why_a_percentile_is_blank(ran: "Ran") -> None:
    page = norms_by_group(ran.evidence)
    assert page.appendix
    table = tables(page)["norms-by-group"].frame
    minimum = 4 * ran.evidence.facts.minimum_companies
    few = table["companies"] < minimum
    assert few.any()
    assert table.loc[few, "median"].isna().all()
    assert table.loc[few, "reason"].str.contains(f"fewer than {minimum} companies").all()
    rungs = tables(page)["peer-rungs"].frame
    assert rungs["companies"].sum() == len(ran.evidence.positions)


def test_pages_without_benchmarks_say_so(ran: "Ran") -> None:
    nothing = replace(ran.evidence, benchmarks=BenchmarkTables())
    assert every_norm(nothing) == ()
    for page in (norms_by_group(nothing), told_apart(nothing)):
        told = [block.text for block in page.blocks if isinstance(block, Callout)]
        assert any(text.startswith("Not available: ") for text in told)
    blank = ran.evidence.norms.assign(median=float("nan"))
    assert norms(replace(nothing, norms=blank)).title == "Norms are not shown"
    assert isinstance(norms(nothing).blocks[1], Table)
    assert not list(class_checks(replace(nothing, selection=pd.DataFrame()), "outcomes"))


def test_classes_that_cannot_be_compared_are_told_once_and_an_empty_family_not_at_all(ran: "Ran") -> None:
    gaps = ran.evidence.class_gaps
    blank = gaps.assign(**dict.fromkeys(gaps.select_dtypes("float"), np.nan))
    page = best_in_class(replace(ran.evidence, class_gaps=blank))
    assert not tables(page)
    told = [block.text for block in page.blocks if isinstance(block, Callout) and block.kind == "caution"]
    assert len(told) == len(ran.evidence.classes)
    assert all(re.search("the least that is shown|would give a company away", text) for text in told)
    assert not family_note(blank)


def test_where_nobody_is_ahead_no_title_says_so(ran: "Ran") -> None:
    level = ran.evidence.class_means.assign(estimate=50.0, conf_low=45.0, conf_high=55.0)
    page = best_in_class(replace(ran.evidence, class_means=level))
    titles = [block.title for block in page.blocks if isinstance(block, Figure)]
    assert titles
    assert all(title.startswith("In this sample no construct is higher in") for title in titles)
    same = ran.evidence.norms.assign(p25=50.0, median=50.0, p75=50.0)
    assert norms(replace(ran.evidence, norms=same)).title.startswith(
        "At least half of all companies have 50 points"
    )
