import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from reports import style
from reports.style import BEST, LAGGARD, MARKETING, ROLES, SALES, role_of

CSS = (Path(style.__file__).parent / "writers" / "templates" / "report.css").read_text(encoding="utf-8")


def luminance(colour: str) -> float:
    values = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def variables(theme: str) -> dict[str, str]:
    """Colours of the style sheet: those of light, with those of dark on top."""
    light, dark = re.findall(r":root \{(.*?)\}", CSS, flags=re.DOTALL)
    read = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    return read | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark)) if theme == "dark" else read


@pytest.mark.parametrize("name", sorted(ROLES))
def test_ink_is_readable_on_white(name):
    assert contrast(ROLES[name].ink, "#FFFFFF") >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("ink", "paper"), ("muted", "paper"), ("accent", "paper"), ("ink", "soft"), ("muted", "soft"),
        ("cover-ink", "cover"), ("cover-muted", "cover"), ("caution", "caution-soft"), ("ink", "caution-soft"),
        ("definition", "definition-soft"), ("ink", "definition-soft"),
    ],
)  # fmt: skip
def test_page_is_readable_in_light_and_dark(theme, ink, ground):
    colours = variables(theme)
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("group", [(SALES, MARKETING), (BEST, ROLES["average"], LAGGARD)])
def test_roles_that_meet_differ_in_shape_too(group):
    for a, b in combinations(group, 2):
        assert a.colour != b.colour
        assert a.marker != b.marker


def test_unknown_role():
    with pytest.raises(ValueError, match="'boss' is no role; roles are you, all"):
        role_of("boss")
