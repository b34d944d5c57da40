"""An id for every published number, and what stands behind it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from reports.crosstab_book import Book, question_tables
from reports.report import Block, Figure, Finding, Report, Table
from survey.declaration import suggest
from survey.language import look_up, mark

NUMBER = re.compile(r"(?P<table>[A-Za-z][\w.-]*)\.(?P<row>[1-9]\d*)\.(?P<column>.+)")
"""``<table>.<row>.<column>``: the row as counted in ``tables/<table>.csv``, the first under the heading being 1."""

ONE_BY_ONE = mark("every interval and p value stands by itself; not adjusted")
"""Family of a table whose intervals and p values are adjusted within none."""

EVERY = ("inputs", "code", "versions", "seed", "rows", "dropped_and_changed", "design", "weights")
"""What of a manifest stands behind every number of its run."""


def table_records(report: Report) -> dict[str, dict[str, Any]]:
    """Say of every table of a report what its numbers are and what they come from.

    Returns
    -------
    dict
        By table id: ``caption``, ``base``, ``rows`` (how many), ``columns`` (that are shown), ``models`` (names of the
        growth models that the numbers come from, if any), ``family`` (within which p values and intervals are adjusted;
        `ONE_BY_ONE` where they are not, "" where there are none).
    """
    return {table.id: _record(table) for table in report.tables}


def _record(table: Table) -> dict[str, Any]:
    shown = [name for column in table.columns for name in (column.key, column.low, column.high) if name]
    return {
        "caption": table.caption, "base": table.base, "rows": len(table.frame), "columns": shown,
        "models": list(table.models), "family": table.family or _alone(table),
    }  # fmt: skip


def _alone(table: Table) -> str:
    """Say of a table whose intervals or p values are adjusted within no family that they are not."""
    tells = any(column.low or column.unit == "p_value" for column in table.columns)
    return look_up(ONE_BY_ONE) if tells else ""


def crosstab_records(books: Sequence[Book]) -> dict[str, dict[str, Any]]:
    """Say of every question of every book of crosstabs what its numbers are.

    Returns
    -------
    dict
        As `table_records`, by ``<book>.<question>``. Rows count from the first base on; a column is called as in the
        banner, ``<head>: <column>``. The family is the one within which letters are tested.
    """
    return {
        f"{book.id}.{table.id}": {
            "caption": table.title, "base": book.base, "rows": len(table.bases) + len(table.lines),
            "columns": columns, "models": [], "family": book.tested,
        }
        for book in books
        for columns in [book.names]
        for table in question_tables(book)
    }  # fmt: skip


def statement_records(report: Report) -> dict[str, dict[str, Any]]:
    """Say of every page, figure and finding which tables hold the numbers that it states.

    Returns
    -------
    dict
        By id: ``kind`` (page, figure, finding), ``caption`` (what it states), ``tables`` (ids; those of its page where
        it has none of its own).
    """
    pages = {section.id: _tables_of(section.blocks) for section in report.sections}
    for page in [name for name in pages if f"{name}-details" in pages]:
        pages[page] = [*pages[page], *pages[f"{page}-details"]]
    found: dict[str, dict[str, Any]] = {}
    for section in report.sections:
        found[section.id] = {"kind": "page", "caption": section.title, "tables": pages[section.id]}
        for figure in (block for block in section.blocks if isinstance(block, Figure)):
            own = [figure.data.id] if figure.data is not None else pages[section.id]
            found[figure.id] = {"kind": "figure", "caption": figure.title, "tables": own}
    stated = [block for section in report.sections for block in section.blocks if isinstance(block, Finding)]
    for finding in stated:
        rests = found[finding.evidence]["tables"] if finding.evidence in found else [finding.evidence]
        found[finding.id] = {
            "kind": "finding",
            "caption": finding.headline,
            "tables": list(filter(None, rests)),
        }
    return found


def _tables_of(blocks: Sequence[Block]) -> list[str]:
    tables = (block.data if isinstance(block, Figure) else block for block in blocks)
    return [table.id for table in tables if isinstance(table, Table)]


def resolve(manifest: Mapping[str, Any], number: str) -> dict[str, Any]:
    """Return what stands behind a published number.

    Parameters
    ----------
    manifest
        Of the run that published it.
    number
        Its id: ``<table>.<row>.<column>``, such as ``adequacy-data.1.estimate``; that of a page, figure or finding,
        such as ``finding-adequate``; or ``<file>#<place>``, places being those that `alignmark verify` names.

    Returns
    -------
    dict
        The record of the table, with ``table, row, column``; of the statement, with those of its tables; or of the
        file, with ``file, place``. Besides the models as the manifest tells them, and under ``run`` the entries
        `EVERY` of the manifest.

    Raises
    ------
    ValueError
        If there is no such number, with the nearest that there is.

    Examples
    --------
    >>> record = {"caption": "Shares", "base": "All", "rows": 2, "columns": ["estimate"], "models": [], "family": ""}
    >>> found = resolve({"numbers": {"shares": record}, "seed": 7}, "shares.2.estimate")
    >>> found["row"], found["caption"], found["run"]
    (2, 'Shares', {'seed': 7})
    """
    if number in manifest.get("statements", {}):
        found = _statement(manifest, number)
    elif "#" in number:
        found = _in_file(manifest, number)
    else:
        found = _in_table(manifest, number)
    known = (*manifest.get("models", ()), *manifest.get("surfaces", ()))
    models = [model for model in known if model["name"] in found["models"]]
    every = {key: manifest[key] for key in EVERY if key in manifest}
    return {**found, "models": models, "run": every}


def _statement(manifest: Mapping[str, Any], number: str) -> dict[str, Any]:
    record = manifest["statements"][number]
    tables = {name: manifest["numbers"][name] for name in record["tables"]}
    models = dict.fromkeys(model for table in tables.values() for model in table["models"])
    return {**record, "tables": tables, "models": list(models)}


def _in_file(manifest: Mapping[str, Any], number: str) -> dict[str, Any]:
    name, place = number.split("#", 1)
    files: Mapping[str, Any] = manifest.get("files", {})
    if name not in files:
        raise ValueError(f"this run wrote no {name!r}; {suggest(name, files)}")
    return {"file": name, "place": place, **files[name]}


def _in_table(manifest: Mapping[str, Any], number: str) -> dict[str, Any]:
    found = NUMBER.fullmatch(number)
    tables: Mapping[str, Any] = manifest.get("numbers", {})
    if found is None:
        raise ValueError(
            f"{number!r} is no id of a number; ids are <table>.<row>.<column>, as adequacy-data.1.estimate, the id of "
            "a page, figure or finding, or <file>#<place>"
        )
    name, row, column = found["table"], int(found["row"]), found["column"]
    if name not in tables:
        raise ValueError(f"there is no table {name!r}; {suggest(name, tables)}")
    record = tables[name]
    if row > record["rows"]:
        raise ValueError(f"the table {name} has {record['rows']} rows, none with the number {row}")
    if column not in record["columns"]:
        raise ValueError(f"the table {name} publishes no {column!r}; {suggest(column, record['columns'])}")
    return {"table": name, "row": row, "column": column, **record}
