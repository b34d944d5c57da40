"""A report in German holds no English: neither in what is written nor in what is drawn."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from html import unescape
from itertools import count

import pytest

from reports.documents.benchmark_report import benchmark_report
from reports.documents.how_aligned import two_views
from reports.evidence import Evidence
from reports.published import read_published
from reports.report import Table
from reports.style import SETTINGS, Role
from reports.tables import format_cells, heading_text
from reports.writers.crosstab_page import to_crosstab_page
from reports.writers.html import to_html
from survey.language import speaking
from tests.alignmark.conftest import Spoil, computed

ENGLISH = re.compile(
    r"\b(?:the|of|and|is|are|were|be|been|has|have|with|without|which|who|whose|that|this|those|their|its|they|it"
    r"|to|by|for|from|than|at|on|as|or|nor|no|but|if|each|every|both|other|only|more|most|less|few|fewer|least|first"
    r"|between|among|over|under|above|below|because|where|when|how|what|would|could|cannot|may|can|does|do|not"
    r"|companies|company|respondents|informants|answers|answered|scores|points|questions|statements|mean|gap"
    r"|sales|average|available|alike|found|shown|out|missing|none|yes|growth|rank|weights?|agreement|cut)\b",
    re.IGNORECASE,
)
"""Words of English that are none of German."""

NO_TEXT = ("id", "kind", "certainty", "evidence", "side", "appendix", "family", "models")
"""Parts of a report that nobody reads."""

BOOK = """\
tables:
  - title: Nach Branche
    questions: [goals, process, win_rate]
    banner: [function, industry, class]
    boxes: 1
    dont_know: show
    multiplicity: holm
    family: row
models:
"""


def in_german(study: Spoil) -> Evidence:
    """Compute the tiny study with a questionnaire, a title and names in German."""
    path = study(
        ("title: A tiny study", "title: Eine kleine Studie\n  language: de"),
        ("models:\n", BOOK),
        ("name: alone", "name: allein"),
        ("name: controls", "name: kontrolliert"),
    )
    questionnaire = path.with_name("mine.yaml")
    text = questionnaire.read_text(encoding="utf-8").replace("languages: [en]", "languages: [en, de]")
    text = text.replace('{en: "%"}', '{en: "%", de: "%"}')
    place = count(1)
    text = re.sub(r"{en: ([^{},%]+)}", lambda word: f"{{en: {word[1]}, de: Wort {next(place)}}}", text)
    questionnaire.write_text(text, encoding="utf-8")
    return computed(path)[0]


def texts(thing: object) -> Iterator[str]:
    """Every text in a report or a part of it, cells as they are shown, drawings as they are read; no ids."""
    if isinstance(thing, str):
        yield " | ".join(re.findall(r"<text[^>]*>([^<]*)", thing)) if thing.startswith("<svg") else thing
    elif isinstance(thing, Table):
        yield from (thing.caption, thing.base, *thing.notes, *map(heading_text, thing.columns))
        yield from format_cells(thing).to_numpy().ravel()
    elif isinstance(thing, tuple | list | frozenset):
        for part in thing:
            yield from texts(part)
    elif is_dataclass(thing) and not isinstance(thing, Role):
        for part in fields(thing):
            if part.name not in NO_TEXT:
                yield from texts(getattr(thing, part.name))


def english(found: Iterable[str]) -> list[str]:
    """Texts with English words, names of files and references to what was published taken out."""
    left = [re.sub(r"[\w/]+\.(?:csv|xlsx|html|json|yaml)", "", text) for text in found]
    for figure in read_published().values():
        left = [text.replace(figure.source, "") for text in left]
    return [text for text in dict.fromkeys(left) if ENGLISH.search(text)]


def written(page: str) -> list[str]:
    """Texts of a page, those for readers who do not see it included."""
    shown = re.sub(r"<style>.*?</style>|<img[^>]*>", "", page, flags=re.DOTALL)
    return [
        unescape(text)
        for text in re.findall(r'(?:aria-label|alt)="([^"]*)"|>([^<]+)', shown)
        for text in text
    ]


def test_a_german_report_holds_no_english(spoiled: Spoil, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SETTINGS, "svg.fonttype", "none")
    evidence = in_german(spoiled)
    report = benchmark_report(evidence)
    with speaking("de"):
        pages = {section.id: english(texts(section)) for section in report.sections}
        pages["tables.xlsx"] = english(texts(report.annex))
    pages["report.html"] = english(written(to_html(report)))
    pages["crosstabs.html"] = english(written(to_crosstab_page(evidence.books, title="", language="de")))
    assert not any(pages.values()), "\n".join(f"{page}: {text}" for page in pages for text in pages[page])
    with speaking("en"):
        assert len(english(texts(two_views(evidence)))) > 5
