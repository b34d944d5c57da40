"""Numbers that are judged by cut-offs, written so that they lie on their own side of them."""

from analysis.measure.verdicts import level_of
from reports.numeral import MOST_DECIMALS, Numeral, absent, decimals, missing_text
from reports.report import Unit
from survey.language import spoken


def judged_text(value: float, unit: Unit, cuts: tuple[float, float], *, reason: str = "") -> str:
    """Write a number with as many decimals as show which side of its cut-offs it is on.

    Parameters
    ----------
    value, unit, reason
        As in `reports.tables.number_text`.
    cuts
        From which, or up to which, it is good and fair; see `analysis.measure.verdicts.level_of`.

    Examples
    --------
    >>> judged_text(0.7963, "ratio", (0.80, 0.70)), judged_text(0.8035, "ratio", (0.80, 0.70))
    ('0.796', '0.80')
    >>> judged_text(0.0603, "fit", (0.06, 0.08)), judged_text(0.06003, "fit", (0.06, 0.08))
    ('0.0603', '0.06003')
    """
    if absent(value):
        return missing_text(reason)
    level = level_of(value, cuts)
    enough = (n for n in range(decimals(unit), MOST_DECIMALS) if level_of(round(value, n), cuts) == level)
    return Numeral(unit, next(enough, MOST_DECIMALS), spoken()).write(float(value))
