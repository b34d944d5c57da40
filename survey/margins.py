"""Margins: how many units the population has in each category, from a table of counts or from a register."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from survey.language import look_up
from survey.numbers import read_numbers, undecided
from survey.problems import Problem, first_of, problems_at, raise_if_any
from survey.readers.spreadsheet import read_table

NOT_STATED = "not stated"
"""Category of the units of a register about which it says nothing."""

CROSS = r"\s+[x×*]\s+"
"""What stands between crossed variables, and between their categories, in a long table: "industry x size"."""

LONG = ("variable", "category")
AMOUNTS = ("count", "share")
OWN = (*LONG, *AMOUNTS, "wave")

PLAIN = (".csv", ".tsv", ".txt")
"""Files without sheets."""

SHARES_OFF = 0.005
"""Published shares add up to 1 but for rounding: so much is evened out, more is a problem."""


@dataclass(frozen=True, slots=True, eq=False)
class Margin:
    """Population counts by one variable, or by several crossed.

    Parameters
    ----------
    variables
        The columns whose categories, or combinations of them, are counted.
    cells
        One row a cell: a column of text per variable, ``count`` (or a share of 1, see `shares`) and ``row``, where
        the file says so.
    file
        Where it stands; empty for a table made in memory.
    wave
        The wave that it describes; every wave if None.
    shares
        True if ``count`` holds shares of an unknown total.
    """

    variables: tuple[str, ...]
    cells: pd.DataFrame
    file: str = ""
    wave: int | None = None
    shares: bool = False

    @property
    def name(self) -> str:
        """What the margin is called: its variables."""
        return " x ".join(self.variables)

    @property
    def total(self) -> float:
        """Units in the population; 1 for shares."""
        return float(self.cells["count"].sum())

    @property
    def first_row(self) -> int | None:
        """Row of the file in which its first cell stands; None where no file says so."""
        row = self.cells["row"].iloc[0] if len(self.cells) else np.nan
        return None if pd.isna(row) else int(row)

    def named(self) -> list[str]:
        """Return what each cell is called: ``"size = small"``."""
        return [self.cell_name(cell) for cell in self.cells[list(self.variables)].itertuples(index=False)]

    def cell_name(self, cell: Sequence[str]) -> str:
        """Return what one cell is called."""
        return ", ".join(f"{name} = {value}" for name, value in zip(self.variables, cell, strict=True))

    def counting(self, total: float) -> "Margin":
        """Return the margin scaled to a total."""
        scaled = self.cells.assign(count=self.cells["count"] * (total / self.total))
        return replace(self, cells=scaled, shares=False)

    def over(self, variables: Sequence[str]) -> "Margin":
        """Return the margin of some of its variables, summed over the others."""
        by = self.cells.groupby(list(variables), sort=True, as_index=False)
        return replace(
            self, variables=tuple(variables), cells=by.agg(count=("count", "sum"), row=("row", "first"))
        )

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the cells."""
        return self.cells.copy()


def facts_said(names: Sequence[str]) -> str:
    """Say crossed variables in the language that is being written.

    Examples
    --------
    >>> facts_said(["industry", "size"])
    'industry x size'
    """
    return " x ".join(map(look_up, names))


