"""An attacker with everything that a run hands out: the numbers of all files, who took part, and one's own answers.

A study of forty companies, one of which outweighs the others, with an industry of two; the attacker reads report,
workbook, slides, pack, manifest and tables, writes every mean down as a sum over companies, and by linear programming
looks how far each company's value, and the mean of each group that is withheld, may still lie from what it is.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.optimize import linprog

import alignmark.run
from alignmark.disclosure_rules import Disclosure
from alignmark.gate import passed
from alignmark.gate_rules import BENCHMARKS
from alignmark.releasing import tables_shown
from alignmark.study import read_study
from alignmark.tabulating import Tabulated, books_shown
from analysis.benchmark.practices import with_relative_likelihood
from reports.crosstab_book import Book
from reports.documents.benchmark_report import benchmark_report
from reports.evidence import Evidence
from tests.alignmark.conftest import INSTRUMENT, STUDY, Ran, replaced
from tests.alignmark.test_gate import subtracted

COMPANIES, WAVES = 40, (2024, 2025)
CLOSE = 10.0
"""Points of 0-100: whoever has a value to within so many in all knows it."""

SIDES = ("sales", "marketing")

Value = tuple[str, str, int]
"""A company's value of a variable in a wave."""


@dataclass(frozen=True)
class Released:
    """What a run left, beside what the attacker may know and what it must not find."""

    out: Path
    evidence: Evidence
    open_tables: Mapping[str, pd.DataFrame]
    books_alone: tuple[Book, ...] = ()


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Released:
    """Run the study, and keep its tables as they were before any cell was withheld."""
    folder, kept = tmp_path_factory.mktemp("attack"), dict[str, pd.DataFrame]()
    alone: list[Book] = []

    def watched(published: Mapping[str, pd.DataFrame], *given: Any, **more: Any) -> Any:
        kept.update(published)
        return tables_shown(published, *given, **more)

    def beside(tabulated: tuple[Tabulated, ...], shown: Mapping[str, pd.DataFrame]) -> tuple[Book, ...]:
        alone.extend(one.book for one in tabulated)
        return books_shown(tabulated, shown)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alignmark.run, "tables_shown", watched)
        patch.setattr(alignmark.run, "books_shown", beside)
        evidence = alignmark.run.run(read_study(write_study(folder)), folder / "out")
    return Released(folder / "out", evidence, kept, tuple(alone))


def write_study(folder: Path) -> Path:
    """Write answers of two waves: some came, some left, some said nothing of one construct."""
    rng = np.random.default_rng(4)
    names = [f"C{n:02}" for n in range(COMPANIES)]
    companies = pd.DataFrame(
        {"company": names, "name": [f"Company number {n} Ltd" for n in range(COMPANIES)]}
    )
    companies["industry"] = ["Rare"] * 2 + ["Software"] * 9 + ["Machinery"] * 14 + ["Trade"] * 15
    companies["region"] = np.where(np.arange(COMPANIES) % 7 < 3, "North", "South")
    companies["staff"] = [16 if n == 12 else 5 + n % 3 for n in range(COMPANIES)]
    companies.to_csv(folder / "companies.csv", index=False)
    years = companies[["company"]].merge(pd.Series([2024, 2025, 2026], name="fiscal_year"), how="cross")
    years.assign(revenue=rng.uniform(90, 130, len(years))).to_csv(folder / "revenue.csv", index=False)
    for wave, gone in zip(WAVES, (names[5:8], names[20:26]), strict=True):
        _answers([name for name in names if name not in gone], rng).to_csv(
            folder / f"{wave}.csv", index=False
        )
    study = replaced(
        STUDY,
        ("industry: industry}", "industry: industry, region: region, staff: staff}"),
        ("cleaning:\n", "weights: {companies: {by: staff}}\ndisclosure: {p_percent: 10}\ncleaning:\n"),
    )
    (folder / "study.yaml").write_text(study, encoding="utf-8")
    (folder / "mine.yaml").write_text(INSTRUMENT, encoding="utf-8")
    return folder / "study.yaml"


