"""An attacker who reads what pictures, pages and models give away beside the means of tables.

It knows who took part, who is best in class and how a program sorts companies. It looks for points that stand in the
order of companies or in proportion to their scores, for the lowest and the highest company, for names in every format
and for coefficients that rest on a few companies.
"""

import io
import re
import zipfile
from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest

from alignmark.disclosure_rules import Disclosure
from alignmark.gate import through_gate
from analysis.explain.binned import fitted_line
from analysis.explain.regression import Fit, fit, model_terms
from analysis.explain.specification import Specification
from analysis.infer.columns import Floats
from reports.documents.opening import strip_figure
from reports.evidence import Evidence
from tests.alignmark.conftest import Ran
from tests.alignmark.test_attack import PUBLIC, _digits, exact_numbers
from tests.alignmark.test_same_numbers import closed_up, pdf_text

LEVELS = ("alignment", "alignment_sales", "alignment_marketing")
MANY = 10
"""Points from which their order can hardly be that of companies by chance."""

# --- points of pictures -------------------------------------------------------------------------------------------


def texts_of(content: bytes) -> Iterator[str]:
    """Yield the text of a file, of the files that are packed in it, and of the pictures that stand in it."""
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield from texts_of(archive.read(name))
        return
    text = content.decode("utf-8", "ignore")
    yield re.sub(r"base64,[^\"')]+", "", text)
    yield from (b64decode(coded).decode() for coded in re.findall(r"svg\+xml;base64,([^\"]+)", text))


def points_of(text: str) -> Iterator[Floats]:
    """Yield coordinates of what is drawn together, in its order: marks of a picture, values of a chart, a column."""
    for group in text.split('<g id="') if "<svg" in text else ():
        places = re.findall(r'<use [^>]*x="([\d.]+)" y="([\d.]+)"', group)
        yield from np.array(places, dtype=float).reshape(-1, 2).T
    for cache in re.findall(r"<c:numCache>.*?</c:numCache>", text, re.DOTALL):
        yield np.array(re.findall(r"<c:v>([^<]+)</c:v>", cache), dtype=float)
    cells = re.findall(r'<c r="([A-Z]+)\d+"(?: s="\d+")?><v>([^<]+)</v>', text)
    for _, column in pd.DataFrame(cells, columns=["column", "value"]).groupby("column"):
        yield column["value"].to_numpy(dtype=float)


def scores_of(evidence: Evidence) -> dict[str, Floats]:
    """Return the levels of companies in the order of their ids: of all, of a wave, of a class."""
    frame = evidence.panel.frame.merge(
        evidence.classes["outcomes"].frame[["company", "wave", "class"]], on=["company", "wave"], how="left"
    )
    best, waves = frame["class"].eq("best in class"), evidence.facts.waves
    both = frame[[*LEVELS[1:], "revenue_growth"]].notna().all(axis=1)
    groups = {"all": best | True, "best": best, "others": ~best, "modelled": both}
    groups |= {
        f"{name} {wave}": rows & frame["wave"].eq(wave)
        for (name, rows), wave in product(groups.items(), waves)
    }
    return {
        f"{level} of {name}": frame.loc[rows, level].dropna().to_numpy(dtype=float)
        for level, (name, rows) in product(LEVELS, groups.items())
    }


def told(drawn: Iterable[Floats], scores: dict[str, Floats]) -> set[str]:
    """Return what points tell: whose each is, by their order, or everybody's score, by where they stand."""
    found = set()
    for points in drawn:
        alike = {
            name: one
            for name, one in scores.items()
            if len(one) == len(points) >= MANY and np.ptp(points) > 0
        }
        for name, one in alike.items():
            ways = [np.corrcoef(points, one)[0, 1], np.corrcoef(-points, one)[0, 1]]
            exact = max(np.corrcoef(np.sort(way * points), np.sort(one))[0, 1] for way in (1, -1))
            found |= {f"order: {name}"} if max(ways) > 0.8 else set()
            found |= {f"place: {name}"} if exact > 1 - 1e-9 else set()
    return found


