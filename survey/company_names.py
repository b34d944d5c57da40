"""Names of companies as they are compared: one form for each name, and the words that carry it."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import NamedTuple

import pandas as pd

from survey.company_words import Form, lists, plain_words

_BRACKETS = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
_NUMERAL = re.compile(r"\s*([-\u2212]?)(\d+)(?:\.0)?\s*")
_BOUND = re.compile(r"([<>\u2264\u2265])=?(?=\s*\d)")
_BOUNDS = {"<": " under ", ">": " over ", "\u2264": " upto ", "\u2265": " from "}
_IZATION = re.compile(r"(?<=\w{3})is(ations?)$")
_LATIN = str.maketrans(
    dict(zip("абвгґдезиіклмнопрстуфыэ", "abvggdeziiklmnoprstufye", strict=True))
    | dict(zip("αβγδεζηικλμνξοπρστυφω", "avgdeziiklmnxoprstyfo", strict=True))
    | {
        "ж": "zh",
        "х": "kh",
        "ц": "ts",
        "ч": "ch",
        "ш": "sh",
        "щ": "shch",
        "ю": "yu",
        "я": "ya",
        "ъ": "",
        "ь": "",
    }
    | {"є": "ye", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "ђ": "dj", "џ": "dz"}
    | {"θ": "th", "ς": "s", "χ": "ch", "ψ": "ps"}
)
_UNSPACED = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]+)")


class ContentWords(NamedTuple):
    """What a name says besides legal forms, articles and prepositions.

    Parameters
    ----------
    words
        In their order, each in its one spelling; text without spaces in pairs of characters,
        Cyrillic and Greek in Latin letters.
    initials
        First letters: of all words, and of all but the small ones.
    """

    words: tuple[str, ...]
    initials: tuple[str, ...]


def normalise_name(names: pd.Series) -> pd.Series:
    """Bring company names to the form in which they are compared.

    Unicode compatibility form (NFKC) and case folding; accents, punctuation, an opening "the" and
    legal forms ("Ltd", "GmbH & Co. KG", "S.A.", "株式会社", "ООО") are left out; "&", "+", "und" and "et"
    become "and"; letters that stand alone in a row are one word. A name that is a number keeps its sign and is the
    same with ".0" behind it, as spreadsheets write ids; "<" and ">" before a number say something. The legal forms
    are those of cleanco and of company_words.yaml, less the ones that are ordinary words elsewhere. A name made of
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
    >>> normalise_name(pd.Series(["Café Bolt & Söhne GmbH", "CAFE BOLT UND SOHNE", "..."])).tolist()
    ['cafe bolt and sohne', 'cafe bolt and sohne', nan]
    >>> normalise_name(pd.Series(["삼성전자주식회사", "ООО Ромашка", "J. P. Bolt S.p.A."])).tolist()
    ['삼성전자', 'ромашка', 'jp bolt']
    >>> normalise_name(pd.Series(["7", "7.0", "-7", "< 12 years", "12 years"])).tolist()
    ['7', '7', 'minus 7', 'under 12 years', '12 years']
    """
    keys = {name: " ".join(_split(name).words) or None for name in names.dropna().unique()}
    return names.map(keys).astype("str")


def names_no_company(names: pd.Series, more: Collection[str] = ()) -> pd.Series:
    """Say which answers name no company: blank, no letter or digit, "n/a", "test", "xxx" and the like, or `more`.

    Examples
    --------
    >>> names_no_company(pd.Series(["Acme", "N/A", "-", " test ", None])).tolist()
    [False, True, True, True, True]
    """
    known = lists().no_company.union(map(plain_words, more))
    said = {name: plain_words(name) in known for name in names.dropna().unique()}
    return normalise_name(names).isna() | names.map(said).eq(other=True)


def legal_form(name: str) -> str:
    """Return the words of the legal form of a name, short and sorted; "" where it says none.

    Examples
    --------
    >>> [legal_form(name) for name in ("Acme", "Acme Limited", "Acme Co., Ltd.", "Acme public limited company")]
    ['', 'ltd', 'co ltd', 'plc']
    """
    known = lists()
    attached = known.attached.findall(unicodedata.normalize("NFKC", name))
    split = _split(name)
    spelt_out = "".join(word[0] for word in split.closing)
    closing = (spelt_out,) if len(split.closing) > 1 and (spelt_out,) in known.closing else split.closing
    words = {known.short_forms.get(word, word) for word in (*split.opening, *closing)}
    return " ".join(sorted({*attached, *words} - known.small))


def name_with_form(names: pd.Series) -> pd.Series:
    """Normalise names, but keep what legal form they say: names that agree in this are one in every file.

    Examples
    --------
    >>> name_with_form(pd.Series(["Bolt PLC", "bolt public limited company", "Bolt", "-"])).tolist()
    ['bolt (plc)', 'bolt (plc)', 'bolt', nan]
    """
    forms = names.map({name: legal_form(name) for name in names.dropna().unique()}).astype("str").fillna("")
    return normalise_name(names) + (" (" + forms + ")").where(forms != "", "")


def content_words(name: str) -> ContentWords:
    """Return the words by which a name is compared with a similar one.

    Left out are parts in brackets that say what is excluded or how the company was called, and those that
    abbreviate the words before them; legal forms; small words, except the first and the last. A name said
    twice counts once.

    Examples
    --------
    >>> content_words("Dept. for Business & Skills (excluding agencies)").words
    ('department', 'business', 'skills')
    >>> content_words("Driver and Vehicle Licensing Agency (DVLA)").words
    ('driver', 'vehicle', 'licensing', 'agency')
    >>> content_words("ООО Ромашка Трейд").words
    ('romashka', 'treid')
    >>> content_words("华为技术有限公司").words
    ('华为', '为技', '技术')
    """
    known = lists()
    plain = _split(_without_asides(name)).words or _split(name).words
    last = len(plain) - 1
    carrying = [word for n, word in enumerate(plain) if n in (0, last) or word not in known.small]
    if all(len(word) == 1 for word in carrying):
        carrying = ["".join(carrying)]
    spelt = [known.spellings.get(word) or _IZATION.sub(r"iz\1", word.translate(_LATIN)) for word in carrying]
    words = tuple(piece for word in spelt for piece in _pieces(word))
    half = len(words) // 2
    return ContentWords(words[:half] if half and words[:half] * 2 == words else words, _initials(plain))


class _Split(NamedTuple):
    """A name in words, without an opening article, between its legal forms."""

    opening: tuple[str, ...]
    words: tuple[str, ...]
    closing: tuple[str, ...]


@lru_cache(maxsize=1 << 17)
def _split(name: str) -> _Split:
    known = lists()
    text = _signs_in_words(unicodedata.normalize("NFKC", name))
    bare = plain_words(known.attached.sub(" ", text), known.connectives)
    words, before = (bare or plain_words(text, known.connectives)).split(), None
    opening: list[str] = []
    closing: list[str] = []
    while words != before and len(words) > 1:
        before = list(words)
        words = words[words[0] == "the" :]
        size = len(words) - _longest(words[::-1], known.closing, backwards=True)
        words, closing = words[:size], words[size:] + closing
        size = _longest(words, known.opening)
        words, opening = words[size:], opening + words[:size]
    return _Split(tuple(opening), tuple(words), tuple(closing))


def _signs_in_words(text: str) -> str:
    """Say in words what the signs of numbers mean, which punctuation would not."""
    numeral = _NUMERAL.fullmatch(text)
    if numeral:
        return f"{'minus ' if numeral[1] else ''}{numeral[2]}"
    return _BOUND.sub(lambda found: _BOUNDS[found[1]], text)


def _longest(words: Sequence[str], forms: frozenset[Form], *, backwards: bool = False) -> int:
    """Say how many of the first words are one legal form, leaving at least one word."""
    for size in range(min(lists().longest, len(words) - 1), 0, -1):
        form = tuple(words[:size])
        if (form[::-1] if backwards else form) in forms:
            return size
    return 0


def _without_asides(name: str) -> str:
    """Leave out parts in brackets that are not part of the name, or only abbreviate it or spell it out."""
    text = unicodedata.normalize("NFKC", name)
    outside = _split(_BRACKETS.sub(" ", text)).words

    def kept(found: re.Match[str]) -> str:
        inside = _split(found[1]).words
        aside = bool(inside) and inside[0] in lists().set_aside
        return " " if aside or _abbreviates(inside, outside) or _abbreviates(outside, inside) else found[0]

    return _BRACKETS.sub(kept, text)


def _abbreviates(short: Sequence[str], words: Sequence[str]) -> bool:
    """Whether one word is the first letters of the others."""
    return len(short) == 1 and len(words) > 1 and short[0] in _initials(words)


def _initials(words: Sequence[str]) -> tuple[str, ...]:
    """First letters of all words, and of all but the small ones; nothing for a single word."""
    carrying = [word for word in words if word not in lists().small]
    return tuple("".join(word[0] for word in some) for some in (words, carrying) if len(some) > 1)


def _pieces(word: str) -> list[str]:
    """Cut what is written without spaces into pairs of characters."""
    parts = [part for part in _UNSPACED.split(word) if part]
    return [
        piece
        for part in parts
        for piece in (
            [part[n : n + 2] for n in range(max(len(part) - 1, 1))] if _UNSPACED.match(part) else [part]
        )
    ]
