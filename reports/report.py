"""The report model: what a report says, in an order, without a word about how a format shows it."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import pandas as pd

from reports.chart import Chart
from reports.wording import letters, word

Unit = Literal[
    "text", "count", "year", "number", "percent", "points", "growth",
    "difference", "percentage_points", "growth_points", "slope", "ratio", "fit", "p_value",
]  # fmt: skip
"""How a number is written: percent, points and growth are levels; difference (points of 0-100),
percentage_points and growth_points are differences between them and carry their sign; so does a slope, a number in
the unit of its outcome with as many decimals as its interval carries; fit is a ratio with three decimals."""

Certainty = Literal["high", "moderate", "low"]
CalloutKind = Literal["caution", "definition", "finding"]

ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    key, heading
        Column of the frame, and its heading for people.
    unit
        How its numbers are written.
    low, high
        Columns with the ends of its 95% interval; in one cell where cells are text, columns of their own in a workbook.
    n
        Column with the base; percentages get a decimal only where every base is 1,000 or more.
    reason, names
        Column with the words for why a value is missing; whether its cells are names, the same in every language.
    """

    key: str
    heading: str
    unit: Unit = "text"
    low: str = ""
    high: str = ""
    n: str = ""
    reason: str = ""
    names: bool = False

    def __post_init__(self) -> None:
        _required(f"column {self.key!r}", heading=self.heading)
        if bool(self.low) != bool(self.high):
            raise ValueError(f"column {self.key!r} names one end of its interval only; give low and high")

    @property
    def needs(self) -> tuple[str, ...]:
        """Columns that the frame must have."""
        return tuple(name for name in (self.key, self.low, self.high, self.n, self.reason) if name)

    @property
    def numeric(self) -> tuple[str, ...]:
        """Columns that must hold numbers."""
        return () if self.unit == "text" else tuple(name for name in (self.key, self.low, self.high) if name)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Numbers to read, unrounded, with what they mean.

    Parameters
    ----------
    id, caption
        Unique name, and what the table shows in a sentence.
    frame
        The numbers; a column ``suppressed`` (bool), if there is one, says where cells are withheld.
    columns
        The columns shown, in order; the first names the row.
    base
        Who or what the numbers stand on, and their source.
    notes
        What a reader must know to read it rightly.
    group
        Column by which consecutive rows are gathered under a heading.
    models, family
        Names of the growth models that the numbers come from; the family within which p values are adjusted.
    """

    id: str
    caption: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    base: str
    notes: tuple[str, ...] = ()
    group: str = ""
    models: tuple[str, ...] = ()
    family: str = ""

    def __post_init__(self) -> None:
        _required(f"table {self.id!r}", id=self.id, caption=self.caption, base=self.base)
        if not self.columns:
            raise ValueError(f"table {self.id!r} has no columns")
        needed = [name for column in self.columns for name in column.needs]
        needed += [self.group] if self.group else []
        missing = sorted({name for name in needed if name not in self.frame})
        if missing:
            raise ValueError(
                f"table {self.id!r}: its frame has no column {', '.join(missing)}; "
                f"it has {', '.join(map(str, self.frame.columns))}"
            )
        for name in (name for column in self.columns for name in column.numeric):
            _numbers(self.frame[name], self.id)

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the numbers."""
        return self.frame.copy()


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A drawing that makes one point.

    Parameters
    ----------
    id, title
        Unique name, and the point in a sentence with its number.
    alt, svg
        What the drawing shows, for readers who cannot see it; the drawing itself, without the title.
    base
        Who or what it stands on, and the source.
    data, kind, chart
        The numbers drawn, which drawing it is, what it consists of: so that other formats can draw it natively.
    """

    id: str
    title: str
    alt: str
    svg: str
    base: str
    data: Table | None = None
    kind: str = ""
    chart: Chart | None = None

    def __post_init__(self) -> None:
        owner = f"figure {self.id!r}"
        _required(owner, id=self.id, title=self.title, alt=self.alt, svg=self.svg, base=self.base)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a section."""

    text: str

    def __post_init__(self) -> None:
        _required("heading", text=self.text)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; `ordered` where the order matters, as in steps."""

    items: tuple[str, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Callout:
    """A caution, a definition or a finding set apart from the text."""

    kind: CalloutKind
    title: str
    text: str

    def __post_init__(self) -> None:
        _required("callout", title=self.title, text=self.text)
        if self.kind not in get_args(CalloutKind):
            raise ValueError(f"callout {self.title!r}: {self.kind!r} is none of {get_args(CalloutKind)}")


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding on a card.

    Parameters
    ----------
    id, headline
        Unique name, and the finding in a sentence with its number.
    detail, comparison
        Number with interval and base; what it is compared with.
    certainty, caveat
        How sure, in three levels, and the caveat that matters most.
    value
        The number set large beside the headline ("37%"), if it has one.
    evidence
        Id of the section, figure or table that shows it.
    """

    id: str
    headline: str
    detail: str
    comparison: str
    certainty: Certainty
    caveat: str
    value: str = ""
    evidence: str = ""

    def __post_init__(self) -> None:
        owner = f"finding {self.id!r}"
        _required(owner, id=self.id, headline=self.headline, detail=self.detail, caveat=self.caveat)
        if self.certainty not in get_args(Certainty):
            raise ValueError(f"{owner}: certainty {self.certainty!r} is none of {get_args(Certainty)}")


