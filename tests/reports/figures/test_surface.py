"""The map of an outcome over two scores."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from matplotlib.path import Path

from reports.figures.drawing import render
from reports.figures.surface import surface

AXES = {"origin": (50.0, 50.0), "x_label": "Sales, points", "y_label": "Marketing, points"}


def made(*, bend: float = -0.02, companies: int = 60) -> dict[str, pd.DataFrame]:
    """Companies in a diamond, and a surface over its square whose ridge is the line of agreement."""
    rng = np.random.default_rng(1)
    diamond = np.array([[50.0, 20.0], [80.0, 50.0], [50.0, 80.0], [20.0, 50.0]])
    shares = rng.dirichlet(np.ones(4), companies - 4)
    points = pd.DataFrame(np.vstack([shares @ diamond, diamond]), columns=["x", "y"])
    x, y = np.meshgrid(np.linspace(20, 80, 30), np.linspace(20, 80, 30))
    grid = pd.DataFrame({"x": x.ravel(), "y": y.ravel()})
    grid["estimate"] = 5 + 0.05 * grid["x"] + bend * (grid["x"] - grid["y"]) ** 2
    return {"grid": grid, "points": points, "corners": pd.DataFrame(diamond, columns=["x", "y"])}


@pytest.mark.parametrize("bend", [-0.02, 0.0, 0.001])
@pytest.mark.parametrize("companies", [5, 1500])
def test_labels_stay_apart(readable, bend: float, companies: int) -> None:
    readable(partial(surface, **made(bend=bend, companies=companies), **AXES), (6.8, 5.6))


def test_nothing_is_drawn_beyond_the_outline(readable) -> None:
    given = made()
    ax = readable(partial(surface, **given, **AXES), (6.8, 5.6))
    border = Path(given["corners"].to_numpy(), closed=False)
    areas = [part for part in ax.collections if not isinstance(part, PathCollection)]
    assert len(areas) == 2
    for area in areas:
        clip = area.get_clip_path()
        assert clip is not None
        corners = clip.get_fully_transformed_path().vertices[:4]
        np.testing.assert_allclose(
            np.sort(corners, axis=0), np.sort(ax.transData.transform(border.vertices), axis=0), atol=1e-6
        )
    for line in ax.lines[1:]:
        drawn = np.column_stack(line.get_data())
        drawn = drawn[np.isfinite(drawn).all(axis=1)]
        assert len(drawn) > 100
        assert border.contains_points(drawn, radius=1e-6).all()
    labels = [text.get_position() for text in ax.texts]
    assert labels
    assert border.contains_points(labels, radius=1e-6).all()


def test_isolines_bear_their_values_and_agreement_is_a_diagonal(readable) -> None:
    ax = readable(partial(surface, **made(bend=0.0), **AXES), (6.8, 5.6))
    written = {text.get_text(): text.get_position()[0] for text in ax.texts}
    assert {"7%", "8%"} <= set(written)
    assert written["7%"] == pytest.approx(40, abs=0.5)
    assert ax.get_xlim() == ax.get_ylim()
    x, y = ax.lines[1].get_data()
    np.testing.assert_allclose(x[np.isfinite(x)], y[np.isfinite(y)])


def test_a_flat_surface_has_no_isolines(readable) -> None:
    given = made()
    given["grid"]["estimate"] = 4.0
    ax = readable(partial(surface, **given, **AXES), (6.8, 5.6))
    assert not ax.texts


def test_it_is_drawn_the_same_each_time_and_needs_points() -> None:
    given = made()
    draw = partial(render, id="x", title="x", alt="x", base="x")
    assert draw(partial(surface, **given, **AXES)).svg == draw(partial(surface, **given, **AXES)).svg
    with pytest.raises(ValueError, match="surface: there is nothing to draw"):
        draw(partial(surface, **(given | {"points": given["points"].iloc[:0]}), **AXES))
