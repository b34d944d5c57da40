"""Names, and e-mail addresses, to the companies of a register in three rules."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from survey.companies import Register
from survey.company_candidates import candidate_pairs
from survey.company_names import normalise_name
from survey.company_similarity import score_pairs, words_of_names
from survey.entity_resolution import (
    DEFAULT,
    EXACT,
    NEW,
    NO_DECISIONS,
    NONE,
    RESULT,
    CompanyRules,
    Resolution,
    by_response,
    decided,
    most_frequent,
    nearest,
    spellings,
)

OPEN = "open"
"""Band of a name of which neither the register nor anybody's decision says anything."""


def resolve_to_register(
    names: pd.Series,
    register: Register,
    *,
    rules: CompanyRules = DEFAULT,
    decisions: Mapping[str, str] = NO_DECISIONS,
    emails: pd.Series | None = None,
) -> Resolution:
    """Find the company of each response in a register.

    In this order: what somebody decided of the name; a name or alias of the register, however it is spelt; the
    domain of the e-mail address; a similar name, if it is accepted and no other company's would be.

    Parameters
    ----------
    names
        One name per response; NA where there is none.
    register
        The companies.
    rules
        Where the bands begin, and what names no company.
    decisions
        By name: what somebody decided: a company of the register by id, name or alias, "new" or "none".
    emails
        E-mail address of each response, if there are any.

    Examples
    --------
    >>> from survey.companies import register_of
    >>> register = register_of(["Acme Tool Works", "Bolt and Nut Trading"])
    >>> found = resolve_to_register(pd.Series(["ACME Tool Work", "Bolt", "bolt & nut trading Ltd"]), register)
    >>> found.companies.tolist()
    ['Acme Tool Works', nan, 'Bolt and Nut Trading']
    >>> found.names["band"].tolist()
    ['accept', 'review', 'exact']
    """
    counted, which = spellings(names, no_company=rules.no_company)
    counted = pd.concat([counted, _known(counted, register, decisions)], axis=1)
    responses = by_response(counted, which)
    if emails is not None:
        mailed = company_of_email(emails, register).where(responses["band"].isin([OPEN, NONE])).dropna()
        responses.loc[mailed.index, "company"] = mailed
        responses.loc[mailed.index, ["band", "why"]] = "e-mail", "domain of the e-mail address"
    still_open = which[responses["band"] == OPEN].unique()
    found, candidates = _similar(counted.loc[still_open].sort_index(), register, rules)
    counted.loc[found.index, RESULT] = found[RESULT]
    guessed = responses["band"] == OPEN
    responses.loc[guessed, RESULT] = by_response(counted, which)[guessed]
    counted["band"] = counted["band"].replace(OPEN, "e-mail")
    return Resolution(responses, counted.assign(place="")[["name", "place", "key", "n", *RESULT]], candidates)


def _known(counted: pd.DataFrame, register: Register, decisions: Mapping[str, str]) -> pd.DataFrame:
    """What somebody decided of a name, or the register says; else no company is named, or it is still open."""
    said = decided(counted["full"], decisions)
    own = counted["full"].map(most_frequent(counted, ["full"]).set_index("full")["name"])
    decision = normalise_name(said).map(register.keys).where(~said.isin([NEW, NONE]), own.where(said == NEW))
    exact = counted["key"].map(register.keys)
    kinds = {"decided": said.notna(), "exact": exact.notna(), NONE: counted["nobody"]}
    band = np.select(list(kinds.values()), list(kinds), OPEN)
    company = decision.where(said.notna(), exact).astype("str")
    score = pd.Series(np.where(band == "exact", EXACT, np.nan), index=counted.index)
    return pd.DataFrame(
        {
            "company": company,
            "band": band,
            "score": score,
            "why": "",
            "asked": pd.Series(pd.NA, counted.index, dtype="str"),
        }
    )


def _similar(
    counted: pd.DataFrame, register: Register, rules: CompanyRules
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Band of each name by the companies with similar names, and what those in review could be."""
    units = most_frequent(counted, ["full"])
    borne = _borne(register)
    table = words_of_names([*units["name"], *borne["text"]])
    ones, others = np.arange(len(units)), np.arange(len(units), len(units) + len(borne))
    pairs = score_pairs(table, *candidate_pairs(table, ones, others))
    pairs["company"] = borne["company"].to_numpy()[pairs["other"].to_numpy() - len(units)]
    pairs["called"] = pairs["company"].map(register.frame["name"])
    pairs["name"] = units["name"].to_numpy()[pairs["one"]]
    ranked = nearest(pairs[pairs["score"] > 0])
    first = ranked[ranked["rank"] == 1].set_index("name").reindex(units["name"])
    second = ranked[ranked["rank"] == 2].set_index("name")["score"].reindex(units["name"])
    sure = (first["score"] >= rules.accept) & ~(second >= rules.accept)
    band = np.select([sure, first["score"] >= rules.review], ["accept", "review"], "reject")
    told = first[["company", "score", "why"]].assign(band=band, full=units["full"].to_numpy())
    told["company"] = told["company"].where(sure.to_numpy())
    told["asked"] = told.index.to_series().where(told["band"] == "review")
    found: pd.DataFrame = counted[["full"]].merge(told.reset_index(drop=True), on="full")
    found = found.set_axis(counted.index)
    return found, ranked[ranked["name"].isin(told["asked"].dropna())].reset_index(drop=True)


def _borne(register: Register) -> pd.DataFrame:
    """Text and company of every name and alias in the register."""
    frame = register.frame
    aliases = frame["aliases"].str.split(";").explode().str.strip()
    texts: pd.Series = pd.concat([frame["name"], aliases]).dropna()
    texts = texts[normalise_name(texts).notna()]
    return texts.rename("text").rename_axis("company").reset_index()


def company_of_email(emails: pd.Series, register: Register) -> pd.Series:
    """Return the company to whose domains an e-mail address belongs; NA elsewhere.

    "ann@mail.acme.com" belongs to acme.com. Providers where anybody can have an address are no company's.
    """
    domains = emails.astype("str").str.strip().str.casefold().str.extract(r"@([^@\s>]+)>?$")[0]
    known = {domain: _company_of_domain(domain, register.domains) for domain in domains.dropna().unique()}
    return domains.map(known).astype("str")


def _company_of_domain(domain: str, domains: Mapping[str, str]) -> str | None:
    labels = domain.strip(".").split(".")
    parents = (".".join(labels[at:]) for at in range(len(labels) - 1))
    return next((domains[parent] for parent in parents if parent in domains), None)
