"""Time agreement within companies against a loop over the companies in pandas, and against R multilevel where it is.

20,000 companies, 10 constructs of three items, 10 informants each; seconds of processor time, so that other work
beside does not count. The rivals get fewer companies, and their seconds are scaled in proportion. Ours compute all
indices at once; `rwg(j) and AD` is the time for the whole table against that of the rivals for these two alone.
"""

import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.measure.agreement import agreement
from analysis.measure.icc import icc
from survey.instrument import Instrument
from survey.responses import Responses

COMPANIES, CONSTRUCTS, ITEMS, INFORMANTS, REPEATS, SEED = 20_000, 10, 3, 10, 5, 1
IN_PANDAS, IN_R = 100, 1_000
"""Companies that the rivals get."""
NAMES = {f"c{c}": [f"c{c}_{i}" for i in range(ITEMS)] for c in range(CONSTRUCTS)}
SCRIPT = Path(__file__).with_suffix(".R")
WORD = {"en": "..."}


def instrument() -> Instrument:
    return Instrument.model_validate(
        {
            "instrument": "benchmark",
            "version": "1",
            "languages": ["en"],
            "title": WORD,
            "index": WORD,
            "scales": {"agree": {"min": 1, "max": 5}},
            "constructs": {
                name: {
                    "title": WORD,
                    "definition": WORD,
                    "scale": "agree",
                    "items": {item: {"text": WORD} for item in items},
                }
                for name, items in NAMES.items()
            },
        }
    )


def answers(companies: int) -> Responses:
    """Make answers of 1-5 in which companies differ and informants of one are somewhat alike."""
    rng = np.random.default_rng(SEED)
    company = np.repeat(np.arange(companies), INFORMANTS)
    frame = {}
    for items in NAMES.values():
        level = 3 + 0.7 * rng.normal(size=companies)[company] + 0.5 * rng.normal(size=len(company))
        for item in items:
            frame[item] = np.clip(np.round(level + 0.7 * rng.normal(size=len(company))), 1, 5)
    table = pd.DataFrame({"company": company, "function": "", "wave": 1, **frame})
    return Responses(table, instrument(), pd.Series(dtype=float))


def scores(responses: Responses) -> pd.DataFrame:
    """Return construct means, in the columns that `icc` expects."""
    means = {name: responses.frame[items].mean(axis=1) for name, items in NAMES.items()}
    return responses.frame[["company", "function", "wave"]].assign(**means)


def one_group(group: pd.DataFrame) -> dict[str, float]:
    """Return the indices of one company on one construct, as one would write them."""
    n, q, mean = len(group), group.var().mean() / 2, group.mean()
    share = min(q, 1.0)
    largest = (6 * mean - mean**2 - 5) * n / (n - 1)
    possible = (mean >= 1 + 4 / n) & (mean <= 5 - 4 / n)
    awg = (1 - 2 * group.var() / largest).where(possible).mask((mean == 1) | (mean == 5), 1.0)
    return {
        "rwg_j": ITEMS * (1 - share) / (ITEMS * (1 - share) + share),
        "rwg_lindell": 1 - q,
        "ad": (group - mean).abs().mean().mean(),
        "ad_median": (group - group.median()).abs().mean().mean(),
        "awg": awg.mean(),
        "sd_wg": group.std().mean(),
    }


def one_group_two_indices(group: pd.DataFrame) -> dict[str, float]:
    share = min(group.var().mean() / 2, 1.0)
    return {
        "rwg_j": ITEMS * (1 - share) / (ITEMS * (1 - share) + share),
        "ad": (group - group.mean()).abs().mean().mean(),
    }


def by_company(responses: Responses, indices: Callable[[pd.DataFrame], dict[str, float]]) -> pd.DataFrame:
    rows = [
        {"construct": name, "company": company, **indices(group)}
        for name, items in NAMES.items()
        for company, group in responses.frame.groupby("company")[items]
    ]
    return pd.DataFrame(rows)


def timed(work: Callable[[], pd.DataFrame]) -> tuple[float, pd.DataFrame]:
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def in_pandas() -> tuple[float, float]:
    """Seconds for all indices and for rwg(j) and AD, scaled, after checking that the values agree."""
    responses = answers(IN_PANDAS)
    took, table = timed(lambda: by_company(responses, one_group))
    ours = agreement(responses)
    for name in one_group(responses.frame[NAMES["c0"]]):
        np.testing.assert_allclose(ours[name], table[name], rtol=1e-9, atol=1e-12, err_msg=name)
    took_two, _ = timed(lambda: by_company(responses, one_group_two_indices))
    return took * COMPANIES / IN_PANDAS, took_two * COMPANIES / IN_PANDAS


def in_r() -> dict[str, float]:
    """Seconds per index in R, scaled to all companies; none where R or its package is not installed."""
    if shutil.which("Rscript") is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answers.csv"
        items = [item for names in NAMES.values() for item in names]
        answers(IN_R).frame[["company", *items]].to_csv(file, index=False)
        command = ["Rscript", str(SCRIPT), str(file), str(ITEMS)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        print(f"R did not run: {ran.stderr.strip().splitlines()[-1:]}")
        return {}
    lines = (line.split() for line in ran.stdout.splitlines())
    return {name: float(took) * COMPANIES / IN_R for name, took in lines}


def main() -> None:
    """Print seconds and ratios."""
    by_row, by_row_two = in_pandas()
    by_r = in_r()
    responses = answers(COMPANIES)
    frame = scores(responses)
    ours = statistics.median(timed(lambda: agreement(responses))[0] for _ in range(REPEATS))
    components = statistics.median(timed(lambda: icc(frame, list(NAMES)))[0] for _ in range(REPEATS))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"agreement, {COMPANIES:,} companies x {CONSTRUCTS} constructs of {ITEMS} items x {INFORMANTS} informants "
        f"(rivals scaled from {IN_PANDAS:,} and {IN_R:,} companies)"
    )
    indices = ("rwg_j", "rwg_lindell", "ad", "ad_median", "awg")
    r_all, r_two = (sum(by_r.get(name, 0.0) for name in names) for names in (indices, ("rwg_j", "ad")))
    lines = [
        ("all indices, five nulls", ours, by_row, r_all),
        ("rwg(j) and AD", ours, by_row_two, r_two),
        ("ICC, with intervals", components, 0.0, by_r.get("icc", 0.0)),
    ]
    for name, own, rows, r in lines:
        against = f"   pandas by company {rows:6.0f} s {rows / own:6.0f} times" if rows else ""
        against += f"   R {r:6.1f} s {r / own:6.0f} times" if by_r else "   R is not installed"
        print(f"  {name:<24} {own:6.2f} s{against}")
    print(f"  largest memory of the process, the answers among it: {memory:.1f} GB")


if __name__ == "__main__":
    main()
