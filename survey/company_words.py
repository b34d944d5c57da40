"""The general lists of words by which names of companies are compared, and text brought to words."""

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cleanco.termdata
import numpy as np
import pandas as pd
from babel import Locale

from survey.declaration import Declared, read_declaration

SHIPPED = Path(__file__).parent / "company_words.yaml"

COUNTRIES_IN = ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "pl", "ru", "ja", "zh", "ko")
"""Languages in which countries are recognised."""

Form = tuple[str, ...]

_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_AND = re.compile(r"\s*[&+]\s*")
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_INSIDE_WORDS = re.compile("['’‘`´\u05f3\u05f4]|(?<!\\d)\\.|\\.(?!\\d)")
_NOT_A_WORD = re.compile(r"[\W_]+")
_NUMBER = r".*\d.*|[a-z]|[ivx]*(?:ii|iv|vi|ix|xi)[ivx]*"
_INITIALS = re.compile(r"(?<!\S)(?:[^\W\d_] )+[^\W\d_](?!\S)")


class CompanyWords(Declared):
    """Lists of words, all general; see the comments in company_words.yaml."""

    legal_forms: list[str]
    opening_forms: list[str]
    attached_forms: list[str]
    short_forms: dict[str, str]
    not_legal: list[str]
    connectives: list[str]
    small: list[str]
    spellings: dict[str, list[str]]
    set_aside: list[str]
    directions: list[str]
    street_kinds: dict[str, list[str]]
    no_company: list[str]
    free_mail: list[str]


class Lists(NamedTuple):
    """The lists as they are looked up: all in words without case and accents."""

    closing: frozenset[Form]
    opening: frozenset[Form]
    longest: int
    attached: re.Pattern[str]
    short_forms: dict[str, str]
    connectives: frozenset[str]
    small: frozenset[str]
    spellings: dict[str, str]
    set_aside: frozenset[str]
    directions: frozenset[str]
    street_kinds: dict[str, str]
    no_company: frozenset[str]
    free_mail: frozenset[str]


@cache
def lists() -> Lists:
    """Return the lists that ship, and with them the legal forms of cleanco."""
    words = read_declaration(SHIPPED, CompanyWords)
    tables = (cleanco.termdata.terms_by_type, cleanco.termdata.terms_by_country)
    known = [term for table in tables for group in table.values() for term in group]
    joining = frozenset(words.connectives) - {"and"}
    closing = {plain_words(term, joining) for term in (*known, *words.legal_forms)} - {*words.not_legal, ""}
    opening = {plain_words(term, joining) for term in words.opening_forms}
    longest_first = sorted(words.attached_forms, key=len, reverse=True)
    return Lists(
        closing=frozenset(tuple(term.split()) for term in closing),
        opening=frozenset(tuple(term.split()) for term in opening),
        longest=max(len(term.split()) for term in closing | opening),
        attached=re.compile("|".join(map(re.escape, longest_first))),
        short_forms=dict(words.short_forms),
        connectives=joining,
        small=frozenset(words.small),
        spellings={plain_words(other): one for one, others in words.spellings.items() for other in others},
        set_aside=frozenset(words.set_aside),
        directions=frozenset(words.directions),
        street_kinds={word: kind for kind, more in words.street_kinds.items() for word in (kind, *more)},
        no_company=frozenset(map(plain_words, words.no_company)),
        free_mail=frozenset(words.free_mail),
    )


def plain_words(text: str, connectives: frozenset[str] = frozenset()) -> str:
    """Bring text to words: letters and digits without case, accents, points and apostrophes.

    "&", "+" and `connectives` between words are "and"; letters that stand alone in a row are one word.

    Examples
    --------
    >>> plain_words("J. P. O'Möller & Söhne")
    'jp omoller and sohne'
    """
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    unaccented = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", folded)))
    words = _NOT_A_WORD.sub(" ", _INSIDE_WORDS.sub("", _AND.sub(" and ", unaccented))).split()
    last = len(words) - 1
    joined = ["and" if 0 < n < last and word in connectives else word for n, word in enumerate(words)]
    return _INITIALS.sub(lambda found: found[0].replace(" ", ""), " ".join(joined))


def sets_apart(words: pd.Index) -> tuple[np.ndarray, np.ndarray]:
    """Say which words are numbers and which are places: names that differ in these are seldom one company.

    Numbers are words with a digit, Roman ones and single letters. Places are countries, as CLDR calls them in
    `COUNTRIES_IN`, and directions.

    Examples
    --------
    >>> [kind.tolist() for kind in sets_apart(pd.Index(["acme", "3m", "iv", "osterreich", "north"]))]
    [[False, True, True, False, False], [False, False, False, True, True]]
    """
    return np.asarray(words.str.fullmatch(_NUMBER), dtype=bool), words.isin(_places())


@cache
def _places() -> frozenset[str]:
    named = (name for code in COUNTRIES_IN for name in Locale(code).territories.values())
    return frozenset(map(plain_words, named)) | lists().directions
