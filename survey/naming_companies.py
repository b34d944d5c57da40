"""The step of cleaning that puts companies in the place of their names."""

from collections.abc import Mapping, Sequence
from typing import Literal

import pandas as pd

from survey.cleaning_log import CleaningLog, Step, changed, dropped
from survey.companies import Register, register_of_resolved, resolve, unknown_companies
from survey.company_assignment import resolve_to_register
from survey.company_clusters import resolve_among
from survey.company_names import normalise_name
from survey.company_review import NOBODY_DECIDED, Decisions, company_review, review_problems
from survey.entity_resolution import DEFAULT, CompanyRules, Resolution, named_at
from survey.instrument import Instrument
from survey.matching import MatchedExport
from survey.places import PLACE_COLUMNS
from survey.problems import Problem
from survey.stacking import stack

BY_EMAIL = "company by the domain of the e-mail address"
"""Rule in the log where not the name told the company."""


def resolve_companies(  # noqa: PLR0913 - each is a part of the study that it depends on
    table: pd.DataFrame,
    waves: Sequence[MatchedExport],
    *,
    register: Register | None,
    unknown: Literal["error", "drop"],
    exclude: Mapping[str, str],
    rules: CompanyRules = DEFAULT,
    decisions: Decisions = NOBODY_DECIDED,
    instrument: Instrument | None = None,
) -> Step:
    """Put company ids in the place of names; drop rows without a company and excluded companies.

    With a register names are found in it, and else by the domain of the e-mail address; without one, names of
    all waves are joined that are one company. What is only similar is accepted, reviewed or refused as `rules`
    say, and each name that was not simply known is a line of the log. Columns that say where a respondent's
    company is tell companies apart, unless they are questions of `instrument`.
    """
    found = _resolution(table, register, rules=rules, decisions=decisions, instrument=instrument)
    known = register or register_of_resolved(found.names["name"], found.names["company"])
    state = found.responses.assign(excluded=_excluded(exclude, known, table["company"], found.companies))
    out, kept = state["excluded"].notna(), state["company"].notna() & state["excluded"].isna()
    unnamed, refused = state["band"] == "none", (state["band"] == "decided") & state["company"].isna()
    asked = state["asked"].notna() & ~out & (rules.undecided == "error")
    strange = ~kept & ~out & ~unnamed & ~refused & ~asked
    lines = [
        dropped(table[unnamed & ~out], "no company named"),
        dropped(table[refused & ~out], "no company, as somebody decided"),
        dropped(table[out], "company excluded: " + state.loc[out, "excluded"]),
        *_renamed(table[kept], state[kept], known),
    ]
    problems = _exclusions_of_nobody(exclude, known, normalise_name(table["company"]))
    problems += _undecidable(decisions, found, register)
    problems += _to_decide(table, waves, found, asked=asked, review_file=rules.review_file)
    if unknown == "drop":
        lines.append(dropped(table[strange], "company not in the register"))
    else:
        problems += _strange_companies(table[strange], waves, known)
    return Step(table.assign(company=state["company"])[kept], lines, problems)


def propose_review(
    waves: Sequence[MatchedExport],
    instrument: Instrument,
    *,
    register: Register | None = None,
    rules: CompanyRules = DEFAULT,
    decisions: Decisions = NOBODY_DECIDED,
) -> pd.DataFrame:
    """Return what `survey.company_review.write_review` writes for these exports: the names to decide.

    Parameters
    ----------
    waves, instrument
        The exports with their column maps, and the questionnaire.
    register, rules, decisions
        As in `survey.cleaning.clean`.
    """
    table = stack(waves, instrument)
    table = table[~table["preview"]]
    found = _resolution(table, register, rules=rules, decisions=decisions, instrument=instrument)
    return company_review(found, table["file"], decisions=decisions)


def names_taken(log: CleaningLog) -> pd.DataFrame:
    """Return ``name`` and ``company`` of each spelling that cleaning took for a company of another name."""
    lines = log.frame[(log.frame["column"] == "company") & (log.frame["action"] == "changed")]
    told = lines[(lines["before"] != "") & (lines["rule"] != BY_EMAIL)]
    names = pd.DataFrame({"name": told["before"], "company": told["after"]})
    return names.drop_duplicates(ignore_index=True)


