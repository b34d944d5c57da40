"""Time twenty declared models under six kinds of errors, and a wild bootstrap, against statsmodels' formulas.

5,000 companies in three waves. The rival is the loop that one writes: ``smf.ols(formula, frame).fit(cov_type=...)``
for each model and kind of errors; and for the bootstrap a new fit of every drawn outcome, of which a few are timed and
scaled in proportion. Seconds of processor time, so that other work beside does not count.
"""

import resource
import statistics
import time
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from analysis.explain.regression import Fit, fit_frame
from analysis.explain.specification import Specification

COMPANIES, WAVES, DRAWN, FEW, REPEATS, SEED = 5_000, 3, 9_999, 20, 3, 1
CONTROLS = ("size", "age", "prior", "spend")
KINDS = ("classical", "HC0", "HC1", "HC2", "HC3", "cluster")


def panel() -> pd.DataFrame:
    """Make companies whose growth goes with alignment, size and industry."""
    rng = np.random.default_rng(SEED)
    company = np.repeat(np.arange(COMPANIES), WAVES)
    n = len(company)
    frame = pd.DataFrame(rng.normal(size=(n, len(CONTROLS))), columns=list(CONTROLS))
    frame["company"], frame["wave"] = company, np.tile(np.arange(2023, 2023 + WAVES), COMPANIES)
    frame["industry"] = rng.choice([f"industry {i}" for i in range(12)], COMPANIES)[company]
    frame["alignment"] = 55 + rng.normal(0, 8, COMPANIES)[company] + rng.normal(0, 6, n)
    level = rng.normal(0, 5, COMPANIES)[company]
    frame["growth"] = 0.1 * frame["alignment"] + frame["size"] + level + rng.normal(0, 10, n)
    return frame


def models() -> list[Specification]:
    """Return twenty models: choices of controls and of effects."""
    chosen = [part for size in range(3) for part in combinations(CONTROLS, size)][:10]
    return [
        Specification(
            f"{controls} {effects}", "growth", controls=controls, effects=effects, covariance=KINDS[0],
            also=KINDS[1:],
        )
        for controls in chosen
        for effects in (("wave",), ("wave", "industry"))
    ]  # fmt: skip


def ours(frame: pd.DataFrame) -> list[Fit]:
    return [fit_frame(model, frame) for model in models()]


def theirs(frame: pd.DataFrame) -> list[float]:
    """Slopes and their errors, model by model and kind by kind."""
    found = []
    for model in models():
        for kind in KINDS:
            how = {"cov_type": "nonrobust" if kind == "classical" else kind, "use_t": True}
            if kind == "cluster":
                how["cov_kwds"] = {"groups": frame["company"].to_numpy()}
            fitted = smf.ols(model.formula, frame).fit(**how)
            found += [fitted.params["alignment"], fitted.bse["alignment"]]
    return found


def bootstrapped(frame: pd.DataFrame, weights: str) -> Fit:
    """Test the slope of the largest model by the wild bootstrap."""
    large = Specification(
        "wild", "growth", controls=CONTROLS, effects=("wave", "industry"), covariance="wild", weights=weights
    )
    return fit_frame(large, frame, rng=np.random.default_rng(SEED))


def refitted(frame: pd.DataFrame) -> float:
    """Seconds that `DRAWN` fits of drawn outcomes would take, from a few of them."""
    formula = models()[-1].formula.replace("growth", "drawn")
    rng = np.random.default_rng(SEED)
    groups = frame["company"].to_numpy()
    residuals = frame["growth"] - frame["growth"].mean()
    start = time.process_time()
    for _ in range(FEW):
        signs = rng.choice([-1.0, 1.0], COMPANIES)[groups]
        drawn = frame.assign(drawn=residuals * signs)
        fitted = smf.ols(formula, drawn).fit(cov_type="cluster", cov_kwds={"groups": groups})
        fitted.tvalues["alignment"]
    return (time.process_time() - start) / FEW * DRAWN


def timed(work: Callable[[], object]) -> tuple[float, object]:
    """Median processor seconds of several runs, and what came out."""
    times, result = [], None
    for _ in range(REPEATS):
        start = time.process_time()
        result = work()
        times.append(time.process_time() - start)
    return statistics.median(times), result


def main() -> None:
    """Print seconds and ratios, after checking that the estimates are equal."""
    frame = panel()
    own, fits = timed(lambda: ours(frame))
    other, expected = timed(lambda: theirs(frame))
    slopes = [
        fit.by_errors.loc[fit.by_errors["term"] == "alignment", ["estimate", "std_error"]] for fit in fits
    ]
    np.testing.assert_allclose(pd.concat(slopes).to_numpy().ravel(), expected, rtol=1e-8)
    print(f"{len(fits)} models x {len(KINDS)} kinds of errors, {COMPANIES:,} companies x {WAVES} waves")
    print(f"  alignmark {own:7.2f} s   statsmodels by formula {other:7.1f} s   {other / own:5.0f} times")
    loop = refitted(frame)
    for weights in ("", "size_weight"):
        used = frame.assign(size_weight=np.exp(frame["size"] / 4))
        own, _ = timed(lambda used=used, weights=weights: bootstrapped(used, weights))
        what = f"wild bootstrap, {DRAWN:,} draws{', weighted' if weights else ''}"
        print(f"  {what:<40} {own:7.2f} s   statsmodels by formula {loop:7.0f} s   {loop / own:5.0f} times")
    also = Specification("m", "growth", controls=CONTROLS, effects=("wave", "industry"), covariance="CR2")
    print(f"  CR2 with Satterthwaite's degrees of freedom {timed(lambda: fit_frame(also, frame))[0]:7.2f} s")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"  largest memory of the process: {memory:.1f} GB")


if __name__ == "__main__":
    main()
