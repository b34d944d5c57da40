"""Figures on two axes: the strip, the binned scatter, the map of priorities."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from reports.figures.agreement_curves import agreement_curves
from reports.figures.binned_scatter import binned_scatter
from reports.figures.drawing import render
from reports.figures.priority_map import priority_map
from reports.figures.strip import strip, swarm_heights

MARKS = pd.DataFrame(
    {
        "role": ["all", "best in class"],
        "label": ["Median", "Mean of the best in class"],
        "estimate": [57.2, 57.9],
    }
)


def companies(count: int) -> pd.DataFrame:
    index = np.clip(np.random.default_rng(1).normal(57, 14, count), 0, 100)
    best = np.where(np.arange(count) % 5 == 0, "best in class", "average")
    return pd.DataFrame({"company": np.arange(count).astype(str), "alignment": index, "class": best})


def constructs(count: int, scale: float) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    x, y = 12 + scale * rng.normal(0, 5, count), 1 + scale * rng.normal(0, 0.6, count)
    return pd.DataFrame(
        {"label": [f"Construct with a rather long name {i}" for i in range(count)], "distance": x,
         "importance": y, "distance_low": x - 2, "distance_high": x + 2, "importance_low": y - 0.4,
         "importance_high": y + 0.4}
    )  # fmt: skip


class TestStrip:
    @pytest.mark.parametrize("count", [1, 60, 5000])
    def test_labels_stay_apart(self, readable, count):
        ax = readable(partial(strip, frame=companies(count), marks=MARKS, label="Index"), (6.8, 3.0))
        assert "Median 57" in {text.get_text() for text in ax.texts}

    @pytest.mark.parametrize("at", [0.0, 100.0])
    def test_marks_at_the_ends_stay_inside(self, readable, at):
        readable(partial(strip, frame=companies(9), marks=MARKS.assign(estimate=at)), (6.8, 3.0))

    def test_every_company_is_one_point_at_its_index(self, readable):
        frame = companies(312)
        ax = readable(partial(strip, frame=frame, you="7"), (6.8, 3.0))
        drawn = np.concatenate([np.asarray(c.get_offsets())[:, 0] for c in ax.collections[:2]])
        assert np.array_equal(np.sort(drawn), np.sort(frame["alignment"]))
        (you,) = np.asarray(ax.collections[2].get_offsets())
        assert you[0] == frame["alignment"][7]

    def test_an_index_without_stages_has_no_bands(self, readable):
        ax = readable(partial(strip, frame=companies(9), stages=False), (6.8, 3.0))
        assert [text.get_text() for text in ax.texts] == []

    def test_companies_without_index_are_left_out(self, readable):
        frame = companies(10)
        frame.loc[3, "alignment"] = np.nan
        ax = readable(partial(strip, frame=frame.drop(columns="class")), (6.8, 3.0))
        assert sum(len(c.get_offsets()) for c in ax.collections) == 9

    def test_no_two_points_of_a_row_overlap(self):
        x = companies(2000)["alignment"].to_numpy()
        height = swarm_heights(x, 0.5)
        for row in np.unique(height):
            assert (np.diff(np.sort(x[height == row])) >= 0.5).all()

    def test_nothing_to_draw(self):
        with pytest.raises(ValueError, match="strip: there is nothing to draw"):
            render(partial(strip, frame=companies(1).iloc[:0]), id="x", title="x", alt="x", base="x")


class TestBinnedScatter:
    BINS = pd.DataFrame({"x": [40.0, 60.0], "estimate": [1.0, 5.0], "conf_low": [-1.0, np.nan]}).assign(
        conf_high=[3.0, np.nan]
    )
    LINE = pd.DataFrame(
        {"x": [60.0, 40.0], "estimate": [5.0, 1.0], "conf_low": [4.0, 0.0], "conf_high": [6.0, 2.0]}
    )

    def test_points_line_and_zero(self, readable):
        draw = partial(binned_scatter, bins=self.BINS, line=self.LINE, x_label="Index", y_label="Growth")
        ax = readable(draw, (6.8, 3.6))
        drawn = [line.get_xdata() for line in ax.lines]
        assert any(np.array_equal(x, [40, 60]) for x in drawn)
        low, high = ax.get_ylim()
        assert low <= 0 <= high

    def test_one_group_without_a_line(self, readable):
        draw = partial(binned_scatter, bins=self.BINS.head(1), x_label="Index", y_label="Growth")
        ax = readable(draw, (6.8, 3.6))
        assert len(ax.get_legend().get_texts()) == 1


AXES = {"x_label": "Distance to the best in class, points", "y_label": "Growth per 10 points"}


class TestPriorityMap:
    @pytest.mark.parametrize("count", [1, 6, 25])
    @pytest.mark.parametrize("scale", [1.0, 0.3])
    def test_labels_stay_apart(self, readable, count, scale):
        readable(partial(priority_map, frame=constructs(count, scale), **AXES), (6.8, 5.6))

    def test_few_are_named_many_are_numbered(self, readable):
        few = readable(partial(priority_map, frame=constructs(4, 1.0), **AXES), (6.8, 5.2))
        many = readable(partial(priority_map, frame=constructs(25, 1.0), **AXES), (6.8, 5.6))
        assert {text.get_text().replace("\n", " ") for text in few.texts} == set(constructs(4, 1.0)["label"])
        assert {str(n) for n in range(1, 26)} <= {text.get_text() for text in many.texts}

    def test_zero_is_drawn_only_where_it_is_near(self, readable):
        far = constructs(4, 0.1)
        near = far.assign(distance=far["distance"] - 12)
        lines = [
            len(readable(partial(priority_map, frame=frame, **AXES), (6.8, 5.2)).lines)
            for frame in (far, near)
        ]
        assert lines[1] == lines[0] + 1

    def test_intervals_are_optional(self, readable):
        frame = constructs(5, 1.0)[["label", "distance", "importance"]]
        readable(partial(priority_map, frame=frame, **AXES), (6.8, 5.2))


class TestAgreementCurves:
    def frame(self, nulls: int) -> pd.DataFrame:
        grid = pd.DataFrame({"rwg_j": np.linspace(0, 1, 21)}).assign(
            share=lambda d: 100 - 100 * d["rwg_j"] ** 3
        )
        curves = [(name, f"kind {k}") for name in ("sales", "marketing") for k in range(nulls)]
        return pd.concat([grid.assign(**{"class": name, "null": null}) for name, null in curves])

    @pytest.mark.parametrize("nulls", [1, 3])
    def test_texts_stay_apart(self, readable, nulls):
        readable(partial(agreement_curves, frame=self.frame(nulls), cut=0.7, label="Groups"), (6.8, 3.6))

    def test_more_nulls_than_line_styles_are_refused(self):
        with pytest.raises(ValueError, match="4 nulls and 3 line styles"):
            render(
                partial(agreement_curves, frame=self.frame(4), cut=0.7), id="a", title="t", alt="a", base="b"
            )
