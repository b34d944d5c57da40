"""Time complementary suppression of some 2,000 linked cells, and say how much it hides.

Four tables of revenue by industry (in sectors), region, size and channel, with all margins; 3,000 companies. Against
the same with the outsider alone in view, and one linear program per cell and direction, which is what tools for
suppression do; of these a few are timed and scaled in proportion. Seconds of processor time.
"""

import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from analysis.benchmark.attack import feasible_intervals
from analysis.benchmark.linked_tables import LinkedTables, link_tables
from analysis.benchmark.primary_rules import PrimaryRules
from analysis.benchmark.suppression import Suppression, protect

COMPANIES, TIMED, SEED = 3_000, 20, 1


def tables() -> LinkedTables:
    rng = np.random.default_rng(SEED)
    frame = pd.DataFrame(
        {
            "company": np.arange(COMPANIES),
            "industry": rng.integers(0, 36, COMPANIES),
            "region": rng.integers(0, 14, COMPANIES),
            "size": rng.integers(0, 6, COMPANIES),
            "channel": rng.integers(0, 4, COMPANIES),
            "revenue": rng.lognormal(3, 1, COMPANIES),
        }
    )
    frame["sector"] = frame["industry"] // 6
    layout = [
        ["industry", "region"],
        ["industry", "size", "channel"],
        ["region", "size"],
        ["region", "channel"],
    ]
    return link_tables(frame, layout, value="revenue", levels={"industry": ["sector"]})


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Print seconds and what is hidden."""
    linked = tables()
    found: list[Suppression] = []
    took = seconds(lambda: found.append(protect(linked, PrimaryRules(largest_share=0.5))))
    reasons = found[0].cells["reason"]
    primary = np.flatnonzero(~reasons.isin(["", "complementary"]))
    some = primary[:: max(len(primary) // TIMED, 1)].tolist()
    audit = (
        seconds(lambda: feasible_intervals(linked, found[0].hidden, targets=some)) * len(primary) / len(some)
    )
    print(f"complementary suppression of {len(linked.cells):,} linked cells, {COMPANIES:,} companies")
    print(f"  hidden by a rule {len(primary):,}, complementary {(reasons == 'complementary').sum():,}, "
          f"open {len(found[0].unprotected):,}")  # fmt: skip
    print(f"  safe from an outsider and every member  {took:7.1f} s")
    print(f"  attack by an outsider, a program a cell {audit:7.1f} s  {audit / took:5.1f} times as long")


if __name__ == "__main__":
    main()
