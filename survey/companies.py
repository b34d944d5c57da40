"""Company names as people write them, resolved to companies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import pandas as pd
from rapidfuzz import fuzz, process

from survey.company_names import normalise_name
from survey.company_words import lists
from survey.identifiers import redacted
from survey.numbers import read_numbers
from survey.places import PLACE_COLUMNS
from survey.problems import NAMED, Problem, first_of, raise_if_any
from survey.readers.spreadsheet import read_table

__all__ = [
    "Register",
    "dominant_companies",
    "normalise_name",
    "read_register",
    "register_of",
    "register_of_resolved",
    "resolve",
    "unknown_companies",
    "with_spellings",
]

_ALIKE = 70.0


@dataclass(frozen=True, slots=True, eq=False)
class Register:
    """The companies of a study.

    Parameters
    ----------
    frame
        Index ``company`` (the id), columns ``name``, ``aliases`` (separated by ";"), where it is (of
        `survey.places.PLACE_COLUMNS`) and firmographics.
    keys
        Company id by normalised id, name or alias.
    file
        Where the register stands; empty if it was made of names alone.
    domains
        Company id by domain of its e-mail addresses.
    """

    frame: pd.DataFrame
    keys: dict[str, str]
    file: str = ""
    domains: dict[str, str] = field(default_factory=dict)

    @property
    def firmographics(self) -> pd.DataFrame:
        """Facts of each company, by company: what the register says besides names."""
        return self.frame.drop(columns=["name", "aliases", "domains", *PLACE_COLUMNS], errors="ignore")

    @property
    def called(self) -> pd.Series:
        """What each company is called to people who choose one: its name, and its id where others bear the name."""
        names = self.frame["name"]
        return names.where(~normalise_name(names).duplicated(keep=False), names + " [" + names.index + "]")

    @property
    def shown(self) -> dict[str, str]:
        """Company id by what `called` says."""
        called = self.called
        return dict(zip(called, called.index, strict=True))

    @property
    def shared(self) -> dict[str, str]:
        """What to write instead of a name that several companies bear, by that name, normalised."""
        aliases = self.frame["aliases"].str.split(";").explode()
        texts = pd.concat([self.frame["name"], aliases]).rename("text").rename_axis("company").reset_index()
        borne = texts.assign(key=normalise_name(texts["text"]))[["key", "company"]]
        borne = borne.dropna().drop_duplicates().sort_values("company", ignore_index=True)
        several = borne[borne["key"].duplicated(keep=False)]
        return {str(key): "the id: " + " or ".join(ids) for key, ids in several.groupby("key")["company"]}

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the table."""
        return self.frame.copy()


def read_register(
    path: Path,
    columns: Mapping[str, str] | None = None,
    *,
    sheet: str | None = None,
    name: str = "",
    same_name: Literal["error", "ask"] = "error",
) -> Register:
    """Read the companies of a study.

    Parameters
    ----------
    path
        CSV, TSV or workbook, one row per company.
    columns
        File heading by name: ``company`` (the id), ``name``, ``aliases`` and ``domains`` of e-mail addresses
        (both separated by ";"), where the company is (``place``, or ``street``, ``postcode``, ``city``, ``phone``),
        and facts such as ``industry``, ``size``, ``region``. Every column by its
        own heading if None. Facts that are numbers in every row become floats.
    sheet, name
        As in `survey.readers.cells.read_cells`.
    same_name
        A normalised name or alias that several companies bear: a problem, or it leads to none of them, so that
        answers with nothing but this name are asked about.

    Raises
    ------
    InputError
        If the file cannot be read, a company has no id or occurs twice, two companies share a name (unless it
        is to be asked about) or a domain, or anybody can have an address in a domain; all at once.
    """
    table = read_table(path, columns, required=("company",), sheet=sheet, name=name)
    file = name or path.name
    table = table.assign(company=table["company"].str.strip())
    named = table["name"] if "name" in table else table["company"]
    table = table.assign(
        name=named.str.strip().fillna(table["company"]),
        aliases=table["aliases"].fillna("") if "aliases" in table else "",
    )
    keys, problems = _keys(table, file)
    if same_name == "ask":
        problems = []
    domains, of_domains = _domains(table, file)
    raise_if_any([*_without_id(table, file), *_twice(table, file), *problems, *of_domains])
    facts = {
        fact: table[fact] if fact in ("domains", *PLACE_COLUMNS) else _number_or_text(table[fact])
        for fact in table.columns.drop(["company", "name", "aliases"])
    }
    frame = table[["company", "name", "aliases"]].assign(**facts).set_index("company")
    return Register(frame, keys, file, domains)


