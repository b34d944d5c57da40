"""Time norms, percentiles and rank intervals of 20,000 companies against a loop in pandas.

The rival is what one writes from the definitions: quantiles of each cell by ``groupby().quantile`` and a loop over
cells for the intervals; a company's percentile as the share of the others below; and its rank set from a thousand
drawn errors of all comparisons with the others (Mogstad et al. 2024), without stepdown. A few companies are timed and
their seconds scaled in proportion. Seconds of processor time, so that other work beside does not count.
"""

import resource
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from analysis.benchmark.norm_table import norm_table
from analysis.benchmark.norms import PERCENTILES, norms
from analysis.benchmark.plausible_ranks import plausible_ranks
from analysis.benchmark.position import positions
from analysis.benchmark.ranks import marginal_ranks, simultaneous_ranks
from analysis.measure.panel import Panel
from survey.instrument import read_instrument

COMPANIES, INDUSTRIES, FEW, DRAWS, SEED = 20_000, 400, 20, 1_000, 1


def panel() -> pd.DataFrame:
    """Make companies with an index and its sampling error, from 2 to 12 informants in each function."""
    rng = np.random.default_rng(SEED)
    sales, marketing = rng.integers(2, 13, (2, COMPANIES))
    error = 7 * np.sqrt(1 / sales + 1 / marketing)
    score = np.clip(rng.normal(55, 11, COMPANIES) + error * rng.standard_normal(COMPANIES), 0, 100)
    frame = pd.DataFrame({"company": np.arange(COMPANIES), "wave": 2025, "alignment": score})
    return frame.assign(alignment_se=error, industry=rng.integers(0, INDUSTRIES, COMPANIES))


def medians(frame: pd.DataFrame, cells: int) -> pd.DataFrame:
    """Percentiles per industry, and an interval of the median by drawing companies anew, cell by cell."""
    rng, rows = np.random.default_rng(SEED), []
    for _, cell in list(frame.groupby("industry"))[:cells]:
        drawn = [
            cell["alignment"].sample(frac=1, replace=True, random_state=rng).median() for _ in range(200)
        ]
        rows.append(
            [*cell["alignment"].quantile([*PERCENTILES.values()]), *np.quantile(drawn, [0.025, 0.975])]
        )
    return pd.DataFrame(rows)


def places(frame: pd.DataFrame, companies: int) -> pd.DataFrame:
    """Percentile and rank set, company by company."""
    rng, rows = np.random.default_rng(SEED), []
    for at, row in frame.head(companies).iterrows():
        others = frame.drop(index=at)
        spread = np.hypot(row["alignment_se"], others["alignment_se"])
        below = (others["alignment"] < row["alignment"]).sum() + (
            others["alignment"] == row["alignment"]
        ).sum() / 2
        largest = np.empty(DRAWS)
        for draw in range(DRAWS):
            noise = others["alignment_se"] * rng.standard_normal(len(others))
            own = row["alignment_se"] * rng.standard_normal()
            largest[draw] = ((noise - own).abs() / spread).max()
        far = (others["alignment"] - row["alignment"]) / spread / np.quantile(largest, 0.95)
        rows.append([100 * below / len(others), 1 + (far > 1).sum(), len(frame) - (far < -1).sum()])
    return pd.DataFrame(rows, columns=["percentile", "low", "high"])


def timed(work: Callable[[], object]) -> tuple[float, object]:
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def main() -> None:
    """Print seconds and ratios, after checking that both find the same."""
    frame = panel()
    rng = np.random.default_rng(SEED)
    score, error = frame["alignment"].to_numpy(), frame["alignment_se"].to_numpy()
    print(
        f"{COMPANIES:,} companies, {INDUSTRIES} industries, {len(np.unique(error.round(10)))} different errors"
    )

    own, table = timed(lambda: norms(frame, ["alignment"], by=["industry"]))
    loop, expected = timed(lambda: medians(frame, FEW))
    np.testing.assert_allclose(table[[*PERCENTILES]].head(FEW), expected.iloc[:, : len(PERCENTILES)])  # type: ignore[attr-defined,index]
    loop *= INDUSTRIES / FEW
    print(
        f"  norms by industry          {own:7.2f} s   loop in pandas {loop:8.1f} s   {loop / own:7.0f} times"
    )
    whole, _ = timed(lambda: norm_table(frame, ["alignment"], by=["industry"]))
    print(f"  all statistics with intervals {whole:4.2f} s")

    one, sets = timed(lambda: marginal_ranks(score, error))
    every, _ = timed(lambda: simultaneous_ranks(score, error, rng=rng))
    drawn, _ = timed(lambda: plausible_ranks(score, error, rng=rng))
    alone, again = timed(lambda: places(frame, 2))
    ends = np.array(sets)[:, :2].T
    # The loop draws its critical value and does not step down: it may be wider by a little.
    assert (np.abs(ends - again[["low", "high"]].to_numpy()) <= 0.03 * COMPANIES).all()  # type: ignore[index]
    loop = alone * COMPANIES / 2
    print(
        f"  rank sets, one at a time   {one:7.2f} s   loop in pandas {loop:8.0f} s   {loop / one:7.0f} times"
    )
    print(f"  rank sets of all at once   {every:7.2f} s")
    print(f"  plausible ranks            {drawn:7.2f} s")
    whole, table = timed(
        lambda: positions(
            Panel(frame, read_instrument("alignment"), {}), 2025, rng=np.random.default_rng(SEED)
        )
    )
    np.testing.assert_allclose(table["percentile"].head(2), again["percentile"])  # type: ignore[index]
    print(
        f"  positions with all of them {whole:7.2f} s   loop in pandas {loop:8.0f} s   {loop / whole:7.0f} times"
    )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"  largest memory of the process: {memory:.1f} GB")


if __name__ == "__main__":
    main()
