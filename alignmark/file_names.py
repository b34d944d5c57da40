"""Names of companies as names of files: plain, short, never the same twice, never a way out of their folder."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence

LONGEST = 60
"""Characters of a name that are kept."""

MARK = 8
"""Characters of the hash that tells names apart which look the same as files."""


def file_names(names: Sequence[str]) -> list[str]:
    """Return a file name without ending for each name, in letters a to z, digits and hyphens.

    Letters lose their accents, everything else becomes a hyphen. Names of which nothing is left, or that meet another
    one in the same file name, carry a part of the SHA-256 of the name they come from, so that a company keeps its file
    name whoever else is there with it only if nobody else looks the same.

    Parameters
    ----------
    names
        Distinct names.

    Raises
    ------
    ValueError
        If a name stands twice.

    Examples
    --------
    >>> file_names(["Müller & Söhne", "../../etc/passwd"])
    ['muller-sohne', 'etc-passwd']
    >>> [len(name) for name in file_names(["A-B", "A B", "株式会社"])]
    [12, 12, 16]
    """
    if len(set(names)) < len(names):
        raise ValueError("a name stands twice")
    plain = [_plain(name) for name in names]
    return [
        part if part and plain.count(part) == 1 and not _reserved(part) else _marked(part, name)
        for part, name in zip(plain, names, strict=True)
    ]


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", letters)[:LONGEST].strip("-")


def _marked(part: str, name: str) -> str:
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:MARK]
    return f"{part or 'company'}-{mark}"


def _reserved(part: str) -> bool:
    """Whether Windows keeps a name for a device."""
    return re.fullmatch(r"con|prn|aux|nul|(com|lpt)\d", part) is not None
