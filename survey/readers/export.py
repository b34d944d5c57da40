"""What a survey platform hands over: the answers as text, with the questions they belong to."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from survey.language import counted


@dataclass(frozen=True, slots=True, eq=False)
class Export:
    """One export file as it was read; nothing is interpreted yet.

    Parameters
    ----------
    frame
        One row per response in file order. Columns are the platform's column ids, made unique;
        every cell is text, or NA where the file left it blank or holds a code for "no answer".
    labels
        Question text by column id ("question - row" in a grid or list of options); the id itself
        where the file gives no wording.
    platform
        "qualtrics", "surveymonkey", "google_forms", "limesurvey", "kobo", "spss", "stata" or
        "spreadsheet".
    encoding
        How the bytes became text: "utf-8", "cp1252", ...; "xlsx" for a workbook, otherwise the kind of
        file ("sav", "dta", "parquet").
    header_rows
        Number of rows above the first response; 0 where the file keeps its headings apart.
    rows
        For each response the line (CSV) or sheet row (workbook) where its record starts, from 1, as
        an editor or a spreadsheet shows it; the number of the record in other files.
    file
        How messages call the file: its name, with the sheet where one was asked for.
    decisions
        What the reader decided and why: each completes a sentence that begins with the file name.
    metadata
        Column ids that the platform adds by itself: start date, address, channel, ...
    stems
        Heading that a column shares with its neighbours (matrix, tick list), by column id, where the
        platform keeps it apart from the column's own.
    values
        Label by code, by column id: value labels of SPSS and Stata, choices of a .qsf, .lss or XLSForm.
        The cells may hold either.
    missing
        Codes that say why there is no answer ("refused", "seen but not answered"): a frame with the
        index of `frame` and the columns where there are any, NA but for those codes.
    multiple
        Character between the choices of one cell, by id of the columns whose cells hold several.
    ticked
        Code that means "chosen", by id of the columns of a tick list, where the file declares one.
    decimal
        Decimal mark of the numbers, "." or ","; empty where none shows one.

    Examples
    --------
    >>> frame = pd.DataFrame({"Q1": ["4", pd.NA]}, dtype="str")
    >>> export = Export(frame, {"Q1": "We plan together."}, "spreadsheet", "utf-8", 1,
    ...                 np.array([2, 3]), file="2025.csv")
    >>> len(export), export.label("Q1")
    (2, 'We plan together.')
    >>> export
    2025.csv: 2 responses, 1 column, read as spreadsheet (utf-8)
    """

    frame: pd.DataFrame
    labels: dict[str, str]
    platform: str
    encoding: str
    header_rows: int
    rows: np.ndarray
    file: str
    decisions: tuple[str, ...] = ()
    metadata: tuple[str, ...] = ()
    stems: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    missing: pd.DataFrame = field(default_factory=pd.DataFrame)
    multiple: dict[str, str] = field(default_factory=dict)
    ticked: dict[str, str] = field(default_factory=dict)
    decimal: str = ""

    def __len__(self) -> int:
        """Return the number of responses."""
        return len(self.frame)

    def summary(self) -> str:
        """Say in one sentence what was read, and as what."""
        size = f"{counted(len(self), 'response')}, {counted(self.frame.shape[1], 'column')}"
        return f"{self.file}: {size}, read as {self.platform} ({self.encoding})"

    __repr__ = summary

    def label(self, column: str) -> str:
        """Return the question text of a column; the id where the file gives none."""
        return self.labels.get(column, column)

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the answers."""
        return self.frame.copy()