def _answers(companies: list[str], rng: np.random.Generator) -> pd.DataFrame:
    people = pd.DataFrame(
        list(product(companies, ["sales", "marketing"] * 2)), columns=["firm", "department"]
    )
    people["attention"] = 2
    of_firm = people["firm"].map(dict(zip(companies, rng.normal(0, 0.8, len(companies)), strict=True)))
    for item in ("goals_1", "goals_2", "trust_1", "trust_2", "meet", "share", "measure"):
        people[item] = np.clip(np.rint(3 + of_firm + rng.normal(0, 1, len(people))), 1, 5).astype("Int64")
    silent = people["firm"].isin(["C30", "C31"])
    people[["trust_1", "trust_2"]] = people[["trust_1", "trust_2"]].mask(silent)
    return people.assign(win_rate=rng.integers(10, 60, len(people)))


# --- what the attacker reads --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sum:
    """What a number says: so many times each value, added up, is so much."""

    said: str
    times: Mapping[Value, float]
    total: float


class Reader:
    """Knows who took part, in which group and class and with which weight; knows no answer.

    With the answers at hand, questions and what each function says of them are values too: crosstabs show them.
    """

    def __init__(self, evidence: Evidence, answers: pd.DataFrame | None = None) -> None:
        panel = evidence.panel.frame
        asked = evidence.panel.instrument.columns.values()
        self.questions = (
            {q.id: q.group for q in asked if q.section == "construct"} if answers is not None else {}
        )
        if answers is not None:
            panel = panel.merge(_by_function(answers, [*self.questions]), on=["company", "wave"])
        self.frame = panel.set_index(["company", "wave"], drop=False)
        self.frame = self.frame.assign(weight=self.frame.get("weight", 1.0))
        self.constructs = [str(name) for name in evidence.panel.instrument.alignment_constructs]
        self.levels = ["alignment", *self.constructs]
        self.means = {"alignment": self.constructs} if answers is None else {
            "alignment": self.constructs,
            **{name: [q for q, of in self.questions.items() if of == name] for name in self.constructs},
            **{q: [f"{q}|{side}" for side in SIDES] for q in self.questions},
        }  # fmt: skip
        self.every = [
            *self.levels,
            *self.questions,
            *(f"{q}|{side}" for q in self.questions for side in SIDES),
        ]
        self.known = {name: self.frame[self.frame[name].notna()] for name in self.every}
        self.latest = evidence.facts.latest
        self.classes = {
            basis: found.frame.set_index(["company", "wave"])["class"]
            for basis, found in evidence.classes.items()
        }
        self.first = {basis: found.names[0] for basis, found in evidence.classes.items()}

    def mean(self, said: str, variable: str, value: float, rows: pd.DataFrame) -> Sum:
        """Write a mean down as a sum."""
        times = {(str(c), variable, int(w)): float(weight) for (c, w), weight in rows["weight"].items()}
        return Sum(f"{said} {variable}", times, value * sum(times.values()))

    def of_wave(self, variable: str, wave: int) -> pd.DataFrame:
        rows = self.known[variable]
        return rows[rows["wave"] == wave]

    def classed(self, variable: str, basis: str, name: str, wave: int | None = None) -> pd.DataFrame:
        """Return rows of a class, of the rest or of all that have one."""
        rows = self.known[variable].join(self.classes[basis], how="inner")
        rows = rows if wave is None else rows[rows["wave"] == wave]
        first = rows["class"].eq(self.first[basis])
        return {"all": rows, "rest": rows[~first]}.get(name, rows[rows["class"] == name])


def _by_function(answers: pd.DataFrame, questions: list[str]) -> pd.DataFrame:
    """Return what companies and their functions say of each question, in points of 0-100."""
    scored = answers[questions].sub(1).mul(25).astype(float).join(answers[["company", "wave", "function"]])
    sides = scored.groupby(["company", "wave", "function"])[questions].mean().unstack("function")  # noqa: PD010
    means = sides.T.groupby(level=0).mean().T
    return means.join(sides.set_axis([f"{q}|{side}" for q, side in sides.columns], axis=1)).reset_index()