def register_of(names: Iterable[str] | pd.Series) -> Register:
    """Make a register of nothing but names: each company is called by its most frequent spelling.

    Ties go to the spelling that comes first in the alphabet, so that the order of `names` is of no
    consequence.

    Examples
    --------
    >>> register_of(["Acme Ltd", "Acme", "ACME", "Acme"]).keys
    {'acme': 'Acme'}
    """
    written = pd.Series(names, dtype="str").dropna().str.strip()
    counts = pd.DataFrame({"name": written, "key": normalise_name(written)}).dropna().value_counts()
    table = counts.rename("n").reset_index().sort_values(["key", "n", "name"], ascending=[True, False, True])
    table = table.drop_duplicates("key")
    frame = pd.DataFrame({"name": table["name"].to_list(), "aliases": ""}, dtype="str")
    frame.index = pd.Index(frame["name"], name="company")
    return Register(frame, dict(zip(table["key"], table["name"], strict=True)))


def register_of_resolved(names: pd.Series, companies: pd.Series) -> Register:
    """Make a register of companies that were told apart already; a name that two of them bear leads to neither.

    Parameters
    ----------
    names, companies
        Names as they were written, and the company of each; NA where there is none.

    Examples
    --------
    >>> names = pd.Series(["Acme", "ACME Ltd", "Rio Ltd", "Rio plc"])
    >>> register_of_resolved(names, pd.Series(["Acme", "Acme", "Rio Ltd", "Rio plc"])).keys
    {'acme': 'Acme'}
    """
    known = pd.DataFrame({"key": normalise_name(names), "company": companies.astype("str")}).dropna()
    ids = pd.Index(sorted(known["company"].unique()), name="company", dtype="str")
    pairs = known.drop_duplicates()
    pairs = pairs[~pairs["key"].duplicated(keep=False)]
    frame = pd.DataFrame({"name": ids.to_list(), "aliases": ""}, index=ids, dtype="str")
    return Register(frame, dict(zip(pairs["key"], pairs["company"], strict=True)))


def with_spellings(register: Register, names: pd.Series, companies: pd.Series) -> Register:
    """Return the register with further spellings that lead to its companies; what it knows already stays.

    Parameters
    ----------
    register
        The companies.
    names, companies
        Spellings, and the company that each was taken for. One taken for two companies is left out.

    Examples
    --------
    >>> register = with_spellings(register_of(["Acme"]), pd.Series(["Akme", "ACME"]), pd.Series(["Acme", "Acme"]))
    >>> register.keys
    {'akme': 'Acme', 'acme': 'Acme'}
    """
    more = register_of_resolved(names, companies).keys
    known = {key: company for key, company in more.items() if company in register.frame.index}
    return replace(register, keys=known | register.keys)


def resolve(names: pd.Series, register: Register) -> pd.Series:
    """Return the company id of each name that is one, or whose normalised form the register knows; NA elsewhere.

    Examples
    --------
    >>> register = register_of(["Acme Ltd"])
    >>> resolve(pd.Series(["ACME", "acme limited", "Bolt"]), register).tolist()
    ['Acme Ltd', 'Acme Ltd', nan]
    """
    written = names.astype("str").str.strip()
    return written.where(written.isin(register.frame.index), normalise_name(names).map(register.keys)).astype(
        "str"
    )


def dominant_companies(responses: pd.DataFrame, *, share: float) -> pd.DataFrame:
    """Find the companies that make up most of a wave's responses: figures of that wave are figures of them.

    Parameters
    ----------
    responses
        ``company`` and ``wave`` of each response.
    share
        A company with a larger share (0-1) of a wave's responses is named, unless it is the only one.

    Returns
    -------
    pandas.DataFrame
        wave, company, n (its responses), of (all responses of the wave) and share (0-1), by wave.

    Examples
    --------
    >>> responses = pd.DataFrame({"company": ["Acme"] * 9 + ["Bolt"], "wave": 2025})
    >>> dominant_companies(responses, share=0.5)[["company", "n", "of"]].to_dict("records")
    [{'company': 'Acme', 'n': 9, 'of': 10}]
    """
    counts = responses.groupby(["wave", "company"]).size().rename("n").reset_index()
    counts["of"] = counts.groupby("wave")["n"].transform("sum")
    counts["share"] = counts["n"] / counts["of"]
    return counts[(counts["share"] > share) & (counts["n"] < counts["of"])].reset_index(drop=True)


