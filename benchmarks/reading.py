"""Time and memory of reading a large Qualtrics export, against pandas and polars reading the same file.

Each reader works in a fresh process, so that its peak of memory is its own, and they take turns, so that
whatever else the machine does meets all of them.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from survey.readers.detect import read_export

RESPONSES, ITEMS, ROUNDS, SEED = 1_000_000, 20, 3, 1
HEADER_ROWS = 3
ASKED = {
    "StartDate": "Start Date",
    "EndDate": "End Date",
    "Status": "Response Type",
    "IPAddress": "IP Address",
    "Progress": "Progress",
    "Duration (in seconds)": "Duration (in seconds)",
    "Finished": "Finished",
    "RecordedDate": "Recorded Date",
    "ResponseId": "Response ID",
    "DistributionChannel": "Distribution Channel",
    "UserLanguage": "User Language",
    "Q1": "Which company do you work for?",
    "Q2": "Where do you work, mainly?",
    **{f"Q3_{n}": f"How far do you agree, today? - Statement {n}, as we say it" for n in range(1, ITEMS + 1)},
    "Q4": "Anything else?\nTell us.",
}
"""Question texts by column id."""
AGREEMENT = ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree", ""]
COMMENTS = [
    *[""] * 6,
    "More shared targets, please",
    'Sales calls them "leads", marketing calls them names',
    "First: one funnel.\nSecond: one meeting, every week.",
    "Größere Budgets für gemeinsame Kampagnen",
]


def write_export(path: Path) -> None:
    """Write an export as Qualtrics does: column ids, question texts and import ids above the answers."""
    above = [list(ASKED), list(ASKED.values()), [f'{{"ImportId":"QID{n}"}}' for n in range(len(ASKED))]]
    with path.open("wb") as stream:
        for rows in (pl.DataFrame(above, orient="row"), pl.DataFrame(_answers(np.random.default_rng(SEED)))):
            rows.write_csv(stream, include_header=False)


def _answers(rng: np.random.Generator) -> dict[str, pl.Series]:
    def some(texts: list[str]) -> pl.Series:
        return pl.Series(texts).gather(rng.integers(len(texts), size=RESPONSES))

    days = [f"2025-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]
    moments = [
        f"{day} {hour:02}:{minute:02}:07" for day in days for hour in range(24) for minute in range(60)
    ]
    number = pl.Series(range(RESPONSES)).cast(pl.String)
    kinds = {
        "Status": ["IP Address"] * 40 + ["Survey Preview"],
        "IPAddress": [f"203.0.113.{n}" for n in range(256)],
        "Progress": ["100"] * 9 + ["40"],
        "Duration (in seconds)": [str(n) for n in range(60, 3000)],
        "Finished": ["True"] * 9 + ["False"],
        "DistributionChannel": ["anonymous", "email"],
        "UserLanguage": ["EN", "DE"],
        "Q1": [f"Company {n}, Ltd" for n in range(4000)],
        "Q2": ["Sales", "Marketing"],
        "Q4": COMMENTS,
    }
    return {
        id_: "R_" + number.str.zfill(15)
        if id_ == "ResponseId"
        else some(moments if "Date" in id_ else kinds.get(id_, AGREEMENT))
        for id_ in ASKED
    }


def by_alignmark(path: Path) -> pd.DataFrame:
    """Read as `alignmark run` does: encoding, delimiter, header rows and platform found, rows numbered."""
    return read_export(path).frame


def by_pandas(path: Path) -> pd.DataFrame:
    """Read as one does by hand, knowing the delimiter, the encoding and which rows to skip."""
    return pd.read_csv(path, skiprows=[1, 2], dtype="str")


def by_polars(path: Path) -> pl.DataFrame:
    """Read likewise; rows 2 and 3 are cut off afterwards, for polars skips lines, not records."""
    return pl.read_csv(path, infer_schema=False)[HEADER_ROWS - 1 :]


READERS: dict[str, Callable[[Path], pd.DataFrame | pl.DataFrame]] = {
    "pandas.read_csv": by_pandas,
    "polars.read_csv": by_polars,
    "alignmark read_export": by_alignmark,
}


def check(path: Path) -> None:
    """Make sure that `read_export` and pandas read the same cells."""
    pd.testing.assert_frame_equal(by_alignmark(path), by_pandas(path))


def measure(reader: str, path: Path) -> dict[str, float]:
    """Read the file in this process: seconds, and the peak of memory in MB."""
    start = time.perf_counter()
    frame = READERS[reader](path)
    took = time.perf_counter() - start
    assert frame.shape == (RESPONSES, len(ASKED))
    return {"seconds": took, "megabytes": _peak_kilobytes() / 1000}


def _peak_kilobytes() -> int:
    """Peak of memory of this process; `ru_maxrss` of a child starts at that of its parent on Linux."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if "VmHWM" in line)
    kilobytes = 1 if sys.platform != "darwin" else 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // kilobytes


def in_fresh_processes(path: Path) -> dict[str, dict[str, float]]:
    """Medians of seconds and peaks by reader, each round with every reader in turn."""
    found: dict[str, list[dict[str, float]]] = {reader: [] for reader in READERS}
    for _ in range(ROUNDS):
        for reader, times in found.items():
            command = [sys.executable, "-m", "benchmarks.reading", reader, str(path)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            times.append(json.loads(done.stdout))
    return {reader: pd.DataFrame(times).median().to_dict() for reader, times in found.items()}


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.csv"
        write_export(path)
        check(path)
        size = path.stat().st_size / 1e6
        print(
            f"reading a Qualtrics export of {RESPONSES:,} x {len(ASKED)}, {size:.0f} MB (median of {ROUNDS})"
        )
        times = in_fresh_processes(path)
    by_hand = times["pandas.read_csv"]
    for reader, took in times.items():
        ratio = took["seconds"] / by_hand["seconds"]
        memory = took["megabytes"] / by_hand["megabytes"]
        print(
            f"  {reader:<34} {took['seconds']:6.2f} s  {ratio:5.2f} of pandas"
            f"   {took['megabytes']:6.0f} MB at most, {memory:4.2f} of pandas"
        )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
    else:
        main()
