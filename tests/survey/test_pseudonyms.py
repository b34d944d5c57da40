"""Pseudonyms: stable under a key, different under another, and without a key nothing but a place."""

import hashlib
import hmac
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.cleaning_log import CleaningLog, dropped, make_log
from survey.instrument import Instrument
from survey.problems import InputError
from survey.pseudonyms import VARIABLE, pseudonymise, read_key
from survey.responses import Responses

KEY, OTHER = b"one key of many bytes", b"another of many bytes"
PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(["2024.csv", "2025.csv"]),
        st.sampled_from(["17", "jane@acme.org", "joe@acme.org", "é", "2024.csv:2"]),
    ),
    min_size=1,
    max_size=12,
)


def table(people: list[tuple[str, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(people, columns=["file", "respondent"])
    frame["row"] = frame.groupby("file").cumcount() + 2
    return frame.assign(company="a", function="sales", wave=frame["file"].str[:4].astype(int))


def cleaned(frame: pd.DataFrame, small: Instrument, gone: int = 0) -> tuple[Responses, CleaningLog]:
    """Give responses of which the last few were dropped."""
    kept = frame.iloc[: len(frame) - gone]
    log = make_log([dropped(frame.iloc[len(frame) - gone :], "blank row")], frame, kept)
    return Responses(kept, small, pd.Series(dtype="float64")), log


def names_of(frame: pd.DataFrame, small: Instrument, **how: object) -> pd.Series:
    named, _ = pseudonymise(*cleaned(frame, small), **how)  # type: ignore[arg-type]
    return named.frame.set_index(["file", "row"])["respondent"]


@settings(max_examples=15, deadline=None)
@given(people=PEOPLE)
def test_who_was_one_stays_one_and_who_were_two_stay_two(
    small: Instrument, people: list[tuple[str, str]]
) -> None:
    frame = table(people)
    for key in (None, KEY):
        names = names_of(frame, small, key=key)
        pairs = frame.set_index(["file", "row"]).assign(name=names)[["respondent", "name"]].drop_duplicates()
        assert pairs["respondent"].is_unique
        assert pairs["name"].is_unique


@settings(max_examples=15, deadline=None)
@given(people=PEOPLE, data=st.data())
def test_the_order_of_the_rows_of_the_table_has_no_influence(
    small: Instrument, people: list[tuple[str, str]], data: st.DataObject
) -> None:
    frame = table(people)
    shuffled = frame.loc[data.draw(st.permutations(list(frame.index)))]
    for key in (None, KEY):
        one, other = (pseudonymise(*cleaned(rows, small), key=key)[0].frame for rows in (frame, shuffled))
        pd.testing.assert_frame_equal(one, other)


def test_a_hash_is_that_of_the_id_under_the_key(small: Instrument) -> None:
    frame = table([("2024.csv", "jane@acme.org"), ("2025.csv", "jane@acme.org")])
    digest = hmac.new(KEY, b"\0jane@acme.org", hashlib.sha256).hexdigest()
    assert names_of(frame, small, key=KEY).tolist() == [f"r-{digest[:16]}"] * 2
    assert not set(names_of(frame, small, key=OTHER)) & set(names_of(frame, small, key=KEY))
    alone = names_of(frame[frame["wave"] == 2025], small, key=KEY)
    assert alone.iloc[0] == names_of(frame, small, key=KEY).iloc[0]


@pytest.mark.parametrize("key", [None, KEY])
def test_numbers_that_a_platform_counts_link_nobody(small: Instrument, key: bytes | None) -> None:
    frame = table([("2024.csv", "17"), ("2025.csv", "17"), ("2025.csv", "17")])
    names = names_of(frame, small, key=key, own_ids={"2024.csv", "2025.csv"})
    assert names["2024.csv"].nunique() == names["2025.csv"].nunique() == 1
    assert names.nunique() == 2


def test_without_a_key_people_are_called_by_the_place_of_their_first_response(small: Instrument) -> None:
    frame = table([("2025.csv", "jane"), ("2024.csv", "joe"), ("2024.csv", "jane")])
    assert names_of(frame, small).to_dict() == {
        ("2024.csv", 2): "2024.csv:2",
        ("2024.csv", 3): "2024.csv:3",
        ("2025.csv", 2): "2024.csv:3",
    }


def test_those_dropped_bear_pseudonyms_in_the_log_and_in_the_flags(small: Instrument) -> None:
    frame = table([("2024.csv", "jane"), ("2025.csv", "jane"), ("2025.csv", "joe")])
    responses, log = cleaned(frame, small, gone=2)
    flagged = Responses(responses.frame, small, responses.dont_know, flags=frame.drop(columns="function"))
    named, lines = pseudonymise(flagged, log)
    assert lines.frame["respondent"].tolist() == ["2024.csv:2", "2025.csv:3"]
    assert named.flags is not None
    assert named.flags["respondent"].tolist() == ["2024.csv:2", "2024.csv:2", "2025.csv:3"]
    assert frame["respondent"].tolist() == ["jane", "jane", "joe"]
    pd.testing.assert_frame_equal(lines.accounting, log.accounting)


def test_a_key_is_read_from_its_file_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert read_key() is None
    monkeypatch.setenv(VARIABLE, OTHER.decode())
    assert read_key() == OTHER
    (tmp_path / "secret.key").write_bytes(KEY + b"\n")
    assert read_key(tmp_path / "secret.key") == KEY


@pytest.mark.parametrize("written", [b"", b"\n", b"fifteen bytes !"])
def test_a_short_key_is_refused(written: bytes, tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(written)
    with pytest.raises(
        InputError, match=r"secret\.key: the key has \d+ bytes, so that it could be guessed"
    ) as caught:
        read_key(tmp_path / "secret.key")
    assert written.strip() == b"" or written.strip().decode() not in str(caught.value)


def test_a_short_key_in_the_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "short")
    with pytest.raises(InputError, match=f"{VARIABLE}: the key has 5 bytes"):
        read_key()


def test_a_key_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_key(tmp_path / "secret.key")
