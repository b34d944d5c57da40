"""What stands between a growth slope and an effect: signs of bias in the data, and what such data cannot show."""

from collections.abc import Iterator
from math import isfinite

import pandas as pd

from reports.association import POINTS
from reports.evidence import Evidence
from reports.outcome_units import difference_text, slope_unit
from reports.tables import number_text
from reports.titles import in_sentence, title_of
from survey.language import look_up, say


def growth_caveats(evidence: Evidence) -> list[tuple[str, str]]:
    """Say what stands between the association and an effect: signs of bias first, then what always holds."""
    general = say(
        "This is an association, not an effect. Interviewers who know that a company does well may rate it better "
        "(halo), and something unobserved may drive both (a confounder)."
        if evidence.panel.instrument.scored_by == "interviewer"
        else "This is an association, not an effect. People who know that their company does well may rate it better "
        "(halo), and something unobserved may drive both (a confounder)."
    )
    signs = [*_halo(evidence), *_lasting(evidence)]
    return [*signs, (say("What this cannot show"), general), *_beyond(evidence)]


def biased(evidence: Evidence) -> bool:
    """Tell whether the data show signs of bias."""
    return bool([*_halo(evidence), *_lasting(evidence)])


def rescaled_waves(evidence: Evidence, wave_from: float, wave_to: float) -> list[int]:
    """Return which of two waves asked statements of the index on another scale than the other wave."""
    if evidence.ledger.empty:
        return []
    instrument, ledger = evidence.panel.instrument, evidence.ledger
    groups = {key: question.group for key, question in instrument.columns.items()}
    rows = ledger[ledger["item"].map(groups).isin(instrument.alignment_constructs)]
    how = rows["reason"].where(rows["status"] == "rescaled", "")
    before, after = (how[rows["wave"] == wave].groupby(rows["item"]).first() for wave in (wave_from, wave_to))
    both = before.index.intersection(after.index)
    differ = both[before[both] != after[both]]
    asked = {int(wave_from): before[differ], int(wave_to): after[differ]}
    return [wave for wave, reasons in asked.items() if (reasons != "").any()]


