"""Parquet files: a table with types, as statistics programs and data platforms write it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from survey.language import say
from survey.problems import InputError, Problem
from survey.readers.assembly import unique_headings
from survey.readers.cells import heading_key
from survey.readers.export import Export
from survey.readers.google_forms import TIMESTAMPS
from survey.readers.qualtrics import METADATA
from survey.readers.surveymonkey import is_metadata

_MAGIC = b"PAR1"
LARGEST = 1 << 34
"""Bytes that the columns of a file may unpack to."""


def is_parquet(head: bytes) -> bool:
    """Say whether a file that begins so is a Parquet file: binary after its mark, as no heading is."""
    return head.startswith(_MAGIC) and any(byte < 9 for byte in head[4:64])


def read_parquet(path: Path, file: str) -> Export:
    """Read a Parquet file as a plain table; every cell becomes text, whole numbers without ".0".

    Parameters
    ----------
    path
        The file.
    file
        How messages call it.

    Raises
    ------
    InputError
        If the file is damaged, unpacks to too much, or holds no response.
    """
    table = _content(path, file)
    if not table.num_rows or not table.num_columns:
        what = say("is an empty wave: it has no responses" if table.num_columns else "is empty")
        raise InputError([Problem(what, file=file, allowed=say("at least one response"))])
    ids, renamed = unique_headings(table.column_names)
    frame = pd.DataFrame({name: _texts(column) for name, column in zip(ids, table.columns, strict=True)})
    known = {*METADATA, *TIMESTAMPS}
    return Export(
        frame=frame,
        labels=dict(zip(ids, ids, strict=True)),
        platform="spreadsheet",
        encoding="parquet",
        header_rows=0,
        rows=np.arange(1, len(frame) + 1, dtype=np.int64),
        file=file,
        decisions=("is a Parquet file: its columns have names and types", *renamed),
        metadata=tuple(name for name in ids if heading_key(name) in known or is_metadata(name)),
    )


def _content(path: Path, file: str) -> pa.Table:
    advice = say("a whole copy of the file")
    try:
        with pq.ParquetFile(path) as opened:
            groups = opened.metadata.num_row_groups
            size = sum(opened.metadata.row_group(n).total_byte_size for n in range(groups))
            if size > LARGEST:
                what = say("unpacks to {size} MB: not read", size=size // 1_000_000)
                allowed = say("the columns of the study alone")
                raise InputError([Problem(what, file=file, allowed=allowed)])
            return opened.read()
    except (pa.ArrowException, OSError, ValueError, MemoryError, NotImplementedError) as error:
        what = say("cannot be read as Parquet: {reason}", reason=" ".join(str(error).split()))
        raise InputError([Problem(what[:300], file=file, allowed=advice)]) from None


def _texts(column: pa.ChunkedArray) -> pd.Series:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        texts = pd.Series(pd.array(column.cast(pa.large_string()), dtype="str"))
        return texts.mask(texts.str.strip() == "")
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind):
        texts = pd.Series(pd.array(pc.cast(column, pa.large_string()), dtype="str"))
        return texts.str.upper() if pa.types.is_boolean(kind) else texts
    codes, uniques = pd.factorize(np.array(column.to_pylist(), dtype=object))
    known = pd.Series([*(_text(value) for value in uniques), None], dtype="str")
    return known.take(codes % len(known)).reset_index(drop=True)


def _text(value: object) -> str | None:
    if isinstance(value, float):
        if not np.isfinite(value):
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    text = str(value)
    return text if text and not text.isspace() else None