def sums_of_crosstabs(books: tuple[Book, ...], reader: Reader) -> Iterator[Sum]:
    """Write down the means of questions: each company counts as its weight, each function the same."""
    for row in (row for book in books for row in book.table.cells.to_dict("records")):
        head, column = row["head"], row["column"]
        if row["kind"] == "mean" and row["question"] in reader.questions:
            variable = f"{row['question']}|{column.lower()}" if head == "Function" else row["question"]
            rows = reader.known[variable]
            key = {"Wave": "wave", "Industry": "industry", "Region": "region"}.get(head)
            rows = rows if key is None else rows[rows[key].astype(str) == column]
            yield reader.mean(f"crosstab by {column} of", variable, 25 * (row["estimate"] - 1), rows)


def shown(folder: Path, name: str) -> list[dict[str, Any]]:
    """Return the rows of a table that are of the index or a construct."""
    path = folder / f"{name}.csv"
    table = pd.read_csv(path) if path.exists() else pd.DataFrame()
    levels = ["alignment", *pd.read_csv(folder / "norms-constructs.csv")["variable"]]
    rows: list[dict[str, Any]] = table.to_dict("records")
    return [row for row in rows if row.get("variable", "alignment") in levels]


def sums_in(folder: Path, reader: Reader) -> Iterator[Sum]:
    """Write down every mean of a level that the tables show."""
    for row in [*shown(folder, "norms-constructs"), *shown(folder, "norms-waves")]:
        variable, wave = row["variable"], int(row["wave"])
        yield reader.mean(f"norms {wave}", variable, row["mean"], reader.of_wave(variable, wave))
    yield from _groups_in(folder, reader)
    yield from _changes_in(folder, reader)
    for basis in reader.classes:
        yield from _classes_in(folder, reader, basis)


def _groups_in(folder: Path, reader: Reader) -> Iterator[Sum]:
    """Write down norm_means: of all, and of each group of each segment."""
    for row in shown(folder, "norms-all"):
        rows, column = reader.of_wave(row["variable"], reader.latest), str(row["segment"]).lower()
        rows = rows[rows[column] == row["group"]] if column in rows else rows
        if row["statistic"] == "mean":
            yield reader.mean(f"norms of {row['group']}", row["variable"], row["estimate"], rows)
    for segment in ("industry", "region"):
        for row in shown(folder, f"norms-by-{segment}"):
            now = reader.of_wave(row["variable"], reader.latest)
            for group, rows in now.groupby(segment):
                yield reader.mean(f"norms of {group}", row["variable"], row.get(group, np.nan), rows)
    for row in shown(folder, "norms-by-group"):
        now = reader.of_wave("alignment", reader.latest)
        column = str(row["segment"]).lower()
        if column in now:
            rows = now[now[column] == row["group"]]
            yield reader.mean(f"norms of {row['group']}", "alignment", row["mean"], rows)


def _changes_in(folder: Path, reader: Reader) -> Iterator[Sum]:
    """Write down the changes, as what the later values have more than the earlier ones, and their levels."""
    for row in shown(folder, "changes"):
        variable, ends = row["variable"], (int(row["wave_from"]), int(row["wave_to"]))
        start, end = (reader.of_wave(variable, wave).droplevel("wave") for wave in ends)
        both = start.index.intersection(end.index)
        for name, wave in zip(("mean_from", "mean_to"), ends, strict=True):
            rows = reader.known[variable].loc[[(company, wave) for company in both]]
            yield reader.mean(f"change {wave}", variable, row[name], rows)
        weight = end.loc[both, "weight"]
        if np.allclose(weight, start.loc[both, "weight"]):
            times = {
                (c, variable, w): s * float(weight[c])
                for c in both
                for w, s in zip(ends, (-1, 1), strict=True)
            }
            yield Sum(f"change of {variable}", times, row["estimate"] * float(weight.sum()))


