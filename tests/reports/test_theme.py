import pytest

from reports.theme import PLAIN, Theme


@pytest.mark.parametrize("field", ["accent", "cover", "cover_ink"])
@pytest.mark.parametrize("colour", ["red", "#12345", "#1234567", "#00;}</style>", ""])
def test_what_is_no_colour_is_refused(field: str, colour: str) -> None:
    with pytest.raises(ValueError, match=f"{field} of the theme"):
        Theme(**{field: colour})  # type: ignore[arg-type]


@pytest.mark.parametrize("font", ['Inter"; }', "</style>", "a\nb{}", "url(x)"])
def test_what_is_no_family_is_refused(font: str) -> None:
    with pytest.raises(ValueError, match="font of the theme"):
        Theme(font=font)


def test_names_of_families_are_kept() -> None:
    assert Theme(font="Source Sans 3").font == "Source Sans 3"
    assert PLAIN.font == ""
