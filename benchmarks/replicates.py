"""Time bootstrap replicates by company and a table through them against a loop in pandas and R survey where it is.

20,000 respondents of 1,000 companies in 10 strata, 1,000 replicates, 6 means in 10 segments; seconds of processor time.
The loop in pandas gets fewer replicates, and its seconds are scaled in proportion. Degrees of freedom are part of the
table here; R counts them while it makes the replicates, which takes most of its time for these.
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from analysis.infer.bootstrap_replicates import bootstrap
from analysis.infer.design_regression import design_regression
from analysis.infer.replicate_tables import replicate_means
from analysis.infer.replicates import Replicates
from analysis.infer.survey_design import survey_design

RESPONDENTS, COMPANIES, STRATA, SEGMENTS, MEANS, REPLICATES = 20_000, 1_000, 10, 10, 6, 1_000
SEED, REPEATS = 1, 3
IN_PANDAS = 20
"""Replicates that the loop in pandas gets."""
T = TypeVar("T")
VARIABLES = [f"y{i}" for i in range(MEANS)]
SCRIPT = Path(__file__).with_suffix(".R")


def answers() -> pd.DataFrame:
    """Make respondents of companies that differ, in strata of companies, with weights and segments."""
    rng = np.random.default_rng(SEED)
    company = np.arange(RESPONDENTS) % COMPANIES
    frame = pd.DataFrame({"company": company, "stratum": company % STRATA})
    frame["weight"] = rng.uniform(0.5, 2, RESPONDENTS)
    frame["segment"] = rng.integers(SEGMENTS, size=RESPONDENTS)
    level = rng.normal(size=COMPANIES)[company]
    return frame.assign(**{name: 50 + 5 * level + rng.normal(0, 10, RESPONDENTS) for name in VARIABLES})


def in_pandas(frame: pd.DataFrame, replicates: int) -> pd.DataFrame:
    """Standard errors as one would write them: draw companies, merge, mean by segment, again and again."""
    rng = np.random.default_rng(SEED)
    companies = frame[["company", "stratum"]].drop_duplicates()
    found = []
    for _ in range(replicates):
        drawn = companies.groupby("stratum")["company"].apply(
            lambda names: names.sample(len(names) - 1, replace=True, random_state=rng)
        )
        size = companies.groupby("stratum").size()
        times = drawn.value_counts() * (size / (size - 1)).iloc[0]
        weight = frame["weight"] * frame["company"].map(times).fillna(0)
        above = frame[VARIABLES].mul(weight, axis=0).groupby(frame["segment"]).sum()
        found.append(above.div(weight.groupby(frame["segment"]).sum(), axis=0))
    return pd.concat(found).groupby(level=0).std()


def in_r(frame: pd.DataFrame) -> dict[str, float]:
    """Seconds for the replicates and for the table in R, and one of its errors; none where it is not installed."""
    if shutil.which("Rscript") is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        file, means = Path(folder) / "answers.csv", Path(folder) / "means.csv"
        frame.to_csv(file, index=False)
        command = ["Rscript", str(SCRIPT), str(file), str(REPLICATES), str(MEANS), str(means)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            print(f"R did not run: {ran.stderr.strip().splitlines()[-1:]}")
            return {}
        error = float(pd.read_csv(means)["std_error"].iloc[0])
    lines = (line.split() for line in ran.stdout.splitlines())
    return {name: float(took) for name, took in lines} | {"std_error": error}


def timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def make(frame: pd.DataFrame) -> Replicates:
    return bootstrap(survey_design(frame), rng=np.random.default_rng(SEED), replicates=REPLICATES)


def best(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds of the quickest of several runs, and what it made."""
    return min((timed(work) for _ in range(REPEATS)), key=lambda run: run[0])


def main() -> None:
    """Print seconds and ratios."""
    frame = answers()
    made, drawn = best(lambda: make(frame))
    table, found = best(
        lambda: replicate_means(frame, VARIABLES, replicates=drawn, by=["segment"]).to_frame()
    )
    looped, errors = timed(lambda: in_pandas(frame, IN_PANDAS))
    # Two bootstraps of so many replicates differ by chance alone.
    ratio = found["std_error"].mean() / errors.to_numpy().mean()
    assert abs(ratio - 1) < 0.15, ratio
    looped *= REPLICATES / IN_PANDAS
    by_r = in_r(frame)
    print(
        f"{REPLICATES:,} bootstrap replicates of {COMPANIES:,} companies, {RESPONDENTS:,} respondents, "
        f"{MEANS} means x {SEGMENTS} segments (pandas scaled from {IN_PANDAS} replicates)"
    )
    own = {"replicates": made, "table": table, "both": made + table}
    by_r["both"] = by_r.get("replicates", 0.0) + by_r.get("table", 0.0)
    for name, took in own.items():
        loop = f"   pandas in a loop {looped:6.1f} s {looped / took:6.0f} times" if name == "both" else ""
        r = f"   R {by_r[name]:6.1f} s {by_r[name] / took:6.0f} times" if by_r.get(name) else ""
        print(f"  {name:<12} {took:6.3f} s{r}{loop}")
    if "std_error" in by_r:
        close = found["std_error"].iloc[0] / by_r["std_error"]
        assert abs(close - 1) < 0.15, close
    fitted, _ = timed(lambda: design_regression(frame, "y0", terms=["y1", "y2"], design=drawn))
    print(f"  regression of one mean on two, through all replicates: {fitted:.1f} s")


if __name__ == "__main__":
    main()
