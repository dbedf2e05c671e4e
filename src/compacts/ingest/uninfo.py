"""Projects of the United Nations country teams (UN INFO), with the subjects that their texts name; no text is kept."""

import re
from pathlib import Path

import pandas as pd

from compacts.ingest.json_records import NUMBER_OR_NONE, TEXT, TEXT_OR_NONE, WHOLE, part, records, whole
from compacts.ingest.raw_file import AGAIN, ingest_log, read_json, require_unique, shown
from compacts.text.match import Matcher
from compacts.text.normalise import fold
from compendium.errors import UserError

INDEX = "uninfo-countries-index.json"
KEYS = ["project_id", "agency"]
AMOUNTS = {"required": "required_usd", "available": "available_usd", "spent": "spent_usd"}
DAYS = {"start": "starts", "end": "ends"}
# the source cuts texts at these lengths
CUT = {"name": 200, "description": 500}
_PROJECT = {
    "id": WHOLE,
    "agency": TEXT,
    "name": TEXT_OR_NONE,
    "description": TEXT_OR_NONE,
    "outcome": TEXT_OR_NONE,
    **dict.fromkeys(DAYS, TEXT_OR_NONE),
    **dict.fromkeys(AMOUNTS, NUMBER_OR_NONE),
}
PROJECT_COLUMNS = [
    *KEYS, "workspace_id", "countries", "country_count", "listings", "project_agencies", *DAYS.values(),
    *AMOUNTS.values(), "text_cut", "text_copies",
]  # fmt: skip


