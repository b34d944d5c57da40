"""Qualtrics exports: column ids, question texts and import ids stand above the responses."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from survey.readers.assembly import to_export
from survey.readers.cells import Cells, Platform, heading_key
from survey.readers.choices import with_multiple
from survey.readers.export import Export
from survey.readers.unanswered import keep_apart

METADATA = frozenset(
    """startdate enddate status responsetype ipaddress progress durationinseconds finished recordeddate
    responseid responseset name emailaddress recipientlastname recipientfirstname recipientemail
    externalreference externaldatareference locationlatitude locationlongitude locationaccuracy
    distributionchannel userlanguage""".split()  # noqa: SIM905
)
"""Headings that Qualtrics adds, without case and spaces, in exports old and new."""

_LEGACY_ID = re.compile(r"V\d+")
_RECORDED = re.compile(
    r".+_DO(?:_.+)?|FL_\d+_DO.*|.+_(?:First Click|Last Click|Page Submit|Click Count)|.+_NPS_GROUP"
    r"|.+_(?:Browser|Version|Operating System|Resolution)|.+ - (?:Parent )?Topics|.+ - Sentiment.*"
)
"""What Qualtrics records beside an answer: order of display, times, browser, group, topics."""
_OWN = frozenset({"startdate", "enddate", "status", "responsetype", "finished", "recordeddate", "ipaddress"})
_FACTS = frozenset({"startdate", "enddate", "recordeddate", "progress", "durationinseconds"})
_PREVIEW = frozenset(
    {"survey preview", "survey test", "survey preview spam", "offline survey preview", "preview", "test"}
)
_PREVIEW_CODES = frozenset({"1", "2", "9", "17"})
_UNANSWERED = "-99"


def recognises(cells: Cells) -> int:
    """Return the number of header rows of a Qualtrics export, of today or before 2016.

    Three rows end with import ids, or two where one of the others was deleted. Two rows are also those of
    old exports (V1, V2, ... above ResponseID), or ids above question texts: no date stands below
    "StartDate". One row is what programs keep that fetch responses.
    """
    if import_ids := _row_of_import_ids(cells):
        return import_ids
    if _is_legacy(cells):
        return 2
    keys = [heading_key(heading) for heading in cells.records[0]]
    if "responseid" not in keys or len(_OWN & set(keys)) < 3:
        return 0
    below = cells.records[1] if len(cells.records) > 1 else []
    facts = [cell for key, cell in zip(keys, below, strict=False) if key in _FACTS and cell.strip()]
    return 2 if facts and not any(re.search(r"\d", fact) for fact in facts) else 1


def read(cells: Cells, header_rows: int = 0) -> Export:
    """Read a Qualtrics export.

    The first row holds column ids, the second question texts ("stem - statement" in a matrix), the
    third import ids, which exports before 2016 lack; those call their own columns V1, V2, ..., which
    are given the name in the second row instead. The code -99, which Qualtrics can be told to write for
    questions that were seen and not answered, is no answer where several columns hold it.

    Raises
    ------
    InputError
        If there is no response below the header.
    """
    count = header_rows or recognises(cells) or 3
    ids = list(cells.records[0])
    worded = 1 < count <= len(cells.records) and not (count == 2 and _row_of_import_ids(cells) == 2)
    labels = list(cells.records[1]) if worded else ids
    if _is_legacy(cells):
        ids = [label if _LEGACY_ID.fullmatch(id_) else id_ for id_, label in zip(ids, labels, strict=True)]
    metadata = [n for n, id_ in enumerate(ids) if _is_added(id_)]
    export = to_export(
        cells,
        platform="qualtrics",
        header_rows=count,
        headings=ids,
        labels=_with_text_fields(ids, labels),
        stems=_stems(ids, labels, metadata),
        metadata=metadata,
    )
    return with_multiple(
        _with_decisions(keep_apart(export, _UNANSWERED, "seen and not answered", columns=2)),
        separators=(",",),
    )


def preview_responses(export: Export) -> pd.Series:
    """Return which responses the makers of a survey gave to try it out.

    Qualtrics says so in Status or Response Type, as text ("Survey Preview", "Survey Test") or code (1
    preview, 2 test, 9 preview marked as spam, 17 offline preview), and in DistributionChannel
    ("preview", "test").

    Parameters
    ----------
    export
        An export of any platform; other platforms have no such columns.

    Returns
    -------
    pandas.Series of bool
        With the index of the frame.

    Examples
    --------
    >>> import numpy as np
    >>> frame = pd.DataFrame({"ResponseId": ["R_1", "R_2"], "Status": ["1", "IP Address"]}, dtype="str")
    >>> export = Export(frame, {}, "qualtrics", "utf-8", 3, np.array([4, 5]), "a.csv",
    ...                 metadata=("ResponseId", "Status"))
    >>> preview_responses(export).tolist()
    [True, False]
    """
    keys = {column: heading_key(column) for column in export.metadata}
    coded = export.platform == "qualtrics" or {"responseid", "recordeddate"} <= set(keys.values())
    found = pd.Series(data=False, index=export.frame.index)
    for column, key in keys.items():
        if key in ("status", "responsetype"):
            allowed = _PREVIEW | (_PREVIEW_CODES if coded else frozenset())
        elif key == "distributionchannel":
            allowed = _PREVIEW
        else:
            continue
        found |= export.frame[column].str.strip().str.casefold().isin(allowed)
    return found


def _row_of_import_ids(cells: Cells) -> int:
    """Return which of the first three rows holds import ids, from 1; 0 if none, or the first does."""
    for row, record in enumerate(cells.records[1:3], start=2):
        filled = [cell for cell in record if cell.strip()]
        if filled and all("ImportId" in cell for cell in filled):
            return row
    return 0


def _is_added(id_: str) -> bool:
    return heading_key(id_) in METADATA or id_.startswith("Q_") or bool(_RECORDED.fullmatch(id_))


def _is_legacy(cells: Cells) -> bool:
    first, second = (cells.records[n] if len(cells.records) > n else [""] for n in (0, 1))
    return bool(_LEGACY_ID.fullmatch(first[0])) and heading_key(second[0]) == "responseid"


def _stems(ids: Sequence[str], labels: Sequence[str], metadata: Sequence[int]) -> list[str]:
    """Return what the texts of neighbours with ids "Q5_1", "Q5_2", ... have before their dash."""
    families: dict[str, list[int]] = {}
    for n, id_ in enumerate(ids):
        if n not in metadata and "_" in id_ and not id_.endswith("_TEXT"):
            families.setdefault(id_.rsplit("_", 1)[0], []).append(n)
    stems = [""] * len(ids)
    for family in families.values():
        dashes = [[m.start() for m in re.finditer(r"\s?-", labels[n])] for n in family]
        for at in reversed(dashes[0]):
            stem = labels[family[0]][:at]
            if len(family) > 1 and all(
                labels[n][:at] == stem and at in dashes[i] for i, n in enumerate(family)
            ):
                for n in family:
                    stems[n] = stem
                break
    return stems


def _with_text_fields(ids: Sequence[str], labels: Sequence[str]) -> list[str]:
    """Tell the wording of a text field beside a choice, "Q1_TEXT", from that of the choice."""
    texts = Counter(labels)
    return [
        f"{label} - Text" if id_.endswith("_TEXT") and texts[label] > 1 else label
        for id_, label in zip(ids, labels, strict=True)
    ]


def _with_decisions(export: Export) -> Export:
    """Say how answers are written, and how many are previews or tests."""
    keys = {heading_key(column): column for column in export.metadata}
    said = []
    if "finished" in keys:
        written = set(export.frame[keys["finished"]].dropna().str.casefold().head(1000))
        if written <= {"true", "false", "0", "1"} and written:
            said.append(f"gives answers as {'texts' if written & {'true', 'false'} else 'codes'}")
    previews = int(preview_responses(export).sum())
    if previews:
        said.append(f"has {previews} preview or test response{'s' if previews > 1 else ''}")
    return replace(export, decisions=(*export.decisions, *said))


QUALTRICS = Platform(
    name="qualtrics",
    title="a Qualtrics export",
    expected='three header rows: column ids, question texts, and cells such as {"ImportId":"QID1"}',
    recognises=recognises,
    read=read,
)
