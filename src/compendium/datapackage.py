"""The description of all tables, ``data/datapackage.json``: a Frictionless Data Package (Data Package 1)."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from compendium.errors import UserError, nearest

PACKAGE = "data/datapackage.json"
FOLDER = "data"  # paths in the file are seen from its folder, as the format wants; from here on they are seen from the checkout

Resource = Mapping[str, Any]


@lru_cache(maxsize=4)
def _parsed_package(path: Path, modified: int) -> dict[str, Any]:  # noqa: ARG001 (part of the cache's key)
    try:
        package: dict[str, Any] = json.loads(path.read_bytes().decode("utf-8"))
        for entry in package["resources"]:
            entry["path"] = f"{FOLDER}/{entry['path']}"
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{PACKAGE}: got text that is not JSON in UTF-8, or no list of resources with paths ({error}); correct that place"
        ) from None
    return package


def read_package(root: Path) -> dict[str, Any]:
    """Return the Data Package of the checkout at ``root``; it is read again when the file changed.

    Raises
    ------
    UserError
        When the file is missing or is not JSON.
    """
    path = Path(root) / PACKAGE
    if not path.is_file():
        raise UserError(f"{PACKAGE}: not found, expected the description of all tables; restore it from git")
    return _parsed_package(path, path.stat().st_mtime_ns)


def read_resources(root: Path) -> dict[str, Resource]:
    """Return the descriptions of all tables by name."""
    return {entry["name"]: entry for entry in read_package(root)["resources"]}


def read_resource(name: str, root: Path, where: str = PACKAGE) -> Resource:
    """Return the description of the table ``name``; ``where`` is the place that names it.

    Raises
    ------
    UserError
        For a name that the Data Package does not hold; it gives the nearest one.
    """
    resources = read_resources(root)
    if name not in resources:
        msg = f"{where}: got no table {name!r}{nearest(name, resources)}, expected one of {PACKAGE}; correct the name or describe the table there"
        raise UserError(msg)
    return resources[name]


def fields(resource: Resource) -> list[dict[str, Any]]:
    """Return the descriptions of the columns, in order."""
    described: list[dict[str, Any]] = resource["schema"]["fields"]
    return described


def keys(resource: Resource) -> list[str]:
    """Return the columns of the primary key; none where a table has no key."""
    return listed(resource["schema"].get("primaryKey", []))


def listed(value: str | Sequence[str]) -> list[str]:
    """Return a list of names: the format allows one name without a list."""
    return [value] if isinstance(value, str) else list(value)
