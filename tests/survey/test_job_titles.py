from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.job_titles import (
    TitleTable,
    functions_of_people,
    functions_of_titles,
    read_title_table,
    readings_of_titles,
    title_key,
    title_review,
)
from survey.matching import MatchedExport
from survey.problems import InputError
from survey.readers.export import Export

MakeExport = Callable[..., Export]


@pytest.mark.parametrize(
    ("title", "function"),
    [
        ("VP Sales", "sales"), ("Account Executive", "sales"), ("Senior Key Account Manager DACH", "sales"),
        ("Sales Development Representative", "sales"), ("Chief Revenue Officer", "sales"),
        ("Vertriebsleiter", "sales"), ("Leiterin Direktvertrieb", "sales"), ("Verkäufer*in", "sales"),
        ("Außendienstmitarbeiter", "sales"), ("Vertriebsingenieur", "sales"), ("Sales Engineer", "sales"),
        ("Directeur commercial", "sales"), ("Chargée d'affaires", "sales"), ("Chef des ventes", "sales"),
        ("Gerente de Ventas", "sales"), ("Telemarketer", "sales"),
        ("CMO", "marketing"), ("Head of Demand Generation", "marketing"), ("Brand Manager", "marketing"),
        ("Marketingleitung", "marketing"), ("Online-Marketing-Manager:in", "marketing"),
        ("Leiter Unternehmenskommunikation", "marketing"), ("Werbeleiter", "marketing"),
        ("Responsable marketing", "marketing"), ("Growth Marketing Manager", "marketing"),
        ("Jefe de Mercadotecnia", "marketing"), ("Verkaufsförderung", "marketing"),
        ("HR Business Partner", "other"), ("CFO", "other"), ("Geschäftsführer", "other"),
        ("Einkaufsleiter", "other"), ("IT", "other"), ("Salesforce Administrator", "other"),
        ("Telekommunikationstechniker", "other"), ("Softwareentwickler", None),
        ("Sales & Marketing Director", None), ("Leitung Marketing und Vertrieb", None),
        ("Commercial Director", None), ("Head of Growth", None), ("After Sales Manager", None),
        ("Product Manager", None), ("Revenue Operations", None), ("Brandschutzbeauftragter", None),
        ("Baker", None), ("Market Manager", None), ("-", None),
    ],
)  # fmt: skip
def test_the_table_that_ships(title: str, function: str | None) -> None:
    functions, review = functions_of_titles(pd.Series([title], dtype="str"))
    assert functions.fillna("").tolist() == [function or ""]
    assert review["title"].tolist() == ([] if function else [title])


def test_the_review_list_counts_and_says_why() -> None:
    titles = pd.Series(
        ["Baker", None, "Sales and Marketing", "Sales and Marketing", "CMO"], index=[4, 3, 2, 1, 0]
    )
    functions, review = functions_of_titles(titles)
    assert functions.index.tolist() == [4, 3, 2, 1, 0]
    assert functions.notna().tolist() == [False, False, False, False, True]
    assert review.to_dict("records") == [
        {"title": "Sales and Marketing", "n": 2, "why": "says both", "words": "sales; marketing"},
        {"title": "Baker", "n": 1, "why": "says neither", "words": ""},
    ]


def test_the_study_can_say_what_a_title_is_in_any_spelling() -> None:
    table = read_title_table().with_titles({"sales & marketing director": "sales", "Bäcker": "other"})
    functions, review = functions_of_titles(pd.Series(["Sales/Marketing Director", "BÄCKER"]), table)
    assert functions.tolist() == ["sales", "other"]
    assert review.empty
    assert readings_of_titles(pd.Series(["Bäcker"]), table)["why"].tolist() == ["the title is in the table"]


def test_a_table_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "titles.yaml"
    path.write_text(
        "rules:\n- {function: sales, words: ['hunt* of heads']}\n- {function: marketing, priority: 1, words: [heads]}\n"
        "titles: {Hunter of heads: other}\n",
        encoding="utf-8",
    )
    table = read_title_table(path)
    titles = pd.Series(["Hunters of Heads", "hunter OF heads", "hunting of the heads"])
    assert functions_of_titles(titles, table)[0].tolist() == ["marketing", "other", "marketing"]


def test_a_table_that_cannot_be_meant_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "titles.yaml"
    path.write_text(
        "rules:\n- {function: sales, words: ['*']}\ntitles: {Baker: other, BAKER.: sales}\n", encoding="utf-8"
    )
    with pytest.raises(InputError) as caught:
        read_title_table(path)
    assert [problem.value for problem in caught.value.problems] == ["*", "BAKER."]


@pytest.mark.parametrize(
    ("title", "department", "function"),
    [
        ("Director", "Sales", "sales"), ("Sales & Marketing Director", "Marketing", "marketing"),
        ("CEO", "Vertrieb", "sales"), ("Sales Manager", None, "sales"), ("Sales Manager", "HR", "sales"),
        ("Account Executive", "Marketing", None), (None, "Finance", "other"), (None, None, None),
        ("Baker", "Bakery", None),
    ],
)  # fmt: skip
def test_title_and_department_together(
    title: str | None, department: str | None, function: str | None
) -> None:
    columns = [pd.Series([text], dtype="str") for text in (title, department)]
    functions, why = functions_of_people(*columns)
    assert functions.fillna("").tolist() == [function or ""]
    assert why.notna().tolist() == [function is None and bool(title or department)]


def test_the_review_of_a_study_shows_every_title_the_unclear_first(make_export: MakeExport) -> None:
    export = make_export({"T": ["CMO", "CMO", "Baker"], "D": ["Sales", None, None]})
    waves = [MatchedExport(export, {"job_title": "T", "department": "D"}, 2025)]
    found = title_review(waves)
    assert found[["column", "title", "n"]].to_numpy().tolist() == [
        ["T", "Baker", 1],
        ["T", "CMO", 2],
        ["D", "Sales", 1],
    ]
    assert list(title_review([]).columns) == list(found.columns)


@given(st.text(max_size=40))
def test_any_text_is_a_title_and_spelling_does_not_matter(title: str) -> None:
    one, _ = functions_of_titles(pd.Series([title], dtype="str"))
    two, _ = functions_of_titles(pd.Series([f" {title.upper()}! "], dtype="str"))
    if title_key(title) == title_key(title.upper()):
        assert one.fillna("").tolist() == two.fillna("").tolist()
    assert set(one.dropna()) <= {"sales", "marketing", "other"}


def test_the_words_of_the_shipped_table_mean_one_thing() -> None:
    words: dict[str, set[str]] = {}
    for rule in read_title_table().rules:
        for word in rule.words:
            words.setdefault(title_key(word), set()).add(rule.function)
    assert not {word: found for word, found in words.items() if len(found) > 1}
    assert TitleTable().titles == {}
