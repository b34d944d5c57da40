"""The ledger of what was published: which cells, and of whom, without a name and without a value."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import pandas as pd

CELL = ("release", "table")
"""What names a published cell in the ledger."""

MEMBER = ("cell", "company", "of")
"""A value in a cell: whose, by its code, and of what."""

DIGITS = 16

FORMAT = 1
"""Which form of the file this is."""


@dataclass(frozen=True, slots=True, eq=False)
class ReleaseLedger:
    """Cells that were published and whose values they are made of.

    Parameters
    ----------
    cells
        `CELL`, numbered from 0.
    members
        `MEMBER`; companies are codes.
    key
        By what the secret is recognised under which the codes are made; "" without one: then whoever has a list of
        companies can tell who is in.
    """

    cells: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(CELL)))
    members: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(MEMBER)))
    key: str = ""

    @property
    def releases(self) -> tuple[str, ...]:
        """Names of the releases, the earliest first."""
        return tuple(dict.fromkeys(self.cells["release"]))

    def with_release(self, cells: pd.DataFrame, members: pd.DataFrame, *, release: str) -> "ReleaseLedger":
        """Add the cells of a release; those that were published before, of the same values, are there already.

        Parameters
        ----------
        cells
            ``table`` of each shown cell.
        members
            `MEMBER`, by the number of the cell.
        release
            Name of the release.

        Examples
        --------
        >>> cells = pd.DataFrame({"table": ["norms"]})
        >>> members = pd.DataFrame({"cell": [0, 0], "company": ["c-1", "c-2"], "of": "alignment|2025"})
        >>> first = ReleaseLedger().with_release(cells, members, release="first")
        >>> again = first.with_release(cells, members, release="second")
        >>> first.releases, len(first.members), again.releases
        (('first',), 2, ('first',))
        """
        seen = set(_contents(self.members).values())
        kept = []
        for cell, content in _contents(members).items():
            if content not in seen:
                kept.append(cell)
                seen.add(content)
        place = {cell: len(self.cells) + number for number, cell in enumerate(kept)}
        new = cells.iloc[kept].assign(release=release)[list(CELL)]
        theirs = members[members["cell"].isin(kept)]
        theirs = theirs.assign(cell=theirs["cell"].map(place))[list(MEMBER)]
        tables = [table for table in (self.cells, new) if len(table)]
        lists = [table for table in (self.members, theirs) if len(table)]
        return ReleaseLedger(
            pd.concat(tables, ignore_index=True) if tables else self.cells,
            pd.concat(lists, ignore_index=True) if lists else self.members,
            self.key,
        )

    def to_json(self) -> dict[str, Any]:
        """Return what is kept as a file: every list of companies once."""
        codes = sorted(set(self.members["company"]))
        number = {code: place for place, code in enumerate(codes)}
        groups: dict[tuple[str, ...], int] = {}
        described = self.cells.to_dict("records")
        cells = []
        for cell, content in _contents(self.members).items():
            parts = {
                of: groups.setdefault(tuple(code for _, code in listed), len(groups))
                for of, listed in groupby(content, key=lambda pair: pair[0])
            }
            cells.append({**described[cell], "of": parts})
        lists = [[number[code] for code in group] for group in groups]
        return {
            "ledger": FORMAT, "key": self.key, "companies": codes, "groups": lists, "cells": cells
        }  # fmt: skip


def read_ledger(kept: Mapping[str, Any]) -> ReleaseLedger:
    """Read what `ReleaseLedger.to_json` wrote.

    Raises
    ------
    ValueError
        If it is something else, with what it should be.

    Examples
    --------
    >>> read_ledger({"ledger": 9})
    Traceback (most recent call last):
    ValueError: is no ledger of releases of form 1
    """
    if not isinstance(kept, Mapping) or kept.get("ledger") != FORMAT:
        raise ValueError(f"is no ledger of releases of form {FORMAT}")
    try:
        codes, groups = (
            list(map(str, kept["companies"])),
            [[int(n) for n in group] for group in kept["groups"]],
        )
        cells = [(str(cell["release"]), str(cell["table"])) for cell in kept["cells"]]
        rows = [
            (number, codes[place], str(of))
            for number, cell in enumerate(kept["cells"])
            for of, group in cell["of"].items()
            for place in groups[group]
        ]
        key = str(kept["key"])
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        raise ValueError("was changed: its cells and companies do not fit together") from None
    return ReleaseLedger(
        pd.DataFrame(cells, columns=list(CELL)), pd.DataFrame(rows, columns=list(MEMBER)), key
    )


def company_codes(companies: Iterable[object], *, key: bytes) -> dict[object, str]:
    """Hash companies under a key (HMAC-SHA256, RFC 2104): the same in every release under that key.

    Examples
    --------
    >>> company_codes(["Acme"], key=b"secret")
    {'Acme': 'c-742edfe76e82ac81'}
    """
    return {
        company: "c-" + hmac.new(key, str(company).encode(), hashlib.sha256).hexdigest()[:DIGITS]
        for company in dict.fromkeys(companies)
    }


def _contents(members: pd.DataFrame) -> dict[int, tuple[tuple[str, str], ...]]:
    """Return of each cell what it is made of, in order: (of, company)."""
    listed = members.sort_values(["cell", "of", "company"])
    cells, of, companies = (listed[name].tolist() for name in ("cell", "of", "company"))
    pairs = zip(of, companies, strict=True)
    return {
        int(cell): tuple(pair for _, pair in rows)
        for cell, rows in groupby(zip(cells, pairs, strict=True), key=lambda row: row[0])
    }
