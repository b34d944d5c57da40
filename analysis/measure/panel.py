"""The company panel: one row per company and wave, from which every estimate over companies starts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import escape

import pandas as pd

from analysis.measure.alignment import KEYS, company_means, functions_of, indices, mean_of, stage
from analysis.measure.panel_input import join_faults, missing_columns, score_faults
from analysis.measure.scoring import scored_questions
from survey.instrument import Better, Instrument
from survey.language import look_up, mark
from survey.problems import InputError, Problem, raise_if_any
from survey.responses import FUNCTIONS, Responses

PROFILE = ("d2", "elevation", "scatter", "shape", "profile_icc")

NO_FUNCTIONS = mark("the questionnaire does not ask which function people work in")
ONE_FUNCTION = mark("no company has the answers from both sales and marketing that it needs")
ONE_INFORMANT = mark("every company has one informant a wave")
FEW_INFORMANTS = mark("too few companies have two informants with complete answers")
FEW_IN_FUNCTION = mark("too few companies have two informants with complete answers in the same function")
ONE_COMPANY = mark("no wave has two companies whose sampling error is known")
NO_SPREAD = mark("neither informants nor companies differ: there is nothing to tell apart")
FLAT = mark("no company has two profiles over at least two constructs that vary")
NOT_ASKED = mark("none of its items was asked")
NO_ANSWERS = mark("no company has the answers that it needs")
NO_PAIRS = mark("every company has answers of one function only, and a company's score needs both")
NO_RESPONDENTS = mark("the study starts from scores of organisations, not from answers of people")


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Companies by wave, with their indices, outcomes and firmographics.

    Parameters
    ----------
    frame
        One row per company and wave, sorted by both: company, wave, n, n_sales, n_marketing, a level per
        construct, alignment and what belongs to it, other scored questions, outcomes, firmographics. Scores
        are 0-100, gaps in points. Columns that cannot exist are absent.
    instrument
        The questionnaire, which knows the titles of the columns.
    unavailable
        Why a column is absent or has no value at all, in words.
    outcomes
        The columns that are outcomes.
    better
        Of outcomes from records, whether higher or lower is better, where it was said.
    units
        Of outcomes computed from records, the unit, where the questionnaire says none.
    """

    frame: pd.DataFrame
    instrument: Instrument
    unavailable: Mapping[str, str]
    outcomes: tuple[str, ...] = ()
    better: Mapping[str, Better] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    @property
    def waves(self) -> list[int]:
        """The waves there are, earliest first."""
        return sorted(int(wave) for wave in self.frame["wave"].unique())

    @property
    def latest(self) -> int:
        """The latest wave; an `InputError` if the panel is empty."""
        if not len(self.frame):
            raise InputError([Problem("the panel has no companies, so there is no latest wave")])
        return self.waves[-1]

    def wave(self, wave: int) -> "Panel":
        """Return the companies of one wave; an `InputError` if there is no such wave."""
        if wave not in self.waves:
            known = ", ".join(map(str, self.waves))
            raise InputError([Problem(f"there is no wave {wave}", value=str(wave), allowed=known)])
        frame = self.frame[self.frame["wave"] == wave].reset_index(drop=True)
        return replace(self, frame=frame)

    def less_is_better(self, outcome: str) -> bool:
        """Tell whether lower values of an outcome are the good ones, as of costs or days."""
        declared = self.instrument.outcomes.get(outcome)
        return self.better.get(outcome, declared.better if declared is not None else "higher") == "lower"

    def with_columns(self, frame: pd.DataFrame, *, outcomes: tuple[str, ...] = ()) -> "Panel":
        """Return the panel with outcomes or firmographics joined by company, or by company and wave.

        Parameters
        ----------
        frame
            company, wave if the values differ by wave, and the columns to add. Companies that the panel
            does not have are left out; companies without a row get missing values.
        outcomes
            Which of the added columns are outcomes, besides those that the instrument declares as such.

        Raises
        ------
        InputError
            If company is missing, a key occurs twice, a column is there already or an outcome is not added.
        """
        keys = [key for key in KEYS if key in frame]
        added = [name for name in frame if name not in KEYS]
        raise_if_any(join_faults(self.frame, frame, outcomes))
        joined = self.frame.merge(frame, on=keys, how="left", validate="many_to_one")
        known = [name for name in added if name in self.instrument.outcomes or name in outcomes]
        every = (*self.outcomes, *known)
        return replace(self, frame=_ordered(joined, self.instrument, every), outcomes=every)

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the table."""
        return self.frame.copy()

    def summary(self) -> str:
        """Return what the panel holds, in a few lines of text."""
        return f"{self._title()}\n{_waves(self.frame).to_string(index=False)}\n" + "\n".join(self._gaps())

    def __repr__(self) -> str:
        """Say what it holds, and not every word of the questionnaire."""
        return self.summary()

    def _repr_html_(self) -> str:
        table = _waves(self.frame).to_html(index=False, border=0)
        gaps = "".join(f"<li>{escape(line)}</li>" for line in self._gaps())
        return f"<p>{escape(self._title())}</p>{table}<ul>{gaps}</ul>"

    def _title(self) -> str:
        language = self.instrument.languages[0]
        companies, waves = self.frame["company"].nunique(), len(self.waves)
        return (
            f"{self.instrument.title[language]}: {companies} {'company' if companies == 1 else 'companies'}, "
            f"{waves} {'wave' if waves == 1 else 'waves'}. Index: {self.instrument.index[language]}, 0-100"
        )

    def _gaps(self) -> list[str]:
        """Return one line per reason, with the columns it holds for."""
        reasons: dict[str, list[str]] = {}
        for column, reason in self.unavailable.items():
            reasons.setdefault(reason, []).append(column)
        return [f"Not available: {', '.join(columns)} ({reason})" for reason, columns in reasons.items()]


def build_panel(
    responses: Responses,
    scores: pd.DataFrame,
    agreement: pd.DataFrame,
    *,
    require_both: bool = True,
    min_share: float = 1.0,
) -> Panel:
    """Build the company panel from the answers of people.

    The company's value of a question is the mean of its functions' means, each function counting once, or
    the mean of its respondents where the instrument has no functions. Ratings need every function, as
    sales and marketing see things differently; a plain number (a quota, a length) is taken from whoever
    gave it.

    Parameters
    ----------
    responses
        Clean answers.
    scores
        From `score`.
    agreement
        From `agreement`; its mean rwg(j) over alignment constructs and functions is the company's agreement.
    require_both, min_share
        As in `indices`.

    Returns
    -------
    Panel
        With reliability, the share of the variance of alignment between companies that is not sampling
        error: ``tau2 / (tau2 + se^2)``, where tau2 is the variance of alignment within the wave less the
        mean ``se^2``, and at least 0.
    """
    instrument = responses.instrument
    others = [question.id for question in scored_questions(instrument, list(map(str, scores)))]
    numbers = [name for name in others if instrument.columns[name].kind == "number"]
    functions = functions_of(instrument)
    found = indices(scores, instrument, require_both=require_both, min_share=min_share).set_index(KEYS)
    means = company_means(scores, others, functions=functions, require_both=require_both)
    means[numbers] = company_means(scores, numbers, functions=functions, require_both=False)
    frame = pd.concat([_counts(scores, functions), found, means], axis=1)
    frame["agreement"] = _company_agreement(agreement, instrument).reindex(frame.index)
    frame["reliability"] = _reliability(frame)
    unavailable = _unavailable(frame, instrument)
    absent = [name for name in unavailable if name != "alignment"]
    frame = frame.drop(columns=absent, errors="ignore").reset_index()
    outcomes = tuple(name for name in numbers if name in instrument.outcomes)
    return Panel(_ordered(frame, instrument, outcomes), instrument, unavailable, outcomes)


def panel_from_scores(frame: pd.DataFrame, instrument: Instrument) -> Panel:
    """Build the panel from a table of organisation-level scores.

    Parameters
    ----------
    frame
        company, wave and a column per construct, 0-100; alignment if the index comes from the same source,
        else it is the mean of the alignment constructs, all of which are needed; n if known. Other columns
        are outcomes where the instrument declares them, else firmographics. Columns file and row, if
        there, say in messages where a value stands.
    instrument
        The questionnaire, whose constructs have no items.

    Returns
    -------
    Panel
        Without anything that needs the answers of people, for the reason in `unavailable`.

    Raises
    ------
    InputError
        If a column is missing, a key is missing or occurs twice, or a score is not a number in 0-100.

    Examples
    --------
    >>> word = {"en": "..."}
    >>> instrument = Instrument.model_validate({
    ...     "instrument": "tiny", "version": "1", "languages": ["en"], "title": word, "index": word,
    ...     "constructs": {"pay": {"title": word, "definition": word},
    ...                    "team": {"title": word, "definition": word}}})
    >>> frame = pd.DataFrame({"company": ["X"], "wave": [2025], "pay": [30.0], "team": [80.0]})
    >>> panel_from_scores(frame, instrument).frame[["alignment", "stage"]].to_numpy().tolist()
    [[55.0, 'aligned']]
    """
    parts = instrument.alignment_constructs
    needed = ["company", "wave", *([] if "alignment" in frame else parts)]
    raise_if_any(missing_columns(frame, needed))
    names = [name for name in (*instrument.constructs, "alignment", "n", "wave") if name in frame]
    numeric = frame.assign(**{name: pd.to_numeric(frame[name], errors="coerce") for name in names})
    raise_if_any(score_faults(frame, numeric, names))
    panel = numeric.drop(columns=["file", "row"], errors="ignore").astype({"wave": "int64"})
    panel = panel.sort_values(KEYS, ignore_index=True).astype(
        dict.fromkeys(set(names) - {"wave", "n"}, "float64")
    )
    if "alignment" not in frame:
        panel["alignment"] = mean_of(panel[parts].to_numpy(), axis=1, at_least=len(parts))
    panel["stage"] = stage(panel["alignment"])
    unavailable = {name: look_up(NO_RESPONDENTS) for name in _measured(instrument) if name not in panel}
    outcomes = tuple(name for name in instrument.outcomes if name in panel)
    return Panel(_ordered(panel, instrument, outcomes), instrument, unavailable, outcomes)


def _paired(instrument: Instrument) -> list[str]:
    """Return the columns about the two functions, in order."""
    gaps = [f"gap_{construct}" for construct in instrument.alignment_constructs]
    counts = [f"n_{function}" for function in FUNCTIONS]
    return [*counts, *(f"alignment_{function}" for function in FUNCTIONS), "gap", "abs_gap", *gaps, *PROFILE]


def _measured(instrument: Instrument) -> list[str]:
    """Return the panel's own columns, in order."""
    paired = _paired(instrument)
    counts, views, compared = paired[:2], paired[2:4], paired[4 : -len(PROFILE)]
    levels = list(instrument.constructs)
    scores = ["alignment", *views, "alignment_se", *compared]
    return ["n", *counts, *levels, *scores, "agreement", *PROFILE, "reliability", "stage"]


