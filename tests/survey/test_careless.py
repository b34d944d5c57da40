"""Indices of careless responding against R, row by row, and what must hold of them for any answers."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from survey import careless
from survey.careless import average_string, evenodd, irv, irv_split, longstring
from survey.careless_match import percent_match
from survey.careless_sample import mahad, mahad_p, psychant, psychsyn, relative_speed

HERE = Path(__file__).parents[1] / "reference"
FACTORS, REVERSED = (5, 4, 4, 3), ["i4", "i9", "i12"]


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return pd.read_csv(HERE / "careless_data.csv")


@pytest.fixture(scope="module")
def reference() -> pd.DataFrame:
    return pd.read_csv(HERE / "careless.csv")


def all_indices(data: pd.DataFrame) -> pd.DataFrame:
    items = data.filter(like="i")
    turned = items.assign(**{name: 6 - items[name] for name in REVERSED})
    distance = mahad(items)
    found = [
        longstring(items), average_string(items), irv(items), irv_split(items, 3), distance,
        evenodd(turned, FACTORS), psychsyn(turned), psychant(items, critical=-0.5),
        percent_match(items, data["company"]), relative_speed(data["seconds"], data["company"].notna()),
    ]  # fmt: skip
    p = mahad_p(distance, items.shape[1])
    return pd.concat([*found, (p < 0.01).astype(object).where(p.notna()).rename("flagged")], axis=1)


def test_every_index_equals_r(data: pd.DataFrame, reference: pd.DataFrame) -> None:
    found = all_indices(data)
    pd.testing.assert_frame_equal(
        found[list(reference)].astype(float), reference.astype(float), rtol=1e-9, atol=1e-9
    )
    assert reference.isna().sum().gt(0).sum() >= 8, "missing answers are part of the reference"


@pytest.mark.parametrize("cells", [1, 40, 200])
def test_blocks_do_not_show(data: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, cells: int) -> None:
    whole = all_indices(data)
    monkeypatch.setattr(careless, "BLOCK", cells)
    pd.testing.assert_frame_equal(all_indices(data), whole, rtol=1e-12)


ANSWERS = hnp.arrays(
    float,
    st.tuples(st.integers(3, 12), st.integers(6, 9)),
    elements=st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, np.nan]),
)


@settings(deadline=None, max_examples=40)
@given(ANSWERS, st.randoms(use_true_random=False))
def test_the_order_of_respondents_does_not_matter(values: np.ndarray, chance: object) -> None:
    order = list(range(len(values)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    frame = pd.DataFrame(values)
    team = pd.Series(np.arange(len(values)) % 2)
    factors = [3, values.shape[1] - 3]
    for index in (longstring, average_string, irv, mahad, psychsyn, lambda x: evenodd(x, factors)):
        straight, mixed = index(frame), index(frame.iloc[order]).sort_index()
        pd.testing.assert_series_equal(mixed, straight, rtol=1e-6, atol=1e-9)
    mixed = percent_match(frame.iloc[order], team.iloc[order]).sort_index()
    pd.testing.assert_series_equal(mixed, percent_match(frame, team))


@settings(deadline=None, max_examples=40)
@given(ANSWERS)
def test_bounds_and_what_the_order_of_items_leaves_alone(values: np.ndarray) -> None:
    frame = pd.DataFrame(values)
    backwards = frame.iloc[:, ::-1]
    everyone = pd.Series(0, index=frame.index)
    assert longstring(frame).between(1, frame.shape[1]).all()
    assert average_string(frame).le(longstring(frame)).all()
    assert percent_match(frame, everyone).dropna().between(0, 1).all()
    assert evenodd(frame, [3, frame.shape[1] - 3]).dropna().between(-1, 1).all()
    assert psychsyn(frame, critical=0.2).dropna().between(-1, 1).all()
    pd.testing.assert_series_equal(longstring(backwards), longstring(frame))
    pd.testing.assert_series_equal(irv(backwards), irv(frame))
    pd.testing.assert_series_equal(percent_match(backwards, everyone), percent_match(frame, everyone))
    pd.testing.assert_frame_equal(frame, pd.DataFrame(values), obj="the answers are left as they were")


def test_turning_and_rescaling_an_item_leaves_the_distance_as_it_was(data: pd.DataFrame) -> None:
    items = data.filter(like="i")
    other = items.assign(i4=6 - items["i4"], i7=(items["i7"] - 1) / 4)
    pd.testing.assert_series_equal(mahad(other), mahad(items), rtol=1e-9)


def test_what_r_refuses_is_nan_here() -> None:
    constant = pd.DataFrame({"a": [1.0, 2, 3], "b": [2.0, 2, 2]})
    assert mahad(constant).isna().all()
    assert psychsyn(constant).isna().all()
    assert psychant(constant).isna().all()
    with pytest.raises(ValueError, match="at least two factors"):
        evenodd(constant, [2])
    with pytest.raises(ValueError, match="do not divide 2 items"):
        evenodd(constant, [2, 1])


def test_equal_means_that_are_no_whole_numbers_are_no_variation() -> None:
    """Thirds are not exact in binary: their mean differs from them by less than one unit in the last place."""
    x = pd.DataFrame([[1, 2, 1, 1, 2, 1, 2, 2, 1, 1] * 3])
    third = pd.DataFrame([[1 / 3] * 30])
    assert evenodd(x, [10, 10, 10]).isna().all()
    assert evenodd(third, [10, 10, 10]).isna().all()
    assert irv(third).abs().max() < 1e-12


def test_many_items_and_many_different_answers_match_all_the_same() -> None:
    rng = np.random.default_rng(3)
    x = pd.DataFrame(rng.normal(size=(300, 70)))
    x.iloc[5] = x.iloc[200]
    x.iloc[5, :7] += 1
    found = percent_match(x, pd.Series(0, index=x.index))
    assert found.iloc[[5, 200]].tolist() == [0.9, 0.9]
    assert found.drop([5, 200]).eq(0).all()


@pytest.fixture(scope="module")
def published(pytestconfig: pytest.Config) -> Path:
    folder = Path(os.environ.get("ALIGNMARK_REAL_DATA", pytestconfig.rootpath.parent / "shared" / "data"))
    if not (folder / "psychometrics").is_dir():
        pytest.skip(f"no published psychometric data in {folder}")
    return folder / "psychometrics"


def assert_as_published(found: pd.Series, published: dict[str, object]) -> None:
    np.testing.assert_allclose(found.iloc[:10], published["first"], atol=1e-9)
    described = [found.mean(), found.std(), found.min(), found.max()]
    expected = [published[name] for name in ("mean", "sd", "min", "max")]
    np.testing.assert_allclose(described, expected, atol=1e-9)


def test_the_careless_package_row_by_row(published: Path) -> None:
    data = pd.read_csv(published / "careless_dataset.csv")
    rows = pd.read_csv(published / "careless_dataset_indices.csv")
    found = pd.DataFrame(
        {
            "longstr": longstring(data),
            "irv": irv(data),
            "mahad": mahad(data),
            "psychsyn60": psychsyn(data, critical=0.60),
            "evenodd": evenodd(data, [5] * 10),
        }
    )
    pd.testing.assert_frame_equal(found, rows, check_dtype=False, rtol=1e-9, atol=1e-9)
    assert rows.isna().any().any(), "persons without a value are part of the reference"


@pytest.mark.parametrize(
    ("name", "file", "factors", "key"),
    [
        ("d1", "careless_dataset.csv", [5] * 10, "evenodd"),
        ("d2", "careless_dataset2.csv", [10] * 10, "evenodd_manpage"),
    ],
)
def test_the_careless_package_on_its_data(
    published: Path, name: str, file: str, factors: list[int], key: str
) -> None:
    expected = json.loads((published / "reference.json").read_text(encoding="utf-8"))["careless"][name]
    data = pd.read_csv(published / file)
    distance = mahad(data)
    assert_as_published(longstring(data), expected["longstr"])
    assert_as_published(average_string(data), expected["avgstr"])
    assert_as_published(irv(data), expected["irv"])
    assert_as_published(distance, expected["mahad_D2"])
    assert_as_published(evenodd(data, factors), expected[key])
    first = [irv(data).iloc[0], *irv_split(data, 4).iloc[0]]
    np.testing.assert_allclose(first, expected["irv_split4_row1"], atol=1e-9)
    assert (mahad_p(distance, data.shape[1]) < 0.01).sum() == expected["mahad_n_flag99"]
    assert name != "d1" or psychant(data).isna().all(), "R finds no antonyms in the first data set"


def test_the_careless_package_on_answers_with_gaps(published: Path) -> None:
    reference = json.loads((published / "reference.json").read_text(encoding="utf-8"))["bfi"]
    items = pd.read_csv(published / "bfi.csv")[list(reference["missing_by_item"])]
    assert_as_published(longstring(items), reference["careless"]["longstr"])
    assert_as_published(irv(items), reference["careless"]["irv"])
    assert (longstring(items) >= 10).sum() == reference["careless"]["n_straightliners_ge10"]
