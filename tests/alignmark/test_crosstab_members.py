"""Columns of crosstabs beside each other, beside the other tables and beside earlier releases."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from alignmark.cell_members import cells_in, values_of
from alignmark.crosstab_members import BookColumns, book_columns
from alignmark.disclosure_rules import Disclosure
from alignmark.membership import Membership
from alignmark.releasing import NOTHING, Released, tables_shown
from alignmark.tabulating import Tabulated, books_shown
from analysis.benchmark.primary_rules import PrimaryRules
from analysis.benchmark.withholding import withhold
from analysis.infer.banner import banner
from analysis.infer.crosstab import crosstab
from analysis.infer.letters import letters
from analysis.infer.stub import joined, rated
from analysis.infer.survey_design import survey_design
from analysis.measure.panel import Panel
from reports.crosstab_book import Book
from survey.instrument import read_instrument

WAVE = 2025
INSTRUMENT = read_instrument("alignment")
QUESTIONS = [q.id for q in INSTRUMENT.columns.values() if (q.section, q.group) == ("construct", "trust")]


def people(companies: int, *, each: Mapping[int, int] | None = None) -> pd.DataFrame:
    """Two of sales and two of marketing in each company, or so many of each function; all answer all of trust."""
    rows = [
        (f"C{n:02}", WAVE, side)
        for n in range(companies)
        for side in ("sales", "marketing")
        for _ in range((each or {}).get(n, 2))
    ]
    frame = pd.DataFrame(rows, columns=["company", "wave", "function"]).assign(weight=1.0)
    answers = np.random.default_rng(5).integers(1, 6, (len(frame), len(QUESTIONS))).astype(float)
    return frame.assign(**dict(zip(QUESTIONS, answers.T, strict=True)))


def tabulated(frame: pd.DataFrame, heads: list[str]) -> Tabulated:
    """Cross the questions of trust with the heads."""
    labels = {float(point): str(point) for point in range(1, 6)}
    stub = joined([rated(q, frame[q].to_numpy(), labels=labels, boxes=0) for q in QUESTIONS])
    columns = banner(frame, heads)
    table = withhold(crosstab(stub, columns, survey_design(frame)), minimum=5)
    words = dict.fromkeys(QUESTIONS, "")
    book = Book("book-1", "Crosstabs", table, letters(table), words, words, "", 5)
    return Tabulated(book, frame[["company", "wave", "function", "weight"]], columns, stub)


def found(
    frame: pd.DataFrame, heads: list[str], *, norm: range, released: Released = NOTHING
) -> tuple[Book, Released, BookColumns]:
    """Publish crosstabs beside the norm of trust, which some of the companies have."""
    one = tabulated(frame, heads)
    firms = frame[["company", "wave"]].drop_duplicates(ignore_index=True)
    panel = Panel(firms.assign(trust=50.0).iloc[norm].reset_index(drop=True), INSTRUMENT, {})
    norms = pd.DataFrame({"variable": ["trust"], "wave": WAVE, "n": len(panel.frame), "mean": 50.0})
    books = book_columns([one], {"norms": norms}, panel, rules=PrimaryRules())
    values = cells_in("norms", {"norms": norms}, values_of(panel.frame), ["wave", "variable"])
    long = pd.concat([values, *books.members], ignore_index=True)
    cell = long.groupby(["name", "row", "table", "side"], sort=False).ngroup()
    cells = long.assign(known=long["known"].eq(True))[~cell.duplicated()].reset_index(drop=True)
    made_of = Membership(cells[["name", "row", "table", "side", "known"]], long.assign(cell=cell),
                         pd.concat(books.ties, ignore_index=True))  # fmt: skip
    shown, ledger = tables_shown({"norms": norms, **books.tables}, made_of, Disclosure(), released=released)
    assert shown["norms"]["withheld"].tolist() == [""]
    return books_shown([one], shown)[0], Released(ledger, released.key), books


def gone(book: Book) -> dict[str, set[str]]:
    """Return which columns of which question are blank."""
    bases = book.table.bases
    hidden = bases[bases["suppressed"]]
    assert book.table.cells.merge(hidden)["estimate"].isna().all()
    return {q: set(rows["column"]) for q, rows in hidden.groupby("question")}


def test_columns_of_two_heads_that_differ_by_a_few_companies_are_not_both_shown() -> None:
    """A region of twelve lies in an industry of fourteen: of the two companies between, nothing is told."""
    frame = people(40)
    number = frame["company"].str[1:].astype(int)
    near = frame.assign(industry=np.where(number < 14, "a", "b"), region=np.where(number < 12, "n", "s"))
    far = near.assign(region=np.where(number < 7, "n", "s"))
    hidden = gone(found(near, ["industry", "region"], norm=range(40))[0])
    assert set(hidden) == set(QUESTIONS)
    assert all(names & {"a", "n"} and names & {"b", "s"} for names in hidden.values())
    assert gone(found(far, ["industry", "region"], norm=range(40))[0]) == {}


def test_questions_tell_nothing_of_companies_without_the_construct() -> None:
    """Three companies answered and have no score: all questions together, less the norm, would be theirs."""
    book, _, columns = found(people(40), ["function"], norm=range(3, 40))
    assert {*QUESTIONS} < set(columns.tables["book-1"]["question"])
    hidden = gone(book)
    assert len(hidden) == 1
    # What sales and marketing say adds up to the total: one of them goes with it.
    assert next(iter(hidden.values())) in ({"Total", "sales"}, {"Total", "marketing"})
    assert gone(found(people(40), ["function"], norm=range(6, 40))[0]) == {}


def test_respondents_who_count_otherwise_than_companies_do_are_held_against_nothing() -> None:
    sizes = {n: 1 + n % 7 for n in range(40)}
    book, _, columns = found(people(40, each=sizes), ["function"], norm=range(3, 40))
    assert set(columns.tables["book-1"]["question"]) == {""}
    assert gone(book) == {}
    nearly = found(people(40, each={0: 1, 1: 3}), ["function"], norm=range(3, 40))
    assert len(gone(nearly[0])) == 1


def test_a_column_of_a_few_more_companies_than_before_is_withheld() -> None:
    first = found(people(30), ["wave"], norm=range(10, 30))[1]
    assert gone(found(people(30), ["wave"], norm=range(10, 30), released=first)[0]) == {}
    hidden = gone(found(people(32), ["wave"], norm=range(10, 30), released=first)[0])
    assert set(hidden) == set(QUESTIONS)
    assert set.union(*hidden.values()) == {"Total", str(WAVE)}
    assert gone(found(people(40), ["wave"], norm=range(10, 30), released=first)[0]) == {}
