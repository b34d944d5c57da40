"""The language of what is written: sentences stand in English in the code, in other languages in catalogues.

The same way as GNU gettext's: `languages/de/*.po` hold German. `say` is its `gettext`, `say_n` its `ngettext`,
`mark` its `gettext_noop`.
"""

import re
import string
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "languages"

_SPOKEN: ContextVar[str] = ContextVar("spoken", default="en")

_NAMES: ContextVar[frozenset[str]] = ContextVar("names", default=frozenset())


@contextmanager
def speaking(language: str, *, names: frozenset[str] | None = None) -> Iterator[None]:
    """Write everything inside the block in a language, in the form of its region.

    Parameters
    ----------
    language
        Code such as "en" or "de-AT".
    names
        What a study itself calls things, which stays as it is where it happens to be a word of the catalogue; those
        of the block around by default.

    Examples
    --------
    >>> with speaking("de-AT"):
    ...     spoken(), short(spoken())
    ('de-AT', 'de')
    """
    token, token_of_names = _SPOKEN.set(language), _NAMES.set(_NAMES.get() if names is None else names)
    try:
        yield
    finally:
        _SPOKEN.reset(token)
        _NAMES.reset(token_of_names)


def spoken() -> str:
    """Return the language that is being written, as a code such as "en" or "de-AT"."""
    return _SPOKEN.get()


def short(language: str) -> str:
    """Return a language without its region.

    Examples
    --------
    >>> short("pt_BR"), short("en")
    ('pt', 'en')
    """
    return language.replace("_", "-").split("-")[0].lower()


def say(text: str, /, **values: object) -> str:
    """Say a sentence in the language that is being written, with {values} filled in.

    Parameters
    ----------
    text
        The English sentence, a literal in the code; `values` are named in it in braces.
    values
        What is filled in, written out already: numbers by `number_text`, names as they are.

    Raises
    ------
    KeyError
        If a value that the sentence names is not given.

    Examples
    --------
    >>> say("{share} of companies", share="37%")
    '37% of companies'
    """
    return _said(text).format(**values)


def say_n(n: float, one: str, many: str, /, **values: object) -> str:
    """Say a sentence about a number of things, in the grammar that the language has for that number.

    Examples
    --------
    >>> say_n(1, "{n} company", "{n} companies", n=1), say_n(2, "{n} company", "{n} companies", n=2)
    ('1 company', '2 companies')
    """
    found = _messages(short(spoken())).get(one)
    if found is None:
        return (one if n == 1 else many).format(**values)
    return found[0 if n == 1 else -1].format(**values)


def mark(text: str) -> str:
    """Return a text as it is, and name it to the catalogues: it is looked up where it is shown."""
    return text


def look_up(text: str) -> str:
    """Return what the catalogue of the language has for a text; the text itself where it has nothing.

    Examples
    --------
    >>> with speaking("de"):
    ...     look_up("Acme & Sons")
    'Acme & Sons'
    """
    return text if text in _NAMES.get() else _said(text)


def _said(text: str) -> str:
    return _messages(short(spoken())).get(text, (text,))[0]


def recognise(text: str, sentences: Iterable[str]) -> str:
    """Say in the language that is being written what data say in English: one of some sentences, filled.

    Parameters
    ----------
    text
        What stands in the data, as a rule of the cleaning log.
    sentences
        What it may be: English, with values in braces; the first that fits counts.

    Examples
    --------
    >>> recognise("answered less than 50% of the statements", ["answered less than {share}% of the statements"])
    'answered less than 50% of the statements'
    """
    for sentence in sentences:
        found = _pattern(sentence).fullmatch(text)
        if found is not None:
            return look_up(sentence).format(**found.groupdict())
    return look_up(text)


def counted(number: int, noun: str, many: str = "") -> str:
    """Return a number with what it is of, in the singular or plural of English.

    Examples
    --------
    >>> counted(1, "wave"), counted(1200, "company", "companies")
    ('1 wave', '1,200 companies')
    """
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"


def in_sentence(title: str) -> str:
    """Begin a title in lower case, as inside a sentence; abbreviations stay, and every word in German.

    Examples
    --------
    >>> in_sentence("Revenue growth"), in_sentence("ROI of marketing")
    ('revenue growth', 'ROI of marketing')
    """
    return title if title[:2].isupper() or short(spoken()) == "de" else title[:1].lower() + title[1:]


def digits(value: float, form: str) -> str:
    """Write a number in a format of Python's with the signs of the language that is being written.

    For texts that are made below the reports; these write theirs by `reports.tables.number_text`.

    Examples
    --------
    >>> digits(0.7, ".2f"), digits(0.371, ".0%")
    ('0.70', '37%')
    >>> with speaking("de"):
    ...     digits(-0.7, "+.2f"), digits(1234.5, ",.1f")
    ('−0,70', '1.234,5')
    """
    text = format(value, form)
    return text if short(spoken()) == "en" else text.translate(_signs(spoken()))


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that a report can be written in."""
    return ("en", *sorted(path.name for path in FOLDER.iterdir() if path.is_dir()))


@cache
def _pattern(sentence: str) -> re.Pattern[str]:
    """Return what finds the values that a sentence was filled with."""
    parts = string.Formatter().parse(sentence)
    return re.compile(
        "".join(re.escape(text) + (f"(?P<{name}>.+)" if name else "") for text, name, *_ in parts)
    )


@cache
def _signs(language: str) -> dict[int, str]:
    from babel import Locale  # noqa: PLC0415  English needs none

    locale = Locale.parse(language.replace("-", "_"))
    symbols, percent = locale.number_symbols["latn"], locale.percent_formats[None].pattern.lstrip("#,0")
    return str.maketrans({".": symbols["decimal"], ",": symbols["group"], "%": percent, "-": "−"})


@cache
def _messages(language: str) -> dict[str, tuple[str, ...]]:
    """Read the catalogues of a language: by English text, its forms."""
    from babel.messages.pofile import read_po  # noqa: PLC0415  a reader takes its time, and English needs none

    found: dict[str, tuple[str, ...]] = {}
    for path in sorted((FOLDER / language).glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language, charset="utf-8")
        found |= {_forms(message.id)[0]: _forms(message.string) for message in catalogue if message.id}
    return found


def _forms(text: object) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text) if isinstance(text, list | tuple) else ()
