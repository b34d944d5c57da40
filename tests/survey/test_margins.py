"""Margins read from tables and registers, and held against a sample: every problem with file, row and cell."""

from pathlib import Path

import pandas as pd
import pytest

from survey.margin_fit import fit_margins
from survey.margins import Margin, margins_of_register, read_margins
from survey.problems import InputError

SAMPLE = pd.DataFrame(
    {
        "company": list("abcdef"),
        "size": ["small", "small", "small", "large", "large", "small"],
        "industry": ["retail", "retail", "services", "services", "retail", "services"],
    }
)


def written(folder: Path, text: str) -> Path:
    path = folder / "population.csv"
    path.write_text(text, encoding="utf-8")
    return path


def cells_of(margin: Margin) -> dict[tuple[str, ...], float]:
    return {
        tuple(row[:-1]): row[-1] for row in margin.cells[[*margin.variables, "count"]].to_numpy().tolist()
    }


def test_a_long_table_holds_several_margins(tmp_path: Path) -> None:
    text = "Variable,Category,Count\nsize,small,60\nsize,large,40\n"
    text += "industry x size,retail x small,10\nindustry x size,services x large,90\n"
    size, crossed = read_margins(written(tmp_path, text))
    assert (size.variables, size.total, size.file) == (("size",), 100, "population.csv")
    assert cells_of(size) == {("small",): 60, ("large",): 40}
    assert cells_of(crossed) == {("retail", "small"): 10, ("services", "large"): 90}
    assert crossed.cells["row"].tolist() == [4, 5]


def test_a_wide_table_is_one_crossed_margin(tmp_path: Path) -> None:
    text = "industry,staff,companies\nretail,small,10\nretail,large,5\nservices,small,25\n"
    columns = {"industry": "industry", "size": "staff", "count": "companies"}
    (crossed,) = read_margins(written(tmp_path, text), columns)
    assert crossed.name == "industry x size"
    assert cells_of(crossed.over(["size"])) == {("large",): 5, ("small",): 35}


def test_categories_may_hold_the_word_that_crosses(tmp_path: Path) -> None:
    (margin,) = read_margins(written(tmp_path, "variable,category,count\nmade,4 x 4,2\nmade,other,3\n"))
    assert cells_of(margin) == {("4 x 4",): 2, ("other",): 3}


@pytest.mark.parametrize("shares", [(0.25, 0.75), (25, 75), (24.9, 75.2)])
def test_shares_of_one_or_a_hundred(tmp_path: Path, shares: tuple[float, float]) -> None:
    text = f"variable,category,share\nsize,small,{shares[0]}\nsize,large,{shares[1]}\n"
    (margin,) = read_margins(written(tmp_path, text))
    assert margin.shares
    assert margin.total == pytest.approx(1)
    fitted = fit_margins(SAMPLE, [margin], total=200)
    assert fitted.total == pytest.approx(200)
    assert fitted.counts[0][0] == pytest.approx(200 * shares[0] / sum(shares))


def test_waves_have_margins_of_their_own(tmp_path: Path) -> None:
    text = "wave,variable,category,count\n2024,size,small,1\n2025,size,small,2\n"
    assert [(m.wave, m.total) for m in read_margins(written(tmp_path, text))] == [(2024, 1), (2025, 2)]


def test_everything_wrong_with_a_table_is_told_at_once(tmp_path: Path) -> None:
    text = "variable,category,count\nsize,small,many\nsize,,4\nsize,large,-2\nsize,medium,\n"
    with pytest.raises(InputError) as error:
        read_margins(written(tmp_path, text))
    told = [(p.row, p.column, p.what) for p in error.value.problems]
    assert told == [
        (5, "count", "the count is missing"),
        (3, "category", "the category is missing"),
        (2, "count", "'many' is no count"),
        (4, "count", "-2 is no count: it is negative"),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("variable,category\nsize,small\n", "has neither a column count nor a column share"),
        ("variable,category,count,share\nsize,small,1,1\n", "has both counts and shares"),
        ("variable,count\nsize,1\n", "has no column category"),
        ("count\n1\n", "has no column that says what is counted"),
        (
            "variable,category,count\nsize,small,1\nsize,small,2\n",
            "row 3, size: stands twice, found 'size = small'",
        ),
        ("variable,category,share\nsize,small,20\nsize,large,70\n", "the shares do not add up, found 90"),
        ("variable,category,count\nsize,small,0\n", "holds nothing but zeros"),
        ("variable,category,count\na x b,small,3\n", "is not a cell of this margin"),
        ("variable,category,count,count\nsize,small,1,2\n", "count: is a heading twice"),
        (
            'variable,category,count\nsize,a,"1,900"\nsize,b,30\n',
            "row 2, count: '1,900' can be read as thousands",
        ),
        ("variable,category,count\n", "row 1: has headings but no rows below them"),
    ],
)
def test_tables_that_are_no_margins(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError) as error:
        read_margins(written(tmp_path, text))
    assert told in str(error.value)
    assert "population.csv" in str(error.value)


