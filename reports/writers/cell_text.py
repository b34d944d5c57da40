"""Text that a cell, a label or a slide can hold."""

import re

LONGEST_TEXT = 32767
"""Characters that a cell of Excel takes."""

FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""What XML cannot carry."""


def clean_text(text: str) -> str:
    """Cut a text to what a cell holds, and leave out what XML cannot.

    Examples
    --------
    >>> clean_text("bell" + chr(7))
    'bell\ufffd'
    """
    clean = FORBIDDEN.sub("\ufffd", text)
    return clean if len(clean) <= LONGEST_TEXT else clean[: LONGEST_TEXT - 1] + "…"
