"""Where companies stand, as the study writes it: among all, among peers, in classes, away from the best."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from alignmark.placing import AMONG_PEERS, AWAY, _distances
from alignmark.run import compute
from alignmark.study import read_study
from reports.evidence import Evidence
from survey.problems import InputError
from tests.alignmark.conftest import computed

if TYPE_CHECKING:
    from tests.alignmark.conftest import Ran

Spoil = Callable[..., Path]

SECTORS = """\
peers:
  ladder: [[sector], [industry], []]
  minimum: 5
  groups:
    sector: {of: industry, groups: {makers: [Machinery], coders: [Software]}}
composites:
  weightings: [equal]
  aggregations: [arithmetic]
  own: {experts: {goals: 3, trust: 1}}
models:
"""


def declaring(spoiled: Spoil) -> Evidence:
    """Compute the tiny study with peers and composites of its own, where single companies may be shown."""
    few = f"disclosure:\n  minimum_companies: 1\n{SECTORS}"
    return computed(spoiled(("models:\n", few), ("    best: 0.2\n", "    best: 0.4\n")))[0]


def test_companies_stand_among_all_and_among_peers(tiny: Path) -> None:
    found = computed(tiny / "study.yaml")[0]
    table = found.positions
    assert not table["company"].duplicated().any()
    assert (table["rank_low"].dropna() <= table["rank"][table["rank_low"].notna()]).all()
    known = [name for name in ("industry", "size", "region") if name in found.panel.frame]
    assert known
    assert set(AMONG_PEERS.values()) <= set(table)
    served = table[table["peer_rung"] > 0]
    assert (served["peer_n"] >= found.facts.minimum_companies).all()
    # With so few companies everybody is everybody's peer where no closer group is large enough.
    whole = served[served["peer_group"] == "all companies"]
    assert (whole["peer_percentile"] == whole["percentile"]).all()
    assert table["peer_note"].notna().all()
    bracketed = table.dropna(subset=["composite_rank_best"])
    assert len(bracketed)
    assert (bracketed["composite_rank_best"] <= bracketed["composite_rank_worst"]).all()
    assert bracketed["composite_class_share"].between(0, 100).all()


def test_peers_and_composites_are_those_that_the_study_declares(spoiled: Spoil) -> None:
    found = declaring(spoiled)
    assert set(found.positions["peer_group"]) == {"sector makers", "sector coders"}
    assert found.benchmarks.composites[["weighting", "aggregation"]].values.tolist() == [
        ["equal", "arithmetic"],
        ["experts", "arithmetic"],
    ]
    assert set(found.benchmarks.norms["segment"]) == {"", "sector", "industry"}
    assert found.benchmarks.rungs["companies"].tolist() == [12, 0, 0]
    assert found.benchmarks.peer_minimum == 5


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "[sector], [industry]",
            "[sektor], [industry]",
            "'sektor' is no column of this study; sector, industry",
        ),
        ("of: industry", "of: industri", "'industri' is no column of this study"),
        ("makers: [Machinery]", "makers: [Machinary]", "no company has the industry 'Machinary'"),
        ("coders: [Software]", "coders: [Machinery]", "'Machinery' is in the group 'makers' already"),
        ("[[sector], [industry], []]", "[[], [industry]]", "never reached"),
        ("[[sector], [industry], []]", "[[sector], [sector]]", "stands on the ladder already"),
        ("{goals: 3, trust: 1}", "{gaols: 3}", "'gaols' is no construct of the index"),
        ("{goals: 3, trust: 1}", "{goals: 0}", "weighs nothing"),
        ("experts", "equal", "is built anyway"),
        ("    sector: {of", "    alignment: {of", "'alignment' is the name of a column already"),
    ],
)
def test_what_peers_and_composites_cannot_be_is_said_at_its_key(
    spoiled: Spoil, old: str, new: str, words: str
) -> None:
    assert old in SECTORS
    study = spoiled(("models:\n", SECTORS.replace(old, new)))
    with pytest.raises(InputError) as refused:
        compute(read_study(study))
    told = [problem for problem in refused.value.problems if words in f"{problem.what}; {problem.allowed}"]
    assert told, str(refused.value)
    assert told[0].file == "study.yaml"
    assert told[0].row is not None


def test_classes_stand_beside_each_company(ran: "Ran") -> None:
    table = ran.evidence.positions
    chances = table[["best_probability", "average_probability", "laggard_probability"]].dropna()
    assert len(chances)
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    assert set(table["index_class"].dropna()) == {"best in class", "average", "laggard"}
    latest = ran.evidence.facts.latest
    for basis, classes in ran.evidence.classes.items():
        now = classes.frame[classes.frame["wave"] == latest].set_index("company")["class"]
        said = table.set_index("company")[f"class_{basis}"]
        assert said[said != ""].to_dict() == now[now.index.isin(said.index)].to_dict()


def test_distances_from_the_best_stand_beside_each_company_in_points_and_standardised(spoiled: Spoil) -> None:
    found = declaring(spoiled)
    table, classes = found.positions, found.classes["outcomes"].frame
    for name in ("alignment", *found.panel.instrument.alignment_constructs):
        assert {column.format(name) for column in AWAY.values()} <= set(table)
    best = found.panel.frame.merge(classes[classes["class"] == "best in class"], on=["company", "wave"])
    for company in (
        best["company"].iloc[0],
        table.loc[~table["company"].isin(best["company"]), "company"].iloc[0],
    ):
        row = table.set_index("company").loc[company]
        score = found.panel.wave(2025).frame.set_index("company").loc[company, "trust"]
        others = best.loc[best["company"] != company, "trust"]
        assert row["distance_trust"] == pytest.approx(score - others.mean())
        assert row["distance_trust_low"] < row["distance_trust"] < row["distance_trust_high"]
        assert row["standardised_trust_high"] / row["distance_trust_high"] == pytest.approx(
            row["standardised_trust"] / row["distance_trust"]
        )


def test_the_tables_of_companies_publish_no_name(ran: "Ran") -> None:
    found = ran.evidence.benchmarks
    names = set(ran.evidence.panel.frame["company"])
    for key in (
        "norms",
        "ranks",
        "precision",
        "memberships",
        "composites",
        "rungs",
        "cuts",
        "areas",
        "class_trend",
    ):
        frame = getattr(found, key)
        assert len(frame), key
        for column in frame.select_dtypes(exclude="number"):
            assert not names & set(frame[column].astype("str")), (key, column)


def test_few_of_the_best_are_no_yardstick(ran: "Ran") -> None:
    """A mean of these without one of them would come too close to the others."""
    panel = ran.evidence.panel
    now = panel.wave(ran.evidence.facts.latest).frame
    study: Any = SimpleNamespace(disclosure=SimpleNamespace(minimum_companies=5))
    measured: Any = SimpleNamespace(panel=panel, scores=pd.DataFrame())
    known = now[now["alignment"].notna()]
    assert _distances(now, known.head(5), measured, study, wave=0).empty
    assert len(_distances(now, known.head(6), measured, study, wave=0)) > 0


def test_norms_stand_on_enough_companies_and_agree_with_those_of_the_report(ran: "Ran") -> None:
    norms, minimum = ran.evidence.benchmarks.norms, ran.evidence.facts.minimum_companies
    assert (norms.loc[norms["estimate"].notna(), "companies"] >= minimum).all()
    percentile = norms["statistic"].isin(["p10", "p25", "median", "p75", "p90"])
    assert (norms.loc[percentile & norms["estimate"].notna(), "companies"] >= 4 * minimum).all()
    index = norms[(norms["variable"] == "alignment") & (norms["segment"] == "")].set_index("statistic")
    other = ran.evidence.norms.query("variable == 'alignment' and wave == @ran.evidence.facts.latest").iloc[0]
    for name in ("mean", "median", "p25", "p75"):
        assert index.loc[name, "estimate"] == pytest.approx(other[name], nan_ok=True)
    hidden = norms[norms["suppressed"] & (norms["statistic"] == "mean")]
    # Where one group alone is blanked the total is, so that nothing can be found by subtraction.
    means = norms[norms["statistic"] == "mean"]
    shown = means[means["companies"] > 0].groupby(["segment", "variable"]).size()
    alone = hidden.groupby(["segment", "variable"]).size()
    single = alone[(alone == 1) & (shown.reindex(alone.index) > 1)].index.get_level_values("variable")
    totals = means[means["segment"].eq("") & means["variable"].isin(single)]
    assert set(totals["variable"]) == set(single)
    assert totals["suppressed"].all()
    assert isinstance(ran.report.annex[0].frame, pd.DataFrame)
    assert (ran.out / "tables" / "norms-all.csv").exists()
