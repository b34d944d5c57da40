"""Cells with understood headings become an export."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from survey.language import say
from survey.problems import InputError, Problem
from survey.readers.cells import Cells
from survey.readers.described import plain_text
from survey.readers.export import Export

_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|&(?:[a-z]{2,8}|#\d+);")
_TEXT = pd.StringDtype(na_value=np.nan)


def to_export(
    cells: Cells,
    *,
    platform: str,
    header_rows: int,
    headings: Sequence[str],
    labels: Sequence[str],
    stems: Sequence[str] = (),
    metadata: Iterable[int] = (),
) -> Export:
    """Make an `Export` of cells whose headings have been understood.

    Parameters
    ----------
    cells
        All records; the first `header_rows` are left out.
    platform, header_rows
        As in `Export`.
    headings, labels, stems
        Heading, question text and shared heading of each column. Headings are made unique here.
    metadata
        Positions of the columns that the platform added. A column with neither heading nor answers
        counts as one.

    Raises
    ------
    InputError
        If there is no response below the header, or the header stands there again.
    """
    metadata = set(metadata)
    ids, renamed = unique_headings(headings)
    if len(cells.rows) <= header_rows:
        what, allowed = (
            say("is an empty wave: it has a header but no responses"),
            say("at least one response"),
        )
        raise InputError([Problem(what, file=cells.file, row=int(cells.rows[-1]), allowed=allowed)])
    columns = _columns(cells, header_rows)
    rows = np.asarray(cells.rows, dtype=np.int64)[header_rows:]
    _check_one_header(cells, columns, rows, added=metadata if platform != "spreadsheet" else ())
    frame = pd.DataFrame(
        {name: pd.array(column, dtype=_TEXT) for name, column in zip(ids, columns, strict=True)},
        index=pd.RangeIndex(len(rows)),
        copy=False,
    )
    empty = {
        n for n, heading in enumerate(headings) if not heading.strip() and columns[n].null_count == len(rows)
    }
    said = f"has {header_rows} header row{'s' if header_rows > 1 else ''} and is read as {platform}"
    return Export(
        frame=frame,
        labels={name: _plain(label) or name for name, label in zip(ids, labels, strict=True)},
        platform=platform,
        encoding=cells.encoding,
        header_rows=header_rows,
        rows=rows,
        file=cells.file,
        decisions=(*cells.decisions, said, *renamed),
        metadata=tuple(ids[n] for n in sorted(metadata | empty)),
        stems={name: _plain(stem) for name, stem in zip(ids, stems, strict=False) if stem.strip()},
    )


def _plain(wording: str) -> str:
    """Return a wording with single spaces, and without markup where it has any."""
    return plain_text(wording) if _MARKUP.search(wording) else " ".join(wording.split())


def unique_headings(headings: Sequence[str]) -> tuple[list[str], list[str]]:
    """Name every column: blank headings by position, repeated ones with a number; and say so.

    Examples
    --------
    >>> unique_headings(["Q1", "Q1", ""])
    (['Q1', 'Q1.1', 'column 3'], ["repeats headings: in column 2 'Q1' is called 'Q1.1'"])
    """
    ids: list[str] = []
    renamed: list[str] = []
    taken = {heading.strip() for heading in headings}
    seen: set[str] = set()
    for position, heading in enumerate(headings, start=1):
        name = heading.strip() or f"column {position}"
        if name in seen:
            name = next(_numbered(name, taken))
            taken.add(name)
            renamed.append(f"in column {position} {heading.strip()[:60]!r} is called {name!r}")
        seen.add(name)
        ids.append(name)
    more = f", and {len(renamed) - 3} more" if len(renamed) > 3 else ""
    return ids, [f"repeats headings: {', '.join(renamed[:3])}{more}"] if renamed else []


def _numbered(name: str, taken: set[str]) -> Iterator[str]:
    number = 1
    while True:
        if f"{name}.{number}" not in taken:
            yield f"{name}.{number}"
        number += 1


def _columns(cells: Cells, header_rows: int) -> list[pa.ChunkedArray]:
    """Return the answers column by column, with null for cells that hold nothing but space."""
    if cells.table is not None:
        columns = cells.table.slice(header_rows).columns
    else:
        body = zip(*cells.records[header_rows:], strict=True)
        columns = [pa.chunked_array([pa.array(list(column), type=pa.large_string())]) for column in body]
    return [_without_blanks(column) for column in columns]


def _without_blanks(column: pa.ChunkedArray) -> pa.ChunkedArray:
    blank = pc.or_(pc.utf8_is_space(column), pc.equal(pc.binary_length(column), 0))
    if not pc.any(blank).as_py():
        return column
    return pc.if_else(blank, pa.scalar(None, type=pa.large_string()), column)


def _check_one_header(
    cells: Cells, columns: Sequence[pa.ChunkedArray], rows: np.ndarray, *, added: Collection[int]
) -> None:
    """Refuse a file in which headings stand again among the responses.

    A row is a header if its first cell is the first heading, perhaps after a byte order mark, and that is
    one that only a platform writes, or half of the other cells are headings too.
    """
    headings = [(n, heading) for n, heading in enumerate(cells.records[0]) if heading.strip()]
    if not headings:
        return
    first, heading = headings[0]
    marked = "\ufeff" + heading
    again = pa.array([heading, marked], type=pa.large_string())
    suspects = pc.indices_nonzero(pc.is_in(columns[first], value_set=again)).to_pylist()
    for suspect in suspects if first in added else suspects[:20]:
        same = sum(columns[n][suspect].as_py() in (heading, marked) for n, heading in headings)
        if first in added or (same > 1 and same * 2 >= len(headings)):
            what = say("holds the headings of the first row again: two exports in one file?")
            allowed = say("one file for each export")
            raise InputError([Problem(what, file=cells.file, row=int(rows[suspect]), allowed=allowed)])
