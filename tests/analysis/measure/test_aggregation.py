import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from analysis.measure.aggregation import (
    company_verdicts,
    may_aggregate,
    may_pool,
    without_set_aside,
)
from analysis.measure.aggregation_rule import AggregationRule
from analysis.measure.agreement import agreement
from analysis.measure.difference_reliability import difference_reliability
from analysis.measure.icc import ALIKE, FEW_COMPANIES, icc
from analysis.measure.scoring import score

RULE = AggregationRule()


def study(
    rng, make_instrument, make_responses, *, companies=60, informants=4, gap=0.0, noise=0.5, between=0.9
):
    """Return responses in which sales and marketing of a company see two constructs much alike."""
    rows = []
    for function, shift in (("sales", 0.0), ("marketing", gap)):
        company = np.repeat(np.arange(companies), informants)
        rows.append(pd.DataFrame({"company": company, "function": function, "shift": shift}))
    frame = pd.concat(rows, ignore_index=True)
    level = 3 + between * np.random.default_rng(1).normal(size=companies)
    for item in ("a1", "a2", "b1", "b2"):
        answers = level[frame["company"]] + frame["shift"] + noise * rng.normal(size=len(frame))
        frame[item] = np.clip(np.round(answers), 1, 5)
    frame["company"] = "c" + frame["company"].astype(str).str.zfill(3)
    instrument = make_instrument({"a": "a1 a2", "b": "b1 b2"})
    return make_responses(frame.drop(columns="shift").to_dict("list"), instrument)


def verdicts(responses, rule=RULE):
    scores, agreed = score(responses), agreement(responses)
    within = may_aggregate(agreed, icc(scores, ["a", "b"]), rule=rule)
    gaps = difference_reliability(scores, ["a", "b"], rng=np.random.default_rng(1), resamples=50)
    return within, may_pool(within, gaps, rule=rule), company_verdicts(agreed, ["a", "b"], rule=rule)


def test_people_who_agree_may_be_averaged_and_pooled(make_instrument, make_responses):
    responses = study(np.random.default_rng(2), make_instrument, make_responses)
    within, pooled, companies = verdicts(responses)
    assert within["verdict"].unique().tolist() == ["yes"]
    assert len(within) == 4
    row = within.iloc[0]
    assert row["n"] == 60
    assert row["reasons"].startswith(f"Informants agree in {row['agreeing']:.0%} of 60 companies")
    assert "Companies differ (ICC(1)" in row["reasons"]
    assert pooled["verdict"].tolist() == ["yes", "yes"]
    assert pooled["reasons"].str.startswith("The gap is").all()
    assert (companies["action"] == "kept").all()
    assert (companies["tested"] == 4).all()


def test_a_gap_between_functions_is_not_pooled_away(make_instrument, make_responses):
    responses = study(np.random.default_rng(3), make_instrument, make_responses, gap=1.0)
    within, pooled, _ = verdicts(responses)
    assert set(within["verdict"]) == {"yes"}
    assert pooled["verdict"].tolist() == ["no", "no"]
    assert pooled["reasons"].str.contains("show both, not their mean").all()
    assert (pooled["gap"] > 10).all()
    lenient, wide, _ = verdicts(responses, AggregationRule(largest_gap=60))
    assert lenient.equals(within)
    assert wide["verdict"].tolist() == ["yes", "yes"]


def test_people_who_do_not_agree(make_instrument, make_responses):
    responses = study(np.random.default_rng(4), make_instrument, make_responses, noise=2.5, between=0.1)
    for failing, action in (("flag", "flagged"), ("keep", "kept"), ("set aside", "set aside")):
        within, pooled, companies = verdicts(responses, AggregationRule(failing=failing))
        failed = companies["verdict"] == "no"
        assert failed.sum() > 30
        assert companies.loc[failed, "action"].unique().tolist() == [action]
        assert companies.loc[failed, "reasons"].str.contains("They do not on a \\(").any()
    assert within["verdict"].unique().tolist() == ["no"]
    assert within["reasons"].str.contains("differ more than at random").all()
    assert (within["n_negative"] > 0).all()
    assert pooled["verdict"].unique().tolist() == ["no"]
    assert pooled["reasons"].str.contains("Within a function the verdict is: no").all()
    kept, aside = without_set_aside(responses.frame, companies)
    assert len(kept) + len(aside) == len(responses.frame)
    assert set(aside["company"]) == set(companies.loc[failed, "company"])
    assert (aside["reasons"] != "").all()
    assert not set(kept["company"]) & set(aside["company"])
    assert aside.index.equals(responses.frame.index.difference(kept.index))


def test_agreeing_but_unreliable_asks_for_care_and_more_informants(make_instrument, make_responses):
    responses = study(
        np.random.default_rng(5),
        make_instrument,
        make_responses,
        informants=2,
        noise=0.7,
        between=0.5,
        companies=90,
    )
    within, pooled, _ = verdicts(responses)
    assert set(within["verdict"]) == {"with care"}
    assert within["reasons"].str.contains("Use shrunken scores").all()
    needed = within["needed"]
    assert (needed > 2).all()
    assert within["reasons"].str.contains(f"{needed.iloc[0]:.0f} informants a company").iloc[0]
    assert set(pooled["verdict"]) == {"with care"}
    assert pooled["reasons"].str.startswith("Within a function the verdict is: with care.").all()