def _ordered(frame: pd.DataFrame, instrument: Instrument, outcomes: tuple[str, ...]) -> pd.DataFrame:
    questions = [name for name in instrument.columns if name not in outcomes]
    order = [*KEYS, *_measured(instrument), *questions, *outcomes]
    first = [name for name in dict.fromkeys(order) if name in frame]
    return frame[[*first, *(name for name in frame if name not in first)]]


def _counts(scores: pd.DataFrame, functions: tuple[str, ...]) -> pd.DataFrame:
    counts = scores.groupby(KEYS, sort=True).size().to_frame("n")
    if len(functions) > 1:
        for function in functions:
            of = scores[scores["function"] == function].groupby(KEYS).size()
            counts[f"n_{function}"] = of.reindex(counts.index, fill_value=0)
    return counts


def _company_agreement(agreement: pd.DataFrame, instrument: Instrument) -> "pd.Series[float]":
    table = agreement[agreement["construct"].isin(instrument.alignment_constructs)]
    within = table.groupby([*KEYS, "function"])["rwg_j"].mean()
    return within.groupby(level=KEYS).mean()


def _reliability(frame: pd.DataFrame) -> "pd.Series[float]":
    noise = frame["alignment_se"] ** 2
    known = frame["alignment"].where(noise.notna())
    wave = frame.index.get_level_values("wave")
    between = known.groupby(wave).transform("var") - noise.groupby(wave).transform("mean")
    signal = between.clip(lower=0)
    total = signal + noise
    return signal / total.where(total > 0)


