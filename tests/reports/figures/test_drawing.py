import warnings
from xml.etree import ElementTree

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from reports.figures.drawing import render, size_for


def draw(ax):
    ax.plot([1, 2], [3, 4])
    ax.set_title("Ω $ <b> & 'quotes'")
    return ax


def test_same_drawing_same_bytes():
    first, second = (render(draw, id="a", title="t", alt="a", base="b").svg for _ in range(2))
    assert first == second


def test_svg_is_well_formed_and_needs_nothing_else():
    svg = render(draw, id="a", title="The title", alt="a", base="b").svg
    root = ElementTree.fromstring(svg)
    assert root.tag.endswith("svg")
    assert "font-family" not in svg
    assert "The title" not in svg
    assert "<text" not in svg
    assert "matplotlib.org" not in svg
    links = [value for node in root.iter() for key, value in node.attrib.items() if key.endswith("href")]
    assert links
    assert all(link.startswith("#") for link in links)


def test_size_is_the_one_asked_for():
    root = ElementTree.fromstring(render(draw, id="a", title="t", alt="a", base="b", size=(5, 2)).svg)
    assert root.get("viewBox") == "0 0 360 144"


def test_nothing_is_left_behind():
    before = dict(mpl.rcParams)
    render(draw, id="a", title="t", alt="a", base="b")
    assert plt.get_fignums() == []
    assert dict(mpl.rcParams) == before


def test_letters_the_font_lacks_are_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        render(lambda ax: ax.set_title("東京 🦊") and ax, id="a", title="東京 🦊", alt="a", base="b")


@pytest.mark.parametrize("empty", ["title", "alt", "base", "id"])
def test_every_figure_says_what_it_shows(empty):
    texts = {"id": "a", "title": "t", "alt": "a", "base": "b"} | {empty: " "}
    with pytest.raises(ValueError, match=f"{empty} must not be empty"):
        render(draw, **texts)


def test_more_and_longer_labels_need_more_room():
    assert size_for(["Trust"] * 10)[1] > size_for(["Trust"] * 9)[1]
    assert size_for(["A label of more than thirty characters, so two lines"])[1] > size_for(["Short"])[1]
    assert size_for(["Trust"], per_row=3)[1] > size_for(["Trust"])[1]
