import base64
import re
from html.parser import HTMLParser
from itertools import pairwise

import pandas as pd
import pytest

from reports.report import Column, Report, Section, Table
from reports.theme import Theme
from reports.writers.html import to_html, write_html

VOID = {"meta", "img", "br", "link"}


class Page(HTMLParser):
    """Elements in order, each with its attributes, its text and the names of those around it."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[dict] = []
        self.elements: list[dict] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        element = {"tag": tag, "text": "", "inside": [e["tag"] for e in self.open], **dict(attrs)}
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1]["tag"] == tag, f"</{tag}> closes <{self.open[-1]['tag']}>"
        self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def all(self, *tags: str) -> list[dict]:
        return [element for element in self.elements if element["tag"] in tags]


@pytest.fixture(scope="module")
def text(whole_report) -> str:
    return to_html(whole_report())


@pytest.fixture(scope="module")
def page(text) -> Page:
    return Page(text)


def test_every_element_is_closed_where_it_was_opened(page):
    assert page.open == []


def test_nothing_hostile_gets_through(page, text, hostile):
    assert page.all("script", "iframe", "link") == []
    assert {e["tag"] for e in page.elements if any(k.startswith("on") for k in e)} == set()
    assert "\x00" not in text
    assert "\x07" not in text
    shown = {element["text"].strip() for element in page.all("th")}
    for name in (n for n in hostile if "\x00" not in n):
        assert name in shown


def test_names_are_kept_apart_from_the_direction_of_the_text(page):
    rows = [e for e in page.all("bdi") if "th" in e["inside"]]
    assert {e["text"] for e in rows} >= {"שלום בע״מ", "شركة\u202eevil"}


def test_missing_numbers_are_words(page, text):
    cells = [element["text"].strip() for element in page.all("td")]
    assert "not available (one informant)" in cells
    visible = re.sub(r"data:image/svg\+xml;base64,[\w+/=]+", "", text)
    assert not re.search(r"\b(nan|NaN|None|inf|<NA>)\b", visible)


def test_nothing_is_loaded_from_elsewhere(page, text):
    addresses = [e[k] for e in page.elements for k in ("src", "href", "srcset", "action") if e.get(k)]
    assert all(address.startswith(("data:image/svg+xml;base64,", "#")) for address in addresses)
    assert "default-src 'none'" in next(
        e["content"] for e in page.all("meta") if e.get("http-equiv") == "Content-Security-Policy"
    )
    style = page.all("style")[0]["text"]
    assert not re.search(r"url\(|@import|https?:", style)
    assert "http://" not in text.replace("http://www.w3.org", "")


def test_every_picture_has_a_text_and_its_size(page, hostile):
    pictures = page.all("img")
    assert len(pictures) == 2
    for picture in pictures:
        assert picture["alt"] == hostile[1]
        assert int(picture["width"]) > int(picture["height"]) > 0
        assert picture["inside"].count("figure") == 1
        svg = base64.b64decode(picture["src"].partition(",")[2]).decode("utf-8")
        assert svg.startswith("<svg")
    assert [e["inside"][-1] for e in page.all("figcaption")] == ["figure", "figure"]


def test_tables_say_what_heads_what(page):
    assert all(e.get("scope") in ("col", "row", "rowgroup") for e in page.all("th"))
    assert all(e["text"].strip() for e in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table")) == 6
    regions = [e for e in page.all("div") if e.get("role") == "region"]
    assert all(e.get("aria-label", "").strip() and e.get("tabindex") == "0" for e in regions)
    assert len({e["aria-label"] for e in regions}) == len(regions)
    assert [e["text"].strip() for e in page.all("th") if e["scope"] == "rowgroup"] == ["North", "South"]
    assert "There is nothing to show here." in {e["text"] for e in page.all("td")}


def test_headings_descend_one_step_at_a_time(page):
    levels = [int(e["tag"][1]) for e in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(e["text"].strip() for e in page.all("h1", "h2", "h3"))


def test_landmarks_language_and_way_past_the_contents(page):
    assert page.all("html")[0]["lang"] == "en"
    assert [len(page.all(tag)) for tag in ("header", "nav", "main", "footer")] == [1, 1, 1, 1]
    body = [e for e in page.elements if e["inside"][-1:] == ["body"]]
    assert body[0]["href"] == "#report"
    assert page.all("main")[0]["id"] == "report"


def test_ids_are_unique_and_links_lead_somewhere(page):
    ids = [e["id"] for e in page.elements if "id" in e]
    assert len(ids) == len(set(ids))
    assert {e["href"].removeprefix("#") for e in page.all("a")} <= set(ids)
    assert {e["aria-labelledby"] for e in page.elements if "aria-labelledby" in e} <= set(ids)
    contents = [e["href"] for e in page.all("a") if "nav" in e["inside"]]
    assert contents == ["#summary", "#main", "#last"]


def test_certainty_is_said_and_defined_once(page, text):
    claims = [re.sub(r"\s+", " ", e["text"]).strip() for e in page.all("p") if e.get("class") == "sure"]
    assert [claim.split(" See")[0] for claim in claims] == [
        "How sure: high",
        "How sure: moderate",
        "How sure: low",
    ]
    assert text.count("How sure we are, in three words") == 1


def test_same_report_same_text(text, whole_report):
    assert to_html(whole_report()) == text


def test_other_language(whole_report):
    page = Page(to_html(whole_report("de-AT")))
    assert page.all("html")[0]["lang"] == "de-AT"
    text = page.all("body")[0]["text"]
    assert "Abbildung 1" in text
    assert "nicht verfügbar" in text
    assert "30\xa0% (20 bis 60)" in text


def test_file_is_utf8_with_unix_line_ends(tmp_path, whole_report):
    write_html(whole_report(), tmp_path / "report.html")
    raw = (tmp_path / "report.html").read_bytes()
    assert b"\r" not in raw
    assert "🦊".encode() in raw


def test_report_without_sections_or_facts():
    page = Page(to_html(Report("Title", "", "en", ())))
    assert page.open == []
    assert page.all("nav", "footer", "section") == []


def test_a_reason_is_said_once_in_a_row() -> None:
    frame = pd.DataFrame({"name": ["a"], "x": [float("nan")], "y": [float("nan")], "why": ["one company"]})
    columns = (
        Column("name", "Name"),
        Column("x", "X", "ratio", reason="why"),
        Column("y", "Y", "ratio", reason="why"),
    )
    page = to_html(
        Report("r", "", "en", (Section("s", "S", "", "", (Table("t", "T", frame, columns, "All"),)),))
    )
    assert page.count("not available (one company)") == 1
    assert 'colspan="2"' in page


def test_theme_dresses_the_page_in_light_and_dark(tmp_path) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'
    )
    theme = Theme(accent="#7A0019", cover="#222222", font="Georgia", logo=logo, footer="Acme & <Sons>")
    page = Page(to_html(Report("r", "", "en", ()), theme=theme))
    style = page.all("style")[0]["text"]
    assert "--accent: #7A0019" in style
    assert "--accent: #ca99a3" in style
    assert 'font-family: "Georgia"' in style
    assert [image["alt"] for image in page.all("img")] == ["Logo"]
    assert "Acme & <Sons>" in page.all("footer")[0]["text"]
    assert "--accent: #7A0019" not in to_html(Report("r", "", "en", ()))


def test_appendix_has_contents_of_its_own() -> None:
    sections = (Section("a", "Answer", "Why?", ""), Section("b", "Details", "How?", "", appendix=True))
    page = Page(to_html(Report("r", "", "en", sections)))
    contents = [" ".join(link["text"].split()) for link in page.all("a") if "nav" in link["inside"]]
    assert contents == ["1 Answer", "A Details"]
    questions = [" ".join(e["text"].split()) for e in page.all("p") if e.get("class") == "question"]
    assert questions == ["1 Why?", "Appendix A How?"]
