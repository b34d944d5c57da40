"""KoboToolbox and ODK exports: headings are paths ("group/question"), answers the names of choices."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from survey.readers.assembly import to_export
from survey.readers.cells import Cells, Platform
from survey.readers.choices import with_multiple
from survey.readers.export import Export

_UNDERSCORED = frozenset(
    """id uuid submission_time validation_status notes status submitted_by version tags index parent_index
    parent_table_name root_uuid attachments edits""".split()  # noqa: SIM905
)
"""What Kobo adds, between underscores ("_uuid", "__version__"; R makes "X_uuid" of it)."""
_NAMED = frozenset(
    """SubmissionDate KEY SubmitterID SubmitterName AttachmentsPresent AttachmentsExpected ReviewState
    DeviceID FormVersion instanceID PARENT_KEY formhub/uuid""".split()  # noqa: SIM905
)
_DEVICE = frozenset({"start", "end", "today", "deviceid", "subscriberid", "simserial", "audit"})
_ADDED = re.compile(r"X?_+([a-z_]+?)_*")
_META = re.compile(r"meta[/-].+|.*[/-]meta[/-].+|_\w+_(?:latitude|longitude|altitude|precision)")
_FROM_R = re.compile(r"^X\.U\.FEFF\.")
_SAMPLE = 20_000
_TICKS = frozenset({"0", "1", "true", "false"})
_NAMES = re.compile(r"[a-z0-9_]+(?: [a-z0-9_]+)*")


def recognises(cells: Cells) -> int:
    """Return 1 if the headings hold at least two that only Kobo or ODK add ("_uuid", "_submission_time")."""
    headings = {heading.strip() for heading in cells.records[0]}
    kobo = [heading for heading in headings if _is_underscored(heading)]
    odk = headings & {"SubmissionDate", "KEY", "instanceID", "meta-instanceID", "SubmitterID", "ReviewState"}
    return int(len(kobo) >= 2 or len(odk) >= 2)


def read(cells: Cells, header_rows: int = 0) -> Export:
    """Read an export of KoboToolbox or ODK.

    The groups before a question are left out of its name where the rest tells the columns apart. A
    question with several choices is in one cell (names with spaces between, see `Export.multiple`), in a
    column for each choice ("question/choice", 1 and 0 or TRUE and FALSE), or in both; then the one cell
    counts as metadata, for it says the same again.

    Raises
    ------
    InputError
        If there is no response below the header.
    """
    paths = written = [_FROM_R.sub("", heading.strip()) for heading in cells.records[0]]
    if "SubmissionDate" in paths and not any(path.startswith("_") for path in paths):
        paths = [_from_odk(path) for path in paths]
    parents = _parents(paths) | _parents_left_out(paths, cells.records[1:])
    names = _short(paths, parents)
    called = dict(zip(paths, names, strict=True))
    stems = [called.get(parents[path], _last(parents[path])) if path in parents else "" for path in paths]
    options = [path[len(parents[path]) + 1 :] if path in parents else "" for path in paths]
    labels = [
        f"{stem} - {option}" if stem else name
        for name, stem, option in zip(names, stems, options, strict=True)
    ]
    again = {n for n, path in enumerate(paths) if path in set(parents.values())}
    metadata = {n for n, path in enumerate(paths) if _is_added(path)}
    export = to_export(
        cells,
        platform="kobo",
        header_rows=header_rows or 1,
        headings=names,
        labels=labels,
        stems=stems,
        metadata=metadata | again,
    )
    said = [f"has the choices of {len(again)} questions in one cell and in a column each"] if again else []
    cut = [path for name, path in zip(names, written, strict=True) if name != path]
    said += [f"has groups before the names of questions, as in {cut[0]!r}: left out"] if cut else []
    known = {str(export.frame.columns[n]): " " for n in sorted(again)}
    export = replace(export, multiple=known, decisions=(*export.decisions, *said))
    return _with_several_names(export)


def _from_odk(path: str) -> str:
    """Write the groups of ODK, "group-question", as those of Kobo."""
    return path if path in _NAMED or _META.fullmatch(path) else path.replace("-", "/")


def _is_underscored(heading: str) -> bool:
    found = _ADDED.fullmatch(heading)
    return found is not None and found[1] in _UNDERSCORED


def _is_added(path: str) -> bool:
    last = path.rpartition("/")[2]
    return _is_underscored(last) or bool(_META.fullmatch(path)) or path in _NAMED or path in _DEVICE


def _parents(paths: Sequence[str]) -> dict[str, str]:
    """Return the question of every column that stands for one of its choices: both have columns."""
    known = set(paths)
    parents = {}
    for path in paths:
        heads = [path.rpartition(mark)[0] for mark in ("/", ".")]
        head = next((head for head in heads if head and head in known), "")
        if head:
            parents[path] = head
    return parents


def _parents_left_out(paths: Sequence[str], records: Sequence[Sequence[str]]) -> dict[str, str]:
    """Return the question of columns for its choices alone: headings alike but for their end, all 1 or 0."""
    heads = Counter(path.rpartition("/")[0] for path in paths)
    families = {head: set[str]() for head, count in heads.items() if head and head not in paths and count > 1}
    for n, path in enumerate(paths):
        if (head := path.rpartition("/")[0]) in families:
            families[head] |= {record[n].casefold() for record in records} - {""}
    ticks = [head for head, cells in families.items() if cells <= _TICKS and cells & {"0", "false"}]
    return {path: head for path in paths if (head := path.rpartition("/")[0]) in ticks}


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _short(paths: Sequence[str], parents: Mapping[str, str]) -> list[str]:
    """Leave out the groups before questions, where the names that remain are different."""
    questions = [path for path in paths if path not in parents]
    count = Counter(map(_last, questions))
    names = {path: last if count[last := _last(path)] == 1 else path for path in questions}
    return [
        names[path]
        if path in names
        else names.get(parents[path], _last(parents[path])) + path[len(parents[path]) :]
        for path in paths
    ]


def _with_several_names(export: Export) -> Export:
    """Find questions with several choices in one cell among those whose answers are names of choices."""
    sample = export.frame.head(_SAMPLE)
    texts = {str(column): sample[column].dropna() for column in sample}
    named = {
        column
        for column, written in texts.items()
        if written.str.contains(" ").any() and written.str.fullmatch(_NAMES.pattern).all()
    }
    return with_multiple(export, (" ",), columns=named)


KOBO = Platform(
    name="kobo",
    title="a KoboToolbox or ODK export",
    expected='one header row with "_uuid", "_submission_time" or "KEY", "SubmissionDate" and the like',
    recognises=recognises,
    read=read,
    loose=True,
)
