"""A small questionnaire with one question of every kind, and exports made of plain dictionaries."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import pytest

from survey.instrument import Instrument
from survey.readers.export import Export

AGREEMENT = {
    "min": 1,
    "max": 5,
    "labels": {
        1: {"en": "Strongly disagree", "de": "Stimme gar nicht zu"},
        2: {"en": "Disagree", "de": "Stimme nicht zu"},
        4: {"en": "Agree", "de": "Stimme zu"},
        5: {"en": "Strongly agree", "de": "Stimme voll zu"},
    },
    "dont_know": {"en": "Don't know", "de": "Weiß nicht"},
    "missing_codes": [-99],
}
QUESTIONNAIRE = {
    "instrument": "small",
    "version": "1",
    "languages": ["en", "de"],
    "title": {"en": "Small", "de": "Klein"},
    "index": {"en": "Alignment", "de": "Abstimmung"},
    "scales": {"agreement": AGREEMENT, "points": {"min": 0, "max": 100, "whole": False}},
    "questions": {
        "firm": {
            "text": {"en": "Your company?", "de": "Ihr Unternehmen?"},
            "kind": "text",
            "role": "company",
        },
        "department": {
            "text": {"en": "Your function?", "de": "Ihr Bereich?"},
            "kind": "choice",
            "role": "function",
            "options": {
                "sales": {"en": "Sales", "de": "Vertrieb"},
                "marketing": {"en": "Marketing", "de": "Marketing"},
                "other": {"en": "Other", "de": "Anderer"},
            },
        },
        "check": {
            "text": {"en": "Please choose Disagree.", "de": "Bitte „Stimme nicht zu“ wählen."},
            "kind": "scale",
            "scale": "agreement",
            "role": "attention",
            "expected": 2,
        },
        "adequate": {
            "text": {"en": "Adequately aligned?", "de": "Ausreichend abgestimmt?"},
            "kind": "choice",
            "role": "adequately_aligned",
            "options": {
                "yes": {"en": "Yes", "de": "Ja"},
                "no": {"en": "No", "de": "Nein"},
                "dont_know": {"en": "Don't know", "de": "Weiß nicht"},
            },
        },
        "comment": {"text": {"en": "Anything else?", "de": "Noch etwas?"}, "kind": "text"},
        "mood": {"text": {"en": "Mood, 0-100", "de": "Stimmung, 0-100"}, "kind": "scale", "scale": "points"},
    },
    "constructs": {
        "goals": {
            "title": {"en": "Goals", "de": "Ziele"},
            "definition": {"en": "Shared goals.", "de": "Gemeinsame Ziele."},
            "scale": "agreement",
            "items": {
                "goals_1": {"text": {"en": "We share goals.", "de": "Wir haben gemeinsame Ziele."}},
                "goals_2": {
                    "text": {"en": "We quarrel - often.", "de": "Wir streiten oft."},
                    "reverse": True,
                },
            },
        },
        "trust": {
            "title": {"en": "Trust", "de": "Vertrauen"},
            "definition": {"en": "Reliance.", "de": "Verlass."},
            "scale": "agreement",
            "items": {
                "trust_1": {"text": {"en": "We keep promises.", "de": "Wir halten Zusagen."}},
                "trust_2": {"text": {"en": "We respect each other.", "de": "Wir achten einander."}},
            },
        },
    },
    "outcomes": {
        "win_rate": {
            "title": {"en": "Win rate", "de": "Abschlussquote"},
            "text": {"en": "Offers won, in per cent?", "de": "Gewonnene Angebote in Prozent?"},
            "unit": {"en": "%", "de": "%"},
            "range": [0, 100],
        }
    },
    "practices": {
        "tools": {
            "frame": "enabler",
            "title": {"en": "Tools", "de": "Mittel"},
            "text": {"en": "Which do you use?", "de": "Was nutzen Sie?"},
            "answer": "tick",
            "items": {
                "tool_crm": {"text": {"en": "CRM", "de": "CRM-System"}},
                "tool_chat": {"text": {"en": "Chat", "de": "Chat-Programm"}},
            },
        }
    },
}


@pytest.fixture(scope="session")
def small() -> Instrument:
    return Instrument.model_validate(QUESTIONNAIRE)


MakeExport = Callable[..., Export]


@pytest.fixture(scope="session")
def make_export() -> MakeExport:
    """Make an export of columns of text; None is a blank cell."""

    def make(
        columns: Mapping[str, Sequence[str | None]],
        *,
        labels: Mapping[str, str] | None = None,
        stems: Mapping[str, str] | None = None,
        metadata: Sequence[str] = (),
        file: str = "2025.csv",
        platform: str = "spreadsheet",
        first_row: int = 2,
    ) -> Export:
        frame = pd.DataFrame({name: pd.Series(cells, dtype="str") for name, cells in columns.items()})
        return Export(
            frame=frame,
            labels={name: (labels or {}).get(name, name) for name in columns},
            platform=platform,
            encoding="utf-8",
            header_rows=first_row - 1,
            rows=np.arange(first_row, first_row + len(frame)),
            file=file,
            metadata=tuple(metadata),
            stems=dict(stems or {}),
        )

    return make
