"""The chain run again over a ladder of exclusion rules, from none to strict: how far each headline moves."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from alignmark.classing import declared_classes, gaps_between_classes
from alignmark.comparing import Ground, common_ground
from alignmark.inputs import Inputs
from alignmark.measuring import company_panel, headline_wave, with_outcomes
from alignmark.modelling import fit_declared
from alignmark.study import Study
from alignmark.weighing import weigh_panel
from analysis.infer.adequacy import adequacy
from analysis.infer.tabulation import means
from analysis.measure.panel import Panel
from survey.careless_rules import LADDER, CarelessRules
from survey.cleaning_rules import Rules
from survey.excluding import exclude
from survey.problems import InputError
from survey.responses import Responses

STRICT_ANSWERED = 0.8
"""Share of the rated statements that the strictest rung wants answered."""

_ESTIMATE = ["estimate", "conf_low", "conf_high", "n", "companies"]


class Rung(NamedTuple):
    """One set of exclusion rules."""

    name: str
    cleaning: Rules
    careless: CarelessRules


def rungs(study: Study) -> Iterator[Rung]:
    """Yield the rules as declared, then the ladder: all that concerns how people answered, and nothing else.

    "none" keeps failed attention checks and short answers too; the others drop whoever failed a check or has
    as many flags as `survey.careless_rules.LADDER` says; "strict" wants more statements answered as well.
    """
    yield Rung("declared", study.cleaning, study.careless)
    for name, flags in LADDER.items():
        answered = {"none": 0.0, "strict": max(STRICT_ANSWERED, study.cleaning.minimum_answered)}
        changes = {
            "failed_attention": "keep" if flags is None else "drop",
            "minimum_answered": answered.get(name, study.cleaning.minimum_answered),
        }
        careless = study.careless.model_copy(update={"preset": name, "drop_from": flags})
        yield Rung(name, study.cleaning.model_copy(update=changes), careless)


class Measured(NamedTuple):
    """What the answers that a rung keeps come to: the panel, and what all its waves have in common."""

    panel: Panel | None
    across: Ground | None


def exclusion_ladder(
    inputs: Inputs, study: Study, *, panel: Panel | None = None, across: Ground | None = None
) -> pd.DataFrame:
    """Compute the headlines under each rung.

    Parameters
    ----------
    inputs
        With the coded answers; a study that starts from scores has no ladder.
    study
        The rules.
    panel, across
        The panel under the declared rules, with outcomes and weights, and what its waves have in common, where
        they are known already.

    Returns
    -------
    pandas.DataFrame
        ``headline, rung, respondents`` (kept, all waves), estimate, conf_low, conf_high, n, companies,
        ``moved``: the difference from what the declared rules give, in margins of error (half the width
        of the 95% interval there).
        Headlines are "adequate" (per cent), "alignment" (mean, points), "gap" (mean, points), "best" (best in
        class less laggards, points) and "growth" (slope per 10 points of the first declared model); those that
        the study does not have are absent. Levels are those of one wave on all rungs, the headline wave under
        the declared rules. What a rung leaves nobody for, or too few
        to weight as declared, is NaN.
    """
    if inputs.coded is None:
        return pd.DataFrame()
    parts: list[pd.DataFrame] = []
    wave: int | None = None
    seen: list[tuple[pd.DataFrame, pd.DataFrame]] = []
    for place, rung in enumerate(rungs(study)):
        known = place == 0 and panel is not None and across is not None
        responses = inputs.responses if known else None
        if responses is None:
            responses, _ = exclude(inputs.coded, rung.cleaning, careless=rung.careless)
        # Where nobody is careless, all rungs keep the same answers.
        found = next((rows for frame, rows in seen if frame.equals(responses.frame)), None)
        if found is None:
            own = Measured(panel, across) if known else _measured(responses, inputs, study)
            found = pd.DataFrame(columns=_ESTIMATE)
            if own.panel is not None:
                wave = headline_wave(own.panel) if wave is None else wave
                found = pd.concat(headlines(own.panel, study, wave=wave, across=own.across)).droplevel(1)
            seen.append((responses.frame, found))
        names = parts[0]["headline"] if parts else found.index
        rows = found.reindex(names).rename_axis("headline").reset_index()
        parts.append(rows.assign(rung=rung.name, respondents=len(responses.frame)))
    table = pd.concat(parts, ignore_index=True).astype(dict.fromkeys(_ESTIMATE, "float64"))
    declared = table[table["rung"] == "declared"].set_index("headline")
    margin = (declared["conf_high"] - declared["conf_low"]) / 2
    moved = table["estimate"] - table["headline"].map(declared["estimate"])
    table["moved"] = moved / table["headline"].map(margin)
    return table[["headline", "rung", "respondents", *_ESTIMATE, "moved"]]


def _measured(responses: Responses, inputs: Inputs, study: Study) -> Measured:
    panel = _panel(responses, inputs, study)
    return Measured(panel, None if panel is None else common_ground(panel, responses, study))


def _panel(responses: Responses, inputs: Inputs, study: Study) -> Panel | None:
    """Return the panel of a rung, weighted; None where nobody has an index or its companies cannot be weighted."""
    panel = company_panel(responses, study) if len(responses.frame) else None
    if panel is None or panel.frame["alignment"].isna().all():
        return None
    panel, _, _ = with_outcomes(panel, inputs, study)
    try:
        return weigh_panel(panel, inputs.population, study)[0]
    except InputError:
        return None


def headlines(
    panel: Panel, study: Study, *, wave: int, across: Ground | None = None
) -> dict[str, pd.DataFrame]:
    """Return the estimates that the summary of the report leads with, one row each; levels are of `wave`.

    `across` is what all waves have in common, as for `alignmark.modelling.growth_models`.
    """
    found = _levels(panel.wave(wave), study) if wave in panel.waves else {}
    classes = declared_classes(panel, study)
    if "outcomes" in classes:
        gaps = gaps_between_classes(panel, {"outcomes": classes["outcomes"]}, ["alignment"])
        found["best"] = gaps[gaps["contrast"] == "laggard"]
    if study.models:
        first = replace(study.specifications[0], also=())
        model = fit_declared(first, panel, study, across=across)
        found["growth"] = model.slope(per=10).to_frame().T.assign(companies=model.companies)
    return {name: rows.reindex(columns=_ESTIMATE).astype(float) for name, rows in found.items() if len(rows)}


def _levels(now: Panel, study: Study) -> dict[str, pd.DataFrame]:
    """Headlines that are levels, of a panel of one wave."""
    said = now.instrument.with_role("adequately_aligned")
    shares = adequacy(now.frame, cut=study.alignment.adequate, said=said.id if said else None)
    found = {"adequate": shares[shares["declared"]].head(1), "alignment": means(now.frame, ["alignment"])}
    return found | ({"gap": means(now.frame, ["gap"])} if "gap" in now.frame else {})