def _unavailable(frame: pd.DataFrame, instrument: Instrument) -> dict[str, str]:
    """Return the reason for every measured column that has no value in any row."""
    missing = [name for name in _measured(instrument) if name not in frame or frame[name].isna().all()]
    two_functions = len(functions_of(instrument)) > 1
    informants = look_up(FEW_IN_FUNCTION) if two_functions else look_up(FEW_INFORMANTS)
    parted = two_functions and not frame[[f"n_{name}" for name in FUNCTIONS]].gt(0).all(axis=1).any()
    reasons = dict.fromkeys(missing, look_up(NO_PAIRS if parted else NO_ANSWERS))
    not_asked = [name for name in instrument.constructs if name not in frame]
    reasons |= dict.fromkeys(
        _paired(instrument), look_up(ONE_FUNCTION) if two_functions else look_up(NO_FUNCTIONS)
    )
    reasons |= dict.fromkeys(
        [*not_asked, *(f"gap_{name}" for name in not_asked if two_functions)], look_up(NOT_ASKED)
    )
    if two_functions and "d2" not in missing:
        reasons["profile_icc"] = look_up(FLAT)
    alone = look_up(ONE_INFORMANT) if frame["n"].max() <= 1 else informants
    reasons |= dict.fromkeys(("agreement", "alignment_se", "reliability"), alone)
    if "alignment_se" not in missing:
        counts = frame["alignment_se"].groupby(level="wave").count()
        reasons["reliability"] = look_up(ONE_COMPANY) if counts.max() < 2 else look_up(NO_SPREAD)
    elif "alignment" in missing:
        reasons |= dict.fromkeys(("alignment_se", "reliability"), look_up(NO_ANSWERS))
    return {name: reasons[name] for name in missing}


def _waves(frame: pd.DataFrame) -> pd.DataFrame:
    """Return companies, respondents and the spread of alignment by wave, as text."""
    waves = frame.groupby("wave")
    spread = waves["alignment"].agg(["mean", "min", "max"]).map("{:.1f}".format).replace("nan", "-")
    people = waves["n"].sum().map("{:,.0f}".format) if "n" in frame else "not known"
    table = pd.DataFrame({"companies": waves.size(), "respondents": people}).join(spread)
    return table.rename(columns={"mean": "mean alignment", "min": "lowest", "max": "highest"}).reset_index()
