"""Where the labels of files contradict each other, the instrument or what a study declares."""

from collections.abc import Iterator, Mapping, Sequence

from survey.answer_labels import LabelSeen, ScaleLabels, value_labels, whole_code
from survey.instrument import Instrument, Question
from survey.language import look_up, say
from survey.matching import MatchedExport
from survey.problems import Problem
from survey.rescaling import runs_against, scale_name
from survey.wording import wording_key


def conflicts(
    waves: Sequence[MatchedExport], instrument: Instrument, *, seen: Sequence[ScaleLabels]
) -> Iterator[Problem]:
    """Find codes with two labels and labels with two codes, in one file or in two.

    Labels stand in the file beside the answers, or in them ("4 - Agree"). Wordings of one code in the
    languages of the instrument are one label. What a file declares for itself (`MatchedExport.scales`,
    `.codes`) holds for it instead of the instrument. `seen` is what `scale_labels` returned.
    """
    for pool in seen:
        yield from list(_scale_conflicts(pool, instrument)) or _wrong_way(pool, instrument)
    for question in instrument.columns.values():
        if question.kind == "choice":
            options = question.options
            meanings = {wording_key(text): key for key, texts in options.items() for text in texts.values()}
            meanings |= {wording_key(key): key for key in options}
            found = _choice_labels(waves, question)
            codes = {label.code for label in found}
            own = [
                LabelSeen(key, key, say("the instrument"), "") for key in options if whole_code(key) in codes
            ]
            advice = f"codes: {{{question.id}: {{<code>: <option>}}}}"
            yield from _conflicts(
                [*own, *found], meanings, dict.fromkeys((label.place for label in found), advice)
            )


def _scale_conflicts(pool: ScaleLabels, instrument: Instrument) -> Iterator[Problem]:
    question, scale = pool.question, pool.scale
    known = {str(code): text for code, text in scale.labels.items()}
    meanings = {wording_key(text): code for code, texts in known.items() for text in texts.values()}
    asked = question.scale is not None and question.scale.labels == scale.labels
    whose = say("the instrument" if asked else "the study")
    own = [LabelSeen(code, next(iter(text.values())), whose, "") for code, text in known.items()]
    advice = {found.place: _declaration(found, pool, instrument) for found in pool.seen}
    yield from _conflicts([*own, *pool.seen], meanings, advice)


def _wrong_way(pool: ScaleLabels, instrument: Instrument) -> Iterator[Problem]:
    """Find files whose labels run the other way than is declared, on a scale that has no labels to hold against."""
    for place in dict.fromkeys(label.place for label in pool.seen):
        there = sorted(
            (found for found in pool.seen if found.place == place), key=lambda found: float(found.code)
        )
        if runs_against(_by_code(there), pool.usual, turned=pool.turned):
            first, last = there[0], there[-1]
            usual = sorted(pool.usual.labels.items())
            texts = (f"{code:g} {next(iter(text.values()))!r}" for code, text in usual)
            what = say(
                "the labels from {first} to {last} run the same way as those of {whose}, {labels}"
                if pool.turned
                else "the labels from {first} to {last} run the other way than those of {whose}, {labels}",
                first=f"{first.code} {first.label!r}", last=f"{last.code} {last.label!r}",
                whose=look_up(pool.whose), labels=", ".join(texts),
            )  # fmt: skip
            yield _problem(what, last, f"declare for this file {_declaration(last, pool, instrument)}")


def _declaration(label: LabelSeen, pool: ScaleLabels, instrument: Instrument) -> str:
    """Return what a study says of the scale of a column whose labels are not those of the instrument."""
    there = [found for found in pool.seen if found.place == label.place]
    alone = {found.column for found in pool.seen if found.file == label.file} == {label.column}
    name = scale_name(pool.question, instrument) if alone else label.question
    codes = [float(found.code) for found in there]
    low, high = min([pool.scale.min, *codes]), max([pool.scale.max, *codes])
    more = ""
    if runs_against(_by_code(there), pool.usual):
        more = ", turned: true"
    elif (low, high, pool.turned) == (pool.scale.min, pool.scale.max, False):
        more = ", labels: ..."
    return f"scales: {{{name}: {{min: {low:g}, max: {high:g}{more}}}}}"


def _by_code(labels: Sequence[LabelSeen]) -> dict[float, list[str]]:
    found: dict[float, list[str]] = {}
    for label in labels:
        found.setdefault(float(label.code), []).append(label.label)
    return found


def _choice_labels(waves: Sequence[MatchedExport], question: Question) -> list[LabelSeen]:
    keys = (question.id, question.role)
    return [
        LabelSeen(code, label, matched.export.file, matched.columns[key])
        for matched in waves
        for key in dict.fromkeys(keys)
        if key in matched.columns and question.id not in matched.codes
        for code, label in value_labels(matched.export, matched.columns[key]).items()
    ]


def _conflicts(
    seen: Sequence[LabelSeen], meanings: Mapping[str, str], advice: Mapping[tuple[str, str], str]
) -> Iterator[Problem]:
    """Hold every label against the first with its code, and against the first of its meaning.

    `advice` is what to declare, by file and column.
    """
    by_code: dict[str, LabelSeen] = {}
    by_meaning: dict[str, LabelSeen] = {}
    for found in seen:
        meaning = _meaning(found, meanings)
        first = by_code.setdefault(found.code, found)
        other = by_meaning.setdefault(meaning, found)
        to_do = f"if this file was coded in its own way, declare for it {advice.get(found.place, '')}"
        if _meaning(first, meanings) != meaning:
            what = say(
                "the code {code} is {here!r} here and {there!r} in {where}",
                code=found.code, here=found.label, there=first.label, where=first.where,
            )  # fmt: skip
            yield _problem(what, found, to_do)
        elif other.code != found.code:
            what = say(
                "{label!r} has the code {code} here and {other} in {where}",
                label=found.label, code=found.code, other=other.code, where=other.where,
            )  # fmt: skip
            what += f" ({other.label!r})" if wording_key(other.label) != wording_key(found.label) else ""
            yield _problem(what, found, to_do)


def _meaning(found: LabelSeen, meanings: Mapping[str, str]) -> str:
    key = wording_key(found.label)
    return meanings.get(key, f"label {key}")


def _problem(what: str, found: LabelSeen, to_do: str) -> Problem:
    allowed = say("one label for each code")
    return Problem(what, found.file, found.row, found.column, found.label, allowed, to_do)
