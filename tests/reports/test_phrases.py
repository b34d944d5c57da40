"""Sentences in every language: all of them there, filled with the same values, all of them used."""

import re
from pathlib import Path

import pytest

from reports.phrases import phrase, phrases

ROOT = Path(__file__).resolve().parents[2]


def test_a_language_that_is_not_there_is_told_in_english() -> None:
    assert phrase("comparison", "you", "fr") == "You"
    assert phrase("comparison", "you", "de_AT") == "Sie"


def test_an_unknown_sentence_is_refused_with_a_suggestion() -> None:
    with pytest.raises(KeyError, match="stand_title"):
        phrase("comparison", "stand_titel", "en")


def test_every_sentence_is_said_somewhere() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "reports").rglob("*.py")) + (
        ROOT / "alignmark" / "packing.py"
    ).read_text(encoding="utf-8")
    made = ("function_", "segment_", "best_lead_", "off_", "stand_lower_", "stand_figure_")
    said = set(re.findall(r"'\w+'|\"\w+\"", code))
    unused = [
        key
        for key in phrases("comparison")
        if not {f'"{key}"', f"'{key}'"} & said and not key.startswith(made)
    ]
    assert unused == []
