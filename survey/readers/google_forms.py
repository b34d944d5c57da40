"""Google Forms exports: a time stamp first, then one column for each question or row of a grid."""

import re
from collections import Counter
from collections.abc import Sequence

from survey.readers.assembly import to_export
from survey.readers.cells import Cells, Platform, heading_key
from survey.readers.choices import with_multiple
from survey.readers.export import Export

TIMESTAMPS = frozenset(
    map(
        heading_key,
        """Timestamp, Zeitstempel, Horodateur, Marca temporal, Marca de tiempo, Tijdstempel,
        Informazioni cronologiche, Carimbo de data/hora, Carimbo de tempo, Data/hora, Sygnatura czasowa,
        Tidsstämpel, Tidstämpel, Tidsstempel, Tidstempel, Aikaleima, Časové označení, Časová značka,
        Časové razítko, Časová pečiatka, Időbélyeg, Marcaj de timp, Marcă temporală, Vremenska oznaka,
        Marca de temps, Segell de temps, Zaman damgası,
        Отметка времени, Позначка часу, Клеймо за време, Χρονική σήμανση,
        חותמת זמן, طابع زمني, Dấu thời gian, Stempel waktu, Cap waktu, タイムスタンプ, 时间戳记, 时间戳,
        時間戳記, 타임스탬프, ประทับเวลา""".split(","),  # noqa: SIM905
    )
)
"""Heading of the first column in the languages of the forms, as `heading_key` gives it."""

_ADDED = TIMESTAMPS | {
    *("emailaddress", "emailadresse", "adresseemail", "direccióndecorreoelectrónico", "emailadres"),
    *("endereçodeemail", "indirizzoemail", "username", "nutzername", "nomdutilisateur", "nombredeusuario"),
}
_MOMENT = re.compile(r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}\D")
_DIGITS = re.compile(r"\d+")
_GRID = re.compile(r"(.*\S)\s*\[([^\]]*)\]\s*", re.DOTALL)
_SEPARATORS = (";", ", ")


def recognises(cells: Cells) -> int:
    """Return 1 if the first column is the time stamp of Google Forms, in any of its languages, else 0."""
    if len(cells.records[0]) < 2 or heading_key(cells.records[0][0]) not in TIMESTAMPS:
        return 0
    stamps = [record[0] for record in cells.records[1:20] if record[0].strip()]
    return int(all(_MOMENT.match(stamp.strip()) or len(_DIGITS.findall(stamp)) > 3 for stamp in stamps))


def read(cells: Cells, header_rows: int = 0) -> Export:
    """Read a Google Forms export, downloaded from the form (";" between choices) or its sheet (",").

    A row of a grid, "question [row]", is called so, and "question - row" in its label. Columns with
    several choices in one cell are named in `Export.multiple`.

    Raises
    ------
    InputError
        If there is no response below the header.
    """
    headings = cells.records[0]
    labels, stems = grid_labels(headings)
    export = to_export(
        cells,
        platform="google_forms",
        header_rows=header_rows or 1,
        headings=headings,
        labels=labels,
        stems=stems,
        metadata=[n for n, heading in enumerate(headings) if heading_key(heading) in _ADDED],
    )
    return with_multiple(export, _SEPARATORS)


def grid_labels(headings: Sequence[str]) -> tuple[list[str], list[str]]:
    """Write "question [row]" as "question - row" where several headings share the question.

    Examples
    --------
    >>> grid_labels(["Rate these [Trust]", "Rate these [Goals]", "Size [people]"])
    (['Rate these - Trust', 'Rate these - Goals', 'Size [people]'], ['Rate these', 'Rate these', ''])
    """
    cut = [_GRID.fullmatch(heading) for heading in headings]
    shared = Counter(found[1] for found in cut if found)
    labels, stems = [], []
    for heading, found in zip(headings, cut, strict=True):
        in_grid = found is not None and shared[found[1]] > 1
        labels.append(f"{found[1]} - {found[2]}" if found and in_grid else heading)
        stems.append(found[1] if found and in_grid else "")
    return labels, stems


GOOGLE_FORMS = Platform(
    name="google_forms",
    title="a Google Forms export",
    expected='one header row that begins with "Timestamp", in the language of the form, above dates',
    recognises=recognises,
    read=read,
    loose=True,
)
