"""Releases one after the other: the ledger as a file, and what it forbids."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from alignmark.cell_members import values_of
from alignmark.disclosure_rules import Disclosure
from alignmark.membership import Membership, cells_of_the_index
from alignmark.releasing import NOTHING, Released, read_released, released_with, withheld_rows
from alignmark.study import read_study
from analysis.benchmark.release_ledger import ReleaseLedger, read_ledger
from survey.problems import InputError
from tests.alignmark.conftest import Ran, replaced

Spoil = Callable[..., Path]
SECRET = b"a secret of sixteen"


def release(*cells: tuple[str, range]) -> tuple[dict[str, pd.DataFrame], Membership]:
    """Return the table of norms of a release and whose values are in it: one cell per wave and group."""
    rows = pd.DataFrame({"n": [len(companies) for _, companies in cells], "mean": 50.0})
    named = pd.DataFrame(
        {
            "name": "index_by_wave",
            "row": range(len(cells)),
            "table": "index_by_wave",
            "side": "",
            "known": False,
        }
    )
    members = pd.DataFrame(
        [(cell, f"firm {c}", of) for cell, (of, companies) in enumerate(cells) for c in companies],
        columns=["cell", "company", "of"],
    )
    return {"index_by_wave": rows}, Membership(named, members.assign(weight=1.0, sign=1.0))


def publish(
    *cells: tuple[str, range], released: Released = NOTHING, rule: Disclosure | None = None
) -> tuple[list[str], Released]:
    """Publish what the rules allow; return why cells were withheld, and what is published then."""
    rule = rule or Disclosure()
    published, made_of = release(*cells)
    why = withheld_rows(published, made_of, rule, released=released)["index_by_wave"]
    reasons = why.reindex(range(len(cells)), fill_value="companies")
    safe = {"index_by_wave": published["index_by_wave"].assign(suppressed=reasons.ne(""), withheld=reasons)}
    return reasons.tolist(), Released(released_with(safe, made_of, rule, released=released), released.key)


def test_a_release_that_differs_by_a_few_companies_is_withheld_and_stays_out_of_the_ledger() -> None:
    _, first = publish(("alignment|2025", range(20)))
    again, same = publish(("alignment|2025", range(20)), released=first)
    few, second = publish(("alignment|2025", range(23)), released=first)
    many, third = publish(("alignment|2025", range(26)), released=first)
    assert (again, few, many) == ([""], ["differencing"], [""])
    assert [len(found.ledger.cells) for found in (first, same, second, third)] == [1, 1, 1, 2]
    assert third.ledger.releases == ("release 1", "release 2")
    # The second against both that went before it.
    assert publish(("alignment|2025", range(28)), released=third)[0] == ["differencing"]
    assert publish(("alignment|2026", range(28)), released=third)[0] == [""]


def test_a_ledger_kept_as_a_file_says_the_same_and_names_nobody() -> None:
    _, first = publish(("alignment|2025", range(20)), ("goals|2025", range(20)))
    text = json.dumps(first.ledger.to_json())
    assert "firm" not in text
    kept = Released(read_ledger(json.loads(text)))
    pd.testing.assert_frame_equal(kept.ledger.cells, first.ledger.cells)
    assert publish(("alignment|2025", range(22)), released=kept)[0] == ["differencing"]
    assert json.dumps(kept.ledger.to_json()) == text


def test_companies_are_known_again_under_the_same_key_only() -> None:
    _, first = publish(("alignment|2025", range(20)), released=Released(ReleaseLedger(), SECRET))
    other = Released(first.ledger, b"another one of 16")
    assert publish(("alignment|2025", range(23)), released=first)[0] == ["differencing"]
    codes = set(first.ledger.members["company"])
    _, alone = publish(("alignment|2025", range(20)), released=Released(ReleaseLedger(), other.key))
    assert not codes & set(alone.ledger.members["company"])


def test_the_name_of_a_release_is_that_of_the_study() -> None:
    _, first = publish(("alignment|2025", range(20)), rule=Disclosure(release="Spring"))
    assert first.ledger.releases == ("Spring",)


def test_a_run_leaves_a_ledger_of_what_it_shows(ran: Ran) -> None:
    ledger = read_ledger(json.loads((ran.out / "release.json").read_text(encoding="utf-8")))
    pd.testing.assert_frame_equal(ledger.cells, ran.evidence.release.cells)
    assert ledger.key == ""
    assert set(ledger.cells["release"]) == {"release 1"}
    assert ledger.cells["table"].str.startswith("pack").any()
    text = (ran.out / "release.json").read_text(encoding="utf-8")
    assert [name for name in ran.evidence.panel.frame["company"].unique() if f'"{name}"' in text] == []
    of = ledger.members.groupby("cell")["of"].unique().map(lambda names: "|".join(sorted(names)))
    assert len(of) == len(ledger.cells)
    changes = of[ledger.cells["table"].eq("changes").to_numpy()]
    shown = ran.evidence.changes
    # Of a change without its levels stands one cell, the later values less the earlier ones.
    assert len(changes) == (~shown["suppressed"]).sum() + 2 * shown["withheld"].eq("").sum()
    assert changes.str.contains("less ").sum() == (~shown["suppressed"]).sum()


def test_what_stands_on_the_index_goes_where_its_norm_goes() -> None:
    frame = pd.DataFrame(
        {"company": list("abc"), "wave": 2025, "alignment": [40.0, 60.0, None], "trust": 50.0}
    )
    published = {
        "adequacy": pd.DataFrame({"definition": ["said", "index"]}),
        "stages": pd.DataFrame({"stage": ["aligned"]}),
        "ladder": pd.DataFrame({"headline": ["best", "alignment", "adequate", "gap"]}),
    }
    cells = pd.concat(cells_of_the_index(published, values_of(frame)))
    assert {(name, row) for name, row in zip(cells["name"], cells["row"], strict=True)} == {
        ("adequacy", 1), ("stages", 0), ("ladder", 1), ("ladder", 2), ("ladder", 3),
    }  # fmt: skip
    assert set(cells["company"]) == {"a", "b"}
    assert set(cells["of"]) == {"alignment|2025"}


def test_the_signs_of_changes_survive_the_ledger_as_a_file(ran: Ran) -> None:
    ledger = read_ledger(json.loads(json.dumps(ran.evidence.release.to_json())))
    assert ledger.members["of"].str.startswith("less ").any()
    pd.testing.assert_frame_equal(
        ledger.members.sort_values(["cell", "of", "company"], ignore_index=True),
        ran.evidence.release.members.sort_values(["cell", "of", "company"], ignore_index=True),
    )


BAD = {
    "no.json": ("", "no.json cannot be read (No such file or directory)"),
    "text.json": ("hello", "text.json is no JSON"),
    "list.json": ("[1]", "list.json is no ledger of releases of form 1"),
    "form.json": ('{"ledger": 2}', "form.json is no ledger of releases of form 1"),
    "cut.json": ('{"ledger": 1, "key": "", "companies": ["c-1"], "groups": [[4]], "cells": '
                 '[{"release": "a", "table": "b", "of": {"x": 0}}]}', "cut.json was changed"),
    "secret.json": ('{"ledger": 1, "key": "c-1", "companies": [], "groups": [], "cells": []}',
                    "secret.json was written under a secret key; name it as `privacy.key_file`"),
}  # fmt: skip
"""Files that are no ledger of this study, and what is said of each."""


@pytest.mark.parametrize("name", BAD)
def test_a_ledger_that_cannot_serve_is_a_problem_at_its_key(tiny: Path, tmp_path: Path, name: str) -> None:
    text, said = BAD[name]
    if text:
        (tmp_path / name).write_text(text, encoding="utf-8")
    study = tmp_path / "study.yaml"
    own = replaced(
        (tiny / "study.yaml").read_text(encoding="utf-8"),
        ("seed: 1", f"seed: 1\ndisclosure: {{ledger: {name}}}"),
    )
    study.write_text(own, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_released(read_study(study, data=tmp_path))
    (problem,) = caught.value.problems
    assert problem.what.startswith(said)
    assert problem.column == "disclosure.ledger"
    assert problem.row is not None
