"""What the codes of answers mean: the labels that files carry."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from survey.instrument import Instrument, Question, Scale
from survey.matching import MatchedExport
from survey.readers.cells import heading_key
from survey.readers.export import Export
from survey.recoding import DONT_KNOW
from survey.rescaling import as_asked, declared_scale, scale_name
from survey.wording import wording_key

_CODE_AND_LABEL = re.compile(r"\s*([+-]?\d+)\s*[-–—:.=)]\s*(\D.*)|(.*\D)\s*\(([+-]?\d+)\)\s*", re.DOTALL)
_SHORT = 5
_WHOLE = re.compile(r"\s*([+-]?\d+)(?:\.0*)?\s*")


class LabelSeen(NamedTuple):
    """A code beside its label, in a file; `question` is what the column answers, where that matters."""

    code: str
    label: str
    file: str
    column: str
    row: int | None = None
    question: str = ""

    @property
    def place(self) -> tuple[str, str]:
        """File and column."""
        return self.file, self.column

    @property
    def where(self) -> str:
        """File and column in words; the file alone where there is no column."""
        return f"{self.file}, {self.column}" if self.column else self.file


def value_labels(export: Export, column: str) -> dict[str, str]:
    """Return the label of each code of a column, where the file carries labels beside the answers."""
    return {whole_code(code): label for code, label in export.values.get(column, {}).items()}


def spelled_out(
    column: pd.Series, question: Question | None, *, labels: Mapping[str, str], codes: Mapping[str, str]
) -> pd.Series:
    """Put into the place of codes what they mean in their file.

    Choices become the declared option or the label; ticks and texts the label. Codes of a scale stay,
    except those declared or labelled as "don't know"; numbers stay.

    Parameters
    ----------
    column
        Text or NA.
    question
        The question; None for a standard column.
    labels
        Label by code, from the file.
    codes
        Option by code, as the study declares it for a choice, or the platform has it.

    Examples
    --------
    >>> question = Question("q", "question", "q", "choice", {"en": "?"}, options={"yes": {"en": "Yes"}})
    >>> written = pd.Series(["1", "2.0", None], dtype="str")
    >>> spelled_out(written, question, labels={"1": "Yes", "2": "No"}, codes={"2": "no"}).tolist()
    ['Yes', 'no', nan]
    """
    kind = question.kind if question else "text"
    meant = {whole_code(code): option for code, option in codes.items()}
    if kind in ("choice", "tick", "text"):
        meant = {**labels, **meant}
    elif kind == "scale" and question and question.scale:
        unsure = {wording_key(text) for text in question.scale.dont_know.values()}
        meant |= {code: label for code, label in labels.items() if wording_key(label) in unsure}
    if not meant or kind == "number":
        return column
    uniques = column.dropna().unique()
    words = {text: meant[whole_code(text)] for text in uniques if whole_code(text) in meant}
    return column.replace(words) if words else column


def platform_codes(export: Export, question: Question) -> dict[str, str]:
    """Return what the short codes of LimeSurvey mean, in files that carry no labels beside the answers.

    Codes of answers are the first five letters and digits of an option's id; "DK" is "don't know".

    Examples
    --------
    >>> import numpy as np
    >>> options = {"sales": {"en": "Sales"}, "marketing": {"en": "Marketing"}, "dont_know": {"en": "?"}}
    >>> question = Question("q", "question", "q", "choice", {"en": "?"}, options=options)
    >>> export = Export(pd.DataFrame({"q": ["marke"]}), {}, "limesurvey", "utf-8", 1, np.array([2]), "a.csv")
    >>> platform_codes(export, question)
    {'sales': 'sales', 'marke': 'marketing', 'DK': 'dont_know'}
    """
    if export.platform != "limesurvey" or question.kind not in ("choice", "scale"):
        return {}
    short = {option: heading_key(option)[:_SHORT] for option in question.options if option != DONT_KNOW}
    codes = list(short.values())
    alone = {code: option for option, code in short.items() if codes.count(code) == 1}
    unsure = DONT_KNOW in question.options or bool(question.scale and question.scale.dont_know)
    return alone | ({"DK": DONT_KNOW} if unsure else {})


class ScaleLabels(NamedTuple):
    """Labels seen beside the codes of one scale as asked; `question` stands for all that share it.

    `usual` is the scale of the instrument, where that has no labels with those of the first file that asks
    on it, and `whose` says whose labels these are.
    """

    question: Question
    scale: Scale
    turned: bool
    seen: list[LabelSeen]
    usual: Scale
    whose: str = "the instrument"


def labels_by_code(instrument: Instrument, *, seen: Sequence[ScaleLabels]) -> dict[str, dict[str, str]]:
    """Return the label of each code or option by question: the instrument's, and the files' where it has none.

    Labels are in the first language of the instrument, where it has them. Files that asked on a scale of
    their own are left out: their answers are brought to the scale of the instrument.
    """
    language = instrument.languages[0]
    labels: dict[str, dict[str, str]] = {}
    for question in instrument.columns.values():
        texts = question.options if question.kind == "choice" else {}
        if question.scale:
            texts = {str(code): text for code, text in question.scale.labels.items()}
        if texts:
            labels[question.id] = {code: text.get(language, code) for code, text in texts.items()}
    for question, scale, _, written, *_ in seen:
        if scale == question.scale:
            extra = {found.code: found.label for found in reversed(written)}
            for other in instrument.columns.values():
                if other.scale is question.scale:
                    labels[other.id] = extra | labels.get(other.id, {})
    return {key: dict(sorted(found.items())) for key, found in labels.items()}


def scale_labels(waves: Sequence[MatchedExport], instrument: Instrument) -> list[ScaleLabels]:
    """Collect the labels seen in all files, by scale as asked."""
    pools: dict[str, ScaleLabels] = {}
    for question in instrument.columns.values():
        for matched in waves:
            column = matched.columns.get(question.id)
            if question.scale is None or column is None:
                continue
            declared = declared_scale(question, matched.scales, instrument)
            scale = as_asked(question, declared) if declared else question.scale
            turned = bool(declared and declared.turned)
            key = f"{scale_name(question, instrument)} {turned} {scale.model_dump_json()}"
            pool = pools.setdefault(key, ScaleLabels(question, scale, turned, [], question.scale)).seen
            texts = [text for label in scale.labels.values() for text in label.values()]
            worded = set(map(wording_key, texts))
            known = {(found.code, wording_key(found.label), found.file) for found in pool}
            for found in _seen(matched.export, column):
                inside = scale.min <= float(found.code) <= scale.max
                if (inside or wording_key(found.label) in worded) and _identity(found) not in known:
                    pool.append(found._replace(question=question.id))
    labelled = [pool for pool in pools.values() if pool.seen]
    return [_with_usual_labels(pool, labelled) for pool in labelled]


def _with_usual_labels(pool: ScaleLabels, pools: Sequence[ScaleLabels]) -> ScaleLabels:
    """Where the instrument has no labels, take those of the first file that asks on its scale."""
    own = pool.question.scale
    plain = [
        other for other in pools if other.question.scale is own and other.scale == own and not other.turned
    ]
    if own is None or own.labels or not plain:
        return pool
    first, *rest = plain[0].seen
    labels = {
        int(float(found.code)): {"": found.label}
        for found in (first, *rest)
        if found.place == first.place and float(found.code).is_integer()
    }
    return pool._replace(usual=own.model_copy(update={"labels": labels}), whose=first.where)


def _identity(found: LabelSeen) -> tuple[str, str, str]:
    return found.code, wording_key(found.label), found.file


def _seen(export: Export, column: str) -> Iterator[LabelSeen]:
    """Yield labels that stand beside the answers or in them."""
    for code, label in value_labels(export, column).items():
        if _WHOLE.fullmatch(code):
            yield LabelSeen(code, label, export.file, column)
    written = export.frame[column]
    for text in written.dropna().unique():
        found = _CODE_AND_LABEL.fullmatch(text)
        if found and wording_key(found[2] or found[3]):
            row = int(export.rows[(written == text).to_numpy().argmax()])
            label = (found[2] or found[3]).strip()
            yield LabelSeen(whole_code(found[1] or found[4]), label, export.file, column, row)


def whole_code(text: str) -> str:
    """Return a code as it is compared: "1.0" and " 1" are "1"."""
    whole = _WHOLE.fullmatch(text)
    return str(int(whole[1])) if whole else text.strip()