def unknown_companies(
    names: pd.Series, rows: pd.Series, register: Register, *, file: str, column: str
) -> list[Problem]:
    """Make one problem of each distinct name that no company of the register bears; past 20, count the rest.

    Parameters
    ----------
    names, rows
        The unknown names and where they stand in the file.
    register
        The register, for the suggestion of a similar name.
    file, column
        Where the names were read.
    """
    known = register.frame["name"].to_dict()
    advice = "correct the name" + (", or add it to the register" if register.file else "")
    problems: list[Problem] = []
    for name, found in rows.groupby(redacted(names)):
        close = _closest(str(name), register) if len(problems) < NAMED else ""
        more = f" ({len(found)} rows, down to row {found.max()})" if len(found) > 1 else ""
        hint = f" (did you mean {close} {known[close]!r}?)" if close else ""
        allowed = f"a company of {register.file or 'the study'}, by id, name or alias{hint}"
        what = f"unknown company {str(name)!r}{more}"
        problems.append(Problem(what, file, int(found.min()), column, str(name), allowed, advice))
    more = f"more unknown companies, down to row {rows.max()}"
    return first_of(problems, more, to_do="see whether this is the right column, and the register complete")


def _closest(name: str, register: Register) -> str:
    """Return the company whose name is most like this one, if any is."""
    key = normalise_name(pd.Series([name])).fillna("").iloc[0]
    near = process.extractOne(key, register.keys.keys(), scorer=fuzz.WRatio, score_cutoff=_ALIKE)
    return register.keys[near[0]] if near else ""


def _keys(table: pd.DataFrame, file: str) -> tuple[dict[str, str], list[Problem]]:
    """Company by every normalised name it bears, and the names that two companies share."""
    bearers = table[["company", "name", "aliases"]].assign(row=table.index)
    aliases = bearers["aliases"].str.split(";").explode().str.strip().rename("text")
    texts = pd.concat([bearers["company"], bearers["name"], aliases.dropna()]).rename("text").to_frame()
    texts = texts.join(table["company"]).assign(key=normalise_name(texts["text"])).dropna()
    texts = texts.rename_axis("row").reset_index().drop_duplicates(["company", "key"])
    shared = texts[texts.duplicated("key", keep=False)].sort_values(["key", "row"])
    problems = [
        Problem(
            f"the name {group['text'].iloc[-1]!r} belongs to {' and '.join(group['company'])}",
            file,
            int(group["row"].iloc[-1]),
            "name",
            str(group["text"].iloc[-1]),
            "names and aliases that no other company bears, however they are spelt",
            "add what tells the companies apart, such as the place, or say companies: {same_name: ask}",
        )
        for _, group in shared.groupby("key")
    ]
    alone = texts[~texts["key"].isin(shared["key"])]
    return dict(zip(alone["key"], alone["company"], strict=True)), problems


def _domains(table: pd.DataFrame, file: str) -> tuple[dict[str, str], list[Problem]]:
    """Company by each domain of its e-mail addresses, and the domains that tell no company."""
    if "domains" not in table:
        return {}, []
    written = table["domains"].str.split(";").explode().str.strip().str.casefold()
    domains = written.str.replace(r"^(?:https?://)?(?:www\.|.*@)?|/.*$", "", regex=True)
    said = pd.DataFrame({"domain": domains, "company": table["company"].reindex(domains.index)}).dropna()
    said = said[said["domain"] != ""].drop_duplicates()
    free = said["domain"].isin(lists().free_mail)
    shared = said["domain"].duplicated() & ~free
    allowed = "domains that only this company has addresses in"
    once = said.drop_duplicates("domain")
    first = dict(zip(once["domain"], once["company"], strict=True))
    problems = [
        Problem(
            f"{domain!r} belongs to {first[domain]} already" if taken else f"anybody can have an address in {domain!r}",
            file, row, "domains", domain, allowed,
        )
        for taken, wrong in ((False, said[free]), (True, said[shared]))
        for row, domain in zip(wrong.index.tolist(), wrong["domain"], strict=True)
    ]  # fmt: skip
    return first, problems


def _without_id(table: pd.DataFrame, file: str) -> list[Problem]:
    rows = table.index[table["company"].isna()]
    return [Problem("a company without an id", file, int(row), "company") for row in rows]


def _twice(table: pd.DataFrame, file: str) -> list[Problem]:
    again = table[table["company"].notna() & table["company"].duplicated()]
    first = table["company"].reset_index().drop_duplicates("company").set_index("company")["row"]
    return [
        Problem(f"the company {company!r} stands in row {first[company]} already", file, row, "company")
        for row, company in zip(again.index.tolist(), again["company"], strict=True)
    ]


def _number_or_text(column: pd.Series) -> pd.Series:
    values, bad = read_numbers(column)
    return values if values.notna().any() and not bad.any() else column