Block: TypeAlias = Heading | Paragraph | Bullets | Callout | Finding | Figure | Table


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """One page: the question it answers, the answer as its title, a lead, the evidence; the appendix comes last."""

    id: str
    title: str
    question: str
    lead: str
    blocks: tuple[Block, ...] = ()
    appendix: bool = False

    def __post_init__(self) -> None:
        _required(f"section {self.id!r}", id=self.id, title=self.title)


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """A whole report.

    Parameters
    ----------
    title, subtitle
        What it is, and who and when in one line.
    language
        Code such as "en" or "de-AT": language of the fixed words and form of the numbers.
    sections
        In reading order.
    facts
        Pairs of name and value for the foot: version, seed, licence of the data.
    annex
        Tables too long to read, for the workbook and as CSV alone.

    Raises
    ------
    ValueError
        If the title is empty, the language has no wording, an id is used twice or is no id, the
        evidence of a finding does not exist, or a section follows the appendix.
    """

    title: str
    subtitle: str
    language: str
    sections: tuple[Section, ...]
    facts: tuple[tuple[str, str], ...] = ()
    annex: tuple[Table, ...] = ()

    def __post_init__(self) -> None:
        _required("report", title=self.title)
        word("contents", self.language)
        ids = list(self._ids())
        wrong = [name for name in ids if not ID.fullmatch(name)]
        if wrong:
            raise ValueError(f"ids begin with a letter and hold letters, digits and _.- only, not {wrong}")
        repeated = [name for name, times in Counter(ids).items() if times > 1]
        if repeated:
            raise ValueError(f"ids are used more than once: {', '.join(repeated)}")
        pointed = [block.evidence for block in self._blocks() if isinstance(block, Finding)]
        lost = [evidence for evidence in pointed if evidence and evidence not in ids]
        if lost:
            raise ValueError(f"findings point to evidence that is not there: {', '.join(lost)}")
        if any(section.appendix for section in self.sections[: len(self.main)]):
            raise ValueError("sections of the appendix stand after all others")

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure in reading order."""
        return tuple(block for block in self._blocks() if isinstance(block, Figure))

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table in reading order, those behind figures included, then the annex."""
        found = (block.data if isinstance(block, Figure) else block for block in self._blocks())
        return (*(table for table in found if isinstance(table, Table)), *self.annex)

    @property
    def main(self) -> tuple[Section, ...]:
        """The sections before the appendix."""
        return tuple(section for section in self.sections if not section.appendix)

    @property
    def numbers(self) -> dict[str, str]:
        """Number of each section, and of each figure and table in the text, counted apart, by id.

        A section of the appendix has a letter, which also stands before the numbers of what it holds.
        """
        numbered, counted = dict[str, str](), Counter[tuple[str, type[Block]]]()
        for place, section in enumerate(self.sections, start=1):
            letter = letters(place - len(self.main)) if section.appendix else ""
            numbered[section.id] = letter or str(place)
            for block in section.blocks:
                if isinstance(block, Figure | Table):
                    counted[letter, type(block)] += 1
                    numbered[block.id] = f"{letter}{counted[letter, type(block)]}"
        return numbered

    def _blocks(self) -> Iterator[Block]:
        yield from (block for section in self.sections for block in section.blocks)

    def _ids(self) -> Iterator[str]:
        yield from (table.id for table in self.annex)
        for section in self.sections:
            yield section.id
            for block in section.blocks:
                if isinstance(block, Finding | Figure | Table):
                    yield block.id
                if isinstance(block, Figure) and block.data is not None:
                    yield block.data.id


def _required(owner: str, **texts: str) -> None:
    empty = [name for name, text in texts.items() if not text.strip()]
    if empty:
        raise ValueError(f"{owner}: {' and '.join(empty)} must not be empty")


def _numbers(values: pd.Series, table: str) -> None:
    try:
        pd.to_numeric(values, errors="raise")
    except (ValueError, TypeError) as error:
        raise ValueError(f"table {table!r}: column {values.name!r} must hold numbers: {error}") from None
