"""Names, and e-mail addresses, to the companies of a register in three rules."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from survey.companies import Register
from survey.company_candidates import candidate_pairs
from survey.company_names import legal_form, normalise_name
from survey.company_similarity import score_pairs, words_of_names
from survey.entity_resolution import (
    DEFAULT,
    EXACT,
    NEW,
    NO_DECISIONS,
    NONE,
    OTHER_FORM,
    RESULT,
    CompanyRules,
    Resolution,
    at_their_places,
    by_response,
    decided,
    most_frequent,
    name_and_place,
    named_at,
    nearest,
    other_form,
    spellings,
)
from survey.places import (
    PLACE_COLUMNS,
    SAME,
    UNKNOWN,
    Place,
    compare_places,
    meeting_points,
    places_of,
)

OPEN = "open"
"""Band of a name of which neither the register nor anybody's decision says anything."""

NO_CANDIDATES = pd.DataFrame(
    {name: pd.Series(dtype="str") for name in ("asked", "name", "place")}
    | {"rank": pd.Series(dtype="int64")}
    | {name: pd.Series(dtype="str") for name in ("company", "called", "called_place")}
    | {"score": pd.Series(dtype="float64"), "why": pd.Series(dtype="str")},
    index=pd.RangeIndex(0),
)
"""What names could be, where none is open."""


def resolve_to_register(
    names: pd.Series,
    register: Register,
    *,
    rules: CompanyRules = DEFAULT,
    decisions: Mapping[str, str] = NO_DECISIONS,
    emails: pd.Series | None = None,
    places: pd.Series | pd.DataFrame | None = None,
) -> Resolution:
    """Find the company of each response in a register.

    In this order: what somebody decided of the name; a name or alias of the register, however it is spelt, unless
    both say a legal form and not the same ("Merck & Co" is not "Merck KGaA"); the domain of the e-mail address; a
    similar name, if it is accepted and no other company's would be. Of several companies of one name it is the one
    at the same place; a name at another place than its company's is for somebody to decide.

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
    places
        Where each response is, if known: one text, or the columns of `survey.places.PLACE_COLUMNS`. It is compared
        with these columns of the register.

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
    lines, known = places_of(places, names.index)
    bearers = _bearers(register, known)
    counted, which = spellings(names, lines, no_company=rules.no_company)
    counted = pd.concat([counted, _known(counted, bearers, decisions)], axis=1)
    responses = by_response(counted, which)
    if emails is not None:
        mailed = company_of_email(emails, register).where(responses["band"].isin([OPEN, NONE])).dropna()
        responses.loc[mailed.index, "company"] = mailed
        responses.loc[mailed.index, ["band", "why"]] = "e-mail", "domain of the e-mail address"
    still_open = which[responses["band"] == OPEN].unique()
    candidates = NO_CANDIDATES
    if len(still_open):
        found, candidates = _similar(counted.loc[still_open].sort_index(), bearers, rules)
        counted.loc[found.index, RESULT] = found[RESULT]
    guessed = responses["band"] == OPEN
    responses.loc[guessed, RESULT] = by_response(counted, which)[guessed]
    counted["band"] = counted["band"].replace(OPEN, "e-mail")
    return Resolution(responses, counted[["name", "place", "key", "n", *RESULT]], candidates)


class _Bearers(NamedTuple):
    """Who bears which name: ``text``, ``key``, ``form``, ``company`` and ``place`` of all names; places in parts."""

    register: Register
    borne: pd.DataFrame
    known: Mapping[str, Place]


def _known(counted: pd.DataFrame, bearers: _Bearers, decisions: Mapping[str, str]) -> pd.DataFrame:
    """What somebody decided of a name, or the register says; else no company is named, or it is still open."""
    register = bearers.register
    said, _ = name_and_place(decided(counted["full"], counted["place"], decisions))
    own = counted["full"].map(most_frequent(counted, ["full"]).set_index("full")["name"])
    decision = (
        said.map(register.shown)
        .fillna(normalise_name(said).map(register.keys))
        .where(~said.isin([NEW, NONE]), own.where(said == NEW))
    )
    exact = _exactly(counted, bearers)
    kinds = {
        "decided": said.notna(),
        "exact": exact.notna(),
        NONE: counted["nobody"] & ~_named(counted, bearers),
    }
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


def _named(counted: pd.DataFrame, bearers: _Bearers) -> pd.Series:
    """Whether the register knows a name, be it of several companies or at another place."""
    return counted["key"].isin(bearers.borne["key"])


def _exactly(counted: pd.DataFrame, bearers: _Bearers) -> pd.Series:
    """Company that bears a name in the register; NA where all it bears of these words is of another form or place.

    Of several companies that bear the name it is the only one at the same place.
    """
    lines = counted[["key", "form", "place"]].rename_axis("line").reset_index()
    pairs = lines.merge(bearers.borne, on="key", suffixes=("", "_borne"))
    pairs["relation"] = compare_places(pairs["place"], pairs["place_borne"], bearers.known)
    fits = pairs[~other_form(pairs["form"], pairs["form_borne"]) & (pairs["relation"] >= UNKNOWN)]
    elsewise = counted.index.isin(pairs["line"]) & ~counted.index.isin(fits["line"])
    there = fits[fits["relation"] == SAME].drop_duplicates(["line", "company"])
    alone = there[~there["line"].duplicated(keep=False)].set_index("line")["company"]
    by_name = counted["key"].map(bearers.register.keys).mask(elsewise).astype("str")
    exact: pd.Series = by_name.where(~counted.index.isin(alone.index), alone.reindex(counted.index))
    return exact


def _similar(
    counted: pd.DataFrame, bearers: _Bearers, rules: CompanyRules
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Band of each name by the companies with similar names, and what those in review could be."""
    units = most_frequent(counted, ["full", "key", "form", "place"])
    units["asked"] = named_at(units["name"], units["place"])
    pairs = _scored(units, bearers, rules)
    pairs["called"] = pairs["company"].map(bearers.register.called)
    pairs["called_place"] = pairs["company"].map(_places_of_companies(bearers.borne)).fillna("")
    pairs = pairs.join(units[["asked", "name", "place"]], on="one")
    ranked = nearest(pairs[(pairs["score"] > 0) | (pairs["relation"] == SAME)])
    sure = _sure(pairs)
    first = ranked[ranked["rank"] == 1].set_index("asked")
    told = sure.combine_first(first[["score", "why"]]).reindex(units["asked"]).astype({"company": "str"})
    bands = [told.index.isin(sure.index), told.index.isin(pairs.loc[pairs["asks"], "asked"])]
    told["band"] = np.select(bands, ["accept", "review"], "reject")
    told["asked"] = told.index.to_series().where(told["band"] == "review")
    told = pd.concat([units[["full", "place"]], told.reset_index(drop=True)], axis=1)
    found: pd.DataFrame = counted[["full", "place"]].merge(told, on=["full", "place"])
    found = found.set_axis(counted.index)
    return found, ranked[ranked["asked"].isin(told["asked"].dropna())].reset_index(drop=True)