def test_no_picture_tells_whose_a_point_is_or_where_a_company_stands(
    ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = scores_of(ran.evidence)
    files = [ran.out / name for name in ("report.html", "report.pptx", "tables.xlsx", "crosstabs.xlsx")]
    drawn = [points for path in files for text in texts_of(path.read_bytes()) for points in points_of(text)]
    sizes = {len(one) for one in scores.values()}
    assert sum(len(points) in sizes and len(points) >= MANY for points in drawn) > 20
    assert told(drawn, scores) == set()
    # Points in the order of companies would be found, and those that are drawn where the companies stand.
    for said, as_given in (
        ("order", lambda table, _columns, **_: table),
        ("place", lambda table, columns, **_: table.sort_values(columns)),
    ):
        monkeypatch.setattr("reports.documents.opening.blurred", as_given)
        found = told(points_of(strip_figure(ran.evidence).svg), scores)
        assert said in {name.split(":")[0] for name in found}


def test_the_lowest_and_the_highest_company_stand_in_no_file(ran: Ran) -> None:
    """Who they are is what is known of companies; a line through the data would end at them."""
    frame = ran.evidence.panel.frame
    now = frame.loc[frame["wave"] == ran.evidence.facts.latest, "alignment"]
    ends = {_digits(end) for one in (frame["alignment"], now) for end in (one.min(), one.max())}
    secret = {end for end in ends if len(end) > 8}
    line = fitted_line(frame, "alignment", "revenue_growth")
    assert secret & {_digits(x) for x in line["x"]}
    assert {
        name: numbers & secret for name, numbers in exact_numbers(ran.out).items() if numbers & secret
    } == {}


# --- names --------------------------------------------------------------------------------------------------------


def test_no_company_is_named_in_any_file_that_is_handed_on(ran: Ran) -> None:
    register = pd.read_csv(ran.study.parent / "companies.csv")
    names = [*register["company"], *register["name"]]
    files = [ran.out / name for name in PUBLIC if (ran.out / name).exists()]
    texts = {path.name: "\n".join(texts_of(path.read_bytes())) for path in files}
    texts |= {path.name: path.read_text(encoding="utf-8") for path in (ran.out / "tables").iterdir()}
    texts["names of files"] = "\n".join(path.name for path in ran.out.rglob("*"))
    texts["report.pdf"] = pdf_text(ran.out)
    assert len(texts["report.pdf"]) > 10_000
    found = {
        file: [name for name in names if name in text or closed_up(name) in text]
        for file, text in texts.items()
    }
    assert {file: named for file, named in found.items() if named} == {}
    own = (ran.out / "companies.csv").read_text(encoding="utf-8")
    assert any(name in own for name in names)


# --- models -------------------------------------------------------------------------------------------------------


def resting_on_few(terms: pd.DataFrame, fits: Iterable[Fit], frame: pd.DataFrame) -> list[str]:
    """Return coefficients that are shown though their category, or the first one of its kind, has few companies."""
    found = []
    for one in fits:
        model = one.specification
        used = frame.dropna(subset=[model.outcome, model.regressor])
        shown = set(terms.loc[terms["model"].eq(model.name) & terms["estimate"].notna(), "term"])
        for kind in (*model.effects, *model.controls):
            counts = used["company"].groupby(used[kind].astype(str)).nunique()
            for category, companies in counts.iloc[1:].items():
                term = f"{kind}[{category}]"
                few = min(companies, counts.iloc[0]) < 5
                found += [term for name in shown if few and name.split(", ")[0] == term]
    return found


def gated(evidence: Evidence, fits: tuple[Fit, ...], **rule: int) -> tuple[Fit, ...]:
    bare = replace(evidence, fits=fits, practices=pd.DataFrame())
    return through_gate(bare, Disclosure.model_validate(rule)).fits


def test_no_coefficient_rests_on_a_few_companies(ran: Ran) -> None:
    frame, declared = (
        ran.evidence.panel.frame,
        [one for one in ran.evidence.fits if one.specification.declared],
    )
    assert resting_on_few(pd.read_csv(ran.out / "models.csv"), declared, frame) == []
    kinds = (
        {"effects": ("wave", "industry")},
        {"controls": ("industry",), "effects": ("wave",)},
        {"controls": ("industry",), "estimator": "within_between"},
        {"controls": ("industry",), "estimator": "between"},
    )
    models = [Specification(f"model {n}", "revenue_growth", **kind) for n, kind in enumerate(kinds)]  # type: ignore[arg-type]
    fits = tuple(fit(model, ran.evidence.panel) for model in models)
    safe = gated(ran.evidence, fits)
    assert all(resting_on_few(model_terms([one]), [one], frame) for one in fits)
    assert resting_on_few(model_terms(safe), safe, frame) == []
    for before, after in zip(fits, safe, strict=True):
        assert after.slope()["estimate"] == before.slope()["estimate"]
        assert after.frame.set_index("term")["estimate"].filter(like="Intercept").isna().all()
        assert "industry that rest on fewer than 5 companies are withheld" in after.note


def test_a_model_of_a_few_companies_is_not_shown(ran: Ran) -> None:
    found = fit(Specification("few", "revenue_growth"), ran.evidence.panel)
    (safe,) = gated(ran.evidence, (found,), minimum_companies=found.companies + 1)
    assert safe.frame.empty
    assert safe.by_errors.empty
    assert np.isnan(safe.r_squared)
    assert "too few companies" in safe.summary()
