"""Time a book of crosstabs against a loop in pandas: 60 questions by 8 heads of 5 columns for 50,000 respondents.

One loop finds weighted percentages and means alone, the other their errors with companies as clusters too; neither has
bases, covariances, tests or letters; nor does either know of the three margins to which weights are raked in a last
run. The loops get some of the questions and heads, and their seconds are scaled in
proportion. Seconds of processor time.
"""

import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from analysis.infer.banner import banner
from analysis.infer.crosstab import crosstab, wide
from analysis.infer.letters import letters
from analysis.infer.stub import joined, rated
from analysis.infer.survey_design import survey_design
from survey.raking import rake

RESPONDENTS, COMPANIES, QUESTIONS, HEADS, SEED = 50_000, 2_500, 60, 8, 1
MARGINS = (6, 4, 3)
"""Categories of the margins to which weights are raked."""
IN_PANDAS = 3
"""Questions that the loop in pandas gets."""
LABELS = {float(point): str(point) for point in range(1, 6)}
QUESTION_NAMES = [f"q{n}" for n in range(QUESTIONS)]
HEAD_NAMES = [f"head{n}" for n in range(HEADS)]


def answers() -> pd.DataFrame:
    """Make respondents of companies with weights, segments and answers of 1-5, one in twenty missing."""
    rng = np.random.default_rng(SEED)
    columns: dict[str, object] = {"company": rng.integers(0, COMPANIES, RESPONDENTS)}
    columns["weight"] = rng.uniform(0.5, 2, RESPONDENTS)
    columns |= {name: rng.choice(list("abcde"), RESPONDENTS) for name in HEAD_NAMES}
    for name in QUESTION_NAMES:
        values = rng.integers(1, 6, RESPONDENTS).astype(float)
        columns[name] = np.where(rng.random(RESPONDENTS) < 0.05, np.nan, values)
    return pd.DataFrame(columns)


def ours(frame: pd.DataFrame, *, raked: bool = False) -> pd.DataFrame:
    """Tabulate all with bases, errors, pairwise tests and letters."""
    stub = joined([rated(name, frame[name].to_numpy(), labels=LABELS) for name in QUESTION_NAMES])
    design = survey_design(frame)
    if raked:
        rng = np.random.default_rng(SEED)
        margins = [rng.integers(0, size, len(frame)) for size in MARGINS]
        counts = [np.full(size, design.weights.sum() / size) for size in MARGINS]
        design = design.calibrated(rake(design.weights, margins, counts))
    table = crosstab(stub, banner(frame, HEAD_NAMES), design)
    letters(table)
    return wide(table.cells)


def in_pandas(frame: pd.DataFrame) -> pd.DataFrame:
    """Find the percentages and means of the first questions, as the usual script does."""
    found = {}
    for name in QUESTION_NAMES[:IN_PANDAS]:
        answered = frame[frame[name].notna()]
        for head in HEAD_NAMES:
            shares = pd.crosstab(
                answered[name], answered[head], values=answered["weight"], aggfunc="sum", normalize="columns"
            )
            for column in shares:
                part = answered[answered[head] == column]
                mean = np.average(part[name], weights=part["weight"])
                found[name, head, column] = [*(100 * shares[column]), mean]
    return pd.DataFrame(found, index=[*LABELS.values(), "Mean"])


def errors_in_pandas(frame: pd.DataFrame) -> "pd.Series[float]":
    """Find the errors of all rows of one question by one head: linearised values, summed per company."""
    name, head = QUESTION_NAMES[0], HEAD_NAMES[0]
    rows = {label: 100.0 * (frame[name] == point) for point, label in LABELS.items()}
    rows |= {
        "Top 2 box": 100.0 * (frame[name] >= 4),
        "Bottom 2 box": 100.0 * (frame[name] <= 2),
        "Mean": frame[name],
    }
    found = {}
    for label, values in rows.items():
        for column in sorted(frame[head].unique()):
            part = frame.assign(y=values)[(frame[head] == column) & frame[name].notna()]
            mean = np.average(part["y"], weights=part["weight"])
            linear = part["weight"] * (part["y"] - mean) / part["weight"].sum()
            totals = linear.groupby(part["company"]).sum().reindex(range(COMPANIES), fill_value=0.0)
            found[label, column] = np.sqrt(
                COMPANIES / (COMPANIES - 1) * ((totals - totals.mean()) ** 2).sum()
            )
    return pd.Series(found)


def seconds(work: Callable[[], object]) -> float:
    """Seconds of processor time of one run."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Print the table, after checking that the numbers agree."""
    frame = answers()
    table = ours(frame)
    by_hand = in_pandas(frame)
    for name, head, column in by_hand:
        np.testing.assert_allclose(
            table.loc[name].loc[by_hand.index, (head, column)], by_hand[name, head, column], rtol=1e-9
        )
    took, loop = seconds(lambda: ours(frame)), seconds(lambda: in_pandas(frame)) * QUESTIONS / IN_PANDAS
    errors = seconds(lambda: errors_in_pandas(frame)) * QUESTIONS * HEADS
    print(f"crosstabs of {QUESTIONS} questions by {HEADS} heads, {RESPONDENTS:,} respondents, processor time")
    print(f"  {'alignmark: errors, bases, tests, letters':<42} {took:6.1f} s")
    tied = seconds(lambda: ours(frame, raked=True))
    print(f"  {'the same with weights raked to margins':<42} {tied:6.1f} s  {tied / took:5.1f} times as long")
    for name, other in (
        ("loop in pandas: percentages and means", loop),
        ("loop in pandas: their errors", errors),
    ):
        print(f"  {name:<42} {other:6.1f} s  {other / took:5.1f} times as long")


if __name__ == "__main__":
    main()
