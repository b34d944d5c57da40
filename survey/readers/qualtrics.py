"""Qualtrics exports: column ids, question texts and import ids stand above the responses."""

import re

from survey.readers.cells import Cells, Platform, heading_key, to_export
from survey.readers.export import Export

METADATA = frozenset(
    """startdate enddate status responsetype ipaddress progress durationinseconds finished recordeddate
    responseid responseset name emailaddress recipientlastname recipientfirstname recipientemail
    externalreference externaldatareference locationlatitude locationlongitude locationaccuracy
    distributionchannel userlanguage""".split()  # noqa: SIM905
)
"""Headings that Qualtrics adds, without case and spaces, in exports old and new."""

_LEGACY_ID = re.compile(r"V\d+")


def recognises(cells: Cells) -> bool:
    """Say whether the file has the header rows of a Qualtrics export, of today or before 2016."""
    return _has_import_ids(cells) or _is_legacy(cells)


def read(cells: Cells) -> Export:
    """Read a Qualtrics export.

    The first row holds column ids, the second question texts ("stem - statement" in a matrix), the
    third import ids, which exports before 2016 lack; those call their own columns V1, V2, ..., which
    are given the name in the second row instead.

    Raises
    ------
    InputError
        If there is no response below the header.
    """
    ids, labels = (list(record) for record in cells.records[:2])
    if _is_legacy(cells):
        ids = [label if _LEGACY_ID.fullmatch(id_) else id_ for id_, label in zip(ids, labels, strict=True)]
    metadata = [n for n, id_ in enumerate(ids) if heading_key(id_) in METADATA or id_.startswith("Q_")]
    return to_export(
        cells,
        platform="qualtrics",
        header_rows=3 if _has_import_ids(cells) else 2,
        headings=ids,
        labels=labels,
        metadata=metadata,
    )


def _has_import_ids(cells: Cells) -> bool:
    if len(cells.records) < 3:
        return False
    filled = [cell for cell in cells.records[2] if cell.strip()]
    return bool(filled) and all("ImportId" in cell for cell in filled)


def _is_legacy(cells: Cells) -> bool:
    first, second = (cells.records[n] if len(cells.records) > n else [""] for n in (0, 1))
    return bool(_LEGACY_ID.fullmatch(first[0])) and heading_key(second[0]) == "responseid"


QUALTRICS = Platform(
    name="qualtrics",
    title="a Qualtrics export",
    expected='three header rows: column ids, question texts, and cells such as {"ImportId":"QID1"}',
    recognises=recognises,
    read=read,
)
