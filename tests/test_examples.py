"""The examples in docstrings run and print what they say."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

SRC = Path(__file__).parents[1] / "src"
MODULES = sorted(module.name for module in pkgutil.walk_packages([str(SRC)]))


@pytest.mark.parametrize("name", MODULES)
def test_examples_of(name: str):
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert failed == 0
