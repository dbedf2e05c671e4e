"""Every table and source is described and as described; logs add up; ingest gives the committed bytes."""

import csv
import hashlib
import importlib
import re
import tomllib

import pytest

from compendium import datapackage, tables

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
            assert named <= NOT_SOURCES or named <= set(sources), place
            assert (field["missing"] == "never empty") == field.get("constraints", {}).get("required", False), place


def test_every_table_is_as_described(root, package):
    for resource in package:
        assert len(tables.read_table(resource["name"], root)), resource["name"]
        assert tables.check_foreign_keys(resource["name"], root) == []


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
        assert row["path"].startswith(row["repository"] + "/"), source_id
        assert row["path"].endswith(row["origin_path"]), source_id


def test_every_source_is_used_by_a_build(root, sources):
    with open(root / "compendium.toml", "rb") as file:
        builds = tomllib.load(file)["build"]
    assert {source for build in builds for source in build["raw"].values()} == set(sources)


def test_raw_files_have_their_declared_hash_and_size(raw, sources):
    for source_id, row in sources.items():
        data = raw(source_id).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), str(len(data))) == (row["sha256"], row["bytes"]), source_id


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


def test_ingest_gives_the_committed_bytes(root, raw, tmp_path):
    with open(root / "compendium.toml", "rb") as file:
        builds = tomllib.load(file)["build"]
    for build in builds:
        module, _, name = build["function"].partition(":")
        files = {argument: raw(source) for argument, source in build["raw"].items()}
        frames = {other: tables.read_table(other, root) for other in build.get("tables", [])}
        made = getattr(importlib.import_module(module), name)(**files, **frames)
        assert set(made) == set(build["makes"])
        for table_name, frame in made.items():
            resource = datapackage.read_resource(table_name, root)
            tables.validate(frame, resource, tmp_path / "new")
            tables.write_table(frame, tmp_path / resource["path"], resource)
            assert (tmp_path / resource["path"]).read_bytes() == (root / resource["path"]).read_bytes(), table_name
