"""The tables of levels that a report publishes, before they pass the gate."""

import pandas as pd

from alignmark.classing import gaps_between_classes, means_by_class, practices_by_class, targets_by_class
from alignmark.comparing import Compared
from alignmark.measuring import Measured
from alignmark.names import SEGMENTS
from alignmark.weighing import with_weights
from analysis.benchmark.classes import Classes
from analysis.benchmark.norms import norms
from analysis.infer.adequacy import adequacy, stage_shares
from analysis.infer.two_views import function_gaps, function_levels
from analysis.measure.panel import Panel
from analysis.measure.sample import composition
from reports.evidence import Facts


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
        "norms": norms(panel.frame, levels, fewest=facts.minimum_companies),
        "norms_by_wave": norms(waves.ground.panel.frame, ["alignment"], fewest=facts.minimum_companies),
    }
