"""Hundreds of reports: whole files only, one failure stops no other, and what is there is not written again."""

from functools import partial
from pathlib import Path

import pytest

from alignmark.card_files import INDEX, MARK, Order, write_cards
from reports.report import Report
from reports.theme import PLAIN
from survey.problems import InputError

NAMES = {f"C{number}": f"Company {number}" for number in range(5)}


def card(company: str, *, fails: str = "", calls: list[str] | None = None) -> Report:
    if calls is not None:
        calls.append(company)
    if company == fails:
        raise ValueError(f"no score of {company}")
    return Report(f"Scorecard of {company}", "2025", "en", ())


def order(key: str = "k", fails: str = "", calls: list[str] | None = None) -> Order:
    return Order(partial(card, fails=fails, calls=calls), ("html",), PLAIN, key)


def nothing(_name: str) -> None:
    """Tell nobody."""


def test_every_company_gets_its_file(tmp_path: Path) -> None:
    told: list[str] = []
    table = write_cards(order(), NAMES, tmp_path / "cards", workers=1, advance=told.append)
    assert table["status"].tolist() == ["written"] * 5
    assert told == list(NAMES.values())
    assert {path.name for path in (tmp_path / "cards").iterdir()} == {
        *(f"company-{number}.html" for number in range(5)), INDEX, MARK,
    }  # fmt: skip
    assert "Scorecard of C3" in (tmp_path / "cards" / "company-3.html").read_text(encoding="utf-8")


def test_one_that_fails_stops_no_other_and_is_listed(tmp_path: Path) -> None:
    table = write_cards(order(fails="C2"), NAMES, tmp_path, workers=1, advance=nothing)
    assert table["status"].tolist() == ["written", "written", "failed", "written", "written"]
    assert table.set_index("company").loc["C2", "problem"] == "ValueError: no score of C2"
    assert not (tmp_path / "company-2.html").exists()
    assert not list(tmp_path.glob(".*"))


def test_two_processes_write_the_same_as_one(tmp_path: Path) -> None:
    for workers in (1, 2):
        write_cards(order(fails="C1"), NAMES, tmp_path / str(workers), workers=workers, advance=nothing)
    first, second = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in "12")
    assert first == second


def test_a_second_run_writes_only_what_is_missing(tmp_path: Path) -> None:
    write_cards(order(fails="C2"), NAMES, tmp_path, workers=1, advance=nothing)
    (tmp_path / "company-4.html").unlink()
    calls: list[str] = []
    table = write_cards(order(calls=calls), NAMES, tmp_path, workers=1, advance=nothing)
    assert calls == ["C2", "C4"]
    assert table["status"].tolist() == ["was there", "was there", "written", "was there", "written"]


def test_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    def stop(name: str) -> None:
        if name == "Company 2":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_cards(order(), NAMES, tmp_path, workers=1, advance=stop)
    assert "C4,Company 4,company-4.html,not reached," in (tmp_path / INDEX).read_text(encoding="utf-8")
    table = write_cards(order(), NAMES, tmp_path, workers=1, advance=nothing)
    assert table["status"].tolist() == ["was there"] * 3 + ["written"] * 2


def test_other_content_is_written_anew_and_who_left_goes(tmp_path: Path) -> None:
    write_cards(order(), NAMES, tmp_path, workers=1, advance=nothing)
    fewer = {key: name for key, name in NAMES.items() if key != "C0"}
    table = write_cards(order("another"), fewer, tmp_path, workers=1, advance=nothing)
    assert table["status"].tolist() == ["written"] * 4
    assert not (tmp_path / "company-0.html").exists()


def test_names_that_look_the_same_or_lead_away_keep_apart_and_inside(tmp_path: Path) -> None:
    names = {
        "a": "../../evil",
        "b": "Evil",
        "c": "=cmd|'/c calc'!A1",
        "d": "שלום",
        "e": "Evil",
        "f": "x" * 200,
    }
    table = write_cards(order(), names, tmp_path / "cards", workers=1, advance=nothing)
    files = table["files"].tolist()
    assert len(set(files)) == 6
    assert {path.name for path in tmp_path.iterdir()} == {"cards"}
    assert all((tmp_path / "cards" / name).is_file() for name in files)


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"holds what no scorecards are \(thesis.docx\)"):
        write_cards(order(), NAMES, tmp_path, workers=1, advance=nothing)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_a_file_that_is_in_the_way_is_not_replaced(tmp_path: Path) -> None:
    write_cards(order(), {"C0": "Company 0"}, tmp_path, workers=1, advance=nothing)
    (tmp_path / "company-1.html").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="is there already"):
        write_cards(order(), NAMES, tmp_path, workers=1, advance=nothing)
    assert (tmp_path / "company-1.html").read_text(encoding="utf-8") == "mine"


def test_one_company_written_anew_leaves_the_files_of_the_others(tmp_path: Path) -> None:
    write_cards(order(), NAMES, tmp_path, workers=1, advance=nothing)
    (tmp_path / "company-1.html").unlink()
    table = write_cards(order(), NAMES, tmp_path, workers=1, advance=nothing, only=["C1"])
    assert table["company"].tolist() == ["C1"]
    assert all((tmp_path / f"company-{number}.html").exists() for number in range(5))
    again = write_cards(order(), NAMES, tmp_path, workers=1, advance=nothing)
    assert again["status"].tolist() == ["was there"] * 5
