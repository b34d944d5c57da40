"""Nonresponse: late against early answers, silent functions, and the register against those that answered."""

import pandas as pd

from alignmark.checking_sources import NOBODY, ONE_FUNCTION, index_by_function
from alignmark.inputs import Inputs
from alignmark.names import SEGMENTS
from alignmark.study import Study
from analysis.infer.columns import is_numeric
from analysis.infer.nonresponse import early_late, silent_functions
from analysis.infer.register_comparison import register_shares, register_tests
from analysis.measure.panel import Panel
from reports.checks import WhoIsMissing
from survey.language import look_up, mark
from survey.responses import FUNCTIONS

NO_FRAME = mark("the study names no list of companies from which it was drawn (`register:`)")
NO_FACTS = mark("the list of companies says nothing but names")
NO_TIMES = mark("the exports do not say when people answered")
ALL_ANSWERED = mark("in every company both functions answered")


def who_is_missing(
    inputs: Inputs, study: Study, panel: Panel, scores: pd.DataFrame, *, wave: int
) -> WhoIsMissing:
    """Compare those who answered with those of whom something is known though they did not.

    Parameters
    ----------
    inputs, study
        The register and the times of answering; the rule on nonresponse.
    panel
        Companies by wave.
    scores
        Scores of respondents; empty where the study starts from scores per company.
    wave
        The wave in which companies are compared.

    Returns
    -------
    WhoIsMissing
        Before it passes the gate; `why` says what is absent.
    """
    shares, tests, no_frame = _register(inputs, study, panel, wave)
    late, no_times = _late(inputs, study, scores, wave)
    silent, no_silence = _silent(inputs, scores, wave)
    why = {"register": no_frame, "late": no_times, "silent": no_silence}
    return WhoIsMissing(
        late=late, silent=silent, register=shares, tests=tests,
        margin=study.nonresponse.margin, margin_declared="margin" in study.nonresponse.model_fields_set,
        why={name: told for name, told in why.items() if told},
    )  # fmt: skip


def _late(inputs: Inputs, study: Study, scores: pd.DataFrame, wave: int) -> tuple[pd.DataFrame, str]:
    """Return the index of all waves and the constructs of one, late against early."""
    if inputs.responses is None:
        return pd.DataFrame(), look_up(NOBODY)
    frame = inputs.responses.frame
    if "started" not in frame or frame["started"].isna().all():
        return pd.DataFrame(), look_up(NO_TIMES)
    constructs = [name for name in inputs.instrument.alignment_constructs if name in scores]
    table = scores.assign(alignment=scores[constructs].mean(axis=1, skipna=False))
    rule = study.nonresponse
    found = early_late(
        table, ["alignment", *constructs], started=frame["started"], margin=rule.margin, share=rule.share
    )
    return found[(found["variable"] == "alignment") | (found["wave"] == wave)].reset_index(drop=True), ""


def _silent(inputs: Inputs, scores: pd.DataFrame, wave: int) -> tuple[pd.DataFrame, str]:
    if inputs.responses is None:
        return pd.DataFrame(), look_up(NOBODY)
    if set(scores["function"]) != set(FUNCTIONS):
        return pd.DataFrame(), look_up(ONE_FUNCTION)
    views = index_by_function(scores, inputs.instrument)
    now = views[views["wave"] == wave]
    found = silent_functions(now, ["alignment"])
    alone = now.groupby("company")["function"].nunique().eq(1).any()
    return (found, "") if alone else (pd.DataFrame(), look_up(ALL_ANSWERED))


def _register(
    inputs: Inputs, study: Study, panel: Panel, wave: int
) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """Return shares and tests of the facts of the register; ``n`` counts companies that answered."""
    if study.register_of_companies is None or not inputs.firmographics:
        return pd.DataFrame(), pd.DataFrame(), look_up(NO_FRAME)
    register = inputs.firmographics[0].set_index("company")
    facts = register[[name for name in register if name in SEGMENTS or _is_number(register[name])]]
    if facts.columns.empty:
        return pd.DataFrame(), pd.DataFrame(), look_up(NO_FACTS)
    frame = inputs.responses.frame if inputs.responses is not None else panel.frame
    answered = set(frame.loc[frame["wave"] == wave, "company"])
    shares = register_shares(facts, answered)
    of_category = (shares["answered"] / 100).where(shares["category"] != "mean", 1.0)
    counts = (of_category * shares["n_answered"]).round().fillna(0.0)
    return shares.assign(n=counts), register_tests(facts, answered), ""


def _is_number(values: pd.Series) -> bool:
    return is_numeric(values) and bool(values.notna().any())