def _classes_in(folder: Path, reader: Reader, basis: str) -> Iterator[Sum]:
    """Write down means by class, of all waves and wave by wave; gaps are differences of means that stand there."""
    first = reader.first[basis]
    for row in shown(folder, f"class-gaps-{basis}"):
        variable = row["variable"]
        for name in {str(name) for name in reader.classes[basis].unique()} & set(row):
            yield reader.mean(
                f"{name} by {basis}", variable, row[name], reader.classed(variable, basis, name)
            )
        for column in ("rest", "all"):
            level = row.get(first, np.nan) - row.get(f"less_{column}", np.nan)
            yield reader.mean(
                f"{column} by {basis}", variable, level, reader.classed(variable, basis, column)
            )
    for row in shown(folder, f"class-trend-{basis}"):
        for column, name in (("first", first), ("rest", "rest"), ("all", "all")):
            rows = reader.classed("alignment", basis, name, int(row["wave"]))
            yield reader.mean(f"{name} by {basis} {row['wave']}", "alignment", row[column], rows)
    for row in shown(folder, "best-profile") if basis == next(iter(reader.classes)) else ():
        for column, name in (("mean", first), ("mean_all", "all")):
            rows = reader.classed(row["variable"], basis, name, reader.latest)
            yield reader.mean(f"profile of {name}", row["variable"], row[column], rows)


def sums_of_pack(path: Path, reader: Reader) -> Iterator[Sum]:
    """Write down the norms of a pack: of the companies that have the score, and in groups the index."""
    if not path.exists():
        return
    found = json.loads(path.read_text(encoding="utf-8"))["benchmarks"]
    whole: dict[str, Any] = {"key": None, "value": None, "norms": found["norms"]}
    for group, variable in product([whole, *found["groups"]], reader.levels):
        rows = reader.of_wave(variable, reader.latest)
        rows = rows if group["key"] is None else rows[rows[group["key"]] == group["value"]]
        if variable in group["norms"]:
            yield reader.mean("pack", variable, group["norms"][variable]["mean"], rows)


# --- what the attacker makes of it ----------------------------------------------------------------------------


class Attack:
    """The sums that were shown, and what is known of the values: their range, and the index as mean of constructs."""

    def __init__(self, reader: Reader, sums: list[Sum]) -> None:
        self.reader, self.sums = reader, [one for one in sums if np.isfinite(one.total)]
        there = reader.frame[reader.every]
        self.values: list[Value] = [
            (str(c), name, int(w)) for name in reader.every for c, w in there.index[there[name].notna()]
        ]
        self.truth = np.array([there.loc[(c, w), name] for c, name, w in self.values])
        self.place = {value: number for number, value in enumerate(self.values)}
        ties = [
            {(c, v, w): -float(len(reader.means[v])), **{(c, part, w): 1.0 for part in reader.means[v]}}
            for c, v, w in self.values
            if v in reader.means
        ]
        rows = [*(one.times for one in self.sums), *ties]
        entries = [
            (n, self.place[value], times) for n, row in enumerate(rows) for value, times in row.items()
        ]
        row, column, times = (np.array(part) for part in zip(*entries, strict=True))
        self.matrix = sparse.csr_array(
            (times.astype(float), (row, column)), shape=(len(rows), len(self.values))
        )
        self.totals = np.array([*(one.total for one in self.sums), *np.zeros(len(ties))])

    def misread(self) -> list[str]:
        """Return the numbers that are not what the attacker takes them for."""
        off = np.abs(self.matrix @ self.truth - self.totals)[: len(self.sums)]
        size = [1e-6 * sum(map(abs, one.times.values())) for one in self.sums]
        return [one.said for one, by, slack in zip(self.sums, off, size, strict=True) if by > slack]

    def interval(self, wanted: Mapping[Value, float], own: str | None = None) -> float:
        """Return how far a weighted mean of values may lie from one end of what is possible to the other."""
        bounds = [
            (x, x) if value[0] == own else (0, 100) for value, x in zip(self.values, self.truth, strict=True)
        ]
        cost = np.zeros(len(self.values))
        for value, times in wanted.items():
            cost[self.place[value]] = times / sum(wanted.values())
        ends = [
            linprog(sign * cost, A_eq=self.matrix, b_eq=self.totals, bounds=bounds, method="highs")
            for sign in (1, -1)
        ]
        assert all(end.x is not None for end in ends), "nothing fits what is shown"
        return float(-ends[1].fun - ends[0].fun)

    def close(
        self, targets: Iterator[dict[Value, float]], own: str | None = None
    ) -> list[tuple[Value, float]]:
        """Return the targets that come out too closely."""
        found = [(next(iter(target)), self.interval(target, own)) for target in targets]
        return [(value, width) for value, width in found if width < CLOSE]


