"""Company names as people write them, resolved to companies."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import cleanco.termdata
import pandas as pd
from rapidfuzz import fuzz, process

from survey.identifiers import redacted
from survey.numbers import read_numbers
from survey.problems import NAMED, Problem, first_of, raise_if_any
from survey.readers.spreadsheet import read_table

_NOT_LEGAL = frozenset({"at", "dat", "da", "ent", "et", "ok", "private", "sem", "sep", "teo", "uk", "vat"})
"""Legal forms in some country that end the names of others' companies as ordinary words."""

_ALSO_LEGAL = ("ag und co kg", "gmbh und co kg", "private limited", "pvt ltd", "se", "ug", "spa", "pllc")
_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_AND = re.compile(r"\s*[&+]\s*")
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_INSIDE_WORDS = re.compile(r"['’‘`´]|(?<!\d)\.|\.(?!\d)")
_NOT_A_WORD = re.compile(r"[\W_]+")
_ALIKE = 70.0


@dataclass(frozen=True, slots=True, eq=False)
class Register:
    """The companies of a study.

    Parameters
    ----------
    frame
        Index ``company`` (the id), columns ``name``, ``aliases`` (separated by ";") and firmographics.
    keys
        Company id by normalised id, name or alias.
    file
        Where the register stands; empty if it was made of names alone.
    """

    frame: pd.DataFrame
    keys: dict[str, str]
    file: str = ""

    @property
    def firmographics(self) -> pd.DataFrame:
        """Facts of each company, by company: what the register says besides names."""
        return self.frame.drop(columns=["name", "aliases"])

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the table."""
        return self.frame.copy()


def normalise_name(names: pd.Series) -> pd.Series:
    """Bring company names to the form in which they are compared.

    Unicode compatibility form (NFKC) and case folding; accents, punctuation, an opening "the" and
    closing legal forms ("Ltd", "GmbH & Co. KG", "S.A.") are left out; "&" and "+" become "and". The
    legal forms are those of cleanco, less the ones that are ordinary words elsewhere. A name made of
    nothing but these keeps one word.

    Parameters
    ----------
    names
        Text or NA.

    Returns
    -------
    pandas.Series
        Text, NA where there is no name or no letter in it.

    Examples
    --------
    >>> normalise_name(pd.Series(["Café Bolt & Söhne GmbH", "CAFE BOLT AND SOHNE", "..."])).tolist()
    ['cafe bolt and sohne', 'cafe bolt and sohne', nan]
    """
    keys = {name: _bare(_plain(name)) or None for name in names.dropna().unique()}
    return names.map(keys).astype("str")


def read_register(
    path: Path, columns: Mapping[str, str] | None = None, *, sheet: str | None = None, name: str = ""
) -> Register:
    """Read the companies of a study.

    Parameters
    ----------
    path
        CSV, TSV or workbook, one row per company.
    columns
        File heading by name: ``company`` (the id), ``name``, ``aliases`` (separated by ";"), and facts
        such as ``industry``, ``size``, ``region``. Every column by its own heading if None. Facts that
        are numbers in every row become floats.
    sheet, name
        As in `survey.readers.cells.read_cells`.

    Raises
    ------
    InputError
        If the file cannot be read, a company has no id or occurs twice, or two companies share a
        normalised name or alias; all at once.
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
    raise_if_any([*_without_id(table, file), *_twice(table, file), *problems])
    facts = {
        fact: _number_or_text(table[fact]) for fact in table.columns.drop(["company", "name", "aliases"])
    }
    frame = table[["company", "name", "aliases"]].assign(**facts).set_index("company")
    return Register(frame, keys, file)


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


def resolve(names: pd.Series, register: Register) -> pd.Series:
    """Return the company id of each name whose normalised form the register knows; NA elsewhere.

    Examples
    --------
    >>> register = register_of(["Acme Ltd"])
    >>> resolve(pd.Series(["ACME", "acme limited", "Bolt"]), register).tolist()
    ['Acme Ltd', 'Acme Ltd', nan]
    """
    return normalise_name(names).map(register.keys).astype("str")


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


def _plain(name: str) -> str:
    """Letters and digits of a name, in words."""
    folded = unicodedata.normalize("NFKC", name).casefold().translate(_LETTERS)
    unaccented = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", folded)))
    return _NOT_A_WORD.sub(" ", _INSIDE_WORDS.sub("", _AND.sub(" and ", unaccented))).strip()


def _legal_forms() -> frozenset[tuple[str, ...]]:
    tables = (cleanco.termdata.terms_by_type, cleanco.termdata.terms_by_country)
    terms = {_plain(term) for table in tables for group in table.values() for term in group}
    return frozenset(tuple(term.split()) for term in (terms | set(_ALSO_LEGAL)) - _NOT_LEGAL if term)


_LEGAL_FORMS = _legal_forms()
_LONGEST = max(map(len, _LEGAL_FORMS))


def _bare(name: str) -> str:
    """Leave out an opening article and closing legal forms."""
    words = name.split()
    if words[:1] == ["the"] and len(words) > 1:
        del words[0]
    while len(words) > 1:
        sizes = range(min(_LONGEST, len(words) - 1), 0, -1)
        size = next((size for size in sizes if tuple(words[-size:]) in _LEGAL_FORMS), 0)
        if not size:
            break
        del words[-size:]
    return " ".join(words)


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
        )
        for _, group in shared.groupby("key")
    ]
    return dict(zip(texts["key"], texts["company"], strict=True)), problems


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
