"""Time the measurement invariance of ten constructs across two functions against lavaan where R is installed.

20,000 respondents, 40 items, one model of ten factors at four levels (configural, metric, scalar, residual), each
with its fit measures; and three of the factors for 2,000 respondents with 3% of the answers missing, by
full-information maximum likelihood: with all ten, lavaan takes more than five minutes for 500 respondents.
Seconds of processor time, so that other work beside does not count.
"""

import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.measure.factor_fit import fit_factors
from analysis.measure.factor_model import FactorModel
from analysis.measure.fit_measures import fit_measures
from analysis.measure.invariance_ladder import LEVELS

RESPONDENTS, WITH_HOLES, FEW, FACTORS, ITEMS, MISSING, REPEATS, SEED = 20_000, 2_000, 3, 10, 4, 0.03, 3, 1
CONSTRUCTS = {f"f{f}": [f"q{f}_{i}" for i in range(ITEMS)] for f in range(FACTORS)}
SCRIPT = Path(__file__).with_suffix(".R")


def answers(rows: int) -> pd.DataFrame:
    """Make answers of two functions that understand the questions alike; the factors correlate by 0.4."""
    rng = np.random.default_rng(SEED)
    common = rng.normal(size=(rows, 1))
    factors = np.sqrt(0.4) * common + np.sqrt(0.6) * rng.normal(size=(rows, FACTORS))
    function = np.where(np.arange(rows) % 2, "sales", "marketing")
    factors += 0.3 * (function == "sales")[:, None]
    loadings = 0.5 + 0.4 * rng.random(FACTORS * ITEMS)
    noise = rng.normal(size=(rows, FACTORS * ITEMS)) * np.sqrt(1 - loadings**2)
    values = np.repeat(factors, ITEMS, axis=1) * loadings + noise
    return pd.DataFrame(values, columns=FactorModel(CONSTRUCTS).items).assign(function=function)


def holed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the first respondents and few of the factors, with some answers missing."""
    part = frame.iloc[:WITH_HOLES]
    items = part[[item for name in list(CONSTRUCTS)[:FEW] for item in CONSTRUCTS[name]]]
    gone = np.random.default_rng(SEED).random(items.shape) < MISSING
    return items.mask(gone).assign(function=part["function"])


def levels(frame: pd.DataFrame, missing: str) -> pd.DataFrame:
    constructs = {name: items for name, items in CONSTRUCTS.items() if items[0] in frame}
    fits = {
        level: fit_measures(
            fit_factors(
                frame,
                FactorModel(constructs, equal=equal),
                groups=frame["function"],
                missing=missing,
            )
        )
        for level, equal in LEVELS.items()
    }
    return pd.concat(fits).droplevel(1)


def timed(frame: pd.DataFrame, missing: str) -> tuple[float, pd.DataFrame]:
    start = time.process_time()
    result = levels(frame, missing)
    return time.process_time() - start, result


def in_r(frame: pd.DataFrame, missing: str) -> tuple[float, pd.DataFrame] | None:
    """Return lavaan's seconds and chi-squares; none where it is not installed."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answers.csv"
        frame.to_csv(file, index=False, na_rep="NA")
        command = ["Rscript", str(SCRIPT), str(file), "ml" if missing == "fiml" else missing]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    lines = [line.split() for line in said.splitlines()]
    if not lines:
        return None
    table = pd.DataFrame(lines[1:], columns=["level", "chisq", "df"]).set_index("level").astype(float)
    return float(lines[0][0]), table


def report(name: str, frame: pd.DataFrame, missing: str, repeats: int) -> None:
    runs = [timed(frame, missing) for _ in range(repeats)]
    own, measures = statistics.median(took for took, _ in runs), runs[0][1]
    other = in_r(frame, missing)
    print(f"  {name:<42} {own:7.2f} s", end="")
    if other is None:
        print("   R lavaan is not installed, or gave up")
        return
    took, table = other
    np.testing.assert_allclose(measures["chisq"], table["chisq"], rtol=1e-4)
    np.testing.assert_array_equal(measures["df"], table["df"])
    print(f"   lavaan {took:7.1f} s   {took / own:5.0f} times")


def main() -> None:
    """Print seconds and ratios, after checking that chi-squares agree."""
    frame = answers(RESPONDENTS)
    print(f"measurement invariance, {FACTORS} factors of {ITEMS} items, 2 groups, 4 levels with fit measures")
    report(f"{RESPONDENTS:,} respondents, complete", frame, "listwise", REPEATS)
    report(f"{WITH_HOLES:,} respondents, {FEW} factors, {MISSING:.0%} missing", holed(frame), "fiml", 1)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"  largest memory of the process, the answers among it: {memory:.1f} GB")


if __name__ == "__main__":
    main()
