"""What is taken out of an export, of the answers and of the log."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from survey.cleaning import MatchedExport, clean
from survey.cleaning_log import CleaningLog, make_log
from survey.instrument import Instrument
from survey.matching import match
from survey.readers.export import Export
from survey.withholding import (
    Withheld,
    free_text_questions,
    kept_texts,
    withhold,
    without_free_text,
    without_words,
)

MakeExport = Callable[..., Export]

COLUMNS = {
    "respondent": ["jane@acme.org", "joe@acme.org"],
    "firm": ["Acme", "Acme"],
    "department": ["sales", "marketing"],
    "goals_1": ["4", "5"],
    "comment": ["none", None],
    "Your name": ["Jane Doe", None],
    "Any other remarks": ["Ask Jane, please", "No, thank you"],
    "IPAddress": ["203.0.113.7", "203.0.113.8"],
}


def taken(make_export: MakeExport, small: Instrument, *keep: str) -> tuple[Export, Withheld]:
    export = make_export(COLUMNS, metadata=["IPAddress"])
    return withhold(export, match(export, small, free_text=keep), small, keep=keep)


def test_text_questions_without_a_role_are_free_text(small: Instrument) -> None:
    assert free_text_questions(small) == ["comment"]


def test_personal_columns_leave_the_export_and_are_listed(make_export: MakeExport, small: Instrument) -> None:
    export, withheld = taken(make_export, small)
    assert list(export.frame) == ["respondent", "firm", "department", "goals_1", "comment"]
    assert withheld.columns.sort_values("column").values.tolist() == [
        ["2025.csv", "Any other remarks", "free text", 2],
        ["2025.csv", "IPAddress", "ip address", 2],
        ["2025.csv", "Your name", "name", 1],
        ["2025.csv", "comment", "free text", 1],
        ["2025.csv", "respondent", "respondent id", 2],
    ]
    assert (withheld.ids, withheld.own_ids, withheld.people) == ("e-mail", False, ("Jane Doe",))
    assert withheld.texts.empty


def test_kept_free_text_is_taken_by_question_and_by_column(
    make_export: MakeExport, small: Instrument
) -> None:
    _, withheld = taken(make_export, small, "comment", "Any other remarks", "Your name")
    assert withheld.texts[["row", "column", "text"]].values.tolist() == [
        [2, "Any other remarks", "Ask Jane, please"],
        [3, "Any other remarks", "No, thank you"],
        [2, "comment", "none"],
    ]
    assert sorted(withheld.columns["column"]) == ["IPAddress", "Your name", "respondent"]
    assert withheld.refused == {"Your name": "name"}


def test_ids_of_the_platform_are_its_own(make_export: MakeExport, small: Instrument) -> None:
    columns = {"ResponseId" if name == "respondent" else name: cells for name, cells in COLUMNS.items()}
    export = make_export(columns, metadata=["ResponseId", "IPAddress"])
    assert withhold(export, match(export, small), small)[1].own_ids


def test_addresses_that_serve_cleaning_are_listed_too(make_export: MakeExport, small: Instrument) -> None:
    export = make_export({**COLUMNS, "mail": COLUMNS["respondent"]})
    found = match(export, small)
    claimed = replace(found, columns=found.columns | {"email": "mail"}, set_aside=found.set_aside.iloc[:0])
    rest, withheld = withhold(export, claimed, small)
    assert "mail" in rest.frame
    assert ["2025.csv", "mail", "e-mail", 2] in withheld.columns.values.tolist()


def test_only_texts_of_kept_responses_are_kept(make_export: MakeExport, small: Instrument) -> None:
    export = make_export({**COLUMNS, "firm": ["Acme", None]}, metadata=["IPAddress"])
    found = match(export, small)
    rest, withheld = withhold(export, found, small, keep=["Any other remarks"])
    responses, _ = clean([MatchedExport(rest, found.columns, 2025)], small)
    assert kept_texts([withheld], responses)["text"].tolist() == ["Ask Jane, please"]
    left = without_free_text(responses)
    assert "comment" in responses.frame
    assert "comment" not in left.frame
    assert "comment" not in left.dont_know.index


def log_of(rows: list[tuple[str, str, str, str]]) -> CleaningLog:
    frame = pd.DataFrame(rows, columns=["column", "before", "after", "action"])
    frame = frame.assign(
        file="2025.csv", row=range(len(rows)), respondent="r", rule="outside the scale", wave=2025
    )
    return make_log([frame], frame, frame)


def test_the_log_quotes_numbers_dates_options_and_companies_but_no_words(small: Instrument) -> None:
    log = log_of(
        [
            ("goals_1", "9", "", "changed"),
            ("goals_1", "ask Jane Doe", "", "changed"),
            ("started", "31.02.2025", "", "changed"),
            ("department", "other", "", "changed"),
            ("win_rate", "+49 170 1234567", "", "changed"),
            ("firm", "Acme, jane@acme.org", "acme", "changed"),
            ("win_rate", "95.0", "95.0", "noted"),
        ]
    )
    shown = without_words(log, small)
    assert shown.frame["before"].tolist() == [
        *("9", "[text]", "31.02.2025", "other", "[text]", "Acme, [e-mail]", "95.0")
    ]
    again = without_words(shown, small)
    pd.testing.assert_frame_equal(again.frame, shown.frame)
    pd.testing.assert_frame_equal(shown.accounting, log.accounting)
