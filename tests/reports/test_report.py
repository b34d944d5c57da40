import pandas as pd
import pytest

from reports.report import Callout, Column, Figure, Finding, Heading, Report, Section, Table

FRAME = pd.DataFrame({"label": ["a"], "estimate": [1.0], "low": [0.0], "high": [2.0]})
COLUMNS = (Column("label", "Label"), Column("estimate", "Points", "points", "low", "high"))


def table(name: str = "t", **changes: object) -> Table:
    fields = {
        "id": name,
        "caption": "What it shows",
        "frame": FRAME,
        "columns": COLUMNS,
        "base": "3 companies",
    }
    return Table(**(fields | changes))


def figure(name: str = "f", **changes: object) -> Figure:
    fields = {"id": name, "title": "One of 3", "alt": "A point", "svg": "<svg/>", "base": "3 companies"}
    return Figure(**(fields | changes))


def finding(name: str = "x", **changes: object) -> Finding:
    fields = {
        "id": name,
        "headline": "One",
        "detail": "Two",
        "comparison": "",
        "certainty": "high",
        "caveat": "But",
    }
    return Finding(**(fields | changes))


def report(*sections: Section, **changes: object) -> Report:
    return Report(**({"title": "R", "subtitle": "", "language": "en", "sections": sections} | changes))


def section(name: str, *blocks: object) -> Section:
    return Section(name, "Title", "", "", blocks)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: figure(alt="  "), "figure 'f': alt must not be empty"),
        (lambda: figure(title="", base=""), "figure 'f': title and base must not be empty"),
        (lambda: table(caption=""), "table 't': caption must not be empty"),
        (lambda: table(columns=()), "table 't' has no columns"),
        (
            lambda: table(columns=(Column("labl", "Label"),)),
            "no column labl; it has label, estimate, low, high",
        ),
        (lambda: table(columns=(Column("label", "Label", "points"),)), "column 'label' must hold numbers"),
        (lambda: table(group="area"), "no column area"),
        (lambda: Column("label", ""), "column 'label': heading must not be empty"),
        (lambda: Column("estimate", "x", "points", low="low"), "one end of its interval only"),
        (lambda: Heading(" "), "heading: text must not be empty"),
        (lambda: Callout("shout", "t", "t"), "'shout' is none of"),
        (lambda: finding(certainty="total"), "'total' is none of"),
        (lambda: finding(caveat=""), "finding 'x': caveat must not be empty"),
        (lambda: Section("s", "", "", ""), "section 's': title must not be empty"),
        (lambda: report(title=""), "report: title must not be empty"),
        (lambda: report(language="xx"), "no wording in 'xx'"),
        (lambda: report(section("a"), section("a")), "used more than once: a"),
        (lambda: report(section("a", figure("t", data=table("t")))), "used more than once: t"),
        (lambda: report(section("a", finding(evidence="gone"))), "not there: gone"),
        (lambda: report(section('a"b')), "ids begin with a letter"),
        (lambda: report(section("a", table("1a"))), "ids begin with a letter"),
    ],
)
def test_what_a_report_refuses(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_figures_tables_and_their_numbers_follow_the_text():
    whole = report(
        section("one", table("t1"), figure("f1", data=table("behind"))),
        section("two", figure("f2"), table("t2"), finding(evidence="f2")),
    )
    assert [f.id for f in whole.figures] == ["f1", "f2"]
    assert [t.id for t in whole.tables] == ["t1", "behind", "t2"]
    assert whole.numbers == {"one": "1", "two": "2", "f1": "1", "f2": "2", "t1": "1", "t2": "2"}


def test_the_appendix_has_letters_and_comes_last():
    appended = Section("more", "More", "", "", (table("t2"), figure("f2"), table("t3")), appendix=True)
    whole = report(section("one", table("t1")), appended)
    assert whole.numbers == {"one": "1", "t1": "1", "more": "A", "t2": "A1", "f2": "A1", "t3": "A2"}
    assert [found.id for found in whole.main] == ["one"]
    with pytest.raises(ValueError, match="after all others"):
        report(appended, section("one"))


def test_table_hands_out_copies():
    one = table()
    copy = one.to_frame()
    copy.loc[0, "estimate"] = 99.0
    assert one.frame.loc[0, "estimate"] == 1.0