def single_values(attack: Attack) -> Iterator[dict[Value, float]]:
    yield from ({value: 1.0} for value in attack.values)


def determined(attack: Attack, own: str | None) -> list[tuple[Value, ...]]:
    """Return the values, sums of two of a variable, and all together of a company without the index, that follow.

    From all sums and one's own values, exactly.
    """
    mine = np.array([value[0] == own for value in attack.values])
    known = attack.matrix.toarray()[:, ~mine]
    _, strength, span = np.linalg.svd(known, full_matrices=False)
    span = span[strength > 1e-9 * strength[0]]
    others = [value for value, is_mine in zip(attack.values, mine, strict=True) if not is_mine]
    codes = pd.factorize(pd.Series([variable for _, variable, _ in others]))[0]
    # A sum of two is in the span if its projection is as long as it is: 2, from the products of their columns.
    inside = span.T @ span
    alone = np.flatnonzero(np.isclose(np.diag(inside), 1, atol=1e-7))
    length = np.diag(inside)[:, None] + np.diag(inside)[None, :] + 2 * inside
    pairs = np.argwhere(np.triu(np.isclose(length, 2, atol=1e-7) & (codes[:, None] == codes[None, :]), 1))
    whole = {(c, w) for c, variable, w in others if variable == "alignment"}
    lacking = sorted({(c, w) for c, _, w in others} - whole)
    rest = [[n for n, value in enumerate(others) if value[::2] == one] for one in lacking]
    told = [
        places for places in rest if np.isclose(inside[np.ix_(places, places)].sum(), len(places), atol=1e-7)
    ]
    return [
        *((others[n],) for n in alone),
        *((others[a], others[b]) for a, b in pairs),
        *(tuple(others[n] for n in places) for places in told),
    ]


def small_groups(reader: Reader) -> Iterator[dict[Value, float]]:
    """Yield groups that are too small to show: an industry of two, those who left, came or lack a construct."""
    for variable in (*reader.levels, *reader.questions):
        waves = {wave: reader.of_wave(variable, wave) for wave in WAVES}
        groups = [rows[rows["industry"] == "Rare"] for rows in waves.values()]
        early, late = (set(rows["company"]) for rows in waves.values())
        groups += [waves[2025][waves[2025]["company"].isin(late - early)]]
        if variable != "alignment":
            groups += [rows[rows["alignment"].isna()] for rows in waves.values()]
        for rows in groups:
            yield {(str(c), variable, int(w)): float(rows["weight"][c, w]) for c, w in rows.index}


def everything(released: Released, folder: Path, books: tuple[Book, ...] = ()) -> Attack:
    found = {int(path.stem): pd.read_csv(path) for path in sorted(released.out.parent.glob("20*.csv"))}
    answers = pd.concat(found, names=["wave", "row"]).reset_index()
    reader = Reader(released.evidence, answers.rename(columns={"firm": "company", "department": "function"}))
    packed = sums_of_pack(released.out / "pack.json", reader)
    crossed = sums_of_crosstabs(books or released.evidence.books, reader)
    return Attack(reader, [*sums_in(folder, reader), *packed, *crossed])