def margin(name: str, **counts: float) -> Margin:
    rows = [*range(2, 2 + len(counts))]
    return Margin(
        (name,), pd.DataFrame({name: list(counts), "count": list(counts.values()), "row": rows}), "pop.csv"
    )


def test_a_register_counts_what_it_does_not_know_as_well() -> None:
    facts = pd.DataFrame({"size": ["small", "large", None], "staff": [3.0, 3.0, 4.0]})
    size, staff = margins_of_register(facts, [["size"], ["staff"]])
    assert cells_of(size) == {("large",): 1, ("not stated",): 1, ("small",): 1}
    assert cells_of(staff) == {("3",): 2, ("4",): 1}
    with pytest.raises(InputError, match=r"sizes: is no column of the register.*Allowed: size, staff"):
        margins_of_register(facts, [["sizes"]])


def test_a_sample_is_told_everything_that_does_not_fit() -> None:
    sample = SAMPLE.assign(size=["small", "small", None, "large", "huge", "small"])
    margins = [margin("size", small=60, large=30, micro=10), margin("industry", retail=80, services=40)]
    with pytest.raises(InputError) as error:
        fit_margins(sample, margins, total=6)
    told = str(error.value)
    assert (
        "pop.csv, row 2, industry: the margins do not add up to one total: industry to 120, size to 100"
        in told
    )
    assert "pop.csv, size: is not known of 1 that answered: c" in told
    assert "1 answered in size = huge, which the margin does not have" in told
    assert "pop.csv, row 4, size: nobody answered in size = micro, where the population has 10" in told
    assert told.count("To do: ") == 4


def test_joined_categories_fit_and_are_said() -> None:
    sample = SAMPLE.assign(size=["small", "small", "small", "large", "huge", "small"])
    margins = [margin("size", small=60, large=30, micro=10)]
    fitted = fit_margins(sample, margins, total=6, join={"size": {"micro": "small", "huge": "large"}})
    assert dict(zip(fitted.names[0], fitted.counts[0], strict=True)) == {
        "size = large": 30,
        "size = small": 70,
    }
    assert fitted.codes[0].tolist() == [1, 1, 1, 0, 0, 1]
    assert fitted.said == (
        "Categories of size are joined, in the sample and in the population: micro into small; huge into large.",
    )


def test_what_a_register_does_not_know_can_be_joined() -> None:
    sample = SAMPLE.assign(size=["small", "small", None, "large", "large", "small"])
    margins = margins_of_register(sample.drop(columns="company"), [["size"]])
    assert fit_margins(sample, margins, total=6).names[0][1] == "size = not stated"
    joined = fit_margins(sample, margins, total=6, join={"size": {"not stated": "small"}})
    assert joined.counts[0].tolist() == [2, 4]
    assert joined.codes[0].tolist() == [1, 1, 1, 0, 0, 1]


def test_what_cannot_be_joined() -> None:
    with pytest.raises(InputError, match=r"join.size: is no category that could be joined, found 'hugh'"):
        fit_margins(SAMPLE, [margin("size", small=1, large=1)], total=6, join={"size": {"hugh": "large"}})
    with pytest.raises(InputError, match=r"join.region: is in no margin"):
        fit_margins(SAMPLE, [margin("size", small=1, large=1)], total=6, join={"region": {"n": "s"}})


def test_totals_that_differ_by_rounding_are_scaled_and_said() -> None:
    margins = [margin("size", small=6000, large=4000), margin("industry", retail=5000, services=5001)]
    fitted = fit_margins(SAMPLE, margins, total=6)
    assert fitted.counts[1].sum() == pytest.approx(10000)
    assert "The counts of industry (10,001) are scaled to the total of size (10,000)." in fitted.said


def test_a_category_that_is_nowhere_is_left_out_and_said() -> None:
    fitted = fit_margins(SAMPLE, [margin("size", small=6, large=4, huge=0)], total=6)
    assert fitted.names == (("size = small", "size = large"),)
    assert fitted.said == ("Nobody is in size = huge, in the population or in the sample.",)
    with pytest.raises(InputError, match=r"2 answered in size = large, where the population has none"):
        fit_margins(SAMPLE, [margin("size", small=6, large=0)], total=6)
