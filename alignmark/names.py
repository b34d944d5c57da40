"""Names that a study uses or makes, checked against what its questionnaire and its files give."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from alignmark.study import Keys, Study, StudyFile
from alignmark.study_rules import UNWEIGHTED, Model
from analysis.measure.scoring import scored_questions
from survey.declaration import suggest
from survey.instrument import RESERVED, Instrument
from survey.places import PLACE_COLUMNS
from survey.problems import Problem

SEGMENTS = ("industry", "size", "region")
"""Facts that group companies: kept as text, even where they are codes such as 308."""

COMPUTED = (
    "alignment",
    "alignment_sales",
    "alignment_marketing",
    "gap",
    "abs_gap",
    "agreement",
    "reliability",
)
"""Panel columns that come of the answers themselves."""

IN_FORMULA = ("outcome", "regressor", "controls", "effects")
"""Keys of a model that its formula stands for."""

ADMINISTRATIVE = ("company", "name", "aliases")
"""Columns of tables that say which company a row is about; ``wave`` says when."""


@dataclass(frozen=True, slots=True)
class Given:
    """What reading the files has shown of the columns.

    Parameters
    ----------
    asked
        Questions that at least one wave asks; None where not every file could be read.
    words
        Facts that hold words, not numbers.
    """

    asked: Collection[str] | None = None
    words: Collection[str] = field(default_factory=tuple)


def name_problems(file: StudyFile, instrument: Instrument, given: Given) -> Iterator[Problem]:
    """Yield each name that nothing gives, that is no number where one is needed, or that is taken."""
    study = file.study
    known = known_columns(study, instrument, given.asked)
    silent = set(known_columns(study, instrument, None)) - set(known)
    for keys, name, number in _uses(study):
        practice = keys[:2] == ["classes", "on_practices"] and name in instrument.practices
        if name in silent:
            what = f"{name!r} is in the questionnaire, but no wave asks it"
            yield file.problem(keys, what, value=name, allowed="a column that the answers give")
        elif name not in known and not practice:
            shared = _shared_by_peers(study) if keys[0] == "peers" else []
            allowed = suggest(name, shared or known)
            yield file.problem(keys, f"{name!r} is no column of this study", value=name, allowed=allowed)
        elif number and name in {*SEGMENTS, *given.words}:
            what = f"{name!r} holds words, and a number is needed here"
            yield file.problem(keys, what, value=name, allowed="a number; words can be among effects")
    if study.congruence is not None and study.congruence.score not in {"alignment", *instrument.constructs}:
        score, scores = study.congruence.score, ["alignment", *instrument.constructs]
        what = f"{score!r} is neither the index nor a construct"
        yield file.problem(["congruence", "score"], what, value=score, allowed=suggest(score, scores))
    yield from _own_weightings(file, instrument)
    yield from _too_few_practices(file, instrument)
    yield from _taken(file, instrument, given)
    yield from _lonely_places(file, instrument)


def _shared_by_peers(study: Study) -> list[str]:
    """Return what a rung is likely to name: groups of the study's own, then facts of the companies."""
    return [*study.peers.groups, *(name for keys, name in _made(study) if keys[0] != "outcomes")]


def known_columns(study: Study, instrument: Instrument, asked: Collection[str] | None) -> list[str]:
    """Return the panel columns that classes and models may name; all questions count if `asked` is None."""
    questions = instrument.columns if asked is None else [key for key in instrument.columns if key in asked]
    scored = [question.id for question in scored_questions(instrument, list(questions))]
    constructs = [
        key
        for key, construct in instrument.constructs.items()
        if asked is None or not construct.items or any(item in questions for item in construct.items)
    ]
    functions = instrument.with_role("function") is not None
    gaps = [f"gap_{key}" for key in constructs if functions]
    panel = study.panel.columns if study.panel is not None else ()
    made = [name for _, name in _made(study)]
    weight = ["weight"] if study.weights is not None else []
    names = [*made, *panel, *COMPUTED, "wave", *weight, *constructs, *scored, *gaps]
    return [name for name in dict.fromkeys(names) if name not in ADMINISTRATIVE]


def _made(study: Study) -> Iterator[tuple[Keys, str]]:
    """Yield each column that outcomes and facts add to the panel, with the keys it stands under."""
    for table, key in ((study.register_of_companies, "register"), (study.firmographics, "firmographics")):
        own = (*ADMINISTRATIVE, "wave", *(PLACE_COLUMNS if key == "register" else ()))
        for name in table.columns if table is not None else ():
            if name not in own:
                yield [key, "columns", name], name
    for name in study.firmographics.log if study.firmographics is not None else ():
        yield ["firmographics", "log", name], name
    for name in study.outcomes:
        yield ["outcomes", name], name


