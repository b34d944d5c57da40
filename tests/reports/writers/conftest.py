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
