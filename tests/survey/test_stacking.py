from collections.abc import Callable

import pandas as pd
import pytest

from survey.instrument import Instrument
from survey.matching import MatchedExport
from survey.readers.export import Export
from survey.stacking import bad_cells, stack

MakeExport = Callable[..., Export]
COLUMNS = {"company": "company", "goals_1": "goals_1"}


@pytest.mark.parametrize(
    ("platform", "status", "preview"),
    [
        ("qualtrics", ("Status", "Survey Preview"), True),
        ("qualtrics", ("Status", "Survey Test"), True),
        ("qualtrics", ("Status", "1"), True),
        ("qualtrics", ("Status", "2"), True),
        ("qualtrics", ("Status", "0"), False),
        ("qualtrics", ("Status", "IP Address"), False),
        ("qualtrics", ("Response Type", " survey preview "), True),
        ("qualtrics", ("DistributionChannel", "preview"), True),
        ("qualtrics", ("DistributionChannel", "1"), False),
        ("spreadsheet", ("Status", "Survey Preview"), True),
        ("spreadsheet", ("Status", "1"), False),
    ],
)
def test_previews_are_known_by_status_and_channel(
    small: Instrument, make_export: MakeExport, platform: str, status: tuple[str, str], *, preview: bool
) -> None:
    column, value = status
    cells = {"company": ["Acme", "Bolt"], "goals_1": ["4", "4"], column: [value, None]}
    export = make_export(cells, metadata=[column], platform=platform)
    assert stack([MatchedExport(export, COLUMNS, 2025)], small)["preview"].tolist() == [preview, False]


def test_a_column_that_the_study_uses_is_no_status(small: Instrument, make_export: MakeExport) -> None:
    export = make_export(
        {"company": ["Acme"], "goals_1": ["4"], "Status": ["Test"]}, metadata=["Status"], platform="qualtrics"
    )
    wave = MatchedExport(export, {**COLUMNS, "comment": "Status"}, 2025)
    assert stack([wave], small)["preview"].tolist() == [False]


def test_exports_are_stacked_in_questionnaire_order(small: Instrument, make_export: MakeExport) -> None:
    one = make_export({"t": ["4"], "company": ["Acme"]}, file="1.csv")
    two = make_export({"company": ["Bolt"], "goals_1": ["5"], "who": [" b "]}, file="2.csv", first_row=4)
    table = stack(
        [
            MatchedExport(one, {"trust_1": "t", "company": "company"}, 2024),
            MatchedExport(two, {**COLUMNS, "respondent": "who"}, 2025),
        ],
        small,
    )
    assert list(table.columns)[-3:] == ["wave_text", "goals_1", "trust_1"]
    assert table["respondent"].tolist() == ["1.csv:2", "b"]
    assert table["row"].tolist() == [2, 4]
    assert table["wave"].tolist() == [2024, 2025]
    assert table["goals_1"].isna().tolist() == [True, False]


def test_bad_cells_stand_under_the_heading_of_their_own_file(
    small: Instrument, make_export: MakeExport
) -> None:
    waves = [
        MatchedExport(make_export({"A": ["9", "8"]}, file="1.csv"), {"goals_1": "A"}, 2024),
        MatchedExport(make_export({"B": ["7"]}, file="2.csv"), {"goals_1": "B"}, 2025),
    ]
    table = stack(waves, small)
    mask = pd.Series([False, True, True])
    found = bad_cells(table, "goals_1", mask, waves, what="is wrong", allowed="1-5")
    assert [str(problem) for problem in found] == [
        "1.csv, row 3, A: 8 is wrong. Allowed: 1-5",
        "2.csv, row 2, B: 7 is wrong. Allowed: 1-5",
    ]
