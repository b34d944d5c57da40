from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.infer.same_source import cross_informant
from survey.problems import InputError

REFERENCE = Path(__file__).parents[2] / "reference"
VIEWS = pd.read_csv(REFERENCE / "same_source_data.csv")
EXPECTED = pd.read_csv(REFERENCE / "same_source.csv").set_index(["check", "key"])["value"].sort_index()
PAIRS = [("goals", "growth"), ("trust", "growth")]
KINDS = {"same source": "own", "other source": "others", "difference": "gap"}


def test_slopes_errors_and_their_difference_agree_with_r() -> None:
    table = cross_informant(VIEWS, PAIRS)
    assert len(table) == 12
    for row in table.to_dict("records"):
        key = f"{row['rater']} {row['construct']} {KINDS[row['kind']]}"
        for name, check in (
            ("estimate", "slope"),
            ("std_error", "error"),
            ("statistic", "t"),
            ("p_value", "p"),
        ):
            assert row[name] == pytest.approx(EXPECTED[check, key], rel=1e-7)
        assert row["n"] == EXPECTED["n", key]
        assert row["note"] == ""


def test_order_of_rows_does_not_matter() -> None:
    shuffled = VIEWS.sample(frac=1, random_state=4)
    pd.testing.assert_frame_equal(cross_informant(shuffled, PAIRS), cross_informant(VIEWS, PAIRS), rtol=1e-9)


def test_a_mood_shows_in_the_difference_and_nowhere_else() -> None:
    rng = np.random.default_rng(2)
    companies = 3000
    truth = rng.normal(size=companies)
    views = []
    for function in ("sales", "marketing"):
        mood = rng.normal(size=companies)
        scores = {"goals": truth + mood, "growth": 0.5 * truth + 0.8 * mood}
        views.append(pd.DataFrame({"company": range(companies), "wave": 1, "function": function, **scores}))
    table = cross_informant(pd.concat(views), [("goals", "growth")]).set_index(["rater", "kind"])
    # Half of the score's variance is mood: slope 0.25 for the truth, 0.25 + 0.4 where the mood counts twice.
    assert table.loc[("sales", "other source"), "estimate"] == pytest.approx(0.25, abs=0.05)
    assert table.loc[("sales", "same source"), "estimate"] == pytest.approx(0.65, abs=0.05)
    assert table.loc[("sales", "difference"), "conf_low"] > 0.3
    same, other = (table.loc[("sales", f"{kind} source"), "correlation"] for kind in ("same", "other"))
    assert table.loc[("sales", "difference"), "correlation"] == pytest.approx(same - other)


@pytest.mark.parametrize(
    ("views", "note"),
    [
        (VIEWS[VIEWS["function"] == "sales"], "needs three companies in which both functions answered"),
        (VIEWS.iloc[:0], "needs three companies in which both functions answered"),
        (VIEWS.assign(goals=50.0), "the score or the outcome does not vary between companies"),
        (VIEWS.assign(growth=3.0), "the score or the outcome does not vary between companies"),
    ],
    ids=["one function", "nobody", "one score", "one outcome"],
)
def test_why_there_is_no_slope(views: pd.DataFrame, note: str) -> None:
    table = cross_informant(views, [("goals", "growth")])
    assert table["note"].tolist() == [note] * 6
    assert table["estimate"].isna().all()


def test_an_absent_column_is_named() -> None:
    with pytest.raises(InputError, match="profit"):
        cross_informant(VIEWS, [("goals", "profit")])
