"""The longest tests first, so that the workers end together; little time for the collector of garbage."""

import gc

import pytest
from hypothesis import settings

YOUNG = 50_000
"""Objects made before the collector looks for circles again: frames make thousands that die by themselves."""


settings.register_profile("suite", deadline=None, max_examples=40)
settings.load_profile("suite")
"""What a test does not say otherwise: no deadline, because other workers keep the machine busy."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    """Leave the libraries and the thousands of tests out of every collection to come: they stay until the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
