import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignmark.file_names import file_names


@given(st.lists(st.text(max_size=300), unique=True, max_size=8))
def test_every_name_becomes_a_file_name_of_its_own(names: list[str]) -> None:
    found = file_names(names)
    assert len({name.casefold() for name in found}) == len(names)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]{0,69}", name) for name in found)


@given(st.lists(st.text(max_size=20), unique=True, min_size=2, max_size=6))
def test_the_order_does_not_matter(names: list[str]) -> None:
    turned = names[::-1]
    assert dict(zip(names, file_names(names), strict=True)) == dict(
        zip(turned, file_names(turned), strict=True)
    )


@pytest.mark.parametrize("name", ["CON", "nul", "lpt1"])
def test_names_that_windows_keeps_for_devices_are_marked(name: str) -> None:
    assert file_names([name])[0] != name.lower()


def test_a_name_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        file_names(["a", "a"])
