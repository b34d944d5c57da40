"""What keeps a study from being weighted, with the file and the row, or the line of the study, where it stands."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from alignmark.study import Keys, Study, StudyFile
from alignmark.study_files import TableFile
from survey.companies import Register, resolve
from survey.dates import read_years
from survey.declaration import suggest
from survey.margins import EITHER_WAY, Margin
from survey.numbers import read_numbers, undecided
from survey.problems import InputError, Problem, first_of, problems_at
from survey.readers.spreadsheet import read_table
from survey.weighting import weigh
from survey.weighting_rules import WeightRule


def weight_names(
    file: StudyFile,
    register: pd.DataFrame | None,
    margins: Sequence[Margin],
    tables: Sequence[pd.DataFrame],
) -> Iterator[Problem]:
    """Yield each fact that weights name and no table gives, at its place in the study or in the table of margins."""
    rule = file.study.weights
    if rule is None:
        return
    given = {str(name) for table in tables for name in table} - {"company", "wave"}
    given |= set(file.study.panel.columns) if file.study.panel is not None else set()
    asked = set() if register is None else set(map(str, register.columns))
    for keys, name, everybody in _uses(rule):
        known = asked if everybody else given
        if name not in known:
            whom = "everybody in the register" if everybody else "the companies"
            what, allowed = f"{name!r} is no fact of {whom}", suggest(name, sorted(known))
            yield file.problem(["weights", *keys], what, value=name, allowed=allowed)
    for margin in margins if not rule.by else ():
        for name in margin.variables:
            if name not in given:
                what, allowed = f"{name!r} is no fact of the companies", suggest(name, sorted(given))
                to_do = "add it to the register or the firmographics, or take its rows out"
                yield Problem(what, margin.file, margin.first_row, "variable", name, allowed, to_do)


def without_register(file: StudyFile, rule: WeightRule, facts: pd.DataFrame | None) -> Iterator[Problem]:
    """Yield what weights need of a register that the study does not name."""
    needs = {
        "margins": rule.margins == "register",
        "nonresponse": rule.nonresponse is not None,
        "strata": bool(rule.strata),
    }
    for key, needed in needs.items():
        if needed and facts is None:
            what = "needs a register of everybody who was asked"
            yield file.problem(["weights", key], what, to_do="name one under register")


def fact_faults(
    file: StudyFile, companies: Register | None, answered: pd.DataFrame | None
) -> Iterator[Problem]:
    """Yield cells by which companies cannot be weighted: no number above 0, thousands or decimals, no stratum.

    Parameters
    ----------
    file
        The study.
    companies
        By whom the names in tables are known.
    answered
        company and wave of those that answered; None if the answers could not be read.
    """
    rule = file.study.weights
    if rule is None:
        return
    for source in (file.study.register_of_companies, file.study.firmographics):
        if source is not None and {rule.base, rule.size, *rule.strata} & set(source.columns):
            table = read_table(file.locate(source.file), source.columns, name=source.file)
            yield from _table_faults(table, source, rule, companies=companies, answered=answered)


class Fact(NamedTuple):
    """A column of a table of companies: its cells and companies by row, what it is, and where it stands."""

    written: pd.Series
    company: pd.Series
    what: str
    file: str
    heading: str

    def at(self, row: int, fault: str, allowed: str) -> Problem:
        """Return what is wrong with one cell."""
        what, value = f"{self.what} of {self.company[row]} {fault}", self.written.fillna("")[row]
        to_do = "correct it, or leave the company out"
        return Problem(what, self.file, int(row), self.heading, str(value), allowed, to_do)


def _table_faults(
    table: pd.DataFrame, source: TableFile, rule: WeightRule, *, companies: Register | None,
    answered: pd.DataFrame | None,
) -> Iterator[Problem]:  # fmt: skip
    company = table["company"] if companies is None else resolve(table["company"], companies)
    concerned = _answered(table, company, answered)
    facts = {rule.base: "the design weight", rule.size: "the size"} | dict.fromkeys(
        rule.strata, "the stratum"
    )
    for name, what in facts.items():
        if name is None or name not in table:
            continue
        fact = Fact(table[name], company, what, source.file, source.columns[name])
        if name in rule.strata:
            found = list(_blank(fact, concerned | rule.finite))
        else:
            everybody = name == rule.base and rule.nonresponse is not None
            yield from _both_ways(fact)
            found = list(_no_weights(fact, concerned | everybody))
        yield from first_of(found, "more companies like this")


def _answered(table: pd.DataFrame, company: pd.Series, answered: pd.DataFrame | None) -> "pd.Series[bool]":
    """Tell rows of companies, and of waves where they have any, that answered."""
    if answered is None:
        return pd.Series(False, index=table.index)
    rows = pd.DataFrame({"company": company})
    if "wave" in table:
        rows["wave"] = read_years(table["wave"])
    known = pd.MultiIndex.from_frame(answered[list(rows)])
    return pd.Series(pd.MultiIndex.from_frame(rows).isin(known), index=table.index)


def _both_ways(fact: Fact) -> list[Problem]:
    """Tell weights such as 1.200 beside whole numbers: thousands or decimals, which changes what counts."""
    if not fact.written.str.fullmatch(r"\s*\d+\s*", na=False).any():
        return []
    unclear = fact.written[undecided(fact.written)]
    cells, (what, allowed) = zip(unclear.index.tolist(), unclear, strict=True), EITHER_WAY
    return problems_at(what, cells, file=fact.file, column=fact.heading, allowed=allowed)


def _no_weights(fact: Fact, concerned: "pd.Series[bool]") -> Iterator[Problem]:
    numbers, bad = read_numbers(fact.written)
    kinds = (numbers < 0, numbers == 0, bad | np.isinf(numbers), numbers.isna())
    faults = np.select(kinds, ["is negative", "is zero", "is no number", "is missing"], "")
    for row, fault in zip(fact.written.index, faults, strict=True):
        if fault and concerned[row]:
            yield fact.at(row, fault, "a number above 0")


def _blank(fact: Fact, concerned: "pd.Series[bool]") -> Iterator[Problem]:
    blank = fact.written.fillna("").str.strip() == ""
    for row in fact.written.index[blank & concerned]:
        yield fact.at(row, "is missing", "one for each company, so that it is known how it was drawn")


def tried(
    file: StudyFile,
    margins: Sequence[Margin],
    register: pd.DataFrame | None,
    *,
    answered: pd.DataFrame,
    tables: Sequence[pd.DataFrame],
) -> Iterator[Problem]:
    """Weight the companies that answered, in a study that cannot run, to find what else stands in the way."""
    if file.study.weights is None:
        return
    # What is wrong with these is told cell by cell (`fact_faults`).
    rule = file.study.weights.model_copy(update={"base": None, "companies": "once", "nonresponse": None})
    rows = answered[["company", "wave"]].drop_duplicates()
    for table in tables:
        keys = ["company", "wave"] if "wave" in table else ["company"]
        own = [name for name in table if name in keys or name not in rows]
        rows = rows.merge(table[own].drop_duplicates(keys), on=keys, how="left")
    try:
        weigh(rows, rule, margins=margins, register=register)
    except InputError as error:
        yield from in_study(tuple(under_weights(error.problems, file.study)), file)


def refused_strata(remarks: Iterable[Problem], rule: WeightRule) -> Iterator[Problem]:
    """Yield strata with one company where the study says that they are to fail."""
    if rule.lonely != "fail":
        return
    to_do = (
        "join it to a like stratum, or say what it adds to variances: adjust, average, certainty or remove"
    )
    for remark in remarks:
        if remark.column == "stratum":
            what = f"the stratum {remark.value} {remark.what}"
            yield replace(
                remark, what=what, column="weights.lonely", value="fail", to_do=to_do, severity="error"
            )


def under_weights(problems: Iterable[Problem], study: Study) -> Iterator[Problem]:
    """Name the key of `weights` that a problem is about, or the file and the heading of a fact."""
    known: Any = WeightRule.model_fields
    for problem in problems:
        ours = problem.column.split(".")[0] in known and not problem.file
        yield replace(problem, column=f"weights.{problem.column}") if ours else _in_its_file(problem, study)


def in_study(problems: Iterable[Problem], file: StudyFile) -> Iterator[Problem]:
    """Give problems that name a key of `weights` or `peers` the line where the study has it."""
    for problem in problems:
        parts = problem.column.split(".") if problem.column.startswith(("weights", "peers.")) else []
        keys: Keys = [int(part) if part.isdecimal() else part for part in parts]
        place = file.problem(keys, "") if keys and not problem.file else None
        yield problem if place is None else replace(problem, file=place.file, row=place.row)


def _uses(rule: WeightRule) -> Iterator[tuple[Keys, str, bool]]:
    """Yield each fact that weights need, its keys, and whether it must be known of everybody who was asked."""
    if rule.base is not None:
        yield ["base"], rule.base, rule.nonresponse is not None
    if rule.size is not None:
        yield ["companies", "by"], rule.size, False
    for number, name in enumerate(rule.nonresponse.classes if rule.nonresponse else []):
        yield ["nonresponse", "classes", number], name, True
    for number, name in enumerate(rule.strata):
        yield ["strata", number], name, True
    for number, names in enumerate(rule.margin_names):
        for name in names:
            yield ["by", number], name, rule.margins == "register"


def _in_its_file(problem: Problem, study: Study) -> Problem:
    """Name the file and the heading of a fact by which companies are weighted."""
    for declared in (study.register_of_companies, study.firmographics):
        heading = declared.columns.get(problem.column) if declared is not None else None
        if declared is not None and heading is not None and not problem.file:
            return replace(problem, file=declared.file, column=heading)
    return problem
