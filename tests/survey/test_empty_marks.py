from collections.abc import Callable

import pytest

from survey.cleaning import clean
from survey.empty_marks import without_marks
from survey.instrument import Instrument
from survey.matching import MatchedExport
from survey.numbers import MARKS
from survey.readers.export import Export

MakeExport = Callable[..., Export]

WORD = {"en": "..."}
INSTRUMENT = Instrument.model_validate({
    "instrument": "tiny", "version": "1", "languages": ["en"], "title": WORD, "index": WORD,
    "scales": {"s": {"min": 1, "max": 5}},
    "questions": {
        "company": {"kind": "text", "role": "company", "text": {"en": "Company"}},
        "function": {"kind": "choice", "role": "function", "text": {"en": "Function"},
                     "options": {"sales": {"en": "Sales"}, "marketing": {"en": "Marketing"}}},
        "region": {"kind": "choice", "text": {"en": "Region"},
                   "options": {"NA": {"en": "North America"}, "EU": {"en": "Europe"}}},
        "why": {"kind": "text", "text": {"en": "Why?"}},
    },
    "constructs": {"goals": {"title": WORD, "definition": WORD, "scale": "s",
                             "items": {"g1": {"text": {"en": "One"}}, "g2": {"text": {"en": "Two"}}}}},
    "practices": {"tools": {"frame": "enabler", "title": WORD, "text": WORD, "answer": "tick",
                            "items": {"t1": {"text": {"en": "CRM"}}, "t2": {"text": {"en": "Chat"}}}}},
})  # fmt: skip


def of(make_export: MakeExport, **cells: list[str | None]) -> MatchedExport:
    return MatchedExport(make_export(cells, file="a.csv"), {name: name for name in cells}, 2025)


def test_marks_are_blank_where_they_answer_nothing(make_export: MakeExport) -> None:
    matched = of(
        make_export, company=["NA", "Acme"], function=["sales", "NA"], region=["NA", "."], why=["NULL", "it works"],
        g1=["4", " NA "], g2=["NaN", "2"], t1=["NA", "1"],
    )  # fmt: skip
    found = without_marks(matched, INSTRUMENT).export
    assert found.frame.fillna("").to_dict("list") == {
        "company": ["NA", "Acme"], "function": ["sales", ""], "region": ["NA", ""], "why": ["NULL", "it works"],
        "g1": ["4", ""], "g2": ["", "2"], "t1": ["", "1"],
    }  # fmt: skip
    assert [said.split(",")[0] for said in found.decisions] == [
        "has 'NA' in 3 columns (3 cells)",
        "has 'NaN' in 1 column (1 cell)",
        "has '.' in 1 column (1 cell)",
    ]
    assert matched.export.frame["g1"].tolist() == ["4", " NA "]
    assert without_marks(without_marks(matched, INSTRUMENT), INSTRUMENT).export.decisions == found.decisions


@pytest.mark.parametrize("mark", MARKS)
def test_cleaning_takes_them_for_blanks(make_export: MakeExport, mark: str) -> None:
    cells: dict[str, list[str | None]] = {
        "company": ["A", "B"],
        "function": ["sales", "sales"],
        "g2": ["2", "3"],
        "t2": ["1", "0"],
    }
    marked, _ = clean([of(make_export, **cells, g1=["4", mark], t1=["1", mark])], INSTRUMENT)
    blank, _ = clean([of(make_export, **cells, g1=["4", None], t1=["1", None])], INSTRUMENT)
    assert marked.frame[["g1", "t1"]].equals(blank.frame[["g1", "t1"]])
    assert marked.frame["t1"].tolist() == [1.0, 0.0]


def test_a_code_that_the_study_names_stays(make_export: MakeExport) -> None:
    cells: dict[str, list[str | None]] = {"company": ["A", "B"], "function": ["NA", "NULL"], "g1": ["4", "3"]}
    matched = of(make_export, **cells)
    declared = MatchedExport(matched.export, matched.columns, 2025, codes={"function": {"NA": "sales"}})
    assert without_marks(declared, INSTRUMENT).export.frame["function"].fillna("").tolist() == ["NA", ""]