def _sure(pairs: pd.DataFrame) -> pd.DataFrame:
    """Company, score and why of each name that is accepted for one company and no other."""
    accepted = pairs[pairs["accepted"]].sort_values(["asked", "score"], ascending=[True, False])
    accepted = accepted.drop_duplicates(["asked", "company"])
    alone = accepted[~accepted["asked"].duplicated(keep=False)]
    return alone.set_index("asked")[["company", "score", "why"]]


def _scored(units: pd.DataFrame, bearers: _Bearers, rules: CompanyRules) -> pd.DataFrame:
    """Names (``one``) beside companies: score, why, relation of the places, whether accepted or asked about."""
    borne, known = bearers.borne, bearers.known
    table = words_of_names([*units["name"], *borne["text"]])
    ones, others = np.arange(len(units)), np.arange(len(units), len(units) + len(borne))
    one, other = candidate_pairs(table, ones, others)
    met = np.concatenate([np.column_stack([one, other]), _met(units, borne, known)])
    pairs = score_pairs(table, *np.unique(met, axis=0).T)
    written, bearer = units.iloc[pairs["one"]], borne.iloc[pairs["other"] - len(units)]
    relation = compare_places(written["place"], bearer["place"], known)
    pairs = pairs.assign(relation=relation, company=bearer["company"].to_numpy())
    # One name at another place may be another office of the company: that is for somebody to say.
    alike = pairs["score"] >= rules.accept
    pairs = at_their_places(pairs).assign(score=lambda placed: placed["score"].mask(alike, pairs["score"]))
    formed = other_form(written["form"], bearer["form"])
    pairs.loc[formed & (pairs["score"] > OTHER_FORM), ["score", "why"]] = OTHER_FORM, "other legal form"
    accept, review = rules.thresholds(relation)
    accepted = (pairs["score"] >= accept) & ~formed & (relation >= UNKNOWN)
    return pairs.assign(accepted=accepted, asks=pairs["score"] >= review)


def _met(units: pd.DataFrame, borne: pd.DataFrame, known: Mapping[str, Place]) -> np.ndarray:
    """Return the pairs of names and names of the register that are the same, or where places meet."""
    ones = units[["key", "place"]].assign(one=np.arange(len(units)))
    others = borne[["key", "place"]].assign(other=np.arange(len(units), len(units) + len(borne)))
    points = meeting_points(known).rename(columns={"line": "place"})
    there = ones.merge(points, on="place").merge(others.merge(points, on="place"), on="point")
    pairs = pd.concat([ones.merge(others, on="key"), there])[["one", "other"]]
    return pairs.to_numpy(dtype=np.int64)


def _bearers(register: Register, known: Mapping[str, Place]) -> _Bearers:
    """Take the register apart into its names and aliases; its places join those that are known."""
    frame = register.frame
    lines, own = places_of(frame.reindex(columns=list(PLACE_COLUMNS)), frame.index)
    aliases = frame["aliases"].str.split(";").explode().str.strip()
    texts = pd.concat([frame["name"], aliases]).dropna().rename("text")
    borne = texts.rename_axis("company").reset_index()
    borne = borne.assign(
        key=normalise_name(borne["text"]),
        form=borne["text"].map(legal_form).astype("str"),
        place=borne["company"].map(lines),
    )
    return _Bearers(register, borne.dropna(subset="key").reset_index(drop=True), {**known, **own})


def _places_of_companies(borne: pd.DataFrame) -> pd.Series:
    return borne.drop_duplicates("company").set_index("company")["place"]


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
