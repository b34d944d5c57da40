"""Wordings compared without regard to case, punctuation, spacing or markup."""

import html
import re
import unicodedata

_MARKUP = re.compile(r"<[^<>]+>")
_NOT_A_WORD = re.compile(r"[\W_]+")


def wording_key(text: str) -> str:
    r"""Return what is left of a wording when case, punctuation, spacing and HTML markup are set aside.

    Two wordings are the same question or the same answer if their keys are equal. Unicode is brought
    to its compatibility form (NFKC) first, so that full-width letters and ligatures compare.

    Examples
    --------
    >>> wording_key("  Don’t   know ") == wording_key("don't know")
    True
    >>> wording_key("<b>We plan</b>&nbsp;together.")
    'we plan together'
    """
    plain = _MARKUP.sub(" ", html.unescape(text)) if "<" in text or "&" in text else text
    return _NOT_A_WORD.sub(" ", unicodedata.normalize("NFKC", plain).casefold()).strip()
