"""The committed tables, and the raw files where they are on this machine."""

import csv
import os
from pathlib import Path

import pytest

from compendium import tables

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root():
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def table():
    """A function that reads a committed table by name."""
    return lambda name: tables.read_table(name, ROOT)


@pytest.fixture(scope="session")
def raw_folder():
    """The folder of raw files; the test is skipped where there is none."""
    folder = Path(os.environ.get("COMPENDIUM_RAW") or ROOT / "data/raw")
    if not folder.is_dir():
        pytest.skip("no raw files here: name their folder in COMPENDIUM_RAW")
    return folder


@pytest.fixture(scope="session")
def raw(raw_folder):
    """A function from source_id to the raw file, or to the folder of a source of many."""
    with open(ROOT / "data/sources.csv", encoding="utf-8", newline="") as file:
        paths = {row["source_id"]: raw_folder / row["path"] for row in csv.DictReader(file)}
    return paths.__getitem__
