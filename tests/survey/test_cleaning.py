from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.cleaning import CleaningLog, MatchedExport, Rules, clean
from survey.companies import register_of
from survey.instrument import Instrument
from survey.problems import InputError
from survey.readers.export import Export
from survey.responses import SOURCE, STANDARD, Responses

MakeExport = Callable[..., Export]
LENIENT = Rules(outside_scale="missing", unknown_company="drop", unknown_function="drop")
ITEMS = ["goals_1", "goals_2", "trust_1", "trust_2"]
KEYS = {"company": "company", "function": "function", "respondent": "respondent"}


def answers(*codes: str | None) -> dict[str, str | None]:
    return dict(zip(ITEMS, codes, strict=True))


def person(
    name: str | None, company: str | None, function: str | None, **others: str | None
) -> dict[str, str | None]:
    return {
        "respondent": name,
        "company": company,
        "function": function,
        **answers("1", "2", "4", "5"),
        **others,
    }


@pytest.fixture(scope="module")
def matched(make_export: MakeExport) -> Callable[..., MatchedExport]:
    def make(
        *people: dict[str, str | None], wave: int | None = 2025, file: str = "2025.csv", status: bool = False
    ) -> MatchedExport:
        columns = list(dict.fromkeys(key for row in people for key in row))
        cells = {key: [row.get(key) for row in people] for key in columns}
        export = make_export(cells, file=file, metadata=["Status"] if status else [], platform="qualtrics")
        return MatchedExport(export, {key: key for key in columns if key != "Status"}, wave)

    return make


Matched = Callable[..., MatchedExport]


def kept(responses: Responses) -> list[str]:
    return responses.frame["respondent"].tolist()


def rules_of(log: CleaningLog) -> dict[int, str]:
    gone = log.frame[log.frame["action"] == "dropped"]
    return dict(zip(gone["row"], gone["rule"], strict=True))


