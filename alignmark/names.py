"""Names that a study uses in classes and models, checked against what its files will give."""

from collections.abc import Iterator

from alignmark.study import Study, StudyFile
from survey.declaration import line_of, load_yaml, suggest
from survey.instrument import Instrument
from survey.problems import Problem

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

Keys = list[int | str]


def name_problems(file: StudyFile, instrument: Instrument) -> Iterator[Problem]:
    """Yield one problem per name in classes and models that no file or instrument of the study gives."""
    document = load_yaml(file.path, file.path.name)
    known = known_columns(file.study, instrument)
    for keys, name in _uses(file.study):
        if name not in known:
            yield Problem(
                f"{name!r} is no column of this study",
                file=file.path.name,
                row=line_of(document, keys),
                column=".".join(map(str, keys)),
                value=name,
                allowed=suggest(name, known),
            )


def known_columns(study: Study, instrument: Instrument) -> list[str]:
    """Return the panel columns that classes and models may name."""
    tables = [table for table in (study.register_of_companies, study.firmographics) if table is not None]
    facts = [name for table in tables for name in table.columns]
    logs = list(study.firmographics.log) if study.firmographics is not None else []
    scored = [key for key, question in instrument.columns.items() if question.section != "construct"]
    administrative = {"company", "name", "aliases", "respondent", "function"}
    names = [
        *COMPUTED,
        "wave",
        *instrument.constructs,
        *study.outcomes,
        *facts,
        *logs,
        *instrument.practices,
        *scored,
    ]
    return [name for name in dict.fromkeys(names) if name not in administrative]


def _uses(study: Study) -> Iterator[tuple[Keys, str]]:
    """Yield each used name with the keys it stands under."""
    classes = study.classes
    for number, name in enumerate(classes.on_outcomes.outcomes if classes.on_outcomes else []):
        yield ["classes", "on_outcomes", "outcomes", number], name
    for number, name in enumerate(classes.on_practices.practices if classes.on_practices else []):
        yield ["classes", "on_practices", "practices", number], name
    for place, model in enumerate(study.models):
        yield ["models", place, "outcome"], model.outcome
        yield ["models", place, "regressor"], model.regressor
        for field in ("controls", "effects"):
            for number, name in enumerate(getattr(model, field)):
                yield ["models", place, field, number], name
