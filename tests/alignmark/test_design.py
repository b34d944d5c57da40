"""A study that declares its design has it in every table."""

import pandas as pd
import pytest

from alignmark.conftest_names import Spoil
