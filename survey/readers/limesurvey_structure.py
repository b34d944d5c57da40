"""The columns that a LimeSurvey questionnaire gives rise to: .lss, or its structure as TSV."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from survey.problems import InputError, Problem
from survey.readers.described import Described, plain_text

_LISTS = frozenset("L!O^")
_ARRAYS = frozenset("FH")
_TICK_LISTS = frozenset("MP")
_FIXED: Mapping[str, Mapping[str, str]] = {
    "Y": {"Y": "Yes", "N": "No"},
    "G": {"F": "Female", "M": "Male"},
    "C": {"Y": "Yes", "U": "Uncertain", "N": "No"},
    "E": {"I": "Increase", "S": "Same", "D": "Decrease"},
}
_TICK = "Y"

Texts = dict[str, str]
Row = Mapping[str, str]


@dataclass(slots=True, eq=False)
class _Question:
    """A question as LimeSurvey keeps it; texts by language, parts and answers by scale and code."""

    code: str
    kind: str
    other: bool = False
    texts: Texts = field(default_factory=dict)
    parts: dict[str, dict[str, Texts]] = field(default_factory=lambda: {"0": {}, "1": {}})
    answers: dict[str, dict[str, Texts]] = field(default_factory=lambda: {"0": {}, "1": {}})


def read_lss(data: bytes, file: str) -> list[Described]:
    """List the columns of a LimeSurvey survey, group or question (.lss, .lsg, .lsq).

    Parameters
    ----------
    data
        Content of the file.
    file
        How messages call it.

    Raises
    ------
    InputError
        If it is no such file; XML with definitions of its own is refused.
    """
    advice = "a .lss file, exported from LimeSurvey as survey structure"
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        what = "holds definitions that LimeSurvey does not write: not read"
        raise InputError([Problem(what, file=file, allowed=advice)])
    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise InputError([Problem(f"is not valid XML: {error}", file=file, allowed=advice)]) from None
    if root.find("LimeSurveyDocType") is None or root.find("questions") is None:
        raise InputError([Problem("is no LimeSurvey questionnaire", file=file, allowed=advice)])
    language = (
        root.findtext("surveys/rows/row/language") or root.findtext("languages/language") or ""
    ).strip()
    return _described(_from_lss(root), language)


def read_structure(data: bytes, file: str) -> list[Described]:
    """List the columns of a LimeSurvey survey from its structure as TSV.

    Parameters
    ----------
    data
        Content of the file.
    file
        How messages call it.

    Raises
    ------
    InputError
        If it has no columns class, type/scale, name and text.
    """
    text = data.decode("utf-8-sig", errors="replace")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter="\t", restval=""))
    if not rows or not {"class", "type/scale", "name", "text"} <= set(rows[0]):
        advice = "the structure of a survey, exported from LimeSurvey as tab separated values"
        raise InputError([Problem("is no LimeSurvey questionnaire", file=file, allowed=advice)])
    language = next((r["text"] for r in rows if r["class"] == "S" and r["name"] == "language"), "")
    return _described(_from_structure(rows), language)


def _from_lss(root: ElementTree.Element) -> list[_Question]:
    by_id: dict[str, _Question] = {}
    for row in _rows(root, "questions"):
        question = by_id.setdefault(
            row["qid"], _Question(row.get("title", ""), row.get("type", ""), row.get("other") == "Y")
        )
        question.texts |= _own_text(row, "question")
    texts: dict[str, Texts] = defaultdict(dict)
    for row in _rows(root, "question_l10ns"):
        texts[row["qid"]] |= _own_text(row, "question")
    for key, question in by_id.items():
        question.texts |= texts[key]
    for row in _rows(root, "subquestions"):
        if row.get("parent_qid") in by_id:
            part = by_id[row["parent_qid"]].parts.setdefault(row.get("scale_id", "0"), {})
            part.setdefault(row.get("title", ""), {}).update(_own_text(row, "question") | texts[row["qid"]])
    answers: dict[str, Texts] = defaultdict(dict)
    for row in _rows(root, "answer_l10ns"):
        answers[row["aid"]] |= _own_text(row, "answer")
    for row in _rows(root, "answers"):
        if row.get("qid") in by_id:
            known = by_id[row["qid"]].answers.setdefault(row.get("scale_id", "0"), {})
            known.setdefault(row.get("code", ""), {}).update(
                _own_text(row, "answer") | answers[row.get("aid", "")]
            )
    return list(by_id.values())


def _rows(root: ElementTree.Element, section: str) -> Iterator[dict[str, str]]:
    for row in root.iterfind(f"{section}/rows/row"):
        yield defaultdict(str, {cell.tag: (cell.text or "").strip() for cell in row})


def _own_text(row: Row, key: str) -> Texts:
    return {row.get("language", ""): row[key]} if row.get(key) else {}


def _from_structure(rows: list[dict[str, str]]) -> list[_Question]:
    questions: dict[str, _Question] = {}
    asked: _Question | None = None
    for row in rows:
        kind, name, said = row["class"], row["name"] or "", {row.get("language") or "": row["text"] or ""}
        scale = row["type/scale"] or "0"
        if kind == "Q":
            asked = questions.setdefault(name, _Question(name, scale, row.get("other") == "Y"))
            asked.texts |= said
        elif asked is not None and kind in ("SQ", "A"):
            known = asked.parts if kind == "SQ" else asked.answers
            known.setdefault(scale, {}).setdefault(name, {}).update(said)
    return list(questions.values())


def _described(questions: list[_Question], language: str) -> list[Described]:
    return [column for question in questions for column in _columns(question, language)]


def _columns(question: _Question, language: str) -> Iterator[Described]:
    """Yield the columns of one question, as its type has them."""
    code, stem = question.code, _text(question.texts, language)
    choices = _labels(question.answers["0"], language)
    if question.kind == "1":
        yield from _two_scales(question, stem, language)
    elif question.kind == "R":
        for rank in map(str, range(1, len(choices) + 1)):
            yield Described(_headings(code, rank), f"Rank {rank}", stem, values=choices)
    elif question.parts["0"]:
        yield from _parts(question, stem, language)
    else:
        values = choices if question.kind in _LISTS else _FIXED.get(question.kind, {})
        languages = tuple(plain_text(text) for text in question.texts.values())
        yield Described((code,), stem, values=values, languages=languages)
        yield Described(_headings(code, "comment"), "Comment", stem)
    if question.other:
        yield Described(_headings(code, "other"), "Other", stem)


def _parts(question: _Question, stem: str, language: str) -> Iterator[Described]:
    """Yield a column for each subquestion, or for each cell of a table of them."""
    ticks = question.kind in _TICK_LISTS
    values = _labels(question.answers["0"], language) if question.kind in _ARRAYS else {}
    values = {_TICK: "Yes"} if ticks else values or dict(_FIXED.get(question.kind, {}))
    across = question.parts["1"]
    for part, texts in question.parts["0"].items():
        own = _text(texts, language)
        for column, others in across.items():
            names = _headings(question.code, f"{part}_{column}")
            yield Described(names, f"{own} - {_text(others, language)}", stem)
        if across:
            continue
        languages = tuple(
            plain_text(f"{question.texts.get(key, stem)} {text}") for key, text in texts.items()
        )
        yield Described(
            _headings(question.code, part), own, stem, values=values, ticked=_TICK if ticks else "",
            languages=languages,
        )  # fmt: skip
        yield Described(_headings(question.code, f"{part}comment"), f"{own} - Comment", stem)


def _two_scales(question: _Question, stem: str, language: str) -> Iterator[Described]:
    for scale in ("0", "1"):
        values, number = _labels(question.answers[scale], language), str(int(scale) + 1)
        for part, texts in question.parts["0"].items():
            code = question.code
            names = (f"{code}[{part}][{number}]", f"{code}_{part}_{number}", f"{code}[{part}#{scale}]")
            yield Described(names, f"{_text(texts, language)} - Scale {number}", stem, values=values)


def _labels(answers: Mapping[str, Texts], language: str) -> dict[str, str]:
    return {code: _text(texts, language) for code, texts in answers.items()}


def _headings(code: str, part: str) -> tuple[str, ...]:
    return f"{code}[{part}]", f"{code}_{part}"


def _text(texts: Texts, language: str) -> str:
    return plain_text(texts.get(language) or next(iter(texts.values()), ""))