def problems_of(waves: list[MatchedExport], instrument: Instrument, **options: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        clean(waves, instrument, **options)  # type: ignore[arg-type]
    return [str(problem) for problem in caught.value.problems]


def test_a_clean_table_has_standard_columns_and_codes(small: Instrument, matched: Matched) -> None:
    wave = matched(
        person("b", "Acme", "Vertrieb", goals_1="Agree", adequate="Ja", win_rate="12,5", tool_crm="CRM",
               tool_chat=None, comment=" fine "),
        person("a", "Acme", "marketing", goals_1="Weiß nicht", adequate="Don't know", win_rate=None,
               tool_crm=None, tool_chat=None, comment=None),
    )  # fmt: skip
    responses, log = clean([wave], small)
    frame = responses.frame
    asked = ["adequate", "comment", *ITEMS, "win_rate", "tool_crm", "tool_chat"]
    assert list(frame.columns) == [*STANDARD, *SOURCE, *asked]
    assert kept(responses) == ["a", "b"]
    assert frame["function"].tolist() == ["marketing", "sales"]
    assert frame["goals_1"].tolist()[1:] == [4.0]
    assert frame.loc[1, ["adequate", "win_rate", "tool_crm", "tool_chat", "comment"]].tolist() == [
        "yes", 12.5, 1.0, 0.0, "fine",
    ]  # fmt: skip
    assert frame.loc[0, ["goals_1", "win_rate", "tool_crm", "tool_chat"]].isna().all()
    assert frame["wave"].tolist() == [2025, 2025]
    assert frame["weight"].tolist() == [1.0, 1.0]
    assert frame["row"].tolist() == [3, 2]
    assert responses.dont_know[["goals_1", "adequate", "goals_2"]].tolist() == [50.0, 50.0, 0.0]
    assert responses.unsure is not None
    assert responses.unsure[["goals_1", "adequate", "goals_2"]].to_numpy().tolist() == [
        [True, True, False],
        [False] * 3,
    ]
    assert responses.asked == asked
    assert len(log.frame) == 0
    assert log.summary() == "2 rows read, 2 kept, 0 dropped; 0 values changed"


def test_every_kind_of_row_that_goes_is_named(small: Instrument, matched: Matched) -> None:
    blank = dict.fromkeys(person("", "", ""), None)
    wave = matched(
        person("ok", "Acme Ltd", "sales", Status="IP Address"),
        person("p", "Acme", "sales", Status="Survey Preview", goals_1="77"),
        blank | {"Status": "0"},
        person("n", None, "sales"),
        person("x", "Xeno", "sales", goals_1="77"),
        person("u", "Unheard", "sales"),
        person("f", "Acme", None),
        person("o", "Acme", "Anderer"),
        person("h", "Acme", "HR"),
        person("d", "Acme", "sales", trust_1=None),
        person("d", "Acme", "sales"),
        person("c", "Acme", "sales", check="5"),
        person("s", "Acme", "sales", check=None),
        person("m", "Acme", "sales", **answers("1", None, "Don't know", None)),
        status=True,
    )
    rules = LENIENT.model_copy(update={"exclude_companies": {"XENO Inc.": "sponsor"}})
    responses, log = clean([wave], small, register=register_of(["Acme Ltd"]), rules=rules)
    assert kept(responses) == ["d", "ok", "s"]
    assert responses.frame["row"].tolist() == [12, 2, 14]
    assert rules_of(log) == {
        3: "preview or test response",
        4: "blank row",
        5: "no company named",
        6: "company excluded: sponsor",
        7: "company not in the register",
        8: "no function given",
        9: "function is neither sales nor marketing",
        10: "unknown function",
        11: "respondent answered more than once; kept: most complete",
        13: "failed attention check",
        15: "answered less than 50% of the statements",
    }
    assert log.accounting.to_dict("records") == [
        {"file": "2025.csv", "wave": 2025, "rows_in": 14, "rows_kept": 3, "rows_dropped": 11}
    ]
    assert log.reasons()["n"].sum() == len(log.frame)


def test_all_problems_of_all_waves_are_said_at_once(small: Instrument, matched: Matched) -> None:
    first = matched(
        person("a", "Acme", "sales", goals_1="9", weight="0"),
        person("b", "Acm", "HR", weight="1"),
        person("c", "Acme", "sales", weight=None),
        file="2024.csv", wave=2024,
    )  # fmt: skip
    second = matched(
        person("a", "Acme", "sales", win_rate="120", adequate="perhaps", wave="2025"),
        person("b", "Acme", "sales", goals_1="Agreee", wave="next year"),
        wave=None,
    )
    messages = problems_of([first, second], small, register=register_of(["Acme"]))
    expected = [
        "2024.csv, row 2, goals_1: 9 is outside the scale or not an answer to this question. Allowed: 1-5;",
        "2024.csv, row 2, weight: 0 is not a weight",
        "2024.csv, row 3, company: unknown company 'Acm'",
        "2024.csv, row 4, weight: '' is not a weight",
        "2025.csv, row 2, win_rate: 120 is outside",
        "2025.csv, row 2, adequate: 'perhaps' is outside",
        "2025.csv, row 3, wave: 'next year' is not a year",
    ]
    for text in expected:
        assert any(message.startswith(text) for message in messages), text
    assert len(messages) == len(expected)
    assert any("did you mean Acme" in message for message in messages)


def test_names_of_waves_are_asked_about_once_each_and_codes_tell_their_years(
    small: Instrument, matched: Matched
) -> None:
    people = [
        person(str(n), "Acme", ("sales", "marketing")[n % 2], wave=f"{2024 + n // 4} Q{1 + n % 2}")
        for n in range(6)
    ]
    first, *others = problems_of([matched(*people, wave=None)], small)
    assert len(others) == 3
    assert first.startswith("2025.csv, row 2, wave: '2024 Q1' is not a year (2 rows, down to row 4)")
    assert 'codes: {wave: {"2024 Q1": 2024}}' in first
    codes = {f"{year} Q{quarter}": str(year) for year in (2024, 2025) for quarter in (1, 2)}
    told = replace(matched(*people, wave=None), codes={"wave": codes})
    assert clean([told], small)[0].frame["wave"].value_counts().to_dict() == {2024: 4, 2025: 2}


def test_a_file_without_a_wave_is_one_problem_and_not_one_a_row(small: Instrument, matched: Matched) -> None:
    people = person("a", "Acme", "sales"), person("b", "Acme", "marketing")
    allowed = "Allowed: the year of its answers, or a column that says it row by row"
    assert problems_of([matched(*people, wave=None)], small) == [f"2025.csv: has no wave. {allowed}"]


def test_an_unknown_function_says_which_there_are(small: Instrument, matched: Matched) -> None:
    (message,) = problems_of([matched(person("a", "Acme", "HR"), person("b", "Acme", "HR"))], small)
    assert message.startswith("2025.csv, row 2, function: 'HR' is neither sales nor marketing")
    assert "marketing (Marketing)" in message


def test_many_bad_cells_are_named_up_to_a_limit_and_counted(small: Instrument, matched: Matched) -> None:
    people = [person(f"p{n}", "Acme", "sales", goals_1="8") for n in range(50)]
    messages = problems_of([matched(*people)], small)
    assert len(messages) == 21
    assert "30 more values like this, down to row 51" in messages[-1]


def test_problems_name_the_heading_of_the_file(small: Instrument, make_export: MakeExport) -> None:
    export = make_export({"C": ["Acme"], "F": ["sales"], "Q7": ["9"]}, file="a.csv", first_row=40)
    wave = MatchedExport(export, {"company": "C", "function": "F", "goals_1": "Q7"}, 2025)
    (message,) = problems_of([wave], small)
    assert message.startswith("a.csv, row 40, Q7: 9 is outside")


def test_answers_outside_the_scale_can_be_made_missing(small: Instrument, matched: Matched) -> None:
    wave = matched(person("a", "Acme", "sales", goals_1="9"))
    responses, log = clean([wave], small, rules=Rules(outside_scale="missing"))
    assert responses.frame["goals_1"].isna().all()
    line = log.frame.iloc[0]
    assert line[["row", "respondent", "column", "before", "after", "action"]].tolist() == [
        2, "a", "goals_1", "9", "", "changed",
    ]  # fmt: skip


def test_names_become_companies_and_variants_are_logged(small: Instrument, matched: Matched) -> None:
    one = matched(
        *(person(str(n), name, "sales") for n, name in enumerate(["Acme", "Acme", "ACME Ltd", "Bolt"]))
    )
    two = matched(person("9", "bolt AG", "sales"), wave=2026, file="2026.csv")
    responses, log = clean([one, two], small)
    assert sorted(responses.frame["company"].unique()) == ["Acme", "Bolt"]
    changes = log.frame[log.frame["column"] == "company"]
    assert changes[["file", "row", "before", "after"]].to_numpy().tolist() == [
        ["2025.csv", 4, "ACME Ltd", "Acme"],
        ["2026.csv", 2, "bolt AG", "Bolt"],
    ]


def test_an_exclusion_that_concerns_nobody_is_a_problem(small: Instrument, matched: Matched) -> None:
    rules = Rules(exclude_companies={"Amce": "test"})
    (message,) = problems_of([matched(person("a", "Acme", "sales"))], small, rules=rules)
    assert "'Amce' is to be excluded, but is neither in the register nor in an answer" in message


@pytest.mark.parametrize(("keep", "row"), [("first", 4), ("last", 2), ("most_complete", 3)])
def test_which_of_a_persons_rows_stays(small: Instrument, matched: Matched, keep: str, row: int) -> None:
    wave = matched(
        person("a", "Acme", "sales", goals_1=None, started="2025-03-03 10:00:00"),
        person("a", "Acme", "sales", started="2025-03-02 10:00:00"),
        person("a", "Acme", "sales", goals_2=None, started="2025-03-01 10:00:00"),
        person("a", "Bolt", "sales", started="2025-03-01 10:00:00"),
        person(None, "Acme", "sales", started="2025-03-01 10:00:00"),
        person(None, "Acme", "sales", started="2025-03-01 10:00:00"),
    )
    responses, _ = clean([wave], small, rules=Rules.model_validate({"duplicates": keep}))
    frame = responses.frame
    assert frame.loc[(frame["respondent"] == "a") & (frame["company"] == "Acme"), "row"].tolist() == [row]
    assert len(frame) == 4
    assert "2025.csv:6" in kept(responses)


def test_the_same_person_in_two_waves_is_no_duplicate(small: Instrument, matched: Matched) -> None:
    waves = [matched(person("a", "Acme", "sales"), wave=wave, file=f"{wave}.csv") for wave in (2024, 2025)]
    assert len(clean(waves, small)[0].frame) == 2


def test_attention_and_completeness_follow_the_rules(small: Instrument, matched: Matched) -> None:
    wave = matched(
        person("a", "Acme", "sales", check="1"),
        person("b", "Acme", "sales", **answers("1", None, None, None)),
    )
    assert clean([wave], small)[0].frame.empty
    rules = Rules(failed_attention="keep", minimum_answered=0.25)
    assert kept(clean([wave], small, rules=rules)[0]) == ["a", "b"]


def test_completeness_counts_what_the_export_asks(small: Instrument, matched: Matched) -> None:
    full = matched(person("a", "Acme", "sales"), wave=2024, file="2024.csv")
    short = {"respondent": "b", "company": "Acme", "function": "sales", "goals_1": "4"}
    responses, _ = clean([full, matched(short)], small)
    assert kept(responses) == ["a", "b"]
    assert responses.frame["goals_2"].isna().tolist() == [False, True]


def test_waves_come_from_a_column_or_are_stated(small: Instrument, matched: Matched) -> None:
    wave = matched(
        person("a", "Acme", "sales", wave="2004"), person("b", "Acme", "sales", wave="2005.0"), wave=None
    )
    responses, log = clean([wave], small)
    assert responses.frame["wave"].tolist() == [2004, 2005]
    assert log.accounting["wave"].tolist() == [2004, 2005]
    assert log.accounting["rows_in"].tolist() == [1, 1]
    stated = MatchedExport(wave.export, wave.columns, 2004)
    (message,) = problems_of([stated], small)
    assert "row 3, wave: 2005.0 is another wave than the 2004 that the study states" in message


def test_a_blank_row_without_a_wave_is_still_accounted_for(small: Instrument, matched: Matched) -> None:
    nobody = dict.fromkeys(person("", "", ""), None)
    wave = matched(person("a", "Acme", "sales", wave="2004"), nobody, wave=None)
    _, log = clean([wave], small)
    assert log.accounting["rows_dropped"].tolist() == [0, 1]
    assert pd.isna(log.accounting["wave"].iloc[1])


def test_a_study_without_functions(matched: Matched, small: Instrument) -> None:
    questions = {key: q for key, q in small.questions.items() if key != "department"}
    instrument = small.model_copy(update={"questions": questions})
    people = [{k: v for k, v in person(n, "Acme", None).items() if k != "function"} for n in ("a", "b")]
    responses, _ = clean([matched(*people)], instrument)
    assert responses.frame["function"].tolist() == ["", ""]


def test_weights_times_and_durations_are_read(small: Instrument, matched: Matched) -> None:
    wave = matched(
        person("a", "Acme", "sales", weight="1,5", started="2025-03-01T12:00:00+02:00", duration_s="300"),
        person("b", "Acme", "sales", weight="0.5", started="03/02/2025 01:30:00 PM", duration_s="-1"),
        person("c", "Acme", "sales", weight="1", started="yesterday", duration_s=None),
    )
    responses, log = clean([wave], small)
    frame = responses.frame
    assert frame["weight"].tolist() == [1.5, 0.5, 1.0]
    assert frame["started"].tolist()[:2] == [
        pd.Timestamp("2025-03-01 10:00"),
        pd.Timestamp("2025-03-02 13:30"),
    ]
    assert frame["started"].isna().tolist() == [False, False, True]
    assert frame["duration_s"].isna().tolist() == [False, True, True]
    assert log.frame[["row", "column", "before"]].to_numpy().tolist() == [
        [3, "duration_s", "-1"],
        [4, "started", "yesterday"],
    ]


def test_the_language_of_an_answer_is_written_alike_in_all_files(small: Instrument, matched: Matched) -> None:
    waves = [
        matched(person("a", "Acme", "sales", language="EN"), person("b", "Acme", "sales", language=None)),
        matched(person("c", "Acme", "sales", language=" en"), wave=2026, file="2026.csv"),
    ]
    languages = clean(waves, small)[0].frame["language"]
    assert languages.fillna("?").tolist() == ["en", "?", "en"]
    assert "language" not in clean([matched(person("a", "Acme", "sales"))], small)[0].frame


def test_an_export_read_twice_is_refused(small: Instrument, matched: Matched) -> None:
    wave = matched(person("a", "Acme", "sales"))
    (message,) = problems_of([wave, wave], small)
    assert "is read more than once" in message
    assert "at least one export" in problems_of([], small)[0]


FEW = settings(deadline=None, max_examples=6)
"""Cleaning costs the same for one row as for many: few tables of many people rather than many of few."""
NAMES = ["Acme", "ACME Ltd", "Bolt AG", "bolt", "Crank", "Crank GmbH", None]
PEOPLE = st.lists(
    st.builds(
        lambda name, company, function, codes, check, started: {
            "respondent": name, "company": company, "function": function, **answers(*codes), "check": check,
            "started": f"2025-03-{started:02d}", "tool_crm": codes[0], "tool_chat": None,
        },
        st.sampled_from([None, "a", "b", "c", "d"]),
        st.sampled_from(NAMES),
        st.sampled_from(["sales", "Marketing", "Vertrieb", "other", "HR", None]),
        st.tuples(*[st.sampled_from(["1", "Agree", "5", "9", "Don't know", None])] * 4),
        st.sampled_from(["2", "Disagree", "4", None]),
        st.integers(1, 28),
    ),
    min_size=1, max_size=36,
)  # fmt: skip


@FEW
@given(PEOPLE)
def test_rows_in_are_rows_kept_and_rows_in_the_log(
    small: Instrument, matched: Matched, people: list[dict[str, str | None]]
) -> None:
    wave = matched(*people)
    responses, log = clean([wave], small, rules=LENIENT)
    gone = log.frame[log.frame["action"] == "dropped"]
    assert gone["row"].is_unique
    assert sorted([*gone["row"], *responses.frame["row"]]) == wave.export.rows.tolist()
    assert log.accounting[["rows_in", "rows_kept", "rows_dropped"]].sum().tolist() == [
        len(people), len(responses.frame), len(gone),
    ]  # fmt: skip
    changes = log.frame[(log.frame["action"] == "changed") & ~log.frame["row"].isin(gone["row"])]
    by_row = responses.frame.set_index("row")
    for row, column, after in changes[["row", "column", "after"]].itertuples(index=False):
        value = by_row.loc[row, column]
        assert value == after if after else pd.isna(value)
    people_left = responses.frame.dropna(subset=["respondent"])
    assert not people_left.duplicated(["wave", "company", "respondent"]).any()


@FEW
@given(PEOPLE, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_columns_does_not_matter(
    small: Instrument, matched: Matched, people: list[dict[str, str | None]], chance: object
) -> None:
    for n, row in enumerate(people):  # who has an id, and a start of their own, is known without the row
        row["respondent"] = row["respondent"] or f"nobody {n}"
        row["started"] = f"2025-03-01 10:00:{n:02d}"
    shuffled = list(people)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    shuffled = [dict(sorted(row.items())) for row in shuffled]
    one, first = clean([matched(*people)], small, rules=LENIENT)
    two, second = clean([matched(*shuffled)], small, rules=LENIENT)
    pd.testing.assert_frame_equal(one.frame.drop(columns="row"), two.frame.drop(columns="row"))
    pd.testing.assert_series_equal(one.dont_know, two.dont_know)
    pd.testing.assert_frame_equal(first.accounting, second.accounting)
    columns = ["respondent", "column", "before", "after", "rule"]
    logs = [log.frame[columns].sort_values(columns, ignore_index=True) for log in (first, second)]
    pd.testing.assert_frame_equal(*logs)


@FEW
@given(PEOPLE)
def test_cleaning_clean_answers_changes_nothing(
    small: Instrument, matched: Matched, make_export: MakeExport, people: list[dict[str, str | None]]
) -> None:
    responses, _ = clean([matched(*people)], small, rules=LENIENT)
    if responses.frame.empty:
        return
    text = responses.frame.map(lambda value: None if pd.isna(value) else str(value))
    columns = [c for c in text if c not in SOURCE]
    export = make_export({c: text[c].tolist() for c in columns})
    again, log = clean([MatchedExport(export, {c: c for c in columns}, 2025)], small)
    pd.testing.assert_frame_equal(
        again.frame.drop(columns=["row", "respondent"]), responses.frame.drop(columns=["row", "respondent"])
    )
    assert set(log.frame["action"]) <= {"noted"}
    assert np.array_equal(log.accounting["rows_kept"], [len(responses.frame)])


def test_the_exports_are_left_as_they_were(small: Instrument, matched: Matched) -> None:
    wave = matched(person("a", "ACME", "sales", goals_1="9"), person("b", "Acme", "sales"))
    before = wave.export.to_frame()
    clean([wave], small, rules=LENIENT)
    pd.testing.assert_frame_equal(wave.export.frame, before)


def test_durations_that_cannot_be_are_not_known(small: Instrument, matched: Matched) -> None:
    times = {
        "a": ("2025-03-01 10:00:00", "2025-03-01 10:05:00"),
        "b": ("2025-03-01 10:00:00", "2025-03-01 09:00:00"),
        "c": ("2025-03-01 10:00:00", "2025-03-01 10:00:00"),
        "d": ("2025-03-01 10:00:00", "2025-03-03 10:00:00"),
        "e": ("2025-03-01 10:00:00", None),
    }
    wave = matched(
        *[person(name, "Acme", "sales", started=one, ended=two) for name, (one, two) in times.items()]
    )
    responses, log = clean([wave], small)
    assert responses.frame["duration_s"].fillna(-1).tolist() == [300, -1, -1, -1, -1]
    assert log.frame["rule"].tolist() == [
        "ended before it started: duration not known",
        "took no time: duration not known",
        "took more than 24 hours: duration not known",
    ]
    assert log.frame["before"].tolist()[0] == "-3600"
    longer, _ = clean([wave], small, rules=Rules(longest_duration_h=48))
    assert longer.frame["duration_s"].tolist()[3] == 172_800


def test_a_written_duration_goes_before_the_clock(small: Instrument, matched: Matched) -> None:
    clock = {"started": "2025-03-01 10:00:00", "ended": "2025-03-01 10:05:00"}
    wave = matched(
        person("a", "Acme", "sales", duration_s="60,5", **clock),
        person("b", "Acme", "sales", duration_s=None, **clock),
        person("c", "Acme", "sales", duration_s="0", **clock),
    )
    responses, log = clean([wave], small)
    assert responses.frame["duration_s"].fillna(-1).tolist() == [60.5, 300, -1]
    assert log.frame["before"].tolist() == ["0"]