def read_margins(
    path: Path, columns: Mapping[str, str] | None = None, *, sheet: str | None = None, name: str = ""
) -> list[Margin]:
    """Read population counts or shares.

    Two layouts. Long: ``variable, category`` and ``count`` or ``share``, several margins in one table; crossed
    margins are written "industry x size" and "retail x small". Wide: a column per variable and ``count`` or
    ``share``: one crossed margin. Both may have ``wave``.

    Parameters
    ----------
    path
        CSV, TSV or workbook.
    columns
        File heading by name (``variable, category, count, share, wave`` or a variable); every column by its own
        heading if None.
    sheet, name
        As in `survey.readers.cells.read_cells`.

    Returns
    -------
    list of Margin
        In the order of the table. Shares may be of 1 or of 100.

    Raises
    ------
    InputError
        If there is neither count nor share, or both; a count is missing, no number or negative; a category is
        missing or said twice; shares do not add up to 1 or 100: all at once, with file, row and cell.
    """
    file = name or path.name
    table = read_table(path, columns, sheet=sheet, name=name)
    if columns is None:
        named = {h: str(h).strip().lower() for h in table}
        table = table.rename(columns={h: name for h, name in named.items() if name in OWN})
    raise_if_any(_headings(table, file))
    amount = "share" if "share" in table else "count"
    counts, bad = read_numbers(table[amount])
    waves = read_numbers(table["wave"])[0] if "wave" in table else pd.Series(np.nan, index=table.index)
    raise_if_any(_cell_faults(table.assign(_count=counts, _bad=bad, _wave=waves), amount, file))
    read = table.assign(count=counts, row=table.index, wave=waves).drop(columns="share", errors="ignore")
    margins = [
        Margin(
            variables,
            cells,
            file,
            None if rows["wave"].isna().any() else int(rows["wave"].iloc[0]),
            amount == "share",
        )
        for _, rows in read.groupby("wave", sort=True, dropna=False)
        for variables, cells in _layout(rows)
    ]
    raise_if_any([fault for margin in margins for fault in _margin_faults(margin)])
    return [replace(margin.counting(1.0), shares=True) if margin.shares else margin for margin in margins]


def margins_of_register(facts: pd.DataFrame, by: Sequence[Sequence[str]], *, file: str = "") -> list[Margin]:
    """Count the companies of a register by category.

    Parameters
    ----------
    facts
        One row per company of the population, as `Register.firmographics`.
    by
        The variables of each margin. Where the register says nothing the category is `NOT_STATED`.
    file
        Where the register stands.

    Raises
    ------
    InputError
        If the register has no such column.

    Examples
    --------
    >>> facts = pd.DataFrame({"size": ["small", "large", "small", None]})
    >>> margins_of_register(facts, [["size"]])[0].cells[["size", "count"]].values.tolist()
    [['large', 1.0], ['not stated', 1.0], ['small', 2.0]]
    """
    known = ", ".join(map(str, facts.columns))
    raise_if_any(
        Problem("is no column of the register", file, column=name, value=name, allowed=known)
        for name in dict.fromkeys(name for names in by for name in names)
        if name not in facts
    )
    found = []
    for names in by:
        written = pd.DataFrame({name: categories(facts[name]).replace("", NOT_STATED) for name in names})
        cells = written.groupby(list(names), sort=True).size().astype(float).rename("count").reset_index()
        found.append(Margin(tuple(names), cells.assign(row=np.nan), file))
    return found


def categories(values: pd.Series) -> pd.Series:
    """Return values as categories are written: text without blanks around it, 3 rather than 3.0, "" for nothing.

    Examples
    --------
    >>> categories(pd.Series([3.0, 2.5, None])).tolist(), categories(pd.Series([" small", None])).tolist()
    (['3', '2.5', ''], ['small', ''])
    """
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        written = values.map(lambda number: "" if pd.isna(number) else f"{number:.15g}")
    else:
        written = values.astype("object").where(values.notna(), "").astype("str").str.strip()
    return written.astype("str")


def _headings(table: pd.DataFrame, file: str) -> Iterator[Problem]:
    """Say which headings a table of margins lacks."""
    amounts = [name for name in AMOUNTS if name in table]
    have = ", ".join(map(str, table.columns))
    if len(amounts) != 1:
        what = "has both counts and shares" if amounts else "has neither a column count nor a column share"
        to_do = (
            "map it under columns"
            if Path(file).suffix.lower() in PLAIN
            else "map it under columns, or name its sheet"
        )
        yield Problem(what, file, allowed=f"one of the two, found {have}", to_do=to_do)
    for name in table:
        if again := re.fullmatch(rf"({'|'.join(OWN)})\.\d+", str(name)):
            yield Problem(
                "is a heading twice", file, column=again[1], value=again[1], allowed="each heading once"
            )
    lacking = [name for name in LONG if name not in table]
    others = [name for name in table if name not in OWN]
    if len(lacking) == 1:
        yield Problem(
            f"has no column {lacking[0]}",
            file,
            column=lacking[0],
            allowed=f"variable and category, or neither; there are {have}",
        )
    elif lacking and not others:
        yield Problem(
            "has no column that says what is counted",
            file,
            allowed="variable and category, or a column per variable",
        )


