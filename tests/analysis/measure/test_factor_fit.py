"""Factor models that must be refused, invariants, the truth recovered; values of R are in test_factor_tables.py."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.measure.factor_fit import fit_factors, fit_moments
from analysis.measure.factor_model import FactorModel
from analysis.measure.factor_tables import loadings, parameters
from analysis.measure.fit_measures import fit_measures

TRUE = np.array([0.9, 0.8, 0.7, 0.6, 0.8, 0.7])
TWO = {"trust": ["a", "b", "c"], "goals": ["d", "e", "f"]}


def simulated(n: int, rng: np.random.Generator, *, gone: float = 0.0, per_company: int = 0) -> pd.DataFrame:
    """Make answers to six items of two factors that correlate by 0.5, in companies where asked."""
    factors = rng.normal(size=(n, 2)) @ np.linalg.cholesky(np.array([[1, 0.5], [0.5, 1]])).T
    if per_company:
        own = rng.normal(size=(n // per_company, 2)) @ np.linalg.cholesky(np.array([[1, 0.5], [0.5, 1]])).T
        factors = np.sqrt(0.5) * factors + np.sqrt(0.5) * np.repeat(own, per_company, axis=0)
    noise = rng.normal(size=(n, 6)) * np.sqrt(1 - TRUE**2)
    values = factors[:, [0, 0, 0, 1, 1, 1]] * TRUE + noise
    frame = pd.DataFrame(values, columns=list("abcdef"))
    # What is missing of b and e depends on a and d, which all answered: at random, not completely.
    for asked, on in (("b", "a"), ("e", "d")):
        frame[asked] = frame[asked].mask(rng.random(n) < gone * (0.4 + 1.2 * (frame[on] > 0)))
    return frame


def note_of(frame: pd.DataFrame, factors: dict[str, list[str]] | None = None, **options: object) -> str:
    fit = fit_factors(frame, FactorModel(factors or TWO), **options)
    assert fit.solution is None
    assert parameters(fit).empty
    assert fit_measures(fit)["note"].iloc[0] == fit.note
    return fit.note


def test_known_loadings_are_recovered():
    fit = fit_factors(
        simulated(20_000, np.random.default_rng(1)), FactorModel(TWO, identification="unit variance")
    )
    np.testing.assert_allclose(loadings(fit)["estimate"], TRUE, atol=0.03)
    between = parameters(fit).query("kind == 'factor covariance' and term != factor")["estimate"]
    assert between.iloc[0] == pytest.approx(0.5, abs=0.03)
    assert fit.note == ""


def test_full_information_recovers_what_listwise_does_not():
    """Answers missing at random bias the means of those who answered all, not full information."""
    frame = simulated(20_000, np.random.default_rng(2), gone=0.5)
    model = FactorModel(TWO, identification="unit variance", means=True)
    fiml, listwise = (
        parameters(fit_factors(frame, model, missing=how)).query("kind == 'intercept'")["estimate"]
        for how in ("fiml", "listwise")
    )
    np.testing.assert_allclose(fiml, 0, atol=0.04)
    assert listwise.abs().max() > 0.1


def test_missing_answers_and_complete_ones_agree_where_none_is_missing():
    frame = simulated(300, np.random.default_rng(3))
    model = FactorModel(TWO, means=True)
    fiml, whole = (fit_factors(frame, model, missing=how).solution for how in ("fiml", "listwise"))
    np.testing.assert_allclose(fiml.theta, whole.theta, rtol=1e-9)
    assert fiml.chisq == pytest.approx(whole.chisq)


@settings(deadline=None, max_examples=8)
@given(st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_rows_and_items_does_not_matter(chance, missing):
    frame = simulated(150, np.random.default_rng(4), gone=0.2 if missing else 0.0)
    options = {"missing": "fiml" if missing else "listwise", "robust": True}
    rows, first, second = list(frame.index), list("abc"), list("def")
    for order in (rows, first, second):
        chance.shuffle(order)
    group = pd.Series(np.where(frame.index % 2, "x", "y"), index=frame.index)
    straight = fit_factors(frame, FactorModel(TWO, identification="unit variance"), groups=group, **options)
    model = FactorModel({"goals": second, "trust": first}, identification="unit variance")
    mixed = fit_factors(frame.loc[rows], model, groups=group.loc[rows], **options)
    keys = ["group", "term"]
    one, other = (loadings(fit).set_index(keys).sort_index() for fit in (straight, mixed))
    columns = ["estimate", "std_error", "standardised"]
    # A factor may point either way; here its first item is positive in both.
    np.testing.assert_allclose(other[columns].abs(), one[columns].abs(), rtol=1e-4, atol=1e-5)
    a, b = (fit_measures(fit).drop(columns="note").astype(float) for fit in (straight, mixed))
    np.testing.assert_allclose(b, a, rtol=1e-5, atol=1e-5)


def test_nothing_given_is_changed():
    frame = simulated(100, np.random.default_rng(5), gone=0.3)
    group, before = pd.Series(frame.index % 2, index=frame.index), frame.copy()
    fit_factors(frame, FactorModel(TWO), groups=group, missing="fiml")
    pd.testing.assert_frame_equal(frame, before)


def test_units_of_items_do_not_change_the_fit():
    frame = simulated(200, np.random.default_rng(6))
    wide = frame * [1, 100, 0.01, 1, 20, 1] + [5, 0, 1000, 0, 0, 0]
    one, other = (fit_factors(f, FactorModel(TWO)) for f in (frame, wide))
    assert other.solution.chisq == pytest.approx(one.solution.chisq, rel=1e-6)
    np.testing.assert_allclose(loadings(other)["standardised"], loadings(one)["standardised"], rtol=1e-6)


def test_reversed_items_have_negative_loadings():
    frame = simulated(500, np.random.default_rng(7)).assign(b=lambda x: -x["b"])
    found = loadings(fit_factors(frame, FactorModel(TWO))).set_index("term")["estimate"]
    assert found["b"] < 0 < found["c"]


class TestWhatCannotBeComputedIsSaid:
    frame = simulated(100, np.random.default_rng(8))

    def test_nobody(self):
        assert "nobody answered" in note_of(self.frame.iloc[:0])

    def test_one_informant(self):
        assert "all answers are equal" in note_of(self.frame.iloc[:1])

    def test_all_answers_equal(self):
        assert note_of(self.frame.assign(c=4.0)) == "all answers are equal: c"

    def test_a_question_that_nobody_answered(self):
        assert note_of(self.frame.assign(c=np.nan), missing="fiml") == "nobody answered c"

    def test_fewer_cases_than_items(self):
        assert note_of(self.frame.iloc[:5]) == "5 respondents are too few for 6 items"

    def test_fewer_cases_than_parameters(self):
        assert note_of(self.frame.iloc[:10]) == "10 respondents are too few for 13 parameters"

    def test_one_or_two_items(self):
        assert "3 variances" in note_of(self.frame, {"trust": ["a", "b"]})
        alone = fit_factors(self.frame, FactorModel({"trust": ["a"]}))
        assert alone.solution is None or alone.solution.df == 0

    def test_a_copy_of_an_item(self):
        assert note_of(self.frame.assign(b=self.frame["a"])) == "an item repeats others exactly"

    def test_two_items_never_answered_together(self):
        first = self.frame.index < 50
        frame = self.frame.assign(a=self.frame["a"].where(first), b=self.frame["b"].mask(first))
        assert note_of(frame, missing="fiml") == "a and b were not answered by the same people"

    def test_an_empty_group(self):
        group = pd.Series(pd.Categorical(["x"] * 100, categories=["x", "y"]))
        assert note_of(self.frame, groups=group) == "y: nobody answered"

    def test_a_group_that_misses_a_question(self):
        group = pd.Series(np.where(self.frame.index < 50, "x", "y"))
        frame = self.frame.assign(c=self.frame["c"].where(group == "x"))
        assert note_of(frame, groups=group, missing="fiml").startswith("y: nobody answered c")

    def test_one_cluster(self):
        assert "two clusters" in note_of(self.frame, clusters=pd.Series("only", index=self.frame.index))

    def test_a_heywood_case_is_shown_with_its_solution(self):
        r = np.array([[1, 0.9, 0.8], [0.9, 1, 0.5], [0.8, 0.5, 1]])
        fit = fit_moments(r, FactorModel({"trust": ["a", "b", "c"]}), n=200)
        assert fit.solution is not None
        assert fit.note == "negative residual variance (Heywood case): a"
        residual = parameters(fit).query("kind == 'residual' and term == 'a'")["estimate"].iloc[0]
        assert residual < 0

    def test_factors_that_are_one_are_said(self):
        rng = np.random.default_rng(9)
        answers = rng.normal(size=(60, 1)) + rng.normal(size=(60, 6))
        frame = pd.DataFrame(answers, columns=list("abcdef"))
        correlations = []
        for seed in range(20):
            part = frame.sample(60, replace=True, random_state=seed)
            fit = fit_factors(part.reset_index(drop=True), FactorModel(TWO))
            if fit.solution is None:
                continue
            table = parameters(fit).query("kind == 'factor covariance' and term != factor")
            correlations.append((abs(table["standardised"].iloc[0]) > 1, "impossible" in fit.note))
        assert any(beyond for beyond, _ in correlations), "the test needs such a sample"
        assert all(said for beyond, said in correlations if beyond)

    def test_unrelated_items_end_in_a_statement_or_a_solution(self):
        rng = np.random.default_rng(10)
        for _ in range(6):
            frame = pd.DataFrame(rng.normal(size=(40, 6)), columns=list("abcdef"))
            fit = fit_factors(frame, FactorModel(TWO))
            assert (fit.solution is not None) or fit.note
            assert not parameters(fit)["estimate"].isna().any()

    def test_who_is_left_out_is_counted(self):
        frame = self.frame.assign(a=self.frame["a"].mask(self.frame.index < 7))
        group = pd.Series("x", index=frame.index).mask(frame.index > 95)
        fit = fit_factors(frame, FactorModel(TWO), groups=group)
        assert fit.solution.n == 89
        assert fit.note == "left out: 7 who missed an answer; left out: 4 who have no group"

    def test_a_wrong_word_is_an_error(self):
        with pytest.raises(ValueError, match="'listwise' and 'fiml'"):
            fit_factors(self.frame, FactorModel(TWO), missing="pairwise")
        with pytest.raises(ValueError, match="no such items: z"):
            fit_factors(self.frame, FactorModel({"trust": ["a", "b", "z"]}))


def test_companies_with_both_functions_count_as_one_cluster():
    """Twins in two functions carry no second piece of information, which scores added by company show."""
    frame = simulated(400, np.random.default_rng(11))
    company = pd.Series(np.arange(400), index=frame.index)
    twice = pd.concat([frame, frame], ignore_index=True)
    group = pd.Series(np.repeat(["marketing", "sales"], 400))
    model = FactorModel(TWO, ("loadings", "intercepts", "residuals"), identification="unit variance")
    twins = fit_factors(twice, model, groups=group, clusters=pd.concat([company, company], ignore_index=True))
    once = fit_factors(frame, FactorModel(TWO, identification="unit variance"), robust=True)
    ratio = loadings(twins).iloc[:6]["std_error"] / loadings(once)["std_error"]
    np.testing.assert_allclose(ratio, 1, atol=0.15)


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["standard", "robust", "clusters", "fiml"])
def test_intervals_cover_the_truth_nominally(kind):
    """Standardised loadings of 300 samples (150 with answers missing): 95% intervals cover 95%, give or take."""
    rng, covered, model = np.random.default_rng(12), [], FactorModel(TWO)
    for _ in range(150 if kind == "fiml" else 300):
        frame = simulated(
            500, rng, gone=0.3 if kind == "fiml" else 0.0, per_company=5 if kind == "clusters" else 0
        )
        clusters = pd.Series(frame.index // 5) if kind == "clusters" else None
        missing = "fiml" if kind == "fiml" else "listwise"
        fit = fit_factors(frame, model, clusters=clusters, robust=kind == "robust", missing=missing)
        table = loadings(fit)
        covered.append((table["standardised_low"] <= TRUE) & (table["standardised_high"] >= TRUE))
    assert np.mean(covered) == pytest.approx(0.95, abs=0.02)


@pytest.mark.slow
def test_errors_that_forget_companies_cover_too_little():
    """What clusters are for: the interval of a mean that companies share, with and without them."""
    rng, covered = np.random.default_rng(13), {"plain": [], "clustered": []}
    for _ in range(80):
        frame = simulated(300, rng, per_company=10)
        company = pd.Series(frame.index // 10)
        for name, clusters in (("plain", None), ("clustered", company)):
            fit = fit_factors(frame, FactorModel(TWO, means=True), clusters=clusters)
            table = parameters(fit).query("kind == 'intercept'")
            covered[name].append((table["conf_low"] <= 0) & (table["conf_high"] >= 0))
    assert np.mean(covered["plain"]) < 0.85
    assert np.mean(covered["clustered"]) == pytest.approx(0.94, abs=0.035)
