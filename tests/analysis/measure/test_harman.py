import numpy as np
import pandas as pd
import pytest

from analysis.measure.harman import HARMAN_WARNING, harman_share

NAN = float("nan")


def test_share_agrees_with_r_and_carries_its_warning(questionnaire, as_questionnaire, reference):
    expected = pd.read_csv(reference / "same_source.csv").query("check == 'harman'").set_index("key")["value"]
    table = harman_share(as_questionnaire(questionnaire)).set_index("function")
    for function, share in expected.items():
        assert table.loc[function, "share"] == pytest.approx(share, rel=1e-9)
    assert table["warning"].tolist() == [HARMAN_WARNING] * 2
    assert "Not a valid test" in HARMAN_WARNING
    assert table["note"].tolist() == ["", ""]


@pytest.mark.parametrize(
    ("columns", "note"),
    [
        ({"a1": [1, 2, 3], "b1": [4, 4, 4]}, "fewer than two items vary"),
        (
            {"a1": [1, 2, NAN, NAN], "b1": [NAN, NAN, 1, 2]},
            "no respondent answered two of the items together",
        ),
    ],
)
def test_why_there_is_no_share(make_instrument, make_responses, columns, note):
    row = harman_share(make_responses(columns, make_instrument({"a": "a1", "b": "b1"}))).iloc[0]
    assert row["note"] == note
    assert np.isnan(row["share"])
