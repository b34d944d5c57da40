import csv
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
REAL = Path(os.environ.get("ALIGNMARK_REAL_DATA", ROOT.parent / "shared" / "data")) / "platform_exports"

WriteRecords = Callable[..., Path]


@pytest.fixture(scope="session")
def real_folder() -> Path:
    """Where the real exports lie, if they are here at all."""
    return REAL


@pytest.fixture
def real(real_folder: Path) -> Path:
    if not real_folder.is_dir():
        pytest.skip(f"no real exports in {real_folder}")
    return real_folder


@pytest.fixture
def write_records(tmp_path: Path) -> WriteRecords:
    """Write rows of cells as a CSV file."""

    def write(records: list[list[str]], name: str = "a.csv", mark: str = ",") -> Path:
        stream = io.StringIO()
        csv.writer(stream, delimiter=mark).writerows(records)
        path = tmp_path / name
        path.write_text(stream.getvalue(), encoding="utf-8", newline="")
        return path

    return write