EITHER_WAY = (
    "can be read as thousands and as a decimal number, and the other numbers of the column do not say which",
    "all without marks of thousands, such as 1200, or with decimals such as 1.20",
)


def _cell_faults(table: pd.DataFrame, amount: str, file: str) -> Iterator[Problem]:
    """Say which cells of the table hold nothing that can be used; numbers are in columns that begin with _."""
    words = [name for name in table if name in LONG] or _variables(table)
    for column, what in ((amount, amount), *((name, name if name in LONG else "category") for name in words)):
        blank = [
            Problem(
                f"the {what} is missing", file, row, column, to_do=f"write the {what}, or take the row out"
            )
            for row in table.index[table[column].isna()].tolist()
        ]
        yield from first_of(blank, "more rows like this")
    unclear = undecided(table[amount])
    checks = [
        (amount, table["_bad"] & ~unclear, f"is no {amount}", "a number, 0 or more"),
        (amount, unclear, *EITHER_WAY),
        (amount, table["_count"] < 0, f"is no {amount}: it is negative", "a number, 0 or more"),
    ]
    if "wave" in table:
        wrong = table["_wave"].isna() & table["wave"].notna()
        checks.append(("wave", wrong, "is no wave", "a year such as 2025, or nothing for all"))
    for column, wrong, what, allowed in checks:
        cells = zip(table.index[wrong].tolist(), table.loc[wrong, column], strict=True)
        yield from problems_at(what, cells, file=file, column=column, allowed=allowed, to_do="correct it")


def _layout(rows: pd.DataFrame) -> Iterator[tuple[tuple[str, ...], pd.DataFrame]]:
    """Yield the variables and cells of each margin of a table, long or wide."""
    if "variable" not in rows:
        names = _variables(rows)
        yield tuple(names), _cells(rows, names, [categories(rows[name]) for name in names])
        return
    for written, found in rows.groupby(rows["variable"].str.strip(), sort=False):
        names = re.split(CROSS, str(written))
        text = found["category"].str.strip()
        if len(names) == 1:
            yield tuple(names), _cells(found, names, [text])
            continue
        parts = text.str.split(CROSS, regex=True, expand=True).astype("object")
        parts = parts.fillna("").reindex(columns=range(len(names)), fill_value="")
        yield tuple(names), _cells(found, names, [parts[n] for n in parts])


def _variables(table: pd.DataFrame) -> list[str]:
    """Return the columns of a wide table that are variables."""
    names = map(str, table.columns)
    return [name for name in names if name not in (*OWN, "row") and not name.startswith("_")]


def _cells(rows: pd.DataFrame, names: Sequence[str], values: Sequence[pd.Series]) -> pd.DataFrame:
    columns = dict(zip(names, values, strict=True))
    return pd.DataFrame({**columns, "count": rows["count"], "row": rows["row"]}).reset_index(drop=True)


def _margin_faults(margin: Margin) -> Iterator[Problem]:
    """Say which cells stand twice or are half written, and whether shares are shares of everything."""
    keys = margin.cells[list(margin.variables)]
    rows = margin.cells["row"].astype(int).tolist()
    named = margin.named()
    for n in np.flatnonzero(keys.duplicated()):
        yield Problem(
            "stands twice", margin.file, rows[n], margin.name, named[n], "each cell once",
            to_do="take one of its rows out, or add their counts up in one",
        )  # fmt: skip
    for n in np.flatnonzero((keys == "").any(axis=1)):
        allowed = f"{len(keys.columns)} categories, as in “retail x small”"
        yield Problem("is not a cell of this margin", margin.file, rows[n], margin.name, named[n], allowed)
    if margin.total <= 0:
        yield Problem(
            "holds nothing but zeros", margin.file, margin.first_row, margin.name, "0", "a count above 0"
        )
    elif margin.shares and min(abs(margin.total / whole - 1) for whole in (1, 100)) > SHARES_OFF:
        yield Problem(
            "the shares do not add up", margin.file, margin.first_row, margin.name, f"{margin.total:.6g}",
            "a sum of 1 or of 100", "see whether a category is missing",
        )  # fmt: skip
