"""What the declared models say of the index and an outcome, in words: no more than the weakest of them allows."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import copysign, isfinite

import pandas as pd

from analysis.explain.regression import Fit
from analysis.infer.columns import detectable
from reports.evidence import Evidence
from reports.numeral import Numeral, missing_text, slope_decimals
from reports.titles import in_sentence, title_of

POINTS = 10
"""Points of the index that a slope in words is for."""


@dataclass(frozen=True, slots=True, eq=False)
class Association:
    """The declared models of one outcome on one regressor.

    Parameters
    ----------
    fits
        Those that could be estimated, in the order of the study.
    missing
        How many could not.
    """

    fits: tuple[Fit, ...]
    missing: int

    @property
    def main(self) -> Fit:
        """The first model of the outcome itself, not of the chance of its best share; the first if there is none."""
        return next((fit for fit in self.fits if not fit.chance), self.fits[0])

    @property
    def declared(self) -> int:
        """How many models there are, estimated or not."""
        return len(self.fits) + self.missing

    @property
    def alike(self) -> tuple[Fit, ...]:
        """Models whose slopes are in the unit of the main one, so that they make a range."""
        top = self.main.specification.top
        return tuple(
            fit for fit in self.fits if fit.chance == self.main.chance and fit.specification.top == top
        )

    @property
    def directions(self) -> tuple[int, ...]:
        """1 or -1 for each model whose interval lies above or below zero, 0 for the others."""
        rows = [fit.slope() for fit in self.fits]
        return tuple(int(row["conf_low"] > 0) - int(row["conf_high"] < 0) for row in rows)

    @property
    def carried(self) -> bool:
        """Whether every declared model finds a slope of the same sign beyond chance; one without a fit does not."""
        return not self.missing and abs(sum(self.directions)) == len(self.fits)

    @property
    def weakest(self) -> Fit:
        """The model that says the least for the direction of the main one."""
        sign = copysign(1.0, self.main.slope()["estimate"])
        return min(self.fits, key=lambda fit: _hold(fit.slope(), sign))


def associated(evidence: Evidence) -> Association | None:
    """Gather the declared models of the first outcome and regressor that could be estimated; None without any."""
    declared = [fit for fit in evidence.fits if fit.specification.declared]
    known = [fit for fit in declared if isfinite(fit.slope()["estimate"])]
    if not known:
        return None
    main = next((fit for fit in known if not fit.chance), known[0])
    same = [fit for fit in declared if _question(fit) == _question(main)]
    fits = tuple(fit for fit in same if isfinite(fit.slope()["estimate"]))
    return Association(fits, len(same) - len(fits))


def headline(found: Association, evidence: Evidence) -> str:
    """Say in one sentence what all declared models together allow to be said."""
    index, outcome = names(found, evidence)
    total, clear = found.declared, sum(map(abs, found.directions))
    find = "finds" if clear == 1 else "find"
    more, less = found.directions.count(1), found.directions.count(-1)
    if not clear:
        said = f"No declared model finds a clear link between {index} and {outcome}"
    elif found.carried:
        return _carried(found, evidence)
    elif more and less:
        said = f"Declared models contradict each other: with a higher {index}, {more} find more {outcome}, {less} less"
    elif total == clear + found.missing:
        said = f"{clear} of {total} declared models {find} a clear link between {index} and {outcome}"
    else:
        said = f"Only {clear} of {total} declared models {find} a clear link between {index} and {outcome}"
    return f"{said}; {found.missing} could not be estimated" if found.missing else said


def _carried(found: Association, evidence: Evidence) -> str:
    index, outcome = names(found, evidence)
    if found.declared == 1:
        return f"Companies {POINTS} points higher on {index} had {outcome} {_higher(found.main, evidence)}"
    rows = sorted((fit.slope(per=POINTS) for fit in found.alike), key=lambda row: abs(row["estimate"]))
    ends = [_size(rows[place]) for place in (0, -1)]
    unit = _unit(found.main, evidence)
    way = _way(rows[0])
    low_high = ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"
    return (
        f"In all {found.declared} declared models, companies {POINTS} points higher on {index} had {outcome} "
        f"{' '.join(filter(None, (low_high, unit, way)))}"
    )


def in_words(found: Association, evidence: Evidence) -> str:
    """Say the main slope with its interval, the slopes that say less, and that they are associations.

    Ends with the smallest slopes that the study would have seen four times in five.
    """
    index, outcome = names(found, evidence)
    row = found.main.slope(per=POINTS)
    chance = "" if row["conf_low"] > 0 or row["conf_high"] < 0 else ", which chance alone could make"
    ends = _ends(row)
    told = [
        f"By “{found.main.specification.name}”, companies {POINTS} points higher on {index} had {outcome} "
        f"{_higher(found.main, evidence)} ({f'95% interval {ends}' if ends else 'no interval'}){chance}",
        *(f"by “{fit.specification.name}”: {slope_text(fit, evidence)}" for fit in _beside(found)),
    ]
    said = f"{'; '.join(told)}. This is an association, not an effect."
    weak = (
        ""
        if found.carried
        else f" The weakest model sets what may be said: {_lower(headline(found, evidence))}."
    )
    return said + weak + "".join(f" {text}" for text in _smallest(found, evidence))


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _beside(found: Association) -> list[Fit]:
    """The weakest model, the first within companies and the first corrected one, the main one left aside."""
    within = [fit for fit in found.fits if fit.specification.within][:1]
    corrected = [fit for fit in found.fits if fit.specification.corrected][:1]
    return [fit for fit in dict.fromkeys([*corrected, *within, found.weakest]) if fit is not found.main]


def _smallest(found: Association, evidence: Evidence) -> Iterator[str]:
    """Say what the main and the weakest model would have seen, where their errors are known."""
    chosen = [fit for fit in dict.fromkeys([found.main, found.weakest]) if fit in found.alike]
    seen = []
    for fit in chosen:
        row = fit.slope(per=POINTS)
        least = detectable(row["std_error"], row["df"])
        if isfinite(least) and least > 0:
            seen.append(f"{_number(least, row)} by “{fit.specification.name}”")
    if seen:
        unit = _unit(found.main, evidence)
        yield (
            f"The smallest slope that this study would have seen four times in five is {' and '.join(seen)}"
            f"{f', in {unit}' if unit else ''}; a smaller one may be there and be missed."
        )


def slope_text(fit: Fit, evidence: Evidence) -> str:
    """Write a slope for 10 points with its interval and unit: "−0.4 (−1.9 to 1.0) percentage points a year"."""
    row = fit.slope(per=POINTS)
    if not isfinite(row["estimate"]):
        return missing_text(fit.note)
    ends = _ends(row)
    return f"{_number(row['estimate'], row)} ({ends or 'no interval'}) {_unit(fit, evidence)}".strip()


def difference_text(estimate: float, low: float, high: float, unit: str) -> str:
    """Write a difference in an outcome with its sign, its interval and its unit, if that is known.

    Examples
    --------
    >>> difference_text(3.04, 2.0, 4.1, "percentage points a year")
    '+3.0 (+2.0 to +4.1) percentage points a year'
    """
    places = slope_decimals([(high - low) / 2])
    return f"{Numeral('slope', places, 'en').interval(estimate, low, high)} {unit}".strip()


def slope_unit(evidence: Evidence, outcome: str) -> str:
    """Unit of a slope on `outcome`: "percentage points a year" for growth in per cent a year."""
    declared = evidence.panel.instrument.outcomes.get(outcome)
    unit = next(iter(declared.unit.values())) if declared is not None else ""
    return unit.replace("%", "percentage points", 1) if unit.startswith("%") else unit


def names(found: Association, evidence: Evidence) -> tuple[str, str]:
    """Return what regressor and outcome are called inside a sentence."""
    model = found.main.specification
    regressor, outcome = (
        in_sentence(title_of(name, evidence.panel)) for name in (model.regressor, model.outcome)
    )
    return regressor, outcome


def _question(fit: Fit) -> tuple[str, str]:
    return fit.specification.outcome, fit.specification.regressor


def _hold(row: pd.Series, sign: float) -> float:
    """How many half intervals a slope lies on the side of `sign`; a slope without an interval holds nothing."""
    reach = abs(row["estimate"] - row["conf_low" if sign > 0 else "conf_high"])
    if not isfinite(reach):
        return 0.0
    return float(sign * row["estimate"] / max(reach, 1e-300))


def _higher(fit: Fit, evidence: Evidence) -> str:
    row = fit.slope(per=POINTS)
    return " ".join(filter(None, (_size(row), _unit(fit, evidence), _way(row))))


def _unit(fit: Fit, evidence: Evidence) -> str:
    if not fit.chance:
        return slope_unit(evidence, fit.specification.outcome)
    of_what = f" to be among the best {100 * fit.specification.top:g}%" if fit.specification.top else ""
    return f"percentage points of the chance{of_what}"


def _way(row: pd.Series) -> str:
    return "higher" if row["estimate"] >= 0 else "lower"


def _size(row: pd.Series) -> str:
    return _number(abs(row["estimate"]), row)


def _ends(row: pd.Series) -> str:
    if not (isfinite(row["conf_low"]) and isfinite(row["conf_high"])):
        return ""
    return f"{_number(row['conf_low'], row)} to {_number(row['conf_high'], row)}"


def _number(value: float, row: pd.Series) -> str:
    return Numeral("number", slope_decimals([(row["conf_high"] - row["conf_low"]) / 2]), "en").write(value)
