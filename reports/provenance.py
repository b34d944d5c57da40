"""An id for every published number, and what stands behind it."""

import re
from collections.abc import Mapping
from typing import Any

from reports.report import Report, Table
from survey.declaration import suggest

NUMBER = re.compile(r"(?P<table>[A-Za-z][\w.-]*)\.(?P<row>[1-9]\d*)\.(?P<column>.+)")
"""``<table>.<row>.<column>``: the row as counted in ``tables/<table>.csv``, the first under the heading being 1."""

EVERY = ("inputs", "code", "versions", "seed", "rows", "dropped_and_changed", "design", "weights")
"""What of a manifest stands behind every number of its run."""


def table_records(report: Report) -> dict[str, dict[str, Any]]:
    """Say of every table of a report what its numbers are and what they come from.

    Returns
    -------
    dict
        By table id: ``caption``, ``base``, ``rows`` (how many), ``columns`` (that hold published numbers), ``models``
        (names of the growth models that the numbers come from, if any), ``family`` (within which p values are adjusted,
        if they are).
    """
    return {table.id: _record(table) for table in report.tables}


def _record(table: Table) -> dict[str, Any]:
    return {
        "caption": table.caption, "base": table.base, "rows": len(table.frame),
        "columns": [name for column in table.columns for name in column.numeric],
        "models": list(table.models), "family": table.family,
    }  # fmt: skip


def resolve(manifest: Mapping[str, Any], number: str) -> dict[str, Any]:
    """Return what stands behind a published number.

    Parameters
    ----------
    manifest
        Of the run that published it.
    number
        Its id, such as ``adequacy-data.1.estimate``.

    Returns
    -------
    dict
        ``table, row, column``, the record of the table (see `table_records`) with its models as the manifest tells
        them, and under ``run`` the entries `EVERY` of the manifest.

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
    found = NUMBER.fullmatch(number)
    tables: Mapping[str, Any] = manifest.get("numbers", {})
    if found is None:
        raise ValueError(
            f"{number!r} is no id of a number; ids are <table>.<row>.<column>, as adequacy-data.1.estimate"
        )
    name, row, column = found["table"], int(found["row"]), found["column"]
    if name not in tables:
        raise ValueError(f"there is no table {name!r}; {suggest(name, tables)}")
    record = tables[name]
    if row > record["rows"]:
        raise ValueError(f"the table {name} has {record['rows']} rows, none with the number {row}")
    if column not in record["columns"]:
        raise ValueError(f"the table {name} publishes no {column!r}; {suggest(column, record['columns'])}")
    known = (*manifest.get("models", ()), *manifest.get("surfaces", ()))
    models = [model for model in known if model["name"] in record["models"]]
    every = {key: manifest[key] for key in EVERY if key in manifest}
    return {"table": name, "row": row, "column": column, **record, "models": models, "run": every}
