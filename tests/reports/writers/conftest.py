"""A report with a block of every kind, whose names would break out of a format that took them for its own signs."""

from collections.abc import Callable

import pandas as pd
import pytest

from reports.figures.drawing import render
from reports.report import (
    Bullets,
    Callout,
    Column,
    Figure,
    Finding,
    Heading,
    Paragraph,
    Report,
    Section,
    Table,
)

NAN = float("nan")
HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "Müller & \"Söhne\" > 'Co'",
    "{{ 7 * 7 }} {% raw %}",
    "שלום בע״מ",
    "شركة\u202eevil",
    "🦊 Fox",
    "nul\x00 bell\x07",
    "=1+1",
    "x" * 200,
    "</caption></table></style>",
    "&amp; &lt;",
    "#let x = [*bold*] _a_ $x^2$ @b \\ [[c]] // d",
    "+1",
    "-1",
    "@SUM(1)",
]


def draw(ax):
    ax.plot([0, 1], [0, 1])
    return ax


def table(name: str, rows: int = 3, **changes: object) -> Table:
    frame = pd.DataFrame(
        {
            "company": [HOSTILE[n % len(HOSTILE)] for n in range(rows)],
            "share": [NAN if n % 4 == 3 else 30.0 + n for n in range(rows)],
            "low": 20.0,
            "high": 60.0,
            "why": "one informant",
            "area": ["North" if n < rows / 2 else "South" for n in range(rows)],
        }
    )
    columns = (Column("company", "Company"), Column("share", "Share", "percent", "low", "high", reason="why"))
    fields = {"id": name, "caption": HOSTILE[0], "frame": frame, "columns": columns, "base": HOSTILE[2]}
    return Table(**(fields | {"notes": (HOSTILE[1],)} | changes))


def figure(name: str) -> Figure:
    return render(
        draw, id=name, title=HOSTILE[0], alt=HOSTILE[1], base=HOSTILE[2], data=table(f"{name}-data")
    )


def whole_report(language: str = "en") -> Report:
    cards = tuple(
        Finding(
            f"card-{level}",
            HOSTILE[0],
            HOSTILE[1],
            HOSTILE[2],
            level,
            HOSTILE[3],
            value="<41%",
            evidence="main",
        )
        for level in ("high", "moderate", "low")
    )
    blocks = (
        Paragraph(HOSTILE[0]),
        *cards,
        Heading(HOSTILE[2]),
        Bullets(tuple(HOSTILE)),
        Bullets(("first", "second"), ordered=True),
        Callout("caution", HOSTILE[0], HOSTILE[1]),
        figure("drawing"),
        table("short", 1),
        table("long", 25),
        table("grouped", 4, group="area"),
        table("empty", 0),
    )
    sections = (
        Section("summary", HOSTILE[0], HOSTILE[1], HOSTILE[2], blocks),
        Section("main", "Nothing inside", "", "", ()),
        Section("last", "More", "Why?", "", (*cards[:0], figure("second"))),
    )
    return Report(HOSTILE[0], HOSTILE[2], language, sections, ((HOSTILE[0], HOSTILE[1]),))


@pytest.fixture(scope="session")
def hostile() -> list[str]:
    return HOSTILE


@pytest.fixture(scope="session", name="whole_report")
def whole() -> Callable[..., Report]:
    return whole_report


@pytest.fixture(scope="session")
def numbered() -> Report:
    """Return a report with numbers of every unit, missing ones among them, in tables short, long and grouped."""
    units = (
        "count",
        "number",
        "percent",
        "points",
        "growth",
        "difference",
        "growth_points",
        "slope",
        "p_value",
    )
    frame = pd.DataFrame(
        {"name": [f"Company {n}" for n in range(40)], "half": ["First"] * 20 + ["Second"] * 20}
    )
    for place, unit in enumerate(units):
        signed = -1 if unit in ("difference", "growth_points", "slope") else 1
        frame[unit] = [signed * (n * 7919 % 997) / (1000 if unit == "p_value" else 10) for n in range(40)]
        frame.loc[place, unit] = NAN
    frame["low"], frame["high"], frame["why"] = (
        frame["percent"] - 4.4,
        frame["percent"] + 4.4,
        "one informant",
    )
    columns = [
        Column(unit, unit.replace("_", " "), unit, reason="why") for unit in units if unit != "percent"
    ]
    share = Column("percent", "Share", "percent", "low", "high", reason="why")
    first = Column("name", "Company")
    drawing = render(
        draw, id="drawing", title="A quarter of 40", alt="Points", base="Base: 40 companies.",
        data=Table("behind", "Behind the drawing", frame[:5], (first, share), "40 companies"),
    )  # fmt: skip
    long = Table("long", "Every company", frame, (first, share, *columns[:5]), "40 companies", group="half")
    short = Table("short", "Some companies", frame[:9], (first, *columns[4:]), "9 companies", ("A note.",))
    sections = (
        Section("main", "What was found", "What?", "In short.", (drawing, short)),
        Section("more", "In detail", "How?", "", (long,), appendix=True),
    )
    return Report("Numbers", "40 companies", "en", sections)
