"""Tiny instruments and responses, and the folder of real data."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.measure.factor_fit import FactorFit, fit_factors
from analysis.measure.factor_model import FactorModel
from analysis.measure.invariance_ladder import LEVELS
from survey.instrument import Instrument
from survey.responses import Responses

WORD = {"en": "..."}

InstrumentMaker = Callable[..., Instrument]
ResponsesMaker = Callable[[dict[str, Any], Instrument], Responses]


@pytest.fixture(scope="session")
def make_instrument() -> InstrumentMaker:
    """Build an instrument from construct -> items; a leading minus reverses an item."""

    def make(
        constructs: dict[str, str],
        *,
        functions: bool = True,
        markers: tuple[str, ...] = (),
        scale: dict[str, Any] | None = None,
        **sections: Any,
    ) -> Instrument:
        questions = dict(sections.pop("questions", {}))
        if functions:
            options = {"sales": WORD, "marketing": WORD}
            questions["f"] = {"text": WORD, "kind": "choice", "role": "function", "options": options}
        return Instrument.model_validate(
            {
                "instrument": "tiny",
                "version": "1",
                "languages": ["en"],
                "title": {"en": "A tiny study"},
                "index": {"en": "Alignment"},
                "scales": {"agree": scale or {"min": 1, "max": 5}},
                "constructs": {
                    key: {
                        "title": WORD,
                        "definition": WORD,
                        "role": "marker" if key in markers else "alignment",
                        "scale": "agree" if items else "",
                        "items": {
                            item.removeprefix("-"): {"text": WORD, "reverse": item.startswith("-")}
                            for item in items.split()
                        },
                    }
                    for key, items in constructs.items()
                },
                "questions": questions,
                **sections,
            }
        )

    return make


@pytest.fixture(scope="session")
def make_responses() -> ResponsesMaker:
    """Build responses from columns; the standard columns that are not given get plain values."""

    def make(columns: dict[str, Any], instrument: Instrument) -> Responses:
        frame = pd.DataFrame(columns)
        functional = instrument.with_role("function") is not None
        plain = {
            "respondent": [f"r{number}" for number in range(len(frame))],
            "company": "X",
            "function": "sales" if functional else "",
            "wave": 2025,
            "weight": 1.0,
            "file": "a.csv",
            "row": range(2, len(frame) + 2),
        }
        for name, value in plain.items():
            if name not in frame:
                frame[name] = value
        return Responses(frame, instrument, pd.Series(dtype=float))

    return make


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of public data sets, which are not part of the project."""
    folder = Path(os.environ.get("ALIGNMARK_REAL_DATA", Path(__file__).parents[4] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the real data are not here; ALIGNMARK_REAL_DATA may name their folder")
    return folder


@pytest.fixture(scope="session")
def reference() -> Path:
    """Return the folder of values computed in R."""
    return Path(__file__).parents[2] / "reference"


@pytest.fixture(scope="session")
def questionnaire(reference: Path) -> pd.DataFrame:
    """Answers of reliability.R: two functions of 70 companies, 14 statements on 1-5, goals3 reversed."""
    return pd.read_csv(reference / "reliability_data.csv")


@pytest.fixture(scope="session")
def reliability_in_r(reference: Path) -> pd.Series:
    """What psych, semTools and lavaan make of the questionnaire, by construct, function and coefficient."""
    table = pd.read_csv(reference / "reliability.csv")
    return table.set_index(["construct", "function", "coefficient"])["value"].sort_index()


@pytest.fixture(scope="session")
def as_questionnaire(
    make_instrument: InstrumentMaker, make_responses: ResponsesMaker
) -> Callable[[pd.DataFrame], Responses]:
    """Turn a table like `questionnaire` into responses to its four constructs."""
    instrument = make_instrument(
        {
            "goals": "goals1 goals2 -goals3 goals4",
            "trust": "trust1 trust2 trust3",
            "data": "data1 data2 data3 data4",
            "plans": "plans1 plans2 plans3",
        }
    )
    return lambda table: make_responses(dict(table.items()), instrument)


FACTORS = {"f1": ["q1", "q2", "q3"], "f2": ["q4", "q5", "q6"], "f3": ["q7", "q8", "q9"]}
SETTINGS: dict[str, dict[str, Any]] = {
    "ml": {}, "mlr": {"robust": True}, "cluster": {"clusters": "company"}, "fiml": {"missing": "fiml"},
    "fiml_mlr": {"missing": "fiml", "robust": True}, "fiml_cluster": {"missing": "fiml", "clusters": "company"},
}  # fmt: skip


@pytest.fixture(scope="session")
def factor_data(reference: Path) -> pd.DataFrame:
    """Return answers of two functions in companies, some missing; clusters `nested` lie within functions."""
    data = pd.read_csv(reference / "factors_data.csv")
    return data.assign(nested=data["fn"] + data["company"].astype(str))


@pytest.fixture(scope="session")
def factor_reference(reference: Path) -> pd.DataFrame:
    """Return lavaan's values: model, what, term, value."""
    return pd.read_csv(reference / "factors.csv")


@pytest.fixture(scope="session")
def factor_fits(factor_data: pd.DataFrame) -> Callable[[str], FactorFit]:
    """Return the fit of a model by the name it has in the reference."""

    @cache
    def fit(name: str) -> FactorFit:
        setting, _, level = name.partition(" ")
        options = dict(SETTINGS.get(setting, {}))
        released = [("intercepts", "q3"), ("intercepts", "q7")] if level == "partial" else []
        identification = "unit variance" if setting == "unit" else "marker"
        equal = LEVELS["scalar" if level == "partial" else level or "configural"]
        model = FactorModel(FACTORS, equal, released, identification)
        if "clusters" in options:
            options["clusters"] = factor_data["nested" if level else "company"]
        return fit_factors(factor_data, model, groups=factor_data["fn"] if level else None, **options)

    return fit


@pytest.fixture(scope="session")
def in_r(reference: Path) -> pd.DataFrame:
    """Return what R says of agreement, by data set, measure and variable."""
    table = pd.read_csv(reference / "agreement.csv", dtype={"group": str}, skipinitialspace=True)
    return table.set_index(["dataset", "measure", "variable"]).sort_index()
