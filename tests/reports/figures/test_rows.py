"""Figures whose rows are labels: every size of list, every kind of name, missing numbers."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from reports.figures.answer_bars import answer_bars
from reports.figures.charting import kept_chart
from reports.figures.class_dots import class_dots
from reports.figures.coverage import coverage
from reports.figures.drawing import render, size_for
from reports.figures.dumbbells import dumbbells
from reports.figures.flow import flow
from reports.figures.forest import forest
from reports.figures.heatmap import heatmap
from reports.figures.item_rows import MOST_ROWS, item_label, item_places, item_size, pages
from reports.figures.loading_dots import loading_dots
from reports.figures.shares import shares
from reports.figures.slopes import slopes
from reports.figures.spreads import spreads
from reports.figures.target_bars import target_bars
from reports.style import BEST, LAGGARD

NAN = float("nan")
NAMES = (
    "Trust",
    "Shared understanding of what the customer needs and when",
    "Costs $5 < 10 & \\alpha_1^2 $x_",
    "Incomprehensibilities" * 3,
    "Planning",
)


def labels(count: int) -> list[str]:
    return [f"{NAMES[i % len(NAMES)]} {i}" for i in range(count)]


def estimates(count: int, seed: int = 0) -> pd.DataFrame:
    centre = np.random.default_rng(seed).uniform(10, 90, count)
    return pd.DataFrame({"estimate": centre, "conf_low": centre - 6, "conf_high": centre + 6})


def by_class(count: int) -> pd.DataFrame:
    parts = [
        estimates(count, seed).assign(label=labels(count), **{"class": name})
        for seed, name in enumerate(("best in class", "average", "laggard"))
    ]
    return pd.concat(parts, ignore_index=True)


def by_function(count: int, gap: float = 5) -> pd.DataFrame:
    sales = estimates(count).assign(label=labels(count), function="sales")
    marketing = sales.assign(function="marketing", estimate=sales["estimate"] + gap)
    return pd.concat([sales, marketing], ignore_index=True)


def by_wave(count: int, waves: tuple[int, ...] = (2023, 2024, 2025)) -> pd.DataFrame:
    return pd.concat(
        [estimates(count, wave).assign(label=labels(count), wave=wave) for wave in waves], ignore_index=True
    )


def by_check(count: int) -> pd.DataFrame:
    checks = ("Reliability (alpha)", "Agreement inside a function", "Company reliability, ICC(2)")
    frame = pd.DataFrame([(label, check) for label in labels(count) for check in checks])
    frame.columns = ["label", "check"]
    return frame.assign(level=["good", "fair", "weak"] * count, text="0.72")


@pytest.mark.parametrize("count", [1, 10, 25])
class TestLabelsStayApart:
    def test_shares(self, readable, count):
        frame = estimates(count).assign(label=labels(count))
        readable(partial(shares, frame=frame, label="Share of companies"), size_for(labels(count)))

    def test_dumbbells(self, readable, count):
        readable(partial(dumbbells, frame=by_function(count), label="Points"), size_for(labels(count)))

    def test_dumbbells_of_equal_views(self, readable, count):
        readable(partial(dumbbells, frame=by_function(count, gap=0.1)), size_for(labels(count)))

    def test_class_dots(self, readable, count):
        frame = by_class(count).assign(note="+12")
        draw = partial(class_dots, frame=frame, label="Points", note="Best minus\nlaggard")
        readable(draw, size_for(labels(count), per_row=3))

    def test_class_dots_under_headings(self, readable, count):
        frame = by_class(count).assign(group=lambda d: d["label"].str[0].map(lambda c: f"Heading {c}"))
        names = [*labels(count), *frame["group"].unique()]
        readable(partial(class_dots, frame=frame, unit="percent"), size_for(names, per_row=3))

    def test_spreads(self, readable, count):
        rows = pd.DataFrame(
            {"label": labels(count), "median": 50.0, "p10": 30, "p25": 41, "p75": 60, "p90": 72}
        )
        draw = partial(spreads, frame=rows.assign(best=np.linspace(20, 90, count)), label="Points")
        readable(draw, size_for(labels(count), extra=1.2))

    def test_forest(self, readable, count):
        frame = estimates(count).assign(label=labels(count), declared=np.arange(count) % 2 == 0)
        readable(partial(forest, frame=frame, label="Growth per 10 points"), size_for(labels(count)))

    def test_heatmap(self, readable, count):
        readable(partial(heatmap, frame=by_check(count)), size_for(labels(count), extra=1.3))

    def test_slopes(self, readable, count):
        readable(partial(slopes, frame=by_wave(count), label="Points"), size_for(labels(count)))

    def test_coverage(self, readable, count):
        frame = pd.DataFrame({"label": labels(count), "companies": 312, "with_outcome": 240})
        readable(partial(coverage, frame=frame, label="Companies with records"), size_for(labels(count)))

    def test_flow(self, readable, count):
        steps = ["Received", *labels(count), "Kept"]
        kinds = ["start", *["dropped"] * count, "kept"]
        frame = pd.DataFrame({"label": steps, "count": [3204, *[7] * count, 3204 - 7 * count], "kind": kinds})
        readable(partial(flow, frame=frame), size_for(steps))


class TestTargetBars:
    FRAME = pd.DataFrame(
        {"class": ["best in class", "average", "laggard"], "estimate": [54.0, 60, 96], "conf_low": [45.0, 54, 88],
         "conf_high": [63.0, 66, 100]}
    )  # fmt: skip
    PUBLISHED = pd.DataFrame(
        {"class": ["best in class", "laggard"], "estimate": [3.0, 97.0], "label": "Published for 2007"}
    )

    def test_published_figures_stay_inside_at_both_ends(self, readable):
        draw = partial(target_bars, frame=self.FRAME, published=self.PUBLISHED, label="Share of the class")
        ax = readable(draw, size_for(self.FRAME["class"].tolist(), per_row=5))
        assert {"Published for 2007: 3%", "Published for 2007: 97%"} <= {text.get_text() for text in ax.texts}

    def test_bars_end_at_the_estimates(self, readable):
        ax = readable(partial(target_bars, frame=self.FRAME), size_for(self.FRAME["class"].tolist()))
        assert [bar.get_width() for bar in ax.patches] == [54, 60, 96]

    def test_class_without_published_figure_refused(self):
        wrong = self.PUBLISHED.assign(**{"class": ["world-class", "laggard"]})
        with pytest.raises(ValueError, match="world-class"):
            render(
                partial(target_bars, frame=self.FRAME, published=wrong), id="x", title="x", alt="x", base="x"
            )


class TestWhatIsDrawn:
    def test_points_stand_at_the_estimates(self, readable):
        frame = pd.DataFrame(
            {"label": ["a", "b"], "estimate": [20.0, 70.0], "conf_low": [10.0, NAN], "conf_high": [30.0, NAN]}
        )
        ax = readable(partial(shares, frame=frame), size_for(["a", "b"]))
        (line,) = ax.lines
        assert line.get_xdata().tolist() == [20, 70]
        intervals = [s for c in ax.collections for s in c.get_segments() if s[:, 0].tolist() == [10, 30]]
        assert len(intervals) == 1
        assert {"20% (10 to 30)", "70% (no interval)"} <= {text.get_text() for text in ax.texts}

    def test_missing_row_says_so(self, readable):
        frame = estimates(3).assign(label=["a", "b", "c"])
        frame.loc[1, "estimate"] = NAN
        ax = readable(partial(shares, frame=frame), size_for(["a", "b", "c"]))
        assert [text.get_text() for text in ax.texts].count("not available") == 1

    def test_dumbbells_sorted_by_gap_and_named_at_the_top(self, readable):
        frame = by_function(3).assign(gap=[1.0, 9.0, -4.0] * 2)
        ax = readable(partial(dumbbells, frame=frame), size_for(labels(3)))
        texts = [text.get_text() for text in ax.texts]
        assert texts[:3] == ["+9 points", "+1 point", "−4 points"]
        assert {"Sales", "Marketing"} <= set(texts)

    def test_only_one_function_answered(self, readable):
        frame = by_function(3)[lambda d: d["function"].eq("sales")]
        ax = readable(partial(dumbbells, frame=frame), size_for(labels(3)))
        assert "Marketing" not in {text.get_text() for text in ax.texts}

    def test_classes_keep_colour_and_marker(self, readable):
        ax = readable(partial(class_dots, frame=by_class(4)), size_for(labels(4), per_row=3))
        markers = {(line.get_color(), line.get_marker()) for line in ax.lines}
        assert {(BEST.colour, BEST.marker), (LAGGARD.colour, LAGGARD.marker)} <= markers

    def test_flow_writes_counts_with_shares(self, readable):
        frame = pd.DataFrame(
            {"label": ["In", "Blank", "Kept"], "count": [200, 50, 150], "kind": ["start", "dropped", "kept"]}
        )
        ax = readable(partial(flow, frame=frame), size_for(["In", "Blank", "Kept"]))
        assert [text.get_text() for text in ax.texts] == ["200", "50 (25%)", "150 (75%)"]
        assert [(bar.get_x(), bar.get_width()) for bar in ax.patches] == [(0, 200), (150, 50), (0, 150)]

    def test_heatmap_says_every_level_twice(self, readable):
        frame = by_check(2)
        frame.loc[0, ["level", "text"]] = None
        ax = readable(partial(heatmap, frame=frame), size_for(labels(2), extra=1.3))
        texts = [text.get_text() for text in ax.texts]
        assert sorted(texts) == sorted(["not available", "● 0.72", "▼ 0.72", "▲ 0.72", "● 0.72", "▼ 0.72"])

    def test_slopes_name_the_line_with_its_last_value(self, readable):
        frame = pd.DataFrame(
            {"label": "Index", "wave": [2024, 2025], "estimate": [52.4, 57.6], "style": "strong"}
        )
        ax = readable(partial(slopes, frame=frame), (6.8, 2.5))
        assert [text.get_text() for text in ax.texts] == ["58  Index", "52"]

    def test_slopes_as_a_chart_end_at_the_waves_and_part_their_names(self, readable):
        frame = pd.DataFrame({
            "label": ["You", "You", "Median", "Median"], "wave": [2024, 2025] * 2,
            "estimate": [52.0, 54.0, 53.0, 54.2], "style": ["strong"] * 2 + ["plain"] * 2,
        })  # fmt: skip
        chart = kept_chart(readable(partial(slopes, frame=frame), (6.8, 1.5)))
        assert (chart.x.low, chart.x.high) == (2024, 2025)
        names = {marks.labels[0].strip(): float(marks.y[0]) for marks in chart.marks if marks.labels}
        assert {"52", "54  You", "54  Median"} == set(names)
        assert names["54  Median"] - names["54  You"] > 0.05 * (chart.y.high - chart.y.low)

    def test_a_small_change_looks_small(self, readable):
        frame = pd.DataFrame({"label": "Index", "wave": [2024, 2025], "estimate": [52.0, 53.0]})
        low, high = readable(partial(slopes, frame=frame), (6.8, 2.5)).get_ylim()
        assert high - low >= 20

    def test_language_reaches_the_drawing(self, readable):
        ax = readable(partial(dumbbells, frame=by_function(2), language="de"), size_for(labels(2)))
        assert {"Vertrieb", "Marketing", "+5 Punkte"} <= {text.get_text() for text in ax.texts}


class TestRefusals:
    @pytest.mark.parametrize(
        ("draw", "frame", "words"),
        [
            (shares, pd.DataFrame({"label": [], "estimate": []}), "the frame is empty"),
            (shares, pd.DataFrame({"estimate": [1.0]}), "no column label"),
            (shares, pd.DataFrame({"label": ["a"], "estimate": [NAN]}), "every estimate is missing"),
            (shares, pd.DataFrame({"label": ["a"], "estimate": [1.0], "role": "boss"}), "'boss' is no role"),
            (dumbbells, pd.concat([by_function(1)] * 2), "two rows for one function"),
            (class_dots, pd.concat([by_class(1)] * 2), "two rows for one class"),
            (slopes, by_wave(2, waves=(2025,)), "one wave only"),
            (slopes, pd.concat([by_wave(1)] * 2), "two rows in one wave"),
            (heatmap, by_check(1).assign(level="superb"), "superb is none of"),
            (heatmap, pd.concat([by_check(1)] * 2), "a cell stands twice"),
            (
                flow,
                pd.DataFrame({"label": ["In", "Kept"], "count": [10, 9], "kind": ["start", "kept"]}),
                "10 came in, but 9",
            ),
            (flow, pd.DataFrame({"label": ["In"], "count": [1], "kind": ["lost"]}), "kind lost is none of"),
            (
                coverage,
                pd.DataFrame({"label": ["2025"], "companies": [3], "with_outcome": [4]}),
                "more companies have the outcome",
            ),
        ],
    )
    def test_says_why(self, draw, frame, words):
        with pytest.raises(ValueError, match=words):
            render(partial(draw, frame=frame), id="x", title="x", alt="x", base="x")

    def test_frame_of_the_caller_stays_as_it_was(self):
        frame = by_class(3)
        before = frame.copy(deep=True)
        render(partial(class_dots, frame=frame), id="x", title="x", alt="x", base="x", size=(6.8, 4))
        pd.testing.assert_frame_equal(frame, before)


def statements(count: int, per_group: int = 4) -> pd.DataFrame:
    names = [item_label(f"{i} {NAMES[i % len(NAMES)]}") for i in range(count)]
    groups = [f"Construct {i // per_group}" for i in range(count)]
    return pd.DataFrame({"group": groups, "label": names})


@pytest.mark.parametrize("count", [1, 38])
class TestStatements:
    def test_loading_dots(self, readable, count):
        rows = statements(count)
        parts = [
            rows.assign(estimate=shift, conf_low=shift - 0.1, conf_high=shift + 0.1, **{"class": name})
            for name, shift in (("sales", 0.6), ("marketing", 0.8))
        ]
        frame = pd.concat(parts)
        readable(partial(loading_dots, frame=frame, label="Loading"), item_size(frame))

    def test_answer_bars(self, readable, count):
        frame = (
            statements(count)
            .merge(pd.Series([1.0, 2, 3, 4, 5], name="answer"), how="cross")
            .assign(share=20.0)
        )
        ends = ("Strongly disagree", "Strongly agree")
        ax = readable(partial(answer_bars, frame=frame, ends=ends, label="Share"), item_size(frame))
        assert sum(bar.get_width() for bar in ax.patches) == pytest.approx(100 * count)


def test_statements_are_parted_by_whole_constructs():
    frame = statements(150)
    parts = pages(frame)
    assert [len(item_places(part)) <= MOST_ROWS for part in parts] == [True] * len(parts)
    assert sum(part["group"].nunique() for part in parts) == frame["group"].nunique()
    pd.testing.assert_frame_equal(pd.concat(parts), frame)


def test_a_statement_drawn_twice_is_refused():
    twice = statements(1).assign(answer=1.0, share=50.0, estimate=0.5, **{"class": "sales"})
    twice = pd.concat([twice, twice])
    for draw in (answer_bars, loading_dots):
        with pytest.raises(ValueError, match=r"two rows|twice"):
            render(partial(draw, frame=twice), id="a", title="t", alt="a", base="b")
