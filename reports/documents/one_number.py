"""May one number stand for both functions: the verdict that comes after their gap was looked at."""

from reports.alike import read_alike
from reports.documents.passages import bounded, not_available, with_titles
from reports.evidence import Evidence
from reports.report import Block, Column, Table
from survey.language import look_up, say


def one_number(evidence: Evidence) -> list[Block]:
    """Say whether one number may stand for both functions, which comes after their gap was looked at."""
    title, rows = say("One number for both functions?"), evidence.profiles.pooling
    if rows.empty:
        return [not_available(title, look_up(evidence.profiles.why))]
    shown = with_titles(rows, evidence, key="construct")
    shown["alike"] = read_alike(evidence, "function", shown["construct"])
    why = shown["reasons"].where(shown["gap"].isna(), "")
    shown["spread"] = why.mask(shown["gap"].notna(), say("noise alone cannot be told from it"))
    columns = (
        Column("label", "Construct"),
        Column("verdict", "May one number stand for both?"),
        bounded("gap", "Gap", "difference", reason="why"),
        Column("gap_sd", "From company to company it varies by", "points", reason="spread"),
        Column("n", "Companies with both", "count"),
        Column("alike", "Read alike?"),
    )
    note = say(
        "The gap between functions is what alignment is about, not noise, so it is looked at before both are averaged. "
        "Yes: each function may be averaged, and the gap is small beyond doubt, on average and from company to company "
        "(`largest_gap` under `aggregation`). The index is the mean of both functions all the same: its gap stands "
        "beside it. The reasons, construct by construct, are in tables/pooling.csv."
    )
    base = say(
        "Base: companies of {wave} with both functions. Gap: marketing minus sales.",
        wave=evidence.facts.latest,
    )
    return [Table("pooling", title, shown.assign(why=why), columns, base, (note,))]
