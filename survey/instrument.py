"""The questionnaire as data: constructs, questions, outcomes and practices, declared in one YAML file."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from survey.declaration import Declared, Fault, InconsistencyError, read_declaration, suggest
from survey.language import counted
from survey.problems import InputError, Problem

SHIPPED = Path(__file__).parent / "instruments"

Text = dict[str, str]
"""Wording by language code: ``{"en": "Sales", "de": "Vertrieb"}``."""

RESERVED = (
    {"respondent", "company", "function", "wave", "weight", "file", "row", "n", "n_sales", "n_marketing"}
    | {"alignment", "alignment_sales", "alignment_marketing", "alignment_se", "gap", "abs_gap", "agreement"}
    | {"d2", "elevation", "scatter", "shape", "profile_icc", "reliability", "stage", "class"}
)
"""Columns of the respondent table and the company panel that no construct or question may be called."""

Kind = Literal["scale", "choice", "tick", "number", "text"]
Role = Literal[
    "respondent",
    "company",
    "function",
    "started",
    "duration",
    "adequately_aligned",
    "improvement_target",
    "global_rating",
    "attention",
    "",
]
Frame = Literal["pressure", "action", "capability", "enabler"]
Area = Literal["process", "organisation", "knowledge", "technology", "performance_management"]


class Scale(Declared):
    """An ordered answer scale; `whole` is false where answers between the points are allowed."""

    min: float
    max: float
    whole: bool = True
    labels: dict[int, Text] = Field(default_factory=dict)
    dont_know: Text = Field(default_factory=dict)
    missing_codes: list[float] = Field(default_factory=list)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min >= self.max:
            raise ValueError(f"the minimum {self.min:g} must be below the maximum {self.max:g}")
        outside = [code for code in self.labels if not self.min <= code <= self.max]
        if outside:
            raise ValueError(f"labels {outside} are outside {self.min:g}-{self.max:g}")
        return self


class Item(Declared):
    """One statement of a construct or practice."""

    text: Text
    reverse: bool = False


class Construct(Declared):
    """What several items measure together. Without items: scored elsewhere, known by its score alone."""

    title: Text
    definition: Text
    role: Literal["alignment", "marker"] = "alignment"
    scale: str = ""
    sources: list[str] = Field(default_factory=list)
    items: dict[str, Item] = Field(default_factory=dict)
    steps: list[Text] = Field(default_factory=list)
    """What to do about a low score: where to start, how to strengthen it, how to keep it."""


class SingleQuestion(Declared):
    """A question that stands alone; `role` says what the toolkit does with it."""

    text: Text
    kind: Literal["scale", "choice", "number", "text"]
    role: Role = ""
    scale: str = ""
    options: dict[str, Text] = Field(default_factory=dict)
    expected: int | None = None


Better = Literal["higher", "lower"]
"""Which values of an outcome are the good ones."""


class Outcome(Declared):
    """A result of the company, asked of its people or taken from records."""

    title: Text
    text: Text = Field(default_factory=dict)
    unit: Text
    range: tuple[float, float]
    better: Better = "higher"


class PracticeGroup(Declared):
    """Pressures, actions, capabilities or enablers: statements rated on a scale, or ticked."""

    frame: Frame
    area: Area | None = None
    title: Text
    text: Text
    answer: Literal["scale", "tick"]
    scale: str = ""
    items: dict[str, Item]


@dataclass(frozen=True, slots=True)
class Question:
    """One column of answers, whichever part of the instrument it comes from.

    `section` is construct, question, outcome or practice; `group` the id of its construct or
    practice group, its own id otherwise.
    """

    id: str
    section: Literal["construct", "question", "outcome", "practice"]
    group: str
    kind: Kind
    text: Text
    stem: Text = field(default_factory=dict)
    role: Role = ""
    scale: Scale | None = None
    reverse: bool = False
    options: dict[str, Text] = field(default_factory=dict)
    range: tuple[float, float] | None = None
    expected: int | None = None


class Instrument(Declared):
    """A questionnaire.

    Sections are maps from id to declaration; ids are unique over all sections, because they name
    columns. `index` is what the mean of the alignment constructs is called in reports; `relationship`
    says that it rates a relationship, so that the relationship stages apply to it; `scored_by` says whether
    answers are people's own or an interviewer's scores of what they told.
    """

    instrument: str
    version: str
    languages: list[str] = Field(min_length=1)
    title: Text
    index: Text
    relationship: bool = False
    scored_by: Literal["respondents", "interviewer"] = "respondents"
    scales: dict[str, Scale] = Field(default_factory=dict)
    constructs: dict[str, Construct]
    questions: dict[str, SingleQuestion] = Field(default_factory=dict)
    outcomes: dict[str, Outcome] = Field(default_factory=dict)
    practices: dict[str, PracticeGroup] = Field(default_factory=dict)

    @cached_property
    def columns(self) -> dict[str, Question]:
        """Every question that fills a column, by id, in questionnaire order."""
        return {question.id: question for question in _flatten(self)}

    def __repr__(self) -> str:
        """Say what is asked, and not every word of it."""
        title = self.title[self.languages[0]]
        return f"{self.instrument} {self.version}: {title}, {counted(len(self.columns), 'question')}"

    @property
    def alignment_constructs(self) -> list[str]:
        """Ids of the constructs that make up the index."""
        return [key for key, construct in self.constructs.items() if construct.role == "alignment"]

    def with_role(self, role: Role) -> Question | None:
        """Return the question that plays `role`, if the instrument has one."""
        return next((q for q in self.columns.values() if q.role == role), None)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        checks = (_scale_faults, _question_faults, _id_faults, _language_faults)
        faults = [fault for check in checks for fault in check(self)]
        if faults:
            raise InconsistencyError(faults)
        return self


def read_instrument(source: str | Path) -> Instrument:
    """Read a questionnaire: a shipped one by name, or any by its path.

    Raises
    ------
    InputError
        If there is no such instrument or its file does not fit; names file, line and key.

    Examples
    --------
    >>> instrument = read_instrument("alignment")
    >>> instrument.languages
    ['en', 'de']
    """
    path = Path(source)
    if path.suffix not in (".yaml", ".yml"):
        path = SHIPPED / f"{source}.yaml"
        if not path.exists():
            shipped = ", ".join(sorted(file.stem for file in SHIPPED.glob("*.yaml")))
            message = f"there is no instrument called {str(source)!r}"
            raise InputError([Problem(message, allowed=f"{shipped}, or the path of a .yaml file")])
        return _shipped(path)
    return read_declaration(path, Instrument)


@cache
def _shipped(path: Path) -> Instrument:
    return read_declaration(path, Instrument)


def _flatten(instrument: Instrument) -> Iterator[Question]:
    scales = instrument.scales
    for key, single in instrument.questions.items():
        yield Question(
            key, "question", key, single.kind, single.text, role=single.role, scale=scales.get(single.scale),
            options=single.options, expected=single.expected,
        )  # fmt: skip
    for key, construct in instrument.constructs.items():
        for name, item in construct.items.items():
            scale = scales[construct.scale]
            yield Question(name, "construct", key, "scale", item.text, scale=scale, reverse=item.reverse)
    for key, outcome in instrument.outcomes.items():
        if outcome.text:
            yield Question(key, "outcome", key, "number", outcome.text, range=outcome.range)
    for key, group in instrument.practices.items():
        for name, item in group.items.items():
            yield Question(
                name, "practice", key, group.answer, item.text, stem=group.text,
                scale=scales.get(group.scale), reverse=item.reverse,
            )  # fmt: skip


def _scale_faults(instrument: Instrument) -> Iterator[Fault]:
    users = [("constructs", key, c.scale, bool(c.items)) for key, c in instrument.constructs.items()]
    users += [("questions", key, q.scale, q.kind == "scale") for key, q in instrument.questions.items()]
    users += [("practices", key, p.scale, p.answer == "scale") for key, p in instrument.practices.items()]
    for section, key, scale, needed in users:
        if not scale and needed:
            yield Fault((section, key), "names no scale", suggest(scale, instrument.scales))
        elif scale and scale not in instrument.scales:
            what = f"{scale!r} is not a declared scale"
            yield Fault((section, key, "scale"), what, suggest(scale, instrument.scales))


def _question_faults(instrument: Instrument) -> Iterator[Fault]:
    for key, question in instrument.questions.items():
        if question.kind == "choice" and not question.options:
            yield Fault(("questions", key), "is a choice without options")
        if question.role == "function" and not {"sales", "marketing"} <= set(question.options):
            allowed = "options with the ids sales and marketing"
            yield Fault(("questions", key, "options"), "do not name both functions", allowed)
        scale = instrument.scales.get(question.scale)
        if scale and question.expected is not None and not scale.min <= question.expected <= scale.max:
            what = f"the expected answer {question.expected} is outside the scale"
            yield Fault(("questions", key, "expected"), what, f"{scale.min:g}-{scale.max:g}")
    for key, outcome in instrument.outcomes.items():
        low, high = outcome.range
        if low >= high:
            what = f"the lower end {low:g} must be below the upper end {high:g}"
            yield Fault(("outcomes", key, "range"), what)


def _id_faults(instrument: Instrument) -> Iterator[Fault]:
    """Find ids used twice, and ids that the toolkit's own columns bear."""
    seen: dict[str, tuple[str, ...]] = {}
    for path in _ids(instrument):
        name = path[-1]
        question = instrument.questions.get(name) if path[0] == "questions" else None
        if name in RESERVED and not (question and question.role == name):
            yield Fault(path, f"the id {name!r} is the name of a column that the toolkit makes")
        if name in seen:
            yield Fault(path, f"the id {name!r} is used more than once, first as {'.'.join(seen[name])}")
        seen.setdefault(name, path)