def test_at_one_informant_it_cannot_be_said(make_instrument, make_responses):
    responses = study(np.random.default_rng(6), make_instrument, make_responses, informants=1)
    within, pooled, companies = verdicts(responses)
    for table in (within, pooled, companies):
        assert table["verdict"].unique().tolist() == ["cannot be said"]
        assert (table["reasons"] != "").all()
    assert companies["reasons"].str.contains("One informant or none, agreement cannot be said: a").all()
    assert (companies["action"] == "kept").all()
    assert companies["agreeing"].isna().all()


def test_four_real_companies(real_data, make_instrument, make_responses):
    rows = pd.read_csv(real_data / "agreement" / "corporate_reputation.csv", na_values=-99)
    scales = {"comp": "comp_1 comp_2 comp_3", "like": "like_1 like_2 like_3"}
    items = " ".join(scales.values()).split()
    instrument = make_instrument(scales, functions=False, scale={"min": 1, "max": 7})
    columns = {"company": rows["serviceprovider"].astype(str).tolist(), **rows[items].to_dict("list")}
    responses = make_responses(columns, instrument)
    found = icc(score(responses), list(scales))
    within = may_aggregate(agreement(responses), found, rule=RULE).set_index("construct")
    assert within.loc["comp", "icc1"] == pytest.approx(0.12830715455)
    assert within.loc["comp", "verdict"] == "yes"
    assert within.loc["like", "verdict"] == "no"
    assert "cannot be estimated from 4 companies that do not differ clearly" in within.loc["like", "reasons"]
    assert within.loc["comp", "agreeing"] == 0.75
    # Four companies tell little of how companies differ.
    assert (found["icc1_high"] - found["icc1_low"] > 0.2).all()


def test_some_pairs_at_one_informant_are_named(make_instrument, make_responses):
    columns = {
        "company": ["x"] * 3,
        "function": ["sales", "sales", "marketing"],
        **{item: [4, 4, 2] for item in ("a1", "a2", "b1", "b2")},
    }
    responses = make_responses(columns, make_instrument({"a": "a1 a2", "b": "b1 b2"}))
    row = company_verdicts(agreement(responses), ["a", "b"], rule=RULE).iloc[0]
    assert row["verdict"] == "with care"
    assert "agree on 100% of 2" in row["reasons"]
    assert "a (marketing), b (marketing)" in row["reasons"]
    only = company_verdicts(agreement(responses), ["a"], rule=RULE).iloc[0]
    assert only["tested"] == 1


def test_everybody_gives_the_same_answer(make_instrument, make_responses):
    columns = {
        "company": list("xxyyzz"),
        "function": ["sales"] * 6,
        "a1": [3] * 6,
        "a2": [3] * 6,
        "b1": [3] * 6,
        "b2": [3] * 6,
    }
    responses = make_responses(columns, make_instrument({"a": "a1 a2", "b": "b1 b2"}))
    within, pooled, _ = verdicts(responses)
    assert within["verdict"].unique().tolist() == ["no"]
    assert within["reasons"].str.contains("the mean would be of nothing").all()
    assert pooled["verdict"].unique().tolist() == ["no"]


def test_a_stricter_null_can_change_the_verdict(make_instrument, make_responses):
    responses = study(np.random.default_rng(7), make_instrument, make_responses, noise=0.8)
    mild, _, _ = verdicts(responses)
    strict, _, _ = verdicts(responses, AggregationRule(null="heavy_skew"))
    assert set(mild["verdict"]) == {"yes"}
    assert set(strict["verdict"]) == {"no"}
    assert (strict["median_rwg_j"] < mild["median_rwg_j"]).all()


def test_a_rule_that_does_not_exist_is_refused():
    with pytest.raises(ValidationError, match="rwgj"):
        AggregationRule.model_validate({"rwgj": 0.7})
    with pytest.raises(ValidationError, match="less than or equal to 1"):
        AggregationRule(rwg_j=70)


def row_of(**changes: object) -> pd.DataFrame:
    """Return what `icc` says of one construct, with changes."""
    known = {"icc1": 0.2, "icc2": 0.6, "p_value": 0.01, "note": "", "groups": 30}
    return pd.DataFrame({"construct": ["a"], "wave": 2025, "function": "", **(known | changes)})


def agreed(companies: int = 30) -> pd.DataFrame:
    return pd.DataFrame(
        {"construct": "a", "wave": 2025, "function": "", "n": 3, "rwg_j": 1.0, "negative": False},
        index=range(companies),
    )


@pytest.mark.parametrize(
    ("changes", "verdict", "reason"),
    [
        ({"icc1": np.nan, "icc2": np.nan, "note": ALIKE}, "no", "the mean would be of nothing"),
        (
            {"icc1": np.nan, "icc2": np.nan, "note": FEW_COMPANIES, "groups": 1},
            "cannot be said",
            FEW_COMPANIES,
        ),
        ({"groups": 6, "p_value": 0.3}, "cannot be said", "cannot be estimated from 6 companies"),
    ],
)
def test_companies_that_do_not_differ_and_companies_that_are_too_few_are_two_things(changes, verdict, reason):
    row = may_aggregate(agreed(), row_of(**changes), rule=RULE).iloc[0]
    assert row["verdict"] == verdict
    assert reason in row["reasons"]


def test_negative_reliability_is_counted_as_none_and_said():
    row = may_aggregate(agreed(), row_of(icc1=-0.3, icc2=-10.69, p_value=0.9), rule=RULE).iloc[0]
    assert (row["icc1"], row["icc2"]) == (0, 0)
    assert pd.isna(row["needed"]), "no number is infinite"
    assert "counted as 0" in row["reasons"]
