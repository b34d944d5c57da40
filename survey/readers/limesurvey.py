"""LimeSurvey exports: one header row of question codes, texts or both, after the columns it adds itself."""

import re
from collections.abc import Sequence

from survey.readers.assembly import to_export
from survey.readers.cells import Cells, Platform, heading_key
from survey.readers.export import Export
from survey.readers.google_forms import grid_labels
from survey.readers.unanswered import keep_apart

METADATA = frozenset(
    """id responseid antwortid submitdate datesubmitted datumabgeschickt lastpage letzteseite
    startlanguage startsprache seed zufallsstartwert token zugangscode zugangsschlüssel startdate datestarted
    datumgestartet datestamp datelastaction datumletzteaktivität ipaddr ipaddress ipadresse refurl
    referrerurl interviewtime totaltime gesamtzeit
    iddelaréponse datedesoumission dernièrepage languededépart datedelancement datedeladernièreaction
    iddelarespuesta idderespuesta fechadeenvío últimapágina lenguajeinicial idiomainicial
    antwoordid antwoordid datumverzonden datumingestuurd laatstepagina starttaal
    idrisposta datadiinvio datainvio ultimapagina linguainiziale
    iddaresposta datadeenvio línguainicial""".split()  # noqa: SIM905
)
"""Headings that LimeSurvey adds, as codes and in some of its languages, as `heading_key` gives them."""

_MARKS = (
    frozenset(
        """submitdate datesubmitted datumabgeschickt datedesoumission fechadeenvío datumverzonden datumingestuurd
        datadiinvio datainvio datadeenvio""".split()  # noqa: SIM905
    ),
    frozenset("lastpage letzteseite dernièrepage últimapágina laatstepagina ultimapagina".split()),  # noqa: SIM905
    frozenset(
        """startlanguage startsprache languededépart lenguajeinicial idiomainicial starttaal linguainiziale
        línguainicial""".split()  # noqa: SIM905
    ),
)
_CODE = r"[A-Za-z][A-Za-z0-9_]*(?:\[[^\[\]]*\])*"
_CODE_AND_TEXT = re.compile(rf"({_CODE})\.\s+(.+)", re.DOTALL)
_TIMING = re.compile(
    r"(?:Group|Question) time: .*|(?:groupTime|questionTime)\d*.*|Gruppenzeit: .*|Fragenzeit: .*", re.DOTALL
)
_LAST_BRACKET = re.compile(r"(.*?)\s*\[([^\[\]]*)\]\s*(?:\[([^\[\]]*)\]\s*)?", re.DOTALL)
_NOT_SHOWN = "N/A"


def recognises(cells: Cells) -> int:
    """Return 1 if the headings hold two of submission date, last page and start language.

    One of what LimeSurvey adds is enough where it has code and text: "id. Response ID".
    """
    headings = cells.records[0]
    keys = {heading_key(heading) for heading in headings}
    both = any(_is_added_with_code(heading) for heading in headings)
    return int(both or sum(bool(mark & keys) for mark in _MARKS) >= 2)


def read(cells: Cells, header_rows: int = 0) -> Export:
    """Read a LimeSurvey export with question codes ("Q1[SQ001]"), full or short texts, or both.

    A column is called by its heading; where that is code and text ("Q1[SQ001]. Rate [Trust]"), by the
    code. Labels are "question - subquestion". Cells "N/A", which say that a question was not shown, are
    no answers. Codes of answers get their labels from the structure of the survey, if it is given (see
    `survey.readers.limesurvey_structure`).

    Raises
    ------
    InputError
        If there is no response below the header.
    """
    headings = cells.records[0]
    metadata = [n for n, heading in enumerate(headings) if _is_added(heading) or _is_added_with_code(heading)]
    own = [n for n in range(len(headings)) if n not in set(metadata)]
    both = {n: found for n in own if (found := _CODE_AND_TEXT.fullmatch(headings[n]))}
    ids, texts = list(headings), list(headings)
    if own and len(both) == len(own):
        both |= {n: found for n in metadata if (found := _CODE_AND_TEXT.fullmatch(headings[n]))}
        ids = [both[n][1] if n in both else heading for n, heading in enumerate(headings)]
        texts = [both[n][2] if n in both else heading for n, heading in enumerate(headings)]
    labels, stems = _labels(texts)
    export = to_export(
        cells,
        platform="limesurvey",
        header_rows=header_rows or 1,
        headings=ids,
        labels=labels,
        stems=stems,
        metadata=metadata,
    )
    return keep_apart(export, _NOT_SHOWN, "the question was not shown")


def _is_added(heading: str) -> bool:
    return heading_key(heading) in METADATA or bool(_TIMING.fullmatch(heading.strip()))


def _is_added_with_code(heading: str) -> bool:
    found = _CODE_AND_TEXT.fullmatch(heading.strip())
    return bool(found and heading_key(found[1]) in METADATA and _is_added(found[2]))


def _labels(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """Write "question [row][scale]" as "question - row - scale", and "question [row]" as in other grids."""
    labels, stems = grid_labels(texts)
    for n, text in enumerate(texts):
        found = _LAST_BRACKET.fullmatch(text)
        if found and found[3] is not None and found[1]:
            labels[n], stems[n] = f"{found[1]} - {found[2]} - {found[3]}", found[1]
    return labels, stems


LIMESURVEY = Platform(
    name="limesurvey",
    title="a LimeSurvey export",
    expected='one header row with "Date submitted" (submitdate), "Last page" (lastpage) and the like',
    recognises=recognises,
    read=read,
    loose=True,
)