def _ids(instrument: Instrument) -> Iterator[tuple[str, ...]]:
    """Every id with the keys that lead to it."""
    yield from (("questions", key) for key in instrument.questions)
    for key, construct in instrument.constructs.items():
        yield "constructs", key
        yield from (("constructs", key, "items", name) for name in construct.items)
    yield from (("outcomes", key) for key in instrument.outcomes)
    for key, group in instrument.practices.items():
        yield "practices", key
        yield from (("practices", key, "items", name) for name in group.items)


def _language_faults(instrument: Instrument) -> Iterator[Fault]:
    for keys, text in _texts(instrument):
        missing = [language for language in instrument.languages if not text.get(language, "").strip()]
        if missing:
            yield Fault(keys, f"has no wording in {', '.join(missing)}")


def _texts(instrument: Instrument) -> Iterator[tuple[tuple[str | int, ...], Text]]:
    """Every wording with the keys that lead to it; optional ones only where they are given."""
    yield ("title",), instrument.title
    yield ("index",), instrument.index
    for key, scale in instrument.scales.items():
        yield from ((("scales", key, "labels", code), text) for code, text in scale.labels.items())
        if scale.dont_know:
            yield ("scales", key, "dont_know"), scale.dont_know
    for key, construct in instrument.constructs.items():
        at = ("constructs", key)
        yield (*at, "title"), construct.title
        yield (*at, "definition"), construct.definition
        yield from (((*at, "items", name, "text"), item.text) for name, item in construct.items.items())
        yield from (((*at, "steps", number), text) for number, text in enumerate(construct.steps))
    for key, question in instrument.questions.items():
        at = ("questions", key)
        yield (*at, "text"), question.text
        yield from (((*at, "options", name), text) for name, text in question.options.items())
    for key, outcome in instrument.outcomes.items():
        at = ("outcomes", key)
        yield (*at, "title"), outcome.title
        yield (*at, "unit"), outcome.unit
        if outcome.text:
            yield (*at, "text"), outcome.text
    for key, group in instrument.practices.items():
        at = ("practices", key)
        yield (*at, "title"), group.title
        yield (*at, "text"), group.text
        yield from (((*at, "items", name, "text"), item.text) for name, item in group.items.items())