def test_no_value_of_a_company_and_no_group_that_is_too_small_comes_out(released: Released) -> None:
    """To an outsider, to the company with the most weight, and to one of the two that share an industry."""
    attack = everything(released, released.out / "tables")
    assert attack.misread() == []
    said = " ".join(one.said for one in attack.sums)
    assert all(name in said for name in ("norms of Trade", "norms of North", "change of", "best in class by"))
    groups = [group for group in small_groups(attack.reader) if group]
    assert attack.close(iter(groups)) == []
    assert determined(attack, None) == []
    singles = [*single_values(attack)][::24]
    found = sorted((attack.interval(one), next(iter(one))) for one in singles)
    assert found[0][0] > CLOSE
    nearest = [{value: 1.0} for _, value in found[:6]]
    for own in ("C12", "C00"):
        assert determined(attack, own) == []
        others = [one for one in nearest if next(iter(one))[0] != own]
        assert attack.close(iter(others), own) == []
        without = [{v: t for v, t in group.items() if v[0] != own} for group in groups]
        assert attack.close((group for group in without[::2] if group), own) == []
    # Crosstabs that look at themselves alone would tell of those who lack the index.
    lacking = [group for group in groups if ("C30", "goals", 2025) in group]
    assert everything(released, released.out / "tables", released.books_alone).close(iter(lacking))


def test_a_segment_of_two_companies_is_given_away_by_no_file(released: Released) -> None:
    out = released.out
    assert subtracted(out) > 5
    assert [path.name for path in out.rglob("*") if "rare" in path.name.lower()] == []
    counts = ["n", "companies", "n_answered", "n_silent", "place"]
    for path in (out / "tables").glob("*.csv"):
        table = pd.read_csv(path)
        rows = table[table.astype(str).eq("Rare").any(axis=1)]
        numbers = rows.select_dtypes("float").drop(columns=counts, errors="ignore")
        assert numbers.isna().all(axis=None), path.name
        assert "Rare" not in table or table["Rare"].isna().all(), path.name
    # The manifest names every published number, the counts of the segment among them.
    models = pd.read_csv(out / "models.csv")
    controls = models[models["model"].eq("controls")].set_index("term")["estimate"]
    assert controls[controls.index == "Intercept"].isna().all()
    assert controls[controls.index == "alignment"].notna().all()
    assert released.evidence.composition.set_index("category")["n"]["other"] == 2
    published = [
        *(out / "tables").glob("*.csv"),
        out / "report.html",
        out / "manifest.json",
        out / "models.csv",
    ]
    texts = {path.name: path.read_text(encoding="utf-8") for path in published}
    assert "Rare" not in texts["models.csv"] + (out / "models.tex").read_text(encoding="utf-8")
    named = re.compile(rf"\bC({'|'.join(f'{n:02}' for n in range(COMPANIES))})\b")
    assert [name for name, text in texts.items() if named.search(text)] == []


def test_no_company_can_be_worked_out_from_tables_and_pack(ran: Ran) -> None:
    """By elimination over all means of a study without weights and the means of its pack, alone and as a member."""
    reader = Reader(ran.evidence)
    packed = [*sums_of_pack(ran.out / "pack.json", reader)]
    attack = Attack(reader, [*sums_in(ran.out / "tables", reader), *packed])
    assert attack.misread() == []
    assert len(attack.sums) > 100
    assert packed
    for own in (None, *sorted(reader.frame["company"].unique())[::8]):
        assert determined(attack, own) == []


@pytest.mark.usefixtures("undrawn")
def test_the_same_attacker_succeeds_where_nothing_is_withheld(released: Released, tmp_path: Path) -> None:
    """With suppression switched off, the mean of the industry of two comes out to the point, and those who came."""
    attack = everything(released, open_tables(released, tmp_path))
    assert attack.misread() == []
    found = attack.close(group for group in small_groups(attack.reader) if group)
    assert len(found) > 6
    assert min(width for _, width in found) < 1e-6
    assert attack.close(iter([{("C01", "trust", 2025): 1.0}]), "C00")


