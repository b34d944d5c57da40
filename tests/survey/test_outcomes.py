from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.companies import register_of
from survey.outcomes import (
    CURRENCY,
    NO_RECORDS,
    NO_START,
    NO_VALUE,
    NOT_POSITIVE,
    growth,
    join_outcome,
    read_records,
    winsorise,
)
from survey.problems import InputError

COLUMNS = {"company": "Firm", "year": "FY", "value": "Revenue", "currency": "Currency"}


def records(**values: list[float]) -> pd.DataFrame:
    """Yearly values of companies from 2020 on."""
    rows = [(c, 2020 + n, v) for c, series in values.items() for n, v in enumerate(series)]
    return pd.DataFrame(rows, columns=["company", "year", "value"])


def rates(table: pd.DataFrame) -> dict[tuple[str, int], float]:
    return {(c, y): g for c, y, g in zip(table["company"], table["year"], table["growth"], strict=True)}


def test_growth_by_hand() -> None:
    table = records(acme=[100.0, 110.0, 99.0, 148.5])
    assert rates(growth(table)) == pytest.approx(
        {("acme", 2020): 10.0, ("acme", 2021): -10.0, ("acme", 2022): 50.0, ("acme", 2023): np.nan},
        nan_ok=True,
    )
    compound = rates(growth(table, kind="compound", years=3))
    assert compound["acme", 2020] == pytest.approx(100 * (1.485 ** (1 / 3) - 1))
    log = rates(growth(table, kind="log", years=2))
    assert log["acme", 2021] == pytest.approx(100 * np.log(148.5 / 110) / 2)
    given_ = growth(table, kind="given")
    assert given_["growth"].tolist() == table["value"].tolist()


@settings(deadline=None, max_examples=15)
@given(
    st.lists(st.floats(min_value=0.1, max_value=1e4), min_size=2, max_size=6),
    st.integers(min_value=1, max_value=3),
)
def test_the_definitions_agree_where_they_must(values: list[float], years: int) -> None:
    table = records(acme=values)
    annual, yearly = growth(table), growth(table, kind="compound")
    pd.testing.assert_frame_equal(annual, yearly)
    compound = growth(table, kind="compound", years=years)["growth"]
    log = growth(table, kind="log", years=years)["growth"]
    np.testing.assert_allclose(100 * np.log1p(compound / 100), log, rtol=1e-6, atol=1e-6)
    steps = growth(table, kind="log")["growth"]
    if years < len(values):
        assert log.iloc[0] == pytest.approx(steps.iloc[:years].mean(), rel=1e-9, abs=1e-9)


def test_why_there_is_no_growth() -> None:
    table = records(acme=[100.0, 0.0, 50.0, np.nan, 60.0, 70.0]).assign(
        currency=["EUR", "EUR", "EUR", "EUR", "EUR", "USD"]
    )
    table = pd.concat([table, records(bolt=[5.0]).assign(currency="EUR")])
    found = growth(table).set_index(["company", "year"])["reason"].to_dict()
    assert found == {
        ("acme", 2020): NOT_POSITIVE,
        ("acme", 2021): NOT_POSITIVE,
        ("acme", 2022): NO_VALUE,
        ("acme", 2023): NO_VALUE,
        ("acme", 2024): CURRENCY,
        ("acme", 2025): "no record 1 year later",
        ("bolt", 2020): "no record 1 year later",
    }
    assert growth(table)["growth"].isna().all()


@settings(deadline=None, max_examples=15)
@given(st.permutations(range(8)))
def test_the_order_of_records_is_of_no_consequence(order: list[int]) -> None:
    table = records(acme=[1.0, 2.0, 3.0, 5.0], bolt=[4.0, 2.0, 1.0, 8.0])
    shuffled = table.iloc[order]
    before = shuffled.copy()
    pd.testing.assert_frame_equal(growth(shuffled), growth(table))
    pd.testing.assert_frame_equal(shuffled, before)


def test_growth_over_an_undefined_span_and_double_records_are_refused() -> None:
    with pytest.raises(InputError, match="annual growth over 3 years is not defined"):
        growth(records(acme=[1.0, 2.0]), years=3)
    with pytest.raises(InputError, match="log growth over 0 years"):
        growth(records(acme=[1.0, 2.0]), kind="log", years=0)
    twice = pd.concat([records(acme=[1.0, 2.0]), records(acme=[3.0])])
    with pytest.raises(InputError, match="'acme' has a second record of 2020"):
        growth(twice)


def test_winsorised_values_and_their_counts() -> None:
    values = pd.Series([*range(101), np.nan], dtype=float)
    clipped, counts = winsorise(values, 0.05, 0.90)
    assert counts == {"lower_limit": 5.0, "upper_limit": 90.0, "raised": 5, "lowered": 10}
    assert clipped.min() == 5.0
    assert clipped.max() == 90.0
    assert clipped.isna().sum() == 1
    assert clipped.iloc[50] == 50.0
    with pytest.raises(InputError, match="cannot be winsorised"):
        winsorise(values, 0.9, 0.1)


