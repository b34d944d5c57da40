"""Time the indices of careless responding against a loop over the rows in pandas, and against R where it is installed.

A million respondents, 40 items; seconds of processor time, so that other work beside does not count. The rivals
get fewer respondents, and their seconds are scaled in proportion.
"""

import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd

from survey.careless import average_string, evenodd, irv, longstring
from survey.careless_match import percent_match
from survey.careless_sample import item_pairs, mahad, psychant, psychsyn

RESPONDENTS, ITEMS, REPEATS, SEED = 1_000_000, 40, 3, 1
IN_PANDAS, IN_R = 1_000, 10_000
"""Respondents that the rivals get."""
FACTORS = [4] * 10
COMPANY = 50
"""Respondents of a company: those whom the percent match compares."""
SCRIPT = Path(__file__).with_suffix(".R")

Index = Callable[[pd.DataFrame], pd.Series]


def answers(rows: int) -> pd.DataFrame:
    """Make answers of 1-5 that go together within ten factors of four items, two of them opposed; 3% missing."""
    rng = np.random.default_rng(SEED)
    values = np.empty((rows, ITEMS))
    for item in range(ITEMS):
        if item % 4 == 0:
            trait = rng.normal(size=rows)
        sign = -1 if item in (1, 5, 9) else 1
        values[:, item] = np.clip(np.round(3 + sign * trait + 0.6 * rng.normal(size=rows)), 1, 5)
        values[rng.random(rows) < 0.03, item] = np.nan
    return pd.DataFrame(values, columns=[f"q{item + 1}" for item in range(ITEMS)])


def companies(frame: pd.DataFrame) -> pd.Series:
    return pd.Series(np.arange(len(frame)) // COMPANY, index=frame.index)


OURS: dict[str, Index] = {
    "longstring": longstring,
    "average_string": average_string,
    "irv": irv,
    "mahad": mahad,
    "evenodd": lambda x: evenodd(x, FACTORS),
    "psychsyn": psychsyn,
    "psychant": lambda x: psychant(x, critical=-0.2),
    "percent_match": lambda x: percent_match(x, companies(x)),
}


def runs(row: pd.Series) -> list[int]:
    """Lengths of the runs of equal answers; a missing one differs from all."""
    return [len(list(group)) for _, group in groupby(object() if np.isnan(value) else value for value in row)]


def halves(row: pd.Series) -> float:
    parts = [row.iloc[start : start + 4] for start in range(0, ITEMS, 4)]
    even, odd = (pd.Series([part.iloc[first::2].mean() for part in parts]) for first in (1, 0))
    r = even.corr(odd) if even[odd.notna()].std() > 0 and odd[even.notna()].std() > 0 else np.nan
    return -max(2 * r / (1 + r), -1.0) if r > -1 else float(-np.sign(r))


def over_pairs(row: pd.Series, pairs: np.ndarray) -> float:
    both = pd.DataFrame(
        {"later": row.to_numpy()[pairs[:, 0]], "earlier": row.to_numpy()[pairs[:, 1]]}
    ).dropna()
    if len(both) < 3 or (both.max() == both.min()).any():
        return np.nan
    return both["later"].corr(both["earlier"])


def distances(frame: pd.DataFrame) -> pd.Series:
    inverse = np.linalg.inv(frame.cov())
    away = (frame - frame.mean()).fillna(0.0)
    return away.apply(lambda row: row.to_numpy() @ inverse @ row.to_numpy(), axis=1)


def nearest(row: pd.Series, frame: pd.DataFrame, company: pd.Series) -> float:
    others = frame[company == company[row.name]].drop(index=row.name)
    both = (others.notna() & row.notna()).sum(axis=1)
    return (others.eq(row).sum(axis=1) / both)[both >= ITEMS / 2].max()


def synonyms_by_row(frame: pd.DataFrame, critical: float, *, antonyms: bool) -> pd.Series:
    pairs = item_pairs(frame, critical=critical, antonyms=antonyms)
    return frame.apply(over_pairs, axis=1, pairs=pairs)


BY_ROW: dict[str, Index] = {
    "longstring": lambda x: x.apply(lambda row: max(runs(row)), axis=1),
    "average_string": lambda x: x.apply(lambda row: float(np.mean(runs(row))), axis=1),
    "irv": lambda x: x.apply(lambda row: row.std(), axis=1),
    "mahad": distances,
    "evenodd": lambda x: x.apply(halves, axis=1),
    "psychsyn": lambda x: synonyms_by_row(x, 0.6, antonyms=False),
    "psychant": lambda x: synonyms_by_row(x, 0.2, antonyms=True),
    "percent_match": lambda x: x.apply(nearest, axis=1, frame=x, company=companies(x)),
}


def timed(work: Callable[[], pd.Series]) -> tuple[float, pd.Series]:
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def in_pandas() -> dict[str, float]:
    """Seconds per index by rows, scaled to all respondents, after checking that the values agree."""
    frame, times = answers(IN_PANDAS), {}
    for name, index in BY_ROW.items():
        took, values = timed(lambda index=index: index(frame))
        np.testing.assert_allclose(OURS[name](frame), values, rtol=1e-6, atol=1e-9, err_msg=name)
        times[name] = took * RESPONDENTS / IN_PANDAS
    return times


def in_r() -> dict[str, float]:
    """Seconds per index in R, scaled to all respondents; none where R is not installed."""
    if shutil.which("Rscript") is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answers.csv"
        answers(IN_R).to_csv(file, index=False, na_rep="NA")
        command = ["Rscript", str(SCRIPT), str(file)]
        root = SCRIPT.parents[1]
        said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root).stdout
    lines = (line.split() for line in said.splitlines())
    return {name: float(took) * RESPONDENTS / IN_R for name, took in lines}


def main() -> None:
    """Print seconds and ratios, index by index and in all."""
    by_row, by_r = in_pandas(), in_r()
    frame = answers(RESPONDENTS)
    ours = {
        name: statistics.median(timed(lambda index=index: index(frame))[0] for _ in range(REPEATS))
        for name, index in OURS.items()
    }
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"careless responding, {RESPONDENTS:,} x {ITEMS} (rivals scaled from {IN_PANDAS:,} and {IN_R:,} rows)"
    )
    times = {"all indices": (sum(ours.values()), sum(by_row.values()), sum(by_r.values()))}
    times |= {name: (ours[name], by_row[name], by_r.get(name, 0.0)) for name in ours}
    for name, (own, rows, r) in times.items():
        against_r = f"   R {r:8.0f} s {r / own:6.0f} times" if by_r else "   R is not installed"
        print(f"  {name:<16} {own:6.2f} s   pandas by row {rows:8.0f} s {rows / own:6.0f} times{against_r}")
    print(f"  largest memory of the process, the answers among it: {memory:.1f} GB")


if __name__ == "__main__":
    main()
