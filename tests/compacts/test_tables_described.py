"""Every table and source is described and as described; logs add up; ingest gives the committed bytes."""

import csv
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from compendium import datapackage, tables
from compendium.build import make_tables
from compendium.inputs import FileHashes
from compendium.plan import read_plan
from compendium.sources import RawFiles

PLAN = read_plan(Path(__file__).resolve().parents[2])
MAY_BE_EMPTY = {"migration_mptf_gateway"}  # a place kept for an export that nobody has published
NOT_SOURCES = {"computed", "curated", "coded"}


@pytest.fixture(scope="module")
def package(root):
    return datapackage.read_package(root)["resources"]


@pytest.fixture(scope="module")
def sources(root):
    with open(root / "data/sources.csv", encoding="utf-8", newline="") as file:
        return {row["source_id"]: row for row in csv.DictReader(file)}


def test_every_file_of_data_is_described_once(root, package):
    there = {
        str(p.relative_to(root))
        for kind in ("tables", "curated", "coded")
        for p in (root / "data" / kind).glob("*.csv*")
    }
    assert there == {resource["path"] for resource in package}
    assert len({resource["name"] for resource in package}) == len(package)


def test_every_column_says_what_it_is_where_from_and_what_an_empty_cell_means(package, sources):
    for resource in package:
        assert all(resource.get(key) for key in ("title", "description", "licenses")), resource["name"]
        for field in resource["schema"]["fields"]:
            place = f"{resource['name']}.{field['name']}"
            assert len(field["description"]) > 3, place
            assert field["unit"], place
            named = set(field["source"].split(", "))
            assert named <= NOT_SOURCES | set(sources) | {other["name"] for other in package}, place
            assert (field["missing"] == "never empty") == field.get("constraints", {}).get("required", False), place


def test_every_table_is_as_described(root, package):
    for resource in package:
        assert len(tables.read_table(resource["name"], root)) or resource["name"] in MAY_BE_EMPTY, resource["name"]
        assert tables.check_foreign_keys(resource["name"], root) == []


OTHERS = """
import json, sys
from frictionless import Checklist, Package
report = Package("data/datapackage.json").validate(Checklist(), limit_rows=300)
found = [error.message for error in report.errors] + [f"{t.name}: {e.message}" for t in report.tasks for e in t.errors]
print(json.dumps([len(report.tasks), found]))
"""


def test_a_validator_of_others_agrees(root):
    # all of every description and the first rows of every table: all rows of all tables take it most of a minute
    done = subprocess.run([sys.executable, "-P", "-c", OTHERS], cwd=root, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [len(datapackage.read_resources(root)), []]


def test_curated_lists_of_works_point_to_the_literature(table):
    known = set(table("literature")["lit_id"])
    named = {work.strip() for works in table("hypotheses")["lit_id"] for work in works.split(";")}
    assert named <= known


def test_sources_are_whole_and_named_once(root, sources):
    with open(root / "data/sources.csv", encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(sources)
    for source_id, row in sources.items():
        empty = [key for key, value in row.items() if not value and key != "note"]
        assert not empty, f"{source_id}: {empty}"
        assert re.fullmatch("[0-9a-f]{64}", row["sha256"]), source_id
        assert re.fullmatch("[0-9a-f]{40}", row["commit"]), source_id
        assert f"{row['path']}/".startswith(row["repository"] + "/"), source_id
        assert row["origin_path"] == "." or row["path"].endswith(row["origin_path"]), source_id
        assert int(row["files"]) >= 1, source_id


def test_every_source_is_used_by_a_build(root, sources):
    with open(root / "compendium.toml", "rb") as file:
        builds = tomllib.load(file)["build"]
    assert {source for build in builds for source in build.get("raw", {}).values()} == set(sources)


def test_the_lists_of_many_files_are_those_of_the_sources(root, sources):
    declared = RawFiles(root, None).hashes(sources, "test")
    assert {source_id: str(len(files)) for source_id, files in declared.items()} == {
        source_id: row["files"] for source_id, row in sources.items()
    }
    every = [path for files in declared.values() for path in files]
    assert len(every) == len(set(every))


def test_raw_files_have_their_declared_hash_and_size(root, raw_folder, sources, tmp_path):
    raw = RawFiles(root, raw_folder)
    assert raw.wrong(sources, "test", FileHashes(tmp_path / "hashes.json")) is None
    for source_id, files in raw.hashes(sources, "test").items():
        assert str(sum((raw_folder / path).stat().st_size for path in files)) == sources[source_id]["bytes"], source_id


def test_logs_name_known_sources_and_add_up_to_the_rows_of_the_tables(table, sources):
    for name in ("ingest_members", "ingest_votes", "ingest_displacement"):
        log = table(name)
        assert {source for text in log["source_id"] for source in text.split(", ")} <= set(sources)
        kept = log[log["outcome"] == "kept"]
        for entry in kept[
            kept["unit"].isin(["rows", "roll calls"]) & ~kept["table"].isin(["un_participation", "un_votes_second"])
        ].itertuples():
            counted = table("un_roll_calls" if entry.table == "un_votes" else entry.table)
            assert len(counted) == entry.rows, entry.table
    votes = table("ingest_votes").query("table == 'roll calls of the Assembly'")
    assert votes["rows"].sum() == 9796 + 160 + 46


@pytest.mark.parametrize("build", PLAN.builds, ids=lambda build: build.name)
def test_ingest_gives_the_committed_bytes(root, raw_folder, tmp_path, build):
    told = make_tables(PLAN, build, raw_folder, tmp_path)
    assert "error" not in told, told
    for path in (datapackage.read_resource(name, root)["path"] for name in build.makes):
        assert (tmp_path / path).read_bytes() == (root / path).read_bytes(), path
