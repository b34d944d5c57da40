"""The page on a common source and the part on who did not answer, where nothing is known."""

from types import SimpleNamespace

import pytest

from reports.checks import SameSource, WhoIsMissing
from reports.documents.nonresponse import nonresponse
from reports.documents.same_source import same_source
from reports.evidence import Evidence
from reports.report import Callout


def evidence(**parts: object) -> Evidence:
    return SimpleNamespace(**parts)  # type: ignore[return-value]


def test_one_reason_for_every_check_is_said_once() -> None:
    why = dict.fromkeys(("crossed", "marker", "method", "harman"), "nobody was asked")
    section = same_source(evidence(same_source=SameSource(why=why)))
    (block,) = section.blocks
    assert isinstance(block, Callout)
    assert block.text == "Not available: nobody was asked."


@pytest.mark.parametrize(("silent", "callouts"), [("no times", 2), ("one function", 3)])
def test_who_did_not_answer_says_what_is_not_known(silent: str, callouts: int) -> None:
    missing = WhoIsMissing(why={"register": "no frame", "late": "no times", "silent": silent})
    found = [block for block in nonresponse(evidence(missing=missing)) if isinstance(block, Callout)]
    assert len(found) == callouts
    assert found[0].text == "Not available: no frame."