def _halo(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """Signs that growth colours answers: it goes with a scale that has nothing to do with the index."""
    heading, unit = say("Halo: the answers seem coloured by growth"), _unit(evidence)
    for fit in evidence.fits:
        row, less = fit.slope(per=10), evidence.panel.less_is_better(fit.specification.outcome)
        good = row["conf_high"] < 0 if less else row["conf_low"] > 0
        if not fit.specification.declared and good:
            scale = in_sentence(title_of(fit.specification.regressor, evidence.panel))
            yield (
                heading,
                say(
                    "The unrelated scale ({scale}) goes with growth as well, {slope}: a sign of halo, that companies "
                    "which do well rate everything better. The slope is then too large.",
                    scale=scale,
                    slope=_interval(row, unit),
                ),
            )
    compared = _compared(evidence)
    less = bool(evidence.fits) and evidence.panel.less_is_better(evidence.fits[0].specification.outcome)
    larger = compared is not None and (
        compared["conf_low"] > 0 > compared["within"]
        if less
        else compared["conf_high"] < 0 < compared["within"]
    )
    if compared is not None and larger:
        by = _interval(compared, unit) if less else _reversed(compared, unit)
        yield (
            heading,
            say(
                "Within companies the association is larger than among all companies and years, by {difference}: a "
                "sign of halo, that people rate everything better in a good year. The slope is then too large.",
                difference=by,
            ),
        )


def _lasting(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """Signs of a lasting confounder: companies differ in growth by more than their own changes would make."""
    compared, unit = _compared(evidence), _unit(evidence)
    if compared is not None and _clear(compared) and compared["estimate"] * compared["pooled"] > 0:
        yield (
            say("A confounder: something lasting seems to drive both"),
            say(
                "Among all companies and years the association is not that within companies, few informants allowed "
                "for; the difference is {difference}: a sign that something unobserved, which does not change about "
                "companies (a confounder), drives both. The slope is then too far from zero.",
                difference=_interval(compared, unit),
            ),
        )


def _beyond(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """Say where the step that slopes are told in is longer than companies differ by."""
    declared = [fit.specification.regressor for fit in evidence.fits if fit.specification.declared]
    if not declared or evidence.norms.empty:
        return
    norms = evidence.norms[evidence.norms["wave"] == evidence.facts.latest]
    row = norms[norms["variable"].isin(declared[:1])]
    if row.empty or not row.iloc[0]["p90"] - row.iloc[0]["p10"] < POINTS:
        return
    yield (
        say("Ten points are more than companies differ by"),
        say(
            "Eight in ten companies lie within {width} points of one another on {score}. What goes with 10 points is "
            "drawn on beyond them, of a chance even beyond what a chance can be: a tenth of it goes with one point.",
            width=number_text(row.iloc[0]["p90"] - row.iloc[0]["p10"], "count"),
            score=in_sentence(title_of(declared[0], evidence.panel)),
        ),
    )


def confounder_strength(evidence: Evidence) -> str:
    """Say how strong a confounder would have to be, and how much of the slope the data leave to a lasting one.

    "" where it cannot be calculated.
    """
    if evidence.confounding.empty or not isfinite(evidence.confounding.iloc[0]["robustness"]):
        return ""
    row = evidence.confounding.iloc[0]
    share = number_text(row["robustness"], "percent")
    text = say(
        "Something unobserved that explains {share} of what the first declared model leaves of the outcome, and as "
        "much of what it leaves of the index, would account for all of the slope.",
        share=share,
    )
    return " ".join([text, *_within_companies(evidence)])


def _within_companies(evidence: Evidence) -> Iterator[str]:
    row, compared, unit = evidence.confounding.iloc[0], _compared(evidence), _unit(evidence)
    if "within" not in row:
        return
    if compared is not None and _undecided(compared):
        yield say(
            "Whether something that does not change about companies does so cannot be told from these data: taking all "
            "such things out leaves anything from the whole slope to none of it."
        )
    elif compared is not None:
        yield say(
            "Taking out all that does not change about companies lowers the slope by {difference}.",
            difference=_interval(compared, unit),
        )
    elif row["note"]:
        yield say(
            "Whether something that does not change about companies does so cannot be told: {why}.",
            why=look_up(row["note"]),
        )
    elif isfinite(row["within"]):
        within, pooled = (number_text(row[name], "slope") for name in ("within", "pooled"))
        yield say(
            "Within companies the slope is {within}, among all companies and years {pooled}. How exact the scores are "
            "is not known here. Error in them makes the slope within companies smaller by itself, so the difference "
            "between the two does not show that something lasting about the companies is behind it.",
            within=" ".join(filter(None, (within, unit))),
            pooled=pooled,
        )


def _compared(evidence: Evidence) -> pd.Series | None:
    """The pooled slope less that within companies, if both are free of sampling error."""
    if evidence.confounding.empty:
        return None
    row = evidence.confounding.iloc[0]
    known = bool(row.get("corrected", False)) and isfinite(row["conf_low"])
    return row if known else None


def _undecided(row: pd.Series) -> bool:
    """Tell whether neither none nor all of the pooled slope is excluded."""
    least, most = sorted((0.0, float(row["pooled"])))
    return bool(row["conf_low"] <= least and most <= row["conf_high"])


def _interval(row: pd.Series, unit: str) -> str:
    return difference_text(row["estimate"], row["conf_low"], row["conf_high"], unit)


def _clear(row: pd.Series) -> bool:
    return bool(row["conf_low"] > 0 or row["conf_high"] < 0)


def _reversed(row: pd.Series, unit: str) -> str:
    return difference_text(-row["estimate"], -row["conf_high"], -row["conf_low"], unit)


def _unit(evidence: Evidence) -> str:
    """Return the unit of the outcome that the models here are of; empty where it is not known."""
    declared = [fit.specification.outcome for fit in evidence.fits if fit.specification.declared]
    return slope_unit(evidence, declared[0]) if declared else ""
