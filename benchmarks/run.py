"""Time the example study by stage; and what is heavy against what one writes or picks instead.

Run with ``make bench``. Ratios travel between machines, seconds do not; both are printed.
"""

import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from alignmark.run import run
from alignmark.study import read_study
from analysis.measure.scoring import score_frame
from benchmarks import (
    agreement,
    careless,
    companies,
    crosstabs,
    design,
    disclosure,
    factors,
    models,
    positions,
    reading,
    replicates,
    scorecards,
)
from survey.instrument import Instrument, read_instrument

STUDY = Path(__file__).resolve().parents[1] / "examples" / "alignment_study" / "study.yaml"
RESPONDENTS, REPEATS, SEED = 1_000_000, 5, 1


def stages() -> dict[str, float]:
    """Seconds per stage of `alignmark run` on the example study."""
    marks: list[tuple[str, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        run(
            read_study(STUDY),
            Path(folder) / "out",
            step=lambda name: marks.append((name, time.perf_counter())),
        )
    marks.append(("end", time.perf_counter()))
    return {name: after - at for (name, at), (_, after) in pairwise(marks)}


def answers(instrument: Instrument, rows: int) -> pd.DataFrame:
    """Make uniform answers of 1-5 to every construct item, one in twenty missing."""
    rng = np.random.default_rng(SEED)
    items = [key for key, question in instrument.columns.items() if question.section == "construct"]
    values = rng.integers(1, 6, size=(rows, len(items))).astype(float)
    values[rng.random(values.shape) < 0.05] = np.nan
    return pd.DataFrame(values, columns=items)


def by_hand(frame: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Score as the usual script does: turn, mask, mean over the row, to 0-100."""
    scores = pd.DataFrame(index=frame.index)
    for construct, declared in instrument.constructs.items():
        part = frame[list(declared.items)].copy()
        for name, item in declared.items.items():
            if item.reverse:
                part[name] = 6 - part[name]
        mean = part.mean(axis=1)
        mean[part.notna().sum(axis=1) < 0.5 * part.shape[1]] = np.nan
        scores[construct] = (mean - 1) / 4 * 100
    return scores


def seconds(work: Callable[[], object]) -> float:
    """Median seconds of several runs."""
    times = []
    for _ in range(REPEATS):
        gc.collect()
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def scoring() -> dict[str, float]:
    """Seconds for scoring one million respondents, three ways, after checking that the scores agree."""
    instrument = read_instrument("alignment")
    frame = answers(instrument, RESPONDENTS)
    as_polars = pl.from_pandas(frame, nan_to_null=True)
    ours = score_frame(frame, instrument)
    np.testing.assert_allclose(
        ours[list(instrument.constructs)].to_numpy(), by_hand(frame, instrument).to_numpy(), atol=1e-9
    )
    return {
        "pandas by hand": seconds(lambda: by_hand(frame, instrument)),
        "alignmark, pandas in and out": seconds(lambda: score_frame(frame, instrument)),
        "alignmark, polars in and out": seconds(lambda: score_frame(as_polars, instrument)),
    }


def main() -> None:
    """Print all tables."""
    times = stages()
    print("example study, exports to report")
    for name, took in times.items():
        print(f"  {name:<34} {took:6.2f} s  {took / sum(times.values()):5.0%}")
    print(f"  {'all':<34} {sum(times.values()):6.2f} s")
    times = scoring()
    print(f"scoring {RESPONDENTS:,} respondents (median of {REPEATS})")
    for name, took in times.items():
        print(f"  {name:<34} {took:6.2f} s  {times['pandas by hand'] / took:5.1f} times as fast as by hand")
    careless.main()
    agreement.main()
    design.main()
    factors.main()
    models.main()
    replicates.main()
    crosstabs.main()
    positions.main()
    scorecards.main()
    reading.main()
    companies.main()
    disclosure.main()


if __name__ == "__main__":
    main()
