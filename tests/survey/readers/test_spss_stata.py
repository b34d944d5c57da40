from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from survey.problems import InputError
from survey.readers.detect import read_export

FRAME = pd.DataFrame(
    {
        "ResponseId": ["R_1", "R_2", "R_3 "],
        "goals": [4.0, 99.0, None],
        "growth": [12.5, -3.25, 100000.0],
        "firm": ["Zürich AG", "", "Bolt"],
        "day": [date(2025, 3, 1), None, date(2025, 3, 2)],
        "started": [datetime(2025, 3, 1, 10, 30), datetime(2025, 3, 2), None],
    }
).astype({"started": "datetime64[us]"})
LABELS = {"goals": "We  share\ngoals", "firm": "Your company?"}
VALUES = {"goals": {1.0: "never", 4.0: "often", 99.0: "refused"}}


@pytest.fixture
def sav(tmp_path: Path) -> Path:
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(
        FRAME, str(path), column_labels=LABELS, variable_value_labels=VALUES, missing_ranges={"goals": [99]}
    )
    return path


def test_codes_are_text_and_labels_stand_beside_them(sav: Path) -> None:
    export = read_export(sav)
    assert (export.platform, export.encoding, export.header_rows) == ("spss", "sav", 0)
    assert export.rows.tolist() == [1, 2, 3]
    assert export.labels["goals"] == "We share goals"
    assert export.labels["growth"] == "growth"
    assert export.values == {"goals": {"1": "never", "4": "often", "99": "refused"}}
    assert export.frame["growth"].tolist() == ["12.5", "-3.25", "100000"]
    assert export.frame["ResponseId"].tolist() == ["R_1", "R_2", "R_3"]
    assert export.frame["firm"].isna().tolist() == [False, True, False]
    assert export.frame["day"].tolist()[::2] == ["2025-03-01", "2025-03-02"]
    assert export.frame["started"].tolist()[:2] == ["2025-03-01 10:30:00", "2025-03-02"]
    assert export.metadata == ("ResponseId",)


def test_user_missing_codes_are_kept_apart(sav: Path) -> None:
    export = read_export(sav)
    assert export.frame["goals"].isna().tolist() == [False, True, True]
    assert export.missing["goals"].isna().tolist() == [True, False, True]
    assert export.missing["goals"][1] == "99"
    assert "has codes for no answer in 'goals' (1 in all): kept apart" in export.decisions


def test_ranges_and_texts_can_be_user_missing(real: Path) -> None:
    folder = real / "spss_stata" / "pyreadstat"
    export = read_export(folder / "sample_missing.sav")
    assert set(export.missing["mynum"].dropna()) <= {str(n) for n in [-1, *range(2000, 3001)]}
    assert list(export.missing) == ["mynum", "mylabl", "myord"]
    assert export.values["mylabl"]["-1"] == "undetermined"
    text = read_export(folder / "missing_char.sav")
    assert text.missing["mychar"].tolist()[0] == "Z"
    assert text.frame["mychar"].tolist()[1] == "a"
    stata = read_export(folder / "missing_test.dta")
    assert stata.missing.iloc[0].tolist() == [".a", ".b", ".c", ".x", ".y", ".z"]
    assert stata.values == {"var1": {".a": "missing"}}


def test_sets_of_multiple_responses_share_a_stem(real: Path) -> None:
    export = read_export(real / "spss_stata" / "pyreadstat" / "simple_alltypes.sav")
    assert export.stems["bool2"] == "My multiple response set"
    assert export.stems["ca_subvar_1"] == "categorical_array"
    assert export.ticked == {"bool1": "1", "bool2": "1", "bool3": "1"}


@pytest.mark.parametrize("ending", ["sav", "zsav", "por", "dta"])
def test_all_formats_hold_the_same(real: Path, ending: str) -> None:
    folder = real / "spss_stata" / "pyreadstat"
    export, plain = read_export(folder / f"sample.{ending}"), read_export(folder / "sample.sav")
    assert export.encoding == ending
    assert export.platform == ("stata" if ending == "dta" else "spss")
    if ending == "por":
        export.frame.columns = export.frame.columns.str.lower()
    numbers = ["mynum", "mylabl", "myord"]
    pd.testing.assert_frame_equal(
        export.frame[numbers].astype(float), plain.frame[numbers].astype(float), rtol=1e-12
    )
    assert export.frame["mychar"].equals(plain.frame["mychar"])


@pytest.mark.parametrize("keep", [8, 100, 180, 400, -40])
def test_a_cut_off_file_is_named(sav: Path, keep: int) -> None:
    sav.write_bytes(sav.read_bytes()[:keep])
    with pytest.raises(InputError, match=r"a\.sav"):
        read_export(sav)


def test_a_file_without_responses_is_an_empty_wave(tmp_path: Path) -> None:
    pyreadstat.write_sav(FRAME.iloc[:0], str(tmp_path / "a.sav"))
    with pytest.raises(InputError, match="is an empty wave"):
        read_export(tmp_path / "a.sav")


