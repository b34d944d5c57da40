"""Files that keep headings and types apart from the answers: SPSS, Stata and Parquet."""

from pathlib import Path

from survey.readers.export import Export
from survey.readers.parquet import is_parquet, read_parquet
from survey.readers.spss_stata import kind_of, read_spss_stata

_HEAD = 1024


def read_typed(path: Path, *, name: str = "", encoding: str = "auto") -> Export | None:
    """Read a file of SPSS, Stata or Parquet; None if its first bytes say that it is none of these.

    Parameters
    ----------
    path
        The file.
    name
        How messages call it; its name if empty.
    encoding
        Of the texts in a file of SPSS or Stata that does not say it rightly.

    Raises
    ------
    InputError
        If it is one of these and cannot be read.
    """
    try:
        if not path.is_file():
            return None
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except (OSError, ValueError):
        return None
    file = name or path.name
    if is_parquet(head):
        return read_parquet(path, file)
    kind = kind_of(head)
    return read_spss_stata(path, file, kind=kind, encoding=encoding) if kind else None
