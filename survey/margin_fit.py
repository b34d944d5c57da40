"""Margins held against a sample: categories joined as declared, and everything that keeps weights from meeting them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.calibration import Floats
from survey.declaration import suggest
from survey.language import digits, look_up, say
from survey.margins import NOT_STATED, Margin, categories, facts_said
from survey.problems import Problem, raise_if_any

Codes = NDArray[np.int64]
Joined = Mapping[str, Mapping[str, str]]
"""Categories to be joined: by variable, what each is to be called instead."""

ROUNDING = 0.001
"""Margins of one population whose totals differ by no larger share are scaled to the first; more is a problem."""


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Margins as a sample can meet them.

    Parameters
    ----------
    codes, counts, names
        For each margin: the code of each row's category, the count of each category and what it is called.
    said
        What was joined, scaled and left out, in words.
    places
        File and row of each category, by what it is called.
    """

    codes: tuple[Codes, ...]
    counts: tuple[Floats, ...]
    names: tuple[tuple[str, ...], ...]
    said: tuple[str, ...]
    places: Mapping[str, tuple[str, int | None]] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """Units in the population."""
        return float(self.counts[0].sum())

    def crossed(self) -> tuple[Codes, Floats, tuple[str, ...]]:
        """Return the one margin that there is, for post-stratification."""
        return self.codes[0], self.counts[0], self.names[0]

    def at_their_rows(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """Give problems of categories the file and row that counts them."""
        for problem in problems:
            file, row = self.places.get(problem.column, (problem.file, problem.row))
            yield replace(problem, file=file, row=row)


def fit_margins(
    sample: pd.DataFrame, margins: Sequence[Margin], *, total: float, join: Joined | None = None,
    unit: str = "company",
) -> Fitted:  # fmt: skip
    """Hold margins against a sample, and find all that is wrong at once.

    Parameters
    ----------
    sample
        One row per unit, with `unit` and the columns that margins name.
    margins
        Of one population.
    total
        What shares are taken of, where no margin has counts.
    join
        Categories to be joined in sample and population alike.
    unit
        Column that names the units in messages.

    Raises
    ------
    InputError
        If the sample has no such column; a unit has no category; a category of the sample is in no margin, or has
        a count of 0; a category of a margin is not in the sample; categories to be joined are not there; totals
        differ: every one with file, row, cell and counts.
    """
    joined = {name: dict(pairs) for name, pairs in (join or {}).items()}
    raise_if_any(_columns(sample, margins, joined))
    said = [_told(name, pairs) for name, pairs in joined.items() if pairs]
    renamed = [_renamed(margin, joined) for margin in margins]
    problems = [*_joins(sample, margins, joined)]
    kept, told, differing = _one_total(renamed, total)
    said += told
    problems += differing
    codes, counts, names = [], [], []
    for margin in kept:
        written = _written(sample, margin, joined)
        problems += [*_unstated(sample, written, margin, unit), *_cells_faults(written, margin)]
        used = margin.cells[margin.cells["count"] > 0].reset_index(drop=True)
        if len(used) < len(margin.cells) and not problems:
            empty = [
                n for n, count in zip(margin.named(), margin.cells["count"], strict=True) if not count > 0
            ]
            said.append(
                say("Nobody is in {cells}, in the population or in the sample.", cells="; ".join(empty))
            )
        places = pd.MultiIndex.from_frame(used[list(margin.variables)])
        codes.append(places.get_indexer(pd.MultiIndex.from_frame(written)).astype(np.int64))
        counts.append(used["count"].to_numpy(float))
        names.append(tuple(replace(margin, cells=used).named()))
    raise_if_any(dict.fromkeys(problems))
    stands = {
        name: (margin.file, None if pd.isna(row) else int(row))
        for margin in kept
        for name, row in zip(margin.named(), margin.cells["row"], strict=True)
    }
    return Fitted(tuple(codes), tuple(counts), tuple(names), tuple(said), stands)


def _columns(sample: pd.DataFrame, margins: Sequence[Margin], joined: Joined) -> Iterator[Problem]:
    known = [str(name) for name in sample]
    for margin in margins:
        for name in margin.variables:
            if name not in sample:
                yield Problem(
                    "is no fact of the companies",
                    margin.file,
                    column=margin.name,
                    value=name,
                    allowed=suggest(name, known),
                )
    named = {name for margin in margins for name in margin.variables}
    for name in joined:
        if name not in named:
            yield Problem(
                "is in no margin, so that nothing of it can be joined",
                column=f"join.{name}",
                value=name,
                allowed=suggest(name, named),
            )


def _joins(sample: pd.DataFrame, margins: Sequence[Margin], joined: Joined) -> Iterator[Problem]:
    """Find categories to be joined that neither sample nor margins have."""
    for name, pairs in joined.items():
        known = {value for m in margins if name in m.variables for value in m.cells[name]}
        known |= set(categories(sample[name])) | {NOT_STATED}
        for old in pairs:
            if old not in known:
                yield Problem(
                    "is no category that could be joined",
                    column=f"join.{name}",
                    value=old,
                    allowed=suggest(old, sorted(known - {""})),
                )


def _told(name: str, pairs: Mapping[str, str]) -> str:
    by_new: dict[str, list[str]] = {}
    for old, new in pairs.items():
        by_new.setdefault(new, []).append(old)
    listed = [say("{old} into {new}", old=", ".join(old), new=new) for new, old in by_new.items()]
    return say(
        "Categories of {fact} are joined, in the sample and in the population: {listed}.",
        fact=look_up(name), listed="; ".join(listed),
    )  # fmt: skip


def _renamed(margin: Margin, joined: Joined) -> Margin:
    changes = {name: dict(joined[name]) for name in margin.variables if name in joined}
    if not changes:
        return margin
    cells = margin.cells.replace(changes)
    return replace(margin, cells=cells).over(margin.variables)


def _one_total(margins: Sequence[Margin], total: float) -> tuple[list[Margin], list[str], list[Problem]]:
    """Bring margins to one total: that of the first with counts, or the given one for shares alone."""
    counted = [margin for margin in margins if not margin.shares]
    if not counted:
        return [margin.counting(total) for margin in margins], [], []
    whole = counted[0].total
    off = [margin for margin in counted if abs(margin.total / whole - 1) > ROUNDING]
    near = [m for m in counted if m.total != whole and m not in off]
    problems = [
        Problem(
            f"the margins do not add up to one total: {margin.name} to {margin.total:,.10g}, "
            f"{counted[0].name} to {whole:,.10g}",
            margin.file, margin.first_row, margin.name, value=f"{margin.total:.10g}", allowed=f"{whole:.10g}",
            to_do="see whether a category is missing, or give shares instead of counts",
        )
        for margin in off
    ]  # fmt: skip
    said = [
        say(
            "The counts of {margin} ({total}) are scaled to the total of {first} ({whole}).",
            margin=facts_said(m.variables), total=digits(m.total, ",.10g"),
            first=facts_said(counted[0].variables), whole=digits(whole, ",.10g"),
        )
        for m in near
    ]  # fmt: skip
    return [margin.counting(whole) if margin.total != whole else margin for margin in margins], said, problems


def _written(sample: pd.DataFrame, margin: Margin, joined: Joined) -> pd.DataFrame:
    """Return the categories of the sample as the margin has them."""
    columns = {}
    for name in margin.variables:
        column = categories(sample[name])
        changes = dict(joined.get(name, {}))
        if NOT_STATED in {*margin.cells[name], *changes}:
            column = column.replace("", NOT_STATED)
        columns[name] = column.replace(changes)
    return pd.DataFrame(columns)


def _unstated(sample: pd.DataFrame, written: pd.DataFrame, margin: Margin, unit: str) -> Iterator[Problem]:
    for name in margin.variables:
        blank = sample.loc[written[name] == "", unit].astype(str)
        if len(blank):
            some = ", ".join(blank.iloc[:5]) + (", ..." if len(blank) > 5 else "")
            yield Problem(
                f"is not known of {len(blank)} that answered: {some}", margin.file, column=name,
                to_do="add it to the facts of the companies, or leave the margin out",
            )  # fmt: skip


def _cells_faults(written: pd.DataFrame, margin: Margin) -> Iterator[Problem]:
    """Find cells that only the sample has, and cells that only the population has."""
    names = list(margin.variables)
    sampled = written[(written != "").all(axis=1)].groupby(names).size()
    table = margin.cells.set_index(names)
    index = (
        pd.MultiIndex.from_frame(margin.cells[names]) if len(names) > 1 else pd.Index(margin.cells[names[0]])
    )
    n = sampled.reindex(index, fill_value=0).to_numpy()
    known = [", ".join(_tuple(cell)) for cell in index]
    for cell, count in sampled[~sampled.index.isin(index)].items():
        yield Problem(
            f"{_people(int(count))} in {margin.cell_name(_tuple(cell))}, which the margin does not have", margin.file,
            column=margin.name, value=margin.cell_name(_tuple(cell)),
            allowed=suggest(", ".join(_tuple(cell)), known),
            to_do="add its count to the margin, or join it with another category under weights: join",
        )  # fmt: skip
    for place, (cell, count) in enumerate(table["count"].items()):
        if count > 0 and n[place] == 0:
            what = (
                f"nobody answered in {margin.cell_name(_tuple(cell))}, where the population has {count:,.10g}"
            )
            to_do = "join it with another category under weights: join, or leave the margin out"
            if abs(2 * count / margin.total - 1) < ROUNDING and len(table) > 2:
                to_do = "take the row out: it is the total of the others"
        elif not count > 0 and n[place] > 0:
            what = (
                f"{_people(int(n[place]))} in {margin.cell_name(_tuple(cell))}, where the population has none"
            )
            to_do = "correct the count, or join it with another category under weights: join"
        else:
            continue
        row = margin.cells["row"].iloc[place]
        yield Problem(what, margin.file, None if pd.isna(row) else int(row), margin.name,
                      margin.cell_name(_tuple(cell)), to_do=to_do)  # fmt: skip


def _people(count: int) -> str:
    return f"{count} answered" if count > 1 else "1 answered"


def _tuple(cell: object) -> tuple[str, ...]:
    return tuple(map(str, cell)) if isinstance(cell, tuple) else (str(cell),)
