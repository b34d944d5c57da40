"""Names of sheets that people can read and Excel takes."""

import re
from collections.abc import Sequence

from reports.report import Figure, Table

LONGEST_NAME = 31
"""Characters that Excel takes."""

LEAST_CLAUSE, SMALL_WORD = 12, 3
"""Characters of a clause that can stand alone as a name, and of a word that no name ends with."""

CLAUSE = re.compile(r"[:;]\s|\s[(–]")
FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


def tab_names(sheets: Sequence[Table | Figure], *, taken: str = "Index") -> list[str]:
    """Name the sheet of each table, and of each figure that has none, by the first clause of what it shows."""
    said = [each.caption if isinstance(each, Table) else each.title for each in sheets]
    return sheet_names([_first_clause(text) for text in said], taken=taken)


def _first_clause(text: str) -> str:
    """Return a caption up to its first colon or bracket; up to its first comma where that is still too long.

    Examples
    --------
    >>> _first_clause("Pressures: what pushes companies"), _first_clause("Gaps, by class, in 2025")
    ('Pressures', 'Gaps, by class, in 2025')
    """
    whole = CLAUSE.split(text)[0].strip()
    head = whole.partition(", ")[0]
    return head if len(whole) > LONGEST_NAME and len(head) >= LEAST_CLAUSE else whole


def sheet_names(ids: Sequence[str], *, taken: str = "Index") -> list[str]:
    """Make names that Excel takes: at most 31 characters of whole words, none forbidden, no two alike in any case.

    Examples
    --------
    >>> sheet_names(["gaps: 2025/26", "GAPS  2025 26", "history", ""])
    ['gaps 2025 26', 'GAPS 2025 26 2', 'history 2', 'table']
    >>> sheet_names(["Crosstabs Market and product knowledge"])
    ['Crosstabs Market and product']
    """
    stems = [" ".join(FORBIDDEN.sub(" ", text).strip("' ").split()) or "table" for text in ids]
    whole = [stem if len(stem) <= LONGEST_NAME else _whole_words(stem) for stem in stems]
    return distinct(whole, LONGEST_NAME, taken=(taken, "History"))


def _whole_words(text: str) -> str:
    """Cut a name between words where it has any, so that no article or preposition ends it."""
    words = text[: LONGEST_NAME + 1].split(" ")[:-1]
    while len(words) > 1 and words[-1].isalpha() and len(words[-1]) <= SMALL_WORD:
        words.pop()
    return " ".join(words) or text


def distinct(stems: Sequence[str], longest: int, *, taken: Sequence[str] = ()) -> list[str]:
    """Shorten names and number those that are alike but for their case."""
    used = {name.casefold() for name in taken}
    names = []
    for stem in stems:
        name, number = stem[:longest].strip("' "), 1
        while name.casefold() in used:
            number += 1
            ending = f" {number}"
            name = stem[: longest - len(ending)].strip("' ") + ending
        used.add(name.casefold())
        names.append(name)
    return names