def test_another_platform_is_refused(sav: Path) -> None:
    assert read_export(sav, platform="spss").platform == "spss"
    with pytest.raises(InputError, match="wrong platform: is not from stata, but is an SPSS file"):
        read_export(sav, platform="stata")


def test_an_unknown_encoding_is_refused(sav: Path) -> None:
    with pytest.raises(InputError, match=r"a\.sav: cannot be read as \.sav"):
        read_export(sav, encoding="utf8000")


def labelled(tmp_path: Path) -> bytes:
    """A number with value labels between two texts."""
    frame = pd.DataFrame({"firm": ["Acme Ltd and Sons", "Bolt"], "goal": [1.0, 2.0], "team": ["a", "b"]})
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(frame, str(path), variable_value_labels={"goal": {1.0: "never", 2.0: "often"}})
    return path.read_bytes()


LABELS_OF = b"\4\0\0\0\1\0\0\0"  # "the labels above are those of 1 variable", then its place


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        (LABELS_OF + b"\4", LABELS_OF + b"\xff", "value labels for a variable that it does not have"),
        (LABELS_OF + b"\4", LABELS_OF + b"\5", "codes that are no text, of a variable that is"),
        (b"\2\0\0\0\x11\0\0\0", b"\2\0\0\0\x01\0\0\0", "more or less room for its texts"),
        (b"\0\0\0\0\0\0\0\0\2\0\0\0", b"\0\0\0\0\0\0\0\0\2\0\0\x70", "announces 1879048194 responses"),
    ],
    ids=["no variable", "no text", "no room", "no responses"],
)  # fmt: skip
def test_a_file_that_would_end_the_program_is_refused(
    tmp_path: Path, before: bytes, after: bytes, what: str
) -> None:
    data = labelled(tmp_path)
    assert before in data
    path = tmp_path / "b.sav"
    path.write_bytes(data.replace(before, after, 1))
    with pytest.raises(InputError, match=rf"b\.sav: .*{what}"):
        read_export(path)


@pytest.mark.parametrize("version", [8, 10, 12, 13, 14, 15])
def test_a_stata_file_that_announces_too_much_is_refused(tmp_path: Path, version: int) -> None:
    path = tmp_path / "a.dta"
    pyreadstat.write_dta(FRAME[["goals", "growth"]], str(path), version=version)
    data = path.read_bytes()
    assert len(read_export(path)) == 3
    at = data.index(b"<N>") + 3 if version > 12 else 6
    path.write_bytes(data[: at + 3] + b"\x70" + data[at + 4 :])
    with pytest.raises(InputError, match=r"a\.dta: announces \d+ responses, more than fit into it"):
        read_export(path)


def test_repeated_names_are_renamed_and_said(tmp_path: Path) -> None:
    path = tmp_path / "a.sav"
    path.write_bytes(labelled(tmp_path).replace(b"=team", b"=firm"))
    export = read_export(path)
    assert list(export.frame) == ["firm", "goal", "firm_duplicated1"]
    assert any(decision.startswith("repeats names: ") for decision in export.decisions)


def test_texts_longer_than_a_segment_and_long_names_are_whole(tmp_path: Path) -> None:
    text = "Größere Ziele, gemeinsam. " * 60
    frame = pd.DataFrame({"what_should_sales_and_marketing_do_better": [text, "no"]})
    for name, write in (("a.sav", pyreadstat.write_sav), ("a.dta", pyreadstat.write_dta)):
        write(frame.rename(columns=lambda column: column[:32]), str(tmp_path / name))
        assert read_export(tmp_path / name).frame.iloc[:, 0].tolist() == [text.rstrip(), "no"]


@pytest.mark.parametrize("version", [113, 114, 117, 118, 119])
@pytest.mark.parametrize("order", [">", "<"])
def test_stata_files_of_all_ages_and_machines_read_the_same(tmp_path: Path, version: int, order: str) -> None:
    frame = FRAME[["goals", "growth", "firm"]]
    path = tmp_path / "a.dta"
    plain = frame.assign(firm=["Zurich AG", "", "Bolt"])
    if version == 113:
        pyreadstat.write_dta(plain, str(path), version=8)
    else:
        plain.to_stata(path, version=version, write_index=False, byteorder=order)
    export = read_export(path)
    assert export.platform == "stata"
    assert export.frame["growth"].tolist() == ["12.5", "-3.25", "100000"]
    assert export.frame["goals"].tolist()[:2] == ["4", "99"]
    assert export.frame["firm"].tolist()[::2] == ["Zurich AG", "Bolt"]


def test_texts_in_an_old_encoding_are_read_as_the_file_says(tmp_path: Path) -> None:
    """A file of a program before Unicode: its texts have one byte for each letter."""
    path = tmp_path / "a.sav"
    frame = pd.DataFrame({"firm": ["ZXrich", "Bolt"], "n": [1.0, 2.0]})
    pyreadstat.write_sav(frame, str(path))
    data = path.read_bytes().replace(b"ZXrich", b"Z\xfcrich")
    path.write_bytes(data)
    with pytest.raises(InputError, match="cannot be read"):
        read_export(path)
    assert read_export(path, encoding="cp1252").frame["firm"].tolist() == ["Zürich", "Bolt"]
