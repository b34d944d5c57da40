"""What the declared models say of the index and an outcome, in words: no more than the weakest of them allows."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import copysign, isfinite

import pandas as pd

from analysis.explain.regression import Fit
from analysis.infer.columns import detectable
from reports.evidence import Evidence
from reports.numeral import Numeral, missing_text, slope_decimals
from reports.outcome_units import slope_unit
from reports.titles import in_sentence, title_of
from reports.wording import word
from survey.language import digits, say, say_n, spoken

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
    if found.carried:
        return _carried(found, evidence)
    said = _link(found, evidence)
    if not found.missing:
        return said
    return say("{said}; {n} could not be estimated", said=said, n=found.missing)


def _link(found: Association, evidence: Evidence) -> str:
    """Say how many models find a link, where not all of them find the same."""
    index, outcome = names(found, evidence)
    total, clear = found.declared, sum(map(abs, found.directions))
    more, less = found.directions.count(1), found.directions.count(-1)
    values = {"index": index, "outcome": outcome, "n": clear, "total": total}
    if not clear:
        return say(
            "No declared model finds a clear link between {index} and {outcome}", index=index, outcome=outcome
        )
    if more and less:
        return say(
            "Declared models contradict each other: with a higher {index}, {more} find more {outcome}, {less} less",
            index=index,
            outcome=outcome,
            more=more,
            less=less,
        )
    if total == clear + found.missing:
        return say_n(
            clear,
            "{n} of {total} declared models finds a clear link between {index} and {outcome}",
            "{n} of {total} declared models find a clear link between {index} and {outcome}",
            **values,
        )
    return say_n(
        clear,
        "Only {n} of {total} declared models finds a clear link between {index} and {outcome}",
        "Only {n} of {total} declared models find a clear link between {index} and {outcome}",
        **values,
    )


def _carried(found: Association, evidence: Evidence) -> str:
    if found.declared == 1:
        return _difference(found, evidence)
    index, outcome = names(found, evidence)
    rows = sorted((fit.slope(per=POINTS) for fit in found.alike), key=lambda row: abs(row["estimate"]))
    low, high = _size(rows[0]), _size(rows[-1])
    both = low if low == high else say("{low} to {high}", low=low, high=high)
    size = f"{both} {_unit(found.main, evidence)}".strip()
    return say(
        "In all {n} declared models, companies {points} points higher on {index} had {outcome} {size} higher"
        if rows[0]["estimate"] >= 0
        else "In all {n} declared models, companies {points} points higher on {index} had {outcome} {size} lower",
        n=found.declared,
        points=POINTS,
        index=index,
        outcome=outcome,
        size=size,
    )


def _difference(found: Association, evidence: Evidence) -> str:
    """Say the main slope: how outcomes of companies differ whose scores lie 10 points apart."""
    index, outcome = names(found, evidence)
    row = found.main.slope(per=POINTS)
    return say(
        "Companies {points} points higher on {index} had {outcome} {size} higher"
        if row["estimate"] >= 0
        else "Companies {points} points higher on {index} had {outcome} {size} lower",
        points=POINTS,
        index=index,
        outcome=outcome,
        size=f"{_size(row)} {_unit(found.main, evidence)}".strip(),
    )


def in_words(found: Association, evidence: Evidence) -> str:
    """Say the main slope with its interval, and the slopes that say less.

    Ends with the smallest slopes that the study would have seen four times in five.
    """
    told = [
        _main_slope(found, evidence),
        *(
            say("by “{model}”: {slope}", model=fit.specification.name, slope=slope_text(fit, evidence))
            for fit in _beside(found)
        ),
    ]
    return " ".join([f"{'; '.join(told)}.", *_smallest(found, evidence)])


def _main_slope(found: Association, evidence: Evidence) -> str:
    """Say the main slope with its interval, and whether chance alone could make it."""
    row = found.main.slope(per=POINTS)
    values = {"model": found.main.specification.name, "difference": in_sentence(_difference(found, evidence))}
    ends = _ends(row)
    if not ends:
        return say("By “{model}”, {difference} (no interval), which chance alone could make", **values)
    if row["conf_low"] > 0 or row["conf_high"] < 0:
        return say("By “{model}”, {difference} (95% interval {ends})", ends=ends, **values)
    return say(
        "By “{model}”, {difference} (95% interval {ends}), which chance alone could make", ends=ends, **values
    )


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
            name = fit.specification.name
            seen.append(say("{slope} by “{model}”", slope=_number(least, row), model=name))
    if not seen:
        return
    slopes = seen[0] if len(seen) == 1 else say("{first} and {second}", first=seen[0], second=seen[1])
    unit = _unit(found.main, evidence)
    if unit:
        yield say(
            "The smallest slope that this study would have seen four times in five is {slopes}, in {unit}; a smaller "
            "one may be there and be missed.",
            slopes=slopes,
            unit=unit,
        )
    else:
        yield say(
            "The smallest slope that this study would have seen four times in five is {slopes}; a smaller one may be "
            "there and be missed.",
            slopes=slopes,
        )


def slope_text(fit: Fit, evidence: Evidence) -> str:
    """Write a slope for 10 points with its interval and unit: "−0.4 (−1.9 to 1.0) percentage points a year"."""
    row = fit.slope(per=POINTS)
    if not isfinite(row["estimate"]):
        return missing_text(fit.note)
    ends = _ends(row)
    return f"{_number(row['estimate'], row)} ({ends or word('no_interval')}) {_unit(fit, evidence)}".strip()


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


def _unit(fit: Fit, evidence: Evidence) -> str:
    if not fit.chance:
        return slope_unit(evidence, fit.specification.outcome)
    if not fit.specification.top:
        return say("percentage points of the chance")
    share = digits(100 * fit.specification.top, "g")
    return say("percentage points of the chance to be among the best {share}%", share=share)


def _size(row: pd.Series) -> str:
    return _number(abs(row["estimate"]), row)


def _ends(row: pd.Series) -> str:
    if not (isfinite(row["conf_low"]) and isfinite(row["conf_high"])):
        return ""
    return f"{_number(row['conf_low'], row)} {word('to')} {_number(row['conf_high'], row)}"


def _number(value: float, row: pd.Series) -> str:
    return Numeral("number", slope_decimals([(row["conf_high"] - row["conf_low"]) / 2]), spoken()).write(
        value
    )
