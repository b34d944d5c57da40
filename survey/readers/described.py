"""What a questionnaire file says about the columns of an export: wording, choices, what a tick is."""

import html
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from survey.problems import InputError, Problem
from survey.readers.export import Export
from survey.wording import wording_key

_MARKUP = re.compile(r"<[^<>]+>")
_NUMBERED = re.compile(r"\.\d+$")
_CUT = "..."


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """One column as its questionnaire describes it.

    Parameters
    ----------
    headings
        What platforms may call the column, the likeliest first.
    own, stem
        Its own wording, and that which it shares with its neighbours; `stem` is empty if nothing.
    values
        Label by code.
    multiple
        Character between the choices of one cell.
    ticked
        Code that means "chosen", in a column of a tick list.
    added
        Whether the platform adds it by itself.
    languages
        Its label, stem and own wording together, in other languages.
    """

    headings: tuple[str, ...]
    own: str
    stem: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    multiple: str = ""
    ticked: str = ""
    added: bool = False
    languages: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Return the question text: "stem - own"."""
        return " - ".join(filter(None, (self.stem, self.own)))


def with_labels(export: Export, described: Sequence[Described], file: str) -> Export:
    """Give an export the wordings, choices and ticks that its questionnaire describes.

    A column is found by its heading, or else by its wording in any language; where several are called
    alike (rows of matrices with the same codes), by its wording among these. The wording that the export
    itself holds is kept, unless it is cut short.

    Parameters
    ----------
    export
        The export.
    described
        Every column that the questionnaire can have.
    file
        How messages call the questionnaire.

    Raises
    ------
    InputError
        If no column of the export is described.
    """
    found = _found(export, described)
    if not found:
        what = "describes no column of the export"
        advice = f"the questionnaire of {export.file}, with the same codes or wordings"
        raise InputError([Problem(what, file=file, allowed=advice)])
    labels = {
        **export.labels,
        **{c: d.label for c, d in found.items() if d.label and _is_short(export, c, d)},
    }
    stems = {**export.stems, **{c: d.stem for c, d in found.items() if d.stem}}
    values = {**export.values, **{c: dict(d.values) for c, d in found.items() if d.values}}
    multiple = {**export.multiple, **{c: d.multiple for c, d in found.items() if d.multiple}}
    single = {c for c, d in found.items() if d.values and not d.multiple}
    added = {c for c, d in found.items() if d.added}
    own = len({*map(str, export.frame)} - (set(export.metadata) - set(found)))
    said = f"has its questions described in {file}: {len(found)} of {own} columns"
    return replace(
        export,
        labels=labels,
        stems=stems,
        values=values,
        multiple={column: mark for column, mark in multiple.items() if column not in single},
        ticked={**export.ticked, **_ticked(export, found)},
        metadata=tuple(str(c) for c in export.frame if c in export.metadata or c in added),
        decisions=(*export.decisions, said),
    )


def plain_text(text: str) -> str:
    """Return a wording without markup and with single spaces.

    Examples
    --------
    >>> plain_text("We&nbsp;plan<br><b>together</b>.")
    'We plan together.'
    """
    bare = html.unescape(_MARKUP.sub(" ", text)) if "<" in text or "&" in text else text
    return re.sub(r"\s+([.,;:?!])", r"\1", " ".join(bare.split()))


def _found(export: Export, described: Iterable[Described]) -> dict[str, Described]:
    by_heading: dict[str, list[Described]] = defaultdict(list)
    by_text: dict[str, list[Described]] = defaultdict(list)
    for one in described:
        for heading in dict.fromkeys(one.headings):
            by_heading[heading.casefold()].append(one)
        for text in dict.fromkeys((one.label, *one.languages)):
            by_text[wording_key(text)].append(one)
    by_text.pop("", None)
    found: dict[str, Described] = {}
    used: set[int] = set()
    for column in map(str, export.frame):
        if column in export.metadata and column not in export.multiple:
            continue
        key = column.strip().casefold()
        candidates = by_heading.get(key) or by_heading.get(_NUMBERED.sub("", key)) or []
        candidates = candidates or by_text.get(wording_key(export.label(column)), [])
        free = [one for one in candidates if id(one) not in used]
        if free:
            found[column] = max(free, key=lambda one: _likeness(one, export.label(column)))
            used.add(id(found[column]))
    return found


def _ticked(export: Export, found: Mapping[str, Described]) -> dict[str, str]:
    """Return the code of a tick where it occurs: some exports write the option or 1 in its place."""
    codes = {column: one.ticked for column, one in found.items() if one.ticked}
    return {column: code for column, code in codes.items() if export.frame[column].eq(code).any()}


def _likeness(one: Described, label: str) -> tuple[int, bool]:
    """How much of a wording, perhaps cut short, begins as the described one does; whether it ends alike."""
    begin, _, end = label.partition(_CUT)
    pairs = zip(wording_key(begin), wording_key(one.label), strict=False)
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return alike, wording_key(end or begin).endswith(wording_key(one.own))


def _is_short(export: Export, column: str, one: Described) -> bool:
    """Whether the export gives no wording of its own, or one cut short."""
    label = export.label(column)
    codes = {wording_key(heading) for heading in one.headings}
    return _CUT in label or "…" in label or wording_key(label) in codes
