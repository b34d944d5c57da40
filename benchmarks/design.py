"""Time tables of means and shares under a survey design against a loop in pandas, and against R survey where it is.

20,000 respondents of 4,000 companies in 8 strata, weighted, of a finite population; 6 means and 6 shares in each of 10
segments; seconds of processor time, so that other work beside does not count.
"""

import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.infer.estimates import mean_estimates
from analysis.infer.linearisation import cells_of
from analysis.infer.survey_design import survey_design
from analysis.infer.tabulation import means, shares

RESPONDENTS, COMPANIES, STRATA, SEGMENTS, REPEATS, SEED = 20_000, 4_000, 8, 10, 5, 1
MEANS = [f"y{number}" for number in range(6)]
SHARES = [f"p{number}" for number in range(6)]
SCRIPT = Path(__file__).with_suffix(".R")


def sample() -> pd.DataFrame:
    """Make a stratified sample of companies whose respondents are somewhat alike."""
    rng = np.random.default_rng(SEED)
    company = np.sort(
        np.concatenate([np.arange(COMPANIES), rng.integers(0, COMPANIES, RESPONDENTS - COMPANIES)])
    )
    stratum = company % STRATA
    frame = pd.DataFrame({"company": company, "stratum": stratum, "population": 2 * COMPANIES / STRATA})
    frame["weight"] = rng.uniform(0.5, 4, RESPONDENTS)
    frame["segment"] = rng.integers(0, SEGMENTS, RESPONDENTS)
    for name in (*MEANS, *SHARES):
        level = rng.normal(size=COMPANIES)[company] + rng.normal(size=RESPONDENTS)
        frame[name] = 50 + 10 * level if name in MEANS else np.where(level > 0.5, 100.0, 0.0)
    return frame


def by_cell(frame: pd.DataFrame) -> pd.DataFrame:
    """Compute means and their errors cell by cell and stratum by stratum, as one would write them."""
    sampled = frame.groupby("stratum")["company"].nunique().to_dict()
    population = frame.groupby("stratum")["population"].first().to_dict()
    rows = []
    for segment, part in frame.groupby("segment"):
        for name in (*MEANS, *SHARES):
            mean = (part["weight"] * part[name]).sum() / part["weight"].sum()
            z = part["weight"] * (part[name] - mean) / part["weight"].sum()
            variance = 0.0
            for stratum, n in sampled.items():
                totals = z[part["stratum"] == stratum].groupby(part["company"]).sum()
                spread = (totals**2).sum() - totals.sum() ** 2 / n
                variance += (1 - n / population[stratum]) * n / (n - 1) * spread
            rows.append(
                {"segment": segment, "variable": name, "estimate": mean, "std_error": np.sqrt(variance)}
            )
    return pd.DataFrame(rows)


def table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the means and the shares of all segments."""
    parts = means(frame, MEANS, by=["segment"]), shares(frame, SHARES, by=["segment"])
    return pd.concat(parts, ignore_index=True)


def timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def in_r(frame: pd.DataFrame) -> tuple[float, float] | None:
    """Seconds of R survey's svyby for errors, and for intervals of the shares, after checking that its errors agree.

    None where R or survey is not installed.
    """
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        file, out = Path(folder) / "sample.csv", Path(folder) / "errors.csv"
        frame.to_csv(file, index=False)
        command = ["Rscript", str(SCRIPT), str(file), str(out)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            print(f"R did not run: {ran.stderr.strip().splitlines()[-1:]}")
            return None
        np.testing.assert_allclose(errors(frame), pd.read_csv(out).to_numpy(), rtol=1e-8)
    errors_took, intervals_took = map(float, ran.stdout.split())
    return errors_took, intervals_took


def errors(frame: pd.DataFrame) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return the domains' standard errors, segments x variables."""
    cells, keys = cells_of(frame, ["segment"])
    values = frame[[*MEANS, *SHARES]].to_numpy(float)
    return np.sqrt(mean_estimates(values, survey_design(frame), cells=cells, size=len(keys)).variance)


def main() -> None:
    """Print seconds and ratios."""
    frame = sample()
    loop = by_cell(frame)
    np.testing.assert_allclose(errors(frame).ravel(), loop["std_error"], rtol=1e-8)
    ours = statistics.median(timed(lambda: table(frame)) for _ in range(REPEATS))
    pandas = statistics.median(timed(lambda: by_cell(frame)) for _ in range(REPEATS))
    r = in_r(frame)
    print(
        f"design-based tables, {RESPONDENTS:,} respondents of {COMPANIES:,} companies in {STRATA} strata x "
        f"{SEGMENTS} segments x ({len(MEANS)} means + {len(SHARES)} shares with intervals)"
    )
    print(f"  ours, errors and intervals {ours:6.3f} s")
    print(f"  pandas by cell, errors alone {pandas:6.2f} s {pandas / ours:6.1f} times")
    if r is None:
        print("  R is not installed")
        return
    print(f"  R svyby, errors alone {r[0]:6.2f} s {r[0] / ours:6.1f} times")
    print(f"  R svyby, errors, and intervals of the shares {sum(r):6.2f} s {sum(r) / ours:6.1f} times")


if __name__ == "__main__":
    main()
