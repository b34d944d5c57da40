"""Outcomes and differences in them, written with their unit."""

from reports.evidence import Evidence
from reports.numeral import Numeral, slope_decimals
from reports.wording import text_in, word
from survey.language import look_up, spoken


def difference_text(estimate: float, low: float, high: float, unit: str) -> str:
    """Write a difference in an outcome with its sign, its interval and its unit, if that is known.

    Examples
    --------
    >>> difference_text(3.04, 2.0, 4.1, "percentage points a year")
    '+3.0 (+2.0 to +4.1) percentage points a year'
    """
    places = slope_decimals([(high - low) / 2])
    return f"{Numeral('slope', places, spoken()).interval(estimate, low, high)} {unit}".strip()


def outcome_unit(evidence: Evidence, outcome: str) -> str:
    """Unit of an outcome, by the instrument or as growth computed from records has it; "" where it is not known."""
    declared = evidence.panel.instrument.outcomes.get(outcome)
    return (
        text_in(declared.unit, spoken())
        if declared is not None
        else look_up(evidence.panel.units.get(outcome, ""))
    )


def with_unit(evidence: Evidence, outcome: str, label: str) -> str:
    """Return the label of an outcome with its unit, if that is known."""
    return ", ".join(filter(None, (label, outcome_unit(evidence, outcome))))


def in_percent(evidence: Evidence, outcome: str) -> bool:
    """Tell whether an outcome is in per cent, so that its differences are in percentage points."""
    return outcome_unit(evidence, outcome).startswith("%")


def slope_unit(evidence: Evidence, outcome: str) -> str:
    """Unit of a slope on `outcome`: "percentage points a year" for growth in per cent a year."""
    return unit_of_differences(outcome_unit(evidence, outcome))


def unit_of_differences(unit: str) -> str:
    """Return the unit of differences in what has a unit: percentage points for per cent.

    Examples
    --------
    >>> unit_of_differences("% a year"), unit_of_differences("days")
    ('percentage points a year', 'days')
    """
    return unit.replace("%", word("percentage_points"), 1) if unit.startswith("%") else unit
