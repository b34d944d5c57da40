"""Bad input of which a declared rule says what becomes: in the log, among the problems and in the report."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from typing import NamedTuple

import pandas as pd
import pytest

from alignmark.inputs import read_inputs
from alignmark.run import compute
from alignmark.study import read_study
from reports.documents.benchmark_report import benchmark_report
from reports.documents.quality import quality
from reports.report import Table
from reports.writers.html import to_html
from survey.careless_flags import flag_counts
from survey.problems import InputError
from tests.alignmark.conftest import Ran, Spoil

Change = Callable[[pd.DataFrame], pd.DataFrame]

NAMELESS = ["", "n/a", "N.A.", "test", "-", "   ", "prefer not to say"]
STATEMENTS = ["goals_1", "goals_2", "trust_1", "trust_2"]


def nameless(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(firm=[*table["firm"][: -len(NAMELESS) - 1], *NAMELESS, table["firm"].iloc[-1]])


def in_two_companies(table: pd.DataFrame) -> pd.DataFrame:
    ids = [f"r{n}" for n in range(len(table))]
    return table.assign(respondent=["r47", *ids[1:]])


def odd_clocks(table: pd.DataFrame) -> pd.DataFrame:
    ends = ["09:00:00", "10:00:00", *["10:05:00"] * (len(table) - 2)]
    days = ["2025-03-01"] * 2 + ["2025-03-09"] + ["2025-03-01"] * (len(table) - 3)
    ended = [f"{day} {end}" for day, end in zip(days, ends, strict=True)]
    return table.assign(started="2025-03-01 10:00:00", ended=ended)


def unanswered(table: pd.DataFrame) -> pd.DataFrame:
    silent = (table.index >= 8) & (table.index < 13)
    return table.assign(**{name: table[name].mask(silent) for name in STATEMENTS})


def of_every_kind(table: pd.DataFrame) -> pd.DataFrame:
    """Spoil rows in every way that is a matter of rows, no row in two ways: one study for all of them."""
    return unanswered(odd_clocks(in_two_companies(nameless(table))))


def of_one_company(table: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([table, *[table[table["firm"] == "C00"]] * 110], ignore_index=True)


class Case(NamedTuple):
    """What is bad, what the log has for it (rule, action, lines), and the words of the report."""

    change: Change
    logged: tuple[tuple[str, str, int], ...]
    told: tuple[str, ...]


CASES = {
    "rows of every kind": Case(
        of_every_kind,
        (
            ("no company named", "dropped", len(NAMELESS)),
            ("respondent in several companies of one wave", "noted", 2),
            ("ended before it started: duration not known", "changed", 1),
            ("took no time: duration not known", "changed", 1),
            ("took more than 24 hours: duration not known", "changed", 1),
            ("answered less than 50% of the statements", "dropped", 5),
        ),
        (
            "Blank answers and such as “n/a”, “test” or “xxx” name no company.", "No company named",
            "Rows of a respondent in two companies of a wave are kept and noted.", "Respondent in several companies",
            "A duration that is not above zero, or longer than 24 hours, counts as not known.", "Took no time",
            "Rows with less than 50% of the rated statements answered are dropped.", "5 (answered less than 50%",
        ),
    ),
    "nine of ten responses from one company": Case(
        of_one_company,
        (),
        (
            "A company with more than 50% of the responses of a wave is pointed out and kept",
            "Most responses came from one company",
            "A single company gave 91% of the responses of 2025.",
        ),
    ),
}  # fmt: skip


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("what", CASES)
def test_a_rule_handles_it_and_the_report_says_so(what: str, spoiled: Spoil) -> None:
    case = CASES[what]
    evidence, inputs = compute(read_study(spoiled(answers=case.change)))
    lines = inputs.log.frame.groupby(["rule", "action"], as_index=False).size()
    assert set(lines.itertuples(index=False, name=None)) == set(case.logged)
    page = " ".join(unescape(re.sub(r"<[^>]+>", " ", to_html(benchmark_report(evidence)))).split())
    assert [words for words in case.told if words not in page] == []
    assert "gave 91%" not in page or "C00" not in page, "the company that dominates is not named"


def test_what_a_clock_says_is_logged_as_a_number(spoiled: Spoil) -> None:
    log = read_inputs(read_study(spoiled(answers=odd_clocks))).log.frame
    assert sorted(log["before"]) == ["-3600", "0", "691500"]


def test_a_register_with_two_companies_of_one_name_is_refused_with_both(spoiled: Spoil) -> None:
    def twins(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(name=table["name"].replace("Company number 3 Ltd", "company number 4 LIMITED"))

    with pytest.raises(InputError) as caught:
        read_inputs(read_study(spoiled(companies=twins)))
    (problem,) = caught.value.problems
    assert "belongs to C03 and C04" in problem.what
    assert (problem.file, problem.row, problem.column) == ("companies.csv", 6, "name")
    assert problem.to_do.startswith("add what tells the companies apart, such as the place")


@pytest.mark.usefixtures("undrawn")
def test_or_answers_with_the_name_they_share_are_asked_about(spoiled: Spoil) -> None:
    def twins(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(name=table["name"].replace("Company number 3 Ltd", "company number 4 LIMITED"))

    def by_name(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(firm=table["firm"].mask(table.index < 3, "Company number 4 Ltd"))

    rule = ("cleaning:\n", "companies: {same_name: ask}\ncleaning:\n")
    with pytest.raises(InputError) as caught:
        read_inputs(read_study(spoiled(rule, companies=twins, answers=by_name)))
    (problem,) = caught.value.problems
    assert (problem.file, problem.row, problem.value) == ("2025.csv", 2, "Company number 4 Ltd")
    study = spoiled(
        ("cleaning:\n", "companies: {same_name: ask, review_file: review.csv}\ncleaning:\n"),
        companies=twins, answers=by_name, folder="decided",
    )  # fmt: skip
    (study.parent / "review.csv").write_text("name,decision\nCompany number 4 Ltd,C03\n", encoding="utf-8")
    evidence, inputs = compute(read_study(study))
    assert inputs.log.frame["rule"].tolist() == ["company name as somebody decided"] * 3
    page = unescape(to_html(benchmark_report(evidence)))
    assert (
        "A name that several companies of the register bear is none of them until somebody decides." in page
    )


def test_told_apart_by_their_places_they_are_asked_about(spoiled: Spoil) -> None:
    def with_places(table: pd.DataFrame) -> pd.DataFrame:
        places = {
            "Company number 3 Ltd": "Delta Freight Hamburg",
            "Company number 4 Ltd": "Delta Freight Lyon",
        }
        return table.assign(name=table["name"].replace(places))

    def bare(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(firm=["Delta Freight", *table["firm"][1:]])

    with pytest.raises(InputError) as caught:
        read_inputs(read_study(spoiled(companies=with_places, answers=bare)))
    (problem,) = caught.value.problems
    assert "'Delta Freight Hamburg'" in problem.what
    assert "'Delta Freight Lyon'" in problem.what


def test_the_base_of_the_signs_counts_everybody_once(ran: Ran) -> None:
    """Whoever is dropped for two signs is one respondent, not two."""
    assert ran.inputs.responses is not None
    assert ran.inputs.responses.flags is not None
    flags = ran.inputs.responses.flags
    flags = flags.assign(dropped=flags["flags"] >= 2)
    assert flags["dropped"].any()
    table = next(
        block
        for block in quality(replace(ran.evidence, flagged=flag_counts(flags)))
        if isinstance(block, Table) and block.id == "careless"
    )
    assert table.base.startswith(f"Base: {len(flags):,} respondents at most")
    assert "attention" not in set(table.frame["index"])
    gone = ran.inputs.log.frame["rule"].eq("failed attention check").sum()
    assert f"Left out before, and not counted here: {gone} (failed attention check)." in table.notes