def _resolution(
    table: pd.DataFrame,
    register: Register | None,
    *,
    rules: CompanyRules,
    decisions: Decisions,
    instrument: Instrument | None,
) -> Resolution:
    asked = instrument.columns if instrument is not None else ()
    said = [name for name in PLACE_COLUMNS if name in table and name not in asked]
    places = table[said] if said else None
    names = table["company"]
    if register is None:
        return resolve_among(names, rules=rules, decisions=decisions.by_name, places=places)
    return resolve_to_register(
        names, register, rules=rules, decisions=decisions.by_name, emails=table.get("email"), places=places
    )


def _undecidable(decisions: Decisions, found: Resolution, register: Register | None) -> list[Problem]:
    """Find decisions for companies that do not exist, or for a name that is not one company's."""
    full, place = found.responses["full"], found.responses["place"]
    if register is not None:
        known = {*register.keys, *normalise_name(pd.Series(list(register.shown), dtype="str"))}
        return decisions.problems(full.dropna(), known, shared=register.shared)
    companies = found.names.dropna(subset=["key", "company"]).groupby("key")["company"].nunique()
    several = dict.fromkeys(companies.index[companies > 1].astype("str"), "the number of a candidate (1-5)")
    return decisions.problems(
        full.dropna(),
        set(found.names["key"].dropna()),
        shared=several,
        places=set(named_at(full, place).dropna()),
    )


def _renamed(rows: pd.DataFrame, state: pd.DataFrame, known: Register) -> list[pd.DataFrame]:
    """One line for every name that is not the company's own, and on what ground it was taken for it."""
    names = rows["company"].str.strip()
    other = (names != state["company"]) & (names != state["company"].map(known.frame["name"]))
    scores = state["score"].map("{:.2f}".format).astype("str")
    rules = {
        "accept": "company name accepted at " + scores + ": " + state["why"],
        "decided": pd.Series("company name as somebody decided", index=rows.index),
        "e-mail": pd.Series(BY_EMAIL, index=rows.index),
    }
    rule = pd.Series("company name resolved", index=rows.index, dtype="str")
    for band, text in rules.items():
        rule = rule.mask(state["band"] == band, text)
    before, after = rows["company"].fillna(""), state["company"]
    return [
        changed(rows[other & (rule == text)], "company", before=before, after=after, rule=str(text))
        for text in rule[other].unique()
    ]


def _to_decide(
    table: pd.DataFrame,
    waves: Sequence[MatchedExport],
    found: Resolution,
    *,
    asked: pd.Series,
    review_file: str,
) -> list[Problem]:
    if not asked.any():
        return []
    headings = {number: matched.columns.get("company", "company") for number, matched in enumerate(waves)}
    where = table[["file", "row"]].assign(column=table["export"].map(headings))
    return review_problems(found, where[asked], review_file=review_file)


def _excluded(
    exclude: Mapping[str, str], known: Register, names: pd.Series, companies: pd.Series
) -> pd.Series:
    """Return why the company of each response is excluded, by id or, if it is not known, by name; else NA."""
    said = pd.Series(dict(exclude), dtype="str")
    written = said.index.to_series()
    ids = resolve(written, known)
    by_id = dict(zip(ids.dropna(), said[ids.notna()], strict=True))
    by_key = dict(zip(normalise_name(written[ids.isna()]), said[ids.isna()], strict=True))
    return companies.map(by_id).astype("str").fillna(normalise_name(names).map(by_key).astype("str"))


def _exclusions_of_nobody(exclude: Mapping[str, str], register: Register, keys: pd.Series) -> list[Problem]:
    known = {*register.keys, *keys.dropna()}
    excluded = normalise_name(pd.Series(list(exclude), dtype="str"))
    what = "is to be excluded, but is neither in the register nor in an answer"
    allowed = f"a company of {register.file or 'the study'}"
    return [
        Problem(f"{company!r} {what}", column="exclude_companies", value=company, allowed=allowed)
        for company, key in zip(exclude, excluded, strict=True)
        if key not in known
    ]


def _strange_companies(
    rows: pd.DataFrame, waves: Sequence[MatchedExport], register: Register
) -> list[Problem]:
    problems = []
    for number, found in rows.groupby("export"):
        matched = waves[int(str(number))]
        problems += unknown_companies(
            found["company"].str.strip(),
            found["row"],
            register,
            file=matched.export.file,
            column=matched.columns.get("company", "company"),
        )
    return problems