@settings(deadline=None, max_examples=15)
@given(st.lists(st.floats(min_value=-1e6, max_value=1e6), min_size=3, max_size=30))
def test_winsorising_keeps_the_order(numbers: list[float]) -> None:
    values = pd.Series(numbers)
    clipped, counts = winsorise(values, 0.1, 0.9)
    assert (clipped.iloc[np.argsort(values, kind="stable")].diff().dropna() >= 0).all()
    assert counts["raised"] + counts["lowered"] == (clipped != values).sum()


def test_growth_is_joined_to_the_wave_it_begins_in() -> None:
    table = growth(records(acme=[100.0, 110.0, 121.0, 121.0], bolt=[10.0, np.nan], crank=[1.0]))
    keys = pd.DataFrame(
        [("acme", 2021), ("acme", 2022), ("bolt", 2021), ("crank", 2021), ("dolt", 2021)],
        columns=["company", "wave"],
        index=list("vwxyz"),
    )
    values, coverage = join_outcome(keys, table)
    assert values.index.tolist() == list("vwxyz")
    assert values.iloc[:2].tolist() == pytest.approx([10.0, 0.0])
    assert values.iloc[2:].isna().all()
    first = coverage.set_index("wave").loc[2021].to_dict()
    assert first == {
        "companies": 4,
        "with_outcome": 1,
        "no record 1 year later": 1,
        NO_START: 1,
        NO_RECORDS: 1,
    }
    assert join_outcome(keys, table, lead=-1)[0].iloc[:2].tolist() == pytest.approx([10.0, 10.0])


@settings(deadline=None, max_examples=15)
@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(2020, 2023)), unique=True, min_size=1))
def test_outcomes_and_reasons_add_up_to_the_companies(pairs: list[tuple[str, int]]) -> None:
    table = records(a=[1, 2, 3, 4], b=[1, 0, 3, 4], c=[np.nan, 1, 2, 3], d=[1, 2]).iloc[:-1]
    keys = pd.DataFrame(pairs, columns=["company", "wave"])
    values, coverage = join_outcome(keys, growth(table))
    counts = coverage.drop(columns=["wave", "companies"]).sum(axis=1)
    assert (counts == coverage["companies"]).all()
    assert coverage["with_outcome"].sum() == values.notna().sum()
    assert coverage["companies"].sum() == len(keys)


def test_a_wave_without_any_records_names_the_years_there_are() -> None:
    keys = pd.DataFrame({"company": ["acme", "acme"], "wave": [2021, 2030]})
    with pytest.raises(InputError) as caught:
        join_outcome(keys, growth(records(acme=[1.0, 2.0])), file="revenue.csv")
    (problem,) = caught.value.problems
    assert "no record of 2030, in which the outcome of wave 2030 begins" in str(problem)
    assert "the years of the file: 2020, 2021" in str(problem)
    with pytest.raises(InputError, match="holds no records of any company"):
        join_outcome(keys, growth(records()), file="revenue.csv")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "revenue.csv"
    path.write_text(
        'Firm,FY,Revenue,Currency\nAcme Ltd,2023,"1,234.5",eur\nACME,FY2024,2000.5,EUR\nBolt,2023.0,,GBP\n'
        "Bolt,2024-12-31,7,GBP\n",
        encoding="utf-8",
    )
    return path


def test_records_are_read_with_ids_years_and_rows(file: Path) -> None:
    table = read_records(file, COLUMNS, register=register_of(["Acme", "Bolt AG"]))
    assert table["company"].tolist() == ["Acme", "Acme", "Bolt AG", "Bolt AG"]
    assert table["year"].tolist() == [2023, 2024, 2023, 2024]
    assert table["value"].tolist()[:2] == [1234.5, 2000.5]
    assert table["currency"].unique().tolist() == ["EUR", "GBP"]
    assert table["row"].tolist() == [2, 3, 4, 5]
    assert read_records(file, COLUMNS)["company"].tolist() == ["Acme Ltd", "ACME", "Bolt", "Bolt"]


def test_records_of_others_are_problems_or_left_out(file: Path) -> None:
    register = register_of(["Acme"])
    with pytest.raises(InputError) as caught:
        read_records(file, COLUMNS, register=register)
    (problem,) = caught.value.problems
    assert str(problem).startswith("revenue.csv, row 4, Firm: unknown company 'Bolt' (2 rows, down to row 5)")
    assert len(read_records(file, COLUMNS, register=register, unknown_company="drop")) == 2


def test_everything_wrong_in_records_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "revenue.csv"
    path.write_text(
        "Firm,FY,Revenue,Currency\nAcme,2019/20,1,EUR\nAcme,2023,lots,EUR\n,2023,5,EUR\nAcm,2023,5,EUR\n"
        "ACME,2023,5,EUR\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        read_records(path, COLUMNS, register=register_of(["Acme", "Bolt"]))
    text = str(caught.value)
    assert "row 2, FY: '2019/20' is not a year" in text
    assert "row 3, Revenue: 'lots' is not a number" in text
    assert "row 4, Firm: '' is no company" in text
    assert "row 5, Firm: unknown company 'Acm'" in text
    assert "did you mean Acme" in text
    assert "row 6: 'Acme' has a second record of 2023" in text
    with pytest.raises(InputError, match="did you mean 'Revenue'"):
        read_records(path, {**COLUMNS, "value": "Revenues"})