def uninfo_projects(projects: tuple[Path, ...], uninfo_domains: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return ``uninfo_projects`` and its log.

    A file lists the projects of an office; an office for several countries is listed in the file of each of them. Here a
    project of an agency is one row, whatever number of times it is listed.

    Parameters
    ----------
    projects : tuple of Path
        One file a country, ``XXX.json``, and the index with the number of projects in each.
    uninfo_domains : DataFrame
        ``domain``, ``phrase``, ``case``, ``counts``: what to look for; entries that do not count take the place of
        those that would be found in them (data moved, not people).

    Returns
    -------
    dict
        ``uninfo_projects``: PROJECT_COLUMNS, for each domain the number of phrases found in name and description, and
        ``outcome_domains``, those found in the title of the outcome that the project is listed under. Amounts in US
        dollars.

    Raises
    ------
    UserError
        When a file is damaged or has another number of projects than the index says, or a project of an agency is
        listed with different days or amounts.
    """
    index = [path for path in projects if path.name == INDEX]
    if len(index) != 1:
        raise UserError(f"uninfo_projects: got {len(index)} files named {INDEX}, expected one; {AGAIN}")
    counts = read_json(index[0])
    files = [path for path in projects if path.name != INDEX]
    listed = pd.concat([_file(path, counts, index[0]) for path in files], ignore_index=True)
    table = _once(listed, files[0])
    own, outcome = _texts(listed)
    found = _domains(own, uninfo_domains)
    table = table.join(found)
    different = sorted(set(outcome))
    titles = (_domains(different, uninfo_domains) > 0).set_index(pd.Index(different)).loc[outcome]
    table["outcome_domains"] = [" ".join(titles.columns[row]) or None for row in titles.to_numpy()]
    same_file = int(listed.duplicated([*KEYS, "iso3"]).sum())
    log = [
        ("uninfo_projects", "uninfo_projects", "kept", "projects of an agency, each once", "listings", len(table)),
        ("uninfo_projects", "uninfo_projects", "dropped", "the same project and agency in the file of another country of the same office", "listings", len(listed) - len(table) - same_file),
        ("uninfo_projects", "uninfo_projects", "dropped", "the same project and agency in the same file, under another outcome", "listings", same_file),
        ("uninfo_projects", "uninfo_projects", "kept", "with projects", "files", listed["iso3"].nunique()),
        ("uninfo_projects", "uninfo_projects", "dropped", "without projects", "files", len(files) - listed["iso3"].nunique()),
    ]  # fmt: skip
    return {
        "uninfo_projects": table.sort_values(KEYS, ignore_index=True),
        "ingest_uninfo": ingest_log(log),
    }


def _file(path: Path, counts: object, index: Path) -> pd.DataFrame:
    """Return the listings of one file."""
    name = re.fullmatch(r"([A-Z]{3})\.json", path.name)
    if not name:
        raise UserError(f"{shown(path)}: got this name, expected a country code, XXX.json; {AGAIN}")
    content = read_json(path)
    frame = records(part(content, ("projects",), path), _PROJECT, path, "projects")
    expected = whole(counts, (name[1], "project_count"), index)
    if len(frame) != expected:
        raise UserError(f"{shown(path)}: got {len(frame)} projects, expected the {expected} of the index; {AGAIN}")
    for column in DAYS:
        days = pd.to_datetime(frame[column].replace("", None), format="%Y-%m-%d", errors="coerce")
        wrong = days.isna() & (frame[column] != "")
        if wrong.any():
            got = frame.loc[wrong, column].iloc[0]
            raise UserError(f"{shown(path)}, projects, {column}: got {got!r}, expected a day as YYYY-MM-DD; {AGAIN}")
        frame[column] = days.astype("datetime64[us]")
    frame = frame.rename(columns={"id": "project_id", **DAYS, **AMOUNTS})
    return frame.assign(iso3=name[1], workspace_id=whole(content, ("workspace_id",), path))


def _once(listed: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return one row a project and agency; what differs between its listings but must not is refused."""
    facts = [*KEYS, "workspace_id", *DAYS.values(), *AMOUNTS.values()]
    different = listed.drop_duplicates(facts)
    require_unique(different.sort_values(facts), KEYS, path.parent, first_line=1)
    groups = listed.groupby(KEYS, sort=True)
    codes = listed[[*KEYS, "iso3"]].drop_duplicates().sort_values("iso3")
    countries = codes.groupby(KEYS, sort=True)["iso3"]
    cut = pd.concat([listed[text].str.len() >= length for text, length in CUT.items()], axis=1).any(axis=1)
    table = different.set_index(KEYS).sort_index()[facts[2:]].assign(
        countries=countries.agg(" ".join),
        country_count=countries.size(),
        listings=groups.size(),
        text_cut=cut.groupby([listed[key] for key in KEYS]).any(),
    )  # fmt: skip
    table = table.reset_index()
    table["project_agencies"] = table.groupby("project_id")["agency"].transform("size")
    texts = groups[["name", "description"]].first().reset_index()
    table["text_copies"] = texts.groupby(["agency", "name", "description"])["project_id"].transform("size")
    return table[PROJECT_COLUMNS]


def _texts(listed: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return name with description, and the titles of outcomes, by project and agency in order."""
    groups = listed.groupby(KEYS, sort=True)
    # a bar keeps phrases from reaching over two texts
    first = groups[["name", "description"]].first()
    own = [f"{name} | {description}" for name, description in zip(first["name"], first["description"], strict=True)]
    titles = listed[[*KEYS, "outcome"]].drop_duplicates().sort_values("outcome")
    outcome = titles.groupby(KEYS, sort=True)["outcome"].agg(" | ".join)
    return [_plain(text) for text in own], [_plain(text) for text in outcome]


def _plain(text: str) -> str:
    # a capital that is two letters when small slows the search down tenfold
    return fold(text).replace("’", "'").replace("İ", "I")


def _domains(texts: list[str], uninfo_domains: pd.DataFrame) -> pd.DataFrame:
    """Return by text the number of phrases of each domain that it names."""
    hits = Matcher(uninfo_domains, group="domain").find_many(texts)
    counting = uninfo_domains["counts"].to_numpy()[hits["entry"].to_numpy()]
    domain = uninfo_domains["domain"].to_numpy()[hits["entry"].to_numpy()]
    named = hits.assign(domain=domain)[counting]
    table = pd.crosstab(named["text"], named["domain"])
    domains = sorted(set(uninfo_domains["domain"]))
    return table.reindex(index=range(len(texts)), columns=domains, fill_value=0).rename_axis(index=None, columns=None)
