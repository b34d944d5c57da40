"""The tables that a report publishes: estimated, and blanked where they stand for too few."""

import pandas as pd

from alignmark.classing import gaps_between_classes, means_by_class, practices_by_class, targets_by_class
from alignmark.comparing import Compared
from alignmark.measuring import Measured
from alignmark.names import SEGMENTS
from alignmark.weighing import with_weights
from analysis.benchmark.classes import Classes
from analysis.benchmark.disclosure import suppress
from analysis.benchmark.norms import norms
from analysis.infer.adequacy import adequacy, stage_shares
from analysis.infer.multiplicity import with_family
from analysis.infer.two_views import function_gaps, function_levels
from analysis.measure.panel import Panel
from analysis.measure.sample import composition
from reports.evidence import Facts

FAMILIES = {
    "class_means": ("basis", "variable"), "practices": ("practice",), "targets": (), "areas": ("area",),
    "norm_means": ("segment", "variable", "statistic"), "norm_changes": ("segment", "wave_from"),
}  # fmt: skip
"""Tables whose cells add up to something published: where one cell is blanked, a second one is."""

COMPARED = {
    "gaps": ((), ""),
    "class_gaps": (("basis",), "circular"),
    "practice_gaps": (("contrast",), "circular"),
}
"""Tables of comparisons: keys of the families in which p values are adjusted, and which rows are none."""

STRICTER = {"norms": 4, "norms_by_wave": 4, "norm_percentiles": 4}
"""Percentiles of few companies are the scores of single ones: they need so many times the minimum."""


def estimates(
    panel: Panel, measured: Measured, waves: Compared, classes: dict[str, Classes], *, facts: Facts
) -> dict[str, pd.DataFrame]:
    """Return each table by the name that `Evidence` has for it, before anything is blanked."""
    now = panel.wave(facts.latest).frame
    constructs = [name for name in panel.instrument.alignment_constructs if name in panel.frame]
    levels = ["alignment", *constructs]
    compared = [*levels, *(name for name in panel.outcomes if name in panel.frame)]
    said = panel.instrument.with_role("adequately_aligned")
    views = with_weights(measured.views_of(facts.latest), now)
    return {
        "composition": composition(
            now, [name for name in SEGMENTS if name in now], minimum=facts.minimum_companies
        ),
        "index_by_wave": waves.index_by_wave,
        "stages": stage_shares(now),
        "adequacy": adequacy(now, cut=facts.adequate_cut, said=said.id if said else None),
        "functions": function_levels(views, constructs) if len(views) else pd.DataFrame(),
        "gaps": function_gaps(now, constructs) if "gap" in now else pd.DataFrame(),
        "class_means": means_by_class(panel, classes, compared),
        "class_gaps": gaps_between_classes(panel, classes, compared),
        "targets": targets_by_class(panel, classes),
        "practices": practices_by_class(panel, classes, facts.practice_cut),
        "changes": waves.changes,
        "norms": norms(panel.frame, levels),
        "norms_by_wave": norms(waves.ground.panel.frame, ["alignment"]),
    }


def published_safely(published: dict[str, pd.DataFrame], minimum: int) -> dict[str, pd.DataFrame]:
    """Return the tables with their small cells blanked."""
    safe = {
        key: suppress(found, minimum=minimum * STRICTER.get(key, 1), within=FAMILIES.get(key))
        if len(found)
        else found
        for key, found in published.items()
    }
    for key, (within, besides) in COMPARED.items():
        if len(safe[key]):
            safe[key] = with_family(safe[key], within=within, besides=besides)
    return safe
