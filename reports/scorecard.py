"""What a scorecard says beyond a comparison with the norms: peers, history, whether informants agree."""

from dataclasses import dataclass

import pandas as pd

from reports.comparison import Comparison


@dataclass(frozen=True, slots=True, eq=False)
class Scorecard:
    """One company of a study, for its own eyes.

    Parameters
    ----------
    comparison
        The company beside the norms of the study; its groups are those that it belongs to. Nothing else here is made of
        other companies: an exact place among a few of them would tell who is below and who above.
    verdict
        Whether its informants agree: "yes", "with care" or "no", else "not known"; "" where that was not looked at.
    history
        Its index wave by wave, scored on what all waves have in common: ``wave, estimate, conf_low, conf_high,
        std_error, everyone`` (mean of all companies, as the report of the study has it).
    caution
        What is left out of that, in words; empty where nothing is.
    """

    comparison: Comparison
    verdict: str
    history: pd.DataFrame
    caution: str = ""