def open_tables(released: Released, folder: Path) -> Path:
    """Write the tables of the report as they would be if every cell were shown."""
    lenient = Disclosure(minimum_companies=1, minimum_respondents=1, largest_share=1.0)
    every = {name: passed(table, name, lenient) for name, table in released.open_tables.items()}
    own = {name: table for name, table in every.items() if hasattr(released.evidence, name)}
    norms = pd.concat([every["norm_means"], every["norm_percentiles"]]).sort_values(
        "place", ignore_index=True
    )
    theirs = {name: every[name] for name in BENCHMARKS if not name.startswith(("norm_means", "norm_perc"))}
    told = replace(
        released.evidence, **own, benchmarks=replace(released.evidence.benchmarks, norms=norms, **theirs)
    )
    told = replace(
        told, practices=with_relative_likelihood(told.practices, told.classes["outcomes"].names[0])
    )
    for table in benchmark_report(told).tables:
        table.frame.to_csv(folder / f"{table.id}.csv", index=False)
    return folder


# --- numbers that are withheld, in any file ---------------------------------------------------------------------

NUMBERS = (
    "estimate",
    "mean",
    "mean_a",
    "mean_b",
    "mean_from",
    "mean_to",
    "trend",
    "conf_low",
    "conf_high",
    "sd",
)
PUBLIC = ("report.html", "report.pptx", "tables.xlsx", "crosstabs.xlsx", "crosstabs.html", "manifest.json",
          "models.csv", "models.tex", "pack.json", "ledger.csv")  # fmt: skip
"""What may be handed on: `companies.csv` and its like are the study's own."""


def exact_numbers(out: Path) -> dict[str, set[str]]:
    """Return the numbers of many digits in every file, those inside workbooks of charts in slides among them."""
    paths = [
        *(out / name for name in PUBLIC if (out / name).exists()),
        *sorted((out / "tables").glob("*.csv")),
    ]
    return {path.name: set(_numbers(path.read_bytes())) for path in paths}


def _numbers(content: bytes) -> Iterator[str]:
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield from _numbers(archive.read(name))
    else:
        for text in re.findall(rb"-?\d+\.\d{5,}(?:[eE]-?\d+)?", content):
            yield _digits(float(text))


def _digits(value: float) -> str:
    return f"{value:.9g}"


def withheld_numbers(released: Released) -> set[str]:
    """Return the numbers that were computed of levels and are shown in no table."""
    told: set[str] = set()
    made: set[str] = set()
    safe = {name: getattr(released.evidence, name, None) for name in released.open_tables}
    parts = [getattr(released.evidence.benchmarks, one.name) for one in fields(released.evidence.benchmarks)]
    shown_tables = [*safe.values(), *parts]
    for tables, found in ((shown_tables, told), (released.open_tables.values(), made)):
        for table in tables:
            if isinstance(table, pd.DataFrame):
                numbers = table[[name for name in NUMBERS if name in table]].to_numpy(dtype=float).ravel()
                found |= {_digits(x) for x in numbers[np.isfinite(numbers)] if len(_digits(x)) > 8}
    return made - told


def test_no_number_that_is_withheld_stands_in_any_file(released: Released) -> None:
    secret = withheld_numbers(released)
    assert len(secret) > 100
    found = exact_numbers(released.out)
    assert {name: sorted(numbers & secret) for name, numbers in found.items() if numbers & secret} == {}
    # The search would find them: numbers that are shown stand in workbook, slides and tables alike.
    means = {_digits(x) for x in released.evidence.norms["mean"].dropna()}
    assert [name for name in ("tables.xlsx", "report.pptx", "norms-all.csv") if not found[name] & means] == []
