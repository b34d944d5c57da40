"""Identifiers in text: e-mail addresses, telephone numbers and whatever else leads to one person."""

import re
from collections.abc import Collection, Mapping

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_END = r"[^\s.,;:!?()\[\]'\"]"
_SEPARATED = r"[\d\s().\-/]"
_TEXT = r"[^\s@<>()\[\],;:\"]"

PATTERNS = {
    "e-mail": (
        rf"{_TEXT}+[@＠]{_TEXT}+\.[^\s@.,;:<>()\[\]\"]{{2,}}"
        r"|[\w.+-]+\s?[\[(]\s?at\s?[\])]\s?[\w-]+(?:(?:\.|\s?[\[(]\s?dot\s?[\])]\s?)\w+)+"
    ),
    "web address": (
        rf"\b(?:https?://|www\.)\S*{_END}|\b[a-z0-9][a-z0-9-]*\.(?:com|org|net|info|biz|io|eu)\b(?:/\S*{_END})?"
    ),
    "handle": r"@[A-Za-z_]\w{2,}",
    "ip address": (
        rf"\b(?:{_OCTET}\.){{3}}{_OCTET}\b"
        r"|\b(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}\b"
        r"|\b(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6}\b"
    ),
    "account number": (
        r"\b[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){3,7}(?:\s?[A-Z0-9]{1,3})?\b|\b(?:\d{4}[\s-]){3}\d{4}\b"
    ),
    "phone": (
        rf"\+\d{_SEPARATED}{{6,}}\d"
        rf"|\b00\d{_SEPARATED}{{6,}}\d"
        rf"|\(0?\d{{2,5}}\)[\s./-]?\d[\d\s./-]{{3,}}\d"
        r"|\b0[1-9]\d{1,4}[\s/.-]+\d[\d\s/.-]{3,}\d"
        r"|\b0[1-9]\d{8,10}\b"
        r"|\b0[1-9](?:[\s.-]\d{2}){4}\b"
        r"|\b(?:1[\s.-])?\d{3}[\s.-]\d{3}[\s.-]\d{4}\b"
    ),
    "number": r"\b\d{7,}\b",
}
"""What each kind looks like, in the order in which they are looked for.

A "number" is any run of seven digits or more. The patterns keep to what Python's `re` and Arrow's RE2 have in
common: Arrow searches whole columns, Python changes the cells found.
"""

PERSONAL = ("e-mail", "ip address", "account number", "phone")
"""Kinds that are somebody's wherever they stand; a web address in the place of a company is not."""

_TRACES = (
    r"[@＠]|[\[(]\s?at\s?[\])]|://|www\.|\.(?:com|org|net|info|biz|io|eu)\b"
    r"|\d\.\d|[0-9A-Fa-f]:[0-9A-Fa-f:]|(?:\d\D*){5}|\b[A-Z]{2}\d{2}"
)
"""Without one of these no pattern is found; most columns have none, which one search tells."""
_NUMBER = r"^\s*[-+]?(?:\d+|\d{1,3}(?:[.,\s'’]\d{3})+)(?:[.,]\d+)?(?:[eE][-+]?\d+)?\s*%?\s*$"
_NO_NUMBER = rf"^\s*(?:\+\d{{8}}|0[1-9]\d{{8}}|(?:{_OCTET}\.){{3}}{_OCTET}\s*$)"
_DATE = r"^\s*(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{1,2}-\d{1,2})(?:[T ].*)?$"
_COMPILED = {kind: re.compile(pattern) for kind, pattern in PATTERNS.items()}


def matches(texts: pd.Series, pattern: str) -> pd.Series:
    """Say which texts hold a pattern (RE2); False where there is none."""
    column = pa.array(texts, type=pa.large_string(), from_pandas=True)
    found = pc.fill_null(pc.match_substring_regex(column, pattern), False)
    return pd.Series(found.to_numpy(zero_copy_only=False), index=texts.index)


def may_identify(texts: pd.Series) -> bool:
    """Say whether any text has a trace of an identifier; quick, and true of most numbers with five digits."""
    return bool(matches(texts, _TRACES).any())


def holds(texts: pd.Series) -> pd.DataFrame:
    """Say which texts hold an identifier, kind by kind.

    Parameters
    ----------
    texts
        Text or NA.

    Returns
    -------
    pandas.DataFrame
        The index of `texts`, one boolean column per kind of `PATTERNS`.

    Examples
    --------
    >>> found = holds(pd.Series(["ask jane@acme.org", "call +49 170 9876543", "on 05.06.2018", None]))
    >>> found["e-mail"].tolist(), found["phone"].tolist()
    ([True, False, False, False], [False, True, False, False])
    """
    return _by_kind(texts, PATTERNS)


def consists_of(texts: pd.Series) -> pd.DataFrame:
    """Say which texts are an identifier and nothing else, kind by kind; plain numbers and dates are none."""
    whole = {kind: rf"^\s*(?:{pattern})\s*$" for kind, pattern in PATTERNS.items() if kind != "number"}
    return _by_kind(texts.mask(is_number(texts) | is_date(texts)), whole)


def _by_kind(texts: pd.Series, patterns: Mapping[str, str]) -> pd.DataFrame:
    suspects = texts[matches(texts, _TRACES)]
    found = {
        kind: matches(suspects, pattern) if len(suspects) else pd.Series(dtype="bool")
        for kind, pattern in patterns.items()
    }
    return pd.DataFrame(found).reindex(texts.index, fill_value=False)


def is_number(texts: pd.Series) -> pd.Series:
    """Say which texts are a number to calculate with: no telephone number, no IP address."""
    return matches(texts, _NUMBER) & ~matches(texts, _NO_NUMBER)


def is_date(texts: pd.Series) -> pd.Series:
    """Say which texts are a date, with or without a time."""
    return matches(texts, _DATE)


def redact(text: str, kinds: Collection[str] = PERSONAL) -> str:
    """Put the kind in the place of every identifier in a text.

    Examples
    --------
    >>> redact("Ask jane.doe@acme.org or @jdoe, +49 (0)170 987 65 43, from 10.0.0.7.")
    'Ask [e-mail] or @jdoe, [phone], from [ip address].'
    """
    for kind in kinds:
        text = _COMPILED[kind].sub(f"[{kind}]", text)
    return text


def redacted(texts: pd.Series, kinds: Collection[str] = PERSONAL) -> pd.Series:
    """Put the kind in the place of every identifier, text by text; plain numbers and dates stay.

    Examples
    --------
    >>> redacted(pd.Series(["4", "3.3333333333", "1709876543", "Jane (jane@acme.org)"])).tolist()
    ['4', '3.3333333333', '1709876543', 'Jane ([e-mail])']
    """
    hit = holds(texts)[list(kinds)].any(axis=1) & ~is_number(texts) & ~is_date(texts)
    changes = {text: redact(text, kinds) for text in texts[hit].unique()}
    return texts.where(~hit, texts.map(changes)).astype("str")
