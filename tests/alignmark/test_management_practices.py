"""A real survey of firms, end to end: half of the panel behind Bloom, Genakos, Sadun and Van Reenen (2012)."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from alignmark.inputs import Inputs
from alignmark.run import compute
from alignmark.study import read_study
from analysis.explain.regression import Fit, fit
from analysis.explain.specification import Specification
from reports.caveats import confounder_strength, growth_caveats
from reports.documents.benchmark_report import benchmark_report
from reports.evidence import Evidence
from reports.writers.html import write_html

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("ALIGNMARK_REAL_DATA", ROOT.parent / "shared" / "data")) / "management_practices"
ITEMS = {
    "operations": [f"lean{n}" for n in (1, 2)],
    "monitoring": [f"perf{n}" for n in range(1, 6)],
    "targets": [f"perf{n}" for n in range(6, 11)],
    "people": [f"talent{n}" for n in range(1, 7)],
}
EVERY = [item for items in ITEMS.values() for item in items]
DIGITS = 1e-6

pytestmark = [
    pytest.mark.slow,  # among the first, so that one worker alone computes what they share
    pytest.mark.skipif(
        not (DATA / "firm_years.csv").exists(),
        reason=f"no {DATA.name}/firm_years.csv: set ALIGNMARK_REAL_DATA to the folder of real data",
    ),
]


@pytest.fixture(scope="module")
def found() -> tuple[Evidence, Inputs]:
    return compute(read_study(ROOT / "examples" / "management_practices" / "study.yaml", data=DATA))


@pytest.fixture(scope="module")
def records() -> pd.DataFrame:
    records = pd.read_csv(DATA / "firm_years.csv").rename(columns={"account_id": "company", "year": "wave"})
    return records.astype({"company": "str"})


def test_every_row_is_read_and_kept(found: tuple[Evidence, Inputs], records: pd.DataFrame) -> None:
    evidence, inputs = found
    rows = inputs.log.accounting[["rows_in", "rows_kept", "rows_dropped"]].sum()
    assert rows.tolist() == [len(records), len(records), 0]
    assert len(evidence.panel.frame) == len(records) == 3492
    assert evidence.panel.frame["company"].nunique() == 1428


def test_scores_are_those_of_the_publication(found: tuple[Evidence, Inputs], records: pd.DataFrame) -> None:
    """`management` is the mean of the 18 practices; ours is the mean of four constructs of 2, 5, 5 and 6 practices.

    Weighted by these numbers, the constructs give `management` on 0-100 wherever an interview was held:
    all 18 scores there and whole numbers. (Between two interviews the data hold values on the straight line between
    them, `management` and each practice by itself, which need not agree where a practice is missing at one end.)
    In three interviews `management` is not the mean of its own 18 practices; these are left out.
    """
    both = found[0].panel.frame.merge(records, on=["company", "wave"], validate="one_to_one")
    answers = both[EVERY]
    interview = answers.notna().all(axis=1) & (answers % 1 == 0).all(axis=1)
    consistent = (answers.mean(axis=1) - both["management"]).abs() < 1e-5
    assert (interview.sum(), (interview & ~consistent).sum()) == (1606, 3)
    weighted = sum(both[name] * len(items) for name, items in ITEMS.items()) / len(EVERY)
    published = 25 * (both["management"] - 1)
    chosen = interview & consistent
    np.testing.assert_allclose(weighted[chosen], published[chosen], atol=1e-4)
    for name, items in ITEMS.items():
        np.testing.assert_allclose(both.loc[chosen, name], 25 * (both.loc[chosen, items].mean(axis=1) - 1))
    np.testing.assert_allclose(both.loc[chosen, "alignment"], both.loc[chosen, list(ITEMS)].mean(axis=1))
    assert both["alignment"].corr(published) > 0.98


def test_sales_growth_ends_with_the_year_of_the_survey(
    found: tuple[Evidence, Inputs], records: pd.DataFrame
) -> None:
    """Where sales of both years are known, `d5sales` is their log ratio, later over earlier."""
    earlier = records[["company", "wave", "sales"]].assign(wave=records["wave"] + 5)
    pairs = records.merge(earlier, on=["company", "wave"], suffixes=("", "_before"))
    assert len(pairs) == 80
    np.testing.assert_allclose(np.log(pairs["sales"] / pairs["sales_before"]), pairs["d5sales"], atol=1e-6)
    growth = 20 * records["d5sales"]
    expected = growth.clip(*growth.quantile([0.01, 0.99]))
    joined = found[0].panel.frame.merge(records[["company", "wave"]].assign(expected=expected))
    np.testing.assert_allclose(joined["sales_growth"], joined["expected"])


def test_declared_models_are_those_of_statsmodels(found: tuple[Evidence, Inputs]) -> None:
    evidence, _ = found
    declared = [fitted for fitted in evidence.fits if fitted.specification.estimator == "ols"]
    assert [fitted.specification.within for fitted in declared] == [False, False, False, True]
    assert ["industry" in fitted.note and "withheld" in fitted.note for fitted in declared] == [
        False,
        True,
        True,
        False,
    ]
    assert not any(fitted.frame["term"].str.startswith("industry[").any() for fitted in declared)
    for fitted in declared:
        agrees(fitted, evidence.panel.frame, published=True)
        model = fitted.specification
        names = {name: getattr(model, name) for name in model.__slots__}
        other = Specification(**{**names, "covariance": "HC3", "also": ()})
        agrees(fit(other, evidence.panel), evidence.panel.frame)


def agrees(ours: Fit, panel: pd.DataFrame, *, published: bool = False) -> None:
    """Coefficients and errors of every term that both have, to six digits, from the same formula and rows."""
    model = ours.specification
    frame = panel.dropna(subset=list(model.columns)).copy()
    for name in ("region", "industry"):
        # A category of one row is fitted by itself: ours leaves the row out, and says so.
        if name in model.effects:
            frame = frame[frame.groupby(name)["company"].transform("size") > 1]
    if model.within:
        within_agrees(ours, frame)
        return
    assert ours.n == len(frame)
    groups = frame["company"].astype("category").cat.codes
    options = {"cov_type": "HC3"} if model.covariance == "HC3" else {
        "cov_type": "cluster", "cov_kwds": {"groups": groups}
    }  # fmt: skip
    theirs = smf.ols(model.formula, frame).fit(use_t=True, **options)
    table = ours.frame.set_index("term")
    table = table[table["estimate"].notna()] if published else table
    translated = {term: translate(term) for term in table.index}
    assert set(translated.values()) <= set(theirs.params.index)
    # What is published lacks the coefficients of categories of few companies; what is fitted has them all.
    rank = np.linalg.matrix_rank(theirs.model.exog)
    assert len(table) <= rank if published else len(table) == rank
    compare(table, theirs.params[list(translated.values())], theirs.bse[list(translated.values())])


def within_agrees(ours: Fit, frame: pd.DataFrame) -> None:
    """Company effects as deviations: the sums of squares are the same, the dummies are too many to fit."""
    frame = frame[frame.groupby("company")["company"].transform("size") > 1]
    assert ours.n == len(frame)
    waves = pd.get_dummies(frame["wave"], dtype=float).iloc[:, 1:].add_prefix("wave_")
    terms = frame[["sales_growth", "alignment"]].join(waves)
    moved = terms - terms.groupby(frame["company"]).transform("mean")
    formula = f"sales_growth ~ alignment + {' + '.join(waves)} - 1"
    plain = smf.ols(formula, moved)
    if ours.specification.covariance == "HC3":
        # What statsmodels cannot know: the company means used up leverage of 1 / rows of the company.
        fitted = plain.fit()
        leverage = fitted.get_influence().hat_matrix_diag
        leverage = leverage + 1 / frame.groupby("company")["company"].transform("size").to_numpy()
        scores = (
            plain.exog * (fitted.resid.to_numpy() / (1 - leverage))[:, None] @ fitted.normalized_cov_params
        )
        error = pd.Series(np.sqrt((scores**2).sum(axis=0)), index=fitted.params.index)
        compare_first(ours, fitted.params, error)
        return
    groups = frame["company"].astype("category").cat.codes
    fitted = plain.fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
    compare_first(ours, fitted.params, fitted.bse)


def compare_first(ours: Fit, params: pd.Series, errors: pd.Series) -> None:
    compare(ours.frame.set_index("term").loc[["alignment"]], params[["alignment"]], errors[["alignment"]])


def compare(table: pd.DataFrame, params: pd.Series, errors: pd.Series) -> None:
    np.testing.assert_allclose(table["estimate"], params.to_numpy(), rtol=DIGITS, atol=1e-9)
    np.testing.assert_allclose(table["std_error"], errors.to_numpy(), rtol=DIGITS)


def translate(term: str) -> str:
    if "[" not in term:
        return term
    name, level = term.rstrip("]").split("[")
    return f"C({name})[T.{level}]"


def test_what_one_informant_cannot_show_is_absent_with_its_reason(found: tuple[Evidence, Inputs]) -> None:
    evidence, _ = found
    panel = evidence.panel
    for column in ("gap", "abs_gap", "alignment_sales", "alignment_marketing", "d2", "profile_icc"):
        assert column not in panel.frame
        assert panel.unavailable[column] == "the questionnaire does not ask which function people work in"
    for column in ("agreement", "alignment_se", "reliability"):
        assert column not in panel.frame
        assert panel.unavailable[column] == "every company has one informant a wave"
    assert evidence.agreement["rwg_j"].isna().all()
    assert evidence.icc["icc1"].isna().all()
    assert set(evidence.icc["note"]) <= {"no company has two informants", "needs two companies"}
    assert evidence.gaps.empty
    assert evidence.functions.empty


def test_the_report_says_what_is_not_available(found: tuple[Evidence, Inputs], tmp_path: Path) -> None:
    evidence, _ = found
    write_html(benchmark_report(evidence), tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "every company has one informant a wave" in text
    assert "the questionnaire does not ask which function people work in" in text
    caveats = dict(growth_caveats(evidence))
    assert "halo" in caveats["What this cannot show"]
    assert "confounder" in caveats["What this cannot show"]
    assert "How exact the scores are is not known here" in confounder_strength(evidence)
    assert "How strong a confounder would have to be" in text
    assert all(caveat in text for caveat in caveats)