def _uses(study: Study) -> Iterator[tuple[Keys, str, bool]]:
    """Yield each used name with the keys it stands under, and whether it must be a number."""
    classes = study.classes
    for number, name in enumerate(classes.on_outcomes.outcomes if classes.on_outcomes else []):
        yield ["classes", "on_outcomes", "outcomes", number], name, True
    for number, name in enumerate(classes.on_practices.practices if classes.on_practices else []):
        yield ["classes", "on_practices", "practices", number], name, True
    for place, model in enumerate(study.models):
        for key, name, number in _used_by(model):
            within = ["formula"] if model.formula and key[0] in IN_FORMULA else key
            yield ["models", place, *within], name, number
    yield from _used_by_benchmarks(study)
    rule = study.congruence
    if rule is not None:
        if rule.outcome is not None:
            yield ["congruence", "outcome"], rule.outcome, True
        if rule.weights not in (None, UNWEIGHTED):
            yield ["congruence", "weights"], rule.weights, True
        for part, names in (("controls", rule.controls), ("effects", rule.effects)):
            for number, name in enumerate(names or []):
                yield ["congruence", part, number], name, False


def _used_by_benchmarks(study: Study) -> Iterator[tuple[Keys, str, bool]]:
    """Yield the facts that peers share, which groups and bands are made of, and what was published by others."""
    rule = study.peers
    for place, rung in enumerate(rule.ladder):
        for number, name in enumerate(rung):
            if name not in rule.groups:
                yield ["peers", "ladder", place, number], name, False
    for name in rule.bands:
        yield ["peers", "bands", name], name, True
    for name, grouping in rule.groups.items():
        yield ["peers", "groups", name, "of"], grouping.of, False
    for name in study.published.columns if study.published is not None else ():
        if name not in ("wave", "source"):
            yield ["published", "columns", name], name, True


def _used_by(model: Model) -> Iterator[tuple[Keys, str, bool]]:
    """Yield the columns that a model names, with their keys in it; those of a product one by one."""
    yield ["outcome"], model.outcome, True
    for name in model.regressor.split(":"):
        yield ["regressor"], name, True
    for key, names in (("controls", model.controls), ("effects", model.effects)):
        for number, name in enumerate(names):
            parts = name.split(":")
            for part in parts if name != "company" else ():
                yield [key, number], part, len(parts) > 1
    if model.weights not in (None, UNWEIGHTED):
        yield ["weights"], model.weights, True
    for name in model.specification().clusters:
        if name != "company":
            yield ["errors"], name, False


def _own_weightings(file: StudyFile, instrument: Instrument) -> Iterator[Problem]:
    """Find weightings of what is no construct of the index, and groups that bear the name of a fact."""
    constructs = instrument.alignment_constructs
    for name, weights in file.study.composites.own.items():
        for construct in weights:
            if construct not in constructs:
                what = f"{construct!r} is no construct of the index"
                keys: Keys = ["composites", "own", name, construct]
                yield file.problem(keys, what, value=construct, allowed=suggest(construct, constructs))
    taken = known_columns(file.study, instrument, None)
    for name in file.study.peers.groups:
        if name in taken:
            what = f"{name!r} is the name of a column already"
            yield file.problem(["peers", "groups", name], what, value=name, allowed="another name")


def _too_few_practices(file: StudyFile, instrument: Instrument) -> Iterator[Problem]:
    """Find classes on practices that the questionnaire does not have, or not so many of."""
    rule = file.study.classes.on_practices
    if rule is None:
        return
    groups = instrument.practices
    names = rule.practices or [key for key, group in groups.items() if group.frame == "capability"]
    items = [item for name in names for item in (groups[name].items if name in groups else (name,))]
    keys: Keys = ["classes", "on_practices"]
    if not items:
        what = "classes cannot be cut: the questionnaire asks for no capabilities"
        yield file.problem(keys, what, allowed="`practices:` with columns of scores, or no such classes")
    elif rule.minimum_practices is not None and rule.minimum_practices > len(items):
        what = f"{rule.minimum_practices} is more than the practices there are"
        yield file.problem([*keys, "minimum_practices"], what, allowed=f"1 to {len(items)}")


def _taken(file: StudyFile, instrument: Instrument, given: Given) -> Iterator[Problem]:
    """Find outcomes and facts that bear the name of another column of the panel."""
    asked = instrument.columns if given.asked is None else given.asked
    taken = dict.fromkeys(RESERVED, "the toolkit")
    taken |= {name: "the questionnaire" for name in (*instrument.constructs, *asked) if name not in RESERVED}
    for keys, name in _made(file.study):
        if name in taken:
            what = f"{name!r} is the name of a column of {taken[name]} already"
            yield file.problem(keys, what, value=name, allowed="another name")
        taken[name] = "this study"


def _lonely_places(file: StudyFile, instrument: Instrument) -> Iterator[Problem]:
    """Find places that only the register or only the answers say, so that there is nothing to compare."""
    register, waves = file.study.register_of_companies, file.study.waves
    if register is None or any(wave.map for wave in waves):
        return
    names = [name for name in PLACE_COLUMNS if name not in instrument.columns]
    said = [(n, name) for n, wave in enumerate(waves) for name in names if name in wave.columns]
    known = [name for name in PLACE_COLUMNS if name in register.columns]
    if known and not said:
        allowed = f"`{known[0]}: <heading>` under `columns` of a wave as well, or not here"
        what = "says where companies are, but no wave does"
        yield file.problem(["register", "columns", known[0]], what, allowed=allowed)
    if said and not known:
        number, name = said[0]
        allowed = f"`{name}: <heading>` under `columns` of the register as well, or not here"
        what = "says where companies are, but the register does not"
        yield file.problem(["waves", number, "columns", name], what, allowed=allowed)
